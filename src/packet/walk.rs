//! The walk from a frame's first octet to what its innermost known layer carries, one layer a step.

use super::fragment::Piece;
use super::tcp::Addresses;
use super::view::View;
use super::{Carriage, LAYERS, Other, Segment, ether, ip, link, transport, tunnel};
use crate::capture::{Frame, LinkType};

/// What the octets ahead are, by the word of the layer before.
#[derive(Debug, Clone, Copy)]
pub(super) enum Layer {
    /// The first octet of a captured frame.
    Link(LinkType),
    /// An Ethernet header.
    Ethernet,
    /// What an EtherType announces; 1500 and less is an IEEE 802.3 length.
    EtherType(u16),
    /// IEEE 802.2 LLC.
    Llc,
    /// PPP, with or without HDLC framing.
    Ppp,
    /// A PPPoE header.
    Pppoe,
    /// An MPLS label stack.
    Mpls,
    /// IP of the version that its first four bits tell.
    Ip,
    /// What an IP protocol number announces.
    Protocol(Addresses, u8),
}

/// Where a walk ends.
#[derive(Debug)]
pub(super) enum End<'a> {
    Tcp(Segment<'a>),
    Other(Other),
    /// A fragment: the walk goes on when its datagram is whole.
    Piece(Piece<'a>),
}

impl From<Other> for End<'_> {
    fn from(other: Other) -> Self {
        End::Other(other)
    }
}

/// The walk's position.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    pub(super) view: View<'a>,
    pub(super) carriage: Carriage,
    /// Layers still allowed.
    pub(super) layers: u8,
}

impl<'a> Walk<'a> {
    /// Walks a captured frame.
    pub(super) fn frame(frame: &Frame<'a>) -> End<'a> {
        let missing = (frame.original_length as usize).saturating_sub(frame.data.len());
        let walk = Walk {
            view: View::new(frame.data, missing),
            carriage: Carriage::default(),
            layers: LAYERS,
        };
        walk.run(Layer::Link(frame.link))
    }

    /// Goes on with the payload of a datagram that was put together from fragments.
    pub(super) fn payload(bytes: &'a [u8], whole: &super::fragment::Whole) -> End<'a> {
        let walk = Walk {
            view: View::new(bytes, 0),
            carriage: Carriage {
                reassembled: true,
                ..whole.carriage
            },
            layers: whole.layers,
        };
        walk.run(Layer::Protocol(whole.addresses, whole.protocol))
    }

    fn run(mut self, mut layer: Layer) -> End<'a> {
        while self.layers > 0 {
            self.layers -= 1;
            match self.step(layer) {
                Ok(next) => layer = next,
                Err(end) => return end,
            }
        }
        End::Other(Other::TooDeep)
    }

    /// Reads one layer; the next one, or the end.
    fn step(&mut self, layer: Layer) -> Result<Layer, End<'a>> {
        let view = &mut self.view;
        let next = match layer {
            Layer::Link(link) => link::link(view, link),
            Layer::Ethernet => ether::ethernet(view),
            Layer::EtherType(number) => ether::ether_type(view, number),
            Layer::Llc => ether::llc(view),
            Layer::Ppp => link::ppp(view),
            Layer::Pppoe => ether::pppoe(view),
            Layer::Mpls => ether::mpls(view),
            Layer::Ip => return ip::ip(self),
            Layer::Protocol(addresses, number) => return self.carried(addresses, number),
        };
        next.map_err(End::Other)
    }

    /// What IP carries. Anything that has layers of its own is a tunnel.
    fn carried(&mut self, addresses: Addresses, number: u8) -> Result<Layer, End<'a>> {
        if let Some(next) = ip::extension(self, addresses, number) {
            return next;
        }
        let next = self.protocol(addresses, number)?;
        if !matches!(next, Layer::Protocol(..)) {
            self.carriage.tunnels = self.carriage.tunnels.saturating_add(1);
        }
        Ok(next)
    }

    /// What an IP protocol number announces (Protocol Numbers, IANA registry).
    fn protocol(&mut self, addresses: Addresses, number: u8) -> Result<Layer, End<'a>> {
        let view = &mut self.view;
        let next = match number {
            1 => Err(Other::Icmp),
            4 | 41 => Ok(Layer::Ip), // RFC 2003, RFC 4213
            6 => {
                let segment = Segment::decode(*view, &addresses, self.carriage)?;
                return Err(End::Tcp(segment));
            }
            17 => transport::udp(view, addresses),
            47 => tunnel::gre(view),
            50 => Err(transport::esp(view, addresses, false)),
            51 => {
                self.carriage.ah = true;
                transport::authentication_header(view, addresses)
            }
            58 => Err(Other::Icmpv6),
            97 => tunnel::ether_ip(view),
            137 => Ok(Layer::Mpls), // RFC 4023
            other => Err(Other::IpProtocol(other)),
        };
        next.map_err(End::Other)
    }
}

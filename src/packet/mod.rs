//! From a frame to its TCP segment: link types, tunnels, IP fragments, raw TCP options.
//!
//! A frame without tunnels or fragments takes a short path of a few checked loads. All others are
//! walked layer by layer (`walk.rs`), with etherparse as the reader of the headers that most packets
//! have (`header.rs`). Whatever is not a TCP segment is a value too ([`Other`]).

mod checksum;
mod ether;
mod fragment;
mod header;
mod ip;
mod link;
mod nat_traversal;
mod option;
mod other;
mod tcp;
mod transport;
mod tunnel;
mod view;
mod walk;

#[cfg(test)]
mod built;
#[cfg(test)]
mod captures;
#[cfg(test)]
mod cases;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use fragment::{Bounds, FragmentCounts};
pub use nat_traversal::IpsecUdp;
pub use option::{OptionIter, OptionKind, TcpOption};
pub use other::{Other, Refusal};
pub use tcp::{Flags, Segment};

use crate::capture::{Frame, LinkType};
use crate::time::Timestamp;
use fragment::{Outcome, Piece, Store};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use tcp::Addresses;
use walk::{End, Walk};

/// Layers that a frame may have: link header, each tag, each IP header and extension header, each
/// tunnel header, TCP.
pub const LAYERS: u8 = 32;

/// What a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packet<'a> {
    /// A TCP segment.
    Tcp(Segment<'a>),
    /// Something else, or nothing that can be read.
    Other(Other),
}

/// What a segment travelled in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Carriage {
    /// Behind an IP Authentication Header (RFC 4302), of this IP header or one around it.
    pub ah: bool,
    /// Tunnels around the IP header that carries it: IP in IP, GRE, VXLAN, Geneve, EtherIP, MPLS
    /// in IP. VLAN tags, MPLS and PPPoE do not count.
    pub tunnels: u8,
    /// Put together from IP fragments: its octets lie in the [`Decoder`], not in the frame.
    pub reassembled: bool,
}

/// Decodes frames one after another, and holds IP fragments until their datagrams are complete.
#[derive(Debug, Default)]
pub struct Decoder {
    store: Store,
    /// Payload of the datagram that was completed last.
    payload: Vec<u8>,
}

impl Decoder {
    /// A decoder that holds no more fragments than `bounds` allow.
    pub fn new(bounds: Bounds) -> Decoder {
        Decoder {
            store: Store::new(bounds),
            payload: Vec::new(),
        }
    }

    /// What a frame holds. A segment borrows from the frame, or from the decoder where fragments
    /// were put together.
    #[inline]
    pub fn decode<'a>(&'a mut self, frame: &Frame<'a>) -> Packet<'a> {
        match plain(frame) {
            Some(segment) => Packet::Tcp(segment),
            None => self.walk(frame),
        }
    }

    /// What became of fragmented datagrams so far.
    pub fn fragments(&self) -> FragmentCounts {
        self.store.counts()
    }

    fn walk<'a>(&'a mut self, frame: &Frame<'a>) -> Packet<'a> {
        match Walk::frame(frame) {
            End::Tcp(segment) => Packet::Tcp(segment),
            End::Other(other) => Packet::Other(other),
            End::Piece(piece) => self.fragment(&piece, frame.time),
        }
    }

    /// Keeps a fragment; if that completes its datagram, goes on with its payload, where a tunnel
    /// may bring the next fragment. Layers run out, so this ends.
    fn fragment(&mut self, piece: &Piece<'_>, time: Option<Timestamp>) -> Packet<'_> {
        let mut outcome = self.store.add(piece, time);
        let whole = loop {
            let whole = match outcome {
                Outcome::Kept => return Packet::Other(Other::Fragment),
                Outcome::Refused(refusal) => return Packet::Other(Other::FragmentRefused(refusal)),
                Outcome::Complete(whole, payload) => {
                    self.payload = payload;
                    whole
                }
            };
            match Walk::payload(&self.payload, &whole) {
                End::Piece(inner) => outcome = self.store.add(&inner, time),
                End::Tcp(_) | End::Other(_) => break whole,
            }
        };
        // Walked again, so that the answer borrows from this decoder.
        match Walk::payload(&self.payload, &whole) {
            End::Tcp(segment) => Packet::Tcp(segment),
            End::Other(other) => Packet::Other(other),
            End::Piece(_) => Packet::Other(Other::Fragment),
        }
    }
}

/// The segment of a frame that has nothing unusual: a link type that captures of routers come with,
/// at most one VLAN tag, IP without options or fragments, TCP, all of it captured.
#[inline]
fn plain<'a>(frame: &Frame<'a>) -> Option<Segment<'a>> {
    if frame.link == ETHERNET {
        let (header, packet) = frame.data.split_first_chunk::<14>()?;
        return plain_ether_type([header[12], header[13]], packet);
    }
    match frame.link {
        LINUX_SLL2 => {
            let (header, packet) = frame.data.split_first_chunk::<20>()?;
            plain_ip([header[0], header[1]], packet)
        }
        LINUX_SLL => {
            let (header, packet) = frame.data.split_first_chunk::<16>()?;
            plain_ip([header[14], header[15]], packet)
        }
        RAW => plain_ipv4(frame.data).or_else(|| plain_ipv6(frame.data)),
        _ => None,
    }
}

#[inline]
fn plain_ether_type(number: [u8; 2], packet: &[u8]) -> Option<Segment<'_>> {
    if number != [0x81, 0x00] {
        return plain_ip(number, packet);
    }
    let ([_, _, high, low], packet) = packet.split_first_chunk::<4>()?;
    plain_ip([*high, *low], packet)
}

#[inline]
fn plain_ip(number: [u8; 2], packet: &[u8]) -> Option<Segment<'_>> {
    match number {
        [0x08, 0x00] => plain_ipv4(packet),
        [0x86, 0xdd] => plain_ipv6(packet),
        _ => None,
    }
}

#[inline]
fn plain_ipv4(packet: &[u8]) -> Option<Segment<'_>> {
    let (header, rest) = packet.split_first_chunk::<20>()?;
    // Version 4, five words, neither MF nor a fragment offset, TCP.
    if header[0] != 0x45 || header[6] & 0x3f != 0 || header[7] != 0 || header[9] != 6 {
        return None;
    }
    let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
    let [.., s0, s1, s2, s3, d0, d1, d2, d3] = *header;
    let addresses = Addresses {
        source: IpAddr::V4(Ipv4Addr::new(s0, s1, s2, s3)),
        destination: IpAddr::V4(Ipv4Addr::new(d0, d1, d2, d3)),
    };
    Segment::whole(&addresses, rest.get(..total.checked_sub(20)?)?)
}

#[inline]
fn plain_ipv6(packet: &[u8]) -> Option<Segment<'_>> {
    let (header, rest) = packet.split_first_chunk::<8>()?;
    // Version 6, TCP.
    if header[0] >> 4 != 6 || header[6] != 6 {
        return None;
    }
    let length = usize::from(u16::from_be_bytes([header[4], header[5]]));
    let (source, rest) = rest.split_first_chunk::<16>()?;
    let (destination, rest) = rest.split_first_chunk::<16>()?;
    let addresses = Addresses {
        source: IpAddr::V6(Ipv6Addr::from(*source)),
        destination: IpAddr::V6(Ipv6Addr::from(*destination)),
    };
    Segment::whole(&addresses, rest.get(..length)?)
}

/// LINKTYPE_ETHERNET.
const ETHERNET: LinkType = LinkType(1);
/// LINKTYPE_RAW.
const RAW: LinkType = LinkType(101);
/// LINKTYPE_LINUX_SLL.
const LINUX_SLL: LinkType = LinkType(113);
/// LINKTYPE_LINUX_SLL2.
const LINUX_SLL2: LinkType = LinkType(276);

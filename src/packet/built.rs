//! Frames that etherparse builds decode to what they were built from: its encoder knows nothing of
//! this decoder, nor of the samples beside it.

use super::samples::cut_frame;
use super::{Carriage, Decoder, Flags, Other, Packet, Segment};
use etherparse::{
    IpAuthHeader, IpFragOffset, IpHeaders, Ipv4Extensions, Ipv4Header, Ipv6Extensions,
    Ipv6FragmentHeader, Ipv6Header, Ipv6RawExtHeader, LinuxSllPacketType, PacketBuilder, TcpHeader,
    TcpOptionElement, VlanId, ip_number,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use std::net::IpAddr;

/// What stands before the IP header.
#[derive(Debug, Clone, Copy)]
enum Link {
    Raw,
    LinuxCooked,
    Ethernet,
    Tagged(u16),
    TwiceTagged(u16, u16),
}

/// What a frame is built from.
#[derive(Debug, Clone)]
struct Plan {
    link: Link,
    ip: IpHeaders,
    tcp: TcpHeader,
    options: Vec<TcpOptionElement>,
    payload: Vec<u8>,
}

impl Plan {
    /// The frame and its LINKTYPE_ number.
    fn build(&self) -> (u16, Vec<u8>) {
        let ethernet = || PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]);
        let vlan = |id: u16| VlanId::try_new(id).unwrap();
        let ip = self.ip.clone();
        let (number, step) = match self.link {
            Link::Raw => (101, PacketBuilder::ip(ip)),
            Link::LinuxCooked => {
                let cooked = PacketBuilder::linux_sll(LinuxSllPacketType::HOST, 6, [2; 8]);
                (113, cooked.ip(ip))
            }
            Link::Ethernet => (1, ethernet().ip(ip)),
            Link::Tagged(id) => (1, ethernet().single_vlan(vlan(id)).ip(ip)),
            Link::TwiceTagged(outer, inner) => {
                let tagged = ethernet().double_vlan(vlan(outer), vlan(inner));
                (1, tagged.ip(ip))
            }
        };
        let mut frame = Vec::new();
        let step = step.tcp_header(self.tcp.clone());
        step.write(&mut frame, &self.payload).unwrap();
        (number, frame)
    }

    fn ends(&self) -> (IpAddr, IpAddr) {
        match &self.ip {
            IpHeaders::Ipv4(header, _) => (header.source.into(), header.destination.into()),
            IpHeaders::Ipv6(header, _) => (header.source.into(), header.destination.into()),
        }
    }

    fn has_ah(&self) -> bool {
        match &self.ip {
            IpHeaders::Ipv4(_, extensions) => extensions.auth.is_some(),
            IpHeaders::Ipv6(_, extensions) => extensions.auth.is_some(),
        }
    }

    /// Every field of the segment is the plan's, but for its last `missing` octets, which were not
    /// captured.
    fn assert_is(&self, segment: &Segment<'_>, missing: usize) {
        let ends = (segment.source.address, segment.destination.address);
        assert_eq!(ends, self.ends());
        assert_eq!(segment.source.port, self.tcp.source_port);
        assert_eq!(segment.destination.port, self.tcp.destination_port);
        assert_eq!(segment.sequence, self.tcp.sequence_number);
        assert_eq!(segment.acknowledgment, self.tcp.acknowledgment_number);
        assert_eq!(segment.flags, flags_of(&self.tcp));
        if segment.has_window() {
            assert_eq!(segment.window, self.tcp.window_size);
        }
        let missing_payload = missing.min(self.payload.len());
        let missing_header = missing - missing_payload;
        let header = self.tcp.to_bytes();
        let captured = header.len() - missing_header;
        assert_eq!(segment.header.len(), captured);
        // The checksum is the frame's, not the plan's.
        for range in [0..16.min(captured), 18.min(captured)..captured] {
            assert_eq!(segment.header[range.clone()], header[range]);
        }
        assert_eq!(segment.header_missing(), missing_header);
        assert_eq!(
            segment.payload,
            &self.payload[..self.payload.len() - missing_payload]
        );
        assert_eq!(segment.missing as usize, missing_payload);
        let carriage = Carriage {
            ah: self.has_ah(),
            ..Carriage::default()
        };
        assert_eq!(segment.carriage, carriage);
    }
}

fn flags_of(tcp: &TcpHeader) -> Flags {
    let bits = [
        tcp.fin, tcp.syn, tcp.rst, tcp.psh, tcp.ack, tcp.urg, tcp.ece, tcp.cwr,
    ];
    let bit = |(place, is_set): (usize, &bool)| u8::from(*is_set) << place;
    Flags(bits.iter().enumerate().map(bit).sum())
}

/// Kind and value of an option as RFC 9293, 7323 and 2018 write it.
fn encoded(option: &TcpOptionElement) -> (u8, Vec<u8>) {
    match option {
        TcpOptionElement::Noop => (1, vec![]),
        TcpOptionElement::MaximumSegmentSize(size) => (2, size.to_be_bytes().to_vec()),
        TcpOptionElement::WindowScale(shift) => (3, vec![*shift]),
        TcpOptionElement::SelectiveAcknowledgementPermitted => (4, vec![]),
        TcpOptionElement::Timestamp(value, reply) => {
            (8, [value.to_be_bytes(), reply.to_be_bytes()].concat())
        }
        other => panic!("{other:?} is not planned"),
    }
}

fn link() -> impl Strategy<Value = Link> {
    prop_oneof![
        Just(Link::Raw),
        Just(Link::LinuxCooked),
        Just(Link::Ethernet),
        (0u16..4096).prop_map(Link::Tagged),
        (0u16..4096, 0u16..4096).prop_map(|(outer, inner)| Link::TwiceTagged(outer, inner)),
    ]
}

/// With an Integrity Check Value of so many words.
fn ah() -> impl Strategy<Value = IpAuthHeader> {
    (any::<u32>(), any::<u32>(), 0usize..8).prop_map(|(spi, sequence, words)| {
        IpAuthHeader::new(ip_number::TCP, spi, sequence, &vec![0xaa; words * 4]).unwrap()
    })
}

/// An extension header of the common shape.
fn extension() -> impl Strategy<Value = Ipv6RawExtHeader> {
    (0usize..4).prop_map(|units| {
        Ipv6RawExtHeader::new_raw(ip_number::TCP, &vec![0; 6 + units * 8]).unwrap()
    })
}

fn ipv4() -> impl Strategy<Value = IpHeaders> {
    let addresses = any::<([u8; 4], [u8; 4])>();
    let rest = (any::<u16>(), any::<bool>(), 0usize..=10, of(ah()));
    (addresses, rest).prop_map(
        |((source, destination), (identification, df, words, auth))| {
            let mut header = Ipv4Header::new(0, 64, ip_number::TCP, source, destination).unwrap();
            header.identification = identification;
            header.dont_fragment = df;
            header.options = vec![1; words * 4].as_slice().try_into().unwrap();
            IpHeaders::Ipv4(header, Ipv4Extensions { auth })
        },
    )
}

fn ipv6() -> impl Strategy<Value = IpHeaders> {
    let addresses = any::<([u8; 16], [u8; 16])>();
    let atomic = of(any::<u32>().prop_map(|identification| {
        Ipv6FragmentHeader::new(ip_number::TCP, IpFragOffset::ZERO, false, identification)
    }));
    let extensions = (of(extension()), of(extension()), atomic, of(ah()));
    (addresses, extensions).prop_map(
        |((source, destination), (hop_by_hop, options, atomic, auth))| {
            let header = Ipv6Header {
                source,
                destination,
                hop_limit: 64,
                ..Ipv6Header::default()
            };
            let extensions = Ipv6Extensions {
                hop_by_hop_options: hop_by_hop,
                destination_options: options,
                fragment: atomic,
                auth,
                ..Ipv6Extensions::default()
            };
            IpHeaders::Ipv6(header, extensions)
        },
    )
}

/// At most three options: they fit into 40 octets.
fn options() -> impl Strategy<Value = Vec<TcpOptionElement>> {
    let option = prop_oneof![
        Just(TcpOptionElement::Noop),
        Just(TcpOptionElement::SelectiveAcknowledgementPermitted),
        any::<u16>().prop_map(TcpOptionElement::MaximumSegmentSize),
        any::<u8>().prop_map(TcpOptionElement::WindowScale),
        any::<(u32, u32)>().prop_map(|(value, reply)| TcpOptionElement::Timestamp(value, reply)),
    ];
    vec(option, 0..=3)
}

fn tcp() -> impl Strategy<Value = TcpHeader> {
    let numbers = any::<(u16, u16, u32, u16, u32, u16)>();
    (numbers, any::<[bool; 9]>()).prop_map(
        |(numbers, [ns, fin, syn, rst, psh, ack, urg, ece, cwr])| {
            let (source, destination, sequence, window, acknowledgment, urgent) = numbers;
            TcpHeader {
                acknowledgment_number: acknowledgment,
                urgent_pointer: urgent,
                ns,
                fin,
                syn,
                rst,
                psh,
                ack,
                urg,
                ece,
                cwr,
                ..TcpHeader::new(source, destination, sequence, window)
            }
        },
    )
}

fn plan() -> impl Strategy<Value = Plan> {
    let ip = prop_oneof![ipv4(), ipv6()];
    let payload = vec(any::<u8>(), 0..200);
    (link(), ip, tcp(), options(), payload).prop_map(|(link, ip, mut tcp, options, payload)| {
        tcp.set_options(&options).unwrap();
        Plan {
            link,
            ip,
            tcp,
            options,
            payload,
        }
    })
}

proptest! {
    #[test]
    fn a_built_frame_decodes_to_what_it_was_built_from(plan in plan(), padding in 0usize..20) {
        let (link, mut frame) = plan.build();
        frame.extend(vec![0; padding]);
        let mut decoder = Decoder::default();
        match decoder.decode(&cut_frame(link, &frame, frame.len())) {
            Packet::Tcp(segment) => {
                plan.assert_is(&segment, 0);
                prop_assert_eq!(segment.checksum_is_wrong(), Some(false));
            }
            Packet::Other(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn the_options_of_a_built_frame_are_those_it_was_built_with(plan in plan()) {
        let (link, frame) = plan.build();
        let mut decoder = Decoder::default();
        let Packet::Tcp(segment) = decoder.decode(&cut_frame(link, &frame, frame.len())) else {
            return Err(TestCaseError::fail("no segment"));
        };
        let options = segment.options().map(|option| option.map(|one| (one.kind.0, one.value.to_vec())));
        let walked: Vec<_> = options.collect::<Result<_, _>>().unwrap();
        let mut expected: Vec<_> = plan.options.iter().map(encoded).collect();
        if walked.len() > expected.len() {
            expected.push((0, vec![])); // End of Option List, up to a whole word
        }
        prop_assert_eq!(walked, expected);
    }

    #[test]
    fn a_built_frame_that_the_snaplen_cut_loses_only_payload_or_says_where_it_ends(
        plan in plan(), cut in 1usize..400,
    ) {
        let (link, frame) = plan.build();
        let captured = &frame[..frame.len().saturating_sub(cut)];
        let missing = frame.len() - captured.len();
        match Decoder::default().decode(&cut_frame(link, captured, frame.len())) {
            Packet::Tcp(segment) => {
                plan.assert_is(&segment, missing);
                prop_assert_eq!(segment.checksum_is_wrong(), None);
            }
            Packet::Other(Other::Truncated(_)) => {
                let behind_control_bits = plan.tcp.header_len() - 14;
                prop_assert!(missing > plan.payload.len() + behind_control_bits);
            }
            Packet::Other(other) => prop_assert!(false, "{}", other),
        }
    }
}

//! A long capture that is the same on every machine: four routers send the tables of sixteen peers
//! each to one station, their segments in turn.

use crate::support::capture_file::{self, Fraction, Order, Record};
use crate::support::tcp::{Conversation, Random, Segment};
use crate::support::{bgp, bmp};
use std::net::{Ipv4Addr, Ipv6Addr};

const ROUTERS: u8 = 4;
const PEERS: u8 = 16;
/// UPDATEs of each router: about 14 MB of BMP in all, more than most caches hold.
const UPDATES: u32 = 25_000;

/// The capture as the octets of a pcap file.
pub(crate) fn capture() -> Vec<u8> {
    let mut routers: Vec<_> = (1..=ROUTERS).map(conversation).collect();
    let mut records = Vec::new();
    while !routers.is_empty() {
        routers.retain_mut(|records_of_one| {
            records.extend(records_of_one.next());
            records_of_one.len() > 0
        });
    }
    capture_file::pcap(&records, Order::Little, Fraction::Micro)
}

/// The packets of one router's connection.
fn conversation(router: u8) -> std::vec::IntoIter<Record> {
    let client = format!("192.0.2.{router}:{}", 40_000 + u16::from(router));
    let conversation = Conversation::new(&client, "192.0.2.100:11019");
    let segments: Vec<Segment> = conversation.whole(&stream(router));
    conversation.records(&segments).into_iter()
}

/// What one router sends: Initiation, a Peer Up of every peer, the UPDATEs of all of them mixed.
fn stream(router: u8) -> Vec<u8> {
    let mut random = Random(u64::from(router));
    let mut out = bmp::initiation(&[(2, &format!("router-{router}"))]);
    for peer in 1..=PEERS {
        out.extend(peer_up(peer));
    }
    for _ in 0..UPDATES {
        let header = peer_header(1 + random.below(u64::from(PEERS)) as u8);
        out.extend(header.route_monitoring(&update(&mut random)));
    }
    out
}

fn peer_header(peer: u8) -> bmp::PeerHeader {
    bmp::PeerHeader::new(&format!("198.51.100.{peer}"), asn(peer))
}

fn asn(peer: u8) -> u32 {
    4_200_000_000 + u32::from(peer)
}

fn peer_up(peer: u8) -> Vec<u8> {
    let open = |asn| bgp::Open::usual(asn, Ipv4Addr::new(192, 0, 2, peer)).encode();
    let opens = (open(64500), open(asn(peer)));
    peer_header(peer).peer_up(("192.0.2.1", 179), 50_000, (&opens.0, &opens.1), &[])
}

/// One to eight routes of IPv4 or IPv6 unicast; every eighth UPDATE withdraws them.
fn update(random: &mut Random) -> Vec<u8> {
    let routes = 1 + random.below(8);
    let is_withdrawal = random.below(8) == 0;
    if random.below(4) == 0 {
        let nlri: Vec<u8> = (0..routes).flat_map(|_| route_ipv6(random)).collect();
        return match is_withdrawal {
            true => bgp::update(&[], &bgp::mp_unreach(2, 1, &nlri), &[]),
            false => bgp::update(&[], &announcement_ipv6(random, &nlri), &[]),
        };
    }
    let nlri: Vec<u8> = (0..routes).flat_map(|_| route_ipv4(random)).collect();
    match is_withdrawal {
        true => bgp::update(&nlri, &[], &[]),
        false => bgp::update(&[], &attributes(random), &nlri),
    }
}

fn announcement_ipv6(random: &mut Random, nlri: &[u8]) -> Vec<u8> {
    let next_hop = Ipv6Addr::from(0x2001_0db8_u128 << 96 | 1).octets();
    [attributes(random), bgp::mp_reach(2, 1, &next_hop, nlri)].concat()
}

/// What an announcement usually has: a path of two to seven, a few communities.
fn attributes(random: &mut Random) -> Vec<u8> {
    let hops = 2 + random.below(6);
    let path: Vec<u32> = (0..hops)
        .map(|_| 64_512 + random.below(1000) as u32)
        .collect();
    let mut out = bgp::usual_attributes(&path, Ipv4Addr::new(198, 51, 100, 1));
    let communities = 1 + random.below(6);
    let value = (0..communities).flat_map(|_| (random.below(1 << 32) as u32).to_be_bytes());
    let value: Vec<u8> = value.collect();
    out.extend(bgp::attribute(0xc0, 8, &value)); // COMMUNITIES, RFC 1997
    out
}

fn route_ipv4(random: &mut Random) -> Vec<u8> {
    let address = Ipv4Addr::from(random.below(1 << 32) as u32);
    bgp::prefix_ipv4(address, 16 + random.below(9) as u8)
}

fn route_ipv6(random: &mut Random) -> Vec<u8> {
    let low = u128::from(random.below(1 << 32)) << 64;
    bgp::prefix_ipv6(Ipv6Addr::from(0x2001_0db8_u128 << 96 | low), 48)
}

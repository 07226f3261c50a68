//! A small BMP session made by the encoders: every message type, and routes whose numbers are known.

use super::{bgp, bmp};
use std::net::Ipv4Addr;

/// Routes in [`stream`]: announced, withdrawn, End-of-RIB.
pub(crate) const ROUTES: [u64; 3] = [3, 2, 2];

/// One message of every type and more, with routes whose numbers are known.
pub(crate) fn stream() -> Vec<u8> {
    let peer = bmp::PeerHeader::new("192.0.2.7", 64501);
    let open = |asn| bgp::Open::usual(asn, Ipv4Addr::new(192, 0, 2, 1)).encode();
    let nlri = [
        bgp::prefix_ipv4(Ipv4Addr::new(198, 51, 100, 0), 24),
        bgp::prefix_ipv4(Ipv4Addr::UNSPECIFIED, 0),
    ];
    let attributes = bgp::usual_attributes(&[64501], Ipv4Addr::new(192, 0, 2, 7));
    let ipv6 = bgp::prefix_ipv6("2001:db8::".parse().unwrap(), 32);
    let reach = bgp::mp_reach(2, 1, &[0; 16], &ipv6);
    let withdrawn = bgp::mp_unreach(2, 1, &ipv6);
    [
        bmp::initiation(&[(1, "sample"), (2, "router")]),
        peer.peer_up(
            ("192.0.2.1", 179),
            40000,
            (&open(64500), &open(4_200_000_000)),
            &[],
        ),
        peer.route_monitoring(&bgp::update(&[], &attributes, &nlri.concat())),
        peer.route_monitoring(&bgp::update(&nlri[0], &[attributes, reach].concat(), &[])),
        peer.route_monitoring(&bgp::update(&[], &withdrawn, &[])),
        peer.route_monitoring(&bgp::end_of_rib_ipv4()),
        peer.route_monitoring(&bgp::end_of_rib(2, 1)),
        peer.statistics(&[(7, vec![0; 8])]),
        peer.route_mirroring(&[(0, bgp::keepalive())]),
        peer.peer_down(3, &bgp::notification(6, 2, &[])),
        bmp::termination(0),
    ]
    .concat()
}

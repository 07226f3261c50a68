//! Whole BMP messages for the tests of sessions and of what is built on them.

use crate::bmp::CommonHeader;
use crate::session::{Observed, Scope, Session, Spot};
use crate::stream::Moment;
use crate::time::Timestamp;

/// A message of version 3 with this type and body.
pub(crate) fn message(message_type: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 6).unwrap();
    [&[3][..], &length.to_be_bytes(), &[message_type], body].concat()
}

/// The fields of a per-peer header that tests change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) peer_type: u8,
    pub(crate) flags: u8,
    pub(crate) distinguisher: u64,
    pub(crate) address: [u8; 4],
    pub(crate) bgp_id: [u8; 4],
}

/// A global IPv4 peer 192.0.2.7.
pub(crate) const PEER: Peer = Peer {
    peer_type: 0,
    flags: 0,
    distinguisher: 0,
    address: [192, 0, 2, 7],
    bgp_id: [192, 0, 2, 7],
};

/// A Loc-RIB.
pub(crate) const LOC_RIB: Peer = Peer {
    peer_type: 3,
    address: [0; 4],
    ..PEER
};

impl Peer {
    /// A message with this peer's header: AS 64500, at 1.000002.
    pub(crate) fn message(self, message_type: u8, body: &[u8]) -> Vec<u8> {
        let mut whole = vec![self.peer_type, self.flags];
        whole.extend(self.distinguisher.to_be_bytes());
        whole.extend([0; 12]);
        whole.extend(self.address);
        whole.extend(64500u32.to_be_bytes());
        whole.extend(self.bgp_id);
        whole.extend([0, 0, 0, 1, 0, 0, 0, 2]);
        whole.extend(body);
        message(message_type, &whole)
    }

    /// A Peer Up with these OPENs and no TLVs.
    pub(crate) fn up(self, sent: &[u8], received: &[u8]) -> Vec<u8> {
        // Local Address 192.0.2.1, Local Port 179, Remote Port 50000.
        let ends = [&[0; 12][..], &[192, 0, 2, 1, 0, 179, 0xc3, 0x50]].concat();
        self.message(3, &[&ends, sent, received].concat())
    }

    /// A Peer Down with this reason and data.
    pub(crate) fn down(self, reason: u8, data: &[u8]) -> Vec<u8> {
        self.message(2, &[&[reason], data].concat())
    }

    /// A Route Monitoring message with this UPDATE.
    pub(crate) fn routes(self, update: &[u8]) -> Vec<u8> {
        self.message(0, update)
    }
}

/// A BGP message.
pub(crate) fn bgp(message_type: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 19).unwrap();
    [
        &[0xff; 16][..],
        &length.to_be_bytes(),
        &[message_type],
        body,
    ]
    .concat()
}

/// An OPEN of AS 64500 with these capabilities: Hold Time 180, BGP ID 192.0.2.7.
pub(crate) fn open(capabilities: &[u8]) -> Vec<u8> {
    let mut body = vec![4, 0xfb, 0xf4, 0, 180, 192, 0, 2, 7];
    match u8::try_from(capabilities.len()).unwrap() {
        0 => body.push(0),
        length => body.extend([length + 2, 2, length]),
    }
    body.extend(capabilities);
    bgp(1, &body)
}

/// The four-octet AS number capability (RFC 6793).
pub(crate) const FOUR_OCTET_AS: [u8; 6] = [65, 4, 0, 0, 0xfb, 0xf4];

/// An OPEN with ADD-PATH for IPv4 unicast: 1 receive, 2 send, 3 both (RFC 7911 4).
pub(crate) fn add_path_open(direction: u8) -> Vec<u8> {
    open(&[&FOUR_OCTET_AS[..], &[69, 4, 0, 1, 1, direction]].concat())
}

/// An Initiation with this sysName.
pub(crate) fn initiation(name: &str) -> Vec<u8> {
    let length = u8::try_from(name.len()).unwrap();
    message(4, &[&[0, 2, 0, length], name.as_bytes()].concat())
}

/// The moment of a packet, captured as many seconds after the epoch.
pub(crate) fn at(packet: u64) -> Moment {
    Moment {
        file: 0,
        packet,
        time: Some(Timestamp::from_nanoseconds(
            packet as i64 * 1_000_000_000,
            0,
        )),
        ..Moment::default()
    }
}

impl Session {
    /// Takes a message of packet `packet`.
    pub(crate) fn take(&mut self, packet: u64, bytes: &[u8], scope: Scope) -> Observed {
        let header = CommonHeader::peek(bytes).unwrap();
        let spot = Spot {
            moment: at(packet),
            stream_offset: packet * 100,
        };
        self.observe(header, bytes, spot, scope)
    }
}

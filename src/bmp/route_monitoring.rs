//! Route Monitoring (RFC 7854 4.6): one BGP UPDATE of a RIB view. In version 4 it is a TLV among
//! indexed TLVs (draft-ietf-grow-bmp-tlv-21 5.2).

use super::peer_up::bgp_message;
use super::v4::{self, Expected, IndexedTlvs, KnownNumbering};
use super::{CommonHeader, MessageType, PeerHeader};
use crate::bgp::Context;
use crate::bgp::header::HEADER_LENGTH;
use crate::wire::{Cursor, DecodeError};

/// A Route Monitoring message.
#[derive(Debug, Clone, Copy)]
pub struct RouteMonitoring<'a> {
    /// Which peer and view.
    pub header: PeerHeader,
    /// The whole BGP message, by its own length.
    pub update: &'a [u8],
    /// Octets from the start of the message to the UPDATE.
    pub update_offset: usize,
    /// Octets behind it. Version 3 has none; some senders append TLVs all the same.
    pub trailing: &'a [u8],
    /// Version 4: every TLV, that of the UPDATE included.
    pub tlvs: Option<IndexedTlvs<'a>>,
    /// How they are numbered.
    numbering: Option<KnownNumbering>,
}

impl<'a> RouteMonitoring<'a> {
    /// Octets from the start of a message of version 3 to the UPDATE.
    pub const UPDATE_OFFSET: usize = CommonHeader::LENGTH + PeerHeader::LENGTH;

    /// Per-peer header and UPDATE of what nearly all messages are: of version 3, the UPDATE to its end.
    /// None for any other, of which [`RouteMonitoring::decode_as`] tells what it is.
    #[inline(always)]
    pub fn plain(bytes: &'a [u8]) -> Option<(PeerHeader, &'a [u8])> {
        const SHORTEST: usize = RouteMonitoring::UPDATE_OFFSET + HEADER_LENGTH;
        let [.., high, low, _bgp_type] = bytes.first_chunk::<SHORTEST>()?;
        let common = CommonHeader::peek(bytes)?;
        let header = PeerHeader::peek(bytes)?;
        let update = bytes.get(RouteMonitoring::UPDATE_OFFSET..)?;
        let is_plain = common.version == 3
            && common.message_type == MessageType::ROUTE_MONITORING
            && common.length as usize == bytes.len()
            && usize::from(u16::from_be_bytes([*high, *low])) == update.len();
        is_plain.then_some((header, update))
    }

    /// Views a whole message of whose session nothing is known.
    #[inline(always)]
    pub fn decode(bytes: &'a [u8]) -> Result<RouteMonitoring<'a>, DecodeError> {
        RouteMonitoring::decode_as(bytes, Expected::Nothing)
    }

    /// Views a whole message. In version 4, `expected` is what is known of how its session numbers
    /// TLVs.
    #[inline(always)]
    pub fn decode_as(
        bytes: &'a [u8],
        expected: Expected,
    ) -> Result<RouteMonitoring<'a>, DecodeError> {
        let mut cursor = CommonHeader::body(bytes);
        let header = PeerHeader::decode(&mut cursor)?;
        if bytes.first() == Some(&4) && !v4::begins_with_marker(cursor.rest()) {
            return RouteMonitoring::decode_tlvs(header, cursor, expected);
        }
        let update = bgp_message(&mut cursor, "BGP Update PDU")?;
        Ok(RouteMonitoring {
            header,
            update,
            update_offset: RouteMonitoring::UPDATE_OFFSET,
            trailing: cursor.rest(),
            tlvs: None,
            numbering: None,
        })
    }

    // Apart, so that version 3 keeps its short path.
    #[inline(never)]
    fn decode_tlvs(
        header: PeerHeader,
        cursor: Cursor<'a>,
        expected: Expected,
    ) -> Result<RouteMonitoring<'a>, DecodeError> {
        let tlvs = IndexedTlvs::new(cursor);
        let known = expected.settle(tlvs);
        let tlv = v4::update(tlvs, known.numbering)?;
        Ok(RouteMonitoring {
            header,
            update: tlv.pdu,
            update_offset: tlv.offset,
            trailing: tlv.trailing,
            tlvs: Some(tlvs),
            numbering: Some(known),
        })
    }

    /// The indexed TLVs of a whole message of version 4; none where it has none.
    pub fn indexed_tlvs(bytes: &'a [u8]) -> Option<IndexedTlvs<'a>> {
        let mut cursor = CommonHeader::body(bytes);
        cursor.take("Per-Peer Header", PeerHeader::LENGTH).ok()?;
        let has_some = bytes.first() == Some(&4) && !v4::begins_with_marker(cursor.rest());
        has_some.then(|| IndexedTlvs::new(cursor))
    }

    /// How the UPDATE is to be read, if the message itself says so.
    #[inline]
    pub fn context(&self, declared: &Context) -> Option<Context> {
        let (tlvs, known) = self.tlvs.zip(self.numbering)?;
        v4::context(tlvs, known.numbering, self.header.rib(), declared)
    }

    /// By which revision the TLVs are numbered; none where there are none.
    pub fn numbering(&self) -> Option<KnownNumbering> {
        self.numbering
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_bytes::{PEER_HEADER, message};
    use super::*;

    /// The End-of-RIB marker of IPv4 unicast (RFC 4724 2), in a Route Monitoring message, and what is
    /// behind it.
    fn end_of_rib(behind: &str) -> Vec<u8> {
        let update = "ffffffffffffffffffffffffffffffff 0017 02  # Marker, Length: 23, Type: UPDATE
                      0000 0000                                 # no routes, no attributes";
        message(0, &format!("{PEER_HEADER}\n{update}\n{behind}"))
    }

    #[test]
    fn a_plain_message_reads_as_every_message_does() {
        let bytes = end_of_rib("");
        let (header, update) = RouteMonitoring::plain(&bytes).unwrap();
        let whole = RouteMonitoring::decode(&bytes).unwrap();
        assert_eq!((header, update), (whole.header, whole.update));
        assert!(whole.trailing.is_empty() && whole.tlvs.is_none());
    }

    #[test]
    fn a_message_is_not_plain_if_anything_else_is_in_it() {
        let plain = end_of_rib("");
        let with = |at: usize, octet: u8| {
            let mut bytes = plain.clone();
            bytes[at] = octet;
            bytes
        };
        let odd = [
            ("version 4", with(0, 4)),
            ("Message Length", with(4, 70)),
            ("Statistics Report", with(5, 1)),
            ("BGP Length", with(65, 22)),
            ("an octet behind the UPDATE", end_of_rib("00")),
        ];
        for (what, bytes) in odd {
            assert!(RouteMonitoring::plain(&bytes).is_none(), "{what}");
        }
        for length in 0..plain.len() {
            assert!(RouteMonitoring::plain(&plain[..length]).is_none());
        }
    }
}

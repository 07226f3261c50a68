//! One BMP message of any type.

use super::rpki::{RpkiConfig, RpkiRoute};
use super::v4::{Expected, RouteEvent};
use super::{
    CommonHeader, Initiation, MessageType, PeerDown, PeerHeader, PeerUp, RouteMirroring,
    RouteMonitoring, StatisticsReport, Termination,
};
use crate::wire::{CodePoint, CodePoints, Cursor, DecodeError};

/// A view of a whole message.
#[derive(Debug, Clone, Copy)]
pub enum Message<'a> {
    /// Type 0.
    RouteMonitoring(RouteMonitoring<'a>),
    /// Type 1.
    StatisticsReport(StatisticsReport<'a>),
    /// Type 2.
    PeerDown(PeerDown<'a>),
    /// Type 3.
    PeerUp(PeerUp<'a>),
    /// Type 4.
    Initiation(Initiation<'a>),
    /// Type 5.
    Termination(Termination<'a>),
    /// Type 6.
    RouteMirroring(RouteMirroring<'a>),
    /// Version 4: a type that no one has assigned yet, known by its content
    /// (draft-ietf-grow-bmp-rel).
    RouteEvent(RouteEvent<'a>),
    /// RPKI_CONFIG, by the code points in use (draft-wang-grow-bmp-rpki-mon-reqs-03 4).
    RpkiConfig(RpkiConfig<'a>),
    /// RPKI_VALIDATION, by the code points in use (draft-wang-grow-bmp-rpki-mon-reqs-03 5.2).
    RpkiValidation(RpkiRoute<'a>),
    /// RPKI_IMPACT, by the code points in use (draft-wang-grow-bmp-rpki-mon-reqs-03 6).
    RpkiImpact(RpkiRoute<'a>),
    /// Any other type: it "MUST be ignored" by a station (RFC 7854 4.1), and is kept here.
    Unknown(Unknown<'a>),
}

/// A message of a type that is not known.
#[derive(Debug, Clone, Copy)]
pub struct Unknown<'a> {
    /// Its type.
    pub message_type: MessageType,
    /// What follows the common header.
    pub body: &'a [u8],
}

impl<'a> Message<'a> {
    /// Views the octets of a whole message of whose session nothing is known.
    pub fn decode(bytes: &'a [u8]) -> Result<Message<'a>, DecodeError> {
        Message::decode_as(bytes, Expected::Nothing)
    }

    /// As [`Message::decode_as`], with the types of drafts that these code points number.
    pub fn decode_with(
        bytes: &'a [u8],
        expected: Expected,
        code_points: &'a CodePoints,
    ) -> Result<Message<'a>, DecodeError> {
        let header = CommonHeader::read(bytes)?;
        let body = CommonHeader::body(bytes);
        match header.message_type.of_draft(code_points) {
            Some(CodePoint::RpkiConfig) => {
                Ok(Message::RpkiConfig(RpkiConfig::decode(body, code_points)))
            }
            Some(CodePoint::RpkiValidation) => {
                RpkiRoute::decode(body, expected, code_points).map(Message::RpkiValidation)
            }
            Some(CodePoint::RpkiImpact) => {
                RpkiRoute::decode(body, expected, code_points).map(Message::RpkiImpact)
            }
            _ => Message::decode_as(bytes, expected),
        }
    }

    /// Views the octets of a whole message. An error is about the part that every message of the
    /// type has; an odd TLV or statistic is an error of the iterator that reaches it. In version 4,
    /// `expected` is what is known of how its session numbers TLVs.
    pub fn decode_as(bytes: &'a [u8], expected: Expected) -> Result<Message<'a>, DecodeError> {
        let header = CommonHeader::read(bytes)?;
        let version = header.version;
        let body = CommonHeader::body(bytes);
        match header.message_type {
            MessageType::ROUTE_MONITORING => {
                RouteMonitoring::decode_as(bytes, expected).map(Message::RouteMonitoring)
            }
            MessageType::STATISTICS_REPORT => {
                StatisticsReport::decode(body, version).map(Message::StatisticsReport)
            }
            MessageType::PEER_DOWN => PeerDown::decode(body, version).map(Message::PeerDown),
            MessageType::PEER_UP => PeerUp::decode(body, version).map(Message::PeerUp),
            MessageType::INITIATION => Ok(Message::Initiation(Initiation::decode(bytes, version))),
            MessageType::TERMINATION => {
                Ok(Message::Termination(Termination::decode(bytes, version)))
            }
            MessageType::ROUTE_MIRRORING => {
                RouteMirroring::decode(body, version).map(Message::RouteMirroring)
            }
            message_type => Ok(other(version, message_type, body)),
        }
    }
}

impl Message<'_> {
    /// The per-peer header of a message about RPKI; none of others, and of a global configuration.
    pub fn rpki_header(&self) -> Option<&PeerHeader> {
        match self {
            Message::RpkiConfig(config) => config.header(),
            Message::RpkiValidation(route) | Message::RpkiImpact(route) => Some(&route.header),
            _ => None,
        }
    }
}

fn other(version: u8, message_type: MessageType, body: Cursor<'_>) -> Message<'_> {
    let event = (version == 4)
        .then(|| RouteEvent::recognise(body))
        .flatten();
    let unknown = Unknown {
        message_type,
        body: body.rest(),
    };
    event.map_or(Message::Unknown(unknown), Message::RouteEvent)
}

#[cfg(test)]
mod tests {
    use super::super::test_bytes::{PEER_HEADER, every_prefix_is_an_error, message};
    use super::super::*;
    use crate::bmp::statistics::Value;

    const OPEN: &str = "
        ffffffffffffffffffffffffffffffff 001d 01  # Marker, Length 29, OPEN
        04 fbf4 00b4 c0000207 00                  # Version, My AS, Hold Time, BGP ID, no parameters
    ";

    #[test]
    fn an_initiation_names_the_router() {
        let bytes = message(4, "0002 0003 666f6f  0001 0001 78");
        let Message::Initiation(initiation) = Message::decode(&bytes).unwrap() else {
            panic!()
        };
        let tlvs: Vec<_> = initiation.tlvs().map(Result::unwrap).collect();
        assert_eq!(tlvs[0].tlv_type, initiation::InitiationTlv::SYS_NAME.0);
        assert_eq!((tlvs[0].text(), tlvs[1].text()), ("foo".into(), "x".into()));
        every_prefix_is_an_error(&bytes);
    }

    #[test]
    fn a_termination_gives_its_reason() {
        let bytes = message(5, "0001 0002 0003");
        let Message::Termination(termination) = Message::decode(&bytes).unwrap() else {
            panic!()
        };
        let reason = termination.reason().unwrap();
        assert_eq!(reason.word(), Some("redundant-connection"));
        every_prefix_is_an_error(&bytes);
    }

    #[test]
    fn a_peer_up_holds_both_opens_and_its_tlvs() {
        let addresses = "000000000000000000000000c0000201 00b3 c350";
        let bytes = message(
            3,
            &format!("{PEER_HEADER}{addresses}{OPEN}{OPEN}\n0003 0003 626c75"),
        );
        let Message::PeerUp(up) = Message::decode(&bytes).unwrap() else {
            panic!()
        };
        assert_eq!(up.local_address.unwrap().to_string(), "192.0.2.1");
        assert_eq!((up.local_port, up.remote_port), (179, 50000));
        assert_eq!((up.sent_open.len(), up.received_open.len()), (29, 29));
        assert_eq!(up.table_name().unwrap(), "blu");
        every_prefix_is_an_error(&bytes);
    }

    #[test]
    fn a_second_open_that_leaves_the_message_is_an_error_that_names_it() {
        let addresses = "000000000000000000000000c0000201 00b3 c350";
        let cut = "ffffffffffffffffffffffffffffffff 001d 01 04";
        let bytes = message(3, &format!("{PEER_HEADER}{addresses}{OPEN}{cut}"));
        let error = Message::decode(&bytes).unwrap_err();
        let expected = "Received OPEN Message at byte 97: needs 29 bytes, 20 left in its container";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_peer_down_gives_what_its_reason_promises() {
        let down = |data: &str| message(2, &format!("{PEER_HEADER}{data}"));
        let with_event = down("02 0018");
        let Message::PeerDown(event) = Message::decode(&with_event).unwrap() else {
            panic!()
        };
        assert_eq!((event.fsm_event(), event.notification()), (Some(24), None));
        let with_table = down("06 0003 0006 676c6f62616c");
        let Message::PeerDown(table) = Message::decode(&with_table).unwrap() else {
            panic!()
        };
        assert_eq!(table.table_name().unwrap(), "global");
        let with_pdu = down("03 ffffffffffffffffffffffffffffffff 0015 03 0602");
        let Message::PeerDown(pdu) = Message::decode(&with_pdu).unwrap() else {
            panic!()
        };
        assert_eq!(pdu.notification().unwrap().len(), 21);
        every_prefix_is_an_error(&with_event);
    }

    #[test]
    fn octets_behind_the_update_of_a_route_monitoring_message_are_kept() {
        let update = "ffffffffffffffffffffffffffffffff 0017 02 0000 0000";
        let bytes = message(0, &format!("{PEER_HEADER}{update} ea62 0001 00"));
        let Message::RouteMonitoring(route) = Message::decode(&bytes).unwrap() else {
            panic!()
        };
        assert_eq!(
            (route.update.len(), route.trailing),
            (23, &[0xea, 0x62, 0, 1, 0][..])
        );
        every_prefix_is_an_error(&bytes);
    }

    #[test]
    fn statistics_are_walked_by_their_lengths() {
        let bytes = message(
            1,
            &format!(
                "{PEER_HEADER} 00000002  0000 0004 00000007  0009 000b 0001 01 0000000000000009"
            ),
        );
        let Message::StatisticsReport(report) = Message::decode(&bytes).unwrap() else {
            panic!()
        };
        let values: Vec<_> = report
            .statistics()
            .map(|statistic| statistic.unwrap().value())
            .collect();
        assert_eq!(values[0], Value::Counter(7));
        assert_eq!(
            values[1],
            Value::FamilyGauge(crate::net::Family::IPV4_UNICAST, 9)
        );
        every_prefix_is_an_error(&bytes);
    }

    #[test]
    fn mirrored_messages_are_tlvs() {
        let bytes = message(6, &format!("{PEER_HEADER} 0001 0002 0001"));
        let Message::RouteMirroring(mirroring) = Message::decode(&bytes).unwrap() else {
            panic!()
        };
        let tlv = mirroring.tlvs().next().unwrap().unwrap();
        assert_eq!((tlv.tlv_type, tlv.code()), (1, Some(1)));
        every_prefix_is_an_error(&bytes);
    }

    #[test]
    fn an_unknown_type_keeps_its_body() {
        let bytes = message(101, "0102");
        let Message::Unknown(unknown) = Message::decode(&bytes).unwrap() else {
            panic!()
        };
        assert_eq!(
            (unknown.message_type.to_string(), unknown.body),
            ("unknown-101".to_owned(), &[1, 2][..])
        );
    }
}

//! Messages of the profile, octet by octet. The numbers and layouts are those of this program's own
//! wire profile: draft-wang-grow-bmp-rpki-mon-reqs-03 leaves both open.

use super::super::test_bytes::{PEER_HEADER, hex, message};
use super::*;
use crate::bmp::Message;
use crate::bmp::v4::{Expected, Index};
use crate::wire::{CodePoints, DecodeError};

/// A global RPKI_CONFIG: one RTR source with every field that it may have, one SLURM source.
const SOURCES: &str = "
    4001 0086                            # rpki-source, 134 octets
      4010 0001 01                       # source-type: RTR
      4011 0001 01                       # source-status: active
      4012 0009 01 0000000000000005      # record-count: 5 ROAs
      4012 0009 02 0000000000000002      # record-count: 2 ASPAs
      4013 0008 65a00000 00000001        # last-sync: 1704984576.000001
      4014 0008 0000000000000003         # error-count: 3
      4015 0021 02                       # ccr-hash: ROA payloads
        00112233445566778899aabbccddeeff 00112233445566778899aabbccddeeff
      4016 0002 0007                     # source-id: 7
      4020 0005 00 0000000a              # rtr-preference: primary, order 10
      4021 0001 02                       # rtr-version: 2
      4022 0001 01                       # transport: TLS
      4023 0008 0001 c0000201 0144       # endpoint: 192.0.2.1, port 324
    4001 002d                            # rpki-source, 45 octets
      4010 0001 05                       # source-type: SLURM
      4026 0008 65a00000 00000000        # last-modified
      4027 0005 01 00000002              # slurm-exception-count: 2 prefix assertions
      4028 000a 01 00000001 6f6f707321   # slurm-error: read, 1, 'oops!'
      4025 0001 03                       # as-relationship: customer
";

/// A policy with every field that it may have.
const POLICY: &str = "
    4002 003f                            # rpki-policy, 63 octets
      4030 0001 03                       # validation-enabled: origin, AS path
      4031 0002 02 01                    # state-action: invalid: drop
      4031 0006 01 02 00000032           # state-action: not found: lower preference to 50
      4032 0008 00 01 02 0001 0000fb     # rule-feature: cut: AND of 1, of which octets lack
      4033 000b 0001 18 c00002 0000fbf4 ff  # slurm-prefix-assertion, no maximum length
      4034 000b 03 0001 18 c63364 0000fbf5  # slurm-prefix-filter: prefix and AS
";

/// UPDATE: 192.0.2.0/24 with ORIGIN, AS_PATH 64500 (four octets) and NEXT_HOP (RFC 4271 4.3).
const UPDATE: &str = "
    ffffffffffffffffffffffffffffffff 002f 02  # Marker, Length 47, UPDATE
    0000 0014                                 # no withdrawn routes, 20 octets of attributes
    40 01 01 00                               # ORIGIN IGP
    40 02 06 02 01 0000fbf4                   # AS_PATH
    40 03 04 c0000207                         # NEXT_HOP 192.0.2.7
    18 c00002                                 # 192.0.2.0/24
";

/// An RPKI_IMPACT.
fn impact() -> String {
    format!(
        "{PEER_HEADER}
        0004 002f 0000 {UPDATE}
        4040 0001 0001 02                      # NLRI 1: invalid
        4041 0001 0000 01                      # all: origin validation
        4042 0014 0001 01 02 0007 01 00000e10  # NLRI 1: ROA, invalid, source 7, RTR, expires at 3600
          0001 18 c00002 18 0000fbf5           # 192.0.2.0/24, max length 24, AS 64501
        4050 0001 0001 01                      # demoted
        4051 0001 0001 04                      # excluded from selection
        4052 0038 0001                         # alternate-route, 56 octets
          4040 0001 00                         # valid
          4053 002f {UPDATE}
    "
    )
}

fn with<T>(bytes: &[u8], test: impl FnOnce(Message<'_>) -> T) -> T {
    let code_points = CodePoints::default();
    test(Message::decode_with(bytes, Expected::Nothing, &code_points).unwrap())
}

fn config<T>(body: &str, test: impl FnOnce(RpkiConfig<'_>) -> T) -> T {
    with(&message(251, body), |message| match message {
        Message::RpkiConfig(config) => test(config),
        other => panic!("{other:?}"),
    })
}

/// Every TLV that is no container, those inside containers included.
fn leaves(tlvs: RpkiTlvs<'_>) -> Vec<String> {
    let shown = |tlv: Result<RpkiTlv<'_>, DecodeError>| match tlv {
        Ok(tlv) if tlv.is_container() => leaves(tlv.inner()),
        Ok(tlv) => vec![match tlv.read() {
            Ok(value) => format!("{value:?}"),
            Err(error) => error.to_string(),
        }],
        Err(error) => vec![error.to_string()],
    };
    tlvs.flat_map(shown).collect()
}

fn problems(bytes: &[u8]) -> Vec<String> {
    with(bytes, |message| {
        let mut told = Vec::new();
        Problem::all(&message, &mut |problem| {
            told.push(format!("{}: {}", problem.kind.word(), problem.kind));
        });
        told
    })
}

#[test]
fn every_field_of_a_source_is_read() {
    config(SOURCES, |config| {
        assert_eq!(config.scope, ConfigScope::Global);
        assert!(!config.is_ambiguous);
        let leaves = leaves(config.tlvs);
        let begins = [
            "SourceType(SourceType(1))",
            "SourceStatus(SourceStatus(1))",
            "RecordCount(RecordKind(1), 5)",
            "RecordCount(RecordKind(2), 2)",
            "LastSync(Some(",
            "ErrorCount(3)",
            "CcrHash(HashAspect(2), [0, 17, 34,",
            "SourceId(7)",
            "RtrPreference(RtrPreference(0), 10)",
            "RtrVersion(2)",
            "Transport(Transport(1))",
            "Endpoint(192.0.2.1, Some(324))",
            "SourceType(SourceType(5))",
            "LastModified(Some(",
            "SlurmExceptions(SlurmKind(1), 2)",
            "SlurmError(SlurmErrorKind(1), 1, \"oops!\")",
            "AsRelationship(RoleValue(3))",
        ];
        assert_eq!(leaves.len(), begins.len(), "{leaves:#?}");
        for (leaf, begin) in leaves.iter().zip(begins) {
            assert!(leaf.starts_with(begin), "{leaf}");
        }
    });
    assert!(problems(&message(251, SOURCES)).is_empty());
}

#[test]
fn every_field_of_a_policy_is_read_and_a_bad_one_costs_itself() {
    let body = format!("{PEER_HEADER}{POLICY}");
    config(&body, |config| {
        let header = config.header().unwrap();
        assert_eq!(header.asn, 64500);
        let leaves = leaves(config.tlvs);
        assert_eq!(leaves.len(), 6, "{leaves:#?}");
        assert_eq!(
            leaves[3],
            "AS Numbers at byte 82: needs 4 bytes, 3 left in its container"
        );
        assert!(leaves[4].contains("max_length: None"), "{}", leaves[4]);
        assert!(leaves[5].contains("asn: Some(64501)"), "{}", leaves[5]);
    });
    let told = problems(&message(251, &body));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("rpki-tlv-malformed: AS Numbers at byte 82"));
}

#[test]
fn an_impact_says_what_happened_to_the_route_and_what_is_used_instead() {
    let bytes = message(253, &impact());
    with(&bytes, |message| {
        let Message::RpkiImpact(route) = message else {
            panic!("{message:?}")
        };
        assert_eq!(route.update.map(<[u8]>::len), Some(47));
        let types = route.types(Index(1)).unwrap();
        assert!(!types.is_path_alone());
        let tlvs: Vec<_> = route.tlvs.map(Result::unwrap).collect();
        let Ok(RpkiValue::Rule(rule)) = tlvs[3].read() else {
            panic!()
        };
        assert_eq!(
            (rule.source_id, rule.state_text()),
            (Some(7), "invalid".into())
        );
        assert_eq!(rule.expires.unwrap().to_string(), "1970-01-01T01:00:00Z");
        let Ok(RpkiValue::AlternateRoute(inner)) = tlvs[6].read() else {
            panic!()
        };
        let inner: Vec<_> = inner.map(Result::unwrap).collect();
        assert!(matches!(
            inner[1].read(),
            Ok(RpkiValue::AlternateBgpMessage(pdu)) if Some(pdu) == route.update
        ));
    });
    assert!(problems(&bytes).is_empty(), "{:?}", problems(&bytes));
}

#[test]
fn without_the_code_points_their_types_are_unknown() {
    for message_type in 251..=253 {
        let bytes = message(message_type, &impact());
        assert!(matches!(Message::decode(&bytes), Ok(Message::Unknown(_))));
    }
}

#[test]
fn a_container_that_overruns_ends_alone() {
    let body = "
        4001 000a  4010 0001 01  4014 0008 00   # the error-count leaves the source
        4001 0005  4010 0001 03
    ";
    config(body, |config| {
        let shown = leaves(config.tlvs);
        let expected = [
            "SourceType(SourceType(1))",
            "TLV Value at byte 19: needs 8 bytes, 1 left in its container",
            "SourceType(SourceType(3))",
        ];
        assert_eq!(shown, expected);
    });
    let told = problems(&message(251, body));
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("rpki-tlv-overrun: TLV Value at byte 19"));
}

#[test]
fn the_first_octet_or_the_fit_tells_whose_configuration_it_is() {
    let scope = |body: &str| {
        config(body, |config| {
            (config.header().is_some(), config.is_ambiguous)
        })
    };
    assert_eq!(scope(""), (false, false));
    assert_eq!(scope("4001 0005 4010 0001 01"), (false, false));
    assert_eq!(scope(PEER_HEADER), (true, false));
    // No whole TLVs behind 42 octets, but whole ones from the first: type 1.
    assert_eq!(scope("0001 0002 abcd"), (false, false));
    // Neither reading fits.
    assert_eq!(scope("0001 0009 abcd"), (false, true));
    // An enterprise's TLV first: E bit, type 1, PEN 32473.
    assert_eq!(scope("8001 0004 00007ed9"), (false, false));
    // Both fit: a TLV of 50 octets with number 0x8000, or a header of peer type 128 and a TLV of 8.
    let both = format!("8000 0032 {} 4001 0008 {}", "00".repeat(38), "00".repeat(8));
    assert_eq!(scope(&both), (false, true));
    let told = problems(&message(251, "0001 0009 abcd"));
    assert!(told[0].starts_with("rpki-config-scope: "), "{told:?}");
}

#[test]
fn what_is_missing_or_not_known_is_told() {
    let told = problems(&message(251, "4001 0005 4011 0001 01  7f00 0000"));
    let expected = [
        "rpki-source-without-type: a data source has no type",
        "rpki-tlv-unknown: TLV 32512 (0x7f00) of an RPKI message is passed over",
    ];
    assert_eq!(told, expected);
    let told = problems(&message(252, &format!("{PEER_HEADER} 4040 0001 0000 00")));
    let expected = ["rpki-bgp-messages: 0 BGP messages in an RPKI message, which has one"];
    assert_eq!(told, expected);
    // An UPDATE that withdraws 192.0.2.0/24 (RFC 4271 4.3).
    let withdraws = format!("{} 001b 02 0004 18c00002 0000", "ff".repeat(16));
    let told = problems(&message(
        253,
        &format!("{PEER_HEADER} 0004 001b 0000 {withdraws}"),
    ));
    let expected =
        "rpki-no-route: the UPDATE of an RPKI message announces no route that it could be about";
    assert_eq!(told, [expected]);
}

#[test]
fn an_error_whose_text_is_no_text_still_has_kind_and_count() {
    let body = "4001 0010  4010 0001 05  4028 0007 01 00000002 ff41";
    config(body, |config| {
        let leaves = leaves(config.tlvs);
        assert_eq!(leaves[1], "SlurmError(SlurmErrorKind(1), 2, \"\u{fffd}A\")");
    });
    let told = problems(&message(251, body));
    assert_eq!(
        told,
        ["rpki-tlv-malformed: SLURM Error Text at byte 24: is not UTF-8"]
    );
}

#[test]
fn a_state_of_one_is_unknown_where_only_the_path_was_validated() {
    let text = |types: &str| {
        let body = format!("{PEER_HEADER} 4040 0001 0001 01  4041 0001 {types}");
        with(&message(252, &body), |message| {
            let Message::RpkiValidation(route) = message else {
                panic!()
            };
            let tlv = route.tlvs.flatten().next().unwrap();
            let Ok(RpkiValue::ValidationState(state)) = tlv.read() else {
                panic!()
            };
            state.text(route.is_path_state(&tlv))
        })
    };
    assert_eq!(text("0000 02"), "unknown");
    assert_eq!(text("0001 02"), "unknown");
    assert_eq!(text("0002 02"), "not-found");
    assert_eq!(text("0000 03"), "not-found");
}

#[test]
fn a_route_message_without_a_whole_per_peer_header_cannot_be_read() {
    let code_points = CodePoints::default();
    let bytes = message(252, "0000");
    let error = Message::decode_with(&bytes, Expected::Nothing, &code_points).unwrap_err();
    let expected = "Per-Peer Header at byte 6: needs 42 bytes, 2 left in its container";
    assert_eq!(error.to_string(), expected);
}

/// Every prefix of a body, in a message as long as it: nothing panics, and what is whole is read.
#[test]
fn every_prefix_is_read_as_far_as_it_goes() {
    for (message_type, body) in [
        (251, SOURCES.to_owned()),
        (251, format!("{PEER_HEADER}{POLICY}")),
        (252, impact()),
        (253, impact()),
    ] {
        let whole = hex(&body);
        for length in 0..whole.len() {
            let digits: String = whole[..length].iter().map(|o| format!("{o:02x}")).collect();
            let bytes = message(message_type, &digits);
            let code_points = CodePoints::default();
            let read = Message::decode_with(&bytes, Expected::Nothing, &code_points);
            match read {
                Ok(Message::RpkiConfig(config)) => drop(leaves(config.tlvs)),
                Ok(Message::RpkiValidation(route) | Message::RpkiImpact(route)) => {
                    drop(leaves(route.tlvs));
                }
                other => assert!(length < 42 && other.is_err(), "{length} octets"),
            }
            if length >= 42 {
                drop(problems(&bytes));
            }
        }
    }
}

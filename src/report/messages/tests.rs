//! One message of every type, in each of the three forms, exactly.

use super::*;
use crate::pipeline::testing::{Pcap, request};
use crate::session::testing::{FOUR_OCTET_AS, LOC_RIB, PEER, bgp, initiation, message, open};

/// The lines of a session that begins with an Initiation, a Peer Up and an End-of-RIB (packet 2) and
/// goes on with these messages, one a packet; without what is the same in every line.
fn told(form: LineForm, messages: &[Vec<u8>]) -> Vec<String> {
    let mut pcap = Pcap::new();
    let up = PEER.up(&open(&FOUR_OCTET_AS), &open(&FOUR_OCTET_AS));
    pcap.send(&[initiation("edge1"), up].concat());
    messages.iter().for_each(|message| {
        pcap.send(message);
    });
    let file = pcap.file();
    let mut out = Vec::new();
    let mut sink = |lines: &[u8]| {
        out.extend_from_slice(lines);
        Ok(())
    };
    run(&request(&file), form, &mut sink).unwrap();
    let text = String::from_utf8(out).unwrap();
    let text = text.replace(file.path().to_str().unwrap(), "a.pcap");
    text.lines().map(str::to_owned).collect()
}

/// The line of one message as JSON, behind what all lines of packet 3 begin with.
fn json(message: Vec<u8>) -> String {
    let lines = told(LineForm::Json, &[message]);
    let line = lines.get(2).unwrap();
    let (word, rest) = line
        .strip_prefix(r#"{"type":""#)
        .and_then(|rest| rest.split_once('"'))
        .unwrap();
    let head = r#","time":"1970-01-01T00:00:03.000000Z","file":"a.pcap","packet":3,"session":1,"router":"192.0.2.1","router_name":"edge1","#;
    format!("{word} {{{}", rest.strip_prefix(head).unwrap())
}

/// The line of one message for a person, behind what all lines of packet 3 begin with; columns are
/// one space apart, empty ones are left out.
fn text(message: Vec<u8>) -> String {
    let lines = told(LineForm::Text, &[message]);
    let head = "1970-01-01 00:00:03.000  edge1 ";
    let cells = lines.get(2).unwrap().strip_prefix(head).unwrap();
    cells.split_whitespace().collect::<Vec<_>>().join(" ")
}

const PEER_JSON: &str = r#""peer":{"type":"global","distinguisher":null,"address":"192.0.2.7","asn":64500,"bgp_id":"192.0.2.7","table_name":null,"flags":0,"timestamp":"1970-01-01T00:00:01.000002Z"}"#;

/// Announces 10.0.0.0/8 and withdraws 172.16.0.0/12.
fn update() -> Vec<u8> {
    let attributes = [
        0x40, 1, 1, 0, // ORIGIN: IGP
        0x40, 2, 6, 2, 1, 0, 0, 0xfb, 0xf4, // AS_PATH: 64500
        0x40, 3, 4, 192, 0, 2, 7, // NEXT_HOP
        0x80, 4, 4, 0, 0, 0, 5, // MULTI_EXIT_DISC
        0xc0, 8, 4, 0xfb, 0xf4, 0, 1, // COMMUNITIES: 64500:1
    ];
    let body = [&[0, 3, 12, 172, 16, 0, 34][..], &attributes, &[8, 10]].concat();
    bgp(2, &body)
}

fn assert_json(message: Vec<u8>, expected: &str) {
    assert_eq!(json(message), expected.replace("PEER", PEER_JSON));
}

#[test]
fn an_initiation_names_the_router_from_its_own_line_on() {
    let lines = told(LineForm::Json, &[]);
    let expected = r#"{"type":"initiation","time":"1970-01-01T00:00:02.000000Z","file":"a.pcap","packet":2,"session":1,"router":"192.0.2.1","router_name":"edge1","version":3,"length":15,"information":[{"code":2,"name":"sys-name","value":"edge1"}]}"#;
    assert_eq!(lines.first().map(String::as_str), Some(expected));
    // 0xff is no UTF-8.
    let odd = message(4, &[0, 0, 0, 1, 0xff, 0, 9, 0, 1, b'x']);
    assert_json(
        odd,
        r#"initiation {"version":3,"length":16,"information":[{"code":0,"name":"string","value":null,"hex":"ff"},{"code":9,"name":"unknown-9","value":"x"}]}"#,
    );
    assert_eq!(text(initiation("edge1")), "initiation sys-name 'edge1'");
}

#[test]
fn a_termination_says_why() {
    let end = message(5, &[0, 1, 0, 2, 0, 0, 0, 0, 0, 3, b'b', b'y', b'e']);
    assert_json(
        end.clone(),
        r#"termination {"version":3,"length":19,"reason":"administratively-closed","information":[{"code":0,"name":"string","value":"bye"}]}"#,
    );
    assert_eq!(text(end), "termination administratively-closed");
}

#[test]
fn routes_come_with_their_attributes() {
    assert_json(
        PEER.routes(&update()),
        r#"route-monitoring {"version":3,"length":110,PEER,"rib":"adj-rib-in-pre","context":"declared","update":{"announced":[{"afi":"ipv4","safi":"unicast","prefix":"10.0.0.0/8","path_id":null}],"withdrawn":[{"afi":"ipv4","safi":"unicast","prefix":"172.16.0.0/12","path_id":null}],"end_of_rib":null,"next_hop":"192.0.2.7","origin":"igp","as_path":[{"type":"sequence","asns":[64500]}],"med":5,"local_pref":null,"communities":["64500:1"],"large_communities":[],"extended_communities":[],"attributes_other":[]}}"#,
    );
    let expected = "192.0.2.7 AS64500 in-pre routes -172.16.0.0/12 +10.0.0.0/8 [64500] via 192.0.2.7 \
                    med 5 comm 64500:1";
    assert_eq!(text(PEER.routes(&update())), expected);
}

#[test]
fn routes_of_a_peer_without_a_peer_up_are_read_as_assumed() {
    let line = json(LOC_RIB.routes(&update()));
    assert!(
        line.contains(r#""rib":"loc-rib","context":"assumed","#),
        "{line}"
    );
    assert!(
        line.contains(r#""peer":{"type":"loc-rib","distinguisher":null,"address":null,"#),
        "{line}"
    );
    let end = text(LOC_RIB.routes(&bgp(2, &[0; 4])));
    assert_eq!(end, "192.0.2.7 loc-rib routes end of RIB ipv4 unicast");
}

#[test]
fn a_row_for_every_route() {
    let lines = told(
        LineForm::Csv,
        &[PEER.routes(&update()), PEER.routes(&bgp(2, &[0; 4]))],
    );
    let front = "1970-01-01T00:00:03.000000Z,a.pcap,3,1,192.0.2.1,edge1,192.0.2.7,64500,192.0.2.7,global,,adj-rib-in-pre";
    let expected = [
        String::from_utf8_lossy(csv::HEADER).trim_end().to_owned(),
        format!("{front},withdraw,ipv4,unicast,172.16.0.0/12,,,,,,,,,,,,,,"),
        format!("{front},announce,ipv4,unicast,10.0.0.0/8,,,192.0.2.7,igp,64500,5,,64500:1,,,,,,"),
    ];
    assert_eq!(lines, expected);
    let columns = |line: &String| line.matches(',').count();
    let widths: Vec<_> = lines.iter().map(columns).collect();
    assert_eq!(widths, [widths[0]; 3]);
}

#[test]
fn statistics_are_named_and_keep_what_has_another_length() {
    let report = PEER.message(
        1,
        &[
            0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 9, 0, 7, 0, 8, 0, 0, 0, 0, 0, 0, 1, 0, 0, 9, 0, 1, 7,
        ],
    );
    assert_json(
        report.clone(),
        r#"statistics-report {"version":3,"length":77,PEER,"statistics":[{"code":0,"name":"prefixes-rejected-by-inbound-policy","value":9},{"code":7,"name":"adj-rib-in-routes","value":256},{"code":9,"name":"family-adj-rib-in-routes","value":null,"hex":"07"}]}"#,
    );
    let expected = "192.0.2.7 AS64500 statistics prefixes-rejected-by-inbound-policy=9 adj-rib-in-routes=256 \
                    family-adj-rib-in-routes=(1 octets)";
    assert_eq!(text(report), expected);
}

#[test]
fn a_peer_down_says_what_its_reason_promises() {
    let closed = PEER.down(3, &bgp(3, &[6, 4]));
    assert_json(
        closed.clone(),
        r#"peer-down {"version":3,"length":70,PEER,"reason":"remote-notification","reason_code":3,"notification":{"code":6,"subcode":4,"name":"cease","subname":"administrative-reset","text":null,"data":""},"fsm_event":null,"tlvs":[]}"#,
    );
    assert_json(
        PEER.down(2, &[0, 18]),
        r#"peer-down {"version":3,"length":51,PEER,"reason":"local-no-notification","reason_code":2,"notification":null,"fsm_event":18,"tlvs":[]}"#,
    );
    let expected = "192.0.2.7 AS64500 peer down local-no-notification (FSM event 18)";
    assert_eq!(text(PEER.down(2, &[0, 18])), expected);
}

#[test]
fn data_of_a_peer_down_beyond_what_its_reason_promises_is_not_lost() {
    let hex = |bytes: Vec<u8>| {
        let line = json(bytes);
        let (_, hex) = line.split_once(r#""tlvs":[],"hex":""#)?;
        hex.strip_suffix(r#""}"#).map(str::to_owned)
    };
    assert_eq!(hex(PEER.down(2, &[0, 18, 0xab])).as_deref(), Some("0012ab"));
    let mut more = bgp(3, &[6, 4]);
    more.push(0xcd);
    assert!(hex(PEER.down(1, &more)).unwrap().ends_with("0604cd"));
    assert_eq!(hex(PEER.down(4, &[7])).as_deref(), Some("07"));
    assert_eq!(hex(PEER.down(2, &[0, 18])), None);
}

#[test]
fn a_peer_up_shows_both_opens() {
    let lines = told(LineForm::Json, &[]);
    let line = lines.get(1).unwrap();
    let begin = r#"{"version":4,"#;
    assert!(
        line.contains(
            r#""local_address":"192.0.2.1","local_port":179,"remote_port":50000,"sent_open":{"#
        ),
        "{line}"
    );
    assert_eq!(line.matches(begin).count(), 2, "{line}");
    let expected = "192.0.2.7 AS64500 peer up sent AS64500 hold 180; received AS64500 hold 180; \
                    sent [four-octet-as]; received []";
    assert_eq!(text(PEER.up(&open(&FOUR_OCTET_AS), &open(&[]))), expected);
}

#[test]
fn mirrored_messages_are_decoded_and_kept_where_they_cannot_be() {
    let tlv = |kind: u8, value: &[u8]| {
        let length = u8::try_from(value.len()).unwrap();
        [&[0, kind, 0, length][..], value].concat()
    };
    let bad_open = bgp(1, &[4]);
    let mirror = [
        tlv(0, &bgp(4, &[])),
        tlv(0, &bad_open),
        tlv(1, &[0, 1]),
        tlv(1, &[9]),
    ]
    .concat();
    assert_json(
        PEER.message(6, &mirror),
        r#"route-mirroring {"version":3,"length":106,PEER,"mirrored":[{"code":0,"name":"bgp-message","message_type":"keepalive"},{"code":0,"name":"bgp-message","message_type":"open","open":null,"hex":"ffffffffffffffffffffffffffffffff00140104"},{"code":1,"name":"information","information":"messages-lost"},{"code":1,"name":"information","information":null,"hex":"09"}]}"#,
    );
}

#[test]
fn a_message_that_cannot_be_read_is_there_with_all_its_octets() {
    let bad = PEER.routes(&bgp(2, &[0, 9]));
    let line = json(bad.clone());
    let hex: String = bad.iter().map(|octet| format!("{octet:02x}")).collect();
    assert!(line.starts_with(r#"undecodable {"version":3,"length":69,"message_type":"route-monitoring","stream_offset":157,"#), "{line}");
    assert!(line.ends_with(&format!(r#","hex":"{hex}"}}"#)), "{line}");
    assert!(text(bad).starts_with("192.0.2.7 AS64500 UNDECODABLE route-monitoring of 69 octets: "));
}

#[test]
fn a_message_of_an_unknown_type_keeps_its_octets() {
    assert_json(
        message(101, &[1, 2]),
        r#"unknown-101 {"version":3,"length":8,"hex":"0102"}"#,
    );
    assert_eq!(text(message(101, &[1, 2])), "unknown-101 2 octets");
}

#[test]
fn a_gap_tells_the_packets_on_both_sides_of_it() {
    let mut pcap = Pcap::new();
    let up = PEER.up(&open(&[]), &open(&[]));
    pcap.send(&[initiation("edge1"), up.clone()].concat())
        .lose(100)
        .send(&[up.clone(), up].concat());
    let file = pcap.file();
    let mut out = Vec::new();
    let mut sink = |lines: &[u8]| {
        out.extend_from_slice(lines);
        Ok(())
    };
    run(&request(&file), LineForm::Json, &mut sink).unwrap();
    let out = String::from_utf8(out).unwrap();
    let line = out.lines().nth(2).unwrap();
    let expected = r#""length":100,"stream_offset":141,"until_packet":3,"until_time":"1970-01-01T00:00:03.000000Z","cause":"missing-segment"}"#;
    assert!(
        line.starts_with(r#"{"type":"gap","time":"1970-01-01T00:00:02.000000Z","#),
        "{line}"
    );
    assert!(line.ends_with(expected), "{line}");
}

#[test]
fn a_sink_that_fails_ends_the_run() {
    let mut pcap = Pcap::new();
    pcap.send(&initiation("edge1"));
    let mut sink = |_: &[u8]| Err(io::Error::from(io::ErrorKind::BrokenPipe));
    let failure = run(&request(&pcap.file()), LineForm::Json, &mut sink).err();
    assert!(
        matches!(failure, Some(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe)
    );
}

/// A TLV of a Route Mirroring message with a BGP message.
fn mirror(pdu: &[u8]) -> Vec<u8> {
    let length = u16::try_from(pdu.len()).unwrap().to_be_bytes();
    PEER.message(6, &[&[0, 0][..], &length, pdu].concat())
}

#[test]
fn mirrored_requests_and_notifications_are_decoded() {
    // RFC 7313 3.2: the begin of the answer for IPv6 unicast.
    let begin = mirror(&bgp(5, &[0, 2, 1, 1]));
    assert_json(
        begin.clone(),
        r#"route-mirroring {"version":3,"length":75,PEER,"mirrored":[{"code":0,"name":"bgp-message","message_type":"route-refresh","route_refresh":{"afi":"ipv6","safi":"unicast","subtype":"begin-of-route-refresh","subtype_code":1}}]}"#,
    );
    let expected =
        "192.0.2.7 AS64500 mirror route-refresh (23 octets) begin-of-route-refresh ipv6 unicast";
    assert_eq!(text(begin), expected);
    // One octet too short: no field, all octets.
    let line = json(mirror(&bgp(5, &[0, 2, 1])));
    assert!(
        line.contains(r#""route_refresh":null,"hex":"ffff"#),
        "{line}"
    );
    // RFC 8538 3: a hard reset around an administrative reset, captured (lab).
    let reset = mirror(&bgp(3, &[6, 9, 6, 4]));
    let line = json(reset.clone());
    let expected = r#""hard_reset":{"code":6,"subcode":4,"name":"cease","subname":"administrative-reset","text":null,"data":""}"#;
    assert!(line.contains(expected), "{line}");
    let expected = "192.0.2.7 AS64500 mirror notification (23 octets) cease / hard-reset: cease / administrative-reset";
    assert_eq!(text(reset), expected);
}

#[test]
fn people_see_the_path_with_the_numbers_that_as4_path_kept() {
    // FRR, captured (lab/s1-bgp-179), of a session without four-octet AS numbers.
    let attributes = [
        0x40, 1, 1, 0, // ORIGIN: IGP
        0x50, 2, 0, 6, 2, 2, 0xfd, 0xe9, 0x5b, 0xa0, // AS_PATH: 65001 AS_TRANS
        0x40, 3, 4, 10, 0, 0, 3, // NEXT_HOP
        0xd0, 0x11, 0, 10, 2, 2, 0, 0, 0xfd, 0xe9, 0xfa, 0x56, 0xea, 3, // AS4_PATH
    ];
    let update = bgp(
        2,
        &[&[0, 0, 0, 35][..], &attributes, &[24, 10, 66, 1]].concat(),
    );
    let two_octets = with_a_flag(PEER.routes(&update));
    let expected = "192.0.2.7 AS64500 in-pre routes +10.66.1.0/24 [65001 4200000003] via 10.0.0.3";
    assert_eq!(text(two_octets.clone()), expected);
    let row = told(LineForm::Csv, &[two_octets]).pop().unwrap();
    assert!(row.contains(",igp,65001 4200000003,"), "{row}");
}

#[test]
fn people_see_what_is_malformed_and_what_comes_of_it() {
    // RFC 7606 7.3: a NEXT_HOP of three octets.
    let attributes = [0x40, 1, 1, 0, 0x40, 2, 0, 0x40, 3, 3, 10, 0, 0];
    let update = bgp(2, &[&[0, 0, 0, 13][..], &attributes, &[8, 10]].concat());
    let expected = "192.0.2.7 AS64500 in-pre routes +10.0.0.0/8 [] !next-hop NEXT_HOP at byte 33: \
                    needs 4 bytes, 3 left in its container: treat-as-withdraw";
    assert_eq!(text(PEER.routes(&update)), expected);
}

/// The same message with the A flag: AS numbers in the AS_PATH have two octets (RFC 7854 4.2).
fn with_a_flag(mut message: Vec<u8>) -> Vec<u8> {
    message[7] |= 0x20;
    message
}

#[test]
fn an_initiation_says_what_the_router_supports_and_its_defaults() {
    // Supported: route refresh, parameter 1 and one octet too many. Defaults with one octet of type and
    // length: hold time 180, 99 of one octet.
    let supported = [0xff, 0xfb, 0, 8, 2, 2, 2, 0, 1, 1, 7, 2];
    let defaults = [0xff, 0xfd, 0, 9, 9, 4, 0, 0, 0, 180, 99, 1, 5];
    let told = message(4, &[&supported[..], &defaults].concat());
    assert_json(
        told.clone(),
        r#"initiation {"version":3,"length":31,"information":[{"code":65531,"name":"optional-parameters-supported","capabilities":[{"code":2,"name":"route-refresh","value":null}],"parameters_other":[{"code":1,"name":"authentication","raw":"07"}],"error":"Parameter Length at byte 18: needs 1 bytes, 0 left in its container","hex":"02"},{"code":65533,"name":"default-behavior-parameters","header":"u8","defaults":[{"code":9,"name":"hold-time","value":180},{"code":99,"name":"unknown-99","value":null,"hex":"05"}]}]}"#,
    );
    assert_eq!(
        text(told),
        "initiation optional-parameters-supported [route-refresh] Parameter Length at byte 18: needs 1 bytes, 0 left in its container; default-behavior-parameters [hold-time=180 unknown-99=(1 octets)]"
    );
}

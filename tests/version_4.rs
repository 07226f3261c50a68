//! BMP version 4: against the answers of another decoder, about a public capture of a router that
//! states in every message how its UPDATE is written; and what each TLV looks like.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::{Value, json};
use support::places;
use support::program::{self, Input};

/// The capture and the answers, below the public captures.
const CAPTURE: &str = "netgauze/bmp/stateless-with-add-path/ipv4_unicast_all.pcap";
const ANSWERS: &str = "netgauze/bmp/stateless-with-add-path/ipv4_unicast_all-bmp.json";

/// A route: prefix and path identifier.
type Route = (String, Option<u64>);

#[test]
fn prefixes_path_ids_and_table_names_agree_with_another_decoders() {
    let Some(captures) = places::shared_captures() else {
        return;
    };
    let public = captures.join("public");
    let expected = expected(&std::fs::read_to_string(public.join(ANSWERS)).unwrap());
    let input = Input::file(&public.join(CAPTURE));
    let lines = program::ask("messages", &[], &input).answered().lines();
    let routes = lines
        .iter()
        .filter(|line| line["type"] == "route-monitoring");
    let got: Vec<_> = routes.map(read).collect();
    assert_eq!(got.len(), 21);
    assert_eq!(got, expected);
}

#[test]
fn every_line_is_as_the_schema_says() {
    let Some(captures) = places::shared_captures() else {
        return;
    };
    let input = Input::file(&captures.join("public").join(CAPTURE));
    let lines = program::ask("messages", &[], &input).answered().lines();
    assert_eq!(lines.len(), 30);
    hold(&lines);
}

/// Routes and table name of a line of this program; how they are read has to be declared.
fn read(line: &Value) -> (Vec<Route>, String) {
    assert_eq!(line["context"], "declared", "{line}");
    assert_eq!(line["numbering"]["revision"], 19, "{line}");
    let routes = line["update"]["announced"].as_array().unwrap().iter();
    let routes = routes.map(|route| route_of(route, "prefix")).collect();
    let mut tlvs = line["tlvs"].as_array().unwrap().iter();
    let table = tlvs.find(|tlv| tlv["name"] == "table-name").unwrap();
    (routes, table["value"].as_str().unwrap().to_string())
}

/// The same of every Route Monitoring message of the other decoder.
fn expected(answers: &str) -> Vec<(Vec<Route>, String)> {
    let messages = answers
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let routes = messages.filter_map(|message| {
        let route = message["V4"].get("RouteMonitoring")?.clone();
        let update = &route["update_pdu"]["value"]["BgpUpdate"]["Update"];
        let nlri = update["nlri"].as_array().unwrap().iter();
        let routes = nlri.map(|nlri| route_of(nlri, "network")).collect();
        let mut tlvs = route["tlvs"].as_array().unwrap().iter();
        let table = tlvs.find_map(|tlv| tlv["value"]["VrfTableName"].as_str());
        Some((routes, table.unwrap().to_string()))
    });
    routes.collect()
}

fn route_of(route: &Value, key: &str) -> Route {
    let prefix = route[key].as_str().unwrap().to_string();
    (prefix, route["path_id"].as_u64())
}

/// Octets of commented hex.
fn hex(text: &str) -> Vec<u8> {
    let code = text.lines().map(|line| line.split('#').next().unwrap());
    let digits: Vec<u8> = code
        .flat_map(str::bytes)
        .filter(u8::is_ascii_hexdigit)
        .collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

/// A message of this version and type with this body.
fn message(version: u8, message_type: u8, body: &str) -> Vec<u8> {
    let body = hex(body);
    let length = u32::try_from(body.len() + 6).unwrap().to_be_bytes();
    [&[version][..], &length, &[message_type], &body].concat()
}

/// A global IPv4 peer 192.0.2.7, AS 64500, at 1.000002.
const PEER: &str = "00 00 0000000000000000 000000000000000000000000c0000207 0000fbf4 c0000207
    00000001 00000002\n";

/// The UPDATE of the public capture ipv4_unicast_all.pcap: 111.1.1.1/32 and 111.1.1.2/32, each with
/// path identifier 0.
const UPDATE: &str = "
    ffffffffffffffffffffffffffffffff 0045 02 0000 001c
    40 01 01 02  40 02 00  40 03 04 01010101  80 04 04 00000000  40 05 04 00000064
    00000000 20 6f010101  00000000 20 6f010102\n";

/// Its Stateless Parsing TLV, by revision 19: ADD-PATH, IPv4 unicast, receive.
const STATELESS: &str = "0001 0006 0000 45 04 0001 01 01\n";

/// An End-of-RIB.
const END_OF_RIB: &str = "ffffffffffffffffffffffffffffffff 0017 02 0000 0000\n";

/// An Initiation with the sysName r, then these messages of one version, as a bare stream.
fn stream(messages: &[Vec<u8>]) -> Input {
    let initiation = message(messages[0][0], 4, "0002 0001 72");
    Input::Pipe([initiation, messages.concat()].concat())
}

/// Every line behind the Initiation's, after checking it against the schema.
fn lines(options: &[&str], messages: &[Vec<u8>]) -> Vec<Value> {
    let lines = program::ask("messages", options, &stream(messages));
    let lines = lines.answered().lines();
    hold(&lines);
    assert_eq!(lines.len(), messages.len() + 1);
    lines[1..].to_vec()
}

/// The same as a person reads them, without place and router.
fn words(messages: &[Vec<u8>]) -> Vec<String> {
    let run = program::ask("messages", &["-f", "table"], &stream(messages)).answered();
    let text = String::from_utf8(run.stdout).unwrap();
    // Time and router; columns are one space apart then, and empty ones left out.
    let rest = |line: &str| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        cells[if line.starts_with('@') { 2 } else { 3 }..].join(" ")
    };
    text.lines().skip(1).map(rest).collect()
}

fn hold(lines: &[Value]) {
    let schema = program::run(&["schema", "messages"]).answered().json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for line in lines {
        if let Some(error) = validator.iter_errors(line).next() {
            panic!("at {}: {error}: {line}", error.instance_path());
        }
    }
}

fn route(tlvs: &str) -> Vec<u8> {
    message(4, 0, &format!("{PEER}{tlvs}"))
}

/// Group and Path Marking have the values of the public capture ipv4_unicast_path_marking.pcap; the
/// other values are drawn as draft-ietf-grow-bmp-tlv-21 5.2 to 5.6 describes them.
#[test]
fn every_route_tlv_is_shown_in_json_and_in_words() {
    let by_19 = route(&format!(
        "{STATELESS} 0002 0004 8001 0001 0002    # group 1: NLRI 1 and 2
        0003 0006 0000 676c6f62616c            # table 'global'
        0004 0045 0000 {UPDATE}
        0005 0004 8001 0000008a                # group 1: best, primary, add-path
        0005 0006 0002 00000401 0002           # NLRI 2: invalid, 0x400; next hop
        0009 0002 0000 abcd  8003 0006 0001 00007ed9 6162"
    ));
    let by_21 = route(&format!(
        "0001 0004 8001 0001 0002  0002 0003 0000 626c75
        0003 0006 0000 45 04 0001 01 01  0004 0045 0000 {UPDATE}
        0005 0008 0000 0000000000000007        # Sequence Number
        0006 0001 0000 41                      # Extended Flags L and X
        0007 0009 0000 01 00000001 00000002    # Trigger
        0007 0005 0002 09 00000000             # unknown type, no time
        0005 0004 0001 00000000                # Path Marking under a number given away"
    ));
    let messages = [by_19, by_21];
    let shown = lines(&[], &messages);
    let tlvs = |line: &Value| {
        let mut tlvs = line["tlvs"].clone();
        program::without(&mut tlvs, &["capabilities", "group", "code"]);
        tlvs
    };
    assert_eq!(
        shown[0]["numbering"],
        json!({"revision": 19, "source": "message"})
    );
    assert_eq!(
        tlvs(&shown[0]),
        json!([
            {"name": "stateless-parsing", "index": 0},
            {"name": "group", "index": 1, "members": [1, 2]},
            {"name": "table-name", "index": 0, "value": "global"},
            {"name": "bgp-message", "index": 0},
            {"name": "path-marking", "index": 1, "path_marking": {
                "status": ["best", "primary", "add-path"], "status_code": 138,
                "reason": null, "reason_code": null}},
            {"name": "path-marking", "index": 2, "path_marking": {
                "status": ["invalid", "stale-or-invalid-rov"], "status_code": 1025,
                "reason": "invalid-unresolvable-next-hop", "reason_code": 2}},
            {"name": "unknown-9", "index": 0, "hex": "abcd"},
            {"name": "unknown-3", "enterprise": 32473, "index": 1, "hex": "6162"},
        ])
    );
    assert_eq!(
        shown[1]["numbering"],
        json!({"revision": 21, "source": "message"})
    );
    assert_eq!(
        tlvs(&shown[1]),
        json!([
            {"name": "group", "index": 1, "members": [1, 2]},
            {"name": "table-name", "index": 0, "value": "blu"},
            {"name": "stateless-parsing", "index": 0},
            {"name": "bgp-message", "index": 0},
            {"name": "sequence-number", "index": 0, "sequence_number": 7},
            {"name": "extended-flags", "index": 0, "flags": ["post-policy", "extended"], "hex": "41"},
            {"name": "timestamp", "index": 0, "timestamp": {
                "name": "trigger", "time": "1970-01-01T00:00:01.000002Z"}},
            {"name": "timestamp", "index": 2, "timestamp": {
                "name": "unknown-9", "time": null}},
            {"name": "path-marking", "index": 1, "path_marking": {
                "status": [], "status_code": 0, "reason": null, "reason_code": null}},
        ])
    );
    let routes = "192.0.2.7 AS64500 in-pre routes +111.1.1.1/32 id 0 +111.1.1.2/32 id 0 [] \
                  via 1.1.1.1 lp 100 med 0";
    assert_eq!(
        words(&messages),
        [
            format!(
                "{routes}; parsed by add-path; group g1 = 1,2; table global; path g1: best primary \
                 add-path; path 2: invalid stale-or-invalid-rov (invalid-unresolvable-next-hop); \
                 tlv 9 (2 octets); enterprise 32473 tlv 3 1 (2 octets)"
            ),
            format!(
                "{routes}; group g1 = 1,2; table blu; parsed by add-path; sequence 7; flags \
                 post-policy extended; time trigger 1970-01-01T00:00:01.000002Z; time 2 unknown-9 \
                 not known; path 1: no marking"
            ),
        ]
    );
}

#[test]
fn a_message_that_does_not_tell_is_numbered_as_its_session_or_as_the_user_says() {
    // Type 2 with three octets that are no text: nothing tells what it is.
    let silent = route(&format!(
        "0002 0003 0000 000001  0004 0017 0000 {END_OF_RIB}"
    ));
    let telling = |name: &str| route(&format!("{name} 0004 0017 0000 {END_OF_RIB}"));
    let by_19 = telling("0003 0006 0000 676c6f62616c");
    let by_21 = telling("0002 0006 0000 676c6f62616c");
    let read = |options: &[&str], messages: &[Vec<u8>]| {
        let shown = lines(options, messages);
        let last = shown.last().unwrap();
        let numbering = last["numbering"].clone();
        (
            numbering["revision"].clone(),
            numbering["source"].clone(),
            last["tlvs"][0]["name"].clone(),
        )
    };
    let is = |revision: u8, source: &str, name: &str| (json!(revision), json!(source), json!(name));
    assert_eq!(
        read(&[], std::slice::from_ref(&silent)),
        is(19, "assumed", "group")
    );
    let after_21 = [by_21.clone(), silent.clone()];
    assert_eq!(read(&[], &after_21), is(21, "session", "table-name"));
    let after_19 = [by_19.clone(), silent.clone()];
    assert_eq!(
        read(&["--bmp4", "21"], &after_19),
        is(21, "forced", "table-name")
    );
    assert_eq!(
        read(&["--bmp4", "auto"], &after_19),
        is(19, "session", "group")
    );
    assert_eq!(
        read(&["--bmp4", "20"], &[by_19]),
        is(20, "forced", "timestamp")
    );
}

#[test]
fn the_numbering_of_a_session_is_in_the_summary_and_its_contradictions_are_a_finding() {
    let by_19 = route(&format!("0003 0001 0000 61  0004 0017 0000 {END_OF_RIB}"));
    let by_20 = route(&format!("0007 0017 0000 {END_OF_RIB}"));
    let numbering = |options: &[&str], messages: &[Vec<u8>]| {
        let options = [&["--json"], options].concat();
        let summary = program::ask("summary", &options, &stream(messages))
            .answered()
            .json();
        summary["sessions"][0]["bmp4_numbering"].clone()
    };
    let both = [by_20.clone(), by_19.clone(), by_20];
    assert_eq!(
        numbering(&[], &both),
        json!({"revision": 20, "source": "session"})
    );
    let forced = numbering(&["--bmp4", "17"], &both);
    assert_eq!(forced, json!({"revision": 17, "source": "forced"}));
    let table = program::ask("summary", &[], &stream(&both)).answered();
    assert!(String::from_utf8_lossy(&table.stdout).contains("4 (-20)"));
    let version_3 = message(3, 0, &format!("{PEER}{END_OF_RIB}"));
    assert_eq!(numbering(&[], &[version_3]), Value::Null);
    let findings = |options: &[&str], messages: &[Vec<u8>]| {
        let options = [&["--json"], options].concat();
        let check = program::ask("check", &options, &stream(messages))
            .answered()
            .json();
        let findings = check["findings"].as_array().unwrap().clone();
        // The stream has no Peer Up either.
        findings
            .iter()
            .filter(|row| row["kind"] != "no-peer-up")
            .map(|row| row["message"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let expected = "a message numbers its TLVs by revision 19, those before it by revision 20; \
                    in all 1 by revision 19, 2 by revision 20";
    assert_eq!(findings(&[], &both), [expected]);
    assert!(findings(&["--bmp4", "20"], &both).is_empty());
    assert!(findings(&[], &[by_19.clone(), by_19]).is_empty());
}

#[test]
fn tlvs_of_every_other_message_are_shown_in_json_and_in_words() {
    let open = "ffffffffffffffffffffffffffffffff 001d 01 04 fbf4 00b4 c0000207 00\n";
    let common = "0005 0008 0000000000000007  0006 0001 41  0007 0005 02 00000001
        8009 0005 00007ed9 ff  0007 0001 02\n";
    let ends = "000000000000000000000000c0000201 00b3 c350\n";
    let statistics = "00000001 0000 0004 00000009";
    let messages = [
        message(4, 3, &format!("{PEER}{ends}{open}{open}{common}")),
        message(4, 2, &format!("{PEER} 02 0018 0000 0003 627965 {common}")),
        message(4, 1, &format!("{PEER} 0001 000c {statistics} {common}")),
        message(4, 6, &format!("{PEER} 0001 0002 0001 {common}")),
        message(4, 4, common),
        message(4, 5, &format!("0001 0002 0000 {common}")),
    ];
    let shared = [
        json!({"code": 5, "name": "sequence-number", "sequence_number": 7}),
        json!({"code": 6, "name": "extended-flags", "flags": ["post-policy", "extended"], "hex": "41"}),
        json!({"code": 7, "name": "timestamp", "timestamp": {
            "code": 2, "name": "export", "time": "1970-01-01T00:00:01.000000Z"}}),
    ];
    let keys = [
        "information",
        "tlvs",
        "tlvs",
        "mirrored",
        "information",
        "information",
    ];
    for (line, key) in lines(&[], &messages).iter().zip(keys) {
        let tlvs = line[key].as_array().unwrap();
        let tlvs = &tlvs[tlvs.len() - 5..];
        assert_eq!(tlvs[..3], shared, "{line}");
        assert_eq!(tlvs[3]["enterprise"], 32473, "{line}");
        assert_eq!(
            (&tlvs[3]["name"], &tlvs[3]["hex"]),
            (&json!("unknown-9"), &json!("ff")),
            "{line}"
        );
        assert_eq!(
            (&tlvs[4]["name"], &tlvs[4]["hex"]),
            (&json!("timestamp"), &json!("02")),
            "{line}"
        );
    }
    let common = "; sequence-number 7; extended-flags post-policy extended; timestamp export \
                  1970-01-01T00:00:01.000000Z; enterprise 32473 tlv 9 (1 octets); timestamp (1 octets)";
    let opens = "sent AS64500 hold 180; received AS64500 hold 180; sent []; received []";
    let expected = [
        format!("192.0.2.7 AS64500 peer up {opens}{common}"),
        format!(
            "192.0.2.7 AS64500 peer down local-no-notification (FSM event 24); string 'bye'{common}"
        ),
        format!("192.0.2.7 AS64500 statistics prefixes-rejected-by-inbound-policy=9{common}"),
        format!("192.0.2.7 AS64500 mirror tlv 1 (2 octets){common}"),
        format!("initiation {}", common.trim_start_matches("; ")),
        format!("termination administratively-closed{common}"),
    ];
    assert_eq!(words(&messages), expected);
}

#[test]
fn events_are_shown_in_json_and_in_words() {
    let routing = format!(
        "{PEER}{STATELESS} 0004 0045 0000 {UPDATE}
        0005 0004 0001 00000004  0008 0002 0001 01 02
        0005 0004 0002 00000002  0007 0008 0002 02 696e00 64656e00"
    );
    let whole = message(4, 254, &routing);
    let health = message(
        4,
        7,
        "02 0005 0004 0000 00000001  0006 0009 0000 02 0000003c 00000005",
    );
    let messages = [whole, health];
    let shown = lines(&[], &messages);
    let routing = &shown[0];
    assert_eq!(routing["type"], "route-event-logging");
    assert_eq!(routing["event"], Value::Null);
    assert_eq!(
        routing["reasons"],
        json!(["policy-discard", "validation-fail"])
    );
    assert_eq!(routing["context"], "declared");
    assert_eq!(routing["update"]["announced"][1]["prefix"], "111.1.1.2/32");
    let fail = json!({"fail": "rpki-invalid", "reason": "max-length-violation"});
    assert_eq!(routing["tlvs"][3]["validation_fail"], fail);
    let policy = json!({"form": "structured", "policy": "in", "statement": "den"});
    assert_eq!(routing["tlvs"][5]["policy_discard"], policy);
    let health = &shown[1];
    assert_eq!(
        (&health["event"], &health["peer"]),
        (&json!("health"), &Value::Null)
    );
    let action = json!({"action": "unstable", "seconds": 60, "count": 5});
    assert_eq!(health["tlvs"][1]["log_action"], action);
    let expected = [
        "192.0.2.7 AS64500 event policy-discard validation-fail: +111.1.1.1/32 id 0 +111.1.1.2/32 id 0 [] \
         via 1.1.1.1 lp 100 med 0; rpki-invalid: max-length-violation; policy 'in' statement 'den'",
        "event log-action:; unstable 5 times in 60 s",
    ];
    assert_eq!(words(&messages), expected);
}

#[test]
fn a_tlv_that_leaves_its_message_ends_the_list_and_keeps_the_route() {
    let cut = route(&format!("0004 0017 0000 {END_OF_RIB} 0003 0009 0000 61"));
    let error = "TLV Value at byte 83: needs 9 bytes, 1 left in its container";
    let shown = lines(&[], std::slice::from_ref(&cut));
    assert_eq!(shown[0]["error"], error);
    assert_eq!(shown[0]["tlvs"].as_array().unwrap().len(), 1);
    let end = "192.0.2.7 AS64500 in-pre routes end of RIB ipv4 unicast";
    assert_eq!(words(&[cut]), [format!("{end}; {error}")]);
}

#[test]
fn a_message_of_version_3_keeps_its_route_before_what_trails_it() {
    // An enterprise-like TLV and half a TLV: version 3 has neither.
    let trailing = message(3, 0, &format!("{PEER}{END_OF_RIB} ea62 0001 00 0003"));
    let shown = lines(&[], std::slice::from_ref(&trailing));
    assert_eq!(shown[0]["update"]["end_of_rib"]["afi"], "ipv4");
    assert_eq!(shown[0]["trailing"], "ea620001000003");
    let expected = "192.0.2.7 AS64500 in-pre routes end of RIB ipv4 unicast; trailing (7 octets)";
    assert_eq!(words(&[trailing]), [expected]);
}

/// RFC 8277 2.1: two labels before 192.0.2.0/24, which the message says that it may have.
#[test]
fn multiple_labels_may_be_stated_by_the_message_itself() {
    let attributes = "800e 13 0001 04 04 01010101 00  48 000640 000c81 c00002 # 100, 200 (bottom)";
    let update = format!("ffffffffffffffffffffffffffffffff 002d 02 0000 0016 {attributes}");
    let stateless = "0001 0006 0000 08 04 0001 04 02  # Multiple Labels: IPv4 labelled, 2";
    let shown = lines(
        &[],
        &[route(&format!("{stateless}\n0004 002d 0000 {update}"))],
    );
    assert_eq!(shown[0]["context"], "declared");
    let stated = &shown[0]["tlvs"][0]["capabilities"][0];
    assert_eq!(stated["name"], "multiple-labels");
    let route = &shown[0]["update"]["announced"][0];
    assert_eq!(route["prefix"], "192.0.2.0/24", "{}", shown[0]);
    assert_eq!(route["labels"].as_array().unwrap().len(), 2);
}

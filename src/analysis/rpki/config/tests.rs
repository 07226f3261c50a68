//! Messages written to the profile, told one after the other.

use super::*;
use crate::bmp::Message;
use crate::bmp::v4::Expected;
use crate::session::Session;
use crate::stream::Moment;
use crate::wire::CodePoints;

/// A plain TLV.
fn tlv(number: u16, value: &[u8]) -> Vec<u8> {
    let mut out = number.to_be_bytes().to_vec();
    out.extend((value.len() as u16).to_be_bytes());
    out.extend(value);
    out
}

/// An active RTR source at 192.0.2.1:323 with so many ROAs, synchronized at this second.
fn source(roas: u64, synchronized: u32) -> Vec<u8> {
    let mut fields = tlv(0x4010, &[1]);
    fields.extend(tlv(0x4011, &[1]));
    fields.extend(tlv(0x4012, &[&[1][..], &roas.to_be_bytes()].concat()));
    let sync = [synchronized.to_be_bytes(), [0; 4]].concat();
    fields.extend(tlv(0x4013, &sync));
    fields.extend(tlv(0x4023, &[0, 1, 192, 0, 2, 1, 1, 67]));
    tlv(0x4001, &fields)
}

/// Origin validation, and this action for invalid routes.
fn policy(action: u8) -> Vec<u8> {
    let fields = [tlv(0x4030, &[1]), tlv(0x4031, &[2, action])].concat();
    tlv(0x4002, &fields)
}

fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp::from_nanoseconds(seconds * 1_000_000_000, 0))
}

/// Adds a message of a session with this body, captured at this second.
fn tell(all: &mut Configured, session: u32, seconds: i64, body: &[u8]) {
    let mut bytes = vec![4];
    bytes.extend((body.len() as u32 + 6).to_be_bytes());
    bytes.push(251);
    bytes.extend(body);
    let code_points = CodePoints::default();
    let message = Message::decode_with(&bytes, Expected::Nothing, &code_points).unwrap();
    let Message::RpkiConfig(message) = message else {
        panic!("{message:?}")
    };
    all.add(Told::of(session, at(seconds), &message));
}

/// The session of a router with this name, whose last message came at this second.
fn session(id: u32, name: &str, last: i64) -> Session {
    let mut session = Session::new(id, None, None);
    session.router_address = Some([192, 0, 2, id as u8].into());
    session.router.sys_name = Some(name.to_owned());
    session.timeline.extend(Moment {
        time: at(last),
        ..Moment::default()
    });
    session
}

fn kinds(answer: &RpkiConfig) -> Vec<&'static str> {
    answer.differences.iter().map(|one| one.kind).collect()
}

#[test]
fn what_a_message_replaces_by_something_else_is_a_change() {
    let mut all = Configured::default();
    tell(&mut all, 1, 100, &[source(5, 90), policy(1)].concat());
    tell(&mut all, 1, 200, &source(5, 90));
    tell(&mut all, 1, 300, &[source(6, 290), policy(0)].concat());
    let answer = config(all, &[session(1, "edge1", 350)]);
    let [router] = answer.routers.as_slice() else {
        panic!("{answer:?}")
    };
    assert_eq!((router.messages, router.sources.len()), (3, 1));
    assert_eq!(router.sources[0].last_sync_age, Some(60.0));
    let changes: Vec<_> = router
        .changes
        .iter()
        .map(|change| (change.about.as_str(), change.key.as_deref()))
        .collect();
    let expected = [
        ("rtr 192.0.2.1:323", Some("records")),
        ("rtr 192.0.2.1:323", Some("last_sync")),
        ("policy", Some("actions")),
    ];
    assert_eq!(changes, expected);
    assert!(router.changes.iter().all(|change| change.time == at(300)));
    assert!(kinds(&answer).is_empty());
}

#[test]
fn routers_that_differ_are_found() {
    let mut all = Configured::default();
    tell(&mut all, 1, 100, &[source(5, 90), policy(1)].concat());
    tell(&mut all, 2, 100, &[source(7, 90), policy(0)].concat());
    let sessions = [session(1, "edge1", 110), session(2, "edge2", 110)];
    let answer = config(all, &sessions);
    assert_eq!(
        kinds(&answer),
        ["rpki-records-differ", "rpki-policies-differ"]
    );
    let found = findings(&answer.differences);
    assert_eq!(
        found[0].message,
        "roa records: edge1 rtr 192.0.2.1:323 has 5; edge2 rtr 192.0.2.1:323 has 7"
    );
    assert_eq!(found[0].place.session, Some(1));
    assert_eq!(
        found[1].message,
        "actions: edge1 has invalid: drop; edge2 has invalid: accept"
    );
}

#[test]
fn data_older_than_the_expire_interval_is_old() {
    let mut all = Configured::default();
    tell(&mut all, 1, 10_000, &source(5, 2000));
    let answer = config(all, &[session(1, "edge1", 10_000)]);
    assert_eq!(kinds(&answer), ["rpki-source-stale"]);
    let text = answer.differences[0].values[0].text();
    assert_eq!(
        text,
        "edge1 rtr 192.0.2.1:323 has data that was 8000 seconds old when told"
    );
}

#[test]
fn a_later_session_of_a_router_stands_before_an_earlier_one() {
    let mut all = Configured::default();
    tell(&mut all, 1, 100, &source(5, 90));
    tell(&mut all, 2, 200, &source(6, 190));
    let mut sessions = [session(1, "edge1", 110), session(2, "edge1", 210)];
    sessions[1].router_address = sessions[0].router_address;
    let answer = config(all, &sessions);
    let [router] = answer.routers.as_slice() else {
        panic!("{answer:?}")
    };
    assert_eq!(router.sessions, [1, 2]);
    assert_eq!(router.sources[0].records[0].count, 6);
}

#[test]
fn what_changed_between_sessions_is_a_change_and_what_is_not_told_again_says_so() {
    let mut all = Configured::default();
    tell(&mut all, 1, 100, &[source(5, 90), policy(1)].concat());
    tell(&mut all, 2, 200, &source(6, 90));
    let mut sessions = [session(1, "edge1", 110), session(2, "edge1", 210)];
    sessions[1].router_address = sessions[0].router_address;
    let answer = config(all.clone(), &sessions);
    let [router] = answer.routers.as_slice() else {
        panic!("{answer:?}")
    };
    let [change] = router.changes.as_slice() else {
        panic!("{:?}", router.changes)
    };
    assert_eq!(change.key.as_deref(), Some("records"));
    assert_eq!(change.time, at(200));
    let policy_told = router
        .policy
        .global
        .as_ref()
        .map(|policy| policy.other_session);
    assert_eq!(
        (policy_told, router.sources[0].other_session),
        (Some(true), false)
    );
    // Told again, and other.
    tell(&mut all, 2, 201, &policy(0));
    let answer = config(all, &sessions);
    let changes = &answer.routers[0].changes;
    let keys: Vec<_> = changes.iter().map(|change| change.key.as_deref()).collect();
    assert_eq!(keys, [Some("records"), Some("actions")]);
    assert!(
        !answer.routers[0]
            .policy
            .global
            .as_ref()
            .unwrap()
            .other_session
    );
}

#[test]
fn sessions_side_by_side_change_nothing() {
    let mut all = Configured::default();
    tell(&mut all, 1, 100, &source(5, 90));
    tell(&mut all, 1, 300, &source(6, 90));
    tell(&mut all, 2, 101, &source(5, 90));
    tell(&mut all, 2, 300, &source(6, 90));
    let mut sessions = [session(1, "edge1", 310), session(2, "edge1", 310)];
    sessions[1].router_address = sessions[0].router_address;
    let answer = config(all, &sessions);
    assert_eq!(
        answer.routers[0].changes.len(),
        2,
        "{:?}",
        answer.routers[0].changes
    );
}

#[test]
fn a_synchronization_after_its_message_is_found() {
    let mut all = Configured::default();
    tell(&mut all, 1, 10_000, &source(5, 10_050));
    tell(&mut all, 2, 10_000, &source(5, 13_600));
    let sessions = [session(1, "edge1", 10_000), session(2, "edge2", 10_000)];
    let answer = config(all, &sessions);
    assert_eq!(kinds(&answer), ["rpki-source-sync-ahead"]);
    let text = answer.differences[0].values[0].text();
    assert_eq!(
        text,
        "edge2 rtr 192.0.2.1:323 has data of 3600 seconds after it was told"
    );
}

#[test]
fn unknown_actions_and_conditions_keep_their_octets_and_peers_their_distinguisher() {
    let fields = [
        tlv(0x4031, &[2, 77, 0xab, 0xcd]),
        tlv(0x4032, &[9, 0x0a, 0x0b]),
    ]
    .concat();
    let mut all = Configured::default();
    tell(&mut all, 1, 100, &tlv(0x4002, &fields));
    let answer = config(all, &[session(1, "edge1", 110)]);
    let policy = answer.routers[0].policy.global.as_ref().unwrap();
    assert_eq!(policy.actions[0].text(), "invalid: unknown-77 abcd");
    assert_eq!(policy.actions[0].hex.as_deref(), Some("abcd"));
    assert_eq!(policy.conditions, ["unknown-9 0a0b"]);
    let peer = ConfigPeer {
        address: Some([192, 0, 2, 7].into()),
        asn: 64500,
        distinguisher: Some("64500:1".to_owned()),
    };
    assert_eq!(peer.text(), "192.0.2.7 AS64500 rd 64500:1");
}

#[test]
fn slurm_errors_and_exceptions_are_told() {
    let mut fields = tlv(0x4010, &[5]);
    fields.extend(tlv(0x4027, &[2, 0, 0, 0, 3]));
    fields.extend(tlv(0x4028, b"\x01\0\0\0\x01no such file"));
    let mut policy = tlv(0x4033, &[0, 1, 24, 192, 0, 2, 0, 0, 0xfb, 0xf4, 255]);
    policy.extend(tlv(0x4034, &[2, 0, 0, 0xfb, 0xf5]));
    let body = [tlv(0x4001, &fields), tlv(0x4002, &policy)].concat();
    let mut all = Configured::default();
    tell(&mut all, 1, 100, &body);
    let answer = config(all, &[session(1, "edge1", 110)]);
    let expected = ["rpki-slurm-errors", "rpki-slurm-counts-differ"];
    assert_eq!(kinds(&answer), expected);
    assert_eq!(
        findings(&answer.differences)[1].message,
        "prefix-filter: edge1 slurm has 3 of them, and policy lists 1"
    );
    let router = &answer.routers[0];
    let slurm = &router.policy.global.as_ref().unwrap().slurm;
    assert_eq!(slurm.assertions[0].text(), "192.0.2.0/24 AS64500");
    assert_eq!(slurm.filters[0].text(), "AS64501");
    let counted = &router.sources[0].slurm.as_ref().unwrap().exceptions[0];
    assert_eq!(
        (counted.kind.to_string(), counted.count),
        ("prefix-filter".into(), 3)
    );
}

#[test]
fn slurm_counts_that_fit_or_that_nothing_is_listed_for_are_no_finding() {
    let mut fields = tlv(0x4010, &[5]);
    fields.extend(tlv(0x4027, &[2, 0, 0, 0, 1]));
    let source = tlv(0x4001, &fields);
    let filter = tlv(0x4034, &[2, 0, 0, 0xfb, 0xf5]);
    // The exceptions are the router's: a policy of a peer says them again.
    let policy = tlv(0x4002, &[&filter[..], &filter].concat());
    for body in [[&source[..], &policy].concat(), source] {
        let mut all = Configured::default();
        tell(&mut all, 1, 100, &body);
        assert!(kinds(&config(all, &[session(1, "edge1", 110)])).is_empty());
    }
}

#[test]
fn sources_that_share_a_number_are_all_there_and_found() {
    let with_id = |source_type: u8| {
        let fields = [tlv(0x4016, &[0, 7]), tlv(0x4010, &[source_type])].concat();
        tlv(0x4001, &fields)
    };
    let mut all = Configured::default();
    let body = [with_id(1), with_id(5)].concat();
    tell(&mut all, 1, 100, &body);
    tell(&mut all, 1, 200, &body);
    let answer = config(all, &[session(1, "edge1", 210)]);
    assert_eq!(answer.routers[0].sources.len(), 2);
    assert!(answer.routers[0].changes.is_empty());
    assert_eq!(kinds(&answer), ["rpki-source-id-shared"]);
    assert_eq!(
        findings(&answer.differences)[0].message,
        "source 7: edge1 rtr 7 has number 7; edge1 slurm 7 has number 7"
    );
}

#[test]
fn data_that_was_fresh_when_it_was_told_is_not_old() {
    let mut all = Configured::default();
    tell(&mut all, 1, 10_000, &source(5, 9_900));
    // The session goes on for a day without another word.
    let answer = config(all, &[session(1, "edge1", 96_400)]);
    assert!(kinds(&answer).is_empty());
    assert_eq!(answer.routers[0].sources[0].last_sync_age, Some(86_500.0));
}

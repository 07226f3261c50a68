//! What each message changes, whose peers are whose, and how their UPDATEs are to be read.

use super::testing::{
    FOUR_OCTET_AS, LOC_RIB, PEER, Peer, add_path_open, bgp, initiation, message, open,
};
use super::*;
use crate::bmp::{MessageType, PeerHeader, Rib};
use crate::net::Family;

fn session(messages: &[Vec<u8>]) -> Session {
    let mut session = Session::new(1, None, None);
    for (packet, bytes) in (1..).zip(messages) {
        session.take(packet, bytes, Scope::Asked);
    }
    session
}

fn up() -> Vec<u8> {
    PEER.up(&open(&FOUR_OCTET_AS), &open(&FOUR_OCTET_AS))
}

fn header(peer: Peer) -> PeerHeader {
    PeerHeader::peek(&peer.message(0, &[])).unwrap()
}

/// Whether NLRI of IPv4 unicast carry path identifiers in the view of these flags.
fn has_path_ids(peer: &super::Peer, shown: Peer) -> bool {
    let context = peer.contexts.of(&header(shown));
    context.add_path.contains(Family::IPV4_UNICAST)
}

#[test]
fn every_message_is_counted_by_type_octets_and_time() {
    let messages = [
        initiation("edge1"),
        up(),
        PEER.message(1, &[0; 4]),
        message(100, &[1]),
    ];
    let session = session(&messages);
    assert_eq!(session.messages.total(), 4);
    assert_eq!(session.messages.of(MessageType::STATISTICS_REPORT), 1);
    assert_eq!(session.bytes, messages.concat().len() as u64);
    assert_eq!(session.first_message, Some(MessageType::INITIATION));
    assert_eq!(session.bmp_version, 3);
    let packets = [session.timeline.first, session.timeline.last].map(|m| m.unwrap().packet);
    assert_eq!(packets, [1, 4]);
    assert_eq!(session.peers[0].messages, 2);
}

#[test]
fn a_second_initiation_replaces_what_it_carries_and_keeps_the_rest() {
    let described = message(4, b"\0\x01\0\x03frr\0\x02\0\x01a\0\0\0\x01x\0\0\0\x01y");
    let router = session(&[described, initiation("b")]).router;
    assert_eq!(router.sys_name.as_deref(), Some("b"));
    assert_eq!(router.sys_descr.as_deref(), Some("frr"));
    assert_eq!(router.strings, ["x", "y"]);
}

#[test]
fn a_termination_gives_its_reason() {
    assert_eq!(
        session(&[message(5, &[0, 1, 0, 2, 0, 3])]).termination,
        Some(3)
    );
    assert_eq!(session(&[message(5, &[])]).termination, None);
}

#[test]
fn a_peer_goes_up_and_down_as_often_as_it_is_said_to() {
    let notification = bgp(3, &[6, 4]);
    let session = session(&[
        up(),
        PEER.down(3, &notification),
        up(),
        PEER.down(2, &[0, 18]),
    ]);
    let [peer] = &session.peers[..] else { panic!() };
    assert_eq!((peer.state, peer.ups, peer.downs), (PeerState::Down, 2, 2));
    let turns: Vec<_> = peer.history.events().iter().map(turn).collect();
    let expected = [
        (1, "up", Some((180, 180))),
        (2, "down", None),
        (3, "up", Some((180, 180))),
        (4, "down", None),
    ];
    assert_eq!(turns, expected);
    let down = peer.last_down.as_ref().unwrap();
    assert_eq!((down.moment.packet, down.reason), (4, 2));
    assert_eq!((down.fsm_event, &down.notification), (Some(18), &None));
    assert_eq!(
        down.reported.unwrap().to_string(),
        "1970-01-01T00:00:01.000002Z"
    );
}

/// A Huawei router tells each Peer Up with L flag 0, then with 1 (RFC 7854 4.2); FRR 8.4 tells a Peer Down
/// again when a connect fails.
#[test]
fn one_event_told_once_for_each_view_is_one() {
    let post = Peer {
        flags: 0x40,
        ..PEER
    };
    let opens = (open(&FOUR_OCTET_AS), open(&FOUR_OCTET_AS));
    let told = [
        up(),
        up(),
        post.up(&opens.0, &opens.1),
        PEER.down(2, &[0, 18]),
        post.down(2, &[0, 18]),
        PEER.down(2, &[0, 0]),
        up(),
        PEER.up(&add_path_open(3), &add_path_open(3)),
    ];
    let session = session(&told);
    let [peer] = &session.peers[..] else { panic!() };
    let repeats = |event: &Event| match event {
        Event::Up(up) => (up.rib.word(), up.repeats),
        Event::Down(down) => (down.rib.word(), down.repeats),
    };
    let turns: Vec<_> = peer.history.events().iter().map(repeats).collect();
    let (pre, post) = ("adj-rib-in-pre", "adj-rib-in-post");
    let expected = [
        (pre, false),
        (pre, true),
        (post, true),
        (pre, false),
        (post, true),
        (pre, false),
        (pre, false),
        (pre, false),
    ];
    assert_eq!(turns, expected);
    // Other OPENs are another session, another reason is another Peer Down.
    assert_eq!((peer.ups, peer.downs), (3, 2));
}

fn turn(event: &Event) -> (u64, &'static str, Option<(u16, u16)>) {
    match event {
        Event::Up(up) => (up.moment.packet, "up", up.hold_times),
        Event::Down(down) => (down.moment.packet, "down", None),
    }
}

#[test]
fn a_peer_down_without_a_peer_up_is_a_peer_that_is_down() {
    let session = session(&[PEER.down(3, &bgp(3, &[6, 4]))]);
    let peer = &session.peers[0];
    assert_eq!((peer.state, peer.ups, peer.downs), (PeerState::Down, 0, 1));
    let pdu = peer.last_down.as_ref().unwrap().notification.as_deref();
    assert_eq!(pdu, Some(&bgp(3, &[6, 4])[..]));
}

#[test]
fn routes_alone_leave_the_state_unknown() {
    let session = session(&[
        PEER.routes(&[]),
        Peer {
            flags: 0x40,
            ..PEER
        }
        .routes(&[]),
    ]);
    let [peer] = &session.peers[..] else { panic!() };
    assert_eq!(peer.state, PeerState::Unknown);
    let ribs: Vec<_> = peer.ribs.iter().collect();
    assert_eq!(ribs, [Rib::AdjRibInPre, Rib::AdjRibInPost]);
}

#[test]
fn a_message_cut_inside_its_header_changes_nothing_but_the_counts() {
    let whole = up();
    for length in 6..whole.len() {
        let mut session = Session::new(1, None, None);
        let observed = session.take(1, &whole[..length], Scope::Asked);
        assert!(!observed.changed, "{length} octets");
        assert_eq!(session.messages.total(), 1);
        assert!(session.peers.iter().all(|peer| peer.ups == 0));
    }
}

#[test]
fn an_open_that_cannot_be_read_leaves_an_earlier_guess_but_no_opens() {
    let with_ids = PEER.up(&add_path_open(3), &add_path_open(3));
    // BGP version 4, and nothing behind it.
    let bad = PEER.up(&bgp(1, &[4]), &open(&[]));
    let peer = session(&[with_ids, bad.clone()]).peers.remove(0);
    assert_eq!((peer.state, peer.ups), (PeerState::Up, 2));
    assert!(
        peer.opens.is_none(),
        "the OPENs are those of another session"
    );
    assert!(has_path_ids(&peer, PEER));
    assert!(!has_path_ids(&session(&[bad]).peers[0], PEER));
}

#[test]
fn what_a_filter_leaves_out_changes_the_context_and_no_counter() {
    let mut session = Session::new(1, None, None);
    session.take(1, &initiation("edge1"), Scope::Context);
    session.take(
        2,
        &PEER.up(&add_path_open(3), &add_path_open(3)),
        Scope::Context,
    );
    session.take(3, &message(5, &[0, 1, 0, 2, 0, 3]), Scope::Context);
    session.take(4, &PEER.routes(&[]), Scope::Asked);
    let peer = &session.peers[0];
    assert_eq!(session.router.sys_name.as_deref(), Some("edge1"));
    assert!(has_path_ids(peer, PEER));
    assert_eq!((peer.state, peer.ups, peer.messages), (PeerState::Up, 0, 1));
    assert_eq!((peer.first.packet, peer.last.packet), (4, 4));
    assert_eq!((session.messages.total(), session.termination), (1, None));
}

#[test]
fn what_comes_behind_the_time_asked_for_does_not_change_the_state() {
    let mut session = session(&[up()]);
    session.take(2, &PEER.down(4, &[]), Scope::After);
    let peer = &session.peers[0];
    assert_eq!(
        (peer.state, peer.downs, &peer.last_down),
        (PeerState::Up, 0, &None)
    );
}

#[test]
fn peers_differ_by_type_distinguisher_and_address_only() {
    let same = [
        Peer {
            flags: 0x50,
            ..PEER
        },
        Peer {
            bgp_id: [1; 4],
            ..PEER
        },
    ];
    for other in same {
        assert_eq!(
            session(&[up(), other.routes(&[])]).peers.len(),
            1,
            "{other:?}"
        );
    }
    let others = [
        Peer {
            peer_type: 1,
            ..PEER
        },
        Peer {
            distinguisher: 9,
            ..PEER
        },
        Peer {
            address: [192, 0, 2, 8],
            ..PEER
        },
        // ::c000:207 is not 192.0.2.7.
        Peer {
            flags: 0x80,
            ..PEER
        },
        LOC_RIB,
    ];
    for other in others {
        assert_eq!(
            session(&[up(), other.routes(&[])]).peers.len(),
            2,
            "{other:?}"
        );
    }
}

#[test]
fn a_loc_rib_is_known_by_its_bgp_id_and_its_f_flag_does_not_matter() {
    let filtered = Peer {
        flags: 0x80,
        ..LOC_RIB
    };
    let renumbered = Peer {
        bgp_id: [192, 0, 2, 8],
        ..LOC_RIB
    };
    assert_eq!(
        session(&[LOC_RIB.routes(&[]), filtered.routes(&[])])
            .peers
            .len(),
        1
    );
    assert_eq!(
        session(&[LOC_RIB.routes(&[]), renumbered.routes(&[])])
            .peers
            .len(),
        2
    );
    let peer = session(&[LOC_RIB.routes(&[])]).peers.remove(0);
    assert_eq!((peer.state, peer.address), (PeerState::Unknown, None));
    assert!(!has_path_ids(&peer, LOC_RIB));
}

#[test]
fn path_identifiers_follow_the_direction_of_the_view() {
    let (receive, send, both) = (1, 2, 3);
    // RFC 7911 4: one side is able to send, the other to receive.
    let flows = |from: u8, to: u8| from & send != 0 && to & receive != 0;
    let with_flags = |flags| Peer { flags, ..PEER };
    for sent in [receive, send, both] {
        for received in [receive, send, both] {
            let opens = (add_path_open(sent), add_path_open(received));
            let messages = [PEER.up(&opens.0, &opens.1), LOC_RIB.up(&opens.0, &opens.1)];
            let session = session(&messages);
            let [peer, loc_rib] = &session.peers[..] else {
                panic!()
            };
            for flags in [0x00, 0x40] {
                // Adj-RIB-In: what the peer sends to the router.
                let expected = flows(received, sent);
                assert_eq!(
                    has_path_ids(peer, with_flags(flags)),
                    expected,
                    "in {sent} {received}"
                );
            }
            for flags in [0x10, 0x50] {
                // Adj-RIB-Out (RFC 8671): what the router sends.
                let expected = flows(sent, received);
                assert_eq!(
                    has_path_ids(peer, with_flags(flags)),
                    expected,
                    "out {sent} {received}"
                );
            }
            // "the direction is ignored" (RFC 9069 5.2).
            assert!(has_path_ids(loc_rib, LOC_RIB));
        }
    }
}

#[test]
fn the_a_flag_says_two_octets_except_where_pdus_are_verbatim() {
    let legacy = Peer {
        flags: 0x20,
        ..PEER
    };
    let four = session(&[up()]).peers.remove(0).contexts;
    let two = session(&[PEER.up(&open(&[]), &open(&FOUR_OCTET_AS))])
        .peers
        .remove(0)
        .contexts;
    for contexts in [&four, &two] {
        assert!(contexts.of(&header(PEER)).four_octet_as);
        assert!(!contexts.of(&header(legacy)).four_octet_as);
        assert!(
            contexts
                .of(&header(Peer {
                    flags: 0x20,
                    ..LOC_RIB
                }))
                .four_octet_as
        );
    }
    assert!(four.mirrored(&header(legacy)).four_octet_as);
    assert!(!two.mirrored(&header(PEER)).four_octet_as);
}

/// A Route Monitoring message of version 4: an End-of-RIB in a TLV of this type, behind others.
fn version_4(others: &[u8], update_type: u8) -> Vec<u8> {
    let update = bgp(2, &[0; 4]);
    let head = [0, update_type, 0, 23, 0, 0];
    let mut bytes = PEER.message(0, &[others, &head, &update].concat());
    bytes[0] = 4;
    bytes
}

#[test]
fn the_numbering_is_what_most_messages_tell_and_a_change_of_it_is_told() {
    let name_19 = [0, 3, 0, 1, 0, 0, b'a'];
    let mut session = Session::new(1, None, None);
    let mut take = |scope, bytes: &[u8]| {
        let observed = session.take(1, bytes, scope);
        let revision = session
            .numbering
            .known()
            .map(|known| known.numbering.revision());
        let renumbered = session.renumbered.map(|first| first.told.revision());
        (observed.is_renumbered, revision, renumbered)
    };
    assert_eq!(take(Scope::Asked, &up()), (false, None, None));
    let silent = version_4(&[], 4);
    assert_eq!(take(Scope::After, &silent), (false, None, None));
    assert_eq!(take(Scope::Asked, &silent), (false, Some(19), None));
    let by_20 = version_4(&[], 7);
    assert_eq!(take(Scope::Context, &by_20), (true, Some(20), None));
    assert_eq!(take(Scope::Context, &by_20), (false, Some(20), None));
    let by_19 = version_4(&name_19, 4);
    assert_eq!(take(Scope::Asked, &by_19), (false, Some(20), Some(19)));
    assert_eq!(take(Scope::Asked, &by_19), (true, Some(19), Some(19)));
}

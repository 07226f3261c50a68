//! Sessions that linger: an end that has lost its keys cannot reset the old connection, so that it
//! stays half open while a new one is used (draft-ietf-grow-bmp-tcp-ao 4, RFC 5925 7.7). The other end,
//! which has the keys, may go on sending its segments again and again.

use super::direction::{is_reset_ignored, resets_in_vain};
use super::rows::{AuthRow, Who};
use super::violations::{LINGERING, row};
use super::{Context, View};
use crate::session::Session;

/// Adds a violation to each session that a later one of the same router replaced while it was open.
pub(super) fn tell(
    rows: &mut [AuthRow],
    sessions: &[Session],
    (readable, unreadable): (&[(u32, View<'_>)], &[View<'_>]),
    context: &Context<'_>,
) {
    for (id, old) in readable {
        let Some(row) = rows.iter_mut().find(|row| row.id == Some(*id)) else {
            continue;
        };
        let later = readable.iter().filter(|(other, new)| {
            *other != *id && replaces(old, new) && has_the_same_feed(*id, *other, sessions)
        });
        if let Some((other, new)) = later.reduce(earlier) {
            let what = format!("session {other} of the same router");
            row.violations.push(violation(&what, old, new, context));
            continue;
        }
        let mut tried = unreadable.iter().filter(|new| tries_again(old, new));
        if let Some(new) = tried.next() {
            let what = "a connection of the same router that is not answered";
            row.violations.push(violation(what, old, new, context));
        }
    }
}

/// The one that began first.
fn earlier<'a, 'b>(one: &'a (u32, View<'b>), other: &'a (u32, View<'b>)) -> &'a (u32, View<'b>) {
    match other.1.watched.first.is_before(one.1.watched.first) {
        true => other,
        false => one,
    }
}

/// The router opens another connection and gets no answer: as one does that has lost its keys.
fn tries_again(old: &View<'_>, new: &View<'_>) -> bool {
    let [opener, answerer] = &new.watched.directions;
    // A station that still has the old connection answers with an ACK of that one (RFC 5961 4), which
    // belongs there.
    let is_only_syn = opener.syn.count + opener.rst.count == opener.segments;
    let is_unanswered = new.router == 0 && is_only_syn && answerer.syn.count == 0;
    let is_same_port = old.end(Who::Station).port == new.end(Who::Station).port;
    is_unanswered && opener.syn.count > 0 && is_same_port && replaces(old, new)
}

/// The same ends but for the router's port; the old one had not ended when the new one began, and its
/// router had nothing more to say, or one end resets it in vain.
fn replaces(old: &View<'_>, new: &View<'_>) -> bool {
    let is_same = old.end(Who::Router).address == new.end(Who::Router).address
        && old.end(Who::Station).address == new.end(Who::Station).address;
    let began = new.watched.first;
    let router = old.direction(Who::Router);
    let station = old.direction(Who::Station);
    let has_ended = [router, station].iter().any(|facts| {
        // A RST that the other end did not accept ends nothing.
        let reset = facts.rst.first.filter(|_| !is_reset_ignored(facts));
        let mut endings = facts.fin.first.into_iter().chain(reset);
        endings.any(|moment| !began.is_before(moment))
    });
    let is_silent = router.last.is_none_or(|last| last.is_before(began));
    let is_stuck = is_silent || who_resets_in_vain(old).is_some();
    is_same && old.watched.first.is_before(began) && !has_ended && is_stuck
}

/// The end that has lost its keys, where its RSTs tell.
fn who_resets_in_vain(old: &View<'_>) -> Option<Who> {
    let mut ends = [Who::Router, Who::Station].into_iter();
    ends.find(|who| resets_in_vain(old.direction(*who)))
}

/// A router may have several sessions with one station: those that name the same peers, or the same
/// router where no peer is known, are one feed.
fn has_the_same_feed(one: u32, other: u32, sessions: &[Session]) -> bool {
    let find = |id: u32| sessions.iter().find(|session| session.id == id);
    let (Some(one), Some(other)) = (find(one), find(other)) else {
        return false;
    };
    if one.peers.is_empty() || other.peers.is_empty() {
        return one.router.sys_name.is_some() && one.router.sys_name == other.router.sys_name;
    }
    let is_shared = |peer: &crate::session::Peer| {
        other.peers.iter().any(|found| {
            (
                found.peer_type,
                found.distinguisher,
                found.address,
                found.bgp_id,
            ) == (
                peer.peer_type,
                peer.distinguisher,
                peer.address,
                peer.bgp_id,
            )
        })
    };
    one.peers.iter().any(is_shared)
}

fn violation(
    what: &str,
    old: &View<'_>,
    new: &View<'_>,
    context: &Context<'_>,
) -> super::ViolationRow {
    let began = new.watched.first;
    let lingered = began.time.zip(old.watched.last.time).map(|(began, last)| {
        let seconds = last.seconds_since(began);
        match seconds > 0.0 {
            true => format!("; segments came for another {seconds:.1} s"),
            false => String::new(),
        }
    });
    let who = who_resets_in_vain(old);
    let resets = who.map(|who| {
        let (who, other) = (who.word(), who.other().word());
        format!("; the {who} resets it without a signature, which the {other} does not believe")
    });
    let message = format!(
        "{what} began while this one was still open{}{}",
        lingered.unwrap_or_default(),
        resets.unwrap_or_default()
    );
    row(
        LINGERING,
        Some(who.unwrap_or(Who::Router)),
        1,
        message,
        Some(began),
        context,
    )
}

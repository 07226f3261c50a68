//! What should not be: segments without signatures among signed ones, contradicting options,
//! signatures that fail, handshakes that come to nothing, sessions that linger.

use super::rows::{ViolationRow, Who};
use super::{Context, View, is_refused, is_unanswered};
use crate::auth::watch::{DirectionFacts, Tally, Unsigned};
use crate::stream::Moment;

/// A kind of violation: its word, and the text that says so.
type Kind = (&'static str, &'static str);

const UNSIGNED_SEGMENTS: Kind = ("unsigned-segments", "RFC 5925 7.5");
const UNSIGNED_SYN: Kind = ("unsigned-syn", "RFC 5925 7.5");
const UNSIGNED_RST: Kind = ("unsigned-rst", "draft-ietf-grow-bmp-tcp-ao 4, RFC 5925 7.7");
const BOTH_OPTIONS: Kind = ("both-options", "RFC 5925 2.2");
const SEVERAL_AO: Kind = ("several-ao-options", "RFC 5925 2.2");
const SEVERAL_MD5: Kind = ("several-md5-options", "RFC 2385 3.0");
const WITHOUT_MAC: Kind = ("tcp-ao-without-mac", "RFC 5925 2.2");
const MIXED_SIGNATURES: Kind = ("mixed-signatures", "RFC 5925 7.5");
const KEY_IDS_EXCHANGED: Kind = ("key-ids-exchanged", "RFC 5925 3.1");
const MALFORMED: Kind = ("malformed-option", "RFC 5925 2.2, RFC 2385 3.0");
const FAILED: Kind = ("signatures-failed", "RFC 5925 7.5");
const UNANSWERED_SYN: Kind = ("unanswered-syn", "RFC 5925 7.5");
const REFUSED_SYN: Kind = (
    "refused-syn",
    "draft-ietf-grow-bmp-tcp-ao 4, RFC 9293 3.5.2",
);
const UNANSWERED_SYN_ACK: Kind = ("unanswered-syn-ack", "RFC 5925 7.5");
/// The same of other handshakes: with TCP-MD5, and without signatures.
const DIGEST: &str = "RFC 2385 2.0";
const OPENING: &str = "RFC 9293 3.5";
/// The word of a session that lingers.
pub(super) const LINGERING: Kind = ("lingering-session", "draft-ietf-grow-bmp-tcp-ao 4");

/// Everything wrong with a connection but that it lingers.
pub(super) fn violations(view: &View<'_>, context: &Context<'_>) -> Vec<ViolationRow> {
    let mut found = Vec::new();
    for who in [Who::Router, Who::Station] {
        let facts = view.direction(who);
        if view.watched.is_signed() {
            found.extend(unsigned(facts, who, context));
        }
        found.extend(options(facts, who, context));
        found.extend(failed(facts, who, context));
        found.extend(exchanged(view, who, context));
    }
    found.extend(mixed(view, context));
    found.extend(handshake(view, context));
    found.extend(refused(view, context));
    found
}

/// A violation, its place that of its first segment.
pub(super) fn row(
    (kind, reference): Kind,
    by: Option<Who>,
    count: u64,
    message: String,
    first: Option<Moment>,
    context: &Context<'_>,
) -> ViolationRow {
    ViolationRow {
        kind: kind.to_owned(),
        by,
        count,
        accepted: None,
        not_accepted: None,
        message,
        reference: reference.to_owned(),
        first: first.map(|moment| context.place(moment)),
    }
}

fn unsigned(facts: &DirectionFacts, who: Who, context: &Context<'_>) -> Vec<ViolationRow> {
    let by = who.word();
    let rows = [
        (UNSIGNED_SYN, &facts.unsigned_syn, "SYN"),
        (UNSIGNED_SEGMENTS, &facts.unsigned, "segment"),
        (UNSIGNED_RST, &facts.unsigned_rst, "RST"),
    ];
    let met = rows
        .into_iter()
        .filter(|(_, unsigned, _)| unsigned.segments > 0);
    let told = met.map(|(kind, unsigned, what)| {
        let what = plural(unsigned.segments, what);
        let message = format!(
            "{what} from the {by} without a signature: {}",
            fate(unsigned)
        );
        let first = unsigned.places.first().copied();
        let kind = of_its_option(kind, facts);
        ViolationRow {
            accepted: Some(unsigned.accepted),
            not_accepted: Some(unsigned.not_accepted),
            ..row(kind, Some(who), unsigned.segments, message, first, context)
        }
    });
    told.collect()
}

/// A kind with the text about TCP-MD5, where that is what the direction signs with.
fn of_its_option((kind, reference): Kind, facts: &DirectionFacts) -> Kind {
    match facts.md5 > 0 && facts.ao == 0 {
        true => (kind, DIGEST),
        false => (kind, reference),
    }
}

/// `2 accepted by the other end, 1 not accepted`.
fn fate(unsigned: &Unsigned) -> String {
    let parts = [
        (unsigned.accepted, "accepted by the other end"),
        (unsigned.not_accepted, "not accepted"),
        (
            unsigned.unknown(),
            "that leave no trace of what became of them",
        ),
    ];
    let said = parts.iter().filter(|(count, _)| *count > 0);
    let said: Vec<String> = said
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    said.join(", ")
}

fn options(facts: &DirectionFacts, who: Who, context: &Context<'_>) -> Vec<ViolationRow> {
    let rows: [(Kind, &Tally, &str); 5] = [
        (SEVERAL_MD5, &facts.several_md5, "several TCP-MD5 options"),
        (
            WITHOUT_MAC,
            &facts.without_mac,
            "a TCP-AO without a MAC, which authenticates nothing",
        ),
        (BOTH_OPTIONS, &facts.both_options, "both TCP-AO and TCP-MD5"),
        (SEVERAL_AO, &facts.several_ao, "several TCP-AO options"),
        (MALFORMED, &facts.malformed, "an option of a wrong length"),
    ];
    let met = rows.into_iter().filter(|(_, tally, _)| tally.count > 0);
    let told = met.map(|(kind, tally, what)| {
        let message = format!("{} with {what}", plural(tally.count, "segment"));
        row(kind, Some(who), tally.count, message, tally.first, context)
    });
    told.collect()
}

/// TCP-MD5 in a connection that has TCP-AO, or the reverse: the rarer kind is the one to look at.
fn mixed(view: &View<'_>, context: &Context<'_>) -> Vec<ViolationRow> {
    let alone = |facts: &DirectionFacts| {
        let both = facts.both_options.count;
        [
            facts.ao.saturating_sub(both),
            facts.md5.saturating_sub(both),
        ]
    };
    let [opener, answerer] = view.watched.directions.each_ref().map(alone);
    let [ao, md5] = [opener[0] + answerer[0], opener[1] + answerer[1]];
    if ao == 0 || md5 == 0 {
        return Vec::new();
    }
    let (rarer, other) = if md5 <= ao {
        ("TCP-MD5", "TCP-AO")
    } else {
        ("TCP-AO", "TCP-MD5")
    };
    let told = [Who::Router, Who::Station].into_iter().filter_map(|who| {
        let facts = view.direction(who);
        let [ao, md5] = alone(facts);
        let (count, first) = match rarer {
            "TCP-MD5" => (md5, facts.first_md5),
            _ => (ao, facts.first_ao),
        };
        let what = plural(count, "segment");
        let message = format!("{what} with {rarer} in a connection that has {other}");
        (count > 0).then(|| row(MIXED_SIGNATURES, Some(who), count, message, first, context))
    });
    told.collect()
}

/// What verifies with the key of the other end, where it is known who is who.
fn exchanged(view: &View<'_>, who: Who, context: &Context<'_>) -> Option<ViolationRow> {
    let facts = view.direction(who);
    let verification = &facts.verification;
    let count = match who {
        Who::Router => verification.of_station,
        Who::Station => verification.of_router,
    };
    let is_known = view.watched.sessions != [None, None];
    (is_known && count > 0).then(|| {
        let message = format!(
            "{} from the {} with a key that is the {}'s by its KeyID: router_key_id and \
             station_key_id, or router and station, are exchanged in the key file",
            plural(count, "segment"),
            who.word(),
            who.other().word(),
        );
        let first = facts.key_ids.runs.first().map(|run| run.first);
        row(KEY_IDS_EXCHANGED, Some(who), count, message, first, context)
    })
}

fn failed(facts: &DirectionFacts, who: Who, context: &Context<'_>) -> Option<ViolationRow> {
    let verification = &facts.verification;
    let count = verification.total.failed;
    let first = verification.failures.first().copied();
    (count > 0).then(|| {
        let what = plural(count, "segment");
        let message = match verification.total.verified {
            0 => format!("{what} whose signature is not that of the keys given; none verifies"),
            _ => format!("{what} whose signature is not that of the keys given"),
        };
        let kind = of_its_option(FAILED, facts);
        row(kind, Some(who), count, message, first, context)
    })
}

/// A handshake that one end does not answer: as with keys that do not match.
fn handshake(view: &View<'_>, context: &Context<'_>) -> Option<ViolationRow> {
    let [opener, answerer] = &view.watched.directions;
    let (kind, side, facts) = if opener.syn.count > 0 && is_unanswered(opener, answerer) {
        (UNANSWERED_SYN, 0, opener)
    } else if answerer.syn.count > 1 && opener.syn.count == opener.segments {
        (UNANSWERED_SYN_ACK, 1, answerer)
    } else {
        return None;
    };
    let by = view.who(side);
    let message = format!(
        "{} {}",
        sent(facts, by, kind),
        why(facts, by, view, context)
    );
    let reference = match (facts.ao > 0, facts.md5 > 0) {
        (true, _) => kind.1,
        (false, true) => DIGEST,
        (false, false) => OPENING,
    };
    Some(row(
        (kind.0, reference),
        Some(by),
        facts.syn.count,
        message,
        facts.syn.first,
        context,
    ))
}

/// A signed SYN that a RST answers: where that has no signature, its sender may have no key.
fn refused(view: &View<'_>, context: &Context<'_>) -> Option<ViolationRow> {
    let [opener, answerer] = &view.watched.directions;
    if opener.syn.count == 0 || opener.signed == 0 || !is_refused(opener, answerer) {
        return None;
    }
    let by = view.who(0);
    let other = by.other().word();
    let why = match answerer.unsigned_rst.segments > 0 {
        true => format!("a RST without a signature: the {other} has no key for it, or"),
        false => "a signed RST:".to_owned(),
    };
    let message = format!(
        "the {}'s SYN was answered with {why} nobody listens there",
        by.word()
    );
    let first = opener.syn.first;
    Some(row(
        REFUSED_SYN,
        Some(by),
        opener.syn.count,
        message,
        first,
        context,
    ))
}

/// `the router's SYN was sent 6 times in 31.2 s and never answered:`.
fn sent(facts: &DirectionFacts, by: Who, kind: Kind) -> String {
    let what = if kind == UNANSWERED_SYN {
        "SYN"
    } else {
        "SYN-ACK"
    };
    let span = facts
        .syn
        .first
        .zip(facts.syn.last)
        .and_then(|(first, last)| {
            let (first, last) = first.time.zip(last.time)?;
            Some(format!(" in {:.1} s", last.seconds_since(first)))
        });
    let times = match facts.syn.count {
        1 => "once".to_owned(),
        count => format!("{count} times{}", span.unwrap_or_default()),
    };
    format!(
        "the {}'s {what} was sent {times} and never answered:",
        by.word()
    )
}

fn why(facts: &DirectionFacts, by: Who, view: &View<'_>, context: &Context<'_>) -> String {
    let other = by.other().word();
    let counts = facts.verification.total;
    let name = facts.verification.keys.keys().next();
    let name = name.and_then(|place| Some(&context.keys.keys.get(*place)?.name));
    if view.is_held_by_old(context) {
        return format!(
            "the {other} still has the connection that these ports had before, and answers with the \
             numbers of that one"
        );
    }
    match (facts.signed > 0, name) {
        (true, Some(name)) => format!(
            "its signature is that of key \"{name}\", so that the {other} has another key, or none, \
             and drops it silently, or it did not reach the {other}"
        ),
        (true, None) if counts.failed > 0 => {
            format!(
                "its signature is not that of the keys given, nor, it seems, of the {other}'s key"
            )
        }
        (true, None) => format!(
            "a {other} whose key does not match drops it silently; or it did not reach the {other}"
        ),
        (false, _) if view.is_to_signed_listener => format!(
            "it has no signature, and other sessions of this {other} have: without one it is dropped"
        ),
        (false, _) => format!("it did not reach the {other}, or is dropped there"),
    }
}

/// `1 segment`, `2 segments`.
pub(super) fn plural(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

impl Who {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Who::Router => "router",
            Who::Station => "station",
        }
    }

    /// The other one.
    pub fn other(self) -> Who {
        match self {
            Who::Router => Who::Station,
            Who::Station => Who::Router,
        }
    }
}

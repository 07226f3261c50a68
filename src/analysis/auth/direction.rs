//! One direction of a connection, and how it lives, as the answer shows them.

use super::rows::{
    DirectionRow, KeyIdRow, KeyRunRow, LivenessRow, PlaceRow, RolloverRow, SideLivenessRow,
    VerdictRow, Who,
};
use super::{Context, View};
use crate::analysis::shape::CloseWord;
use crate::auth::watch::{
    DirectionFacts, KeyFacts, KeyRun, Liveness, Rollover, VerdictCounts, Watched,
};
use crate::auth::{Algorithm, Key};
use crate::stream::Close;
use crate::time::Timestamp;
use std::collections::BTreeSet;

/// The shape of a direction.
pub(super) fn direction(facts: &DirectionFacts, context: &Context<'_>) -> DirectionRow {
    let verification = &facts.verification;
    let counts = verification.total;
    let lengths: Vec<&usize> = facts.key_ids.mac_lengths.keys().collect();
    let key_id = |(pair, facts): (&(u8, u8), &KeyFacts)| KeyIdRow {
        key_id: pair.0,
        rnext_key_id: pair.1,
        segments: facts.segments,
        mac_length: facts.mac_length(),
        algorithm: algorithm_of(facts.keys.iter(), context),
    };
    let keys = verification.keys.iter().filter_map(|(place, segments)| {
        let key: &Key = context.keys.keys.get(*place)?;
        Some((key.name.clone(), *segments))
    });
    let reasons = verification.reasons.iter();
    let classes = verification.by_class.iter();
    DirectionRow {
        segments: facts.segments,
        bytes: facts.octets,
        signed: facts.signed,
        unsigned: facts.unsigned_segments(),
        options_not_captured: facts.unseen,
        tcp_ao: facts.ao,
        tcp_md5: facts.md5,
        ah: facts.ah,
        key_ids: facts.key_ids.counts.iter().map(key_id).collect(),
        key_id_runs: facts
            .key_ids
            .runs
            .iter()
            .map(|run| key_run(run, context))
            .collect(),
        mac_length: match lengths.as_slice() {
            [length] => Some(**length as u64),
            _ => None,
        },
        algorithm: algorithm(facts, context),
        options_covered: options_covered(facts),
        verified: counts.verified,
        failed: counts.failed,
        not_verifiable: counts.not_verifiable,
        reasons: reasons
            .map(|(reason, count)| (reason.word().to_owned(), *count))
            .collect(),
        by_class: classes
            .map(|(class, counts)| (class.word().to_owned(), verdicts(counts)))
            .collect(),
        keys: keys.collect(),
        failures: verification
            .failures
            .iter()
            .map(|moment| context.place(*moment))
            .collect(),
    }
}

fn key_run(run: &KeyRun, context: &Context<'_>) -> KeyRunRow {
    KeyRunRow {
        key_id: run.key_id,
        rnext_key_id: run.rnext_key_id,
        segments: run.facts.segments,
        mac_length: run.facts.mac_length(),
        algorithm: algorithm_of(run.facts.keys.iter(), context),
        first: context.place(run.first),
        last: context.place(run.last),
    }
}

fn verdicts(counts: &VerdictCounts) -> VerdictRow {
    VerdictRow {
        verified: counts.verified,
        failed: counts.failed,
        not_verifiable: counts.not_verifiable,
    }
}

/// The one algorithm of the keys that verified segments. An MD5 option tells its own.
fn algorithm(facts: &DirectionFacts, context: &Context<'_>) -> Option<String> {
    if facts.md5 > 0 && facts.ao == 0 {
        return Some(Algorithm::TcpMd5.word().to_owned());
    }
    algorithm_of(facts.verification.keys.keys(), context)
}

/// The one algorithm of keys, told by their places in the key file.
fn algorithm_of<'a>(
    places: impl Iterator<Item = &'a usize>,
    context: &Context<'_>,
) -> Option<String> {
    let keys = places.filter_map(|place| context.keys.keys.get(*place));
    let algorithms: BTreeSet<Algorithm> = keys.map(|key| key.algorithm).collect();
    let first = algorithms.first().filter(|_| algorithms.len() == 1);
    first.map(|algorithm| algorithm.word().to_owned())
}

fn options_covered(facts: &DirectionFacts) -> Option<bool> {
    let verification = &facts.verification;
    match (verification.options_covered, verification.options_omitted) {
        (covered, 0) if covered > 0 => Some(true),
        (0, omitted) if omitted > 0 => Some(false),
        _ => None,
    }
}

/// The shape of a change of key.
pub(super) fn rollover(change: &Rollover, view: &View<'_>, context: &Context<'_>) -> RolloverRow {
    RolloverRow {
        by: view.who(change.side),
        from: change.from,
        to: change.to,
        asked: change.asked.map(|moment| context.place(moment)),
        withdrawn: change.withdrawn.map(|moment| context.place(moment)),
        followed: change.followed.map(|moment| context.place(moment)),
        segments_between: change.between,
    }
}

/// How a connection lives.
pub(super) fn liveness(view: &View<'_>, context: &Context<'_>) -> LivenessRow {
    let watched = view.watched;
    let close = close_of(watched);
    let first_of = |who: Who| {
        let facts = view.direction(who);
        let is_believed = !watched.is_signed() || !is_reset_ignored(facts);
        let first = match close {
            // A FIN may have come before: it did not end the connection.
            Close::Rst => facts.rst.first.filter(|_| is_believed),
            Close::Fin if facts.fin.count == 0 => facts.unsigned_fin.first,
            Close::Fin | Close::Open => facts.fin.first,
        };
        first.map(|moment| (moment, who))
    };
    let closing = [first_of(Who::Router), first_of(Who::Station)]
        .into_iter()
        .flatten();
    let closing = closing.reduce(|one, other| match other.0.is_before(one.0) {
        true => other,
        false => one,
    });
    let has_times = watched.first.time.is_some();
    LivenessRow {
        router: side(&view.direction(Who::Router).liveness),
        station: side(&view.direction(Who::Station).liveness),
        longest_idle: has_times.then(|| seconds(watched.silence.length)),
        idle_from: watched.silence.from.and_then(|moment| moment.time),
        silent_at_end: silent_at_end(watched.last.time, context.last_time),
        close: CloseWord::of(close),
        closed_by: closing.map(|(_, who)| who),
        closed_time: closing.and_then(|(moment, _)| moment.time),
    }
}

/// How it was closed by the last segment that was asked for.
fn close_of(watched: &Watched) -> Close {
    let mut sent = watched.directions.iter().filter(|facts| facts.segments > 0);
    let has_come = match watched.close {
        Close::Rst => sent.any(|facts| facts.rst.count > 0),
        Close::Fin => sent.all(|facts| facts.fin.count + facts.unsigned_fin.count > 0),
        Close::Open => true,
    };
    match has_come || !watched.goes_on_unasked {
        true => watched.close,
        false => Close::Open,
    }
}

/// Every RST of a direction was unsigned, and the other end went on as if there were none: who does not
/// believe one of them believes none, though nothing is seen of it behind the last.
pub(super) fn is_reset_ignored(facts: &DirectionFacts) -> bool {
    facts.unsigned_rst.not_accepted > 0 && facts.unsigned_rst.segments == facts.rst.count
}

/// An end that has lost its keys: it resets what comes, without a signature, and has nothing else to say.
pub(super) fn resets_in_vain(facts: &DirectionFacts) -> bool {
    is_reset_ignored(facts) && facts.last == facts.rst.last
}

fn silent_at_end(last: Option<Timestamp>, end: Option<Timestamp>) -> Option<f64> {
    let (last, end) = last.zip(end)?;
    Some(end.seconds_since(last).max(0.0))
}

fn side(liveness: &Liveness) -> SideLivenessRow {
    SideLivenessRow {
        probes: liveness.probes,
        answered: liveness.answered,
        window_probes: liveness.window_probes,
        zero_windows: liveness.zero_windows,
        longest_zero_window: seconds(liveness.longest_zero_window),
        is_window_closed: liveness.closed_since.is_some(),
    }
}

fn seconds(nanoseconds: i64) -> f64 {
    nanoseconds as f64 / 1e9
}

impl Context<'_> {
    /// A segment's place.
    pub(super) fn place(&self, moment: crate::stream::Moment) -> PlaceRow {
        PlaceRow {
            file: self.files.get(moment.file as usize).cloned(),
            packet: moment.packet_number(),
            time: moment.time,
        }
    }
}

//! What is missing for a better answer of `rpki impact`, and how to get it.

use crate::analysis::quality::{QualityRow, QualityState};
use crate::analysis::rpki::impact::Scenario;
use crate::analysis::rpki::impact::rows::{Impact, Inferred, PolicyRow};
use crate::session::Session;

/// With `--peer`.
pub(super) const OTHER_PEERS: &str = "--peer leaves out the routes of other peers and what the router chose: \
     what takes the place of a route is not seen, and prefixes that are told as lost may not be; without --peer \
     they are";

/// Where ASPAs are all that was given.
pub(super) const ONLY_ASPAS: &str = "no VRPs, only ASPAs: routes are invalid by their paths alone, and 'not-found' says \
     nothing of an origin; --vrps FILE computes the states of origins";

/// Every line of it.
pub(super) fn missing(
    answer: &Impact,
    what_if: Option<Scenario>,
    sessions: &[Session],
) -> Vec<String> {
    let mut missing = match &answer.inferred {
        Some(inferred) => of_inferred(inferred),
        None => vec![no_vrps(what_if)],
    };
    if answer.inferred.is_none() && answer.reported.is_empty() {
        missing.push(
            "no router reports what validation changed: RPKI_IMPACT of draft-wang-grow-bmp-rpki-mon-reqs-03 has \
             no number yet; --code rpki-impact=NUMBER names the one in use"
                .to_owned(),
        );
    }
    missing.extend(incomplete(sessions));
    missing
}

fn no_vrps(what_if: Option<Scenario>) -> String {
    let asked = what_if.map_or("", |_| ", and nothing can be said of --what-if");
    format!(
        "no VRPs: it is not known which routes are invalid{asked}; --vrps FILE tells (the output of a \
         validator, such as 'routinator vrps -f json' or rpki-client's json)"
    )
}

fn of_inferred(inferred: &Inferred) -> Vec<String> {
    let mut missing = Vec::new();
    if inferred.policies.is_empty() {
        missing.push(
            "no routes of peers: the capture has no Adj-RIB-In; routers show it where BMP is told to monitor \
             pre-policy and post-policy"
                .to_owned(),
        );
    }
    missing.extend(unseen(&inferred.policies));
    missing.extend(without_loc_rib(inferred));
    missing
}

/// Sessions of which something was not captured.
fn incomplete(sessions: &[Session]) -> Option<String> {
    let all = sessions.len();
    let quality = sessions.iter().map(QualityRow::of);
    let cut = quality.filter(|one| one.state == QualityState::Incomplete);
    let count = cut.count();
    (count > 0).then(|| {
        format!(
            "{count} of {all} sessions are not whole in the capture ('summary' tells why): routes may be missing \
             from their views"
        )
    })
}

/// What of policies is not seen.
fn unseen(policies: &[PolicyRow]) -> Vec<String> {
    let all = policies.len();
    let count = |is_so: fn(&PolicyRow) -> bool| policies.iter().filter(|row| is_so(row)).count();
    let lines = [
        (
            count(|row| !row.shows_pre_policy),
            "without pre-policy routes: what policy drops of theirs is not seen",
        ),
        (
            count(|row| !row.shows_post_policy),
            "without post-policy routes: what policy does to theirs is not seen",
        ),
        (
            count(|row| row.unannounced_withdrawals > 0 && row.shows_post_policy),
            "with pre-policy withdrawals of routes never announced: some routers show denied routes so, and \
             what these were is not in the capture",
        ),
    ];
    let told = lines.into_iter().filter(|(count, _)| *count > 0);
    told.map(|(count, what)| format!("{count} of {all} peers {what}"))
        .collect()
}

fn without_loc_rib(inferred: &Inferred) -> Option<String> {
    let tables = inferred.totals.iter();
    let count = tables.filter(|total| !total.shows_loc_rib).count();
    (count > 0).then(|| {
        format!(
            "{count} of {} tables without Loc-RIB: their best routes are selected here, among the routes shown",
            inferred.totals.len()
        )
    })
}

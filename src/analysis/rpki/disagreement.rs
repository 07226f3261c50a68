//! Where what a router says of a route and what the data say differ, and the likely cause.

use super::reported::ReportedRow;
use super::rows::{Cause, ComputedRow, DisagreementRow, RouteRow, Via};
use super::told::SaidState;
use crate::bmp::Rib;
use crate::bmp::rpki::{RouteState, SourceType, ValidationType};
use crate::time::Timestamp;

/// Rules that are looked at for the cause.
const RULES: usize = 64;

/// The disagreement on a route, if there is one; `since`: when the session's first message was captured.
pub(super) fn disagreement(row: &RouteRow, since: Option<Timestamp>) -> Option<DisagreementRow> {
    let (reported, computed) = row.reported.as_ref().zip(row.computed.as_ref())?;
    let contrary = contrary(reported, computed).filter(|_| row.stands)?;
    Some(DisagreementRow {
        view: row.view.clone(),
        prefix: row.prefix.clone(),
        path_id: row.path_id,
        origin: row.origin,
        reported: reported.clone(),
        computed: contrary,
        cause: cause(row, reported, computed, since),
    })
}

/// What was computed instead of what is reported. A state is compared with those of the kinds of validation
/// that the router says it did, and fits if it is any of them: what several kinds make together, the
/// draft leaves open. That a route was not validated fits "not found" (RFC 6811 2).
fn contrary(reported: &ReportedRow, computed: &ComputedRow) -> Option<SaidState> {
    let types = reported.types().map_or(0, |types| types.0);
    let has = |one: ValidationType| types & one.0 != 0;
    let is_origin = types == 0 || has(ValidationType::ORIGIN);
    let origin = computed.state.filter(|_| is_origin).map(SaidState::from);
    let paths = computed.path_state.as_ref();
    let paths = paths.filter(|_| has(ValidationType::AS_PATH));
    let paths = paths.map_or([None, None], |paths| [paths.upstream, paths.downstream]);
    let paths = paths.into_iter().flatten().map(SaidState::from);
    let candidates: Vec<SaidState> = origin.into_iter().chain(paths).collect();
    reported.state.rank()?;
    let fits = |one: &SaidState| match reported.state.state {
        RouteState::NOT_VALIDATED => one.state == RouteState::NOT_FOUND,
        state => one.state == state,
    };
    let is_any = candidates.iter().any(fits);
    candidates.first().copied().filter(|_| !is_any)
}

fn cause(
    row: &RouteRow,
    reported: &ReportedRow,
    computed: &ComputedRow,
    since: Option<Timestamp>,
) -> Cause {
    let lists = [
        &computed.matched,
        &computed.unmatched_as,
        &computed.unmatched_length,
    ];
    let mut rules = reported.rules().take(RULES);
    let is_local = lists.into_iter().flatten().any(|vrp| vrp.local)
        || rules.any(|(_, source)| source == Some(SourceType::SLURM));
    let is_expired = reported.expires().zip(since).is_some_and(|(end, since)| {
        // Clocks of different resolution compare by the moment.
        end.nanoseconds() < since.nanoseconds()
    });
    let is_before_policy = row.view.rib == Rib::AdjRibInPre;
    match reported.via {
        _ if reported.state.state == RouteState::NOT_VALIDATED => Cause::NoValidation,
        _ if row.origin.is_none() => Cause::AsSet,
        _ if is_local => Cause::LocalException,
        _ if is_expired => Cause::StaleData,
        Via::Community if is_before_policy => Cause::NeighboursWord,
        _ => Cause::OtherData,
    }
}

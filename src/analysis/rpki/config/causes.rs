//! Why a router says another thing of a route than the data, as far as its own configuration tells: what it
//! validates, its local exceptions, and whether its data sources are in use and fresh.

use super::compare::STALE;
use super::policy::{Assertion, Filter, PolicyRow};
use super::source::SourceRow;
use super::told::ConfigPeer;
use super::{RouterConfig, RpkiConfig};
use crate::analysis::rpki::reported::ReportedRow;
use crate::analysis::rpki::rows::{Cause, DisagreementRow, StateWord, ViewRow};
use crate::analysis::rpki::told::SaidState;
use crate::bmp::rpki::{SourceStatus, SourceType, ValidationType};
use crate::net::Prefix;
use crate::rpki::{Vrp, VrpRecord, VrpTable};
use std::collections::HashSet;
use std::sync::Arc;

/// Rules that are looked at for the cause.
const RULES: usize = 64;

/// Names the causes that the configuration of the routers tells; `vrps`: what was computed from.
pub fn explain(config: &RpkiConfig, rows: &mut [DisagreementRow], vrps: &VrpTable) {
    if config.routers.is_empty() {
        return;
    }
    let mut last: Option<(Arc<ViewRow>, Option<InForce<'_>>)> = None;
    for row in rows {
        let is_known = matches!(&last, Some((view, _)) if Arc::ptr_eq(view, &row.view));
        if !is_known {
            last = Some((Arc::clone(&row.view), InForce::of(config, &row.view)));
        }
        if let Some((_, Some(in_force))) = &last {
            row.cause = in_force.cause(row, vrps);
        }
    }
}

/// What is in force for the routes of a peer.
struct InForce<'a> {
    /// What is validated; none: not told.
    validation: Option<&'a [ValidationType]>,
    /// The VRPs that are added locally.
    assertions: VrpTable,
    /// Which are removed locally, by prefix and AS.
    filters: HashSet<(Option<Prefix>, Option<u32>)>,
    /// The sources that are no local ones.
    sources: Vec<&'a SourceRow>,
}

impl<'a> InForce<'a> {
    /// None where the router told nothing.
    fn of(config: &'a RpkiConfig, view: &ViewRow) -> Option<InForce<'a>> {
        let mut routers = config.routers.iter();
        let router = routers.find(|router| router.sessions.contains(&view.session))?;
        let policies = policies(router, view);
        let assertions = policies.iter().flat_map(|policy| &policy.slurm.assertions);
        let filters = policies.iter().flat_map(|policy| &policy.slurm.filters);
        let sources = router.sources.iter().filter(|source| {
            let is_of_peer = source
                .peer
                .as_ref()
                .is_none_or(|peer| is_of_peer(peer, view));
            is_of_peer && !is_local(source)
        });
        Some(InForce {
            validation: policies.iter().find_map(|one| one.validation.as_deref()),
            assertions: VrpTable::new(assertions.filter_map(vrp).collect()),
            filters: filters.filter_map(filter).collect(),
            sources: sources.collect(),
        })
    }

    fn cause(&self, row: &DisagreementRow, vrps: &VrpTable) -> Cause {
        match row.cause {
            Cause::NoValidation => Cause::NoValidation,
            _ if self.is_off(row.computed) => Cause::NoValidation,
            Cause::AsSet | Cause::LocalException => row.cause,
            _ if self.is_by_exception(row, vrps) => Cause::LocalException,
            Cause::OtherData if self.is_stale(&row.reported) => Cause::StaleData,
            cause => cause,
        }
    }

    /// The kind of validation that was computed is told to be off.
    fn is_off(&self, computed: SaidState) -> bool {
        let kind = match computed.is_path {
            true => ValidationType::AS_PATH,
            false => ValidationType::ORIGIN,
        };
        self.validation.is_some_and(|types| !types.contains(&kind))
    }

    /// With the router's exceptions, the data say what the router says (RFC 8416 4: filters first, then
    /// assertions).
    fn is_by_exception(&self, row: &DisagreementRow, vrps: &VrpTable) -> bool {
        let Some(prefix) = prefix(&row.prefix).filter(|_| !row.computed.is_path) else {
            return false;
        };
        let covering = vrps.covering(prefix).map(|record| record.vrp);
        let kept = covering.filter(|vrp| !self.is_filtered(vrp));
        let added = self.assertions.covering(prefix).map(|record| record.vrp);
        let state = state(prefix, row.origin, kept.chain(added));
        SaidState::from(state).state == row.reported.state.state
    }

    fn is_filtered(&self, vrp: &Vrp) -> bool {
        let lengths = (0..=vrp.prefix.length).map(|length| Some(vrp.prefix.shortened(length)));
        let asns = [None, Some(vrp.asn)];
        let has = |prefix| {
            asns.iter()
                .any(|asn| self.filters.contains(&(prefix, *asn)))
        };
        !self.filters.is_empty() && (has(None) || lengths.into_iter().any(has))
    }

    /// The sources of the rules that the route hit are idle or were old, or all where none is known.
    fn is_stale(&self, reported: &ReportedRow) -> bool {
        let ids: Vec<u16> = reported
            .rules()
            .take(RULES)
            .filter_map(|(rule, _)| rule.source_id)
            .collect();
        let named = |source: &&&SourceRow| source.id.is_some_and(|id| ids.contains(&id));
        let mut used = self.sources.iter().filter(named).peekable();
        match used.peek() {
            Some(_) => used.any(|source| is_stale(source)),
            None => !self.sources.is_empty() && self.sources.iter().all(|one| is_stale(one)),
        }
    }
}

/// The policies for a peer: its own stands before the one for all.
fn policies<'a>(router: &'a RouterConfig, view: &ViewRow) -> Vec<&'a PolicyRow> {
    let is_own = |policy: &&PolicyRow| {
        let peer = policy.peer.as_ref();
        peer.is_some_and(|peer| is_of_peer(peer, view))
    };
    let own = router.policy.peers.iter().filter(is_own);
    own.chain(&router.policy.global).collect()
}

fn is_of_peer(peer: &ConfigPeer, view: &ViewRow) -> bool {
    let other = &view.peer;
    (peer.address, peer.asn, &peer.distinguisher)
        == (other.address, other.asn, &other.distinguisher)
}

fn is_local(source: &SourceRow) -> bool {
    let local = [SourceType::STATIC, SourceType::SLURM].map(Some);
    local.contains(&source.source_type)
}

fn is_stale(source: &SourceRow) -> bool {
    let is_idle = source.status == Some(SourceStatus::IDLE);
    is_idle || source.age_when_told().is_some_and(|age| age > STALE)
}

/// The state of RFC 6811 2 by VRPs that cover the prefix.
fn state(prefix: Prefix, origin: Option<u32>, covering: impl Iterator<Item = Vrp>) -> StateWord {
    let mut state = StateWord::NotFound;
    for vrp in covering {
        // AS 0 is nobody's (RFC 6483 4).
        let is_origin = vrp.asn != 0 && origin == Some(vrp.asn);
        if is_origin && prefix.length <= vrp.max_length {
            return StateWord::Valid;
        }
        state = StateWord::Invalid;
    }
    state
}

fn vrp(assertion: &Assertion) -> Option<VrpRecord> {
    let prefix = prefix(&assertion.prefix)?;
    let max_length = assertion.max_length.unwrap_or(prefix.length);
    Some(VrpRecord {
        vrp: Vrp {
            prefix,
            max_length: max_length.max(prefix.length),
            asn: assertion.asn,
        },
        expires: None,
        source: 0,
    })
}

fn filter(filter: &Filter) -> Option<(Option<Prefix>, Option<u32>)> {
    match &filter.prefix {
        Some(text) => Some((Some(prefix(text)?), filter.asn)),
        None => Some((None, filter.asn)),
    }
}

/// A prefix as it is written here.
fn prefix(text: &str) -> Option<Prefix> {
    let (address, length) = text.split_once('/')?;
    Some(Prefix {
        address: address.parse().ok()?,
        length: length.parse().ok()?,
    })
}

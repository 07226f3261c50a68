//! What `rpki validation` has no answer to, and how to get it.

use super::data::{Captured, ONLY_ASPAS, not_of_its_time};
use crate::analysis::rpki::rows::{DataRow, TotalRow, Validation};
use crate::net::Family;
use crate::session::Session;
use std::collections::BTreeMap;

/// What is missing for a better answer.
pub(super) fn missing(answer: &Validation, only_aspas: bool, captured: Captured) -> Vec<String> {
    let mut missing = Vec::new();
    match &answer.data {
        None => missing.push(
            "no VRPs: states are only those that routers report; --vrps FILE computes them (the \
             output of a validator, such as 'routinator vrps -f json' or rpki-client's json)"
                .to_owned(),
        ),
        Some(_) if only_aspas => missing.push(ONLY_ASPAS.to_owned()),
        Some(data) if data.vrps_ipv4 == 0 && data.vrps_ipv6 == 0 => missing.push(
            "there is no VRP in what was given, so no VRP covers any route: --vrps FILE".to_owned(),
        ),
        Some(data) => missing.extend(family_without_vrps(data, &answer.totals)),
    }
    let doubt = answer.data.as_ref();
    missing.extend(doubt.and_then(|data| not_of_its_time(data, captured)));
    if !answer.routes.iter().any(|route| route.reported.is_some()) {
        missing.push(
            "no router reports a state: neither by RPKI_VALIDATION messages, path marking and route \
             events nor by the community of RFC 8097"
                .to_owned(),
        );
    }
    missing
}

/// A family that the capture has routes of and the data no VRPs.
fn family_without_vrps(data: &DataRow, totals: &[TotalRow]) -> Option<String> {
    let families = [
        ("ipv4", "IPv4", data.vrps_ipv4),
        ("ipv6", "IPv6", data.vrps_ipv6),
    ];
    let is_there = |afi| totals.iter().any(|total| total.view.afi == afi);
    let mut without = families
        .into_iter()
        .filter(|(afi, _, vrps)| *vrps == 0 && is_there(*afi));
    without
        .next()
        .map(|(_, family, _)| format!("the VRPs have none of {family}"))
}

/// Announcements that RFC 7606 takes as withdrawals, and that count as routes all the same.
pub(super) fn void(announcements: u64) -> Option<String> {
    (announcements > 0).then(|| {
        let noun = match announcements {
            1 => "announcement is",
            _ => "announcements are",
        };
        format!(
            "{announcements} {noun} malformed so that a receiver takes the routes as withdrawn (RFC 7606 2); the \
             router shows them, and they count as routes: check tells which"
        )
    })
}

/// Families with routes that are left out, and how many were announced: VRPs are about unicast.
pub(super) fn not_unicast(sessions: &[Session]) -> Option<String> {
    let peers = sessions.iter().flat_map(|session| &session.peers);
    let mut counts: BTreeMap<Family, u64> = BTreeMap::new();
    for (_, family, routes) in peers.flat_map(|peer| peer.routes.rows()) {
        let is_unicast = matches!(family, Family::IPV4_UNICAST | Family::IPV6_UNICAST);
        if !is_unicast && routes.announced > 0 {
            *counts.entry(family).or_default() += routes.announced;
        }
    }
    let texts = counts
        .iter()
        .map(|(family, count)| format!("{count} of {family}"));
    let texts: Vec<String> = texts.collect();
    (!texts.is_empty()).then(|| {
        format!(
            "only routes of IPv4 and IPv6 unicast have a state (RFC 6811); announcements left out: {}",
            texts.join(", ")
        )
    })
}

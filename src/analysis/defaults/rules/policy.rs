//! Rules about MED, local preference, documented policies, and versions.

use super::super::parameter::Parameter;
use super::{
    Entry, Raised, Side, Source, both, differ, documented, entries, is_word, where_number,
};

/// RFC 4271 names none; every implementation known has 100.
const USUAL_LOCAL_PREFERENCE: u32 = 100;

/// BGPD030: how a missing MED compares.
pub(super) fn missing_med(sides: &[Side]) -> Vec<Raised> {
    documented_differ(sides, "med.missing")
}

/// BGPD031: whether MED is compared by neighbour AS first.
pub(super) fn deterministic_med(sides: &[Side]) -> Vec<Raised> {
    documented_differ(sides, "deterministic_med")
}

/// BGPD060: what happens without an EBGP policy.
pub(super) fn ebgp_policy(sides: &[Side]) -> Vec<Raised> {
    documented_differ(sides, "ebgp_default_policy")
}

fn documented_differ(sides: &[Side], parameter: &str) -> Vec<Raised> {
    let mut all = documented(sides, parameter);
    all.retain(|(_, entry)| !is_word(entry, "unknown"));
    match differ(&all) {
        true => vec![Raised::named(parameter, all)],
        false => Vec::new(),
    }
}

/// BGPD032: a MED here, none there.
pub(super) fn default_med(sides: &[Side]) -> Vec<Raised> {
    let all = entries(sides, Parameter::DefaultMed);
    let one = where_number(&all, |_, med| med > 0);
    let other = where_number(&all, |_, med| med == 0);
    let involved = both(one, other);
    let raised = involved.map(|involved| Raised::of(Parameter::DefaultMed, involved));
    raised.into_iter().collect()
}

/// BGPD040: not everywhere the same, not everywhere the usual.
pub(super) fn local_preference(sides: &[Side]) -> Vec<Raised> {
    let parameter = Parameter::DefaultLocalPreference;
    let all = where_number(&entries(sides, parameter), |_, _| true);
    let unusual = where_number(&all, |_, number| number != USUAL_LOCAL_PREFERENCE);
    match !unusual.is_empty() && differ(&all) {
        true => vec![Raised::of(parameter, all)],
        false => Vec::new(),
    }
}

/// BGPD061: validation that decides nothing, in company.
pub(super) fn origin_validation(sides: &[Side]) -> Vec<Raised> {
    if sides.len() < 2 {
        return Vec::new();
    }
    let about = |parameter: &str| {
        let mut off = documented(sides, parameter);
        off.retain(|(_, entry)| is_word(entry, "off"));
        (!off.is_empty()).then(|| Raised::named(parameter, off))
    };
    let names = ["rov.compare_state", "rov.enabled"];
    names.into_iter().filter_map(about).collect()
}

/// BGPD070: FRR of several versions, or with several profiles.
pub(super) fn frr(sides: &[Side]) -> Vec<Raised> {
    let frr = || {
        sides
            .iter()
            .enumerate()
            .filter(|(_, one)| one.traits.is_frr)
    };
    let versions = frr().filter_map(|(index, side)| {
        let version = side.name.version.as_deref()?;
        Some((index, Entry::seen(release(version), Source::Reported)))
    });
    let profiles = frr().filter_map(|(index, side)| {
        let profile = side.documented.implementation.as_deref()?;
        Some((index, Entry::seen(profile, Source::Baseline)))
    });
    let all = [
        ("version", versions.collect::<Vec<_>>()),
        ("profile", profiles.collect()),
    ];
    all.into_iter()
        .filter(|(_, involved)| differ(involved))
        .map(|(name, involved)| Raised::named(name, involved))
        .collect()
}

/// `10.2` of `10.2.1`: defaults do not change in between.
fn release(version: &str) -> &str {
    let mut dots = version.match_indices('.').map(|(at, _)| at);
    let end = dots.nth(1).unwrap_or(version.len());
    version.get(..end).unwrap_or(version)
}

/// BGPD071: what a router reports is not what is documented of it.
pub(super) fn undocumented(sides: &[Side]) -> Vec<Raised> {
    let about = |parameter: Parameter| {
        let mut involved = Vec::new();
        for (index, entry) in entries(sides, parameter) {
            let side = sides.get(index);
            let documented = side.and_then(|side| side.documented(parameter.entry().documented));
            let Some(documented) = documented else {
                continue;
            };
            let is_number = documented.value.number().is_some();
            if entry.source == Source::Reported && is_number && entry.value != documented.value {
                involved.extend([(index, entry), (index, documented)]);
            }
        }
        (!involved.is_empty()).then(|| Raised::of(parameter, involved))
    };
    Parameter::ALL.into_iter().filter_map(about).collect()
}

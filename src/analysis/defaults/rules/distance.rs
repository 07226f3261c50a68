//! Rules about the preferences of routes: which way they run, and what 255 means.

use super::super::implementation::Scale;
use super::super::parameter::Parameter;
use super::{Entry, Raised, Side, both, differ, entries, where_number};

/// Not installed by Cisco and FRR, an ordinary preference elsewhere.
const UNUSABLE: u32 = 255;
/// Below every IGP's administrative distance: EIGRP has 90, OSPF 110.
const BELOW_IGP: u32 = 90;
/// Above every IGP's preference: external IS-IS of level 2 has 165.
const ABOVE_IGP: u32 = 165;

/// BGPD001: 255 here, something else on a side that does not install 255.
pub(super) fn unusable(sides: &[Side]) -> Vec<Raised> {
    let about = |parameter| {
        let all = entries(sides, parameter);
        let unusable = where_number(&all, |_, number| number == UNUSABLE);
        let others = where_number(&all, |index, number| {
            number != UNUSABLE && sides.get(index).is_some_and(drops_255)
        });
        Some(Raised::of(parameter, both(unusable, others)?))
    };
    Parameter::DISTANCES.into_iter().filter_map(about).collect()
}

/// BGPD002: the highest wins here, the lowest there.
pub(super) fn direction(sides: &[Side]) -> Vec<Raised> {
    let about = |parameter| {
        let all = entries(sides, parameter);
        let scale = |index: usize| sides.get(index).map(scale);
        let highest = where_number(&all, |index, _| scale(index) == Some(Scale::HigherWins));
        let lowest = where_number(&all, |index, _| {
            matches!(scale(index), Some(Scale::Distance | Scale::Preference))
        });
        Some(Raised::of(parameter, both(highest, lowest)?))
    };
    Parameter::DISTANCES.into_iter().filter_map(about).collect()
}

/// BGPD003: EBGP before the IGP here, behind it there.
pub(super) fn igp(sides: &[Side]) -> Vec<Raised> {
    let all = comparable(sides, Parameter::EbgpDistance);
    let before = where_number(&all, |index, number| {
        // Where OSPF has 10, 20 is behind it.
        let is_preference = sides.get(index).map(scale) == Some(Scale::Preference);
        number < BELOW_IGP && !is_preference
    });
    let behind = where_number(&all, |_, number| number > ABOVE_IGP);
    raised(Parameter::EbgpDistance, both(before, behind))
}

/// BGPD004: EBGP and IBGP alike here, apart there.
pub(super) fn tie(sides: &[Side]) -> Vec<Raised> {
    let all = comparable(sides, Parameter::EbgpDistance);
    let internal = |index: usize| sides.get(index)?.number(Parameter::IbgpDistance);
    let alike = where_number(&all, |index, number| internal(index) == Some(number));
    let apart = where_number(&all, |index, number| {
        internal(index).is_some_and(|internal| number < internal)
    });
    raised(Parameter::EbgpDistance, both(alike, apart))
}

/// BGPD005: local routes have not the same preference everywhere.
pub(super) fn local(sides: &[Side]) -> Vec<Raised> {
    let all = comparable(sides, Parameter::LocalDistance);
    raised(Parameter::LocalDistance, differ(&all).then_some(all))
}

fn raised(parameter: Parameter, involved: Option<Vec<(usize, Entry)>>) -> Vec<Raised> {
    let raised = involved.map(|involved| Raised::of(parameter, involved));
    raised.into_iter().collect()
}

/// Entries of the sides whose preferences are distances, or may be.
fn comparable(sides: &[Side], parameter: Parameter) -> Vec<(usize, Entry)> {
    let is_other = |index: usize| {
        let scale = sides.get(index).map(scale);
        matches!(scale, Some(Scale::HigherWins | Scale::KernelPriority))
    };
    where_number(&entries(sides, parameter), |index, _| !is_other(index))
}

/// Of a router that is not identified, EBGP 20 and IBGP 200 tell that it does as Cisco and FRR do.
fn is_classic(side: &Side) -> bool {
    side.traits.scale == Scale::Unknown
        && side.number(Parameter::EbgpDistance) == Some(20)
        && side.number(Parameter::IbgpDistance) == Some(200)
}

fn drops_255(side: &Side) -> bool {
    side.traits.drops_255 || is_classic(side)
}

fn scale(side: &Side) -> Scale {
    match is_classic(side) {
        true => Scale::Distance,
        false => side.traits.scale,
    }
}

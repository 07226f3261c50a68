//! Rules about timers: hold, keepalive, connect-retry, and how long updates are held back.

use super::super::parameter::Parameter;
use super::{Entry, Raised, Side, both, differ, entries, where_number};

/// "An implementation MUST reject Hold Time values of one or two seconds" (RFC 4271 6.2).
const LEAST_HOLD_TIME: u32 = 3;
/// The datacenter profile of FRR has 9 s.
const SHORT_HOLD_TIME: u32 = 10;
/// RFC 4271 10 suggests 120 s.
const SLOW_RETRY: u32 = 120;
/// The slowest of the implementations that retry fast (Huawei).
const FAST_RETRY: u32 = 32;

/// BGPD010: hold times differ.
pub(super) fn hold(sides: &[Side]) -> Vec<Raised> {
    if_they_differ(sides, Parameter::HoldTime)
}

/// BGPD011: a side's hold time is below three keepalives of another that keeps to its timer.
pub(super) fn keepalive(sides: &[Side]) -> Vec<Raised> {
    let holds = entries(sides, Parameter::HoldTime);
    let mut involved = Vec::new();
    for (index, own) in entries(sides, Parameter::KeepaliveTime) {
        let keeps = sides
            .get(index)
            .is_some_and(|side| !side.traits.scales_keepalive);
        let Some(needed) = own.value.number().map(|own| own.saturating_mul(3)) else {
            continue;
        };
        let short = where_number(&holds, |other, hold| {
            keeps && other != index && hold > 0 && hold < needed
        });
        if short.is_empty() {
            continue;
        }
        involved.push((index, own));
        involved.extend(short.into_iter().map(|short| keepalive_of(sides, short)));
    }
    raised(Parameter::KeepaliveTime, involved)
}

/// What a side with a short hold time has as its keepalive time; a third of it where nothing tells.
fn keepalive_of(sides: &[Side], (index, hold): (usize, Entry)) -> (usize, Entry) {
    let side = sides.get(index);
    let own = side.and_then(|side| side.entries(Parameter::KeepaliveTime).next());
    let third = || Entry {
        value: (hold.value.number().unwrap_or_default() / 3).into(),
        ..hold.clone()
    };
    (index, own.cloned().unwrap_or_else(third))
}

/// BGPD012: 0 here, a time there.
pub(super) fn disabled(sides: &[Side]) -> Vec<Raised> {
    of_two_groups(
        sides,
        Parameter::HoldTime,
        |hold| hold == 0,
        |hold| hold > 0,
    )
}

/// BGPD013: a hold time that another side does not accept.
pub(super) fn refused(sides: &[Side]) -> Vec<Raised> {
    let all = entries(sides, Parameter::HoldTime);
    let least = |index: usize| {
        let row = sides.get(index)?.documented("min_accept_hold_time")?;
        row.value.number()
    };
    let least = |index: usize| least(index).unwrap_or(0).max(LEAST_HOLD_TIME);
    let refused = where_number(&all, |index, hold| {
        let mut others = (0..sides.len()).filter(|other| *other != index);
        hold > 0 && others.any(|other| hold < least(other))
    });
    let lowest = refused.iter().filter_map(|(_, entry)| entry.value.number());
    let Some(lowest) = lowest.min() else {
        return Vec::new();
    };
    let refusing = where_number(&all, |index, hold| hold >= least(index) && lowest < hold);
    let involved = both(refused, refusing);
    raised(Parameter::HoldTime, involved.unwrap_or_default())
}

/// BGPD014: very short here, longer there.
pub(super) fn short(sides: &[Side]) -> Vec<Raised> {
    let is_short = |hold| (1..=SHORT_HOLD_TIME).contains(&hold);
    let is_long = |hold| hold > SHORT_HOLD_TIME;
    of_two_groups(sides, Parameter::HoldTime, is_short, is_long)
}

/// BGPD020: minutes here, seconds there.
pub(super) fn retry(sides: &[Side]) -> Vec<Raised> {
    let is_slow = |retry| retry >= SLOW_RETRY;
    let is_fast = |retry| retry <= FAST_RETRY;
    of_two_groups(sides, Parameter::ConnectRetryTime, is_slow, is_fast)
}

/// BGPD021: held back here, sent at once there.
pub(super) fn ebgp_interval(sides: &[Side]) -> Vec<Raised> {
    let parameter = Parameter::EbgpRouteUpdateInterval;
    of_two_groups(sides, parameter, |time| time > 0, |time| time == 0)
}

/// BGPD022: held back for different times inside the AS.
pub(super) fn ibgp_interval(sides: &[Side]) -> Vec<Raised> {
    if_they_differ(sides, Parameter::IbgpRouteUpdateInterval)
}

fn of_two_groups(
    sides: &[Side],
    parameter: Parameter,
    one: impl Fn(u32) -> bool,
    other: impl Fn(u32) -> bool,
) -> Vec<Raised> {
    let all = entries(sides, parameter);
    let one = where_number(&all, |_, number| one(number));
    let other = where_number(&all, |_, number| other(number));
    raised(parameter, both(one, other).unwrap_or_default())
}

fn if_they_differ(sides: &[Side], parameter: Parameter) -> Vec<Raised> {
    let all = where_number(&entries(sides, parameter), |_, _| true);
    match differ(&all) {
        true => raised(parameter, all),
        false => Vec::new(),
    }
}

fn raised(parameter: Parameter, involved: Vec<(usize, Entry)>) -> Vec<Raised> {
    if involved.is_empty() {
        return Vec::new();
    }
    let mut involved = involved;
    involved.sort_by_key(|(side, _)| *side);
    involved.dedup();
    vec![Raised::of(parameter, involved)]
}

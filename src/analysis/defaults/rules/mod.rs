//! The rules: which values are dangerous to mix, why, and which text says so. A rule looks at some
//! sides, all routers or the two ends of a BGP session, and says whose values it is about.
//!
//! | File | Subject |
//! |---|---|
//! | `distance` | preferences of routes |
//! | `timer` | hold, keepalive and connect-retry timers, update intervals |
//! | `policy` | MED, local preference, policies that are documented, versions |
//! | `capability` | what the ends of a session offer |

mod capability;
mod distance;
mod policy;
mod side;
#[cfg(test)]
mod tests;
mod timer;

pub use side::Source;
pub(super) use side::{Abilities, Entry, Side};

use super::parameter::Parameter;
use super::table::Value;
use crate::finding::Severity;

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// All routers together.
    Routers,
    /// These, and the two ends of each BGP session.
    Both,
}

/// A rule of the table.
pub(super) struct Rule {
    /// `BGPD001`.
    pub(super) id: &'static str,
    /// How much it matters, where what it is about is reported or documented with a source.
    pub(super) severity: Severity,
    /// What it looks at.
    pub(super) scope: Scope,
    /// Whose values it is about; nothing where it does not hold.
    pub(super) condition: fn(&[Side]) -> Vec<Raised>,
    /// Why it bites.
    pub(super) why: &'static str,
    /// Which text says so.
    pub(super) reference: &'static str,
}

/// What a rule is about, on some sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Raised {
    /// The parameter's key in JSON, or a name of the vendor table.
    pub(super) parameter: String,
    /// Whose values: the index of the side, and what it has.
    pub(super) involved: Vec<(usize, Entry)>,
}

impl Raised {
    /// About the ten.
    fn of(parameter: Parameter, involved: Vec<(usize, Entry)>) -> Raised {
        Raised {
            parameter: parameter.name().to_owned(),
            involved,
        }
    }

    /// About something else.
    fn named(parameter: &str, involved: Vec<(usize, Entry)>) -> Raised {
        Raised {
            parameter: parameter.to_owned(),
            involved,
        }
    }
}

/// Everything that the sides have of a parameter.
fn entries(sides: &[Side], parameter: Parameter) -> Vec<(usize, Entry)> {
    let all = sides.iter().enumerate();
    all.flat_map(|(index, side)| {
        let own = side.entries(parameter);
        own.map(move |entry| (index, entry.clone()))
    })
    .collect()
}

/// The entries of which the number fits.
fn where_number(
    entries: &[(usize, Entry)],
    fits: impl Fn(usize, u32) -> bool,
) -> Vec<(usize, Entry)> {
    let fits = |(side, entry): &&(usize, Entry)| {
        let number = entry.value.number();
        number.is_some_and(|number| fits(*side, number))
    };
    entries.iter().filter(fits).cloned().collect()
}

/// More than one value, and not of one side alone.
fn differ(entries: &[(usize, Entry)]) -> bool {
    let Some((side, first)) = entries.first() else {
        return false;
    };
    let is_other = |(_, entry): &(usize, Entry)| entry.value != first.value;
    entries.iter().any(is_other) && entries.iter().any(|(other, _)| other != side)
}

/// Both groups, where there are two: of the group that bites and of those that it bites.
fn both(mut one: Vec<(usize, Entry)>, other: Vec<(usize, Entry)>) -> Option<Vec<(usize, Entry)>> {
    let is_one_side = |side: usize| {
        let mut all = one.iter().chain(&other);
        all.all(|(index, _)| *index == side)
    };
    let first = one.first()?.0;
    if other.is_empty() || is_one_side(first) {
        return None;
    }
    one.extend(other);
    one.sort_by_key(|(side, _)| *side);
    Some(one)
}

/// Everyone who documents a word about a parameter of the vendor table.
fn documented(sides: &[Side], parameter: &str) -> Vec<(usize, Entry)> {
    let all = sides.iter().enumerate();
    all.filter_map(|(index, side)| Some((index, side.documented(parameter)?)))
        .collect()
}

fn is_word(entry: &Entry, word: &str) -> bool {
    matches!(&entry.value, Value::Word(own) if own == word)
}

const fn rule(
    id: &'static str,
    severity: Severity,
    scope: Scope,
    condition: fn(&[Side]) -> Vec<Raised>,
    why: &'static str,
    reference: &'static str,
) -> Rule {
    Rule {
        id,
        severity,
        scope,
        condition,
        why,
        reference,
    }
}

use Scope::{Both, Routers};
use Severity::{Error, Note, Warning};

/// Every rule, by its number.
#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    rule("BGPD001", Error, Routers, distance::unusable,
        "255 is an ordinary preference to some and means `do not install` to others (Cisco, FRR): where it is taken over from one to the other, all BGP routes are gone",
        "draft-zhuang-grow-monitoring-bgp-parameters-02 3; FRR doc/user/zebra.rst, Administrative Distance; Cisco IOS in a Nutshell, distance bgp"),
    rule("BGPD002", Error, Routers, distance::direction,
        "of BIRD's preferences the highest wins, of the others' distances the lowest: the numbers do not compare, and one that is taken over turns the choice of routes around",
        "BIRD nest/route.h"),
    rule("BGPD003", Warning, Routers, distance::igp,
        "where a prefix is known by EBGP and by the IGP, one side takes the EBGP route and the other the IGP's: loops or asymmetric exits where routes are redistributed",
        "vendor documentation of preferences"),
    rule("BGPD004", Warning, Routers, distance::tie,
        "between an EBGP and an IBGP route of a prefix, one side decides by distance and the other, where both are equal, by BGP's best path selection",
        "vendor documentation of preferences"),
    rule("BGPD005", Warning, Routers, distance::local,
        "a local route or aggregate beats a learned route of the same prefix on one side only: traffic is discarded there or is not",
        "Cisco NX-OS, HPE Comware and Huawei documentation of preferences"),
    rule("BGPD010", Note, Both, timer::hold,
        "a session runs at the lower of both hold times: the side with the higher one does not get what it has",
        "RFC 4271 4.2"),
    rule("BGPD011", Warning, Both, timer::keepalive,
        "a side that does not send keepalives in a third of the negotiated hold time, but by its own timer, sends too late: the session goes down",
        "RFC 4271 4.4, 10"),
    rule("BGPD012", Error, Both, timer::disabled,
        "a hold time of 0 on one side wins: no keepalives are sent, and a dead peer is never noticed",
        "RFC 4271 4.2"),
    rule("BGPD013", Error, Both, timer::refused,
        "an OPEN with a hold time below what the other side accepts is refused (Unacceptable Hold Time): the session does not come up",
        "RFC 4271 6.2; documented minimum of the vendor"),
    rule("BGPD014", Warning, Both, timer::short,
        "hold times of 10 s and less reset sessions with a side that is slow or far away",
        "FRR bgpd/bgp_vty.h (datacenter profile); Juniper documentation of hold-time"),
    rule("BGPD020", Note, Routers, timer::retry,
        "after a flap the session comes back in minutes where the fast side is passive",
        "RFC 4271 8.2.1, 10"),
    rule("BGPD021", Warning, Routers, timer::ebgp_interval,
        "updates are batched at some hops only: convergence is slow and bursty, and path exploration multiplies by hop",
        "RFC 4271 9.2.1.1; Cisco documentation of advertisement-interval"),
    rule("BGPD022", Warning, Routers, timer::ibgp_interval,
        "withdrawals inside the AS lag behind on some routers: transient loops or black holes",
        "RFC 4271 9.2.1.1; Nokia SR OS rapid-withdrawal"),
    rule("BGPD030", Warning, Routers, policy::missing_med,
        "routes without a MED are the best on one side and the worst on the other: the best path differs with the same input, and may oscillate",
        "RFC 4271 9.1.2.2; vendor documentation of missing MED"),
    rule("BGPD031", Warning, Routers, policy::deterministic_med,
        "the best path depends on the order of arrival on the side that does not compare MED by neighbour AS first",
        "FRR bgpd/bgp_vty.c, deterministic-med"),
    rule("BGPD032", Warning, Routers, policy::default_med,
        "a route that leaves without a MED (0, the best) beats every route with the MED that another exit sets",
        "RFC 4271 9.1.2.2; Huawei and Nokia documentation of default MED"),
    rule("BGPD040", Warning, Routers, policy::local_preference,
        "IBGP peers take the local preference over: one router attracts or repels the traffic of the whole AS",
        "RFC 4271 5.1.5"),
    rule("BGPD050", Warning, Both, capability::restart,
        "one end would keep forwarding across a restart and the other drops its routes at once: the restart is not hitless",
        "RFC 4724 3, 4"),
    rule("BGPD051", Note, Both, capability::notification,
        "a NOTIFICATION keeps routes on one end only",
        "RFC 8538 2"),
    rule("BGPD052", Note, Both, capability::hollow,
        "long-lived graceful restart is announced without families or with a stale time of 0: nothing is kept as it seems",
        "RFC 9494 3.1, 4.2"),
    rule("BGPD053", Note, Both, capability::extended_message,
        "an UPDATE above 4096 octets cannot be passed on to the end without it: the route is withdrawn there or loses attributes",
        "RFC 8654 4"),
    rule("BGPD054", Warning, Both, capability::refresh,
        "without route refresh a change of policy needs a reset of the session",
        "RFC 2918"),
    rule("BGPD055", Note, Both, capability::add_path,
        "one end only takes or sends several paths: harmless, but NLRI are encoded by direction",
        "RFC 7911 4"),
    rule("BGPD060", Error, Routers, policy::ebgp_policy,
        "without an EBGP policy one side rejects every route and the other accepts all: the same configuration announces nothing here and everything there",
        "RFC 8212 2; vendor documentation"),
    rule("BGPD061", Warning, Routers, policy::origin_validation,
        "the state of origin validation is computed but is not used for the choice of routes: a router with RPKI may still use Invalid routes",
        "Nokia and Huawei YANG modules; RFC 6811 2"),
    rule("BGPD070", Warning, Routers, policy::frr,
        "defaults of FRR change by profile and by version (connect-retry 120 to 30 at 10.3, EBGP policy at 7.4), and saved configurations keep the old ones",
        "FRR doc/user/basic.rst, Profiles"),
    rule("BGPD071", Note, Routers, policy::undocumented,
        "differs from the documented default: it is configured, or the table is wrong for this version",
        "table of vendor defaults"),
];

//! What the columns of routers are called: as many as six have to stand beside each other.

use crate::analysis::defaults::RouterDefaults;
use std::collections::BTreeSet;

/// Columns of a terminal that the routers of a table may take together, and how many of them.
const ROOM: usize = 78;
const TOGETHER: usize = 6;
/// Longer than that is hard to read even where there is room.
const LONGEST: usize = 24;

/// A short name of each router: its own without the domain that all share, else its number in the
/// list of routers.
pub(super) fn short(routers: &[RouterDefaults]) -> Vec<String> {
    let names: Vec<String> = routers.iter().map(|row| row.router.label()).collect();
    let names = without_domain(names);
    let share = ROOM / routers.len().clamp(1, TOGETHER);
    let fits = |name: &String| name.chars().count() + 2 <= share.min(LONGEST + 2);
    match are_different(&names) && names.iter().all(fits) {
        true => names,
        false => (1..=names.len())
            .map(|number| format!("#{number}"))
            .collect(),
    }
}

/// A name of each router, for programs: told apart by address, then by number.
pub(super) fn long(routers: &[RouterDefaults]) -> Vec<String> {
    let names: Vec<String> = routers.iter().map(|row| row.router.label()).collect();
    if are_different(&names) {
        return names;
    }
    let with_address = routers.iter().map(|row| match row.router.address {
        Some(address) => format!("{} {address}", row.router.label()),
        None => row.router.label(),
    });
    let names: Vec<String> = with_address.collect();
    match are_different(&names) {
        true => names,
        false => (1..)
            .zip(names)
            .map(|(number, name)| format!("{name} #{number}"))
            .collect(),
    }
}

fn are_different(names: &[String]) -> bool {
    names.iter().collect::<BTreeSet<_>>().len() == names.len()
}

/// `edge1`, `edge2` of `edge1.lab.example` and `edge2.lab.example`.
fn without_domain(names: Vec<String>) -> Vec<String> {
    let domain = |name: &String| name.split_once('.').map(|(_, domain)| domain.to_owned());
    let is_name = |name: &String| name.parse::<std::net::IpAddr>().is_err();
    let first = names.first().and_then(domain);
    let shared = first.is_some()
        && names.len() > 1
        && names
            .iter()
            .all(|name| is_name(name) && domain(name) == first);
    if !shared {
        return names;
    }
    let host = |name: String| name.split('.').next().unwrap_or_default().to_owned();
    names.into_iter().map(host).collect()
}

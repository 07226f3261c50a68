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
    let is_name = |name: &str| name.parse::<std::net::IpAddr>().is_err();
    let parts = |name: &String| {
        let (host, domain) = name.split_once('.').filter(|_| is_name(name))?;
        Some((host.to_owned(), domain.to_owned()))
    };
    let domains: BTreeSet<String> = names
        .iter()
        .filter_map(|name| Some(parts(name)?.1))
        .collect();
    if domains.len() != 1 || names.len() < 2 {
        return names;
    }
    let host = |name: String| parts(&name).map_or(name, |(host, _)| host);
    names.into_iter().map(host).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(names: &[&str]) -> Vec<String> {
        without_domain(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn a_domain_that_all_share_is_left_out() {
        let both = hosts(&["edge1.lab.example", "edge2.lab.example", "core"]);
        assert_eq!(both, ["edge1", "edge2", "core"]);
        let apart = ["edge1.lab.example", "edge1.field.example"];
        assert_eq!(hosts(&apart), apart);
        let addresses = ["192.0.2.1", "192.0.2.2"];
        assert_eq!(hosts(&addresses), addresses);
        assert_eq!(hosts(&["edge1.lab.example"]), ["edge1.lab.example"]);
    }
}

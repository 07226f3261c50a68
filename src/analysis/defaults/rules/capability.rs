//! Rules about what the ends of a session offer; of routers whose OPENs were not captured, about
//! what is documented.

use super::side::{Abilities, LongLived, Restart};
use super::{Entry, Raised, Side, both};

/// BGPD050: a restarter here, nothing there.
pub(super) fn restart(sides: &[Side]) -> Vec<Raised> {
    let word = |own: &Abilities| match own.restart {
        Restart::None => "none",
        Restart::Helper => "helper",
        Restart::Restarter => "restarter",
    };
    of_two(sides, "graceful-restart", word, &["restarter"], &["none"])
}

/// BGPD051: the N flag here, not there.
pub(super) fn notification(sides: &[Side]) -> Vec<Raised> {
    let word = |own: &Abilities| match own.notification {
        Some(true) => "n-flag",
        Some(false) => "no-n-flag",
        None => "none",
    };
    of_two(sides, "graceful-restart", word, &["n-flag"], &["no-n-flag"])
}

/// BGPD052: long-lived graceful restart that keeps nothing.
pub(super) fn hollow(sides: &[Side]) -> Vec<Raised> {
    let word = |own: &Abilities| match own.long_lived {
        LongLived::None => "none",
        LongLived::Hollow => "nothing-kept",
        LongLived::Kept => "kept",
    };
    let name = "long-lived-graceful-restart";
    of_two(sides, name, word, &["nothing-kept"], &["kept", "none"])
}

/// BGPD053: extended messages here, not there.
pub(super) fn extended_message(sides: &[Side]) -> Vec<Raised> {
    one_sided(sides, "extended-message", |own| own.extended_message)
}

/// BGPD054: route refresh here, not there.
pub(super) fn refresh(sides: &[Side]) -> Vec<Raised> {
    one_sided(sides, "route-refresh", |own| own.route_refresh)
}

/// BGPD055: ADD-PATH here, not there.
pub(super) fn add_path(sides: &[Side]) -> Vec<Raised> {
    one_sided(sides, "add-path", |own| own.add_path)
}

fn one_sided(sides: &[Side], name: &str, has: impl Fn(&Abilities) -> bool) -> Vec<Raised> {
    let word = |own: &Abilities| match has(own) {
        true => "yes",
        false => "no",
    };
    of_two(sides, name, word, &["yes"], &["no"])
}

/// Raised where some sides have one of these words and others one of those.
fn of_two(
    sides: &[Side],
    name: &str,
    word: impl Fn(&Abilities) -> &'static str,
    one: &[&str],
    other: &[&str],
) -> Vec<Raised> {
    let with = |words: &[&str]| -> Vec<(usize, Entry)> {
        let all = sides.iter().enumerate();
        all.filter_map(|(index, side)| {
            let (own, source, confidence) = side.abilities.as_ref()?;
            let word = word(own);
            words.contains(&word).then(|| {
                let entry = Entry {
                    value: word.into(),
                    source: *source,
                    confidence: *confidence,
                };
                (index, entry)
            })
        })
        .collect()
    };
    let involved = both(with(one), with(other));
    let raised = involved.map(|involved| Raised::named(name, involved));
    raised.into_iter().collect()
}

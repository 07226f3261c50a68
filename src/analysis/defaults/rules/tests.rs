//! Each rule with values that raise it, and with values that do not.

use super::super::implementation::{Identity, documented, traits_of};
use super::super::parameter::Parameter;
use super::super::router::RouterName;
use super::super::table::VendorTable;
use super::*;
use Parameter::*;

/// A router of this vendor and system that reports these values.
fn side(vendor: &str, os: &str, values: &[(Parameter, u32)]) -> Side {
    let identity = Identity {
        vendor: Some(vendor),
        os: Some(os),
        version: None,
    };
    let entry =
        |(parameter, value): &(Parameter, u32)| (*parameter, Entry::seen(*value, Source::Reported));
    Side {
        name: RouterName {
            sys_name: Some(os.to_owned()),
            ..RouterName::default()
        },
        traits: traits_of(&identity),
        entries: values.iter().map(entry).collect(),
        abilities: None,
        documented: documented(&VendorTable::built_in(), &identity, &[]),
    }
}

fn frr(values: &[(Parameter, u32)]) -> Side {
    side("frrouting", "frr", values)
}

fn huawei(values: &[(Parameter, u32)]) -> Side {
    side("huawei", "vrp", values)
}

fn xr(values: &[(Parameter, u32)]) -> Side {
    side("cisco", "ios-xr", values)
}

fn nobody(values: &[(Parameter, u32)]) -> Side {
    side("acme", "os", values)
}

/// What a rule says: parameter, and the values of the sides.
fn told(rule: &str, sides: &[Side]) -> Vec<(String, Vec<(usize, String)>)> {
    let rule = RULES.iter().find(|one| one.id == rule).unwrap();
    let raised = (rule.condition)(sides).into_iter();
    let values = |involved: Vec<(usize, Entry)>| {
        let texts = involved.into_iter();
        texts
            .map(|(side, entry)| (side, entry.value.to_string()))
            .collect()
    };
    raised
        .map(|raised| (raised.parameter, values(raised.involved)))
        .collect()
}

#[track_caller]
fn raises(rule: &str, sides: &[Side], parameter: &str, values: &[(usize, &str)]) {
    let values = values.iter();
    let values = values.map(|(side, value)| (*side, (*value).to_owned()));
    let expected = vec![(parameter.to_owned(), values.collect())];
    assert_eq!(told(rule, sides), expected, "{rule}");
}

#[track_caller]
fn is_silent(rule: &str, sides: &[Side]) {
    assert_eq!(told(rule, sides), [], "{rule}");
}

#[test]
fn every_rule_has_a_number_of_its_own_a_reason_and_a_reference() {
    let mut before = "";
    for rule in RULES {
        assert!(rule.id > before && rule.id.len() == 7, "{}", rule.id);
        assert!(!rule.why.is_empty() && !rule.reference.is_empty());
        is_silent(rule.id, &[]);
        before = rule.id;
    }
    assert_eq!(RULES.len(), 27);
}

#[test]
fn a_preference_of_255_bites_where_it_is_not_installed() {
    let unusable = huawei(&[(EbgpDistance, 255)]);
    let both = [unusable.clone(), frr(&[(EbgpDistance, 20)])];
    raises("BGPD001", &both, "ebgp_distance", &[(0, "255"), (1, "20")]);
    // Junos installs 255.
    let junos = side("juniper", "junos", &[(EbgpDistance, 170)]);
    is_silent("BGPD001", &[unusable.clone(), junos]);
    // Not identified, but its preferences are those of Cisco and FRR.
    let classic = nobody(&[(EbgpDistance, 20), (IbgpDistance, 200)]);
    let both = [unusable.clone(), classic];
    raises("BGPD001", &both, "ebgp_distance", &[(0, "255"), (1, "20")]);
    is_silent("BGPD001", &[unusable, nobody(&[(EbgpDistance, 20)])]);
}

#[test]
fn preferences_of_bird_do_not_compare() {
    let bird = side("cznic", "bird", &[(EbgpDistance, 100)]);
    let both = [bird.clone(), xr(&[(EbgpDistance, 20)])];
    raises("BGPD002", &both, "ebgp_distance", &[(0, "100"), (1, "20")]);
    is_silent("BGPD002", &[bird.clone(), bird.clone()]);
    is_silent("BGPD003", &both);
    is_silent("BGPD005", &[bird, frr(&[(LocalDistance, 200)])]);
}

#[test]
fn distances_stand_on_either_side_of_the_igp_and_together_or_apart() {
    let eos = side("arista", "eos", &[(EbgpDistance, 200), (IbgpDistance, 200)]);
    let both = [eos, xr(&[(EbgpDistance, 20), (IbgpDistance, 200)])];
    let values = [(0, "200"), (1, "20")];
    raises("BGPD003", &both, "ebgp_distance", &values);
    raises("BGPD004", &both, "ebgp_distance", &values);
    let nxos = side("cisco", "nx-os", &[(LocalDistance, 220)]);
    let both = [nxos, xr(&[(LocalDistance, 200)])];
    raises(
        "BGPD005",
        &both,
        "local_distance",
        &[(0, "220"), (1, "200")],
    );
}

#[test]
fn hold_times_differ_are_off_too_short_or_refused() {
    let hold = |one, other| [xr(&[(HoldTime, one)]), frr(&[(HoldTime, other)])];
    let name = "hold_time";
    raises("BGPD010", &hold(90, 180), name, &[(0, "90"), (1, "180")]);
    is_silent("BGPD010", &hold(90, 90));
    raises("BGPD012", &hold(0, 180), name, &[(0, "0"), (1, "180")]);
    is_silent("BGPD012", &hold(0, 0));
    raises("BGPD013", &hold(180, 2), name, &[(0, "180"), (1, "2")]);
    is_silent("BGPD013", &hold(180, 3));
    is_silent("BGPD013", &hold(180, 0));
    raises("BGPD014", &hold(180, 9), name, &[(0, "180"), (1, "9")]);
    is_silent("BGPD014", &hold(9, 9));
    is_silent("BGPD014", &hold(180, 0));
}

#[test]
fn a_keepalive_time_is_too_long_only_where_it_is_kept_to() {
    let short = frr(&[(HoldTime, 9), (KeepaliveTime, 3)]);
    let keeps = nobody(&[(KeepaliveTime, 60)]);
    let both = [short.clone(), keeps];
    raises("BGPD011", &both, "keepalive_time", &[(0, "3"), (1, "60")]);
    let scales = huawei(&[(KeepaliveTime, 60)]);
    is_silent("BGPD011", &[short, scales]);
}

#[test]
fn timers_and_intervals_differ_by_orders() {
    let both = |parameter, one, other| [huawei(&[(parameter, one)]), frr(&[(parameter, other)])];
    let retry = both(ConnectRetryTime, 120, 10);
    let name = "connect_retry_time";
    raises("BGPD020", &retry, name, &[(0, "120"), (1, "10")]);
    is_silent("BGPD020", &both(ConnectRetryTime, 120, 60));
    let name = "ebgp_route_update_interval";
    let interval = both(EbgpRouteUpdateInterval, 30, 0);
    raises("BGPD021", &interval, name, &[(0, "30"), (1, "0")]);
    is_silent("BGPD021", &both(EbgpRouteUpdateInterval, 30, 5));
    let name = "ibgp_route_update_interval";
    let interval = both(IbgpRouteUpdateInterval, 15, 5);
    raises("BGPD022", &interval, name, &[(0, "15"), (1, "5")]);
}

#[test]
fn med_and_local_preference_go_with_the_usual() {
    let both = |parameter, one, other| [huawei(&[(parameter, one)]), frr(&[(parameter, other)])];
    let med = both(DefaultMed, 50, 0);
    raises("BGPD032", &med, "default_med", &[(0, "50"), (1, "0")]);
    is_silent("BGPD032", &both(DefaultMed, 50, 60));
    let preference = both(DefaultLocalPreference, 100, 200);
    let name = "default_local_preference";
    raises("BGPD040", &preference, name, &[(0, "100"), (1, "200")]);
    is_silent("BGPD040", &both(DefaultLocalPreference, 100, 100));
}

#[test]
fn documented_policies_are_compared() {
    let mut accepting = frr(&[]);
    for row in &mut accepting.documented.rows {
        if row.parameter == "ebgp_default_policy" {
            row.value = "accept".into();
        }
    }
    let both = [accepting, xr(&[])];
    let values = [(0, "accept"), (1, "reject")];
    raises("BGPD060", &both, "ebgp_default_policy", &values);
    raises(
        "BGPD061",
        &[huawei(&[]), xr(&[])],
        "rov.enabled",
        &[(0, "off")],
    );
    is_silent("BGPD061", &[huawei(&[])]);
    is_silent("BGPD030", &[huawei(&[]), xr(&[])]);
}

#[test]
fn what_is_reported_is_held_against_what_is_documented() {
    let one = [huawei(&[(HoldTime, 90)])];
    raises("BGPD071", &one, "hold_time", &[(0, "90"), (0, "180")]);
    is_silent("BGPD071", &[huawei(&[(HoldTime, 180)])]);
}

#[test]
fn versions_of_frr_differ_by_release() {
    let of = |version: &str| {
        let mut side = frr(&[]);
        side.name.version = Some(version.to_owned());
        side
    };
    let both = [of("10.2.1"), of("10.3")];
    raises("BGPD070", &both, "version", &[(0, "10.2"), (1, "10.3")]);
    is_silent("BGPD070", &[of("10.2.1"), of("10.2.4")]);
}

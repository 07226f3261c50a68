//! From what a router says it is to the rows of the vendor table, and to what rules need to know:
//! which way its preferences run and what 255 means to it.

use super::table::{Confidence, Row, VendorTable};

/// Which way preferences of an implementation run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Scale {
    /// Nothing is known.
    #[default]
    Unknown,
    /// Administrative distance: 0 to 255, the lowest wins, OSPF has 110.
    Distance,
    /// Preference, the lowest wins, OSPF has 10.
    Preference,
    /// Preference, the highest wins.
    HigherWins,
    /// Priority of the kernel's routing table.
    KernelPriority,
}

/// What rules know of an implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Traits {
    /// Which way its preferences run.
    pub(super) scale: Scale,
    /// A route with preference 255 is not installed.
    pub(super) drops_255: bool,
    /// It sends keepalives in a third of the negotiated hold time where that is less than configured.
    pub(super) scales_keepalive: bool,
    /// Its defaults are those of FRR, by version and profile.
    pub(super) is_frr: bool,
}

/// One implementation: how routers are identified, and where its defaults stand in the table.
struct Implementation {
    vendor: &'static str,
    os: &'static str,
    /// The first version that the rows are about.
    since: Option<&'static str>,
    /// Vendor and os in the table; of several the first is assumed.
    rows: &'static [(&'static str, &'static str)],
    traits: Traits,
}

const fn traits(scale: Scale) -> Traits {
    Traits {
        scale,
        drops_255: false,
        scales_keepalive: false,
        is_frr: false,
    }
}

/// "Routes with a distance of 255 are not added to the route table" (Cisco IOS in a Nutshell,
/// distance bgp).
const CISCO: Traits = Traits {
    drops_255: true,
    ..traits(Scale::Distance)
};
/// FRR zebra/zebra_rib.c: DISTANCE_INFINITY is skipped.
const FRR: Traits = Traits {
    scales_keepalive: true,
    is_frr: true,
    ..CISCO
};
const QUAGGA: Traits = Traits {
    is_frr: false,
    ..FRR
};
/// Huawei YANG and HPE 10500 texts: min(configured, hold / 3).
const HUAWEI: Traits = Traits {
    scales_keepalive: true,
    ..traits(Scale::Preference)
};
/// BIRD nest/route.h: the highest preference wins.
const BIRD: Traits = Traits {
    scales_keepalive: true,
    ..traits(Scale::HigherWins)
};

const fn one(
    vendor: &'static str,
    os: &'static str,
    since: Option<&'static str>,
    rows: &'static [(&'static str, &'static str)],
    traits: Traits,
) -> Implementation {
    Implementation {
        vendor,
        os,
        since,
        rows,
        traits,
    }
}

#[rustfmt::skip]
const IMPLEMENTATIONS: &[Implementation] = &[
    one("cisco", "ios-xr", None, &[("cisco", "ios-xr")], CISCO),
    one("cisco", "ios-xe", None, &[("cisco", "ios-xe")], CISCO),
    one("cisco", "nx-os", None, &[("cisco", "nx-os")], CISCO),
    one("cisco", "ios", None, &[("cisco", "ios-classic")], CISCO),
    one("juniper", "junos", None, &[("juniper", "junos")], traits(Scale::Preference)),
    one("nokia", "sros", None, &[("nokia", "sros")], traits(Scale::Preference)),
    one("nokia", "srlinux", None, &[("nokia", "srlinux")], traits(Scale::Preference)),
    one("arista", "eos", None, &[("arista", "eos")], traits(Scale::Distance)),
    one("huawei", "vrp", Some("8"), &[("huawei", "vrp8")], HUAWEI),
    one("huawei", "vrp", None, &[], HUAWEI),
    one("huawei", "yunshan", None, &[("huawei", "vrp8")], HUAWEI),
    one("h3c", "comware", Some("7"), &[("h3c", "comware7")], HUAWEI),
    one("h3c", "comware", None, &[], HUAWEI),
    one("zte", "zxr10", None, &[("zte", "zxr10")], traits(Scale::Distance)),
    one("mikrotik", "routeros", None, &[("mikrotik", "routeros7")], traits(Scale::Distance)),
    one("frrouting", "frr", None, &[("frrouting", "frr-traditional"), ("frrouting", "frr-datacenter")], FRR),
    one("vyos", "vyos", None, &[("vyos", "vyos")], FRR),
    one("cumulus", "cumulus", None, &[("nvidia", "cumulus")], FRR),
    one("nvidia", "cumulus", None, &[("nvidia", "cumulus")], FRR),
    one("sonic", "sonic", None, &[("sonic", "sonic")], FRR),
    one("quagga", "quagga", None, &[("quagga", "quagga")], QUAGGA),
    one("cznic", "bird", Some("3"), &[("cznic", "bird3")], BIRD),
    one("cznic", "bird", None, &[("cznic", "bird2")], BIRD),
    one("osrg", "gobgp", None, &[("osrg", "gobgp")], traits(Scale::Unknown)),
    one("openbsd", "openbgpd", None, &[("openbsd", "openbgpd")], traits(Scale::KernelPriority)),
    one("exa-networks", "exabgp", None, &[("exa-networks", "exabgp")], traits(Scale::Unknown)),
];

/// What a router is, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Identity<'a> {
    /// Vendor.
    pub(super) vendor: Option<&'a str>,
    /// Operating system.
    pub(super) os: Option<&'a str>,
    /// Version.
    pub(super) version: Option<&'a str>,
}

/// What is documented of the defaults of a router.
#[derive(Debug, Clone, Default)]
pub(super) struct Documented {
    /// `frrouting/frr-traditional`: whose rows these are; none where there are none.
    pub(super) implementation: Option<String>,
    /// The rows.
    pub(super) rows: Vec<Row>,
}

impl Documented {
    /// It is not certain whose rows these are.
    pub(super) fn doubt(&mut self) {
        for row in &mut self.rows {
            row.confidence = Confidence::Unverified;
        }
    }

    /// The row of a parameter, by its name in the table.
    pub(super) fn row(&self, parameter: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.parameter == parameter)
    }
}

/// What rules know of a router.
pub(super) fn traits_of(identity: &Identity<'_>) -> Traits {
    known(identity).map_or_else(Traits::default, |one| one.traits)
}

/// The rows of the table about a router. `hold_times` are those that it reports or sends: of an
/// implementation with several profiles they tell which one.
pub(super) fn documented(
    table: &VendorTable,
    identity: &Identity<'_>,
    hold_times: &[u32],
) -> Documented {
    let (Some(vendor), Some(os)) = (identity.vendor, identity.os) else {
        return Documented::default();
    };
    let profiles = known(identity).map_or(&[][..], |one| one.rows);
    let version = identity.version;
    let mut fitting = profiles.iter().filter(|(vendor, os)| {
        let mut rows = table.of(vendor, os, version);
        let hold = rows.find(|row| row.parameter == "hold_time");
        hold.is_some_and(|row| fits(row, hold_times))
    });
    let profile = fitting.next().or(profiles.first()).copied();
    // A table of the user's may know what the program has no name for.
    let own = table.knows(vendor, os).then_some((vendor, os));
    match own.or(profile) {
        Some((vendor, os)) if table.knows(vendor, os) => Documented {
            implementation: Some(format!("{vendor}/{os}")),
            rows: table.of(vendor, os, version).cloned().collect(),
        },
        _ => Documented::default(),
    }
}

fn fits(row: &Row, hold_times: &[u32]) -> bool {
    let documented = row.value.number();
    documented.is_some_and(|documented| hold_times.contains(&documented))
}

fn known(identity: &Identity<'_>) -> Option<&'static Implementation> {
    let (vendor, os) = (identity.vendor?, identity.os?);
    IMPLEMENTATIONS.iter().find(|one| {
        let old_enough = |since| match identity.version {
            Some(version) => super::table::compare_versions(version, since).is_ge(),
            None => true,
        };
        one.vendor == vendor && one.os == os && one.since.is_none_or(old_enough)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity<'a>(vendor: &'a str, os: &'a str, version: Option<&'a str>) -> Identity<'a> {
        Identity {
            vendor: Some(vendor),
            os: Some(os),
            version,
        }
    }

    fn of(identity: Identity<'_>, hold_times: &[u32]) -> Option<String> {
        documented(&VendorTable::built_in(), &identity, hold_times).implementation
    }

    #[test]
    fn every_implementation_stands_in_the_built_in_table() {
        let table = VendorTable::built_in();
        for one in IMPLEMENTATIONS {
            for (vendor, os) in one.rows {
                assert!(table.knows(vendor, os), "{vendor}/{os}");
            }
        }
    }

    #[test]
    fn the_hold_time_tells_the_profile_of_frr() {
        let frr = identity("frrouting", "frr", Some("10.7"));
        let traditional = Some("frrouting/frr-traditional".to_owned());
        assert_eq!(of(frr, &[180]), traditional);
        let datacenter = Some("frrouting/frr-datacenter".to_owned());
        assert_eq!(of(frr, &[9]), datacenter);
        assert_eq!(of(frr, &[]), traditional, "assumed where nothing tells");
        assert_eq!(of(frr, &[33]), traditional);
    }

    #[test]
    fn rows_are_not_used_for_versions_that_they_are_not_about() {
        let vrp = |version| of(identity("huawei", "vrp", Some(version)), &[]);
        assert_eq!(vrp("8.210").as_deref(), Some("huawei/vrp8"));
        assert_eq!(vrp("5.170"), None);
        let bird = |version| of(identity("cznic", "bird", version), &[]);
        assert_eq!(bird(Some("3.1.2")).as_deref(), Some("cznic/bird3"));
        assert_eq!(bird(Some("2.0.12")).as_deref(), Some("cznic/bird2"));
    }

    #[test]
    fn what_is_not_identified_has_no_traits_and_no_defaults() {
        let nobody = Identity::default();
        assert_eq!(traits_of(&nobody), Traits::default());
        assert_eq!(of(nobody, &[180]), None);
        assert_eq!(of(identity("acme", "os", None), &[]), None);
    }
}

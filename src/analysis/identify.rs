//! What a router is: vendor, operating system and version, from the texts of its Initiation, and
//! where these are silent from its OPENs. Every table says where its rows were seen.

use crate::bgp::Open;
use crate::bgp::capability::{CapabilityCode, CapabilityValue};
use crate::bmp::PeerType;
use crate::session::Session;
use schemars::JsonSchema;
use serde::Serialize;

/// How something of a router is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// sysDescr of the Initiation says it.
    SysDescr,
    /// sysName of the Initiation says it.
    SysName,
    /// The Software Version capability of an OPEN says it.
    SoftwareVersion,
    /// The order of the capabilities and the Hold Time of an OPEN are its own.
    OpenFingerprint,
}

/// How sure that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sure {
    /// It names itself.
    Certain,
    /// Nothing else is known to look like this.
    Likely,
    /// Others may look like this.
    Guess,
}

/// What a router is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Vendor, in lower case.
    pub vendor: &'static str,
    /// Operating system, in lower case.
    pub os: &'static str,
    /// How both are known.
    pub by: How,
    /// How sure both are.
    pub sure: Sure,
    /// Version, and how it is known; it is as sure as the rest.
    pub version: Option<(String, How)>,
}

/// What the router of a session is; none where nothing tells.
pub fn identify(session: &Session) -> Option<Identity> {
    let descr = session.router.sys_descr.as_deref().unwrap_or_default();
    let name = session.router.sys_name.as_deref().unwrap_or_default();
    if let Some(identity) = of_texts(descr, name) {
        return Some(identity);
    }
    let mut identity = of_sent_opens(session).or_else(|| of_bare_version(descr))?;
    if let Some(version) = bare_version(descr) {
        identity.version = Some((version.to_owned(), How::SysDescr));
    }
    Some(identity)
}

/// What the texts of an Initiation say, where they name anything.
pub fn of_texts(sys_descr: &str, sys_name: &str) -> Option<Identity> {
    let descr = sys_descr.trim();
    if let Some(row) = TEXTS.iter().find(|row| row.matches(descr)) {
        let version = row.version(descr).map(|version| (version, How::SysDescr));
        return Some(row.identity(How::SysDescr, Sure::Certain, version));
    }
    // GoBGP's default: sysName GoBGP, and the version as sysDescr.
    let row = TEXTS.iter().find(|row| row.begins == sys_name)?;
    let version = bare_version(sys_descr).map(|version| (version.to_owned(), How::SysDescr));
    Some(row.identity(How::SysName, Sure::Likely, version))
}

/// What an OPEN says of its sender.
pub fn of_open(open: &Open) -> Option<Identity> {
    of_software_version(open).or_else(|| of_fingerprint(open))
}

/// A text by which a router names itself.
struct Text {
    vendor: &'static str,
    os: &'static str,
    /// What sysDescr begins with.
    begins: &'static str,
    /// What it has further on; empty: anything.
    holds: &'static str,
    /// What stands before the version; empty: it comes right behind the beginning. `None`: it is not there.
    before_version: Option<&'static str>,
}

const fn text(
    (vendor, os): (&'static str, &'static str),
    begins: &'static str,
    holds: &'static str,
    before_version: Option<&'static str>,
) -> Text {
    Text {
        vendor,
        os,
        begins,
        holds,
        before_version,
    }
}

/// Texts seen in BMP captures, or in SNMP and LLDP where no capture of BMP has one; the first that fits
/// counts.
#[rustfmt::skip]
const TEXTS: &[Text] = &[
    text(("cisco", "ios-xr"), "Cisco IOS XR Software", "", Some("Version ")),
    text(("cisco", "nx-os"), "Cisco NX-OS", "", Some("Version ")),
    text(("cisco", "ios-xe"), "Cisco IOS Software", "IOS-XE", Some("Version ")),
    text(("cisco", "ios-xe"), "Cisco IOS Software", "IOSXE", Some("Version ")),
    text(("cisco", "ios-xe"), "Cisco IOS Software", "X86_64_LINUX_IOSD", Some("Version ")),
    text(("cisco", "ios"), "Cisco IOS Software", "", Some("Version ")),
    // Over BMP only the kernel's version is told: no Junos version.
    text(("juniper", "junos"), "Juniper Networks, Inc.", "kernel JUNOS ", Some("kernel JUNOS ")),
    text(("juniper", "junos"), "Juniper Networks, Inc.", "", None),
    text(("nokia", "srlinux"), "SRLinux-v", "", Some("")),
    text(("nokia", "sros"), "TiMOS-", "", Some("-")),
    text(("arista", "eos"), "Arista Networks EOS version ", "", Some("")),
    text(("huawei", "yunshan"), "Huawei YunShan OS", "", Some("Version ")),
    text(("huawei", "vrp"), "Huawei Versatile Routing Platform", "", Some("Version ")),
    text(("h3c", "comware"), "H3C Comware", "", Some("Version ")),
    text(("h3c", "comware"), "Hangzhou H3C Comware", "", Some("Version ")),
    text(("zte", "zxr10"), "ZXR10 ROS Version V", "", Some("Software, Version V")),
    text(("mikrotik", "routeros"), "RouterOS ", "", None),
    text(("cumulus", "cumulus"), "Cumulus Linux version ", "", Some("")),
    text(("vyos", "vyos"), "VyOS ", "", Some("")),
    text(("vyos", "vyos"), "Vyatta VyOS ", "", Some("")),
    text(("sonic", "sonic"), "SONiC Software Version: SONiC.", "", Some("")),
    text(("frrouting", "frr"), "FRRouting ", "", Some("")),
    text(("frrouting", "frr"), "FRRouting/", "", Some("")),
    text(("osrg", "gobgp"), "GoBGP ", "", Some("")),
    text(("osrg", "gobgp"), "GoBGP", "", None),
    text(("osrg", "rustybgp"), "RustyBGP", "", None),
    text(("cznic", "bird"), "BIRD ", "", Some("")),
    text(("openbsd", "openbgpd"), "OpenBGPD ", "", Some("")),
    text(("openbsd", "openbgpd"), "OpenBGPD", "", None),
    text(("exa-networks", "exabgp"), "ExaBGP", "", None),
];

impl Text {
    fn matches(&self, text: &str) -> bool {
        let behind = text.strip_prefix(self.begins);
        behind.is_some_and(|behind| behind.contains(self.holds))
    }

    fn version(&self, text: &str) -> Option<String> {
        let behind = text.strip_prefix(self.begins)?;
        let (_, version) = behind.split_once(self.before_version?)?;
        let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ';');
        let version = version.split(ends).next()?;
        (!version.is_empty()).then(|| version.to_owned())
    }

    fn identity(&self, by: How, sure: Sure, version: Option<(String, How)>) -> Identity {
        Identity {
            vendor: self.vendor,
            os: self.os,
            by,
            sure,
            version,
        }
    }
}

/// A version and nothing else: IOS XR (with a space before it) and GoBGP say no more.
fn bare_version(text: &str) -> Option<&str> {
    let version = text.trim();
    let is_version = version.starts_with(|c: char| c.is_ascii_digit())
        && version.contains('.')
        && version
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '.');
    is_version.then_some(version)
}

/// Only IOS XR has been seen to put a space before a bare version.
fn of_bare_version(sys_descr: &str) -> Option<Identity> {
    let version = bare_version(sys_descr)?;
    sys_descr.starts_with(' ').then(|| Identity {
        vendor: "cisco",
        os: "ios-xr",
        by: How::SysDescr,
        sure: Sure::Guess,
        version: Some((version.to_owned(), How::SysDescr)),
    })
}

/// The surest thing that the OPENs sent to peers say. Those of a Loc-RIB are made up (RFC 9069 5.2).
fn of_sent_opens(session: &Session) -> Option<Identity> {
    let peers = session.peers.iter();
    let real = peers.filter(|peer| peer.peer_type != PeerType::LOC_RIB);
    let opens = real.filter_map(|peer| peer.opens.as_deref());
    opens
        .filter_map(|(sent, _)| of_open(sent))
        .min_by_key(|identity| identity.sure)
}

fn of_software_version(open: &Open) -> Option<Identity> {
    let version = open
        .capabilities()
        .iter()
        .find_map(|one| match &one.value {
            CapabilityValue::SoftwareVersion(value) => Some(value.version.as_str()),
            _ => None,
        })?;
    let row = TEXTS.iter().find(|row| row.matches(version))?;
    let version = row
        .version(version)
        .map(|text| (text, How::SoftwareVersion));
    Some(row.identity(How::SoftwareVersion, Sure::Certain, version))
}

/// An order of capabilities.
struct Fingerprint {
    vendor: &'static str,
    os: &'static str,
    /// Codes that are all there, in this order; others may stand between them.
    order: &'static [u8],
    /// Codes of which none is there.
    without: &'static [u8],
    /// Nothing but these and multiprotocol is there, if any are named.
    only: &'static [u8],
    hold_time: Option<u16>,
    sure: Sure,
}

/// Seen in captures of OPENs of routers that name themselves elsewhere. The first that fits counts.
const FINGERPRINTS: &[Fingerprint] = &[
    // FRR 8.0 to 10.8: 1 128 2 70 65 6 69 76 73 64 71 75.
    Fingerprint {
        vendor: "frrouting",
        os: "frr",
        order: &[2, 70, 65, 6, 69, 73],
        without: &[],
        only: &[],
        hold_time: None,
        sure: Sure::Likely,
    },
    // GoBGP 3.10: 2 73 1 65 64 71 5 69.
    Fingerprint {
        vendor: "osrg",
        os: "gobgp",
        order: &[2, 73, 65],
        without: &[70, 128],
        only: &[],
        hold_time: None,
        sure: Sure::Likely,
    },
    // Junos, MX204 and vMX: 1 128 2 64 65 69 71 5, Hold Time 90.
    Fingerprint {
        vendor: "juniper",
        os: "junos",
        order: &[128, 2, 64, 65, 71],
        without: &[6, 70, 73],
        only: &[],
        hold_time: Some(90),
        sure: Sure::Likely,
    },
    // IOS XR 7.4 to 25.1: 1 128 2 65 64 69 5, Hold Time 180.
    Fingerprint {
        vendor: "cisco",
        os: "ios-xr",
        order: &[128, 2, 65],
        without: &[6, 70, 71, 73],
        only: &[2, 5, 64, 65, 69, 128],
        hold_time: Some(180),
        sure: Sure::Likely,
    },
    // BIRD 2.19 and 3.2: 1 2 5 6 9 64 65 69 70 71 73, always in ascending order.
    Fingerprint {
        vendor: "cznic",
        os: "bird",
        order: &[2, 64, 65, 70, 71],
        without: &[128],
        only: &[],
        hold_time: None,
        sure: Sure::Likely,
    },
    // OpenBGPD 7.7: 1 2 9 64 65 69 70.
    Fingerprint {
        vendor: "openbsd",
        os: "openbgpd",
        order: &[2, 64, 65, 70],
        without: &[6, 71, 73, 128],
        only: &[],
        hold_time: None,
        sure: Sure::Guess,
    },
    // ExaBGP 4.2: 1 65 2 70 6.
    Fingerprint {
        vendor: "exa-networks",
        os: "exabgp",
        order: &[65, 2, 70, 6],
        without: &[69, 71, 73, 128],
        only: &[],
        hold_time: None,
        sure: Sure::Guess,
    },
    // Huawei NE40E and NetEngine 8000: 1 2 65, Hold Time 180.
    Fingerprint {
        vendor: "huawei",
        os: "vrp",
        order: &[2, 65],
        without: &[],
        only: &[2, 65, 69],
        hold_time: Some(180),
        sure: Sure::Guess,
    },
];

impl Fingerprint {
    fn fits(&self, codes: &[u8], hold_time: u16) -> bool {
        let mut rest = codes.iter();
        let is_in_order = self
            .order
            .iter()
            .all(|code| rest.any(|other| other == code));
        let multiprotocol = CapabilityCode::MULTIPROTOCOL.0;
        let is_only = |code: &u8| *code == multiprotocol || self.only.contains(code);
        is_in_order
            && !codes.iter().any(|code| self.without.contains(code))
            && (self.only.is_empty() || codes.iter().all(is_only))
            && self.hold_time.is_none_or(|own| own == hold_time)
    }
}

fn of_fingerprint(open: &Open) -> Option<Identity> {
    let codes: Vec<u8> = open.capabilities().iter().map(|one| one.code.0).collect();
    let fits = |row: &&Fingerprint| row.fits(&codes, open.hold_time);
    let row = FINGERPRINTS.iter().find(fits)?;
    Some(Identity {
        vendor: row.vendor,
        os: row.os,
        by: How::OpenFingerprint,
        sure: row.sure,
        version: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::bgp;
    use crate::wire::Cursor;

    fn told(sys_descr: &str, sys_name: &str) -> Option<(&'static str, String)> {
        let identity = of_texts(sys_descr, sys_name)?;
        let version = identity.version.map(|version| version.0);
        Some((identity.os, version.unwrap_or_default()))
    }

    #[test]
    fn texts_name_the_operating_system_and_its_version() {
        // From captures of BMP, SNMP and LLDP in public repositories, and from the lab.
        let cases = [
            (
                "Cisco IOS XR Software, Version 5.2.2.21I[Default]\nCopyright (c) 2014 by Cisco Systems, Inc.",
                "ios-xr",
                "5.2.2.21I",
            ),
            (
                "Cisco NX-OS(tm) nxos.7.0.3.I7.8.bin, Software (nxos), Version 7.0(3)I7(8), RELEASE SOFTWARE Copyright ...",
                "nx-os",
                "7.0(3)I7(8)",
            ),
            (
                "Cisco IOS Software, IOS-XE Software (X86_64_LINUX_IOSD-ADVENTERPRISEK9-M), Version 15.3(2)S0a, RELEASE SOFTWARE (fc1)",
                "ios-xe",
                "15.3(2)S0a",
            ),
            (
                "Cisco IOS Software, 3700 Software (C3725-ADVENTERPRISEK9-M), Version 12.4(9)T1, RELEASE SOFTWARE (fc2)",
                "ios",
                "12.4(9)T1",
            ),
            (
                "Juniper Networks, Inc. JNP204 [MX204] internet router, kernel FreeBSD JNPR-15.0-20240618.78e5114_buil, Build date: 2024-06-22",
                "junos",
                "",
            ),
            (
                "TiMOS-C-24.7.R1 cpm/x86_64 Nokia 7750 SR Copyright (c) 2000-2024 Nokia.",
                "sros",
                "24.7.R1",
            ),
            (
                "SRLinux-v24.10.2-357-ga1dd6e02b5 7220 IXR-D2L Copyright (c) 2000-2020 Nokia. Kernel ...",
                "srlinux",
                "24.10.2-357-ga1dd6e02b5",
            ),
            (
                "Arista Networks EOS version 4.23.13M-2GB running on an Arista Networks DCS-7150S-64-CL",
                "eos",
                "4.23.13M-2GB",
            ),
            (
                "Huawei Versatile Routing Platform Software VRP (R) software, Version 8.210 (NE40E V800R021C00SPC090T) Copyright (C) 2012-2021 Huawei Technologies Co., Ltd. HUAWEI NE40E-M2K-B",
                "vrp",
                "8.210",
            ),
            (
                "ZXR10 ROS Version V4.6.02D ZXR10 T64G Software, Version V2.6.02.d.16_p05 Copyright (c) 2001-2007 by ZTE Corporation",
                "zxr10",
                "2.6.02.d.16_p05",
            ),
            ("RouterOS CRS125-24G-1S", "routeros", ""),
            ("FRRouting 8.0.1 (frr-8.0-vsr-3.7.1-v10)", "frr", "8.0.1"),
            ("RustyBGP", "rustybgp", ""),
            ("BIRD 2.19.0 lab", "bird", "2.19.0"),
            ("GoBGP 3.10.0 lab", "gobgp", "3.10.0"),
        ];
        for (text, os, version) in cases {
            assert_eq!(told(text, "r1"), Some((os, version.to_owned())), "{text}");
        }
        assert_eq!(
            told("3.10.0", "GoBGP"),
            Some(("gobgp", "3.10.0".to_owned()))
        );
        assert_eq!(told(" 7.4.1", "PE2"), None);
        assert_eq!(told("Not defined", "r1"), None);
    }

    fn open(hold_time: u16, codes: &[u8]) -> Open {
        let mut capabilities = Vec::new();
        for code in codes {
            match code {
                1 => capabilities.extend([1, 4, 0, 1, 0, 1]),
                65 => capabilities.extend([65, 4, 0, 0, 0xfb, 0xf4]),
                code => capabilities.extend([*code, 0]),
            }
        }
        let length = u8::try_from(capabilities.len()).unwrap();
        let [high, low] = hold_time.to_be_bytes();
        let fixed = [
            4,
            0xfb,
            0xf4,
            high,
            low,
            192,
            0,
            2,
            7,
            length + 2,
            2,
            length,
        ];
        let pdu = bgp(1, &[&fixed[..], &capabilities].concat());
        Open::decode(&mut Cursor::new(&pdu)).unwrap()
    }

    #[test]
    fn the_order_of_capabilities_tells_what_texts_do_not() {
        // Orders as captured; by routers that say who they are in the same capture.
        let cases: &[(u16, &[u8], &str)] = &[
            (180, &[1, 1, 128, 2, 70, 65, 6, 69, 73, 64], "frr"),
            (9, &[1, 2, 70, 65, 6, 9, 69, 76, 73, 64, 71], "frr"),
            (9, &[2, 73, 1, 65, 5, 69], "gobgp"),
            (90, &[1, 1, 128, 2, 64, 65, 71, 5], "junos"),
            (180, &[1, 1, 128, 2, 65, 64, 5], "ios-xr"),
            (180, &[1, 128, 2, 65, 5], "ios-xr"),
            (9, &[1, 2, 6, 9, 64, 65, 69, 70, 71, 73], "bird"),
            (9, &[1, 1, 2, 64, 65, 69, 70], "openbgpd"),
            (30, &[1, 1, 1, 65, 2, 70, 6], "exabgp"),
            (180, &[1, 2, 65], "vrp"),
        ];
        for (hold_time, codes, os) in cases {
            let identity = of_open(&open(*hold_time, codes)).unwrap();
            assert_eq!(
                (identity.os, identity.by),
                (*os, How::OpenFingerprint),
                "{codes:?}"
            );
        }
        assert_eq!(of_open(&open(9, &[])), None);
        assert_eq!(of_open(&open(90, &[1, 2, 65])), None);
    }

    #[test]
    fn a_bare_version_is_of_whom_the_open_shows() {
        let mut session = Session::new(1, None, None);
        session.router.sys_descr = Some(" 7.4.1".to_owned());
        let identity = identify(&session).unwrap();
        assert_eq!((identity.os, identity.sure), ("ios-xr", Sure::Guess));
        assert_eq!(identity.version, Some(("7.4.1".to_owned(), How::SysDescr)));
        session.router.sys_descr = Some("24.1.2".to_owned());
        assert_eq!(identify(&session), None);
    }
}

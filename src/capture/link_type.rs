//! Link types: what the first octets of a frame are.

use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// A number of the LINKTYPE_ registry (draft-ietf-opsawg-pcaplinktype).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkType(pub u16);

impl LinkType {
    /// BSD loopback: address family in the byte order of the machine that captured.
    pub const NULL: LinkType = LinkType(0);
    /// Ethernet.
    pub const ETHERNET: LinkType = LinkType(1);
    /// PPP (RFC 1661), with or without HDLC-like framing.
    pub const PPP: LinkType = LinkType(9);
    /// PPP in HDLC-like framing (RFC 1662) or Cisco PPP.
    pub const PPP_HDLC: LinkType = LinkType(50);
    /// PPPoE session packets (RFC 2516).
    pub const PPP_ETHER: LinkType = LinkType(51);
    /// IPv4 or IPv6, told apart by the version.
    pub const RAW: LinkType = LinkType(101);
    /// Cisco PPP with HDLC framing.
    pub const C_HDLC: LinkType = LinkType(104);
    /// IEEE 802.11.
    pub const IEEE802_11: LinkType = LinkType(105);
    /// OpenBSD loopback: address family in network byte order.
    pub const LOOP: LinkType = LinkType(108);
    /// Linux cooked capture.
    pub const LINUX_SLL: LinkType = LinkType(113);
    /// OpenBSD packet filter log.
    pub const PFLOG: LinkType = LinkType(117);
    /// MPLS label stack.
    pub const MPLS: LinkType = LinkType(219);
    /// IPv4.
    pub const IPV4: LinkType = LinkType(228);
    /// IPv6.
    pub const IPV6: LinkType = LinkType(229);
    /// Linux netfilter log.
    pub const NFLOG: LinkType = LinkType(239);
    /// Upper-layer protocol data exported by a dissector.
    pub const WIRESHARK_UPPER_PDU: LinkType = LinkType(252);
    /// Linux cooked capture, version 2.
    pub const LINUX_SLL2: LinkType = LinkType(276);
    /// Not in the registry: the capture does not say.
    pub const UNKNOWN: LinkType = LinkType(u16::MAX);

    /// The registry's word in lower case; none for a number that is not in the table here.
    pub fn name(self) -> Option<&'static str> {
        let index = NAMES
            .binary_search_by_key(&self.0, |(number, _)| *number)
            .ok()?;
        NAMES.get(index).map(|(_, name)| *name)
    }
}

impl fmt::Display for LinkType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "unknown-{}", self.0),
        }
    }
}

impl Serialize for LinkType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for LinkType {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LinkType".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }
}

/// Number and word, sorted by number. Source: the registry of draft-ietf-opsawg-pcaplinktype.
const NAMES: &[(u16, &str)] = &[
    (0, "null"),
    (1, "ethernet"),
    (2, "exp-ethernet"),
    (3, "ax25"),
    (4, "pronet"),
    (5, "chaos"),
    (6, "ieee802-5"),
    (7, "arcnet-bsd"),
    (8, "slip"),
    (9, "ppp"),
    (10, "fddi"),
    (50, "ppp-hdlc"),
    (51, "ppp-ether"),
    (99, "symantec-firewall"),
    (100, "atm-rfc1483"),
    (101, "raw"),
    (102, "slip-bsdos"),
    (103, "ppp-bsdos"),
    (104, "c-hdlc"),
    (105, "ieee802-11"),
    (106, "atm-clip"),
    (107, "frelay"),
    (108, "loop"),
    (109, "enc"),
    (112, "netbsd-hdlc"),
    (113, "linux-sll"),
    (114, "ltalk"),
    (115, "econet"),
    (116, "ipfilter"),
    (117, "pflog"),
    (118, "cisco-ios"),
    (119, "ieee802-11-prism"),
    (122, "ip-over-fc"),
    (123, "sunatm"),
    (127, "ieee802-11-radiotap"),
    (129, "arcnet-linux"),
    (130, "juniper-mlppp"),
    (131, "juniper-mlfr"),
    (132, "juniper-es"),
    (133, "juniper-ggsn"),
    (134, "juniper-mfr"),
    (135, "juniper-atm2"),
    (136, "juniper-services"),
    (137, "juniper-atm1"),
    (138, "apple-ip-over-ieee1394"),
    (139, "mtp2-with-phdr"),
    (140, "mtp2"),
    (141, "mtp3"),
    (142, "sccp"),
    (143, "docsis"),
    (144, "linux-irda"),
    (147, "user0"),
    (148, "user1"),
    (149, "user2"),
    (150, "user3"),
    (151, "user4"),
    (152, "user5"),
    (153, "user6"),
    (154, "user7"),
    (155, "user8"),
    (156, "user9"),
    (157, "user10"),
    (158, "user11"),
    (159, "user12"),
    (160, "user13"),
    (161, "user14"),
    (162, "user15"),
    (163, "ieee802-11-avs"),
    (164, "juniper-monitor"),
    (165, "bacnet-ms-tp"),
    (166, "ppp-pppd"),
    (167, "juniper-pppoe"),
    (168, "juniper-pppoe-atm"),
    (169, "gprs-llc"),
    (170, "gpf-t"),
    (171, "gpf-f"),
    (174, "juniper-pic-peer"),
    (178, "juniper-ether"),
    (179, "juniper-ppp"),
    (180, "juniper-frelay"),
    (181, "juniper-chdlc"),
    (182, "mfr"),
    (187, "bluetooth-hci-h4"),
    (189, "usb-linux"),
    (192, "ppi"),
    (195, "ieee802-15-4-withfcs"),
    (196, "sita"),
    (197, "erf"),
    (201, "bluetooth-hci-h4-with-phdr"),
    (202, "ax25-kiss"),
    (203, "lapd"),
    (204, "ppp-with-dir"),
    (205, "c-hdlc-with-dir"),
    (206, "frelay-with-dir"),
    (209, "ipmb-linux"),
    (215, "ieee802-15-4-nonask-phy"),
    (219, "mpls"),
    (220, "usb-linux-mmapped"),
    (224, "fc-2"),
    (225, "fc-2-with-frame-delims"),
    (226, "ipnet"),
    (227, "can-socketcan"),
    (228, "ipv4"),
    (229, "ipv6"),
    (230, "ieee802-15-4-nofcs"),
    (231, "dbus"),
    (235, "dvb-ci"),
    (236, "mux27010"),
    (239, "nflog"),
    (240, "netanalyzer"),
    (241, "netanalyzer-transparent"),
    (242, "ipoib"),
    (247, "infiniband"),
    (248, "sctp"),
    (249, "usbpcap"),
    (251, "bluetooth-le-ll"),
    (252, "wireshark-upper-pdu"),
    (253, "netlink"),
    (254, "bluetooth-linux-monitor"),
    (256, "bluetooth-le-ll-with-phdr"),
    (258, "pktap"),
    (259, "epon"),
    (264, "iso-14443"),
    (266, "usb-darwin"),
    (271, "vsock"),
    (272, "nordic-ble"),
    (274, "ethernet-mpacket"),
    (276, "linux-sll2"),
    (278, "openvizsla"),
    (279, "ebhscr"),
    (280, "vpp-dispatch"),
    (281, "dsa-tag-brcm"),
    (282, "dsa-tag-brcm-prepend"),
    (283, "ieee802-15-4-tap"),
    (284, "dsa-tag-dsa"),
    (285, "dsa-tag-edsa"),
    (288, "usb-2-0"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_by_number() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn a_link_type_prints_its_word_or_its_number() {
        assert_eq!(LinkType::ETHERNET.to_string(), "ethernet");
        assert_eq!(LinkType::LINUX_SLL2.to_string(), "linux-sll2");
        assert_eq!(LinkType(9999).to_string(), "unknown-9999");
        let json = serde_json::to_string(&[LinkType::RAW, LinkType(9999)]).unwrap();
        assert_eq!(json, r#"["raw","unknown-9999"]"#);
    }
}

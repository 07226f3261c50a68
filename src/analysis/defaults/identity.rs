//! Who a router is, by the text of its sysDescr.

use crate::session::Session;

/// Vendor, operating system and version, as far as they are known.
#[derive(Debug, Clone, Default)]
pub(super) struct Own {
    pub(super) vendor: Option<String>,
    pub(super) os: Option<String>,
    pub(super) version: Option<String>,
}

pub(super) fn identity(session: &Session) -> Own {
    let text = session.router.sys_descr.as_deref().unwrap_or_default();
    let rows = [
        ("FRRouting ", "frrouting", "frr", "FRRouting "),
        ("Huawei Versatile", "huawei", "vrp", "Version "),
        ("Cisco IOS XR", "cisco", "ios-xr", "Version "),
        ("Juniper Networks", "juniper", "junos", "JUNOS "),
        ("Cisco IOS", "cisco", "ios-xe", "Version "),
        ("BIRD ", "cznic", "bird", "BIRD "),
        ("Arista Networks EOS", "arista", "eos", "version "),
    ];
    let row = rows.into_iter().find(|(begin, ..)| text.starts_with(begin));
    row.map_or_else(Own::default, |(_, vendor, os, before)| {
        let behind = text.split_once(before).map(|(_, behind)| behind);
        let version = behind.and_then(|behind| behind.split([' ', ',', '[']).next());
        Own {
            vendor: Some(vendor.to_owned()),
            os: Some(os.to_owned()),
            version: version.map(str::to_owned),
        }
    })
}

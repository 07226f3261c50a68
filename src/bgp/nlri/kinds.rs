//! Routes that are no prefixes, by their kind: one key of JSON for each, beside the octets.

use super::{Evpn, FlowSpec, LinkState, Mdt, Mvpn, Nlri, Vpls};
use crate::bgp::attribute::ExtendedCommunity;
use crate::net::Family;
use crate::wire::{Cursor, DecodeError};
use schemars::JsonSchema;
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a route of a known kind says.
#[derive(Debug, Clone)]
pub enum Kind<'a> {
    /// SAFI 70.
    Evpn(Evpn),
    /// SAFIs 133 and 134 of IPv4 and IPv6.
    FlowSpec(FlowSpec<'a>),
    /// SAFI 132.
    RouteTarget(RouteTarget),
    /// SAFI 73.
    SrPolicy(SrPolicy),
    /// SAFI 65.
    Vpls(Vpls),
    /// SAFI 5.
    Mvpn(Mvpn<'a>),
    /// SAFI 66.
    Mdt(Mdt),
    /// SAFIs 71, 72 and 80.
    LinkState(LinkState<'a>),
}

/// Membership of a route target (RFC 4684 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RouteTarget {
    /// The AS that wants the routes; none in the default, which asks for all.
    pub origin_as: Option<u32>,
    /// The route target; none where it is left open, in part or in full.
    #[serde(serialize_with = "optional_target")]
    #[schemars(with = "Option<String>")]
    pub route_target: Option<ExtendedCommunity>,
}

/// A candidate path of an SR Policy (RFC 9830 2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SrPolicy {
    /// Tells candidate paths of one policy apart.
    pub distinguisher: u32,
    /// The intent.
    pub color: u32,
    /// The far end.
    pub endpoint: IpAddr,
}

fn optional_target<S: serde::Serializer>(
    target: &Option<ExtendedCommunity>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match target {
        Some(target) => serializer.collect_str(target),
        None => serializer.serialize_none(),
    }
}

impl<'a> Nlri<'a> {
    /// What a route without a prefix says; none where nothing here knows its kind. Offsets of an
    /// error count from the NLRI.
    pub fn kind(&self) -> Option<Result<Kind<'a>, DecodeError>> {
        let super::Destination::Raw(octets) = self.destination else {
            return None;
        };
        read(self.family, Cursor::new(octets))
    }
}

fn read(family: Family, cursor: Cursor<'_>) -> Option<Result<Kind<'_>, DecodeError>> {
    let is_ipv6 = family.afi == 2;
    Some(match (family.afi, family.safi) {
        (25, 70) => Evpn::decode(cursor).map(Kind::Evpn),
        (1 | 2, safi @ (133 | 134)) => {
            FlowSpec::decode(cursor, is_ipv6, safi == 134).map(Kind::FlowSpec)
        }
        (1 | 2, 132) => RouteTarget::decode(cursor).map(Kind::RouteTarget),
        (1 | 2, 73) => SrPolicy::decode(cursor, is_ipv6).map(Kind::SrPolicy),
        (25, 65) => Vpls::decode(cursor).map(Kind::Vpls),
        (1 | 2, 5) => Mvpn::decode(cursor).map(Kind::Mvpn),
        (1, 66) => Mdt::decode(cursor).map(Kind::Mdt),
        (16388, safi @ (71 | 72 | 80)) => {
            LinkState::decode(cursor, safi == 72).map(Kind::LinkState)
        }
        _ => return None,
    })
}

impl RouteTarget {
    /// Reads one NLRI, its length included.
    pub fn decode(mut cursor: Cursor<'_>) -> Result<RouteTarget, DecodeError> {
        let at = cursor;
        let bits = cursor.u8("NLRI Length")?;
        let mut route = RouteTarget {
            origin_as: None,
            route_target: None,
        };
        match bits {
            0 => {}
            // "A prefix length of 32 bits to 96 bits" (RFC 4684 4).
            32..=96 => {
                route.origin_as = Some(cursor.u32("Origin AS")?);
                if bits == 96 {
                    let target = ExtendedCommunity(cursor.array("Route Target")?);
                    route.route_target = Some(target);
                }
            }
            _ => return Err(at.malformed("NLRI Length", "is not 0 and not 32 to 96 bits")),
        }
        Ok(route)
    }
}

impl SrPolicy {
    /// Reads one NLRI, its length included.
    pub fn decode(mut cursor: Cursor<'_>, is_ipv6: bool) -> Result<SrPolicy, DecodeError> {
        let at = cursor;
        let expected = if is_ipv6 { 192 } else { 96 };
        if cursor.u8("NLRI Length")? != expected {
            return Err(at.malformed("NLRI Length", "does not fit the endpoint of its family"));
        }
        let distinguisher = cursor.u32("Distinguisher")?;
        let color = cursor.u32("Policy Color")?;
        let endpoint = if is_ipv6 {
            Ipv6Addr::from(cursor.array::<16>("Endpoint")?).into()
        } else {
            Ipv4Addr::from(cursor.array("Endpoint")?).into()
        };
        Ok(SrPolicy {
            distinguisher,
            color,
            endpoint,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::test_bytes::hex;
    use serde_json::json;

    #[test]
    fn a_route_target_may_be_open() {
        let read = |text: &str| RouteTarget::decode(Cursor::new(&hex(text)));
        // RFC 4684 4: 96 bits; tshark 4.0 reads the same AS and route target.
        let whole = read("60 0000fde8 0002fde800000064").unwrap();
        let expected = json!({ "origin_as": 65000, "route_target": "rt:65000:100" });
        assert_eq!(serde_json::to_value(whole).unwrap(), expected);
        let default = json!({ "origin_as": null, "route_target": null });
        assert_eq!(serde_json::to_value(read("00").unwrap()).unwrap(), default);
        assert_eq!(
            read("08 00").unwrap_err().to_string(),
            "NLRI Length at byte 0: is not 0 and not 32 to 96 bits"
        );
        let octets = hex("60 0000fde8 0002fde800000064");
        for length in 0..octets.len() {
            assert!(RouteTarget::decode(Cursor::new(&octets[..length])).is_err());
        }
    }

    #[test]
    fn a_policy_is_distinguisher_color_and_endpoint() {
        // Captured (public/tcpdump, bgp-sr-te-tunnel-policy), of both families.
        let octets = hex("c0 ffffffff 80000000 20020000000000000000000003040506");
        let policy = SrPolicy::decode(Cursor::new(&octets), true).unwrap();
        assert_eq!(policy.endpoint.to_string(), "2002::304:506");
        let octets = hex("60 ffffffff 80000000 03040506");
        let policy = SrPolicy::decode(Cursor::new(&octets), false).unwrap();
        let expected =
            json!({ "distinguisher": u32::MAX, "color": 0x8000_0000_u32, "endpoint": "3.4.5.6" });
        assert_eq!(serde_json::to_value(policy).unwrap(), expected);
        for length in 0..octets.len() {
            assert!(SrPolicy::decode(Cursor::new(&octets[..length]), false).is_err());
        }
        assert_eq!(
            SrPolicy::decode(Cursor::new(&octets), true)
                .unwrap_err()
                .to_string(),
            "NLRI Length at byte 0: does not fit the endpoint of its family"
        );
    }
}

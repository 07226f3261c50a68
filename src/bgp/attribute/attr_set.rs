//! ATTR_SET (RFC 6368 5): the attributes that a customer's route had before it became a VPN route.
//!
//! ```text
//! | Origin AS (4) | path attributes |
//! ```

use super::{AsPath, AttributeCode, AttributeIter, PathAttributes};
use crate::bgp::context::Context;
use crate::wire::{Cursor, DecodeError};

/// Attributes inside an attribute. An ATTR_SET in there is not looked into.
#[derive(Debug, Clone, Copy)]
pub struct AttrSet<'a> {
    /// The AS of the customer's network.
    pub origin_as: u32,
    attributes: Cursor<'a>,
    four_octet_as: bool,
}

impl<'a> AttrSet<'a> {
    /// Reads the AS and walks the attributes by their lengths.
    pub fn decode(mut cursor: Cursor<'a>, four_octet_as: bool) -> Result<AttrSet<'a>, DecodeError> {
        let origin_as = cursor.u32("Origin AS")?;
        AttributeIter::new(cursor).try_for_each(|attribute| attribute.map(drop))?;
        let fits = |width| path(cursor).is_none_or(|path| AsPath::decode(path, width).is_ok());
        // Routers on the way pass ATTR_SET on as it is, whatever the width of their own sessions:
        // the other width is taken where only that one can be read.
        let is_other = !fits(four_octet_as) && fits(!four_octet_as);
        Ok(AttrSet {
            origin_as,
            attributes: cursor,
            four_octet_as: four_octet_as != is_other,
        })
    }

    /// The attributes, in order as sent.
    pub fn attributes(&self) -> AttributeIter<'a> {
        AttributeIter::new(self.attributes)
    }

    /// How the attributes are to be read.
    pub fn context(&self) -> Context {
        Context {
            four_octet_as: self.four_octet_as,
            ..Context::default()
        }
    }

    /// The attributes by name; those that may not be in here (NEXT_HOP, the routes of
    /// multiprotocol attributes, another ATTR_SET) have none.
    pub fn path_attributes(&self, context: &Context) -> PathAttributes<'a> {
        PathAttributes::read_set(self.attributes(), context)
    }
}

fn path(attributes: Cursor<'_>) -> Option<Cursor<'_>> {
    let mut all = AttributeIter::new(attributes).flatten();
    let found = all.find(|attribute| attribute.code == AttributeCode::AS_PATH)?;
    Some(found.cursor())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::test_bytes::hex;

    /// Captured (public/tcpdump, bgp_vpn_attrset), of a session with two octets.
    const CAPTURED: &str = "
        0000fde9                # Origin AS 65001
        40 01 01 00             # ORIGIN IGP
        40 02 04 02 01 15b3     # AS_PATH 5555
        40 05 04 0000002c       # LOCAL_PREF 44
        80 09 04 16050505       # ORIGINATOR_ID 22.5.5.5
        80 0a 04 16050505       # CLUSTER_LIST 22.5.5.5";

    fn json(text: &str, four_octet_as: bool) -> serde_json::Value {
        let octets = hex(text);
        for length in 0..octets.len() {
            if let Ok(set) = AttrSet::decode(Cursor::new(&octets[..length]), four_octet_as) {
                serde_json::to_value(set).unwrap();
            }
        }
        let set = AttrSet::decode(Cursor::new(&octets), four_octet_as).unwrap();
        serde_json::to_value(set).unwrap()
    }

    #[test]
    fn the_attributes_of_the_customer_are_read_in_either_width() {
        for four_octet_as in [false, true] {
            let value = json(CAPTURED, four_octet_as);
            assert_eq!(value["origin_as"], 65001);
            assert_eq!(value["as_path"][0]["asns"], serde_json::json!([5555]));
            assert_eq!(value["local_pref"], 44);
            assert_eq!(value["originator_id"], "22.5.5.5");
            assert_eq!(value["attributes_other"], serde_json::json!([]));
        }
    }

    #[test]
    fn a_set_in_a_set_and_a_next_hop_stay_octets() {
        // RFC 6368 5: NEXT_HOP and MP_REACH_NLRI may not be there.
        let value = json(
            "0000fde9 40 03 04 c0000201 40 01 01 00 c0 80 04 00000001",
            true,
        );
        let others = value["attributes_other"].as_array().unwrap();
        let names: Vec<_> = others.iter().map(|other| &other["name"]).collect();
        assert_eq!(names, ["next-hop", "attr-set"]);
        assert_eq!(value["origin"], "igp");
    }

    #[test]
    fn wrong_lengths_name_the_field_and_the_byte() {
        let error = |text: &str| {
            let octets = hex(text);
            let read = AttrSet::decode(Cursor::new(&octets), true);
            read.unwrap_err().to_string()
        };
        assert_eq!(
            error("0000fd"),
            "Origin AS at byte 0: needs 4 bytes, 3 left in its container"
        );
        assert_eq!(
            error("0000fde9 40 01 02 00"),
            "Attribute Value at byte 7: needs 2 bytes, 1 left in its container"
        );
    }
}

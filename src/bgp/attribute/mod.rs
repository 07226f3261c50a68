//! Path attributes (RFC 4271 4.3): walking them by their declared lengths, whatever they hold, and
//! reading those that every UPDATE has.
//!
//! ```text
//! | Attr. Flags (1) | Attr. Type Code (1) | Length (1, or 2 with the Extended Length flag) | value
//! ```

mod as_path;
mod attr_set;
mod community;
mod effective_path;
mod extended;
mod handling;
mod multiprotocol;
mod path_attributes;
mod rare;
mod value;

pub use as_path::{AsPath, Segment, SegmentType};
pub use attr_set::AttrSet;
pub use community::{
    Communities, Community, ExtendedCommunities, Ipv6ExtendedCommunities, LargeCommunities,
    LargeCommunity,
};
pub use effective_path::EffectivePath;
pub use extended::{ExtendedCommunity, Ipv6ExtendedCommunity};
pub use multiprotocol::{MpReach, MpUnreach, NextHop};
pub use path_attributes::PathAttributes;
pub use rare::{PmsiTunnel, PmsiTunnelType};
pub use value::{Aggregator, AttributeValue, ClusterList, Origin};

pub use super::tlv::{Tlv, TlvKind, Tlvs};

pub(super) use handling::handling;

use super::context::Context;
use crate::wire::{Cursor, DecodeError};

code_points! {
    /// The type code of a path attribute. IANA registry, snapshot 2026-08-18.
    AttributeCode(u8) {
        ORIGIN = 1, "origin", "RFC 4271 5.1.1";
        AS_PATH = 2, "as-path", "RFC 4271 5.1.2";
        NEXT_HOP = 3, "next-hop", "RFC 4271 5.1.3";
        MULTI_EXIT_DISC = 4, "multi-exit-disc", "RFC 4271 5.1.4";
        LOCAL_PREF = 5, "local-pref", "RFC 4271 5.1.5";
        ATOMIC_AGGREGATE = 6, "atomic-aggregate", "RFC 4271 5.1.6";
        AGGREGATOR = 7, "aggregator", "RFC 4271 5.1.7";
        COMMUNITIES = 8, "communities", "RFC 1997";
        ORIGINATOR_ID = 9, "originator-id", "RFC 4456 8";
        CLUSTER_LIST = 10, "cluster-list", "RFC 4456 8";
        DPA = 11, "dpa", "RFC 6938, deprecated";
        ADVERTISER = 12, "advertiser", "RFC 6938, deprecated";
        RCID_PATH = 13, "rcid-path", "RFC 6938, deprecated";
        MP_REACH_NLRI = 14, "mp-reach-nlri", "RFC 4760 3";
        MP_UNREACH_NLRI = 15, "mp-unreach-nlri", "RFC 4760 4";
        EXTENDED_COMMUNITIES = 16, "extended-communities", "RFC 4360 2";
        AS4_PATH = 17, "as4-path", "RFC 6793 3";
        AS4_AGGREGATOR = 18, "as4-aggregator", "RFC 6793 3";
        SAFI_SPECIFIC = 19, "safi-specific", "IANA, deprecated";
        CONNECTOR = 20, "connector", "RFC 6037, deprecated";
        AS_PATHLIMIT = 21, "as-pathlimit", "IANA, deprecated";
        PMSI_TUNNEL = 22, "pmsi-tunnel", "RFC 6514 5";
        TUNNEL_ENCAPSULATION = 23, "tunnel-encapsulation", "RFC 9012 2";
        TRAFFIC_ENGINEERING = 24, "traffic-engineering", "RFC 5543 3";
        IPV6_EXTENDED_COMMUNITIES = 25, "ipv6-extended-communities", "RFC 5701 2";
        AIGP = 26, "aigp", "RFC 7311 3";
        PE_DISTINGUISHER_LABELS = 27, "pe-distinguisher-labels", "RFC 6514 8";
        ENTROPY_LABEL_CAPABILITY = 28, "entropy-label-capability", "RFC 6790, deprecated";
        BGP_LS = 29, "bgp-ls", "RFC 9552 5.3";
        LARGE_COMMUNITY = 32, "large-community", "RFC 8092 3";
        BGPSEC_PATH = 33, "bgpsec-path", "RFC 8205 3";
        COMMUNITY_CONTAINER = 34, "community-container", "draft-ietf-idr-wide-bgp-communities";
        ONLY_TO_CUSTOMER = 35, "only-to-customer", "RFC 9234 5";
        DOMAIN_PATH = 36, "d-path", "draft-ietf-bess-evpn-ipvpn-interworking";
        SFP = 37, "sfp", "RFC 9015 3.2.1";
        BFD_DISCRIMINATOR = 38, "bfd-discriminator", "RFC 9026 3.1.6";
        NEXT_HOP_DEPENDENT = 39, "next-hop-dependent-characteristics", "draft-ietf-idr-entropy-label";
        PREFIX_SID = 40, "prefix-sid", "RFC 8669 3";
        BIER = 41, "bier", "RFC 9793";
        EDGE_METADATA = 42, "edge-metadata", "draft-ietf-idr-5g-edge-service-metadata";
        ATTR_SET = 128, "attr-set", "RFC 6368 5";
        DEVELOPMENT = 255, "development", "RFC 2042";
    }
}

/// The flags of an attribute (RFC 4271 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttributeFlags(pub u8);

impl AttributeFlags {
    /// Not every speaker has to know the attribute.
    pub fn is_optional(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// Speakers that do not know it pass it on.
    pub fn is_transitive(self) -> bool {
        self.0 & 0x40 != 0
    }

    /// A speaker on the way did not know it.
    pub fn is_partial(self) -> bool {
        self.0 & 0x20 != 0
    }

    /// Its length has two octets.
    #[inline]
    pub fn has_extended_length(self) -> bool {
        self.0 & 0x10 != 0
    }
}

/// One path attribute as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Its flags.
    pub flags: AttributeFlags,
    /// What it is.
    pub code: AttributeCode,
    /// The octets behind its length.
    pub value: &'a [u8],
    /// Octets from the start of the message to the value.
    pub offset: usize,
}

impl<'a> Attribute<'a> {
    /// The value, with offsets that count from the message.
    #[inline]
    pub fn cursor(&self) -> Cursor<'a> {
        Cursor::at(self.value, self.offset)
    }

    /// What the value says; other than in the walk, here a wrong length inside is an error.
    pub fn read(&self, context: &Context) -> Result<AttributeValue<'a>, DecodeError> {
        value::read(self, context)
    }

    #[inline]
    fn decode(cursor: &mut Cursor<'a>) -> Result<Attribute<'a>, DecodeError> {
        let [flags, code] = cursor.array("Attribute Type")?;
        let flags = AttributeFlags(flags);
        let length = if flags.has_extended_length() {
            usize::from(cursor.u16("Attribute Length")?)
        } else {
            usize::from(cursor.u8("Attribute Length")?)
        };
        let offset = cursor.offset();
        Ok(Attribute {
            flags,
            code: AttributeCode(code),
            value: cursor.bytes("Attribute Value", length)?,
            offset,
        })
    }
}

/// The attributes of a section, in order; ends behind the first whose length leaves the section.
#[derive(Debug, Clone)]
pub struct AttributeIter<'a> {
    cursor: Cursor<'a>,
}

impl<'a> AttributeIter<'a> {
    /// The attributes in the octets of the cursor.
    #[inline]
    pub fn new(cursor: Cursor<'a>) -> AttributeIter<'a> {
        AttributeIter { cursor }
    }
}

impl<'a> Iterator for AttributeIter<'a> {
    type Item = Result<Attribute<'a>, DecodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.cursor.is_empty() {
            return None;
        }
        let attribute = Attribute::decode(&mut self.cursor);
        if attribute.is_err() {
            self.cursor.take_rest();
        }
        Some(attribute)
    }
}

#[cfg(test)]
mod tests;

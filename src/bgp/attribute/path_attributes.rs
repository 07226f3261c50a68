//! The attributes of one UPDATE, each where one looks for it.

use super::*;
use std::net::Ipv4Addr;

/// The attributes that are read here: the first of each code whose value could be read. All others
/// (unknown, repeated, malformed) are told by [`PathAttributes::is_other`].
#[derive(Debug, Clone, Default)]
pub struct PathAttributes<'a> {
    /// ORIGIN.
    pub origin: Option<Origin>,
    /// AS_PATH.
    pub as_path: Option<AsPath<'a>>,
    /// NEXT_HOP; that of MP_REACH_NLRI is there.
    pub next_hop: Option<Ipv4Addr>,
    /// MULTI_EXIT_DISC.
    pub med: Option<u32>,
    /// LOCAL_PREF.
    pub local_pref: Option<u32>,
    /// ATOMIC_AGGREGATE is there.
    pub atomic_aggregate: bool,
    /// AGGREGATOR.
    pub aggregator: Option<Aggregator>,
    /// COMMUNITIES.
    pub communities: Option<Communities<'a>>,
    /// ORIGINATOR_ID.
    pub originator_id: Option<Ipv4Addr>,
    /// CLUSTER_LIST.
    pub cluster_list: Option<ClusterList<'a>>,
    /// MP_REACH_NLRI.
    pub mp_reach: Option<MpReach<'a>>,
    /// MP_UNREACH_NLRI.
    pub mp_unreach: Option<MpUnreach<'a>>,
    /// EXTENDED COMMUNITIES.
    pub extended_communities: Option<ExtendedCommunities<'a>>,
    /// IPv6 Address Specific Extended Communities.
    pub ipv6_extended_communities: Option<Ipv6ExtendedCommunities<'a>>,
    /// AS4_PATH.
    pub as4_path: Option<AsPath<'a>>,
    /// AS4_AGGREGATOR.
    pub as4_aggregator: Option<Aggregator>,
    /// LARGE_COMMUNITY.
    pub large_communities: Option<LargeCommunities<'a>>,
    /// ONLY_TO_CUSTOMER.
    pub only_to_customer: Option<u32>,
    /// AIGP.
    pub aigp: Option<u64>,
    /// PMSI Tunnel.
    pub pmsi_tunnel: Option<PmsiTunnel<'a>>,
    /// Tunnel Encapsulation.
    pub tunnel_encapsulation: Option<Tlvs<'a>>,
    /// Prefix-SID.
    pub prefix_sid: Option<Tlvs<'a>>,
    /// BGP-LS.
    pub link_state: Option<Tlvs<'a>>,
    /// ATTR_SET.
    pub attr_set: Option<AttrSet<'a>>,
    /// One bit for each attribute, by its place, that found a field here.
    placed: u64,
    /// One bit for each code that is there.
    codes: [u64; 4],
    /// Something is repeated, cannot be read, or has flags or a value that its code does not allow.
    is_suspect: bool,
    is_two_octet: bool,
}

impl<'a> PathAttributes<'a> {
    /// Places what can be read. Of more than 64 attributes, the first 64 are looked at.
    pub fn read(attributes: AttributeIter<'a>, context: &Context) -> PathAttributes<'a> {
        let mut all = PathAttributes {
            is_two_octet: !context.four_octet_as,
            ..PathAttributes::default()
        };
        let mut bit = 1u64;
        for attribute in attributes.flatten() {
            all.is_suspect |= bit == 0 || !all.note(&attribute) || attribute.has_odd_flags();
            match attribute.read(context) {
                Ok(value) => {
                    all.is_suspect |= value.problem().is_some();
                    if bit != 0 && all.place(value) {
                        all.placed |= bit;
                    }
                }
                Err(_) => all.is_suspect = true,
            }
            bit <<= 1;
        }
        all
    }

    /// As [`PathAttributes::read`], for what is inside an ATTR_SET: the attributes that may not be
    /// there (RFC 6368 5), and another ATTR_SET, have no field.
    pub(super) fn read_set(attributes: AttributeIter<'a>, context: &Context) -> PathAttributes<'a> {
        let mut all = PathAttributes::read(attributes.clone(), context);
        let misplaced = [
            (all.next_hop.take().is_some(), AttributeCode::NEXT_HOP),
            (all.mp_reach.take().is_some(), AttributeCode::MP_REACH_NLRI),
            (
                all.mp_unreach.take().is_some(),
                AttributeCode::MP_UNREACH_NLRI,
            ),
            (all.attr_set.take().is_some(), AttributeCode::ATTR_SET),
        ];
        for (_, code) in misplaced.iter().filter(|(is_there, _)| *is_there) {
            all.forget(attributes.clone(), *code);
        }
        all
    }

    /// All attributes of this code have no field.
    fn forget(&mut self, attributes: AttributeIter<'a>, code: AttributeCode) {
        for (attribute, place) in attributes.flatten().zip(0..u64::BITS) {
            if attribute.code == code {
                self.placed &= !(1 << place);
            }
        }
    }

    /// Notes the code of an attribute; false if it was noted before.
    fn note(&mut self, attribute: &Attribute<'a>) -> bool {
        let [word, bit] = [attribute.code.0 >> 6, attribute.code.0 & 63];
        let Some(word) = self.codes.get_mut(usize::from(word)) else {
            return false;
        };
        let is_new = *word >> bit & 1 == 0;
        *word |= 1 << bit;
        is_new
    }

    /// An attribute of this code is there, whether it could be read or not.
    pub fn has(&self, code: AttributeCode) -> bool {
        let word = self.codes.get(usize::from(code.0 >> 6));
        word.is_some_and(|word| word >> (code.0 & 63) & 1 != 0)
    }

    /// Something in the attributes contradicts the specifications: [`super::super::Update::malformed`]
    /// tells what.
    pub(in crate::bgp) fn is_suspect(&self) -> bool {
        self.is_suspect
    }

    /// The attribute at this place (from 0) has no field here.
    pub fn is_other(&self, place: usize) -> bool {
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        self.placed.checked_shr(place).unwrap_or(0) & 1 == 0
    }

    /// The AS path, with the four-octet AS numbers that AS4_PATH keeps for two-octet peers.
    pub fn effective_path(&self) -> Option<EffectivePath<'a>> {
        let has_newer = self.as4_aggregator.is_some();
        let path = self.as_path?;
        Some(EffectivePath::new(
            path,
            self.as4_path,
            self.aggregator,
            has_newer,
        ))
    }

    /// Who aggregated the route: of a two-octet peer, AS4_AGGREGATOR where AGGREGATOR stands in for
    /// it (RFC 6793 4.2.3).
    pub fn effective_aggregator(&self) -> Option<Aggregator> {
        let sent = self.aggregator?;
        let newer = self.as4_aggregator.filter(|_| self.is_two_octet);
        newer
            .filter(|_| sent.asn == effective_path::AS_TRANS)
            .or(Some(sent))
    }

    /// No attribute has a field here.
    pub fn is_empty(&self) -> bool {
        self.placed == 0
    }

    /// False if there is no free field for the value.
    fn place(&mut self, value: AttributeValue<'a>) -> bool {
        use AttributeValue as Value;
        match value {
            Value::Origin(value) => set(&mut self.origin, value),
            Value::AsPath(value) => set(&mut self.as_path, value),
            Value::NextHop(value) => set(&mut self.next_hop, value),
            Value::MultiExitDisc(value) => set(&mut self.med, value),
            Value::LocalPref(value) => set(&mut self.local_pref, value),
            Value::AtomicAggregate => !std::mem::replace(&mut self.atomic_aggregate, true),
            Value::Aggregator(value) => set(&mut self.aggregator, value),
            Value::Communities(value) => set(&mut self.communities, value),
            Value::OriginatorId(value) => set(&mut self.originator_id, value),
            Value::ClusterList(value) => set(&mut self.cluster_list, value),
            Value::MpReach(value) => set(&mut self.mp_reach, value),
            Value::MpUnreach(value) => set(&mut self.mp_unreach, value),
            Value::ExtendedCommunities(value) => set(&mut self.extended_communities, value),
            Value::Ipv6ExtendedCommunities(value) => {
                set(&mut self.ipv6_extended_communities, value)
            }
            Value::As4Path(value) => set(&mut self.as4_path, value),
            Value::As4Aggregator(value) => set(&mut self.as4_aggregator, value),
            Value::LargeCommunities(value) => set(&mut self.large_communities, value),
            Value::OnlyToCustomer(value) => set(&mut self.only_to_customer, value),
            Value::Aigp(value) => set(&mut self.aigp, value),
            Value::PmsiTunnel(value) => set(&mut self.pmsi_tunnel, value),
            Value::TunnelEncapsulation(value) => set(&mut self.tunnel_encapsulation, value),
            Value::PrefixSid(value) => set(&mut self.prefix_sid, value),
            Value::LinkState(value) => set(&mut self.link_state, value),
            Value::AttrSet(value) => set(&mut self.attr_set, value),
            Value::Other(_) => false,
        }
    }
}

/// Fills an empty field; false if it is taken.
fn set<T>(field: &mut Option<T>, value: T) -> bool {
    let is_free = field.is_none();
    if is_free {
        *field = Some(value);
    }
    is_free
}

//! Collects the routes of a run: prefix, path and what the router says of them.

use super::told;
use crate::analysis::rpki::routes::{
    Changes, Marks, PathOrigin, RouteKey, RoutePath, Routes, View,
};
use crate::bgp::Update;
use crate::bgp::attribute::{EffectivePath, ExtendedCommunities, PathAttributes, SegmentType};
use crate::bmp::v4::{Index, PathMarking, PathStatus, RouteTlvValue};
use crate::bmp::{CommonHeader, PeerHeader};
use crate::bmp::{Message, MessageType, Rib, RouteMonitoring};
use crate::net::Family;
use crate::pipeline::{Chunk, Item, Located, Look, Query, Readable};
use crate::rpki::{OriginState, Path};
use crate::wire::Cursor;
use std::hash::Hash;
use std::io;

/// What a report wants to know of the attributes of a route.
pub(super) trait OfAttributes: Eq + Hash + Send + Sync {
    /// As these attributes say it.
    fn of(attributes: &PathAttributes<'_>) -> Self;
}

impl OfAttributes for RoutePath {
    fn of(attributes: &PathAttributes<'_>) -> RoutePath {
        route_path(attributes)
    }
}

/// The routes of a run.
#[derive(Debug)]
pub(super) struct Collect<P = RoutePath> {
    pub(super) routes: Routes<P>,
}

impl<P> Default for Collect<P> {
    fn default() -> Collect<P> {
        Collect {
            routes: Routes::default(),
        }
    }
}

impl<P: OfAttributes> Query for Collect<P> {
    type Part = Changes<P>;

    fn look(&self) -> Look {
        Look::Everywhere
    }

    fn decode(&self, chunk: Chunk<'_>) -> Changes<P> {
        let mut changes = Changes::default();
        for located in chunk.items() {
            if let Item::Message(bytes) = located.item {
                message(&located, bytes, &mut changes);
            }
        }
        changes
    }

    fn merge(&mut self, part: Changes<P>) -> io::Result<()> {
        self.routes.merge(part);
        Ok(())
    }
}

/// What one message does to routes.
pub(super) fn message<P: OfAttributes>(
    located: &Located<'_>,
    bytes: &[u8],
    changes: &mut Changes<P>,
) {
    let (Some(header), Some(peer)) = (CommonHeader::peek(bytes), located.peer()) else {
        return;
    };
    tell_time(located, bytes, changes);
    match header.message_type {
        MessageType::ROUTE_MONITORING => {}
        MessageType::PEER_UP | MessageType::PEER_DOWN => {
            changes.down(located.session().id, peer.index);
            return;
        }
        _ => {
            told(located, bytes, changes);
            return;
        }
    }
    // Counting tells why a message cannot be read.
    let Ok(readable) = Readable::of(located, bytes) else {
        return;
    };
    if let Message::RouteMonitoring(route) = &readable.message {
        let view = View {
            session: located.session().id,
            peer: peer.index,
            rib: route.header.rib(),
        };
        let update = Update::decode(&mut Cursor::new(route.update), &readable.context);
        if let Ok(update) = update {
            routes(view, route, &update, changes);
        }
    }
}

/// The time of a message with a per-peer header, where its packet tells none: a stream without packets.
pub(super) fn tell_time<P: OfAttributes>(
    located: &Located<'_>,
    bytes: &[u8],
    changes: &mut Changes<P>,
) {
    if located.moment().time.is_none() {
        let header = PeerHeader::peek(bytes);
        let time = header.and_then(|header| header.timestamp());
        time.into_iter().for_each(|time| changes.tell_time(time));
    }
}

/// The routes of a message about their validation, which may be all that shows them.
fn told<P: OfAttributes>(located: &Located<'_>, bytes: &[u8], changes: &mut Changes<P>) {
    told::routes(located, bytes, |view, update, is_told| {
        let attributes = update.path_attributes();
        let path = changes.path(P::of(&attributes));
        let marks = Marks {
            community: attributes.extended_communities.and_then(community),
            is_marked_invalid: false,
        };
        for (nlri, number) in update.announced().flatten().zip(1u16..) {
            let key = key(nlri.family, nlri.prefix(), nlri.path_id);
            if let Some(key) = key.filter(|_| is_told(number)) {
                changes.tell(view, key, path, marks);
            }
        }
    });
}

fn routes<P: OfAttributes>(
    view: View,
    message: &RouteMonitoring<'_>,
    update: &Update<'_>,
    changes: &mut Changes<P>,
) {
    for nlri in update.withdrawn().flatten() {
        if let Some(key) = key(nlri.family, nlri.prefix(), nlri.path_id) {
            changes.withdraw(view, key);
        }
    }
    let mut announced = update.announced().flatten().peekable();
    if announced.peek().is_none() {
        return;
    }
    let attributes = update.path_attributes();
    let path = changes.path(P::of(&attributes));
    let community = attributes.extended_communities.and_then(community);
    let markings = Markings::of(message);
    // Of what it sends, the router is no receiver.
    let is_received = matches!(view.rib, Rib::AdjRibInPre | Rib::AdjRibInPost);
    let is_void = is_received && update.is_void(&attributes);
    for (nlri, number) in announced.zip(1u16..) {
        changes.void += u64::from(is_void);
        if let Some(key) = key(nlri.family, nlri.prefix(), nlri.path_id) {
            let marks = Marks {
                community,
                is_marked_invalid: markings.is_invalid(number),
            };
            changes.announce(view, key, path, marks);
        }
    }
}

/// Routes of IPv4 and IPv6 unicast: what the RPKI speaks of.
pub(super) fn key(
    family: Family,
    prefix: Option<crate::net::Prefix>,
    path_id: Option<u32>,
) -> Option<RouteKey> {
    let is_unicast = matches!(family, Family::IPV4_UNICAST | Family::IPV6_UNICAST);
    let prefix = prefix.filter(|_| is_unicast)?;
    Some(RouteKey { prefix, path_id })
}

/// What decides the state of a route with these attributes.
pub(super) fn route_path(attributes: &PathAttributes<'_>) -> RoutePath {
    let path = attributes.effective_path();
    RoutePath {
        origin: path.map_or(PathOrigin::Own, |path| origin(&path)),
        path: path.map_or_else(Path::default, |path| sequence(&path)),
    }
}

/// The Route Origin ASN of RFC 6811 2.
fn origin(path: &EffectivePath<'_>) -> PathOrigin {
    let Some(last) = path.segments().last() else {
        return PathOrigin::Own;
    };
    match last.segment_type {
        SegmentType::SEQUENCE => last.asns().last().map_or(PathOrigin::Own, PathOrigin::As),
        SegmentType::CONFED_SEQUENCE | SegmentType::CONFED_SET => PathOrigin::Own,
        _ => PathOrigin::Set,
    }
}

fn sequence(path: &EffectivePath<'_>) -> Path {
    let is_sequence = |segment_type| segment_type == SegmentType::SEQUENCE;
    if !path
        .segments()
        .all(|segment| is_sequence(segment.segment_type))
    {
        return Path::of_set();
    }
    Path::of_sequence(path.segments().flat_map(|segment| segment.asns()))
}

/// The state of RFC 8097 2: of several, the numerically greatest; a community past the last state is
/// discarded and counts for nothing.
fn community(communities: ExtendedCommunities<'_>) -> Option<OriginState> {
    let states = communities
        .iter()
        .filter_map(|community| match community.0 {
            [0x43, 0, .., state @ 0..=2] => Some(state),
            _ => None,
        });
    states.max().map(|state| match state {
        0 => OriginState::Valid,
        1 => OriginState::NotFound,
        _ => OriginState::Invalid,
    })
}

/// Which NLRI Path Marking TLVs say are invalid by origin validation.
#[derive(Debug, Default)]
struct Markings {
    invalid: Vec<Index>,
    /// Group and member.
    members: Vec<(u16, u16)>,
}

impl Markings {
    fn of(message: &RouteMonitoring<'_>) -> Markings {
        let mut markings = Markings::default();
        let Some((tlvs, known)) = message.tlvs.zip(message.numbering()) else {
            return markings;
        };
        for tlv in tlvs.flatten() {
            match tlv.read(known.numbering) {
                RouteTlvValue::PathMarking(marking) if is_invalid(&marking) => {
                    markings.invalid.push(tlv.index);
                }
                RouteTlvValue::Group(members) => {
                    let members = members.iter().map(|member| u16::from_be_bytes(*member));
                    let group = tlv.index.number();
                    markings
                        .members
                        .extend(members.map(|member| (group, member)));
                }
                _ => {}
            }
        }
        markings
    }

    fn is_invalid(&self, number: u16) -> bool {
        self.invalid.iter().any(|index| match index.is_group() {
            true => self.members.contains(&(index.number(), number)),
            false => matches!(index.number(), 0) || index.number() == number,
        })
    }
}

/// Bit 0x400 was "invalid ROV" before revision 03 gave it to "stale": only with "invalid" beside it is it
/// sure to be the former.
fn is_invalid(marking: &PathMarking) -> bool {
    let has = |bit: PathStatus| marking.status & bit.0 != 0;
    has(PathStatus::INVALID) && has(PathStatus::STALE_OR_INVALID_ROV)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::AsPath;

    #[test]
    fn the_community_of_rfc_8097_has_three_states_and_no_more() {
        // RFC 8097 2: type 0x43, sub-type 0x00, reserved, validationstate.
        let state = |last: u8| {
            let octets = [0x43, 0, 0, 0, 0, 0, 0, last];
            community(ExtendedCommunities::decode(Cursor::new(&octets)).unwrap())
        };
        let expected = [
            Some(OriginState::Valid),
            Some(OriginState::NotFound),
            Some(OriginState::Invalid),
            None,
        ];
        assert_eq!([0, 1, 2, 3].map(state), expected);
    }

    #[test]
    fn of_several_communities_of_rfc_8097_the_greatest_state_counts() {
        // RFC 8097 2: if more than one instance is received, all but the one with the numerically greatest
        // validation state are disregarded; a value greater than 2 is discarded.
        let state = |states: &[u8]| {
            let octets = states
                .iter()
                .flat_map(|state| [0x43, 0, 0, 0, 0, 0, 0, *state]);
            let octets: Vec<u8> = octets.collect();
            community(ExtendedCommunities::decode(Cursor::new(&octets)).unwrap())
        };
        let invalid = Some(OriginState::Invalid);
        assert_eq!(state(&[0, 2]), invalid);
        assert_eq!(state(&[2, 1]), invalid);
        assert_eq!(state(&[0, 1]), Some(OriginState::NotFound));
        assert_eq!(state(&[0, 3]), Some(OriginState::Valid));
        assert_eq!(state(&[3, 255]), None);
    }

    #[test]
    fn the_origin_is_that_of_rfc_6811() {
        // Segments of RFC 4271 4.3 and RFC 5065 3, two-octet AS numbers.
        let of = |octets: &[u8]| {
            let path = AsPath::decode(Cursor::new(octets), false).unwrap();
            let path = EffectivePath::new(path, None, None, false);
            (origin(&path), sequence(&path))
        };
        let (first, path) = of(&[2, 2, 0, 1, 0, 2]);
        assert_eq!(first, PathOrigin::As(2));
        assert_eq!(path, Path::of_sequence([1, 2]));
        let (set, path) = of(&[2, 1, 0, 1, 1, 2, 0, 2, 0, 3]);
        assert_eq!((set, path), (PathOrigin::Set, Path::of_set()));
        assert_eq!(of(&[3, 1, 0, 1]).0, PathOrigin::Own);
        assert_eq!(of(&[]).0, PathOrigin::Own);
    }

    #[test]
    fn a_marking_is_of_all_nlri_of_one_or_of_a_group() {
        let markings = |index| Markings {
            invalid: vec![Index(index)],
            members: vec![(5, 2), (5, 3)],
        };
        let invalid = |index| {
            let markings = markings(index);
            [1, 2, 3].map(|number| markings.is_invalid(number))
        };
        assert_eq!(invalid(0), [true, true, true]);
        assert_eq!(invalid(2), [false, true, false]);
        assert_eq!(invalid(0x8005), [false, true, true]);
    }

    #[test]
    fn the_ambiguous_bit_alone_is_no_state() {
        let marking = |status| PathMarking {
            status,
            reason: None,
        };
        assert!(is_invalid(&marking(0x401)));
        assert!(!is_invalid(&marking(0x400)) && !is_invalid(&marking(0x001)));
    }
}

//! The three messages about RPKI: every field that the encoder of the profile writes is read back,
//! whatever the numbers in use, the version, the peer, and what stands around it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use bmpscope::analysis::rpki::told::{Parts, SaidBody};
use bmpscope::bgp::Context;
use bmpscope::bmp::Message;
use bmpscope::bmp::rpki::{self, RpkiTlvs, RpkiValue};
use bmpscope::bmp::v4::Expected;
use bmpscope::time::Timestamp;
use bmpscope::wire::CodePoints;
use bmpscope::wire::code_points::Setting;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use support::rpki_messages::{
    Action, Body, Codes, Condition, Field, Prefix, Rule, TLVS, indexed, indexed_octets, message,
    plain, plains,
};
use support::{bgp, bmp};

// ---- what was read, as the encoder has it

fn prefix_of(prefix: bmpscope::net::Prefix) -> Prefix {
    (prefix.address, prefix.length)
}

fn action_of(action: &rpki::Action<'_>) -> Action {
    use rpki::ActionArgument as Argument;
    let octets = match action.argument {
        Argument::None => Vec::new(),
        Argument::LocalPref(local_pref) => local_pref.to_be_bytes().to_vec(),
        Argument::Community(community) => community.0.to_be_bytes().to_vec(),
        Argument::Extended(community) => community.0.to_vec(),
        Argument::Large(community) => {
            let text = community.to_string();
            let parts = text.split(':').map(|part| part.parse::<u32>().unwrap());
            parts.flat_map(u32::to_be_bytes).collect()
        }
        Argument::Raw(octets) => octets.to_vec(),
    };
    Action(action.code.0, octets)
}

fn condition_of(condition: &rpki::Condition) -> Condition {
    use rpki::Condition as Read;
    let several = |inner: &[Read]| inner.iter().map(condition_of).collect();
    match condition {
        Read::All(inner) => Condition::All(several(inner)),
        Read::Any(inner) => Condition::Any(several(inner)),
        Read::OriginIn(asns) => Condition::OriginIn(asns.clone()),
        Read::OriginRole(role) => Condition::OriginRole(role.0),
        Read::SourceIn(types) => Condition::SourceIn(types.iter().map(|one| one.0).collect()),
        Read::Unknown { operation, octets } => Condition::Unknown(*operation, octets.clone()),
    }
}

fn rule_of(rule: &rpki::Rule<'_>) -> Rule {
    use rpki::RuleBody as Read;
    let body = match rule.body {
        Read::Roa {
            prefix,
            max_length,
            asn,
        } => Body::Roa(prefix_of(prefix), max_length, asn),
        Read::Aspa {
            customer,
            providers,
        } => Body::Aspa(customer, providers.iter().collect()),
        Read::AsGroup(asns) => Body::Group(asns.iter().collect()),
        Read::Raw(octets) => Body::Raw(rule.kind.0, octets.to_vec()),
    };
    let expiry = rule
        .expires
        .map_or(0, |time| time.nanoseconds() / 1_000_000_000);
    Rule(
        rule.state.0,
        rule.source_id.unwrap_or_default(),
        rule.source_type.map_or(0, |one| one.0),
        u32::try_from(expiry).unwrap(),
        body,
    )
}

fn time_of(time: Option<Timestamp>) -> (u32, u32) {
    let nanoseconds = time.map_or(0, Timestamp::nanoseconds);
    let seconds = u32::try_from(nanoseconds / 1_000_000_000).unwrap();
    (seconds, (nanoseconds % 1_000_000_000 / 1000) as u32)
}

/// The fields in order, and whether an overrun ended them.
fn fields_of(tlvs: RpkiTlvs<'_>) -> (Vec<Field>, bool) {
    let mut fields = Vec::new();
    for tlv in tlvs {
        match tlv {
            Ok(tlv) => fields.push(field_of(&tlv)),
            Err(_) => return (fields, true),
        }
    }
    (fields, false)
}

fn field_of(tlv: &rpki::RpkiTlv<'_>) -> Field {
    let whole = |inner| fields_of(inner).0;
    match tlv.read().unwrap() {
        RpkiValue::Source(inner) => Field::Source(whole(inner)),
        RpkiValue::Policy(inner) => Field::Policy(whole(inner)),
        RpkiValue::AlternateRoute(inner) => Field::Alternate(whole(inner)),
        RpkiValue::SourceType(one) => Field::SourceType(one.0),
        RpkiValue::SourceStatus(one) => Field::SourceStatus(one.0),
        RpkiValue::RecordCount(kind, count) => Field::RecordCount(kind.0, count),
        RpkiValue::LastSync(time) => {
            let (seconds, micros) = time_of(time);
            Field::LastSync(seconds, micros)
        }
        RpkiValue::ErrorCount(count) => Field::ErrorCount(count),
        RpkiValue::CcrHash(aspect, hash) => Field::CcrHash(aspect.0, *hash),
        RpkiValue::SourceId(id) => Field::SourceId(id),
        RpkiValue::RtrPreference(one, order) => Field::RtrPreference(one.0, order),
        RpkiValue::RtrVersion(version) => Field::RtrVersion(version),
        RpkiValue::Transport(one) => Field::Transport(one.0),
        RpkiValue::Endpoint(address, port) => Field::Endpoint(address, port),
        RpkiValue::PeerAs(asn) => Field::PeerAs(asn),
        RpkiValue::AsRelationship(role) => Field::AsRelationship(role.0),
        RpkiValue::LastModified(time) => {
            let (seconds, micros) = time_of(time);
            Field::LastModified(seconds, micros)
        }
        RpkiValue::SlurmExceptions(kind, count) => Field::SlurmExceptions(kind.0, count),
        RpkiValue::SlurmError(kind, count, text) => {
            Field::SlurmError(kind.0, count, text.into_owned())
        }
        RpkiValue::ValidationEnabled(bits) => Field::ValidationEnabled(bits.0),
        RpkiValue::StateAction(one) => Field::StateAction(one.state.0, action_of(&one.action)),
        RpkiValue::RuleFeature(condition) => Field::RuleFeature(condition_of(&condition)),
        RpkiValue::PrefixAssertion {
            prefix,
            asn,
            max_length,
        } => Field::Assertion(prefix_of(prefix), asn, max_length),
        RpkiValue::PrefixFilter(filter) => Field::Filter(filter.prefix.map(prefix_of), filter.asn),
        RpkiValue::ValidationState(state) => Field::State(state.0),
        RpkiValue::ValidationTypes(bits) => Field::Types(bits.0),
        RpkiValue::Rule(rule) => Field::ValidationRule(rule_of(&rule)),
        RpkiValue::ImpactDirection(direction) => Field::Direction(direction.0),
        RpkiValue::ActionApplied(action) => Field::ActionApplied(action_of(&action)),
        RpkiValue::AlternateBgpMessage(pdu) => Field::AlternateUpdate(pdu.to_vec()),
        RpkiValue::Unknown(octets) => match tlv.enterprise() {
            None => Field::Unknown(tlv.tlv_type(), octets.to_vec()),
            Some(one) => Field::UnknownOf(one, tlv.tlv_type() & 0x7fff, octets.to_vec()),
        },
    }
}

// ---- anything that the profile allows

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<u32>().prop_map(|bits| IpAddr::V4(Ipv4Addr::from(bits))),
        any::<u128>().prop_map(|bits| IpAddr::V6(Ipv6Addr::from(bits))),
    ]
}

fn prefix() -> impl Strategy<Value = Prefix> {
    (address(), 0u8..=128).prop_map(|(address, bits)| match address {
        IpAddr::V4(address) => {
            let bits = bits % 33;
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            (IpAddr::V4((u32::from(address) & mask).into()), bits)
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            (IpAddr::V6((u128::from(address) & mask).into()), bits)
        }
    })
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        prop_oneof![Just(0u8), Just(1), Just(4)].prop_map(|code| Action(code, Vec::new())),
        any::<[u8; 4]>().prop_map(|octets| Action(2, octets.to_vec())),
        any::<[u8; 4]>().prop_map(|octets| Action(3, octets.to_vec())),
        any::<[u8; 8]>().prop_map(|octets| Action(3, octets.to_vec())),
        any::<[u8; 12]>().prop_map(|octets| Action(3, octets.to_vec())),
        (5u8.., vec(any::<u8>(), 0..9)).prop_map(|(code, octets)| Action(code, octets)),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        vec(any::<u32>(), 0..4).prop_map(Condition::OriginIn),
        any::<u8>().prop_map(Condition::OriginRole),
        vec(any::<u8>(), 0..4).prop_map(Condition::SourceIn),
    ];
    let tree = leaf.prop_recursive(7, 20, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Condition::All),
            vec(inner, 0..3).prop_map(Condition::Any),
        ]
    });
    let unknown = (5u8.., vec(any::<u8>(), 0..9));
    prop_oneof![
        9 => tree,
        1 => unknown.prop_map(|(operation, octets)| Condition::Unknown(operation, octets)),
    ]
}

fn rule() -> impl Strategy<Value = Rule> {
    let body = prop_oneof![
        (prefix(), any::<u8>(), any::<u32>()).prop_map(|(one, max, asn)| Body::Roa(one, max, asn)),
        (any::<u32>(), vec(any::<u32>(), 0..4)).prop_map(|(asn, all)| Body::Aspa(asn, all)),
        vec(any::<u32>(), 0..4).prop_map(Body::Group),
        (4u8.., vec(any::<u8>(), 0..9)).prop_map(|(kind, octets)| Body::Raw(kind, octets)),
    ];
    (any::<u8>(), any::<u16>(), any::<u8>(), any::<u32>(), body)
        .prop_map(|(state, id, source, expiry, body)| Rule(state, id, source, expiry, body))
}

/// Numbers that are neither in the profile nor made of those by `codes`.
fn unknown() -> impl Strategy<Value = Field> {
    let octets = || vec(any::<u8>(), 0..9);
    prop_oneof![
        (0x6000u16..0x7000, octets()).prop_map(|(number, octets)| Field::Unknown(number, octets)),
        (any::<u32>(), 0x6000u16..0x7000, octets())
            .prop_map(|(one, number, octets)| Field::UnknownOf(one, number, octets)),
    ]
}

fn source_field() -> impl Strategy<Value = Field> {
    let time = (any::<u32>(), 0u32..1_000_000);
    prop_oneof![
        any::<u8>().prop_map(Field::SourceType),
        any::<u8>().prop_map(Field::SourceStatus),
        any::<(u8, u64)>().prop_map(|(kind, count)| Field::RecordCount(kind, count)),
        time.clone()
            .prop_map(|(seconds, micros)| Field::LastSync(seconds, micros)),
        any::<u64>().prop_map(Field::ErrorCount),
        any::<(u8, [u8; 32])>().prop_map(|(aspect, hash)| Field::CcrHash(aspect, hash)),
        any::<u16>().prop_map(Field::SourceId),
        any::<(u8, u32)>().prop_map(|(one, order)| Field::RtrPreference(one, order)),
        prop_oneof![
            any::<u8>().prop_map(Field::RtrVersion),
            any::<u8>().prop_map(Field::Transport),
            (address(), any::<Option<u16>>()).prop_map(|(a, port)| Field::Endpoint(a, port)),
            any::<u32>().prop_map(Field::PeerAs),
            any::<u8>().prop_map(Field::AsRelationship),
            time.prop_map(|(seconds, micros)| Field::LastModified(seconds, micros)),
            any::<(u8, u32)>().prop_map(|(kind, count)| Field::SlurmExceptions(kind, count)),
            any::<(u8, u32, String)>().prop_map(|(kind, n, text)| Field::SlurmError(kind, n, text)),
        ],
        unknown(),
    ]
}

fn policy_field() -> impl Strategy<Value = Field> {
    prop_oneof![
        any::<u8>().prop_map(Field::ValidationEnabled),
        (any::<u8>(), action()).prop_map(|(state, one)| Field::StateAction(state, one)),
        condition().prop_map(Field::RuleFeature),
        (prefix(), any::<u32>(), option::of(0u8..255))
            .prop_map(|(one, asn, longest)| Field::Assertion(one, asn, longest)),
        (option::of(prefix()), any::<Option<u32>>()).prop_map(|(one, asn)| Field::Filter(one, asn)),
        unknown(),
    ]
}

/// The containers of a configuration.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Source,
    Policy,
}

impl Kind {
    fn container(self, fields: Vec<Field>) -> Field {
        match self {
            Kind::Source => Field::Source(fields),
            Kind::Policy => Field::Policy(fields),
        }
    }
}

/// A kind of container, and something to put there.
fn inside() -> impl Strategy<Value = (Kind, Vec<Field>)> {
    prop_oneof![
        vec(source_field(), 1..8).prop_map(|fields| (Kind::Source, fields)),
        vec(policy_field(), 1..8).prop_map(|fields| (Kind::Policy, fields)),
    ]
}

/// The length of a field of a container, itself a plain TLV with nothing before its fields but type, length
/// and, where its number is an enterprise's, that: it becomes greater than the container.
fn overrun(container: &mut [u8], fields: &[Field], at: usize, codes: &Codes) {
    let whole = plains(fields, codes).len();
    let place = container.len() - whole + plains(&fields[..at], codes).len() + 2;
    container[place..place + 2].copy_from_slice(&[0xff, 0xff]);
}

/// A source or a policy.
fn container() -> impl Strategy<Value = Field> {
    prop_oneof![
        vec(source_field(), 0..12).prop_map(Field::Source),
        vec(policy_field(), 0..12).prop_map(Field::Policy),
    ]
}

fn config_field() -> impl Strategy<Value = Field> {
    prop_oneof![9 => container(), 1 => unknown()]
}

fn alternate_field() -> impl Strategy<Value = Field> {
    prop_oneof![
        any::<u8>().prop_map(Field::State),
        vec(any::<u8>(), 0..40).prop_map(Field::AlternateUpdate),
        unknown(),
    ]
}

fn route_field() -> impl Strategy<Value = Field> {
    prop_oneof![
        any::<u8>().prop_map(Field::State),
        any::<u8>().prop_map(Field::Types),
        rule().prop_map(Field::ValidationRule),
        any::<u8>().prop_map(Field::Direction),
        action().prop_map(Field::ActionApplied),
        vec(alternate_field(), 0..4).prop_map(Field::Alternate),
        unknown(),
    ]
}

/// Numbers in use: those of the profile, or others, also of enterprises, for some TLVs and for all message
/// types.
fn numbers() -> impl Strategy<Value = (Codes, CodePoints)> {
    let moves = vec((0u8..4, any::<u32>()), TLVS.len());
    (moves, any::<bool>()).prop_map(|(moves, types)| {
        let mut codes = Codes::usual();
        let mut settings = Vec::new();
        let mut set = |text: String| settings.push(Setting::parse(&text, "here").unwrap());
        for ((name, number), (how, enterprise)) in TLVS.iter().zip(moves) {
            let moved = number + 0x1000;
            match how {
                0 => {
                    codes.set(name, moved);
                    set(format!("{name}={moved}"));
                }
                1 => {
                    codes.set_enterprise(name, enterprise, moved);
                    set(format!("{name}={enterprise}/{moved}"));
                }
                _ => {}
            }
        }
        if types {
            codes.types = [200, 201, 7];
            set("rpki-config=200".to_owned());
            set("rpki-validation=201".to_owned());
            set("rpki-impact=7".to_owned());
        }
        (codes, CodePoints::with(&settings).unwrap())
    })
}

/// Any peer: every type that may begin a per-peer header, any flags, distinguisher, address and time.
fn any_peer() -> impl Strategy<Value = bmp::PeerHeader> {
    let peer_type = prop_oneof![0u8..=2, 251u8..=254];
    let numbers = any::<([u8; 8], u32, u32, (u32, u32))>();
    (peer_type, any::<u8>(), address(), numbers).prop_map(
        |(peer_type, flags, address, (distinguisher, asn, bgp_id, time))| bmp::PeerHeader {
            peer_type,
            // `encode` sets V by the address.
            flags: flags & 0x7f,
            distinguisher,
            address: Some(address),
            asn,
            bgp_id: bgp_id.into(),
            time,
        },
    )
}

/// Every field of a header is as it was written.
fn is_header(read: &bmpscope::bmp::PeerHeader, written: &bmp::PeerHeader) -> bool {
    let is_ipv6 = matches!(written.address, Some(IpAddr::V6(_)));
    read.peer_type.0 == written.peer_type
        && read.flags.0 == written.flags | u8::from(is_ipv6) << 7
        && read.distinguisher.0 == written.distinguisher
        && read.address() == written.address
        && read.asn == written.asn
        && Ipv4Addr::from(read.bgp_id) == written.bgp_id
        && (read.seconds, read.microseconds) == written.time
}

fn peer() -> bmp::PeerHeader {
    bmp::PeerHeader::new("192.0.2.7", 64500)
}

/// 192.0.2.0/24 behind AS 64500.
fn update() -> Vec<u8> {
    let attributes = bgp::usual_attributes(&[64500], Ipv4Addr::new(192, 0, 2, 7));
    bgp::update(
        &[],
        &attributes,
        &bgp::prefix_ipv4(Ipv4Addr::new(192, 0, 2, 0), 24),
    )
}

proptest! {
    #[test]
    fn every_field_of_a_configuration_is_read_back(
        version in 3u8..=4,
        fields in vec(config_field(), 0..4),
        peer in option::of(any_peer()),
        (codes, code_points) in numbers(),
    ) {
        let header = peer.as_ref().map(bmp::PeerHeader::encode).unwrap_or_default();
        let body = [header, plains(&fields, &codes)].concat();
        let bytes = message(version, codes.types[0], &body);
        let read = Message::decode_with(&bytes, Expected::Nothing, &code_points).unwrap();
        let Message::RpkiConfig(config) = read else { panic!("{read:?}") };
        prop_assert_eq!(config.header().is_none(), peer.is_none());
        if let Some((read, written)) = config.header().zip(peer.as_ref()) {
            prop_assert!(is_header(read, written), "{read:?} {written:?}");
        }
        prop_assert_eq!(fields_of(config.tlvs), (fields, false));
    }

    #[test]
    fn every_field_of_a_route_is_read_back(
        version in 3u8..=4,
        fields in vec((any::<u16>(), route_field()), 0..8),
        is_impact: bool,
        peer in any_peer(),
        (codes, code_points) in numbers(),
    ) {
        let mut body = peer.encode();
        body.extend(indexed_octets(4, 0, &update()));
        for (index, field) in &fields {
            body.extend(indexed(*index, field, &codes));
        }
        let bytes = message(version, codes.types[1 + usize::from(is_impact)], &body);
        let route = match Message::decode_with(&bytes, Expected::Nothing, &code_points).unwrap() {
            Message::RpkiValidation(route) if !is_impact => route,
            Message::RpkiImpact(route) if is_impact => route,
            other => panic!("{other:?}"),
        };
        prop_assert!(is_header(&route.header, &peer), "{:?} {peer:?}", route.header);
        prop_assert_eq!(route.update.map(<[u8]>::to_vec), Some(update()));
        let read = route.tlvs.map(Result::unwrap).filter(|tlv| route.kind(tlv).is_none());
        let read: Vec<_> = read.map(|tlv| (tlv.index.unwrap().0, field_of(&tlv))).collect();
        prop_assert_eq!(read, fields);
    }

    /// A length that leaves a container costs what is behind it there, and nothing else.
    #[test]
    fn a_container_that_overruns_ends_alone(
        version in 3u8..=4,
        (kind, fields) in inside(),
        neighbour in container(),
        at: prop::sample::Index,
        (codes, code_points) in numbers(),
    ) {
        let at = at.index(fields.len());
        let mut first = plain(&kind.container(fields.clone()), &codes);
        overrun(&mut first, &fields, at, &codes);
        let body = [first, plain(&neighbour, &codes)].concat();
        let bytes = message(version, codes.types[0], &body);
        let read = Message::decode_with(&bytes, Expected::Nothing, &code_points).unwrap();
        let Message::RpkiConfig(config) = read else { panic!("{read:?}") };
        let tlvs: Vec<_> = config.tlvs.map(Result::unwrap).collect();
        prop_assert_eq!(fields_of(tlvs[0].inner()), (fields[..at].to_vec(), true));
        prop_assert_eq!(field_of(&tlvs[1]), neighbour);
    }

    /// The same of an alternate route, and of the message itself.
    #[test]
    fn a_message_that_overruns_keeps_what_is_before(
        version in 3u8..=4,
        fields in vec(alternate_field(), 1..6),
        before in vec((any::<u16>(), route_field()), 0..4),
        at: prop::sample::Index,
        (codes, code_points) in numbers(),
    ) {
        let at = at.index(fields.len());
        let mut alternate = plain(&Field::Alternate(fields.clone()), &codes);
        overrun(&mut alternate, &fields, at, &codes);
        // The index stands behind the length.
        alternate.splice(4..4, [0, 9]);
        let mut body = peer().encode();
        body.extend(indexed_octets(4, 0, &update()));
        body.extend(alternate);
        for (index, field) in &before {
            body.extend(indexed(*index, field, &codes));
        }
        // One octet less than it says.
        body.extend([0x60, 0, 0, 2, 0, 0, 1]);
        let bytes = message(version, codes.types[2], &body);
        let read = Message::decode_with(&bytes, Expected::Nothing, &code_points).unwrap();
        let Message::RpkiImpact(route) = read else { panic!("{read:?}") };
        let mut tlvs = route.tlvs.into_iter().skip(1);
        let first = tlvs.next().unwrap().unwrap();
        prop_assert_eq!(first.index.unwrap().0, 9);
        prop_assert_eq!(fields_of(first.inner()), (fields[..at].to_vec(), true));
        for (index, field) in before {
            let tlv = tlvs.next().unwrap().unwrap();
            prop_assert_eq!((tlv.index.unwrap().0, field_of(&tlv)), (index, field));
        }
        prop_assert!(tlvs.next().unwrap().is_err());
        prop_assert!(tlvs.next().is_none());
    }

    /// What is said of a route: by TLVs of its own before those of its groups, and these before those of
    /// all routes.
    #[test]
    fn a_route_hears_what_is_said_of_it_of_its_groups_and_of_all(
        version in 3u8..=4,
        said in vec((0usize..7, 0u8..=3, any::<bool>()), 0..12),
        groups in vec(vec(1u16..=4, 0..5), 3),
        (codes, code_points) in numbers(),
    ) {
        // All, four routes, two groups; the third group is said nothing of.
        let indexes = [0, 1, 2, 3, 4, 0x8001, 0x8002];
        let rule = |state, asn| {
            let prefix = (IpAddr::V4(Ipv4Addr::new(192, 0, 2, 0)), 24);
            Field::ValidationRule(Rule(state, 0, 0, 0, Body::Roa(prefix, 24, asn)))
        };
        let mut body = peer().encode();
        body.extend(indexed_octets(4, 0, &update()));
        for (members, group) in groups.iter().zip(0x8001u16..) {
            let members: Vec<u8> = members.iter().flat_map(|one| one.to_be_bytes()).collect();
            body.extend(indexed_octets(2, group, &members));
        }
        for (number, (place, state, is_rule)) in (0u32..).zip(&said) {
            let field = if *is_rule { rule(*state, number) } else { Field::State(*state) };
            body.extend(indexed(indexes[*place], &field, &codes));
        }
        let bytes = message(version, codes.types[1], &body);
        let read = Message::decode_with(&bytes, Expected::Nothing, &code_points).unwrap();
        let Message::RpkiValidation(route) = read else { panic!("{read:?}") };
        let parts = Parts::of_route(&route, &Context::default());
        for number in 1u16..=4 {
            let mut places = vec![usize::from(number)];
            places.extend((5..7).filter(|place| groups[place - 5].contains(&number)));
            places.push(0);
            let of = |wanted: usize, rules: bool| {
                let all = (0u32..).zip(&said);
                all.filter(move |(_, (place, _, is_rule))| *place == wanted && *is_rule == rules)
            };
            let mut states = places.iter().flat_map(|place| of(*place, false));
            let rules = places.iter().flat_map(|place| of(*place, true));
            let rules: Vec<u32> = rules.map(|(number, _)| number).collect();
            let words = parts.words(number);
            let state = states.next().map(|(_, (_, state, _))| *state);
            prop_assert_eq!(words.state().map(|one| one.state.0), state);
            let read = words.rules().map(|rule| match rule.body {
                SaidBody::Roa(_, _, asn) => asn,
                _ => panic!("{rule}"),
            });
            prop_assert_eq!(read.collect::<Vec<_>>(), rules);
        }
    }

    /// Any octets at all are an answer, and what is said of them too.
    #[test]
    fn any_body_is_read(version in 3u8..=4, message_type in 251u8..=253, body: Vec<u8>) {
        let bytes = message(version, message_type, &body);
        let code_points = CodePoints::default();
        if let Ok(message) = Message::decode_with(&bytes, Expected::Nothing, &code_points) {
            rpki::Problem::all(&message, &mut |problem| drop(problem.kind.to_string()));
            if let Message::RpkiValidation(route) | Message::RpkiImpact(route) = message {
                let words = Parts::of_route(&route, &Context::default()).words(1);
                words.rules().for_each(|rule| drop(rule.to_string()));
            }
        }
    }
}

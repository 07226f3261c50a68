//! An encoder of the three messages of draft-wang-grow-bmp-rpki-mon-reqs-03, written to the wire
//! profile: the draft leaves numbers and layouts open.

use std::collections::HashMap;
use std::net::IpAddr;

/// Name and number of each TLV (profile, sections 3 and 4).
pub(crate) const TLVS: &[(&str, u16)] = &[
    ("rpki-source", 0x4001),
    ("rpki-policy", 0x4002),
    ("source-type", 0x4010),
    ("source-status", 0x4011),
    ("record-count", 0x4012),
    ("last-sync", 0x4013),
    ("error-count", 0x4014),
    ("ccr-hash", 0x4015),
    ("source-id", 0x4016),
    ("rtr-preference", 0x4020),
    ("rtr-version", 0x4021),
    ("transport", 0x4022),
    ("endpoint", 0x4023),
    ("peer-as", 0x4024),
    ("as-relationship", 0x4025),
    ("last-modified", 0x4026),
    ("slurm-exception-count", 0x4027),
    ("slurm-error", 0x4028),
    ("validation-enabled", 0x4030),
    ("state-action", 0x4031),
    ("rule-feature", 0x4032),
    ("slurm-prefix-assertion", 0x4033),
    ("slurm-prefix-filter", 0x4034),
    ("validation-state", 0x4040),
    ("validation-types", 0x4041),
    ("validation-rule", 0x4042),
    ("impact-direction", 0x4050),
    ("action-applied", 0x4051),
    ("alternate-route", 0x4052),
    ("alternate-bgp-message", 0x4053),
];

/// The numbers in use.
#[derive(Debug, Clone)]
pub(crate) struct Codes {
    /// Each with the enterprise whose number it is, if it is one's.
    numbers: HashMap<&'static str, (Option<u32>, u16)>,
    /// RPKI_CONFIG, RPKI_VALIDATION, RPKI_IMPACT.
    pub(crate) types: [u8; 3],
}

impl Codes {
    /// Those of the profile (section 2).
    pub(crate) fn usual() -> Codes {
        Codes {
            numbers: TLVS
                .iter()
                .map(|(name, number)| (*name, (None, *number)))
                .collect(),
            types: [251, 252, 253],
        }
    }

    /// The number of this TLV becomes another.
    pub(crate) fn set(&mut self, name: &'static str, number: u16) {
        self.numbers.insert(name, (None, number));
    }

    /// The number of this TLV becomes one of an enterprise, of 15 bits.
    pub(crate) fn set_enterprise(&mut self, name: &'static str, enterprise: u32, number: u16) {
        self.numbers.insert(name, (Some(enterprise), number));
    }

    /// The type as it is sent, and the value: an enterprise's type has the E bit, and its number begins
    /// the value.
    fn coded(&self, name: &str, value: Vec<u8>) -> (u16, Vec<u8>) {
        match self.numbers[name] {
            (None, number) => (number, value),
            (Some(enterprise), number) => of_enterprise(enterprise, number, &value),
        }
    }
}

fn of_enterprise(enterprise: u32, number: u16, value: &[u8]) -> (u16, Vec<u8>) {
    (number | 0x8000, [&enterprise.to_be_bytes(), value].concat())
}

/// An address and a length in bits, host bits zero.
pub(crate) type Prefix = (IpAddr, u8);

/// What is done with a route: the code, and its argument.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Action(pub(crate) u8, pub(crate) Vec<u8>);

/// A condition of a policy.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    OriginIn(Vec<u32>),
    OriginRole(u8),
    SourceIn(Vec<u8>),
    Unknown(u8, Vec<u8>),
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Body {
    Roa(Prefix, u8, u32),
    Aspa(u32, Vec<u32>),
    Group(Vec<u32>),
    /// A kind that is not known, and its octets.
    Raw(u8, Vec<u8>),
}

/// A rule: state, source id (0: none), source type (0: not known), expiry (0: none).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rule(
    pub(crate) u8,
    pub(crate) u16,
    pub(crate) u8,
    pub(crate) u32,
    pub(crate) Body,
);

/// One TLV.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Field {
    Source(Vec<Field>),
    Policy(Vec<Field>),
    Alternate(Vec<Field>),
    SourceType(u8),
    SourceStatus(u8),
    RecordCount(u8, u64),
    LastSync(u32, u32),
    ErrorCount(u64),
    CcrHash(u8, [u8; 32]),
    SourceId(u16),
    RtrPreference(u8, u32),
    RtrVersion(u8),
    Transport(u8),
    Endpoint(IpAddr, Option<u16>),
    PeerAs(u32),
    AsRelationship(u8),
    LastModified(u32, u32),
    SlurmExceptions(u8, u32),
    SlurmError(u8, u32, String),
    ValidationEnabled(u8),
    StateAction(u8, Action),
    RuleFeature(Condition),
    Assertion(Prefix, u32, Option<u8>),
    Filter(Option<Prefix>, Option<u32>),
    State(u8),
    Types(u8),
    ValidationRule(Rule),
    Direction(u8),
    ActionApplied(Action),
    AlternateUpdate(Vec<u8>),
    /// A number that nobody knows, and octets.
    Unknown(u16, Vec<u8>),
    /// The same of an enterprise.
    UnknownOf(u32, u16, Vec<u8>),
}

/// A plain TLV: type, length, value.
pub(crate) fn plain(field: &Field, codes: &Codes) -> Vec<u8> {
    let (number, value) = encode(field, codes);
    [&number.to_be_bytes()[..], &length(&value), &value].concat()
}

/// Plain TLVs.
pub(crate) fn plains(fields: &[Field], codes: &Codes) -> Vec<u8> {
    fields
        .iter()
        .flat_map(|field| plain(field, codes))
        .collect()
}

/// An indexed TLV: type, length of the value, index, value.
pub(crate) fn indexed(index: u16, field: &Field, codes: &Codes) -> Vec<u8> {
    let (number, value) = encode(field, codes);
    indexed_octets(number, index, &value)
}

/// The same of any octets.
pub(crate) fn indexed_octets(number: u16, index: u16, value: &[u8]) -> Vec<u8> {
    let index = index.to_be_bytes();
    [&number.to_be_bytes()[..], &length(value), &index, value].concat()
}

fn length(value: &[u8]) -> [u8; 2] {
    u16::try_from(value.len()).unwrap().to_be_bytes()
}

/// A message of this version and type.
pub(crate) fn message(version: u8, message_type: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![version];
    out.extend((6 + body.len() as u32).to_be_bytes());
    out.push(message_type);
    out.extend(body);
    out
}

fn encode(field: &Field, codes: &Codes) -> (u16, Vec<u8>) {
    let (name, value) = match field {
        Field::Source(fields) => ("rpki-source", plains(fields, codes)),
        Field::Policy(fields) => ("rpki-policy", plains(fields, codes)),
        Field::Alternate(fields) => ("alternate-route", plains(fields, codes)),
        Field::Unknown(number, octets) => return (*number, octets.clone()),
        Field::UnknownOf(enterprise, number, octets) => {
            return of_enterprise(*enterprise, *number, octets);
        }
        Field::ValidationEnabled(bits) => ("validation-enabled", vec![*bits]),
        Field::StateAction(state, one) => ("state-action", [vec![*state], action(one)].concat()),
        Field::RuleFeature(one) => ("rule-feature", condition(one)),
        Field::Assertion(one, asn, longest) => {
            let longest = [longest.unwrap_or(255)];
            let value = [prefix(*one), asn.to_be_bytes().to_vec(), longest.to_vec()];
            ("slurm-prefix-assertion", value.concat())
        }
        Field::Filter(one, asn) => ("slurm-prefix-filter", filter(*one, *asn)),
        Field::State(state) => ("validation-state", vec![*state]),
        Field::Types(bits) => ("validation-types", vec![*bits]),
        Field::ValidationRule(one) => ("validation-rule", rule(one)),
        Field::Direction(direction) => ("impact-direction", vec![*direction]),
        Field::ActionApplied(one) => ("action-applied", action(one)),
        Field::AlternateUpdate(pdu) => ("alternate-bgp-message", pdu.clone()),
        other => of_source(other),
    };
    codes.coded(name, value)
}

fn of_source(field: &Field) -> (&'static str, Vec<u8>) {
    let kind_and = |kind: u8, rest: &[u8]| [&[kind][..], rest].concat();
    match field {
        Field::SourceType(one) => ("source-type", vec![*one]),
        Field::SourceStatus(one) => ("source-status", vec![*one]),
        Field::RecordCount(kind, count) => ("record-count", kind_and(*kind, &count.to_be_bytes())),
        Field::LastSync(seconds, micros) => ("last-sync", time(*seconds, *micros)),
        Field::ErrorCount(count) => ("error-count", count.to_be_bytes().to_vec()),
        Field::CcrHash(aspect, hash) => ("ccr-hash", kind_and(*aspect, hash)),
        Field::SourceId(id) => ("source-id", id.to_be_bytes().to_vec()),
        Field::RtrPreference(one, order) => {
            ("rtr-preference", kind_and(*one, &order.to_be_bytes()))
        }
        Field::RtrVersion(version) => ("rtr-version", vec![*version]),
        Field::Transport(one) => ("transport", vec![*one]),
        Field::Endpoint(address, port) => {
            let port = port.map(|port| port.to_be_bytes().to_vec());
            (
                "endpoint",
                [afi_and_address(*address), port.unwrap_or_default()].concat(),
            )
        }
        Field::PeerAs(asn) => ("peer-as", asn.to_be_bytes().to_vec()),
        Field::AsRelationship(role) => ("as-relationship", vec![*role]),
        Field::LastModified(seconds, micros) => ("last-modified", time(*seconds, *micros)),
        Field::SlurmExceptions(kind, count) => (
            "slurm-exception-count",
            kind_and(*kind, &count.to_be_bytes()),
        ),
        Field::SlurmError(kind, count, text) => {
            let value = [&[*kind][..], &count.to_be_bytes(), text.as_bytes()].concat();
            ("slurm-error", value)
        }
        other => panic!("{other:?} is no field of a source"),
    }
}

fn time(seconds: u32, micros: u32) -> Vec<u8> {
    [seconds.to_be_bytes(), micros.to_be_bytes()].concat()
}

fn afi_and_address(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => [&[0, 1][..], &address.octets()].concat(),
        IpAddr::V6(address) => [&[0, 2][..], &address.octets()].concat(),
    }
}

/// u16 AFI, u8 length in bits, as many octets as they need.
fn prefix((address, bits): Prefix) -> Vec<u8> {
    let whole = afi_and_address(address);
    let octets = usize::from(bits).div_ceil(8);
    [&whole[..2], &[bits], &whole[2..2 + octets]].concat()
}

fn action(Action(code, argument): &Action) -> Vec<u8> {
    [&[*code][..], argument].concat()
}

fn asns(numbers: &[u32]) -> Vec<u8> {
    let mut out = (numbers.len() as u16).to_be_bytes().to_vec();
    numbers
        .iter()
        .for_each(|number| out.extend(number.to_be_bytes()));
    out
}

fn condition(one: &Condition) -> Vec<u8> {
    let several = |operation: u8, inner: &[Condition]| {
        let mut out = vec![operation, inner.len() as u8];
        inner.iter().for_each(|one| out.extend(condition(one)));
        out
    };
    match one {
        Condition::All(inner) => several(0, inner),
        Condition::Any(inner) => several(1, inner),
        Condition::OriginIn(numbers) => [vec![2], asns(numbers)].concat(),
        Condition::OriginRole(role) => vec![3, *role],
        Condition::SourceIn(types) => [&[4, types.len() as u8][..], types].concat(),
        Condition::Unknown(operation, octets) => [&[*operation][..], octets].concat(),
    }
}

fn filter(one: Option<Prefix>, asn: Option<u32>) -> Vec<u8> {
    let flags = u8::from(one.is_some()) | u8::from(asn.is_some()) << 1;
    let asn = asn.map(|asn| asn.to_be_bytes().to_vec());
    let one = one.map(prefix);
    [
        vec![flags],
        one.unwrap_or_default(),
        asn.unwrap_or_default(),
    ]
    .concat()
}

fn rule(Rule(state, source, source_type, expiry, body): &Rule) -> Vec<u8> {
    let (kind, body) = match body {
        Body::Roa(one, longest, asn) => {
            let body = [prefix(*one), vec![*longest], asn.to_be_bytes().to_vec()];
            (1, body.concat())
        }
        Body::Aspa(customer, providers) => (
            2,
            [customer.to_be_bytes().to_vec(), asns(providers)].concat(),
        ),
        Body::Group(numbers) => (3, asns(numbers)),
        Body::Raw(kind, octets) => (*kind, octets.clone()),
    };
    let mut out = vec![kind, *state];
    out.extend(source.to_be_bytes());
    out.push(*source_type);
    out.extend(expiry.to_be_bytes());
    out.extend(body);
    out
}

//! The three messages about RPKI as JSON: every TLV in order, containers with theirs inside.

use super::line::code_bits;
use super::object::{Object, push_hex};
use super::route_tlv;
use crate::bgp::{Context, Hex, Update};
use crate::bmp::rpki::{
    Action, ActionArgument, ConfigScope, RouteState, RpkiConfig, RpkiRoute, RpkiTlv, RpkiTlvs,
    RpkiValue, Rule, RuleBody,
};
use crate::bmp::v4::RouteTlvKind;
use crate::pipeline::Readable;
use crate::wire::{CodePoint, Cursor};

/// Adds what an RPKI_CONFIG has of its own; the peer is there already.
pub(super) fn config(object: &mut Object<'_>, message: &RpkiConfig<'_>) {
    let scope = match message.scope {
        ConfigScope::Global => "global",
        ConfigScope::Peer(_) => "peer",
    };
    object.field("scope", scope);
    tlvs(object, message.tlvs, &Reading::default());
}

/// Adds what an RPKI_VALIDATION or RPKI_IMPACT has of its own; the peer is there already.
pub(super) fn route(object: &mut Object<'_>, message: &RpkiRoute<'_>, readable: &Readable<'_>) {
    object.field("rib", message.header.rib());
    object.field("context", readable.source);
    let pdu = message.update.unwrap_or_default();
    let update = Update::decode(&mut Cursor::new(pdu), &readable.context);
    object.field("update", update.ok());
    let numbering = message.numbering;
    object.object("numbering", |object| {
        object.field("revision", numbering.numbering.revision());
        object.field("source", numbering.source);
    });
    let reading = Reading {
        route: Some(message),
        context: Some(&readable.context),
        is_path: false,
    };
    tlvs(object, message.tlvs, &reading);
}

/// What values need to know of their message.
#[derive(Clone, Copy, Default)]
struct Reading<'a> {
    route: Option<&'a RpkiRoute<'a>>,
    /// How UPDATEs are to be read.
    context: Option<&'a Context>,
    /// A state is that of a path alone.
    is_path: bool,
}

fn tlvs(object: &mut Object<'_>, mut tlvs: RpkiTlvs<'_>, reading: &Reading<'_>) {
    object.list("tlvs", tlvs.flatten(), |tlv, object| {
        one(object, &tlv, reading);
    });
    if let Some(error) = tlvs.find_map(Result::err) {
        object.field("error", error.to_string());
    }
}

fn one(object: &mut Object<'_>, tlv: &RpkiTlv<'_>, reading: &Reading<'_>) {
    let kind = reading.route.and_then(|route| route.kind(tlv));
    let word = kind.map(RouteTlvKind::word);
    head(object, tlv, word.or(tlv.code_point.map(CodePoint::name)));
    match (kind, reading.route) {
        // It is shown already.
        (Some(RouteTlvKind::BgpMessage), Some(route)) if is_shown(route, tlv) => {}
        (Some(_), Some(route)) => route_tlv::value(object, route.route_value(tlv)),
        (_, Some(route)) if tlv.index.is_some() => {
            let is_path = route.is_path_state(tlv);
            value(
                object,
                tlv,
                &Reading {
                    is_path,
                    ..*reading
                },
            );
        }
        _ => value(object, tlv, reading),
    }
}

fn is_shown(route: &RpkiRoute<'_>, tlv: &RpkiTlv<'_>) -> bool {
    route.update_offset == Some(tlv.value.offset())
}

fn head(object: &mut Object<'_>, tlv: &RpkiTlv<'_>, name: Option<&'static str>) {
    let number = tlv.tlv_type() & code_bits(tlv.enterprise());
    object.field("code", number);
    match name {
        Some(name) => object.field("name", name),
        None => object.field("name", format_args!("unknown-{number}")),
    }
    if let Some(enterprise) = tlv.enterprise() {
        object.field("enterprise", enterprise);
    }
    if let Some(index) = tlv.index {
        object.field("index", index.number());
        object.field("group", index.is_group());
    }
}

/// The keys that a value has.
fn value(object: &mut Object<'_>, tlv: &RpkiTlv<'_>, reading: &Reading<'_>) {
    match tlv.read() {
        Ok(RpkiValue::Source(inner) | RpkiValue::Policy(inner)) => tlvs(object, inner, reading),
        Ok(RpkiValue::AlternateRoute(inner)) => tlvs(object, inner, reading),
        Ok(RpkiValue::Unknown(octets)) => hex(object, octets),
        Ok(RpkiValue::ValidationState(one)) => state(object, one, reading),
        Ok(RpkiValue::Rule(one)) => object.object("rule", |object| rule(object, &one)),
        Ok(RpkiValue::AlternateBgpMessage(pdu)) => update(object, pdu, reading.context),
        Ok(value) if is_of_source(&value) => of_source(object, &value),
        Ok(value) => of_policy(object, &value),
        Err(error) => {
            object.field("error", error.to_string());
            hex(object, tlv.octets());
        }
    }
}

fn hex(object: &mut Object<'_>, octets: &[u8]) {
    object.plain("hex", |out| push_hex(out, octets));
}

fn state(object: &mut Object<'_>, state: RouteState, reading: &Reading<'_>) {
    object.field("state", state.text(reading.is_path));
}

fn update(object: &mut Object<'_>, pdu: &[u8], context: Option<&Context>) {
    let fallback = Context::default();
    let update = Update::decode(&mut Cursor::new(pdu), context.unwrap_or(&fallback)).ok();
    if update.is_none() {
        hex(object, pdu);
    }
    object.field("update", update);
}

fn is_of_source(value: &RpkiValue<'_>) -> bool {
    !matches!(
        value,
        RpkiValue::ValidationEnabled(_)
            | RpkiValue::ValidationTypes(_)
            | RpkiValue::StateAction(_)
            | RpkiValue::RuleFeature(_)
            | RpkiValue::PrefixAssertion { .. }
            | RpkiValue::PrefixFilter(_)
            | RpkiValue::ImpactDirection(_)
            | RpkiValue::ActionApplied(_)
    )
}

fn of_source(object: &mut Object<'_>, value: &RpkiValue<'_>) {
    match value {
        RpkiValue::SourceType(one) => object.field("source_type", one),
        RpkiValue::SourceStatus(status) => object.field("status", status),
        RpkiValue::RecordCount(kind, count) => counted(object, kind, *count),
        RpkiValue::LastSync(time) | RpkiValue::LastModified(time) => object.field("time", time),
        RpkiValue::ErrorCount(count) => object.field("count", count),
        RpkiValue::CcrHash(aspect, hash) => {
            object.field("aspect", aspect);
            object.plain("sha256", |out| push_hex(out, *hash));
        }
        RpkiValue::SourceId(id) => object.field("source_id", id),
        RpkiValue::RtrPreference(preference, order) => {
            object.field("preference", preference);
            object.field("order", order);
        }
        RpkiValue::RtrVersion(version) => object.field("rtr_version", version),
        RpkiValue::Transport(transport) => object.field("transport", transport),
        RpkiValue::Endpoint(address, port) => {
            object.field("address", address);
            object.field("port", port);
        }
        RpkiValue::PeerAs(asn) => object.field("asn", asn),
        RpkiValue::AsRelationship(role) => object.field("as_relationship", role),
        RpkiValue::SlurmExceptions(kind, count) => counted(object, kind, u64::from(*count)),
        RpkiValue::SlurmError(kind, count, text) => {
            counted(object, kind, u64::from(*count));
            object.field("text", text);
        }
        _ => {}
    }
}

fn counted(object: &mut Object<'_>, kind: impl serde::Serialize, count: u64) {
    object.field("kind", kind);
    object.field("count", count);
}

fn of_policy(object: &mut Object<'_>, value: &RpkiValue<'_>) {
    match value {
        RpkiValue::ValidationEnabled(types) | RpkiValue::ValidationTypes(types) => {
            object.field("validation", types.types().collect::<Vec<_>>());
        }
        RpkiValue::StateAction(one) => {
            object.field("state", one.state);
            action(object, &one.action);
        }
        RpkiValue::RuleFeature(condition) => object.field("condition", condition.to_string()),
        RpkiValue::PrefixAssertion {
            prefix,
            asn,
            max_length,
        } => {
            object.field("prefix", prefix.to_string());
            object.field("asn", asn);
            object.field("max_length", max_length);
        }
        RpkiValue::PrefixFilter(filter) => {
            object.field("prefix", filter.prefix.map(|prefix| prefix.to_string()));
            object.field("asn", filter.asn);
            object.field("flags", filter.flags);
        }
        RpkiValue::ImpactDirection(direction) => object.field("direction", direction),
        RpkiValue::ActionApplied(one) => action(object, one),
        _ => {}
    }
}

fn action(object: &mut Object<'_>, action: &Action<'_>) {
    object.field("action", action.code);
    object.field("local_pref", action.local_pref());
    object.field("community", action.tag());
    if let ActionArgument::Raw(octets) = action.argument {
        hex(object, octets);
    }
}

fn rule(object: &mut Object<'_>, rule: &Rule<'_>) {
    object.field("kind", rule.kind);
    object.field("state", rule.state_text());
    match rule.body {
        RuleBody::Roa {
            prefix,
            max_length,
            asn,
        } => {
            object.field("prefix", prefix.to_string());
            object.field("max_length", max_length);
            object.field("asn", asn);
        }
        RuleBody::Aspa {
            customer,
            providers,
        } => {
            object.field("customer", customer);
            object.field("providers", providers.iter().collect::<Vec<_>>());
        }
        RuleBody::AsGroup(asns) => object.field("asns", asns.iter().collect::<Vec<_>>()),
        RuleBody::Raw(octets) => object.field("hex", Hex(octets)),
    }
    object.field("source_id", rule.source_id);
    object.field("source_type", rule.source_type);
    object.field("expires", rule.expires);
}

//! `messages -f csv` of messages about the validation of routes: a row for each route with what is said of
//! it, and one for each alternate.

use super::{back, field, front, row};
use crate::bgp::{Context, Update};
use crate::bmp::rpki::{ImpactDirection, RouteState, RpkiRoute, RpkiTlv, RpkiTlvs, RpkiValue};
use crate::bmp::v4::{Index, RouteTlvKind, RouteTlvValue};
use crate::pipeline::Located;
use crate::report::messages::rpki_words;
use crate::report::messages::words::joined;
use crate::wire::Cursor;

/// The fields of routes of which nothing is said.
pub(super) const NOTHING: &[u8] = b",,,,";

/// Appends the rows of a message; `action`: what they are called where the message does not say.
pub(super) fn routes(
    located: &Located<'_>,
    message: &RpkiRoute<'_>,
    context: &Context,
    action: &str,
    out: &mut Vec<u8>,
) {
    let pdu = message.update.unwrap_or_default();
    let Ok(update) = Update::decode(&mut Cursor::new(pdu), context) else {
        return;
    };
    let groups = groups(message);
    let front = front(located, &message.header);
    let own = back(&update.path_attributes(), update.has_own_nlri());
    for (nlri, number) in update.announced().flatten().zip(1u16..) {
        let said = Said::of(message, number, &groups);
        let direction = said.direction.map(|direction| direction.to_string());
        let action = direction.as_deref().unwrap_or(action);
        row(&front, action, &nlri, &own, &said.fields(), out);
        if let Some(alternate) = said.alternate {
            alternates(&front, alternate, context, out);
        }
    }
}

/// The routes that stand in for another, with their own state.
fn alternates(front: &[u8], fields: RpkiTlvs<'_>, context: &Context, out: &mut Vec<u8>) {
    let mut said = Said::default();
    let mut pdu = None;
    for tlv in fields.flatten() {
        match tlv.read() {
            Ok(RpkiValue::AlternateBgpMessage(octets)) => pdu = Some(octets),
            Ok(RpkiValue::ValidationState(state)) => said.state = Some(state.to_string()),
            _ => {}
        }
    }
    let pdu = pdu.unwrap_or_default();
    let Ok(update) = Update::decode(&mut Cursor::new(pdu), context) else {
        return;
    };
    let own = back(&update.path_attributes(), update.has_own_nlri());
    for nlri in update.announced().flatten() {
        row(front, "alternate", &nlri, &own, &said.fields(), out);
    }
}

/// Group and member, of every Group TLV.
fn groups(message: &RpkiRoute<'_>) -> Vec<(u16, u16)> {
    let mut groups = Vec::new();
    for tlv in message.tlvs.flatten() {
        if message.kind(&tlv) != Some(RouteTlvKind::Group) {
            continue;
        }
        if let (RouteTlvValue::Group(members), Some(index)) = (message.route_value(&tlv), tlv.index)
        {
            let members = members.iter().map(|member| u16::from_be_bytes(*member));
            groups.extend(members.map(|member| (index.number(), member)));
        }
    }
    groups
}

/// What a message says of one route.
#[derive(Default)]
struct Said<'a> {
    state: Option<String>,
    validation: String,
    rules: Vec<String>,
    actions: Vec<String>,
    direction: Option<ImpactDirection>,
    alternate: Option<RpkiTlvs<'a>>,
}

impl<'a> Said<'a> {
    /// Of the NLRI with this number, from 1. What names it, or its group, stands before what is about
    /// all.
    fn of(message: &RpkiRoute<'a>, number: u16, groups: &[(u16, u16)]) -> Said<'a> {
        let mut said = Said::default();
        let is_about = |index: Index| match index.is_group() {
            true => groups.contains(&(index.number(), number)),
            false => index.number() == number,
        };
        let about_all = |tlv: &RpkiTlv<'_>| tlv.index == Some(Index(0));
        let about_it = |tlv: &RpkiTlv<'_>| tlv.index.is_some_and(is_about);
        for tlv in message.tlvs.flatten().filter(about_all) {
            said.add(message, &tlv);
        }
        for tlv in message.tlvs.flatten().filter(about_it) {
            said.add(message, &tlv);
        }
        said
    }

    fn add(&mut self, message: &RpkiRoute<'_>, tlv: &RpkiTlv<'a>) {
        match tlv.read() {
            Ok(RpkiValue::ValidationState(state)) => {
                self.state = Some(RouteState::text(state, message.is_path_state(tlv)));
            }
            Ok(RpkiValue::ValidationTypes(types)) => self.validation = joined(types.types(), " "),
            Ok(RpkiValue::Rule(rule)) => self.rules.push(rpki_words::rule_text(&rule)),
            Ok(RpkiValue::ActionApplied(action)) => self.actions.push(action.to_string()),
            Ok(RpkiValue::ImpactDirection(direction)) => self.direction = Some(direction),
            Ok(RpkiValue::AlternateRoute(fields)) => self.alternate = Some(fields),
            _ => {}
        }
    }

    fn fields(&self) -> Vec<u8> {
        let mut out = Vec::new();
        field(&mut out, self.state.as_deref().unwrap_or_default());
        field(&mut out, &self.validation);
        field(&mut out, &self.rules.join("; "));
        field(&mut out, &self.actions.join("; "));
        out
    }
}

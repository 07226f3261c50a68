//! `messages -f csv`: one row per route.

mod rpki;

use super::told::Told;
use super::words;
use crate::bgp::attribute::PathAttributes;
use crate::bgp::{Context, Nlri, Update};
use crate::bmp::{Message, PeerHeader, RouteMonitoring};
use crate::pipeline::Located;
use crate::sheet::push_csv_field;
use crate::wire::Cursor;
use std::net::Ipv4Addr;

/// The first line, with its line end.
pub(super) const HEADER: &[u8] = b"time,file,packet,session,router,router_name,peer,peer_asn,\
    peer_bgp_id,peer_type,distinguisher,rib,action,afi,safi,prefix,path_id,rd,next_hop,origin,\
    as_path,med,local_pref,communities,large_communities,extended_communities,state,validation,\
    rules,actions\r\n";

/// Appends a row for every route of a Route Monitoring message, or of one about their validation; other
/// messages have no routes.
pub(super) fn write(located: &Located<'_>, told: &Told<'_>, out: &mut Vec<u8>) {
    let Told::Message(_, readable) = told else {
        return;
    };
    let context = &readable.context;
    match &readable.message {
        Message::RouteMonitoring(message) => routes(located, message, context, out),
        Message::RpkiValidation(message) => {
            rpki::routes(located, message, context, "validated", out);
        }
        Message::RpkiImpact(message) => rpki::routes(located, message, context, "impact", out),
        _ => {}
    }
}

fn routes(
    located: &Located<'_>,
    message: &RouteMonitoring<'_>,
    context: &Context,
    out: &mut Vec<u8>,
) {
    let Ok(update) = Update::decode(&mut Cursor::new(message.update), context) else {
        return;
    };
    let attributes = update.path_attributes();
    let front = front(located, &message.header);
    let back = back(&attributes, update.has_own_nlri());
    for nlri in update.withdrawn().flatten() {
        row(&front, "withdraw", &nlri, &[], rpki::NOTHING, out);
    }
    for nlri in update.announced().flatten() {
        row(&front, "announce", &nlri, &back, rpki::NOTHING, out);
    }
}

fn row(front: &[u8], action: &str, nlri: &Nlri<'_>, back: &[u8], said: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(front);
    let path_id = nlri.path_id.map(|id| id.to_string());
    let rd = nlri.rd.map(|rd| rd.to_string());
    let fields = [
        action.to_owned(),
        nlri.family.afi_word(),
        nlri.family.safi_word(),
        words::destination(nlri),
        path_id.unwrap_or_default(),
        rd.unwrap_or_default(),
    ];
    fields.iter().for_each(|text| field(out, text));
    match back {
        [] => out.extend_from_slice(b",,,,,,,,"),
        back => out.extend_from_slice(back),
    }
    out.extend_from_slice(said);
    out.extend_from_slice(b"\r\n");
}

/// The fields that all routes of a message share, before the route's own.
fn front(located: &Located<'_>, header: &PeerHeader) -> Vec<u8> {
    let mut out = Vec::new();
    let text = |value: Option<String>| value.unwrap_or_default();
    push_csv_field(
        &mut out,
        &text(located.moment().time.map(|time| time.to_string())),
    );
    field(&mut out, located.file());
    field(
        &mut out,
        &text(
            located
                .moment()
                .packet_number()
                .map(|number| number.to_string()),
        ),
    );
    field(&mut out, &located.session().id.to_string());
    field(
        &mut out,
        &text(located.session().router.map(|router| router.to_string())),
    );
    field(
        &mut out,
        located.session().sys_name.as_deref().unwrap_or_default(),
    );
    field(
        &mut out,
        &text(header.address().map(|address| address.to_string())),
    );
    field(&mut out, &header.asn.to_string());
    field(&mut out, &Ipv4Addr::from(header.bgp_id).to_string());
    field(&mut out, &header.peer_type.to_string());
    let rd = header.distinguisher;
    field(&mut out, &text((!rd.is_zero()).then(|| rd.to_string())));
    field(&mut out, header.rib().word());
    out
}

/// The attributes, behind the route's own fields.
fn back(attributes: &PathAttributes<'_>, is_own: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let text = |value: Option<String>| value.unwrap_or_default();
    field(
        &mut out,
        &text(words::next_hop(attributes, is_own).map(|hop| hop.to_string())),
    );
    field(
        &mut out,
        &text(attributes.origin.map(|origin| origin.to_string())),
    );
    field(
        &mut out,
        &text(attributes.effective_path().as_ref().map(words::as_path)),
    );
    field(&mut out, &text(attributes.med.map(|med| med.to_string())));
    field(
        &mut out,
        &text(
            attributes
                .local_pref
                .map(|local_pref| local_pref.to_string()),
        ),
    );
    field(
        &mut out,
        &text(
            attributes
                .communities
                .map(|list| words::joined(list.iter(), " ")),
        ),
    );
    let large = attributes
        .large_communities
        .map(|list| words::joined(list.iter(), " "));
    field(&mut out, &text(large));
    let extended = attributes
        .extended_communities
        .map(|list| words::joined(list.iter(), " "));
    field(&mut out, &text(extended));
    out
}

fn field(out: &mut Vec<u8>, text: &str) {
    out.push(b',');
    push_csv_field(out, text);
}

//! What contradicts the specifications in UPDATEs, as findings: each attribute and what is wrong with
//! it, by peer and view. Every UPDATE is decoded whole for it, so that only `check` asks.

use crate::bgp::Update;
use crate::bgp::attribute::AttributeCode;
use crate::bgp::update::{Malformed, Name, Outcome, Problem};
use crate::bmp::mirroring::MirroringTlv;
use crate::bmp::{Message, PeerHeader, Rib, RouteMirroring};
use crate::finding::{Finding, FindingLog, Place};
use crate::pipeline::{Chunk, Item, Located, Look, Query, Readable, Run};
use crate::wire::Cursor;
use std::io;

/// Collects what is malformed in the UPDATEs of a run.
#[derive(Debug, Default)]
pub(super) struct Collect {
    findings: FindingLog,
}

impl Query for Collect {
    type Part = FindingLog;

    /// As `messages` reads them, which tells the same.
    fn look(&self) -> Look {
        Look::Everywhere
    }

    fn decode(&self, chunk: Chunk<'_>) -> FindingLog {
        let mut log = FindingLog::default();
        for located in chunk.items() {
            // Counting tells what cannot be read at all.
            if let Item::Message(bytes) = located.item
                && let Ok(readable) = Readable::of(&located, bytes)
            {
                message(&located, &readable, &mut log);
            }
        }
        log
    }

    fn merge(&mut self, part: FindingLog) -> io::Result<()> {
        self.findings.merge(part);
        Ok(())
    }
}

impl Collect {
    /// Adds its findings to those of the run.
    pub(super) fn tell(self, run: &mut Run) {
        run.findings.merge(self.findings);
    }
}

/// An UPDATE and where it comes from.
struct Told<'a> {
    update: Update<'a>,
    header: PeerHeader,
    /// The view; none: it is mirrored.
    rib: Option<Rib>,
    /// Octets from the start of the message to the UPDATE.
    start: usize,
}

fn message(located: &Located<'_>, readable: &Readable<'_>, log: &mut FindingLog) {
    let (header, pdu, start) = match &readable.message {
        Message::RouteMonitoring(route) => (route.header, route.update, route.update_offset),
        Message::RpkiValidation(route) | Message::RpkiImpact(route) => {
            match route.update.zip(route.update_offset) {
                Some((pdu, start)) => (route.header, pdu, start),
                None => return,
            }
        }
        Message::RouteMirroring(mirroring) => return mirrored(located, mirroring, log),
        _ => return,
    };
    if let Ok(update) = Update::decode(&mut Cursor::new(pdu), &readable.context) {
        let rib = Some(header.rib());
        let told = Told {
            update,
            header,
            rib,
            start,
        };
        told.findings(located, log);
    }
}

/// UPDATEs that are mirrored, of peers whose Peer Up says how they are written.
fn mirrored(located: &Located<'_>, message: &RouteMirroring<'_>, log: &mut FindingLog) {
    let Some(peer) = located.peer().filter(|peer| peer.has_peer_up) else {
        return;
    };
    let context = peer.contexts.mirrored(&message.header);
    for tlv in message.tlvs().flatten() {
        let is_message = tlv.enterprise.is_none() && tlv.tlv_type == MirroringTlv::BGP_MESSAGE.0;
        if is_message && let Ok(update) = Update::decode(&mut Cursor::new(tlv.value), context) {
            let told = Told {
                update,
                header: message.header,
                rib: None,
                start: tlv.offset,
            };
            told.findings(located, log);
        }
    }
}

impl Told<'_> {
    fn findings(&self, located: &Located<'_>, log: &mut FindingLog) {
        let attributes = self.update.path_attributes();
        for one in self.update.malformed(&attributes) {
            if !self.is_left_open(&one) {
                log.add(self.finding(located, &one));
            }
        }
    }

    /// "Some attributes are set when the BGP message is transmitted": before the policy of an
    /// Adj-RIB-Out a mandatory attribute may be empty or absent (RFC 8671 5.2).
    fn is_left_open(&self, malformed: &Malformed) -> bool {
        let Name::Attribute(code) = malformed.name else {
            return false;
        };
        let is_set_later = [
            AttributeCode::ORIGIN,
            AttributeCode::AS_PATH,
            AttributeCode::NEXT_HOP,
            AttributeCode::LOCAL_PREF,
        ]
        .contains(&code);
        let is_empty = || self.value(code).is_none_or(|(_, length)| length == 0);
        self.rib == Some(Rib::AdjRibOutPre) && is_set_later && is_empty()
    }

    /// Where the value of an attribute begins, and its octets.
    fn value(&self, code: AttributeCode) -> Option<(usize, usize)> {
        let mut all = self.update.attributes().flatten();
        let attribute = all.find(|attribute| attribute.code == code)?;
        Some((attribute.offset, attribute.value.len()))
    }

    fn finding(&self, located: &Located<'_>, malformed: &Malformed) -> Finding {
        let what = what(malformed);
        let is_local = self.rib == Some(Rib::LocRib);
        let kind = match malformed.outcome {
            _ if is_local => "update-malformed-loc-rib",
            Outcome::SessionReset | Outcome::AfiSafiDisable => "update-session-reset",
            Outcome::TreatAsWithdraw => "update-treat-as-withdraw",
            Outcome::AttributeDiscard => "update-attribute-discard",
        };
        let outcome = match is_local {
            true => "no BGP speaker receives the UPDATEs of a Loc-RIB".to_owned(),
            false => malformed.outcome.to_string(),
        };
        let peer = self.header.name();
        let who = match self.rib {
            Some(rib) => rib.of_peer(&peer),
            None => format!("peer {peer} mirrored"),
        };
        let unreadable = match malformed.problem {
            Problem::Unreadable(error) => format!(": {}", error.inside(self.start)),
            Problem::Wrong(_) => String::new(),
        };
        let message = format!("{who}: {what}{unreadable}: {outcome}");
        let place = Place {
            peer: Some(self.header.address_word()),
            rib: self.rib.map(Rib::word),
            ..located.place(u32::try_from(self.start + self.offset(malformed)).ok())
        };
        let finding = Finding::new(kind, message, place);
        finding.about(format!("{peer} {what}")).by(malformed.source)
    }

    /// Octets from the start of the UPDATE to what is wrong.
    fn offset(&self, malformed: &Malformed) -> usize {
        match (malformed.problem, malformed.name) {
            (Problem::Unreadable(error), _) => error.offset as usize,
            (_, Name::Attribute(code)) => self.value(code).map_or(0, |(offset, _)| offset),
            _ => 0,
        }
    }
}

/// What is wrong, in words that do not differ from UPDATE to UPDATE.
fn what(malformed: &Malformed) -> String {
    match malformed.problem {
        Problem::Unreadable(_) => format!("{} cannot be read", malformed.name),
        Problem::Wrong(why) => format!("{} {why}", malformed.name),
    }
}

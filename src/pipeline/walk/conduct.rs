//! Findings about whole sessions: where their messages break the order of RFC 7854, and whether their
//! start was captured.

use super::Table;
use crate::bmp::{MessageType, Rib};
use crate::finding::{Finding, Place};
use crate::session::{BreachKind, GapKind, Peer, Session, Spot};
use crate::stream::Start;

impl Table {
    /// Tells what every session breaks, and which were not captured from their start.
    pub(super) fn tell_conduct(&mut self) {
        let mut found = Vec::new();
        for live in &self.sessions {
            let session = &live.session;
            if matches!(session.start, Some(Start::MidStream | Start::Unknown)) {
                found.extend(self.mid_stream(session));
                continue;
            }
            found.extend(self.no_initiation(session).map(|finding| (finding, 1)));
            found.extend(self.after_termination(session));
            for peer in &session.peers {
                let breaches = peer.breaches.iter();
                found.extend(breaches.map(|(kind, breach)| {
                    let place = self.place_of(session, breach.first);
                    (finding_of(kind, peer, place), breach.count)
                }));
            }
        }
        for (finding, count) in found {
            self.findings.add_many(finding, count);
        }
    }

    /// A session whose start was not captured; where octets of a message are left of it, they tell.
    fn mid_stream(&self, session: &Session) -> Option<(Finding, u64)> {
        let is_told = session.gaps.of(GapKind::MidStreamStart).count > 0;
        let first = session.conduct.first?;
        if is_told
            || session.first_message == Some(MessageType::INITIATION)
            || !self.is_asked(session, first)
        {
            return None;
        }
        let message = "the capture begins behind the start of the session: its Initiation, and what came \
                       with it, is missing";
        let place = self.place_of(session, first);
        let finding = Finding::new("mid-stream-start", message.to_owned(), place);
        Some((finding, 1))
    }

    fn no_initiation(&self, session: &Session) -> Option<Finding> {
        let first = session.conduct.first?;
        let message_type = session.first_message?;
        let is_told = session.gaps.total().count > 0;
        if is_told || message_type == MessageType::INITIATION || !self.is_asked(session, first) {
            return None;
        }
        let place = self.place_of(session, first);
        let finding = match session.start {
            Some(_) => Finding::new(
                "initiation-missing",
                format!("the first message of the session is {message_type}, no initiation"),
                place,
            ),
            None => Finding::new(
                "start-unknown",
                format!(
                    "the stream begins with {message_type}, no initiation: its start is missing, or the router \
                     sent none"
                ),
                place,
            ),
        };
        Some(finding)
    }

    fn after_termination(&self, session: &Session) -> Option<(Finding, u64)> {
        let breach = session.conduct.after_termination?;
        let place = self.place_of(session, breach.first);
        let message = "messages come behind a Termination, which ends the session";
        let finding = Finding::new("after-termination", message.to_owned(), place);
        Some((finding, breach.count))
    }

    /// What is about a whole session is asked for.
    fn is_asked(&self, session: &Session, spot: Spot) -> bool {
        let name = session.router.sys_name.as_deref();
        self.request.peers.is_empty()
            && self.request.wants_time(spot.moment.time)
            && self.request.wants_router(session.router_address, name)
    }

    fn place_of(&self, session: &Session, spot: Spot) -> Place {
        Place {
            session: Some(session.id),
            file: self.path(spot.moment.file),
            packet: spot.moment.packet_number(),
            stream_offset: Some(spot.stream_offset),
            time: spot.moment.time,
            ..Place::default()
        }
    }
}

fn finding_of(kind: BreachKind, peer: &Peer, place: Place) -> Finding {
    let name = peer.name();
    let whose = |what: &str| match peer.address {
        Some(_) => format!("{what} of peer {name}"),
        None => format!("{what} of {name}"),
    };
    let routes = |rib: Rib| format!("{} ({})", whose("routes"), rib.word());
    let without_up = |what: String| {
        let source = match peer.address {
            Some(_) => "RFC 7854 3.3",
            None => "RFC 9069 5.2",
        };
        let finding = ("no-peer-up", format!("{what}, but no Peer Up came for it"));
        (finding, source)
    };
    let after_down = |what: String| {
        let finding = (
            "after-peer-down",
            format!("{what} after its Peer Down, without another Peer Up"),
        );
        (finding, "RFC 7854 4.9")
    };
    let ((word, message), source) = match kind {
        BreachKind::RoutesWithoutUp(rib) => without_up(routes(rib)),
        BreachKind::StatisticsWithoutUp => without_up(whose("statistics")),
        BreachKind::MirroringWithoutUp => without_up(whose("mirrored UPDATEs")),
        BreachKind::RoutesAfterDown(rib) => after_down(routes(rib)),
        BreachKind::StatisticsAfterDown => after_down(whose("statistics")),
        BreachKind::MirroringAfterDown => after_down(whose("mirrored UPDATEs")),
        BreachKind::UpRepeated => {
            let message = format!("{}, which is up", whose("Peer Up"));
            (("peer-up-repeated", message), "RFC 7854 4.10")
        }
        BreachKind::DownWithoutUp => {
            let message = format!("{}, which is not up", whose("Peer Down"));
            (("peer-down-without-up", message), "RFC 7854 4.9")
        }
        BreachKind::NoNotification => {
            let message = format!(
                "{} lacks the NOTIFICATION that its reason promises",
                whose("Peer Down")
            );
            (("peer-down-data-missing", message), "RFC 7854 4.9")
        }
        BreachKind::NoFsmEvent => {
            let message = format!(
                "{} lacks the FSM event code that its reason promises",
                whose("Peer Down")
            );
            (("peer-down-data-missing", message), "RFC 7854 4.9")
        }
    };
    let place = Place {
        peer: Some(peer.address_word()),
        rib: match kind {
            BreachKind::RoutesWithoutUp(rib) | BreachKind::RoutesAfterDown(rib) => Some(rib.word()),
            _ => None,
        },
        ..place
    };
    let finding = Finding::new(word, message.clone(), place);
    finding.about(message).by(source)
}

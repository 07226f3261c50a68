//! Peer Ups and Peer Downs, as JSON shows them.

use super::row::HoldTimeRow;
use crate::bgp::Notification;
use crate::bmp::{PeerDownReason, Rib};
use crate::session::{Down, Event, Up};
use crate::stream::Moment;
use crate::time::Timestamp;
use crate::wire::Cursor;
use schemars::JsonSchema;
use serde::Serialize;

/// What happened to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TurnWord {
    /// Peer Up (RFC 7854 4.10).
    Up,
    /// Peer Down (RFC 7854 4.9).
    Down,
}

/// A Peer Up or Peer Down in a timeline.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TurnRow {
    /// Which of both.
    pub event: TurnWord,
    /// When it was captured; the per-peer header's time for a bare stream.
    pub time: Option<Timestamp>,
    /// The per-peer header's time; null where the router does not say.
    pub bmp_time: Option<Timestamp>,
    /// The view that the flags of its per-peer header name: some routers send one for each.
    pub rib: &'static str,
    /// It tells again what was told before, as routers do for each view: it is in neither `ups` nor `downs`.
    pub repeats: bool,
    /// The file's path.
    pub file: Option<String>,
    /// The packet that completed the message, from 1; null for a bare stream.
    pub packet: Option<u64>,
    /// Of a Peer Down: the reason's word, or `unknown-<number>`.
    pub reason: Option<String>,
    /// Of a Peer Down: the NOTIFICATION that ended the session, for reasons 1 and 3.
    pub notification: Option<NotificationPdu>,
    /// Of a Peer Down: the FSM event code of reason 2 (RFC 4271 8.1); 0: none.
    pub fsm_event: Option<u16>,
    /// Of a Peer Up: the Hold Times in its OPENs.
    pub hold_time: Option<HoldTimeRow>,
}

/// A Peer Down.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DownRow {
    /// When it was captured; the per-peer header's time for a bare stream.
    pub time: Option<Timestamp>,
    /// The reason's word, or `unknown-<number>`.
    pub reason: String,
    /// The NOTIFICATION that ended the session, for reasons 1 and 3.
    pub notification: Option<NotificationPdu>,
    /// The FSM event code of reason 2 (RFC 4271 8.1); 0: none.
    pub fsm_event: Option<u16>,
}

/// A NOTIFICATION that can be decoded, kept as its octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationPdu(Vec<u8>);

impl NotificationPdu {
    /// Keeps a whole PDU; none if it cannot be decoded.
    pub fn new(pdu: Vec<u8>) -> Option<NotificationPdu> {
        Notification::decode(&mut Cursor::new(&pdu)).ok()?;
        Some(NotificationPdu(pdu))
    }

    /// What it says.
    pub fn decode(&self) -> Option<Notification<'_>> {
        Notification::decode(&mut Cursor::new(&self.0)).ok()
    }
}

impl Serialize for NotificationPdu {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.decode().serialize(serializer)
    }
}

impl JsonSchema for NotificationPdu {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Notification::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Notification::json_schema(generator)
    }
}

impl TurnRow {
    /// The shape of an event; files by their number.
    pub fn of(event: &Event, files: &[String]) -> TurnRow {
        match event {
            Event::Up(up) => TurnRow::of_up(up, files),
            Event::Down(down) => TurnRow::of_down(down, files),
        }
    }

    fn of_up(up: &Up, files: &[String]) -> TurnRow {
        let place = TurnRow::at(TurnWord::Up, up.moment, up.reported, files);
        TurnRow {
            rib: up.rib.word(),
            repeats: up.repeats,
            hold_time: up.hold_times.map(HoldTimeRow::of_both),
            ..place
        }
    }

    fn of_down(down: &Down, files: &[String]) -> TurnRow {
        let DownRow {
            reason,
            notification,
            fsm_event,
            ..
        } = DownRow::of(down);
        TurnRow {
            rib: down.rib.word(),
            repeats: down.repeats,
            reason: Some(reason),
            notification,
            fsm_event,
            ..TurnRow::at(TurnWord::Down, down.moment, down.reported, files)
        }
    }

    fn at(
        event: TurnWord,
        moment: Moment,
        reported: Option<Timestamp>,
        files: &[String],
    ) -> TurnRow {
        TurnRow {
            event,
            time: moment.time.or(reported),
            bmp_time: reported,
            rib: Rib::AdjRibInPre.word(),
            repeats: false,
            file: files.get(moment.file as usize).cloned(),
            packet: moment.packet_number(),
            reason: None,
            notification: None,
            fsm_event: None,
            hold_time: None,
        }
    }
}

impl DownRow {
    /// The shape of a Peer Down.
    pub fn of(down: &Down) -> DownRow {
        DownRow {
            time: down.moment.time.or(down.reported),
            reason: reason_word(PeerDownReason(down.reason)),
            notification: down.notification.clone().and_then(NotificationPdu::new),
            fsm_event: down.fsm_event,
        }
    }
}

/// A Peer Down reason's word, or `unknown-<number>`.
pub fn reason_word(reason: PeerDownReason) -> String {
    reason
        .word()
        .map_or_else(|| format!("unknown-{}", reason.0), str::to_owned)
}

//! What happened to a peer: its Peer Ups and Peer Downs in order, within a bound.

use super::peer::Down;
use crate::bmp::{CommonHeader, PeerHeader, Rib};
use crate::stream::Moment;
use crate::time::Timestamp;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Events kept of one peer; what comes later is counted.
const EVENTS: usize = 1024;

/// Octets of a NOTIFICATION kept with an event: header, codes and a Shutdown Communication
/// (RFC 9003 2) inside a Hard Reset (RFC 8538 3.1) fit.
const NOTIFICATION: usize = 512;

/// The Peer Ups and Peer Downs of one peer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    events: Vec<Event>,
    left_out: u64,
}

/// A Peer Up or Peer Down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Peer Up (RFC 7854 4.10).
    Up(Up),
    /// Peer Down (RFC 7854 4.9). A NOTIFICATION of absurd length is left out here.
    Down(Down),
}

/// A Peer Up as it was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Up {
    /// When it was captured.
    pub moment: Moment,
    /// The per-peer header's timestamp.
    pub reported: Option<Timestamp>,
    /// Hold Times of the sent and the received OPEN; none if these cannot be read.
    pub hold_times: Option<(u16, u16)>,
    /// The view that its flags name: some routers send one for each.
    pub rib: Rib,
    /// It tells what was told before, once more or for another view.
    pub repeats: bool,
}

/// What the last Peer Up or Peer Down of a peer said. Some routers say the same once for each view
/// (flags differ), some over and over: that is one event. A Peer Up repeats another where no Peer Down
/// came between and ports, OPENs and TLVs are the same; a Peer Down where no Peer Up came between,
/// reason and data are the same, and its timestamp is, to a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    is_up: bool,
    body: u64,
    reported: Option<Timestamp>,
}

impl Said {
    /// What a message with a per-peer header says.
    pub(super) fn of(is_up: bool, message: &[u8], reported: Option<Timestamp>) -> Said {
        let body = message.get(CommonHeader::LENGTH + PeerHeader::LENGTH..);
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        Said {
            is_up,
            body: hasher.finish(),
            reported,
        }
    }

    /// It tells nothing that the other did not tell.
    pub(super) fn repeats(self, before: Option<Said>) -> bool {
        let is_then = |before: Said| match (self.reported, before.reported) {
            (Some(now), Some(then)) => now.seconds_since(then).abs() <= 1.0,
            (now, then) => now == then,
        };
        before.is_some_and(|before| {
            (self.is_up, self.body) == (before.is_up, before.body)
                && (self.is_up || is_then(before))
        })
    }
}

impl History {
    pub(super) fn up(&mut self, up: Up) {
        self.push(|| Event::Up(up));
    }

    pub(super) fn down(&mut self, down: &Down) {
        self.push(|| {
            let mut down = down.clone();
            down.notification = down.notification.filter(|pdu| pdu.len() <= NOTIFICATION);
            Event::Down(down)
        });
    }

    fn push(&mut self, event: impl FnOnce() -> Event) {
        match self.events.len() < EVENTS {
            true => self.events.push(event()),
            false => self.left_out += 1,
        }
    }

    /// The events kept: the first ones, in order.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// How many came after those.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beyond_the_bound_is_counted() {
        let up = Up {
            moment: Moment::default(),
            reported: None,
            hold_times: None,
            rib: Rib::AdjRibInPre,
            repeats: false,
        };
        let mut history = History::default();
        (0..1030).for_each(|_| history.up(up));
        assert_eq!((history.events().len(), history.left_out()), (1024, 6));
    }

    #[test]
    fn a_notification_of_absurd_length_is_left_out() {
        let mut history = History::default();
        let mut down = Down {
            moment: Moment::default(),
            reported: None,
            reason: 3,
            notification: Some(vec![0; 512]),
            fsm_event: None,
            rib: Rib::AdjRibInPre,
            repeats: false,
        };
        history.down(&down);
        assert_eq!(history.events()[0], Event::Down(down.clone()));
        down.notification = Some(vec![0; 513]);
        history.down(&down);
        down.notification = None;
        assert_eq!(history.events()[1], Event::Down(down));
    }
}

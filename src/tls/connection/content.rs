//! Protected records: what was in them.

use super::{Connection, Message, Work, plain};
use crate::tls::keys::{Opened, Phase, TLS_1_3};
use crate::tls::messages::{END_OF_EARLY_DATA, FINISHED, KEY_UPDATE};
use crate::tls::record::{APPLICATION_DATA, CHANGE_CIPHER_SPEC, HANDSHAKE, Header};

impl Connection {
    /// A protected record in sync. False: it is not authentic.
    pub(super) fn sealed(
        &mut self,
        index: usize,
        header: Header,
        fragment: &mut [u8],
        work: &mut Work<'_>,
    ) -> bool {
        let has_early_data = self.agreed.has_early_data && self.agreed.client == Some(index);
        let Some(keys) = self.keys(index, work.log) else {
            return true;
        };
        if let Some(opened) = keys.open(header, fragment) {
            self.opened(index, &opened, fragment, work);
            return true;
        }
        if keys.is_in_unread_handshake() {
            return true;
        }
        let is_early = has_early_data && keys.is_before_handshake();
        if is_early {
            let length = u64::from(header.length);
            let why = "a record of early data is not read: the key logs have no secret for it";
            self.problem(index, "tls-early-data", why, length);
        }
        is_early
    }

    /// What was in a record.
    pub(super) fn opened(
        &mut self,
        index: usize,
        opened: &Opened,
        fragment: &[u8],
        work: &mut Work<'_>,
    ) {
        let octets = fragment
            .get(opened.inner.content.clone())
            .unwrap_or_default();
        self.settle_early(index, opened.phase);
        let (id, is_1_3) = (self.id, self.agreed.version == Some(TLS_1_3));
        let Some(side) = self.sides.get_mut(index) else {
            return;
        };
        side.opened += 1;
        match opened.inner.kind {
            APPLICATION_DATA if opened.phase == Phase::Early && !self.agreed.accepts_early_data => {
                self.keep_early(index, octets);
            }
            APPLICATION_DATA if !octets.is_empty() => {
                plain(id, index, side, octets, side.moment, work.out);
            }
            HANDSHAKE => self.inner_messages(index, opened.phase, octets, work),
            // Renegotiation (RFC 5246 7.1): the next record has new keys.
            CHANGE_CIPHER_SPEC if !is_1_3 => side.keys = None,
            // Alerts, and records without content.
            _ => {}
        }
        if let Some(side) = self.sides.get_mut(index) {
            side.good = side.moment;
        }
    }

    fn keep_early(&mut self, index: usize, octets: &[u8]) {
        let side = self.sides.get_mut(index);
        if side.is_some_and(|side| !side.keep_early(octets)) {
            let why = "early data is left out: more than is kept until it is accepted";
            self.problem(index, "tls-early-data", why, octets.len() as u64);
        }
    }

    /// Early data is kept until the server says that it accepts it (RFC 8446 4.2.10), or the client, with a
    /// message that only follows then (4.5); a record of the handshake says that it does not.
    fn settle_early(&mut self, index: usize, phase: Phase) {
        let Some(side) = self.sides.get_mut(index) else {
            return;
        };
        if phase == Phase::Early || side.early.is_empty() {
            return;
        }
        let octets: usize = side.early.iter().map(|piece| piece.0.len()).sum();
        side.early = Vec::new();
        let why = "early data that the server did not accept is left out";
        self.problem(index, "tls-early-data", why, octets as u64);
    }

    fn accept_early(&mut self, index: usize, work: &mut Work<'_>) {
        self.tell_early(index, work);
        let Some(side) = self.sides.get_mut(index) else {
            return;
        };
        if let Some(keys) = &mut side.keys {
            keys.finish_early();
        }
    }

    fn tell_early(&mut self, index: usize, work: &mut Work<'_>) {
        let id = self.id;
        let Some(side) = self.sides.get_mut(index) else {
            return;
        };
        for (octets, moment) in std::mem::take(&mut side.early) {
            plain(id, index, side, &octets, moment, work.out);
        }
    }

    /// Protected handshake messages.
    fn inner_messages(&mut self, index: usize, phase: Phase, octets: &[u8], work: &mut Work<'_>) {
        let is_1_3 = self.agreed.version == Some(TLS_1_3);
        for message in self.messages(index, octets) {
            let keys = self
                .sides
                .get_mut(index)
                .and_then(|side| side.keys.as_mut());
            match (message, keys) {
                (Message::Other(END_OF_EARLY_DATA), _) if phase == Phase::Early => {
                    self.accept_early(index, work);
                }
                (Message::Extensions(true), _) if phase == Phase::Handshake => {
                    self.agreed.accepts_early_data = true;
                    self.tell_early(1 - index.min(1), work);
                }
                (Message::Other(FINISHED), Some(keys)) if phase == Phase::Handshake => {
                    keys.finish_handshake();
                }
                (Message::Other(KEY_UPDATE), Some(keys)) if is_1_3 => keys.update(),
                (hello @ (Message::Client(_) | Message::Server(_)), _) if !is_1_3 => {
                    self.hello(index, hello, work.log);
                }
                _ => {}
            }
        }
    }
}

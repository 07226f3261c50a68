//! Hellos, and the keys that follow from them.

use super::{Connection, Message};
use crate::tls::hello::Hello;
use crate::tls::key_log::KeyLog;
use crate::tls::keys::{Keys, TLS_1_2, TLS_1_3};
use crate::tls::messages::{CLIENT_HELLO, ENCRYPTED_EXTENSIONS, SERVER_HELLO};
use crate::tls::outcome::Outcome;
use crate::tls::suite::CipherSuite;

impl Connection {
    /// The handshake messages that a fragment completes.
    pub(super) fn messages(&mut self, index: usize, fragment: &[u8]) -> Vec<Message> {
        let mut told = Vec::new();
        let Some(side) = self.sides.get_mut(index) else {
            return told;
        };
        side.messages.take(fragment, |kind, body| {
            told.push(match kind {
                CLIENT_HELLO => Message::Client(Hello::of_client(body).unwrap_or_default()),
                SERVER_HELLO => Message::Server(Hello::of_server(body).unwrap_or_default()),
                ENCRYPTED_EXTENSIONS => Message::Extensions(Hello::accepts_early_data(body)),
                other => Message::Other(other),
            });
        });
        told
    }

    pub(super) fn hello(&mut self, index: usize, message: Message, log: &KeyLog) {
        match message {
            Message::Client(hello) => {
                self.agreed.client = Some(index);
                self.agreed.client_random = Some(hello.random);
                self.agreed.has_early_data |= hello.has_early_data;
            }
            Message::Server(hello) => {
                let suite = hello.cipher_suite.map(CipherSuite);
                (self.version, self.suite) = (hello.version(), suite);
                self.agreed.client.get_or_insert(1 - index.min(1));
                self.agreed.version = self.version;
                self.agreed.parts = suite.and_then(CipherSuite::parts);
                if !hello.is_retry_request() {
                    self.agreed.server_random = Some(hello.random);
                }
            }
            Message::Extensions(_) | Message::Other(_) => return,
        }
        if let Some(outcome) = self.unreadable(log) {
            self.give_up(outcome);
        }
    }

    /// Why what was agreed on so far cannot be read.
    fn unreadable(&self, log: &KeyLog) -> Option<Outcome> {
        let random = self.agreed.client_random.as_ref();
        if random.is_some_and(|random| log.of(random).is_none()) {
            return Some(Outcome::NoSecret);
        }
        match (self.version, self.suite) {
            (Some(TLS_1_2 | TLS_1_3), Some(_)) if self.agreed.parts.is_some() => None,
            (Some(TLS_1_2 | TLS_1_3), Some(suite)) => Some(Outcome::Suite(suite)),
            (Some(version), _) => Some(Outcome::Version(version)),
            (None, _) => None,
        }
    }

    /// The keys of a direction, made when they are first needed.
    pub(super) fn keys(&mut self, index: usize, log: &KeyLog) -> Option<&mut Keys> {
        let side = self.sides.get_mut(index)?;
        if side.keys.is_none() {
            let secrets = self.agreed.client_random.and_then(|random| log.of(&random));
            let made = secrets.map(|secrets| Keys::new(&self.agreed, secrets, index));
            match made {
                Some(Ok(keys)) => side.keys = Some(keys),
                _ => {
                    side.give_up();
                    side.lacks_secret = true;
                    self.unread.get_or_insert(Outcome::NoSecret);
                    return None;
                }
            }
        }
        side.keys.as_mut()
    }
}

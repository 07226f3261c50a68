//! The keys of one direction, in the order in which they are used, and the search for the record that
//! comes next after some were lost.

use super::choice::Choice;
use super::cipher::{Cipher, Inner};
use super::key_log::{Label, Random, Secrets};
use super::record::Header;
use super::suite::Parts;

/// What a connection's hellos agree on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Agreed {
    /// The side that sent the ClientHello: 0 opened the connection.
    pub(super) client: Option<usize>,
    pub(super) client_random: Option<Random>,
    pub(super) server_random: Option<Random>,
    pub(super) version: Option<u16>,
    pub(super) parts: Option<Parts>,
    /// The client offers to send early data.
    pub(super) has_early_data: bool,
    /// The server has said that it accepts early data.
    pub(super) accepts_early_data: bool,
}

/// Which keys opened a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Those of early data (RFC 8446 4.2.10).
    Early,
    /// Those of TLS 1.3's handshake.
    Handshake,
    /// Those of everything else.
    Application,
}

/// A record that was opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) inner: Inner,
    pub(super) phase: Phase,
    /// Records of this phase, with content or something else, that were not seen before it.
    pub(super) lost: u64,
}

/// The keys of a direction.
#[derive(Debug, Default)]
pub(super) struct Keys {
    early: Choice,
    handshake: Choice,
    application: Choice,
    /// The log has no secret for the handshake.
    lacks_handshake: bool,
}

/// Why there are no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoSecret;

impl Keys {
    /// The keys that secrets give to a side.
    pub(super) fn new(agreed: &Agreed, secrets: &Secrets, side: usize) -> Result<Keys, NoSecret> {
        let is_client = agreed.client == Some(side);
        let parts = agreed.parts.ok_or(NoSecret)?;
        let keys = match agreed.version == Some(TLS_1_3) {
            true => Keys::tls_1_3(parts, secrets, is_client, agreed.has_early_data),
            false => Keys::tls_1_2(parts, secrets, is_client, agreed),
        };
        match keys.application.is_empty() {
            false => Ok(keys),
            true => Err(NoSecret),
        }
    }

    fn tls_1_3(parts: Parts, secrets: &Secrets, is_client: bool, has_early: bool) -> Keys {
        // A secret of another length than the hash's belongs to another suite.
        let ciphers = |label| -> Choice {
            let all = secrets.of(label).iter();
            let fit = all.filter(|secret| secret.octets().len() == parts.hash.length());
            fit.filter_map(|secret| Cipher::tls_1_3(parts, secret))
                .collect()
        };
        let (handshake, application) = match is_client {
            true => (Label::ClientHandshake, Label::ClientTraffic),
            false => (Label::ServerHandshake, Label::ServerTraffic),
        };
        let may_be_early = is_client && has_early;
        let handshake = ciphers(handshake);
        let early = may_be_early.then(|| ciphers(Label::ClientEarly));
        Keys {
            lacks_handshake: handshake.is_empty(),
            early: early.unwrap_or_default(),
            handshake,
            application: ciphers(application),
        }
    }

    fn tls_1_2(parts: Parts, secrets: &Secrets, is_client: bool, agreed: &Agreed) -> Keys {
        let randoms = agreed
            .client_random
            .as_ref()
            .zip(agreed.server_random.as_ref());
        let masters = secrets.of(Label::Master).iter();
        let ciphers = randoms.map(|randoms| {
            masters
                .filter_map(|master| Cipher::tls_1_2(parts, master, randoms, is_client))
                .collect()
        });
        Keys {
            application: ciphers.unwrap_or_default(),
            ..Keys::default()
        }
    }

    /// The handshake is over, in this direction.
    pub(super) fn finish_handshake(&mut self) {
        (self.early, self.handshake) = (Choice::default(), Choice::default());
    }

    /// No early data follows.
    pub(super) fn finish_early(&mut self) {
        self.early = Choice::default();
    }

    /// A KeyUpdate came (RFC 8446 4.6.3).
    pub(super) fn update(&mut self) {
        let next = self.application.updated();
        if !next.is_empty() {
            self.application = next;
        }
    }

    /// What cannot be opened may be of the handshake, for which there is no secret.
    pub(super) fn is_in_unread_handshake(&self) -> bool {
        self.lacks_handshake && !self.application.has_begun()
    }

    /// No record of the handshake has come: what cannot be opened may be early data.
    pub(super) fn is_before_handshake(&self) -> bool {
        self.early.is_empty() && !self.handshake.is_empty() && !self.handshake.has_begun()
    }

    /// Octets of a record of application data that are none of its content.
    pub(super) fn overhead(&self) -> u64 {
        self.application.first().map_or(0, Cipher::overhead)
    }

    /// Opens the record that comes next. After the handshake's keys were of no use, the first record
    /// of application data is tried too: a log may lack them.
    pub(super) fn open(&mut self, header: Header, fragment: &mut [u8]) -> Option<Opened> {
        for phase in [Phase::Handshake, Phase::Early, Phase::Application] {
            let opened = self.choice(phase).settle(|cipher| {
                let inner = cipher.open(cipher.next, header, fragment)?;
                cipher.next += 1;
                Some(inner)
            });
            if let Some(inner) = opened {
                self.reached(phase);
                let lost = 0;
                return Some(Opened { inner, phase, lost });
            }
        }
        None
    }

    fn choice(&mut self, phase: Phase) -> &mut Choice {
        match phase {
            Phase::Early => &mut self.early,
            Phase::Handshake => &mut self.handshake,
            Phase::Application => &mut self.application,
        }
    }

    /// Opens a record before which up to `most` others were lost, if it is one of this direction.
    pub(super) fn find(
        &mut self,
        most: u64,
        header: Header,
        fragment: &mut [u8],
        credit: &mut Credit,
    ) -> Option<Opened> {
        for phase in [Phase::Handshake, Phase::Application] {
            let attempt = |cipher: &mut Cipher| find(cipher, phase, most, header, fragment, credit);
            if let Some(opened) = self.choice(phase).settle(attempt) {
                self.reached(phase);
                return Some(opened);
            }
        }
        // A KeyUpdate may be among what was lost.
        let mut updated = self.application.updated();
        let (phase, most) = (Phase::Application, most.min(AFTER_UPDATE));
        let opened =
            updated.settle(|cipher| find(cipher, phase, most, header, fragment, credit))?;
        self.application = updated;
        self.reached(Phase::Application);
        Some(Opened {
            // How many came before the KeyUpdate is not known; that one was lost is.
            lost: opened.lost + 1,
            ..opened
        })
    }

    fn reached(&mut self, phase: Phase) {
        match phase {
            Phase::Early => {}
            Phase::Handshake => self.early = Choice::default(),
            Phase::Application => self.finish_handshake(),
        }
    }
}

/// Tries the sequence numbers from the next one on.
fn find(
    cipher: &mut Cipher,
    phase: Phase,
    most: u64,
    header: Header,
    fragment: &mut [u8],
    credit: &mut Credit,
) -> Option<Opened> {
    for lost in 0..=most.min(MOST_LOST) {
        if !credit.spend(fragment.len()) {
            return None;
        }
        let first = cipher.next;
        let sequence = first.checked_add(lost)?;
        if let Some(inner) = cipher.open(sequence, header, fragment) {
            cipher.next = sequence.checked_add(1)?;
            // Such a direction's first record is its Finished: it has no content.
            let is_finished_lost = first == 0 && lost > 0 && cipher.begins_with_finished();
            let lost = lost - u64::from(is_finished_lost);
            return Some(Opened { inner, phase, lost });
        }
    }
    None
}

/// TLS 1.3 (RFC 8446 4.2.1).
pub(super) const TLS_1_3: u16 = 0x0304;

/// TLS 1.2 (RFC 5246 6.2.1).
pub(super) const TLS_1_2: u16 = 0x0303;

/// Records that may be lost at once and still be counted: 64 MB, where they are long.
const MOST_LOST: u64 = 4096;

/// Sequence numbers tried after a KeyUpdate that nobody saw.
const AFTER_UPDATE: u64 = 64;

/// How much work searching may be, in octets that are looked at: so much for each octet that was
/// captured, and a little to begin with. Whatever comes, the work stays in proportion to the input.
#[derive(Debug)]
pub(super) struct Credit(u64);

impl Default for Credit {
    fn default() -> Credit {
        Credit(Credit::FIRST)
    }
}

impl Credit {
    const FIRST: u64 = 256 << 20;
    const PER_OCTET: u64 = 32;
    /// What trying a short record costs, as octets.
    const PER_TRIAL: u64 = 64;

    /// More octets were captured.
    pub(super) fn earn(&mut self, octets: usize) {
        let earned = (octets as u64).saturating_mul(Credit::PER_OCTET);
        self.0 = self.0.saturating_add(earned);
    }

    /// A trial; false: there is nothing left for it.
    pub(super) fn spend(&mut self, octets: usize) -> bool {
        let cost = (octets as u64).saturating_add(Credit::PER_TRIAL);
        match self.0.checked_sub(cost) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }
}

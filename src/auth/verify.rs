//! Segment in, verdict out: whether a segment's signature is that of a key (RFC 5925 7.5, RFC 2385 2.0).

use super::algorithm::Algorithm;
use super::epoch::{Epoch, is_opening};
use super::input::Covered;
use super::keys::{Key, Keys, Options, Signer};
use super::option::{Authentication, Signature};
use crate::net::Endpoint;
use crate::packet::Segment;
use std::sync::Arc;

/// What is known of a segment's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It has none.
    Unsigned,
    /// It is that of a key.
    Verified(Proof),
    /// It is that of none of the keys that it claims to be of.
    Failed,
    /// It cannot be known.
    NotVerifiable(Reason),
}

/// What a signature was verified with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// The key's place in [`Keys::keys`].
    pub key: usize,
    /// Whether other TCP options are covered; none: it has none, so that it does not tell.
    pub options: Option<bool>,
    /// As whose key it signed.
    pub signer: Signer,
}

/// Why a signature cannot be verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// No key was given for these ends and this KeyID.
    NoKey,
    /// The handshake was not captured, so that the initial sequence numbers are not known.
    NoHandshake,
    /// Not all of the segment was captured.
    Snaplen,
    /// The MAC is not as long as the key's are.
    MacLength,
    /// The option cannot be read.
    Malformed,
    /// There are several signature options: receivers throw the segment away (RFC 5925 2.2).
    SeveralOptions,
}

impl Reason {
    /// The stable word with hyphens.
    pub fn word(self) -> &'static str {
        match self {
            Reason::NoKey => "no-key",
            Reason::NoHandshake => "no-handshake",
            Reason::Snaplen => "snaplen",
            Reason::MacLength => "mac-length",
            Reason::Malformed => "malformed-option",
            Reason::SeveralOptions => "several-options",
        }
    }
}

/// Verifies the segments between two ends, over all connections that they have.
#[derive(Debug)]
pub struct Verifier {
    keys: Arc<Keys>,
    ends: [Endpoint; 2],
    /// Pairs of initial sequence numbers, the likeliest last.
    epochs: Vec<Epoch>,
}

/// Pairs kept: a forged SYN must not make the real one forgotten.
const EPOCHS: usize = 8;

impl Verifier {
    /// A verifier for what these ends send each other; none where no key is for them.
    pub fn new(keys: &Arc<Keys>, one: Endpoint, other: Endpoint) -> Option<Verifier> {
        if !keys.keys.iter().any(|key| key.is_for(one, other)) {
            return None;
        }
        let known = keys.connections.iter().filter_map(|known| {
            let initial = [known.router_isn, known.station_isn];
            match (known.router, known.station) == (one, other) {
                true => Some(Epoch::given(initial)),
                false if (known.station, known.router) == (one, other) => {
                    Some(Epoch::given([known.station_isn, known.router_isn]))
                }
                false => None,
            }
        });
        Some(Verifier {
            keys: Arc::clone(keys),
            ends: [one, other],
            epochs: known.collect(),
        })
    }

    /// Judges a segment of the connection that has this number.
    pub fn verify(
        &mut self,
        connection: u32,
        segment: &Segment<'_>,
        signature: &Signature<'_>,
    ) -> Verdict {
        let side = usize::from(segment.source != self.ends[0]);
        if segment.flags.syn() {
            self.learn(connection, side, segment);
        }
        let verdict = self.judge((connection, side), segment, signature);
        let is_unknown =
            matches!(verdict, Verdict::NotVerifiable(reason) if reason != Reason::NoHandshake);
        let own = self
            .epochs
            .iter_mut()
            .rev()
            .find(|epoch| epoch.is_of(connection));
        if let Some(epoch) = own {
            epoch.pass_by(side, segment);
            if is_unknown {
                epoch.pass(side, segment.sequence);
            }
        }
        verdict
    }

    fn judge(
        &mut self,
        from: (u32, usize),
        segment: &Segment<'_>,
        signature: &Signature<'_>,
    ) -> Verdict {
        if signature.is_unseen {
            return Verdict::NotVerifiable(Reason::Snaplen);
        }
        if !signature.is_signed() {
            return Verdict::Unsigned;
        }
        if signature.is_contradictory() {
            return Verdict::NotVerifiable(Reason::SeveralOptions);
        }
        match (signature.ao, signature.md5) {
            (Some(ao), _) => self.judge_authentication(from, segment, signature, &ao),
            (None, Some(digest)) if digest.len() == 16 => {
                self.judge_md5(from.0, segment, signature, digest)
            }
            _ if !signature.is_malformed => Verdict::NotVerifiable(Reason::Snaplen),
            _ => Verdict::NotVerifiable(Reason::Malformed),
        }
    }

    fn judge_md5(
        &self,
        connection: u32,
        segment: &Segment<'_>,
        signature: &Signature<'_>,
        digest: &[u8],
    ) -> Verdict {
        let mut is_known = false;
        let covered = Covered::md5(segment);
        let listeners = self.listeners(connection);
        for (place, key, signer) in candidates(&self.keys, listeners, segment, signature) {
            if segment.is_cut() {
                return Verdict::NotVerifiable(Reason::Snaplen);
            }
            is_known = true;
            let parts = [covered.octets(), segment.payload];
            if *key.algorithm.mac(key.secret.octets(), &parts) == *digest {
                let options = None;
                return Verdict::Verified(Proof {
                    key: place,
                    options,
                    signer,
                });
            }
        }
        match is_known {
            true => Verdict::Failed,
            false => Verdict::NotVerifiable(Reason::NoKey),
        }
    }

    fn judge_authentication(
        &mut self,
        (connection, side): (u32, usize),
        segment: &Segment<'_>,
        signature: &Signature<'_>,
        ao: &Authentication<'_>,
    ) -> Verdict {
        let keys = Arc::clone(&self.keys);
        let listeners = self.listeners(connection);
        let candidates = || candidates(&keys, listeners, segment, signature);
        if candidates().next().is_none() {
            return Verdict::NotVerifiable(Reason::NoKey);
        }
        if segment.is_cut() {
            return Verdict::NotVerifiable(Reason::Snaplen);
        }
        let fitting = || candidates().filter(|(_, key, _)| key.takes_mac_of(ao.mac.len()));
        if fitting().next().is_none() {
            return Verdict::NotVerifiable(Reason::MacLength);
        }
        let question = Question {
            side,
            segment,
            ao,
            has_others: signature.has_others,
        };
        let proof = [Turns::Likely, Turns::Unlikely]
            .into_iter()
            .find_map(|turns| {
                let answer = |epoch: &mut Epoch| {
                    fitting().find_map(|candidate| question.answer(epoch, candidate, turns))
                };
                self.prove((connection, side), segment, answer)
            });
        match proof {
            Some(proof) => Verdict::Verified(proof),
            None if self.knows((connection, side), segment) => Verdict::Failed,
            None => Verdict::NotVerifiable(Reason::NoHandshake),
        }
    }

    /// Whether the initial sequence numbers are known that a segment must have been signed with: those of
    /// the connection that it continues. An earlier one between the same ports tells nothing.
    fn knows(&self, (connection, side): (u32, usize), segment: &Segment<'_>) -> bool {
        self.epochs.iter().any(|epoch| {
            let is_known = epoch.is_complete() || is_opening(segment);
            is_known && epoch.is_of(connection) && epoch.is_continued_by(side, segment)
        })
    }

    /// Tries all pairs of initial sequence numbers, the likeliest first. The one that fits is the one
    /// in use, whatever SYNs came since.
    fn prove(
        &mut self,
        (connection, side): (u32, usize),
        segment: &Segment<'_>,
        mut try_with: impl FnMut(&mut Epoch) -> Option<Proof>,
    ) -> Option<Proof> {
        let mut epochs = self.epochs.iter_mut().enumerate().rev();
        let (at, proof) = epochs.find_map(|(at, epoch)| {
            let proof = try_with(epoch)?;
            epoch.prove(connection, side, segment);
            Some((at, proof))
        })?;
        let epoch = self.epochs.remove(at);
        self.epochs.push(epoch);
        Some(proof)
    }

    /// The port of each side that listens, by the SYNs of this connection, forged ones too.
    fn listeners(&self, connection: u32) -> [Option<u16>; 2] {
        let is_listener = |side: usize| {
            let mut own = self.epochs.iter().filter(|epoch| epoch.is_of(connection));
            own.any(|epoch| epoch.listener == Some(side))
        };
        let [one, other] = self.ends;
        [
            is_listener(0).then_some(one.port),
            is_listener(1).then_some(other.port),
        ]
    }

    /// Takes the initial sequence numbers from a SYN or a SYN-ACK.
    fn learn(&mut self, connection: u32, side: usize, segment: &Segment<'_>) {
        let answered = segment.flags.ack().then_some(segment.acknowledgment);
        let own = segment.sequence;
        let known = self.epochs.iter().rposition(|epoch| {
            let is_new = epoch.initial_of(side).is_none() && epoch.connection == connection;
            let is_own = is_new || epoch.initial_of(side) == Some(own);
            is_own && answered.is_none_or(|number| epoch.is_answered_by(side, number))
        });
        let mut epoch = match known.map(|at| self.epochs.remove(at)) {
            Some(mut epoch) => {
                epoch.meet(connection, side, own);
                epoch
            }
            None => Epoch::met(connection, side, own, answered),
        };
        epoch.listener = Some(match answered {
            Some(_) => side,
            None => usize::from(side == 0),
        });
        if answered.is_none() {
            epoch.open(segment);
        }
        self.epochs.push(epoch);
        if self.epochs.len() > EPOCHS {
            let unproven = self.epochs.iter().position(|epoch| !epoch.is_proven);
            self.epochs.remove(unproven.unwrap_or(0));
        }
    }
}

fn candidates<'a>(
    keys: &'a Keys,
    listeners: [Option<u16>; 2],
    segment: &'a Segment<'_>,
    signature: &'a Signature<'_>,
) -> impl Iterator<Item = (usize, &'a Key, Signer)> {
    let all = keys.keys.iter().enumerate();
    let has_port = move |key: &Key| {
        let is_unknown = listeners == [None, None] || key.port.is_none();
        is_unknown || listeners.contains(&key.port)
    };
    all.filter(move |(_, key)| has_port(key))
        .filter_map(|(place, key)| Some((place, key, key.signs_as(segment, signature)?)))
}

/// How often sequence numbers may have wrapped.
#[derive(Debug, Clone, Copy)]
enum Turns {
    /// As often as their distance to those before says.
    Likely,
    /// More often: nobody knows how much was not captured.
    Unlikely,
}

/// A segment signed with TCP-AO.
struct Question<'a> {
    side: usize,
    segment: &'a Segment<'a>,
    ao: &'a Authentication<'a>,
    has_others: bool,
}

impl Question<'_> {
    /// Whether a key signed the segment, in a connection with these initial sequence numbers.
    fn answer(
        &self,
        epoch: &mut Epoch,
        (place, key, signer): (usize, &Key, Signer),
        turns: Turns,
    ) -> Option<Proof> {
        let sequence = self.segment.sequence;
        let is_syn = self.segment.flags.syn();
        if is_syn && epoch.initial_of(self.side) != Some(sequence) {
            return None;
        }
        let turns = match (is_syn, turns) {
            (true, Turns::Likely) => vec![0],
            (true, Turns::Unlikely) => Vec::new(),
            (false, Turns::Likely) => epoch.turns(self.side, sequence),
            (false, Turns::Unlikely) => epoch.unlikely_turns(self.side, sequence),
        };
        let traffic = epoch.traffic_key((place, key), self.side, self.segment)?;
        let matching = turns.into_iter().find_map(|turns| {
            let options = self.matches(key, traffic.octets(), turns)?;
            Some((turns, options))
        });
        let (turns, options) = matching?;
        if !is_syn {
            epoch.advance(self.side, turns, sequence);
        }
        Some(Proof {
            key: place,
            options,
            signer,
        })
    }

    /// Whether the MAC is right, and what it says of the other options.
    fn matches(&self, key: &Key, traffic: &[u8], turns: u32) -> Option<Option<bool>> {
        let readings: &[bool] = match key.options {
            Options::Auto if self.has_others => &[true, false],
            Options::Auto | Options::Covered => &[true],
            Options::Omitted => &[false],
        };
        let covered = readings.iter().copied().find(|covered| {
            let head = Covered::authentication(self.segment, self.ao, turns, *covered);
            let mac = key
                .algorithm
                .mac(traffic, &[head.octets(), self.segment.payload]);
            mac.starts_with(self.ao.mac)
        })?;
        Some(self.has_others.then_some(covered))
    }
}

impl Key {
    /// Whether MACs of this length may be its own.
    fn takes_mac_of(&self, length: usize) -> bool {
        let longest = self.algorithm.digest_length();
        match (self.mac_length, self.algorithm) {
            (Some(wanted), _) => length == usize::from(wanted) && length > 0 && length <= longest,
            // Its length is a matter of configuration.
            (None, Algorithm::HmacSha256) => {
                (self.algorithm.mac_length()..=longest).contains(&length)
            }
            (None, _) => length == self.algorithm.mac_length(),
        }
    }
}

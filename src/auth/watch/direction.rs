//! What one direction of a connection showed.

use super::key_ids::KeyIds;
use super::liveness::{Liveness, end_of};
use super::tally::{Class, Tally, Verification};
use super::unsigned::{Data, Unsigned, is_at_or_behind, later};
use crate::auth::{Signature, Verdict};
use crate::packet::Segment;
use crate::stream::Moment;

/// One direction of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectionFacts {
    /// Segments of every kind.
    pub segments: u64,
    /// Octets of data, copies included.
    pub octets: u64,
    /// The last segment.
    pub last: Option<Moment>,
    /// Segments with TCP-AO.
    pub ao: u64,
    /// Segments with TCP-MD5.
    pub md5: u64,
    /// Segments with either.
    pub signed: u64,
    /// Segments whose options were not captured (snaplen): signed or not, nobody can tell.
    pub unseen: u64,
    /// Segments behind an IP Authentication Header.
    pub ah: u64,
    /// The first of them that has no TCP-AO beside it.
    pub first_md5: Option<Moment>,
    /// The first segment with TCP-AO and no TCP-MD5 beside it.
    pub first_ao: Option<Moment>,
    /// Segments with TCP-AO that has no MAC: nothing is authenticated.
    pub without_mac: Tally,
    /// Segments that have several TCP-MD5 options.
    pub several_md5: Tally,
    /// Segments that have both options.
    pub both_options: Tally,
    /// Segments with several TCP-AO options.
    pub several_ao: Tally,
    /// Segments whose signature option cannot be read.
    pub malformed: Tally,
    /// KeyIDs over time.
    pub key_ids: KeyIds,
    /// What became of the signatures.
    pub verification: Verification,
    /// SYNs and SYN-ACKs.
    pub syn: Tally,
    /// The same, without a signature.
    pub unsigned_syn: Unsigned,
    /// RSTs.
    pub rst: Tally,
    /// RSTs without a signature.
    pub unsigned_rst: Unsigned,
    /// FINs.
    pub fin: Tally,
    /// FINs without a signature, once the connection has had segments with one.
    pub unsigned_fin: Tally,
    /// Other segments without a signature, once the connection has had one with it.
    pub unsigned: Unsigned,
    /// Keepalives and windows.
    pub liveness: Liveness,
    /// The sequence number behind everything that signed segments carried.
    signed_until: Option<u32>,
    /// What the other end has acknowledged.
    acknowledged: Option<u32>,
}

impl DirectionFacts {
    /// A segment of this direction. `is_closed`: the other side's window is.
    pub(super) fn sent(&mut self, seen: &Seen<'_>, is_closed: bool) {
        let segment = seen.segment;
        self.segments += 1;
        self.last = self.last.max(Some(seen.moment));
        self.octets += segment.payload.len() as u64 + u64::from(segment.missing);
        self.ah += u64::from(segment.carriage.ah);
        if !seen.is_ignored {
            self.liveness.sent(segment, is_closed, seen.moment);
        }
        match seen.class {
            Class::Syn | Class::SynAck => self.syn.add(seen.moment),
            Class::Rst => self.rst.add(seen.moment),
            // Where others are signed, one that is not ends nothing as long as nobody shows it.
            Class::Fin if seen.is_among_signed && !seen.signature.is_signed() => {
                self.unsigned_fin.add(seen.moment);
            }
            Class::Fin => self.fin.add(seen.moment),
            Class::Data | Class::Ack => {}
        }
        match seen.signature.is_signed() {
            true => self.take_signed(seen),
            false if seen.signature.is_unseen => self.take_unseen(seen),
            false => self.take_unsigned(seen),
        }
    }

    fn take_signed(&mut self, seen: &Seen<'_>) {
        let (signature, moment) = (seen.signature, seen.moment);
        self.signed += 1;
        self.ao += u64::from(signature.ao_count > 0);
        self.md5 += u64::from(signature.md5_count > 0);
        match (signature.ao_count > 0, signature.md5_count > 0) {
            (true, true) => self.both_options.add(moment),
            (true, false) => _ = self.first_ao.get_or_insert(moment),
            (false, _) => _ = self.first_md5.get_or_insert(moment),
        }
        if signature.md5_count > 1 {
            self.several_md5.add(moment);
        }
        if signature.ao.is_some_and(|ao| ao.mac_length() == 0) {
            self.without_mac.add(moment);
        }
        if signature.ao_count > 1 {
            self.several_ao.add(moment);
        }
        if signature.is_malformed {
            self.malformed.add(moment);
        }
        if let Some(ao) = &signature.ao {
            let proof = match seen.verdict {
                Verdict::Verified(proof) => Some(proof.key),
                _ => None,
            };
            self.key_ids.add(ao, proof, moment);
        }
        self.verification.add(seen.class, seen.verdict, moment);
        self.carry(seen);
    }

    fn take_unseen(&mut self, seen: &Seen<'_>) {
        self.unseen += 1;
        self.verification.add(seen.class, seen.verdict, seen.moment);
        self.carry(seen);
    }

    /// A segment that is signed, or may be, carried its octets.
    fn carry(&mut self, seen: &Seen<'_>) {
        if seen.is_ignored {
            return;
        }
        let (end, data) = (end_of(seen.segment), data(seen.segment));
        for unsigned in [&mut self.unsigned, &mut self.unsigned_syn] {
            unsigned.carried(seen.segment.sequence, end, data);
        }
        if self
            .signed_until
            .is_none_or(|until| is_at_or_behind(end, until))
        {
            self.signed_until = Some(end);
        }
    }

    fn take_unsigned(&mut self, seen: &Seen<'_>) {
        let (begin, end) = (seen.segment.sequence, end_of(seen.segment));
        let data = data(seen.segment);
        let fin = (seen.class == Class::Fin).then(|| end.wrapping_sub(1));
        let is_late = data.1.len() > 1
            && self
                .acknowledged
                .is_some_and(|number| is_at_or_behind(number, end));
        // A FIN before octets that signed segments carried. (One more is a signed FIN.)
        let is_refuted = fin
            .zip(self.signed_until)
            .is_some_and(|(fin, until)| is_at_or_behind(until, fin.wrapping_add(2)));
        // What signed segments have gone beyond may have come with one of them.
        let begin = self.signed_until.map_or(begin, |until| later(until, begin));
        let carried = (!is_at_or_behind(begin, end)).then_some((begin, end));
        match seen.class {
            _ if seen.is_ignored => self.unsigned_syn.add_ignored(seen.moment),
            Class::Rst => self.unsigned_rst.add(None, data, None, seen.moment),
            Class::Syn | Class::SynAck => self.unsigned_syn.add(carried, data, None, seen.moment),
            // The other end had all of it before.
            _ if seen.is_among_signed && (is_late || is_refuted) => {
                self.unsigned.add_ignored(seen.moment)
            }
            _ if seen.is_among_signed => self.unsigned.add(carried, data, fin, seen.moment),
            _ => {}
        }
    }

    /// The other direction sent a segment. `is_credible`: it is signed, or that direction seldom signs.
    /// What is forged there does not tell what was accepted.
    pub(super) fn answered_by(&mut self, seen: &Seen<'_>, is_credible: bool) {
        let segment = seen.segment;
        self.liveness.answered_by(segment);
        if !is_credible {
            return;
        }
        if seen.class != Class::Rst && self.unsigned_rst.segments > 0 {
            self.unsigned_rst.ignored();
        }
        if segment.flags.ack() {
            for unsigned in [&mut self.unsigned, &mut self.unsigned_syn] {
                unsigned.acknowledged(segment.acknowledgment);
            }
            let known = self.acknowledged;
            let latest = known.map_or(segment.acknowledgment, |known| {
                later(known, segment.acknowledgment)
            });
            self.acknowledged = Some(latest);
        }
    }

    /// The connection is over.
    pub(super) fn finish(&mut self) {
        self.unsigned.finish();
        self.unsigned_syn.finish();
    }

    /// Segments without a signature.
    pub fn unsigned_segments(&self) -> u64 {
        self.segments.saturating_sub(self.signed + self.unseen)
    }
}

/// The data of a segment: a SYN takes the number before it (RFC 9293 3.4).
fn data<'a>(segment: &Segment<'a>) -> Data<'a> {
    let syn = u32::from(segment.flags.syn());
    (segment.sequence.wrapping_add(syn), segment.payload)
}

/// A segment, and what is known of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) segment: &'a Segment<'a>,
    pub(super) signature: &'a Signature<'a>,
    pub(super) verdict: Verdict,
    pub(super) class: Class,
    /// The connection has had signed segments.
    pub(super) is_among_signed: bool,
    /// A SYN that changed nothing in this connection.
    pub(super) is_ignored: bool,
    pub(super) moment: Moment,
}

//! What the traffic keys of a connection depend on: its initial sequence numbers, and how often its
//! sequence numbers have wrapped.

use super::input::context;
use super::keys::Key;
use super::sequence::Extension;
use crate::packet::Segment;
use crate::secret::Secret;

/// A pair of initial sequence numbers on two ends. A forged SYN begins another one, so that several
/// are kept.
#[derive(Debug)]
pub(super) struct Epoch {
    /// The number of the connection it was met in.
    pub(super) connection: u32,
    /// Each end's initial sequence number.
    pub(super) initial: [Option<u32>; 2],
    /// The side that listens, by the SYNs.
    pub(super) listener: Option<usize>,
    /// Some segment was verified with it.
    pub(super) is_proven: bool,
    /// What a SYN-ACK may acknowledge: the SYN, and the data on it (RFC 7413 4.2.2).
    answerable: u32,
    extension: [Option<Extension>; 2],
    /// How far each end has come.
    reached: [Option<Reached>; 2],
    /// The number behind what each end may send, by its own FIN or a RST that verified.
    ended: [Option<u32>; 2],
    /// Told by hand: how often the numbers had wrapped before the capture began is not known.
    is_given: bool,
    traffic: Vec<TrafficKey>,
}

/// How far an end has come in a connection.
#[derive(Debug, Clone, Copy)]
struct Reached {
    /// What the other end waits for.
    acknowledged: u32,
    /// The number behind all that was sent.
    sent: u32,
}

impl Reached {
    fn at(number: u32) -> Reached {
        Reached {
            acknowledged: number,
            sent: number,
        }
    }

    /// A number between what was acknowledged and what was sent, or that of a keepalive.
    fn is_touched_by(self, number: u32) -> bool {
        let lowest = self.acknowledged.wrapping_sub(1);
        number.wrapping_sub(lowest) <= self.sent.wrapping_sub(lowest)
    }

    /// Nothing but a segment of the same connection has just this number.
    fn is_met_by(self, number: u32) -> bool {
        number == self.acknowledged || number == self.sent
    }

    fn is_near(self, number: u32) -> bool {
        distance(self.sent, number).unsigned_abs() <= NEAR
    }

    /// Behind a wide hole nothing of what was before tells.
    fn send(&mut self, number: u32) {
        if !self.is_near(number) {
            *self = Reached::at(number);
        } else if distance(self.sent, number) > 0 {
            self.sent = number;
        }
    }

    fn acknowledge(&mut self, number: u32) {
        self.send(number);
        if distance(self.acknowledged, number) > 0 {
            self.acknowledged = number;
        }
    }
}

/// Octets of data on a segment.
fn length(segment: &Segment<'_>) -> u32 {
    // A payload is shorter than 4 GiB: it was in one packet.
    (segment.payload.len() as u32).wrapping_add(segment.missing)
}

/// How far the second number lies ahead, in sequence arithmetic (RFC 9293 3.4).
fn distance(one: u32, other: u32) -> i32 {
    other.wrapping_sub(one) as i32
}

#[derive(Debug)]
struct TrafficKey {
    /// The key's place among all.
    key: usize,
    side: usize,
    /// Of a SYN, which does not know the other end's number (RFC 5925 5.2).
    is_opening: bool,
    secret: Secret,
}

/// Turns that are tried of a connection that began long before its capture: 64 GiB.
const TURNS_TRIED: u32 = 16;

/// Numbers further apart than this may be those of two connections between the same ports.
const NEAR: u32 = 1 << 24;

impl Epoch {
    pub(super) fn new(connection: u32, initial: [Option<u32>; 2]) -> Epoch {
        Epoch {
            connection,
            initial,
            listener: None,
            is_proven: false,
            answerable: 1,
            extension: initial.map(|number| number.map(Extension::new)),
            reached: initial.map(|number| number.map(Reached::at)),
            ended: [None, None],
            is_given: false,
            traffic: Vec::new(),
        }
    }

    /// Numbers that were told by hand.
    pub(super) fn given(initial: [u32; 2]) -> Epoch {
        Epoch {
            extension: [None, None],
            reached: [None, None],
            is_given: true,
            ..Epoch::new(u32::MAX, initial.map(Some))
        }
    }

    /// Both numbers are known.
    pub(super) fn is_complete(&self) -> bool {
        self.initial.iter().all(Option::is_some)
    }

    /// The numbers of a SYN, or of a SYN-ACK and what it answers.
    pub(super) fn met(connection: u32, side: usize, own: u32, answered: Option<u32>) -> Epoch {
        let opposite = answered.map(|number| number.wrapping_sub(1));
        let initial = match side {
            0 => [Some(own), opposite],
            _ => [opposite, Some(own)],
        };
        Epoch::new(connection, initial)
    }

    /// A SYN or SYN-ACK that fits: the number of an end that was not known, or the same numbers again,
    /// in another connection.
    pub(super) fn meet(&mut self, connection: u32, side: usize, number: u32) {
        if self.initial_of(side).is_none() {
            self.learn(side, number);
        } else if self.connection != connection {
            self.connection = connection;
            self.extension = self.initial.map(|number| number.map(Extension::new));
            self.reached = self.initial.map(|number| number.map(Reached::at));
        }
    }

    fn learn(&mut self, side: usize, number: u32) {
        if let (Some(initial), Some(extension)) =
            (self.initial.get_mut(side), self.extension.get_mut(side))
        {
            *initial = Some(number);
            *extension = Some(Extension::new(number));
        }
        if let Some(reached) = self.reached.get_mut(side) {
            *reached = Some(Reached::at(number));
        }
        self.traffic.clear();
    }

    /// Whether it is that of the connection with this number, as far as is known.
    pub(super) fn is_of(&self, connection: u32) -> bool {
        self.connection == connection || (self.is_given && !self.is_proven)
    }

    /// A segment was verified with it, in this connection.
    pub(super) fn prove(&mut self, connection: u32, side: usize, segment: &Segment<'_>) {
        self.is_proven = true;
        if self.connection != connection {
            self.connection = connection;
            self.ended = [None, None];
        }
        self.reach(side, segment);
        self.note_end(side, segment);
    }

    /// Behind its FIN an end sends nothing, behind a RST neither does (RFC 9293 3.6, 3.5.3).
    fn note_end(&mut self, side: usize, segment: &Segment<'_>) {
        let sent = |side: usize| {
            let reached = self.reached.get(side).copied().flatten();
            reached.map(|reached| reached.sent)
        };
        let (first, second) = (sent(0), sent(1));
        if segment.flags.rst() {
            self.ended = [first, second];
        } else if segment.flags.fin()
            && let Some(ended) = self.ended.get_mut(side)
        {
            *ended = [first, second].get(side).copied().flatten();
        }
    }

    /// It has more than the connection had, or acknowledges more.
    fn is_beyond_end(&self, side: usize, segment: &Segment<'_>) -> bool {
        let ended = |side: usize| self.ended.get(side).copied().flatten();
        let end = segment.sequence.wrapping_add(length(segment));
        let answered = segment.flags.ack().then_some(segment.acknowledgment);
        let own = ended(side).zip(Some(end));
        let other = ended(usize::from(side == 0)).zip(answered);
        let mut numbers = own.into_iter().chain(other);
        numbers.any(|(ended, number)| distance(ended, number) > 0)
    }

    /// Takes the numbers of a segment for reached, if it continues what came before.
    pub(super) fn pass_by(&mut self, side: usize, segment: &Segment<'_>) {
        if self.is_continued_by(side, segment) {
            self.reach(side, segment);
        }
    }

    fn reach(&mut self, side: usize, segment: &Segment<'_>) {
        let flags = segment.flags;
        let counted = u32::from(flags.syn()) + u32::from(flags.fin());
        let end = segment
            .sequence
            .wrapping_add(length(segment).wrapping_add(counted));
        if let Some(own) = self.reached.get_mut(side) {
            own.get_or_insert(Reached::at(segment.sequence)).send(end);
        }
        if let Some(opposite) = self.reached.get_mut(usize::from(side == 0))
            && flags.ack()
        {
            opposite
                .get_or_insert(Reached::at(segment.acknowledgment))
                .acknowledge(segment.acknowledgment);
        }
    }

    /// Whether a segment continues what came before: one of its two numbers does. The other one may be
    /// wrong, or far ahead of lost segments, where it does so exactly. Where neither does, it may be of
    /// another connection, whose handshake was not captured.
    pub(super) fn is_continued_by(&self, side: usize, segment: &Segment<'_>) -> bool {
        if segment.flags.syn() {
            return self.initial_of(side) == Some(segment.sequence);
        }
        if self.is_beyond_end(side, segment) {
            return false;
        }
        let reached = |side: usize| self.reached.get(side).copied().flatten();
        let own = reached(side).map(|reached| (reached, segment.sequence));
        let answered = reached(usize::from(side == 0))
            .filter(|_| segment.flags.ack())
            .map(|reached| (reached, segment.acknowledgment));
        let known = || own.iter().chain(&answered);
        let is_unknown = self.reached.iter().all(Option::is_none);
        let is_touched = known().any(|(reached, number)| reached.is_touched_by(*number));
        let is_near = || known().all(|(reached, number)| reached.is_near(*number));
        is_unknown
            || known().any(|(reached, number)| reached.is_met_by(*number))
            || (is_touched && is_near())
    }

    /// A SYN was captured that answers nothing.
    pub(super) fn open(&mut self, segment: &Segment<'_>) {
        let counted = length(segment).saturating_add(1);
        self.answerable = self.answerable.max(counted);
    }

    /// Whether a SYN-ACK of a side acknowledges the other side's SYN, with the data on it or without.
    pub(super) fn is_answered_by(&self, side: usize, acknowledgment: u32) -> bool {
        let opposite = self.initial_of(usize::from(side == 0));
        opposite.is_some_and(|initial| {
            (1..=self.answerable).contains(&acknowledgment.wrapping_sub(initial))
        })
    }

    /// An end's number.
    pub(super) fn initial_of(&self, side: usize) -> Option<u32> {
        self.initial.get(side).copied().flatten()
    }

    /// How often a direction's numbers may have wrapped at this one, the likeliest first.
    pub(super) fn turns(&self, side: usize, sequence: u32) -> Vec<u32> {
        let Some(extension) = self.extension.get(side).copied().flatten() else {
            return match self.is_given {
                true => (0..TURNS_TRIED).collect(),
                false => Vec::new(),
            };
        };
        let number = extension.extend(sequence);
        let turns = number.turns();
        match extension.is_far(number) {
            // Much was not captured: the nearest number need not be the right one.
            true => vec![turns, turns.wrapping_add(1), turns.saturating_sub(1)],
            false => vec![turns],
        }
    }

    /// Turns that are tried where none of the likely ones fits: as many octets may be lost.
    pub(super) fn unlikely_turns(&self, side: usize, sequence: u32) -> Vec<u32> {
        let extension = self.extension.get(side).copied().flatten();
        let near = extension.map(|extension| extension.extend(sequence).turns());
        let further = |turns: u32| {
            (1..=TURNS_TRIED)
                .map(|more| turns.saturating_add(more))
                .collect()
        };
        near.filter(|_| self.is_proven)
            .map(further)
            .unwrap_or_default()
    }

    /// Takes a sequence number for met, after that many turns.
    pub(super) fn advance(&mut self, side: usize, turns: u32, sequence: u32) {
        let Some(place) = self.extension.get_mut(side) else {
            return;
        };
        let met = Extension::after(turns, sequence);
        match place {
            Some(extension) => extension.advance(met.extend(sequence)),
            None => *place = Some(met),
        }
    }

    /// Takes a number for met that could not be verified, if it lies near the others.
    pub(super) fn pass(&mut self, side: usize, sequence: u32) {
        let Some(Some(extension)) = self.extension.get_mut(side) else {
            return;
        };
        let number = extension.extend(sequence);
        if !extension.is_far(number) {
            extension.advance(number);
        }
    }

    /// The traffic key of a segment, made once.
    pub(super) fn traffic_key(
        &mut self,
        (place, key): (usize, &Key),
        side: usize,
        segment: &Segment<'_>,
    ) -> Option<&Secret> {
        let is_opening = is_opening(segment);
        let is_it =
            |row: &TrafficKey| (row.key, row.side, row.is_opening) == (place, side, is_opening);
        if let Some(at) = self.traffic.iter().position(is_it) {
            return self.traffic.get(at).map(|row| &row.secret);
        }
        let source = self.initial_of(side)?;
        let destination = match is_opening {
            true => 0,
            false => self.initial_of(usize::from(side == 0))?,
        };
        let context = context(segment, source, destination);
        self.traffic.push(TrafficKey {
            key: place,
            side,
            is_opening,
            secret: key.algorithm.traffic_key(&key.secret, &context),
        });
        self.traffic.last().map(|row| &row.secret)
    }
}

/// A SYN that answers nothing: its traffic key has no number of the other end (RFC 5925 5.2).
pub(super) fn is_opening(segment: &Segment<'_>) -> bool {
    segment.flags.syn() && !segment.flags.ack()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_given_by_hand_may_have_wrapped_before_the_capture() {
        let mut epoch = Epoch::given([1, 2]);
        assert!(epoch.is_complete());
        assert_eq!(epoch.turns(0, 5).len(), TURNS_TRIED as usize);
        epoch.advance(0, 3, 5);
        assert_eq!(epoch.turns(0, 100), [3]);
        assert_eq!(epoch.turns(0, 0xffff_fff0), [2]);
    }

    #[test]
    fn behind_a_wide_hole_the_neighbouring_turns_are_tried_too() {
        let epoch = Epoch::new(0, [Some(0x1000), None]);
        assert_eq!(epoch.turns(0, 0x2000), [0]);
        assert_eq!(epoch.turns(0, 0x7000_0000), [0, 1, 0]);
        assert_eq!(epoch.turns(1, 5), [0; 0]);
    }
}

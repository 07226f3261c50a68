//! How the UPDATEs of one view are read: as negotiated, or as they evidently are.

use super::batch::Located;
use crate::bgp::{Context, Open, RouteCounts, update};
use crate::bmp::{Message, PeerUp, Rib, RouteMonitoring};
use crate::finding::{Finding, FindingLog, Place};
use crate::session::{Extent, RouteTally, Session};
use crate::wire::{Cursor, DecodeError};

/// One RIB view of one peer of one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ViewId {
    /// The session's number.
    pub(super) session: u32,
    /// Index of the peer in its session.
    pub(super) peer: u32,
    /// The view.
    pub(super) rib: Rib,
}

/// What a view's messages come to under one reading.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    /// Routes by family.
    pub(super) routes: RouteTally,
    /// Messages that this reading cannot read.
    pub(super) unreadable: Extent,
    findings: FindingLog,
}

/// A view under both readings, where there are two.
#[derive(Debug, Clone, Default)]
pub(super) struct View {
    declared: Reading,
    /// All messages without path identifiers, if they were negotiated for any.
    plain: Option<Box<Reading>>,
}

impl Reading {
    #[inline]
    fn add(&mut self, rib: Rib, counts: &RouteCounts) {
        for count in counts.families() {
            self.routes.count(rib, count.family, |row| {
                row.announced += u64::from(count.announced);
                row.withdrawn += u64::from(count.withdrawn);
            });
        }
        if let Some(family) = counts.end_of_rib {
            self.routes.count(rib, family, |row| row.end_of_rib += 1);
        }
    }

    #[cold]
    fn fail(&mut self, (octets, finding): (u64, Finding)) {
        self.unreadable.add(octets);
        self.findings.add(finding);
    }

    fn merge(&mut self, later: Reading) {
        self.routes.merge(&later.routes);
        self.unreadable.merge(later.unreadable);
        self.findings.merge(later.findings);
    }
}

impl View {
    /// Counts one UPDATE. `unreadable` says what is lost where it cannot be read.
    #[inline]
    pub(super) fn count(
        &mut self,
        rib: Rib,
        pdu: &[u8],
        context: &Context,
        unreadable: impl Fn(DecodeError) -> (u64, Finding),
    ) {
        // Version 4 may state path identifiers for one message and not for the next.
        if self.plain.is_some() || !context.add_path.is_empty() {
            self.count_plain(rib, pdu, context, &unreadable);
        }
        match update::count(pdu, context) {
            Ok(counts) => self.declared.add(rib, &counts),
            Err(error) => self.declared.fail(unreadable(error)),
        }
    }

    fn count_plain(
        &mut self,
        rib: Rib,
        pdu: &[u8],
        context: &Context,
        unreadable: impl Fn(DecodeError) -> (u64, Finding),
    ) {
        // Up to the first message with path identifiers both readings are the same.
        let plain = self
            .plain
            .get_or_insert_with(|| Box::new(self.declared.clone()));
        match update::count(pdu, &without_path_ids(context)) {
            Ok(counts) => plain.add(rib, &counts),
            Err(error) => plain.fail(unreadable(error)),
        }
    }

    /// Adds what a later chunk counted of the view. A part without a second reading has none to
    /// add: it saw no message for which path identifiers were negotiated.
    pub(super) fn merge(&mut self, later: View) {
        match (&mut self.plain, later.plain) {
            (None, None) => {}
            (Some(mine), Some(theirs)) => mine.merge(*theirs),
            (Some(mine), None) => mine.merge(later.declared.clone()),
            (mine @ None, Some(theirs)) => {
                let mut both = self.declared.clone();
                both.merge(*theirs);
                *mine = Some(Box::new(both));
            }
        }
        self.declared.merge(later.declared);
    }

    /// The reading that stands: as negotiated unless the other one reads more. Says so where it
    /// does, and tells what could not be read.
    pub(super) fn decide(
        self,
        id: ViewId,
        session: &Session,
        findings: &mut FindingLog,
    ) -> Reading {
        let View { declared, plain } = self;
        let mut chosen = match plain {
            Some(plain) if plain.unreadable.count < declared.unreadable.count => {
                findings.add(contradiction(id, session, &declared, &plain));
                *plain
            }
            _ => declared,
        };
        findings.merge(std::mem::take(&mut chosen.findings));
        chosen
    }
}

/// The same encoding without path identifiers.
pub(super) fn without_path_ids(context: &Context) -> Context {
    Context {
        four_octet_as: context.four_octet_as,
        ..Context::default()
    }
}

fn contradiction(id: ViewId, session: &Session, declared: &Reading, plain: &Reading) -> Finding {
    let peer = session.peers.get(id.peer as usize);
    let name = peer
        .and_then(|peer| peer.address)
        .map(|address| address.to_string());
    let message = format!(
        "peer {} {}: ADD-PATH was negotiated, but the routes carry no path identifiers: {} messages cannot be \
         read with them, {} without; read without",
        name.as_deref().unwrap_or("loc-rib"),
        id.rib.word(),
        declared.unreadable.count,
        plain.unreadable.count,
    );
    let place = Place {
        session: Some(id.session),
        peer: name,
        ..Place::default()
    };
    Finding::new("add-path-not-used", message, place)
}

/// A message that can be read, and how its UPDATE reads.
#[derive(Debug)]
pub struct Readable<'a> {
    /// The message.
    pub message: Message<'a>,
    /// How its UPDATE reads.
    pub context: Context,
    /// How that is known: `declared` by a Peer Up or by the message itself, `observed` against what
    /// was declared, `assumed` without a Peer Up.
    pub source: &'static str,
}

impl<'a> Readable<'a> {
    /// Decodes a message. Fails exactly where counting says that a message cannot be read.
    pub fn of(located: &Located<'_>, bytes: &'a [u8]) -> Result<Readable<'a>, DecodeError> {
        let message = Message::decode_as(bytes, located.session().numbering)?;
        check(&message)?;
        let (context, source) = match &message {
            Message::RouteMonitoring(route) => {
                context(located, route).map_err(|error| error.inside(route.update_offset))?
            }
            _ => Default::default(),
        };
        Ok(Readable {
            message,
            context,
            source,
        })
    }
}

/// The context of a message's UPDATE: what the message itself states stands before what the OPENs
/// say, and what is there before both.
fn context(
    located: &Located<'_>,
    route: &RouteMonitoring<'_>,
) -> Result<(Context, &'static str), DecodeError> {
    let peer = located.peer();
    let negotiated = peer.map(|peer| peer.contexts.of(&route.header).clone());
    let negotiated = negotiated.unwrap_or_default();
    let stated = route.context(&negotiated);
    let is_declared = stated.is_some() || peer.is_some_and(|peer| peer.has_peer_up);
    let declared = stated.unwrap_or(negotiated);
    // Without a peer nothing is counted either, whatever it is.
    let observed = peer.map_or(Ok(None), |_| observed(route.update, &declared))?;
    Ok(match observed {
        Some(observed) => (observed, "observed"),
        None if is_declared => (declared, "declared"),
        None => (declared, "assumed"),
    })
}

/// The context in which one UPDATE can be read, if that is not the negotiated one. The error is
/// that of the negotiated one.
fn observed(pdu: &[u8], context: &Context) -> Result<Option<Context>, DecodeError> {
    let Err(error) = update::count(pdu, context) else {
        return Ok(None);
    };
    let plain = without_path_ids(context);
    match update::count(pdu, &plain) {
        Ok(_) if !context.add_path.is_empty() => Ok(Some(plain)),
        _ => Err(error),
    }
}

/// Whether what every message of its type has can be read: of a Peer Up, both OPENs.
pub(super) fn check(message: &Message<'_>) -> Result<(), DecodeError> {
    match message {
        Message::PeerUp(up) => {
            let received = PeerUp::OPENS_OFFSET + up.sent_open.len();
            open(up.sent_open, PeerUp::OPENS_OFFSET)?;
            open(up.received_open, received)
        }
        _ => Ok(()),
    }
}

/// Whether an OPEN can be read that begins `start` octets into its message.
fn open(pdu: &[u8], start: usize) -> Result<(), DecodeError> {
    let open = Open::decode(&mut Cursor::new(pdu));
    open.map(drop).map_err(|error| error.inside(start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Family;
    use proptest::prelude::*;

    /// An UPDATE that withdraws 10.0.0.0/8: without a path identifier, and with identifier 7.
    const PLAIN: &[u8] = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
        \0\x19\x02\0\x02\x08\x0a\0\0";
    const WITH_ID: &[u8] = b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
        \0\x1d\x02\0\x06\0\0\0\x07\x08\x0a\0\0";

    fn with_path_ids() -> Context {
        Context {
            add_path: [Family::IPV4_UNICAST].into_iter().collect(),
            ..Context::default()
        }
    }

    fn unreadable(error: DecodeError) -> (u64, Finding) {
        let message = error.to_string();
        (
            25,
            Finding::new("undecodable-message", message, Place::default()),
        )
    }

    /// The view of messages, each with whether path identifiers were negotiated and are there.
    fn view(messages: &[(bool, bool)]) -> View {
        let mut view = View::default();
        for (is_negotiated, is_there) in messages {
            let context = match is_negotiated {
                true => with_path_ids(),
                false => Context::default(),
            };
            let pdu = if *is_there { WITH_ID } else { PLAIN };
            view.count(Rib::AdjRibInPre, pdu, &context, unreadable);
        }
        view
    }

    fn decided(view: View) -> (RouteTally, Extent, FindingLog) {
        let id = ViewId {
            session: 1,
            peer: 0,
            rib: Rib::AdjRibInPre,
        };
        let mut findings = FindingLog::default();
        let reading = view.decide(id, &Session::new(1, None, None), &mut findings);
        (reading.routes, reading.unreadable, findings)
    }

    fn withdrawn(view: View) -> (u64, u64) {
        let (routes, unreadable, _) = decided(view);
        (routes.total().withdrawn, unreadable.count)
    }

    #[test]
    fn what_was_negotiated_stands_where_it_reads_everything() {
        assert_eq!(withdrawn(view(&[(true, true), (true, true)])), (2, 0));
        assert_eq!(withdrawn(view(&[(false, false)])), (1, 0));
    }

    #[test]
    fn routes_without_the_negotiated_path_identifiers_are_read_without_and_said_to_be() {
        let (routes, unreadable, findings) = decided(view(&[(true, false), (true, false)]));
        assert_eq!(routes.total().withdrawn, 2);
        assert_eq!(unreadable, Extent::default());
        let kinds: Vec<_> = findings.groups().map(|(kind, _)| kind).collect();
        assert_eq!(kinds, ["add-path-not-used"]);
        let (_, group) = findings.groups().next().unwrap();
        let expected = "peer loc-rib adj-rib-in-pre: ADD-PATH was negotiated, but the routes carry no path \
                        identifiers: 2 messages cannot be read with them, 0 without; read without";
        assert_eq!(group.message, expected);
    }

    #[test]
    fn messages_from_before_the_negotiation_are_part_of_both_readings() {
        // A capture that begins before the Peer Up: one route, then two that contradict the OPENs.
        let messages = [(false, false), (true, false), (true, false)];
        assert_eq!(withdrawn(view(&messages)), (3, 0));
        // And after a flap that negotiates no path identifiers.
        let messages = [(true, false), (true, false), (false, false)];
        assert_eq!(withdrawn(view(&messages)), (3, 0));
    }

    proptest! {
        #[test]
        fn parts_merge_into_the_whole_wherever_they_are_cut(
            messages in proptest::collection::vec(any::<(bool, bool)>(), 0..24),
            cuts in proptest::collection::vec(0..24usize, 0..4),
        ) {
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| (*cut).min(messages.len())).collect();
            cuts.sort_unstable();
            let mut merged = View::default();
            let mut rest = messages.as_slice();
            let mut taken = 0;
            for cut in cuts.into_iter().chain([messages.len()]) {
                let (part, behind) = rest.split_at(cut - taken);
                merged.merge(view(part));
                (rest, taken) = (behind, cut);
            }
            prop_assert_eq!(decided(merged), decided(view(&messages)));
        }
    }
}

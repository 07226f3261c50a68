//! Collects what messages say of single routes: RPKI_VALIDATION, RPKI_IMPACT and Route Events.

use super::collect::{key, route_path};
use crate::analysis::rpki::routes::View;
use crate::analysis::rpki::told::{Attributes, Parts, Saying, SayingKind, SourceTypes, Told};
use crate::bgp::{Context, Update};
use crate::bmp::rpki::RpkiRoute;
use crate::bmp::v4::RouteEvent;
use crate::bmp::{CommonHeader, Message, PeerHeader, Rib};
use crate::pipeline::{Chunk, Item, Located, Query, Readable, Run};
use crate::wire::Cursor;
use std::io;
use std::sync::Arc;

/// What messages of a run say of single routes.
#[derive(Debug, Default)]
pub(in crate::report) struct CollectTold {
    pub(in crate::report) told: Told,
}

/// What the messages of one chunk say.
#[derive(Debug, Default)]
pub(in crate::report) struct Part {
    sayings: Vec<Saying>,
    sources: SourceTypes,
}

impl CollectTold {
    /// Adds what contradicts itself to the findings of the run.
    pub(in crate::report) fn tell(&mut self, run: &mut Run) {
        self.told.violations.of_sessions(&run.sessions);
        run.findings.merge(self.told.violations.findings().clone());
    }
}

impl Query for CollectTold {
    type Part = Part;

    fn decode(&self, chunk: Chunk<'_>) -> Part {
        let mut part = Part::default();
        for located in chunk.items() {
            if let Item::Message(bytes) = located.item {
                let Part { sayings, sources } = &mut part;
                message(&located, bytes, sources, &mut |saying| sayings.push(saying));
            }
        }
        part
    }

    fn merge(&mut self, part: Part) -> io::Result<()> {
        part.sayings
            .into_iter()
            .for_each(|saying| self.told.add(saying));
        self.told.add_sources(part.sources);
        Ok(())
    }
}

/// What a message says of its routes, and of data sources.
pub(super) fn message(
    located: &Located<'_>,
    bytes: &[u8],
    sources: &mut SourceTypes,
    tell: &mut dyn FnMut(Saying),
) {
    let Some(readable) = readable(located, bytes) else {
        return;
    };
    if let Message::RpkiConfig(config) = &readable.message {
        sources.add(located.session().id, config);
    }
    if let Some(about) = About::of(&readable) {
        about.with_update(located, |view, update| {
            about.tell(located, view, update, tell)
        });
    }
}

/// A message of a type that is not registered: all others say nothing here.
fn readable<'a>(located: &Located<'a>, bytes: &'a [u8]) -> Option<Readable<'a>> {
    let header = CommonHeader::peek(bytes)?;
    let is_registered = header.message_type.word().is_some();
    // Counting tells why a message cannot be read.
    (!is_registered)
        .then(|| Readable::of(located, bytes).ok())
        .flatten()
}

/// The routes of which a message says something: their view, the UPDATE with them, and which of its NLRI
/// they are.
pub(super) fn routes(
    located: &Located<'_>,
    bytes: &[u8],
    take: impl FnOnce(View, &Update<'_>, &dyn Fn(u16) -> bool),
) {
    let readable = readable(located, bytes);
    if let Some(about) = readable.as_ref().and_then(About::of) {
        about.with_update(located, |view, update| {
            take(view, update, &|number| about.says(number));
        });
    }
}

/// What a message says, whichever it is.
struct About<'a> {
    kind: SayingKind,
    header: PeerHeader,
    rib: Rib,
    update: Option<&'a [u8]>,
    context: Context,
    parts: Parts,
}

impl<'a> About<'a> {
    fn of(readable: &Readable<'a>) -> Option<About<'a>> {
        let context = &readable.context;
        match &readable.message {
            Message::RpkiValidation(route) => {
                Some(About::of_route(SayingKind::RpkiValidation, route, context))
            }
            Message::RpkiImpact(route) => {
                Some(About::of_route(SayingKind::RpkiImpact, route, context))
            }
            Message::RouteEvent(event) => About::of_event(event),
            _ => None,
        }
    }

    fn of_route(kind: SayingKind, route: &RpkiRoute<'a>, context: &Context) -> About<'a> {
        About {
            kind,
            header: route.header,
            rib: route.header.rib(),
            update: route.update,
            context: context.clone(),
            parts: Parts::of_route(route, context),
        }
    }

    fn of_event(event: &RouteEvent<'a>) -> Option<About<'a>> {
        Some(About {
            kind: SayingKind::RouteEvent,
            header: event.header?,
            rib: event.rib(),
            update: event.update,
            context: event.context().0,
            parts: Parts::of_event(event),
        })
    }

    /// Says something of the NLRI with this number: an event may be about anything else.
    fn says(&self, number: u16) -> bool {
        self.kind != SayingKind::RouteEvent || self.parts.words(number).state().is_some()
    }

    fn with_update(&self, located: &Located<'_>, take: impl FnOnce(View, &Update<'_>)) {
        let pdu = self.update.unwrap_or_default();
        let update = Update::decode(&mut Cursor::new(pdu), &self.context);
        if let (Some(peer), Ok(update)) = (located.peer(), update) {
            let view = View {
                session: located.session().id,
                peer: peer.index,
                rib: self.rib,
            };
            take(view, &update);
        }
    }

    /// Tells what is said of each of its routes.
    fn tell(
        &self,
        located: &Located<'_>,
        view: View,
        update: &Update<'_>,
        tell: &mut dyn FnMut(Saying),
    ) {
        let attributes = Arc::new(attributes(update));
        let mut place = located.place(None);
        place.peer = self.header.address().map(|address| address.to_string());
        let place = Arc::new(place);
        for (nlri, number) in update.announced().flatten().zip(1u16..) {
            let key = key(nlri.family, nlri.prefix(), nlri.path_id);
            let Some(key) = key.filter(|_| self.says(number)) else {
                continue;
            };
            tell(Saying {
                kind: self.kind,
                view,
                key,
                words: self.parts.words(number),
                attributes: Arc::clone(&attributes),
                place: Arc::clone(&place),
            });
        }
    }
}

fn attributes(update: &Update<'_>) -> Attributes {
    let attributes = update.path_attributes();
    let known = Attributes::of(&attributes);
    match attributes.is_empty() {
        true => known,
        false => known.with_path(route_path(&attributes)),
    }
}

//! The last that messages said of each route of a run, and what contradicts itself in them.

use super::{Saying, SayingKind};
use crate::analysis::rpki::routes::{RouteKey, View};
use crate::analysis::rpki::violations::Violations;
use crate::bmp::Rib;
use crate::bmp::rpki::{RpkiConfig, RpkiValue, SourceType};
use std::collections::HashMap;
use std::sync::Arc;

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// Routes of which the last word is kept. Further ones are counted and left out.
const ROUTES: usize = 1 << 22;

/// Sources whose type is kept, of all routers: a router has few.
const SOURCES: usize = 1 << 20;

/// The types of data sources by their numbers, as RPKI_CONFIG messages list them.
#[derive(Debug, Clone, Default)]
pub struct SourceTypes(Map<(u32, u16), SourceType>);

impl SourceTypes {
    /// Takes what a message of a session lists.
    pub fn add(&mut self, session: u32, config: &RpkiConfig<'_>) {
        for tlv in config.tlvs.flatten() {
            let Ok(RpkiValue::Source(fields)) = tlv.read() else {
                continue;
            };
            let (mut id, mut source_type) = (None, None);
            for field in fields.flatten() {
                match field.read() {
                    Ok(RpkiValue::SourceId(one)) => id = Some(one),
                    Ok(RpkiValue::SourceType(one)) => source_type = Some(one),
                    _ => {}
                }
            }
            if let Some((id, source_type)) = id.zip(source_type)
                && self.0.len() < SOURCES
            {
                self.0.insert((session, id), source_type);
            }
        }
    }

    /// Adds what a later part of a run lists.
    pub fn merge(&mut self, later: SourceTypes) {
        self.0.extend(later.0);
    }

    /// The type of a source of a session.
    pub fn of(&self, session: u32, id: Option<u16>) -> Option<SourceType> {
        self.0.get(&(session, id?)).copied()
    }
}

/// What messages said of routes.
#[derive(Debug, Default)]
pub struct Told {
    last: Map<(SayingKind, View, RouteKey), Saying>,
    /// The types of data sources.
    pub sources: Arc<SourceTypes>,
    /// What contradicts itself.
    pub violations: Violations,
    left_out: u64,
}

impl Told {
    /// Takes the next of what messages say.
    pub fn add(&mut self, saying: Saying) {
        self.violations.of_saying(&saying);
        if saying.kind == SayingKind::RpkiImpact {
            self.compare(&saying);
        }
        let key = (saying.kind, saying.view, saying.key);
        if self.last.len() < ROUTES || self.last.contains_key(&key) {
            self.last.insert(key, saying);
        } else {
            self.left_out += 1;
        }
    }

    /// What is known of data sources, later than before.
    pub fn add_sources(&mut self, later: SourceTypes) {
        Arc::make_mut(&mut self.sources).merge(later);
    }

    /// An impact against what was said of the same route before.
    fn compare(&mut self, impact: &Saying) {
        let before = self.of(SayingKind::RpkiImpact, impact.view, impact.key);
        let turned = before.and_then(|before| Violations::turned(before, impact));
        let validated = Rib::ALL.into_iter().filter_map(|rib| {
            let view = View { rib, ..impact.view };
            self.of(SayingKind::RpkiValidation, view, impact.key)
        });
        let differs = validated
            .filter_map(|validation| Violations::differs(validation, impact))
            .next();
        for violation in [turned, differs].into_iter().flatten() {
            self.violations.add(violation);
        }
    }

    /// The last that messages of a kind said of a route.
    pub fn of(&self, kind: SayingKind, view: View, key: RouteKey) -> Option<&Saying> {
        self.last.get(&(kind, view, key))
    }

    /// No message said anything of any route.
    pub fn is_empty(&self) -> bool {
        self.last.is_empty()
    }

    /// What messages said of routes that found no room.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

//! Which messages are asked for: the cheapest test first, all of them before anything is formatted.
//! Filters of one kind are alternatives, and every kind that is given has to agree.

mod community;
mod path;
mod prefix;
mod types;
mod updates;

pub(super) use types::TYPES;

use super::options;
use super::told::Told;
use crate::bgp::Update;
use crate::bmp::{CommonHeader, MessageType, PeerHeader, Rib};
use crate::pipeline::{Item, Located, PeerFilter};
use crate::report::{Given, OwnOption};
use crate::wire::CodePoints;
use community::Pattern;
use prefix::Prefixes;
use regex::bytes::Regex;
use types::Types;

/// The filters of a command line.
#[derive(Debug, Clone, Default)]
pub(super) struct Filter {
    types: Option<Types>,
    ribs: Vec<Rib>,
    routes: Routes,
}

/// What one UPDATE of a message has to be like.
#[derive(Debug, Clone, Default)]
struct Routes {
    prefixes: Prefixes,
    origins: Vec<u32>,
    communities: Vec<Pattern>,
    paths: Vec<Regex>,
}

impl Filter {
    /// The filters given; fails with what a person should be told.
    pub(super) fn given(given: &Given, code_points: &CodePoints) -> Result<Filter, String> {
        let types: Vec<&str> = given.texts(&options::TYPE).collect();
        let ribs = given.texts(&options::RIB);
        let is_asked = |rib: &Rib, word: &str| rib.word() == word;
        Ok(Filter {
            types: (!types.is_empty()).then(|| Types::new(&types, code_points)),
            ribs: ribs
                .filter_map(|word| Rib::ALL.into_iter().find(|rib| is_asked(rib, word)))
                .collect(),
            routes: Routes::given(given)?,
        })
    }

    /// There are none: every line is asked for.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.types.is_none() && self.ribs.is_empty() && self.routes.is_empty()
    }

    /// Whether the headers alone do not rule a line out.
    #[inline]
    pub(super) fn may_want(&self, located: &Located<'_>) -> bool {
        self.is_empty()
            || match located.item {
                // A gap has no RIB and no routes, but who asks for gaps gets them.
                Item::Gap(_) => self.types.as_ref().is_some_and(Types::has_gaps),
                Item::Message(bytes) => self.may_want_message(bytes),
            }
    }

    fn may_want_message(&self, bytes: &[u8]) -> bool {
        let Some(header) = CommonHeader::peek(bytes) else {
            // It will turn out to be undecodable.
            return true;
        };
        let message_type = header.message_type;
        self.types
            .as_ref()
            .is_none_or(|types| types.may_want(message_type))
            && (self.ribs.is_empty() || self.wants_rib(message_type, bytes))
            && (self.routes.is_empty() || updates::may_have(message_type))
    }

    /// Only Route Monitoring messages show a RIB view.
    fn wants_rib(&self, message_type: MessageType, bytes: &[u8]) -> bool {
        message_type == MessageType::ROUTE_MONITORING
            && PeerHeader::peek(bytes).is_some_and(|header| self.ribs.contains(&header.rib()))
    }

    /// Whether a line is asked for that [`Filter::may_want`] did not rule out.
    #[inline]
    pub(super) fn wants(&self, located: &Located<'_>, told: &Told<'_>) -> bool {
        self.is_empty() || self.wants_told(located, told)
    }

    fn wants_told(&self, located: &Located<'_>, told: &Told<'_>) -> bool {
        let is_type = self.types.as_ref().is_none_or(|types| types.wants(told));
        let readable = match told {
            Told::Gap(_) => return is_type,
            Told::Undecodable(..) => {
                return is_type && self.ribs.is_empty() && self.routes.is_empty();
            }
            Told::Message(_, readable) => readable,
        };
        is_type
            && (self.routes.is_empty()
                || updates::any(located, readable, |update| self.routes.want(update)))
    }
}

impl Routes {
    fn given(given: &Given) -> Result<Routes, String> {
        let prefixes = all(given, &options::PREFIX, prefix::parse)?;
        let more_specific = given.has(&options::MORE_SPECIFIC);
        let less_specific = given.has(&options::LESS_SPECIFIC);
        if prefixes.is_empty() && (more_specific || less_specific) {
            return Err(NO_PREFIX.to_owned());
        }
        Ok(Routes {
            prefixes: Prefixes::new(prefixes, more_specific, less_specific),
            origins: all(given, &options::ORIGIN_ASN, asn)?,
            communities: all(given, &options::COMMUNITY, community::parse)?,
            paths: all(given, &options::AS_PATH, path::parse)?,
        })
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.prefixes.is_empty() && !self.looks_at_attributes()
    }

    #[inline]
    fn looks_at_attributes(&self) -> bool {
        !(self.origins.is_empty() && self.communities.is_empty() && self.paths.is_empty())
    }

    fn want(&self, update: &Update<'_>) -> bool {
        self.wants_routes(update) && (!self.looks_at_attributes() || self.wants_attributes(update))
    }

    fn wants_routes(&self, update: &Update<'_>) -> bool {
        let is_asked = |prefixes: &Prefixes| {
            let mut routes = update.withdrawn().chain(update.announced()).flatten();
            routes.any(|nlri| prefixes.wants(&nlri))
        };
        self.prefixes.is_empty() || is_asked(&self.prefixes)
    }

    fn wants_attributes(&self, update: &Update<'_>) -> bool {
        let attributes = update.path_attributes();
        let is_in = |pattern: &Pattern| pattern.is_in(&attributes);
        if !self.communities.is_empty() && !self.communities.iter().any(is_in) {
            return false;
        }
        if self.origins.is_empty() && self.paths.is_empty() {
            return true;
        }
        let Some(path) = attributes.effective_path() else {
            return false;
        };
        if !self.origins.is_empty() && !path::ends_in(&path, &self.origins) {
            return false;
        }
        self.paths.is_empty() || {
            let mut text = String::new();
            path::write(&path, &mut text);
            self.paths
                .iter()
                .any(|regex| regex.is_match(text.as_bytes()))
        }
    }
}

const NO_PREFIX: &str =
    "--more-specific and --less-specific say how near to --prefix a route has to be: give one";

/// All values of an option, read.
fn all<T>(
    given: &Given,
    option: &OwnOption,
    read: fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    given.texts(option).map(read).collect()
}

/// asplain or asdot, with or without `AS`.
fn asn(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(PeerFilter::Asn(asn)) => Ok(asn),
        _ => Err(format!("'{text}' is no AS number (64500, AS64500 or 1.10)")),
    }
}

/// Whether each option's text can be read; the command line asks before anything else happens.
pub(super) mod accepts {
    /// `--type`, beyond the words.
    pub(in crate::report::messages) fn message_type(text: &str) -> Result<(), String> {
        super::types::accepts(text)
    }

    /// `--prefix`.
    pub(in crate::report::messages) fn prefix(text: &str) -> Result<(), String> {
        super::prefix::parse(text).map(drop)
    }

    /// `--origin-asn`.
    pub(in crate::report::messages) fn asn(text: &str) -> Result<(), String> {
        super::asn(text).map(drop)
    }

    /// `--community`.
    pub(in crate::report::messages) fn community(text: &str) -> Result<(), String> {
        super::community::parse(text).map(drop)
    }

    /// `--as-path`.
    pub(in crate::report::messages) fn as_path(text: &str) -> Result<(), String> {
        super::path::parse(text).map(drop)
    }
}

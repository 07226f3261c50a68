//! What is asked of the captures: which files, which part of them, with how much of the machine.

use crate::auth::Keys;
use crate::bmp::v4::Numbering;
use crate::session::Assumed;
use crate::time::Timestamp;
use crate::tls::KeyLog;
use crate::wire::CodePoints;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A question's input and limits, as plain values.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Files, directories, or `-` for standard input, in the order given; never empty.
    pub inputs: Vec<PathBuf>,
    /// TCP ports: only these are looked at, and what is there is taken for BMP. Empty: any port,
    /// BMP is recognised by content.
    pub ports: Vec<u16>,
    /// Routers to look at; empty: all.
    pub routers: Vec<RouterFilter>,
    /// BGP peers to look at; empty: all.
    pub peers: Vec<PeerFilter>,
    /// Leave out what was captured before this moment.
    pub since: Option<Timestamp>,
    /// Leave out what was captured after this moment.
    pub until: Option<Timestamp>,
    /// Threads that decode; none: as many as the machine has.
    pub threads: Option<NonZeroUsize>,
    /// Octets per window; none: the pipeline's own choice.
    pub window: Option<usize>,
    /// How messages of version 4 number their TLVs; none: as their content tells.
    pub bmp4: Option<Numbering>,
    /// How UPDATEs are written, whatever they and the Peer Ups say.
    pub assumed: Assumed,
    /// The numbers of code points that drafts leave open.
    pub code_points: Arc<CodePoints>,
    /// Watch what protects connections, and verify signatures with these keys, of which there may be
    /// none; nothing: do not watch.
    pub watch: Option<Arc<Keys>>,
    /// The secrets of TLS sessions, which are then read as if they were not encrypted; nothing: TLS is
    /// not looked at.
    pub key_log: Option<Arc<KeyLog>>,
    /// Where the pipeline tells how far it is.
    pub progress: Arc<Progress>,
}

impl Request {
    /// Whether any message may be left out.
    pub fn is_filtered(&self) -> bool {
        let is_timed = self.since.is_some() || self.until.is_some();
        is_timed || !self.routers.is_empty() || !self.peers.is_empty()
    }

    /// Whether a router is asked for, by any of its addresses and its sysName.
    pub fn wants_router(&self, address: Option<IpAddr>, name: Option<&str>) -> bool {
        let asked = |filter: &RouterFilter| filter.matches(address, name);
        self.routers.is_empty() || self.routers.iter().any(asked)
    }

    /// Whether a BGP peer is asked for, by its address and AS number.
    pub fn wants_peer(&self, address: Option<IpAddr>, asn: Option<u32>) -> bool {
        let asked = |filter: &PeerFilter| filter.matches(address, asn);
        self.peers.is_empty() || self.peers.iter().any(asked)
    }

    /// Whether a moment is behind `until`.
    pub fn is_after(&self, time: Option<Timestamp>) -> bool {
        let later =
            |until: Timestamp| time.is_some_and(|time| time.nanoseconds() > until.nanoseconds());
        self.until.is_some_and(later)
    }

    /// Whether a moment is between `since` and `until`; true where no moment is known.
    pub fn wants_time(&self, time: Option<Timestamp>) -> bool {
        let Some(time) = time.map(Timestamp::nanoseconds) else {
            return true;
        };
        let begins = self.since.is_none_or(|since| since.nanoseconds() <= time);
        begins && self.until.is_none_or(|until| time <= until.nanoseconds())
    }
}

/// How far the work is, in octets of input. Written by the pipeline, read by whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    consumed: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// Tells how many octets of input have been consumed so far.
    pub fn consume(&self, octets: u64) {
        self.consumed.store(octets, Ordering::Relaxed);
    }

    /// Tells how many octets there are in all. Not told where a pipe is read.
    pub fn expect(&self, octets: u64) {
        self.total.store(octets, Ordering::Relaxed);
    }

    /// Octets consumed so far.
    pub fn consumed(&self) -> u64 {
        self.consumed.load(Ordering::Relaxed)
    }

    /// Octets in all, or none where that is not known.
    pub fn total(&self) -> Option<u64> {
        Some(self.total.load(Ordering::Relaxed)).filter(|total| *total > 0)
    }
}

/// A router, by the address it speaks BMP from or by its sysName.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouterFilter {
    /// By address.
    Address(IpAddr),
    /// By sysName (RFC 7854 4.4), in any case.
    Name(String),
}

impl RouterFilter {
    /// Whether this is the router meant.
    pub fn matches(&self, address: Option<IpAddr>, name: Option<&str>) -> bool {
        match self {
            RouterFilter::Address(wanted) => address == Some(*wanted),
            RouterFilter::Name(wanted) => name.is_some_and(|n| n.eq_ignore_ascii_case(wanted)),
        }
    }
}

impl FromStr for RouterFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<RouterFilter, String> {
        if text.is_empty() {
            return Err("a router is an address or a sysName".to_owned());
        }
        let address = text.parse().map(RouterFilter::Address);
        Ok(address.unwrap_or_else(|_| RouterFilter::Name(text.to_owned())))
    }
}

/// A BGP peer, by its address or its AS number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerFilter {
    /// By address.
    Address(IpAddr),
    /// By AS number.
    Asn(u32),
}

impl PeerFilter {
    /// Whether this is the peer meant.
    pub fn matches(self, address: Option<IpAddr>, asn: Option<u32>) -> bool {
        match self {
            PeerFilter::Address(wanted) => address == Some(wanted),
            PeerFilter::Asn(wanted) => asn == Some(wanted),
        }
    }
}

impl FromStr for PeerFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<PeerFilter, String> {
        if let Ok(address) = text.parse() {
            return Ok(PeerFilter::Address(address));
        }
        parse_asn(text).map(PeerFilter::Asn).ok_or_else(|| {
            format!("'{text}' is neither an address nor an AS number (64500, AS64500 or 1.10)")
        })
    }
}

/// asplain or asdot (RFC 5396), with or without `AS` before it.
fn parse_asn(text: &str) -> Option<u32> {
    let prefixed = text
        .get(..2)
        .is_some_and(|head| head.eq_ignore_ascii_case("as"));
    let digits = if prefixed { text.get(2..)? } else { text };
    if digits.starts_with('+') {
        return None;
    }
    let Some((high, low)) = digits.split_once('.') else {
        return digits.parse().ok();
    };
    let (high, low): (u16, u16) = (high.parse().ok()?, low.parse().ok()?);
    Some(u32::from(high) << 16 | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_is_an_address_or_an_as_number_in_any_spelling() {
        let peer = |text: &str| text.parse::<PeerFilter>();
        assert_eq!(peer("64500"), Ok(PeerFilter::Asn(64500)));
        assert_eq!(peer("AS64500"), Ok(PeerFilter::Asn(64500)));
        assert_eq!(peer("as1.10"), Ok(PeerFilter::Asn(65546)));
        let address = "2001:db8::1".parse().unwrap();
        assert_eq!(peer("2001:db8::1"), Ok(PeerFilter::Address(address)));
        for wrong in ["", "AS", "AS-1", "+5", "4294967296", "1.2.3", "é1"] {
            let error = format!(
                "'{wrong}' is neither an address nor an AS number (64500, AS64500 or 1.10)"
            );
            assert_eq!(peer(wrong), Err(error));
        }
    }

    #[test]
    fn a_router_that_is_not_an_address_is_a_name() {
        let router = |text: &str| text.parse::<RouterFilter>().unwrap();
        let address: IpAddr = "192.0.2.1".parse().unwrap();
        assert!(router("192.0.2.1").matches(Some(address), None));
        assert!(router("EDGE1").matches(None, Some("edge1")));
        assert!(!router("edge1").matches(Some(address), None));
    }

    #[test]
    fn without_filters_everything_is_wanted() {
        let request = Request::default();
        assert!(request.wants_router(None, None));
        assert!(request.wants_peer(None, None));
        assert!(request.wants_time(Some(Timestamp::from_nanoseconds(0, 0))));
    }

    #[test]
    fn since_and_until_include_their_own_moment() {
        let at = |seconds: i64| Timestamp::from_nanoseconds(seconds * 1_000_000_000, 0);
        let request = Request {
            since: Some(at(10)),
            until: Some(at(20)),
            ..Request::default()
        };
        let wanted = |seconds| request.wants_time(Some(at(seconds)));
        assert_eq!([9, 10, 20, 21].map(wanted), [false, true, true, false]);
    }

    #[test]
    fn a_total_that_was_never_told_is_not_known() {
        let progress = Progress::default();
        assert_eq!(progress.total(), None);
        progress.expect(100);
        progress.consume(40);
        assert_eq!((progress.consumed(), progress.total()), (40, Some(100)));
    }
}

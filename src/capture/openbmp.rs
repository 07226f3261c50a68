//! Walks OpenBMP raw frames: whole BMP messages that a collector passed on, each run of them behind
//! a binary header that names the router (OpenBMP message bus, binary header, version 1.7).
//!
//! ```text
//! Magic "OBMP" (4) | Major (1) | Minor (1) | Header Length (2) | Message Length (4) | Flags (1)
//! Object Type (1) | Collector Timestamp: seconds (4), microseconds (4) | Collector Hash (16)
//! Collector Admin ID: length (2), text | Router Hash (16) | Router IP (16)
//! Router Group: length (2), text | Row Count (4)
//! fields of later versions, up to Header Length | BMP messages, Message Length octets
//! ```

mod lost;
#[cfg(test)]
mod tests;

pub(super) use lost::Lost;

use super::LinkType;
use super::step::{Oddity, Record, Step};
use crate::time::Timestamp;
use crate::wire::{Cursor, DecodeError};
use lost::Flaw;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The first octets of a frame.
pub(super) const MAGIC: &[u8; 4] = b"OBMP";
/// The only major version.
const MAJOR: u8 = 1;
/// Octets up to the Object Type: what every frame has.
const FRONT: usize = 14;
/// Octets that tell the beginning of a frame from chance: up to the Header Length.
const GLANCE: usize = 8;
/// The longest payload that is believed. Message buses carry a megabyte or a few.
const LONGEST_PAYLOAD: u32 = 16 * 1024 * 1024;
/// Flags: the message is a router's.
const OF_ROUTER: u8 = 0x80;
/// Flags: the router's address is IPv6.
const IPV6: u8 = 0x40;
/// Object Type: the payload is BMP as the router sent it.
const BMP_RAW: u8 = 12;

/// A file of frames, walked.
#[derive(Debug, Default)]
pub(super) struct OpenBmp {
    /// The routers met so far, each with its number.
    numbers: HashMap<Identity, u32, foldhash::fast::RandomState>,
    /// Octets that each router's frames held up to here.
    passed: Vec<u64>,
    /// The sender of the frame looked at last.
    sender: Sender,
    /// Where a frame had to begin none did, and the next one has not been found yet.
    lost: Option<Lost>,
}

/// Who sent the payload of a frame.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sender {
    /// Its number in this file.
    pub(super) number: u32,
    /// Its address; none where the frame has none.
    pub(super) address: Option<IpAddr>,
}

/// What tells routers apart: two collectors have two sessions with one router.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Identity {
    collector: [u8; 16],
    router: [u8; 16],
    address: Option<IpAddr>,
}

/// The fields that every frame has.
#[derive(Debug, Clone, Copy)]
struct Front {
    header: usize,
    message: u32,
    flags: u8,
    object_type: u8,
}

impl OpenBmp {
    /// The container of something that begins with `bytes`.
    pub(super) fn recognises(bytes: &[u8]) -> bool {
        bytes.starts_with(MAGIC)
    }

    /// What is next in `bytes`; `last` says that nothing follows them.
    pub(super) fn step(&mut self, bytes: &[u8], last: bool) -> Step {
        let lost = match self.lost.take() {
            Some(lost) => lost,
            None => match self.frame(bytes, last) {
                Ok(step) => return step,
                Err(flaw) => Lost::new(flaw),
            },
        };
        let (step, lost) = lost.search(bytes, last);
        self.lost = lost;
        step
    }

    /// The sender of the frame that the last step gave, and the octets of it before that frame.
    pub(super) fn sender(&self) -> (Sender, u64) {
        let passed = self.passed.get(self.sender.number as usize);
        (self.sender, passed.copied().unwrap_or(0))
    }

    /// The frame that the last step gave has been handed on: so many octets.
    pub(super) fn pass(&mut self, octets: usize) {
        if let Some(passed) = self.passed.get_mut(self.sender.number as usize) {
            *passed += octets as u64;
        }
    }

    /// The frame at the beginning of `bytes`.
    fn frame(&mut self, bytes: &[u8], last: bool) -> Result<Step, Flaw> {
        if bytes.is_empty() {
            return Ok(if last { Step::End } else { Step::More(FRONT) });
        }
        let Some(front) = Front::read(bytes)? else {
            return Ok(if last {
                Step::CutShort
            } else {
                Step::More(FRONT)
            });
        };
        let whole = front.header + front.message as usize;
        let needed = whole + GLANCE;
        if bytes.len() < needed && !last {
            // Twice as much: many frames that claim more than they have must not have the window
            // filled again for each.
            return Ok(Step::More(2 * needed));
        }
        if let Some(at) = swallowed(bytes, whole) {
            return Err(Flaw::Swallows(at, whole));
        }
        match bytes.split_at_checked(front.header) {
            Some((header, payload)) => self.payload(front, header, payload),
            None => Ok(Step::CutShort),
        }
    }

    /// A frame whose lengths are believed; of the last one, all that is there.
    fn payload(&mut self, front: Front, header: &[u8], payload: &[u8]) -> Result<Step, Flaw> {
        let whole = front.message as usize;
        let captured = whole.min(payload.len());
        if front.object_type != BMP_RAW {
            return Ok(match captured < whole {
                true => Step::CutShort,
                false => pass_over(front, header.len() + whole),
            });
        }
        let fields = Fields::read(front, header).map_err(Flaw::Header)?;
        self.sender = self.sender_of(&fields.identity);
        let oddity = match captured < whole {
            true => Some(Oddity::CutShort(captured as u64, whole as u64)),
            false => fields.oddity(),
        };
        Ok(Step::Record(Record {
            length: header.len() + captured,
            data: header.len(),
            captured,
            original: front.message,
            time: Timestamp::from_bmp(fields.seconds, fields.microseconds),
            link: LinkType::UNKNOWN,
            oddity,
        }))
    }

    /// The sender with this identity, given the next number if it is new.
    fn sender_of(&mut self, identity: &Identity) -> Sender {
        let next = u32::try_from(self.passed.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(*identity).or_insert(next);
        if number == next {
            self.passed.push(0);
        }
        Sender {
            number,
            address: identity.address,
        }
    }
}

impl Front {
    /// None where not all of it is there, as far as can be told.
    fn read(bytes: &[u8]) -> Result<Option<Front>, Flaw> {
        let magic = bytes.get(..MAGIC.len()).unwrap_or(bytes);
        if !MAGIC.starts_with(magic) {
            return Err(Flaw::NoMagic);
        }
        let Some(octets) = bytes.first_chunk::<FRONT>() else {
            return Ok(None);
        };
        let [
            _,
            _,
            _,
            _,
            major,
            minor,
            h0,
            h1,
            m0,
            m1,
            m2,
            m3,
            flags,
            object_type,
        ] = *octets;
        let header = u16::from_be_bytes([h0, h1]);
        let message = u32::from_be_bytes([m0, m1, m2, m3]);
        if major != MAJOR {
            return Err(Flaw::Version(major, minor));
        }
        if usize::from(header) < FRONT {
            return Err(Flaw::HeaderLength(header));
        }
        if message > LONGEST_PAYLOAD {
            return Err(Flaw::MessageLength(message));
        }
        Ok(Some(Front {
            header: usize::from(header),
            message,
            flags,
            object_type,
        }))
    }
}

fn pass_over(front: Front, octets: usize) -> Step {
    Step::PassOver(octets, Oddity::OtherObject(front.object_type))
}

/// The fields of a BMP_RAW frame that matter here. What follows them is skipped by Header Length.
struct Fields {
    seconds: u32,
    microseconds: u32,
    identity: Identity,
}

impl Fields {
    fn read(front: Front, header: &[u8]) -> Result<Fields, DecodeError> {
        let mut cursor = Cursor::new(header);
        cursor.bytes("Magic to Object Type", FRONT)?;
        let seconds = cursor.u32("Collector Timestamp seconds")?;
        let microseconds = cursor.u32("Collector Timestamp microseconds")?;
        let collector = cursor.array::<16>("Collector Hash")?;
        let length = cursor.u16("Collector Admin ID Length")?;
        cursor.bytes("Collector Admin ID", usize::from(length))?;
        let mut identity = Identity {
            collector,
            router: [0; 16],
            address: None,
        };
        if front.flags & OF_ROUTER != 0 {
            identity.router = cursor.array::<16>("Router Hash")?;
            identity.address = address(front.flags, cursor.array::<16>("Router IP")?);
            let length = cursor.u16("Router Group Length")?;
            cursor.bytes("Router Group", usize::from(length))?;
        }
        Ok(Fields {
            seconds,
            microseconds,
            identity,
        })
    }

    fn oddity(&self) -> Option<Oddity> {
        (self.microseconds >= 1_000_000).then_some(Oddity::TimeCarried(self.microseconds))
    }
}

/// The router's address; an IPv4 address is in the first four octets. All zeros say that it is not
/// known.
fn address(flags: u8, octets: [u8; 16]) -> Option<IpAddr> {
    let [a, b, c, d, ..] = octets;
    let address = match flags & IPV6 {
        0 => IpAddr::V4(Ipv4Addr::new(a, b, c, d)),
        _ => IpAddr::V6(Ipv6Addr::from(octets)),
    };
    (!address.is_unspecified()).then_some(address)
}

/// Where another frame begins inside one of `whole` octets, behind which none begins: its lengths are
/// wrong then. Behind a frame stands the next, or the end.
fn swallowed(bytes: &[u8], whole: usize) -> Option<usize> {
    let behind = bytes.get(whole..);
    if behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(MAGIC)) {
        return None;
    }
    let here = bytes.get(..whole + GLANCE).unwrap_or(bytes);
    find(here, 1).filter(|at| *at < whole)
}

/// Where the first frame begins, `from` or later.
fn find(bytes: &[u8], from: usize) -> Option<usize> {
    let searched = bytes.get(from..)?;
    memchr::memmem::find_iter(searched, MAGIC)
        .map(|at| from + at)
        .find(|at| bytes.get(*at..).is_some_and(begins_frame))
}

/// Do these octets look like the beginning of a frame?
fn begins_frame(bytes: &[u8]) -> bool {
    match bytes.first_chunk::<GLANCE>() {
        Some([b'O', b'B', b'M', b'P', MAJOR, _, high, low]) => {
            usize::from(u16::from_be_bytes([*high, *low])) >= FRONT
        }
        _ => false,
    }
}

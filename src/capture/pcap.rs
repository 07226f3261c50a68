//! Walks the records of a pcap file (draft-ietf-opsawg-pcap), of either byte order, with
//! microseconds or nanoseconds, and of the "modified" kind whose record header is longer.
//!
//! ```text
//!  0               4               8               12              16
//! +---------------+---------------+---------------+---------------+---------
//! | seconds       | fraction      | captured      | original      | packet
//! +---------------+---------------+---------------+---------------+---------
//! ```

use super::LinkType;
use super::step::{LONGEST_RECORD, Oddity, Record, Step, USUAL_SNAP_LENGTH};
use crate::time::Timestamp;
use pcap_parser::{parse_pcap_frame, parse_pcap_frame_be, parse_pcap_header};

/// Octets before the first record.
pub(super) const FILE_HEADER: usize = 24;

const RECORD_HEADER: usize = 16;
/// Interface index, protocol, packet type and padding follow.
const MODIFIED_RECORD_HEADER: usize = 24;
/// The magic number of the modified format, in the two byte orders.
const MODIFIED_LITTLE: [u8; 4] = [0x34, 0xcd, 0xb2, 0xa1];
const MODIFIED_BIG: [u8; 4] = [0xa1, 0xb2, 0xcd, 0x34];

/// What the file header says about the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pcap {
    big_endian: bool,
    /// Octets of a record before its packet.
    header: usize,
    /// Nanoseconds in a unit of the fraction: 1000 or 1.
    unit: u32,
    snap_length: u32,
    pub(super) link: LinkType,
}

/// The fields of a record header.
#[derive(Clone, Copy)]
struct Fields {
    seconds: u32,
    fraction: u32,
    captured: u32,
    original: u32,
}

impl Pcap {
    /// Is this a magic number of a pcap file?
    pub(super) fn recognises(bytes: &[u8]) -> bool {
        const MAGIC: [[u8; 4]; 6] = [
            [0xd4, 0xc3, 0xb2, 0xa1],
            [0xa1, 0xb2, 0xc3, 0xd4],
            [0x4d, 0x3c, 0xb2, 0xa1],
            [0xa1, 0xb2, 0x3c, 0x4d],
            MODIFIED_LITTLE,
            MODIFIED_BIG,
        ];
        bytes
            .first_chunk::<4>()
            .is_some_and(|magic| MAGIC.contains(magic))
    }

    /// Reads the file header; none if it is cut short or has another magic number. Any version is
    /// taken: 2.1 and the like have the same layout.
    pub(super) fn open(bytes: &[u8]) -> Option<Pcap> {
        let mut header = *bytes.first_chunk::<FILE_HEADER>()?;
        let modified = is_modified(&mut header);
        let (_, read) = parse_pcap_header(&header).ok()?;
        // The upper half of the field holds the FCS length and reserved bits.
        let link = LinkType(read.network.0 as u16);
        Some(Pcap {
            big_endian: read.is_bigendian(),
            header: if modified {
                MODIFIED_RECORD_HEADER
            } else {
                RECORD_HEADER
            },
            unit: if read.is_nanosecond_precision() {
                1
            } else {
                1000
            },
            snap_length: read.snaplen,
            link,
        })
    }

    /// What is next in `bytes`.
    #[inline]
    pub(super) fn step(&self, bytes: &[u8], last: bool) -> Step {
        let parsed = if self.header != RECORD_HEADER {
            return self.by_hand(bytes, last);
        } else if self.big_endian {
            parse_pcap_frame_be(bytes)
        } else {
            parse_pcap_frame(bytes)
        };
        match parsed {
            Ok((_, block)) if block.data.len() <= LONGEST_RECORD => {
                let fields = Fields {
                    seconds: block.ts_sec,
                    fraction: block.ts_usec,
                    captured: block.caplen,
                    original: block.origlen,
                };
                Step::Record(self.record(fields, block.data.len()))
            }
            _ => self.by_hand(bytes, last),
        }
    }

    /// The record that the parser does not take: not all here, too long, or of the modified kind.
    #[cold]
    fn by_hand(&self, bytes: &[u8], last: bool) -> Step {
        let Some(fields) = self.fields(bytes) else {
            return match (bytes.is_empty(), last) {
                (true, true) => Step::End,
                (false, true) => Step::CutShort,
                (_, false) => Step::More(self.header),
            };
        };
        let captured = usize::try_from(fields.captured).unwrap_or(usize::MAX);
        if captured > LONGEST_RECORD {
            return Step::Corrupt(too_long(fields.captured));
        }
        let here = bytes.len().saturating_sub(self.header);
        if here >= captured {
            return Step::Record(self.record(fields, captured));
        }
        if !last {
            return Step::More(self.header.saturating_add(captured));
        }
        if fields.captured > self.snap_length.max(USUAL_SNAP_LENGTH) {
            return Step::Corrupt(too_long(fields.captured));
        }
        let mut record = self.record(fields, here);
        record.oddity = Some(Oddity::CutShort(here as u64, captured as u64));
        Step::Record(record)
    }

    fn fields(&self, bytes: &[u8]) -> Option<Fields> {
        let (header, _) = bytes.split_at_checked(self.header)?;
        let word = |index: usize| {
            let octets = *header.get(index * 4..)?.first_chunk::<4>()?;
            Some(if self.big_endian {
                u32::from_be_bytes(octets)
            } else {
                u32::from_le_bytes(octets)
            })
        };
        Some(Fields {
            seconds: word(0)?,
            fraction: word(1)?,
            captured: word(2)?,
            original: word(3)?,
        })
    }

    /// A record of which `captured` octets of packet are here.
    #[inline]
    fn record(&self, fields: Fields, captured: usize) -> Record {
        let nanoseconds = i64::from(fields.seconds) * 1_000_000_000
            + i64::from(fields.fraction) * i64::from(self.unit);
        let carried = u64::from(fields.fraction) * u64::from(self.unit) >= 1_000_000_000;
        let digits = if self.unit == 1 { 9 } else { 6 };
        Record {
            length: self.header.saturating_add(captured),
            data: self.header,
            captured,
            original: fields.original,
            time: Some(Timestamp::from_nanoseconds(nanoseconds, digits)),
            link: self.link,
            oddity: carried.then_some(Oddity::TimeCarried(fields.fraction)),
        }
    }
}

/// Gives a header of the modified format the usual magic number, which the parser knows in both
/// byte orders.
fn is_modified(header: &mut [u8; FILE_HEADER]) -> bool {
    let Some(magic) = header.first_chunk_mut::<4>() else {
        return false;
    };
    let usual = match *magic {
        MODIFIED_LITTLE => [0xd4, 0xc3, 0xb2, 0xa1],
        MODIFIED_BIG => [0xa1, 0xb2, 0xc3, 0xd4],
        _ => return false,
    };
    *magic = usual;
    true
}

fn too_long(captured: u32) -> String {
    format!("its captured length, {captured} octets, is longer than any packet")
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Order, PcapFile};
    use super::*;

    fn first(file: &[u8]) -> (Pcap, Step) {
        let pcap = Pcap::open(file).unwrap();
        let step = pcap.step(&file[FILE_HEADER..], true);
        (pcap, step)
    }

    fn record(step: Step) -> Record {
        match step {
            Step::Record(record) => record,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn both_byte_orders_and_both_resolutions_are_read() {
        for order in [Order::Little, Order::Big] {
            for (nano, fraction, digits) in [(false, 250_000, 6), (true, 250_000_000, 9)] {
                let mut file = PcapFile::new(order, nano, 1);
                file.packet(1_700_000_000, fraction, b"abc");
                let read = record(first(&file.bytes).1);
                let time = read.time.unwrap();
                assert_eq!(time.nanoseconds(), 1_700_000_000_250_000_000);
                assert_eq!(time.digits(), digits);
                assert_eq!((read.data, read.captured, read.length), (16, 3, 19));
                assert_eq!((read.original, read.oddity), (3, None));
            }
        }
    }

    #[test]
    fn version_2_1_and_bits_above_the_link_type_do_not_matter() {
        let mut file = PcapFile::new(Order::Big, false, 0x3000_0065);
        file.bytes[6..8].copy_from_slice(&[0, 1]); // minor version
        assert_eq!(Pcap::open(&file.bytes).unwrap().link, LinkType::RAW);
    }

    #[test]
    fn the_modified_format_has_a_longer_record_header() {
        for (order, magic) in [(Order::Little, MODIFIED_LITTLE), (Order::Big, MODIFIED_BIG)] {
            let mut file = PcapFile::new(order, false, 1);
            file.bytes[..4].copy_from_slice(&magic);
            file.packet(1, 2, b"");
            file.bytes.truncate(FILE_HEADER + 8);
            file.words(&[3, 3, 0, 0]); // lengths; interface, protocol, type, padding
            file.bytes.extend(b"abc");
            let read = record(first(&file.bytes).1);
            assert_eq!((read.data, read.captured, read.length), (24, 3, 27));
            assert_eq!(read.time.unwrap().nanoseconds(), 1_000_002_000);
        }
    }

    #[test]
    fn a_million_microseconds_carry_over_and_are_noted() {
        let mut file = PcapFile::new(Order::Little, false, 1);
        file.packet(1, 2_000_001, b"a");
        let read = record(first(&file.bytes).1);
        assert_eq!(read.time.unwrap().nanoseconds(), 3_000_001_000);
        assert_eq!(
            read.oddity.unwrap().to_string(),
            "the fraction of the time, 2000001, is a second or more; carried over"
        );
    }

    #[test]
    fn a_length_longer_than_any_packet_is_corrupt() {
        let mut file = PcapFile::new(Order::Little, false, 1);
        file.packet(1, 2, b"a");
        let captured = FILE_HEADER + 8;
        file.bytes[captured..captured + 4].copy_from_slice(&[0xff, 0xff, 0xff, 0x7f]);
        let Step::Corrupt(why) = first(&file.bytes).1 else {
            panic!("not corrupt");
        };
        assert_eq!(
            why,
            "its captured length, 2147483647 octets, is longer than any packet"
        );
    }

    #[test]
    fn a_record_that_is_not_all_here_asks_for_more_or_is_cut_short() {
        let mut file = PcapFile::new(Order::Little, false, 1);
        file.packet(1, 2, b"abcdef");
        let pcap = Pcap::open(&file.bytes).unwrap();
        let records = &file.bytes[FILE_HEADER..];
        assert!(matches!(pcap.step(&records[..3], false), Step::More(16)));
        assert!(matches!(pcap.step(&records[..3], true), Step::CutShort));
        assert!(matches!(pcap.step(&records[..18], false), Step::More(22)));
        let read = record(pcap.step(&records[..18], true));
        assert_eq!((read.captured, read.original, read.length), (2, 6, 18));
        assert_eq!(read.oddity, Some(Oddity::CutShort(2, 6)));
        assert!(matches!(pcap.step(&[], true), Step::End));
    }
}

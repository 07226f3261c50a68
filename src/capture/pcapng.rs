//! Walks the blocks of a pcapng file (draft-ietf-opsawg-pcapng): sections of either byte order,
//! interfaces with their own link type and clock, and the three kinds of packet blocks. Other
//! blocks hold no packets and are passed over.
//!
//! ```text
//!  0               4               8                     n-4             n
//! +---------------+---------------+---------- - - ------+---------------+
//! | type          | total length  | body                | total length  |
//! +---------------+---------------+---------- - - ------+---------------+
//! ```
//!
//! Packet blocks are read here and not by the parser: it keeps their options on the heap, and gives
//! nothing of a block whose end is missing or wrong.

mod interface;

use super::LinkType;
use super::step::{LONGEST_RECORD, Oddity, Record, Step, USUAL_SNAP_LENGTH};
use interface::Interface;
use pcap_parser::parse_sectionheaderblock;

/// The walker: the current section's byte order and interfaces.
#[derive(Debug, Default)]
pub(super) struct Pcapng {
    order: Order,
    interfaces: Vec<Interface>,
}

/// The byte order of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Order {
    #[default]
    Little,
    Big,
}

/// One block, or the beginning of one whose end is missing.
#[derive(Clone, Copy)]
struct Block<'a> {
    order: Order,
    block_type: u32,
    /// All its octets that are here.
    bytes: &'a [u8],
    /// Octets it should have.
    length: usize,
}

/// The fields of a packet block.
struct Packet {
    interface: u32,
    /// In units of the interface's clock; none in a Simple Packet Block.
    time: Option<u64>,
    captured: u32,
    original: u32,
    /// Octets before the packet's first.
    header: usize,
}

const SECTION_HEADER: u32 = pcap_parser::SHB_MAGIC;
const INTERFACE_DESCRIPTION: u32 = pcap_parser::IDB_MAGIC;
/// Obsolete, but old captures have it (draft-ietf-opsawg-pcapng, appendix A).
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = pcap_parser::SPB_MAGIC;
const ENHANCED_PACKET: u32 = pcap_parser::EPB_MAGIC;
/// Blocks without packets: name resolution, interface statistics, systemd journal export,
/// decryption secrets, custom, custom that must not be copied, process information.
const OTHERS: [u32; 7] = [
    pcap_parser::NRB_MAGIC,
    pcap_parser::ISB_MAGIC,
    pcap_parser::SJE_MAGIC,
    pcap_parser::DSB_MAGIC,
    pcap_parser::CB_MAGIC,
    pcap_parser::DCB_MAGIC,
    pcap_parser::PIB_MAGIC,
];

const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// Type and total length.
const BLOCK_HEADER: usize = 8;
/// The least that shows a section's byte order.
const SMALLEST_BLOCK: usize = 12;
/// Interfaces of a section that are kept; packets of further ones have no link type.
const INTERFACES: usize = 65_536;

impl Order {
    #[inline]
    fn u16(self, bytes: &[u8], offset: usize) -> Option<u16> {
        let octets = *bytes.get(offset..)?.first_chunk::<2>()?;
        Some(match self {
            Order::Little => u16::from_le_bytes(octets),
            Order::Big => u16::from_be_bytes(octets),
        })
    }

    #[inline]
    fn u32(self, bytes: &[u8], offset: usize) -> Option<u32> {
        let octets = *bytes.get(offset..)?.first_chunk::<4>()?;
        Some(match self {
            Order::Little => u32::from_le_bytes(octets),
            Order::Big => u32::from_be_bytes(octets),
        })
    }
}

impl Pcapng {
    /// Does a section begin here? Four octets decide; with twelve, the byte-order magic too.
    pub(super) fn recognises(bytes: &[u8]) -> bool {
        let section = bytes.starts_with(&SECTION_HEADER.to_be_bytes());
        section && (bytes.len() < SMALLEST_BLOCK || section_order(bytes).is_some())
    }

    /// What is next in `bytes`.
    #[inline]
    pub(super) fn step(&mut self, bytes: &[u8], last: bool) -> Step {
        if bytes.len() < SMALLEST_BLOCK {
            return match (bytes.is_empty(), last) {
                (true, true) => Step::End,
                (false, true) => Step::CutShort,
                (_, false) => Step::More(SMALLEST_BLOCK),
            };
        }
        let block = match self.block(bytes) {
            Ok(block) => block,
            Err(why) => return Step::Corrupt(why),
        };
        if block.bytes.len() < block.length && !last {
            return Step::More(block.length);
        }
        match block.block_type {
            ENHANCED_PACKET => self.packet_block(&block, enhanced),
            SIMPLE_PACKET => self.packet_block(&block, simple),
            PACKET => self.packet_block(&block, obsolete),
            _ if !block.is_whole() => Step::CutShort,
            SECTION_HEADER => self.section(&block),
            INTERFACE_DESCRIPTION => self.interface(&block),
            other if OTHERS.contains(&other) => Step::Skip(block.length, block.oddity()),
            other => Step::Skip(block.length, Some(Oddity::UnknownBlock(other))),
        }
    }

    /// The block's type and length, and what of it is here.
    #[inline]
    fn block<'a>(&self, bytes: &'a [u8]) -> Result<Block<'a>, String> {
        let order = if bytes.starts_with(&SECTION_HEADER.to_be_bytes()) {
            section_order(bytes).ok_or("a section with an unknown Byte-Order Magic")?
        } else {
            self.order
        };
        let block_type = order.u32(bytes, 0).unwrap_or_default();
        let declared = order.u32(bytes, 4).unwrap_or_default();
        let length = usize::try_from(declared).unwrap_or(usize::MAX);
        if length < SMALLEST_BLOCK || !length.is_multiple_of(4) || length > LONGEST_RECORD {
            return Err(format!(
                "its Block Total Length, {declared}, is not possible (type {block_type:#010x})"
            ));
        }
        Ok(Block {
            order,
            block_type,
            bytes: bytes.get(..length).unwrap_or(bytes),
            length,
        })
    }

    fn section(&mut self, block: &Block<'_>) -> Step {
        let Ok((_, header)) = parse_sectionheaderblock(block.bytes) else {
            return Step::Corrupt("its Section Header Block cannot be read".into());
        };
        if header.major_version != 1 {
            return Step::Corrupt(format!(
                "its section is of version {}.{}; only 1.x is known",
                header.major_version, header.minor_version
            ));
        }
        self.order = block.order;
        self.interfaces.clear();
        Step::Skip(block.length, block.oddity())
    }

    fn interface(&mut self, block: &Block<'_>) -> Step {
        let (interface, oddity) = Interface::read(block.bytes, block.order);
        if self.interfaces.len() < INTERFACES {
            self.interfaces.push(interface);
        }
        Step::Skip(block.length, oddity.or(block.oddity()))
    }

    #[inline]
    fn packet_block(&self, block: &Block<'_>, read: fn(&Block<'_>) -> Option<Packet>) -> Step {
        match read(block) {
            Some(packet) => self.packet(block, &packet),
            None if block.is_whole() => Step::Skip(
                block.length,
                Some(Oddity::PastBlock(0, block.length as u64)),
            ),
            None => Step::CutShort,
        }
    }

    #[inline]
    fn packet(&self, block: &Block<'_>, packet: &Packet) -> Step {
        let interface = self.interfaces.get(packet.interface as usize);
        let captured = match (packet.time, interface) {
            (None, Some(interface)) => packet.captured.min(interface.snap_length),
            _ => packet.captured,
        };
        let room = block.room(packet.header);
        let mut oddity = block.oddity();
        if captured as usize > room {
            oddity = Some(Oddity::PastBlock(captured.into(), room as u64));
        }
        if interface.is_none() {
            oddity = Some(Oddity::UnknownInterface(packet.interface));
        }
        if !block.is_whole() {
            if captured > USUAL_SNAP_LENGTH.max(interface.map_or(0, Interface::snap_length)) {
                return Step::Corrupt(format!(
                    "its captured length, {captured} octets, is longer than any packet"
                ));
            }
            oddity = Some(Oddity::CutShort(
                block.bytes.len() as u64,
                block.length as u64,
            ));
        }
        Step::Record(Record {
            length: block.bytes.len(),
            data: packet.header,
            captured: room.min(captured as usize),
            original: packet.original,
            time: packet
                .time
                .zip(interface)
                .and_then(|(time, interface)| interface.time(time)),
            link: interface.map_or(LinkType::UNKNOWN, |interface| interface.link),
            oddity,
        })
    }
}

impl Block<'_> {
    #[inline]
    fn is_whole(&self) -> bool {
        self.bytes.len() == self.length
    }

    /// Octets for packet data behind a header of `header` octets.
    #[inline]
    fn room(&self, header: usize) -> usize {
        let trailer = if self.is_whole() { 4 } else { 0 };
        self.bytes.len().saturating_sub(header + trailer)
    }

    /// The two lengths of a whole block differ.
    #[inline]
    fn oddity(&self) -> Option<Oddity> {
        let header = self.order.u32(self.bytes, 4)?;
        let trailer = self.order.u32(self.bytes, self.length.checked_sub(4)?)?;
        (header != trailer).then_some(Oddity::BlockLengths(header, trailer))
    }
}

/// The byte order that a section header shows.
fn section_order(bytes: &[u8]) -> Option<Order> {
    [Order::Little, Order::Big]
        .into_iter()
        .find(|order| order.u32(bytes, BLOCK_HEADER) == Some(BYTE_ORDER_MAGIC))
}

/// Enhanced Packet Block: interface, time (high, low), captured, original.
#[inline]
fn enhanced(block: &Block<'_>) -> Option<Packet> {
    let word = |offset| block.order.u32(block.bytes, offset);
    Some(Packet {
        interface: word(8)?,
        time: Some(u64::from(word(12)?) << 32 | u64::from(word(16)?)),
        captured: word(20)?,
        original: word(24)?,
        header: 28,
    })
}

/// The obsolete Packet Block: as the enhanced one, but half of the interface's field counts drops.
fn obsolete(block: &Block<'_>) -> Option<Packet> {
    let interface = block.order.u16(block.bytes, 8)?.into();
    enhanced(block).map(|packet| Packet {
        interface,
        ..packet
    })
}

/// Simple Packet Block: original length only. The captured length is the lesser of it and the snap
/// length of interface 0.
fn simple(block: &Block<'_>) -> Option<Packet> {
    let original = block.order.u32(block.bytes, 8)?;
    let padded = u32::try_from(block.length.checked_sub(SMALLEST_BLOCK + 4)?).ok()?;
    Some(Packet {
        interface: 0,
        time: None,
        captured: original.min(padded),
        original,
        header: SMALLEST_BLOCK,
    })
}

#[cfg(test)]
mod tests;

//! Capture files, read and written in the plainest way: pcap in both byte orders with micro- and
//! nanoseconds, pcapng with any number of interfaces.

/// One captured packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// Nanoseconds since 1970.
    pub(crate) time: u64,
    /// LINKTYPE_ number.
    pub(crate) link: u16,
    /// Octets on the wire.
    pub(crate) original_length: u32,
    /// Octets captured.
    pub(crate) bytes: Vec<u8>,
}

/// Order of the octets in a file's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Little,
    Big,
}

/// What the second number of a pcap timestamp counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fraction {
    Micro,
    Nano,
}

const SECOND: u64 = 1_000_000_000;
const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const BYTE_ORDER_MAGIC: u32 = 0x1a2b_3c4d;
/// if_tsresol, draft-ietf-opsawg-pcapng 4.2.
const IF_TSRESOL: u16 = 9;

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> u16 {
        let raw = [bytes[at], bytes[at + 1]];
        match self {
            Order::Little => u16::from_le_bytes(raw),
            Order::Big => u16::from_be_bytes(raw),
        }
    }

    fn u32(self, bytes: &[u8], at: usize) -> u32 {
        let raw = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        match self {
            Order::Little => u32::from_le_bytes(raw),
            Order::Big => u32::from_be_bytes(raw),
        }
    }

    fn put16(self, out: &mut Vec<u8>, value: u16) {
        match self {
            Order::Little => out.extend(value.to_le_bytes()),
            Order::Big => out.extend(value.to_be_bytes()),
        }
    }

    fn put32(self, out: &mut Vec<u8>, value: u32) {
        match self {
            Order::Little => out.extend(value.to_le_bytes()),
            Order::Big => out.extend(value.to_be_bytes()),
        }
    }
}

/// The packets of a pcap or pcapng file, in the file's order. A last record cut short is left out.
pub(crate) fn read(file: &[u8]) -> Vec<Record> {
    let magic = Order::Little.u32(file, 0);
    match magic {
        0xa1b2_c3d4 => read_pcap(file, Order::Little, Fraction::Micro),
        0xa1b2_3c4d => read_pcap(file, Order::Little, Fraction::Nano),
        0xd4c3_b2a1 => read_pcap(file, Order::Big, Fraction::Micro),
        0x4d3c_b2a1 => read_pcap(file, Order::Big, Fraction::Nano),
        SECTION_HEADER => read_pcapng(file),
        _ => panic!("not a capture: magic {magic:08x}"),
    }
}

fn read_pcap(file: &[u8], order: Order, fraction: Fraction) -> Vec<Record> {
    let link = (order.u32(file, 20) & 0xffff) as u16;
    let scale = match fraction {
        Fraction::Micro => 1000,
        Fraction::Nano => 1,
    };
    let mut records = Vec::new();
    let mut rest = &file[24..];
    while rest.len() >= 16 {
        let captured = order.u32(rest, 8) as usize;
        let Some(bytes) = rest.get(16..16 + captured) else {
            break;
        };
        let seconds = u64::from(order.u32(rest, 0));
        records.push(Record {
            time: seconds * SECOND + u64::from(order.u32(rest, 4)) * scale,
            link,
            original_length: order.u32(rest, 12),
            bytes: bytes.to_vec(),
        });
        rest = &rest[16 + captured..];
    }
    records
}

/// One interface of a section: link type, and units of its clock in a second.
struct Interface {
    link: u16,
    units: u64,
}

fn read_pcapng(file: &[u8]) -> Vec<Record> {
    let mut order = Order::Little;
    let mut interfaces: Vec<Interface> = Vec::new();
    let mut records = Vec::new();
    let mut rest = file;
    while rest.len() >= 12 {
        if order.u32(rest, 0) == SECTION_HEADER {
            order = byte_order(rest);
            interfaces.clear();
        }
        let length = order.u32(rest, 4) as usize;
        let Some(block) = rest.get(..length).filter(|_| length >= 12) else {
            break;
        };
        let body = &block[8..length - 4];
        match order.u32(block, 0) {
            INTERFACE_DESCRIPTION => interfaces.push(interface(body, order)),
            ENHANCED_PACKET => records.push(enhanced(body, order, &interfaces)),
            SIMPLE_PACKET => panic!("a simple packet has no time: not read here"),
            _ => {}
        }
        rest = &rest[length..];
    }
    records
}

fn byte_order(section_header: &[u8]) -> Order {
    match Order::Little.u32(section_header, 8) {
        BYTE_ORDER_MAGIC => Order::Little,
        _ => Order::Big,
    }
}

fn interface(body: &[u8], order: Order) -> Interface {
    let mut units = 1_000_000;
    let mut options = &body[8..];
    while options.len() >= 4 {
        let length = usize::from(order.u16(options, 2));
        if order.u16(options, 0) == IF_TSRESOL {
            assert!(options[4] < 128, "powers of two are not read here");
            units = 10u64.pow(u32::from(options[4]));
        }
        options = options
            .get(4 + length.next_multiple_of(4)..)
            .unwrap_or_default();
    }
    let link = order.u16(body, 0);
    Interface { link, units }
}

fn enhanced(body: &[u8], order: Order, interfaces: &[Interface]) -> Record {
    let interface = &interfaces[order.u32(body, 0) as usize];
    let ticks = u64::from(order.u32(body, 4)) << 32 | u64::from(order.u32(body, 8));
    let captured = order.u32(body, 12) as usize;
    Record {
        time: ticks * (SECOND / interface.units),
        link: interface.link,
        original_length: order.u32(body, 16),
        bytes: body[20..20 + captured].to_vec(),
    }
}

/// A pcap file (one link type, that of the first record).
pub(crate) fn pcap(records: &[Record], order: Order, fraction: Fraction) -> Vec<u8> {
    let (magic, scale) = match fraction {
        Fraction::Micro => (0xa1b2_c3d4, 1000),
        Fraction::Nano => (0xa1b2_3c4d, 1),
    };
    let link = records.first().map_or(1, |record| record.link);
    let mut out = Vec::new();
    order.put32(&mut out, magic);
    order.put16(&mut out, 2); // major version
    order.put16(&mut out, 4); // minor version
    for value in [0, 0, 262_144, u32::from(link)] {
        order.put32(&mut out, value); // time zone, accuracy, snapshot length, link type
    }
    for record in records {
        assert_eq!(record.link, link, "a pcap file has one link type");
        order.put32(&mut out, (record.time / SECOND) as u32);
        order.put32(&mut out, (record.time % SECOND / scale) as u32);
        order.put32(&mut out, record.bytes.len() as u32);
        order.put32(&mut out, record.original_length);
        out.extend(&record.bytes);
    }
    out
}

/// A little-endian pcapng file of one section with an interface for each of `digits` (the decimal
/// digits of its clock, 6 to 9); the packets go to the interfaces in turn.
pub(crate) fn pcapng(records: &[Record], digits: &[u8]) -> Vec<u8> {
    let order = Order::Little;
    let link = records.first().map_or(1, |record| record.link);
    let mut section = Vec::new();
    order.put32(&mut section, BYTE_ORDER_MAGIC);
    order.put32(&mut section, 1); // version 1.0
    section.extend([0xff; 8]); // section length: not given
    let mut out = block(SECTION_HEADER, &section);
    for &digits in digits {
        out.extend(block(
            INTERFACE_DESCRIPTION,
            &interface_body(order, link, digits),
        ));
    }
    for (index, record) in records.iter().enumerate() {
        assert_eq!(record.link, link, "written with one link type");
        let interface = index % digits.len();
        let unit = 10u64.pow(9 - u32::from(digits[interface]));
        let body = enhanced_body(order, interface as u32, record, unit);
        out.extend(block(ENHANCED_PACKET, &body));
    }
    out
}

fn interface_body(order: Order, link: u16, digits: u8) -> Vec<u8> {
    let mut body = Vec::new();
    order.put16(&mut body, link);
    order.put16(&mut body, 0); // reserved
    order.put32(&mut body, 0); // snapshot length: no limit
    // Microseconds are what a reader assumes without the option (draft-ietf-opsawg-pcapng 4.2).
    if digits != 6 {
        order.put16(&mut body, IF_TSRESOL);
        order.put16(&mut body, 1);
        body.extend([digits, 0, 0, 0]);
        body.extend([0; 4]); // opt_endofopt
    }
    body
}

fn enhanced_body(order: Order, interface: u32, record: &Record, unit: u64) -> Vec<u8> {
    let ticks = record.time / unit;
    let mut body = Vec::new();
    order.put32(&mut body, interface);
    order.put32(&mut body, (ticks >> 32) as u32);
    order.put32(&mut body, ticks as u32);
    order.put32(&mut body, record.bytes.len() as u32);
    order.put32(&mut body, record.original_length);
    body.extend(&record.bytes);
    body.resize(body.len().next_multiple_of(4), 0);
    body
}

fn block(block_type: u32, body: &[u8]) -> Vec<u8> {
    let length = body.len() as u32 + 12;
    let mut out = Vec::new();
    Order::Little.put32(&mut out, block_type);
    Order::Little.put32(&mut out, length);
    out.extend(body);
    Order::Little.put32(&mut out, length);
    out
}

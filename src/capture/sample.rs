//! Small captures for tests, made octet by octet.

/// The byte order of a file or section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    pub(super) fn u16(self, value: u16) -> [u8; 2] {
        match self {
            Order::Little => value.to_le_bytes(),
            Order::Big => value.to_be_bytes(),
        }
    }

    pub(super) fn u32(self, value: u32) -> [u8; 4] {
        match self {
            Order::Little => value.to_le_bytes(),
            Order::Big => value.to_be_bytes(),
        }
    }

    pub(super) fn u64(self, value: u64) -> [u8; 8] {
        match self {
            Order::Little => value.to_le_bytes(),
            Order::Big => value.to_be_bytes(),
        }
    }
}

/// A pcap file in the making.
pub(super) struct PcapFile {
    order: Order,
    pub(super) bytes: Vec<u8>,
}

impl PcapFile {
    pub(super) fn new(order: Order, nanoseconds: bool, link: u32) -> PcapFile {
        let magic = if nanoseconds {
            0xa1b2_3c4d
        } else {
            0xa1b2_c3d4
        };
        let mut file = PcapFile {
            order,
            bytes: order.u32(magic).to_vec(),
        };
        file.bytes.extend(order.u16(2)); // major version
        file.bytes.extend(order.u16(4)); // minor version
        file.words(&[0, 0, 65_535, link]); // zone, accuracy, snap length
        file
    }

    pub(super) fn words(&mut self, words: &[u32]) {
        for word in words {
            self.bytes.extend(self.order.u32(*word));
        }
    }

    pub(super) fn packet(&mut self, seconds: u32, fraction: u32, data: &[u8]) {
        let length = u32::try_from(data.len()).unwrap();
        self.words(&[seconds, fraction, length, length]);
        self.bytes.extend(data);
    }
}

/// A pcapng file in the making.
pub(super) struct PcapngFile {
    pub(super) order: Order,
    pub(super) bytes: Vec<u8>,
}

impl PcapngFile {
    pub(super) fn new(order: Order) -> PcapngFile {
        let mut file = PcapngFile {
            order,
            bytes: Vec::new(),
        };
        file.section(order);
        file
    }

    /// A block: type, body (padded here), both lengths.
    pub(super) fn block(&mut self, block_type: u32, body: &[u8]) {
        let padding = body.len().wrapping_neg() % 4;
        let length = u32::try_from(12 + body.len() + padding).unwrap();
        self.bytes.extend(self.order.u32(block_type));
        self.bytes.extend(self.order.u32(length));
        self.bytes.extend(body);
        self.bytes.extend(&[0; 3][..padding]);
        self.bytes.extend(self.order.u32(length));
    }

    pub(super) fn section(&mut self, order: Order) {
        self.order = order;
        let mut body = order.u32(0x1a2b_3c4d).to_vec(); // byte-order magic
        body.extend(order.u16(1)); // major version
        body.extend(order.u16(0)); // minor version
        body.extend(order.u64(u64::MAX)); // section length: unknown
        self.block(0x0a0d_0d0a, &body);
    }

    /// An Interface Description Block; options are (code, value).
    pub(super) fn interface(&mut self, link: u16, snap_length: u32, options: &[(u16, &[u8])]) {
        let mut body = self.order.u16(link).to_vec();
        body.extend([0, 0]); // reserved
        body.extend(self.order.u32(snap_length));
        for (code, value) in options {
            body.extend(self.order.u16(*code));
            body.extend(self.order.u16(u16::try_from(value.len()).unwrap()));
            body.extend(*value);
            body.extend(&[0; 3][..value.len().wrapping_neg() % 4]);
        }
        self.block(1, &body);
    }

    /// An Enhanced Packet Block.
    pub(super) fn packet(&mut self, interface: u32, time: u64, data: &[u8]) {
        let length = u32::try_from(data.len()).unwrap();
        let high = u32::try_from(time >> 32).unwrap();
        let low = u32::try_from(time & 0xffff_ffff).unwrap();
        let mut body = Vec::new();
        for word in [interface, high, low, length, length] {
            body.extend(self.order.u32(word));
        }
        body.extend(data);
        self.block(6, &body);
    }
}

/// An OpenBMP raw frame of a router with an IPv4 address.
pub(super) fn openbmp_frame(router: [u8; 4], seconds: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap();
    let mut frame = b"OBMP".to_vec();
    frame.extend([1, 7]); // major, minor
    frame.extend([0, 84]); // Header Length
    frame.extend(length.to_be_bytes()); // Message Length
    frame.extend([0x80, 12]); // Flags: of a router; Object Type: BMP_RAW
    frame.extend(seconds.to_be_bytes()); // Collector Timestamp
    frame.extend(250_000u32.to_be_bytes());
    frame.extend([0xcc; 16]); // Collector Hash
    frame.extend(*b"\0\x04adm1"); // Collector Admin ID
    frame.extend([router[3]; 16]); // Router Hash
    frame.extend(router); // Router IP
    frame.extend([0; 12]);
    frame.extend(*b"\0\x02gr"); // Router Group
    frame.extend([0, 0, 0, 1]); // Row Count
    frame.extend(payload);
    frame
}

//! Routers that say what their defaults are (draft-zhuang-grow-monitoring-bgp-parameters-02), and
//! captures of several of them. The numbers are those of the program's wire profile.

use super::bgp::Open;
use super::bmp::{self, PeerHeader, tlv};
use super::capture_file::{self, Fraction, Order, Record};
use super::tcp::Conversation;
use std::net::Ipv4Addr;

/// Default Behavior Parameters, version 3.
pub(crate) const DEFAULTS: u16 = 65533;

/// The octets of type and length of a sub-TLV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    /// Two each, as the draft's figure has it.
    Two,
    /// One each, as its text has it.
    One,
}

/// A router with its BMP session.
#[derive(Debug, Clone)]
pub(crate) struct Speaker {
    /// Its address.
    pub(crate) address: &'static str,
    /// sysName.
    pub(crate) name: &'static str,
    /// sysDescr.
    pub(crate) description: &'static str,
    /// BMP version.
    pub(crate) version: u8,
    /// Further TLVs of its Initiation, encoded.
    pub(crate) tlvs: Vec<u8>,
    /// Messages behind its Initiation.
    pub(crate) messages: Vec<u8>,
}

impl Speaker {
    /// One that says its name and what it is.
    pub(crate) fn new(
        address: &'static str,
        name: &'static str,
        description: &'static str,
    ) -> Speaker {
        Speaker {
            address,
            name,
            description,
            version: 3,
            tlvs: Vec::new(),
            messages: Vec::new(),
        }
    }

    /// The same router, which reports these defaults: sub-TLV number and value.
    pub(crate) fn reports(self, defaults: &[(u16, u32)]) -> Speaker {
        let defaults: Vec<_> = defaults
            .iter()
            .map(|(number, value)| (*number, value.to_be_bytes().to_vec()))
            .collect();
        self.sends(&sub_tlvs(Header::Two, &defaults))
    }

    /// The same router, whose Default Behavior Parameters are these octets.
    pub(crate) fn sends(mut self, sub_tlvs: &[u8]) -> Speaker {
        let encoded = match self.version {
            4 => {
                // Enterprise TLV 3 of the documentation's enterprise (wire profile 1).
                let value = [&32473u32.to_be_bytes()[..], sub_tlvs].concat();
                tlv(0x8003, &value)
            }
            _ => tlv(DEFAULTS, sub_tlvs),
        };
        self.tlvs.extend(encoded);
        self
    }

    /// The same router in BMP version 4.
    pub(crate) fn of_version_4(mut self) -> Speaker {
        self.version = 4;
        self
    }

    /// The same router with a peer: the OPENs it has sent and received.
    pub(crate) fn peer(mut self, address: &str, sent: &Open, received: &Open) -> Speaker {
        let up = PeerHeader::new(address, received.asn).peer_up(
            (self.address, 179),
            40000,
            (&sent.encode(), &received.encode()),
            &[],
        );
        self.messages.extend(up);
        self
    }

    /// Everything that it sends.
    pub(crate) fn stream(&self) -> Vec<u8> {
        let texts = [
            tlv(1, self.description.as_bytes()),
            tlv(2, self.name.as_bytes()),
        ];
        let body = [texts.concat(), self.tlvs.clone()].concat();
        let mut initiation = bmp::message(4, &body);
        initiation[0] = self.version;
        let mut termination = bmp::termination(0);
        termination[0] = self.version;
        [initiation, self.messages.clone(), termination].concat()
    }
}

/// Sub-TLVs with a header of this kind.
pub(crate) fn sub_tlvs(header: Header, defaults: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let encode = |(number, value): &(u16, Vec<u8>)| match header {
        Header::Two => tlv(*number, value),
        Header::One => [&[*number as u8, value.len() as u8], &value[..]].concat(),
    };
    defaults.iter().flat_map(encode).collect()
}

/// An OPEN with this hold time and these capabilities.
pub(crate) fn open(asn: u32, hold_time: u16, capabilities: &[(u8, &[u8])]) -> Open {
    let capabilities = capabilities.iter();
    Open {
        hold_time,
        capabilities: capabilities
            .map(|(code, value)| (*code, value.to_vec()))
            .collect(),
        ..Open::usual(asn, Ipv4Addr::new(192, 0, 2, 1))
    }
}

/// A pcap file with the sessions of these routers, one after the other.
pub(crate) fn capture(speakers: &[Speaker]) -> Vec<u8> {
    let mut records: Vec<Record> = Vec::new();
    for (place, speaker) in (0u64..).zip(speakers) {
        let client = match speaker.address.contains(':') {
            true => format!("[{}]:{}", speaker.address, 40000),
            false => format!("{}:{}", speaker.address, 40000),
        };
        let server = match speaker.address.contains(':') {
            true => "[2001:db8::100]:11019",
            false => "192.0.2.100:11019",
        };
        let mut conversation = Conversation::new(&client, server);
        conversation.start += place * 1_000_000_000;
        records.extend(conversation.records(&conversation.whole(&speaker.stream())));
    }
    capture_file::pcap(&records, Order::Little, Fraction::Nano)
}

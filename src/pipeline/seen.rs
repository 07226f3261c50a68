//! What a capture holds besides BMP: for the answer "no BMP here, but ...".

use crate::packet::Other;
use std::collections::BTreeMap;

/// Packets and connections that are not BMP, by what they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// TCP connections by the listening port, with what their first octets look like.
    pub tcp: BTreeMap<(u16, TcpContent), u64>,
    /// Packets that are not TCP, by what they are.
    pub other: BTreeMap<(&'static str, u32), u64>,
    /// TCP segments in all.
    pub segments: u64,
}

/// What the first octets of a connection look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TcpContent {
    /// There was no data.
    Empty,
    /// There was data, of which nothing was captured.
    NotCaptured,
    /// A TLS record (RFC 8446 5.1).
    Tls,
    /// A BGP message (RFC 4271 4.1).
    Bgp,
    /// Something else.
    Unknown,
    /// TLS that was decrypted: what is in it.
    Decrypted(Inside),
}

/// What the first octets inside TLS look like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Inside {
    /// No data was captured.
    #[default]
    Nothing,
    /// A BGP message.
    Bgp,
    /// Something else.
    Unknown,
}

impl Inside {
    /// Judges the first octets of a direction.
    pub fn of(data: &[u8]) -> Inside {
        match TcpContent::of(data) {
            TcpContent::Empty => Inside::Nothing,
            TcpContent::Bgp => Inside::Bgp,
            _ => Inside::Unknown,
        }
    }
}

/// Rows kept of each kind: what is seen instead of BMP is told in a line, not in a database.
const ROWS: usize = 1024;

impl TcpContent {
    /// Judges the first octets of a direction.
    pub fn of(data: &[u8]) -> TcpContent {
        match data {
            [] => TcpContent::Empty,
            // Handshake record, versions 3.1 to 3.3.
            [22, 3, 0..=3, ..] => TcpContent::Tls,
            _ if data.len() >= 19 && data.iter().take(16).all(|octet| *octet == 0xff) => {
                TcpContent::Bgp
            }
            _ => TcpContent::Unknown,
        }
    }
}

impl Seen {
    /// One more connection to this port.
    pub fn connection(&mut self, port: u16, content: TcpContent) {
        if self.tcp.len() < ROWS || self.tcp.contains_key(&(port, content)) {
            *self.tcp.entry((port, content)).or_default() += 1;
        }
    }

    /// Whether a connection looks like this.
    pub fn has(&self, wanted: TcpContent) -> bool {
        self.tcp.keys().any(|(_, content)| *content == wanted)
    }

    /// One more packet that is not TCP.
    pub fn packet(&mut self, other: &Other) {
        let key = (other.word(), number_of(other));
        if self.other.len() < ROWS || self.other.contains_key(&key) {
            *self.other.entry(key).or_default() += 1;
        } else {
            // Further numbers of a kind are counted together.
            *self.other.entry((other.word(), 0)).or_default() += 1;
        }
    }

    /// A line for a person: the most frequent first, at most a handful.
    pub fn describe(&self) -> String {
        let mut parts = self.tcp_parts();
        let mut others: Vec<_> = self.other.iter().collect();
        others.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), **name));
        parts.extend(others.iter().take(4).map(|((word, number), count)| {
            let noun = if **count == 1 { "packet" } else { "packets" };
            match number {
                0 => format!("{count} {noun} {word}"),
                number => format!("{count} {noun} {word} {number}"),
            }
        }));
        if parts.is_empty() && self.segments > 0 {
            format!(
                "{} TCP segments, none to or from the ports asked for",
                self.segments
            )
        } else if parts.is_empty() {
            "no packets at all".to_owned()
        } else {
            parts.join(", ")
        }
    }

    fn tcp_parts(&self) -> Vec<String> {
        let mut rows: Vec<_> = self.tcp.iter().collect();
        rows.sort_by_key(|(key, count)| (std::cmp::Reverse(**count), **key));
        let part = |((port, content), count): &(&(u16, TcpContent), &u64)| {
            let what = match content {
                TcpContent::Empty => " (no data)",
                TcpContent::NotCaptured => " (data not captured)",
                TcpContent::Tls => " (TLS)",
                TcpContent::Bgp => " (BGP)",
                TcpContent::Unknown => "",
                TcpContent::Decrypted(Inside::Nothing) => " (TLS, decrypted: no data in it)",
                TcpContent::Decrypted(Inside::Bgp) => " (TLS, decrypted: BGP in it)",
                TcpContent::Decrypted(Inside::Unknown) => " (TLS, decrypted: no BMP in it)",
            };
            let noun = if **count == 1 {
                "connection"
            } else {
                "connections"
            };
            format!("{count} TCP {noun} to port {port}{what}")
        };
        rows.iter().take(6).map(part).collect()
    }
}

/// The number that tells packets of one kind apart; 0 where there is none.
fn number_of(other: &Other) -> u32 {
    match *other {
        // The lower port is mostly the service's.
        Other::Udp {
            source,
            destination,
        } => u32::from(source.port.min(destination.port)),
        Other::IpProtocol(number) | Other::Llc(number) => u32::from(number),
        Other::EtherType(number) | Other::Ppp(number) => u32::from(number),
        Other::AddressFamily(number) => number,
        Other::LinkType(link) => u32::from(link.0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_octets_tell_tls_and_bgp_from_the_rest() {
        let keepalive = [&[0xff; 16][..], &[0, 19, 4]].concat();
        let of = TcpContent::of;
        assert_eq!(of(&[]), TcpContent::Empty);
        assert_eq!(of(&[22, 3, 1, 0]), TcpContent::Tls);
        assert_eq!(of(&keepalive), TcpContent::Bgp);
        assert_eq!(of(&keepalive[..18]), TcpContent::Unknown);
        assert_eq!(of(b"GET /"), TcpContent::Unknown);
    }

    #[test]
    fn what_was_seen_is_a_line_with_the_most_frequent_first() {
        let mut seen = Seen::default();
        assert_eq!(seen.describe(), "no packets at all");
        seen.connection(443, TcpContent::Tls);
        seen.connection(179, TcpContent::Bgp);
        seen.connection(179, TcpContent::Bgp);
        [
            Other::EtherType(0x88cc),
            Other::Arp,
            Other::EtherType(0x88cc),
        ]
        .iter()
        .for_each(|what| seen.packet(what));
        let expected = "2 TCP connections to port 179 (BGP), 1 TCP connection to port 443 (TLS), \
                        2 packets ethertype 35020, 1 packet arp";
        assert_eq!(seen.describe(), expected);
    }

    #[test]
    fn of_tls_that_was_decrypted_is_told_what_was_in_it() {
        let mut seen = Seen::default();
        let keepalive = [&[0xff; 16][..], &[0, 19, 4]].concat();
        for inside in [&b"GET /"[..], &keepalive, &[]] {
            seen.connection(443, TcpContent::Decrypted(Inside::of(inside)));
        }
        let expected = "1 TCP connection to port 443 (TLS, decrypted: no data in it), \
                        1 TCP connection to port 443 (TLS, decrypted: BGP in it), \
                        1 TCP connection to port 443 (TLS, decrypted: no BMP in it)";
        assert_eq!(seen.describe(), expected);
    }

    #[test]
    fn rows_are_bounded() {
        let mut seen = Seen::default();
        for number in 0..2000 {
            seen.packet(&Other::EtherType(number + 1));
            seen.connection(number, TcpContent::Empty);
        }
        // One more row counts the packets whose number found no room.
        assert_eq!((seen.other.len(), seen.tcp.len()), (ROWS + 1, ROWS));
    }
}

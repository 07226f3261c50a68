//! VRPs by prefix: a sorted array in which every prefix knows the next less specific one that covers
//! it. The prefixes that cover a route are then the last one that sorts before it and what covers that:
//! one binary search and a short walk.

use super::payload::VrpRecord;
use crate::net::Prefix;
use std::net::IpAddr;

/// VRPs, by prefix.
#[derive(Debug, Clone, Default)]
pub struct VrpTable {
    ipv4: Tree,
    ipv6: Tree,
}

/// The VRPs of one address family.
#[derive(Debug, Clone, Default)]
struct Tree {
    nodes: Vec<Node>,
    /// Sorted by prefix, then by what they say.
    records: Vec<VrpRecord>,
    /// First node of which the leading 16 bits are this number or more; one more at the end.
    leading: Vec<u32>,
}

/// One prefix that has VRPs.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// The address, in the leading bits.
    bits: u128,
    length: u8,
    /// Index of the longest prefix that covers it, but for itself.
    parent: u32,
    /// Index of its first record; its last is before that of the next node.
    first: u32,
}

const NONE: u32 = u32::MAX;

/// An address in the leading bits of a number, so that both families compare alike.
fn bits_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        IpAddr::V6(address) => u128::from(address),
    }
}

impl Node {
    /// Whether every address of a prefix is inside this one.
    #[inline]
    fn covers(&self, bits: u128, length: u8) -> bool {
        let differing = self.bits ^ bits;
        self.length <= length && differing.leading_zeros() >= u32::from(self.length)
    }
}

impl VrpTable {
    /// Sorts VRPs; repetitions of one and the same are dropped.
    pub fn new(records: Vec<VrpRecord>) -> VrpTable {
        let (ipv4, ipv6): (Vec<_>, Vec<_>) = records
            .into_iter()
            .partition(|record| record.vrp.prefix.address.is_ipv4());
        VrpTable {
            ipv4: Tree::new(ipv4),
            ipv6: Tree::new(ipv6),
        }
    }

    /// How many VRPs there are, of each source.
    pub fn len(&self) -> usize {
        self.ipv4.records.len() + self.ipv6.records.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many different VRPs there are, whatever their sources: of IPv4 and of IPv6.
    pub fn distinct(&self) -> (usize, usize) {
        (self.ipv4.distinct(), self.ipv6.distinct())
    }

    /// The VRPs whose prefixes cover a prefix (RFC 6811 2: equal or less specific), from the most
    /// specific; those of one prefix are sorted.
    #[inline]
    pub fn covering(&self, prefix: Prefix) -> impl Iterator<Item = &VrpRecord> {
        let tree = match prefix.address {
            IpAddr::V4(_) => &self.ipv4,
            IpAddr::V6(_) => &self.ipv6,
        };
        tree.covering(bits_of(prefix.address), prefix.length)
    }
}

impl Tree {
    fn new(mut records: Vec<VrpRecord>) -> Tree {
        records.sort_unstable_by_key(|record| {
            let vrp = record.vrp;
            let prefix = (bits_of(vrp.prefix.address), vrp.prefix.length);
            (
                prefix,
                vrp.asn,
                vrp.max_length,
                record.source,
                record.expires,
            )
        });
        records.dedup();
        records.shrink_to_fit();
        let mut nodes: Vec<Node> = Vec::new();
        // The last node and those that cover it, the least specific first.
        let mut open: Vec<u32> = Vec::new();
        for (record, first) in records.iter().zip(0u32..) {
            let (bits, length) = (bits_of(record.vrp.prefix.address), record.vrp.prefix.length);
            let is_same = |node: &Node| (node.bits, node.length) == (bits, length);
            if nodes.last().is_some_and(is_same) {
                continue;
            }
            let covers = |index: &u32| {
                let node = nodes.get(*index as usize);
                node.is_some_and(|node| node.covers(bits, length))
            };
            while open.last().is_some_and(|index| !covers(index)) {
                open.pop();
            }
            let parent = open.last().copied().unwrap_or(NONE);
            open.push(u32::try_from(nodes.len()).unwrap_or(NONE));
            nodes.push(Node {
                bits,
                length,
                parent,
                first,
            });
        }
        nodes.shrink_to_fit();
        let leading = leading(&nodes);
        Tree {
            nodes,
            records,
            leading,
        }
    }

    #[inline]
    fn covering(&self, bits: u128, length: u8) -> impl Iterator<Item = &VrpRecord> {
        let mut next = self.before(bits, length);
        let nodes = std::iter::from_fn(move || {
            let index = next?;
            let node = self.nodes.get(index)?;
            next = (node.parent != NONE).then_some(node.parent as usize);
            Some((index, node))
        });
        nodes
            .filter(move |(_, node)| node.covers(bits, length))
            .flat_map(|(index, node)| self.records_of(index, node))
    }

    /// Index of the last node that is not behind a prefix. Whatever covers the prefix is that node, or
    /// covers it.
    #[inline]
    fn before(&self, bits: u128, length: u8) -> Option<usize> {
        // The leading 16 bits are less than the number of entries.
        let head = (bits >> 112) as usize;
        let start = self.leading.get(head).copied()? as usize;
        let end = self.leading.get(head + 1).copied()? as usize;
        let among = self.nodes.get(start..end)?;
        let not_behind = among.partition_point(|node| (node.bits, node.length) <= (bits, length));
        (start + not_behind).checked_sub(1)
    }

    fn records_of(&self, index: usize, node: &Node) -> &[VrpRecord] {
        let next = self.nodes.get(index + 1);
        let end = next.map_or(self.records.len(), |next| next.first as usize);
        let records = self.records.get(node.first as usize..end);
        records.unwrap_or_default()
    }

    fn distinct(&self) -> usize {
        let mut last = None;
        let is_new = |record: &&VrpRecord| last.replace(record.vrp) != Some(record.vrp);
        self.records.iter().filter(is_new).count()
    }
}

fn leading(nodes: &[Node]) -> Vec<u32> {
    let mut leading = Vec::with_capacity((1 << 16) + 1);
    let mut at = 0u32;
    for head in 0..=1u128 << 16 {
        let is_before = |node: &Node| node.bits >> 112 < head;
        while nodes.get(at as usize).is_some_and(is_before) {
            at += 1;
        }
        leading.push(at);
    }
    leading
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::payload::Vrp;
    use super::*;

    pub(crate) fn prefix(text: &str) -> Prefix {
        let (address, length) = text.split_once('/').unwrap();
        Prefix {
            address: address.parse().unwrap(),
            length: length.parse().unwrap(),
        }
    }

    pub(crate) fn record(text: &str, max_length: u8, asn: u32) -> VrpRecord {
        VrpRecord {
            vrp: Vrp {
                prefix: prefix(text),
                max_length,
                asn,
            },
            expires: None,
            source: 0,
        }
    }

    fn covering(table: &VrpTable, text: &str) -> Vec<String> {
        let found = table.covering(prefix(text));
        found
            .map(|one| format!("{} {}", one.vrp.prefix, one.vrp.asn))
            .collect()
    }

    #[test]
    fn equal_and_less_specific_prefixes_cover_the_most_specific_first() {
        let table = VrpTable::new(vec![
            record("10.0.0.0/8", 24, 1),
            record("10.1.0.0/16", 24, 2),
            record("10.1.0.0/16", 24, 3),
            record("10.1.2.0/24", 24, 4),
            record("10.2.0.0/16", 24, 5),
            record("0.0.0.0/0", 0, 6),
            record("2001:db8::/32", 48, 7),
            record("::/0", 0, 8),
        ]);
        let expected = [
            "10.1.0.0/16 2",
            "10.1.0.0/16 3",
            "10.0.0.0/8 1",
            "0.0.0.0/0 6",
        ];
        assert_eq!(covering(&table, "10.1.1.0/24"), expected);
        assert_eq!(covering(&table, "10.1.0.0/16"), expected);
        assert_eq!(covering(&table, "10.0.0.0/7"), ["0.0.0.0/0 6"]);
        assert_eq!(covering(&table, "255.0.0.0/8"), ["0.0.0.0/0 6"]);
        assert_eq!(
            covering(&table, "2001:db8:1::/48"),
            ["2001:db8::/32 7", "::/0 8"]
        );
        assert_eq!((table.len(), table.distinct()), (8, (6, 2)));
    }

    #[test]
    fn in_an_empty_table_nothing_covers() {
        let table = VrpTable::default();
        assert!(table.is_empty());
        assert!(covering(&table, "10.0.0.0/8").is_empty());
        assert!(covering(&VrpTable::new(Vec::new()), "::/0").is_empty());
    }
}

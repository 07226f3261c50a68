//! The AS path of a two-octet peer as it was before it lost its four-octet AS numbers: AS_PATH and
//! AS4_PATH put together (RFC 6793 4.2.3).

use super::{Aggregator, AsPath, Segment, SegmentType};

/// What stands for a four-octet AS number in a two-octet field (RFC 6793 9).
pub(super) const AS_TRANS: u32 = 23456;

/// A path: the leading AS numbers of AS_PATH, then AS4_PATH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EffectivePath<'a> {
    path: AsPath<'a>,
    /// AS numbers to take from `path`, and what follows them; none where `path` is all there is.
    merged: Option<(usize, AsPath<'a>)>,
}

impl<'a> EffectivePath<'a> {
    /// Puts both together where RFC 6793 does: not for four-octet peers, not where an AGGREGATOR
    /// without AS_TRANS says that AS4_PATH is out of date, nor where AS4_PATH is the longer one.
    pub fn new(
        path: AsPath<'a>,
        as4_path: Option<AsPath<'a>>,
        aggregator: Option<Aggregator>,
        has_as4_aggregator: bool,
    ) -> EffectivePath<'a> {
        let is_old = has_as4_aggregator && aggregator.is_some_and(|one| one.asn != AS_TRANS);
        let merge = |newer: AsPath<'a>| Some((length(path).checked_sub(length(newer))?, newer));
        let newer = as4_path.filter(|_| path.width() == 2 && !is_old);
        EffectivePath {
            path,
            merged: newer.and_then(merge),
        }
    }

    /// It is not AS_PATH alone.
    pub fn is_merged(&self) -> bool {
        self.merged.is_some()
    }

    /// The segments, in order.
    pub fn segments(&self) -> impl Iterator<Item = Segment<'a>> + use<'a> {
        let mut left = self.merged.map_or(usize::MAX, |(leading, _)| leading);
        let leading = self.path.segments().map_while(move |segment| {
            let taken = take(segment, left)?;
            left -= weight(&taken);
            Some(taken)
        });
        let newer = self.merged.map(|(_, newer)| newer.segments());
        leading.chain(newer.into_iter().flatten())
    }

    /// As [`AsPath::origin`].
    pub fn origin(&self) -> Option<u32> {
        let last = self.segments().last()?;
        (last.segment_type == SegmentType::SEQUENCE).then(|| last.asns().last())?
    }
}

/// The part of a segment that `left` AS numbers allow. Confederation segments count nothing and are
/// kept where they lead or follow one that is kept.
fn take(segment: Segment<'_>, left: usize) -> Option<Segment<'_>> {
    match segment.segment_type {
        SegmentType::CONFED_SEQUENCE | SegmentType::CONFED_SET => Some(segment),
        _ if left == 0 => None,
        SegmentType::SEQUENCE => Some(segment.first(left)),
        _ => Some(segment),
    }
}

/// AS numbers as a path's length counts them (RFC 4271 9.1.2.2, RFC 5065 5.3): a set is one.
fn weight(segment: &Segment<'_>) -> usize {
    match segment.segment_type {
        SegmentType::CONFED_SEQUENCE | SegmentType::CONFED_SET => 0,
        SegmentType::SEQUENCE => segment.asns().count(),
        _ => 1,
    }
}

fn length(path: AsPath<'_>) -> usize {
    path.segments().map(|segment| weight(&segment)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::test_bytes::hex;
    use crate::wire::Cursor;
    use std::net::Ipv4Addr;

    fn merged(path: &str, as4_path: &str, aggregator: Option<u32>) -> String {
        let (path, as4_path) = (hex(path), hex(as4_path));
        let old = AsPath::decode(Cursor::new(&path), false).unwrap();
        let new = AsPath::decode(Cursor::new(&as4_path), true).unwrap();
        let address = Ipv4Addr::LOCALHOST;
        let aggregator = aggregator.map(|asn| Aggregator { asn, address });
        EffectivePath::new(old, Some(new), aggregator, aggregator.is_some())
            .segments()
            .map(|one| format!("{}{:?}", one.segment_type, one.asns().collect::<Vec<_>>()))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn leading_as_numbers_come_before_as4_path() {
        // Captured (public/tcpdump, bgp-4byte-asn): 200, then four that were AS_TRANS or fit.
        assert_eq!(
            merged(
                "02 05 00c8 0001 5ba0 5ba0 5ba0",
                "02 04 00000001 0003640e 00051615 fffffffa",
                None
            ),
            "sequence[200] sequence[1, 222222, 333333, 4294967290]"
        );
        // FRR, captured (lab/s1-bgp-179): as many in AS4_PATH as in AS_PATH.
        assert_eq!(
            merged(
                "02 04 fde9 5ba0 0d1c 00ae",
                "02 04 0000fde9 fa56ea03 00000d1c 000000ae",
                None
            ),
            "sequence[65001, 4200000003, 3356, 174]"
        );
    }

    #[test]
    fn confederations_count_nothing_and_a_set_counts_one() {
        // "The AS_CONFED_SEQUENCE and AS_CONFED_SET ... are prepended" (RFC 6793 4.2.3); a set is one
        // AS number to the length of a path (RFC 4271 9.1.2.2).
        assert_eq!(
            merged("03 01 fde9 02 01 5ba0", "02 01 00010000", None),
            "confed-sequence[65001] sequence[65536]"
        );
        assert_eq!(
            merged("02 01 5ba0 01 02 fbf4 fbf5", "02 01 00010000", None),
            "sequence[23456] sequence[65536]"
        );
    }

    #[test]
    fn an_as4_path_that_is_longer_or_out_of_date_is_left_out() {
        let path = "02 01 5ba0";
        assert_eq!(
            merged(path, "02 02 00010000 00010001", None),
            "sequence[23456]"
        );
        assert_eq!(
            merged(path, "02 01 00010000", Some(64500)),
            "sequence[23456]"
        );
        assert_eq!(
            merged(path, "02 01 00010000", Some(AS_TRANS)),
            "sequence[65536]"
        );
    }
}

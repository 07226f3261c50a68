//! Whether the data that routes are validated by is of the time of the capture.

use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// How old data is against a capture.
///
/// Routers of the capture had the data of their own time. Archives keep a dump a day, so that data of the
/// day before the capture begins is the best that many have: what is older is
/// [`Older`](Freshness::Older). On the other side, a router may lag behind its cache by the Refresh
/// Interval, an hour unless told otherwise (RFC 8210 6): data that is made within an hour of the end is
/// as good as what a router had. Later data is [`Newer`](Freshness::Newer): it may have ROAs that no
/// router of the capture can have known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Freshness {
    /// Made during the capture, up to a day before it, or up to an hour behind it.
    OfItsTime,
    /// A file was made more than a day before the capture begins.
    Older,
    /// A file was made more than an hour behind its end.
    Newer,
}

/// Seconds that data may be older than the beginning of the capture.
const BEFORE: f64 = 86_400.0;

/// Seconds that it may be newer than the end.
const BEHIND: f64 = 3_600.0;

impl Freshness {
    /// Of files that were made from the first moment of `made` to its last, against the first and the last
    /// packet.
    pub fn of(made: (Timestamp, Timestamp), captured: (Timestamp, Timestamp)) -> Freshness {
        if captured.0.seconds_since(made.0) > BEFORE {
            return Freshness::Older;
        }
        match made.1.seconds_since(captured.1) > BEHIND {
            true => Freshness::Newer,
            false => Freshness::OfItsTime,
        }
    }
}

/// `3 days`, `2 hours`, `90 seconds`: whole ones, of the greatest unit of which there are two.
pub fn span_text(seconds: u64) -> String {
    match seconds {
        172_800.. => format!("{} days", seconds / 86_400),
        7_200.. => format!("{} hours", seconds / 3_600),
        _ => format!("{seconds} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_nanoseconds(seconds * 1_000_000_000, 0)
    }

    #[test]
    fn a_day_before_and_an_hour_behind_are_of_the_captures_time() {
        let captured = (at(1_000_000), at(1_000_500));
        let of = |first: i64, last: i64| Freshness::of((at(first), at(last)), captured);
        assert_eq!(of(913_600, 913_600), Freshness::OfItsTime);
        assert_eq!(of(913_599, 1_000_100), Freshness::Older);
        assert_eq!(of(1_000_100, 1_000_100), Freshness::OfItsTime);
        assert_eq!(of(1_000_100, 1_004_100), Freshness::OfItsTime);
        assert_eq!(of(1_000_100, 1_004_101), Freshness::Newer);
    }

    #[test]
    fn spans_are_told_in_a_unit_that_fits() {
        let texts = [0, 7_199, 7_200, 172_799, 172_800].map(span_text);
        let expected = ["0 seconds", "7199 seconds", "2 hours", "47 hours", "2 days"];
        assert_eq!(texts, expected);
    }
}

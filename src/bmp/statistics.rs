//! Statistics Report (RFC 7854 4.8): a count, and that many counters and gauges as TLVs.

use super::tlv::enterprise;
use super::{PeerHeader, Rib, Tlv, Tlvs};
use crate::net::Family;
use crate::wire::code_points::Number;
use crate::wire::{CodePoint, CodePoints, Cursor, DecodeError};
use schemars::JsonSchema;
use serde::Serialize;

/// The layout of Stat Data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A 32-bit counter.
    Counter,
    /// A 64-bit gauge.
    Gauge,
    /// AFI, SAFI and a 64-bit gauge.
    FamilyGauge,
}

/// How a statistic behaves over time (RFC 7854 4.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It "monotonically increases until it reaches a maximum value, when it wraps around".
    Counter,
    /// It may "increase or decrease".
    Gauge,
}

/// The types with their layout, and the view that they are about where they name one.
macro_rules! statistic_types {
    ($($constant:ident = $value:literal, $word:literal, $layout:ident, $rib:ident, $source:literal;)*) => {
        code_points! {
            /// Statistics types. 65531 to 65534 are experimental.
            StatisticType(u16) {
                $($constant = $value, $word, $source;)*
            }
        }

        impl StatisticType {
            /// The layout of its data, or none where the number has no name.
            pub fn layout(self) -> Option<Layout> {
                match self.0 {
                    $($value => Some(Layout::$layout),)*
                    _ => None,
                }
            }

            /// The RIB view that it is about, where it names exactly one.
            pub fn rib(self) -> Option<Rib> {
                match self.0 {
                    $($value => rib!($rib),)*
                    _ => None,
                }
            }
        }
    };
}

macro_rules! rib {
    (None) => {
        None
    };
    ($rib:ident) => {
        Some(Rib::$rib)
    };
}

// Types 24 and 25 were dropped before the draft became RFC 9972; routers send them.
statistic_types! {
    REJECTED_BY_INBOUND_POLICY = 0, "prefixes-rejected-by-inbound-policy", Counter, None, "RFC 7854 4.8";
    DUPLICATE_ADVERTISEMENTS = 1, "duplicate-prefix-advertisements", Counter, None, "RFC 7854 4.8";
    DUPLICATE_WITHDRAWS = 2, "duplicate-withdraws", Counter, None, "RFC 7854 4.8";
    CLUSTER_LIST_LOOP = 3, "updates-invalidated-by-cluster-list-loop", Counter, None, "RFC 7854 4.8";
    AS_PATH_LOOP = 4, "updates-invalidated-by-as-path-loop", Counter, None, "RFC 7854 4.8";
    ORIGINATOR_ID = 5, "updates-invalidated-by-originator-id", Counter, None, "RFC 7854 4.8";
    AS_CONFED_LOOP = 6, "updates-invalidated-by-as-confed-loop", Counter, None, "RFC 7854 4.8";
    ADJ_RIB_IN_ROUTES = 7, "adj-rib-in-routes", Gauge, None, "RFC 7854 4.8";
    LOC_RIB_ROUTES = 8, "loc-rib-routes", Gauge, LocRib, "RFC 7854 4.8";
    FAMILY_ADJ_RIB_IN_ROUTES = 9, "family-adj-rib-in-routes", FamilyGauge, None, "RFC 7854 4.8";
    FAMILY_LOC_RIB_ROUTES = 10, "family-loc-rib-routes", FamilyGauge, LocRib, "RFC 7854 4.8";
    UPDATES_TREATED_AS_WITHDRAW = 11, "updates-treated-as-withdraw", Counter, None, "RFC 7854 4.8";
    PREFIXES_TREATED_AS_WITHDRAW = 12, "prefixes-treated-as-withdraw", Counter, None, "RFC 7854 4.8";
    DUPLICATE_UPDATES = 13, "duplicate-updates", Counter, None, "RFC 7854 4.8";
    ADJ_RIB_OUT_PRE_ROUTES = 14, "adj-rib-out-pre-routes", Gauge, AdjRibOutPre, "RFC 8671 6.2";
    ADJ_RIB_OUT_POST_ROUTES = 15, "adj-rib-out-post-routes", Gauge, AdjRibOutPost, "RFC 8671 6.2";
    FAMILY_ADJ_RIB_OUT_PRE_ROUTES = 16, "family-adj-rib-out-pre-routes", FamilyGauge, AdjRibOutPre, "RFC 8671 6.2";
    FAMILY_ADJ_RIB_OUT_POST_ROUTES = 17, "family-adj-rib-out-post-routes", FamilyGauge, AdjRibOutPost, "RFC 8671 6.2";
    ADJ_RIB_IN_PRE_ROUTES = 18, "adj-rib-in-pre-routes", Gauge, AdjRibInPre, "RFC 9972 3.2";
    FAMILY_ADJ_RIB_IN_PRE_ROUTES = 19, "family-adj-rib-in-pre-routes", FamilyGauge, AdjRibInPre, "RFC 9972 3.2";
    ADJ_RIB_IN_POST_ROUTES = 20, "adj-rib-in-post-routes", Gauge, AdjRibInPost, "RFC 9972 3.2";
    FAMILY_ADJ_RIB_IN_POST_ROUTES = 21, "family-adj-rib-in-post-routes", FamilyGauge, AdjRibInPost, "RFC 9972 3.2";
    FAMILY_REJECTED_BY_INBOUND_POLICY = 22, "family-rejected-by-inbound-policy", FamilyGauge, AdjRibInPre, "RFC 9972 3.2";
    FAMILY_ACCEPTED_BY_INBOUND_POLICY = 23, "family-accepted-by-inbound-policy", FamilyGauge, AdjRibInPost, "RFC 9972 3.2";
    FAMILY_PRIMARY_ROUTES = 24, "family-primary-routes", FamilyGauge, None, "draft-ietf-grow-bmp-bgp-rib-stats-16";
    FAMILY_BACKUP_ROUTES = 25, "family-backup-routes", FamilyGauge, None, "draft-ietf-grow-bmp-bgp-rib-stats-16";
    FAMILY_SUPPRESSED_BY_DAMPING = 26, "family-suppressed-by-damping", FamilyGauge, None, "RFC 9972 3.2";
    FAMILY_STALE_BY_GRACEFUL_RESTART = 27, "family-stale-by-graceful-restart", FamilyGauge, None, "RFC 9972 3.2";
    FAMILY_STALE_BY_LONG_LIVED = 28, "family-stale-by-long-lived-graceful-restart", FamilyGauge, None, "RFC 9972 3.2";
    LEFT_BEFORE_RECEIVED_THRESHOLD = 29, "routes-left-before-received-threshold", Gauge, AdjRibInPost, "RFC 9972 3.2";
    FAMILY_LEFT_BEFORE_RECEIVED_THRESHOLD = 30, "family-routes-left-before-received-threshold", FamilyGauge, AdjRibInPost, "RFC 9972 3.2";
    LEFT_BEFORE_LICENCE_THRESHOLD = 31, "routes-left-before-license-threshold", Gauge, None, "RFC 9972 3.2";
    FAMILY_LEFT_BEFORE_LICENCE_THRESHOLD = 32, "family-routes-left-before-license-threshold", FamilyGauge, None, "RFC 9972 3.2";
    REJECTED_AS_PATH_TOO_LONG = 33, "adj-rib-in-pre-rejected-as-path-too-long", Gauge, AdjRibInPre, "RFC 9972 3.2";
    FAMILY_REJECTED_AS_PATH_TOO_LONG = 34, "family-adj-rib-in-pre-rejected-as-path-too-long", FamilyGauge, AdjRibInPre, "RFC 9972 3.2";
    FAMILY_IN_INVALID = 35, "family-adj-rib-in-post-invalid", FamilyGauge, AdjRibInPost, "RFC 9972 3.2";
    FAMILY_IN_VALID = 36, "family-adj-rib-in-post-valid", FamilyGauge, AdjRibInPost, "RFC 9972 3.2";
    FAMILY_IN_NOT_FOUND = 37, "family-adj-rib-in-post-not-found", FamilyGauge, AdjRibInPost, "RFC 9972 3.2";
    FAMILY_REJECTED_BY_OUTBOUND_POLICY = 38, "family-rejected-by-outbound-policy", FamilyGauge, AdjRibOutPre, "RFC 9972 3.3";
    FILTERED_AS_PATH_TOO_LONG = 39, "adj-rib-out-pre-filtered-as-path-too-long", Gauge, AdjRibOutPre, "RFC 9972 3.3";
    FAMILY_FILTERED_AS_PATH_TOO_LONG = 40, "family-adj-rib-out-pre-filtered-as-path-too-long", FamilyGauge, AdjRibOutPre, "RFC 9972 3.3";
    FAMILY_OUT_INVALID = 41, "family-adj-rib-out-post-invalid", FamilyGauge, AdjRibOutPost, "RFC 9972 3.3";
    FAMILY_OUT_VALID = 42, "family-adj-rib-out-post-valid", FamilyGauge, AdjRibOutPost, "RFC 9972 3.3";
    FAMILY_OUT_NOT_FOUND = 43, "family-adj-rib-out-post-not-found", FamilyGauge, AdjRibOutPost, "RFC 9972 3.3";
}

impl StatisticType {
    /// Which statistic of a draft it is, by the numbers in use; none for those that are registered.
    /// Without the E bit, where it is of an enterprise.
    pub fn of_draft(self, enterprise: Option<u32>, code_points: &CodePoints) -> Option<CodePoint> {
        let number = match enterprise {
            Some(enterprise) => Number::Enterprise {
                enterprise,
                number: self.0,
            },
            None => Number::Plain(self.0),
        };
        // Only in version 4 are there enterprises, and no number with the top bit set.
        let versions = [3, 4].into_iter();
        let mut found = versions.filter_map(|version| code_points.statistic(version, number));
        found.next()
    }
}

/// A Statistics Report.
#[derive(Debug, Clone, Copy)]
pub struct StatisticsReport<'a> {
    /// Whose statistics.
    pub header: PeerHeader,
    /// Stats Count, as sent.
    pub count: u32,
    rest: Cursor<'a>,
    /// The TLVs around the Stats TLV of version 4.
    tlvs: Option<Tlvs<'a>>,
    version: u8,
}

/// The type of the Stats TLV (draft-ietf-grow-bmp-tlv-21 5.4).
const STATS_TLV: u16 = 1;

/// One counter or gauge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statistic<'a> {
    /// Stat Type.
    pub statistic_type: StatisticType,
    /// The Private Enterprise Number whose type it is, in version 4 (draft-ietf-grow-bmp-tlv-21 4.2).
    pub enterprise: Option<u32>,
    /// Stat Data, behind the enterprise number.
    pub data: &'a [u8],
}

/// Stat Data as its type lays it out, or by its length where the type has no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// Four octets: a counter.
    Counter(u32),
    /// Eight octets: a gauge.
    Gauge(u64),
    /// AFI, SAFI and eight octets: a gauge of a family.
    FamilyGauge(Family, u64),
    /// Another length: "unexpected data" (RFC 7854 4.8).
    Raw(&'a [u8]),
}

impl<'a> StatisticsReport<'a> {
    pub(super) fn decode(
        mut cursor: Cursor<'a>,
        version: u8,
    ) -> Result<StatisticsReport<'a>, DecodeError> {
        let header = PeerHeader::decode(&mut cursor)?;
        let tlvs = (version == 4 && !is_counted(cursor)).then(|| Tlvs::new(cursor, version));
        let mut rest = tlvs.map_or(Ok(cursor), stats_tlv)?;
        Ok(StatisticsReport {
            header,
            count: rest.u32("Stats Count")?,
            rest,
            tlvs,
            version,
        })
    }

    /// Its statistics, to the end of the message, or of the Stats TLV: the lengths rule, not the
    /// count.
    pub fn statistics(&self) -> Statistics<'a> {
        Statistics {
            cursor: self.rest,
            has_enterprises: self.version == 4,
        }
    }

    /// The other TLVs of a report of version 4 that has a Stats TLV.
    pub fn tlvs(&self) -> impl Iterator<Item = Result<Tlv<'a>, DecodeError>> + use<'a> {
        let is_other =
            |tlv: &Result<Tlv<'_>, _>| !matches!(tlv, Ok(tlv) if tlv.tlv_type == STATS_TLV);
        self.tlvs.into_iter().flatten().filter(is_other)
    }
}

/// Up to revision 19 version 4 keeps the body of version 3. Type and length of a TLV, read as a
/// count, promise more statistics than fit.
fn is_counted(mut body: Cursor<'_>) -> bool {
    let count = body.u32("Stats Count").unwrap_or_default();
    usize::try_from(count).is_ok_and(|count| count <= body.remaining() / 4)
}

fn stats_tlv<'a>(mut tlvs: Tlvs<'a>) -> Result<Cursor<'a>, DecodeError> {
    let is_it = |tlv: &Result<Tlv<'_>, _>| !matches!(tlv, Ok(tlv) if tlv.tlv_type != STATS_TLV);
    match tlvs.find(is_it) {
        Some(tlv) => tlv.map(|tlv| Cursor::at(tlv.value, tlv.offset)),
        None => Err(tlvs.end().malformed("Stats TLV", "is missing")),
    }
}

/// The statistics of a report, in order. One that leaves the message is an error and the last.
#[derive(Debug, Clone, Copy)]
pub struct Statistics<'a> {
    cursor: Cursor<'a>,
    has_enterprises: bool,
}

impl<'a> Statistics<'a> {
    fn read(&mut self) -> Result<Statistic<'a>, DecodeError> {
        let statistic_type = StatisticType(self.cursor.u16("Stat Type")?);
        let length = self.cursor.u16("Stat Len")?;
        let mut data = self.cursor.take("Stat Data", usize::from(length))?;
        let enterprise = self
            .has_enterprises
            .then(|| enterprise(statistic_type.0, &mut data));
        Ok(Statistic {
            statistic_type,
            enterprise: enterprise.flatten(),
            data: data.rest(),
        })
    }
}

impl<'a> Iterator for Statistics<'a> {
    type Item = Result<Statistic<'a>, DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.cursor.is_empty() {
            return None;
        }
        let statistic = self.read();
        if statistic.is_err() {
            self.cursor.take_rest();
        }
        Some(statistic)
    }
}

impl<'a> Statistic<'a> {
    /// The data, if it is as its type lays it out.
    pub fn value(&self) -> Value<'a> {
        let value = self.by_length();
        match (self.layout(), value.layout()) {
            (Some(declared), Some(found)) if declared != found => Value::Raw(self.data),
            _ => value,
        }
    }

    /// The layout of its type; none for types without a name and for those of enterprises.
    fn layout(&self) -> Option<Layout> {
        match self.enterprise {
            None => self.statistic_type.layout(),
            Some(_) => None,
        }
    }

    fn by_length(&self) -> Value<'a> {
        match *self.data {
            [a, b, c, d] => Value::Counter(u32::from_be_bytes([a, b, c, d])),
            [a, b, c, d, e, f, g, h] => Value::Gauge(u64::from_be_bytes([a, b, c, d, e, f, g, h])),
            [high, low, safi, a, b, c, d, e, f, g, h] => {
                let family = Family::new(u16::from_be_bytes([high, low]), safi);
                Value::FamilyGauge(family, u64::from_be_bytes([a, b, c, d, e, f, g, h]))
            }
            _ => Value::Raw(self.data),
        }
    }
}

impl Value<'_> {
    fn layout(&self) -> Option<Layout> {
        match self {
            Value::Counter(_) => Some(Layout::Counter),
            Value::Gauge(_) => Some(Layout::Gauge),
            Value::FamilyGauge(..) => Some(Layout::FamilyGauge),
            Value::Raw(_) => None,
        }
    }

    /// Whether it is a counter or a gauge, its family and its number; none where it is neither.
    pub fn number(&self) -> Option<(Kind, Option<Family>, u64)> {
        match *self {
            Value::Counter(value) => Some((Kind::Counter, None, u64::from(value))),
            Value::Gauge(value) => Some((Kind::Gauge, None, value)),
            Value::FamilyGauge(family, value) => Some((Kind::Gauge, Some(family), value)),
            Value::Raw(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;

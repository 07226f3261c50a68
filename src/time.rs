//! Moments: nanoseconds since 1970, with the number of digits that the source really had.

use std::fmt;
use std::num::NonZeroU8;

/// A moment in UTC, with the resolution of the clock that gave it.
///
/// Comparisons look at the moment first; two equal moments of different resolution differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    nanoseconds: i64,
    /// Digits after the second's point, plus one: so that an `Option` costs nothing.
    digits_plus_one: NonZeroU8,
}

const NANOSECONDS: i64 = 1_000_000_000;

impl Timestamp {
    /// From nanoseconds since 1970; `digits` (0 to 9) after the point are printed.
    pub fn from_nanoseconds(nanoseconds: i64, digits: u8) -> Timestamp {
        let digits_plus_one = NonZeroU8::MIN.saturating_add(digits.min(9));
        Timestamp {
            nanoseconds,
            digits_plus_one,
        }
    }

    /// From the two fields of a BMP per-peer header; none where both are zero (RFC 7854 4.2: not
    /// available). Microseconds of a million and more carry over.
    pub fn from_bmp(seconds: u32, microseconds: u32) -> Option<Timestamp> {
        if seconds == 0 && microseconds == 0 {
            return None;
        }
        let nanoseconds = i64::from(seconds) * NANOSECONDS + i64::from(microseconds) * 1000;
        Some(Timestamp::from_nanoseconds(nanoseconds, 6))
    }

    /// Nanoseconds since 1970.
    #[inline]
    pub fn nanoseconds(self) -> i64 {
        self.nanoseconds
    }

    /// Digits after the point.
    pub fn digits(self) -> u8 {
        self.digits_plus_one.get() - 1
    }

    /// Seconds from `earlier` to this moment; negative if it is later.
    pub fn seconds_since(self, earlier: Timestamp) -> f64 {
        (self.nanoseconds - earlier.nanoseconds) as f64 / NANOSECONDS as f64
    }

    /// Reads RFC 3339, or seconds since 1970 with an optional fraction. Day and time may have a space
    /// between them (RFC 3339 5.6), and no offset is UTC: as tables print times.
    pub fn parse(text: &str) -> Result<Timestamp, String> {
        if let Some(timestamp) = parse_seconds(text) {
            return Ok(timestamp);
        }
        let parsed: jiff::Timestamp =
            text.parse()
                .or_else(|_| without_offset(text))
                .map_err(|_| {
                    format!(
                        "'{text}' is neither RFC 3339 (2026-01-31T12:00:00Z) nor seconds since 1970"
                    )
                })?;
        let nanoseconds = i64::try_from(parsed.as_nanosecond())
            .map_err(|_| format!("'{text}' is outside the years 1678 to 2262"))?;
        Ok(Timestamp::from_nanoseconds(nanoseconds, 9))
    }

    /// Appends RFC 3339 in UTC, with as many digits as the clock had.
    pub fn write(self, out: &mut Vec<u8>) {
        let seconds = self.nanoseconds.div_euclid(NANOSECONDS);
        let fraction = self.nanoseconds.rem_euclid(NANOSECONDS);
        let days = seconds.div_euclid(86_400);
        let second_of_day = seconds.rem_euclid(86_400);
        let (year, month, day) = civil_from_days(days);
        push_digits(out, year, 4);
        out.push(b'-');
        push_digits(out, month, 2);
        out.push(b'-');
        push_digits(out, day, 2);
        out.push(b'T');
        push_digits(out, second_of_day / 3600, 2);
        out.push(b':');
        push_digits(out, second_of_day / 60 % 60, 2);
        out.push(b':');
        push_digits(out, second_of_day % 60, 2);
        let digits = u32::from(self.digits());
        if digits > 0 {
            out.push(b'.');
            push_digits(out, fraction / 10i64.pow(9 - digits), digits);
        }
        out.push(b'Z');
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::with_capacity(30);
        self.write(&mut text);
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// Reads day and time in UTC without an offset.
fn without_offset(text: &str) -> Result<jiff::Timestamp, jiff::Error> {
    let is_plain = |c: char| c.is_ascii_digit() || matches!(c, '-' | ':' | '.' | ' ' | 'T' | 't');
    if !text.contains(':') || !text.chars().all(is_plain) {
        return text.parse();
    }
    let civil: jiff::civil::DateTime = text.parse()?;
    jiff::tz::Offset::UTC.to_timestamp(civil)
}

/// `1700000000` or `1700000000.25`: at most nine digits after the point, never negative.
fn parse_seconds(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = u8::try_from(fraction.len())
        .ok()
        .filter(|digits| *digits <= 9)?;
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    let part: i64 = if fraction.is_empty() {
        0
    } else {
        fraction.parse().ok()?
    };
    let scaled = part.checked_mul(10i64.checked_pow(9 - u32::from(digits))?)?;
    let nanoseconds = seconds.checked_mul(NANOSECONDS)?.checked_add(scaled)?;
    Some(Timestamp::from_nanoseconds(nanoseconds, digits))
}

/// Year, month and day of a number of days since 1970-01-01, in the Gregorian calendar: written out
/// because a calendar library costs more than the rest of a message's line.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    // Years begin on 1 March here, so that the leap day is the last of its year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

/// Appends `value` with exactly `width` digits (its last ones, should it have more).
fn push_digits(out: &mut Vec<u8>, value: i64, width: u32) {
    let mut divisor = 10i64.pow(width.saturating_sub(1));
    while divisor > 0 {
        // A digit is 0 to 9, so the conversion cannot lose anything.
        out.push(b'0' + (value / divisor % 10) as u8);
        divisor /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_prints_as_rfc_3339_with_its_own_digits() {
        let moment = 1_700_000_000 * NANOSECONDS + 123_456_789;
        let print = |digits| Timestamp::from_nanoseconds(moment, digits).to_string();
        assert_eq!(print(6), "2023-11-14T22:13:20.123456Z");
        assert_eq!(print(9), "2023-11-14T22:13:20.123456789Z");
        assert_eq!(print(0), "2023-11-14T22:13:20Z");
    }

    #[test]
    fn printing_agrees_with_a_calendar_library_on_days_of_four_centuries() {
        for day in (-100_000..100_000).step_by(37) {
            let seconds = day * 86_400 + 3723;
            let own = Timestamp::from_nanoseconds(seconds * NANOSECONDS, 0).to_string();
            let library = jiff::Timestamp::from_second(seconds).unwrap().to_string();
            assert_eq!(own, library);
        }
    }

    #[test]
    fn a_bmp_timestamp_of_zero_is_not_a_moment() {
        assert_eq!(Timestamp::from_bmp(0, 0), None);
        let moment = Timestamp::from_bmp(1, 2).unwrap();
        assert_eq!(moment.to_string(), "1970-01-01T00:00:01.000002Z");
    }

    #[test]
    fn the_command_line_takes_rfc_3339_and_seconds() {
        let nanoseconds = |text| Timestamp::parse(text).unwrap().nanoseconds();
        assert_eq!(
            nanoseconds("2023-11-14T22:13:20Z"),
            1_700_000_000 * NANOSECONDS
        );
        assert_eq!(
            nanoseconds("2023-11-14T23:13:20+01:00"),
            1_700_000_000 * NANOSECONDS
        );
        // RFC 3339 5.6 leaves the letter between them to be a space; UTC as in tables.
        for same in [
            "2023-11-14 22:13:20Z",
            "2023-11-14 22:13:20",
            "2023-11-14T22:13:20",
        ] {
            assert_eq!(nanoseconds(same), 1_700_000_000 * NANOSECONDS, "{same}");
        }
        let fraction = nanoseconds("2023-11-14 22:13:20.250");
        assert_eq!(fraction, 1_700_000_000 * NANOSECONDS + 250_000_000);
        for wrong in [
            "2023-11-14",
            "22:13:20",
            "2023-11-14 22:13:20[UTC]",
            "2023-13-14 22:13:20",
        ] {
            assert!(Timestamp::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            nanoseconds("1700000000.5"),
            1_700_000_000 * NANOSECONDS + 500_000_000
        );
        assert_eq!(
            Timestamp::parse("yesterday").unwrap_err(),
            "'yesterday' is neither RFC 3339 (2026-01-31T12:00:00Z) nor seconds since 1970"
        );
        assert!(Timestamp::parse("99999999999999999999").is_err());
        assert!(Timestamp::parse("").is_err());
    }
}

//! Values as people read them: rounded, with their unit, and harmless.

use crate::time::Timestamp;

/// Text from a capture must not talk to the terminal: control characters are spelled out.
pub fn visible(text: &str) -> String {
    if !text.contains(char::is_control) {
        return text.to_owned();
    }
    let spelled = |c: char| {
        if c.is_control() {
            c.escape_default().to_string()
        } else {
            c.into()
        }
    };
    text.chars().map(spelled).collect()
}

/// `2026-01-31 12:00:00.123`: UTC, to the millisecond.
pub fn moment(time: Timestamp) -> String {
    let digits = time.digits().min(3);
    let text = Timestamp::from_nanoseconds(time.nanoseconds(), digits).to_string();
    text.replace('T', " ").trim_end_matches('Z').to_owned()
}

/// The two largest units: `2 d 3 h`, `3 min 20 s`, `1.5 s`.
pub fn duration(seconds: f64) -> String {
    const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)];
    if seconds.abs() < 60.0 || !seconds.is_finite() {
        return format!("{seconds:.3}")
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned()
            + " s";
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    // Saturates where the span is longer than any calendar.
    let whole = seconds.abs().round() as u64;
    let first = UNITS
        .iter()
        .position(|(_, size)| whole >= *size)
        .unwrap_or(0);
    let mut rest = whole;
    let parts = UNITS.iter().skip(first).take(2).filter_map(|(name, size)| {
        let count = rest / size;
        rest %= size;
        (count > 0).then(|| format!("{count} {name}"))
    });
    sign.to_owned() + &parts.collect::<Vec<_>>().join(" ")
}

/// `512 B`, `1.4 MiB`: binary units.
pub fn bytes(octets: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if octets < 1024 {
        return format!("{octets} B");
    }
    let mut value = octets as f64 / 1024.0;
    let mut units = UNITS.iter();
    let mut unit = units.next().unwrap_or(&"");
    // 1023.95 would be rounded to 1024.0.
    while value >= 1023.95 {
        value /= 1024.0;
        unit = units.next().unwrap_or(&"");
    }
    format!("{value:.1} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_rounded_to_a_unit() {
        let shown = [0, 1023, 1024, 1_048_575, 1_468_006, u64::MAX].map(bytes);
        let expected = ["0 B", "1023 B", "1.0 KiB", "1.0 MiB", "1.4 MiB", "16.0 EiB"];
        assert_eq!(shown, expected);
    }

    #[test]
    fn spans_show_their_two_largest_units() {
        let shown = [0.0, 1.5, 59.9996, 60.0, 200.0, 7380.0, 180_000.0, -90.0].map(duration);
        let expected = [
            "0 s",
            "1.5 s",
            "60 s",
            "1 min",
            "3 min 20 s",
            "2 h 3 min",
            "2 d 2 h",
            "-1 min 30 s",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn moments_are_shown_to_the_millisecond() {
        let time = Timestamp::from_nanoseconds(1_700_000_000_123_456_789, 9);
        assert_eq!(moment(time), "2023-11-14 22:13:20.123");
    }

    #[test]
    fn control_characters_are_spelled_out_and_nothing_else() {
        assert_eq!(visible("edge1 \u{1f600} é"), "edge1 \u{1f600} é");
        assert_eq!(visible("\u{1b}[2J\n\u{9b}m"), "\\u{1b}[2J\\n\\u{9b}m");
    }
}

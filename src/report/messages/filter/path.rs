//! `--origin-asn` and `--as-path`: what an AS path ends in, and what its text looks like.

use crate::bgp::attribute::{EffectivePath, Segment, SegmentType};
use regex::bytes::{Regex, RegexBuilder};
use std::fmt::Write;

/// Whether a path ends in one of these: in the last AS of a sequence, in any AS of a set.
pub(super) fn ends_in(path: &EffectivePath<'_>, origins: &[u32]) -> bool {
    let segments = path
        .segments()
        .filter(|segment| segment.asns().next().is_some());
    let Some(last) = segments.last() else {
        return false;
    };
    match last.segment_type {
        SegmentType::SET | SegmentType::CONFED_SET => last.asns().any(|asn| origins.contains(&asn)),
        _ => last.asns().last().is_some_and(|asn| origins.contains(&asn)),
    }
}

/// A path as routers print it, into `text`: AS numbers with a space between; sets in braces,
/// confederations in parentheses, their sets in brackets.
pub(super) fn write(path: &EffectivePath<'_>, text: &mut String) {
    text.clear();
    for segment in path.segments() {
        if !text.is_empty() {
            text.push(' ');
        }
        write_segment(&segment, text);
    }
}

fn write_segment(segment: &Segment<'_>, text: &mut String) {
    let (open, close, between) = match segment.segment_type {
        SegmentType::SET => ("{", "}", ','),
        SegmentType::CONFED_SEQUENCE => ("(", ")", ' '),
        SegmentType::CONFED_SET => ("[", "]", ','),
        _ => ("", "", ' '),
    };
    text.push_str(open);
    for (index, asn) in segment.asns().enumerate() {
        if index > 0 {
            text.push(between);
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "{asn}");
    }
    text.push_str(close);
}

/// Reads a regular expression as router command lines have them: `_` is what stands before, behind
/// or between AS numbers.
pub(super) fn parse(text: &str) -> Result<Regex, String> {
    // Paths are ASCII, and so the Unicode tables need not be here.
    let built = RegexBuilder::new(&translated(text)).unicode(false).build();
    built.map_err(|error| {
        let error = error.to_string();
        let reason = error.lines().last().unwrap_or_default();
        let reason = reason.strip_prefix("error: ").unwrap_or(reason);
        format!("'{text}' is no regular expression: {reason}")
    })
}

/// `_` as what it stands for; not where a backslash is before it.
fn translated(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 24);
    let (mut is_escaped, mut in_class) = (false, false);
    for c in text.chars() {
        match c {
            '_' if !is_escaped && in_class => pattern.push_str(r" ,{}()"),
            '_' if !is_escaped => pattern.push_str(r"(?:^|$|[ ,{}()\[\]])"),
            c => pattern.push(c),
        }
        in_class = match c {
            '[' if !is_escaped => true,
            ']' if !is_escaped => false,
            _ => in_class,
        };
        is_escaped = c == '\\' && !is_escaped;
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bgp::attribute::AsPath;
    use crate::wire::Cursor;

    /// A path of segments: their types and AS numbers.
    fn octets(segments: &[(u8, &[u32])]) -> Vec<u8> {
        let mut octets = Vec::new();
        for (segment_type, asns) in segments {
            octets.extend([*segment_type, asns.len() as u8]);
            asns.iter().for_each(|asn| octets.extend(asn.to_be_bytes()));
        }
        octets
    }

    fn with<T>(segments: &[(u8, &[u32])], look: impl Fn(&EffectivePath<'_>) -> T) -> T {
        let octets = octets(segments);
        let path = AsPath::decode(Cursor::new(&octets), true).unwrap();
        look(&EffectivePath::new(path, None, None, false))
    }

    #[test]
    fn a_path_ends_in_its_last_as_or_in_any_of_a_set() {
        let ends = |segments: &[(u8, &[u32])], asn| with(segments, |path| ends_in(path, &[asn]));
        assert!(ends(&[(2, &[1, 2])], 2) && !ends(&[(2, &[1, 2])], 1));
        assert!(ends(&[(2, &[1]), (1, &[3, 4])], 3) && ends(&[(2, &[1]), (1, &[3, 4])], 4));
        assert!(!ends(&[(2, &[1]), (1, &[3, 4])], 1));
        assert!(ends(&[(3, &[65001]), (2, &[1])], 1) && ends(&[(3, &[65001])], 65001));
        assert!(ends(&[(2, &[1]), (1, &[])], 1), "an empty set is no end");
        assert!(!ends(&[], 0));
    }

    #[test]
    fn paths_look_as_on_routers() {
        let text = |segments| {
            with(segments, |path| {
                let mut text = "left over".to_owned();
                write(path, &mut text);
                text
            })
        };
        let all: &[(u8, &[u32])] = &[
            (3, &[65001, 65002]),
            (4, &[7, 8]),
            (2, &[1, 2]),
            (1, &[3, 4]),
        ];
        assert_eq!(text(all), "(65001 65002) [7,8] 1 2 {3,4}");
        assert_eq!(text(&[]), "");
    }

    #[test]
    fn an_underscore_is_what_delimits_as_numbers() {
        let fits = |pattern: &str, path: &str| parse(pattern).unwrap().is_match(path.as_bytes());
        for path in [
            "64500",
            "1 64500",
            "64500 1",
            "1 64500 2",
            "1 {64500,2}",
            "(64500) 1",
            "[1,64500]",
        ] {
            assert!(fits("_64500_", path), "{path}");
        }
        for path in ["", "164500", "645001", "1 64501"] {
            assert!(!fits("_64500_", path), "{path}");
        }
        assert!(fits("^64500 ", "64500 1") && !fits("^64500 ", "64500"));
        assert!(fits("64501$", "64500 64501") && fits("^$", "") && !fits("^$", "1"));
        assert!(fits("^64500_64501_", "64500 64501") && !fits("^64500_64501_", "64500 1 64501"));
        assert!(fits(r"^\d+(_\d+){1}$", "1 2") && fits("_6451[0-9]_", "1 64512"));
        assert!(fits("1[_]2", "1 2") && !fits(r"1\_2", "1 2"));
    }

    #[test]
    fn what_is_no_regular_expression_is_refused_with_the_reason() {
        let expected = "'(1' is no regular expression: unclosed group";
        assert_eq!(parse("(1").unwrap_err(), expected);
    }
}

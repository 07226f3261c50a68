//! `--community`: a community of any kind, as JSON prints it, with `*` for any part.

use crate::bgp::attribute::{Community, ExtendedCommunity, LargeCommunity, PathAttributes};
use std::fmt::{Display, Write};

/// A community asked for, of every kind that it may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// Any at all.
    Any,
    /// What its parts say.
    Parts {
        /// Of a community: two numbers.
        plain: Option<[Part<u16>; 2]>,
        /// Of a large community: three.
        large: Option<[Part<u32>; 3]>,
        /// Of an extended community: texts.
        texts: Vec<Part<String>>,
    },
}

/// One part; none: any.
type Part<T> = Option<T>;

impl Pattern {
    /// Whether a route has such a community.
    pub(super) fn is_in(&self, attributes: &PathAttributes<'_>) -> bool {
        let plain = attributes
            .communities
            .into_iter()
            .flat_map(|all| all.iter());
        let large = attributes
            .large_communities
            .into_iter()
            .flat_map(|all| all.iter());
        let extended = attributes
            .extended_communities
            .into_iter()
            .flat_map(|all| all.iter());
        let ipv6 = attributes
            .ipv6_extended_communities
            .into_iter()
            .flat_map(|all| all.iter());
        let (mut plain, mut large) = (plain, large);
        plain.any(|one| self.is_plain(one))
            || large.any(|one| self.is_large(one))
            || any_text(extended, |text| self.is_text(text))
            || any_text(ipv6, |text| self.is_text(text))
    }

    fn is_plain(&self, one: Community) -> bool {
        let Pattern::Parts { plain, .. } = self else {
            return true;
        };
        let [high, low] = [one.0 >> 16, one.0 & 0xffff];
        plain.is_some_and(|[a, b]| fits(a.map(u32::from), high) && fits(b.map(u32::from), low))
    }

    fn is_large(&self, one: LargeCommunity) -> bool {
        let Pattern::Parts { large, .. } = self else {
            return true;
        };
        large.is_some_and(|[a, b, c]| {
            fits(a, one.global_administrator) && fits(b, one.local_1) && fits(c, one.local_2)
        })
    }

    fn is_text(&self, text: &str) -> bool {
        let Pattern::Parts { texts, .. } = self else {
            return true;
        };
        let parts = split(text);
        parts.len() == texts.len()
            && parts
                .iter()
                .zip(texts)
                .all(|(part, asked)| asked.as_ref().is_none_or(|asked| asked == part))
    }
}

#[inline]
fn fits(asked: Part<u32>, number: u32) -> bool {
    asked.is_none_or(|asked| asked == number)
}

/// Whether the text of any item is asked for.
fn any_text<T: Display>(items: impl Iterator<Item = T>, asked: impl Fn(&str) -> bool) -> bool {
    let mut text = String::new();
    for item in items {
        text.clear();
        // Writing to a string cannot fail.
        let _ = write!(text, "{item}");
        if asked(&text) {
            return true;
        }
    }
    false
}

/// The parts between colons; an address in brackets is one part.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0u32;
    text.split(|c: char| {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ':' && depth == 0
    })
    .collect()
}

/// Reads a community as JSON prints it, or as people write well-known ones.
pub(super) fn parse(text: &str) -> Result<Pattern, String> {
    if text == "*" {
        return Ok(Pattern::Any);
    }
    let lower = text.to_ascii_lowercase();
    if let Some(known) = Community::of_word(&lower.replace('_', "-")) {
        let [high, low] = [known.0 >> 16, known.0 & 0xffff];
        return Ok(Pattern::Parts {
            plain: Some([high, low].map(|part| u16::try_from(part).ok())),
            large: None,
            texts: Vec::new(),
        });
    }
    let parts = split(&lower);
    let known = match parts.as_slice() {
        [] | [""] => return Err(EXAMPLES.to_owned()),
        parts if parts.iter().any(|part| part.is_empty()) => false,
        [word] => is_hex(word) || ExtendedCommunity::is_word(word),
        [first, rest @ ..] => {
            let is_plain = is_number(first) && rest.len() <= 2 && rest.iter().all(is_number);
            is_plain || *first == "*" || ExtendedCommunity::is_word(first)
        }
    };
    if !known {
        return Err(format!("'{text}' is no community; {EXAMPLES}"));
    }
    of_parts(&parts)
}

const EXAMPLES: &str =
    "communities are like 64500:1, no-export, 64500:1:2 or rt:64500:1, with * for any part";

fn of_parts(parts: &[&str]) -> Result<Pattern, String> {
    let all_numbers = parts.iter().all(is_number);
    let large = numbers::<u32, 3>(parts);
    if all_numbers && parts.len() == 3 && large.is_none() {
        return Err(format!(
            "the numbers of {} go to 4294967295",
            parts.join(":")
        ));
    }
    let plain = numbers::<u16, 2>(parts);
    if all_numbers && parts.len() == 2 && plain.is_none() {
        return Err(format!(
            "the numbers of {} go to 65535; large communities have three",
            parts.join(":")
        ));
    }
    let texts = parts
        .iter()
        .map(|part| (*part != "*").then(|| (*part).to_owned()));
    Ok(Pattern::Parts {
        plain,
        large,
        texts: texts.collect(),
    })
}

/// So many numbers or stars; none if they are not.
fn numbers<T: std::str::FromStr + Copy, const N: usize>(parts: &[&str]) -> Option<[Part<T>; N]> {
    let mut numbers = [None; N];
    if parts.len() != N {
        return None;
    }
    for (place, part) in numbers.iter_mut().zip(parts) {
        if *part != "*" {
            *place = Some(part.parse().ok()?);
        }
    }
    Some(numbers)
}

fn is_number(part: &&str) -> bool {
    *part == "*" || (!part.is_empty() && part.bytes().all(|octet| octet.is_ascii_digit()))
}

fn is_hex(word: &str) -> bool {
    let digits = word.strip_prefix("0x").unwrap_or_default();
    matches!(digits.len(), 16 | 40) && digits.bytes().all(|octet| octet.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        parse(text).unwrap()
    }

    fn plain(asked: &str, one: u32) -> bool {
        pattern(asked).is_plain(Community(one))
    }

    fn large(asked: &str, [global_administrator, local_1, local_2]: [u32; 3]) -> bool {
        pattern(asked).is_large(LargeCommunity {
            global_administrator,
            local_1,
            local_2,
        })
    }

    #[test]
    fn a_community_is_two_numbers_or_a_well_known_word() {
        assert!(plain("64500:1", 0xfbf4_0001) && !plain("64500:2", 0xfbf4_0001));
        for same in [
            "no-export",
            "NO_EXPORT",
            "65535:65281",
            "65535:*",
            "*:65281",
            "*",
        ] {
            assert!(plain(same, 0xffff_ff01), "{same}");
        }
        assert!(!plain("no-export", 0xffff_ff02) && plain("*", 0));
        assert!(!plain("rt:64500:1", 0xfbf4_0001) && !plain("64500:1:*", 0xfbf4_0001));
    }

    #[test]
    fn a_large_community_is_three_numbers() {
        assert!(large("4200000003:10:20", [4_200_000_003, 10, 20]));
        assert!(large("4200000003:*:20", [4_200_000_003, 10, 20]));
        assert!(!large("4200000003:*:21", [4_200_000_003, 10, 20]));
        assert!(!large("64500:1", [64500, 1, 0]));
    }

    #[test]
    fn an_extended_community_is_its_text_part_by_part() {
        let text = |asked: &str, text| pattern(asked).is_text(text);
        assert!(text("rt:65001:99", "rt:65001:99") && text("RT:65001:*", "rt:65001:99"));
        assert!(text("*:65001:99", "rt:65001:99") && !text("*:65001:99", "rt:65001:98"));
        assert!(text("rt:[2001:db8::1]:7", "rt:[2001:db8::1]:7"));
        assert!(text("rt:*:7", "rt:[2001:db8::1]:7"));
        assert!(text("0x9999000000000000", "0x9999000000000000"));
        assert!(text("ovs:*", "ovs:valid") && text("default-gateway", "default-gateway"));
        assert!(text(
            "es-import:02:*:22:33:44:55",
            "es-import:02:11:22:33:44:55"
        ));
        assert!(!text("no-export", "default-gateway"));
    }

    #[test]
    fn what_is_no_community_is_refused_with_examples() {
        let error = |text| parse(text).unwrap_err();
        let expected = "'no-exprot' is no community; communities are like 64500:1, no-export, \
                        64500:1:2 or rt:64500:1, with * for any part";
        assert_eq!(error("no-exprot"), expected);
        for text in ["", ":", "1:", "64500", "1:2:3:4", "rtt:1:2", "0x12", "-1:2"] {
            assert!(error(text).contains("communities are like"), "{text}");
        }
        let expected = "the numbers of 4200000003:1 go to 65535; large communities have three";
        assert_eq!(error("4200000003:1"), expected);
        let expected = "the numbers of 4294967296:1:2 go to 4294967295";
        assert_eq!(error("4294967296:1:2"), expected);
    }
}

//! Text broken into lines where a reader would break it: at spaces, else behind a punctuation mark, and
//! in the middle of a word only where there is neither.

/// Behind these a long word may be broken, such as a path, a list without spaces or a hyphenated name.
const MARKS: [char; 11] = ['-', '/', ',', '.', ':', ';', '_', '=', '|', '+', ')'];

/// The text in lines of at most so many characters.
pub(super) fn lines(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let whole = at_spaces(text, width);
    let mut lines = Vec::with_capacity(whole.len());
    for line in &whole {
        let mut rest = line.as_str();
        while let Some((head, tail)) = torn(rest, width) {
            lines.push(head.to_owned());
            rest = tail;
        }
        lines.push(rest.to_owned());
    }
    lines
}

/// The text in lines of at most so many characters, where no word is longer.
pub(super) fn at_spaces(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut length = 0;
    for word in text.split(' ') {
        let own = word.chars().count();
        match lines.last_mut() {
            Some(line) if length + 1 + own <= width => {
                line.push(' ');
                line.push_str(word);
                length += 1 + own;
            }
            _ => {
                lines.push(word.to_owned());
                length = own;
            }
        }
    }
    lines
}

/// A word that is too long, in two: the second part begins behind the last mark that leaves the first
/// short enough.
fn torn(word: &str, width: usize) -> Option<(&str, &str)> {
    let (end, _) = word.char_indices().nth(width)?;
    let (head, _) = word.split_at_checked(end)?;
    let mut behind = head
        .char_indices()
        .filter(|(_, character)| MARKS.contains(character));
    let end = behind
        .next_back()
        .map_or(end, |(index, character)| index + character.len_utf8());
    word.split_at_checked(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_words_break_behind_marks() {
        let broken = |text, width| lines(text, width).join("|");
        assert_eq!(
            broken("local-no-notification", 20),
            "local-no-|notification"
        );
        assert_eq!(
            broken("captures/lab/s1-bgp-179.pcap, packet 12", 18),
            "captures/lab/s1-|bgp-179.pcap,|packet 12"
        );
        assert_eq!(broken("hold timer expired", 11), "hold timer|expired");
        assert_eq!(broken("remote-no-data", 14), "remote-no-data");
        assert_eq!(broken("", 5), "");
    }

    #[test]
    fn a_word_without_marks_is_torn_at_the_edge() {
        assert_eq!(lines("éééééé", 4), ["éééé", "éé"]);
        assert_eq!(lines("ab", 0), ["a", "b"]);
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_no_character_is_lost(text in "[a-c/é -]{0,60}", width in 1usize..20) {
            let lines = lines(&text, width);
            prop_assert!(lines.iter().all(|line| line.chars().count() <= width.max(1)));
            let kept = |text: &str| text.replace(' ', "");
            prop_assert_eq!(kept(&lines.concat()), kept(&text));
        }
    }
}

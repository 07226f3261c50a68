//! Rust sources as tokens, enough to see which paths they name.

/// An identifier, `::`, or one other character, with its line from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) line: usize,
    pub(crate) text: String,
}

impl Token {
    /// Whether it is this text.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.text == text
    }
}

/// Identifiers and punctuation of a source, without comments and literals.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut at = 0;
    while at < characters.len() {
        let end = end_of_token(&characters, at);
        let part = &characters[at..end];
        if let Some(text) = token_text(part) {
            tokens.push(Token { line, text });
        }
        line += part.iter().filter(|character| **character == '\n').count();
        at = end;
    }
    tokens
}

/// The text of a token; none for space, comments and literals.
fn token_text(part: &[char]) -> Option<String> {
    let is_name = is_name_start(part[0]) && part.iter().all(|character| is_name_part(*character));
    let is_punctuation = part.len() == 1 && !part[0].is_whitespace();
    let is_path = part == [':', ':'];
    (is_name || is_punctuation || is_path).then(|| part.iter().collect())
}

/// Where the token, comment, literal or space that begins at `at` ends; always behind `at`.
fn end_of_token(text: &[char], at: usize) -> usize {
    let begins = |word: &str| starts_with(text, at, word);
    if begins("//") {
        return find(text, at, "\n").unwrap_or(text.len());
    }
    if begins("/*") {
        return end_of_block_comment(text, at);
    }
    if begins("::") {
        return at + 2;
    }
    if let Some(end) = end_of_raw_string(text, at) {
        return end;
    }
    match text[at] {
        '"' => end_of_string(text, at + 1, '"'),
        'b' if begins("b\"") => end_of_string(text, at + 2, '"'),
        'b' if begins("b'") => end_of_string(text, at + 2, '\''),
        '\'' if is_character_literal(text, at) => end_of_string(text, at + 1, '\''),
        first if is_name_part(first) => {
            let length = text[at..].iter().take_while(|part| is_name_part(**part));
            at + length.count()
        }
        _ => at + 1,
    }
}

fn is_name_start(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

fn is_name_part(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn starts_with(text: &[char], at: usize, word: &str) -> bool {
    let mut rest = text[at..].iter();
    word.chars().all(|expected| rest.next() == Some(&expected))
}

fn find(text: &[char], from: usize, word: &str) -> Option<usize> {
    (from..text.len()).find(|at| starts_with(text, *at, word))
}

/// Block comments nest.
fn end_of_block_comment(text: &[char], mut at: usize) -> usize {
    let mut depth = 0;
    while at < text.len() {
        let step = match () {
            () if starts_with(text, at, "/*") => {
                depth += 1;
                2
            }
            () if starts_with(text, at, "*/") => {
                depth -= 1;
                2
            }
            () => 1,
        };
        at += step;
        if depth == 0 {
            break;
        }
    }
    at.min(text.len())
}

/// `r"..."`, `r#"..."#`, `br"..."`; none where no raw string begins.
fn end_of_raw_string(text: &[char], at: usize) -> Option<usize> {
    let prefix = ["br", "r"]
        .iter()
        .find(|prefix| starts_with(text, at, prefix))?;
    let from = at + prefix.len();
    let hashes = text[from..].iter().take_while(|part| **part == '#').count();
    if text.get(from + hashes) != Some(&'"') {
        return None;
    }
    let closing = format!("\"{}", "#".repeat(hashes));
    let end = find(text, from + hashes + 1, &closing)?;
    Some(end + closing.len())
}

/// Behind the closing quote; a backslash takes the next character with it.
fn end_of_string(text: &[char], mut at: usize, quote: char) -> usize {
    while let Some(character) = text.get(at) {
        at += match character {
            '\\' => 2,
            character if *character == quote => return at + 1,
            _ => 1,
        };
    }
    text.len()
}

/// `'a'` and `'\n'`, but not the lifetime `'a`.
fn is_character_literal(text: &[char], at: usize) -> bool {
    text.get(at + 1) == Some(&'\\') || text.get(at + 2) == Some(&'\'')
}

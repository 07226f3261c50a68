//! Key logs: the secrets of TLS sessions by their client randoms, as `SSLKEYLOGFILE` makes
//! applications write them (RFC 9850). What is no such line is counted and told by its number, and
//! never by what stands there: it may be a secret.

use crate::secret::{self, Secret};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// The random of a ClientHello.
pub type Random = [u8; 32];

/// What a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// The master secret of TLS 1.2 and before.
    Master,
    /// Early data of TLS 1.3.
    ClientEarly,
    /// The client's handshake messages.
    ClientHandshake,
    /// The server's.
    ServerHandshake,
    /// The client's application data, until the first KeyUpdate.
    ClientTraffic,
    /// The server's.
    ServerTraffic,
}

/// The labels that are read: what they stand for, and the lengths that their secrets can have. Other
/// labels (exporter secrets, Encrypted Client Hello) are nothing that records are protected with.
const LABELS: &[(&str, Label, &[usize])] = &[
    // RFC 9850 2.2: 48 octets.
    ("CLIENT_RANDOM", Label::Master, &[48]),
    // RFC 9850 2.1: as many as the hash has.
    ("CLIENT_EARLY_TRAFFIC_SECRET", Label::ClientEarly, HASHES),
    (
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        Label::ClientHandshake,
        HASHES,
    ),
    (
        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        Label::ServerHandshake,
        HASHES,
    ),
    ("CLIENT_TRAFFIC_SECRET_0", Label::ClientTraffic, HASHES),
    ("SERVER_TRAFFIC_SECRET_0", Label::ServerTraffic, HASHES),
];

/// SHA-256 and SHA-384.
const HASHES: &[usize] = &[32, 48];

/// The secrets of one session.
#[derive(Debug, Clone, Default)]
pub(super) struct Secrets([Vec<Secret>; LABELS.len()]);

impl Secrets {
    /// Different secrets kept of a label.
    const KEPT: usize = 4;

    /// The secrets of a label, the last one first: only the records tell which of them is right.
    pub(super) fn of(&self, label: Label) -> &[Secret] {
        self.0
            .get(label as usize)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    fn add(&mut self, label: Label, secret: Secret) {
        if let Some(all) = self.0.get_mut(label as usize) {
            all.retain(|other| other.octets() != secret.octets());
            all.insert(0, secret);
            all.truncate(Secrets::KEPT);
        }
    }
}

/// The secrets of every session of some key logs.
#[derive(Debug, Clone, Default)]
pub struct KeyLog {
    sessions: BTreeMap<Random, Secrets>,
    files: Vec<KeyLogFile>,
}

/// What there is to say of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyLogFile {
    /// Its path, as given.
    pub path: String,
    /// Lines with a secret that is of use.
    pub secrets: u64,
    /// Lines that are none of a key log.
    pub malformed: u64,
    /// The first of these, by number from 1.
    pub malformed_lines: Vec<u64>,
    /// Its mode, where others than its owner can read or write it.
    pub exposed: Option<u32>,
}

impl KeyLogFile {
    /// Malformed lines told by their numbers.
    const LINES: usize = 5;
}

/// A key log is no larger: that is some 90,000 sessions.
const LARGEST: u64 = 64 << 20;

impl KeyLog {
    /// Adds the secrets of a file.
    pub fn read_file(&mut self, path: &Path) -> io::Result<()> {
        let octets = secret::read(path, LARGEST)?;
        let shown = path.display().to_string();
        let exposed = secret::exposed(path);
        self.read(&octets, &shown);
        if let Some(file) = self.files.last_mut() {
            file.exposed = exposed;
        }
        Ok(())
    }

    /// Adds the secrets of a text that came from `path`. Of different secrets for the same purpose the
    /// last few are kept.
    pub fn read(&mut self, text: &[u8], path: &str) {
        let mut file = KeyLogFile {
            path: path.to_owned(),
            ..KeyLogFile::default()
        };
        for (line, number) in text.split(|octet| *octet == b'\n').zip(1..) {
            match entry(line) {
                Line::Nothing => {}
                Line::Secret(random, label, secret) => {
                    file.secrets += 1;
                    self.sessions.entry(random).or_default().add(label, secret);
                }
                Line::Malformed => {
                    file.malformed += 1;
                    if file.malformed_lines.len() < KeyLogFile::LINES {
                        file.malformed_lines.push(number);
                    }
                }
            }
        }
        self.files.push(file);
    }

    /// The files, in the order in which they were read.
    pub fn files(&self) -> &[KeyLogFile] {
        &self.files
    }

    /// Sessions with a secret.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    pub(super) fn of(&self, random: &Random) -> Option<&Secrets> {
        self.sessions.get(random)
    }

    /// Every session, in the order of randoms.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Random, &Secrets)> {
        self.sessions.iter()
    }
}

/// What a line is.
enum Line {
    Nothing,
    Secret(Random, Label, Secret),
    Malformed,
}

/// Empty lines, comments and labels that are not read are nothing (RFC 9850 2). More space than the
/// one octet between fields does no harm.
fn entry(line: &[u8]) -> Line {
    let line = line.trim_ascii();
    if line.is_empty() || line.starts_with(b"#") {
        return Line::Nothing;
    }
    let mut fields = line
        .split(u8::is_ascii_whitespace)
        .filter(|field| !field.is_empty());
    let (label, random, secret) = (fields.next(), fields.next(), fields.next());
    let (Some(label), Some(random), Some(secret), None) = (label, random, secret, fields.next())
    else {
        return Line::Malformed;
    };
    let Some((_, label, lengths)) = LABELS.iter().find(|row| row.0.as_bytes() == label) else {
        return match is_label(label) {
            true => Line::Nothing,
            false => Line::Malformed,
        };
    };
    let random = hex(random).and_then(|random| Random::try_from(random.octets()).ok());
    let secret = hex(secret).filter(|secret| lengths.contains(&secret.octets().len()));
    match (random, secret) {
        (Some(random), Some(secret)) => Line::Secret(random, *label, secret),
        _ => Line::Malformed,
    }
}

fn is_label(field: &[u8]) -> bool {
    let is_good =
        |octet: &u8| octet.is_ascii_uppercase() || octet.is_ascii_digit() || *octet == b'_';
    field.iter().all(is_good)
}

/// Octets from pairs of hex digits.
fn hex(text: &[u8]) -> Option<Secret> {
    let digit = |octet: u8| char::from(octet).to_digit(16);
    let octet = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(*high)? << 4 | digit(*low)?).ok(),
        _ => None,
    };
    // Exactly as long as it will be: growing would leave copies behind.
    let mut octets = zeroize::Zeroizing::new(Vec::with_capacity(text.len() / 2 + 1));
    for pair in text.chunks(2) {
        octets.push(octet(pair)?);
    }
    Some(Secret::new(std::mem::take(&mut octets)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The form of the lines of RFC 9850; the octets are made up.
    fn line(label: &str, random: u8, length: usize) -> String {
        format!(
            "{label} {} {}",
            format!("{random:02x}").repeat(32),
            "Ab".repeat(length)
        )
    }

    fn read(text: &str) -> KeyLog {
        let mut log = KeyLog::default();
        log.read(text.as_bytes(), "a.keylog");
        log
    }

    #[test]
    fn every_label_has_its_place() {
        for (index, row) in LABELS.iter().enumerate() {
            assert_eq!(row.1 as usize, index, "{}", row.0);
            let log = read(&line(row.0, 7, row.2[0]));
            let secrets = log.of(&[7; 32]).unwrap();
            let [secret] = secrets.of(row.1) else {
                panic!("{}", row.0)
            };
            assert_eq!(secret.octets(), vec![0xab; row.2[0]]);
        }
    }

    #[test]
    fn comments_empty_lines_line_ends_and_unknown_labels_do_no_harm() {
        let text = format!(
            "# a comment\r\n\r\n{}\r\n  {}  \n{}\nEXPORTER_SECRET 00 11\n",
            line("CLIENT_RANDOM", 1, 48),
            line("CLIENT_TRAFFIC_SECRET_0", 2, 32),
            line("ECH_SECRET", 3, 32),
        );
        let log = read(&text);
        assert_eq!(log.sessions(), 2);
        let [file] = log.files() else { panic!() };
        assert_eq!((file.secrets, file.malformed), (2, 0));
    }

    #[test]
    fn what_is_no_line_of_a_key_log_is_told_by_its_number_alone() {
        let text = [
            "hunter2".to_owned(),
            line("CLIENT_RANDOM", 1, 47),
            line("CLIENT_RANDOM", 1, 48).replace("Ab", "xy"),
            line("CLIENT_TRAFFIC_SECRET_0", 1, 33),
            "CLIENT_RANDOM 0011 0011".to_owned(),
            format!("{} more", line("CLIENT_RANDOM", 1, 48)),
            line("client_random", 1, 48),
        ]
        .join("\n");
        let log = read(&text);
        assert_eq!(log.sessions(), 0);
        let [file] = log.files() else { panic!() };
        assert_eq!(
            (file.malformed, &file.malformed_lines[..]),
            (7, &[1, 2, 3, 4, 5][..])
        );
        assert!(!format!("{log:?}").contains("hunter2"));
    }

    #[test]
    fn different_secrets_for_one_purpose_are_kept_the_last_first() {
        let numbered =
            |octet: u8| line("CLIENT_RANDOM", 1, 48).replace("Ab", &format!("{octet:02x}"));
        let read = |octets: &[u8]| {
            let lines: Vec<String> = octets.iter().map(|octet| numbered(*octet)).collect();
            let log = read(&lines.join("\n"));
            let secrets = log.of(&[1; 32]).unwrap().of(Label::Master);
            secrets
                .iter()
                .map(|secret| secret.octets()[0])
                .collect::<Vec<_>>()
        };
        assert_eq!(read(&[7, 8, 7]), [7, 8]);
        assert_eq!(read(&[1, 2, 3, 4, 5, 6]), [6, 5, 4, 3]);
    }

    #[test]
    fn debug_output_tells_no_secret() {
        let log = read(&line("CLIENT_RANDOM", 1, 48));
        let shown = format!("{log:?}");
        assert!(
            !shown.contains("171, 171") && !shown.contains("abab"),
            "{shown}"
        );
    }

    proptest! {
        #[test]
        fn any_octets_are_read(octets in proptest::collection::vec(any::<u8>(), 0..400)) {
            KeyLog::default().read(&octets, "any");
        }

        #[test]
        fn any_text_of_fields_is_read(text in "((CLIENT_RANDOM|SERVER_TRAFFIC_SECRET_0|#|[A-Z]{0,3}) ?[0-9a-fg]{0,70} ?[0-9a-f]{0,100}\r?\n){0,8}") {
            let mut log = KeyLog::default();
            log.read(text.as_bytes(), "any");
            prop_assert!(log.sessions() as u64 <= log.files()[0].secrets);
        }
    }
}

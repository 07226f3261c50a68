//! Every kind of finding there is, one row each: how much it matters, which text says so, and what
//! it means. A layer that finds something new adds a row here.

use super::Severity;

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The stable word with hyphens.
    pub word: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The text that says so; empty where none does, or where it depends on the file's format.
    pub reference: &'static str,
    /// What it means, in a sentence.
    pub meaning: &'static str,
}

/// The kind with this word.
pub fn kind(word: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.word == word)
}

const fn error(word: &'static str, reference: &'static str, meaning: &'static str) -> Kind {
    row(word, Severity::Error, reference, meaning)
}

const fn warning(word: &'static str, reference: &'static str, meaning: &'static str) -> Kind {
    row(word, Severity::Warning, reference, meaning)
}

const fn note(word: &'static str, reference: &'static str, meaning: &'static str) -> Kind {
    row(word, Severity::Note, reference, meaning)
}

const fn row(
    word: &'static str,
    severity: Severity,
    reference: &'static str,
    meaning: &'static str,
) -> Kind {
    Kind {
        word,
        severity,
        reference,
        meaning,
    }
}

/// Every kind, from the file upwards.
pub static KINDS: &[Kind] = &[
    // Files. The reference is the specification of the file's format.
    error(
        "capture-corrupt",
        "",
        "A record of a capture file cannot be right; the rest of the file is not read.",
    ),
    warning(
        "capture-corrupt-block",
        "",
        "A block of a capture file contradicts itself; it is passed over or read as far as it goes.",
    ),
    warning(
        "capture-corrupt-frame",
        "",
        "Octets of an OpenBMP file are no frame; they are passed over up to the next one.",
    ),
    warning(
        "capture-cut-short",
        "",
        "A capture file ends inside a record.",
    ),
    note(
        "undecided-stream",
        "",
        "Too many streams that could be BMP were open at once; the oldest was decided with what was there.",
    ),
    note(
        "capture-other-object",
        "",
        "An OpenBMP frame holds something else than BMP as the router sent it.",
    ),
    note(
        "capture-passed-over",
        "",
        "A file of a directory is no capture.",
    ),
    error(
        "capture-shrank",
        "",
        "A capture file became shorter while it was read.",
    ),
    note(
        "capture-time-carried",
        "",
        "The fraction of a packet's time is a second or more; it is carried over.",
    ),
    note(
        "capture-unknown-block",
        "",
        "A pcapng block of a type that is not known is passed over.",
    ),
    warning(
        "capture-unknown-interface",
        "",
        "A packet names an interface that its section does not describe.",
    ),
    error(
        "capture-unreadable",
        "",
        "Reading a capture file failed; the rest of it is not read.",
    ),
    // TCP.
    warning(
        "before-stream-start",
        "RFC 9293 3.4",
        "Data from before the start of a stream is ignored.",
    ),
    warning(
        "connection-evicted",
        "",
        "An open connection was forgotten because there are too many.",
    ),
    warning(
        "data-after-fin",
        "RFC 9293 3.6",
        "Data behind the sender's FIN is ignored.",
    ),
    warning(
        "hole-given-up",
        "",
        "A hole in a stream was given up because too much was held behind it.",
    ),
    warning(
        "out-of-window",
        "RFC 9293 3.10.7.4",
        "Data too far from the rest of its stream to belong to it is ignored.",
    ),
    warning(
        "retransmission-differs",
        "RFC 9293 3.10.7.4",
        "Two copies of the same octets differ; the first one stands.",
    ),
    warning(
        "syn-ignored",
        "RFC 5961 4",
        "A SYN with another initial sequence number came in an open connection, and nobody followed it up: it changes nothing.",
    ),
    note(
        "syn-not-counted",
        "RFC 9293 3.4",
        "The sequence numbers behind a SYN with data do not count the SYN.",
    ),
    warning(
        "unsigned-ignored",
        "RFC 5925 7.5",
        "Data without a signature in a direction that signs is not read: a signed copy stands, or the other end never acknowledged it.",
    ),
    note(
        "wrong-checksum",
        "RFC 9293 3.1",
        "A TCP checksum is wrong, as offload makes it; the segment is used all the same.",
    ),
    // TLS, where secrets are given.
    note(
        "tls-early-data",
        "RFC 8446 4.2.10",
        "Early data of a TLS session is not read, or was not accepted by the server.",
    ),
    note(
        "tls-not-decrypted",
        "",
        "A TLS connection could not be decrypted.",
    ),
    warning(
        "tls-not-resynchronised",
        "RFC 8446 5.3",
        "After octets were lost no record of a TLS session could be opened; the rest is not read.",
    ),
    error(
        "tls-record-damaged",
        "RFC 8446 5.2",
        "A record of a TLS session is not authentic, or none begins where one has to.",
    ),
    // Octets of a stream that are in no message.
    warning(
        "capture-end",
        "RFC 7854 4.1",
        "The capture ends inside a message.",
    ),
    error(
        "corrupt",
        "RFC 7854 4.1",
        "Octets that were captured are no BMP messages.",
    ),
    warning(
        "mid-stream-start",
        "RFC 7854 4.1",
        "The capture begins behind the start of a session, or inside a message of it.",
    ),
    warning(
        "missing-segment",
        "RFC 9293 3.4",
        "Octets that no captured segment carries, and what they leave of a message.",
    ),
    warning(
        "snaplen",
        "",
        "Octets that were cut off in the capture, and what they leave of a message.",
    ),
    warning(
        "stream-end",
        "RFC 7854 4.1",
        "The connection is closed inside a message.",
    ),
    note(
        "start-unknown",
        "RFC 7854 4.3",
        "A stream without a connection begins with another message than an Initiation: its start may be missing.",
    ),
    // Sessions, by the order of their messages. Whatever follows lost octets is excused.
    error(
        "initiation-missing",
        "RFC 7854 4.3",
        "The first message of a session that was captured from its start is no Initiation.",
    ),
    error(
        "after-termination",
        "RFC 7854 4.5",
        "Messages come behind a Termination.",
    ),
    warning(
        "no-peer-up",
        "",
        "Routes, statistics or mirrored UPDATEs of a peer come without a Peer Up before them.",
    ),
    warning(
        "after-peer-down",
        "RFC 7854 4.9",
        "Announced routes, statistics or mirrored UPDATEs of a peer come after its Peer Down.",
    ),
    note(
        "peer-up-repeated",
        "RFC 7854 4.10",
        "A Peer Up comes for a peer that is up.",
    ),
    note(
        "peer-down-without-up",
        "RFC 7854 4.9",
        "A Peer Down comes for a peer that is not up.",
    ),
    warning(
        "peer-down-data-missing",
        "RFC 7854 4.9",
        "A Peer Down lacks the NOTIFICATION or the FSM event code that its reason promises.",
    ),
    // BMP and BGP.
    warning(
        "no-bmp-of-router",
        "RFC 7854 4",
        "The octets that a collector passed on for a router are no BMP messages.",
    ),
    warning(
        "tlv-numbering-contradicts",
        "draft-ietf-grow-bmp-tlv-21 10",
        "Messages of one session number their TLVs by different revisions of the draft.",
    ),
    warning(
        "add-path-not-used",
        "RFC 7911 3",
        "ADD-PATH was negotiated, but the routes of a view carry no path identifiers.",
    ),
    warning(
        "add-path-not-negotiated",
        "RFC 7911 3",
        "ADD-PATH was not negotiated, but the routes of a view carry path identifiers.",
    ),
    note(
        "add-path-observed",
        "RFC 7911 3",
        "No Peer Up was captured; that routes carry path identifiers was seen from themselves.",
    ),
    warning(
        "as-width-contradicts",
        "RFC 7854 4.2",
        "AS numbers have another width than the A flag of the per-peer header says.",
    ),
    // UPDATEs, by what a receiver does (RFC 7606 2): it loses routes, or an attribute of them.
    error(
        "update-session-reset",
        "",
        "An UPDATE is malformed so that a receiver ends the session, or ignores its family from then on.",
    ),
    error(
        "update-treat-as-withdraw",
        "",
        "An UPDATE is malformed so that a receiver takes its routes as withdrawn.",
    ),
    warning(
        "update-attribute-discard",
        "",
        "An UPDATE is malformed so that a receiver goes on without an attribute.",
    ),
    warning(
        "update-malformed-loc-rib",
        "",
        "An UPDATE of a Loc-RIB is malformed; nobody but the station receives it, and its routes stand.",
    ),
    // Messages about RPKI.
    warning(
        "rpki-bgp-messages",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2",
        "A message about the validation of a route has no BGP message, or several.",
    ),
    warning(
        "rpki-alternate-ambiguous",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 6",
        "A route in an RPKI_IMPACT message has several alternates; the first is taken.",
    ),
    error(
        "rpki-alternate-unreadable",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 6",
        "The alternate of a route in an RPKI_IMPACT message tells no route that can be read.",
    ),
    warning(
        "rpki-no-route",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2",
        "The UPDATE of an RPKI_VALIDATION or RPKI_IMPACT message announces no route: it is about nothing.",
    ),
    error(
        "rpki-alternate-other-prefix",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 6",
        "The alternate of a route in an RPKI_IMPACT message is of another prefix.",
    ),
    warning(
        "rpki-alternate-is-itself",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 6",
        "The alternate of a route in an RPKI_IMPACT message is the route itself.",
    ),
    warning(
        "rpki-demoted-for-invalid",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 6",
        "A route was demoted, and the one in its place is invalid.",
    ),
    warning(
        "rpki-demoted-for-worse",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 6",
        "A route was demoted for one of a worse validation state.",
    ),
    warning(
        "rpki-impact-both-directions",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 6",
        "One RPKI_IMPACT message says that a route was demoted and promoted.",
    ),
    warning(
        "rpki-impact-direction-missing",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 6",
        "An RPKI_IMPACT message does not say whether a route was demoted or promoted.",
    ),
    warning(
        "rpki-impact-direction-turned",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 6",
        "A demoted route is said to be promoted, or the reverse, and nothing else changed.",
    ),
    warning(
        "rpki-impact-state-differs",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 6",
        "RPKI_IMPACT tells another state of a route than RPKI_VALIDATION before it.",
    ),
    warning(
        "rpki-invalid-without-rule",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2",
        "A route is said to be invalid, and no rule that it hit is.",
    ),
    warning(
        "rpki-not-found-with-rule",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2",
        "A route is said to be not found or unknown, and hit rules.",
    ),
    warning(
        "rpki-promoted-over-better",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 6",
        "A route was promoted over one of a better validation state.",
    ),
    warning(
        "rpki-state-ambiguous",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2",
        "A message tells two validation states of one route.",
    ),
    warning(
        "rpki-state-missing",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2",
        "A message about the validation of a route has no state.",
    ),
    warning(
        "rpki-transport-not-protected",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 8.1",
        "Messages about RPKI are sent without TCP-AO and TLS.",
    ),
    warning(
        "rpki-valid-with-invalid-rule",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2",
        "A route is said to be valid, and a rule that it hit is not.",
    ),
    warning(
        "rpki-config-scope",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 4.3",
        "An RPKI_CONFIG message could be global or of a peer; it is taken for a global one.",
    ),
    warning(
        "rpki-hashes-differ",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1",
        "Sources of RPKI data that are in use have different data, by their hashes.",
    ),
    warning(
        "rpki-policies-differ",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 4.2",
        "The RPKI policies of routers for all their peers differ.",
    ),
    warning(
        "rpki-records-differ",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1",
        "Sources of RPKI data that are in use have different numbers of records.",
    ),
    warning(
        "rpki-slurm-counts-differ",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 4.2",
        "A router's SLURM sources count other numbers of exceptions than its policies list.",
    ),
    warning(
        "rpki-slurm-errors",
        "RFC 8416 3.1",
        "A router met errors with its SLURM file.",
    ),
    warning(
        "rpki-source-id-shared",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1",
        "Several sources of RPKI data of a router have the same number: rules that name it are ambiguous.",
    ),
    warning(
        "rpki-source-stale",
        "RFC 8210 6",
        "A source of RPKI data was synchronized longer ago than the default Expire Interval.",
    ),
    warning(
        "rpki-source-sync-ahead",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1",
        "A source of RPKI data was synchronized after the message that tells it: a clock is wrong.",
    ),
    warning(
        "rpki-source-without-type",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 4.3",
        "A data source in an RPKI_CONFIG message does not say of which type it is.",
    ),
    warning(
        "rpki-tlv-malformed",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 4.3",
        "The value of a TLV of an RPKI message is none that its type can have; it is ignored.",
    ),
    warning(
        "rpki-tlv-overrun",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 4.3",
        "A TLV of an RPKI message leaves its container, which ends there.",
    ),
    note(
        "rpki-tlv-unknown",
        "draft-wang-grow-bmp-rpki-mon-reqs-03 4.3",
        "A TLV of an RPKI message has a type that is not known; it is passed over.",
    ),
    warning(
        "default-header-doubtful",
        "draft-zhuang-grow-monitoring-bgp-parameters-02 4",
        "Default behavior parameters fit with one and with two octets of type and length, or with neither; two are taken.",
    ),
    warning(
        "default-parameter-length",
        "draft-zhuang-grow-monitoring-bgp-parameters-02 4",
        "A default behavior parameter has not the four octets of its value; they are shown as they are.",
    ),
    warning(
        "default-parameter-repeated",
        "draft-zhuang-grow-monitoring-bgp-parameters-02 4",
        "A default behavior parameter is there more than once in an Initiation; the last one counts.",
    ),
    error(
        "router-parameters-malformed",
        "draft-zhuang-grow-monitoring-bgp-parameters-02 4",
        "Optional parameters or default behavior parameters of an Initiation cannot be read to their end.",
    ),
    warning(
        "statistic-length",
        "RFC 7854 4.8",
        "The data of a statistic has not the length of its type; it is ignored.",
    ),
    note(
        "statistic-unknown",
        "RFC 7854 4.8",
        "A statistic has a type that is not known, and not the length of a counter or gauge; it is ignored.",
    ),
    warning(
        "statistics-left-out",
        "",
        "There are too many counters and gauges; some are left out.",
    ),
    error(
        "undecodable-message",
        "RFC 7854 4",
        "A message's content cannot be read.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_word_is_there_once_and_in_lower_case_with_hyphens() {
        let words: BTreeSet<_> = KINDS.iter().map(|kind| kind.word).collect();
        assert_eq!(words.len(), KINDS.len());
        let is_word = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(words.iter().all(is_word));
    }

    #[test]
    fn every_meaning_is_a_sentence() {
        for kind in KINDS {
            let begins = kind.meaning.starts_with(char::is_uppercase);
            assert!(begins && kind.meaning.ends_with('.'), "{}", kind.meaning);
        }
    }

    #[test]
    fn a_word_that_is_not_there_is_no_kind() {
        assert_eq!(kind("no-such-kind"), None);
        assert_eq!(
            kind("snaplen").map(|kind| kind.severity),
            Some(Severity::Warning)
        );
    }
}

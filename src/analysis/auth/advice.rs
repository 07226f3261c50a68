//! What follows from how a session is protected: one line, with the section that says so.

use super::rows::{AuthRow, Carries, DirectionRow};
use super::violations::plural;
use crate::analysis::shape::ProtectionWord;
use crate::auth::Reason;

/// The lines for a session. `esp`: there is ESP between its addresses.
pub(super) fn advice(row: &AuthRow, esp: bool) -> Vec<String> {
    let is_unanswered = row
        .violations
        .iter()
        .any(|violation| is_failed_handshake(&violation.kind));
    let mut lines = Vec::new();
    let wants_nothing = is_unanswered && row.carries == Carries::Nothing;
    if let Some(line) = row.protection.filter(|_| wants_nothing).and_then(compare) {
        lines.push(line.to_owned());
        return lines;
    }
    let protection = row.protection.map(|word| principal(word, &row.whole));
    lines.extend(protection.and_then(|protection| by_protection(protection, esp)));
    lines.extend(failed(row));
    lines.extend(cut(row));
    lines
}

/// A kind of violation that is a handshake of which nothing came.
fn is_failed_handshake(kind: &str) -> bool {
    kind.starts_with("unanswered-syn") || kind == "refused-syn"
}

/// A signature covers all of its segment.
fn cut(row: &AuthRow) -> Option<String> {
    let directions = [&row.router_to_station, &row.station_to_router];
    let cut = |direction: &DirectionRow| direction.reasons.contains_key(Reason::Snaplen.word());
    directions.into_iter().flatten().any(cut).then(|| {
        "a signature covers the whole segment: capture without a snapshot length to see \
         and to verify it (RFC 5925 5.1)"
            .to_owned()
    })
}

/// What to compare where a signed handshake is not answered, or refused.
fn compare(protection: ProtectionWord) -> Option<&'static str> {
    match protection {
        ProtectionWord::TcpAo | ProtectionWord::Mixed => Some(
            "compare key, KeyIDs, algorithm and addresses at both ends; behind a NAT TCP-AO needs \
             RFC 6978 (draft-ietf-grow-bmp-tcp-ao 4)",
        ),
        ProtectionWord::TcpMd5 => Some(
            "compare password and addresses at both ends: the digest covers the addresses, so that no \
             NAT may change them (RFC 2385 2.0)",
        ),
        _ => None,
    }
}

/// The protection that advice is about: of several that every segment has, one that gives privacy.
fn principal(protection: ProtectionWord, whole: &[ProtectionWord]) -> ProtectionWord {
    let is_mixed = protection == ProtectionWord::Mixed;
    match whole.contains(&ProtectionWord::TcpAo) {
        true if is_mixed && whole.contains(&ProtectionWord::Tls) => ProtectionWord::Tls,
        true if is_mixed => ProtectionWord::TcpAo,
        _ => protection,
    }
}

fn by_protection(protection: ProtectionWord, esp: bool) -> Option<String> {
    let line = match protection {
        ProtectionWord::None if esp => {
            "captured in clear, although there is ESP between these addresses: where that does not \
             protect it, TCP-AO is RECOMMENDED (draft-ietf-grow-bmp-tcp-ao 3.1)"
        }
        ProtectionWord::None => {
            "not protected, and no IPsec seen: TCP-AO is RECOMMENDED \
             (draft-ietf-grow-bmp-tcp-ao 3.1)"
        }
        ProtectionWord::TcpAo => {
            "TCP-AO gives no privacy; where that is wanted, IPsec with ESP gives it \
             (draft-ietf-grow-bmp-tcp-ao 4)"
        }
        ProtectionWord::TcpMd5 => {
            "TCP-MD5 is obsoleted by TCP-AO (RFC 5925 1), which is RECOMMENDED \
             (draft-ietf-grow-bmp-tcp-ao 3.1)"
        }
        ProtectionWord::IpsecAh => "AH gives no privacy; ESP does (RFC 4302 1, RFC 4303 1)",
        ProtectionWord::Mixed => {
            "not every segment has the same protection: TCP-AO on all of them is RECOMMENDED \
             (draft-ietf-grow-bmp-tcp-ao 3.1)"
        }
        ProtectionWord::Tls | ProtectionWord::IpsecEsp | ProtectionWord::Unknown => return None,
    };
    Some(line.to_owned())
}

/// Signatures that fail from the first segment on are those of another key, or of other addresses.
fn failed(row: &AuthRow) -> Option<String> {
    let directions = [&row.router_to_station, &row.station_to_router];
    let sum = |count: fn(&DirectionRow) -> u64| -> u64 {
        directions
            .iter()
            .filter_map(|direction| direction.as_ref())
            .map(count)
            .sum()
    };
    let (failed, verified) = (sum(|row| row.failed), sum(|row| row.verified));
    let is_digest = row.protection == Some(ProtectionWord::TcpMd5);
    match (failed, verified) {
        (0, _) => None,
        (_, 0) if is_digest => Some(
            "no signature verifies: the password given is not the one in use, or a NAT changes \
             addresses, which the digest covers (RFC 2385 2.0)"
                .to_owned(),
        ),
        (failed, _) if is_digest => Some(format!(
            "{} to look at: receivers drop what fails (RFC 2385 2.0)",
            plural(failed, "segment")
        )),
        (_, 0) => Some(
            "no signature verifies: the key given, or an initial sequence number given by hand, is \
             not the one in use, or a NAT changes addresses, for which TCP-AO needs RFC 6978 \
             (draft-ietf-grow-bmp-tcp-ao 4)"
                .to_owned(),
        ),
        (failed, _) => Some(format!(
            "{} to look at: receivers drop what fails (RFC 5925 7.5)",
            plural(failed, "segment")
        )),
    }
}

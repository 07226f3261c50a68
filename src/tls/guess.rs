//! What both hellos would have agreed on, where only one was captured: the record that waits for it
//! says which of the few possibilities, or of the sessions of the log, is right.

use super::key_log::{KeyLog, Secrets};
use super::keys::{Agreed, Credit, Keys, TLS_1_3};
use super::record::{HEADER, Header};
use super::suite::Parts;

/// What makes the front of a direction an authentic record; none where nothing does.
///
/// - Without the ServerHello, TLS 1.3 with one of the suites; TLS 1.2 has keys that depend on it.
/// - Without the ClientHello, one of the sessions of the log.
pub(super) fn guess(
    agreed: &Agreed,
    log: &KeyLog,
    (side, front): (usize, &[u8]),
    credit: &mut Credit,
) -> Option<Agreed> {
    let header = Header::read(front)?;
    let fragment = front.get(HEADER..header.record_length())?;
    let mut fits = |agreed: &Agreed, secrets: &Secrets| {
        credit.spend(PER_GUESS + fragment.len())
            && Keys::new(agreed, secrets, side)
                .is_ok_and(|mut keys| keys.open(header, &mut fragment.to_vec()).is_some())
    };
    match (agreed.client_random, agreed.version) {
        (Some(random), None) => {
            let secrets = log.of(&random)?;
            let guesses = Parts::all().map(|parts| Agreed {
                version: Some(TLS_1_3),
                parts: Some(parts),
                ..*agreed
            });
            guesses.into_iter().find(|guess| fits(guess, secrets))
        }
        (None, Some(_)) => {
            let guesses = log.all().map(|(random, secrets)| {
                let client_random = Some(*random);
                (
                    Agreed {
                        client_random,
                        ..*agreed
                    },
                    secrets,
                )
            });
            let found = guesses
                .into_iter()
                .find(|(guess, secrets)| fits(guess, secrets));
            found.map(|(guess, _)| guess)
        }
        _ => None,
    }
}

/// What making keys costs, as octets.
const PER_GUESS: usize = 8 << 10;

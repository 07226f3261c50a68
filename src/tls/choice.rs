//! The ciphers that a direction may use in one phase: key logs can have different secrets for one
//! purpose, and the first record that opens tells which is right.

use super::cipher::Cipher;

/// One cipher, or several of which one is right.
#[derive(Debug, Default)]
pub(super) struct Choice(Vec<Cipher>);

impl Choice {
    /// No cipher.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The likeliest.
    pub(super) fn first(&self) -> Option<&Cipher> {
        self.0.first()
    }

    /// A record was opened.
    pub(super) fn has_begun(&self) -> bool {
        self.0.iter().any(|cipher| cipher.next > 0)
    }

    /// What follows a KeyUpdate.
    pub(super) fn updated(&self) -> Choice {
        self.0.iter().filter_map(Cipher::updated).collect()
    }

    /// Tries one after the other: the one that something comes of is the right one from then on.
    pub(super) fn settle<T>(
        &mut self,
        mut attempt: impl FnMut(&mut Cipher) -> Option<T>,
    ) -> Option<T> {
        let all = self.0.iter_mut().enumerate();
        let (index, found) = all
            .map(|(index, cipher)| (index, attempt(cipher)))
            .find_map(|(index, found)| Some((index, found?)))?;
        if self.0.len() > 1 {
            let right = self.0.swap_remove(index);
            self.0 = vec![right];
        }
        Some(found)
    }
}

impl FromIterator<Cipher> for Choice {
    fn from_iter<I: IntoIterator<Item = Cipher>>(ciphers: I) -> Choice {
        Choice(ciphers.into_iter().collect())
    }
}

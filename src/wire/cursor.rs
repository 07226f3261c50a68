//! A position in borrowed bytes. Every read names its field, so that an error can.

use super::DecodeError;

/// Reads big-endian fields from a run of bytes, front to back.
///
/// `take` splits off a container: the cursor goes on behind it whatever the reader of the
/// container does, so one bad value never sinks its neighbours.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a> {
    rest: &'a [u8],
    /// Offset of `rest` in the message, for errors.
    offset: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor at the first octet of a message.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Cursor<'a> {
        Cursor {
            rest: bytes,
            offset: 0,
        }
    }

    /// A cursor over bytes that begin `offset` octets into their message.
    #[inline]
    pub fn at(bytes: &'a [u8], offset: usize) -> Cursor<'a> {
        Cursor {
            rest: bytes,
            offset,
        }
    }

    /// Octets from the start of the message to the next read.
    #[inline]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Octets left.
    #[inline]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Nothing left to read.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left, without moving.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// All that is left; the cursor is empty afterwards.
    #[inline]
    pub fn take_rest(&mut self) -> &'a [u8] {
        let all = self.rest;
        self.offset += all.len();
        self.rest = &[];
        all
    }

    /// The next `length` octets.
    #[inline]
    pub fn bytes(&mut self, field: &'static str, length: usize) -> Result<&'a [u8], DecodeError> {
        match self.rest.split_at_checked(length) {
            Some((head, tail)) => {
                self.rest = tail;
                self.offset += length;
                Ok(head)
            }
            None => Err(self.overrun(field, length)),
        }
    }

    /// A container of `length` octets, with offsets that still count from the message.
    #[inline]
    pub fn take(&mut self, field: &'static str, length: usize) -> Result<Cursor<'a>, DecodeError> {
        let offset = self.offset;
        Ok(Cursor {
            rest: self.bytes(field, length)?,
            offset,
        })
    }

    /// The next `N` octets as an array.
    #[inline]
    pub fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        match self.rest.split_first_chunk::<N>() {
            Some((head, tail)) => {
                self.rest = tail;
                self.offset += N;
                Ok(*head)
            }
            None => Err(self.overrun(field, N)),
        }
    }

    /// One octet.
    #[inline]
    pub fn u8(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        self.array::<1>(field).map(|[octet]| octet)
    }

    /// Two octets, big-endian.
    #[inline]
    pub fn u16(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        self.array(field).map(u16::from_be_bytes)
    }

    /// Four octets, big-endian.
    #[inline]
    pub fn u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.array(field).map(u32::from_be_bytes)
    }

    /// Eight octets, big-endian.
    #[inline]
    pub fn u64(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        self.array(field).map(u64::from_be_bytes)
    }

    /// An error about the field that would be read next.
    pub fn malformed(&self, field: &'static str, why: &'static str) -> DecodeError {
        DecodeError::malformed(self.offset, field, why)
    }

    #[cold]
    fn overrun(&self, field: &'static str, needs: usize) -> DecodeError {
        DecodeError::overrun(self.offset, field, needs, self.rest.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_go_front_to_back_in_network_order() {
        let mut cursor = Cursor::new(&[1, 0, 2, 0, 0, 0, 3, 9]);
        assert_eq!(cursor.u8("a"), Ok(1));
        assert_eq!(cursor.u16("b"), Ok(2));
        assert_eq!(cursor.u32("c"), Ok(3));
        assert_eq!(cursor.offset(), 7);
        assert_eq!(cursor.take_rest(), &[9]);
        assert!(cursor.is_empty());
    }

    #[test]
    fn a_length_past_the_container_names_the_field_the_byte_and_what_is_left() {
        let mut cursor = Cursor::new(&[0, 0, 0, 0, 7]);
        cursor.u32("Type and Length").unwrap();
        let error = cursor.bytes("Information", 9).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Information at byte 4: needs 9 bytes, 1 left in its container"
        );
        assert_eq!(cursor.remaining(), 1, "a failed read does not move");
    }

    #[test]
    fn offsets_in_a_container_count_from_the_message() {
        let mut cursor = Cursor::new(&[0, 0, 1, 2, 3]);
        cursor.u16("header").unwrap();
        let mut container = cursor.take("value", 2).unwrap();
        container.u8("first").unwrap();
        assert_eq!(container.offset(), 3);
        assert_eq!(
            cursor.offset(),
            4,
            "the outer cursor stands behind the container"
        );
    }
}

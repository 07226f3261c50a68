//! Compressed inputs, recognised by content: gzip (RFC 1952), zstd (RFC 8878), xz; several members,
//! frames or streams in one file as `cat` makes them.

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::io::{self, BufRead, BufReader, ErrorKind, Read};

/// A compression format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
    Xz,
}

/// Octets read at a time.
const CHUNK: usize = 256 * 1024;

/// The most memory that an xz stream may ask for, in KiB: eight times what `xz -9` needs.
const XZ_MEMORY: u32 = 512 * 1024;

impl Compression {
    /// The compression of something that begins with `bytes`, if it is one that is read.
    pub(super) fn recognise(bytes: &[u8]) -> Option<Compression> {
        let skippable = matches!(bytes, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]);
        if skippable || bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            return Some(Compression::Zstd);
        }
        if bytes.starts_with(&[0x1f, 0x8b, 8]) {
            return Some(Compression::Gzip);
        }
        bytes
            .starts_with(&[0xfd, b'7', b'z', b'X', b'Z', 0])
            .then_some(Compression::Xz)
    }

    /// What `compressed` holds.
    pub(super) fn decoder(self, compressed: Box<dyn Read + Send>) -> Box<dyn Read + Send> {
        let buffered = BufReader::with_capacity(CHUNK, compressed);
        match self {
            Compression::Gzip => Box::new(MultiGzDecoder::new(buffered)),
            Compression::Zstd => Box::new(Zstd::new(buffered)),
            Compression::Xz => Box::new(XzReader::new_mem_limit(buffered, true, XZ_MEMORY)),
        }
    }
}

/// Reads the frames of a zstd file one after the other.
struct Zstd<R> {
    compressed: R,
    decoder: FrameDecoder,
    in_frame: bool,
}

impl<R: BufRead> Zstd<R> {
    fn new(compressed: R) -> Zstd<R> {
        Zstd {
            compressed,
            decoder: FrameDecoder::new(),
            in_frame: false,
        }
    }

    /// Begins the next frame; false at the end of the file.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.compressed.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.compressed) {
                Ok(()) => {
                    self.in_frame = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => self.skip(length.into())?,
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }

    fn skip(&mut self, length: u64) -> io::Result<()> {
        let skipped = io::copy(&mut (&mut self.compressed).take(length), &mut io::sink())?;
        if skipped < length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// Ends a frame whose octets have all been taken.
    fn end(&mut self) -> io::Result<()> {
        self.in_frame = false;
        let stored = self.decoder.get_checksum_from_data();
        let computed = self.decoder.get_calculated_checksum();
        if stored.is_some() && computed.is_some() && stored != computed {
            return Err(io::Error::other("a zstd frame's checksum is wrong"));
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.in_frame && !self.begin()? {
                return Ok(0);
            }
            if self.decoder.can_collect() > 0 {
                return self.decoder.read(buffer);
            }
            if self.decoder.is_finished() {
                self.end()?;
                continue;
            }
            self.decoder
                .decode_blocks(&mut self.compressed, BlockDecodingStrategy::UptoBlocks(1))
                .map_err(io::Error::other)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// "hello\n", made by each tool.
    const GZIP: &[u8] = &[
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, // magic, deflate, no flags, no time, Unix
        0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 0x02, 0, // deflated
        0x20, 0x30, 0x3a, 0x36, 6, 0, 0, 0, // CRC32, length
    ];
    const ZSTD: &[u8] = &[
        0x28, 0xb5, 0x2f, 0xfd, // magic
        0x20, 6, // frame header: single segment, content size 6
        0x31, 0, 0, // last block, raw, 6 octets
        b'h', b'e', b'l', b'l', b'o', b'\n',
    ];
    const ZSTD_SKIPPABLE: &[u8] = &[0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 0xaa, 0xbb];

    fn decode(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let compression = Compression::recognise(bytes).unwrap();
        let mut decoded = Vec::new();
        compression
            .decoder(Box::new(io::Cursor::new(bytes.to_vec())))
            .read_to_end(&mut decoded)?;
        Ok(decoded)
    }

    #[test]
    fn members_and_frames_follow_each_other() {
        assert_eq!(decode(&[GZIP, GZIP].concat()).unwrap(), b"hello\nhello\n");
        let frames = [ZSTD_SKIPPABLE, ZSTD, ZSTD_SKIPPABLE, ZSTD].concat();
        assert_eq!(decode(&frames).unwrap(), b"hello\nhello\n");
    }

    #[test]
    fn every_prefix_ends_with_an_error_and_not_with_a_panic() {
        for bytes in [GZIP, ZSTD, &[ZSTD_SKIPPABLE, ZSTD].concat()] {
            for length in 6..bytes.len() {
                let prefix = decode(&bytes[..length]);
                // The end of a skippable frame is a fine end of a file.
                assert!(prefix.is_err() || length == ZSTD_SKIPPABLE.len());
            }
        }
    }

    #[test]
    fn what_is_not_compressed_is_not_recognised() {
        for bytes in [&b""[..], b"\x1f\x8b", b"hello", &[0xd4, 0xc3, 0xb2, 0xa1]] {
            assert_eq!(Compression::recognise(bytes), None);
        }
    }
}

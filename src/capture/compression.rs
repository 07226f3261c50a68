//! Compressed inputs, recognised by content: gzip (RFC 1952), zstd (RFC 8878), xz; several members,
//! frames or streams in one file as `cat` makes them.

use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

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

/// How many times over a file may be compressed.
pub(super) const NESTED: usize = 2;

/// What a file holds that is no capture, unpacked; an error where that is more than `bound` octets.
pub fn unpacked(path: &Path, bound: u64) -> io::Result<Vec<u8>> {
    let mut octets: Box<dyn Read + Send> = Box::new(File::open(path)?);
    for _ in 0..=NESTED {
        let mut beginning = Vec::new();
        octets
            .as_mut()
            .take(LONGEST_MAGIC)
            .read_to_end(&mut beginning)?;
        let compression = Compression::recognise(&beginning);
        let all = Box::new(io::Cursor::new(beginning).chain(octets));
        match compression {
            Some(compression) => octets = compression.decoder(all),
            None => return read_bounded(all, bound),
        }
    }
    let message = format!("it is compressed more than {NESTED} times over");
    Err(io::Error::other(message))
}

/// Octets by which a compression format is known, at most.
const LONGEST_MAGIC: u64 = 6;

fn read_bounded(octets: impl Read, bound: u64) -> io::Result<Vec<u8>> {
    let mut read = Vec::new();
    octets
        .take(bound.saturating_add(1))
        .read_to_end(&mut read)?;
    match u64::try_from(read.len()).is_ok_and(|length| length > bound) {
        true => Err(io::Error::other(format!("holds more than {bound} octets"))),
        false => Ok(read),
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
    const XZ: &[u8] = &[
        0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4, 0xe6, 0xd6, 0xb4, 0x46, // stream header
        2, 0, 0x21, 1, 0x16, 0, 0, 0, 0x74, 0x2f, 0xe5, 0xa3, // block header
        1, 0, 5, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x0a, 0, 0,
        0, // a chunk that is not compressed
        0xa5, 0x60, 0x97, 0xf1, 0x94, 0xf6, 0xfd, 0xe0, // CRC64
        0, 1, 0x1e, 6, 0xc1, 0x2f, 0xa4, 0x1d, // index
        0x1f, 0xb6, 0xf3, 0x7d, 1, 0, 0, 0, 0, 4, 0x59, 0x5a, // stream footer
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
    fn a_file_that_is_no_capture_is_unpacked_within_a_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let unpacked = |octets: &[u8], bound| {
            std::fs::write(&path, octets).unwrap();
            unpacked(&path, bound).map_err(|error| error.to_string())
        };
        for packed in [b"hello\n", GZIP, ZSTD, XZ] {
            assert_eq!(unpacked(packed, 6).unwrap(), b"hello\n");
            let expected = Err("holds more than 5 octets".to_owned());
            assert_eq!(unpacked(packed, 5), expected);
        }
        assert_eq!(unpacked(b"", 0).unwrap(), b"");
        assert!(unpacked(&GZIP[..10], 6).is_err());
    }

    #[test]
    fn what_is_not_compressed_is_not_recognised() {
        for bytes in [&b""[..], b"\x1f\x8b", b"hello", &[0xd4, 0xc3, 0xb2, 0xa1]] {
            assert_eq!(Compression::recognise(bytes), None);
        }
    }
}

//! A first version: messages of a stream that is whole. Finding them again after a gap comes next.
#![allow(missing_docs)]
#[derive(Debug, Clone, Copy)]
pub enum Skipped {
    Corrupt,
    MidStreamStart,
    GapTail,
    CaptureEnd,
}
pub trait FrameSink {
    fn message(&mut self, offset: u64, bytes: &[u8]);
    fn skipped(&mut self, offset: u64, length: u64, cause: Skipped);
}
#[derive(Debug, Default)]
pub struct Framer {
    carry: Vec<u8>,
    at: u64,
    dead: bool,
    any: bool,
}
fn header(b: &[u8]) -> Option<usize> {
    let h = super::CommonHeader::peek(b)?;
    (h.version == 3
        && h.length >= 6
        && h.length < 100_000
        && (h.message_type.0 <= 6 || h.message_type.0 == 100))
        .then_some(h.length as usize)
}
impl Framer {
    pub fn new(_f: bool) -> Framer {
        Framer::default()
    }
    pub fn push(&mut self, offset: u64, mut data: &[u8], sink: &mut impl FrameSink) {
        if self.dead {
            return;
        }
        let mut offset = offset;
        if !self.carry.is_empty() {
            while self.carry.len() < 6 {
                let Some((f, r)) = data.split_first() else {
                    return;
                };
                self.carry.push(*f);
                data = r;
                offset += 1;
            }
            let Some(n) = header(&self.carry) else {
                self.dead = true;
                return;
            };
            let k = n.saturating_sub(self.carry.len()).min(data.len());
            let (a, b) = data.split_at(k);
            self.carry.extend_from_slice(a);
            data = b;
            offset += k as u64;
            if self.carry.len() < n {
                return;
            }
            sink.message(self.at, &self.carry);
            self.carry.clear();
        }
        while data.len() >= 6 {
            let Some(n) = header(data) else {
                self.dead = true;
                return;
            };
            let Some((a, b)) = data.split_at_checked(n) else {
                break;
            };
            sink.message(offset, a);
            self.any = true;
            offset += n as u64;
            data = b;
        }
        self.at = offset;
        self.carry.extend_from_slice(data);
    }
    pub fn gap(&mut self, _o: u64, _l: u64, _s: &mut impl FrameSink) {
        if _l > 0 {
            self.dead = true;
        }
    }
    pub fn finish(&mut self, _s: &mut impl FrameSink) {}
    pub fn continues_with(&self, data: &[u8]) -> bool {
        if self.carry.is_empty() {
            header(data).is_some()
        } else {
            true
        }
    }
}
pub fn looks_like_bmp(prefix: &[u8]) -> bool {
    header(prefix)
        .and_then(|n| prefix.get(n..))
        .and_then(header)
        .is_some()
}

//! A window: the octets that items of one batch lie in, and the buffers that are used again.

use super::map::Map;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// A run of an input's octets: a slice of the memory map, or a buffer that was read into.
///
/// Cheap to clone. Give windows back with [`Capture::recycle`](super::Capture::recycle).
#[derive(Clone)]
pub struct Window(Arc<Bytes>);

enum Bytes {
    Mapped(Arc<Map>, Range<usize>),
    Buffer(Vec<u8>),
}

impl Window {
    /// A part of a mapped file; empty if the map is shorter.
    pub(super) fn mapped(map: &Arc<Map>, range: Range<usize>) -> Window {
        Window(Arc::new(Bytes::Mapped(Arc::clone(map), range)))
    }

    /// Octets that were read.
    pub(super) fn buffer(bytes: Vec<u8>) -> Window {
        Window(Arc::new(Bytes::Buffer(bytes)))
    }
}

impl Deref for Window {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &*self.0 {
            Bytes::Mapped(map, range) => map.bytes().get(range.clone()).unwrap_or_default(),
            Bytes::Buffer(bytes) => bytes,
        }
    }
}

impl std::fmt::Debug for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match &*self.0 {
            Bytes::Mapped(..) => "mapped",
            Bytes::Buffer(_) => "buffer",
        };
        write!(f, "Window({kind}, {} octets)", self.len())
    }
}

/// Buffers that wait to be used again.
#[derive(Debug, Default)]
pub(super) struct Pool {
    buffers: Vec<Vec<u8>>,
    /// Larger buffers are given back to the system: one long record must not stay in memory.
    largest: usize,
}

/// Buffers kept: as many as batches can be under way, and one.
const KEPT: usize = 4;

impl Pool {
    /// A pool that keeps buffers of up to `largest` octets.
    pub(super) fn new(largest: usize) -> Pool {
        Pool {
            buffers: Vec::new(),
            largest,
        }
    }

    /// An empty buffer.
    pub(super) fn buffer(&mut self) -> Vec<u8> {
        self.buffers.pop().unwrap_or_default()
    }

    /// Takes a window back. If no one else holds it, its buffer is kept or its pages are dropped.
    pub(super) fn release(&mut self, window: Window) {
        match Arc::into_inner(window.0) {
            Some(Bytes::Mapped(map, range)) => map.forget(range),
            Some(Bytes::Buffer(bytes)) => self.keep(bytes),
            None => {}
        }
    }

    fn keep(&mut self, mut bytes: Vec<u8>) {
        if self.buffers.len() < KEPT && (1..=self.largest).contains(&bytes.capacity()) {
            bytes.clear();
            self.buffers.push(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again_once_no_one_holds_its_window() {
        let mut pool = Pool::new(100);
        let window = Window::buffer(Vec::with_capacity(50));
        let held = window.clone();
        pool.release(window);
        assert_eq!(pool.buffer().capacity(), 0, "still held");
        pool.release(held);
        assert_eq!(pool.buffer().capacity(), 50);
    }

    #[test]
    fn a_buffer_that_grew_for_one_long_record_is_not_kept() {
        let mut pool = Pool::new(100);
        pool.release(Window::buffer(Vec::with_capacity(101)));
        assert_eq!(pool.buffer().capacity(), 0);
    }

    #[test]
    fn windows_cross_threads() {
        fn check<T: Send + Sync + Clone>() {}
        check::<Window>();
    }
}

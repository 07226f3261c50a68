//! Runs of the program on input that is made while it reads, with its peak memory and its time.
//! Linux only: the peak is `VmHWM` of `/proc/PID/status`.

use super::program;
use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What a run took.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Exit code.
    pub(crate) code: i32,
    /// Most resident memory, octets.
    pub(crate) peak: u64,
    /// From start to end.
    pub(crate) time: Duration,
    /// Octets written to its stdin.
    pub(crate) input: u64,
    /// Its stdout, as far as it was kept.
    pub(crate) stdout: Vec<u8>,
    /// Its stderr.
    pub(crate) stderr: String,
}

/// Takes the input as it is made.
pub(crate) struct Pipe {
    to: BufWriter<ChildStdin>,
    pub(crate) written: u64,
}

impl Write for Pipe {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let count = self.to.write(octets)?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Runs the program with `arguments`; `make` writes what it reads from stdin. A program that stops
/// reading is no error. `BMPSCOPE_BINARY` names another build of it.
pub(crate) fn measure(
    arguments: &[&str],
    make: impl FnOnce(&mut Pipe) -> io::Result<()>,
) -> Measured {
    let binary = std::env::var_os("BMPSCOPE_BINARY");
    let binary = binary.map_or_else(|| program::binary().to_path_buf(), PathBuf::from);
    let start = Instant::now();
    let mut child = Command::new(binary)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let to = BufWriter::with_capacity(1 << 20, child.stdin.take().unwrap());
    let mut pipe = Pipe { to, written: 0 };
    let stdout = keep(child.stdout.take().unwrap(), 1 << 30);
    let stderr = keep(child.stderr.take().unwrap(), 1 << 20);
    let watch = watch(child.id());
    let made = make(&mut pipe).and_then(|()| pipe.flush());
    if let Err(error) = made {
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe, "{error}");
    }
    let input = pipe.written;
    drop(pipe);
    let code = finish(&mut child);
    Measured {
        code,
        peak: watch.join().unwrap(),
        time: start.elapsed(),
        input,
        stdout: stdout.join().unwrap(),
        stderr: String::from_utf8_lossy(&stderr.join().unwrap()).into_owned(),
    }
}

fn finish(child: &mut Child) -> i32 {
    let status = child.wait().unwrap();
    status
        .code()
        .unwrap_or_else(|| panic!("ended by a signal: {status}"))
}

/// Reads to the end, and keeps the first octets.
fn keep(mut from: impl Read + Send + 'static, most: usize) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut kept = Vec::new();
        let mut part = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from.read(&mut part) {
            let room = most - kept.len();
            kept.extend(&part[..count.min(room)]);
        }
        kept
    })
}

/// The last peak before the process ends.
fn watch(process: u32) -> thread::JoinHandle<u64> {
    thread::spawn(move || {
        let mut peak = 0;
        while let Some(now) = peak_of(process) {
            peak = now;
            thread::sleep(Duration::from_millis(2));
        }
        peak
    })
}

fn peak_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

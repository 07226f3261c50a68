//! Where captures are: `testdata` in the project, and the shared captures where a machine has them.

use std::path::{Path, PathBuf};

/// The project's folder of small captures.
pub(crate) fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

/// A file of `testdata`; it has to be there.
pub(crate) fn testdata_file(name: &str) -> PathBuf {
    let path = testdata().join(name);
    assert!(path.is_file(), "testdata/{name} is missing");
    path
}

/// Every capture and bare stream of `testdata` that is not compressed, in the order of names.
pub(crate) fn testdata_captures() -> Vec<PathBuf> {
    let is_capture = |path: &PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("pcap" | "pcapng" | "bmp"))
    };
    let entries = std::fs::read_dir(testdata()).unwrap();
    let mut captures: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(is_capture)
        .collect();
    captures.sort();
    assert!(!captures.is_empty(), "testdata holds no capture");
    captures
}

/// The shared captures, outside of the project: `BMPSCOPE_SHARED`, or `../shared` beside it. None,
/// with a note, on a machine that has none.
pub(crate) fn shared_captures() -> Option<PathBuf> {
    let shared = match std::env::var_os("BMPSCOPE_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
    };
    let captures = shared.join("captures");
    if captures.is_dir() {
        return Some(captures);
    }
    let shown = captures.display();
    eprintln!("note: no shared captures at {shown} (BMPSCOPE_SHARED names their place): skipped");
    None
}

/// A capture of the lab: its copy in `testdata`, or the one among the shared captures.
pub(crate) fn lab(name: &str) -> Option<PathBuf> {
    let copy = testdata().join(name);
    if copy.is_file() {
        return Some(copy);
    }
    let path = shared_captures()?.join("lab").join(name);
    assert!(path.is_file(), "{} is missing", path.display());
    Some(path)
}

/// Every capture and bare stream below a folder that is not compressed, in the order of names.
pub(crate) fn captures_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let extension = path.extension().and_then(|one| one.to_str());
        if path.is_dir() {
            found.extend(captures_below(&path));
        } else if matches!(extension, Some("pcap" | "pcapng" | "bmp" | "obmp")) {
            found.push(path);
        }
    }
    found.sort();
    found
}

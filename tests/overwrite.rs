//! An answer never takes the place of what it was asked about, nor a kept report that of a better one.
#![allow(clippy::unwrap_used, reason = "a panic is how a test says no")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use support::places;
use support::program::run;
use tempfile::TempDir;

/// A folder with a capture in it.
fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.pcap");
    fs::copy(places::testdata_file("tcp-ao-sha1.pcap"), &path).unwrap();
    (folder, path)
}

/// The program refuses, says why in these words, and leaves the file as it was.
fn refuses(arguments: &[&str], file: &Path, says: &str) {
    let before = fs::read(file).unwrap();
    let run = run(arguments);
    assert_eq!(run.code, 2, "{run}");
    assert!(run.stderr.contains(says), "{run}");
    assert!(run.stdout.is_empty());
    assert_eq!(fs::read(file).unwrap(), before);
}

#[test]
fn an_input_is_not_replaced_by_its_answer() {
    let (folder, file) = folder();
    let path = file.to_str().unwrap();
    let says = format!("{path}: that file is an input, and the answer would replace it");
    refuses(&["summary", "-o", path, path], &file, &says);
    refuses(&["messages", "-o", path, path], &file, &says);
    refuses(&["defaults", "--save", path, path], &file, &says);
    let directory = folder.path().to_str().unwrap();
    refuses(&["summary", "-o", path, directory], &file, &says);
    // By another name.
    let link = folder.path().join("link.json");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let says = "is an input, and the answer would replace it";
    refuses(
        &["summary", "-o", link.to_str().unwrap(), path],
        &file,
        says,
    );
}

#[test]
fn nor_is_what_an_option_names() {
    let (folder, file) = folder();
    let path = file.to_str().unwrap();
    let keys = folder.path().join("keys.toml");
    fs::copy(places::testdata_file("tcp-ao/keys.toml"), &keys).unwrap();
    let named = keys.to_str().unwrap();
    let says = "that file is read by an option, and the answer would replace it";
    refuses(&["auth", "--keys", named, "-o", named, path], &keys, says);
    let says = "--output and --save are the same file";
    refuses(
        &["defaults", "--save", named, "-o", named, path],
        &keys,
        says,
    );
}

#[test]
fn an_earlier_answer_is_replaced_and_a_kept_report_renewed() {
    let (folder, file) = folder();
    let (path, directory) = (file.to_str().unwrap(), folder.path().to_str().unwrap());
    let answer = folder.path().join("answer.json");
    let kept = answer.to_str().unwrap();
    for _ in 0..2 {
        assert_eq!(run(&["summary", "-q", "--json", "-o", kept, path]).code, 0);
        assert!(
            fs::read_to_string(&answer)
                .unwrap()
                .contains("bmpscope/summary/1")
        );
    }
    // The first answer lies in the directory that is read: it is no capture.
    run(&["summary", "-q", "-o", kept, directory]);
    assert!(fs::read_to_string(&answer).unwrap().contains("a.pcap"));
    assert_eq!(run(&["defaults", "-q", "--save", kept, path]).code, 0);
    let renewed = run(&["defaults", "-q", "--against", kept, "--save", kept, path]);
    assert_eq!(renewed.code, 0, "{renewed}");
}

#[test]
fn a_report_is_kept_only_where_every_input_could_be_read() {
    let (folder, file) = folder();
    let kept = folder.path().join("golden.json");
    fs::write(&kept, "golden").unwrap();
    let (path, kept_path) = (file.to_str().unwrap(), kept.to_str().unwrap());
    let run = run(&["defaults", "--save", kept_path, path, "no-such.pcap"]);
    assert_eq!(run.code, 2);
    let says = "golden.json: not saved, because not every input could be read";
    assert!(run.stderr.contains(says), "{run}");
    assert_eq!(fs::read_to_string(&kept).unwrap(), "golden");
}

//! Inputs that cannot be read or hold no BMP: what the program says, and its exit code.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a panic is how a test says no; a skipped test says so on stderr"
)]

mod support;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use support::capture_file::{Fraction, Order, Record, pcap, pcapng};
use support::program::{Input, Run, ask, run, run_with_stdin};
use support::tcp::Conversation;
use support::{bgp, places, sample};

/// The commands that read captures.
const COMMANDS: &[&str] = &["summary", "peers", "messages"];

#[test]
fn a_file_that_is_missing_is_named() {
    for command in COMMANDS {
        let run = ask(command, &[], &Input::file(Path::new("no-such-file.pcap")));
        refused(
            &run,
            &["no-such-file.pcap"],
            &["no such file", "not found", "exist"],
        );
    }
}

#[test]
fn a_file_that_may_not_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret.pcap");
    std::fs::copy(places::testdata_file("frr107-gobgp.pcap"), &path).unwrap();
    forbid(&path);
    if std::fs::File::open(&path).is_ok() {
        eprintln!("note: this user may read every file: skipped");
        return;
    }
    for command in COMMANDS {
        let run = ask(command, &[], &Input::file(&path));
        refused(&run, &["secret.pcap"], &["permission"]);
    }
}

#[test]
fn a_folder_without_captures_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nothing-here");
    std::fs::create_dir(&path).unwrap();
    for command in COMMANDS {
        let run = ask(command, &[], &Input::file(&path));
        refused(&run, &["nothing-here"], &["directory", "no capture"]);
    }
}

#[test]
fn an_empty_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), "nothing.pcap", b"");
    for command in COMMANDS {
        let run = ask(command, &[], &Input::file(&path));
        refused(&run, &["nothing.pcap"], &["empty"]);
        let run = ask(command, &[], &Input::Pipe(Vec::new()));
        refused(&run, &[], &["empty"]);
    }
}

#[test]
fn what_is_no_capture_is_named() {
    let folder = tempfile::tempdir().unwrap();
    // One header of BMP could be chance: a bare stream needs two that are chained.
    let one_header = [3, 0, 0, 0, 6, 4, b'n', b'o', b't', b' ', b'B', b'M', b'P'];
    let cases: [(&str, &[u8]); 4] = [
        ("letter.txt", b"Dear router,\nhow do you do?\n"),
        ("zeros.bin", &[0; 4096]),
        ("short.bin", &[0xd4]),
        ("one-header.bin", &one_header),
    ];
    for (name, bytes) in cases {
        let path = written(folder.path(), name, bytes);
        for command in COMMANDS {
            let run = ask(command, &[], &Input::file(&path));
            refused(&run, &[name], &["capture"]);
            let run = ask(command, &[], &Input::Pipe(bytes.to_vec()));
            refused(&run, &[], &["capture"]);
        }
    }
}

#[test]
fn the_other_inputs_are_answered_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let empty = written(folder.path(), "nothing.pcap", b"");
    let good = places::testdata_file("frr-gobgp-small.pcap");
    let missing = PathBuf::from("no-such-file.pcap");
    let alone = ask("summary", &["--json"], &Input::file(&good)).answered();
    for files in [
        vec![missing.clone(), good.clone(), empty.clone()],
        vec![empty, good, missing],
    ] {
        let run = ask("summary", &["--json"], &Input::Files(files));
        assert_eq!(run.code, 2, "{run}");
        for name in ["no-such-file.pcap", "nothing.pcap"] {
            assert!(run.stderr.contains(name), "{run}");
        }
        assert_eq!(run.json()["sessions"], alone.json()["sessions"]);
    }
}

#[test]
fn a_capture_without_bmp_is_answered_and_told_what_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), "bgp.pcap", &as_pcap(&bgp_session()));
    for command in ["summary", "peers"] {
        let run = ask(command, &["--json"], &Input::file(&path)).answered();
        tells(&run, &["no bmp", "179"]);
        let key = match command {
            "summary" => "sessions",
            _ => "peers",
        };
        assert_eq!(run.json()[key].as_array().unwrap().len(), 0, "{run}");
    }
    let run = ask("messages", &[], &Input::file(&path)).answered();
    tells(&run, &["no bmp", "179"]);
    assert!(run.stdout.is_empty(), "{run}");
}

#[test]
fn a_capture_of_tls_is_told_to_be_tls() {
    let hello = [
        0x16, 0x03, 0x01, 0x00, 0x05, // handshake, TLS 1.0 record, five octets
        0x01, 0x00, 0x00, 0x01, 0x00, // ClientHello of one octet
    ];
    let conversation = Conversation::new("192.0.2.1:40000", "192.0.2.100:11030");
    let records = conversation.records(&conversation.whole(&hello));
    let run = ask("summary", &["--json"], &Input::Pipe(as_pcap(&records))).answered();
    tells(&run, &["no bmp", "11030", "tls"]);
}

#[test]
fn a_capture_of_no_packets_is_a_capture() {
    for bytes in [as_pcap(&[]), pcapng(&[], &[6])] {
        let run = ask("summary", &["--json"], &Input::Pipe(bytes)).answered();
        tells(&run, &["no bmp"]);
        let answer = run.json();
        assert_eq!(answer["inputs"][0]["packets"], 0);
        assert!(answer["inputs"][0]["first_time"].is_null());
    }
}

#[test]
fn a_capture_cut_short_anywhere_is_used_up_to_the_cut() {
    let conversation = Conversation {
        segment_size: 100,
        ..Conversation::new("192.0.2.1:40000", "192.0.2.100:1790")
    };
    let records = conversation.records(&conversation.whole(&sample::stream()));
    let whole = as_pcap(&records);
    let mut before = 0;
    for length in (25..whole.len()).step_by(61) {
        let input = Input::Pipe(whole[..length].to_vec());
        let answer = ask("summary", &["--json"], &input).answered().json();
        let sessions = answer["sessions"].as_array().unwrap();
        let totals = sessions.iter().map(|session| &session["messages"]["total"]);
        let total: u64 = totals.map(|total| total.as_u64().unwrap()).sum();
        assert!(total >= before, "{length} octets: {total} after {before}");
        before = total;
    }
    assert!(before > 0);
}

#[test]
fn only_the_ports_that_are_asked_for_are_looked_at() {
    let path = places::testdata_file("frr107-gobgp.pcap");
    let answer = ask(
        "summary",
        &["--json", "--port", "11049"],
        &Input::file(&path),
    );
    let answer = answer.answered().json();
    let sessions = answer["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 1, "{sessions:?}");
    assert_eq!(sessions[0]["router"]["address"], "10.0.0.2");
    assert_eq!(sessions[0]["station"]["port"], 11049);
}

#[test]
fn an_output_file_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let good = places::testdata_file("frr107-gobgp.pcap");
    let expected = ask("summary", &["--json"], &Input::file(&good)).answered();
    let output = folder.path().join("answer.json");
    let run = ask(
        "summary",
        &["--json", "-o", output.to_str().unwrap()],
        &Input::file(&good),
    )
    .answered();
    assert!(run.stdout.is_empty(), "{run}");
    assert_eq!(std::fs::read(&output).unwrap(), expected.stdout);
    let nowhere = folder.path().join("no-folder/answer.json");
    let options = ["--json", "-o", nowhere.to_str().unwrap()];
    let run = ask("summary", &options, &Input::file(&good));
    refused(&run, &["answer.json"], &[]);
    assert!(!nowhere.exists());
}

#[test]
fn wrong_usage_is_code_2() {
    let cases: [&[&str]; 6] = [
        &[],
        &["summary"],
        &["messages"],
        &["no-such-report", "a.pcap"],
        &["summary", "--no-such-option", "a.pcap"],
        &["summary", "--format", "no-such-format", "a.pcap"],
    ];
    for arguments in cases {
        let run = run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {run}");
        assert!(run.stdout.is_empty() && !run.stderr.is_empty(), "{run}");
    }
}

#[test]
fn no_octets_whatever_make_it_fall() {
    let mut random = support::tcp::Random(7);
    let whole = as_pcap(&bmp_session());
    for round in 0..100 {
        let mut bytes = whole.clone();
        for _ in 0..=round % 8 {
            let at = random.below(bytes.len() as u64) as usize;
            bytes[at] = random.below(256) as u8;
        }
        for command in COMMANDS {
            let arguments = [OsString::from(command), OsString::from("-")];
            let run = run_with_stdin(&arguments, &bytes);
            assert!(matches!(run.code, 0 | 2), "round {round}: {run}");
        }
    }
}

fn bgp_session() -> Vec<Record> {
    let open = bgp::Open::usual(64500, "192.0.2.1".parse().unwrap()).encode();
    let stream = [open, bgp::keepalive(), bgp::end_of_rib_ipv4()].concat();
    let conversation = Conversation::new("192.0.2.1:40000", "192.0.2.2:179");
    conversation.records(&conversation.whole(&stream))
}

fn bmp_session() -> Vec<Record> {
    let conversation = Conversation {
        segment_size: 100,
        ..Conversation::new("192.0.2.1:40000", "192.0.2.100:1790")
    };
    conversation.records(&conversation.whole(&sample::stream()))
}

fn as_pcap(records: &[Record]) -> Vec<u8> {
    pcap(records, Order::Little, Fraction::Micro)
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Exit code 2, and stderr names all of `names` and has at least one of `reasons`.
#[track_caller]
fn refused(run: &Run, names: &[&str], reasons: &[&str]) {
    assert_eq!(run.code, 2, "{run}");
    let said = run.stderr.to_lowercase();
    for name in names {
        assert!(run.stderr.contains(name), "does not name {name}: {run}");
    }
    let has_reason = reasons.is_empty() || reasons.iter().any(|reason| said.contains(reason));
    assert!(has_reason, "none of {reasons:?}: {run}");
    assert!(!said.contains("panicked"), "{run}");
}

/// Stderr has each of these words, in any case.
#[track_caller]
fn tells(run: &Run, words: &[&str]) {
    let said = run.stderr.to_lowercase();
    for word in words {
        assert!(said.contains(word), "does not tell {word:?}: {run}");
    }
}

#[cfg(unix)]
fn forbid(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let nobody = std::fs::Permissions::from_mode(0o000);
    std::fs::set_permissions(path, nobody).unwrap();
}

#[cfg(not(unix))]
fn forbid(_: &Path) {}

//! Which module may use which: imports only point down, so that no cycle can be written. Also
//! what may stand in one place only: `unsafe`, printing, exits and the environment.
//!
//! Reads the sources as text. A new edge is a line in `MAY_USE`, seen in review.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a panic is how a test says no"
)]

mod support;

use std::path::{Path, PathBuf};
use support::rust_tokens::{Token, tokens};

/// Each module and what it may use, lowest first: a module may use only those above its line.
const MAY_USE: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("time", &[]),
    ("net", &["wire"]),
    ("finding", &["time"]),
    // Files of secrets, and what they hold.
    ("secret", &[]),
    // Transport: knows nothing of BMP.
    ("capture", &["wire", "net", "time", "finding"]),
    ("packet", &["wire", "net", "time", "finding", "capture"]),
    (
        "stream",
        &["wire", "net", "time", "finding", "capture", "packet"],
    ),
    ("tls", &["wire", "secret", "stream"]),
    (
        "auth",
        &[
            "wire", "net", "time", "finding", "secret", "capture", "packet", "stream", "tls",
        ],
    ),
    // Protocol: knows nothing of files and packets.
    ("bgp", &["wire", "net", "time", "finding"]),
    ("rpki", &["wire", "net", "time", "finding"]),
    ("bmp", &["wire", "net", "time", "finding", "bgp"]),
    // Where the two meet.
    (
        "session",
        &[
            "wire", "net", "time", "finding", "capture", "packet", "stream", "auth", "bgp", "rpki",
            "bmp",
        ],
    ),
    (
        "pipeline",
        &[
            "wire", "net", "time", "finding", "capture", "packet", "stream", "tls", "auth", "bgp",
            "rpki", "bmp", "session",
        ],
    ),
    // Above, everything only reads.
    (
        "analysis",
        &[
            // Of auth and tls, what was watched of connections.
            "wire", "net", "time", "finding", "stream", "tls", "auth", "bgp", "rpki", "bmp",
            "session",
        ],
    ),
    ("sheet", &["net", "time", "finding"]),
    (
        "report",
        &[
            // Of capture, what an input is; of auth and tls, the keys.
            "wire", "net", "time", "finding", "secret", "capture", "tls", "auth", "bgp", "rpki",
            "bmp", "session", "pipeline", "analysis", "sheet",
        ],
    ),
    ("output", &["wire", "net", "time", "finding", "sheet"]),
    (
        "cli",
        &[
            "wire", "net", "time", "finding", "capture", "packet", "stream", "tls", "auth", "bgp",
            "rpki", "bmp", "session", "pipeline", "analysis", "sheet", "report", "output",
        ],
    ),
    // The program itself (src/main.rs).
    ("main", &["cli"]),
];

/// The file that owns the memory map.
const UNSAFE: &str = "src/capture/map.rs";

#[test]
fn imports_only_point_down() {
    let wrong: Vec<String> = sources().iter().flat_map(wrong_imports).collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn the_map_holds_every_module_and_no_cycle() {
    for (index, (module, allowed)) in MAY_USE.iter().enumerate() {
        let below = &MAY_USE[..index];
        for name in *allowed {
            let is_below = below.iter().any(|(lower, _)| lower == name);
            assert!(is_below, "{module} may use {name}, which is not below it");
        }
    }
    let unknown: Vec<String> = sources()
        .iter()
        .filter(|source| source.module != "lib" && may_use(&source.module).is_none())
        .map(|source| format!("{}: {} is not in MAY_USE", source.name, source.module))
        .collect();
    assert!(unknown.is_empty(), "\n{}\n", unknown.join("\n"));
}

#[test]
fn unsafe_stays_in_the_file_that_owns_the_map() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.name != UNSAFE) {
        for token in source.tokens.iter().filter(|token| token.is("unsafe")) {
            wrong.push(format!("{}:{}: unsafe", source.name, token.line));
        }
    }
    assert!(
        wrong.is_empty(),
        "only in {UNSAFE}:\n{}\n",
        wrong.join("\n")
    );
}

#[test]
fn only_cli_prints_exits_and_reads_the_environment() {
    let mut wrong = Vec::new();
    let programs = |source: &&Source| source.module != "cli" && !is_test(&source.name);
    for source in sources().iter().filter(programs) {
        for (line, what) in edges_of_the_program(&without_tests(&source.tokens)) {
            wrong.push(format!("{}:{line}: {what}", source.name));
        }
    }
    assert!(wrong.is_empty(), "only in src/cli:\n{}\n", wrong.join("\n"));
}

/// One file of `src`.
struct Source {
    /// `src/capture/map.rs`.
    name: String,
    /// `capture`.
    module: String,
    /// Modules between the crate and what stands at the top of the file: 1 in `src/net.rs`.
    depth: usize,
    tokens: Vec<Token>,
}

/// The file, or a folder that it is in, is declared under `#[cfg(test)]` by its parent.
fn is_test(name: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut path = Path::new(name).with_extension("");
    while let (Some(stem), Some(parent)) = (path.file_name(), path.parent().map(Path::to_owned)) {
        let declared = format!("#[cfg(test)]\nmod {};", stem.to_string_lossy());
        let files = [parent.join("mod.rs"), parent.with_extension("rs")];
        let declares = |file: &PathBuf| {
            std::fs::read_to_string(root.join(file)).is_ok_and(|text| text.contains(&declared))
        };
        if files.iter().any(declares) {
            return true;
        }
        path = parent;
    }
    false
}

fn may_use(module: &str) -> Option<&'static [&'static str]> {
    let row = MAY_USE.iter().find(|(name, _)| *name == module)?;
    Some(row.1)
}

fn wrong_imports(source: &Source) -> Vec<String> {
    // lib.rs only declares the modules.
    let Some(allowed) = may_use(&source.module) else {
        return Vec::new();
    };
    let mut wrong = Vec::new();
    for (line, used) in used_modules(source) {
        let is_own = used == source.module;
        if !is_own && !allowed.contains(&used.as_str()) {
            let place = format!("{}:{line}", source.name);
            let module = &source.module;
            wrong.push(format!(
                "{place}: {module} uses {used}; it may use {allowed:?}"
            ));
        }
    }
    wrong
}

/// Modules at the top of the crate that a file names, with the line of each.
fn used_modules(source: &Source) -> Vec<(usize, String)> {
    let tokens = &source.tokens;
    let mut used = Vec::new();
    // Brace depth at which each `mod name {` of this file began.
    let mut inline: Vec<usize> = Vec::new();
    let mut braces = 0;
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            "{" => braces += 1,
            "}" => {
                braces -= 1;
                inline.retain(|began| *began < braces);
            }
            "mod" if is_at(tokens, at + 2, "{") => inline.push(braces),
            "super" => {
                let (supers, after) = count_supers(tokens, at);
                if supers >= source.depth + inline.len() {
                    first_segments(tokens, after, &mut used);
                }
                at = after;
                continue;
            }
            "crate" | "bmpscope" if is_at(tokens, at + 1, "::") => {
                first_segments(tokens, at + 2, &mut used);
            }
            _ => {}
        }
        at += 1;
    }
    used
}

fn is_at(tokens: &[Token], at: usize, text: &str) -> bool {
    tokens.get(at).is_some_and(|token| token.is(text))
}

/// How long a chain of `super::` is, and where what follows begins.
fn count_supers(tokens: &[Token], mut at: usize) -> (usize, usize) {
    let mut supers = 0;
    while is_at(tokens, at, "super") {
        supers += 1;
        at += 1;
        if !is_at(tokens, at, "::") {
            break;
        }
        at += 1;
    }
    (supers, at)
}

/// The first name of each path behind `crate::`: one, or one for each branch of `{a::b, c}`.
fn first_segments(tokens: &[Token], at: usize, used: &mut Vec<(usize, String)>) {
    let Some(first) = tokens.get(at) else {
        return;
    };
    if !first.is("{") {
        used.push((first.line, first.text.clone()));
        return;
    }
    let mut depth = 0;
    let mut begins = false;
    for token in &tokens[at..] {
        match token.text.as_str() {
            "{" => {
                depth += 1;
                begins = depth == 1;
            }
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            }
            "," if depth == 1 => begins = true,
            _ if begins => {
                used.push((token.line, token.text.clone()));
                begins = false;
            }
            _ => {}
        }
    }
}

/// The tokens outside of `#[cfg(test)] mod ... { }`.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    const MARK: [&str; 8] = ["#", "[", "cfg", "(", "test", ")", "]", "mod"];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_mark = |(offset, text): (usize, &&str)| is_at(tokens, at + offset, text);
        if MARK.iter().enumerate().all(is_mark) && is_at(tokens, at + MARK.len() + 1, "{") {
            at = behind_braces(tokens, at + MARK.len() + 1);
            continue;
        }
        kept.push(tokens[at].clone());
        at += 1;
    }
    kept
}

fn behind_braces(tokens: &[Token], mut at: usize) -> usize {
    let mut depth = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token.text.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            _ => {}
        }
    }
    at
}

/// Printing, exits and the environment: line and what it is.
fn edges_of_the_program(tokens: &[Token]) -> Vec<(usize, String)> {
    const MACROS: &[&str] = &["println", "eprintln", "print", "eprint", "dbg"];
    const HANDLES: &[&str] = &["stdout", "stderr"];
    let mut edges = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let name = token.text.as_str();
        let is_print = MACROS.contains(&name) && is_at(tokens, at + 1, "!");
        let is_handle = HANDLES.contains(&name) && is_at(tokens, at + 1, "(");
        if is_print || is_handle {
            edges.push((token.line, name.to_string()));
        }
        let named = names_behind(tokens, at);
        for (owner, part) in [("std", "env"), ("process", "exit"), ("process", "abort")] {
            if name == owner && named.iter().any(|(_, name)| name == part) {
                edges.push((token.line, format!("{owner}::{part}")));
            }
        }
    }
    edges
}

/// The names right behind `name::`, in braces or not.
fn names_behind(tokens: &[Token], at: usize) -> Vec<(usize, String)> {
    let mut names = Vec::new();
    if is_at(tokens, at + 1, "::") {
        first_segments(tokens, at + 2, &mut names);
    }
    names
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    rust_files(&root.join("src"), &mut files);
    files.sort();
    assert!(!files.is_empty(), "src holds no Rust file");
    files.iter().map(|file| source(root, file)).collect()
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn source(root: &Path, file: &Path) -> Source {
    let relative = file.strip_prefix(root).unwrap();
    let name = relative.to_str().unwrap().replace('\\', "/");
    let text = std::fs::read_to_string(file).unwrap();
    source_of(&name, &text)
}

fn source_of(name: &str, text: &str) -> Source {
    let inside = name.trim_start_matches("src/").trim_end_matches(".rs");
    let mut modules: Vec<&str> = inside.split('/').collect();
    let module = modules[0].to_string();
    modules.retain(|module| *module != "mod");
    Source {
        name: name.to_string(),
        module,
        depth: modules.len(),
        tokens: tokens(text),
    }
}

/// The modules that a text names, were it the file `name`.
fn names(name: &str, text: &str) -> Vec<(usize, String)> {
    used_modules(&source_of(name, text))
}

fn expected(names: &[(usize, &str)]) -> Vec<(usize, String)> {
    let owned = names.iter().map(|(line, name)| (*line, name.to_string()));
    owned.collect()
}

#[test]
fn nested_trees_and_inline_paths_are_found() {
    let text = "use crate::{\n    wire::{Cursor, DecodeError},\n    net,\n};\n\
                use crate::time::Timestamp;\nfn f() { crate::bmp::frame(); }\n\
                pub(in crate::bgp) fn g() {}\npub(crate) fn h() {}\n";
    let found = expected(&[(2, "wire"), (3, "net"), (5, "time"), (6, "bmp"), (7, "bgp")]);
    assert_eq!(names("src/bgp/update.rs", text), found);
}

#[test]
fn comments_and_literals_name_nothing() {
    let text = "//! [`crate::cli`]\n/* crate::cli /* crate::cli */ crate::cli */\n\
                const A: &str = \"crate::cli \\\" crate::cli\";\n\
                const B: &str = r#\"\"crate::cli\"#;\n\
                const C: (char, &'static [u8]) = ('\"', b\"crate::cli\");\nuse crate::net;\n";
    assert_eq!(names("src/bgp.rs", text), expected(&[(6, "net")]));
}

#[test]
fn super_is_followed_to_the_top_of_the_crate() {
    let deep = "use super::frame;\nuse super::super::capture;\n\
                mod tests {\n    use super::*;\n    use super::super::x;\n    \
                use super::super::super::stream;\n}\nuse super::super::{session, net};\n";
    let found = expected(&[(2, "capture"), (6, "stream"), (8, "session"), (8, "net")]);
    assert_eq!(names("src/bmp/frame.rs", deep), found);
    let flat = "use super::cli;\nmod tests { use super::*; }\n";
    assert_eq!(names("src/bmp/mod.rs", flat), expected(&[(1, "cli")]));
    assert_eq!(names("src/net.rs", flat), expected(&[(1, "cli")]));
}

#[test]
fn an_import_upwards_is_told_with_its_line_and_what_is_allowed() {
    let source = source_of("src/bgp/open.rs", "\nuse crate::bmp::PeerHeader;\n");
    assert_eq!(
        wrong_imports(&source),
        ["src/bgp/open.rs:2: bgp uses bmp; it may use [\"wire\", \"net\", \"time\", \"finding\"]"]
    );
}

#[test]
fn prints_and_exits_are_found_outside_of_tests() {
    let text = "use std::{env, fs};\nfn f() { println!(\"x\"); std::process::exit(1) }\n\
                fn g() { let out = std::io::stdout(); }\n\
                #[cfg(test)]\nmod tests { fn t() { println!(); } }\nfn h() { eprint!(); }\n";
    let found = edges_of_the_program(&without_tests(&tokens(text)));
    let expected = expected(&[
        (1, "std::env"),
        (2, "println"),
        (2, "process::exit"),
        (3, "stdout"),
        (6, "eprint"),
    ]);
    assert_eq!(found, expected);
}

//! The manual page is the one that the program's own definition gives.

use std::path::Path;

#[test]
fn the_manual_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("man/bmpscope.1");
    let generated = bmpscope::cli::man_page();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == generated,
        "man/bmpscope.1 differs from the command line: run UPDATE_GOLDEN=1 cargo test --test man"
    );
}

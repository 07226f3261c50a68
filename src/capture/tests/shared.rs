//! Real captures of many tools, read in place if they are there.

use super::*;

/// The folder of captures; none if it is not there.
pub(super) fn captures() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("BMPSCOPE_SHARED").map_or(beside, PathBuf::from);
    let public = shared.join("captures/public");
    if public.is_dir() {
        return Some(public);
    }
    println!("skipped: no captures at {}", public.display());
    None
}

/// Packets that the inventory counts, where it does.
fn counted(content: &str) -> Option<u64> {
    let count = content
        .split(" | ")
        .find_map(|part| part.strip_suffix(" pkts"))?;
    count.parse().ok()
}

/// Link types of the inventory: `EN10MB(3)+NULL(1)`.
fn links(content: &str) -> Vec<String> {
    let part = content.split(" | ").nth(1).unwrap_or_default();
    if part.ends_with("pkts") {
        return Vec::new();
    }
    part.split('+')
        .map(|link| link.split('(').next().unwrap_or_default().to_string())
        .collect()
}

/// The inventory's word for a link type.
fn inventory_word(link: LinkType) -> String {
    match link.0 {
        0 => "NULL".into(),
        1 => "EN10MB".into(),
        9 => "PPP".into(),
        101 => "RAW".into(),
        104 => "C_HDLC".into(),
        105 => "IEEE802_11".into(),
        107 => "FRELAY".into(),
        108 => "LOOP".into(),
        113 => "LINUX_SLL".into(),
        228 => "IPV4".into(),
        229 => "IPV6".into(),
        239 => "NFLOG".into(),
        276 => "LINUX_SLL2".into(),
        u16::MAX => "?".into(),
        other => other.to_string(),
    }
}

#[test]
fn packets_and_link_types_agree_with_the_inventory() {
    let Some(folder) = captures() else { return };
    let inventory = std::fs::read_to_string(folder.join("INVENTORY.tsv")).unwrap();
    let (mut compared, mut wrong) = (0, Vec::new());
    for line in inventory.lines() {
        let columns: Vec<_> = line.split('\t').collect();
        let (Some(path), Some(content)) = (columns.first(), columns.get(10)) else {
            continue;
        };
        let packets = counted(content).filter(|_| content.starts_with("pcap"));
        let Some(packets) = packets else { continue };
        let (capture, errors) = Capture::open(&[folder.join(path)], options(64 * 1024));
        let read = read_all(capture);
        compared += 1;
        let found = read.inputs.first().map_or(0, |input| input.packets);
        let mut found_links: Vec<_> = read.items.iter().map(|item| item.link).collect();
        found_links.sort();
        found_links.dedup();
        let mut found_links: Vec<_> = found_links.into_iter().map(inventory_word).collect();
        let mut expected_links = links(content);
        found_links.sort();
        expected_links.sort();
        if found != packets || found_links != expected_links {
            wrong.push(format!(
                "{path}: {found} {found_links:?}, inventory: {content}; {errors:?} {:?}",
                read.messages()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("{compared} captures agree");
}

#[test]
fn maps_pipes_and_window_sizes_agree_on_real_captures() {
    let Some(folder) = captures() else { return };
    let inventory = std::fs::read_to_string(folder.join("INVENTORY.tsv")).unwrap();
    let paths = inventory.lines().filter_map(|line| line.split('\t').next());
    for path in paths
        .filter(|path| path.ends_with("pcap") || path.ends_with("pcapng"))
        .step_by(7)
    {
        let path = folder.join(path);
        let (capture, errors) = Capture::open(std::slice::from_ref(&path), options(1 << 20));
        if !errors.is_empty() {
            continue;
        }
        let expected = read_all(capture);
        assert_eq!(
            read(std::slice::from_ref(&path), 700),
            expected,
            "{}",
            path.display()
        );
    }
}

//! What the filters mean, told again over the JSON lines: prefixes as texts of bits, paths as lists.

use serde_json::Value;
use std::net::IpAddr;

/// Filters, as texts.
#[derive(Debug, Default)]
pub(crate) struct Ask {
    types: Vec<String>,
    ribs: Vec<String>,
    prefixes: Vec<String>,
    more: bool,
    less: bool,
    origins: Vec<u64>,
    communities: Vec<String>,
    /// AS numbers that a path has to have, at its begin, anywhere, or at its end.
    paths: Vec<(char, u64)>,
}

impl Ask {
    /// Adds filters that this line may fit; the choices say which.
    pub(crate) fn draw(&mut self, line: &Value, choices: &[u8; 8]) {
        let [
            types,
            ribs,
            prefixes,
            relation,
            origins,
            communities,
            paths,
            star,
        ] = *choices;
        let is_chosen = |choice: u8| choice.is_multiple_of(3);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        if is_chosen(types) {
            self.types.extend(text(&line["type"]));
        }
        if is_chosen(ribs) {
            self.ribs.extend(text(&line["rib"]));
        }
        for update in updates(line) {
            if is_chosen(prefixes) {
                let found = routes(update).filter_map(prefix);
                self.prefixes
                    .extend(found.take(1).map(|prefix| wider(prefix, star)));
                self.more = relation.is_multiple_of(2);
                self.less = relation % 4 < 2;
            }
            let path = asns(update);
            let nth = |choice: u8| path.get(usize::from(choice) % path.len().max(1)).copied();
            if is_chosen(origins) {
                self.origins.extend(nth(origins));
            }
            if is_chosen(paths) {
                let kind = ['^', '_', '$'][usize::from(star) % 3];
                self.paths.extend(nth(paths / 3).map(|asn| (kind, asn)));
            }
            if is_chosen(communities) {
                let one = communities_of(update).into_iter().next_back();
                self.communities.extend(one.map(|one| starred(&one, star)));
            }
        }
    }

    pub(crate) fn options(&self) -> Vec<String> {
        let mut options = Vec::new();
        let mut add = |name: &str, value: String| options.extend([name.to_owned(), value]);
        self.types
            .iter()
            .for_each(|word| add("--type", word.clone()));
        self.ribs.iter().for_each(|word| add("--rib", word.clone()));
        self.prefixes
            .iter()
            .for_each(|prefix| add("--prefix", prefix.clone()));
        self.origins
            .iter()
            .for_each(|asn| add("--origin-asn", asn.to_string()));
        self.communities
            .iter()
            .for_each(|one| add("--community", one.clone()));
        for (kind, asn) in &self.paths {
            let pattern = match kind {
                '^' => format!("^{asn}_"),
                '$' => format!("_{asn}$"),
                _ => format!("_{asn}_"),
            };
            add("--as-path", pattern);
        }
        if !self.prefixes.is_empty() {
            options.extend(self.more.then(|| "--more-specific".to_owned()));
            options.extend(self.less.then(|| "--less-specific".to_owned()));
        }
        options
    }

    pub(crate) fn wants(&self, line: &Value) -> bool {
        let word = line["type"].as_str().unwrap();
        let is_type = self.types.is_empty() || self.types.iter().any(|one| one == word);
        let has_routes = !(self.prefixes.is_empty()
            && self.origins.is_empty()
            && self.communities.is_empty()
            && self.paths.is_empty());
        if word == "gap" {
            let is_all = self.types.is_empty() && self.ribs.is_empty() && !has_routes;
            return is_all || self.types.iter().any(|one| one == "gap");
        }
        let is_rib = self.ribs.is_empty() || self.ribs.iter().any(|rib| line["rib"] == **rib);
        is_type && is_rib && (!has_routes || updates(line).any(|update| self.wants_update(update)))
    }

    fn wants_update(&self, update: &Value) -> bool {
        let is_prefix = |asked: &String| {
            routes(update)
                .filter_map(prefix)
                .any(|one| self.fits(asked, one))
        };
        let communities = communities_of(update);
        let is_community = |asked: &String| communities.iter().any(|one| is_like(asked, one));
        let path = asns(update);
        let has_path = update["as_path"].is_array();
        let is_path = |(kind, asn): &(char, u64)| match kind {
            '^' => first_is_plain(update) && path.first() == Some(asn),
            '$' => !last_is_set(update) && path.last() == Some(asn),
            _ => path.contains(asn),
        };
        let is_origin = |asn: &u64| match last_is_set(update) {
            true => last_segment(update).contains(asn),
            false => path.last() == Some(asn),
        };
        any_or_none(&self.prefixes, is_prefix)
            && any_or_none(&self.communities, is_community)
            && (self.paths.is_empty() || has_path)
            && any_or_none(&self.paths, is_path)
            && any_or_none(&self.origins, is_origin)
    }

    fn fits(&self, asked: &str, one: &str) -> bool {
        let (asked, one) = (bits(asked), bits(one));
        asked == one
            || (self.more && one.starts_with(&asked))
            || (self.less && asked.starts_with(&one))
    }
}

fn any_or_none<T>(asked: &[T], is_good: impl FnMut(&T) -> bool) -> bool {
    asked.is_empty() || asked.iter().any(is_good)
}

/// The UPDATEs of a line.
fn updates(line: &Value) -> impl Iterator<Item = &Value> {
    let mirrored = line["mirrored"].as_array().into_iter().flatten();
    let mirrored = mirrored.map(|one| &one["update"]);
    std::iter::once(&line["update"])
        .chain(mirrored)
        .filter(|update| update.is_object())
}

fn routes(update: &Value) -> impl Iterator<Item = &Value> {
    let lists = [&update["announced"], &update["withdrawn"]];
    lists.into_iter().flat_map(|list| list.as_array().unwrap())
}

fn prefix(route: &Value) -> Option<&str> {
    route["prefix"]
        .as_str()
        .or_else(|| route["evpn"]["prefix"].as_str())
}

/// The family and the bits, as a text.
fn bits(prefix: &str) -> String {
    let (address, length) = prefix.split_once('/').unwrap();
    let (family, bits) = match address.parse().unwrap() {
        IpAddr::V4(address) => ('4', format!("{:032b}", address.to_bits())),
        IpAddr::V6(address) => ('6', format!("{:0128b}", address.to_bits())),
    };
    format!("{family}{}", &bits[..length.parse().unwrap()])
}

/// The prefix, or the default route of its family, or its first address alone.
fn wider(prefix: &str, choice: u8) -> String {
    let (address, length) = prefix.split_once('/').unwrap();
    match (choice % 4, address.contains(':')) {
        (0, true) => "::/0".to_owned(),
        (0, false) => "0.0.0.0/0".to_owned(),
        (1, true) => format!("{address}/128"),
        (1, false) => format!("{address}/32"),
        _ => format!("{address}/{length}"),
    }
}

fn segments(update: &Value) -> impl DoubleEndedIterator<Item = &Value> {
    let segments = update["as_path"].as_array().into_iter().flatten();
    segments.filter(|segment| !segment["asns"].as_array().unwrap().is_empty())
}

fn asns_of(segment: &Value) -> Vec<u64> {
    let asns = segment["asns"].as_array().unwrap().iter();
    asns.map(|asn| asn.as_u64().unwrap()).collect()
}

fn asns(update: &Value) -> Vec<u64> {
    segments(update).flat_map(asns_of).collect()
}

fn last_segment(update: &Value) -> Vec<u64> {
    segments(update)
        .next_back()
        .map(asns_of)
        .unwrap_or_default()
}

fn last_is_set(update: &Value) -> bool {
    let word = |segment: &Value| segment["type"].as_str().unwrap().ends_with("set");
    segments(update).next_back().is_some_and(word)
}

fn first_is_plain(update: &Value) -> bool {
    segments(update)
        .next()
        .is_some_and(|segment| segment["type"] == "sequence")
}

/// Communities of all kinds; well-known ones by number, too.
fn communities_of(update: &Value) -> Vec<String> {
    let keys = [
        "communities",
        "large_communities",
        "extended_communities",
        "ipv6_extended_communities",
    ];
    let lists = keys
        .iter()
        .filter_map(|key| update[key].as_array())
        .flatten();
    let mut all: Vec<String> = lists.map(|one| one.as_str().unwrap().to_owned()).collect();
    for (word, number) in [
        ("blackhole", "65535:666"),
        ("no-export", "65535:65281"),
        ("no-advertise", "65535:65282"),
        ("graceful-shutdown", "65535:0"),
        ("llgr-stale", "65535:6"),
        ("no-llgr", "65535:7"),
    ] {
        if all.iter().any(|one| one == word) {
            all.push(number.to_owned());
        }
    }
    all
}

/// The community with a star for one of its parts.
fn starred(one: &str, choice: u8) -> String {
    let mut parts: Vec<&str> = one.split(':').collect();
    let place = usize::from(choice) % (parts.len() + 1);
    if parts.len() > 1
        && let Some(part) = parts.get_mut(place)
    {
        *part = "*";
    }
    parts.join(":")
}

fn is_like(asked: &str, one: &str) -> bool {
    let (asked, one): (Vec<_>, Vec<_>) = (asked.split(':').collect(), one.split(':').collect());
    asked.len() == one.len()
        && asked
            .iter()
            .zip(one)
            .all(|(asked, part)| *asked == "*" || *asked == part)
}

//! Local exceptions to what the RPKI says: SLURM (RFC 8416), and version 2 of it with ASPAs
//! (draft-ietf-sidrops-aspa-slurm-04).

use super::payload::{Aspa, Payload, Source, Vrp, VrpRecord};
use super::read::{FieldError, ReadError, Scalar, asn, prefix};
use crate::net::Prefix;
use serde::Deserialize;
use std::net::IpAddr;

/// One SLURM file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slurm {
    /// The file.
    pub file: String,
    /// Which VRPs are left out.
    pub prefix_filters: Vec<PrefixFilter>,
    /// VRPs that are added.
    pub prefix_assertions: Vec<Vrp>,
    /// Customers whose ASPAs are left out.
    pub aspa_filters: Vec<u32>,
    /// ASPAs that are added: customer and providers.
    pub aspa_assertions: Vec<(u32, Vec<u32>)>,
    /// The ASes of filters and assertions of BGPsec keys, which change nothing here; none for a filter
    /// that names a key only.
    pub bgpsec: Vec<Option<u32>>,
}

/// A filter: VRPs that its prefix covers, of its AS; where one is not given, all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrefixFilter {
    /// The prefix.
    pub prefix: Option<Prefix>,
    /// The AS.
    pub asn: Option<u32>,
}

/// What a file changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// VRPs that were left out.
    pub filtered: usize,
    /// VRPs that were added.
    pub added: usize,
    /// ASPAs that were left out.
    pub filtered_aspas: usize,
    /// ASPAs that were added.
    pub added_aspas: usize,
    /// Prefix filters that fitted nothing, by number from 1.
    pub idle_filters: Vec<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawFile<'a> {
    slurm_version: u64,
    #[serde(borrow)]
    validation_output_filters: RawFilters<'a>,
    #[serde(borrow)]
    locally_added_assertions: RawAssertions<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawFilters<'a> {
    #[serde(borrow)]
    prefix_filters: Vec<RawPrefixFilter<'a>>,
    #[serde(borrow)]
    bgpsec_filters: Vec<RawBgpsec<'a>>,
    #[serde(borrow, default)]
    aspa_filters: Option<Vec<RawAspaFilter<'a>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawAssertions<'a> {
    #[serde(borrow)]
    prefix_assertions: Vec<RawPrefixAssertion<'a>>,
    #[serde(borrow)]
    bgpsec_assertions: Vec<RawBgpsec<'a>>,
    #[serde(borrow, default)]
    aspa_assertions: Option<Vec<RawAspaAssertion<'a>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPrefixFilter<'a> {
    #[serde(borrow, default)]
    prefix: Scalar<'a>,
    #[serde(borrow, default)]
    asn: Scalar<'a>,
    #[serde(borrow, default, rename = "comment")]
    _comment: Scalar<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawPrefixAssertion<'a> {
    #[serde(borrow)]
    prefix: Scalar<'a>,
    #[serde(borrow)]
    asn: Scalar<'a>,
    #[serde(borrow, default)]
    max_prefix_length: Scalar<'a>,
    #[serde(borrow, default, rename = "comment")]
    _comment: Scalar<'a>,
}

/// A filter or an assertion of keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBgpsec<'a> {
    #[serde(borrow, default)]
    asn: Scalar<'a>,
    #[serde(borrow, default, rename = "SKI")]
    ski: Scalar<'a>,
    #[serde(borrow, default, rename = "routerPublicKey")]
    key: Scalar<'a>,
    #[serde(borrow, default, rename = "comment")]
    _comment: Scalar<'a>,
}

// The keys changed between revisions of the draft: both are read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAspaFilter<'a> {
    #[serde(borrow, rename = "customerAsn", alias = "customerAsid")]
    customer: Scalar<'a>,
    #[serde(borrow, default, rename = "comment")]
    _comment: Scalar<'a>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAspaAssertion<'a> {
    #[serde(borrow, rename = "customerAsn", alias = "customerAsid")]
    customer: Scalar<'a>,
    #[serde(
        borrow,
        rename = "providerAsns",
        alias = "providerSet",
        alias = "providers"
    )]
    providers: Vec<Scalar<'a>>,
    #[serde(borrow, default, rename = "comment")]
    _comment: Scalar<'a>,
}

impl Slurm {
    /// Reads a file. Other than with VRPs, every error is one of the file (RFC 8416 3.1: "MUST" be
    /// as specified; half an exception is worse than none).
    pub fn read(file: &str, octets: &[u8]) -> Result<Slurm, ReadError> {
        let refuse = |reason: String| ReadError {
            file: file.to_owned(),
            reason,
        };
        let raw: RawFile<'_> = serde_json::from_slice(octets)
            .map_err(|error| refuse(format!("is not a SLURM file: {error}")))?;
        if !matches!(raw.slurm_version, 1 | 2) {
            let version = raw.slurm_version;
            return Err(refuse(format!(
                "slurmVersion: {version} is neither 1 nor 2"
            )));
        }
        let has_aspas = raw.validation_output_filters.aspa_filters.is_some()
            || raw.locally_added_assertions.aspa_assertions.is_some();
        if raw.slurm_version == 1 && has_aspas {
            return Err(refuse("ASPAs are of slurmVersion 2, not 1".to_owned()));
        }
        Slurm::of(file, &raw).map_err(refuse)
    }

    fn of(file: &str, raw: &RawFile<'_>) -> Result<Slurm, String> {
        let filters = &raw.validation_output_filters;
        let assertions = &raw.locally_added_assertions;
        let aspa_filters = filters.aspa_filters.as_deref().unwrap_or_default();
        let aspa_assertions = assertions.aspa_assertions.as_deref().unwrap_or_default();
        Ok(Slurm {
            file: file.to_owned(),
            prefix_filters: each("prefixFilters", &filters.prefix_filters, prefix_filter)?,
            prefix_assertions: each("prefixAssertions", &assertions.prefix_assertions, assertion)?,
            aspa_filters: each("aspaFilters", aspa_filters, |one| {
                asn("customerAsn", &one.customer)
            })?,
            aspa_assertions: each("aspaAssertions", aspa_assertions, aspa_assertion)?,
            bgpsec: bgpsec(raw)?,
        })
    }

    /// Two files that must not be used together, because both say something about the same addresses
    /// or customers (RFC 8416 4.2).
    pub fn conflict(files: &[Slurm]) -> Option<String> {
        for (number, one) in files.iter().enumerate() {
            for other in files.iter().skip(number + 1) {
                if let Some(what) = one.overlap(other) {
                    return Some(format!(
                        "{} and {} both say something about {what}: such files must not be used \
                         together (RFC 8416 4.2)",
                        one.file, other.file
                    ));
                }
            }
        }
        None
    }

    fn overlap(&self, other: &Slurm) -> Option<String> {
        for one in self.prefixes() {
            for another in other.prefixes() {
                if covers(one, another) {
                    return Some(another.to_string());
                }
                if covers(another, one) {
                    return Some(one.to_string());
                }
            }
        }
        let keys = |asn: &u32| other.bgpsec.contains(&Some(*asn));
        if let Some(asn) = self.bgpsec.iter().flatten().find(|asn| keys(asn)) {
            return Some(format!("the BGPsec keys of AS{asn}"));
        }
        let both = |customer: &u32| other.customers().any(|other| other == *customer);
        let customer = self.customers().find(both)?;
        Some(format!("the ASPA of AS{customer}"))
    }

    fn prefixes(&self) -> impl Iterator<Item = Prefix> {
        let filters = self.prefix_filters.iter().filter_map(|one| one.prefix);
        filters.chain(self.prefix_assertions.iter().map(|vrp| vrp.prefix))
    }

    fn customers(&self) -> impl Iterator<Item = u32> {
        let asserted = self.aspa_assertions.iter().map(|(customer, _)| *customer);
        self.aspa_filters.iter().copied().chain(asserted)
    }

    /// Applies files, all filters before all assertions (RFC 8416 4.2); says what each one changed.
    pub fn apply(files: &[Slurm], payload: &mut Payload) -> Vec<Applied> {
        let mut applied: Vec<Applied> = files.iter().map(|file| file.filter(payload)).collect();
        for (file, applied) in files.iter().zip(&mut applied) {
            file.add(payload, applied);
        }
        applied
    }

    fn filter(&self, payload: &mut Payload) -> Applied {
        let mut hits = vec![0u64; self.prefix_filters.len()];
        let before = (payload.vrps.len(), payload.aspas.len());
        payload.vrps.retain(|record| {
            let mut stays = true;
            for (filter, hits) in self.prefix_filters.iter().zip(&mut hits) {
                if filter.fits(&record.vrp) {
                    *hits += 1;
                    stays = false;
                }
            }
            stays
        });
        let is_filtered = |aspa: &Aspa| self.aspa_filters.contains(&aspa.customer);
        payload.aspas.retain(|aspa| !is_filtered(aspa));
        let idle = (1..).zip(&hits).filter(|(_, hits)| **hits == 0);
        Applied {
            filtered: before.0 - payload.vrps.len(),
            filtered_aspas: before.1 - payload.aspas.len(),
            idle_filters: idle.map(|(number, _)| number).collect(),
            ..Applied::default()
        }
    }

    fn add(&self, payload: &mut Payload, applied: &mut Applied) {
        let source = payload.source(Source {
            file: self.file.as_str().into(),
            trust_anchor: None,
            is_local: true,
        });
        let record = |vrp: &Vrp| VrpRecord {
            vrp: *vrp,
            expires: None,
            source,
        };
        payload
            .vrps
            .extend(self.prefix_assertions.iter().map(record));
        let aspa = |(customer, providers): &(u32, Vec<u32>)| Aspa {
            customer: *customer,
            providers: providers.clone(),
            expires: None,
            source,
        };
        payload.aspas.extend(self.aspa_assertions.iter().map(aspa));
        applied.added = self.prefix_assertions.len();
        applied.added_aspas = self.aspa_assertions.len();
    }
}

impl PrefixFilter {
    fn fits(&self, vrp: &Vrp) -> bool {
        let in_prefix = self.prefix.is_none_or(|prefix| covers(prefix, vrp.prefix));
        in_prefix && self.asn.is_none_or(|asn| asn == vrp.asn)
    }
}

/// Whether a prefix is equal to another or covers it.
fn covers(one: Prefix, other: Prefix) -> bool {
    let differing = match (one.address, other.address) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (u32::from(one) ^ u32::from(other)).leading_zeros(),
        (IpAddr::V6(one), IpAddr::V6(other)) => {
            (u128::from(one) ^ u128::from(other)).leading_zeros()
        }
        _ => return false,
    };
    one.length <= other.length && differing >= u32::from(one.length)
}

/// Reads each entry of a list; an error names the list and the entry.
fn each<T, U>(
    list: &str,
    entries: &[T],
    read: impl Fn(&T) -> Result<U, FieldError>,
) -> Result<Vec<U>, String> {
    let numbered = (1..).zip(entries);
    let read = numbered.map(|(number, entry)| {
        read(entry).map_err(|FieldError { field, reason }| {
            format!("entry {number} of {list}: {field}: {reason}")
        })
    });
    read.collect()
}

fn prefix_filter(raw: &RawPrefixFilter<'_>) -> Result<PrefixFilter, FieldError> {
    let is_there = |value: &Scalar<'_>| *value != Scalar::Absent;
    if !is_there(&raw.prefix) && !is_there(&raw.asn) {
        return Err(FieldError::new("prefix", "neither it nor asn is there"));
    }
    let own_prefix = is_there(&raw.prefix).then(|| prefix("prefix", &raw.prefix));
    let own_asn = is_there(&raw.asn).then(|| asn("asn", &raw.asn));
    Ok(PrefixFilter {
        prefix: own_prefix.transpose()?,
        asn: own_asn.transpose()?,
    })
}

fn bgpsec(raw: &RawFile<'_>) -> Result<Vec<Option<u32>>, String> {
    let filters = &raw.validation_output_filters.bgpsec_filters;
    let assertions = &raw.locally_added_assertions.bgpsec_assertions;
    let mut all = each("bgpsecFilters", filters, bgpsec_filter)?;
    all.extend(each("bgpsecAssertions", assertions, bgpsec_assertion)?);
    Ok(all)
}

fn bgpsec_filter(raw: &RawBgpsec<'_>) -> Result<Option<u32>, FieldError> {
    match (&raw.asn, &raw.ski, &raw.key) {
        (Scalar::Absent, Scalar::Absent, _) => {
            Err(FieldError::new("asn", "neither it nor SKI is there"))
        }
        (_, _, Scalar::Text(_)) => Err(FieldError::new("routerPublicKey", "is of assertions")),
        (Scalar::Absent, ..) => Ok(None),
        (number, ..) => asn("asn", number).map(Some),
    }
}

fn bgpsec_assertion(raw: &RawBgpsec<'_>) -> Result<Option<u32>, FieldError> {
    for (field, value) in [("SKI", &raw.ski), ("routerPublicKey", &raw.key)] {
        if value.text().is_none() {
            return Err(FieldError::new(field, format!("{value} is no text")));
        }
    }
    asn("asn", &raw.asn).map(Some)
}

fn assertion(raw: &RawPrefixAssertion<'_>) -> Result<Vrp, FieldError> {
    let own = prefix("prefix", &raw.prefix)?;
    Ok(Vrp {
        prefix: own,
        max_length: super::read::longest("maxPrefixLength", own, &raw.max_prefix_length)?,
        asn: asn("asn", &raw.asn)?,
    })
}

fn aspa_assertion(raw: &RawAspaAssertion<'_>) -> Result<(u32, Vec<u32>), FieldError> {
    let providers = raw.providers.iter();
    let providers = providers.map(|provider| asn("providerAsns", provider));
    Ok((
        asn("customerAsn", &raw.customer)?,
        providers.collect::<Result<_, _>>()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::super::table::tests::{prefix, record};
    use super::*;

    /// The file of RFC 8416 3.5, without its comments' wording.
    const RFC_8416_3_5: &str = r#"{
        "slurmVersion": 1,
        "validationOutputFilters": {
            "prefixFilters": [
                {"prefix": "192.0.2.0/24", "comment": "All VRPs encompassed by prefix"},
                {"asn": 64496, "comment": "All VRPs matching ASN"},
                {"prefix": "198.51.100.0/24", "asn": 64497,
                 "comment": "All VRPs encompassed by prefix, matching ASN"}],
            "bgpsecFilters": [
                {"asn": 64496, "comment": "All keys for ASN"},
                {"SKI": "Zm9v", "comment": "Key matching Router SKI"},
                {"asn": 64497, "SKI": "YmFy", "comment": "Key for ASN 64497 matching Router SKI"}]},
        "locallyAddedAssertions": {
            "prefixAssertions": [
                {"asn": 64496, "prefix": "198.51.100.0/24", "comment": "My other important route"},
                {"asn": 64496, "prefix": "2001:DB8::/32", "maxPrefixLength": 48,
                 "comment": "My other important de-aggregated routes"}],
            "bgpsecAssertions": [
                {"asn": 64496, "comment": "My known key for my important ASN",
                 "SKI": "PHNvbWUgYmFzZTY0IFNLST4", "routerPublicKey": "PHNvbWUgYmFzZTY0IHB1YmxpYyBrZXk"}]}}"#;

    fn slurm(file: &str, filters: &str, assertions: &str) -> Slurm {
        let text = format!(
            r#"{{"slurmVersion":1,"validationOutputFilters":{{"prefixFilters":[{filters}],"bgpsecFilters":[]}},
                "locallyAddedAssertions":{{"prefixAssertions":[{assertions}],"bgpsecAssertions":[]}}}}"#
        );
        Slurm::read(file, text.as_bytes()).unwrap()
    }

    #[test]
    fn the_file_of_the_rfc_filters_and_asserts_as_it_says() {
        let file = Slurm::read("rfc", RFC_8416_3_5.as_bytes()).unwrap();
        assert_eq!(file.bgpsec, [Some(64496), None, Some(64497), Some(64496)]);
        let mut payload = Payload {
            vrps: vec![
                record("192.0.2.0/25", 25, 1),
                record("192.0.0.0/16", 24, 1),
                record("10.0.0.0/8", 8, 64496),
                record("198.51.100.0/24", 24, 64497),
                record("198.51.100.0/24", 24, 64498),
            ],
            ..Payload::default()
        };
        let applied = Slurm::apply(&[file], &mut payload);
        assert_eq!((applied[0].filtered, applied[0].added), (3, 2));
        assert!(applied[0].idle_filters.is_empty());
        let left: Vec<_> = payload.vrps.iter().map(|one| one.vrp).collect();
        let expected = [
            record("192.0.0.0/16", 24, 1),
            record("198.51.100.0/24", 24, 64498),
            record("198.51.100.0/24", 24, 64496),
            record("2001:db8::/32", 48, 64496),
        ];
        assert_eq!(left, expected.map(|one| one.vrp));
        let own = payload.vrps.last().unwrap().source;
        assert!(payload.sources[usize::from(own)].is_local);
    }

    #[test]
    fn assertions_are_never_filtered_and_idle_filters_are_told() {
        let file = slurm(
            "a",
            r#"{"prefix":"10.0.0.0/8"},{"asn":7}"#,
            r#"{"asn":1,"prefix":"10.0.0.0/8"}"#,
        );
        let mut payload = Payload {
            vrps: vec![record("10.1.0.0/16", 16, 1)],
            ..Payload::default()
        };
        let applied = Slurm::apply(&[file], &mut payload);
        assert_eq!(applied[0].idle_filters, [2]);
        assert_eq!(payload.vrps.len(), 1);
        assert_eq!(payload.vrps[0].vrp.prefix, prefix("10.0.0.0/8"));
    }

    #[test]
    fn files_that_speak_of_the_same_addresses_are_refused_by_name() {
        let one = slurm("a", r#"{"prefix":"10.0.0.0/8"}"#, "");
        let inside = slurm("b", "", r#"{"asn":1,"prefix":"10.1.0.0/16"}"#);
        let apart = slurm("c", r#"{"asn":1}"#, r#"{"asn":1,"prefix":"11.0.0.0/8"}"#);
        assert_eq!(Slurm::conflict(&[one.clone(), apart.clone()]), None);
        assert_eq!(
            Slurm::conflict(&[apart, one, inside]).unwrap(),
            "a and b both say something about 10.1.0.0/16: such files must not be used together \
             (RFC 8416 4.2)"
        );
    }

    #[test]
    fn files_that_speak_of_the_same_keys_or_customers_are_refused_by_name() {
        let of_keys = |file: &str, text: &str| {
            let text = text.replace("PREFIXES", r#""prefixFilters":[]"#);
            Slurm::read(file, text.as_bytes()).unwrap()
        };
        let keys = |file, asn| {
            let text = r#"{"slurmVersion":1,"validationOutputFilters":{PREFIXES,"bgpsecFilters":[{"asn":ASN}]},
                "locallyAddedAssertions":{"prefixAssertions":[],"bgpsecAssertions":[]}}"#;
            of_keys(file, &text.replace("ASN", asn))
        };
        let customers = |file, asn| {
            let text = r#"{"slurmVersion":2,"validationOutputFilters":{PREFIXES,"bgpsecFilters":[],
                "aspaFilters":[{"customerAsn":ASN}]},
                "locallyAddedAssertions":{"prefixAssertions":[],"bgpsecAssertions":[],"aspaAssertions":[]}}"#;
            of_keys(file, &text.replace("ASN", asn))
        };
        assert_eq!(
            Slurm::conflict(&[keys("a", "1"), keys("b", "2"), customers("c", "1")]),
            None
        );
        for (files, what) in [
            ([keys("a", "1"), keys("b", "1")], "the BGPsec keys of AS1"),
            (
                [customers("a", "1"), customers("b", "1")],
                "the ASPA of AS1",
            ),
        ] {
            let conflict = Slurm::conflict(&files).unwrap();
            let begin = format!("a and b both say something about {what}: ");
            assert!(conflict.starts_with(&begin), "{conflict}");
        }
    }

    #[test]
    fn aspas_of_version_2_are_read_under_both_names() {
        for customer in ["customerAsn", "customerAsid"] {
            let text = format!(
                r#"{{"slurmVersion":2,
                    "validationOutputFilters":{{"prefixFilters":[],"bgpsecFilters":[],"aspaFilters":[{{"{customer}":64496}}]}},
                    "locallyAddedAssertions":{{"prefixAssertions":[],"bgpsecAssertions":[],
                    "aspaAssertions":[{{"{customer}":64499,"providerAsns":[64500,64501]}}]}}}}"#
            );
            let file = Slurm::read("a", text.as_bytes()).unwrap();
            assert_eq!(file.aspa_filters, [64496]);
            assert_eq!(file.aspa_assertions, [(64499, vec![64500, 64501])]);
        }
    }

    #[test]
    fn errors_name_the_file_the_entry_and_the_field() {
        let refused = |text: &str| Slurm::read("a", text.as_bytes()).unwrap_err().to_string();
        let with = |filter: &str, assertion: &str| {
            refused(&format!(
                r#"{{"slurmVersion":1,"validationOutputFilters":{{"prefixFilters":[{filter}],"bgpsecFilters":[]}},
                "locallyAddedAssertions":{{"prefixAssertions":[{assertion}],"bgpsecAssertions":[]}}}}"#
            ))
        };
        assert_eq!(
            with(r#"{"comment":"x"}"#, ""),
            "a: entry 1 of prefixFilters: prefix: neither it nor asn is there"
        );
        assert_eq!(
            with("", r#"{"asn":1,"prefix":"10.0.0.0/8","maxPrefixLength":7}"#),
            "a: entry 1 of prefixAssertions: maxPrefixLength: 7 is less than the length of 10.0.0.0/8"
        );
        assert!(with(r#"{"asn":1,"colour":2}"#, "").contains("unknown field `colour`"));
        let keys = RFC_8416_3_5.replace("\"asn\": 64497, \"SKI\"", "\"asn\": -1, \"SKI\"");
        assert_eq!(
            refused(&keys),
            "a: entry 3 of bgpsecFilters: asn: what is there is no AS number"
        );
        let version = RFC_8416_3_5.replace("\"slurmVersion\": 1", "\"slurmVersion\": 3");
        assert_eq!(refused(&version), "a: slurmVersion: 3 is neither 1 nor 2");
        assert!(refused("{}").starts_with("a: is not a SLURM file: missing field"));
    }
}

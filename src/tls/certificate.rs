//! The names in the first certificate of a Certificate message before TLS 1.3 (RFC 5246 7.4.2): common
//! names of the subject and alternative names (RFC 5280 4.1.2.6, 4.2.1.6), as DER has them.

use std::net::IpAddr;

/// An element of DER: its tag, and its content.
type Element<'a> = (u8, &'a [u8]);

/// Tags (X.690).
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OBJECT_IDENTIFIER: u8 = 0x06;
const OCTET_STRING: u8 = 0x04;
/// The context tag of `version`, and that of `extensions` (RFC 5280 4.1).
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
/// dNSName and iPAddress of a GeneralName (RFC 5280 4.2.1.6).
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;

/// id-at-commonName, RFC 5280 A.1.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// id-ce-subjectAltName, RFC 5280 4.2.1.6.
const SUBJECT_ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];

/// Names kept.
const NAMES: usize = 16;

/// The names in the body of a Certificate message; none where it cannot be read.
pub(super) fn names(body: &[u8]) -> Option<Vec<String>> {
    // The chain's length, then the first certificate with its own.
    let (_, rest) = body.split_first_chunk::<3>()?;
    let (&[a, b, c], rest) = rest.split_first_chunk::<3>()?;
    let certificate = rest.get(..u32::from_be_bytes([0, a, b, c]) as usize)?;
    let to_be_signed = inside(inside(certificate, SEQUENCE)?, SEQUENCE)?;
    let mut fields = to_be_signed;
    let mut all = Vec::new();
    while let Some((element, rest)) = element(fields) {
        all.push(element);
        fields = rest;
    }
    // serialNumber, signature, issuer, validity, subject: the fifth where there is no version.
    let has_version = all.first().is_some_and(|field| field.0 == VERSION);
    let subject = all.get(4 + usize::from(has_version))?;
    let mut names = common_names(subject.1);
    let extensions = all.iter().find(|field| field.0 == EXTENSIONS);
    if let Some(extensions) = extensions.and_then(|field| inside(field.1, SEQUENCE)) {
        names.extend(alternative_names(extensions));
    }
    names.truncate(NAMES);
    Some(names)
}

/// The first element, and what follows it.
fn element(octets: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&[tag, length], rest) = octets.split_first_chunk::<2>()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81 => {
            let (&[low], rest) = rest.split_first_chunk::<1>()?;
            (usize::from(low), rest)
        }
        0x82 => {
            let (&pair, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(pair)), rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some(((tag, content), rest))
}

/// The content of the element at the start, if it has this tag.
fn inside(octets: &[u8], tag: u8) -> Option<&[u8]> {
    let (element, _) = element(octets)?;
    (element.0 == tag).then_some(element.1)
}

/// Elements one behind the other.
fn elements(mut octets: &[u8]) -> impl Iterator<Item = Element<'_>> {
    std::iter::from_fn(move || {
        let (element, rest) = element(octets)?;
        octets = rest;
        Some(element)
    })
}

/// Name ::= SEQUENCE OF SET OF SEQUENCE { type, value }.
fn common_names(name: &[u8]) -> Vec<String> {
    let sets = elements(name).filter(|element| element.0 == SET);
    let attributes = sets.flat_map(|set| elements(set.1));
    let value = |attribute: Element<'_>| {
        let (identifier, rest) = element(attribute.1)?;
        let (value, _) = element(rest)?;
        (identifier == (OBJECT_IDENTIFIER, COMMON_NAME)).then(|| text(value.1))
    };
    attributes.filter_map(value).collect()
}

/// Extension ::= SEQUENCE { extnID, critical, extnValue }.
fn alternative_names(extensions: &[u8]) -> Vec<String> {
    let names = elements(extensions)
        .filter_map(alternative_name)
        .flat_map(elements);
    names.filter_map(general_name).collect()
}

/// The value of an extension, if it is that of alternative names.
fn alternative_name((_, extension): Element<'_>) -> Option<&[u8]> {
    let (identifier, rest) = element(extension)?;
    if identifier != (OBJECT_IDENTIFIER, SUBJECT_ALTERNATIVE_NAME) {
        return None;
    }
    let value = elements(rest).find(|element| element.0 == OCTET_STRING)?;
    inside(value.1, SEQUENCE)
}

fn general_name((tag, content): Element<'_>) -> Option<String> {
    match tag {
        DNS_NAME => Some(text(content)),
        IP_ADDRESS => {
            let v4 = <[u8; 4]>::try_from(content).map(IpAddr::from).ok();
            let v6 = <[u8; 16]>::try_from(content).map(IpAddr::from).ok();
            v4.or(v6).map(|address| address.to_string())
        }
        _ => None,
    }
}

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

//! An encoder of what an Initiation says of the router's BGP
//! (draft-zhuang-grow-monitoring-bgp-parameters-02), in every form.

use super::bmp::{message, tlv};

/// How optional parameters are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Type and length of one octet each (RFC 4271 4.2).
    Plain,
    /// Lengths of two octets, behind 255 and a length (RFC 9072 2).
    Extended,
}

/// How a message carries the TLVs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// Version 3: 65531 to 65533.
    Three,
    /// Version 4: types 1 to 3 of enterprise 32473.
    Four,
}

/// Which TLV: its number in version 4.
pub(crate) const SUPPORTED: u16 = 1;
/// See `SUPPORTED`.
pub(crate) const ENABLED: u16 = 2;
/// See `SUPPORTED`.
pub(crate) const DEFAULTS: u16 = 3;

/// A TLV of this kind.
pub(crate) fn parameter_tlv(version: Version, kind: u16, value: &[u8]) -> Vec<u8> {
    match version {
        Version::Three => tlv(65530 + kind, value),
        Version::Four => {
            let mut whole = 32473u32.to_be_bytes().to_vec();
            whole.extend(value);
            tlv(0x8000 | kind, &whole)
        }
    }
}

/// An Initiation with these TLVs, behind a sysName.
pub(crate) fn initiation(version: Version, name: &str, tlvs: &[Vec<u8>]) -> Vec<u8> {
    let mut body = tlv(2, name.as_bytes());
    body.extend(tlvs.concat());
    let mut whole = message(4, &body);
    if version == Version::Four {
        whole[0] = 4;
    }
    whole
}

/// Capabilities (code and value), so many in each Capabilities parameter.
pub(crate) fn optional(capabilities: &[(u8, Vec<u8>)], each: usize, form: Form) -> Vec<u8> {
    let mut parameters = Vec::new();
    for run in capabilities.chunks(each.max(1)) {
        let mut value = Vec::new();
        for (code, octets) in run {
            value.extend([*code, octets.len() as u8]);
            value.extend(octets);
        }
        parameters.push(2);
        match form {
            Form::Plain => parameters.push(u8::try_from(value.len()).unwrap()),
            Form::Extended => parameters.extend((value.len() as u16).to_be_bytes()),
        }
        parameters.extend(value);
    }
    if form == Form::Extended {
        let mut whole = vec![255];
        whole.extend((parameters.len() as u16).to_be_bytes());
        whole.extend(parameters);
        return whole;
    }
    parameters
}

/// Sub-TLVs with one or two octets of type and length.
pub(crate) fn defaults(values: &[(u8, u32)], is_wide: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, value) in values {
        match is_wide {
            true => out.extend([0, *number, 0, 4]),
            false => out.extend([*number, 4]),
        }
        out.extend(value.to_be_bytes());
    }
    out
}

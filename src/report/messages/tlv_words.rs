//! TLVs as words for a person, behind what a message says: `; path 1: best primary`.

use super::words;
use crate::bgp::capability::Capability;
use crate::bmp::v4::{Index, IndexedTlv, PathMarking, RouteTlvKind, RouteTlvValue};
use crate::bmp::{RouteMonitoring, Tlv};
use crate::wire::Cursor;
use std::fmt::{self, Write};

/// The indexed TLVs of a Route Monitoring message of version 4, but for that of the UPDATE.
pub(super) fn indexed(line: &mut String, message: &RouteMonitoring<'_>) -> fmt::Result {
    let Some((tlvs, known)) = message.tlvs.zip(message.numbering()) else {
        return Ok(());
    };
    let others = tlvs
        .flatten()
        .filter(|tlv| tlv.offset != message.update_offset);
    for tlv in others {
        match known.numbering.kind(&tlv) {
            Some(kind) => {
                write!(line, "; {}", label(kind))?;
                index(line, tlv.index)?;
                value(line, tlv.read(known.numbering))?;
            }
            None => unknown(line, &tlv)?,
        }
    }
    let mut all = tlvs;
    match all.find_map(Result::err) {
        Some(error) => write!(line, "; {error}"),
        None => Ok(()),
    }
}

fn label(kind: RouteTlvKind) -> &'static str {
    match kind {
        RouteTlvKind::BgpMessage => "BGP message",
        RouteTlvKind::Group => "group",
        RouteTlvKind::TableName => "table",
        RouteTlvKind::StatelessParsing => "parsed by",
        RouteTlvKind::Timestamp => "time",
        RouteTlvKind::SequenceNumber => "sequence",
        RouteTlvKind::ExtendedFlags => "flags",
        RouteTlvKind::PathMarking => "path",
    }
}

/// What a TLV is about, where that is not every route.
fn index(line: &mut String, index: Index) -> fmt::Result {
    match (index.is_group(), index.number()) {
        (false, 0) => Ok(()),
        (false, number) => write!(line, " {number}"),
        (true, number) => write!(line, " g{number}"),
    }
}

fn unknown(line: &mut String, tlv: &IndexedTlv<'_>) -> fmt::Result {
    type_words(line, tlv.tlv_type, tlv.enterprise)?;
    index(line, tlv.index)?;
    write!(line, " ({} octets)", tlv.value.len())
}

fn type_words(line: &mut String, tlv_type: u16, enterprise: Option<u32>) -> fmt::Result {
    match enterprise {
        Some(enterprise) => write!(line, "; enterprise {enterprise} tlv {}", tlv_type & 0x7fff),
        None => write!(line, "; tlv {tlv_type}"),
    }
}

fn value(line: &mut String, value: RouteTlvValue<'_>) -> fmt::Result {
    match value {
        RouteTlvValue::Group(members) => {
            let members = members.iter().map(|member| u16::from_be_bytes(*member));
            write!(line, " = {}", words::joined(members, ","))
        }
        RouteTlvValue::TableName(name) => write!(line, " {name}"),
        RouteTlvValue::StatelessParsing(octets) => {
            let mut stated = Vec::new();
            Capability::decode_all(Cursor::new(octets), &mut stated);
            let codes = stated.iter().map(|capability| capability.code);
            write!(line, " {}", words::joined(codes, " "))
        }
        RouteTlvValue::Timestamp(time) => {
            match time.name {
                Some(name) => write!(line, " {name}")?,
                None => write!(line, " unknown-{}", time.code)?,
            }
            match time.time {
                Some(time) => write!(line, " {time}"),
                None => write!(line, " not known"),
            }
        }
        RouteTlvValue::SequenceNumber(number) => write!(line, " {number}"),
        RouteTlvValue::ExtendedFlags(flags) => {
            write!(line, " {}", words::joined(flags.words(), " "))
        }
        RouteTlvValue::PathMarking(marking) => path_marking(line, &marking),
        RouteTlvValue::BgpMessage(octets) | RouteTlvValue::Raw(octets) => {
            write!(line, " ({} octets)", octets.len())
        }
    }
}

fn path_marking(line: &mut String, marking: &PathMarking) -> fmt::Result {
    match marking.status {
        0 => write!(line, ": no marking")?,
        _ => write!(line, ": {}", words::joined(marking.statuses(), " "))?,
    }
    match marking.reason {
        Some(reason) => write!(line, " ({reason})"),
        None => Ok(()),
    }
}

/// The TLVs of version 4 that are in no registry of their message.
pub(super) fn plain<'a>(line: &mut String, tlvs: impl Iterator<Item = Tlv<'a>>) -> fmt::Result {
    named(line, tlvs.filter(is_version_4_own), |_| None)
}

/// As `plain`, and the others by the words of their registry.
pub(super) fn named<'a>(
    line: &mut String,
    tlvs: impl Iterator<Item = Tlv<'a>>,
    word: impl Fn(u16) -> Option<&'static str>,
) -> fmt::Result {
    for tlv in tlvs {
        match (tlv.common(), tlv.common_value(), tlv.enterprise) {
            (Some(kind), Some(said), _) => {
                write!(line, "; {kind}")?;
                value(line, said)?;
            }
            (_, _, None) if word(tlv.tlv_type).is_some() => {
                let word = word(tlv.tlv_type).unwrap_or_default();
                write!(line, "; {word} '{}'", tlv.text())?;
            }
            _ => {
                type_words(line, tlv.tlv_type, tlv.enterprise)?;
                write!(line, " ({} octets)", tlv.value.len())?;
            }
        }
    }
    Ok(())
}

/// A TLV is an enterprise's, or one that every message of version 4 may have.
pub(super) fn is_version_4_own(tlv: &Tlv<'_>) -> bool {
    tlv.enterprise.is_some() || tlv.common().is_some()
}

//! CSV: a line that names the columns, then a VRP a line. Fields may stand between double quotes; none
//! holds a comma.

use super::field::{self, Scalar};
use super::{FieldError, Problem};
use crate::rpki::payload::{Payload, Source, VrpRecord};
use std::sync::Arc;

/// Which column holds what.
#[derive(Debug, Clone, Copy, Default)]
struct Columns {
    asn: usize,
    prefix: usize,
    max_length: Option<usize>,
    anchor: Option<usize>,
    expires: Option<usize>,
}

pub(super) fn read(payload: &mut Payload, file: &str, octets: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(octets).map_err(|_| NOT_VRPS.to_owned())?;
    let mut lines = (1u64..).zip(text.lines());
    let named = lines.find(|(_, line)| !is_empty(line));
    let (_, names) = named.ok_or_else(|| "is empty".to_owned())?;
    let columns = Columns::of(names).ok_or_else(|| NOT_VRPS.to_owned())?;
    let mut last = None;
    for (number, line) in lines.filter(|(_, line)| !is_empty(line)) {
        if let Err(error) = add(payload, file, columns, &mut last, line) {
            payload.problem(Problem {
                file: file.to_owned(),
                list: None,
                number,
                field: error.field,
                reason: error.reason,
            });
        }
    }
    Ok(())
}

const NOT_VRPS: &str = "is neither the JSON nor the CSV of an RPKI validator: CSV begins with a line \
                        such as 'ASN,IP Prefix,Max Length,Trust Anchor'";

fn is_empty(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with('#')
}

/// A field without the quotes around it.
fn bare(field: &str) -> &str {
    let field = field.trim();
    let inner = field
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(field)
}

impl Columns {
    fn of(line: &str) -> Option<Columns> {
        let names = line.split(',').map(|name| bare(name).to_ascii_lowercase());
        let names: Vec<String> = names.collect();
        let place = |is: fn(&str) -> bool| names.iter().position(|name| is(name));
        Some(Columns {
            asn: place(|name| name == "asn" || name == "as")?,
            prefix: place(|name| name.contains("prefix") && !name.contains("max"))?,
            max_length: place(|name| name.contains("max")),
            anchor: place(|name| name.contains("anchor") || name == "ta"),
            expires: place(|name| name.starts_with("expires") || name == "not after"),
        })
    }
}

/// The trust anchor of the last line and the number of its source: most lines follow one of the same.
type Last = Option<(Option<Arc<str>>, u16)>;

fn add(
    payload: &mut Payload,
    file: &str,
    columns: Columns,
    last: &mut Last,
    line: &str,
) -> Result<(), FieldError> {
    let field = |place: usize| {
        let field = line.split(',').nth(place).map(bare);
        field.map_or(Scalar::Absent, Scalar::of_text)
    };
    let optional = |place: Option<usize>| place.map_or(Scalar::Absent, field);
    let vrp = field::vrp(
        &field(columns.asn),
        &field(columns.prefix),
        &optional(columns.max_length),
    )?;
    let expires = field::expiry(&optional(columns.expires))?;
    let anchor = optional(columns.anchor);
    let source = match last {
        Some((before, number)) if before.as_deref() == field::anchor(&anchor) => *number,
        _ => source(payload, file, last, field::anchor(&anchor)),
    };
    payload.vrps.push(VrpRecord {
        vrp,
        expires,
        source,
    });
    Ok(())
}

fn source(payload: &mut Payload, file: &str, last: &mut Last, anchor: Option<&str>) -> u16 {
    let anchor: Option<Arc<str>> = anchor.map(Arc::from);
    let number = payload.source(Source {
        file: file.into(),
        trust_anchor: anchor.clone(),
        is_local: false,
    });
    *last = Some((anchor, number));
    number
}

//! VRPs as routes show them: each once, with all its sources. There is one for nearly every route, so
//! nothing is written out before it is printed, and names are shared.

use super::rows::VrpRow;
use crate::net::Prefix;
use crate::rpki::{Source, VrpRecord};
use crate::time::Timestamp;
use serde::Serializer;
use std::sync::Arc;

/// The rows of sorted records; `sources` are those that the records number.
pub fn vrp_rows(records: &[&VrpRecord], sources: &[Source]) -> Vec<VrpRow> {
    let mut rows: Vec<VrpRow> = Vec::with_capacity(records.len());
    let mut last = None;
    for record in records {
        if last.replace(record.vrp) != Some(record.vrp) {
            rows.push(VrpRow {
                prefix: record.vrp.prefix,
                max_length: record.vrp.max_length,
                asn: record.vrp.asn,
                sources: Vec::new(),
                local: false,
                expires: None,
            });
        }
        if let Some(row) = rows.last_mut() {
            row.add(record, sources.get(usize::from(record.source)));
        }
    }
    rows
}

/// Written out when it is printed.
pub(super) fn as_text<S: Serializer>(prefix: &Prefix, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(prefix)
}

impl VrpRow {
    fn add(&mut self, record: &VrpRecord, source: Option<&Source>) {
        if let Some(source) = source {
            let name = source.name();
            if !self.sources.contains(name) {
                self.sources.reserve_exact(1);
                self.sources.push(Arc::clone(name));
            }
            self.local |= source.is_local;
        }
        let expires = record
            .expires
            .map(|seconds| Timestamp::from_nanoseconds(i64::from(seconds) * 1_000_000_000, 0));
        self.expires = self.expires.max(expires);
    }
}

//! Reads what routes are validated by: VRPs, ASPAs and local exceptions, plain or compressed.

use super::relation::relations;
use crate::analysis::rpki::freshness::{Freshness, span_text};
use crate::analysis::rpki::relation::Relation;
use crate::analysis::rpki::rows::{DataRow, SlurmRow};
use crate::analysis::rpki::validation::Data;
use crate::capture;
use crate::finding::Severity;
use crate::pipeline::Request;
use crate::report::{Failure, Given, Notice, OwnOption};
use crate::rpki::slurm::Applied;
use crate::rpki::{AspaTable, Payload, Slurm, VrpTable};
use crate::time::Timestamp;
use std::path::Path;

pub(super) const VRPS: OwnOption = OwnOption::path(
    "vrps",
    "VRPs (and ASPAs) to validate by: JSON or CSV of an RPKI validator",
)
.repeatable();

pub(super) const ASPA: OwnOption = OwnOption::path(
    "aspa",
    "ASPAs to validate by, where they are not among the VRPs",
)
.repeatable();

/// What is missing where ASPAs are all that was given.
pub(super) const ONLY_ASPAS: &str = "no VRPs, only ASPAs: the states of paths are computed, those of origins are not; \
     --vrps FILE computes them";

pub(super) const SLURM: OwnOption =
    OwnOption::path("slurm", "Local exceptions to the VRPs (RFC 8416)").repeatable();

/// What was given, as read; nothing is left out yet.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    files: Vec<String>,
    /// There is a file of VRPs among them.
    has_vrps: bool,
    payload: Payload,
    slurm: Vec<Slurm>,
    relations: Vec<Relation>,
}

impl Inputs {
    /// Reads the files of these options; none where there are none.
    pub(super) fn read(given: &Given) -> Result<Option<Inputs>, Failure> {
        let mut inputs = Inputs {
            relations: relations(given)?,
            has_vrps: given.paths(&VRPS).next().is_some(),
            ..Inputs::default()
        };
        for path in given.paths(&VRPS).chain(given.paths(&ASPA)) {
            let name = path.display().to_string();
            let read = inputs.payload.read(&name, &octets(path)?);
            read.map_err(|error| Failure::Usage(error.to_string()))?;
            inputs.files.push(name);
        }
        for path in given.paths(&SLURM) {
            let slurm = Slurm::read(&path.display().to_string(), &octets(path)?);
            let slurm = slurm.map_err(|error| Failure::Usage(error.to_string()))?;
            inputs.slurm.push(slurm);
        }
        match Slurm::conflict(&inputs.slurm) {
            Some(conflict) => Err(Failure::Usage(conflict)),
            None if inputs.files.is_empty() && inputs.slurm.is_empty() => Ok(None),
            None => Ok(Some(inputs)),
        }
    }

    /// Entries that cannot be read.
    pub(super) fn notices(&self) -> Vec<Notice> {
        let warning = |message: String| Notice {
            severity: Severity::Warning,
            path: None,
            message,
            hint: None,
        };
        let problems = self.payload.problems.iter();
        let mut notices: Vec<Notice> = problems.map(|one| warning(one.to_string())).collect();
        let told = notices.len() as u64;
        let rest = self.payload.problem_count.saturating_sub(told);
        if rest > 0 {
            notices.push(warning(format!("{rest} more entries cannot be read")));
        }
        notices
    }

    /// By which clock the times of the data are judged, where packets tell none and it has any; `packets`:
    /// from the first packet to the last, `captured`: as routers tell it where these do not.
    pub(super) fn clock(&self, packets: Captured, captured: Captured) -> Option<String> {
        let (vrps, aspas) = (&self.payload.vrps, &self.payload.aspas);
        let expires = vrps.iter().any(|one| one.expires.is_some())
            || aspas.iter().any(|one| one.expires.is_some());
        let has_times = expires || self.payload.generated.is_some();
        let text = match (packets.0, captured.0) {
            (Some(_), _) => return None,
            (None, Some(_)) => {
                "packets tell no time: what had expired, and the age of the data, are judged by the \
                 times of per-peer headers"
            }
            (None, None) => {
                "neither packets nor per-peer headers tell the time: what had expired, and the age \
                 of the data, are not judged"
            }
        };
        has_times.then(|| text.to_owned())
    }

    /// What routes of a capture from `first` to `last` are validated by.
    pub(super) fn data(mut self, first: Option<Timestamp>, last: Option<Timestamp>) -> Data {
        let has_origins = self.has_vrps || !self.slurm.is_empty() || !self.payload.vrps.is_empty();
        let expired = first.map_or((0, 0), |first| self.payload.drop_expired(first));
        let applied = Slurm::apply(&self.slurm, &mut self.payload);
        let generated = self.payload.generated;
        let vrps = VrpTable::new(std::mem::take(&mut self.payload.vrps));
        let aspas = AspaTable::new(&self.payload.aspas);
        let (vrps_ipv4, vrps_ipv6) = vrps.distinct();
        let row = DataRow {
            vrps_ipv4: vrps_ipv4 as u64,
            vrps_ipv6: vrps_ipv6 as u64,
            aspas: aspas.len() as u64,
            expired: (expired.0 + expired.1) as u64,
            unreadable: self.payload.problem_count,
            first_generated: generated.map(|(first, _)| first),
            last_generated: generated.map(|(_, last)| last),
            age: last
                .zip(generated)
                .map(|(last, (_, made))| last.seconds_since(made) as i64),
            freshness: generated
                .zip(first.zip(last))
                .map(|(made, captured)| Freshness::of(made, captured)),
            slurm: self.slurm.iter().zip(&applied).map(slurm_row).collect(),
            files: self.files,
            // Known once the sessions are.
            relations: Vec::new(),
        };
        Data {
            vrps,
            aspas,
            only_aspas: !has_origins,
            relations: self.relations,
            sources: self.payload.sources,
            row,
        }
    }
}

fn slurm_row((file, applied): (&Slurm, &Applied)) -> SlurmRow {
    SlurmRow {
        file: file.file.clone(),
        filtered: applied.filtered as u64,
        added: applied.added as u64,
        filtered_aspas: applied.filtered_aspas as u64,
        added_aspas: applied.added_aspas as u64,
        idle_filters: applied.idle_filters.iter().map(|one| *one as u64).collect(),
    }
}

/// The data is not of the time of the capture: routers had other data, and states may differ for it.
pub(super) fn not_of_its_time(data: &DataRow, captured: Captured) -> Option<String> {
    let (first, last) = captured;
    let (from, to, said) = match data.freshness? {
        Freshness::OfItsTime => return None,
        Freshness::Older => (data.first_generated?, first?, "before the capture begins"),
        Freshness::Newer => (last?, data.last_generated?, "after the end of the capture"),
    };
    let span = span_text(to.seconds_since(from) as u64);
    Some(format!(
        "the VRPs were made {span} {said}: routers had others, and some states will differ for it"
    ))
}

/// The first packet and the last.
pub(super) type Captured = (Option<Timestamp>, Option<Timestamp>);

/// With `--since`: what the RIBs are made of.
pub(super) fn without_earlier(request: &Request) -> Option<String> {
    let since = request.since?.nanoseconds();
    let digits = if since % 1_000_000_000 == 0 { 0 } else { 9 };
    let since = Timestamp::from_nanoseconds(since, digits);
    Some(format!(
        "--since leaves out the routes that were announced before {since} and not again: they are not in these RIBs \
         even if they stand; without --since they are, and --until TIME alone tells how it was then"
    ))
}

/// The same as a notice.
pub(super) fn notice(data: Option<&Data>, captured: Captured) -> Option<Notice> {
    let message = not_of_its_time(&data?.row, captured)?;
    Some(Notice {
        severity: Severity::Warning,
        path: None,
        message,
        hint: Some("VRPs of the day of the capture are in public archives".to_owned()),
    })
}

/// Octets that a file may hold, unpacked: far more than validators write of everything there is, and
/// no more than a machine can be expected to have.
const BOUND: u64 = 2 << 30;

/// What a file holds, unpacked.
fn octets(path: &Path) -> Result<Vec<u8>, Failure> {
    let refuse = |error: std::io::Error| Failure::Usage(format!("{}: {error}", path.display()));
    capture::unpacked(path, BOUND).map_err(refuse)
}

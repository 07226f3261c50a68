//! `rpki config`: data sources, policy and local exceptions of each router, as it reports them.

use crate::analysis::rpki::config::{
    self, ActionRow, Assertion, Change, Configured, Filter, PolicyRow, RouterConfig, RpkiConfig,
    SourceRow, Told,
};
use crate::bmp::{CommonHeader, Message};
use crate::pipeline::{Chunk, Item, Located, Query};
use crate::report::source::{self, Answered};
use crate::report::{Body, Example, Failure, Given, Header, Outcome, Report, Request};
use crate::sheet::{self, Cell, Sheet, Tone};
use crate::wire::CodePoint;
use serde_json::Value;
use std::io;

/// The report.
pub const REPORT: Report = Report {
    name: RpkiConfig::NAME,
    about: "RPKI data sources, policy and local exceptions of each router",
    details: "Shows what routers report of their RPKI configuration in RPKI_CONFIG messages \
              (draft-wang-grow-bmp-rpki-mon-reqs-03): each data source with its status, records \
              and age, the policy for all peers and for single ones, SLURM exceptions, and what \
              changed. Where routers or sources differ that should agree, and where data is old, \
              that is a finding. The draft assigns no numbers: --code tells other ones.",
    examples: &[
        Example {
            about: "Sources and policies",
            line: "bmpscope rpki config day.pcap",
        },
        Example {
            about: "Sources in use that are an hour old",
            line: "bmpscope rpki config --json day.pcap |\n    jq '.routers[] | {router: .router.sys_name, old: [.sources[] | select(.last_sync_age > 3600)]}'",
        },
        Example {
            about: "A router that uses another message type",
            line: "bmpscope rpki config --code rpki-config=200 day.pcap",
        },
    ],
    options: &[],
    schema: crate::report::envelope::schema::<RpkiConfig>,
    run,
};

impl Body for RpkiConfig {
    const NAME: &'static str = "rpki-config";

    fn elements(&self) -> Vec<&dyn erased_serde::Serialize> {
        sheet::elements(&self.routers)
    }

    fn sheets(&self, _header: &Header) -> Vec<Sheet> {
        let mut sheets = vec![sources(self), policies(self), exceptions(self)];
        sheets.push(changes(self));
        sheets.push(differences(self));
        sheets.retain(|sheet| sheet.main || !sheet.rows.is_empty());
        sheets
    }
}

fn run(request: &Request, _: &Given) -> Result<Outcome, Failure> {
    source::answer_with(request, Collect::default(), |run, collected| {
        let answer = config::config(collected.told, &run.sessions);
        for finding in config::findings(&answer.differences) {
            run.findings.add(finding);
        }
        Answered::new(answer)
    })
}

/// Collects what RPKI_CONFIG messages tell.
#[derive(Debug, Default)]
struct Collect {
    told: Configured,
}

impl Query for Collect {
    type Part = Vec<Told>;

    fn decode(&self, chunk: Chunk<'_>) -> Vec<Told> {
        chunk.items().filter_map(|located| told(&located)).collect()
    }

    fn merge(&mut self, part: Vec<Told>) -> io::Result<()> {
        part.into_iter().for_each(|told| self.told.add(told));
        Ok(())
    }
}

fn told(located: &Located<'_>) -> Option<Told> {
    let Item::Message(bytes) = located.item else {
        return None;
    };
    let session = located.session();
    let header = CommonHeader::peek(bytes)?;
    if header.message_type.of_draft(&session.code_points) != Some(CodePoint::RpkiConfig) {
        return None;
    }
    match Message::decode_with(bytes, session.numbering, &session.code_points) {
        Ok(Message::RpkiConfig(config)) => {
            Some(Told::of(session.id, located.moment().time, &config))
        }
        _ => None,
    }
}

fn sources(answer: &RpkiConfig) -> Sheet {
    let mut sheet = Sheet::new("Data sources")
        .left(["router", "source", "peer", "status", "records"])
        .right(["errors"])
        .left(["last sync"])
        .right(["age"])
        .left(["transport", "preference", "hashes", "slurm"])
        .keys(2)
        .main();
    for router in &answer.routers {
        for source in &router.sources {
            sheet.row(source_cells(router, source));
        }
    }
    if answer.messages == 0 {
        sheet.note("no RPKI_CONFIG message in the capture: routers of today send none");
    }
    sheet
}

fn source_cells(router: &RouterConfig, source: &SourceRow) -> [Cell; 12] {
    let list = |texts: Vec<String>| match texts.is_empty() {
        true => Cell::Absent,
        false => Cell::List(texts),
    };
    let records = source.records.iter();
    let records = records.map(|row| format!("{} {}", row.kind, row.count));
    let hashes = source.ccr_hashes.iter();
    let hashes = hashes.map(|row| format!("{} {}", row.aspect, row.sha256.get(..8).unwrap_or("")));
    let rtr = source.rtr.clone().unwrap_or_default();
    let preference = rtr.preference.map(|preference| match rtr.order {
        Some(order) => format!("{preference} {order}"),
        None => preference.to_string(),
    });
    [
        router.name().into(),
        source.name().into(),
        source.peer.as_ref().map(|peer| peer.text()).into(),
        source.status.map(|status| status.to_string()).into(),
        list(records.collect()),
        source.errors.into(),
        source.last_sync.into(),
        source.last_sync_age.map_or(Cell::Absent, Cell::Seconds),
        rtr.transport.map(|transport| transport.to_string()).into(),
        preference.into(),
        list(hashes.collect()),
        list(slurm_texts(source)),
    ]
}

fn slurm_texts(source: &SourceRow) -> Vec<String> {
    let mut texts = Vec::new();
    if let Some(slurm) = &source.slurm {
        let exceptions = slurm.exceptions.iter();
        texts.extend(exceptions.map(|row| format!("{} {}", row.kind, row.count)));
        let errors = slurm.errors.iter();
        texts.extend(errors.map(|row| format!("{} errors {} {}", row.kind, row.count, row.text)));
    }
    texts
}

/// Every policy with its router, that for all peers first.
fn all_policies(answer: &RpkiConfig) -> impl Iterator<Item = (&RouterConfig, &PolicyRow)> {
    answer.routers.iter().flat_map(|router| {
        let all = router.policy.global.iter().chain(&router.policy.peers);
        all.map(move |policy| (router, policy))
    })
}

/// Of which peer a policy is.
fn whose(policy: &PolicyRow) -> String {
    let peer = policy.peer.as_ref();
    peer.map_or_else(|| "all".to_owned(), |peer| peer.text())
}

fn policies(answer: &RpkiConfig) -> Sheet {
    let mut sheet = Sheet::new("Policy")
        .left(["router", "peer", "validates", "actions", "where"])
        .keys(2);
    for (router, policy) in all_policies(answer) {
        let validation = match &policy.validation {
            None => Cell::Absent,
            Some(types) if types.is_empty() => Cell::Word("nothing".to_owned(), Tone::Warning),
            Some(types) => Cell::List(types.iter().map(ToString::to_string).collect()),
        };
        sheet.row([
            router.name().into(),
            whose(policy).into(),
            validation,
            Cell::List(policy.actions.iter().map(ActionRow::text).collect()),
            Cell::List(policy.conditions.clone()),
        ]);
    }
    sheet
}

fn exceptions(answer: &RpkiConfig) -> Sheet {
    let mut sheet = Sheet::new("SLURM exceptions")
        .left(["router", "peer", "kind", "rule"])
        .keys(2);
    for (router, policy) in all_policies(answer) {
        let slurm = &policy.slurm;
        let assertions = slurm.assertions.iter().map(Assertion::text);
        let filters = slurm.filters.iter().map(Filter::text);
        let rules = assertions
            .map(|text| ("adds", text))
            .chain(filters.map(|text| ("removes", text)));
        for (kind, text) in rules {
            sheet.row([
                router.name().into(),
                whose(policy).into(),
                kind.into(),
                text.into(),
            ]);
        }
    }
    sheet
}

fn changes(answer: &RpkiConfig) -> Sheet {
    let mut sheet = Sheet::new("Changes")
        .left(["time", "router", "peer", "about", "key", "before", "since"])
        .keys(2);
    for router in &answer.routers {
        for change in &router.changes {
            sheet.row(change_cells(router, change));
        }
    }
    sheet
}

fn change_cells(router: &RouterConfig, change: &Change) -> [Cell; 7] {
    let text = |value: &Value| match value {
        Value::Null => Cell::Absent,
        Value::String(text) => Cell::Text(text.clone()),
        other => Cell::text(other),
    };
    [
        change.time.into(),
        router.name().into(),
        change.peer.as_ref().map(|peer| peer.text()).into(),
        change.about.as_str().into(),
        change
            .key
            .clone()
            .unwrap_or_else(|| "new".to_owned())
            .into(),
        text(&change.before),
        match change.key {
            Some(_) => text(&change.after),
            None => Cell::Absent,
        },
    ]
}

fn differences(answer: &RpkiConfig) -> Sheet {
    let mut sheet = Sheet::new("Differences").left(["kind", "about", "who has what"]);
    for difference in &answer.differences {
        let said = difference.values.iter().map(|value| value.text());
        sheet.row([
            difference.kind.into(),
            difference.about.as_str().into(),
            Cell::List(said.collect()),
        ]);
    }
    sheet
}

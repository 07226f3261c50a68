//! `rpki config`: data sources, policy and local exceptions of each router, as it reports them.

use crate::analysis::rpki::config::{
    self, ActionRow, Assertion, Change, Configured, Filter, PolicyRow, RouterConfig, RouterValue,
    RpkiConfig, SourceRow, Told,
};
use crate::bmp::{CommonHeader, Message, MessageType};
use crate::pipeline::{Chunk, Item, Located, Query, Run};
use crate::report::source::{self, Answered};
use crate::report::{Body, Example, Failure, Given, Header, Outcome, Report, Request};
use crate::session::Session;
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
        let mut answer = collected.tell(run);
        answer.missing = missing(&answer, run);
        Answered::new(answer)
    })
}

/// Collects what RPKI_CONFIG messages tell.
#[derive(Debug, Default)]
pub(in crate::report) struct Collect {
    told: Configured,
}

impl Collect {
    /// The configuration of all routers; in what they differ is told to the findings of the run.
    pub(in crate::report) fn tell(self, run: &mut Run) -> RpkiConfig {
        let answer = self.config(run);
        for finding in config::findings(&answer.differences) {
            run.findings.add(finding);
        }
        answer
    }

    /// The configuration of all routers.
    pub(super) fn config(self, run: &Run) -> RpkiConfig {
        config::config(self.told, &run.sessions)
    }
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

/// What is not there, and how to get it.
fn missing(answer: &RpkiConfig, run: &Run) -> Vec<String> {
    if answer.messages > 0 {
        return Vec::new();
    }
    let mut missing = vec![
        "no RPKI_CONFIG message in the capture: routers of today send none, and the draft assigns no \
         number: --code rpki-config=NUMBER names the one that a router uses (251 unless told)"
            .to_owned(),
    ];
    let unknown = unknown_types(&run.sessions);
    if !unknown.is_empty() {
        let list = unknown.join(", ");
        missing.push(format!(
            "there are messages of types without a name: {list}"
        ));
    }
    missing.push(
        "what routers do with invalid routes can be seen without: rpki impact, rpki validation and \
         rpki stats, with --vrps FILE"
            .to_owned(),
    );
    missing
}

/// Message types that nobody named.
fn unknown_types(sessions: &[Session]) -> Vec<String> {
    let is_unknown = |message_type: &MessageType| {
        let told = |session: &Session| {
            let is_named = message_type.word().is_some()
                || message_type.of_draft(&session.code_points).is_some();
            !is_named && session.messages.of(*message_type) > 0
        };
        sessions.iter().any(told)
    };
    let all = (0..=u8::MAX).map(MessageType);
    all.filter(is_unknown)
        .map(|one| one.0.to_string())
        .collect()
}

fn sources(answer: &RpkiConfig) -> Sheet {
    let mut sheet = Sheet::new("Data sources")
        .left(["router", "source", "peer", "status", "records"])
        .right(["errors"])
        .left(["last sync"])
        .right(["age"])
        .left(["details", "hashes"])
        .keys(2)
        .main();
    for router in &answer.routers {
        for source in &router.sources {
            sheet.row(source_cells(router, source));
        }
    }
    answer.missing.iter().for_each(|line| sheet.note(line));
    sheet
}

fn source_cells(router: &RouterConfig, source: &SourceRow) -> [Cell; 10] {
    let list = |texts: Vec<String>| match texts.is_empty() {
        true => Cell::Absent,
        false => Cell::List(texts),
    };
    let records = source.records.iter();
    let records = records.map(|row| format!("{} {}", row.kind, row.count));
    let hashes = source.ccr_hashes.iter();
    let hashes = hashes.map(|row| format!("{} {}", row.aspect, row.sha256.get(..8).unwrap_or("")));
    [
        router.name().into(),
        source.name().into(),
        source.peer.as_ref().map(|peer| peer.text()).into(),
        source.status.map(|status| status.to_string()).into(),
        list(records.collect()),
        source.errors.into(),
        source.last_sync.into(),
        source.last_sync_age.map_or(Cell::Absent, Cell::Seconds),
        list(details(source)),
        list(hashes.collect()),
    ]
}

/// What only some types of sources have, in words.
fn details(source: &SourceRow) -> Vec<String> {
    let rtr = source.rtr.clone().unwrap_or_default();
    let preference = rtr.preference.map(|preference| match rtr.order {
        Some(order) => format!("{preference} {order}"),
        None => preference.to_string(),
    });
    let mut texts: Vec<String> = [
        preference,
        rtr.version.map(|version| format!("version {version}")),
        rtr.transport.map(|transport| transport.to_string()),
        source.peer_as.map(|asn| format!("AS{asn}")),
        source.as_relationship.map(|role| role.to_string()),
        source.last_modified.map(|time| format!("modified {time}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    texts.extend(slurm_texts(source));
    texts
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
        if policy.other_session {
            let (router, whose) = (router.name(), whose(policy));
            sheet.note(format!(
                "{router}, {whose}: an earlier session told it, the last one has not"
            ));
        }
    }
    sheet
}

fn exceptions(answer: &RpkiConfig) -> Sheet {
    let mut sheet = Sheet::new("SLURM exceptions")
        .left(["router", "peer", "kind", "rule"])
        .keys(4);
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

/// What changed; that data was synchronized again is what it is for, and no line.
fn changes(answer: &RpkiConfig) -> Sheet {
    let mut sheet = Sheet::new("Changes")
        .left(["time", "router", "peer", "about", "key", "before", "since"])
        .keys(5);
    let is_sync = |change: &&Change| change.key.as_deref() == Some("last_sync");
    for router in &answer.routers {
        for change in router.changes.iter().filter(|change| !is_sync(change)) {
            sheet.row(change_cells(router, change));
        }
    }
    let all = answer.routers.iter().flat_map(|router| &router.changes);
    let synchronized = all.filter(is_sync).count();
    if synchronized > 0 && !sheet.rows.is_empty() {
        let times = if synchronized == 1 { "time" } else { "times" };
        sheet.note(format!(
            "besides, data was synchronized {synchronized} {times}: --json has all"
        ));
    }
    sheet
}

/// A value in words: `roa 5, aspa 3`.
fn value_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let texts: Vec<String> = list.iter().map(value_text).collect();
            texts.join(", ")
        }
        Value::Object(object) => {
            let texts = object.values().map(value_text);
            let texts: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
            texts.join(" ")
        }
        other => other.to_string(),
    }
}

fn change_cells(router: &RouterConfig, change: &Change) -> [Cell; 7] {
    let text = |value: &Value| match value_text(value) {
        text if text.is_empty() => Cell::Absent,
        text => Cell::Text(text),
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

/// What a router says; of a SHA-256 the beginning is enough for people.
fn short_text(said: &RouterValue) -> String {
    let mut short = said.clone();
    if said.value.len() == 64 {
        short.value.truncate(8);
    }
    short.text()
}

fn differences(answer: &RpkiConfig) -> Sheet {
    let mut sheet = Sheet::new("Differences")
        .left(["kind", "about", "who has what"])
        .keys(2);
    for difference in &answer.differences {
        let said: Vec<String> = difference.values.iter().map(short_text).collect();
        sheet.row([
            difference.kind.into(),
            difference.about.as_str().into(),
            said.join("; ").into(),
        ]);
    }
    sheet
}

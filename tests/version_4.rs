//! BMP version 4 against the answers of another decoder: a public capture of a router that states
//! in every message how its UPDATE is written.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a panic is how a test says no"
)]

mod support;

use serde_json::Value;
use support::places;
use support::program::{self, Input};

/// The capture and the answers, below the public captures.
const CAPTURE: &str = "netgauze/bmp/stateless-with-add-path/ipv4_unicast_all.pcap";
const ANSWERS: &str = "netgauze/bmp/stateless-with-add-path/ipv4_unicast_all-bmp.json";

/// A route: prefix and path identifier.
type Route = (String, Option<u64>);

#[test]
fn prefixes_path_ids_and_table_names_agree_with_another_decoders() {
    let Some(captures) = places::shared_captures() else {
        return;
    };
    let public = captures.join("public");
    let expected = expected(&std::fs::read_to_string(public.join(ANSWERS)).unwrap());
    let input = Input::file(&public.join(CAPTURE));
    let lines = program::ask("messages", &[], &input).answered().lines();
    let routes = lines
        .iter()
        .filter(|line| line["type"] == "route-monitoring");
    let got: Vec<_> = routes.map(read).collect();
    assert_eq!(got.len(), 21);
    assert_eq!(got, expected);
}

#[test]
fn every_line_is_as_the_schema_says() {
    let Some(captures) = places::shared_captures() else {
        return;
    };
    let schema = program::run(&["schema", "messages"]).answered().json();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let input = Input::file(&captures.join("public").join(CAPTURE));
    let lines = program::ask("messages", &[], &input).answered().lines();
    assert_eq!(lines.len(), 30);
    for line in &lines {
        if let Some(error) = validator.iter_errors(line).next() {
            panic!("at {}: {error}: {line}", error.instance_path());
        }
    }
}

/// Routes and table name of a line of this program; how they are read has to be declared.
fn read(line: &Value) -> (Vec<Route>, String) {
    assert_eq!(line["context"], "declared", "{line}");
    assert_eq!(line["numbering"]["revision"], 19, "{line}");
    let routes = line["update"]["announced"].as_array().unwrap().iter();
    let routes = routes.map(|route| route_of(route, "prefix")).collect();
    let mut tlvs = line["tlvs"].as_array().unwrap().iter();
    let table = tlvs.find(|tlv| tlv["name"] == "table-name").unwrap();
    (routes, table["value"].as_str().unwrap().to_string())
}

/// The same of every Route Monitoring message of the other decoder.
fn expected(answers: &str) -> Vec<(Vec<Route>, String)> {
    let messages = answers
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let routes = messages.filter_map(|message| {
        let route = message["V4"].get("RouteMonitoring")?.clone();
        let update = &route["update_pdu"]["value"]["BgpUpdate"]["Update"];
        let nlri = update["nlri"].as_array().unwrap().iter();
        let routes = nlri.map(|nlri| route_of(nlri, "network")).collect();
        let mut tlvs = route["tlvs"].as_array().unwrap().iter();
        let table = tlvs.find_map(|tlv| tlv["value"]["VrfTableName"].as_str());
        Some((routes, table.unwrap().to_string()))
    });
    routes.collect()
}

fn route_of(route: &Value, key: &str) -> Route {
    let prefix = route[key].as_str().unwrap().to_string();
    (prefix, route["path_id"].as_u64())
}

use super::*;
use crate::rpki::payload::VrpRecord;

fn read(text: &str) -> Result<Payload, String> {
    let mut payload = Payload::default();
    let read = payload.read("vrps", text.as_bytes());
    read.map(|()| payload).map_err(|error| error.to_string())
}

fn shown(payload: &Payload) -> Vec<String> {
    let anchor = |record: &VrpRecord| {
        let source = &payload.sources[usize::from(record.source)];
        source.trust_anchor.clone().unwrap_or_default()
    };
    let show = |record: &VrpRecord| {
        let vrp = record.vrp;
        let expires = record.expires.unwrap_or(0);
        format!(
            "{}-{} {} {} {expires}",
            vrp.prefix,
            vrp.max_length,
            vrp.asn,
            anchor(record)
        )
    };
    payload.vrps.iter().map(show).collect()
}

/// One line of every dialect, as the programs' manuals show them.
#[test]
fn every_dialect_gives_the_same_vrp() {
    let cases = [
        // Routinator json.
        (
            r#"{"metadata":{"generated":1717000000,"generatedTime":"2024-05-29T16:26:40Z"},
                "roas":[{"asn":"AS196615","prefix":"93.175.147.0/24","maxLength":24,"ta":"ripe"}]}"#,
            "93.175.147.0/24-24 196615 ripe 0",
        ),
        // rpki-client json, Cloudflare.
        (
            r#"{"metadata":{"buildtime":"2024-05-29T16:26:40Z"},
                "roas":[{"asn":196615,"prefix":"93.175.147.0/24","maxLength":24,"ta":"ripe","expires":1717100000}],
                "bgpsec_keys":[{"asn":1}],"aspas":[]}"#,
            "93.175.147.0/24-24 196615 ripe 1717100000",
        ),
        // Cloudflare's as OctoRPKI wrote it, and StayRTR, which takes AS numbers of any type.
        (
            r#"{"metadata":{"counts":1,"generated":1717000000,"valid":1717010000,"signature":"x","signatureDate":"y"},
                "roas":[{"prefix":"93.175.147.0/24","maxLength":24,"asn":"AS196615","ta":"Cloudflare - RIPE"}]}"#,
            "93.175.147.0/24-24 196615 Cloudflare - RIPE 0",
        ),
        (
            r#"{"metadata":{"vrps":1,"bgpsec_pubkeys":0,"buildtime":"2024-05-29T16:26:40Z","sessionid":7,"serial":2},
                "roas":[{"prefix":"93.175.147.0/24","maxLength":24,"asn":"196615","ta":"ripe","expires":1717100000}],
                "bgpsec_keys":null}"#,
            "93.175.147.0/24-24 196615 ripe 1717100000",
        ),
        // rpki-client with all its lists, those before the VRPs too.
        (
            r#"{"metadata":{"buildmachine":"x","roas":1,"ccr_vrps_hash":"0f"},"nonfunc_cas":[{"ski":"00"}],
                "signedprefixlists":[{"asid":1,"prefixes":["10.0.0.0/8"]}],
                "roas":[{"asn":196615,"prefix":"93.175.147.0/24","maxLength":24,"ta":"ripe","expires":1717100000}]}"#,
            "93.175.147.0/24-24 196615 ripe 1717100000",
        ),
        // FORT: nothing but the list; no maximum length: that of the prefix.
        (
            r#"{"roas":[{"asn":"AS196615","prefix":"93.175.147.0/24"}]}"#,
            "93.175.147.0/24-24 196615  0",
        ),
        // Routinator jsonext.
        (
            r#"{"metadata":{},"roas":[{"asn":"AS196615","prefix":"93.175.147.0/24","maxLength":24,
                "source":[{"type":"roa","tal":"ripe","uri":"rsync://x/y.roa",
                "validity":{"notBefore":"2024-01-01T00:00:00Z","notAfter":"2025-01-01T00:00:00Z"},
                "chainValidity":{"notBefore":"2024-01-01T00:00:00Z","notAfter":"2024-05-30T20:13:20Z"},
                "stale":"2024-05-30T20:13:20Z"}]}]}"#,
            "93.175.147.0/24-24 196615 ripe 1717100000",
        ),
        // Routinator csv, csvcompat, csvext; rpki-client csv; FORT csv.
        (
            "ASN,IP Prefix,Max Length,Trust Anchor\nAS196615,93.175.147.0/24,24,ripe\n",
            "93.175.147.0/24-24 196615 ripe 0",
        ),
        (
            "\"ASN\",\"IP Prefix\",\"Max Length\",\"Trust Anchor\"\r\n\"196615\",\"93.175.147.0/24\",\"24\",\"ripe\"\r\n",
            "93.175.147.0/24-24 196615 ripe 0",
        ),
        // Its times are of UTC and tell no zone.
        (
            "URI,ASN,IP Prefix,Max Length,Not Before,Not After\n\
             rsync://x/y.roa,AS196615,93.175.147.0/24,24,2024-01-01 00:00:00,2024-05-30 20:13:20\n",
            "93.175.147.0/24-24 196615  1717100000",
        ),
        (
            "URI,ASN,IP Prefix,Max Length,Not Before,Not After\n\
             rsync://x/y.roa,AS196615,93.175.147.0/24,24,2024-01-01T00:00:00Z,2024-05-30T20:13:20Z\n",
            "93.175.147.0/24-24 196615  1717100000",
        ),
        // What local exceptions assert.
        (
            "URI,ASN,IP Prefix,Max Length,Not Before,Not After\n\
             N/A,AS196615,93.175.147.0/24,24,N/A,N/A\n",
            "93.175.147.0/24-24 196615  0",
        ),
        (
            "ASN,IP Prefix,Max Length,Trust Anchor\nAS196615,93.175.147.0/24,24,N/A\n",
            "93.175.147.0/24-24 196615  0",
        ),
        (
            "ASN,IP Prefix,Max Length,Trust Anchor,Expires\nAS196615,93.175.147.0/24,24,ripe,1717100000\n",
            "93.175.147.0/24-24 196615 ripe 1717100000",
        ),
        (
            "ASN,Prefix,Max prefix length\nAS196615,93.175.147.0/24,24\n",
            "93.175.147.0/24-24 196615  0",
        ),
    ];
    for (text, expected) in cases {
        let payload = read(text).unwrap();
        assert_eq!(shown(&payload), [expected], "{text}");
        assert_eq!(payload.problem_count, 0);
    }
}

#[test]
fn when_it_was_made_is_read_in_seconds_and_as_text() {
    let made = |metadata: &str| {
        let payload = read(&format!(r#"{{"metadata":{metadata},"roas":[]}}"#)).unwrap();
        payload.generated.map(|(first, _)| first.to_string())
    };
    let expected = "2024-05-29T16:26:40";
    for metadata in [
        r#"{"generated":1717000000}"#,
        r#"{"generatedTime":"2024-05-29T16:26:40Z"}"#,
        r#"{"buildtime":"2024-05-29T16:26:40Z","vrps":7}"#,
    ] {
        assert!(made(metadata).unwrap().starts_with(expected), "{metadata}");
    }
    assert_eq!(made("{}"), None);
}

#[test]
fn aspas_of_routinator_and_rpki_client_are_alike() {
    let payload = read(
        r#"{"aspas":[{"customer":"AS64496","providers":["AS64499","AS64500"],"ta":"ripe","afi":"ipv4"},
            {"customer_asid":64496,"expires":1717100000,"providers":[64499]}]}"#,
    )
    .unwrap();
    let [first, second] = &payload.aspas[..] else {
        panic!("{:?}", payload.aspas)
    };
    assert_eq!(
        (first.customer, &first.providers[..]),
        (64496, &[64499, 64500][..])
    );
    assert_eq!(
        (second.customer, second.expires),
        (64496, Some(1_717_100_000))
    );
}

#[test]
fn aspas_by_family_as_rpki_client_wrote_them_once_are_read() {
    let payload = read(
        r#"{"metadata":{"buildtime":"2023-02-21T10:00:00Z"},"roas":[],"provider_authorizations":{
            "ipv4":[{"customer_asid":64496,"expires":1717100000,"providers":[64499]},{"customer_asid":-1}],
            "ipv6":[{"customer_asid":64496,"providers":[64500,64501]}],"other":[1]}}"#,
    )
    .unwrap();
    let rows = payload.aspas.iter();
    let rows: Vec<_> = rows
        .map(|one| (one.customer, one.providers.clone(), one.expires))
        .collect();
    let expected = [
        (64496, vec![64499], Some(1_717_100_000)),
        (64496, vec![64500, 64501], None),
    ];
    assert_eq!(rows, expected);
    let problems: Vec<String> = payload.problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].starts_with("vrps: entry 2 of provider_authorizations.ipv4: customer"));
}

#[test]
fn jsonext_tells_every_source_its_expiry_and_local_exceptions() {
    // Routinator's manual, output-formats: a ROA and an exception for the same VRP, and an ASPA.
    let payload = read(
        r#"{"metadata":{"generated":1717000000},
            "roas":[{"asn":"AS64496","prefix":"192.0.2.0/24","maxLength":24,"source":[
                {"type":"roa","tal":"ripe","uri":"rsync://x/y.roa",
                 "validity":{"notBefore":"2024-01-01T00:00:00Z","notAfter":"2025-01-01T00:00:00Z"},
                 "chainValidity":{"notBefore":"2024-01-01T00:00:00Z","notAfter":"2024-05-30T20:13:20Z"},
                 "stale":"2024-05-30T20:13:20Z"},
                {"type":"exception","path":"/etc/local.json","comment":"ours"}]}],
            "aspas":[{"customer":"AS64496","providers":["AS64499"],"source":[
                {"type":"aspa","tal":"arin","validity":{"notAfter":"2024-05-30T20:13:20Z"}}]},
                {"customer":"AS64496","providers":"AS64499"}]}"#,
    )
    .unwrap();
    let source = |number: u16| &payload.sources[usize::from(number)];
    let vrps: Vec<_> = payload
        .vrps
        .iter()
        .map(|one| (source(one.source).is_local, one.expires))
        .collect();
    assert_eq!(vrps, [(false, Some(1_717_100_000)), (true, None)]);
    let [aspa] = &payload.aspas[..] else {
        panic!("{:?}", payload.aspas)
    };
    assert_eq!(source(aspa.source).trust_anchor.as_deref(), Some("arin"));
    assert_eq!(aspa.expires, Some(1_717_100_000));
    assert_eq!(
        payload.problems[0].to_string(),
        "vrps: entry 2 of aspas: providers: what is there is no list"
    );
}

#[test]
fn a_bad_entry_costs_itself_and_is_named() {
    let payload = read(
        r#"{"roas":[
            {"asn":"AS1","prefix":"10.0.0.0/8","maxLength":33},
            {"asn":"AS1","prefix":"10.0.0.0/8","maxLength":7},
            {"asn":"ASx","prefix":"10.0.0.0/8","maxLength":8},
            {"asn":4294967296,"prefix":"10.0.0.0/8"},
            {"asn":-1,"prefix":"10.0.0.0/8"},
            {"asn":1,"prefix":"10.0.0.1/8"},
            {"asn":1,"prefix":"10.0.0.0/33"},
            {"asn":1,"prefix":"10.0.0.0"},
            {"asn":1},
            {"asn":1,"prefix":"10.0.0.0/8","expires":"soon"},
            {"asn":1,"prefix":"10.0.0.0/8","maxLength":[8]},
            ["AS1","10.0.0.0/8"],
            {"asn":1,"prefix":"10.0.0.0/8","source":"ripe"},
            {"asn":1,"prefix":"10.0.0.0/8","source":[7]},
            {"asn":1,"prefix":"10.0.0.0/8","source":[{"chainValidity":[]}]},
            {"asn":1,"prefix":"10.0.0.0/8"}]}"#,
    )
    .unwrap();
    let problems: Vec<String> = payload.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        [
            "vrps: entry 1 of roas: maxLength: 33 is over 32",
            "vrps: entry 2 of roas: maxLength: 7 is less than the length of 10.0.0.0/8",
            "vrps: entry 3 of roas: asn: 'ASx' is no AS number",
            "vrps: entry 4 of roas: asn: 4294967296 is no AS number",
            "vrps: entry 5 of roas: asn: what is there is no AS number",
            "vrps: entry 6 of roas: prefix: '10.0.0.1/8' has bits set past its length",
            "vrps: entry 7 of roas: prefix: '10.0.0.0/33' is longer than an address",
            "vrps: entry 8 of roas: prefix: '10.0.0.0' is no prefix",
            "vrps: entry 9 of roas: prefix: nothing is no prefix",
            "vrps: entry 10 of roas: expires: 'soon' is no time",
            "vrps: entry 11 of roas: maxLength: what is there is no length",
            "vrps: entry 12 of roas: entry: what is there is no object",
            "vrps: entry 13 of roas: source: what is there is no list",
            "vrps: entry 14 of roas: source: what is there is no source",
            "vrps: entry 15 of roas: chainValidity: what is there is no validity",
        ]
    );
    assert_eq!((payload.vrps.len(), payload.problem_count), (1, 15));
    let csv = read("ASN,IP Prefix,Max Length\nAS1,10.0.0.0/8,8\n\nAS1,x,8\n").unwrap();
    assert_eq!(
        csv.problems[0].to_string(),
        "vrps: line 4: prefix: 'x' is no prefix"
    );
}

#[test]
fn what_is_no_such_file_is_an_error() {
    let refused = |text: &str| read(text).unwrap_err();
    assert_eq!(refused(""), "vrps: is empty");
    assert!(refused("hello").starts_with("vrps: is neither the JSON nor the CSV"));
    assert!(refused("{}").starts_with("vrps: has neither 'roas' nor 'aspas'"));
    assert!(refused(r#"{"slurmVersion":1}"#).contains("neither 'roas'"));
    let error = refused("{\"roas\":[\n{\"asn\":}]}");
    assert!(error.contains("at line 2 column 8"), "{error}");
    assert!(refused(r#"{"roas":{}}"#).contains("the list 'roas'"));
}

#[test]
fn a_file_of_which_no_entry_can_be_read_is_an_error() {
    let refused = |text: &str| read(text).unwrap_err();
    assert_eq!(
        refused("ASN,IP Prefix,Expires\nAS1,10.0.0.0/8,soon\nAS1,10.0.0.0/8,later\n"),
        "vrps: none of its 2 entries can be read: line 2: expires: 'soon' is no time"
    );
    assert_eq!(
        refused(r#"{"roas":[{"asn":1}],"aspas":[]}"#),
        "vrps: none of its 1 entries can be read: entry 1 of roas: prefix: nothing is no prefix"
    );
    assert!(read(r#"{"roas":[{"asn":1}],"aspas":[{"customer":1,"providers":[2]}]}"#).is_ok());
    assert!(read(r#"{"roas":[]}"#).is_ok());
    // A file that was read before is no help.
    let mut payload = Payload::default();
    payload
        .read("one", br#"{"roas":[{"asn":1,"prefix":"10.0.0.0/8"}]}"#)
        .unwrap();
    assert!(payload.read("two", br#"{"roas":[{"asn":1}]}"#).is_err());
}

#[test]
fn every_prefix_of_a_file_is_an_error_or_fewer_entries() {
    let text = r#"{"metadata":{"generated":1},"roas":[{"asn":"AS1","prefix":"10.0.0.0/8","source":[{"tal":"a"}]}],"aspas":[{"customer":1,"providers":[2]}]}"#;
    for end in 0..text.len() {
        assert!(read(&text[..end]).is_err());
    }
    assert_eq!(read(text).unwrap().aspas.len(), 1);
}

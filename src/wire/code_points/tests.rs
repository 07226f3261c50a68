//! Settings from files and options, and what is said of those that cannot be.

use super::*;

/// The file of the profile's example.
const EXAMPLE: &str = "\
[initiation]
optional-parameters-supported = 40001
default-behavior-parameters = { enterprise = 2011, type = 3 }
[default-behavior]
hold-time = 106
[message-types]
rpki-config = 200
[rpki]
source-type = 0x5010
[statistics]
rpki-filtered = 44
";

fn enterprise(enterprise: u32, number: u16) -> Number {
    Number::Enterprise { enterprise, number }
}

fn read(text: &str) -> Result<CodePoints, String> {
    CodePoints::with(&Setting::read(text, "codes.toml")?)
}

fn parse(text: &str) -> Result<Setting, String> {
    Setting::parse(text, &format!("--code {text}"))
}

fn given(texts: &[&str]) -> Result<CodePoints, String> {
    let settings: Vec<_> = texts.iter().map(|text| parse(text).unwrap()).collect();
    CodePoints::with(&settings)
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    assert_eq!(read(text).unwrap_err(), expected);
}

#[test]
fn the_defaults_are_those_of_the_profile() {
    let codes = CodePoints::default();
    let number = |name, version| codes.number(CodePoint::named(name).unwrap(), version);
    let supported = "optional-parameters-supported";
    assert_eq!(number(supported, 3), Number::Plain(65531));
    assert_eq!(number(supported, 4), enterprise(32473, 1));
    assert_eq!(number("default-med", 4), Number::Plain(13));
    assert_eq!(number("rpki-impact", 4), Number::Plain(253));
    assert_eq!(number("alternate-bgp-message", 3), Number::Plain(0x4053));
    assert_eq!(number("rpki-filtered", 3), Number::Plain(65532));
    assert_eq!(number("rpki-filtered", 4), enterprise(32473, 1));
    let count = |table: Table| table.code_points().count();
    assert_eq!(Table::ALL.map(count), [3, 10, 3, 30, 1]);
}

#[test]
fn every_number_leads_back_to_its_name() {
    let codes = CodePoints::default();
    for code_point in CodePoint::ALL.iter().copied() {
        let back = |version| {
            codes
                .version(version)
                .find(code_point.table(), codes.number(code_point, version))
        };
        assert_eq!([3, 4].map(back), [Some(code_point); 2]);
        assert_eq!(CodePoint::named(code_point.name()), Some(code_point));
    }
    assert_eq!(codes.message_type(251), Some(CodePoint::RpkiConfig));
    assert_eq!(codes.message_type(200), None);
    assert_eq!(codes.message_type_number(CodePoint::RpkiImpact), Some(253));
    assert_eq!(codes.message_type_number(CodePoint::HoldTime), None);
    let plain = Number::Plain;
    let parameters = CodePoint::DefaultBehaviorParameters;
    assert_eq!(codes.initiation(3, plain(65533)), Some(parameters));
    assert_eq!(codes.initiation(4, enterprise(32473, 3)), Some(parameters));
    assert_eq!(codes.initiation(4, plain(65533)), None);
    assert_eq!(codes.default_behavior(9), Some(CodePoint::HoldTime));
    assert_eq!(codes.rpki(plain(0x4010)), Some(CodePoint::SourceType));
    assert_eq!(codes.rpki(enterprise(32473, 0x4010)), None);
    assert_eq!(
        codes.statistic(3, plain(65532)),
        Some(CodePoint::RpkiFiltered)
    );
    assert_eq!(codes.statistic(3, plain(9)), None);
}

#[test]
fn a_file_sets_the_numbers_it_names_and_no_other() {
    let codes = read(EXAMPLE).unwrap();
    let plain = Number::Plain;
    let supported = CodePoint::OptionalParametersSupported;
    assert_eq!(codes.initiation(3, plain(40001)), Some(supported));
    assert_eq!(codes.initiation(3, plain(65531)), None);
    assert_eq!(codes.default_behavior(106), Some(CodePoint::HoldTime));
    assert_eq!(codes.default_behavior(8), Some(CodePoint::KeepaliveTime));
    assert_eq!(codes.message_type(200), Some(CodePoint::RpkiConfig));
    assert_eq!(codes.message_type(251), None);
    assert_eq!(codes.rpki(plain(0x5010)), Some(CodePoint::SourceType));
    assert_eq!(codes.rpki(plain(0x4010)), None);
    assert_eq!(codes.statistic(3, plain(44)), Some(CodePoint::RpkiFiltered));
    assert_eq!(codes.statistic(4, plain(44)), Some(CodePoint::RpkiFiltered));
}

#[test]
fn each_version_takes_what_its_type_field_can_hold() {
    let codes = read(EXAMPLE).unwrap();
    let number = |code_point| [3, 4].map(|version| codes.number(code_point, version));
    // 40001 has bit 15, which is the E-bit of version 4.
    let supported = number(CodePoint::OptionalParametersSupported);
    assert_eq!(supported, [Number::Plain(40001), enterprise(32473, 1)]);
    // Version 3 knows no enterprises.
    let parameters = number(CodePoint::DefaultBehaviorParameters);
    assert_eq!(parameters, [Number::Plain(65533), enterprise(2011, 3)]);
    let fitting = given(&["optional-parameters-enabled=300"]).unwrap();
    let enabled = CodePoint::OptionalParametersEnabled;
    assert_eq!(fitting.number(enabled, 4), Number::Plain(300));
    // RPKI messages are read alike in both.
    let codes = given(&["source-type=2011/5"]).unwrap();
    assert_eq!(codes.number(CodePoint::SourceType, 3), enterprise(2011, 5));
    assert_eq!(codes.rpki(enterprise(2011, 5)), Some(CodePoint::SourceType));
}

#[test]
fn an_option_is_read_like_a_line_of_the_file() {
    let number = |text| parse(text).map(|setting| setting.number);
    assert_eq!(number("rpki-config=200"), Ok(Number::Plain(200)));
    assert_eq!(number("rpki-config=0xC8"), Ok(Number::Plain(200)));
    assert_eq!(number("hold-time=0"), Ok(Number::Plain(0)));
    assert_eq!(
        number("rpki-filtered=0x7db/0x7fff"),
        Ok(enterprise(2011, 0x7fff))
    );
}

#[test]
fn the_later_of_two_settings_counts() {
    let codes = given(&["rpki-config=252", "rpki-config=200"]).unwrap();
    assert_eq!(codes.message_type(200), Some(CodePoint::RpkiConfig));
    assert_eq!(codes.message_type(252), Some(CodePoint::RpkiValidation));
}

#[test]
fn numbers_can_be_swapped() {
    let codes = given(&["rpki-config=252", "rpki-validation=251"]).unwrap();
    assert_eq!(codes.message_type(252), Some(CodePoint::RpkiConfig));
    assert_eq!(codes.message_type(251), Some(CodePoint::RpkiValidation));
}

#[test]
fn the_same_number_is_good_in_two_tables() {
    assert!(given(&["rpki-config=44", "rpki-filtered=44", "hold-time=44"]).is_ok());
}

#[test]
fn an_unknown_name_gets_the_names_that_there_are() {
    refused(
        "[message-types]\n\nrpki-confg = 200\n",
        "codes.toml:3: no code point 'rpki-confg' in [message-types], but: rpki-config, \
         rpki-validation, rpki-impact",
    );
    refused(
        "[initiation]\nhold-time = 5",
        "codes.toml:2: 'hold-time' belongs to [default-behavior], not to [initiation]",
    );
    let error = parse("rpki-confg=200").unwrap_err();
    let expected = "no code point 'rpki-confg', but:\n  [initiation] \
                    optional-parameters-supported, optional-parameters-enabled, \
                    default-behavior-parameters\n  [default-behavior] local-distance,";
    assert!(error.starts_with(expected), "{error}");
    assert!(error.ends_with("\n  [statistics] rpki-filtered"), "{error}");
    for code_point in CodePoint::ALL {
        assert!(error.contains(code_point.name()), "{error}");
    }
}

#[test]
fn an_unknown_table_gets_those_that_there_are() {
    refused(
        "\n[message-type]\nrpki-config = 200",
        "codes.toml:2: no table 'message-type', but: [initiation], [default-behavior], \
         [message-types], [rpki], [statistics]",
    );
    refused(
        "# numbers\nrpki-config = 200",
        "codes.toml:2: 'rpki-config' stands outside of [message-types]",
    );
    refused(
        "rpki = 3",
        "codes.toml:1: 'rpki' is a table, which begins with [rpki]",
    );
}

#[test]
fn a_number_out_of_range_is_told_with_the_range() {
    for text in ["256", "0x100", "6", "-1", "99999999999999999999"] {
        refused(
            &format!("[message-types]\nrpki-config = {text}"),
            &format!(
                "codes.toml:2: rpki-config: {text} is out of range: a message type is a number \
                 from 7 to 255"
            ),
        );
    }
    refused(
        "[rpki]\nsource-type = 65536",
        "codes.toml:2: source-type: 65536 is out of range: a TLV type is a number from 0 to 65535",
    );
    refused(
        "[initiation]\ndefault-behavior-parameters = { enterprise = 2011, type = 0x8000 }",
        "codes.toml:2: default-behavior-parameters: 0x8000 is out of range: the type of an \
         enterprise is a number from 0 to 32767",
    );
    let error = |text| parse(text).unwrap_err();
    assert_eq!(
        error("hold-time=65536"),
        "hold-time: 65536 is out of range: a sub-TLV type is a number from 0 to 65535"
    );
    assert_eq!(
        error("rpki-filtered=4294967296/1"),
        "rpki-filtered: 4294967296 is out of range: an enterprise is a number from 0 to 4294967295"
    );
    assert_eq!(
        error("rpki-config=99999999999999999999"),
        "rpki-config: 99999999999999999999 is out of range: a message type is a number from 7 to \
         255"
    );
}

#[test]
fn what_is_no_number_is_refused_with_what_would_be_one() {
    let written = "{ enterprise = 1, type = 2, more = 3 }";
    for value in [
        "\"200\"",
        "2.5",
        "true",
        "[1]",
        "{ enterprise = 2011 }",
        written,
    ] {
        refused(
            &format!("[rpki]\nsource-type = {value}"),
            "codes.toml:2: source-type is neither a number nor { enterprise = N, type = N }",
        );
    }
    for number in [
        "", "+5", "-1", " 5", "5 ", "1_0", "0x", "0xg", "1/2/3", "/1", "1/", "five",
    ] {
        let expected =
            format!("'{number}' is neither a number (300, 0x12c) nor ENTERPRISE/NUMBER (2011/3)");
        assert_eq!(parse(&format!("rpki-config={number}")), Err(expected));
    }
    let expected = "expected NAME=NUMBER or NAME=ENTERPRISE/NUMBER";
    assert_eq!(parse("rpki-config"), Err(expected.to_owned()));
}

#[test]
fn what_has_no_enterprises_gets_none() {
    refused(
        "[default-behavior]\nhold-time = { enterprise = 2011, type = 3 }",
        "codes.toml:2: hold-time: a sub-TLV type is a plain number, not one of an enterprise",
    );
    assert_eq!(
        parse("rpki-config=2011/3").unwrap_err(),
        "rpki-config: a message type is a plain number, not one of an enterprise"
    );
}

#[test]
fn two_names_with_one_number_are_told_with_the_place_of_the_later() {
    refused(
        "[message-types]\nrpki-config = 252\n",
        "codes.toml:2: rpki-config and rpki-validation would share the number 252",
    );
    refused(
        "[rpki]\nlast-sync = 1\nsource-type = 0x0001\n",
        "codes.toml:3: source-type and last-sync would share the number 1",
    );
    assert_eq!(
        given(&["rpki-impact=200", "rpki-config=9", "rpki-config=200"]).unwrap_err(),
        "--code rpki-config=200: rpki-config and rpki-impact would share the number 200"
    );
    // In version 4 alone.
    assert_eq!(
        given(&["optional-parameters-supported=32473/2"]).unwrap_err(),
        "--code optional-parameters-supported=32473/2: optional-parameters-supported and \
         optional-parameters-enabled would share the number 32473/2"
    );
}

#[test]
fn an_option_that_mends_what_the_file_breaks_is_enough() {
    let mut settings = Setting::read("[message-types]\nrpki-config = 252", "a").unwrap();
    settings.push(parse("rpki-validation=253").unwrap());
    settings.push(parse("rpki-impact=251").unwrap());
    assert!(CodePoints::with(&settings).is_ok());
}

#[test]
fn text_that_is_not_toml_is_told_with_its_line() {
    refused(
        "[rpki]\nsource-type = 1\nsource-type = 2\n",
        "codes.toml:3: duplicate key",
    );
    let error = |text| read(text).unwrap_err();
    assert!(error("[rpki\n").starts_with("codes.toml:1: "));
    assert!(error("\r\n[rpki]\r\nsource-type = \r\n").starts_with("codes.toml:3: "));
}

#[test]
fn an_empty_file_and_one_in_other_spellings_are_good() {
    assert_eq!(read(""), Ok(CodePoints::default()));
    assert_eq!(
        read("\u{feff}# none\r\n[rpki]\r\n"),
        Ok(CodePoints::default())
    );
    let dotted = read("message-types.rpki-config = 2_0_0").unwrap();
    assert_eq!(dotted, given(&["rpki-config=200"]).unwrap());
    let long = "[initiation.default-behavior-parameters]\ntype = 0x3\nenterprise = 2011";
    assert_eq!(read(long), given(&["default-behavior-parameters=2011/3"]));
}

#[test]
fn no_prefix_of_a_file_is_the_end() {
    for end in 0..EXAMPLE.len() {
        if let Err(error) = read(&EXAMPLE[..end]) {
            assert!(error.starts_with("codes.toml:"), "{error}");
        }
    }
}

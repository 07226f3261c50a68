//! The layouts of draft-zhuang-grow-monitoring-bgp-parameters-02 section 4 and RFC 9072 section 2,
//! octet by octet. The numbers are this program's own.

use super::super::test_bytes::{hex, message};
use super::*;
use crate::bgp::capability::CapabilityCode;
use crate::bmp::Message;
use crate::wire::code_points::Setting;

fn read(octets: &[u8], code_points: &CodePoints) -> RouterParameters {
    let Ok(Message::Initiation(initiation)) = Message::decode(octets) else {
        panic!("no Initiation")
    };
    RouterParameters::of(&initiation, code_points)
}

/// What an Initiation of version 3 with these TLVs says.
fn told(tlvs: &str) -> RouterParameters {
    read(&message(4, tlvs), &CodePoints::default())
}

/// What a version 3 TLV of this type with this value says.
fn value(number: &str, octets: &str) -> RouterParameters {
    let length = hex(octets).len();
    told(&format!("{number} {length:04x} {octets}"))
}

fn supported(octets: &str) -> OptionalParameters {
    value("fffb", octets).supported.unwrap()
}

fn defaults(octets: &str) -> Defaults {
    value("fffd", octets).defaults.unwrap()
}

fn codes(parameters: &OptionalParameters) -> Vec<u8> {
    let capabilities = parameters.capabilities.iter();
    capabilities.map(|capability| capability.code.0).collect()
}

fn oddities(parameters: &RouterParameters) -> Vec<String> {
    let oddities = parameters.oddities().into_iter();
    oddities
        .map(|oddity| match oddity.offset {
            Some(offset) => format!("{} {offset}: {}", oddity.kind, oddity.message),
            None => format!("{}: {}", oddity.kind, oddity.message),
        })
        .collect()
}

#[test]
fn the_three_tlvs_are_told_by_their_numbers() {
    let all = told(
        "
        0002 0001 61              # sysName: a
        fffb 0006 02 04 0200 4600 # supported: route refresh, enhanced route refresh
        fffc 0004 02 02 0200      # enabled: route refresh
        fffd 0008 0009 0004 000000b4 # hold time: 180
    ",
    );
    assert_eq!(codes(all.supported.as_ref().unwrap()), [2, 70]);
    assert!(
        all.enabled
            .as_ref()
            .unwrap()
            .has(CapabilityCode::ROUTE_REFRESH)
    );
    let defaults = all.defaults.as_ref().unwrap();
    assert_eq!(defaults.number(CodePoint::HoldTime), Some(180));
    assert_eq!(defaults.number(CodePoint::DefaultMed), None);
    assert!(all.oddities().is_empty());
    assert_eq!(told("0002 0001 61"), RouterParameters::default());
}

#[test]
fn an_empty_value_is_an_empty_list() {
    let empty = told("fffb 0000  fffd 0000");
    assert_eq!(empty.supported, Some(OptionalParameters::default()));
    assert_eq!(empty.defaults, Some(Defaults::default()));
    assert_eq!(empty.enabled, None);
    assert!(empty.oddities().is_empty());
}

#[test]
fn capabilities_may_come_in_one_parameter_or_in_many_and_in_the_extended_form() {
    let one = supported("02 06 0200 0600 4600");
    assert_eq!(codes(&one), [2, 6, 70]);
    assert_eq!(supported("02 02 0200 02 04 0600 4600"), one);
    assert_eq!(supported("ff 0009 02 0006 0200 0600 4600"), one);
    assert_eq!(supported("ff 000c 02 0002 0200 02 0004 0600 4600"), one);
    let other = supported("01 01 00 02 02 0200");
    assert_eq!((codes(&other), other.others.len()), (vec![2], 1));
}

#[test]
fn a_length_that_is_wrong_keeps_what_can_be_read_and_says_where() {
    let cases = [
        // A parameter past the value.
        (
            "02 02 0200 02 09 46",
            "Parameter Value at byte 16: needs 9 bytes, 1 left in its container",
        ),
        // The extended form: more promised than there is, less, and no length at all.
        (
            "ff 0009 02 0002 0200",
            "Optional Parameters at byte 13: needs 9 bytes, 5 left in its container",
        ),
        (
            "ff 0005 02 0002 0200 aa",
            "Information at byte 18: has octets behind its optional parameters",
        ),
    ];
    for (octets, expected) in cases {
        let read = value("fffb", octets);
        assert_eq!(codes(read.supported.as_ref().unwrap()), [2], "{octets}");
        let at = expected
            .split(' ')
            .find_map(|word| word.strip_suffix(':'))
            .unwrap();
        let told =
            format!("router-parameters-malformed {at}: optional parameters supported: {expected}");
        assert_eq!(oddities(&read), [told]);
    }
    let cut = value("fffb", "ff 00");
    assert_eq!(
        oddities(&cut),
        [
            "router-parameters-malformed 11: optional parameters supported: Extended Opt. Parm. Length at byte 11: needs 2 bytes, 1 left in its container"
        ]
    );
    let capability = value("fffc", "02 04 4102 0001");
    assert_eq!(
        oddities(&capability),
        [
            "router-parameters-malformed 14: optional parameters enabled: capability four-octet-as: AS number at byte 14: needs 4 bytes, 2 left in its container"
        ]
    );
}

#[test]
fn a_repeated_tlv_is_merged_in_order() {
    let twice = told(
        "
        fffb 0004 02 02 0200        # route refresh
        fffd 0008 0004 0004 000000ff
        fffb 0007 ff 0005 02 0002 4600  # enhanced route refresh, in the extended form
        fffd 0008 0005 0004 00000014
    "
        .replace("fffb 0007 ff", "fffb 0008 ff")
        .as_str(),
    );
    assert_eq!(codes(twice.supported.as_ref().unwrap()), [2, 70]);
    let defaults = twice.defaults.as_ref().unwrap();
    let both = [CodePoint::LocalDistance, CodePoint::EbgpDistance].map(|one| defaults.number(one));
    assert_eq!(both, [Some(255), Some(20)]);
    assert!(twice.oddities().is_empty());
}

#[test]
fn a_later_initiation_replaces_what_it_carries() {
    let mut router = told("fffb 0004 02 02 0200  fffd 0008 0009 0004 000000b4");
    router.replace(told("fffd 0008 000d 0004 00000000"));
    assert_eq!(codes(router.supported.as_ref().unwrap()), [2]);
    let defaults = router.defaults.as_ref().unwrap();
    assert_eq!(defaults.number(CodePoint::HoldTime), None);
    assert_eq!(defaults.number(CodePoint::DefaultMed), Some(0));
}

#[test]
fn the_reading_of_the_header_is_the_one_that_fits() {
    let figure = defaults("0004 0004 000000ff  0009 0004 000000b4");
    assert_eq!(
        (figure.header, figure.doubt),
        (Some(SubTlvHeader::U16), None)
    );
    let text = defaults("04 04 000000ff  09 04 000000b4");
    assert_eq!((text.header, text.doubt), (Some(SubTlvHeader::U8), None));
    for read in [&figure, &text] {
        assert_eq!(read.number(CodePoint::LocalDistance), Some(255));
        assert_eq!(read.number(CodePoint::HoldTime), Some(180));
    }
    // A sub-type that is not known may have any length.
    let unknown = defaults("63 01 aa  09 04 000000b4");
    assert_eq!(unknown.header, Some(SubTlvHeader::U8));
    assert_eq!(unknown.parameters[0].value, DefaultValue::Raw(vec![0xaa]));
}

#[test]
fn where_both_or_neither_reading_fits_the_figure_wins() {
    // With one octet each: type 4, length 4, 131072. With two: type 0x0404, length 2.
    let both = value("fffd", "04 04 00020000");
    let defaults = both.defaults.as_ref().unwrap();
    let expected = (Some(SubTlvHeader::U16), Some(HeaderDoubt::Both));
    assert_eq!((defaults.header, defaults.doubt), expected);
    assert_eq!(defaults.parameters[0].number, 0x0404);
    assert_eq!(
        oddities(&both),
        [
            "default-header-doubtful: the default behavior parameters fit with one and with two octets of type and length; two are taken"
        ]
    );
    let neither = value("fffd", "0009 0004 000000b4 0005 0009 00");
    let defaults = neither.defaults.as_ref().unwrap();
    let expected = (Some(SubTlvHeader::U16), Some(HeaderDoubt::Neither));
    assert_eq!((defaults.header, defaults.doubt), expected);
    assert_eq!(defaults.number(CodePoint::HoldTime), Some(180));
    assert_eq!(
        oddities(&neither),
        [
            "default-header-doubtful: the default behavior parameters fit neither with one nor with two octets of type and length; two are taken",
            "router-parameters-malformed 22: default behavior parameters: Default Behavior Value at byte 22: needs 9 bytes, 1 left in its container"
        ]
    );
}

#[test]
fn a_value_of_another_length_is_kept_raw() {
    let short = value("fffd", "0009 0002 00b4  0004 0004 000000ff");
    let defaults = short.defaults.as_ref().unwrap();
    assert_eq!(defaults.number(CodePoint::HoldTime), None);
    assert_eq!(defaults.number(CodePoint::LocalDistance), Some(255));
    let raw = &defaults.last(CodePoint::HoldTime).unwrap().value;
    assert_eq!(*raw, DefaultValue::Raw(vec![0, 0xb4]));
    let told = oddities(&short);
    assert_eq!(
        told.last().unwrap(),
        "default-parameter-length 14: hold-time has 2 octets, not 4"
    );
}

#[test]
fn of_two_values_of_a_parameter_the_last_one_counts() {
    let twice = value("fffd", "0009 0004 000000b4  0009 0004 0000005a");
    let defaults = twice.defaults.as_ref().unwrap();
    assert_eq!(defaults.number(CodePoint::HoldTime), Some(90));
    assert_eq!(
        oddities(&twice),
        ["default-parameter-repeated 22: hold-time is there more than once; the last one counts"]
    );
}

#[test]
fn in_version_4_they_are_those_of_an_enterprise() {
    let tlvs = hex("
        8001 0008 00007ed9 02 02 0200          # enterprise 32473, 1: supported
        8003 000c 00007ed9 0009 0004 000000b4  # 3: defaults
        fffc 0006 02 02 0200 0000              # enterprise 0x02020200: unknown
    ");
    let length = u8::try_from(tlvs.len() + 6).unwrap();
    let octets = [&[4, 0, 0, 0, length, 4][..], &tlvs].concat();
    let all = read(&octets, &CodePoints::default());
    assert_eq!(codes(all.supported.as_ref().unwrap()), [2]);
    assert_eq!(all.defaults.unwrap().number(CodePoint::HoldTime), Some(180));
    assert_eq!(all.enabled, None);
    // The same octets in version 3 are types that nothing here knows.
    let octets = [&[3, 0, 0, 0, length, 4][..], &tlvs].concat();
    let all = read(&octets, &CodePoints::default());
    assert_eq!((all.supported, all.defaults), (None, None));
    assert!(all.enabled.is_some(), "65532 is");
}

#[test]
fn numbers_may_be_the_users() {
    let setting = |text: &str| Setting::parse(text, "--code").unwrap();
    let code_points = CodePoints::with(&[
        setting("optional-parameters-supported=40001"),
        setting("hold-time=0x0109"),
    ]);
    let octets = message(4, "9c41 0004 02 02 0200  fffd 0008 0109 0004 000000b4");
    let all = read(&octets, &code_points.unwrap());
    assert_eq!(codes(all.supported.as_ref().unwrap()), [2]);
    assert_eq!(all.defaults.unwrap().number(CodePoint::HoldTime), Some(180));
}

#[test]
fn every_prefix_of_every_value_is_an_answer() {
    let values = [
        "ff 000c 02 0002 0200 02 0004 0600 4600",
        "02 06 0200 0600 4600",
        "0004 0004 000000ff  0009 0004 000000b4",
        "04 04 000000ff  09 04 000000b4",
    ];
    for octets in values.map(hex) {
        for length in 0..=octets.len() {
            let digits: String = octets[..length]
                .iter()
                .map(|o| format!("{o:02x}"))
                .collect();
            for number in ["fffb", "fffc", "fffd"] {
                let read = value(number, &digits);
                assert_ne!(read, RouterParameters::default());
                let _ = read.oddities();
            }
        }
    }
}

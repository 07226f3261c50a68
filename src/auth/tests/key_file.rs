//! The key file: what it holds, and errors that tell the place and nothing else.

use crate::auth::{Algorithm, Keys, Options, Pattern, Secret};

const WHOLE: &str = r#"
[[key]]
name = "one"
router = "10.9.0.1"
station = "10.9.0.0/24"
port = 1790
algorithm = "hmac-sha-1-96"
mac_length = 12
router_key_id = 84
station_key_id = 61
options = "covered"
secret = "bmp-station-key-one"

[[key]]
algorithm = "aes-128-cmac-96"
secret_hex = "00 ff:7F"

[[key]]
algorithm = "tcp-md5"
secret_env = "BMP_KEY"

[[connection]]
router = "10.9.0.1:40001"
station = "[2001:db8::2]:1790"
isn = { router = 1, station = 0xffff_ffff }
"#;

fn read(text: &str) -> Result<Keys, String> {
    let environment = |name: &str| (name == "BMP_KEY").then(|| "from outside".to_owned());
    Keys::read(text, "keys.toml", &environment)
}

#[test]
fn a_whole_file_is_read() {
    let keys = read(WHOLE).unwrap();
    let [one, second, third] = keys.keys.as_slice() else {
        panic!("{keys:?}")
    };
    assert_eq!(one.name, "one");
    assert_eq!(one.router, Pattern::parse("10.9.0.1"));
    assert_eq!(one.station, Pattern::parse("10.9.0.0/24"));
    assert_eq!((one.port, one.mac_length), (Some(1790), Some(12)));
    assert_eq!(
        (one.router_key_id, one.station_key_id),
        (Some(84), Some(61))
    );
    assert_eq!(one.options, Options::Covered);
    assert_eq!(one.secret, Secret::new(b"bmp-station-key-one".to_vec()));
    assert_eq!((&*second.name, second.options), ("key 2", Options::Auto));
    assert_eq!(second.secret, Secret::new(vec![0, 255, 127]));
    assert_eq!((second.router, second.router_key_id), (None, None));
    assert_eq!(third.algorithm, Algorithm::TcpMd5);
    assert_eq!(third.secret, Secret::new(b"from outside".to_vec()));
    let known = keys.connections[0];
    assert_eq!(known.station.to_string(), "[2001:db8::2]:1790");
    assert_eq!((known.router_isn, known.station_isn), (1, u32::MAX));
}

/// A file with one key that is right but for what `fields` say.
fn error(fields: &str) -> String {
    read(&format!(
        "[[key]]\nalgorithm = \"hmac-sha-1-96\"\n{fields}\n"
    ))
    .unwrap_err()
}

#[test]
fn errors_tell_line_and_field() {
    let cases = [
        (
            "secret = 'a'\nport = 0",
            "4: port: expected a number from 1 to 65535",
        ),
        (
            "secret = 'a'\nport = 'x'",
            "4: port: expected a number from 1 to 65535",
        ),
        (
            "router = '1.2.3'\nsecret = 'a'",
            "3: router: expected an address or a prefix",
        ),
        (
            "secret = 'a'\nmac_length = 21",
            "4: mac_length: expected a number from 4 to 20",
        ),
        (
            "secret = 'a'\nrouter_key_id = 256",
            "4: router_key_id: expected a number from 0 to 255",
        ),
        (
            "secret = 'a'\noptions = 'all'",
            "4: options: expected auto, covered or omitted",
        ),
        (
            "",
            "1: exactly one of secret, secret_hex and secret_env is needed",
        ),
        (
            "secret = 'a'\nsecret_hex = '00'",
            "4: exactly one of secret, secret_hex and secret_env is needed",
        ),
        ("secret = ''", "3: the secret is empty"),
        (
            "secret_env = 'NO_SUCH'",
            "3: secret_env: expected the name of an environment variable that is set",
        ),
    ];
    for (fields, expected) in cases {
        assert_eq!(error(fields), format!("keys.toml:{expected}"));
    }
    let algorithms = "keys.toml:2: algorithm: expected one of hmac-sha-1-96, aes-128-cmac-96, hmac-sha-256, tcp-md5";
    assert_eq!(read("[[key]]\nalgorithm = 'sha1'").unwrap_err(), algorithms);
    assert_eq!(
        read("[[key]]\nsecret = 'a'").unwrap_err(),
        "keys.toml:1: algorithm is missing"
    );
    assert_eq!(
        read("[[keys]]\nsecret = 'a'").unwrap_err(),
        "keys.toml:1: only [[key]] and [[connection]] are known here"
    );
    assert_eq!(
        read("[[connection]]\nrouter = '10.0.0.1:1'\nstation = '10.0.0.2:2'\nisn = 5").unwrap_err(),
        "keys.toml:4: isn: expected { router = N, station = N }"
    );
    assert_eq!(
        read("[[key]]\nalgorithm = 'tcp-md5'\nsecret = 'a'\nrouter_key_id = 1").unwrap_err(),
        "keys.toml:4: router_key_id: tcp-md5 has none (RFC 2385 3.0)"
    );
}

#[test]
fn no_error_repeats_a_secret() {
    let wrong = [
        "secret = hunter2",
        "secret = 'hunter2",
        "secret = \"hunter2\\q\"",
        "secret = ['hunter2']",
        "secret_hex = 'hunter2'",
        "secret_env = 'hunter2'",
        "secret = 'a'\nhunter2 = 1",
        "secret = 'a'\nrouter = 'hunter2'",
        "secret = 'a'\noptions = 'hunter2'",
        "hunter2",
        "secret = 'hunter2'\nsecret = 'hunter2'",
        "secret = 'hunter2'\n[[hunter2]]",
        "secret = 'hunter2'\n[hunter2]",
    ];
    for fields in wrong {
        let error = error(fields);
        assert!(!error.contains("hunter2"), "{error}");
        assert!(error.starts_with("keys.toml:"), "{error}");
    }
    assert!(!format!("{:?}", read(WHOLE).unwrap()).contains("bmp-station"));
}

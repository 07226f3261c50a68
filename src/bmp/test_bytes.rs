//! Commented hex for tests: digits in pairs, `#` begins a comment.

/// The octets of commented hex.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let code = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or(""));
    let digits: String = code
        .flat_map(str::chars)
        .filter(|c| !c.is_whitespace())
        .collect();
    let pair = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("two hex digits");
    (0..digits.len()).step_by(2).map(pair).collect()
}

/// A per-peer header of a global IPv4 peer 192.0.2.7, AS 64500, BGP ID 192.0.2.7, at 1.000002.
pub(crate) const PEER_HEADER: &str = "
    00                          # Peer Type: global
    00                          # Peer Flags
    0000000000000000            # Peer Distinguisher
    000000000000000000000000 c0000207  # Peer Address
    0000fbf4                    # Peer AS
    c0000207                    # Peer BGP ID
    00000001 00000002           # Timestamp
";

/// A whole message: version 3, the length that fits, this type, and a body in commented hex.
pub(crate) fn message(message_type: u8, body: &str) -> Vec<u8> {
    let body = hex(body);
    let length = u32::try_from(body.len() + 6).expect("a short message");
    [&[3][..], &length.to_be_bytes(), &[message_type], &body].concat()
}

/// Checks that no prefix of a message panics, and that none but the whole decodes: a prefix is
/// shorter than its Message Length says.
pub(crate) fn every_prefix_is_an_error(bytes: &[u8]) {
    for length in 0..bytes.len() {
        assert!(
            super::Message::decode(&bytes[..length]).is_err(),
            "prefix of {length} octets"
        );
    }
    assert!(super::Message::decode(bytes).is_ok());
}

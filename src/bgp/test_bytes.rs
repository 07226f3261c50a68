//! Commented hex for tests.

/// Octets from hex digits; whitespace is ignored, and so is all from `#` to the end of a line.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default())
        .flat_map(str::bytes)
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| (byte as char).to_digit(16).expect("a hex digit") as u8)
        .collect();
    assert!(digits.len().is_multiple_of(2), "half an octet in {text}");
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

/// A BGP message: marker, length and type before `body`.
pub(crate) fn message(message_type: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xff; 16];
    bytes.extend(u16::try_from(body.len() + 19).unwrap().to_be_bytes());
    bytes.push(message_type);
    bytes.extend(body);
    bytes
}

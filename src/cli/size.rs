//! Sizes as people write them: `65536`, `64K`, `64KiB`, `64MiB`.

/// Octets; units are powers of 1024.
pub(super) fn parse(text: &str) -> Result<usize, String> {
    octets(text).ok_or_else(|| format!("'{text}' is not a size (65536, 64K, 64KiB, 64MiB, 1G)"))
}

fn octets(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let shift = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        _ => return None,
    };
    let number: usize = number.parse().ok()?;
    number.checked_mul(1 << shift).filter(|octets| *octets > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_their_usual_spellings() {
        let sizes = ["65536", "64K", "64KiB", "64kib", "1M", "64MiB", "2G"].map(octets);
        let expected = [65536, 65536, 65536, 65536, 1 << 20, 64 << 20, 2 << 30].map(Some);
        assert_eq!(sizes, expected);
    }

    #[test]
    fn what_is_not_a_size_is_refused_with_examples() {
        for wrong in [
            "",
            "0",
            "K",
            "64KB",
            "-1",
            "1.5M",
            "99999999999999999999",
            "18014398509481984K",
        ] {
            let error = format!("'{wrong}' is not a size (65536, 64K, 64KiB, 64MiB, 1G)");
            assert_eq!(parse(wrong), Err(error));
        }
    }
}

//! Headers that etherparse reads, in the walk's words: an error says which field at which octet.
//!
//! Only headers that etherparse takes as they come. Its LINUX_SLL reader refuses ARPHRD_ types that
//! it does not know, and its readers of whole packets know neither tunnels nor how many octets were
//! on the wire, so they cannot tell a packet that the snaplen cut from one that lies.

use etherparse::err::{LenError, ip_auth, ipv4, ipv6, tcp};
use etherparse::{
    Ethernet2HeaderSlice, IpAuthHeaderSlice, Ipv4HeaderSlice, Ipv6FragmentHeaderSlice,
    Ipv6HeaderSlice, Ipv6RawExtHeaderSlice, SingleVlanHeaderSlice, TcpHeaderSlice, UdpHeaderSlice,
};

/// A header at the start of some octets.
pub(super) trait Header<'a>: Sized {
    /// Reads it, options included.
    fn read(octets: &'a [u8]) -> Result<Self, Wrong>;

    /// The whole header.
    fn octets(&self) -> &'a [u8];
}

/// Why there is no header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// It has `needs` octets, of which `left` are there.
    Ends { needs: usize, left: usize },
    /// A field at this octet of it contradicts its specification.
    Field(usize, &'static str, &'static str),
}

macro_rules! headers {
    ($($header:ident,)*) => { $(
        impl<'a> Header<'a> for $header<'a> {
            fn read(octets: &'a [u8]) -> Result<Self, Wrong> {
                $header::from_slice(octets).map_err(Wrong::from)
            }

            fn octets(&self) -> &'a [u8] {
                self.slice()
            }
        }
    )* };
}

headers! {
    Ethernet2HeaderSlice,
    SingleVlanHeaderSlice,
    Ipv4HeaderSlice,
    Ipv6HeaderSlice,
    Ipv6RawExtHeaderSlice,
    Ipv6FragmentHeaderSlice,
    IpAuthHeaderSlice,
    UdpHeaderSlice,
    TcpHeaderSlice,
}

impl From<LenError> for Wrong {
    fn from(error: LenError) -> Wrong {
        Wrong::Ends {
            needs: error.required_len,
            left: error.len,
        }
    }
}

impl From<ipv4::HeaderSliceError> for Wrong {
    fn from(error: ipv4::HeaderSliceError) -> Wrong {
        use ipv4::HeaderError::{HeaderLengthSmallerThanHeader, UnexpectedVersion};
        match error {
            ipv4::HeaderSliceError::Len(error) => error.into(),
            ipv4::HeaderSliceError::Content(UnexpectedVersion { .. }) => {
                Wrong::Field(0, "IP Version", "not 4")
            }
            ipv4::HeaderSliceError::Content(HeaderLengthSmallerThanHeader { .. }) => {
                Wrong::Field(0, "Internet Header Length", "less than 5 words")
            }
        }
    }
}

impl From<ipv6::HeaderSliceError> for Wrong {
    fn from(error: ipv6::HeaderSliceError) -> Wrong {
        match error {
            ipv6::HeaderSliceError::Len(error) => error.into(),
            ipv6::HeaderSliceError::Content(_) => Wrong::Field(0, "IP Version", "not 6"),
        }
    }
}

impl From<ip_auth::HeaderSliceError> for Wrong {
    fn from(error: ip_auth::HeaderSliceError) -> Wrong {
        match error {
            ip_auth::HeaderSliceError::Len(error) => error.into(),
            ip_auth::HeaderSliceError::Content(ip_auth::HeaderError::ZeroPayloadLen) => {
                Wrong::Field(1, "AH Payload Len", "less than 1")
            }
        }
    }
}

impl From<tcp::HeaderSliceError> for Wrong {
    fn from(error: tcp::HeaderSliceError) -> Wrong {
        match error {
            tcp::HeaderSliceError::Len(error) => error.into(),
            tcp::HeaderSliceError::Content(tcp::HeaderError::DataOffsetTooSmall { .. }) => {
                Wrong::Field(12, "Data Offset", "less than 5 words")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Other;
    use super::super::samples::Hex;
    use super::super::view::View;
    use super::*;

    /// What reading behind two other octets comes to; `missing` more were on the wire.
    fn told<T>(
        hex: &str,
        missing: usize,
        read: impl FnOnce(&mut View<'_>) -> Result<T, Other>,
    ) -> String {
        let bytes = Hex::of("ffff").then(hex).bytes();
        let mut view = View::new(&bytes, missing);
        view.u16("what stands before").unwrap();
        let error = read(&mut view).err();
        error.map_or_else(
            || format!("{} left", view.rest().len()),
            |other| other.to_string(),
        )
    }

    fn ipv4(hex: &str, missing: usize) -> String {
        told(hex, missing, |view| {
            view.header::<Ipv4HeaderSlice<'_>>("IPv4 header").map(drop)
        })
    }

    const OPTIONS: &str = "46 00 0018 0001 0000 40 06 0000 0a000001 0a000064";

    #[test]
    fn a_header_ends_behind_its_options() {
        assert_eq!(ipv4(&format!("{OPTIONS} 94040000 ab"), 0), "1 left");
    }

    #[test]
    fn a_header_that_the_snaplen_cut_is_told_from_one_that_leaves_its_container() {
        let bytes = "malformed: IPv4 header at byte 2: needs 24 bytes, 20 left in its container";
        assert_eq!(ipv4(OPTIONS, 3), bytes);
        assert_eq!(ipv4(OPTIONS, 4), "the capture ends within the IPv4 header");
    }

    #[test]
    fn a_length_that_cannot_be_names_its_field_and_octet() {
        let short = OPTIONS.replacen("46", "44", 1);
        let expected = "malformed: Internet Header Length at byte 2: less than 5 words";
        assert_eq!(ipv4(&short, 0), expected);
        let ah = told("06 00 0000 00000100 00000001", 0, |view| {
            view.header::<IpAuthHeaderSlice<'_>>("Authentication Header")
                .map(drop)
        });
        assert_eq!(ah, "malformed: AH Payload Len at byte 3: less than 1");
        let tcp = told(&"40".repeat(20), 0, |view| {
            view.header::<TcpHeaderSlice<'_>>("TCP header").map(drop)
        });
        assert_eq!(tcp, "malformed: Data Offset at byte 14: less than 5 words");
    }

    #[test]
    fn a_version_that_another_layer_promised_is_checked() {
        let ipv6 = told(&"40".repeat(40), 0, |view| {
            view.header::<Ipv6HeaderSlice<'_>>("IPv6 header").map(drop)
        });
        assert_eq!(ipv6, "malformed: IP Version at byte 2: not 6");
        let expected = "malformed: IP Version at byte 2: not 4";
        assert_eq!(ipv4(&"60".repeat(20), 0), expected);
    }
}

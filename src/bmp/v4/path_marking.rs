//! Path Marking: what the router does with a path, and why
//! (draft-ietf-grow-bmp-path-marking-tlv-05).

code_points! {
    /// Why a path is not used. The list did not change between revisions.
    PathReason(u16) {
        AS_LOOP = 1, "invalid-as-loop", "path-marking 2";
        UNRESOLVABLE_NEXT_HOP = 2, "invalid-unresolvable-next-hop", "path-marking 2";
        LOCAL_PREFERENCE = 3, "not-preferred-local-preference", "path-marking 2";
        AS_PATH_LENGTH = 4, "not-preferred-as-path-length", "path-marking 2";
        ORIGIN = 5, "not-preferred-origin", "path-marking 2";
        MED = 6, "not-preferred-med", "path-marking 2";
        PEER_TYPE = 7, "not-preferred-peer-type", "path-marking 2";
        IGP_COST = 8, "not-preferred-igp-cost", "path-marking 2";
        ROUTER_ID = 9, "not-preferred-router-id", "path-marking 2";
        PEER_ADDRESS = 10, "not-preferred-peer-address", "path-marking 2";
        AIGP = 11, "not-preferred-aigp", "path-marking 2";
    }
}

code_points! {
    /// One bit of a Path Status. Revision 03 took the bit of "invalid ROV" for "stale", and senders
    /// of both are around: its word says both.
    PathStatus(u32) {
        INVALID = 0x001, "invalid", "path-marking 2";
        BEST = 0x002, "best", "path-marking 2";
        NON_SELECTED = 0x004, "non-selected", "path-marking 2";
        PRIMARY = 0x008, "primary", "path-marking 2";
        BACKUP = 0x010, "backup", "path-marking 2";
        NON_INSTALLED = 0x020, "non-installed", "path-marking 2";
        BEST_EXTERNAL = 0x040, "best-external", "path-marking 2";
        ADD_PATH = 0x080, "add-path", "path-marking 2";
        FILTERED_INBOUND = 0x100, "filtered-inbound", "path-marking 2";
        FILTERED_OUTBOUND = 0x200, "filtered-outbound", "path-marking 2";
        STALE_OR_INVALID_ROV = 0x400, "stale-or-invalid-rov", "path-marking-03; before: invalid ROV";
        SUPPRESSED = 0x800, "suppressed", "path-marking-03; before: stale";
    }
}

/// A Path Marking TLV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathMarking {
    /// Path Status; zero: no marking.
    pub status: u32,
    /// Reason Code.
    pub reason: Option<PathReason>,
}

impl PathMarking {
    /// Reads a value; none if it has neither four octets nor six.
    pub fn of(value: &[u8]) -> Option<PathMarking> {
        let (status, reason) = value.split_first_chunk()?;
        let reason = match *reason {
            [] => None,
            [high, low] => Some(PathReason(u16::from_be_bytes([high, low]))),
            _ => return None,
        };
        Some(PathMarking {
            status: u32::from_be_bytes(*status),
            reason,
        })
    }

    /// The bits that are set, from the lowest.
    pub fn statuses(&self) -> impl Iterator<Item = PathStatus> + use<> {
        let status = self.status;
        let bits = (0..u32::BITS).map(|place| 1 << place);
        bits.filter(move |bit| status & bit != 0).map(PathStatus)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(marking: &PathMarking) -> Vec<String> {
        marking.statuses().map(|bit| bit.to_string()).collect()
    }

    #[test]
    fn bits_and_reason_have_names() {
        let marking = PathMarking::of(&[0, 0, 4, 0x0a, 0, 3]).unwrap();
        assert_eq!(words(&marking), ["best", "primary", "stale-or-invalid-rov"]);
        let reason = marking.reason.and_then(PathReason::word);
        assert_eq!(reason, Some("not-preferred-local-preference"));
    }

    #[test]
    fn a_bit_without_a_name_and_no_bit_at_all_are_values() {
        let marking = PathMarking::of(&[0, 0, 0x10, 0]).unwrap();
        assert_eq!(
            (words(&marking), marking.reason),
            (vec!["unknown-4096".into()], None)
        );
        assert_eq!(
            words(&PathMarking::of(&[0; 4]).unwrap()),
            Vec::<String>::new()
        );
    }

    #[test]
    fn other_lengths_are_no_marking() {
        for length in [0, 1, 3, 5, 7, 8] {
            assert_eq!(PathMarking::of(&vec![0; length]), None);
        }
    }
}

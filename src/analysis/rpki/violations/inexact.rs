//! Where RFC 6811, ASPA or the draft itself make the draft's rules inexact.

pub(super) const MATCHING: &str = "RFC 6811 2: one VRP that matches makes a route valid, whatever others cover it; \
                        the rule holds where the relevant VRPs are those that match";
pub(super) const PATH_VALID: &str = "of several kinds of validation the draft does not say what the overall state is; \
                          of a path, an ASPA says which providers there are, not that a hop is valid";
pub(super) const UNKNOWN_PATH: &str = "ASPA: a path is unknown as soon as one hop lacks an attestation, and other hops \
                            may have ASPAs (draft-ietf-sidrops-aspa-verification-28)";
pub(super) const INVALID_PATH: &str = "ASPA: a path is invalid without any ASPA where it is empty, has an AS_SET, or does \
                            not begin with the neighbour's AS (draft-ietf-sidrops-aspa-verification-28)";
pub(super) const CHANGED: &str = "the state may have changed between the two, and the draft does not ask for a new \
                       RPKI_VALIDATION then";
pub(super) const WITHDRAWN: &str =
    "other routes of the prefix than the alternate may have come or gone in between";
pub(super) const ONLY_ROUTE: &str = "a policy that lowers the preference of invalid routes may still select one where no \
                          better route is left";
pub(super) const OTHER_REASONS: &str = "the draft does not say that the state decides: the policy may prefer by source or \
                             kind of rule";
pub(super) const COVERING: &str = "the draft implies the same prefix without saying so: a route of a covering prefix \
                        takes the traffic over where no other is left";
pub(super) const TRANSPORT: &str = "a capture behind the end of a tunnel, or of a collector, shows none of what protected \
                         the messages before; TCP-AO authenticates and does not encrypt, as the draft has it";

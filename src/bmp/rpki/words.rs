//! The enumerations of the RPKI messages. A number without a row is a value like any other.

/// The role of a neighbour towards the router (RFC 9234 4.1).
pub use crate::bgp::capability::RoleValue as AsRole;

code_points! {
    /// What kind of a source of RPKI data it is.
    SourceType(u8) {
        RTR = 1, "rtr", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        IBGP = 2, "ibgp", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        EBGP = 3, "ebgp", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        STATIC = 4, "static", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        SLURM = 5, "slurm", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
    }
}

code_points! {
    /// Whether a source is in use.
    SourceStatus(u8) {
        NOT_APPLICABLE = 0, "not-applicable", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        ACTIVE = 1, "active", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        IDLE = 2, "idle", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
    }
}

code_points! {
    /// What is counted of a source.
    RecordKind(u8) {
        ALL = 0, "all", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        ROA = 1, "roa", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        ASPA = 2, "aspa", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        ROUTER_KEY = 3, "router-key", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
    }
}

code_points! {
    /// What a hash of a Canonical Cache Representation is about.
    HashAspect(u8) {
        MANIFESTS = 1, "manifests", "draft-ietf-sidrops-rpki-ccr-02";
        ROA_PAYLOADS = 2, "roa-payloads", "draft-ietf-sidrops-rpki-ccr-02";
        ASPA_PAYLOADS = 3, "aspa-payloads", "draft-ietf-sidrops-rpki-ccr-02";
        TRUST_ANCHORS = 4, "trust-anchors", "draft-ietf-sidrops-rpki-ccr-02";
        ROUTER_KEYS = 5, "router-keys", "draft-ietf-sidrops-rpki-ccr-02";
    }
}

code_points! {
    /// What an RTR cache is to the router.
    RtrPreference(u8) {
        PRIMARY = 0, "primary", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        BACKUP = 1, "backup", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
    }
}

code_points! {
    /// What carries RTR.
    Transport(u8) {
        TCP = 0, "tcp", "RFC 8210 9";
        TLS = 1, "tls", "RFC 8210 9.2";
        SSH = 2, "ssh", "RFC 8210 9.1";
        TCP_AO = 3, "tcp-ao", "RFC 8210 9.4";
        TCP_MD5 = 4, "tcp-md5", "RFC 8210 9.3";
    }
}

code_points! {
    /// A kind of local exception (RFC 8416; ASPA: its successor).
    SlurmKind(u8) {
        PREFIX_ASSERTION = 1, "prefix-assertion", "RFC 8416 3.4.1";
        PREFIX_FILTER = 2, "prefix-filter", "RFC 8416 3.3.1";
        BGPSEC_ASSERTION = 3, "bgpsec-assertion", "RFC 8416 3.4.2";
        BGPSEC_FILTER = 4, "bgpsec-filter", "RFC 8416 3.3.2";
        ASPA_ASSERTION = 5, "aspa-assertion", "draft-ietf-sidrops-aspa-slurm";
        ASPA_FILTER = 6, "aspa-filter", "draft-ietf-sidrops-aspa-slurm";
    }
}

code_points! {
    /// What failed with a SLURM file.
    SlurmErrorKind(u8) {
        READ = 1, "read", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        WRITE = 2, "write", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
    }
}

code_points! {
    /// One bit of the kinds of validation.
    ValidationType(u8) {
        ORIGIN = 1, "origin", "RFC 6811";
        AS_PATH = 2, "as-path", "draft-ietf-sidrops-aspa-verification";
        BGPSEC = 4, "bgpsec", "RFC 8205";
        REGION = 8, "region", "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2";
    }
}

code_points! {
    /// A validation state, numbered as in RFC 8097.
    RouteState(u8) {
        VALID = 0, "valid", "RFC 8097 2";
        NOT_FOUND = 1, "not-found", "RFC 8097 2";
        INVALID = 2, "invalid", "RFC 8097 2";
        NOT_VALIDATED = 3, "not-validated", "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2";
    }
}

code_points! {
    /// What is done with a route.
    ActionCode(u8) {
        ACCEPT = 0, "accept", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.2";
        DROP = 1, "drop", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.2";
        LOWER_PREFERENCE = 2, "lower-preference", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.2";
        TAG = 3, "tag", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.2";
        EXCLUDE = 4, "exclude", "draft-wang-grow-bmp-rpki-mon-reqs-03 6";
    }
}

code_points! {
    /// What a validation rule is.
    RuleKind(u8) {
        ROA = 1, "roa", "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2";
        ASPA = 2, "aspa", "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2";
        AS_GROUP = 3, "as-group", "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2";
    }
}

code_points! {
    /// What validation did to a route's selection.
    ImpactDirection(u8) {
        DEMOTED = 1, "demoted", "draft-wang-grow-bmp-rpki-mon-reqs-03 6";
        PROMOTED = 2, "promoted", "draft-wang-grow-bmp-rpki-mon-reqs-03 6";
    }
}

/// A bit map of the kinds of validation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValidationTypes(pub u8);

impl ValidationTypes {
    /// The kinds whose bits are set, from the lowest.
    pub fn types(self) -> impl Iterator<Item = ValidationType> {
        let bits = (0..u8::BITS).map(|place| 1 << place);
        bits.filter(move |bit| self.0 & bit != 0)
            .map(ValidationType)
    }

    /// Only the AS path was validated: then a state of 1 is called `unknown`.
    pub fn is_path_alone(self) -> bool {
        self.0 == ValidationType::AS_PATH.0
    }
}

impl RouteState {
    /// The state in words; that of a path (ASPA) is `unknown`, where that of an origin is
    /// `not-found`.
    pub fn text(self, is_path: bool) -> String {
        match is_path && self == RouteState::NOT_FOUND {
            true => "unknown".to_owned(),
            false => self.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_of_validation_have_names_or_numbers() {
        let words = |bits| {
            let types = ValidationTypes(bits).types();
            types.map(|one| one.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(words(0x0f), ["origin", "as-path", "bgpsec", "region"]);
        assert_eq!(words(0x81), ["origin", "unknown-128"]);
        assert!(words(0).is_empty());
    }

    #[test]
    fn a_path_without_aspa_is_unknown_and_an_origin_without_roa_not_found() {
        assert_eq!(RouteState::NOT_FOUND.text(true), "unknown");
        assert_eq!(RouteState::NOT_FOUND.text(false), "not-found");
        assert_eq!(RouteState(9).text(true), "unknown-9");
    }
}

//! Every code point whose number can be set, one row each. The drafts leave the numbers open (TBD), so
//! these are this program's own: experimental ones where a registry has such, else of one's own
//! choice. Of a default that BMP version 4 does not allow, the version 4 form is one of the
//! documentation enterprise, 32473 (RFC 5612).

use super::{Number, Table};

/// A code point: what it is called and which number it has unless told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The table it belongs to.
    pub table: Table,
    /// Its name in files of code points, on the command line and in output.
    pub name: &'static str,
    /// Its number by default.
    pub default: u16,
    /// Its number by default in version 4 of BMP, where that is another.
    pub version_4: Option<Number>,
    /// What it is.
    pub meaning: &'static str,
    /// The text that leaves its number open.
    pub source: &'static str,
}

impl Row {
    /// Its number by default in this version of BMP.
    pub(super) fn number(&self, version: u8) -> Number {
        let plain = Number::Plain(self.default);
        match version {
            0..=3 => plain,
            4.. => self.version_4.unwrap_or(plain),
        }
    }
}

impl CodePoint {
    /// The code point with this name.
    pub fn named(name: &str) -> Option<CodePoint> {
        let mut all = CodePoint::ALL.iter().copied();
        all.find(|code_point| code_point.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The table it belongs to.
    pub fn table(self) -> Table {
        self.row().table
    }
}

/// The number of a default, and its form in version 4.
type OpenNumber = (u16, Option<Number>);

const fn plain(number: u16) -> OpenNumber {
    (number, None)
}

/// In version 4 a number of the documentation enterprise: there are no experimental ones, their top
/// bit is the E-bit.
const fn experimental(number: u16, of_enterprise: u16) -> OpenNumber {
    let version_4 = Number::Enterprise {
        enterprise: 32473,
        number: of_enterprise,
    };
    (number, Some(version_4))
}

macro_rules! rows {
    ($($table:ident {
        $($code_point:ident = $default:expr, $name:literal, $meaning:literal, $source:literal;)*
    })*) => {
        /// A code point whose number a draft leaves open.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum CodePoint {
            $($(
                #[doc = concat!("`", $name, "`: ", $meaning, " (", $source, ").")]
                $code_point,
            )*)*
        }

        impl CodePoint {
            /// Every code point, by table, in the order of the drafts.
            pub const ALL: &'static [CodePoint] = &[$($(CodePoint::$code_point,)*)*];

            /// What is known of it.
            pub fn row(self) -> &'static Row {
                match self {
                    $($(CodePoint::$code_point => {
                        const ROW: Row = Row {
                            table: Table::$table,
                            name: $name,
                            default: $default.0,
                            version_4: $default.1,
                            meaning: $meaning,
                            source: $source,
                        };
                        &ROW
                    })*)*
                }
            }
        }
    };
}

rows! {
    Initiation {
        OptionalParametersSupported = experimental(65531, 1), "optional-parameters-supported", "BGP optional parameters that the router supports", "draft-zhuang-grow-monitoring-bgp-parameters-02 TBD1";
        OptionalParametersEnabled = experimental(65532, 2), "optional-parameters-enabled", "BGP optional parameters that are enabled", "draft-zhuang-grow-monitoring-bgp-parameters-02 TBD2";
        DefaultBehaviorParameters = experimental(65533, 3), "default-behavior-parameters", "default behavior parameters", "draft-zhuang-grow-monitoring-bgp-parameters-02 TBD3";
    }
    DefaultBehavior {
        LocalDistance = plain(4), "local-distance", "protocol preference of local routes", "draft-zhuang-grow-monitoring-bgp-parameters-02 TBD4";
        EbgpDistance = plain(5), "ebgp-distance", "protocol preference of EBGP routes", "draft-zhuang-grow-monitoring-bgp-parameters-02 TBD5";
        IbgpDistance = plain(6), "ibgp-distance", "protocol preference of IBGP routes", "draft-zhuang-grow-monitoring-bgp-parameters-02 TBD6";
        ConnectRetryTime = plain(7), "connect-retry-time", "connect retry time, seconds", "draft-zhuang-grow-monitoring-bgp-parameters-02 TBD7";
        KeepaliveTime = plain(8), "keepalive-time", "keepalive time, seconds", "draft-zhuang-grow-monitoring-bgp-parameters-02 TBD8";
        HoldTime = plain(9), "hold-time", "hold time, seconds", "draft-zhuang-grow-monitoring-bgp-parameters-02 TBD9";
        EbgpRouteUpdateInterval = plain(10), "ebgp-route-update-interval", "interval between updates to EBGP peers, seconds", "draft-zhuang-grow-monitoring-bgp-parameters-02 TBD10";
        IbgpRouteUpdateInterval = plain(11), "ibgp-route-update-interval", "interval between updates to IBGP peers, seconds", "draft-zhuang-grow-monitoring-bgp-parameters-02 TBD11";
        DefaultLocalPreference = plain(12), "default-local-preference", "default LOCAL_PREF", "draft-zhuang-grow-monitoring-bgp-parameters-02 TBD12";
        DefaultMed = plain(13), "default-med", "default MULTI_EXIT_DISC", "draft-zhuang-grow-monitoring-bgp-parameters-02 TBD13";
    }
    MessageTypes {
        RpkiConfig = plain(251), "rpki-config", "RPKI data sources and policy", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.3, TBD1";
        RpkiValidation = plain(252), "rpki-validation", "how a route was validated", "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2, TBD2";
        RpkiImpact = plain(253), "rpki-impact", "what validation changed for a route", "draft-wang-grow-bmp-rpki-mon-reqs-03 6, TBD3";
    }
    Rpki {
        RpkiSource = plain(0x4001), "rpki-source", "one data source: a container", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        RpkiPolicy = plain(0x4002), "rpki-policy", "policy, global or of the peer: a container", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.2";
        SourceType = plain(0x4010), "source-type", "kind of a source", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        SourceStatus = plain(0x4011), "source-status", "status of a source", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        RecordCount = plain(0x4012), "record-count", "records of a source, by kind", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        LastSync = plain(0x4013), "last-sync", "last synchronization of a source", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        ErrorCount = plain(0x4014), "error-count", "errors of a source so far", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        CcrHash = plain(0x4015), "ccr-hash", "hash of the data of a source", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        SourceId = plain(0x4016), "source-id", "number of a source, to which rules refer", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        RtrPreference = plain(0x4020), "rtr-preference", "primary or backup, and the order of an RTR cache", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        RtrVersion = plain(0x4021), "rtr-version", "version of RTR", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        Transport = plain(0x4022), "transport", "what carries RTR", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        Endpoint = plain(0x4023), "endpoint", "address and port of a source", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        PeerAs = plain(0x4024), "peer-as", "AS of the eBGP peer that is a source", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        AsRelationship = plain(0x4025), "as-relationship", "role of that peer", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        LastModified = plain(0x4026), "last-modified", "last change of a static or SLURM source", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        SlurmExceptionCount = plain(0x4027), "slurm-exception-count", "local exceptions, by kind", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        SlurmError = plain(0x4028), "slurm-error", "errors of the SLURM file", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.1";
        ValidationEnabled = plain(0x4030), "validation-enabled", "kinds of validation that are enabled", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.2";
        StateAction = plain(0x4031), "state-action", "action for routes of a state", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.2";
        RuleFeature = plain(0x4032), "rule-feature", "condition on the rules that are enabled", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.2";
        SlurmPrefixAssertion = plain(0x4033), "slurm-prefix-assertion", "VRP added locally", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.2";
        SlurmPrefixFilter = plain(0x4034), "slurm-prefix-filter", "VRPs removed locally", "draft-wang-grow-bmp-rpki-mon-reqs-03 4.2";
        ValidationState = plain(0x4040), "validation-state", "state of a route", "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2";
        ValidationTypes = plain(0x4041), "validation-types", "kinds of validation that a route went through", "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2";
        ValidationRule = plain(0x4042), "validation-rule", "rule that a route hit", "draft-wang-grow-bmp-rpki-mon-reqs-03 5.2";
        ImpactDirection = plain(0x4050), "impact-direction", "demoted or promoted", "draft-wang-grow-bmp-rpki-mon-reqs-03 6";
        ActionApplied = plain(0x4051), "action-applied", "action on the route", "draft-wang-grow-bmp-rpki-mon-reqs-03 6";
        AlternateRoute = plain(0x4052), "alternate-route", "the alternate best route: a container", "draft-wang-grow-bmp-rpki-mon-reqs-03 6";
        AlternateBgpMessage = plain(0x4053), "alternate-bgp-message", "UPDATE of the alternate best route", "draft-wang-grow-bmp-rpki-mon-reqs-03 6";
    }
    Statistics {
        RpkiFiltered = experimental(65532, 1), "rpki-filtered", "routes filtered as a result of RPKI validation", "draft-wang-grow-bmp-rpki-mon-reqs-03 5.1";
    }
}

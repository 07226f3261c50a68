//! What a router says of its BGP in its Initiation (draft-zhuang-grow-monitoring-bgp-parameters-02):
//! the optional parameters that it supports, those that are enabled, and its default behaviour. The
//! draft assigns no numbers: they come from [`CodePoints`].
//!
//! | File | Subject |
//! |---|---|
//! | `optional` | BGP optional parameters, plain or in the form of RFC 9072 |
//! | `defaults` | default behaviour parameters, in both readings of their header |
//! | `oddity` | what is odd about them |

mod defaults;
mod oddity;
mod optional;
#[cfg(test)]
mod tests;

pub use defaults::{DefaultParameter, DefaultValue, Defaults, HeaderDoubt, SubTlvHeader};
pub use oddity::Oddity;
pub use optional::OptionalParameters;

use super::{Initiation, Tlv};
use crate::wire::code_points::Number;
use crate::wire::{CodePoint, CodePoints, Cursor};

/// What one Initiation says of the router's BGP. A TLV that is not there says nothing; one that is
/// repeated is merged in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouterParameters {
    /// Optional Parameters Supported.
    pub supported: Option<OptionalParameters>,
    /// Optional Parameters Enabled.
    pub enabled: Option<OptionalParameters>,
    /// Default Behavior Parameters.
    pub defaults: Option<Defaults>,
}

impl RouterParameters {
    /// Reads the TLVs of one Initiation.
    pub fn of(initiation: &Initiation<'_>, code_points: &CodePoints) -> RouterParameters {
        let mut read = RouterParameters::default();
        for tlv in initiation.tlvs().flatten() {
            match ParameterTlv::decode(&tlv, code_points) {
                Some((_, ParameterTlv::Defaults(defaults))) => {
                    read.defaults.get_or_insert_default().append(defaults);
                }
                Some((kind, ParameterTlv::Optional(parameters))) => {
                    let list = match kind {
                        CodePoint::OptionalParametersSupported => &mut read.supported,
                        _ => &mut read.enabled,
                    };
                    list.get_or_insert_default().append(parameters);
                }
                None => {}
            }
        }
        read
    }

    /// Takes what a later Initiation carries instead of what was there; what it does not carry stays.
    pub fn replace(&mut self, later: RouterParameters) {
        let RouterParameters {
            supported,
            enabled,
            defaults,
        } = later;
        self.supported = supported.or(self.supported.take());
        self.enabled = enabled.or(self.enabled.take());
        self.defaults = defaults.or(self.defaults.take());
    }
}

/// Which of the three TLVs this is, if any: `OptionalParametersSupported`,
/// `OptionalParametersEnabled` or `DefaultBehaviorParameters`.
pub fn kind(tlv: &Tlv<'_>, code_points: &CodePoints) -> Option<CodePoint> {
    let (version, number) = match tlv.enterprise {
        // Only in version 4 there are any.
        Some(enterprise) => {
            let number = tlv.tlv_type & Number::MAX_WITH_E_BIT;
            (4, Number::Enterprise { enterprise, number })
        }
        None if tlv.is_version_4 => (4, Number::Plain(tlv.tlv_type)),
        None => (3, Number::Plain(tlv.tlv_type)),
    };
    code_points.initiation(version, number)
}

/// What one of the three TLVs says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParameterTlv {
    /// Optional parameters, supported or enabled.
    Optional(OptionalParameters),
    /// Default behaviour parameters.
    Defaults(Defaults),
}

impl ParameterTlv {
    /// Which of the three a TLV is and what it says; none if it is none of them.
    pub fn decode(tlv: &Tlv<'_>, code_points: &CodePoints) -> Option<(CodePoint, ParameterTlv)> {
        let kind = kind(tlv, code_points)?;
        let said = match kind {
            CodePoint::DefaultBehaviorParameters => {
                ParameterTlv::Defaults(Defaults::decode(value(tlv), code_points))
            }
            _ => ParameterTlv::Optional(OptionalParameters::decode(value(tlv))),
        };
        Some((kind, said))
    }
}

/// The value, with offsets that count from the start of the message.
fn value<'a>(tlv: &Tlv<'a>) -> Cursor<'a> {
    Cursor::at(tlv.value, tlv.offset)
}

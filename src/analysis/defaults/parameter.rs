//! The ten default behaviour parameters of draft-zhuang-grow-monitoring-bgp-parameters-02 4, and a
//! map with a place for each of them.

use crate::wire::CodePoint;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// A default behaviour parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Parameter {
    /// Protocol preference of local routes.
    LocalDistance,
    /// Protocol preference of EBGP routes.
    EbgpDistance,
    /// Protocol preference of IBGP routes.
    IbgpDistance,
    /// Connect-retry timer.
    ConnectRetryTime,
    /// Keepalive timer.
    KeepaliveTime,
    /// Hold timer.
    HoldTime,
    /// How long updates to EBGP peers are held back (MinRouteAdvertisementInterval).
    EbgpRouteUpdateInterval,
    /// The same to IBGP peers.
    IbgpRouteUpdateInterval,
    /// Default local preference.
    DefaultLocalPreference,
    /// Default MED.
    DefaultMed,
}

/// What is known of a parameter.
#[derive(Debug)]
pub struct ParameterEntry {
    /// Its number, name and source.
    pub code_point: CodePoint,
    /// Its key in JSON.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// Its name in the table of vendors.
    pub documented: &'static str,
    /// `s` for a timer; the rest are plain numbers.
    pub unit: Option<&'static str>,
}

const fn entry(
    code_point: CodePoint,
    name: &'static str,
    label: &'static str,
    documented: &'static str,
    unit: Option<&'static str>,
) -> ParameterEntry {
    ParameterEntry {
        code_point,
        name,
        label,
        documented,
        unit,
    }
}

const S: Option<&str> = Some("s");

/// The parameters, in the order of the draft.
#[rustfmt::skip]
pub(super) const PARAMETERS: [ParameterEntry; 10] = [
    entry(CodePoint::LocalDistance, "local_distance", "local distance", "preference.local", None),
    entry(CodePoint::EbgpDistance, "ebgp_distance", "EBGP distance", "preference.ebgp", None),
    entry(CodePoint::IbgpDistance, "ibgp_distance", "IBGP distance", "preference.ibgp", None),
    entry(CodePoint::ConnectRetryTime, "connect_retry_time", "connect retry, s", "connect_retry", S),
    entry(CodePoint::KeepaliveTime, "keepalive_time", "keepalive, s", "keepalive", S),
    entry(CodePoint::HoldTime, "hold_time", "hold time, s", "hold_time", S),
    entry(CodePoint::EbgpRouteUpdateInterval, "ebgp_route_update_interval", "EBGP MRAI, s", "mrai.ebgp", S),
    entry(CodePoint::IbgpRouteUpdateInterval, "ibgp_route_update_interval", "IBGP MRAI, s", "mrai.ibgp", S),
    entry(CodePoint::DefaultLocalPreference, "default_local_preference", "local preference", "local_pref", None),
    entry(CodePoint::DefaultMed, "default_med", "MED", "med.advertised", None),
];

impl Parameter {
    /// All of them, in the order of the draft.
    pub const ALL: [Parameter; 10] = [
        Parameter::LocalDistance,
        Parameter::EbgpDistance,
        Parameter::IbgpDistance,
        Parameter::ConnectRetryTime,
        Parameter::KeepaliveTime,
        Parameter::HoldTime,
        Parameter::EbgpRouteUpdateInterval,
        Parameter::IbgpRouteUpdateInterval,
        Parameter::DefaultLocalPreference,
        Parameter::DefaultMed,
    ];

    /// The three that say which route a router installs.
    pub const DISTANCES: [Parameter; 3] = [
        Parameter::LocalDistance,
        Parameter::EbgpDistance,
        Parameter::IbgpDistance,
    ];

    /// What is known of it.
    pub fn entry(self) -> &'static ParameterEntry {
        let [first, ..] = &PARAMETERS;
        PARAMETERS.get(self as usize).unwrap_or(first)
    }

    /// Its key in JSON.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// The parameter with this key.
    pub fn from_name(name: &str) -> Option<Parameter> {
        Parameter::ALL.into_iter().find(|one| one.name() == name)
    }

    /// The parameter that the table of vendors calls so.
    pub fn from_documented(name: &str) -> Option<Parameter> {
        let mut all = Parameter::ALL.into_iter();
        all.find(|one| one.entry().documented == name)
    }
}

/// Something for each parameter; in JSON an object with all ten keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ByParameter<T>([T; 10]);

impl<T> ByParameter<T> {
    /// What stands at a parameter.
    pub fn get(&self, parameter: Parameter) -> &T {
        let [first, ..] = &self.0;
        self.0.get(parameter as usize).unwrap_or(first)
    }

    /// Puts something at a parameter.
    pub fn set(&mut self, parameter: Parameter, value: T) {
        if let Some(place) = self.0.get_mut(parameter as usize) {
            *place = value;
        }
    }

    /// Everything, in the order of the draft.
    pub fn iter(&self) -> impl Iterator<Item = (Parameter, &T)> {
        Parameter::ALL.into_iter().zip(&self.0)
    }
}

impl<T: Serialize> Serialize for ByParameter<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (parameter, value) in self.iter() {
            map.serialize_entry(parameter.name(), value)?;
        }
        map.end()
    }
}

impl<T: JsonSchema> JsonSchema for ByParameter<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("ByParameter_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = serde_json::Map::new();
        for entry in &PARAMETERS {
            let schema = generator.subschema_for::<T>();
            properties.insert(entry.name.to_owned(), schema.to_value());
        }
        let names: Vec<_> = PARAMETERS.iter().map(|entry| entry.name).collect();
        schemars::json_schema!({
            "type": "object",
            "properties": properties,
            "required": names,
            "additionalProperties": false
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_stands_at_its_own_row() {
        for parameter in Parameter::ALL {
            let entry = parameter.entry();
            assert_eq!(entry.code_point.name().replace('-', "_"), entry.name);
            let variants = (format!("{parameter:?}"), format!("{:?}", entry.code_point));
            assert_eq!(variants.0, variants.1);
            assert_eq!(Parameter::from_name(entry.name), Some(parameter));
            let documented = Parameter::from_documented(entry.documented);
            assert_eq!(documented, Some(parameter));
        }
        assert_eq!(Parameter::from_name("colour"), None);
    }

    #[test]
    fn a_map_has_all_ten_keys() {
        let mut map = ByParameter::<Option<u32>>::default();
        map.set(Parameter::DefaultMed, Some(0));
        let json = serde_json::to_value(map).unwrap();
        assert_eq!(json["default_med"], 0);
        assert_eq!(json["hold_time"], serde_json::Value::Null);
        assert_eq!(json.as_object().unwrap().len(), 10);
        assert_eq!(map.get(Parameter::DefaultMed), &Some(0));
    }
}

//! A state as a router says it, or as one that was computed compares with it.

use crate::analysis::rpki::rows::StateWord;
use crate::bmp::rpki::RouteState;
use crate::rpki::{OriginState, PathState};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// A state of RFC 8097 or of a path, of which the second is called `unknown` and not `not-found`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SaidState {
    /// The state's number.
    pub state: RouteState,
    /// It is that of a path (ASPA) alone.
    pub is_path: bool,
}

impl SaidState {
    /// How good the state is, 0 the best: valid, then not found, unknown and not validated, then
    /// invalid. None of a number that has no meaning.
    pub fn rank(self) -> Option<u8> {
        match self.state {
            RouteState::VALID => Some(0),
            RouteState::NOT_FOUND | RouteState::NOT_VALIDATED => Some(1),
            RouteState::INVALID => Some(2),
            _ => None,
        }
    }
}

impl From<OriginState> for SaidState {
    fn from(state: OriginState) -> SaidState {
        let state = match state {
            OriginState::Valid => RouteState::VALID,
            OriginState::Invalid => RouteState::INVALID,
            OriginState::NotFound => RouteState::NOT_FOUND,
        };
        SaidState {
            state,
            is_path: false,
        }
    }
}

impl From<StateWord> for SaidState {
    fn from(state: StateWord) -> SaidState {
        SaidState::from(match state {
            StateWord::Valid => OriginState::Valid,
            StateWord::Invalid => OriginState::Invalid,
            StateWord::NotFound => OriginState::NotFound,
        })
    }
}

impl From<PathState> for SaidState {
    fn from(state: PathState) -> SaidState {
        let state = match state {
            PathState::Valid => RouteState::VALID,
            PathState::Invalid => RouteState::INVALID,
            PathState::Unknown => RouteState::NOT_FOUND,
        };
        SaidState {
            state,
            is_path: true,
        }
    }
}

impl fmt::Display for SaidState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_path && self.state == RouteState::NOT_FOUND {
            true => f.write_str("unknown"),
            false => self.state.fmt(f),
        }
    }
}

impl Serialize for SaidState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for SaidState {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "SaidState".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let named = RouteState::TABLE.iter().map(|row| row.1);
        let words: Vec<&str> = named.chain(["unknown"]).collect();
        schemars::json_schema!({
            "anyOf": [
                { "type": "string", "enum": words },
                { "type": "string", "pattern": "^unknown-[0-9]+$" },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_state_of_a_path_has_another_name() {
        let shown = |number, is_path| {
            let state = RouteState(number);
            SaidState { state, is_path }.to_string()
        };
        assert_eq!(
            [0, 1, 2, 3, 7].map(|number| shown(number, false)),
            [
                "valid",
                "not-found",
                "invalid",
                "not-validated",
                "unknown-7"
            ]
        );
        assert_eq!(
            [0, 1, 2, 7].map(|number| shown(number, true)),
            ["valid", "unknown", "invalid", "unknown-7"]
        );
    }
}

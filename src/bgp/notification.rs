//! Held open for the NOTIFICATION decoder that is being written.
#![allow(missing_docs)]
#[derive(Debug, Clone, serde::Serialize, schemars::JsonSchema)]
pub struct Notification {
    pub code: u8,
}
impl Notification {
    pub fn decode(_p: &[u8]) -> Result<Notification, crate::wire::DecodeError> {
        Ok(Notification { code: 0 })
    }
}
impl std::fmt::Display for Notification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.code)
    }
}

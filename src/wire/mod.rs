//! Reading bytes that came from a network: a cursor over borrowed bytes, and the error that says
//! where and why a read failed, and the numbers that drafts leave open. Knows no protocol.

#[macro_use]
mod code_point;
pub mod code_points;
mod cursor;
mod error;

pub use code_points::{CodePoint, CodePoints};
pub use cursor::Cursor;
pub use error::{DecodeError, Problem};

//! The events of a completion: the common ground of the strict parser and the
//! recovering one. Nothing here reads tokens.

mod event;
mod header;
mod output;
mod repair;

pub use event::{Event, Stray};
pub use header::Header;
pub(crate) use output::Output;
pub use repair::{Repair, RepairCode};

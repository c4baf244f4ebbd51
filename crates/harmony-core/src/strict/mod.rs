//! Upstream's parser, which refuses a token where native refuses it.

mod events;
mod parser;

pub use events::Events;
pub use parser::{parse, Parser, State};

//! The parser that accepts any tokens. It turns a completion into messages,
//! however malformed it is, and puts every token into the span of exactly one
//! message or of one stray between messages.
//!
//! From the ground up:
//!
//! - [`format`] classifies tokens, [`decoder`] turns bytes into text, and
//!   [`words`] lists the words of headers.
//! - [`grammar`] reads the text of one header into fields; every guess is a
//!   [`Repair`](crate::events::Repair).
//! - [`unmarked`] finds headers in plain words, [`spelled`] reads markers that
//!   ordinary tokens spell, and [`split`] cuts a header that no `<|message|>`
//!   ends into messages.
//! - [`between`], [`content`] and [`strays`] hold the parser's open state, and
//!   [`recovered`] its result.
//! - [`Parser`] is the state machine over all of them; [`text`] reads text
//!   without ids.
//!
//! docs/recovery.md has the rules and their reasons. On output of upstream's
//! renderer the result is the strict parser's, apart from the differences
//! listed there, each with a test (`tests/differences.rs`).

mod between;
mod content;
mod decoder;
mod format;
mod grammar;
mod parser;
mod recovered;
mod spelled;
mod split;
mod strays;
mod text;
mod unmarked;
mod words;

pub use parser::Parser;
pub use recovered::{Recovered, RecoveredMessage};
pub use text::{parse_text, TextMessage};

use crate::{chat::Role, encoding::HarmonyEncoding, tokenizer::Rank};

/// Recovers a whole completion. `role` is the role whose header the prompt began;
/// `tools` are the names of the caller's tools, or none.
pub fn recover(
    encoding: &HarmonyEncoding,
    tokens: &[Rank],
    role: Option<Role>,
    tools: &[String],
) -> Recovered {
    Parser::new(encoding, role).with_tools(tools).read(tokens)
}

#[cfg(test)]
pub(crate) mod tests;

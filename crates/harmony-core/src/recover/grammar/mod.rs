//! The grammar of headers. [`header_text`] cuts tokens into items, and [`fields`]
//! has the rules on fields, each with its note. A header ends in one of two ways:
//! [`finished`], by `<|message|>`, where every word is header ([`undecided`] has the
//! words that need all others); or [`unfinished`], where its beginning is header and
//! the rest is content. [`open_header`] gathers the tokens until then. When a header
//! ends is decided by the parser.

mod fields;
pub(super) mod finished;
mod header_text;
mod open_header;
mod undecided;
pub(super) mod unfinished;

pub(super) use header_text::HeaderText;
pub(super) use open_header::OpenHeader;

//! The grammar of headers.

pub(super) mod finished;
mod header_text;
mod open_header;
mod settle;
pub(super) mod unfinished;
pub(super) mod words;

pub(super) use header_text::HeaderText;
pub(super) use open_header::OpenHeader;

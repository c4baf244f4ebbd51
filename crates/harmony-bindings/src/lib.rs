//! The boundary between harmony-core and JavaScript, and nothing else: every
//! method here is one call. Conversations, messages and events cross as JSON
//! text, ids as arrays, errors as `Error` objects with `code`, `path` and
//! `index`. Arguments have been checked by the TypeScript facade, the only
//! caller.

mod convert;
mod encoding;
mod event_parser;
mod parser;
mod protocol;
mod row_settings;
mod spans;

//! The parser that emits events, strict or recovering.

use crate::{
    convert::{role_of, thrown, to_json},
    encoding::Encoding,
    protocol::pending,
};
use harmony_core::{
    event_parser::{self, Before},
    events::Event,
};
use js_sys::Error;
use wasm_bindgen::prelude::*;

/// A parser that emits events. It keeps the events of the last call until they
/// are fetched, and after them the failure of a strict parser.
#[wasm_bindgen]
pub struct EventParser {
    parser: event_parser::EventParser,
    events: Vec<Event>,
    failure: Option<harmony_core::Error>,
}

/// A longer delta is returned as an event: the bits cannot hold its length.
const LONGEST_DELTA: usize = 1 << (u32::BITS - pending::BITS);

#[wasm_bindgen]
impl EventParser {
    /// Continues the message that the prompt opened: the header of the role,
    /// then `prefix`.
    #[wasm_bindgen(constructor)]
    pub fn new(
        encoding: &Encoding,
        recovers: bool,
        role: Option<String>,
        prefix: Vec<u32>,
        tools: Vec<String>,
    ) -> Result<EventParser, Error> {
        let before = Before { role: role_of(role)?, prefix, tools };
        let parser =
            event_parser::EventParser::new(&encoding.harmony, recovers, before).map_err(thrown)?;
        Ok(Self { parser, events: Vec::new(), failure: None })
    }

    /// Several tokens. Returns a value of [`pending`].
    pub fn push(&mut self, tokens: &[u32]) -> u32 {
        self.failure = self.parser.push(tokens, &mut self.events).err();
        self.pending()
    }

    /// [`Self::push`] of one token, without the copy of an array.
    pub fn push_one(&mut self, token: u32) -> u32 {
        self.push(&[token])
    }

    /// The end of the completion. Returns a value of [`pending`].
    pub fn end(&mut self) -> u32 {
        self.failure = self.parser.end(&mut self.events).err();
        self.pending()
    }

    fn pending(&self) -> u32 {
        match (&self.events[..], &self.failure) {
            (_, Some(_)) => pending::FAILURE,
            ([], None) => pending::NOTHING,
            ([Event::ContentDelta { delta, .. }], None) if delta.len() < LONGEST_DELTA => {
                pending::DELTA | (delta.len() as u32) << pending::BITS
            }
            _ => pending::EVENTS,
        }
    }

    /// Where the delta's UTF-8 is, until the next call.
    pub fn delta(&self) -> *const u8 {
        match &self.events[..] {
            [Event::ContentDelta { delta, .. }] => delta.as_ptr(),
            _ => std::ptr::null(),
        }
    }

    /// The pending events, as JSON.
    pub fn events(&self) -> Result<String, Error> {
        to_json(&self.events)
    }

    /// Throws the pending failure.
    pub fn fail(&mut self) -> Result<(), Error> {
        self.failure.take().map_or(Ok(()), |failure| Err(thrown(failure)))
    }
}

//! The parser that tells events, strict or recovering.

use crate::{encoding::Encoding, role_of, thrown, to_json};
use harmony_core::{
    event_parser::{self, Before},
    events::Event,
};
use js_sys::Error;
use wasm_bindgen::prelude::*;

/// A parser that tells events. Those of the last call wait to be taken, and so
/// does the failure of a strict parser, which comes after them.
#[wasm_bindgen]
pub struct EventParser {
    parser: event_parser::EventParser,
    events: Vec<Event>,
    failure: Option<harmony_core::Error>,
}

/// What waits to be taken.
const NOTHING: u32 = 0;
const DELTA: u32 = 1;
const EVENTS: u32 = 2;
const FAILURE: u32 = 3;
/// What the bits for a length hold.
const LONGEST_DELTA: usize = 1 << 30;

#[wasm_bindgen]
impl EventParser {
    /// The parser goes on with what the prompt has begun: the header of the
    /// role, and `prefix` after it.
    #[wasm_bindgen(constructor)]
    pub fn new(
        encoding: &Encoding,
        recovers: bool,
        role: Option<String>,
        prefix: Vec<u32>,
    ) -> Result<EventParser, Error> {
        let before = Before { role: role_of(role)?, prefix };
        let parser =
            event_parser::EventParser::new(&encoding.harmony, recovers, before).map_err(thrown)?;
        Ok(Self { parser, events: Vec::new(), failure: None })
    }

    /// Several tokens. What waits then, in the lowest two bits: 0 nothing, 1
    /// one delta of content, which is the commonest by far and whose length in
    /// bytes is in the other bits, 2 events, 3 a failure after events.
    pub fn push(&mut self, tokens: &[u32]) -> u32 {
        self.failure = self.parser.push(tokens, &mut self.events).err();
        self.waiting()
    }

    /// [`Self::push`] of one token, without the copy of an array.
    pub fn push_one(&mut self, token: u32) -> u32 {
        self.push(&[token])
    }

    /// The end of the completion; what waits then.
    pub fn end(&mut self) -> u32 {
        self.failure = self.parser.end(&mut self.events).err();
        self.waiting()
    }

    fn waiting(&self) -> u32 {
        match (&self.events[..], &self.failure) {
            (_, Some(_)) => FAILURE,
            ([], None) => NOTHING,
            ([Event::ContentDelta { delta, .. }], None) if delta.len() < LONGEST_DELTA => {
                DELTA | (delta.len() as u32) << 2
            }
            _ => EVENTS,
        }
    }

    /// Where the delta's UTF-8 is, until the next call.
    pub fn delta(&self) -> *const u8 {
        match &self.events[..] {
            [Event::ContentDelta { delta, .. }] => delta.as_ptr(),
            _ => std::ptr::null(),
        }
    }

    /// The events that wait, as JSON.
    pub fn events(&self) -> Result<String, Error> {
        to_json(&self.events)
    }

    /// Throws the failure that waits.
    pub fn fail(&mut self) -> Result<(), Error> {
        self.failure.take().map_or(Ok(()), |failure| Err(thrown(failure)))
    }
}

//! Upstream's streaming parser.

use crate::{
    convert::{role_of, thrown, to_json},
    encoding::Encoding,
    protocol::state_number,
};
use harmony_core::strict;
use js_sys::Error;
use wasm_bindgen::prelude::*;

/// A streaming parser. Its polled views return the additions since a position
/// that the caller keeps.
#[wasm_bindgen]
pub struct Parser(strict::Parser);

#[wasm_bindgen]
impl Parser {
    /// Without a role, the parser expects `<|start|>` first.
    #[wasm_bindgen(constructor)]
    pub fn new(encoding: &Encoding, role: Option<String>, strict: bool) -> Result<Parser, Error> {
        strict::Parser::new(&encoding.harmony, role_of(role)?, strict).map(Self).map_err(thrown)
    }

    /// Several tokens.
    pub fn process(&mut self, tokens: &[u32]) -> Result<(), Error> {
        self.0.process(tokens).map_err(thrown)
    }

    /// One token, without the copy of an array.
    pub fn process_one(&mut self, token: u32) -> Result<(), Error> {
        self.0.process(&[token]).map_err(thrown)
    }

    /// The end of the completion.
    pub fn process_eos(&mut self) -> Result<(), Error> {
        self.0.process_eos().map_err(thrown)
    }

    /// The number of the state, as the protocol defines it.
    pub fn state(&self) -> u32 {
        state_number(self.0.state())
    }

    /// The state with all its data, as JSON.
    pub fn state_data(&self) -> Result<String, Error> {
        self.0.upstream().state_json().map_err(|error| Error::new(&error.to_string()))
    }

    /// Changes whenever a new content starts.
    pub fn content_number(&self) -> u32 {
        self.0.content_number()
    }

    /// The text added to the content since the last call.
    pub fn take_content(&mut self) -> String {
        self.0.take_content()
    }

    /// The text that the last token added to the content.
    pub fn last_content_delta(&self) -> Option<String> {
        self.0.upstream().last_content_delta().ok().flatten()
    }

    /// The role of the current message.
    pub fn current_role(&self) -> Option<String> {
        self.0.upstream().current_role().map(|role| role.as_str().to_owned())
    }

    /// The channel of the current message.
    pub fn current_channel(&self) -> Option<String> {
        self.0.upstream().current_channel()
    }

    /// The recipient of the current message.
    pub fn current_recipient(&self) -> Option<String> {
        self.0.upstream().current_recipient()
    }

    /// The content type of the current message.
    pub fn current_content_type(&self) -> Option<String> {
        self.0.upstream().current_content_type()
    }

    /// The finished messages from the `from`-th on, as JSON.
    pub fn messages_from(&self, from: usize) -> Result<String, Error> {
        to_json(self.0.upstream().messages().get(from..).unwrap_or_default())
    }

    /// The consumed tokens, from the `from`-th on.
    pub fn tokens_from(&self, from: usize) -> Vec<u32> {
        self.0.upstream().tokens().get(from..).unwrap_or_default().to_vec()
    }
}

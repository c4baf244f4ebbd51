//! Completions to messages, by upstream's `StreamableParser`. This module adds the
//! position of a refused token, and views for callers that poll after every token
//! and must not pay for the whole message each time.

use crate::{
    chat::{Message, Role},
    encoding::{HarmonyEncoding, ParseOptions, StreamableParser},
    error::Error,
    tokenizer::Rank,
};
use std::collections::HashSet;

/// Parses a whole completion.
///
/// # Errors
/// [`Error::ParseFailed`] with the position of the refused token.
pub fn parse(
    encoding: &HarmonyEncoding,
    tokens: &[Rank],
    role: Option<Role>,
    strict: bool,
) -> Result<Vec<Message>, Error> {
    let options = ParseOptions { strict };
    let parser = StreamableParser::new_with_options(encoding.clone(), role, options);
    let mut parser = parser.map_err(|error| failure(&error, 0))?;
    for (index, &token) in tokens.iter().enumerate() {
        parser.process(token).map_err(|error| failure(&error, index))?;
    }
    parser.process_eos().map_err(|error| failure(&error, tokens.len()))?;
    Ok(parser.into_messages())
}

fn failure(error: &anyhow::Error, index: usize) -> Error {
    Error::ParseFailed { error: error.to_string(), index }
}

/// Upstream's three states, without their data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Between messages.
    ExpectStart,
    /// After `<|start|>`, or after the role that the parser was given.
    Header,
    /// After `<|message|>`.
    Content,
}

/// Upstream's parser. The cost of [`Parser::state`] and [`Parser::take_content`]
/// depends on the tokens since the last call; upstream serialises or decodes the
/// whole message for the same answers.
pub struct Parser {
    upstream: StreamableParser,
    strict: bool,
    message_token: Vec<Rank>,
    stop_tokens: HashSet<Rank>,
    state: State,
    contents: u32,
    untaken: String,
}

impl Parser {
    /// A parser that expects the rest of a header of `role`, or `<|start|>`.
    ///
    /// # Errors
    /// Upstream's, if the encoding has no stop tokens.
    pub fn new(
        encoding: &HarmonyEncoding,
        role: Option<Role>,
        strict: bool,
    ) -> Result<Self, Error> {
        let state = if role.is_some() { State::Header } else { State::ExpectStart };
        let options = ParseOptions { strict };
        let upstream = StreamableParser::new_with_options(encoding.clone(), role, options);
        Ok(Self {
            upstream: upstream.map_err(|error| failure(&error, 0))?,
            strict,
            message_token: encoding.tokenizer().encode_with_special_tokens("<|message|>"),
            stop_tokens: encoding.stop_tokens().map_err(|error| failure(&error, 0))?,
            state,
            contents: 0,
            untaken: String::new(),
        })
    }

    /// Consumes `tokens`, one after the other.
    ///
    /// # Errors
    /// [`Error::ParseFailed`] with the position of the first token that
    /// upstream refuses; those before it are processed, those after it are not.
    pub fn process(&mut self, tokens: &[Rank]) -> Result<(), Error> {
        for (index, &token) in tokens.iter().enumerate() {
            let result = self.upstream.process(token).map(|_| ());
            self.observe(token, result.is_ok());
            result.map_err(|error| failure(&error, index))?;
        }
        Ok(())
    }

    /// Ends the completion.
    ///
    /// # Errors
    /// [`Error::ParseFailed`] inside a header, with the number of tokens.
    pub fn process_eos(&mut self) -> Result<(), Error> {
        let result = self.upstream.process_eos().map(|_| ());
        let length = self.upstream.tokens().len();
        result.map_err(|error| failure(&error, length))?;
        self.enter(State::ExpectStart);
        Ok(())
    }

    /// Follows upstream's state, which is private. A test compares this with
    /// `state_json` after every token of every stream vector.
    fn observe(&mut self, token: Rank, accepted: bool) {
        let stops = self.stop_tokens.contains(&token);
        match (self.state, accepted) {
            (State::ExpectStart, true) => self.enter(State::Header),
            (State::Header, true) if [token] == self.message_token[..] => {
                self.enter(State::Content);
            }
            (State::Header, true) if stops && !self.strict => self.enter(State::ExpectStart),
            (State::Header, false) if [token] == self.message_token[..] => {
                self.enter(State::ExpectStart);
            }
            (State::Content, true) if stops => self.enter(State::ExpectStart),
            (State::Content, true) => {
                if let Ok(Some(delta)) = self.upstream.last_content_delta() {
                    self.untaken.push_str(&delta);
                }
            }
            _ => {}
        }
    }

    fn enter(&mut self, state: State) {
        if self.state == State::Content || state == State::Content {
            self.untaken.clear();
            self.contents = self.contents.wrapping_add(1);
        }
        self.state = state;
    }

    /// The state, without its data.
    pub fn state(&self) -> State {
        self.state
    }

    /// A number that changes whenever another content starts.
    pub fn content_number(&self) -> u32 {
        self.contents
    }

    /// The text added to the current content since the last call.
    pub fn take_content(&mut self) -> String {
        std::mem::take(&mut self.untaken)
    }

    /// Upstream's parser, for everything else.
    pub fn upstream(&self) -> &StreamableParser {
        &self.upstream
    }
}

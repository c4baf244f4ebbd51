//! Upstream's parser as a source of events.

use super::parser::{Parser, State};
use crate::{
    chat::{Author, Content, Message, Role},
    encoding::HarmonyEncoding,
    error::Error,
    events::{Event, Header, Output},
    tokenizer::Rank,
};
use serde::Deserialize;

/// Upstream's parser, which emits events as it consumes tokens.
pub struct Events {
    parser: Parser,
    output: Output,
    /// The number of tokens consumed.
    position: usize,
    /// How many of them belong to the prompt.
    given: usize,
    /// Where the message's span starts.
    start: usize,
    /// How many bytes of its content have been emitted.
    emitted: usize,
}

/// The part of upstream's state that describes a header.
#[derive(Deserialize)]
struct StateData {
    header: Option<ParsedHeader>,
}

#[derive(Deserialize)]
struct ParsedHeader {
    author: Author,
    recipient: Option<String>,
    channel: Option<String>,
    content_type: Option<String>,
}

impl Events {
    /// A parser for what follows the header of `role` and `prefix`.
    ///
    /// # Errors
    /// [`Error::ParseFailed`] if upstream refuses the prefix.
    pub fn new(
        encoding: &HarmonyEncoding,
        role: Option<Role>,
        prefix: &[Rank],
    ) -> Result<Self, Error> {
        let mut strict = Self {
            parser: Parser::new(encoding, role, true)?,
            output: Output::default(),
            position: 0,
            given: 0,
            start: 0,
            emitted: 0,
        };
        strict.consume(prefix)?;
        strict.given = prefix.len();
        let is_open = strict.parser.state() == State::Content;
        strict.output.give(prefix.len(), is_open);
        Ok(strict)
    }

    fn consume(&mut self, tokens: &[Rank]) -> Result<(), Error> {
        for &token in tokens {
            let before = self.parser.state();
            self.parser.process(&[token]).map_err(|error| self.at(error, self.position))?;
            self.follow(before, Some(token))?;
            self.position += 1;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        let before = self.parser.state();
        self.parser.process_eos().map_err(|error| self.at(error, self.position))?;
        self.follow(before, None)
    }

    /// Consumes tokens; the events they cause replace `events`.
    ///
    /// # Errors
    /// [`Error::ParseFailed`], after the events before the failure.
    pub fn push(&mut self, tokens: &[Rank], events: &mut Vec<Event>) -> Result<(), Error> {
        let result = self.consume(tokens);
        self.output.take(events);
        result
    }

    /// Consumes the end of the completion; the events it causes replace `events`.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn end(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        let result = self.finish();
        self.output.take(events);
        result
    }

    /// An error's position counts from the first token of the completion.
    fn at(&self, error: Error, position: usize) -> Error {
        match error {
            Error::ParseFailed { error, .. } => {
                Error::ParseFailed { error, index: position.saturating_sub(self.given) }
            }
            other => other,
        }
    }

    /// Emits what the token, or the end, has changed.
    fn follow(&mut self, before: State, token: Option<Rank>) -> Result<(), Error> {
        match (before, self.parser.state()) {
            (State::ExpectStart, State::Header) => self.start = self.position,
            (State::Header, State::Content) => {
                self.emitted = 0;
                let header = self.header()?;
                self.output.begin(header);
            }
            (State::Content, State::Content) => {
                let delta = self.parser.take_content();
                self.emitted += delta.len();
                self.output.add(|content| content.push_str(&delta));
            }
            (State::Content, State::ExpectStart) => self.end_message(token),
            _ => {}
        }
        Ok(())
    }

    fn header(&self) -> Result<Header, Error> {
        let failure = |error: String| Error::ParseFailed { error, index: self.position };
        let json =
            self.parser.upstream().state_json().map_err(|error| failure(error.to_string()))?;
        let state: StateData =
            serde_json::from_str(&json).map_err(|error| failure(error.to_string()))?;
        let header =
            state.header.ok_or_else(|| failure("upstream's state has no header".to_owned()))?;
        Ok(Header {
            role: header.author.role,
            name: header.author.name,
            channel: header.channel,
            recipient: header.recipient,
            content_type: header.content_type,
        })
    }

    fn end_message(&mut self, terminator: Option<Rank>) {
        let content = self.parser.upstream().messages().last().map_or("", text_of);
        let rest = content.get(self.emitted..).unwrap_or_default();
        self.output.add(|content| content.push_str(rest));
        let end = self.position + usize::from(terminator.is_some());
        self.output.end(self.start, end, terminator, Vec::new());
        self.start = end;
    }
}

fn text_of(message: &Message) -> &str {
    match message.content.first() {
        Some(Content::Text(content)) => &content.text,
        _ => "",
    }
}

//! A completion as events while it is sampled, strict or recovering: the same
//! events, so that who shows them need not know which parser reads.

use crate::{
    chat::{Author, Content, Message, Role},
    completion::{Parser, State},
    encoding::HarmonyEncoding,
    error::Error,
    recover::{Event, Header, Output, Recovery},
    tiktoken::Rank,
};
use serde::Deserialize;

/// What comes before the tokens that are read.
#[derive(Default)]
pub struct Before {
    /// The role whose header the prompt has begun.
    pub role: Option<Role>,
    /// What the prompt has after it; or, without a role, the prompt's tokens or
    /// those of its last message.
    pub prefix: Vec<Rank>,
}

/// A parser that tells events.
pub enum Stream {
    /// It never fails.
    Recovering(Box<Recovery>),
    /// Upstream's: it fails where upstream does.
    Strict(Box<Strict>),
}

impl Stream {
    /// A parser for what follows `before`.
    ///
    /// # Errors
    /// Upstream's, for a strict parser and a prefix that it refuses.
    pub fn new(encoding: &HarmonyEncoding, recovers: bool, before: Before) -> Result<Self, Error> {
        if !recovers {
            return Ok(Self::Strict(Box::new(Strict::new(encoding, before)?)));
        }
        let mut recovery = Recovery::new(encoding, None);
        recovery.begin(before.role, &before.prefix);
        Ok(Self::Recovering(Box::new(recovery)))
    }

    /// Takes in tokens; what they tell replaces `events`.
    ///
    /// # Errors
    /// Those of a strict parser, after the events before the failure.
    pub fn push(&mut self, tokens: &[Rank], events: &mut Vec<Event>) -> Result<(), Error> {
        match self {
            Self::Recovering(recovery) => {
                recovery.push(tokens, events);
                Ok(())
            }
            Self::Strict(strict) => {
                let result = strict.push(tokens);
                strict.output.take(events);
                result
            }
        }
    }

    /// Takes in the end of the completion; what it tells replaces `events`.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn end(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        match self {
            Self::Recovering(recovery) => {
                recovery.end(events);
                Ok(())
            }
            Self::Strict(strict) => {
                let result = strict.end();
                strict.output.take(events);
                result
            }
        }
    }
}

/// Upstream's parser, telling events.
pub struct Strict {
    parser: Parser,
    output: Output,
    /// How many tokens have been taken in.
    position: usize,
    /// How many of them are the prompt's.
    given: usize,
    /// Where the message's span starts.
    start: usize,
    /// How many bytes of its content have been told.
    told: usize,
}

/// What upstream's state tells of a header.
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

impl Strict {
    fn new(encoding: &HarmonyEncoding, before: Before) -> Result<Self, Error> {
        let Before { role, prefix } = before;
        let mut strict = Self {
            parser: Parser::new(encoding, role, true)?,
            output: Output::default(),
            position: 0,
            given: 0,
            start: 0,
            told: 0,
        };
        strict.push(&prefix)?;
        strict.given = prefix.len();
        let is_open = strict.parser.state() == State::Content;
        strict.output.give(prefix.len(), is_open);
        Ok(strict)
    }

    fn push(&mut self, tokens: &[Rank]) -> Result<(), Error> {
        for &token in tokens {
            let before = self.parser.state();
            self.parser.process(&[token]).map_err(|error| self.at(error, self.position))?;
            self.follow(before, Some(token))?;
            self.position += 1;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        let before = self.parser.state();
        self.parser.process_eos().map_err(|error| self.at(error, self.position))?;
        self.follow(before, None)
    }

    /// An error counts from the first token of the stream.
    fn at(&self, error: Error, position: usize) -> Error {
        match error {
            Error::ParseFailed { error, .. } => {
                Error::ParseFailed { error, index: position.saturating_sub(self.given) }
            }
            other => other,
        }
    }

    /// Tells what the token, or the end, has changed.
    fn follow(&mut self, before: State, token: Option<Rank>) -> Result<(), Error> {
        match (before, self.parser.state()) {
            (State::ExpectStart, State::Header) => self.start = self.position,
            (State::Header, State::Content) => {
                self.told = 0;
                let header = self.header()?;
                self.output.begin(header);
            }
            (State::Content, State::Content) => {
                let delta = self.parser.take_content();
                self.told += delta.len();
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
        let header = state.header.ok_or_else(|| failure("upstream tells no header".to_owned()))?;
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
        let rest = content.get(self.told..).unwrap_or_default();
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

#[cfg(test)]
mod tests;

//! A completion as events while it is sampled. The strict parser and the
//! recovering one emit the same events, so a consumer need not know which one
//! is reading.

use crate::{
    chat::Role, encoding::HarmonyEncoding, error::Error, events::Event, recover, strict,
    tokenizer::Rank,
};

/// The context of a completion.
#[derive(Default)]
pub struct Before {
    /// The role whose header the prompt has begun.
    pub role: Option<Role>,
    /// The tokens of the prompt after that role; without a role, the tokens of
    /// the prompt or of its last message.
    pub prefix: Vec<Rank>,
    /// The names of the caller's tools, if it names them. A strict parser does
    /// not use them.
    pub tools: Vec<String>,
}

/// A parser that emits events.
pub enum EventParser {
    /// Never fails.
    Recovering(Box<recover::Parser>),
    /// Fails where upstream fails.
    Strict(Box<strict::Events>),
}

impl EventParser {
    /// A parser for what follows `before`.
    ///
    /// # Errors
    /// [`Error::ParseFailed`] if a strict parser refuses the prefix.
    pub fn new(encoding: &HarmonyEncoding, recovers: bool, before: Before) -> Result<Self, Error> {
        let Before { role, prefix, tools } = before;
        if !recovers {
            let strict = strict::Events::new(encoding, role, &prefix)?;
            return Ok(Self::Strict(Box::new(strict)));
        }
        let mut recovery = recover::Parser::new(encoding, None).with_tools(&tools);
        recovery.begin(role, &prefix);
        Ok(Self::Recovering(Box::new(recovery)))
    }

    /// Consumes tokens; the events they cause replace `events`.
    ///
    /// # Errors
    /// [`Error::ParseFailed`] from a strict parser, after the events before the
    /// failure.
    pub fn push(&mut self, tokens: &[Rank], events: &mut Vec<Event>) -> Result<(), Error> {
        match self {
            Self::Recovering(recovery) => {
                recovery.push(tokens, events);
                Ok(())
            }
            Self::Strict(strict) => strict.push(tokens, events),
        }
    }

    /// Consumes the end of the completion; the events it causes replace `events`.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn end(&mut self, events: &mut Vec<Event>) -> Result<(), Error> {
        match self {
            Self::Recovering(recovery) => {
                recovery.end(events);
                Ok(())
            }
            Self::Strict(strict) => strict.end(events),
        }
    }
}

#[cfg(test)]
mod tests;

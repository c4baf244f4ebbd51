//! The events that have not been fetched, with message numbers and positions
//! counted from the start of the completion. When an event happens is decided by
//! the parsers.

use super::{Event, Header, Repair, Stray};
use crate::tokenizer::Rank;

#[derive(Debug, Default)]
pub(crate) struct Output {
    events: Vec<Event>,
    /// The number of messages that have begun.
    messages: usize,
    /// How many of the tokens belong to the prompt: positions do not count them.
    given: usize,
}

impl Output {
    /// Replaces `events` by those since the last call. Both lists keep their
    /// capacity: a parser that is fed token by token must not allocate.
    #[inline]
    pub(crate) fn take(&mut self, events: &mut Vec<Event>) {
        events.clear();
        std::mem::swap(events, &mut self.events);
    }

    /// Assigns the first `given` tokens to the prompt. Of their events, only those
    /// of an open message remain.
    pub(crate) fn give(&mut self, given: usize, is_open: bool) {
        let is_start = |event: &Event| matches!(event, Event::MessageStart { .. });
        let begun = self.events.iter().rposition(is_start).filter(|_| is_open);
        self.events.drain(..begun.unwrap_or(self.events.len()));
        for event in &mut self.events {
            if let Event::MessageStart { index, .. } | Event::ContentDelta { index, .. } = event {
                *index = 0;
            }
        }
        (self.messages, self.given) = (usize::from(is_open), given);
    }

    pub(crate) fn has_messages(&self) -> bool {
        self.messages > 0
    }

    pub(crate) fn begin(&mut self, header: Header) {
        self.events.push(Event::MessageStart { index: self.messages, header });
        self.messages += 1;
    }

    /// Lets `add` append to the content of the open message.
    #[inline]
    pub(crate) fn add(&mut self, add: impl FnOnce(&mut String)) {
        let open = self.messages.saturating_sub(1);
        match self.events.last_mut() {
            Some(Event::ContentDelta { index, delta }) if *index == open => add(delta),
            _ => {
                let mut delta = String::new();
                add(&mut delta);
                if !delta.is_empty() {
                    self.events.push(Event::ContentDelta { index: open, delta });
                }
            }
        }
    }

    pub(crate) fn end(
        &mut self,
        start: usize,
        end: usize,
        terminator: Option<Rank>,
        mut repairs: Vec<Repair>,
    ) {
        for repair in &mut repairs {
            repair.index = repair.index.saturating_sub(self.given);
        }
        repairs.sort_by_key(|repair| repair.index);
        self.events.push(Event::MessageEnd {
            index: self.messages.saturating_sub(1),
            terminator,
            start: start.saturating_sub(self.given),
            end: end.saturating_sub(self.given),
            repairs,
        });
    }

    pub(crate) fn stray(&mut self, mut stray: Stray) {
        stray.start -= self.given.min(stray.start);
        stray.end -= self.given.min(stray.end);
        self.events.push(Event::Stray(stray));
    }
}

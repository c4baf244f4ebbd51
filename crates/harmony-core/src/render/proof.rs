//! Proves many rows of ids at once: that each is a row of whole messages, and that
//! every message is what rendering it gives. A row that is not proved may still be
//! right; the caller looks at it message by message.
//!
//! The proof has two parts. Each header with its terminator, around an empty
//! content, is a message that parses strictly and renders to the same ids: a header
//! decides the terminator, and contents change neither. And the ids of each content
//! are those of its text.

use crate::{
    chat::Role,
    encoding::{HarmonyEncoding, RenderOptions},
    render, strict, text,
    tokenizer::{proof::Proof, special, Rank},
};
use std::{collections::HashMap, iter::once};

/// Recipients come from the data, so the headers that are kept are few.
const MOST_HEADERS: usize = 4096;

/// Proves rows, and remembers headers.
#[derive(Default)]
pub struct RowProofs {
    /// What headers with their terminators are.
    headers: HashMap<Box<[Rank]>, Header>,
    /// A header with its terminator.
    header: Vec<Rank>,
    text: Proof,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Header {
    Right,
    /// Upstream's parser does not know the author.
    Unparsed,
    Unproved,
}

/// The messages of a row that is proved.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proved {
    /// All of them.
    pub messages: u32,
    /// Those whose author upstream's parser does not know: a tool that answers nobody.
    pub unparsed: u32,
}

/// The ids that bound the parts of messages.
struct Markers {
    start: Rank,
    message: Rank,
    stops: Vec<Rank>,
}

impl RowProofs {
    /// The proof of each row of `ids`; the rows end at `ends`.
    pub fn rows(
        &mut self,
        encoding: &HarmonyEncoding,
        ids: &[Rank],
        ends: &[u32],
    ) -> Vec<Option<Proved>> {
        let markers = Markers::of(encoding);
        let starts = once(0).chain(ends.iter().copied());
        let rows = starts.zip(ends).map(|(start, &end)| {
            let row = ids.get(start as usize..end as usize).unwrap_or_default();
            self.row(encoding, markers.as_ref()?, row)
        });
        rows.collect()
    }

    fn row(
        &mut self,
        encoding: &HarmonyEncoding,
        markers: &Markers,
        mut ids: &[Rank],
    ) -> Option<Proved> {
        let mut proved = Proved::default();
        while !ids.is_empty() {
            let content = markers.header_end(ids)?;
            let end = content + ids[content..].iter().position(|&id| id >= special::FIRST)?;
            let stop = ids[end];
            let header = self.header(encoding, &ids[..content], stop);
            let is_right = markers.stops.contains(&stop)
                && header != Header::Unproved
                && self.text.holds(encoding.tokenizer(), &ids[content..end]);
            if !is_right {
                return None;
            }
            proved.messages += 1;
            proved.unparsed += u32::from(header == Header::Unparsed);
            ids = &ids[end + 1..];
        }
        Some(proved)
    }

    fn header(&mut self, encoding: &HarmonyEncoding, header: &[Rank], stop: Rank) -> Header {
        self.header.clear();
        self.header.extend_from_slice(header);
        self.header.push(stop);
        if let Some(&known) = self.headers.get(self.header.as_slice()) {
            return known;
        }
        let found = if self.are_texts(encoding, header) {
            proved_header(encoding, &self.header)
        } else {
            Header::Unproved
        };
        if self.headers.len() >= MOST_HEADERS {
            self.headers.clear();
        }
        self.headers.insert(self.header.as_slice().into(), found);
        found
    }

    /// Whether all ids are tokens, and those between special ones are those of their texts.
    fn are_texts(&mut self, encoding: &HarmonyEncoding, ids: &[Rank]) -> bool {
        let tokenizer = encoding.tokenizer();
        ids.iter().all(|&id| id < special::FIRST || tokenizer.is_special_token(id))
            && ids.split(|&id| id >= special::FIRST).all(|text| self.text.holds(tokenizer, text))
    }
}

/// Whether a message parses strictly, and renders to the same ids. A final answer ends
/// with `<|return|>` for training, and with `<|end|>` when stored.
fn proved_header(encoding: &HarmonyEncoding, ids: &[Rank]) -> Header {
    let Ok(messages) = strict::parse(encoding, ids, None, true) else {
        return if is_of_unknown(encoding, ids) { Header::Unparsed } else { Header::Unproved };
    };
    let options = RenderOptions { conversation_has_function_tools: false };
    let rendered: Result<Vec<Vec<Rank>>, _> =
        messages.iter().map(|message| render::message(encoding, message, &options)).collect();
    let Ok(rendered) = rendered else { return Header::Unproved };
    let rendered = rendered.concat();
    let is_return = ids.last().copied() == special::id_of("<|return|>");
    let compared = |ids: &[Rank]| ids[..ids.len() - usize::from(is_return)].to_vec();
    if !rendered.is_empty() && compared(&rendered) == compared(ids) {
        Header::Right
    } else {
        Header::Unproved
    }
}

/// Whether a header begins with a name that is not a role, such as a tool's.
fn is_of_unknown(encoding: &HarmonyEncoding, ids: &[Rank]) -> bool {
    let name = ids[1..].split(|&id| id >= special::FIRST).next().unwrap_or_default();
    let Ok(name) = text::decode(encoding, name) else { return false };
    let word = name.split(|space: char| space.is_whitespace() || space == '\u{feff}').next();
    word.is_some_and(|word| Role::try_from(word).is_err())
}

impl Markers {
    fn of(encoding: &HarmonyEncoding) -> Option<Self> {
        Some(Self {
            start: special::id_of("<|start|>")?,
            message: special::id_of("<|message|>")?,
            stops: encoding.stop_tokens().ok()?.into_iter().collect(),
        })
    }

    /// Where the content of the message that starts the ids starts.
    fn header_end(&self, ids: &[Rank]) -> Option<usize> {
        if ids.first() != Some(&self.start) {
            return None;
        }
        let ends = |&id: &Rank| id == self.message || id == self.start || self.stops.contains(&id);
        let at = 1 + ids[1..].iter().position(ends)?;
        (ids[at] == self.message).then_some(at + 1)
    }
}

#[cfg(test)]
mod tests;

//! A header that no `<|message|>` ends, as messages. Its fields come first and
//! the rest is content; where the content has more headers in plain words, each
//! begins another message. The parser decides when a header has ended.

use super::{
    format::Format,
    grammar::{
        unfinished::{self, Evidence},
        HeaderText,
    },
    unmarked::starts,
    words::channel_prefix,
};
use crate::{
    chat::Role,
    events::{Header, Repair, RepairCode},
};

/// A message that is complete.
pub(super) struct Found {
    /// The position of its first token.
    pub(super) start: usize,
    pub(super) header: Header,
    pub(super) content: String,
    pub(super) repairs: Vec<Repair>,
}

/// The context of a header.
pub(super) struct Context {
    /// The role if the prompt wrote it.
    pub(super) prompted: Option<Role>,
    /// Whether the completion has special tokens. Without them it is text, in
    /// which a channel's name may be a word of the answer.
    pub(super) is_among_markup: bool,
}

/// Where headers in plain words begin after the text's first token. A message
/// begins only where a token begins, so that every token stays in one span.
pub(super) fn further_headers(text: &HeaderText) -> Vec<usize> {
    let mut last = text.boundary(1);
    let mut found = starts(&text.text);
    found.retain(|&start| {
        let at = text.boundary(start);
        let is_own = start > 0 && at >= last && at < text.boundary(text.text.len());
        last = if is_own { at + 1 } else { last };
        is_own
    });
    found
}

/// The messages of a header's text, of which at least one.
pub(super) fn messages(format: &Format, text: &HeaderText, context: Context) -> Vec<Found> {
    let Context { prompted, is_among_markup } = context;
    let mut further = if is_among_markup { further_headers(text) } else { Vec::new() };
    let mut repairs = Vec::new();
    let evidence = match (further.is_empty(), is_among_markup) {
        (false, _) => Evidence::Headers,
        (true, true) => Evidence::Markup,
        (true, false) => Evidence::None,
    };
    let (header, from) = unfinished::read(format, text, prompted, evidence, &mut repairs);
    further.retain(|&at| at >= from);
    let end = further.first().copied().unwrap_or(text.text.len());
    let content = text.part(0..end).plain_from(from);
    let mut found = vec![Found { start: text.boundary(0), header, content, repairs }];
    found.extend(parts(format, text, &further));
    found
}

/// The messages that begin at `starts`.
pub(super) fn parts(format: &Format, text: &HeaderText, starts: &[usize]) -> Vec<Found> {
    let ends = starts.iter().skip(1).copied().chain([text.text.len()]);
    let parts = starts.iter().zip(ends).map(|(&start, end)| text.part(start..end));
    parts.map(|part| read_part(format, &part)).collect()
}

fn read_part(format: &Format, part: &HeaderText) -> Found {
    let evidence = Evidence::Headers;
    let start = part.boundary(0);
    // `commentarycommentary to=…`, `commentaryanalysis…`: the last channel counts.
    let after = part.text.strip_prefix("commentary").unwrap_or_default();
    let skipped = channel_prefix(after).map_or(0, |_| part.text.len() - after.len());
    let part = &part.part(skipped..part.text.len());
    let (header, from) = unfinished::read(format, part, None, evidence, &mut Vec::new());
    let note = "a header in plain words begins a message";
    let repairs = vec![Repair::new(RepairCode::UnmarkedHeader, start, note)];
    Found { start, header, content: part.plain_from(from), repairs }
}

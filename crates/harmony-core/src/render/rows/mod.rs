//! Many conversations in one call: rows of JSON as bytes, and the ids and spans
//! of all of them. Only usual rows are rendered. A row with an error, or with a
//! field that the caller has to look at, is left out, without a reason: the
//! caller renders it alone, and gets the reason there.

mod chat;
mod keys;
mod read;
#[cfg(test)]
mod tests;

use crate::{
    chat::{Conversation, Message, Role},
    encoding::{HarmonyEncoding, RenderConversationConfig},
    render::{
        spans::{self, FlatSpans, MessageSpan},
        Purpose,
    },
    tokenizer::Rank,
};
use keys::Keys;
use serde::Deserialize;
use std::iter::once;

/// Which analysis is rendered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Analysis {
    /// What upstream's renderer keeps by default.
    Upstream,
    /// All.
    Keep,
    /// All but the thoughts before the last final message that comes before the
    /// last user message.
    DropHistory,
}

/// The shape of rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Conversations as upstream reads them.
    Harmony,
    /// Plain rows of Chat Completions; others are left out.
    Chat,
}

/// How rows are rendered, and which are left out.
pub struct RowOptions {
    /// Their shape.
    pub shape: Shape,
    /// Messages that begin every conversation.
    pub preface: Vec<Message>,
    /// What the ids are for.
    pub purpose: Purpose,
    /// Which analysis they have.
    pub analysis: Analysis,
    /// A row with more ids is left out.
    pub most_tokens: usize,
    /// A row with one of these fields, at any depth, is left out.
    pub fields: Vec<String>,
    /// A row with one of these fields beside its messages is left out.
    pub row_fields: Vec<String>,
}

/// The rows of a call, one after another.
#[derive(Default)]
pub struct RenderedRows {
    /// The ids of all rows.
    pub tokens: Vec<Rank>,
    /// The spans of all rows; their positions are those in the ids of their row.
    pub spans: FlatSpans,
    /// For each row the number of ids and the number of spans up to its end. A row
    /// without spans was left out.
    pub ends: Vec<u32>,
}

/// Renders the rows of `bytes` that end at `ends`, in ascending order.
pub fn render(
    encoding: &HarmonyEncoding,
    bytes: &[u8],
    ends: &[u32],
    options: &RowOptions,
) -> RenderedRows {
    let keys = Keys::new(&options.fields);
    let mut rows = RenderedRows::default();
    let starts = once(0).chain(ends.iter().copied());
    for (start, &end) in starts.zip(ends) {
        let row = bytes.get(start as usize..end as usize).unwrap_or_default();
        if let Some((tokens, spans)) = rendered(encoding, row, &keys, options) {
            rows.tokens.extend(tokens);
            spans.iter().for_each(|span| rows.spans.push(span));
        }
        rows.ends.extend([rows.tokens.len() as u32, rows.spans.len() as u32]);
    }
    rows
}

fn rendered(
    encoding: &HarmonyEncoding,
    row: &[u8],
    keys: &Keys,
    options: &RowOptions,
) -> Option<(Vec<Rank>, Vec<MessageSpan>)> {
    let conversation = conversation(row, keys, options)?;
    let only = chosen(&conversation, options.analysis);
    let config =
        RenderConversationConfig { auto_drop_analysis: options.analysis == Analysis::Upstream };
    let purpose = options.purpose.clone();
    let (tokens, spans) =
        spans::render(encoding, conversation, only.as_deref(), purpose, &config).ok()?;
    (!spans.is_empty() && tokens.len() <= options.most_tokens).then_some((tokens, spans))
}

fn conversation(row: &[u8], keys: &Keys, options: &RowOptions) -> Option<Conversation> {
    if keys.are_in(row) {
        return None;
    }
    let RowOptions { shape, preface, row_fields, .. } = options;
    match shape {
        Shape::Harmony => read::conversation(row, row_fields, preface),
        Shape::Chat => chat::conversation(row, row_fields, preface),
    }
}

/// The messages that are rendered, unless it is all of them.
fn chosen(conversation: &Conversation, analysis: Analysis) -> Option<Vec<u32>> {
    if analysis != Analysis::DropHistory {
        return None;
    }
    let messages = &conversation.messages;
    let last_user = messages.iter().rposition(|message| message.author.role == Role::User)?;
    let last_final = messages[..last_user].iter().rposition(|message| is_on(message, "final"))?;
    let stays = |at: usize| {
        let is_call = messages[at].recipient.as_deref().is_some_and(|name| !name.is_empty());
        at > last_final || is_call || !is_on(&messages[at], "analysis")
    };
    let only: Vec<u32> = (0..messages.len()).filter(|&at| stays(at)).map(|at| at as u32).collect();
    (only.len() < messages.len()).then_some(only)
}

/// Whether the assistant wrote a message on this channel.
fn is_on(message: &Message, channel: &str) -> bool {
    message.author.role == Role::Assistant && message.channel.as_deref() == Some(channel)
}

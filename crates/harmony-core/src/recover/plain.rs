//! Headers in plain words. A server may leave the special tokens out, and a
//! model may write the words of a header without them:
//! `analysisWe need…assistantfinalFour`. Text and ids are read by these rules.

use super::{
    format::Format,
    grammar::split_type,
    words::{
        channel_prefix, is_name_character, unmarked_channel, CHANNELS, CONTENT_TYPES, RECIPIENT,
    },
};
use crate::{chat::Role, events::Header};

/// The word that separates messages when the special tokens are gone.
const SEPARATOR: &str = "assistant";

/// A header within the text.
pub(super) struct Start {
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) header: Header,
}

/// Every place where `assistant` and a channel, or `to=`, follow each other.
pub(super) fn starts(format: &Format, text: &str) -> Vec<Start> {
    let mut starts: Vec<Start> = Vec::new();
    for (at, word) in text.match_indices(SEPARATOR) {
        if starts.last().is_some_and(|last| at < last.end) {
            continue;
        }
        let after = at + word.len();
        if is_longer_word(&text[after..]) {
            continue;
        }
        let Some((header, length)) = header_at(format, &text[after..]) else { continue };
        starts.push(tool_start(text, at, after, &header).unwrap_or(Start {
            at,
            end: after + length,
            header,
        }));
    }
    starts
}

/// `functions.f to=assistant` before a channel is the header of a tool.
fn tool_start(text: &str, at: usize, after: usize, header: &Header) -> Option<Start> {
    let before = text[..at].strip_suffix(RECIPIENT)?.strip_suffix(' ')?;
    let name = before
        .rfind(|found| !is_name_character(found))
        .map_or(0, |last| last + before[last..].chars().next().map_or(0, char::len_utf8));
    let channel = header.channel.clone()?;
    let end = after + channel.len();
    let header = Header {
        name: Some(before[name..].to_owned()),
        recipient: Some(SEPARATOR.to_owned()),
        channel: Some(channel),
        ..Header::of(Role::Tool)
    };
    (name < before.len()).then_some(Start { at: name, end, header })
}

/// The header that a whole text begins with. A channel's name may be a word of
/// the answer, unless something else shows that it is a header.
pub(super) fn first_header(format: &Format, text: &str, has_more: bool) -> Option<(Header, usize)> {
    let (header, length) = header_at(format, text)?;
    let is_certain = has_more || header.recipient.is_some() || unmarked_channel(text).is_some();
    is_certain.then_some((header, length))
}

/// A channel's name with the fields that may follow it, ` to=…` and a content type; or
/// ` to=…` with the channel glued to it. And how long it is.
fn header_at(format: &Format, text: &str) -> Option<(Header, usize)> {
    let mut header = Header::of(Role::Assistant);
    let mut rest = text;
    if let Some((name, after)) = recipient(rest) {
        let (name, channel) = CHANNELS
            .iter()
            .find_map(|channel| Some((name.strip_suffix(channel)?.trim_end(), *channel)))
            .filter(|(name, _)| !name.is_empty())?;
        header.recipient = Some(name.to_owned());
        header.channel = Some(channel.to_owned());
        rest = after;
    } else {
        let (channel, after) = channel_prefix(rest)?;
        header.channel = Some(channel.to_owned());
        rest = after;
        if let Some((name, after)) = recipient(rest) {
            rest = read_recipient(format, &mut header, name, after);
        }
    }
    if header.recipient.is_some() && header.content_type.is_none() {
        rest = content_type(&mut header, rest);
    }
    Some((header, text.len() - rest.len()))
}

/// The recipient, without the content type that may be glued to it. Returns
/// the text after the arguments' type.
fn read_recipient<'a>(format: &Format, header: &mut Header, name: &str, after: &'a str) -> &'a str {
    let arguments = after.trim_start();
    let split = split_type(format, name).filter(|(_, kind)| {
        *kind == "code" || arguments.is_empty() || arguments.starts_with(['{', '['])
    });
    let Some((bare, content_type)) = split else {
        header.recipient = Some(name.to_owned());
        return after;
    };
    header.recipient = Some(bare.to_owned());
    header.content_type = Some(content_type.to_owned());
    if content_type == "json" {
        arguments
    } else {
        after
    }
}

/// ` to=` with a name, and the text after it.
fn recipient(text: &str) -> Option<(&str, &str)> {
    let named = text.strip_prefix(' ')?.strip_prefix(RECIPIENT)?;
    let end = named.find(|found| !is_name_character(found)).unwrap_or(named.len());
    (end > 0).then(|| named.split_at(end))
}

/// ` json` or ` code` before the arguments.
fn content_type<'a>(header: &mut Header, text: &'a str) -> &'a str {
    let word = text.trim_start_matches(' ');
    let Some(name) = CONTENT_TYPES.iter().find(|name| word.starts_with(**name)) else {
        return text;
    };
    header.content_type = Some((*name).to_owned());
    &word[name.len()..]
}

/// `assistantfinally` is prose that lost a space, not a header.
fn is_longer_word(after: &str) -> bool {
    let next = |rest: &str| rest.starts_with(char::is_lowercase);
    channel_prefix(after).is_some_and(|(_, rest)| next(rest) && unmarked_channel(after).is_none())
}

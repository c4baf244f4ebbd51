//! The fields of one header and their repairs: the rules that hold however the
//! header ends, each with its note. [`super::finished`] and
//! [`super::unfinished`] decide which words are fields.

use super::{
    super::format::Format,
    super::words::{
        channel_suffix, in_functions, is_name_character, is_sign, name_and_rest, role_of, unquoted,
        CONTENT_TYPES,
    },
    header_text::{HeaderText, Item},
};
use crate::{
    chat::Role,
    events::{Header, Repair, RepairCode},
};

/// Words that end in a content type without being two words.
const WHOLE_WORDS: [&str; 18] = [
    "barcode",
    "bytecode",
    "decode",
    "encode",
    "geocode",
    "geojson",
    "ndjson",
    "opcode",
    "passcode",
    "pincode",
    "postcode",
    "promocode",
    "qrcode",
    "shortcode",
    "transcode",
    "unicode",
    "vscode",
    "zipcode",
];

/// The fields that have been read.
pub(super) struct Fields<'a, 'r> {
    pub(super) format: &'a Format,
    pub(super) text: &'a HeaderText,
    pub(super) header: Header,
    /// Where the recipient's word starts.
    pub(super) recipient_at: Option<usize>,
    has_channel_marker: bool,
    repairs: &'r mut Vec<Repair>,
}

impl<'a, 'r> Fields<'a, 'r> {
    /// The fields of a header of which only the role is known.
    pub(super) fn of(
        format: &'a Format,
        text: &'a HeaderText,
        prompted: Option<Role>,
        repairs: &'r mut Vec<Repair>,
    ) -> Self {
        let header = Header::of(prompted.unwrap_or(Role::Assistant));
        Self { format, text, header, recipient_at: None, has_channel_marker: false, repairs }
    }

    pub(super) fn repair(&mut self, code: RepairCode, item: Item<'_>, note: impl Into<String>) {
        self.repairs.push(Repair::new(code, self.text.index(item.start), note));
    }

    /// Notes ids and bytes that are not text.
    pub(super) fn note_damage(&mut self, note: &str) {
        if let Some(index) = self.text.damage {
            self.repairs.push(Repair::new(RepairCode::UnknownToken, index, note));
        }
    }

    /// Notes a second `<|channel|>`: the last one that names a channel counts
    /// (vllm#31677, llama.cpp#21286).
    pub(super) fn read_channel_marker(&mut self, item: Item<'_>) {
        if self.has_channel_marker {
            let before = self.header.channel.as_deref().unwrap_or_default();
            let note = format!(
                "repeated `<|channel|>` after \"{before}\": the last channel named is used"
            );
            self.repair(RepairCode::RepeatedChannel, item, note);
        }
        self.has_channel_marker = true;
    }

    /// Notes a channel's name without `<|channel|>` before it (harmony#114).
    pub(super) fn note_misplaced_channel(&mut self, channel: &str, item: Item<'_>) {
        let note = format!("channel \"{channel}\" has no `<|channel|>` before it");
        self.repair(RepairCode::MisplacedChannel, item, note);
    }

    /// Names the recipient. The first one counts (sglang#35299), unless only this
    /// one is a name, or a known tool.
    pub(super) fn name_recipient(&mut self, name: &str, item: Item<'_>) {
        if self.recipient_at.is_some() {
            return self.repeat_recipient(name, item);
        }
        if name.is_empty() {
            return;
        }
        let bare = tool_within(self.format, name).unwrap_or_else(|| unquoted(name));
        let meant = in_functions(bare).filter(|_| !self.format.knows_tool(bare));
        let bare = meant.as_deref().unwrap_or(bare);
        if bare != name {
            let note = format!("recipient \"{name}\" is read as \"{bare}\"");
            self.repair(RepairCode::MisspeltRecipient, item, note);
        }
        self.header.recipient = Some(bare.to_owned());
        self.recipient_at = Some(item.start);
    }

    fn repeat_recipient(&mut self, name: &str, item: Item<'_>) {
        let first = self.header.recipient.as_deref().unwrap_or_default();
        let name = tool_within(self.format, name).unwrap_or(name);
        let is_clean = |name: &str| !name.is_empty() && name.chars().all(is_name_character);
        let worth = |name: &str| (is_clean(name), self.format.is_known_tool(name));
        if worth(name) > worth(first) {
            let note = format!("recipient \"{first}\" is not a known tool: \"{name}\" is used");
            self.repair(RepairCode::RepeatedRecipient, item, note);
            self.header.recipient = Some(name.to_owned());
        } else {
            let note = format!("repeated `to=`: the first recipient is used, not \"{name}\"");
            self.repair(RepairCode::RepeatedRecipient, item, note);
        }
    }

    /// An answer calls no tool: `to=assistant` or `to=user` on the final channel,
    /// or without a channel, is not a recipient.
    pub(super) fn drop_answers_recipient(&mut self) {
        let Header { role, channel, recipient, .. } = &self.header;
        let is_answer = channel.as_deref().is_none_or(|channel| channel == "final");
        let Some(at) = self.recipient_at.filter(|_| *role == Role::Assistant && is_answer) else {
            return;
        };
        let named = recipient.as_deref().and_then(role_of);
        if matches!(named, Some(Role::Assistant | Role::User)) {
            let note = "a role is not a tool: the message has no recipient";
            let index = self.text.index(at);
            self.repairs.push(Repair::new(RepairCode::EmptyRecipient, index, note));
            self.header.recipient = None;
        }
    }

    /// An answer is the assistant's: a word that is neither a role nor a tool is a
    /// misspelt role on the final channel (`model`, `bot`).
    pub(super) fn settle_author(&mut self) {
        let Header { role, name, channel, recipient, .. } = &self.header;
        let is_answer = channel.as_deref() == Some("final") && recipient.is_none();
        let name = name.as_deref().filter(|_| *role == Role::Tool && is_answer);
        let Some(name) = name.filter(|name| !self.format.looks_like_tool(name)) else { return };
        let note = format!("\"{name}\" is read as a role");
        self.repairs.push(Repair::new(RepairCode::MisspeltRole, self.text.index(0), note));
        self.header.role = Role::Assistant;
        self.header.name = None;
    }

    /// Splits a channel off the recipient's name (`to=functions.fcommentary`) if
    /// the header has no other: this is the renderer's header without its
    /// `<|channel|>`. `may_be` decides which names may have one.
    pub(super) fn split_channel(&mut self, may_be: impl Fn(&str, &str) -> bool) {
        let Some(at) = self.recipient_at.filter(|_| self.header.channel.is_none()) else { return };
        let Some(name) = self.header.recipient.take() else { return };
        let split = channel_suffix(&name)
            .filter(|(channel, bare)| may_be(channel, bare) && !self.format.knows_tool(&name));
        let bare = split.map_or(&name[..], |(_, bare)| bare).to_owned();
        if let Some((channel, _)) = split {
            let note = format!("\"{name}\" is read as \"{bare}\" and \"{channel}\"");
            let index = self.text.index(at);
            self.repairs.push(Repair::new(RepairCode::GluedWords, index, note));
            self.header.channel = Some(channel.to_owned());
        }
        self.header.recipient = Some(bare);
    }

    /// Splits a content type off the recipient's name (`functions.shelljson`)
    /// if the header has no other.
    pub(super) fn split_recipient(&mut self) {
        let Some(at) = self.recipient_at else { return };
        let Some(name) = self.header.recipient.take() else { return };
        let split = split_type(self.format, &name).filter(|_| self.header.content_type.is_none());
        if let Some((bare, content_type)) = split {
            let note = format!("\"{name}\" is read as \"{bare}\" and \"{content_type}\"");
            let index = self.text.index(at);
            self.repairs.push(Repair::new(RepairCode::GluedWords, index, note));
            self.header.content_type = Some(content_type.to_owned());
            self.header.recipient = Some(bare.to_owned());
        } else {
            self.header.recipient = Some(name);
        }
    }
}

/// The name of a known tool within a word, without the signs around it and
/// what they separate from it: `functions.f>{}</assistant`, `functions.f();`.
fn tool_within<'a>(format: &Format, word: &'a str) -> Option<&'a str> {
    let (name, _) = name_and_rest(word.trim_start_matches(is_sign));
    let name = name.trim_end_matches(is_sign);
    format.is_known_tool(name).then_some(name)
}

/// Whether a word certainly names a tool, perhaps with signs around it or a
/// content type glued to it.
pub(super) fn names_tool(format: &Format, word: &str) -> bool {
    format.looks_like_tool(word)
        || tool_within(format, word).is_some()
        || format.knows_tools() && split_type(format, word).is_some()
}

/// A name and the content type glued to it. The caller's list of tools settles
/// it; without a list, words such as `geocode` stay whole, and so does a type
/// set apart by a sign (`to_json`).
fn split_type<'a>(format: &Format, name: &'a str) -> Option<(&'a str, &'static str)> {
    if format.knows_tool(name) {
        return None;
    }
    CONTENT_TYPES.into_iter().find_map(|content_type| {
        let bare = name.strip_suffix(content_type)?;
        let bare = bare.strip_suffix(':').unwrap_or(bare);
        let is_guess = !format.knows_tools()
            && bare.ends_with(char::is_alphanumeric)
            && !WHOLE_WORDS.iter().any(|word| name.ends_with(word));
        (format.knows_tool(bare) || is_guess).then_some((bare, content_type))
    })
}

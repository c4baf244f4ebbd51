//! The fields of one header and the repairs made to them: the rules that hold
//! however the header ends, each with its note. [`super::finished`] and
//! [`super::unfinished`] decide which words are fields.

use super::{
    super::format::Format,
    super::words::{is_name_character, is_tool, unquoted, CONTENT_TYPES},
    header_text::{HeaderText, Item},
};
use crate::{
    chat::Role,
    events::{Header, Repair, RepairCode},
};

/// No name of a tool contains these: what follows the first of them is noise
/// from another format (`functions.f>{}</assistant`).
const NOISE: [char; 4] = ['<', '>', '{', '}'];
/// Words that end in a content type but are names as they are.
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
            let note = "repeated `<|channel|>`: the last channel named is used";
            self.repair(RepairCode::RepeatedChannel, item, note);
        }
        self.has_channel_marker = true;
    }

    /// Notes a channel's name without `<|channel|>` before it (harmony#114).
    pub(super) fn note_misplaced_channel(&mut self, channel: &str, item: Item<'_>) {
        let note = format!("channel \"{channel}\" has no `<|channel|>` before it");
        self.repair(RepairCode::MisplacedChannel, item, note);
    }

    /// Names the recipient. The first one counts (sglang#35299), unless it is
    /// noise and this one is a clean name.
    pub(super) fn name_recipient(&mut self, name: &str, item: Item<'_>) {
        if self.recipient_at.is_some() {
            return self.repeat_recipient(name, item);
        }
        if name.is_empty() {
            return;
        }
        let bare = without_noise(unquoted(name));
        if bare != name {
            let note = format!("recipient \"{name}\" is read as \"{bare}\"");
            self.repair(RepairCode::MisspeltRecipient, item, note);
        }
        self.header.recipient = Some(bare.to_owned());
        self.recipient_at = Some(item.start);
    }

    fn repeat_recipient(&mut self, name: &str, item: Item<'_>) {
        let first = self.header.recipient.as_deref().unwrap_or_default();
        let is_clean = |name: &str| !name.is_empty() && name.chars().all(is_name_character);
        if !is_clean(first) && is_clean(name) {
            let note = format!("recipient \"{first}\" is not a name: \"{name}\" is used");
            self.repair(RepairCode::RepeatedRecipient, item, note);
            self.header.recipient = Some(name.to_owned());
        } else {
            let note = format!("repeated `to=`: the first recipient is used, not \"{name}\"");
            self.repair(RepairCode::RepeatedRecipient, item, note);
        }
    }

    /// An answer is for the user: `to=assistant` on the final channel, or on
    /// none, names nobody.
    pub(super) fn drop_own_recipient(&mut self) {
        let Header { role, channel, recipient, .. } = &self.header;
        let is_answer = channel.as_deref().is_none_or(|channel| channel == "final");
        let Some(at) = self.recipient_at.filter(|_| *role == Role::Assistant && is_answer) else {
            return;
        };
        if recipient.as_deref() == Some(role.as_str()) {
            let note = "`to=assistant` from the assistant: the message has no recipient";
            let index = self.text.index(at);
            self.repairs.push(Repair::new(RepairCode::EmptyRecipient, index, note));
            self.header.recipient = None;
        }
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

/// A tool's name without what is glued to it from another format.
fn without_noise(name: &str) -> &str {
    let clean = name.split(NOISE).next().unwrap_or(name);
    if is_tool(clean) {
        clean
    } else {
        name
    }
}

/// A name and the content type glued to it. The caller's list of tools settles
/// it; without a list, words such as `geocode` stay whole, and so does a type
/// set apart by a sign (`to_json`).
pub(in crate::recover) fn split_type<'a>(
    format: &Format,
    name: &'a str,
) -> Option<(&'a str, &'static str)> {
    if format.knows_tool(name) {
        return None;
    }
    CONTENT_TYPES.into_iter().find_map(|content_type| {
        let bare = name.strip_suffix(content_type)?;
        let is_guess = !format.knows_tools()
            && bare.ends_with(char::is_alphanumeric)
            && !WHOLE_WORDS.iter().any(|word| name.ends_with(word));
        (format.knows_tool(bare) || is_guess).then_some((bare, content_type))
    })
}

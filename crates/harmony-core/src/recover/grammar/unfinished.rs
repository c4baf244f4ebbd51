//! A header that nothing proper ended: a stop token, the start of another
//! message, or the end of the input stands where `<|message|>` is due (one
//! answer in five of some deployments: frontend-crates#236, vllm#45736). What
//! is a field at its beginning stays one, all that follows is content.

use super::{
    super::format::Format,
    header_text::{HeaderText, Item, What},
    words::{
        after_role, author_of, channel_prefix, is_channel, is_content_type, is_known,
        name_and_rest, repeats_role, CHANNELS, RECIPIENT,
    },
};
use crate::{
    chat::Role,
    events::{Header, Repair, RepairCode},
};

/// Reads a header; `prompted` is the role, where the prompt has begun it.
/// Returns its fields and the content.
pub(in crate::recover) fn read(
    format: &Format,
    text: &HeaderText,
    prompted: Option<Role>,
    repairs: &mut Vec<Repair>,
) -> (Header, String) {
    let items: Vec<Item<'_>> = text.items(format).collect();
    let header = Header::of(prompted.clone().unwrap_or(Role::Assistant));
    let mut reader =
        Reader { format, text, items: &items, header, read: 0, has_channel: false, repairs };
    let is_done = match prompted {
        Some(_) => reader.read_prompted(),
        None => reader.read_role(),
    };
    if !is_done {
        while reader.read_item() {}
    }
    let (content, header) = (reader.content(), reader.header);
    if let Some(index) = text.damage {
        let note = "U+FFFD stands for what is no text";
        repairs.push(Repair::new(RepairCode::UnknownToken, index, note));
    }
    (header, content)
}

struct Reader<'a, 'r> {
    format: &'a Format,
    text: &'a HeaderText,
    /// The items that are not read.
    items: &'a [Item<'a>],
    header: Header,
    /// Up to where the text is read.
    read: usize,
    /// Whether there was a `<|channel|>`.
    has_channel: bool,
    repairs: &'r mut Vec<Repair>,
}

impl Reader<'_, '_> {
    /// Reads the next item up to `end`. Returns whether that is all of it.
    fn take(&mut self, end: usize) -> bool {
        self.read = end;
        let Some((first, rest)) = self.items.split_first() else { return false };
        self.items = rest;
        end == first.end()
    }

    /// The rest of the text as content. One space parts it from the fields.
    fn content(&self) -> String {
        let content = self.text.plain_from(self.read);
        let is_parted =
            self.read > 0 && !self.text.text[..self.read].ends_with(&self.format.message);
        let parted = content.strip_prefix(char::is_whitespace).filter(|_| is_parted);
        parted.map(str::to_owned).unwrap_or(content)
    }

    /// What may follow a role that the prompt has written. Returns whether the
    /// fields end there.
    fn read_prompted(&mut self) -> bool {
        let Some(&first) = self.items.first().filter(|first| first.what == What::Word) else {
            return false;
        };
        if let Some(name) = first.name.strip_prefix(':').filter(|_| first.start == 0) {
            self.header.name = Some(name.to_owned()).filter(|name| !name.is_empty());
            self.take(first.end());
        } else if repeats_role(first.name, &self.header.role) {
            self.take(first.end());
            self.read_channel_after_role();
        } else if let Some(rest) =
            after_role(first.name, &Role::Assistant).filter(|_| self.header.role == Role::Assistant)
        {
            return self.read_glued_channel(first, rest).unwrap_or(false);
        }
        false
    }

    /// The role of a header that stands whole in the completion. Returns
    /// whether the fields end there.
    fn read_role(&mut self) -> bool {
        let Some(&first) = self.items.first().filter(|first| first.what == What::Word) else {
            return false;
        };
        let word = first.name;
        if let Some((role, name)) = author_of(word) {
            (self.header.role, self.header.name) = (role, name);
        } else if let Some(rest) = after_role(word, &Role::Assistant) {
            let glued = self.read_glued_channel(first, rest);
            return glued.unwrap_or_else(|| !self.take(first.end() - rest.len()));
        } else if !is_known(word) && self.is_recipient(1) {
            self.header.role = Role::Tool;
            self.header.name = Some(word.to_owned());
        } else {
            return false;
        }
        let is_all = self.take(first.end());
        self.read_channel_after_role();
        !is_all
    }

    /// A role with the name of a channel glued to it, and what follows the name
    /// unless it goes on (`assistantfinally`). Returns whether the fields end
    /// there, if it is that.
    fn read_glued_channel(&mut self, item: Item<'_>, rest: &str) -> Option<bool> {
        let goes_on = |after: &str| after.starts_with(char::is_lowercase);
        let (channel, after) = channel_prefix(rest).filter(|(_, after)| !goes_on(after))?;
        self.name_misplaced_channel(channel, item);
        Some(!self.take(item.end() - after.len()))
    }

    /// The name of a channel after the role, with the answer after it.
    fn read_channel_after_role(&mut self) {
        let Some(&item) = self.items.first() else { return };
        if self.header.role == Role::Assistant && self.is_followed_by_content() {
            self.name_misplaced_channel(item.name, item);
            self.take(item.end());
        }
    }

    fn name_misplaced_channel(&mut self, channel: &str, item: Item<'_>) {
        self.header.channel = Some(channel.to_owned());
        let note = format!("\"{channel}\" is the name of a channel");
        self.repair(RepairCode::MisplacedChannel, item, note);
    }

    /// Whether the next item is a channel's name, and a word follows that is no
    /// recipient.
    fn is_followed_by_content(&self) -> bool {
        let is_name = |item: &Item<'_>| item.what == What::Word && is_channel(item.name);
        self.items.first().is_some_and(is_name)
            && self.items.get(1).is_some_and(|next| next.what == What::Word)
            && !self.is_recipient(1)
    }

    fn is_recipient(&self, number: usize) -> bool {
        let item = self.items.get(number);
        item.is_some_and(|item| item.what == What::Word && item.name.starts_with(RECIPIENT))
    }

    /// Reads one item, if it is a field. Returns whether the fields go on.
    fn read_item(&mut self) -> bool {
        let Some(&item) = self.items.first() else { return false };
        match item.what {
            What::Channel => self.read_channel(item),
            What::Constrain => self.read_constraint(item),
            What::Word if item.name.starts_with(RECIPIENT) => self.read_recipient(item),
            What::Word if repeats_role(item.name, &self.header.role) => self.take(item.end()),
            What::Word => self.read_word(item),
            What::Message => {
                self.take(item.end());
                false
            }
            What::Markup => self.text.is_special(item.start) && self.take(item.end()),
        }
    }

    fn read_channel(&mut self, item: Item<'_>) -> bool {
        if self.has_channel {
            self.repair(RepairCode::RepeatedChannel, item, "the last channel that is named counts");
        }
        self.has_channel = true;
        let name = item.name;
        let is_cut_off = |channel: &&str| self.items.len() == 1 && channel.starts_with(name);
        if name.is_empty() {
            return self.read_empty_channel(item);
        }
        if is_channel(name) || CHANNELS.iter().any(is_cut_off) {
            self.header.channel = Some(name.to_owned());
            self.take(item.end())
        } else if let Some((channel, rest)) = channel_prefix(name) {
            self.header.channel = Some(channel.to_owned());
            self.take(item.end() - rest.len())
        } else {
            self.take(item.at);
            false
        }
    }

    fn read_empty_channel(&mut self, item: Item<'_>) -> bool {
        self.take(item.end());
        let next = self.items.first().copied();
        if let Some(next) = next.filter(|next| next.what == What::Word && is_channel(next.name)) {
            self.header.channel = Some(next.name.to_owned());
            return self.take(next.end());
        }
        true
    }

    fn read_constraint(&mut self, item: Item<'_>) -> bool {
        let next = self.items.get(1).copied();
        let is_type = |next: &Item<'_>| is_content_type(name_and_rest(next.name).0);
        let next =
            next.filter(|next| item.name.is_empty() && next.what == What::Word && is_type(next));
        if next.is_some() {
            self.take(item.end());
        }
        let named = next.unwrap_or(item);
        let (name, rest) = name_and_rest(named.name);
        if !name.is_empty() {
            self.header.content_type = Some(format!("{}{name}", self.format.constrain));
        }
        self.take(named.end() - rest.len())
    }

    fn read_recipient(&mut self, item: Item<'_>) -> bool {
        let is_apart = item.name == RECIPIENT;
        let next = self.items.get(1).copied().filter(|next| is_apart && next.what == What::Word);
        if next.is_some() {
            self.take(item.end());
        }
        let named = next.map_or(&item.name[RECIPIENT.len()..], |next| next.name);
        let (name, rest) = name_and_rest(named);
        if self.header.recipient.is_some() {
            let note = format!("the first recipient counts, not \"{name}\"");
            self.repair(RepairCode::RepeatedRecipient, item, note);
        } else if !name.is_empty() {
            self.header.recipient = Some(name.to_owned());
        }
        self.take(next.unwrap_or(item).end() - rest.len())
    }

    /// A content type before what it speaks of, or a channel's name with
    /// nothing but fields after it; any other word is content.
    fn read_word(&mut self, item: Item<'_>) -> bool {
        let (name, rest) = name_and_rest(item.name);
        let follows = self.text.text[item.start + name.len()..].trim_start();
        let is_data = name == "json" && follows.starts_with(['{', '[']);
        if is_content_type(name) && (self.header.recipient.is_some() || is_data) {
            self.header.content_type = Some(name.to_owned());
            return self.take(item.end() - rest.len());
        }
        let is_plain =
            |next: &Item<'_>| next.what == What::Word && !next.name.starts_with(RECIPIENT);
        if !is_channel(item.name) || self.items.get(1).is_some_and(is_plain) {
            return false;
        }
        if self.header.channel.is_none() {
            self.header.channel = Some(item.name.to_owned());
        }
        self.take(item.end())
    }

    fn repair(&mut self, code: RepairCode, item: Item<'_>, note: impl Into<String>) {
        self.repairs.push(Repair::new(code, self.text.index(item.start), note));
    }
}

//! A header that `<|message|>` ends: every word of it is header. The words
//! become fields as in upstream; where upstream refuses or misreads the words of
//! a model or of its own renderer, the rules of docs/recovery.md apply.

use super::{
    super::format::Format,
    super::words::{
        after_role, author_of, begins_name, channel_prefix, dirty_role, glued_channel, is_channel,
        is_content_type, is_glued, is_known, is_namespace, is_sign, misspelt_channel,
        misspelt_recipient, repeated_content_type, role_of, RECIPIENT,
    },
    fields::Fields,
    header_text::{HeaderText, Item, What},
    undecided::{Bare, ContentType, Undecided},
};
use crate::{
    chat::Role,
    events::{Header, Repair, RepairCode},
};

/// Reads a header; `prompted` is the role if the prompt wrote it.
pub(in crate::recover) fn read(
    format: &Format,
    text: &HeaderText,
    prompted: Option<Role>,
    repairs: &mut Vec<Repair>,
) -> Header {
    let items: Vec<Item<'_>> = text.items(format).collect();
    let is_prompted = prompted.is_some();
    let mut reader = Reader {
        fields: Fields::of(format, text, prompted, repairs),
        has_named_channel: false,
        bare: Vec::new(),
        types: Vec::new(),
    };
    let items = reader.skip_start(&items);
    let rest = reader.read_role(items, is_prompted);
    reader.read_items(rest);
    let Reader { fields, bare, types, .. } = reader;
    Undecided { fields, bare, types }.decide()
}

struct Reader<'a, 'r> {
    fields: Fields<'a, 'r>,
    has_named_channel: bool,
    bare: Vec<Bare<'a>>,
    types: Vec<ContentType<'a>>,
}

impl<'a> Reader<'a, '_> {
    fn repair(&mut self, code: RepairCode, item: Item<'_>, note: impl Into<String>) {
        self.fields.repair(code, item, note);
    }

    /// Skips `<|start|>` spelled in ordinary tokens at the beginning.
    fn skip_start<'i>(&mut self, items: &'i [Item<'a>]) -> &'i [Item<'a>] {
        match items.split_first() {
            Some((&first, rest)) if self.spelled(first) == self.fields.format.start => {
                self.note_markup(first);
                rest
            }
            _ => items,
        }
    }

    fn note_markup(&mut self, item: Item<'_>) {
        let note = format!("\"{}\" has no meaning in a header", self.spelled(item));
        self.repair(RepairCode::MarkupInHeader, item, note);
    }

    /// Reads the role and the name; returns the other items.
    fn read_role<'i>(&mut self, items: &'i [Item<'a>], is_prompted: bool) -> &'i [Item<'a>] {
        let Some((&first, rest)) =
            items.split_first().filter(|(first, _)| first.what == What::Word)
        else {
            return items;
        };
        let word = first.name;
        let is_read = if is_prompted {
            self.read_prompted(word, first.start == 0)
        } else {
            self.read_written(word, first)
        };
        match (is_read, &self.fields.header.role) {
            (false, _) => items,
            (true, Role::Tool) => rest,
            (true, _) if self.fields.header.name.is_some() => self.read_rest_of_name(rest),
            (true, _) => rest,
        }
    }

    /// The first word after a role that the prompt wrote.
    fn read_prompted(&mut self, word: &str, is_glued: bool) -> bool {
        let header = &mut self.fields.header;
        let is_tool = header.role == Role::Tool && !word.starts_with(RECIPIENT);
        header.name = match word.strip_prefix(':').filter(|_| is_glued) {
            Some("") => return true,
            Some(name) => Some(name.to_owned()),
            None if is_tool => Some(word.to_owned()),
            None => return false,
        };
        true
    }

    /// The first word of a header that is entirely in the completion.
    fn read_written(&mut self, word: &str, item: Item<'_>) -> bool {
        if let Some((role, name)) = author_of(word) {
            (self.fields.header.role, self.fields.header.name) = (role, name);
        } else if let Some(rest) = after_role(word, &Role::Assistant).filter(is_glued) {
            self.read_glued(rest, item);
        } else if let Some(role) = role_of(&word.to_lowercase()).or_else(|| dirty_role(word)) {
            self.fields.header.role = role;
            let note = format!("\"{word}\" is read as a role");
            self.repair(RepairCode::MisspeltRole, item, note);
        } else if word.starts_with(RECIPIENT) || is_channel(word) {
            return false;
        } else {
            // The renderer writes a tool's name where others write their role.
            self.fields.header.role = Role::Tool;
            self.fields.header.name = Some(word.to_owned());
        }
        true
    }

    /// The text glued to a role: nothing, `to=…`, or the name of a channel.
    fn read_glued(&mut self, rest: &str, item: Item<'_>) {
        if let Some(name) = rest.strip_prefix(RECIPIENT) {
            self.repair(RepairCode::GluedWords, item, "`to=` is glued to the word before it");
            self.fields.name_recipient(name, item);
        } else if !rest.is_empty() {
            self.name_misplaced_channel(rest, item);
        }
    }

    /// The renderer writes a name with its spaces: `user:Ann Lee`.
    fn read_rest_of_name<'i>(&mut self, items: &'i [Item<'a>]) -> &'i [Item<'a>] {
        let is_name = |item: &Item<'_>| item.what == What::Word && !is_known(item.name);
        let length = items.iter().position(|item| !is_name(item)).unwrap_or(items.len());
        let (more, rest) = items.split_at(length);
        for item in more {
            let name = self.fields.header.name.get_or_insert_default();
            name.push(' ');
            name.push_str(item.name);
        }
        rest
    }

    fn read_items(&mut self, items: &[Item<'a>]) {
        let mut items = items.iter().copied().peekable();
        let mut follows_recipient = false;
        while let Some(item) = items.next() {
            let next = items.peek().copied().filter(|next| next.what == What::Word);
            let had_recipient = self.fields.recipient_at.is_some();
            follows_recipient &= item.what == What::Word && begins_name(item.name);
            let takes_next = match item.what {
                What::Channel => self.read_channel(item, next),
                What::Constrain => self.read_constraint(item, next),
                What::Word if item.name.starts_with(RECIPIENT) => {
                    follows_recipient = false;
                    self.read_recipient(item, next)
                }
                What::Word => {
                    self.read_word(item, follows_recipient);
                    false
                }
                What::Message | What::Markup => {
                    self.note_markup(item);
                    false
                }
            };
            if takes_next {
                items.next();
            }
            follows_recipient |= !had_recipient && self.fields.recipient_at.is_some();
        }
    }

    fn spelled(&self, item: Item<'_>) -> &'a str {
        &self.fields.text.text[item.start..item.end()]
    }

    /// Whether a word is a name and not another field.
    fn is_plain(&self, item: Item<'_>) -> bool {
        !item.name.starts_with(RECIPIENT) && !is_content_type(item.name)
    }

    /// Returns whether the next word is the channel's name.
    fn read_channel(&mut self, item: Item<'a>, next: Option<Item<'a>>) -> bool {
        self.fields.read_channel_marker(item);
        let name = item.name;
        if !name.is_empty() {
            self.name_channel(name, item);
            return false;
        }
        let name = next.filter(|next| self.is_plain(*next));
        let note = match name {
            Some(name) => format!("\"{}\" is read as the channel", name.name),
            None => "`<|channel|>` without a name: it sets no channel".to_owned(),
        };
        self.repair(RepairCode::EmptyChannel, item, note);
        if let Some(name) = name {
            self.name_channel(name.name, name);
        }
        name.is_some()
    }

    fn name_channel(&mut self, name: &'a str, item: Item<'a>) {
        let format = self.fields.format;
        let may_be_tool = self.fields.header.role == Role::Assistant
            && self.fields.recipient_at.is_none()
            && format.is_known_tool(name);
        if may_be_tool || name.starts_with(RECIPIENT) {
            let note = format!("\"{name}\" is not a channel: it is read as the recipient");
            self.repair(RepairCode::EmptyChannel, item, note);
            return self.fields.name_recipient(name.strip_prefix(RECIPIENT).unwrap_or(name), item);
        }
        self.has_named_channel = true;
        let is_tool =
            |(_, rest): &(&str, &str)| format.is_known_tool(rest.trim_start_matches(is_sign));
        let glued = glued_channel(name).or_else(|| channel_prefix(name).filter(is_tool));
        let Some((channel, rest)) = glued else {
            let known = misspelt_channel(name);
            if let Some(known) = known {
                let note = format!("channel \"{name}\" is read as \"{known}\"");
                self.repair(RepairCode::MisspeltChannel, item, note);
            }
            self.fields.header.channel = Some(known.unwrap_or(name).to_owned());
            return;
        };
        self.fields.header.channel = Some(channel.to_owned());
        let note = format!("\"{name}\" is more than one word");
        self.repair(RepairCode::GluedWords, item, note);
        let rest = rest.trim_start_matches(is_sign);
        match rest.strip_prefix(RECIPIENT) {
            Some(recipient) => self.fields.name_recipient(recipient, item),
            None if format.is_known_tool(rest) => self.fields.name_recipient(rest, item),
            None if !rest.is_empty() => self.types.push(ContentType::bare(rest, item)),
            None => {}
        }
    }

    fn name_misplaced_channel(&mut self, name: &str, item: Item<'_>) {
        if !self.has_named_channel {
            self.fields.header.channel = Some(name.to_owned());
        }
        self.fields.note_misplaced_channel(name, item);
    }

    /// Returns whether the next word is the content type.
    fn read_constraint(&mut self, item: Item<'a>, next: Option<Item<'a>>) -> bool {
        let next = next.filter(|next| item.name.is_empty() && self.is_type(*next));
        let name = next.map_or(item.name, |next| next.name);
        if next.is_some() {
            let note = format!("\"{name}\" is read as the content type");
            self.repair(RepairCode::MisplacedContentType, item, note);
        }
        if !name.is_empty() {
            let name = self.known_type(name, item).unwrap_or(name);
            self.types.push(ContentType {
                name: format!("{}{name}", self.fields.format.constrain),
                item,
                is_constrained: true,
                is_known: is_content_type(name),
            });
        }
        next.is_some()
    }

    /// The known content type that a word is, once or several times.
    fn known_type(&mut self, word: &'a str, item: Item<'_>) -> Option<&'a str> {
        if is_content_type(word) {
            return Some(word);
        }
        let known = repeated_content_type(word)?;
        let note = format!("\"{word}\" is \"{known}\" several times");
        self.repair(RepairCode::GluedWords, item, note);
        Some(known)
    }

    fn is_type(&self, item: Item<'_>) -> bool {
        !item.name.starts_with(RECIPIENT) && !is_channel(item.name)
    }

    /// Returns whether the next word is the recipient's name.
    fn read_recipient(&mut self, item: Item<'a>, next: Option<Item<'a>>) -> bool {
        let name = &item.name[RECIPIENT.len()..];
        if is_namespace(name) && !self.fields.format.knows_tool(name) {
            return self.read_function(name, item, next);
        }
        if !name.is_empty() {
            self.fields.name_recipient(name, item);
            return false;
        }
        let next = next.filter(|next| self.is_plain(*next));
        let note = match next {
            Some(next) => format!("\"{}\" is read as the recipient", next.name),
            None => "`to=` without a name: it sets no recipient".to_owned(),
        };
        self.repair(RepairCode::EmptyRecipient, item, note);
        if let Some(next) = next {
            self.fields.name_recipient(next.name, next);
        }
        next.is_some()
    }

    /// A namespace without a function (`to=functions.`). Returns whether the next
    /// word is the function's name.
    fn read_function(&mut self, namespace: &str, item: Item<'a>, next: Option<Item<'a>>) -> bool {
        let next = next.filter(|next| begins_name(next.name) && !is_known(next.name));
        let Some(next) = next else {
            let note = format!("recipient \"{namespace}\" does not name a function");
            self.repair(RepairCode::EmptyRecipient, item, note);
            self.fields.name_recipient(namespace, item);
            return false;
        };
        let name = format!("{}.{}", namespace.trim_end_matches('.'), next.name);
        let note = format!("words after `to=`: the recipient is read as \"{name}\"");
        self.repair(RepairCode::SpacedRecipient, next, note);
        self.fields.name_recipient(&name, item);
        true
    }

    fn read_word(&mut self, item: Item<'a>, follows_recipient: bool) {
        let word = item.name;
        let role = Some(&self.fields.header.role).filter(|role| **role != Role::Tool);
        let glued = role.and_then(|role| after_role(word, role)).filter(is_glued);
        if let Some(rest) = glued {
            self.read_glued(rest, item);
        } else if is_channel(word) {
            self.name_misplaced_channel(word, item);
        } else if let Some(known) = self.known_type(word, item) {
            self.types.push(ContentType::bare(known, item));
        } else if let Some(name) = misspelt_recipient(word) {
            let note = format!("\"{word}\" is read as a recipient");
            self.repair(RepairCode::MisspeltRecipient, item, note);
            self.fields.name_recipient(name, item);
        } else {
            self.bare.push(Bare { item, follows_recipient });
        }
    }
}

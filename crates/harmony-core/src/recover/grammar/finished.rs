//! A header that `<|message|>` ended. Its words become fields as upstream
//! reads them; where upstream would refuse, or misread what a model or its own
//! renderer wrote, the rules of docs/recovery.md decide.

use super::{
    super::format::Format,
    header_text::{HeaderText, Item, What},
    settle::{Bare, ContentType},
    words::{
        after_colon, after_role, author_of, begins_name, glued_channel, is_channel,
        is_content_type, is_glued, is_known, misspelt_channel, repeated_content_type, role_of,
        unquoted, RECIPIENT,
    },
};
use crate::{
    chat::Role,
    events::{Header, Repair, RepairCode},
};

/// Reads a header; `prompted` is the role, where the prompt has begun it.
pub(in crate::recover) fn read(
    format: &Format,
    text: &HeaderText,
    prompted: Option<Role>,
    repairs: &mut Vec<Repair>,
) -> Header {
    let items: Vec<Item<'_>> = text.items(format).collect();
    let mut reader = Reader {
        format,
        text,
        header: Header::of(Role::Assistant),
        channels: Channels::default(),
        bare: Vec::new(),
        types: Vec::new(),
        recipient_at: None,
        repairs,
    };
    let rest = reader.read_role(&items, prompted);
    reader.read_items(rest);
    let header = reader.settle();
    if let Some(index) = text.damage {
        let note = "what is no text is left out of the header";
        repairs.push(Repair::new(RepairCode::UnknownToken, index, note));
    }
    header
}

/// The channels that are named.
#[derive(Default)]
struct Channels {
    /// How many `<|channel|>` there are.
    marked: usize,
    /// Whether one of them has named a channel.
    is_named: bool,
}

/// Reads one header.
pub(super) struct Reader<'a, 'r> {
    format: &'a Format,
    pub(super) text: &'a HeaderText,
    pub(super) header: Header,
    channels: Channels,
    /// The words that nothing marks.
    pub(super) bare: Vec<Bare<'a>>,
    /// The content types that it may mean.
    pub(super) types: Vec<ContentType<'a>>,
    /// Where the recipient's `to=` starts.
    pub(super) recipient_at: Option<usize>,
    repairs: &'r mut Vec<Repair>,
}

impl<'a> Reader<'a, '_> {
    pub(super) fn repair(&mut self, code: RepairCode, item: Item<'_>, note: impl Into<String>) {
        self.repairs.push(Repair::new(code, self.text.index(item.start), note));
    }

    /// Reads the role and the name; what is left.
    fn read_role<'i>(&mut self, items: &'i [Item<'a>], prompted: Option<Role>) -> &'i [Item<'a>] {
        let is_prompted = prompted.is_some();
        self.header.role = prompted.unwrap_or(Role::Assistant);
        let Some((&first, rest)) =
            items.split_first().filter(|(first, _)| first.what == What::Word)
        else {
            return items;
        };
        let word = first.name;
        let taken = if is_prompted {
            self.read_prompted(word, first.start == 0)
        } else {
            self.read_written(word, first)
        };
        match (taken, &self.header.role) {
            (false, _) => items,
            (true, Role::Tool) => rest,
            (true, _) if self.header.name.is_some() => self.read_rest_of_name(rest),
            (true, _) => rest,
        }
    }

    /// The first word after a role that the prompt has written.
    fn read_prompted(&mut self, word: &str, is_glued: bool) -> bool {
        let is_tool = self.header.role == Role::Tool && !word.starts_with(RECIPIENT);
        self.header.name = match word.strip_prefix(':').filter(|_| is_glued) {
            Some("") => return true,
            Some(name) => Some(name.to_owned()),
            None if is_tool => Some(word.to_owned()),
            None => return false,
        };
        true
    }

    /// The first word of a header that stands whole in the completion.
    fn read_written(&mut self, word: &str, item: Item<'_>) -> bool {
        if let Some((role, name)) = author_of(word) {
            (self.header.role, self.header.name) = (role, name);
        } else if let Some(rest) = after_role(word, &Role::Assistant).filter(is_glued) {
            self.read_glued(rest, item);
        } else if let Some(role) = role_of(&word.to_lowercase()) {
            self.header.role = role;
            let note = format!("\"{word}\" is read as a role");
            self.repair(RepairCode::MisspeltRole, item, note);
        } else if word.starts_with(RECIPIENT) || is_channel(word) {
            return false;
        } else {
            // The renderer writes a tool's name where others write their role.
            self.header.role = Role::Tool;
            self.header.name = Some(word.to_owned());
        }
        true
    }

    /// What is glued to a role: nothing, `to=…`, or the name of a channel.
    fn read_glued(&mut self, rest: &str, item: Item<'_>) {
        if let Some(name) = rest.strip_prefix(RECIPIENT) {
            self.repair(RepairCode::GluedWords, item, "`to=` is glued to the word before it");
            self.name_recipient(name, item);
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
            let name = self.header.name.get_or_insert_default();
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
            let had_recipient = self.recipient_at.is_some();
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
                    let note = format!("\"{}\" has no meaning in a header", self.spelled(item));
                    self.repair(RepairCode::MarkupInHeader, item, note);
                    false
                }
            };
            if takes_next {
                items.next();
            }
            let is_named_now = !had_recipient && self.recipient_at.is_some();
            follows_recipient |= is_named_now;
        }
    }

    fn spelled(&self, item: Item<'_>) -> &'a str {
        &self.text.text[item.start..item.end()]
    }

    /// Whether a word is a name, and nothing else that a header may hold.
    fn is_plain(&self, item: Item<'_>) -> bool {
        !item.name.starts_with(RECIPIENT) && !is_content_type(item.name)
    }

    /// The last `<|channel|>` that names a channel counts (vllm#31677,
    /// llama.cpp#21286). Returns whether the next word is its name.
    fn read_channel(&mut self, item: Item<'a>, next: Option<Item<'a>>) -> bool {
        self.channels.marked += 1;
        if self.channels.marked > 1 {
            self.repair(RepairCode::RepeatedChannel, item, "the last channel that is named counts");
        }
        let name = item.name;
        if !name.is_empty() {
            self.name_channel(name, item);
            return false;
        }
        let name = next.filter(|next| self.is_plain(*next));
        let note = match name {
            Some(name) => format!("\"{}\" is read as the channel", name.name),
            None => "the message has no channel by it".to_owned(),
        };
        self.repair(RepairCode::EmptyChannel, item, note);
        if let Some(name) = name {
            self.name_channel(name.name, name);
        }
        name.is_some()
    }

    fn name_channel(&mut self, name: &'a str, item: Item<'a>) {
        self.channels.is_named = true;
        let Some((channel, rest)) = glued_channel(name) else {
            let known = misspelt_channel(name);
            if let Some(known) = known {
                let note = format!("\"{name}\" is read as \"{known}\"");
                self.repair(RepairCode::MisspeltChannel, item, note);
            }
            self.header.channel = Some(known.unwrap_or(name).to_owned());
            return;
        };
        self.header.channel = Some(channel.to_owned());
        let note = format!("\"{name}\" is more than one word");
        self.repair(RepairCode::GluedWords, item, note);
        match rest.strip_prefix(RECIPIENT) {
            Some(recipient) => self.name_recipient(recipient, item),
            None if !rest.is_empty() => self.types.push(ContentType::bare(rest, item)),
            None => {}
        }
    }

    /// A channel's name where no `<|channel|>` is before it (harmony#114).
    fn name_misplaced_channel(&mut self, name: &str, item: Item<'_>) {
        if !self.channels.is_named {
            self.header.channel = Some(name.to_owned());
        }
        let note = format!("\"{name}\" is the name of a channel");
        self.repair(RepairCode::MisplacedChannel, item, note);
    }

    /// Returns whether the next word is what the content is constrained to.
    fn read_constraint(&mut self, item: Item<'a>, next: Option<Item<'a>>) -> bool {
        let next = next.filter(|next| item.name.is_empty() && self.is_type(*next));
        let name = next.map_or(item.name, |next| next.name);
        if next.is_some() {
            let note = format!("\"{name}\" is read as the content type");
            self.repair(RepairCode::MisplacedContentType, item, note);
        }
        if !name.is_empty() {
            let known = repeated_content_type(name);
            if let Some(known) = known {
                let note = format!("\"{name}\" is \"{known}\" several times");
                self.repair(RepairCode::GluedWords, item, note);
            }
            let name = known.unwrap_or(name);
            self.types.push(ContentType {
                name: format!("{}{name}", self.format.constrain),
                item,
                is_constrained: true,
                is_known: is_content_type(name),
            });
        }
        next.is_some()
    }

    fn is_type(&self, item: Item<'_>) -> bool {
        !item.name.starts_with(RECIPIENT) && !is_channel(item.name)
    }

    /// The first recipient counts (sglang#35299). Returns whether the next
    /// word is its name.
    fn read_recipient(&mut self, item: Item<'a>, next: Option<Item<'a>>) -> bool {
        let name = &item.name[RECIPIENT.len()..];
        if !name.is_empty() {
            self.name_recipient(name, item);
            return false;
        }
        let next = next.filter(|next| self.is_plain(*next));
        let note = match next {
            Some(next) => format!("\"{}\" is read as the recipient", next.name),
            None => "the message has no recipient by it".to_owned(),
        };
        self.repair(RepairCode::EmptyRecipient, item, note);
        if let Some(next) = next {
            self.name_recipient(next.name, next);
        }
        next.is_some()
    }

    fn name_recipient(&mut self, name: &str, item: Item<'_>) {
        if self.recipient_at.is_some() {
            let note = format!("the first recipient counts, not \"{name}\"");
            self.repair(RepairCode::RepeatedRecipient, item, note);
        } else if !name.is_empty() {
            let bare = unquoted(name);
            if bare != name {
                let note = format!("\"{name}\" is read as \"{bare}\"");
                self.repair(RepairCode::MisspeltRecipient, item, note);
            }
            self.header.recipient = Some(bare.to_owned());
            self.recipient_at = Some(item.start);
        }
    }

    fn read_word(&mut self, item: Item<'a>, follows_recipient: bool) {
        let word = item.name;
        let role = Some(&self.header.role).filter(|role| **role != Role::Tool);
        let glued = role.and_then(|role| after_role(word, role)).filter(is_glued);
        if let Some(rest) = glued {
            self.read_glued(rest, item);
        } else if is_channel(word) {
            self.name_misplaced_channel(word, item);
        } else if is_content_type(word) {
            self.types.push(ContentType::bare(word, item));
        } else if let Some(name) = after_colon(word) {
            let note = format!("\"{word}\" is read as a recipient");
            self.repair(RepairCode::MisspeltRecipient, item, note);
            self.name_recipient(name, item);
        } else {
            self.bare.push(Bare { item, follows_recipient });
        }
    }
}

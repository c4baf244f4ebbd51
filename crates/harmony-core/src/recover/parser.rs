//! The state machine. A start is expected ([`State::Between`]), a header is
//! being gathered ([`State::Header`]), or content is being read
//! ([`State::Content`]):
//!
//! ```text
//!             <|start|>, <|channel|>, <|message|>, words of a header
//!   Between ─────────────────────────────────────────────────────────▶ Header
//!    ▲   │  prose                                                        │
//!    │   └──────────────────────────▶ Content ◀───────────────────────────┘
//!    │      a stop token or the end      │           <|message|>
//!    └───────────────────────────────────┘
//! ```
//!
//! A header that ends without `<|message|>` is a message all the same, and
//! leads back to `Between`. So does content at `<|start|>` or `<|channel|>`:
//! the token is then taken as the first of the next message.

use super::{
    between::{Pending, Verdict},
    content::OpenContent,
    format::{Format, Kind},
    grammar::{finished, unfinished, HeaderText, OpenHeader},
    plain::{starts, Start},
    strays::Strays,
    Recovered, RecoveredMessage,
};
use crate::{
    chat::Role,
    encoding::HarmonyEncoding,
    events::{Event, Header, Output, Repair, RepairCode},
    tokenizer::Rank,
};
use std::mem::take;

/// A parser that never refuses a token.
pub struct Parser {
    format: Format,
    state: State,
    /// How many tokens have been taken in: the position of the current one.
    position: usize,
    strays: Strays,
    output: Output,
    /// Whether a special token precedes the current one. A completion of words
    /// alone is text, which [`super::parse_text`] reads.
    has_markup: bool,
    /// Room for the bytes of content.
    bytes: Vec<u8>,
}

enum State {
    Between(Pending),
    Header(OpenHeader),
    Content(OpenContent),
}

impl State {
    fn start(role: Option<Role>) -> Self {
        role.map_or_else(Self::default, |role| Self::Header(OpenHeader::prompted(role)))
    }
}

impl Default for State {
    fn default() -> Self {
        Self::Between(Pending::default())
    }
}

impl Parser {
    /// A parser for what follows a prompt that has begun the header of `role`,
    /// or for whole messages.
    pub fn new(encoding: &HarmonyEncoding, role: Option<Role>) -> Self {
        Self {
            format: Format::of(encoding),
            state: State::start(role),
            position: 0,
            strays: Strays::default(),
            output: Output::default(),
            has_markup: false,
            bytes: Vec::new(),
        }
    }

    /// The same parser for a caller that names its tools: the names settle which
    /// words are recipients and where a name ends.
    pub fn with_tools(self, tools: &[String]) -> Self {
        Self { format: self.format.with_tools(tools), ..self }
    }

    /// The same parser for text, in which words may be headers from the start.
    pub(super) fn for_text(self) -> Self {
        Self { has_markup: true, ..self }
    }

    /// Restarts after a prompt that ends with the header of `role` and `prefix`;
    /// without a role, `prefix` may be the whole prompt. If the prompt began a
    /// message, the completion continues it: the message and the first events
    /// include the prompt's part of its content. Positions are those of the
    /// completion.
    pub fn begin(&mut self, role: Option<Role>, prefix: &[Rank]) {
        self.state = State::start(role);
        (self.position, self.has_markup) = (0, false);
        self.output = Output::default();
        self.take_in(prefix);
        match &mut self.state {
            State::Header(header) => header.give(),
            State::Content(content) if !content.is_headless => {
                self.output.add(|delta| content.release_ends(&self.format, delta));
            }
            State::Between(_) | State::Content(_) => self.state = State::default(),
        }
        self.strays = Strays::default();
        self.output.give(prefix.len(), matches!(self.state, State::Content(_)));
    }

    /// Takes in tokens; what they tell replaces `events`.
    pub fn push(&mut self, tokens: &[Rank], events: &mut Vec<Event>) {
        self.take_in(tokens);
        self.output.take(events);
    }

    /// Takes in the end of the completion; what it tells replaces `events`.
    /// The parser then expects a start.
    pub fn end(&mut self, events: &mut Vec<Event>) {
        self.drop_last_header();
        self.close(None);
        self.end_stray();
        self.output.take(events);
    }

    /// Reads a whole completion.
    pub(super) fn read(mut self, tokens: &[Rank]) -> Recovered {
        let (mut events, mut last) = (Vec::new(), Vec::new());
        self.push(tokens, &mut events);
        self.end(&mut last);
        Recovered::of(events.into_iter().chain(last))
    }

    /// Whether a header has begun that has not ended.
    pub fn is_in_header(&self) -> bool {
        matches!(self.state, State::Header(_))
    }

    /// Whether a message has begun that has not ended.
    pub fn has_begun(&self) -> bool {
        !matches!(self.state, State::Between(_))
    }

    fn take_in(&mut self, tokens: &[Rank]) {
        let mut rest = tokens;
        while let Some((&token, after)) = rest.split_first() {
            match self.read_content(rest) {
                0 => {
                    self.step(token);
                    self.position += 1;
                    rest = after;
                }
                read => rest = &rest[read..],
            }
        }
    }

    fn step(&mut self, token: Rank) {
        let kind = self.format.kind(token);
        let ends = matches!(kind, Kind::Stop | Kind::EndOfText);
        self.has_markup |= kind != Kind::Text && !ends;
        match self.state {
            State::Between(_) => self.step_between(token, kind),
            State::Header(_) => self.step_header(token, kind),
            State::Content(_) => self.step_content(token, kind),
        }
        self.has_markup |= ends;
    }

    // A start is expected.

    fn step_between(&mut self, token: Rank, kind: Kind) {
        match kind {
            Kind::Text => self.step_text(token),
            Kind::Start => {
                self.close(None);
                self.begin_header(self.position, vec![token]);
            }
            Kind::Stop | Kind::EndOfText => self.stop_between(token, kind),
            Kind::Channel | Kind::Constrain | Kind::Message => {
                match self.pending_verdict() {
                    Verdict::Header => self.open_pending_header(self.position),
                    _ => {
                        self.close(None);
                        let header = OpenHeader::of(self.position, self.position, Vec::new());
                        self.state = State::Header(header);
                    }
                }
                self.step_header(token, kind);
            }
        }
    }

    /// What is pending, now that nothing of it follows.
    fn pending_verdict(&mut self) -> Verdict {
        match &mut self.state {
            State::Between(pending) => pending.decide(),
            _ => Verdict::Blank,
        }
    }

    fn stop_between(&mut self, token: Rank, kind: Kind) {
        if kind == Kind::Stop && self.pending_verdict() != Verdict::Blank {
            self.close(Some(token));
        } else {
            self.drop_with(token);
        }
    }

    fn step_text(&mut self, token: Rank) {
        let State::Between(pending) = &mut self.state else { return };
        let Some(bytes) = self.format.text_bytes(token) else {
            // A special token without a meaning, or an id that is none: within
            // text it is a part of it, alone it says nothing.
            if pending.decide() == Verdict::Blank {
                return self.drop_with(token);
            }
            self.open_pending_text(self.position);
            return self.add_special(token);
        };
        match pending.push(token, bytes) {
            Verdict::Blank | Verdict::Open => {}
            Verdict::Header => self.open_pending_header(self.position + 1),
            Verdict::Text => self.open_pending_text(self.position + 1),
        }
    }

    /// Ends what is pending; this token after it is a stray.
    fn drop_with(&mut self, token: Rank) {
        self.close(None);
        self.strays.add(self.position, [token]);
    }

    /// Makes a header of what is pending, which ends before `end`.
    fn open_pending_header(&mut self, end: usize) {
        let State::Between(pending) = &mut self.state else { return };
        let tokens = take(&mut pending.tokens);
        let start = end - tokens.len();
        self.state = State::Header(OpenHeader::of(start, start, tokens));
    }

    /// Makes a message of what is pending, which ends before `end`.
    fn open_pending_text(&mut self, end: usize) {
        let State::Between(pending) = &mut self.state else { return };
        let Pending { tokens, text, decoder, .. } = take(pending);
        let start = end - tokens.len();
        let note = "text where a start is expected is a message of its own";
        let repairs = vec![Repair::new(RepairCode::TextOutsideMessage, start, note)];
        self.begin_message(start, Header::of(Role::Assistant), repairs);
        self.output.add(|delta| delta.push_str(&text));
        if let State::Content(content) = &mut self.state {
            (content.decoder, content.is_headless) = (decoder, true);
        }
    }

    // A header is being gathered.

    fn step_header(&mut self, token: Rank, kind: Kind) {
        let State::Header(header) = &mut self.state else { return };
        match kind {
            Kind::Message => self.finish_header(),
            Kind::Stop => self.close(Some(token)),
            Kind::EndOfText if header.is_blank(&self.format) => self.close(Some(token)),
            Kind::Start if header.is_empty(&self.format) => {
                let (start, mut lead) = (header.start, header.take_all());
                lead.push(token);
                self.begin_header(start, lead);
            }
            Kind::Start => {
                self.close(None);
                self.begin_header(self.position, vec![token]);
            }
            Kind::Channel if header.is_prose(&self.format) => {
                header.precedes_channel = true;
                self.close(None);
                self.step(token);
            }
            _ => header.push(token, kind),
        }
    }

    /// Expects a header after the `<|start|>` at this position; `lead` is what
    /// the message's span has up to here.
    fn begin_header(&mut self, start: usize, lead: Vec<Rank>) {
        self.state = State::Header(OpenHeader::led(start, self.position + 1, lead));
    }

    fn finish_header(&mut self) {
        let State::Header(open) = &mut self.state else { return };
        let start = open.start;
        let mut repairs = Vec::new();
        let text = HeaderText::clean_of(&self.format, &open.tokens, open.first);
        let header = finished::read(&self.format, &text, open.prompted.take(), &mut repairs);
        if open.is_own && start == self.position {
            let note = "`<|message|>` where a start is expected begins a message";
            repairs.push(Repair::new(RepairCode::MissingHeader, start, note));
        }
        self.begin_message(start, header, repairs);
    }

    // Content is being read.

    /// Reads content up to the next token that is special; how many tokens.
    fn read_content(&mut self, tokens: &[Rank]) -> usize {
        let State::Content(content) = &mut self.state else { return 0 };
        self.bytes.clear();
        let mut read = 0;
        for &token in tokens {
            let Some(text) = self.format.text_bytes(token) else { break };
            self.bytes.extend_from_slice(text);
            read += 1;
        }
        if read > 0 {
            self.output.add(|delta| content.push_text(&self.format, &self.bytes, delta));
        }
        self.position += read;
        read
    }

    fn step_content(&mut self, token: Rank, kind: Kind) {
        let State::Content(content) = &mut self.state else { return };
        match kind {
            Kind::Stop => return self.close(Some(token)),
            Kind::Start | Kind::Channel => {}
            Kind::Message | Kind::Constrain | Kind::EndOfText if content.is_headless => {}
            Kind::EndOfText => return content.hold_end(token),
            Kind::Message if content.is_empty => return content.absorb_message(self.position),
            _ => return self.add_special(token),
        }
        if !content.is_headless && content.ends.is_empty() {
            let note = "the content ends where another message starts";
            let repair = Repair::new(RepairCode::MissingTerminator, self.position, note);
            content.repairs.push(repair);
        }
        self.close(None);
        self.step(token);
    }

    /// A special token in content is its text, as to upstream; an id that is
    /// no token is U+FFFD.
    fn add_special(&mut self, token: Rank) {
        let State::Content(content) = &mut self.state else { return };
        content.note_special(&self.format, token, self.position);
        self.output.add(|delta| content.push_special(&self.format, token, delta));
    }

    // Beginning and ending.

    fn begin_message(&mut self, start: usize, header: Header, repairs: Vec<Repair>) {
        self.end_stray();
        self.output.begin(header);
        self.state = State::Content(OpenContent::of(start, repairs));
    }

    fn end_stray(&mut self) {
        if let Some(stray) = self.strays.take(&self.format) {
            self.output.stray(stray);
        }
    }

    /// After a message, a last header that says nothing is no message.
    fn drop_last_header(&mut self) {
        if self.pending_verdict() == Verdict::Header {
            self.open_pending_header(self.position);
        }
        let State::Header(header) = &mut self.state else { return };
        if self.output.has_messages() && header.is_own && header.says_nothing(&self.format) {
            self.strays.add(header.start, header.take_all());
            self.state = State::default();
        }
    }

    /// Ends what is open, with the stop token at this position if there is
    /// one. A start is expected then.
    fn close(&mut self, terminator: Option<Rank>) {
        match take(&mut self.state) {
            State::Between(pending) => self.close_pending(pending, terminator),
            State::Header(header) => self.close_header(header, terminator),
            State::Content(content) => self.close_content(content, terminator),
        }
    }

    /// A stop token ends content; without one, the first of the
    /// `<|endoftext|>`s that came last does, and the others say nothing.
    fn close_content(&mut self, mut content: OpenContent, terminator: Option<Rank>) {
        self.output.add(|delta| content.decoder.finish(delta));
        let Some((&first, others)) = content.ends.split_first().filter(|_| terminator.is_none())
        else {
            return self.end_message(content.start, terminator, content.repairs);
        };
        let after = self.position - others.len();
        self.output.end(content.start, after, Some(first), content.repairs);
        self.strays.add(after, others.iter().copied());
    }

    fn close_pending(&mut self, mut pending: Pending, terminator: Option<Rank>) {
        let verdict = pending.decide();
        if verdict == Verdict::Blank {
            let start = self.position - pending.tokens.len();
            return self.strays.add(start, pending.tokens);
        }
        self.state = State::Between(pending);
        match verdict {
            Verdict::Header => self.open_pending_header(self.position),
            _ => self.open_pending_text(self.position),
        }
        self.close(terminator);
    }

    fn close_header(&mut self, header: OpenHeader, terminator: Option<Rank>) {
        if header.is_blank(&self.format) {
            let tokens = header.own_tokens().iter().copied().chain(terminator);
            let start = self.position - header.own_tokens().len();
            return self.strays.add(start, tokens);
        }
        let text = header.text(&self.format);
        let prompted = header.prompted.clone();
        if self.has_spelled_messages(&text) {
            return self.read_spelled(&header, &text, prompted, terminator);
        }
        let mut repairs = Vec::new();
        let (fields, from) =
            unfinished::read(&self.format, &text, prompted, self.has_markup, &mut repairs);
        let parts = self.split(&text, from);
        let whole = &text.text[from..];
        let role = whole.strip_suffix(Role::Assistant.as_str()).filter(|_| header.precedes_channel);
        let end = from + role.unwrap_or(whole).len();
        let end_of = |number: usize| parts.get(number).map_or(end, |part| part.at);
        let content = text.plain(from..end_of(0));
        let note = "header is missing `<|message|>`; text after its last field is content";
        let last = if terminator.is_some() { self.position } else { self.position.max(1) - 1 };
        repairs.push(Repair::new(RepairCode::UnfinishedHeader, last, note));
        let mut messages = vec![(header.start, fields, content, repairs)];
        for (number, part) in parts.iter().enumerate() {
            let start = text.boundary(part.at);
            let note = "a header in plain words begins a message";
            let repairs = vec![Repair::new(RepairCode::UnmarkedHeader, start, note)];
            let content = text.plain(part.end..end_of(number + 1));
            messages.push((start, part.header.clone(), content, repairs));
        }
        self.emit(messages, terminator);
    }

    /// The headers in plain words after `from`, where a token of their own
    /// begins each.
    fn split(&self, text: &HeaderText, from: usize) -> Vec<Start> {
        if !self.has_markup {
            return Vec::new();
        }
        let mut last = text.boundary(from.max(1));
        let mut starts = starts(&self.format, &text.text[from..]);
        for start in &mut starts {
            (start.at, start.end) = (start.at + from, start.end + from);
        }
        starts.retain(|start| {
            let at = text.boundary(start.at);
            let is_own = at > last && at < text.boundary(text.text.len());
            last = if is_own { at } else { last };
            is_own
        });
        starts
    }

    /// Emits whole messages, each from its position to the next one's.
    fn emit(
        &mut self,
        messages: Vec<(usize, Header, String, Vec<Repair>)>,
        terminator: Option<Rank>,
    ) {
        let starts: Vec<usize> = messages.iter().map(|message| message.0).collect();
        for (number, (start, header, content, mut repairs)) in messages.into_iter().enumerate() {
            self.begin_message(start, header, Vec::new());
            self.state = State::default();
            self.output.add(|delta| delta.push_str(&content));
            let next = starts.get(number + 1).copied();
            for repair in &mut repairs {
                repair.index = repair.index.clamp(start, next.unwrap_or(self.position).max(start));
            }
            match next {
                Some(next) => self.output.end(start, next, None, repairs),
                None => self.end_message(start, terminator, repairs),
            }
        }
    }

    /// Whether ordinary tokens spell the beginning or the end of a message.
    fn has_spelled_messages(&self, text: &HeaderText) -> bool {
        self.has_markup
            && self
                .format
                .boundaries
                .iter()
                .any(|marker| text.text.match_indices(marker).any(|(at, _)| !text.is_special(at)))
    }

    /// Reads the text with its spelled markers as the special tokens they spell.
    fn read_spelled(
        &mut self,
        open: &OpenHeader,
        text: &HeaderText,
        prompted: Option<Role>,
        terminator: Option<Rank>,
    ) {
        let tokens = self.format.tokenizer.encode_with_special_tokens(&text.text);
        let mut offsets = vec![0];
        for &token in &tokens {
            let length = self.format.bytes(token).map_or(0, <[u8]>::len);
            offsets.push(offsets.last().copied().unwrap_or_default() + length);
        }
        let inner = Self {
            format: self.format.clone(),
            state: State::start(prompted),
            position: 0,
            strays: Strays::default(),
            output: Output::default(),
            has_markup: true,
            bytes: Vec::new(),
        };
        let found = inner.read(&tokens).messages;
        let mut messages: Vec<(usize, Header, String, Vec<Repair>)> = Vec::new();
        for RecoveredMessage { message, start, mut repairs, .. } in found {
            let at = text.boundary(offsets[start]);
            let at = if messages.is_empty() { open.start } else { at };
            if at >= self.position.max(1) || messages.last().is_some_and(|last| last.0 >= at) {
                continue;
            }
            for repair in &mut repairs {
                repair.index = text.index(offsets[repair.index]).max(at);
            }
            let note = "special tokens spelled in ordinary tokens are read as special tokens";
            repairs.push(Repair::new(RepairCode::SpelledMarkup, at, note));
            let (header, content) = Header::of_message(message);
            messages.push((at, header, content, repairs));
        }
        if messages.is_empty() {
            let own = text.boundary(0)..self.position;
            return self.strays.add(own.start, open.own_tokens().iter().copied().chain(terminator));
        }
        self.emit(messages, terminator);
    }

    fn end_message(&mut self, start: usize, terminator: Option<Rank>, repairs: Vec<Repair>) {
        let end = self.position + usize::from(terminator.is_some());
        self.output.end(start, end, terminator, repairs);
    }
}

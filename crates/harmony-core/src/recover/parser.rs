//! The state machine. The next token is between messages ([`State::Between`]),
//! in a header ([`State::Header`]), or in content ([`State::Content`]):
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
//! A header that ends without `<|message|>` is still a message, and leads back
//! to `Between`. So does content at `<|start|>` or `<|channel|>`: the token then
//! begins the next message.
//!
//! The machine decides where messages begin and end. It leaves the fields of a
//! header to [`super::grammar`], and events and their positions to [`Output`].

use super::{
    between::{Pending, Verdict},
    content::OpenContent,
    format::{Format, Kind},
    grammar::{finished, HeaderText, OpenHeader},
    recovered::Recovered,
    spelled,
    split::{self, Context, Found},
    strays::Strays,
};
use crate::{
    chat::Role,
    encoding::HarmonyEncoding,
    events::{Event, Header, Output, Repair, RepairCode},
    tokenizer::Rank,
};
use std::mem::{replace, take};

/// A parser that accepts any token.
pub struct Parser {
    format: Format,
    state: State,
    /// The number of tokens consumed: the position of the current one.
    position: usize,
    strays: Strays,
    output: Output,
    /// Whether a special token precedes the current one. A completion of words
    /// alone is text, which [`super::parse_text`] reads.
    has_markup: bool,
    /// A buffer for the bytes of content.
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
    /// A parser for a completion after a prompt that began the header of `role`,
    /// or for whole messages.
    pub fn new(encoding: &HarmonyEncoding, role: Option<Role>) -> Self {
        Self::of(Format::of(encoding), role)
    }

    fn of(format: Format, role: Option<Role>) -> Self {
        Self {
            format,
            state: State::start(role),
            position: 0,
            strays: Strays::default(),
            output: Output::default(),
            has_markup: false,
            bytes: Vec::new(),
        }
    }

    /// The same parser for a caller that names its tools: the names decide which
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
        self.consume(prefix);
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

    /// Consumes tokens; the events they cause replace `events`.
    pub fn push(&mut self, tokens: &[Rank], events: &mut Vec<Event>) {
        self.consume(tokens);
        self.output.take(events);
    }

    /// Consumes the end of the completion; the events it causes replace `events`.
    /// The parser is then between messages.
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
    pub fn is_in_header(&mut self) -> bool {
        matches!(self.state, State::Header(_)) || self.pending_verdict() == Verdict::Header
    }

    /// Whether a message has begun that has not ended.
    pub fn has_begun(&self) -> bool {
        !matches!(self.state, State::Between(_))
    }

    fn consume(&mut self, tokens: &[Rank]) {
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

    // Between messages.

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

    /// What the pending text is, now that it is complete.
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
            // A special token without a meaning, or an unknown id: after text it
            // is content, alone it is a stray.
            if pending.decide() == Verdict::Blank {
                return self.drop_with(token);
            }
            self.open_pending_text(self.position);
            return self.add_special(token);
        };
        match pending.push(token, bytes, self.has_markup) {
            Verdict::Blank | Verdict::Open => {}
            Verdict::Header => self.open_pending_header(self.position + 1),
            Verdict::Text => self.open_pending_text(self.position + 1),
        }
    }

    /// Ends the pending text; this token after it is a stray.
    fn drop_with(&mut self, token: Rank) {
        self.close(None);
        self.strays.add(self.position, [token]);
    }

    /// Makes the pending text a header, which ends before `end`.
    fn open_pending_header(&mut self, end: usize) {
        let State::Between(pending) = &mut self.state else { return };
        let tokens = take(&mut pending.tokens);
        let start = end - tokens.len();
        self.state = State::Header(OpenHeader::of(start, start, tokens));
    }

    /// Makes the pending text a message, which ends before `end`.
    fn open_pending_text(&mut self, end: usize) {
        let State::Between(pending) = &mut self.state else { return };
        let Pending { tokens, text, decoder, .. } = take(pending);
        let start = end - tokens.len();
        let note = "text between messages is a message of its own";
        let repairs = vec![Repair::new(RepairCode::TextOutsideMessage, start, note)];
        self.begin_message(start, Header::of(Role::Assistant), repairs);
        self.output.add(|delta| delta.push_str(&text));
        if let State::Content(content) = &mut self.state {
            (content.decoder, content.is_headless) = (decoder, true);
        }
    }

    // In a header.

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

    /// Begins a header after the `<|start|>` at this position; `lead` has the
    /// tokens of the message's span so far.
    fn begin_header(&mut self, start: usize, lead: Vec<Rank>) {
        self.state = State::Header(OpenHeader::led(start, self.position + 1, lead));
    }

    fn finish_header(&mut self) {
        let State::Header(mut open) = take(&mut self.state) else { return };
        let mut repairs = Vec::new();
        let text = HeaderText::of(&self.format, &open.tokens, open.first);
        if let Some(&last) = split::further_headers(&text).last() {
            return self.finish_last_header(&open, &text, last);
        }
        let start = open.start;
        let text = match text.damage {
            Some(_) => HeaderText::clean_of(&self.format, &open.tokens, open.first),
            None => text,
        };
        let header = finished::read(&self.format, &text, open.prompted.take(), &mut repairs);
        if open.is_own && start == self.position {
            let note = "`<|message|>` between messages begins a message";
            repairs.push(Repair::new(RepairCode::MissingHeader, start, note));
        }
        self.begin_message(start, header, repairs);
    }

    /// Finishes the header in plain words that begins at `last`. What comes
    /// before it is a header that nothing ended.
    fn finish_last_header(&mut self, open: &OpenHeader, text: &HeaderText, last: usize) {
        let start = text.boundary(last);
        let position = replace(&mut self.position, start);
        self.close_text(open, &text.part(0..last), None);
        self.position = position;
        let text = text.part(last..text.text.len());
        let note = "a header in plain words begins a message";
        let mut repairs = vec![Repair::new(RepairCode::UnmarkedHeader, start, note)];
        let header = finished::read(&self.format, &text, None, &mut repairs);
        self.begin_message(start, header, repairs);
    }

    // In content.

    /// Reads content up to the next special token. Returns the number of tokens.
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

    /// A special token in content is its text, as in upstream; an unknown id is
    /// U+FFFD.
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

    /// After a message, a last header with at most a role is not a message.
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

    /// Ends the open message or header, with the stop token at this position if there is one.
    fn close(&mut self, terminator: Option<Rank>) {
        match take(&mut self.state) {
            State::Between(pending) => self.close_pending(pending, terminator),
            State::Header(header) => self.close_header(header, terminator),
            State::Content(content) => self.close_content(content, terminator),
        }
    }

    /// A stop token ends content; without one, the first of the trailing
    /// `<|endoftext|>`s does, and the others are strays.
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
        let end = if header.precedes_channel { text.end_before_role() } else { text.text.len() };
        self.close_text(&header, &text.part(0..end), terminator);
    }

    /// Ends a header that has this text.
    fn close_text(&mut self, header: &OpenHeader, text: &HeaderText, terminator: Option<Rank>) {
        if self.has_markup && spelled::has_boundary(&self.format, text) {
            return self.close_spelled(header, text, terminator);
        }
        let is_among_markup = self.has_markup || terminator == self.format.end_of_message;
        let context = Context { prompted: header.prompted.clone(), is_among_markup };
        let mut messages = split::messages(&self.format, text, context);
        let last = if terminator.is_some() { self.position } else { self.position.max(1) - 1 };
        if let Some(first) = messages.first_mut() {
            first.start = header.start;
            let note = "header is missing `<|message|>`; text after its last field is content";
            first.repairs.push(Repair::new(RepairCode::UnfinishedHeader, last, note));
        }
        self.emit(messages, self.position, terminator);
    }

    /// Ends a header with its spelled markers read as the special tokens.
    fn close_spelled(&mut self, header: &OpenHeader, text: &HeaderText, terminator: Option<Rank>) {
        let inner = Self::of(self.format.clone(), header.prompted.clone()).for_text();
        let read = |tokens: &[Rank]| inner.read(tokens).messages;
        let messages = spelled::messages(&self.format, text, header.start, read);
        if messages.is_empty() {
            let own = header.own_tokens();
            let tokens = own.iter().copied().chain(terminator);
            return self.strays.add(self.position - own.len(), tokens);
        }
        self.emit(messages, self.position, terminator);
    }

    /// Emits whole messages, each from its position to the next one's and the
    /// last up to `end`.
    fn emit(&mut self, messages: Vec<Found>, end: usize, terminator: Option<Rank>) {
        let starts = messages.iter().skip(1).map(|next| Some(next.start));
        let starts: Vec<Option<usize>> = starts.chain([None]).collect();
        for (found, next) in messages.into_iter().zip(starts) {
            let Found { start, header, content, mut repairs } = found;
            self.begin_message(start, header, Vec::new());
            self.state = State::default();
            self.output.add(|delta| delta.push_str(&content));
            let terminator = terminator.filter(|_| next.is_none());
            let end = next.unwrap_or(end);
            for repair in &mut repairs {
                repair.index = repair.index.clamp(start, end.max(start));
            }
            self.output.end(start, end + usize::from(terminator.is_some()), terminator, repairs);
        }
    }

    fn end_message(&mut self, start: usize, terminator: Option<Rank>, repairs: Vec<Repair>) {
        let end = self.position + usize::from(terminator.is_some());
        self.output.end(start, end, terminator, repairs);
    }
}

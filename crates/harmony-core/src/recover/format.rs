//! What tokens and names mean: the tokens that structure a completion, by
//! upstream's mapping, and the names of tools that the caller knows. Nothing here
//! depends on the order of tokens.

use super::words::{is_dotted, is_tool};
use crate::{
    encoding::{FormattingToken, HarmonyEncoding},
    tokenizer::special,
    tokenizer::{CoreBPE, Rank},
};
use std::sync::Arc;

/// What a token means to the state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `<|start|>`
    Start,
    /// `<|channel|>`
    Channel,
    /// `<|constrain|>`
    Constrain,
    /// `<|message|>`
    Message,
    /// `<|end|>`, `<|return|>` or `<|call|>`
    Stop,
    /// `<|endoftext|>`: a stop token outside content, text in content, as in
    /// upstream.
    EndOfText,
    /// Text, any other special token, or an unknown id.
    Text,
}

/// The encoding's special tokens, and its tokenizer.
#[derive(Clone)]
pub(super) struct Format {
    pub(super) tokenizer: Arc<CoreBPE>,
    kinds: Vec<(Rank, Kind)>,
    /// The names of the caller's tools, without `functions.`; may be empty.
    tools: Arc<[String]>,
    /// `<|end|>`: after it, unlike after the other stop tokens, sampling continues.
    pub(super) end_of_message: Option<Rank>,
    /// How the tokens that begin or end a message are spelled.
    pub(super) boundaries: Vec<String>,
    // How the tokens of a header are spelled: headers are read as text, as
    // upstream does.
    pub(super) start: String,
    pub(super) channel: String,
    pub(super) constrain: String,
    pub(super) message: String,
}

const KINDS: [(FormattingToken, Kind); 4] = [
    (FormattingToken::Start, Kind::Start),
    (FormattingToken::Channel, Kind::Channel),
    (FormattingToken::ConstrainedFormat, Kind::Constrain),
    (FormattingToken::Message, Kind::Message),
];
const BOUNDARIES: [FormattingToken; 4] = [
    FormattingToken::Start,
    FormattingToken::EndMessage,
    FormattingToken::EndMessageDoneSampling,
    FormattingToken::EndMessageAssistantToTool,
];
/// Not among upstream's formatting tokens, but written by engines that
/// continue after the end (vllm#50690).
const END_OF_TEXT: &str = "<|endoftext|>";

impl Format {
    pub(super) fn of(encoding: &HarmonyEncoding) -> Self {
        let text = |token| encoding.format_token_mapping.get(&token).cloned().unwrap_or_default();
        let id = |text: &str| encoding.tokenizer.encode_with_special_tokens(text).first().copied();
        let named = KINDS.iter().filter_map(|&(token, kind)| Some((id(&text(token))?, kind)));
        let stops = encoding.stop_tokens().unwrap_or_default().into_iter();
        let mut kinds: Vec<_> = named.chain(stops.map(|stop| (stop, Kind::Stop))).collect();
        kinds.extend(id(END_OF_TEXT).map(|end| (end, Kind::EndOfText)));
        Self {
            tokenizer: Arc::clone(&encoding.tokenizer),
            kinds,
            tools: Arc::default(),
            end_of_message: id(&text(FormattingToken::EndMessage)),
            boundaries: BOUNDARIES.map(text).to_vec(),
            start: text(FormattingToken::Start),
            channel: text(FormattingToken::Channel),
            constrain: text(FormattingToken::ConstrainedFormat),
            message: text(FormattingToken::Message),
        }
    }

    /// The same format for a caller that names its tools.
    pub(super) fn with_tools(self, tools: &[String]) -> Self {
        let bare = |name: &String| without_namespace(name).to_owned();
        Self { tools: tools.iter().map(bare).collect(), ..self }
    }

    /// Whether the caller named its tools.
    pub(super) fn knows_tools(&self) -> bool {
        !self.tools.is_empty()
    }

    /// Whether the caller named this tool.
    pub(super) fn knows_tool(&self, name: &str) -> bool {
        let name = without_namespace(name);
        self.tools.iter().any(|tool| tool == name)
    }

    /// Whether a name is the caller's tool, or in a namespace that gpt-oss was
    /// trained on.
    pub(super) fn is_known_tool(&self, name: &str) -> bool {
        self.knows_tool(name) || is_tool(name)
    }

    /// Whether a word is certainly a tool's name: it is known, or consists of
    /// names joined by dots.
    pub(super) fn looks_like_tool(&self, word: &str) -> bool {
        self.is_known_tool(word) || is_dotted(word)
    }

    /// What a token means.
    pub(super) fn kind(&self, token: Rank) -> Kind {
        if token < special::FIRST {
            return Kind::Text;
        }
        let found = self.kinds.iter().find(|(id, _)| *id == token);
        found.map_or(Kind::Text, |&(_, kind)| kind)
    }

    /// The bytes of a token, or none for an unknown id.
    pub(super) fn bytes(&self, token: Rank) -> Option<&[u8]> {
        self.tokenizer.token_bytes(token)
    }

    /// The bytes of a token that is text, or none for any other token.
    pub(super) fn text_bytes(&self, token: Rank) -> Option<&[u8]> {
        (token < special::FIRST).then(|| self.bytes(token)).flatten()
    }
}

fn without_namespace(name: &str) -> &str {
    name.strip_prefix("functions.").unwrap_or(name)
}

//! The encoding: rendering, parsing, text and tokens.

use crate::{
    convert::{purpose_of, role_of, thrown, to_json},
    row_settings::row_options,
    spans::Spans,
};
use harmony_core::{
    chat::Conversation,
    encoding::{RenderConversationConfig, RenderOptions},
    json::{read_conversation, read_message, read_role},
    load_harmony_encoding, recover,
    render::{
        self,
        continuation::{continue_conversation, Return},
        proof::RowProofs,
        rows, spans,
    },
    strict,
    text::{self, Specials},
    utf16::Utf16,
    HarmonyEncoding,
};
use js_sys::Error;
use std::collections::{BTreeSet, HashSet};
use wasm_bindgen::prelude::*;

/// A `HarmonyEncoding` on the built-in vocabulary, and room for text: the
/// facade writes UTF-8 there, which is faster than wasm-bindgen's strings.
#[wasm_bindgen]
pub struct Encoding {
    pub(crate) harmony: HarmonyEncoding,
    input: Vec<u8>,
    utf16: Utf16,
    tokens: Vec<u32>,
    spans: Spans,
    row_ends: Vec<u32>,
    proofs: RowProofs,
}

#[wasm_bindgen]
impl Encoding {
    /// Builds the tables.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str) -> Result<Encoding, Error> {
        let harmony = load_harmony_encoding(name).map_err(thrown)?;
        Ok(Self {
            harmony,
            input: Vec::new(),
            utf16: Utf16::default(),
            tokens: Vec::new(),
            spans: Spans::default(),
            row_ends: Vec::new(),
            proofs: RowProofs::default(),
        })
    }

    /// `name`, `tokenizerName`, `maxMessageTokens`, `specialTokens` as pairs of text
    /// and id, `stopTokens`, `stopTokensForAssistantActions`: as JSON.
    pub fn constants(&self) -> Result<String, Error> {
        let sorted = |stops: anyhow::Result<HashSet<u32>>| -> Result<Vec<u32>, Error> {
            let stops = stops.map_err(|error| Error::new(&error.to_string()))?;
            Ok(BTreeSet::from_iter(stops).into_iter().collect())
        };
        to_json(&serde_json::json!({
            "name": self.harmony.name(),
            "tokenizerName": self.harmony.tokenizer_name(),
            "maxMessageTokens": self.harmony.max_message_tokens(),
            "specialTokens": text::special_tokens(),
            "stopTokens": sorted(self.harmony.stop_tokens())?,
            "stopTokensForAssistantActions":
                sorted(self.harmony.stop_tokens_for_assistant_actions())?,
        }))
    }

    /// The written conversation; `next_turn_role` makes it a prompt, `training` a
    /// training example.
    pub fn render_conversation(
        &self,
        length: usize,
        next_turn_role: Option<String>,
        training: bool,
        auto_drop_analysis: bool,
    ) -> Result<Vec<u32>, Error> {
        let purpose = purpose_of(next_turn_role, training)?;
        let (conversation, config) = self.conversation(length, auto_drop_analysis)?;
        render::conversation(&self.harmony, &conversation, purpose, &config).map_err(thrown)
    }

    /// [`Self::render_conversation`], of the messages that `only` names or of all.
    /// The spans are kept until they are taken.
    pub fn render_with_spans(
        &mut self,
        length: usize,
        only: Option<Vec<u32>>,
        next_turn_role: Option<String>,
        training: bool,
        auto_drop_analysis: bool,
    ) -> Result<Vec<u32>, Error> {
        let purpose = purpose_of(next_turn_role, training)?;
        let (conversation, config) = self.conversation(length, auto_drop_analysis)?;
        let rendered =
            spans::render(&self.harmony, conversation, only.as_deref(), purpose, &config);
        let (tokens, spans) = rendered.map_err(thrown)?;
        self.spans.set(spans.iter().collect());
        Ok(tokens)
    }

    /// The written rows, which end at `ends`: their ids one after another. The spans
    /// and the ends of the rows are kept until they are taken. `settings` is JSON.
    pub fn render_rows(
        &mut self,
        length: usize,
        ends: &[u32],
        settings: &str,
    ) -> Result<Vec<u32>, Error> {
        let bytes = self.input.get(..length).unwrap_or_default();
        let rows = rows::render(&self.harmony, bytes, ends, &row_options(settings)?);
        self.spans.set(rows.spans);
        self.row_ends = rows.ends;
        Ok(rows.tokens)
    }

    /// For each row that was rendered last the number of ids and the number of spans
    /// up to its end, once.
    pub fn take_row_ends(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.row_ends)
    }

    /// For each row of ids, which end at `ends`, two numbers: its messages and one more, or
    /// 0 where it is not proved, and those of authors that upstream's parser does not know.
    pub fn prove_rows(&mut self, tokens: &[u32], ends: &[u32]) -> Vec<u32> {
        let proved = self.proofs.rows(&self.harmony, tokens, ends);
        proved
            .into_iter()
            .flat_map(|row| row.map_or([0, 0], |row| [row.messages + 1, row.unparsed]))
            .collect()
    }

    /// The numbers of the spans that were rendered last, once.
    pub fn take_span_numbers(&mut self) -> Vec<u32> {
        self.spans.take_numbers()
    }

    /// The texts that the numbers index, as JSON, unless they are those of the last
    /// time.
    pub fn take_span_names(&mut self) -> Result<Option<String>, Error> {
        self.spans.take_names()
    }

    /// The written message.
    pub fn render(
        &self,
        length: usize,
        conversation_has_function_tools: bool,
    ) -> Result<Vec<u32>, Error> {
        let options = RenderOptions { conversation_has_function_tools };
        let message = read_message(self.text(length)?).map_err(thrown)?;
        render::message(&self.harmony, &message, &options).map_err(thrown)
    }

    /// The messages of a completion, as JSON.
    pub fn parse(
        &self,
        tokens: &[u32],
        role: Option<String>,
        strict: bool,
    ) -> Result<String, Error> {
        let messages = strict::parse(&self.harmony, tokens, role_of(role)?, strict);
        to_json(&messages.map_err(thrown)?)
    }

    /// The messages of a completion and the strays between them, as JSON. `tools` are
    /// the names of the caller's tools.
    pub fn recover(
        &self,
        tokens: &[u32],
        role: Option<String>,
        tools: Vec<String>,
    ) -> Result<String, Error> {
        to_json(&recover::recover(&self.harmony, tokens, role_of(role)?, &tools))
    }

    /// The messages of the written text, as JSON.
    pub fn parse_text(
        &self,
        length: usize,
        role: Option<String>,
        tools: Vec<String>,
    ) -> Result<String, Error> {
        let text = self.text(length)?;
        to_json(&recover::parse_text(&self.harmony, text, role_of(role)?, &tools))
    }

    /// The next prompt: the last one, the sampled ids, and the written conversation.
    pub fn continue_conversation(
        &self,
        prompt: &[u32],
        completion: &[u32],
        length: usize,
        next_turn_role: &str,
        keeps_return: bool,
    ) -> Result<Vec<u32>, Error> {
        let policy = if keeps_return { Return::Kept } else { Return::Ended };
        let next = read_conversation(self.text(length)?).map_err(thrown)?;
        let role = read_role(next_turn_role).map_err(thrown)?;
        continue_conversation(&self.harmony, prompt, completion, &next, role, policy)
            .map_err(thrown)
    }

    /// Where to write the next text: room for `length` bytes, until the next call.
    pub fn input(&mut self, length: usize) -> *mut u8 {
        if self.input.len() < length {
            self.input = vec![0; length];
        }
        self.input.as_mut_ptr()
    }

    /// Where in the room that is at [`Self::input`] to write so many units of UTF-16.
    pub fn utf16_start(&self, units: usize) -> usize {
        Utf16::start(units)
    }

    /// Makes the written UTF-16 the written text; returns its length as UTF-8.
    pub fn read_utf16(&mut self, units: usize) -> usize {
        self.utf16.to_utf8(&mut self.input, units)
    }

    fn conversation(
        &self,
        length: usize,
        auto_drop_analysis: bool,
    ) -> Result<(Conversation, RenderConversationConfig), Error> {
        let conversation = read_conversation(self.text(length)?).map_err(thrown)?;
        Ok((conversation, RenderConversationConfig { auto_drop_analysis }))
    }

    fn text(&self, length: usize) -> Result<&str, Error> {
        let bytes = self.input.get(..length).unwrap_or_default();
        std::str::from_utf8(bytes).map_err(|error| Error::new(&error.to_string()))
    }

    /// Encodes the written text; `None` means all special tokens. Returns how many tokens
    /// there are at [`Self::tokens`]: handing over a short text's vector, cut to its length,
    /// would take a tenth of the call.
    pub fn encode(
        &mut self,
        length: usize,
        allowed: Option<Vec<String>>,
        disallowed: Option<Vec<String>>,
    ) -> Result<usize, Error> {
        let rule = |tokens: Option<Vec<String>>| tokens.map_or(Specials::All, Specials::Only);
        self.encode_with(length, &rule(allowed), &rule(disallowed))
    }

    /// [`Self::encode`] with no special token allowed and all disallowed.
    pub fn encode_strictly(&mut self, length: usize) -> Result<usize, Error> {
        self.encode_with(length, &Specials::Only(Vec::new()), &Specials::All)
    }

    fn encode_with(
        &mut self,
        length: usize,
        allowed: &Specials,
        disallowed: &Specials,
    ) -> Result<usize, Error> {
        let text = self.text(length)?;
        self.tokens = text::encode(&self.harmony, text, allowed, disallowed).map_err(thrown)?;
        Ok(self.tokens.len())
    }

    /// [`Self::encode`], where nothing is special.
    pub fn encode_ordinary(&mut self, length: usize) -> usize {
        let text = self.input.get(..length).unwrap_or_default();
        self.tokens = self.harmony.tokenizer().encode_utf8(text);
        self.tokens.len()
    }

    /// Where the tokens of the last text are, until the next one.
    pub fn tokens(&self) -> *const u32 {
        self.tokens.as_ptr()
    }

    /// Text, with U+FFFD for broken bytes.
    pub fn decode(&self, tokens: &[u32]) -> Result<String, Error> {
        text::decode(&self.harmony, tokens).map_err(thrown)
    }

    /// Text, or an error for broken bytes.
    pub fn decode_utf8(&self, tokens: &[u32]) -> Result<String, Error> {
        text::decode_utf8(&self.harmony, tokens).map_err(thrown)
    }

    /// Bytes.
    pub fn decode_bytes(&self, tokens: &[u32]) -> Result<Vec<u8>, Error> {
        text::decode_bytes(&self.harmony, tokens).map_err(thrown)
    }
}

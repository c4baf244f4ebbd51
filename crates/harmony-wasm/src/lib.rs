//! The boundary between harmony-core and JavaScript, and nothing else: every
//! method here is one call. Conversations and messages cross as JSON text,
//! ids as arrays, errors as `Error` objects with `code`, `path` and `index`.
//! Arguments have been checked by the TypeScript facade, the only caller.

mod spans;

use harmony_core::{
    chat::Role,
    completion::{self, State},
    conversation::{read_conversation, read_message, read_role},
    encoding::{RenderConversationConfig, RenderOptions},
    load_harmony_encoding,
    render::{self, Purpose},
    text::{self, Specials},
    HarmonyEncoding,
};
use js_sys::{Error, Reflect};
use serde::Serialize;
use std::collections::{BTreeSet, HashSet};
use wasm_bindgen::prelude::*;

fn thrown(error: harmony_core::Error) -> Error {
    let object = Error::new(&error.to_string());
    let set = |key: &str, value: JsValue| Reflect::set(&object, &key.into(), &value).is_ok();
    set("code", error.code().into());
    set("path", error.path().map_or(JsValue::UNDEFINED, JsValue::from));
    set("index", error.index().map_or(JsValue::UNDEFINED, |index| (index as f64).into()));
    object
}

fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::new(&error.to_string()))
}

fn role_of(name: Option<String>) -> Result<Option<Role>, Error> {
    name.as_deref().map(read_role).transpose().map_err(thrown)
}

fn purpose(next_turn_role: Option<String>, training: bool) -> Result<Purpose, Error> {
    Ok(match (role_of(next_turn_role)?, training) {
        (Some(role), _) => Purpose::Completion(role),
        (None, true) => Purpose::Training,
        (None, false) => Purpose::Conversation,
    })
}

/// A `HarmonyEncoding` on the built-in vocabulary, and room for text: the
/// facade writes UTF-8 there, which is faster than wasm-bindgen's strings.
#[wasm_bindgen]
pub struct Encoding {
    harmony: HarmonyEncoding,
    input: Vec<u8>,
    spans: spans::Spans,
}

#[wasm_bindgen]
impl Encoding {
    /// Builds the tables.
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str) -> Result<Encoding, Error> {
        let harmony = load_harmony_encoding(name).map_err(thrown)?;
        Ok(Self { harmony, input: Vec::new(), spans: Default::default() })
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
        let purpose = purpose(next_turn_role, training)?;
        let config = RenderConversationConfig { auto_drop_analysis };
        let conversation = read_conversation(self.text(length)?).map_err(thrown)?;
        render::conversation(&self.harmony, &conversation, purpose, &config).map_err(thrown)
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
        let messages = completion::parse(&self.harmony, tokens, role_of(role)?, strict);
        to_json(&messages.map_err(thrown)?)
    }

    /// Where to write the next text: room for `length` bytes, until the next call.
    pub fn input(&mut self, length: usize) -> *mut u8 {
        if self.input.len() < length {
            self.input = vec![0; length];
        }
        self.input.as_mut_ptr()
    }

    fn text(&self, length: usize) -> Result<&str, Error> {
        let bytes = self.input.get(..length).unwrap_or_default();
        std::str::from_utf8(bytes).map_err(|error| Error::new(&error.to_string()))
    }

    /// The tokens of the written text; `None` means all special tokens.
    pub fn encode(
        &self,
        length: usize,
        allowed: Option<Vec<String>>,
        disallowed: Option<Vec<String>>,
    ) -> Result<Vec<u32>, Error> {
        let rule = |tokens: Option<Vec<String>>| tokens.map_or(Specials::All, Specials::Only);
        let text = self.text(length)?;
        text::encode(&self.harmony, text, &rule(allowed), &rule(disallowed)).map_err(thrown)
    }

    /// [`Self::encode`] with no special token allowed and all disallowed.
    pub fn encode_strictly(&self, length: usize) -> Result<Vec<u32>, Error> {
        let none = Specials::Only(Vec::new());
        text::encode(&self.harmony, self.text(length)?, &none, &Specials::All).map_err(thrown)
    }

    /// The tokens of the written text, in which nothing is special.
    pub fn encode_ordinary(&self, length: usize) -> Vec<u32> {
        self.harmony.tokenizer().encode_utf8(self.input.get(..length).unwrap_or_default())
    }

    /// The number of those tokens.
    pub fn count_tokens(&self, length: usize) -> usize {
        self.encode_ordinary(length).len()
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

/// A streaming parser. Its polled views return what is new since a position
/// that the caller keeps.
#[wasm_bindgen]
pub struct Parser(completion::Parser);

#[wasm_bindgen]
impl Parser {
    /// Without a role, the parser expects `<|start|>` first.
    #[wasm_bindgen(constructor)]
    pub fn new(encoding: &Encoding, role: Option<String>, strict: bool) -> Result<Parser, Error> {
        completion::Parser::new(&encoding.harmony, role_of(role)?, strict).map(Self).map_err(thrown)
    }

    /// Several tokens.
    pub fn process(&mut self, tokens: &[u32]) -> Result<(), Error> {
        self.0.process(tokens).map_err(thrown)
    }

    /// One token, without the copy of an array.
    pub fn process_one(&mut self, token: u32) -> Result<(), Error> {
        self.0.process(&[token]).map_err(thrown)
    }

    /// The end of the completion.
    pub fn process_eos(&mut self) -> Result<(), Error> {
        self.0.process_eos().map_err(thrown)
    }

    /// 0 between messages, 1 in a header, 2 in content.
    pub fn state(&self) -> u32 {
        match self.0.state() {
            State::ExpectStart => 0,
            State::Header => 1,
            State::Content => 2,
        }
    }

    /// The state with all its data, as JSON.
    pub fn state_data(&self) -> Result<String, Error> {
        self.0.upstream().state_json().map_err(|error| Error::new(&error.to_string()))
    }

    /// Changes whenever the content starts anew.
    pub fn content_number(&self) -> u32 {
        self.0.content_number()
    }

    /// What was added to the content since this was last called.
    pub fn take_content(&mut self) -> String {
        self.0.take_content()
    }

    /// What the last token added to the content.
    pub fn last_content_delta(&self) -> Option<String> {
        self.0.upstream().last_content_delta().ok().flatten()
    }

    /// The role of the current message.
    pub fn current_role(&self) -> Option<String> {
        self.0.upstream().current_role().map(|role| role.as_str().to_owned())
    }

    /// The channel of the current message.
    pub fn current_channel(&self) -> Option<String> {
        self.0.upstream().current_channel()
    }

    /// The recipient of the current message.
    pub fn current_recipient(&self) -> Option<String> {
        self.0.upstream().current_recipient()
    }

    /// The content type of the current message.
    pub fn current_content_type(&self) -> Option<String> {
        self.0.upstream().current_content_type()
    }

    /// The finished messages from the `from`-th on, as JSON.
    pub fn messages_from(&self, from: usize) -> Result<String, Error> {
        to_json(self.0.upstream().messages().get(from..).unwrap_or_default())
    }

    /// The tokens that were taken in, from the `from`-th on.
    pub fn tokens_from(&self, from: usize) -> Vec<u32> {
        self.0.upstream().tokens().get(from..).unwrap_or_default().to_vec()
    }
}

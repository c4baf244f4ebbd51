//! Answers the calls that test-vectors/README.md defines, by the Rust API of
//! upstream or of a crate with the same API: `crate::harmony` is
//! openai-harmony in the oracle and harmony-core in harmony-core's
//! conformance test. Upstream's Python package adds error messages,
//! defaults and the check for disallowed specials; this file repeats them in
//! the plainest way, as an expectation.

use crate::harmony::{
    chat::{Conversation, Message, Role},
    HarmonyEncoding, ParseOptions, StreamableParser,
};
use anyhow::{anyhow, bail, Context, Result};
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::{json, Map, Value};
use std::collections::HashSet;

/// One call: `{"call": "encode", "with": {"text": "…"}}`, with a name in the
/// vectors.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Call {
    /// Unique within its file.
    #[serde(default)]
    pub(crate) name: String,
    /// Why the case exists.
    #[serde(default, rename = "about")]
    _about: Option<String>,
    call: String,
    #[serde(default)]
    with: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RenderConversation {
    conversation: Option<Value>,
    #[serde(rename = "conversationText")]
    conversation_text: Option<String>,
    #[serde(rename = "nextTurnRole")]
    next_turn_role: Option<String>,
    #[serde(default)]
    config: Config,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Config {
    auto_drop_analysis: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RenderMessage {
    message: Option<Value>,
    #[serde(rename = "messageText")]
    message_text: Option<String>,
    #[serde(default)]
    options: Options,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Options {
    conversation_has_function_tools: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Completion {
    tokens: Vec<Value>,
    role: Option<String>,
    strict: Option<bool>,
    #[serde(default)]
    eos: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Text {
    text: String,
    #[serde(default)]
    allowed_special: Specials,
    #[serde(default = "all")]
    disallowed_special: Specials,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Specials {
    All(Everything),
    Only(Vec<String>),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Everything {
    All,
}

impl Default for Specials {
    fn default() -> Self {
        Self::Only(Vec::new())
    }
}

fn all() -> Specials {
    Specials::All(Everything::All)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tokens {
    tokens: Vec<Value>,
}

/// The result of a call, or `{"error": message}` when upstream refuses it.
/// An `Err` is a mistake in the call itself.
pub(crate) fn answer(encoding: &HarmonyEncoding, call: &Call) -> Result<Value> {
    let with = expand(&call.with);
    let answered = match call.call.as_str() {
        "renderConversation"
        | "renderConversationForCompletion"
        | "renderConversationForTraining" => {
            render_conversation(encoding, &call.call, arguments(with)?)
        }
        "render" => render_message(encoding, arguments(with)?),
        "parseMessagesFromCompletionTokens" => parse(encoding, arguments(with)?),
        "StreamableParser" => stream(encoding, arguments(with)?),
        "encode" => encode(encoding, arguments(with)?),
        "encodeOrdinary" => {
            let text: Text = arguments(with)?;
            Ok(json!({ "tokens": encoding.tokenizer().encode_ordinary(&text.text) }))
        }
        "decode" | "decodeUtf8" | "decodeBytes" => decode(encoding, &call.call, arguments(with)?),
        "constants" => constants(encoding),
        unknown => bail!("{}: unknown call {unknown}", call.name),
    };
    Ok(answered.unwrap_or_else(|error| json!({ "error": error.to_string() })))
}

fn arguments<T: DeserializeOwned>(with: Value) -> Result<T> {
    let text = with.to_string();
    serde_json::from_value(with).with_context(|| format!("invalid arguments for the call: {text}"))
}

/// `{"repeat": text, "times": n}` and `{"join": […]}` become the text they
/// describe, at any depth.
fn expand(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(expand).collect(),
        Value::Object(fields) => {
            let expanded: Map<_, _> =
                fields.iter().map(|(key, field)| (key.clone(), expand(field))).collect();
            described_text(&expanded).map_or(Value::Object(expanded), Value::String)
        }
        plain => plain.clone(),
    }
}

fn described_text(fields: &Map<String, Value>) -> Option<String> {
    if fields.len() == 2 {
        let times = usize::try_from(fields.get("times")?.as_u64()?).ok()?;
        return Some(fields.get("repeat")?.as_str()?.repeat(times));
    }
    let parts = (fields.len() == 1).then(|| fields.get("join"))??.as_array()?;
    parts.iter().map(Value::as_str).collect()
}

fn read<T: DeserializeOwned>(what: &str, value: Option<Value>, text: Option<String>) -> Result<T> {
    let text = text
        .or_else(|| value.map(|value| value.to_string()))
        .context("expected JSON or its text")?;
    serde_json::from_str(&text).map_err(|error| anyhow!("invalid {what} JSON: {error}"))
}

fn role(name: &str) -> Result<Role> {
    Role::try_from(name).map_err(|_| anyhow!("unknown role: {name}"))
}

fn render_conversation(
    encoding: &HarmonyEncoding,
    call: &str,
    with: RenderConversation,
) -> Result<Value> {
    let conversation: Conversation =
        read("conversation", with.conversation, with.conversation_text)?;
    // Upstream does not export the type of its config; `None` below names it.
    let mut config = None;
    let _ = encoding.render_conversation([], config.as_ref());
    let mut config = config.take().unwrap_or_default();
    config.auto_drop_analysis = with.config.auto_drop_analysis.unwrap_or(true);
    let tokens = match call {
        "renderConversation" => encoding.render_conversation(&conversation, Some(&config))?,
        "renderConversationForTraining" => {
            encoding.render_conversation_for_training(&conversation, Some(&config))?
        }
        _ => {
            let next = role(&with.next_turn_role.context("nextTurnRole is missing")?)?;
            encoding.render_conversation_for_completion(&conversation, next, Some(&config))?
        }
    };
    Ok(json!({ "tokens": tokens }))
}

fn render_message(encoding: &HarmonyEncoding, with: RenderMessage) -> Result<Value> {
    let message: Message = read("message", with.message, with.message_text)?;
    let mut options = None;
    if false {
        encoding.render(&message, options.as_ref())?;
    }
    let mut options = options.take().unwrap_or_default();
    options.conversation_has_function_tools =
        with.options.conversation_has_function_tools.unwrap_or(false);
    Ok(json!({ "tokens": encoding.render(&message, Some(&options))? }))
}

/// Ids unchanged; text encoded with every special token allowed.
fn token_ids(encoding: &HarmonyEncoding, pieces: &[Value]) -> Result<Vec<u32>> {
    let mut ids = Vec::new();
    for piece in pieces {
        match (piece.as_str(), piece.as_u64()) {
            (Some(text), _) => ids.extend(encoding.tokenizer().encode_with_special_tokens(text)),
            (_, Some(id)) => ids.push(u32::try_from(id)?),
            _ => bail!("expected a token id or a text, got {piece}"),
        }
    }
    Ok(ids)
}

fn parse(encoding: &HarmonyEncoding, with: Completion) -> Result<Value> {
    let tokens = token_ids(encoding, &with.tokens)?;
    let options = ParseOptions { strict: with.strict.unwrap_or(true) };
    let role = with.role.as_deref().map(role).transpose()?;
    let messages =
        encoding.parse_messages_from_completion_tokens_with_options(tokens, role, options)?;
    Ok(json!({ "messages": messages }))
}

/// The state after each token (and after the end of the stream, if asked for)
/// as the fields that changed. A refused token has its error there,
/// and the next token still follows.
fn stream(encoding: &HarmonyEncoding, with: Completion) -> Result<Value> {
    let tokens = token_ids(encoding, &with.tokens)?;
    let options = ParseOptions { strict: with.strict.unwrap_or(true) };
    let role = with.role.as_deref().map(role).transpose()?;
    let mut parser = StreamableParser::new_with_options(encoding.clone(), role, options)?;
    let mut before = snapshot(&parser, None)?;
    let start = before.clone();
    let mut steps = Vec::new();
    let ends = with.eos.then_some(None);
    for token in tokens.into_iter().map(Some).chain(ends) {
        let processed = match token {
            Some(token) => parser.process(token),
            None => parser.process_eos(),
        };
        let error = processed.err().map(|error| error.to_string());
        let after = snapshot(&parser, error)?;
        steps.push(changes(&before, &after));
        before = after;
    }
    Ok(json!({
        "start": start,
        "steps": steps,
        "messages": parser.messages(),
        "tokens": parser.tokens(),
    }))
}

fn snapshot(parser: &StreamableParser, error: Option<String>) -> Result<Map<String, Value>> {
    let mut state: Map<String, Value> = serde_json::from_str(&parser.state_json()?)?;
    let ids = state.shift_remove("header_tokens").or_else(|| state.shift_remove("content_tokens"));
    state.insert("stateTokens".to_owned(), ids.unwrap_or_else(|| json!([])));
    let views = json!({
        "currentContent": parser.current_content()?,
        "currentRole": parser.current_role(),
        "currentContentType": parser.current_content_type(),
        "currentRecipient": parser.current_recipient(),
        "currentChannel": parser.current_channel(),
        "lastContentDelta": parser.last_content_delta()?,
        "messages": parser.messages().len(),
        "error": error,
    });
    state.entry("header").or_insert(Value::Null);
    state.extend(views.as_object().cloned().unwrap_or_default());
    Ok(state)
}

/// The fields of `after` that differ. For a list of ids or a text that only
/// grew, the appended part: `{"more": …}`.
fn changes(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let changed = after.iter().filter(|(key, value)| before.get(*key) != Some(value));
    let grown = |key: &String, value: &Value| {
        let more = match (before.get(key)?, value) {
            (Value::Array(old), Value::Array(new)) => json!(new.strip_prefix(old.as_slice())?),
            (Value::String(old), Value::String(new)) if key == "currentContent" => {
                json!(new.strip_prefix(old.as_str())?)
            }
            _ => return None,
        };
        Some(json!({ "more": more }))
    };
    changed
        .map(|(key, value)| (key.clone(), grown(key, value).unwrap_or_else(|| value.clone())))
        .collect()
}

fn encode(encoding: &HarmonyEncoding, with: Text) -> Result<Value> {
    let tokenizer = encoding.tokenizer();
    let specials = tokenizer.special_tokens();
    let allowed: HashSet<&str> = match &with.allowed_special {
        Specials::All(_) => specials.clone(),
        Specials::Only(tokens) => tokens.iter().map(String::as_str).collect(),
    };
    let disallowed: HashSet<&str> = match &with.disallowed_special {
        Specials::All(_) => &specials - &allowed,
        Specials::Only(tokens) => tokens.iter().map(String::as_str).collect(),
    };
    let found = disallowed.iter().filter_map(|token| Some((with.text.find(token)?, token)));
    if let Some((_, token)) = found.min() {
        bail!("Encountered text corresponding to disallowed special token '{token}'.");
    }
    Ok(json!({ "tokens": tokenizer.encode(&with.text, &allowed).0 }))
}

fn decode(encoding: &HarmonyEncoding, call: &str, with: Tokens) -> Result<Value> {
    let tokens = token_ids(encoding, &with.tokens)?;
    if call == "decodeUtf8" {
        return Ok(json!({ "text": encoding.tokenizer().decode_utf8(tokens)? }));
    }
    let bytes = encoding.tokenizer().decode_bytes(tokens)?;
    if call == "decode" {
        return Ok(json!({ "text": String::from_utf8_lossy(&bytes) }));
    }
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(json!({ "bytes": hex }))
}

fn constants(encoding: &HarmonyEncoding) -> Result<Value> {
    let tokenizer = encoding.tokenizer();
    let id = |token: &str| tokenizer.encode_with_special_tokens(token)[0];
    let mut specials: Vec<_> =
        tokenizer.special_tokens().into_iter().map(|token| (token.to_owned(), id(token))).collect();
    specials.sort_by_key(|(_, id)| *id);
    let sorted = |stops: HashSet<u32>| {
        let mut stops: Vec<_> = stops.into_iter().collect();
        stops.sort_unstable();
        stops
    };
    Ok(json!({
        "name": encoding.name(),
        "tokenizerName": encoding.tokenizer_name(),
        "maxMessageTokens": encoding.max_message_tokens(),
        "specialTokens": specials,
        "stopTokens": sorted(encoding.stop_tokens()?),
        "stopTokensForAssistantActions": sorted(encoding.stop_tokens_for_assistant_actions()?),
    }))
}

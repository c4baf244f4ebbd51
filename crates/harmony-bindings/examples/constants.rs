//! Prints, as JSON, what the TypeScript facade takes from Rust: upstream's
//! defaults and tools, the codes of errors and repairs, and the numbers of the
//! boundary. `scripts/build/constants.mjs` runs it.

use harmony_core::{
    chat::{Conversation, DeveloperContent, Role, SystemContent, ToolNamespaceConfig},
    error::ErrorCode,
    events::RepairCode,
    load_harmony_encoding,
    registry::HARMONY_GPT_OSS,
    render::spans::SPAN_FIELDS,
    strict::State,
    Error,
};
use protocol::{pending, state_number, STATES};
use std::collections::BTreeMap;

/// The crate is a cdylib, which an example cannot link.
#[path = "../src/protocol.rs"]
mod protocol;

fn main() -> Result<(), Error> {
    let encoding = load_harmony_encoding(HARMONY_GPT_OSS)?;
    let empty = Conversation { messages: Vec::new() };
    let prompt = encoding.render_conversation_for_completion(&empty, Role::Assistant, None);
    let states = [State::ExpectStart, State::Header, State::Content];
    let constants = serde_json::json!({
        "SYSTEM_CONTENT": SystemContent::default(),
        "FUNCTION_TOOLS": DeveloperContent::new().with_function_tools(Vec::new()).tools,
        "TOOL_NAMESPACES": {
            "browser": ToolNamespaceConfig::browser(),
            "python": ToolNamespaceConfig::python(),
        },
        "PROMPT_LENGTH": prompt.map_or(0, |tokens| tokens.len()),
        "ERROR_CODES": ErrorCode::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>(),
        "REPAIR_CODES": RepairCode::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>(),
        "STATES": states.map(|state| STATES[state_number(state) as usize]),
        "SPAN_FIELDS": SPAN_FIELDS.iter().zip(0u32..).collect::<BTreeMap<_, _>>(),
        "PENDING": {
            "NOTHING": pending::NOTHING,
            "DELTA": pending::DELTA,
            "EVENTS": pending::EVENTS,
            "FAILURE": pending::FAILURE,
            "BITS": pending::BITS,
        },
    });
    println!("{constants}");
    Ok(())
}

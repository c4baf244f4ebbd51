//! Prints, as JSON, the constants of upstream's `chat.rs` that the TypeScript
//! facade needs before any wasm is loaded. `scripts/build/constants.mjs` asks.

use harmony_core::{
    chat::{Conversation, DeveloperContent, Role, SystemContent, ToolNamespaceConfig},
    load_harmony_encoding,
    registry::HARMONY_GPT_OSS,
    Error,
};

fn main() -> Result<(), Error> {
    let encoding = load_harmony_encoding(HARMONY_GPT_OSS)?;
    let empty = Conversation { messages: Vec::new() };
    let prompt = encoding.render_conversation_for_completion(&empty, Role::Assistant, None);
    let constants = serde_json::json!({
        "SYSTEM_CONTENT": SystemContent::default(),
        "FUNCTION_TOOLS": DeveloperContent::new().with_function_tools(Vec::new()).tools,
        "TOOL_NAMESPACES": {
            "browser": ToolNamespaceConfig::browser(),
            "python": ToolNamespaceConfig::python(),
        },
        "PROMPT_LENGTH": prompt.map_or(0, |tokens| tokens.len()),
    });
    println!("{constants}");
    Ok(())
}

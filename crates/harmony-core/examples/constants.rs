//! Prints, as JSON, the constants of upstream's `chat.rs` that the TypeScript
//! facade needs before any wasm is loaded. `scripts/build/constants.mjs` asks.

use harmony_core::chat::{DeveloperContent, SystemContent, ToolNamespaceConfig};

fn main() {
    let constants = serde_json::json!({
        "SYSTEM_CONTENT": SystemContent::default(),
        "FUNCTION_TOOLS": DeveloperContent::new().with_function_tools(Vec::new()).tools,
        "TOOL_NAMESPACES": {
            "browser": ToolNamespaceConfig::browser(),
            "python": ToolNamespaceConfig::python(),
        },
    });
    println!("{constants}");
}

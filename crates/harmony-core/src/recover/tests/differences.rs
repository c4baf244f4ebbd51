//! Each difference between recovery and strict parsing that docs/recovery.md
//! lists: both answers, and that they differ.

use super::{encoding, recover, strict, tokens_of};
use crate::{
    chat::{Message, Role},
    strict,
};
use serde_json::{json, Value};

/// The fields of the only message, without role and content.
fn fields(message: &Message) -> Value {
    let mut fields = json!(message);
    let object = fields.as_object_mut().expect("an object");
    object.retain(|key, _| key != "content");
    fields
}

/// Strict's answer, recovery's answer.
fn both(text: &str, role: Option<Role>) -> [Value; 2] {
    let encoding = encoding();
    let tokens = tokens_of(&encoding, &format!("{text}<|message|>x<|end|>"));
    let strict = strict::parse(&encoding, &tokens, role.clone(), true);
    let strict = strict.map_or(Value::Null, |messages| fields(&messages[0]));
    [strict, fields(&recover(&encoding, &tokens, role).messages[0].message)]
}

fn assert_rows(rows: &[(&str, Value, Value)]) {
    for (text, strict, recovered) in rows {
        assert_eq!(both(text, None), [strict.clone(), recovered.clone()], "{text}");
        assert_ne!(strict, recovered, "{text}: no difference");
    }
}

/// Rule 6: no field holds markup, none is empty, the last channel counts.
#[test]
fn difference_markup_and_empty_names() {
    assert_rows(&[
        (
            "<|start|>assistant to=<|channel|>final",
            json!({"role": "assistant", "recipient": "", "channel": "final"}),
            json!({"role": "assistant", "channel": "final"}),
        ),
        (
            "<|start|>assistant to=a<|reserved_200017|>b<|channel|>final",
            json!({"role": "assistant", "recipient": "a<|reserved_200017|>b", "channel": "final"}),
            json!({"role": "assistant", "recipient": "a", "content_type": "b", "channel": "final"}),
        ),
        (
            "<|start|>assistant to=f<|channel|>a<|channel|>b",
            json!({"role": "assistant", "recipient": "f<|channel|>b", "channel": "a"}),
            json!({"role": "assistant", "recipient": "f", "channel": "b"}),
        ),
        (
            "<|start|>assistant to=f<|channel|>a<b",
            json!({"role": "assistant", "recipient": "f<b", "channel": "a"}),
            json!({"role": "assistant", "recipient": "f", "channel": "a<b"}),
        ),
        (
            "<|start|>assistant to=f <|constrain|>",
            json!({"role": "assistant", "recipient": "f", "content_type": "<|constrain|>"}),
            json!({"role": "assistant", "recipient": "f"}),
        ),
    ]);
}

/// Rule 8: a content type is one without a recipient too.
#[test]
fn difference_content_type_without_recipient() {
    assert_rows(&[
        (
            "<|start|>assistant<|channel|>final <|constrain|>json",
            json!({"role": "assistant", "recipient": "<|constrain|>json", "channel": "final"}),
            json!({"role": "assistant", "content_type": "<|constrain|>json", "channel": "final"}),
        ),
        (
            "<|start|>assistant<|channel|>final json",
            json!({"role": "assistant", "recipient": "json", "channel": "final"}),
            json!({"role": "assistant", "content_type": "json", "channel": "final"}),
        ),
        (
            "<|start|>assistant code",
            json!({"role": "assistant", "recipient": "code"}),
            json!({"role": "assistant", "content_type": "code"}),
        ),
    ]);
}

/// Rule 12: a role's name is read as the renderer writes it, a role that is
/// repeated is ignored, and so is a channel's name that nothing marks.
#[test]
fn difference_names_and_repeated_roles() {
    assert_rows(&[
        (
            "<|start|>user:bob to=assistant",
            json!({"role": "tool", "name": "user:bob", "recipient": "assistant"}),
            json!({"role": "user", "name": "bob", "recipient": "assistant"}),
        ),
        (
            "<|start|>assistant<|channel|>commentary assistant",
            json!({"role": "assistant", "recipient": "assistant", "channel": "commentary"}),
            json!({"role": "assistant", "channel": "commentary"}),
        ),
        (
            "<|start|>assistant<|channel|>commentary analysis",
            json!({"role": "assistant", "recipient": "analysis", "channel": "commentary"}),
            json!({"role": "assistant", "channel": "commentary"}),
        ),
        (
            "<|start|>to=f to=g",
            json!({"role": "tool", "name": "to=f", "recipient": "g"}),
            json!({"role": "assistant", "recipient": "f"}),
        ),
        (
            "<|start|>analysis to=f",
            json!({"role": "tool", "name": "analysis", "recipient": "f"}),
            json!({"role": "assistant", "recipient": "f", "channel": "analysis"}),
        ),
        (
            "<|start|>Assistant to=f",
            json!({"role": "tool", "name": "Assistant", "recipient": "f"}),
            json!({"role": "assistant", "recipient": "f"}),
        ),
        (
            "<|start|>my tool",
            json!({"role": "tool", "name": "my"}),
            json!({"role": "tool", "name": "my", "recipient": "tool"}),
        ),
        (
            "<|start|>assistantfinal to=f",
            json!({"role": "tool", "name": "assistantfinal", "recipient": "f"}),
            json!({"role": "assistant", "recipient": "f", "channel": "final"}),
        ),
    ]);
}

/// Whitespace of any kind parts words (llama.cpp#15181), and `to=` begins one.
#[test]
fn difference_whitespace_and_glued_words() {
    assert_rows(&[
        (
            "<|start|>assistant to=f\u{202f}<|channel|>commentary json",
            json!({"role": "assistant", "recipient": "f\u{202f}", "content_type": "json", "channel": "commentary"}),
            json!({"role": "assistant", "recipient": "f", "content_type": "json", "channel": "commentary"}),
        ),
        (
            "<|start|>assistant<|channel|>commentary to= f",
            json!({"role": "assistant", "recipient": "", "content_type": "f", "channel": "commentary"}),
            json!({"role": "assistant", "recipient": "f", "channel": "commentary"}),
        ),
        (
            "<|start|>assistant<|channel|>commentaryto=f",
            json!({"role": "assistant", "channel": "commentaryto=f"}),
            json!({"role": "assistant", "recipient": "f", "channel": "commentary"}),
        ),
    ]);
}

/// Rule 9: `<|start|>` and `<|channel|>` in content begin a message. The
/// renderer never writes them there.
#[test]
fn difference_messages_within_content() {
    let encoding = encoding();
    for marker in ["<|start|>", "<|channel|>"] {
        let text = format!("<|start|>user<|message|>a{marker}b<|end|>");
        let tokens = tokens_of(&encoding, &text);
        let strict = strict(&encoding, &tokens).expect("strict accepts it");
        assert_eq!(json!(strict), json!([{"role": "user", "content": format!("a{marker}b")}]));
        let recovered = recover(&encoding, &tokens, None);
        assert_eq!(json!(recovered.messages[0].message), json!({"role": "user", "content": "a"}));
        assert_eq!(recovered.messages.len(), 2);
    }
}

/// Rule 10: strict loses what follows an unknown id.
#[test]
fn difference_unknown_ids() {
    let encoding = encoding();
    let mut tokens = tokens_of(&encoding, "<|start|>user<|message|>a");
    tokens.push(250_000);
    tokens.extend(tokens_of(&encoding, "b<|end|>"));
    let strict = strict(&encoding, &tokens).expect("strict accepts it");
    assert_eq!(json!(strict[0])["content"], "a\u{fffd}");
    let recovered = recover(&encoding, &tokens, None);
    assert_eq!(json!(recovered.messages[0].message)["content"], "a\u{fffd}b");
}

/// A second `<|message|>` right after the first is not content. The renderer
/// never writes it.
#[test]
fn difference_message_token_twice() {
    let encoding = encoding();
    let tokens = tokens_of(&encoding, "<|start|>user<|message|><|message|>a<|end|>");
    let strict = strict(&encoding, &tokens).expect("strict accepts it");
    assert_eq!(json!(strict[0])["content"], "<|message|>a");
    let recovered = recover(&encoding, &tokens, None);
    assert_eq!(json!(recovered.messages[0].message)["content"], "a");
}

/// Names that are two words, or one in other letters, are read as those.
#[test]
fn difference_misspelt_fields() {
    let called = |recipient: &str| json!({"role": "assistant", "recipient": recipient, "channel": "commentary"});
    assert_rows(&[
        (
            "<|start|>assistant<|channel|>commentaryjson",
            json!({"role": "assistant", "channel": "commentaryjson"}),
            json!({"role": "assistant", "channel": "commentary", "content_type": "json"}),
        ),
        (
            "<|start|>assistant<|channel|>analysisfinal",
            json!({"role": "assistant", "channel": "analysisfinal"}),
            json!({"role": "assistant", "channel": "final"}),
        ),
        (
            "<|start|>assistant<|channel|>Final",
            json!({"role": "assistant", "channel": "Final"}),
            json!({"role": "assistant", "channel": "final"}),
        ),
        (
            "<|start|>assistant<|channel|>**final**",
            json!({"role": "assistant", "channel": "**final**"}),
            json!({"role": "assistant", "channel": "final"}),
        ),
        (
            "<|start|>assistant<|channel|>commentary:to=f",
            json!({"role": "assistant", "channel": "commentary:to=f"}),
            called("f"),
        ),
        ("<|start|>assistant to==f<|channel|>commentary", called("=f"), called("f")),
        ("<|start|>assistant to=\"f\"<|channel|>commentary", called("\"f\""), called("f")),
        (
            "<|start|>assistant to:functions.f<|channel|>commentary",
            called("to:functions.f"),
            called("functions.f"),
        ),
        (
            "<|start|>assistant<|channel|>final <|constrain|>jsonjson",
            json!({"role": "assistant", "recipient": "<|constrain|>jsonjson", "channel": "final"}),
            json!({"role": "assistant", "content_type": "<|constrain|>json", "channel": "final"}),
        ),
    ]);
}

/// `<|endoftext|>` that nothing follows ends the content. The renderer never
/// writes it.
#[test]
fn difference_end_of_text_after_content() {
    let encoding = encoding();
    let tokens = tokens_of(&encoding, "<|start|>user<|message|>a<|endoftext|><|end|>");
    let strict = strict(&encoding, &tokens).expect("strict accepts it");
    assert_eq!(json!(strict[0])["content"], "a<|endoftext|>");
    let recovered = recover(&encoding, &tokens, None);
    assert_eq!(json!(recovered.messages[0].message)["content"], "a");
    assert_eq!(recovered.messages[0].terminator, tokens.last().copied());
    let recovered = recover(&encoding, &tokens[..tokens.len() - 1], None);
    assert_eq!(json!(recovered.messages[0].message)["content"], "a");
    assert_eq!(recovered.messages[0].terminator, Some(tokens[tokens.len() - 2]));
}

/// What an agent would call is a tool's name: not a role, and without signs.
#[test]
fn difference_recipients_that_no_tool_has() {
    let called = |recipient: &str| json!({"role": "assistant", "recipient": recipient, "channel": "commentary"});
    assert_rows(&[
        (
            "<|start|>assistant to=functions.f();<|channel|>commentary",
            called("functions.f();"),
            called("functions.f"),
        ),
        (
            "<|start|>assistant<|channel|>commentary functions.f()",
            called("functions.f()"),
            called("functions.f"),
        ),
        (
            "<|start|>assistant<|channel|>commentaryfunctions.f",
            json!({"role": "assistant", "channel": "commentaryfunctions.f"}),
            called("functions.f"),
        ),
        (
            "<|start|>assistant<|channel|>python code",
            json!({"role": "assistant", "channel": "python", "recipient": "code"}),
            json!({"role": "assistant", "recipient": "python", "content_type": "code"}),
        ),
        (
            "<|start|>assistant to=functions/f<|channel|>commentary",
            called("functions/f"),
            called("functions.f"),
        ),
        (
            "<|start|>assistant<|channel|>final answer",
            json!({"role": "assistant", "recipient": "answer", "channel": "final"}),
            json!({"role": "assistant", "channel": "final"}),
        ),
        (
            "<|start|>assistant to=functions.fcommentary",
            json!({"role": "assistant", "recipient": "functions.fcommentary"}),
            called("functions.f"),
        ),
        (
            "<|start|>assistant to=functions.f:json<|channel|>commentary",
            called("functions.f:json"),
            json!({"role": "assistant", "recipient": "functions.f", "content_type": "json", "channel": "commentary"}),
        ),
        (
            "<|start|>assistant to=functions f<|channel|>commentary",
            json!({"role": "assistant", "recipient": "functions", "content_type": "f", "channel": "commentary"}),
            called("functions.f"),
        ),
        (
            "<|start|>assistant to=user<|channel|>final",
            json!({"role": "assistant", "recipient": "user", "channel": "final"}),
            json!({"role": "assistant", "channel": "final"}),
        ),
        (
            "<|start|>assistant user",
            json!({"role": "assistant", "recipient": "user"}),
            json!({"role": "assistant"}),
        ),
        (
            "<|start|>assistant to=f<|channel|>commentary jsonjson",
            json!({"role": "assistant", "recipient": "f", "content_type": "jsonjson", "channel": "commentary"}),
            json!({"role": "assistant", "recipient": "f", "content_type": "json", "channel": "commentary"}),
        ),
        (
            "<|start|>functions.f to=assistantcommentary",
            json!({"role": "tool", "name": "functions.f", "recipient": "assistantcommentary"}),
            json!({"role": "tool", "name": "functions.f", "recipient": "assistant", "channel": "commentary"}),
        ),
    ]);
}

/// A header in plain words in a header begins a message. The renderer writes its
/// words only as names.
#[test]
fn difference_headers_in_plain_words() {
    let encoding = encoding();
    let header = "<|start|>assistant<|channel|>commentary Hm.assistantfinal";
    let tokens = tokens_of(&encoding, &format!("{header}<|message|>x<|end|>"));
    let strict = strict(&encoding, &tokens).expect("strict accepts it");
    assert_eq!(json!(strict[0])["recipient"], "Hm.assistantfinal");
    let recovered = recover(&encoding, &tokens, None);
    let found = recovered.messages.iter().map(|found| {
        let content = json!(found.message)["content"].clone();
        json!([found.message.channel, found.message.recipient, content])
    });
    assert_eq!(
        found.collect::<Value>(),
        json!([["commentary", null, "Hm."], ["final", null, "x"]])
    );
}

/// The caller's tools decide which word is a recipient and where its name ends.
#[test]
fn tools_that_the_caller_knows() {
    let encoding = encoding();
    let tools = ["fs_read".to_owned(), "functions.decode".to_owned()];
    let rows = [
        ("commentary fs_read json", "fs_read", Some("json"), 0),
        ("commentary fs_readjson", "fs_read", Some("json"), 1),
        ("commentaryfs_read", "fs_read", None, 1),
        ("commentary to=fs_read{}", "fs_read", None, 1),
        ("commentary to=decode", "decode", None, 0),
        ("commentary to=decodejson", "decode", Some("json"), 1),
        ("commentary to=other to=fs_read", "fs_read", None, 1),
        ("commentary to=geojson", "geojson", None, 0),
    ];
    for (header, recipient, content_type, repairs) in rows {
        let tokens = tokens_of(&encoding, &format!("<|channel|>{header}<|message|>{{}}<|call|>"));
        let found = super::super::recover(&encoding, &tokens, Some(Role::Assistant), &tools);
        let [only] = &found.messages[..] else { panic!("{header}: {found:?}") };
        assert_eq!(only.message.channel.as_deref(), Some("commentary"), "{header}");
        assert_eq!(only.message.recipient.as_deref(), Some(recipient), "{header}");
        assert_eq!(only.message.content_type.as_deref(), content_type, "{header}");
        assert_eq!(only.repairs.len(), repairs, "{header}: {:?}", only.repairs);
    }
}

//! Recovery against strict parsing, on what upstream's renderer writes: the
//! same answer without a repair, wherever strict has one and none of the
//! differences of docs/recovery.md is in play; differences.rs has a row for each.

use super::{encoding, random::Random, recover, strict, tokens_of};
use crate::{
    chat::{Author, Message, Role},
    strict,
};
use serde_json::json;

/// Names that mean nothing to a header.
const PLAIN: [&str; 17] = [
    "functions.get_weather",
    "python",
    "web-browsing",
    "browser.search",
    "a",
    "é",
    "日本",
    "x|y",
    "a:b",
    "to",
    "=",
    "finalx",
    "jsonx",
    "my thing",
    "text/plain",
    "a  b",
    "(x)",
];
const CHANNELS: [&str; 5] = ["analysis", "commentary", "final", "finalx", "my channel"];
/// Names that mean something, or hold what no name may hold.
const ODD: [&str; 20] = [
    "",
    "my tool",
    "a<b",
    " ",
    "json",
    "code",
    "final",
    "assistant",
    "assistantassistant",
    "user",
    "user:bob",
    "Assistant",
    "to=x",
    "commentaryto=x",
    "a\u{a0}b",
    "\u{202f}a",
    "<|",
    "<|channel|>final",
    "<|constrain|>",
    "all json",
];
const TYPES: [&str; 5] = ["json", "code", "text", "<|constrain|>json", "<|constrain|>yaml"];
const CONTENTS: [&str; 5] = ["", "Hello", "{\"a\": 1}", " two\n\nlines ", "<|end|> 🧑🏽‍🚀"];
const ROLES: [Role; 5] = [Role::User, Role::Assistant, Role::System, Role::Developer, Role::Tool];

fn name(random: &mut Random, percent_odd: usize) -> String {
    let odd = random.chance(percent_odd);
    (*if odd { random.of(&ODD) } else { random.of(&PLAIN) }).to_owned()
}

fn message(random: &mut Random, odd: usize) -> Message {
    let role = random.of(&ROLES).clone();
    let is_named = role == Role::Tool || random.chance(odd);
    let author = Author { name: is_named.then(|| name(random, odd)), role };
    let channel = random.chance(60).then(|| (*random.of(&CHANNELS)).to_owned());
    let channel = channel.map(|known| if random.chance(odd) { name(random, odd) } else { known });
    let recipient = random.chance(50).then(|| name(random, odd));
    let content_type = random.chance(40).then(|| (*random.of(&TYPES)).to_owned());
    let content = vec![(*random.of(&CONTENTS)).into()];
    Message { author, recipient, content, channel, content_type }
}

/// Whether a listed difference may be in play.
fn is_listed(message: &Message) -> bool {
    let author = &message.author;
    let fields = [&author.name, &message.channel, &message.recipient];
    let is_odd = |field: &String| ODD.contains(&field.as_str());
    let is_bare = |content_type: &String| TYPES.contains(&content_type.as_str());
    let is_tool = |channel: &String| {
        ["python", "browser.search", "functions.get_weather"].contains(&channel.as_str())
    };
    message.channel.as_ref().is_some_and(is_tool)
        || (author.role != Role::Tool && author.name.is_some())
        || fields.into_iter().flatten().any(is_odd)
        || message.recipient.is_none() && message.content_type.as_ref().is_some_and(is_bare)
}

#[test]
fn what_the_renderer_writes_is_read_as_strict_reads_it() {
    let encoding = encoding();
    let mut random = Random(6);
    let (mut same, mut listed) = (0, 0);
    for number in 0..20_000 {
        let message = message(&mut random, if number % 2 == 0 { 0 } else { 30 });
        let Ok(tokens) = encoding.render(&message, None) else { continue };
        let recovered = recover(&encoding, &tokens, None);
        let [only] = &recovered.messages[..] else { panic!("{message:?}: {recovered:?}") };
        assert_eq!(json!(only.message)["content"], json!(message)["content"]);
        let Some(strict) = strict(&encoding, &tokens) else { continue };
        if is_listed(&message) {
            listed += 1;
            continue;
        }
        assert_eq!(vec![only.message.clone()], strict, "{}", json!(message));
        assert!(only.repairs.is_empty(), "{} {:?}", json!(message), only.repairs);
        same += 1;
    }
    assert!(same > 5_000 && listed > 1_000, "{same} the same, {listed} listed");
}

#[test]
fn whole_conversations_are_read_as_strict_reads_them() {
    let encoding = encoding();
    let mut random = Random(7);
    let mut compared = 0;
    for _ in 0..3_000 {
        let messages: Vec<_> = (0..3).map(|_| message(&mut random, 0)).collect();
        if messages.iter().any(is_listed) {
            continue;
        }
        let rendered = messages.iter().map(|message| encoding.render(message, None));
        let Ok(rendered) = rendered.collect::<Result<Vec<_>, _>>() else { continue };
        let tokens = rendered.concat();
        let Some(strict) = strict(&encoding, &tokens) else { continue };
        let recovered = recover(&encoding, &tokens, None);
        let found: Vec<_> = recovered.messages.into_iter().map(|found| found.message).collect();
        assert_eq!(found, strict);
        // As the completion of a prompt that has begun the first message.
        let prompt = tokens_of(&encoding, "<|start|>assistant");
        if let Some(completion) = tokens.strip_prefix(&prompt[..]) {
            let role = Some(Role::Assistant);
            let strict = strict::parse(&encoding, completion, role.clone(), true);
            let recovered = recover(&encoding, completion, role).messages;
            let found: Vec<_> = recovered.into_iter().map(|found| found.message).collect();
            assert_eq!(Some(found), strict.ok());
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared}");
}

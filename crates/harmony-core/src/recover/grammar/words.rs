//! The words that a header is made of: roles, channels, content types, `to=`.
//! A name here is what models write, not what is allowed: any other word may
//! be a channel or a recipient too, where its place says so.

use crate::chat::Role;

/// The channels that gpt-oss was trained on.
pub(in crate::recover) const CHANNELS: [&str; 3] = ["analysis", "commentary", "final"];
/// The content types that it writes without `<|constrain|>`.
pub(in crate::recover) const CONTENT_TYPES: [&str; 2] = ["json", "code"];
/// What comes before a recipient.
pub(in crate::recover) const RECIPIENT: &str = "to=";
/// What the names of tools begin with, or are.
const NAMESPACES: [&str; 4] = ["functions.", "browser.", "python", "container."];
/// How every special token begins. No field of a header holds it.
pub(in crate::recover) const MARKUP: &str = "<|";

pub(in crate::recover) fn is_channel(word: &str) -> bool {
    CHANNELS.contains(&word)
}

pub(in crate::recover) fn is_content_type(word: &str) -> bool {
    CONTENT_TYPES.contains(&word)
}

pub(in crate::recover) fn is_tool(word: &str) -> bool {
    NAMESPACES.iter().any(|&namespace| word.starts_with(namespace))
}

pub(in crate::recover) fn role_of(word: &str) -> Option<Role> {
    Role::try_from(word).ok()
}

/// The author that a word is by itself: a role, with a name as the renderer
/// writes it (`user:bob`). A tool's name stands alone instead.
pub(in crate::recover) fn author_of(word: &str) -> Option<(Role, Option<String>)> {
    if let Some(role) = role_of(word) {
        let name = (role == Role::Tool).then(|| word.to_owned());
        return Some((role, name));
    }
    let (role, name) = word.split_once(':')?;
    let role = role_of(role).filter(|role| *role != Role::Tool)?;
    (!name.is_empty()).then(|| (role, Some(name.to_owned())))
}

/// What follows the role in a word that begins with it, however often:
/// nothing in `assistant` and `assistantassistant` (tenstorrent/vllm#386).
pub(in crate::recover) fn after_role<'a>(word: &'a str, role: &Role) -> Option<&'a str> {
    let rest = word.strip_prefix(role.as_str())?;
    Some(rest.trim_start_matches(role.as_str()))
}

pub(in crate::recover) fn repeats_role(word: &str, role: &Role) -> bool {
    after_role(word, role) == Some("")
}

/// Whether what is glued to a role may be so: nothing, a channel, `to=…`.
pub(in crate::recover) fn is_glued(rest: &&str) -> bool {
    rest.is_empty() || is_channel(rest) || rest.starts_with(RECIPIENT)
}

/// The channel that a word begins with, and the rest of the word.
pub(in crate::recover) fn channel_prefix(word: &str) -> Option<(&'static str, &str)> {
    CHANNELS.iter().find_map(|channel| Some((*channel, word.strip_prefix(channel)?)))
}

/// The last of the channels that are glued to each other, of two or more, or
/// of one with something glued to it; and what that is.
pub(in crate::recover) fn glued_channel(word: &str) -> Option<(&'static str, &str)> {
    let (mut last, mut rest) = channel_prefix(word)?;
    while let Some((channel, after)) = channel_prefix(rest) {
        (last, rest) = (channel, after);
    }
    let is_whole = rest.is_empty() && !is_channel(word);
    (is_whole || is_content_type(rest) || rest.starts_with(RECIPIENT)).then_some((last, rest))
}

/// A channel that is written in other letters.
pub(in crate::recover) fn misspelt_channel(word: &str) -> Option<&'static str> {
    CHANNELS.into_iter().find(|channel| *channel != word && word.eq_ignore_ascii_case(channel))
}

/// A known content type that is written several times in one word.
pub(in crate::recover) fn repeated_content_type(word: &str) -> Option<&'static str> {
    let repeats = |name: &&str| *name != word && word.replace(*name, "").is_empty();
    CONTENT_TYPES.into_iter().find(repeats).filter(|_| !word.is_empty())
}

/// The name of a recipient without the signs before and around it: no tool is
/// called `=f` or `"f"`.
pub(in crate::recover) fn unquoted(name: &str) -> &str {
    let bare = name.trim_start_matches('=');
    let quoted = |quote| bare.strip_prefix(quote)?.strip_suffix(quote);
    let bare = ['"', '\'', '`'].into_iter().find_map(quoted).unwrap_or(bare);
    if bare.is_empty() {
        name
    } else {
        bare
    }
}

/// The tool in `to:functions.f`.
pub(in crate::recover) fn after_colon(word: &str) -> Option<&str> {
    word.strip_prefix("to:").filter(|name| is_tool(name))
}

/// Whether a word can be nothing but a part of a header.
pub(in crate::recover) fn is_known(word: &str) -> bool {
    author_of(word).is_some()
        || is_channel(word)
        || is_content_type(word)
        || word.starts_with(RECIPIENT)
        || after_role(word, &Role::Assistant).as_ref().is_some_and(is_glued)
}

/// Whether a name of a tool, a channel or a content type may hold it.
pub(in crate::recover) fn is_name_character(character: char) -> bool {
    character.is_alphanumeric() || "_-.:/+".contains(character)
}

/// Whether a word may be more of a name, not an aside in parentheses.
pub(in crate::recover) fn begins_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphanumeric() || first == '_')
}

/// The leading part of a word that may be a name, and the rest.
pub(in crate::recover) fn name_and_rest(word: &str) -> (&str, &str) {
    word.split_at(word.find(|found| !is_name_character(found)).unwrap_or(word.len()))
}

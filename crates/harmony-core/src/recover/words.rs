//! The words of headers: roles, channels, content types, `to=`. These are the
//! names that models write, not those that are allowed: in its place, any other
//! word may be a channel or a recipient too.

use crate::chat::Role;

/// The channels that gpt-oss was trained on.
pub(super) const CHANNELS: [&str; 3] = ["analysis", "commentary", "final"];
/// The content types that it writes without `<|constrain|>`.
pub(super) const CONTENT_TYPES: [&str; 2] = ["json", "code"];
/// What comes before a recipient.
pub(super) const RECIPIENT: &str = "to=";
/// What the names of tools begin with, or are.
const NAMESPACES: [&str; 4] = ["functions.", "browser.", "python", "container."];
/// The namespace of a caller's tools.
const FUNCTIONS: &str = "functions";
/// How every special token begins. No field of a header holds it.
pub(super) const MARKUP: &str = "<|";

pub(super) fn is_channel(word: &str) -> bool {
    CHANNELS.contains(&word)
}

pub(super) fn is_content_type(word: &str) -> bool {
    CONTENT_TYPES.contains(&word)
}

pub(super) fn is_tool(word: &str) -> bool {
    NAMESPACES.iter().any(|&namespace| word.starts_with(namespace))
}

pub(super) fn role_of(word: &str) -> Option<Role> {
    Role::try_from(word).ok()
}

/// The author that a word is by itself: a role, with a name as the renderer
/// writes it (`user:bob`). A tool's name comes without a role.
pub(super) fn author_of(word: &str) -> Option<(Role, Option<String>)> {
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
pub(super) fn after_role<'a>(word: &'a str, role: &Role) -> Option<&'a str> {
    let rest = word.strip_prefix(role.as_str())?;
    Some(rest.trim_start_matches(role.as_str()))
}

/// The assistant in a word with signs that no tool's name has after it
/// (`assistant!!`, of speculative decoding).
pub(super) fn dirty_role(word: &str) -> Option<Role> {
    let rest = after_role(word, &Role::Assistant)?;
    rest.starts_with(|found| !is_name_character(found)).then_some(Role::Assistant)
}

pub(super) fn repeats_role(word: &str, role: &Role) -> bool {
    after_role(word, role) == Some("")
}

/// Whether this text may be glued to a role: nothing, a channel, `to=…`.
pub(super) fn is_glued(rest: &&str) -> bool {
    rest.is_empty() || is_channel(rest) || rest.starts_with(RECIPIENT)
}

/// The channel that a word begins with, and the rest of the word.
pub(super) fn channel_prefix(word: &str) -> Option<(&'static str, &str)> {
    CHANNELS.iter().find_map(|channel| Some((*channel, word.strip_prefix(channel)?)))
}

/// The channel that a word ends with, and the rest of the word.
pub(super) fn channel_suffix(word: &str) -> Option<(&'static str, &str)> {
    CHANNELS.iter().find_map(|channel| Some((*channel, word.strip_suffix(channel)?)))
}

/// The last of the channels that are glued to each other, of two or more, or
/// of one with something glued to it; and what that is.
pub(super) fn glued_channel(word: &str) -> Option<(&'static str, &str)> {
    let (mut last, mut rest) = channel_prefix(word)?;
    while let Some((channel, after)) = channel_prefix(rest) {
        (last, rest) = (channel, after);
    }
    let is_whole = rest.is_empty() && !is_channel(word);
    let is_addressed = rest.trim_start_matches(is_sign).starts_with(RECIPIENT);
    (is_whole || is_content_type(rest) || is_addressed).then_some((last, rest))
}

/// Signs that set a word apart and do not belong to it.
const AROUND: &str = "*`\"'.,:;()[]{}<>|\u{200b}\u{feff}";

/// A channel in other letters, or with signs or a tag around it (`final:`,
/// `**final**`, `final<br>`).
pub(super) fn misspelt_channel(word: &str) -> Option<&'static str> {
    let is_around = |found: char| AROUND.contains(found);
    let name = word.trim_start_matches(is_around);
    let bare = name.split('<').next().unwrap_or(name).trim_end_matches(is_around);
    CHANNELS.into_iter().find(|channel| *channel != word && bare.eq_ignore_ascii_case(channel))
}

/// Whether a character ends a word: no name has it.
pub(super) fn is_sign(found: char) -> bool {
    !found.is_alphanumeric() && found != '_'
}

/// The endings that make `final` another word.
const AFTER_FINAL: [&str; 15] = [
    "e", "es", "ise", "ised", "ises", "ising", "ist", "ists", "ity", "ize", "ized", "izes",
    "izing", "ly", "s",
];

/// The channel that unmarked text begins with, and the text after it:
/// `finalFour`, `analysiswe need`, a name on a line of its own, but not `finally` or
/// `analysis of`.
pub(super) fn unmarked_channel(text: &str) -> Option<(&'static str, &str)> {
    let (channel, rest) = channel_prefix(text)?;
    let ends_word = |after: &str| !after.starts_with(char::is_lowercase);
    let is_longer = channel == "final"
        && AFTER_FINAL.iter().any(|ending| rest.strip_prefix(ending).is_some_and(ends_word));
    let is_apart = rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() && c != '\n');
    (!is_longer && !is_apart).then_some((channel, rest))
}

/// `functions.f`, `repo_browser.open_file`: names joined by dots, none of them
/// a role or a sentence's word (`think.assistant`).
pub(super) fn is_dotted(word: &str) -> bool {
    let is_name = |part: &str| {
        part.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && part.chars().all(|c| c.is_alphanumeric() || "_-".contains(c))
            && role_of(part).is_none()
    };
    word.contains('.') && word.split('.').all(is_name)
}

/// A known content type that is written several times in one word.
pub(super) fn repeated_content_type(word: &str) -> Option<&'static str> {
    let repeats = |name: &&str| *name != word && word.replace(*name, "").is_empty();
    CONTENT_TYPES.into_iter().find(repeats).filter(|_| !word.is_empty())
}

/// The name of a recipient without the signs before and around it: no tool is
/// called `=f` or `"f"`.
pub(super) fn unquoted(name: &str) -> &str {
    let bare = name.trim_start_matches('=');
    let quoted = |quote| bare.strip_prefix(quote)?.strip_suffix(quote);
    let bare = ['"', '\'', '`'].into_iter().find_map(quoted).unwrap_or(bare);
    if bare.is_empty() {
        name
    } else {
        bare
    }
}

/// The tool in `to:functions.f`, `TO=functions.f`, `recipient=functions.f`.
pub(super) fn misspelt_recipient(word: &str) -> Option<&str> {
    let (marker, name) = word.split_once([':', '=', '\u{ff1d}'])?;
    let is_marker = ["to", "recipient"].iter().any(|known| marker.eq_ignore_ascii_case(known));
    (is_marker && is_tool(name)).then_some(name)
}

/// Whether a recipient is a namespace without the function's name.
pub(super) fn is_namespace(name: &str) -> bool {
    name == FUNCTIONS || name.ends_with('.') && is_tool(name)
}

/// `functions.f` for a name that has this namespace in other letters, with another
/// sign than a dot, or several times (`functions/f`, `functions.functions.f`).
pub(super) fn in_functions(name: &str) -> Option<String> {
    let is_separator = |found: char| is_sign(found) && found != '-';
    let mut rest = name;
    while let Some(after) = rest
        .split_at_checked(FUNCTIONS.len())
        .filter(|(head, _)| head.eq_ignore_ascii_case(FUNCTIONS))
        .map(|(_, after)| after)
        .filter(|after| after.starts_with(is_separator))
    {
        rest = after.trim_start_matches(is_separator);
    }
    let meant = format!("{FUNCTIONS}.{rest}");
    (rest.len() < name.len() && !rest.is_empty() && meant != name).then_some(meant)
}

/// Whether a word can be nothing but a part of a header.
pub(super) fn is_known(word: &str) -> bool {
    author_of(word).is_some()
        || is_channel(word)
        || is_content_type(word)
        || word.starts_with(RECIPIENT)
        || after_role(word, &Role::Assistant).as_ref().is_some_and(is_glued)
}

/// Whether a name of a tool, a channel or a content type may hold it.
pub(super) fn is_name_character(character: char) -> bool {
    character.is_alphanumeric() || "_-.:/+".contains(character)
}

/// Whether a word may be a name by itself. A sentence's word ends with a sign.
pub(super) fn may_be_name(word: &str) -> bool {
    word.chars().all(is_name_character) && word.ends_with(char::is_alphanumeric)
}

/// Whether a word may be more of a name, not an aside in parentheses.
pub(super) fn begins_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphanumeric() || first == '_')
}

/// The leading part of a word that may be a name, and the rest.
pub(super) fn name_and_rest(word: &str) -> (&str, &str) {
    word.split_at(word.find(|found| !is_name_character(found)).unwrap_or(word.len()))
}

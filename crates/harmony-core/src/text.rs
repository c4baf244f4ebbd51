//! Plain text to tokens and back: the tokenizer with the rules on special tokens
//! of upstream's Python package.

use crate::{
    encoding::HarmonyEncoding,
    error::Error,
    tokenizer::special,
    tokenizer::{DecodeKeyError, Rank},
};
use std::collections::HashSet;

/// The texts of special tokens that a rule concerns.
pub enum Specials {
    /// Every special token.
    All,
    /// These texts; for the disallowed they need not be special tokens.
    Only(Vec<String>),
}

/// Encodes `text` as `encode` of upstream's Python package does: a disallowed
/// text is an error, an allowed one becomes its token, any other is ordinary.
/// `Specials::All` of the disallowed means all that are not allowed.
///
/// # Errors
/// [`Error::DisallowedSpecial`] names the first disallowed text.
pub fn encode(
    encoding: &HarmonyEncoding,
    text: &str,
    allowed: &Specials,
    disallowed: &Specials,
) -> Result<Vec<Rank>, Error> {
    let is_allowed = |token: &str| match allowed {
        Specials::All => true,
        Specials::Only(tokens) => tokens.iter().any(|allowed| allowed == token),
    };
    let spelled: Vec<&str> = special::occurrences(text).map(|found| found.text).collect();
    let found = match disallowed {
        Specials::All => spelled.iter().copied().find(|token| !is_allowed(token)),
        Specials::Only(tokens) => first_of(text, tokens),
    };
    if let Some(token) = found {
        return Err(Error::DisallowedSpecial { token: token.to_owned() });
    }
    let allowed: HashSet<&str> = spelled.into_iter().filter(|token| is_allowed(token)).collect();
    if allowed.is_empty() {
        return Ok(encoding.tokenizer().encode_ordinary(text));
    }
    Ok(encoding.tokenizer().encode(text, &allowed).0)
}

fn first_of<'a>(text: &str, tokens: &'a [String]) -> Option<&'a str> {
    let places = tokens.iter().filter_map(|token| Some((text.find(token)?, token.as_str())));
    places.min_by_key(|(place, _)| *place).map(|(_, token)| token)
}

/// The text of `tokens`.
///
/// # Errors
/// [`Error::InvalidToken`] for an unknown id, [`Error::InvalidUtf8`] where the
/// bytes are not UTF-8.
pub fn decode_utf8(encoding: &HarmonyEncoding, tokens: &[Rank]) -> Result<String, Error> {
    encoding.tokenizer().decode_utf8(tokens).map_err(|error| {
        let error = error.to_string();
        match encoding.tokenizer().decode_bytes(tokens) {
            Ok(_) => Error::InvalidUtf8 { error },
            Err(DecodeKeyError { token }) => invalid_token(error, tokens, token),
        }
    })
}

/// The bytes of `tokens`.
///
/// # Errors
/// [`Error::InvalidToken`] for an unknown id.
pub fn decode_bytes(encoding: &HarmonyEncoding, tokens: &[Rank]) -> Result<Vec<u8>, Error> {
    let bytes = encoding.tokenizer().decode_bytes(tokens);
    bytes.map_err(|error| invalid_token(error.to_string(), tokens, error.token))
}

/// The text of `tokens`, with U+FFFD where the bytes are not UTF-8.
///
/// # Errors
/// [`Error::InvalidToken`] for an unknown id.
pub fn decode(encoding: &HarmonyEncoding, tokens: &[Rank]) -> Result<String, Error> {
    let bytes = decode_bytes(encoding, tokens)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn invalid_token(error: String, tokens: &[Rank], token: Rank) -> Error {
    let index = tokens.iter().position(|&id| id == token).unwrap_or_default();
    Error::InvalidToken { error, index }
}

/// Every special token's text with its id, in the order of the ids.
pub fn special_tokens() -> Vec<(String, Rank)> {
    special::tokens().collect()
}

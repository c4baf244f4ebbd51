//! The conversions that every class of the boundary needs: errors, JSON, roles.

use harmony_core::{chat::Role, json::read_role, render::Purpose};
use js_sys::{Error, Reflect};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// An `Error` object with `code`, `path` and `index`.
pub(crate) fn thrown(error: harmony_core::Error) -> Error {
    let object = Error::new(&error.to_string());
    let set = |key: &str, value: JsValue| Reflect::set(&object, &key.into(), &value).is_ok();
    set("code", error.code().into());
    set("path", error.path().map_or(JsValue::UNDEFINED, JsValue::from));
    set("index", error.index().map_or(JsValue::UNDEFINED, |index| (index as f64).into()));
    object
}

pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::new(&error.to_string()))
}

pub(crate) fn role_of(name: Option<String>) -> Result<Option<Role>, Error> {
    name.as_deref().map(read_role).transpose().map_err(thrown)
}

/// A next turn's role makes the conversation a prompt.
pub(crate) fn purpose_of(next_turn_role: Option<String>, training: bool) -> Result<Purpose, Error> {
    Ok(match (role_of(next_turn_role)?, training) {
        (Some(role), _) => Purpose::Completion(role),
        (None, true) => Purpose::Training,
        (None, false) => Purpose::Conversation,
    })
}

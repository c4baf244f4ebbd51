//! The settings of rows, which are too many for arguments.

use crate::convert::{purpose_of, thrown};
use harmony_core::{
    json::read_conversation,
    render::rows::{Analysis, RowOptions, Shape},
};
use js_sys::Error;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RowSettings {
    shape: Shape,
    preface: Option<String>,
    next_turn_role: Option<String>,
    training: bool,
    analysis: Analysis,
    most_tokens: u32,
    fields: Vec<String>,
    row_fields: Vec<String>,
}

/// Reads the settings from JSON.
pub(crate) fn row_options(json: &str) -> Result<RowOptions, Error> {
    let settings: RowSettings =
        serde_json::from_str(json).map_err(|error| Error::new(&error.to_string()))?;
    let preface = settings.preface.as_deref().map(read_conversation).transpose();
    Ok(RowOptions {
        shape: settings.shape,
        preface: preface.map_err(thrown)?.map_or_else(Vec::new, |preface| preface.messages),
        purpose: purpose_of(settings.next_turn_role, settings.training)?,
        analysis: settings.analysis,
        most_tokens: settings.most_tokens as usize,
        fields: settings.fields,
        row_fields: settings.row_fields,
    })
}

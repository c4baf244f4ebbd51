//! Rendering that tells where the messages lie: the ids are returned, the
//! spans kept until they are fetched, as numbers and the texts they name.

use crate::{purpose, thrown, to_json, Encoding};
use harmony_core::{
    conversation::read_conversation,
    encoding::RenderConversationConfig,
    spans::{flattened, render},
};
use js_sys::Error;
use wasm_bindgen::prelude::*;

/// The last spans, as [`flattened`] has them; the texts as JSON.
#[derive(Default)]
pub(crate) struct Spans(Vec<u32>, String);

#[wasm_bindgen]
impl Encoding {
    /// [`Self::render_conversation`], of the messages that `only` names or of all.
    pub fn render_with_spans(
        &mut self,
        length: usize,
        only: Option<Vec<u32>>,
        next_turn_role: Option<String>,
        training: bool,
        auto_drop_analysis: bool,
    ) -> Result<Vec<u32>, Error> {
        let purpose = purpose(next_turn_role, training)?;
        let config = RenderConversationConfig { auto_drop_analysis };
        let given = read_conversation(self.text(length)?).map_err(thrown)?;
        let rendered = render(&self.harmony, given, only.as_deref(), purpose, &config);
        let (tokens, spans) = rendered.map_err(thrown)?;
        let (numbers, names) = flattened(&spans);
        self.spans = Spans(numbers, to_json(&names)?);
        Ok(tokens)
    }

    /// The numbers of the spans that were rendered last; to be fetched once.
    pub fn take_span_numbers(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.spans.0)
    }

    /// The texts that the numbers name, as JSON; to be fetched once.
    pub fn take_span_names(&mut self) -> String {
        std::mem::take(&mut self.spans.1)
    }
}

//! The spans of the last rendering, kept until JavaScript fetches them. Names
//! cross only when they change: in most data they are the same each time, and one
//! text costs as much as ten spans.

use crate::convert::to_json;
use harmony_core::render::spans::FlatSpans;
use js_sys::Error;

/// Spans as [`FlatSpans`] has them, and whether the names are new.
#[derive(Default)]
pub(crate) struct Spans {
    numbers: Vec<u32>,
    names: Vec<String>,
    are_new: bool,
}

impl Spans {
    pub(crate) fn set(&mut self, spans: FlatSpans) {
        let (numbers, names) = spans.into_parts();
        self.numbers = numbers;
        if self.names != names {
            self.names = names;
            self.are_new = true;
        }
    }

    pub(crate) fn take_numbers(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.numbers)
    }

    pub(crate) fn take_names(&mut self) -> Result<Option<String>, Error> {
        let are_new = std::mem::take(&mut self.are_new);
        are_new.then(|| to_json(&self.names)).transpose()
    }
}

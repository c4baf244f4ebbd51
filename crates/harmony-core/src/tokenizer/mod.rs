//! The o200k_harmony tokenizer: vocabulary, special tokens, split pattern.
//! For now upstream's own `CoreBPE` does the encoding.

pub(crate) mod special;
pub(crate) mod vocabulary;

use crate::tiktoken::CoreBPE;

/// Builds upstream's `CoreBPE` from the built-in tables.
///
/// # Errors
/// Upstream's, when the split pattern does not compile.
pub(crate) fn load() -> anyhow::Result<CoreBPE> {
    let pattern = special::SPLIT_ALTERNATIVES.join("|");
    CoreBPE::new(vocabulary::tokens(), special::tokens(), &pattern)
        .map_err(|error| anyhow::anyhow!(error))
}

//! The type of token ids, below every other file of the tokenizer.

/// A token id: for an ordinary token, its rank.
pub(crate) type Rank = u32;

//! Upstream's own files, compiled unmodified from cargo's registry.
//!
//! `chat.rs` and `encoding.rs` refer to `crate::chat` and `crate::tiktoken`, so
//! the crate root re-exports these modules, and our tokenizer has the alias
//! `tiktoken`. Upstream needs that alias; our own code says `crate::tokenizer`.

include!(concat!(env!("OUT_DIR"), "/upstream.rs"));

/// Upstream's `encoding.rs` imports its tokenizer by this name.
pub(crate) use crate::tokenizer as tiktoken;

/// Upstream's `registry.rs` imports its tokenizer from here. Only the test that
/// compares the two registries compiles that file.
#[cfg(test)]
pub(crate) mod tiktoken_ext {
    #![allow(missing_docs)]

    pub(crate) enum Encoding {
        O200kHarmony,
    }

    impl Encoding {
        pub(crate) fn load(&self) -> anyhow::Result<crate::tokenizer::CoreBPE> {
            Ok(crate::tokenizer::CoreBPE::load())
        }

        pub(crate) fn name(&self) -> &'static str {
            "o200k_harmony"
        }
    }
}

/// Upstream's tokenizer and registry: the references of our tests.
#[cfg(test)]
pub(crate) mod reference {
    include!(concat!(env!("OUT_DIR"), "/reference.rs"));
}

//! The vocabulary as the build packs it: the single bytes in the order of their
//! ranks, then for each other token the two that merge to it, in six planes of
//! bytes.

use crate::tokenizer::Rank;

include!(concat!(env!("OUT_DIR"), "/vocabulary.rs"));

pub(super) static PACKED: &[u8; SINGLES + 6 * MERGES] =
    include_bytes!(concat!(env!("OUT_DIR"), "/vocabulary.bin"));

/// The single bytes are the first ranks.
pub(super) const SINGLES: usize = 256;

/// The two tokens that merge to the token `SINGLES + merge`.
#[inline]
pub(super) fn parts(merge: usize) -> [Rank; 2] {
    let byte = |plane: usize| u32::from(PACKED[SINGLES + plane * MERGES + merge]);
    [0, 3].map(|plane| byte(plane) | byte(plane + 1) << 8 | byte(plane + 2) << 16)
}

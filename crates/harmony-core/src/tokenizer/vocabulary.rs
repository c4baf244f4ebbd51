//! The vocabulary, unpacked from merge pairs. `build/vocabulary.rs` packs it
//! and says how; what comes out here is, token for token, the published file,
//! whose hash the build has checked.

use crate::tiktoken::Rank;

include!(concat!(env!("OUT_DIR"), "/vocabulary.rs"));

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/vocabulary.bin"));
const SINGLES: usize = 256;

/// The bytes of every ordinary token with its rank, in rank order.
pub(crate) fn tokens() -> Vec<(Vec<u8>, Rank)> {
    let (singles, planes) = PACKED.split_at(SINGLES);
    let merges = planes.len() / 6;
    let part = |side: usize, merge: usize| -> usize {
        let byte = |plane: usize| usize::from(planes[(3 * side + plane) * merges + merge]);
        byte(0) | byte(1) << 8 | byte(2) << 16
    };
    let mut tokens: Vec<Vec<u8>> = singles.iter().map(|&byte| vec![byte]).collect();
    tokens.reserve_exact(merges);
    for merge in 0..merges {
        let token = [tokens[part(0, merge)].as_slice(), &tokens[part(1, merge)]].concat();
        tokens.push(token);
    }
    tokens.into_iter().zip(0..).collect()
}

#[cfg(test)]
mod tests {
    /// Round trip: the unpacked tokens are the published file's, line by line.
    #[test]
    fn unpacks_to_the_published_file() {
        use base64::{prelude::BASE64_STANDARD, Engine};
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/generated/o200k_base.tiktoken");
        let published = std::fs::read_to_string(path).expect("the build has read this file");
        let unpacked: String = super::tokens()
            .into_iter()
            .map(|(bytes, rank)| format!("{} {rank}\n", BASE64_STANDARD.encode(bytes)))
            .collect();
        assert!(unpacked == published, "the packed vocabulary differs from the published file");
    }
}

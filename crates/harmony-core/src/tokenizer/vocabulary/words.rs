//! Bytes as numbers of 64 bits, and arrays of numbers.

/// How many bytes a number of 64 bits holds.
pub(in crate::tokenizer) const WORD: usize = 8;

/// An array on the heap; it would not fit on the stack of a wasm instance. Its
/// fixed length lets the compiler see that no slot is out of bounds.
pub(in crate::tokenizer) fn zeroed<T: Copy, const N: usize>(zero: T) -> Box<[T; N]> {
    match vec![zero; N].into_boxed_slice().try_into() {
        Ok(array) => array,
        Err(_) => unreachable!("a vector of N elements has N elements"),
    }
}

/// Eight bytes as a number, the first one lowest; zero where there are fewer.
#[inline]
pub(super) fn word_at(bytes: &[u8], start: usize) -> u64 {
    let word = bytes.get(start..start + WORD).and_then(|word| word.try_into().ok());
    word.map_or(0, u64::from_le_bytes)
}

/// All bits of the first `length` bytes, from 1 to 8.
#[inline]
fn mask(length: usize) -> u64 {
    u64::MAX >> (64 - 8 * length)
}

/// 1 to 8 bytes as a number.
#[inline]
pub(super) fn key(text: &[u8], start: usize, length: usize) -> u64 {
    match text.get(start..start + WORD).and_then(|word| word.try_into().ok()) {
        Some(word) => u64::from_le_bytes(word) & mask(length),
        None => key_at_the_end(&text[start..start + length]),
    }
}

#[cold]
fn key_at_the_end(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |key, &byte| key << 8 | u64::from(byte))
}

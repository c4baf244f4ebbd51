//! Bytes as letters, so that the text is one piece: a test of the merges, of
//! the short ones and, from 256 bytes on, of the linear encoder.

#![no_main]

mod reference;

use libfuzzer_sys::fuzz_target;

/// Latin, Cyrillic and Han letters: one, two and three bytes.
fn letter(byte: u8) -> char {
    let from = |first: u32, offset: u8| char::from_u32(first + u32::from(offset)).unwrap_or('a');
    match byte {
        0..160 => from(0x61, byte % 26),
        160..220 => from(0x430, byte % 32),
        _ => from(0x4e00, byte - 220),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let text: String = bytes.iter().map(|&byte| letter(byte)).collect();
    reference::compare(&text);
});

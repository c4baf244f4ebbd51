//! The classes of characters that the split pattern tells apart, as
//! regex-syntax (the version in Cargo.lock, upstream's own) defines them. A
//! JavaScript engine's Unicode tables would be of another version.

use regex_syntax::hir::{Class, HirKind};
use std::{error::Error, fs, path::Path};

/// In the order of `Class` in `src/tokenizer/classes.rs`, from 1; the first
/// pattern that a character matches decides. Other characters are 0.
const CLASSES: [&str; 7] =
    [r"[\r\n]", r"\s", r"[\p{Lu}\p{Lt}]", r"\p{Ll}", r"[\p{Lm}\p{Lo}]", r"\p{M}", r"\p{N}"];
const CODE_POINTS: usize = 0x11_0000;

/// Writes `classes.bin`: runs of code points of one class, each a LEB128
/// number, the length of the run times 8 plus its class.
pub(crate) fn write(out: &Path) -> Result<(), Box<dyn Error>> {
    let mut classes = vec![0_u8; CODE_POINTS];
    for (pattern, class) in CLASSES.iter().zip(1..=7_u8).rev() {
        for (first, last) in ranges(pattern)? {
            classes[first as usize..=last as usize].fill(class);
        }
    }
    let runs = classes.chunk_by(|a, b| a == b);
    let packed: Vec<u8> =
        runs.flat_map(|run| leb128(run.len() * 8 + usize::from(run[0]))).collect();
    fs::write(out.join("classes.bin"), packed)?;
    Ok(())
}

fn ranges(pattern: &str) -> Result<Vec<(u32, u32)>, Box<dyn Error>> {
    let hir = regex_syntax::parse(pattern)?;
    let HirKind::Class(Class::Unicode(class)) = hir.kind() else {
        return Err(format!("{pattern} is not a class of characters").into());
    };
    Ok(class.iter().map(|range| (range.start().into(), range.end().into())).collect())
}

fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

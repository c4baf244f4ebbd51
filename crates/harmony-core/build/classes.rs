//! The classes of characters that the split pattern distinguishes, as
//! regex-syntax (the version in Cargo.lock, upstream's own) defines them. A
//! JavaScript engine's Unicode tables would be of another version.

use regex_syntax::hir::{Class, HirKind};
use std::{collections::HashMap, error::Error, fs, path::Path};

/// The names in `src/tokenizer/classes.rs` with their patterns; the first
/// pattern that a character matches decides, and the last one takes any.
const CLASSES: [(&str, &str); 8] = [
    ("LineEnd", r"[\r\n]"),
    ("Space", r"\s"),
    ("Upper", r"[\p{Lu}\p{Lt}]"),
    ("Lower", r"\p{Ll}"),
    ("Letter", r"[\p{Lm}\p{Lo}]"),
    ("Mark", r"\p{M}"),
    ("Number", r"\p{N}"),
    ("Other", r"[\s\S]"),
];
const CODE_POINTS: usize = 0x11_0000;
const ASCII: usize = 128;
const BLOCK: usize = 64;

/// Writes `classes.rs`: the class of every code point in two levels, because
/// most blocks of 64 equal another one. As ready arrays they are smaller than
/// runs and the code that unpacks them, and take no time of loading.
pub(crate) fn write(out: &Path) -> Result<(), Box<dyn Error>> {
    let classes = classes()?;
    let (block_of, blocks) = in_blocks(&classes);
    let tables = [
        array("ASCII", "Class", &classes[..ASCII]),
        array("BLOCK_OF", "u16", &block_of),
        array("BLOCKS", "Class", &blocks),
    ];
    fs::write(out.join("classes.rs"), tables.concat())?;
    Ok(())
}

/// The name of the class of every code point, as code.
fn classes() -> Result<Vec<String>, Box<dyn Error>> {
    let mut classes = vec![String::new(); CODE_POINTS];
    for (name, pattern) in CLASSES.iter().rev() {
        for (first, last) in ranges(pattern)? {
            classes[first as usize..=last as usize].fill(format!("Class::{name}"));
        }
    }
    Ok(classes)
}

/// For every block its place among the different ones, as code, and these. The
/// last block, which has no characters, is the first: most are like it, and
/// zeros take no room in wasm.
fn in_blocks(classes: &[String]) -> (Vec<String>, Vec<String>) {
    let empty = &classes[CODE_POINTS - BLOCK..];
    let mut blocks = empty.to_vec();
    let mut places = HashMap::from([(empty, 0)]);
    let block_of = classes.chunks(BLOCK).map(|block| {
        let place = places.entry(block).or_insert_with(|| {
            blocks.extend_from_slice(block);
            blocks.len() / BLOCK - 1
        });
        place.to_string()
    });
    (block_of.collect(), blocks)
}

fn array(name: &str, element: &str, values: &[String]) -> String {
    format!("static {name}: [{element}; {}] = [{}];\n", values.len(), values.join(","))
}

fn ranges(pattern: &str) -> Result<Vec<(u32, u32)>, Box<dyn Error>> {
    let hir = regex_syntax::parse(pattern)?;
    let HirKind::Class(Class::Unicode(class)) = hir.kind() else {
        return Err(format!("{pattern} is not a class of characters").into());
    };
    Ok(class.iter().map(|range| (range.start().into(), range.end().into())).collect())
}

//! Upstream's files in cargo's registry: found, checked, and referred to.
//! None of their text enters the repository. Where upstream keeps a constant
//! in a file that cannot be compiled for wasm32 (its downloader), the constant
//! is cut out of that file, whose hash says that the cut is where it was.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const VERSION: &str = "0.0.8";

/// The hash of each file that is read. To move to a new version, see
/// CONTRIBUTING.md: the differences are read before the hashes are changed.
const SOURCES: [(&str, &str); 5] = [
    ("chat.rs", "f265e41650cef6bee887e7f21b52a73f92dbcc34b1e2c4150606fd537a7fdc8a"),
    ("encoding.rs", "788675d601fe782e0c9aa7b1111166498a3ab380ca885b7d164e27f7438184ed"),
    ("tiktoken.rs", "7cd2091d3d6a57b18dae381ac823d3ca0be585ec496040a2dace42d93e3b51fc"),
    ("registry.rs", "bd899c92fdc4d4d9e427dc839a2bc9cdfd2e6e5330df49bf85d0905f2340f5ea"),
    (
        "tiktoken_ext/public_encodings.rs",
        "1e7548900bd234bc87f205e83fd8b48fa7f175b1e7271550656d1ab6e4e48a12",
    ),
];

/// What other parts of the build need to know of upstream's constants.
pub(crate) struct Constants {
    pub(crate) vocabulary_sha256: String,
}

/// Writes `upstream.rs` (compiled), `reference.rs` (for the tests to compare
/// with) and `upstream_constants.rs` into `out`.
pub(crate) fn write(out: &Path) -> Result<Constants, Box<dyn Error>> {
    let folder = source_folder()?;
    for (file, expected) in SOURCES {
        check(&folder.join(file), file, expected)?;
    }
    let modules = |names: [&str; 2]| names.map(|name| module(&folder, name)).concat();
    fs::write(out.join("upstream.rs"), modules(["chat", "encoding"]))?;
    fs::write(out.join("reference.rs"), modules(["tiktoken", "registry"]))?;

    let encodings = fs::read_to_string(folder.join("tiktoken_ext/public_encodings.rs"))?;
    fs::write(out.join("upstream_constants.rs"), constants(&encodings)?)?;
    let sha256 = after(&encodings, "fn expected_hash(")
        .and_then(|text| after(text, "Self::O200kHarmony =>"))
        .and_then(|text| between(text, "\"", "\""))
        .ok_or("no vocabulary hash in upstream's public_encodings.rs")?;
    Ok(Constants { vocabulary_sha256: sha256.to_owned() })
}

/// `…/openai-harmony-VERSION/src` in cargo's registry, as cargo reports it.
fn source_folder() -> Result<PathBuf, Box<dyn Error>> {
    let output = Command::new(env::var("CARGO")?)
        .args(["metadata", "--locked", "--format-version=1"])
        .current_dir(env::var("CARGO_MANIFEST_DIR")?)
        .output()?;
    if !output.status.success() {
        let reason = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`cargo metadata --locked` failed:\n{reason}").into());
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let manifest = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == "openai-harmony" && package["version"] == VERSION)
        .and_then(|package| package["manifest_path"].as_str())
        .ok_or_else(|| format!("Cargo.lock has no openai-harmony {VERSION}"))?;
    Ok(Path::new(manifest).with_file_name("src"))
}

fn check(path: &Path, file: &str, expected: &str) -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={}", path.display());
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let found = crate::sha256(&bytes);
    if found == expected {
        return Ok(());
    }
    Err(format!(
        "openai-harmony {VERSION}: src/{file} is not the file this project was proven with\n  \
         expected sha256 {expected}\n  found    sha256 {found}\n  in {}\n\
         If cargo's copy is damaged, remove it and build again. If upstream moved, follow\n\
         \"Move upstream to a new version\" in CONTRIBUTING.md.",
        path.display()
    )
    .into())
}

/// Upstream is held to its own lints, not to ours.
fn module(folder: &Path, name: &str) -> String {
    let path = folder.join(name).with_extension("rs");
    format!(
        "#[allow(clippy::all, clippy::restriction, missing_docs, dead_code, unreachable_pub, \
         unsafe_code, unused_imports)]\n#[path = {path:?}]\npub mod {name};\n"
    )
}

fn constants(encodings: &str) -> Result<String, Box<dyn Error>> {
    let named = after(encodings, "fn special_tokens(")
        .and_then(|text| after(text, "Self::O200kHarmony =>"))
        .and_then(|text| between(text, "&[", "],"))
        .ok_or("no special tokens in upstream's public_encodings.rs")?;
    let reserved = after(encodings, "Self::O200kHarmony =>")
        .and_then(|text| {
            between(text, "specials.extend((", ").map(|id| (format!(\"<|reserved_{id}|>\"), id)))")
        })
        .ok_or("no reserved tokens in upstream's public_encodings.rs")?;
    let pattern = after(encodings, "fn pattern(")
        .and_then(|text| after(text, "Self::O200kHarmony =>"))
        .and_then(|text| between(text, "[\n", "].join(\"|\")"))
        .ok_or("no split pattern in upstream's public_encodings.rs")?;
    Ok(format!(
        "/// The special tokens that upstream names, with their ids.\n\
         pub(crate) const NAMED: &[(&str, u32)] = &[{named}];\n\
         /// The ids that upstream fills with `<|reserved_ID|>`.\n\
         pub(crate) const RESERVED: std::ops::RangeInclusive<u32> = {reserved};\n\
         /// The alternatives of the split pattern, in order.\n\
         #[cfg(test)]\n\
         pub(crate) const SPLIT_ALTERNATIVES: &[&str] = &[{pattern}];\n"
    ))
}

fn after<'a>(text: &'a str, marker: &str) -> Option<&'a str> {
    text.split_once(marker).map(|(_, rest)| rest)
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    Some(after(text, start)?.split_once(end)?.0)
}

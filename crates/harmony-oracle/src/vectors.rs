//! test-vectors/: reads the inputs, writes or compares the expectations.

use crate::answer::{answer, Call};
use anyhow::{bail, ensure, Context, Result};
use openai_harmony::HarmonyEncoding;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{
    collections::HashSet,
    env, fs,
    path::{Path, PathBuf},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inputs {
    /// What the file as a whole proves.
    #[serde(rename = "about")]
    _about: String,
    cases: Vec<Call>,
}

/// Writes every expectation.
pub(crate) fn write(encoding: &HarmonyEncoding, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder.join("expected"))?;
    for (path, expected) in all(encoding, folder)? {
        fs::write(path, expected)?;
    }
    Ok(())
}

/// Fails if an expectation is missing, stale, or without inputs.
pub(crate) fn check(encoding: &HarmonyEncoding, folder: &Path) -> Result<()> {
    let expectations = all(encoding, folder)?;
    let known: HashSet<&PathBuf> = expectations.iter().map(|(path, _)| path).collect();
    let stray =
        json_files(&folder.join("expected"))?.into_iter().find(|path| !known.contains(path));
    if let Some(path) = stray {
        bail!("{} has no inputs", path.display());
    }
    for (path, expected) in &expectations {
        let found = fs::read_to_string(path).unwrap_or_default();
        ensure!(&found == expected, "{} is stale: run `npm run vectors`", path.display());
    }
    Ok(())
}

fn all(encoding: &HarmonyEncoding, folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let files = json_files(&folder.join("inputs"))?;
    let expected = files.iter().map(|path| {
        let name = path.file_name().context("a file has a name")?;
        let expected = expectations(encoding, path)?;
        Ok((folder.join("expected").join(name), expected))
    });
    expected.collect()
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut files = entries
        .map(|entry| Ok(entry?.path()))
        .filter(|path| !matches!(path, Ok(path) if path.extension() != Some("json".as_ref())))
        .collect::<Result<Vec<_>>>()?;
    files.sort();
    Ok(files)
}

/// One line per case, so that a changed case is a changed line.
fn expectations(encoding: &HarmonyEncoding, path: &Path) -> Result<String> {
    let text = fs::read_to_string(path)?;
    let inputs: Inputs = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    let mut names = HashSet::new();
    let mut lines = Vec::new();
    for case in &inputs.cases {
        let name = &case.name;
        ensure!(!name.is_empty(), "{}: a case without a name", path.display());
        ensure!(names.insert(name), "{}: two cases have the name {name}", path.display());
        let result =
            answer(encoding, case).with_context(|| format!("{}: {name}", path.display()))?;
        lines.push(format!("{}: {result}", serde_json::to_string(name)?));
    }
    let vocabulary = Path::new(&env::var("TIKTOKEN_ENCODINGS_BASE")?).join("o200k_base.tiktoken");
    Ok(format!(
        "{{\n\"written_by\": \"harmony-oracle vectors\",\n\
         \"crate\": \"openai-harmony 0.0.8\",\n\
         \"vocabulary_sha256\": \"{}\",\n\
         \"inputs_sha256\": \"{}\",\n\
         \"count\": {},\n\
         \"expected\": {{\n{}\n}}\n}}\n",
        sha256(&fs::read(vocabulary)?),
        sha256(text.as_bytes()),
        lines.len(),
        lines.join(",\n")
    ))
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

//! Unmodified native `openai-harmony`, asked through JSON.
//!
//! - `harmony-oracle serve`: a list of calls per line on stdin, the list of
//!   their answers per line on stdout; for the differential run.
//! - `harmony-oracle vectors FOLDER`: writes FOLDER/expected from
//!   FOLDER/inputs; the only writer of expectations.
//! - `harmony-oracle check FOLDER`: fails if `vectors` would change a file.

mod answer;
mod vectors;

/// The API that `answer` is written against.
mod harmony {
    pub(crate) use openai_harmony::{chat, HarmonyEncoding, ParseOptions, StreamableParser};
}

use anyhow::{bail, Result};
use openai_harmony::{load_harmony_encoding, HarmonyEncoding, HarmonyEncodingName};
use std::{
    io::{stdin, stdout, BufRead, Write},
    path::Path,
};

fn main() -> Result<()> {
    let encoding = load_harmony_encoding(HarmonyEncodingName::HarmonyGptOss)?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => serve(&encoding),
        ["vectors", folder] => vectors::write(&encoding, Path::new(folder)),
        ["check", folder] => vectors::check(&encoding, Path::new(folder)),
        _ => bail!("usage: harmony-oracle serve | vectors FOLDER | check FOLDER"),
    }
}

fn serve(encoding: &HarmonyEncoding) -> Result<()> {
    let mut out = stdout().lock();
    for line in stdin().lock().lines() {
        let calls: Vec<answer::Call> = serde_json::from_str(&line?)?;
        let answers =
            calls.iter().map(|call| answer::answer(encoding, call)).collect::<Result<Vec<_>>>()?;
        writeln!(out, "{}", serde_json::to_string(&answers)?)?;
        out.flush()?;
    }
    Ok(())
}

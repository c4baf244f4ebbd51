//! Writes into `OUT_DIR` what the crate takes from outside: upstream's source
//! files (as paths into cargo's registry), upstream's constants, and the
//! vocabulary as merge pairs. Everything is checked by hash first.

mod classes;
mod upstream;
mod vocabulary;

use std::{env, error::Error, path::PathBuf, process::ExitCode};

fn main() -> ExitCode {
    println!("cargo:rerun-if-changed=build");
    match write_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("harmony-core's build: {error}");
            ExitCode::FAILURE
        }
    }
}

fn write_all() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    classes::write(&out)?;
    let constants = upstream::write(&out)?;
    vocabulary::write(&out, &constants.vocabulary_sha256)
}

/// The lowercase hexadecimal SHA-256 of `bytes`.
fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

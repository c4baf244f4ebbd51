//! Runs wasm-bindgen on the compiled harmony-bindings: writes the wasm, its
//! glue and its types, as `wasm-bindgen --target bundler` does.
//! Its version must be that of wasm-bindgen in the root's Cargo.lock.

use std::env::args_os;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

/// `harmony-wasm-bindgen <wasm> <folder>`
fn main() -> Result<()> {
    let mut arguments = args_os().skip(1);
    let wasm = arguments.next().context("expected the compiled wasm")?;
    let folder = arguments.next().context("expected a folder to write to")?;
    Bindgen::new()
        .input_path(wasm)
        .bundler(true)?
        .typescript(true)
        .out_name("harmony_wasm")
        .generate(folder)
}

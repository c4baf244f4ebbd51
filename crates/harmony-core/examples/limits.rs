//! Prints what bounds the speed of encoding, in nanoseconds and cycles a piece, for each text:
//!
//! ```sh
//! cargo run --release -p harmony-core --features limits --example limits -- README.md docs/speed.md
//! ```

use std::{env, error::Error, fs, hint::black_box, path::Path, time::Instant};

const PASSES: usize = 15;

fn main() -> Result<(), Box<dyn Error>> {
    let harmony = harmony_core::load_harmony_encoding("HarmonyGptOss")?;
    let cycle = cycle_nanoseconds();
    println!("For each piece: nanoseconds (cycles); a cycle takes {cycle:.2} ns.\n");
    println!("| text | in the front cache | split | look-up | copy | whole |");
    println!("| --- | --: | --: | --: | --: | --: |");
    for path in env::args().skip(1) {
        let limits = harmony.tokenizer().limits(&fs::read_to_string(&path)?, PASSES);
        let pieces = limits.pieces as f64;
        let [split, look_up, copy, whole] =
            [limits.split, limits.look_up, limits.copy, limits.whole].map(|seconds| {
                let nanoseconds = seconds * 1e9 / pieces;
                format!("{nanoseconds:.1} ({:.0})", nanoseconds / cycle)
            });
        let found = 100.0 * limits.found as f64 / pieces;
        let name = Path::new(&path).file_name().unwrap_or_default().to_string_lossy();
        println!("| {name} | {found:.1} % | {split} | {look_up} | {copy} | {whole} |");
    }
    Ok(())
}

/// How long a cycle takes: a multiplication takes three and an `or` one, and each waits for
/// the one before.
fn cycle_nanoseconds() -> f64 {
    const STEPS: u32 = 50_000_000;
    const CYCLES: f64 = 4.0;
    let start = Instant::now();
    let last = (0..STEPS).fold(black_box(3_u64), |product, _| product.wrapping_mul(product | 1));
    black_box(last);
    start.elapsed().as_secs_f64() * 1e9 / (f64::from(STEPS) * CYCLES)
}

//! One measurement of one native tokenizer, in this process.
//!
//! `harmony-bench-native <peer> <measurement> [corpus]` prints figures as JSON,
//! with the names and by the rules of `../src/measure/measure.ts`. The corpora are in
//! the folder BENCH_CACHE, the vocabulary is in TIKTOKEN_ENCODINGS_BASE.

use cpu_time::ProcessTime;
use serde_json::{json, Value};
use std::{
    env,
    error::Error,
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

const WARM_PASSES: usize = 6;
const WARM_TIME: Duration = Duration::from_secs(2);
const SETTLE_TIME: Duration = Duration::from_millis(500);
const SMALL_TEXTS: usize = 10_000;

type Failure = Box<dyn Error>;
type Encode = Box<dyn Fn(&str) -> Vec<u32>>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let argument = |index: usize| arguments.get(index).map_or("", String::as_str);
    let (peer, corpus) = (argument(0), argument(2));
    let figures = match argument(1) {
        "encode" => encode(peer, corpus)?,
        "small" => small(peer)?,
        "load" => load_time(peer)?,
        "empty" => json!({ "memory": resident()? }),
        other => return Err(format!("no measurement {other:?}").into()),
    };
    println!("{figures}");
    Ok(())
}

/// Loads a peer as its own documentation shows.
fn load(peer: &str) -> Result<Encode, Failure> {
    Ok(match peer {
        "rust-ours" => {
            let encoding = harmony_core::load_harmony_encoding("HarmonyGptOss").map_err(|error| error.to_string())?;
            Box::new(move |text| encoding.tokenizer().encode_ordinary(text))
        }
        "rust-fastokens" => {
            use fastokens::{TiktokenConfig, Tokenizer};
            let config = TiktokenConfig::o200k_base();
            let tokenizer = Tokenizer::from_tiktoken_file(&vocabulary()?, config)?;
            Box::new(move |text| tokenizer.encode(text).unwrap_or_default())
        }
        "rust-toktok" => {
            let tokenizer = toktok::Tokenizer::builtin("o200k_base")?;
            Box::new(move |text| tokenizer.encode(text.as_bytes()))
        }
        "rust-tiktoken-fast" => {
            let tokenizer = tiktoken_fast::o200k_base()?;
            Box::new(move |text| tokenizer.encode_ordinary(text))
        }
        "rust-bpe-openai" => {
            let tokenizer = bpe_openai::o200k_base();
            Box::new(move |text| tokenizer.encode(text))
        }
        other => return Err(format!("no peer {other:?}").into()),
    })
}

/// MB/s: cold on words never seen, then the best of several passes over the same.
fn encode(peer: &str, corpus: &str) -> Result<Value, Failure> {
    let corpora = corpora()?;
    let (warm_up, measured) = (texts(&corpora, corpus, "warmUp"), texts(&corpora, corpus, "measured"));
    let encode = load(peer)?;
    settle(|| encode_all(&encode, &warm_up));
    let cold = time(|| encode_all(&encode, &measured));
    let warm = best(&encode, &measured).min(cold);
    let ids: Vec<Vec<u32>> = measured.iter().map(|text| encode(text)).collect();
    let file = cache()?.join(format!("ids-{peer}-{corpus}.json"));
    fs::write(file, serde_json::to_string(&ids)?)?;
    let megabytes = measured.iter().map(|text| text.len()).sum::<usize>() as f64 / 1e6;
    let speed = |took: Duration| megabytes / took.as_secs_f64();
    Ok(json!({ format!("{corpus} cold"): speed(cold), format!("{corpus} warm"): speed(warm) }))
}

/// Microseconds for 40 characters, each time different ones.
fn small(peer: &str) -> Result<Value, Failure> {
    let corpora = corpora()?;
    let (others, measured) =
        ["warmUp", "measured"].map(|half| small_texts(&texts(&corpora, "documentation", half))).into();
    let encode = load(peer)?;
    settle(|| encode_all(&encode, &as_strs(&others)));
    let took = best(&encode, &as_strs(&measured));
    Ok(json!({ "small": took.as_secs_f64() * 1e6 / measured.len() as f64 }))
}

fn small_texts(documents: &[&str]) -> Vec<String> {
    let texts = documents.iter().flat_map(|document| {
        let characters: Vec<char> = document.chars().collect();
        characters.chunks_exact(40).map(String::from_iter).collect::<Vec<_>>()
    });
    texts.take(SMALL_TEXTS).collect()
}

fn as_strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// Milliseconds to the first ids, and the megabytes then held.
fn load_time(peer: &str) -> Result<Value, Failure> {
    let start = Instant::now();
    let ids = load(peer)?("hello");
    let took = start.elapsed();
    if ids != [24912] {
        return Err(format!("hello is {ids:?}").into());
    }
    Ok(json!({ "load": took.as_secs_f64() * 1e3, "memory": resident()? }))
}

fn resident() -> Result<f64, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes * 1024.0 / 1e6)
}

fn encode_all(encode: &Encode, texts: &[&str]) {
    for text in texts {
        std::hint::black_box(encode(text));
    }
}

fn best(encode: &Encode, texts: &[&str]) -> Duration {
    let (mut best, mut spent) = (Duration::MAX, Duration::ZERO);
    for _ in 0..WARM_PASSES {
        let took = time(|| encode_all(encode, texts));
        best = best.min(took);
        spent += took;
        if spent > WARM_TIME {
            break;
        }
    }
    best
}

fn settle(mut run: impl FnMut()) {
    let start = Instant::now();
    while start.elapsed() < SETTLE_TIME {
        run();
    }
}

/// Processor time: the clock on the wall would count what other programs do meanwhile.
fn time(run: impl FnOnce()) -> Duration {
    let start = ProcessTime::now();
    run();
    start.elapsed()
}

fn cache() -> Result<PathBuf, Failure> {
    Ok(env::var("BENCH_CACHE")?.into())
}

fn vocabulary() -> Result<PathBuf, Failure> {
    Ok(PathBuf::from(env::var("TIKTOKEN_ENCODINGS_BASE")?).join("o200k_base.tiktoken"))
}

fn corpora() -> Result<Value, Failure> {
    Ok(serde_json::from_str(&fs::read_to_string(cache()?.join("corpora.json"))?)?)
}

fn texts<'a>(corpora: &'a Value, corpus: &str, half: &str) -> Vec<&'a str> {
    let texts = corpora["texts"][corpus][half].as_array();
    texts.into_iter().flatten().filter_map(Value::as_str).collect()
}

//! harmony-core, native, against every vector. The calls are answered by the
//! oracle's own code, compiled on top of this crate's API instead of
//! upstream's.

#[path = "../../harmony-oracle/src/answer.rs"]
mod answer;

mod harmony {
    pub(crate) use harmony_core::{chat, HarmonyEncoding, ParseOptions, StreamableParser};
}

use answer::{answer, Call};
use serde_json::Value;
use std::{fs, path::Path};

#[test]
fn answers_every_vector_as_the_oracle_does() {
    let encoding = harmony_core::load_harmony_encoding("HarmonyGptOss").expect("it loads");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors");
    let read = |path: &Path| -> Value {
        serde_json::from_str(&fs::read_to_string(path).expect("readable")).expect("JSON")
    };
    let mut different = Vec::new();
    let mut compared = 0;
    for entry in fs::read_dir(folder.join("inputs")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name");
        let expected = &read(&folder.join("expected").join(name))["expected"];
        for case in read(&path)["cases"].as_array().expect("cases") {
            let case: Call = serde_json::from_value(case.clone()).expect("a case");
            let answered = answer(&encoding, &case).expect("a well-formed case");
            compared += 1;
            if answered != expected[&case.name] {
                different.push(format!("{}: {}", name.to_string_lossy(), case.name));
            }
        }
    }
    assert!(compared > 300, "only {compared} vectors were found");
    assert!(different.is_empty(), "{} of {compared} differ: {different:#?}", different.len());
}

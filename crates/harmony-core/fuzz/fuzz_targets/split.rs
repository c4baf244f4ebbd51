//! Any text, against native upstream: mostly a test of the split.

#![no_main]

mod reference;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    reference::compare(text);
});

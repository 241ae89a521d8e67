//! Any bytes as a CSV file.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| import_batch::probe::csv(text));

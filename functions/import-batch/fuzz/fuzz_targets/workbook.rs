//! Any bytes as a workbook.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| import_batch::probe::workbook(bytes));

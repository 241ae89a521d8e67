//! Any bytes as rows of notices.

#![no_main]

use std::sync::LazyLock;

use domain::settings::Settings;
use libfuzzer_sys::fuzz_target;
use store::FileEncoding;

const SETTINGS: &str = include_str!("../../../../infra/settings.json");
static OFFICE: LazyLock<Settings> = LazyLock::new(|| Settings::parse(SETTINGS).expect("settings"));

fuzz_target!(|text: &[u8]| {
    import_batch::probe::row(text, &OFFICE, FileEncoding::Cp949);
    import_batch::probe::row(text, &OFFICE, FileEncoding::Utf8);
});

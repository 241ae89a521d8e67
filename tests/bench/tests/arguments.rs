//! What `bench` does when it is asked for what is not there.

use std::process::Command;

#[test]
fn a_folder_without_functions_is_told() {
    let folder = std::env::temp_dir();
    let output = Command::new(env!("CARGO_BIN_EXE_bench")).args(["--quick", "--binaries"]).arg(&folder).output();
    let output = output.expect("it runs");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("No such file"), "{output:?}");
}

#[test]
fn a_family_that_is_none_is_told() {
    let output = Command::new(env!("CARGO_BIN_EXE_bench")).args(["--quick", "yaer"]).output().expect("it runs");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("yaer"), "{output:?}");
}

//! The Python that has the clients and validators of others (`interop/requirements.txt`): judges of our formats that share no code with us.
//!
//! Must not skip in silence: where the environment is missing, a test that needs it stops and says what makes it. Read next: `xtask/src/clients.rs`.

use std::path::PathBuf;

/// The variable that names it; `cargo xtask test` sets it.
pub const VARIABLE: &str = "GOTONG_CLIENTS_PYTHON";

/// The Python to start. Stops the test where there is none.
pub fn python() -> PathBuf {
    if let Some(named) = std::env::var_os(VARIABLE) {
        let named = PathBuf::from(named);
        assert!(named.exists(), "{VARIABLE} names {}, which is not there", named.display());
        return named;
    }
    let target: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "target"].iter().collect();
    let made = target.join("clients/bin/python");
    assert!(
        made.exists(),
        "this test asks clients of others, and {} is not there: `cargo xtask test` makes it, or set {VARIABLE} to a Python with interop/requirements.txt",
        made.display()
    );
    made
}

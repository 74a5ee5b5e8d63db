//! Running the program and reading what it says; a region of processes that ends with its test.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

/// What every wait gives up after: a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

#[allow(clippy::disallowed_methods, reason = "tests run the program that is tested")]
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gotong"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GOTONG_")) {
        command.env_remove(name);
    }
    command.env("RUST_BACKTRACE", "0");
    command
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { status: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Ended {
    /// Demands this exit status.
    #[track_caller]
    pub(crate) fn with(self, status: i32) -> Self {
        assert_eq!(self.status, status, "out: {}\nerr: {}", self.out, self.err);
        self
    }

    /// The values of its lines.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line:?} in {}", self.out)))
            .collect()
    }
}

/// Runs a command to its end.
pub(crate) fn run(arguments: &[&str]) -> Ended {
    command().args(arguments).stdin(Stdio::null()).output().unwrap().into()
}

/// Runs a command with this on its standard input.
pub(crate) fn run_with(arguments: &[&str], input: &str) -> Ended {
    let mut child =
        command().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

/// Waits until something holds.
#[track_caller]
pub(crate) fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[allow(clippy::disallowed_methods, reason = "a test measures how long it waits")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A port with so many free ones behind it and 100 above, which no other test of this program takes. Below 17000: `harness.rs` and
/// `country.rs` take those above, and from 32768 on the system gives them to connections that go out.
pub(crate) fn base_port(members: u16) -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = 10_000 + u16::try_from(std::process::id() % 29).unwrap() * 200;
    for _ in 0..60 {
        let base = start.wrapping_add(NEXT.fetch_add(20, Ordering::Relaxed)).clamp(10_000, 60_000);
        let mut ports = (base..base + members).chain(base + 100..base + 100 + members);
        if ports.all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return base;
        }
    }
    panic!("no free ports");
}

/// A demo that runs.
pub(crate) struct Demo {
    child: Child,
    pub(crate) ready: Value,
    pub(crate) dir: PathBuf,
    _scratch: tempfile::TempDir,
}

impl Demo {
    /// Starts one and waits until it is ready.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let (dir, file) = (scratch.path().join("region"), scratch.path().join("ready.json"));
        let port = base_port(3).to_string();
        let child = command()
            .args([
                "demo",
                "--base-port",
                &port,
                "--dir",
                dir.to_str().unwrap(),
                "--ready-file",
                file.to_str().unwrap(),
            ])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(scratch.path().join("demo.out")).unwrap())
            .stderr(std::fs::File::create(scratch.path().join("demo.err")).unwrap())
            .spawn()
            .unwrap();
        let mut demo = Self { child, ready: Value::Null, dir, _scratch: scratch };
        wait_for("the ready-file", || {
            assert!(demo.child.try_wait().unwrap().is_none(), "the demo ended: {}", demo.said());
            file.exists()
        });
        demo.ready = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        demo
    }

    /// What it said to people.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(self.dir.with_file_name("demo.err")).unwrap()
    }

    /// What it printed: the table and what to try.
    pub(crate) fn printed(&self) -> String {
        std::fs::read_to_string(self.dir.with_file_name("demo.out")).unwrap()
    }

    pub(crate) fn member(&self, code: &str) -> &Value {
        self.ready["members"].as_array().unwrap().iter().find(|member| member["code"] == code).unwrap()
    }

    pub(crate) fn data(&self, code: &str) -> &Path {
        Path::new(self.member(code)["data"].as_str().unwrap())
    }

    /// Runs a client command at a member, with its token.
    pub(crate) fn at(&self, code: &str, arguments: &[&str]) -> Ended {
        self.at_with(code, arguments, "")
    }

    /// The same with something on standard input.
    pub(crate) fn at_with(&self, code: &str, arguments: &[&str], input: &str) -> Ended {
        let member = self.member(code);
        let reach = ["--server", member["base"].as_str().unwrap(), "--token", member["token"].as_str().unwrap()];
        run_with(&[arguments, &reach].concat(), input)
    }

    /// How many records a member knows that name a value.
    pub(crate) fn hits(&self, code: &str, value: &str) -> usize {
        let answer = self.at(code, &["lookup", value, "--json"]).with(0);
        answer.json()[0]["hits"].as_array().unwrap().len()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it as a supervisor would, and waits for it.
    pub(crate) fn end(&mut self) -> i32 {
        signal(self.child.id(), "TERM");
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process that a test started.
#[allow(clippy::disallowed_methods, reason = "tests end processes as a supervisor would")]
pub(crate) fn signal(id: u32, name: &str) {
    assert!(Command::new("kill").args([&format!("-{name}"), &id.to_string()]).status().unwrap().success());
}

/// Whether a process is there and no zombie.
pub(crate) fn is_alive(id: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

/// An indicator that names a domain.
pub(crate) fn indicator(uuid: &str, domain: &str) -> String {
    serde_json::json!({
        "type": "indicator", "spec_version": "2.1", "id": format!("indicator--{uuid}"), "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z", "name": format!("about {domain}"), "pattern": format!("[domain-name:value = '{domain}']"),
        "pattern_type": "stix", "valid_from": "2026-11-01T00:00:00Z",
    })
    .to_string()
}

//! The program under measure: where it is, and running it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::fault::{Fault, While, say};
use super::scratch::repository;

/// How long a process may take to end when it is told to.
const ENDING: Duration = Duration::from_secs(20);

/// The built program.
#[derive(Clone, Debug)]
pub(crate) struct Program(PathBuf);

impl Program {
    /// The program that `GOTONG_PROGRAM` names, else the one of the release profile, built now: an old one would be measured in silence.
    pub(crate) fn find() -> Result<Self, Fault> {
        if let Some(path) = std::env::var_os("GOTONG_PROGRAM") {
            return Ok(Self(std::fs::canonicalize(&path).during(format!("GOTONG_PROGRAM={}", path.display()))?));
        }
        say("building the program");
        let root = repository();
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let build = ["build", "--quiet", "--release", "-p", "gotong"];
        let built = Command::new(cargo).args(build).current_dir(&root).status().during("cargo")?;
        if !built.success() {
            return Err(Fault::new("the program could not be built"));
        }
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target));
        let path = target.join("release/gotong");
        Ok(Self(std::fs::canonicalize(&path).during(path.display())?))
    }

    /// Starts it; what it says goes into a file.
    pub(crate) fn start(&self, arguments: &[&str], log: &Path) -> Result<Running, Fault> {
        let out = File::options().create(true).append(true).open(log).during(log.display())?;
        let mut command = self.command(arguments);
        let child = command.stdout(out.try_clone()?).stderr(out).spawn().during(self.0.display())?;
        Ok(Running { child, log: log.to_owned() })
    }

    /// Runs it to its end; what it answered.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Result<String, Fault> {
        let answer = self.command(arguments).output().during(self.0.display())?;
        if answer.status.success() {
            return Ok(String::from_utf8(answer.stdout)?);
        }
        Err(Fault::new(format!("{}: {}", arguments.join(" "), String::from_utf8_lossy(&answer.stderr))))
    }

    /// A command line of it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.0);
        command.args(arguments).stdin(Stdio::null());
        // Settings of whoever runs this must not change what is measured.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GOTONG_") {
                command.env_remove(name);
            }
        }
        command
    }
}

/// A process of the program, ended when this is dropped.
pub(crate) struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Fails if it has ended, with the end of what it said.
    pub(crate) fn expect_alive(&mut self) -> Result<(), Fault> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => {
                let text = std::fs::read_to_string(&self.log).unwrap_or_default();
                let lines: Vec<&str> = text.lines().rev().take(12).collect();
                let end: Vec<&str> = lines.into_iter().rev().collect();
                Err(Fault::new(format!("the program ended ({status}):\n{}", end.join("\n"))))
            }
        }
    }

    /// Asks it to end and waits, then insists.
    pub(crate) fn stop(&mut self, signal: &str) {
        if self.child.try_wait().is_ok_and(|status| status.is_some()) {
            return;
        }
        send(signal, self.pid());
        let began = Instant::now();
        while began.elapsed() < ENDING {
            if self.child.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop("TERM");
    }
}

/// Sends a signal to a process.
pub(crate) fn send(signal: &str, pid: u32) {
    // One that has ended already needs no signal.
    let _ = Command::new("kill").args(["-s", signal, &pid.to_string()]).stderr(Stdio::null()).status();
}

/// Whether a process that was started with these words is still there.
pub(crate) fn is_alive(pid: u32, word: &str) -> bool {
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&command).contains(word)
}

/// Ends a process that somebody else started, and waits until it is gone.
pub(crate) fn end(pid: u32, word: &str) -> Result<(), Fault> {
    for signal in ["TERM", "KILL"] {
        if is_alive(pid, word) {
            send(signal, pid);
        }
        let began = Instant::now();
        while is_alive(pid, word) && began.elapsed() < ENDING {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    if is_alive(pid, word) { Err(Fault::new(format!("the process {pid} does not end"))) } else { Ok(()) }
}

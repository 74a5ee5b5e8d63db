//! One member's node, whoever started its process: the demo at first, this program later.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::cpu::{self, Memory, Used};
use super::demo::end_member;
use super::fault::{Fault, While};
use super::http::Client;
use super::program::{Program, Running};

/// How long a node may take to be ready.
const STARTING: Duration = Duration::from_mins(2);

/// A node.
pub(crate) struct Node {
    program: Program,
    /// The member's code.
    pub(crate) code: String,
    address: String,
    token: String,
    /// Its data folder.
    pub(crate) data: PathBuf,
    /// Name and password of its administrator.
    pub(crate) admin: Option<(String, String)>,
    /// The process that the demo started, until it is stopped.
    of_demo: Option<u32>,
    own: Option<Running>,
}

impl Node {
    /// A node that the demo runs.
    pub(crate) fn of_demo(
        program: Program,
        code: String,
        address: String,
        token: String,
        data: PathBuf,
        pid: u32,
    ) -> Self {
        Self { program, code, address, token, data, admin: None, of_demo: Some(pid), own: None }
    }

    fn pid(&self) -> Result<u32, Fault> {
        let own = self.own.as_ref().map(Running::pid);
        own.or(self.of_demo).during(format!("the node of {} does not run", self.code))
    }

    /// What its process has used.
    pub(crate) fn used(&self) -> Result<Used, Fault> {
        cpu::used(self.pid()?)
    }

    /// What it has used once it is quiet.
    pub(crate) fn settled(&self) -> Result<Used, Fault> {
        cpu::settled(self.pid()?)
    }

    /// Its memory now.
    pub(crate) fn memory(&self) -> Result<Memory, Fault> {
        cpu::memory(self.pid()?)
    }

    /// A connection to its API.
    pub(crate) fn connect(&self) -> Result<Client, Fault> {
        Client::connect(&self.address, &self.token)
    }

    /// Ends its process in good order.
    pub(crate) fn stop(&mut self) -> Result<(), Fault> {
        if let Some(mut own) = self.own.take() {
            own.stop("TERM");
        }
        match self.of_demo.take() {
            Some(pid) => end_member(pid, &self.data),
            None => Ok(()),
        }
    }

    /// Ends its process as a failing machine would.
    pub(crate) fn kill(&mut self) -> Result<(), Fault> {
        if let Some(own) = self.own.as_mut() {
            own.stop("KILL");
        }
        self.stop()
    }

    /// Starts it with `gotong serve` and waits for the first good answer of `/readyz`. How long that took.
    pub(crate) fn start(&mut self) -> Result<Duration, Fault> {
        self.stop()?;
        let data = self.data.to_string_lossy().into_owned();
        let log = self.data.with_extension("serve.log");
        let began = Instant::now();
        let mut running = self.program.start(&["serve", "--data", &data], &log)?;
        loop {
            if Client::ask_once(&self.address, &self.token, "/readyz").is_ok_and(|answer| answer.status == 200) {
                let took = began.elapsed();
                self.own = Some(running);
                return Ok(took);
            }
            running.expect_alive()?;
            if began.elapsed() > STARTING {
                return Err(Fault::new(format!(
                    "the node of {} was not ready after {} s",
                    self.code,
                    STARTING.as_secs()
                )));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Makes tokens that may read.
    pub(crate) fn make_tokens(&self, count: usize) -> Result<Vec<String>, Fault> {
        let data = self.data.to_string_lossy().into_owned();
        let make = |at: usize| {
            let name = format!("measured-{at}");
            let said = self.program.ask(&["token", "create", &name, "--json", "--data", &data])?;
            let made: serde_json::Value = serde_json::from_str(&said).during("gotong token create")?;
            let token = made.get("token").and_then(serde_json::Value::as_str);
            token.map(str::to_owned).during("gotong token create answered no token")
        };
        (0..count).map(make).collect()
    }
}

/// A handle as one segment of a path.
pub(crate) fn segment(handle: &str) -> String {
    handle.replace('/', "%2F")
}

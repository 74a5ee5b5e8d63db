//! A region of the demo, with nothing in it, as its ready file describes it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::fault::{Fault, While, say};
use super::node::Node;
use super::program::{self, Program, Running};

/// How long a region may take to come up.
const STARTING: Duration = Duration::from_mins(2);
/// Nodes answer from the first port on, and each other a hundred ports above.
const PORTS: u16 = 200;

/// The ready file, as far as it matters here.
#[derive(Deserialize)]
struct Ready {
    members: Vec<Member>,
    channels: Vec<String>,
}

#[derive(Deserialize)]
struct Member {
    code: String,
    base: String,
    token: String,
    data: PathBuf,
    pid: u32,
    admin: Option<LogIn>,
}

#[derive(Deserialize)]
struct LogIn {
    user: String,
    password: String,
}

/// A running region.
pub(crate) struct Demo {
    running: Running,
    /// Its nodes.
    pub(crate) nodes: Vec<Node>,
    /// The channel of its indicators.
    pub(crate) channel: String,
}

impl Demo {
    /// Starts a region of so many members in a new folder.
    pub(crate) fn start(
        program: &Program,
        members: usize,
        folder: &Path,
        base_port: Option<u16>,
    ) -> Result<Self, Fault> {
        std::fs::create_dir_all(folder)?;
        let base_port = base_port.or_else(free_ports).during("no free range of ports")?;
        let (dir, ready_file, log) = (folder.join("region"), folder.join("ready.json"), folder.join("demo.log"));
        say(format_args!("starting a region of {members} members at port {base_port}"));
        let (members, port) = (members.to_string(), base_port.to_string());
        let words = |path: &Path| path.to_string_lossy().into_owned();
        let arguments = ["demo", "--members", &members, "--empty", "--dir", &words(&dir), "--base-port", &port];
        let mut arguments = arguments.to_vec();
        let ready_words = words(&ready_file);
        arguments.extend(["--ready-file", &ready_words]);
        let mut running = program.start(&arguments, &log)?;
        let began = Instant::now();
        while !ready_file.exists() {
            running.expect_alive()?;
            if began.elapsed() > STARTING {
                return Err(Fault::new(format!("the region was not ready after {} s", STARTING.as_secs())));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let ready: Ready = serde_json::from_slice(&std::fs::read(&ready_file)?).during("the ready file")?;
        let channel = ready.channels.iter().find(|name| name.ends_with("/indicators")).or(ready.channels.first());
        let channel = channel.during("the ready file names no channel")?.clone();
        let nodes = ready.members.into_iter().map(|member| node(program, member)).collect();
        Ok(Self { running, nodes, channel })
    }

    /// The process that looks after the others.
    pub(crate) fn pid(&self) -> u32 {
        self.running.pid()
    }
}

fn node(program: &Program, member: Member) -> Node {
    let address = member.base.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let admin = member.admin.map(|person| (person.user, person.password));
    let mut node = Node::of_demo(program.clone(), member.code, address, member.token, member.data, member.pid);
    node.admin = admin;
    node
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.running.stop("INT");
        // Whatever the demo left behind, and what was started beside it.
        for node in &mut self.nodes {
            if let Err(fault) = node.stop() {
                say(fault);
            }
        }
    }
}

fn free_ports() -> Option<u16> {
    let is_free = |port: u16| TcpListener::bind(("127.0.0.1", port)).is_ok();
    (20_400..32_000).step_by(PORTS.into()).find(|base| (*base..*base + PORTS).all(is_free))
}

/// Ends a process of the demo's.
pub(crate) fn end_member(pid: u32, data: &Path) -> Result<(), Fault> {
    program::end(pid, &data.to_string_lossy())
}

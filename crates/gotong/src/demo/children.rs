//! The demo's processes: one `gotong serve` for each member. Each ends when its standard input closes, so that even a demo that is killed leaves none
//! behind. One that dies is reported and not started again.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

use super::found::{Founded, Region};
use crate::fault::failure;

/// How long a node may take to end by itself.
const END_MAX: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(50);

struct Running {
    code: String,
    data: String,
    child: Child,
    ended: Option<String>,
    is_reported: bool,
}

impl Running {
    fn look(&mut self) {
        if self.ended.is_none()
            && let Ok(Some(status)) = self.child.try_wait()
        {
            self.ended = Some(status.to_string());
        }
    }
}

/// All members' processes. Dropping it ends them.
pub(super) struct Children(Vec<Running>);

impl Children {
    /// Starts a node for each member.
    pub(super) fn start(region: &Region) -> Result<Self> {
        let mut children = Self(Vec::new());
        for member in &region.members {
            let child = start(member).with_context(|| format!("the node of {} could not be started", member.code))?;
            let data = member.dir.display().to_string();
            children.0.push(Running { code: member.code.to_string(), data, child, ended: None, is_reported: false });
        }
        Ok(children)
    }

    /// The process of a member.
    pub(super) fn id(&self, code: &str) -> Option<u32> {
        self.0.iter().find(|running| running.code == code).map(|running| running.child.id())
    }

    /// While the region starts, one that ends is the end of it.
    pub(super) fn expect_alive(&mut self) -> Result<()> {
        self.0.iter_mut().for_each(Running::look);
        match self.0.iter().find_map(|running| Some((running, running.ended.as_ref()?))) {
            None => Ok(()),
            Some((running, status)) => {
                let log = std::fs::read_to_string(format!("{}/node.log", running.data)).unwrap_or_default();
                let last =
                    log.lines().rev().take(5).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n  ");
                Err(failure(
                    format!("the node of {} ended while it started ({status}):\n  {last}", running.code),
                    "name a folder with --dir DIR to keep the program logs",
                ))
            }
        }
    }

    /// Says which have ended since the last look.
    pub(super) fn report_ended(&mut self) {
        self.0.iter_mut().for_each(Running::look);
        for running in self.0.iter_mut().filter(|running| !running.is_reported) {
            if let Some(status) = &running.ended {
                let data = &running.data;
                eprintln!(
                    "demo: the node of {} has ended ({status}); its program log is {data}/node.log",
                    running.code
                );
                eprintln!("demo: bring it back with: gotong serve --data {data}");
                running.is_reported = true;
            }
        }
    }

    /// Whether none is left.
    pub(super) fn all_ended(&self) -> bool {
        self.0.iter().all(|running| running.ended.is_some())
    }

    /// Lets them end, and ends those that do not.
    pub(super) async fn end(&mut self) {
        for running in &mut self.0 {
            drop(running.child.stdin.take());
        }
        let all = async {
            while !self.all_ended() {
                self.0.iter_mut().for_each(Running::look);
                tokio::time::sleep(LOOK).await;
            }
        };
        if tokio::time::timeout(END_MAX, all).await.is_err() {
            eprintln!("demo: a node did not end by itself");
        }
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        for running in self.0.iter_mut().filter(|running| running.ended.is_none()) {
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "the demo starts this very program, with arguments of its own making, and no shell"
)]
fn start(member: &Founded) -> Result<Child> {
    let program = std::env::current_exe()?;
    let log = File::create(member.dir.join("node.log"))?;
    let mut command = Command::new(program);
    command.arg("serve").arg("--data").arg(&member.dir).arg("--until-stdin-closes");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
    // A setting in the environment would hold for all of them at once.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GOTONG_")) {
        command.env_remove(name);
    }
    // Ctrl-C at the terminal is for the demo, which then ends them in order.
    Ok(command.process_group(0).spawn()?)
}

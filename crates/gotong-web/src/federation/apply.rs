//! Applying in order, beside reading: while one frame is being stored the next are prepared, each by itself, and one more is read and verified. One
//! task for each link; a frame whose log met a fault takes the frames behind it along.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gotong_app::receive::{Applied, PreparedFrame};
use gotong_app::{Node, NodeFault};
use gotong_model::MemberCode;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::blocking;
use super::status::Links;

/// Frames that are prepared, or wait prepared, while one is being stored.
const AHEAD: usize = 4;

/// A frame to be stored.
pub(crate) struct Job {
    /// One run of one log's frames: after a fault the rest of the run is passed over.
    pub(crate) run: u64,
    /// The frame, perhaps still being prepared.
    pub(crate) frame: JoinHandle<Result<PreparedFrame, NodeFault>>,
    /// How many entries it carries.
    pub(crate) entries: u64,
    /// Where its end is told.
    pub(crate) told: mpsc::UnboundedSender<Outcome>,
}

/// What became of a frame.
pub(crate) enum Outcome {
    /// A frame before it met a fault.
    PassedOver,
    /// Preparing it ended in a panic.
    Unreadable,
    /// It came to be stored, or not.
    Applied(Result<Applied, NodeFault>),
}

/// The task that stores a link's frames.
pub(crate) struct Applier {
    jobs: mpsc::Sender<Job>,
    task: JoinHandle<()>,
    runs: AtomicU64,
}

impl Applier {
    pub(crate) fn start(node: Arc<Node>, peer: MemberCode, links: Links) -> Self {
        let (jobs, queue) = mpsc::channel(AHEAD);
        Self { jobs, task: tokio::spawn(apply_all(node, peer, links, queue)), runs: AtomicU64::new(0) }
    }

    /// A number for the next run of frames of one log.
    pub(crate) fn next_run(&self) -> u64 {
        self.runs.fetch_add(1, Ordering::Relaxed)
    }

    /// Hands over a frame; waits where enough of them wait already.
    pub(crate) async fn give(&self, job: Job) {
        // It ends only with the link, which then asks for nothing more.
        let _ = self.jobs.send(job).await;
    }

    /// Ends once the frame at hand is stored.
    pub(crate) async fn finish(self) {
        let Self { jobs, task, .. } = self;
        drop(jobs);
        let _ = task.await;
    }
}

async fn apply_all(node: Arc<Node>, peer: MemberCode, links: Links, mut queue: mpsc::Receiver<Job>) {
    let mut broken = None;
    while let Some(Job { run, frame, entries, told }) = queue.recv().await {
        let prepared = frame.await;
        if broken == Some(run) || told.is_closed() {
            let _ = told.send(Outcome::PassedOver);
            continue;
        }
        let outcome = match prepared {
            Ok(Ok(frame)) => {
                let node = Arc::clone(&node);
                Outcome::Applied(blocking(move || node.apply_frame(frame)).await)
            }
            Ok(Err(fault)) => Outcome::Applied(Err(fault)),
            Err(failed) if failed.is_panic() => Outcome::Unreadable,
            // The runtime is going away, and this task with it.
            Err(_) => return,
        };
        if matches!(outcome, Outcome::Applied(Ok(Applied::Stored { .. }))) {
            links.note(&peer, node.now(), |link| {
                link.frames = link.frames.saturating_add(1);
                link.entries = link.entries.saturating_add(entries);
            });
        } else {
            broken = Some(run);
        }
        let _ = told.send(outcome);
    }
}

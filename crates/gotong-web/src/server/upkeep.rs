//! What a node does besides answering: it finishes erasures, takes in documents and decides again, brings views up after a rebuild, and keeps the store in order. One loop, which wakes with the
//! bell and gives way to people. All of it simply goes on after a crash, so it also runs once at each start.

use std::sync::Arc;
use std::time::Duration;

use gotong_app::{Node, NodeFault};
use tokio::sync::watch;

use super::accept::stopped;
use crate::api::Web;

/// How long it sleeps where nobody rings.
const SLEEP: Duration = Duration::from_secs(2);
/// How long it leaves a store alone that failed, unless somebody asks.
const AFTER_FAULT: Duration = Duration::from_secs(10);

/// What one round came to.
struct Round {
    erased: bool,
    has_more: bool,
}

/// Runs until the server stops, and then ends after what it is doing.
pub(super) async fn run(web: Web, stopping: watch::Receiver<bool>) {
    let mut rings = web.bell.listen();
    while !*stopping.borrow() {
        let round = round(&web).await;
        if round.as_ref().is_some_and(|round| round.erased) {
            web.metrics.count_erasure();
        }
        if round.as_ref().is_some_and(|round| round.has_more) {
            continue;
        }
        tokio::select! {
            () = tokio::time::sleep(if round.is_some() { SLEEP } else { AFTER_FAULT }) => {}
            () = web.upkeep.notified() => {}
            // What rings may be what fills the disk: a store that failed is not tried again at each ring.
            _ = rings.changed(), if round.is_some() => {}
            () = stopped(stopping.clone()) => break,
        }
    }
}

/// One round on a blocking thread; `None` where it failed.
async fn round(web: &Web) -> Option<Round> {
    let node = Arc::clone(&web.node);
    match tokio::task::spawn_blocking(move || steps(&node)).await {
        Ok(Ok(round)) => Some(round),
        Ok(Err(fault)) => {
            tracing::warn!(%fault, "upkeep failed and is tried again");
            None
        }
        Err(fault) => {
            tracing::error!(%fault, "upkeep panicked");
            None
        }
    }
}

/// One step of each.
fn steps(node: &Node) -> Result<Round, NodeFault> {
    // Erasures first: somebody waits for their acknowledgement.
    let erased = node.finish_erasures()?;
    let governed = node.govern()?;
    let projected = node.project()?;
    let kept_up = node.store.maintain()?;
    Ok(Round { erased, has_more: erased || governed || projected || kept_up })
}

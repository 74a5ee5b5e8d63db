//! Work that requests leave behind: wiping what was withdrawn from the store's files, building views again. Both simply go on after a crash, so they also
//! run once at each start.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use gotong_app::{Node, NodeFault};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::accept::stopped;
use crate::api::Web;

/// Tombstones also arrive from peers; their traces are looked for this often.
const ERASURES_EVERY: Duration = Duration::from_secs(30);
/// How often a rebuild that stopped at a fault is tried again.
const REBUILD_EVERY: Duration = Duration::from_mins(1);

pub(super) fn start(web: &Web, stopping: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
    let erasing = web.clone();
    let rebuilding = web.clone();
    vec![
        tokio::spawn(until_stopped(stopping.clone(), async move {
            loop {
                if run(&erasing, Node::finish_erasures).await {
                    erasing.metrics.count_erasure();
                }
                let _ = tokio::time::timeout(ERASURES_EVERY, erasing.erasures.notified()).await;
            }
        })),
        tokio::spawn(until_stopped(stopping.clone(), async move {
            loop {
                // Slice by slice, so that stopping never waits for a whole rebuild.
                while run(&rebuilding, Node::project).await {}
                let _ = tokio::time::timeout(REBUILD_EVERY, rebuilding.rebuilds.notified()).await;
            }
        })),
    ]
}

async fn until_stopped(stopping: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        () = work => {}
        () = stopped(stopping) => {}
    }
}

/// One step on a blocking thread; `false` where there was nothing to do, or it failed.
async fn run(web: &Web, step: fn(&Node) -> Result<bool, NodeFault>) -> bool {
    let node = Arc::clone(&web.node);
    match tokio::task::spawn_blocking(move || step(&node)).await {
        Ok(Ok(more)) => more,
        Ok(Err(fault)) => {
            tracing::warn!(%fault, "upkeep will be tried again");
            false
        }
        Err(fault) => {
            tracing::error!(%fault, "upkeep panicked");
            false
        }
    }
}

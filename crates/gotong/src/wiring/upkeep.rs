//! What a node does besides answering: it keeps the store in order, brings views up after a rebuild, and finishes erasures, also those that a crash
//! interrupted. One thread, which wakes with the bell and gives way to people.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gotong_app::Node;
use gotong_web::federation::WatchBell;
use tokio::runtime::Handle;
use tokio::sync::Notify;

/// How long it sleeps where nobody rings.
const SLEEP: Duration = Duration::from_secs(2);
/// How long it leaves a store alone that failed.
const AFTER_FAULT: Duration = Duration::from_secs(10);

/// The thread; stops when told, or when dropped.
pub(crate) struct Upkeep {
    stopping: Arc<Stopping>,
    thread: Option<std::thread::JoinHandle<()>>,
}

#[derive(Default)]
struct Stopping {
    told: AtomicBool,
    wake: Notify,
}

impl Upkeep {
    /// Starts it.
    pub(crate) fn start(node: Arc<Node>, bell: &WatchBell) -> std::io::Result<Self> {
        let stopping = Arc::new(Stopping::default());
        let (told, runtime, mut rings) = (Arc::clone(&stopping), Handle::current(), bell.listen());
        let thread = std::thread::Builder::new().name("upkeep".to_owned()).spawn(move || {
            while !told.told.load(Ordering::Acquire) {
                let pause = match round(&node) {
                    Ok(true) => continue,
                    Ok(false) => SLEEP,
                    Err(fault) => {
                        tracing::warn!(%fault, "upkeep failed and is tried again");
                        AFTER_FAULT
                    }
                };
                let is_well = pause == SLEEP;
                runtime.block_on(async {
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        () = told.wake.notified() => {}
                        _ = rings.changed(), if is_well => {}
                    }
                });
            }
        })?;
        Ok(Self { stopping, thread: Some(thread) })
    }

    /// Ends it, after what it is doing.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.stopping.told.store(true, Ordering::Release);
        self.stopping.wake.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Upkeep {
    fn drop(&mut self) {
        self.end();
    }
}

/// One step of each. `true`: there is more to do at once.
fn round(node: &Node) -> Result<bool, gotong_app::NodeFault> {
    // Erasures first: somebody waits for their acknowledgement.
    let erased = node.finish_erasures()?;
    let projected = node.project()?;
    let kept_up = node.store.maintain()?;
    Ok(erased || projected || kept_up)
}

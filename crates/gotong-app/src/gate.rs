//! The way to the one writer, with two priorities: people first, bulk work after. Holders keep it for one short transaction.

use std::sync::{Condvar, Mutex, PoisonError};

/// Who wants to write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Priority {
    /// A person or a peer who waits for the answer.
    People,
    /// Imports, projectors, upkeep.
    Bulk,
}

#[derive(Default)]
struct Queue {
    busy: bool,
    people: usize,
}

/// The gate before the writer.
#[derive(Default)]
pub struct Gate {
    queue: Mutex<Queue>,
    freed: Condvar,
}

/// The right to write; given back when dropped.
pub struct Turn<'a>(&'a Gate);

impl Gate {
    /// Waits for a turn: bulk work lets everyone else go first.
    pub fn enter(&self, priority: Priority) -> Turn<'_> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if priority == Priority::People {
            queue.people += 1;
        }
        while queue.busy || (priority == Priority::Bulk && queue.people > 0) {
            queue = self.freed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        if priority == Priority::People {
            queue.people -= 1;
        }
        queue.busy = true;
        Turn(self)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner).busy = false;
        self.0.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn people_overtake_bulk_work_that_waits() {
        let gate = Gate::default();
        let order = Mutex::new(Vec::new());
        let waiting = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let held = gate.enter(Priority::Bulk);
            for priority in [Priority::Bulk, Priority::People] {
                let (gate, order, waiting) = (&gate, &order, &waiting);
                scope.spawn(move || {
                    waiting.fetch_add(1, Ordering::SeqCst);
                    let _turn = gate.enter(priority);
                    order.lock().unwrap().push(priority);
                });
            }
            // The person's wish is registered under the gate's own lock; only then is the gate opened.
            while waiting.load(Ordering::SeqCst) < 2 || gate.queue.lock().unwrap().people == 0 {
                std::thread::yield_now();
            }
            drop(held);
        });
        assert_eq!(order.into_inner().unwrap(), [Priority::People, Priority::Bulk]);
    }
}

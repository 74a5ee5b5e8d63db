//! The simulated region itself: clean for the product, deaf to none of the builds that are broken on purpose, and the same for the same seed.
//!
//! `cargo xtask simulate --seeds 1000` plays more of it.

use std::sync::atomic::{AtomicU64, Ordering};

use gotong_testkit::breakage::Breakage;
use gotong_testkit::region::{Report, run};

const STEPS: usize = 150;

#[allow(clippy::unwrap_used, reason = "a thread that panicked has failed the test")]
/// Plays seeds on all cores until one breaks a promise.
fn first_failure(seeds: u64, breakage: Option<Breakage>) -> Option<Report> {
    let next = AtomicU64::new(1);
    let stop = AtomicU64::new(u64::MAX);
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let play = || {
        let mut found: Option<Report> = None;
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > seeds || seed > stop.load(Ordering::Relaxed) {
                return found;
            }
            let report = run(seed, STEPS, breakage);
            if report.violation.is_some() && found.is_none() {
                stop.fetch_min(seed, Ordering::Relaxed);
                found = Some(report);
            }
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(play)).collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).min_by_key(|report| report.seed)
    })
}

#[test]
fn forty_seeds_keep_every_promise() {
    if let Some(report) = first_failure(40, None) {
        let violation = report.violation.unwrap();
        panic!(
            "seed {}: invariant {}: {}\n{}",
            report.seed,
            violation.invariant,
            violation.text,
            report.tail.join("\n")
        );
    }
}

#[test]
fn every_build_that_is_broken_on_purpose_is_caught() {
    for breakage in Breakage::ALL {
        let report = first_failure(40, Some(breakage));
        assert!(report.is_some(), "{} goes through forty seeds unseen", breakage.as_str());
    }
}

#[test]
fn the_same_seed_gives_the_same_region() {
    let (one, again, other) = (run(7, STEPS, None), run(7, STEPS, None), run(8, STEPS, None));
    assert_eq!((one.trace, one.tail), (again.trace, again.tail));
    assert_ne!(one.trace, other.trace);
}

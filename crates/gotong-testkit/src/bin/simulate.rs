//! Plays the simulated region for a range of seeds on all cores: `simulate --seeds N [--from S] [--steps K] [--break NAME] [--verbose]`.
//!
//! Ends with one line of what was played; a seed that breaks a promise is printed with its last steps, and the exit status is 1.
#![allow(
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    reason = "a tool: it measures its own speed, rounds it, and stops where a thread of its own has stopped"
)]

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use gotong_testkit::breakage::Breakage;
use gotong_testkit::region::{Report, run};

const USAGE: &str = "simulate --seeds N [--from S] [--steps K] [--break NAME] [--verbose]";

struct Options {
    seeds: u64,
    from: u64,
    steps: usize,
    breakage: Option<Breakage>,
    verbose: bool,
}

fn options() -> Result<Options, String> {
    let mut options = Options { seeds: 100, from: 1, steps: 150, breakage: None, verbose: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--verbose" {
            options.verbose = true;
            continue;
        }
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value; {USAGE}"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{name} needs a number, not {value}"));
        match name.as_str() {
            "--seeds" => options.seeds = number()?,
            "--from" => options.from = number()?,
            "--steps" => options.steps = usize::try_from(number()?).map_err(|_| "too many steps".to_owned())?,
            "--break" => {
                let names = Breakage::ALL.map(Breakage::as_str).join(", ");
                let found =
                    Breakage::from_text(&value).ok_or_else(|| format!("no such break: {value}; there are {names}"));
                options.breakage = Some(found?);
            }
            _ => return Err(format!("{name} is not known; {USAGE}")),
        }
    }
    Ok(options)
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(text) => {
            eprintln!("{text}");
            return ExitCode::from(2);
        }
    };
    let begun = Instant::now();
    let (next, steps) = (AtomicU64::new(options.from), AtomicU64::new(0));
    let until = options.from.saturating_add(options.seeds);
    // The smallest seed that failed; seeds above it need not be begun.
    let first: Mutex<Option<Report>> = Mutex::new(None);
    let sums: Mutex<std::collections::BTreeMap<&'static str, u64>> = Mutex::default();
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= until || first.lock().unwrap().as_ref().is_some_and(|failed| failed.seed < seed) {
                        break;
                    }
                    let report = run(seed, options.steps, options.breakage);
                    steps.fetch_add(report.steps as u64, Ordering::Relaxed);
                    told(&options, &report, seed - options.from);
                    for (what, count) in &report.counts {
                        *sums.lock().unwrap().entry(what).or_default() += count;
                    }
                    if report.violation.is_some() {
                        let mut first = first.lock().unwrap();
                        if first.as_ref().is_none_or(|known| known.seed > seed) {
                            *first = Some(report);
                        }
                    }
                }
            });
        }
    });
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
    let seconds = begun.elapsed().as_secs_f64();
    let steps = steps.into_inner();
    if options.verbose {
        println!("{:?}", sums.into_inner().unwrap());
    }
    let rate = steps as f64 / seconds.max(0.001);
    match first.into_inner().unwrap() {
        None => {
            println!("{} seeds, {steps} steps, clean; {seconds:.1} s, {rate:.0} steps/s", options.seeds);
            ExitCode::SUCCESS
        }
        Some(report) => {
            failed(&report);
            println!(
                "seed {} broke a promise after {steps} steps in all; {seconds:.1} s, {rate:.0} steps/s",
                report.seed
            );
            ExitCode::FAILURE
        }
    }
}

fn told(options: &Options, report: &Report, done: u64) {
    if options.verbose {
        println!("seed {} steps {} trace {:016x}", report.seed, report.steps, report.trace);
    } else if done.is_multiple_of(10) && std::io::stderr().is_terminal() {
        eprint!("\r{done} of {} seeds", options.seeds);
        let _ = std::io::stderr().flush();
    }
}

fn failed(report: &Report) {
    for line in report.documents.iter().chain(&report.tail) {
        println!("{line}");
    }
    if let Some(violation) = &report.violation {
        println!("seed {}, step {}, invariant {}: {}", report.seed, report.steps, violation.invariant, violation.text);
    }
}

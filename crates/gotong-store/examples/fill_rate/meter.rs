//! Wall time, CPU time, memory, quantiles.

use std::time::{Duration, Instant};

/// CPU seconds of this process so far, from `/proc/self/stat`; ticks are hundredths on Linux.
fn cpu_seconds(path: &str) -> f64 {
    let stat = std::fs::read_to_string(path).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

fn memory_mib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1_024
}

pub(crate) fn peak_mib() -> u64 {
    memory_mib("VmHWM")
}

pub(crate) fn now_mib() -> u64 {
    memory_mib("VmRSS")
}

pub(crate) fn thread_cpu_note(name: &str) {
    println!("    thread {name}: {:.1} CPU-s", cpu_seconds("/proc/thread-self/stat"));
}

/// Prints a rate for each million and for the whole.
pub(crate) struct Meter {
    name: &'static str,
    begun: (Instant, f64),
    lap: (Instant, f64),
    rows: usize,
    lap_rows: usize,
}

impl Meter {
    pub(crate) fn new(name: &'static str) -> Self {
        let now = (Instant::now(), cpu_seconds("/proc/self/stat"));
        Self { name, begun: now, lap: now, rows: 0, lap_rows: 0 }
    }

    pub(crate) fn rows(&mut self, rows: usize, bytes: u64) {
        self.rows += rows;
        self.lap_rows += rows;
        if self.lap_rows >= 1_000_000 {
            print(&format!("{} up to row {}", self.name, self.rows), self.lap_rows, self.lap, bytes);
            self.lap = (Instant::now(), cpu_seconds("/proc/self/stat"));
            self.lap_rows = 0;
        }
    }

    pub(crate) fn end(&self, bytes: u64) {
        print(&format!("{}, all {}", self.name, self.rows), self.rows, self.begun, bytes);
    }
}

fn print(name: &str, rows: usize, since: (Instant, f64), bytes: u64) {
    let (wall, cpu) = (since.0.elapsed().as_secs_f64(), cpu_seconds("/proc/self/stat") - since.1);
    let rows = rows as f64;
    println!(
        "{name}: {:.0} rows/s wall, {:.0} rows/CPU-s, {} MB on disk, {} MiB",
        rows / wall,
        rows / cpu,
        bytes / 1_000_000,
        now_mib()
    );
}

/// Durations, to be asked for quantiles.
#[derive(Default)]
pub(crate) struct Quantiles(Vec<Duration>);

impl Quantiles {
    pub(crate) fn add(&mut self, duration: Duration) {
        self.0.push(duration);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn print(mut self, name: &str) {
        self.0.sort();
        let at = |part: f64| {
            let place = (self.0.len().saturating_sub(1) as f64 * part).round();
            let place = format!("{place}").parse::<usize>().unwrap_or(0);
            self.0.get(place).map_or(0.0, |duration| duration.as_secs_f64() * 1e3)
        };
        println!("    {name} ({}): p50 {:.3} ms, p99 {:.3}, at most {:.3}", self.0.len(), at(0.5), at(0.99), at(1.0));
    }
}

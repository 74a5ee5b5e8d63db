//! Measure 6: `gotong match` on log files that are made here, beside `grep -F -f` with the same values on the same lines, and what the two find, compared
//! line by line. A difference that the rule of whole names does not explain fails the measure.
//!
//! The values come from a file, so that the figure is of the search and not of fetching them. Read next: `matching/logs.rs` (what is searched).

mod compare;
mod logs;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::cpu::{self, Used};
use super::fault::{Fault, While, say};
use super::options::{Measure, Options};
use super::program::Program;
use super::report::{Figure, Report, Required, Unit};
use super::scratch::Scratch;

/// Bytes of log that the program searches; grep takes a part of them, being slower.
const LOG_BYTES: u64 = 300_000_000;
/// The same where a small run was asked for.
const SMALL_LOG_BYTES: u64 = 60_000_000;
const FULL_VALUES: usize = 1_000_000;
/// The files that both search, so that the ratio is of the same bytes.
const GREP_BYTES: u64 = 60_000_000;
/// Runs of the program, of which the median counts.
const RUNS: usize = 3;

/// What a process took, from its start to its end.
#[derive(Clone, Copy)]
struct Took {
    wall: Duration,
    used: Used,
    peak_bytes: u64,
}

/// Runs a command to its end, its output into a file; looks at it on the way, since nothing is left of it afterwards.
fn watch(command: &mut Command, out: &Path) -> Result<Took, Fault> {
    let file = File::create(out).during(out.display())?;
    let began = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(file).stderr(Stdio::inherit()).spawn().during("starting it")?;
    let (mut used, mut peak_bytes) = (Used::default(), 0);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if let Ok(now) = cpu::used(child.id()) {
            used = now;
        }
        if let Ok(memory) = cpu::memory(child.id()) {
            peak_bytes = peak_bytes.max(memory.peak);
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let wall = began.elapsed();
    // grep ends with 1 where it finds nothing.
    if status.code().is_none_or(|code| code > 1) {
        return Err(Fault::new(format!("it ended with {status}")));
    }
    Ok(Took { wall, used, peak_bytes })
}

struct Bench<'a> {
    program: &'a Program,
    values: PathBuf,
    out: PathBuf,
}

impl Bench<'_> {
    fn ours(&self, log: &Path) -> Result<Took, Fault> {
        let (log, values) = (log.to_string_lossy(), self.values.to_string_lossy());
        watch(&mut self.program.command(&["match", &log, "--values", &values]), &self.out).during("gotong match")
    }

    fn grep(&self, log: &Path, more: &str) -> Result<Took, Fault> {
        let mut grep = Command::new("grep");
        grep.env("LC_ALL", "C").args([more, "-F", "-f"]).arg(&self.values).arg(log);
        watch(&mut grep, &self.out).during("grep")
    }
}

fn rate(bytes: u64, took: Duration, nothing: Duration) -> f64 {
    bytes as f64 / 1e6 / took.saturating_sub(nothing).as_secs_f64().max(1e-3)
}

/// Rows of the table.
pub(crate) fn figures(
    program: &Program,
    scratch: &Scratch,
    options: &Options,
    report: &mut Report,
) -> Result<(), Fault> {
    let folder = scratch.join("matching");
    fs::create_dir_all(&folder)?;
    let log_bytes = if options.objects < FULL_VALUES { SMALL_LOG_BYTES } else { LOG_BYTES };
    say(format_args!("making {} values and {} MB of logs", options.objects, log_bytes / 1_000_000));
    let values = logs::values(options.objects, report)?;
    let bench = Bench { program, values: folder.join("values.txt"), out: folder.join("out.txt") };
    fs::write(&bench.values, values.join("\n") + "\n")?;
    let (log, part) = (folder.join("all.log"), folder.join("part.log"));
    logs::write(&log, log_bytes, &values)?;
    logs::write(&part, GREP_BYTES, &values)?;
    let nothing = Path::new("/dev/null");

    // The first run of each warms what both read from the disk; of the start the second counts.
    bench.grep(nothing, "-n")?;
    bench.ours(nothing)?;
    let (ours_ready, grep_ready) = (bench.ours(nothing)?, bench.grep(nothing, "-n")?);
    let mut runs = (0..RUNS).map(|_| bench.ours(&log)).collect::<Result<Vec<_>, _>>()?;
    runs.sort_by_key(|took| took.wall);
    let whole = runs.get(RUNS / 2).copied().during("no run")?;
    let ours_part = bench.ours(&part)?;
    let ours = compare::ours(&bench.out, &part)?;
    let grep_part = bench.grep(&part, "-n")?;
    let grep = compare::grep(&bench.out)?;
    bench.grep(&part, "-no")?;
    let found = compare::grep_values(&bench.out)?;
    let differences = compare::explain(&part, &ours, &grep, &found)?;

    let (log_bytes, part_bytes) = (fs::metadata(&log)?.len(), fs::metadata(&part)?.len());
    let figure = |what: String, value: f64, unit: Unit| Figure::new(Measure::Matching, what, value, unit);
    let count = values.len();
    let whole_rate = |took: Took| rate(part_bytes, took.wall, Duration::ZERO);
    report.add(
        figure(
            format!("searching {} MB of logs for {count} values, start included", part_bytes / 1_000_000),
            whole_rate(ours_part),
            Unit::MegabytesPerSecond,
        )
        .beside(whole_rate(grep_part), "grep -F -f on the same files")
        .must(Required::TimesBaseline(10.0)),
    );
    report.add(
        figure(
            "the same, start not counted".to_owned(),
            rate(log_bytes, whole.wall, ours_ready.wall),
            Unit::MegabytesPerSecond,
        )
        .beside(rate(part_bytes, grep_part.wall, grep_ready.wall), "grep -F -f")
        .must(Required::TimesBaseline(10.0)),
    );
    let mega = |bytes: u64| bytes as f64 / 1e6;
    report.add(
        figure("most memory".to_owned(), mega(whole.peak_bytes), Unit::Megabytes)
            .beside(mega(grep_part.peak_bytes), "grep -F -f")
            .must(Required::Below(200.0)),
    );
    let cpu = whole.used.cpu.saturating_sub(ours_ready.used.cpu);
    report.add(figure(
        "searching, MB for each second of CPU".to_owned(),
        rate(log_bytes, cpu, Duration::ZERO),
        Unit::MegabytesPerSecond,
    ));
    report.note(differences);
    Ok(())
}

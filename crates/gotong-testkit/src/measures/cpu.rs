//! What a process or thread has used, as the kernel counts it under `/proc`.

use std::fs;
use std::time::{Duration, Instant};

use super::fault::{Fault, While};

/// Ticks in a second in `/proc/PID/stat`: `USER_HZ`, 100 on every Linux that Rust runs on.
const TICKS_PER_SECOND: u64 = 100;

/// What a process has used.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    /// User and system time of all its threads, ended ones included.
    pub(crate) cpu: Duration,
    /// Bytes that it caused to be written to the disk.
    pub(crate) written_bytes: u64,
}

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// Resident now.
    pub(crate) resident: u64,
    /// The most that was ever resident.
    pub(crate) peak: u64,
    /// Its proportional share: pages that processes have in common are divided among them.
    pub(crate) share: u64,
}

fn read(pid: u32, file: &str) -> Result<String, Fault> {
    let path = format!("/proc/{pid}/{file}");
    fs::read_to_string(&path).during(path)
}

/// What a process has used so far.
pub(crate) fn used(pid: u32) -> Result<Used, Fault> {
    let stat = read(pid, "stat")?;
    let ticks = ticks(&stat).during("/proc/PID/stat does not read as expected")?;
    let written_bytes = read(pid, "io").ok().and_then(|io| field(&io, "write_bytes:")).unwrap_or(0);
    Ok(Used { cpu: Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND), written_bytes })
}

/// The program's name stands in parentheses and may hold anything; numbers follow behind the last of them.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

/// The number behind a name.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Memory of a process now.
pub(crate) fn memory(pid: u32) -> Result<Memory, Fault> {
    let status = read(pid, "status")?;
    let kib = |text: &str, name: &str| field(text, name).unwrap_or(0) * 1_024;
    let share = read(pid, "smaps_rollup").ok().map_or(0, |rollup| kib(&rollup, "Pss:"));
    let resident = kib(&status, "VmRSS:");
    // The kernel brings the peak up now and then, so that it may lie below what is resident now.
    Ok(Memory { resident, peak: kib(&status, "VmHWM:").max(resident), share })
}

/// CPU time of this thread; the kernel brings it up at its ticks, some milliseconds apart.
pub(crate) fn this_thread() -> Result<Duration, Fault> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").during("/proc/thread-self/schedstat")?;
    let nanos = text.split_whitespace().next().and_then(|field| field.parse().ok());
    Ok(Duration::from_nanos(nanos.during("/proc/thread-self/schedstat does not read as expected")?))
}

/// Waits until a process has been quiet for a second (background upkeep is over), at most a minute. Returns what it has used then.
pub(crate) fn settled(pid: u32) -> Result<Used, Fault> {
    let began = Instant::now();
    let mut before = used(pid)?;
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let now = used(pid)?;
        if now.cpu.saturating_sub(before.cpu) <= Duration::from_millis(20) || began.elapsed() > Duration::from_mins(1) {
            return Ok(now);
        }
        before = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_program_does_not_shift_the_fields() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194304 100 0 0 0 321 45 0 0 20 0 1 0 9 0 0";
        assert_eq!(ticks(stat), Some(366));
        assert_eq!(ticks("7 (a"), None);
    }

    #[test]
    fn this_process_has_memory_and_this_thread_has_time() {
        let memory = memory(std::process::id()).unwrap();
        assert!(memory.resident > 0 && memory.peak >= memory.resident);
        let (began, before) = (Instant::now(), this_thread().unwrap());
        // The kernel counts at its ticks.
        while this_thread().unwrap() == before {
            assert!(began.elapsed() < Duration::from_secs(10), "no time passed");
        }
        assert!(used(std::process::id()).is_ok());
    }
}

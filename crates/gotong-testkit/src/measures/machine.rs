//! The machine that the figures come from: class, not name.

use std::fs;

use serde_json::{Value, json};

/// What is said of a machine.
#[derive(Clone, Debug)]
pub(crate) struct Machine {
    cores: usize,
    memory_gib: u64,
    processor: String,
    system: String,
    load_before: String,
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn load() -> String {
    read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned()
}

impl Machine {
    /// Looks at this machine.
    pub(crate) fn look() -> Self {
        let memory = read("/proc/meminfo");
        let memory_kib =
            memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok());
        let memory_kib: u64 = memory_kib.unwrap_or(0);
        let processors = read("/proc/cpuinfo");
        let processor = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        Self {
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_gib: memory_kib.div_ceil(1 << 20),
            processor: processor.map_or_else(|| "unknown processor".to_owned(), |(_, name)| name.trim().to_owned()),
            system: format!("Linux {}", read("/proc/sys/kernel/osrelease").trim()),
            load_before: load(),
        }
    }

    /// One line.
    pub(crate) fn line(&self) -> String {
        format!(
            "{} cores ({}), {} GiB of memory, {}; load of the last minute before {} and after {}",
            self.cores,
            self.processor,
            self.memory_gib,
            self.system,
            self.load_before,
            load()
        )
    }

    /// For machines.
    pub(crate) fn to_value(&self) -> Value {
        json!({"cores": self.cores, "memory_gib": self.memory_gib, "processor": self.processor, "system": self.system,
               "load_before": self.load_before, "load_after": load()})
    }

    /// Whether others were at work when the run began.
    pub(crate) fn was_busy(&self) -> bool {
        self.load_before.parse::<f64>().is_ok_and(|load| load > 0.5)
    }
}

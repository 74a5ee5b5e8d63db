//! Figures about the node in Prometheus' text format, for the machine it runs on: on loopback and the node's own socket only, since sums over all channels
//! tell of each. Names of channels are not in it. Read next: `docs/book` for what to watch.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use gotong_app::source::{Health, RunResult};
use gotong_app::status::NodeStatus;
use gotong_model::agreement::DutyKind;

use crate::federation::{LinkState, LinkStatus};

/// Fates of objects, in the order in which they are counted.
const OUTCOMES: [&str; 5] = ["new", "updated", "known", "refused", "quarantined"];
/// What runs of sources come to, in the order in which they are counted.
const RUN_RESULTS: [RunResult; 4] = [RunResult::Done, RunResult::Unchanged, RunResult::Wanting, RunResult::Failed];
/// Upper bounds of request times, in seconds.
const BOUNDS_S: [f64; 8] = [0.001, 0.005, 0.02, 0.05, 0.2, 1.0, 5.0, 30.0];

#[derive(Clone, Copy, Default)]
struct Route {
    count: u64,
    micros: u64,
    within: [u64; 8],
}

/// Counters of the edge. They begin with the program.
#[derive(Default)]
pub(crate) struct Metrics {
    /// By route template, method and status: all three from small sets.
    routes: Mutex<BTreeMap<(String, &'static str, u16), Route>>,
    outcomes: [AtomicU64; 5],
    import_bytes: AtomicU64,
    erasures: AtomicU64,
    /// Runs of sources, by result, and sources by how they are.
    source_runs: [AtomicU64; 4],
    sources: [AtomicU64; Health::ALL.len()],
    connections: AtomicU64,
}

/// A method's name, from a closed set: callers may make up their own.
pub(crate) fn method_name(method: &axum::http::Method) -> &'static str {
    ["GET", "POST", "DELETE", "HEAD", "PUT", "PATCH", "OPTIONS"]
        .into_iter()
        .find(|name| *name == method.as_str())
        .unwrap_or("other")
}

impl Metrics {
    pub(crate) fn count_request(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let row = routes.entry((route.to_owned(), method, status)).or_default();
        row.count += 1;
        row.micros = row.micros.saturating_add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
        for (slot, bound) in row.within.iter_mut().zip(BOUNDS_S) {
            *slot += u64::from(took.as_secs_f64() <= bound);
        }
    }

    pub(crate) fn count_outcome(&self, word: &str, objects: u64) {
        let slot = OUTCOMES.iter().position(|known| *known == word).and_then(|at| self.outcomes.get(at));
        if let Some(slot) = slot {
            slot.fetch_add(objects, Ordering::Relaxed);
        }
    }

    pub(crate) fn count_import_bytes(&self, bytes: u64) {
        self.import_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn count_source_run(&self, result: RunResult) {
        let slot = RUN_RESULTS.iter().position(|known| *known == result).and_then(|at| self.source_runs.get(at));
        if let Some(slot) = slot {
            slot.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn set_sources(&self, all: impl Iterator<Item = Health>) {
        let mut counts = [0; Health::ALL.len()];
        for health in all {
            let at = Health::ALL.iter().position(|known| *known == health);
            if let Some(count) = at.and_then(|at| counts.get_mut(at)) {
                *count += 1;
            }
        }
        for (slot, count) in self.sources.iter().zip(counts) {
            slot.store(count, Ordering::Relaxed);
        }
    }

    pub(crate) fn count_erasure(&self) {
        self.erasures.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn connection_opened(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn connection_closed(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }

    /// Everything as text.
    pub(crate) fn text(&self, node: &NodeStatus, overdue: &[(DutyKind, u64)], links: &[LinkStatus]) -> String {
        let mut out = Text(String::with_capacity(8 << 10));
        out.node(node);
        out.overdue(overdue);
        out.links(links);
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        out.family("gotong_objects_total", "counter", "Objects that came in over the API, by what became of them.");
        for (word, counter) in OUTCOMES.iter().zip(&self.outcomes) {
            out.row("gotong_objects_total", &format!("{{outcome=\"{word}\"}}"), read(counter));
        }
        out.one("gotong_import_bytes_total", "counter", "Bytes of bulk imports, unpacked.", read(&self.import_bytes));
        out.one(
            "gotong_erasures_total",
            "counter",
            "Runs that wiped withdrawn records from the store's files.",
            read(&self.erasures),
        );
        out.family("gotong_source_runs_total", "counter", "Runs of sources, by what they came to.");
        for (result, counter) in RUN_RESULTS.iter().zip(&self.source_runs) {
            out.row("gotong_source_runs_total", &format!("{{result=\"{}\"}}", result.as_str()), read(counter));
        }
        out.family("gotong_sources", "gauge", "Sources, by how they are.");
        for (health, counter) in Health::ALL.iter().zip(&self.sources) {
            out.row("gotong_sources", &format!("{{health=\"{}\"}}", health.as_str()), read(counter));
        }
        out.one("gotong_http_connections", "gauge", "Connections open now.", read(&self.connections));
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        out.family(
            "gotong_http_request_seconds",
            "histogram",
            "Time until an answer began, by route, method and status.",
        );
        for ((route, method, status), row) in routes.iter() {
            let labels = format!("route=\"{route}\",method=\"{method}\",status=\"{status}\"");
            for (bound, count) in BOUNDS_S.iter().zip(row.within) {
                out.row("gotong_http_request_seconds_bucket", &format!("{{{labels},le=\"{bound}\"}}"), count);
            }
            out.row("gotong_http_request_seconds_bucket", &format!("{{{labels},le=\"+Inf\"}}"), row.count);
            let sum = Duration::from_micros(row.micros).as_secs_f64();
            let _ = writeln!(out.0, "gotong_http_request_seconds_sum{{{labels}}} {sum}");
            out.row("gotong_http_request_seconds_count", &format!("{{{labels}}}"), row.count);
        }
        out.0
    }
}

/// One figure of a link.
type Figure = fn(&LinkStatus) -> u64;

struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn row(&mut self, name: &str, labels: &str, value: u64) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: u64) {
        self.family(name, kind, help);
        self.row(name, "", value);
    }

    fn node(&mut self, node: &NodeStatus) {
        let counts = node.counts;
        self.family("gotong_entries", "gauge", "Entries in all logs, by state.");
        for (state, value) in [
            ("live", counts.live),
            ("erased", counts.erased),
            ("withheld", counts.withheld),
            ("faulty", counts.faulty),
            ("control", counts.control),
            ("unknown", counts.unknown),
        ] {
            self.row("gotong_entries", &format!("{{state=\"{state}\"}}"), value);
        }
        self.one("gotong_logs", "gauge", "Logs.", counts.logs);
        self.one("gotong_quarantined", "gauge", "Objects that wait for a person.", counts.quarantined);
        self.one("gotong_position_head", "counter", "Position of the newest arrival.", node.head);
        self.one(
            "gotong_position_released",
            "counter",
            "Position up to which everything is on the disk twice.",
            node.released,
        );
        self.one("gotong_projection_lag", "gauge", "Arrivals that the views are behind.", node.projection_lag);
        self.one(
            "gotong_restored",
            "gauge",
            "1 where the node was restored from an older state and does not sign.",
            u64::from(node.restored),
        );
        // Nothing where there is none: 0 would look like one that was made this second.
        if let Some(made) = node.backup {
            let age_s = made.age_s(node.now);
            self.one("gotong_backup_age_seconds", "gauge", "Seconds since the newest backup was made.", age_s);
        }
        self.one("gotong_store_bytes", "gauge", "Bytes of the store on disk.", node.store_bytes);
        self.one("gotong_agreements", "gauge", "Agreements known.", node.agreements as u64);
    }

    fn overdue(&mut self, overdue: &[(DutyKind, u64)]) {
        let help = "Duties of this member that are overdue, counted up to 1,000 in all.";
        self.family("gotong_duties_overdue", "gauge", help);
        for (kind, count) in overdue {
            self.row("gotong_duties_overdue", &format!("{{duty=\"{}\"}}", kind.as_str()), *count);
        }
    }

    fn links(&mut self, links: &[LinkStatus]) {
        let families: [(&str, &str, &str, Figure); 8] = [
            ("gotong_link_connected", "gauge", "1 where the link to a peer is up.", |link| {
                u64::from(link.state == LinkState::Connected)
            }),
            ("gotong_link_faults_total", "counter", "Faults of a link.", |link| link.faults),
            ("gotong_link_entries_total", "counter", "Entries stored from a peer.", |link| link.entries),
            ("gotong_link_frames_total", "counter", "Frames stored from a peer.", |link| link.frames),
            ("gotong_link_received_bytes_total", "counter", "Bytes received from a peer.", |link| link.bytes_in),
            ("gotong_link_sent_bytes_total", "counter", "Bytes sent to a peer.", |link| link.bytes_out),
            ("gotong_link_round_trips_total", "counter", "Requests that a peer answered.", |link| link.round_trips),
            ("gotong_link_requests_served_total", "counter", "Requests of a peer that were answered.", |link| {
                link.requests_served
            }),
        ];
        for (name, kind, help, value) in families {
            self.family(name, kind, help);
            for link in links {
                self.row(name, &format!("{{peer=\"{}\"}}", link.member), value(link));
            }
        }
    }
}

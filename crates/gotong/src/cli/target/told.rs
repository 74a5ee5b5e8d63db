//! Targets and their runs in words. What comes from a target's server is shown with control characters spelled out.

use std::fmt::Write as _;

use serde_json::Value;

use crate::output::{Table, list_at, number_at, text_at, visible};

/// All targets, a line each.
pub(super) fn table(targets: &[Value]) -> String {
    let mut table = Table::new(["name", "channels", "up to", "health", "sent", "held", "last run", "next", "address"]);
    for target in targets {
        let cell = |name: &str| text_at(target, name).to_owned();
        let last = target.get("last").filter(|last| last.is_object()).map_or_else(String::new, line);
        let held: u64 = list_at(target, "/held").iter().map(|held| number_at(held, "/count")).sum();
        table.row([
            cell("/name"),
            channels(target),
            cell("/label_max"),
            cell("/health"),
            number_at(target, "/sent").to_string(),
            held.to_string(),
            last,
            cell("/next_try"),
            cell("/url"),
        ]);
    }
    table.text("There are no targets.")
}

fn channels(target: &Value) -> String {
    list_at(target, "/channels").iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

/// One target and its runs.
pub(super) fn whole(target: &Value, runs: &[Value]) -> String {
    let mut out = String::new();
    for (name, label) in [
        ("/name", "name"),
        ("/url", "address"),
        ("/collection", "collection"),
        ("/label_max", "up to the label"),
        ("/health", "health"),
        ("/stopped/text", "paused by the node"),
        ("/failing_since", "failing since"),
        ("/last_good", "last good run"),
        ("/next_try", "next run"),
    ] {
        let text = text_at(target, name);
        if !text.is_empty() {
            let _ = writeln!(out, "{label}: {}", visible(text));
        }
    }
    let _ = writeln!(out, "channels: {}", channels(target));
    let _ = writeln!(
        out,
        "every: {} minutes, and up to {} more",
        number_at(target, "/every_min"),
        number_at(target, "/jitter_min")
    );
    let flags = [
        ("/has_credentials", "with credentials"),
        ("/pending", "its server still works on what it was sent"),
        ("/running", "running now"),
    ];
    for (name, text) in flags {
        if target.pointer(name) == Some(&Value::Bool(true)) {
            let _ = writeln!(out, "{text}");
        }
    }
    for (name, text) in [
        ("/sent", "went there"),
        ("/above", "kept here by the label"),
        ("/failed_count", "not taken there"),
        ("/taken_back", "taken back there"),
        ("/left_count", "could not be taken back there"),
    ] {
        match number_at(target, name) {
            0 => {}
            count => {
                let _ = writeln!(out, "{count} {text}");
            }
        }
    }
    for held in list_at(target, "/held") {
        let channel = visible(text_at(held, "/channel"));
        let _ =
            writeln!(out, "{} kept here of {channel}: {}", number_at(held, "/count"), visible(text_at(held, "/text")));
    }
    for (list, text) in [("/failed", "not taken there"), ("/left", "could not be taken back there")] {
        for one in list_at(target, list) {
            let _ = writeln!(out, "{text}: {}, {}", visible(text_at(one, "/id")), visible(text_at(one, "/why")));
        }
    }
    if runs.is_empty() {
        out.push_str("It has not run yet.\n");
    }
    for one in runs {
        out.push_str(&run(one));
    }
    out
}

/// One run with its notes.
pub(super) fn run(run: &Value) -> String {
    let mut out = format!(
        "run {} by {}, {}: {}\n",
        number_at(run, "/number"),
        visible(text_at(run, "/by")),
        text_at(run, "/ended"),
        line(run)
    );
    for note in list_at(run, "/notes") {
        let _ = writeln!(out, "  {} [{}]", visible(text_at(note, "/text")), visible(text_at(note, "/id")));
    }
    out
}

/// What a run came to, in one line: its result, and every count that is not nothing.
fn line(run: &Value) -> String {
    let counts = [
        ("sent", "sent"),
        ("known", "there already"),
        ("above", "above the label"),
        ("held", "held by a clause"),
        ("failed", "not taken"),
        ("taken_back", "taken back"),
        ("left", "could not be taken back"),
    ];
    let counts = counts.iter().filter_map(|(name, text)| match number_at(run, &format!("/counts/{name}")) {
        0 => None,
        count => Some(format!("{count} {text}")),
    });
    let mut parts = vec![text_at(run, "/result").to_owned()];
    parts.extend(counts);
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_is_told_with_its_reasons_and_nothing_of_a_server_moves_the_terminal() {
        let told = run(
            &json!({"number": 3, "by": "schedule", "ended": "T", "result": "wanting", "counts": {"sent": 2, "failed": 1},
            "notes": [{"id": "x", "text": "bad \u{1b}[2J"}]}),
        );
        assert_eq!(told, "run 3 by schedule, T: wanting, 2 sent, 1 not taken\n  bad \\u{1b}[2J [x]\n");
        assert!(table(&[]).contains("no targets"));
    }

    #[test]
    fn what_is_kept_here_is_told_with_its_clause() {
        let held = json!({"name": "partner", "channels": ["rti/indicators"],
            "held": [{"channel": "rti/indicators", "text": "not beyond the parties (clause 7 of rti: Onward)", "count": 4}],
            "left": [{"id": "indicator--1", "why": "405"}]});
        let told = whole(&held, &[]);
        assert!(
            told.contains("4 kept here of rti/indicators: not beyond the parties (clause 7 of rti: Onward)"),
            "{told}"
        );
        assert!(told.contains("could not be taken back there: indicator--1, 405"), "{told}");
    }
}

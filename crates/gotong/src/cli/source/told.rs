//! Sources and their runs in words. What comes from a source's server is shown with control characters spelled out.

use std::fmt::Write as _;

use serde_json::Value;

use crate::output::{Table, list_at, number_at, text_at, visible};

/// All sources, a line each.
pub(super) fn table(sources: &[Value]) -> String {
    let mut table = Table::new(["name", "kind", "channel", "label", "health", "last run", "next", "address"]);
    for source in sources {
        let cell = |name: &str| text_at(source, name).to_owned();
        let last = source.get("last").filter(|last| last.is_object()).map_or_else(String::new, line);
        table.row([
            cell("/name"),
            cell("/kind"),
            cell("/channel"),
            cell("/label"),
            cell("/health"),
            last,
            cell("/next_try"),
            cell("/url"),
        ]);
    }
    table.text("There are no sources.")
}

/// One source and its runs.
pub(super) fn whole(source: &Value, runs: &[Value]) -> String {
    let mut out = String::new();
    for (name, label) in [
        ("/name", "name"),
        ("/kind", "kind"),
        ("/url", "address"),
        ("/channel", "channel"),
        ("/label", "label of the unmarked"),
        ("/collection", "collection"),
        ("/format", "format"),
        ("/health", "health"),
        ("/failing_since", "failing since"),
        ("/last_good", "last good run"),
        ("/next_try", "next run"),
        ("/cursor", "read up to"),
    ] {
        let text = text_at(source, name);
        if !text.is_empty() {
            let _ = writeln!(out, "{label}: {}", visible(text));
        }
    }
    let _ = writeln!(
        out,
        "every: {} minutes, and up to {} more",
        number_at(source, "/every_min"),
        number_at(source, "/jitter_min")
    );
    let flags = [
        ("/has_credentials", "with credentials"),
        ("/withdraw_missing", "withdraws what is missing"),
        ("/running", "running now"),
    ];
    for (name, text) in flags {
        if source.pointer(name) == Some(&Value::Bool(true)) {
            let _ = writeln!(out, "{text}");
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
    let counts = ["new", "updated", "known", "refused", "quarantined", "not_carried", "gone", "withdrawn", "kept_out"];
    let counts = counts.iter().filter_map(|name| match number_at(run, &format!("/counts/{name}")) {
        0 => None,
        count => Some(format!("{count} {}", name.replace('_', " "))),
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
            &json!({"number": 3, "by": "schedule", "ended": "T", "result": "wanting", "counts": {"new": 2, "refused": 1},
            "notes": [{"id": "x", "text": "bad \u{1b}[2J"}]}),
        );
        assert_eq!(told, "run 3 by schedule, T: wanting, 2 new, 1 refused\n  bad \\u{1b}[2J [x]\n");
        assert!(table(&[]).contains("no sources"));
    }
}

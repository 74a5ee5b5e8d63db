//! Searches, records and webhooks in words. What comes from objects and from receivers is shown with control characters spelled out.

use std::fmt::Write as _;

use serde_json::Value;

use crate::output::{Table, list_at, number_at, text_at, visible};

/// Searches, a line each.
pub(super) fn searches(searches: &[Value]) -> String {
    let mut table = Table::new(["name", "channel", "type", "author", "label at most", "values", "words"]);
    for search in searches {
        let cell = |name: &str| visible(text_at(search, name));
        let values: Vec<&str> = list_at(search, "/values").iter().filter_map(Value::as_str).collect();
        let values = match values.as_slice() {
            [] => String::new(),
            [one] => visible(one),
            [first, rest @ ..] => format!("{} and {} more", visible(first), rest.len()),
        };
        let [name, channel, kind] = ["/name", "/channel", "/type"].map(cell);
        table.row([name, channel, kind, cell("/author"), cell("/tlp_max"), values, cell("/words")]);
    }
    table.text("There are no searches.")
}

/// Records, a line each.
pub(super) fn records(answer: &Value) -> String {
    let mut table = Table::new(["type", "name", "channel", "author", "label", "id"]);
    for record in list_at(answer, "/records") {
        let cell = |name: &str| visible(text_at(record, name));
        table.row([cell("/type"), cell("/name"), cell("/channel"), cell("/author"), cell("/tlp"), cell("/id")]);
    }
    let mut out = table.text("It finds nothing now.");
    let next = text_at(answer, "/next");
    if !next.is_empty() {
        let _ = writeln!(out, "There is more: --after {next}");
    }
    if answer.pointer("/more").and_then(Value::as_bool) == Some(true) {
        out.push_str("It finds more than is shown: narrow it down, or raise --limit.\n");
    }
    out
}

/// Webhooks, a line each, and what is wrong with them.
pub(super) fn webhooks(webhooks: &[Value]) -> String {
    let mut table = Table::new(["name", "search", "state", "events", "last taken", "next try", "address"]);
    let mut notes = String::new();
    for webhook in webhooks {
        let cell = |name: &str| visible(text_at(webhook, name));
        let events = number_at(webhook, "/events").to_string();
        table.row([
            cell("/name"),
            cell("/search"),
            cell("/state"),
            events,
            cell("/last_good"),
            cell("/next_try"),
            cell("/url"),
        ]);
        let why = [text_at(webhook, "/paused/text"), text_at(webhook, "/last_fault/text")];
        let is_well = text_at(webhook, "/state") == "active";
        if let Some(why) = why.into_iter().find(|why| !why.is_empty() && !is_well) {
            let _ = writeln!(notes, "{}: {}", cell("/name"), visible(why));
        }
    }
    format!("{}{notes}", table.text("There are no webhooks."))
}

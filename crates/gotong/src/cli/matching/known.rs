//! The records behind values: asked for in bulk, and remembered while the search goes on.

use std::collections::HashMap;
use std::fmt::Write as _;

use anyhow::Result;
use gotong_model::limits::LOOKUP_VALUES_MAX;
use serde_json::{Value, json};

use crate::client::Client;
use crate::output::{list_at, text_at, visible};

/// Values whose records are remembered; beyond them all are forgotten and asked for again.
const REMEMBERED_MAX: usize = 100_000;
/// Bytes of values in one question: the node takes some more.
const QUESTION_BYTES_MAX: usize = 2 << 20;
/// Records that are printed behind a hit in text.
const SHOWN_MAX: usize = 5;

/// One record that names a value.
pub(super) struct Record {
    pub(super) id: String,
    pub(super) object_type: String,
    pub(super) channel: String,
    pub(super) author: String,
    pub(super) tlp: String,
}

/// All that name one value.
#[derive(Default)]
pub(super) struct Records {
    pub(super) records: Vec<Record>,
    /// Whether there are more than the node answers.
    pub(super) more: bool,
}

impl Records {
    fn of(result: &Value) -> Self {
        let cell = |hit: &Value, name: &str| text_at(hit, name).to_owned();
        let records = list_at(result, "/hits").iter().map(|hit| Record {
            id: cell(hit, "/id"),
            object_type: cell(hit, "/type"),
            channel: cell(hit, "/channel"),
            author: cell(hit, "/author"),
            tlp: cell(hit, "/tlp"),
        });
        Self { records: records.collect(), more: result.get("more") == Some(&Value::Bool(true)) }
    }

    /// For machines.
    pub(super) fn to_value(&self) -> Value {
        let record = |record: &Record| json!({"id": record.id, "type": record.object_type, "channel": record.channel, "author": record.author, "tlp": record.tlp});
        self.records.iter().map(record).collect()
    }

    /// For people, behind the value.
    pub(super) fn text(&self) -> String {
        if self.records.is_empty() {
            // Taken back, or hidden from the caller, since the values were fetched.
            return "  (no record any more)".to_owned();
        }
        let mut out = String::new();
        for (at, record) in self.records.iter().take(SHOWN_MAX).enumerate() {
            let separator = if at == 0 { "  " } else { "; " };
            let _ = write!(out, "{separator}{} {} {}", record.id, record.channel, record.tlp);
        }
        let left = self.records.len().saturating_sub(SHOWN_MAX);
        if left > 0 || self.more {
            let _ = write!(out, "; and {}{left} more", if self.more { "at least " } else { "" });
        }
        visible(&out)
    }
}

/// What the node said of values.
#[derive(Default)]
pub(super) struct Known(HashMap<String, Records>);

impl Known {
    /// Asks for those that it does not know yet.
    pub(super) async fn ask(&mut self, client: &mut Client, values: impl Iterator<Item = &str>) -> Result<()> {
        let mut wanted: Vec<&str> = values.collect();
        wanted.sort_unstable();
        wanted.dedup();
        if self.0.len() + wanted.len() > REMEMBERED_MAX {
            self.0.clear();
        }
        wanted.retain(|value| !self.0.contains_key(*value));
        let mut rest = wanted.as_slice();
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = rest.iter().take(LOOKUP_VALUES_MAX).take_while(|value| {
                // Quotes and escapes may take as much again.
                bytes += 2 * value.len() + 3;
                bytes <= QUESTION_BYTES_MAX
            });
            let (asked, after) = rest.split_at(fits.count().max(1));
            let answer = client.post("lookup", &json!({"values": asked})).await?;
            for (value, result) in asked.iter().zip(list_at(&answer, "/results")) {
                self.0.insert((*value).to_owned(), Records::of(result));
            }
            rest = after;
        }
        Ok(())
    }

    /// The records of a value that was asked for.
    pub(super) fn of(&self, value: &str) -> Option<&Records> {
        self.0.get(value)
    }
}

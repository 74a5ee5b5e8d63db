//! Where the values come from: the node's text export, as it streams in, or a file of the same form. Of each only a fingerprint is kept.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result};
use gotong_crypto::Entropy;
use gotong_formats::scan::{Taken, ValueSet, ValueSetBuilder};
use gotong_model::limits::VALUE_BYTES_MAX;
use http_body_util::BodyExt;
use hyper::Method;
use serde_json::json;

use crate::client::{Client, query};
use crate::entropy::SystemEntropy;
use crate::fault::failure;
use crate::output::progress;

/// Values as they come in, line by line.
struct Taking {
    builder: ValueSetBuilder,
    /// The line under way.
    line: Vec<u8>,
    unusable: u64,
    full: u64,
}

impl Taking {
    fn new() -> Self {
        let mut key = [0; 16];
        SystemEntropy.fill(&mut key);
        Self { builder: ValueSetBuilder::new(key), line: Vec::new(), unusable: 0, full: 0 }
    }

    fn take(&mut self, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = bytes.split_at(end);
            self.keep(line);
            self.end_of_line();
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.keep(bytes);
    }

    /// One byte more than any value has shows that the line is too long.
    fn keep(&mut self, bytes: &[u8]) {
        let room = (VALUE_BYTES_MAX + 2).saturating_sub(self.line.len());
        self.line.extend(bytes.iter().take(room));
    }

    fn end_of_line(&mut self) {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        if !line.is_empty() {
            match std::str::from_utf8(line).map(|text| self.builder.push(text)) {
                Ok(Taken::Yes) => {}
                Ok(Taken::Unusable) | Err(_) => self.unusable += 1,
                Ok(Taken::Full) => self.full += 1,
            }
        }
        self.line.clear();
    }

    fn finish(mut self, json: bool) -> Result<ValueSet> {
        self.end_of_line();
        let set = self.builder.finish().context("the values could not be made ready for the search")?;
        for (count, why) in [
            (self.unusable, "are longer than any that is indexed, or are no text"),
            (self.full, "found no room: too many values, or too many with spaces in them"),
        ] {
            if count > 0 && json {
                eprintln!("{}", json!({"left_out": count, "why": why}));
            } else if count > 0 {
                eprintln!("{count} values are not looked for: they {why}");
            }
        }
        if set.is_empty() {
            return Err(failure(
                "there is no value to look for",
                "see what is there with `gotong export --format text`; what is revoked or expired is not looked for",
            ));
        }
        Ok(set)
    }
}

/// The values that the caller may read at a node.
pub(super) async fn fetched(client: &mut Client, channel: Option<&str>, json: bool) -> Result<ValueSet> {
    let path = format!("export{}", query(&[("format", Some("text")), ("channel", channel)]));
    let bar = progress(None, json);
    bar.set_message("of values fetched");
    let mut body = client.ask_raw(Method::GET, &path, None).await?.into_body();
    let mut taking = Taking::new();
    while let Some(frame) = body.frame().await {
        // Values that are missing would look like a clean log.
        if let Ok(data) = frame.context("the node's list of values broke off; nothing was searched")?.into_data() {
            bar.inc(data.len() as u64);
            taking.take(&data);
        }
    }
    bar.finish_and_clear();
    taking.finish(json)
}

/// The values of a file.
pub(super) fn read(path: &Path, json: bool) -> Result<ValueSet> {
    let opened = File::open(path).with_context(|| format!("could not open {}", path.display()))?;
    let mut input = BufReader::with_capacity(1 << 20, opened);
    let mut taking = Taking::new();
    loop {
        let bytes = input.fill_buf().with_context(|| format!("could not read {}", path.display()))?;
        if bytes.is_empty() {
            return taking.finish(json);
        }
        taking.take(bytes);
        let length = bytes.len();
        input.consume(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_whole_however_they_come_and_what_is_left_out_is_counted() {
        let long = "x".repeat(VALUE_BYTES_MAX + 9);
        let text = format!("evil.example\r\n\n198.51.100.7\n{long}\nlast.example");
        let mut taking = Taking::new();
        text.as_bytes().chunks(3).for_each(|piece| taking.take(piece));
        taking.end_of_line();
        assert_eq!((taking.unusable, taking.full), (1, 0));
        assert_eq!(taking.finish(true).unwrap().len(), 3);
        assert!(
            Taking::new().finish(true).is_err(),
            "a search for nothing finds nothing, and must not look like an answer"
        );
    }
}

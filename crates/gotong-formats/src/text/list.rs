//! Plain lists: one value a line, with comments, counts, hosts files and filter lists as they are found. A line that is no value is a fault.
//!
//! Holds one line. Read next: `value.rs` (what a value is), `emit.rs`.

use super::emit::{Emitter, Said, fault};
use super::input::{Charset, Input, Line};
use super::options::Options;
use super::value::{NoValue, Value, value_of};
use crate::draft::{Piece, Reader};
use std::collections::VecDeque;

/// Reads a plain list.
pub struct ListReader {
    input: Input,
    emitter: Emitter,
    queue: VecDeque<Piece>,
    said: Said,
}

impl ListReader {
    /// A reader at the beginning of a list.
    pub fn new(options: Options, charset: Charset) -> Self {
        Self {
            input: Input::new(charset),
            emitter: Emitter::new(options),
            queue: VecDeque::new(),
            said: Said::default(),
        }
    }

    fn line(&mut self, number: u64, range: std::ops::Range<usize>) {
        let Ok(text) = str::from_utf8(self.input.bytes(range)) else {
            return self.queue.push_back(self.input.unreadable(number));
        };
        let text = text.trim();
        if text.is_empty() || is_comment(text) {
            return;
        }
        let (body, comment) = split_comment(text);
        self.said.description = comment.map(str::to_owned);
        match value_of(body) {
            Ok(value) => {
                self.emitter.value(number, &value, &self.said, &mut self.queue);
            }
            Err(refusal) => {
                let body = body.to_owned();
                self.other(number, &body, refusal);
            }
        }
    }

    /// A line that is more than a value: a count beside it, a line of a hosts file or of a filter list.
    fn other(&mut self, number: u64, body: &str, refusal: NoValue) {
        if let Some(names) = hosts_line(body) {
            for name in names.split_whitespace().filter(|name| !is_own_name(name)) {
                match value_of(name) {
                    Ok(value) => {
                        self.emitter.value(number, &value, &self.said, &mut self.queue);
                    }
                    Err(refusal) => self.queue.push_back(fault(number, "", refusal.code(), refusal.text())),
                }
            }
            return;
        }
        if let Some(value) = filter_line(body) {
            self.emitter.value(number, &value, &self.said, &mut self.queue);
            return;
        }
        if let Some((value, count)) = counted(body) {
            let count = format!("count: {count}");
            self.said.description = Some(match self.said.description.take() {
                Some(comment) => format!("{comment} ({count})"),
                None => count,
            });
            self.emitter.value(number, &value, &self.said, &mut self.queue);
            return;
        }
        let columns = body.split([',', ';', '\t']).count();
        if columns > 1 {
            let text = "has more than one column; read it as CSV, with a mapping that says which column is the value";
            return self.queue.push_back(fault(number, "", "text.list.columns", text));
        }
        self.queue.push_back(fault(number, "", refusal.code(), refusal.text()));
    }
}

impl Reader for ListReader {
    fn push(&mut self, bytes: &[u8]) {
        self.input.push(bytes);
    }

    fn finish(&mut self) {
        self.input.finish();
    }

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(piece) = self.queue.pop_front() {
                return Some(piece);
            }
            match self.input.next() {
                Line::Is(number, range) => self.line(number, range),
                Line::TooLong(number) => return Some(Input::too_long(number)),
                Line::Wait => return None,
            }
        }
    }
}

fn is_comment(text: &str) -> bool {
    text.starts_with(['#', ';', '!']) || text.starts_with("//")
}

/// A value and the comment behind it. A sign counts only behind a blank: URLs have `#` and `//` of their own.
fn split_comment(text: &str) -> (&str, Option<&str>) {
    let signs = ["#", ";", "//"];
    let found = text.char_indices().filter(|(_, letter)| letter.is_whitespace()).find_map(|(at, letter)| {
        let rest = text.get(at + letter.len_utf8()..)?;
        let sign = signs.iter().find(|sign| rest.starts_with(**sign))?;
        Some((at, rest.get(sign.len()..)?))
    });
    match found {
        Some((at, rest)) => {
            let rest = rest.trim_start_matches(['#', ';', '/']).trim();
            (text.get(..at).unwrap_or_default().trim(), Some(rest).filter(|rest| !rest.is_empty()))
        }
        None => (text, None),
    }
}

/// The names of a line of a hosts file.
fn hosts_line(text: &str) -> Option<&str> {
    let (address, names) = text.split_once(char::is_whitespace)?;
    matches!(
        address,
        "0.0.0.0"
            | "127.0.0.1"
            | "::1"
            | "::"
            | "255.255.255.255"
            | "fe80::1%lo0"
            | "ff02::1"
            | "ff02::2"
            | "ff00::0"
            | "fe00::0"
    )
    .then(|| names.trim())
}

/// Names by which every machine calls itself.
fn is_own_name(name: &str) -> bool {
    ["localhost", "localhost.localdomain", "local", "broadcasthost", "0.0.0.0"].contains(&name)
        || name.starts_with("ip6-")
}

/// `||evil.example^` of filter lists.
fn filter_line(text: &str) -> Option<Value> {
    let inner = text.strip_prefix("||")?;
    value_of(inner.split('^').next().filter(|host| !host.is_empty())?).ok()
}

/// A value and how often it was seen.
fn counted(text: &str) -> Option<(Value, u64)> {
    let at = text.rfind([',', ';', '\t', ' '])?;
    let count = text.get(at + 1..)?;
    let digits = !count.is_empty() && count.len() <= 12 && count.bytes().all(|byte| byte.is_ascii_digit());
    let count = count.parse().ok().filter(|_| digits)?;
    Some((value_of(text.get(..at)?).ok()?, count))
}

/// Whether most lines of a beginning read as a plain list.
pub(crate) fn is_list(text: &str) -> bool {
    let (mut lines, mut values) = (0_u32, 0_u32);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !is_comment(line)).take(200) {
        let (body, _) = split_comment(line);
        lines += 1;
        values += u32::from(
            // A range is refused, and in a list all the same: read as prose, its two ends would be taken.
            matches!(value_of(body), Ok(_) | Err(NoValue::Range))
                || counted(body).is_some()
                || hosts_line(body).is_some()
                || filter_line(body).is_some(),
        );
    }
    lines > 0 && values * 10 >= lines * 8
}

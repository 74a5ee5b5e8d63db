//! What commands print: tables and JSON on standard output, progress on standard error and only where that is a terminal.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

/// What stands above everything that a node says that only rehearses.
pub(crate) const REHEARSAL_BANNER: &str = "*** REHEARSAL: nothing here is real. No real key, node or region takes part, and this one takes part in none. ***\n";

/// Rows in columns of even width; the last column is as long as it is.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with its headings.
    pub(crate) fn new<const N: usize>(headings: [&str; N]) -> Self {
        Self { rows: vec![headings.map(str::to_owned).to_vec()] }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| visible(&cell)).to_vec());
    }

    /// The table as text; `nothing` where it has no rows.
    pub(crate) fn text(&self, nothing: &str) -> String {
        if self.rows.len() == 1 {
            return format!("{nothing}\n");
        }
        let columns = self.rows.first().map_or(0, Vec::len);
        let wide =
            |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..columns).map(|column| wide(column).unwrap_or(0)).collect();
        let mut out = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let _ = write!(line, "{cell:width$}  ");
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

/// Text from elsewhere as a terminal may show it: control characters, and those that turn the direction of writing, are spelled out.
pub(crate) fn visible(text: &str) -> String {
    let harmful = |c: char| {
        c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
    };
    if !text.chars().any(harmful) {
        return text.to_owned();
    }
    text.chars().map(|c| if harmful(c) { format!("\\u{{{:x}}}", u32::from(c)) } else { c.to_string() }).collect()
}

/// The same for text of several lines.
pub(crate) fn visible_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// Prints text to standard output. A reader that went away ends the command quietly, as in any pipe.
pub(crate) fn print(text: &str) -> Result<()> {
    write(text.as_bytes())
}

/// Writes bytes to standard output.
pub(crate) fn write(bytes: &[u8]) -> Result<()> {
    match std::io::stdout().lock().write_all(bytes) {
        Err(fault) if fault.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        other => Ok(other?),
    }
}

/// Prints a JSON value on a line.
pub(crate) fn print_json(value: &Value) -> Result<()> {
    print(&format!("{value}\n"))
}

/// Text at a name of a JSON object; empty where there is none.
pub(crate) fn text_at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A number at a name of a JSON object; 0 where there is none.
pub(crate) fn number_at(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or_default()
}

/// The list at a name of a JSON object; empty where there is none.
pub(crate) fn list_at<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Progress of long work: rate, done, remaining. Shows nothing where standard error is no terminal.
pub(crate) fn progress(total_bytes: Option<u64>, quiet: bool) -> ProgressBar {
    let target = if quiet || !std::io::stderr().is_terminal() {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr_with_hz(5)
    };
    let bar = ProgressBar::with_draw_target(total_bytes, target);
    let template = if total_bytes.is_some() {
        "{bar:24} {bytes}/{total_bytes} {bytes_per_sec} {eta} left {msg}"
    } else {
        "{spinner} {bytes} {bytes_per_sec} {msg}"
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_even_and_nothing_is_said() {
        let mut table = Table::new(["code", "name"]);
        assert_eq!(table.text("nobody"), "nobody\n");
        table.row(["vn".to_owned(), "Viet Nam".to_owned()]);
        assert_eq!(table.text("nobody"), "code  name\nvn    Viet Nam\n");
    }

    #[test]
    fn what_others_wrote_cannot_move_the_cursor() {
        assert_eq!(visible("a\u{1b}[2Jb\u{202e}c"), "a\\u{1b}[2Jb\\u{202e}c");
        assert_eq!(visible("ประเทศไทย"), "ประเทศไทย");
    }
}

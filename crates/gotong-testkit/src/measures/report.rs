//! The table: what was measured, beside what, and what it must reach.

use serde_json::{Value, json};

use super::fault::{Fault, say};
use super::machine::Machine;
use super::options::{Measure, Options, Output};

/// What a number counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Unit {
    PerSecond,
    PerCpuSecond,
    Seconds,
    Milliseconds,
    Microseconds,
    Megabytes,
    MegabytesPerSecond,
    Percent,
}

impl Unit {
    fn as_str(self) -> &'static str {
        match self {
            Self::PerSecond => "/s",
            Self::PerCpuSecond => "/CPU-s",
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Microseconds => "µs",
            Self::Megabytes => "MB",
            Self::MegabytesPerSecond => "MB/s",
            Self::Percent => "%",
        }
    }
}

/// What a figure must reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Required {
    /// So many times the baseline, or more.
    TimesBaseline(f64),
    /// So many times the baseline, or less.
    TimesBaselineAtMost(f64),
    /// Less than this.
    Below(f64),
    /// This, or more.
    AtLeast(f64),
}

/// One row.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    measure: Measure,
    what: String,
    value: f64,
    unit: Unit,
    baseline: Option<(f64, String)>,
    required: Vec<Required>,
}

impl Figure {
    /// A figure alone.
    pub(crate) fn new(measure: Measure, what: impl Into<String>, value: f64, unit: Unit) -> Self {
        Self { measure, what: what.into(), value, unit, baseline: None, required: Vec::new() }
    }

    /// Beside what it stands, in the same unit.
    pub(crate) fn beside(mut self, value: f64, what: &str) -> Self {
        self.baseline = Some((value, what.to_owned()));
        self
    }

    /// What it must reach.
    pub(crate) fn must(mut self, required: Required) -> Self {
        self.required.push(required);
        self
    }

    fn ratio(&self) -> Option<f64> {
        self.baseline.as_ref().filter(|(value, _)| *value > 0.0).map(|(value, _)| self.value / value)
    }

    /// `None` where nothing is required.
    fn is_met(&self) -> Option<bool> {
        let ratio = self.ratio();
        let met = |required: &Required| match *required {
            Required::TimesBaseline(least) => ratio.is_some_and(|ratio| ratio >= least),
            Required::TimesBaselineAtMost(most) => ratio.is_some_and(|ratio| ratio <= most),
            Required::Below(most) => self.value < most,
            Required::AtLeast(least) => self.value >= least,
        };
        (!self.required.is_empty()).then(|| self.required.iter().all(met))
    }

    fn required(&self) -> String {
        let with_unit = |value: f64| format!("{} {}", number(value), self.unit.as_str());
        let words = self.required.iter().map(|required| match *required {
            Required::TimesBaseline(least) => format!("≥ {least} times"),
            Required::TimesBaselineAtMost(most) => format!("≤ {most} times"),
            Required::Below(most) => format!("< {}", with_unit(most)),
            Required::AtLeast(least) => format!("≥ {}", with_unit(least)),
        });
        words.collect::<Vec<_>>().join(", ")
    }

    fn cells(&self) -> [String; 7] {
        let with_unit = |value: f64| format!("{} {}", number(value), self.unit.as_str());
        let baseline = self.baseline.as_ref();
        [
            self.measure.number().to_string(),
            self.what.clone(),
            with_unit(self.value),
            baseline.map(|(value, what)| format!("{} ({what})", with_unit(*value))).unwrap_or_default(),
            self.ratio().map(|ratio| format!("{ratio:.2}")).unwrap_or_default(),
            self.required(),
            self.is_met().map(|met| if met { "yes" } else { "NO" }).unwrap_or_default().to_owned(),
        ]
    }

    fn to_value(&self) -> Value {
        json!({"measure": self.measure.number(), "name": self.measure.name(), "what": self.what, "value": self.value,
               "unit": self.unit.as_str(), "baseline": self.baseline.as_ref().map(|(value, _)| value),
               "baseline_is": self.baseline.as_ref().map(|(_, what)| what), "ratio": self.ratio(),
               "required": self.required(), "met": self.is_met()})
    }
}

/// Three significant digits, thousands apart.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        small if small < 0.1 => 4,
        small if small < 1.0 => 3,
        small if small < 10.0 => 2,
        middle if middle < 1_000.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.digits$}");
    if digits > 0 {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let mut out = String::new();
    for (at, digit) in text.chars().enumerate() {
        if at > 0 && (text.len() - at) % 3 == 0 && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Everything that a run found.
pub(crate) struct Report {
    machine: Machine,
    options: Options,
    figures: Vec<Figure>,
    notes: Vec<String>,
    /// What could not be measured.
    pub(crate) faults: Vec<String>,
}

const HEAD: [&str; 7] = ["#", "what", "figure", "baseline", "ratio", "required", "met"];

impl Report {
    /// An empty table.
    pub(crate) fn new(options: &Options) -> Self {
        let machine = Machine::look();
        let mut report =
            Self { machine, options: options.clone(), figures: Vec::new(), notes: Vec::new(), faults: Vec::new() };
        if report.machine.was_busy() {
            report.note("The machine was not idle when the run began: read the ratios, not the figures.");
        }
        report
    }

    /// Adds a row, if its measure was asked for.
    pub(crate) fn add(&mut self, figure: Figure) {
        if self.options.measures.contains(&figure.measure) {
            let [number, what, value, baseline, ..] = figure.cells();
            let beside = if baseline.is_empty() { String::new() } else { format!(", beside {baseline}") };
            say(format_args!("[{number}] {what}: {value}{beside}"));
            self.figures.push(figure);
        }
    }

    /// Adds what the reader of the figures must know.
    pub(crate) fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        say(&text);
        self.notes.push(text);
    }

    /// Keeps what could not be measured and lets the run go on.
    pub(crate) fn take<T>(&mut self, measure: Measure, result: Result<T, Fault>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(fault) => {
                let text = format!("{} could not be measured: {fault}", measure.name());
                say(&text);
                self.faults.push(text);
                None
            }
        }
    }

    /// The whole table, in the order of the measures.
    pub(crate) fn print(&mut self, output: Output) -> String {
        self.figures.sort_by_key(|figure| figure.measure);
        match output {
            Output::Text => self.text(),
            Output::Markdown => self.markdown(),
            Output::Json => self.json(),
        }
    }

    fn text(&self) -> String {
        let rows: Vec<[String; 7]> =
            std::iter::once(HEAD.map(str::to_owned)).chain(self.figures.iter().map(Figure::cells)).collect();
        let mut widths = [0; 7];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let mut out = String::new();
        for row in &rows {
            let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            out.push_str(cells.join("  ").trim_end());
            out.push('\n');
        }
        out.push('\n');
        out.push_str(&self.machine.line());
        for note in self.notes.iter().chain(&self.faults) {
            out.push('\n');
            out.push_str(note);
        }
        out
    }

    fn markdown(&self) -> String {
        let line = |cells: &[String; 7]| format!("| {} |\n", cells.join(" | "));
        let mut out = format!("{}.\n\n", self.machine.line());
        out.push_str(&line(&HEAD.map(str::to_owned)));
        out.push_str(&line(&["---"; 7].map(str::to_owned)));
        for figure in &self.figures {
            out.push_str(&line(&figure.cells()));
        }
        for note in self.notes.iter().chain(&self.faults) {
            out.push_str("\n- ");
            out.push_str(note);
        }
        out
    }

    fn json(&self) -> String {
        let figures: Vec<Value> = self.figures.iter().map(Figure::to_value).collect();
        let report = json!({"machine": self.machine.to_value(), "objects": self.options.objects, "figures": figures,
                            "notes": self.notes, "faults": self.faults});
        format!("{report:#}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits_and_thousands_stand_apart() {
        let shown: Vec<String> = [0.01234, 0.5, 2.0, 99.95, 1_234.5, 1_234_567.0].map(number).into();
        assert_eq!(shown, ["0.0123", "0.5", "2", "100", "1,234", "1,234,567"]);
    }

    #[test]
    fn a_figure_is_met_by_its_ratio_or_by_itself() {
        let figure =
            |required| Figure::new(Measure::Import, "x", 30.0, Unit::PerSecond).beside(10.0, "y").must(required);
        assert_eq!(figure(Required::TimesBaseline(2.0)).is_met(), Some(true));
        assert_eq!(figure(Required::TimesBaseline(3.5)).is_met(), Some(false));
        assert_eq!(figure(Required::TimesBaselineAtMost(2.0)).is_met(), Some(false));
        assert_eq!(figure(Required::Below(30.0)).is_met(), Some(false));
        assert_eq!(figure(Required::AtLeast(30.0)).is_met(), Some(true));
    }
}

//! What can be asked on the command line.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::fault::{Fault, While};

/// A measure, by its name here and its number in the list of measures.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Measure {
    Import,
    CatchUp,
    NothingNew,
    Lookup,
    Matching,
    Memory,
    Constituents,
    Start,
}

impl Measure {
    /// All that are measured now.
    pub(crate) const ALL: [Self; 8] = [
        Self::Import,
        Self::CatchUp,
        Self::NothingNew,
        Self::Lookup,
        Self::Matching,
        Self::Memory,
        Self::Constituents,
        Self::Start,
    ];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::CatchUp => "catch-up",
            Self::NothingNew => "nothing-new",
            Self::Lookup => "lookup",
            Self::Matching => "match",
            Self::Memory => "memory",
            Self::Constituents => "constituents",
            Self::Start => "start",
        }
    }

    /// Its number.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Import => 1,
            Self::CatchUp => 2,
            Self::NothingNew => 3,
            Self::Lookup => 5,
            Self::Matching => 6,
            Self::Memory => 8,
            Self::Constituents => 9,
            Self::Start => 10,
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == text || measure.number().to_string() == text)
    }
}

/// How the table is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Output {
    Text,
    Markdown,
    Json,
}

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) measures: BTreeSet<Measure>,
    pub(crate) objects: usize,
    pub(crate) lookups: usize,
    pub(crate) dir: Option<PathBuf>,
    pub(crate) corpus: Option<PathBuf>,
    pub(crate) base_port: Option<u16>,
    pub(crate) keep: bool,
    pub(crate) output: Output,
}

/// What to do.
pub(crate) enum Asked {
    Run(Options),
    Help,
}

pub(crate) const HELP: &str = "\
cargo xtask bench [NAME…] [OPTIONS]: measures the program, each figure beside its baseline in the same run

  NAME               import, catch-up, nothing-new, lookup, match, memory, constituents, start, or their
                     numbers 1 2 3 5 6 8 9 10; all if none is named
  --objects N        size of the corpus (100000; the full figures take 1000000)
  --lookups N        single lookups (20000)
  --dir DIR          where scratch files go (a new folder under target/measures); removed at the end
  --corpus FILE      NDJSON to import instead of the corpus that is made
  --base-port P      first port of the region (the first free range from 20400 on)
  --keep             leaves the scratch files
  --markdown         prints the table for docs/performance.md
  --json             prints the figures for machines

GOTONG_PROGRAM names the program to measure; without it target/release/gotong is built and taken.
GOTONG_REAL_DATA names the folder of real data, beside which tools/make_corpus.py makes the corpus.

Example: cargo xtask bench import catch-up --objects 1000000 --markdown";

/// Reads the arguments.
pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Asked, Fault> {
    let mut options = Options {
        measures: BTreeSet::new(),
        objects: 100_000,
        lookups: 20_000,
        dir: None,
        corpus: None,
        base_port: None,
        keep: false,
        output: Output::Text,
    };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().during(format!("{argument} wants a value"));
        match argument.as_str() {
            "--help" | "-h" => return Ok(Asked::Help),
            "--objects" => options.objects = number(&value()?)?,
            "--lookups" => options.lookups = number(&value()?)?,
            "--dir" => options.dir = Some(value()?.into()),
            "--corpus" => options.corpus = Some(value()?.into()),
            "--base-port" => options.base_port = Some(value()?.parse().during("--base-port")?),
            "--keep" => options.keep = true,
            "--markdown" => options.output = Output::Markdown,
            "--json" => options.output = Output::Json,
            name => {
                let measure = Measure::from_text(name).during(format!("there is no measure or option {name}"))?;
                options.measures.insert(measure);
            }
        }
    }
    if options.measures.is_empty() {
        options.measures.extend(Measure::ALL);
    }
    if options.objects < 1_000 {
        return Err(Fault::new("--objects must be 1000 at least"));
    }
    Ok(Asked::Run(options))
}

fn number(text: &str) -> Result<usize, Fault> {
    text.replace('_', "").parse().during(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Options {
        match parse(line.split_whitespace().map(str::to_owned)).unwrap() {
            Asked::Run(options) => options,
            Asked::Help => panic!("help"),
        }
    }

    #[test]
    fn names_and_numbers_both_name_a_measure_and_none_means_all() {
        assert_eq!(parsed("1 start --objects 1_000_000").measures, [Measure::Import, Measure::Start].into());
        assert_eq!(parsed("--markdown").measures.len(), Measure::ALL.len());
        assert_eq!(parsed("--json").output, Output::Json);
    }

    #[test]
    fn what_is_unknown_is_refused_by_name() {
        for (line, named) in
            [("taxii", "taxii"), ("--objects many", "many"), ("--dir", "--dir"), ("--objects 5", "1000")]
        {
            let refused = parse(line.split_whitespace().map(str::to_owned)).err().map(|fault| fault.to_string());
            assert!(refused.is_some_and(|text| text.contains(named)), "{line}");
        }
    }
}

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
    Taxii,
    Memory,
    Constituents,
    Pages,
    Formats,
    Start,
}

impl Measure {
    /// All that are measured now.
    pub(crate) const ALL: [Self; 11] = [
        Self::Import,
        Self::CatchUp,
        Self::NothingNew,
        Self::Lookup,
        Self::Matching,
        Self::Taxii,
        Self::Memory,
        Self::Constituents,
        Self::Pages,
        Self::Formats,
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
            Self::Taxii => "taxii",
            Self::Pages => "pages",
            Self::Formats => "formats",
            Self::Memory => "memory",
            Self::Constituents => "constituents",
            Self::Start => "start",
        }
    }

    /// Its number.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Import | Self::Formats => 1,
            Self::CatchUp => 2,
            Self::NothingNew => 3,
            Self::Lookup => 5,
            Self::Matching => 6,
            Self::Taxii => 7,
            Self::Memory => 8,
            Self::Constituents | Self::Pages => 9,
            Self::Start => 10,
        }
    }

    /// Those that a name or number means.
    fn from_text(text: &str) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |measure| measure.name() == text || measure.number().to_string() == text)
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

  NAME               import, formats, catch-up, nothing-new, lookup, match, taxii, memory, constituents, pages,
                     start, or their numbers 1 2 3 5 6 7 8 9 10; all if none is named
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
                let before = options.measures.len();
                options.measures.extend(Measure::from_text(name));
                if options.measures.len() == before && Measure::from_text(name).next().is_none() {
                    return Err(Fault::new(format!("there is no measure or option {name}")));
                }
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
        assert_eq!(
            parsed("1 start --objects 1_000_000").measures,
            [Measure::Import, Measure::Formats, Measure::Start].into()
        );
        assert_eq!(parsed("--markdown").measures.len(), Measure::ALL.len());
        assert_eq!(parsed("--json").output, Output::Json);
    }

    #[test]
    fn what_is_unknown_is_refused_by_name() {
        for (line, named) in
            [("speed", "speed"), ("--objects many", "many"), ("--dir", "--dir"), ("--objects 5", "1000")]
        {
            let refused = parse(line.split_whitespace().map(str::to_owned)).err().map(|fault| fault.to_string());
            assert!(refused.is_some_and(|text| text.contains(named)), "{line}");
        }
    }
}

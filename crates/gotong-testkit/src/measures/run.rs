//! The order of things: what needs no region first, then one region through import, catching up, lookups, memory and restart, then the region of eleven.

use super::catch_up;
use super::constituents;
use super::corpus::Corpus;
use super::demo::Demo;
use super::fault::{Fault, say};
use super::formats;
use super::import;
use super::lookup;
use super::matching;
use super::memory;
use super::nothing_new;
use super::options::{Measure, Options};
use super::pages;
use super::plain::Plain;
use super::program::Program;
use super::report::Report;
use super::scratch::{Scratch, repository, settle_disk};
use super::start;
use super::taxii;

/// The size of corpus that the requirements are for.
const FULL_OBJECTS: usize = 1_000_000;

/// Runs what was asked for.
pub(crate) fn run(options: &Options) -> Result<Report, Fault> {
    let mut report = Report::new(options);
    let parent = options.dir.clone().unwrap_or_else(|| repository().join("target/measures"));
    let scratch = Scratch::create(&parent, options.keep)?;
    let wants = |measure: Measure| options.measures.contains(&measure);
    let needs_region = Measure::ALL.into_iter().any(|measure| {
        !matches!(measure, Measure::NothingNew | Measure::Constituents | Measure::Matching) && wants(measure)
    });
    let program = if needs_region || wants(Measure::Matching) { Some(Program::find()?) } else { None };
    if options.objects < FULL_OBJECTS {
        report.note("What is required holds for a million objects; a small plain table fits into its cache and is faster than a large one.");
    }
    if wants(Measure::NothingNew) {
        let result = nothing_new::figures(&scratch, options.objects, &mut report);
        report.take(Measure::NothingNew, result);
        report.note("Nothing new is measured in process, at the use case behind the connection; a round trip over TLS is not in the figure.");
    }
    if wants(Measure::Constituents) {
        let result = constituents::figures(&scratch, options.objects, &mut report);
        report.take(Measure::Constituents, result);
    }
    if let Some(program) = program.as_ref().filter(|_| wants(Measure::Matching)) {
        let result = matching::figures(program, &scratch, options, &mut report);
        report.take(Measure::Matching, result);
    }
    if let Some(program) = program.as_ref().filter(|_| needs_region) {
        let corpus = match &options.corpus {
            Some(path) => Corpus::existing(path)?,
            None => Corpus::make(options.objects, &mut report)?,
        };
        let result = region(program, &scratch, &corpus, options, &mut report);
        report.take(Measure::Import, result);
        if wants(Measure::Memory) {
            let result = memory::eleven(program, &scratch, &mut report);
            report.take(Measure::Memory, result);
        }
    }
    Ok(report)
}

/// Everything that needs a node with the corpus in it. A fault here that is not taken up leaves nothing to go on with.
fn region(
    program: &Program,
    scratch: &Scratch,
    corpus: &Corpus,
    options: &Options,
    report: &mut Report,
) -> Result<(), Fault> {
    let wants = |measure: Measure| options.measures.contains(&measure);
    let mut demo = Demo::start(program, 3, &scratch.join("three"), options.base_port)?;
    if wants(Measure::Memory) {
        let result = memory::idle(&demo, report);
        report.take(Measure::Memory, result);
    }
    let imported = import::first(&mut demo, corpus, report)?;
    let needs_plain =
        [Measure::Import, Measure::CatchUp, Measure::Lookup, Measure::Pages, Measure::Formats].into_iter().any(wants);
    let plain = if needs_plain {
        say("filling the plain table");
        settle_disk();
        Some(Plain::fill(&scratch.join("plain"), corpus)?)
    } else {
        None
    };
    if let Some(plain) = plain.as_ref().filter(|_| wants(Measure::Import)) {
        let result = import::figures(&demo, corpus, &imported, plain, report);
        report.take(Measure::Import, result);
    }
    if let Some(plain) = plain.as_ref().filter(|_| wants(Measure::Lookup)) {
        let result = lookup::figures(&demo, plain, options, report);
        report.take(Measure::Lookup, result);
    }
    if wants(Measure::Taxii) {
        let result = taxii::figures(&demo, corpus, report);
        report.take(Measure::Taxii, result);
    }
    if wants(Measure::Pages) {
        let values = plain.as_ref().map(|plain| plain.values.as_slice()).unwrap_or_default();
        let result = pages::figures(&demo, values, report);
        report.take(Measure::Pages, result);
    }
    if wants(Measure::Memory) {
        let result = memory::loaded(&demo, report);
        report.take(Measure::Memory, result);
    }
    if wants(Measure::CatchUp) {
        let values = plain.as_ref().map(|plain| plain.values.as_slice()).unwrap_or_default();
        let result = catch_up::figures(&mut demo, corpus, values, &imported, report);
        report.take(Measure::CatchUp, result);
    }
    if let Some(plain) = plain.as_ref().filter(|_| wants(Measure::Formats)) {
        let result = formats::figures(&demo, scratch, plain, corpus.objects / 4, report);
        report.take(Measure::Formats, result);
    }
    if wants(Measure::Start) {
        let result = start::figures(&mut demo, report);
        report.take(Measure::Start, result);
    }
    Ok(())
}

//! Measure 8: memory of a node that has nothing to do, of one that imports and serves, and of a region of eleven.

use std::time::Duration;

use super::cpu;
use super::demo::Demo;
use super::fault::{Fault, While};
use super::options::Measure;
use super::program::Program;
use super::report::{Figure, Report, Required, Unit};
use super::scratch::Scratch;

/// How long a region is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(5);

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn figure(what: impl Into<String>, bytes: u64) -> Figure {
    Figure::new(Measure::Memory, what, megabytes(bytes), Unit::Megabytes)
}

/// The row of a node that was just started and holds nothing.
pub(crate) fn idle(demo: &Demo, report: &mut Report) -> Result<(), Fault> {
    std::thread::sleep(IDLE);
    let mut most = 0;
    for node in &demo.nodes {
        most = most.max(node.memory()?.resident);
    }
    report.add(figure("idle node, resident (the largest of three)", most).must(Required::Below(100.0)));
    Ok(())
}

/// Rows of the node that has imported and served.
pub(crate) fn loaded(demo: &Demo, report: &mut Report) -> Result<(), Fault> {
    let node = demo.nodes.first().during("the region has no node")?;
    node.settled()?;
    let memory = node.memory()?;
    report.add(figure("importing and serving, most resident", memory.peak).must(Required::Below(500.0)));
    report.add(figure("after importing and serving, resident", memory.resident));
    Ok(())
}

/// The row of a region of eleven, its overseer included.
pub(crate) fn eleven(program: &Program, scratch: &Scratch, report: &mut Report) -> Result<(), Fault> {
    let demo = Demo::start(program, 11, &scratch.join("eleven"), None)?;
    std::thread::sleep(IDLE);
    let mut sum = cpu::memory(demo.pid())?.share;
    for node in &demo.nodes {
        sum += node.memory()?.share;
    }
    report.add(figure("eleven idle nodes and the demo, proportional share", sum).must(Required::Below(1_500.0)));
    Ok(())
}

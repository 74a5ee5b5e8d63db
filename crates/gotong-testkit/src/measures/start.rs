//! Measure 10: from starting the process of a loaded node to its first good answer of `/readyz`, in good order and after a kill.

use std::time::Duration;

use super::demo::Demo;
use super::fault::{Fault, While, say};
use super::options::Measure;
use super::report::{Figure, Report, Required, Unit};

const STARTS: usize = 5;

/// Rows of the table.
pub(crate) fn figures(demo: &mut Demo, report: &mut Report) -> Result<(), Fault> {
    say("starting the loaded node again");
    let node = demo.nodes.first_mut().during("the region has no node")?;
    let mut times = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        node.stop()?;
        times.push(node.start()?);
    }
    times.sort_unstable();
    let figure = |what: String, time: Duration| Figure::new(Measure::Start, what, time.as_secs_f64(), Unit::Seconds);
    let median = times.get(STARTS / 2).copied().unwrap_or_default();
    report.add(figure(format!("start to ready, median of {STARTS}"), median).must(Required::Below(1.0)));
    node.kill()?;
    let time = node.start()?;
    report.add(figure("start to ready after a kill".to_owned(), time).must(Required::Below(1.0)));
    Ok(())
}

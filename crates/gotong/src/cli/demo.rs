//! `gotong demo`: a region on one machine.

use std::path::PathBuf;

use anyhow::Result;
use clap::builder::RangedU64ValueParser;

use super::{Ending, runtime};
use crate::demo::{self, MEMBERS_MAX, MEMBERS_MIN, Wish};

/// Run a region of several nodes on this machine.
///
/// Founds a region of ASEAN states with keys made for it, an agreement of all and one of the first two, starts a node for each
/// member, publishes some samples, and prints addresses and tokens. Ctrl-C ends it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong demo --members 5 --dir ./region --ready-file ready.json")]
pub(crate) struct Arguments {
    /// How many members, 3 to 11.
    #[arg(long, value_name = "N", default_value_t = MEMBERS_MIN, value_parser = RangedU64ValueParser::<usize>::new().range(MEMBERS_MIN as u64..=MEMBERS_MAX as u64))]
    members: usize,
    /// Where the data folders go, to be kept; a folder that is removed at the end, if not named.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The first member's port for pages and API; the others follow, federation is 100 above.
    #[arg(long, value_name = "P", default_value_t = 8401)]
    base_port: u16,
    /// Write a JSON document here once all nodes answer.
    #[arg(long, value_name = "F")]
    ready_file: Option<PathBuf>,
    /// Leave out the sample traffic.
    #[arg(long)]
    empty: bool,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let wish = Wish {
        members: arguments.members,
        dir: arguments.dir.as_deref(),
        base_port: arguments.base_port,
        ready_file: arguments.ready_file.as_deref(),
        is_empty: arguments.empty,
        json,
    };
    runtime()?.block_on(demo::run(&wish))?;
    Ok(Ending::Done)
}

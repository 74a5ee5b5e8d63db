//! `gotong why`: why one member has a record, or has it not. First what the agreement says; where it lets the member have the record, what is known of the
//! delivery.

use anyhow::Result;

use super::agreement::explain::{Wanted, told};
use super::{Ending, runtime};
use crate::client::{Client, Reach};
use crate::fault::usage;
use crate::output::print_json;

/// Say why a member has a record, or why it does not.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Works on a running node and on the folder of one that does not run. A record that you may not read is answered as one that is not there.\n\nExample:\n  gotong why indicator--1f5b6d3e-7c52-4f6b-9d0c-6a7f3b8e2c41 --member th --data ./vn\n  gotong why --log ORIGIN --index 7 --member th --data ./vn"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    wanted: Wanted,
    /// The member, by its code.
    #[arg(long, value_name = "CODE")]
    member: String,
    #[command(flatten)]
    reach: Reach,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    if !arguments.wanted.is_named() {
        return Err(usage("no record was named", "name it by its id, or by --log ORIGIN --index N"));
    }
    runtime()?.block_on(async {
        let mut client = Client::open(&arguments.reach).await?;
        let answer = arguments.wanted.ask(&mut client, Some(&arguments.member)).await;
        client.close().await;
        let answer = answer?;
        if json {
            print_json(&answer)?;
        } else {
            told(&answer)?;
        }
        Ok(Ending::Done)
    })
}

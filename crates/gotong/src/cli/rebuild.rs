//! `gotong rebuild`: drop every view and build it again from the logs.

use std::time::Duration;

use anyhow::Result;
use hyper::Method;
use indicatif::ProgressBar;
use serde_json::json;

use super::{Ending, runtime};
use crate::client::{Client, Reach};
use crate::output::{number_at, print, print_json};

const LOOK: Duration = Duration::from_millis(200);

/// Build the views again from the logs. Lists are shorter until it is done.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong rebuild --data ./vn")]
pub(crate) struct Arguments {
    #[command(flatten)]
    reach: Reach,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    runtime()?.block_on(async {
        let mut client = Client::open(&arguments.reach).await?;
        let begun = client.ask(Method::POST, "rebuild", None).await?;
        let total = number_at(&begun, "/projection_lag");
        let bar = ProgressBar::new(total);
        loop {
            let status = client.get("status").await?;
            let left = number_at(&status, "/store/projection_lag");
            bar.set_position(total.saturating_sub(left));
            if left == 0 {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        bar.finish_and_clear();
        client.close().await;
        if json {
            print_json(&json!({"arrivals": total}))?;
        } else {
            print(&format!("The views hold all {total} arrivals again.\n"))?;
        }
        Ok(Ending::Done)
    })
}

//! `gotong exercise-data`: a made-up case to see a node at work, loaded and removed in one command each. What it is and where alone it may stand is
//! `gotong_app::exercise`'s; the node is asked over the API.

use std::fmt::Write as _;

use anyhow::Result;
use clap::Subcommand;
use hyper::Method;
use serde_json::Value;

use super::{Ending, runtime};
use crate::client::{Client, Reach};
use crate::output::{list_at, number_at, print, print_json, text_at, visible};

/// Load made-up records to see a node at work, and remove them again.
///
/// They go into the channel for exercises of the member's own house rule and nowhere else, are marked as an exercise everywhere, and never leave the node. A
/// practice node (gotong init --practice) has such a channel; a real one gets it by its house rule: a channel type with exercise = true.
#[derive(clap::Args, Debug)]
#[command(
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Example:\n  gotong exercise-data load --data ./vn\n  gotong exercise-data remove --data ./vn"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand, Debug)]
enum Act {
    /// Load what is missing of them. What is there already stays as it is.
    #[command(after_help = "Example:\n  gotong exercise-data load --data ./vn")]
    Load {
        #[command(flatten)]
        reach: Reach,
    },
    /// Remove all of them: their contents are erased.
    #[command(after_help = "Example:\n  gotong exercise-data remove --data ./vn")]
    Remove {
        #[command(flatten)]
        reach: Reach,
    },
    /// Say whether they are there, and where.
    #[command(after_help = "Example:\n  gotong exercise-data show --data ./vn")]
    Show {
        #[command(flatten)]
        reach: Reach,
    },
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    let (reach, method) = match &arguments.act {
        Act::Load { reach } => (reach, Method::POST),
        Act::Remove { reach } => (reach, Method::DELETE),
        Act::Show { reach } => (reach, Method::GET),
    };
    let answer = runtime()?.block_on(async {
        let mut client = Client::open(reach).await?;
        let answer = client.ask(method, "exercise-data", None).await;
        client.close().await;
        answer
    })?;
    if json {
        print_json(&answer)?;
    } else {
        print(&match &arguments.act {
            Act::Load { .. } => loaded(&answer),
            Act::Remove { .. } => removed(&answer),
            Act::Show { .. } => shown(&answer),
        })?;
    }
    Ok(Ending::of(number_at(&answer, "/refused") == 0))
}

fn loaded(answer: &Value) -> String {
    let channel = visible(text_at(answer, "/channel"));
    let (new, known, refused) = (number_at(answer, "/new"), number_at(answer, "/known"), number_at(answer, "/refused"));
    if new == 0 && refused == 0 {
        return format!("All {known} exercise objects were in {channel} already. Nothing was changed.\n");
    }
    let mut text = format!("Loaded {new} exercise objects into {channel}\n");
    if known > 0 {
        let _ = writeln!(text, "  {known} were there already");
    }
    if refused > 0 {
        let _ = writeln!(text, "  {refused} were refused");
    }
    for why in list_at(answer, "/why") {
        let _ = writeln!(text, "    {}", visible(text_at(why, "/text")));
    }
    text + "Next: look at them on the page of the node, under Intelligence in this channel. gotong exercise-data remove takes them away.\n"
}

fn removed(answer: &Value) -> String {
    match number_at(answer, "/objects") {
        0 => "There were no exercise data. Nothing was changed.\n".to_owned(),
        objects => format!(
            "Removed {objects} exercise objects: the contents of {} entries are erased. The log keeps that they were taken back.\n",
            number_at(answer, "/entries")
        ),
    }
}

fn shown(answer: &Value) -> String {
    let of = number_at(answer, "/of");
    match (text_at(answer, "/channel"), number_at(answer, "/loaded")) {
        ("", _) => "This node has no channel for exercises.\n\
             Next: give the house rule a channel type with exercise = true (gotong house new, sign, accept), or practise: gotong init --practice\n"
            .to_owned(),
        (channel, 0) => format!("There are no exercise data in {}.\nNext: gotong exercise-data load\n", visible(channel)),
        (channel, loaded) => format!("{loaded} of {of} exercise objects are in {}.\n", visible(channel)),
    }
}

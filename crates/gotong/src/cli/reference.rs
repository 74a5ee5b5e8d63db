//! `gotong reference` (hidden): what the program knows of itself, as the files that CI compares. Called by `cargo xtask docs`.

use std::fmt::Write as _;

use anyhow::Result;
use clap::{Command, ValueEnum};
use gotong_model::record::KINDS;

use super::Ending;
use crate::config;
use crate::output::print;

/// Print a generated reference.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong reference cli")]
pub(crate) struct Arguments {
    /// Which one.
    #[arg(value_enum)]
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// The command line.
    Cli,
    /// The configuration.
    Config,
    /// Record kinds.
    Kinds,
    /// The API.
    Openapi,
    /// Problems of the API.
    Problems,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Ending> {
    let text = match arguments.what {
        What::Cli => command_line(),
        What::Config => configuration(),
        What::Kinds => kinds(),
        What::Openapi => openapi(),
        What::Problems => problems(),
    };
    print(&text)?;
    Ok(Ending::Done)
}

fn command_line() -> String {
    let mut out = String::from(
        "# Commands\n\nWritten by `cargo xtask docs`. Exit status: 0 done, 1 something is wrong (with a hint), 2 the command was not understood.\n\
         Every command takes `--json`. Progress goes to standard error, and only to a terminal.\n",
    );
    let mut program = super::command();
    program.build();
    describe(&program, "gotong", &mut out);
    out
}

fn describe(command: &Command, name: &str, out: &mut String) {
    let help = command.clone().term_width(100).render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    let _ = write!(out, "\n## {name}\n\n```text\n{}\n```\n", help.join("\n").trim_end());
    for below in command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help") {
        describe(below, &format!("{name} {}", below.get_name()), out);
    }
}

fn configuration() -> String {
    let mut out = String::from(
        "# Configuration\n\nWritten by `cargo xtask docs`. A node's settings stand in `gotong.toml` in its data folder; `gotong init` writes one with comments.\n\
         A variable in the environment lies above the file. Settings that nobody knows are refused, in both.\n",
    );
    for section in config::SECTIONS {
        let _ = write!(
            out,
            "\n## `[{}]`\n\n{}\n\n| setting | default | variable | what for |\n|---|---|---|---|\n",
            section.name, section.about
        );
        for setting in section.settings {
            let default = setting.default.map_or_else(|| "must be set".to_owned(), |default| format!("`{default}`"));
            let variable = config::variable_of(section, setting);
            let _ = writeln!(
                out,
                "| `{}` | {default} | `{variable}` | {} |",
                setting.key,
                setting.about.replace('|', "\\|")
            );
        }
    }
    out
}

fn kinds() -> String {
    let mut out = String::from(
        "# Record kinds\n\nWritten by `cargo xtask docs` from the table in `crates/gotong-model/src/record.rs`. Kinds and versions that a node does not know are kept, logged\n\
         and relayed, never interpreted.\n\n| kind | version | largest body | what it is |\n|---|---|---|---|\n",
    );
    for kind in KINDS {
        let _ =
            writeln!(out, "| `{}` | {} | {} bytes | {} |", kind.slug, kind.version, kind.body_bytes_max, kind.title);
    }
    out
}

fn openapi() -> String {
    let text = gotong_web::openapi::document();
    format!("{}\n", text.trim_end())
}

fn problems() -> String {
    let mut out = String::from(
        "# Problems\n\nWritten by `cargo xtask docs`. What the API answers when it does not do what was asked (RFC 9457); `type` is the path of the problem's page.\n\n\
         | problem | status | title |\n|---|---|---|\n",
    );
    for kind in gotong_web::problem::table::TABLE {
        let _ = writeln!(out, "| [`{}`]({}.md) | {} | {} |", kind.slug, kind.slug, kind.status, kind.title);
    }
    out
}

//! The command line: one file for each command below `cli/`. Exit status 0, 1 (the world's fault, with a hint) or 2 (usage).
//!
//! Commands that act on a node ask it over the API (`client.rs`); none has a way of its own into the store of a node that runs.

mod agreement;
mod backup;
mod blocklist;
mod channel;
mod charter;
mod demo;
mod doctor;
mod documents;
mod duties;
mod exercise_data;
mod export;
mod house;
mod import;
mod init;
mod keys;
mod known;
mod languages;
mod log;
mod lookup;
mod matching;
mod organisation;
mod peer;
mod quarantine;
mod rebuild;
mod reference;
mod register;
mod relabel;
mod restore;
mod search;
mod serve;
mod source;
mod subscription;
mod target;
mod token;
mod user;
mod warninglist;
mod why;
mod withdraw;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};

use crate::fault;

/// Share records between sovereign nodes, under signed agreements.
#[derive(Parser, Debug)]
#[command(name = "gotong", version, propagate_version = true, term_width = 100, disable_help_subcommand = true)]
#[command(subcommand_required = true, arg_required_else_help = true)]
#[command(
    after_help = "Exit status: 0 done, 1 something is wrong (with a hint), 2 the command was not understood.\n\nBegin with: gotong demo"
)]
pub(crate) struct Program {
    /// Answer with JSON, for machines.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Init(init::Arguments),
    Serve(serve::Arguments),
    Demo(demo::Arguments),
    Keys(keys::Arguments),
    Charter(charter::Arguments),
    Agreement(agreement::Arguments),
    House(house::Arguments),
    Organisation(organisation::Arguments),
    Channel(channel::Arguments),
    Import(import::Arguments),
    Export(export::Arguments),
    #[command(name = "exercise-data")]
    ExerciseData(exercise_data::Arguments),
    Withdraw(withdraw::Arguments),
    Relabel(relabel::Arguments),
    Lookup(lookup::Arguments),
    Search(search::Arguments),
    Match(matching::Arguments),
    Quarantine(quarantine::Arguments),
    Source(source::Arguments),
    Subscription(subscription::Arguments),
    Target(target::Arguments),
    Warninglist(warninglist::Arguments),
    Blocklist(blocklist::Arguments),
    Peer(peer::Arguments),
    Log(log::Arguments),
    Token(token::Arguments),
    User(user::Arguments),
    Why(why::Arguments),
    Register(register::Arguments),
    Duties(duties::Arguments),
    Duty(duties::DutyArguments),
    Rebuild(rebuild::Arguments),
    Backup(backup::Arguments),
    Restore(restore::Arguments),
    Doctor(doctor::Arguments),
    Languages(languages::Arguments),
    #[command(hide = true)]
    Reference(reference::Arguments),
}

/// How a command that ran ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// As it was wished.
    Done,
    /// Something of it was refused or is wrong; what, has been printed.
    Wanting,
}

impl Ending {
    /// Wanting if anything is.
    pub(crate) fn of(all_well: bool) -> Self {
        if all_well { Self::Done } else { Self::Wanting }
    }
}

/// Reads the command line, runs the command, says what went wrong.
pub(crate) fn main() -> ExitCode {
    let program = match Program::try_parse() {
        Ok(program) => program,
        Err(fault) => {
            // A pipe that closed early is no fault of ours.
            let _ = fault.print();
            return ExitCode::from(if fault.use_stderr() { 2 } else { 0 });
        }
    };
    let json = program.json;
    let ended = run(program);
    let _ = std::io::stdout().flush();
    match ended {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::Wanting) => ExitCode::from(1),
        Err(error) => {
            tell(&error, json);
            ExitCode::from(if fault::is_usage(&error) { 2 } else { 1 })
        }
    }
}

fn run(program: Program) -> Result<Ending> {
    let json = program.json;
    match program.command {
        Command::Init(arguments) => init::run(&arguments, json),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments, json),
        Command::Keys(arguments) => keys::run(&arguments, json),
        Command::Charter(arguments) => charter::run(&arguments, json),
        Command::Agreement(arguments) => agreement::run(&arguments, json),
        Command::House(arguments) => house::run(&arguments, json),
        Command::Organisation(arguments) => organisation::run(&arguments, json),
        Command::Channel(arguments) => channel::run(&arguments, json),
        Command::Import(arguments) => import::run(&arguments, json),
        Command::Export(arguments) => export::run(&arguments, json),
        Command::ExerciseData(arguments) => exercise_data::run(&arguments, json),
        Command::Withdraw(arguments) => withdraw::run(&arguments, json),
        Command::Relabel(arguments) => relabel::run(&arguments, json),
        Command::Lookup(arguments) => lookup::run(&arguments, json),
        Command::Search(arguments) => search::run(&arguments, json),
        Command::Match(arguments) => matching::run(&arguments, json),
        Command::Source(arguments) => source::run(&arguments, json),
        Command::Subscription(arguments) => subscription::run(&arguments, json),
        Command::Target(arguments) => target::run(&arguments, json),
        Command::Quarantine(arguments) => quarantine::run(&arguments, json),
        Command::Warninglist(arguments) => warninglist::run(&arguments, json),
        Command::Blocklist(arguments) => blocklist::run(&arguments, json),
        Command::Peer(arguments) => peer::run(&arguments, json),
        Command::Log(arguments) => log::run(&arguments, json),
        Command::Token(arguments) => token::run(&arguments, json),
        Command::User(arguments) => user::run(&arguments, json),
        Command::Why(arguments) => why::run(&arguments, json),
        Command::Register(arguments) => register::run(&arguments, json),
        Command::Duties(arguments) => duties::run(&arguments, json),
        Command::Duty(arguments) => duties::act(&arguments, json),
        Command::Rebuild(arguments) => rebuild::run(&arguments, json),
        Command::Backup(arguments) => backup::run(&arguments, json),
        Command::Restore(arguments) => restore::run(&arguments, json),
        Command::Doctor(arguments) => doctor::run(&arguments, json),
        Command::Languages(arguments) => languages::run(&arguments, json),
        Command::Reference(arguments) => reference::run(&arguments),
    }
}

/// An error and its hint, on standard error.
fn tell(error: &anyhow::Error, json: bool) {
    let hint = fault::hint(error);
    if json {
        eprintln!("{}", serde_json::json!({"error": format!("{error:#}"), "hint": hint}));
        return;
    }
    eprintln!("error: {error:#}");
    if let Some(hint) = hint {
        eprintln!("hint: {hint}");
    }
}

/// The whole command line, for the reference.
pub(crate) fn command() -> clap::Command {
    Program::command()
}

/// A runtime for commands that wait for something.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

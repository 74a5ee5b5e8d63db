//! The console as people meet it: a region that runs, Debian's Chromium, and what `interop/browser/` walks through with it. Each test here is one suite there;
//! every check says a line, and pictures stay under `target/browser`.
//!
//! Must not skip: without Chromium or the Python packages a test stops and says what brings them. Read next: `interop/browser/run.py`.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::program::{Demo, Ended};

/// Where the browser is, unless the variable names another.
const CHROMIUM: &str = "/usr/bin/chromium";
const CHROMIUM_VARIABLE: &str = "GOTONG_CHROMIUM";

fn repository() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", ".."].iter().collect()
}

#[allow(clippy::disallowed_methods, reason = "the browser and what drives it are other programs")]
fn drive(suite: &str, ready: Option<&Path>) -> Ended {
    let chromium = std::env::var(CHROMIUM_VARIABLE).unwrap_or_else(|_| CHROMIUM.to_owned());
    assert!(Path::new(&chromium).exists(), "{chromium} is missing; the Debian package chromium brings it");
    let pictures = repository().join("target/browser");
    let mut command = Command::new(gotong_testkit::clients::python());
    command.arg("-B").arg(repository().join("interop/browser/run.py")).arg(suite).arg(pictures);
    command.args(ready).env("GOTONG_PROGRAM", env!("CARGO_BIN_EXE_gotong")).env(CHROMIUM_VARIABLE, chromium);
    command.stdin(Stdio::null()).output().unwrap().into()
}

/// Every check of a suite has passed, and there were at least so many.
#[track_caller]
fn expect_all(ended: &Ended, at_least: usize) {
    let lines: Vec<Value> = ended.out.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let failed: Vec<String> = lines
        .iter()
        .filter(|line| !line["failed"].is_null())
        .map(|line| format!("{}: {}", line["check"].as_str().unwrap_or("?"), line["failed"].as_str().unwrap_or("?")))
        .collect();
    assert!(failed.is_empty(), "pictures are under target/browser\n{}", failed.join("\n"));
    assert_eq!(ended.status, 0, "{}\n{}", ended.out, ended.err);
    assert!(lines.len() >= at_least, "only {} checks ran: {}", lines.len(), ended.out);
    // What was measured is for whoever reads the output.
    println!("{}", ended.out);
}

/// A suite at a region with its samples.
#[track_caller]
fn at_a_region(suite: &str, at_least: usize) {
    let mut demo = Demo::start(&[]);
    let ready = demo.dir.with_file_name("ready.json");
    expect_all(&drive(suite, Some(&ready)), at_least);
    assert_eq!(demo.end(), 0);
}

#[test]
fn every_check_sees_the_page_that_was_broken_for_it() {
    expect_all(&drive("controls", None), 1);
}

#[test]
fn no_page_has_a_barrier_and_every_place_of_every_role_opens() {
    at_a_region("walk", 2);
}

#[test]
fn every_role_opens_what_is_its_own_and_no_outsider_learns_anything() {
    at_a_region("rights", 3);
}

#[test]
fn an_empty_host_comes_to_exercise_data_in_three_commands_and_three_steps() {
    expect_all(&drive("first_start", None), 1);
}

#[test]
fn people_do_what_they_came_for_in_few_steps() {
    at_a_region("stories", 6);
}

#[test]
fn two_hundred_records_are_withdrawn_by_one_act_and_undone() {
    at_a_region("many", 3);
}

#[test]
fn hostile_text_stays_text_in_every_field_and_file() {
    at_a_region("hostile", 4);
}

#[test]
fn pages_are_light_on_a_slow_line() {
    at_a_region("budget", 4);
}

#[test]
fn pages_speak_fourteen_languages_without_a_gap() {
    at_a_region("tongues", 3);
}

#[test]
fn a_passkey_lets_in_its_owner_and_nobody_that_it_has_not_seen() {
    at_a_region("passkeys", 3);
}

#[test]
fn a_provider_of_others_leads_in_and_back_and_loses_nothing_on_the_way() {
    expect_all(&drive("provider", None), 9);
}

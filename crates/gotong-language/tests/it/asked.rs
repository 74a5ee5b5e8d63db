//! The messages that templates and sources ask for, and those that English has: each asked for is there, and each that is there is asked for.
//!
//! An id that is put together (`format!("now-state-{state}")`) stands for all that begin alike; it must be a literal for this to see it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gotong_language::{Language, messages};

/// How an id is asked for in Rust and in templates.
const CALLS: &[&str] = &["t(\"", "with(\"", "count(\"", "named(\"", "html(\""];

/// All sources and templates that may ask, but not those that only test.
fn sources() -> Vec<(PathBuf, String)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut waiting: Vec<PathBuf> = [
        "gotong-web/src",
        "gotong-web/templates",
        "gotong-web/assets",
        "gotong-app/src",
        "gotong/src",
        "gotong-language/src",
    ]
    .iter()
    .map(|folder| crates.join(folder))
    .collect();
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path
            .extension()
            .is_some_and(|ending| ["rs", "html", "js", "txt"].iter().any(|known| ending == *known))
        {
            let text = fs::read_to_string(&path).unwrap();
            // What stands behind the tests of a file asks for ids that are not there, on purpose.
            let text = text.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned();
            found.push((path, text));
        }
    }
    assert!(found.len() > 100);
    found
}

/// The ids that a text asks for by a call: those that begin with the name of a Fluent file.
fn called(text: &str, files: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    for call in CALLS {
        for (at, _) in text.match_indices(call) {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|sign| sign.is_alphanumeric() || sign == '_') {
                continue;
            }
            let id = text[at + call.len()..].split('"').next().unwrap_or_default();
            if is_id(id, files) {
                found.push(id.to_owned());
            }
        }
    }
    found
}

/// A whole id: it ends in a letter or digit, and its first word, or its first two, name a file.
fn is_id(text: &str, files: &BTreeSet<String>) -> bool {
    let letters = text.chars().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-');
    letters
        && !text.ends_with('-')
        && files.iter().any(|file| text.strip_prefix(file.as_str()).is_some_and(|rest| rest.starts_with('-')))
}

/// Whether a text has an id as a literal, whole or as the beginning of one that is put together.
fn mentions(text: &str, id: &str) -> bool {
    text.contains(&format!("\"{id}\"")) || text.contains(&format!("'{id}'"))
}

/// The beginnings of ids that are put together: `"now-state-{` and `concat!("now-state-"`.
fn beginnings(text: &str, files: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    for piece in text.split('"').skip(1) {
        let head = piece.split('{').next().unwrap_or_default();
        let whole = piece.contains('{') || head.len() == piece.len();
        if whole
            && head.ends_with('-')
            && (files.contains(head.trim_end_matches('-')) || is_id(head.trim_end_matches('-'), files))
        {
            found.push(head.to_owned());
        }
    }
    found
}

fn file_names() -> BTreeSet<String> {
    messages(Language::English).into_iter().map(|message| message.file).collect()
}

#[test]
fn every_message_that_is_asked_for_is_there() {
    let files = file_names();
    let known: BTreeSet<String> = messages(Language::English).into_iter().map(|message| message.id).collect();
    let mut faults = Vec::new();
    for (path, text) in sources() {
        for id in called(&text, &files).into_iter().filter(|id| !known.contains(id)) {
            faults.push(format!("{}: {id}", path.display()));
        }
    }
    assert!(faults.is_empty(), "English lacks:\n{}", faults.join("\n"));
}

#[test]
fn every_message_that_is_there_is_asked_for() {
    let files = file_names();
    let sources = sources();
    let begun: BTreeSet<String> = sources.iter().flat_map(|(_, text)| beginnings(text, &files)).collect();
    let unused: Vec<String> = messages(Language::English)
        .into_iter()
        .map(|message| message.id)
        .filter(|id| !begun.iter().any(|head| id.starts_with(head.as_str())))
        .filter(|id| !sources.iter().any(|(_, text)| mentions(text, id)))
        .collect();
    assert!(unused.is_empty(), "nothing asks for:\n{}", unused.join("\n"));
}

#[test]
fn asking_is_seen_in_each_of_its_forms() {
    let files: BTreeSet<String> = ["now".to_owned(), "log-in".to_owned()].into();
    let text = r#"{{ w.t("now-title") }} words.with("log-in-name", &[]); first("now-no"); w.t("other-id"); w.count("now-count", 3)"#;
    assert_eq!(called(text, &files), ["now-title", "log-in-name", "now-count"]);
    assert_eq!(beginnings(r#"format!("now-state-{state}")"#, &files), ["now-state-"]);
    assert_eq!(beginnings(r#"format!("{}", "now-title")"#, &files), Vec::<String>::new());
    let whole = beginnings(r#"format!("now-{state}")"#, &files);
    assert_eq!(whole, ["now-"], "a file whose messages are all put together");
    assert_eq!(beginnings(r#"format!("other-{state}")"#, &files), Vec::<String>::new());
    assert!(mentions(r#"id: "now-title""#, "now-title"));
    assert!(!mentions(r#"id: "now-title-long""#, "now-title"));
}

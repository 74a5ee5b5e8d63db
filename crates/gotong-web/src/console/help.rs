//! Help: for each place what it is for, three steps, and what its words mean; and the main words of the glossary together. Plain words, in every language.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use gotong_app::role::Right;
use gotong_language::Words;

use super::person::Person;
use super::shell::Shell;
use super::show;
use crate::api::Web;
use crate::problem::{Problem, table};

pub(super) fn routes() -> Router<Web> {
    Router::new().route("/help", get(all)).route("/help/{page}", get(page))
}

/// A page: its name, the message of its title, where the place is, the right that opens it, its words.
type Page = (&'static str, &'static str, &'static str, Option<Right>, &'static [&'static str]);

/// In the order of the places.
const PAGES: &[Page] = &[
    ("now", "shell-now", "/", None, &["member", "node", "duty"]),
    ("intelligence", "shell-intelligence", "/intelligence", None, &["record", "label", "provenance", "sighting"]),
    ("share", "shell-share", "/share", Some(Right::Publish), &["channel", "label", "clause", "outcome"]),
    ("withdraw", "object-withdraw", "/intelligence", Some(Right::Withdraw), &["withdraw", "record", "holder"]),
    ("waiting", "shell-waiting", "/waiting", Some(Right::Publish), &["waiting", "record"]),
    ("report", "shell-report", "/report", Some(Right::Publish), &["record", "label"]),
    ("channels", "shell-channels", "/channels", Some(Right::Oversee), &["channel", "member", "label"]),
    ("agreements", "shell-agreements", "/agreements", Some(Right::Oversee), &["agreement", "clause", "in-force"]),
    ("charter", "shell-charter", "/charter", Some(Right::Oversee), &["charter", "member", "region"]),
    ("sources", "shell-sources", "/sources", Some(Right::Sources), &["source", "target", "channel"]),
    ("logs", "shell-logs", "/logs", Some(Right::Audit), &["log", "checkpoint", "archive"]),
    ("users", "shell-users", "/users", Some(Right::Tokens), &["role", "constituent"]),
    ("tokens", "shell-tokens", "/tokens", Some(Right::Tokens), &["token", "role"]),
    ("audit", "shell-audit", "/audit", Some(Right::Audit), &["audit", "token"]),
    ("operation", "shell-operation", "/operation", Some(Right::Oversee), &["node", "member", "clause", "duty"]),
    ("me", "shell-me", "/me", None, &["role"]),
];

/// The main words of the glossary, from the largest thing to the smallest.
const WORDS: &[&str] = &[
    "region",
    "charter",
    "member",
    "agreement",
    "clause",
    "in-force",
    "channel",
    "node",
    "log",
    "checkpoint",
    "archive",
    "provenance",
    "record",
    "label",
    "sighting",
    "withdraw",
    "holder",
    "duty",
    "waiting",
    "outcome",
    "source",
    "target",
    "constituent",
    "role",
    "token",
    "audit",
];

#[derive(Template)]
#[template(path = "console/help.html")]
struct HelpPage {
    shell: Shell,
    pages: Vec<(String, String, String)>,
    glossary: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "console/help_page.html")]
struct OnePage {
    shell: Shell,
    title: String,
    purpose: String,
    steps: Vec<String>,
    glossary: Vec<(String, String)>,
    /// The place itself, where this person may go there.
    place: Option<&'static str>,
}

fn may(person: &Person, right: Option<Right>) -> bool {
    right.is_none_or(|right| person.caller.may(right))
}

/// Words with what they mean.
fn meanings(words: Words, terms: &[&str]) -> Vec<(String, String)> {
    let meaning = |term: &&str| (words.t(&format!("help-word-{term}")), words.t(&format!("help-means-{term}")));
    terms.iter().map(meaning).collect()
}

async fn all(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    let words = person.words;
    let is_staff = person.caller.is_staff();
    // Reporting is a constituent's way, sharing the staff's.
    let shown = PAGES.iter().filter(|(name, _, _, right, _)| {
        may(&person, *right) && if is_staff { *name != "report" } else { !matches!(*name, "share" | "waiting") }
    });
    let pages =
        shown.map(|(name, title, ..)| (format!("/help/{name}"), words.t(title), words.t(&format!("help-{name}-for"))));
    let pages = pages.collect();
    show(&HelpPage { pages, glossary: meanings(words, WORDS), shell: Shell::of(&web, &person, "") })
}

async fn page(State(web): State<Web>, person: Person, Path(wanted): Path<String>) -> Result<Response, Problem> {
    let found = PAGES.iter().find(|(name, ..)| *name == wanted);
    let Some((name, title, path, right, terms)) = found else { return Err(Problem::of(&table::NOT_FOUND)) };
    let words = person.words;
    show(&OnePage {
        title: words.t(title),
        purpose: words.t(&format!("help-{name}-for")),
        steps: (1..=3).map(|step| words.t(&format!("help-{name}-{step}"))).collect(),
        glossary: meanings(words, terms),
        place: Some(*path).filter(|_| may(&person, *right)),
        shell: Shell::of(&web, &person, ""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use gotong_language::Language;

    #[test]
    fn every_page_has_its_texts_and_every_word_its_meaning() {
        let words = Words::of(Language::English);
        for (name, title, path, _, terms) in PAGES {
            let ids = ["for", "1", "2", "3"].map(|part| format!("help-{name}-{part}"));
            assert!(ids.iter().chain([&(*title).to_owned()]).all(|id| words.has(id)), "{name}");
            assert!(path.starts_with('/') && terms.iter().all(|term| WORDS.contains(term)), "{name}");
        }
        for term in WORDS {
            assert!(words.has(&format!("help-word-{term}")) && words.has(&format!("help-means-{term}")), "{term}");
        }
        assert!(!words.has("help-no-such-page-for"), "a text that is not there is seen");
    }
}

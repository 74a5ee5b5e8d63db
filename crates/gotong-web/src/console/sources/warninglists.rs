//! The warninglists: how many entries each has, and what a hit comes to at each moment. Rules of channels that the person may not know of are not shown.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use gotong_app::role::Right;
use gotong_app::warninglist::{self, List, action_word, moment_word};
use gotong_language::Words;

use super::{Tab, named, tabs};
use crate::api::Web;
use crate::api::input::Parameters;
use crate::console::operation::{expect_staff, number};
use crate::console::person::Person;
use crate::console::shell::Shell;
use crate::console::show;
use crate::console::shown::When;
use crate::problem::Problem;

/// Lists of a page.
const LISTS: usize = 100;
/// Rules of one list on the page; the API has all of them.
const RULES: usize = 12;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Asked {
    after: u64,
}

#[derive(Template)]
#[template(path = "console/sources_warninglists.html")]
struct WarninglistsPage {
    shell: Shell,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    count: String,
    next: Option<String>,
}

struct Row {
    name: String,
    about: String,
    version: String,
    entries: String,
    unused: Option<String>,
    rules: Vec<String>,
    loaded: When,
}

pub(super) async fn page(
    State(web): State<Web>,
    person: Person,
    Parameters(asked): Parameters<Asked>,
) -> Result<Response, Problem> {
    expect_staff(&person, Right::Oversee)?;
    let asking = person.caller.clone();
    let lists = web
        .run(move |node| warninglist::lists(node, |channel| asking.channel(node, &channel.to_string()).is_some()))
        .await?;
    let words = person.words;
    let count = words.count("sources-warninglists-count", lists.len());
    let mut rest = lists.into_iter().filter(|list| list.number > asked.after);
    let shown: Vec<List> = rest.by_ref().take(LISTS).collect();
    let next =
        shown.last().filter(|_| rest.next().is_some()).map(|last| format!("/warninglists?after={}", last.number));
    let governance = web.node.governance();
    let handle = |id: &gotong_model::ChannelId| {
        governance.channel(id).map_or_else(|| id.to_string(), |channel| channel.handle())
    };
    let row = |list: List| {
        let rules = list.rules.iter().take(RULES).map(|rule| {
            let text = rule_text(words, moment_word(rule.on), action_word(rule.action));
            match &rule.channel {
                None => text,
                Some(channel) => format!("{} {text}", named(words, "sources-in-channel", &handle(channel))),
            }
        });
        Row {
            rules: rules.collect(),
            version: list.version.to_string(),
            entries: number(words, list.entries),
            unused: (list.used < list.entries).then(|| number(words, list.entries - list.used)),
            loaded: When::at(&person.moments, list.loaded_at),
            name: list.name,
            about: list.description,
        }
    };
    let rows = shown.into_iter().map(row).collect();
    show(&WarninglistsPage {
        tabs: tabs(&person, "/warninglists"),
        rows,
        count,
        next,
        shell: Shell::of(&web, &person, "/sources"),
    })
}

/// At which moment, and what is done: a sentence each.
fn rule_text(words: Words, moment: &str, action: &str) -> String {
    words.t(&format!("sources-rule-{moment}-{action}"))
}

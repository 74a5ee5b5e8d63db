//! The saved searches and webhooks of this person, and how each webhook stands. They are kept over the API, by programs; here they are only shown.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use gotong_app::role::Right;
use gotong_app::{NodeFault, subscription};

use super::{Tab, tabs};
use crate::api::Web;
use crate::console::operation::{expect_staff, number, when};
use crate::console::person::Person;
use crate::console::shell::Shell;
use crate::console::show;
use crate::console::shown::When;
use crate::problem::Problem;

#[derive(Template)]
#[template(path = "console/sources_webhooks.html")]
struct WebhooksPage {
    shell: Shell,
    tabs: Vec<Tab>,
    searches: Vec<(String, When)>,
    hooks: Vec<Hook>,
}

struct Hook {
    name: String,
    url: String,
    search: String,
    state: String,
    class: &'static str,
    note: Option<String>,
    messages: String,
    good: Option<When>,
    next: Option<When>,
}

pub(super) async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    expect_staff(&person, Right::Webhooks)?;
    let asking = person.caller.clone();
    let (searches, hooks) = web
        .run(move |node| {
            Ok::<_, NodeFault>((subscription::list(node, &asking)?, subscription::webhooks(node, &asking)?))
        })
        .await?;
    let hook = |view: subscription::WebhookView| {
        let standing = view.standing;
        let (id, class) = match (&standing.paused, standing.failures) {
            (Some(note), _) if note.id == "webhook.paused" => ("sources-health-paused", "calm"),
            (Some(_), _) => ("sources-webhook-stopped", "bad"),
            (None, 0) if standing.last_good.is_none() => ("sources-health-waiting", "calm"),
            (None, 0) => ("sources-health-fresh", "good"),
            (None, _) => ("sources-health-failing", "bad"),
        };
        let is_paused = standing.paused.is_some();
        Hook {
            name: view.plan.name.to_string(),
            url: view.plan.url,
            search: view.plan.search.to_string(),
            state: person.words.t(id),
            class,
            note: standing.paused.or(standing.last_fault).map(|note| note.text).filter(|_| class == "bad"),
            messages: number(person.words, standing.messages),
            good: when(&person, standing.last_good),
            next: when(&person, (standing.next_try > 0 && !is_paused).then_some(standing.next_try)),
        }
    };
    show(&WebhooksPage {
        tabs: tabs(&person, "/webhooks"),
        searches: searches
            .into_iter()
            .map(|search| (search.name.to_string(), When::at(&person.moments, search.created_at)))
            .collect(),
        hooks: hooks.into_iter().map(hook).collect(),
        shell: Shell::of(&web, &person, "/sources"),
    })
}

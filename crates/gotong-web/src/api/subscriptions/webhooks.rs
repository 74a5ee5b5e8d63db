//! Webhooks, for whoever has the right `webhooks`: addresses outside to which the events of one's own searches are sent. A secret is shown once.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use gotong_app::caller::Caller;
use gotong_app::subscription::{self, Note, Plan, Standing, WebhookView};
use gotong_model::{Slug, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Done, new_slug, slug};
use crate::api::Web;
use crate::api::input::{Json, Path};
use crate::api::who::Hooking;
use crate::outward::guard::Target;
use crate::problem::{Problem, table};
use crate::subscription::deliver::secret_text;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(show, put, remove))
        .routes(routes!(pause))
        .routes(routes!(resume))
}

/// A webhook to be set up, or changed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhook {
    /// Where it goes: http or https, without user and password.
    url: String,
    /// One of the caller's saved searches, by name.
    search: String,
    /// Send the objects themselves too, where their label is TLP:CLEAR or TLP:GREEN.
    #[serde(default)]
    objects: bool,
}

/// Why something did not go well.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "WebhookNote")]
pub(crate) struct HookNote {
    /// Message id.
    id: String,
    /// The sentence in English.
    text: String,
}

impl From<Note> for HookNote {
    fn from(note: Note) -> Self {
        Self { id: note.id, text: note.text }
    }
}

/// A webhook and how it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Webhook")]
pub(crate) struct WebhookBody {
    /// Its name.
    name: String,
    /// Where it goes.
    url: String,
    /// The search that it follows.
    search: String,
    /// Whether objects go with it.
    objects: bool,
    /// The secret, where one was made just now. It is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    /// `active`, `failing` or `paused`.
    state: &'static str,
    /// Why it is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    paused: Option<HookNote>,
    /// Failures since the last success.
    failures: u32,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<String>,
    /// What failed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_fault: Option<HookNote>,
    /// Not tried before.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_try: Option<String>,
    /// The last success.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_good: Option<String>,
    /// Messages that were taken.
    messages: u64,
    /// Events in them.
    events: u64,
    /// When it was made.
    created_at: String,
}

impl WebhookBody {
    fn of(view: WebhookView, secret: Option<String>) -> Self {
        let WebhookView { plan, standing, created_at } = view;
        let at = |micros: i64| Timestamp::from_micros(micros).map(|at| at.to_string());
        let Standing { paused, failures, failing_since, last_fault, next_try, last_good, messages, events } = standing;
        let state = match (&paused, failures) {
            (Some(_), _) => "paused",
            (None, 0) => "active",
            (None, _) => "failing",
        };
        Self {
            name: plan.name.to_string(),
            url: plan.url,
            search: plan.search.to_string(),
            objects: plan.with_objects,
            secret,
            state,
            next_try: at(next_try).filter(|_| paused.is_none() && failures > 0),
            paused: paused.map(HookNote::from),
            failures,
            failing_since: failing_since.and_then(at),
            last_fault: last_fault.map(HookNote::from),
            last_good: last_good.and_then(at),
            messages,
            events,
            created_at: created_at.to_string(),
        }
    }
}

/// The caller's webhooks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhooksBody {
    /// By name.
    webhooks: Vec<WebhookBody>,
}

async fn find(web: &Web, caller: &Caller, name: &Slug) -> Result<WebhookView, Problem> {
    let (name, caller) = (name.clone(), caller.clone());
    web.find(move |node| subscription::lookup_webhook(node, &caller, &name)).await
}

/// Lists the caller's webhooks, each with how it stands.
#[utoipa::path(get, path = "/webhooks", tag = "operation",
    responses((status = 200, description = "By name", body = WebhooksBody)))]
async fn list(State(web): State<Web>, Hooking(caller): Hooking) -> Result<Answer<WebhooksBody>, Problem> {
    let views = web.run(move |node| subscription::webhooks(node, &caller)).await?;
    Ok(Answer(WebhooksBody { webhooks: views.into_iter().map(|view| WebhookBody::of(view, None)).collect() }))
}

/// Shows a webhook.
#[utoipa::path(get, path = "/webhooks/{name}", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, description = "The webhook", body = WebhookBody)))]
async fn show(
    State(web): State<Web>,
    Hooking(caller): Hooking,
    Path(name): Path<String>,
) -> Result<Answer<WebhookBody>, Problem> {
    let view = find(&web, &caller, &slug(&name)?).await?;
    Ok(Answer(WebhookBody::of(view, None)))
}

/// Sets a webhook up, or changes it. A new one tells of what comes from now on. One that points elsewhere begins anew, with a new secret.
#[utoipa::path(put, path = "/webhooks/{name}", tag = "operation", request_body = NewWebhook,
    params(("name" = String, Path, description = "Its name: lower-case letters, digits and hyphens")),
    responses((status = 200, description = "As it stands now, with its secret where that is new", body = WebhookBody)))]
async fn put(
    State(web): State<Web>,
    Hooking(caller): Hooking,
    Path(name): Path<String>,
    Json(new): Json<NewWebhook>,
) -> Result<Answer<WebhookBody>, Problem> {
    web.expect_writable()?;
    let name = new_slug(&name)?;
    Target::parse(&new.url)
        .map_err(|fault| Problem::of(&table::REFUSED).at("/url", fault.code(), fault.to_string()))?;
    let search = Slug::from_text(&new.search).ok_or_else(|| {
        Problem::of(&table::REFUSED).at("/search", "webhook.field", "must be one of your own searches")
    })?;
    let plan = Plan { name: name.clone(), url: new.url, search, with_objects: new.objects };
    let asker = caller.clone();
    let made = web.run(move |node| subscription::put_webhook(node, &asker, &plan)).await?;
    let secret = made.map_err(|why| Problem::of(&table::REFUSED).because(&why))?;
    web.subscriptions.wake();
    let view = find(&web, &caller, &name).await?;
    Ok(Answer(WebhookBody::of(view, secret.as_ref().map(secret_text))))
}

/// Removes a webhook and its secret.
#[utoipa::path(delete, path = "/webhooks/{name}", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 204, description = "Nothing is sent there any more")))]
async fn remove(
    State(web): State<Web>,
    Hooking(caller): Hooking,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let name = slug(&name)?;
    let found = web.run(move |node| subscription::remove_webhook(node, &caller, &name)).await?;
    if found { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::of(&table::NOT_FOUND)) }
}

/// Pauses a webhook. What comes meanwhile waits.
#[utoipa::path(post, path = "/webhooks/{name}/pause", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, description = "The webhook", body = WebhookBody)))]
async fn pause(
    State(web): State<Web>,
    Hooking(caller): Hooking,
    Path(name): Path<String>,
) -> Result<Answer<WebhookBody>, Problem> {
    set_paused(web, caller, name, true).await
}

/// Lets a webhook go on where it stopped, at once.
#[utoipa::path(post, path = "/webhooks/{name}/resume", tag = "operation",
    params(("name" = String, Path, description = "Its name")),
    responses((status = 200, description = "The webhook", body = WebhookBody)))]
async fn resume(
    State(web): State<Web>,
    Hooking(caller): Hooking,
    Path(name): Path<String>,
) -> Result<Answer<WebhookBody>, Problem> {
    set_paused(web, caller, name, false).await
}

async fn set_paused(web: Web, caller: Caller, name: String, paused: bool) -> Result<Answer<WebhookBody>, Problem> {
    let name = slug(&name)?;
    web.expect_writable()?;
    let (asker, asked) = (caller.clone(), name.clone());
    let found = web.run(move |node| -> Done<bool> { subscription::set_paused(node, &asker, &asked, paused) }).await?;
    if !found {
        return Err(Problem::of(&table::NOT_FOUND));
    }
    web.subscriptions.wake();
    let view = find(&web, &caller, &name).await?;
    Ok(Answer(WebhookBody::of(view, None)))
}

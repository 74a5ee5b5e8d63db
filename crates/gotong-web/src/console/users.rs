//! The accounts of the node, for whoever has the right `tokens`: who there is, invitations, roles, closing and opening, ways back in, ending sessions.
//!
//! What may be done with whom is decided in `gotong_app::account::manage`. A one-time link is shown once (`once.rs`).
//! Read next: `api/users.rs`, the same for programs.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use gotong_app::account::link::{Made, USUAL_MS};
use gotong_app::account::manage::{self, Invitation, Refusal};
use gotong_app::account::provider::Wanted;
use gotong_app::account::{self, AccountName, AccountView};
use gotong_app::act::{Act, Ending, Told};
use gotong_app::caller::Caller;
use gotong_app::role::{ROLES, Right, Role};
use gotong_app::{Node, NodeFault, house, organisation};
use gotong_model::Slug;
use serde::Deserialize;

use super::form::Sent;
use super::once::{self, Secret};
use super::outcome::tell;
use super::person::Person;
use super::provider::{self, Linked};
use super::shell::Shell;
use super::shown::When;
use super::{show, show_as};
use crate::api::Web;
use crate::api::who::expect_right;
use crate::problem::{Problem, table};

/// Organisations to choose from on the page; the API takes any.
const ORGANISATIONS_SHOWN: usize = 1_000;

pub(super) fn routes() -> Router<Web> {
    Router::new()
        .route("/users", get(page))
        .route("/users/invite", post(invite))
        .route("/users/{name}/{act}", post(change))
}

#[derive(Template)]
#[template(path = "console/users.html")]
struct UsersPage {
    shell: Shell,
    rows: Vec<UserRow>,
    may_see_house: bool,
    /// What the identity provider is called; `None`: there is none.
    provider: Option<String>,
    roles: Vec<RoleChoice>,
    organisations: Vec<(String, String)>,
    /// What was typed, where it could not stand.
    name: String,
    full_name: String,
    chosen_role: String,
    chosen_constituent: String,
    wrong: Option<String>,
}

struct RoleChoice {
    name: &'static str,
    shown: String,
    is_for_constituents: bool,
}

struct UserRow {
    name: String,
    full_name: String,
    role: &'static str,
    role_name: String,
    constituent: Option<String>,
    is_closed: bool,
    has_second: bool,
    last_in: Option<When>,
    failed: u32,
    /// With whom of the identity provider it is linked.
    linked: Option<Linked>,
    /// Whether this person may act on it.
    is_mine_to_change: bool,
}

#[derive(Default, Deserialize)]
struct Inviting {
    name: String,
    #[serde(default)]
    full_name: String,
    role: String,
    #[serde(default)]
    constituent: String,
}

/// INVARIANT: 1. Whoever is served keeps no accounts, whatever role was written beside it.
fn expect_keeper(person: &Person) -> Result<(), Problem> {
    expect_right(&person.caller, Right::Tokens)?;
    if person.caller.is_staff() { Ok(()) } else { Err(Problem::of(&table::NOT_FOUND)) }
}

async fn users(web: &Web, person: &Person, typed: Inviting, wrong: Option<String>) -> Result<UsersPage, Problem> {
    let (accounts, organisations) = web
        .run(|node| {
            let organisations = organisation::list(node, None, ORGANISATIONS_SHOWN)?;
            Ok::<_, NodeFault>((account::list(node)?, organisations))
        })
        .await?;
    let words = person.words;
    let role_name = |role: Role| words.t(&format!("shell-role-{}", role.as_str()));
    let row = |view: AccountView| UserRow {
        is_mine_to_change: format!("account:{}", view.id) != person.caller.id
            && manage::may_give(&person.caller, view.role),
        name: view.name.to_string(),
        role: view.role.as_str(),
        role_name: role_name(view.role),
        constituent: view.constituent.map(|code| code.to_string()),
        is_closed: view.disabled.is_some(),
        has_second: view.has_second,
        last_in: view.last_in.map(|at| When::at(&person.moments, at)),
        failed: view.failed.count,
        linked: view.provider.map(|view| Linked::of(view, &person.moments)),
        full_name: view.full_name,
    };
    let roles = ROLES.into_iter().filter(|role| manage::may_give(&person.caller, *role));
    let served = organisations.into_iter().filter(|row| row.ended.is_none());
    Ok(UsersPage {
        shell: Shell::of(web, person, "/users"),
        rows: accounts.into_iter().map(row).collect(),
        may_see_house: house::may_know(&person.caller) && person.caller.may(Right::Oversee),
        provider: provider::name(web),
        roles: roles
            .map(|role| RoleChoice {
                name: role.as_str(),
                shown: role_name(role),
                is_for_constituents: role.is_for_constituents(),
            })
            .collect(),
        organisations: served.map(|row| (row.organisation.code.to_string(), row.organisation.name)).collect(),
        name: typed.name,
        full_name: typed.full_name,
        chosen_role: typed.role,
        chosen_constituent: typed.constituent,
        wrong,
    })
}

async fn page(State(web): State<Web>, person: Person) -> Result<Response, Problem> {
    expect_keeper(&person)?;
    show(&users(&web, &person, Inviting::default(), None).await?)
}

/// An invitation from what was typed.
fn invitation(sent: &Inviting) -> Result<Invitation, &'static str> {
    let name = AccountName::parse(&sent.name).ok_or("log-in-refused-account-name")?;
    let role = Role::from_text(&sent.role).ok_or("users-refused-role")?;
    let constituent = match sent.constituent.trim() {
        "" => None,
        code => Some(Slug::from_text(code).ok_or("users-refused-account-constituent")?),
    };
    Ok(Invitation { name, full_name: sent.full_name.trim().to_owned(), role, constituent, valid_ms: USUAL_MS })
}

async fn invite(
    State(web): State<Web>,
    headers: HeaderMap,
    Sent(person, sent): Sent<Inviting>,
) -> Result<Response, Problem> {
    expect_keeper(&person)?;
    let words = person.words;
    let wrong = match invitation(&sent) {
        Err(id) => words.t(id),
        Ok(new) => {
            let (caller, name) = (person.caller.clone(), new.name.to_string());
            match web.run(move |node| manage::invite(node, &caller, &new)).await? {
                Ok(made) => return Ok(link(&web, &person, &headers, name, &made)),
                Err(refusal) => said(&person, &refusal),
            }
        }
    };
    show_as(StatusCode::UNPROCESSABLE_ENTITY, &users(&web, &person, sent, Some(wrong)).await?)
}

fn link(web: &Web, person: &Person, headers: &HeaderMap, name: String, made: &Made) -> Response {
    let address = once::whole(web, headers, &made.path());
    once::told(web, person, Secret::Link { name, address, until: made.expires })
}

/// A refusal in the words of the page, else in English.
fn said(person: &Person, refusal: &Refusal) -> String {
    let words = person.words;
    match refusal {
        Refusal::Unknown => words.t("users-refused-unknown"),
        Refusal::Own => words.t("users-refused-own"),
        Refusal::Beyond(role) => {
            words.named("users-refused-beyond", &words.t(&format!("shell-role-{}", role.as_str())))
        }
        Refusal::Unfit(whys) => whys.first().map_or_else(String::new, |why| {
            let tail = why.id.replace('.', "-");
            let ids = [format!("users-refused-{tail}"), format!("log-in-refused-{tail}")];
            let told = ids.iter().map(|id| words.t(id)).zip(&ids).find(|(text, id)| text != *id);
            told.map_or_else(|| why.text.clone(), |(text, _)| text)
        }),
    }
}

#[derive(Deserialize)]
struct Changing {
    #[serde(default)]
    role: String,
    /// Of the identity provider's person.
    #[serde(default)]
    subject: String,
    #[serde(default)]
    provider_name: String,
}

type Worked = Result<Result<Option<Made>, Refusal>, NodeFault>;

/// By what somebody of the provider was named: a subject goes before a name.
fn wanted(sent: &Changing) -> Wanted {
    match sent.subject.trim() {
        "" => Wanted::Name(sent.provider_name.trim().to_owned()),
        subject => Wanted::Subject(subject.to_owned()),
    }
}

/// One of the acts on an account. `None`: there is no such act.
fn act(
    node: &Node,
    caller: &Caller,
    name: &AccountName,
    act: &str,
    (sent, issuer): (&Changing, Option<&str>),
) -> Result<Option<Result<Option<Made>, Refusal>>, NodeFault> {
    let plain = |done: Result<Result<(), Refusal>, NodeFault>| -> Worked { Ok(done?.map(|()| None)) };
    let worked = match act {
        "disable" => plain(manage::disable(node, caller, name)),
        "enable" => plain(manage::enable(node, caller, name)),
        "sessions" => plain(manage::end_sessions(node, caller, name)),
        "reset" => manage::reset(node, caller, name).map(|done| done.map(Some)),
        "link" => match issuer {
            Some(issuer) => plain(account::provider::link(node, caller, name, issuer, &wanted(sent))),
            None => return Ok(None),
        },
        "unlink" => plain(account::provider::unlink(node, caller, name)),
        "role" => match Role::from_text(&sent.role) {
            Some(role) => plain(manage::change_role(node, caller, name, role)),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    worked.map(Some)
}

async fn change(
    State(web): State<Web>,
    Path((name, wanted)): Path<(String, String)>,
    headers: HeaderMap,
    Sent(person, sent): Sent<Changing>,
) -> Result<Response, Problem> {
    expect_keeper(&person)?;
    let Some(name) = AccountName::parse(&name) else { return Err(Problem::of(&table::NOT_FOUND)) };
    let (caller, of, asked) = (person.caller.clone(), name.clone(), wanted.clone());
    let issuer = web.options.provider.as_ref().map(|options| options.issuer.clone());
    let done = web.find(move |node| act(node, &caller, &of, &asked, (&sent, issuer.as_deref()))).await?;
    let (ending, told) = match done {
        Ok(Some(made)) => return Ok(link(&web, &person, &headers, name.to_string(), &made)),
        Ok(None) => (Ending::Done, Told::of(&format!("users-done-{wanted}")).text("name", name.as_str())),
        Err(refusal) => (Ending::Refused, Told::of("users-refused").text("why", said(&person, &refusal))),
    };
    tell(&web, &person.caller, Act::new(ending, told).then("/users", Told::of("users-back"))).await
}

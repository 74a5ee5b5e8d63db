//! Accounts of people, for whoever has the right `tokens`. A one-time link is shown in the answer that makes it; no password ever travels.
//!
//! What may be done with whom is decided in `gotong_app::account::manage`. Read next: `console/users.rs`, the same for people.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use gotong_app::account::link::{LONGEST_MS, Made, USUAL_MS};
use gotong_app::account::manage::{self, Invitation, Refusal};
use gotong_app::account::provider::{self, ProviderView, Wanted};
use gotong_app::account::{self, AccountName, AccountView};
use gotong_app::publish::Why;
use gotong_app::role::Role;
use gotong_app::{Node, NodeFault};
use gotong_model::Slug;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::{Json, Path};
use super::who::Issuing;
use crate::problem::{Problem, table};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(list, invite))
        .routes(routes!(disable))
        .routes(routes!(enable))
        .routes(routes!(change_role))
        .routes(routes!(reset))
        .routes(routes!(end_sessions))
        .routes(routes!(link_provider, unlink_provider))
}

/// An account as it is listed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "User")]
pub(crate) struct UserBody {
    /// Its id, which audit lines carry.
    id: String,
    /// The name that the person logs in with.
    name: String,
    /// The name for others.
    #[serde(skip_serializing_if = "String::is_empty")]
    full_name: String,
    /// The constituent whose person it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    constituent: Option<String>,
    /// Its role.
    role: &'static str,
    /// What the role lets it do.
    rights: Vec<&'static str>,
    /// Whether it has a second factor.
    second_factor: bool,
    /// When it was made.
    created_at: String,
    /// Since when nobody gets in with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_at: Option<String>,
    /// When the person last logged in.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_in: Option<String>,
    /// Tries that failed since.
    failed: u32,
    /// Who it is at the identity provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<UserProviderBody>,
}

/// Who somebody is at the identity provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "UserProvider")]
pub(crate) struct UserProviderBody {
    /// The provider's issuer.
    issuer: String,
    /// The subject there; missing while the link waits for its person.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// The name there, when the link was made or while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Since when.
    since: String,
    /// Until when it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// When the person last logged in that way.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_in: Option<String>,
}

impl From<ProviderView> for UserProviderBody {
    fn from(view: ProviderView) -> Self {
        Self {
            issuer: view.issuer,
            subject: view.subject,
            name: view.name,
            since: view.since.to_string(),
            until: view.until.map(|at| at.to_string()),
            last_in: view.last_in.map(|at| at.to_string()),
        }
    }
}

/// With whom of the identity provider an account is to be linked: one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderLinkBody {
    /// The subject there: the link stands at once.
    #[serde(default)]
    subject: Option<String>,
    /// The name there: whoever first comes with it, within a week, is linked by subject.
    #[serde(default)]
    name: Option<String>,
}

impl From<AccountView> for UserBody {
    fn from(view: AccountView) -> Self {
        Self {
            role: view.role.as_str(),
            rights: view.role.rights().iter().map(|right| right.as_str()).collect(),
            id: view.id,
            name: view.name.to_string(),
            full_name: view.full_name,
            constituent: view.constituent.map(|code| code.to_string()),
            second_factor: view.has_second,
            created_at: view.created_at.to_string(),
            disabled_at: view.disabled.map(|at| at.to_string()),
            last_in: view.last_in.map(|at| at.to_string()),
            failed: view.failed.count,
            provider: view.provider.map(UserProviderBody::from),
        }
    }
}

/// All accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsersBody {
    /// By name.
    users: Vec<UserBody>,
}

/// Somebody to be invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvitationBody {
    /// The name that the person will log in with: 2 to 64 letters a to z, digits and `. _ - @ +`.
    name: String,
    /// The name for others.
    #[serde(default)]
    full_name: String,
    /// The role.
    role: String,
    /// The code of the constituent whose person it is; the member's staff if not said.
    #[serde(default)]
    constituent: Option<String>,
    /// For how many hours the link opens, at most 168; 24 if not said.
    #[serde(default)]
    hours: Option<u64>,
}

/// A role to be given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleBody {
    /// The role.
    role: String,
}

/// A one-time link just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinkBody {
    /// The account that it makes or lets back in.
    name: String,
    /// Where it opens, below the node's own address. It is shown here and nowhere else.
    path: String,
    /// Until when it opens.
    expires: String,
}

impl LinkBody {
    fn of(name: &AccountName, made: &Made) -> Self {
        Self { name: name.to_string(), path: made.path(), expires: made.expires.to_string() }
    }
}

fn refused(pointer: &str, id: &str, text: &str) -> Problem {
    Problem::of(&table::REFUSED).at(pointer, id, text)
}

fn role(text: &str) -> Result<Role, Problem> {
    Role::from_text(text)
        .ok_or_else(|| refused("/role", "account.role", "must be a role: `gotong token roles` lists them"))
}

fn problem(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Unknown => Problem::of(&table::NOT_FOUND),
        Refusal::Own => {
            let why = Why::plain("account.own", "nobody does this to the own account: ask somebody else");
            Problem::of(&table::FORBIDDEN).saying(why.text.clone()).because(&[why])
        }
        Refusal::Beyond(role) => {
            let text = format!(
                "the role {role} may do more than yours, and nobody gives or changes more than the own role holds"
            );
            Problem::of(&table::FORBIDDEN).saying(text.clone()).because(&[Why::plain("account.beyond", text)])
        }
        Refusal::Unfit(whys) => Problem::of(&table::REFUSED).because(&whys),
    }
}

/// Lists the accounts of people.
#[utoipa::path(get, path = "/users", operation_id = "list_users", tag = "operation", responses((status = 200, description = "By name", body = UsersBody)))]
async fn list(State(web): State<Web>, _issuing: Issuing) -> Result<Answer<UsersBody>, Problem> {
    let accounts = web.run(account::list).await?;
    Ok(Answer(UsersBody { users: accounts.into_iter().map(UserBody::from).collect() }))
}

/// Makes a one-time link with which somebody makes the account of this name.
#[utoipa::path(post, path = "/users", operation_id = "invite_user", tag = "operation", request_body = InvitationBody,
    responses((status = 201, description = "The link; it is not shown again", body = LinkBody)))]
async fn invite(
    State(web): State<Web>,
    Issuing(caller): Issuing,
    Json(body): Json<InvitationBody>,
) -> Result<(StatusCode, Answer<LinkBody>), Problem> {
    let name = AccountName::parse(&body.name).ok_or_else(|| {
        refused(
            "/name",
            "account.name",
            "must be 2 to 64 letters a to z, digits and . _ - @ +, beginning with a letter or digit",
        )
    })?;
    let constituent = body.constituent.as_deref().map(|code| {
        Slug::from_text(code)
            .ok_or_else(|| refused("/constituent", "account.constituent", "must be the code of an organisation"))
    });
    let valid_ms = body.hours.map_or(USUAL_MS, |hours| hours.saturating_mul(3_600_000));
    if valid_ms == 0 || valid_ms > LONGEST_MS {
        return Err(refused("/hours", "account.hours", "must be 1 to 168"));
    }
    let new = Invitation {
        name: name.clone(),
        full_name: body.full_name,
        role: role(&body.role)?,
        constituent: constituent.transpose()?,
        valid_ms,
    };
    let made = web.run(move |node| manage::invite(node, &caller, &new)).await?.map_err(problem)?;
    Ok((StatusCode::CREATED, Answer(LinkBody::of(&name, &made))))
}

/// The account of an address.
fn named(name: &str) -> Result<AccountName, Problem> {
    AccountName::parse(name).filter(|parsed| parsed.as_str() == name).ok_or_else(|| Problem::of(&table::NOT_FOUND))
}

async fn act<T: Send + 'static>(
    web: &Web,
    name: &AccountName,
    act: impl FnOnce(&Node, &AccountName) -> Result<Result<T, Refusal>, NodeFault> + Send + 'static,
) -> Result<T, Problem> {
    let name = name.clone();
    web.run(move |node| act(node, &name)).await?.map_err(problem)
}

/// Closes an account: nobody logs in with it, and all its sessions end.
#[utoipa::path(post, path = "/users/{name}/disable", operation_id = "disable_user", tag = "operation",
    params(("name" = String, Path, description = "The account's name")), responses((status = 204, description = "It is closed")))]
async fn disable(
    State(web): State<Web>,
    Issuing(caller): Issuing,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    act(&web, &named(&name)?, move |node, name| manage::disable(node, &caller, name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Opens an account again.
#[utoipa::path(post, path = "/users/{name}/enable", operation_id = "enable_user", tag = "operation",
    params(("name" = String, Path, description = "The account's name")), responses((status = 204, description = "It is open")))]
async fn enable(
    State(web): State<Web>,
    Issuing(caller): Issuing,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    act(&web, &named(&name)?, move |node, name| manage::enable(node, &caller, name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives an account another role; its sessions end.
#[utoipa::path(post, path = "/users/{name}/role", operation_id = "change_user_role", tag = "operation", request_body = RoleBody,
    params(("name" = String, Path, description = "The account's name")), responses((status = 204, description = "It has the role")))]
async fn change_role(
    State(web): State<Web>,
    Issuing(caller): Issuing,
    Path(name): Path<String>,
    Json(body): Json<RoleBody>,
) -> Result<StatusCode, Problem> {
    let role = role(&body.role)?;
    act(&web, &named(&name)?, move |node, name| manage::change_role(node, &caller, name, role)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a one-time link with which a person sets a new password and a new second factor; the account's sessions end.
#[utoipa::path(post, path = "/users/{name}/reset", operation_id = "reset_user", tag = "operation",
    params(("name" = String, Path, description = "The account's name")),
    responses((status = 201, description = "The link; it is not shown again", body = LinkBody)))]
async fn reset(
    State(web): State<Web>,
    Issuing(caller): Issuing,
    Path(name): Path<String>,
) -> Result<(StatusCode, Answer<LinkBody>), Problem> {
    let name = named(&name)?;
    let made = act(&web, &name, move |node, name| manage::reset(node, &caller, name)).await?;
    Ok((StatusCode::CREATED, Answer(LinkBody::of(&name, &made))))
}

/// Ends all sessions of an account.
#[utoipa::path(delete, path = "/users/{name}/sessions", operation_id = "end_user_sessions", tag = "operation",
    params(("name" = String, Path, description = "The account's name")), responses((status = 204, description = "They have ended")))]
async fn end_sessions(
    State(web): State<Web>,
    Issuing(caller): Issuing,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    act(&web, &named(&name)?, move |node, name| manage::end_sessions(node, &caller, name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Links an account with somebody of the identity provider.
#[utoipa::path(post, path = "/users/{name}/provider", operation_id = "link_user_provider", tag = "operation", request_body = ProviderLinkBody,
    params(("name" = String, Path, description = "The account's name")), responses((status = 204, description = "It is linked, or waits for its person")))]
async fn link_provider(
    State(web): State<Web>,
    Issuing(caller): Issuing,
    Path(name): Path<String>,
    Json(body): Json<ProviderLinkBody>,
) -> Result<StatusCode, Problem> {
    let wanted = match (body.subject, body.name) {
        (Some(subject), None) => Wanted::Subject(subject),
        (None, Some(name)) => Wanted::Name(name),
        (Some(_), Some(_)) | (None, None) => {
            return Err(refused("", "provider.unfit", "say a subject or a name, and not both"));
        }
    };
    let Some(issuer) = web.options.provider.as_ref().map(|options| options.issuer.clone()) else {
        return Err(refused(
            "",
            "provider.off",
            "this node has no identity provider: [oidc] of its configuration names one",
        ));
    };
    act(&web, &named(&name)?, move |node, name| provider::link(node, &caller, name, &issuer, &wanted)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the link of an account with the identity provider, and all its sessions.
#[utoipa::path(delete, path = "/users/{name}/provider", operation_id = "unlink_user_provider", tag = "operation",
    params(("name" = String, Path, description = "The account's name")), responses((status = 204, description = "The link has ended")))]
async fn unlink_provider(
    State(web): State<Web>,
    Issuing(caller): Issuing,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    act(&web, &named(&name)?, move |node, name| provider::unlink(node, &caller, name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

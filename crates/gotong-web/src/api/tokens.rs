//! API tokens, for whoever has the right `tokens`. A secret is shown once.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use gotong_app::account::manage::{beyond, may_give};
use gotong_app::caller::Caller;
use gotong_app::organisation;
use gotong_app::role::{ROLES, Role};
use gotong_app::token::{self, NewToken, TokenView};
use gotong_model::{Slug, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::{Json, Path};
use super::who::Issuing;
use crate::problem::{Problem, table};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTokenBody {
    /// Its name for people, 1 to 128 bytes.
    pub(crate) name: String,
    /// Which organisation of the member it speaks for.
    #[serde(default)]
    pub(crate) organisation: Option<String>,
    /// The code of the constituent whose own it is: it reads what the house rule gives that organisation, and publishes in its own channel. The member's staff
    /// if not said.
    #[serde(default)]
    pub(crate) constituent: Option<String>,
    /// The channels it is limited to, by handle or id; all of the member's if not said.
    #[serde(default)]
    pub(crate) channels: Option<Vec<String>>,
    /// Its role, which decides what it may do: `reader` if not said, `constituent-reader` for a constituent.
    #[serde(default)]
    pub(crate) role: Option<String>,
    /// From when on it counts no more.
    #[serde(default)]
    pub(crate) expires: Option<String>,
}

/// A token as it is listed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Token")]
pub(crate) struct TokenBody {
    /// Its id.
    id: String,
    /// Its name for people.
    name: String,
    /// Which organisation it speaks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    organisation: Option<String>,
    /// The constituent whose own it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    constituent: Option<String>,
    /// The ids of the channels it is limited to.
    #[serde(skip_serializing_if = "Option::is_none")]
    channels: Option<Vec<String>>,
    /// Its role.
    role: &'static str,
    /// What the role lets it do.
    rights: Vec<&'static str>,
    /// From when on it counts no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    /// When it was made.
    created_at: String,
}

impl From<TokenView> for TokenBody {
    fn from(view: TokenView) -> Self {
        let TokenView { id, token, created_at } = view;
        Self {
            id,
            name: token.name,
            organisation: token.organisation,
            constituent: token.constituent.map(|code| code.to_string()),
            channels: token.channels.map(|list| list.iter().map(ToString::to_string).collect()),
            role: token.role.as_str(),
            rights: token.role.rights().iter().map(|right| right.as_str()).collect(),
            expires: token.expires.map(|at| at.to_string()),
            created_at: created_at.to_string(),
        }
    }
}

/// All tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokensBody {
    /// Oldest first.
    tokens: Vec<TokenBody>,
}

/// A token just made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedToken {
    /// Its id.
    id: String,
    /// Its secret, which is shown here and nowhere else.
    token: String,
}

/// Lists the tokens.
#[utoipa::path(get, path = "/tokens", tag = "operation", responses((status = 200, description = "Oldest first", body = TokensBody)))]
async fn list(State(web): State<Web>, _issuing: Issuing) -> Result<Answer<TokensBody>, Problem> {
    let tokens = web.run(token::list).await?;
    Ok(Answer(TokensBody { tokens: tokens.into_iter().map(TokenBody::from).collect() }))
}

/// Makes a token.
#[utoipa::path(post, path = "/tokens", tag = "operation", request_body = NewTokenBody,
    responses((status = 201, description = "The token; its secret is not shown again", body = CreatedToken)))]
async fn create(
    State(web): State<Web>,
    Issuing(caller): Issuing,
    Json(body): Json<NewTokenBody>,
) -> Result<(StatusCode, Answer<CreatedToken>), Problem> {
    let new = prepared(&web, &caller, body).await?;
    let (id, token) = made(&web, &caller, new).await?;
    Ok((StatusCode::CREATED, Answer(CreatedToken { id, token })))
}

/// Makes a token: its id and its secret.
pub(crate) async fn made(web: &Web, caller: &Caller, new: NewToken) -> Result<(String, String), Problem> {
    let (maker, role) = (caller.clone(), new.role);
    let made = web.run(move |node| token::create(node, &maker, &new)).await?;
    made.map_err(|_| refused_beyond(caller, role))
}

fn refused_beyond(caller: &Caller, role: Role) -> Problem {
    let why = beyond(caller, role);
    Problem::of(&table::REFUSED).at("/role", &why.id, &why.text)
}

/// The token that was asked for, if this caller may make it. Nobody makes one that may do more than its maker.
pub(crate) async fn prepared(web: &Web, caller: &Caller, body: NewTokenBody) -> Result<NewToken, Problem> {
    let refused = |pointer: &str, text: &str| Problem::of(&table::REFUSED).at(pointer, "token.field", text);
    let is_name = |text: &str| !text.trim().is_empty() && text.len() <= 128 && !text.contains(char::is_control);
    if !is_name(&body.name) {
        return Err(refused("/name", "must be 1 to 128 bytes without control characters"));
    }
    if body.organisation.as_deref().is_some_and(|text| !is_name(text)) {
        return Err(refused("/organisation", "must be 1 to 128 bytes without control characters"));
    }
    let constituent = match &body.constituent {
        None => None,
        Some(code) => {
            let code =
                Slug::from_text(code).ok_or_else(|| refused("/constituent", "must be the code of an organisation"))?;
            let asked = code.clone();
            let found =
                web.run(move |node| organisation::lookup(node, &asked).map_err(gotong_app::NodeFault::from)).await?;
            if found.is_none_or(|found| found.ended.is_some()) {
                return Err(refused("/constituent", "must be an organisation of the register that is served"));
            }
            Some(code)
        }
    };
    let role = role_of(body.role.as_deref(), constituent.is_some()).map_err(|text| refused("/role", &text))?;
    if !may_give(caller, role) {
        return Err(refused_beyond(caller, role));
    }
    if constituent.is_some() && body.organisation.is_some() {
        return Err(refused("/organisation", "follows from the constituent"));
    }
    let mut channels = None;
    for (at, name) in body.channels.iter().flatten().enumerate() {
        let pointer = format!("/channels/{at}");
        let id =
            caller.channel(&web.node, name).ok_or_else(|| refused(&pointer, "must be a channel of this member"))?;
        channels.get_or_insert_with(Vec::new).push(id);
    }
    if body.channels.as_ref().is_some_and(Vec::is_empty) {
        return Err(refused("/channels", "must name a channel, or be left out for all"));
    }
    // What such a role sees goes beyond channels: a limit beside it would promise what it does not keep.
    if channels.is_some() && role.is_beyond_channels() {
        return Err(refused("/channels", &format!("cannot limit the role {role}, which reaches beyond channels")));
    }
    let expires = body
        .expires
        .as_deref()
        .map(|text| Timestamp::parse(text).ok_or_else(|| refused("/expires", "must be a time in RFC 3339, in UTC")));
    Ok(NewToken {
        name: body.name,
        organisation: body.organisation,
        constituent,
        channels,
        role,
        expires: expires.transpose()?,
    })
}

/// The role that was asked for. Without one it is the least there is.
fn role_of(asked: Option<&str>, is_constituent: bool) -> Result<Role, String> {
    let fits = |role: &Role| role.is_for_constituents() == is_constituent;
    let role = match asked {
        None if is_constituent => Some(Role::ConstituentReader),
        None => Some(Role::Reader),
        Some(name) => Role::from_text(name).filter(fits),
    };
    role.ok_or_else(|| {
        let names: Vec<&str> = ROLES.iter().filter(|role| fits(role)).map(|role| role.as_str()).collect();
        let whom = if is_constituent { "a constituent" } else { "the member's staff" };
        format!("must be a role for {whom}: {}", names.join(", "))
    })
}

/// Ends a token at once.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "operation",
    params(("id" = String, Path, description = "The token's id")),
    responses((status = 204, description = "It counts no more")))]
async fn revoke(
    State(web): State<Web>,
    Issuing(caller): Issuing,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let found = web.run(move |node| token::revoke(node, &caller, &id)).await?;
    if found { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::of(&table::NOT_FOUND)) }
}

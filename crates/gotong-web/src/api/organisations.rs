//! The register of organisations that the member serves, for whoever keeps it. What they may do is for the house rule to say.

use axum::Json as Answer;
use axum::extract::State;
use axum::http::StatusCode;
use gotong_app::organisation::{self, Registered};
use gotong_app::{Node, NodeFault};
use gotong_model::Slug;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::input::{Json, Parameters, Path};
use super::who::Registering;
use crate::problem::{Problem, table};

/// Organisations of one request.
const PUT_MAX: usize = 1_000;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, put)).routes(routes!(show, end))
}

/// Which organisations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListOrganisations {
    /// Those behind this code.
    after: Option<String>,
    /// At most so many, 1 to 1000; 100 if not said.
    limit: Option<usize>,
}

/// An organisation that the member serves.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Organisation")]
pub(crate) struct OrganisationBody {
    /// Its code.
    code: String,
    /// What it is called.
    name: String,
    /// Its class in the house rule.
    class: String,
    /// The handles of its own channels.
    channels: Vec<String>,
    /// Since when it has been served.
    since: String,
    /// Since when it has not been any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
}

/// A page of organisations.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganisationsBody {
    /// By code.
    organisations: Vec<OrganisationBody>,
    /// What to give as `after` for the next page; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// An organisation to be put into the register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrganisation {
    /// Its code: lower-case letters, digits and hyphens. Never given to another afterwards.
    code: String,
    /// What it is called.
    name: String,
    /// A class of the house rule.
    class: String,
}

/// Organisations to be put into the register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrganisations {
    /// At most 1000; all are taken, or none.
    organisations: Vec<NewOrganisation>,
}

fn body(node: &Node, registered: Registered) -> OrganisationBody {
    let governance = node.governance();
    let organisation = registered.organisation;
    OrganisationBody {
        channels: governance
            .channels_of(&organisation.code)
            .iter()
            .map(gotong_model::governance::Channel::handle)
            .collect(),
        code: organisation.code.to_string(),
        name: organisation.name,
        class: organisation.class.to_string(),
        since: registered.since.to_string(),
        ended: registered.ended.map(|at| at.to_string()),
    }
}

/// Lists the organisations that the member serves.
#[utoipa::path(get, path = "/organisations", tag = "operation", params(ListOrganisations),
    responses((status = 200, description = "By code", body = OrganisationsBody)))]
async fn list(
    State(web): State<Web>,
    _registering: Registering,
    Parameters(params): Parameters<ListOrganisations>,
) -> Result<Answer<OrganisationsBody>, Problem> {
    let bad = || Problem::of(&table::BAD_PARAMETER).saying("after must be a code, and limit 1 to 1000");
    let after = params.after.as_deref().map(|code| Slug::from_text(code).ok_or_else(bad)).transpose()?;
    let limit = params.limit.unwrap_or(100);
    if !(1..=organisation::PAGE_MAX).contains(&limit) {
        return Err(bad());
    }
    let page = web
        .run(move |node| {
            let rows = organisation::list(node, after.as_ref(), limit)?;
            let organisations: Vec<OrganisationBody> = rows.into_iter().map(|row| body(node, row)).collect();
            let next = organisations.last().filter(|_| organisations.len() == limit).map(|last| last.code.clone());
            Ok::<_, NodeFault>(OrganisationsBody { organisations, next })
        })
        .await?;
    Ok(Answer(page))
}

/// Shows one organisation.
#[utoipa::path(get, path = "/organisations/{code}", tag = "operation",
    params(("code" = String, Path, description = "Its code")),
    responses((status = 200, description = "The organisation", body = OrganisationBody)))]
async fn show(
    State(web): State<Web>,
    _registering: Registering,
    Path(code): Path<String>,
) -> Result<Answer<OrganisationBody>, Problem> {
    let code = Slug::from_text(&code).ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
    let found = web.find(move |node| {
        Ok::<_, NodeFault>(organisation::lookup(node, &code)?.map(|registered| body(node, registered)))
    });
    Ok(Answer(found.await?))
}

/// Puts organisations into the register, new ones or others in the place of what their codes stood for.
#[utoipa::path(put, path = "/organisations", tag = "operation", request_body = NewOrganisations,
    responses((status = 200, description = "As they stand in the register now", body = OrganisationsBody)))]
async fn put(
    State(web): State<Web>,
    Registering(caller): Registering,
    Json(request): Json<NewOrganisations>,
) -> Result<Answer<OrganisationsBody>, Problem> {
    web.expect_writable()?;
    let refused = |pointer: &str, text: &str| Problem::of(&table::REFUSED).at(pointer, "organisation.field", text);
    if request.organisations.is_empty() || request.organisations.len() > PUT_MAX {
        return Err(refused("/organisations", "must hold 1 to 1000 organisations"));
    }
    let mut new = Vec::with_capacity(request.organisations.len());
    for (at, organisation) in request.organisations.into_iter().enumerate() {
        let slug = |field: &str, text: &str| {
            let pointer = format!("/organisations/{at}/{field}");
            let text = Slug::from_text(text);
            text.ok_or_else(|| refused(&pointer, "must be lower-case letters, digits and hyphens, at most 64"))
        };
        let code = slug("code", &organisation.code)?;
        new.push((code, organisation.name, slug("class", &organisation.class)?));
    }
    let put = web
        .run(move |node| {
            let put = organisation::put(node, &caller, &new)?;
            Ok::<_, NodeFault>(put.map(|rows| rows.into_iter().map(|row| body(node, row)).collect()))
        })
        .await?;
    match put {
        Ok(organisations) => Ok(Answer(OrganisationsBody { organisations, next: None })),
        Err(refusals) => {
            let mut problem = Problem::of(&table::REFUSED);
            for why in refusals {
                let pointer = why.pointer.map(|pointer| format!("/organisations{pointer}"));
                problem = problem.at(pointer.as_deref().unwrap_or("/organisations"), &why.id, &why.text);
            }
            Err(problem)
        }
    }
}

/// Ends serving an organisation: its tokens count no more; what it published stays.
#[utoipa::path(delete, path = "/organisations/{code}", tag = "operation",
    params(("code" = String, Path, description = "Its code")),
    responses((status = 204, description = "It is served no more")))]
async fn end(
    State(web): State<Web>,
    Registering(caller): Registering,
    Path(code): Path<String>,
) -> Result<StatusCode, Problem> {
    let code = Slug::from_text(&code).ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
    let found = web.run(move |node| organisation::end(node, &caller, &code)).await?;
    if found { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::of(&table::NOT_FOUND)) }
}

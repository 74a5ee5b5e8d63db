//! What is related to one object: by value, network, host and reference. Found when it is asked for; nothing is stored in pairs.

use axum::Json as Answer;
use axum::extract::State;
use gotong_app::view;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Web;
use crate::api::input::Path;
use crate::api::lookup::HitBody;
use crate::api::who::Served;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(related))
}

/// Objects that are related in one way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RelatedGroup {
    /// `value`, `network`, `host`, `refers-to` or `referred-by`.
    how: &'static str,
    /// The value, network, host or id that they share.
    through: String,
    /// The value that they name themselves, where it is another than the one shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// The newest version of each, at most a hundred.
    hits: Vec<HitBody>,
    /// Whether there are more: what occurs everywhere says little.
    more: bool,
}

/// What is related to one object.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RelatedBody {
    /// The id.
    id: String,
    /// Groups, the nearest relation first. None is an answer too.
    related: Vec<RelatedGroup>,
    /// Whether some values or references of the object were not followed.
    more: bool,
}

/// What shares a value, a network or a host with an object, refers to it, or is referred to by it.
#[utoipa::path(get, path = "/records/{id}/related", tag = "read",
    params(("id" = String, Path, description = "STIX id")),
    responses((status = 200, description = "What is related, as far as the caller may read", body = RelatedBody)))]
async fn related(
    State(web): State<Web>,
    Served(who): Served,
    Path(id): Path<String>,
) -> Result<Answer<RelatedBody>, Problem> {
    let asked = id.clone();
    let found = web.find(move |node| view::related(node, &who.0, &asked)).await?;
    let group = |group: view::Group| RelatedGroup {
        how: group.how.as_str(),
        through: group.through,
        value: group.value,
        hits: group.hits.into_iter().map(HitBody::from).collect(),
        more: group.more,
    };
    Ok(Answer(RelatedBody { id, related: found.groups.into_iter().map(group).collect(), more: found.more }))
}

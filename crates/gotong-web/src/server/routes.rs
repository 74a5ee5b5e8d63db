//! All addresses of the public side in one place, and the document that describes those of the API.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::{backup, compress, exercise, guard, health};
use crate::api::{self, Web};
use crate::console;
use crate::misp;
use crate::page;
use crate::problem::{Problem, table};
use crate::taxii;

/// The addresses of the API with their description.
fn api() -> OpenApiRouter<Web> {
    OpenApiRouter::default()
        .merge(api::publish::routes())
        .merge(api::bulk::routes())
        .merge(api::preview::routes())
        .merge(api::withdraw::routes())
        .merge(api::records::routes())
        .merge(api::lookup::routes())
        .merge(api::search::routes())
        .merge(api::export::routes())
        .merge(api::channels::routes())
        .merge(api::explain::routes())
        .merge(api::quarantine::routes())
        .merge(api::documents::routes())
        .merge(api::duties::routes())
        .merge(api::register::routes())
        .merge(api::exercise::routes())
        .merge(api::organisations::routes())
        .merge(api::warninglists::routes())
        .merge(api::sources::routes())
        .merge(api::targets::routes())
        .merge(api::subscriptions::routes())
        .merge(api::tokens::routes())
        .merge(api::users::routes())
        .merge(api::operation::routes())
}

/// The paths and shapes of the API as the handlers declare them.
pub(crate) fn document() -> OpenApi {
    OpenApiRouter::<Web>::default().nest("/api/v1", api()).split_for_parts().1
}

/// The whole public side.
pub(crate) fn router(web: &Web) -> Router {
    let (api, _) = OpenApiRouter::<Web>::default().nest("/api/v1", api()).split_for_parts();
    Router::new()
        .merge(api.layer(from_fn_with_state(web.clone(), exercise::mark)))
        .merge(page::routes().merge(console::routes()).layer(from_fn(compress::pages)))
        .merge(taxii::routes())
        .merge(misp::routes())
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .route("/node/backup", get(backup::take).post(backup::note))
        .fallback(nothing)
        .method_not_allowed_fallback(other_method)
        .layer(from_fn_with_state(web.clone(), console::problems_as_pages))
        .layer(from_fn_with_state(web.clone(), guard::around))
        .layer(from_fn(taxii::outermost))
        .with_state(web.clone())
}

async fn nothing(_: Request) -> Problem {
    Problem::of(&table::NOT_FOUND)
}

async fn other_method(_: Request) -> Problem {
    Problem::of(&table::METHOD_NOT_ALLOWED)
}

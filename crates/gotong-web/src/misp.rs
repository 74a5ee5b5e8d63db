//! The addresses of MISP at `/misp/`: enough for `PyMISP`, and for a MISP that takes the node as a sync server. An event is a report and what it refers to.
//!
//! Here are addresses and the order of steps; what may be published, read or taken back is decided where everything is. What is not here answers JSON that
//! says so. Must not keep anything of its own. Read next: `misp/ask.rs`, `misp/save.rs`, then `docs/book/misp.md`.

mod about;
mod ask;
mod blocklists;
mod events;
mod feed;
mod galaxies;
mod gather;
mod json;
mod merge;
mod parts;
mod place;
mod proposals;
mod reply;
mod reports;
mod save;
mod search;
mod sightings;
mod sync;
mod taxonomies;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use axum::routing::any;

use crate::api::Web;
use crate::problem::{Problem, table};
use ask::Ask;
use reply::{Reply, Stop};

/// Bytes of a request. Larger events come in through the bulk import, which reads the same format.
const BODY_BYTES_MAX: usize = 16 << 20;
/// JSON values of a request.
const BODY_VALUES_MAX: usize = 1_000_000;

/// The addresses. Parameters of MISP stand in the path, so it is read by hand.
pub(crate) fn routes() -> Router<Web> {
    Router::new().route("/misp/", any(entry)).route("/misp/{*rest}", any(entry))
}

async fn entry(State(web): State<Web>, request: Request) -> Response {
    let path = request.uri().path().trim_start_matches("/misp").to_owned();
    match answer(web, request).await {
        Ok(reply) => reply.into_response(),
        Err(stop) => stop.into_response(&path),
    }
}

async fn answer(web: Web, request: Request) -> Result<Reply, Stop> {
    let ask = Ask::read(&web, request).await?;
    let is_write = ask.method != Method::GET && ask.method != Method::HEAD;
    // What is large holds much memory while it is worked on, so only a few at once.
    let turn = if ask.is_large {
        let turn = Arc::clone(&web.imports).try_acquire_owned();
        Some(turn.map_err(|_| {
            Problem::of(&table::BUSY).saying("as many imports as may run at once are running").retry_after_s(5)
        })?)
    } else {
        None
    };
    let done = web
        .run(move |node| {
            let _turn = turn;
            Ok::<_, Problem>(route(node, &ask))
        })
        .await?;
    if is_write {
        web.upkeep.notify_one();
    }
    done
}

fn route(node: &gotong_app::Node, ask: &Ask) -> Result<Reply, Stop> {
    let (first, second) = (ask.arg(2), ask.arg(3));
    match (ask.arg(0), ask.arg(1)) {
        ("events", "index" | "") => search::index(node, ask),
        ("events", "add") => events::add(node, ask),
        ("events", "view") => events::view(node, ask, first),
        ("events", "edit") => events::edit(node, ask, first),
        ("events", "delete") => events::delete(node, ask, first),
        ("events", "publish" | "alert") => events::publish(node, ask, first, true),
        ("events", "unpublish") => events::publish(node, ask, first, false),
        ("events", "restsearch") => search::events(node, ask),
        ("events", "filtereventidsforpush") => sync::wanted(node, ask),
        ("events", "pushproposals") => proposals::pushed(node, ask, first),
        ("attributes", "restsearch") => search::attributes(node, ask),
        ("attributes", "add") => parts::add(node, ask, ("Attribute", first)),
        ("attributes", "view") => parts::view(node, ask, ("Attribute", first)),
        ("attributes", "edit") => parts::edit(node, ask, ("Attribute", first)),
        ("attributes", "delete") => parts::delete(node, ask, ("Attribute", first), second),
        ("attributes", "restore") => parts::restore(node, ask, first),
        ("shadowattributes", _) => proposals::route(node, ask),
        ("eventreports", "index" | "") => reports::index(node, ask),
        ("eventreports", "add") => reports::add(node, ask, first),
        ("eventreports", "view") => parts::view(node, ask, ("EventReport", first)),
        ("eventreports", "edit") => reports::edit(node, ask, first),
        ("eventreports", "delete") => parts::delete(node, ask, ("EventReport", first), second),
        ("objects", "add") => parts::add(node, ask, ("Object", first)),
        ("objects", "view") => parts::view(node, ask, ("Object", first)),
        ("objects", "edit") => parts::edit(node, ask, ("Object", first)),
        ("objects", "delete") => parts::delete(node, ask, ("Object", first), second),
        ("objectreferences", "add") => parts::refer(node, ask),
        ("objectreferences", "delete") => parts::unrefer(node, ask, first, second),
        ("tags", "attachtagtoobject") => parts::tag(node, ask, true),
        ("tags", "removetagfromobject") => parts::tag(node, ask, false),
        ("sightings", "add") => sightings::add(node, ask, first),
        ("sightings", "delete") => sightings::delete(node, ask, first),
        ("sightings", "listsightings" | "index") => sightings::list_of(node, ask),
        ("sightings", "restsearch") => sightings::search(node, ask, first),
        ("sightings", "filtersightinguuidsforpush") => sightings::known(node, ask, first),
        ("sightings", "bulksavesightings") => sightings::save(node, ask, first),
        ("feed", name) => feed::file(node, ask, name),
        ("servers", _) => sync::servers(node, ask),
        _ => about::route(node, ask),
    }
}

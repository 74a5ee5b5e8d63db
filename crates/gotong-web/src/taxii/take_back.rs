//! Deleting an object (5.7): a withdrawal of what the caller's own member published. Every holder in the region erases it.
//!
//! Must not touch what others published: that stays theirs, and is answered 403. Read next: `api/withdraw.rs`.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use gotong_app::caller::Caller;
use gotong_app::view::{self, CollectionQuery, ViewFault};
use gotong_app::withdraw::{Selection, Withdrawn};
use gotong_app::{Node, NodeFault};
use gotong_model::Timestamp;
use gotong_model::control::Reason;
use serde_json::json;

use super::params::{self, Taken};
use super::{Place, shape};
use crate::api::Web;
use crate::api::input::Path;
use crate::api::who::Served;
use crate::problem::{Problem, table};

/// What became of the wish.
enum Done {
    Withdrawn,
    Unknown,
    OfOthers(Vec<String>),
}

pub(super) async fn object(
    State(web): State<Web>,
    Served(who): Served,
    Path((name, object)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let place = Place::of(&web, &who.0, name).await?;
    place.expect_writable(&web)?;
    let mut asked = params::read(&query.unwrap_or_default(), Taken::Filters, place.id())?;
    // Without a filter every version goes.
    asked.wanted.all_versions |= asked.wanted.versions.is_empty();
    asked.wanted.ids = Some(vec![object.clone()]);
    let done = web.run(move |node| take_back(node, &who.0, &object, asked)).await?;
    web.upkeep.notify_one();
    match done {
        Done::Withdrawn => Ok(place.marked(shape::answer(&json!({})))),
        Done::Unknown => Err(Problem::of(&table::NOT_FOUND)),
        Done::OfOthers(authors) => {
            let by = if authors.is_empty() { "others".to_owned() } else { authors.join(", ") };
            let text =
                format!("this object was published by {by}; who published an object takes it back, and nobody else");
            Err(Problem::of(&table::FORBIDDEN).saying(text))
        }
    }
}

fn take_back(node: &Node, caller: &Caller, object: &str, mut asked: CollectionQuery) -> Result<Done, ViewFault> {
    let mut versions: Vec<Option<Timestamp>> = Vec::new();
    loop {
        let page = view::collection(node, caller, &asked)?;
        let versioned = |version: Timestamp| (version != Timestamp::default()).then_some(version);
        versions.extend(page.rows.iter().map(|row| versioned(row.version)));
        match page.next {
            Some(next) => asked.next = Some(next),
            None => break,
        }
    }
    if versions.is_empty() {
        return Ok(Done::Unknown);
    }
    if asked.wanted.all_versions {
        versions = vec![None];
    }
    let mut any = false;
    for modified in versions {
        any |= withdraw(node, caller, object, (&asked, modified))?;
    }
    if any {
        return Ok(Done::Withdrawn);
    }
    let others = view::read(node, caller, object)?.into_iter().filter(|record| record.channel == asked.channel);
    let mut authors: Vec<String> = others.map(|record| record.author.to_string()).collect();
    authors.dedup();
    Ok(Done::OfOthers(authors))
}

fn withdraw(
    node: &Node,
    caller: &Caller,
    object: &str,
    (asked, modified): (&CollectionQuery, Option<Timestamp>),
) -> Result<bool, NodeFault> {
    let selection = Selection {
        channel: asked.channel,
        ids: vec![object.to_owned()],
        modified,
        constituent: caller.constituent.clone(),
        caller: caller.id.clone(),
    };
    let done = node.withdraw(&selection, Reason::Other)?;
    Ok(done.iter().any(|(_, done)| matches!(done, Withdrawn::Done { .. })))
}

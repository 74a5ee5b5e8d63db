//! The node as a MISP feed: `manifest.json`, `hashes.csv`, and each event as `<uuid>.json`, of what the caller may read and has been published.
//!
//! Must not show what the index does not: a withdrawn event is gone from here too. Read next: `gotong_formats::misp::feed`.

use axum::http::HeaderValue;
use gotong_app::Node;
use gotong_app::view;
use gotong_formats::misp::feed;
use serde_json::{Map, Value, json};

use super::ask::Ask;
use super::gather::{self, Deleted};
use super::json::{is_on, looks_like_uuid, text};
use super::reply::{Reply, Stop};

/// Events whose values are hashed for one answer, the newest.
const HASHED_MAX: usize = 500;

pub(super) fn file(node: &Node, ask: &Ask, name: &str) -> Result<Reply, Stop> {
    match name {
        "manifest.json" => manifest(node, ask),
        "hashes.csv" => hashes(node, ask),
        _ => {
            let uuid = name.strip_suffix(".json").filter(|uuid| looks_like_uuid(uuid));
            let uuid = uuid.ok_or_else(|| super::about::not_here(ask))?;
            let event = gather::find(node, ask, uuid)?;
            let mut json = gather::shown(node, ask, &event)?;
            if !is_on(&json, "published") {
                return Err(Stop::absent("event"));
            }
            Deleted::Too.sift(&mut json);
            Ok(Reply::json(&json!({"Event": json})).tagged(ask.known.as_deref()))
        }
    }
}

fn manifest(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    let mut all = Map::new();
    super::search::heads(node, ask, |head| {
        if is_on(&head, "published") {
            let event = serde_json::to_vec(&json!({"Event": head})).unwrap_or_default();
            if let Ok(entry) = feed::entry(&event) {
                all.insert(entry.uuid, entry.manifest);
            }
        }
        Ok(true)
    })?;
    Ok(Reply::json(&Value::Object(all)).tagged(ask.known.as_deref()))
}

fn hashes(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    let (mut ids, mut more) = (Vec::new(), false);
    super::search::heads(node, ask, |head| {
        if is_on(&head, "published") {
            more = ids.len() == HASHED_MAX;
            if !more {
                ids.push(format!("report--{}", text(&head, "uuid").to_ascii_lowercase()));
            }
        }
        Ok(!more)
    })?;
    let mut lines = String::new();
    for id in ids {
        let Some(event) = view::event(node, ask.caller(), &id)? else { continue };
        let mut json = gather::shown(node, ask, &event)?;
        Deleted::No.sift(&mut json);
        let event = serde_json::to_vec(&json!({"Event": json})).unwrap_or_default();
        if let Ok(entry) = feed::entry(&event) {
            lines.push_str(&entry.hashes);
        }
    }
    let reply = Reply::bytes(lines.into_bytes(), HeaderValue::from_static("text/csv; charset=utf-8"));
    let reply = reply.tagged(ask.known.as_deref());
    Ok(if more { reply.with("gotong-more", "true") } else { reply })
}

//! Events as they are told: the same words in a stream and in a webhook's message. What leaves by webhook is less: above TLP:GREEN only where it stands.
//!
//! Must not decide who may read an event; that has been decided. Read next: `stream.rs`, `deliver.rs`.

use gotong_app::subscription::{Act, Event};
use gotong_model::Tlp;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::api::shapes::raw;

/// The strictest label whose content leaves by webhook.
const OUTSIDE_MAX: Tlp = Tlp::Green;

/// One event.
#[derive(Debug, Serialize)]
pub(crate) struct EventBody {
    /// `published` or `withdrawn`.
    pub(crate) event: &'static str,
    /// The object's id; of a withdrawn one it is gone, and its place says which it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    object_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    tlp: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    /// For an organisation, in place of log and index.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    /// Where it is read, on this node.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    exercise: bool,
    /// The place behind it; missing outside, where nobody can read on from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<Box<RawValue>>,
}

impl EventBody {
    /// For the reader itself.
    pub(crate) fn inside(event: Event, position: String) -> Self {
        Self { position: Some(position), ..Self::of(event) }
    }

    /// For an address outside.
    pub(crate) fn outside(event: Event) -> Self {
        let (label, body) = (event.label, Self::of(event));
        // INVARIANT: 1. What is labelled more strictly is told of by its place alone, which means nothing to whoever may not ask the node.
        if label <= OUTSIDE_MAX {
            return body;
        }
        Self { object_type: None, name: None, channel: None, author: None, published_at: None, object: None, ..body }
    }

    fn of(event: Event) -> Self {
        let Event { act, object_type, channel, is_exercise, author, label, at, .. } = event;
        let (log, index, entry) = at.into_parts();
        let body = Self {
            event: "withdrawn",
            id: None,
            object_type,
            name: None,
            channel: Some(channel),
            author: Some(author.to_string()),
            tlp: label.as_str(),
            log,
            index,
            entry,
            address: None,
            published_at: None,
            reason: None,
            exercise: is_exercise,
            position: None,
            object: None,
        };
        match act {
            Act::Withdrawn { reason } => Self { reason: reason.map(gotong_model::control::Reason::as_str), ..body },
            Act::Published(published) => Self {
                event: "published",
                address: Some(format!("/api/v1/records/{}", published.id)),
                id: Some(published.id),
                name: published.name,
                published_at: Some(published.published_at.to_string()),
                object: published.body.and_then(raw),
                ..body
            },
        }
    }
}

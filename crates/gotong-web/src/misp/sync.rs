//! What a MISP asks a sync server: what this is, which events it wants, and what it is to be called. A MISP that pushes sends every event as an edit or addition.
//!
//! Must not know MISP's version from elsewhere: what is said here decides what a real MISP sends. Read next: `events.rs`.

use gotong_app::Node;
use gotong_app::role::Right;
use serde_json::{Value, json};

use super::ask::Ask;
use super::blocklists;
use super::gather;
use super::json::{is_on, seconds, text, uuid_from, word};
use super::place;
use super::reply::{Reply, Stop};

/// The version of MISP whose exchange is spoken here.
const VERSION: &str = "2.5.1";
/// Events of one question what is wanted.
const WANTED_MAX: usize = 20_000;

pub(super) fn servers(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    let may_publish = ask.caller().may(Right::Publish);
    let uuid = uuid_from(&["node", &node.governance().region.to_string(), node.member.as_str()]);
    match ask.arg(1) {
        "getversion" => Ok(Reply::json(&json!({
            "version": VERSION, "pymisp_recommended_version": VERSION, "perm_sync": may_publish, "perm_sighting": may_publish,
            "perm_galaxy_editor": false, "perm_analyst_data": false, "uuid": uuid, "request_encoding": [], "filter_sightings": true,
        }))),
        "getpymispversion" => Ok(Reply::json(&json!({"version": VERSION}))),
        "posttest" => {
            let said = ask.param("testString").unwrap_or_default();
            Ok(Reply::json(&json!({
                "body": {"testString": said},
                "headers": {"Content-type": "application/json", "Accept": "application/json", "Authorization": "OK"},
            })))
        }
        "getavailablesyncfilteringrules" => {
            let members: Vec<Value> = node
                .governance()
                .charter
                .members
                .keys()
                .map(|code| json!(word(&place::organisation(node, code), "name")))
                .collect();
            Ok(Reply::json(&json!({"organisations": members, "tags": []})))
        }
        // A token is made by whoever may make one; none is handed out here.
        "createsync" => Ok(Reply::json(&json!({"Server": {
            "url": "", "uuid": uuid, "authkey": "", "Organisation": place::organisation(node, &node.member),
        }}))),
        _ => Err(super::about::not_here(ask)),
    }
}

/// Which of the events that a MISP has are wanted here: unknown ones, and newer ones of this member's.
pub(super) fn wanted(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    ask.expect_publishing(node)?;
    let items = ask.body.as_array().map(Vec::as_slice).unwrap_or_default();
    if items.len() > WANTED_MAX {
        return Err(Stop::unfit("Too many at once.", json!(format!("at most {WANTED_MAX} events"))));
    }
    let (mut wanted, mut blocked) = (Vec::new(), 0);
    for event in items.iter().filter_map(|item| item.get("Event")?.as_object()) {
        let uuid = text(event, "uuid");
        if !super::json::looks_like_uuid(uuid) {
            continue;
        }
        // Asked for nothing: who pushes need not send what is refused.
        if blocklists::blocked(node, event)?.is_some() {
            blocked += 1;
            continue;
        }
        let id = format!("report--{}", uuid.to_ascii_lowercase());
        let versions = gotong_app::view::read(node, ask.caller(), &id)?;
        let mut newest = versions.iter().filter(|version| version.is_newest);
        let is_wanted = match newest.clone().find(|version| version.author == node.member).or_else(|| newest.next()) {
            None => true,
            Some(record) => {
                let head = gather::head(node, record)?;
                !is_on(&head, "locked") && seconds(&head, "timestamp") < seconds(event, "timestamp")
            }
        };
        if is_wanted {
            wanted.push(json!(uuid));
        }
    }
    let reply = Reply::json(&Value::Array(wanted));
    Ok(if blocked > 0 { reply.with("gotong-blocked", &blocked.to_string()) } else { reply })
}

//! What a client asks about the instance: who it is, organisations, sharing groups, and lists that are empty here. What is not here says what is.
//!
//! Must not pretend: a list is empty only where there is truly nothing of the kind. Read next: `place.rs`.

use axum::http::{Method, StatusCode};
use gotong_app::Node;
use gotong_app::blocklist::Which;
use gotong_app::role::Right;
use gotong_app::warninglist::{self, List};
use gotong_formats::misp::describe;
use serde_json::{Value, json};

use super::ask::Ask;
use super::json::{uuid_from, word};
use super::place;
use super::reply::{Reply, Stop};
use crate::api::who::{expect_right, lacking};

/// What there is, for whoever asks for something else.
const HERE: &str = "Here are: events, attributes, objects, eventReports, shadow_attributes (proposals), objectReferences (add, delete), tags (attachTagToObject, \
    removeTagFromObject, index, search, view), sightings, sharing_groups, organisations, users/view/me, roles/index, taxonomies, galaxies, galaxy_clusters, \
    warninglists (index, view, checkValue), eventBlocklists, orgBlocklists (index, add, edit, delete, massDelete), servers (getVersion, getPyMISPVersion, postTest, createSync), feed/manifest.json. What each takes is in the \
    operators' book, page MISP. Everything else of the node is at /api/v1/.";
/// What another part of the node does, or nobody: controllers, what is said, and what to do.
const ELSEWHERE: [(&[&str], &str, &str); 11] = [
    (
        &["sharinggroups"],
        "Sharing groups are not made or changed here: each is a channel of an agreement.",
        "Propose an agreement, or a change of one, with `gotong agreement`; its parties sign it.",
    ),
    (
        &["organisations"],
        "Organisations are not made or changed here: members are those of the region's charter.",
        "Members are admitted by the charter; organisations of this member are added with `gotong organisation`.",
    ),
    (
        &["users", "authkeys", "roles", "usersettings"],
        "Users, keys, roles and settings are not made or changed here.",
        "Tokens and their roles are made with `gotong token`.",
    ),
    (
        &["feeds"],
        "Feeds are not fetched through this address.",
        "Sources of this node are set up with `gotong source`.",
    ),
    (
        &["servers"],
        "Servers are not listed, changed or started here.",
        "Members exchange by themselves; the node is run with `gotong`.",
    ),
    (
        &["warninglists", "noticelists"],
        "Lists are not changed through this address.",
        "Warninglists are loaded and switched with `gotong warninglist`.",
    ),
    (
        &["objecttemplates"],
        "Templates of objects are not kept here: PyMISP brings its own.",
        "Send objects with their attributes; no template is asked for.",
    ),
    (
        &["analystdata"],
        "Analyst data is not taken here.",
        "Add an event report, a sighting or a proposal, or publish a STIX note or opinion at /api/v1/.",
    ),
    (
        &[
            "eventdelegations",
            "communities",
            "decayingmodel",
            "correlationexclusions",
            "cryptographickeys",
            "logs",
            "jobs",
        ],
        "MISP's own affairs are not kept here.",
        "The node's own ways are at /api/v1/.",
    ),
    (
        &["tags"],
        "Tags are not made, changed or deleted by themselves here.",
        "A tag is here once something has it: attach it with tags/attachTagToObject.",
    ),
    (
        &["events", "attributes", "objects", "objectreferences", "sightings", "galaxyclusterrelations"],
        "This is not done through this address.",
        "Exports in other formats are at /api/v1/export, STIX is taken at /api/v1/, and free text at `gotong import`.",
    ),
];

pub(super) fn route(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    let (controller, action, key) = (ask.arg(0), ask.arg(1), ask.arg(2));
    match (controller, action) {
        ("users", "view") => user(node, ask, key),
        ("users", "index") => Ok(Reply::json(&json!([{"User": me(node, ask)}]))),
        ("roles", "index" | "") => Ok(Reply::json(&json!([{"Role": role(ask)}]))),
        ("organisations", "index" | "") => Ok(organisations(node)),
        ("organisations", "view") => organisation(node, ask, key),
        ("sharinggroups", "index" | "") => groups(node, ask),
        ("sharinggroups", "view") => group(node, ask, key),
        ("tags", "index" | "") => Ok(Reply::json(&json!({"Tag": tags(node, ask, "%")?}))),
        ("tags", "search") => {
            let wanted =
                ["tagname", "name", "tag"].iter().find_map(|name| ask.word(name)).unwrap_or_else(|| key.to_owned());
            let found = tags(node, ask, &wanted)?;
            Ok(Reply::json(&found.into_iter().map(|tag| json!({"Tag": tag})).collect()))
        }
        ("warninglists", "index" | "") => warninglists(node, ask),
        ("warninglists", "view") => warninglist_view(node, ask, key),
        ("warninglists", "checkvalue") => warninglist_check(node, ask),
        ("eventblocklists", _) => super::blocklists::route(node, ask, Which::Events),
        ("orgblocklists", _) => super::blocklists::route(node, ask, Which::Organisations),
        ("taxonomies", _) => super::taxonomies::route(node, ask),
        ("galaxies" | "galaxyclusters", _) => super::galaxies::route(node, ask),
        ("attributes", "describetypes") => Ok(describe()),
        ("tags", "view") => tag(node, ask, key),
        // There are none of these on a node.
        ("feeds" | "noticelists" | "objecttemplates", "index" | "")
            if matches!(ask.method, Method::GET | Method::HEAD) =>
        {
            Ok(Reply::json(&json!([])))
        }
        _ => Err(not_here(ask)),
    }
}

/// The types and categories of attributes.
fn describe() -> Reply {
    let (mut sane, mut types) = (serde_json::Map::new(), Vec::new());
    for (name, category, to_ids) in describe::defaults() {
        sane.insert(name.clone(), json!({"default_category": category, "to_ids": u8::from(to_ids)}));
        types.push(name);
    }
    let mapping: serde_json::Map<String, Value> =
        describe::categories().map(|name| (name.to_owned(), json!(describe::types_of(name)))).collect();
    let categories: Vec<&str> = describe::categories().collect();
    Reply::json(&json!({"result": {
        "sane_defaults": sane, "types": types, "categories": categories, "category_type_mappings": mapping,
    }}))
}

fn tag(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    let is_meant = |tag: &Value| ["id", "name"].iter().any(|name| tag.get(name).and_then(Value::as_str) == Some(key));
    let found = tags(node, ask, "%")?.into_iter().find(is_meant);
    found.map(|tag| Reply::json(&tag)).ok_or_else(|| Stop::absent("tag"))
}

/// There is no such address, and why.
pub(super) fn not_here(ask: &Ask) -> Stop {
    let elsewhere = ELSEWHERE.iter().find(|(controllers, ..)| controllers.contains(&ask.arg(0)));
    if let Some((_, message, next)) = elsewhere {
        return Stop::Said {
            status: StatusCode::NOT_FOUND,
            message: format!("/{} is not here. {message}", ask.path()),
            errors: json!(next),
            location: None,
        };
    }
    Stop::Said {
        status: StatusCode::NOT_FOUND,
        message: format!("/{} is not here.", ask.path()),
        errors: json!(HERE),
        location: None,
    }
}

fn me(node: &Node, ask: &Ask) -> Value {
    let organisation = place::organisation_of(node, ask.caller());
    let uuid = uuid_from(&["caller", node.member.as_str(), &ask.caller().id]);
    json!({
        "id": gotong_app::view::number_of(&uuid).to_string(), "org_id": word(&organisation, "id"),
        "email": ask.caller().name, "role_id": role_id(ask), "autoalert": false, "contactalert": false, "nids_sid": "0",
        "termsaccepted": true, "change_pw": false, "disabled": false, "invited_by": "0", "gpgkey": null, "certif_public": null,
    })
}

fn role_id(ask: &Ask) -> String {
    gotong_app::view::number_of(&format!("role {}", ask.caller().role)).to_string()
}

fn role(ask: &Ask) -> Value {
    let may = |right| ask.caller().may(right);
    let publishes = may(Right::Publish);
    json!({
        "id": role_id(ask), "name": ask.caller().role.to_string(), "perm_add": publishes, "perm_modify": publishes,
        "perm_modify_org": publishes, "perm_publish": publishes, "perm_delegate": false, "perm_sync": publishes, "perm_admin": false,
        "perm_audit": may(Right::Audit), "perm_auth": true, "perm_site_admin": false, "perm_regexp_access": false, "perm_tagger": publishes,
        "perm_template": false, "perm_sharing_group": false, "perm_tag_editor": false, "perm_sighting": publishes,
        "perm_object_template": false, "perm_publish_zmq": false, "perm_publish_kafka": false, "perm_decaying": false,
        "perm_galaxy_editor": false, "perm_analyst_data": false, "default_role": false,
    })
}

fn user(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    let me = me(node, ask);
    if key != "me" && me.get("id").and_then(Value::as_str) != Some(key) {
        return Err(Stop::absent("user"));
    }
    Ok(Reply::json(&json!({
        "User": me, "Role": role(ask), "UserSetting": {}, "Organisation": place::organisation_of(node, ask.caller()),
    })))
}

fn known(node: &Node) -> Vec<Value> {
    let governance = node.governance();
    let members = governance.charter.members.keys();
    members
        .map(|code| {
            let mut organisation = place::organisation(node, code);
            for (name, value) in [
                ("nationality", json!(code.as_str().to_uppercase())),
                ("local", json!(*code == node.member)),
                ("type", json!("member state")),
            ] {
                organisation.insert(name.into(), value);
            }
            Value::Object(organisation)
        })
        .collect()
}

fn organisations(node: &Node) -> Reply {
    let all = known(node).into_iter().map(|one| json!({"Organisation": one}));
    Reply::json(&all.collect())
}

fn organisation(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    let own = Value::Object(place::organisation_of(node, ask.caller()));
    let is_meant =
        |one: &Value| ["id", "uuid", "name"].iter().any(|name| one.get(name).and_then(Value::as_str) == Some(key));
    let found = known(node).into_iter().chain([own]).find(is_meant).ok_or_else(|| Stop::absent("organisation"))?;
    Ok(Reply::json(&json!({"Organisation": found})))
}

fn groups(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    let channels = place::channels(node, ask.caller())?;
    let groups: Vec<Value> = channels.iter().map(|channel| place::sharing_group(node, channel)).collect();
    Ok(Reply::json(&json!({"response": groups})))
}

fn group(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    let channels = place::channels(node, ask.caller())?;
    let found = place::group(&channels, key).ok_or_else(|| Stop::absent("sharing group"))?;
    Ok(Reply::json(&place::sharing_group(node, found)))
}

/// The tags of events that the caller may read.
pub(super) fn tags(node: &Node, ask: &Ask, wanted: &str) -> Result<Vec<Value>, Stop> {
    let mut found: std::collections::BTreeMap<String, Value> = std::collections::BTreeMap::new();
    super::search::heads(node, ask, |head| {
        for tag in super::json::list(&head, "Tag") {
            let name = super::json::text(tag, "name");
            if super::search::filter::is_like(name, wanted) {
                found.insert(name.to_owned(), Value::Object(tag.clone()));
            }
        }
        Ok(found.len() < 10_000)
    })?;
    Ok(found.into_values().collect())
}

/// Warninglists and blocklists are the member's own affair.
pub(super) fn expect_staff(ask: &Ask) -> Result<(), Stop> {
    expect_right(ask.caller(), Right::Oversee)?;
    if ask.caller().is_staff() { Ok(()) } else { Err(lacking(ask.caller(), Right::Oversee).into()) }
}

fn warninglist_of(list: &List) -> Value {
    json!({
        "id": list.number.to_string(), "name": list.name, "description": list.description, "version": list.version.to_string(),
        "category": list.category, "type": list.match_type, "enabled": !list.rules.is_empty(),
        "warninglist_entry_count": list.entries.to_string(), "valid_attributes": list.kinds.join(", "),
    })
}

fn warninglists(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    expect_staff(ask)?;
    let lists = warninglist::lists(node, |channel| ask.caller().channel(node, &channel.to_string()).is_some())?;
    let lists: Vec<Value> = lists.iter().map(|list| json!({"Warninglist": warninglist_of(list)})).collect();
    Ok(Reply::json(&json!({"Warninglists": lists})))
}

fn warninglist_view(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    expect_staff(ask)?;
    let lists = warninglist::lists(node, |channel| ask.caller().channel(node, &channel.to_string()).is_some())?;
    let found = lists.iter().find(|list| list.number.to_string() == key).ok_or_else(|| Stop::absent("warninglist"))?;
    Ok(Reply::json(&json!({"Warninglist": warninglist_of(found)})))
}

fn warninglist_check(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    expect_staff(ask)?;
    ask.expect_act()?;
    let mut values = super::ask::words_of(&ask.body);
    values.extend(ask.words("value"));
    if values.len() > warninglist::CHECKED_MAX {
        return Err(Stop::unfit("Too many at once.", json!(format!("at most {} values", warninglist::CHECKED_MAX))));
    }
    let checked = warninglist::check(node, &values)?;
    let mut found = serde_json::Map::new();
    for (value, hits) in values.into_iter().zip(checked) {
        let hits: Vec<Value> = hits
            .iter()
            .map(|hit| json!({"id": hit.number.to_string(), "name": hit.list, "matched": hit.entry}))
            .collect();
        if !hits.is_empty() {
            found.insert(value, Value::Array(hits));
        }
    }
    Ok(Reply::json(&Value::Object(found)))
}

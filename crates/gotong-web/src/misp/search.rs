//! Lists of events and searches: the index reads reports alone, a search by value asks the value index, and every answer is bounded and says where it was cut.
//!
//! A filter that is not known here is refused by name: to pass over it would answer more than was asked. Read next: `search/filter.rs`.

pub(super) mod filter;

use std::collections::HashSet;

use gotong_app::Node;
use gotong_app::view::{self, Query};
use serde_json::{Value, json};

use super::ask::Ask;
use super::gather::{self, Deleted};
use super::json::{Json, list, text, word};
use super::reply::{Reply, Stop};
use filter::Filter;

/// Events of one index.
const INDEX_MAX: usize = 50_000;
/// Events of one full index, where no limit is named.
const FULL_INDEX_MAX: usize = 5_000;
/// Events that one search opens.
const OPENED_MAX: usize = 500;
/// Events that are looked through for a value that no index has.
const LOOKED_THROUGH_MAX: usize = 50;
/// Attributes in one answer.
const ATTRIBUTES_MAX: usize = 20_000;
/// Bytes of JSON after which an answer ends.
const BYTES_MAX: usize = 32 << 20;

/// Calls with the head of every event that the caller may read, newest first, until told to stop.
pub(super) fn heads(node: &Node, ask: &Ask, mut with: impl FnMut(Json) -> Result<bool, Stop>) -> Result<(), Stop> {
    let mut query = Query { object_type: Some("report".to_owned()), ..Query::default() };
    let mut met: HashSet<String> = HashSet::new();
    loop {
        let page = view::list(node, ask.caller(), &query)?;
        for record in &page.rows {
            // What several have published is shown as this member has it, or else as it came first here.
            let own_elsewhere =
                record.author != node.member && record.also_by.iter().any(|other| other.author == node.member);
            if !record.is_newest || own_elsewhere || !met.insert(record.id.clone()) {
                continue;
            }
            if met.len() > INDEX_MAX || !with(gather::head(node, record)?)? {
                return Ok(());
            }
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(()),
        }
    }
}

pub(super) fn index(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    let is_minimal = ask.is_on("minimal");
    let filter = Filter::of(ask)?;
    let most = if is_minimal { INDEX_MAX } else { FULL_INDEX_MAX };
    let (skip, take) = filter.page(most);
    let (mut rows, mut count) = (Vec::new(), 0_usize);
    heads(node, ask, |head| {
        // The list has titles alone, and attributes are not opened for it.
        if filter.wants_head(&head) && (!filter.has_anywhere() || filter.is_titled(&head)) {
            count += 1;
            if count > skip && rows.len() < take {
                rows.push(if is_minimal { minimal(&head) } else { full(head) });
            }
        }
        Ok(true)
    })?;
    let reply = Reply::json(&Value::Array(rows)).tagged(ask.known.as_deref());
    Ok(reply.with("x-result-count", &count.to_string()))
}

fn minimal(head: &Json) -> Value {
    let orgc = head.get("Orgc").and_then(|orgc| orgc.get("uuid")).cloned().unwrap_or_default();
    json!({
        "id": head.get("id"), "timestamp": head.get("timestamp"), "sighting_timestamp": head.get("sighting_timestamp"),
        "published": head.get("published"), "uuid": head.get("uuid"), "orgc_uuid": orgc,
    })
}

fn full(mut head: Json) -> Value {
    let tags: Vec<Value> = list(&head, "Tag").map(|tag| json!({"tag_id": tag.get("id"), "Tag": tag})).collect();
    head.insert("EventTag".into(), Value::Array(tags));
    for name in ["Attribute", "Object", "EventReport", "ShadowAttribute", "Tag"] {
        head.remove(name);
    }
    Value::Object(head)
}

/// The reports among which a search looks: those that hold the values it names, or all.
fn candidates(node: &Node, ask: &Ask, filter: &Filter) -> Result<Option<Vec<String>>, Stop> {
    let mut reports: Vec<String> = Vec::new();
    if let Some(values) = filter.plain_values() {
        let hits = view::lookup(node, ask.caller(), &values, false)?;
        let ids = named(hits);
        reports = view::events_about(node, ask.caller(), &ids)?.0;
    } else if !filter.uuids.is_empty() {
        let ids: Vec<String> = filter.uuids.iter().flat_map(|uuid| gotong_formats::misp::ids_of(uuid)).collect();
        reports = view::events_about(node, ask.caller(), &ids)?.0;
        reports.extend(filter.uuids.iter().map(|uuid| format!("report--{}", uuid.to_ascii_lowercase())));
    } else if !filter.events.is_empty() {
        for key in &filter.events {
            reports.extend(gather::reports(node, ask, key)?);
        }
    }
    // Text that is no observable is in no index: then the newest events are looked through.
    let is_asked = !filter.uuids.is_empty() || !filter.events.is_empty();
    Ok((is_asked || !reports.is_empty()).then_some(reports))
}

/// The objects that name a value itself: MISP finds an address by no network, and a sighting of one is none of the other.
pub(super) fn named(found: Vec<view::Lookup>) -> Vec<String> {
    let hits = found.into_iter().flat_map(|answer| answer.hits);
    hits.filter(|hit| hit.by == view::By::Value).map(|hit| hit.id).collect()
}

/// Calls with every event that a search wants, whole, until told to stop. Whether some were not looked at.
fn each(
    node: &Node,
    ask: &Ask,
    (filter, skip): (&Filter, usize),
    mut with: impl FnMut(Json) -> Result<bool, Stop>,
) -> Result<bool, Stop> {
    let (keys, most) = if let Some(keys) = candidates(node, ask, filter)? {
        (keys, OPENED_MAX)
    } else {
        // What the index knows comes first, however old the event is.
        let known = named(view::lookup(node, ask.caller(), &filter.plain_anywhere(), false)?);
        let mut keys = view::events_about(node, ask.caller(), &known)?.0;
        let indexed: HashSet<String> = keys.iter().cloned().collect();
        heads(node, ask, |head| {
            let key = format!("report--{}", text(&head, "uuid").to_ascii_lowercase());
            if filter.wants_head(&head) && !indexed.contains(&key) {
                keys.push(key);
            }
            Ok(true)
        })?;
        (keys, if filter.plain_values().is_some() { LOOKED_THROUGH_MAX } else { OPENED_MAX })
    };
    for (opened, key) in keys.iter().skip(skip).enumerate() {
        if opened == most {
            return Ok(true);
        }
        let Some(event) = view::event(node, ask.caller(), key)? else { continue };
        let json = gather::shown(node, ask, &event)?;
        if filter.wants_head(&json) && !with(json)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn expect_json(ask: &Ask) -> Result<(), Stop> {
    match ask.word("returnFormat").as_deref() {
        None | Some("" | "json") => Ok(()),
        Some(other) => Err(Stop::unfit(format!("Invalid export format {other}."), json!(elsewhere(other)))),
    }
}

/// Where else a format of MISP is to be had.
fn elsewhere(format: &str) -> String {
    let at = match format {
        "stix" | "stix2" | "stix-json" | "stix2-json" => "STIX 2.1 is at /api/v1/records and /taxii2/",
        "csv" => "tables are at /api/v1/export?format=csv",
        "text" => "lists of values are at /api/v1/export?format=text",
        "suricata" | "snort" => "rules are at /api/v1/export?format=suricata and ?format=snort",
        "rpz" => "response policy zones are at /api/v1/export?format=rpz",
        "bro" | "zeek" => "intelligence for Zeek is at /api/v1/export?format=zeek",
        "cache" | "hashes" => "the cache of a feed is at /misp/feed/hashes.csv",
        _ => "other formats are at /api/v1/export",
    };
    format!("Here is json; {at}, with the same token. No search at this address answers in it.")
}

pub(super) fn events(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    expect_json(ask)?;
    let filter = Filter::of(ask)?;
    let deleted = Deleted::of(ask);
    let (skip, take) = filter.page(OPENED_MAX);
    // Where heads alone decide, what comes before the page need not be opened.
    let (unopened, mut skip) = if filter.looks_inside() { (0, skip) } else { (skip, 0) };
    let (mut found, mut bytes) = (Vec::new(), 0);
    let more = each(node, ask, (&filter, unopened), |mut event| {
        let is_wanted = || filter.is_titled(&event) || attributes_of(&event).any(|held| filter.wants_attribute(held));
        if filter.looks_inside() && !is_wanted() {
            return Ok(true);
        }
        if skip > 0 {
            skip -= 1;
            return Ok(true);
        }
        deleted.sift(&mut event);
        if ask.is_on("metadata") {
            for name in ["Attribute", "Object", "EventReport", "ShadowAttribute"] {
                event.remove(name);
            }
        }
        let one = json!({"Event": event});
        bytes += one.to_string().len();
        found.push(one);
        Ok(found.len() < take && bytes < BYTES_MAX)
    })?;
    Ok(answer(&json!({"response": found}), more))
}

fn answer(value: &Value, more: bool) -> Reply {
    let reply = Reply::json(value);
    if more { reply.with("gotong-more", "true") } else { reply }
}

/// The attributes of an event, with the object in which each stands.
fn attributes_of(event: &Json) -> impl Iterator<Item = (Option<&Json>, &Json)> {
    let inner = list(event, "Object").flat_map(|object| list(object, "Attribute").map(move |one| (Some(object), one)));
    list(event, "Attribute").map(|one| (None, one)).chain(inner)
}

pub(super) fn attributes(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    expect_json(ask)?;
    let filter = Filter::of(ask)?;
    let deleted = Deleted::of(ask);
    let (mut skip, take) = filter.page(ATTRIBUTES_MAX);
    let (mut found, mut bytes) = (Vec::new(), 0);
    let more = each(node, ask, (&filter, 0), |event| {
        let about = about(&event);
        for (object, one) in attributes_of(&event) {
            if !filter.wants_attribute((object, one)) || !deleted.keep(one) {
                continue;
            }
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let mut one = one.clone();
            one.insert("Event".into(), about.clone());
            if ask.is_on("includeEventUuid") {
                one.insert("event_uuid".into(), json!(text(&event, "uuid")));
            }
            bytes += one.len() * 64;
            found.push(Value::Object(one));
            if found.len() >= take || bytes >= BYTES_MAX {
                return Ok(false);
            }
        }
        Ok(true)
    })?;
    Ok(answer(&json!({"response": {"Attribute": found}}), more))
}

/// What is said of its event beside an attribute.
fn about(event: &Json) -> Value {
    let mut about = Json::new();
    for name in
        ["id", "uuid", "info", "org_id", "orgc_id", "distribution", "date", "threat_level_id", "analysis", "timestamp"]
    {
        about.insert(name.to_owned(), json!(word(event, name)));
    }
    about.insert("published".into(), event.get("published").cloned().unwrap_or_default());
    Value::Object(about)
}

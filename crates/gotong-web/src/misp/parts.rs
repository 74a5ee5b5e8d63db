//! Attributes, objects, references and tags one by one: each is an edit of its event, which becomes unpublished until somebody publishes it again, as in MISP.
//!
//! Must not change what is not this member's. Read next: `events.rs`.

use gotong_app::Node;
use gotong_app::view::Event;
use serde_json::{Value, json};

use super::ask::{Ask, is_yes};
use super::gather;
use super::json::{Json, is_uuid, list, list_mut, looks_like_uuid, seconds, text, word};
use super::reply::{Reply, Stop};
use super::save::{Saved, Which};
use super::{events, merge};

/// The attribute, object or event report with this UUID, wherever in the event.
pub(super) fn part_mut<'j>(event: &'j mut Json, uuid: &str) -> Option<&'j mut Json> {
    let (name, nth, inner) = place_of(event, uuid)?;
    let part = event.get_mut(name)?.get_mut(nth)?;
    match inner {
        None => part.as_object_mut(),
        Some(inner) => part.get_mut("Attribute")?.get_mut(inner)?.as_object_mut(),
    }
}

pub(super) fn place_of(event: &Json, uuid: &str) -> Option<(&'static str, usize, Option<usize>)> {
    for name in ["Attribute", "Object", "EventReport"] {
        let items = event.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        for (nth, item) in items.iter().enumerate().filter_map(|(nth, item)| Some((nth, item.as_object()?))) {
            if is_uuid(item, uuid) {
                return Some((name, nth, None));
            }
            let inner = item.get("Attribute").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let found = inner.iter().position(|one| one.as_object().is_some_and(|one| is_uuid(one, uuid)));
            if found.is_some() {
                return Some((name, nth, found));
            }
        }
    }
    None
}

/// Changes an event with a part of it; nothing is written where anything of it cannot be taken.
fn change<T>(
    node: &Node,
    ask: &Ask,
    event: &Event,
    with: impl FnOnce(&mut Json, i64) -> Result<T, Stop>,
) -> Result<(T, Saved), Stop> {
    ask.expect_publishing(node)?;
    let (done, saved) = events::change(node, ask, event, Which::Whole, |json, at| {
        json.insert("published".into(), json!(false));
        with(json, at)
    })?;
    if saved.errors.is_empty() {
        return Ok((done, saved));
    }
    Err(Stop::forbidden("It could not be saved whole.", Value::Array(saved.errors)))
}

/// The part of this kind: an attribute may stand within an object.
fn part_of<'j>(event: &'j mut Json, (kind, uuid): (&str, &str)) -> Result<&'j mut Json, Stop> {
    let is_kind = place_of(event, uuid).is_some_and(|(name, _, inner)| match kind {
        "Attribute" => name == "Attribute" || inner.is_some(),
        _ => name == kind && inner.is_none(),
    });
    let found = if is_kind { part_mut(event, uuid) } else { None };
    found.ok_or_else(|| Stop::absent(if kind == "EventReport" { "event report" } else { kind }))
}

/// Parts as they are shown now.
fn shown(node: &Node, ask: &Ask, (event, kind): (&str, &str), uuids: &[String]) -> Result<Reply, Stop> {
    let event = gather::find(node, ask, event)?;
    let mut json = gather::shown(node, ask, &event)?;
    let mut found = Vec::new();
    for uuid in uuids {
        found.push(Value::Object(part_of(&mut json, (kind, uuid))?.clone()));
    }
    let one = if found.len() == 1 { found.pop().unwrap_or_default() } else { Value::Array(found) };
    Ok(Reply::json(&json!({ kind: one })))
}

fn uuid_of(event: &Event) -> String {
    event.id.get(8..).unwrap_or_default().to_owned()
}

pub(super) fn add(node: &Node, ask: &Ask, (kind, key): (&'static str, &str)) -> Result<Reply, Stop> {
    let event = gather::find(node, ask, key)?;
    let sent: Vec<Json> = match ask.body.as_array() {
        Some(items) => items.iter().filter_map(Value::as_object).cloned().collect(),
        None => ask.wrapped(kind).into_iter().cloned().collect(),
    };
    if sent.is_empty() {
        return Err(Stop::unfit(format!("{kind} could not be saved."), json!("the body holds none")));
    }
    let (uuids, _) = change(node, ask, &event, |json, at| {
        let mut uuids = Vec::new();
        for mut one in sent {
            merge::fill_part(node, &mut one, at);
            let uuid = text(&one, "uuid").to_owned();
            if place_of(json, &uuid).is_some() {
                return Err(Stop::forbidden(
                    format!("{kind} could not be saved."),
                    json!({"uuid": ["is in the event already"]}),
                ));
            }
            if let Some(list) = list_mut(json, kind) {
                list.push(Value::Object(one));
            }
            uuids.push(uuid);
        }
        Ok(uuids)
    })?;
    shown(node, ask, (&uuid_of(&event), kind), &uuids)
}

pub(super) fn view(node: &Node, ask: &Ask, (kind, uuid): (&'static str, &str)) -> Result<Reply, Stop> {
    let event = gather::holding(node, ask, uuid)?;
    shown(node, ask, (&uuid_of(&event), kind), &[uuid.to_owned()])
}

pub(super) fn edit(node: &Node, ask: &Ask, (kind, uuid): (&'static str, &str)) -> Result<Reply, Stop> {
    let event = gather::holding(node, ask, uuid)?;
    let sent = ask.wrapped(kind).cloned().unwrap_or_default();
    change(node, ask, &event, |json, at| {
        let part = part_of(json, (kind, uuid))?;
        let known = seconds(part, "timestamp").unwrap_or_default();
        if seconds(&sent, "timestamp").is_some_and(|sent| sent <= known) {
            let text = format!("{kind} could not be saved: it is not newer than the local copy.");
            return Err(Stop::forbidden(text.clone(), json!(text)));
        }
        merge::part(node, part, &sent, at);
        Ok(())
    })?;
    shown(node, ask, (&uuid_of(&event), kind), &[uuid.to_owned()])
}

/// Deleted softly: the deletion travels. Hard: it is withdrawn, and nothing of it is left.
pub(super) fn delete(node: &Node, ask: &Ask, (kind, uuid): (&'static str, &str), hard: &str) -> Result<Reply, Stop> {
    let is_hard = is_yes(hard) || ask.is_on("hard");
    let event = gather::holding(node, ask, uuid)?;
    change(node, ask, &event, |json, at| {
        part_of(json, (kind, uuid))?;
        let (name, nth, inner) = place_of(json, uuid).ok_or_else(|| Stop::absent(kind))?;
        if is_hard {
            let holder = match inner {
                None => Some(&mut *json),
                Some(_) => json.get_mut(name).and_then(|list| list.get_mut(nth)).and_then(Value::as_object_mut),
            };
            let list = if inner.is_some() { "Attribute" } else { name };
            if let Some(list) = holder.and_then(|holder| list_mut(holder, list)) {
                list.retain(|one| !one.as_object().is_some_and(|one| is_uuid(one, uuid)));
            }
        } else if let Some(part) = part_mut(json, uuid) {
            set_deleted(part, true, at);
        }
        Ok(())
    })?;
    Ok(Reply::done(&format!("{kind} deleted."), &ask.path()))
}

pub(super) fn set_deleted(part: &mut Json, on: bool, at: i64) {
    let known = seconds(part, "timestamp").unwrap_or_default();
    part.insert("deleted".into(), json!(on));
    part.insert("timestamp".into(), json!(at.max(known + 1).to_string()));
    for inner in part.get_mut("Attribute").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(inner) = inner.as_object_mut() {
            set_deleted(inner, on, at);
        }
    }
}

pub(super) fn restore(node: &Node, ask: &Ask, uuid: &str) -> Result<Reply, Stop> {
    let event = gather::holding(node, ask, uuid)?;
    change(node, ask, &event, |json, at| {
        set_deleted(part_of(json, ("Attribute", uuid))?, false, at);
        Ok(())
    })?;
    shown(node, ask, (&uuid_of(&event), "Attribute"), &[uuid.to_owned()])
}

/// Adds a reference from an object to another object or attribute.
pub(super) fn refer(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    let mut sent = ask.wrapped("ObjectReference").cloned().unwrap_or_default();
    let named = [word(&sent, "object_uuid"), word(&sent, "object_id")];
    let from = named.into_iter().find(|name| looks_like_uuid(name)).unwrap_or_default();
    let event = gather::holding(node, ask, &from)?;
    let (made, _) = change(node, ask, &event, |json, at| {
        merge::fill_part(node, &mut sent, at);
        sent.insert("object_uuid".into(), json!(from));
        let to = text(&sent, "referenced_uuid").to_owned();
        if place_of(json, &to).is_none() {
            let text = format!("referenced_uuid is {to:?}, which is no attribute or object of this event");
            return Err(Stop::unfit("Object reference could not be saved.", json!({"referenced_uuid": [text]})));
        }
        let object = part_mut(json, &from).ok_or_else(|| Stop::absent("object"))?;
        if let Some(list) = list_mut(object, "ObjectReference") {
            list.push(Value::Object(sent.clone()));
        }
        Ok(sent)
    })?;
    let uuid = text(&made, "uuid").to_owned();
    let event = gather::find(node, ask, &uuid_of(&event))?;
    let json = gather::shown(node, ask, &event)?;
    let mut references = list(&json, "Object").flat_map(|object| list(object, "ObjectReference"));
    let found = references.find(|one| is_uuid(one, &uuid)).ok_or_else(|| Stop::absent("object reference"))?;
    Ok(Reply::json(&json!({"ObjectReference": found})))
}

/// Takes a reference back: softly, which travels, or hard.
pub(super) fn unrefer(node: &Node, ask: &Ask, uuid: &str, hard: &str) -> Result<Reply, Stop> {
    ask.expect_publishing(node)?;
    let gone = || Stop::absent("object reference; name it by its UUID");
    if !looks_like_uuid(uuid) {
        return Err(gone());
    }
    let id = format!("relationship--{}", uuid.to_ascii_lowercase());
    let (reports, _) = gotong_app::view::events_about(node, ask.caller(), &[id])?;
    let report = reports.first().and_then(|id| id.get(8..)).ok_or_else(gone)?;
    let event = gather::find(node, ask, report)?;
    let is_hard = is_yes(hard) || ask.is_on("hard");
    change(node, ask, &event, |json, at| {
        for object in json.get_mut("Object").and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(list) = object.as_object_mut().and_then(|object| list_mut(object, "ObjectReference")) else {
                continue;
            };
            let is_meant = |one: &Value| one.as_object().is_some_and(|one| is_uuid(one, uuid));
            if !list.iter().any(is_meant) {
                continue;
            }
            if is_hard {
                list.retain(|one| !is_meant(one));
            } else if let Some(one) = list.iter_mut().filter(|one| is_meant(one)).find_map(Value::as_object_mut) {
                set_deleted(one, true, at);
            }
            return Ok(());
        }
        Err(gone())
    })?;
    Ok(Reply::done("Object reference deleted.", &ask.path()))
}

/// Adds or removes a tag of an event or attribute.
pub(super) fn tag(node: &Node, ask: &Ask, is_added: bool) -> Result<Reply, Stop> {
    let uuid = ask.word("uuid").unwrap_or_default();
    let tags = ask.words("tag");
    if tags.is_empty() || tags.iter().any(|tag| tag.is_empty() || tag.len() > 1_024) {
        return Err(Stop::unfit("Invalid tag.", json!({"tag": ["names a tag of at most 1,024 bytes"]})));
    }
    if ask.is_on("local") {
        return Err(Stop::unfit(
            "A local tag could not be saved.",
            json!(
                "A local tag stays on one instance, and what is kept here is shared: tag it without local, or in your own MISP."
            ),
        ));
    }
    let event = match gather::find(node, ask, &uuid) {
        Ok(event) => event,
        Err(_) => gather::holding(node, ask, &uuid)?,
    };
    let of_event = event.id.get(8..).is_some_and(|own| own.eq_ignore_ascii_case(&uuid)) || !looks_like_uuid(&uuid);
    change(node, ask, &event, |json, at| {
        let record = if of_event { json } else { part_mut(json, &uuid).ok_or_else(|| Stop::absent("attribute"))? };
        let list = list_mut(record, "Tag");
        let Some(list) = list else { return Ok(()) };
        let is_named = |one: &Value, name: &str| one.get("name").and_then(Value::as_str) == Some(name);
        for name in &tags {
            let has = list.iter().any(|one| is_named(one, name));
            match (is_added, has) {
                (true, false) => list.push(json!({"name": name})),
                (false, true) => list.retain(|one| !is_named(one, name)),
                (true, true) => {}
                (false, false) => {
                    return Err(Stop::absent("tag: the object does not have it, so it cannot be removed"));
                }
            }
        }
        if !of_event {
            let known = seconds(record, "timestamp").unwrap_or_default();
            record.insert("timestamp".into(), json!(at.max(known + 1).to_string()));
        }
        Ok(())
    })?;
    let what = if is_added { "attached to" } else { "removed from" };
    Ok(Reply::done(&format!("Tag {} successfully {what} {uuid}.", tags.join(", ")), &ask.path()))
}

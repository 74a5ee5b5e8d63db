//! Sightings: added to one's own events and to those of others, since whoever reads an event may say what was seen; listed, searched, taken back.
//!
//! Must not touch the event itself. Read next: `save.rs`.

use gotong_app::Node;
use gotong_app::role::Right;
use gotong_app::view::{self, Event};
use gotong_formats::misp;
use serde_json::{Value, json};

use super::ask::Ask;
use super::gather;
use super::json::{Json, list, looks_like_uuid, text, word};
use super::merge;
use super::place;
use super::reply::{Reply, Stop};
use super::save::{self, Which};
use crate::api::who::expect_right;

/// Events in which one request adds sightings, or from which it reads them.
const EVENTS_MAX: usize = 100;
/// Sightings of one request.
const SIGHTINGS_MAX: usize = 5_000;

pub(super) fn add(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    ask.expect_publishing(node)?;
    let sent = ask.wrapped("Sighting").cloned().unwrap_or_default();
    let named = [key.to_owned(), word(&sent, "attribute_uuid"), word(&sent, "uuid"), word(&sent, "id")];
    let about = named.into_iter().find(|name| looks_like_uuid(name));
    let mut made = None;
    if let Some(uuid) = about {
        let event = gather::holding(node, ask, &uuid)?;
        made = Some(add_to(node, ask, &event, vec![(uuid.clone(), fresh(ask, &sent, &uuid))])?);
    } else {
        let mut values = ask.words("values");
        values.extend(ask.words("value"));
        for (event, uuids) in naming(node, ask, &values)? {
            let new = uuids
                .into_iter()
                .map(|uuid| {
                    let one = fresh(ask, &sent, &uuid);
                    (uuid, one)
                })
                .collect();
            made = Some(add_to(node, ask, &event, new)?);
        }
    }
    let made = made.ok_or_else(|| Stop::absent("attribute: name it by UUID or value"))?;
    Ok(Reply::json(&json!({"Sighting": made})))
}

/// A sighting without what belongs to the attribute.
fn fresh(ask: &Ask, sent: &Json, about: &str) -> Json {
    let mut one = Json::new();
    for name in ["type", "source", "date_sighting"] {
        let value = word(sent, name);
        if !value.is_empty() {
            one.insert(name.to_owned(), json!(value));
        }
    }
    let uuid = word(sent, "uuid");
    if looks_like_uuid(&uuid) && !uuid.eq_ignore_ascii_case(about) {
        one.insert("uuid".into(), json!(uuid));
    }
    let said = word(sent, "timestamp");
    super::json::default(&mut one, "date_sighting", if said.is_empty() { ask.seconds().to_string() } else { said });
    super::json::default(&mut one, "type", "0");
    one
}

/// The attributes with one of these values, by event.
fn naming(node: &Node, ask: &Ask, values: &[String]) -> Result<Vec<(Event, Vec<String>)>, Stop> {
    let hits = view::lookup(node, ask.caller(), values, false)?;
    let ids = super::search::named(hits);
    let (reports, _) = view::events_about(node, ask.caller(), &ids)?;
    let mut found = Vec::new();
    for report in reports.iter().take(EVENTS_MAX) {
        let Some(event) = view::event(node, ask.caller(), report)? else { continue };
        let json = gather::shown(node, ask, &event)?;
        let objects = list(&json, "Object").flat_map(|object| list(object, "Attribute"));
        let attributes = list(&json, "Attribute").chain(objects);
        let is_meant = |one: &&Json| values.iter().any(|value| value.eq_ignore_ascii_case(text(one, "value")));
        let uuids: Vec<String> = attributes.filter(is_meant).map(|one| text(one, "uuid").to_owned()).collect();
        if !uuids.is_empty() {
            found.push((event, uuids));
        }
    }
    Ok(found)
}

/// Publishes sightings of attributes of one event; the last of them, as it is shown.
fn add_to(node: &Node, ask: &Ask, event: &Event, new: Vec<(String, Json)>) -> Result<Value, Stop> {
    let bodies: Vec<&[u8]> = event.objects.iter().map(|object| object.body.as_slice()).collect();
    let written = misp::write(&bodies, misp::WriteOptions { distribution: 1 });
    let mut json: Value = serde_json::from_slice(&written.event).unwrap_or_default();
    let Some(json) = json.get_mut("Event").and_then(Value::as_object_mut) else { return Err(Stop::absent("event")) };
    let mut uuid = String::new();
    for (about, mut one) in new {
        super::json::default(&mut one, "uuid", merge::new_uuid(node));
        if one.get("Organisation").is_none() {
            let mut organisation = place::organisation_of(node, ask.caller());
            organisation.remove("id");
            one.insert("Organisation".into(), Value::Object(organisation));
        }
        text(&one, "uuid").clone_into(&mut uuid);
        let attribute = super::parts::part_mut(json, &about).ok_or_else(|| Stop::absent("attribute"))?;
        if let Some(list) = super::json::list_mut(attribute, "Sighting") {
            list.push(Value::Object(one));
        }
    }
    let saved = save::save(node, ask, (event.channel, Which::Sightings), std::mem::take(json), Some(event))?;
    if !saved.errors.is_empty() {
        return Err(Stop::forbidden("Sighting could not be saved.", Value::Array(saved.errors)));
    }
    let event = gather::find(node, ask, event.id.get(8..).unwrap_or_default())?;
    let json = gather::shown(node, ask, &event)?;
    let found = all_of(&json).into_iter().find(|one| one.get("uuid").and_then(Value::as_str) == Some(uuid.as_str()));
    found.ok_or_else(|| Stop::forbidden("Sighting could not be saved: it waits for a person.", json!([])))
}

/// All sightings of an event.
fn all_of(event: &Json) -> Vec<Value> {
    let objects = list(event, "Object").flat_map(|object| list(object, "Attribute"));
    let attributes = list(event, "Attribute").chain(objects);
    let event_uuid = text(event, "uuid");
    attributes
        .flat_map(|attribute| list(attribute, "Sighting"))
        .map(|one| {
            let mut one = one.clone();
            one.insert("event_uuid".into(), json!(event_uuid));
            Value::Object(one)
        })
        .collect()
}

/// The sightings that a request asks for: of an event, or of an attribute by its UUID.
fn asked(node: &Node, ask: &Ask, context: &str) -> Result<Vec<Value>, Stop> {
    let mut keys = ask.words("uuid");
    keys.extend(ask.words("id"));
    if keys.is_empty() {
        return Err(Stop::unfit(
            "Name events or attributes.",
            json!({"uuid": ["names at least one event or attribute"]}),
        ));
    }
    if keys.len() > EVENTS_MAX {
        return Err(Stop::unfit("Too many at once.", json!({"uuid": [format!("names at most {EVENTS_MAX}")]})));
    }
    let (organisations, kinds) = (ask.words("org_id"), ask.words("type_sighting"));
    let mut found = Vec::new();
    for key in keys {
        let event = match context {
            "attribute" => gather::holding(node, ask, &key),
            _ => gather::find(node, ask, &key),
        };
        let Ok(event) = event else { continue };
        for one in all_of(&gather::shown(node, ask, &event)?) {
            let says = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
            let by = one.get("Organisation").and_then(|by| by.get("uuid")).and_then(Value::as_str).unwrap_or_default();
            let is_meant = context != "attribute" || says("attribute_uuid").eq_ignore_ascii_case(&key);
            let wanted = organisations.iter().all(|word| word.strip_prefix('!').map_or(word == by, |not| not != by));
            let of_kind = kinds.is_empty() || kinds.iter().any(|kind| kind == says("type"));
            if is_meant && wanted && of_kind && found.len() < SIGHTINGS_MAX {
                found.push(json!({"Sighting": one}));
            }
        }
    }
    Ok(found)
}

pub(super) fn list_of(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    let context = ask.word("context").unwrap_or_default();
    Ok(Reply::json(&Value::Array(asked(node, ask, &context)?)))
}

pub(super) fn search(node: &Node, ask: &Ask, context: &str) -> Result<Reply, Stop> {
    Ok(Reply::json(&json!({"response": asked(node, ask, context)?})))
}

/// Which of the sightings that somebody would push are here.
pub(super) fn known(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    let event = gather::find(node, ask, key)?;
    let here = all_of(&gather::shown(node, ask, &event)?);
    let asked = super::ask::words_of(&ask.body);
    let is_here = |uuid: &String| here.iter().any(|one| one.get("uuid").and_then(Value::as_str) == Some(uuid));
    Ok(Reply::json(&json!(asked.into_iter().filter(is_here).collect::<Vec<_>>())))
}

/// Takes the sightings that another MISP pushes.
pub(super) fn save(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    ask.expect_publishing(node)?;
    let event = gather::find(node, ask, key)?;
    let items = ask.body.as_array().map(Vec::as_slice).unwrap_or_default();
    if items.len() > SIGHTINGS_MAX {
        return Err(Stop::unfit("Too many at once.", json!(format!("at most {SIGHTINGS_MAX} sightings"))));
    }
    let json = gather::shown(node, ask, &event)?;
    let here = all_of(&json);
    let mut new = Vec::new();
    for item in items.iter().filter_map(Value::as_object) {
        let item = item.get("Sighting").and_then(Value::as_object).unwrap_or(item);
        let about = text(item, "attribute_uuid");
        let is_here = here.iter().any(|one| one.get("uuid") == item.get("uuid"));
        if !is_here && super::parts::place_of(&json, about).is_some() {
            let mut one = fresh(ask, item, about);
            if let Some(organisation) = item.get("Organisation") {
                one.insert("Organisation".into(), organisation.clone());
            }
            new.push((about.to_owned(), one));
        }
    }
    let count = new.len();
    if count > 0 {
        add_to(node, ask, &event, new)?;
    }
    Ok(Reply::done(&format!("{count} sightings added."), &ask.path()))
}

/// Takes back an own sighting.
pub(super) fn delete(node: &Node, ask: &Ask, uuid: &str) -> Result<Reply, Stop> {
    ask.expect_publishing(node)?;
    expect_right(ask.caller(), Right::Withdraw)?;
    for id in misp::sighting_ids_of(uuid) {
        for record in view::read(node, ask.caller(), &id)? {
            if record.author == node.member && save::withdraw(node, ask, record.channel, std::slice::from_ref(&id))? > 0
            {
                return Ok(Reply::done("Sighting successfully deleted.", &ask.path()));
            }
        }
    }
    Err(Stop::absent("sighting: name an own one by its UUID"))
}

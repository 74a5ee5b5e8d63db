//! Proposals (`ShadowAttribute`): whoever reads an event may propose a change, which is a note beside it; whoever published the event accepts or discards it.
//!
//! A discarded or accepted proposal of another member is answered with a revoked version of the same note by the event's publisher, so every reader sees it
//! settled. Must not let a proposal weaken a label: what is accepted keeps the stricter of the two. Read next: `save.rs`, `gotong_formats::misp`.

use gotong_app::Node;
use gotong_app::role::Right;
use gotong_app::view::{self, Event, EventObject};
use gotong_formats::{misp, stix21};
use gotong_model::Tlp;
use serde_json::{Value, json};

use super::ask::Ask;
use super::events;
use super::gather;
use super::json::{Json, is_on, is_uuid, list, list_mut, looks_like_uuid, seconds, text, word};
use super::parts::{part_mut, set_deleted};
use super::reply::{Reply, Stop};
use super::save::{self, Which};
use super::{merge, place};
use crate::api::who::expect_right;

/// What a proposal may say of an attribute.
const MEMBERS: [&str; 8] = ["category", "type", "value", "to_ids", "comment", "first_seen", "last_seen", "data"];
/// Events that one list opens.
const EVENTS_MAX: usize = 200;
/// Proposals of one answer or push.
const PROPOSALS_MAX: usize = 1_000;
/// Parameters of a list; others are refused, since passing over one would answer more than was asked.
const KNOWN: [&str; 6] = ["all", "timestamp", "limit", "page", "deleted", "event_id"];

pub(super) fn route(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    let key = ask.arg(2);
    match ask.arg(1) {
        "index" | "" => index(node, ask, key),
        "view" => Ok(Reply::json(&json!({"ShadowAttribute": find(node, ask, key)?.proposal}))),
        "add" => add(node, ask, key),
        "edit" => change(node, ask, key),
        "delete" => remove(node, ask, key),
        "accept" => accept(node, ask, key),
        "discard" => discard(node, ask, key),
        _ => Err(super::about::not_here(ask)),
    }
}

/// A proposal and the event beside which it stands.
struct Found {
    event: Event,
    /// The attribute about which it stands, as everybody is shown it; `None`: it proposes one that is not there.
    about: Option<String>,
    proposal: Json,
    note: EventObject,
}

/// The proposals of an event as it is shown, those about its attributes among them.
pub(super) fn all_of(event: &Json) -> Vec<Json> {
    let mut all: Vec<Json> = list(event, "ShadowAttribute").cloned().collect();
    let inner = list(event, "Object").flat_map(|object| list(object, "Attribute"));
    all.extend(list(event, "Attribute").chain(inner).flat_map(|one| list(one, "ShadowAttribute")).cloned());
    all
}

/// The attribute about which a proposal stands. INVARIANT: what is changed is what was shown, and not what a UUID in the proposal says.
fn holder(event: &Json, proposal: &Json) -> Option<String> {
    let number = word(proposal, "id");
    let inner = list(event, "Object").flat_map(|object| list(object, "Attribute"));
    let has = |one: &&Json| list(one, "ShadowAttribute").any(|one| word(one, "id") == number);
    list(event, "Attribute").chain(inner).find(has).map(|one| text(one, "uuid").to_owned())
}

/// Leaves out what was accepted or discarded.
pub(super) fn drop_settled(event: &mut Json) {
    let sift = |record: &mut Json| {
        if let Some(list) = record.get_mut("ShadowAttribute").and_then(Value::as_array_mut) {
            list.retain(|one| one.as_object().is_some_and(|one| !is_on(one, "deleted")));
        }
    };
    sift(event);
    for name in ["Attribute", "Object"] {
        for part in event.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(part) = part.as_object_mut() else { continue };
            sift(part);
            for inner in part.get_mut("Attribute").and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(inner) = inner.as_object_mut() {
                    sift(inner);
                }
            }
        }
    }
}

fn find(node: &Node, ask: &Ask, key: &str) -> Result<Found, Stop> {
    let reports = if let Ok(number) = key.parse::<u64>() {
        beside(node, ask, view::referring(node, ask.caller(), &misp::proposal_ref(number))?)?.0
    } else {
        let ids = misp::ids_of(key);
        let (mut found, _) = view::events_about(node, ask.caller(), &ids)?;
        found.extend(beside(node, ask, ids)?.0);
        found
    };
    for report in reports.into_iter().take(16) {
        let Some(event) = view::event(node, ask.caller(), &report)? else { continue };
        let shown = gather::shown(node, ask, &event)?;
        let is_meant = |one: &Json| word(one, "id") == key || is_uuid(one, key);
        let mut meant = all_of(&shown).into_iter().filter(|one| is_meant(one) && !is_on(one, "deleted"));
        let Some(proposal) = meant.next() else { continue };
        if meant.next().is_some() {
            let text = "Several proposals have the UUID of this attribute.";
            return Err(Stop::unfit(text, json!("Name a proposal by its id.")));
        }
        let number = word(&proposal, "id").parse().ok();
        let is_note = |one: &&EventObject| one.id.starts_with("note--") && misp::proposal_number(&one.id) == number;
        if let Some(note) = event.objects.iter().find(is_note).cloned() {
            let about = holder(&shown, &proposal);
            return Ok(Found { event, about, proposal, note });
        }
    }
    Err(Stop::absent("proposal"))
}

/// The events beside which notes stand, and whether some were passed over.
fn beside(node: &Node, ask: &Ask, notes: Vec<String>) -> Result<(Vec<String>, bool), Stop> {
    let (mut about, is_cut) = (Vec::new(), notes.len() > PROPOSALS_MAX);
    for note in notes.into_iter().filter(|id| id.starts_with("note--")).take(PROPOSALS_MAX) {
        for record in view::read(node, ask.caller(), &note)? {
            let refs = stix21::read(&record.body).map(|facts| facts.refs).unwrap_or_default();
            about.extend(
                refs.into_iter().filter(|id| !id.starts_with("x-misp-") && !about.contains(id)).collect::<Vec<_>>(),
            );
        }
    }
    let (events, more) = view::events_about(node, ask.caller(), &about)?;
    let mut once = Vec::with_capacity(events.len());
    for event in events {
        if !once.contains(&event) {
            once.push(event);
        }
    }
    Ok((once, more || is_cut))
}

fn index(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    ask.expect_named(&KNOWN)?;
    let named = ask.word("event_id").unwrap_or_default();
    let key = if key.is_empty() { named.as_str() } else { key };
    let number = |name: &str, least: i64| match ask.word(name) {
        None => Ok(None),
        Some(word) => match word.parse::<i64>() {
            Ok(number) if number >= least => Ok(Some(number)),
            _ => Err(Stop::unfit(format!("Invalid {name}."), json!({name: [format!("is a number from {least} on")]}))),
        },
    };
    let since = number("timestamp", 0)?.unwrap_or(0);
    let take = usize::try_from(number("limit", 1)?.unwrap_or(1_000)).unwrap_or(PROPOSALS_MAX).min(PROPOSALS_MAX);
    let page = usize::try_from(number("page", 1)?.unwrap_or(1)).unwrap_or(1);
    let deleted = gather::Deleted::of(ask);
    let (events, mut more) = if key.is_empty() {
        beside(node, ask, view::referring(node, ask.caller(), misp::PROPOSALS)?)?
    } else {
        (vec![gather::find(node, ask, key)?.id], false)
    };
    let mut rows = Vec::new();
    let skip = (page - 1).saturating_mul(take);
    for (opened, report) in events.iter().enumerate() {
        if opened == EVENTS_MAX || rows.len() > skip.saturating_add(take) {
            more = true;
            break;
        }
        let Some(event) = view::event(node, ask.caller(), report)? else { continue };
        let shown = gather::shown(node, ask, &event)?;
        let wanted = |one: &Json| deleted.keep(one) && seconds(one, "timestamp").is_none_or(|at| at >= since);
        rows.extend(all_of(&shown).into_iter().filter(wanted).map(|one| json!({"ShadowAttribute": one})));
    }
    let count = rows.len();
    more |= count > skip.saturating_add(take);
    let rows: Vec<Value> = rows.into_iter().skip(skip).take(take).collect();
    let reply = Reply::json(&Value::Array(rows)).with("x-result-count", &count.to_string());
    Ok(if more { reply.with("gotong-more", "true") } else { reply })
}

/// What was sent of a proposal: each member in its form, and nothing else.
fn sent(node: &Node, ask: &Ask, sent: &Json) -> Result<Json, Stop> {
    let wrong =
        |name: &str, text: &str| Stop::unfit("Proposal could not be saved.", json!({name: [format!("{name} {text}")]}));
    let mut one = Json::new();
    for name in MEMBERS {
        match sent.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(value)) => {
                one.insert(name.to_owned(), json!(value));
            }
            Some(Value::Bool(on)) if name == "to_ids" => {
                one.insert(name.to_owned(), json!(on));
            }
            Some(Value::Number(number)) if name == "to_ids" => {
                one.insert(name.to_owned(), json!(number.as_u64() == Some(1)));
            }
            Some(_) => return Err(wrong(name, "is text")),
        }
    }
    if matches!(word(sent, "distribution").as_str(), "0" | "4") {
        return Err(wrong("distribution", "is that of the event: a proposal goes where its event is"));
    }
    // Tags may ask for more care; those of TLP count.
    if let Some(tags) = sent.get("Tag").filter(|tags| !tags.is_null()) {
        if !tags.is_array() {
            return Err(wrong("Tag", "is a list"));
        }
        one.insert("Tag".into(), tags.clone());
    }
    let mut organisation = place::organisation_of(node, ask.caller());
    organisation.remove("id");
    one.insert("Org".into(), Value::Object(organisation));
    one.insert("timestamp".into(), json!(ask.seconds().to_string()));
    Ok(one)
}

fn wrapped(ask: &Ask) -> Json {
    let body = ask.wrapped("ShadowAttribute").filter(|body| !body.contains_key("Attribute"));
    body.or_else(|| ask.wrapped("Attribute")).cloned().unwrap_or_default()
}

/// Proposes an attribute that an event does not have.
fn add(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    ask.expect_publishing(node)?;
    let event = gather::find(node, ask, key)?;
    let body = wrapped(ask);
    let mut one = sent(node, ask, &body)?;
    for name in ["type", "value"] {
        if text(&one, name).trim().is_empty() {
            let text = format!("a proposal to add names its {name}");
            return Err(Stop::unfit("Proposal could not be saved.", json!({name: [text]})));
        }
    }
    let said = text(&body, "uuid");
    if !said.is_empty() && !looks_like_uuid(said) {
        return Err(Stop::unfit("Proposal could not be saved.", json!({"uuid": ["is a UUID"]})));
    }
    let uuid = if said.is_empty() { merge::new_uuid(node) } else { said.to_ascii_lowercase() };
    if super::parts::place_of(&gather::plain(&event)?, &uuid).is_some() {
        let text = "is that of an attribute of the event: propose a change of it with shadow_attributes/edit";
        return Err(Stop::unfit("Proposal could not be saved.", json!({"uuid": [text]})));
    }
    super::json::default(&mut one, "category", "Other");
    one.insert("uuid".into(), json!(uuid));
    told(node, ask, &event, put(node, ask, &event, vec![(None, one)])?)
}

/// Proposes another form of an attribute.
fn change(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    ask.expect_publishing(node)?;
    let (event, attribute) = attribute(node, ask, key)?;
    let said = sent(node, ask, &wrapped(ask))?;
    let is_same = |name: &str| !said.contains_key(name) || word(&said, name) == word(&attribute, name);
    if MEMBERS.iter().all(|name| is_same(name)) {
        return Err(Stop::unfit(
            "Proposal could not be saved.",
            json!(
                "It proposes what is there already. To propose that the attribute be deleted, use shadow_attributes/delete."
            ),
        ));
    }
    let mut one = said;
    for name in MEMBERS.iter().filter(|name| **name != "data") {
        if let Some(value) = attribute.get(*name).filter(|value| !value.is_null()) {
            super::json::default(&mut one, name, value.clone());
        }
    }
    let uuid = text(&attribute, "uuid").to_owned();
    one.insert("uuid".into(), json!(uuid));
    told(node, ask, &event, put(node, ask, &event, vec![(Some(uuid), one)])?)
}

/// Proposes that an attribute be deleted.
fn remove(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    ask.expect_publishing(node)?;
    let (event, attribute) = attribute(node, ask, key)?;
    let mut one = sent(node, ask, &Json::new())?;
    for name in ["category", "type", "value", "to_ids"] {
        one.insert(name.to_owned(), attribute.get(name).cloned().unwrap_or_default());
    }
    let uuid = text(&attribute, "uuid").to_owned();
    one.insert("uuid".into(), json!(uuid));
    one.insert("proposal_to_delete".into(), json!(true));
    put(node, ask, &event, vec![(Some(uuid), one)])?;
    Ok(Reply::done("The proposal to delete this attribute has been saved.", &ask.path()))
}

/// The attribute that a proposal is about, and its event.
fn attribute(node: &Node, ask: &Ask, key: &str) -> Result<(Event, Json), Stop> {
    let event = gather::holding(node, ask, key)?;
    let mut shown = gather::plain(&event)?;
    let found = part_mut(&mut shown, key).filter(|one| one.contains_key("value")).cloned();
    Ok((event, found.ok_or_else(|| Stop::absent("attribute"))?))
}

/// Publishes proposals beside an event; the ids of all that are there now, the newest last.
fn put(node: &Node, ask: &Ask, event: &Event, new: Vec<(Option<String>, Json)>) -> Result<usize, Stop> {
    let mut json = gather::plain(event)?;
    for (about, one) in new {
        let record = match &about {
            None => &mut json,
            Some(uuid) => part_mut(&mut json, uuid).ok_or_else(|| Stop::absent("attribute"))?,
        };
        if let Some(list) = list_mut(record, "ShadowAttribute") {
            list.push(Value::Object(one));
        }
    }
    let saved = save::save(node, ask, (event.channel, Which::Proposals), json, Some(event))?;
    if !saved.errors.is_empty() {
        return Err(Stop::forbidden("Proposal could not be saved.", Value::Array(saved.errors)));
    }
    Ok(saved.said)
}

/// The proposal that is new beside an event.
fn told(node: &Node, ask: &Ask, before: &Event, count: usize) -> Result<Reply, Stop> {
    if count == 0 {
        let text = "Proposal could not be saved: it is there already, or was settled.";
        return Err(Stop::forbidden(text, json!(text)));
    }
    let event = gather::find(node, ask, before.id.get(8..).unwrap_or_default())?;
    let new = event.objects.iter().filter(|one| !before.objects.iter().any(|known| known.id == one.id));
    let numbers: Vec<String> = new.filter_map(|one| Some(misp::proposal_number(&one.id)?.to_string())).collect();
    let shown = gather::shown(node, ask, &event)?;
    let found = all_of(&shown).into_iter().find(|one| numbers.contains(&word(one, "id")));
    let text = "Proposal could not be saved: it waits for a person.";
    found.map(|one| Reply::json(&json!({"ShadowAttribute": one}))).ok_or_else(|| Stop::forbidden(text, json!(text)))
}

/// Puts a proposal into effect, and settles it.
fn accept(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    ask.expect_publishing(node)?;
    let found = find(node, ask, key)?;
    let strict = stricter(&found);
    let done = events::change(node, ask, &found.event, Which::Whole, |json, at| {
        json.insert("published".into(), json!(false));
        settle(node, json, &found, at)?;
        apply(node, json, (&found, strict), at)
    });
    let ((), saved) = done?;
    if !saved.errors.is_empty() {
        return Err(Stop::forbidden("Proposal could not be accepted.", Value::Array(saved.errors)));
    }
    Ok(Reply::done("Proposed change accepted.", &ask.path()))
}

/// The label of a proposal, where it is stricter than that of what it is about. INVARIANT: accepting never makes a label laxer.
fn stricter(found: &Found) -> Option<Tlp> {
    let ids = found.about.as_deref().map(misp::ids_of).unwrap_or_default();
    let about = found.event.objects.iter().filter(|one| ids.contains(&one.id) && one.id != found.note.id);
    let known = about.map(|one| one.label).max().or_else(|| found.event.objects.first().map(|report| report.label));
    Some(found.note.label).filter(|label| Some(*label) > known)
}

fn apply(node: &Node, event: &mut Json, (found, strict): (&Found, Option<Tlp>), at: i64) -> Result<(), Stop> {
    let gone = || Stop::absent("attribute: it is there no longer");
    let (proposal, about) = (&found.proposal, found.about.as_deref());
    if is_on(proposal, "proposal_to_delete") {
        let part = about.and_then(|uuid| part_mut(event, uuid)).ok_or_else(gone)?;
        set_deleted(part, true, at);
        return Ok(());
    }
    let mut said = Json::new();
    for name in MEMBERS {
        if let Some(value) = proposal.get(name).filter(|value| !value.is_null()) {
            said.insert(name.to_owned(), value.clone());
        }
    }
    let tag = strict.map(|label| json!({"name": format!("tlp:{label}")}));
    let part = if let Some(uuid) = about {
        let part = part_mut(event, uuid).ok_or_else(gone)?;
        for (name, value) in said {
            part.insert(name, value);
        }
        let known = seconds(part, "timestamp").unwrap_or_default();
        part.insert("timestamp".into(), json!(at.max(known + 1).to_string()));
        part
    } else {
        // The attribute gets a UUID of its own: the proposal keeps the one by which everybody knows it.
        merge::fill_part(node, &mut said, at);
        let attributes = list_mut(event, "Attribute").ok_or_else(|| Stop::absent("event"))?;
        attributes.push(Value::Object(said));
        attributes.last_mut().and_then(Value::as_object_mut).ok_or_else(|| Stop::absent("event"))?
    };
    if let (Some(tag), Some(tags)) = (tag, list_mut(part, "Tag")) {
        tags.push(tag);
    }
    Ok(())
}

/// Takes an own proposal out of the event that is being changed, and sets another's down as settled.
fn settle(node: &Node, event: &mut Json, found: &Found, at: i64) -> Result<(), Stop> {
    let number = word(&found.proposal, "id");
    let record = match found.about.as_deref() {
        Some(uuid) => part_mut(event, uuid).ok_or_else(|| Stop::absent("attribute: it is there no longer"))?,
        None => event,
    };
    let Some(list) = list_mut(record, "ShadowAttribute") else { return Err(Stop::absent("proposal")) };
    list.retain(|one| one.as_object().is_none_or(|one| word(one, "id") != number));
    if found.note.author != node.member {
        let mut one = found.proposal.clone();
        let known = seconds(&one, "timestamp").unwrap_or_default();
        one.insert("deleted".into(), json!(true));
        one.insert("timestamp".into(), json!(at.max(known + 1).to_string()));
        list.push(Value::Object(one));
    }
    Ok(())
}

/// Settles a proposal without putting it into effect: by whoever published the event, or whoever proposed.
fn discard(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    ask.expect_publishing(node)?;
    let found = find(node, ask, key)?;
    if found.note.author == node.member {
        expect_right(ask.caller(), Right::Withdraw)?;
        if save::withdraw(node, ask, found.event.channel, std::slice::from_ref(&found.note.id))? == 0 {
            return Err(Stop::forbidden(
                "You do not have permission to do that.",
                json!(
                    "This proposal was made by another organisation of this member, who takes it back, or the member's own staff."
                ),
            ));
        }
    } else {
        let ((), saved) =
            events::change(node, ask, &found.event, Which::Whole, |json, at| settle(node, json, &found, at))?;
        if !saved.errors.is_empty() {
            return Err(Stop::forbidden("Proposal could not be discarded.", Value::Array(saved.errors)));
        }
    }
    Ok(Reply::done("Proposal discarded.", &ask.path()))
}

/// Takes the proposals that another MISP pushes. Those that were settled there are taken back where they were made here.
pub(super) fn pushed(node: &Node, ask: &Ask, key: &str) -> Result<Reply, Stop> {
    ask.expect_publishing(node)?;
    let event = gather::find(node, ask, key)?;
    let items =
        ask.body.as_array().ok_or_else(|| Stop::unfit("Send a list of proposals.", json!("the body is no list")))?;
    if items.len() > PROPOSALS_MAX {
        return Err(Stop::unfit("Too many at once.", json!(format!("at most {PROPOSALS_MAX} proposals"))));
    }
    let plain = gather::plain(&event)?;
    let here = all_of(&plain);
    let (mut new, mut settled) = (Vec::new(), Vec::new());
    for item in items {
        let item = item.get("ShadowAttribute").unwrap_or(item).as_object();
        let item =
            item.ok_or_else(|| Stop::unfit("A proposal is an object.", json!({"ShadowAttribute": ["is an object"]})))?;
        let uuid = text(item, "uuid").to_ascii_lowercase();
        if !looks_like_uuid(&uuid) {
            return Err(Stop::unfit("A proposal has a UUID.", json!({"uuid": ["is a UUID"]})));
        }
        if is_on(item, "deleted") {
            settled.extend(misp::ids_of(&uuid).into_iter().filter(|id| id.starts_with("note--")));
            continue;
        }
        let mut one = sent(node, ask, item)?;
        if let Some(organisation) = item.get("Org").filter(|one| one.is_object()) {
            one.insert("Org".into(), organisation.clone());
        }
        let at = word(item, "timestamp");
        if !at.is_empty() {
            one.insert("timestamp".into(), json!(at));
        }
        one.insert("proposal_to_delete".into(), json!(is_on(item, "proposal_to_delete")));
        one.insert("uuid".into(), json!(uuid));
        let about = super::parts::place_of(&plain, &uuid).map(|_| uuid.clone());
        if about.is_none() && here.iter().any(|known| is_uuid(known, &uuid)) {
            continue;
        }
        new.push((about, one));
    }
    let is_proposal = |id: &&String| {
        event
            .objects
            .iter()
            .any(|one| one.id == **id && one.author == node.member && gather::names(&one.body, "\"kind\":\"proposal\""))
    };
    let settled: Vec<String> = settled.iter().filter(is_proposal).cloned().collect();
    if !settled.is_empty() {
        expect_right(ask.caller(), Right::Withdraw)?;
        save::withdraw(node, ask, event.channel, &settled)?;
    }
    let count = if new.is_empty() { 0 } else { put(node, ask, &event, new)? };
    Ok(Reply::json(&json!({"success": true, "counter": count + settled.len()})))
}

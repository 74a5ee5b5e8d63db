//! The blocklists as MISP's programs keep them: events, and organisations that make events, which are not taken in. What is refused because of them is
//! said here in MISP's own sentences.
//!
//! Must not decide what a list does: `gotong_app::blocklist` keeps them, and every reader of MISP asks them. Read next: `events.rs`.

use gotong_app::Node;
use gotong_app::blocklist::{self, AT_ONCE_MAX, Entry, PAGE_MAX, Part, Which, Words};
use gotong_app::publish::Why;
use gotong_app::role::Right;
use gotong_formats::misp::blocked::By;
use serde_json::{Map, Value, json};

use super::about::{expect_staff, not_here};
use super::ask::{Ask, words_of};
use super::json::{Json, text, word};
use super::reply::{Reply, Stop};
use crate::api::who::expect_right;

/// Letters of a UUID that was none, where it is said again.
const LETTERS_TOLD: usize = 64;

/// What MISP calls a list and its members.
struct Names {
    /// The record.
    record: &'static str,
    uuid: &'static str,
    name: &'static str,
    /// Who made it, where there is such a member.
    maker: Option<&'static str>,
}

const EVENTS: Names =
    Names { record: "EventBlocklist", uuid: "event_uuid", name: "event_info", maker: Some("event_orgc") };
const ORGANISATIONS: Names = Names { record: "OrgBlocklist", uuid: "org_uuid", name: "org_name", maker: None };

fn names(which: Which) -> &'static Names {
    match which {
        Which::Events => &EVENTS,
        Which::Organisations => &ORGANISATIONS,
    }
}

pub(super) fn route(node: &Node, ask: &Ask, which: Which) -> Result<Reply, Stop> {
    expect_staff(ask)?;
    match ask.arg(1) {
        "index" | "" => index(node, ask, which),
        "add" => add(node, ask, which),
        "edit" => edit(node, ask, which, ask.arg(2)),
        "delete" => delete(node, ask, which, &[ask.arg(2).to_owned()]),
        "massdelete" => {
            expect_keeping(ask)?;
            let sent = sent(ask, which)?;
            let ids = sent.get("ids").map(keys_of).unwrap_or_default();
            delete(node, ask, which, &ids)
        }
        _ => Err(not_here(ask)),
    }
}

/// Refuses whoever may not change the lists, and what is not sent to change them.
fn expect_keeping(ask: &Ask) -> Result<(), Stop> {
    ask.expect_act()?;
    Ok(expect_right(ask.caller(), Right::Warninglists)?)
}

/// What was sent, with or without the record's name around it.
fn sent(ask: &Ask, which: Which) -> Result<&Json, Stop> {
    ask.wrapped(names(which).record)
        .ok_or_else(|| Stop::unfit("Send a JSON object.", json!("the body is no JSON object")))
}

/// Ids of a list, which MISP takes as a list in a text too.
fn keys_of(value: &Value) -> Vec<String> {
    let listed = value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    words_of(listed.as_ref().unwrap_or(value))
}

/// What people say of an entry, by MISP's names.
fn words(sent: &Json, names: &Names) -> Words {
    let said = |name: &str| sent.get(name).is_some().then(|| word(sent, name));
    Words { comment: said("comment"), name: said(names.name), maker: names.maker.and_then(said) }
}

/// A refusal with the member named as MISP calls it.
fn unfit(why: &Why, names: &Names) -> Stop {
    let field = match why.pointer.as_deref() {
        Some("/name") => names.name,
        Some("/maker") => names.maker.unwrap_or_default(),
        other => other.unwrap_or_default().trim_start_matches('/'),
    };
    Stop::unfit("Could not save the blocklist item.", json!({field: why.text}))
}

fn shown(which: Which, entry: &Entry) -> Map<String, Value> {
    let names = names(which);
    let mut shown = Map::new();
    shown.insert("id".to_owned(), json!(entry.number.to_string()));
    shown.insert(names.uuid.to_owned(), json!(entry.uuid));
    shown.insert("created".to_owned(), json!(created(entry)));
    shown.insert(names.name.to_owned(), json!(entry.name));
    shown.insert("comment".to_owned(), json!(entry.comment));
    if let Some(maker) = names.maker {
        shown.insert(maker.to_owned(), json!(entry.maker));
    }
    shown.insert("created_by".to_owned(), json!(entry.by));
    shown
}

/// The time as MISP writes it: without a letter between day and hour, to the second.
fn created(entry: &Entry) -> String {
    let at = entry.at.to_string();
    let at = at.split_once('.').map_or(at.trim_end_matches('Z'), |(seconds, _)| seconds);
    at.replace('T', " ")
}

fn index(node: &Node, ask: &Ask, which: Which) -> Result<Reply, Stop> {
    let names = names(which);
    let members = [Some(names.uuid), Some("comment"), Some(names.name), names.maker];
    let mut known: Vec<&str> = members.iter().flatten().copied().collect();
    known.extend(["page", "limit"]);
    ask.expect_named(&known)?;
    let limit = count(ask, "limit", PAGE_MAX)?;
    let part = Part { skip: (count(ask, "page", 1)? - 1).saturating_mul(limit), limit };
    let wanted = members.map(|name| name.and_then(|name| ask.word(name)));
    let is_meant = |entry: &Entry| {
        let is = |wanted: &Option<String>, value: &str| wanted.as_ref().is_none_or(|wanted| wanted == value);
        let [uuid, comment, name, maker] = &wanted;
        uuid.as_ref().is_none_or(|uuid| uuid.eq_ignore_ascii_case(&entry.uuid))
            && is(comment, &entry.comment)
            && is(name, &entry.name)
            && is(maker, &entry.maker)
    };
    let (entries, is_more) = blocklist::entries(node, which, part, is_meant)?;
    let reply = Reply::json(&entries.iter().map(|entry| Value::Object(shown(which, entry))).collect());
    Ok(if is_more { reply.with("gotong-more", "true") } else { reply })
}

/// A number of the path or the body, from 1 to what a page holds.
fn count(ask: &Ask, name: &str, default: usize) -> Result<usize, Stop> {
    let Some(word) = ask.word(name) else { return Ok(default) };
    let found = word.parse().ok().filter(|count| (1..=PAGE_MAX).contains(count));
    found.ok_or_else(|| Stop::unfit(format!("{name} is a number from 1 to {PAGE_MAX}."), json!({name: word})))
}

fn add(node: &Node, ask: &Ask, which: Which) -> Result<Reply, Stop> {
    expect_keeping(ask)?;
    let (sent, names) = (sent(ask, which)?, names(which));
    let uuids = uuids_of(sent.get("uuids"));
    if uuids.is_empty() {
        let text = "Could not save the blocklist item.";
        return Err(Stop::unfit(text, json!({"uuids": "must be a list of UUIDs, or a text with one a line"})));
    }
    let added = blocklist::add(node, ask.caller(), which, &uuids, &words(sent, names))?;
    let added = added.map_err(|why| unfit(&why, names))?;
    let (mut successes, mut fails, mut why) = (Vec::new(), Vec::new(), Map::new());
    for (uuid, fate) in uuids.iter().zip(added) {
        match fate.why() {
            None => successes.push(uuid.trim()),
            Some(reason) => {
                let uuid = short(uuid.trim());
                why.insert(uuid.clone(), json!(reason));
                fails.push(uuid);
            }
        }
    }
    let (count, failed) = (successes.len(), fails.len());
    let message = format!("Done. Added {count} new entries to the blocklist. {failed} entries could not be saved.");
    let mut answer = json!({"result": {"successes": successes, "fails": fails}, "message": message});
    if let Some(answer) = answer.as_object_mut().filter(|_| failed > 0) {
        answer.insert("why".to_owned(), Value::Object(why));
    }
    Ok(Reply::json(&answer))
}

/// The UUIDs of a request: a list, or a text with one a line. What is no text stays, and is told among those that failed.
fn uuids_of(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
        }
        Some(Value::String(text)) => {
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

fn short(text: &str) -> String {
    let mut letters = text.chars();
    let mut short: String = letters.by_ref().take(LETTERS_TOLD).collect();
    if letters.next().is_some() {
        short.push('…');
    }
    short
}

fn edit(node: &Node, ask: &Ask, which: Which, key: &str) -> Result<Reply, Stop> {
    expect_keeping(ask)?;
    let (sent, names) = (sent(ask, which)?, names(which));
    let Some(uuid) = blocklist::find(node, which, key)? else { return Err(Stop::absent("blocklist entry")) };
    let said = text(sent, names.uuid);
    if !said.is_empty() && !said.eq_ignore_ascii_case(&uuid) {
        let text = "Could not save the blocklist item.";
        let why = "is another UUID than the entry's: take this one off the list, and add the other";
        return Err(Stop::unfit(text, json!({names.uuid: why})));
    }
    let changed = blocklist::set_words(node, ask.caller(), which, &uuid, &words(sent, names))?;
    let changed = changed.map_err(|why| unfit(&why, names))?;
    let entry = changed.ok_or_else(|| Stop::absent("blocklist entry"))?;
    Ok(Reply::json(&json!({names.record: shown(which, &entry)})))
}

fn delete(node: &Node, ask: &Ask, which: Which, keys: &[String]) -> Result<Reply, Stop> {
    expect_keeping(ask)?;
    if keys.len() > AT_ONCE_MAX {
        return Err(Stop::unfit("Too many at once.", json!({"ids": format!("at most {AT_ONCE_MAX}")})));
    }
    let gone = blocklist::remove(node, ask.caller(), which, keys)?;
    match gone.len() {
        0 => Err(Stop::absent("blocklist entry")),
        1 => Ok(Reply::done("Blocklist entry removed", &ask.path())),
        many => Ok(Reply::done(&format!("{many} blocklist entries removed"), &ask.path())),
    }
}

/// Refuses an event that is on a list, or whose maker is, in the words that MISP's programs know.
pub(super) fn expect_wanted(node: &Node, event: &Json) -> Result<(), Stop> {
    match blocked(node, event)? {
        None => Ok(()),
        Some(by) => {
            let message = match by {
                By::Event(_) => "Event blocked by event blocklist.",
                By::Organisation(_) => "Event blocked by organisation blocklist.",
            };
            Err(Stop::forbidden(message, json!([{"id": by.code(), "pointer": by.pointer(), "text": by.text()}])))
        }
    }
}

/// What keeps an event away.
pub(super) fn blocked(node: &Node, event: &Json) -> Result<Option<By>, Stop> {
    let blocked = node.blocked()?;
    let maker = event.get("Orgc").and_then(Value::as_object).map_or("", |maker| text(maker, "uuid"));
    Ok(blocked.by(text(event, "uuid"), [maker, text(event, "orgc_uuid")]))
}

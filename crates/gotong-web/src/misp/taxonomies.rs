//! Taxonomies: those that every node knows, and beside them each namespace that a tag of a readable event has. Tags are not made or switched on here: a tag is
//! there once something has it.
//!
//! Must not name a tag of an event that the caller may not read. Read next: `gotong_formats::misp::taxonomy`, `about.rs`.

use std::collections::BTreeMap;

use gotong_app::{Node, view};
use gotong_formats::misp::taxonomy::{TAXONOMIES, Taxonomy, namespace_of};
use serde_json::{Value, json};

use super::ask::Ask;
use super::reply::{Reply, Stop};

/// Tags of one taxonomy in one answer.
const TAGS_MAX: usize = 5_000;

pub(super) fn route(node: &Node, ask: &Ask) -> Result<Reply, Stop> {
    let key = ask.arg(2);
    match ask.arg(1) {
        "index" | "" => {
            let all = all(node, ask)?;
            Ok(Reply::json(&all.values().map(One::row).collect()))
        }
        "view" | "export" => Ok(Reply::json(&find(node, ask, key)?.whole())),
        // Nothing is switched off, so switching it on finds it done.
        "enable" => {
            ask.expect_act()?;
            let found = find(node, ask, key)?;
            Ok(Reply::done(&format!("Taxonomy {} is enabled, as all are here.", found.namespace), &ask.path()))
        }
        "addtag" => {
            ask.expect_act()?;
            let found = find(node, ask, key)?;
            Ok(Reply::done(&format!("The tags of {} can be used, as all can here.", found.namespace), &ask.path()))
        }
        "disable" | "disabletag" | "hidetag" | "toggleenable" | "togglerequired" | "togglehighlighted" | "update"
        | "import" | "delete" => Err(Stop::forbidden(
            "Taxonomies are not switched, changed or loaded here.",
            json!(
                "Every tag may be used, and agreements say what has to be marked. A taxonomy is here as soon as a tag of it is attached to something."
            ),
        )),
        _ => Err(super::about::not_here(ask)),
    }
}

/// A taxonomy as it is here.
struct One {
    namespace: String,
    known: Option<&'static Taxonomy>,
    /// Each tag, and how it stands on something where it does.
    tags: BTreeMap<String, Option<Value>>,
}

impl One {
    fn id(&self) -> String {
        view::number_of(&format!("taxonomy {}", self.namespace)).to_string()
    }

    fn head(&self) -> Value {
        let description = self.known.map_or("What tags of readable events say", |known| known.description);
        json!({
            "id": self.id(), "namespace": self.namespace, "description": description,
            "version": self.known.map_or("1", |known| known.version), "enabled": true,
            "exclusive": self.known.is_some_and(|known| known.exclusive), "required": false, "highlighted": false,
        })
    }

    fn row(&self) -> Value {
        let used = self.tags.values().filter(|tag| tag.is_some()).count();
        json!({"Taxonomy": self.head(), "total_count": self.tags.len(), "current_count": used})
    }

    fn whole(&self) -> Value {
        let entry = |(tag, known): (&String, &Option<Value>)| {
            let value = tag.split_once(':').map(|(_, rest)| rest).unwrap_or_default();
            json!({
                "tag": tag, "expanded": value.replace("=\"", ": ").trim_end_matches('"'), "description": "", "exclusive_predicate": false,
                "existing_tag": known.clone().unwrap_or(Value::Bool(false)),
            })
        };
        json!({"Taxonomy": self.head(), "entries": self.tags.iter().map(entry).collect::<Vec<_>>()})
    }
}

fn all(node: &Node, ask: &Ask) -> Result<BTreeMap<String, One>, Stop> {
    let mut all: BTreeMap<String, One> = BTreeMap::new();
    for known in &TAXONOMIES {
        let tags = known.tags().into_iter().map(|tag| (tag, None)).collect();
        let one = One { namespace: known.namespace.to_owned(), known: Some(known), tags };
        all.insert(known.namespace.to_ascii_lowercase(), one);
    }
    for tag in super::about::tags(node, ask, "%")? {
        let Some(name) = tag.get("name").and_then(Value::as_str).map(str::to_owned) else { continue };
        let Some(namespace) = namespace_of(&name) else { continue };
        let one = all.entry(namespace.to_ascii_lowercase()).or_insert_with(|| One {
            namespace: namespace.to_owned(),
            known: None,
            tags: BTreeMap::new(),
        });
        if one.tags.len() < TAGS_MAX {
            one.tags.insert(name, Some(tag));
        }
    }
    Ok(all)
}

fn find(node: &Node, ask: &Ask, key: &str) -> Result<One, Stop> {
    let mut found = all(node, ask)?.into_values();
    found.find(|one| one.id() == key || one.namespace.eq_ignore_ascii_case(key)).ok_or_else(|| Stop::absent("taxonomy"))
}

//! STIX 2.1 objects for tests: documentation addresses (RFC 5737) and example domains (RFC 2606) only, each with a token that occurs nowhere
//! else, so that whatever is left of it can be found.

use gotong_formats::stix21;
use gotong_model::{Timestamp, Tlp};
use serde_json::{Map, Value, json};

use crate::dice::Dice;

/// What a node is expected to make of an object before it looks at its log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Flavour {
    /// Well-formed.
    Good,
    /// Breaks the standard: refused, with the field.
    Malformed,
    /// Well-formed, but a person should look at it.
    Doubtful,
    /// Names a marking definition that may be unknown.
    Marked(String),
}

/// An object and what the one who wrote it knows about it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its bytes.
    pub body: Vec<u8>,
    /// Its id; empty where it has none.
    pub id: String,
    /// Its STIX type.
    pub object_type: &'static str,
    /// Its `modified` in microseconds; 0 for none.
    pub modified: i64,
    /// Whether `modified` makes its versions.
    pub is_versioned: bool,
    /// Its TLP marking.
    pub marking: Option<Tlp>,
    /// What occurs in no other object.
    pub token: String,
    /// What is expected.
    pub flavour: Flavour,
    /// Observable values under which it is found.
    pub values: Vec<String>,
    /// What it is a sighting of.
    pub reference: Option<String>,
    /// How many ids it refers to.
    pub refers: usize,
}

/// The types that [`Draft::new`] writes.
pub const TYPES: &[&str] = &["indicator", "malware", "sighting", "domain-name", "note"];

impl Draft {
    /// A new object of a type, with a marking or without.
    pub fn new(dice: &mut Dice, object_type: &'static str, at: Timestamp, marking: Option<Tlp>) -> Self {
        let id = format!("{object_type}--{}", dice.uuid());
        Self::version(dice, object_type, id, at, marking)
    }

    /// A version of an object: the same id, another token.
    pub fn version(
        dice: &mut Dice,
        object_type: &'static str,
        id: String,
        modified: Timestamp,
        marking: Option<Tlp>,
    ) -> Self {
        let token = dice.token();
        let mut members = head(object_type, &id);
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        let mut values = Vec::new();
        let mut reference = None;
        let is_versioned = object_type != "domain-name";
        if is_versioned {
            put("created", json!("2025-01-01T00:00:00.000Z"));
            put("modified", json!(modified.to_string()));
        }
        match object_type {
            "indicator" => {
                let address = format!("198.51.100.{}", dice.below(200) + 1);
                values = vec![format!("{token}.example"), address.clone()];
                let pattern = format!("[domain-name:value = '{token}.example' OR ipv4-addr:value = '{address}']");
                put("pattern", json!(pattern));
                put("pattern_type", json!("stix"));
                put("valid_from", json!("2025-01-01T00:00:00Z"));
            }
            "malware" => {
                put("name", json!(token));
                put("is_family", json!(false));
            }
            "sighting" => {
                let target = format!("indicator--{}", dice.uuid());
                put("description", json!(token));
                put("sighting_of_ref", json!(target));
                reference = Some(target);
            }
            "domain-name" => {
                values = vec![format!("{token}.example")];
                put("value", json!(format!("{token}.example")));
            }
            _ => {
                put("content", json!(token));
                put("object_refs", json!([format!("malware--{}", dice.uuid())]));
            }
        }
        if let Some(tlp) = marking {
            put("object_marking_refs", json!([stix21::id_of_label(tlp)]));
        }
        let modified = if is_versioned { modified.micros() } else { 0 };
        let body = Value::Object(members).to_string().into_bytes();
        Self {
            body,
            id,
            object_type,
            modified,
            is_versioned,
            marking,
            token,
            flavour: Flavour::Good,
            values,
            reference,
            refers: usize::from(matches!(object_type, "sighting" | "note")),
        }
    }

    /// A marking definition that says nothing of sharing.
    pub fn statement_marking(dice: &mut Dice, id: String) -> Self {
        let token = dice.token();
        let mut members = head("marking-definition", &id);
        members.insert("created".to_owned(), json!("2025-01-01T00:00:00.000Z"));
        members.insert("definition_type".to_owned(), json!("statement"));
        members.insert("definition".to_owned(), json!({"statement": token}));
        Self {
            body: Value::Object(members).to_string().into_bytes(),
            id,
            object_type: "marking-definition",
            modified: Timestamp::parse("2025-01-01T00:00:00Z").map_or(0, Timestamp::micros),
            is_versioned: false,
            marking: None,
            token,
            flavour: Flavour::Good,
            values: Vec::new(),
            reference: None,
            refers: 0,
        }
    }

    /// The same object, naming a marking definition.
    #[must_use]
    pub fn marked_by(mut self, definition: &str) -> Self {
        self.change(|members| {
            members.insert("object_marking_refs".to_owned(), json!([definition]));
        });
        self.marking = None;
        self.flavour = Flavour::Marked(definition.to_owned());
        self
    }

    /// The same content in another spelling: members in another order, with blanks.
    #[must_use]
    pub fn respelled(mut self) -> Self {
        let value: Value = serde_json::from_slice(&self.body).expect("an object written here");
        let members = value.as_object().expect("an object");
        let parts: Vec<String> = members.iter().rev().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        self.body = format!("{{ {} }}", parts.join(" , ")).into_bytes();
        self
    }

    /// Something to hesitate about: a value that is written so that it never matches.
    pub fn doubtful(dice: &mut Dice) -> Self {
        let id = format!("domain-name--{}", dice.uuid());
        let mut draft = Self::version(dice, "domain-name", id, Timestamp::default(), None);
        let value = format!("{}[.]example", draft.token);
        draft.change(|members| {
            members.insert("value".to_owned(), json!(value));
        });
        draft.values = vec![format!("{}[.]example", draft.token)];
        draft.flavour = Flavour::Doubtful;
        draft
    }

    /// One of the ways in which objects arrive broken.
    pub fn malformed(dice: &mut Dice, at: Timestamp) -> Self {
        let mut draft = Self::new(dice, "indicator", at, None);
        let text = String::from_utf8(draft.body.clone()).expect("text");
        match dice.below(10) {
            0 => draft.body.truncate(text.len() / 2),
            1 => draft.body.clear(),
            2 => draft.change(|members| drop(members.remove("id"))),
            3 => draft.change(|members| drop(members.insert("type".to_owned(), json!("malware")))),
            4 => draft.change(|members| drop(members.insert("modified".to_owned(), json!("yesterday")))),
            5 => draft.change(|members| drop(members.remove("pattern"))),
            6 => draft.body = text.replacen('{', "{\"type\":\"indicator\",", 1).into_bytes(),
            7 => draft.change(|members| drop(members.insert("id".to_owned(), json!("indicator--1")))),
            8 => draft.body.push(b'}'),
            _ => draft.body = [b"\xff\xfe".as_slice(), text.as_bytes()].concat(),
        }
        draft.flavour = Flavour::Malformed;
        draft
    }

    fn change(&mut self, change: impl FnOnce(&mut Map<String, Value>)) {
        let mut value: Value = serde_json::from_slice(&self.body).expect("an object written here");
        change(value.as_object_mut().expect("an object"));
        self.body = value.to_string().into_bytes();
    }
}

fn head(object_type: &str, id: &str) -> Map<String, Value> {
    let mut members = Map::new();
    members.insert("type".to_owned(), json!(object_type));
    members.insert("spec_version".to_owned(), json!("2.1"));
    members.insert("id".to_owned(), json!(id));
    members
}

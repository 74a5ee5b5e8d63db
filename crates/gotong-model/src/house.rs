//! A house rule: what one member decides for channels of its own and for the organisations that it serves, its constituents, in place of an agreement
//! (`docs/protocol.md` section 5.3). Valid by construction, whoever has signed; it never leaves the member's own machines.
//!
//! Which organisations there are is no document: [`Organisations`] is the node's register. Read next: `governance/houses.rs` (what counts).

mod register;
mod trie;

use gotong_crypto::{Digest, SigningKey, tagged};
use serde_json::{Value, json};

use crate::agreement::parts::{slugs, types};
use crate::agreement::{RESERVED_TYPES, Terms};
use crate::charter::{Texts, texts};
use crate::document::{self, DocumentFault, Purpose, Role};
use crate::json::{self, Fields, JsonFault};
use crate::{MemberCode, RegionId, Slug, Tlp, limits};

pub(crate) use register::Plan;
pub use register::{Organisation, Organisations};

/// One version of a house rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HouseRule {
    /// Its terms: one party, the handle `house`, no accession. Their own hash means nothing; [`Self::hash`] counts.
    pub terms: Terms,
    /// The classes of constituents, by name.
    pub classes: Vec<Class>,
}

/// A class of constituents, such as banks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Class {
    /// Its short name.
    pub class: Slug,
    /// The clause that says what it is.
    pub clause: String,
    /// What it is called.
    pub name: Texts,
    /// The type of which each organisation of the class has a channel of its own.
    pub own: Option<Slug>,
    /// What it is given of channels of agreements, as far as those let it go on.
    pub reads: Vec<Reads>,
    /// What it is given of the standing channels of this rule.
    pub reads_house: Vec<ReadsHouse>,
}

/// Something given of channels of agreements.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reads {
    /// The handle of the agreement; `None` is every one.
    pub agreement: Option<Slug>,
    /// Of these types; none named is all.
    pub types: Vec<Slug>,
    /// The strictest label.
    pub ceiling: Tlp,
    /// The clause.
    pub clause: String,
}

/// Something given of standing channels of the house.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadsHouse {
    /// Of these types; none named is all.
    pub types: Vec<Slug>,
    /// The strictest label.
    pub ceiling: Tlp,
    /// The clause.
    pub clause: String,
}

impl Reads {
    /// Whether it speaks of a type of an agreement.
    pub fn names(&self, agreement: &Slug, channel_type: &Slug) -> bool {
        self.agreement.as_ref().is_none_or(|handle| handle == agreement)
            && (self.types.is_empty() || self.types.contains(channel_type))
    }
}

impl ReadsHouse {
    /// Whether it speaks of a type of the house; one that is anybody's own it never gives.
    pub fn names(&self, channel_type: &Slug) -> bool {
        self.types.is_empty() || self.types.contains(channel_type)
    }
}

impl HouseRule {
    /// Whose rule it is. There is one in everything that was read.
    pub fn member(&self) -> Option<&MemberCode> {
        self.terms.parties.first()
    }

    /// A class by its name.
    pub fn class(&self, name: &Slug) -> Option<&Class> {
        self.classes.iter().find(|class| class.class == *name)
    }

    /// Whether a type is some class's own, so that it has no standing channel.
    pub fn is_own(&self, channel_type: &Slug) -> bool {
        is_own(&self.classes, channel_type)
    }

    /// The canonical JSON value.
    pub fn to_value(&self) -> Value {
        let mut value = self.terms.to_value();
        if let Value::Object(members) = &mut value {
            members.insert("gotong".to_owned(), Purpose::House.as_str().into());
            members.insert("classes".to_owned(), self.classes.iter().map(Class::to_value).collect());
        }
        value
    }

    /// Reads a house rule; its signature is for the caller to verify.
    pub fn from_value(value: Value) -> Result<Self, DocumentFault> {
        let mut fields = Fields::new("", value)?;
        let terms = Terms::from_fields(&mut fields, Purpose::House)?;
        let items = fields.list("classes", limits::HOUSE_CLASSES_MAX)?;
        // Which types are anybody's own has to be known before it is read what is given of the others.
        let owned: Vec<String> = items.iter().filter_map(|item| item.get("own")?.as_str().map(str::to_owned)).collect();
        let mut classes: Vec<Class> = Vec::new();
        for (at, value) in items.into_iter().enumerate() {
            let class = Class::from_fields(Fields::new(format!("/classes/{at}"), value)?, &terms, &owned)?;
            if classes.last().is_some_and(|last| last.class >= class.class) {
                return Err(fields.fault("classes", "must be in order of their class, each once").into());
            }
            classes.push(class);
        }
        fields.done()?;
        Ok(Self { terms, classes })
    }

    /// The hash of this version; of number 1 it is the house id.
    pub fn hash(&self, region: &RegionId) -> Digest {
        tagged("gotong/v0/house", &[region.as_bytes(), &json::canonical(&self.to_value())])
    }

    /// Signs it with the member's root key.
    pub fn sign(&self, region: &RegionId, member: &MemberCode, root: &SigningKey) -> String {
        document::sign(region, Purpose::House, &self.to_value(), member, Role::Root, root).encode()
    }
}

/// Whether a type is some class's own.
pub(crate) fn is_own(classes: &[Class], channel_type: &Slug) -> bool {
    classes.iter().any(|class| class.own.as_ref() == Some(channel_type))
}

impl Class {
    fn to_value(&self) -> Value {
        let reads = self.reads.iter().map(|rule| {
            json!({"agreement": rule.agreement.as_ref().map(Slug::as_str), "ceiling": rule.ceiling.as_str(),
                   "clause": rule.clause, "types": slugs(&rule.types)})
        });
        let of_house = self
            .reads_house
            .iter()
            .map(|rule| json!({"ceiling": rule.ceiling.as_str(), "clause": rule.clause, "types": slugs(&rule.types)}));
        json!({"class": self.class.as_str(), "clause": self.clause, "name": self.name,
               "own": self.own.as_ref().map(Slug::as_str), "reads": reads.collect::<Vec<_>>(),
               "reads_house": of_house.collect::<Vec<_>>()})
    }

    fn from_fields(mut fields: Fields, terms: &Terms, owned: &[String]) -> Result<Self, JsonFault> {
        let known = |number: &str| terms.clause(number).map(|clause| clause.number.clone());
        let of_rule = |name: &str| {
            let kind = terms.channel_types.iter().find(|kind| kind.name.as_str() == name);
            kind.map(|kind| kind.name.clone())
        };
        let class = fields.read("class", "a short name in lower case", Slug::from_text)?;
        let clause = fields.read("clause", "the number of a clause", known)?;
        let name = texts(&mut fields, "name")?;
        let own = fields.read_or_null("own", "a channel type of these terms", of_rule)?;
        let mut reads = Vec::new();
        for (at, value) in fields.list("reads", limits::HOUSE_READS_MAX)?.into_iter().enumerate() {
            let mut rule = Fields::new(format!("{}/{at}", fields.at("reads")), value)?;
            let handle = |text: &str| Slug::from_text(text).filter(|_| !TAKEN_HANDLES.contains(&text));
            let of_agreement = |text: &str| Slug::from_text(text).filter(|_| !RESERVED_TYPES.contains(&text));
            reads.push(Reads {
                agreement: rule.read_or_null("agreement", "the handle of an agreement", handle)?,
                types: types(&mut rule, of_agreement)?,
                ceiling: rule.read("ceiling", "a TLP label", Tlp::from_text)?,
                clause: rule.read("clause", "the number of a clause", known)?,
            });
            rule.done()?;
        }
        let mut reads_house = Vec::new();
        for (at, value) in fields.list("reads_house", limits::HOUSE_READS_MAX)?.into_iter().enumerate() {
            let mut rule = Fields::new(format!("{}/{at}", fields.at("reads_house")), value)?;
            let standing = |name: &str| of_rule(name).filter(|_| !owned.iter().any(|own| own == name));
            reads_house.push(ReadsHouse {
                types: types(&mut rule, standing)?,
                ceiling: rule.read("ceiling", "a TLP label", Tlp::from_text)?,
                clause: rule.read("clause", "the number of a clause", known)?,
            });
            rule.done()?;
        }
        fields.done()?;
        Ok(Self { class, clause, name, own, reads, reads_house })
    }
}

/// Handles that no agreement has.
const TAKEN_HANDLES: [&str; 2] = ["charter", crate::agreement::HOUSE_HANDLE];

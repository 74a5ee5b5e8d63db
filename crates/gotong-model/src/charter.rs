//! The charter: members, their root keys, and who may change it (`docs/protocol.md` section 3). The hash of the first one is the region.

use std::collections::BTreeMap;

use gotong_crypto::note::Signer;
use gotong_crypto::{Digest, PublicKey, tagged, text};
use serde_json::{Value, json};

use crate::agreement::terms::bounded;
use crate::document::{self, DocumentFault, Purpose, Role};
use crate::json::{Fields, JsonFault, ascending};
use crate::{MemberCode, RegionId, Timestamp, limits};

/// Words in several languages: BCP 47 tag → text.
pub type Texts = BTreeMap<String, String>;

/// What a member is to the region.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MemberRole {
    /// A sovereign state.
    State,
    /// A dialogue partner.
    Partner,
    /// The coordinator, such as a secretariat.
    Coordinator,
}

impl MemberRole {
    /// The protocol's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Partner => "partner",
            Self::Coordinator => "coordinator",
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        [Self::State, Self::Partner, Self::Coordinator].into_iter().find(|role| role.as_str() == text)
    }
}

/// A member as the charter names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// Its code.
    pub code: MemberCode,
    /// Its name in several languages, English at least.
    pub name: Texts,
    /// What it is.
    pub role: MemberRole,
    /// The key everything of this member hangs from; kept offline.
    pub root_key: PublicKey,
}

impl Member {
    /// The English name.
    pub fn english(&self) -> &str {
        self.name.get("en").map_or(self.code.as_str(), String::as_str)
    }
}

/// A charter, valid by construction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Charter {
    /// The version, from 1.
    pub number: u64,
    /// The hash of the version before.
    pub previous: Option<Digest>,
    /// From when it counts; of number 1, when the region was founded.
    pub from: Timestamp,
    /// When the region was founded.
    pub founded_at: Timestamp,
    /// The region's name.
    pub name: Texts,
    /// The members by code.
    pub members: BTreeMap<MemberCode, Member>,
    /// Who may change it.
    pub voters: Vec<MemberCode>,
    /// How many of them it takes.
    pub at_least: usize,
    /// How long a notice may be unknown to an author before it counts against what they publish, in hours.
    pub grace_hours: u64,
}

/// What a charter that only rehearses is called, or begins with.
pub const REHEARSAL: &str = "REHEARSAL";

impl Charter {
    /// Whether the region only rehearses: the name says so.
    pub fn is_rehearsal(&self) -> bool {
        self.name.get("en").is_some_and(|name| name.starts_with(REHEARSAL))
    }

    /// The canonical JSON value.
    pub fn to_value(&self) -> Value {
        let members: Vec<Value> = self
            .members
            .values()
            .map(|member| {
                json!({"code": member.code.as_str(), "name": member.name, "role": member.role.as_str(),
                       "root_key": member.root_key.to_text()})
            })
            .collect();
        let voters: Vec<&str> = self.voters.iter().map(MemberCode::as_str).collect();
        let rule = if self.at_least == self.voters.len() { json!("all") } else { json!({"at_least": self.at_least}) };
        json!({"founded_at": self.founded_at.to_string(), "from": self.from.to_string(), "gotong": "charter", "grace_hours": self.grace_hours, "members": members,
               "name": self.name, "number": self.number, "previous": self.previous.map(|hash| hash.to_text()), "rule": rule, "version": 0, "voters": voters})
    }

    /// The hash of this charter; of number 1 it is the region id.
    pub fn hash(&self) -> Digest {
        hash(&crate::json::canonical(&self.to_value()))
    }

    /// The region that this charter founds.
    pub fn region(&self) -> RegionId {
        RegionId(self.hash())
    }

    /// Reads a region's first charter: canonical, signed by every voter, and its region the one it hashes to.
    pub fn from_note(bytes: &[u8]) -> Result<(Self, RegionId), DocumentFault> {
        let opened = document::open(bytes, None, Purpose::Charter)?;
        let charter = Self::from_value(opened.value.clone())?;
        if charter.number != 1 {
            return Err(DocumentFault::Unfit(format!(
                "this is charter number {}; a region is founded by number 1",
                charter.number
            )));
        }
        let region = RegionId(hash(opened.body.as_bytes()));
        if region != opened.region {
            return Err(DocumentFault::Unfit(format!("the charter hashes to {region}, not to the region it names")));
        }
        opened.demand(&charter.signers(&region, charter.voters.iter()))?;
        Ok((charter, region))
    }

    /// The root keys of members, as signers of documents of a region.
    pub fn signers<'a>(&self, region: &RegionId, members: impl IntoIterator<Item = &'a MemberCode>) -> Vec<Signer> {
        let members = members.into_iter().filter_map(|code| self.members.get(code));
        members.map(|member| document::signer(region, &member.code, Role::Root, &member.root_key)).collect()
    }

    /// Reads a charter's words; who has signed it is for the caller to see.
    pub fn from_value(value: Value) -> Result<Self, DocumentFault> {
        let mut fields = Fields::new("", value)?;
        fields.constant("gotong", Purpose::Charter.as_str())?;
        fields.version_0()?;
        let number = fields.integer("number")?;
        let previous = fields.read_or_null("previous", "a hash", Digest::from_text)?;
        if number == 0 || (number == 1) != previous.is_none() {
            return Err(fields.fault("previous", "is null for number 1 and a hash for every later one").into());
        }
        let from = fields.read("from", "a time", Timestamp::from_canonical)?;
        let founded_at = fields.read("founded_at", "a time", Timestamp::from_canonical)?;
        if from < founded_at || (number == 1 && from != founded_at) {
            return Err(fields.fault("from", "must be founded_at for number 1, and not before it later").into());
        }
        let grace_hours = bounded(&mut fields, "grace_hours", 0, limits::GRACE_HOURS_MAX)?;
        let name = texts(&mut fields, "name")?;
        let mut members = BTreeMap::new();
        let mut last: Option<MemberCode> = None;
        for (at, value) in fields.list("members", limits::MEMBERS_MAX)?.into_iter().enumerate() {
            let mut entry = Fields::new(format!("/members/{at}"), value)?;
            let code = entry.read("code", "a member code", MemberCode::from_text)?;
            let role = entry.read("role", "state, partner or coordinator", MemberRole::from_text)?;
            let root_key = entry.read("root_key", "an Ed25519 key in base64", public_key)?;
            let name = texts(&mut entry, "name")?;
            if last.as_ref().is_some_and(|last| *last >= code) {
                return Err(entry.fault("code", "must follow the code before it in order").into());
            }
            if members.values().any(|other: &Member| other.root_key == root_key) {
                return Err(entry.fault("root_key", "is another member's too").into());
            }
            entry.done()?;
            last = Some(code.clone());
            members.insert(code.clone(), Member { code, name, role, root_key });
        }
        let voters = fields.texts("voters", limits::MEMBERS_MAX, "a member code", MemberCode::from_text)?;
        let is_state = |code| members.get(code).is_some_and(|member: &Member| member.role == MemberRole::State);
        if voters.is_empty() || !ascending(&voters) || !voters.iter().all(is_state) {
            return Err(fields.fault("voters", "must be states among the members, in order, at least one").into());
        }
        let at_least = rule(&mut fields, voters.len())?;
        fields.done()?;
        Ok(Self { number, previous, from, founded_at, name, members, voters, at_least, grace_hours })
    }
}

/// The hash of a charter's canonical JSON.
pub fn hash(canonical: &[u8]) -> Digest {
    tagged("gotong/v0/charter", &[canonical])
}

fn rule(fields: &mut Fields, voters: usize) -> Result<usize, JsonFault> {
    match fields.take("rule")? {
        Value::String(all) if all == "all" => Ok(voters),
        value @ Value::Object(_) => {
            let mut rule = Fields::new("/rule", value)?;
            let at_least = usize::try_from(rule.integer("at_least")?).unwrap_or(usize::MAX);
            // Exactly `all` has its own spelling, so that there is one.
            if at_least * 2 <= voters || at_least >= voters {
                return Err(rule.fault("at_least", "must be more than half of the voters and fewer than all"));
            }
            rule.done()?;
            Ok(at_least)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(fields.fault("rule", "must be \"all\" or {\"at_least\": m}"))
        }
    }
}

pub(crate) fn public_key(text: &str) -> Option<PublicKey> {
    PublicKey::from_bytes(&text::from_base64_array::<32>(text)?).ok()
}

/// Takes words in several languages; English must be among them, each at most 64 KiB.
pub(crate) fn texts(fields: &mut Fields, name: &str) -> Result<Texts, JsonFault> {
    let Value::Object(members) = fields.take(name)? else {
        return Err(fields.fault(name, "must be an object of language → text"));
    };
    let mut texts = Texts::new();
    for (language, value) in members {
        let text = value.as_str().filter(|text| !text.is_empty() && text.len() <= 65_536);
        let tag =
            (2..=35).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let (Some(text), true) = (text, tag) else {
            return Err(fields.fault(name, format!("must have a language tag and a text, not {language:?}")));
        };
        texts.insert(language, text.to_owned());
    }
    if texts.contains_key("en") { Ok(texts) } else { Err(fields.fault(name, "must have a text in English (\"en\")")) }
}

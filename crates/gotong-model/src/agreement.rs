//! Agreements: parties, dates, clauses and the channel types they open (`docs/protocol.md` section 5). In its simple form: one version, from a file.

use gotong_crypto::{Digest, tagged, text};
use serde_json::{Value, json};

use crate::charter::{Charter, Texts, texts};
use crate::document::{self, DocumentFault, Purpose, Role};
use crate::json::{self, Fields, JsonFault, ascending};
use crate::{AgreementId, ChannelId, MemberCode, RegionId, Slug, Timestamp, Tlp, limits};

/// A clause, as people read it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clause {
    /// Its number, such as `3.2`.
    pub number: String,
    /// Its heading.
    pub title: Texts,
    /// Its words.
    pub text: Texts,
}

/// Whether what is received may be passed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Onward {
    /// Not beyond the party.
    None,
    /// To the party's own constituents.
    Constituents,
    /// To anyone.
    Public,
}

/// The rule for personal data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PersonalData {
    /// None may be published.
    None,
    /// Only under pseudonyms.
    Pseudonymised,
    /// Allowed.
    Permitted,
}

impl Onward {
    /// The protocol's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Constituents => "constituents",
            Self::Public => "public",
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        [Self::None, Self::Constituents, Self::Public].into_iter().find(|value| value.as_str() == text)
    }
}

impl PersonalData {
    /// The protocol's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pseudonymised => "pseudonymised",
            Self::Permitted => "permitted",
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        [Self::None, Self::Pseudonymised, Self::Permitted].into_iter().find(|value| value.as_str() == text)
    }
}

/// A kind of channel that an agreement opens.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChannelType {
    /// Its name within the agreement.
    pub name: Slug,
    /// The clause that opens it.
    pub clause: String,
    /// Who reads and writes it.
    pub audience: Vec<MemberCode>,
    /// Record kinds that may be published: `stix`, or `stix.indicator` for one type of STIX object.
    pub kinds: Vec<String>,
    /// The clause that names the kinds.
    pub kinds_clause: String,
    /// The strictest label that may be published.
    pub ceiling: Tlp,
    /// The clause that sets it.
    pub ceiling_clause: String,
    /// What the channel is for.
    pub purpose: String,
    /// Passing on.
    pub onward: Onward,
    /// Personal data.
    pub personal_data: PersonalData,
}

/// The terms of an agreement, valid by construction, whoever has signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// A short name: channels are `<handle>/<type>`.
    pub handle: Slug,
    /// What it is called.
    pub title: Texts,
    /// What it is for.
    pub purpose: String,
    /// The law or treaty it stands on.
    pub legal_basis: String,
    /// The parties, in order.
    pub parties: Vec<MemberCode>,
    /// The clause that names them.
    pub parties_clause: String,
    /// From when.
    pub from: Timestamp,
    /// Until when; `None` is until further notice.
    pub until: Option<Timestamp>,
    /// The clause that sets the dates.
    pub dates_clause: String,
    /// The clauses in their order.
    pub clauses: Vec<Clause>,
    /// What it opens, by name.
    pub channel_types: Vec<ChannelType>,
    /// Sixteen random bytes that keep others from guessing its id.
    pub nonce: [u8; 16],
}

impl Terms {
    /// The canonical JSON value.
    pub fn to_value(&self) -> Value {
        let codes = |codes: &[MemberCode]| codes.iter().map(|code| code.as_str().to_owned()).collect::<Vec<_>>();
        let types: Vec<Value> = self
            .channel_types
            .iter()
            .map(|kind| {
                json!({"audience": codes(&kind.audience), "ceiling": kind.ceiling.as_str(), "ceiling_clause": kind.ceiling_clause,
                       "clause": kind.clause, "kinds": kind.kinds, "kinds_clause": kind.kinds_clause, "onward": kind.onward.as_str(),
                       "personal_data": kind.personal_data.as_str(), "purpose": kind.purpose, "type": kind.name.as_str()})
            })
            .collect();
        let clauses: Vec<Value> = self
            .clauses
            .iter()
            .map(|clause| json!({"number": clause.number, "text": clause.text, "title": clause.title}))
            .collect();
        json!({"channel_types": types, "clauses": clauses, "dates_clause": self.dates_clause, "from": self.from.to_string(),
               "gotong": "agreement", "handle": self.handle.as_str(), "legal_basis": self.legal_basis,
               "nonce": text::base64(&self.nonce), "number": 1, "parties": codes(&self.parties),
               "parties_clause": self.parties_clause, "previous": null, "purpose": self.purpose, "supersedes": [],
               "title": self.title, "until": self.until.map(|at| at.to_string()), "version": 0})
    }

    /// Reads terms and checks them against the charter.
    pub fn from_value(value: Value, charter: &Charter) -> Result<Self, DocumentFault> {
        let mut fields = Fields::new("", value)?;
        fields.constant("gotong", Purpose::Agreement.as_str())?;
        fields.version_0()?;
        if fields.integer("number")? != 1 || fields.take("previous")? != Value::Null {
            return Err(fields.fault("number", "must be 1: this version of Gotong knows only first versions").into());
        }
        let handle = fields.read("handle", "a short name in lower case", Slug::from_text)?;
        let title = texts(&mut fields, "title")?;
        let purpose = fields.read("purpose", "at most 1 KiB", short)?;
        let legal_basis = fields.read("legal_basis", "at most 1 KiB", short)?;
        let parties = fields.texts("parties", limits::MEMBERS_MAX, "a member code", MemberCode::from_text)?;
        if parties.len() < 2 || !ascending(&parties) {
            return Err(fields.fault("parties", "must be at least two, in order").into());
        }
        if let Some(stranger) = parties.iter().find(|code| !charter.members.contains_key(*code)) {
            return Err(fields.fault("parties", format!("names {stranger}, who is no member of the charter")).into());
        }
        let from = fields.read("from", "a time", Timestamp::from_canonical)?;
        let until = fields.read_or_null("until", "a time", Timestamp::from_canonical)?;
        if until.is_some_and(|until| until <= from) {
            return Err(fields.fault("until", "must be later than \"from\"").into());
        }
        let nonce = fields.read("nonce", "16 bytes in base64", text::from_base64_array)?;
        fields.texts("supersedes", 64, "a hash", Digest::from_text)?;
        let clauses = clauses(&mut fields)?;
        let known = |number: &str| clauses.iter().any(|clause| clause.number == number).then(|| number.to_owned());
        let parties_clause = fields.read("parties_clause", "the number of a clause", known)?;
        let dates_clause = fields.read("dates_clause", "the number of a clause", known)?;
        let mut channel_types: Vec<ChannelType> = Vec::new();
        for (at, value) in fields.list("channel_types", limits::CHANNEL_TYPES_MAX)?.into_iter().enumerate() {
            let next = channel_type(Fields::new(format!("/channel_types/{at}"), value)?, &parties, known)?;
            if channel_types.last().is_some_and(|last| last.name >= next.name) {
                return Err(fields.fault("channel_types", "must be in order of their type, each once").into());
            }
            channel_types.push(next);
        }
        if channel_types.is_empty() {
            return Err(fields.fault("channel_types", "must open at least one channel type").into());
        }
        fields.done()?;
        Ok(Self {
            handle,
            title,
            purpose,
            legal_basis,
            parties,
            parties_clause,
            from,
            until,
            dates_clause,
            clauses,
            channel_types,
            nonce,
        })
    }

    /// The hash of these terms in a region; of number 1 it is the agreement's id.
    pub fn hash(&self, region: &RegionId) -> Digest {
        hash(region, &json::canonical(&self.to_value()))
    }

    /// Whether the dates hold at an instant.
    pub fn dates_hold(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    /// A clause by its number.
    pub fn clause(&self, number: &str) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.number == number)
    }
}

/// An agreement that every party has signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agreement {
    /// Its id: the hash of its first version.
    pub id: AgreementId,
    /// The hash of this version.
    pub hash: Digest,
    /// What was agreed.
    pub terms: Terms,
    /// The note it came as, to be handed on.
    pub note: Vec<u8>,
}

impl Agreement {
    /// Reads an agreement and verifies every party's signature.
    pub fn from_note(bytes: &[u8], region: &RegionId, charter: &Charter) -> Result<Self, DocumentFault> {
        let opened = document::open(bytes, Some(region), Purpose::Agreement)?;
        let terms = Terms::from_value(opened.value.clone(), charter)?;
        let signers: Vec<_> = terms
            .parties
            .iter()
            .filter_map(|code| charter.members.get(code))
            .map(|member| document::signer(region, &member.code, Role::Root, &member.root_key))
            .collect();
        opened.demand(&signers)?;
        let hash = hash(region, opened.body.as_bytes());
        Ok(Self { id: AgreementId(hash), hash, terms, note: bytes.to_vec() })
    }

    /// The standing channel of one of its types.
    pub fn channel(&self, region: &RegionId, channel_type: &ChannelType) -> ChannelId {
        ChannelId::standing(region, &self.id, &channel_type.name)
    }
}

/// The hash of an agreement's canonical JSON in a region.
pub fn hash(region: &RegionId, canonical: &[u8]) -> Digest {
    tagged("gotong/v0/agreement", &[region.as_bytes(), canonical])
}

fn short(text: &str) -> Option<String> {
    (!text.is_empty() && text.len() <= 1_024).then(|| text.to_owned())
}

fn clauses(fields: &mut Fields) -> Result<Vec<Clause>, JsonFault> {
    let mut clauses: Vec<Clause> = Vec::new();
    for (at, value) in fields.list("clauses", limits::CLAUSES_MAX)?.into_iter().enumerate() {
        let mut clause = Fields::new(format!("/clauses/{at}"), value)?;
        let number = clause.read("number", "a clause number such as 3.2", |text| {
            let fits = (1..=16).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".()-".contains(&b));
            fits.then(|| text.to_owned())
        })?;
        if clauses.iter().any(|other| other.number == number) {
            return Err(clause.fault("number", "stands twice"));
        }
        let (title, text) = (texts(&mut clause, "title")?, texts(&mut clause, "text")?);
        clause.done()?;
        clauses.push(Clause { number, title, text });
    }
    Ok(clauses)
}

fn channel_type(
    mut fields: Fields,
    parties: &[MemberCode],
    known: impl Fn(&str) -> Option<String>,
) -> Result<ChannelType, JsonFault> {
    let name = fields.read("type", "a short name in lower case", Slug::from_text)?;
    let clause = fields.read("clause", "the number of a clause", &known)?;
    let audience = fields.texts("audience", limits::MEMBERS_MAX, "a member code", MemberCode::from_text)?;
    if audience.is_empty() || !ascending(&audience) || !audience.iter().all(|code| parties.contains(code)) {
        return Err(fields.fault("audience", "must be parties, in order, at least one"));
    }
    let kinds = fields.texts("kinds", 64, "a record kind such as stix or stix.indicator", |text| {
        let mut parts = text.splitn(2, '.');
        let fits = parts.all(|part| Slug::from_text(part).is_some());
        fits.then(|| text.to_owned())
    })?;
    if kinds.is_empty() || !ascending(&kinds) {
        return Err(fields.fault("kinds", "must name at least one kind, in order"));
    }
    let kinds_clause = fields.read("kinds_clause", "the number of a clause", &known)?;
    let ceiling = fields.read("ceiling", "a TLP label", Tlp::from_text)?;
    let ceiling_clause = fields.read("ceiling_clause", "the number of a clause", &known)?;
    let purpose = fields.read("purpose", "at most 1 KiB", short)?;
    let onward = fields.read("onward", "none, constituents or public", Onward::from_text)?;
    let personal_data = fields.read("personal_data", "none, pseudonymised or permitted", PersonalData::from_text)?;
    fields.done()?;
    Ok(ChannelType {
        name,
        clause,
        audience,
        kinds,
        kinds_clause,
        ceiling,
        ceiling_clause,
        purpose,
        onward,
        personal_data,
    })
}

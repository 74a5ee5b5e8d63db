//! What an agreement says: parties, dates, clauses, and the rules that carry the clauses out (`docs/protocol.md` section 5). Every rule names its clause, so
//! that every decision can. Valid by construction, whoever has signed.

use gotong_crypto::{Digest, tagged, text};
use serde_json::{Value, json};

use super::parts::{Accession, ChannelType, Clause, Duty, Prohibition};
use crate::charter::{Charter, Texts, texts};
use crate::document::{DocumentFault, Purpose};
use crate::json::{self, Fields, ascending};
use crate::{MemberCode, RegionId, Slug, Timestamp, limits};

/// Names of channel types that the protocol keeps for itself.
pub const RESERVED_TYPES: [&str; 2] = ["charter", "governance"];

/// The handle of every house rule, which no agreement may have.
pub const HOUSE_HANDLE: &str = "house";

/// The terms of one version of an agreement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Terms {
    /// The version, from 1.
    pub number: u64,
    /// The hash of the version before.
    pub previous: Option<Digest>,
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
    /// What it forbids beyond what its types leave out.
    pub prohibitions: Vec<Prohibition>,
    /// What has to be done in time, and no policy can decide.
    pub duties: Vec<Duty>,
    /// Who may join without an amendment.
    pub accession: Option<Accession>,
    /// The clause on changing it.
    pub amendment_clause: String,
    /// The clause on suspending one's part.
    pub suspension_clause: String,
    /// The clause on ending one's part.
    pub termination_clause: String,
    /// Days between giving notice of an end and the end.
    pub notice_days: u64,
    /// How long a notice may be unknown to an author before it counts against what they publish, in hours; `None` is as in the charter.
    pub grace_hours: Option<u64>,
    /// Hashes of documents that it replaces.
    pub supersedes: Vec<Digest>,
    /// Sixteen random bytes that keep others from guessing its id.
    pub nonce: [u8; 16],
}

impl Terms {
    /// First terms with what is usual where nobody says otherwise: until further notice, thirty days of notice, all of it under the first clause.
    pub fn usual(handle: Slug, parties: Vec<MemberCode>, from: Timestamp, clauses: Vec<Clause>) -> Self {
        let first = clauses.first().map(|clause| clause.number.clone()).unwrap_or_default();
        Self {
            number: 1,
            previous: None,
            title: Texts::from([("en".to_owned(), handle.to_string())]),
            handle,
            purpose: "cooperation".to_owned(),
            legal_basis: "this agreement".to_owned(),
            parties,
            parties_clause: first.clone(),
            from,
            until: None,
            dates_clause: first.clone(),
            clauses,
            channel_types: Vec::new(),
            prohibitions: Vec::new(),
            duties: Vec::new(),
            accession: None,
            amendment_clause: first.clone(),
            suspension_clause: first.clone(),
            termination_clause: first,
            notice_days: 30,
            grace_hours: None,
            supersedes: Vec::new(),
            nonce: [0; 16],
        }
    }

    /// The canonical JSON value.
    pub fn to_value(&self) -> Value {
        let types: Vec<Value> = self.channel_types.iter().map(ChannelType::to_value).collect();
        let clauses: Vec<Value> = self.clauses.iter().map(Clause::to_value).collect();
        let duties: Vec<Value> = self.duties.iter().map(Duty::to_value).collect();
        let prohibitions: Vec<Value> = self.prohibitions.iter().map(Prohibition::to_value).collect();
        let supersedes: Vec<String> = self.supersedes.iter().map(Digest::to_text).collect();
        json!({"accession": self.accession.as_ref().map(Accession::to_value), "amendment_clause": self.amendment_clause,
               "channel_types": types, "clauses": clauses, "dates_clause": self.dates_clause, "duties": duties,
               "from": self.from.to_string(), "gotong": Purpose::Agreement.as_str(), "grace_hours": self.grace_hours,
               "handle": self.handle.as_str(), "legal_basis": self.legal_basis, "nonce": text::base64(&self.nonce),
               "number": self.number, "parties": codes(&self.parties), "parties_clause": self.parties_clause,
               "previous": self.previous.map(|hash| hash.to_text()), "prohibitions": prohibitions, "purpose": self.purpose,
               "supersedes": supersedes, "suspension_clause": self.suspension_clause,
               "termination": {"clause": self.termination_clause, "notice_days": self.notice_days},
               "title": self.title, "until": self.until.map(|at| at.to_string()), "version": 0})
    }

    /// Reads terms. Whether the members that they name exist is for [`Self::stranger`] and the charter to say.
    pub fn from_value(value: Value) -> Result<Self, DocumentFault> {
        let mut fields = Fields::new("", value)?;
        let terms = Self::from_fields(&mut fields, Purpose::Agreement)?;
        fields.done()?;
        Ok(terms)
    }

    /// Takes terms out of a document: those of an agreement, or those of a house rule, which has one party (section 5.3).
    pub(crate) fn from_fields(fields: &mut Fields, purpose: Purpose) -> Result<Self, DocumentFault> {
        let is_house = purpose == Purpose::House;
        fields.constant("gotong", purpose.as_str())?;
        fields.version_0()?;
        let number = fields.integer("number")?;
        let previous = fields.read_or_null("previous", "a hash", Digest::from_text)?;
        if number == 0 || (number == 1) != previous.is_none() {
            return Err(fields.fault("previous", "is null for number 1 and a hash for every later one").into());
        }
        let handle = fields.read("handle", "a short name in lower case", Slug::from_text)?;
        if is_house && handle.as_str() != HOUSE_HANDLE {
            return Err(fields.fault("handle", "must be \"house\"").into());
        }
        let title = texts(fields, "title")?;
        let purpose = fields.read("purpose", "at most 1 KiB", short)?;
        let legal_basis = fields.read("legal_basis", "at most 1 KiB", short)?;
        let parties = fields.texts("parties", limits::MEMBERS_MAX, "a member code", MemberCode::from_text)?;
        if is_house && parties.len() != 1 {
            return Err(fields.fault("parties", "must be the one member whose rule it is").into());
        }
        if !is_house && (parties.len() < 2 || !ascending(&parties)) {
            return Err(fields.fault("parties", "must be at least two, in order").into());
        }
        let from = fields.read("from", "a time", Timestamp::from_canonical)?;
        let until = fields.read_or_null("until", "a time", Timestamp::from_canonical)?;
        if until.is_some_and(|until| until <= from) {
            return Err(fields.fault("until", "must be later than \"from\"").into());
        }
        let nonce = fields.read("nonce", "16 bytes in base64", text::from_base64_array)?;
        let supersedes = fields.texts("supersedes", 64, "a hash", Digest::from_text)?;
        let grace_hours = hours_or_null(fields)?;
        let clauses = clauses(fields)?;
        let known = |number: &str| clauses.iter().any(|clause| clause.number == number).then(|| number.to_owned());
        let clause = "the number of a clause";
        let parties_clause = fields.read("parties_clause", clause, known)?;
        let dates_clause = fields.read("dates_clause", clause, known)?;
        let amendment_clause = fields.read("amendment_clause", clause, known)?;
        let suspension_clause = fields.read("suspension_clause", clause, known)?;
        let mut termination = Fields::new("/termination", fields.take("termination")?)?;
        let termination_clause = termination.read("clause", clause, known)?;
        let notice_days = bounded(&mut termination, "notice_days", 0, limits::DAYS_MAX)?;
        termination.done()?;
        let mut channel_types: Vec<ChannelType> = Vec::new();
        for (at, value) in fields.list("channel_types", limits::CHANNEL_TYPES_MAX)?.into_iter().enumerate() {
            let next = ChannelType::from_fields(Fields::new(format!("/channel_types/{at}"), value)?, &parties, known)?;
            if channel_types.last().is_some_and(|last| last.name >= next.name) {
                return Err(fields.fault("channel_types", "must be in order of their type, each once").into());
            }
            channel_types.push(next);
        }
        if channel_types.is_empty() && !is_house {
            return Err(fields.fault("channel_types", "must open at least one channel type").into());
        }
        let type_named =
            |name: &str| channel_types.iter().find(|kind| kind.name.as_str() == name).map(|kind| kind.name.clone());
        let mut prohibitions = Vec::new();
        for (at, value) in fields.list("prohibitions", limits::RULES_MAX)?.into_iter().enumerate() {
            let rule = Fields::new(format!("/prohibitions/{at}"), value)?;
            prohibitions.push(Prohibition::from_fields(rule, type_named, known)?);
        }
        let mut duties = Vec::new();
        for (at, value) in fields.list("duties", limits::RULES_MAX)?.into_iter().enumerate() {
            let rule = Fields::new(format!("/duties/{at}"), value)?;
            duties.push(Duty::from_fields(rule, type_named, known)?);
        }
        let accession = Some(fields.take("accession")?).filter(|value| !value.is_null());
        if is_house && accession.is_some() {
            return Err(fields.fault("accession", "must be null: nobody joins a house rule").into());
        }
        let accession = accession
            .map(|value| Accession::from_fields(Fields::new("/accession", value)?, &parties, type_named, known));
        let accession = accession.transpose()?;
        Ok(Self {
            number,
            previous,
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
            prohibitions,
            duties,
            accession,
            amendment_clause,
            suspension_clause,
            termination_clause,
            notice_days,
            grace_hours,
            supersedes,
            nonce,
        })
    }

    /// A party or candidate that none of the charters names.
    #[allow(clippy::needless_pass_by_value, reason = "an iterator, cloned for each code")]
    pub fn stranger<'a>(&self, charters: impl IntoIterator<Item = &'a Charter> + Clone) -> Option<&MemberCode> {
        let candidates = self.accession.iter().flat_map(|accession| &accession.candidates);
        self.parties
            .iter()
            .chain(candidates)
            .find(|code| !charters.clone().into_iter().any(|charter| charter.members.contains_key(*code)))
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

    /// A channel type by its name.
    pub fn channel_type(&self, name: &Slug) -> Option<&ChannelType> {
        self.channel_types.iter().find(|kind| kind.name == *name)
    }
}

/// The hash of an agreement's canonical JSON in a region.
pub fn hash(region: &RegionId, canonical: &[u8]) -> Digest {
    tagged("gotong/v0/agreement", &[region.as_bytes(), canonical])
}

pub(crate) fn codes(codes: &[MemberCode]) -> Vec<&str> {
    codes.iter().map(MemberCode::as_str).collect()
}

pub(crate) fn short(text: &str) -> Option<String> {
    (!text.is_empty() && text.len() <= 1_024).then(|| text.to_owned())
}

/// Hours of grace.
pub(crate) fn hours(value: &Value) -> Option<u64> {
    value.as_u64().filter(|hours| *hours <= limits::GRACE_HOURS_MAX)
}

/// Takes the clauses; each number stands once.
fn clauses(fields: &mut Fields) -> Result<Vec<Clause>, json::JsonFault> {
    let mut clauses: Vec<Clause> = Vec::new();
    for (at, value) in fields.list("clauses", limits::CLAUSES_MAX)?.into_iter().enumerate() {
        let clause = Clause::from_fields(Fields::new(format!("/clauses/{at}"), value)?)?;
        if clauses.iter().any(|other| other.number == clause.number) {
            return Err(json::JsonFault::new(format!("/clauses/{at}/number"), "stands twice"));
        }
        clauses.push(clause);
    }
    Ok(clauses)
}

/// Takes hours of grace, or `null`.
fn hours_or_null(fields: &mut Fields) -> Result<Option<u64>, json::JsonFault> {
    let value = fields.take("grace_hours")?;
    if value.is_null() {
        return Ok(None);
    }
    hours(&value).map(Some).ok_or_else(|| fields.fault("grace_hours", "must be null or 0 to 8760"))
}

pub(crate) fn bounded(fields: &mut Fields, name: &str, least: u64, most: u64) -> Result<u64, json::JsonFault> {
    let value = fields.integer(name)?;
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        Err(fields.fault(name, format!("must be from {least} to {most}")))
    }
}

//! The parts of an agreement's terms: clauses, channel types, prohibitions, duties, accession. An empty list in a rule means all.

use serde_json::{Value, json};

use super::terms::{RESERVED_TYPES, bounded, codes, short};
use crate::charter::{Texts, texts};
use crate::json::{Fields, JsonFault, ascending};
use crate::words::words;
use crate::{MemberCode, Personal, Slug, Tlp, limits};

words! {
    /// Whether what is received may be passed on.
    Onward {
        /// Not beyond the party.
        None = "none",
        /// To the party's own constituents.
        Constituents = "constituents",
        /// To anyone.
        Public = "public",
    }
}

words! {
    /// The rule for personal data.
    PersonalData {
        /// None may be published.
        None = "none",
        /// Only under pseudonyms.
        Pseudonymised = "pseudonymised",
        /// Allowed.
        Permitted = "permitted",
    }
}

impl PersonalData {
    /// The most of people that a record may hold under this rule.
    pub fn most(self) -> Personal {
        match self {
            Self::None => Personal::None,
            Self::Pseudonymised => Personal::Pseudonymised,
            Self::Permitted => Personal::Identified,
        }
    }
}

words! {
    /// What a newcomer finds.
    Backlog {
        /// Everything since the channel's beginning.
        All = "all",
        /// What comes after it joined.
        None = "none",
    }
}

words! {
    /// What becomes of what was received when a part ends.
    Exit {
        /// It is kept and used as before.
        Keep = "keep",
        /// It is readable, and neither passed on nor exported.
        Freeze = "freeze",
        /// Each side erases what it received.
        Erase = "erase",
    }
}

words! {
    /// What can be forbidden.
    Act {
        /// Publishing it.
        Publish = "publish",
        /// Reading it, by a person or constituent.
        Read = "read",
        /// Passing it on.
        Onward = "onward",
    }
}

words! {
    /// What has to be done.
    DutyKind {
        /// Saying that it arrived.
        Acknowledge = "acknowledge",
        /// Answering it.
        Answer = "answer",
        /// Telling the other parties.
        Notify = "notify",
        /// Erasing it.
        Delete = "delete",
    }
}

words! {
    /// Whose consent an accession needs.
    Consent {
        /// Every party's.
        All = "all",
        /// Nobody's: the parties agreed to it beforehand.
        None = "none",
    }
}

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

/// A kind of channel that an agreement opens. `…_clause` is the clause that sets what is named before it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each clause belongs to the field of its name")]
pub struct ChannelType {
    /// Its name within the agreement.
    pub name: Slug,
    /// The clause that opens it and names its audience.
    pub clause: String,
    /// Who reads it.
    pub audience: Vec<MemberCode>,
    /// Who of them writes it.
    pub writers: Vec<MemberCode>,
    /// Record kinds that may be published: `stix`, or `stix.indicator` for one type of STIX object.
    pub kinds: Vec<String>,
    pub kinds_clause: String,
    /// The strictest label that may be published.
    pub ceiling: Tlp,
    pub ceiling_clause: String,
    /// What the channel is for.
    pub purpose: String,
    /// Passing on.
    pub onward: Onward,
    pub onward_clause: String,
    /// Personal data.
    pub personal_data: PersonalData,
    pub personal_data_clause: String,
    /// What a newcomer finds.
    pub backlog: Backlog,
    /// What is left behind at an end.
    pub exit: Exit,
    pub exit_clause: String,
    /// Days after which what was published is to be erased.
    pub retention_days: Option<u64>,
    pub retention_clause: String,
    /// Whether everything in it is exercise.
    pub exercise: bool,
}

/// What is forbidden although a channel type would allow it. It bites where all that it names fits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prohibition {
    /// The clause.
    pub clause: String,
    /// What is forbidden.
    pub act: Act,
    /// In these channel types.
    pub types: Vec<Slug>,
    /// Of these record kinds.
    pub kinds: Vec<String>,
    /// To these members.
    pub members: Vec<MemberCode>,
    /// For labels stricter than this.
    pub tlp_above: Option<Tlp>,
}

/// What has to be done in time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Duty {
    /// The clause.
    pub clause: String,
    /// What.
    pub duty: DutyKind,
    /// In these channel types.
    pub types: Vec<Slug>,
    /// For these record kinds.
    pub kinds: Vec<String>,
    /// By these members.
    pub members: Vec<MemberCode>,
    /// Within so many minutes.
    pub within_minutes: u64,
}

/// Who may join without an amendment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Accession {
    /// The clause.
    pub clause: String,
    /// Who.
    pub candidates: Vec<MemberCode>,
    /// In which channel types they then take part.
    pub types: Vec<Slug>,
    /// Whose consent it needs.
    pub consent: Consent,
}

impl Clause {
    pub(super) fn to_value(&self) -> Value {
        json!({"number": self.number, "text": self.text, "title": self.title})
    }

    pub(super) fn from_fields(mut fields: Fields) -> Result<Self, JsonFault> {
        let number = fields.read("number", "a clause number such as 3.2", |text| {
            let fits = (1..=16).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".()-".contains(&b));
            fits.then(|| text.to_owned())
        })?;
        let (title, text) = (texts(&mut fields, "title")?, texts(&mut fields, "text")?);
        fields.done()?;
        Ok(Self { number, title, text })
    }
}

impl ChannelType {
    /// A type with what is usual where nobody says otherwise: STIX up to amber, all of the audience write, everything under one clause.
    pub fn usual(name: Slug, clause: &str, audience: Vec<MemberCode>, purpose: &str) -> Self {
        let clause = || clause.to_owned();
        Self {
            name,
            clause: clause(),
            writers: audience.clone(),
            audience,
            kinds: vec!["stix".to_owned()],
            kinds_clause: clause(),
            ceiling: Tlp::Amber,
            ceiling_clause: clause(),
            purpose: purpose.to_owned(),
            onward: Onward::None,
            onward_clause: clause(),
            personal_data: PersonalData::None,
            personal_data_clause: clause(),
            backlog: Backlog::All,
            exit: Exit::Keep,
            exit_clause: clause(),
            retention_days: None,
            retention_clause: clause(),
            exercise: false,
        }
    }

    pub(super) fn to_value(&self) -> Value {
        json!({"audience": codes(&self.audience), "backlog": self.backlog.as_str(), "ceiling": self.ceiling.as_str(),
               "ceiling_clause": self.ceiling_clause, "clause": self.clause, "exercise": self.exercise, "exit": self.exit.as_str(),
               "exit_clause": self.exit_clause, "kinds": self.kinds, "kinds_clause": self.kinds_clause,
               "onward": self.onward.as_str(), "onward_clause": self.onward_clause, "personal_data": self.personal_data.as_str(),
               "personal_data_clause": self.personal_data_clause, "purpose": self.purpose,
               "retention_clause": self.retention_clause, "retention_days": self.retention_days, "type": self.name.as_str(),
               "writers": codes(&self.writers)})
    }

    pub(super) fn from_fields(
        mut fields: Fields,
        parties: &[MemberCode],
        known: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, JsonFault> {
        let name = fields.read("type", "a short name in lower case", |text| {
            Slug::from_text(text).filter(|_| !RESERVED_TYPES.contains(&text))
        })?;
        let clause = |fields: &mut Fields, name: &str| fields.read(name, "the number of a clause", &known);
        let opening = clause(&mut fields, "clause")?;
        let audience = fields.texts("audience", limits::MEMBERS_MAX, "a member code", MemberCode::from_text)?;
        if audience.is_empty() || !ascending(&audience) || !audience.iter().all(|code| parties.contains(code)) {
            return Err(fields.fault("audience", "must be parties, in order, at least one"));
        }
        let writers = fields.texts("writers", limits::MEMBERS_MAX, "a member code", MemberCode::from_text)?;
        if writers.is_empty() || !ascending(&writers) || !writers.iter().all(|code| audience.contains(code)) {
            return Err(fields.fault("writers", "must be of the audience, in order, at least one"));
        }
        let kinds = kinds(&mut fields)?;
        if kinds.is_empty() {
            return Err(fields.fault("kinds", "must name at least one kind"));
        }
        let retention_days = match fields.take("retention_days")? {
            value if value.is_null() => None,
            value => {
                let days = value.as_u64().filter(|days| (1..=limits::DAYS_MAX).contains(days));
                Some(days.ok_or_else(|| fields.fault("retention_days", "must be null or 1 to 36500"))?)
            }
        };
        let exercise = match fields.take("exercise")? {
            Value::Bool(exercise) => exercise,
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                return Err(fields.fault("exercise", "must be true or false"));
            }
        };
        let this = Self {
            name,
            clause: opening,
            audience,
            writers,
            kinds,
            kinds_clause: clause(&mut fields, "kinds_clause")?,
            ceiling: fields.read("ceiling", "a TLP label", Tlp::from_text)?,
            ceiling_clause: clause(&mut fields, "ceiling_clause")?,
            purpose: fields.read("purpose", "at most 1 KiB", short)?,
            onward: fields.read("onward", "none, constituents or public", Onward::from_text)?,
            onward_clause: clause(&mut fields, "onward_clause")?,
            personal_data: fields.read("personal_data", "none, pseudonymised or permitted", PersonalData::from_text)?,
            personal_data_clause: clause(&mut fields, "personal_data_clause")?,
            backlog: fields.read("backlog", "all or none", Backlog::from_text)?,
            exit: fields.read("exit", "keep, freeze or erase", Exit::from_text)?,
            exit_clause: clause(&mut fields, "exit_clause")?,
            retention_days,
            retention_clause: clause(&mut fields, "retention_clause")?,
            exercise,
        };
        fields.done()?;
        Ok(this)
    }

    /// Whether a record kind is among those that may be published: itself, or the family before its dot.
    pub fn names_kind(&self, kind: &str) -> bool {
        covers(&self.kinds, kind)
    }
}

impl Prohibition {
    pub(super) fn to_value(&self) -> Value {
        json!({"act": self.act.as_str(), "clause": self.clause, "kinds": self.kinds, "members": codes(&self.members),
               "tlp_above": self.tlp_above.map(Tlp::as_str), "types": slugs(&self.types)})
    }

    pub(super) fn from_fields(
        mut fields: Fields,
        type_named: impl Fn(&str) -> Option<Slug>,
        known: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, JsonFault> {
        let this = Self {
            clause: fields.read("clause", "the number of a clause", known)?,
            act: fields.read("act", "publish, read or onward", Act::from_text)?,
            types: types(&mut fields, type_named)?,
            kinds: kinds(&mut fields)?,
            members: members(&mut fields, "members")?,
            tlp_above: fields.read_or_null("tlp_above", "a TLP label", Tlp::from_text)?,
        };
        fields.done()?;
        Ok(this)
    }

    /// Whether it bites: everything that it names fits. A label that is not known counts as the strictest.
    pub fn bites(&self, act: Act, name: &Slug, kind: &str, member: &MemberCode, tlp: Option<Tlp>) -> bool {
        self.act == act
            && (self.types.is_empty() || self.types.contains(name))
            && (self.kinds.is_empty() || covers(&self.kinds, kind))
            && (self.members.is_empty() || self.members.contains(member))
            && self.tlp_above.is_none_or(|most| tlp.is_none_or(|tlp| tlp > most))
    }
}

impl Duty {
    pub(super) fn to_value(&self) -> Value {
        json!({"clause": self.clause, "duty": self.duty.as_str(), "kinds": self.kinds, "members": codes(&self.members),
               "types": slugs(&self.types), "within_minutes": self.within_minutes})
    }

    pub(super) fn from_fields(
        mut fields: Fields,
        type_named: impl Fn(&str) -> Option<Slug>,
        known: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, JsonFault> {
        let this = Self {
            clause: fields.read("clause", "the number of a clause", known)?,
            duty: fields.read("duty", "acknowledge, answer, notify or delete", DutyKind::from_text)?,
            types: types(&mut fields, type_named)?,
            kinds: kinds(&mut fields)?,
            members: members(&mut fields, "members")?,
            within_minutes: bounded(&mut fields, "within_minutes", 1, limits::DAYS_MAX * 24 * 60)?,
        };
        fields.done()?;
        Ok(this)
    }

    /// Whether it may fall on anybody in channels of a type.
    pub fn concerns(&self, name: &Slug) -> bool {
        self.types.is_empty() || self.types.contains(name)
    }

    /// Whether it falls on a member for a record.
    pub fn falls_on(&self, name: &Slug, kind: &str, member: &MemberCode) -> bool {
        (self.types.is_empty() || self.types.contains(name))
            && (self.kinds.is_empty() || covers(&self.kinds, kind))
            && (self.members.is_empty() || self.members.contains(member))
    }
}

impl Accession {
    pub(super) fn to_value(&self) -> Value {
        json!({"candidates": codes(&self.candidates), "clause": self.clause, "consent": self.consent.as_str(), "types": slugs(&self.types)})
    }

    pub(super) fn from_fields(
        mut fields: Fields,
        parties: &[MemberCode],
        type_named: impl Fn(&str) -> Option<Slug>,
        known: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, JsonFault> {
        let candidates = members(&mut fields, "candidates")?;
        if candidates.is_empty() || candidates.iter().any(|code| parties.contains(code)) {
            return Err(fields.fault("candidates", "must be members who are no parties yet, at least one"));
        }
        let types = types(&mut fields, type_named)?;
        if types.is_empty() {
            return Err(fields.fault("types", "must name at least one channel type"));
        }
        let this = Self {
            clause: fields.read("clause", "the number of a clause", known)?,
            candidates,
            types,
            consent: fields.read("consent", "all or none", Consent::from_text)?,
        };
        fields.done()?;
        Ok(this)
    }
}

pub(crate) fn slugs(slugs: &[Slug]) -> Vec<&str> {
    slugs.iter().map(Slug::as_str).collect()
}

fn covers(kinds: &[String], wanted: &str) -> bool {
    let within = |kind: &String| wanted.strip_prefix(kind.as_str()).is_some_and(|rest| rest.starts_with('.'));
    kinds.iter().any(|kind| kind == wanted || within(kind))
}

fn kinds(fields: &mut Fields) -> Result<Vec<String>, JsonFault> {
    let kinds = fields.texts("kinds", 64, "a record kind such as stix or stix.indicator", |text| {
        let mut parts = text.splitn(2, '.');
        parts.all(|part| Slug::from_text(part).is_some()).then(|| text.to_owned())
    })?;
    if ascending(&kinds) { Ok(kinds) } else { Err(fields.fault("kinds", "must be in order, each once")) }
}

pub(crate) fn types(fields: &mut Fields, type_named: impl Fn(&str) -> Option<Slug>) -> Result<Vec<Slug>, JsonFault> {
    let types = fields.texts("types", limits::CHANNEL_TYPES_MAX, "a channel type of these terms", type_named)?;
    if ascending(&types) { Ok(types) } else { Err(fields.fault("types", "must be in order, each once")) }
}

fn members(fields: &mut Fields, name: &str) -> Result<Vec<MemberCode>, JsonFault> {
    let members = fields.texts(name, limits::MEMBERS_MAX, "a member code", MemberCode::from_text)?;
    if ascending(&members) { Ok(members) } else { Err(fields.fault(name, "must be in order, each once")) }
}

//! Publishing: from objects to entries of one's own log, each with its fate. Reading, deciding, salting, hashing and packing happen in [`Node::prepare`],
//! on any thread and without a transaction; [`Node::commit`] is one short writing transaction. One bad object never loses the rest.

use std::collections::{HashMap, HashSet};

use gotong_formats::stix21;
use gotong_formats::warninglist::Moment;
use gotong_ledger::Leaf;
use gotong_model::envelope::Envelope;
use gotong_model::governance::{Channel, ChannelKind, Governance};
use gotong_model::{ChannelId, Pap, Personal, Slug, Timestamp, Tlp};
use gotong_policy::{Constituent, Decision, Question, Subject, decide};
use gotong_store::{Book, ReadTx};

use crate::caller::constituent;
use crate::gate::Priority;
use crate::log::{self, Ready};
use crate::node::{Node, NodeFault, Writing};
use crate::project;
use crate::rows::{self, LogRow, to_json};

mod place;
mod waiting;
mod work;

use place::Commit;
pub use waiting::Quarantined;
use waiting::quarantine;
use work::Work;

/// What a publisher wants: where, as whom, and how to treat what is unmarked.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The channel.
    pub channel: ChannelId,
    /// The label of what is unmarked; `None` is the channel's ceiling. Never laxer than a marking.
    pub default_tlp: Option<Tlp>,
    /// Who of the member speaks.
    pub organisation: Option<String>,
    /// The organisation of the register that publishes itself; `None` is the member's staff.
    pub constituent: Option<Slug>,
    /// Permissible actions.
    pub pap: Option<Pap>,
    /// What the author says each object holds of people; `None` says nothing, and each object's nature counts.
    pub personal_data: Option<Personal>,
    /// What it is shared for.
    pub purpose: Option<String>,
    /// Who asked, for the audit.
    pub caller: String,
}

impl Intent {
    /// As whom the policy is asked; outside `None`: as nobody, because the organisation is not in the register any more.
    #[allow(clippy::option_option, reason = "staff, an organisation, or nobody")]
    fn asks_as<'a>(&self, governance: &'a Governance) -> Option<Option<Constituent<'a>>> {
        match &self.constituent {
            None => Some(None),
            Some(code) => constituent(governance, code).map(Some),
        }
    }
}

/// One object as it came in.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Its line or number in what was sent.
    pub line: u64,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// Why something was not taken, or not yet.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Why {
    /// Message id.
    pub id: String,
    /// JSON pointer to the field, where a field is at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The clause, where an agreement decides: `<handle> <number>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The sentence in English.
    pub text: String,
}

/// Where a record stands, and what proves it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    /// The log's origin.
    pub log: String,
    /// The index in it.
    pub index: u64,
    /// The leaf.
    pub leaf: Leaf,
}

/// What became of an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    /// In the log; its id was not there before.
    New(Receipt),
    /// In the log, as a newer version of what was there.
    Updated(Receipt),
    /// The same was there already, at this place.
    Known(Receipt),
    /// Not taken.
    Refused(Vec<Why>),
    /// Kept until a person decides, under this number.
    Quarantined(u64, Vec<Why>),
}

/// An object's outcome.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Its line or number in what was sent.
    pub line: u64,
    /// Its STIX id, where it could be read.
    pub id: Option<String>,
    /// What became of it.
    pub fate: Fate,
    /// What to know of it, where it was taken: the warninglists that its values are on.
    pub notes: Vec<Why>,
}

/// Objects worked on, ready to be committed.
#[derive(Debug)]
pub struct Prepared {
    intent: Intent,
    published_at: Timestamp,
    basis: u64,
    origin: String,
    items: Vec<Item>,
}

impl Prepared {
    /// How many objects it holds, whatever becomes of them.
    pub fn objects(&self) -> usize {
        self.items.len()
    }

    /// The ids of what would be published or wait, were this committed now.
    pub(crate) fn coming(&self) -> impl Iterator<Item = &str> {
        let is_coming = |item: &&Item| matches!(item.verdict, Verdict::Publish(_) | Verdict::Doubt { .. });
        self.items.iter().filter(is_coming).filter_map(|item| item.id.as_deref())
    }

    /// Leaves out what has one of these ids; how many that were.
    pub(crate) fn leave_out(&mut self, ids: &HashSet<String>) -> usize {
        let before = self.items.len();
        self.items.retain(|item| item.id.as_ref().is_none_or(|id| !ids.contains(id)));
        before - self.items.len()
    }

    /// What would become of each object if this were committed now. Nothing has been written.
    pub fn forecast(&self) -> impl Iterator<Item = Forecast<'_>> {
        self.items.iter().map(|item| {
            let (fate, why): (Foreseen, &[Why]) = match &item.verdict {
                Verdict::Publish(publication) => (Foreseen::Publish(publication.label), &item.notes),
                Verdict::Refuse(why) => (Foreseen::Refuse, why),
                Verdict::Doubt { label, why, .. } => (Foreseen::Wait(*label), why),
                Verdict::Known(_) => (Foreseen::Known, &item.notes),
            };
            Forecast { line: item.line, id: item.id.as_deref(), fate, why }
        })
    }

    /// What will not be taken, and why. What waits for a person is not among it.
    pub fn refused(&self) -> impl Iterator<Item = (u64, &[Why])> {
        self.items.iter().filter_map(|item| match &item.verdict {
            Verdict::Refuse(why) => Some((item.line, why.as_slice())),
            Verdict::Publish(_) | Verdict::Doubt { .. } | Verdict::Known(_) => None,
        })
    }
}

/// What is foreseen for an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Foreseen {
    /// It goes into the log, under this label.
    Publish(Tlp),
    /// It is not taken.
    Refuse,
    /// It waits for a person, under this label.
    Wait(Tlp),
    /// It is there already.
    Known,
}

/// What would become of an object.
#[derive(Clone, Copy, Debug)]
pub struct Forecast<'a> {
    /// Its line or number in what was sent.
    pub line: u64,
    /// Its STIX id, where it could be read.
    pub id: Option<&'a str>,
    /// What would become of it.
    pub fate: Foreseen,
    /// Why, or what to know of it.
    pub why: &'a [Why],
}

/// An object and what it says of itself, read once.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) submission: Submission,
    pub(crate) facts: Result<stix21::Facts, Vec<stix21::FieldFault>>,
    /// Where it stands already, if that is known before it is placed.
    pub(crate) known: Option<Receipt>,
}

impl Reading {
    pub(crate) fn of(submission: Submission) -> Self {
        let facts = stix21::read(&submission.body);
        Self { submission, facts, known: None }
    }
}

#[derive(Debug)]
struct Item {
    line: u64,
    id: Option<String>,
    verdict: Verdict,
    /// What to know of it once it is in the log.
    notes: Vec<Why>,
}

impl Item {
    fn new(line: u64, id: Option<String>, verdict: Verdict) -> Self {
        Self { line, id, verdict, notes: Vec::new() }
    }
}

#[derive(Debug)]
enum Verdict {
    Publish(Box<Publication>),
    Refuse(Vec<Why>),
    Doubt { label: Tlp, body: Vec<u8>, why: Vec<Why> },
    Known(Receipt),
}

#[derive(Debug)]
struct Publication {
    key: u64,
    is_versioned: bool,
    label: Tlp,
    ready: Ready,
}

/// What a marking reference that is no TLP id means, as far as the caller knows.
pub type Markings = HashMap<String, Option<Tlp>>;

impl Why {
    /// From what a field of an object has.
    pub fn field(fault: stix21::FieldFault) -> Self {
        Self { id: fault.code.to_owned(), pointer: Some(fault.pointer), clause: None, text: fault.text }
    }

    /// From the clauses that forbid. Where the policy says nothing, the channel is simply not there.
    pub fn clauses(decision: &Decision) -> Vec<Self> {
        let forbidding = decision.grounds.iter().filter(|ground| ground.effect == gotong_policy::Effect::Forbid);
        let list: Vec<Self> = forbidding
            .map(|ground| Self {
                id: ground.id.to_owned(),
                pointer: None,
                clause: Some(format!("{} {}", ground.handle, ground.clause)),
                text: format!("{} (clause {} of {}: {})", ground.text, ground.clause, ground.handle, ground.title),
            })
            .collect();
        if list.is_empty() { vec![Self::plain("channel.unknown", "there is no such channel")] } else { list }
    }

    /// A sentence by itself.
    pub fn plain(id: &str, text: impl Into<String>) -> Self {
        Self { id: id.to_owned(), pointer: None, clause: None, text: text.into() }
    }
}

impl Node {
    /// Whether whoever publishes can publish anything in a channel now, whatever it is. Nobody else may have a log begun there.
    fn may_open(&self, governance: &Governance, channel: &Channel<'_>, intent: &Intent, now: Timestamp) -> bool {
        let owner = channel.organisation.map(|organisation| &organisation.code);
        if intent.constituent.is_some() && intent.constituent.as_ref() != owner {
            return false;
        }
        let standing = governance.standing(channel.agreement, now);
        match channel.kind {
            ChannelKind::Standing => standing.is_in_force() && standing.is_active(&self.member),
            ChannelKind::House | ChannelKind::Own => standing.version.is_some(),
            ChannelKind::Charter | ChannelKind::Governance => false,
        }
    }

    /// Makes sure that the channel's own log is there, and says what entries of it need. `None`: no such channel for this member.
    fn writing_place(&self, channel: &ChannelId) -> Result<Option<LogRow>, NodeFault> {
        if !self.governance().in_audience(channel, &self.member) {
            return Ok(None);
        }
        let tx = self.store.read()?;
        let mut logs = rows::logs_of(tx.as_ref(), channel, &self.member)?;
        drop(tx);
        logs.sort_by_key(|row| row.no.0);
        if let Some(row) = logs.pop() {
            return Ok(Some(row));
        }
        self.transact(Priority::People, |writing| self.own_log(writing, channel)).map(Some)
    }

    /// Reads, decides, salts, hashes and packs. `markings` says what other marking definitions mean; with `None` behind an id, or an id missing, the object
    /// waits for a person. `force` passes over doubts: a person has decided.
    pub fn prepare(
        &self,
        intent: &Intent,
        submissions: Vec<Submission>,
        markings: &Markings,
        force: bool,
    ) -> Result<Prepared, NodeFault> {
        let moments: &[Moment] = if force { &[] } else { &[Moment::Publish] };
        let readings = submissions.into_iter().map(Reading::of).collect();
        self.prepare_readings(intent, readings, markings, (force, moments))
    }

    /// [`Self::prepare`] for what has been read, at moments at which warninglists are asked.
    pub(crate) fn prepare_read(
        &self,
        intent: &Intent,
        readings: Vec<Reading>,
        markings: &Markings,
        moments: &[Moment],
    ) -> Result<Prepared, NodeFault> {
        self.prepare_readings(intent, readings, markings, (false, moments))
    }

    fn prepare_readings(
        &self,
        intent: &Intent,
        readings: Vec<Reading>,
        markings: &Markings,
        (force, moments): (bool, &[Moment]),
    ) -> Result<Prepared, NodeFault> {
        self.catch_up()?;
        let governance = self.governance();
        let now = self.now();
        let nothing = |why: Vec<Why>, readings: Vec<Reading>| Prepared {
            intent: intent.clone(),
            published_at: now,
            basis: 0,
            origin: String::new(),
            items: readings
                .into_iter()
                .map(|Reading { submission, facts, .. }| {
                    Item::new(submission.line, facts.ok().map(|facts| facts.id), Verdict::Refuse(why.clone()))
                })
                .collect(),
        };
        let Some(channel) = governance.channel(&intent.channel) else {
            return Ok(nothing(vec![Why::plain("channel.unknown", "there is no such channel")], readings));
        };
        // Whose organisation has left the register asks as nobody.
        let Some(organisation) = intent.asks_as(&governance) else {
            return Ok(nothing(vec![Why::plain("channel.unknown", "there is no such channel")], readings));
        };
        // A log is opened only where something may be published: outside its dates an agreement opens nothing.
        if !self.may_open(&governance, &channel, intent, now) {
            let (member, channel) = (&self.member, intent.channel);
            let personal = Personal::None;
            let subject = Subject { member, channel, kind: "stix", tlp: None, personal, at: now, organisation };
            let decision = decide(&governance, &Question::Publish(subject));
            return Ok(nothing(Why::clauses(&decision), readings));
        }
        let Some(row) = self.writing_place(&intent.channel)? else {
            return Ok(nothing(vec![Why::plain("channel.unknown", "there is no such channel")], readings));
        };
        let tx = self.store.read()?;
        let mut work = Work {
            node: self,
            intent,
            tx: tx.as_ref(),
            origin: row.id.origin(&governance.region).to_string(),
            headings: row.headings(),
            published_at: row.published_at.max(now),
            basis: row.basis,
            ceiling: channel.channel_type.ceiling,
            decisions: HashMap::new(),
            markings,
            force,
            warninglists: self.warninglists()?,
            moments,
        };
        let items = readings.into_iter().map(|reading| work.item(reading)).collect();
        let Work { origin, published_at, basis, .. } = work;
        Ok(Prepared { intent: intent.clone(), published_at, basis, origin, items })
    }

    /// Commits what was prepared, in one transaction. A receipt means that the record is synced to this disk.
    pub fn commit(&self, priority: Priority, prepared: Prepared) -> Result<Vec<Outcome>, NodeFault> {
        self.transact(priority, |writing| self.commit_in(writing, prepared))
    }

    pub(crate) fn commit_in(&self, writing: &mut Writing<'_>, prepared: Prepared) -> Result<Vec<Outcome>, NodeFault> {
        let Prepared { intent, published_at, basis, origin, items } = prepared;
        project::bring_up(writing.tx.as_mut())?;
        let mut outcomes = Vec::with_capacity(items.len());
        let mut commit = if items.iter().any(|item| matches!(item.verdict, Verdict::Publish(_))) {
            let mut row = self.own_log(writing, &intent.channel)?;
            self.bring_basis(writing, &mut row)?;
            let own = rows::logs_of(writing.tx.as_ref(), &intent.channel, &self.member)?;
            Some(Commit::new(row, own, origin, items.len()))
        } else {
            None
        };
        for Item { line, id, verdict, mut notes } in items {
            let fate = match (verdict, commit.as_mut()) {
                (Verdict::Refuse(why), _) => Fate::Refused(why),
                (Verdict::Known(receipt), _) => Fate::Known(receipt),
                (Verdict::Doubt { label, body, why }, _) => {
                    let source = (self.entropy(), self.now());
                    let number = quarantine(writing, source, &intent, id.as_deref(), (label, &body), &why)?;
                    Fate::Quarantined(number, why)
                }
                (Verdict::Publish(publication), Some(commit)) => {
                    let (fate, told) = commit.place(writing.tx.as_ref(), *publication)?;
                    notes.extend(told);
                    fate
                }
                // Unreachable by construction: a publication makes the commit; refusing is the safe reading.
                (Verdict::Publish(_), None) => {
                    Fate::Refused(vec![Why::plain("channel.unknown", "there is no such channel")])
                }
            };
            // What is known already was told when it came.
            let notes = if matches!(fate, Fate::New(_) | Fate::Updated(_)) { notes } else { Vec::new() };
            outcomes.push(Outcome { line, id, fate, notes });
        }
        if let Some(mut commit) = commit.filter(|commit| !commit.ready.is_empty()) {
            let mut ready = std::mem::take(&mut commit.ready);
            let (mut row, origin) = (commit.row.clone(), &commit.origin);
            if published_at < row.published_at || basis != row.basis {
                // Somebody else's commit came between: entries of a log never go back in time, so these are stamped anew.
                let place = (writing.tx.as_ref() as &dyn ReadTx, origin.as_str());
                ready = self.restamp(ready, place, &row, &mut outcomes)?;
            } else {
                row.published_at = published_at;
            }
            log::append(writing.tx.as_mut(), &mut row, ready, self.now())?;
            writing.sign_later(row.no);
            self.tell_peers(writing, &row)?;
            let (own, tightened) = commit.tightened();
            for (tlp, entries) in tightened {
                self.relabel_entries(writing, (&intent.channel, own), entries, tlp)?;
            }
        }
        audit(writing, self.now(), &intent.caller, "publish", &outcomes)?;
        Ok(outcomes)
    }

    /// Wraps the same bodies in envelopes of a later time; leaves change, so receipts do too.
    fn restamp(
        &self,
        ready: Vec<Ready>,
        (tx, origin): (&dyn ReadTx, &str),
        row: &LogRow,
        outcomes: &mut [Outcome],
    ) -> Result<Vec<Ready>, NodeFault> {
        let (at, basis, headings) = (row.published_at, row.basis, row.headings());
        let mut out = Vec::with_capacity(ready.len());
        for item in ready {
            let old = item.leaf;
            let Some(packed) = item.content else { continue };
            let content = packed.unpack()?;
            let mut envelope = Envelope::parse(&content.envelope, false)
                .map_err(|fault| NodeFault::Unfit(format!("an envelope made here does not read back: {fault}")))?;
            envelope.published_at = at;
            envelope.basis = basis;
            let source = (origin, self.entropy());
            // An object without times of its own is found under that of its envelope.
            let postings =
                stix21::read(&content.body).map_or(item.postings, |facts| project::postings(tx, headings, &facts, at));
            let new = log::make(source, old.flags, envelope.encode(), content.body, item.header, postings);
            for outcome in outcomes.iter_mut() {
                if let Fate::New(receipt) | Fate::Updated(receipt) | Fate::Known(receipt) = &mut outcome.fate
                    && receipt.leaf == old
                {
                    receipt.leaf = new.leaf;
                }
            }
            out.push(new);
        }
        Ok(out)
    }
}

fn audit(
    writing: &mut Writing<'_>,
    at: Timestamp,
    caller: &str,
    act: &str,
    outcomes: &[Outcome],
) -> Result<(), NodeFault> {
    let mut counts: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(outcome.fate.word()).or_default() += 1;
    }
    note_act(writing, at, caller, act, &serde_json::json!(counts))
}

/// Writes one line of the audit, in the transaction of the act itself. What it says never holds contents.
pub(crate) fn note_act(
    writing: &mut Writing<'_>,
    at: Timestamp,
    caller: &str,
    act: &str,
    what: &serde_json::Value,
) -> Result<(), NodeFault> {
    let number = rows::number(writing.tx.as_ref(), "audit/last")? + 1;
    rows::set_number(writing.tx.as_mut(), "audit/last", number)?;
    let line = serde_json::json!({"at": at.to_string(), "caller": caller, "act": act, "what": what});
    Ok(writing.tx.put(Book::Audit, &number.to_be_bytes(), &to_json(&line))?)
}

impl Fate {
    /// The word of the answer: `new`, `updated`, `known`, `refused`, `quarantined`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::New(_) => "new",
            Self::Updated(_) => "updated",
            Self::Known(_) => "known",
            Self::Refused(_) => "refused",
            Self::Quarantined(..) => "quarantined",
        }
    }

    /// The receipt, where there is one.
    pub fn receipt(&self) -> Option<&Receipt> {
        match self {
            Self::New(receipt) | Self::Updated(receipt) | Self::Known(receipt) => Some(receipt),
            Self::Refused(_) | Self::Quarantined(..) => None,
        }
    }
}

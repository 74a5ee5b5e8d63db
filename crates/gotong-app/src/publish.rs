//! Publishing: from objects to entries of one's own log, each with its fate. Reading, deciding, salting, hashing and packing happen in [`Node::prepare`],
//! on any thread and without a transaction; [`Node::commit`] is one short writing transaction. One bad object never loses the rest.

use std::collections::HashMap;

use gotong_crypto::Entropy;
use gotong_formats::stix21::{self, Facts};
use gotong_ledger::Leaf;
use gotong_model::envelope::Envelope;
use gotong_model::{ChannelId, Pap, Timestamp, Tlp, record};
use gotong_policy::{Decision, Question, Subject, decide};
use gotong_store::{Book, EntryKey, Header, Index, ReadTx, State};

use crate::gate::Priority;
use crate::log::{self, Ready};
use crate::node::{Node, NodeFault, Writing};
use crate::project;
use crate::rows::{self, LogRow, to_json};
use crate::status;

/// What a publisher wants: where, as whom, and how to treat what is unmarked.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The channel.
    pub channel: ChannelId,
    /// The label of what is unmarked; `None` is the channel's ceiling. Never laxer than a marking.
    pub default_tlp: Option<Tlp>,
    /// Who of the member speaks.
    pub organisation: Option<String>,
    /// Permissible actions.
    pub pap: Option<Pap>,
    /// What it is shared for.
    pub purpose: Option<String>,
    /// Who asked, for the audit.
    pub caller: String,
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
}

#[derive(Debug)]
struct Item {
    line: u64,
    id: Option<String>,
    verdict: Verdict,
}

#[derive(Debug)]
enum Verdict {
    Publish(Box<Publication>),
    Refuse(Vec<Why>),
    Doubt { label: Tlp, body: Vec<u8>, why: Vec<Why> },
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
        self.catch_up()?;
        let governance = self.governance();
        let now = self.now();
        let nothing = |why: Vec<Why>, submissions: Vec<Submission>| Prepared {
            intent: intent.clone(),
            published_at: now,
            basis: 0,
            origin: String::new(),
            items: submissions
                .into_iter()
                .map(|submission| Item { line: submission.line, id: None, verdict: Verdict::Refuse(why.clone()) })
                .collect(),
        };
        let Some(channel) = governance.channel(&intent.channel) else {
            return Ok(nothing(vec![Why::plain("channel.unknown", "there is no such channel")], submissions));
        };
        // A log is opened only by something that may be published: outside its dates an agreement opens nothing.
        if !channel.agreement.terms.dates_hold(now) {
            let subject = Subject { member: &self.member, channel: intent.channel, kind: "stix", tlp: None, at: now };
            let decision = decide(&governance, &Question::Publish(subject));
            return Ok(nothing(Why::clauses(&decision), submissions));
        }
        let Some(row) = self.writing_place(&intent.channel)? else {
            return Ok(nothing(vec![Why::plain("channel.unknown", "there is no such channel")], submissions));
        };
        let tx = self.store.read()?;
        let mut work = Work {
            node: self,
            intent,
            tx: tx.as_ref(),
            origin: row.id.origin(&governance.region).to_string(),
            published_at: row.published_at.max(now),
            basis: row.basis,
            ceiling: channel.channel_type.ceiling,
            decisions: HashMap::new(),
            markings,
            force,
        };
        let items = submissions.into_iter().map(|submission| work.item(submission)).collect();
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
            let row = self.own_log(writing, &intent.channel)?;
            let own = rows::logs_of(writing.tx.as_ref(), &intent.channel, &self.member)?;
            Some(Commit::new(row, own, origin))
        } else {
            None
        };
        for Item { line, id, verdict } in items {
            let fate = match (verdict, commit.as_mut()) {
                (Verdict::Refuse(why), _) => Fate::Refused(why),
                (Verdict::Doubt { label, body, why }, _) => {
                    let source = (self.entropy(), self.now());
                    let number = quarantine(writing, source, &intent, id.as_deref(), (label, &body), &why)?;
                    Fate::Quarantined(number, why)
                }
                (Verdict::Publish(publication), Some(commit)) => commit.place(writing.tx.as_ref(), *publication)?,
                // Unreachable by construction: a publication makes the commit; refusing is the safe reading.
                (Verdict::Publish(_), None) => {
                    Fate::Refused(vec![Why::plain("channel.unknown", "there is no such channel")])
                }
            };
            outcomes.push(Outcome { line, id, fate });
        }
        if let Some(Commit { mut row, ready, origin, .. }) = commit.filter(|commit| !commit.ready.is_empty()) {
            let mut ready = ready;
            if published_at < row.published_at || basis != row.basis {
                // Somebody else's commit came between: entries of a log never go back in time, so these are stamped anew.
                let place = (writing.tx.as_ref() as &dyn ReadTx, origin.as_str());
                ready = self.restamp(ready, place, row.published_at, row.basis, &mut outcomes)?;
            } else {
                row.published_at = published_at;
            }
            log::append(writing.tx.as_mut(), &mut row, ready, self.now())?;
            writing.sign_later(row.no);
            self.tell_peers(writing, &row)?;
        }
        audit(writing, self.now(), &intent.caller, "publish", &outcomes)?;
        Ok(outcomes)
    }

    /// Wraps the same bodies in envelopes of a later time; leaves change, so receipts do too.
    fn restamp(
        &self,
        ready: Vec<Ready>,
        (tx, origin): (&dyn ReadTx, &str),
        at: Timestamp,
        basis: u64,
        outcomes: &mut [Outcome],
    ) -> Result<Vec<Ready>, NodeFault> {
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
            let postings = stix21::read(&content.body).map_or(item.postings, |facts| project::postings(tx, &facts, at));
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

struct Work<'a> {
    node: &'a Node,
    intent: &'a Intent,
    tx: &'a dyn ReadTx,
    origin: String,
    published_at: Timestamp,
    basis: u64,
    ceiling: Tlp,
    /// One decision for each (type, label): the policy never sees more of a record.
    decisions: HashMap<(String, Tlp), Option<Vec<Why>>>,
    markings: &'a Markings,
    force: bool,
}

impl Work<'_> {
    fn item(&mut self, submission: Submission) -> Item {
        let Submission { line, body } = submission;
        let facts = match stix21::read(&body) {
            Ok(facts) => facts,
            Err(faults) => {
                let why = faults.into_iter().map(Why::field).collect();
                return Item { line, id: None, verdict: Verdict::Refuse(why) };
            }
        };
        let id = Some(facts.id.clone());
        let (label, unread) = self.label(&facts);
        if let Some(why) = self.refusal(&facts, label) {
            return Item { line, id, verdict: Verdict::Refuse(why) };
        }
        let mut why: Vec<Why> = facts.doubts.iter().map(|doubt| Why::plain(doubt.id(), doubt.text())).collect();
        why.extend(unread.map(|marking| {
            let text = format!("the marking {marking} is not known here, so nobody can say who may see this");
            Why { pointer: Some("/object_marking_refs".to_owned()), ..Why::plain("label.marking-unknown", text) }
        }));
        if !why.is_empty() && !self.force {
            return Item { line, id, verdict: Verdict::Doubt { label, body, why } };
        }
        Item { line, id, verdict: Verdict::Publish(Box::new(self.publication(&facts, label, body))) }
    }

    /// The label that counts, and a marking that nobody can read.
    fn label(&self, facts: &Facts) -> (Tlp, Option<String>) {
        let mut marking = facts.marking;
        let mut unread = None;
        for reference in &facts.markings_unknown {
            match self.markings.get(reference) {
                Some(Some(tlp)) => marking = Some(marking.map_or(*tlp, |known| known.max(*tlp))),
                // A marking that is known and says nothing of sharing, such as a copyright statement.
                Some(None) => {}
                None => unread = Some(reference.clone()),
            }
        }
        (marking.unwrap_or_else(|| self.intent.default_tlp.unwrap_or(self.ceiling)), unread)
    }

    fn refusal(&mut self, facts: &Facts, label: Tlp) -> Option<Vec<Why>> {
        let governance = self.node.governance();
        let (member, channel, at) = (&self.node.member, self.intent.channel, self.published_at);
        self.decisions
            .entry((facts.object_type.clone(), label))
            .or_insert_with(|| {
                let kind = format!("{}.{}", record::STIX.slug, facts.object_type);
                let subject = Subject { member, channel, kind: &kind, tlp: Some(label), at };
                let decision = decide(&governance, &Question::Publish(subject));
                (!decision.permitted).then(|| Why::clauses(&decision))
            })
            .clone()
    }

    fn publication(&self, facts: &Facts, label: Tlp, body: Vec<u8>) -> Publication {
        let envelope = Envelope {
            organisation: self.intent.organisation.clone(),
            pap: self.intent.pap,
            purpose: self.intent.purpose.clone(),
            ..Envelope::stix(self.published_at, self.basis, body.len() as u64, label)
        };
        let header = project::header(facts, label);
        let postings = project::postings(self.tx, facts, self.published_at);
        let key = self.tx.index_key(Index::Object, facts.id.as_bytes());
        let ready = log::make((&self.origin, self.node.entropy()), 0, envelope.encode(), body, header, postings);
        Publication { key, is_versioned: is_versioned(facts), label, ready }
    }
}

/// Whether `modified` makes the versions of an object; where STIX has none, the order in the log does.
pub(crate) fn is_versioned(facts: &Facts) -> bool {
    facts.modified.is_some() && facts.object_type != "marking-definition"
}

/// Placing publications into one log within one transaction.
struct Commit {
    row: LogRow,
    /// Logs of this author in this channel: all epochs.
    own: Vec<LogRow>,
    origin: String,
    ready: Vec<Ready>,
    /// What this transaction has placed: (type, object) → places in `ready`.
    placed: HashMap<(u16, [u8; 16]), Vec<usize>>,
}

/// An earlier publication of the same object by the same author in the same channel.
struct Earlier {
    modified: i64,
    receipt: Receipt,
    body: Vec<u8>,
}

impl Commit {
    fn new(row: LogRow, own: Vec<LogRow>, origin: String) -> Self {
        Self { row, own, origin, ready: Vec::new(), placed: HashMap::new() }
    }

    fn place(&mut self, tx: &dyn ReadTx, publication: Publication) -> Result<Fate, NodeFault> {
        let Publication { key, is_versioned, label, ready } = publication;
        let earlier = self.earlier(tx, key, &ready.header)?;
        let index = self.row.size() + self.ready.len() as u64;
        let receipt = Receipt { log: self.origin.clone(), index, leaf: ready.leaf };
        let fate = if earlier.is_empty() { Fate::New(receipt) } else { Fate::Updated(receipt) };
        if !earlier.is_empty() {
            let body = body_of(&ready)?;
            // With `modified` that version decides; without, the newest in the log.
            let same_key = if is_versioned {
                earlier.iter().find(|earlier| earlier.modified == ready.header.modified)
            } else {
                earlier.last()
            };
            if let Some(same) = same_key {
                if stix21::same_content(&same.body, &body) {
                    return Ok(Fate::Known(same.receipt.clone()));
                }
                if is_versioned {
                    let text = format!(
                        "entry {} holds this id with the same modified time and other content: a correction needs a later modified time",
                        same.receipt.index
                    );
                    return Ok(Fate::Refused(vec![Why {
                        pointer: Some("/modified".to_owned()),
                        ..Why::plain("record.conflict", text)
                    }]));
                }
            }
            if let Some(stricter) = self.floor(tx, key, &ready.header)?.filter(|floor| *floor > label) {
                let text = format!(
                    "an earlier version of this id is labelled TLP:{}: relabel that one first, or publish at least as strictly",
                    stricter.as_str().to_ascii_uppercase()
                );
                return Ok(Fate::Refused(vec![Why::plain("label.laxer-than-before", text)]));
            }
        }
        let object = (ready.header.type_code, ready.header.object);
        self.placed.entry(object).or_default().push(self.ready.len());
        self.ready.push(ready);
        Ok(fate)
    }

    fn live(&self, tx: &dyn ReadTx, key: u64, header: &Header) -> Result<Vec<(EntryKey, Header)>, NodeFault> {
        if !tx.may_have(Index::Object, key)? {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let keys = tx.postings(Index::Object, key, after, 1_000)?;
            let headers = tx.headers(&keys)?;
            for (entry, stored) in keys.iter().zip(headers) {
                let Some(stored) = stored.filter(|stored| stored.state == State::Live) else { continue };
                let same = stored.object == header.object && stored.type_code == header.type_code;
                if same && self.own.iter().any(|row| row.no == entry.log()) {
                    found.push((*entry, stored));
                }
            }
            match keys.last() {
                Some(last) if keys.len() == 1_000 => after = Some(*last),
                _ => return Ok(found),
            }
        }
    }

    /// The strictest label among what is there or comes with it: a later version is never laxer by accident, however a stream is cut into batches.
    fn floor(&self, tx: &dyn ReadTx, key: u64, header: &Header) -> Result<Option<Tlp>, NodeFault> {
        let stored = self.live(tx, key, header)?.into_iter().map(|(_, header)| header.label);
        let placed = self.placed.get(&(header.type_code, header.object)).into_iter().flatten();
        let placed = placed.filter_map(|place| self.ready.get(*place)).map(|ready| ready.header.label);
        Ok(stored.chain(placed).max().and_then(|label| Tlp::ALL.get(usize::from(label)).copied()))
    }

    fn earlier(&self, tx: &dyn ReadTx, key: u64, header: &Header) -> Result<Vec<Earlier>, NodeFault> {
        let mut found = Vec::new();
        for (entry, stored) in self.live(tx, key, header)? {
            let Some(full) = tx.entry(entry)? else { continue };
            let Some(content) = full.open()? else { continue };
            let log = self.own.iter().find(|row| row.no == entry.log()).unwrap_or(&self.row);
            let origin = if log.no == self.row.no { self.origin.clone() } else { sibling(&self.origin, log) };
            found.push(Earlier {
                modified: stored.modified,
                receipt: Receipt {
                    log: origin,
                    index: entry.index(),
                    leaf: Leaf { flags: full.flags, commitment: full.commitment },
                },
                body: content.body,
            });
        }
        for place in self.placed.get(&(header.type_code, header.object)).into_iter().flatten() {
            let Some(ready) = self.ready.get(*place) else { continue };
            found.push(Earlier {
                modified: ready.header.modified,
                receipt: Receipt { log: self.origin.clone(), index: self.row.size() + *place as u64, leaf: ready.leaf },
                body: body_of(ready)?,
            });
        }
        Ok(found)
    }
}

/// The origin of another epoch of the same author and channel.
fn sibling(origin: &str, row: &LogRow) -> String {
    let stem = origin.rsplit_once('/').map_or(origin, |(stem, _)| stem);
    format!("{stem}/{}", row.id.epoch)
}

fn body_of(ready: &Ready) -> Result<Vec<u8>, NodeFault> {
    Ok(match &ready.content {
        Some(packed) => packed.unpack()?.body,
        None => Vec::new(),
    })
}

/// Something that waits for a person.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Quarantined {
    /// The channel it was meant for.
    pub channel: String,
    /// Its STIX id.
    pub id: String,
    /// The label it would have.
    pub tlp: String,
    /// Who of the member speaks.
    pub organisation: Option<String>,
    /// Permissible actions.
    #[serde(default)]
    pub pap: Option<String>,
    /// What it is shared for.
    #[serde(default)]
    pub purpose: Option<String>,
    /// Who sent it.
    pub caller: String,
    /// When it came.
    pub at: String,
    /// Why it waits.
    pub why: Vec<Why>,
    /// Its bytes, in base64.
    pub body: String,
}

fn quarantine(
    writing: &mut Writing<'_>,
    (entropy, at): (&dyn Entropy, Timestamp),
    intent: &Intent,
    id: Option<&str>,
    (label, body): (Tlp, &[u8]),
    why: &[Why],
) -> Result<u64, NodeFault> {
    let number = quarantine_number(writing, entropy, at)?;
    let row = Quarantined {
        channel: intent.channel.to_string(),
        id: id.unwrap_or_default().to_owned(),
        tlp: label.as_str().to_owned(),
        organisation: intent.organisation.clone(),
        pap: intent.pap.map(|pap| pap.as_str().to_owned()),
        purpose: intent.purpose.clone(),
        caller: intent.caller.clone(),
        at: at.to_string(),
        why: why.to_vec(),
        body: gotong_crypto::text::base64(body),
    };
    writing.tx.put(Book::Quarantine, &number.to_be_bytes(), &to_json(&row))?;
    status::change(writing.tx.as_mut(), |counts| counts.quarantined += 1)?;
    Ok(number)
}

/// A number in order of time that does not tell how much waits for other channels: milliseconds, then random bits. Below 2^53 until the year 2109.
fn quarantine_number(writing: &Writing<'_>, entropy: &dyn Entropy, at: Timestamp) -> Result<u64, NodeFault> {
    let mut random = [0_u8; 2];
    entropy.fill(&mut random);
    let millis = u64::try_from(at.micros() / 1_000).unwrap_or(0);
    let mut number = (millis << 11) | u64::from(u16::from_be_bytes(random) >> 5);
    while writing.tx.fetch(Book::Quarantine, &number.to_be_bytes())?.is_some() {
        number += 1;
    }
    Ok(number)
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

//! Admission: whether a record that stands in a log shows (`docs/protocol.md` section 7). Judged when it is stored, and again when documents arrive that may
//! decide otherwise. What cannot be judged yet is held.

use std::collections::HashMap;

use gotong_formats::stix21;
use gotong_model::control::{Basis, Control};
use gotong_model::entry::{self, Reading};
use gotong_model::envelope::Envelope;
use gotong_model::governance::Governance;
use gotong_model::{AgreementId, LogId, Personal, Timestamp, Tlp, record};
use gotong_policy::{Cache, Question, Subject, decide};
use gotong_store::{Book, EntryKey, Fault, Header, Index, LogNo, ReadTx, State, StoredEntry, WriteTx};

use crate::added::{self, Anew};
use crate::gate::Priority;
use crate::heading;
use crate::node::{Node, NodeFault};
use crate::project;
use crate::publish::Why;
use crate::rows::{self, LogRow, from_json, to_json};
use crate::status;
use crate::withdraw;

/// Entries judged again in one transaction.
const SLICE: usize = 1_000;
/// Bytes of them.
const SLICE_BYTES: usize = 8 << 20;

/// What the policy says of a record where it stands.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    /// It shows.
    Admitted,
    /// A document that its basis names is not here, not valid or disputed.
    Held,
    /// A clause forbids it.
    Refused(Why),
}

/// Judging the records of one log in their order; the policy is asked once for each basis, kind, label, word on people and time.
pub(crate) struct Judge<'a> {
    governance: &'a Governance,
    /// Answers kept from one frame to the next.
    kept: &'a Cache,
    log: LogId,
    basis: Option<Basis>,
    decisions: HashMap<(String, Tlp, Personal, Timestamp), Verdict>,
}

impl<'a> Judge<'a> {
    /// Begins under the basis that stands at an index.
    pub(crate) fn new(
        (governance, kept): (&'a Governance, &'a Cache),
        tx: &dyn ReadTx,
        row: &LogRow,
        basis: u64,
    ) -> Result<Self, NodeFault> {
        let basis = if basis < row.size() { basis_at(tx, row.no, basis)? } else { None };
        Ok(Self { governance, kept, log: row.id.clone(), basis, decisions: HashMap::new() })
    }

    /// A new basis stands in the log.
    pub(crate) fn turn_to(&mut self, basis: Basis) {
        self.basis = Some(basis);
        self.decisions.clear();
    }

    /// Judges a record of a kind such as `stix.indicator`, with its label and what it holds of people.
    pub(crate) fn verdict(&mut self, kind: &str, (label, personal): (Tlp, Personal), at: Timestamp) -> Verdict {
        let Some(basis) = &self.basis else { return Verdict::Held };
        let (governance, kept, log) = (self.governance, self.kept, &self.log);
        let verdict = self.decisions.entry((kind.to_owned(), label, personal, at)).or_insert_with(|| {
            let (member, channel, tlp) = (&log.author, log.channel, Some(label));
            let subject = Subject { member, channel, kind, tlp, personal, at, organisation: None };
            let question = Question::Admit { subject, basis };
            if kept.permits(governance, &question) {
                return Verdict::Admitted;
            }
            let decision = decide(governance, &question);
            if decision.held.is_some() {
                return Verdict::Held;
            }
            let first = Why::clauses(&decision).into_iter().next();
            Verdict::Refused(first.unwrap_or_else(|| Why::plain("policy.refused", "not permitted")))
        });
        verdict.clone()
    }
}

/// The basis that a control entry names.
pub(crate) fn basis_at(tx: &dyn ReadTx, log: LogNo, index: u64) -> Result<Option<Basis>, NodeFault> {
    let Some(stored) = tx.entry(EntryKey::new(log, index))? else { return Ok(None) };
    let Some(content) = stored.open()? else { return Ok(None) };
    Ok(match entry::read(stored.flags, &content.envelope, &content.body) {
        Ok(Reading::Control(_, Control::Open(open))) => Some(open.basis),
        Ok(Reading::Control(_, Control::Basis(basis))) => Some(basis),
        _ => None,
    })
}

fn due_key(agreement: &AgreementId) -> Vec<u8> {
    [b"governing/due/", &agreement.as_bytes()[..]].concat()
}

fn held_key(log: LogNo, index: u64) -> Vec<u8> {
    [&held_prefix(log)[..], &index.to_be_bytes()].concat()
}

fn held_prefix(log: LogNo) -> Vec<u8> {
    [b"governing/held/", &log.0.to_be_bytes()[..]].concat()
}

/// Hidden entries of a log that are looked at in one go.
const HIDDEN_MAX: usize = 100_000;

/// Where judging an agreement's records again stands: from which instant, and how far it has come.
#[derive(serde::Serialize, serde::Deserialize)]
struct Due {
    from: i64,
    /// The log and index to go on with.
    log: u32,
    index: u64,
}

/// Notes that the records of an agreement are to be judged again from an instant on; begins anew where that is under way.
pub(super) fn make_due(tx: &mut dyn WriteTx, agreement: &AgreementId, from: Timestamp) -> Result<(), Fault> {
    let key = due_key(agreement);
    let known = tx.fetch(Book::Meta, &key)?.map(|bytes| from_json::<Due>(&bytes, "what is due")).transpose()?;
    let from = known.map_or(from.micros(), |due| due.from.min(from.micros()));
    tx.put(Book::Meta, &key, &to_json(&Due { from, log: 0, index: 0 }))
}

/// An entry is held no more.
pub(crate) fn forget_held(tx: &mut dyn WriteTx, key: EntryKey) -> Result<(), Fault> {
    tx.delete(Book::Meta, &held_key(key.log(), key.index()))
}

/// Notes that an entry is held.
pub(crate) fn note_held(tx: &mut dyn WriteTx, key: EntryKey) -> Result<(), Fault> {
    tx.put(Book::Meta, &held_key(key.log(), key.index()), &[1])
}

/// Entries of a log that are held, or that the policy refuses.
pub(crate) fn hidden(tx: &dyn ReadTx, log: LogNo) -> Result<Vec<EntryKey>, NodeFault> {
    let prefix = held_prefix(log);
    let mut found = Vec::new();
    for (key, _) in tx.scan(Book::Meta, &prefix, &rows::prefix_end(&prefix), HIDDEN_MAX)? {
        let index = key.last_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        found.push(EntryKey::new(log, index));
    }
    let (from, until) = (EntryKey::new(log, 0), EntryKey::new(LogNo(log.0 + 1), 0));
    for (key, _) in tx.scan(Book::Faulty, &from.0.to_be_bytes(), &until.0.to_be_bytes(), HIDDEN_MAX)? {
        let Some(entry) = key.last_chunk::<8>().map(|bytes| EntryKey(u64::from_be_bytes(*bytes))) else { continue };
        if is_refused(tx, entry)? {
            found.push(entry);
        }
    }
    Ok(found)
}

impl Node {
    /// One slice of judging again what documents have made due. `true`: there is more to do.
    pub(super) fn judge_again(&self) -> Result<bool, NodeFault> {
        let due = {
            let tx = self.store.read()?;
            tx.scan(Book::Meta, b"governing/due/", b"governing/due0", 1)?.pop()
        };
        let Some((key, value)) = due else { return Ok(false) };
        let due: Due = from_json(&value, "what is due")?;
        let governance = self.governance();
        let channels = governance.channels().filter(|channel| due_key(&channel.agreement.id) == key);
        let channels: Vec<_> = channels.map(|channel| channel.id).collect();
        let next = {
            let tx = self.store.read()?;
            let mut logs = Vec::new();
            for channel in &channels {
                logs.extend(rows::logs_in(tx.as_ref(), channel)?);
            }
            logs.sort_by_key(|row| row.no);
            logs.into_iter().find(|row| row.no.0 >= due.log)
        };
        self.transact(Priority::Bulk, |writing| {
            let tx = writing.tx.as_mut();
            // Documents that came meanwhile have begun it anew.
            if tx.fetch(Book::Meta, &key)?.as_deref() != Some(value.as_slice()) {
                return Ok(());
            }
            let Some(row) = next else { return Ok(tx.delete(Book::Meta, &key)?) };
            // The log may have grown since it was looked for: a record is judged under a basis that may be younger than that.
            let Some(row) = rows::log_by_id(tx, &row.id)? else { return Ok(()) };
            let begun = row.no.0 == due.log;
            let from = Timestamp::from_micros(due.from).unwrap_or_default();
            let index = if begun { due.index } else { first_since(tx, &row, from)? };
            let behind = judge_slice(tx, (&governance, &self.decisions), &row, index)?;
            let due = if behind >= row.size() {
                judge_held(tx, (&governance, &self.decisions), &row)?;
                Due { from: due.from, log: row.no.0 + 1, index: 0 }
            } else {
                Due { from: due.from, log: row.no.0, index: behind }
            };
            Ok(tx.put(Book::Meta, &key, &to_json(&due))?)
        })?;
        Ok(true)
    }
}

/// The first index whose entry was published at an instant or after. Times do not decrease within a log; entries that do not say theirs are passed.
pub(crate) fn first_since(tx: &dyn ReadTx, row: &LogRow, from: Timestamp) -> Result<u64, NodeFault> {
    let (mut low, mut high) = (0, row.size());
    while low < high {
        let middle = low + (high - low) / 2;
        let mut at = middle;
        let mut published = None;
        while at < high && published.is_none() {
            published = published_at(tx, row.no, at)?;
            at += 1;
        }
        match published {
            Some(published) if published < from => low = at,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// When an entry was published, by its own word.
pub(crate) fn published_at(tx: &dyn ReadTx, log: LogNo, index: u64) -> Result<Option<Timestamp>, NodeFault> {
    let Some(stored) = tx.entry(EntryKey::new(log, index))? else { return Ok(None) };
    let Some(content) = stored.open()? else { return Ok(None) };
    let is_control = stored.header.state == State::Control;
    Ok(Envelope::parse(&content.envelope, is_control).ok().map(|envelope| envelope.published_at))
}

/// Judges entries from an index on; says how far it came.
fn judge_slice(tx: &mut dyn WriteTx, ask: (&Governance, &Cache), row: &LogRow, from: u64) -> Result<u64, NodeFault> {
    let entries = tx.entries(row.no, from, SLICE, SLICE_BYTES, true)?;
    let mut judge: Option<(u64, Judge<'_>)> = None;
    let mut anew = Anew::default();
    let mut next = row.size();
    for stored in &entries {
        next = stored.key.index() + 1;
        judge_entry(tx, ask, (row, stored), &mut judge, &mut anew)?;
    }
    anew.write(tx, ask.0.as_of)?;
    Ok(next)
}

/// Judges what is held in a log, wherever it stands.
fn judge_held(tx: &mut dyn WriteTx, ask: (&Governance, &Cache), row: &LogRow) -> Result<(), NodeFault> {
    let prefix = held_prefix(row.no);
    let mut judge: Option<(u64, Judge<'_>)> = None;
    let mut anew = Anew::default();
    let mut from = prefix.clone();
    loop {
        let held = tx.scan(Book::Meta, &from, &rows::prefix_end(&prefix), SLICE)?;
        let Some((last, _)) = held.last() else { return Ok(anew.write(tx, ask.0.as_of)?) };
        from = [last.as_slice(), &[0]].concat();
        for (key, _) in &held {
            let index = key.last_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes));
            if let Some(stored) = tx.entry(EntryKey::new(row.no, index))? {
                judge_entry(tx, ask, (row, &stored), &mut judge, &mut anew)?;
            }
        }
    }
}

/// Judges one stored entry and brings its state and the indexes in line.
fn judge_entry<'a>(
    tx: &mut dyn WriteTx,
    ask: (&'a Governance, &'a Cache),
    (row, stored): (&LogRow, &StoredEntry),
    judge: &mut Option<(u64, Judge<'a>)>,
    anew: &mut Anew,
) -> Result<(), NodeFault> {
    let key = stored.key;
    let by_policy = match stored.header.state {
        State::Live | State::Held => true,
        State::Faulty => is_refused(tx, key)?,
        State::Erased | State::Withheld | State::Control | State::Unknown => false,
    };
    if !by_policy || row.stopped.is_some_and(|stopped| key.index() >= stopped) {
        return Ok(());
    }
    let Some(content) = stored.open()? else { return Ok(()) };
    let Ok(envelope) = Envelope::parse(&content.envelope, false) else { return Ok(()) };
    let (Ok(facts), Some(label)) = (stix21::read(&content.body), envelope.tlp) else { return Ok(()) };
    if judge.as_ref().is_none_or(|(basis, _)| *basis != envelope.basis) {
        *judge = Some((envelope.basis, Judge::new(ask, tx, row, envelope.basis)?));
    }
    let Some((_, judge)) = judge else { return Ok(()) };
    let kind = format!("{}.{}", record::STIX.slug, facts.object_type);
    let personal = envelope.personal_data.unwrap_or(facts.personal);
    let verdict = judge.verdict(&kind, (label, personal), envelope.published_at);
    let after = match &verdict {
        Verdict::Admitted => State::Live,
        Verdict::Held => State::Held,
        Verdict::Refused(_) => State::Faulty,
    };
    if after == stored.header.state {
        return Ok(());
    }
    let postings = project::postings(tx, row.headings(), &facts, envelope.published_at);
    let current = project::is_up_to_date(tx)?;
    if stored.header.state == State::Live && current {
        for (index, posting) in &postings {
            tx.unpost(*index, &[(*posting, key)])?;
            if *index == Index::Object {
                added::uncover(tx, &row.id.channel, (key, &stored.header), *posting, anew)?;
            }
        }
    }
    let header = if after == State::Live {
        shown(tx, row, stored, project::header(&facts, label))?
    } else {
        Header::bare(after)
    };
    tx.set_header(key, header)?;
    if after == State::Live {
        anew.note(&row.id.channel, key);
    }
    if after == State::Live && current {
        for (index, posting) in postings {
            tx.post(index, &[(posting, key)])?;
        }
        heading::note_types(tx, row.headings(), [facts.type_code])?;
    }
    tx.delete(Book::Faulty, &key.0.to_be_bytes())?;
    forget_held(tx, key)?;
    match verdict {
        Verdict::Refused(why) => tx.put(Book::Faulty, &key.0.to_be_bytes(), &to_json(&why))?,
        Verdict::Held => note_held(tx, key)?,
        Verdict::Admitted => {}
    }
    Ok(status::change(tx, |counts| counts.turn(stored.header.state, after))?)
}

/// A header with the label that relabellings give it.
fn shown(tx: &dyn ReadTx, row: &LogRow, stored: &StoredEntry, mut header: Header) -> Result<Header, NodeFault> {
    if let Some(packed) = &stored.content
        && withdraw::any_relabelled(tx, &row.id)?
        && let Some(label) = withdraw::label_now(tx, &row.id, stored.key.index(), packed)?
    {
        header.label = label as u8;
    }
    Ok(header)
}

/// Whether it is a clause that makes an entry faulty, and not its shape.
fn is_refused(tx: &dyn ReadTx, key: EntryKey) -> Result<bool, NodeFault> {
    let why = tx.fetch(Book::Faulty, &key.0.to_be_bytes())?;
    let why = why.map(|bytes| from_json::<Why>(&bytes, "faulty entries")).transpose()?;
    Ok(why.is_some_and(|why| why.id.starts_with("policy.")))
}

//! Receiving: from a verified frame to entries of another's log. Reading, judging and packing happen in [`Node::prepare_frame`], without a transaction;
//! [`Node::apply_frame`] is one writing transaction. Applying the same frame twice changes nothing.
//!
//! A frame is refused as a whole only where the log itself would be in doubt; any other fault makes the entry faulty: stored, relayed, not shown.

use gotong_crypto::Digest;
use gotong_formats::stix21;
use gotong_ledger::{Checkpoint, FrameEntry, JoinFault, Leaf, VerifiedFrame, agrees, join};
use gotong_model::control::{Control, Open};
use gotong_model::entry::{self, Reading};
use gotong_model::envelope::Envelope;
use gotong_model::governance::Governance;
use gotong_model::{LogId, Personal, Timestamp, Tlp, record};
use gotong_policy::Cache;
use gotong_store::{Book, Content, EntryKey, Header, Index, Packed, ReadTx, State};

use crate::acknowledge;
use crate::added::Anew;
use crate::erase;
use crate::gate::Priority;
use crate::governing::judgement::{self, Judge, Verdict};
use crate::heading::{self, Headings};
use crate::log::{self, Ready};
use crate::node::{Node, NodeFault, Writing};
use crate::project;
use crate::publish::Why;
use crate::rows::{self, LogRow};
use crate::status;
use crate::tree::StoredTree;
use crate::withdraw;

/// Checkpoints of larger sizes that may wait for their leaves.
const PENDING_MAX: usize = 64;

/// Entries of a frame that still counts as news.
const NEWS_MAX: usize = 64;

/// A frame worked on, ready to be applied.
#[derive(Debug)]
pub struct PreparedFrame {
    log: LogId,
    /// As it was verified, but for the entries: they are the items.
    frame: VerifiedFrame,
    note: String,
    items: Vec<Item>,
}

#[derive(Debug)]
struct Item {
    leaf: Leaf,
    content: Option<Packed>,
    meaning: Meaning,
}

#[derive(Debug)]
enum Meaning {
    /// The leaf alone came.
    Bare,
    /// A record that this node shows.
    Record {
        header: Header,
        postings: Vec<(Index, u64)>,
        published_at: Timestamp,
        basis: u64,
        kind: String,
        personal: Personal,
    },
    /// A record that documents are missing for: it waits for them.
    Held,
    /// A record of a kind that is kept and relayed only; documents of governance are read from here by `governing/travel.rs`.
    Unknown,
    /// A control entry.
    Control { envelope: Envelope, control: Box<Control> },
    /// Something critical that is not understood: the log shows no further.
    Stop,
    /// Breaks a rule.
    Faulty { why: Why, is_critical: bool },
}

/// What applying a frame came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Applied {
    /// The log has so many entries now.
    Stored {
        /// Entries from the start.
        size: u64,
        /// Whether tombstones were among them, so that an erasure is to be finished.
        erasing: bool,
    },
    /// The frame does not begin where the log ends here: ask from there.
    Elsewhere(u64),
    /// The author has signed two histories; both checkpoints are kept as evidence and nothing was stored.
    TwoHistories,
    /// Not a log that this node reads.
    NotReadable,
    /// Too many checkpoints wait for their leaves.
    TooManyPending,
}

impl Node {
    /// Says how many leaves of a log are here, or `None` where this node does not read it.
    pub fn leaves_here(&self, log: &LogId) -> Result<Option<u64>, NodeFault> {
        if !self.reads(log) {
            return Ok(None);
        }
        let tx = self.store.read()?;
        Ok(Some(rows::log_by_id(tx.as_ref(), log)?.map_or(0, |row| row.size())))
    }

    fn reads(&self, log: &LogId) -> bool {
        let governance = self.governance();
        log.author != self.member
            && governance.in_audience(&log.channel, &self.member)
            && governance.in_audience(&log.channel, &log.author)
    }

    /// Keeps a checkpoint that the author told: one that covers no more than is here is compared at once.
    pub fn note_checkpoint(&self, log: &LogId, checkpoint: &Checkpoint, note: &str) -> Result<Applied, NodeFault> {
        if !self.reads(log) {
            return Ok(Applied::NotReadable);
        }
        let tx = self.store.read()?;
        let Some(row) = rows::log_by_id(tx.as_ref(), log)? else {
            self.promise(log, (checkpoint.size, checkpoint.root));
            return Ok(Applied::Stored { size: 0, erasing: false });
        };
        let agrees = agrees(&StoredTree::new(tx.as_ref(), row.no), row.size(), checkpoint)?;
        drop(tx);
        match agrees {
            Some(false) => {
                self.keep_evidence(&row, note)?;
                return Ok(Applied::TwoHistories);
            }
            Some(true) => {}
            None => self.promise(log, (checkpoint.size, checkpoint.root)),
        }
        Ok(Applied::Stored { size: row.size(), erasing: false })
    }

    /// Remembers what an author's checkpoint promised beyond what is here; compared when the log gets there.
    fn promise(&self, log: &LogId, promise: (u64, Digest)) {
        let mut told = self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let promises = told.entry(log.clone()).or_default();
        if promises.len() < PENDING_MAX && !promises.contains(&promise) {
            promises.push(promise);
        }
    }

    fn promises(&self, log: &LogId) -> Vec<(u64, Digest)> {
        self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(log).unwrap_or_default()
    }

    fn keep_evidence(&self, row: &LogRow, note: &str) -> Result<(), NodeFault> {
        self.transact(Priority::People, |writing| {
            let key = [&row.no.0.to_be_bytes()[..], &gotong_crypto::sha256(note.as_bytes()).0].concat();
            let value = serde_json::json!({"log": row.id.origin(&self.governance().region).to_string(), "at": self.now().to_string(),
                "ours": row.checkpoint, "theirs": note, "size": row.size()});
            Ok(writing.tx.put(Book::Evidence, &key, &rows::to_json(&value))?)
        })
    }

    /// Reads, judges and packs the entries of a verified frame.
    pub fn prepare_frame(&self, log: &LogId, mut frame: VerifiedFrame) -> Result<PreparedFrame, NodeFault> {
        let governance = self.governance();
        let tx = self.store.read()?;
        let place = Place::of(&governance, log);
        let mut items = Vec::with_capacity(frame.entries.len());
        for (index, (entry, leaf)) in (frame.first..).zip(std::mem::take(&mut frame.entries)) {
            items.push(match entry {
                FrameEntry::Erased(_) => Item { leaf, content: None, meaning: Meaning::Bare },
                FrameEntry::Whole { flags, salt1, salt2, envelope, body } => {
                    let meaning = read(&place, tx.as_ref(), (index, flags), &envelope, &body);
                    let content = Some(Packed::pack(&Content { salt1, salt2, envelope, body }));
                    Item { leaf, content, meaning }
                }
            });
        }
        let note = String::from_utf8(std::mem::take(&mut frame.checkpoint_note))
            .map_err(|_| NodeFault::Unfit("a checkpoint that is not text".to_owned()))?;
        Ok(PreparedFrame { log: log.clone(), frame, note, items })
    }

    /// Stores a frame: entries, tree, tombstones and views in one transaction.
    pub fn apply_frame(&self, frame: PreparedFrame) -> Result<Applied, NodeFault> {
        if !self.reads(&frame.log) {
            return Ok(Applied::NotReadable);
        }
        let mut evidence = None;
        // News of a moment goes before imports; catching up does not.
        let priority = if frame.items.len() <= NEWS_MAX { Priority::People } else { Priority::Bulk };
        let applied = self.transact(priority, |writing| {
            let row = if let Some(row) = rows::log_by_id(writing.tx.as_ref(), &frame.log)? {
                row
            } else {
                let scope = Headings::of(&self.governance(), &frame.log.channel).scope;
                rows::create_log(writing.tx.as_mut(), frame.log.clone(), scope)?
            };
            let before = row.clone();
            let note = frame.note.clone();
            let applied = self.store_frame(writing, row, frame)?;
            if applied == Applied::TwoHistories {
                evidence = Some((before, note));
            }
            Ok(applied)
        })?;
        if let Some((row, note)) = evidence {
            self.keep_evidence(&row, &note)?;
        }
        Ok(applied)
    }

    fn store_frame(
        &self,
        writing: &mut Writing<'_>,
        mut row: LogRow,
        prepared: PreparedFrame,
    ) -> Result<Applied, NodeFault> {
        let PreparedFrame { frame, note, mut items, .. } = prepared;
        let told = self.promises(&row.id);
        let promised = [&row.pending[..], &told].concat();
        let tree = StoredTree::new(writing.tx.as_ref(), row.no);
        let joined = match join(&tree, &row.frontier, &promised, &frame) {
            Ok(joined) => joined,
            Err(JoinFault::Gap { held, .. }) => {
                // Nothing was compared: what was told still counts.
                for promise in told {
                    self.promise(&row.id, promise);
                }
                return Ok(Applied::Elsewhere(held));
            }
            Err(JoinFault::TwoHistories(_)) => return Ok(Applied::TwoHistories),
            Err(JoinFault::Hashes(fault)) => return Err(fault.into()),
        };
        if joined.promised.len() > PENDING_MAX {
            return Ok(Applied::TooManyPending);
        }
        row.pending = joined.promised;
        let fresh = items.split_off(joined.overlap);
        fill_withheld(writing, (&self.governance(), &self.decisions), &mut row, (frame.first, self.now()), items)?;
        // A frame that was cut off and comes again may carry an older checkpoint than the one that is here.
        let known = Checkpoint::parse_unverified(row.checkpoint.as_bytes()).map_or(0, |known| known.size);
        if frame.checkpoint.size >= known {
            row.checkpoint = note;
        }
        let erasing = self.append_fresh(writing, &mut row, fresh)?;
        rows::save_log(writing.tx.as_mut(), &row)?;
        acknowledge::make_due(writing.tx.as_mut(), &row.id.author, row.no)?;
        Ok(Applied::Stored { size: row.size(), erasing })
    }

    /// Appends what is new. Tombstones of this very frame count before its bodies are written.
    fn append_fresh(&self, writing: &mut Writing<'_>, row: &mut LogRow, items: Vec<Item>) -> Result<bool, NodeFault> {
        if items.is_empty() {
            return Ok(false);
        }
        let first = row.size();
        let mut walk = Walk { basis: row.basis, published_at: row.published_at, stopped: row.stopped };
        let mut erasing = false;
        let mut relabels = Vec::new();
        let mut faults = Vec::new();
        let mut judged = Vec::with_capacity(items.len());
        let governance = self.governance();
        let channel = governance.channel(&row.id.channel);
        let is_governing = channel.is_some_and(|channel| channel.kind.is_governing());
        let mut judge = Judge::new((&governance, &self.decisions), writing.tx.as_ref(), row, row.basis)?;
        for (index, item) in (first..).zip(items) {
            let item = if is_governing { unbinding(item) } else { item };
            let (item, control) = walk.judge(index, item, row);
            let item = admitted(item, &mut judge);
            match control {
                Some(Control::Tombstone { reason, targets }) => {
                    erase::record_tombstone(writing.tx.as_mut(), row, index, reason, &targets)?;
                    erasing = true;
                }
                Some(Control::Relabel { tlp, targets }) => relabels.push((index, tlp, targets)),
                Some(Control::Open(open)) => judge.turn_to(open.basis),
                Some(Control::Basis(basis)) => judge.turn_to(basis),
                None => {}
            }
            judged.push((index, item));
        }
        let any_named = erase::any_named(writing.tx.as_ref(), &row.id)?;
        let any_relabelled = withdraw::any_relabelled(writing.tx.as_ref(), &row.id)?;
        let mut ready = Vec::with_capacity(judged.len());
        for (index, item) in judged {
            let named = any_named && erase::is_named(writing.tx.as_ref(), &row.id, index)?;
            let key = EntryKey::new(row.no, index);
            let is_control = item.leaf.is_control();
            let item = if any_relabelled { relabelled(writing.tx.as_ref(), row, index, item)? } else { item };
            let (header, postings) = match item.meaning {
                _ if named && !is_control => (Header::bare(State::Erased), Vec::new()),
                Meaning::Bare => {
                    row.withheld += 1;
                    (Header::bare(State::Withheld), Vec::new())
                }
                Meaning::Record { header, postings, .. } => (header, postings),
                Meaning::Held => {
                    judgement::note_held(writing.tx.as_mut(), key)?;
                    (Header::bare(State::Held), Vec::new())
                }
                Meaning::Unknown | Meaning::Stop => (Header::bare(State::Unknown), Vec::new()),
                Meaning::Control { .. } => (Header::bare(State::Control), Vec::new()),
                Meaning::Faulty { why, .. } => {
                    faults.push((key, why));
                    (Header::bare(State::Faulty), Vec::new())
                }
            };
            let content = item.content.filter(|_| header.state != State::Erased);
            ready.push(Ready { leaf: item.leaf, header, content, postings });
        }
        row.basis = walk.basis;
        row.published_at = walk.published_at;
        row.stopped = walk.stopped;
        log::append(writing.tx.as_mut(), row, ready, self.now())?;
        for (key, why) in faults {
            writing.tx.put(Book::Faulty, &key.0.to_be_bytes(), &rows::to_json(&why))?;
        }
        for (index, tlp, targets) in relabels {
            withdraw::apply_relabel(writing, (row, index), (tlp, self.now()), &targets)?;
        }
        if erasing {
            erase::carry_out(writing.tx.as_mut(), self.now())?;
            // Erasing may have filled gaps of this very log.
            row.withheld = rows::log_by_no(writing.tx.as_ref(), row.no)?.map_or(row.withheld, |now| now.withheld);
        }
        Ok(erasing)
    }
}

/// What order alone can judge: bases, times, and where a log stops showing.
struct Walk {
    basis: u64,
    published_at: Timestamp,
    stopped: Option<u64>,
}

impl Walk {
    fn judge(&mut self, index: u64, mut item: Item, row: &LogRow) -> (Item, Option<Control>) {
        let fault = |id: &str, text: &str| Why::plain(id, text);
        let named_basis = match &item.meaning {
            Meaning::Record { basis, published_at, .. } => Some((*basis, *published_at)),
            Meaning::Control { envelope, .. } => Some((envelope.basis, envelope.published_at)),
            Meaning::Bare | Meaning::Held | Meaning::Unknown | Meaning::Stop | Meaning::Faulty { .. } => None,
        };
        if let Some((basis, at)) = named_basis {
            let why = if basis != self.basis {
                Some(fault("entry.basis", "names another basis than the newest in its log"))
            } else if at < self.published_at {
                Some(fault("entry.published-at", "is dated before a control entry that comes before it"))
            } else {
                None
            };
            if let Some(why) = why {
                let is_critical = item.leaf.is_critical() && item.leaf.is_control();
                item.meaning = Meaning::Faulty { why, is_critical };
            }
        }
        let control = match &item.meaning {
            Meaning::Control { envelope, control } => {
                self.published_at = envelope.published_at;
                Some(Control::clone(control))
            }
            Meaning::Bare
            | Meaning::Record { .. }
            | Meaning::Held
            | Meaning::Unknown
            | Meaning::Stop
            | Meaning::Faulty { .. } => None,
        };
        if matches!(control, Some(Control::Open(_) | Control::Basis(_))) {
            self.basis = index;
        }
        // A tombstone or relabelling may name its own log only below itself.
        let ahead = match &control {
            Some(Control::Tombstone { targets, .. } | Control::Relabel { targets, .. }) => {
                targets.iter().any(|range| range.epoch == row.id.epoch && range.last >= index)
            }
            Some(Control::Open(_) | Control::Basis(_)) | None => false,
        };
        if ahead {
            let why = fault("entry.target-ahead", "names entries that come after it");
            item.meaning = Meaning::Faulty { why, is_critical: true };
        }
        let stops = match &item.meaning {
            Meaning::Stop => true,
            Meaning::Faulty { is_critical, .. } => *is_critical || index == 0,
            Meaning::Control { control, .. } => (index == 0) != matches!(**control, Control::Open(_)),
            Meaning::Bare | Meaning::Record { .. } | Meaning::Held | Meaning::Unknown => index == 0,
        };
        if stops && self.stopped.is_none() {
            self.stopped = Some(index);
        }
        // Beyond the stop nothing new shows, but what is known to withdraw still does.
        if self.stopped.is_some() && matches!(item.meaning, Meaning::Record { .. }) {
            item.meaning = Meaning::Unknown;
        }
        (item, control.filter(|_| !ahead))
    }
}

/// What is the same for all entries of a log.
struct Place<'a> {
    governance: &'a Governance,
    log: &'a LogId,
    headings: Headings,
    /// Whether governance itself travels there.
    is_governing: bool,
}

impl<'a> Place<'a> {
    fn of(governance: &'a Governance, log: &'a LogId) -> Self {
        let is_governing = governance.channel(&log.channel).is_some_and(|channel| channel.kind.is_governing());
        Self { governance, log, headings: Headings::of(governance, &log.channel), is_governing }
    }
}

/// Reads one whole entry and judges what can be judged without its neighbours.
fn read(place: &Place<'_>, tx: &dyn ReadTx, (index, flags): (u64, u8), envelope: &[u8], body: &[u8]) -> Meaning {
    // A faulty record is only itself out of order; a faulty control entry puts what follows in doubt.
    let is_critical = flags & entry::FLAG_CRITICAL != 0 && flags & entry::FLAG_CONTROL != 0;
    let faulty = |why: Why| Meaning::Faulty { why, is_critical };
    match entry::read(flags, envelope, body) {
        Err(fault) => {
            faulty(Why { pointer: Some(fault.pointer.clone()), ..Why::plain("entry.malformed", fault.to_string()) })
        }
        Ok(Reading::UnknownCritical) => Meaning::Stop,
        Ok(Reading::UnknownRecord(_)) => Meaning::Unknown,
        Ok(Reading::Control(envelope, control)) => match opens_rightly(place.governance, place.log, index, &control) {
            Ok(()) => Meaning::Control { envelope, control: Box::new(control) },
            Err(text) => faulty(Why::plain("entry.open", text)),
        },
        Ok(Reading::Record(envelope)) => record(place, tx, &envelope, body).unwrap_or_else(faulty),
    }
}

fn opens_rightly(governance: &Governance, log: &LogId, index: u64, control: &Control) -> Result<(), &'static str> {
    let Control::Open(open) = control else { return Ok(()) };
    if index != 0 {
        return Err("a log is opened by its entry 0 only");
    }
    let Some(expected) = log::opening(governance, log) else {
        return Err("no agreement known here opens this channel");
    };
    let fits = Open { predecessor: open.predecessor.clone(), basis: open.basis.clone(), ..expected };
    if **open == fits { Ok(()) } else { Err("does not say what its log's name says") }
}

fn record(place: &Place<'_>, tx: &dyn ReadTx, envelope: &Envelope, body: &[u8]) -> Result<Meaning, Why> {
    if envelope.kind.as_str() == record::DOCUMENT.slug {
        if !place.is_governing {
            return Err(Why::plain("entry.kind", "documents stand in governance channels only"));
        }
        let checked = place.governance.check(body).map_err(|fault| Why::plain("entry.document", fault.to_string()));
        return checked.map(|()| Meaning::Unknown);
    }
    let facts = stix21::read(body).map_err(|faults| match faults.into_iter().next() {
        Some(fault) => Why::field(fault),
        None => Why::plain("entry.malformed", "the body is no STIX object"),
    })?;
    let Some(label) = envelope.tlp else { return Err(Why::plain("entry.malformed", "the label is missing")) };
    if facts.marking.is_some_and(|marking| marking > label) {
        return Err(Why {
            pointer: Some("/tlp".to_owned()),
            ..Why::plain("label.laxer-than-marking", "the label is laxer than the object's own marking")
        });
    }
    Ok(Meaning::Record {
        header: project::header(&facts, label),
        postings: project::postings(tx, place.headings, &facts, envelope.published_at),
        published_at: envelope.published_at,
        basis: envelope.basis,
        kind: format!("{}.{}", record::STIX.slug, facts.object_type),
        personal: envelope.personal_data.unwrap_or(facts.personal),
    })
}

/// Tombstones and relabellings bind nothing in governance channels: two nodes with the same logs must not hold different law.
fn unbinding(mut item: Item) -> Item {
    if let Meaning::Control { control, .. } = &item.meaning
        && matches!(**control, Control::Tombstone { .. } | Control::Relabel { .. })
    {
        let why = Why::plain("entry.governance", "nothing is withdrawn or relabelled in a governance channel");
        item.meaning = Meaning::Faulty { why, is_critical: false };
    }
    item
}

/// What the policy makes of a record where it stands.
fn admitted(mut item: Item, judge: &mut Judge<'_>) -> Item {
    if let Meaning::Record { header, kind, personal, published_at, .. } = &item.meaning
        && let Some(label) = Tlp::ALL.get(usize::from(header.label))
    {
        match judge.verdict(kind, (*label, *personal), *published_at) {
            Verdict::Admitted => {}
            Verdict::Held => item.meaning = Meaning::Held,
            Verdict::Refused(why) => item.meaning = Meaning::Faulty { why, is_critical: false },
        }
    }
    item
}

/// A relabelling that was known before the body came counts for it, too.
fn relabelled(tx: &dyn ReadTx, row: &LogRow, index: u64, mut item: Item) -> Result<Item, NodeFault> {
    if let (Meaning::Record { header, .. }, Some(content)) = (&mut item.meaning, &item.content)
        && let Some(label) = withdraw::label_now(tx, &row.id, index, content)?
    {
        header.label = label as u8;
    }
    Ok(item)
}

/// A whole entry that arrives where only its leaf was known fills the gap, unless a tombstone names it.
fn fill_withheld(
    writing: &mut Writing<'_>,
    ask: (&Governance, &Cache),
    row: &mut LogRow,
    (first, now): (u64, Timestamp),
    items: Vec<Item>,
) -> Result<(), NodeFault> {
    if row.withheld == 0 {
        return Ok(());
    }
    let mut anew = Anew::default();
    for (index, item) in (first..).zip(items) {
        let key = EntryKey::new(row.no, index);
        let basis = if let Meaning::Record { basis, .. } = &item.meaning { *basis } else { row.basis };
        let item = admitted(item, &mut Judge::new(ask, writing.tx.as_ref(), row, basis)?);
        let Some(content) = item.content else { continue };
        let stored = writing.tx.headers(&[key])?.into_iter().next().flatten();
        if stored.is_none_or(|stored| stored.state != State::Withheld)
            || erase::is_named(writing.tx.as_ref(), &row.id, index)?
        {
            continue;
        }
        let item = Item { content: Some(content), ..item };
        let item = relabelled(writing.tx.as_ref(), row, index, item)?;
        let Some(content) = item.content else { continue };
        let beyond_stop = row.stopped.is_some_and(|stopped| index >= stopped);
        let header = match item.meaning {
            Meaning::Record { header, postings, .. } if !beyond_stop => {
                for (in_index, posting) in postings {
                    writing.tx.post(in_index, &[(posting, key)])?;
                }
                heading::note_types(writing.tx.as_mut(), row.headings(), [header.type_code])?;
                header
            }
            Meaning::Faulty { why, .. } => {
                writing.tx.put(Book::Faulty, &key.0.to_be_bytes(), &rows::to_json(&why))?;
                Header::bare(State::Faulty)
            }
            Meaning::Held => {
                judgement::note_held(writing.tx.as_mut(), key)?;
                Header::bare(State::Held)
            }
            Meaning::Bare | Meaning::Record { .. } | Meaning::Unknown | Meaning::Control { .. } | Meaning::Stop => {
                Header::bare(State::Unknown)
            }
        };
        writing.tx.fill(key, header, content)?;
        if header.state == State::Live {
            anew.note(&row.id.channel, key);
        }
        status::change(writing.tx.as_mut(), |counts| counts.turn(State::Withheld, header.state))?;
        row.withheld = row.withheld.saturating_sub(1);
    }
    Ok(anew.write(writing.tx.as_mut(), now)?)
}

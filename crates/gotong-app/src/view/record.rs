//! One record as a caller may see it, all versions of one id, and what stands at one place of a log.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use gotong_formats::stix21;
use gotong_model::control::Reason;
use gotong_model::envelope::Envelope;
use gotong_model::{ChannelId, MemberCode, Origin, Pap, Personal, Timestamp, Tlp, limits};
use gotong_store::{Book, Content, EntryKey, Header, LogNo, ReadTx, State};

use super::place::Place;
use super::scope::{Scope, SeenLog};
use super::versions::{Versions, label_of};
use super::withdrawals::{self, Gone};
use crate::caller::Caller;
use crate::erase;
use crate::node::{Node, NodeFault};
use crate::publish::Why;
use crate::rows::{self, from_json};

/// Who else has published the same id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AlsoBy {
    /// The author.
    pub author: MemberCode,
    /// The channel.
    pub channel: ChannelId,
    /// Its handle.
    pub channel_handle: String,
    /// The strictest label it has there.
    pub label: Tlp,
    /// Where its newest version stands.
    pub place: Place,
}

/// A record with what is known around it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordView {
    /// The channel.
    pub channel: ChannelId,
    /// Its handle.
    pub channel_handle: String,
    /// The member whose log it stands in.
    pub author: MemberCode,
    /// Where it stands there.
    pub place: Place,
    /// The record's kind.
    pub kind: String,
    /// The object's id.
    pub id: String,
    /// The object's type.
    pub object_type: String,
    /// What to call it in a list.
    pub name: Option<String>,
    /// The object's `modified`, or `created` where it has only that.
    pub modified: Option<Timestamp>,
    /// The label that counts for this entry now.
    pub label: Tlp,
    /// The strictest label among all versions of all authors that the caller may read.
    pub strictest: Tlp,
    /// When the author published it.
    pub published_at: Timestamp,
    /// Which organisation of the author's country speaks.
    pub organisation: Option<String>,
    /// What it is shared for.
    pub purpose: Option<String>,
    /// Permissible actions.
    pub pap: Option<Pap>,
    /// What it holds of people: its author's word, or else what its nature says.
    pub personal_data: Personal,
    /// Language of the body's text.
    pub language: Option<String>,
    /// The bytes as the author received them.
    pub body: Vec<u8>,
    /// Whether it is the newest version of this author in this channel.
    pub is_newest: bool,
    /// Whether its creator took it back.
    pub revoked: bool,
    /// Until when an indicator holds.
    pub valid_until: Option<Timestamp>,
    /// Others who have the same id, by author and channel.
    pub also_by: Vec<AlsoBy>,
}

/// What stands at one place of a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EntryView {
    /// A record.
    Record(Box<RecordView>),
    /// Withdrawn: why, by which entry, and who has erased it.
    Withdrawn {
        /// The tombstone's reason.
        reason: Reason,
        /// The log that the tombstone stands in.
        origin: String,
        /// The tombstone's index.
        index: u64,
        /// Who has erased it.
        gone: Gone,
    },
    /// Its body has not arrived.
    Withheld,
    /// It breaks a rule; stored, relayed, not shown.
    Faulty(Why),
    /// It waits for a document that its author knew and that is not here yet.
    Held,
    /// A control entry, by its kind.
    Control(String),
    /// Of a kind or version that this program does not know, or beyond the point up to which the log is shown.
    Unknown,
}

/// Makes views of records within one answer; remembers the versions of ids that it has met.
pub(crate) struct Records<'a, 's> {
    scope: &'a Scope<'s>,
    known: RefCell<HashMap<String, Rc<Versions>>>,
}

impl<'a, 's> Records<'a, 's> {
    pub(crate) fn new(scope: &'a Scope<'s>) -> Self {
        Self { scope, known: RefCell::default() }
    }

    /// The view of a live entry; `None` where its content does not read back as a record.
    pub(crate) fn view(
        &self,
        tx: &dyn ReadTx,
        (entry, log): (EntryKey, &SeenLog),
        header: &Header,
        content: Content,
    ) -> Result<Option<RecordView>, NodeFault> {
        let Ok(envelope) = Envelope::parse(&content.envelope, false) else { return Ok(None) };
        let Ok(facts) = stix21::read(&content.body) else { return Ok(None) };
        let versions = self.versions(tx, &facts.id, header)?;
        let also = |(version, label): (&super::versions::Version, Tlp)| AlsoBy {
            author: version.log.id.author.clone(),
            channel: version.log.id.channel,
            channel_handle: version.log.handle.to_string(),
            label,
            place: self.scope.place(&version.log, version.entry),
        };
        let label = label_of(header);
        Ok(Some(RecordView {
            channel: log.id.channel,
            channel_handle: log.handle.to_string(),
            author: log.id.author.clone(),
            place: self.scope.place(log, entry),
            kind: envelope.kind.as_str().to_owned(),
            is_newest: versions.newest_beside(tx, log)?.is_none_or(|newest| newest == entry),
            also_by: versions.others(log).into_iter().map(also).collect(),
            strictest: versions.strictest().map_or(label, |strictest| strictest.max(label)),
            id: facts.id,
            object_type: facts.object_type,
            name: facts.name,
            modified: facts.modified,
            label,
            published_at: envelope.published_at,
            organisation: envelope.organisation,
            purpose: envelope.purpose,
            pap: envelope.pap,
            personal_data: envelope.personal_data.unwrap_or(facts.personal),
            language: envelope.language,
            body: content.body,
            revoked: facts.revoked,
            valid_until: facts.valid_until,
        }))
    }

    fn versions(&self, tx: &dyn ReadTx, id: &str, like: &Header) -> Result<Rc<Versions>, NodeFault> {
        if let Some(known) = self.known.borrow().get(id) {
            return Ok(Rc::clone(known));
        }
        let versions = Rc::new(Versions::of(self.scope, tx, id, Some(like))?);
        self.known.borrow_mut().insert(id.to_owned(), Rc::clone(&versions));
        Ok(versions)
    }
}

/// All versions of all authors that the caller may read, in the order in which they are shown: the authors by their codes (the charter binds no
/// identities yet, so no creator comes first), newest first within each. At most the newest thousand.
pub fn read(node: &Node, caller: &Caller, id: &str) -> Result<Vec<RecordView>, NodeFault> {
    read_about(node, caller, id, None)
}

/// [`read`], asked about a channel: of an exercise's, only what belongs to exercises.
pub fn read_about(
    node: &Node,
    caller: &Caller,
    id: &str,
    channel: Option<&ChannelId>,
) -> Result<Vec<RecordView>, NodeFault> {
    let scope = Scope::about(node, caller, channel);
    let tx = node.store.read()?;
    let mut versions = Versions::of(&scope, tx.as_ref(), id, None)?;
    versions.sort();
    let records = Records::new(&scope);
    let mut views = Vec::new();
    for version in versions.all.iter().take(limits::PAGE_ROWS_MAX) {
        let Some(content) = tx.entry(version.entry)?.map(|entry| entry.open()).transpose()?.flatten() else { continue };
        let view = records.view(tx.as_ref(), (version.entry, &version.log), &version.header, content)?;
        // Keys of indexes are hashes: what is found under one must still be what was asked for.
        views.extend(view.filter(|view| view.id == id));
    }
    Ok(views)
}

/// What stands at one place of a log. `None`: no such place, or none that the caller may know of.
pub fn entry(node: &Node, caller: &Caller, origin: &str, index: u64) -> Result<Option<EntryView>, NodeFault> {
    let Some(place) = Origin::from_text(origin) else { return Ok(None) };
    let scope = Scope::within(node, caller, &place.log.channel);
    let tx = node.store.read()?;
    let tx = tx.as_ref();
    let Some(row) = scope.log_of_origin(tx, origin)?.filter(|row| index < row.size()) else { return Ok(None) };
    let key = EntryKey::new(row.no, index);
    let Some(stored) = tx.entry(key)? else { return Ok(None) };
    let hidden = row.stopped.is_some_and(|stopped| index >= stopped);
    Ok(Some(match stored.header.state {
        State::Erased => withdrawn(&scope, tx, &row, index)?,
        State::Withheld => EntryView::Withheld,
        State::Faulty => EntryView::Faulty(fault_of(tx, key)?),
        State::Control => EntryView::Control(control_kind(&stored)?),
        State::Live if !hidden => {
            let (Some(log), Some(content)) = (scope.seen(&row), stored.open()?) else { return Ok(None) };
            if !scope.may_see(tx, key, &log, &stored.header)? {
                return Ok(None);
            }
            match Records::new(&scope).view(tx, (key, &log), &stored.header, content)? {
                Some(view) => EntryView::Record(Box::new(view)),
                None => EntryView::Unknown,
            }
        }
        State::Held if !hidden => EntryView::Held,
        State::Live | State::Unknown | State::Held => EntryView::Unknown,
    }))
}

fn withdrawn(scope: &Scope<'_>, tx: &dyn ReadTx, row: &rows::LogRow, index: u64) -> Result<EntryView, NodeFault> {
    let Some((log, at, reason)) = erase::tombstone_of(tx, &row.id, index)? else { return Ok(EntryView::Withheld) };
    let origin = origin_of(scope, tx, log)?;
    let gone = withdrawals::gone(scope, tx, log, at)?;
    Ok(EntryView::Withdrawn { reason, origin, index: at, gone })
}

/// The origin of a log that stands in a channel which the caller reads.
pub(crate) fn origin_of(scope: &Scope<'_>, tx: &dyn ReadTx, log: LogNo) -> Result<String, NodeFault> {
    Ok(scope.log(tx, log)?.map(|log| log.origin.to_string()).unwrap_or_default())
}

fn fault_of(tx: &dyn ReadTx, key: EntryKey) -> Result<Why, NodeFault> {
    let why = tx.fetch(Book::Faulty, &key.0.to_be_bytes())?;
    let why = why.map(|why| from_json(&why, "faulty entries")).transpose()?;
    Ok(why.unwrap_or_else(|| Why::plain("entry.malformed", "the entry breaks a rule")))
}

fn control_kind(stored: &gotong_store::StoredEntry) -> Result<String, NodeFault> {
    let content = stored.open()?;
    let envelope = content.and_then(|content| Envelope::parse(&content.envelope, true).ok());
    Ok(envelope.map(|envelope| envelope.kind.as_str().to_owned()).unwrap_or_default())
}

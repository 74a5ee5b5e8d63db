//! Duties with their clocks: what agreements ask of this member for records that are here, what of it is done, and what is overdue.
//!
//! Nothing of it is stored but a person's word that something was done elsewhere: duties follow from logs, documents and the clock, so two nodes with the same
//! see the same. Must never erase or publish anything by itself. Read next: `duty/search.rs` (how they are found), `gotong_policy::duties_of` (what is asked).

use gotong_crypto::{Digest, sha256, text};
use gotong_model::agreement::DutyKind;
use gotong_model::{ChannelId, MemberCode, Timestamp, limits};
use gotong_store::{Book, ReadTx};

use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::note_act;
use crate::role::Right;
use crate::rows::{from_json, to_json};
use crate::view::scope::Scope;

mod search;

use search::Search;

/// How a duty stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DutyState {
    /// To be done, and still in time.
    Open,
    /// To be done, and its time is over.
    Overdue,
    /// Done.
    Met,
}

impl DutyState {
    /// Its word: `open`, `overdue`, `met`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Overdue => "overdue",
            Self::Met => "met",
        }
    }

    /// Reads the word.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Open, Self::Overdue, Self::Met].into_iter().find(|state| state.as_str() == text)
    }
}

/// Which duties are asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DutyQuery {
    /// Only these; `None` is all that is not done.
    pub state: Option<DutyState>,
    /// Only of this channel.
    pub channel: Option<ChannelId>,
    /// Only what is due before this instant.
    pub due_before: Option<Timestamp>,
    /// In place of this member's own duties those of others for its records, as far as they can be seen from here.
    pub of_others: bool,
    /// At most so many; 0 is the most of a page.
    pub limit: usize,
}

/// How a duty was met.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Met {
    /// When, or the latest instant at which it was known to be.
    pub at: Timestamp,
    /// Who noted it by hand, and what they wrote; `None` where a log shows it.
    pub noted: Option<(String, String)>,
}

/// One duty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DutyView {
    /// Names it at this node and at every other.
    pub id: String,
    /// What is to be done.
    pub duty: DutyKind,
    /// Who has to do it.
    pub member: MemberCode,
    /// For which object.
    pub object: String,
    /// What the object is called, where it has a name.
    pub name: Option<String>,
    /// Its type.
    pub object_type: String,
    /// Who published it.
    pub author: MemberCode,
    /// Where, by the channel's handle.
    pub channel: String,
    /// The log it stands in.
    pub origin: String,
    /// Its index there.
    pub index: u64,
    /// The agreement's handle, and the version that the author knew.
    pub agreement: (String, u64),
    /// The clause's number and heading.
    pub clause: (String, String),
    /// Since when.
    pub since: Timestamp,
    /// By when.
    pub due: Timestamp,
    /// How it stands.
    pub state: DutyState,
    /// How it was met.
    pub met: Option<Met>,
}

impl DutyView {
    /// What is to be done, in words, and how.
    pub fn text(&self) -> String {
        let (channel, author) = (&self.channel, &self.author);
        let names = "a relationship, report, note, sighting or opinion";
        match self.duty {
            DutyKind::Acknowledge => {
                format!("acknowledge that it is here; a node does so by itself when it next speaks with {author}")
            }
            DutyKind::Answer => format!("answer {author}: publish {names} in {channel} that refers to it"),
            DutyKind::Notify => format!("tell the other parties: publish {names} in {channel} that refers to it"),
            DutyKind::Delete if self.member == self.author => {
                "erase it: withdraw it with the reason retention; no node does that by itself".to_owned()
            }
            DutyKind::Delete => {
                format!(
                    "see that it is erased: ask {author} to withdraw it with the reason retention; no node does that by itself"
                )
            }
        }
    }
}

/// Duties that were found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DutyPage {
    /// By when they are due, soonest first.
    pub duties: Vec<DutyView>,
    /// Whether there are, or may be, more.
    pub more: bool,
    /// The instant at which they stand so.
    pub at: Timestamp,
}

/// The duties that a caller may know of, soonest due first. For the member's staff; of narrowed channels only those in them.
pub fn list(node: &Node, caller: &Caller, query: &DutyQuery) -> Result<DutyPage, NodeFault> {
    let at = node.now();
    if !caller.is_staff() {
        return Ok(DutyPage { at, ..DutyPage::default() });
    }
    let scope = Scope::new(node, caller);
    let limit = if query.limit == 0 { limits::PAGE_ROWS_MAX } else { query.limit.min(limits::PAGE_ROWS_MAX) };
    let mut search = Search::new(&scope, query, at, limit);
    if let Some(asked) = query.channel {
        if let Some(channel) = scope.channel(&asked) {
            search.channel(&channel)?;
        }
    } else {
        // INVARIANT: 6. Duties of an exercise are shown in its own channel, and not among real ones.
        for channel in scope.channels().iter().filter(|channel| !channel.channel_type.exercise) {
            search.channel(channel)?;
        }
        search.own_channels()?;
    }
    let (duties, more) = search.into_page();
    Ok(DutyPage { duties, more, at })
}

/// How many of this member's duties are overdue, by what is to be done; counted up to a page in all, so that asking stays cheap.
pub fn overdue(node: &Node) -> Result<[(DutyKind, u64); 4], NodeFault> {
    let query = DutyQuery { state: Some(DutyState::Overdue), ..DutyQuery::default() };
    let page = list(node, &Caller::operator(), &query)?;
    let count = |kind| page.duties.iter().filter(|duty| duty.duty == kind).count() as u64;
    Ok([DutyKind::Acknowledge, DutyKind::Answer, DutyKind::Notify, DutyKind::Delete].map(|kind| (kind, count(kind))))
}

/// What came of noting a duty as done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Noted {
    /// It is noted.
    Done,
    /// It was done already; nothing changes.
    Known,
    /// There is no such duty of this member that the caller may know of.
    NotFound,
    /// The caller's role does not answer for duties.
    NotAllowed,
    /// This is not met by a person's word: an acknowledgement or an erasure shows by itself.
    ShowsByItself(DutyKind),
}

/// A person's word that a duty was met where no log shows it.
#[derive(serde::Serialize, serde::Deserialize)]
struct Mark {
    at: String,
    caller: String,
    note: String,
}

fn mark_key(id: &str) -> Vec<u8> {
    [b"duty/done/", id.as_bytes()].concat()
}

fn mark_of(tx: &dyn ReadTx, id: &str) -> Result<Option<Met>, NodeFault> {
    let Some(bytes) = tx.fetch(Book::Meta, &mark_key(id))? else { return Ok(None) };
    let mark: Mark = from_json(&bytes, "duties")?;
    let at = Timestamp::from_canonical(&mark.at).unwrap_or_default();
    Ok(Some(Met { at, noted: Some((mark.caller, mark.note)) }))
}

/// The parts of an id: what stands for the log, the index, and which of the version's duties.
fn parse_id(id: &str) -> Option<(&str, u64, usize)> {
    let (log, rest) = id.split_once('.')?;
    let (index, rule) = rest.split_once('.')?;
    let (index, rule) = (index.parse().ok()?, rule.parse().ok()?);
    // One duty has one id: leading zeros and signs would make others of it.
    (id == format!("{log}.{index}.{rule}")).then_some((log, index, rule))
}

fn id_of(origin: &str, index: u64, rule: usize) -> String {
    format!("{}.{index}.{rule}", log_in_id(origin))
}

/// Short for a log. Not its epoch: that is its author's choice, and two logs may have the same.
fn log_in_id(origin: &str) -> String {
    let Digest(digest) = sha256(origin.as_bytes());
    let half: [u8; 16] = *digest.first_chunk().unwrap_or(&[0; 16]);
    text::base32(&half)
}

/// Notes that this member has answered or notified in a way that no log shows. The note stays at this node, with its line in the audit log.
pub fn done(node: &Node, caller: &Caller, id: &str, note: &str) -> Result<Noted, NodeFault> {
    let (true, Some(place)) = (caller.is_staff(), parse_id(id)) else { return Ok(Noted::NotFound) };
    let scope = Scope::new(node, caller);
    let Some(duty) = search::one(&scope, place)? else { return Ok(Noted::NotFound) };
    if !caller.may(Right::Answer) {
        return Ok(Noted::NotAllowed);
    }
    match duty.duty {
        DutyKind::Acknowledge | DutyKind::Delete => return Ok(Noted::ShowsByItself(duty.duty)),
        DutyKind::Answer | DutyKind::Notify if duty.state == DutyState::Met => return Ok(Noted::Known),
        DutyKind::Answer | DutyKind::Notify => {}
    }
    node.transact(Priority::People, |writing| {
        let key = mark_key(id);
        if writing.tx.fetch(Book::Meta, &key)?.is_some() {
            return Ok(Noted::Known);
        }
        let at = node.now();
        let mark = Mark { at: at.to_string(), caller: caller.id.clone(), note: note.to_owned() };
        writing.tx.put(Book::Meta, &key, &to_json(&mark))?;
        let what = serde_json::json!({"id": id, "duty": duty.duty.as_str(), "channel": duty.channel, "note": note});
        note_act(writing, at, &caller.id, "duty-done", &what)?;
        Ok(Noted::Done)
    })
}

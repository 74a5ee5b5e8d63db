//! Deeds: one act on many records, from the moment they are chosen until it has been carried out. What is chosen is frozen when the check page is made, held for
//! a while in which it can be undone, and then carried out in the background, a bounded piece at a time.
//!
//! INVARIANT: a deed is carried out as the person who asked for it, with the rights that this person has then. While it is held nothing has happened to any of
//! its records; once it has ended, or was left, no id of them stays here. Read next: `deed/choose.rs` (what is chosen), `deed/carry.rs` (what happens then).

mod carry;
mod choose;

use std::collections::BTreeMap;

use gotong_crypto::text;
use gotong_model::control::Reason;
use gotong_model::{Timestamp, Tlp};
use gotong_store::{Book, Fault, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};

use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::note_act;
use crate::role::Right;
use crate::rows::{from_json, prefix_end, to_json};

pub use carry::{Step, step};
pub use choose::{Asked, choose};

/// Records of one deed. Whoever wants more asks for less at a time.
pub const CHOSEN_MAX: usize = 20_000;
/// How long a deed is held before it is carried out, in seconds.
pub const HOLD_S: i64 = crate::parcel::HOLD_S;
/// Deeds that one person may have before they are carried out.
const OPEN_MAX: usize = 10;
/// Deeds of everybody.
const ALL_MAX: usize = 200;
/// How long a deed that nobody sends is kept, in seconds: ids of observables are as good as their values, and should not outlive them.
const KEPT_S: i64 = 3_600;
/// Records of one piece, carried out in one transaction.
const PIECE: usize = 200;

/// What is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Records are withdrawn.
    Withdraw,
    /// Their label is changed.
    Relabel,
    /// What waits is released.
    Release,
    /// What waits is dropped.
    Drop,
}

impl Kind {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Withdraw => "withdraw",
            Self::Relabel => "relabel",
            Self::Release => "release",
            Self::Drop => "drop",
        }
    }

    /// By its name.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Withdraw, Self::Relabel, Self::Release, Self::Drop].into_iter().find(|kind| kind.as_str() == text)
    }

    /// The rights that it asks for: those of the same act on one record.
    pub fn rights(self) -> &'static [Right] {
        match self {
            Self::Withdraw => &[Right::Withdraw],
            Self::Relabel => &[Right::Withdraw, Right::Oversee],
            Self::Release | Self::Drop => &[Right::Publish, Right::Release],
        }
    }

    /// Whether this caller may do it at all. What waits, and labels, are the staff's.
    pub fn is_open_to(self, caller: &Caller) -> bool {
        self.rights().iter().all(|right| caller.may(*right)) && (self == Self::Withdraw || caller.is_staff())
    }

    /// Whether it is about what waits, and not about records.
    pub fn is_of_waiting(self) -> bool {
        matches!(self, Self::Release | Self::Drop)
    }

    /// Whether it can be carried out with this choice: a reason, a label, or nothing.
    fn takes(self, choice: &str) -> bool {
        match self {
            Self::Withdraw => reason_of(choice).is_some(),
            Self::Relabel => Tlp::from_human(choice).is_some(),
            Self::Release | Self::Drop => choice.is_empty(),
        }
    }
}

fn reason_of(choice: &str) -> Option<Reason> {
    Reason::ALL.iter().copied().find(|reason| reason.as_str() == choice)
}

/// Where a deed stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum State {
    /// Being looked at.
    Open,
    /// Is carried out from this time on, unless it is undone.
    Held {
        /// In microseconds.
        until: i64,
    },
    /// Is being carried out.
    Running,
}

/// What is chosen in one channel.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Group {
    /// The channel's id.
    pub channel: String,
    /// Its handle.
    pub handle: String,
    /// How many records.
    pub count: usize,
    /// How many of each label.
    pub labels: BTreeMap<String, usize>,
}

/// Why something that was asked for is not done, or that it was: for each channel by its handle, how many of each word.
pub type Tally = BTreeMap<String, BTreeMap<String, u64>>;

/// A deed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deed {
    /// Its id.
    pub id: String,
    /// What is done.
    pub kind: Kind,
    /// When it was made.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// How many records it is about.
    pub chosen: usize,
    /// In which channels.
    pub groups: Vec<Group>,
    /// What was asked for and is not part of it: `others` (another's record), `gone` (not there any more).
    pub left_out: Tally,
    /// What came of those that are carried out already.
    pub told: Tally,
}

impl Deed {
    /// How many have been gone through.
    pub fn gone_through(&self) -> u64 {
        self.told.values().flat_map(BTreeMap::values).sum()
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Row {
    owner: String,
    created_at: i64,
    kind: Kind,
    /// The reason's or the label's word; empty until it is sent.
    choice: String,
    state: State,
    chosen: usize,
    groups: Vec<Group>,
    left_out: Tally,
    told: Tally,
}

/// Records of one channel, frozen: ids, or of what waits, numbers.
#[derive(Clone, Serialize, Deserialize)]
struct Piece {
    /// Which of the row's groups.
    group: usize,
    ids: Vec<String>,
}

/// Why a step was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// There is no such deed for this person.
    Unknown,
    /// More fits than one deed may be about, or this person or the node has too many deeds open.
    TooMuch,
    /// It has begun, or stands where this step is not one.
    TooLate,
    /// The role lacks a right.
    NoRight,
    /// Nothing that could be acted on was chosen, or no reason or label.
    Nothing,
}

type Taken<T> = Result<Result<T, Refusal>, NodeFault>;

/// A deed of this person's.
pub fn fetch(node: &Node, caller: &Caller, id: &str) -> Result<Option<Deed>, NodeFault> {
    let row = row_of(node.store.read()?.as_ref(), id)?;
    Ok(row.filter(|row| row.owner == caller.id).map(|row| row.deed(id)))
}

/// The one object that a deed of this person's is about, where it is about one: the same id in each of its channels.
pub fn only(node: &Node, caller: &Caller, id: &str) -> Result<Option<String>, NodeFault> {
    let tx = node.store.read()?;
    let Some(row) = row_of(tx.as_ref(), id)?.filter(|row| row.owner == caller.id && !row.kind.is_of_waiting()) else {
        return Ok(None);
    };
    // One record of a channel is one piece: whatever has more than channels is about several.
    if row.chosen == 0 || row.chosen != row.groups.len() {
        return Ok(None);
    }
    let begin = pieces_of(id);
    let mut ids = Vec::new();
    for (_, value) in tx.scan(Book::Deed, &begin, &prefix_end(&begin), row.groups.len())? {
        ids.extend(from_json::<Piece>(&value, "deeds")?.ids);
    }
    ids.dedup();
    Ok(<[String; 1]>::try_from(ids).ok().map(|[only]| only))
}

/// This person's deeds that are held or being carried out, oldest first.
pub fn list(node: &Node, caller: &Caller) -> Result<Vec<Deed>, NodeFault> {
    let rows = rows(node.store.read()?.as_ref())?;
    let own = rows.into_iter().filter(|(_, row)| row.owner == caller.id && row.state != State::Open);
    let mut deeds: Vec<Deed> = own.map(|(id, row)| row.deed(&id)).collect();
    deeds.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(deeds)
}

/// Sends a deed into its hold, with a reason or a label where its kind needs one; until when it is held.
pub fn send(node: &Node, caller: &Caller, id: &str, choice: &str) -> Taken<Timestamp> {
    let until = node.now().plus_ms(u64::try_from(HOLD_S).unwrap_or_default() * 1_000);
    change(node, caller, id, "deed-send", |row| {
        if row.state != State::Open {
            return Err(Refusal::TooLate);
        }
        if !row.kind.is_open_to(caller) {
            return Err(Refusal::NoRight);
        }
        if row.chosen == 0 || !row.kind.takes(choice) {
            return Err(Refusal::Nothing);
        }
        choice.clone_into(&mut row.choice);
        row.state = State::Held { until: until.micros() };
        Ok(until)
    })
}

/// Undoes a deed that is held: nothing has happened to any of its records, and it can be looked at and sent again.
pub fn undo(node: &Node, caller: &Caller, id: &str) -> Taken<usize> {
    let now = node.now().micros();
    change(node, caller, id, "deed-undo", |row| match row.state {
        State::Held { until } if until > now => {
            row.state = State::Open;
            // It can be looked at for as long as a new one.
            row.created_at = now;
            Ok(row.chosen)
        }
        // The time is over: it may have begun.
        State::Held { .. } | State::Running => Err(Refusal::TooLate),
        State::Open => Ok(row.chosen),
    })
}

/// Leaves a deed that was not sent, or is held: nothing of it is kept.
pub fn leave(node: &Node, caller: &Caller, id: &str) -> Taken<()> {
    node.transact(Priority::People, |writing| {
        let Some(row) = row_of(writing.tx.as_ref(), id)?.filter(|row| row.owner == caller.id) else {
            return Ok(Err(Refusal::Unknown));
        };
        match row.state {
            State::Open => {}
            State::Held { until } if until > node.now().micros() => {}
            State::Held { .. } | State::Running => return Ok(Err(Refusal::TooLate)),
        }
        forget(writing.tx.as_mut(), id)?;
        Ok(Ok(()))
    })
}

/// Forgets what nobody has sent for an hour; how many.
pub fn sweep(node: &Node) -> Result<usize, NodeFault> {
    let edge = node.now().micros() - KEPT_S * 1_000_000;
    let is_old = |row: &Row| row.created_at < edge && row.state == State::Open;
    let old: Vec<String> =
        rows(node.store.read()?.as_ref())?.into_iter().filter(|(_, row)| is_old(row)).map(|(id, _)| id).collect();
    let mut forgotten = 0;
    for id in &old {
        forgotten += node.transact(Priority::Bulk, |writing| {
            // It may have been sent meanwhile.
            if !row_of(writing.tx.as_ref(), id)?.is_some_and(|row| is_old(&row)) {
                return Ok(0);
            }
            forget(writing.tx.as_mut(), id)?;
            Ok(1)
        })?;
    }
    Ok(forgotten)
}

fn change<T>(
    node: &Node,
    caller: &Caller,
    id: &str,
    word: &str,
    take: impl FnOnce(&mut Row) -> Result<T, Refusal>,
) -> Taken<T> {
    node.transact(Priority::People, |writing| {
        let Some(mut row) = row_of(writing.tx.as_ref(), id)?.filter(|row| row.owner == caller.id) else {
            return Ok(Err(Refusal::Unknown));
        };
        let taken = take(&mut row);
        if taken.is_ok() {
            writing.tx.put(Book::Deed, &row_key(id), &to_json(&row))?;
            // How many and where, never which: ids of observables are as good as their values.
            let handles: Vec<&str> = row.groups.iter().map(|group| group.handle.as_str()).collect();
            let what = serde_json::json!({"deed": id, "act": row.kind, "records": row.chosen, "channels": handles});
            note_act(writing, node.now(), &caller.id, word, &what)?;
        }
        Ok(taken)
    })
}

/// Keeps a new deed, open; its id.
fn keep(node: &Node, caller: &Caller, row: &Row, pieces: &[Piece]) -> Taken<String> {
    let mut id = [0_u8; 10];
    node.entropy().fill(&mut id);
    let id = text::base32(&id);
    node.transact(Priority::People, |writing| {
        let tx = writing.tx.as_mut();
        let all = rows(tx)?;
        let mine: Vec<&(String, Row)> = all.iter().filter(|(_, known)| known.owner == caller.id).collect();
        // Whoever chooses anew has left what was chosen before: the oldest that was not sent goes.
        let oldest =
            mine.iter().filter(|(_, known)| known.state == State::Open).min_by_key(|(_, known)| known.created_at);
        match oldest {
            Some((old, _)) if mine.len() >= OPEN_MAX => forget(tx, old)?,
            None if mine.len() >= OPEN_MAX => return Ok(Err(Refusal::TooMuch)),
            Some(_) | None if all.len() >= ALL_MAX => return Ok(Err(Refusal::TooMuch)),
            Some(_) | None => {}
        }
        tx.put(Book::Deed, &row_key(&id), &to_json(row))?;
        for (at, piece) in pieces.iter().enumerate() {
            tx.put(Book::Deed, &piece_key(&id, u32::try_from(at).unwrap_or(u32::MAX)), &to_json(piece))?;
        }
        Ok(Ok(id.clone()))
    })
}

impl Row {
    fn deed(self, id: &str) -> Deed {
        Deed {
            id: id.to_owned(),
            kind: self.kind,
            created_at: Timestamp::from_micros(self.created_at).unwrap_or_default(),
            state: self.state,
            chosen: self.chosen,
            groups: self.groups,
            left_out: self.left_out,
            told: self.told,
        }
    }

    fn tell(&mut self, group: usize, word: &str, count: u64) {
        let handle = self.groups.get(group).map(|group| group.handle.clone()).unwrap_or_default();
        *self.told.entry(handle).or_default().entry(word.to_owned()).or_default() += count;
    }
}

fn row_of(tx: &dyn ReadTx, id: &str) -> Result<Option<Row>, Fault> {
    // Ids are short; nothing longer is looked for.
    if id.len() > 32 {
        return Ok(None);
    }
    tx.fetch(Book::Deed, &row_key(id))?.map(|value| from_json(&value, "deeds")).transpose()
}

fn rows<T: ReadTx + ?Sized>(tx: &T) -> Result<Vec<(String, Row)>, Fault> {
    let read = |(key, value): (Vec<u8>, Vec<u8>)| {
        let id = String::from_utf8_lossy(key.get(1..).unwrap_or_default()).into_owned();
        Ok((id, from_json(&value, "deeds")?))
    };
    tx.scan(Book::Deed, b"r", b"s", ALL_MAX + 1)?.into_iter().map(read).collect()
}

/// The piece that comes next.
fn next_piece(tx: &dyn ReadTx, id: &str) -> Result<Option<(Vec<u8>, Piece)>, Fault> {
    let begin = pieces_of(id);
    let found = tx.scan(Book::Deed, &begin, &prefix_end(&begin), 1)?.into_iter().next();
    found.map(|(key, value)| Ok((key, from_json(&value, "deeds")?))).transpose()
}

fn forget(tx: &mut dyn WriteTx, id: &str) -> Result<(), Fault> {
    let begin = pieces_of(id);
    for (key, _) in tx.scan(Book::Deed, &begin, &prefix_end(&begin), CHOSEN_MAX + 1)? {
        tx.delete(Book::Deed, &key)?;
    }
    tx.delete(Book::Deed, &row_key(id))
}

fn row_key(id: &str) -> Vec<u8> {
    [b"r", id.as_bytes()].concat()
}

fn pieces_of(id: &str) -> Vec<u8> {
    // No id lies within another's: ids hold no zero byte.
    [b"p", id.as_bytes(), &[0]].concat()
}

fn piece_key(id: &str, at: u32) -> Vec<u8> {
    [&pieces_of(id)[..], &at.to_be_bytes()].concat()
}

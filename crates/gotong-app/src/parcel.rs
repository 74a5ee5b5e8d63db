//! Parcels: what somebody is about to share, from the moment it is dropped until it has left. A parcel is checked, then held for a while in which it can be
//! stopped, where it must be confirmed by a second person, and then sent.
//!
//! Parcels are durable: what was typed or dropped is not lost to a restart, and a held one leaves at its time whoever is logged in. Sending is done again
//! after a crash, and what was published already is then known. INVARIANT: a parcel leaves as the person who shared it, with the rights that this person
//! has when it leaves. Once it has left or was dropped nothing of it is kept here. Read next: `act.rs` (what came of it).

use std::ops::Range;

use gotong_crypto::text;
use gotong_model::Timestamp;
use gotong_store::{Book, Fault, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};

use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::note_act;
use crate::role::Right;
use crate::rows::{from_json, to_json};

/// Bytes of one parcel.
pub const BYTES_MAX: usize = 16 << 20;
/// Parcels that one person may have open.
pub const OPEN_MAX: usize = 20;
/// Parcels of everybody.
const ALL_MAX: usize = 2_000;
/// Bytes of parcels of everybody.
const ALL_BYTES_MAX: u64 = 512 << 20;
/// How long a parcel is held before it leaves, in seconds.
pub const HOLD_S: i64 = 120;
/// How long a parcel that nobody sends is kept, in seconds.
const KEPT_S: i64 = 14 * 86_400;

/// How a parcel is to be read and sent; the texts of a form, understood by the edge.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Settings {
    /// The channel's handle or id, as the person chose it.
    pub channel: String,
    /// The label of what carries none; empty: the channel's ceiling.
    pub tlp: String,
    /// What it holds of people; empty: each object's nature counts.
    pub personal_data: String,
    /// What it is shared for.
    pub purpose: String,
    /// The format; empty: seen from the content.
    pub format: String,
    /// What a table's columns mean; empty: guessed.
    pub mapping: String,
    /// The character set; empty: UTF-8.
    pub charset: String,
    /// The file's name; empty: it was typed.
    pub name: String,
}

/// Where a parcel stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum State {
    /// Being looked at.
    Open,
    /// Waits for a second person with the right to release.
    Second {
        /// Why a second person is needed: message id.
        why: String,
    },
    /// Leaves at this time unless it is stopped.
    Held {
        /// In microseconds.
        until: i64,
        /// Who confirmed it as the second, if one was needed.
        second: Option<String>,
    },
}

/// A parcel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parcel {
    /// Its id.
    pub id: String,
    /// Whose: the caller's id.
    pub owner: String,
    /// The owner's name for people.
    pub owner_name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// How it is to be read and sent.
    pub settings: Settings,
    /// Where it stands.
    pub state: State,
    /// How many bytes it has.
    pub bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct Row {
    owner: String,
    owner_name: String,
    created_at: i64,
    settings: Settings,
    state: State,
    bytes: u64,
}

/// Why a step was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// There is no such parcel for this person.
    Unknown,
    /// It is longer than a parcel may be, or its person has too many open, or the node has.
    TooMuch,
    /// It has left, or stands where this step is not one.
    TooLate,
    /// The one who confirms is the one who shares.
    SamePerson,
    /// The role lacks the right.
    NoRight,
}

type Step<T> = Result<Result<T, Refusal>, NodeFault>;

/// Keeps a parcel; its id.
pub fn put(node: &Node, caller: &Caller, settings: &Settings, body: &[u8]) -> Step<String> {
    if !caller.may(Right::Publish) {
        return Ok(Err(Refusal::NoRight));
    }
    if body.len() > BYTES_MAX {
        return Ok(Err(Refusal::TooMuch));
    }
    let mut id = [0_u8; 10];
    node.entropy().fill(&mut id);
    let id = text::base32(&id);
    let row = Row {
        owner: caller.id.clone(),
        owner_name: caller.name.clone(),
        created_at: node.now().micros(),
        settings: settings.clone(),
        state: State::Open,
        bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
    };
    node.transact(Priority::People, |writing| {
        let tx = writing.tx.as_mut();
        let all = rows(tx)?;
        let mine = all.iter().filter(|(_, known)| known.owner == caller.id).count();
        let bytes: u64 = all.iter().map(|(_, known)| known.bytes).sum();
        if mine >= OPEN_MAX || all.len() >= ALL_MAX || bytes + row.bytes > ALL_BYTES_MAX {
            return Ok(Err(Refusal::TooMuch));
        }
        tx.put(Book::Parcel, &row_key(&id), &to_json(&row))?;
        tx.put(Book::Parcel, &body_key(&id), body)?;
        Ok(Ok(id.clone()))
    })
}

/// A parcel of this person's, or one that waits for a second and this person may confirm; with its bytes.
pub fn fetch(node: &Node, caller: &Caller, id: &str) -> Result<Option<(Parcel, Vec<u8>)>, NodeFault> {
    let tx = node.store.read()?;
    let Some(row) = row_of(tx.as_ref(), id)?.filter(|row| may_look(caller, row)) else { return Ok(None) };
    let body = tx.fetch(Book::Parcel, &body_key(id))?.unwrap_or_default();
    Ok(Some((row.told(id), body)))
}

/// What this person has open or held, and what waits for a second person that this one may be; oldest first.
pub fn list(node: &Node, caller: &Caller) -> Result<Vec<Parcel>, NodeFault> {
    let rows = rows(node.store.read()?.as_ref())?;
    let mut parcels: Vec<Parcel> =
        rows.into_iter().filter(|(_, row)| may_look(caller, row)).map(|(id, row)| row.told(&id)).collect();
    parcels.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(parcels)
}

/// Changes how a parcel is read and sent, while it is open.
pub fn change(node: &Node, caller: &Caller, id: &str, settings: &Settings) -> Step<()> {
    step(node, caller, id, |row| match row.state {
        State::Open => {
            row.settings = settings.clone();
            Ok(())
        }
        State::Second { .. } | State::Held { .. } => Err(Refusal::TooLate),
    })
}

/// Sends a parcel on its way: to a second person where one is needed, else into its hold. Until when it is held is answered.
pub fn send(node: &Node, caller: &Caller, id: &str, needs_second: Option<&str>) -> Step<Option<Timestamp>> {
    let until = hold_until(node);
    step(node, caller, id, |row| {
        if row.state != State::Open {
            return Err(Refusal::TooLate);
        }
        if !caller.may(Right::Publish) {
            return Err(Refusal::NoRight);
        }
        if let Some(why) = needs_second {
            row.state = State::Second { why: why.to_owned() };
            return Ok(None);
        }
        row.state = State::Held { until, second: None };
        Ok(Timestamp::from_micros(until))
    })
}

/// A second person confirms: it is held from now on.
pub fn confirm(node: &Node, caller: &Caller, id: &str) -> Step<Option<Timestamp>> {
    let until = hold_until(node);
    node.transact(Priority::People, |writing| {
        let Some(mut row) = row_of(writing.tx.as_ref(), id)?.filter(|row| may_look(caller, row)) else {
            return Ok(Err(Refusal::Unknown));
        };
        if !matches!(row.state, State::Second { .. }) {
            return Ok(Err(Refusal::TooLate));
        }
        if !caller.may(Right::Release) {
            return Ok(Err(Refusal::NoRight));
        }
        // INVARIANT: four eyes are two persons'.
        if row.owner == caller.id {
            return Ok(Err(Refusal::SamePerson));
        }
        row.state = State::Held { until, second: Some(caller.id.clone()) };
        writing.tx.put(Book::Parcel, &row_key(id), &to_json(&row))?;
        note_act(
            writing,
            node.now(),
            &caller.id,
            "parcel-confirm",
            &serde_json::json!({"parcel": id, "of": row.owner}),
        )?;
        Ok(Ok(Timestamp::from_micros(until)))
    })
}

/// Stops a parcel that has not left: it is open again. Its person may, and whoever may confirm it.
pub fn stop(node: &Node, caller: &Caller, id: &str) -> Step<()> {
    node.transact(Priority::People, |writing| {
        let Some(mut row) = row_of(writing.tx.as_ref(), id)? else { return Ok(Err(Refusal::TooLate)) };
        let is_second = caller.is_staff() && caller.may(Right::Release);
        // What somebody has begun and not sent is nobody else's to know of.
        if row.owner != caller.id && (!is_second || matches!(row.state, State::Open)) {
            return Ok(Err(Refusal::Unknown));
        }
        match row.state {
            State::Open => return Ok(Ok(())),
            // The time is over: it may be on its way.
            State::Held { until, .. } if until <= node.now().micros() => return Ok(Err(Refusal::TooLate)),
            State::Second { .. } | State::Held { .. } => {}
        }
        row.state = State::Open;
        writing.tx.put(Book::Parcel, &row_key(id), &to_json(&row))?;
        note_act(writing, node.now(), &caller.id, "parcel-stop", &serde_json::json!({"parcel": id}))?;
        Ok(Ok(()))
    })
}

/// Drops a parcel that has not left: nothing of it stays.
pub fn drop(node: &Node, caller: &Caller, id: &str) -> Step<()> {
    node.transact(Priority::People, |writing| {
        let Some(row) = row_of(writing.tx.as_ref(), id)?.filter(|row| row.owner == caller.id) else {
            return Ok(Err(Refusal::Unknown));
        };
        if let State::Held { until, .. } = row.state
            && until <= node.now().micros()
        {
            return Ok(Err(Refusal::TooLate));
        }
        forget(writing.tx.as_mut(), id)?;
        Ok(Ok(()))
    })
}

/// What is due now, with its bytes, or else when the next will be.
pub type Due = (Option<(Parcel, Vec<u8>)>, Option<Timestamp>);

/// A parcel whose time has come, to be sent by the edge that can read it, and when the next will be due.
pub fn due(node: &Node) -> Result<Due, NodeFault> {
    let tx = node.store.read()?;
    let now = node.now().micros();
    let mut next: Option<i64> = None;
    for (id, row) in rows(tx.as_ref())? {
        let State::Held { until, .. } = row.state else { continue };
        if until <= now {
            let body = tx.fetch(Book::Parcel, &body_key(&id))?.unwrap_or_default();
            return Ok((Some((row.told(&id), body)), None));
        }
        next = Some(next.map_or(until, |known| known.min(until)));
    }
    Ok((None, next.and_then(Timestamp::from_micros)))
}

/// Forgets a parcel that has left, or that could not be read at all. What came of it is kept as an act, before this.
pub fn settled(node: &Node, id: &str) -> Result<(), NodeFault> {
    node.transact(Priority::People, |writing| forget(writing.tx.as_mut(), id))
}

/// Drops what nobody has sent for a fortnight; how many.
pub fn sweep(node: &Node) -> Result<usize, NodeFault> {
    let edge = node.now().micros() - KEPT_S * 1_000_000;
    let is_old = |row: &Row| row.created_at < edge && !matches!(row.state, State::Held { .. });
    let old: Vec<String> =
        rows(node.store.read()?.as_ref())?.into_iter().filter(|(_, row)| is_old(row)).map(|(id, _)| id).collect();
    if old.is_empty() {
        return Ok(0);
    }
    node.transact(Priority::People, |writing| {
        for id in &old {
            forget(writing.tx.as_mut(), id)?;
        }
        Ok(old.len())
    })
}

fn hold_until(node: &Node) -> i64 {
    node.now().micros() + HOLD_S * 1_000_000
}

fn step<T>(node: &Node, caller: &Caller, id: &str, take: impl FnOnce(&mut Row) -> Result<T, Refusal>) -> Step<T> {
    node.transact(Priority::People, |writing| {
        let Some(mut row) = row_of(writing.tx.as_ref(), id)?.filter(|row| row.owner == caller.id) else {
            return Ok(Err(Refusal::Unknown));
        };
        let taken = take(&mut row);
        if taken.is_ok() {
            writing.tx.put(Book::Parcel, &row_key(id), &to_json(&row))?;
        }
        Ok(taken)
    })
}

/// Its owner, and for what waits for a second person, the staff who may release.
fn may_look(caller: &Caller, row: &Row) -> bool {
    let waits = matches!(row.state, State::Second { .. }) || matches!(row.state, State::Held { second: Some(_), .. });
    row.owner == caller.id || (waits && caller.is_staff() && caller.channels.is_none() && caller.may(Right::Release))
}

impl Row {
    fn told(self, id: &str) -> Parcel {
        Parcel {
            id: id.to_owned(),
            owner: self.owner,
            owner_name: self.owner_name,
            created_at: Timestamp::from_micros(self.created_at).unwrap_or_default(),
            settings: self.settings,
            state: self.state,
            bytes: self.bytes,
        }
    }
}

fn row_of(tx: &dyn ReadTx, id: &str) -> Result<Option<Row>, Fault> {
    // Ids are short; nothing longer is looked for.
    if id.len() > 32 {
        return Ok(None);
    }
    tx.fetch(Book::Parcel, &row_key(id))?.map(|value| from_json(&value, "parcels")).transpose()
}

fn rows<T: ReadTx + ?Sized>(tx: &T) -> Result<Vec<(String, Row)>, Fault> {
    let Range { start, end } = b"r"..b"s";
    let pairs = tx.scan(Book::Parcel, start, end, ALL_MAX + 1)?;
    let read = |(key, value): (Vec<u8>, Vec<u8>)| {
        let id = String::from_utf8_lossy(key.get(1..).unwrap_or_default()).into_owned();
        Ok((id, from_json(&value, "parcels")?))
    };
    pairs.into_iter().map(read).collect()
}

fn forget(tx: &mut dyn WriteTx, id: &str) -> Result<(), NodeFault> {
    tx.delete(Book::Parcel, &row_key(id))?;
    tx.delete(Book::Parcel, &body_key(id))?;
    Ok(())
}

fn row_key(id: &str) -> Vec<u8> {
    [b"r", id.as_bytes()].concat()
}

fn body_key(id: &str) -> Vec<u8> {
    [b"b", id.as_bytes()].concat()
}

//! What came of what somebody did: done, partly, refused or waiting, line by line, and what can be done next. Kept for its person alone, so that the
//! outcome of every act has an address.
//!
//! Texts stand here by their ids, so that a page says them in whatever language it is read in. INVARIANT: contents never stand here, nor ids of objects, which may be made
//! of contents: only numbers of lines, counts and clauses. What is withdrawn later must not live on in an outcome.

use gotong_crypto::text;
use gotong_model::Timestamp;
use gotong_store::{Book, Fault, Pair, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};

use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault, Writing};
use crate::publish::Why;
use crate::rows::{from_json, to_json};

/// Outcomes that are kept for one person; the oldest go first.
const KEPT_MAX: usize = 500;
/// Lines of one outcome; beyond this the counts in the title tell.
pub const LINES_MAX: usize = 200;

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    /// All of it was done.
    Done,
    /// Some of it was done.
    Partly,
    /// Nothing was done.
    Refused,
    /// It waits: for a time to pass, or for another person.
    Waits,
}

impl Ending {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partly => "partly",
            Self::Refused => "refused",
            Self::Waits => "waits",
        }
    }
}

/// A text by its id, with what stands in it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Told {
    /// The message's id.
    pub id: String,
    /// Its arguments: names and values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<(String, Value)>,
}

/// An argument of a text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A count, which chooses the plural.
    Count(u64),
    /// A name or an id.
    Text(String),
}

impl Told {
    /// A text without arguments.
    pub fn of(id: &str) -> Self {
        Self { id: id.to_owned(), with: Vec::new() }
    }

    /// With one more argument that is text.
    #[must_use]
    pub fn text(mut self, name: &str, value: impl Into<String>) -> Self {
        self.with.push((name.to_owned(), Value::Text(value.into())));
        self
    }

    /// With one more argument that is a count.
    #[must_use]
    pub fn count(mut self, name: &str, value: usize) -> Self {
        self.with.push((name.to_owned(), Value::Count(u64::try_from(value).unwrap_or(u64::MAX))));
        self
    }
}

/// One part of what was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Line {
    /// How this part ended.
    pub ending: Ending,
    /// What it was about: a handle, a name of somebody, a number of a line.
    pub about: String,
    /// The address of its page, within this console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What happened, or why not.
    pub why: Told,
    /// What the program says in English where the text of it has no id of its own: reasons of a policy or a format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The id of that reason, under which languages have a sentence for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_id: Option<String>,
    /// The clause that decided: `<handle> <number>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
}

impl Line {
    /// A part without a page of its own, and without a reason.
    pub fn of(ending: Ending, about: impl Into<String>, why: Told) -> Self {
        Self { ending, about: about.into(), path: None, why, reason: None, reason_id: None, clause: None }
    }

    /// With the address of its page, where it has one.
    #[must_use]
    pub fn at(self, path: Option<String>) -> Self {
        Self { path, ..self }
    }

    /// With what decided, where there is something. INVARIANT: a reason may quote a value, so a caller whose reasons may come from a format keeps only those
    /// of a clause.
    #[must_use]
    pub fn because(self, why: Option<Why>) -> Self {
        let Some(Why { id, pointer: _, clause, text }) = why else { return self };
        Self { reason: Some(text), reason_id: Some(id), clause, ..self }
    }
}

/// Something that can be done next.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Next {
    /// Where, within this console.
    pub path: String,
    /// Its words.
    pub text: Told,
}

/// How it can be undone: a form of one button.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Undo {
    /// Where it is sent, within this console.
    pub path: String,
    /// What it sends: names and values.
    pub with: Vec<(String, String)>,
    /// The words of the button.
    pub text: Told,
}

/// What came of an act.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Act {
    /// How it ended.
    pub ending: Ending,
    /// What was done, in a line.
    pub title: Told,
    /// Part by part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// What can be done next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<Next>,
    /// How it can be undone, where it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// The draft that this settles, by its name in the page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<String>,
    /// The parcel or deed that this came of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parcel: Option<String>,
}

/// An act as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptAct {
    /// Its id, unique for the person.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub act: Act,
}

impl Act {
    /// An act that ended so.
    pub fn new(ending: Ending, title: Told) -> Self {
        Self { ending, title, lines: Vec::new(), next: Vec::new(), undo: None, settles: None, parcel: None }
    }

    /// With one more thing that can be done next.
    #[must_use]
    pub fn then(mut self, path: impl Into<String>, text: Told) -> Self {
        self.next.push(Next { path: path.into(), text });
        self
    }

    /// With the way back.
    #[must_use]
    pub fn undone_by(mut self, path: &str, with: Vec<(String, String)>, text: Told) -> Self {
        self.undo = Some(Undo { path: path.to_owned(), with, text });
        self
    }

    /// With one more part, as long as there is room.
    #[must_use]
    pub fn line(mut self, line: Line) -> Self {
        if self.lines.len() < LINES_MAX {
            self.lines.push(line);
        }
        self
    }

    /// Says of which parcel or deed it came.
    #[must_use]
    pub fn of_parcel(mut self, id: &str) -> Self {
        self.parcel = Some(id.to_owned());
        self
    }

    /// Settles a draft.
    #[must_use]
    pub fn settling(mut self, draft: &str) -> Self {
        self.settles = Some(draft.to_owned());
        self
    }
}

/// Keeps an act for its person; the id under which it is found again.
pub fn keep(node: &Node, caller: &Caller, act: &Act) -> Result<String, NodeFault> {
    node.transact(Priority::People, |writing| keep_in(node, writing, caller, act))
}

/// [`keep`] within a transaction.
pub(crate) fn keep_in(node: &Node, writing: &mut Writing<'_>, caller: &Caller, act: &Act) -> Result<String, NodeFault> {
    let mut random = [0_u8; 5];
    node.entropy().fill(&mut random);
    let place = [&node.now().micros().to_be_bytes()[..], &random].concat();
    writing.tx.put(Book::Act, &[&prefix(caller)[..], &place].concat(), &to_json(act))?;
    forget_old(writing.tx.as_mut(), caller)?;
    Ok(text::base32(&place))
}

fn forget_old(tx: &mut dyn WriteTx, caller: &Caller) -> Result<(), NodeFault> {
    let kept = of_person(tx, caller)?;
    for (key, _) in kept.iter().take(kept.len().saturating_sub(KEPT_MAX)) {
        tx.delete(Book::Act, key)?;
    }
    Ok(())
}

/// One act of this person's.
pub fn fetch(node: &Node, caller: &Caller, id: &str) -> Result<Option<KeptAct>, NodeFault> {
    let Some(place) = text::from_base32::<13>(id) else { return Ok(None) };
    let key = [&prefix(caller)[..], &place].concat();
    let found = node.store.read()?.fetch(Book::Act, &key)?;
    found.map(|value| kept(&place, &value)).transpose().map(Option::flatten)
}

/// What came of a parcel or deed of this person's, once it has left.
pub fn of_parcel(node: &Node, caller: &Caller, parcel: &str) -> Result<Option<KeptAct>, NodeFault> {
    Ok(list(node, caller, KEPT_MAX)?.into_iter().find(|kept| kept.act.parcel.as_deref() == Some(parcel)))
}

/// This person's acts, newest first.
pub fn list(node: &Node, caller: &Caller, limit: usize) -> Result<Vec<KeptAct>, NodeFault> {
    let begins = prefix(caller).len();
    let mut acts = Vec::new();
    for (key, value) in of_person(node.store.read()?.as_ref(), caller)?.iter().rev().take(limit) {
        acts.extend(kept(key.get(begins..).unwrap_or_default(), value)?);
    }
    Ok(acts)
}

fn of_person<T: ReadTx + ?Sized>(tx: &T, caller: &Caller) -> Result<Vec<Pair>, Fault> {
    let until = [caller.id.as_bytes(), &[1]].concat();
    tx.scan(Book::Act, &prefix(caller), &until, KEPT_MAX + 16)
}

fn kept(place: &[u8], value: &[u8]) -> Result<Option<KeptAct>, NodeFault> {
    let at = place.get(..8).and_then(|micros| micros.try_into().ok()).map(i64::from_be_bytes);
    let Some(at) = at.and_then(Timestamp::from_micros) else { return Ok(None) };
    Ok(Some(KeptAct { id: text::base32(place), at, act: from_json(value, "acts")? }))
}

/// Nobody's keys lie within another's: ids hold no zero byte.
fn prefix(caller: &Caller) -> Vec<u8> {
    [caller.id.as_bytes(), &[0]].concat()
}

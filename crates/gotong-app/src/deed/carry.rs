//! Deeds whose time has come are carried out, one piece of one deed at a time, in transactions that give way to people. A piece is forgotten in the transaction
//! that does it: killed in the middle, the rest goes on and nothing is done twice.
//!
//! INVARIANT: each piece asks anew who its person is and what that person may do. What is told in the end are counts by channel, never which records.

use gotong_model::{ChannelId, Timestamp, Tlp};
use gotong_store::Book;

use super::{Kind, Piece, Row, State, forget, next_piece, reason_of, row_key, row_of, rows};
use crate::act::{self, Act, Ending, LINES_MAX, Line, Told};
use crate::caller::{self, Caller};
use crate::gate::Priority;
use crate::node::{Node, NodeFault, Writing};
use crate::publish::{Fate, note_act};
use crate::quarantine;
use crate::rows::to_json;
use crate::withdraw::{Selection, Withdrawn};

/// What came of looking for something to carry out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// A piece was done, or a deed ended; there may be more.
    Worked,
    /// Nothing is due before this time; `None`: nothing is held.
    Rests(Option<Timestamp>),
}

/// Carries out the next piece of whatever is due, the oldest deed first.
pub fn step(node: &Node) -> Result<Step, NodeFault> {
    // A node that was restored signs nothing until a person has looked; what is held stays held.
    if node.is_restored() {
        return Ok(Step::Rests(None));
    }
    let now = node.now().micros();
    let all = rows(node.store.read()?.as_ref())?;
    let due = all.iter().filter(|(_, row)| is_due(row, now)).min_by_key(|(_, row)| row.created_at);
    let Some((id, row)) = due else {
        let held = all.iter().filter_map(|(_, row)| match row.state {
            State::Held { until } => Some(until),
            State::Open | State::Running => None,
        });
        return Ok(Step::Rests(held.min().and_then(Timestamp::from_micros)));
    };
    let Some(owner) = caller::current(node, &row.owner)? else {
        // Nobody is there in whose name it could happen, or who could be told.
        node.transact(Priority::Bulk, |writing| {
            forget(writing.tx.as_mut(), id)?;
            let what = serde_json::json!({"deed": id, "act": row.kind, "records": row.chosen});
            note_act(writing, node.now(), &row.owner, "deed-void", &what)
        })?;
        return Ok(Step::Worked);
    };
    let piece = next_piece(node.store.read()?.as_ref(), id)?;
    let Some((key, piece)) = piece else {
        end(node, &owner, id)?;
        return Ok(Step::Worked);
    };
    let channel = row.groups.get(piece.group).and_then(|group| ChannelId::from_text(&group.channel));
    let open = channel.filter(|channel| {
        row.kind.is_open_to(&owner) && owner.channel(node, &channel.to_string()).as_ref() == Some(channel)
    });
    let under_way = UnderWay { node, owner: &owner, id, key, piece };
    match (open, row.kind) {
        (None, _) => under_way.whole(|_, _, piece| Ok(vec![("rights", piece.ids.len())]))?,
        (Some(channel), Kind::Withdraw | Kind::Relabel) => under_way.records(channel)?,
        (Some(_), Kind::Drop) => under_way.dropped()?,
        (Some(_), Kind::Release) => under_way.released()?,
    }
    Ok(Step::Worked)
}

fn is_due(row: &Row, now: i64) -> bool {
    match row.state {
        State::Open => false,
        State::Held { until } => until <= now,
        State::Running => true,
    }
}

/// A piece that is being carried out.
struct UnderWay<'a> {
    node: &'a Node,
    owner: &'a Caller,
    id: &'a str,
    key: Vec<u8>,
    piece: Piece,
}

/// How many of a piece ended with which word.
type Words = Vec<(&'static str, usize)>;

impl UnderWay<'_> {
    /// The whole piece in one transaction, in which it is forgotten, too.
    fn whole(
        &self,
        work: impl FnOnce(&mut Writing<'_>, &Row, &Piece) -> Result<Words, NodeFault>,
    ) -> Result<(), NodeFault> {
        self.node.transact(Priority::Bulk, |writing| {
            // It is read again where nobody else writes: between the look and here it may have been undone, or done.
            let now = self.node.now().micros();
            let row = row_of(writing.tx.as_ref(), self.id)?.filter(|row| is_due(row, now));
            let (Some(mut row), Some(_)) = (row, writing.tx.fetch(Book::Deed, &self.key)?) else { return Ok(()) };
            for (word, count) in work(writing, &row, &self.piece)? {
                row.tell(self.piece.group, word, u64::try_from(count).unwrap_or(u64::MAX));
            }
            row.state = State::Running;
            writing.tx.delete(Book::Deed, &self.key)?;
            writing.tx.put(Book::Deed, &row_key(self.id), &to_json(&row))?;
            Ok(())
        })
    }

    fn records(&self, channel: ChannelId) -> Result<(), NodeFault> {
        self.node.catch_up()?;
        let selection = Selection {
            channel,
            ids: self.piece.ids.clone(),
            modified: None,
            constituent: self.owner.constituent.clone(),
            caller: self.owner.id.clone(),
        };
        self.whole(|writing, row, piece| {
            let done = match (row.kind, reason_of(&row.choice), Tlp::from_human(&row.choice)) {
                (Kind::Withdraw, Some(reason), _) => self.node.withdraw_in(writing, &selection, reason)?,
                (Kind::Relabel, _, Some(label)) => self.node.relabel_in(writing, &selection, label)?,
                // It was looked at when it was sent: a choice that is none means that nothing is done, and says so.
                _ => return Ok(vec![("refused", piece.ids.len())]),
            };
            let count = |is: fn(&Withdrawn) -> bool| done.iter().filter(|(_, what)| is(what)).count();
            // Such a label withdraws, and what is told has to say so.
            let label = Tlp::from_human(&row.choice).filter(|_| row.kind == Kind::Relabel);
            let ceiling = self.node.governance().channel(&channel).map(|channel| channel.channel_type.ceiling);
            Ok(vec![
                (if label > ceiling { "beyond" } else { "done" }, count(|what| matches!(what, Withdrawn::Done { .. }))),
                ("gone", count(|what| matches!(what, Withdrawn::NotFound))),
                ("refused", count(|what| matches!(what, Withdrawn::Refused(_)))),
            ])
        })?;
        self.node.erase_named()
    }

    fn dropped(&self) -> Result<(), NodeFault> {
        let numbers: Vec<u64> = self.piece.ids.iter().filter_map(|id| id.parse().ok()).collect();
        self.whole(|writing, _, piece| {
            let done = quarantine::drop_in(self.node, writing, self.owner, &numbers)?;
            Ok(vec![("done", done), ("gone", piece.ids.len().saturating_sub(done))])
        })
    }

    /// What waits goes into its log one by one, each with its own markings: the piece shrinks with each.
    fn released(&self) -> Result<(), NodeFault> {
        let mut left = self.piece.clone();
        while !left.ids.is_empty() {
            let first = left.ids.remove(0);
            let number = first.parse().unwrap_or(u64::MAX);
            let mut is_settled = false;
            quarantine::release_with(self.node, self.owner, (number, Priority::Bulk), |writing, fate| {
                is_settled = true;
                self.settle(writing, &left, word_of(fate))
            })?;
            if !is_settled {
                self.node.transact(Priority::Bulk, |writing| self.settle(writing, &left, "gone"))?;
            }
        }
        Ok(())
    }

    /// One of the piece is done: the rest of it is kept, in the same transaction.
    fn settle(&self, writing: &mut Writing<'_>, left: &Piece, word: &'static str) -> Result<(), NodeFault> {
        let Some(mut row) = row_of(writing.tx.as_ref(), self.id)? else { return Ok(()) };
        row.tell(left.group, word, 1);
        row.state = State::Running;
        if left.ids.is_empty() {
            writing.tx.delete(Book::Deed, &self.key)?;
        } else {
            writing.tx.put(Book::Deed, &self.key, &to_json(left))?;
        }
        writing.tx.put(Book::Deed, &row_key(self.id), &to_json(&row))?;
        Ok(())
    }
}

fn word_of(fate: Option<&Fate>) -> &'static str {
    match fate {
        None => "gone",
        Some(Fate::New(_) | Fate::Updated(_) | Fate::Known(_)) => "done",
        Some(Fate::Refused(_)) => "refused",
        Some(Fate::Quarantined(..)) => "waits",
    }
}

/// Tells what came of a deed and forgets it, both at once.
fn end(node: &Node, owner: &Caller, id: &str) -> Result<(), NodeFault> {
    node.transact(Priority::Bulk, |writing| {
        let Some(row) = row_of(writing.tx.as_ref(), id)? else { return Ok(()) };
        act::keep_in(node, writing, owner, &told(&row, owner).of_parcel(id))?;
        forget(writing.tx.as_mut(), id)?;
        Ok(())
    })
}

fn told(row: &Row, owner: &Caller) -> Act {
    // Withdrawals stand on a channel's page, for whoever is told of them.
    let is_told = owner.oversees();
    let count = |word: &str| -> usize {
        let count: u64 = row.told.values().filter_map(|words| words.get(word)).sum();
        usize::try_from(count).unwrap_or(usize::MAX)
    };
    let beyond = count("beyond");
    let done = count("done") + beyond;
    let ending = match done {
        0 => Ending::Refused,
        done if done >= row.chosen => Ending::Done,
        _ => Ending::Partly,
    };
    let came = if beyond > 0 && beyond == done { Kind::Withdraw } else { row.kind };
    let mut act = Act::new(ending, Told::of(&format!("bulk-outcome-{}", came.as_str())).count("count", done));
    for (handle, words) in row.told.iter().chain(&row.left_out) {
        for (word, count) in words.iter().filter(|(_, count)| **count > 0) {
            let ending = match word.as_str() {
                "done" | "beyond" => Ending::Done,
                "waits" => Ending::Waits,
                _ => Ending::Refused,
            };
            let count = usize::try_from(*count).unwrap_or(usize::MAX);
            let why = Told::of(&format!("bulk-line-{word}")).count("count", count);
            let about = if handle.is_empty() { "–".to_owned() } else { handle.clone() };
            let is_withdrawn = word == "beyond" || (word == "done" && row.kind == Kind::Withdraw);
            let path = (is_told && is_withdrawn).then(|| format!("/channels/{handle}#withdrawals"));
            if act.lines.len() < LINES_MAX {
                act.lines.push(Line::of(ending, about, why).at(path));
            }
        }
    }
    if row.kind.is_of_waiting() {
        return act.then("/waiting", Told::of("waiting-onward"));
    }
    act = act.then("/intelligence", Told::of("withdraw-onward"));
    // What has left cannot be undone; what can be done instead is said.
    if came == Kind::Withdraw && done > 0 { act.then("/share", Told::of("bulk-again")) } else { act }
}

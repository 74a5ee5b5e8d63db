//! One node against the model: every log it holds, entry by entry, and what its indexes lead to. What a holder of so many entries must show follows from
//! the log alone, so two nodes with the same logs are compared without meeting.

use std::collections::BTreeSet;

use gotong_app::rows::{self, LogRow};
use gotong_model::ChannelId;
use gotong_store::{Book, EntryKey, Fault, Index, PostingRange, ReadTx, State};

use crate::law::Verdict;
use crate::oracle::{LogModel, Opened, RecordModel, Violation, broken};
use crate::region::Region;
use crate::store::INDEXES;

/// How many postings a node must have.
#[derive(Default)]
struct Postings {
    counts: [usize; 5],
    live: BTreeSet<EntryKey>,
}

#[allow(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
pub(super) fn unreadable(fault: Fault) -> Violation {
    Violation { invariant: "2", text: format!("the store does not read back: {fault}") }
}

impl Region {
    /// Everything that can be said of one node now.
    pub(crate) fn check_node(&mut self, at: usize) -> Result<(), Violation> {
        let name = self.name(at);
        let store = std::sync::Arc::clone(&self.nodes[at].store);
        let tx = store.look();
        let tx = tx.as_ref();
        self.learn(at)?;
        // While documents are still to be judged by, a record may be as it was before them.
        let due = !tx.scan(Book::Meta, b"governing/due/", b"governing/due0", 1).map_err(unreadable)?.is_empty();
        let mut postings = Postings::default();
        let mut logs_known = 0;
        for channel in 0..self.oracle.channels.len() {
            let id = self.oracle.channels[channel].id;
            for row in rows::logs_in(tx, &id).map_err(unreadable)? {
                logs_known += 1;
                let Some(author) = self.founding.place(&row.id.author) else {
                    return broken("1", format!("{name} has a log of nobody"));
                };
                let log = (author, channel);
                let is_house = matches!(self.oracle.channels[channel].opened, Opened::House { .. });
                let is_here = at == author || (!is_house && row.size() <= self.watch.entitled(at, log));
                if !is_here {
                    let text = format!(
                        "{name} has {} entries of {}'s log in channel {channel}",
                        row.size(),
                        self.name(author)
                    );
                    return broken("1", format!("{text}, which it may not have"));
                }
                self.check_size(at, log, &row)?;
                if row.size() > 0 {
                    let verdicts = self.oracle.verdicts(at, log);
                    let opened = self.oracle.channels[channel].opened;
                    // What is in an organisation's own channel stands under two headings.
                    let headings = if matches!(opened, Opened::House { organisation: Some(_), .. }) { 2 } else { 1 };
                    let seen = Seen { name: &name, row: &row, verdicts: &verdicts, headings, due };
                    check_log(tx, &seen, &self.oracle.logs[&log], &mut postings)?;
                }
            }
        }
        for (id, agreement) in self.governing_channels.clone() {
            let here = rows::logs_in(tx, &id).map_err(unreadable)?.len();
            if here > 0 && agreement.is_some_and(|agreement| !self.oracle.law.is_ever_named(agreement, at)) {
                return broken("1", format!("{name} has documents of an agreement that does not name it"));
            }
            logs_known += here;
        }
        let all = tx.scan(Book::LogName, &[], &[], usize::MAX).map_err(unreadable)?;
        if all.len() != logs_known {
            return broken("1", format!("{name} has a log of a channel that nobody has agreed on"));
        }
        if !tx.scan(Book::Evidence, &[], &[], 1).map_err(unreadable)?.is_empty() {
            return broken("8", format!("{name} keeps evidence against somebody honest"));
        }
        let pending =
            rows::number(tx, "projector/objects").map_err(unreadable)? != rows::head(tx).map_err(unreadable)?;
        check_postings(tx, &name, &postings, pending)
    }

    fn check_size(&mut self, at: usize, log: (usize, usize), row: &LogRow) -> Result<(), Violation> {
        let name = self.name(at);
        let model = self.oracle.logs.get(&log).filter(|model| model.id == row.id);
        let most = model.map_or(0, LogModel::size);
        let size = row.size();
        if size > most || (at == log.0 && size != most) {
            return broken("2", format!("{name} has {size} entries of a log of {most} by {}", self.name(log.0)));
        }
        if let Some(model) = model
            && row.frontier.root() != model.roots[usize::try_from(size).unwrap_or(0)]
        {
            return broken("2", format!("{name} has another tree of {}'s log", self.name(log.0)));
        }
        let seen = self.watch.sizes.insert((at, log.0, log.1), size).unwrap_or(0);
        if size < seen {
            return broken("2", format!("{name} had {seen} entries of {}'s log and has {size}", self.name(log.0)));
        }
        Ok(())
    }
}

/// One log at one node.
struct Seen<'a> {
    name: &'a str,
    row: &'a LogRow,
    verdicts: &'a [Option<Verdict>],
    headings: usize,
    due: bool,
}

fn check_log(tx: &dyn ReadTx, seen: &Seen<'_>, model: &LogModel, postings: &mut Postings) -> Result<(), Violation> {
    let Seen { name, row, verdicts, headings, due } = *seen;
    let size = row.size();
    let place = |index: u64| format!("{name}, {}'s log, entry {index}", row.id.author);
    let entries = tx.entries(row.no, 0, usize::MAX, usize::MAX, true).map_err(unreadable)?;
    if entries.len() as u64 != size {
        return broken("2", format!("{name} has {} entries where its row says {size}", entries.len()));
    }
    let mut withheld = 0;
    for ((index, entry), expected) in (0..).zip(&entries).zip(&model.entries) {
        if entry.key.index() != index
            || entry.flags != expected.leaf.flags
            || entry.commitment != expected.leaf.commitment
        {
            return broken("2", format!("{}: not the entry that its author made", place(index)));
        }
        let state = entry.header.state;
        let Some(record) = &expected.record else {
            if state != State::Control || entry.content.is_none() {
                return broken("3", format!("{}: a control entry is {state:?}", place(index)));
            }
            continue;
        };
        let verdict = usize::try_from(index).ok().and_then(|index| verdicts.get(index).copied().flatten());
        let decided = verdict.filter(|_| !due);
        if let Err(violation) =
            check_record((record, decided), size, state, entry.content.is_some(), entry.header.label)
        {
            return broken(violation.invariant, format!("{}: {}", place(index), violation.text));
        }
        match state {
            State::Live => {
                postings.live.insert(entry.key);
                let draft = &record.draft;
                // A sighting stands under what it saw, and once more among all that refers to that.
                let references = draft.refers + usize::from(draft.reference.is_some());
                // A malware object is found by the word of its name, and by that as its whole name.
                let words = match draft.object_type {
                    "malware" => 2,
                    "sighting" | "note" => 1,
                    _ => 0,
                };
                let counts = [1, draft.values.len(), references, headings, words * headings];
                postings.counts.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            }
            State::Withheld => withheld += 1,
            _ => {}
        }
    }
    if withheld != row.withheld {
        return broken("3", format!("{name} counts {} withheld entries of {withheld}", row.withheld));
    }
    Ok(())
}

/// A record as a holder of `size` entries must have it.
fn check_record(
    (record, verdict): (&RecordModel, Option<Verdict>),
    size: u64,
    state: State,
    has_content: bool,
    label: u8,
) -> Result<(), Violation> {
    let id = &record.draft.id;
    match record.withdrawn {
        Some(tombstone) if tombstone < size => {
            if state != State::Erased {
                return broken("4", format!("{id} is withdrawn, and {state:?}"));
            }
            if has_content {
                return broken("4", format!("{id} is withdrawn, and its content is there"));
            }
            Ok(())
        }
        // Its author has erased it; the tombstone has not come so far.
        Some(_) if state == State::Withheld && !has_content => Ok(()),
        _ if !has_content => broken("3", format!("{id} is {state:?}, and its content is not there")),
        _ if !fits(verdict, state) => broken("5", format!("{id} is {state:?}, and the judge says {verdict:?}")),
        _ if state == State::Live && label != record.label(size) as u8 => {
            broken("3", format!("{id} is labelled {label}, and should be {}", record.label(size)))
        }
        _ => Ok(()),
    }
}

/// Whether a record is as the judge says; where documents are still to be judged by, whether it is one of the three.
fn fits(verdict: Option<Verdict>, state: State) -> bool {
    match verdict {
        Some(Verdict::Admit) => state == State::Live,
        Some(Verdict::Hold) => state == State::Held,
        Some(Verdict::Refuse) => state == State::Faulty,
        None => matches!(state, State::Live | State::Held | State::Faulty),
    }
}

fn check_postings(tx: &dyn ReadTx, name: &str, expected: &Postings, pending: bool) -> Result<(), Violation> {
    for (index, count) in INDEXES.into_iter().zip(expected.counts) {
        let range = PostingRange { index, from: 0, to: u64::MAX, after: None, descending: false, limit: usize::MAX };
        let found = tx.posting_range(range).map_err(unreadable)?;
        if let Some((_, entry)) = found.iter().find(|(_, entry)| !expected.live.contains(entry)) {
            return broken(
                "4",
                format!(
                    "{name}: an index leads to entry {} of log {}, which does not show",
                    entry.index(),
                    entry.log().0
                ),
            );
        }
        if found.len() > count || (!pending && found.len() < count) {
            return broken("3", format!("{name}: {} postings by {index:?}, and should be {count}", found.len()));
        }
    }
    Ok(())
}

/// Where an id or value leads to at a node: channel, author and index of entries.
pub(super) fn found_by(tx: &dyn ReadTx, index: Index, text: &str) -> Result<Vec<(ChannelId, String, u64)>, Fault> {
    let mut found = Vec::new();
    for entry in tx.postings(index, tx.index_key(index, text.as_bytes()), None, usize::MAX)? {
        if let Some(row) = rows::log_by_no(tx, entry.log())? {
            found.push((row.id.channel, row.id.author.to_string(), entry.index()));
        }
    }
    found.sort();
    Ok(found)
}

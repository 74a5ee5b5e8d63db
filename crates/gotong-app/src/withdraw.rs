//! Withdrawing and relabelling what one's own member published. By id, in one channel: every version and epoch, and what still waits in quarantine.

use std::collections::{BTreeMap, BTreeSet};

use gotong_model::control::{Control, Reason, TargetRange};
use gotong_model::envelope::Envelope;
use gotong_model::{ChannelId, EpochId, LogId, Slug, Timestamp, Tlp, limits};
use gotong_store::{Book, EntryKey, Index, Packed, ReadTx, State};

use crate::added::Anew;
use crate::erase;
use crate::gate::Priority;
use crate::governing::judgement;
use crate::interval;
use crate::node::{Node, NodeFault, Writing};
use crate::project;
use crate::publish::{Quarantined, Why, note_act};
use crate::rows::{self, LogRow, from_json};
use crate::source;
use crate::status;

/// What became of a wish to withdraw or relabel an id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Withdrawn {
    /// So many entries and quarantined objects; the control entry stands at this index of the own log.
    Done {
        /// Entries named.
        entries: u64,
        /// Quarantined objects dropped.
        quarantined: u64,
        /// Index of the control entry, where one was needed.
        at: Option<u64>,
        /// The log it stands in.
        log: Option<String>,
    },
    /// Nothing of this id was published here by this member.
    NotFound,
    /// Not done.
    Refused(Vec<Why>),
}

/// Which entries are meant.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The channel.
    pub channel: ChannelId,
    /// STIX ids.
    pub ids: Vec<String>,
    /// Only the version with this `modified`.
    pub modified: Option<Timestamp>,
    /// Only what this organisation of the register published itself.
    pub constituent: Option<Slug>,
    /// Who asked, for the audit.
    pub caller: String,
}

impl Node {
    /// Withdraws: a tombstone for every entry of the ids by this member in this channel. Once it returns, however many they are, the tombstones are kept and
    /// no table and no index here has what they name; its traces in the store's files are wiped by the next [`Node::finish_erasures`], which follows at once.
    pub fn withdraw(&self, selection: &Selection, reason: Reason) -> Result<Vec<(String, Withdrawn)>, NodeFault> {
        if !self.governance().is_concerned(&selection.channel, &self.member) {
            return Ok(unknown_channel(selection));
        }
        self.catch_up()?;
        let done = self.transact(Priority::People, |writing| self.withdraw_in(writing, selection, reason))?;
        self.erase_named()?;
        Ok(done)
    }

    /// [`Node::withdraw`] within a transaction. A small withdrawal is over with it; whoever answers for a larger one calls [`Node::erase_named`] first.
    pub fn withdraw_in(
        &self,
        writing: &mut Writing<'_>,
        selection: &Selection,
        reason: Reason,
    ) -> Result<Vec<(String, Withdrawn)>, NodeFault> {
        if !self.governance().is_concerned(&selection.channel, &self.member) {
            return Ok(unknown_channel(selection));
        }
        project::bring_up(writing.tx.as_mut())?;
        let own = rows::logs_of(writing.tx.as_ref(), &selection.channel, &self.member)?;
        let hidden = hidden_in(writing.tx.as_ref(), &own)?;
        let mut dropped = drop_quarantined(writing, selection)?;
        let mut results = Vec::new();
        let mut all = Vec::new();
        for id in &selection.ids {
            let mut found = entries_of(writing.tx.as_ref(), &own, id, selection)?;
            found.extend(hidden.iter().filter(|hidden| hidden.is_meant(id, selection)).map(|hidden| hidden.entry));
            // An id that is named twice has dropped what waits under it once.
            results.push((id.clone(), found.len() as u64, dropped.remove(id.as_str()).unwrap_or_default()));
            all.extend(found);
        }
        let written = self.append_targets(writing, (&selection.channel, &own), all, |targets| Control::Tombstone {
            reason,
            targets,
        })?;
        for (row, index, targets) in &written {
            erase::record_tombstone(writing.tx.as_mut(), row, *index, reason, targets)?;
        }
        erase::carry_out(writing.tx.as_mut(), self.now())?;
        let named = results.iter().filter(|(_, entries, _)| *entries > 0);
        let named: Vec<&str> = named.map(|(id, ..)| id.as_str()).collect();
        source::note_withdrawn(writing.tx.as_mut(), selection, &named)?;
        // Where, not what: ids of observables are hashes of their values and must not outlive them here.
        let at: Vec<u64> = written.iter().map(|(_, index, _)| *index).collect();
        let what =
            serde_json::json!({"channel": selection.channel.to_string(), "reason": reason.as_str(), "tombstones": at});
        note_act(writing, self.now(), &selection.caller, "withdraw", &what)?;
        Ok(self.answers(results, &written))
    }

    /// Relabels: stricter binds every live version of the ids, laxer only the version named by `modified` (or all, if none is named) and never below an object's
    /// own marking. A label above the channel's ceiling withdraws instead.
    pub fn relabel(&self, selection: &Selection, tlp: Tlp) -> Result<Vec<(String, Withdrawn)>, NodeFault> {
        if !self.governance().is_concerned(&selection.channel, &self.member) {
            return Ok(unknown_channel(selection));
        }
        self.catch_up()?;
        let done = self.transact(Priority::People, |writing| self.relabel_in(writing, selection, tlp))?;
        self.erase_named()?;
        Ok(done)
    }

    /// [`Node::relabel`] within a transaction; what is said of [`Node::withdraw_in`] holds where the label is above the channel's ceiling.
    pub fn relabel_in(
        &self,
        writing: &mut Writing<'_>,
        selection: &Selection,
        tlp: Tlp,
    ) -> Result<Vec<(String, Withdrawn)>, NodeFault> {
        let governance = self.governance();
        // Whoever acceded is in no list of the terms, and whoever has left still answers for what it published.
        let channel =
            governance.channel(&selection.channel).filter(|channel| governance.is_concerned(&channel.id, &self.member));
        let Some(channel) = channel else { return Ok(unknown_channel(selection)) };
        if tlp > channel.channel_type.ceiling {
            return self.withdraw_in(writing, selection, Reason::Relabelled);
        }
        project::bring_up(writing.tx.as_mut())?;
        let own = rows::logs_of(writing.tx.as_ref(), &selection.channel, &self.member)?;
        let mut results = Vec::new();
        let mut all = Vec::new();
        for id in &selection.ids {
            let found = entries_of(writing.tx.as_ref(), &own, id, selection)?;
            results.push((id.clone(), found.len() as u64, 0));
            all.extend(found);
        }
        let written = self.relabel_entries(writing, (&selection.channel, &own), all, tlp)?;
        let at: Vec<u64> = written.iter().map(|(_, index, _)| *index).collect();
        let what = serde_json::json!({"channel": selection.channel.to_string(), "tlp": tlp.as_str(), "entries": at});
        note_act(writing, self.now(), &selection.caller, "relabel", &what)?;
        Ok(self.answers(results, &written))
    }

    /// Gives entries of own logs of a channel another label.
    pub(crate) fn relabel_entries(
        &self,
        writing: &mut Writing<'_>,
        (channel, own): (&ChannelId, &[LogRow]),
        entries: Vec<EntryKey>,
        tlp: Tlp,
    ) -> Result<Vec<(LogRow, u64, Vec<TargetRange>)>, NodeFault> {
        let control = |targets| Control::Relabel { tlp, targets };
        let written = self.append_targets(writing, (channel, own), entries, control)?;
        for (row, index, targets) in &written {
            apply_relabel(writing, (row, *index), (tlp, self.now()), targets)?;
        }
        Ok(written)
    }

    fn answers(
        &self,
        results: Vec<(String, u64, u64)>,
        written: &[(LogRow, u64, Vec<TargetRange>)],
    ) -> Vec<(String, Withdrawn)> {
        let region = self.governance().region;
        let at = written.first().map(|(_, index, _)| *index);
        let log = written.first().map(|(row, _, _)| row.id.origin(&region).to_string());
        let answer = |(id, entries, quarantined): (String, u64, u64)| {
            if entries == 0 && quarantined == 0 {
                return (id, Withdrawn::NotFound);
            }
            let at = at.filter(|_| entries > 0);
            (id, Withdrawn::Done { entries, quarantined, at, log: log.clone().filter(|_| entries > 0) })
        };
        results.into_iter().map(answer).collect()
    }

    /// Appends as many control entries as the ranges need, each within its bound.
    fn append_targets(
        &self,
        writing: &mut Writing<'_>,
        (channel, own): (&ChannelId, &[LogRow]),
        keys: Vec<EntryKey>,
        control: impl Fn(Vec<TargetRange>) -> Control,
    ) -> Result<Vec<(LogRow, u64, Vec<TargetRange>)>, NodeFault> {
        let mut written = Vec::new();
        let ranges = ranges_of(own, keys);
        for chunk in ranges.chunks(limits::TARGET_RANGES_MAX / 2) {
            let mut row = self.own_log(writing, channel)?;
            let index = self.append_control(writing, &mut row, &control(chunk.to_vec()))?;
            written.push((row, index, chunk.to_vec()));
        }
        Ok(written)
    }
}

fn unknown_channel(selection: &Selection) -> Vec<(String, Withdrawn)> {
    let why = vec![Why::plain("channel.unknown", "there is no such channel")];
    selection.ids.iter().map(|id| (id.clone(), Withdrawn::Refused(why.clone()))).collect()
}

/// How many live entries of an id stand in one's own logs of a channel.
pub(crate) fn live_of(tx: &dyn ReadTx, own: &[LogRow], id: &str) -> Result<usize, NodeFault> {
    let Some(channel) = own.first().map(|row| row.id.channel) else { return Ok(0) };
    let selection = Selection { channel, ids: Vec::new(), modified: None, constituent: None, caller: String::new() };
    Ok(entries_of(tx, own, id, &selection)?.len())
}

/// The live entries of an id in one's own logs of a channel.
fn entries_of(tx: &dyn ReadTx, own: &[LogRow], id: &str, selection: &Selection) -> Result<Vec<EntryKey>, NodeFault> {
    let key = tx.index_key(Index::Object, id.as_bytes());
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = tx.postings(Index::Object, key, after, 1_000)?;
        for (entry, header) in page.iter().zip(tx.headers(&page)?) {
            let Some(header) = header.filter(|header| header.state == State::Live) else { continue };
            let version = selection.modified.is_none_or(|modified| modified.micros() == header.modified);
            if version && own.iter().any(|row| row.no == entry.log()) && is_object(tx, *entry, id)? {
                match &selection.constituent {
                    Some(code) if !is_by(tx, *entry, code)? => {}
                    Some(_) | None => found.push(*entry),
                }
            }
        }
        match page.last() {
            Some(last) if page.len() == 1_000 => after = Some(*last),
            _ => return Ok(found),
        }
    }
}

/// An object that no index finds, because it is held or refused.
struct Hidden {
    entry: EntryKey,
    id: String,
    modified: Option<Timestamp>,
    organisation: Option<String>,
}

impl Hidden {
    fn is_meant(&self, id: &str, selection: &Selection) -> bool {
        self.id == id
            && selection.modified.is_none_or(|modified| self.modified == Some(modified))
            && selection.constituent.as_ref().is_none_or(|code| self.organisation.as_deref() == Some(code.as_str()))
    }
}

/// What is held or refused in one's own logs: governance that comes may show it again, so it is taken back too. Read once, however many ids are asked for.
fn hidden_in(tx: &dyn ReadTx, own: &[LogRow]) -> Result<Vec<Hidden>, NodeFault> {
    let mut found = Vec::new();
    for row in own {
        for entry in judgement::hidden(tx, row.no)? {
            let Some(content) = tx.entry(entry)?.map(|entry| entry.open()).transpose()?.flatten() else { continue };
            let Ok(facts) = gotong_formats::stix21::read(&content.body) else { continue };
            let organisation =
                Envelope::parse(&content.envelope, false).ok().and_then(|envelope| envelope.organisation);
            found.push(Hidden { entry, id: facts.id, modified: facts.modified, organisation });
        }
    }
    Ok(found)
}

/// Whether an entry really carries this id: index keys are hashes.
pub(crate) fn is_object(tx: &dyn ReadTx, entry: EntryKey, id: &str) -> Result<bool, NodeFault> {
    let Some(content) = tx.entry(entry)?.map(|entry| entry.open()).transpose()?.flatten() else { return Ok(false) };
    Ok(gotong_formats::stix21::read(&content.body).is_ok_and(|facts| facts.id == id))
}

/// Whether an organisation published an entry itself.
fn is_by(tx: &dyn ReadTx, entry: EntryKey, organisation: &Slug) -> Result<bool, NodeFault> {
    let Some(content) = tx.entry(entry)?.map(|entry| entry.open()).transpose()?.flatten() else { return Ok(false) };
    let envelope = Envelope::parse(&content.envelope, false);
    Ok(envelope.is_ok_and(|envelope| envelope.organisation.as_deref() == Some(organisation.as_str())))
}

fn ranges_of(own: &[LogRow], mut keys: Vec<EntryKey>) -> Vec<TargetRange> {
    keys.sort_unstable();
    keys.dedup();
    let mut by_epoch: BTreeMap<EpochId, Vec<TargetRange>> = BTreeMap::new();
    for key in keys {
        let Some(row) = own.iter().find(|row| row.no == key.log()) else { continue };
        let ranges = by_epoch.entry(row.id.epoch).or_default();
        match ranges.last_mut().filter(|range| range.last + 1 == key.index()) {
            Some(range) => range.last = key.index(),
            None => ranges.push(TargetRange { epoch: row.id.epoch, first: key.index(), last: key.index() }),
        }
    }
    // Epochs are named in the order of their text, which for base32 is not that of their bytes.
    let mut epochs: Vec<_> = by_epoch.into_iter().collect();
    epochs.sort_by_key(|(epoch, _)| epoch.to_string());
    epochs.into_iter().flat_map(|(_, ranges)| ranges).collect()
}

/// Whether any relabelling names entries of an epoch; saves a look for each entry of a frame.
pub(crate) fn any_relabelled(tx: &dyn ReadTx, id: &LogId) -> Result<bool, NodeFault> {
    Ok(interval::any(tx, Book::Relabel, (&id.channel, &id.author, &id.epoch))?)
}

/// The label that a relabelling gives an entry, never below the object's own marking; `None` where none names it.
pub(crate) fn label_now(tx: &dyn ReadTx, id: &LogId, index: u64, content: &Packed) -> Result<Option<Tlp>, NodeFault> {
    let cause = interval::naming(tx, Book::Relabel, (&id.channel, &id.author, &id.epoch), index)?;
    let Some(tlp) = cause.and_then(|cause| Tlp::ALL.get(usize::from(cause.word)).copied()) else { return Ok(None) };
    let own = gotong_formats::stix21::read(&content.unpack()?.body).ok().and_then(|facts| facts.marking);
    Ok(Some(own.map_or(tlp, |own| own.max(tlp))))
}

/// Keeps a relabelling's ranges and gives the entries that are here their new label, never below their own marking.
pub(crate) fn apply_relabel(
    writing: &mut Writing<'_>,
    (row, index): (&LogRow, u64),
    (tlp, now): (Tlp, Timestamp),
    targets: &[TargetRange],
) -> Result<(), NodeFault> {
    let scope = (&row.id.channel, &row.id.author);
    let siblings = rows::logs_of(writing.tx.as_ref(), &row.id.channel, &row.id.author)?;
    let mut anew = Anew::default();
    for range in targets {
        let cause = interval::Cause { log: row.no, index, word: tlp as u8 };
        interval::name(writing.tx.as_mut(), Book::Relabel, scope, range, cause, true)?;
        let Some(log) = siblings.iter().find(|sibling| sibling.id.epoch == range.epoch) else { continue };
        let mut next = range.first;
        while next <= range.last {
            let count = usize::try_from(range.last - next + 1).unwrap_or(1_024).min(1_024);
            let entries = writing.tx.entries(log.no, next, count, 4 << 20, true)?;
            let Some(newest) = entries.last().map(|entry| entry.key.index()) else { break };
            for entry in
                entries.iter().filter(|entry| entry.key.index() <= range.last && entry.header.state == State::Live)
            {
                let own = entry.open()?.and_then(|content| gotong_formats::stix21::read(&content.body).ok()?.marking);
                let label = own.map_or(tlp, |own| own.max(tlp));
                let header = gotong_store::Header { label: label as u8, ..entry.header };
                writing.tx.set_header(entry.key, header)?;
                if header.label != entry.header.label {
                    // Whoever has it learns its new label, and whom it hid from may see it now.
                    anew.note(&row.id.channel, entry.key);
                }
            }
            next = newest + 1;
        }
    }
    Ok(anew.write(writing.tx.as_mut(), now)?)
}

/// Drops what waits under the ids, with one look through the quarantine however many they are; how many of which id.
fn drop_quarantined<'a>(
    writing: &mut Writing<'_>,
    selection: &'a Selection,
) -> Result<BTreeMap<&'a str, u64>, NodeFault> {
    let wanted: BTreeSet<&str> = selection.ids.iter().map(String::as_str).collect();
    let channel = selection.channel.to_string();
    let mut dropped: BTreeMap<&str, u64> = BTreeMap::new();
    let mut from = Vec::new();
    loop {
        let page = writing.tx.scan(Book::Quarantine, &from, &[], 256)?;
        let Some((last, _)) = page.last() else { break };
        from = [last.as_slice(), &[0]].concat();
        for (key, value) in &page {
            let row: Quarantined = from_json(value, "quarantine")?;
            let may =
                selection.constituent.as_ref().is_none_or(|code| row.organisation.as_deref() == Some(code.as_str()));
            let Some(id) = wanted.get(row.id.as_str()).filter(|_| may && row.channel == channel) else { continue };
            writing.tx.delete(Book::Quarantine, key)?;
            let number = key.as_slice().try_into().map_or(0, u64::from_be_bytes);
            erase::wipe_later(writing.tx.as_mut(), number)?;
            status::change(writing.tx.as_mut(), |counts| {
                counts.quarantined = counts.quarantined.saturating_sub(1);
            })?;
            *dropped.entry(id).or_default() += 1;
        }
    }
    Ok(dropped)
}

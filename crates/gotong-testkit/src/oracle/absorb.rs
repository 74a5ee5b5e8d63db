//! How the model learns what an act came to: it reads what the author's store has gained and compares it with what was expected, whole or not at all.

use std::collections::BTreeMap;

use gotong_app::rows;
use gotong_crypto::text;
use gotong_ledger::{FLAG_CONTROL, Leaf, commitment};
use gotong_model::control::{Basis, Control};
use gotong_model::entry::{self, Reading};
use gotong_model::envelope::Envelope;
use gotong_model::{LogId, MemberCode, RegionId, Tlp};
use gotong_store::{Book, ReadTx, StoredEntry};

use super::{BasisModel, EntryModel, LogModel, Oracle, Place, Published, RecordModel, Violation, Waiting, broken};
use crate::objects::Draft;

/// What an act may have added to its author's log.
#[derive(Clone, Debug, Default)]
pub struct Grown {
    /// Records in their order, with their labels.
    pub records: Vec<(Draft, Tlp)>,
    /// Objects that wait for a person.
    pub quarantined: Vec<Draft>,
}

impl Grown {
    /// Whether nothing is expected to change.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.quarantined.is_empty()
    }
}

impl Oracle {
    /// Reads what is new in the author's log of a channel. The opening entry is taken in here; the rest is returned with the first index.
    fn news(
        &mut self,
        tx: &dyn ReadTx,
        member: &MemberCode,
        (author, channel): (usize, usize),
    ) -> Result<(u64, Vec<StoredEntry>), Violation> {
        let logs = rows::logs_of(tx, &self.channels[channel].id, member).map_err(unreadable)?;
        let row = match logs.as_slice() {
            [] => return Ok((0, Vec::new())),
            [row] => row,
            _ => return broken("8", format!("{member} writes two epochs of one channel")),
        };
        let log = self.logs.entry((author, channel)).or_insert_with(|| LogModel::new(row.id.clone()));
        if log.id != row.id {
            return broken("2", format!("{member} began its log in channel {channel} anew"));
        }
        if row.size() < log.size() {
            return broken(
                "2",
                format!("{member}'s log in channel {channel} shrank from {} to {}", log.size(), row.size()),
            );
        }
        let mut new = tx.entries(row.no, log.size(), usize::MAX, usize::MAX, true).map_err(unreadable)?;
        if log.size() + new.len() as u64 != row.size() {
            return broken("2", format!("{member}'s log in channel {channel} does not have the entries its row says"));
        }
        if log.size() == 0 && !new.is_empty() {
            let open = new.remove(0);
            if open.flags & FLAG_CONTROL == 0 {
                return broken("2", "entry 0 is no control entry");
            }
            log.push(EntryModel { leaf: leaf(&open), record: None, basis: basis_of(&open)? });
        }
        // The governance that an author knows is named before what it publishes under it, and whenever somebody joins.
        while let Some(first) = new.first()
            && let Some(basis) = basis_of(first)?
        {
            log.push(EntryModel { leaf: leaf(first), record: None, basis: Some(basis) });
            new.remove(0);
        }
        let batch = tx.last(Book::Batch, &[], &[]).map_err(unreadable)?;
        let number = batch.and_then(|(key, _)| Some(u64::from_be_bytes(key.as_slice().try_into().ok()?))).unwrap_or(0);
        log.batches.entry(row.size()).or_insert(number);
        Ok((log.size(), new))
    }

    /// Takes in bases that an author's log names anew; nothing else may have come.
    pub fn absorb_bases(&mut self, tx: &dyn ReadTx, member: &MemberCode, at: (usize, usize)) -> Result<(), Violation> {
        let (_, new) = self.news(tx, member, at)?;
        if new.is_empty() {
            return Ok(());
        }
        broken("2", format!("{member}'s log in channel {} has grown by itself", at.1))
    }

    /// Takes in what a publication came to. Returns whether its transaction happened.
    pub fn absorb_publication(
        &mut self,
        tx: &dyn ReadTx,
        region: &RegionId,
        member: &MemberCode,
        place: &Place,
        grown: &Grown,
    ) -> Result<bool, Violation> {
        let (first, new) = self.news(tx, member, (place.author, place.channel))?;
        let waiting = self.new_in_quarantine(tx, place.author)?;
        let tightened = self.tightened(place, first, &grown.records);
        let happened = !new.is_empty() || !waiting.is_empty();
        if happened && (new.len() != grown.records.len() + tightened.len() || waiting.len() != grown.quarantined.len())
        {
            let text = format!(
                "a publication by {member} is there in part: {} of {} entries, {} of {} in quarantine",
                new.len(),
                grown.records.len() + tightened.len(),
                waiting.len(),
                grown.quarantined.len()
            );
            return broken("2", text);
        }
        let mut drafts = grown.quarantined.clone();
        for (number, body) in waiting {
            let Some(place_in) = drafts.iter().position(|draft| text::base64(&draft.body) == body) else {
                return broken("7", format!("{member} keeps something in quarantine that was not sent"));
            };
            let draft = drafts.swap_remove(place_in);
            let (label, purpose) = (self.label(place, &draft), place.purpose.clone());
            self.quarantine.insert((place.author, number), Waiting { channel: place.channel, draft, label, purpose });
        }
        for ((index, entry), (draft, label)) in (first..).zip(&new).zip(&grown.records) {
            let record =
                record(region, &self.logs[&(place.author, place.channel)].id, entry, draft, (index, *label), place)?;
            let model = EntryModel { leaf: leaf(entry), record: Some(record), basis: None };
            if let Some(log) = self.logs.get_mut(&(place.author, place.channel)) {
                log.push(model);
            }
        }
        let at = (place.author, place.channel);
        for ((index, entry), (tlp, targets)) in (first..).zip(&new).skip(grown.records.len()).zip(tightened) {
            if entry.flags & FLAG_CONTROL == 0 {
                return broken("3", "a stricter version whose earlier ones are not relabelled");
            }
            if let Some(log) = self.logs.get_mut(&at) {
                log.push(EntryModel { leaf: leaf(entry), record: None, basis: None });
            }
            for record in self.records_mut(at, &targets) {
                record.labels.push((index, record.draft.marking.map_or(tlp, |own| own.max(tlp))));
            }
        }
        Ok(happened)
    }

    /// What a publication makes stricter: of each object that gets a stricter version, the entries that are laxer, by their new label. One control entry each.
    fn tightened(&self, place: &Place, first: u64, records: &[(Draft, Tlp)]) -> BTreeMap<Tlp, Vec<u64>> {
        let at = (place.author, place.channel);
        let mut found: BTreeMap<Tlp, Vec<u64>> = BTreeMap::new();
        let log = self.logs.get(&at);
        for (place_in, (draft, label)) in records.iter().enumerate() {
            if records.iter().skip(place_in + 1).any(|(later, _)| later.id == draft.id) {
                continue;
            }
            let before = log.into_iter().flat_map(|log| {
                let same = log.live().filter(|(_, record)| record.draft.id == draft.id);
                same.filter(|(_, record)| self.shows(place.author, at, record))
                    .map(|(index, record)| (index, record.label(log.size())))
            });
            let beside = (first..).zip(records).filter(|(_, (other, _))| other.id == draft.id);
            let laxer = before.chain(beside.map(|(index, (_, label))| (index, *label))).filter(|(_, was)| was < label);
            let laxer: Vec<u64> = laxer.map(|(index, _)| index).collect();
            if !laxer.is_empty() {
                found.entry(*label).or_default().extend(laxer);
            }
        }
        found
    }

    /// What waits at an author and is not known yet: number and body in base64.
    fn new_in_quarantine(&self, tx: &dyn ReadTx, author: usize) -> Result<Vec<(u64, String)>, Violation> {
        let rows = tx.scan(Book::Quarantine, &[], &[], usize::MAX).map_err(unreadable)?;
        let read = |(key, value): &(Vec<u8>, Vec<u8>)| {
            let number = u64::from_be_bytes(key.as_slice().try_into().ok()?);
            let row: serde_json::Value = serde_json::from_slice(value).ok()?;
            Some((number, row["body"].as_str()?.to_owned()))
        };
        let known = |number: u64| self.quarantine.contains_key(&(author, number));
        Ok(rows.iter().filter_map(read).filter(|(number, _)| !known(*number)).collect())
    }

    /// Takes in what a withdrawal or relabelling came to: the one control entry for `targets`, and quarantined objects gone. Returns the entry's index, and
    /// whether the transaction happened.
    pub fn absorb_control(
        &mut self,
        tx: &dyn ReadTx,
        member: &MemberCode,
        (author, channel): (usize, usize),
        targets: &[u64],
        dropped: &[u64],
    ) -> Result<(Option<u64>, bool), Violation> {
        let (index, new) = self.news(tx, member, (author, channel))?;
        let mut gone = 0;
        for number in dropped {
            if tx.fetch(Book::Quarantine, &number.to_be_bytes()).map_err(unreadable)?.is_none() {
                gone += 1;
            }
        }
        let happened = !new.is_empty() || gone > 0;
        let wanted = usize::from(!targets.is_empty());
        if happened && (new.len() != wanted || gone != dropped.len()) {
            let text = format!(
                "{member}: {} control entries for {wanted}, {gone} of {} gone from quarantine",
                new.len(),
                dropped.len()
            );
            return broken("2", text);
        }
        if happened {
            for number in dropped {
                self.dropped.extend(self.quarantine.remove(&(author, *number)).map(|waiting| waiting.draft));
            }
        }
        let Some(entry) = new.first() else { return Ok((None, happened)) };
        if entry.flags & FLAG_CONTROL == 0 {
            return broken("2", "a withdrawal or relabelling that is no control entry");
        }
        if let Some(log) = self.logs.get_mut(&(author, channel)) {
            log.push(EntryModel { leaf: leaf(entry), record: None, basis: None });
        }
        Ok((Some(index), happened))
    }

    /// The records of a log that a control entry named, to be changed.
    pub fn records_mut<'a>(
        &'a mut self,
        at: (usize, usize),
        targets: &'a [u64],
    ) -> impl Iterator<Item = &'a mut RecordModel> {
        let entries = self.logs.get_mut(&at).map(|log| log.entries.as_mut_slice()).unwrap_or_default();
        (0_u64..)
            .zip(entries)
            .filter(|(index, _)| targets.contains(index))
            .filter_map(|(_, entry)| entry.record.as_mut())
    }
}

#[allow(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn unreadable(fault: gotong_store::Fault) -> Violation {
    Violation { invariant: "2", text: format!("the store does not read back: {fault}") }
}

fn leaf(entry: &StoredEntry) -> Leaf {
    Leaf { flags: entry.flags, commitment: entry.commitment }
}

/// The governance that a control entry names, where it names one.
fn basis_of(stored: &StoredEntry) -> Result<Option<BasisModel>, Violation> {
    if stored.flags & FLAG_CONTROL == 0 {
        return Ok(None);
    }
    let Some(content) = stored.open().map_err(unreadable)? else { return Ok(None) };
    let Basis { charter, agreement_hash: agreement, notices } =
        match entry::read(stored.flags, &content.envelope, &content.body) {
            Ok(Reading::Control(_, Control::Open(open))) => open.basis,
            Ok(Reading::Control(_, Control::Basis(basis))) => basis,
            _ => return Ok(None),
        };
    Ok(Some(BasisModel { charter, agreement, notices }))
}

/// The model of a stored entry: what it commits to is computed here again.
fn record(
    region: &RegionId,
    log: &LogId,
    entry: &StoredEntry,
    draft: &Draft,
    label: (u64, Tlp),
    place: &Place,
) -> Result<RecordModel, Violation> {
    let content = entry.open().map_err(unreadable)?;
    let Some(content) = content else { return broken("2", "a fresh entry without content") };
    if content.body != draft.body {
        return broken("2", format!("the entry of {} has another body", draft.id));
    }
    let origin = log.origin(region).to_string();
    if commitment(&origin, &content.salt1, &content.envelope, &content.salt2, &content.body) != entry.commitment {
        return broken("2", format!("the leaf of {} does not commit to its content", draft.id));
    }
    let Ok(envelope) = Envelope::parse(&content.envelope, false) else {
        return broken("2", format!("the envelope of {} does not read back", draft.id));
    };
    Ok(RecordModel {
        published: Published {
            kind: format!("stix.{}", draft.object_type),
            label: envelope.tlp.unwrap_or(Tlp::Red),
            at: envelope.published_at,
        },
        basis: envelope.basis,
        draft: draft.clone(),
        labels: vec![label],
        withdrawn: None,
        salts: [content.salt1, content.salt2],
        purpose: place.purpose.clone(),
    })
}

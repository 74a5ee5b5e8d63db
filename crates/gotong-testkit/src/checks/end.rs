//! The full comparison, when everything has been delivered: every holder has everything, shows the same, finds the same, has nothing left of what was
//! withdrawn, and the author has it in writing.

use std::collections::{BTreeMap, BTreeSet};

use gotong_app::{acknowledge, rows};
use gotong_ledger::commitment;
use gotong_store::{Index, Store};

use super::node::{found_by, unreadable};
use super::{Needles, token_in_base64};
use crate::oracle::{Violation, broken};
use crate::region::Region;

impl Region {
    /// All of it.
    pub(crate) fn check_end(&mut self) -> Result<(), Violation> {
        for at in 0..self.nodes.len() {
            self.check_node(at)?;
            self.check_complete(at)?;
            self.check_contents(at)?;
            self.check_lookups(at)?;
            self.check_hidden(at)?;
            self.check_sound(at)?;
        }
        self.check_documents()?;
        self.check_constituents()?;
        self.check_leftovers()?;
        self.check_acknowledged()
    }

    fn check_complete(&self, at: usize) -> Result<(), Violation> {
        let store = &self.nodes[at].store;
        let tx = store.look();
        for ((author, channel), log) in &self.oracle.logs {
            if !self.shares(at, (*author, *channel)) {
                continue;
            }
            let size = rows::log_by_id(tx.as_ref(), &log.id).map_err(unreadable)?.map_or(0, |row| row.size());
            if size != log.size() {
                let text = format!("{} has {size} of {} entries by {}", self.name(at), log.size(), self.name(*author));
                return broken("2", format!("everything was delivered, and {text}"));
            }
        }
        Ok(())
    }

    /// Whether a member reads an author's log by what both of them know.
    fn shares(&self, at: usize, (author, channel): (usize, usize)) -> bool {
        at == author
            || self.reads(author, channel, at) && self.reads(at, channel, at) && self.reads(at, channel, author)
    }

    /// What is stored is what its leaf commits to.
    fn check_contents(&self, at: usize) -> Result<(), Violation> {
        let tx = self.nodes[at].store.look();
        for log in self.oracle.logs.values() {
            let Some(row) = rows::log_by_id(tx.as_ref(), &log.id).map_err(unreadable)? else { continue };
            let origin = log.id.origin(&self.founding.region).to_string();
            for entry in tx.entries(row.no, 0, usize::MAX, usize::MAX, true).map_err(unreadable)? {
                if let Some(content) = entry.open().map_err(unreadable)?
                    && commitment(&origin, &content.salt1, &content.envelope, &content.salt2, &content.body)
                        != entry.commitment
                {
                    return broken(
                        "2",
                        format!("{}: the content of entry {} is not its own", self.name(at), entry.key.index()),
                    );
                }
            }
        }
        Ok(())
    }

    fn check_lookups(&self, at: usize) -> Result<(), Violation> {
        let mut expected: BTreeMap<(Index, &str), Vec<_>> = BTreeMap::new();
        for ((author, channel), log) in &self.oracle.logs {
            let model = &self.oracle.channels[*channel];
            let row = rows::log_by_id(self.nodes[at].store.look().as_ref(), &log.id).map_err(unreadable)?;
            let held = row.map_or(0, |row| row.size());
            for (index, record) in log.showing(held) {
                if !self.oracle.shows(at, (*author, *channel), record) {
                    continue;
                }
                let place = (model.id, self.name(*author), index);
                let draft = &record.draft;
                let values = draft.values.iter().map(|value| (Index::Value, value.as_str()));
                let references = draft.reference.iter().map(|id| (Index::Reference, id.as_str()));
                for key in values.chain(references).chain([(Index::Object, draft.id.as_str())]) {
                    expected.entry(key).or_default().push(place.clone());
                }
            }
        }
        let tx = self.nodes[at].store.look();
        for ((index, text), mut places) in expected {
            places.sort();
            if found_by(tx.as_ref(), index, text).map_err(unreadable)? != places {
                return broken("3", format!("{}: looking for {text} by {index:?} finds something else", self.name(at)));
            }
        }
        Ok(())
    }

    /// No byte of a channel is with anyone outside its audience.
    fn check_hidden(&self, at: usize) -> Result<(), Violation> {
        let bytes = self.nodes[at].store.bytes();
        if self.watch.hidden[at].find(&bytes).is_some() {
            return broken(
                "1",
                format!("{} has the name of a channel or agreement that it does not know", self.name(at)),
            );
        }
        // What it was sent while it was of the audience it may have; what was published later it may not.
        let mut known: BTreeSet<&str> = BTreeSet::new();
        let mut records = Vec::new();
        for ((author, channel), log) in self.oracle.logs.iter().filter(|((author, _), _)| *author != at) {
            let entitled = self.watch.entitled(at, (*author, *channel));
            for (index, entry) in (0..).zip(&log.entries) {
                match &entry.record {
                    Some(record) if index < entitled => {
                        known.insert(&record.draft.token);
                    }
                    Some(record) => records.push(record),
                    None => {}
                }
            }
        }
        let tokens = records.iter().map(|record| &record.draft.token).filter(|token| !known.contains(token.as_str()));
        let tokens = tokens.map(|token| token.clone().into_bytes());
        let needles = Needles::new(tokens.chain(records.iter().map(|record| record.salts[0].to_vec())));
        if needles.find(&bytes).is_some() {
            return broken("1", format!("{} has a record of a channel that it does not read", self.name(at)));
        }
        Ok(())
    }

    fn check_sound(&self, at: usize) -> Result<(), Violation> {
        let findings = self.nodes[at].store.check().map_err(unreadable)?;
        if findings.is_empty() { Ok(()) } else { broken("2", format!("{}: {}", self.name(at), findings.join("; "))) }
    }

    /// Bodies, envelopes and salts of what was withdrawn are nowhere, and those of what was not are where they should be.
    fn check_leftovers(&self) -> Result<(), Violation> {
        let records =
            || self.oracle.logs.values().flat_map(|log| &log.entries).filter_map(|entry| entry.record.as_ref());
        let waiting = self
            .oracle
            .quarantine
            .values()
            .flat_map(|waiting| [waiting.draft.token.as_str(), waiting.purpose.as_str()]);
        let live = records().filter(|record| record.withdrawn.is_none());
        // A word that something live still carries says nothing.
        let mut kept: BTreeSet<&str> = live.clone().map(|record| record.draft.token.as_str()).chain(waiting).collect();
        kept.extend(live.clone().map(|record| record.purpose.as_str()));
        // Where the tombstone has not come, because its author or the holder has left, the record may be.
        let mut unreached: BTreeSet<&str> = BTreeSet::new();
        let mut words: Vec<(BTreeSet<usize>, Vec<u8>)> = Vec::new();
        for (log, record) in self.oracle.logs.values().flat_map(|log| log.entries.iter().map(move |entry| (log, entry)))
        {
            let Some(record) = record.record.as_ref() else { continue };
            let Some(tombstone) = record.withdrawn else { continue };
            let mut reached = BTreeSet::new();
            for at in 0..self.nodes.len() {
                let row = rows::log_by_id(self.nodes[at].store.look().as_ref(), &log.id).map_err(unreadable)?;
                if row.is_none_or(|row| row.size() > tombstone) {
                    reached.insert(at);
                } else {
                    unreached.extend([record.draft.token.as_str(), record.purpose.as_str()]);
                }
            }
            words.extend(record.salts.map(|salt| (reached.clone(), salt.to_vec())));
            let texts = [&record.draft.token, &record.purpose];
            let texts = texts.into_iter().filter(|text| !kept.contains(text.as_str()));
            words.extend(texts.map(|text| (reached.clone(), text.clone().into_bytes())));
        }
        let everyone: BTreeSet<usize> = (0..self.nodes.len()).collect();
        words.retain(|(_, word)| !unreached.iter().any(|text| text.as_bytes() == word.as_slice()));
        // What a person dropped or withdrew while it waited lay there in base64.
        let withdrawn = records().filter(|record| record.withdrawn.is_some()).map(|record| &record.draft);
        for draft in withdrawn.chain(&self.oracle.dropped).filter(|draft| !kept.contains(draft.token.as_str())) {
            words.extend(token_in_base64(draft).map(|word| (everyone.clone(), word)));
        }
        let common = words;
        for at in 0..self.nodes.len() {
            let needles =
                Needles::new(common.iter().filter(|(reached, _)| reached.contains(&at)).map(|(_, word)| word.clone()));
            if let Some(found) = needles.find(&self.nodes[at].store.bytes()) {
                let text = String::from_utf8_lossy(found).into_owned();
                return broken("4", format!("{} still has something withdrawn: {text:?}", self.name(at)));
            }
        }
        // The positive control: the same search finds what is there.
        if let Some(((author, _), log)) = self.oracle.logs.iter().find(|(_, log)| log.live().next().is_some())
            && let Some((_, record)) = log.live().next()
        {
            let bytes = self.nodes[*author].store.bytes();
            let controls = [
                record.draft.token.clone().into_bytes(),
                record.salts[1].to_vec(),
                record.purpose.clone().into_bytes(),
            ];
            if controls.into_iter().any(|word| Needles::new([word]).find(&bytes).is_none()) {
                return broken("4", "the search for leftovers does not find what is there");
            }
            if !self.nodes[*author].store.memory().contains_bytes(record.draft.token.as_bytes()) {
                return broken("4", "the store's own search does not find what is there");
            }
        }
        for ((author, _), waiting) in self.oracle.quarantine.iter().take(1) {
            let word = token_in_base64(&waiting.draft).unwrap_or_else(|| vec![0, 0]);
            if Needles::new([word]).find(&self.nodes[*author].store.bytes()).is_none() {
                return broken("7", format!("{} lost what waits for a person", self.name(*author)));
            }
        }
        Ok(())
    }

    /// The author holds everyone's word for all of it.
    fn check_acknowledged(&self) -> Result<(), Violation> {
        for ((author, channel), log) in &self.oracle.logs {
            let Some(node) = self.nodes[*author].node.as_ref() else { continue };
            let tx = self.nodes[*author].store.look();
            let Some(row) = rows::log_by_id(tx.as_ref(), &log.id).map_err(unreadable)? else { continue };
            let known = acknowledge::known(node, tx.as_ref(), row.no);
            let known = known.map_err(|fault| Violation { invariant: "4", text: fault.to_string() })?;
            for reader in (0..self.nodes.len()).filter(|at| at != author && self.shares(*at, (*author, *channel))) {
                let code = &self.nodes[reader].code;
                let said = known.iter().find(|(acknowledgement, _)| acknowledgement.member == *code);
                let size = log.size();
                match said.map(|(said, _)| (said.verified, said.erased, said.missing)) {
                    Some((verified, erased, 0)) if verified == size && erased == size => {}
                    other => {
                        let text = format!(
                            "{} knows of {code}: {other:?} of {size} entries in channel {channel}",
                            self.name(*author)
                        );
                        return broken("4", format!("everything was delivered, and {text}"));
                    }
                }
            }
            if known.iter().any(|(said, _)| {
                let at = self.founding.place(&said.member);
                at.is_none_or(|at| said.verified > self.watch.entitled(at, (*author, *channel)))
            }) {
                return broken("1", "an acknowledgement by somebody outside the audience");
            }
        }
        Ok(())
    }
}

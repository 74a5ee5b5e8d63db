//! How documents travel: each node puts those that it holds into its own logs of the governance channels, and takes in what stands in the others'
//! (`docs/protocol.md` section 6). Both go on where they stopped after a crash.

use gotong_model::entry::{self, Reading};
use gotong_model::envelope::Envelope;
use gotong_model::governance::Channel;
use gotong_model::{ChannelId, Slug, Tlp, record};
use gotong_store::{Book, State};

use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::rows::{self, LogRow};

/// Entries read in one step.
const READ_ENTRIES: usize = 128;
/// Bytes of them.
const READ_BYTES: usize = 4 << 20;
/// Documents put into the own log in one step.
const PUBLISHED: usize = 64;

impl Node {
    /// Takes in the next documents of peers' governance logs.
    pub(super) fn read_documents(&self) -> Result<bool, NodeFault> {
        let governance = self.governance();
        let governing = |channel: &Channel<'_>| channel.kind.is_governing();
        for channel in governance.channels().filter(governing).map(|channel| channel.id).collect::<Vec<ChannelId>>() {
            let (rows, positions) = {
                let tx = self.store.read()?;
                let rows = rows::logs_in(tx.as_ref(), &channel)?;
                let positions: Result<Vec<u64>, _> =
                    rows.iter().map(|row| rows::number(tx.as_ref(), &position_name(row))).collect();
                (rows, positions?)
            };
            let foreign = rows.into_iter().zip(positions).filter(|(row, _)| row.id.author != self.member);
            if let Some((row, position)) = foreign.into_iter().find(|(row, position)| *position < row.size()) {
                self.read_some(&row, position)?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn read_some(&self, row: &LogRow, position: u64) -> Result<(), NodeFault> {
        let entries = self.store.read()?.entries(row.no, position, READ_ENTRIES, READ_BYTES, true)?;
        let mut notes = Vec::new();
        let mut next = position;
        for stored in entries {
            next = stored.key.index() + 1;
            let Some(content) = stored.open()? else { continue };
            if let Ok(Reading::Record(envelope)) = entry::read(stored.flags, &content.envelope, &content.body)
                && envelope.kind.as_str() == record::DOCUMENT.slug
            {
                notes.push(content.body);
            }
        }
        self.take_in(
            Priority::People,
            |governance| {
                // What does not read was found faulty when it arrived, and shows as such in its author's log.
                notes.retain(|note| governance.check(note).is_ok());
                governance.add_all(notes.iter().map(Vec::as_slice))?;
                Ok(((), notes))
            },
            |writing| Ok(rows::set_number(writing.tx.as_mut(), &position_name(row), next)?),
        )
    }

    /// Puts documents that the own log does not have yet into it, with the signatures collected so far.
    pub(super) fn publish_documents(&self) -> Result<bool, NodeFault> {
        if self.is_restored() {
            return Ok(false);
        }
        let governance = self.governance();
        let mut due: Vec<(ChannelId, String)> = Vec::new();
        {
            let tx = self.store.read()?;
            // Everybody has the region's first charter: nothing holds without it.
            let founding = self.charter_note()?;
            for note in governance.notes().into_iter().filter(|note| note.as_bytes() != founding) {
                let Some(channel) = governance.channel_of(note.as_bytes()) else { continue };
                let is_ours = governance.in_audience(&channel.id, &self.member);
                if is_ours && tx.fetch(Book::Meta, &told_key(&note))?.is_none() && due.len() < PUBLISHED {
                    due.push((channel.id, note));
                }
            }
        }
        if due.is_empty() {
            return Ok(false);
        }
        self.transact(Priority::People, |writing| {
            for (channel, note) in &due {
                let mut row = self.own_log(writing, channel)?;
                row.published_at = row.published_at.max(self.now());
                let size = note.len() as u64;
                let kind = Slug::from_text(record::DOCUMENT.slug)
                    .ok_or_else(|| NodeFault::Unfit("a kind that is no slug".to_owned()))?;
                let envelope = Envelope::record(kind, 1, row.published_at, row.basis, size, Tlp::Amber);
                let body = note.clone().into_bytes();
                self.append_bare(writing, &mut row, 0, (&envelope, body), State::Unknown)?;
                writing.tx.put(Book::Meta, &told_key(note), &[1])?;
            }
            Ok(())
        })?;
        Ok(true)
    }
}

fn position_name(row: &LogRow) -> String {
    format!("governing/read/{}", row.no.0)
}

fn told_key(note: &str) -> Vec<u8> {
    [b"governing/told/", &gotong_crypto::sha256(note.as_bytes()).0[..]].concat()
}

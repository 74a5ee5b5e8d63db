//! The comparison of nodes with the model, after every step what is cheap and at the end everything. Each finding names the invariant of ARCHITECTURE.md.
//!
//! Read next: `checks/node.rs` (one node against the model), `checks/end.rs` (when everything has been delivered), `checks/needles.rs` (the search for leftovers).

mod end;
mod needles;
mod node;

use std::collections::BTreeMap;

use gotong_crypto::{Digest, text};
use gotong_ledger::Checkpoint;
use gotong_model::Origin;
use gotong_model::acknowledgement::Acknowledgement;
use gotong_store::{EntryKey, LogNo, State};

pub use self::needles::Needles;
use crate::builders::Founding;
use crate::objects::Draft;
use crate::oracle::{Opened, Oracle, RecordModel, Violation, broken};
use crate::region::Region;

/// What has been seen so far.
#[derive(Default)]
pub struct Watch {
    /// Every checkpoint that left a node: origin and size → root.
    checkpoints: BTreeMap<(String, u64), Digest>,
    /// How many entries a node had of a log (node, author, channel).
    sizes: BTreeMap<(usize, usize, usize), u64>,
    /// Up to where a node's claim of erasure was checked (node, author, channel).
    covered: BTreeMap<(usize, usize, usize), u64>,
    /// How much of a log a node may have (node, author, channel).
    entitled: BTreeMap<(usize, usize, usize), u64>,
    /// For each node, what no message to it may contain.
    hidden: Vec<Needles>,
}

impl Watch {
    /// What nobody may see who is not named for it: ids of agreements, of their channels, and of channels of a house.
    pub(crate) fn hide(&mut self, founding: &Founding, oracle: &Oracle) {
        let hidden = (0..founding.members.len()).map(|node| {
            let is_hidden = |opened: &Opened| match opened {
                Opened::Agreement(agreement) => !oracle.law.is_ever_named(*agreement, node),
                Opened::House { member, .. } => *member != node,
            };
            let channels = oracle.channels.iter().filter(|channel| is_hidden(&channel.opened));
            let mut names: Vec<Digest> = channels.map(|channel| channel.id.0).collect();
            let agreements = (0..oracle.law.handles.len()).filter(|at| is_hidden(&Opened::Agreement(*at)));
            names.extend(agreements.map(|at| founding.agreement_id(&oracle.law, at).0));
            Needles::new(names.iter().flat_map(|name| [name.as_bytes().to_vec(), name.to_text().into_bytes()]))
        });
        self.hidden = hidden.collect();
    }

    /// A node may have so much of a log: its author has seen it in the audience then.
    pub(crate) fn entitle(&mut self, node: usize, log: (usize, usize), size: u64) {
        let known = self.entitled.entry((node, log.0, log.1)).or_default();
        *known = size.max(*known);
    }

    /// How much of a log a node may have.
    pub(crate) fn entitled(&self, node: usize, log: (usize, usize)) -> u64 {
        self.entitled.get(&(node, log.0, log.1)).copied().unwrap_or(0)
    }

    /// A message to a node.
    pub(crate) fn message(&self, _oracle: &Oracle, to: usize, bytes: &[u8]) -> Result<(), Violation> {
        match self.hidden[to].find(bytes) {
            Some(_) => broken("1", "the name of a channel or agreement that it does not know"),
            None => Ok(()),
        }
    }
}

impl Region {
    /// A checkpoint leaves its author: one root for each size, ever, and nothing that is not on the disk twice.
    pub(crate) fn watch_checkpoint(&mut self, author: usize, note: &[u8]) -> Result<(), Violation> {
        let name = self.name(author);
        let Ok(checkpoint) = Checkpoint::parse_unverified(note) else {
            return broken("8", "a checkpoint that is none");
        };
        let Checkpoint { origin, size, root } = checkpoint;
        if *self.watch.checkpoints.entry((origin.clone(), size)).or_insert(root) != root {
            return broken("8", format!("{name} signs two roots for size {size}"));
        }
        if Origin::from_text(&origin).is_some_and(|origin| self.is_governing(&origin.log.channel)) {
            return Ok(());
        }
        let channel = Origin::from_text(&origin)
            .and_then(|origin| self.oracle.channels.iter().position(|channel| channel.id == origin.log.channel));
        let log = channel.and_then(|channel| self.oracle.logs.get(&(author, channel)));
        let Some(log) = log else { return broken("8", format!("{name} signs a log that it does not have")) };
        if usize::try_from(size).ok().and_then(|size| log.roots.get(size)) != Some(&root) {
            return broken("8", format!("{name} signs size {size} with a root that its log does not have there"));
        }
        let mark = self.nodes[author].disk.durable_mark().map_or(0, |mark| mark.number);
        match log.batches.get(&size) {
            Some(batch) if *batch > mark => {
                broken("8", format!("{name} releases batch {batch} while its checkpoint file says {mark}"))
            }
            _ => Ok(()),
        }
    }

    /// An acknowledgement leaves a node: what it says must be so on its disk.
    pub(crate) fn watch_acknowledgement(&mut self, at: usize, note: &str) -> Result<(), Violation> {
        let name = self.name(at);
        let Ok((read, _)) = Acknowledgement::open(note.as_bytes(), &self.founding.region) else {
            return broken("4", format!("{name} sends an acknowledgement that is none"));
        };
        if self.is_governing(&read.log.log.channel) {
            return Ok(());
        }
        let author = self.founding.place(&read.log.log.author);
        let channel = self.oracle.channels.iter().position(|channel| channel.id == read.log.log.channel);
        let (Some(author), Some(channel)) = (author, channel) else {
            return broken("1", format!("{name} acknowledges a log that nobody knows"));
        };
        let Some(log) = self.oracle.logs.get(&(author, channel)) else {
            return broken("4", format!("{name} acknowledges a log that does not exist"));
        };
        if usize::try_from(read.verified).ok().and_then(|size| log.roots.get(size)) != Some(&read.root) {
            return broken("2", format!("{name} acknowledges {} entries with another root", read.verified));
        }
        let covered = self.watch.covered.entry((at, author, channel)).or_insert(0);
        if read.erased <= *covered {
            return Ok(());
        }
        *covered = read.erased;
        let erased: Vec<(u64, &RecordModel)> = (0..)
            .zip(&log.entries)
            .filter_map(|(index, entry)| Some((index, entry.record.as_ref()?)))
            .filter(|(_, record)| record.withdrawn.is_some_and(|tombstone| tombstone < read.erased))
            .collect();
        if erased.is_empty() {
            return Ok(());
        }
        let store = &self.nodes[at].store;
        let tx = store.look();
        let no = gotong_app::rows::log_by_id(tx.as_ref(), &log.id).ok().flatten().map_or(LogNo(0), |row| row.no);
        for (index, record) in &erased {
            let stored = tx.entry(EntryKey::new(no, *index)).ok().flatten();
            if stored.is_none_or(|stored| stored.header.state != State::Erased || stored.content.is_some()) {
                return broken("4", format!("{name} claims the erasure of {} and still has it", record.draft.id));
            }
        }
        let needles = Needles::new(erased.iter().flat_map(|(_, record)| record.salts).map(|salt| salt.to_vec()));
        if needles.find(&store.bytes()).is_some() {
            return broken(
                "4",
                format!("{name} claims an erasure of {}'s log while the bytes are on its disk", self.name(author)),
            );
        }
        Ok(())
    }
}

/// The part of a body in base64 that says whose it is: its token, as it stands inside the base64 of the whole.
pub(crate) fn token_in_base64(draft: &Draft) -> Option<Vec<u8>> {
    let token = draft.token.as_bytes();
    let at = draft.body.windows(token.len()).position(|window| window == token)?;
    let (from, until) = (at.div_ceil(3) * 3, (at + token.len()) / 3 * 3);
    Some(text::base64(draft.body.get(from..until)?).into_bytes())
}

//! Appending to a log: entries, tree, arrival and postings in one transaction, the same for one's own log and for another's.

use gotong_crypto::{Digest, Entropy};
use gotong_ledger::{Leaf, commitment};
use gotong_model::control::{Basis, Control, Open, Opened, Predecessor};
use gotong_model::entry::{FLAG_CONTROL, FLAG_CRITICAL};
use gotong_model::envelope::Envelope;
use gotong_model::governance::{ChannelKind, Governance};
use gotong_model::{ChannelId, EpochId, LogId, MemberCode, Timestamp};
use gotong_store::{Book, Content, EntryKey, Fault, Header, Index, LogNo, NewEntry, Packed, State, WriteTx};

use crate::added;
use crate::heading::{self, Headings};
use crate::node::{Node, NodeFault, Writing};
use crate::project;
use crate::rows::{self, LogRow};
use crate::status;
use crate::tree::STORED_HEIGHT;

/// Every index, in the order of their numbers.
pub(crate) const INDEXES: [Index; 5] = [Index::Object, Index::Value, Index::Reference, Index::TypeTime, Index::Term];

/// An entry ready to be appended, all costly work done; its index is given when it is.
#[derive(Debug)]
pub struct Ready {
    /// The leaf.
    pub leaf: Leaf,
    /// What is known of it.
    pub header: Header,
    /// Its packed content.
    pub content: Option<Packed>,
    /// Where it is to be found.
    pub postings: Vec<(Index, u64)>,
}

/// Makes an entry of the log `origin`: fresh salts, commitment, packed content.
pub fn make(
    (origin, entropy): (&str, &dyn Entropy),
    flags: u8,
    envelope: Vec<u8>,
    body: Vec<u8>,
    header: Header,
    postings: Vec<(Index, u64)>,
) -> Ready {
    let mut salts = [0_u8; 64];
    entropy.fill(&mut salts);
    let (mut salt1, mut salt2) = ([0_u8; 32], [0_u8; 32]);
    for (at, byte) in salts.into_iter().enumerate() {
        if let Some(slot) = if at < 32 { salt1.get_mut(at) } else { salt2.get_mut(at - 32) } {
            *slot = byte;
        }
    }
    let commitment = commitment(origin, &salt1, &envelope, &salt2, &body);
    let content = Packed::pack(&Content { salt1, salt2, envelope, body });
    Ready { leaf: Leaf { flags, commitment }, header, content: Some(content), postings }
}

/// Appends entries to a log, brings its tree up, notes the arrival and keeps the row. Returns the first index.
pub fn append(tx: &mut dyn WriteTx, row: &mut LogRow, entries: Vec<Ready>, at: Timestamp) -> Result<u64, Fault> {
    let first = row.size();
    // While a rebuild is under way the projector posts everything in order; what arrives meanwhile waits its turn there.
    let current = project::is_up_to_date(tx)?;
    if first + entries.len() as u64 > gotong_model::limits::LOG_ENTRIES_MAX {
        return Err(Fault::Misuse("the log is full".to_owned()));
    }
    let mut nodes: Vec<(u8, u64, Digest)> = Vec::new();
    let mut new = Vec::with_capacity(entries.len());
    let states: Vec<State> = entries.iter().map(|ready| ready.header.state).collect();
    let live = entries.iter().filter(|ready| ready.header.state == State::Live);
    let types: Vec<u16> = live.map(|ready| ready.header.type_code).collect();
    let mut postings: [Vec<(u64, EntryKey)>; 5] = Default::default();
    for (index, ready) in (first..).zip(entries) {
        let key = EntryKey::new(row.no, index);
        row.frontier.push(ready.leaf.hash(), |height, node, hash| {
            if height >= STORED_HEIGHT {
                nodes.push((height, node, hash));
            }
        });
        for (in_index, posting) in ready.postings.into_iter().filter(|_| current) {
            if let Some(list) = postings.get_mut(in_index as usize - 1) {
                list.push((posting, key));
            }
        }
        new.push(NewEntry {
            key,
            flags: ready.leaf.flags,
            commitment: ready.leaf.commitment,
            header: ready.header,
            content: ready.content,
        });
    }
    let count = row.size() - first;
    tx.append(new)?;
    tx.put_nodes(row.no, &nodes)?;
    for (index, list) in INDEXES.into_iter().zip(&postings) {
        if !list.is_empty() {
            tx.post(index, list)?;
        }
    }
    if current {
        heading::note_types(tx, row.headings(), types)?;
    }
    status::change(tx, |counts| states.into_iter().for_each(|state| *counts.of(state) += 1))?;
    let window = added::claim(tx, &row.id.channel, count, at)?;
    row.arrival = rows::arrive(tx, row.no, (first, count), window)?;
    if current {
        project::moved(tx, row.arrival)?;
    }
    rows::save_log(tx, row)?;
    Ok(first)
}

impl Node {
    /// The own log of a channel that is written to now, made with its entry 0 where there is none yet.
    pub(crate) fn own_log(&self, writing: &mut Writing<'_>, channel: &ChannelId) -> Result<LogRow, NodeFault> {
        let mut logs = rows::logs_of(writing.tx.as_ref(), channel, &self.member)?;
        // One epoch is written to at a time: the newest made here.
        logs.sort_by_key(|row| row.no.0);
        if let Some(row) = logs.pop() {
            return Ok(row);
        }
        let id = self.new_log_id(*channel);
        self.open_log(writing, id, None)
    }

    /// The name of a log that nobody has begun yet.
    pub(crate) fn new_log_id(&self, channel: ChannelId) -> LogId {
        let mut epoch = [0_u8; 16];
        self.entropy().fill(&mut epoch);
        LogId { channel, author: self.member.clone(), epoch: EpochId(epoch) }
    }

    /// Begins an own log, behind another epoch of it where there is one.
    pub(crate) fn open_log(
        &self,
        writing: &mut Writing<'_>,
        id: LogId,
        predecessor: Option<Predecessor>,
    ) -> Result<LogRow, NodeFault> {
        let governance = self.governance();
        let open = opening(&governance, &id)
            .ok_or_else(|| NodeFault::Unfit(format!("no agreement known here opens the channel {}", id.channel)))?;
        let open = Open { predecessor, ..open };
        let scope = Headings::of(&governance, &id.channel).scope;
        let mut row = rows::create_log(writing.tx.as_mut(), id, scope)?;
        row.basis_hash = Some(basis_hash(&open.basis));
        self.append_control(writing, &mut row, &Control::Open(Box::new(open)))?;
        Ok(row)
    }

    /// Lets an own log name the governance as it is known now, where it names an older one.
    pub(crate) fn bring_basis(&self, writing: &mut Writing<'_>, row: &mut LogRow) -> Result<(), NodeFault> {
        let governance = self.governance();
        let Some(channel) = governance.channel(&row.id.channel) else { return Ok(()) };
        if channel.kind.is_governing() {
            return Ok(());
        }
        let basis = governance.basis(channel.agreement);
        let hash = basis_hash(&basis);
        if row.basis_hash == Some(hash) { Ok(()) } else { self.name_basis(writing, row, basis) }
    }

    /// Lets an own log name a basis, which may be the one that it names already.
    pub(crate) fn name_basis(
        &self,
        writing: &mut Writing<'_>,
        row: &mut LogRow,
        basis: Basis,
    ) -> Result<(), NodeFault> {
        let hash = basis_hash(&basis);
        row.basis = self.append_control(writing, row, &Control::Basis(basis))?;
        row.basis_hash = Some(hash);
        Ok(rows::save_log(writing.tx.as_mut(), row)?)
    }

    /// Appends a control entry to an own log.
    pub(crate) fn append_control(
        &self,
        writing: &mut Writing<'_>,
        row: &mut LogRow,
        control: &Control,
    ) -> Result<u64, NodeFault> {
        let body = control.encode();
        row.published_at = row.published_at.max(self.now());
        let envelope = Envelope::control(control.kind(), row.published_at, row.basis, body.len() as u64);
        let flags = if control.is_critical() { FLAG_CONTROL | FLAG_CRITICAL } else { FLAG_CONTROL };
        self.append_bare(writing, row, flags, (&envelope, body), State::Control)
    }

    /// Appends one entry that no index posts to an own log, and tells of it.
    pub(crate) fn append_bare(
        &self,
        writing: &mut Writing<'_>,
        row: &mut LogRow,
        flags: u8,
        (envelope, body): (&Envelope, Vec<u8>),
        state: State,
    ) -> Result<u64, NodeFault> {
        let origin = row.id.origin(&self.governance().region).to_string();
        let source = (origin.as_str(), self.entropy());
        let ready = make(source, flags, envelope.encode(), body, Header::bare(state), Vec::new());
        let index = append(writing.tx.as_mut(), row, vec![ready], self.now())?;
        writing.sign_later(row.no);
        self.tell_peers(writing, row)?;
        Ok(index)
    }

    /// Notes for every peer in the audience that an own log changed.
    pub(crate) fn tell_peers(&self, writing: &mut Writing<'_>, row: &LogRow) -> Result<(), NodeFault> {
        let governance = self.governance();
        let Some(channel) = governance.channel(&row.id.channel) else { return Ok(()) };
        for peer in governance.readers(&channel.id).iter().filter(|peer| **peer != self.member) {
            note_change(writing.tx.as_mut(), peer, row.no, row.arrival)?;
        }
        Ok(())
    }
}

/// The body of entry 0 of a standing channel's log.
pub(crate) fn opening(governance: &Governance, id: &LogId) -> Option<Open> {
    let channel = governance.channel(&id.channel)?;
    Some(Open {
        region: governance.region,
        log: id.clone(),
        agreement: channel.agreement.id,
        channel_type: channel.channel_type.name.clone(),
        exercise: channel.channel_type.exercise,
        opened: channel.organisation.map(|owner| Opened::Organisation(owner.code.clone())),
        predecessor: None,
        basis: match channel.kind {
            ChannelKind::Standing | ChannelKind::House | ChannelKind::Own => governance.basis(channel.agreement),
            ChannelKind::Charter | ChannelKind::Governance => governance.bare_basis(),
        },
    })
}

fn basis_hash(basis: &Basis) -> Digest {
    gotong_crypto::sha256(&Control::Basis(basis.clone()).encode())
}

/// Per peer two rows for a shared log: position → log, so that changes come in order, and log → position, so that the old one can go.
pub(crate) fn note_change(tx: &mut dyn WriteTx, peer: &MemberCode, log: LogNo, position: u64) -> Result<(), Fault> {
    let by_log = peer_key(peer, b'l', &log.0.to_be_bytes());
    if let Some(old) = tx.fetch(Book::PeerLog, &by_log)? {
        tx.delete(Book::PeerLog, &peer_key(peer, b'c', &old))?;
    }
    tx.put(Book::PeerLog, &by_log, &position.to_be_bytes())?;
    tx.put(Book::PeerLog, &peer_key(peer, b'c', &position.to_be_bytes()), &log.0.to_be_bytes())
}

/// A key of the peers' book.
pub(crate) fn peer_key(peer: &MemberCode, kind: u8, rest: &[u8]) -> Vec<u8> {
    let mut key = peer.as_str().as_bytes().to_vec();
    key.extend_from_slice(&[0, kind]);
    key.extend_from_slice(rest);
    key
}

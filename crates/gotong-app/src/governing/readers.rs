//! Who comes anew to a channel, by amendment, accession or resumption: each own log there names the governance again, which tells them of it. Where newcomers
//! find no backlog, a new epoch begins for them instead (`docs/protocol.md` section 5.2).

use gotong_model::control::Predecessor;
use gotong_model::governance::{ChannelKind, Governance};
use gotong_model::{ChannelId, MemberCode};
use gotong_store::{Book, ReadTx};

use crate::gate::Priority;
use crate::log::peer_key;
use crate::node::{Node, NodeFault, Writing};
use crate::rows::{self, from_json, to_json};
use crate::serve;

impl Node {
    /// Takes one channel in which the readers are others than before. `true`: there was one.
    pub(super) fn tell_newcomers(&self) -> Result<bool, NodeFault> {
        if self.is_restored() {
            return Ok(false);
        }
        let governance = self.governance();
        let changed = {
            let tx = self.store.read()?;
            let mut changed = None;
            for channel in governance.channels().map(|channel| channel.id) {
                let now = governance.readers(&channel);
                let known = tx.fetch(Book::Meta, &readers_key(&channel))?;
                let known: Option<Vec<String>> = known.map(|bytes| from_json(&bytes, "readers")).transpose()?;
                let untold = self.untold(&governance, tx.as_ref(), &channel, &now)?;
                if known.as_deref() != Some(&texts(&now)) || !untold.is_empty() {
                    changed = Some((channel, known, now, untold));
                    break;
                }
            }
            changed
        };
        let Some((channel, known, now, untold)) = changed else { return Ok(false) };
        let is_new = |member: &&MemberCode| {
            let is_known =
                |known: &Vec<String>| known.iter().any(|code| code == member.as_str()) && !untold.contains(member);
            **member != self.member && known.as_ref().map_or(untold.contains(member), |known| !is_known(known))
        };
        let newcomers: Vec<MemberCode> = now.iter().filter(is_new).cloned().collect();
        self.transact(Priority::People, |writing| {
            if !newcomers.is_empty() {
                self.renew(writing, &governance, channel, &newcomers)?;
            }
            Ok(writing.tx.put(Book::Meta, &readers_key(&channel), &to_json(&texts(&now)))?)
        })?;
        Ok(true)
    }

    /// Readers who were never told of the newest of an own log: it grew while they were out, and they came back before anybody looked.
    fn untold(
        &self,
        governance: &Governance,
        tx: &dyn ReadTx,
        channel: &ChannelId,
        readers: &[MemberCode],
    ) -> Result<Vec<MemberCode>, NodeFault> {
        let mut untold = Vec::new();
        for row in rows::logs_of(tx, channel, &self.member)? {
            for member in readers.iter().filter(|member| **member != self.member) {
                let told = tx.fetch(Book::PeerLog, &peer_key(member, b'l', &row.no.0.to_be_bytes()))?;
                let is_told = told.is_some_and(|told| told == row.arrival.to_be_bytes());
                if !is_told && !untold.contains(member) && serve::may_read(governance, tx, &row, member)? {
                    untold.push(member.clone());
                }
            }
        }
        Ok(untold)
    }

    fn renew(
        &self,
        writing: &mut Writing<'_>,
        governance: &Governance,
        channel: ChannelId,
        newcomers: &[MemberCode],
    ) -> Result<(), NodeFault> {
        let Some(place) = governance.channel(&channel) else { return Ok(()) };
        let basis = match place.kind {
            ChannelKind::Standing | ChannelKind::House | ChannelKind::Own => governance.basis(place.agreement),
            ChannelKind::Charter | ChannelKind::Governance => governance.bare_basis(),
        };
        let mut rows = rows::logs_of(writing.tx.as_ref(), &channel, &self.member)?;
        rows.sort_by_key(|row| row.no);
        let newest = rows.last().map(|row| row.no);
        for mut row in rows {
            let mut reads = false;
            for member in newcomers {
                reads |= serve::may_read(governance, writing.tx.as_ref(), &row, member)?;
            }
            if reads {
                self.name_basis(writing, &mut row, basis.clone())?;
            } else if Some(row.no) == newest {
                let (size, root) = (row.size(), row.frontier.root());
                let predecessor = Predecessor { epoch: row.id.epoch, size, root };
                self.open_log(writing, self.new_log_id(channel), Some(predecessor))?;
            }
        }
        Ok(())
    }
}

fn texts(members: &[MemberCode]) -> Vec<String> {
    members.iter().map(ToString::to_string).collect()
}

fn readers_key(channel: &ChannelId) -> Vec<u8> {
    [b"governing/readers/", &channel.as_bytes()[..]].concat()
}

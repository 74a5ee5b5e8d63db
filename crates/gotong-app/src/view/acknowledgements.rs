//! What members say they have applied of a channel's logs.

use gotong_model::{ChannelId, MemberCode, Timestamp};

use super::scope::Scope;
use crate::acknowledge;
use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::rows;

/// One member's newest acknowledgement of a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberAcknowledgement {
    /// Who.
    pub member: MemberCode,
    /// When.
    pub at: Timestamp,
    /// Leaves verified and on its disk.
    pub verified: u64,
    /// Of those, bodies that have not arrived.
    pub missing: u64,
    /// Bodies under a legal hold.
    pub held: u64,
    /// Every tombstone below this index is carried out.
    pub erased: u64,
    /// The acknowledgement as it was signed.
    pub note: String,
}

/// What is known of one log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogAcknowledgements {
    /// The log.
    pub origin: String,
    /// Who writes it.
    pub author: MemberCode,
    /// Its size here.
    pub size: u64,
    /// By member.
    pub members: Vec<MemberAcknowledgement>,
    /// Members of the audience, the author apart, of whom none is known here.
    pub silent: Vec<MemberCode>,
}

/// The acknowledgements known of a channel's logs. `None`: no such channel for this caller.
pub fn acknowledgements(
    node: &Node,
    caller: &Caller,
    channel: &ChannelId,
) -> Result<Option<Vec<LogAcknowledgements>>, NodeFault> {
    let scope = Scope::new(node, caller);
    let Some(known_as) = scope.channel(channel) else { return Ok(None) };
    let tx = node.store.read()?;
    let mut logs = Vec::new();
    for row in rows::logs_in(tx.as_ref(), channel)? {
        let mut members = Vec::new();
        for (ack, note) in acknowledge::known(node, tx.as_ref(), row.no)? {
            members.push(MemberAcknowledgement {
                member: ack.member,
                at: ack.at,
                verified: ack.verified,
                missing: ack.missing,
                held: ack.held,
                erased: ack.erased,
                note,
            });
        }
        members.sort_by(|a, b| a.member.cmp(&b.member));
        let audience = known_as.channel_type.audience.iter().filter(|member| **member != row.id.author);
        let silent = audience.filter(|member| members.iter().all(|known| known.member != **member)).cloned().collect();
        logs.push(LogAcknowledgements {
            origin: row.id.origin(&scope.governance.region).to_string(),
            author: row.id.author.clone(),
            size: row.size(),
            members,
            silent,
        });
    }
    Ok(Some(logs))
}

//! What is known here of a record's way to one member: what the member itself says that it has (`docs/protocol.md` section 10), and what keeps it from having
//! more. The policy has nothing to do with it: this begins where the policy lets a member have the record.

use gotong_model::governance::Governance;
use gotong_model::{MemberCode, Timestamp};
use gotong_store::{ReadTx, State};

use super::{day, name};
use crate::acknowledge;
use crate::node::{Node, NodeFault};
use crate::rows::{self, LogRow};
use crate::serve;

/// What is known of the delivery to one member.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// Message id of the sentence.
    pub id: &'static str,
    /// The sentence in English.
    pub text: String,
    /// Leaves of the log that the member says it has verified.
    pub verified: Option<u64>,
    /// When it said so.
    pub at: Option<Timestamp>,
    /// Bodies that it says are missing there.
    pub missing: u64,
}

impl Delivery {
    pub(super) fn said(id: &'static str, text: String) -> Self {
        Self { id, text, verified: None, at: None, missing: 0 }
    }
}

/// The delivery of one entry to a member that the policy lets have it.
pub(super) fn delivery(
    (node, governance): (&Node, &Governance),
    tx: &dyn ReadTx,
    (row, index, state): (&LogRow, u64, State),
    member: &MemberCode,
) -> Result<Delivery, NodeFault> {
    let who = name(governance, member);
    if *member == row.id.author {
        return Ok(Delivery::said("delivery.author", format!("{who} wrote it")));
    }
    if *member == node.member {
        let arrival = rows::arrival_of(tx, row.no, index)?;
        let arrived = arrival.map_or_else(String::new, |arrival| format!(" since {}", day(arrival.at)));
        let text = match state {
            State::Withheld => format!("the entry is here{arrived}, its body has not arrived"),
            State::Held => {
                format!("it is here{arrived} and not shown: a document that its basis names has not arrived")
            }
            _ if row.stopped.is_some_and(|stopped| index >= stopped) => {
                format!(
                    "it is here{arrived} and not shown: the log holds an entry before it that a newer program must read"
                )
            }
            State::Live | State::Erased | State::Faulty | State::Control | State::Unknown => {
                format!("it is here{arrived}")
            }
        };
        return Ok(Delivery::said("delivery.here", text));
    }
    let known = acknowledge::known(node, tx, row.no)?;
    let Some((ack, _)) = known.into_iter().find(|(ack, _)| ack.member == *member) else {
        let text = if row.id.author == node.member {
            format!(
                "{who} has never said that it has anything of this log: it has not fetched it, or its answer has not come"
            )
        } else {
            let author = &row.id.author;
            format!("nothing is known here of what {who} has: it tells {author}, who wrote the log; ask there")
        };
        return Ok(Delivery::said("delivery.silent", text));
    };
    let when = day(ack.at);
    let (id, mut text) = if ack.verified > index {
        ("delivery.has", format!("{who} said on {when} that it has entries 0 to {} of this log", ack.verified - 1))
    } else {
        let has = if ack.verified == 0 { "nothing".to_owned() } else { format!("entries 0 to {}", ack.verified - 1) };
        ("delivery.behind", format!("{who} said on {when} that it has {has} of this log, and this is entry {index}"))
    };
    if ack.missing > 0 {
        text = format!("{text}; {} of their bodies are missing there", ack.missing);
    }
    Ok(Delivery { id, text, verified: Some(ack.verified), at: Some(ack.at), missing: ack.missing })
}

/// Whether a member that is of the audience now finds the log at all: where newcomers find no backlog, only those read it who were there when it began.
pub(super) fn finds_log(
    governance: &Governance,
    tx: &dyn ReadTx,
    row: &LogRow,
    member: &MemberCode,
) -> Result<bool, NodeFault> {
    Ok(*member == row.id.author || serve::may_read(governance, tx, row, member)?)
}

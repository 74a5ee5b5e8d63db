//! Who asks: a person or program of this node's own member, known by a token or by the node's own socket. What a caller may read is decided by the
//! policy for each channel; what is said here only narrows it. Read next: `view/scope.rs`.

use gotong_model::governance::Governance;
use gotong_model::{ChannelId, Slug};
use gotong_policy::{Constituent, Question, Reader, ReaderClass};

use crate::node::{Node, NodeFault};
use crate::role::{Right, Role};
use crate::{account, token};

/// Somebody who asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// Stable, and unlike any member's code: audit lines carry it and cursors are sealed for it.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Which organisation of the member it speaks for.
    pub organisation: Option<String>,
    /// The organisation of the register whose own this caller is: it reads and does what the house rule gives that organisation. `None` is the member's staff.
    pub constituent: Option<Slug>,
    /// The channels it is limited to; `None` is all of the member's.
    pub channels: Option<Vec<ChannelId>>,
    /// What it is for the member, and so which acts are open to it.
    pub role: Role,
}

impl Caller {
    /// Whoever reaches the node's own socket: the operator of the machine.
    pub fn operator() -> Self {
        Self {
            id: "operator".to_owned(),
            name: "operator".to_owned(),
            organisation: None,
            constituent: None,
            channels: None,
            role: Role::Administrator,
        }
    }

    /// A channel by handle or id, if this caller may know of it.
    pub fn channel(&self, node: &Node, name: &str) -> Option<ChannelId> {
        let governance = node.governance();
        let channel = governance.channel_by_name(name)?.id;
        let reader = self.reader(&governance)?;
        let question = Question::View { member: &node.member, channel, reader, row: None, at: node.now() };
        node.decisions.permits(&governance, &question).then_some(channel)
    }

    /// As whom it reads. `None`: as nobody, because its organisation is not in the register any more.
    pub(crate) fn reader<'a>(&'a self, governance: &'a Governance) -> Option<Reader<'a>> {
        let class = match &self.constituent {
            None => ReaderClass::Staff,
            Some(code) => ReaderClass::Constituent(constituent(governance, code)?),
        };
        Some(Reader { channels: self.channels.as_deref(), class })
    }

    /// Whether its role has this right.
    pub fn may(&self, right: Right) -> bool {
        self.role.may(right)
    }

    /// Whether it is of the member itself: what goes beyond single records is for staff.
    pub fn is_staff(&self) -> bool {
        self.constituent.is_none()
    }

    /// Whether it is told of logs, withdrawals and duties, which go beyond single records.
    pub fn oversees(&self) -> bool {
        self.is_staff() && self.may(Right::Oversee)
    }
}

/// Whoever an id stands for, as it is now, with the rights of now: for what goes on in somebody's name when they ask nothing themselves. `None`: the
/// token or account has ended, and what it left behind has too.
pub fn current(node: &Node, id: &str) -> Result<Option<Caller>, NodeFault> {
    let operator = Caller::operator();
    if id == operator.id {
        return Ok(Some(operator));
    }
    match id.split_once(':') {
        Some(("token", _)) => token::caller_of(node, id),
        Some(("account", account)) => account::caller_of(node, account),
        _ => Ok(None),
    }
}

/// An organisation as the register has it.
pub(crate) fn constituent<'a>(governance: &'a Governance, code: &Slug) -> Option<Constituent<'a>> {
    let found = governance.organisations()?.lookup(code)?;
    Some(Constituent { organisation: &found.code, class: &found.class })
}

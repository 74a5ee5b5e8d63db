//! Who asks: a person or program of this node's own member, known by a token or by the node's own socket. What a caller may read is decided by the
//! policy for each channel; what is said here only narrows it. Read next: `view/scope.rs`.

use gotong_model::ChannelId;
use gotong_policy::{Question, Reader, ReaderClass};

use crate::node::Node;

/// Somebody who asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// Stable, and unlike any member's code: audit lines carry it and cursors are sealed for it.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Which organisation of the member it speaks for.
    pub organisation: Option<String>,
    /// The channels it is limited to; `None` is all of the member's.
    pub channels: Option<Vec<ChannelId>>,
    /// Whether it may publish, withdraw and relabel.
    pub may_publish: bool,
    /// Whether it may operate the node: tokens, peers, documents.
    pub may_operate: bool,
}

impl Caller {
    /// Whoever reaches the node's own socket: the operator of the machine.
    pub fn operator() -> Self {
        Self {
            id: "operator".to_owned(),
            name: "operator".to_owned(),
            organisation: None,
            channels: None,
            may_publish: true,
            may_operate: true,
        }
    }

    /// A channel by handle or id, if this caller may know of it.
    pub fn channel(&self, node: &Node, name: &str) -> Option<ChannelId> {
        let governance = node.governance();
        let channel = governance.channel_by_name(name)?.id;
        let reader = Reader { channels: self.channels.as_deref(), class: ReaderClass::Staff };
        let question = Question::View { member: &node.member, channel, reader, row: None, at: node.now() };
        node.decisions.permits(&governance, &question).then_some(channel)
    }
}

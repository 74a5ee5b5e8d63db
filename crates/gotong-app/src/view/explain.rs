//! Who would receive a record, or why it would be refused, before anybody publishes anything.

use gotong_model::{ChannelId, MemberCode, Timestamp, Tlp};
use gotong_policy::{Ground, Question, Subject, decide};

use super::scope::Scope;
use crate::caller::Caller;
use crate::node::Node;

/// What might be published.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExplainQuestion {
    /// The channel.
    pub channel: ChannelId,
    /// The record's kind, with the STIX type behind a dot: `stix.indicator`.
    pub kind: String,
    /// Its label; `None` is the channel's ceiling, which is what unmarked records get.
    pub label: Option<Tlp>,
    /// When; `None` is now.
    pub at: Option<Timestamp>,
}

/// Somebody who would receive it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recipient {
    /// The member's code.
    pub code: MemberCode,
    /// Its name in English.
    pub name: String,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explanation {
    /// Whether this member may publish it.
    pub permitted: bool,
    /// The clauses that decide, those that forbid first.
    pub grounds: Vec<Ground>,
    /// The label that was asked about.
    pub label: Tlp,
    /// The instant that was asked about.
    pub at: Timestamp,
    /// Who receives what is published there, this member apart; nobody, if it is refused.
    pub recipients: Vec<Recipient>,
}

/// Explains. `None`: no such channel for this caller.
pub fn explain(node: &Node, caller: &Caller, question: &ExplainQuestion) -> Option<Explanation> {
    let scope = Scope::new(node, caller);
    let channel = scope.channel(&question.channel)?;
    let label = question.label.unwrap_or(channel.channel_type.ceiling);
    let at = question.at.unwrap_or_else(|| node.now());
    let subject =
        Subject { member: &node.member, channel: question.channel, kind: &question.kind, tlp: Some(label), at };
    let decision = decide(&scope.governance, &Question::Publish(subject));
    let audience = channel.channel_type.audience.iter().filter(|code| **code != node.member && decision.permitted);
    let recipients = audience
        .map(|code| {
            let member = scope.governance.charter.members.get(code);
            Recipient {
                code: code.clone(),
                name: member.map_or_else(|| code.to_string(), |member| member.english().to_owned()),
            }
        })
        .collect();
    Some(Explanation { permitted: decision.permitted, grounds: decision.grounds, label, at, recipients })
}

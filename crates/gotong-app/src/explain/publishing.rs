//! Who would receive a record, or why it would be refused, before anybody publishes anything.

use gotong_formats::stix21;
use gotong_model::{ChannelId, MemberCode, Personal, Timestamp, Tlp};
use gotong_policy::{Ground, Question, Row, Subject, decide};

use super::reception::{MemberReception, Reception, Said, at_instant, hidden_from_people};
use super::{everybody, name};
use crate::caller::Caller;
use crate::node::Node;
use crate::view::scope::Scope;

/// What might be published.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExplainQuestion {
    /// The channel.
    pub channel: ChannelId,
    /// The record's kind, with the STIX type behind a dot: `stix.indicator`.
    pub kind: String,
    /// Its label; `None` is the channel's ceiling, which is what unmarked records get.
    pub label: Option<Tlp>,
    /// What it holds of people; `None` is what objects of its type usually hold.
    pub personal_data: Option<Personal>,
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
    /// What it was taken to hold of people.
    pub personal_data: Personal,
    /// The instant that was asked about.
    pub at: Timestamp,
    /// Who receives what is published there, this member apart; nobody, if it is refused.
    pub recipients: Vec<Recipient>,
    /// Each member of the charter: whether it is sent what is published there at that instant, and by which clause.
    pub members: Vec<MemberReception>,
}

/// Explains. `None`: no such channel for this caller.
pub fn explain(node: &Node, caller: &Caller, question: &ExplainQuestion) -> Option<Explanation> {
    let scope = Scope::new(node, caller);
    let channel = scope.channel(&question.channel)?;
    let governance = &scope.governance;
    let label = question.label.unwrap_or(channel.channel_type.ceiling);
    let at = question.at.unwrap_or_else(|| node.now());
    let object_type = question.kind.split_once('.').map_or("", |(_, object_type)| object_type);
    let personal_data = question.personal_data.unwrap_or_else(|| stix21::personal_of_type(object_type));
    let subject = Subject {
        member: &node.member,
        channel: question.channel,
        kind: &question.kind,
        tlp: Some(label),
        personal: personal_data,
        at,
        organisation: None,
    };
    let decision = decide(governance, &Question::Publish(subject));
    let row = Row { kind: &question.kind, tlp: Some(label) };
    let member = |code: MemberCode| {
        let (receives, ground) = at_instant(governance, &channel, &code, at);
        let mut says = vec![Said::of(governance, ground)];
        if receives {
            let hidden = hidden_from_people(governance, &channel, &code, Some(row), at);
            says.extend(hidden.map(|ground| Said::of(governance, ground)));
        }
        MemberReception {
            name: name(governance, &code),
            is_author: code == node.member,
            reception: if receives { Reception::Receives } else { Reception::Never },
            since: None,
            until: None,
            says,
            delivery: None,
            code,
        }
    };
    let members: Vec<MemberReception> = everybody(governance).into_iter().map(member).collect();
    let receives =
        |member: &&MemberReception| decision.permitted && !member.is_author && member.reception == Reception::Receives;
    let recipients = members.iter().filter(receives).map(|member| {
        let known = governance.charter.members.get(&member.code);
        let name = known.map_or_else(|| member.code.to_string(), |member| member.english().to_owned());
        Recipient { code: member.code.clone(), name }
    });
    let recipients = recipients.collect();
    Some(Explanation {
        permitted: decision.permitted,
        grounds: decision.grounds,
        label,
        personal_data,
        at,
        recipients,
        members,
    })
}

//! May this be published here, may that be admitted, may this person see it: one interface, deny by default, every answer with its clauses.
//!
//! Total and pure: the same question about the same governance at the same instant has the same answer on every node. In this version the
//! clauses are evaluated directly; callers see only [`decide`].

mod decision;
mod question;

pub use decision::{Decision, Effect, Ground};
pub use question::{Question, Reader, Subject};

use gotong_model::agreement::{Agreement, ChannelType};
use gotong_model::region::Governance;
use gotong_model::{ChannelId, MemberCode, Timestamp, Tlp};

/// Answers a question.
pub fn decide(governance: &Governance, question: &Question<'_>) -> Decision {
    match *question {
        // A record is admitted under the rule by which it was published: its own time counts, not the reader's.
        Question::Publish(ref subject) | Question::Admit(ref subject) => publish(governance, subject),
        Question::View { member, channel, reader } => view(governance, member, &channel, reader),
    }
}

fn publish(governance: &Governance, subject: &Subject<'_>) -> Decision {
    let Some(channel) = governance.channel(&subject.channel) else { return Decision::unknown_channel() };
    let (agreement, kind) = (channel.agreement, channel.channel_type);
    if !kind.audience.contains(subject.member) {
        // Whoever stands outside learns nothing, not even that there is a channel.
        return Decision::unknown_channel();
    }
    let mut grounds = vec![party(agreement, kind, subject.member)];
    grounds.push(dates(agreement, subject.at));
    grounds.push(record_kind(agreement, kind, subject.kind));
    if let Some(tlp) = subject.tlp {
        grounds.push(ceiling(agreement, kind, tlp));
        if tlp == Tlp::Red {
            grounds.push(Ground::new(
                agreement,
                &kind.ceiling_clause,
                Effect::Forbid,
                "policy.red-unsealed",
                "TLP:RED is for named recipients only, and this version cannot seal a record to recipients yet"
                    .to_owned(),
            ));
        }
    }
    Decision::from_grounds(grounds)
}

fn view(governance: &Governance, member: &MemberCode, channel: &ChannelId, reader: &Reader<'_>) -> Decision {
    let Some(channel) = governance.channel(channel) else { return Decision::unknown_channel() };
    let in_scope = reader.channels.is_none_or(|channels| channels.contains(&channel.id));
    if !channel.channel_type.audience.contains(member) || !in_scope {
        return Decision::unknown_channel();
    }
    Decision::from_grounds(vec![party(channel.agreement, channel.channel_type, member)])
}

fn party(agreement: &Agreement, kind: &ChannelType, member: &MemberCode) -> Ground {
    let text = format!("{member} is of the audience of {}/{}", agreement.terms.handle, kind.name);
    Ground::new(agreement, &kind.clause, Effect::Permit, "policy.audience", text)
}

fn dates(agreement: &Agreement, at: Timestamp) -> Ground {
    let terms = &agreement.terms;
    let until = terms.until.map_or_else(|| "until further notice".to_owned(), |until| format!("until {until}"));
    let span = format!("from {} {until}", terms.from);
    if terms.dates_hold(at) {
        let text = format!("the agreement is in force {span}");
        Ground::new(agreement, &terms.dates_clause, Effect::Permit, "policy.in-force", text)
    } else {
        let text = format!("the agreement is in force {span}, and this is {at}");
        Ground::new(agreement, &terms.dates_clause, Effect::Forbid, "policy.out-of-force", text)
    }
}

fn record_kind(agreement: &Agreement, kind: &ChannelType, wanted: &str) -> Ground {
    let named = kind
        .kinds
        .iter()
        .any(|known| known == wanted || wanted.strip_prefix(known.as_str()).is_some_and(|rest| rest.starts_with('.')));
    let list = kind.kinds.join(", ");
    if named {
        let text = format!("records of kind {wanted} are among those allowed ({list})");
        Ground::new(agreement, &kind.kinds_clause, Effect::Permit, "policy.kind-named", text)
    } else {
        let text = format!("no clause names records of kind {wanted}; allowed are: {list}");
        Ground::new(agreement, &kind.kinds_clause, Effect::Forbid, "policy.kind-unnamed", text)
    }
}

fn ceiling(agreement: &Agreement, kind: &ChannelType, tlp: Tlp) -> Ground {
    let (effect, id, verb) = if tlp <= kind.ceiling {
        (Effect::Permit, "policy.below-ceiling", "is not above")
    } else {
        (Effect::Forbid, "policy.above-ceiling", "is above")
    };
    let text = format!("TLP:{} {verb} the ceiling TLP:{}", upper(tlp), upper(kind.ceiling));
    Ground::new(agreement, &kind.ceiling_clause, effect, id, text)
}

fn upper(tlp: Tlp) -> String {
    tlp.as_str().to_ascii_uppercase()
}

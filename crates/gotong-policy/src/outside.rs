//! May a record go on to somebody outside the region, who is bound by nothing that the parties agreed?
//!
//! Stricter than passing on to one's own constituents, and asked in its stead: the agreement must say `onward = "public"`, and nothing else may forbid passing on.
//! Exercises, governance and what belongs to an organisation never go. Read next: `rules.rs`.

use gotong_model::agreement::Onward;
use gotong_model::governance::{Channel, ChannelKind, Governance};
use gotong_model::{ChannelId, MemberCode, Personal, Timestamp};

use super::{act, case};
use crate::case::{Action, Asked};
use crate::decision::{Decision, Effect, Ground};
use crate::question::Row;

/// Whether a member may give what stands in a channel to somebody outside. Without a row it is asked of the channel at all.
pub fn outside(
    governance: &Governance,
    member: &MemberCode,
    channel: &ChannelId,
    row: Option<Row<'_>>,
    at: Timestamp,
) -> Decision {
    let Some(channel) = governance.channel(channel) else { return Decision::unknown_channel() };
    let asked = |action| Asked { member, action, row, personal: Personal::None, at };
    if channel.channel_type.exercise {
        return never(&channel, "policy.outside-exercise", "what is of an exercise never goes outside the region");
    }
    match channel.kind {
        ChannelKind::Charter | ChannelKind::Governance => {
            never(&channel, "policy.outside-governance", "where governance travels there is nothing to give to others")
        }
        ChannelKind::Own => never(
            &channel,
            "policy.outside-organisation",
            "what stands here is the organisation's, and not the member's",
        ),
        // The member's own: its house rule decides who reads, and whoever may take it out may give it.
        ChannelKind::House => act(governance, &channel, asked(Action::Export)),
        ChannelKind::Standing => {
            let decision = act(governance, &channel, asked(Action::Onward));
            match case::kept(governance, &channel, asked(Action::Onward)) {
                Ok(case) if case.channel_type.onward == Onward::Constituents => {
                    let text = "what is received here goes on to a party's own constituents at most, and not outside";
                    let ground = Ground::new(
                        (channel.agreement, case.terms),
                        &case.channel_type.onward_clause,
                        Effect::Forbid,
                        "policy.outside-none",
                        text.to_owned(),
                    );
                    decision.and(Decision::new(false, vec![ground]))
                }
                _ => decision,
            }
        }
    }
}

fn never(channel: &Channel<'_>, id: &'static str, text: &str) -> Decision {
    let papers = (channel.agreement, &channel.agreement.terms);
    let ground = Ground::new(papers, &channel.channel_type.clause, Effect::Forbid, id, text.to_owned());
    Decision::new(false, vec![ground])
}

//! Where a request wants to act: a channel by handle or id, as far as this caller may know of it.

use gotong_app::caller::Caller;
use gotong_app::role::Right;
use gotong_model::ChannelId;

use super::{Web, who};
use crate::problem::{Problem, table};

impl Web {
    /// The channel of this name. What is unknown and what is none of the caller's concern are one answer.
    pub(crate) fn channel(&self, caller: &Caller, name: &str) -> Result<ChannelId, Problem> {
        caller.channel(&self.node, name).ok_or_else(|| Problem::of(&table::NOT_FOUND))
    }

    /// The channel of this name, for somebody who may publish there.
    pub(crate) fn writable_channel(&self, caller: &Caller, name: &str) -> Result<ChannelId, Problem> {
        self.channel_for(caller, name, Right::Publish)
    }

    /// The channel of this name, for somebody who may act there with this right.
    pub(crate) fn channel_for(&self, caller: &Caller, name: &str, right: Right) -> Result<ChannelId, Problem> {
        // First whether it is there for the caller: the right to publish must not tell what exists.
        let channel = self.channel(caller, name)?;
        who::expect_right(caller, right)?;
        self.expect_writable()?;
        Ok(channel)
    }
}

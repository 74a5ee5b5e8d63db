//! Where a request wants to act: a channel by handle or id, as far as this caller may know of it.

use gotong_app::caller::Caller;
use gotong_model::ChannelId;

use super::Web;
use crate::problem::{Problem, table};

impl Web {
    /// The channel of this name. What is unknown and what is none of the caller's concern are one answer.
    pub(crate) fn channel(&self, caller: &Caller, name: &str) -> Result<ChannelId, Problem> {
        caller.channel(&self.node, name).ok_or_else(|| Problem::of(&table::NOT_FOUND))
    }

    /// The channel of this name, for somebody who may write.
    pub(crate) fn writable_channel(&self, caller: &Caller, name: &str) -> Result<ChannelId, Problem> {
        // First whether it is there for the caller: the right to publish must not tell what exists.
        let channel = self.channel(caller, name)?;
        if !caller.may_publish {
            return Err(Problem::of(&table::FORBIDDEN).saying("this token may not publish"));
        }
        self.expect_writable()?;
        Ok(channel)
    }
}

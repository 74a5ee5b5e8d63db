//! What can be asked.

use gotong_model::{ChannelId, MemberCode, Timestamp, Tlp};

/// A record that somebody wants in a channel.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Who publishes.
    pub member: &'a MemberCode,
    /// Where.
    pub channel: ChannelId,
    /// What: a record kind, with the STIX type behind a dot where there is one (`stix.indicator`).
    pub kind: &'a str,
    /// Its label; control entries have none.
    pub tlp: Option<Tlp>,
    /// When.
    pub at: Timestamp,
}

/// Who reads: a person or program of this member.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// Channels that the reader's token is limited to; `None` is all of the member's.
    pub channels: Option<&'a [ChannelId]>,
}

/// A question to [`crate::decide`].
#[derive(Clone, Copy, Debug)]
pub enum Question<'a> {
    /// May this be published here?
    Publish(Subject<'a>),
    /// May this, published elsewhere, be shown here?
    Admit(Subject<'a>),
    /// May this reader see the channel at all?
    View {
        /// Whose node it is.
        member: &'a MemberCode,
        /// The channel.
        channel: ChannelId,
        /// Who reads.
        reader: &'a Reader<'a>,
    },
}

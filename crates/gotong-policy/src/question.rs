//! What can be asked.

use gotong_model::control::Basis;
use gotong_model::{ChannelId, MemberCode, Personal, Slug, Timestamp, Tlp};

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
    /// What it holds of people: its author's word, or what its nature says.
    pub personal: Personal,
    /// When.
    pub at: Timestamp,
    /// The constituent that publishes it itself; `None` is the member's staff.
    pub organisation: Option<Constituent<'a>>,
}

/// An organisation that a member serves, as the member's register has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Constituent<'a> {
    /// Its code.
    pub organisation: &'a Slug,
    /// Its class in the house rule.
    pub class: &'a Slug,
}

/// Who reads for a member.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReaderClass<'a> {
    /// A person or program of the member itself.
    Staff,
    /// A person or program of an organisation that the member serves: it reads its own channel and what the house rule gives its class, and nothing else.
    Constituent(Constituent<'a>),
}

/// A person or program of a member.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// Channels that the reader's token is limited to; `None` is all of the member's.
    pub channels: Option<&'a [ChannelId]>,
    /// Which rules count.
    pub class: ReaderClass<'a>,
}

/// One record within a channel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row<'a> {
    /// Its kind.
    pub kind: &'a str,
    /// Its label; `None`, where it is not known, counts as the strictest.
    pub tlp: Option<Tlp>,
}

/// What else can be done in a channel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Act {
    /// Passing on what was received to the member's own constituents.
    Onward,
    /// Taking what was received out of the node, for the member's own use.
    Export,
    /// Taking one's own record back.
    Withdraw,
    /// Giving one's own record a stricter label; the row's label is the new one.
    Relabel,
    /// Beginning a log.
    Open,
}

/// A question to [`crate::decide`].
#[derive(Clone, Copy, Debug)]
pub enum Question<'a> {
    /// May this be published here now, by all that is known here?
    Publish(Subject<'a>),
    /// May this, published elsewhere, be shown here?
    Admit {
        /// The record; `at` is when its author published it.
        subject: Subject<'a>,
        /// The governance that its author knew.
        basis: &'a Basis,
    },
    /// May this reader see the channel, or a record in it?
    View {
        /// Whose node it is.
        member: &'a MemberCode,
        /// The channel.
        channel: ChannelId,
        /// Who reads.
        reader: Reader<'a>,
        /// The record; `None` asks for the channel at all.
        row: Option<Row<'a>>,
        /// When.
        at: Timestamp,
    },
    /// May a member do this?
    Act {
        /// Who.
        member: &'a MemberCode,
        /// Where.
        channel: ChannelId,
        /// What.
        act: Act,
        /// To which record; `None` asks for the channel at all.
        row: Option<Row<'a>>,
        /// When.
        at: Timestamp,
    },
}

impl Question<'_> {
    pub(crate) fn channel(&self) -> ChannelId {
        match self {
            Self::Publish(subject) | Self::Admit { subject, .. } => subject.channel,
            Self::View { channel, .. } | Self::Act { channel, .. } => *channel,
        }
    }

    pub(crate) fn at(&self) -> Timestamp {
        match self {
            Self::Publish(subject) | Self::Admit { subject, .. } => subject.at,
            Self::View { at, .. } | Self::Act { at, .. } => *at,
        }
    }
}

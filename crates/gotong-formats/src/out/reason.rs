//! Why something is not in an export, each with its message id and its sentence.
//!
//! Nothing is left out in silence: a writer counts these, and keeps the first of them for people to read.

use std::fmt;

/// Why a record, or one value of it, is not in an export.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// Its label is stricter than the export may carry.
    Label,
    /// Its creator took it back.
    Revoked,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It says nothing of harm: no indicator.
    NotIndicator,
    /// An indicator of something harmless.
    Benign,
    /// The pattern is in another language than STIX.
    PatternLanguage,
    /// Several things must come together: no value alone is what the pattern means.
    Composite,
    /// It compares with nothing that the export can name.
    NoValues,
    /// Its confidence is lower than asked for, or not told.
    Confidence,
    /// Its PAP label does not permit to act on it.
    Pap,
    /// An address that belongs to the network itself: private, local, reserved.
    Reserved,
    /// A network so wide that bystanders would be hit.
    TooWide,
    /// A name under which anyone can register.
    PublicSuffix,
    /// A name that means something inside every network.
    LocalName,
    /// A name that the DNS, or this format, cannot hold.
    Name,
    /// It does not look like what it says it is.
    Malformed,
    /// The format has no place for this kind of value.
    NotCarried,
    /// A list of known good values has it.
    Allowed,
    /// The place that the export itself is fetched from or leads to.
    Own,
    /// The range of rule numbers is full.
    NumbersUsed,
}

impl Reason {
    /// The message id.
    pub fn code(self) -> &'static str {
        self.both().0
    }

    fn both(self) -> (&'static str, &'static str) {
        match self {
            Self::Label => ("out.loss.label", "its label is stricter than this export may carry"),
            Self::Revoked => ("out.loss.revoked", "its creator has taken it back"),
            Self::Expired => ("out.loss.expired", "its time is over"),
            Self::NotYetValid => ("out.loss.not-yet-valid", "its time has not come"),
            Self::NotIndicator => ("out.loss.not-indicator", "it is no indicator, and so says nothing of harm"),
            Self::Benign => ("out.loss.benign", "it indicates something harmless"),
            Self::PatternLanguage => ("out.loss.pattern-language", "its pattern is not a STIX pattern"),
            Self::Composite => ("out.loss.composite", "its pattern means a combination, and no value of it alone"),
            Self::NoValues => ("out.loss.no-values", "it has no value that could be listed"),
            Self::Confidence => ("out.loss.confidence", "its confidence is lower than asked for, or not told"),
            Self::Pap => ("out.loss.pap", "its PAP label permits to look for it, and not to act on it"),
            Self::Reserved => ("out.loss.reserved", "it is a private, local or reserved address"),
            Self::TooWide => ("out.loss.too-wide", "the network is so wide that bystanders would be hit"),
            Self::PublicSuffix => ("out.loss.public-suffix", "anyone can register names under it"),
            Self::LocalName => ("out.loss.local-name", "it is a name that every network uses for itself"),
            Self::Name => ("out.loss.name", "it is a name that the DNS or this format cannot hold"),
            Self::Malformed => ("out.loss.malformed", "it does not look like what it says it is"),
            Self::NotCarried => ("out.loss.not-carried", "this format has no place for this kind of value"),
            Self::Allowed => ("out.loss.allowed", "a list of known good values has it"),
            Self::Own => ("out.loss.own", "without it this export could not be fetched again, or would lead nowhere"),
            Self::NumbersUsed => ("out.loss.numbers-used", "the range of rule numbers is full"),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.both().1)
    }
}

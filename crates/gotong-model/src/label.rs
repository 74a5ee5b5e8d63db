//! Labels: the Traffic Light Protocol 2.0 (FIRST), the Permissible Actions Protocol, and what a record holds of people. Ordered from lax to strict, so that the stricter of two
//! is their `max`. What is unmarked has no label and is never taken for clear.

use std::fmt;

use crate::words::words;

/// A TLP 2.0 label.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Tlp {
    /// No limit on disclosure.
    Clear,
    /// The community.
    Green,
    /// The organisation and its clients, need to know.
    Amber,
    /// The organisation only.
    AmberStrict,
    /// The named recipients only.
    Red,
}

impl Tlp {
    /// All labels, laxest first.
    pub const ALL: [Self; 5] = [Self::Clear, Self::Green, Self::Amber, Self::AmberStrict, Self::Red];

    /// The protocol's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::AmberStrict => "amber+strict",
            Self::Red => "red",
        }
    }

    /// Reads the protocol's spelling.
    pub fn from_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tlp| tlp.as_str() == text)
    }

    /// Reads what people type: any case, with or without `TLP:`, `white` for `clear`.
    pub fn from_human(text: &str) -> Option<Self> {
        let lower = text.trim().to_ascii_lowercase();
        let bare = lower.strip_prefix("tlp:").unwrap_or(&lower);
        if bare == "white" { Some(Self::Clear) } else { Self::from_text(bare) }
    }
}

impl fmt::Display for Tlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

words! {
    /// What a record holds of people. Ordered: the more of a person, the greater.
    Personal {
        /// Nothing of a person.
        None = "none",
        /// People, under names that are not theirs.
        Pseudonymised = "pseudonymised",
        /// People who can be told by it.
        Identified = "identified",
    }
}

/// A PAP label.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pap {
    /// No restriction on use.
    Clear,
    /// Active actions allowed.
    Green,
    /// Passive cross-checks only.
    Amber,
    /// Nothing that could be detected.
    Red,
}

impl Pap {
    /// The protocol's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }

    /// Reads the protocol's spelling.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::Clear, Self::Green, Self::Amber, Self::Red].into_iter().find(|pap| pap.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stricter_label_is_the_larger() {
        assert!(Tlp::Clear < Tlp::Green && Tlp::Amber < Tlp::AmberStrict && Tlp::AmberStrict < Tlp::Red);
        assert_eq!(Tlp::from_human(" TLP:White "), Some(Tlp::Clear));
        assert_eq!(Tlp::from_human("AMBER+STRICT"), Some(Tlp::AmberStrict));
        assert_eq!(Tlp::from_text("white"), None, "the protocol has one spelling");
    }
}

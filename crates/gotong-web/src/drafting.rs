//! Drafts as people write them, in TOML: what is asked about one, and what comes back. How a draft is read is the program's to know, not this crate's, so
//! whoever starts the server hands in the function (`ServerOptions::drafting`); where none was handed in, the page names the command instead.
//!
//! A check writes nothing and keeps nothing. Read next: `console/agreements/draft.rs`, `console/house.rs`.

use gotong_crypto::Entropy;
use gotong_model::governance::Governance;
use gotong_model::{AgreementId, MemberCode, Timestamp};

/// Looks at a draft.
pub type Check = fn(&Draft<'_>) -> Drafted;

/// How drafts of house rules are read.
#[derive(Clone, Copy)]
pub struct Houses {
    /// What to begin from: the newest version that counts, as people write it, or where there is none a draft with comments.
    pub begin: fn(&Governance, &MemberCode, Timestamp) -> String,
    /// Looks at one; what it amends follows from the member that it names.
    pub check: Check,
}

impl std::fmt::Debug for Houses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Houses")
    }
}

/// A draft of an agreement, and on what it stands.
#[derive(Clone, Copy)]
pub struct Draft<'a> {
    /// The TOML.
    pub source: &'a str,
    /// What governs.
    pub governance: &'a Governance,
    /// The agreement whose newest version it amends; `None`: it is a new one.
    pub amends: Option<AgreementId>,
    /// For what keeps others from guessing its id.
    pub entropy: &'a dyn Entropy,
    /// Now.
    pub now: Timestamp,
}

impl std::fmt::Debug for Draft<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Draft({} bytes)", self.source.len())
    }
}

/// Something found in a draft.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Its line, from 1.
    pub line: usize,
    /// Its column, from 1.
    pub column: usize,
    /// Whether it stands in the way; else it is only doubtful.
    pub is_error: bool,
    /// What, in English.
    pub what: String,
    /// What to do about it, in English.
    pub next: String,
}

/// What a draft comes to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Drafted {
    /// In order of place.
    pub findings: Vec<Finding>,
    /// The document that waits for signatures; `None` where the draft does not hold.
    pub note: Option<String>,
}

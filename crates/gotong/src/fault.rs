//! What a command ends with when it does not end well: what happened, what to do about it, and whose turn it is.
//!
//! Two kinds, told apart by the exit status: usage (2) is the caller's to mend, everything else (1) the world's.

use std::fmt;

/// A failure with advice.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    hint: Option<String>,
    is_usage: bool,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Failure {}

/// The world's fault, and what helps.
pub(crate) fn failure(what: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    Failure { what: what.into(), hint: Some(hint.into()), is_usage: false }.into()
}

/// The caller asked for something that cannot be meant.
pub(crate) fn usage(what: impl Into<String>, hint: impl Into<String>) -> anyhow::Error {
    Failure { what: what.into(), hint: Some(hint.into()), is_usage: true }.into()
}

/// What to do about an error, where somebody knew.
pub(crate) fn hint(error: &anyhow::Error) -> Option<&str> {
    error.chain().find_map(|cause| cause.downcast_ref::<Failure>()?.hint.as_deref())
}

/// Whether the caller is to mend it.
pub(crate) fn is_usage(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<Failure>().is_some_and(|failure| failure.is_usage))
}

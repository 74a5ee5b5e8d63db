//! What can go wrong while measuring: a sentence, with what was being done in front of it. Nobody decides anything by it.

use std::fmt;

/// Why something could not be measured.
#[derive(Debug)]
pub(crate) struct Fault(String);

impl Fault {
    /// From a sentence.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// Not itself an `Error`, so that every error becomes one with `?`.
impl<E: std::error::Error> From<E> for Fault {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Puts what was being done in front of a fault.
pub(crate) trait While<T> {
    /// The same result, with `what` said first where it failed.
    fn during(self, what: impl fmt::Display) -> Result<T, Fault>;
}

impl<T, E: fmt::Display> While<T> for Result<T, E> {
    fn during(self, what: impl fmt::Display) -> Result<T, Fault> {
        self.map_err(|fault| Fault(format!("{what}: {fault}")))
    }
}

impl<T> While<T> for Option<T> {
    fn during(self, what: impl fmt::Display) -> Result<T, Fault> {
        self.ok_or_else(|| Fault(what.to_string()))
    }
}

/// Says on standard error what is being done.
pub(crate) fn say(text: impl fmt::Display) {
    eprintln!("measures: {text}");
}

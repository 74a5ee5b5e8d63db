//! What can go wrong on the way out, with its message id and whether trying again helps.
//!
//! Must not hold credentials or bodies: these texts are shown and logged.

use std::time::Duration;

use gotong_model::Timestamp;

use super::guard::GuardRefusal;
use super::retry;

/// Why something was not fetched.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FetchFault {
    /// The address may not be connected to, or is none.
    #[error(transparent)]
    Guarded(#[from] GuardRefusal),
    /// Nobody answers there.
    #[error("{host} does not answer: {fault}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// What happened.
        fault: String,
    },
    /// TLS did not come about, most often for the certificate.
    #[error("no TLS with {host}: {fault}")]
    Tls {
        /// The host.
        host: String,
        /// What happened.
        fault: String,
    },
    /// Silence.
    #[error("the server did not {0} in time")]
    Late(&'static str),
    /// All of it takes too long.
    #[error("it was not there after {} seconds", .0.as_secs())]
    Slow(Duration),
    /// The body is longer than allowed, as sent or unpacked.
    #[error("it has more than {0} bytes, which is the limit")]
    TooLarge(u64),
    /// A small body unpacks to a huge one.
    #[error("it unpacks to more than {0} times its size")]
    Bomb(u64),
    /// The connection ended before the body did.
    #[error("it broke off after {0} bytes")]
    CutOff(u64),
    /// The server speaks no HTTP that can be read.
    #[error("the answer does not read: {0}")]
    Broken(String),
    /// Compressed in another way than was offered, or not at all.
    #[error("the body is not what its Content-Encoding {0} says")]
    Encoding(String),
    /// From one address to the next.
    #[error("it leads on more than {0} times")]
    Redirects(usize),
    /// From TLS to none.
    #[error("it leads from https to http")]
    Downgrade,
    /// To nowhere.
    #[error("it leads on and does not say where")]
    NoLocation,
    /// The server says no, or not now.
    #[error("the server answered {status}{}", shortly(.told))]
    Status {
        /// The status.
        status: u16,
        /// `Retry-After`, as it came.
        retry_after: Option<String>,
        /// The title of its error, shortened, where it gives one.
        told: String,
    },
}

fn shortly(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

impl FetchFault {
    /// Its message id.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Guarded(refusal) => refusal.code(),
            Self::Unreachable { .. } => "outward.unreachable",
            Self::Tls { .. } => "outward.tls",
            Self::Late(_) => "outward.late",
            Self::Slow(_) => "outward.slow",
            Self::TooLarge(_) => "outward.too-large",
            Self::Bomb(_) => "outward.bomb",
            Self::CutOff(_) => "outward.cut-off",
            Self::Broken(_) => "outward.broken",
            Self::Encoding(_) => "outward.encoding",
            Self::Redirects(_) => "outward.redirects",
            Self::Downgrade => "outward.downgrade",
            Self::NoLocation => "outward.no-location",
            Self::Status { .. } => "outward.status",
        }
    }

    /// What to do about it.
    pub fn next(&self) -> &'static str {
        match self {
            Self::Guarded(GuardRefusal::Closed { .. }) => {
                "if this address is meant, its network goes into outward.allow of the node's configuration"
            }
            Self::Guarded(GuardRefusal::Unresolved { .. }) | Self::Unreachable { .. } | Self::Late(_) => {
                "check the name and the way there; it is tried again by itself"
            }
            Self::Guarded(_) | Self::Redirects(_) | Self::Downgrade | Self::NoLocation => "correct the address",
            Self::Tls { .. } => {
                "check the certificate; an authority of your own goes into the file outward.authorities"
            }
            Self::Slow(_) | Self::TooLarge(_) => "raise the limit of this source, or take a smaller feed",
            Self::Status { status: 401 | 403, .. } => "check the credentials and what they may read",
            Self::Status { status: 404 | 410, .. } => "check the address with whoever runs the feed",
            Self::Bomb(_) | Self::CutOff(_) | Self::Broken(_) | Self::Encoding(_) | Self::Status { .. } => {
                "it is tried again by itself; if it stays, tell whoever runs the feed"
            }
        }
    }

    /// When the server wants to be asked again.
    pub fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let Self::Status { retry_after: Some(value), .. } = self else { return None };
        retry::retry_after(value, now)
    }
}

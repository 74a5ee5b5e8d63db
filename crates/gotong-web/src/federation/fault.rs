//! What can go wrong on a link. Every fault is counted and shown; what it means for the link is said where it is met.

use gotong_app::NodeFault;
use gotong_sync::PeerFault;
use gotong_sync::identity::IdentityFault;
use gotong_sync::wire::WireFault;

/// A fault of a link.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkFault {
    /// The way there.
    #[error("{address} cannot be reached: {fault}")]
    Unreachable {
        /// Where.
        address: String,
        /// Why.
        fault: String,
    },
    /// The connection broke off.
    #[error("the connection broke off: {0}")]
    Broken(String),
    /// Nothing came in time.
    #[error("the peer did not {0} in time")]
    Late(&'static str),
    /// A certificate that cannot be read.
    #[error("the peer's certificate cannot be read")]
    Certificate,
    /// The hello does not hold.
    #[error(transparent)]
    Identity(#[from] IdentityFault),
    /// The peer refused ours.
    #[error("the peer refused the hello of this node (status {0}): it may not know this node's newest statement")]
    Refused(u16),
    /// Another answer than the protocol knows.
    #[error("the peer answered {what} with status {status}")]
    Status {
        /// What was asked.
        what: &'static str,
        /// The status.
        status: u16,
    },
    /// What it sent is out of bounds or shape, or does not hold.
    #[error(transparent)]
    Peer(#[from] PeerFault),
    /// What one log's entries came to.
    #[error("a log is passed over for now: {0}")]
    Log(&'static str),
    /// A fault of one log has been noted, and what is left on the connection is of no use.
    #[error("the connection is begun anew without a log that is passed over")]
    Anew,
    /// This node's own store.
    #[error("this node could not go on: {0}")]
    Node(#[from] NodeFault),
}

impl From<WireFault> for LinkFault {
    fn from(fault: WireFault) -> Self {
        Self::Peer(PeerFault::Wire(fault))
    }
}

impl From<hyper::Error> for LinkFault {
    fn from(fault: hyper::Error) -> Self {
        // The sentence without its source says "connection error" and no more.
        let source = std::error::Error::source(&fault).map(ToString::to_string);
        Self::Broken(source.unwrap_or_else(|| fault.to_string()))
    }
}

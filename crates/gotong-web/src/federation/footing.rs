//! What a link stands on: the channels that the two members share, the newest statements of both, and where the peer answers. A link whose
//! footing changed starts again at once: with the new address, without a key that no longer counts, and told of every log anew.

use std::collections::BTreeSet;

use gotong_model::governance::Governance;
use gotong_model::{ChannelId, MemberCode};

/// The footing of one link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Footing {
    /// Where the peer answers, in the order of its statement.
    pub(crate) addresses: Vec<String>,
    /// Channels that both are in the audience of.
    pub(crate) shared: BTreeSet<ChannelId>,
    /// How long the chains of statements are that are known here: the peer's, one's own.
    pub(crate) statements: (usize, usize),
}

impl Footing {
    /// As governance has it now; an address that the operator gave counts instead of those in the statement.
    pub(crate) fn new(governance: &Governance, own: &MemberCode, peer: &MemberCode, given: Option<&String>) -> Self {
        let audience = |code: &MemberCode, id: &ChannelId| governance.in_audience(id, code);
        let shared = governance.channels().map(|channel| channel.id);
        let shared = shared.filter(|id| audience(own, id) && audience(peer, id)).collect();
        let addresses = match given {
            Some(address) => vec![address.clone()],
            None => governance.statement(peer).map(|newest| newest.addresses.clone()).unwrap_or_default(),
        };
        let length = |member| governance.statements.get(member).map_or(0, Vec::len);
        Self { addresses, shared, statements: (length(peer), length(own)) }
    }

    /// Whether there is something to dial for, somewhere to dial, and something to say there.
    pub(crate) fn holds(&self) -> bool {
        !self.addresses.is_empty() && !self.shared.is_empty() && self.statements.1 > 0
    }
}

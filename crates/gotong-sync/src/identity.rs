//! Whose connection is it? The member whose chain of statements came in the hello and whose newest statement lists the key of the certificate.

use gotong_crypto::Digest;
use gotong_model::MemberCode;
use gotong_model::governance::Governance;
use gotong_model::statement::Statement;

use crate::wire::Hello;

/// Why a hello was not accepted. The other side is told nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityFault {
    /// It names another region.
    #[error("the peer is of another region: {0}")]
    OtherRegion(String),
    /// Its statements do not verify.
    #[error("the peer's statements do not hold: {0}")]
    Statements(String),
    /// It shows a key that its newest statement does not list.
    #[error("{0} showed a TLS key that its newest statement does not list")]
    OtherKey(MemberCode),
    /// Another member answered than the one that was dialled.
    #[error("{found} answered where {wanted} was expected")]
    OtherMember {
        /// Who was dialled.
        wanted: MemberCode,
        /// Who answered.
        found: MemberCode,
    },
    /// It is this node's own member.
    #[error("the peer claims to be this node's own member")]
    Oneself,
    /// No protocol number in common.
    #[error("no protocol number in common; the peer speaks {0:?}")]
    NoCommonProtocol(Vec<u64>),
}

/// A peer whose hello holds.
#[derive(Debug, Clone)]
pub struct Identified {
    /// The member.
    pub member: MemberCode,
    /// Its chain as merged with what was known; to be kept if it is longer.
    pub chain: Vec<Statement>,
    /// The chain's notes as received.
    pub notes: Vec<Vec<u8>>,
    /// The protocol number both speak.
    pub protocol: u64,
}

/// Judges a hello received on a connection whose certificate has the public key digest `tls_key`.
pub fn identify(
    hello: &Hello,
    tls_key: &Digest,
    governance: &Governance,
    own: &MemberCode,
    dialled: Option<&MemberCode>,
) -> Result<Identified, IdentityFault> {
    if hello.region != governance.region.to_string() {
        return Err(IdentityFault::OtherRegion(hello.region.chars().take(64).collect()));
    }
    let notes: Vec<Vec<u8>> = hello.statements.iter().map(|note| note.clone().into_bytes()).collect();
    let sent = governance
        .read_statements(notes.iter().map(Vec::as_slice))
        .map_err(|fault| IdentityFault::Statements(fault.to_string()))?;
    let Some(member) = sent.first().map(|first| first.member.clone()) else {
        return Err(IdentityFault::Statements("none".to_owned()));
    };
    if member == *own {
        return Err(IdentityFault::Oneself);
    }
    // A former member's statements still verify what it published; a link it has no more.
    if !governance.charter.members.contains_key(&member) {
        return Err(IdentityFault::Statements(format!("the charter names no member {member}")));
    }
    if let Some(wanted) = dialled.filter(|wanted| **wanted != member) {
        return Err(IdentityFault::OtherMember { wanted: wanted.clone(), found: member });
    }
    let known = governance.statements.get(&member).map(Vec::as_slice).unwrap_or_default();
    if known.iter().zip(&sent).any(|(a, b)| a.hash() != b.hash()) {
        return Err(IdentityFault::Statements(format!("{member} has signed two different statements with one serial")));
    }
    let chain = if known.len() > sent.len() { known.to_vec() } else { sent };
    if !chain.last().is_some_and(|newest| newest.tls_keys.contains(tls_key)) {
        return Err(IdentityFault::OtherKey(member));
    }
    let protocol = hello.common_protocol().ok_or_else(|| IdentityFault::NoCommonProtocol(hello.protocols.clone()))?;
    Ok(Identified { member, chain, notes, protocol })
}

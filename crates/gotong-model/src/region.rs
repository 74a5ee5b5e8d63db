//! Governance as a node knows it: the charter, the agreements, every member's statements, and the channels that follow from them.

use std::collections::BTreeMap;

use gotong_crypto::PublicKey;

use crate::agreement::{Agreement, ChannelType};
use crate::charter::Charter;
use crate::document::DocumentFault;
use crate::statement::{self, Statement};
use crate::{AgreementId, ChannelId, MemberCode, RegionId};

/// Everything signed that decides, verified.
#[derive(Clone, Debug)]
pub struct Governance {
    /// The region.
    pub region: RegionId,
    /// Its charter.
    pub charter: Charter,
    /// Agreements known here, by id.
    pub agreements: BTreeMap<AgreementId, Agreement>,
    /// Each member's chain of statements, first to last.
    pub statements: BTreeMap<MemberCode, Vec<Statement>>,
    /// Standing channels of all agreements known here.
    channels: BTreeMap<ChannelId, (AgreementId, usize)>,
}

/// A channel with what opens it.
#[derive(Clone, Copy, Debug)]
pub struct Channel<'a> {
    /// Its id.
    pub id: ChannelId,
    /// The agreement.
    pub agreement: &'a Agreement,
    /// The type within it.
    pub channel_type: &'a ChannelType,
}

impl Channel<'_> {
    /// `<agreement handle>/<type>`.
    pub fn handle(&self) -> String {
        format!("{}/{}", self.agreement.terms.handle, self.channel_type.name)
    }
}

impl Governance {
    /// Begins with a signed charter.
    pub fn from_charter(note: &[u8]) -> Result<Self, DocumentFault> {
        let (charter, region) = Charter::from_note(note)?;
        Ok(Self {
            region,
            charter,
            agreements: BTreeMap::new(),
            statements: BTreeMap::new(),
            channels: BTreeMap::new(),
        })
    }

    /// Takes in a signed agreement; a second handle of the same name is refused, so that handles stay unambiguous here.
    pub fn add_agreement(&mut self, note: &[u8]) -> Result<AgreementId, DocumentFault> {
        let agreement = Agreement::from_note(note, &self.region, &self.charter)?;
        let id = agreement.id;
        if let Some(other) =
            self.agreements.values().find(|other| other.terms.handle == agreement.terms.handle && other.id != id)
        {
            return Err(DocumentFault::Unfit(format!(
                "the handle {} is taken by the agreement {}",
                other.terms.handle, other.id
            )));
        }
        for (at, channel_type) in agreement.terms.channel_types.iter().enumerate() {
            self.channels.insert(agreement.channel(&self.region, channel_type), (id, at));
        }
        self.agreements.insert(id, agreement);
        Ok(id)
    }

    /// Merges a member's chain; the longer one counts, and two that differ at a serial are a split, which is refused.
    pub fn add_statements(&mut self, chain: Vec<Statement>) -> Result<MemberCode, DocumentFault> {
        let Some(first) = chain.first() else { return Err(DocumentFault::Unfit("no statement".to_owned())) };
        let member = first.member.clone();
        let known = self.statements.entry(member.clone()).or_default();
        if known.iter().zip(&chain).any(|(a, b)| a.hash() != b.hash()) {
            return Err(DocumentFault::Unfit(format!("{member} has signed two different statements with one serial")));
        }
        if chain.len() > known.len() {
            *known = chain;
        }
        Ok(member)
    }

    /// Reads and merges a chain of statement notes.
    pub fn add_statement_notes<'a>(
        &mut self,
        notes: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<MemberCode, DocumentFault> {
        let chain = statement::chain(notes, &self.region, &self.charter)?;
        self.add_statements(chain)
    }

    /// A member's newest statement.
    pub fn statement(&self, member: &MemberCode) -> Option<&Statement> {
        self.statements.get(member)?.last()
    }

    /// A member's node key.
    pub fn node_key(&self, member: &MemberCode) -> Option<&PublicKey> {
        self.statement(member).map(|statement| &statement.node_key)
    }

    /// A channel by id.
    pub fn channel(&self, id: &ChannelId) -> Option<Channel<'_>> {
        let (agreement, at) = self.channels.get(id)?;
        let agreement = self.agreements.get(agreement)?;
        Some(Channel { id: *id, agreement, channel_type: agreement.terms.channel_types.get(*at)? })
    }

    /// A channel by handle (`rti/indicators`) or id.
    pub fn channel_by_name(&self, name: &str) -> Option<Channel<'_>> {
        if let Some(id) = ChannelId::from_text(name) {
            return self.channel(&id);
        }
        self.channels().find(|channel| channel.handle() == name)
    }

    /// All channels known here, by id.
    pub fn channels(&self) -> impl Iterator<Item = Channel<'_>> {
        self.channels.keys().filter_map(|id| self.channel(id))
    }

    /// Whether a member reads and writes a channel.
    pub fn in_audience(&self, channel: &ChannelId, member: &MemberCode) -> bool {
        self.channel(channel).is_some_and(|channel| channel.channel_type.audience.contains(member))
    }
}

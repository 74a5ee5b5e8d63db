//! Governance as a node knows it: charters, agreements, notices and statements as they were signed, and what follows from them at an instant.
//!
//! Documents come in any order, complete or not; [`Governance`] keeps them all and works out anew what counts, so the order never matters. What counts at
//! an instant is `as_of`; [`Governance::changes_at`] says until when it holds. Read next: `agreement/standing.rs`.

mod admission;
mod channels;
mod houses;
mod intake;
mod law;
mod paper;
mod supposing;

use std::collections::BTreeMap;

use gotong_crypto::note::Signer;
use gotong_crypto::{Digest, PublicKey, sha256};

use crate::agreement::{Agreement, Known, Notice, Standing, Terms};
use crate::charter::Charter;
use crate::control::Basis;
use crate::document::{self, DocumentFault, Role};
use crate::house::{HouseRule, Organisations};
use crate::statement::{self, Statement};
use crate::{AgreementId, ChannelId, MemberCode, RegionId, Timestamp};

pub use admission::{Judged, Missing};
use channels::Place;
pub use channels::{Channel, ChannelKind};
pub use houses::House;
use houses::OwnType;
use paper::Paper;

/// Everything signed that decides.
#[derive(Clone, Debug)]
pub struct Governance {
    /// The region.
    pub region: RegionId,
    /// The charter in force.
    pub charter: Charter,
    /// Charters that are valid and undisputed, from number 1; the last without the members that a dispute above it takes away.
    pub charters: Vec<Charter>,
    /// Their hashes.
    charter_hashes: Vec<Digest>,
    /// Agreements with a valid first version, by id.
    pub agreements: BTreeMap<AgreementId, Agreement>,
    /// Agreements whose first version not all have signed yet: their documents travel, and open nothing else.
    pub proposals: BTreeMap<AgreementId, Agreement>,
    /// Versions that not all have signed yet, by hash.
    pub drafts: BTreeMap<Digest, Draft>,
    /// Each member's chain of statements, first to last.
    pub statements: BTreeMap<MemberCode, Vec<Statement>>,
    /// The instant for which this holds.
    pub as_of: Timestamp,
    /// Until when; asked for with every request, so it is worked out once.
    next_change: Option<Timestamp>,
    /// Which working out this came from.
    generation: u64,
    charter_papers: BTreeMap<Digest, Paper<Charter>>,
    terms_papers: BTreeMap<Digest, Paper<Terms>>,
    notice_papers: BTreeMap<Digest, Paper<Notice>>,
    house_papers: BTreeMap<Digest, Paper<HouseRule>>,
    /// House rules that count, by member.
    houses: BTreeMap<MemberCode, House>,
    /// The register of the member whose node this is, where there is one.
    organisations: Option<Organisations>,
    /// By place in the register's plan.
    own_types: Vec<OwnType>,
    /// Every root key that a valid charter names for a member.
    roots: BTreeMap<MemberCode, Vec<PublicKey>>,
    channels: BTreeMap<ChannelId, Place>,
    charter_channel: Agreement,
}

/// A version that waits for signatures, or for documents that it stands on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    /// What it says.
    pub terms: Terms,
    /// Whose signatures are missing.
    pub missing: Vec<MemberCode>,
    /// The note with the signatures collected.
    pub note: Vec<u8>,
}

/// What taking in a document came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Added {
    /// A charter, by hash.
    Charter(Digest),
    /// A version of an agreement, by hash.
    Agreement(Digest),
    /// A notice, by hash.
    Notice(Digest),
    /// A version of a house rule, by hash.
    House(Digest),
    /// A member's statement.
    Statement(MemberCode),
}

impl Governance {
    /// Begins with a region's first charter, signed by all its voters, as of its beginning.
    pub fn from_charter(note: &[u8]) -> Result<Self, DocumentFault> {
        let (charter, region) = Charter::from_note(note)?;
        let charter_channel = channels::charter_channel(&region, &charter);
        let mut governance = Self {
            region,
            as_of: charter.from,
            next_change: None,
            generation: 0,
            charters: vec![charter.clone()],
            charter_hashes: vec![charter.hash()],
            charter,
            agreements: BTreeMap::new(),
            proposals: BTreeMap::new(),
            drafts: BTreeMap::new(),
            statements: BTreeMap::new(),
            charter_papers: BTreeMap::new(),
            terms_papers: BTreeMap::new(),
            notice_papers: BTreeMap::new(),
            house_papers: BTreeMap::new(),
            houses: BTreeMap::new(),
            organisations: None,
            own_types: Vec::new(),
            roots: BTreeMap::new(),
            channels: BTreeMap::new(),
            charter_channel,
        };
        governance.keep(note)?;
        governance.work_out();
        Ok(governance)
    }

    /// The same documents at an instant.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.as_of = now;
        self.work_out();
        self
    }

    /// A number that differs from that of every other working out in this program, so that what was derived from one is not taken for another's.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The next instant at which something comes into or goes out of force.
    pub fn changes_at(&self) -> Option<Timestamp> {
        self.next_change
    }

    fn next_turning_point(&self) -> Option<Timestamp> {
        let charters = self.charters.iter().map(|charter| charter.from);
        let agreements = self.agreements.values().flat_map(Agreement::turning_points);
        let houses = self.houses.values().flat_map(|house| house.agreement.turning_points());
        charters.chain(agreements).chain(houses).filter(|at| *at > self.as_of).min()
    }

    /// Takes in a document of any purpose, complete or not. What it comes to is worked out with everything else that is here.
    pub fn add(&mut self, note: &[u8]) -> Result<Added, DocumentFault> {
        let added = self.keep(note)?;
        if !matches!(added, Added::Statement(_)) {
            self.work_out();
        }
        Ok(added)
    }

    /// Takes in several documents and works them out once.
    pub fn add_all<'a>(&mut self, notes: impl IntoIterator<Item = &'a [u8]>) -> Result<(), DocumentFault> {
        for note in notes {
            self.keep(note)?;
        }
        self.work_out();
        Ok(())
    }

    /// Takes in an agreement that must be complete; says its id.
    pub fn add_agreement(&mut self, note: &[u8]) -> Result<AgreementId, DocumentFault> {
        let Added::Agreement(hash) = self.add(note)? else {
            return Err(DocumentFault::Unfit("this is no agreement".to_owned()));
        };
        if let Some(draft) = self.drafts.get(&hash) {
            let missing = draft.missing.first().map(|code| document::signer_name(&self.region, code, Role::Root));
            return Err(match missing {
                Some(missing) => DocumentFault::Unsigned(missing),
                None => DocumentFault::Unfit(
                    "the version that it amends, or a member that it names, is not known here".to_owned(),
                ),
            });
        }
        let holds = |agreement: &&Agreement| agreement.version(&hash).is_some();
        let found = self.agreements.values().find(holds).map(|agreement| agreement.id);
        found.ok_or_else(|| DocumentFault::Unfit("another version of this number counts here".to_owned()))
    }

    fn signers_of(&self, code: &MemberCode, keys: &[PublicKey]) -> Vec<Signer> {
        paper::any_of(&document::signer_name(&self.region, code, Role::Root), keys)
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
        let chain = self.read_statements(notes)?;
        self.add_statements(chain)
    }

    /// Reads a whole chain of statement notes of one member, under the root keys that any valid charter names for it. Nothing is kept.
    pub fn read_statements<'a>(
        &self,
        notes: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Vec<Statement>, DocumentFault> {
        statement::chain_under(notes, &self.region, &self.roots)
    }

    /// A member's newest statement.
    pub fn statement(&self, member: &MemberCode) -> Option<&Statement> {
        self.statements.get(member)?.last()
    }

    /// A member's node key.
    pub fn node_key(&self, member: &MemberCode) -> Option<&PublicKey> {
        self.statement(member).map(|statement| &statement.node_key)
    }

    /// An agreement as it stands at an instant, by all that is held here.
    pub fn standing<'a>(&'a self, agreement: &'a Agreement, at: Timestamp) -> Standing<'a> {
        agreement.standing(&self.charters, Known::All, at)
    }

    /// What an author here would name as its basis for an agreement now.
    pub fn basis(&self, agreement: &Agreement) -> Basis {
        if agreement.id == self.charter_channel.id {
            return self.bare_basis();
        }
        if self.houses.values().any(|house| house.agreement.id == agreement.id) {
            return Basis { agreement_hash: agreement.hash, ..self.bare_basis() };
        }
        let newest = agreement.versions.last().map_or(agreement.hash, |version| version.hash);
        // A chain that ends in a split has several newest.
        let tips = agreement.notices.values().flat_map(|chain| {
            let newest = chain.last().map(|(_, notice)| notice.serial);
            chain.iter().filter(move |(_, notice)| Some(notice.serial) == newest).map(|(hash, _)| *hash)
        });
        let mut notices: Vec<Digest> = tips.collect();
        notices.sort_by_key(Digest::to_text);
        Basis { charter: self.charter_hash(), agreement_hash: newest, notices }
    }

    /// The basis of logs in governance channels, which are not judged.
    pub fn bare_basis(&self) -> Basis {
        Basis { charter: self.charter_hash(), agreement_hash: Digest([0; 32]), notices: Vec::new() }
    }

    /// The hash of the charter in force.
    fn charter_hash(&self) -> Digest {
        let newest = self.charters.iter().rposition(|charter| charter.from <= self.as_of).unwrap_or(0);
        self.charter_hashes.get(newest).copied().unwrap_or(Digest(*self.region.as_bytes()))
    }

    /// A document that was taken in, with every line collected of it, by the digest of its text: what is kept and read again.
    pub fn kept(&self, note: &[u8]) -> Option<(Digest, String)> {
        let text = gotong_crypto::note::parse(note).ok()?.text;
        let key = sha256(text.as_bytes());
        let charter = self.charter_papers.get(&key).map(Paper::whole);
        let terms = self.terms_papers.get(&key).map(Paper::whole);
        let notice = self.notice_papers.get(&key).map(Paper::whole);
        let house = self.house_papers.get(&key).map(Paper::whole);
        charter.or(terms).or(notice).or(house).map(|note| (key, note))
    }

    /// The governance channel that a document travels in, if it concerns one that is known.
    pub fn channel_of(&self, note: &[u8]) -> Option<Channel<'_>> {
        let key = sha256(gotong_crypto::note::parse(note).ok()?.text.as_bytes());
        if self.charter_papers.contains_key(&key) {
            return self.charter_channel();
        }
        let agreement = match (self.terms_papers.get(&key), self.notice_papers.get(&key)) {
            (_, Some(notice)) => notice.body.agreement,
            (Some(terms), None) => self.agreement_of(&terms.body)?,
            (None, None) => return None,
        };
        let governing = |channel: &Channel<'_>| channel.kind == ChannelKind::Governance;
        self.channels().filter(governing).find(|channel| channel.agreement.id == agreement)
    }

    /// Which agreement these terms are a version of; `None` where a version between is not known.
    pub fn agreement_of(&self, terms: &Terms) -> Option<AgreementId> {
        let mut hash = terms.hash(&self.region);
        let mut previous = terms.previous;
        while let Some(before) = previous {
            let known = self.terms_papers.values().find(|paper| paper.body.hash(&self.region) == before)?;
            hash = before;
            previous = known.body.previous;
        }
        Some(AgreementId(hash))
    }

    /// The charters that count behind the first, as notes, in order.
    pub fn later_charter_notes(&self) -> Vec<String> {
        let notes = self.charter_hashes.iter().skip(1).filter_map(|hash| {
            let paper = self.charter_papers.values().find(|paper| paper.body.hash() == *hash)?;
            Some(paper.whole())
        });
        notes.collect()
    }

    /// The notices of an agreement that count, as notes, by member and serial.
    pub fn notice_notes(&self, agreement: &Agreement) -> Vec<String> {
        let counted = agreement.notices.values().flatten();
        let notes = counted.filter_map(|(_, notice)| {
            let paper = self.notice_papers.values().find(|paper| paper.body == *notice)?;
            Some(paper.whole())
        });
        notes.collect()
    }

    /// Every document held here that travels between members, as a note with the signatures collected: charters, agreements, notices. House rules do not.
    pub fn notes(&self) -> Vec<String> {
        let expected: Vec<Signer> = self.roots.iter().flat_map(|(code, keys)| self.signers_of(code, keys)).collect();
        let charters = self.charter_papers.values().map(|paper| {
            let joining = paper.body.signers(&self.region, paper.body.members.keys());
            let joining = joining.into_iter().filter(|signer| !expected.contains(signer));
            paper.encode(&expected.iter().cloned().chain(joining).collect::<Vec<_>>())
        });
        let terms = self.terms_papers.values().map(|paper| paper.encode(&expected));
        let notices = self.notice_papers.values().map(|paper| paper.encode(&expected));
        charters.chain(terms).chain(notices).collect()
    }
}

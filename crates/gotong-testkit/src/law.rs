//! Governance as plain data: every document that was ever signed in a run, and which of them a node holds, with whose signatures. Written from
//! `docs/protocol.md` sections 3, 5 and 7, and not from the product: neither its working out nor its policy is asked here.
//!
//! Members, agreements and documents are numbers; no document here is disputed and no chain of notices is split. Read next: `law/judge.rs` (what follows).

mod judge;

use std::collections::{BTreeMap, BTreeSet};

use gotong_crypto::Digest;
use gotong_model::{Timestamp, Tlp};

pub use self::judge::{InForce, Verdict};

/// The place of a document in [`Law::documents`].
pub type DocumentNo = usize;

/// A charter.
#[derive(Clone, Debug)]
pub struct CharterLaw {
    /// Its number.
    pub number: u64,
    /// From when.
    pub from: Timestamp,
    /// Who is a member; all of them vote, and all votes are needed.
    pub members: BTreeSet<usize>,
    /// The grace where an agreement names none.
    pub grace_ms: u64,
}

/// A channel type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypeLaw {
    /// Its name.
    pub name: &'static str,
    /// Who reads.
    pub audience: Vec<usize>,
    /// Who writes.
    pub writers: Vec<usize>,
    /// What may be published.
    pub kinds: Vec<&'static str>,
    /// The strictest label.
    pub ceiling: Tlp,
    /// Whether it may go on to constituents.
    pub onward: bool,
}

/// A version of an agreement. Endings need no time of notice in any of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TermsLaw {
    /// Which agreement.
    pub agreement: usize,
    /// The version.
    pub number: u64,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Option<Timestamp>,
    /// The parties, ascending.
    pub parties: Vec<usize>,
    /// What it opens, by name.
    pub types: Vec<TypeLaw>,
    /// Its own grace.
    pub grace_ms: Option<u64>,
    /// Who may accede, to which types, and whether all parties have to consent.
    pub accession: Option<(Vec<usize>, Vec<&'static str>, bool)>,
}

/// What a notice says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// The part rests.
    Suspend,
    /// It goes on.
    Resume,
    /// It ends.
    Terminate,
    /// Somebody joins.
    Accede,
    /// A party agrees to somebody's joining.
    Consent(usize),
}

/// A notice.
#[derive(Clone, Debug)]
pub struct NoticeLaw {
    /// Of which agreement.
    pub agreement: usize,
    /// Who says it.
    pub member: usize,
    /// What.
    pub said: Said,
    /// Its place in the chain.
    pub serial: u64,
    /// When it was given.
    pub published_at: Timestamp,
    /// From when it counts.
    pub effective: Timestamp,
}

/// What a document says.
#[derive(Clone, Debug)]
pub enum Body {
    /// A charter.
    Charter(CharterLaw),
    /// A version of an agreement.
    Terms(TermsLaw),
    /// A notice.
    Notice(NoticeLaw),
}

/// A document.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it says.
    pub body: Body,
    /// The hash by which bases name it.
    pub hash: Digest,
    /// What is signed.
    pub text: String,
}

/// Documents that a node holds, with the members whose signatures it has of each.
pub type Held = BTreeMap<DocumentNo, BTreeSet<usize>>;

/// All that was ever signed.
#[derive(Clone, Default, Debug)]
pub struct Law {
    /// In the order in which they were written.
    pub documents: Vec<Document>,
    /// The agreements' handles.
    pub handles: Vec<&'static str>,
    by_text: BTreeMap<String, DocumentNo>,
    by_hash: BTreeMap<Digest, DocumentNo>,
}

impl Law {
    /// No documents yet, of agreements with these handles.
    pub fn new(handles: &[&'static str]) -> Self {
        Self { handles: handles.to_vec(), ..Self::default() }
    }

    /// Takes a document down.
    pub fn write(&mut self, document: Document) -> DocumentNo {
        let number = self.documents.len();
        self.by_text.insert(document.text.clone(), number);
        self.by_hash.insert(document.hash, number);
        self.documents.push(document);
        number
    }

    /// A document by its hash.
    pub fn by_hash(&self, hash: &Digest) -> Option<DocumentNo> {
        self.by_hash.get(hash).copied()
    }

    /// A document by what is signed.
    pub fn by_text(&self, text: &str) -> Option<DocumentNo> {
        self.by_text.get(text).copied()
    }

    pub(crate) fn charter(&self, number: DocumentNo) -> Option<&CharterLaw> {
        if let Body::Charter(charter) = &self.documents[number].body { Some(charter) } else { None }
    }

    pub(crate) fn terms(&self, number: DocumentNo) -> Option<&TermsLaw> {
        if let Body::Terms(terms) = &self.documents[number].body { Some(terms) } else { None }
    }

    pub(crate) fn notice(&self, number: DocumentNo) -> Option<&NoticeLaw> {
        if let Body::Notice(notice) = &self.documents[number].body { Some(notice) } else { None }
    }

    /// The newest charter, signed by all or not.
    pub fn newest_charter(&self) -> Option<(DocumentNo, &CharterLaw)> {
        (0..self.documents.len()).rev().find_map(|number| Some((number, self.charter(number)?)))
    }

    /// The newest version of an agreement, signed by all or not.
    pub fn newest_terms(&self, agreement: usize) -> Option<(DocumentNo, &TermsLaw)> {
        let mut all = (0..self.documents.len()).rev().filter_map(|number| Some((number, self.terms(number)?)));
        all.find(|(_, terms)| terms.agreement == agreement)
    }

    /// All versions of an agreement.
    pub fn versions(&self, agreement: usize) -> impl Iterator<Item = (DocumentNo, &TermsLaw)> {
        let all = (0..self.documents.len()).filter_map(|number| Some((number, self.terms(number)?)));
        all.filter(move |(_, terms)| terms.agreement == agreement)
    }

    /// A member's newest notice in an agreement.
    pub fn newest_notice(&self, agreement: usize, member: usize) -> Option<(DocumentNo, &NoticeLaw)> {
        let mut all = (0..self.documents.len()).rev().filter_map(|number| Some((number, self.notice(number)?)));
        all.find(|(_, notice)| notice.agreement == agreement && notice.member == member)
    }

    /// Whether any version of an agreement, signed by all or not, names a member.
    pub fn is_ever_named(&self, agreement: usize, member: usize) -> bool {
        self.versions(agreement).any(|(_, terms)| terms.names(member))
    }

    /// Every instant at which something comes into or goes out of force.
    pub fn turning_points(&self) -> Vec<Timestamp> {
        let mut points = Vec::new();
        for document in &self.documents {
            match &document.body {
                Body::Charter(charter) => points.push(charter.from),
                Body::Terms(terms) => points.extend([Some(terms.from), terms.until].into_iter().flatten()),
                Body::Notice(notice) => points.push(notice.effective),
            }
        }
        points
    }
}

impl TermsLaw {
    /// A type by name.
    pub fn channel_type(&self, name: &str) -> Option<&TypeLaw> {
        self.types.iter().find(|kind| kind.name == name)
    }

    /// Whether a member is a party or may become one by acceding.
    pub fn names(&self, member: usize) -> bool {
        self.parties.contains(&member)
            || self.accession.as_ref().is_some_and(|(candidates, ..)| candidates.contains(&member))
    }
}

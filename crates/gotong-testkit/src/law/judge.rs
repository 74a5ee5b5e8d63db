//! What follows from the documents that a node holds: which count, who has a part, who reads, and whether a record shows. Own code, so that a mistake of the
//! product's is not repeated here.

use std::collections::{BTreeMap, BTreeSet};

use gotong_crypto::Digest;
use gotong_model::{Timestamp, Tlp};

use super::{DocumentNo, Held, Law, NoticeLaw, Said, TermsLaw, TypeLaw};
use crate::oracle::{BasisModel, Published};

/// What becomes of a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It shows.
    Admit,
    /// It waits for a document that its basis names.
    Hold,
    /// It does not show.
    Refuse,
}

/// The state of a part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Active,
    Suspended,
    Ended,
}

/// An agreement at an instant.
struct Standing<'a> {
    terms: Option<&'a TermsLaw>,
    /// State, and the types acceded to; a party has none.
    parts: BTreeMap<usize, (Part, Option<&'a [&'static str]>)>,
}

/// Which documents are to count.
#[derive(Clone, Copy)]
struct Within<'a> {
    /// So many charters.
    charters: usize,
    /// So many versions.
    versions: usize,
    /// Notices named, and the author whose own count in any case.
    named: Option<(&'a [DocumentNo], usize)>,
}

/// Documents that count at a node.
#[derive(Clone, Default, Debug)]
pub struct InForce {
    /// Charters from number 1.
    pub charters: Vec<DocumentNo>,
    /// For each agreement its versions from number 1.
    pub versions: Vec<Vec<DocumentNo>>,
    /// For each agreement and member the chain of notices.
    pub notices: BTreeMap<(usize, usize), Vec<DocumentNo>>,
}

impl Standing<'_> {
    fn is_active(&self, member: usize) -> bool {
        self.parts.get(&member).is_some_and(|(part, _)| *part == Part::Active)
    }

    fn is_named(&self, kind: &TypeLaw, member: usize, among: &[usize]) -> bool {
        match self.parts.get(&member) {
            None => false,
            Some((_, Some(types))) => types.contains(&kind.name),
            Some((_, None)) => among.contains(&member),
        }
    }

    fn reads(&self, name: &str, member: usize) -> Option<&TypeLaw> {
        let kind = self.terms?.channel_type(name)?;
        (self.is_named(kind, member, &kind.audience) && self.is_active(member)).then_some(kind)
    }

    fn permits(&self, name: &str, author: usize, record: &Published) -> bool {
        let Some(kind) = self.terms.and_then(|terms| terms.channel_type(name)) else { return false };
        let active = self.parts.values().filter(|(part, _)| *part == Part::Active).count();
        active >= 2
            && self.is_active(author)
            && self.is_named(kind, author, &kind.writers)
            && kind.kinds.iter().any(|known| *known == "stix" || record.kind.as_str() == *known)
            && record.label <= kind.ceiling
            && record.label != Tlp::Red
    }
}

impl InForce {
    /// Works out what counts of what is held.
    pub fn of(law: &Law, held: &Held) -> Self {
        let mut this = Self { versions: vec![Vec::new(); law.handles.len()], ..Self::default() };
        this.count_charters(law, held);
        let mut chains: BTreeMap<(usize, usize), BTreeMap<u64, DocumentNo>> = BTreeMap::new();
        for (number, signers) in held {
            if let Some(notice) = law.notice(*number)
                && signers.contains(&notice.member)
            {
                chains.entry((notice.agreement, notice.member)).or_default().insert(notice.serial, *number);
            }
        }
        for (place, chain) in chains {
            let unbroken = (1..).zip(chain).take_while(|(serial, (found, _))| serial == found);
            this.notices.insert(place, unbroken.map(|(_, (_, number))| number).collect());
        }
        for agreement in 0..law.handles.len() {
            this.count_versions(law, held, agreement);
        }
        // Nothing is known of an agreement before its first version counts.
        let known: BTreeSet<usize> = (0..law.handles.len()).filter(|at| !this.versions[*at].is_empty()).collect();
        this.notices.retain(|(agreement, _), chain| known.contains(agreement) && !chain.is_empty());
        this
    }

    fn count_charters(&mut self, law: &Law, held: &Held) {
        let mut members: BTreeSet<usize> = BTreeSet::new();
        while let Some((number, signers)) = held.iter().find(|(number, _)| {
            law.charter(**number).is_some_and(|charter| charter.number == self.charters.len() as u64 + 1)
        }) {
            let Some(charter) = law.charter(*number) else { break };
            // The first is what the region is named by; of a later one all voters before and everyone who joins have signed.
            let needed: BTreeSet<usize> = members.union(&charter.members).copied().collect();
            if charter.number > 1 && !needed.is_subset(signers) {
                break;
            }
            members.clone_from(&charter.members);
            self.charters.push(*number);
        }
    }

    fn count_versions(&mut self, law: &Law, held: &Held, agreement: usize) {
        let mut before: Vec<usize> = Vec::new();
        let next = |at: u64| {
            held.iter().find(move |(number, _)| {
                law.terms(**number).is_some_and(|terms| terms.agreement == agreement && terms.number == at)
            })
        };
        while let Some((number, signers)) = next(self.versions[agreement].len() as u64 + 1) {
            let Some(terms) = law.terms(*number) else { break };
            let charter = self.charter_at(law, terms.from, self.charters.len());
            let has_left = |member: &usize| {
                charter.is_some_and(|charter| !charter.contains(member))
                    || self.has_ended(law, agreement, *member, terms.from)
            };
            let mut needed: BTreeSet<usize> = terms.parties.iter().copied().collect();
            needed.extend(before.iter().filter(|member| !has_left(member)));
            if !needed.is_subset(signers) {
                break;
            }
            before.clone_from(&terms.parties);
            self.versions[agreement].push(*number);
        }
    }

    fn has_ended(&self, law: &Law, agreement: usize, member: usize, at: Timestamp) -> bool {
        let chain = self.notices.get(&(agreement, member)).into_iter().flatten();
        let mut chain = chain.filter_map(|number| law.notice(*number));
        chain.any(|notice| notice.said == Said::Terminate && notice.effective <= at)
    }

    fn charter_at<'a>(&self, law: &'a Law, at: Timestamp, within: usize) -> Option<&'a BTreeSet<usize>> {
        let mut charters = self.charters.iter().take(within).rev().filter_map(|number| law.charter(*number));
        let in_force = charters.find(|charter| charter.from <= at);
        in_force.or_else(|| law.charter(*self.charters.first()?)).map(|charter| &charter.members)
    }

    /// Whether a member is of the charter in force.
    pub fn is_member(&self, law: &Law, member: usize, at: Timestamp) -> bool {
        self.charter_at(law, at, self.charters.len()).is_some_and(|members| members.contains(&member))
    }

    fn terms_at<'a>(&self, law: &'a Law, agreement: usize, versions: usize, at: Timestamp) -> Option<&'a TermsLaw> {
        let all = self.versions[agreement].iter().take(versions).rev().filter_map(|number| law.terms(*number));
        let newest = all.into_iter().find(|terms| terms.from <= at)?;
        newest.until.is_none_or(|until| at < until).then_some(newest)
    }

    /// The notices of a member that count within bounds.
    fn notices_of<'a>(&self, law: &'a Law, at: (usize, usize), within: Within<'_>) -> Vec<&'a NoticeLaw> {
        let chain = self.notices.get(&at).map(Vec::as_slice).unwrap_or_default();
        let newest = match within.named {
            Some((named, author)) if author != at.1 => {
                chain.iter().rposition(|number| named.contains(number)).map_or(0, |place| place + 1)
            }
            _ => chain.len(),
        };
        chain.iter().take(newest).filter_map(|number| law.notice(*number)).collect()
    }

    fn standing<'a>(&self, law: &'a Law, agreement: usize, within: Within<'_>, at: Timestamp) -> Standing<'a> {
        let terms = self.terms_at(law, agreement, within.versions, at);
        let mut parts = BTreeMap::new();
        let members = self.charters.iter().take(within.charters).rev().filter_map(|number| law.charter(*number));
        let Some(charter) = members.into_iter().find(|charter| charter.from <= at) else {
            return Standing { terms, parts };
        };
        for member in &charter.members {
            let notices = self.notices_of(law, (agreement, *member), within);
            let types = if terms.is_some_and(|terms| terms.parties.contains(member)) {
                None
            } else {
                match self.acceded(law, (agreement, *member), within, at) {
                    Some(types) => Some(types),
                    None => continue,
                }
            };
            let mut changes: Vec<_> = notices.iter().filter(|notice| notice.effective <= at).collect();
            changes.sort_by_key(|notice| (notice.effective, notice.serial));
            let mut part = Part::Active;
            for notice in changes {
                part = match notice.said {
                    _ if part == Part::Ended => Part::Ended,
                    Said::Suspend => Part::Suspended,
                    Said::Resume => Part::Active,
                    Said::Terminate => Part::Ended,
                    Said::Accede | Said::Consent(_) => part,
                };
            }
            parts.insert(*member, (part, types));
        }
        Standing { terms, parts }
    }

    /// The types in which somebody has a part by acceding.
    fn acceded<'a>(
        &self,
        law: &'a Law,
        (agreement, member): (usize, usize),
        within: Within<'_>,
        at: Timestamp,
    ) -> Option<&'a [&'static str]> {
        let mut best: Option<(Timestamp, &'a [&'static str])> = None;
        for notice in self.notices_of(law, (agreement, member), within) {
            if notice.said != Said::Accede {
                continue;
            }
            let Some(terms) = self.terms_at(law, agreement, within.versions, notice.effective) else { continue };
            let Some((candidates, types, consent)) = &terms.accession else { continue };
            if !candidates.contains(&member) {
                continue;
            }
            let mut since = Some(notice.effective);
            for party in terms.parties.iter().filter(|_| *consent) {
                let said = self.notices_of(law, (agreement, *party), within);
                if said.iter().any(|other| other.said == Said::Terminate && other.effective <= notice.effective) {
                    continue;
                }
                let first = said.iter().filter(|other| other.said == Said::Consent(member));
                let first = first.map(|other| other.effective).min();
                since = since.zip(first).map(|(since, first)| since.max(first));
            }
            let Some(since) = since.filter(|since| *since <= at) else { continue };
            let chain: Vec<&TermsLaw> =
                self.versions[agreement].iter().take(within.versions).filter_map(|number| law.terms(*number)).collect();
            let became_party = chain.iter().enumerate().any(|(place, terms)| {
                let next = chain.get(place + 1).map(|next| next.from);
                let end = [next, terms.until].into_iter().flatten().min();
                let lasts = end.is_none_or(|end| terms.from < end && since < end);
                lasts && terms.from <= at && terms.parties.contains(&member)
            });
            if !became_party && best.is_none_or(|(known, _)| since < known) {
                best = Some((since, types));
            }
        }
        best.map(|(_, types)| types)
    }

    fn all(&self, agreement: usize) -> Within<'static> {
        Within { charters: self.charters.len(), versions: self.versions[agreement].len(), named: None }
    }

    /// The type, where a member reads it at an instant. Past the last day it is as on the last day.
    pub fn reads(&self, law: &Law, (agreement, name): (usize, &str), member: usize, at: Timestamp) -> Option<TypeLaw> {
        let until = self.versions[agreement].last().and_then(|number| law.terms(*number)).and_then(|last| last.until);
        let last = until.and_then(|until| Timestamp::from_micros(until.micros() - 1));
        let at = last.map_or(at, |last| at.min(last));
        self.standing(law, agreement, self.all(agreement), at).reads(name, member).cloned()
    }

    /// Whether an agreement is in force, and a member reads one of its types.
    pub fn opens(&self, law: &Law, (agreement, name): (usize, &str), member: usize, at: Timestamp) -> bool {
        let standing = self.standing(law, agreement, self.all(agreement), at);
        let active = standing.parts.values().filter(|(part, _)| *part == Part::Active).count();
        active >= 2 && standing.reads(name, member).is_some()
    }

    /// Whether a member may publish a record now.
    pub fn writes(&self, law: &Law, (agreement, name): (usize, &str), member: usize, record: &Published) -> bool {
        self.standing(law, agreement, self.all(agreement), record.at).permits(name, member, record)
    }

    /// Whether constituents may be given a channel's records now: dates, part and onward sharing.
    pub fn goes_on(&self, law: &Law, (agreement, name): (usize, &str), member: usize, at: Timestamp) -> bool {
        let standing = self.standing(law, agreement, self.all(agreement), at);
        standing.reads(name, member).is_some_and(|kind| kind.onward)
    }

    /// The type as it counts now, else as the newest version that has it says.
    pub fn channel_type(&self, law: &Law, (agreement, name): (usize, &str), at: Timestamp) -> Option<TypeLaw> {
        let versions = || self.versions[agreement].iter().filter_map(|number| law.terms(*number));
        let begun = versions().rfind(|terms| terms.from <= at).or_else(|| versions().next());
        let now = begun.and_then(|terms| terms.channel_type(name));
        now.or_else(|| versions().filter_map(|terms| terms.channel_type(name)).next_back()).cloned()
    }

    /// Whether a member is or ever was named for a type.
    pub fn is_concerned(&self, law: &Law, (agreement, name): (usize, &str), member: usize) -> bool {
        let spoke = self.notices.contains_key(&(agreement, member));
        self.versions[agreement].iter().filter_map(|number| law.terms(*number)).any(|terms| {
            terms.channel_type(name).is_some_and(|kind| kind.audience.contains(&member))
                || spoke
                    && terms
                        .accession
                        .as_ref()
                        .is_some_and(|(candidates, types, _)| candidates.contains(&member) && types.contains(&name))
        })
    }

    /// Whether a member is of an agreement's own channel.
    pub fn governs(&self, law: &Law, agreement: usize, member: usize, at: Timestamp) -> bool {
        self.is_member(law, member, at)
            && self.versions[agreement].iter().filter_map(|number| law.terms(*number)).any(|terms| terms.names(member))
    }

    /// Whether a record shows, by what is held here.
    pub fn verdict(
        &self,
        law: &Law,
        (agreement, name): (usize, &str),
        author: usize,
        basis: &BasisModel,
        record: &Published,
    ) -> Verdict {
        let known = |hash: &Digest| law.by_hash(hash);
        let place = |hash: &Digest, among: &[DocumentNo]| {
            known(hash).and_then(|number| among.iter().position(|other| *other == number))
        };
        let (Some(charter), Some(version)) =
            (place(&basis.charter, &self.charters), place(&basis.agreement, &self.versions[agreement]))
        else {
            return Verdict::Hold;
        };
        let mut named = Vec::new();
        for hash in &basis.notices {
            let here = known(hash).filter(|number| {
                self.notices.iter().any(|((of, _), chain)| *of == agreement && chain.contains(number))
            });
            let Some(number) = here else { return Verdict::Hold };
            named.push(number);
        }
        let under = |charters: usize, versions: usize| {
            let within = Within { charters: charters + 1, versions: versions + 1, named: Some((&named, author)) };
            self.standing(law, agreement, within, record.at).permits(name, author, record)
        };
        if !under(charter, version) {
            return Verdict::Refuse;
        }
        let own = law.terms(self.versions[agreement][version]).and_then(|terms| terms.grace_ms);
        let grace = own.or_else(|| law.charter(self.charters[charter]).map(|charter| charter.grace_ms)).unwrap_or(0);
        let is_old = |from: Timestamp| from.plus_ms(grace) < record.at;
        let newer = self.charters.iter().rposition(|at| law.charter(*at).is_some_and(|charter| is_old(charter.from)));
        let charter = newer.unwrap_or(0).max(charter);
        let newer =
            self.versions[agreement].iter().rposition(|at| law.terms(*at).is_some_and(|terms| is_old(terms.from)));
        let version = newer.unwrap_or(0).max(version);
        if under(charter, version) { Verdict::Admit } else { Verdict::Refuse }
    }
}

//! From documents to what counts: which charters, which versions, which notices. Worked out from all of them each time, so that the order in which
//! they came leaves no trace (`docs/protocol.md` sections 3 and 5).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};

use gotong_crypto::Digest;

use super::channels;
use super::paper::Paper;
use super::{Draft, Governance};
use crate::agreement::{Agreement, Known, Notice, NoticeKind, Terms, Version};
use crate::charter::Charter;
use crate::{AgreementId, MemberCode, Timestamp, limits};

/// Counts workings out; nothing that is decided depends on it.
static GENERATION: AtomicU64 = AtomicU64::new(1);

impl Governance {
    /// Works everything out anew.
    pub(super) fn work_out(&mut self) {
        self.generation = GENERATION.fetch_add(1, Ordering::Relaxed);
        self.work_out_charters();
        self.work_out_agreements();
        self.work_out_houses();
        self.charter_channel = channels::charter_channel(&self.region, &self.charter);
        self.channels = channels::all(self);
        self.next_change = self.next_turning_point();
    }

    fn work_out_charters(&mut self) {
        // From its paper: what is kept of it elsewhere may lack members whom a dispute takes away.
        let founding = |paper: &&Paper<Charter>| paper.body.number == 1 && paper.body.region() == self.region;
        let Some(first) = self.charter_papers.values().find(founding) else { return };
        let mut chain = vec![first.body.clone()];
        let mut disputed: Vec<Charter> = Vec::new();
        while let Some(newest) = chain.last() {
            let next = |paper: &&Paper<Charter>| self.succeeds(newest, paper);
            let mut found: Vec<Charter> =
                self.charter_papers.values().filter(next).map(|paper| paper.body.clone()).collect();
            match found.pop() {
                None => break,
                Some(only) if found.is_empty() => chain.push(only),
                Some(last) => {
                    found.push(last);
                    disputed = found;
                    break;
                }
            }
        }
        self.charter_hashes = chain.iter().map(Charter::hash).collect();
        if let Some(newest) = chain.last_mut().filter(|_| !disputed.is_empty()) {
            // What the voters had already agreed to take away stays away while they differ about the rest.
            newest.members.retain(|code, member| {
                disputed
                    .iter()
                    .all(|charter| charter.members.get(code).is_some_and(|other| other.root_key == member.root_key))
            });
        }
        self.roots = BTreeMap::new();
        for (code, member) in self.valid_charters(&first.body).iter().flat_map(|charter| &charter.members) {
            let keys = self.roots.entry(code.clone()).or_default();
            if !keys.contains(&member.root_key) {
                keys.push(member.root_key);
            }
        }
        let in_force = chain.iter().rfind(|charter| charter.from <= self.as_of).or(chain.first());
        if let Some(charter) = in_force.cloned() {
            self.charter = charter;
        }
        self.charters = chain;
    }

    /// Every charter that is valid, disputed or standing on a disputed one too: its root keys verify documents.
    fn valid_charters(&self, first: &Charter) -> Vec<Charter> {
        let mut valid = vec![first.clone()];
        let mut at = 0;
        while let Some(before) = valid.get(at) {
            let next = self.charter_papers.values().filter(|paper| self.succeeds(before, paper));
            let next: Vec<Charter> = next.map(|paper| paper.body.clone()).collect();
            valid.extend(next);
            at += 1;
        }
        valid
    }

    /// Whether a charter follows another: it names it, and those who had to have signed.
    fn succeeds(&self, before: &Charter, paper: &Paper<Charter>) -> bool {
        let next = &paper.body;
        if next.number != before.number + 1
            || next.previous != Some(before.hash())
            || next.from < before.from
            || next.founded_at != before.founded_at
        {
            return false;
        }
        let voters = before.signers(&self.region, before.voters.iter());
        let votes = voters.iter().filter(|signer| paper.is_signed_by(signer)).count();
        let is_new = |code: &&MemberCode| {
            let key = |charter: &Charter| charter.members.get(*code).map(|member| member.root_key);
            key(before) != key(next)
        };
        let joining = next.signers(&self.region, next.members.keys().filter(is_new));
        votes >= before.at_least && joining.iter().all(|signer| paper.is_signed_by(signer))
    }

    fn work_out_agreements(&mut self) {
        let mut agreements = BTreeMap::new();
        let mut proposals = BTreeMap::new();
        let mut counted: BTreeSet<Digest> = BTreeSet::new();
        let mut waiting: BTreeMap<Digest, Vec<MemberCode>> = BTreeMap::new();
        let by_hash: BTreeMap<Digest, &Paper<Terms>> =
            self.terms_papers.values().map(|paper| (paper.body.hash(&self.region), paper)).collect();
        for (hash, paper) in by_hash.iter().filter(|(_, paper)| paper.body.number == 1) {
            let mut agreement = Agreement {
                id: AgreementId(*hash),
                hash: *hash,
                terms: paper.body.clone(),
                note: self.note_of(paper),
                versions: Vec::new(),
                notices: BTreeMap::new(),
            };
            let missing = self.unsigned(paper, &paper.body.parties);
            if !missing.is_empty() || self.names_stranger(&paper.body) {
                waiting.insert(*hash, missing);
                proposals.insert(agreement.id, agreement);
                continue;
            }
            let first = Version { hash: *hash, terms: paper.body.clone(), note: self.note_of(paper) };
            agreement.versions.push(first);
            agreement.notices = self.chains(&agreement.id);
            counted.insert(*hash);
            loop {
                let mut following: Vec<(&Digest, &Paper<Terms>)> = Vec::new();
                for (hash, paper) in by_hash.iter().filter(|(_, paper)| amends(&agreement, &paper.body)) {
                    let missing = self.unsigned(paper, &self.signatories(&agreement, &paper.body));
                    counted.insert(*hash);
                    if missing.is_empty() && !self.names_stranger(&paper.body) {
                        following.push((hash, paper));
                    } else {
                        waiting.insert(*hash, missing);
                    }
                }
                // All parties have signed each of them: the one that begins last is their last word.
                let Some((hash, paper)) = following.into_iter().max_by_key(|(hash, paper)| (paper.body.from, **hash))
                else {
                    break;
                };
                agreement.versions.push(Version { hash: *hash, terms: paper.body.clone(), note: self.note_of(paper) });
            }
            make_current(&mut agreement, self.as_of);
            agreements.insert(agreement.id, agreement);
        }
        let mut drafts = BTreeMap::new();
        for (hash, paper) in &by_hash {
            let missing = match waiting.remove(hash) {
                Some(missing) => missing,
                None if counted.contains(hash) => continue,
                None => self.unsigned(paper, &paper.body.parties),
            };
            drafts.insert(*hash, Draft { terms: paper.body.clone(), missing, note: self.note_of(paper) });
        }
        self.drafts = drafts;
        self.proposals = proposals;
        self.agreements = agreements;
    }

    pub(super) fn note_of<T>(&self, paper: &Paper<T>) -> Vec<u8> {
        let expected: Vec<_> = self.roots.iter().flat_map(|(code, keys)| self.signers_of(code, keys)).collect();
        paper.encode(&expected).into_bytes()
    }

    /// Who of these has not signed under any root key of theirs.
    pub(super) fn unsigned<T>(&self, paper: &Paper<T>, members: &[MemberCode]) -> Vec<MemberCode> {
        if paper.is_supposed() {
            return Vec::new();
        }
        let has_signed = |code: &MemberCode| {
            let keys = self.roots.get(code).map(Vec::as_slice).unwrap_or_default();
            self.signers_of(code, keys).iter().any(|signer| paper.is_signed_by(signer))
        };
        members.iter().filter(|code| !has_signed(code)).cloned().collect()
    }

    fn names_stranger(&self, terms: &Terms) -> bool {
        let candidates = terms.accession.iter().flat_map(|accession| &accession.candidates);
        terms.parties.iter().chain(candidates).any(|code| !self.roots.contains_key(code))
    }

    /// Who has to sign an amendment: its parties, and those of the version before who still have a part when it begins.
    fn signatories(&self, agreement: &Agreement, next: &Terms) -> Vec<MemberCode> {
        let mut all = next.parties.clone();
        let before = agreement.versions.last().map(|version| version.terms.parties.as_slice()).unwrap_or_default();
        // Before the founding nobody was a member, and who dates an amendment back to then must not be rid of the others.
        let charter = self.charters.iter().rfind(|charter| charter.from <= next.from).or(self.charters.first());
        let is_member = |code: &MemberCode| charter.is_some_and(|charter| charter.members.contains_key(code));
        let has_left = |code: &&MemberCode| !is_member(code) || agreement.has_ended(code, Known::All, next.from);
        all.extend(before.iter().filter(|code| !has_left(code)).cloned());
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The notices of an agreement that count, chain by chain.
    fn chains(&self, agreement: &AgreementId) -> BTreeMap<MemberCode, Vec<(Digest, Notice)>> {
        let mut all: BTreeMap<(MemberCode, u64), Vec<(Digest, Notice)>> = BTreeMap::new();
        for paper in self.notice_papers.values().filter(|paper| paper.body.agreement == *agreement) {
            let notice = &paper.body;
            if self.unsigned(paper, std::slice::from_ref(&notice.member)).is_empty() {
                let place = all.entry((notice.member.clone(), notice.serial)).or_default();
                place.push((notice.hash(&self.region), notice.clone()));
            }
        }
        let mut chains: BTreeMap<MemberCode, Vec<(Digest, Notice)>> = BTreeMap::new();
        let mut ended: BTreeSet<MemberCode> = BTreeSet::new();
        for ((member, serial), mut siblings) in all {
            let chain = chains.entry(member.clone()).or_default();
            let follows = |(_, notice): &(Digest, Notice)| {
                notice.previous == chain.last().map(|(hash, _)| *hash)
                    && chain.last().is_none_or(|(_, before)| before.published_at <= notice.published_at)
            };
            siblings.retain(follows);
            let is_next = serial == chain.len() as u64 + 1;
            if !is_next || ended.contains(&member) || chain.len() >= limits::NOTICES_MAX {
                continue;
            }
            if siblings.len() > 1 {
                // A split: only what takes the member's own part away, or gives to others, counts of it, and nothing above.
                siblings.retain(|(_, notice)| notice.narrows() || notice.notice == NoticeKind::Consent);
                ended.insert(member);
            }
            siblings.sort_by_key(|(hash, _)| *hash);
            chain.extend(siblings);
        }
        chains.retain(|_, chain| !chain.is_empty());
        chains
    }
}

/// Makes the version that counts now, if one has begun, the one that an agreement shows.
pub(super) fn make_current(agreement: &mut Agreement, now: Timestamp) {
    if let Some(current) = agreement.versions.iter().rfind(|version| version.terms.from <= now).cloned() {
        agreement.hash = current.hash;
        agreement.terms = current.terms;
        agreement.note = current.note;
    }
}

/// Whether terms are the next version of an agreement by what they say.
fn amends(agreement: &Agreement, next: &Terms) -> bool {
    let Some(newest) = agreement.versions.last() else { return false };
    let same_exercise = agreement
        .versions
        .iter()
        .flat_map(|version| &version.terms.channel_types)
        .all(|old| next.channel_type(&old.name).is_none_or(|kind| kind.exercise == old.exercise));
    next.number == newest.terms.number + 1
        && next.previous == Some(newest.hash)
        && next.handle == newest.terms.handle
        && next.from >= newest.terms.from
        && same_exercise
}

//! Taking documents in: kept with every signature line, worked out, and counting from then on. What they may decide anew is noted in the same transaction.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use gotong_crypto::Digest;

use gotong_model::agreement::{Agreement, Notice};
use gotong_model::document::DocumentFault;
use gotong_model::governance::{Added, Governance, House};
use gotong_model::{AgreementId, Timestamp};
use gotong_store::Book;

use super::judgement;
use crate::gate::Priority;
use crate::node::{Node, NodeFault, Writing, document_key};

impl Node {
    /// Takes in a document, complete or not, and makes it count at once as far as it does.
    pub fn adopt(&self, note: &[u8]) -> Result<Added, NodeFault> {
        self.take_in(
            Priority::People,
            |next| {
                let added = next.add(note)?;
                if let Added::House(hash) = &added {
                    self.is_own_house(next, hash)?;
                }
                Ok((added, vec![note.to_vec()]))
            },
            |_| Ok(()),
        )
    }

    /// A house rule is taken in only where it counts, as one's own: nobody else signs it, and nothing else completes it later.
    fn is_own_house(&self, next: &Governance, hash: &Digest) -> Result<(), DocumentFault> {
        let unfit = |text: String| Err(DocumentFault::Unfit(text));
        let counts = |house: &House| house.agreement.version(hash).is_some();
        if next.house(&self.member).is_some_and(counts) {
            return Ok(());
        }
        if let Some(house) = next.houses().find(|house| counts(house)) {
            return unfit(format!(
                "this is the house rule of {}, and this node is that of {}",
                house.member, self.member
            ));
        }
        let newest = next.house(&self.member).and_then(|house| house.agreement.versions.last());
        let newest = newest.map_or("there is none yet, so the first has number 1".to_owned(), |version| {
            format!("the newest here has number {} and the hash {}", version.terms.number, version.hash)
        });
        unfit(format!(
            "it is not signed by the root of {}, or does not follow the version before: {newest}",
            self.member
        ))
    }

    /// Takes in an agreement that must be complete.
    pub fn adopt_agreement(&self, note: &[u8]) -> Result<AgreementId, NodeFault> {
        self.take_in(Priority::People, |next| Ok((next.add_agreement(note)?, vec![note.to_vec()])), |_| Ok(()))
    }

    /// Takes in what `with` adds (what it came to, and the notes), in one transaction with what `also` writes.
    pub(super) fn take_in<T>(
        &self,
        priority: Priority,
        with: impl FnOnce(&mut Governance) -> Result<(T, Vec<Vec<u8>>), DocumentFault>,
        also: impl FnOnce(&mut Writing<'_>) -> Result<(), NodeFault>,
    ) -> Result<T, NodeFault> {
        let _turn = self.taking_in.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.governance();
        let mut next = Governance::clone(&before);
        let (added, notes) = with(&mut next)?;
        let bounds = what_changed(&before, &next);
        self.transact(priority, |writing| {
            for (key, note) in notes.iter().filter_map(|note| next.kept(note)) {
                writing.tx.put(Book::Document, &document_key(b'd', &[key.as_bytes()]), note.as_bytes())?;
            }
            for (agreement, bound) in &bounds {
                judgement::make_due(writing.tx.as_mut(), agreement, *bound)?;
            }
            also(writing)
        })?;
        self.replace_governance(next);
        Ok(added)
    }
}

/// For each agreement the instant from which records may be decided otherwise than before; agreements for which nothing changed are left out.
fn what_changed(before: &Governance, after: &Governance) -> BTreeMap<AgreementId, Timestamp> {
    let charter = charters_differ(before, after);
    let mut bounds = BTreeMap::new();
    for (id, agreement) in &after.agreements {
        let own = match before.agreements.get(id) {
            None => Some(Timestamp::default()),
            Some(known) => agreements_differ(known, agreement),
        };
        if let Some(bound) = [own, charter].into_iter().flatten().min() {
            bounds.insert(*id, bound);
        }
    }
    for id in before.agreements.keys().filter(|id| !after.agreements.contains_key(id)) {
        bounds.insert(*id, Timestamp::default());
    }
    bounds
}

/// From when on; where something that counted does so no more, from the beginning.
fn charters_differ(before: &Governance, after: &Governance) -> Option<Timestamp> {
    let same = before.charters.iter().zip(&after.charters).all(|(a, b)| a == b);
    if !same || after.charters.len() < before.charters.len() {
        return Some(Timestamp::default());
    }
    after.charters.get(before.charters.len()).map(|charter| charter.from)
}

fn agreements_differ(before: &Agreement, after: &Agreement) -> Option<Timestamp> {
    let same = before.versions.iter().zip(&after.versions).all(|(a, b)| a.hash == b.hash);
    let is_kept = |member, hash| {
        after.notices.get(member).is_some_and(|chain: &Vec<(_, Notice)>| chain.iter().any(|(known, _)| known == hash))
    };
    let kept = before.notices.iter().all(|(member, chain)| chain.iter().all(|(hash, _)| is_kept(member, hash)));
    if !same || !kept || after.versions.len() < before.versions.len() {
        return Some(Timestamp::default());
    }
    let version = after.versions.get(before.versions.len()).map(|version| version.terms.from);
    let is_new = |hash| !before.notices.values().flatten().any(|(known, _)| known == hash);
    let notices = after.notices.values().flatten().filter(|(hash, _)| is_new(hash));
    let notices = notices.map(|(_, notice)| notice.effective);
    version.into_iter().chain(notices).min()
}

//! Documents among the steps: charters, amendments and notices are written, signed one signature at a time and handed in at some member's node; from there
//! they travel by the product's own channels alone. Only who has never heard of an agreement is given its documents as a file, as in life.
//!
//! No two documents of one number or serial are ever written here: what becomes of disputes is tested in `gotong-model`.

use std::collections::BTreeSet;

use gotong_crypto::Digest;
use gotong_model::{AgreementId, ChannelId, Slug, Timestamp, Tlp};
use gotong_store::Book;

use super::{HANDLES, Region, SimNode, TYPES};
use crate::law::{Body, CharterLaw, DocumentNo, Said, TermsLaw, TypeLaw};
use crate::oracle::{Violation, broken};

/// Steps of one node after which it should have nothing to do with documents any more.
const STEPS_MAX: usize = 2_000;
const MINUTE_MS: u64 = 60_000;

fn earlier(at: Timestamp, ms: u64) -> Timestamp {
    let micros = i64::try_from(ms).unwrap_or(0) * 1_000;
    Timestamp::from_micros(at.micros() - micros).unwrap_or(at)
}

impl Region {
    /// Every document as text, and who holds it with whose signatures.
    pub(super) fn documents(&self) -> Vec<String> {
        let text = |(number, document): (usize, &crate::law::Document)| {
            let holders = self.oracle.known.iter().enumerate();
            let holders = holders.filter_map(|(at, known)| Some(format!("{at}: {:?}", known.held.get(&number)?)));
            format!("document {number}, {:?}, held by {}", document.body, holders.collect::<Vec<_>>().join(", "))
        };
        self.oracle.law.documents.iter().enumerate().map(text).collect()
    }

    /// Every party takes in its agreements, and one member its house rule.
    pub(super) fn found(&mut self, firsts: &[DocumentNo]) {
        for number in firsts {
            let Some(terms) = self.oracle.law.terms(*number) else { continue };
            let parties = terms.parties.clone();
            let whole = self.founding.file(&self.oracle.law, *number, &parties.iter().copied().collect());
            for at in parties {
                let node = self.nodes[at].node.as_ref().expect("a node that has just begun");
                node.adopt_agreement(&whole).expect("a whole agreement");
            }
        }
        self.governing_channels = self.find_governing();
        self.found_house();
        self.watch.hide(&self.founding, &self.oracle);
        for at in 0..self.nodes.len() {
            self.learn(at).expect("documents that were just taken in");
        }
    }

    /// Looks at the documents that a node keeps.
    pub(crate) fn learn(&mut self, at: usize) -> Result<(), Violation> {
        let codes: Vec<String> = self.nodes.iter().map(|machine| format!("/{}/root", machine.code)).collect();
        let signer = |name: &str| codes.iter().position(|code| name.ends_with(code.as_str()));
        let machine: &SimNode = &self.nodes[at];
        self.oracle.learn(at, machine.store.look().as_ref(), signer)?;
        Ok(())
    }

    /// The channels in which documents travel: the charter's, and each agreement's own.
    fn find_governing(&self) -> Vec<(ChannelId, Option<usize>)> {
        let region = &self.founding.region;
        let name = |text: &str| Slug::from_text(text).expect("a slug");
        let charter = AgreementId(Digest(*region.as_bytes()));
        let mut all = vec![(ChannelId::standing(region, &charter, &name("charter")), None)];
        for agreement in 0..HANDLES.len() {
            let id = self.founding.agreement_id(&self.oracle.law, agreement);
            all.push((ChannelId::standing(region, &id, &name("governance")), Some(agreement)));
        }
        all
    }

    /// Whether documents travel in a channel.
    pub(crate) fn is_governing(&self, channel: &ChannelId) -> bool {
        self.governing_channels.iter().any(|(id, _)| id == channel)
    }

    /// Whether a member is of a channel in which documents travel, by what a node knows.
    pub(crate) fn governs(&self, knower: usize, channel: &ChannelId, member: usize) -> bool {
        let (law, in_force, now) = (&self.oracle.law, self.oracle.in_force(knower), self.now_of(knower));
        match self.governing_channels.iter().find(|(id, _)| id == channel) {
            Some((_, None)) => in_force.is_member(law, member, now),
            Some((_, Some(agreement))) => in_force.governs(law, *agreement, member, now),
            None => false,
        }
    }

    /// One step of what documents bring with them.
    pub(crate) fn govern(&mut self, at: usize) -> Result<(), Violation> {
        let more = self.govern_once(at)?;
        self.note("govern", || format!("{at} {more:?}"));
        self.check_node(at)
    }

    fn govern_once(&mut self, at: usize) -> Result<Option<bool>, Violation> {
        let Some(node) = self.nodes[at].node.as_ref() else { return Ok(None) };
        let more = node.govern();
        let more = self.settle(at, more)?;
        self.learn(at)?;
        for channel in 0..self.oracle.channels.len() {
            let (machine, oracle) = (&self.nodes[at], &mut self.oracle);
            if oracle.logs.contains_key(&(at, channel)) {
                oracle.absorb_bases(machine.store.look().as_ref(), &machine.code, (at, channel))?;
            }
        }
        Ok(more)
    }

    /// All of it.
    pub(crate) fn govern_all(&mut self, at: usize) -> Result<(), Violation> {
        for _ in 0..STEPS_MAX {
            if self.govern_once(at)? != Some(true) {
                return self.check_node(at);
            }
        }
        broken("5", format!("{} never comes to an end with its documents", self.name(at)))
    }

    /// Judges whatever documents have made due at a node, so that what shows there is certain. `false`: its machine failed.
    pub(crate) fn judged(&mut self, at: usize) -> Result<bool, Violation> {
        self.learn(at)?;
        for _ in 0..STEPS_MAX {
            let due = self.nodes[at].store.look().scan(Book::Meta, b"governing/due/", b"governing/due0", 1);
            if self.nodes[at].node.is_none() {
                return Ok(false);
            }
            if due.is_ok_and(|due| due.is_empty()) {
                return Ok(true);
            }
            if self.govern_once(at)?.is_none() {
                return Ok(false);
            }
        }
        broken("5", format!("{} never comes to an end with judging", self.name(at)))
    }

    /// Somebody writes a document.
    pub(crate) fn sign_something(&mut self, at: usize) -> Result<(), Violation> {
        match self.dice.below(20) {
            0..=7 => self.amend(at),
            8..=17 => self.give_notice(at),
            _ => self.change_charter(),
        }
    }

    /// Signatures that were still to come are handed in.
    pub(crate) fn sign_late(&mut self) -> Result<(), Violation> {
        for _ in 0..2 {
            if !self.unsigned.is_empty() {
                let place = self.dice.below(self.unsigned.len());
                let (number, member, elsewhere) = self.unsigned.remove(place);
                self.hand_in(number, member, elsewhere)?;
            }
        }
        Ok(())
    }

    /// A signature goes to the member's own node, or first to another that the document concerns; where that machine stands still, later.
    fn hand_in(&mut self, number: DocumentNo, member: usize, elsewhere: bool) -> Result<(), Violation> {
        let mut at = member;
        if elsewhere {
            let others: Vec<usize> = (0..self.nodes.len()).filter(|at| self.is_for(number, *at)).collect();
            if !others.is_empty() {
                at = *self.dice.pick(&others);
            }
        }
        self.introduce(number, at)?;
        let file = self.founding.file(&self.oracle.law, number, &BTreeSet::from([member]));
        if !self.adopt(at, &file)? {
            self.unsigned.push((number, member, elsewhere));
        }
        self.note("signature", || format!("{number} by {member} at {at}"));
        self.check_node(at)
    }

    fn adopt(&mut self, at: usize, file: &[u8]) -> Result<bool, Violation> {
        let Some(node) = self.nodes[at].node.as_ref() else { return Ok(false) };
        let added = node.adopt(file);
        let added = self.settle(at, added)?;
        self.learn(at)?;
        Ok(added.is_some())
    }

    /// Whether everybody whom a document concerns reads what a member says of it: whom only a later version names is nobody yet to those who do not have it.
    fn is_for(&self, number: DocumentNo, member: usize) -> bool {
        let law = &self.oracle.law;
        let is_first = |agreement| law.versions(agreement).next().is_some_and(|(_, terms)| terms.names(member));
        match &law.documents[number].body {
            Body::Charter(_) => true,
            Body::Terms(terms) => is_first(terms.agreement),
            Body::Notice(notice) => is_first(notice.agreement),
        }
    }

    /// Who has never heard of an agreement, or has been out of the region, is given what others have of it.
    fn introduce(&mut self, number: DocumentNo, at: usize) -> Result<(), Violation> {
        let law = &self.oracle.law;
        let agreement = match &law.documents[number].body {
            Body::Charter(_) => None,
            Body::Terms(terms) => Some(terms.agreement),
            Body::Notice(notice) => Some(notice.agreement),
        };
        let known = self.oracle.in_force(at);
        if agreement.is_some_and(|agreement| !known.versions[agreement].is_empty()) {
            return Ok(());
        }
        let is_of = |other: usize| match &law.documents[other].body {
            Body::Charter(charter) => charter.number > 1,
            Body::Terms(terms) => agreement == Some(terms.agreement) && other != number,
            Body::Notice(_) => false,
        };
        let mut files = Vec::new();
        for other in (0..law.documents.len()).filter(|other| is_of(*other)) {
            let holders = self.oracle.known.iter().filter_map(|known| known.held.get(&other));
            let signers: BTreeSet<usize> = holders.flatten().copied().collect();
            if !signers.is_empty() {
                files.push(self.founding.file(law, other, &signers));
            }
        }
        for file in files {
            self.adopt(at, &file)?;
        }
        Ok(())
    }

    /// Writes a document down; some sign at once, some later, perhaps at another's node.
    fn put_forward(&mut self, body: Body, signers: &BTreeSet<usize>) -> Result<(), Violation> {
        let number = self.founding.write(&mut self.oracle.law, body);
        self.watch.hide(&self.founding, &self.oracle);
        self.note("document", || format!("{number}, {} to sign", signers.len()));
        for member in signers.iter().copied() {
            let elsewhere = self.dice.chance(20);
            if self.dice.chance(75) {
                self.hand_in(number, member, elsewhere)?;
            } else {
                self.unsigned.push((number, member, elsewhere));
            }
        }
        Ok(())
    }

    /// When something begins: mostly now, sometimes soon, sometimes it has begun already.
    fn beginning(&mut self, not_before: Timestamp) -> Timestamp {
        let now = gotong_model::Clock::now(self.clock.as_ref());
        let minutes = self.dice.below(40) as u64;
        let from = match self.dice.below(10) {
            0..=4 => now,
            5..=7 => now.plus_ms(minutes * MINUTE_MS),
            _ => earlier(now, minutes * MINUTE_MS),
        };
        from.max(not_before)
    }

    fn amend(&mut self, at: usize) -> Result<(), Violation> {
        let agreement = self.dice.below(HANDLES.len());
        let Some((_, newest)) = self.oracle.law.newest_terms(agreement) else { return Ok(()) };
        let (before, mut next) = (newest.clone(), newest.clone());
        next.number += 1;
        next.from = self.beginning(before.from);
        for _ in 0..=self.dice.below(2) {
            self.change_terms(&mut next);
        }
        next.until = next.until.filter(|until| *until > next.from);
        if !before.names(at) {
            return Ok(());
        }
        // Of those who have ended their part no signature is needed; they sign all the same, or not.
        let signers = before.parties.iter().chain(&next.parties).copied().collect();
        self.put_forward(Body::Terms(next), &signers)
    }

    fn change_terms(&mut self, next: &mut TermsLaw) {
        let place = self.dice.below(next.types.len());
        match self.dice.below(9) {
            0 => next.types[place].ceiling = *self.dice.pick(&[Tlp::Green, Tlp::Amber, Tlp::AmberStrict]),
            1 => {
                let kinds: [&[&str]; 3] =
                    [&["stix"], &["stix.indicator", "stix.malware"], &["stix.indicator", "stix.note"]];
                next.types[place].kinds = self.dice.pick(&kinds).to_vec();
            }
            2 => {
                let audience = self.some_of(&next.parties);
                let kind = &mut next.types[place];
                kind.writers.retain(|writer| audience.contains(writer));
                if kind.writers.is_empty() {
                    kind.writers.clone_from(&audience);
                }
                kind.audience = audience;
            }
            3 => next.types[place].writers = self.some_of(&next.types[place].audience.clone()),
            4 => next.types[place].onward = !next.types[place].onward,
            5 => {
                let minutes = 30 + self.dice.below(200) as u64;
                next.until = if next.until.is_some() { None } else { Some(next.from.plus_ms(minutes * MINUTE_MS)) };
            }
            6 => self.change_parties(next),
            7 => {
                let outside: Vec<usize> = (0..self.nodes.len()).filter(|at| !next.parties.contains(at)).collect();
                let types = vec![next.types[place].name];
                next.accession = (!outside.is_empty()).then(|| (outside, types, self.dice.chance(50)));
            }
            _ => self.change_types(next),
        }
        // Candidates are no parties, and types that are gone cannot be acceded to.
        let names: Vec<&str> = next.types.iter().map(|kind| kind.name).collect();
        if let Some((candidates, types, _)) = &mut next.accession {
            candidates.retain(|at| !next.parties.contains(at));
            types.retain(|name| names.contains(name));
        }
        next.accession.take_if(|(candidates, types, _)| candidates.is_empty() || types.is_empty());
    }

    fn some_of(&mut self, all: &[usize]) -> Vec<usize> {
        let some: Vec<usize> = all.iter().copied().filter(|_| self.dice.chance(70)).collect();
        if some.is_empty() { all.to_vec() } else { some }
    }

    fn change_parties(&mut self, next: &mut TermsLaw) {
        let member = self.dice.below(self.nodes.len());
        if !next.parties.contains(&member) {
            next.parties.push(member);
            next.parties.sort_unstable();
            for kind in &mut next.types {
                kind.audience.push(member);
                kind.audience.sort_unstable();
            }
        } else if next.parties.len() > 2 {
            next.parties.retain(|party| *party != member);
            for kind in &mut next.types {
                kind.audience.retain(|party| *party != member);
                kind.writers.retain(|party| *party != member);
                if kind.audience.is_empty() {
                    kind.audience.clone_from(&next.parties);
                }
                if kind.writers.is_empty() {
                    kind.writers.clone_from(&kind.audience);
                }
            }
        }
    }

    fn change_types(&mut self, next: &mut TermsLaw) {
        let all: Vec<&'static str> =
            TYPES.iter().filter(|(of, _)| *of == next.agreement).map(|(_, name)| *name).collect();
        let name = *self.dice.pick(&all);
        if next.types.iter().any(|kind| kind.name == name) {
            if next.types.len() > 1 {
                next.types.retain(|kind| kind.name != name);
            }
            return;
        }
        let audience = self.some_of(&next.parties);
        let writers = audience.clone();
        next.types.push(TypeLaw { name, audience, writers, kinds: vec!["stix"], ceiling: Tlp::Amber, onward: true });
        next.types.sort_by_key(|kind| kind.name);
    }

    fn give_notice(&mut self, at: usize) -> Result<(), Violation> {
        let law = &self.oracle.law;
        let agreement = self.dice.below(HANDLES.len());
        let Some((_, terms)) = law.newest_terms(agreement) else { return Ok(()) };
        if !law.is_ever_named(agreement, at) {
            return Ok(());
        }
        let before = law.newest_notice(agreement, at).map(|(_, notice)| notice.clone());
        let candidates = terms.accession.as_ref().map(|(candidates, ..)| candidates.clone()).unwrap_or_default();
        let said = if candidates.contains(&at) {
            *self.dice.pick(&[Said::Accede, Said::Accede, Said::Accede, Said::Suspend, Said::Resume])
        } else if !candidates.is_empty() && self.dice.chance(50) {
            Said::Consent(*self.dice.pick(&candidates))
        } else if self.dice.chance(8) {
            Said::Terminate
        } else if before.as_ref().is_some_and(|before| before.said == Said::Suspend) {
            Said::Resume
        } else {
            Said::Suspend
        };
        let now = gotong_model::Clock::now(self.clock.as_ref());
        let ago = if self.dice.chance(30) { self.dice.below(40) as u64 * MINUTE_MS } else { 0 };
        let published_at = earlier(now, ago)
            .max(super::start_of_time())
            .max(before.as_ref().map_or(Timestamp::default(), |before| before.published_at));
        let ahead = if self.dice.chance(30) { self.dice.below(40) as u64 * MINUTE_MS } else { 0 };
        let notice = crate::law::NoticeLaw {
            agreement,
            member: at,
            said,
            serial: before.map_or(1, |before| before.serial + 1),
            published_at,
            effective: published_at.plus_ms(ahead),
        };
        self.put_forward(Body::Notice(notice), &BTreeSet::from([at]))
    }

    /// A member leaves the region, or comes back. What is put forward is mostly signed by all of them.
    fn change_charter(&mut self) -> Result<(), Violation> {
        let Some((_, newest)) = self.oracle.law.newest_charter() else { return Ok(()) };
        let (before, number, from) = (newest.members.clone(), newest.number + 1, newest.from);
        let away: Vec<usize> = (0..self.nodes.len()).filter(|at| !before.contains(at)).collect();
        let mut members = before.clone();
        if !away.is_empty() && self.dice.chance(70) {
            members.extend(away);
        } else if before.len() > 2 {
            let all: Vec<usize> = before.iter().copied().collect();
            members.remove(self.dice.pick(&all));
        }
        let grace_ms = *self.dice.pick(&[0, 3_600_000, 86_400_000]);
        let from = self.beginning(from);
        let signers = before.union(&members).copied().collect();
        self.put_forward(Body::Charter(CharterLaw { number, from, members, grace_ms }), &signers)
    }

    /// When everything was delivered: whoever shares a channel of documents with somebody has what that one has.
    pub(crate) fn check_documents(&self) -> Result<(), Violation> {
        for (channel, agreement) in self.governing_channels.clone() {
            let is_in = |number: DocumentNo| match &self.oracle.law.documents[number].body {
                Body::Charter(charter) => agreement.is_none() && charter.number > 1,
                Body::Terms(terms) => agreement == Some(terms.agreement),
                Body::Notice(notice) => agreement == Some(notice.agreement),
            };
            for at in 0..self.nodes.len() {
                for from in (0..self.nodes.len()).filter(|from| *from != at) {
                    let both =
                        |knower: usize| self.governs(knower, &channel, at) && self.governs(knower, &channel, from);
                    if !both(at) || !both(from) {
                        continue;
                    }
                    let has = |(number, signers): (&DocumentNo, &BTreeSet<usize>)| {
                        self.oracle.known[at].held.get(number).is_some_and(|here| signers.is_subset(here))
                    };
                    // Nobody can say which agreement a version belongs to while the one that it stands on is nowhere: it waits where it was handed in.
                    let stands = |number: DocumentNo| match self.oracle.law.terms(number) {
                        Some(terms) => self.oracle.law.versions(terms.agreement).all(|(other, before)| {
                            before.number >= terms.number || self.oracle.known[from].held.contains_key(&other)
                        }),
                        None => true,
                    };
                    let there = self.oracle.known[from].held.iter();
                    let mut there = there.filter(|(number, _)| is_in(**number) && stands(**number));
                    if let Some((number, _)) = there.find(|pair| !has(*pair)) {
                        let text = format!("{} does not have all that {} has of", self.name(at), self.name(from));
                        let document = &self.oracle.law.documents[*number].body;
                        return broken(
                            "5",
                            format!("everything was delivered, and {text} document {number}: {document:?}"),
                        );
                    }
                }
            }
        }
        Ok(())
    }
}

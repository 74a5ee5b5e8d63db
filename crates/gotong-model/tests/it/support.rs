//! A small region made from seeds, with all its keys, and builders of what it signs: charters, agreements, amendments, notices.

use std::collections::BTreeMap;

use gotong_crypto::note;
use gotong_crypto::{Digest, SeededEntropy, SigningKey};
use gotong_model::agreement::{
    Accession, Agreement, Backlog, ChannelType, Clause, Consent, Exit, Notice, NoticeKind, Onward, PartState,
    PersonalData, Terms,
};
use gotong_model::charter::{Charter, Member, MemberRole, Texts};
use gotong_model::document::{self, Purpose, Role};
use gotong_model::governance::Governance;
use gotong_model::statement::Statement;
use gotong_model::{AgreementId, MemberCode, RegionId, Slug, Timestamp, Tlp};
use serde_json::Value;

#[derive(Clone)]
pub(crate) struct Region {
    pub(crate) charter: Charter,
    pub(crate) roots: BTreeMap<MemberCode, SigningKey>,
}

pub(crate) fn code(text: &str) -> MemberCode {
    MemberCode::from_text(text).unwrap()
}

pub(crate) fn codes(texts: &[&str]) -> Vec<MemberCode> {
    texts.iter().map(|text| code(text)).collect()
}

pub(crate) fn slug(text: &str) -> Slug {
    Slug::from_text(text).unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::from_canonical(text).unwrap()
}

/// Midnight of a day of 2026, such as `06-01`.
pub(crate) fn day(text: &str) -> Timestamp {
    at(&format!("2026-{text}T00:00:00.000000Z"))
}

pub(crate) fn english(text: &str) -> Texts {
    Texts::from([("en".to_owned(), text.to_owned())])
}

pub(crate) fn key(seed: u64) -> SigningKey {
    SigningKey::generate(&SeededEntropy::new(seed))
}

impl Region {
    pub(crate) fn of(codes: &[&str]) -> Self {
        let mut roots = BTreeMap::new();
        let mut members = BTreeMap::new();
        for (seed, text) in (1..).zip(codes) {
            let key = key(seed);
            members.insert(code(text), state(text, &key));
            roots.insert(code(text), key);
        }
        let voters: Vec<MemberCode> = members.keys().cloned().collect();
        let charter = Charter {
            number: 1,
            previous: None,
            from: day("01-01"),
            founded_at: day("01-01"),
            name: english("Test region"),
            members,
            at_least: voters.len(),
            voters,
            grace_hours: 24,
        };
        Self { charter, roots }
    }

    /// The same, where so many voters are enough.
    pub(crate) fn with_quorum(codes: &[&str], at_least: usize) -> Self {
        let mut region = Self::of(codes);
        region.charter.at_least = at_least;
        region
    }

    pub(crate) fn id(&self) -> RegionId {
        self.charter.region()
    }

    pub(crate) fn governance(&self) -> Governance {
        Governance::from_charter(self.charter_note().as_bytes()).unwrap()
    }

    pub(crate) fn line(&self, text: &str, signer: &str, key: &SigningKey) -> note::SignatureLine {
        note::sign_line(text, &document::signer_name(&self.id(), &code(signer), Role::Root), key)
    }

    /// A document under keys that may be others than the members' own.
    pub(crate) fn sign_with(&self, purpose: Purpose, value: &Value, signers: &[(&str, &SigningKey)]) -> String {
        let text = document::text(&self.id(), purpose, value);
        let lines = signers.iter().map(|(signer, key)| self.line(&text, signer, key)).collect();
        note::Note { text, lines }.encode()
    }

    pub(crate) fn sign(&self, purpose: Purpose, value: &Value, signers: &[&str]) -> String {
        let signers: Vec<_> = signers.iter().map(|signer| (*signer, &self.roots[&code(signer)])).collect();
        self.sign_with(purpose, value, &signers)
    }

    /// Signs a charter by everyone, under the region that its own bytes hash to.
    pub(crate) fn sign_by_all(&self, purpose: Purpose, value: &Value) -> String {
        let region = RegionId(gotong_model::charter::hash(&gotong_model::json::canonical(value)));
        let text = document::text(&region, purpose, value);
        let lines = self
            .roots
            .iter()
            .map(|(member, key)| note::sign_line(&text, &document::signer_name(&region, member, Role::Root), key))
            .collect();
        note::Note { text, lines }.encode()
    }

    pub(crate) fn charter_note(&self) -> String {
        self.sign_by_all(Purpose::Charter, &self.charter.to_value())
    }

    pub(crate) fn charter_signed(&self, charter: &Charter, signers: &[&str]) -> String {
        self.sign(Purpose::Charter, &charter.to_value(), signers)
    }

    pub(crate) fn signed(&self, terms: &Terms, signers: &[&str]) -> String {
        self.sign(Purpose::Agreement, &terms.to_value(), signers)
    }

    pub(crate) fn agreed(&self, terms: &Terms) -> String {
        let parties: Vec<&str> = terms.parties.iter().map(MemberCode::as_str).collect();
        self.signed(terms, &parties)
    }

    pub(crate) fn noticed(&self, notice: &Notice) -> String {
        notice.sign(&self.id(), &self.roots[&notice.member])
    }

    pub(crate) fn agreement_id(&self, terms: &Terms) -> AgreementId {
        AgreementId(terms.hash(&self.id()))
    }

    pub(crate) fn statement(&self, member: &str, serial: u64, previous: Option<&Statement>) -> Statement {
        Statement {
            member: code(member),
            serial,
            previous: previous.map(Statement::hash),
            issued_at: at("2026-01-02T00:00:00.000000Z"),
            node_key: key(100 + serial).public(),
            tls_keys: vec![Digest([7; 32])],
            sealing_key: None,
            addresses: vec!["127.0.0.1:9401".to_owned()],
        }
    }

    pub(crate) fn terms(&self, parties: &[&str]) -> Terms {
        let clause =
            |number: &str| Clause { number: number.to_owned(), title: english("Title"), text: english("Text.") };
        Terms {
            number: 1,
            previous: None,
            handle: slug("rti"),
            title: english("Regional threat indicators"),
            purpose: "defence".to_owned(),
            legal_basis: "memorandum".to_owned(),
            parties: codes(parties),
            parties_clause: "1".to_owned(),
            from: day("01-01"),
            until: Some(at("2027-01-01T00:00:00.000000Z")),
            dates_clause: "2".to_owned(),
            clauses: ["1", "2", "3", "3.1", "3.2"].map(clause).into(),
            channel_types: vec![channel_type("indicators", parties)],
            prohibitions: Vec::new(),
            duties: Vec::new(),
            accession: None,
            amendment_clause: "2".to_owned(),
            suspension_clause: "2".to_owned(),
            termination_clause: "2".to_owned(),
            notice_days: 30,
            grace_hours: None,
            supersedes: Vec::new(),
            nonce: [5; 16],
        }
    }

    /// The next version of some terms, from a day on, with nothing else changed.
    pub(crate) fn amended(&self, terms: &Terms, from: Timestamp) -> Terms {
        Terms { number: terms.number + 1, previous: Some(terms.hash(&self.id())), from, ..terms.clone() }
    }

    /// A notice after another, given and effective on one day.
    pub(crate) fn notice(
        &self,
        about: AgreementId,
        member: &str,
        kind: NoticeKind,
        effective: Timestamp,
        after: Option<&Notice>,
    ) -> Notice {
        Notice {
            agreement: about,
            member: code(member),
            notice: kind,
            subject: None,
            serial: after.map_or(1, |before| before.serial + 1),
            previous: after.map(|before| before.hash(&self.id())),
            published_at: effective,
            effective,
            reason: None,
        }
    }

    pub(crate) fn consent(
        &self,
        about: AgreementId,
        member: &str,
        subject: &str,
        effective: Timestamp,
        after: Option<&Notice>,
    ) -> Notice {
        let bare = self.notice(about, member, NoticeKind::Consent, effective, after);
        Notice { subject: Some(code(subject)), ..bare }
    }
}

pub(crate) fn state(text: &str, key: &SigningKey) -> Member {
    Member { code: code(text), name: english(text), role: MemberRole::State, root_key: key.public() }
}

/// The charter after another, from a day on, with nothing else changed.
pub(crate) fn succeeding(charter: &Charter, from: Timestamp) -> Charter {
    Charter { number: charter.number + 1, previous: Some(charter.hash()), from, ..charter.clone() }
}

pub(crate) fn channel_type(name: &str, parties: &[&str]) -> ChannelType {
    let clause = || "3".to_owned();
    ChannelType {
        name: slug(name),
        clause: clause(),
        audience: codes(parties),
        writers: codes(parties),
        kinds: vec!["stix.indicator".to_owned(), "stix.marking-definition".to_owned()],
        kinds_clause: "3.1".to_owned(),
        ceiling: Tlp::Amber,
        ceiling_clause: "3.2".to_owned(),
        purpose: "defence".to_owned(),
        onward: Onward::None,
        onward_clause: clause(),
        personal_data: PersonalData::None,
        personal_data_clause: clause(),
        backlog: Backlog::All,
        exit: Exit::Keep,
        exit_clause: clause(),
        retention_days: None,
        retention_clause: clause(),
        exercise: false,
    }
}

pub(crate) fn accession(candidates: &[&str], consent: Consent) -> Accession {
    Accession { clause: "3".to_owned(), candidates: codes(candidates), types: vec![slug("indicators")], consent }
}

/// Takes in notes that must all be read, each alone.
pub(crate) fn add<S: AsRef<str>>(governance: &mut Governance, notes: impl IntoIterator<Item = S>) {
    for note in notes {
        governance.add(note.as_ref().as_bytes()).unwrap();
    }
}

/// How a member's part stands; `None` is no part.
pub(crate) fn part(governance: &Governance, id: AgreementId, member: &str, at: Timestamp) -> Option<PartState> {
    let agreement: &Agreement = &governance.agreements[&id];
    governance.standing(agreement, at).parts.get(&code(member)).map(|part| part.state)
}

/// Numbers of the versions that count.
pub(crate) fn numbers(governance: &Governance, id: AgreementId) -> Vec<u64> {
    governance.agreements[&id].versions.iter().map(|version| version.terms.number).collect()
}

/// A note with some of the lines of another.
pub(crate) fn with_lines(note: &str, keep: impl Fn(&str) -> bool) -> String {
    let mut parsed = note::parse(note.as_bytes()).unwrap();
    parsed.lines.retain(|line| keep(&line.name));
    parsed.encode()
}

/// A source of numbers that its seed repeats.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(0x9e37_79b9_7f4a_7c15))
    }

    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 20).unwrap() % sides
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.roll(last + 1));
        }
    }
}

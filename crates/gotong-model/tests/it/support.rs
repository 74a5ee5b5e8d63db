//! A small region made from seeds, with all its keys.

use std::collections::BTreeMap;

use gotong_crypto::note;
use gotong_crypto::{Digest, SeededEntropy, SigningKey};
use gotong_model::agreement::{ChannelType, Clause, Onward, PersonalData, Terms};
use gotong_model::charter::{Charter, Member, MemberRole, Texts};
use gotong_model::document::{self, Purpose, Role};
use gotong_model::statement::Statement;
use gotong_model::{MemberCode, RegionId, Slug, Timestamp, Tlp};
use serde_json::Value;

pub(crate) struct Region {
    pub(crate) charter: Charter,
    pub(crate) roots: BTreeMap<MemberCode, SigningKey>,
}

pub(crate) fn code(text: &str) -> MemberCode {
    MemberCode::from_text(text).unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::from_canonical(text).unwrap()
}

fn english(text: &str) -> Texts {
    Texts::from([("en".to_owned(), text.to_owned())])
}

impl Region {
    pub(crate) fn of(codes: &[&str]) -> Self {
        let mut roots = BTreeMap::new();
        let mut members = BTreeMap::new();
        for (seed, text) in (1..).zip(codes) {
            let key = SigningKey::generate(&SeededEntropy::new(seed));
            let member =
                Member { code: code(text), name: english(text), role: MemberRole::State, root_key: key.public() };
            members.insert(code(text), member);
            roots.insert(code(text), key);
        }
        let voters: Vec<MemberCode> = members.keys().cloned().collect();
        let charter = Charter {
            founded_at: at("2026-01-01T00:00:00.000000Z"),
            name: english("Test region"),
            members,
            at_least: voters.len(),
            voters,
            grace_hours: 24,
        };
        Self { charter, roots }
    }

    pub(crate) fn id(&self) -> RegionId {
        self.charter.region()
    }

    pub(crate) fn sign(&self, purpose: Purpose, value: &Value, signers: &[&str]) -> String {
        let text = document::text(&self.id(), purpose, value);
        let lines = signers
            .iter()
            .map(|signer| {
                let member = code(signer);
                note::sign_line(&text, &document::signer_name(&self.id(), &member, Role::Root), &self.roots[&member])
            })
            .collect();
        note::Note { text, lines }.encode()
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

    pub(crate) fn statement(&self, member: &str, serial: u64, previous: Option<&Statement>) -> Statement {
        Statement {
            member: code(member),
            serial,
            previous: previous.map(Statement::hash),
            issued_at: at("2026-01-02T00:00:00.000000Z"),
            node_key: SigningKey::generate(&SeededEntropy::new(100 + serial)).public(),
            tls_keys: vec![Digest([7; 32])],
            sealing_key: None,
            addresses: vec!["127.0.0.1:9401".to_owned()],
        }
    }

    pub(crate) fn terms(&self, parties: &[&str]) -> Terms {
        let parties: Vec<MemberCode> = parties.iter().map(|party| code(party)).collect();
        let clause =
            |number: &str| Clause { number: number.to_owned(), title: english("Title"), text: english("Text.") };
        Terms {
            handle: Slug::from_text("rti").unwrap(),
            title: english("Regional threat indicators"),
            purpose: "defence".to_owned(),
            legal_basis: "memorandum".to_owned(),
            parties: parties.clone(),
            parties_clause: "1".to_owned(),
            from: at("2026-01-01T00:00:00.000000Z"),
            until: Some(at("2027-01-01T00:00:00.000000Z")),
            dates_clause: "2".to_owned(),
            clauses: ["1", "2", "3", "3.1", "3.2"].map(clause).into(),
            channel_types: vec![ChannelType {
                name: Slug::from_text("indicators").unwrap(),
                clause: "3".to_owned(),
                audience: parties,
                kinds: vec!["stix.indicator".to_owned(), "stix.marking-definition".to_owned()],
                kinds_clause: "3.1".to_owned(),
                ceiling: Tlp::Amber,
                ceiling_clause: "3.2".to_owned(),
                purpose: "defence".to_owned(),
                onward: Onward::None,
                personal_data: PersonalData::None,
            }],
            nonce: [5; 16],
        }
    }
}

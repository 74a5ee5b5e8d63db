//! Documents from their plain data: real charters, agreements, notices and house rules, signed with the members' roots, as few or as many as are asked for.
//!
//! What they mean is not said here: that is `law.rs` for the simulated region, and the product for its nodes.

use std::collections::BTreeSet;

use gotong_crypto::note::{self, Note};
use gotong_crypto::{Digest, Entropy, SeededEntropy};
use gotong_model::agreement::{Accession, ChannelType, Consent, Exit, Notice, NoticeKind, Onward, Terms};
use gotong_model::charter::Charter;
use gotong_model::document::{self, Purpose, Role};
use gotong_model::house::{Class, HouseRule, Reads, ReadsHouse};
use gotong_model::{AgreementId, MemberCode, Slug, Timestamp, Tlp};

use super::{Founding, clause, english, member};
use crate::law::{Body, CharterLaw, Document, DocumentNo, Law, NoticeLaw, Said, TermsLaw};

const HOUR_MS: u64 = 3_600_000;

fn slug(name: &str) -> Slug {
    Slug::from_text(name).expect("a slug")
}

impl Founding {
    /// The region's first charter as plain data, the first document of all.
    pub fn begin_law(&self, handles: &[&'static str], from: Timestamp) -> Law {
        let mut law = Law::new(handles);
        let members = (0..self.members.len()).collect();
        let body = Body::Charter(CharterLaw { number: 1, from, members, grace_ms: 24 * HOUR_MS });
        let text = note::parse(&self.charter).expect("the charter").text;
        law.write(Document { body, hash: Digest(*self.region.as_bytes()), text });
        law
    }

    /// The id that an agreement has or will have.
    pub fn agreement_id(&self, law: &Law, agreement: usize) -> AgreementId {
        let first = law.versions(agreement).find(|(_, terms)| terms.number == 1);
        AgreementId(first.map(|(number, _)| law.documents[number].hash).expect("a first version"))
    }

    /// Writes a document down, unsigned.
    pub fn write(&self, law: &mut Law, body: Body) -> DocumentNo {
        let (purpose, value, hash) = match &body {
            Body::Charter(plan) => {
                let charter = self.charter_of(law, plan);
                (Purpose::Charter, charter.to_value(), charter.hash())
            }
            Body::Terms(plan) => {
                let terms = self.terms_of(law, plan);
                (Purpose::Agreement, terms.to_value(), terms.hash(&self.region))
            }
            Body::Notice(plan) => {
                let notice = self.notice_of(law, plan);
                (Purpose::Notice, notice.to_value(), notice.hash(&self.region))
            }
        };
        let text = document::text(&self.region, purpose, &value);
        law.write(Document { body, hash, text })
    }

    /// A document as a file, with the signatures of some.
    pub fn file(&self, law: &Law, number: DocumentNo, signers: &BTreeSet<usize>) -> Vec<u8> {
        let text = law.documents[number].text.clone();
        let sign = |at: &usize| {
            let keys = &self.members[*at];
            note::sign_line(&text, &document::signer_name(&self.region, &keys.code, Role::Root), &keys.root)
        };
        let lines = signers.iter().map(sign).collect();
        Note { text, lines }.encode().into_bytes()
    }

    fn codes<'a>(&self, places: impl IntoIterator<Item = &'a usize>) -> Vec<MemberCode> {
        places.into_iter().map(|at| self.members[*at].code.clone()).collect()
    }

    fn charter_of(&self, law: &Law, plan: &CharterLaw) -> Charter {
        let previous = law.newest_charter().map(|(number, _)| law.documents[number].hash);
        let (first, _) = Charter::from_note(&self.charter).expect("the charter");
        let members = plan.members.iter().map(|at| (self.members[*at].code.clone(), member(&self.members[*at])));
        Charter {
            number: plan.number,
            previous,
            from: plan.from,
            members: members.collect(),
            voters: self.codes(&plan.members),
            at_least: plan.members.len(),
            grace_hours: plan.grace_ms / HOUR_MS,
            ..first
        }
    }

    fn terms_of(&self, law: &Law, plan: &TermsLaw) -> Terms {
        let previous = law.newest_terms(plan.agreement).map(|(number, _)| law.documents[number].hash);
        let clauses = vec![clause("1", "Parties"), clause("2", "Dates"), clause("3", "Channels")];
        let kinds = plan.types.iter().map(|kind| ChannelType {
            writers: self.codes(&kind.writers),
            kinds: kind.kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            ceiling: kind.ceiling,
            // Who has left passes nothing on: what constituents are given follows from the part alone.
            exit: Exit::Freeze,
            onward: if kind.onward { Onward::Constituents } else { Onward::None },
            ..ChannelType::usual(slug(kind.name), "3", self.codes(&kind.audience), "Tests")
        });
        let accession = plan.accession.as_ref().map(|(candidates, types, consent)| Accession {
            clause: "1".to_owned(),
            candidates: self.codes(candidates),
            types: types.iter().map(|name| slug(name)).collect(),
            consent: if *consent { Consent::All } else { Consent::None },
        });
        let mut nonce = [0; 16];
        let seed = u64::from_be_bytes(*self.region.as_bytes().first_chunk().expect("an id"));
        SeededEntropy::new(seed ^ plan.agreement as u64).fill(&mut nonce);
        Terms {
            number: plan.number,
            previous,
            until: plan.until,
            dates_clause: "2".to_owned(),
            channel_types: kinds.collect(),
            accession,
            grace_hours: plan.grace_ms.map(|ms| ms / HOUR_MS),
            notice_days: 0,
            nonce,
            ..Terms::usual(slug(law.handles[plan.agreement]), self.codes(&plan.parties), plan.from, clauses)
        }
    }

    fn notice_of(&self, law: &Law, plan: &NoticeLaw) -> Notice {
        let before = law.newest_notice(plan.agreement, plan.member);
        Notice {
            agreement: self.agreement_id(law, plan.agreement),
            member: self.members[plan.member].code.clone(),
            notice: match plan.said {
                Said::Suspend => NoticeKind::Suspend,
                Said::Resume => NoticeKind::Resume,
                Said::Terminate => NoticeKind::Terminate,
                Said::Accede => NoticeKind::Accede,
                Said::Consent(_) => NoticeKind::Consent,
            },
            subject: if let Said::Consent(candidate) = plan.said {
                Some(self.members[candidate].code.clone())
            } else {
                None
            },
            serial: plan.serial,
            previous: before.map(|(number, _)| law.documents[number].hash),
            published_at: plan.published_at,
            effective: plan.effective,
            reason: None,
        }
    }

    /// The house rule of a member: every class has channels of its own; the first is given the agreements' records up to green and the member's notices up to
    /// amber, the others nothing.
    pub fn house_rule(&self, member: usize, classes: &[&str], from: Timestamp) -> HouseRule {
        let parties = self.codes(&[member]);
        let kind = |name: &str| ChannelType::usual(slug(name), "1", parties.clone(), "the member's own");
        let reads = Reads { agreement: None, types: Vec::new(), ceiling: Tlp::Green, clause: "2".to_owned() };
        let reads_house = ReadsHouse { types: vec![slug("notices")], ceiling: Tlp::Amber, clause: "2".to_owned() };
        let class = |(at, name): (usize, &&str)| Class {
            class: slug(name),
            clause: "2".to_owned(),
            name: english(name),
            own: Some(slug("reports")),
            reads: if at == 0 { vec![reads.clone()] } else { Vec::new() },
            reads_house: if at == 0 { vec![reads_house.clone()] } else { Vec::new() },
        };
        let clauses = vec![clause("1", "Channels"), clause("2", "Constituents")];
        HouseRule {
            terms: Terms {
                channel_types: vec![kind("notices"), kind("reports")],
                ..Terms::usual(slug("house"), parties.clone(), from, clauses)
            },
            classes: classes.iter().enumerate().map(class).collect(),
        }
    }
}

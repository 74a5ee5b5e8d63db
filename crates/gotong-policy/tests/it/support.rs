//! A region made from seeds, and what it signs: a charter, agreements, notices. Questions are put as a liaison officer would.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use gotong_crypto::{SeededEntropy, SigningKey, note};
use gotong_model::agreement::{
    Backlog, ChannelType, Clause, Exit, Notice, NoticeKind, Onward, PersonalData, Prohibition, Terms,
};
use gotong_model::charter::{Charter, Member, MemberRole, Texts};
use gotong_model::control::Basis;
use gotong_model::document::{self, Purpose, Role};
use gotong_model::governance::Governance;
use gotong_model::house::{Class, HouseRule, Reads};
use gotong_model::{AgreementId, ChannelId, MemberCode, Personal, Slug, Timestamp, Tlp};
use gotong_policy::{Act, Constituent, Decision, Question, Reader, ReaderClass, Row, Subject, decide};

pub(crate) fn code(text: &str) -> MemberCode {
    MemberCode::from_text(text).unwrap()
}

pub(crate) fn codes(texts: &[&str]) -> Vec<MemberCode> {
    texts.iter().map(|text| code(text)).collect()
}

pub(crate) fn slug(text: &str) -> Slug {
    Slug::from_text(text).unwrap()
}

/// Midnight of a day, such as `2026-06-01`.
pub(crate) fn day(text: &str) -> Timestamp {
    Timestamp::parse(&format!("{text}T00:00:00Z")).unwrap()
}

fn english(text: &str) -> Texts {
    Texts::from([("en".to_owned(), text.to_owned())])
}

/// Terms from 2026-03-01 to 2027-03-01 with clauses 1 to 12 and one channel type.
pub(crate) fn terms(handle: &str, parties: &[&str], kind: ChannelType) -> Terms {
    let numbers = ["1", "2", "3", "3.1", "3.2", "4", "5", "5.1", "5.2", "6", "7", "8", "9", "10", "11", "12"];
    let clause = |number: &str| Clause { number: number.to_owned(), title: english("Title"), text: english("Text.") };
    Terms {
        number: 1,
        previous: None,
        handle: slug(handle),
        title: english(handle),
        purpose: "defence".to_owned(),
        legal_basis: "memorandum".to_owned(),
        parties: codes(parties),
        parties_clause: "1".to_owned(),
        from: day("2026-03-01"),
        until: Some(day("2027-03-01")),
        dates_clause: "2".to_owned(),
        clauses: numbers.map(clause).into(),
        channel_types: vec![kind],
        prohibitions: Vec::new(),
        duties: Vec::new(),
        accession: None,
        amendment_clause: "8".to_owned(),
        suspension_clause: "11".to_owned(),
        termination_clause: "12".to_owned(),
        notice_days: 30,
        grace_hours: None,
        supersedes: Vec::new(),
        nonce: [5; 16],
    }
}

pub(crate) fn channel_type(name: &str, audience: &[&str], kinds: &[&str], ceiling: Tlp) -> ChannelType {
    ChannelType {
        name: slug(name),
        clause: "3".to_owned(),
        audience: codes(audience),
        writers: codes(audience),
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        kinds_clause: "3.1".to_owned(),
        ceiling,
        ceiling_clause: "3.2".to_owned(),
        purpose: "defence".to_owned(),
        onward: Onward::None,
        onward_clause: "4".to_owned(),
        personal_data: PersonalData::None,
        personal_data_clause: "5".to_owned(),
        backlog: Backlog::All,
        exit: Exit::Keep,
        exit_clause: "10".to_owned(),
        retention_days: None,
        retention_clause: "7".to_owned(),
        exercise: false,
    }
}

pub(crate) fn prohibition(clause: &str, act: gotong_model::agreement::Act) -> Prohibition {
    Prohibition {
        clause: clause.to_owned(),
        act,
        types: Vec::new(),
        kinds: Vec::new(),
        members: Vec::new(),
        tlp_above: None,
    }
}

/// A first house rule of a member with clauses 1 to 12 and these types and classes, from 2026-01-01 on.
pub(crate) fn house_rule(member: &str, kinds: Vec<ChannelType>, classes: Vec<Class>) -> HouseRule {
    let bare = terms("house", &[member], channel_type("t", &[member], &["stix"], Tlp::Red));
    let terms = Terms { channel_types: kinds, from: day("2026-01-01"), until: None, ..bare };
    HouseRule { terms, classes }
}

/// A class that is given nothing.
pub(crate) fn class(name: &str) -> Class {
    Class {
        class: slug(name),
        clause: "9".to_owned(),
        name: english(name),
        own: None,
        reads: vec![],
        reads_house: vec![],
    }
}

/// What lets a class read all that agreements let go on.
pub(crate) fn all_that_goes_on() -> Reads {
    Reads { agreement: None, types: Vec::new(), ceiling: Tlp::Red, clause: "9".to_owned() }
}

static ANYBODY: LazyLock<(Slug, Slug)> = LazyLock::new(|| (slug("anybody"), slug("any")));

/// Somebody of the class to which every member's house rule gives all that agreements let go on.
pub(crate) fn constituent() -> ReaderClass<'static> {
    let (organisation, class) = &*ANYBODY;
    ReaderClass::Constituent(Constituent { organisation, class })
}

/// A region and what it has signed.
pub(crate) struct Desk {
    pub(crate) governance: Governance,
    roots: BTreeMap<MemberCode, SigningKey>,
    serials: BTreeMap<(AgreementId, MemberCode), Notice>,
    /// What short names of channels stand for.
    pub(crate) handle: String,
}

pub(crate) const MEMBERS: &[&str] = &["id", "jp", "th", "vn"];

impl Desk {
    /// A region of Indonesia, Japan, Thailand and Viet Nam where these terms are signed.
    pub(crate) fn of(terms: &Terms) -> Self {
        let mut roots = BTreeMap::new();
        let mut members = BTreeMap::new();
        for (seed, text) in (1..).zip(MEMBERS) {
            let key = SigningKey::generate(&SeededEntropy::new(seed));
            let (name, role) = (english(&text.to_uppercase()), MemberRole::State);
            members.insert(code(text), Member { code: code(text), name, role, root_key: key.public() });
            roots.insert(code(text), key);
        }
        let voters: Vec<MemberCode> = members.keys().cloned().collect();
        let charter = Charter {
            number: 1,
            previous: None,
            from: day("2026-01-01"),
            founded_at: day("2026-01-01"),
            name: english("Test region"),
            members,
            at_least: voters.len(),
            voters: voters.clone(),
            grace_hours: 24,
        };
        let value = charter.to_value();
        let note = sign(&charter.region(), Purpose::Charter, &value, &roots, &voters);
        let governance = Governance::from_charter(note.as_bytes()).unwrap();
        let mut desk = Self { governance, roots, serials: BTreeMap::new(), handle: terms.handle.to_string() };
        for member in MEMBERS {
            desk.sign_house(&house_rule(
                member,
                vec![],
                vec![Class { reads: vec![all_that_goes_on()], ..class("any") }],
            ));
        }
        desk.sign(terms);
        desk
    }

    /// Signs terms by their parties, as the next version where they say so.
    pub(crate) fn sign(&mut self, terms: &Terms) {
        let region = self.governance.region;
        let note = sign(&region, Purpose::Agreement, &terms.to_value(), &self.roots, &terms.parties);
        self.governance.add_agreement(note.as_bytes()).unwrap();
    }

    /// Signs a house rule by its member.
    pub(crate) fn sign_house(&mut self, rule: &HouseRule) {
        let member = rule.member().unwrap();
        let note = rule.sign(&self.governance.region, member, &self.roots[member]);
        self.governance.add(note.as_bytes()).unwrap();
    }

    /// The next version of the terms, to be changed and signed.
    pub(crate) fn amend(&self, from: &str) -> Terms {
        let agreement = self.governance.agreements.values().next().unwrap();
        let newest = agreement.versions.last().unwrap();
        Terms { number: newest.terms.number + 1, previous: Some(newest.hash), from: day(from), ..newest.terms.clone() }
    }

    /// A notice of a member about its part, given and effective at once.
    pub(crate) fn notice(&mut self, member: &str, kind: NoticeKind, subject: Option<&str>, on: &str) {
        let agreement = *self.governance.agreements.keys().next().unwrap();
        let place = (agreement, code(member));
        let before = self.serials.get(&place);
        let notice = Notice {
            agreement,
            member: code(member),
            notice: kind,
            subject: subject.map(code),
            serial: before.map_or(1, |before| before.serial + 1),
            previous: before.map(|before| before.hash(&self.governance.region)),
            published_at: day(on),
            effective: day(on),
            reason: None,
        };
        let note = notice.sign(&self.governance.region, &self.roots[&code(member)]);
        self.governance.add(note.as_bytes()).unwrap();
        self.serials.insert(place, notice);
    }

    pub(crate) fn channel(&self, name: &str) -> ChannelId {
        let channel = self.governance.channel_by_name(&format!("{}/{name}", self.handle));
        channel.or_else(|| self.governance.channel_by_name(name)).unwrap().id
    }

    pub(crate) fn publish(&self, member: &str, channel: &str, kind: &str, tlp: Tlp, on: &str) -> Decision {
        let member = code(member);
        let subject = Subject {
            member: &member,
            channel: self.channel(channel),
            kind,
            tlp: Some(tlp),
            personal: Personal::None,
            at: day(on),
            organisation: None,
        };
        decide(&self.governance, &Question::Publish(subject))
    }

    /// What an author who knows the documents of this desk may have admitted at another.
    pub(crate) fn admit(&self, basis: &Basis, member: &str, (kind, tlp): (&str, Tlp), on: &str) -> Decision {
        let member = code(member);
        let channel = self.governance.agreements.values().next().unwrap();
        let channel = channel.channel(&self.governance.region, &channel.versions[0].terms.channel_types[0]);
        let subject = Subject {
            member: &member,
            channel,
            kind,
            tlp: Some(tlp),
            personal: Personal::None,
            at: day(on),
            organisation: None,
        };
        decide(&self.governance, &Question::Admit { subject, basis })
    }

    pub(crate) fn basis(&self) -> Basis {
        self.governance.basis(self.governance.agreements.values().next().unwrap())
    }

    pub(crate) fn view(&self, member: &str, channel: &str, row: Option<(&str, Tlp)>, on: &str) -> Decision {
        self.read(member, channel, ReaderClass::Staff, row, on)
    }

    pub(crate) fn constituent(&self, member: &str, channel: &str, row: Option<(&str, Tlp)>, on: &str) -> Decision {
        self.read(member, channel, constituent(), row, on)
    }

    fn read(
        &self,
        member: &str,
        channel: &str,
        class: ReaderClass<'_>,
        row: Option<(&str, Tlp)>,
        on: &str,
    ) -> Decision {
        let member = code(member);
        let row = row.map(|(kind, tlp)| Row { kind, tlp: Some(tlp) });
        let reader = Reader { channels: None, class };
        let (channel, at) = (self.channel(channel), day(on));
        decide(&self.governance, &Question::View { member: &member, channel, reader, row, at })
    }

    pub(crate) fn act(&self, member: &str, channel: &str, act: Act, row: Option<(&str, Tlp)>, on: &str) -> Decision {
        let member = code(member);
        let row = row.map(|(kind, tlp)| Row { kind, tlp: Some(tlp) });
        let (channel, at) = (self.channel(channel), day(on));
        decide(&self.governance, &Question::Act { member: &member, channel, act, row, at })
    }
}

fn sign(
    region: &gotong_model::RegionId,
    purpose: Purpose,
    value: &serde_json::Value,
    roots: &BTreeMap<MemberCode, SigningKey>,
    signers: &[MemberCode],
) -> String {
    let text = document::text(region, purpose, value);
    let line =
        |code: &MemberCode| note::sign_line(&text, &document::signer_name(region, code, Role::Root), &roots[code]);
    let lines = signers.iter().map(line).collect();
    note::Note { text, lines }.encode()
}

/// What a liaison officer expects: that it is permitted, that it is as if there were no channel, or which clause refuses it by which message.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expect {
    Yes,
    Nothing,
    No(&'static str, &'static str),
}

/// Compares decisions with what is expected of them; the first of each is what somebody would say.
pub(crate) fn check(rows: &[(&str, Decision, Expect)]) {
    for (what, decision, expect) in rows {
        let refusal = decision.refusal().map(|ground| (ground.clause.as_str(), ground.id));
        match expect {
            Expect::Yes => {
                assert!(decision.permitted, "{what}: {decision:#?}");
                assert!(refusal.is_none() && !decision.grounds.is_empty(), "{what}: {decision:#?}");
            }
            Expect::Nothing => {
                assert!(!decision.permitted && decision.grounds.is_empty(), "{what}: {decision:#?}");
            }
            Expect::No(clause, id) => {
                assert!(!decision.permitted, "{what}: {decision:#?}");
                assert_eq!(refusal, Some((*clause, *id)), "{what}: {decision:#?}");
            }
        }
    }
}

//! Golden documents in `testdata/governance`, for this implementation and for others. `GOTONG_BLESS=1` writes them again; what changes then is a
//! change of the protocol. Each holds every field of its kind with a value that is not the usual one.

use std::path::PathBuf;

use gotong_model::agreement::{
    Act, Backlog, ChannelType, Consent, Duty, DutyKind, Exit, Notice, NoticeKind, Onward, PersonalData, Prohibition,
    Terms,
};
use gotong_model::charter::Charter;
use gotong_model::house::{Class, HouseRule, Reads, ReadsHouse};
use gotong_model::json;
use gotong_model::{Slug, Tlp};
use serde_json::{Value, json};

use crate::support::{Region, accession, channel_type, code, codes, day, english, key, slug, state, succeeding};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/governance").join(name)
}

/// What stands in a file; with `GOTONG_BLESS` what is made here is written first.
fn frozen(name: &str, made: &[u8]) -> Vec<u8> {
    if std::env::var_os("GOTONG_BLESS").is_some() {
        std::fs::create_dir_all(path("")).unwrap();
        std::fs::write(path(name), made).unwrap();
    }
    std::fs::read(path(name)).unwrap()
}

pub(crate) fn region() -> Region {
    Region::with_quorum(&["id", "my", "th", "vn"], 3)
}

pub(crate) fn full_charter() -> Charter {
    let mut next = succeeding(&region().charter, day("06-01"));
    let mut partner = state("jp", &key(9));
    partner.role = gotong_model::charter::MemberRole::Partner;
    partner.name.insert("ja".to_owned(), "日本".to_owned());
    next.members.insert(code("jp"), partner);
    next.members.get_mut(&code("id")).unwrap().role = gotong_model::charter::MemberRole::Coordinator;
    next.voters = codes(&["my", "th", "vn"]);
    next.at_least = 2;
    next.grace_hours = 8_760;
    next
}

pub(crate) fn full_terms() -> Terms {
    let region = region();
    let mut terms = region.terms(&["id", "th", "vn"]);
    terms.title.insert("id".to_owned(), "Indikator ancaman — regional".to_owned());
    let mut incidents = channel_type("incidents", &["id", "th"]);
    incidents.writers = codes(&["th"]);
    incidents.kinds = vec!["stix".to_owned()];
    incidents.ceiling = Tlp::Red;
    incidents.onward = Onward::Constituents;
    incidents.personal_data = PersonalData::Pseudonymised;
    incidents.backlog = Backlog::None;
    incidents.exit = Exit::Erase;
    incidents.retention_days = Some(365);
    incidents.exercise = true;
    terms.channel_types.insert(0, incidents);
    let kinds = |kind: &str| vec![kind.to_owned()];
    terms.prohibitions = vec![
        Prohibition {
            clause: "3.1".to_owned(),
            act: Act::Publish,
            types: Vec::new(),
            kinds: kinds("stix.email-addr"),
            members: Vec::new(),
            tlp_above: None,
        },
        Prohibition {
            clause: "3.2".to_owned(),
            act: Act::Onward,
            types: vec![slug("indicators")],
            kinds: Vec::new(),
            members: codes(&["id", "vn"]),
            tlp_above: Some(Tlp::Green),
        },
    ];
    terms.duties = vec![Duty {
        clause: "3".to_owned(),
        duty: DutyKind::Answer,
        types: vec![slug("incidents")],
        kinds: kinds("stix.incident"),
        members: codes(&["th"]),
        within_minutes: 240,
    }];
    let types: Vec<Slug> = ["incidents", "indicators"].map(slug).into();
    terms.accession = Some(gotong_model::agreement::Accession { types, ..accession(&["my"], Consent::All) });
    terms.notice_days = 90;
    terms.grace_hours = Some(0);
    terms.supersedes = vec![gotong_crypto::Digest([3; 32])];
    terms
}

pub(crate) fn full_notice() -> Notice {
    let region = region();
    let id = region.agreement_id(&full_terms());
    let first = region.notice(id, "vn", NoticeKind::Suspend, day("03-01"), None);
    let reason =
        Some([english("A reason"), [("vi".to_owned(), "Lý do".to_owned())].into()].into_iter().flatten().collect());
    let consent = region.consent(id, "vn", "my", day("04-02"), Some(&first));
    Notice { published_at: day("04-01"), reason, ..consent }
}

/// The second version of Thailand's, with banks and providers.
pub(crate) fn full_house() -> HouseRule {
    let mut terms = full_terms();
    let name = |name: &str| ChannelType { name: slug(name), ..channel_type(name, &["th"]) };
    terms.channel_types = ["incidents", "notices", "reports"].map(name).into();
    terms.channel_types[1].ceiling = Tlp::Green;
    terms.handle = slug("house");
    terms.parties = codes(&["th"]);
    terms.accession = None;
    for rule in &mut terms.prohibitions {
        (rule.types, rule.members) = (vec![slug("reports")], Vec::new());
    }
    for duty in &mut terms.duties {
        (duty.types, duty.members) = (vec![slug("incidents")], Vec::new());
    }
    let clause = |at: usize| terms.clauses[at].number.clone();
    let bank = Class {
        class: slug("bank"),
        clause: clause(0),
        name: [english("Banks"), [("th".to_owned(), "ธนาคาร".to_owned())].into()].into_iter().flatten().collect(),
        own: Some(slug("reports")),
        reads: vec![
            Reads {
                agreement: Some(slug("rti")),
                types: vec![slug("indicators")],
                ceiling: Tlp::Green,
                clause: clause(1),
            },
            Reads { agreement: None, types: Vec::new(), ceiling: Tlp::Clear, clause: clause(2) },
        ],
        reads_house: vec![ReadsHouse { types: vec![slug("notices")], ceiling: Tlp::Amber, clause: clause(1) }],
    };
    let isp = Class {
        class: slug("isp"),
        name: english("Providers"),
        own: Some(slug("incidents")),
        reads: Vec::new(),
        reads_house: vec![ReadsHouse { types: Vec::new(), ceiling: Tlp::Clear, clause: clause(0) }],
        ..bank.clone()
    };
    HouseRule { terms, classes: vec![bank, isp] }
}

#[test]
fn the_frozen_documents_are_written_and_read_as_the_same_bytes() {
    let region = region();
    let (first, second, terms, notice) = (region.charter.clone(), full_charter(), full_terms(), full_notice());
    let house = full_house();
    let made: [(&str, Value, String); 5] = [
        ("charter-1", first.to_value(), first.hash().to_text()),
        ("charter-2", second.to_value(), second.hash().to_text()),
        ("agreement", terms.to_value(), terms.hash(&region.id()).to_text()),
        ("notice", notice.to_value(), notice.hash(&region.id()).to_text()),
        ("house", house.to_value(), house.hash(&region.id()).to_text()),
    ];
    let mut hashes = json!({"region": region.id().to_string()});
    for (name, value, hash) in &made {
        hashes[*name] = hash.as_str().into();
        let bytes = json::canonical(value);
        assert!(frozen(&format!("{name}.json"), &bytes) == bytes, "testdata/governance/{name}.json differs");
    }
    let text = json::canonical(&hashes);
    assert_eq!(frozen("hashes.json", &text), text);
    let read = |name: &str| json::parse_canonical(&frozen(name, &[])).unwrap();
    if std::env::var_os("GOTONG_BLESS").is_none() {
        assert_eq!(Charter::from_value(read("charter-1.json")).unwrap(), first);
        assert_eq!(Charter::from_value(read("charter-2.json")).unwrap(), second);
        assert_eq!(Terms::from_value(read("agreement.json")).unwrap(), terms);
        assert_eq!(Notice::from_value(read("notice.json")).unwrap(), notice);
        assert_eq!(HouseRule::from_value(read("house.json")).unwrap(), house);
    }
}

#[test]
fn the_frozen_documents_govern_together() {
    let region = region();
    let mut governance = region.governance();
    let second = full_charter();
    let mut keys: Vec<_> = region.roots.iter().map(|(code, key)| (code.as_str(), key)).collect();
    let joining = key(9);
    keys.push(("jp", &joining));
    let purpose = gotong_model::document::Purpose::Charter;
    let charter = region.sign_with(purpose, &second.to_value(), &keys);
    let first = region.notice(region.agreement_id(&full_terms()), "vn", NoticeKind::Suspend, day("03-01"), None);
    let notes = [charter, region.agreed(&full_terms()), region.noticed(&first), region.noticed(&full_notice())];
    crate::support::add(&mut governance, &notes);
    assert_eq!(governance.charters.len(), 2);
    assert_eq!(governance.agreements[&region.agreement_id(&full_terms())].notices[&code("vn")].len(), 2);
}

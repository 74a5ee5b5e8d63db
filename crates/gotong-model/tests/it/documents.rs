//! What people and programs sign: charter, statements, agreement and acknowledgement read back, and each kind of forgery is refused.

use gotong_crypto::{SeededEntropy, SigningKey, note};
use gotong_model::acknowledgement::Acknowledgement;
use gotong_model::agreement::Terms;
use gotong_model::charter::Charter;
use gotong_model::document::{self, DocumentFault, Purpose, Role};
use gotong_model::governance::ChannelKind;
use gotong_model::statement::{self, Statement};
use gotong_model::{ChannelId, EpochId, LogId, MemberCode};

use crate::support::{Region, at, code};

#[test]
fn a_charter_proves_its_own_region() {
    let region = Region::of(&["id", "th", "vn"]);
    let (charter, id) = Charter::from_note(region.charter_note().as_bytes()).unwrap();
    assert_eq!(charter, region.charter);
    assert_eq!(id, region.id());
    let other = Region::of(&["id", "th"]).id();
    let moved = region.charter_note().replace(&id.to_string(), &other.to_string());
    assert!(matches!(Charter::from_note(moved.as_bytes()), Err(DocumentFault::Unfit(_))));
}

#[test]
fn a_charter_needs_every_voter() {
    let region = Region::of(&["id", "th", "vn"]);
    let mut note = note::parse(region.charter_note().as_bytes()).unwrap();
    let removed = note.lines.remove(1);
    assert_eq!(Charter::from_note(note.encode().as_bytes()), Err(DocumentFault::Unsigned(removed.name)));
}

#[test]
fn faults_of_a_charter_name_the_field() {
    let region = Region::of(&["id", "th", "vn"]);
    let good = region.charter.to_value();
    let cases: [(&str, serde_json::Value, &str); 8] = [
        ("/members/0/role", "king".into(), "/members/0/role"),
        ("/members/0/code", "vn".into(), "/members/1/code"),
        ("/members/0/root_key", good["members"][1]["root_key"].clone(), "/members/1/root_key"),
        ("/members/0/name", serde_json::json!({"id": "Indonesia"}), "/members/0/name"),
        ("/voters", serde_json::json!(["vn", "id"]), "/voters"),
        ("/rule", serde_json::json!({"at_least": 1}), "/rule/at_least"),
        ("/founded_at", "2026-01-01T00:00:00Z".into(), "/founded_at"),
        ("/number", 2.into(), "/previous"),
    ];
    for (pointer, value, expected) in cases {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        let note = region.sign_by_all(Purpose::Charter, &bad);
        match Charter::from_note(note.as_bytes()) {
            Err(DocumentFault::Field(fault)) => assert_eq!(fault.pointer, expected),
            other => panic!("{pointer}: {other:?}"),
        }
    }
    let mut more = good.clone();
    more["later"] = 1.into();
    assert!(
        Charter::from_note(region.sign_by_all(Purpose::Charter, &more).as_bytes()).is_err(),
        "unknown members are refused"
    );
}

#[test]
fn statements_form_one_chain_under_the_root() {
    let region = Region::of(&["id", "th", "vn"]);
    let first = region.statement("vn", 1, None);
    let second = region.statement("vn", 2, Some(&first));
    let notes: Vec<String> = [&first, &second].map(|s| s.sign(&region.id(), &region.roots[&code("vn")])).into();
    let bytes: Vec<&[u8]> = notes.iter().map(String::as_bytes).collect();
    assert_eq!(statement::chain(bytes.clone(), &region.id(), &region.charter).unwrap(), [first.clone(), second]);
    assert!(statement::chain([bytes[1]], &region.id(), &region.charter).is_err(), "a chain begins at serial 1");
    assert!(statement::chain([bytes[0], bytes[0]], &region.id(), &region.charter).is_err(), "serials ascend");
    let forged = first.sign(&region.id(), &region.roots[&code("th")]);
    assert!(matches!(
        Statement::from_note(forged.as_bytes(), &region.id(), &region.charter),
        Err(DocumentFault::Unsigned(_) | DocumentFault::Note(_))
    ));
}

#[test]
fn a_split_of_statements_is_refused_and_changes_nothing() {
    let region = Region::of(&["id", "th", "vn"]);
    let mut governance = region.governance();
    let one = region.statement("vn", 1, None);
    let mut other = one.clone();
    other.addresses = vec!["10.0.0.1:1".into()];
    governance.add_statements(vec![one.clone()]).unwrap();
    assert!(governance.add_statements(vec![other]).is_err());
    assert_eq!(governance.statement(&code("vn")), Some(&one));
}

#[test]
fn an_agreement_counts_only_with_every_party() {
    let region = Region::of(&["id", "th", "vn"]);
    let terms = region.terms(&["th", "vn"]);
    let mut governance = region.governance();
    let id = governance.add_agreement(region.agreed(&terms).as_bytes()).unwrap();
    assert_eq!(governance.agreements[&id].terms, terms);
    assert_eq!(governance.agreements[&id].hash, terms.hash(&region.id()));
    let half = region.signed(&terms, &["th", "id"]);
    assert!(matches!(
        region.governance().add_agreement(half.as_bytes()),
        Err(DocumentFault::Unsigned(name)) if name.contains("/vn/")
    ));
    let charter_shaped = region.sign(Purpose::Charter, &terms.to_value(), &["th", "vn"]);
    assert!(matches!(region.governance().add_agreement(charter_shaped.as_bytes()), Err(DocumentFault::Field(_))));
    let charter = region.charter_note();
    assert!(matches!(region.governance().add_agreement(charter.as_bytes()), Err(DocumentFault::Unfit(_))));
}

#[test]
fn channels_follow_from_agreements_and_handles_stay_unambiguous() {
    let region = Region::of(&["id", "th", "vn"]);
    let mut governance = region.governance();
    let terms = region.terms(&["th", "vn"]);
    let id = governance.add_agreement(region.agreed(&terms).as_bytes()).unwrap();
    let channel = governance.channel_by_name("rti/indicators").unwrap();
    assert_eq!(channel.id, ChannelId::standing(&region.id(), &id, &channel.channel_type.name));
    assert!(governance.in_audience(&channel.id, &code("vn")));
    assert!(!governance.in_audience(&channel.id, &code("id")));
    let own = governance.channel_by_name("rti/governance").unwrap();
    assert_eq!((own.kind, own.channel_type.audience.clone()), (ChannelKind::Governance, terms.parties.clone()));
    assert_eq!(governance.channel_by_name("charter").unwrap().channel_type.audience.len(), 3);
    let twin = region.agreed(&Terms { nonce: [9; 16], ..terms });
    governance.add_agreement(twin.as_bytes()).unwrap();
    assert!(governance.channel_by_name("rti/indicators").is_none(), "a handle of two agreements names nothing");
}

#[test]
fn an_acknowledgement_is_its_members_alone() {
    let region = Region::of(&["id", "th", "vn"]);
    let key = SigningKey::generate(&SeededEntropy::new(8));
    let log = LogId { channel: ChannelId(gotong_crypto::Digest([1; 32])), author: code("vn"), epoch: EpochId([2; 16]) };
    let acknowledgement = Acknowledgement {
        member: code("th"),
        log: log.origin(&region.id()),
        at: at("2026-03-01T00:00:00.000000Z"),
        verified: 5,
        root: gotong_crypto::Digest([3; 32]),
        missing: 1,
        held: 0,
        erased: 4,
    };
    let note = acknowledgement.sign(&region.id(), &key);
    let (read, opened) = Acknowledgement::open(note.as_bytes(), &region.id()).unwrap();
    assert_eq!(read, acknowledgement);
    assert_eq!(read.verify(&opened, &region.id(), &key.public()), Ok(()));
    let other = SigningKey::generate(&SeededEntropy::new(9));
    assert!(read.verify(&opened, &region.id(), &other.public()).is_err());
    let beyond = Acknowledgement { erased: 6, ..acknowledgement };
    assert!(Acknowledgement::open(beyond.sign(&region.id(), &key).as_bytes(), &region.id()).is_err());
}

#[test]
fn a_signature_of_one_region_is_none_of_another() {
    let (one, two) = (Region::of(&["id", "th", "vn"]), Region::of(&["id", "th"]));
    let statement = one.statement("th", 1, None);
    let note = statement.sign(&one.id(), &one.roots[&code("th")]);
    assert!(matches!(
        Statement::from_note(note.as_bytes(), &two.id(), &two.charter),
        Err(DocumentFault::Elsewhere { .. })
    ));
}

#[test]
fn the_signed_text_is_the_purpose_line_and_the_canonical_json() {
    let region = Region::of(&["id", "th", "vn"]);
    let value = serde_json::json!({"b": 1, "a": "x"});
    let member = MemberCode::from_text("vn").unwrap();
    let note = document::sign(&region.id(), Purpose::Statement, &value, &member, Role::Root, &region.roots[&member]);
    assert_eq!(note.text, format!("gotong/{}/statement\n{{\"a\":\"x\",\"b\":1}}\n", region.id()));
    assert_eq!(note.lines[0].name, format!("gotong/{}/vn/root", region.id()));
}

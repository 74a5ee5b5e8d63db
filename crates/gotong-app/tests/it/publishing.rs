//! What is taken, what is known already, and what is refused, with the clause that refuses it.

use gotong_app::caller::Caller;
use gotong_app::publish::Fate;
use gotong_app::view::{self, EntryView};
use gotong_formats::stix21;
use gotong_model::Tlp;

use crate::region::{Region, Treaty, identity, indicator, indicator_id, indicator_with, marked};

fn word(fate: &Fate) -> &'static str {
    fate.word()
}

/// The message and clause of a refusal.
fn refusal(fate: &Fate) -> (String, Option<String>) {
    match fate {
        Fate::Refused(why) => (why[0].id.clone(), why[0].clause.clone()),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn what_is_there_already_is_known_and_a_newer_version_updates_it() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    let first = id.publish_one(channel, &indicator(1));
    let Fate::New(receipt) = &first.fate else { panic!("{first:?}") };
    assert_eq!((receipt.index, first.id.as_deref()), (1, Some(indicator_id(1).as_str())));

    let spelled_otherwise = indicator(1).replace(r#"{"type""#, r#"{ "type""#);
    assert_eq!(id.publish_one(channel, &spelled_otherwise).fate, Fate::Known(receipt.clone()));
    let other = indicator(1).replace("secret name", "another name");
    assert_eq!(refusal(&id.publish_one(channel, &other).fate).0, "record.conflict");
    let newer = indicator_with(1, "2026-03-02T00:00:00.000Z", "");
    assert_eq!(word(&id.publish_one(channel, &newer).fate), "updated");

    let within_one_batch = id.publish(channel, &[indicator(2), indicator(2), "{".to_owned(), indicator(3)]);
    let fates: Vec<&str> = within_one_batch.iter().map(|outcome| word(&outcome.fate)).collect();
    assert_eq!(fates, ["new", "known", "refused", "new"], "one bad object loses nothing of the rest");
    assert_eq!(within_one_batch[1].fate.receipt(), within_one_batch[0].fate.receipt());
    id.assert_sound();
}

#[test]
fn refusals_name_the_clause() {
    let mut region = Region::new(2, &["id", "th"]);
    let parties: &[&str] = &["id", "th"];
    let green = region.agree(&Treaty {
        parties,
        ceiling: Tlp::Green,
        kinds: &["stix.indicator"],
        until: Some("2026-07-01T00:00:00Z"),
        ..Treaty::default()
    });
    let id = region.open("id");
    let amber = indicator_with(1, "2026-03-01T00:00:00.000Z", &marked(stix21::id_of_label(Tlp::Amber)));
    let clause = |number: &str| Some(format!("rti {number}"));
    assert_eq!(refusal(&id.publish_one(green, &amber).fate), ("policy.above-ceiling".to_owned(), clause("3.2")));
    let red = indicator_with(1, "2026-03-01T00:00:00.000Z", &marked(stix21::id_of_label(Tlp::Red)));
    let Fate::Refused(why) = id.publish_one(green, &red).fate else { panic!() };
    assert!(why.iter().any(|why| why.id == "policy.red-unsealed"), "{why:?}");
    let identity = identity(1, "2026-03-01T00:00:00.000Z");
    assert_eq!(refusal(&id.publish_one(green, &identity).fate), ("policy.kind-unnamed".to_owned(), clause("3.1")));

    assert_eq!(word(&id.publish_one(green, &indicator(1)).fate), "new", "the control: nothing of this refuses all");
    region.advance_ms(40 * 86_400_000);
    assert_eq!(refusal(&id.publish_one(green, &indicator(2)).fate), ("policy.out-of-force".to_owned(), clause("2")));
    id.assert_sound();
}

#[test]
fn red_is_refused_even_where_the_ceiling_would_carry_it() {
    let mut region = Region::new(3, &["id", "th"]);
    let channel = region.agree(&Treaty { parties: &["id", "th"], ceiling: Tlp::Red, ..Treaty::default() });
    let id = region.open("id");
    let red = indicator_with(1, "2026-03-01T00:00:00.000Z", &marked(stix21::id_of_label(Tlp::Red)));
    assert_eq!(refusal(&id.publish_one(channel, &red).fate).0, "policy.red-unsealed");
    assert_eq!(
        refusal(&id.publish_one(channel, &indicator(1)).fate).0,
        "policy.red-unsealed",
        "unmarked is the ceiling"
    );
}

#[test]
fn labels_come_from_markings_of_either_protocol_and_else_from_the_ceiling() {
    let region = Region::usual();
    let id = region.open("id");
    let channel = id.channel();
    let tlp_1_green = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da";
    let tlp_1_white = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9";
    let cases = [
        (String::new(), Tlp::Amber),
        (marked(tlp_1_green), Tlp::Green),
        (marked(tlp_1_white), Tlp::Clear),
        (marked(stix21::id_of_label(Tlp::Green)), Tlp::Green),
        (marked(stix21::id_of_label(Tlp::Amber)), Tlp::Amber),
    ];
    let origin = |n: u32, more: &str| {
        let outcome = id.publish_one(channel, &indicator_with(n, "2026-03-01T00:00:00.000Z", more));
        let receipt = outcome.fate.receipt().unwrap().clone();
        (receipt.log, receipt.index)
    };
    for (n, (more, label)) in (1..).zip(&cases) {
        let (log, index) = origin(n, more);
        match view::entry(&id.node, &Caller::operator(), &log, index).unwrap() {
            Some(EntryView::Record(record)) => assert_eq!(record.label, *label, "{more}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_channel_that_does_not_exist_and_one_of_others_are_refused_alike() {
    let mut region = Region::new(4, &["id", "th", "vn"]);
    let theirs = region.agree(&Treaty { handle: "theirs", parties: &["th", "vn"], ..Treaty::default() });
    let id = region.open("id");
    let unknown = gotong_model::ChannelId(gotong_crypto::Digest([5; 32]));
    assert_eq!(id.publish_one(theirs, &indicator(1)).fate, id.publish_one(unknown, &indicator(1)).fate);
    assert_eq!(refusal(&id.publish_one(unknown, &indicator(1)).fate), ("channel.unknown".to_owned(), None));
}

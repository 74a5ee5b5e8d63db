//! The register of transfers says what crossed, with whom and under what, and nothing else.

use gotong_app::caller::Caller;
use gotong_app::publish::Fate;
use gotong_app::view::{RegisterQuestion, register};
use gotong_app::withdraw::Selection;
use gotong_model::control::Reason;

use crate::region::{Region, Treaty, at, identity, indicator, indicator_id};

#[test]
fn the_register_counts_what_was_shared_in_its_period_by_kind_label_and_recipients() {
    let mut region = Region::new(11, &["id", "th", "vn"]);
    region.agree(&Treaty::default());
    let other = region.agree(&Treaty { handle: "two", parties: &["id", "vn"], ..Treaty::default() });
    let (id, th) = (region.open("id"), region.open("th"));
    let channel = id.channel();
    id.publish(channel, &(0..5).map(indicator).collect::<Vec<_>>());
    id.publish_one(other, &indicator(50));
    region.advance_ms(86_400_000);
    id.publish(channel, &(5..12).map(indicator).collect::<Vec<_>>());
    let refused = id.publish_one(channel, &identity(1, "2026-03-01T00:00:00.000Z"));
    let refused = matches!(refused.fate, Fate::Refused(_));
    th.pull(&id);
    th.publish_one(channel, &indicator(100));
    id.pull(&th);
    let selection =
        Selection { channel, ids: vec![indicator_id(6)], modified: None, constituent: None, caller: "test".to_owned() };
    id.node.withdraw(&selection, Reason::Privacy).unwrap();
    region.advance_ms(86_400_000);
    id.publish_one(channel, &indicator(12));
    let governance = id.node.governance();
    let rti = governance.channel(&channel).unwrap().agreement.id;
    let question =
        RegisterQuestion { agreement: rti, from: at("2026-06-02T00:00:00Z"), until: at("2026-06-03T00:00:00Z") };
    let found = register(&id.node, &Caller::operator(), &question).unwrap().unwrap();
    let line = |row: &gotong_app::view::RegisterRow| {
        let recipients: Vec<String> = row.recipients.iter().map(ToString::to_string).collect();
        (row.author.to_string(), row.kind.clone(), row.count, recipients.join(" "), row.version)
    };
    let rows: Vec<_> = found.rows.iter().map(line).collect();
    let indicators = rows.iter().filter(|row| row.1 == "stix.indicator").cloned().collect::<Vec<_>>();
    let expected = [
        ("id".to_owned(), "stix.indicator".to_owned(), 6, "th vn".to_owned(), 1),
        ("th".to_owned(), "stix.indicator".to_owned(), 1, "id vn".to_owned(), 1),
    ];
    assert_eq!(indicators, expected, "{found:?}");
    assert_eq!(rows.len(), expected.len() + usize::from(!refused), "nothing of the other agreement or the other days");
    assert_eq!(found.withdrawn, 1);
    assert_eq!(found.rows[0].clauses, ["3", "3.1", "3.2"]);
    // At the other end the same stands once it has arrived, and a caller who may not read the channel learns nothing of it.
    th.pull(&id);
    let there = register(&th.node, &Caller::operator(), &question).unwrap().unwrap();
    assert_eq!(there, found);
    let limited = Caller { channels: Some(vec![other]), ..Caller::operator() };
    assert!(register(&id.node, &limited, &question).unwrap().is_none());
}

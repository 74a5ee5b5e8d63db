//! Warninglists in a node: loaded, replaced, removed; what blocks waits for a person, what informs is said, and nothing else changes.

use gotong_app::caller::Caller;
use gotong_app::import::Import;
use gotong_app::publish::{Fate, Outcome, Submission};
use gotong_app::warninglist::{self, Action, Loaded, LoadedAs, Loading, Moment, RuleChange};
use gotong_app::{Node, Priority, quarantine};
use gotong_formats::stix21::{ObservableValue, ValueKind};
use gotong_model::ChannelId;
use gotong_store::{Book, Store};
use serde_json::{Value, json};

use crate::region::{Peer, Region, Treaty, intent};

const RESOLVERS: &str = "Public resolvers";
const SITES: &str = "Large sites";

fn list(name: &str, kind: &str, version: u64, entries: &[&str]) -> Value {
    json!({"name": name, "version": version, "type": kind, "description": "of a test", "list": entries})
}

fn usual() -> [Value; 2] {
    [list(RESOLVERS, "cidr", 1, &["192.0.2.53", "198.51.100.0/24"]), list(SITES, "hostname", 1, &["site.example"])]
}

fn load(node: &Node, lists: &[Value]) -> Vec<Loaded> {
    let mut loading = Loading::begin(node, &Caller::operator()).unwrap();
    for (list, line) in lists.iter().zip(1..) {
        loading.put(line, list.to_string().as_bytes()).unwrap();
    }
    loading.finish().unwrap()
}

fn rule(node: &Node, list: Option<&str>, channel: Option<ChannelId>, on: &[Moment], action: Option<Action>) -> usize {
    let change = RuleChange { list: list.map(str::to_owned), channel, on: on.to_vec(), action };
    warninglist::set_rules(node, &Caller::operator(), &change).unwrap().unwrap()
}

fn names(node: &Node) -> Vec<(u64, String, u64)> {
    let lists = warninglist::lists(node, |_| true).unwrap();
    lists.into_iter().map(|list| (list.number, list.name, list.version)).collect()
}

fn indicator(n: u32, pattern: &str, modified: &str) -> String {
    json!({"type": "indicator", "spec_version": "2.1", "id": format!("indicator--3f0f0b1e-7b3a-4f4e-9a51-{n:012}"),
        "created": "2026-03-01T00:00:00.000Z", "modified": modified, "pattern": pattern, "pattern_type": "stix",
        "valid_from": "2026-03-01T00:00:00Z"})
    .to_string()
}

fn address(n: u32, value: &str) -> String {
    indicator(n, &format!("[ipv4-addr:value = '{value}']"), "2026-03-01T00:00:00.000Z")
}

/// As an import, not as a publication.
fn import(peer: &Peer, channel: ChannelId, body: &str) -> Outcome {
    let mut import = Import::new(intent(channel));
    let prepared = import.prepare(&peer.node, vec![Submission { line: 1, body: body.as_bytes().to_vec() }]).unwrap();
    peer.node.commit(Priority::Bulk, prepared).unwrap().remove(0)
}

fn ids(whys: &[gotong_app::publish::Why]) -> Vec<&str> {
    whys.iter().map(|why| why.id.as_str()).collect()
}

#[test]
fn a_new_list_informs_everywhere_and_blocks_nothing() {
    let peer = Region::usual().open("id");
    let channel = peer.channel();
    let before = peer.publish_one(channel, &address(1, "192.0.2.53"));
    assert_eq!((before.fate.word(), before.notes.len()), ("new", 0));
    let loaded = load(&peer.node, &usual());
    let told: Vec<_> = loaded.iter().map(|one| (one.line, one.outcome, one.entries, one.used)).collect();
    assert_eq!(told, [(1, LoadedAs::New, 2, 2), (2, LoadedAs::New, 1, 1)]);

    let hit = peer.publish_one(channel, &address(2, "192.0.2.53"));
    assert_eq!((hit.fate.word(), ids(&hit.notes)), ("new", vec!["warninglist.inform"]));
    assert!(hit.notes[0].text.contains("192.0.2.53") && hit.notes[0].text.contains(RESOLVERS), "{:?}", hit.notes);
    let newer = indicator(2, "[ipv4-addr:value = '198.51.100.7']", "2026-04-01T00:00:00.000Z");
    let newer = peer.publish_one(channel, &newer);
    assert_eq!(newer.fate.word(), "updated");
    assert!(newer.notes[0].text.contains("(entry 198.51.100.0/24)"), "{:?}", newer.notes);
    assert_eq!(peer.publish_one(channel, &address(3, "203.0.113.9")).notes, []);
    assert_eq!(
        import(&peer, channel, &address(4, "192.0.2.53")).notes.len(),
        1,
        "once, though two moments come together"
    );

    // Only what claims that a value is bad, or is the value, is judged.
    let site = json!({"type": "domain-name", "spec_version": "2.1", "value": "www.site.example",
        "id": "domain-name--b2363c19-5d4d-51c6-b638-653679d87277"});
    let site = peer.publish_one(channel, &site.to_string());
    assert_eq!((site.fate.word(), ids(&site.notes)), ("new", vec!["warninglist.inform"]), "{site:?}");
    let seen = json!({"type": "observed-data", "spec_version": "2.1", "number_observed": 1,
        "id": "observed-data--3f0f0b1e-7b3a-4f4e-9a51-000000000099", "created": "2026-03-01T00:00:00.000Z",
        "modified": "2026-03-01T00:00:00.000Z", "first_observed": "2026-03-01T00:00:00Z",
        "last_observed": "2026-03-01T00:00:00Z",
        "objects": {"0": {"type": "domain-name", "value": "www.site.example"}}});
    let seen = peer.publish_one(channel, &seen.to_string());
    assert_eq!((seen.fate.word(), seen.notes), ("new", vec![]));
}

#[test]
fn what_is_blocked_waits_for_a_person_and_what_was_let_in_is_known() {
    let peer = Region::usual().open("id");
    let (channel, operator) = (peer.channel(), Caller::operator());
    load(&peer.node, &usual());
    assert_eq!(rule(&peer.node, Some(RESOLVERS), None, &[Moment::Publish], Some(Action::Block)), 1);
    assert_eq!(rule(&peer.node, Some(RESOLVERS), None, &[Moment::Publish], Some(Action::Block)), 0, "it holds already");
    let Fate::Quarantined(number, why) = peer.publish_one(channel, &address(1, "192.0.2.53")).fate else { panic!() };
    assert_eq!(ids(&why), ["warninglist.block"]);
    assert!(why[0].text.contains("192.0.2.53") && why[0].text.contains(RESOLVERS), "{why:?}");
    let both = indicator(
        2,
        "[ipv4-addr:value = '192.0.2.53' OR domain-name:value = 'site.example']",
        "2026-03-01T00:00:00.000Z",
    );
    let Fate::Quarantined(_, why) = peer.publish_one(channel, &both).fate else { panic!() };
    assert_eq!(ids(&why), ["warninglist.block", "warninglist.inform"]);
    assert_eq!(peer.publish_one(channel, &address(3, "203.0.113.9")).fate.word(), "new");

    let released = quarantine::release(&peer.node, &operator, number).unwrap().unwrap();
    assert_eq!(released.fate.word(), "new", "a person has decided");
    assert_eq!(peer.publish_one(channel, &address(1, "192.0.2.53")).fate.word(), "known", "and is not asked again");
    let newer = indicator(1, "[ipv4-addr:value = '192.0.2.53']", "2026-04-01T00:00:00.000Z");
    assert_eq!(peer.publish_one(channel, &newer).fate.word(), "quarantined", "of another version, it is");
    let other = indicator(1, "[ipv4-addr:value = '198.51.100.7']", "2026-03-01T00:00:00.000Z");
    assert_eq!(peer.publish_one(channel, &other).fate.word(), "refused", "no other content hides behind that version");
}

#[test]
fn rules_hold_at_their_moment_and_in_their_channel() {
    let mut region = Region::usual();
    region.agree(&Treaty { handle: "two", ..Treaty::default() });
    let peer = region.open("id");
    let one = peer.channel();
    let two = peer.node.governance().channel_by_name("two/indicators").unwrap().id;
    load(&peer.node, &usual());
    rule(&peer.node, Some(RESOLVERS), None, &[Moment::Import], Some(Action::Block));
    assert_eq!(import(&peer, one, &address(1, "192.0.2.53")).fate.word(), "quarantined");
    assert_eq!(
        peer.publish_one(one, &address(1, "192.0.2.53")).fate.word(),
        "new",
        "what a person publishes is no import"
    );

    // Publishing includes what is imported; one channel's rule stands before that for all.
    rule(&peer.node, Some(RESOLVERS), None, &[Moment::Import, Moment::Publish], Some(Action::Inform));
    rule(&peer.node, Some(RESOLVERS), Some(two), &[Moment::Publish], Some(Action::Block));
    assert_eq!(import(&peer, one, &address(2, "192.0.2.53")).fate.word(), "new");
    assert_eq!(import(&peer, two, &address(2, "192.0.2.53")).fate.word(), "quarantined");

    let value = |text: &str| ObservableValue { kind: ValueKind::Ipv4, text: text.to_owned() };
    let blocks =
        |channel: &ChannelId, text: &str| peer.node.warninglists().unwrap().blocks_export(&value(text), channel);
    assert_eq!(blocks(&one, "192.0.2.53"), None);
    rule(&peer.node, None, Some(one), &[Moment::Export], Some(Action::Block));
    assert_eq!(blocks(&one, "192.0.2.53").as_deref(), Some(RESOLVERS));
    assert_eq!((blocks(&one, "203.0.113.9"), blocks(&two, "192.0.2.53")), (None, None));

    // Without a rule at a moment a list is not in use there; the others go on.
    assert_eq!(rule(&peer.node, None, None, &[Moment::Publish, Moment::Import], None), 2);
    assert_eq!(peer.publish_one(one, &address(5, "192.0.2.53")).notes, []);
    assert_eq!(peer.publish_one(two, &address(5, "192.0.2.53")).fate.word(), "quarantined");
    let unknown =
        RuleChange { list: Some("No such".to_owned()), channel: None, on: vec![Moment::Export], action: None };
    let refused = warninglist::set_rules(&peer.node, &Caller::operator(), &unknown).unwrap().unwrap_err();
    assert_eq!(refused.id, "warninglist.unknown");
    let rules: usize = warninglist::lists(&peer.node, |channel| *channel != two).unwrap()[0].rules.len();
    assert_eq!(rules, 2, "who may not know of a channel sees no rule about it: export for all, export for one");
}

#[test]
fn a_list_is_replaced_as_a_whole_keeps_its_rules_and_goes_with_them() {
    let peer = Region::usual().open("id");
    let (channel, operator) = (peer.channel(), Caller::operator());
    load(&peer.node, &usual());
    rule(&peer.node, Some(RESOLVERS), None, &[Moment::Publish], Some(Action::Block));
    let loaded = load(&peer.node, &[list(RESOLVERS, "cidr", 2, &["203.0.113.0/24"]), usual()[1].clone()]);
    assert_eq!(loaded.iter().map(|one| one.outcome).collect::<Vec<_>>(), [LoadedAs::Updated, LoadedAs::Known]);
    assert_eq!(names(&peer.node), [(1, RESOLVERS.to_owned(), 2), (2, SITES.to_owned(), 1)]);
    assert_eq!(peer.publish_one(channel, &address(1, "203.0.113.9")).fate.word(), "quarantined");
    assert_eq!(peer.publish_one(channel, &address(2, "192.0.2.53")).fate.word(), "new");
    assert_eq!(chunks(&peer), 2, "nothing of the one before is left");

    assert_eq!(warninglist::remove(&peer.node, &operator, 1).unwrap().as_deref(), Some(RESOLVERS));
    assert_eq!(warninglist::remove(&peer.node, &operator, 1).unwrap(), None);
    assert_eq!(peer.publish_one(channel, &address(3, "203.0.113.9")).fate.word(), "new");
    assert_eq!((names(&peer.node).len(), chunks(&peer)), (1, 1));
    load(&peer.node, &usual());
    assert_eq!(names(&peer.node)[1].0, 3, "a number is given once");
    assert_eq!(
        peer.publish_one(channel, &address(4, "192.0.2.53")).fate.word(),
        "new",
        "as new as any: it blocks nothing"
    );
}

fn chunks(peer: &Peer) -> usize {
    peer.store.read().unwrap().scan(Book::Warninglist, b"c", b"d", 10_000).unwrap().len()
}

#[test]
fn a_large_list_is_cut_into_transactions_and_what_was_cut_off_is_cleared_away() {
    let peer = Region::usual().open("id");
    let mut tx = peer.store.write().unwrap();
    for loading in [7_u64, 900] {
        let key = [b"c".as_slice(), &loading.to_be_bytes(), &0_u32.to_be_bytes()].concat();
        tx.put(Book::Warninglist, &key, b"half a list").unwrap();
    }
    tx.commit().unwrap();
    assert_eq!(chunks(&peer), 2);
    assert_eq!(names(&peer.node), []);
    assert_eq!(chunks(&peer), 0);
    let entries: Vec<String> = (0..200_000).map(|n| format!("host-{n}.example")).collect();
    let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
    let loaded = load(&peer.node, &[list(SITES, "hostname", 1, &entries)]);
    assert_eq!((loaded[0].outcome, loaded[0].used), (LoadedAs::New, 200_000));
    assert!(chunks(&peer) > 10);
    let checked =
        warninglist::check(&peer.node, &["https://www.host-199999.example/x".to_owned(), "x.example".to_owned()]);
    let checked = checked.unwrap();
    assert_eq!((checked[0][0].list.as_str(), checked[0][0].entry.as_str()), (SITES, "host-199999.example"));
    assert_eq!((checked[0].len(), checked[1].len()), (1, 0));
    load(&peer.node, &[list(SITES, "hostname", 2, &["site.example"])]);
    assert_eq!(chunks(&peer), 1);
}

#[test]
fn what_is_no_list_is_refused_with_its_place_and_what_cannot_be_used_is_told() {
    let peer = Region::usual().open("id");
    let mut loading = Loading::begin(&peer.node, &Caller::operator()).unwrap();
    let nest = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep = format!("{{\"name\":\"x\",\"version\":1,\"type\":\"cidr\",\"list\":{nest}}}");
    let twice = r#"{"name":"x","name":"y","version":1,"type":"cidr","list":[]}"#;
    let cases =
        [deep.as_str(), twice, "[]", "", "nothing", r#"{"name":"x","version":1,"type":"sorcery","list":[]}"#, "\u{0}"];
    for (case, line) in cases.iter().zip(1..) {
        loading.put(line, case.as_bytes()).unwrap();
    }
    // One that is kept beside them: the others cost only their line.
    let regex = list("Expressions", "regex", 1, &["^good\\.", "(unclosed", "(?=look)around", "a{1000}{1000}{1000}"]);
    loading.put(8, regex.to_string().as_bytes()).unwrap();
    let doubled = list("Doubled", "string", 1, &["192.0.2.1", "192.0.2.1", ""]);
    loading.put(9, doubled.to_string().as_bytes()).unwrap();
    let loaded = loading.finish().unwrap();
    for (one, line) in loaded.iter().take(7).zip(1..) {
        assert_eq!((one.outcome, one.line, one.why.len()), (LoadedAs::Refused, line, 1), "{one:?}");
        assert!(one.why[0].id.starts_with("warninglist.") && one.why[0].text.len() < 400, "{one:?}");
    }
    assert_eq!(loaded[5].why[0].pointer.as_deref(), Some("/type"));
    assert_eq!((loaded[7].outcome, loaded[7].entries, loaded[7].used), (LoadedAs::New, 4, 1));
    assert_eq!(ids(&loaded[7].why), ["warninglist.expression"; 3]);
    assert_eq!((loaded[8].entries, loaded[8].used, ids(&loaded[8].why)), (3, 2, vec!["warninglist.empty"]));
    assert_eq!(names(&peer.node).len(), 2);
    let check = |value: &str| warninglist::check(&peer.node, &[value.to_owned()]).unwrap().remove(0).len();
    assert_eq!((check("192.0.2.1"), check("good.example"), check("192.0.2.2")), (1, 1, 0));
}

#[test]
fn an_object_with_very_many_hits_is_told_in_bounds() {
    let peer = Region::usual().open("id");
    load(&peer.node, &usual());
    let parts: Vec<String> = (0..200).map(|n| format!("ipv4-addr:value = '198.51.100.{n}'")).collect();
    let body = indicator(1, &format!("[{}]", parts.join(" OR ")), "2026-03-01T00:00:00.000Z");
    let notes = peer.publish_one(peer.channel(), &body).notes;
    assert_eq!(notes.len(), 17);
    assert!(notes[16].id == "warninglist.more" && notes[16].text.starts_with("184 more"), "{:?}", notes[16]);
}

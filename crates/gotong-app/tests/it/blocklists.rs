//! Blocklists of MISP in a node: what is put on them, read again after a restart, taken off, in bounds, with a line in the audit for each act.
//!
//! What they keep away is tested where events come in: `gotong-formats`, `gotong-web`. Read next: `warninglists.rs`.

use gotong_app::audit::{self, Query};
use gotong_app::blocklist::{self, AT_ONCE_MAX, Added, ENTRIES_MAX, Entry, LETTERS_MAX, Part, Which, Words};
use gotong_app::caller::Caller;
use gotong_app::{Node, warninglist};
use gotong_formats::misp::blocked::uuid as bytes;
use gotong_store::{Book, Store};

use crate::region::Region;

const BOTH: [Which; 2] = [Which::Events, Which::Organisations];

fn uuid(n: usize) -> String {
    format!("5f1ba7c5-1ea0-4f51-b2e7-{n:012}")
}

fn words(comment: &str) -> Words {
    Words { comment: Some(comment.to_owned()), name: Some("A name".to_owned()), maker: None }
}

fn add(node: &Node, which: Which, uuids: &[String]) -> Vec<Added> {
    blocklist::add(node, &Caller::operator(), which, uuids, &words("why")).unwrap().unwrap()
}

fn all(node: &Node, which: Which) -> Vec<Entry> {
    let (entries, is_more) = blocklist::entries(node, which, Part { skip: 0, limit: 10_000 }, |_| true).unwrap();
    assert!(!is_more);
    entries
}

fn acts(node: &Node) -> Vec<String> {
    let page = audit::list(node, &Caller::operator(), &Query { limit: 100, ..Query::default() }).unwrap();
    let mut acts: Vec<String> = page.lines.into_iter().map(|line| format!("{} {}", line.act, line.what)).collect();
    acts.retain(|act| act.starts_with("blocklist"));
    acts
}

#[test]
fn what_is_listed_is_there_after_a_restart_and_gone_once_it_is_taken_off() {
    let region = Region::usual();
    let peer = region.open("id");
    for which in BOTH {
        assert_eq!(all(&peer.node, which), []);
        let asked = [uuid(1), uuid(2).to_uppercase(), " ".to_owned() + &uuid(1), "no uuid".to_owned(), String::new()];
        let fates = [Added::New, Added::New, Added::Known, Added::Unfit, Added::Unfit];
        assert_eq!(add(&peer.node, which, &asked), fates);
    }
    let check = |node: &Node| {
        for which in BOTH {
            let entries = all(node, which);
            let uuids: Vec<&str> = entries.iter().map(|entry| entry.uuid.as_str()).collect();
            assert_eq!(uuids, [uuid(1), uuid(2)]);
            assert_eq!((entries[0].comment.as_str(), entries[0].by.as_str()), ("why", "operator"));
            assert_eq!(blocklist::find(node, which, &entries[1].number.to_string()).unwrap(), Some(uuid(2)));
            assert_eq!(blocklist::find(node, which, &uuid(3)).unwrap(), None);
        }
        let blocked = node.blocked().unwrap();
        assert!(blocked.events.contains(&bytes(&uuid(2)).unwrap()) && blocked.organisations.len() == 2);
    };
    check(&peer.node);
    let peer = region.restart("id", peer);
    check(&peer.node);
    // The warninglists, which are kept beside them, are not disturbed.
    assert_eq!(warninglist::lists(&peer.node, |_| true).unwrap(), []);
    let operator = Caller::operator();
    let other = Words { comment: Some("another".to_owned()), ..Words::default() };
    let changed = blocklist::set_words(&peer.node, &operator, Which::Events, &uuid(1), &other).unwrap().unwrap();
    let changed = changed.unwrap();
    assert_eq!((changed.comment.as_str(), changed.name.as_str()), ("another", "A name"), "what was not said stays");
    assert_eq!(blocklist::set_words(&peer.node, &operator, Which::Events, &uuid(9), &other).unwrap(), Ok(None));
    // By number and by UUID, each once; what is not there is not counted.
    let number = all(&peer.node, Which::Events)[0].number.to_string();
    let keys = [number, uuid(1), uuid(2), uuid(7), "x".to_owned()];
    assert_eq!(blocklist::remove(&peer.node, &operator, Which::Events, &keys).unwrap(), [uuid(1), uuid(2)]);
    assert_eq!(blocklist::remove(&peer.node, &operator, Which::Events, &keys).unwrap(), [] as [String; 0]);
    let peer = region.restart("id", peer);
    assert_eq!((all(&peer.node, Which::Events).len(), all(&peer.node, Which::Organisations).len()), (0, 2));
    assert!(peer.node.blocked().unwrap().events.is_empty());
    let acts = acts(&peer.node);
    let told: Vec<&str> = acts.iter().map(|act| act.split(' ').next().unwrap()).collect();
    assert_eq!(told, ["blocklist-remove", "blocklist-edit", "blocklist-add", "blocklist-add"]);
    assert!(acts[0].contains(&uuid(2)) && acts[0].contains("\"events\""), "{acts:?}");
}

#[test]
fn a_list_is_in_bounds_and_what_does_not_fit_is_told() {
    let peer = Region::usual().open("id");
    let (node, operator) = (&peer.node, Caller::operator());
    let too_many: Vec<String> = (0..=AT_ONCE_MAX).map(uuid).collect();
    let refused = blocklist::add(node, &operator, Which::Events, &too_many, &Words::default()).unwrap().unwrap_err();
    assert_eq!(refused.pointer.as_deref(), Some("/uuids"));
    for (letters, fits) in [(LETTERS_MAX, true), (LETTERS_MAX + 1, false)] {
        let long = words(&"ă".repeat(letters));
        let said = blocklist::add(node, &operator, Which::Events, &[uuid(0)], &long).unwrap();
        assert_eq!(said.as_ref().err().map(|why| why.pointer.as_deref().unwrap()), (!fits).then_some("/comment"));
        let said = blocklist::set_words(node, &operator, Which::Events, &uuid(0), &long).unwrap();
        assert_eq!(said.is_ok(), fits);
    }
    assert_eq!(all(node, Which::Events).len(), 1);
    // Full is full: what fits is taken, and the rest is told, one by one.
    let mut tx = peer.store.write().unwrap();
    let row = tx.fetch(Book::Warninglist, &[b"be".as_slice(), &bytes(&uuid(0)).unwrap()].concat()).unwrap().unwrap();
    for n in 1..ENTRIES_MAX - 1 {
        let key = [b"bo".as_slice(), &bytes(&uuid(n)).unwrap()].concat();
        tx.put(Book::Warninglist, &key, &row).unwrap();
    }
    tx.commit().unwrap();
    let peer = Region::usual().reopen("id", peer.store);
    let node = &peer.node;
    let fates = add(node, Which::Organisations, &[uuid(200_000), uuid(200_001), uuid(200_002), uuid(5)]);
    assert_eq!(fates, [Added::New, Added::New, Added::Full, Added::Known]);
    assert!(Added::Full.why().unwrap().contains("100000"));
    let page = |skip, limit| blocklist::entries(node, Which::Organisations, Part { skip, limit }, |_| true).unwrap();
    assert_eq!((page(0, 50).0.len(), page(0, 50).1), (50, true));
    assert_eq!((page(99_990, 50).0.len(), page(99_990, 50).1), (10, false));
    assert_eq!((page(0, usize::MAX).0.len(), page(0, usize::MAX).1), (10_000, true), "no page is longer");
    assert_eq!(page(70, 1).0[0].uuid, uuid(71));
}

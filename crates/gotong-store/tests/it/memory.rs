//! The store in memory keeps every promise, and is deterministic.

use gotong_crypto::SeededEntropy;
use gotong_store::conformance::Home;
use gotong_store::{Book, Fault, Index, MemoryStore, Store};

struct InMemory(MemoryStore);

impl Home for InMemory {
    fn store(&self) -> &dyn Store {
        &self.0
    }

    fn contains_bytes(&self, needle: &[u8]) -> Option<bool> {
        Some(self.0.contains_bytes(needle))
    }
}

fn store(seed: u64) -> MemoryStore {
    MemoryStore::new(&SeededEntropy::new(seed))
}

#[test]
fn memory_keeps_every_promise() {
    super::assert_conforms(&|seed| Box::new(InMemory(store(seed))));
}

#[test]
fn the_same_entropy_makes_the_same_store() {
    let (one, same, other) = (store(1), store(1), store(2));
    let key = |store: &MemoryStore| store.read().unwrap().index_key(Index::Value, b"192.0.2.1");
    assert_eq!((one.incarnation(), key(&one)), (same.incarnation(), key(&same)));
    assert_ne!(key(&one), key(&other));
}

#[test]
fn a_thread_that_would_wait_for_itself_is_told() {
    let store = store(1);
    let tx = store.write().unwrap();
    assert!(matches!(store.write(), Err(Fault::Misuse(_))));
    drop(tx);
    assert!(store.write().is_ok());
}

#[test]
fn bytes_are_found_in_keys_values_and_nowhere_else() {
    let store = store(1);
    let mut tx = store.write().unwrap();
    tx.put(Book::Meta, b"a key of it", b"a value of it").unwrap();
    assert!(!store.contains_bytes(b"key of"), "not before commit");
    tx.commit().unwrap();
    assert!(store.contains_bytes(b"key of") && store.contains_bytes(b"value of"));
    assert!(!store.contains_bytes(b"ita value"), "not across values");
    assert!(!store.contains_bytes(b""));
}

#[test]
fn the_estimate_of_bytes_follows_what_is_held() {
    let store = store(1);
    let put = |value: &[u8]| {
        let mut tx = store.write().unwrap();
        tx.put(Book::Document, b"key", value).unwrap();
        tx.commit().unwrap();
        store.bytes_on_disk()
    };
    let (small, large) = (put(&[0; 10]), put(&[0; 10_010]));
    assert_eq!(large - small, 10_000);
    assert_eq!(put(&[0; 10]), small);
}

//! Fills a store from a file of STIX objects and prints rates beside a plain SQLite table filled in the same run:
//!
//! `cargo run --release -p gotong-store --example fill_rate -- FILE.ndjson [--million N] [--folder DIR] [--alone]`
//!
//! One thread parses, hashes and packs, one writes commits of 2,500, one does the upkeep. Per object: envelope, salts, leaf, tree, four postings;
//! per commit: a signed checkpoint and a synced file. With `--million N` the file is read again, ids and values changed, until there are so many. With `--alone` the plain table
//! is left out.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::string_slice,
    clippy::too_many_lines,
    reason = "a tool for developers that measures time"
)]

#[path = "fill_rate/baseline.rs"]
mod baseline;
#[path = "fill_rate/corpus.rs"]
mod corpus;
#[path = "fill_rate/meter.rs"]
mod meter;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use gotong_crypto::{SeededEntropy, SigningKey};
use gotong_ledger::{Checkpoint, Frontier, Leaf, commitment};
use gotong_store::{
    Book, Content, EntryKey, Header, Index, LogNo, NewEntry, Packed, PostingRange, SqliteOptions, SqliteStore, State,
    Store,
};

use corpus::{Corpus, Object};
use meter::{Meter, Quantiles, peak_mib, thread_cpu_note};

const COMMIT_ROWS: usize = 2_500;
const LOG: LogNo = LogNo(1);
const ORIGIN: &str = "gotong/example/channel/member/epoch";

type Texts = Vec<(Vec<u8>, EntryKey)>;
type Nodes = Vec<(u8, u64, gotong_crypto::Digest)>;

/// What one commit writes.
struct Batch {
    entries: Vec<NewEntry>,
    nodes: Nodes,
    postings: [(Index, Texts); 3],
    times: Vec<(u64, EntryKey)>,
    checkpoint: String,
}

fn batch_of(objects: &[Object], first: u64, frontier: &mut Frontier, key: &SigningKey) -> Batch {
    let mut batch = Batch {
        entries: Vec::with_capacity(objects.len()),
        nodes: Vec::new(),
        postings: [Index::Object, Index::Value, Index::Reference].map(|index| (index, Vec::new())),
        times: Vec::new(),
        checkpoint: String::new(),
    };
    for (index, object) in (first..).zip(objects) {
        let entry = EntryKey::new(LOG, index);
        let envelope = format!(
            r#"{{"basis":0,"kind":"stix","published_at":"2026-11-01T00:00:00.{:06}Z","size":{},"tlp":"green","version":1}}"#,
            index % 1_000_000,
            object.body.len()
        );
        let (salt1, salt2) = (corpus::salt(index, 1), corpus::salt(index, 2));
        let content = Content { salt1, salt2, envelope: envelope.into_bytes(), body: object.body.clone() };
        let commitment = commitment(ORIGIN, &salt1, &content.envelope, &salt2, &content.body);
        let leaf = Leaf { flags: 0, commitment };
        frontier.push(leaf.hash(), |height, index, hash| {
            if height >= 8 {
                batch.nodes.push((height, index, hash));
            }
        });
        let [ids, values, references] = &mut batch.postings;
        ids.1.push((object.id.clone().into_bytes(), entry));
        values.1.extend(object.value.iter().map(|value| (value.clone().into_bytes(), entry)));
        references.1.extend(object.references.iter().map(|id| (id.clone().into_bytes(), entry)));
        let header = Header {
            state: State::Live,
            type_code: object.type_code,
            object: object.uuid,
            modified: object.modified_ms * 1_000,
            label: 1,
        };
        let ms = u64::try_from(object.modified_ms).unwrap_or(0);
        batch.times.push((u64::from(object.type_code) << 48 | ms, entry));
        let content = Some(Packed::pack(&content));
        batch.entries.push(NewEntry { key: entry, flags: 0, commitment, header, content });
    }
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: frontier.size(), root: frontier.root() };
    batch.checkpoint = checkpoint.sign(key);
    batch
}

fn produce(corpus: &mut Corpus, out: &SyncSender<Batch>) {
    let key = SigningKey::generate(&SeededEntropy::new(1));
    let mut frontier = Frontier::new();
    let mut first = 0;
    loop {
        let objects: Vec<Object> = corpus.take(COMMIT_ROWS).collect();
        if objects.is_empty() {
            break;
        }
        let batch = batch_of(&objects, first, &mut frontier, &key);
        first += u64::try_from(objects.len()).unwrap_or(0);
        if out.send(batch).is_err() {
            break;
        }
    }
    thread_cpu_note("parse, hash and pack");
}

fn write(store: &SqliteStore, batches: &Receiver<Batch>, folder: &Path, meter: &mut Meter) -> Quantiles {
    let mut commits = Quantiles::default();
    let mut known = 0_u64;
    while let Ok(batch) = batches.recv() {
        let rows = batch.entries.len();
        let begun = Instant::now();
        let mut tx = store.write().unwrap();
        for (index, texts) in batch.postings {
            let mut postings = Vec::with_capacity(texts.len());
            for (text, entry) in texts {
                let key = tx.index_key(index, &text);
                if index == Index::Object
                    && tx.may_have(index, key).unwrap()
                    && !tx.postings(index, key, None, 1).unwrap().is_empty()
                {
                    known += 1;
                }
                postings.push((key, entry));
            }
            tx.post(index, &postings).unwrap();
        }
        tx.post(Index::TypeTime, &batch.times).unwrap();
        tx.append(batch.entries).unwrap();
        tx.put_nodes(LOG, &batch.nodes).unwrap();
        tx.put(Book::Checkpoint, b"newest", batch.checkpoint.as_bytes()).unwrap();
        tx.commit().unwrap();
        commits.add(begun.elapsed());
        let mut file = std::fs::File::create(folder.join("checkpoint")).unwrap();
        file.write_all(batch.checkpoint.as_bytes()).unwrap();
        file.sync_data().unwrap();
        meter.rows(rows, store.bytes_on_disk());
    }
    if known > 0 {
        println!("    {known} ids were known already");
    }
    thread_cpu_note("write");
    commits
}

fn maintain(store: &SqliteStore, stop: &AtomicBool) -> Quantiles {
    let mut steps = Quantiles::default();
    loop {
        let begun = Instant::now();
        if store.maintain().unwrap() {
            steps.add(begun.elapsed());
        } else if stop.load(Ordering::Relaxed) {
            break;
        } else {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    thread_cpu_note("upkeep");
    steps
}

fn fill(store: &SqliteStore, corpus: &mut Corpus, folder: &Path) {
    let stop = AtomicBool::new(false);
    let mut meter = Meter::new("sorted runs");
    std::thread::scope(|scope| {
        let (sender, batches) = sync_channel(4);
        scope.spawn(move || produce(corpus, &sender));
        let upkeep = scope.spawn(|| maintain(store, &stop));
        let commits = write(store, &batches, folder, &mut meter);
        meter.end(store.bytes_on_disk());
        stop.store(true, Ordering::Relaxed);
        commits.print("a commit of 2,500");
        upkeep.join().unwrap().print("a step of upkeep");
    });
    println!("    peak memory {} MiB", peak_mib());
}

fn singles(store: &SqliteStore, objects: &[Object], first: u64) {
    let key = SigningKey::generate(&SeededEntropy::new(1));
    let mut frontier = Frontier::new();
    let batches: Vec<Batch> = (first..)
        .zip(objects)
        .map(|(at, object)| batch_of(std::slice::from_ref(object), at, &mut frontier, &key))
        .collect();
    let mut commits = Quantiles::default();
    let begun = Instant::now();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| maintain(store, &stop));
        for batch in batches {
            let begun = Instant::now();
            let mut tx = store.write().unwrap();
            for (index, texts) in batch.postings {
                for (text, entry) in texts {
                    let key = tx.index_key(index, &text);
                    tx.post(index, &[(key, entry)]).unwrap();
                }
            }
            tx.post(Index::TypeTime, &batch.times).unwrap();
            tx.append(batch.entries).unwrap();
            tx.put(Book::Checkpoint, b"newest", batch.checkpoint.as_bytes()).unwrap();
            tx.commit().unwrap();
            commits.add(begun.elapsed());
        }
        println!("  single commits: {:.0}/s", objects.len() as f64 / begun.elapsed().as_secs_f64());
        stop.store(true, Ordering::Relaxed);
    });
    commits.print("a single commit");
}

fn lookups(store: &SqliteStore, objects: &[Object]) {
    let (mut by_id, mut by_value, mut by_time) = (Quantiles::default(), Quantiles::default(), Quantiles::default());
    for object in objects {
        let begun = Instant::now();
        let tx = store.read().unwrap();
        let found = tx.postings(Index::Object, tx.index_key(Index::Object, object.id.as_bytes()), None, 10).unwrap();
        let opened = tx.entry(found[0]).unwrap().unwrap().open().unwrap().unwrap();
        assert_eq!(opened.body, object.body);
        drop(tx);
        by_id.add(begun.elapsed());
        if let Some(value) = &object.value {
            let begun = Instant::now();
            let tx = store.read().unwrap();
            let found = tx.postings(Index::Value, tx.index_key(Index::Value, value.as_bytes()), None, 10).unwrap();
            assert!(tx.headers(&found).unwrap().iter().all(Option::is_some));
            by_value.add(begun.elapsed());
        }
        if by_time.len() < 2_000 {
            let begun = Instant::now();
            let tx = store.read().unwrap();
            let from = u64::from(object.type_code) << 48 | u64::try_from(object.modified_ms).unwrap_or(0);
            let range = PostingRange {
                index: Index::TypeTime,
                from,
                to: from | 0xffff_ffff_ffff,
                after: None,
                descending: false,
                limit: 100,
            };
            let found: Vec<EntryKey> = tx.posting_range(range).unwrap().into_iter().map(|posting| posting.1).collect();
            assert!(tx.headers(&found).unwrap().iter().all(Option::is_some));
            by_time.add(begun.elapsed());
        }
    }
    by_id.print("look-up by id with its content");
    by_value.print("look-up by value with headers");
    by_time.print("page of 100 by type and time with headers");
}

fn erasures(store: &SqliteStore, objects: &[Object]) {
    let (mut erase, mut finish) = (Quantiles::default(), Quantiles::default());
    for (at, object) in objects.iter().enumerate() {
        let begun = Instant::now();
        let mut tx = store.write().unwrap();
        let key = tx.index_key(Index::Object, object.id.as_bytes());
        let entry = tx.postings(Index::Object, key, None, 1).unwrap()[0];
        tx.erase(entry).unwrap();
        tx.unpost(Index::Object, &[(key, entry)]).unwrap();
        if let Some(value) = &object.value {
            tx.unpost(Index::Value, &[(tx.index_key(Index::Value, value.as_bytes()), entry)]).unwrap();
        }
        tx.commit().unwrap();
        erase.add(begun.elapsed());
        if at % 10 == 0 {
            let begun = Instant::now();
            store.finish_erasure().unwrap();
            finish.add(begun.elapsed());
        }
    }
    erase.print("erasing one entry and its postings");
    finish.print("finishing an erasure");
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option =
        |name: &str| arguments.iter().position(|argument| argument == name).map(|at| arguments[at + 1].clone());
    let file = arguments.first().expect("usage: fill_rate FILE.ndjson [--million N] [--folder DIR]");
    let rows_max = option("--million").map(|number| number.parse::<f64>().unwrap() * 1e6);
    let folder = option("--folder").map_or_else(|| std::env::temp_dir().join("fill_rate"), PathBuf::from);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let store_folder = folder.join("store");
    let open = || SqliteStore::open(&store_folder, SqliteOptions::default(), &SeededEntropy::new(7)).unwrap();

    let store = open();
    let mut corpus = Corpus::open(Path::new(file), rows_max);
    fill(&store, &mut corpus, &folder);
    let rows = corpus.given();
    let begun = Instant::now();
    drop(store);
    println!("  closed in {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    let begun = Instant::now();
    let store = open();
    println!("  opened in {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    let sample: Vec<Object> = Corpus::open(Path::new(file), None).step_by(97).take(10_000).collect();
    lookups(&store, &sample);
    let mut fresh: Vec<Object> = sample.iter().take(3_000).cloned().collect();
    for object in &mut fresh {
        object.id.push('x');
    }
    singles(&store, &fresh, rows);
    erasures(&store, &sample[..200]);
    println!("  memory now {} MiB, peak {} MiB", meter::now_mib(), peak_mib());
    let begun = Instant::now();
    println!("  check: {:?} in {:.1} s", store.check().unwrap(), begun.elapsed().as_secs_f64());
    drop(store);

    if !arguments.iter().any(|argument| argument == "--alone") {
        baseline::run(&mut Corpus::open(Path::new(file), rows_max), &folder.join("plain.db"), &sample, &fresh);
    }
    let _ = std::fs::remove_dir_all(&folder);
}

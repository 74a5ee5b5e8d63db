//! Nothing erased is left in any file: looked for as raw bytes, and through compression. Positive controls: before the erasure both ways find it, and
//! the same search finds what a plain SQLite table with `secure_delete` leaves behind.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use gotong_crypto::Digest;
use gotong_store::{
    Book, Content, EntryKey, Header, Index, LogNo, NewEntry, Packed, SqliteStore, State, Store, WriteTx,
};

use super::sqlite::{files, open};

const DICTIONARY: &[u8] = include_bytes!("../../src/dictionary/v0.bin");
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Pieces of contents that are searched for: long enough that two contents do not have one in common by chance of compression.
const PIECE_BYTES: usize = 12;

/// Numbers that are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next().to_le_bytes()[0])
    }
}

/// An entry that may be erased, and the text that betrays its body.
struct Known {
    entry: NewEntry,
    token: String,
    posting: [u8; 8],
}

fn known(dice: &mut Dice, key: EntryKey, body_bytes: usize) -> Known {
    let token = format!("token-{:016x}{:016x}", dice.next(), dice.next());
    let mut body =
        format!(r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--{token}","name":"#).into_bytes();
    while body.len() < body_bytes {
        // Half of it compresses.
        body.extend_from_slice(format!("{token} {:x} malicious-activity ", dice.next()).as_bytes());
    }
    let envelope = format!(r#"{{"basis":0,"kind":"stix","purpose":"{token}","version":1}}"#).into_bytes();
    let content = Content { salt1: dice.bytes(), salt2: dice.bytes(), envelope, body };
    let header =
        Header { state: State::Live, type_code: 4, object: dice.bytes(), modified: 1_700_000_000_000_000, label: 1 };
    let commitment = Digest(dice.bytes());
    let entry = NewEntry { key, flags: 0, commitment, header, content: Some(Packed::pack(&content)) };
    Known { entry, token, posting: dice.bytes() }
}

fn packed(known: &Known) -> &[u8] {
    &known.entry.content.as_ref().unwrap().0
}

/// Pieces of what must be gone, searched for all at once.
struct Needles<const N: usize> {
    pieces: BTreeMap<[u8; N], usize>,
    prefixes: Vec<bool>,
}

impl<const N: usize> Needles<N> {
    fn of<'a>(texts: impl Iterator<Item = (usize, &'a [u8])>) -> Self {
        let mut needles = Self { pieces: BTreeMap::new(), prefixes: vec![false; 1 << 24] };
        for (owner, text) in texts {
            for piece in text.as_chunks::<N>().0 {
                needles.pieces.insert(*piece, owner);
            }
        }
        for piece in needles.pieces.keys() {
            needles.prefixes[prefix(piece)] = true;
        }
        needles
    }

    /// Takes off what others may rightly hold.
    fn without<'a>(mut self, texts: impl Iterator<Item = &'a [u8]>) -> Self {
        for text in texts {
            for window in text.windows(N).filter(|window| self.prefixes[prefix(window)]) {
                self.pieces.remove(window);
            }
        }
        self
    }

    /// The owners of pieces that occur in the files.
    fn found(&self, files: &[Vec<u8>]) -> BTreeSet<usize> {
        let mut owners = BTreeSet::new();
        for bytes in files {
            for window in bytes.windows(N) {
                if self.prefixes[prefix(window)] {
                    owners.extend(self.pieces.get(window).copied());
                }
            }
        }
        owners
    }
}

fn prefix(window: &[u8]) -> usize {
    usize::from(window[0]) << 16 | usize::from(window[1]) << 8 | usize::from(window[2])
}

/// Everything that can be decompressed from any place of the files, with the dictionary.
fn decompressed(files: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut decompressor = zstd::bulk::Decompressor::with_dictionary(DICTIONARY).unwrap();
    let mut out = Vec::new();
    for bytes in files {
        let starts = bytes.windows(4).enumerate().filter(|(_, window)| *window == ZSTD_MAGIC);
        for (at, _) in starts {
            // The end of the frame is not known: zstd says how long it would be, by reading it.
            let frame = &bytes[at..bytes.len().min(at + (1 << 20))];
            if let Ok(length) = zstd::zstd_safe::find_frame_compressed_size(frame)
                && let Ok(text) = decompressor.decompress(&frame[..length], 2 << 20)
            {
                out.push(text);
            }
        }
    }
    out
}

fn tokens_in(texts: &[Vec<u8>]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for text in texts {
        for (at, _) in text.windows(6).enumerate().filter(|(_, window)| *window == b"token-") {
            out.insert(String::from_utf8_lossy(&text[at..text.len().min(at + 38)]).into_owned());
        }
    }
    out
}

/// Pages of blocks have one cell; what lies between its pointer and its content must be clean.
fn unclean_pages(database: &[u8]) -> usize {
    let mut unclean = 0;
    for page in database.chunks(8_192).skip(1) {
        let cells = u16::from_be_bytes([page[3], page[4]]);
        let content = usize::from(u16::from_be_bytes([page[5], page[6]]));
        let is_block = page[0] == 0x0d && cells == 1 && (8..60).contains(&content);
        if is_block && page[10..content].iter().any(|byte| *byte != 0) {
            unclean += 1;
        }
    }
    unclean
}

fn write(store: &SqliteStore, then: impl FnOnce(&mut dyn WriteTx)) {
    let mut tx = store.write().unwrap();
    then(tx.as_mut());
    tx.commit().unwrap();
}

fn maintain_all(store: &SqliteStore) {
    while store.maintain().unwrap() {}
}

/// Entries of several logs, mixed; most small, some longer than a page, some of 1 MiB.
fn fill(store: &SqliteStore, dice: &mut Dice) -> Vec<Known> {
    let mut lengths = [0_u64; 6];
    let mut all = Vec::new();
    for commit in 0..40 {
        let mut few: Vec<Known> = Vec::new();
        for _ in 0..=dice.below(80) {
            let log = dice.below(5) + 1;
            let index = &mut lengths[usize::try_from(log).unwrap()];
            let bytes = match dice.below(400) {
                0..300 => 150,
                300..390 => 900,
                390..399 => 20_000,
                _ => 1 << 20,
            };
            few.push(known(dice, EntryKey::new(LogNo(u32::try_from(log).unwrap()), *index), bytes));
            *index += 1;
        }
        write(store, |tx| {
            tx.append(few.iter().map(|known| known.entry.clone()).collect()).unwrap();
            let postings: Vec<_> =
                few.iter().map(|known| (u64::from_le_bytes(known.posting), known.entry.key)).collect();
            tx.post(Index::Object, &postings).unwrap();
            tx.post(Index::Value, &postings).unwrap();
            if commit % 3 == 0 {
                // Enough beside them for runs, so that merges happen.
                let others: Vec<_> =
                    (0..1_100).map(|_| (dice.next(), EntryKey::new(LogNo(9), dice.below(1 << 20)))).collect();
                tx.post(Index::Value, &others).unwrap();
            }
        });
        all.append(&mut few);
        store.maintain().unwrap();
    }
    all
}

fn erase(tx: &mut dyn WriteTx, known: &Known) {
    tx.erase(known.entry.key).unwrap();
    for index in [Index::Object, Index::Value] {
        tx.unpost(index, &[(u64::from_le_bytes(known.posting), known.entry.key)]).unwrap();
    }
}

fn parts<'a>(known: &'a [Known], gone: &'a BTreeSet<usize>) -> impl Iterator<Item = (usize, &'a [u8])> {
    let concerned = known.iter().enumerate().filter(|(at, _)| gone.contains(at));
    concerned.flat_map(|(at, known)| {
        let parts = [&packed(known)[1..], &known.entry.header.object, &known.token.as_bytes()[6..]];
        parts.map(|part| (at, part))
    })
}

fn needles(known: &[Known], gone: &BTreeSet<usize>) -> Needles<PIECE_BYTES> {
    let stay = known.iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, known)| packed(known));
    Needles::of(parts(known, gone)).without(stay)
}

/// Keys of postings: as they are in staging and where chunks begin.
fn posting_needles(known: &[Known], gone: &BTreeSet<usize>) -> Needles<8> {
    Needles::of(gone.iter().map(|at| (*at, &known[*at].posting[..])))
}

fn assert_gone(folder: &Path, known: &[Known], gone: &BTreeSet<usize>, needles: &Needles<PIECE_BYTES>) {
    let files = files(folder);
    assert_eq!(posting_needles(known, gone).found(&files), BTreeSet::new(), "postings");
    assert_eq!(needles.found(&files), BTreeSet::new(), "pieces of erased entries");
    let tokens = tokens_in(&decompressed(&files));
    for at in gone {
        assert!(!tokens.contains(&known[*at].token), "the token of entry {at}, compressed");
    }
    assert_eq!(unclean_pages(&std::fs::read(folder.join("store.db")).unwrap()), 0);
}

#[test]
fn nothing_erased_is_left_in_any_file_even_compressed() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 5).unwrap();
    let mut dice = Dice(5);
    let mut known = fill(&store, &mut dice);
    // A transaction that is given up leaves its bytes in the log of the database.
    let given_up = self::known(&mut dice, EntryKey::new(LogNo(7), 0), 1 << 20);
    let mut tx = store.write().unwrap();
    tx.append(vec![given_up.entry.clone()]).unwrap();
    drop(tx);
    // What waits for a decision, and is refused.
    let refused: Vec<Known> = (0..40).map(|n| self::known(&mut dice, EntryKey::new(LogNo(8), n), 700)).collect();
    for (n, refused) in (0_u8..).zip(&refused) {
        write(&store, |tx| tx.put(Book::Quarantine, &[n], packed(refused)).unwrap());
    }

    // The positive control: both ways of looking find nearly everything.
    let gone: BTreeSet<usize> = (0..known.len()).filter(|at| at % 3 == 0).collect();
    let needles = needles(&known, &gone);
    let before = files(folder.path());
    assert_eq!(needles.found(&before), gone, "the search for raw bytes finds every entry");
    assert!(!posting_needles(&known, &gone).found(&before).is_empty(), "the search finds postings");
    let tokens = tokens_in(&decompressed(&before));
    let seen = gone.iter().filter(|at| tokens.contains(&known[**at].token)).count();
    assert!(seen * 10 > gone.len() * 8, "the search through compression finds {seen} of {}", gone.len());

    // Erasing, one by one and many at once, with upkeep and new entries between.
    let mut log_10 = 0;
    for (n, at) in gone.iter().enumerate() {
        if n % 5 == 0 {
            write(&store, |tx| erase(tx, &known[*at]));
            store.maintain().unwrap();
        }
        if n % 50 == 0 {
            let more = self::known(&mut dice, EntryKey::new(LogNo(10), log_10), 500);
            log_10 += 1;
            write(&store, |tx| tx.append(vec![more.entry.clone()]).unwrap());
            known.push(more);
        }
    }
    write(&store, |tx| gone.iter().enumerate().filter(|(n, _)| n % 5 != 0).for_each(|(_, at)| erase(tx, &known[*at])));
    for n in 0..40 {
        write(&store, |tx| tx.delete(Book::Quarantine, &[n]).unwrap());
    }
    store.finish_erasure().unwrap();

    let texts = refused.iter().chain([&given_up]).enumerate().map(|(at, known)| (at, &packed(known)[1..]));
    let others = Needles::<PIECE_BYTES>::of(texts).without(known.iter().map(packed));
    for _ in 0..2 {
        assert_gone(folder.path(), &known, &gone, &needles);
        assert_eq!(others.found(&files(folder.path())), BTreeSet::new(), "refused or given up");
        maintain_all(&store);
    }
    for (at, known) in known.iter().enumerate().filter(|(at, _)| !gone.contains(at)) {
        let entry = store.read().unwrap().entry(known.entry.key).unwrap().unwrap();
        assert_eq!(entry.content, known.entry.content, "entry {at} stays as it was");
    }
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    drop(store);
    assert_gone(folder.path(), &known, &gone, &needles);
    drop(open(folder.path(), 5).unwrap());
    assert_gone(folder.path(), &known, &gone, &needles);
}

#[test]
fn erasure_waits_for_readers_and_says_so_when_they_stay() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path(), 5).unwrap();
    let victim = known(&mut Dice(1), EntryKey::new(LogNo(1), 0), 300);
    write(&store, |tx| tx.append(vec![victim.entry.clone()]).unwrap());
    let reader = store.read().unwrap();
    write(&store, |tx| tx.erase(victim.entry.key).unwrap());
    std::thread::scope(|scope| {
        let finishing = scope.spawn(|| store.finish_erasure());
        // The snapshot still has it, and a file too, until the reader ends.
        assert_eq!(reader.entry(victim.entry.key).unwrap().unwrap().content, victim.entry.content);
        drop(reader);
        finishing.join().unwrap().unwrap();
    });
    let gone = BTreeSet::from([0]);
    let known = [victim];
    assert_gone(folder.path(), &known, &gone, &needles(&known, &gone));
}

/// Why contents stand in blocks: if this fails one day, SQLite cleans the room it gains, and the store may become simpler.
#[test]
fn a_plain_table_with_secure_delete_keeps_copies_of_what_was_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let conn = rusqlite::Connection::open(folder.path().join("plain.db")).unwrap();
    conn.execute_batch(
        "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA secure_delete = ON;
         CREATE TABLE entries (key INTEGER PRIMARY KEY, content BLOB)",
    )
    .unwrap();
    let mut dice = Dice(3);
    let mut lengths = [0_u64; 6];
    let mut known: Vec<Known> = Vec::new();
    let number = |known: &Known| i64::try_from(known.entry.key.0).unwrap();
    let mut gone = BTreeSet::new();
    for at in 0..3_000 {
        let log = dice.below(5) + 1;
        let index = &mut lengths[usize::try_from(log).unwrap()];
        *index += 1;
        let bytes = usize::try_from(100 + dice.below(3_000)).unwrap();
        let new = self::known(&mut dice, EntryKey::new(LogNo(u32::try_from(log).unwrap()), *index), bytes);
        conn.execute("INSERT INTO entries VALUES (?1, ?2)", rusqlite::params![number(&new), packed(&new)]).unwrap();
        known.push(new);
        let old = usize::try_from(dice.below(at + 1)).unwrap();
        if dice.below(2) == 0 && gone.insert(old) {
            conn.execute("UPDATE entries SET content = NULL WHERE key = ?1", [number(&known[old])]).unwrap();
        }
    }
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    let left = needles(&known, &gone).found(&files(folder.path()));
    assert!(!left.is_empty(), "SQLite left nothing behind");
}

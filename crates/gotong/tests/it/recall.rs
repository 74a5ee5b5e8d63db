//! A withdrawal, in all its forms, on real processes: gone from every node within moments and from every byte of their files, while they run. What is
//! looked for is told in several spellings (text, base64, salts, the packed bytes of each node), and looked for in several readings of each file: as it
//! is, with the store's blocks joined, and unpacked. The positive control: before the withdrawal the same search finds all of it at every node.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gotong_crypto::{SeededEntropy, text};
use gotong_store::{LogNo, Packed, SqliteOptions, SqliteStore, State, Store};
use serde_json::{Value, json};
use zstd::dict::DecoderDictionary;

use crate::harness::{CHANNEL, Dice, Member, Region, escaped, seed, time_until};
use crate::program::{indicator, now, run, wait_for};

const DICTIONARY: &[u8] = include_bytes!("../../../gotong-store/src/dictionary/v0.bin");
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const PAGE_BYTES: usize = 8_192;
/// A block of the store fills the end of its page; heap blocks begin with two counts.
const BLOCK_BYTES: usize = 8_144;
const BLOCK_FRONT_BYTES: usize = 4;
/// Pieces are long enough that two contents do not share one by chance of compression.
const PIECE_BYTES: usize = 16;
/// Far above what it takes: the machine may be busy. The time that it took is printed.
const RECALL_MAX: Duration = Duration::from_secs(20);

/// What is looked for: pieces, each with the object and the part of it that it betrays.
struct Needles {
    owners: Vec<(String, &'static str)>,
    pieces: HashMap<[u8; PIECE_BYTES], usize>,
    starts: Vec<bool>,
}

fn start_of(window: &[u8]) -> usize {
    usize::from(window[0]) << 16 | usize::from(window[1]) << 8 | usize::from(window[2])
}

impl Needles {
    fn new() -> Self {
        Self { owners: Vec::new(), pieces: HashMap::new(), starts: vec![false; 1 << 24] }
    }

    /// Cuts something into pieces to be looked for.
    fn add(&mut self, object: &str, part: &'static str, bytes: &[u8]) {
        assert!(bytes.len() >= PIECE_BYTES, "{object}, {part}: too short to look for");
        let owner = (object.to_owned(), part);
        let at = self.owners.iter().position(|known| *known == owner).unwrap_or_else(|| {
            self.owners.push(owner);
            self.owners.len() - 1
        });
        for piece in bytes.as_chunks::<PIECE_BYTES>().0 {
            self.starts[start_of(piece)] = true;
            self.pieces.insert(*piece, at);
        }
    }

    /// A text, as it is and as base64 spells it at each of its three places.
    fn add_text(&mut self, object: &str, part: &'static str, in_base64: &'static str, word: &str) {
        self.add(object, part, word.as_bytes());
        for skip in 0..3 {
            let rest = &word.as_bytes()[skip..];
            self.add(object, in_base64, text::base64(&rest[..rest.len() / 3 * 3]).as_bytes());
        }
    }

    /// Takes off what others may rightly hold.
    fn spare(&mut self, bytes: &[u8]) {
        for window in bytes.windows(PIECE_BYTES).filter(|window| self.starts[start_of(window)]) {
            self.pieces.remove(window);
        }
    }

    /// How many different pieces of each owner occur.
    fn count_in(&self, bytes: &[u8], seen: &mut BTreeSet<[u8; PIECE_BYTES]>) {
        for window in bytes.windows(PIECE_BYTES).filter(|window| self.starts[start_of(window)]) {
            if let Some((piece, _)) = self.pieces.get_key_value(window) {
                seen.insert(*piece);
            }
        }
    }
}

/// Where something was found: (object, part) → how many of its pieces, and one of the files.
type Found = BTreeMap<(String, &'static str), (usize, PathBuf)>;

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path))
        } else if path.is_file() {
            found.push(path)
        }
    }
    found
}

/// The blocks in a file, with their numbers: a database's pages, or the frames of its log.
fn blocks(bytes: &[u8], begin: usize, between: usize) -> impl Iterator<Item = (u64, &[u8])> {
    let pages = bytes[begin.min(bytes.len())..]
        .chunks(PAGE_BYTES + between)
        .filter(move |page| page.len() == PAGE_BYTES + between);
    pages.map(move |page| &page[between..]).filter(|page| page[0] == 0x0d && page[3..5] == [0, 1]).map(|page| {
        // The page's only cell: its length, the number, and the content to the end of the page.
        let mut rest = &page[usize::from(u16::from_be_bytes([page[5], page[6]])).min(PAGE_BYTES)..];
        let _length = varint(&mut rest);
        (varint(&mut rest), &page[PAGE_BYTES - BLOCK_BYTES..])
    })
}

/// A number as SQLite writes it, of up to eight bytes.
fn varint(rest: &mut &[u8]) -> u64 {
    let mut number = 0;
    while let Some((byte, after)) = rest.split_first() {
        *rest = after;
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    number
}

/// What the blocks hold, one behind the other, so that content that spans pages is whole: once as they lie in the file, once those of contents by number.
fn joined(bytes: &[u8], begin: usize, between: usize) -> [Vec<u8>; 2] {
    let as_they_lie =
        blocks(bytes, begin, between).flat_map(|(_, block)| &block[BLOCK_FRONT_BYTES..]).copied().collect();
    // Contents begin with how much is used and how much of that lives; of those with one number the newest counts.
    let is_content = |block: &[u8]| {
        let (used, living) = (u16::from_le_bytes([block[0], block[1]]), u16::from_le_bytes([block[2], block[3]]));
        let used = usize::from(used) + BLOCK_FRONT_BYTES;
        used <= BLOCK_BYTES
            && usize::from(living) + BLOCK_FRONT_BYTES <= used
            && block[used..].iter().all(|byte| *byte == 0)
    };
    let by_number: BTreeMap<u64, &[u8]> =
        blocks(bytes, begin, between).filter(|(_, block)| is_content(block)).collect();
    [as_they_lie, by_number.into_values().flat_map(|block| &block[BLOCK_FRONT_BYTES..]).copied().collect()]
}

/// Everything that unpacks, from any place of these bytes, as far as it does.
fn unpacked(bytes: &[u8], dictionary: &DecoderDictionary<'_>) -> Vec<Vec<u8>> {
    let starts = bytes.windows(4).enumerate().filter(|(_, window)| *window == ZSTD_MAGIC);
    let unpack = |(at, _): (usize, &[u8])| {
        let mut out = Vec::new();
        let decoder = zstd::stream::read::Decoder::with_prepared_dictionary(&bytes[at..], dictionary).unwrap();
        // What came before a fault counts.
        let _ = decoder.single_frame().take(2 << 20).read_to_end(&mut out);
        out
    };
    starts.map(unpack).collect()
}

/// Looks into every file below a folder.
fn search(dir: &Path, needles: &Needles, dictionary: &DecoderDictionary<'_>) -> Found {
    let mut found = Found::new();
    for path in files(dir) {
        // A file that goes away meanwhile has nothing in it any more.
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let mut readings: Vec<Vec<u8>> = [joined(&bytes, 0, 0), joined(&bytes, 32, 24)].into_iter().flatten().collect();
        readings.push(bytes);
        let plain: Vec<Vec<u8>> = readings.iter().flat_map(|reading| unpacked(reading, dictionary)).collect();
        let mut seen = BTreeSet::new();
        readings.iter().chain(&plain).for_each(|reading| needles.count_in(reading, &mut seen));
        for piece in seen {
            let owner = needles.owners[needles.pieces[&piece]].clone();
            found.entry(owner).or_insert_with(|| (0, path.clone())).0 += 1;
        }
    }
    found
}

/// Which of these words stand anywhere in the files below a folder, packed or not.
pub(crate) fn words_in<'a>(dir: &Path, words: &[&'a str]) -> BTreeSet<&'a str> {
    let dictionary = DecoderDictionary::copy(DICTIONARY);
    let mut found = BTreeSet::new();
    for path in files(dir) {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let mut readings: Vec<Vec<u8>> = [joined(&bytes, 0, 0), joined(&bytes, 32, 24)].into_iter().flatten().collect();
        readings.push(bytes);
        let plain: Vec<Vec<u8>> = readings.iter().flat_map(|reading| unpacked(reading, &dictionary)).collect();
        for reading in readings.iter().chain(&plain) {
            let text = String::from_utf8_lossy(reading);
            found.extend(words.iter().filter(|word| text.contains(**word)));
        }
    }
    found
}

/// The packed contents that a node's store holds, by the word of their body.
fn packed(member: &Member, words: &BTreeMap<String, String>) -> (BTreeMap<String, Vec<Packed>>, Vec<Packed>) {
    let copy = member.copy_of_store();
    let store = SqliteStore::open(copy.path(), SqliteOptions::default(), &SeededEntropy::new(1)).unwrap();
    let tx = store.read().unwrap();
    let (mut ours, mut others) = (BTreeMap::<String, Vec<Packed>>::new(), Vec::new());
    for log in 1..32 {
        let mut next = 0;
        loop {
            let entries = tx.entries(LogNo(log), next, 256, 8 << 20, true).unwrap();
            let Some(last) = entries.last() else { break };
            next = last.key.index() + 1;
            for entry in entries {
                let Some(packed) = entry.content else { continue };
                let body = packed.unpack().unwrap().body;
                let owner =
                    words.iter().find(|(_, word)| body.windows(word.len()).any(|window| window == word.as_bytes()));
                match owner.filter(|_| entry.header.state == State::Live) {
                    Some((object, _)) => ours.entry(object.clone()).or_default().push(packed),
                    None => others.push(packed),
                }
            }
        }
    }
    (ours, others)
}

/// An indicator with a word in its description, and with more around it.
fn object(uuid: &str, minute: u32, word: &str, more: &str) -> String {
    json!({
        "type": "indicator", "spec_version": "2.1", "id": format!("indicator--{uuid}"), "created": "2026-11-01T00:00:00.000Z",
        "modified": format!("2026-11-01T00:{minute:02}:00.000Z"), "pattern": format!("[domain-name:value = '{word}.example']"), "pattern_type": "stix",
        "valid_from": "2026-11-01T00:00:00Z", "name": word, "description": more,
    })
    .to_string()
}

/// What is to be withdrawn: the objects by name, and the words in their bodies and envelopes.
struct Cast {
    objects: Vec<(String, String)>,
    bodies: BTreeMap<String, String>,
    purposes: BTreeMap<String, String>,
    uuids: BTreeMap<String, String>,
}

fn cast(dice: &mut Dice) -> Cast {
    let mut cast =
        Cast { objects: Vec::new(), bodies: BTreeMap::new(), purposes: BTreeMap::new(), uuids: BTreeMap::new() };
    for (name, bytes) in [
        ("tiny", 0),
        ("plain", 300),
        ("long", 150_000),
        ("longest", 900_000),
        ("repeating", 600_000),
        ("while a peer was down", 60_000),
    ] {
        let (word, uuid) = (dice.word(48), dice.uuid());
        let more = match name {
            "tiny" => format!("{word} {word} {word} {word}"),
            "repeating" => format!("{word} ").repeat(bytes / 49),
            _ => dice.word(bytes),
        };
        cast.objects.push((name.to_owned(), object(&uuid, 0, &word, &more)));
        cast.bodies.insert(name.to_owned(), word);
        cast.purposes.insert(name.to_owned(), dice.word(48));
        cast.uuids.insert(name.to_owned(), uuid);
    }
    cast
}

impl Cast {
    fn id(&self, name: &str) -> String {
        format!("indicator--{}", self.uuids[name])
    }

    fn publish(&self, name: &str, at: &Member) {
        let (_, object) = self.objects.iter().find(|(known, _)| known == name).unwrap();
        let path = format!("/api/v1/channels/{}/records?tlp=green&purpose={}", escaped(CHANNEL), self.purposes[name]);
        at.ask_as(&at.token, "POST", &path, object.as_bytes()).expect(201);
    }
}

fn is_gone(member: &Member, id: &str) -> bool {
    member.get(&format!("/api/v1/records/{id}")).status == 404
}

/// Whether the author has acknowledgements of both others past the tombstones, as two answers tell it.
fn is_acknowledged(author: &Member, tombstone: u64, others: &[&str]) -> bool {
    let channel = escaped(CHANNEL);
    let withdrawals = author.get(&format!("/api/v1/channels/{channel}/withdrawals")).expect(200).json();
    let rows = withdrawals["withdrawals"].as_array().unwrap();
    let all_gone = rows
        .iter()
        .all(|row| others.iter().all(|code| row["gone"]["at"].as_array().unwrap().iter().any(|at| at == code)));
    let acknowledgements = author.get(&format!("/api/v1/channels/{channel}/acknowledgements")).expect(200).json();
    let own = acknowledgements["logs"].as_array().unwrap().iter().find(|log| log["author"] == author.code).unwrap();
    let past = |code: &&str| {
        let of = own["members"].as_array().unwrap().iter().find(|member| member["member"] == **code);
        of.is_some_and(|of| of["erased"].as_u64() > Some(tombstone) && of["verified"].as_u64() > Some(tombstone))
    };
    all_gone && others.iter().all(past)
}

fn done(answer: &Value, at: usize) -> (u64, u64, Option<u64>) {
    let result = &answer["results"][at];
    assert_eq!(result["outcome"], "done", "{answer}");
    (result["entries"].as_u64().unwrap(), result["quarantined"].as_u64().unwrap(), result["index"].as_u64())
}

#[test]
fn what_is_withdrawn_is_gone_everywhere_within_moments_and_in_no_byte_of_any_file() {
    let seed = seed("GOTONG_SEED");
    println!("recall: GOTONG_SEED={seed}");
    let mut dice = Dice(seed);
    let dictionary = DecoderDictionary::copy(DICTIONARY);
    let region = Region::found();
    region.start();
    let [author, peer, late] = &region.members[..] else { panic!("a region of three") };
    let cast = cast(&mut dice);

    // Others around them, so that pages and index chunks are shared; they stay.
    let around: Vec<String> = (0..400).map(|n| object(&dice.uuid(), n % 60, &dice.word(20), &dice.word(200))).collect();
    let lines: Vec<&str> = around.iter().map(String::as_str).collect();
    assert_eq!(author.import(CHANNEL, &lines[..300], 300, Duration::ZERO).unwrap().outcomes.len(), 300);
    for name in ["tiny", "plain", "long", "longest", "repeating"] {
        cast.publish(name, author);
    }
    assert_eq!(author.import(CHANNEL, &lines[300..], 100, Duration::ZERO).unwrap().outcomes.len(), 100);
    // A later version of one of them waits for a person: its pattern cannot be read.
    let (waiting_word, waiting_purpose) = (dice.word(48), dice.word(48));
    let waiting = object(&cast.uuids["plain"], 30, &waiting_word, &dice.word(30_000)).replace("example']", "example'");
    let path = format!("/api/v1/channels/{}/records?tlp=green&purpose={waiting_purpose}", escaped(CHANNEL));
    author.ask_as(&author.token, "POST", &path, waiting.as_bytes()).expect(202);
    region.wait_until_equal();

    // The positive control.
    let mut needles = Needles::new();
    for (name, word) in &cast.bodies {
        needles.add_text(name, "body", "body in base64", word);
        needles.add_text(name, "envelope", "envelope in base64", &cast.purposes[name]);
        needles.add(name, "id", cast.uuids[name].as_bytes());
    }
    needles.add_text("waiting", "quarantined body", "quarantined body in base64", &waiting_word);
    needles.add_text("waiting", "quarantined purpose", "quarantined purpose in base64", &waiting_purpose);
    let published = ["tiny", "plain", "long", "longest", "repeating"];
    for member in &region.members {
        let (ours, _) = packed(member, &cast.bodies);
        for name in published {
            for packed in &ours[name] {
                let content = packed.unpack().unwrap();
                needles.add(name, "salts", &content.salt1);
                needles.add(name, "salts", &content.salt2);
                needles.add(name, "packed", &packed.0[65..]);
            }
        }
    }
    for member in &region.members {
        packed(member, &cast.bodies).1.iter().for_each(|packed| needles.spare(&packed.0));
    }
    let total =
        |part: &(String, &'static str)| needles.pieces.values().filter(|at| needles.owners[**at] == *part).count();
    for member in &region.members {
        let found = search(&member.data, &needles, &dictionary);
        for name in published {
            for part in ["body", "envelope", "salts", "packed", "id"] {
                let part = (name.to_owned(), part);
                let (seen, all) = (found.get(&part).map_or(0, |(seen, _)| *seen), total(&part));
                assert!(
                    all > 0 && seen * 10 >= all * 9,
                    "the search finds {seen} of {all} pieces of {part:?} at {}",
                    member.code
                );
            }
        }
        let waits = found.contains_key(&("waiting".to_owned(), "quarantined body in base64"));
        assert_eq!(waits, member.code == author.code, "what waits is in the author's files and in nobody else's");
        println!(
            "recall: before, at {}: {} pieces of {} found",
            member.code,
            found.values().map(|(seen, _)| seen).sum::<usize>(),
            needles.pieces.len()
        );
    }

    // All at once, and what waits under one of the ids with it.
    let ids: Vec<String> = published.iter().map(|name| cast.id(name)).collect();
    let begun = now();
    let answer = author.withdraw(CHANNEL, &ids).unwrap().expect(200).json();
    let answered = begun.elapsed();
    let mut tombstone = 0;
    for (at, name) in published.iter().enumerate() {
        let (entries, quarantined, index) = done(&answer, at);
        assert_eq!((entries, quarantined), (1, u64::from(*name == "plain")), "{answer}");
        tombstone = tombstone.max(index.unwrap());
    }
    let hidden = time_until("the 404 of all", begun, RECALL_MAX, || {
        region.members.iter().all(|member| ids.iter().all(|id| is_gone(member, id)))
    });
    let acknowledged = time_until("the acknowledgement of all", begun, RECALL_MAX, || {
        is_acknowledged(author, tombstone, &["th", "id"])
    });
    println!(
        "recall: answered after {answered:?}, 404 at all three after {hidden:?}, erasure acknowledged by all after {acknowledged:?}"
    );

    // What is acknowledged is carried out: no waiting at the others. The author acknowledges nothing to itself, so its own files get a moment.
    for member in &region.members {
        packed(member, &BTreeMap::new()).1.iter().for_each(|packed| needles.spare(&packed.0));
    }
    let look = |member: &Member, needles: &Needles| {
        // Ids too, at the author as well: its audit names the tombstone, not what it named.
        search(&member.data, needles, &dictionary)
    };
    let wait_until_clean = |member: &Member, needles: &Needles| {
        let begun = now();
        while !look(member, needles).is_empty() && begun.elapsed() < RECALL_MAX {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(look(member, needles), Found::new(), "left in the files of {}", member.code);
    };
    for member in [peer, late] {
        assert_eq!(look(member, &needles), Found::new(), "{} has acknowledged", member.code);
    }
    wait_until_clean(author, &needles);
    println!("recall: nothing in any file of any running node after {:?}", begun.elapsed());
    assert!(author.get("/api/v1/quarantine").expect(200).json()["quarantined"].as_array().unwrap().is_empty());

    // One more, while a member is down: it never gets the body.
    late.stop();
    let name = "while a peer was down";
    cast.publish(name, author);
    let id = cast.id(name);
    wait_for("the object at the other", || !is_gone(peer, &id));
    for member in [author, peer] {
        for packed in &packed(member, &cast.bodies).0[name] {
            needles.add(name, "packed", &packed.0[65..]);
            needles.add(name, "salts", &packed.unpack().unwrap().salt1);
            needles.add(name, "salts", &packed.unpack().unwrap().salt2);
        }
        assert!(
            look(member, &needles).keys().any(|(object, _)| object == name),
            "the search finds it at {}",
            member.code
        );
    }
    let answer = author.withdraw(CHANNEL, std::slice::from_ref(&id)).unwrap().expect(200).json();
    let tombstone = done(&answer, 0).2.unwrap();
    wait_for("the other's acknowledgement", || is_acknowledged(author, tombstone, &["th"]));
    assert!(!is_acknowledged(author, tombstone, &["id"]), "who is down has acknowledged nothing");
    late.start();
    late.wait_until_ready();
    let back = now();
    wait_for("the acknowledgement of the one that was down", || is_acknowledged(author, tombstone, &["th", "id"]));
    println!("recall: who was down has acknowledged {:?} after its return", back.elapsed());
    let log = answer["results"][0]["log"].as_str().unwrap();
    let entry = late.get(&format!("/api/v1/logs/entry?log={log}&index={}", tombstone - 1)).expect(200).json();
    assert_eq!(entry["state"], "withdrawn");
    assert_eq!(look(late, &needles), Found::new());
    for member in &region.members {
        packed(member, &BTreeMap::new()).1.iter().for_each(|packed| needles.spare(&packed.0));
        wait_until_clean(member, &needles);
        let (is_sound, report) = member.verify();
        assert!(is_sound && report["erased"] == 6 && report["withheld"] == 0, "{} {report}", member.code);
    }
    region.wait_until_equal();

    // Nor in what ending and starting write.
    region.stop();
    for member in &region.members {
        assert_eq!(look(member, &needles), Found::new(), "{} has ended", member.code);
        assert!(member.verify().0, "offline");
    }
    region.start();
    for member in &region.members {
        assert_eq!(look(member, &needles), Found::new(), "{} was started again", member.code);
        assert!(is_gone(member, &id) && ids.iter().all(|id| is_gone(member, id)));
        assert_eq!(member.list(CHANNEL).len(), 400, "what stood around it is there");
        assert!(member.verify().0);
    }
}

#[test]
fn what_would_withdraw_or_import_nothing_is_said_before_it_is_done() {
    let region = Region::found();
    let member = &region.members[0];
    member.start();
    member.wait_until_ready();
    let object = indicator(&Dice(61).uuid(), "above.example");
    let id = serde_json::from_str::<Value>(&object).unwrap()["id"].as_str().unwrap().to_owned();
    member.publish(CHANNEL, &object).expect(201);
    let data = member.data.to_str().unwrap();
    let relabel =
        |more: &[&str]| run(&[&["relabel", &id, "--tlp", "red", "--channel", CHANNEL, "--data", data], more].concat());
    // Whoever only meant to be more careful must not take it away from everybody.
    let refused = relabel(&[]).with(2);
    assert!(
        refused.err.contains("above the ceiling") && refused.err.contains("--withdraw-above-ceiling"),
        "{}",
        refused.err
    );
    assert!(!is_gone(member, &id));
    relabel(&["--withdraw-above-ceiling"]).with(0);
    assert!(is_gone(member, &id));
    // A download that failed is no import that went well.
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.csv");
    std::fs::write(&empty, "").unwrap();
    std::fs::write(folder.path().join("notes.md"), "203.0.113.7").unwrap();
    let import = |path: &Path, more: &[&str]| {
        run(&[&["import", path.to_str().unwrap(), "--channel", CHANNEL, "--data", data], more].concat())
    };
    for more in [&[][..], &["--preview"]] {
        let ended = import(&empty, more).with(1);
        assert!((ended.out + &ended.err).contains("the file is empty"), "{more:?}");
    }
    std::fs::remove_file(&empty).unwrap();
    let ended = import(folder.path(), &[]).with(1);
    assert!((ended.out + &ended.err).contains("name others one by one"));
    region.stop();
}

//! A disk that is full, under an author and under a peer: a clear answer, nothing acknowledged lost, reads go on, and recovery unaided once there is room.
//! The disks are real file systems in memory, which only root may mount; elsewhere the store's own quota stands in, and the test says so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gotong_crypto::{Digest, SeededEntropy};
use gotong_store::{
    Book, Content, EntryKey, Fault, Header, LogNo, NewEntry, Packed, SqliteOptions, SqliteStore, State, Store,
};
use serde_json::json;

use crate::harness::{CHANNEL, Dice, Imported, Member, Region, copy_files, escaped, seed};
use crate::program::{now, wait_for};

const DISK_MIB: u64 = 48;
/// What is taken away to make room: enough for the log of the database (16 MiB) to be moved.
const BALLAST_MIB: u64 = 24;
const LINES: usize = 200;

/// A small disk; goes away with the test, whatever becomes of it.
struct Disk {
    at: PathBuf,
    _folder: tempfile::TempDir,
}

impl Disk {
    /// `None` where this user may not mount.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().join("disk");
        std::fs::create_dir(&at).unwrap();
        tool("mount", &["-t", "tmpfs", "-o", &format!("size={DISK_MIB}m,mode=0700"), "tmpfs", at.to_str().unwrap()])
            .then(|| Self { at, _folder: folder })
    }

    fn ballast(&self) -> PathBuf {
        self.at.join("ballast")
    }

    /// Lays a data folder on the disk, beside a file that takes room away.
    fn hold(&self, member: &mut Member) {
        let data = self.at.join("data");
        copy_files(&member.data, &data);
        std::fs::write(self.ballast(), vec![7; usize::try_from(BALLAST_MIB << 20).unwrap()]).unwrap();
        member.data = data;
    }

    /// Takes all that is left.
    fn fill(&self) {
        let mut left = std::fs::OpenOptions::new().create(true).append(true).open(self.ballast()).unwrap();
        while std::io::Write::write(&mut left, &[9; 4_096]).is_ok() {}
    }

    fn make_room(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a process that still ends would hold it.
        assert!(
            tool("umount", &["-l", self.at.to_str().unwrap()]) || std::thread::panicking(),
            "{} stays mounted",
            self.at.display()
        );
    }
}

#[allow(clippy::disallowed_methods, reason = "tests mount a disk of their own")]
fn tool(name: &str, arguments: &[&str]) -> bool {
    Command::new(name).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// Objects of about 4 KB that do not compress away.
fn lines(dice: &mut Dice, count: usize) -> Vec<(String, String)> {
    let line = |_| {
        let id = format!("indicator--{}", dice.uuid());
        let object = json!({
            "type": "indicator", "spec_version": "2.1", "id": id, "created": "2026-11-01T00:00:00.000Z", "modified": "2026-11-01T00:00:00.000Z",
            "pattern": format!("[domain-name:value = '{}.example']", dice.word(30)), "pattern_type": "stix", "valid_from": "2026-11-01T00:00:00Z",
            "description": dice.word(4_000),
        });
        (id, object.to_string())
    };
    (0..count).map(line).collect()
}

/// What was acknowledged: id → object.
type Acknowledged = BTreeMap<String, String>;

fn send(author: &Member, lines: &[(String, String)], acknowledged: &mut Acknowledged) -> Imported {
    let texts: Vec<&str> = lines.iter().map(|(_, text)| text.as_str()).collect();
    let imported = author.import(CHANNEL, &texts, 25, Duration::ZERO).expect("an answer, also where the disk is full");
    for outcome in &imported.outcomes {
        let (id, text) = &lines[usize::try_from(outcome["line"].as_u64().unwrap()).unwrap() - 1];
        assert!(outcome["id"] == *id && outcome["receipt"].is_object(), "{outcome}");
        acknowledged.insert(id.clone(), text.clone());
    }
    imported
}

/// All that was acknowledged shows, and nothing else.
fn expect_shown(member: &Member, acknowledged: &Acknowledged) {
    let shown: Acknowledged = member.list(CHANNEL).into_iter().map(|(place, row)| (place.id, row.object)).collect();
    assert!(shown == *acknowledged, "{} are shown, {} were acknowledged", shown.len(), acknowledged.len());
}

/// Imports until the answer says that the disk is full.
fn import_until_full(author: &Member, dice: &mut Dice, acknowledged: &mut Acknowledged) -> Vec<(String, String)> {
    for _ in 0..100 {
        let batch = lines(dice, LINES);
        let imported = send(author, &batch, acknowledged);
        assert_eq!(imported.status, 200, "the answer had begun: {}", imported.text);
        let summary = imported.summary.unwrap_or_else(|| panic!("a last line: {}", imported.text));
        if summary["complete"] == true {
            continue;
        }
        assert_eq!(summary["problem"]["type"], "/problems/store-full", "{summary}");
        assert_eq!(summary["problem"]["status"], 507);
        assert!(summary["problem"]["title"].as_str().unwrap().contains("disk is full"), "{summary}");
        assert!(summary["problem"]["next"].as_str().unwrap().contains("room"), "{summary}");
        assert_eq!(summary["summary"]["new"].as_u64().unwrap(), imported.outcomes.len() as u64);
        return batch;
    }
    panic!("a disk of {DISK_MIB} MiB does not fill");
}

#[test]
fn a_full_disk_is_said_and_nothing_is_lost_and_room_is_enough_to_go_on() {
    let seed = seed("GOTONG_SEED");
    println!("disk_full: GOTONG_SEED={seed}");
    let mut dice = Dice(seed);
    let (Some(of_author), Some(of_peer)) = (Disk::mount(), Disk::mount()) else {
        println!(
            "disk_full: only root may mount a disk, so the program was not tried on a full one; the store's own quota was"
        );
        a_quota_of_the_store_is_kept();
        return;
    };
    let mut region = Region::found();
    of_author.hold(&mut region.members[0]);
    of_peer.hold(&mut region.members[1]);
    region.start();
    let [author, peer, other] = &region.members[..] else { panic!("a region of three") };
    let mut acknowledged = Acknowledged::new();

    let first = lines(&mut dice, 20);
    assert_eq!(send(author, &first, &mut acknowledged).summary.unwrap()["complete"], true);
    region.wait_until_equal();
    // The peer's disk is full first: nobody else is held up.
    of_peer.fill();
    for _ in 0..3 {
        let batch = lines(&mut dice, LINES);
        assert_eq!(
            send(author, &batch, &mut acknowledged).summary.unwrap()["complete"],
            true,
            "a peer's disk is its own affair"
        );
    }
    wait_for("what a full peer does not hold up", || other.logs_with(3) == author.logs_with(3));
    assert_ne!(peer.logs_with(3), author.logs_with(3), "the peer's disk is full");
    assert_eq!(peer.get(&format!("/api/v1/records/{}", first[0].0)).status, 200, "a full peer reads");
    let caught_up = now();
    of_peer.make_room();
    region.wait_until_equal();
    println!("disk_full: a peer has caught up {:?} after it got room", caught_up.elapsed());

    // Then the author's.
    let broken = import_until_full(author, &mut dice, &mut acknowledged);
    println!("disk_full: full after {} objects", acknowledged.len());
    of_author.fill();
    let (_, object) = &lines(&mut dice, 1)[0];
    let refused = author.publish(CHANNEL, object).expect(507);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.json()["type"], "/problems/store-full");
    assert!(
        !refused.header("retry-after").is_empty() || refused.json()["next"].as_str().unwrap().contains("repeat"),
        "{}",
        refused.text()
    );
    let withdrawing = author.withdraw(CHANNEL, std::slice::from_ref(&first[0].0)).unwrap();
    assert!(withdrawing.status == 507 || withdrawing.status == 200, "{}", withdrawing.text());
    if withdrawing.status == 200 {
        acknowledged.remove(&first[0].0);
    }

    // Reads go on, of all that was acknowledged and of nothing else.
    expect_shown(author, &acknowledged);
    assert!(author.is_ready() && author.get("/healthz").status == 200);
    let (id, text) = acknowledged.iter().next_back().unwrap();
    assert_eq!(
        author.get(&format!("/api/v1/records/{id}")).expect(200).json()["versions"][0]["object"],
        serde_json::from_str::<serde_json::Value>(text).unwrap()
    );
    let value = text.split('\'').nth(1).unwrap();
    assert_eq!(
        author.get(&format!("/api/v1/lookup?value={value}")).expect(200).json()["hits"].as_array().unwrap().len(),
        1
    );
    author.get(&format!("/api/v1/channels/{}/acknowledgements", escaped(CHANNEL))).expect(200);
    // Peers wait meanwhile: what they acknowledge could not be kept here, so they are told to come again.
    let (is_sound, report) = author.verify();
    assert!(is_sound, "on a full disk: {report}");

    // Room, and nothing else.
    let (process, recovered) = (author.id(), now());
    of_author.make_room();
    let again = send(author, &broken, &mut acknowledged);
    assert_eq!(again.summary.as_ref().unwrap()["complete"], true, "{:?}", again.summary);
    assert_eq!(again.outcomes.len(), broken.len());
    author.publish(CHANNEL, object).expect(201);
    let id = serde_json::from_str::<serde_json::Value>(object).unwrap()["id"].as_str().unwrap().to_owned();
    acknowledged.insert(id, object.clone());
    author.withdraw(CHANNEL, std::slice::from_ref(&first[1].0)).unwrap().expect(200);
    acknowledged.remove(&first[1].0);
    assert_eq!(author.id(), process, "without a restart");
    region.wait_until_equal();
    wait_for("the erasures", || {
        let answer = author.get("/api/v1/channels/rti%2Findicators/withdrawals").expect(200).json();
        let rows = answer["withdrawals"].as_array().unwrap();
        !rows.is_empty() && rows.iter().all(|row| row["gone"]["waiting_for"].as_array().unwrap().is_empty())
    });
    for member in &region.members {
        expect_shown(member, &acknowledged);
        let (is_sound, report) = member.verify();
        assert!(is_sound, "{}, running: {report}", member.code);
    }
    region.stop();
    for member in &region.members {
        assert!(member.verify().0, "{}, offline", member.code);
    }
    println!(
        "disk_full: {} objects everywhere {:?} after there was room, without a restart",
        acknowledged.len(),
        recovered.elapsed()
    );
}

/// The same fault where no disk can be mounted: the store may use so much and no more.
fn a_quota_of_the_store_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let open = |dir: &Path, bytes_max: u64| {
        let options = SqliteOptions { bytes_max: Some(bytes_max), ..SqliteOptions::default() };
        SqliteStore::open(dir, options, &SeededEntropy::new(1)).unwrap()
    };
    let entry = |index: u64| {
        let mut dice = Dice(index);
        let content =
            Content { salt1: [1; 32], salt2: [2; 32], envelope: b"{}".to_vec(), body: dice.word(4_000).into_bytes() };
        let content = Some(Packed::pack(&content));
        NewEntry {
            key: EntryKey::new(LogNo(1), index),
            flags: 0,
            commitment: Digest([3; 32]),
            header: Header::bare(State::Unknown),
            content,
        }
    };
    let append = |store: &SqliteStore, index: u64| -> Result<(), Fault> {
        let mut tx = store.write()?;
        tx.append(vec![entry(index)])?;
        tx.put(Book::Meta, b"last", &index.to_be_bytes())?;
        tx.commit()
    };
    let store = open(folder.path(), 1 << 20);
    let mut written = 0;
    let fault = loop {
        match append(&store, written) {
            Ok(()) => written += 1,
            Err(fault) => break fault,
        }
        assert!(written < 10_000, "the quota is kept");
    };
    assert!(matches!(fault, Fault::Full), "{fault:?}");
    let held = |store: &SqliteStore| store.read().unwrap().entries(LogNo(1), 0, 20_000, usize::MAX, true).unwrap();
    let expected: Vec<_> = (0..written).map(|index| entry(index).content).collect();
    assert_eq!(held(&store).into_iter().map(|entry| entry.content).collect::<Vec<_>>(), expected);
    drop(store);
    let store = open(folder.path(), 8 << 20);
    append(&store, written).unwrap();
    assert_eq!(held(&store).len() as u64, written + 1);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_store_keeps_its_quota_and_goes_on_with_a_larger_one() {
    a_quota_of_the_store_is_kept();
}

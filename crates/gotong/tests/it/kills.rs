//! SIGKILL at random moments: of import, withdrawal, erasure, pulling and starting, of the author and of its peers. Whatever was acknowledged is there
//! afterwards, once and unchanged; the logs verify; all nodes show the same. `GOTONG_KILLS` says how many, `GOTONG_SEED` repeats the choices (moments
//! depend on the machine too).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gotong_crypto::SeededEntropy;
use gotong_ledger::Leaf;
use gotong_store::{EntryKey, LogNo, SqliteOptions, SqliteStore, State, Store};
use serde_json::{Value, json};

use crate::harness::{CHANNEL, Dice, Member, Place, Region, copy_files, number_of, seed, verify};
use crate::program::{now, wait_for};

/// How long after a withdrawal's answer its erasure counts as under way.
const ERASING: Duration = Duration::from_millis(120);
/// The longest that a node lives between two kills.
const LIFE_MS: u64 = 800;
/// Lines in flight at most.
const STREAM_LINES: u64 = 160;

/// One object of the corpus, as it is sent.
struct Line {
    id: String,
    modified: String,
    text: String,
    /// Whether there is another version of the id; such are never withdrawn here.
    has_versions: bool,
}

/// What a publisher was given.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Receipt {
    log: String,
    index: u64,
    leaf: String,
}

/// What publisher and withdrawer know together.
#[derive(Default)]
struct Known {
    lines: Vec<Line>,
    /// Line → what its first answer said.
    receipts: BTreeMap<usize, Receipt>,
    in_flight: BTreeSet<usize>,
    /// Being withdrawn, or withdrawn: never sent again.
    leaving: BTreeSet<usize>,
    withdrawn: BTreeSet<usize>,
    is_withdrawing: bool,
    last_withdrawal: Option<Instant>,
    /// Answers for lines that were sent again.
    again: usize,
    /// What must not be.
    findings: Vec<String>,
}

fn corpus(dice: &mut Dice, known: &mut Known, count: usize) {
    while known.lines.len() < count {
        let n = known.lines.len();
        let id = format!("indicator--{}", dice.uuid());
        let versions = if dice.below(10) == 0 { 2 } else { 1 };
        for version in 0..versions {
            let modified = format!("2026-11-01T0{version}:00:00.000Z");
            let text = json!({
                "type": "indicator", "spec_version": "2.1", "id": id, "created": "2026-11-01T00:00:00.000Z", "modified": modified,
                "name": format!("number {n}, {}", dice.word(20)), "pattern": format!("[domain-name:value = 'host-{n}.example']"),
                "pattern_type": "stix", "valid_from": "2026-11-01T00:00:00Z",
            });
            // As answers spell it.
            let modified = modified.replace(".000Z", ".000000Z");
            known.lines.push(Line { id: id.clone(), modified, text: text.to_string(), has_versions: versions > 1 });
        }
    }
}

/// Takes an answer's lines; a line that was answered before must be answered alike.
fn take(known: &mut Known, sent: &[usize], outcomes: &[Value]) {
    for outcome in outcomes {
        let at = usize::try_from(outcome["line"].as_u64().unwrap()).unwrap();
        let number = sent[at - 1];
        let line = &known.lines[number];
        let receipt = &outcome["receipt"];
        if outcome["id"] != *line.id || !receipt.is_object() {
            known.findings.push(format!("line {number}: {outcome}"));
            continue;
        }
        let text = |name: &str| receipt[name].as_str().unwrap().to_owned();
        let receipt = Receipt { log: text("log"), index: receipt["index"].as_u64().unwrap(), leaf: text("leaf") };
        let before = known.receipts.insert(number, receipt.clone());
        if let Some(before) = before {
            known.again += 1;
            if before != receipt || outcome["outcome"] != "known" {
                known.findings.push(format!("line {number} was answered {before:?} and then {outcome}"));
            }
        }
    }
}

/// Sends what has no answer yet, and now and then what has one, until told to end and nothing is open.
fn publish(author: &Member, known: &Mutex<Known>, stop: &AtomicBool, seed: u64) {
    let mut dice = Dice(seed);
    let mut open: Vec<usize> = Vec::new();
    let mut begun = 0;
    loop {
        let is_ending = stop.load(Ordering::Acquire);
        let sent: Vec<usize> = {
            let mut known = known.lock().unwrap();
            open.retain(|line| !known.receipts.contains_key(line));
            if is_ending && open.is_empty() {
                return;
            }
            let fresh = usize::try_from(dice.below(STREAM_LINES)).unwrap() + 1;
            if !is_ending && open.len() < fresh {
                let more = fresh - open.len();
                corpus(&mut dice, &mut known, begun + more);
                let end = (begun + more).min(known.lines.len());
                open.extend(begun..end);
                begun = end;
            }
            let mut sent: Vec<usize> = open.iter().copied().take(fresh).collect();
            // What has its answer is sent again, too: it must not come twice.
            for _ in 0..dice.below(6) {
                let line = usize::try_from(dice.below(begun as u64)).unwrap();
                if known.receipts.contains_key(&line) && !known.leaving.contains(&line) && !sent.contains(&line) {
                    sent.push(line);
                }
            }
            known.in_flight = sent.iter().copied().collect();
            sent
        };
        let texts: Vec<String> = {
            known
                .lock()
                .unwrap()
                .lines
                .iter()
                .enumerate()
                .filter(|(at, _)| sent.contains(at))
                .map(|(_, line)| line.text.clone())
                .collect()
        };
        let in_order: Vec<usize> = {
            let mut sorted = sent.clone();
            sorted.sort_unstable();
            sorted
        };
        let lines: Vec<&str> = texts.iter().map(String::as_str).collect();
        let piece = usize::try_from(1 + dice.below(12)).unwrap();
        let pause = Duration::from_millis(dice.below(20));
        let imported = author.import(CHANNEL, &lines, piece, pause);
        let mut known = known.lock().unwrap();
        known.in_flight.clear();
        match imported {
            Some(imported) if imported.status == 200 => take(&mut known, &in_order, &imported.outcomes),
            // A node that starts or is busy says so.
            Some(imported) if imported.status == 503 => {}
            Some(imported) => known.findings.push(format!("an import was answered {}", imported.text)),
            None => {}
        }
        drop(known);
        std::thread::sleep(Duration::from_millis(dice.below(40)));
    }
}

/// Takes back a few now and then; asks again until it is answered.
fn withdraw(author: &Member, known: &Mutex<Known>, stop: &AtomicBool, seed: u64) {
    let mut dice = Dice(seed);
    while !stop.load(Ordering::Acquire) {
        std::thread::sleep(Duration::from_millis(100 + dice.below(500)));
        let (lines, ids): (Vec<usize>, Vec<String>) = {
            let mut known = known.lock().unwrap();
            let may = |line: &&usize| {
                !known.in_flight.contains(line) && !known.leaving.contains(line) && !known.lines[**line].has_versions
            };
            let candidates: Vec<usize> = known.receipts.keys().filter(may).copied().collect();
            if candidates.is_empty() {
                continue;
            }
            let chosen: BTreeSet<usize> = (0..=dice.below(3))
                .map(|_| candidates[usize::try_from(dice.below(candidates.len() as u64)).unwrap()])
                .collect();
            known.leaving.extend(&chosen);
            chosen.into_iter().map(|line| (line, known.lines[line].id.clone())).unzip()
        };
        let mut tries = 0;
        let answer = loop {
            known.lock().unwrap().is_withdrawing = true;
            let answer = author.withdraw(CHANNEL, &ids);
            known.lock().unwrap().is_withdrawing = false;
            tries += 1;
            match answer {
                Some(answer) if answer.status == 200 => break answer.json(),
                Some(answer) if answer.status != 503 => panic!("a withdrawal was answered {}", answer.text()),
                Some(_) | None => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        let mut known = known.lock().unwrap();
        known.last_withdrawal = Some(now());
        for (line, result) in lines.iter().zip(answer["results"].as_array().unwrap()) {
            // One that was carried out before its answer could be sent is not found when it is asked for again.
            let is_good =
                result["outcome"] == "done" && result["entries"] == 1 || tries > 1 && result["outcome"] == "not_found";
            if !is_good {
                known.findings.push(format!("line {line} was withdrawn with {result}"));
            }
            known.withdrawn.insert(*line);
        }
    }
}

/// What was going on when a node was killed.
fn phase(at: usize, is_ready: bool, known: &Known) -> &'static str {
    let is_erasing = known.last_withdrawal.is_some_and(|last| last.elapsed() < ERASING);
    match (at, is_ready) {
        (0, false) => "author: starting",
        (0, true) if known.is_withdrawing => "author: withdrawing",
        (0, true) if is_erasing => "author: erasing",
        (0, true) if !known.in_flight.is_empty() => "author: importing",
        (0, true) => "author: at rest",
        (_, false) => "peer: starting",
        (_, true) if is_erasing || known.is_withdrawing => "peer: erasing",
        (_, true) if !known.in_flight.is_empty() => "peer: pulling",
        (_, true) => "peer: at rest",
    }
}

/// Kills one after the other and starts each again at once.
fn kill(region: &Region, known: &Mutex<Known>, kills: usize, seed: u64) -> BTreeMap<&'static str, usize> {
    let mut dice = Dice(seed);
    let mut phases = BTreeMap::new();
    let life = |dice: &mut Dice| now() + Duration::from_millis(dice.below(LIFE_MS));
    let mut due: Vec<(bool, Instant)> = region.members.iter().map(|_| (true, life(&mut dice))).collect();
    let mut killed = 0;
    while killed < kills {
        for (at, member) in region.members.iter().enumerate() {
            let (is_ready, when) = &mut due[at];
            if now() >= *when && killed < kills {
                // Withdrawals are short: some kills wait for one.
                if at == 0 && *is_ready && dice.below(3) == 0 {
                    let begun = now();
                    while !known.lock().unwrap().is_withdrawing && begun.elapsed() < Duration::from_millis(700) {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    std::thread::sleep(Duration::from_millis(dice.below(25)));
                }
                *phases.entry(phase(at, *is_ready, &known.lock().unwrap())).or_insert(0) += 1;
                assert!(member.kill());
                killed += 1;
                member.start();
                // Now and then before it has come up; far in the future until it has.
                let soon = if dice.below(4) == 0 { dice.below(150) } else { 600_000 };
                (*is_ready, *when) = (false, now() + Duration::from_millis(soon));
            } else if !*is_ready && member.is_ready() {
                (*is_ready, *when) = (true, life(&mut dice));
            }
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    phases
}

/// The leaves of the log in which an entry with this leaf stands, by index.
fn leaves(store: &SqliteStore, any: &str) -> BTreeMap<u64, String> {
    let tx = store.read().unwrap();
    for log in 1..32 {
        let mut leaves = BTreeMap::new();
        loop {
            let entries = tx.entries(LogNo(log), leaves.len() as u64, 1_024, usize::MAX, false).unwrap();
            if entries.is_empty() {
                break;
            }
            for entry in entries {
                let leaf = Leaf { flags: entry.flags, commitment: entry.commitment };
                leaves.insert(entry.key.index(), leaf.hash().to_text());
            }
        }
        if leaves.values().any(|leaf| leaf == any) {
            return leaves;
        }
    }
    panic!("no log holds {any}");
}

/// Receipts that do not stand where they say.
fn broken<'a>(leaves: &BTreeMap<u64, String>, receipts: impl Iterator<Item = &'a Receipt>) -> usize {
    receipts.filter(|receipt| leaves.get(&receipt.index) != Some(&receipt.leaf)).count()
}

fn open(dir: &Path) -> SqliteStore {
    SqliteStore::open(dir, SqliteOptions::default(), &SeededEntropy::new(1)).unwrap()
}

/// Whether the checks see what they look for: each change to a copy of a sound folder must be found.
fn positive_controls(author: &Member, receipts: &BTreeMap<usize, Receipt>) {
    let scratch = tempfile::tempdir().unwrap();
    let copy = |name: &str| {
        let to = scratch.path().join(name);
        copy_files(&author.data, &to);
        assert!(verify(&to).0, "the copy is as sound as what it was made from");
        to
    };

    let flipped = copy("flipped");
    let (salt, victim) = {
        let store = open(&flipped.join("store"));
        let tx = store.read().unwrap();
        let entries = (1..32).flat_map(|log| tx.entries(LogNo(log), 0, 4_096, usize::MAX, true).unwrap());
        let entry = entries.into_iter().find(|entry| entry.header.state == State::Live).unwrap();
        (entry.content.unwrap().unpack().unwrap().salt2, entry.key)
    };
    let database = flipped.join("store/store.db");
    let mut bytes = std::fs::read(&database).unwrap();
    let at = bytes.windows(32).position(|window| window == salt).expect("the salt of an entry");
    bytes[at + 7] ^= 0x10;
    std::fs::write(&database, bytes).unwrap();
    let (is_sound, report) = verify(&flipped);
    assert!(!is_sound, "one bit of a salt: {report}");

    let robbed = copy("robbed");
    let erase = |key: EntryKey| {
        let store = open(&robbed.join("store"));
        let mut tx = store.write().unwrap();
        tx.erase(key).unwrap();
        tx.commit().unwrap();
    };
    erase(victim);
    let (is_sound, report) = verify(&robbed);
    assert!(!is_sound, "an entry erased that nobody withdrew: {report}");

    let store = open(&scratch.path().join("flipped/store"));
    let any = receipts.values().next().unwrap();
    let leaves = leaves(&store, &any.leaf);
    let made_up = [
        Receipt { index: any.index + 1, ..any.clone() },
        Receipt { index: 1 << 40, ..any.clone() },
        Receipt { leaf: receipts.values().last().unwrap().leaf.clone(), ..any.clone() },
    ];
    assert_eq!(broken(&leaves, made_up.iter()), made_up.len(), "receipts that nobody gave");
}

#[test]
fn whoever_is_killed_whenever_nothing_acknowledged_is_lost_or_comes_twice() {
    let is_quick = std::env::var_os("GOTONG_TEST_QUICK").is_some();
    let kills = number_of("GOTONG_KILLS", if is_quick { 40 } else { 200 });
    let seed = seed("GOTONG_SEED");
    println!("kills: GOTONG_KILLS={kills} GOTONG_SEED={seed}");
    let region = Region::found();
    region.start();
    let author = &region.members[0];
    let known = Mutex::new(Known::default());
    let (stop_publishing, stop_withdrawing) = (AtomicBool::new(false), AtomicBool::new(false));
    let begun = now();
    let phases = std::thread::scope(|scope| {
        let publishing = scope.spawn(|| publish(author, &known, &stop_publishing, seed ^ 1));
        let withdrawing = scope.spawn(|| withdraw(author, &known, &stop_withdrawing, seed ^ 2));
        let phases = kill(&region, &known, kills, seed ^ 3);
        println!("kills: {kills} in {:?}: {phases:?}", begun.elapsed());
        region.members.iter().for_each(Member::wait_until_ready);
        stop_withdrawing.store(true, Ordering::Release);
        withdrawing.join().unwrap();
        stop_publishing.store(true, Ordering::Release);
        publishing.join().unwrap();
        phases
    });
    assert_eq!(phases.values().sum::<usize>(), kills);
    if kills >= 100 {
        for phase in [
            "author: importing",
            "author: withdrawing",
            "author: erasing",
            "author: starting",
            "peer: pulling",
            "peer: erasing",
            "peer: starting",
        ] {
            assert!(phases.contains_key(phase), "nobody was killed in the phase {phase:?}: {phases:?}");
        }
    }
    let settled = region.wait_until_equal();
    let known = known.into_inner().unwrap();
    assert_eq!(known.findings, Vec::<String>::new());
    println!(
        "kills: {} receipts, {} answers to lines sent again, {} withdrawn; equal {settled:?} after the last kill",
        known.receipts.len(),
        known.again,
        known.withdrawn.len()
    );

    // What shows is what was acknowledged and not withdrawn: once each, where its receipt says, byte for byte.
    let expected: BTreeMap<Place, &str> = known
        .receipts
        .iter()
        .filter(|(line, _)| !known.withdrawn.contains(line))
        .map(|(number, receipt)| {
            let line = &known.lines[*number];
            let place = Place {
                log: receipt.log.clone(),
                index: receipt.index,
                id: line.id.clone(),
                modified: line.modified.clone(),
            };
            (place, line.text.as_str())
        })
        .collect();
    let shown = author.list(CHANNEL);
    let seen: BTreeMap<Place, &str> = shown.iter().map(|(place, row)| (place.clone(), row.object.as_str())).collect();
    assert!(
        seen == expected,
        "{} are shown, {} were acknowledged: {:?}",
        seen.len(),
        expected.len(),
        seen.keys().find(|place| !expected.contains_key(place))
    );
    let versions: BTreeSet<(&str, &str)> =
        seen.keys().map(|place| (place.id.as_str(), place.modified.as_str())).collect();
    assert_eq!(versions.len(), seen.len(), "no version stands twice");
    for member in &region.members[1..] {
        assert!(member.list(CHANNEL) == shown, "{} shows what the author shows", member.code);
    }

    // The erasures are finished everywhere, also those that a kill interrupted.
    wait_for("all acknowledgements of erasure", || {
        let answer = author.get("/api/v1/channels/rti%2Findicators/withdrawals").expect(200).json();
        answer["withdrawals"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["gone"]["waiting_for"].as_array().unwrap().is_empty())
    });
    for member in &region.members {
        let (is_sound, report) = member.verify();
        assert!(is_sound, "{}, running: {report}", member.code);
        assert_eq!(report["erased"].as_u64().unwrap(), known.withdrawn.len() as u64, "{}", member.code);
    }
    region.stop();
    for member in &region.members {
        let (is_sound, report) = member.verify();
        assert!(is_sound, "{}, offline: {report}", member.code);
    }
    for member in &region.members {
        let store = open(&member.data.join("store"));
        let leaves = leaves(&store, &known.receipts.values().next().unwrap().leaf);
        assert_eq!(broken(&leaves, known.receipts.values()), 0, "receipts that do not hold at {}", member.code);
        let distinct: BTreeSet<&String> = leaves.values().collect();
        assert_eq!(distinct.len(), leaves.len(), "no leaf stands twice");
    }
    positive_controls(author, &known.receipts);
    println!("kills: all in all {:?}", begun.elapsed());
}

//! A withdrawal leaves nothing: every file of every node is searched for the body, the salts and the packed bytes in which a store keeps them, before
//! (where they must be found, or the search is worth nothing) and after.

use std::path::{Path, PathBuf};

use gotong_crypto::SeededEntropy;
use gotong_store::{Content, LogNo, SqliteOptions, SqliteStore, Store};
use serde_json::Value;

use crate::program::{Demo, indicator, run, wait_for};

const UUID: &str = "4f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e01";
const DOMAIN: &str = "quixotic-marmalade.example";
const CODES: [&str; 3] = ["vn", "th", "id"];

/// Bytes that must be nowhere afterwards, each with a name.
type Traces = Vec<(String, Vec<u8>)>;

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}

/// The names of the traces that are found below a folder.
fn search(dir: &Path, traces: &Traces) -> Vec<String> {
    let mut found = Vec::new();
    for path in files(dir) {
        let bytes = std::fs::read(&path).unwrap_or_default();
        for (name, trace) in traces {
            if contains(&bytes, trace) {
                found.push(format!("{name} in {}", path.display()));
            }
        }
    }
    found
}

/// What a store holds of the object: read from a copy, since its node has it open. Salts, and pieces of what compression made of envelope and body,
/// as far as no other entry has the same ones.
fn traces(data: &Path) -> Traces {
    let copy = tempfile::tempdir().unwrap();
    for file in files(&data.join("store")) {
        std::fs::copy(&file, copy.path().join(file.file_name().unwrap())).unwrap();
    }
    let store = SqliteStore::open(copy.path(), SqliteOptions::default(), &SeededEntropy::new(1)).unwrap();
    let tx = store.read().unwrap();
    let all = (1..20).flat_map(|log| tx.entries(LogNo(log), 0, 1_000, usize::MAX, true).unwrap());
    let all: Vec<(Vec<u8>, Content)> =
        all.filter_map(|entry| Some((entry.content.as_ref()?.0.clone(), entry.open().unwrap()?))).collect();
    let names_it = |content: &Content| contains(&content.body, DOMAIN.as_bytes());
    let (packed, content) = all.iter().find(|(_, content)| names_it(content)).expect("the store holds the object");
    let is_its_own = |piece: &&[u8]| !all.iter().any(|(other, content)| !names_it(content) && contains(other, piece));
    // A mode byte and two salts, then the compressed bytes.
    let pieces = packed[65..].windows(16).step_by(4).filter(is_its_own).map(<[u8]>::to_vec);
    let mut traces: Traces = vec![("salt 1".into(), content.salt1.to_vec()), ("salt 2".into(), content.salt2.to_vec())];
    traces.extend(pieces.enumerate().map(|(at, piece)| (format!("packed piece {at}"), piece)));
    assert!(traces.len() > 6, "there is enough to look for");
    traces
}

fn contains(bytes: &[u8], trace: &[u8]) -> bool {
    bytes.windows(trace.len()).any(|window| window == trace)
}

#[test]
fn what_is_withdrawn_is_in_no_file_of_any_node() {
    let mut demo = Demo::start(&["--empty"]);
    let channel = ["--channel", "rti/indicators"];
    // Others around it, so that pages are shared.
    let around: Vec<String> = (10..60)
        .map(|n| indicator(&format!("4f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e{n}"), &format!("other-{n}.example")))
        .collect();
    let lines = format!("{}\n{}\n", around.join("\n"), indicator(UUID, DOMAIN));
    demo.at_with("vn", &[&["import", "-"], &channel[..]].concat(), &lines).with(0);
    wait_for("the object everywhere", || CODES.iter().all(|code| demo.hits(code, DOMAIN) == 1));

    let mut all: Vec<(&str, Traces)> = Vec::new();
    for code in CODES {
        let found = traces(demo.data(code));
        let seen = search(&demo.data(code).join("store"), &found);
        assert!(seen.len() >= found.len(), "the search finds at {code} what is there: {seen:?}");
        all.push((code, found));
    }
    let id = format!("indicator--{UUID}");
    demo.at("vn", &[&["withdraw", &id, "--reason", "error"], &channel[..]].concat()).with(0);
    let erased = |demo: &Demo| {
        let answer = run(&["log", "list", "--json", "--data", demo.data("vn").to_str().unwrap()]).with(0).json();
        assert!(answer[0]["logs"].is_array());
        CODES.iter().all(|code| {
            let verified =
                run(&["log", "verify", "--json", "--data", demo.data(code).to_str().unwrap()]).with(0).json();
            verified[0]["erased"].as_u64() == Some(1)
        })
    };
    wait_for("the erasure everywhere", || erased(&demo));
    let clean = |demo: &Demo| -> Vec<String> {
        let mut found = Vec::new();
        for (code, traces) in &all {
            let mut traces = traces.clone();
            traces.push(("the domain".into(), DOMAIN.into()));
            traces.push(("the id".into(), UUID.into()));
            found.extend(search(demo.data(code), &traces));
        }
        found
    };
    // The store's files are wiped a moment after the tombstone counts.
    wait_for("clean files", || clean(&demo).is_empty() || !is_changing(&demo, &clean));
    assert_eq!(clean(&demo), Vec::<String>::new());
    assert_eq!(demo.end(), 0);
    assert_eq!(clean(&demo), Vec::<String>::new(), "nor once they have ended");
    let answer: Value =
        run(&["lookup", "other-10.example", "--json", "--data", demo.data("id").to_str().unwrap()]).with(0).json()[0]
            .clone();
    assert_eq!(answer["hits"].as_array().unwrap().len(), 1, "what stood around it is there");
}

/// Whether waiting longer might help: erasing is over where ten looks find the same.
fn is_changing(demo: &Demo, clean: &impl Fn(&Demo) -> Vec<String>) -> bool {
    let first = clean(demo);
    for _ in 0..100 {
        std::thread::sleep(std::time::Duration::from_millis(50));
        if clean(demo) != first {
            return true;
        }
    }
    false
}

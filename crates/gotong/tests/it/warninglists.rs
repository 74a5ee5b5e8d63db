//! `gotong warninglist` as people run it: loaded from files and pipes, rules set, objects that hit, a value left out of an export, a restart, MISP's real lists.
//!
//! What a hit is and which rule counts is tested in `gotong-formats` and `gotong-app`. Read next: `docs/book/warninglists.md`.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::program::{Demo, Ended, indicator, now, run, run_with};

const SITES: &str = "Large sites";
const RESOLVERS: &str = "Public resolvers / \"anycast\"";
const CHANNEL: [&str; 4] = ["--channel", "rti/indicators", "--tlp", "green"];

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

fn list(name: &str, kind: &str, version: u64, entries: &[&str]) -> Value {
    json!({"name": name, "version": version, "type": kind, "description": "of a test", "list": entries,
        "matching_attributes": ["domain", "hostname", "url", "ip-src", "ip-dst"]})
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> String {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

fn uuid(n: u32) -> String {
    format!("3f0f0b1e-7b3a-4f4e-9a51-{n:012}")
}

/// Runs a command as the operator of the node's machine.
fn own(demo: &Demo, arguments: &[&str]) -> Ended {
    own_with(demo, arguments, "")
}

fn own_with(demo: &Demo, arguments: &[&str], input: &str) -> Ended {
    run_with(&[arguments, &["--data", demo.data("vn").to_str().unwrap()]].concat(), input)
}

/// Imports an indicator of a domain; what came of it.
fn import(demo: &Demo, n: u32, domain: &str) -> (Ended, Value) {
    let ended = demo.at_with("vn", &[&["import", "-", "--json"], &CHANNEL[..]].concat(), &indicator(&uuid(n), domain));
    let summary = ended.json().last().unwrap()["summary"].clone();
    (ended, summary)
}

fn real_lists() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("GOTONG_REAL_DATA").map_or_else(beside, PathBuf::from);
    let file = folder.join("warninglists.ndjson.gz");
    if !file.exists() {
        println!("GOTONG_REAL_DATA names no folder with warninglists.ndjson.gz: MISP's own lists are not tried");
        return None;
    }
    Some(file)
}

#[test]
fn lists_are_loaded_judge_what_comes_in_and_are_there_after_a_restart() {
    let mut demo = Demo::start(&["--empty"]);
    let scratch = tempfile::tempdir().unwrap();
    let nothing = demo.at("vn", &["warninglist", "list"]).with(0).out;
    assert!(nothing.contains("gotong warninglist load"), "{nothing}");
    let (_, before) = import(&demo, 1, "www.site.example");
    assert_eq!((&before["new"], &before["noted"]), (&json!(1), &json!(0)));

    // Whoever takes values out of a text is told that nothing could tell false alarms, before and after.
    let text = write(scratch.path(), "mail.txt", b"seen: 198.51.100.77 and resolver.example");
    let looked = demo.at("vn", &[&["import", &text, "--preview"], &CHANNEL[..]].concat()).with(0).out;
    assert!(looked.contains("in rti/indicators: 3 would be published, 0 of them"), "{looked}");
    assert!(looked.contains("No warninglist is loaded"), "{looked}");
    let taken = demo.at("vn", &[&["import", &text], &CHANNEL[..]].concat()).with(0).out;
    assert!(taken.contains("3 new") && taken.contains("No warninglist is loaded"), "{taken}");

    // One as MISP lays it out, many packed, many through a pipe.
    let pretty = serde_json::to_string_pretty(&list(SITES, "hostname", 20, &["site.example"])).unwrap();
    let file = write(scratch.path(), "list.json", pretty.as_bytes());
    let refused = demo.at("vn", &["warninglist", "load", &file]).with(1);
    assert!(refused.err.contains("the right `warninglists`"), "{}", refused.err);
    let loaded = own(&demo, &["warninglist", "load", &file]).with(0).out;
    assert!(
        loaded.contains("new: Large sites, 1 of 1 entries in use") && loaded.contains("1 new, 0 updated"),
        "{loaded}"
    );
    let lines = format!(
        "{}\nno list\n{}\n",
        list(RESOLVERS, "cidr", 1, &["192.0.2.0/24", "no address"]),
        list("X", "string", 1, &["x"])
    );
    let file = write(scratch.path(), "lists.ndjson.gz", &gzip(&lines));
    let loaded = own(&demo, &["warninglist", "load", &file, "--json"]).with(1).json();
    let told: Vec<(u64, &str)> =
        loaded[..3].iter().map(|one| (one["line"].as_u64().unwrap(), one["outcome"].as_str().unwrap())).collect();
    assert_eq!(told, [(1, "new"), (2, "refused"), (3, "new")], "{loaded:?}");
    assert_eq!(
        (&loaded[0]["why"][0]["id"], &loaded[0]["why"][0]["pointer"]),
        (&json!("warninglist.entry"), &json!("/list/1"))
    );
    let piped = own_with(&demo, &["warninglist", "load", "-"], &format!("{pretty}{pretty}")).with(0).out;
    assert!(piped.contains("0 new, 0 updated, 2 known"), "{piped}");

    // What informs is said, and taken.
    let (ended, summary) = import(&demo, 2, "www.site.example");
    assert_eq!((ended.status, &summary["new"], &summary["noted"]), (0, &json!(1), &json!(1)), "{}", ended.out);
    assert_eq!(ended.json()[0]["notes"][0]["id"], "warninglist.inform");
    let text = demo
        .at_with("vn", &[&["import", "-"], &CHANNEL[..]].concat(), &indicator(&uuid(3), "site.example"))
        .with(0)
        .out;
    assert!(text.contains("\"Large sites\"") && text.contains("1 objects were taken whose values"), "{text}");

    // A look says it of each object, and the same numbers as the import.
    let text = write(scratch.path(), "more.txt", b"seen: 198.51.100.78 and www.site.example");
    let looked = demo.at("vn", &[&["import", &text, "--preview"], &CHANNEL[..]].concat()).with(0).out;
    assert!(looked.contains("3 would be published, 1 of them") && looked.contains("\"Large sites\""), "{looked}");
    assert!(!looked.contains("No warninglist is loaded"), "{looked}");

    // What blocks waits for a person, who lets it in.
    let rule = ["warninglist", "rule", SITES, "--on", "publish,import", "--action", "block"];
    assert!(own(&demo, &rule).with(0).out.contains("block on import and publish in all channels; 1 lists changed"));
    let (ended, summary) = import(&demo, 4, "www.site.example");
    assert_eq!((ended.status, &summary["quarantined"]), (1, &json!(1)), "{}", ended.out);
    let waiting = demo.at("vn", &["quarantine", "list", "--json"]).with(0).json();
    assert_eq!((waiting.len(), &waiting[0]["why"][0]["id"]), (1, &json!("warninglist.block")), "{waiting:?}");
    demo.at("vn", &["quarantine", "release", &waiting[0]["number"].to_string()]).with(0);
    assert_eq!(import(&demo, 4, "www.site.example").1["known"], 1);
    assert_eq!(import(&demo, 5, "other.example").1["new"], 1);

    let wrong = own(&demo, &["warninglist", "rule", "No such", "--on", "export", "--action", "block"]).with(1);
    assert!(wrong.err.contains("no warninglist") && wrong.err.contains("hint:"), "{}", wrong.err);
    let wrong = own(&demo, &["warninglist", "remove", "No such"]).with(1);
    assert!(wrong.err.contains("warninglist list"), "{}", wrong.err);
    own(&demo, &["warninglist", "rule", "--on", "export", "--action", "block"]).with(2);

    // The same node, started again for each command: nothing is lost.
    let data = demo.data("vn").to_str().unwrap().to_owned();
    demo.end();
    let at = |arguments: &[&str]| run(&[&["warninglist"], arguments, &["--data", &data]].concat());
    let lists = at(&["list", "--json"]).with(0).json();
    let rules: Vec<&str> =
        lists[0]["rules"].as_array().unwrap().iter().map(|rule| rule["action"].as_str().unwrap()).collect();
    assert_eq!((lists.len(), &lists[0]["name"], rules), (3, &json!(SITES), vec!["inform", "block", "block"]));
    let checked = at(&["check", "192.0.2.77", "203.0.113.1", "https://a.site.example/x"]).with(0).out;
    let expected = format!(
        "192.0.2.77: {RESOLVERS} (entry 192.0.2.0/24)\n203.0.113.1: on no list\nhttps://a.site.example/x: {SITES} (entry site.example)\n"
    );
    assert_eq!(checked, expected);
    let again =
        run_with(&[&["import", "-", "--data", &data], &CHANNEL[..]].concat(), &indicator(&uuid(6), "b.site.example"))
            .with(1);
    assert!(again.out.contains("1 quarantined"), "{}", again.out);
    at(&["remove", SITES]).with(0);
    let again =
        run_with(&[&["import", "-", "--data", &data], &CHANNEL[..]].concat(), &indicator(&uuid(7), "b.site.example"))
            .with(0);
    assert!(again.out.contains("1 new") && !again.out.contains("warninglists"), "{}", again.out);
    let table = at(&["list"]).with(0).out;
    assert!(!table.contains(SITES) && table.contains(RESOLVERS) && table.contains("inform"), "{table}");
}

#[test]
fn the_real_lists_are_taken_whole_and_a_restart_is_short() {
    let Some(file) = real_lists() else { return };
    let mut demo = Demo::start(&["--empty"]);
    let loaded = own(&demo, &["warninglist", "load", file.to_str().unwrap(), "--json"]).with(0).json();
    let sum = |name: &str| loaded.iter().filter_map(|list| list[name].as_u64()).sum::<u64>();
    let (entries, used, lists) =
        (sum("entries"), sum("used"), loaded.last().unwrap()["summary"]["new"].as_u64().unwrap());
    assert!(lists > 100 && entries > 500_000 && entries - used < 1_000, "{lists} lists, {used} of {entries} entries");
    let checked =
        demo.at("vn", &["warninglist", "check", "8.8.8.8", "10.1.2.3", "www.google.com", "--json"]).with(0).json();
    assert!(checked.iter().all(|value| !value["hits"].as_array().unwrap().is_empty()), "{checked:?}");
    let (ended, summary) = import(&demo, 1, "www.google.com");
    assert_eq!((&summary["new"], &summary["noted"]), (&json!(1), &json!(1)), "{}", ended.out);
    assert_eq!(import(&demo, 2, "evil.example.invalid").1["new"], 1);

    let data = demo.data("vn").to_str().unwrap().to_owned();
    demo.end();
    let begun = now();
    let again = run(&["warninglist", "list", "--json", "--data", &data]).with(0).json();
    println!("{lists} lists with {entries} entries: a start, compiling and a list of them took {:?}", begun.elapsed());
    assert_eq!(again.len() as u64, lists);
}

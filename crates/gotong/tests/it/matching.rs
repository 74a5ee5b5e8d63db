//! `gotong match` as an analyst runs it: a region, values that one country published, log files of another, sightings that come back to the first.
//!
//! Nothing of the logs may leave the machine but the values that were found. Read next: `crates/gotong-formats/tests/it/scan.rs` for what a hit is.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Demo, indicator, run, run_with, wait_for};

const CHANNEL: [&str; 2] = ["--channel", "rti/indicators"];
const HOLE: &str = "vulnerability--3f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e22";
const INDICATOR: &str = "indicator--3f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e21";

fn domain_name(value: &str, id: &str) -> String {
    json!({"type": "domain-name", "spec_version": "2.1", "id": id, "value": value}).to_string()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> String {
    let path = dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn what_is_found_in_logs_is_told_with_its_records_and_sighted_where_it_came_from() {
    let demo = Demo::start(&["--empty"]);
    let objects = [
        indicator("3f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e21", "evil.example"),
        domain_name("seen.example", "domain-name--0f05bc64-fdda-51f0-a852-4c758b7de0a5"),
        domain_name("evil.example", "domain-name--69228563-c8d2-54ae-aeca-5f4134cb59aa"),
    ];
    let import = [&["import", "-", "--tlp", "green", "--json"], &CHANNEL[..]].concat();
    let imported = demo.at_with("vn", &import, &objects.join("\n"));
    assert!(imported.out.contains("\"new\":3"), "{} {}", imported.out, imported.err);
    let hole = json!({"type": "vulnerability", "spec_version": "2.1", "id": HOLE, "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z", "name": "CVE-2026-11111"});
    let advisories = ["import", "-", "--tlp", "green", "--channel", "rti/advisories"];
    demo.at_with("vn", &advisories, &hole.to_string()).with(0);
    wait_for("the values", || {
        let hits = ["evil.example", "seen.example", "CVE-2026-11111"].map(|value| demo.hits("th", value));
        hits == [2, 1, 1]
    });

    let scratch = tempfile::tempdir().unwrap();
    let logs = scratch.path();
    let plain = write(
        logs,
        "a.log",
        b"nothing\nGET http://www.evil.example/x\nnotevil.example evil.example.org\nq seen.example\n",
    );
    let packed = write(logs, "b.log.gz", &gzip("secret-line-1 evil.example\nEVIL.EXAMPLE:443\n"));
    let dense = write(logs, "c.zst", &zstd::encode_all(&b"for cve-2026-11111:\nseen.example."[..], 1).unwrap());

    let text = demo.at("th", &["match", &plain, &packed, &dense]).with(0);
    let lines: Vec<&str> = text.out.lines().collect();
    let expected = [
        (format!("{plain}:2: evil.example  "), "rti/indicators"),
        (format!("{plain}:4: seen.example  "), "rti/indicators"),
        (format!("{packed}:1: evil.example  "), "rti/indicators"),
        (format!("{packed}:2: evil.example  "), "rti/indicators"),
        (format!("{dense}:1: CVE-2026-11111  "), "rti/advisories"),
        (format!("{dense}:2: seen.example  "), "rti/indicators"),
    ];
    assert_eq!(lines.len(), expected.len(), "{}", text.out);
    for (line, (head, channel)) in lines.iter().zip(&expected) {
        assert!(line.starts_with(head) && line.contains(channel), "{line} is not {head}… {channel}");
    }
    assert!(text.err.contains("of 3 files"), "{}", text.err);

    // For machines, from standard input, and without asking for records.
    let told = demo.at_with("th", &["match", "-", "--json"], "x\nhttps:\\/\\/evil.example\\/\n").with(0).json();
    assert_eq!(
        (&told[0]["file"], &told[0]["line"], &told[0]["value"]),
        (&json!("-"), &json!(2), &json!("evil.example"))
    );
    let ids: Vec<&str> =
        told[0]["records"].as_array().unwrap().iter().map(|record| record["id"].as_str().unwrap()).collect();
    assert!(told.len() == 1 && ids.contains(&INDICATOR), "{told:?}");
    let bare = demo.at("th", &["match", &plain, "--values-only"]).with(0).out;
    assert_eq!(bare, format!("{plain}:2: evil.example\n{plain}:4: seen.example\n"));

    the_sightings_come_back(&demo, &[&plain, &packed, &dense]);
}

fn the_sightings_come_back(demo: &Demo, logs: &[&str]) {
    let sight = [&["match"], logs, &["--sightings", "rti/indicators", "--json"]].concat();
    let records = |kind: &str| -> Vec<Value> {
        let export = demo.at("vn", &[&["export", "--format", "stix"], &CHANNEL[..]].concat()).with(0).out;
        let bundle: Value = serde_json::from_str(&export).unwrap();
        bundle["objects"].as_array().unwrap().iter().filter(|object| object["type"] == kind).cloned().collect()
    };
    let unasked = demo.at("th", &sight).with(1);
    assert!(unasked.out.contains("nobody said yes") && records("sighting").is_empty(), "{}", unasked.out);

    let published = demo.at("th", &[&sight[..], &["--yes"]].concat()).with(0).json();
    assert_eq!(published.last().unwrap()["summary"]["new"], 3, "{published:?}");
    let shown = published.iter().find(|line| line.get("sightings").is_some()).unwrap();
    assert_eq!(shown["hits_of_other_channels"], 1, "what another channel says is not told in this one");
    assert!(
        published.iter().any(|hit| hit["records"][0]["id"] == HOLE) && !shown.to_string().contains(HOLE),
        "{shown}"
    );
    wait_for("the sighting", || !records("sighting").is_empty() && records("observed-data").len() == 2);
    let sightings = records("sighting");
    assert_eq!(sightings.len(), 1);
    assert_eq!((&sightings[0]["sighting_of_ref"], &sightings[0]["count"]), (&json!(INDICATOR), &json!(3)));
    let all = serde_json::to_string(&[sightings, records("observed-data")].concat()).unwrap();
    assert!(!all.contains("a.log") && !all.contains("secret-line"), "no line and no name of a file is shared: {all}");
    // A second run on the same files says nothing new.
    let again = demo.at("th", &[&sight[..], &["--yes"]].concat()).with(0).json();
    let summary = &again.last().unwrap()["summary"];
    assert_eq!((&summary["new"], &summary["known"]), (&json!(0), &json!(3)), "{again:?}");
}

#[test]
fn values_of_a_file_need_no_node_and_what_cannot_be_read_is_told_and_does_not_stop_the_rest() {
    let scratch = tempfile::tempdir().unwrap();
    let dir = scratch.path();
    let values = write(dir, "values.txt", b"evil.example\n203.0.113.0/24\nhttp://evil.example/a/\n");
    let logs = dir.join("logs");
    std::fs::create_dir(&logs).unwrap();
    let long =
        format!("{} www.evil.example {}\n\nhttp://evil.example/a/b\n", "x,".repeat(6 << 20), "y;".repeat(3 << 20));
    write(&logs, "1.log", long.as_bytes());
    let whole = gzip(&"evil.example\n".repeat(200_000));
    write(&logs, "2.gz", &whole[..whole.len() / 2]);
    write(&logs, "3.bin", &(0..=255_u8).cycle().take(100_000).chain(*b" 203.0.113.9\xff\xfe ").collect::<Vec<u8>>());
    let missing = dir.join("missing.log");
    let ended =
        run(&["match", logs.to_str().unwrap(), missing.to_str().unwrap(), "--values", &values, "--json"]).with(1);
    let hits = ended.json();
    let of = |name: &str| -> Vec<(u64, String)> {
        let own = hits.iter().filter(|hit| hit["file"].as_str().unwrap().ends_with(name));
        own.map(|hit| (hit["line"].as_u64().unwrap(), hit["value"].as_str().unwrap().to_owned())).collect()
    };
    let expected = [(1, "evil.example"), (3, "evil.example"), (3, "http://evil.example/a/")]
        .map(|(line, value)| (line, value.to_owned()));
    assert_eq!(of("1.log"), expected);
    assert!(of("2.gz").len() > 1_000, "what could be read of it is searched");
    assert_eq!(of("3.bin").last().unwrap().1, "203.0.113.0/24");
    assert!(
        ended.err.contains("2.gz") && ended.err.contains("read to its end") && ended.err.contains("missing.log"),
        "{}",
        ended.err
    );
    assert!(ended.err.contains("\"broken\":2"), "{}", ended.err);

    let quiet = run_with(&["match", "-", "--values", &values], "nothing here\n").with(0);
    assert!(quiet.out.is_empty() && quiet.err.contains("0 hits in 1 line of 1 file"), "{}", quiet.err);
    let empty = write(dir, "none.txt", b"\n");
    assert!(run_with(&["match", "-", "--values", &empty], "x").with(1).err.contains("no value to look for"));
    run_with(&["match", "-", "-", "--values", &values], "").with(2);
    run_with(&["match", "-", "--values", &values, "--sightings", "rti/indicators"], "").with(2);
    assert!(
        run_with(&["match", "-", "--values", &values, "--defanged"], "hxxp://www.evil[.]example/\n")
            .out
            .contains("evil.example")
    );
}

//! One node as its operator and its analyst see it.

use std::process::{Child, Stdio};

use crate::program::{Demo, command, indicator, run, run_with, signal, wait_for};

/// A member's folder from a demo that has ended, served alone.
struct Served(Child);

impl Served {
    fn start(data: &str, listen: &str) -> Self {
        let child = command()
            .args(["serve", "--data", data, "--listen", listen])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let served = Self(child.unwrap());
        wait_for("the node", || std::net::TcpStream::connect(listen).is_ok());
        served
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const CHANNEL: [&str; 2] = ["--channel", "rti/indicators"];

#[test]
fn a_folder_is_worked_on_by_its_node_or_by_a_command_and_never_by_two() {
    let mut demo = Demo::start(&["--empty"]);
    assert_eq!(demo.end(), 0);
    let data = demo.data("vn").to_str().unwrap().to_owned();
    let listen = demo.member("vn")["base"].as_str().unwrap().trim_start_matches("http://").to_owned();
    let import = [&["import", "-", "--data", &data], &CHANNEL[..]].concat();

    // No node: the command opens the folder itself.
    let first = indicator("1f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e01", "first.example");
    assert_eq!(run_with(&import, &first).with(0).out, "1 new, 0 known, 0 updated, 0 refused, 0 quarantined\n");
    let token = run(&["token", "create", "reader", "--data", &data]).with(0).out.trim().to_owned();

    let mut served = Served::start(&data, &listen);
    let second = run(&["serve", "--data", &data, "--listen", "127.0.0.1:0"]).with(1);
    assert!(second.err.contains("waiting for it") && second.err.contains("a node is running"), "{}", second.err);
    let accept = run(&["peer", "add", &format!("{data}/statement.note"), "--data", &data]).with(1);
    assert!(accept.err.contains("stop it first"), "{}", accept.err);

    // The same command talks to the node through its socket, and finds what it did before.
    assert!(run_with(&import, &first).with(0).out.starts_with("0 new, 1 known"));
    let logs = run(&["log", "list", "--json", "--data", &data]).with(0).json();
    assert!(logs[0]["logs"].as_array().is_some_and(|logs| !logs.is_empty()), "{logs:?}");
    let reader = ["--server", &format!("http://{listen}"), "--token", &token];
    let hits = run(&[&["lookup", "first.example", "--json"], &reader[..]].concat()).with(0).json();
    assert_eq!(hits[0]["hits"].as_array().unwrap().len(), 1);
    let refused = run_with(&[&["import", "-"], &CHANNEL[..], &reader[..]].concat(), &first).with(1);
    assert!(
        refused.err.contains("the right `publish`") || refused.out.contains("the right `publish`"),
        "{} {}",
        refused.out,
        refused.err
    );
    run(&[&["token", "list"], &reader[..]].concat()).with(1);

    let id = run(&["token", "list", "--json", "--data", &data]).with(0).json()[0]["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .find(|token| token["name"] == "reader")
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    // Two of one name are told apart by their ids, and one is ended by its name.
    let twice = run(&["token", "create", "reader", "--data", &data]).with(0);
    assert!(twice.err.contains(&format!("Others have this name, and still count: {id}")), "{}", twice.err);
    let either = run(&["token", "revoke", "reader", "--data", &data]).with(2);
    assert!(either.err.contains("2 tokens are called so") && either.err.contains(&id), "{}", either.err);
    run(&["token", "revoke", &id, "--data", &data]).with(0);
    let one = run(&["token", "revoke", "reader", "--data", &data]).with(0);
    assert!(one.out.contains("counts no more") && !one.out.contains(&id), "{}", one.out);
    run(&["token", "revoke", "reader", "--data", &data]).with(1);
    run(&["lookup", " ", "--data", &data]).with(2);
    let gone = run(&[&["lookup", "first.example"], &reader[..]].concat()).with(1);
    assert!(gone.err.contains("hint:"), "{}", gone.err);

    signal(served.0.id(), "TERM");
    assert_eq!(served.0.wait().unwrap().code(), Some(0));
    assert!(!std::path::Path::new(&data).join("socket").exists(), "a node that ends in order takes its socket along");
}

#[test]
fn a_node_that_finds_a_command_on_its_folder_waits_for_it() {
    let mut demo = Demo::start(&["--empty"]);
    assert_eq!(demo.end(), 0);
    let folder = demo.data("vn").to_owned();
    let data = folder.to_str().unwrap();
    let listen = demo.member("vn")["base"].as_str().unwrap().trim_start_matches("http://").to_owned();
    // It has the folder until its input ends.
    let import = [&["import", "-", "--data", data], &CHANNEL[..]].concat();
    let mut import = command().args(import).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    wait_for("the command", || folder.join(format!("socket-{}", import.id())).exists());

    let said = folder.join("said");
    let node = command()
        .args(["serve", "--data", data, "--listen", &listen])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&said).unwrap())
        .spawn();
    let mut node = Served(node.unwrap());
    wait_for("the node's word", || std::fs::read_to_string(&said).unwrap().contains("waiting for it"));
    assert!(std::net::TcpStream::connect(&listen).is_err());
    drop(import.stdin.take());
    assert!(import.wait().unwrap().success());
    wait_for("the node", || std::net::TcpStream::connect(&listen).is_ok());
    signal(node.0.id(), "TERM");
    assert_eq!(node.0.wait().unwrap().code(), Some(0));
}

#[test]
fn what_is_doubtful_waits_for_a_person_and_a_bad_file_costs_nothing_else() {
    let demo = Demo::start(&["--empty"]);
    let scratch = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(scratch.path().join(name), text).unwrap();
    let doubtful = |uuid: &str| {
        let marked = indicator(uuid, "doubt.example");
        let marking = "\"object_marking_refs\":[\"marking-definition--7f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e99\"]";
        marked.replacen('{', &format!("{{{marking},"), 1)
    };
    put("1.json", &indicator("2f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e01", "good.example"));
    put(
        "2.json",
        "{\"type\":\"bundle\",\"id\":\"bundle--2f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e77\",\"objects\":[{\"type\":",
    );
    put(
        "3.ndjson",
        &format!(
            "{}\n{}\n",
            doubtful("2f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e02"),
            doubtful("2f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e03")
        ),
    );
    put("4.txt", "not searched for");
    put("5.json.gz", "no gzip at all");
    put("6.json", &indicator("2f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e04", "later.example"));
    let told =
        demo.at("vn", &[&["import", scratch.path().to_str().unwrap(), "--json"], &CHANNEL[..]].concat()).with(1).json();
    let end = told.last().unwrap();
    assert_eq!(
        (end["summary"]["new"].as_u64(), end["summary"]["quarantined"].as_u64()),
        (Some(2), Some(2)),
        "{told:?}"
    );
    assert!(end["broken"].to_string().contains("5.json.gz"), "{end}");
    assert_eq!(demo.hits("vn", "later.example"), 1, "what stands behind a bad file is taken all the same");

    let waiting = demo.at("vn", &["quarantine", "list", "--json"]).with(0).json();
    let numbers: Vec<String> = waiting.iter().map(|row| row["number"].to_string()).collect();
    assert_eq!(numbers.len(), 2);
    let shown = demo.at("vn", &["quarantine", "show", &numbers[0]]).with(0).out;
    assert!(shown.contains("marking"), "{shown}");
    assert_eq!(demo.hits("vn", "doubt.example"), 0);
    demo.at("vn", &["quarantine", "release", &numbers[0]]).with(0);
    demo.at("vn", &["quarantine", "drop", &numbers[1]]).with(0);
    demo.at("vn", &["quarantine", "drop", &numbers[1]]).with(1);
    assert_eq!(demo.hits("vn", "doubt.example"), 1);
    assert_eq!(demo.at("vn", &["quarantine", "list"]).with(0).out, "Nothing waits.\n");

    let unknown = demo.at("vn", &["import", "-", "--channel", "rti/nope"]).with(1);
    assert!(unknown.err.contains("rti/indicators"), "the names that there are help: {}", unknown.err);
}

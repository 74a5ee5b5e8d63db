//! The demo as scripts use it: ready-file, import at one, readable at the others, withdrawn everywhere, ended as a whole.

use serde_json::Value;

use crate::program::{Demo, indicator, is_alive, run, run_with, signal, wait_for};

const CHANNEL: [&str; 2] = ["--channel", "rti/indicators"];
const ID: &str = "3f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e01";

#[test]
fn three_countries_share_and_take_back() {
    let mut demo = Demo::start(&[]);
    ready_file_is_as_promised(&demo.ready);
    // The samples have arrived: vn's indicator at th, th's mistake nowhere, what two share not at the third.
    wait_for("the samples", || ["th", "id"].iter().all(|code| demo.hits(code, "login.bank.example") == 1));
    wait_for("the withdrawal", || ["vn", "id", "th"].iter().all(|code| demo.hits(code, "198.51.100.53") == 0));
    the_bank_is_served(&demo);
    let channels = |code: &str| demo.at(code, &["channel", "list"]).with(0).out;
    assert!(channels("th").contains("th-vn/incidents") && !channels("id").contains("th-vn"));
    let hidden = demo.at("id", &["channel", "show", "th-vn/incidents"]).with(1).err;
    let missing = demo.at("id", &["channel", "show", "th-vn/nothings"]).with(1).err;
    assert_eq!(
        hidden.replace("incidents", "x"),
        missing.replace("nothings", "x"),
        "what is hidden is as what is not there"
    );

    let import = [&["import", "-", "--tlp", "green"], &CHANNEL[..]].concat();
    demo.at_with("vn", &import, &indicator(ID, "shared.example")).with(0);
    wait_for("the indicator", || ["th", "id"].iter().all(|code| demo.hits(code, "shared.example") == 1));
    let id = format!("indicator--{ID}");
    let proof = demo.at("th", &["log", "prove", &id]).with(0).out;
    assert!(proof.contains("verified just now") && proof.contains("rti"), "{proof}");
    let bundle = demo.at("id", &[&["export", "--format", "stix"], &CHANNEL[..]].concat()).with(0).out;
    let bundle: Value = serde_json::from_str(&bundle).unwrap();
    assert!(bundle["objects"].as_array().unwrap().iter().any(|object| object["id"] == id));
    assert!(
        demo.at("id", &[&["export", "--format", "text"], &CHANNEL[..]].concat())
            .with(0)
            .out
            .contains("shared.example\n")
    );

    // Another may not take it back; its author may, once.
    let withdraw = [&["withdraw", &id, "--reason", "error"], &CHANNEL[..]].concat();
    demo.at("th", &withdraw).with(1);
    demo.at("vn", &withdraw).with(0);
    wait_for("its absence", || ["vn", "th", "id"].iter().all(|code| demo.hits(code, "shared.example") == 0));
    demo.at("vn", &withdraw).with(1);

    let archive = demo.dir.join("th.archive");
    let archive = archive.to_str().unwrap();
    run(&["log", "export", "--out", archive, "--data", demo.data("th").to_str().unwrap()]).with(0);
    let report = run(&["log", "verify", "--archive", archive, "--json"]).with(0).json();
    let logs = report[0]["logs"].as_array().unwrap();
    assert!(
        logs.iter().any(|log| log["erased"].as_u64() > Some(0)) && logs.iter().all(|log| log["withheld"] == 0),
        "{report:?}"
    );
    let mut bytes = std::fs::read(archive).unwrap();
    let last = bytes.len() - 100;
    bytes[last] ^= 1;
    std::fs::write(archive, bytes).unwrap();
    run(&["log", "verify", "--archive", archive]).with(1);

    for code in ["vn", "th", "id"] {
        let data = demo.data(code).to_str().unwrap();
        run(&["log", "verify", "--data", data]).with(0);
        run(&["peer", "status", "--data", data]).with(0);
        run(&["rebuild", "--data", data]).with(0);
        assert_eq!(demo.hits(code, "login.bank.example"), 1, "views that were built again hold the same");
    }
    assert_eq!(demo.end(), 0);
}

/// The status with which a log-in of the console is answered.
fn logged_in(base: &str, user: &str, password: &str) -> String {
    use std::io::{Read, Write};
    let host = base.strip_prefix("http://").unwrap();
    let form = format!("name={user}&password={password}");
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let head = format!(
        "POST /log-in HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/x-www-form-urlencoded"
    );
    stream.write_all(format!("{head}\r\ncontent-length: {}\r\n\r\n{form}", form.len()).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

fn ready_file_is_as_promised(ready: &Value) {
    let members = ready["members"].as_array().unwrap();
    assert_eq!(members.iter().map(|member| member["code"].as_str().unwrap()).collect::<Vec<_>>(), ["vn", "th", "id"]);
    for member in members {
        let base = member["base"].as_str().unwrap();
        assert_eq!(member["console"], format!("{base}/"));
        assert_eq!(member["api"], format!("{base}/api/v1"));
        assert_eq!(member["taxii"], format!("{base}/taxii2/"));
        assert_eq!(member["misp"], format!("{base}/misp/"));
        for (password, status) in [(member["admin"]["password"].as_str().unwrap(), "303"), ("rice-boat-lantern", "401")]
        {
            assert_eq!(logged_in(base, member["admin"]["user"].as_str().unwrap(), password), status);
        }
        assert_eq!(member["people"].as_array().unwrap().len(), 4);
        assert!(member["constituent_token"].as_str().unwrap().len() > 20);
        assert_ne!(member["constituent_token"], member["token"]);
        assert!(member["token"].as_str().unwrap().len() > 20 && member["name"].is_string());
        assert!(std::path::Path::new(member["data"].as_str().unwrap()).join("gotong.toml").is_file());
        assert!(is_alive(u32::try_from(member["pid"].as_u64().unwrap()).unwrap()));
    }
    assert!(ready["agreement"].is_string());
    assert_eq!(ready["channels"], serde_json::json!(["rti/indicators", "rti/advisories"]));
}

/// What is printed for people about a country's own bank, done.
fn the_bank_is_served(demo: &Demo) {
    let member = demo.member("vn");
    let token = member["constituent_token"].as_str().unwrap();
    let reach = ["--server", member["base"].as_str().unwrap(), "--token", token];
    wait_for("the table", || demo.printed().contains("Ctrl-C ends it"));
    let printed = demo.printed();
    assert_eq!(printed.matches(token).count(), 2, "two commands: {printed}");
    assert!(printed.lines().any(|line| line.trim_start().starts_with("bank / ")), "its log-in on the page: {printed}");
    let hits = |value: &str| {
        let found = run(&[&["lookup", value, "--json"], &reach[..]].concat()).with(0).json();
        found[0]["hits"].as_array().unwrap().len()
    };
    let (known, report) = ("login.bank.example", "https://harbour-bank.refund.example/confirm");
    assert_eq!((hits(known), hits(report)), (1, 1), "what is passed on to it, and what it reported");
    assert_eq!((demo.hits("vn", report), demo.hits("th", report)), (1, 0), "its report stays in its country");
    let amber = "http://vn.update.example/get.php";
    assert_eq!(
        (demo.hits("vn", amber), hits(amber)),
        (1, 0),
        "what is stricter than its class is given stays with the staff"
    );
    let line = printed.lines().find(|line| line.contains("house/reports/harbour-bank")).unwrap();
    let object = line.split('\'').nth(1).unwrap();
    let import = [&["import", "-", "--tlp", "amber", "--channel", "house/reports/harbour-bank"], &reach[..]].concat();
    run_with(&import, object).with(0);
    assert_eq!((hits("harbour-login.example.test"), demo.hits("vn", "harbour-login.example.test")), (1, 1));
}

#[test]
fn a_member_that_dies_is_reported_and_comes_back_and_no_end_of_the_demo_leaves_anyone_behind() {
    let demo = Demo::start(&["--empty"]);
    let ids: Vec<u32> = ["vn", "th", "id"]
        .iter()
        .map(|code| u32::try_from(demo.member(code)["pid"].as_u64().unwrap()).unwrap())
        .collect();
    signal(ids[1], "KILL");
    wait_for("the report", || demo.said().contains("the node of th has ended"));
    assert!(is_alive(ids[0]) && is_alive(ids[2]) && is_alive(demo.id()), "the others go on");
    assert!(!is_alive(ids[1]), "it is not started again");

    // What is published meanwhile reaches it once somebody brings it back.
    let import = [&["import", "-"], &CHANNEL[..]].concat();
    demo.at_with("vn", &import, &indicator("3f0f0b1e-7b3a-4f4e-9a51-0a5b4d1c7e05", "meanwhile.example")).with(0);
    let mut back = crate::program::command();
    let mut back = back
        .args(["serve", "--data", demo.data("th").to_str().unwrap()])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // Over its address: a command on the folder would open it itself until the node runs, and the node would find it taken.
    wait_for("what was missed", || {
        let ended = demo.at("th", &["lookup", "meanwhile.example", "--json"]);
        ended.status == 0 && ended.json()[0]["hits"].as_array().is_some_and(|hits| hits.len() == 1)
    });
    back.kill().unwrap();
    back.wait().unwrap();

    // Killed without a chance to end anyone, the demo still leaves nobody behind.
    signal(demo.id(), "KILL");
    wait_for("the end of all", || !ids.iter().any(|id| is_alive(*id)));
}

#[test]
fn a_taken_port_and_a_full_folder_are_said_before_anything_is_made() {
    let base = crate::program::base_port(3);
    let taken = std::net::TcpListener::bind(("127.0.0.1", base + 101)).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let dir = scratch.path().join("region");
    let arguments = ["demo", "--base-port", &base.to_string(), "--dir", dir.to_str().unwrap()];
    let ended = run(&arguments).with(1);
    assert!(ended.err.contains(&(base + 101).to_string()) && ended.err.contains("--base-port"), "{}", ended.err);
    drop(taken);
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("mine"), "x").unwrap();
    assert!(run(&arguments).with(1).err.contains("not empty"));
    run(&["demo", "--members", "2"]).with(2);
    run(&["demo", "--members", "12"]).with(2);
}

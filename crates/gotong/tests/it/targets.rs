//! Targets, with real nodes and servers that this test plays: another node's own TAXII server, servers that are slow, full, strict, lead elsewhere or never end,
//! and a node that is killed between what it sends and what it keeps of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{CHANNEL, Dice, Member, Region, escaped};
use crate::program::{Ended, indicator, run, wait_for};

/// The channel that is the member's own.
const OWN: &str = "house/national";

/// An agreement that lets what is shared go on to anyone, but for malware.
const AGREEMENT: &str = r#"
handle = "out"
title = "Warnings for everybody"
purpose = "To warn each other and the world"
legal_basis = "Memorandum of understanding, article 4"
parties = ["th", "vn"]
parties_clause = "1"
dates_clause = "1"
from = 2026-01-01
[[clauses]]
number = "1"
title = "Parties and dates"
text = "Those who sign, from the day named until one of them ends it."
[[clauses]]
number = "2"
title = "Warnings"
text = "They share what is known of threats up to TLP:GREEN, and each may tell anyone."
[[clauses]]
number = "2.1"
title = "Malware"
text = "Malware is not told to anyone else."
[[channel_types]]
type = "warnings"
clause = "2"
kinds = ["stix"]
ceiling = "green"
purpose = "To warn each other and the world"
onward = "public"
onward_clause = "2"
[[prohibitions]]
act = "onward"
clause = "2.1"
kinds = ["stix.malware"]
"#;

fn agree(region: &Region) {
    let at = |name: &str| region.dir.join(name).to_str().unwrap().to_owned();
    let root = |member: &Member| member.data.join("root/root.key").to_str().unwrap().to_owned();
    let (toml, note, charter) = (at("out.toml"), at("out.note"), at("charter.note"));
    std::fs::write(&toml, AGREEMENT).unwrap();
    run(&["agreement", "new", &toml, "--charter", &charter, "--out", &note]).with(0);
    for member in &region.members[..2] {
        run(&["agreement", "sign", &note, "--charter", &charter, "--root", &root(member)]).with(0);
    }
    for member in &region.members[..2] {
        run(&["agreement", "accept", &note, "--data", member.data.to_str().unwrap()]).with(0);
    }
}

/// Opens loopback to what a node asks outside, as an operator would.
fn open_loopback(member: &Member) {
    let path = member.data.join("gotong.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("# allow = []"), "the setting stands in the file: {text}");
    std::fs::write(&path, text.replace("# allow = []", "allow = [\"127.0.0.0/8\", \"::1\"]")).unwrap();
}

fn target(member: &Member, arguments: &[&str]) -> Ended {
    let data = member.data.to_str().unwrap();
    run(&[&["target"], arguments, &["--json", "--data", data]].concat())
}

fn add(member: &Member, name: &str, url: &str, more: &[&str]) -> Ended {
    // Paused, so that the test alone says when it runs.
    target(member, &[&["add", name, "--url", url, "--paused"], more].concat())
}

fn run_of(member: &Member, name: &str) -> Value {
    target(member, &["run", name]).json().pop().unwrap_or_default()
}

fn shown(member: &Member, name: &str) -> Value {
    target(member, &["show", name]).with(0).json()[0]["target"].clone()
}

fn notes(run: &Value) -> Vec<&str> {
    run["notes"].as_array().unwrap().iter().map(|note| note["id"].as_str().unwrap()).collect()
}

fn objects(count: usize, seed: u64) -> Vec<String> {
    let mut dice = Dice(seed);
    (0..count).map(|number| indicator(&dice.uuid(), &format!("host-{number}.targets.example"))).collect()
}

fn id_of(object: &str) -> String {
    serde_json::from_str::<Value>(object).unwrap()["id"].as_str().unwrap().to_owned()
}

fn publish(member: &Member, channel: &str, label: &str, object: &str) {
    let path = format!("/api/v1/channels/{}/records?tlp={label}", escaped(channel));
    member.ask_as(&member.token, "POST", &path, object.as_bytes()).expect(201);
}

/// What a channel shows, by id.
fn held(member: &Member, channel: &str) -> BTreeMap<String, Value> {
    let rows = member.list(channel).into_iter();
    rows.map(|(place, row)| (place.id, serde_json::from_str(&row.object).unwrap())).collect()
}

#[test]
fn what_may_go_outside_stands_in_another_node_s_collection_and_what_may_not_stays_with_its_clause() {
    let region = Region::found();
    let (from, to) = (&region.members[0], &region.members[2]);
    open_loopback(from);
    agree(&region);
    region.start();
    let (own, shared) = (objects(4, 41), objects(2, 42));
    for object in &own[..3] {
        publish(from, OWN, "green", object);
    }
    publish(from, OWN, "amber", &own[3]);
    for object in &shared {
        publish(from, "out/warnings", "green", object);
    }
    let malware = json!({"type": "malware", "spec_version": "2.1", "id": "malware--2f5c0f4e-5d0a-4f4e-9d7e-0d6a6c1f9b11",
        "created": "2026-11-01T00:00:00.000Z", "modified": "2026-11-01T00:00:00.000Z", "name": "kept", "is_family": false});
    publish(from, "out/warnings", "clear", &malware.to_string());

    let password = from.data.join("password.txt");
    std::fs::write(&password, &to.token).unwrap();
    let url = format!("http://{}/taxii2/", to.address);
    let known = ["--collection", OWN, "--user", "us", "--password-file", password.to_str().unwrap()];
    // What its agreement keeps among the parties and their own has no target at all, and the clause says why.
    let refused = add(from, "closed", &url, &[&known[..], &["--channel", CHANNEL]].concat());
    assert!(refused.status != 0, "{}", refused.out);
    let said = format!("{}{}", refused.out, refused.err);
    assert!(said.contains("clause 4 of rti") && said.contains("not outside"), "{said}");
    let strict = add(from, "strict", &url, &[&known[..], &["--channel", OWN, "--label-max", "red"]].concat());
    assert!(strict.status != 0 && strict.err.contains("stricter never goes outside"), "{}", strict.err);
    assert_eq!(target(from, &["list"]).with(0).json()[0]["targets"], json!([]));

    let channels = ["--channel", OWN, "--channel", "out/warnings"];
    // Where nothing is said, only what is TLP:CLEAR goes; there is none that may.
    add(from, "partner", &url, &[&known[..], &channels].concat()).with(0);
    let none = run_of(from, "partner");
    assert_eq!(
        (&none["counts"]["sent"], &none["counts"]["above"], &none["counts"]["held"]),
        (&json!(0), &json!(6), &json!(1)),
        "{none}"
    );
    assert!(held(to, OWN).is_empty());
    add(from, "partner", &url, &[&known[..], &channels, &["--label-max", "green"]].concat()).with(0);
    let first = run_of(from, "partner");
    assert_eq!((&first["result"], &first["counts"]["sent"]), (&json!("done"), &json!(5)), "{first}");
    assert_eq!((&first["counts"]["above"], &first["counts"]["held"]), (&json!(1), &json!(1)), "{first}");
    let there = held(to, OWN);
    let expected: BTreeMap<String, Value> = own[..3]
        .iter()
        .chain(&shared)
        .map(|object| {
            let mut object: Value = serde_json::from_str(object).unwrap();
            object["object_marking_refs"] = json!(["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]);
            (object["id"].as_str().unwrap().to_owned(), object)
        })
        .collect();
    let is_as_sent = |(id, object): (&String, &Value)| {
        let markings = object["object_marking_refs"].as_array().unwrap();
        let mut bare = object.clone();
        let mut expected = expected.get(id).cloned().unwrap_or_default();
        let marked = markings.iter().any(|marking| *marking == expected["object_marking_refs"][0])
            || markings.iter().any(|marking| *marking == "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da");
        bare["object_marking_refs"] = json!([]);
        expected["object_marking_refs"] = json!([]);
        assert!(marked && bare == expected, "{object} is not what was sent: {expected}");
    };
    assert_eq!(there.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    there.iter().for_each(is_as_sent);
    let told = shown(from, "partner");
    let kept = &told["held"][0];
    assert_eq!(
        (&kept["clause"], &kept["count"], &kept["channel"]),
        (&json!("out 2.1"), &json!(1), &json!("out/warnings"))
    );
    assert_eq!((&told["sent"], &told["health"]), (&json!(5), &json!("paused")), "{told}");
    assert_eq!(run_of(from, "partner")["result"], "unchanged");

    // A withdrawal, and a relabelling above what may go, take the object away there.
    assert_eq!(from.withdraw(OWN, &[id_of(&own[0])]).unwrap().status, 200);
    let path = format!("/api/v1/channels/{}/relabel", escaped(OWN));
    from.post(&path, &json!({"ids": [id_of(&own[1])], "tlp": "amber"})).expect(200);
    let back = run_of(from, "partner");
    assert_eq!((&back["result"], &back["counts"]["taken_back"]), (&json!("done"), &json!(2)), "{back}");
    let left: BTreeSet<String> = [&own[2], &shared[0], &shared[1]].into_iter().map(|object| id_of(object)).collect();
    assert_eq!(held(to, OWN).into_keys().collect::<BTreeSet<_>>(), left);
    assert_eq!(run_of(from, "partner")["counts"]["taken_back"], 0);

    // Where the newest version is withdrawn, the older one is there again.
    let mut newer: Value = serde_json::from_str(&own[2]).unwrap();
    newer["modified"] = json!("2026-11-02T00:00:00.000Z");
    publish(from, OWN, "green", &newer.to_string());
    assert_eq!(run_of(from, "partner")["counts"]["sent"], 1);
    assert_eq!(held(to, OWN)[&id_of(&own[2])]["modified"], newer["modified"]);
    let path = format!("/api/v1/channels/{}/withdraw", escaped(OWN));
    let only = json!({"ids": [id_of(&own[2])], "reason": "error", "modified": newer["modified"]});
    from.post(&path, &only).expect(200);
    let older = run_of(from, "partner");
    assert_eq!((&older["counts"]["taken_back"], &older["counts"]["sent"]), (&json!(1), &json!(1)), "{older}");
    assert_eq!(held(to, OWN)[&id_of(&own[2])]["modified"], "2026-11-01T00:00:00.000Z");

    // TLP:AMBER would be seen if it went: where it may, it does.
    add(from, "partner", &url, &[&known[..], &channels, &["--label-max", "amber"]].concat()).with(0);
    let wider = run_of(from, "partner");
    assert_eq!((&wider["counts"]["sent"], &wider["counts"]["known"]), (&json!(2), &json!(3)), "{wider}");
    let there = held(to, OWN);
    assert!(
        there.contains_key(&id_of(&own[3])) && !there.contains_key("malware--2f5c0f4e-5d0a-4f4e-9d7e-0d6a6c1f9b11")
    );
    // And goes away again, where it may not any more.
    add(from, "partner", &url, &[&known[..], &channels, &["--label-max", "green"]].concat()).with(0);
    assert_eq!(run_of(from, "partner")["counts"]["taken_back"], 2);
    assert_eq!(held(to, OWN).into_keys().collect::<BTreeSet<_>>(), left);
    // Credentials are in no answer and no log.
    assert!(!shown(from, "partner").to_string().contains(&to.token));
    assert!(!std::fs::read_to_string(from.data.join("node.log")).unwrap().contains(&to.token));
    target(from, &["remove", "partner"]).with(0);
    assert_eq!(held(to, OWN).len(), 3, "what was pushed stays");
    region.stop();
}

/// A TAXII server with one collection, and how it is odd.
#[derive(Default)]
struct Odd {
    fault: &'static str,
    /// Objects that it has taken.
    objects: BTreeMap<String, Value>,
    /// Sizes of what it was sent, each time.
    sent: Vec<usize>,
    deleted: Vec<String>,
    looks: usize,
    /// What a status that is pending is about.
    waiting: Vec<Value>,
}

const ID: &str = "91a7b528-80eb-42ed-a74d-c6fbd5a26116";
const STATUS: &str = "2d086da7-4bdc-4f91-900e-d77486753710";

fn whole(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Serves requests with what a function makes of head and body.
fn serve(answer: impl Fn(&str, &[u8]) -> Vec<u8> + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            let (mut socket, answer) = (socket, Arc::clone(&answer));
            std::thread::spawn(move || {
                let (mut head, mut byte) = (Vec::new(), [0]);
                while !head.ends_with(b"\r\n\r\n") && socket.read_exact(&mut byte).is_ok() {
                    head.push(byte[0]);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                let mut body = vec![0; length.and_then(|text| text.parse().ok()).unwrap_or(0)];
                if socket.read_exact(&mut body).is_ok() {
                    let _ = socket.write_all(&answer(&head, &body));
                }
            });
        }
    });
    port
}

impl Odd {
    fn start(fault: &'static str) -> (Arc<Mutex<Self>>, String) {
        let odd = Arc::new(Mutex::new(Self { fault, ..Self::default() }));
        let shared = Arc::clone(&odd);
        let port = serve(move |head, body| {
            let held = shared.lock().unwrap().fault == "held" && head.starts_with("POST");
            let answer = shared.lock().unwrap().answer(head, body);
            if held {
                std::thread::sleep(Duration::from_secs(20));
            }
            answer
        });
        (odd, format!("http://127.0.0.1:{port}/taxii2/"))
    }

    fn answer(&mut self, head: &str, body: &[u8]) -> Vec<u8> {
        let mut parts = head.split(' ');
        let (method, path) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let path = path.split('?').next().unwrap_or_default();
        let media =
            if self.fault == "media" && method == "POST" { "text/html" } else { "application/taxii+json;version=2.1" };
        let headers = format!("Content-Type: {media}\r\n");
        let say = |status: &str, value: &Value| whole(status, &headers, value.to_string().as_bytes());
        let collection = json!({"id": ID, "title": "Theirs", "can_read": true, "can_write": self.fault != "read-only"});
        let most = if self.fault == "small" { 1_500 } else { 1 << 20 };
        let root = if self.fault == "other-root" { "http://127.0.0.2:9/base/" } else { "/base/" };
        let objects = format!("/base/collections/{ID}/objects/");
        match (method, path) {
            _ if self.fault == "closed" => whole("401 Unauthorized", &headers, b"{}"),
            ("GET", "/taxii2/") => say("200 OK", &json!({"title": "t", "default": root, "api_roots": [root]})),
            ("GET", "/base/") => say("200 OK", &json!({"title": "b", "versions": [], "max_content_length": most})),
            ("GET", "/base/collections/") => say("200 OK", &json!({"collections": [collection]})),
            ("GET", path) if path == format!("/base/status/{STATUS}/") => {
                self.looks += 1;
                say("200 OK", &self.status())
            }
            ("POST", path) if path == objects => self.take(body, &headers),
            ("DELETE", path) if path.starts_with(&objects) => {
                let id = path[objects.len()..].trim_end_matches('/').to_owned();
                if self.fault == "no-delete" {
                    return whole("405 Method Not Allowed", &headers, b"{\"title\": \"not here\"}");
                }
                self.deleted.push(id.clone());
                if self.objects.remove(&id).is_some() {
                    say("200 OK", &json!({}))
                } else {
                    whole("404 Not Found", &headers, b"{}")
                }
            }
            _ => whole("404 Not Found", &headers, b"{\"title\":\"no\"}"),
        }
    }

    fn take(&mut self, body: &[u8], headers: &str) -> Vec<u8> {
        let envelope: Value = serde_json::from_slice(body).unwrap();
        let sent = envelope["objects"].as_array().unwrap().clone();
        self.sent.push(body.len());
        match self.fault {
            "busy" => return whole("429 Too Many Requests", &format!("{headers}Retry-After: 7200\r\n"), b"{}"),
            "leads-on" => return whole("307 Temporary Redirect", "Location: http://127.0.0.2:9/x\r\n", b""),
            "full" if sent.len() > 2 => return whole("413 Payload Too Large", headers, b"{}"),
            "strict" if sent.iter().any(|object| object["name"] == "about host-1.targets.example") => {
                return whole("422 Unprocessable Entity", headers, b"{\"title\": \"bad pattern\"}");
            }
            _ => {}
        }
        self.waiting = sent;
        self.looks = 0;
        whole("202 Accepted", headers, self.status().to_string().as_bytes())
    }

    /// The status of what was sent last; once it is complete, the objects are there.
    fn status(&mut self) -> Value {
        let total = self.waiting.len();
        let is_slow = self.fault == "never" || (self.fault == "slow" && self.looks < 3);
        if is_slow {
            return json!({"id": STATUS, "status": "pending", "total_count": total, "success_count": 0, "failure_count": 0,
                "pending_count": total});
        }
        let (mut failures, mut good) = (Vec::new(), 0);
        for object in &self.waiting {
            let id = object["id"].as_str().unwrap().to_owned();
            if self.fault == "picky" && object["name"] == "about host-1.targets.example" {
                failures.push(json!({"id": id, "version": object["modified"], "message": "not \u{1b}[2J wanted"}));
            } else {
                self.objects.insert(id, object.clone());
                good += 1;
            }
        }
        json!({"id": STATUS, "status": "complete", "total_count": total, "success_count": good, "failure_count": failures.len(),
            "pending_count": 0, "failures": failures})
    }
}

fn micros(text: &Value) -> i64 {
    gotong_model::Timestamp::parse(text.as_str().unwrap()).unwrap().micros()
}

#[test]
fn servers_that_are_odd_are_survived_and_nothing_is_skipped_or_sent_elsewhere() {
    let region = Region::found();
    let member = &region.members[0];
    open_loopback(member);
    member.start();
    member.wait_until_ready();
    let all = objects(7, 43);
    for object in &all {
        publish(member, OWN, "green", object);
    }
    let ids: BTreeSet<String> = all.iter().map(|object| id_of(object)).collect();
    // How it is odd, what the first run comes to, how many objects are there then, and what is said.
    for (fault, result, count, said) in [
        ("none", "done", 7, vec![]),
        ("slow", "done", 7, vec![]),
        ("small", "done", 7, vec![]),
        ("full", "done", 7, vec![]),
        ("picky", "wanting", 6, vec!["target.not-taken"]),
        ("strict", "wanting", 6, vec![]),
        ("busy", "failed", 0, vec!["outward.status"]),
        ("leads-on", "failed", 0, vec!["target.elsewhere"]),
        ("other-root", "failed", 0, vec!["target.elsewhere"]),
        ("media", "failed", 7, vec!["target.media-type"]),
        ("read-only", "failed", 0, vec!["target.read-only"]),
        ("never", "failed", 0, vec!["target.status-late"]),
        ("closed", "failed", 0, vec!["outward.status"]),
    ] {
        let (odd, url) = Odd::start(fault);
        add(
            member,
            fault,
            &url,
            &["--channel", OWN, "--label-max", "green", "--time-max", if fault == "never" { "1" } else { "30" }],
        )
        .with(0);
        let first = run_of(member, fault);
        assert_eq!((&first["result"], notes(&first)), (&json!(result), said), "{fault}: {first}");
        let told = shown(member, fault);
        let (there, posts) = {
            let odd = odd.lock().unwrap();
            (odd.objects.keys().cloned().collect::<BTreeSet<_>>(), odd.sent.clone())
        };
        assert_eq!(there.len(), count, "{fault}");
        match fault {
            "small" => assert!(posts.len() > 1 && posts.iter().all(|size| *size <= 1_500), "{posts:?}"),
            "picky" | "strict" => {
                assert_eq!(told["failed"][0]["id"], id_of(&all[1]), "{told}");
                assert!(!told["failed"][0]["why"].as_str().unwrap().contains('\u{1b}'));
                assert_eq!(told["failed_count"], 1);
            }
            "busy" => assert!(
                micros(&told["last"]["ended"]) + 7_000_000_000 < {
                    // Paused targets show no time; let go on, it keeps to the server's wish once it has run again.
                    target(member, &["resume", fault]).with(0);
                    wait_for("the schedule to try it", || shown(member, fault)["failures"] == 2);
                    micros(&shown(member, fault)["next_try"])
                }
            ),
            "closed" => {
                assert!(told["stopped"]["text"].as_str().unwrap().contains("gotong target resume"), "{told}");
                assert_eq!(told["health"], "failing");
            }
            _ => {}
        }
        if result == "failed" {
            assert_eq!(told["sent"], 0, "{fault}: nothing counts as there that may not be");
        }
        // Put right, everything is there after the next run, and nothing is asked for twice that was waited for.
        odd.lock().unwrap().fault = "none";
        if ["picky", "strict", "closed"].contains(&fault) {
            assert_eq!(run_of(member, fault)["counts"]["failed"], 0);
            target(member, &["resume", fault]).with(0);
        }
        wait_for("all to be there", || {
            run_of(member, fault);
            odd.lock().unwrap().objects.keys().cloned().collect::<BTreeSet<_>>() == ids
        });
        if fault == "never" {
            assert_eq!(odd.lock().unwrap().sent.len(), 1, "what the server works on is not sent again");
        }
        target(member, &["remove", fault]).with(0);
    }
    // A server that takes nothing back is told of, and not asked for ever.
    let (odd, url) = Odd::start("no-delete");
    add(member, "keeper", &url, &["--channel", OWN, "--label-max", "green"]).with(0);
    assert_eq!(run_of(member, "keeper")["counts"]["sent"], 7);
    assert_eq!(member.withdraw(OWN, &[id_of(&all[0])]).unwrap().status, 200);
    let left = run_of(member, "keeper");
    assert_eq!((&left["result"], notes(&left)), (&json!("wanting"), vec!["target.left"]), "{left}");
    assert!(left["notes"][0]["text"].as_str().unwrap().contains("could not be taken back there"));
    let told = shown(member, "keeper");
    assert_eq!((&told["left_count"], &told["left"][0]["id"]), (&json!(1), &json!(id_of(&all[0]))));
    assert_eq!(run_of(member, "keeper")["result"], "unchanged");
    assert_eq!(odd.lock().unwrap().objects.len(), 7);
    member.stop();
}

#[test]
fn a_node_that_is_killed_behind_what_it_sent_sends_it_again_and_takes_it_back() {
    let region = Region::found();
    let member = &region.members[0];
    open_loopback(member);
    member.start();
    member.wait_until_ready();
    let all = objects(5, 44);
    for object in &all {
        publish(member, OWN, "green", object);
    }
    let (odd, url) = Odd::start("held");
    add(member, "partner", &url, &["--channel", OWN, "--label-max", "green"]).with(0);
    member.operate("POST", "/api/v1/targets/partner/run", b"").expect(202);
    wait_for("the objects to be there", || odd.lock().unwrap().objects.len() == 5);
    // The server has them, and the node has not heard of it.
    assert!(member.kill());
    member.start();
    member.wait_until_ready();
    let told = shown(member, "partner");
    assert_eq!((&told["runs"], &told["sent"]), (&json!(0), &json!(0)), "{told}");
    // Withdrawn before the node knows that it went: it is taken back all the same.
    assert_eq!(member.withdraw(OWN, &[id_of(&all[4])]).unwrap().status, 200);
    odd.lock().unwrap().fault = "none";
    let rest = run_of(member, "partner");
    assert_eq!((&rest["counts"]["sent"], &rest["counts"]["taken_back"]), (&json!(4), &json!(1)), "{rest}");
    {
        let odd = odd.lock().unwrap();
        assert_eq!(odd.deleted, [id_of(&all[4])]);
        let expected: BTreeSet<String> = all[..4].iter().map(|object| id_of(object)).collect();
        assert_eq!(odd.objects.keys().cloned().collect::<BTreeSet<_>>(), expected);
        assert_eq!(odd.sent.len(), 2, "once before, and once again");
    }
    assert_eq!(run_of(member, "partner")["result"], "unchanged");
    member.stop();
}

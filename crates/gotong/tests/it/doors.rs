//! Every door of a running node against every kind of hostile input: each cell of the matrix is asked of a real process, beside an import of honest records that
//! goes on all the while. Each has to be answered clearly, in the door's own shape and with the place named; the node lives on within a bound of memory, and
//! the honest import loses nothing. Each door takes its honest body: otherwise a refusal would prove nothing.
//!
//! What each format does with what is malformed is tested beside its code. Read next: `doors/cases.rs` (the kinds), `doors/outside.rs` (sources, log files).

mod cases;
mod outside;

use std::collections::BTreeSet;
use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::harness::{Answer, CHANNEL, Dice, Member, Region};
use crate::program::{indicator, run};
use cases::{Case, Expect, Framing, cases_of, slow_case};

/// What a node may take at the most, with everything that its program has mapped: tests run without optimisation.
const MEMORY_KIB_MAX: u64 = 500 << 10;
/// How long an answer may take. The slowest waits for a body that does not come.
const ANSWER_MAX: Duration = Duration::from_secs(100);

/// In which shape a door answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    Bulk,
    Taxii,
    Misp,
    Warninglists,
    Preview,
    Lookup,
}

/// What kind of content it reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Content {
    /// STIX objects in JSON: a line each, or all in one document.
    Stix,
    /// Other JSON.
    Json,
    /// Words of people and tools.
    Text,
}

/// A door.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) media: &'static str,
    pub(crate) shape: Shape,
    pub(crate) content: Content,
    /// Bodies may be compressed with gzip and zstd.
    pub(crate) unpacks: bool,
    /// The media type is looked at.
    pub(crate) is_typed: bool,
    pub(crate) honest: Vec<u8>,
}

fn bulk(more: &str) -> String {
    format!("/api/v1/channels/rti%2Findicators/records/bulk?tlp=green{more}")
}

fn doors(member: &Member) -> Vec<Door> {
    let mut dice = Dice(4);
    let mut stix = || indicator(&dice.uuid(), "honest.doors.example");
    let (first, second, third, fourth) = (stix(), stix(), stix(), stix());
    let door = |name, path: String, media, shape, content, honest: String| Door {
        name,
        method: "POST",
        path,
        media,
        shape,
        content,
        unpacks: shape == Shape::Bulk,
        is_typed: true,
        honest: honest.into_bytes(),
    };
    let text = |name, more: &str, honest: &str| Door {
        is_typed: false,
        ..door(name, bulk(more), "application/octet-stream", Shape::Bulk, Content::Text, honest.to_owned())
    };
    let event = |n: u32| {
        format!(
            "{{\"Event\":{{\"uuid\":\"5d2c9e1a-7b3a-4f4e-9a51-{n:012}\",\"info\":\"doors {n}\",\"date\":\"2026-11-01\",\"timestamp\":\"1793500000\",\
             \"analysis\":\"0\",\"threat_level_id\":\"2\",\"distribution\":\"1\",\"published\":false,\"Attribute\":[{{\"uuid\":\
             \"5d2c9e1b-7b3a-4f4e-9a51-{n:012}\",\"type\":\"domain\",\"category\":\"Network activity\",\"value\":\"event-{n}.doors.example\",\"to_ids\":true,\
             \"timestamp\":\"1793500000\"}}]}}}}"
        )
    };
    let collections = member.get("/taxii2/region/collections/").expect(200).json();
    let place = collections["collections"].as_array().unwrap().iter().find(|one| one["alias"] == CHANNEL).unwrap();
    let place = format!("/taxii2/region/collections/{}/objects/", place["id"].as_str().unwrap());
    let bundle = format!(
        "{{\"type\":\"bundle\",\"id\":\"bundle--5d2c9e1a-7b3a-4f4e-9a51-000000000009\",\"objects\":[{second}]}}"
    );
    let list = "{\"name\":\"Doors\",\"version\":1,\"type\":\"hostname\",\"description\":\"of a test\",\"list\":[\"big.doors.example\"],\"matching_attributes\":[\"domain\"]}";
    let report = "\"timestamp\",\"ip\",\"port\",\"hostname\",\"tag\",\"asn\",\"geo\"\n\"2026-11-01 00:00:00\",\"192.0.2.77\",\"23\",\"telnet.doors.example\",\"telnet\",\"64500\",\"VN\"\n";
    let mail = "From: a@doors.example\r\nTo: b@doors.example\r\nSubject: hxxp://mail.doors[.]example/x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nSee hxxp://mail.doors[.]example/x\r\n";
    vec![
        door("import of lines", bulk(""), "application/x-ndjson", Shape::Bulk, Content::Stix, format!("{first}\n")),
        door("import of a bundle", bulk(""), "application/json", Shape::Bulk, Content::Stix, bundle.clone()),
        Door {
            is_typed: false,
            ..door("import of MISP", bulk("&format=misp"), "application/json", Shape::Bulk, Content::Json, event(1))
        },
        text("import of a table", "&format=csv", "domain,comment\ntable.doors.example,of a test\n"),
        text("import of a list", "&format=list", "list.doors.example\n198.51.100.77\n"),
        text("import of a text", "&format=text", "They used hxxp://text.doors[.]example/a and 198.51.100.78.\n"),
        text("import of a mail", "&format=mail", mail),
        text("import of a Shadowserver report", "&format=shadowserver&name=2026-11-01-scan_telnet-vn-geo.csv", report),
        door(
            "TAXII",
            place,
            "application/taxii+json;version=2.1",
            Shape::Taxii,
            Content::Stix,
            format!("{{\"objects\":[{third}]}}"),
        ),
        door("MISP", "/misp/events/add".to_owned(), "application/json", Shape::Misp, Content::Json, event(2)),
        Door {
            method: "PUT",
            unpacks: true,
            ..door(
                "warninglists",
                "/api/v1/warninglists".to_owned(),
                "application/json",
                Shape::Warninglists,
                Content::Json,
                list.to_owned(),
            )
        },
        Door {
            is_typed: false,
            ..door(
                "preview",
                "/api/v1/preview?format=stix".to_owned(),
                "application/json",
                Shape::Preview,
                Content::Stix,
                format!("{fourth}\n"),
            )
        },
        door(
            "lookup of many",
            "/api/v1/lookup".to_owned(),
            "application/json",
            Shape::Lookup,
            Content::Json,
            "{\"values\":[\"honest.doors.example\"]}".to_owned(),
        ),
    ]
}

/// Sends a case and reads what comes; `None` where the connection ended without an answer.
fn ask(member: &Member, token: &str, door: &Door, case: &Case) -> Option<Answer> {
    let mut stream = TcpStream::connect(&member.address).unwrap();
    stream.set_read_timeout(Some(ANSWER_MAX)).unwrap();
    stream.set_write_timeout(Some(ANSWER_MAX)).unwrap();
    let media = case.media.unwrap_or(door.media);
    let framing = match case.framing {
        Framing::Whole => format!("content-length: {}\r\n", case.body.len()),
        Framing::Claiming(length) => format!("content-length: {length}\r\n"),
        Framing::Silent => "transfer-encoding: chunked\r\n".to_owned(),
    };
    let encoding = case.encoding.map_or(String::new(), |encoding| format!("content-encoding: {encoding}\r\n"));
    let head = format!(
        "{} {} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\nconnection: close\r\naccept: */*\r\ncontent-type: {media}\r\n{encoding}{framing}\r\n",
        door.method, door.path, member.address
    );
    let mut writing = stream.try_clone().unwrap();
    let (framing, body) = (case.framing, case.body.clone());
    let sender = std::thread::spawn(move || {
        // Who is refused early may find the connection closed: what was answered counts.
        let mut write = || -> std::io::Result<()> {
            writing.write_all(head.as_bytes())?;
            if framing == Framing::Silent {
                writing.write_all(format!("{:x}\r\n", body.len()).as_bytes())?;
                writing.write_all(&body)?;
                return writing.write_all(b"\r\n");
            }
            writing.write_all(&body)
        };
        if write().is_ok()
            && framing != Framing::Silent
            && matches!(framing, Framing::Claiming(length) if length > body.len())
        {
            let _ = writing.shutdown(Shutdown::Write);
        }
    });
    let answer = Answer::read(&mut stream);
    drop(stream);
    sender.join().unwrap();
    answer
}

/// What an answer came to: how much was taken, and whether it says what was not, and where.
struct Told {
    is_refusal: bool,
    taken: u64,
    says: bool,
}

fn is_said(problem: &Value) -> bool {
    problem["detail"].is_string() || problem["errors"].as_array().is_some_and(|errors| !errors.is_empty())
}

/// Reads an answer in the door's shape; anything else is a failure.
fn told(door: &Door, answer: &Answer) -> Result<Told, String> {
    let shown = || format!("{} {}", answer.status, answer.text().chars().take(300).collect::<String>());
    if !answer.is_whole || answer.status >= 500 {
        return Err(shown());
    }
    if answer.status >= 400 {
        let body: Value = serde_json::from_slice(&answer.body).map_err(|_| format!("no JSON: {}", shown()))?;
        let is_good = match door.shape {
            Shape::Taxii => {
                answer.header("content-type") == "application/taxii+json;version=2.1"
                    && body["http_status"].as_str().and_then(|status| status.parse().ok()) == Some(answer.status)
                    && body["title"].is_string()
                    && (body["description"].is_string() || body["details"].is_object())
            }
            Shape::Misp => body["message"].is_string() && !body["errors"].is_null(),
            _ => {
                answer.header("content-type") == "application/problem+json"
                    && body["status"] == answer.status
                    && body["type"].as_str().is_some_and(|kind| kind.starts_with("/problems/"))
                    && is_said(&body)
            }
        };
        return if is_good {
            Ok(Told { is_refusal: true, taken: 0, says: true })
        } else {
            Err(format!("not clear: {}", shown()))
        };
    }
    let count = |value: &Value, name: &str| value[name].as_u64().unwrap_or(0);
    if door.shape == Shape::Bulk {
        let lines: Vec<Value> =
            answer.text().lines().map(|line| serde_json::from_str(line).unwrap_or_default()).collect();
        let last = lines
            .last()
            .filter(|last| last["summary"].is_object())
            .ok_or_else(|| format!("no summary: {}", shown()))?;
        let summary = &last["summary"];
        let is_whole = last["complete"] == true;
        if !is_whole && !is_said(&last["problem"]) {
            return Err(format!("incomplete, and does not say why: {}", shown()));
        }
        let why =
            |line: &Value| line["why"].as_array().is_some_and(|why| why.iter().all(|why| why["text"].is_string()));
        let mute =
            lines.iter().find(|line| matches!(line["outcome"].as_str(), Some("refused" | "quarantined")) && !why(line));
        if let Some(mute) = mute {
            return Err(format!("a line does not say why: {mute}"));
        }
        let taken = count(summary, "new") + count(summary, "updated") + count(summary, "known");
        let says = !is_whole || count(summary, "refused") + count(summary, "quarantined") > 0;
        return Ok(Told { is_refusal: false, taken, says });
    }
    let body: Value = serde_json::from_slice(&answer.body).map_err(|_| format!("no JSON: {}", shown()))?;
    let (taken, says) = match door.shape {
        Shape::Taxii => {
            let failures = body["failures"].as_array();
            let says = failures
                .is_some_and(|all| all.iter().all(|one| one["message"].as_str().is_some_and(|text| !text.is_empty())));
            (count(&body, "success_count"), says)
        }
        Shape::Misp => (u64::from(body["Event"].is_object()), !body["errors"].is_null()),
        Shape::Warninglists => {
            let all = body["warninglists"].as_array().ok_or_else(shown)?;
            let says = all.iter().any(|one| one["why"].as_array().is_some_and(|why| !why.is_empty()));
            (all.iter().filter(|one| one["outcome"] != "refused").count() as u64, says)
        }
        Shape::Preview => {
            let taken = body["counts"].as_object().ok_or_else(shown)?.values().filter_map(Value::as_u64).sum();
            (taken, count(&body, "refused_count") > 0)
        }
        _ => (body["results"].as_array().ok_or_else(shown)?.len() as u64, false),
    };
    Ok(Told { is_refusal: false, taken, says })
}

/// Whether a cell is as it has to be; otherwise why not.
fn judged(door: &Door, case: &Case, answer: Option<Answer>) -> Result<(), String> {
    let Some(answer) = answer else {
        // Who breaks off the connection may find nobody to be answered by.
        return if case.may_be_cut { Ok(()) } else { Err("the connection ended without an answer".to_owned()) };
    };
    let told = told(door, &answer)?;
    let is_good = match case.expect {
        Expect::Taken => told.taken > 0 && !told.is_refusal,
        Expect::Refused => told.is_refusal,
        Expect::Nothing => told.taken == 0 && told.says,
        Expect::Said => told.says,
        Expect::Quiet => told.taken == 0,
        Expect::Answered => true,
    };
    if is_good {
        Ok(())
    } else {
        Err(format!("not {:?}: {} {}", case.expect, answer.status, answer.text().chars().take(400).collect::<String>()))
    }
}

pub(crate) fn memory_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Imports honest records until it is told to end; the ids of all that were answered as new.
fn honest(member: &Member, seed: u64, is_over: &AtomicBool) -> BTreeSet<String> {
    let mut dice = Dice(seed);
    let mut taken = BTreeSet::new();
    while !is_over.load(Ordering::Relaxed) {
        let objects: Vec<String> = (0..40).map(|_| indicator(&dice.uuid(), "beside.doors.example")).collect();
        let lines: Vec<&str> = objects.iter().map(String::as_str).collect();
        let imported =
            member.import(CHANNEL, &lines, 10, Duration::from_millis(30)).expect("an honest import is answered");
        assert_eq!((imported.status, imported.outcomes.len()), (200, 40), "{}", imported.text);
        assert_eq!(
            imported.summary.as_ref().map(|last| last["summary"]["new"].clone()),
            Some(40.into()),
            "{}",
            imported.text
        );
        taken.extend(imported.outcomes.iter().map(|one| one["id"].as_str().unwrap().to_owned()));
    }
    taken
}

/// A token that may do what every door asks for.
fn token(member: &Member) -> String {
    let data = member.data.to_str().unwrap();
    let made = run(&["token", "create", "doors", "--role", "administrator", "--json", "--data", data]).with(0).json();
    made[0]["token"].as_str().unwrap().to_owned()
}

#[test]
fn every_door_answers_every_kind_of_hostile_input_and_takes_its_honest_body() {
    let region = Region::found();
    let member = &region.members[0];
    member.start();
    member.wait_until_ready();
    let (doors, curator) = (doors(member), token(member));
    let token_of = |door: &Door| if door.shape == Shape::Warninglists { curator.clone() } else { member.token.clone() };
    let is_over = AtomicBool::new(false);
    let failures = std::sync::Mutex::new(Vec::new());
    let (mut cells, mut taken) = (0, BTreeSet::new());
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| honest(member, 41, &is_over));
        let note = |door: &Door, case: &Case, result: Result<(), String>| {
            if let Err(why) = result {
                failures.lock().unwrap().push(format!("{} × {}: {why}", door.name, case.name));
            }
        };
        // Bodies that never end, at all doors at once but those that share a place with another.
        let slow: Vec<_> = doors
            .iter()
            .filter(|door| door.shape != Shape::Bulk || door.name == "import of lines")
            .filter(|_| std::env::var_os("GOTONG_TEST_QUICK").is_none())
            .map(|door| {
                let token = token_of(door);
                scope.spawn(move || (door, slow_case(door), ask(member, &token, door, &slow_case(door))))
            })
            .collect();
        for door in &doors {
            for case in cases_of(door) {
                cells += 1;
                note(door, &case, judged(door, &case, ask(member, &token_of(door), door, &case)));
                if !member.is_ready() {
                    note(door, &case, Err(format!("the node is not ready:\n{}", member.last_words())));
                }
            }
        }
        for one in slow {
            let (door, case, answer) = one.join().unwrap();
            cells += 1;
            note(door, &case, judged(door, &case, answer));
        }
        is_over.store(true, Ordering::Relaxed);
        taken = beside.join().unwrap();
    });
    let memory = memory_kib(member.id().unwrap());
    println!("{cells} cells, {} honest records beside them, {memory} KiB at the most", taken.len());
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{} of {cells} cells:\n{}", failures.len(), failures.join("\n"));
    assert!(cells > 150 && taken.len() >= 40, "{cells} cells, {} honest records", taken.len());
    assert!(memory < MEMORY_KIB_MAX, "{memory} KiB");
    let listed: BTreeSet<String> = member.list(CHANNEL).into_keys().map(|place| place.id).collect();
    let lost: Vec<&String> = taken.difference(&listed).collect();
    assert!(lost.is_empty(), "lost {lost:?}");
    member.stop();
}

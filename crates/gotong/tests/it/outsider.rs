//! Whoever is outside a channel asks everything there is to ask, and learns nothing: a third member's analyst and operator at their own node, that member's
//! node over the real TLS of federation, and a token that is limited to another channel at a node that has the hidden one.
//!
//! One region is founded, filled and stopped, and its folders are copied. In one copy two members agree on a channel that nobody else knows of and use it
//! in every way; in the other they do not. Keys, logs and salts being the same, every answer must be the same in both, byte for byte, but for what is
//! random or a clock: request ids, dates, sealed positions (compared by length), the id of an exported bundle, counters of a link.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gotong_testkit::tls;
use gotong_web::federation::TlsIdentity;
use rustls::{ClientConnection, StreamOwned};
use serde_json::{Value, json};

use crate::harness::{Answer, CHANNEL, Dice, Member, Region, copy_files, escaped, seed};
use crate::program::{now, run, wait_for};

const ADVISORIES: &str = "rti/advisories";
/// What an archive begins with.
const ARCHIVE: &[u8] = b"gotong archive 0\n";
/// Who has no token.
const NOBODY: &str = "nobody";
/// What moves by itself in a link: bytes and requests that go to and fro, and when it last began or failed.
const LINK_MOVES: [&str; 8] =
    ["bytes_in", "bytes_out", "connections_in", "faults", "last_fault", "requests_served", "round_trips", "since"];
/// The channel of the demo's two, which is there in both copies and used in one.
const BILATERAL: &str = "th-vn/incidents";
/// The channel that is there in one copy only.
const HIDDEN: &str = "quiet/cases";
const AGREEMENT: &str = r#"
handle = "quiet"
title = "What nobody else knows of"
purpose = "To try whether anybody else learns of it"
legal_basis = "None"
parties = ["th", "vn"]
parties_clause = "1"
dates_clause = "1"
from = 2026-01-01
[[clauses]]
number = "1"
title = "All"
text = "All"
[[channel_types]]
type = "cases"
clause = "1"
ceiling = "amber+strict"
purpose = "Cases"
"#;

fn indicator(uuid: &str, domain: &str) -> Value {
    json!({
        "type": "indicator", "spec_version": "2.1", "id": format!("indicator--{uuid}"), "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z", "name": format!("about {domain}"), "pattern": format!("[domain-name:value = '{domain}']"),
        "pattern_type": "stix", "valid_from": "2026-11-01T00:00:00Z",
    })
}

fn sighting(uuid: &str, of: &str) -> Value {
    json!({
        "type": "sighting", "spec_version": "2.1", "id": format!("sighting--{uuid}"), "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z", "sighting_of_ref": of, "count": 3,
    })
}

/// An object that waits for a person.
fn doubtful(uuid: &str) -> Value {
    let mut object = indicator(uuid, "doubtful.example");
    object["pattern"] = json!("[domain-name:value = 'doubtful.example'");
    object
}

fn id_of(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

/// The objects of both kinds.
struct Cast {
    public: Vec<Value>,
    hidden: Vec<Value>,
    withdrawn: Value,
    waiting: Value,
}

fn cast(dice: &mut Dice) -> Cast {
    let public: Vec<Value> = (0..8).map(|n| indicator(&dice.uuid(), &format!("public-{n}.example"))).collect();
    let first = public[0].clone();
    let mut hidden = vec![
        // The same object, the same value under another id, and a sighting of what is public.
        first.clone(),
        indicator(&dice.uuid(), "public-1.example"),
        sighting(&dice.uuid(), &id_of(&first)),
    ];
    hidden.extend((0..40).map(|n| indicator(&dice.uuid(), &format!("hidden-{n}.example"))));
    Cast { public, hidden, withdrawn: indicator(&dice.uuid(), "withdrawn.example"), waiting: doubtful(&dice.uuid()) }
}

/// Publishes what all may read, at two members; waits until everybody has acknowledged it and nothing moves any more.
fn fill(region: &Region, cast: &Cast) {
    let [first, second, third] = &region.members[..] else { panic!("a region of three") };
    for object in &cast.public {
        first.publish(CHANNEL, &object.to_string()).expect(201);
    }
    second
        .publish(CHANNEL, &sighting("0a5b4d1c-7e01-4f4e-9a51-0a5b4d1c7e01", &id_of(&cast.public[0])).to_string())
        .expect(201);
    third.publish(CHANNEL, &cast.public[2].to_string()).expect(201);
    let note = json!({"type": "note", "spec_version": "2.1", "id": "note--0a5b4d1c-7e01-4f4e-9a51-0a5b4d1c7e02", "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z", "content": "for all", "object_refs": [id_of(&cast.public[0])]});
    first.publish(ADVISORIES, &note.to_string()).expect(201);
    first.publish(CHANNEL, &doubtful("0a5b4d1c-7e01-4f4e-9a51-0a5b4d1c7e03").to_string()).expect(202);
    first.withdraw(CHANNEL, &[id_of(&cast.public[7])]).unwrap().expect(200);
    region.wait_until_equal();
    let told = || -> Vec<String> {
        let channels = [CHANNEL, ADVISORIES].map(escaped);
        let of = |member: &Member| {
            channels
                .clone()
                .map(|channel| member.get(&format!("/api/v1/channels/{channel}/acknowledgements")).expect(200).text())
        };
        region.members.iter().flat_map(of).collect()
    };
    let mut last = (told(), now());
    wait_for("an end of all acknowledging", || {
        let told = told();
        if told != last.0 {
            last = (told, now());
        }
        last.1.elapsed() > Duration::from_secs(3)
    });
}

/// Two members agree on something.
fn agree(region: &Region) {
    let file = |name: &str| region.dir.join(name).to_str().unwrap().to_owned();
    std::fs::write(file("quiet.toml"), AGREEMENT).unwrap();
    let (note, charter) = (file("quiet.note"), file("charter.note"));
    run(&["agreement", "new", &file("quiet.toml"), "--charter", &charter, "--out", &note]).with(0);
    for member in &region.members[..2] {
        let root = member.data.join("root/root.key");
        run(&["agreement", "sign", &note, "--charter", &charter, "--root", root.to_str().unwrap()]).with(0);
    }
    for member in &region.members[..2] {
        run(&["agreement", "accept", &note, "--data", member.data.to_str().unwrap()]).with(0);
    }
}

/// And uses it: publishes, corrects, relabels, withdraws, leaves something waiting.
fn use_hidden(region: &Region, cast: &Cast) {
    let [first, second, _] = &region.members[..] else { panic!("a region of three") };
    for channel in [HIDDEN, BILATERAL] {
        let path = |what: &str| format!("/api/v1/channels/{}/{what}", escaped(channel));
        for object in &cast.hidden {
            first.post(&path("records?tlp=amber"), object).expect(201);
        }
        second.post(&path("records?tlp=amber"), &cast.hidden[4]).expect(201);
        second.post(&path("records?tlp=amber"), &cast.withdrawn).expect(201);
        first.post(&path("records?tlp=amber"), &cast.withdrawn).expect(201);
        first.post(&path("records?tlp=amber"), &cast.waiting).expect(202);
        first.post(&path("relabel"), &json!({"ids": [id_of(&cast.hidden[3])], "tlp": "amber+strict"})).expect(200);
        first.withdraw(channel, &[id_of(&cast.withdrawn)]).unwrap().expect(200);
        let erased =
            || first.get(&path("withdrawals")).expect(200).json()["withdrawals"][0]["gone"]["at"] == json!(["th"]);
        wait_for("the hidden withdrawal", erased);
    }
}

/// What an asker may put into the places of an address: everything that the hidden channel would answer to, and things that are there or nowhere.
struct Guesses {
    channels: Vec<String>,
    ids: Vec<String>,
    numbers: Vec<String>,
    logs: Vec<String>,
    values: Vec<String>,
}

fn guesses(region: &Region, cast: &Cast) -> Guesses {
    let first = &region.members[0];
    let logs = first.get("/api/v1/logs").expect(200).json();
    let all = logs["logs"].as_array().unwrap();
    let origins: Vec<String> = all.iter().map(|log| log["log"].as_str().unwrap().to_owned()).collect();
    assert!(all.iter().any(|log| log["channel"] == HIDDEN) && all.iter().any(|log| log["channel"] == BILATERAL));
    let ids = first.get("/api/v1/channels").expect(200).json();
    let mut channels: Vec<String> =
        [CHANNEL, ADVISORIES, BILATERAL, HIDDEN, "quiet/nothing", "nobody/cases"].map(escaped).to_vec();
    channels
        .extend(ids["channels"].as_array().unwrap().iter().map(|channel| channel["id"].as_str().unwrap().to_owned()));
    let quarantine = first.get("/api/v1/quarantine").expect(200).json();
    let numbers = quarantine["quarantined"].as_array().unwrap().iter().map(|row| row["number"].to_string());
    let objects = [&cast.public[0], &cast.public[1], &cast.public[7]]
        .into_iter()
        .chain(&cast.hidden[1..4])
        .chain([&cast.withdrawn, &cast.waiting]);
    let mut objects: Vec<String> = objects.map(id_of).collect();
    println!("outsider: {} logs, {} channels", origins.len(), channels.len());
    objects.push("indicator--00000000-0000-4000-8000-000000000000".to_owned());
    Guesses {
        channels,
        ids: objects,
        numbers: numbers.chain(["1".to_owned()]).collect(),
        logs: origins,
        values: ["public-0", "public-1", "hidden-1", "withdrawn", "doubtful", "nowhere"]
            .map(|name| format!("{name}.example"))
            .to_vec(),
    }
}

impl Guesses {
    /// What may stand in a parameter.
    fn of(&self, name: &str) -> Vec<String> {
        let some = |list: &[&str]| list.iter().map(|item| (*item).to_owned()).collect();
        match name {
            "channel" => self.channels.clone(),
            "id" => self.ids.clone(),
            "number" => self.numbers.clone(),
            "code" => some(&["harbour-bank", "nobody"]),
            "log" => self.logs.clone(),
            "value" => self.values.clone(),
            "author" => some(&["vn", "th", "id", "xx"]),
            "type" => some(&["indicator", "sighting", "note"]),
            "q" => some(&["about", "hidden-1.example", "abuot", "channel:th-vn/incidents%20about"]),
            "tlp" | "tlp_max" | "label_max" => some(&["clear", "amber", "amber+strict"]),
            "agreement" => [CHANNEL, BILATERAL, HIDDEN, "nobody/cases"]
                .map(|name| name.split('/').next().unwrap().to_owned())
                .to_vec(),
            "at" | "due_before" | "from" | "since" | "until" => some(&["2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z"]),
            "limit" => some(&["1", "1000"]),
            "order" => some(&["newest-arrival", "oldest"]),
            "follow" => some(&["false"]),
            "search" => some(&["feed"]),
            "index" => some(&["0", "1", "2", "40"]),
            "format" => some(&["stix", "ndjson", "text", "list", "rpz", "json", "csv", "html"]),
            "objects" | "others" | "plain" | "observables" | "url_hosts" | "exact_names" => some(&["true"]),
            "confidence_min" => some(&["50"]),
            "zone" => some(&["block.example"]),
            "policy" => some(&["nodata"]),
            "name" => some(&["feed", "nobody"]),
            "serial_after" => some(&["7"]),
            "personal_data" => some(&["identified"]),
            "state" => some(&["open", "overdue", "met"]),
            "kind" => some(&["stix", "stix.indicator", "document", "ipv4,domain"]),
            "member" => some(&["vn", "id", "xx"]),
            "version" => some(&["1", "9"]),
            "after" | "after_position" | "cursor" => some(&["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "beginning"]),
            other => panic!("nobody has said what to guess for the parameter {other}"),
        }
    }

    /// Every address of every `GET` in the document, with every guess in every place of the path, and one parameter at a time.
    fn addresses(&self, document: &Value) -> Vec<String> {
        let mut all = Vec::new();
        for (template, operations) in document["paths"].as_object().unwrap() {
            let Some(operation) = operations.get("get") else { continue };
            let parameters: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().collect();
            let mut paths = vec![template.clone()];
            for name in ["channel", "id", "number", "code", "name"] {
                let place = format!("{{{name}}}");
                if template.contains(&place) {
                    paths = paths
                        .iter()
                        .flat_map(|path| self.of(name).into_iter().map(|guess| path.replace(&place, &guess)))
                        .collect();
                }
            }
            assert!(paths.iter().all(|path| !path.contains('{')), "{template} has a place that nobody fills");
            let query: Vec<&Value> = parameters.into_iter().filter(|parameter| parameter["in"] == "query").collect();
            let (needed, free): (Vec<&Value>, Vec<&Value>) =
                query.into_iter().partition(|parameter| parameter["required"] == true || parameter["name"] == "follow");
            for path in paths {
                let mut bases = vec![format!("{path}?")];
                for parameter in &needed {
                    let name = parameter["name"].as_str().unwrap();
                    bases = bases
                        .iter()
                        .flat_map(|base| self.of(name).into_iter().map(move |guess| format!("{base}{name}={guess}&")))
                        .collect();
                }
                for base in bases {
                    for parameter in &free {
                        let name = parameter["name"].as_str().unwrap();
                        all.extend(
                            self.of(name)
                                .into_iter()
                                .map(|guess| format!("{base}{name}={}", guess.replace('+', "%2B"))),
                        );
                    }
                    all.push(base.trim_end_matches(['?', '&']).to_owned());
                }
            }
        }
        for channel in &self.channels {
            let collection = format!("/taxii2/region/collections/{channel}/");
            all.extend(["", "manifest/", "objects/", "objects/?limit=3"].map(|below| format!("{collection}{below}")));
        }
        for log in &self.logs {
            all.extend(self.of("index").iter().map(|index| format!("/api/v1/explain?log={log}&index={index}")));
        }
        for extra in [
            "/",
            "/healthz",
            "/readyz",
            "/metrics",
            "/problems",
            "/taxii2/",
            "/taxii2/region/",
            "/taxii2/region/collections/",
            "/misp/events/index",
            "/misp/events/index/minimal:1",
            "/misp/sharing_groups",
            "/misp/organisations",
            "/misp/tags/index",
            "/misp/users/view/me",
            "/misp/servers/getVersion",
            "/misp/eventBlocklists/index",
            "/misp/orgBlocklists/index",
            "/misp/feed/manifest.json",
            "/misp/feed/hashes.csv",
            "/api/v1/docs",
            "/api/v1/openapi.json",
            "/api/v1/nothing",
            "/federation/v1/changes",
        ] {
            all.push(extra.to_owned());
        }
        all
    }
}

/// An answer without what is random or a clock.
fn settled(path: &str, answer: &Answer) -> String {
    let mut out = format!("{}\n", answer.status);
    for (name, value) in &answer.headers {
        let value = if matches!(name.as_str(), "x-request-id" | "date") {
            format!("({} bytes)", value.len())
        } else {
            value.clone()
        };
        // The length of a text with a clock or counter in it may differ; the text itself is compared below.
        let value = if name == "content-length" { String::new() } else { value };
        let _ = writeln!(out, "{name}: {value}");
    }
    if path == "/metrics" {
        // Counters of requests and links move with time: which there are must not, nor how much there is.
        let figure = |line: &str| match line.rsplit_once(' ') {
            Some((name, _))
                if !["gotong_entries", "gotong_logs", "gotong_quarantined", "gotong_position"]
                    .iter()
                    .any(|kept| name.starts_with(kept)) =>
            {
                name.to_owned()
            }
            _ => line.to_owned(),
        };
        return out + &answer.text().lines().map(figure).collect::<Vec<_>>().join("\n");
    }
    let mut text = answer.text();
    if path.starts_with("/api/v1/register") && !path.contains("until=") {
        // It ends now, and says so. Figures are compared in the register of a period that is named.
        text = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    }
    if path.starts_with("/api/v1/export") {
        // The head says when it was made, and a zone's serial follows from that. What was counted is compared as it is.
        let dated = |line: &str| line.contains("Made by") || line.contains(" SOA ") || line.contains("made=");
        let digitless = |line: &str| line.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect::<String>();
        let lines = text.lines().map(|line| if dated(line) { digitless(line) } else { line.to_owned() });
        text = lines.collect::<Vec<_>>().join("\n");
    }
    if path.starts_with("/api/v1/events") && answer.status == 200 {
        let told = |line: &str| match (line.strip_prefix("id: "), line.strip_prefix("data: ")) {
            (Some(place), _) => format!("id: {} bytes", place.len()),
            (_, Some(data)) => masked(path, serde_json::from_str(data).unwrap()).to_string(),
            _ => line.to_owned(),
        };
        return out + &text.lines().map(told).collect::<Vec<_>>().join("\n");
    }
    if path.starts_with("/api/v1/atom") {
        // Cursors in links are sealed anew each time.
        let cursorless = |piece: &str| {
            piece.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_').to_owned()
        };
        let mut pieces = text.split("after=");
        let first = pieces.next().unwrap_or_default().to_owned();
        text = std::iter::once(first).chain(pieces.map(cursorless)).collect::<Vec<_>>().join("after=");
    }
    let values: Result<Vec<Value>, _> = text.lines().map(serde_json::from_str).collect();
    match values {
        Ok(values) => values.into_iter().fold(out, |out, value| format!("{out}{}\n", masked(path, value))),
        Err(_) if path == "/" => out + &clockless(&text),
        Err(_) if answer.body.starts_with(ARCHIVE) => out + &sections(&answer.body[ARCHIVE.len()..]),
        Err(_) => out + &text,
    }
}

/// A page without its minutes ("2026-11-22 05:17 UTC").
fn clockless(text: &str) -> String {
    let without = |piece: &str| piece.char_indices().rev().nth(4).map_or(piece, |(at, _)| &piece[..at]).to_owned();
    text.split(" UTC").map(without).collect::<Vec<_>>().join(" UTC")
}

/// The sections of an archive by kind and digest; acknowledgements, which are signed anew with their time, by length.
fn sections(mut rest: &[u8]) -> String {
    let mut out = String::new();
    while let Some((kind, after)) = rest.split_first() {
        let (length, after) = after.split_first_chunk::<4>().unwrap();
        let (section, after) = after.split_at(u32::from_be_bytes(*length).try_into().unwrap());
        rest = after;
        let what =
            if *kind == 5 { format!("{} bytes", section.len()) } else { gotong_crypto::sha256(section).to_text() };
        let _ = writeln!(out, "section {kind}: {what}");
    }
    out
}

fn masked(path: &str, mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            // A member that was started again acknowledges again, with the time of that.
            let is_acknowledgement = fields.contains_key("member") && fields.contains_key("verified");
            for (name, field) in fields.iter_mut() {
                let is_now = name == "time"
                    || name == "last_contact"
                    || name == "said_at"
                    || (name == "at" && path.contains("/explain") && !path.contains("at="));
                let is_signed_anew = is_acknowledgement && matches!(name.as_str(), "at" | "note");
                let is_sealed = name == "next" || name == "position" || name == "cursor";
                let is_counter = path.contains("/peers") && LINK_MOVES.contains(&name.as_str());
                let is_bundle = name == "id" && field.as_str().is_some_and(|id| id.starts_with("bundle--"));
                *field = match field {
                    Value::String(text) if is_now || is_signed_anew || is_sealed || is_bundle => {
                        json!(format!("({} bytes)", text.len()))
                    }
                    // What a member said of a log is told with the minute of its acknowledgement.
                    Value::String(text) if text.contains(" said on ") => json!(clockless(text)),
                    _ if is_counter => json!("as it is now"),
                    _ => masked(path, field.take()),
                };
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|item| *item = masked(path, item.take())),
        Value::String(text) if text.starts_with("gotong/") && text.contains("/acknowledgement\n") => {
            *text = format!("an acknowledgement of {} bytes", text.len());
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    value
}

/// Everything that one asker was answered, by address.
type Heard = BTreeMap<String, String>;

/// Somebody who asks.
struct Asker<'a> {
    name: &'static str,
    ask: Box<dyn Fn(&str, &str, &[u8]) -> Answer + 'a>,
}

impl Asker<'_> {
    /// Asks every address; and walks the lists page by page.
    fn crawl(&self, addresses: &[String]) -> Heard {
        let mut heard = Heard::new();
        for path in addresses {
            heard.insert(path.clone(), settled(path, &self.patiently("GET", path, b"")));
        }
        for list in ["/api/v1/records?limit=2", "/api/v1/records?limit=2&type=indicator", "/api/v1/quarantine?limit=1"]
        {
            let mut after = String::new();
            for page in 0..100 {
                let answer = self.patiently("GET", &format!("{list}{after}"), b"");
                if answer.status == 401 {
                    break;
                }
                let answer = answer.expect(200);
                heard.insert(format!("{list}, page {page}"), settled(list, &answer));
                match answer.json()["next"].as_str() {
                    Some(next) => after = format!("&after={next}"),
                    None => break,
                }
            }
        }
        let values = json!({"values": ["public-0.example", "public-1.example", "hidden-3.example"], "objects": true})
            .to_string();
        heard.insert(
            "POST lookup".to_owned(),
            settled("", &self.patiently("POST", "/api/v1/lookup", values.as_bytes())),
        );
        for channel in [HIDDEN, BILATERAL] {
            for what in ["records", "records/bulk", "records/preview", "withdraw", "relabel"] {
                let path = format!("/api/v1/channels/{}/{what}", escaped(channel));
                let body =
                    json!({"ids": ["indicator--00000000-0000-4000-8000-000000000000"], "reason": "error"}).to_string();
                heard.insert(format!("POST {path}"), settled(&path, &self.patiently("POST", &path, body.as_bytes())));
            }
        }
        heard
    }

    /// Waits where it is told that it asks too much.
    fn patiently(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        loop {
            let answer = (self.ask)(method, path, body);
            if !matches!(answer.status, 429 | 503) {
                return answer;
            }
            std::thread::sleep(Duration::from_millis(500));
        }
    }
}

fn askers<'a>(region: &'a Region, limited: &'a str) -> Vec<Asker<'a>> {
    let [first, _, third] = &region.members[..] else { panic!("a region of three") };
    // Figures are for the machine that a node runs on: those of the first are its own operator's, and nobody else's to see.
    let elsewhere = move |path: &str| if path == "/metrics" { third } else { first };
    vec![
        Asker {
            name: "a third member's analyst",
            ask: Box::new(|method, path, body| third.ask_as(&third.token, method, path, body)),
        },
        Asker {
            name: "a third member's operator",
            ask: Box::new(|method, path, body| third.operate(method, path, body)),
        },
        Asker {
            name: "a token limited to another channel",
            ask: Box::new(move |method, path, body| elsewhere(path).ask_as(limited, method, path, body)),
        },
        Asker { name: NOBODY, ask: Box::new(move |method, path, body| elsewhere(path).ask_as("", method, path, body)) },
    ]
}

/// A member's node as far as another can tell: its key, its statement, the protocol.
struct Peer {
    stream: StreamOwned<ClientConnection, TcpStream>,
}

impl Peer {
    /// Connects to a member as another, and says hello.
    fn connect(region: &Region, to: &Member, as_member: &Member) -> Self {
        let pem = std::fs::read_to_string(as_member.data.join("keys/tls.key")).unwrap();
        let identity = TlsIdentity::from_key_pem(&pem).unwrap();
        let config = tls::client(Some((identity.certificate(), &pem)));
        let (host, port) = to.address.rsplit_once(':').unwrap();
        // Federation answers a hundred ports above the API.
        let socket = TcpStream::connect((host, port.parse::<u16>().unwrap() + 100)).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let connection = ClientConnection::new(config, tls::anyone()).unwrap();
        let mut peer = Self { stream: StreamOwned::new(connection, socket) };
        let statement = std::fs::read_to_string(as_member.data.join("statement.note")).unwrap();
        let hello = json!({"protocols": [0], "region": region.ready["region"]["id"], "software": "probe", "statements": [statement]});
        peer.ask("POST", "/federation/v1/hello", hello.to_string().as_bytes()).expect(200);
        peer
    }

    fn ask(&mut self, method: &str, path: &str, body: &[u8]) -> Answer {
        let head = format!("{method} {path} HTTP/1.1\r\nhost: peer\r\ncontent-length: {}\r\n\r\n", body.len());
        self.stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        self.stream.flush().unwrap();
        struct Through<'a>(&'a mut StreamOwned<ClientConnection, TcpStream>);
        impl Read for Through<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
                self.0.read(buffer)
            }
        }
        Answer::read(&mut Through(&mut self.stream)).unwrap_or_else(|| panic!("no answer to {method} {path}"))
    }

    fn changes(&mut self, cursor: Option<&str>, wait_ms: u64) -> Answer {
        let request = json!({"acknowledgements": [], "cursor": cursor, "wait_ms": wait_ms});
        self.ask("POST", "/federation/v1/changes", request.to_string().as_bytes())
    }
}

/// What a member's node is answered by another's: changes, and the frames of every log that was ever heard of.
fn probe(region: &Region, to: &Member, as_member: &Member, logs: &[String]) -> Heard {
    let mut heard = Heard::new();
    let mut peer = Peer::connect(region, to, as_member);
    let changes = peer.changes(None, 0).expect(200);
    heard.insert("changes".to_owned(), settled("", &changes));
    let cursor = changes.json()["cursor"].as_str().unwrap().to_owned();
    heard.insert("changes again".to_owned(), settled("", &peer.changes(Some(&cursor), 0)));
    heard.insert("changes with a bad cursor".to_owned(), settled("", &peer.changes(Some("aaaa"), 0)));
    for (count, origin) in logs.iter().enumerate() {
        // Refused too often, a connection ends.
        if count % 5 == 4 {
            peer = Peer::connect(region, to, as_member);
        }
        let parts: Vec<&str> = origin.split('/').collect();
        let path = parts[2..].join("/");
        for query in ["from=0&encoding=0", "from=3&encoding=1", "from=100000&encoding=0"] {
            let path = format!("/federation/v1/frames/{path}?{query}");
            let answer = peer.ask("GET", &path, b"");
            let body = gotong_crypto::sha256(&answer.body).to_text();
            heard.insert(path, format!("{}{body}", settled("", &Answer { body: Vec::new(), ..answer })));
        }
    }
    heard
}

/// Addresses at which two askers heard different things.
fn differences(with: &Heard, without: &Heard) -> Vec<String> {
    assert!(with.len() > 5);
    let mut all: Vec<&String> = with.keys().chain(without.keys()).collect();
    all.sort();
    all.dedup();
    let differ = all.into_iter().filter(|path| with.get(*path) != without.get(*path));
    differ
        .map(|path| {
            format!(
                "{path}\n--- with\n{}\n--- without\n{}",
                with.get(path).map_or("", |text| text),
                without.get(path).map_or("", |text| text)
            )
        })
        .collect()
}

/// Everything that is heard in one copy, by asker; whoever may read the channel last.
struct Copy {
    heard: Vec<(&'static str, Heard)>,
    insider: Vec<(&'static str, Heard)>,
    /// How long a peer that waited for news was left waiting while others were busy.
    waited: Duration,
}

fn listen(region: &Region, guesses: &Guesses, limited: &str, is_busy: bool) -> Copy {
    let [first, second, third] = &region.members[..] else { panic!("a region of three") };
    let document = first.get("/api/v1/openapi.json").expect(200).json();
    let addresses = guesses.addresses(&document);
    println!("outsider: {} addresses", addresses.len());
    // Links stand as they will.
    for member in &region.members {
        wait_for("the links", || {
            let peers = member.get("/api/v1/peers").expect(200).json();
            peers["peers"].as_array().unwrap().iter().all(|peer| peer["state"] == "connected")
        });
    }
    // Who has no token is soon put off, so a part of the addresses must do.
    let some: Vec<String> = addresses.iter().rev().take(9).chain(addresses.iter().step_by(20)).cloned().collect();
    let mut heard: Vec<(&'static str, Heard)> = askers(region, limited)
        .into_iter()
        .map(|asker| (asker.name, asker.crawl(if asker.name == NOBODY { &some } else { &addresses })))
        .collect();
    heard.push(("a third member's node, at the first", probe(region, first, third, &guesses.logs)));
    heard.push(("a third member's node, at the second", probe(region, second, third, &guesses.logs)));

    // Waiting for news while others are busy is as waiting while they are not.
    let mut peer = Peer::connect(region, first, third);
    let cursor = peer.changes(None, 0).json()["cursor"].as_str().unwrap().to_owned();
    let begun = now();
    let news = std::thread::scope(|scope| {
        let waiting = scope.spawn(|| peer.changes(Some(&cursor), 1_500));
        if is_busy {
            for n in 0..10 {
                let object = indicator(&format!("0a5b4d1c-7e01-4f4e-9a51-0a5b4d1c7f{n:02}"), "busy.example");
                first.post(&format!("/api/v1/channels/{}/records", escaped(HIDDEN)), &object).expect(201);
            }
        }
        waiting.join().unwrap()
    });
    heard.push((
        "a third member's node that waits",
        Heard::from_iter((0..6).map(|n| (n.to_string(), settled("", &news)))),
    ));
    let waited = begun.elapsed();

    let insider = Asker {
        name: "who may read it",
        ask: Box::new(|method, path, body| first.ask_as(&first.token, method, path, body)),
    };
    let insider = vec![
        (insider.name, insider.crawl(&addresses)),
        ("the second member's node", probe(region, first, second, &guesses.logs)),
    ];
    Copy { heard, insider, waited }
}

/// Serves another copy of the folders.
fn turn_to(region: &mut Region, dir: &Path) {
    region.stop();
    for member in &mut region.members {
        member.data = dir.join(&member.code);
    }
}

#[test]
fn whoever_is_outside_asks_everything_and_cannot_tell_whether_the_channel_is_there() {
    let seed = seed("GOTONG_SEED");
    println!("outsider: GOTONG_SEED={seed}");
    let cast = cast(&mut Dice(seed));
    let mut region = Region::found();
    region.start();
    fill(&region, &cast);
    let limited = run(&[
        "token",
        "create",
        "limited",
        "--publish",
        "--channel",
        ADVISORIES,
        "--data",
        region.members[0].data.to_str().unwrap(),
    ])
    .with(0);
    let limited = limited.out.trim().to_owned();
    region.stop();
    let [with, without]: [PathBuf; 2] = ["with", "without"].map(|name| region.dir.join(name));
    for copy in [&with, &without] {
        for member in &region.members {
            copy_files(&member.data, &copy.join(&member.code));
        }
    }

    turn_to(&mut region, &with);
    agree(&region);
    region.start();
    use_hidden(&region, &cast);
    let guesses = guesses(&region, &cast);
    let with = listen(&region, &guesses, &limited, true);
    turn_to(&mut region, &without);
    region.start();
    let without = listen(&region, &guesses, &limited, false);
    region.stop();

    for ((name, with), (_, without)) in with.heard.iter().zip(&without.heard) {
        let differences = differences(with, without);
        assert!(
            differences.is_empty(),
            "{name} hears a difference at {} addresses:\n{}",
            differences.len(),
            differences.join("\n\n")
        );
        // Beyond what comes back of the question itself.
        let text: String = with.values().cloned().collect();
        for word in ["about hidden-", "about withdrawn", "nobody else knows"] {
            assert!(!text.contains(word), "{name} hears {word}");
        }
    }
    for waited in [with.waited, without.waited] {
        assert!(
            waited >= Duration::from_millis(1_450),
            "a peer that waits is not woken by what it may not read: {waited:?}"
        );
    }
    // The positive control: the same comparison sees the channel where the asker may read it.
    for ((name, with), (_, without)) in with.insider.iter().zip(&without.insider) {
        let differences = differences(with, without);
        println!("outsider: {name} hears a difference at {} addresses", differences.len());
        assert!(differences.len() > 2, "{name} would hear it");
    }
}

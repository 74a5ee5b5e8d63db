//! What an organisation that a member serves can tell of what it is not shown: nothing. Two nodes from one seed do the same at the same instants; at one of
//! them much more happens between, in the very logs that the organisation reads in part. Every address that is open to it then answers the same.
//!
//! What is random is told apart from what is not by its shape; names of entries are numbered in the order in which they come, so that a name that is another
//! here than there, where it should be the same, shows. Read next: `crates/gotong-app/src/view/place.rs`.

use std::fmt::Write as _;

use std::collections::{BTreeMap, BTreeSet};

use gotong_app::caller::Caller;
use gotong_app::organisation;
use gotong_app::role::Role;
use gotong_app::token::{self, NewToken};
use gotong_model::agreement::{Act, Onward, Prohibition};
use gotong_model::document::Purpose;
use gotong_model::house::HouseRule;
use gotong_model::{Slug, Timestamp};
use gotong_testkit::builders::Founding;
use serde_json::{Value, json};

use super::door::{Answer, Door, START, doubtful, indicator, operations, plans, uuid};

const SHARED: &str = "shared/indicators";
pub(crate) const OWN: &str = "house/reports/bank-a";
pub(crate) const OTHER: &str = "house/reports/bank-b";
const NOTICES: &str = "house/notices";
const ROUNDS: u64 = 8;
/// More than a page of one row looks at.
const MANY: u64 = 1_100;

fn slug(text: &str) -> Slug {
    Slug::from_text(text).unwrap()
}

fn escaped(channel: &str) -> String {
    channel.replace('/', "%2F")
}

pub(crate) fn founding(seed: u64) -> Founding {
    Founding::new(seed, &["id", "th", "vn"], &plans(true), Timestamp::from_canonical(START).unwrap())
}

/// The rule that counts at [`serving`].
pub(crate) fn rule(founding: &Founding) -> HouseRule {
    let mut rule = founding.house_rule(0, &["bank"], Timestamp::from_canonical(START).unwrap());
    rule.terms.prohibitions = vec![Prohibition {
        act: Act::Read,
        clause: "2".to_owned(),
        kinds: vec!["stix.note".to_owned()],
        members: Vec::new(),
        tlp_above: None,
        types: Vec::new(),
    }];
    rule
}

/// A node that serves two banks. They are given `shared/indicators` up to green and notices up to amber; notes they may not read, not even in their own
/// channel.
pub(crate) async fn serving(seed: u64) -> Door {
    let door = Door::open(seed).await;
    door.agree(seed, "shared", |kind| kind.onward = Onward::Constituents);
    let founding = founding(seed);
    let text = gotong_model::document::text(&founding.region, Purpose::House, &rule(&founding).to_value());
    let keys = &founding.members[0];
    let name = gotong_model::document::signer_name(&founding.region, &keys.code, gotong_model::document::Role::Root);
    let lines = vec![gotong_crypto::note::sign_line(&text, &name, &keys.root)];
    door.node.adopt(gotong_crypto::note::Note { text, lines }.encode().as_bytes()).unwrap();
    let banks = ["bank-a", "bank-b"].map(|code| (slug(code), "A bank".to_owned(), slug("bank")));
    organisation::put(&door.node, &Caller::operator(), &banks).unwrap().unwrap();
    while door.node.govern().unwrap() {}
    door
}

pub(crate) fn token_of(door: &Door, code: &str) -> String {
    let new = NewToken {
        name: code.to_owned(),
        constituent: Some(slug(code)),
        role: Role::Constituent,
        ..NewToken::default()
    };
    token::create(&door.node, &Caller::operator(), &new).unwrap().unwrap().1
}

fn sighting(number: u64, of: u64) -> Value {
    json!({
        "type": "sighting", "spec_version": "2.1", "id": format!("sighting--{}", uuid(number)), "created": "2026-11-02T00:00:00.000Z",
        "modified": "2026-11-02T00:00:00.000Z", "sighting_of_ref": format!("indicator--{}", uuid(of)), "count": 2,
        "last_seen": "2026-11-02T00:00:00Z",
    })
}

fn about(kind: &str, number: u64, of: u64) -> Value {
    let mut object = json!({
        "type": kind, "spec_version": "2.1", "id": format!("{kind}--{}", uuid(number)), "created": "2026-11-02T00:00:00.000Z",
        "modified": "2026-11-02T00:00:00.000Z", "object_refs": [format!("indicator--{}", uuid(of))],
    });
    let (name, text) = if kind == "note" { ("content", "a note") } else { ("name", "a report") };
    object[name] = json!(text);
    if kind == "report" {
        object["published"] = json!("2026-11-02T00:00:00Z");
    }
    object
}

/// With a word in its name.
fn named(mut object: Value, word: &str) -> Value {
    object["name"] = json!(format!("{word} {}", object["name"].as_str().unwrap()));
    object
}

/// One of the two nodes, with what was done there and what the bank was answered.
struct World {
    door: Door,
    staff: String,
    bank: String,
    told: Vec<(String, String)>,
    names: BTreeMap<String, usize>,
}

impl World {
    async fn publish(&self, token: &str, channel: &str, tlp: &str, object: &Value) -> Answer {
        let path = format!("/api/v1/channels/{}/records?tlp={tlp}", escaped(channel));
        self.door.post(&path, token, object.to_string()).await
    }

    async fn put(&self, channel: &str, tlp: &str, object: &Value) {
        self.publish(&self.staff, channel, tlp, object).await.expect(201, "");
    }

    async fn withdraw(&self, channel: &str, number: u64) {
        let path = format!("/api/v1/channels/{}/withdraw", escaped(channel));
        let wish = json!({"ids": [format!("indicator--{}", uuid(number))], "reason": "error"});
        self.door.post_json(&path, &self.staff, &wish).await.expect(200, "");
    }

    /// What the bank must not be able to tell from nothing: the same values and words, in logs that it reads in part and in others.
    async fn hidden(&self, round: u64) {
        let base = 10_000 + round * 100;
        for n in 0..5 {
            self.put(SHARED, "amber", &indicator(base + n, &format!("198.51.100.{round}"))).await;
        }
        self.put(SHARED, "amber", &sighting(base + 10, round)).await;
        self.put(SHARED, "amber", &about("report", base + 11, round)).await;
        self.put(SHARED, "green", &about("note", base + 12, round)).await;
        self.put(OWN, "green", &about("note", base + 13, round)).await;
        self.put(OTHER, "green", &indicator(base + 14, "198.51.100.77")).await;
        self.put("rti/indicators", "green", &indicator(base + 15, &format!("198.51.100.{round}"))).await;
        // The same id as what the bank is shown, more strictly labelled, in a channel of which it knows nothing.
        self.put("rti/indicators", "amber", &indicator(round, &format!("198.51.100.{round}"))).await;
        self.withdraw(SHARED, base).await;
        let path = "/api/v1/channels/rti%2Findicators/records";
        self.door.post(path, &self.staff, doubtful(base + 16).to_string()).await.expect(202, "");
        if round == 3 {
            let lines: Vec<String> =
                (0..MANY).map(|n| named(indicator(50_000 + n, "198.51.100.9"), "quokka").to_string()).collect();
            let path = format!("/api/v1/channels/{}/records/bulk?tlp=amber", escaped(SHARED));
            let request = self.door.request("POST", &path, &self.staff).header("content-type", "application/x-ndjson");
            self.door.send(request.body(lines.join("\n").into()).unwrap()).await.expect(200, "");
        }
    }

    /// What the bank is shown or does itself.
    async fn shown(&mut self, round: u64) {
        let address = format!("198.51.100.{round}");
        self.put(SHARED, "green", &indicator(round, &address)).await;
        self.put(SHARED, "green", &sighting(1_000 + round, round)).await;
        self.put(SHARED, "green", &about("report", 2_000 + round, round)).await;
        self.put(NOTICES, "amber", &indicator(3_000 + round, &address)).await;
        let object = indicator(4_000 + round, &address);
        for what in ["published", "known"] {
            let answer = self.publish(&self.bank, OWN, "amber", &object).await;
            self.keep(format!("{what} {round}"), &answer);
        }
        let mut other = object.clone();
        other["name"] = json!("another name");
        let answer = self.publish(&self.bank, OWN, "amber", &other).await;
        self.keep(format!("refused {round}"), &answer);
        let answer = self.publish(&self.bank, OWN, "amber", &doubtful(6_000 + round)).await;
        self.keep(format!("waits {round}"), &answer);
        if round == 1 {
            self.put(SHARED, "green", &named(indicator(9_000, &address), "quokka")).await;
        }
        // The same id in two channels.
        self.put(OWN, "green", &indicator(round, &address)).await;
        if round % 3 == 2 {
            self.withdraw(SHARED, round - 1).await;
            let path = format!("/api/v1/channels/{}/withdraw", escaped(OWN));
            let wish = json!({"ids": [format!("indicator--{}", uuid(4_000 + round - 1))], "reason": "error"});
            let answer = self.door.post_json(&path, &self.bank, &wish).await;
            self.keep(format!("withdrawn {round}"), &answer);
        }
    }

    fn keep(&mut self, what: String, answer: &Answer) {
        let mut text = format!("{}\n", answer.status);
        for (name, value) in &answer.headers {
            let value = match name.as_str() {
                "x-request-id" | "date" | "etag" | "content-length" => "",
                _ => value.to_str().unwrap(),
            };
            writeln!(text, "{name}: {value}").unwrap();
        }
        text.push_str(&answer.text());
        let text = self.plain(&text);
        self.told.push((what, text));
    }

    /// A text without what is random: sealed positions, hashes of leaves, ids of requests, numbers in quarantine, and moments within a second.
    fn plain(&mut self, text: &str) -> String {
        let mut out = String::new();
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let mut rest = text;
        while !rest.is_empty() {
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let word = &rest[..length];
            let is_base32 = word.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b));
            let before = out.clone();
            let is_after = |label: &str| before.ends_with(label);
            match length {
                0 => {}
                gotong_crypto::SEALED_CHARS => out.push_str("SEALED"),
                52 if is_base32 && is_after("\"leaf\":\"") => out.push_str("LEAF"),
                26 if is_base32 && is_after("\"entry\":\"") => out.push_str(&self.numbered(word)),
                36 if is_after("urn:uuid:") => out.push_str(&self.numbered(word)),
                _ if is_after("\"request_id\":\"") || is_after("/requests/") => out.push_str("REQUEST"),
                _ if is_after("\"quarantine\":") => out.push_str("NUMBER"),
                _ => out.push_str(word),
            }
            rest = &rest[length..];
            let Some(next) = rest.chars().next() else { break };
            out.push(next);
            rest = &rest[next.len_utf8()..];
        }
        out
    }

    fn numbered(&mut self, name: &str) -> String {
        let count = self.names.len();
        format!("NAME{}", self.names.entry(name.to_owned()).or_insert(count))
    }

    async fn ask(&mut self, method: &str, path: &str, body: &Value) {
        let request = self.door.request(method, path, &self.bank).header("content-type", "application/json");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.door.send(request.body(body.into()).unwrap()).await;
        self.keep(format!("{method} {path}"), &answer);
    }

    /// A list from its beginning to its end, however its pages are cut.
    async fn pages(&mut self, path: &str) {
        let mut after = String::new();
        for page in 0..200 {
            let glue = if path.contains('?') { '&' } else { '?' };
            let here =
                format!("{path}{}", if after.is_empty() { String::new() } else { format!("{glue}after={after}") });
            let answer = self.door.get(&here, &self.bank).await;
            self.keep(format!("GET {path}, page {page}"), &answer);
            // A problem has a `next` too: what to do about it.
            match answer.json()["next"].as_str().filter(|_| answer.status == 200) {
                Some(next) => next.clone_into(&mut after),
                None => return,
            }
        }
        panic!("{path} has no end");
    }
}

async fn world(with_hidden: bool) -> World {
    let door = serving(91).await;
    let (staff, bank) = (door.token(true, false, None), token_of(&door, "bank-a"));
    let mut world = World { door, staff, bank, told: Vec::new(), names: BTreeMap::new() };
    // What has one time is listed in the order in which the logs were opened here: these are, in both worlds, before anything is hidden.
    world.shown(0).await;
    world.door.clock.advance_ms(60_000);
    for round in 1..=ROUNDS {
        if with_hidden {
            world.hidden(round).await;
        }
        world.door.clock.advance_ms(60_000);
        world.shown(round).await;
        world.door.clock.advance_ms(60_000);
    }
    if with_hidden {
        world.hidden(ROUNDS + 1).await;
    }
    world.door.clock.advance_ms(60_000);
    world
}

/// Every address that is open to an organisation.
async fn ask_everything(world: &mut World) {
    let id = |number: u64| format!("indicator--{}", uuid(number));
    let hidden = [10_101, 10_114, 50_001].map(id);
    let none = Value::Null;
    for path in ["", "?limit=1", "?limit=3", "?type=indicator&limit=2", "?since=2026-01-01T00:00:00Z&limit=3"] {
        world.pages(&format!("/api/v1/records{path}")).await;
    }
    for channel in [SHARED, OWN, NOTICES, OTHER] {
        world.pages(&format!("/api/v1/records?channel={}&limit=1", escaped(channel))).await;
    }
    // Among pages of one row: what is hidden uses up no page, however much there is.
    world.pages("/api/v1/records?author=th&limit=1").await;
    world.pages("/api/v1/records?order=newest-arrival&limit=1").await;
    world.pages("/api/v1/records?order=newest-arrival&limit=3&type=sighting").await;
    world.pages(&format!("/api/v1/records?id={}&limit=1", id(2))).await;
    for record in [id(1), id(2), id(4_002), id(3_003)].iter().chain(&hidden) {
        for what in ["", "/related", "/sightings", "/worth"] {
            world.ask("GET", &format!("/api/v1/records/{record}{what}"), &none).await;
        }
        world.ask("GET", &format!("/api/v1/records?id={record}"), &none).await;
    }
    for value in ["198.51.100.2", "198.51.100.9", "198.51.100.77"] {
        for path in ["lookup?value=V", "lookup?objects=true&value=V", "sightings?value=V", "search?q=V"] {
            world.ask("GET", &format!("/api/v1/{}", path.replace('V', value)), &none).await;
        }
    }
    for words in ["indicator", "report", "note", "%22indicator%203%22", "indicatr", "quok", "quokka"] {
        world.pages(&format!("/api/v1/search?limit=4&q={words}")).await;
        world.ask("GET", &format!("/api/v1/suggest?q={words}"), &none).await;
    }
    let values: Vec<String> = (0..20).map(|n| format!("198.51.100.{n}")).collect();
    world.ask("POST", "/api/v1/lookup", &json!({"values": values})).await;
    for objects in ["true", "false"] {
        let path = format!("/api/v1/events?after=beginning&follow=false&objects={objects}");
        world.ask("GET", &path, &none).await;
    }
    let search = json!({"values": ["198.51.100.2", "198.51.100.3"], "title": "Mine"});
    for (method, path, body) in [
        ("PUT", "/api/v1/searches/mine", &json!({"values": search["values"]})),
        ("GET", "/api/v1/searches", &none),
        ("GET", "/api/v1/searches/mine", &none),
        ("GET", "/api/v1/searches/mine/records", &none),
        ("GET", "/api/v1/searches/mine/records?limit=1", &none),
        ("GET", "/api/v1/atom?search=mine", &none),
        ("GET", "/api/v1/events?search=mine&after=beginning&follow=false", &none),
        ("DELETE", "/api/v1/searches/mine", &none),
        ("PUT", "/api/v1/searches/mine", &json!({"type": "indicator"})),
        ("GET", "/api/v1/atom?search=mine", &none),
        ("GET", "/api/v1/atom", &none),
        ("GET", "/api/v1/channels", &none),
        ("GET", "/readyz", &none),
        ("GET", "/metrics", &none),
    ] {
        world.ask(method, path, body).await;
    }
    world.pages("/api/v1/searches/mine/records?limit=1").await;
    for channel in [SHARED, OWN, NOTICES, OTHER, "rti/indicators"] {
        world.ask("GET", &format!("/api/v1/channels/{}", escaped(channel)), &none).await;
    }
    world.ask("POST", "/api/v1/preview?format=text", &json!("198.51.100.2")).await;
    // A look at what is hidden, said again: whether it is known elsewhere is not foreseen either.
    for channel in [SHARED, OWN, NOTICES, OTHER, "rti/indicators"] {
        let path = format!("/api/v1/channels/{}/records/preview", escaped(channel));
        world.ask("POST", &format!("{path}?tlp=amber&format=text"), &json!("198.51.100.2")).await;
        world.ask("POST", &format!("{path}?tlp=amber&format=stix"), &indicator(10_111, "198.51.100.2")).await;
    }
    misp(world).await;
    taxii(world).await;
    // Acts come last: a bulk of its own, and taking it back.
    let lines = [indicator(7_001, "198.51.100.2"), indicator(7_002, "198.51.100.3")].map(|one| one.to_string());
    let path = format!("/api/v1/channels/{}/records/bulk?tlp=amber", escaped(OWN));
    let request = world.door.request("POST", &path, &world.bank).header("content-type", "application/x-ndjson");
    let answer = world.door.send(request.body(lines.join("\n").into()).unwrap()).await;
    world.keep(format!("POST {path}"), &answer);
    let path = format!("/api/v1/channels/{}/withdraw", escaped(OWN));
    world.ask("POST", &path, &json!({"ids": [id(7_001), id(4_001), hidden[0]], "reason": "error"})).await;
    let path = format!("/api/v1/channels/{}/records", escaped(OWN));
    world.ask("POST", &path, &indicator(7_003, "198.51.100.4")).await;
}

async fn misp(world: &mut World) {
    let report = uuid(2_002);
    for (method, path, body) in [
        ("GET", "events/index".to_owned(), Value::Null),
        ("GET", format!("events/view/{report}"), Value::Null),
        ("GET", format!("events/view/{}", uuid(10_111)), Value::Null),
        ("POST", "events/restSearch".to_owned(), json!({"returnFormat": "json", "value": "198.51.100.2"})),
        ("POST", "attributes/restSearch".to_owned(), json!({"returnFormat": "json", "value": "198.51.100.2"})),
        ("GET", "sharing_groups".to_owned(), Value::Null),
        ("GET", format!("sightings/index/{report}"), Value::Null),
        ("GET", "users/view/me".to_owned(), Value::Null),
        ("GET", "feed/manifest.json".to_owned(), Value::Null),
    ] {
        let request = world.door.request(method, &format!("/misp/{path}"), "").header("authorization", &world.bank);
        let request = request.header("accept", "application/json").header("content-type", "application/json");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = world.door.send(request.body(body.into()).unwrap()).await;
        world.keep(format!("{method} /misp/{path}"), &answer);
    }
}

async fn taxii(world: &mut World) {
    const MEDIA: &str = "application/taxii+json;version=2.1";
    let root = "/taxii2/region/collections/";
    let mut paths = vec!["/taxii2/".to_owned(), root.to_owned()];
    for channel in [SHARED, OWN, NOTICES, OTHER] {
        let id = world.door.node.governance().channel_by_name(channel).unwrap().id;
        let collection = gotong_app::view::collection_id(&id);
        let one = format!("indicator--{}", uuid(2));
        let rest = ["", "manifest/", "manifest/?limit=1", "objects/", "objects/?limit=2"].map(str::to_owned);
        let of_one = [format!("objects/{one}/"), format!("objects/{one}/versions/")];
        paths.extend(rest.iter().chain(&of_one).map(|rest| format!("{root}{collection}/{rest}")));
    }
    for path in paths {
        let request = world.door.request("GET", &path, &world.bank).header("accept", MEDIA);
        let mut answer = world.door.send(request.body(axum::body::Body::empty()).unwrap()).await;
        // ADR 0007: moments of addition are random within a window of a fifteenth of a second. Each kind of answer is put in order, and they keep their seconds.
        let mut body = serde_json::from_slice::<Value>(&answer.body).unwrap_or(Value::Null);
        let mut sorted = Vec::new();
        if let Some(objects) = body["objects"].as_array_mut() {
            for object in objects.iter_mut().filter(|object| object["date_added"].is_string()) {
                object["date_added"] = json!(&object["date_added"].as_str().unwrap()[..19]);
            }
            sorted.clone_from(objects);
            sorted.sort_by_key(ToString::to_string);
        }
        if !sorted.is_empty() {
            // Which of those of one instant a short page holds is drawn, too: there its length and whether there is more is what counts.
            body["objects"] = if path.contains("limit") { json!(sorted.len()) } else { json!(sorted) };
        }
        answer.body = body.to_string().into_bytes();
        for name in ["x-taxii-date-added-first", "x-taxii-date-added-last"] {
            if let Some(value) = answer.headers.get_mut(name) {
                *value = value.to_str().unwrap()[..16].parse().unwrap();
            }
        }
        world.keep(format!("GET {path}"), &answer);
    }
}

/// Whether the questions above were put to every operation that the document opens to organisations.
fn reaches_every_open_operation(told: &[(String, String)]) {
    let open: BTreeSet<&str> = ["read", "publish", "withdraw"].into();
    let mut missed = Vec::new();
    let mut count = 0;
    for ((method, template), operation) in operations() {
        let Some(rights) = operation["security"][0]["bearer"].as_array() else { continue };
        if !rights.iter().all(|right| open.contains(right.as_str().unwrap())) {
            continue;
        }
        count += 1;
        let parts: Vec<&str> = template.split('/').collect();
        let is_asked = told.iter().any(|(what, _)| {
            let Some(path) = what.strip_prefix(&format!("{method} ")) else { return false };
            let path: Vec<&str> = path.split(['?', ',']).next().unwrap().split('/').collect();
            path.len() == parts.len() && path.iter().zip(&parts).all(|(a, b)| b.starts_with('{') || a == b)
        });
        if !is_asked {
            missed.push(format!("{method} {template}"));
        }
    }
    assert!(count >= 20, "{count}");
    assert_eq!(missed, Vec::<String>::new(), "open to organisations, and not compared here");
}

#[tokio::test]
async fn what_an_organisation_is_not_shown_changes_no_byte_of_what_it_is_told() {
    let (mut with, mut without) = (world(true).await, world(false).await);
    for world in [&mut with, &mut without] {
        ask_everything(world).await;
    }
    reaches_every_open_operation(&with.told);
    assert_eq!(with.told.len(), without.told.len());
    let mut different = Vec::new();
    for ((what, told), (same, expected)) in with.told.iter().zip(&without.told) {
        assert_eq!(what, same);
        // How much a node does is for whoever keeps it; that page has no token, and a door of its own in front of it.
        if told != expected && what != "GET /metrics" {
            different.push(format!(
                "{what}\n  {}\nwithout what is hidden:\n  {}\n",
                apart(told, expected),
                apart(expected, told)
            ));
        }
    }
    let shown = different.iter().take(30).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(different.is_empty(), "{} of {}:\n{shown}", different.len(), with.told.len());
    // Controls: the bank was told a lot; names were compared; the staff, who may see it, is told of all that came between.
    let all: String = with.told.iter().map(|(_, told)| told.as_str()).collect();
    assert!(with.names.len() > 20 && all.contains("NAME20") && all.contains("\"hits\":[{"), "{}", with.names.len());
    assert!(!all.contains("\"index\":") && !all.contains("\"log\":"), "no place in a log is told");
    for path in ["/api/v1/records?limit=1000", "/api/v1/lookup?value=198.51.100.2", "/api/v1/search?q=report"] {
        let [one, other] = [&with, &without].map(|world| async { world.door.get(path, &world.staff).await.json() });
        let (one, other) = (one.await, other.await);
        assert!(one.to_string().contains("\"index\":"), "{path}");
        assert_ne!(one, other, "{path}");
    }
    with.door.stop().await;
    without.door.stop().await;
}

/// Where a text begins to differ from another, with what stands around.
fn apart(text: &str, other: &str) -> String {
    let same = text.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    text.chars().skip(same.saturating_sub(120)).take(320).collect()
}

/// Somebody of the organisation who opens another door, or another program of its, knows an entry again; another organisation does not.
#[tokio::test]
async fn an_organisation_knows_an_entry_again_by_its_name_and_shares_no_name_with_another() {
    let world = world(false).await;
    let names = |answer: &Answer, at: &str| -> BTreeSet<String> {
        let body = answer.json();
        let rows = body[at].as_array().unwrap().clone();
        rows.iter().map(|row| row["entry"].as_str().unwrap().to_owned()).collect()
    };
    let [again, other] = ["bank-a", "bank-b"].map(|code| token_of(&world.door, code));
    let path = format!("/api/v1/records?limit=1000&channel={}", escaped(SHARED));
    let listed = names(&world.door.get(&path, &world.bank).await, "records");
    assert!(listed.len() as u64 >= ROUNDS);
    assert_eq!(names(&world.door.get(&path, &again).await, "records"), listed);
    let of_other = names(&world.door.get(&path, &other).await, "records");
    assert_eq!((of_other.len(), of_other.is_disjoint(&listed)), (listed.len(), true));
    let found = names(&world.door.get("/api/v1/search?limit=100&q=report", &world.bank).await, "results");
    assert!(!found.is_empty() && found.is_subset(&listed));
    // A receipt has the name under which the record is listed, and its withdrawal is told of under it.
    let object = indicator(8_000, "198.51.100.200");
    let receipt = world.publish(&world.bank, OWN, "amber", &object).await.expect(201, "").json()["receipt"].clone();
    assert!(receipt["leaf"].is_string() && receipt.get("index").is_none(), "{receipt}");
    let path = format!("/api/v1/records?channel={}", escaped(OWN));
    let entry = receipt["entry"].as_str().unwrap();
    assert!(names(&world.door.get(&path, &world.bank).await, "records").contains(entry));
    let wish = json!({"ids": [object["id"]], "reason": "error"});
    world
        .door
        .post_json(&format!("/api/v1/channels/{}/withdraw", escaped(OWN)), &world.bank, &wish)
        .await
        .expect(200, "");
    let events = world.door.get("/api/v1/events?after=beginning&follow=false", &world.bank).await.text();
    let told = events.lines().filter(|line| line.contains("\"event\":\"withdrawn\"")).any(|line| line.contains(entry));
    assert!(told, "{events}");
    world.door.stop().await;
}

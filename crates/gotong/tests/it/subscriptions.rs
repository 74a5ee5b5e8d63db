//! Subscriptions with real nodes, real sockets and receivers that this test plays: streams that break and go on, webhooks to receivers that fail, are slow or
//! turn away, nodes that are killed, rights that end, and channels that nobody outside may hear of.
//!
//! Signatures and feeds are judged by Python, which shares no code with us. Read next: `subscriptions/follower.rs`, `subscriptions/receiver.rs`.

mod follower;
mod receiver;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use self::follower::Follower;
use self::receiver::{Received, Receiver};
use crate::harness::{CHANNEL, Dice, Member, Region, escaped};
use crate::program::{indicator, now, run, wait_for};

/// What two of the three members share, and the third knows nothing of.
const BILATERAL: &str = "th-vn/incidents";

fn objects(count: usize, seed: u64) -> Vec<String> {
    let mut dice = Dice(seed);
    (0..count).map(|number| indicator(&dice.uuid(), &format!("host-{number}.follow.example"))).collect()
}

fn id_of(object: &str) -> String {
    serde_json::from_str::<Value>(object).unwrap()["id"].as_str().unwrap().to_owned()
}

/// Opens loopback to what goes outside, as an operator would.
fn open_loopback(member: &Member) {
    let path = member.data.join("gotong.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("# allow = []"), "the setting stands in the file: {text}");
    std::fs::write(&path, text.replace("# allow = []", "allow = [\"127.0.0.0/8\"]")).unwrap();
}

fn token(member: &Member, name: &str, more: &[&str]) -> String {
    let data = member.data.to_str().unwrap();
    let ended = run(&[&["token", "create", name, "--json", "--data", data], more].concat()).with(0);
    ended.json()[0]["token"].as_str().unwrap().to_owned()
}

fn put(member: &Member, token: &str, path: &str, body: &Value) -> Value {
    member.ask_as(token, "PUT", &format!("/api/v1/{path}"), body.to_string().as_bytes()).expect(200).json()
}

/// A search and a webhook that follows it; the secret.
fn hook(member: &Member, token: &str, name: &str, search: &Value, url: &str) -> String {
    put(member, token, &format!("searches/{name}"), search);
    let made = put(member, token, &format!("webhooks/{name}"), &json!({"url": url, "search": name, "objects": true}));
    made["secret"].as_str().unwrap().to_owned()
}

fn hook_state(member: &Member, token: &str, name: &str) -> Value {
    member.ask_as(token, "GET", &format!("/api/v1/webhooks/{name}"), b"").expect(200).json()
}

/// Runs a few lines of Python with this on their standard input; what they print.
#[allow(clippy::disallowed_methods, reason = "the independent judge is another program")]
fn python(lines: &str, input: &str) -> String {
    let child = Command::new("python3")
        .args(["-B", "-c", lines])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|fault| panic!("python3 does not start ({fault})"));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Checks a message as a receiver would: code, time, and that a changed byte is noticed.
const VERIFY: &str = r#"
import base64, hashlib, hmac, json, sys
given = json.load(sys.stdin)
assert given["secret"].startswith("whsec_")
key = base64.b64decode(given["secret"][6:])
for m in given["messages"]:
    def code(body):
        signed = m["id"].encode() + b"." + m["timestamp"].encode() + b"." + body
        return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    body = m["body"].encode()
    version, sent = m["signature"].split(",", 1)
    assert version == "v1" and hmac.compare_digest(code(body), sent), m["id"]
    assert not hmac.compare_digest(code(body + b" "), sent)
    assert abs(int(m["timestamp"]) - given["now"]) < 300
print(len(given["messages"]))
"#;

fn verified(secret: &str, messages: &[Received]) {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let list: Vec<Value> = messages
        .iter()
        .map(|one| json!({"id": one.id, "timestamp": one.timestamp, "signature": one.signature, "body": one.body}))
        .collect();
    let told = python(VERIFY, &json!({"secret": secret, "now": now, "messages": list}).to_string());
    assert_eq!(told.trim(), messages.len().to_string());
}

/// The ids of what was published, in the order in which messages told of it; each message counted once, however often it came.
fn told(messages: &[Received]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let fresh = messages.iter().filter(|message| seen.insert(message.id.clone()));
    fresh.flat_map(Received::events).filter_map(|event| Some(event["id"].as_str()?.to_owned())).collect()
}

#[test]
fn a_stream_that_breaks_goes_on_exactly_where_it_was_also_when_the_node_is_killed() {
    let region = Region::found();
    let member = &region.members[0];
    member.start();
    member.wait_until_ready();
    let all = objects(60, 41);
    let channel = format!("channel={}", escaped(CHANNEL));
    let mut follower = Follower::open(member, &member.token, &channel, None);
    let mut heard: Vec<String> = Vec::new();
    let mut last = None;
    for (number, object) in all.iter().enumerate() {
        member.publish(CHANNEL, object).expect(201);
        if number % 20 == 11 {
            // Some of what is there was heard, and some was not.
            for event in follower.take(5) {
                heard.push(event.data["id"].as_str().unwrap().to_owned());
                last = Some(event.id);
            }
            assert!(member.kill());
            member.start();
            member.wait_until_ready();
            follower = Follower::open(member, &member.token, &channel, last.as_deref());
        }
    }
    for event in follower.take(all.len() - heard.len()) {
        assert_eq!((event.name.as_str(), event.id.as_str()), ("published", event.data["position"].as_str().unwrap()));
        assert_eq!((&event.data["channel"], &event.data["author"]), (&json!(CHANNEL), &json!("vn")));
        assert_eq!((&event.data["tlp"], &event.data["type"]), (&json!("green"), &json!("indicator")));
        assert!(event.data.get("object").is_none(), "only where it is asked for");
        heard.push(event.data["id"].as_str().unwrap().to_owned());
        last = Some(event.id);
    }
    assert_eq!(heard, all.iter().map(|object| id_of(object)).collect::<Vec<_>>(), "each once, in order");

    // Taken back: the place of what is gone, and nothing of what it said.
    member.withdraw(CHANNEL, &[id_of(&all[7])]).unwrap().expect(200);
    let gone = follower.take(1).remove(0);
    assert_eq!((gone.name.as_str(), &gone.data["reason"]), ("withdrawn", &json!("error")));
    assert_eq!(gone.data["type"], "indicator");
    assert!(gone.data.get("id").is_none() && !gone.raw.contains("host-7."), "{}", gone.raw);
    // From the beginning: it is told of as withdrawn, where it would have stood nobody finds it.
    let mut anew = Follower::open(member, &member.token, &format!("{channel}&after=beginning&objects=true"), None);
    let again = anew.take(all.len());
    assert_eq!(again.iter().filter(|event| event.name == "published").count(), all.len() - 1);
    assert_eq!(again.last().unwrap().data["index"], gone.data["index"]);
    let object = serde_json::to_string(&again[0].data["object"]).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&object).unwrap(), serde_json::from_str::<Value>(&all[0]).unwrap());
    // A place of another caller, or none at all, opens for nobody.
    let other = token(member, "other", &["--role", "reader"]);
    for place in [last.as_deref().unwrap(), "aaaa"] {
        let path = format!("/api/v1/events?{channel}&follow=false&after={place}");
        member.ask_as(&other, "GET", &path, b"").expect(400);
    }
    member.stop();
}

#[test]
fn webhooks_come_in_order_signed_and_again_until_taken_and_a_slow_one_holds_up_nobody() {
    let region = Region::found();
    let member = &region.members[0];
    open_loopback(member);
    member.start();
    member.wait_until_ready();
    let officer = token(member, "officer", &["--role", "releasing-officer"]);
    let (steady, flaky, slow) = (Receiver::start(), Receiver::start(), Receiver::start());
    // A redirect is not followed: where it leads, nothing comes.
    let aside = Receiver::start();
    let (search, channel) = (json!({"channel": CHANNEL}), json!({"channel": CHANNEL, "type": "indicator"}));
    let steady_secret = hook(member, &officer, "steady", &search, &steady.url());
    let flaky_secret = hook(member, &officer, "flaky", &channel, &flaky.url());
    hook(member, &officer, "slow", &search, &slow.url());
    slow.hang();
    flaky.answer(&["503 Service Unavailable\r\nRetry-After: 1", &format!("302 Found\r\nLocation: {}", aside.url())]);

    let all = objects(250, 42);
    let (before, after) = all.split_at(100);
    for object in before {
        member.publish(CHANNEL, object).expect(201);
    }
    let begun = now();
    wait_for("the steady receiver", || told(&steady.taken()).len() == before.len());
    assert!(begun.elapsed() < Duration::from_secs(15), "a slow receiver holds up itself alone: {:?}", begun.elapsed());
    let failing = hook_state(member, &officer, "flaky");
    assert!(failing["failures"].as_u64().unwrap() > 0 || failing["messages"].as_u64().unwrap() > 0, "{failing}");
    // Killed with a message on its way to the slow one, and more to come for all.
    assert!(member.kill());
    member.start();
    member.wait_until_ready();
    let lines: Vec<&str> = after.iter().map(String::as_str).collect();
    assert_eq!(member.import(CHANNEL, &lines, 50, Duration::ZERO).unwrap().status, 200);
    slow.answer(&[]);
    let expected: Vec<String> = all.iter().map(|object| id_of(object)).collect();
    for (name, receiver) in [("steady", &steady), ("flaky", &flaky), ("slow", &slow)] {
        wait_for(name, || told(&receiver.taken()).len() >= expected.len());
        assert_eq!(told(&receiver.taken()), expected, "{name}: each once, in order");
        assert!(receiver.taken().iter().all(|message| message.events().len() <= 100));
        let tries = receiver.all();
        let of_one =
            |id: &str| tries.iter().filter(|one| one.id == id).map(|one| one.body.clone()).collect::<BTreeSet<_>>();
        assert!(tries.iter().all(|one| of_one(&one.id).len() == 1), "{name}: the same id is the same message");
    }
    verified(&steady_secret, &steady.all());
    verified(&flaky_secret, &flaky.all());
    assert!(flaky.all().len() >= flaky.taken().len() + 2, "it was tried again");
    assert!(aside.all().is_empty());
    wait_for("the count", || hook_state(member, &officer, "flaky")["events"] == 250);
    let well = hook_state(member, &officer, "flaky");
    assert_eq!((&well["state"], &well["failures"]), (&json!("active"), &json!(0)), "{well}");
    assert_eq!(well.get("secret"), None, "shown once");

    // 410: it is paused at once, and a person resumes it where it stopped.
    flaky.answer(&["410 Gone"]);
    let more = objects(3, 43);
    for object in &more {
        member.publish(CHANNEL, object).expect(201);
    }
    wait_for("the pause", || hook_state(member, &officer, "flaky")["state"] == "paused");
    assert_eq!(hook_state(member, &officer, "flaky")["paused"]["id"], "webhook.gave-up");
    member.ask_as(&officer, "POST", "/api/v1/webhooks/flaky/resume", b"").expect(200);
    wait_for("the rest", || told(&flaky.taken()).len() == 253);
    assert_eq!(told(&flaky.taken())[250..], more.iter().map(|object| id_of(object)).collect::<Vec<_>>());
    // A search that a webhook follows stays.
    member.ask_as(&officer, "DELETE", "/api/v1/searches/flaky", b"").expect(409);
    member.stop();
}

#[test]
fn nobody_outside_a_channel_hears_of_it_and_strict_content_leaves_by_its_place_alone() {
    let region = Region::found();
    let (member, third) = (&region.members[0], &region.members[2]);
    open_loopback(member);
    open_loopback(third);
    region.start();
    let all = token(member, "all", &["--role", "releasing-officer"]);
    let limited = token(member, "limited", &["--role", "releasing-officer", "--channel", CHANNEL]);
    let outside = token(third, "outside", &["--role", "releasing-officer"]);
    let (heard, unheard, elsewhere) = (Receiver::start(), Receiver::start(), Receiver::start());
    hook(member, &all, "hook", &json!({}), &heard.url());
    hook(member, &limited, "hook", &json!({}), &unheard.url());
    hook(third, &outside, "hook", &json!({}), &elsewhere.url());
    let mut streams = [
        Follower::open(member, &all, "objects=true", None),
        Follower::open(member, &limited, "objects=true", None),
        Follower::open(third, &outside, "objects=true", None),
    ];
    // A search for it is a search for nothing there is.
    let named = json!({"channel": BILATERAL}).to_string();
    third.ask_as(&outside, "PUT", "/api/v1/searches/try", named.as_bytes()).expect(422);
    third.ask_as(&outside, "GET", &format!("/api/v1/events?channel={}", escaped(BILATERAL)), b"").expect(404);

    let hidden = objects(4, 44);
    let path = format!("/api/v1/channels/{}/records?tlp=amber", escaped(BILATERAL));
    for object in &hidden {
        member.ask_as(&member.token, "POST", &path, object.as_bytes()).expect(201);
    }
    member.withdraw(BILATERAL, &[id_of(&hidden[0])]).unwrap().expect(200);
    let public = objects(1, 45);
    member.publish(CHANNEL, &public[0]).expect(201);

    // Whoever may: everything, the withdrawal behind what it withdraws, and then what is for all.
    let [first, second, last] = &mut streams;
    let events = first.take(6);
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["published", "published", "published", "published", "withdrawn", "published"]);
    assert_eq!(events[0].data["channel"], BILATERAL);
    wait_for("the receiver that may", || heard.taken().iter().map(|one| one.events().len()).sum::<usize>() >= 6);
    for event in heard.taken().iter().flat_map(Received::events) {
        let is_strict = event["tlp"] != "green";
        let told: BTreeSet<&str> = event.as_object().unwrap().keys().map(String::as_str).collect();
        let place: BTreeSet<&str> = ["address", "event", "id", "index", "log", "reason", "tlp"].into();
        assert_eq!(told.is_subset(&place), is_strict, "{event}");
        assert_eq!(event.get("object").is_some(), !is_strict, "{event}");
    }
    // Whoever may not: the one that is for all, and nothing before it.
    for follower in [second, last] {
        let events = follower.take(1);
        assert_eq!(events[0].data["id"], id_of(&public[0]), "{}", events[0].raw);
    }
    for (receiver, whose) in [(&unheard, "limited"), (&elsewhere, "outside")] {
        wait_for(whose, || !receiver.taken().is_empty());
        assert_eq!(told(&receiver.taken()), [id_of(&public[0])], "{whose}");
        let said = receiver.all().iter().map(|one| one.body.clone()).collect::<String>();
        assert!(!said.contains("host-1.") && !said.contains("amber"), "{said}");
    }
    let feed = |token: &str| member.ask_as(token, "GET", "/api/v1/atom", b"").expect(200).text();
    assert!(feed(&all).contains(&id_of(&hidden[1])) && !feed(&limited).contains(&id_of(&hidden[1])));
    region.stop();
}

#[test]
fn streams_searches_and_webhooks_end_with_their_owner() {
    let region = Region::found();
    let member = &region.members[0];
    open_loopback(member);
    member.start();
    member.wait_until_ready();
    let owner = token(member, "owner", &["--role", "releasing-officer"]);
    let reader = token(member, "reader", &["--role", "reader"]);
    let receiver = Receiver::start();
    hook(
        member,
        &owner,
        "hook",
        &json!({"values": ["host-0.follow.example", "host-2[.]follow.example"]}),
        &receiver.url(),
    );
    // Reading is enough to follow, and not to send anything outside.
    put(member, &reader, "searches/hook", &json!({}));
    let body = json!({"url": receiver.url(), "search": "hook"}).to_string();
    member.ask_as(&reader, "PUT", "/api/v1/webhooks/hook", body.as_bytes()).expect(403);
    let all = objects(4, 46);
    for object in &all {
        member.publish(CHANNEL, object).expect(201);
    }
    wait_for("what names the values", || told(&receiver.taken()).len() == 2);
    assert_eq!(told(&receiver.taken()), [id_of(&all[0]), id_of(&all[2])]);
    let found = member.ask_as(&owner, "GET", "/api/v1/searches/hook/records", b"").expect(200).json();
    let mut ids: Vec<&str> =
        found["records"].as_array().unwrap().iter().map(|record| record["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    let mut expected = [id_of(&all[0]), id_of(&all[2])];
    expected.sort_unstable();
    assert_eq!(ids, expected, "a list and a stream come to the same");
    assert_eq!(member.ask_as(&reader, "GET", "/api/v1/searches", b"").json()["searches"].as_array().unwrap().len(), 1);

    let mut stream = Follower::open(member, &owner, "search=hook", None);
    let mut control = Follower::open(member, &reader, "search=hook", None);
    let listed = member.operate("GET", "/api/v1/tokens", b"").expect(200).json();
    let id = listed["tokens"].as_array().unwrap().iter().find(|token| token["name"] == "owner").unwrap()["id"].clone();
    member.operate("DELETE", &format!("/api/v1/tokens/{}", id.as_str().unwrap()), b"").expect(204);
    let late = objects(1, 46);
    let late = late[0].replace("2026-11-01T00:00:00.000Z", "2026-11-02T00:00:00.000Z");
    member.publish(CHANNEL, &late).expect(201);
    assert_eq!(control.take(1)[0].data["id"], id_of(&late));
    assert_eq!(stream.take(1)[0].name, "ended");
    assert!(stream.is_at_end());
    let audit = || std::fs::read_to_string(member.data.join("node.log")).unwrap_or_default();
    // What was kept of it goes with the next look around; nothing was sent meanwhile.
    assert_eq!(told(&receiver.taken()).len(), 2, "{}", audit());
    member.stop();
}

#[test]
fn a_feed_is_strict_xml_in_pages_whatever_objects_say() {
    const JUDGE: &str = r#"
import sys, json
import xml.etree.ElementTree as tree
A = "{http://www.w3.org/2005/Atom}"
text = sys.stdin.read()
feed = tree.fromstring(text.encode())
assert feed.tag == A + "feed"
for part in ("id", "title", "updated"):
    assert len(feed.findall(A + part)) == 1, part
links = {}
for link in feed.findall(A + "link"):
    assert link.get("rel") not in links
    links[link.get("rel")] = link.get("href")
entries = []
for entry in feed.findall(A + "entry"):
    for part in ("id", "title", "updated", "summary"):
        assert len(entry.findall(A + part)) == 1, part
    assert [child.tag for child in entry.find(A + "title")] == []
    assert entry.find(A + "author").find(A + "name").text
    entries.append([entry.find(A + "id").text, entry.find(A + "title").text, entry.find(A + "updated").text])
print(json.dumps({"links": links, "entries": entries}))
"#;
    let region = Region::found();
    let member = &region.members[0];
    member.start();
    member.wait_until_ready();
    let names = ["</title><script>alert(1)</script>", "a & b \"c\" 'd' ]]>", "bell \u{7} and \u{ffff}", "Bảo mật <b>"];
    let mut all = objects(12, 47);
    for (object, name) in all.iter_mut().zip(names) {
        let mut value: Value = serde_json::from_str(object).unwrap();
        value["name"] = json!(name);
        *object = value.to_string();
    }
    for object in &all {
        let answer = member.publish(CHANNEL, object);
        assert!([201, 202].contains(&answer.status), "{}", answer.text());
    }
    let listed = member.list(CHANNEL).len();
    assert!(listed >= 10);
    let mut path = format!("/api/v1/atom?channel={}&limit=5", escaped(CHANNEL));
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let answer = member.get(&path).expect(200);
        assert_eq!(answer.header("content-type"), "application/atom+xml");
        let told: Value = serde_json::from_str(&python(JUDGE, &answer.text())).unwrap();
        seen.extend(told["entries"].as_array().unwrap().iter().map(|entry| entry[0].as_str().unwrap().to_owned()));
        pages += 1;
        match told["links"]["next"].as_str() {
            Some(next) => path = next.to_owned(),
            None => break,
        }
        assert!(pages < 10);
    }
    let unique: BTreeSet<&String> = seen.iter().collect();
    assert_eq!((seen.len(), unique.len()), (listed, listed));

    // Asked again it is as it was, and after a change it is not.
    let address = "/api/v1/atom";
    let tag = member.get(address).expect(200).header("etag").to_owned();
    assert_eq!(member.get(address).header("etag"), tag);
    let mut known = Follower::raw(member, address, &format!("if-none-match: {tag}\r\n"));
    assert_eq!(known.status(), 304);
    member.publish(CHANNEL, &objects(13, 47)[12]).expect(201);
    assert_eq!(Follower::raw(member, address, &format!("if-none-match: {tag}\r\n")).status(), 200);

    // What arrived last is the first entry, whatever date it gives itself, and a search for words has what has them.
    let mut old: Value = serde_json::from_str(&objects(14, 47)[13]).unwrap();
    for field in ["created", "modified", "valid_from"] {
        old[field] = json!("2026-03-01T00:00:00.000Z");
    }
    old["name"] = json!("the quokka campaign");
    member.publish(CHANNEL, &old.to_string()).expect(201);
    let title = "the quokka campaign";
    let judged = |token: &str, path: &str| -> Value {
        let answer = member.ask_as(token, "GET", path, b"").expect(200);
        serde_json::from_str(&python(JUDGE, &answer.text())).unwrap()
    };
    let reader = token(member, "words", &["--role", "reader"]);
    let all = judged(&reader, address);
    assert_eq!(all["entries"][0][1], title);
    let times: Vec<&str> = all["entries"].as_array().unwrap().iter().map(|entry| entry[2].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
    put(member, &reader, "searches/words", &json!({"words": "quokka"}));
    let found = judged(&reader, "/api/v1/atom?search=words");
    assert_eq!((found["entries"].as_array().unwrap().len(), &found["entries"][0][1]), (1, &json!(title)));
    member.stop();
}

#[test]
fn the_command_saves_searches_and_webhooks_and_says_what_became_of_them() {
    let region = Region::found();
    let member = &region.members[0];
    member.start();
    member.wait_until_ready();
    let data = member.data.to_str().unwrap();
    let ask = |arguments: &[&str]| run(&[&["subscription"], arguments, &["--data", data]].concat());
    ask(&["save", "bad-hosts", "--channel", CHANNEL, "--type", "indicator", "--value", "host-0.follow.example"])
        .with(0);
    member.publish(CHANNEL, &objects(1, 48)[0]).expect(201);
    let found = ask(&["records", "bad-hosts", "--json"]).with(0).json();
    assert_eq!(found[0]["records"][0]["id"], id_of(&objects(1, 48)[0]));
    assert!(ask(&["records", "bad-hosts"]).with(0).out.contains("indicator"));
    assert!(ask(&["list"]).with(0).out.contains("bad-hosts"));
    let made = ask(&["webhook", "soc", "--search", "bad-hosts", "--url", "https://192.0.2.1/in"]).with(0);
    assert!(made.out.contains("whsec_") && made.out.contains("once"), "{}", made.out);
    let listed = ask(&["webhooks", "--json"]).with(0).json();
    assert_eq!(listed[0]["webhooks"][0]["state"], "active");
    assert!(ask(&["pause", "soc"]).with(0).out.contains("paused"));
    assert!(ask(&["webhooks"]).with(1).out.contains("paused"), "one that is paused is something to see");
    ask(&["resume", "soc"]).with(0);
    assert!(ask(&["forget", "bad-hosts"]).with(1).err.contains("webhook"));
    ask(&["unhook", "soc"]).with(0);
    // Words find what a value does not name; the two do not stand together, and a filter among words is refused with its field.
    ask(&["save", "by-words", "--words", "abou -zebra"]).with(0);
    let found = ask(&["records", "by-words", "--json"]).with(0).json();
    assert_eq!(found[0]["records"][0]["id"], id_of(&objects(1, 48)[0]), "{found:?}");
    ask(&["save", "by-words", "--words", "zebra"]).with(0);
    assert!(ask(&["records", "by-words"]).with(0).out.contains("nothing now"));
    assert!(ask(&["list"]).with(0).out.contains("zebra"));
    assert!(
        ask(&["save", "two", "--words", "about", "--value", "bad.example"]).with(2).err.contains("cannot be used with")
    );
    let both = member.ask_as(
        &token(member, "asker", &["--role", "reader"]),
        "PUT",
        "/api/v1/searches/two",
        json!({"values": ["bad.example"], "words": "about"}).to_string().as_bytes(),
    );
    assert!(both.expect(422).text().contains("/words"));
    assert!(ask(&["save", "filter", "--words", "about type:malware"]).with(1).err.contains("type:"));
    ask(&["forget", "by-words"]).with(0);
    ask(&["forget", "bad-hosts"]).with(0);
    assert!(ask(&["list"]).with(0).out.contains("no searches"));
    let _: &Path = &member.data;
    member.stop();
}

//! Sources and imports from addresses, with real nodes and servers that this test plays: a document that changes, a TAXII server that pages badly, another node,
//! and a node that is killed in the middle of a run.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{CHANNEL, Dice, Member, Region};
use crate::program::{Ended, indicator, run, wait_for};

/// A server that answers each request with what a function makes of it.
fn serve(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            let (mut socket, answer) = (socket, Arc::clone(&answer));
            std::thread::spawn(move || {
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && socket.read_exact(&mut byte).is_ok() {
                    head.push(byte[0]);
                }
                let _ = socket.write_all(&answer(&String::from_utf8_lossy(&head)));
            });
        }
    });
    port
}

fn whole(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn path_of(head: &str) -> String {
    head.split(' ').nth(1).unwrap_or_default().to_owned()
}

/// Opens loopback to the sources of a node, as an operator would.
fn open_loopback(member: &Member) {
    let path = member.data.join("gotong.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("# allow = []"), "the setting stands in the file: {text}");
    std::fs::write(&path, text.replace("# allow = []", "allow = [\"127.0.0.0/8\", \"::1\"]")).unwrap();
}

fn source(member: &Member, arguments: &[&str]) -> Ended {
    let data = member.data.to_str().unwrap();
    run(&[&["source"], arguments, &["--json", "--data", data]].concat())
}

fn add(member: &Member, name: &str, url: &str, more: &[&str]) -> Ended {
    // Paused, so that the test alone says when it runs.
    source(member, &[&["add", name, "--url", url, "--channel", CHANNEL, "--label", "green", "--paused"], more].concat())
}

fn run_of(member: &Member, name: &str) -> Value {
    source(member, &["run", name]).json().pop().unwrap_or_default()
}

fn notes(run: &Value) -> Vec<&str> {
    run["notes"].as_array().unwrap().iter().map(|note| note["id"].as_str().unwrap()).collect()
}

fn objects(count: usize, seed: u64) -> Vec<String> {
    let mut dice = Dice(seed);
    (0..count).map(|number| indicator(&dice.uuid(), &format!("host-{number}.feeds.example"))).collect()
}

fn ids(member: &Member) -> BTreeSet<String> {
    member.list(CHANNEL).into_keys().map(|place| place.id).collect()
}

fn id_of(object: &str) -> String {
    serde_json::from_str::<Value>(object).unwrap()["id"].as_str().unwrap().to_owned()
}

#[test]
fn an_address_is_imported_like_a_file_and_where_it_leads_on_is_judged() {
    let region = Region::found();
    let member = &region.members[0];
    let body = objects(3, 11).join("\n");
    let port = serve(move |head| match path_of(head).as_str() {
        "/feed/objects.ndjson" => whole("200 OK", "", body.as_bytes()),
        "/on" => whole("302 Found", "Location: /feed/objects.ndjson\r\n", b""),
        "/inside" => whole("302 Found", "Location: http://127.0.0.2:1/\r\n", b""),
        "/cut" => b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{".to_vec(),
        _ => whole("404 Not Found", "", b""),
    });
    let import = |address: &str| {
        let data = member.data.to_str().unwrap();
        run(&["import", address, "--channel", CHANNEL, "--tlp", "green", "--json", "--data", data])
    };
    let at = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let told = import(&at("/feed/objects.ndjson")).with(0).json();
    assert_eq!(told.last().unwrap()["summary"]["new"], 3, "{told:?}");
    let told = import(&at("/on")).with(0).json();
    assert_eq!(told.last().unwrap()["summary"]["known"], 3, "{told:?}");
    for (address, reason) in [
        (at("/inside"), "127.0.0.2, which is this machine"),
        (at("/cut"), "broke off"),
        (at("/missing"), "404"),
        ("ftp://feeds.example/x.json".to_owned(), "only http and https"),
        ("http://0x7f.1/x.json".to_owned(), "unusual spelling"),
    ] {
        let ended = import(&address).with(1);
        assert!(ended.out.contains(reason), "{address}: {}", ended.out);
        assert_eq!(ended.json().last().unwrap()["summary"]["new"], 0);
    }
}

#[test]
fn a_document_is_read_by_its_state_and_what_became_of_it_is_told() {
    let region = Region::found();
    let (member, closed) = (&region.members[0], &region.members[1]);
    open_loopback(member);
    region.start();
    let all = objects(4, 12);
    let shown = Arc::new(Mutex::new((all[..3].join("\n"), 200)));
    let (state, asked) = (Arc::clone(&shown), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&asked);
    let port = serve(move |head| {
        let (body, status) = state.lock().unwrap().clone();
        let count = counted.fetch_add(1, Ordering::Relaxed);
        if !head.contains("authorization: Bearer s3cret-token") {
            return whole("401 Unauthorized", "", b"");
        }
        match status {
            // A new validator for the same bytes each time.
            200 => whole("200 OK", &format!("ETag: \"{count}\"\r\n"), body.as_bytes()),
            status => whole(&format!("{status} Broken"), "Retry-After: 7200\r\n", b""),
        }
    });
    let url = format!("http://127.0.0.1:{port}/objects.ndjson?key=k3y");
    let token = member.data.join("token.txt");
    std::fs::write(&token, "s3cret-token\n").unwrap();
    let secret = ["--token-file", token.to_str().unwrap(), "--withdraw-missing"];
    add(member, "feed", &url, &secret).with(0);

    let first = run_of(member, "feed");
    assert_eq!((&first["result"], &first["counts"]["new"]), (&json!("done"), &json!(3)), "{first}");
    assert_eq!(run_of(member, "feed")["result"], "unchanged", "another ETag for the same bytes is nothing new");
    *shown.lock().unwrap() = (format!("{}\n{}", all[1..].join("\n"), "{\"type\": \"indicator\"}"), 200);
    let wanting = run_of(member, "feed");
    assert_eq!((&wanting["result"], &wanting["counts"]["withdrawn"]), (&json!("wanting"), &json!(0)), "{wanting}");
    assert!(notes(&wanting).contains(&"source.unread"), "what could not be read may be what is missing: {wanting}");
    assert!(ids(member).contains(&id_of(&all[0])));
    assert_eq!(run_of(member, "feed")["result"], "wanting", "the same again is as wanting as before");
    *shown.lock().unwrap() = (all[1..].join("\n"), 200);
    let gone = run_of(member, "feed");
    assert_eq!((&gone["counts"]["gone"], &gone["counts"]["withdrawn"]), (&json!(1), &json!(1)), "{gone}");
    assert_eq!(ids(member), all[1..].iter().map(|object| id_of(object)).collect());
    *shown.lock().unwrap() = (String::new(), 200);
    let empty = run_of(member, "feed");
    assert_eq!((notes(&empty), &empty["counts"]["withdrawn"]), (vec!["source.empty"], &json!(0)), "{empty}");
    assert_eq!(ids(member).len(), 3, "a feed that lists nothing takes nothing away");

    *shown.lock().unwrap() = (String::new(), 503);
    let failed = run_of(member, "feed");
    assert_eq!((&failed["result"], notes(&failed)), (&json!("failed"), vec!["outward.status"]), "{failed}");
    source(member, &["resume", "feed"]).with(0);
    wait_for("the schedule to try it", || source(member, &["show", "feed"]).json()[0]["source"]["failures"] == 2);
    let listed = source(member, &["list"]).with(1);
    let told = &listed.json()[0]["sources"][0];
    assert_eq!((&told["health"], &told["has_credentials"]), (&json!("failing"), &json!(true)), "{told}");
    assert!(told["failing_since"].is_string() && told["next_try"].is_string());
    // Credentials are nowhere: not in answers, not in the program's log.
    assert!(!listed.out.contains("s3cret") && !member.get("/api/v1/sources").text().contains("s3cret"));
    assert!(!std::fs::read_to_string(member.data.join("node.log")).unwrap().contains("s3cret"));
    // Given for one address, they are not sent to another.
    add(member, "feed", &format!("http://127.0.0.1:{port}/other.ndjson"), &[]).with(0);
    assert_eq!(source(member, &["show", "feed"]).json()[0]["source"]["has_credentials"], false);
    source(member, &["remove", "feed"]).with(0);
    assert_eq!(source(member, &["list"]).with(0).json()[0]["sources"], json!([]));

    // A node whose operator opened nothing asks nobody inside.
    let before = asked.load(Ordering::Relaxed);
    add(closed, "feed", &url, &[]).with(0);
    assert_eq!(notes(&run_of(closed, "feed")), ["outward.address-closed"]);
    assert_eq!(asked.load(Ordering::Relaxed), before);
    region.stop();
}

#[test]
fn a_notice_in_the_place_of_a_list_takes_nothing_away_and_brings_nothing() {
    let region = Region::found();
    let member = &region.members[0];
    open_loopback(member);
    region.start();
    let shown = Arc::new(Mutex::new("198.51.100.1\n198.51.100.2\n198.51.100.3\n".to_owned()));
    let state = Arc::clone(&shown);
    let port = serve(move |_| whole("200 OK", "", state.lock().unwrap().as_bytes()));
    add(member, "list", &format!("http://127.0.0.1:{port}/today"), &["--withdraw-missing"]).with(0);
    assert_eq!(run_of(member, "list")["counts"]["new"], json!(3));
    "Service is down for maintenance. See https://status.feed.example/ for news.\n"
        .clone_into(&mut shown.lock().unwrap());
    let notice = run_of(member, "list");
    assert_eq!((&notice["result"], notes(&notice)), (&json!("failed"), vec!["source.prose"]), "{notice}");
    assert_eq!(ids(member).len(), 3, "neither withdrawn nor joined by the notice's own link");
    // The list is back, one shorter.
    "198.51.100.1\n198.51.100.2\n".clone_into(&mut shown.lock().unwrap());
    let back = run_of(member, "list");
    assert_eq!((&back["counts"]["gone"], &back["counts"]["withdrawn"]), (&json!(1), &json!(1)), "{back}");
    region.stop();
}

#[test]
fn only_what_a_source_alone_brought_is_withdrawn_with_it() {
    let region = Region::found();
    let member = &region.members[0];
    open_loopback(member);
    region.start();
    let all = objects(4, 13);
    // A person published one of them before.
    member.publish(CHANNEL, &all[2]).expect(201);
    let lists = Arc::new(Mutex::new((all[..3].join("\n"), all[1].clone())));
    let shown = Arc::clone(&lists);
    let port = serve(move |head| {
        let (one, two) = shown.lock().unwrap().clone();
        whole("200 OK", "", if path_of(head) == "/one" { one } else { two }.as_bytes())
    });
    for name in ["one", "two"] {
        add(member, name, &format!("http://127.0.0.1:{port}/{name}"), &["--withdraw-missing", "--format", "stix"])
            .with(0);
    }
    assert_eq!(run_of(member, "one")["counts"]["new"], 2);
    assert_eq!(run_of(member, "two")["counts"]["known"], 1);
    lists.lock().unwrap().0.clone_from(&all[3]);
    let left = run_of(member, "one");
    assert_eq!((&left["counts"]["gone"], &left["counts"]["withdrawn"]), (&json!(3), &json!(1)), "{left}");
    let expected = |numbers: &[usize]| numbers.iter().map(|number| id_of(&all[*number])).collect::<BTreeSet<_>>();
    assert_eq!(ids(member), expected(&[1, 2, 3]), "what the other lists, and what a person published, stays");
    // What the other alone lists now goes with it.
    lists.lock().unwrap().1.clone_from(&all[3]);
    let left = run_of(member, "two");
    assert_eq!(left["counts"]["withdrawn"], 1, "{left}");
    assert_eq!(ids(member), expected(&[2, 3]));
    region.stop();
}

#[test]
fn what_somebody_withdrew_does_not_come_back_with_the_next_change_of_its_feed() {
    let region = Region::found();
    let member = &region.members[0];
    open_loopback(member);
    region.start();
    let all = objects(5, 17);
    let newer = |object: &str, day: u32| {
        let mut object: Value = serde_json::from_str(object).unwrap();
        object["modified"] = json!(format!("2026-11-{day:02}T00:00:00.000Z"));
        object.to_string()
    };
    let listed = Arc::new(Mutex::new(all[..3].join("\n")));
    let shown = Arc::clone(&listed);
    let port = serve(move |_| whole("200 OK", "", shown.lock().unwrap().as_bytes()));
    let url = format!("http://127.0.0.1:{port}/list");
    add(member, "list", &url, &["--withdraw-missing", "--format", "stix"]).with(0);
    assert_eq!(run_of(member, "list")["counts"]["new"], 3);
    let expected = |numbers: &[usize]| numbers.iter().map(|number| id_of(&all[*number])).collect::<BTreeSet<_>>();

    // A false alarm is taken back by hand; the feed goes on listing it, with a later time, too.
    assert_eq!(member.withdraw(CHANNEL, &[id_of(&all[0])]).unwrap().status, 200);
    for (object, next) in [(all[0].clone(), 3), (newer(&all[0], 3), 4)] {
        *listed.lock().unwrap() = [&object, &all[1], &all[2], &all[next]].map(String::as_str).join("\n");
        let run = run_of(member, "list");
        let counts = ["new", "kept_out", "refused", "withdrawn"].map(|name| run["counts"][name].as_u64().unwrap());
        // What came with the run before is not listed any more, and goes with it.
        assert_eq!((&run["result"], counts), (&json!("done"), [1, 1, 0, u64::from(next == 4)]), "{run}");
        assert_eq!(ids(member), expected(&[1, 2, next]));
    }
    let told = source(member, &["run", "list"]).with(0).out;
    assert!(told.contains("unchanged"), "{told}");

    // Who publishes it again wants it again, and then its source may bring what is newer.
    member.publish(CHANNEL, &newer(&all[0], 4)).expect(201);
    *listed.lock().unwrap() = [newer(&all[0], 5), all[1].clone(), all[2].clone()].join("\n");
    let run = run_of(member, "list");
    assert_eq!((&run["counts"]["updated"], &run["counts"]["kept_out"]), (&json!(1), &json!(0)), "{run}");
    assert_eq!(ids(member), expected(&[0, 1, 2]));

    // A source that is set up anew begins anew.
    assert_eq!(member.withdraw(CHANNEL, &[id_of(&all[1])]).unwrap().status, 200);
    source(member, &["remove", "list"]).with(0);
    add(member, "list", &url, &["--format", "stix"]).with(0);
    assert_eq!(run_of(member, "list")["counts"]["new"], 1);
    region.stop();
}

/// A TAXII server whose pages hold five objects each, read by time; `fault` says how it is broken.
struct Collection {
    objects: Vec<String>,
    fault: &'static str,
    pages: AtomicUsize,
    pause: Duration,
}

const COLLECTION: &str = "/base/collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/";

impl Collection {
    fn start(count: usize, seed: u64, fault: &'static str, pause: Duration) -> (Arc<Self>, String) {
        let collection = Arc::new(Self { objects: objects(count, seed), fault, pages: AtomicUsize::new(0), pause });
        let shared = Arc::clone(&collection);
        let port = serve(move |head| shared.answer(&path_of(head)));
        (collection, format!("http://127.0.0.1:{port}/taxii2/"))
    }

    fn time(number: usize) -> String {
        format!("2026-01-01T00:00:00.{number:06}Z")
    }

    fn answer(&self, path: &str) -> Vec<u8> {
        let media = if self.fault == "media" { "text/plain" } else { "application/taxii+json;version=2.1" };
        let headers = format!("Content-Type: {media}\r\n");
        let say = |value: &Value| whole("200 OK", &headers, value.to_string().as_bytes());
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        match path {
            "/taxii2/" => say(&json!({"title": "t", "default": "/base/", "api_roots": ["/base/"]})),
            "/base/collections/" => say(&json!({"collections": [
                {"id": "91a7b528-80eb-42ed-a74d-c6fbd5a26116", "title": "Feed", "can_read": true, "can_write": false}]})),
            path if path == format!("{COLLECTION}objects/") => self.page(query, &headers),
            _ => whole("404 Not Found", &headers, b"{\"title\":\"no\"}"),
        }
    }

    fn page(&self, query: &str, headers: &str) -> Vec<u8> {
        std::thread::sleep(self.pause);
        self.pages.fetch_add(1, Ordering::Relaxed);
        let query = query.replace("%3A", ":");
        let asked = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)).map(str::to_owned);
        let after = asked("added_after=");
        let mut from = (0..self.objects.len())
            .find(|number| after.as_ref().is_none_or(|after| Self::time(*number) > *after))
            .unwrap_or(self.objects.len());
        if self.fault == "inclusive" && after.is_some() {
            from = from.saturating_sub(1);
        }
        if self.fault == "next"
            && let Some(next) = asked("next=")
        {
            from = next.parse().unwrap();
        }
        let until = if self.fault == "unlimited" { self.objects.len() } else { (from + 5).min(self.objects.len()) };
        let mut more = until < self.objects.len();
        let mut shown: Vec<Value> =
            self.objects[from..until].iter().map(|object| serde_json::from_str(object).unwrap()).collect();
        let mut next = None;
        match self.fault {
            "next" if more => next = Some(until.to_string()),
            "next-ignored" if more => next = Some("again".to_owned()),
            "always-more" | "inclusive" => more = true,
            "empty-more" => (more, shown) = (true, Vec::new()),
            "duplicates" => shown.extend(shown.clone()),
            "backwards" => shown.reverse(),
            _ => {}
        }
        let mut dates = String::new();
        if until > from && self.fault != "dateless" {
            let last = if self.fault == "backwards" { from } else { until - 1 };
            dates = format!(
                "X-TAXII-Date-Added-First: {}\r\nX-TAXII-Date-Added-Last: {}\r\n",
                Self::time(from),
                Self::time(last)
            );
        }
        let mut body = json!({"more": more, "objects": shown});
        if let Some(next) = next {
            body["next"] = json!(next);
        }
        whole("200 OK", &format!("{headers}{dates}"), body.to_string().as_bytes())
    }
}

#[test]
fn servers_that_page_badly_are_read_as_far_as_they_can_be_and_never_for_ever() {
    let region = Region::found();
    let member = &region.members[0];
    open_loopback(member);
    region.start();
    // How it is broken, how many of 17 objects come, what is said about it, and whether the second run finds nothing new without a word.
    for (number, (fault, come, told)) in [
        ("none", 17, ""),
        ("next", 17, ""),
        ("inclusive", 17, "taxii.no-way"),
        ("next-ignored", 17, "taxii.next-ignored"),
        ("always-more", 17, "taxii.barren"),
        ("empty-more", 0, "taxii.barren"),
        ("duplicates", 17, ""),
        ("dateless", 5, "taxii.dates-missing"),
        ("media", 17, "taxii.media-type"),
        ("unlimited", 17, ""),
        ("backwards", 17, ""),
    ]
    .into_iter()
    .enumerate()
    {
        let (server, url) = Collection::start(17, 100 + number as u64, fault, Duration::ZERO);
        add(member, fault, &url, &["--kind", "taxii"]).with(0);
        let first = run_of(member, fault);
        assert_eq!(first["counts"]["new"], come, "{fault}: {first}");
        assert_ne!(first["result"], "failed", "{fault}: {first}");
        if told.is_empty() {
            assert_eq!(first["result"], "done", "{fault}: {first}");
        } else {
            assert!(notes(&first).contains(&told) && first["result"] == "wanting", "{fault}: {first}");
        }
        assert!(server.pages.load(Ordering::Relaxed) < 30, "{fault}: {} pages", server.pages.load(Ordering::Relaxed));
        let again = run_of(member, fault);
        assert_eq!(again["counts"]["new"], 0, "{fault}: nothing comes twice: {again}");
        if fault == "none" {
            assert_eq!((&again["result"], &again["counts"]["known"]), (&json!("unchanged"), &json!(0)), "{again}");
        }
    }
    let listed = ids(member).len();
    assert_eq!(listed, 17 * 9 + 5);
    region.stop();
}

/// A MISP event with one attribute.
fn event(uuid: &str, timestamp: u64, domain: &str) -> Value {
    json!({"Event": {"uuid": uuid, "info": "Lures in the mail", "date": "2026-11-20", "timestamp": timestamp.to_string(), "published": true,
        "threat_level_id": "2", "analysis": "2", "distribution": "3",
        "Orgc": {"name": "CERT of tests", "uuid": "5e9c2a1e-0f6b-4f0e-9c51-2f7a3c5d9e10"},
        "Attribute": [{"uuid": format!("a{}", &uuid[1..]), "type": "domain", "category": "Network activity", "value": domain,
            "to_ids": true, "timestamp": timestamp.to_string(), "distribution": "5"}]}})
}

#[test]
fn of_a_misp_feed_only_what_is_newer_is_fetched() {
    const ONE: &str = "5f1ba7c5-1ea0-4f51-b2e7-0f2c0a3a1b7d";
    const TWO: &str = "5f1ba7c5-1ea0-4f51-b2e7-0f2c0a3a1b7e";
    let region = Region::found();
    let member = &region.members[0];
    open_loopback(member);
    region.start();
    let asked = Arc::new(Mutex::new(Vec::<String>::new()));
    let times = Arc::new(Mutex::new((1_700_000_000_u64, 404)));
    let (seen, now) = (Arc::clone(&asked), Arc::clone(&times));
    let port = serve(move |head| {
        let path = path_of(head);
        seen.lock().unwrap().push(path.clone());
        let (two_at, two_status) = *now.lock().unwrap();
        let say = |value: Value| whole("200 OK", "Content-Type: application/json\r\n", value.to_string().as_bytes());
        match path.strip_prefix("/feed/").unwrap_or_default() {
            "manifest.json" => say(json!({
                ONE: {"info": "one", "Orgc": {"name": "x"}, "date": "2026-11-20", "timestamp": 1_700_000_000},
                TWO: {"info": "two", "timestamp": two_at.to_string()},
                "../../admin": {"timestamp": 1_700_000_000}, })),
            name if name == format!("{ONE}.json") => say(event(ONE, 1_700_000_000, "one.feeds.example")),
            name if name == format!("{TWO}.json") && two_status == 200 => say(event(TWO, two_at, "two.feeds.example")),
            _ => whole("404 Not Found", "", b"no"),
        }
    });
    add(member, "misp", &format!("http://127.0.0.1:{port}/feed/manifest.json"), &["--kind", "misp-feed"]).with(0);
    let taken = || std::mem::take(&mut *asked.lock().unwrap());
    let first = run_of(member, "misp");
    assert_eq!(first["result"], "wanting", "{first}");
    assert_eq!(notes(&first)[..2], ["misp.manifest-row", "outward.status"], "{first}");
    let came = first["counts"]["new"].as_u64().unwrap();
    assert!(came > 0 && ids(member).len() as u64 == came, "{first}");
    assert_eq!(taken(), ["/feed/manifest.json", &format!("/feed/{ONE}.json"), &format!("/feed/{TWO}.json")]);
    // What failed is asked for again, what was taken is not.
    times.lock().unwrap().1 = 200;
    let second = run_of(member, "misp");
    assert!(second["counts"]["new"].as_u64().unwrap() > 0, "{second}");
    assert_eq!(taken(), ["/feed/manifest.json", &format!("/feed/{TWO}.json")]);
    run_of(member, "misp");
    assert_eq!(taken(), ["/feed/manifest.json"]);
    // A newer time brings the event again.
    times.lock().unwrap().0 += 60;
    let newer = run_of(member, "misp");
    assert!(newer["counts"]["updated"].as_u64().unwrap() > 0, "{newer}");
    assert_eq!(taken(), ["/feed/manifest.json", &format!("/feed/{TWO}.json")]);
    // What is blocked is not even fetched, and the run says how many; taken off, it comes with the next run.
    times.lock().unwrap().0 += 60;
    let data = member.data.to_str().unwrap();
    let block = |what: &str| run(&["blocklist", what, TWO, "--data", data]).with(0);
    block("add");
    let without = run_of(member, "misp");
    assert_eq!(notes(&without)[..2], ["misp.manifest-row", "misp.blocked"], "{without}");
    assert!(without["notes"][1]["text"].as_str().unwrap().starts_with("1 events"), "{without}");
    assert_eq!((without["counts"]["updated"].as_u64(), taken()), (Some(0), vec!["/feed/manifest.json".to_owned()]));
    block("remove");
    assert!(run_of(member, "misp")["counts"]["updated"].as_u64().unwrap() > 0);
    assert_eq!(taken(), ["/feed/manifest.json", &format!("/feed/{TWO}.json")]);
    region.stop();
}

#[test]
fn a_node_reads_another_as_a_taxii_client_and_goes_on_where_it_was_killed() {
    let region = Region::found();
    let (reader, server) = (&region.members[0], &region.members[2]);
    open_loopback(reader);
    region.start();
    // Another node's collection, found from its discovery by the alias.
    let theirs = objects(12, 31);
    for object in &theirs {
        server.publish(CHANNEL, object).expect(201);
    }
    region.wait_until_equal();
    let password = reader.data.join("password.txt");
    std::fs::write(&password, &server.token).unwrap();
    let known =
        ["--kind", "taxii", "--collection", CHANNEL, "--user", "me", "--password-file", password.to_str().unwrap()];
    add(reader, "node", &format!("http://{}/taxii2/", server.address), &known).with(0);
    let first = run_of(reader, "node");
    assert_eq!((&first["result"], &first["counts"]["new"]), (&json!("done"), &json!(12)), "{first}");

    // An API root that a server names elsewhere is asked, and learns no credentials.
    let heads = Arc::new(Mutex::new(Vec::<String>::new()));
    let seen = Arc::clone(&heads);
    let port = serve(move |head| {
        seen.lock().unwrap().push(head.to_owned());
        let host = head.lines().find_map(|line| line.strip_prefix("host: 127.0.0.1:")).map(str::to_owned);
        let root = host.map_or_else(String::new, |port| format!("http://localhost:{port}/base/"));
        whole("200 OK", "", json!({"title": "t", "default": root, "api_roots": [root]}).to_string().as_bytes())
    });
    add(reader, "moved", &format!("http://127.0.0.1:{port}/taxii2/"), &known).with(0);
    assert_eq!(run_of(reader, "moved")["result"], "failed");
    let heads: Vec<bool> = heads.lock().unwrap().iter().map(|head| head.contains("authorization:")).collect();
    assert_eq!(heads, [true, false], "the server itself, and not the one it names");

    // Killed between two pages: what came holds, the rest comes, nothing comes twice.
    let (slow, url) = Collection::start(60, 32, "none", Duration::from_millis(250));
    add(reader, "slow", &url, &["--kind", "taxii"]).with(0);
    reader.operate("POST", "/api/v1/sources/slow/run", b"").expect(202);
    wait_for("some pages", || slow.pages.load(Ordering::Relaxed) >= 4);
    assert!(reader.kill());
    let before = slow.pages.load(Ordering::Relaxed);
    reader.start();
    reader.wait_until_ready();
    let kept = source(reader, &["show", "slow"]).json();
    assert!(kept[0]["source"]["cursor"].is_string() && kept[0]["source"]["runs"] == 0, "{kept:?}");
    let rest = run_of(reader, "slow");
    assert_eq!(rest["result"], "done", "{rest}");
    let count = |name: &str| rest["counts"][name].as_u64().unwrap();
    assert!(count("new") > 0 && count("new") < 60 && count("known") <= 5, "{rest}");
    assert!(slow.pages.load(Ordering::Relaxed) - before < 12, "it went on, and did not begin anew");
    let places: Vec<String> = reader.list(CHANNEL).into_keys().map(|place| place.id).collect();
    for object in &slow.objects {
        assert_eq!(places.iter().filter(|id| **id == id_of(object)).count(), 1);
    }
    region.stop();
    assert!(Path::new(&reader.data).exists());
}

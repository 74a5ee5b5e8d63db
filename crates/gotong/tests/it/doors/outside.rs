//! The doors that the node or its operator opens: feeds that are fetched, and log files that are searched, with the same kinds of hostile input. Every run says
//! what became of it, nothing of it is published in silence, and what is honest beside it is still found.
//!
//! Read next: `../doors.rs`, `../sources.rs` and `../matching.rs`.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::cases::{gzip, utf_16, zeros};
use super::memory_kib;
use crate::harness::{CHANNEL, Dice, Member, Region};
use crate::program::{Demo, Ended, command, indicator, run, run_with, wait_for};

/// What `gotong match` may take at the most.
const MATCH_KIB_MAX: u64 = 300 << 10;

/// What a played server answers, whole with its head, and whether it then stays silent.
struct Feed {
    name: &'static str,
    head: String,
    body: Vec<u8>,
    is_silent: bool,
    /// Whether something of it may be published.
    may_give: bool,
}

fn feed(name: &'static str, body: Vec<u8>) -> Feed {
    Feed { name, head: format!("Content-Length: {}\r\n", body.len()), body, is_silent: false, may_give: false }
}

fn feeds() -> Vec<Feed> {
    let mut dice = Dice(44);
    let mut lines = || format!("{}\n", indicator(&dice.uuid(), "fed.doors.example")).into_bytes();
    let with = |name, more: &str, body: Vec<u8>| {
        let head = format!("{more}Content-Length: {}\r\n", body.len());
        Feed { head, ..feed(name, body) }
    };
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    let twice = String::from_utf8(lines()).unwrap();
    let twice = twice.replacen("\"spec_version\":\"2.1\"", "\"spec_version\":\"2.1\",\"spec_version\":\"2.1\"", 1);
    let length = |name, claimed: &str, may_give| {
        let body = lines_of(name);
        Feed { head: format!("Content-Length: {claimed}\r\n"), may_give, ..feed(name, body) }
    };
    vec![
        feed("truncated", cut(lines())),
        feed("deeply nested", "[".repeat(200_000).into_bytes()),
        feed("a huge exponent", b"{\"type\":\"indicator\",\"x\":1e999999}\n".to_vec()),
        feed("one key twice", twice.into_bytes()),
        feed("UTF-16", utf_16(&lines())),
        feed("NUL", [b"\0\0\0".to_vec(), lines()].concat()),
        feed("half a surrogate pair", b"{\"type\":\"indicator\",\"name\":\"\\ud800\"}\n".to_vec()),
        feed("a line of 10 MB", vec![b'a'; 10 << 20]),
        feed("empty", Vec::new()),
        with("another content type", "Content-Type: application/pdf\r\n", b"%PDF-1.7 nothing of a feed".to_vec()),
        with("a gzip bomb", "Content-Encoding: gzip\r\n", gzip(&zeros())),
        with("gzip within gzip", "Content-Encoding: gzip\r\n", gzip(&gzip(&zeros()))),
        with("gzip that is cut", "Content-Encoding: gzip\r\n", cut(gzip(&lines()))),
        with("a zstd bomb", "Content-Encoding: zstd\r\n", zstd::encode_all(&zeros()[..], 3).unwrap()),
        with("br", "Content-Encoding: br\r\n", lines()),
        length("shorter than it says", "100000", true),
        length("a length that is none", "many", false),
        Feed {
            head: "Content-Length: 5000000\r\n".to_owned(),
            is_silent: true,
            ..feed("a body that never ends", cut(lines()))
        },
    ]
}

fn lines_of(name: &str) -> Vec<u8> {
    let mut dice = Dice(name.len() as u64);
    format!("{}\n", indicator(&dice.uuid(), "fed.doors.example")).into_bytes()
}

/// Serves `/0`, `/1` and so on, and an honest feed at `/honest`.
fn serve(feeds: Arc<Vec<Feed>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            let (mut socket, feeds) = (socket, Arc::clone(&feeds));
            std::thread::spawn(move || {
                let (mut head, mut byte) = (Vec::new(), [0]);
                while !head.ends_with(b"\r\n\r\n") && socket.read_exact(&mut byte).is_ok() {
                    head.push(byte[0]);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
                let honest = feed("honest", lines_of("honest"));
                let found = path.parse().ok().and_then(|at: usize| feeds.get(at)).unwrap_or(&honest);
                let start = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{}\r\n", found.head);
                let _ = socket.write_all(start.as_bytes()).and_then(|()| socket.write_all(&found.body));
                if found.is_silent {
                    // Until the node gives up.
                    let _ = socket.set_read_timeout(Some(Duration::from_secs(100)));
                    let _ = socket.read(&mut byte);
                }
            });
        }
    });
    port
}

fn source(member: &Member, arguments: &[&str]) -> Ended {
    run(&[&["source"], arguments, &["--json", "--data", member.data.to_str().unwrap()]].concat())
}

fn fetched(member: &Member, name: &str, url: &str) -> Value {
    let add = ["add", name, "--url", url, "--channel", CHANNEL, "--label", "green", "--format", "stix", "--paused"];
    source(member, &add).with(0);
    source(member, &["run", name]).json().pop().unwrap_or_default()
}

#[test]
fn every_hostile_feed_is_told_and_the_honest_one_is_read() {
    let region = Region::found();
    let member = &region.members[0];
    let path = member.data.join("gotong.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("# allow = []", "allow = [\"127.0.0.0/8\", \"::1\"]")).unwrap();
    member.start();
    member.wait_until_ready();
    let is_quick = std::env::var_os("GOTONG_TEST_QUICK").is_some();
    let feeds = Arc::new(feeds().into_iter().filter(|one| !(is_quick && one.is_silent)).collect::<Vec<_>>());
    let port = serve(Arc::clone(&feeds));
    let mut failures = Vec::new();
    for (at, feed) in feeds.iter().enumerate() {
        let told = fetched(member, &format!("feed-{at}"), &format!("http://127.0.0.1:{port}/{at}"));
        let count = |name: &str| told["counts"][name].as_u64().unwrap_or(0);
        let given = count("new") + count("updated");
        let notes = told["notes"].as_array().map_or(0, Vec::len);
        let says = notes > 0 || count("refused") > 0;
        if !told["result"].is_string() || !says || (given > 0 && !feed.may_give) || !member.is_ready() {
            failures.push(format!("{}: {told}", feed.name));
        }
    }
    assert!(failures.is_empty(), "{} of {}:\n{}", failures.len(), feeds.len(), failures.join("\n"));
    let honest = fetched(member, "honest", &format!("http://127.0.0.1:{port}/honest"));
    assert_eq!((&honest["result"], &honest["counts"]["new"]), (&"done".into(), &1.into()), "{honest}");
    let memory = memory_kib(member.id().unwrap());
    println!("{} feeds, {memory} KiB at the most", feeds.len());
    assert!(memory < super::MEMORY_KIB_MAX, "{memory} KiB");
    member.stop();
}

#[test]
fn every_hostile_log_file_is_named_and_the_honest_one_beside_it_is_searched() {
    let demo = Demo::start(&["--empty"]);
    let import = ["import", "-", "--channel", CHANNEL, "--tlp", "green", "--json"];
    demo.at_with("vn", &import, &indicator("5d2c9e1a-7b3a-4f4e-9a51-000000000077", "hit.doors.example")).with(0);
    wait_for("the value", || demo.hits("vn", "hit.doors.example") == 1);
    let scratch = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = scratch.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let line = b"GET http://hit.doors.example/\n";
    let honest = write("honest.log", line);
    let long = [&vec![b'a'; 10 << 20][..], b" hit.doors.example\n"].concat();
    // Which are said to be unreadable, and in which the value is still found.
    let cases: Vec<(&str, Vec<u8>, bool, Option<usize>)> = vec![
        ("empty.log", Vec::new(), false, Some(0)),
        ("nul.log", [b"\0\0\0 ", &line[..]].concat(), false, Some(1)),
        (
            "random.log",
            (0_u32..60_000).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect(),
            false,
            Some(0),
        ),
        ("long.log", long, false, None),
        ("utf-16.log", utf_16(line), false, None),
        ("cut.log.gz", gzip(&line.repeat(5_000))[..60].to_vec(), true, None),
        ("none.log.gz", line.to_vec(), false, None),
        ("bomb.log.gz", gzip(&zeros()), false, None),
        ("twice.log.gz", gzip(&gzip(line)), false, Some(0)),
        ("cut.log.zst", zstd::encode_all(&line.repeat(5_000)[..], 3).unwrap()[..30].to_vec(), true, None),
        ("bomb.log.zst", zstd::encode_all(&zeros()[..], 3).unwrap(), false, None),
    ];
    let token = demo.member("vn")["token"].as_str().unwrap();
    let base = demo.member("vn")["base"].as_str().unwrap();
    let mut failures = Vec::new();
    for (name, bytes, is_unreadable, hits) in cases {
        let path = write(name, &bytes);
        let child = command()
            .args(["match", &path, &honest, "--json", "--server", base, "--token", token])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (process, most) = (child.id(), std::sync::atomic::AtomicU64::new(0));
        let is_over = std::sync::atomic::AtomicBool::new(false);
        let ended: Ended = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
                    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
                    let kib = line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
                    most.fetch_max(kib, std::sync::atomic::Ordering::Relaxed);
                    std::thread::sleep(Duration::from_millis(5));
                }
            });
            let output = child.wait_with_output().unwrap();
            is_over.store(true, std::sync::atomic::Ordering::Relaxed);
            output.into()
        });
        let found = |file: &str| {
            ended
                .out
                .lines()
                .filter(|line| line.contains(&format!("{file}\"")) && line.contains("hit.doors.example"))
                .count()
        };
        let names = ended.err.contains(name)
            || ended.out.lines().any(|line| line.contains(name) && !line.contains("hit.doors.example"));
        let memory = most.into_inner();
        let is_good = found("honest.log") == 1
            && hits.is_none_or(|hits| found(name) == hits)
            && (!is_unreadable || (names && ended.status != 0))
            && (0..MATCH_KIB_MAX).contains(&memory)
            && (0..=3).contains(&ended.status);
        if !is_good {
            failures.push(format!("{name}: {} at {memory} KiB\n{}\n{}", ended.status, ended.out, ended.err));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let nothing = run_with(&["match", "-", "--server", base, "--token", token], "");
    assert!((0..=1).contains(&nothing.status), "{}", nothing.err);
}

//! A region whose members are processes of their own, each of which a test may kill and start again; a small HTTP client that keeps what it read when a
//! connection breaks; and what several hostile tests look at: lists, receipts, verification.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::program::{command, now, run, signal, wait_for};

/// How long nodes may take to become equal: a link that failed for a while rests for half a minute before it is tried again.
const CATCH_UP_MAX: Duration = Duration::from_secs(120);
/// The channel of all members.
pub(crate) const CHANNEL: &str = "rti/indicators";
const CODES: [&str; 3] = ["vn", "th", "id"];
/// How long a request may take, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Numbers that are the same in every run with one seed (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Letters and digits that mean nothing.
    pub(crate) fn word(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[usize::try_from(self.below(32)).unwrap()]))
            .collect()
    }

    /// A version 4 UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low >> 48 & 0xfff,
            low & 0xffff_ffff_ffff
        )
    }
}

/// A seed from the environment, or one that differs from run to run.
pub(crate) fn seed(variable: &str) -> u64 {
    let given = std::env::var(variable).ok().and_then(|text| text.parse().ok());
    given.unwrap_or_else(|| {
        Dice(u64::from(std::process::id()) << 32 | u64::from(now().elapsed().subsec_nanos())).next() >> 16
    })
}

/// A number from the environment.
pub(crate) fn number_of(variable: &str, usual: usize) -> usize {
    std::env::var(variable)
        .ok()
        .map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{variable} must be a number")))
}

/// An answer, as far as it came.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether it came to its end.
    pub(crate) is_whole: bool,
}

impl Answer {
    /// Reads an answer until its end, or until the connection breaks; `None` where not even its head came.
    pub(crate) fn read(stream: &mut impl Read) -> Option<Self> {
        let mut bytes = Vec::new();
        let mut chunk = [0; 16 << 10];
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            match stream.read(&mut chunk) {
                Ok(0) | Err(_) => return None,
                Ok(count) => bytes.extend_from_slice(&chunk[..count]),
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut answer = Self { status, headers, body: Vec::new(), is_whole: false };
        let mut rest = bytes.split_off(end + 4);
        let is_chunked = answer.header("transfer-encoding") == "chunked";
        let length: Option<usize> = answer.header("content-length").parse().ok();
        loop {
            answer.is_whole = if is_chunked {
                answer.take_chunks(&mut rest)
            } else {
                length.is_some_and(|length| rest.len() >= length)
            };
            if answer.is_whole {
                break;
            }
            match stream.read(&mut chunk) {
                Ok(0) => {
                    answer.is_whole = !is_chunked && length.is_none();
                    break;
                }
                Err(_) => break,
                Ok(count) => rest.extend_from_slice(&chunk[..count]),
            }
        }
        if !is_chunked {
            answer.body = rest;
        }
        Some(answer)
    }

    /// Takes whole chunks off the front; `true` at the last.
    fn take_chunks(&mut self, rest: &mut Vec<u8>) -> bool {
        while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
            let Ok(size) = usize::from_str_radix(String::from_utf8_lossy(&rest[..end]).trim(), 16) else {
                return false;
            };
            if rest.len() < end + 2 + size + 2 {
                return false;
            }
            self.body.extend_from_slice(&rest[end + 2..end + 2 + size]);
            rest.drain(..end + 2 + size + 2);
            if size == 0 {
                return true;
            }
        }
        false
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.text()))
    }

    /// Demands this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} {:?}", self.text(), self.headers);
        self
    }
}

/// Where a request goes.
enum Door<'a> {
    Tcp(&'a str, &'a str),
    Socket(PathBuf),
}

fn head(door: &Door<'_>, method: &str, path: &str, media: &str) -> String {
    let (host, token) = match door {
        Door::Tcp(host, token) => (*host, *token),
        Door::Socket(_) => ("localhost", ""),
    };
    let token = if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
    format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n{token}connection: close\r\ncontent-type: {media}\r\n")
}

fn ask(door: &Door<'_>, method: &str, path: &str, body: &[u8]) -> Option<Answer> {
    let head = format!("{}content-length: {}\r\n\r\n", head(door, method, path, "application/json"), body.len());
    let bytes = [head.as_bytes(), body].concat();
    match door {
        Door::Tcp(address, _) => {
            let mut stream = TcpStream::connect(address).ok()?;
            stream.set_read_timeout(Some(PATIENCE)).ok()?;
            stream.write_all(&bytes).ok()?;
            Answer::read(&mut stream)
        }
        Door::Socket(path) => {
            let mut stream = UnixStream::connect(path).ok()?;
            stream.set_read_timeout(Some(PATIENCE)).ok()?;
            stream.write_all(&bytes).ok()?;
            Answer::read(&mut stream)
        }
    }
}

/// A channel as it stands in an address.
pub(crate) fn escaped(channel: &str) -> String {
    channel.replace('/', "%2F").replace('+', "%2B")
}

/// What a bulk import answered, as far as it came.
pub(crate) struct Imported {
    pub(crate) status: u16,
    /// Lines that came whole, the summary apart.
    pub(crate) outcomes: Vec<Value>,
    /// The last line.
    pub(crate) summary: Option<Value>,
    /// The answer as it came.
    pub(crate) text: String,
}

impl Imported {
    fn of(answer: &Answer) -> Self {
        let mut outcomes = Vec::new();
        let mut summary = None;
        let is_lines = answer.header("content-type").starts_with("application/x-ndjson");
        // A line counts once its end has come.
        for line in answer.body.split_inclusive(|byte| *byte == b'\n').filter(|line| is_lines && line.ends_with(b"\n"))
        {
            let line: Value = serde_json::from_slice(line).unwrap();
            if line.get("summary").is_some() { summary = Some(line) } else { outcomes.push(line) }
        }
        Self { status: answer.status, outcomes, summary, text: answer.text() }
    }
}

/// What a node says of one object in a list: enough to compare nodes, and the object's bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    /// Everything but the object.
    pub(crate) around: String,
    /// The object, byte for byte.
    pub(crate) object: String,
}

/// What identifies an entry in a list.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Place {
    pub(crate) log: String,
    pub(crate) index: u64,
    pub(crate) id: String,
    pub(crate) modified: String,
}

/// One member: its folder, its addresses, and its process while it runs.
pub(crate) struct Member {
    pub(crate) code: String,
    pub(crate) address: String,
    pub(crate) token: String,
    pub(crate) data: PathBuf,
    process: Mutex<Option<Child>>,
}

impl Member {
    /// Starts its process; does not wait for it.
    pub(crate) fn start(&self) {
        let log = OpenOptions::new().create(true).append(true).open(self.data.join("node.log")).unwrap();
        let child = command()
            .args(["serve", "--until-stdin-closes", "--data", self.data.to_str().unwrap()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let before = self.process.lock().unwrap().replace(child);
        assert!(before.is_none(), "{} runs already", self.code);
    }

    /// Waits until it answers; starts it again if it ended meanwhile, a few times (a port may be taken for a moment).
    pub(crate) fn wait_until_ready(&self) {
        let mut restarts = 0;
        wait_for(&format!("the node of {}", self.code), || {
            let is_ended =
                self.process.lock().unwrap().as_mut().is_none_or(|child| child.try_wait().unwrap().is_some());
            if is_ended {
                restarts += 1;
                assert!(restarts < 5, "the node of {} ends:\n{}", self.code, self.last_words());
                std::thread::sleep(Duration::from_millis(200));
                self.process.lock().unwrap().take();
                self.start();
            }
            self.is_ready()
        });
    }

    pub(crate) fn is_ready(&self) -> bool {
        ask(&Door::Tcp(&self.address, ""), "GET", "/readyz", b"").is_some_and(|answer| answer.status == 200)
    }

    /// Whether it answers at all; one that was restored is not ready.
    pub(crate) fn ask_healthz(&self) -> bool {
        ask(&Door::Tcp(&self.address, ""), "GET", "/healthz", b"").is_some_and(|answer| answer.status == 200)
    }

    /// The end of its program log.
    pub(crate) fn last_words(&self) -> String {
        let log = std::fs::read_to_string(self.data.join("node.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> Option<u32> {
        self.process.lock().unwrap().as_ref().map(Child::id)
    }

    /// SIGKILL, at once. `false`: it did not run.
    pub(crate) fn kill(&self) -> bool {
        let Some(mut child) = self.process.lock().unwrap().take() else { return false };
        assert!(
            child.try_wait().unwrap().is_none(),
            "the node of {} ended by itself:\n{}",
            self.code,
            self.last_words()
        );
        child.kill().unwrap();
        child.wait().unwrap();
        true
    }

    /// Lets it end in order.
    pub(crate) fn stop(&self) {
        let Some(mut child) = self.process.lock().unwrap().take() else { return };
        drop(child.stdin.take());
        let begun = now();
        while child.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < PATIENCE, "the node of {} does not end:\n{}", self.code, self.last_words());
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(child.wait().unwrap().success(), "{}", self.last_words());
    }

    /// A request with another token than the member's own.
    pub(crate) fn ask_as(&self, token: &str, method: &str, path: &str, body: &[u8]) -> Answer {
        self.try_as(token, method, path, body)
            .unwrap_or_else(|| panic!("no answer of {} to {method} {path}:\n{}", self.code, self.last_words()))
    }

    fn try_as(&self, token: &str, method: &str, path: &str, body: &[u8]) -> Option<Answer> {
        ask(&Door::Tcp(&self.address, token), method, path, body).filter(|answer| answer.is_whole)
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask_as(&self.token, "GET", path, b"")
    }

    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask_as(&self.token, "POST", path, body.to_string().as_bytes())
    }

    /// A request through the socket of the data folder: as the operator.
    #[track_caller]
    pub(crate) fn operate(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        ask(&Door::Socket(self.data.join("socket")), method, path, body)
            .unwrap_or_else(|| panic!("no answer of {}", self.code))
    }

    /// Publishes one object.
    #[track_caller]
    pub(crate) fn publish(&self, channel: &str, object: &str) -> Answer {
        let path = format!("/api/v1/channels/{}/records?tlp=green", escaped(channel));
        self.ask_as(&self.token, "POST", &path, object.as_bytes())
    }

    /// Withdraws; `None` where no answer came.
    pub(crate) fn withdraw(&self, channel: &str, ids: &[String]) -> Option<Answer> {
        let path = format!("/api/v1/channels/{}/withdraw", escaped(channel));
        self.try_as(
            &self.token,
            "POST",
            &path,
            serde_json::json!({"ids": ids, "reason": "error"}).to_string().as_bytes(),
        )
    }

    /// Streams lines to the bulk address, in pieces of so many with a pause between, and reads meanwhile. Whatever breaks, what was answered is returned.
    pub(crate) fn import(&self, channel: &str, lines: &[&str], piece: usize, pause: Duration) -> Option<Imported> {
        let path = format!("/api/v1/channels/{}/records/bulk?tlp=green", escaped(channel));
        let door = Door::Tcp(&self.address, &self.token);
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.set_nodelay(true).ok()?;
        let mut writing = stream.try_clone().ok()?;
        let head = format!("{}transfer-encoding: chunked\r\n\r\n", head(&door, "POST", &path, "application/x-ndjson"));
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut write = || -> std::io::Result<()> {
                    writing.write_all(head.as_bytes())?;
                    for lines in lines.chunks(piece) {
                        let mut text = lines.join("\n");
                        text.push('\n');
                        writing.write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes())?;
                        std::thread::sleep(pause);
                    }
                    writing.write_all(b"0\r\n\r\n")
                };
                // A break shows in what is read.
                if write().is_err() {
                    let _ = writing.shutdown(Shutdown::Write);
                }
            });
            Answer::read(&mut stream).as_ref().map(Imported::of)
        })
    }

    /// Everything that it shows of a channel, page by page.
    pub(crate) fn list(&self, channel: &str) -> BTreeMap<Place, Row> {
        #[derive(Deserialize)]
        struct Page {
            records: Vec<Listed>,
            next: Option<String>,
        }
        #[derive(Deserialize)]
        struct Listed {
            log: String,
            index: u64,
            id: String,
            modified: Option<String>,
            object: Box<RawValue>,
            #[serde(flatten)]
            around: BTreeMap<String, Value>,
        }
        let mut rows = BTreeMap::new();
        let mut after = String::new();
        loop {
            let path = format!("/api/v1/records?limit=1000&channel={}{after}", escaped(channel));
            let page: Page = serde_json::from_slice(&self.get(&path).expect(200).body).unwrap();
            for Listed { log, index, id, modified, object, around } in page.records {
                let place = Place { log, index, id, modified: modified.unwrap_or_default() };
                let row = Row { around: serde_json::to_string(&around).unwrap(), object: object.get().to_owned() };
                assert!(rows.insert(place.clone(), row).is_none(), "{place:?} is listed twice");
            }
            match page.next {
                Some(next) => after = format!("&after={next}"),
                None => return rows,
            }
        }
    }

    /// Size and root of each log that it has, and how many bodies are missing.
    pub(crate) fn logs(&self) -> BTreeMap<String, (u64, String, u64)> {
        let answer = self.get("/api/v1/logs").expect(200).json();
        let log = |log: &Value| {
            let number = |name: &str| log[name].as_u64().unwrap();
            (
                log["log"].as_str().unwrap().to_owned(),
                (number("size"), log["root"].as_str().unwrap().to_owned(), number("withheld")),
            )
        };
        answer["logs"].as_array().unwrap().iter().map(log).collect()
    }

    /// The ids of channels with so many readers.
    fn channels_of(&self, readers: usize) -> Vec<String> {
        let answer = self.get("/api/v1/channels").expect(200).json();
        let listed = answer["channels"].as_array().unwrap().iter();
        let listed = listed.filter(|channel| channel["audience"].as_array().unwrap().len() == readers);
        listed.map(|channel| channel["id"].as_str().unwrap().to_owned()).collect()
    }

    /// The logs of channels with so many readers: two members may share others that the rest know nothing of.
    pub(crate) fn logs_with(&self, readers: usize) -> BTreeMap<String, (u64, String, u64)> {
        let channels = self.channels_of(readers);
        let is_of_them = |origin: &str| origin.split('/').nth(2).is_some_and(|id| channels.iter().any(|of| of == id));
        self.logs().into_iter().filter(|(origin, _)| is_of_them(origin)).collect()
    }

    /// `gotong log verify`, through the socket if the node runs, else on the folder: whether everything holds, and the report.
    pub(crate) fn verify(&self) -> (bool, Value) {
        verify(&self.data)
    }

    /// A copy of its store, made while it may be running.
    pub(crate) fn copy_of_store(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_files(&self.data.join("store"), copy.path());
        copy
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        if let Some(mut child) = self.process.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner).take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// `gotong log verify` on a folder.
pub(crate) fn verify(data: &Path) -> (bool, Value) {
    let ended = run(&["log", "verify", "--json", "--data", data.to_str().unwrap()]);
    match ended.out.lines().last() {
        Some(line) => (ended.status == 0, serde_json::from_str(line).unwrap()),
        None => (false, Value::String(ended.err)),
    }
}

/// Copies the files of a folder; sockets stay.
pub(crate) fn copy_files(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let beside = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_files(&path, &beside);
        } else if path.is_file() {
            std::fs::copy(&path, &beside).unwrap();
        }
    }
}

/// A region of three.
pub(crate) struct Region {
    pub(crate) members: Vec<Member>,
    pub(crate) ready: Value,
    pub(crate) dir: PathBuf,
    _scratch: tempfile::TempDir,
}

/// Ports below those that the system gives to outgoing connections, so that a node that was killed finds its own free again.
fn base_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 1_000).unwrap() * 16;
    for _ in 0..600 {
        let base = 17_000 + (start + NEXT.fetch_add(4, Ordering::Relaxed) * 7) % 6_800;
        let mut ports = (base..base + 3).chain(base + 100..base + 103);
        if ports.all(|port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return base;
        }
    }
    panic!("no free ports");
}

impl Region {
    /// Founds one by the program's own demo, without samples, and ends its processes: the folders stay.
    pub(crate) fn found() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let dir = scratch.path().join("r");
        let (ready, said) = (scratch.path().join("ready.json"), scratch.path().join("said"));
        let port = base_port().to_string();
        let mut demo = command()
            .args(["demo", "--empty", "--members", "3", "--base-port", &port])
            .args([Path::new("--dir"), &dir, Path::new("--ready-file"), &ready])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&said).unwrap())
            .spawn()
            .unwrap();
        wait_for("the founding", || {
            assert!(demo.try_wait().unwrap().is_none(), "{}", std::fs::read_to_string(&said).unwrap());
            ready.exists()
        });
        let ready: Value = serde_json::from_slice(&std::fs::read(&ready).unwrap()).unwrap();
        signal(demo.id(), "TERM");
        assert!(demo.wait().unwrap().success());
        let members = CODES.iter().map(|code| {
            let known = ready["members"].as_array().unwrap().iter().find(|member| member["code"] == *code).unwrap();
            let text = |name: &str| known[name].as_str().unwrap().to_owned();
            Member {
                code: text("code"),
                address: text("base").trim_start_matches("http://").to_owned(),
                token: text("token"),
                data: PathBuf::from(text("data")),
                process: Mutex::new(None),
            }
        });
        Self { members: members.collect(), ready: ready.clone(), dir, _scratch: scratch }
    }

    /// Starts all that do not run, and waits for them.
    pub(crate) fn start(&self) {
        for member in &self.members {
            if member.process.lock().unwrap().is_none() {
                member.start();
            }
        }
        self.members.iter().for_each(Member::wait_until_ready);
    }

    /// Ends all in order.
    pub(crate) fn stop(&self) {
        self.members.iter().for_each(Member::stop);
    }

    /// Waits until all have the same logs with all bodies; how long that took. Only for channels of all.
    #[track_caller]
    pub(crate) fn wait_until_equal(&self) -> Duration {
        let begun = now();
        let logs = |member: &Member| -> BTreeMap<_, _> {
            let all = member.logs_with(self.members.len()).into_iter();
            all.filter(|(_, (_, _, withheld))| *withheld == 0).collect()
        };
        loop {
            let all: Vec<_> = self.members.iter().map(logs).collect();
            if all.windows(2).all(|pair| pair[0] == pair[1]) {
                return begun.elapsed();
            }
            let words = || {
                self.members
                    .iter()
                    .map(|member| format!("{}:\n{}", member.code, member.last_words()))
                    .collect::<Vec<_>>()
                    .join("\n")
            };
            assert!(begun.elapsed() < CATCH_UP_MAX, "the logs stay different: {all:#?}\n{}", words());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// When something that was begun a moment ago is over: polls often, and says how long it took.
#[track_caller]
pub(crate) fn time_until(what: &str, begun: Instant, most: Duration, mut holds: impl FnMut() -> bool) -> Duration {
    while !holds() {
        assert!(begun.elapsed() < most, "{what} took longer than {most:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    begun.elapsed()
}

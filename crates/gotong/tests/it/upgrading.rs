//! An upgrade that fails no request. The test plays systemd: it opens the sockets, hands them to the program, and ends one version and starts the next while
//! callers ask without pause, each time on a new connection or on one that is kept. The control: where the program opens its sockets itself, some fail.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use gotong_crypto::SeededEntropy;
use gotong_store::{Book, SqliteOptions, SqliteStore, Store};

use crate::harness::{Answer, CHANNEL, Dice, Member, Region, number_of};
use crate::program::{run, signal, wait_for};

const PATIENCE: Duration = Duration::from_secs(60);

/// What starts and ends the program.
struct Supervisor<'a> {
    member: &'a Member,
    /// Pages and API, then other nodes.
    sockets: Option<[TcpListener; 2]>,
    notices: UnixDatagram,
    path: PathBuf,
    child: Mutex<Option<Child>>,
}

impl<'a> Supervisor<'a> {
    fn new(member: &'a Member, folder: &Path, hands_over: bool) -> Self {
        let sockets = hands_over
            .then(|| [TcpListener::bind(&member.address).unwrap(), TcpListener::bind("127.0.0.1:0").unwrap()]);
        let path = folder.join("notify");
        let notices = UnixDatagram::bind(&path).unwrap();
        notices.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { member, sockets, notices, path, child: Mutex::new(None) }
    }

    /// Starts a version, as systemd does, and waits until it says that it is ready.
    #[allow(clippy::disallowed_methods, reason = "a shell gives the sockets the numbers that the program expects")]
    fn start(&self, program: &Path) {
        let data = self.member.data.to_str().unwrap();
        let mut command = Command::new("sh");
        let script = match self.sockets {
            Some(_) => {
                "exec 3<&0 4>&1 </dev/null >/dev/null; LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=web:federation exec \"$0\" \"$@\""
            }
            None => "exec \"$0\" \"$@\"",
        };
        command.args(["-c", script, program.to_str().unwrap(), "serve", "--data", data]);
        if let Some([web, federation]) = &self.sockets {
            command
                .stdin(OwnedFd::from(web.try_clone().unwrap()))
                .stdout(OwnedFd::from(federation.try_clone().unwrap()));
        } else {
            command.stdin(Stdio::null()).stdout(Stdio::null());
        }
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GOTONG_")) {
            command.env_remove(name);
        }
        let log =
            std::fs::OpenOptions::new().create(true).append(true).open(self.member.data.join("node.log")).unwrap();
        let child = command.env("NOTIFY_SOCKET", &self.path).stderr(log).spawn().unwrap();
        *self.child.lock().unwrap() = Some(child);
        self.expect_notice("READY=1");
    }

    fn expect_notice(&self, wanted: &str) {
        let mut notice = [0; 256];
        let length = self
            .notices
            .recv(&mut notice)
            .unwrap_or_else(|fault| panic!("no {wanted}: {fault}\n{}", self.member.last_words()));
        assert_eq!(String::from_utf8_lossy(&notice[..length]).trim(), wanted);
    }

    /// Ends it in order.
    fn end(&self) {
        let mut child = self.child.lock().unwrap().take().unwrap();
        signal(child.id(), "TERM");
        self.expect_notice("STOPPING=1");
        assert!(child.wait().unwrap().success(), "{}", self.member.last_words());
    }
}

impl Drop for Supervisor<'_> {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner).take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What callers saw.
#[derive(Default)]
struct Seen {
    answered: AtomicUsize,
    /// Kept connections that ended with an answer that said so.
    turned: AtomicUsize,
    failed: Mutex<Vec<String>>,
}

impl Seen {
    fn note(&self, who: &str, answer: Option<&Answer>) {
        match answer {
            Some(answer) if matches!(answer.status, 200 | 201) && answer.is_whole => {
                self.answered.fetch_add(1, Ordering::Relaxed);
            }
            other => {
                let what =
                    other.map_or("no answer".to_owned(), |answer| format!("{} {}", answer.status, answer.text()));
                self.failed.lock().unwrap().push(format!("{who}: {what}"));
            }
        }
    }
}

fn connect(address: &str) -> Option<TcpStream> {
    let stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    Some(stream)
}

fn ask(stream: &mut TcpStream, member: &Member, extra: &str) -> Option<Answer> {
    let head = format!(
        "GET /api/v1/status HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n{extra}\r\n",
        member.address, member.token
    );
    stream.write_all(head.as_bytes()).ok()?;
    Answer::read(stream)
}

/// Asks each time on a new connection.
fn on_new_connections(member: &Member, seen: &Seen, is_over: &AtomicBool) {
    while !is_over.load(Ordering::Relaxed) {
        let answer = connect(&member.address).and_then(|mut stream| ask(&mut stream, member, "connection: close\r\n"));
        seen.note("a new connection", answer.as_ref());
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// Asks on one connection as long as the server keeps it, with a pause between.
fn on_kept_connections(member: &Member, seen: &Seen, is_over: &AtomicBool, pause: Duration) {
    let mut kept: Option<TcpStream> = None;
    while !is_over.load(Ordering::Relaxed) {
        let mut stream = kept.take().or_else(|| connect(&member.address));
        let answer = stream.as_mut().and_then(|stream| ask(stream, member, ""));
        seen.note("a kept connection", answer.as_ref());
        if answer.as_ref().is_some_and(|answer| answer.header("connection").eq_ignore_ascii_case("close")) {
            seen.turned.fetch_add(1, Ordering::Relaxed);
        } else {
            kept = stream.filter(|_| answer.is_some());
        }
        std::thread::sleep(pause);
    }
}

/// Publishes, which must neither fail nor be lost.
fn publishing(member: &Member, seen: &Seen, is_over: &AtomicBool, published: &Mutex<Vec<String>>) {
    let mut dice = Dice(77);
    while !is_over.load(Ordering::Relaxed) {
        let uuid = dice.uuid();
        let object = crate::program::indicator(&uuid, &format!("{}.example", dice.word(12)));
        let head = format!(
            "POST /api/v1/channels/{}/records?tlp=green HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{object}",
            CHANNEL.replace('/', "%2F"),
            member.address,
            member.token,
            object.len()
        );
        let answer = connect(&member.address).and_then(|mut stream| {
            stream.write_all(head.as_bytes()).ok()?;
            Answer::read(&mut stream)
        });
        seen.note("publishing", answer.as_ref());
        if answer.is_some_and(|answer| answer.status == 201) {
            published.lock().unwrap().push(format!("indicator--{uuid}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Ends and starts so many times while callers ask.
fn upgrade(supervisor: &Supervisor<'_>, versions: &[PathBuf; 2], rounds: usize) -> (Seen, Vec<String>) {
    let (seen, is_over, published) = (Seen::default(), AtomicBool::new(false), Mutex::default());
    let member = supervisor.member;
    supervisor.start(&versions[0]);
    std::thread::scope(|scope| {
        scope.spawn(|| on_new_connections(member, &seen, &is_over));
        scope.spawn(|| on_kept_connections(member, &seen, &is_over, Duration::from_millis(2)));
        scope.spawn(|| on_kept_connections(member, &seen, &is_over, Duration::from_millis(250)));
        scope.spawn(|| publishing(member, &seen, &is_over, &published));
        for round in 1..=rounds {
            let before = seen.answered.load(Ordering::Relaxed);
            wait_for("callers to be answered", || seen.answered.load(Ordering::Relaxed) > before + 20);
            supervisor.end();
            supervisor.start(&versions[round % 2]);
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let listed: Vec<String> = member.list(CHANNEL).into_keys().map(|place| place.id).collect();
    for id in published.lock().unwrap().iter() {
        assert!(listed.contains(id), "{id} was acknowledged, and is not there");
    }
    supervisor.end();
    let published = std::mem::take(&mut *published.lock().unwrap());
    (seen, published)
}

#[test]
fn twenty_upgrades_fail_no_request() {
    let region = Region::found();
    let scratch = tempfile::tempdir().unwrap();
    let versions = [scratch.path().join("gotong-1"), scratch.path().join("gotong-2")];
    for version in &versions {
        std::fs::copy(env!("CARGO_BIN_EXE_gotong"), version).unwrap();
    }
    let rounds = number_of("GOTONG_TEST_UPGRADES", 20);
    {
        let supervisor = Supervisor::new(&region.members[0], scratch.path(), true);
        let (seen, published) = upgrade(&supervisor, &versions, rounds);
        let failed = seen.failed.into_inner().unwrap();
        let (answered, turned) = (seen.answered.into_inner(), seen.turned.into_inner());
        println!(
            "{rounds} upgrades: {answered} answered, {turned} kept connections were turned, {} failed",
            failed.len()
        );
        assert!(failed.is_empty(), "{} of {answered} failed: {failed:#?}", failed.len());
        assert!(turned >= rounds, "kept connections were told to end {turned} times only");
        assert!(published.len() > rounds);
    }
    // The control: the same callers, and nobody who holds the sockets meanwhile.
    std::fs::remove_file(scratch.path().join("notify")).unwrap();
    let supervisor = Supervisor::new(&region.members[1], scratch.path(), false);
    let (seen, _) = upgrade(&supervisor, &versions, 3);
    assert!(!seen.failed.into_inner().unwrap().is_empty(), "callers are not turned away where nobody listens?");
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a shell hands over the sockets")]
fn a_socket_for_nothing_that_is_configured_is_refused() {
    let region = Region::found();
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let script = "exec 3<&0 </dev/null; LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=gotong.socket exec \"$0\" \"$@\"";
    let data = region.members[0].data.to_str().unwrap();
    let ended = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_gotong"), "serve", "--data", data])
        .stdin(OwnedFd::from(socket))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(!ended.status.success() && said.contains("ListenStream="), "{said}");
}

/// Says of a store which layout its indexes have, as another version of the program would have written it.
fn set_layout(data: &Path, layout: u64) {
    let store = SqliteStore::open(&data.join("store"), SqliteOptions::default(), &SeededEntropy::new(1)).unwrap();
    let mut tx = store.write().unwrap();
    tx.put(Book::Meta, b"projector/layout", &layout.to_be_bytes()).unwrap();
    tx.commit().unwrap();
}

#[test]
fn a_store_of_a_newer_program_is_refused_and_that_of_an_older_one_converted_with_a_word() {
    let region = Region::found();
    let vn = &region.members[0];
    let mut dice = Dice(3);
    vn.start();
    vn.wait_until_ready();
    for _ in 0..3 {
        vn.publish(CHANNEL, &crate::program::indicator(&dice.uuid(), &format!("{}.example", dice.word(9)))).expect(201);
    }
    vn.stop();
    let words = || std::fs::read_to_string(vn.data.join("node.log")).unwrap().matches("an older program").count();
    assert_eq!(words(), 0);
    set_layout(&vn.data, 1_000);
    for arguments in [
        vec!["serve"],
        vec!["log", "list"],
        vec![
            "backup",
            "--out",
            "never",
            "--recipient",
            "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
        ],
    ] {
        let ended = run(&[arguments.as_slice(), &["--data", vn.data.to_str().unwrap()]].concat()).with(1);
        assert!(ended.err.contains("written by a newer program") && ended.err.contains("hint:"), "{}", ended.err);
    }
    set_layout(&vn.data, 3);
    vn.start();
    vn.wait_until_ready();
    wait_for("the views", || vn.list(CHANNEL).len() == 3);
    vn.stop();
    assert_eq!(words(), 1, "{}", vn.last_words());
    vn.start();
    vn.wait_until_ready();
    vn.stop();
    assert_eq!(words(), 1, "nothing is left to convert");
    assert!(!Path::new("never").exists());
}

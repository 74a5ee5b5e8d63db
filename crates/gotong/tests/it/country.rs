//! A liaison officer at a terminal: a folder of files, a node that may run, and the commands that are typed there, one line at a time as the book shows them.
//!
//! Nothing passes between two of them but files that are sent, and what their nodes say to each other over TLS. What was typed and answered can be kept for
//! the book (`captures.rs`).

use std::fs::File;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::harness::{Answer, escaped};
use crate::program::{Ended, command, indicator, now, wait_for};

/// How long a record may be on its way, on a busy machine.
const KNOW_MAX: Duration = Duration::from_secs(60);

/// One officer.
pub(crate) struct Country {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    pub(crate) dir: PathBuf,
    pub(crate) web: u16,
    pub(crate) federation: u16,
    node: Mutex<Option<Child>>,
}

/// Two ports that nothing uses, below those that the system gives to outgoing connections.
fn ports() -> (u16, u16) {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 900).unwrap() * 8;
    for _ in 0..600 {
        let first = 24_500 + (start + NEXT.fetch_add(2, Ordering::Relaxed)) % 7_200;
        if [first, first + 1].iter().all(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()) {
            return (first, first + 1);
        }
    }
    panic!("no free ports");
}

/// A command line taken apart as a shell would, as far as the book needs it.
fn words_of(line: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for (at, piece) in line.split('"').enumerate() {
        if at % 2 == 1 {
            words.push(piece.to_owned());
        } else {
            words.extend(piece.split_whitespace().map(str::to_owned));
        }
    }
    words
}

impl Country {
    pub(crate) fn new(region: &Path, code: &'static str, name: &'static str) -> Self {
        let dir = region.join(code);
        std::fs::create_dir_all(&dir).unwrap();
        let (web, federation) = ports();
        Self { code, name, dir, web, federation, node: Mutex::new(None) }
    }

    fn command(&self) -> Command {
        let mut command = command();
        command.current_dir(&self.dir);
        command.env("GOTONG_WEB_LISTEN", format!("127.0.0.1:{}", self.web));
        command.env("GOTONG_FEDERATION_LISTEN", format!("127.0.0.1:{}", self.federation));
        command
    }

    /// Types a line that begins with `gotong`.
    pub(crate) fn types(&self, line: &str) -> Ended {
        let words = words_of(line);
        assert_eq!(words[0], "gotong", "{line}");
        self.command().args(&words[1..]).stdin(Stdio::null()).output().unwrap().into()
    }

    /// Where other nodes reach it.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.federation)
    }

    pub(crate) fn at(&self, file: &str) -> PathBuf {
        self.dir.join(file)
    }

    pub(crate) fn writes(&self, file: &str, text: &str) {
        std::fs::write(self.at(file), text).unwrap();
    }

    /// Sends a file to another; it arrives under this name.
    pub(crate) fn sends(&self, file: &str, to: &Self, name: &str) {
        std::fs::copy(self.at(file), to.at(name)).unwrap();
    }

    /// Sends a file to another under its own name; to itself nothing is sent.
    pub(crate) fn sends_unless_own(&self, file: &str, to: &Self) {
        if to.code != self.code {
            self.sends(file, to, file);
        }
    }

    /// Starts the node in `node`, and waits until it answers.
    pub(crate) fn serves(&self) {
        let (out, err) = (File::create(self.at("serve.out")).unwrap(), File::create(self.at("serve.err")).unwrap());
        let mut serve = self.command();
        serve.args(["serve", "--until-stdin-closes", "--data", "node"]);
        let child = serve.stdin(Stdio::piped()).stdout(out).stderr(err).spawn().unwrap();
        assert!(self.node.lock().unwrap().replace(child).is_none(), "{} runs already", self.code);
        wait_for(&format!("the node of {}", self.code), || {
            let ended = self.node.lock().unwrap().as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "{}", std::fs::read_to_string(self.at("serve.err")).unwrap());
            self.served().contains("answers at")
        });
    }

    /// What `gotong serve` printed.
    pub(crate) fn served(&self) -> String {
        std::fs::read_to_string(self.at("serve.out")).unwrap()
    }

    /// Ends the node in order.
    pub(crate) fn stops(&self) {
        if let Some(mut child) = self.node.lock().unwrap().take() {
            drop(child.stdin.take());
            child.wait().unwrap();
        }
    }

    /// The number of the node's process.
    pub(crate) fn process(&self) -> u32 {
        self.node.lock().unwrap().as_ref().unwrap().id()
    }

    /// A request to the running node over the socket of its folder.
    pub(crate) fn asks(&self, method: &str, path: &str, body: &str) -> Answer {
        let mut socket = UnixStream::connect(self.at("node/socket")).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        socket.write_all(&[head.as_bytes(), body.as_bytes()].concat()).unwrap();
        Answer::read(&mut socket).unwrap()
    }

    /// Publishes an indicator for a domain; the answer says whether it was taken.
    pub(crate) fn publishes(&self, channel: &str, number: u32, tlp: &str) -> Answer {
        let object = indicator(&format!("00000000-0000-4000-8000-{number:012}"), &domain(number));
        self.asks("POST", &format!("/api/v1/channels/{}/records?tlp={tlp}", escaped(channel)), &object)
    }

    /// Whether the node shows an indicator for that domain.
    pub(crate) fn knows(&self, number: u32) -> bool {
        let answer = self.asks("GET", &format!("/api/v1/lookup?value={}", domain(number)), "").expect(200).json();
        !answer["hits"].as_array().unwrap().is_empty()
    }

    /// Waits until the node shows that indicator; says how the node stands where it does not.
    #[track_caller]
    pub(crate) fn comes_to_know(&self, number: u32) {
        let begun = now();
        while !self.knows(number) {
            std::thread::sleep(Duration::from_millis(20));
            if begun.elapsed() > KNOW_MAX {
                let told = ["peer status", "quarantine list", "channel show warn/indicators"]
                    .map(|what| self.types(&format!("gotong {what} --data node")).out);
                let log = std::fs::read_to_string(self.at("serve.err")).unwrap();
                panic!("{} does not come to know {number}:\n{}\n{log}", self.code, told.join("\n"));
            }
        }
    }

    /// The channels that it sees, by handle.
    pub(crate) fn channels(&self) -> Vec<Value> {
        self.asks("GET", "/api/v1/channels", "").expect(200).json()["channels"].as_array().unwrap().clone()
    }

    pub(crate) fn handles(&self) -> Vec<String> {
        self.channels().iter().map(|channel| channel["handle"].as_str().unwrap().to_owned()).collect()
    }
}

/// A domain of the example network.
pub(crate) fn domain(number: u32) -> String {
    format!("n{number}.example")
}

/// Four of them, each with a folder of its own below the scratch folder.
pub(crate) fn countries(scratch: &tempfile::TempDir) -> [Country; 4] {
    [("vn", "Viet Nam"), ("th", "Thailand"), ("id", "Indonesia"), ("my", "Malaysia")]
        .map(|(code, name)| Country::new(scratch.path(), code, name))
}

impl Drop for Country {
    fn drop(&mut self) {
        if let Some(mut child) = self.node.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner).take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

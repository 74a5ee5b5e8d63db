//! A receiver of webhooks that does as the test says: takes a message, turns it away, or keeps silent.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use serde_json::Value;

/// One message, as often as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) id: String,
    pub(crate) timestamp: String,
    pub(crate) signature: String,
    pub(crate) body: String,
    was_taken: bool,
}

impl Received {
    pub(crate) fn events(&self) -> Vec<Value> {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        body["data"]["events"].as_array().unwrap().clone()
    }
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    answers: VecDeque<String>,
    hangs: bool,
}

/// The receiver.
pub(crate) struct Receiver {
    port: u16,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state: Arc<(Mutex<State>, Condvar)> = Arc::default();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || take(stream, &state));
            }
        });
        Self { port, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// The next answers: status lines, with headers behind them where there are any. Afterwards everything is taken.
    pub(crate) fn answer(&self, answers: &[&str]) {
        let mut state = self.state.0.lock().unwrap();
        state.answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        state.hangs = false;
        self.state.1.notify_all();
    }

    /// Answers nobody until told otherwise.
    pub(crate) fn hang(&self) {
        self.state.0.lock().unwrap().hangs = true;
    }

    /// Everything that came.
    pub(crate) fn all(&self) -> Vec<Received> {
        self.state.0.lock().unwrap().received.clone()
    }

    /// What was taken.
    pub(crate) fn taken(&self) -> Vec<Received> {
        self.all().into_iter().filter(|one| one.was_taken).collect()
    }
}

fn take(mut stream: TcpStream, state: &(Mutex<State>, Condvar)) {
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_exact(&mut byte).is_err() {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let field = |name: &str| {
        let found =
            head.lines().filter_map(|line| line.split_once(": ")).find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    let mut body = vec![0; field("content-length").parse().unwrap()];
    if stream.read_exact(&mut body).is_err() {
        return;
    }
    let mut state_now = state.0.lock().unwrap();
    while state_now.hangs {
        state_now = state.1.wait(state_now).unwrap();
    }
    let answer = state_now.answers.pop_front();
    let was_taken = answer.is_none();
    let answer = answer.unwrap_or_else(|| "204 No Content".to_owned());
    let received = Received {
        id: field("webhook-id"),
        timestamp: field("webhook-timestamp"),
        signature: field("webhook-signature"),
        body: String::from_utf8(body).unwrap(),
        was_taken,
    };
    state_now.received.push(received);
    drop(state_now);
    let length = if was_taken { "" } else { "Content-Length: 0\r\n" };
    let _ = stream.write_all(format!("HTTP/1.1 {answer}\r\n{length}Connection: close\r\n\r\n").as_bytes());
}

//! A reader of server-sent events as plain as can be: it takes chunks apart, and events out of lines.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::harness::Member;

/// One event.
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) data: Value,
    pub(crate) raw: String,
}

/// A stream that is read.
pub(crate) struct Follower {
    stream: TcpStream,
    head: String,
    bytes: Vec<u8>,
    text: String,
    ended: bool,
}

impl Follower {
    /// Follows with a token; `last` is the id of the last event that was heard.
    pub(crate) fn open(member: &Member, token: &str, query: &str, last: Option<&str>) -> Self {
        let last = last.map(|last| format!("last-event-id: {last}\r\n")).unwrap_or_default();
        let more = format!("authorization: Bearer {token}\r\n{last}");
        let mut follower = Self::ask(member, &format!("/api/v1/events?{query}"), &more);
        assert_eq!(follower.status(), 200, "{}", follower.head);
        assert!(follower.head.to_ascii_lowercase().contains("content-type: text/event-stream"), "{}", follower.head);
        // Only once it has said so does it hear everything.
        while !follower.text.contains(": following") {
            assert!(follower.more(), "{}", follower.text);
        }
        follower
    }

    /// Any request with the member's own token and further headers.
    pub(crate) fn raw(member: &Member, path: &str, more: &str) -> Self {
        Self::ask(member, path, &format!("authorization: Bearer {}\r\n{more}", member.token))
    }

    fn ask(member: &Member, path: &str, more: &str) -> Self {
        let mut stream = TcpStream::connect(&member.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{more}\r\n", member.address).as_bytes()).unwrap();
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        Self { stream, head, bytes: Vec::new(), text: String::new(), ended: false }
    }

    pub(crate) fn status(&mut self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// Reads on; `false` at the end.
    fn more(&mut self) -> bool {
        if self.ended {
            return false;
        }
        let mut chunk = [0; 8 << 10];
        match self.stream.read(&mut chunk) {
            Ok(0) | Err(_) => self.ended = true,
            Ok(count) => self.bytes.extend_from_slice(&chunk[..count]),
        }
        while let Some(end) = self.bytes.windows(2).position(|two| two == b"\r\n") {
            let size = usize::from_str_radix(std::str::from_utf8(&self.bytes[..end]).unwrap(), 16).unwrap();
            if self.bytes.len() < end + 2 + size + 2 {
                break;
            }
            self.text.push_str(std::str::from_utf8(&self.bytes[end + 2..end + 2 + size]).unwrap());
            self.bytes.drain(..end + 2 + size + 2);
            self.ended |= size == 0;
        }
        true
    }

    /// The next events, so many.
    #[track_caller]
    pub(crate) fn take(&mut self, count: usize) -> Vec<Event> {
        let mut events = Vec::new();
        while events.len() < count {
            if let Some(end) = self.text.find("\n\n") {
                let raw: String = self.text.drain(..end + 2).collect();
                let field = |name: &str| raw.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                if let Some(data) = field("data: ") {
                    let data = serde_json::from_str(&data).unwrap_or_else(|_| panic!("{raw}"));
                    let (id, name) = (field("id: ").unwrap_or_default(), field("event: ").unwrap_or_default());
                    events.push(Event { id, name, data, raw });
                }
                continue;
            }
            let heard = events.len();
            assert!(self.more(), "the stream ended after {heard} of {count} events");
        }
        events
    }

    /// Whether it ends.
    pub(crate) fn is_at_end(&mut self) -> bool {
        while self.more() {}
        self.ended
    }
}

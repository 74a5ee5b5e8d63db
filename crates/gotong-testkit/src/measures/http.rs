//! HTTP/1.1 as far as measuring needs it: one connection kept open, bodies by length or in chunks, both ways at once where lines answer lines.
//!
//! Written here so that the client costs next to nothing on a machine of two cores, and so that nothing of the product measures itself.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::fault::{Fault, While};

/// Bytes sent in one piece of a streamed body.
const PIECE_BYTES: usize = 256 << 10;
/// Silence after which a node counts as stuck.
const SILENCE: Duration = Duration::from_mins(3);
/// The longest pause that a node may ask for.
const PAUSE_S_MAX: u64 = 60;
/// Bytes of an answer's head.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// A connection to a node, with what it is asked with: a token, or the session of somebody who has logged in.
pub(crate) struct Client {
    address: String,
    /// The line of the head that says who asks.
    credential: String,
    reader: BufReader<TcpStream>,
}

/// The head of an answer.
#[derive(Debug)]
struct Head {
    status: u16,
    framing: Framing,
    retry_after_s: Option<u64>,
    cookies: Vec<String>,
}

#[derive(Debug)]
enum Framing {
    Length(u64),
    Chunked,
}

/// An answer read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after_s: Option<u64>,
    /// Name and value of each cookie that the answer sets.
    pub(crate) cookies: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body of a good answer.
    pub(crate) fn good(self) -> Result<Vec<u8>, Fault> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        Err(Fault::new(format!("the node answered {}: {}", self.status, String::from_utf8_lossy(&self.body))))
    }
}

impl Client {
    /// Connects to `host:port`.
    pub(crate) fn connect(address: &str, token: &str) -> Result<Self, Fault> {
        let stream = TcpStream::connect(address).during(format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(SILENCE))?;
        stream.set_write_timeout(Some(SILENCE))?;
        Ok(Self {
            address: address.to_owned(),
            credential: bearer(token),
            reader: BufReader::with_capacity(1 << 16, stream),
        })
    }

    /// Connects, asks once and hangs up. For looking whether a node is there.
    pub(crate) fn ask_once(address: &str, token: &str, path: &str) -> Result<Answer, Fault> {
        Self::connect(address, token)?.get(path)
    }

    fn head(&self, method: &str, path: &str, more: &str) -> String {
        let Self { address, credential, .. } = self;
        format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n{credential}\r\n{more}\r\n")
    }

    fn send(&mut self, head: &str, body: &[u8]) -> io::Result<()> {
        let mut message = Vec::with_capacity(head.len() + body.len());
        message.extend_from_slice(head.as_bytes());
        message.extend_from_slice(body);
        self.reader.get_mut().write_all(&message)
    }

    /// Asks with `GET`.
    pub(crate) fn get(&mut self, path: &str) -> Result<Answer, Fault> {
        self.get_with(path, "")
    }

    /// Asks with `GET` and further lines of the head, each with its end.
    pub(crate) fn get_with(&mut self, path: &str, more: &str) -> Result<Answer, Fault> {
        let head = self.head("GET", path, more);
        self.send(&head, &[]).during(path)?;
        self.answer().during(path)
    }

    /// Asks as somebody else from here on.
    pub(crate) fn speak_for(&mut self, token: &str) {
        self.credential = bearer(token);
    }

    /// Asks from here on as the person that this name and password let in.
    pub(crate) fn log_in(&mut self, name: &str, password: &str) -> Result<(), Fault> {
        let form = format!("name={}&password={}&next=%2F", form_value(name), form_value(password));
        let answer = self.post_as("/log-in", "application/x-www-form-urlencoded", form.as_bytes())?;
        if answer.status != 303 {
            return Err(Fault::new(format!("the log-in was answered {}", answer.status)));
        }
        self.credential = format!("Cookie: {}", answer.cookies.join("; "));
        Ok(())
    }

    /// Asks with `POST` and JSON.
    pub(crate) fn post(&mut self, path: &str, json: &[u8]) -> Result<Answer, Fault> {
        self.post_as(path, "application/json", json)
    }

    /// Asks with `POST` and a body of this type.
    pub(crate) fn post_as(&mut self, path: &str, media_type: &str, body: &[u8]) -> Result<Answer, Fault> {
        let more = format!("Content-Type: {media_type}\r\nContent-Length: {}\r\n", body.len());
        let head = self.head("POST", path, &more);
        self.send(&head, body).during(path)?;
        self.answer().during(path)
    }

    /// Asks until the node has room; how long the answer took that it gave. Pauses that it asked for are added up.
    pub(crate) fn patiently(
        &mut self,
        pauses_s: &mut u64,
        mut ask: impl FnMut(&mut Self) -> Result<Answer, Fault>,
    ) -> Result<(Answer, Duration), Fault> {
        loop {
            let began = Instant::now();
            let answer = ask(self)?;
            let took = began.elapsed();
            if answer.status != 429 {
                return Ok((answer, took));
            }
            let pause = answer.retry_after_s.unwrap_or(1).min(PAUSE_S_MAX);
            *pauses_s += pause;
            std::thread::sleep(Duration::from_secs(pause));
        }
    }

    fn answer(&mut self) -> Result<Answer, Fault> {
        let head = read_head(&mut self.reader)?;
        let mut body = Vec::new();
        Body::new(&mut self.reader, head.framing).read_to_end(&mut body)?;
        Ok(Answer { status: head.status, retry_after_s: head.retry_after_s, cookies: head.cookies, body })
    }

    /// Streams NDJSON up and hands over the lines that come back meanwhile.
    pub(crate) fn stream(
        &mut self,
        path: &str,
        lines: impl Read + Send,
        on_line: impl FnMut(&[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let more = "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n";
        let head = self.head("POST", path, more);
        let mut up = self.reader.get_ref().try_clone()?;
        up.write_all(head.as_bytes())?;
        std::thread::scope(|scope| {
            let sending = scope.spawn(move || send_chunked(&mut up, lines));
            let received = receive_lines(&mut self.reader, on_line);
            if received.is_err() {
                // The other side has given up: so does the thread that sends.
                let _ = self.reader.get_ref().shutdown(std::net::Shutdown::Both);
            }
            let sent = sending.join().unwrap_or_else(|_| Err(io::Error::other("the sending thread panicked")));
            received.during(path)?;
            sent.during(path)
        })
    }
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}

/// A value as forms and queries carry it.
pub(crate) fn form_value(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

fn send_chunked(up: &mut TcpStream, mut lines: impl Read) -> io::Result<()> {
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let count = lines.read(&mut piece)?;
        write!(up, "{count:x}\r\n")?;
        up.write_all(piece.get(..count).unwrap_or_default())?;
        up.write_all(b"\r\n")?;
        if count == 0 {
            return Ok(());
        }
    }
}

fn receive_lines<R: BufRead>(reader: &mut R, mut on_line: impl FnMut(&[u8]) -> Result<(), Fault>) -> Result<(), Fault> {
    let head = read_head(reader)?;
    let mut body = BufReader::with_capacity(1 << 16, Body::new(reader, head.framing));
    if head.status != 200 {
        let mut text = String::new();
        body.read_to_string(&mut text)?;
        return Err(Fault::new(format!("the node answered {}: {text}", head.status)));
    }
    let mut line = Vec::new();
    while body.read_until(b'\n', &mut line)? > 0 {
        on_line(line.trim_ascii_end())?;
        line.clear();
    }
    Ok(())
}

fn read_head(reader: &mut impl BufRead) -> Result<Head, Fault> {
    loop {
        let head = one_head(reader)?;
        if head.status >= 200 {
            return Ok(head);
        }
    }
}

fn one_head(reader: &mut impl BufRead) -> Result<Head, Fault> {
    let mut line = String::new();
    let mut bytes = reader.take(HEAD_BYTES_MAX as u64);
    bytes.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.during(format!("no answer in HTTP/1.1: {line:?}"))?;
    let mut head = Head { status, framing: Framing::Length(0), retry_after_s: None, cookies: Vec::new() };
    loop {
        line.clear();
        if bytes.read_line(&mut line)? == 0 {
            return Err(Fault::new("the connection ended inside an answer's head"));
        }
        let Some((name, value)) = line.trim_end().split_once(':') else { return Ok(head) };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => head.framing = Framing::Length(value.parse().during("content-length")?),
            "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => head.framing = Framing::Chunked,
            "set-cookie" => head.cookies.extend(value.split(';').next().map(str::to_owned)),
            "retry-after" => head.retry_after_s = value.parse().ok(),
            _ => {}
        }
    }
}

/// A body, read to exactly where it ends, so that the next answer can follow.
struct Body<'a, R> {
    reader: &'a mut R,
    framing: Framing,
    /// Bytes left of the body, or of the chunk.
    left: u64,
    ended: bool,
}

impl<'a, R: BufRead> Body<'a, R> {
    fn new(reader: &'a mut R, framing: Framing) -> Self {
        let left = if let Framing::Length(length) = framing { length } else { 0 };
        let ended = matches!(framing, Framing::Length(0));
        Self { reader, framing, left, ended }
    }

    /// Reads the line before a chunk; the last chunk is followed by trailers and an empty line.
    fn next_chunk(&mut self) -> io::Result<()> {
        let mut line = String::new();
        self.reader.read_line(&mut line)?;
        let size = line.trim().split(';').next().unwrap_or_default();
        self.left =
            u64::from_str_radix(size, 16).map_err(|_| io::Error::other(format!("no size of a chunk: {line:?}")))?;
        while self.left == 0 && !self.ended {
            line.clear();
            let count = self.reader.read_line(&mut line)?;
            self.ended = count == 0 || line.trim().is_empty();
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Body<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.ended || out.is_empty() {
            return Ok(0);
        }
        if self.left == 0 {
            self.next_chunk()?;
            if self.ended {
                return Ok(0);
            }
        }
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        let count = self.reader.read(out.get_mut(..room).unwrap_or_default())?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= count as u64;
        if self.left == 0 {
            match self.framing {
                Framing::Length(_) => self.ended = true,
                Framing::Chunked => {
                    self.reader.read_line(&mut String::new())?;
                }
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(bytes: &[u8]) -> Vec<(u16, String)> {
        let mut reader = BufReader::with_capacity(7, bytes);
        let mut all = Vec::new();
        while reader.fill_buf().is_ok_and(|left| !left.is_empty()) {
            let head = read_head(&mut reader).unwrap();
            let mut body = String::new();
            Body::new(&mut reader, head.framing).read_to_string(&mut body).unwrap();
            all.push((head.status, body));
        }
        all
    }

    #[test]
    fn answers_follow_each_other_on_one_connection() {
        let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst\
                      HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nsec\r\n3;x=y\r\nond\r\n0\r\nT: x\r\n\r\n\
                      HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 429 Slow\r\nRetry-After: 2\r\nContent-Length: 1\r\n\r\n-";
        let expected = [(200, "first"), (200, "second"), (204, ""), (429, "-")];
        assert_eq!(bodies(bytes), expected.map(|(status, body)| (status, body.to_owned())));
    }

    #[test]
    fn lines_come_one_by_one_however_they_are_cut() {
        let bytes: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\na\nbb\r\n3\r\nb\nc\r\n0\r\n\r\n";
        let mut lines = Vec::new();
        receive_lines(&mut BufReader::new(bytes), |line| {
            lines.push(String::from_utf8_lossy(line).into_owned());
            Ok(())
        })
        .unwrap();
        assert_eq!(lines, ["a", "bbb", "c"]);
    }

    #[test]
    fn a_body_that_is_cut_off_is_a_fault() {
        let mut reader = BufReader::new(&b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfir"[..]);
        let head = read_head(&mut reader).unwrap();
        assert!(Body::new(&mut reader, head.framing).read_to_end(&mut Vec::new()).is_err());
    }
}

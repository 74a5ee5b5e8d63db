//! Parts of requests and answers: bodies sent piece by piece, answers read line by line, names in addresses.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyhow::{Context as _, Result, bail};
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes as Piece, Frame, Incoming};
use serde_json::Value;
use tokio::sync::mpsc;

/// The longest line of an answer.
const LINE_BYTES_MAX: usize = 4 << 20;
/// The longest line before bytes: it names every log.
const HEAD_BYTES_MAX: usize = 64 << 20;

/// A body whose pieces come from elsewhere; an error among them breaks the request off.
pub(crate) struct Pieces(mpsc::Receiver<io::Result<Piece>>);

impl Pieces {
    /// A body, and where its pieces go in. Few pieces wait, so that a slow node slows the reading.
    pub(crate) fn channel() -> (mpsc::Sender<io::Result<Piece>>, Self) {
        let (sender, receiver) = mpsc::channel(8);
        (sender, Self(receiver))
    }
}

impl Body for Pieces {
    type Data = Piece;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Piece>, io::Error>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// An answer of one JSON value a line.
pub(crate) struct Lines {
    body: Incoming,
    buffer: Vec<u8>,
    /// Where the next line begins in the buffer.
    at: usize,
    ended: bool,
}

impl Lines {
    pub(crate) fn new(body: Incoming) -> Self {
        Self { body, buffer: Vec::new(), at: 0, ended: false }
    }

    /// The next line; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Value>> {
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            if let Some(length) = rest.iter().position(|byte| *byte == b'\n') {
                let line = rest.get(..length).unwrap_or_default();
                let value = serde_json::from_slice(line).context("a line of the node's answer is no JSON")?;
                self.at += length + 1;
                return Ok(Some(value));
            }
            if rest.len() > LINE_BYTES_MAX {
                bail!("a line of the node's answer is longer than {LINE_BYTES_MAX} bytes");
            }
            if self.ended {
                return if rest.is_empty() { Ok(None) } else { bail!("the node's answer broke off within a line") };
            }
            self.buffer.drain(..self.at);
            self.at = 0;
            match self.body.frame().await {
                None => self.ended = true,
                Some(frame) => {
                    if let Ok(data) = frame.context("the node's answer broke off")?.into_data() {
                        self.buffer.extend_from_slice(&data);
                    }
                }
            }
        }
    }
}

/// An answer of one line and bytes behind it.
pub(crate) struct Bytes {
    body: Incoming,
    /// What came behind the line.
    rest: Vec<u8>,
}

impl Bytes {
    pub(crate) fn new(body: Incoming) -> Self {
        Self { body, rest: Vec::new() }
    }

    /// The line.
    pub(crate) async fn line(&mut self) -> Result<Vec<u8>> {
        let mut looked_at = 0;
        loop {
            if let Some(length) = self.rest.iter().skip(looked_at).position(|byte| *byte == b'\n') {
                let behind = self.rest.split_off(looked_at + length + 1);
                return Ok(std::mem::replace(&mut self.rest, behind));
            }
            if self.rest.len() > HEAD_BYTES_MAX {
                bail!("the node's answer begins with a line of more than {HEAD_BYTES_MAX} bytes");
            }
            looked_at = self.rest.len();
            match self.next_frame().await? {
                Some(piece) => self.rest.extend_from_slice(&piece),
                None => bail!("the node's answer broke off"),
            }
        }
    }

    /// The next piece of the bytes; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Piece>> {
        if !self.rest.is_empty() {
            return Ok(Some(std::mem::take(&mut self.rest).into()));
        }
        self.next_frame().await
    }

    async fn next_frame(&mut self) -> Result<Option<Piece>> {
        while let Some(frame) = self.body.frame().await {
            if let Ok(data) = frame.context("the node's answer broke off")?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }
}

/// A text as one part of a path or a value of a query (RFC 3986 section 2.1).
pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// A query of those pairs that have a value.
pub(crate) fn query(pairs: &[(&str, Option<&str>)]) -> String {
    let pairs: Vec<String> =
        pairs.iter().filter_map(|(name, value)| Some(format!("{name}={}", encode((*value)?)))).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_addresses_are_spelled_safely() {
        assert_eq!(encode("rti/indicators"), "rti%2Findicators");
        assert_eq!(query(&[("channel", Some("a/b")), ("since", None), ("x", Some("é"))]), "?channel=a%2Fb&x=%C3%A9");
        assert_eq!(query(&[("a", None)]), "");
    }
}

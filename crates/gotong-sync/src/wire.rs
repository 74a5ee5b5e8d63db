//! The messages of section 10 as bytes, within their bounds. Unknown members are ignored, so that later versions can add some.

use gotong_model::limits;
use serde::{Deserialize, Serialize};

/// Protocol numbers that this program speaks, ascending.
pub const PROTOCOLS: &[u64] = &[0];

/// Why a message was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireFault {
    /// Larger than its bound.
    #[error("the message has {bytes} bytes, {most} are allowed")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The bound.
        most: usize,
    },
    /// Not the JSON that is expected here.
    #[error("the message is not readable: {0}")]
    Malformed(String),
    /// A list in it is longer than its bound.
    #[error("{field} has more than {most} items")]
    TooMany {
        /// Which list.
        field: &'static str,
        /// The bound.
        most: usize,
    },
}

/// The first message on every connection, both ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Protocol numbers spoken.
    pub protocols: Vec<u64>,
    /// The region.
    pub region: String,
    /// Name and version of the program.
    pub software: String,
    /// The sender's chain of statements, first to last.
    pub statements: Vec<String>,
    /// In the answer: the number chosen.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub protocol: Option<u64>,
}

/// What changed since the cursor?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ChangesRequest {
    /// What the caller has applied.
    pub acknowledgements: Vec<String>,
    /// Where the last answer ended.
    pub cursor: Option<String>,
    /// How long to wait for news.
    pub wait_ms: u64,
}

/// A log that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedLog {
    /// Its newest checkpoint.
    pub checkpoint: String,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesAnswer {
    /// What others have applied of the caller's logs.
    pub acknowledgements: Vec<String>,
    /// Where the next request begins.
    pub cursor: String,
    /// Logs that changed, oldest change first.
    pub logs: Vec<ChangedLog>,
    /// Whether there is more now.
    pub more: bool,
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8], most: usize) -> Result<T, WireFault> {
    if bytes.len() > most {
        return Err(WireFault::TooLarge { bytes: bytes.len(), most });
    }
    serde_json::from_slice(bytes).map_err(|fault| WireFault::Malformed(fault.to_string()))
}

fn bounded<T>(field: &'static str, items: &[T], most: usize) -> Result<(), WireFault> {
    if items.len() > most { Err(WireFault::TooMany { field, most }) } else { Ok(()) }
}

fn write<T: Serialize>(message: &T) -> Vec<u8> {
    // Plain structs of texts and numbers always serialise.
    serde_json::to_vec(message).unwrap_or_default()
}

impl Hello {
    /// Reads a hello.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireFault> {
        let hello: Self = read(bytes, limits::HELLO_BYTES_MAX)?;
        bounded("protocols", &hello.protocols, 16)?;
        bounded("statements", &hello.statements, limits::STATEMENTS_MAX)?;
        Ok(hello)
    }

    /// The bytes to send.
    pub fn encode(&self) -> Vec<u8> {
        write(self)
    }

    /// The highest number that both speak.
    pub fn common_protocol(&self) -> Option<u64> {
        PROTOCOLS.iter().rev().copied().find(|number| self.protocols.contains(number))
    }
}

impl ChangesRequest {
    /// Reads a request.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireFault> {
        let request: Self = read(bytes, limits::CHANGES_BYTES_MAX)?;
        bounded("acknowledgements", &request.acknowledgements, limits::ACKNOWLEDGEMENTS_MAX)?;
        Ok(Self { wait_ms: request.wait_ms.min(limits::WAIT_MS_MAX), ..request })
    }

    /// The bytes to send.
    pub fn encode(&self) -> Vec<u8> {
        write(self)
    }
}

impl ChangesAnswer {
    /// Reads an answer.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireFault> {
        let answer: Self = read(bytes, limits::CHANGES_ANSWER_BYTES_MAX)?;
        bounded("acknowledgements", &answer.acknowledgements, limits::ACKNOWLEDGEMENTS_MAX)?;
        bounded("logs", &answer.logs, limits::CHANGES_LOGS_MAX)?;
        Ok(answer)
    }

    /// The bytes to send.
    pub fn encode(&self) -> Vec<u8> {
        write(self)
    }
}

/// Puts a frame behind its length, as answers carry frames.
pub fn push_frame(out: &mut Vec<u8>, frame: &[u8]) {
    out.extend_from_slice(&u32::try_from(frame.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(frame);
}

/// Splits an answer into frames; at most as many as one answer may carry.
pub fn split_frames(mut bytes: &[u8]) -> Result<Vec<&[u8]>, WireFault> {
    let malformed = || WireFault::Malformed("frames end in the middle".to_owned());
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(malformed)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| malformed())?;
        let (frame, rest) = rest.split_at_checked(length).ok_or_else(malformed)?;
        frames.push(frame);
        bounded("frames", &frames, limits::FRAMES_PER_ANSWER_MAX)?;
        bytes = rest;
    }
    Ok(frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_read_back_and_later_members_are_ignored() {
        let request = ChangesRequest { acknowledgements: vec!["a".into()], cursor: None, wait_ms: 5 };
        assert_eq!(ChangesRequest::decode(&request.encode()), Ok(request));
        let later = br#"{"acknowledgements":[],"cursor":null,"wait_ms":99999999,"later":{"x":1}}"#;
        assert_eq!(ChangesRequest::decode(later).unwrap().wait_ms, limits::WAIT_MS_MAX);
    }

    #[test]
    fn bounds_come_before_work() {
        assert!(matches!(Hello::decode(&vec![b' '; limits::HELLO_BYTES_MAX + 1]), Err(WireFault::TooLarge { .. })));
        let many = format!(r#"{{"acknowledgements":[{}""],"cursor":null,"wait_ms":0}}"#, r#""","#.repeat(600));
        assert!(matches!(ChangesRequest::decode(many.as_bytes()), Err(WireFault::TooMany { .. })));
        assert!(split_frames(&[0, 0, 0, 9, 1]).is_err());
        assert!(split_frames(&vec![0; 4 * 65]).is_err(), "more frames than an answer may carry");
        assert_eq!(split_frames(&[0, 0, 0, 1, 7, 0, 0, 0, 0]).unwrap(), [&[7_u8][..], &[]]);
    }
}

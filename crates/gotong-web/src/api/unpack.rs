//! The bytes of a streamed body on a blocking thread: from the network through decompression, bounded by size and by how much little may
//! become. Says when the sender pauses, so that what is complete can be answered meanwhile.

use std::cell::Cell;
use std::io::{self, BufReader, Read};
use std::rc::Rc;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::CONTENT_ENCODING;
use gotong_model::limits;
use hyper::body::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::problem::{Problem, table};

/// After so long without a byte the sender counts as pausing.
const PAUSE: Duration = Duration::from_millis(300);
/// After so long without a byte the sender counts as gone.
const IDLE: Duration = Duration::from_mins(1);
/// A sender may be waited for as long as this in all, and a second more for each of so many bytes.
const TRICKLE: Duration = Duration::from_mins(10);
const TRICKLE_BYTES_PER_S: u64 = 1_024;

/// How a body is compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
    Zstd,
}

/// What reading came to.
#[derive(Debug)]
pub(crate) enum Chunk<'a> {
    /// Bytes.
    Bytes(&'a [u8]),
    /// Nothing for a moment.
    Pause,
    /// The end.
    End,
}

/// Why reading cannot go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum UnpackFault {
    /// The sender went away or fell silent.
    CutOff,
    /// It is not what the encoding says.
    Malformed,
    /// It would become too much.
    Bomb,
}

impl Encoding {
    /// What the headers say.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut all = headers.get_all(CONTENT_ENCODING).iter();
        let (first, more) = (all.next(), all.next());
        let Some(value) = first else { return Ok(Self::Identity) };
        match value.to_str().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "identity" | "" if more.is_none() => Ok(Self::Identity),
            "gzip" | "x-gzip" if more.is_none() => Ok(Self::Gzip),
            "zstd" if more.is_none() => Ok(Self::Zstd),
            _ => Err(Problem::of(&table::UNSUPPORTED_MEDIA).saying("Content-Encoding may be gzip or zstd, once")),
        }
    }
}

/// Bytes from the network: `Err` where the connection broke.
pub(crate) type Arriving = mpsc::Receiver<Result<Bytes, ()>>;

struct Network {
    arriving: Arriving,
    runtime: Handle,
    current: Bytes,
    silent: Duration,
    /// Waited for the sender in all.
    waited: Duration,
    packed_bytes: Rc<Cell<u64>>,
}

impl Network {
    /// Whether the sender has been waited for longer than what it sent is worth: one who trickles holds a place that others want.
    fn is_trickling(&self) -> bool {
        self.waited > TRICKLE + Duration::from_secs(self.packed_bytes.get() / TRICKLE_BYTES_PER_S)
    }
}

impl Read for Network {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            let arriving = &mut self.arriving;
            let begun = Instant::now();
            let arrived = self.runtime.block_on(async { tokio::time::timeout(PAUSE, arriving.recv()).await });
            self.waited += begun.elapsed();
            if self.is_trickling() {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            match arrived {
                Ok(None) => return Ok(0),
                Ok(Some(Ok(bytes))) => {
                    self.silent = Duration::ZERO;
                    self.current = bytes;
                }
                Ok(Some(Err(()))) => return Err(io::ErrorKind::ConnectionAborted.into()),
                Err(_) => {
                    self.silent += PAUSE;
                    let kind =
                        if self.silent >= IDLE { io::ErrorKind::ConnectionAborted } else { io::ErrorKind::WouldBlock };
                    return Err(kind.into());
                }
            }
        }
        let count = out.len().min(self.current.len());
        let bytes = self.current.split_to(count);
        for (slot, byte) in out.iter_mut().zip(&bytes) {
            *slot = *byte;
        }
        self.packed_bytes.set(self.packed_bytes.get() + bytes.len() as u64);
        Ok(count)
    }
}

enum Source {
    Plain(Network),
    Gzip(Box<flate2::bufread::MultiGzDecoder<BufReader<Network>>>),
    Zstd(Box<zstd::Decoder<'static, BufReader<Network>>>),
}

/// A body being read.
pub(crate) struct Unpacker {
    source: Source,
    buffer: Vec<u8>,
    packed_bytes: Rc<Cell<u64>>,
    plain_bytes: u64,
}

impl Unpacker {
    /// Reads what arrives.
    pub(crate) fn new(arriving: Arriving, encoding: Encoding, runtime: Handle) -> Result<Self, UnpackFault> {
        let packed_bytes = Rc::new(Cell::new(0));
        let network = Network {
            arriving,
            runtime,
            current: Bytes::new(),
            silent: Duration::ZERO,
            waited: Duration::ZERO,
            packed_bytes: Rc::clone(&packed_bytes),
        };
        let source = match encoding {
            Encoding::Identity => Source::Plain(network),
            Encoding::Gzip => Source::Gzip(Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(
                64 << 10,
                network,
            )))),
            Encoding::Zstd => {
                let reader = BufReader::with_capacity(64 << 10, network);
                let mut decoder = zstd::Decoder::with_buffer(reader).map_err(|_| UnpackFault::Malformed)?;
                decoder.window_log_max(limits::IMPORT_WINDOW_LOG_MAX).map_err(|_| UnpackFault::Malformed)?;
                Source::Zstd(Box::new(decoder))
            }
        };
        Ok(Self { source, buffer: vec![0; 256 << 10], packed_bytes, plain_bytes: 0 })
    }

    /// The next bytes.
    pub(crate) fn next(&mut self) -> Result<Chunk<'_>, UnpackFault> {
        let outcome = match &mut self.source {
            Source::Plain(source) => source.read(&mut self.buffer),
            Source::Gzip(source) => source.read(&mut self.buffer),
            Source::Zstd(source) => source.read(&mut self.buffer),
        };
        let count = match outcome {
            Ok(count) => count,
            Err(fault) => {
                if fault.kind() == io::ErrorKind::WouldBlock {
                    return Ok(Chunk::Pause);
                }
                let is_gone = fault.kind() == io::ErrorKind::ConnectionAborted;
                return Err(if is_gone { UnpackFault::CutOff } else { UnpackFault::Malformed });
            }
        };
        self.plain_bytes += count as u64;
        let allowed =
            limits::IMPORT_RATIO_FREE_BYTES + self.packed_bytes.get().saturating_mul(limits::IMPORT_RATIO_MAX);
        let is_packed = !matches!(self.source, Source::Plain(_));
        if self.plain_bytes > limits::IMPORT_BYTES_MAX || (is_packed && self.plain_bytes > allowed) {
            return Err(UnpackFault::Bomb);
        }
        Ok(if count == 0 { Chunk::End } else { Chunk::Bytes(self.buffer.get(..count).unwrap_or_default()) })
    }

    /// Bytes so far, unpacked.
    pub(crate) fn plain_bytes(&self) -> u64 {
        self.plain_bytes
    }
}

//! A body as it arrives from outside: counted, timed and unpacked within bounds. Nothing is reserved for what is only announced.
//!
//! Must not pass on a byte of a body that broke a bound; what came before may have been passed on. Read next: `fetch.rs`.

use std::io::Write;
use std::time::Duration;

use flate2::write::MultiGzDecoder;
use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};
use tokio::time::{Instant, timeout, timeout_at};

use super::fault::FetchFault;
use super::fetch::Driver;

/// Bytes unpacked at once: even the tightest packing makes no more than a thousand times as much of them.
const PACKED_PIECE: usize = 1 << 10;
/// How many times its size a body may unpack to, once it is beyond [`RATIO_FREE_BYTES`].
const RATIO_MAX: u64 = 200;
const RATIO_FREE_BYTES: u64 = 1 << 20;

/// What one fetch may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Bytes of the body, as sent and unpacked.
    pub bytes_max: u64,
    /// From the first question to the last byte, redirects and all.
    pub total: Duration,
    /// Silence.
    pub idle: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { bytes_max: 64 << 20, total: Duration::from_mins(5), idle: Duration::from_secs(30) }
    }
}

/// A body under way.
pub struct Download {
    body: Incoming,
    bounds: Bounds,
    until: Instant,
    sent: u64,
    plain: u64,
    packed: Option<Packed>,
    _driver: Driver,
}

struct Packed {
    decoder: MultiGzDecoder<Vec<u8>>,
    name: &'static str,
    ended: bool,
}

impl Download {
    pub(super) fn new(body: Incoming, bounds: Bounds, until: Instant, driver: Driver) -> Self {
        Self { body, bounds, until, sent: 0, plain: 0, packed: None, _driver: driver }
    }

    /// Unpacks what comes; `name` is for messages.
    pub(super) fn unpacking(mut self, name: &'static str) -> Self {
        self.packed = Some(Packed { decoder: MultiGzDecoder::new(Vec::new()), name, ended: false });
        self
    }

    /// Refuses what says of itself that it is too long.
    pub(super) fn expect_fit(&self) -> Result<(), FetchFault> {
        if self.body.size_hint().lower() > self.bounds.bytes_max {
            return Err(FetchFault::TooLarge(self.bounds.bytes_max));
        }
        Ok(())
    }

    /// Bytes that the server has said it sends, where it has.
    pub fn announced(&self) -> Option<u64> {
        self.body.size_hint().exact().filter(|_| self.packed.is_none())
    }

    /// The next bytes; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, FetchFault> {
        loop {
            let Some(bytes) = self.arrive().await? else {
                return self.finish().map(|rest| Some(rest).filter(|rest| !rest.is_empty()));
            };
            let bytes = self.unpack(bytes)?;
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
    }

    /// The whole body.
    pub async fn all(mut self) -> Result<Vec<u8>, FetchFault> {
        let mut all = Vec::new();
        while let Some(bytes) = self.next().await? {
            all.extend_from_slice(&bytes);
        }
        Ok(all)
    }

    /// The whole body, if it has at most so many bytes.
    pub async fn at_most(mut self, bytes_max: u64) -> Result<Vec<u8>, FetchFault> {
        self.bounds.bytes_max = self.bounds.bytes_max.min(bytes_max);
        self.all().await
    }

    async fn arrive(&mut self) -> Result<Option<Bytes>, FetchFault> {
        let frame = timeout_at(self.until, timeout(self.bounds.idle, self.body.frame())).await;
        let frame = frame.map_err(|_| FetchFault::Slow(self.bounds.total))?;
        let Some(frame) = frame.map_err(|_| FetchFault::Late("go on with its answer"))? else { return Ok(None) };
        // A body that is shorter than was said shows as a fault of the frame.
        let frame = frame.map_err(|_| FetchFault::CutOff(self.sent))?;
        // Trailers say nothing here.
        let bytes = frame.into_data().unwrap_or_default();
        self.sent = self.sent.saturating_add(bytes.len() as u64);
        if self.sent > self.bounds.bytes_max {
            return Err(FetchFault::TooLarge(self.bounds.bytes_max));
        }
        Ok(Some(bytes))
    }

    fn unpack(&mut self, bytes: Bytes) -> Result<Bytes, FetchFault> {
        let Some(packed) = &mut self.packed else { return Ok(bytes) };
        let mut out = Vec::new();
        for piece in bytes.chunks(PACKED_PIECE) {
            packed.decoder.write_all(piece).map_err(|_| FetchFault::Encoding(packed.name.to_owned()))?;
            out.append(packed.decoder.get_mut());
            let plain = self.plain.saturating_add(out.len() as u64);
            if plain > self.bounds.bytes_max {
                return Err(FetchFault::TooLarge(self.bounds.bytes_max));
            }
            if plain > RATIO_FREE_BYTES && plain / self.sent.max(1) > RATIO_MAX {
                return Err(FetchFault::Bomb(RATIO_MAX));
            }
        }
        self.plain = self.plain.saturating_add(out.len() as u64);
        Ok(out.into())
    }

    /// What the decoder still held; a stream that was cut shows here.
    fn finish(&mut self) -> Result<Bytes, FetchFault> {
        let Some(packed) = self.packed.as_mut().filter(|packed| !packed.ended) else { return Ok(Bytes::new()) };
        packed.ended = true;
        packed.decoder.try_finish().map_err(|_| FetchFault::Encoding(packed.name.to_owned()))?;
        let rest = std::mem::take(packed.decoder.get_mut());
        self.plain = self.plain.saturating_add(rest.len() as u64);
        if self.plain > self.bounds.bytes_max {
            return Err(FetchFault::TooLarge(self.bounds.bytes_max));
        }
        Ok(rest.into())
    }
}

//! Answers that are written while they are made: a body fed from a blocking thread, with a bound on the bytes that wait for the caller.
//!
//! A caller who first sends everything and only then reads must not block its own request, so a fair amount may wait; beyond it
//! the writer waits, and one who does not read at all is given up.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use hyper::body::{Bytes, Frame};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};

/// Bytes of one answer that may wait to be read.
const WAITING_BYTES_MAX: usize = 32 << 20;
/// How long the writer waits for a caller who does not read.
const STALL: Duration = Duration::from_mins(1);

/// The writing end; used on a blocking thread.
pub(crate) struct LineWriter {
    sender: mpsc::UnboundedSender<Result<Bytes, Broken>>,
    room: Arc<Semaphore>,
    runtime: Handle,
}

/// The answer ends unfinished: the connection breaks, so that nobody takes it for whole.
#[derive(Debug, thiserror::Error)]
#[error("the answer broke off")]
pub(crate) struct Broken;

/// The caller is gone, or does not read.
#[derive(Debug)]
pub(crate) struct Gone;

impl LineWriter {
    /// Hands over bytes, waiting for room. [`Gone`]: nobody reads any more, so whatever makes the answer should stop.
    pub(crate) fn write(&self, bytes: Vec<u8>) -> Result<(), Gone> {
        if bytes.is_empty() {
            return if self.sender.is_closed() { Err(Gone) } else { Ok(()) };
        }
        let units = u32::try_from(bytes.len().min(WAITING_BYTES_MAX)).unwrap_or(u32::MAX);
        let permit = match self.room.try_acquire_many(units) {
            Ok(permit) => permit,
            Err(_) => self
                .runtime
                .block_on(async {
                    tokio::select! {
                        permit = self.room.acquire_many(units) => permit.ok(),
                        () = self.sender.closed() => None,
                        () = tokio::time::sleep(STALL) => None,
                    }
                })
                .ok_or(Gone)?,
        };
        self.sender.send(Ok(Bytes::from(bytes))).map_err(|_| Gone)?;
        permit.forget();
        Ok(())
    }

    /// Hands over one line of JSON.
    pub(crate) fn line(&self, value: &impl serde::Serialize) -> Result<(), Gone> {
        let mut bytes = serde_json::to_vec(value).unwrap_or_default();
        bytes.push(b'\n');
        self.write(bytes)
    }

    /// Breaks the answer off.
    pub(crate) fn abort(&self) {
        let _ = self.sender.send(Err(Broken));
    }

    /// Whether nobody reads any more.
    pub(crate) fn is_gone(&self) -> bool {
        self.sender.is_closed()
    }
}

struct LineBody {
    receiver: mpsc::UnboundedReceiver<Result<Bytes, Broken>>,
    room: Arc<Semaphore>,
}

impl hyper::body::Body for LineBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.receiver.poll_recv(context).map(|bytes| {
            bytes.map(|bytes| {
                let bytes = bytes?;
                self.room.add_permits(bytes.len().min(WAITING_BYTES_MAX));
                Ok(Frame::data(bytes))
            })
        })
    }
}

/// A body, and what writes it.
pub(crate) fn channel() -> (LineWriter, Body) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let room = Arc::new(Semaphore::new(WAITING_BYTES_MAX));
    let writer = LineWriter { sender, room: Arc::clone(&room), runtime: Handle::current() };
    (writer, Body::new(LineBody { receiver, room }))
}

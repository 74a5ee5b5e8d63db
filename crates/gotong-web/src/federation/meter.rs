//! A socket that counts its bytes and gives up on a reader that takes none: what a slow peer could hold open is bounded in time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// Bytes that passed, both ways, since they were last taken.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

impl Traffic {
    /// What passed since the last call.
    pub(crate) fn take(&self) -> (u64, u64) {
        (self.bytes_in.swap(0, Ordering::Relaxed), self.bytes_out.swap(0, Ordering::Relaxed))
    }
}

/// The socket below TLS.
pub(crate) struct Metered<S> {
    socket: S,
    traffic: Arc<Traffic>,
    patience: Duration,
    blocked: Option<Pin<Box<Sleep>>>,
}

impl<S> Metered<S> {
    /// Counts into `traffic`; a write that makes no headway for as long as `patience` fails.
    pub(crate) fn new(socket: S, traffic: Arc<Traffic>, patience: Duration) -> Self {
        Self { socket, traffic, patience, blocked: None }
    }
}

fn add(counter: &AtomicU64, bytes: usize) {
    counter.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.socket).poll_read(cx, buf))?;
        add(&self.traffic.bytes_in, buf.filled().len() - before);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if let Poll::Ready(result) = Pin::new(&mut this.socket).poll_write(cx, buf) {
            this.blocked = None;
            let written = result?;
            add(&this.traffic.bytes_out, written);
            return Poll::Ready(Ok(written));
        }
        let patience = this.patience;
        let blocked = this.blocked.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + patience)));
        ready!(blocked.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the peer takes no bytes")))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

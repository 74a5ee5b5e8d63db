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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_given_up_and_a_slow_one_is_not() {
        let (near, mut far) = duplex(64);
        let traffic = Arc::new(Traffic::default());
        let mut metered = Metered::new(near, Arc::clone(&traffic), PATIENCE);
        let reading = tokio::spawn(async move {
            let mut chunk = [0; 64];
            for _ in 0..3 {
                tokio::time::sleep(PATIENCE * 3 / 4).await;
                far.read_exact(&mut chunk).await.unwrap();
            }
            far
        });
        metered.write_all(&[7; 4 * 64]).await.unwrap();
        assert_eq!(traffic.take(), (0, 256));
        let _far = reading.await.unwrap();
        let begun = Instant::now();
        let fault = metered.write_all(&[7; 64]).await.unwrap_err();
        assert_eq!((fault.kind(), begun.elapsed()), (io::ErrorKind::TimedOut, PATIENCE));
    }
}

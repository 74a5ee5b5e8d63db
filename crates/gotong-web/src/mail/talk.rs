//! One conversation with the server that takes letters: the way there is closed before anything of a letter, its reader or a password is said.
//!
//! Before TLS nothing that a server says is believed but that it offers TLS: whoever stands between can write that part. What was sent behind the server's word
//! to begin TLS is left to TLS, which refuses it; `lettre` alone would have read it as if it had come through TLS. Must not fall back to plain. Read next: `mail.rs`.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use lettre::Address;
use lettre::message::Message;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How long a server may take to be reached.
const REACHED: Duration = Duration::from_secs(20);
/// How long it may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(5);
/// Bytes of an answer that are looked at for the end of its line.
const LOOKED_AT: usize = 1_024;

/// How the way is closed, with what is believed.
pub(super) enum Close {
    StartTls(TlsParameters),
    Whole(TlsParameters),
    Off,
}

/// A server, and how it is talked to.
pub(super) struct Server {
    pub(super) name: String,
    pub(super) port: u16,
    pub(super) close: Close,
    pub(super) login: Option<Credentials>,
    pub(super) hello: ClientId,
}

/// Why a letter was not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("the mail server did not answer in time")]
    Late,
    #[error("the mail server could not be reached: {0}")]
    Away(io::Error),
    #[error("the mail server offers no STARTTLS, so that nothing was sent to it")]
    NoTls,
    #[error("TLS with the mail server did not hold, so that nothing was sent to it{}", source(.0))]
    Tls(lettre::transport::smtp::Error),
    /// About this reader: the mailbox is not there, or takes nothing (RFC 5321 section 4.2.3).
    #[error("the mail server answered {0} for the address")]
    Reader(String),
    /// All else may be the server's own trouble.
    #[error("{}", told(.0))]
    Broken(lettre::transport::smtp::Error),
}

fn source(fault: &lettre::transport::smtp::Error) -> String {
    std::error::Error::source(fault).map(|source| format!(": {source}")).unwrap_or_default()
}

/// What went wrong, without what the server wrote: it may name its reader.
fn told(fault: &lettre::transport::smtp::Error) -> String {
    match fault.status() {
        Some(code) => format!("the mail server answered {code}"),
        None if fault.is_timeout() => "the mail server did not answer in time".to_owned(),
        None => format!("the mail server broke off, or said what no mail server says{}", source(fault)),
    }
}

impl Server {
    /// Gives one letter over. It is taken when this is `Ok`, and may have been taken otherwise.
    pub(super) async fn take(&self, message: &Message) -> Result<(), Refused> {
        let mut talk = self.open().await?;
        if let Some(login) = &self.login {
            talk.auth(DEFAULT_MECHANISMS, login).await.map_err(Refused::Broken)?;
        }
        let taken = hand_over(&mut talk, message).await;
        // A letter that was taken stays taken, however long the server takes to say goodbye.
        let _ = tokio::time::timeout(GOODBYE, talk.abort()).await;
        taken
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Refused> {
        let tls = match &self.close {
            Close::StartTls(tls) => tls.clone(),
            Close::Whole(tls) => return self.open_by_crate(Some(tls.clone())).await.map_err(Refused::Tls),
            Close::Off => return self.open_by_crate(None).await.map_err(Refused::Broken),
        };
        let stream = tokio::time::timeout(REACHED, TcpStream::connect((self.name.as_str(), self.port))).await;
        let stream = stream.map_err(|_| Refused::Late)?.map_err(Refused::Away)?;
        let stream = Box::new(Lines(stream));
        let opened = AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await;
        let mut talk = opened.map_err(Refused::Broken)?;
        if !talk.can_starttls() {
            let _ = tokio::time::timeout(GOODBYE, talk.abort()).await;
            return Err(Refused::NoTls);
        }
        talk.starttls(tls, &self.hello).await.map_err(Refused::Tls)?;
        // Whatever was done above: without TLS the talk ends here.
        if talk.is_encrypted() { Ok(talk) } else { Err(Refused::NoTls) }
    }

    async fn open_by_crate(
        &self,
        tls: Option<TlsParameters>,
    ) -> Result<AsyncSmtpConnection, lettre::transport::smtp::Error> {
        let address = (self.name.as_str(), self.port);
        AsyncSmtpConnection::connect_tokio1(address, Some(REACHED), &self.hello, tls, None).await
    }
}

/// The letter itself, step by step: which answer is about the reader is known from the step.
async fn hand_over(talk: &mut AsyncSmtpConnection, message: &Message) -> Result<(), Refused> {
    let (envelope, letter) = (message.envelope(), message.formatted());
    let mut options = Vec::new();
    let is_plain = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    if !envelope.from().into_iter().chain(envelope.to()).all(is_plain) {
        options.push(MailParameter::SmtpUtfEight);
    }
    if !letter.is_ascii() && talk.server_info().supports_feature(Extension::EightBitMime) {
        options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    talk.command(Mail::new(envelope.from().cloned(), options)).await.map_err(Refused::Broken)?;
    for reader in envelope.to() {
        talk.command(Rcpt::new(reader.clone(), Vec::new())).await.map_err(|fault| {
            let code = fault.status().map(|code| code.to_string()).unwrap_or_default();
            let is_final = matches!(code.as_str(), "550" | "551" | "553");
            if is_final { Refused::Reader(code) } else { Refused::Broken(fault) }
        })?;
    }
    talk.command(Data).await.map_err(Refused::Broken)?;
    talk.message(&letter).await.map(|_| ()).map_err(Refused::Broken)
}

/// A stream of which each reading ends with a line: what follows an answer stays with the system, and is read by TLS once it has begun.
#[derive(Debug)]
struct Lines(TcpStream);

impl AsyncRead for Lines {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let stream = &mut self.get_mut().0;
        let mut looked = [0; LOOKED_AT];
        let room = buf.remaining().min(LOOKED_AT);
        let Some(space) = looked.get_mut(..room) else { return Poll::Ready(Ok(())) };
        let mut seen = ReadBuf::new(space);
        ready!(stream.poll_peek(cx, &mut seen))?;
        let until = seen.filled().iter().position(|byte| *byte == b'\n').map_or(seen.filled().len(), |at| at + 1);
        let mut looked = [0; LOOKED_AT];
        let Some(space) = looked.get_mut(..until) else { return Poll::Ready(Ok(())) };
        let mut line = ReadBuf::new(space);
        ready!(Pin::new(stream).poll_read(cx, &mut line))?;
        buf.put_slice(line.filled());
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Lines {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Lines {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }
}

//! E-mail on its way out: one letter at a time from the queue of `gotong_app::notify::letter`, over SMTP, and the watch that keeps looking for what is new.
//!
//! What a letter says is written below, where the policy is asked. Here nothing is kept: a letter goes from the queue when the server has taken it, so that it
//! may come twice after a crash, under the same Message-ID. Read next: `docs/book/notifications.md`.

mod talk;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use gotong_app::notify::letter::{self, Failure, Letter, Next};
use gotong_app::{Node, NodeFault, notify};
use lettre::Address;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use tokio::sync::watch;

use crate::api::Web;
use talk::{Close, Refused, Server};

/// How often rules are looked at without news: what waits rings no bell.
const LOOK: Duration = Duration::from_secs(20);
/// After a look the next one waits so long: an import does not write a letter for every record.
const PAUSE: Duration = Duration::from_secs(1);
/// What one conversation with a server may take.
const TALK: Duration = Duration::from_mins(1);

/// How the way to the server is closed to others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MailTls {
    /// Plain at first, then TLS, or not at all (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Whole,
    /// None: for a server on the same machine.
    Off,
}

/// The server that takes letters.
#[derive(Clone)]
pub struct MailOptions {
    /// Its name or address.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the way is closed.
    pub tls: MailTls,
    /// Name and password, where it wants them.
    pub login: Option<(String, String)>,
    /// From whom letters come.
    pub from: String,
    /// Authorities that are believed besides the public ones, as PEM.
    pub authorities: Option<Vec<u8>>,
}

impl fmt::Debug for MailOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither user nor password.
        write!(f, "MailOptions({}:{}, {:?}, from {})", self.server, self.port, self.tls, self.from)
    }
}

/// Why a configuration cannot stand, in a sentence.
pub fn check(options: &MailOptions) -> Result<(), String> {
    Post::new(options).map(|_| ())
}

/// What sends.
struct Post {
    server: Server,
    from: Mailbox,
}

impl Post {
    fn new(options: &MailOptions) -> Result<Self, String> {
        let address: Address = options.from.parse().map_err(|fault| format!("from is no address: {fault}"))?;
        let is_here = options.server == "localhost"
            || options.server.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        let parameters = || {
            let mut builder = TlsParameters::builder(options.server.clone());
            if let Some(pem) = &options.authorities {
                builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(|fault| fault.to_string())?);
            }
            builder.build().map_err(|fault| fault.to_string())
        };
        let close = match options.tls {
            MailTls::StartTls => Close::StartTls(parameters()?),
            MailTls::Whole => Close::Whole(parameters()?),
            MailTls::Off if is_here => Close::Off,
            MailTls::Off => return Err("without TLS letters go to a server on this machine alone".to_owned()),
        };
        let login = options.login.clone().map(|(user, password)| Credentials::new(user, password));
        let hello = ClientId::Domain(address.domain().to_owned());
        let server = Server { name: options.server.clone(), port: options.port, close, login, hello };
        Ok(Self { server, from: Mailbox::new(None, address) })
    }

    /// A letter as it travels: text and nothing else.
    fn message(&self, letter: &Letter) -> Result<Message, String> {
        let to: Address = letter.to.parse().map_err(|_| "the reader's address is none".to_owned())?;
        let made = u64::try_from(letter.made_at.micros()).unwrap_or_default();
        let date = SystemTime::UNIX_EPOCH.checked_add(Duration::from_micros(made)).unwrap_or(SystemTime::UNIX_EPOCH);
        let id = format!("<{}@{}>", letter.id, self.from.email.domain());
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .date(date)
            .message_id(Some(id))
            .subject(letter.subject.clone())
            .raw_header(automatic)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(|fault| format!("the letter could not be put together: {fault}"))
    }

    async fn send(&self, letter: &Letter) -> Result<(), (Failure, String)> {
        let message = self.message(letter).map_err(|text| (Failure::Address, text))?;
        match tokio::time::timeout(TALK, self.server.take(&message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(fault)) => {
                let failure = if matches!(fault, Refused::Reader(_)) { Failure::Address } else { Failure::ForNow };
                Err((failure, fault.to_string()))
            }
            Err(_) => Err((Failure::ForNow, "the mail server took longer than a minute".to_owned())),
        }
    }
}

async fn blocking<T: Send + 'static>(
    web: &Web,
    work: impl FnOnce(&Node) -> Result<T, NodeFault> + Send + 'static,
) -> Option<T> {
    let node = Arc::clone(&web.node);
    match tokio::task::spawn_blocking(move || work(&node)).await {
        Ok(Ok(value)) => Some(value),
        Ok(Err(fault)) => {
            tracing::warn!(%fault, "notifications could not be looked at; it is tried again");
            None
        }
        Err(panic) => {
            tracing::error!(%panic, "work for notifications panicked");
            None
        }
    }
}

/// Looks after rules and letters until the server stops. A letter under way then is sent again at the next start, under the same id.
pub(crate) async fn run(web: Web, mut stopping: watch::Receiver<bool>) {
    let post = web.options.mail.as_ref().and_then(|options| {
        Post::new(options)
            .map_err(|text| tracing::error!(text, "no e-mail is sent: the configuration does not hold"))
            .ok()
    });
    let mut news = web.subscriptions.listen();
    while !*stopping.borrow() {
        news.borrow_and_update();
        let mut sleep = LOOK;
        if !web.node.is_restored() {
            while blocking(&web, notify::collect).await == Some(true) && !*stopping.borrow() {}
            if let Some(post) = &post {
                tokio::select! {
                    until = empty(&web, post) => sleep = sleep.min(until),
                    _ = stopping.changed() => return,
                }
            }
        }
        tokio::select! {
            () = async {
                tokio::time::sleep(PAUSE.min(sleep)).await;
                tokio::select! {
                    () = tokio::time::sleep(sleep.saturating_sub(PAUSE)) => {}
                    _ = news.changed() => {}
                    () = web.letters.notified() => {}
                }
            } => {}
            _ = stopping.changed() => {}
        }
    }
}

/// Sends what is due, one after the other; how long until there may be more.
async fn empty(web: &Web, post: &Post) -> Duration {
    let link = web.options.console.address.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
    loop {
        let link = link.clone();
        let next = blocking(web, move |node| letter::next(node, link.as_deref())).await;
        let letter = match next {
            Some(Next::Send(letter)) => letter,
            Some(Next::At(at)) => {
                let wait = at.micros().saturating_sub(web.node.now().micros()).max(0);
                return u64::try_from(wait).map_or(LOOK, Duration::from_micros);
            }
            Some(Next::Quiet) | None => return LOOK,
        };
        match post.send(&letter).await {
            Ok(()) => {
                blocking(web, move |node| letter::sent(node, &letter)).await;
            }
            Err((failure, text)) => {
                tracing::warn!(text, "a letter could not be sent");
                blocking(web, move |node| letter::failed(node, &letter, failure, &text)).await;
            }
        }
    }
}

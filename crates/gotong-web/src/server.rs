//! The public HTTP side of a node: one router, served over TCP and on the socket of the data folder. Plain HTTP is for loopback; whoever listens
//! elsewhere says that a proxy with TLS stands in front.
//!
//! Here are connections, limits and what goes around every request; addresses are in `api.rs` and `page.rs`. Read next: `server/guard.rs`.

mod accept;
mod backup;
mod compress;
mod exercise;
mod guard;
mod health;
mod patient;
mod routes;
mod upkeep;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use gotong_app::Node;
use gotong_language::Language;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use crate::api::Web;
pub use crate::api::limiter::Rate;
use crate::federation::Links;
use crate::federation::WatchBell;
use crate::outward::Outward;
use crate::source;
use crate::subscription;

pub(crate) use routes::{document, router};

/// Requests a second that one token may make, and how many at once after silence.
pub const RATE_USUAL: Rate = Rate { per_second: 2_000.0, burst: 10_000.0 };
/// How long connections have to end their requests when the server stops.
const STOP_PATIENCE: Duration = Duration::from_secs(20);

/// How the console is shown to whoever has chosen nothing, and where people reach it.
#[derive(Clone, Debug)]
pub struct ConsoleOptions {
    /// The language where neither person nor browser asks for one of ours.
    pub language: Language,
    /// The time zone: a name of the IANA list.
    pub zone: String,
    /// Where browsers reach the console, as `https://host` or `https://host:port`; `None` where nobody said, and passkeys then stay away.
    pub address: Option<Url>,
}

impl Default for ConsoleOptions {
    fn default() -> Self {
        Self { language: Language::English, zone: "UTC".to_owned(), address: None }
    }
}

/// How a server is started.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Where to listen over TCP; `None` for the socket alone.
    pub listen: Option<SocketAddr>,
    /// A listener that is open already and counts instead; it does not block.
    pub listener: Option<Arc<std::net::TcpListener>>,
    /// The socket of the data folder. Whoever can open it operates the node, so it is made with mode 0600.
    pub socket: Option<PathBuf>,
    /// Whether plain HTTP may be served beyond loopback, because a proxy with TLS stands in front.
    pub allow_plain_beyond_loopback: bool,
    /// Whether `/metrics` answers everyone, and not loopback and the socket alone.
    pub metrics_for_all: bool,
    /// What one token may ask.
    pub rate: Rate,
    /// How long `Prefer: wait=replicated` waits for another party to hold the record.
    pub replication_wait: Duration,
    /// The handle of the channel in which events of MISP are published that name none, where several could be meant.
    pub misp_channel: Option<String>,
    /// Whether roles with weight need a second factor at log-in.
    pub second_factor: bool,
    /// How pages are shown to whoever has chosen nothing.
    pub console: ConsoleOptions,
    /// The server that takes e-mail; `None`: none is sent.
    pub mail: Option<crate::mail::MailOptions>,
    /// The identity provider that people may log in with; `None`: there is none.
    pub provider: Option<crate::provider::ProviderOptions>,
    /// How it goes outside; `None`: not at all.
    pub outward: Option<Outward>,
    /// Where `gotong init` leaves the member's root key; whoever runs the node is told as long as there is one. `None`: nobody knows.
    pub root_key: Option<PathBuf>,
    /// How drafts are read that people write; `None`: pages name the command that does.
    pub drafting: Option<crate::drafting::Check>,
    /// How drafts of house rules are read; `None`: the page names the command that does.
    pub houses: Option<crate::drafting::Houses>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            listen: None,
            listener: None,
            socket: None,
            allow_plain_beyond_loopback: false,
            metrics_for_all: false,
            rate: RATE_USUAL,
            replication_wait: Duration::from_secs(20),
            misp_channel: None,
            second_factor: true,
            console: ConsoleOptions::default(),
            mail: None,
            provider: None,
            outward: None,
            root_key: None,
            drafting: None,
            houses: None,
        }
    }
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// Tokens would travel in the clear.
    #[error(
        "{0} is reachable from other machines, and this is plain HTTP: listen on 127.0.0.1 or [::1], or say that a proxy with TLS stands in front"
    )]
    PlainBeyondLoopback(SocketAddr),
    /// The address cannot be had.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// The socket cannot be had.
    #[error("cannot make the socket {}: {fault}", .path.display())]
    Socket {
        /// Where.
        path: PathBuf,
        /// Why not.
        #[source]
        fault: std::io::Error,
    },
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    /// Where it listens over TCP.
    pub addr: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    socket: Option<PathBuf>,
    web: Web,
}

/// Starts serving, and the upkeep of the node.
pub async fn start(
    node: Arc<Node>,
    options: ServerOptions,
    links: Links,
    bell: Arc<WatchBell>,
) -> Result<Server, StartFault> {
    let tcp = listener(&options).await?;
    let addr = tcp.as_ref().and_then(|tcp| tcp.local_addr().ok());
    let socket = match &options.socket {
        Some(path) => Some(bind_socket(path).map_err(|fault| StartFault::Socket { path: path.clone(), fault })?),
        None => None,
    };
    let path = options.socket.clone();
    let web = Web::new(node, options, links, bell);
    let router = router(&web);
    let (stop, stopping) = watch::channel(false);
    crate::api::warninglists::warm(&web);
    let mut tasks = vec![
        tokio::spawn(upkeep::run(web.clone(), stopping.clone())),
        tokio::spawn(crate::console::share::leave::run(web.clone(), stopping.clone())),
        tokio::spawn(crate::mail::run(web.clone(), stopping.clone())),
    ];
    tasks.push(tokio::spawn(subscription::herald(web.clone(), stopping.clone())));
    if web.options.outward.as_ref().is_some_and(|outward| outward.schedules) {
        tasks.push(tokio::spawn(subscription::deliver::run(web.clone(), stopping.clone())));
        tasks.push(tokio::spawn(source::schedule(web.clone(), stopping.clone())));
        tasks.push(tokio::spawn(crate::target::schedule(web.clone(), stopping.clone())));
    }
    if let Some(tcp) = tcp {
        tasks.push(tokio::spawn(accept::tcp(tcp, router.clone(), web.clone(), stopping.clone())));
    }
    if let Some(socket) = socket {
        tasks.push(tokio::spawn(accept::socket(socket, router, web.clone(), stopping)));
    }
    Ok(Server { addr, stop, tasks, socket: path, web })
}

/// Where it listens over TCP, opened here or handed over.
async fn listener(options: &ServerOptions) -> Result<Option<TcpListener>, StartFault> {
    let handed = options.listener.as_ref().and_then(|listener| listener.local_addr().ok());
    let Some(at) = handed.or(options.listen) else { return Ok(None) };
    if !at.ip().to_canonical().is_loopback() && !options.allow_plain_beyond_loopback {
        return Err(StartFault::PlainBeyondLoopback(at));
    }
    let opened = match &options.listener {
        Some(listener) => listener.try_clone().and_then(TcpListener::from_std),
        None => TcpListener::bind(at).await,
    };
    opened.map(Some).map_err(|fault| StartFault::Listen(at, fault))
}

impl Server {
    /// Stops: no new connections, streams end, and requests and upkeep under way get a while to end.
    pub async fn stop(self) {
        self.web.stopping.store(true, Ordering::Release);
        let _ = self.stop.send(true);
        let until = tokio::time::Instant::now() + STOP_PATIENCE;
        for mut task in self.tasks {
            if tokio::time::timeout_at(until, &mut task).await.is_err() {
                task.abort();
            }
        }
        if let Some(path) = self.socket {
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Makes the socket under another name, closes it to others and only then puts it in its place: there is no moment at which somebody else could open it.
fn bind_socket(path: &std::path::Path) -> std::io::Result<UnixListener> {
    use std::os::unix::fs::PermissionsExt;
    let temporary = path.with_extension("new");
    let _ = std::fs::remove_file(&temporary);
    let listener = UnixListener::bind(&temporary)?;
    std::fs::set_permissions(&temporary, std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(&temporary, path)?;
    Ok(listener)
}

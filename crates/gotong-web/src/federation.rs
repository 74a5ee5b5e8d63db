//! Federation: the peers' server and client (`docs/protocol.md` section 10). Sockets, TLS, HTTP and their bounds live here; what messages mean is in
//! `gotong-sync`, and who may read what is decided in `gotong-app`.
//!
//! [`Federation::start`] listens for peers and keeps a link to each other member with which a channel is shared. Pull only: what is published
//! here waits until peers ask, which they always do. Read next: `federation/server.rs`, `federation/link.rs`.

mod answer;
mod apply;
mod backoff;
mod bell;
mod body;
pub mod certificate;
mod client;
mod doors;
mod fault;
mod footing;
mod link;
mod memory;
mod meter;
mod patience;
mod server;
mod session;
pub mod status;
mod tail;
mod tls;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use gotong_app::{Node, NodeFault};
use gotong_model::MemberCode;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::{TlsAcceptor, TlsConnector};

pub use self::bell::WatchBell;
pub use self::certificate::{TlsIdentity, tls_key_digest};
pub use self::patience::Patience;
pub use self::status::{LinkState, LinkStatus, Links};

use self::link::Link;
use self::server::Server;

const HELLO_PATH: &str = "/federation/v1/hello";
const CHANGES_PATH: &str = "/federation/v1/changes";
const FRAMES_PATH: &str = "/federation/v1/frames/";
const SOFTWARE: &str = concat!("gotong/", env!("CARGO_PKG_VERSION"));
/// How long [`Federation::stop`] waits for work that is under way.
const STOP_WAIT: Duration = Duration::from_secs(10);

/// Where to listen.
#[derive(Debug)]
pub enum Listen {
    /// On this address.
    Address(SocketAddr),
    /// On a socket that is open already.
    Socket(TcpListener),
}

/// What federation needs besides the node.
#[derive(Debug)]
pub struct FederationOptions {
    /// Where peers reach this node.
    pub listen: Listen,
    /// The key and certificate shown to peers. The member's newest statement must list the key.
    pub tls: TlsIdentity,
    /// Addresses (`host:port`) that count instead of those in the members' statements.
    pub overrides: BTreeMap<MemberCode, String>,
    /// Bounds in time.
    pub patience: Patience,
}

impl FederationOptions {
    /// With the addresses of the statements and the usual bounds.
    pub fn new(listen: Listen, tls: TlsIdentity) -> Self {
        Self { listen, tls, overrides: BTreeMap::new(), patience: Patience::default() }
    }
}

/// The running server and links. Dropped without [`Federation::stop`], they end soon after.
pub struct Federation {
    address: SocketAddr,
    links: Links,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Federation {
    /// Listens, and dials every other member of the charter as soon as, and for as long as, there is something to share. `bell` must be the one
    /// that the node rings.
    pub async fn start(node: Arc<Node>, options: FederationOptions, bell: Arc<WatchBell>) -> io::Result<Self> {
        let FederationOptions { listen, tls, overrides, patience } = options;
        let listener = match listen {
            Listen::Address(address) => TcpListener::bind(address).await?,
            Listen::Socket(listener) => listener,
        };
        let address = listener.local_addr()?;
        let acceptor = TlsAcceptor::from(Arc::new(tls::server_config(&tls).map_err(io::Error::other)?));
        let connector = TlsConnector::from(Arc::new(tls::client_config(&tls).map_err(io::Error::other)?));
        let governance = node.governance();
        if let Some(newest) =
            governance.statement(&node.member).filter(|newest| !newest.tls_keys.contains(&tls.key_digest()))
        {
            tracing::warn!(
                serial = newest.serial,
                "this member's newest statement does not list the TLS key of this node: peers will refuse it"
            );
        }
        let links = Links::default();
        let (stop, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let server = Server::new(Arc::clone(&node), acceptor, bell.listen(), links.clone(), patience, stopping.clone());
        tasks.spawn(server::serve(Arc::new(server), listener, stopping.clone()));
        let (told, governed) = watch::channel(Arc::clone(&governance));
        let mut dialler = Dialler {
            node: Arc::clone(&node),
            overrides,
            connector,
            links: links.clone(),
            patience,
            governed,
            stopping: stopping.clone(),
            dialled: BTreeSet::new(),
            running: JoinSet::new(),
        };
        dialler.dial_new_members();
        tasks.spawn(dialler.run());
        tasks.spawn(tell_governance(node, told, bell.listen(), stopping));
        Ok(Self { address, links, stop, tasks })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// How every peer stands, now and later.
    pub fn links(&self) -> Links {
        self.links.clone()
    }

    /// Closes every connection and waits for what is being stored, ten seconds at most.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_WAIT, all).await.is_err() {
            tracing::warn!("federation did not end in time; what was under way goes on alone");
        }
    }
}

/// Has a link to every other member of the charter, also to one that joins while the node runs. A member that leaves keeps its link, which then has
/// nothing to share and rests.
struct Dialler {
    node: Arc<Node>,
    overrides: BTreeMap<MemberCode, String>,
    connector: TlsConnector,
    links: Links,
    patience: Patience,
    governed: watch::Receiver<Arc<gotong_model::governance::Governance>>,
    stopping: watch::Receiver<bool>,
    dialled: BTreeSet<MemberCode>,
    running: JoinSet<()>,
}

impl Dialler {
    fn dial_new_members(&mut self) {
        let governance = Arc::clone(&self.governed.borrow_and_update());
        for peer in governance.charter.members.keys().filter(|peer| **peer != self.node.member) {
            if !self.dialled.insert(peer.clone()) {
                continue;
            }
            self.links.note(peer, self.node.now(), |_| {});
            let link = Link {
                node: Arc::clone(&self.node),
                peer: peer.clone(),
                given: self.overrides.get(peer).cloned(),
                tls: self.connector.clone(),
                links: self.links.clone(),
                patience: self.patience,
            };
            self.running.spawn(link.run(self.governed.clone(), self.stopping.clone()));
        }
    }

    async fn run(mut self) {
        let mut stopping = self.stopping.clone();
        loop {
            tokio::select! {
                () = stopped(&mut stopping) => break,
                changed = self.governed.changed() => if changed.is_err() { break },
            }
            self.dial_new_members();
        }
        while self.running.join_next().await.is_some() {}
    }
}

/// Wakes the links when governance changes, and only then: the bell rings for every commit.
async fn tell_governance(
    node: Arc<Node>,
    told: watch::Sender<Arc<gotong_model::governance::Governance>>,
    mut bell: watch::Receiver<u64>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        bell.mark_unchanged();
        let now = node.governance();
        told.send_if_modified(|known| {
            let is_new = !Arc::ptr_eq(known, &now);
            *known = now;
            is_new
        });
        tokio::select! {
            () = stopped(&mut stop) => return,
            changed = bell.changed() => if changed.is_err() { return },
        }
    }
}

/// Ends when everything is to stop, or when nobody is left who could say so.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Runs work that blocks, off the threads that move bytes. Work that panics is a fault like others: what a peer sends must not end a task that
/// serves everybody.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, NodeFault> + Send + 'static,
) -> Result<T, NodeFault> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(failed) if failed.is_panic() => Err(NodeFault::Unfit("a piece of work ended in a panic".to_owned())),
        // The runtime is going away, and this task with it.
        Err(_) => std::future::pending().await,
    }
}

//! A node that serves: store and node, federation, pages and API with the upkeep, until it is told to end.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use gotong_app::account::link;
use gotong_app::{Node, backup, project};
use gotong_store::{SqliteStore, Store};
use gotong_web::federation::certificate::TlsIdentity;
use gotong_web::federation::{Federation, FederationOptions, Listen, WatchBell};
use gotong_web::outward::Outward;
use gotong_web::server::{self, ServerOptions, StartFault};
use sd_notify::NotifyState;
use tokio::signal::unix::{SignalKind, signal};

use super::{Handed, node_on, open_free_store, taken, tls_identity};
use crate::config::Config;
use crate::fault::failure;
use crate::home::{Home, SocketPath};
use crate::output::{REHEARSAL_BANNER, print};

/// How often a folder is tried that another process has, and how many times.
const ATTEMPT_EVERY: Duration = Duration::from_millis(200);
const ATTEMPTS: u32 = 50;

/// Runs the node of a data folder. Returns once it has ended in order.
pub(crate) async fn serve(home: &Home, config: &Config, handed: Handed, until_stdin_closes: bool) -> Result<()> {
    // Signals are taken from here on, so that one that comes early is not lost.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let tls = tls_identity(home)?;
    let store = tokio::select! {
        store = store_once_free(home, config) => store?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    say_conversion(&store)?;
    let bell = Arc::new(WatchBell::new());
    let node = Arc::new(node_on(store, home, config, bell.clone())?);
    if node.is_restored() {
        tracing::error!("the store is older than what was signed from it: this node reads, and does not publish");
    }
    let federation = federation(&node, config, tls, handed.federation, &bell).await?;
    let socket = SocketPath::of(&home.socket())?;
    let options = ServerOptions {
        listen: Some(config.web.address()?),
        listener: handed.web.map(Arc::new),
        socket: Some(socket.path().to_owned()),
        allow_plain_beyond_loopback: config.web.behind_proxy,
        metrics_for_all: config.web.metrics_for_all,
        misp_channel: config.misp.channel(),
        second_factor: config.web.second_factor,
        console: config.console.options()?,
        mail: config.mail.options()?,
        provider: config.oidc.options(config.outward.fetcher()?)?,
        outward: Some(Outward { fetcher: config.outward.fetcher()?, schedules: true }),
        root_key: Some(home.root_key_file()),
        drafting: Some(crate::founding::drafted),
        houses: Some(crate::founding::house_drafts()),
        ..ServerOptions::default()
    };
    let server = server::start(Arc::clone(&node), options, federation.links(), bell).await;
    let server = server.map_err(|fault| failure(fault.to_string(), hint(&fault)))?;
    let at = server.addr.context("the server has no address")?;
    tracing::info!(member = %node.member, api = %at, federation = %federation.local_addr(), data = %home.dir().display(), "ready");
    if config.node.rehearsal {
        print(REHEARSAL_BANNER)?;
    }
    print(&format!("gotong: {} ({}) answers at http://{at}/\n", node.name, node.member))?;
    if let Some(made) = link::first(&node)? {
        print(&first_start(config, &made, at))?;
    }
    tell_supervisor(NotifyState::Ready);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = stdin_closed(), if until_stdin_closes => {}
    }
    tracing::info!("ending");
    tell_supervisor(NotifyState::Stopping);
    tokio::join!(server.stop(), federation.stop());
    Ok(())
}

/// What is said where there are no accounts: the link that makes the first, and how to reach the page from elsewhere.
fn first_start(config: &Config, made: &link::Made, at: SocketAddr) -> String {
    let (until, minutes, path) = (made.expires, link::FIRST_MS / 60_000, made.path());
    // Where browsers come by another name, the link has that name: this machine's own address opens nothing there.
    let base = match config.console.address.as_str() {
        "" => format!("http://{at}"),
        address => address.trim_end_matches('/').to_owned(),
    };
    let port = at.port();
    let elsewhere = if config.console.address.is_empty() && at.ip().is_loopback() {
        format!(
            "From another computer: ssh -L {port}:{at} THIS-MACHINE there, then open http://localhost:{port}{path}\n"
        )
    } else {
        String::new()
    };
    format!(
        "There are no accounts yet. This opens once, until {until}, and makes the first:\n  {base}{path}\n\
         The link opens for {minutes} minutes. When they have passed, start the node again: it prints another.\n{elsewhere}"
    )
}

/// What helps where the pages cannot be served.
fn hint(fault: &StartFault) -> &'static str {
    match fault {
        StartFault::Listen(_, fault) if fault.kind() == ErrorKind::AddrInUse => {
            "another program answers there already, perhaps a node: end it, or name another port: --listen 127.0.0.1:8401"
        }
        StartFault::Listen(_, fault) if fault.kind() == ErrorKind::PermissionDenied => {
            "ports below 1024 are for the system: leave the node at 127.0.0.1:8400, and put a proxy that speaks TLS in front"
        }
        StartFault::Listen(_, fault) if fault.kind() == ErrorKind::AddrNotAvailable => {
            "this machine has no such address: listen on 127.0.0.1:8400"
        }
        StartFault::Listen(..) => "end what uses the address, or name another: --listen ADDR",
        StartFault::PlainBeyondLoopback(_) => {
            "listen on 127.0.0.1 and put a proxy that speaks TLS in front: web.behind_proxy = true"
        }
        StartFault::Socket { .. } => "see who may write into the data folder: only its owner, who starts the node",
    }
}

/// Tells whoever supervises the process how it is, where somebody asked to be told (`NOTIFY_SOCKET`).
fn tell_supervisor(state: NotifyState<'_>) {
    if let Err(fault) = sd_notify::notify(&[state]) {
        tracing::warn!(%fault, "the supervisor could not be told");
    }
}

/// Says that this start converts the store, and what to have before.
fn say_conversion(store: &SqliteStore) -> Result<()> {
    let tx = store.read()?;
    if let Some((before, after)) = project::conversion(tx.as_ref())? {
        let newest = backup::newest(tx.as_ref())?.and_then(|made| made.at());
        let newest = newest.map_or_else(|| "none is known".to_owned(), |at| format!("the newest is of {at}"));
        tracing::warn!(
            before,
            after,
            newest_backup = %newest,
            "an older program wrote this store: its indexes are made anew now, lists are shorter meanwhile, and the older program cannot open it afterwards; the way back is a backup from before"
        );
    }
    Ok(())
}

async fn federation(
    node: &Arc<Node>,
    config: &Config,
    tls: TlsIdentity,
    handed: Option<TcpListener>,
    bell: &Arc<WatchBell>,
) -> Result<Federation> {
    let address = config.federation.listen()?;
    let listen = match handed {
        Some(listener) => Listen::Socket(tokio::net::TcpListener::from_std(listener)?),
        None => Listen::Address(address),
    };
    let options =
        FederationOptions { overrides: config.federation.overrides()?, ..FederationOptions::new(listen, tls) };
    Federation::start(Arc::clone(node), options, Arc::clone(bell)).await.map_err(|fault| {
        failure(
            format!("cannot listen for other nodes on {address}: {fault}"),
            "end what uses the port, or set federation.listen",
        )
    })
}

/// The folder's store. A command that has just begun to work on the folder does not keep its node from starting.
async fn store_once_free(home: &Home, config: &Config) -> Result<SqliteStore> {
    for attempt in 0..ATTEMPTS {
        if let Some(store) = open_free_store(home, config)? {
            return Ok(store);
        }
        if attempt == 0 {
            let patience_s = (ATTEMPT_EVERY * ATTEMPTS).as_secs();
            tracing::warn!(data = %home.dir().display(), patience_s, "another process works on the folder: waiting for it");
        }
        tokio::time::sleep(ATTEMPT_EVERY).await;
    }
    Err(taken(home))
}

/// Returns when whoever holds the other end of standard input is gone.
async fn stdin_closed() {
    let (closed, told) = tokio::sync::oneshot::channel();
    // A thread of its own: it may wait for ever, and the program ends without it.
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = closed.send(());
    });
    let _ = told.await;
}

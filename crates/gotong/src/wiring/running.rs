//! A node that serves: store and node, federation, pages and API with the upkeep, until it is told to end.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use gotong_app::account::link;
use gotong_store::SqliteStore;
use gotong_web::federation::{Federation, FederationOptions, Listen, WatchBell};
use gotong_web::outward::Outward;
use gotong_web::server::{self, ServerOptions};
use tokio::signal::unix::{SignalKind, signal};

use super::{node_on, open_free_store, taken, tls_identity};
use crate::config::Config;
use crate::fault::failure;
use crate::home::{Home, SocketPath};
use crate::output::{REHEARSAL_BANNER, print};

/// How often a folder is tried that another process has, and how many times.
const ATTEMPT_EVERY: Duration = Duration::from_millis(200);
const ATTEMPTS: u32 = 50;

/// Runs the node of a data folder. Returns once it has ended in order.
pub(crate) async fn serve(home: &Home, config: &Config, until_stdin_closes: bool) -> Result<()> {
    // Signals are taken from here on, so that one that comes early is not lost.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let tls = tls_identity(home)?;
    let store = tokio::select! {
        store = store_once_free(home, config) => store?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    let bell = Arc::new(WatchBell::new());
    let node = Arc::new(node_on(store, home, config, bell.clone())?);
    if node.is_restored() {
        tracing::error!("the store is older than what was signed from it: this node reads, and does not publish");
    }
    let listen = config.federation.listen()?;
    let options = FederationOptions {
        overrides: config.federation.overrides()?,
        ..FederationOptions::new(Listen::Address(listen), tls)
    };
    let federation = Federation::start(Arc::clone(&node), options, Arc::clone(&bell)).await.map_err(|fault| {
        failure(
            format!("cannot listen for other nodes on {listen}: {fault}"),
            "end what uses the port, or set federation.listen",
        )
    })?;
    let socket = SocketPath::of(&home.socket())?;
    let options = ServerOptions {
        listen: Some(config.web.address()?),
        socket: Some(socket.path().to_owned()),
        allow_plain_beyond_loopback: config.web.behind_proxy,
        metrics_for_all: config.web.metrics_for_all,
        misp_channel: config.misp.channel(),
        second_factor: config.web.second_factor,
        console: config.console.options()?,
        mail: config.mail.options()?,
        provider: config.oidc.options(config.outward.fetcher()?)?,
        outward: Some(Outward { fetcher: config.outward.fetcher()?, schedules: true }),
        drafting: Some(crate::founding::drafted),
        ..ServerOptions::default()
    };
    let server = server::start(Arc::clone(&node), options, federation.links(), bell).await;
    let server = server
        .map_err(|fault| failure(fault.to_string(), "end what uses the address, or name another: --listen ADDR"))?;
    let at = server.addr.context("the server has no address")?;
    tracing::info!(member = %node.member, api = %at, federation = %federation.local_addr(), data = %home.dir().display(), "ready");
    if config.node.rehearsal {
        print(REHEARSAL_BANNER)?;
    }
    print(&format!("gotong: {} ({}) answers at http://{at}/\n", node.name, node.member))?;
    if let Some(made) = link::first(&node)? {
        let until = made.expires;
        print(&format!(
            "There are no accounts yet. This opens once, until {until}, and makes the first:\n  http://{at}{}\n",
            made.path()
        ))?;
    }
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = stdin_closed(), if until_stdin_closes => {}
    }
    tracing::info!("ending");
    server.stop().await;
    federation.stop().await;
    Ok(())
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

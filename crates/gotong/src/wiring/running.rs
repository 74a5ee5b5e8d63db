//! A node that serves: store and node, upkeep, federation, pages and API, until it is told to end.

use std::sync::Arc;

use anyhow::{Context, Result};
use gotong_web::federation::{Federation, FederationOptions, Listen, WatchBell};
use gotong_web::server::{self, ServerOptions};
use tokio::signal::unix::{SignalKind, signal};

use super::upkeep::Upkeep;
use super::{open_node, tls_identity};
use crate::config::Config;
use crate::fault::failure;
use crate::home::{Home, SocketPath};
use crate::output::print;

/// Runs the node of a data folder. Returns once it has ended in order.
pub(crate) async fn serve(home: &Home, config: &Config, until_stdin_closes: bool) -> Result<()> {
    // Signals are taken from here on, so that one that comes early is not lost.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let tls = tls_identity(home)?;
    let bell = Arc::new(WatchBell::new());
    let node = Arc::new(open_node(home, config, bell.clone())?);
    if node.is_restored() {
        tracing::error!("the store is older than what was signed from it: this node reads, and does not publish");
    }
    let upkeep = Upkeep::start(Arc::clone(&node), &bell)?;
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
        ..ServerOptions::default()
    };
    let server = server::start(Arc::clone(&node), options, federation.links(), bell).await;
    let server = server
        .map_err(|fault| failure(fault.to_string(), "end what uses the address, or name another: --listen ADDR"))?;
    let at = server.addr.context("the server has no address")?;
    tracing::info!(member = %node.member, api = %at, federation = %federation.local_addr(), data = %home.dir().display(), "ready");
    print(&format!("gotong: {} ({}) answers at http://{at}/\n", node.name, node.member))?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = stdin_closed(), if until_stdin_closes => {}
    }
    tracing::info!("ending");
    server.stop().await;
    federation.stop().await;
    tokio::task::spawn_blocking(move || upkeep.stop()).await?;
    Ok(())
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

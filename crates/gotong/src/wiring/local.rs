//! A node that a command opens for itself, because none runs on the folder: the same routes, on a private socket, without federation. It holds the store's
//! lock, so no second process writes meanwhile, and a node that is started meanwhile waits for a while, then says why it cannot be.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use gotong_web::federation::{Links, WatchBell};
use gotong_web::outward::Outward;
use gotong_web::server::{self, Server, ServerOptions};

use super::{open_node, tls_identity};
use crate::home::{Home, SocketPath};

/// Such a node.
pub(crate) struct Local {
    server: Server,
    socket: PathBuf,
    // As long as the server uses it.
    _path: SocketPath,
}

impl Local {
    /// Opens the node of a folder.
    pub(crate) async fn start(home: &Home) -> Result<Self> {
        let config = home.config()?;
        // A folder whose keys are broken is found out before anything is written.
        tls_identity(home)?;
        let bell = Arc::new(WatchBell::new());
        let node = Arc::new(open_node(home, &config, bell.clone())?);
        let socket = home.dir().join(format!("socket-{}", std::process::id()));
        let path = SocketPath::of(&socket)?;
        let outward = Some(Outward { fetcher: config.outward.fetcher()?, schedules: false });
        let options = ServerOptions { socket: Some(path.path().to_owned()), outward, ..ServerOptions::default() };
        let server = server::start(node, options, Links::default(), bell).await?;
        Ok(Self { server, socket, _path: path })
    }

    /// Where it answers.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Ends it, after what it is doing.
    pub(crate) async fn stop(self) {
        self.server.stop().await;
    }
}

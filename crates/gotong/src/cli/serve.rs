//! `gotong serve`: run a node.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;

use super::{Ending, runtime};
use crate::home::Home;
use crate::wiring;

/// Run a node: pages, API and federation.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Prints one line when it is ready. SIGTERM and Ctrl-C end it in order: what was begun is finished. Sockets that systemd opened are taken over. Settings stand in DIR/gotong.toml.\n\nExample:\n  gotong serve --data ./vn --listen 127.0.0.1:8401"
)]
pub(crate) struct Arguments {
    /// The node's data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Where pages and API answer, in place of web.listen.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// End when standard input closes: whoever started this is gone.
    #[arg(long, hide = true)]
    until_stdin_closes: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Ending> {
    let home = Home::open(&arguments.data)?;
    let mut config = home.config()?;
    if let Some(listen) = arguments.listen {
        config.web.listen = listen.to_string();
        config.check()?;
    }
    config.log.begin()?;
    let handed = wiring::Handed::take(&config)?;
    runtime()?.block_on(wiring::serve(&home, &config, handed, arguments.until_stdin_closes))?;
    Ok(Ending::Done)
}

//! `gotong demo`: a whole region on one machine. Each member is a process of its own with a data folder of its own; the demo founds the region,
//! starts them, publishes a little, tells how to go on, and ends them all when it is ended itself, however that happens.
//!
//! It has no way of its own into a node: what it publishes goes through the API, with a member's token.

mod children;
mod found;
mod house;
mod members;
mod people;
mod ready;
mod samples;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use gotong_crypto::Entropy;
use tokio::signal::unix::{SignalKind, signal};

use self::children::Children;
use self::found::Region;
use crate::client::Client;
use crate::entropy::SystemEntropy;
use crate::fault::failure;
use crate::home;
use crate::output::print;

pub(crate) use self::members::{MEMBERS_MAX, MEMBERS_MIN};

/// Federation answers this many ports above the API.
const FEDERATION_PORTS: u16 = 100;
/// How long a node may take to answer after its start; a debug build on a busy machine is slow.
const START_MAX: Duration = Duration::from_secs(90);
/// How often the children are looked after.
const LOOK: Duration = Duration::from_millis(200);

/// What was wished.
pub(crate) struct Wish<'a> {
    /// How many members.
    pub(crate) members: usize,
    /// Where everything goes; a folder of its own that is removed at the end, if not named.
    pub(crate) dir: Option<&'a Path>,
    /// The first member's port.
    pub(crate) base_port: u16,
    /// Where to say, for programs, that all is ready.
    pub(crate) ready_file: Option<&'a Path>,
    /// No sample traffic.
    pub(crate) is_empty: bool,
    /// Print the ready document in place of the table.
    pub(crate) json: bool,
}

/// Removes the demo's folder at the end, unless it was named.
struct Folder {
    path: PathBuf,
    is_ours: bool,
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_ours
            && let Err(fault) = std::fs::remove_dir_all(&self.path)
        {
            eprintln!("demo: could not remove {}: {fault}", self.path.display());
        }
    }
}

/// Runs the region until it is ended.
pub(crate) async fn run(wish: &Wish<'_>) -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let folder = folder(wish.dir)?;
    expect_free_ports(wish)?;
    eprintln!("demo: founding a region of {} members in {}", wish.members, folder.path.display());
    let region = Region::found(&folder.path, wish)?;
    // Declared after the folder, so that the children have ended when it is removed.
    let mut children = Children::start(&region)?;
    let ended = tokio::select! {
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
        ended = play(wish, &region, &mut children) => ended,
    };
    eprintln!("demo: ending");
    children.end().await;
    ended
}

async fn play(wish: &Wish<'_>, region: &Region, children: &mut Children) -> Result<()> {
    for member in &region.members {
        wait_until_ready(member.base(), children).await?;
    }
    if !wish.is_empty {
        samples::publish(region).await.context("the sample traffic could not be published")?;
    }
    let document = ready::document(region, children);
    if let Some(file) = wish.ready_file {
        home::write_private(file, format!("{document:#}\n").as_bytes())?;
    }
    print(&if wish.json { format!("{document}\n") } else { ready::table(region, wish) })?;
    loop {
        tokio::time::sleep(LOOK).await;
        children.report_ended();
        if children.all_ended() {
            return Err(failure("every member has ended", "their program logs are node.log in their data folders"));
        }
    }
}

async fn wait_until_ready(base: String, children: &mut Children) -> Result<()> {
    let mut client = Client::at(&base, None)?;
    let ready = async {
        while !client.is_ready().await {
            tokio::time::sleep(LOOK / 4).await;
            children.expect_alive()?;
        }
        Ok(())
    };
    match tokio::time::timeout(START_MAX, ready).await {
        Ok(ready) => ready,
        Err(_) => Err(failure(
            format!("the node at {base} did not answer within {} seconds", START_MAX.as_secs()),
            "see node.log in its data folder; name the folder with --dir DIR so that it is kept",
        )),
    }
}

fn folder(named: Option<&Path>) -> Result<Folder> {
    if let Some(dir) = named {
        if std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(failure(
                format!("the folder {} is not empty", dir.display()),
                "name a folder that is not there yet, or leave --dir out",
            ));
        }
        home::make_folder(dir)?;
        return Ok(Folder { path: dir.canonicalize()?, is_ours: false });
    }
    let mut name = [0_u8; 5];
    SystemEntropy.fill(&mut name);
    let path = std::env::temp_dir().join(format!("gotong-demo-{}", gotong_crypto::text::base32(&name)));
    home::make_folder(&path)?;
    Ok(Folder { path: path.canonicalize()?, is_ours: true })
}

fn expect_free_ports(wish: &Wish<'_>) -> Result<()> {
    for place in 0..wish.members {
        for port in [api_port(wish.base_port, place)?, federation_port(wish.base_port, place)?] {
            if let Err(fault) = TcpListener::bind(loopback(port)) {
                return Err(failure(
                    format!("the port {port} cannot be used: {fault}"),
                    format!(
                        "end what uses it, perhaps another demo, or name other ports: --base-port {}",
                        other_base(wish.base_port)
                    ),
                ));
            }
        }
    }
    Ok(())
}

fn other_base(base: u16) -> u16 {
    if base < 40_000 { base + 1_000 } else { 8_401 }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn api_port(base: u16, place: usize) -> Result<u16> {
    let port = u16::try_from(place).ok().and_then(|place| base.checked_add(place));
    port.ok_or_else(|| crate::fault::usage(format!("there are no ports above {base}"), "name a lower --base-port"))
}

fn federation_port(base: u16, place: usize) -> Result<u16> {
    let base = base.checked_add(FEDERATION_PORTS);
    let base = base.ok_or_else(|| crate::fault::usage("the base port is too high", "name a lower --base-port"))?;
    api_port(base, place)
}

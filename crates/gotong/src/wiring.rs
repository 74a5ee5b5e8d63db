//! How a node is put together from its data folder: store, checkpoint file, clock, randomness and keys become a `gotong_app::Node`, and what runs around
//! one (servers, links) is started and stopped here.
//!
//! Read next: `wiring/running.rs` (a node that serves), `wiring/local.rs` (a node opened by a command for itself).

mod local;
mod running;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use gotong_app::ports::Bell;
use gotong_app::{Node, NodeFault, node};
use gotong_crypto::SigningKey;
use gotong_model::document::DocumentFault;
use gotong_model::governance::Governance;
use gotong_model::{Clock, MemberCode, RegionId};
use gotong_store::Fault;
use gotong_store::{SqliteOptions, SqliteStore};
use gotong_web::federation::certificate::{TlsIdentity, generate_key_pem};

pub(crate) use local::Local;
pub(crate) use running::serve;

use crate::checkpoint_file::SlotFile;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::entropy::SystemEntropy;
use crate::fault::failure;
use crate::founding::{self, NodeFacts};
use crate::home::{self, Home};

/// A bell that nobody hears, for commands that work on a folder alone.
pub(crate) struct Silence;

impl Bell for Silence {
    fn ring(&self) {}
}

/// Opens the store of a data folder, where no other process has it.
fn open_free_store(home: &Home, config: &Config) -> Result<Option<SqliteStore>> {
    let options = SqliteOptions { cache_bytes: u64::from(config.store.cache_mib) << 20, ..SqliteOptions::default() };
    match SqliteStore::open(&home.store_dir(), options, &SystemEntropy) {
        Ok(store) => Ok(Some(store)),
        Err(Fault::Busy(_)) => Ok(None),
        Err(fault @ (Fault::Full | Fault::Corrupt(_) | Fault::Io(_) | Fault::Misuse(_))) => {
            Err(anyhow::Error::new(fault).context(format!("the store of {} could not be opened", home.dir().display())))
        }
    }
}

fn taken(home: &Home) -> anyhow::Error {
    failure(
        format!("a node is running on {}", home.dir().display()),
        "stop it first; commands that talk to a running node name it with --server, or with --data where it has its socket",
    )
}

/// Opens the store of a data folder. Only one process at a time can.
pub(crate) fn open_store(home: &Home, config: &Config) -> Result<SqliteStore> {
    open_free_store(home, config)?.ok_or_else(|| taken(home))
}

/// Opens the node of a data folder.
pub(crate) fn open_node(home: &Home, config: &Config, bell: Arc<dyn Bell>) -> Result<Node> {
    node_on(open_store(home, config)?, home, config, bell)
}

fn node_on(store: SqliteStore, home: &Home, config: &Config, bell: Arc<dyn Bell>) -> Result<Node> {
    let ports = node::Ports {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        checkpoint_file: Box::new(SlotFile::new(&home.checkpoint_file())),
        bell,
    };
    let code = config.node.code()?;
    Node::open(code, config.node.name.clone(), home.node_key()?, Arc::new(store), ports).map_err(|fault| match fault {
        NodeFault::Unfit(what) => failure(what, "found a region or join one: gotong charter accept FILE --data DIR"),
        NodeFault::Store(_) | NodeFault::Document(_) | NodeFault::Restored => fault.into(),
    })
}

/// A fresh key for a node's certificate, as PEM.
pub(crate) fn new_tls_key() -> Result<String> {
    Ok(generate_key_pem()?)
}

/// The certificate of a data folder.
pub(crate) fn tls_identity(home: &Home) -> Result<TlsIdentity> {
    TlsIdentity::from_key_pem(&home.tls_key_pem()?)
        .with_context(|| format!("the key {} does not hold", home.tls_key_file().display()))
}

/// The root key, from where it was said to be or where `init` put it; `None` where it has been moved away.
pub(crate) fn root_key(home: &Home, named: Option<&Path>) -> Result<Option<SigningKey>> {
    match named {
        Some(path) => home::read_root_key(path).map(Some),
        None if home.root_key_file().is_file() => home::read_root_key(&home.root_key_file()).map(Some),
        None => Ok(None),
    }
}

/// Reads a region's first charter.
pub(crate) fn read_charter(note: &[u8]) -> Result<Governance> {
    Governance::from_charter(note).map_err(|fault| match fault {
        DocumentFault::Unsigned(_) => {
            failure(format!("the charter is not complete: {fault}"), "have every voter sign it: gotong charter sign")
        }
        DocumentFault::Note(_)
        | DocumentFault::Field(_)
        | DocumentFault::Elsewhere { .. }
        | DocumentFault::Unfit(_) => anyhow::Error::new(fault).context("the charter does not hold"),
    })
}

/// Whether a charter names this member with this root key.
pub(crate) fn check_charter(note: &[u8], code: &MemberCode, root: &SigningKey) -> Result<RegionId> {
    let governance = read_charter(note)?;
    let Some(member) = governance.charter.members.get(code) else {
        return Err(failure(
            format!("the charter names no member {code}"),
            "check the code, or ask for a place in the charter",
        ));
    };
    if member.root_key == root.public() {
        return Ok(governance.region);
    }
    Err(failure(
        format!("the charter names another root key for {code}"),
        "name the right one with --root FILE; a new member makes its key first, with `gotong init` and no --region FILE",
    ))
}

/// Makes a data folder's node a part of a region: keeps the charter, and signs the statement of its keys where the root key is at hand.
pub(crate) fn accept_charter(home: &Home, note: &[u8], root: Option<&SigningKey>) -> Result<RegionId> {
    let config = home.config()?;
    let code = config.node.code()?;
    let governance = read_charter(note)?;
    let region = governance.region;
    if let Some(pinned) = config.node.region()?.filter(|pinned| *pinned != region) {
        return Err(failure(
            format!(
                "this charter founds the region {}, and the node is pinned to {}",
                region.to_words(),
                pinned.to_words()
            ),
            "compare the words with another member over the phone before anything is changed",
        ));
    }
    match root {
        Some(root) => {
            check_charter(note, &code, root)?;
        }
        None if !governance.charter.members.contains_key(&code) => bail!("the charter names no member {code}"),
        None => {}
    }
    let store = open_store(home, &config)?;
    node::found(&store, note)?;
    drop(store);
    let node = open_node(home, &config, Arc::new(Silence))?;
    if let Some(root) = root {
        state_keys(home, &config, &node, root)?;
    }
    write_statements(home, &node)?;
    Ok(region)
}

/// Signs a statement of the node's keys and address where they are not what the newest one says.
fn state_keys(home: &Home, config: &Config, node: &Node, root: &SigningKey) -> Result<()> {
    let address = &config.federation.address;
    let facts = NodeFacts {
        node_key: home.node_key()?.public(),
        tls_key: tls_identity(home)?.key_digest(),
        addresses: if address.is_empty() { Vec::new() } else { vec![address.clone()] },
    };
    let governance = node.governance();
    let chain = governance.statements.get(&node.member).map(Vec::as_slice).unwrap_or_default();
    let next = founding::next_statement(chain, &node.member, &governance.region, &facts, root, SystemClock.now());
    if let Some(note) = next {
        let mut notes = node.statement_notes(&node.member)?;
        notes.push(note.into_bytes());
        node.adopt_statements(&notes)?;
    }
    Ok(())
}

fn write_statements(home: &Home, node: &Node) -> Result<()> {
    let notes = node.statement_notes(&node.member)?;
    if notes.is_empty() { Ok(()) } else { home::write_whole(&home.statement_file(), &notes.concat(), 0o644) }
}

/// Takes in another member's chain of statements.
pub(crate) fn add_peer(home: &Home, file: &[u8]) -> Result<MemberCode> {
    let config = home.config()?;
    let node = open_node(home, &config, Arc::new(Silence))?;
    Ok(node.adopt_statements(&split_notes(file))?)
}

/// The notes of a file that holds one behind the other. Each begins with the line that names its region; no other line begins so.
pub(crate) fn split_notes(file: &[u8]) -> Vec<Vec<u8>> {
    let mut notes: Vec<Vec<u8>> = Vec::new();
    for line in file.split_inclusive(|byte| *byte == b'\n') {
        match notes.last_mut() {
            Some(note) if !line.starts_with(b"gotong/") => note.extend_from_slice(line),
            _ => notes.push(line.to_vec()),
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_in_one_file_come_apart_again() {
        let notes = [
            b"gotong/r/statement\n{}\n\n\xe2\x80\x94 a b\n".to_vec(),
            b"gotong/r/statement\n{1}\n\n\xe2\x80\x94 a c\n".to_vec(),
        ];
        assert_eq!(split_notes(&notes.concat()), notes);
        assert_eq!(split_notes(b""), Vec::<Vec<u8>>::new());
    }
}

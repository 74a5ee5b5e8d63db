//! How a node is put together from its data folder: store, checkpoint file, clock, randomness and keys become a `gotong_app::Node`, and what runs around
//! one (servers, links) is started and stopped here.
//!
//! Read next: `wiring/running.rs` (a node that serves), `wiring/local.rs` (a node opened by a command for itself).

mod handed;
mod local;
mod running;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use gotong_app::ports::Bell;
use gotong_app::{Node, NodeFault, node};
use gotong_crypto::SigningKey;
use gotong_model::document::{self, DocumentFault, Purpose};
use gotong_model::governance::Governance;
use gotong_model::statement::Statement;
use gotong_model::{Clock, MemberCode, RegionId};
use gotong_store::Fault;
use gotong_store::{SqliteOptions, SqliteStore};
use gotong_web::federation::certificate::{TlsIdentity, generate_key_pem};
use serde_json::Value;

pub(crate) use handed::Handed;
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
        Err(fault @ Fault::Newer(_)) => Err(newer(home, &fault)),
        Err(fault @ (Fault::Full | Fault::Corrupt(_) | Fault::Io(_) | Fault::Misuse(_))) => {
            Err(anyhow::Error::new(fault).context(format!("the store of {} could not be opened", home.dir().display())))
        }
    }
}

/// A store that only a newer program understands.
fn newer(home: &Home, fault: &Fault) -> anyhow::Error {
    failure(
        format!("the store of {} cannot be opened: {fault}", home.dir().display()),
        "start the newer program again; to go back to this one, restore the backup that was made before the upgrade",
    )
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
    let mut name = config.node.name.clone();
    if config.node.rehearsal && !name.starts_with(founding::REHEARSAL) {
        // Pages and the API show the name, so whoever looks at them sees it.
        name = format!("{} {name}", founding::REHEARSAL);
    }
    let opened = Node::open(code, name, home.node_key()?, Arc::new(store), ports);
    let node = opened.map_err(|fault| match fault {
        NodeFault::Unfit(what) => failure(what, "found a region or join one: gotong charter accept FILE --data DIR"),
        NodeFault::Store(fault @ Fault::Newer(_)) => newer(home, &fault),
        NodeFault::Store(_) | NodeFault::Document(_) | NodeFault::Restored => fault.into(),
    })?;
    // The setting could have been changed by hand after the charter was accepted.
    same_sort(&node.governance(), config.node.rehearsal)?;
    Ok(node)
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
    let inside = home.root_key_file();
    let Some(path) = named.or(inside.is_file().then_some(inside.as_path())) else { return Ok(None) };
    home::root_key_of_sort(path, home.config()?.node.rehearsal, "node").map(Some)
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

/// What a member hands to a newcomer: the region's charters, and statements.
pub(crate) struct Papers {
    /// What the charters come to.
    pub(crate) governance: Governance,
    charters: Vec<Vec<u8>>,
    statements: BTreeMap<MemberCode, Vec<Vec<u8>>>,
}

/// Reads papers, which may stand in any order. The region's first charter must be among them.
pub(crate) fn read_papers(notes: Vec<Vec<u8>>) -> Result<Papers> {
    let (mut charters, mut statements) = (Vec::new(), Vec::new());
    for note in notes {
        let purpose = document::purpose_of(&note).context("one of the documents does not read")?;
        if purpose == Purpose::Charter {
            charters.push(note);
        } else if purpose == Purpose::Statement {
            statements.push(note);
        } else {
            return Err(failure(
                format!(
                    "one of the documents is neither a charter nor a statement, but of the purpose {}",
                    purpose.as_str()
                ),
                "agreements and notices are handed in afterwards: gotong agreement accept FILE --data DIR",
            ));
        }
    }
    let number = |note: &Vec<u8>| {
        let opened = document::open(note, None, Purpose::Charter).ok();
        opened.and_then(|opened| opened.value.get("number")?.as_u64()).unwrap_or(u64::MAX)
    };
    charters.sort_by_key(number);
    let first = charters.first().filter(|note| number(note) == 1 || charters.len() == 1);
    let first =
        first.ok_or_else(|| failure("the region's first charter is not among these documents", ALL_CHARTERS))?;
    let mut governance = read_charter(first)?;
    governance.add_all(charters.iter().map(Vec::as_slice)).context("a charter does not hold")?;
    let governance = governance.at(SystemClock.now());
    let mut chains: BTreeMap<MemberCode, Vec<(u64, Vec<u8>)>> = BTreeMap::new();
    for note in statements {
        let statement = document::open(&note, Some(&governance.region), Purpose::Statement)
            .context("a statement does not hold")?
            .value;
        let member = statement.get("member").and_then(Value::as_str).and_then(MemberCode::from_text);
        let serial = statement.get("serial").and_then(Value::as_u64).unwrap_or_default();
        chains.entry(member.context("a statement names no member")?).or_default().push((serial, note));
    }
    let in_order = |(member, mut chain): (MemberCode, Vec<(u64, Vec<u8>)>)| {
        chain.sort_by_key(|(serial, _)| *serial);
        (member, chain.into_iter().map(|(_, note)| note).collect())
    };
    Ok(Papers { governance, charters, statements: chains.into_iter().map(in_order).collect() })
}

/// Where a document that is needed comes from.
const ALL_CHARTERS: &str = "name every charter, from the first to the newest; at a node that has them, gotong charter export writes all into one file";

impl Papers {
    /// Whose statements are among them, this member apart.
    pub(crate) fn others_with_statement(&self, own: &MemberCode) -> Vec<MemberCode> {
        self.statements.keys().filter(|member| *member != own).cloned().collect()
    }

    /// Whether the newest charter that names this member names it with this root key, and is of the node's sort.
    pub(crate) fn check(&self, code: &MemberCode, root: Option<&SigningKey>, is_rehearsal: bool) -> Result<()> {
        same_sort(&self.governance, is_rehearsal)?;
        let newest = self.governance.charters.iter().rev().find_map(|charter| charter.members.get(code));
        let member = newest.ok_or_else(|| {
            let known = self.governance.charters.len();
            failure(
                format!("the charter names no member {code}; {known} of the region's charters are known here"),
                ALL_CHARTERS,
            )
        })?;
        match root {
            Some(root) if member.root_key != root.public() => Err(failure(
                format!("the charter names another root key for {code}"),
                "name the right one with --root FILE; compare the words: gotong keys show FILE, gotong charter show FILE",
            )),
            Some(_) | None => Ok(()),
        }
    }
}

/// Refuses a real region for a node that rehearses, and the other way round.
fn same_sort(governance: &Governance, is_rehearsal: bool) -> Result<()> {
    match (founding::rehearses(governance), is_rehearsal) {
        (true, false) => Err(failure(
            "this charter only rehearses, and this node is real",
            "leave this node alone, and make one that rehearses beside it: gotong init --rehearsal",
        )),
        (false, true) => Err(failure(
            "this node only rehearses, and this charter is real",
            "for the real region make a node of its own: gotong init, without --rehearsal",
        )),
        (true, true) | (false, false) => Ok(()),
    }
}

/// Makes a data folder's node a part of a region: keeps the charters and the statements that came with them, and signs the statement of its own keys where
/// the root key is at hand. A member that had a node before gets its next statement, where those before are among the papers.
pub(crate) fn accept_charter(home: &Home, papers: &Papers, root: Option<&SigningKey>) -> Result<RegionId> {
    let config = home.config()?;
    let code = config.node.code()?;
    let region = papers.governance.region;
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
    papers.check(&code, root, config.node.rehearsal)?;
    let (first, later) = papers.charters.split_first().context("a charter")?;
    let store = open_store(home, &config)?;
    node::found(&store, first)?;
    drop(store);
    let node = open_node(home, &config, Arc::new(Silence))?;
    for note in later {
        node.adopt(note)?;
    }
    for chain in papers.statements.values() {
        node.adopt_statements(chain)?;
    }
    if let Some(root) = root {
        state_keys(home, &config, &node, root)?;
    }
    write_statements(home, &node)?;
    Ok(region)
}

/// Signs a statement of the node's keys and address where they are not what the newest one says.
fn state_keys(home: &Home, config: &Config, node: &Node, root: &SigningKey) -> Result<()> {
    let governance = node.governance();
    match due_statement(home, config, &node.member, chain_of(&governance, &node.member))? {
        Some(next) => adopt_own(node, next.sign(&governance.region, root)),
        None => Ok(()),
    }
}

fn chain_of<'a>(governance: &'a Governance, member: &MemberCode) -> &'a [Statement] {
    governance.statements.get(member).map(Vec::as_slice).unwrap_or_default()
}

fn adopt_own(node: &Node, note: String) -> Result<()> {
    let mut notes = node.statement_notes(&node.member)?;
    notes.push(note.into_bytes());
    node.adopt_statements(&notes)?;
    Ok(())
}

/// The statement of the node's keys and address that its member's root has to sign next in a chain; `None` where the newest says them.
fn due_statement(home: &Home, config: &Config, member: &MemberCode, chain: &[Statement]) -> Result<Option<Statement>> {
    let address = &config.federation.address;
    let facts = NodeFacts {
        node_key: home.node_key()?.public(),
        tls_key: tls_identity(home)?.key_digest(),
        addresses: if address.is_empty() { Vec::new() } else { vec![address.clone()] },
    };
    Ok(founding::next_statement(chain, member, &facts, SystemClock.now()))
}

/// The text that the member's root key has to sign, wherever it is kept, for this node to speak for the member.
pub(crate) fn statement_to_sign(home: &Home) -> Result<Option<String>> {
    let config = home.config()?;
    let node = open_node(home, &config, Arc::new(Silence))?;
    let governance = node.governance();
    let due = due_statement(home, &config, &node.member, chain_of(&governance, &node.member))?;
    Ok(due.map(|due| document::text(&governance.region, Purpose::Statement, &due.to_value())))
}

/// Takes in a statement of this node's own keys that was signed elsewhere.
pub(crate) fn take_statement(home: &Home, note: &[u8]) -> Result<Statement> {
    let config = home.config()?;
    let node = open_node(home, &config, Arc::new(Silence))?;
    let mut notes = node.statement_notes(&node.member)?;
    notes.push(note.to_vec());
    let chain = node.governance().read_statements(notes.iter().map(Vec::as_slice)).map_err(|fault| {
        failure(
            format!("the statement does not hold: {fault}"),
            "make the text anew, and sign that: gotong keys request",
        )
    })?;
    let Some(newest) = chain.last().filter(|newest| newest.member == node.member) else {
        return Err(failure("it is another member's statement", "gotong peer add takes those in"));
    };
    if due_statement(home, &config, &node.member, &chain)?.is_some() {
        return Err(failure(
            "it does not say the keys and the address that this node has now",
            "make the text anew, and sign that: gotong keys request",
        ));
    }
    node.adopt_statements(&notes)?;
    write_statements(home, &node)?;
    Ok(newest.clone())
}

fn write_statements(home: &Home, node: &Node) -> Result<()> {
    let notes = node.statement_notes(&node.member)?;
    if notes.is_empty() { Ok(()) } else { home::write_whole(&home.statement_file(), &notes.concat(), 0o644) }
}

/// Takes in another member's chain of statements.
pub(crate) fn add_peer(home: &Home, file: &[u8]) -> Result<MemberCode> {
    let config = home.config()?;
    let node = open_node(home, &config, Arc::new(Silence))?;
    node.adopt_statements(&split_notes(file)).map_err(|fault| match fault {
        NodeFault::Document(fault) => failure(
            fault.to_string(),
            "ask the member for node/statement.note of its node, and compare the region's words with it: gotong charter show --data DIR",
        ),
        NodeFault::Store(_) | NodeFault::Unfit(_) | NodeFault::Restored => fault.into(),
    })
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

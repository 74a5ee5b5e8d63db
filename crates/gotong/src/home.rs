//! The data folder: configuration, keys, store, checkpoint file and socket of one node, and who may read each.
//!
//! Only the folder's owner may enter it. Two processes never work in it at once: the store's lock decides. What is signed with the keys
//! stands in `founding.rs`, what runs on the folder in `wiring.rs`.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gotong_crypto::{SigningKey, text};

use crate::config::{self, Config};
use crate::fault::failure;

/// What a key file begins with.
const NODE_KEY: &str = "gotong node key 0";
const ROOT_KEY: &str = "gotong root key 0";
const REHEARSAL_KEY: &str = "gotong REHEARSAL root key 0, signs nothing real";
/// Where a root key is within a data folder, a real one and one that only rehearses.
const ROOT_FILE: &str = "root/root.key";
const ROOT_FILE_REHEARSAL: &str = "root/REHEARSAL-root.key";
/// The longest path that a socket's address holds on every system, less one for the end.
const SOCKET_PATH_BYTES_MAX: usize = 100;

const ROOT_README: &str = "This folder holds the member's ROOT KEY.

It signs the charter, agreements and the statement that names this node's keys. A running node never needs it.
Whoever has it can speak for the member; whoever loses it is out of the region until the charter changes.

  1. Copy root.key to two places that are not connected to any network.
  2. Check that the copies read back: gotong doctor --data DIR --root COPY
  3. Remove root.key from this folder.

Commands that sign take it from where it is: --root FILE.
";

/// A node's data folder.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    dir: PathBuf,
}

/// What a new folder is made for.
pub(crate) struct Founding<'a> {
    /// The member's code.
    pub(crate) member: &'a str,
    /// The node's name.
    pub(crate) name: &'a str,
    /// Further settings: section, key, value as TOML.
    pub(crate) settings: Vec<(&'a str, &'a str, String)>,
    /// The node's signing key.
    pub(crate) node_key: &'a SigningKey,
    /// The member's root key, where it is new and kept here for now.
    pub(crate) root_key: Option<&'a SigningKey>,
    /// The key of the node's certificate, as PEM.
    pub(crate) tls_key_pem: &'a str,
    /// Whether the node only rehearses.
    pub(crate) is_rehearsal: bool,
}

impl Home {
    /// Makes a data folder; one that is there already must be empty.
    pub(crate) fn create(dir: &Path, founding: &Founding<'_>) -> Result<Self> {
        if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(failure(
                format!("the folder {} is not empty", dir.display()),
                "name a folder that is not there yet; a node that lives there already is started with `gotong serve`",
            ));
        }
        make_folder(dir)?;
        let home = Self { dir: dir.to_owned() };
        for folder in ["keys", "root", "store"] {
            make_folder(&home.dir.join(folder))?;
        }
        if let Some(root) = founding.root_key {
            let name = if founding.is_rehearsal { ROOT_FILE_REHEARSAL } else { ROOT_FILE };
            write_root_key(&home.dir.join(name), root, founding.is_rehearsal)?;
            write_private(&home.dir.join("root/README"), ROOT_README.as_bytes())?;
        }
        write_private(&home.node_key_file(), encode_key(NODE_KEY, founding.node_key).as_bytes())?;
        write_private(&home.tls_key_file(), founding.tls_key_pem.as_bytes())?;
        let mut chosen =
            vec![("node", "member", config::quoted(founding.member)), ("node", "name", config::quoted(founding.name))];
        chosen.extend(founding.settings.iter().cloned());
        // Last: a folder with this file is a whole one.
        write_private(&home.config_file(), config::template(&chosen).as_bytes())?;
        Ok(home)
    }

    /// Opens a data folder.
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let home = Self { dir: dir.to_owned() };
        if home.config_file().is_file() {
            return Ok(home);
        }
        Err(failure(
            format!("{} is no data folder of a node: it has no gotong.toml", dir.display()),
            "make one with `gotong init --data DIR --member CODE --name NAME`",
        ))
    }

    /// Its configuration.
    pub(crate) fn config(&self) -> Result<Config> {
        Config::load(&self.config_file())
    }

    /// The folder.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// `gotong.toml`.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.dir.join("gotong.toml")
    }

    /// The folder of the store.
    pub(crate) fn store_dir(&self) -> PathBuf {
        self.dir.join("store")
    }

    /// The checkpoint file; never part of a backup.
    pub(crate) fn checkpoint_file(&self) -> PathBuf {
        self.dir.join("checkpoint")
    }

    /// The node's own statement, to be handed to other members.
    pub(crate) fn statement_file(&self) -> PathBuf {
        self.dir.join("statement.note")
    }

    /// Where the root key is until somebody moves it away.
    pub(crate) fn root_key_file(&self) -> PathBuf {
        let rehearsal = self.dir.join(ROOT_FILE_REHEARSAL);
        if rehearsal.is_file() { rehearsal } else { self.dir.join(ROOT_FILE) }
    }

    /// The node key.
    pub(crate) fn node_key_file(&self) -> PathBuf {
        self.dir.join("keys/node.key")
    }

    /// The key of the node's certificate.
    pub(crate) fn tls_key_file(&self) -> PathBuf {
        self.dir.join("keys/tls.key")
    }

    /// The socket through which commands reach the node that runs here.
    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.join("socket")
    }

    /// Reads the node key.
    pub(crate) fn node_key(&self) -> Result<SigningKey> {
        read_key(&self.node_key_file(), NODE_KEY)
    }

    /// Reads the PEM of the certificate's key.
    pub(crate) fn tls_key_pem(&self) -> Result<String> {
        let path = self.tls_key_file();
        fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))
    }

    /// Files that others than the owner may read.
    pub(crate) fn loose_files(&self) -> Vec<PathBuf> {
        let files =
            [self.node_key_file(), self.tls_key_file(), self.root_key_file(), self.config_file(), self.dir.clone()];
        let is_loose =
            |path: &PathBuf| fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0);
        files.into_iter().filter(is_loose).collect()
    }
}

/// A path by which a socket can be reached although its own may be too long for a socket's address. Keep it as long as the path is used.
pub(crate) struct SocketPath {
    path: PathBuf,
    // Linux reaches a folder through its open file, whatever the length of its name.
    _folder: Option<File>,
}

impl SocketPath {
    /// Makes a path of bearable length.
    pub(crate) fn of(socket: &Path) -> Result<Self> {
        if socket.as_os_str().len() <= SOCKET_PATH_BYTES_MAX || !cfg!(target_os = "linux") {
            return Ok(Self { path: socket.to_owned(), _folder: None });
        }
        let (Some(parent), Some(name)) = (socket.parent(), socket.file_name()) else {
            return Ok(Self { path: socket.to_owned(), _folder: None });
        };
        let folder = File::open(parent).with_context(|| format!("could not open {}", parent.display()))?;
        let path = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd())).join(name);
        Ok(Self { path, _folder: Some(folder) })
    }

    /// The path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Reads a root key that is real.
#[cfg(test)]
fn read_root_key(path: &Path) -> Result<SigningKey> {
    read_key(path, ROOT_KEY)
}

/// A root key, and whether it is meant.
pub(crate) enum RootKey {
    /// It speaks for a member.
    Real(SigningKey),
    /// It only rehearses.
    Rehearsal(SigningKey),
}

/// Reads a root key of either sort.
pub(crate) fn read_any_root_key(path: &Path) -> Result<RootKey> {
    match read_key(path, REHEARSAL_KEY) {
        Ok(key) => Ok(RootKey::Rehearsal(key)),
        Err(_) => read_key(path, ROOT_KEY).map(RootKey::Real),
    }
}

/// Reads a root key of the sort that is wanted: one that rehearses serves a rehearsal's `purpose` and nothing else, and no other serves that.
pub(crate) fn root_key_of_sort(path: &Path, is_rehearsal: bool, purpose: &str) -> Result<SigningKey> {
    match (read_any_root_key(path)?, is_rehearsal) {
        (RootKey::Real(key), false) | (RootKey::Rehearsal(key), true) => Ok(key),
        (RootKey::Rehearsal(_), false) => Err(failure(
            format!("{} is the key of a rehearsal, and this {purpose} is real", path.display()),
            "name the member's real root key; to rehearse, begin with keys, node and charter of a rehearsal: --rehearsal at gotong keys new, init and charter new",
        )),
        (RootKey::Real(_), true) => Err(failure(
            format!("this {purpose} only rehearses, and {} is a real root key", path.display()),
            "leave the real key where it is; make one for the rehearsal: gotong keys new --rehearsal --out DIR",
        )),
    }
}

/// Writes a root key where only the owner may read it.
pub(crate) fn write_root_key(path: &Path, key: &SigningKey, is_rehearsal: bool) -> Result<()> {
    write_private(path, encode_key(if is_rehearsal { REHEARSAL_KEY } else { ROOT_KEY }, key).as_bytes())
}

fn encode_key(first: &str, key: &SigningKey) -> String {
    format!("{first}\n{}\n", text::base64(key.to_seed().as_slice()))
}

fn read_key(path: &Path, first: &str) -> Result<SigningKey> {
    let content = fs::read_to_string(path).with_context(|| format!("could not read the key {}", path.display()))?;
    let seed = content.strip_prefix(first).and_then(|rest| text::from_base64_array::<32>(rest.trim()));
    let seed = seed.ok_or_else(|| {
        failure(
            format!("{} is no key file: its first line must be {first:?}", path.display()),
            "name the right file, or take it from its copy",
        )
    })?;
    Ok(SigningKey::from_seed(&seed))
}

/// Makes a folder that only its owner may enter.
pub(crate) fn make_folder(path: &Path) -> Result<()> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o700)))
        .with_context(|| format!("could not make the folder {}", path.display()))
}

/// Writes a file that only its owner may read, whole or not at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    write_whole(path, bytes, 0o600)
}

/// Writes a file in one step: beside its place, synced, then renamed.
pub(crate) fn write_whole(path: &Path, bytes: &[u8], mode: u32) -> Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    write().with_context(|| format!("could not write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use gotong_crypto::SeededEntropy;

    use super::*;

    fn create(dir: &Path) -> Result<Home> {
        let entropy = SeededEntropy::new(1);
        let (node, root) = (SigningKey::generate(&entropy), SigningKey::generate(&entropy));
        let founding = Founding {
            member: "vn",
            name: "Viet Nam",
            settings: vec![],
            node_key: &node,
            root_key: Some(&root),
            tls_key_pem: "pem",
            is_rehearsal: false,
        };
        let home = Home::create(dir, &founding)?;
        assert_eq!(home.node_key()?.public(), node.public());
        assert_eq!(read_root_key(&home.root_key_file())?.public(), root.public());
        Ok(home)
    }

    #[test]
    fn nobody_but_the_owner_reads_a_new_folder() {
        let scratch = tempfile::tempdir().unwrap();
        let home = create(&scratch.path().join("vn")).unwrap();
        assert_eq!(home.loose_files(), Vec::<PathBuf>::new());
        for file in ["keys/node.key", "keys/tls.key", "root/root.key", "gotong.toml"] {
            let mode = fs::metadata(home.dir().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        fs::set_permissions(home.node_key_file(), fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(home.loose_files(), [home.node_key_file()]);
    }

    #[test]
    fn a_folder_with_anything_in_it_is_left_alone() {
        let scratch = tempfile::tempdir().unwrap();
        fs::write(scratch.path().join("mine"), "x").unwrap();
        assert!(create(scratch.path()).is_err());
        assert!(Home::open(scratch.path()).is_err());
    }

    #[test]
    fn one_kind_of_key_does_not_pass_for_another() {
        let scratch = tempfile::tempdir().unwrap();
        let home = create(&scratch.path().join("vn")).unwrap();
        assert!(read_root_key(&home.node_key_file()).is_err());
    }

    #[test]
    fn a_socket_below_a_very_long_path_can_be_reached() {
        let scratch = tempfile::tempdir().unwrap();
        let long = scratch.path().join("x".repeat(120));
        fs::create_dir(&long).unwrap();
        let socket = long.join("socket");
        let server = SocketPath::of(&socket).unwrap();
        let _listener = std::os::unix::net::UnixListener::bind(server.path()).unwrap();
        let client = SocketPath::of(&socket).unwrap();
        std::os::unix::net::UnixStream::connect(client.path()).unwrap();
    }
}

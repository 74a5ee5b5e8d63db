//! What a backup is encrypted with: keys of age or a passphrase, and how it is opened again. Nothing here writes a secret anywhere.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

use age::secrecy::SecretString;
use age::stream::{StreamReader, StreamWriter};
use age::{DecryptError, Decryptor, Encryptor, IdentityFile, scrypt, x25519};
use anyhow::{Context, Result};

use crate::fault::{failure, usage};

/// The shortest passphrase.
const PASSPHRASE_CHARS_MIN: usize = 12;
/// The longest file of a passphrase or of keys.
const SECRET_BYTES_MAX: u64 = 64 << 10;
/// Work that opening with a passphrase takes: 2^17 steps and 128 MiB of memory.
const WORK: u8 = 17;
/// The most that a file may ask for: 1 GiB of memory.
const WORK_MAX: u8 = 20;
/// A header is within so many bytes.
const HEADER_BYTES_MAX: usize = 64 << 10;
/// Bytes read from the file at a time.
const BUFFER: usize = 128 << 10;

/// For whom a backup is encrypted.
pub(crate) enum SealKeys {
    /// For whoever has one of these keys.
    Recipients(Vec<x25519::Recipient>),
    /// For whoever knows this passphrase.
    Passphrase(SecretString),
}

/// What a backup is opened with.
pub(crate) enum OpenKey {
    /// A file of keys of age.
    Identities(Vec<Box<dyn age::Identity + Send + Sync>>),
    /// A passphrase.
    Passphrase(SecretString),
}

fn secret_text(path: &Path, what: &str) -> Result<String> {
    let file = File::open(path).with_context(|| format!("could not read the {what} {}", path.display()))?;
    let mut text = String::new();
    file.take(SECRET_BYTES_MAX)
        .read_to_string(&mut text)
        .with_context(|| format!("could not read the {what} {}", path.display()))?;
    Ok(text)
}

fn passphrase(path: &Path) -> Result<SecretString> {
    let text = secret_text(path, "passphrase file")?;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() < PASSPHRASE_CHARS_MIN {
        return Err(usage(
            format!("the passphrase in {} has fewer than {PASSPHRASE_CHARS_MIN} characters", path.display()),
            "write a longer one on the first line of the file: six words that belong to no sentence are good",
        ));
    }
    Ok(SecretString::from(line.to_owned()))
}

impl SealKeys {
    /// Reads recipients, or the file of a passphrase.
    pub(crate) fn read(recipients: &[String], passphrase_file: Option<&Path>) -> Result<Self> {
        if let Some(path) = passphrase_file {
            return passphrase(path).map(Self::Passphrase);
        }
        let parse = |text: &String| {
            text.parse::<x25519::Recipient>().map_err(|why| {
                usage(
                    format!("{text:?} is no public key of age: {why}"),
                    "a public key begins with age1; age-keygen prints one beside the secret key that opens the backup",
                )
            })
        };
        Ok(Self::Recipients(recipients.iter().map(parse).collect::<Result<_>>()?))
    }

    /// Begins an encrypted stream.
    pub(super) fn seal<W: Write>(&self, out: W) -> Result<StreamWriter<W>> {
        let encryptor = match self {
            Self::Recipients(keys) => Encryptor::with_recipients(keys.iter().map(|key| key as &dyn age::Recipient)),
            Self::Passphrase(secret) => {
                let mut recipient = scrypt::Recipient::new(secret.clone());
                recipient.set_work_factor(WORK);
                Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
            }
        };
        Ok(encryptor.context("the backup cannot be encrypted")?.wrap_output(out)?)
    }
}

impl OpenKey {
    /// Reads a file of keys, or of a passphrase.
    pub(crate) fn read(identity: Option<&Path>, passphrase_file: Option<&Path>) -> Result<Self> {
        if let Some(path) = passphrase_file {
            return passphrase(path).map(Self::Passphrase);
        }
        let path = identity.context("no key")?;
        let text = secret_text(path, "key file")?;
        let keys = IdentityFile::from_buffer(text.as_bytes()).and_then(|file| {
            file.into_identities().map_err(|fault| std::io::Error::new(std::io::ErrorKind::InvalidData, fault))
        });
        match keys {
            Ok(keys) if !keys.is_empty() => Ok(Self::Identities(keys)),
            Ok(_) | Err(_) => Err(usage(
                format!("{} holds no secret key of age", path.display()),
                "name the file that age-keygen wrote; its last line begins with AGE-SECRET-KEY-1",
            )),
        }
    }

    /// Opens an encrypted stream.
    pub(super) fn open(&self, file: File) -> Result<StreamReader<BufReader<File>>> {
        let mut input = BufReader::with_capacity(BUFFER, file);
        expect_header(input.fill_buf()?)?;
        let decryptor = Decryptor::new_buffered(input).map_err(|fault| explain(&fault))?;
        let is_for_passphrase = decryptor.is_scrypt();
        let opened = match self {
            Self::Passphrase(secret) if is_for_passphrase => {
                let mut identity = scrypt::Identity::new(secret.clone());
                identity.set_max_work_factor(WORK_MAX);
                decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity))
            }
            Self::Identities(keys) if !is_for_passphrase => {
                decryptor.decrypt(keys.iter().map(|key| key.as_ref() as &dyn age::Identity))
            }
            Self::Passphrase(_) => {
                return Err(failure(
                    "it was encrypted for a key, not with a passphrase",
                    "name the file of the secret key: --identity FILE",
                ));
            }
            Self::Identities(_) => {
                return Err(failure(
                    "it was encrypted with a passphrase, not for a key",
                    "name the file of the passphrase: --passphrase-file FILE",
                ));
            }
        };
        opened.map_err(|fault| explain(&fault))
    }
}

/// A header ends within its bound: what has none would be read on and on.
fn expect_header(begin: &[u8]) -> Result<()> {
    const HINT: &str = "name a file that gotong backup wrote";
    if begin.starts_with(b"-----BEGIN AGE") {
        return Err(failure(
            "it is written as text, for mails",
            "turn it back into bytes: age --decrypt, then age --encrypt without --armor",
        ));
    }
    let begin = begin.get(..begin.len().min(HEADER_BYTES_MAX)).unwrap_or_default();
    if !begin.starts_with(b"age-encryption.org/") {
        return Err(failure("it is no encrypted backup", HINT));
    }
    if !begin.windows(5).any(|five| five == b"\n--- ") {
        return Err(failure("its header has no end: it was cut short, or is no backup", HINT));
    }
    Ok(())
}

#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "a foreign enum that grows: what is not named here is a header that does not hold"
)]
fn explain(fault: &DecryptError) -> anyhow::Error {
    let other = "find the key or the passphrase that this backup was made for";
    match fault {
        DecryptError::NoMatchingKeys => failure("it was encrypted for another key", other),
        DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed => {
            failure("the passphrase does not open it", other)
        }
        DecryptError::ExcessiveWork { required, .. } => failure(
            format!("opening it would take 2^{required} steps, and 2^{WORK_MAX} is the most"),
            "gotong backup writes no such file: find out where it comes from",
        ),
        // What is left says that the header was changed.
        _ => failure(format!("its header does not hold: {fault}"), "it was changed or cut short: fetch another copy"),
    }
}

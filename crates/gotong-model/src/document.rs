//! Documents: signed notes of two lines, the purpose within the region and one line of canonical JSON (`docs/protocol.md` section 2).

use gotong_crypto::note::{self, Note, NoteFault, Signer};
use gotong_crypto::{PublicKey, SigningKey};
use serde_json::Value;

use crate::json::{self, JsonFault};
use crate::{MemberCode, RegionId, limits};

/// What a document is for; part of what is signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// The members and their root keys.
    Charter,
    /// What lets records cross a border.
    Agreement,
    /// What a member says of its own part in an agreement.
    Notice,
    /// What a member decides for its own channels and constituents; it never leaves the member's machines.
    House,
    /// A member's keys and addresses.
    Statement,
    /// What a peer has applied.
    Acknowledgement,
}

impl Purpose {
    /// The word in the first line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Charter => "charter",
            Self::Agreement => "agreement",
            Self::Notice => "notice",
            Self::House => "house",
            Self::Statement => "statement",
            Self::Acknowledgement => "acknowledgement",
        }
    }
}

/// Why bytes are no acceptable document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentFault {
    /// The note around it is broken or a signature on it is.
    #[error(transparent)]
    Note(#[from] NoteFault),
    /// A field is missing, of the wrong shape, or one too many.
    #[error("the field {0}")]
    Field(#[from] JsonFault),
    /// The first line names another region or purpose.
    #[error("this is no {wanted} of this region: its first line is {found:?}")]
    Elsewhere {
        /// What was expected.
        wanted: &'static str,
        /// What stands there.
        found: String,
    },
    /// Somebody who must have signed has not.
    #[error("the signature of {0} is missing")]
    Unsigned(String),
    /// It does not fit the documents it stands on.
    #[error("{0}")]
    Unfit(String),
}

/// Which of a member's keys signs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The offline root key.
    Root,
    /// The node's key.
    Node,
}

/// The name under which a member's key signs documents.
pub fn signer_name(region: &RegionId, member: &MemberCode, role: Role) -> String {
    let role = match role {
        Role::Root => "root",
        Role::Node => "node",
    };
    format!("gotong/{region}/{member}/{role}")
}

/// A signer to look for.
pub fn signer(region: &RegionId, member: &MemberCode, role: Role, key: &PublicKey) -> Signer {
    Signer { name: signer_name(region, member, role), key: *key }
}

/// The text that is signed: the purpose line and the canonical JSON.
pub fn text(region: &RegionId, purpose: Purpose, value: &Value) -> String {
    let body = String::from_utf8(json::canonical(value)).unwrap_or_default();
    format!("gotong/{region}/{}\n{body}\n", purpose.as_str())
}

/// Signs a document with one key.
pub fn sign(
    region: &RegionId,
    purpose: Purpose,
    value: &Value,
    member: &MemberCode,
    role: Role,
    key: &SigningKey,
) -> Note {
    note::sign(text(region, purpose, value), &signer_name(region, member, role), key)
}

/// What a note says it is for; nothing else of it is looked at.
pub fn purpose_of(bytes: &[u8]) -> Result<Purpose, DocumentFault> {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let word = first.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let all = [
        Purpose::Charter,
        Purpose::Agreement,
        Purpose::Notice,
        Purpose::House,
        Purpose::Statement,
        Purpose::Acknowledgement,
    ];
    all.into_iter().find(|purpose| purpose.as_str().as_bytes() == word).ok_or_else(|| DocumentFault::Elsewhere {
        wanted: "document",
        found: String::from_utf8_lossy(first.get(..first.len().min(200)).unwrap_or_default()).into_owned(),
    })
}

/// Splits a document: the note, the bytes of its JSON and the value. No signature is verified here.
pub fn open(bytes: &[u8], region: Option<&RegionId>, purpose: Purpose) -> Result<Opened, DocumentFault> {
    if bytes.len() > limits::DOCUMENT_BYTES_MAX {
        return Err(JsonFault::new("", "is longer than 1 MiB").into());
    }
    let note = note::parse(bytes)?;
    let mut lines = note.text.split('\n');
    let first = lines.next().unwrap_or_default().to_owned();
    let body = lines.next().unwrap_or_default().to_owned();
    if lines.next() != Some("") || lines.next().is_some() {
        return Err(JsonFault::new("", "must have two lines of text").into());
    }
    let elsewhere = || DocumentFault::Elsewhere { wanted: purpose.as_str(), found: first.clone() };
    let named = first.strip_prefix("gotong/").and_then(|rest| rest.strip_suffix(purpose.as_str()));
    let named = named.and_then(|rest| rest.strip_suffix('/')).and_then(RegionId::from_text).ok_or_else(elsewhere)?;
    if region.is_some_and(|region| *region != named) {
        return Err(elsewhere());
    }
    let value = json::parse_canonical(body.as_bytes())?;
    Ok(Opened { note, region: named, body, value })
}

/// A document whose signatures are still to be verified.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The note it came as.
    pub note: Note,
    /// The region its first line names.
    pub region: RegionId,
    /// Its canonical JSON.
    pub body: String,
    /// The same, read.
    pub value: Value,
}

impl Opened {
    /// Demands that every one of `signers` has signed.
    pub fn demand(&self, signers: &[Signer]) -> Result<(), DocumentFault> {
        let found = self.note.verify(signers)?;
        match signers.iter().find(|signer| !found.contains(signer)) {
            None => Ok(()),
            Some(missing) => Err(DocumentFault::Unsigned(missing.name.clone())),
        }
    }
}

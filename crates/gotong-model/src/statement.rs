//! Statements: a member's node key, TLS keys, sealing key and addresses, signed by its root, chained by serial (`docs/protocol.md` section 4).
//! A moved server or a stolen node key needs no quorum: a new statement is enough.

use std::collections::BTreeMap;

use gotong_crypto::{Digest, PublicKey, SigningKey, tagged, text};
use serde_json::{Value, json};

use crate::charter::{Charter, public_key};
use crate::document::{self, DocumentFault, Purpose, Role};
use crate::json::{self, Fields};
use crate::{MemberCode, RegionId, Timestamp};

/// One statement, valid by construction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    /// Whose keys these are.
    pub member: MemberCode,
    /// Its place in the chain, from 1.
    pub serial: u64,
    /// The hash of the statement before.
    pub previous: Option<Digest>,
    /// When the root signed it.
    pub issued_at: Timestamp,
    /// Signs checkpoints and acknowledgements.
    pub node_key: PublicKey,
    /// SHA-256 of the public keys (DER) of the certificates that the node presents.
    pub tls_keys: Vec<Digest>,
    /// X25519 key to which records can be sealed.
    pub sealing_key: Option<[u8; 32]>,
    /// Where the node answers, `host:port`.
    pub addresses: Vec<String>,
}

impl Statement {
    /// The canonical JSON value.
    pub fn to_value(&self) -> Value {
        let tls: Vec<String> = self.tls_keys.iter().map(Digest::to_text).collect();
        json!({"addresses": self.addresses, "gotong": "statement", "issued_at": self.issued_at.to_string(), "member": self.member.as_str(),
               "node_key": self.node_key.to_text(), "previous": self.previous.map(|hash| hash.to_text()),
               "sealing_key": self.sealing_key.map(|key| text::base64(&key)), "serial": self.serial, "tls_keys": tls, "version": 0})
    }

    /// The hash that the next statement names.
    pub fn hash(&self) -> Digest {
        tagged("gotong/v0/statement", &[&json::canonical(&self.to_value())])
    }

    /// Signs it with the member's root key.
    pub fn sign(&self, region: &RegionId, root: &SigningKey) -> String {
        document::sign(region, Purpose::Statement, &self.to_value(), &self.member, Role::Root, root).encode()
    }

    /// Reads a statement and verifies that the member's root, as the charter names it, signed it.
    pub fn from_note(bytes: &[u8], region: &RegionId, charter: &Charter) -> Result<Self, DocumentFault> {
        Self::from_note_under(bytes, region, &roots_of(charter))
    }

    /// The same, where a root key that any valid charter names for the member will do: a statement outlives the charter under which it was signed.
    fn from_note_under(bytes: &[u8], region: &RegionId, roots: &Roots) -> Result<Self, DocumentFault> {
        let opened = document::open(bytes, Some(region), Purpose::Statement)?;
        let mut fields = Fields::new("", opened.value.clone())?;
        fields.constant("gotong", Purpose::Statement.as_str())?;
        fields.version_0()?;
        let member = fields.read("member", "a member code", MemberCode::from_text)?;
        let serial = fields.integer("serial")?;
        let previous = fields.read_or_null("previous", "a hash", Digest::from_text)?;
        let issued_at = fields.read("issued_at", "a time", Timestamp::from_canonical)?;
        let node_key = fields.read("node_key", "an Ed25519 key in base64", public_key)?;
        let tls_keys = fields.texts("tls_keys", 4, "a digest", Digest::from_text)?;
        let sealing_key = fields.read_or_null("sealing_key", "32 bytes in base64", text::from_base64_array)?;
        let addresses = fields.texts("addresses", 8, "host:port", |text| address(text).then(|| text.to_owned()))?;
        if tls_keys.is_empty() {
            return Err(fields.fault("tls_keys", "must name at least one key").into());
        }
        if serial == 0 || (serial == 1) != previous.is_none() {
            return Err(fields.fault("previous", "must be null for serial 1 and a hash for all others").into());
        }
        fields.done()?;
        let Some(keys) = roots.get(&member) else {
            return Err(DocumentFault::Unfit(format!("the charter names no member {member}")));
        };
        let signers: Vec<_> = keys.iter().map(|key| document::signer(region, &member, Role::Root, key)).collect();
        if opened.note.verify(&signers)?.is_empty() {
            return Err(DocumentFault::Unsigned(document::signer_name(region, &member, Role::Root)));
        }
        Ok(Self { member, serial, previous, issued_at, node_key, tls_keys, sealing_key, addresses })
    }
}

/// The root keys that charters name for each member.
pub(crate) type Roots = BTreeMap<MemberCode, Vec<PublicKey>>;

fn roots_of(charter: &Charter) -> Roots {
    charter.members.iter().map(|(code, member)| (code.clone(), vec![member.root_key])).collect()
}

/// Reads a whole chain, first to last: one member, serials without gap, each naming the hash of the one before.
pub fn chain<'a>(
    notes: impl IntoIterator<Item = &'a [u8]>,
    region: &RegionId,
    charter: &Charter,
) -> Result<Vec<Statement>, DocumentFault> {
    chain_under(notes, region, &roots_of(charter))
}

/// The same under the root keys of several charters.
pub(crate) fn chain_under<'a>(
    notes: impl IntoIterator<Item = &'a [u8]>,
    region: &RegionId,
    roots: &Roots,
) -> Result<Vec<Statement>, DocumentFault> {
    let mut chain: Vec<Statement> = Vec::new();
    for note in notes {
        if chain.len() == crate::limits::STATEMENTS_MAX {
            return Err(DocumentFault::Unfit("a chain of more than 256 statements".to_owned()));
        }
        let statement = Statement::from_note_under(note, region, roots)?;
        let fits = match chain.last() {
            None => statement.serial == 1,
            Some(last) => {
                last.member == statement.member
                    && statement.serial == last.serial + 1
                    && statement.previous == Some(last.hash())
            }
        };
        if !fits {
            return Err(DocumentFault::Unfit(format!(
                "statement {} of {} does not follow the one before it",
                statement.serial, statement.member
            )));
        }
        chain.push(statement);
    }
    if chain.is_empty() { Err(DocumentFault::Unfit("no statement".to_owned())) } else { Ok(chain) }
}

fn address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let host_ok = !host.is_empty()
        && host.len() <= 253
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b));
    host_ok && port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port)
}

//! What a writer is told: of the whole export, and of each record. What the program knows of a record comes from its door; what the object
//! says of itself is read from its body here, once for all formats.
//!
//! Must not decide who may see a record: that was decided before. Read next: `check.rs`.

use gotong_model::{Pap, Timestamp, Tlp};
use serde::Deserialize;

use super::target::is_name;
use super::text::visible;
use crate::stix21::{Facts, ValueKind};

/// What stands above an export.
#[derive(Clone, Debug)]
pub struct Header {
    /// The member or node that makes it.
    pub node: String,
    /// Handles of the channels it is made from; empty: all that the caller may read.
    pub channels: Vec<String>,
    /// When it is made: what is expired or not yet valid is so at this instant.
    pub made_at: Timestamp,
    /// The strictest label it may carry. A record with a stricter one is left out.
    pub label_max: Tlp,
    /// Whether the channels are those of an exercise.
    pub is_exercise: bool,
    /// Where to fetch it again.
    pub fetch: String,
    /// After how many seconds it should be fetched again.
    pub refresh_s: u32,
}

impl Header {
    /// The sentences that open every format with comments, each in one line.
    pub(crate) fn lines(&self, title: &str) -> Vec<String> {
        // To some readers of rules a backslash at its end makes the next line part of a comment.
        let plain = |text: &str| visible(text, "\\", 300);
        let channels = if self.channels.is_empty() {
            "every channel that the caller reads".to_owned()
        } else {
            plain(&self.channels.join(", "))
        };
        let label = self.label_max.as_str().to_uppercase();
        let mut lines = vec![
            format!("Gotong export: {title}"),
            format!("Made by {} at {} from {channels}.", plain(&self.node), self.made_at),
            format!(
                "TLP:{label}: nothing in here is stricter. Whoever gets this file must be allowed to read all of it."
            ),
            "Withdrawn, revoked, expired and not yet valid records are not in it, as of the time above.".to_owned(),
            format!(
                "Fetch it again every {} seconds and replace it whole, so that what is withdrawn or expires later goes: {}",
                self.refresh_s,
                plain(&self.fetch)
            ),
        ];
        if self.is_exercise {
            lines.push("EXERCISE EXERCISE EXERCISE: made for an exercise. Do not use it on a real network.".to_owned());
        }
        lines
    }
}

/// One record.
#[derive(Clone, Copy, Debug)]
pub struct Item<'a> {
    /// What its body says, from [`crate::stix21::read`].
    pub facts: &'a Facts,
    /// Its body.
    pub body: &'a [u8],
    /// The label that counts now.
    pub label: Tlp,
    /// What may be done with it, where its author said.
    pub pap: Option<Pap>,
    /// The member in whose log it stands.
    pub author: &'a str,
    /// Its channel's handle.
    pub channel: &'a str,
    /// When its author published it.
    pub published_at: Timestamp,
}

/// What the object says of itself beyond its facts.
#[derive(Deserialize, Default, Debug)]
pub(crate) struct Details {
    pub(crate) pattern: Option<String>,
    pub(crate) pattern_type: Option<String>,
    valid_from: Option<String>,
    pub(crate) confidence: Option<u8>,
    #[serde(default)]
    pub(crate) indicator_types: Vec<String>,
}

impl Details {
    /// Of an indicator, which [`crate::stix21::read`] has checked; of any other object only what it has.
    pub(crate) fn of(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    pub(crate) fn valid_from(&self) -> Option<Timestamp> {
        self.valid_from.as_deref().and_then(Timestamp::parse)
    }
}

/// The origin of a response policy zone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ZoneName(String);

impl ZoneName {
    /// Reads a name such as `gotong.rpz`: lower case, at most 63 bytes, so that most names have room before it.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() <= 63 && is_name(text)).then(|| Self(text.to_owned()))
    }

    /// The name without a dot at the end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a resolver does with a listed name or address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Policy {
    /// Says that the name does not exist.
    NxDomain,
    /// Says that the name has no such record.
    NoData,
    /// Answers as always, and logs: to try a list before it bites.
    PassThru,
    /// Answers with the addresses of another name, where a page tells people why.
    Garden(ZoneName),
}

impl Policy {
    /// Reads `nxdomain`, `nodata`, `passthru`, or the name of a walled garden, which has a dot.
    pub fn from_text(text: &str) -> Option<Self> {
        match text {
            "nxdomain" => Some(Self::NxDomain),
            "nodata" => Some(Self::NoData),
            "passthru" => Some(Self::PassThru),
            _ if text.contains('.') => ZoneName::parse(text).map(Self::Garden),
            _ => None,
        }
    }
}

/// What of the records, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Kinds of values, as they are named in lists (`ipv4`, `sha256`, …; `hash` for all hashes). Empty: every kind that the format has.
    pub kinds: Vec<String>,
    /// The least confidence; above 0 it leaves out what tells none.
    pub confidence_min: u8,
    /// Whether names below a listed one are meant too.
    pub subdomains: bool,
    /// Whether the host of a listed URL is listed as well. One bad page does not make its host bad.
    pub url_hosts: bool,
    /// Whether observables count like indicators. They were seen; nobody warned of them.
    pub observables: bool,
    /// Of response policy zones: their origin.
    pub zone: ZoneName,
    /// Of response policy zones: what a resolver does.
    pub policy: Policy,
    /// Of response policy zones: the serial of the one before, if known. The new one is greater (RFC 1982).
    pub serial_after: Option<u32>,
    /// Of rules: the first number and how many there are.
    pub sids: (u32, u32),
}

impl Default for Options {
    fn default() -> Self {
        Self {
            kinds: Vec::new(),
            confidence_min: 0,
            subdomains: true,
            url_hosts: false,
            observables: false,
            zone: ZoneName("gotong.rpz".to_owned()),
            policy: Policy::NxDomain,
            serial_after: None,
            // Above every range that publishers of rules and local use are known to have.
            sids: (1_000_000_000, 1_000_000_000),
        }
    }
}

impl Options {
    /// Reads kinds divided by commas, such as `ipv4,domain,sha256`; the error is the first word that is none.
    pub fn parse_kinds(text: &str) -> Result<Vec<String>, String> {
        let is_kind = |word: &str| is_hash(word) || ValueKind::ALL.iter().any(|kind| kind.as_str() == word);
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.map(|word| if is_kind(word) { Ok(word.to_owned()) } else { Err(word.to_owned()) }).collect()
    }

    /// Whether a kind is asked for.
    pub(crate) fn takes(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|asked| asked == kind || (is_hash(kind) && asked == "hash"))
    }
}

/// The hashes that are kinds of their own.
fn is_hash(kind: &str) -> bool {
    matches!(kind, "md5" | "sha1" | "sha256" | "sha512")
}

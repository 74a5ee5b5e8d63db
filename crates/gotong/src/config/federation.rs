//! `[federation]`: how this node and others reach each other.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::Result;
use gotong_model::MemberCode;
use serde::Deserialize;

use super::{Kind, Section, Setting, web};
use crate::fault::failure;

pub(super) const SECTION: Section = Section {
    name: "federation",
    about: "Other nodes, over mutual TLS on a port of its own.",
    settings: &[
        Setting {
            key: "listen",
            kind: Kind::Text,
            default: Some("\"0.0.0.0:9400\""),
            about: "Where other nodes are answered.",
        },
        Setting {
            key: "address",
            kind: Kind::Text,
            default: Some("\"\""),
            about: "Where others reach this node, host:port; it goes into the statement that the root key signs.",
        },
        Setting {
            key: "peers",
            kind: Kind::Texts,
            default: Some("{}"),
            about: "Addresses that count instead of those in a peer's statement: { th = \"192.0.2.7:9400\" }.",
        },
    ],
};

/// How nodes reach each other.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Federation {
    /// Where others are answered.
    pub(crate) listen: String,
    /// What others dial.
    pub(crate) address: String,
    /// Member code → address.
    pub(crate) peers: BTreeMap<String, String>,
}

impl Default for Federation {
    fn default() -> Self {
        Self { listen: "0.0.0.0:9400".to_owned(), address: String::new(), peers: BTreeMap::new() }
    }
}

impl Federation {
    pub(super) fn check(&self) -> Result<()> {
        self.listen()?;
        self.overrides().map(|_| ())
    }

    /// The address to listen on.
    pub(crate) fn listen(&self) -> Result<SocketAddr> {
        web::address("federation.listen", &self.listen)
    }

    /// Addresses that count instead of those in statements.
    pub(crate) fn overrides(&self) -> Result<BTreeMap<MemberCode, String>> {
        let read = |(code, address): (&String, &String)| {
            let code = MemberCode::from_text(code).ok_or_else(|| {
                failure(format!("federation.peers names {code:?}, which is no member code"), "write th, not TH")
            })?;
            Ok((code, address.clone()))
        };
        self.peers.iter().map(read).collect()
    }
}

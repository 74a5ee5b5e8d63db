//! `[web]`: where pages and API answer.

use std::net::SocketAddr;

use anyhow::Result;
use serde::Deserialize;

use super::{Kind, Section, Setting};
use crate::fault::failure;

pub(super) const SECTION: Section = Section {
    name: "web",
    about: "Pages and API.",
    settings: &[
        Setting {
            key: "listen",
            kind: Kind::Text,
            default: Some("\"127.0.0.1:8400\""),
            about: "Where pages and API answer, over plain HTTP: loopback only, unless a proxy that speaks TLS stands in front.",
        },
        Setting {
            key: "behind_proxy",
            kind: Kind::Switch,
            default: Some("false"),
            about: "A proxy that speaks TLS stands in front, so that another address than loopback is allowed.",
        },
        Setting {
            key: "metrics_for_all",
            kind: Kind::Switch,
            default: Some("false"),
            about: "/metrics answers everyone who reaches the address, not this machine alone.",
        },
        Setting {
            key: "second_factor",
            kind: Kind::Switch,
            default: Some("true"),
            about: "Roles that can let something out or run the node need a second factor at log-in. Switch it off for a demonstration alone.",
        },
    ],
};

/// Where pages and API answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Web {
    /// The address.
    pub(crate) listen: String,
    /// Whether a TLS proxy is in front.
    pub(crate) behind_proxy: bool,
    /// Whether `/metrics` is for everyone.
    pub(crate) metrics_for_all: bool,
    /// Whether roles with weight need a second factor.
    pub(crate) second_factor: bool,
}

impl Default for Web {
    fn default() -> Self {
        Self { listen: "127.0.0.1:8400".to_owned(), behind_proxy: false, metrics_for_all: false, second_factor: true }
    }
}

impl Web {
    pub(super) fn check(&self) -> Result<()> {
        let address = self.address()?;
        if !address.ip().is_loopback() && !self.behind_proxy {
            return Err(failure(
                format!("web.listen is {address}, and plain HTTP is for loopback only"),
                "listen on 127.0.0.1 and put a proxy that speaks TLS in front; if it must reach another address, set web.behind_proxy = true",
            ));
        }
        Ok(())
    }

    /// The address to listen on.
    pub(crate) fn address(&self) -> Result<SocketAddr> {
        address("web.listen", &self.listen)
    }
}

/// Reads an address to listen on.
pub(super) fn address(setting: &str, text: &str) -> Result<SocketAddr> {
    text.parse().map_err(|_| {
        failure(
            format!("{setting} is {text:?}, which is no address"),
            "write IP and port, such as 127.0.0.1:8400 or [::1]:8400",
        )
    })
}

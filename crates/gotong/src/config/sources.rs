//! `[outward]`: what the node may reach outside its region, for sources and for telling others.

use std::path::PathBuf;

use anyhow::{Context, Result};
use gotong_web::outward::fetch::Fetcher;
use gotong_web::outward::guard::{Guard, Network};
use gotong_web::outward::trust;
use serde::Deserialize;

use super::{Kind, Section, Setting};
use crate::fault::failure;

pub(super) const SECTION: Section = Section {
    name: "outward",
    about: "What the node may reach outside its region: public addresses over http and https, and what is opened here.",
    settings: &[
        Setting {
            key: "allow",
            kind: Kind::List,
            default: Some("[]"),
            about: "Networks of your own that sources may lie in: [\"10.1.2.0/24\"]. All that is not public is closed otherwise.",
        },
        Setting {
            key: "authorities",
            kind: Kind::Text,
            default: Some("\"\""),
            about: "A file of certificates (PEM) of your own authorities, which count beside the public ones.",
        },
    ],
};

/// What the node may reach outside.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Outward {
    /// Networks that are open.
    pub(crate) allow: Vec<String>,
    /// A file of authorities.
    pub(crate) authorities: String,
}

impl Outward {
    pub(super) fn check(&self) -> Result<()> {
        self.networks().map(|_| ())
    }

    fn networks(&self) -> Result<Vec<Network>> {
        let read = |text: &String| {
            Network::parse(text).ok_or_else(|| {
                failure(
                    format!("outward.allow names {text:?}, which is no network"),
                    "write 10.1.2.0/24, fd00:1::/32 or a single address; bits behind the length are zero",
                )
            })
        };
        self.allow.iter().map(read).collect()
    }

    /// What goes outside with these settings.
    pub(crate) fn fetcher(&self) -> Result<Fetcher> {
        let pem = if self.authorities.is_empty() {
            None
        } else {
            let path = PathBuf::from(&self.authorities);
            Some(
                std::fs::read(&path)
                    .with_context(|| format!("could not read outward.authorities, {}", path.display()))?,
            )
        };
        let tls = trust::client(pem.as_deref())
            .map_err(|fault| failure(format!("outward.authorities: {fault}"), "name a file of certificates in PEM"))?;
        Ok(Fetcher::new(Guard::new(self.networks()?), tls))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_network_is_refused_by_name() {
        let of = |allow: &[&str]| Outward {
            allow: allow.iter().map(|text| (*text).to_owned()).collect(),
            ..Outward::default()
        };
        assert!(of(&["10.1.2.0/24", "::1"]).check().is_ok());
        for bad in ["10.1.2.1/24", "localhost", "", "*"] {
            assert!(format!("{:#}", of(&[bad]).check().unwrap_err()).contains(bad));
        }
        assert!(of(&[]).fetcher().is_ok());
        let missing = Outward { authorities: "/nonexistent/ca.pem".to_owned(), ..Outward::default() };
        assert!(missing.fetcher().is_err());
    }
}

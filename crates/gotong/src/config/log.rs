//! `[log]`: the program log.

use anyhow::Result;
use serde::Deserialize;
use tracing_subscriber::EnvFilter;

use super::{Kind, Section, Setting};
use crate::fault::failure;

pub(super) const SECTION: Section = Section {
    name: "log",
    about: "The program log, on standard error.",
    settings: &[
        Setting {
            key: "format",
            kind: Kind::Text,
            default: Some("\"text\""),
            about: "text for people, json for machines: one object a line.",
        },
        Setting {
            key: "level",
            kind: Kind::Text,
            default: Some("\"info\""),
            about: "error, warn, info, debug or trace; for one part of the program: info,gotong_sync=debug.",
        },
    ],
};

/// How the program log is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// `text` or `json`.
    pub(crate) format: Format,
    /// What is written.
    pub(crate) level: String,
}

/// How a line of the program log looks.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self { format: Format::Text, level: "info".to_owned() }
    }
}

impl Log {
    pub(super) fn check(&self) -> Result<()> {
        self.filter().map(|_| ())
    }

    fn filter(&self) -> Result<EnvFilter> {
        EnvFilter::try_new(&self.level).map_err(|fault| {
            failure(format!("log.level is {:?}: {fault}", self.level), "write error, warn, info, debug or trace")
        })
    }

    /// Begins to write the program log to standard error.
    pub(crate) fn begin(&self) -> Result<()> {
        let lines =
            tracing_subscriber::fmt().with_env_filter(self.filter()?).with_writer(std::io::stderr).with_ansi(false);
        let begun = match self.format {
            Format::Text => lines.try_init(),
            Format::Json => lines.json().flatten_event(true).try_init(),
        };
        begun.map_err(|fault| anyhow::anyhow!("the program log could not begin: {fault}"))
    }
}

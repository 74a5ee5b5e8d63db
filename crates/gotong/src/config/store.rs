//! `[store]`: how much the store may use.

use serde::Deserialize;

use super::{Kind, Section, Setting};

pub(super) const SECTION: Section = Section {
    name: "store",
    about: "The store in the folder `store`.",
    settings: &[Setting {
        key: "cache_mib",
        kind: Kind::Number,
        default: Some("96"),
        about: "Memory for pages of the database, in MiB, all connections together.",
    }],
};

/// How much the store may use.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Store {
    /// Page caches in MiB.
    pub(crate) cache_mib: u32,
}

impl Default for Store {
    fn default() -> Self {
        Self { cache_mib: 96 }
    }
}

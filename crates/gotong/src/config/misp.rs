//! `[misp]`: what programs of MISP meet at `/misp/`. Must not open a channel: it only says which of those that are open is meant. Read next: `docs/book/misp.md`.

use serde::Deserialize;

use super::{Kind, Section, Setting};

pub(super) const SECTION: Section = Section {
    name: "misp",
    about: "Programs of MISP, at /misp/.",
    settings: &[Setting {
        key: "channel",
        kind: Kind::Text,
        default: Some("\"\""),
        about: "The channel of an agreement in which events of MISP are published that name no sharing group, where several are open.",
    }],
};

/// What programs of MISP meet.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Misp {
    /// The channel's handle; empty where none is named.
    pub(crate) channel: String,
}

impl Misp {
    /// The handle, where one is named.
    pub(crate) fn channel(&self) -> Option<String> {
        (!self.channel.is_empty()).then(|| self.channel.clone())
    }
}

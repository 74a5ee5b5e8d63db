//! `[node]`: whose node it is.

use anyhow::Result;
use gotong_model::{MemberCode, RegionId};
use serde::Deserialize;

use super::{Kind, Section, Setting};
use crate::fault::failure;

pub(super) const SECTION: Section = Section {
    name: "node",
    about: "Whose node this is.",
    settings: &[
        Setting {
            key: "member",
            kind: Kind::Text,
            default: None,
            about: "The member's code in the charter, such as vn.",
        },
        Setting { key: "name", kind: Kind::Text, default: None, about: "The node's name, as pages show it." },
        Setting {
            key: "region",
            kind: Kind::Text,
            default: Some("\"\""),
            about: "The region this node is pinned to, as its sixteen words or its id. Another charter is refused.",
        },
        Setting {
            key: "rehearsal",
            kind: Kind::Switch,
            default: Some("false"),
            about: "Whether this node only rehearses. It then takes a rehearsal's charter and no other; a real node takes no rehearsal's.",
        },
    ],
};

/// Whose node it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Node {
    /// The member's code.
    pub(crate) member: String,
    /// The node's name.
    pub(crate) name: String,
    /// The region's id or words, if it is pinned.
    #[serde(default)]
    pub(crate) region: String,
    /// Whether it only rehearses.
    #[serde(default)]
    pub(crate) rehearsal: bool,
}

impl Node {
    pub(super) fn check(&self) -> Result<()> {
        self.code()?;
        if self.name.trim().is_empty() || self.name.len() > 256 {
            return Err(failure("node.name must have 1 to 256 bytes", "write the name that people know the node by"));
        }
        self.region()?;
        Ok(())
    }

    /// The member's code.
    pub(crate) fn code(&self) -> Result<MemberCode> {
        MemberCode::from_text(&self.member).ok_or_else(|| {
            failure(
                format!("{:?} is no member code", self.member),
                "a code has 2 to 16 small letters, digits and hyphens and begins with a letter: vn, asec",
            )
        })
    }

    /// The region it is pinned to.
    pub(crate) fn region(&self) -> Result<Option<RegionId>> {
        if self.region.trim().is_empty() {
            return Ok(None);
        }
        let region = RegionId::from_text_or_words(&self.region);
        region.map(Some).ok_or_else(|| {
            failure(
                "node.region is neither a region's id nor its sixteen words",
                "compare it with what `gotong charter show` prints at another member",
            )
        })
    }
}

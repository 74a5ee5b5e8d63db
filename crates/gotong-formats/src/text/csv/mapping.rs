//! What the columns of a table mean: written as JSON, kept by whoever imports such tables again.
//!
//! Strict: a word that is not known is refused, so that a slip never turns a column into another. Read next: `guess.rs`, which proposes one.

use crate::stix21::ValueKind;
use crate::text::time::Calendar;
use serde::{Deserialize, Serialize};

/// Where the names of the columns are.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Header {
    /// In the first record, which is no data. It must be the one of the mapping.
    First,
    /// Nowhere, or in a comment: the first record is data.
    None,
}

/// What a column means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Meaning {
    /// A value.
    Value,
    /// What the values of the row are, in the words of MISP, OTX or `ThreatFox`.
    Type,
    /// The indicator's name.
    Name,
    /// Its description. Several such columns are put together, each behind its name.
    Description,
    /// One label.
    Label,
    /// Labels, divided by commas, semicolons or bars.
    Tags,
    /// A label of the Traffic Light Protocol.
    Tlp,
    /// From 0 to 100, or none, low, medium, high.
    Confidence,
    /// From when on it holds.
    FirstSeen,
    /// When it was last seen; becomes part of the description.
    LastSeen,
    /// Until when it holds.
    ValidUntil,
    /// Whether it is meant to be searched for (MISP's `to_ids`). Where not, an observable is made.
    Actionable,
    /// Nothing that is taken.
    Ignore,
}

impl Meaning {
    /// Whether it says something of a value that observables have no place for.
    pub(crate) fn is_beside(self) -> bool {
        match self {
            Self::Name
            | Self::Description
            | Self::Label
            | Self::Tags
            | Self::Confidence
            | Self::FirstSeen
            | Self::LastSeen
            | Self::ValidUntil => true,
            Self::Value | Self::Type | Self::Tlp | Self::Actionable | Self::Ignore => false,
        }
    }
}

/// One column.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name in the header, or a number.
    pub name: String,
    /// What it means.
    pub meaning: Meaning,
    /// What its values are, where it holds but one kind: `ipv4`, `domain`, `url`, `email`, `hash`, `file-name` and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// What a table means.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// What is between two cells: `,`, `;`, `|`, a tab.
    pub delimiter: char,
    /// Where the names are.
    pub header: Header,
    /// Whether lines that begin with `#` are comments.
    #[serde(default = "yes")]
    pub comments: bool,
    /// The character set, such as `windows-1258`; UTF-8 or what the byte order mark says where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
    /// In which calendar its years are counted; the common one where it is missing.
    #[serde(default, skip_serializing_if = "Calendar::is_gregorian")]
    pub calendar: Calendar,
    /// The columns, in their order.
    pub columns: Vec<Column>,
}

fn yes() -> bool {
    true
}

/// The kind of a word.
pub(crate) fn kind_of_word(word: &str) -> Option<ValueKind> {
    ValueKind::ALL.into_iter().find(|kind| kind.as_str() == word && *kind != ValueKind::Other)
}

impl Mapping {
    pub(crate) fn delimiter_byte(&self) -> u8 {
        u8::try_from(self.delimiter).unwrap_or(b',')
    }

    /// What makes it no mapping.
    pub(crate) fn flaw(&self) -> Option<&'static str> {
        if !matches!(self.delimiter, ',' | ';' | '\t' | '|' | ':' | ' ') {
            return Some("the delimiter must be a comma, a semicolon, a tab, a bar, a colon or a blank");
        }
        if self.columns.is_empty() || self.columns.len() > super::rows::COLUMNS_MAX {
            return Some("there must be from 1 to 1,024 columns");
        }
        if !self.columns.iter().any(|column| column.meaning == Meaning::Value) {
            return Some("no column is a value; say `\"meaning\": \"value\"` of one");
        }
        if self.columns.iter().filter_map(|column| column.kind.as_deref()).any(|word| kind_of_word(word).is_none()) {
            return Some(
                "a column's kind is unknown; it is a word such as ipv4, ipv6, domain, url, email, hash or file-name",
            );
        }
        if self.charset.as_deref().is_some_and(|label| crate::text::Charset::from_label(label).is_none()) {
            return Some(
                "the character set is unknown; name it as browsers do, such as utf-8, windows-1258 or tis-620",
            );
        }
        for only in [
            Meaning::Type,
            Meaning::Name,
            Meaning::Tlp,
            Meaning::Confidence,
            Meaning::FirstSeen,
            Meaning::ValidUntil,
            Meaning::Actionable,
        ] {
            if self.columns.iter().filter(|column| column.meaning == only).count() > 1 {
                return Some("two columns have a meaning that only one can have");
            }
        }
        None
    }
}

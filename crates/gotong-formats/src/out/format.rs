//! The formats that can be written: their names, media types and titles, and which of them make tools act.
//!
//! A new format gets its name here, its form in `form.rs`, and its page in `docs/book/exports.md`. Must not write anything itself.

use super::item::{Options, Policy};
use super::target::HashKind;

/// A format to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Format {
    /// A STIX 2.1 bundle under an id of its own.
    StixBundle {
        /// The bundle's UUID, which nobody else may have.
        uuid: [u8; 16],
    },
    /// STIX 2.1 objects, one a line.
    StixLines,
    /// A table.
    Csv,
    /// Values one a line.
    Plain,
    /// A hosts file.
    Hosts,
    /// A DNS response policy zone.
    Rpz,
    /// Rules for Suricata.
    Suricata,
    /// A dataset of domain names for Suricata.
    SuricataDomains,
    /// A reputation list of addresses for Suricata.
    SuricataReputation,
    /// A list of hashes of files for Suricata: MD5, SHA-1 or SHA-256.
    SuricataHashes(HashKind),
    /// Rules for Snort 3.
    Snort,
    /// An intelligence file for Zeek.
    Zeek,
    /// Elastic Common Schema, one JSON object a line.
    Ecs,
}

impl Format {
    /// The names under which formats are asked for.
    pub const NAMES: [&'static str; 15] = [
        "stix",
        "ndjson",
        "csv",
        "list",
        "hosts",
        "rpz",
        "suricata",
        "suricata-domains",
        "suricata-addresses",
        "suricata-md5",
        "suricata-sha1",
        "suricata-sha256",
        "snort",
        "zeek",
        "ecs",
    ];

    /// The format of a name; `uuid` is for a bundle.
    pub fn from_name(name: &str, uuid: [u8; 16]) -> Option<Self> {
        Some(match name {
            "stix" => Self::StixBundle { uuid },
            "ndjson" => Self::StixLines,
            "csv" => Self::Csv,
            "list" => Self::Plain,
            "hosts" => Self::Hosts,
            "rpz" => Self::Rpz,
            "suricata" => Self::Suricata,
            "suricata-domains" => Self::SuricataDomains,
            "suricata-addresses" => Self::SuricataReputation,
            "suricata-md5" => Self::SuricataHashes(HashKind::Md5),
            "suricata-sha1" => Self::SuricataHashes(HashKind::Sha1),
            "suricata-sha256" => Self::SuricataHashes(HashKind::Sha256),
            "snort" => Self::Snort,
            "zeek" => Self::Zeek,
            "ecs" => Self::Ecs,
            _ => return None,
        })
    }

    /// Media type and file name.
    pub fn media(&self) -> (&'static str, &'static str) {
        const TEXT: &str = "text/plain; charset=utf-8";
        match self {
            Self::StixBundle { .. } => ("application/stix+json;version=2.1", "gotong.stix.json"),
            Self::StixLines => ("application/x-ndjson", "gotong.stix.ndjson"),
            Self::Csv => ("text/csv; charset=utf-8; header=present", "gotong.csv"),
            Self::Plain => (TEXT, "gotong.txt"),
            Self::Hosts => (TEXT, "gotong.hosts"),
            Self::Rpz => (TEXT, "gotong.rpz.zone"),
            Self::Suricata => (TEXT, "gotong.suricata.rules"),
            Self::SuricataDomains => (TEXT, "gotong-domains.lst"),
            Self::SuricataReputation => (TEXT, "gotong-addresses.list"),
            Self::SuricataHashes(HashKind::Md5) => (TEXT, "gotong-md5.list"),
            Self::SuricataHashes(HashKind::Sha1) => (TEXT, "gotong-sha1.list"),
            Self::SuricataHashes(HashKind::Sha256 | HashKind::Sha512) => (TEXT, "gotong-sha256.list"),
            Self::Snort => (TEXT, "gotong.snort.rules"),
            Self::Zeek => (TEXT, "gotong.intel.dat"),
            Self::Ecs => ("application/x-ndjson", "gotong.ecs.ndjson"),
        }
    }

    pub(crate) fn title(&self) -> &'static str {
        match self {
            Self::StixBundle { .. } | Self::StixLines => "STIX 2.1",
            Self::Csv => "table",
            Self::Plain => "values, one a line",
            Self::Hosts => "hosts file",
            Self::Rpz => "DNS response policy zone",
            Self::Suricata => "rules for Suricata",
            Self::SuricataDomains => "dataset of domain names for Suricata",
            Self::SuricataReputation => "reputation of addresses for Suricata",
            Self::SuricataHashes(_) => "hashes of files for Suricata",
            Self::Snort => "rules for Snort 3",
            Self::Zeek => "intelligence for Zeek",
            Self::Ecs => "Elastic Common Schema 8",
        }
    }

    /// Whether it can say an address together with a port.
    pub(crate) fn says_ports(&self) -> bool {
        matches!(self, Self::Suricata | Self::Snort)
    }

    /// Whether tools act on what they read from it, which PAP:AMBER and PAP:RED forbid. Looking at one's own traffic is no act.
    pub(crate) fn acts(&self, options: &Options) -> bool {
        match self {
            // The table says of each value whether it may be blocked.
            Self::Plain | Self::Hosts | Self::Csv => true,
            Self::Rpz => options.policy != Policy::PassThru,
            Self::StixBundle { .. }
            | Self::StixLines
            | Self::Suricata
            | Self::SuricataDomains
            | Self::SuricataReputation
            | Self::SuricataHashes(_)
            | Self::Snort
            | Self::Zeek
            | Self::Ecs => false,
        }
    }
}

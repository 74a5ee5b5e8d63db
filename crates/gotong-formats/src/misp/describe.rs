//! Types and categories of attributes, as MISP's core format lists them (draft-dulaunoy-misp-core-format-18, section "Attribute Attributes", type): which types
//! a category has, and for each type a category and a switch that suit it, where a client leaves them open. `suricata` and `edge-extension-id` came after the
//! draft, with MISP 2.5.
//!
//! Must not refuse anything: types are extended all the time, and an unknown one is carried as text. Read next: `types.rs`, what the types mean.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// What is said of a digest of a file; the same alone and behind `filename|`.
const DIGESTS: [&str; 12] = [
    "md5",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "sha512/224",
    "sha512/256",
    "sha3-224",
    "sha3-256",
    "sha3-384",
    "sha3-512",
];
/// Names with a digest or likeness.
const NAMED: [&str; 19] = [
    "md5",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "sha512/224",
    "sha512/256",
    "sha3-224",
    "sha3-256",
    "sha3-384",
    "sha3-512",
    "authentihash",
    "vhash",
    "ssdeep",
    "tlsh",
    "imphash",
    "impfuzzy",
    "pehash",
];
/// The digests that an external analysis has.
const FEW_DIGESTS: [&str; 7] = ["md5", "sha1", "sha256", "sha3-224", "sha3-256", "sha3-384", "sha3-512"];
const CERTIFICATES: [&str; 3] = ["x509-fingerprint-sha1", "x509-fingerprint-md5", "x509-fingerprint-sha256"];
const MAIL: [&str; 12] = [
    "email-subject",
    "email-attachment",
    "email-body",
    "email-dst-display-name",
    "email-src-display-name",
    "email-header",
    "email-reply-to",
    "email-x-mailer",
    "email-mime-boundary",
    "email-thread-index",
    "email-message-id",
    "whois-registrant-email",
];
const APPS: [&str; 4] = ["azure-application-id", "mobile-application-id", "chrome-extension-id", "edge-extension-id"];
const HOSTS: [&str; 6] = ["ip-src", "ip-dst", "ip-dst|port", "ip-src|port", "hostname", "domain"];
const MACHINES: [&str; 2] = ["mac-address", "mac-eui-64"];
const PRINTS: [&str; 4] = ["ja3-fingerprint-md5", "jarm-fingerprint", "hassh-md5", "hasshserver-md5"];
const KEYS: [&str; 2] = ["pgp-public-key", "pgp-private-key"];
const LIKENESS: [&str; 7] = ["ssdeep", "imphash", "telfhash", "impfuzzy", "authentihash", "vhash", "cdhash"];

/// The categories, each with its types in lists that several share.
const CATEGORIES: [(&str, &[&[&str]]); 16] = [
    ("Internal reference", &[&["text", "link", "comment", "other", "hex", "anonymised", "git-commit-id"]]),
    (
        "Targeting data",
        &[&[
            "target-user",
            "target-email",
            "target-machine",
            "target-org",
            "target-location",
            "target-external",
            "comment",
            "anonymised",
        ]],
    ),
    ("Antivirus detection", &[&["link", "comment", "text", "hex", "attachment", "other", "anonymised"]]),
    (
        "Payload delivery",
        &[
            &DIGESTS,
            &LIKENESS,
            &["pehash", "tlsh", "filename"],
            &MACHINES,
            &HOSTS,
            &["email", "email-src", "email-dst"],
            &MAIL,
            &CERTIFICATES,
            &PRINTS,
            &APPS,
            &[
                "url",
                "user-agent",
                "AS",
                "pattern-in-file",
                "pattern-in-traffic",
                "filename-pattern",
                "stix2-pattern",
                "yara",
                "sigma",
                "mime-type",
                "attachment",
                "malware-sample",
                "link",
                "malware-type",
                "comment",
                "text",
                "hex",
                "vulnerability",
                "cpe",
                "weakness",
                "other",
                "hostname|port",
                "anonymised",
                "onion-address",
            ],
        ],
    ),
    (
        "Artifacts dropped",
        &[
            &DIGESTS,
            &LIKENESS,
            &[
                "filename",
                "regkey",
                "regkey|value",
                "pattern-in-file",
                "pattern-in-memory",
                "filename-pattern",
                "pdb",
                "stix2-pattern",
                "yara",
                "sigma",
                "attachment",
                "malware-sample",
                "named pipe",
                "mutex",
                "process-state",
                "windows-scheduled-task",
                "windows-service-name",
                "windows-service-displayname",
                "comment",
                "text",
                "hex",
                "other",
                "cookie",
                "gene",
                "kusto-query",
                "mime-type",
                "anonymised",
            ],
            &CERTIFICATES,
            &KEYS,
        ],
    ),
    (
        "Payload installation",
        &[
            &DIGESTS,
            &LIKENESS,
            &[
                "pehash",
                "tlsh",
                "filename",
                "pattern-in-file",
                "pattern-in-traffic",
                "pattern-in-memory",
                "filename-pattern",
                "stix2-pattern",
                "yara",
                "sigma",
                "vulnerability",
                "cpe",
                "weakness",
                "attachment",
                "malware-sample",
                "malware-type",
                "comment",
                "text",
                "hex",
                "other",
                "mime-type",
                "anonymised",
            ],
            &CERTIFICATES,
            &APPS,
        ],
    ),
    (
        "Persistence mechanism",
        &[&["filename", "regkey", "regkey|value", "comment", "text", "other", "hex", "anonymised"]],
    ),
    (
        "Network activity",
        &[
            &HOSTS,
            &MACHINES,
            &CERTIFICATES,
            &PRINTS,
            &[
                "port",
                "domain|ip",
                "email",
                "email-dst",
                "email-src",
                "eppn",
                "url",
                "uri",
                "user-agent",
                "http-method",
                "AS",
                "snort",
                "suricata",
                "pattern-in-file",
                "filename-pattern",
                "stix2-pattern",
                "pattern-in-traffic",
                "attachment",
                "comment",
                "text",
                "other",
                "hex",
                "cookie",
                "hostname|port",
                "bro",
                "zeek",
                "anonymised",
                "community-id",
                "email-subject",
                "favicon-mmh3",
                "dkim",
                "dkim-signature",
                "ssh-fingerprint",
                "dom-hash",
                "onion-address",
            ],
        ],
    ),
    ("Payload type", &[&["comment", "text", "other", "anonymised"]]),
    (
        "Attribution",
        &[
            &[
                "threat-actor",
                "campaign-name",
                "campaign-id",
                "whois-registrant-phone",
                "whois-registrant-email",
                "whois-registrant-name",
                "whois-registrant-org",
                "whois-registrar",
                "whois-creation-date",
                "comment",
                "text",
                "other",
                "dns-soa-email",
                "anonymised",
                "email",
            ],
            &CERTIFICATES,
        ],
    ),
    (
        "External analysis",
        &[
            &FEW_DIGESTS,
            &HOSTS,
            &MACHINES,
            &CERTIFICATES,
            &PRINTS,
            &[
                "filename",
                "domain|ip",
                "url",
                "user-agent",
                "regkey",
                "regkey|value",
                "AS",
                "snort",
                "suricata",
                "bro",
                "zeek",
                "pattern-in-file",
                "pattern-in-traffic",
                "pattern-in-memory",
                "filename-pattern",
                "vulnerability",
                "cpe",
                "weakness",
                "attachment",
                "malware-sample",
                "link",
                "comment",
                "text",
                "github-repository",
                "other",
                "cortex",
                "anonymised",
                "community-id",
                "dom-hash",
                "onion-address",
            ],
        ],
    ),
    (
        "Financial fraud",
        &[&[
            "btc",
            "dash",
            "xmr",
            "iban",
            "bic",
            "bank-account-nr",
            "aba-rtn",
            "bin",
            "cc-number",
            "prtn",
            "phone-number",
            "comment",
            "text",
            "other",
            "hex",
            "anonymised",
        ]],
    ),
    ("Support Tool", &[&["link", "text", "attachment", "comment", "other", "hex", "anonymised"]]),
    (
        "Social network",
        &[
            &[
                "github-username",
                "github-repository",
                "github-organisation",
                "jabber-id",
                "twitter-id",
                "email",
                "email-src",
                "email-dst",
                "eppn",
                "comment",
                "text",
                "other",
                "whois-registrant-email",
                "anonymised",
            ],
            &KEYS,
        ],
    ),
    (
        "Person",
        &[
            &[
                "first-name",
                "middle-name",
                "last-name",
                "full-name",
                "date-of-birth",
                "place-of-birth",
                "gender",
                "passport-number",
                "passport-country",
                "passport-expiration",
                "redress-number",
                "nationality",
                "visa-number",
                "issue-date-of-the-visa",
                "primary-residence",
                "country-of-residence",
                "special-service-request",
                "frequent-flyer-number",
                "travel-details",
                "payment-details",
                "place-port-of-original-embarkation",
                "place-port-of-clearance",
                "place-port-of-onward-foreign-destination",
                "passenger-name-record-locator-number",
                "comment",
                "text",
                "other",
                "phone-number",
                "identity-card-number",
                "anonymised",
                "email",
            ],
            &KEYS,
        ],
    ),
    (
        "Other",
        &[
            &[
                "comment",
                "text",
                "other",
                "size-in-bytes",
                "counter",
                "integer",
                "datetime",
                "cpe",
                "port",
                "float",
                "hex",
                "phone-number",
                "boolean",
                "anonymised",
                "uuid",
            ],
            &KEYS,
        ],
    ),
];

/// The names of the categories.
pub fn categories() -> impl Iterator<Item = &'static str> {
    CATEGORIES.iter().map(|(name, _)| *name)
}

/// The types that a category has.
pub fn types_of(category: &str) -> Vec<String> {
    let found = CATEGORIES.iter().find(|(name, _)| *name == category);
    let lists = found.map(|(_, lists)| *lists).unwrap_or_default();
    let mut types: Vec<String> = lists.iter().copied().flatten().map(|&one| one.to_owned()).collect();
    let named: &[&str] = match category {
        "Payload delivery" | "Artifacts dropped" | "Payload installation" => &NAMED,
        "External analysis" => &FEW_DIGESTS,
        _ => &[],
    };
    types.extend(named.iter().map(|one| format!("filename|{one}")));
    types
}

/// All types, each once, with a category and whether it is something to detect, where nobody says.
pub fn defaults() -> Vec<(String, &'static str, bool)> {
    /// Categories in the order in which one is chosen for a type.
    const CHOICE: [&str; 16] = [
        "Network activity",
        "Payload delivery",
        "Artifacts dropped",
        "Payload installation",
        "Financial fraud",
        "Social network",
        "Persistence mechanism",
        "Targeting data",
        "Attribution",
        "External analysis",
        "Antivirus detection",
        "Support Tool",
        "Internal reference",
        "Payload type",
        "Person",
        "Other",
    ];
    let mut found: Vec<(String, &'static str, bool)> = Vec::new();
    for category in CHOICE {
        for one in types_of(category) {
            if !found.iter().any(|(known, ..)| *known == one) {
                let category = usual(&one).unwrap_or(category);
                let is_detected = detected(&one);
                found.push((one, category, is_detected));
            }
        }
    }
    found
}

/// A category and type that clients of MISP take: as they are where the category has the type; else a category that has it; else `Other` and `other`.
/// Clients give up on a whole event for one attribute that is none of these, whoever wrote it.
pub fn taken<'a>(category: &'a str, misp_type: &'a str) -> (&'a str, &'a str) {
    static TYPES: LazyLock<HashMap<String, (&'static str, HashSet<&'static str>)>> = LazyLock::new(|| {
        let each = defaults().into_iter().map(|(name, usual, _)| {
            let having = categories().filter(|category| types_of(category).contains(&name)).collect();
            (name, (usual, having))
        });
        each.collect()
    });
    match TYPES.get(misp_type) {
        Some((_, having)) if having.contains(category) => (category, misp_type),
        Some((usual, _)) => (usual, misp_type),
        None => ("Other", "other"),
    }
}

/// Where a type usually stands, if not in the first category that has it.
fn usual(misp_type: &str) -> Option<&'static str> {
    Some(match misp_type {
        "comment" | "text" | "other" | "hex" | "anonymised" => "Other",
        "link" | "vulnerability" | "weakness" | "attachment" | "cpe" => "External analysis",
        "email" => "Social network",
        "email-src" | "email-subject" => "Payload delivery",
        "filename-pattern" | "pattern-in-file" | "pattern-in-memory" | "stix2-pattern" | "yara" | "sigma" => {
            "Payload installation"
        }
        "pgp-public-key" | "pgp-private-key" | "phone-number" => "Person",
        "regkey" | "regkey|value" => "Persistence mechanism",
        "mime-type" => "Artifacts dropped",
        "whois-registrant-email" => "Attribution",
        _ => return None,
    })
}

/// Whether a value of the type is something to detect.
fn detected(misp_type: &str) -> bool {
    const OTHERS: [&str; 42] = [
        "url",
        "domain|ip",
        "hostname|port",
        "filename",
        "regkey",
        "regkey|value",
        "mutex",
        "yara",
        "sigma",
        "snort",
        "suricata",
        "bro",
        "zeek",
        "stix2-pattern",
        "pattern-in-file",
        "pattern-in-traffic",
        "pattern-in-memory",
        "filename-pattern",
        "malware-sample",
        "email",
        "email-src",
        "email-dst",
        "email-attachment",
        "eppn",
        "btc",
        "dash",
        "xmr",
        "iban",
        "bic",
        "bank-account-nr",
        "aba-rtn",
        "bin",
        "cc-number",
        "prtn",
        "pehash",
        "tlsh",
        "onion-address",
        "uri",
        "favicon-mmh3",
        "community-id",
        "dom-hash",
        "ssh-fingerprint",
    ];
    let lists: [&[&str]; 7] = [&DIGESTS, &LIKENESS, &HOSTS, &CERTIFICATES, &PRINTS, &APPS, &OTHERS];
    misp_type.starts_with("filename|") || lists.iter().any(|list| list.contains(&misp_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_what_clients_take() {
        assert_eq!(taken("Payload delivery", "filename|sha256"), ("Payload delivery", "filename|sha256"));
        assert_eq!(taken("Nonsense", "ip-dst"), ("Network activity", "ip-dst"));
        assert_eq!(taken("Person", "ip-dst"), ("Network activity", "ip-dst"));
        assert_eq!(taken("Network activity", "nosuchtype"), ("Other", "other"));
        assert!(types_of("Other").contains(&"other".to_owned()));
        for (name, category, _) in defaults() {
            assert_eq!(taken(category, &name), (category, name.as_str()));
        }
    }

    #[test]
    fn each_type_has_a_category_that_has_it() {
        let all = defaults();
        assert!(all.len() > 170, "{}", all.len());
        for (name, category, _) in &all {
            assert!(types_of(category).contains(name), "{name} in {category}");
        }
        for category in categories() {
            let types = types_of(category);
            let mut once = types.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), types.len(), "{category}");
        }
        let is_detected = |name: &str| all.iter().find(|(known, ..)| known == name).unwrap().2;
        assert!(
            is_detected("sha256")
                && is_detected("filename|sha256")
                && !is_detected("comment")
                && !is_detected("full-name")
        );
        assert!(types_of("nothing").is_empty());
    }
}

//! Taxonomies that every node knows, with the values that their makers publish and our own words for what they mean: TLP 2.0 (FIRST, 2022), the Permissible
//! Actions Protocol (PAP), the Admiralty scale (AJP-2.1) and RSIT, the incident taxonomy of the TF-CSIRT reference group.
//!
//! Tags of other namespaces are taken as they come. Must not decide what a tag does: what TLP means for a label is `tags.rs`'s.

/// A taxonomy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taxonomy {
    /// What stands before the colon.
    pub namespace: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Whether a record has at most one of its tags.
    pub exclusive: bool,
    /// Each predicate with its values; without values, the predicate is the tag.
    pub predicates: &'static [(&'static str, &'static [&'static str])],
}

/// What every node knows.
pub const TAXONOMIES: [Taxonomy; 4] = [
    Taxonomy {
        namespace: "tlp",
        description: "Traffic Light Protocol 2.0 of FIRST: how far information may be passed on. Here it decides the label.",
        version: "2",
        exclusive: true,
        predicates: &[("red", &[]), ("amber", &[]), ("amber+strict", &[]), ("green", &[]), ("clear", &[])],
    },
    Taxonomy {
        namespace: "PAP",
        description: "Permissible Actions Protocol: what may be done with information, from nothing that can be noticed to anything.",
        version: "2",
        exclusive: true,
        predicates: &[("RED", &[]), ("AMBER", &[]), ("GREEN", &[]), ("CLEAR", &[])],
    },
    Taxonomy {
        namespace: "admiralty-scale",
        description: "How reliable a source is (a to f), and how credible what it says (1 to 6).",
        version: "1",
        exclusive: false,
        predicates: &[
            ("source-reliability", &["a", "b", "c", "d", "e", "f"]),
            ("information-credibility", &["1", "2", "3", "4", "5", "6"]),
        ],
    },
    Taxonomy {
        namespace: "rsit",
        description: "Reference Security Incident Taxonomy: of which class and type an incident is.",
        version: "1003",
        exclusive: false,
        predicates: &[
            ("abusive-content", &["spam", "harmful-speech", "violence"]),
            ("malicious-code", &["infected-system", "c2-server", "malware-distribution", "malware-configuration"]),
            ("information-gathering", &["scanner", "sniffing", "social-engineering"]),
            ("intrusion-attempts", &["ids-alert", "brute-force", "exploit"]),
            (
                "intrusions",
                &[
                    "privileged-account-compromise",
                    "unprivileged-account-compromise",
                    "application-compromise",
                    "system-compromise",
                    "burglary",
                ],
            ),
            ("availability", &["dos", "ddos", "misconfiguration", "sabotage", "outage"]),
            (
                "information-content-security",
                &["unauthorised-information-access", "unauthorised-information-modification", "data-loss", "data-leak"],
            ),
            ("fraud", &["unauthorised-use-of-resources", "copyright", "masquerade", "phishing"]),
            (
                "vulnerable",
                &[
                    "weak-crypto",
                    "ddos-amplifier",
                    "potentially-unwanted-accessible",
                    "information-disclosure",
                    "vulnerable-system",
                ],
            ),
            ("other", &["other", "undetermined"]),
            ("test", &["test"]),
        ],
    },
];

impl Taxonomy {
    /// Its tags: `namespace:predicate`, or `namespace:predicate="value"`.
    pub fn tags(&self) -> Vec<String> {
        let mut tags = Vec::new();
        for (predicate, values) in self.predicates {
            if values.is_empty() {
                tags.push(format!("{}:{predicate}", self.namespace));
            }
            tags.extend(values.iter().map(|value| format!("{}:{predicate}=\"{value}\"", self.namespace)));
        }
        tags
    }
}

/// The namespace of a tag that belongs to a taxonomy, and not to a galaxy.
pub fn namespace_of(tag: &str) -> Option<&str> {
    let (namespace, predicate) = tag.split_once(':')?;
    let is_word =
        |word: &str| !word.is_empty() && !word.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    (is_word(namespace) && !predicate.trim().is_empty() && namespace != "misp-galaxy").then_some(namespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::misp::tags::tlp_of;

    #[test]
    fn every_tag_has_its_namespace_and_those_of_tlp_have_a_label() {
        for taxonomy in TAXONOMIES {
            let tags = taxonomy.tags();
            assert!(!tags.is_empty() && tags.iter().all(|tag| namespace_of(tag) == Some(taxonomy.namespace)));
            assert_eq!(tags.iter().all(|tag| tlp_of(tag).is_some_and(|(_, known)| known)), taxonomy.namespace == "tlp");
        }
        for tag in ["plain", "misp-galaxy:tool=\"x\"", ":x", "a b:c", "ns:", "\u{7}:x"] {
            assert_eq!(namespace_of(tag), None, "{tag}");
        }
    }
}

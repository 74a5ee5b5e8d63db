//! What is a domain name: its syntax, whether its end is in the public suffix list, and, in prose, whether it is not rather a file or code.
//!
//! In a list or a column somebody said that it is a value, so only syntax and suffix count. In prose the name has to stand up for itself.
//! Must not look anything up. Read next: `extract.rs`.

use super::value::NoValue;

/// Special-use ends that are worth exchanging: hidden services (RFC 7686, I2P) and names for examples and exercises (RFC 2606).
const SPECIAL: [&str; 3] = ["onion", "i2p", "example"];

/// Top-level domains that are file endings just as well. In prose a bare name of two labels under one of them is no domain.
const FILE_ENDS: [&str; 36] = [
    "ac",
    "ad",
    "am",
    "as",
    "bar",
    "bz",
    "cab",
    "cat",
    "cc",
    "com",
    "dev",
    "inc",
    "java",
    "la",
    "map",
    "md",
    "mk",
    "ml",
    "mm",
    "mov",
    "ms",
    "pl",
    "pm",
    "properties",
    "ps",
    "pub",
    "py",
    "rs",
    "sc",
    "sh",
    "sl",
    "so",
    "st",
    "tf",
    "vi",
    "zip",
];
/// Of those, ends that many real domains have, so that only known stems make them files.
const OFTEN_DOMAINS: [&str; 9] = ["ac", "bz", "cat", "cc", "com", "dev", "ms", "ml", "sc"];
/// Stems of files and products under ends that many domains have.
const STEMS: [&str; 22] = [
    "command",
    "configure",
    "makefile",
    "config",
    "asp",
    "vb",
    "ado",
    "ml",
    "f",
    "socket",
    "main",
    "lib",
    "test",
    "index",
    "setup",
    "init",
    "mod",
    "readme",
    "changelog",
    "license",
    "stdio",
    "iostream",
];
/// Ends that are names of properties in code, and what stands before them there.
const PROPERTIES: [&str; 18] = [
    "name", "id", "host", "link", "target", "date", "email", "read", "open", "map", "call", "zone", "page", "style",
    "in", "is", "support", "new",
];
const OBJECTS: [&str; 24] = [
    "self", "this", "window", "document", "user", "file", "event", "obj", "object", "node", "item", "request",
    "response", "args", "e", "os", "sys", "config", "req", "res", "ctx", "data", "process", "row",
];
/// First labels of packages that are named the other way round.
const REVERSED: [&str; 18] = [
    "com", "org", "net", "edu", "gov", "io", "java", "javax", "android", "androidx", "kotlin", "kotlinx", "scala",
    "vn", "th", "id", "my", "sg",
];

/// Whether a label is a known end of names.
pub(crate) fn is_suffix(label: &str) -> bool {
    SPECIAL.contains(&label)
        || (!label.contains('.') && psl::suffix(label.as_bytes()).is_some_and(|suffix| suffix.is_known()))
}

/// A domain name in its one spelling, where it is one at all.
pub(crate) fn domain(text: &str) -> Result<String, NoValue> {
    let bare = text.strip_suffix('.').unwrap_or(text);
    let bare = bare.strip_prefix("*.").unwrap_or(bare).trim_start_matches('.');
    if bare.len() > 253 * 4 || !bare.contains('.') {
        return Err(NoValue::Unknown);
    }
    let name = if bare.is_ascii() && !bare.contains("xn--") {
        bare.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii(bare).map_err(|_| NoValue::BadLabel)?
    };
    if name.len() > 253 || !name.split('.').all(is_label) {
        return Err(NoValue::BadLabel);
    }
    let last = name.rsplit('.').next().unwrap_or_default();
    if SPECIAL.contains(&last) {
        return Ok(name);
    }
    match psl::suffix(name.as_bytes()) {
        Some(suffix) if suffix.is_known() => {}
        _ => return Err(NoValue::UnknownSuffix),
    }
    if psl::domain(name.as_bytes()).is_none() {
        return Err(NoValue::PublicSuffix);
    }
    Ok(name)
}

fn is_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    (1..=63).contains(&bytes.len())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && bytes.first() != Some(&b'-')
        && bytes.last() != Some(&b'-')
}

/// Whether a name in prose, written `text` and not defanged, is rather a file, code, a package or two sentences.
pub(crate) fn is_rather_not(text: &str, name: &str) -> bool {
    let (Some((head, end)), Some((first, _))) = (name.rsplit_once('.'), name.split_once('.')) else { return true };
    let written_end = text.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let shouted = text.bytes().all(|byte| !byte.is_ascii_lowercase());
    if (written_end.bytes().any(|byte| byte.is_ascii_uppercase()) && !shouted) || text.contains("..") {
        return true;
    }
    let two = !head.contains('.');
    let www = first == "www";
    // `e.g.`, `p.m.`, `1.2.co`: labels of one letter or of digits that no registry gives.
    if head.split('.').all(|label| label.len() == 1)
        && !(two && head.bytes().all(|byte| byte.is_ascii_lowercase()) && !shouted && end.len() == 2)
    {
        return true;
    }
    if head.split('.').all(|label| label.len() < 3 && label.bytes().all(|byte| byte.is_ascii_digit())) {
        return true;
    }
    if www {
        return false;
    }
    if REVERSED.contains(&first) && !two {
        return true;
    }
    let long_suffix = psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.as_bytes().contains(&b'.'));
    if FILE_ENDS.contains(&end) && !long_suffix && (!OFTEN_DOMAINS.contains(&end) || STEMS.contains(&head)) {
        return true;
    }
    if STEMS.contains(&head) && matches!(end, "net" | "io" | "in" | "am" | "sh") {
        return true;
    }
    if PROPERTIES.contains(&end) && OBJECTS.contains(&first) {
        return true;
    }
    // A registrable name never has an underscore; a variable often.
    let owner = psl::domain(name.as_bytes()).map_or(name.as_bytes(), |domain| domain.as_bytes());
    owner.contains(&b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_ends_in_a_public_suffix_and_is_none_itself() {
        for (text, expected) in [
            ("Evil.Example.", Ok("evil.example")),
            ("evil.com.vn", Ok("evil.com.vn")),
            ("*.evil.co.th", Ok("evil.co.th")),
            ("_dmarc.evil.org", Ok("_dmarc.evil.org")),
            ("bücher.de", Ok("xn--bcher-kva.de")),
            ("ตัวอย่าง.ไทย", Ok("xn--72c1a1bt4awk9o.xn--o3cw4h")),
            ("com.vn", Err(NoValue::PublicSuffix)),
            ("evil.lan", Err(NoValue::UnknownSuffix)),
            ("evil", Err(NoValue::Unknown)),
            ("-evil.com", Err(NoValue::BadLabel)),
            ("ev il.com", Err(NoValue::BadLabel)),
        ] {
            assert_eq!(domain(text).as_deref(), expected.as_ref().map(|name| *name), "{text}");
        }
    }

    #[test]
    fn the_tables_have_no_end_that_cannot_end_a_name() {
        for end in OFTEN_DOMAINS {
            assert!(FILE_ENDS.contains(&end), "{end}");
        }
    }
}

//! What the words around a candidate say of it: a version, a section, a commit, a message's id, a piece of code.
//!
//! Looks at a bounded stretch before and one letter behind. The words are of the languages that the region writes; a test has a case for each.

use std::net::Ipv4Addr;

/// Words before a number with dots that make it a version, a section or a model.
const VERSION_WORDS: [&str; 44] = [
    "version",
    "versions",
    "ver",
    "v",
    "rev",
    "revision",
    "build",
    "builds",
    "release",
    "releases",
    "firmware",
    "patch",
    "sdk",
    "kernel",
    "section",
    "sections",
    "chapter",
    "clause",
    "paragraph",
    "figure",
    "table",
    "appendix",
    "phiên bản",
    "bản vá",
    "bản",
    "mục",
    "chương",
    "điều",
    "เวอร์ชัน",
    "เวอร์ชั่น",
    "รุ่น",
    "ข้อ",
    "versi",
    "bagian",
    "pasal",
    "bab",
    "ជំនាន់",
    "កំណែ",
    "ဗားရှင်း",
    "oid",
    "§",
    "upgrade to",
    "update to",
    "prior to",
];
/// Capitalised words before an address that say nothing against it.
const ADDRESS_WORDS: [&str; 26] = [
    "IP",
    "IPs",
    "IPv4",
    "Address",
    "Addr",
    "Host",
    "Server",
    "From",
    "To",
    "At",
    "On",
    "And",
    "Or",
    "Via",
    "By",
    "In",
    "Is",
    "C2",
    "CC",
    "Block",
    "Source",
    "Destination",
    "Src",
    "Dst",
    "Port",
    "Connect",
];

/// The stretch before `at`, at most `most` bytes.
fn before(text: &str, at: usize, most: usize) -> &str {
    let from = text.ceil_char_boundary(at.saturating_sub(most));
    text.get(from..at).unwrap_or_default()
}

/// Whether a Latin letter or figure stands directly before.
pub(super) fn letter_before(text: &str, at: usize) -> bool {
    before(text, at, 4).chars().next_back().is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Whether a number with dots is rather a version, a section or a product's.
pub(super) fn is_version(text: &str, at: usize, address: Ipv4Addr) -> bool {
    let head = before(text, at, 40);
    // `Chrome/99.0.4.1`, `foo-1.2.3.4`, `libx=1.2.3.4`, `pkg@1.2.3.4`, `^1.2.3.4`, `$1.2.3.4`.
    let joined = head.chars().next_back();
    let before_joined = head.chars().rev().nth(1);
    if matches!(joined, Some('@' | '^' | '~' | '$'))
        || (matches!(joined, Some('/' | '-' | '_')) && before_joined.is_some_and(char::is_alphabetic))
    {
        return true;
    }
    let trimmed = head.trim_end_matches([' ', ':', '=', '(', '#', '.', '\u{a0}', '<', '>', '≤', '≥', '"', '\'']);
    let lower = trimmed.to_lowercase();
    let named = VERSION_WORDS.iter().any(|word| {
        lower.strip_suffix(word).is_some_and(|rest| !rest.ends_with(|letter: char| letter.is_ascii_alphanumeric()))
    });
    if named {
        return true;
    }
    // `Flash Player 11.2.2.1`: small figures behind a name.
    let small = address.octets().iter().all(|octet| *octet <= 30);
    let word = trimmed.rsplit([' ', '\t', '(', '"']).next().unwrap_or_default();
    let spaced = head.ends_with(' ') && trimmed.len() + 1 == head.len();
    let titled = word.len() > 1
        && word.bytes().next().is_some_and(|byte| byte.is_ascii_uppercase())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !ADDRESS_WORDS.contains(&word);
    small && spaced && titled
}

/// Whether what stands between a version and the next number makes them one list.
pub(super) fn joins(between: &str) -> bool {
    let lower = between.trim().to_lowercase();
    between.len() <= 24
        && matches!(
            lower.as_str(),
            "" | ","
                | "and"
                | "or"
                | "to"
                | "-"
                | "–"
                | "through"
                | "until"
                | ", and"
                | "và"
                | "đến"
                | "hoặc"
                | "และ"
                | "ถึง"
                | "dan"
                | "sampai"
                | "/"
                | "&"
                | "->"
                | "→"
        )
}

/// Whether a hash is rather the name of a commit.
pub(super) fn is_commit(text: &str, at: usize) -> bool {
    let lower = before(text, at, 24).to_ascii_lowercase();
    let lower = lower.trim_end_matches([' ', ':', '`', '(', '[', '#']);
    ["commit", "commits", "revision", "rev", "git", "tree", "changeset", "merge", "checkout"]
        .iter()
        .any(|word| lower.ends_with(word))
        || before(text, at, 1) == "/"
        || before(text, at, 1) == "@"
}

/// Whether the line names a message here: what is right of the sign is no host of anybody's.
pub(super) fn is_message_id(text: &str, at: usize) -> bool {
    let head = before(text, at, 96).to_ascii_lowercase();
    ["message-id", "in-reply-to", "references:", "content-id", "cid:", "msgid"].iter().any(|word| head.contains(word))
}

/// Whether a name is a piece of code or of a path: joined to what is before, called or indexed behind.
pub(super) fn is_code(text: &str, at: usize, to: usize) -> bool {
    let before = before(text, at, 4).chars().next_back();
    let after = text.as_bytes().get(to).copied();
    matches!(before, Some('/' | '\\' | '$' | '@' | '%' | '#' | '~' | '_' | '-' | '&'))
        || matches!(after, Some(b'(' | b'\\' | b'[' | b'{' | b'=' | b'$' | b'%' | b'_'))
}

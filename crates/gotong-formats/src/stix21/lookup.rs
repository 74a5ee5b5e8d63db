//! From what people type or paste to the values that are indexed.

use super::normal::{self, ValueKind, normalise};
use gotong_model::limits::LOOKUP_VALUES_MAX;

/// The normalised values to look up for what a person typed or pasted, one value a line: first what the line itself is,
/// then what it is made of (the host of a URL or of `host:port`). Undoes `hxxp`, `[.]`, `(dot)` and their like.
pub fn lookup_keys(input: &str) -> Vec<String> {
    let mut keys = Vec::new();
    for line in input.lines() {
        if keys.len() >= LOOKUP_VALUES_MAX {
            break;
        }
        line_keys(line, &mut keys);
    }
    keys
}

fn line_keys(line: &str, keys: &mut Vec<String>) {
    let outer = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '`' | '<' | '>' | ',' | ';');
    let bare = line.trim_matches(outer);
    if bare.is_empty() {
        return;
    }
    let text = normal::refang(bare);
    let text = text.as_ref();
    let from = keys.len();
    let mut add = |kind, text: &str| {
        if let Some(key) = normalise(kind, text)
            && keys.get(from..).is_none_or(|own| !own.contains(&key))
        {
            keys.push(key);
        }
    };
    if normal::ipv4(text).is_some() {
        return add(ValueKind::Ipv4, text);
    }
    if normal::ipv6(text).is_some() {
        return add(ValueKind::Ipv6, text);
    }
    if text.contains("://") {
        add(ValueKind::Url, text);
        if let Some(host) = host_of_url(text) {
            add(normal::classify(&host), &host);
        }
        return;
    }
    if let Some(kind) = kind_of_number(text) {
        add(kind, text);
    } else if let Some(host) = host_of_pair(text) {
        add(normal::classify(host), host);
    } else if !text.contains(|letter: char| letter.is_whitespace() || letter == '\\') {
        match text.split_once('/') {
            _ if text.contains('@') => add(ValueKind::Email, text),
            None => add(ValueKind::Domain, text),
            Some((host, path)) if host.contains('.') && !path.is_empty() => {
                let guess = format!("http://{text}");
                add(ValueKind::Url, &guess);
                add(ValueKind::Url, &format!("https://{text}"));
                if let Some(host) = host_of_url(&guess) {
                    add(normal::classify(&host), &host);
                }
            }
            Some(_) => {}
        }
    }
    // Names of files, mutexes, keys and accounts: as written, and as those are indexed whose case does not count.
    add(ValueKind::Other, text);
    add(ValueKind::FileName, text);
    if text.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b' ' | b'-')) {
        add(ValueKind::SerialNumber, text);
    }
}

/// What is told by its digits; it may still be the name of something, too.
fn kind_of_number(text: &str) -> Option<ValueKind> {
    let is_as = || text.get(..2).is_some_and(|head| head.eq_ignore_ascii_case("as"));
    if normal::cve(text).is_some() {
        Some(ValueKind::Vulnerability)
    } else if text.len() >= 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Some(ValueKind::Hash)
    } else if is_as() && normal::autonomous_system(text).is_some() {
        Some(ValueKind::AutonomousSystem)
    } else if normal::mac(text).is_some() && text.contains([':', '-', '.']) {
        Some(ValueKind::Mac)
    } else {
        None
    }
}

fn host_of_url(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    Some(host.trim_matches(['[', ']']).to_owned())
}

/// The host of `host:port`.
fn host_of_pair(text: &str) -> Option<&str> {
    let (host, port) = text.rsplit_once(':')?;
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || port.parse::<u16>().is_err() {
        return None;
    }
    match host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) => normal::ipv6(inner).is_some().then_some(inner),
        None => (host.contains('.') && !host.contains([':', '/', '@', ' ', '\\'])).then_some(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_finds_what_is_indexed() {
        for (input, expected) in [
            (" hxxps://Evil[.]Example:443/a ", vec!["https://evil.example/a", "evil.example"]),
            ("198.51.100[.]7", vec!["198.51.100.7"]),
            ("198.51.100.7:8080", vec!["198.51.100.7", "198.51.100.7:8080"]),
            ("[2001:DB8::1]:443", vec!["2001:db8::1", "[2001:DB8::1]:443", "[2001:db8::1]:443"]),
            ("198.51.100.7/24", vec!["198.51.100.0/24"]),
            ("\"EVIL.example.\",", vec!["evil.example", "EVIL.example.", "evil.example."]),
            ("d41d8cd98f00b204e9800998ecf8427e", vec!["d41d8cd98f00b204e9800998ecf8427e"]),
            (
                "D41D8CD98F00B204E9800998ECF8427E",
                vec!["d41d8cd98f00b204e9800998ecf8427e", "D41D8CD98F00B204E9800998ECF8427E"],
            ),
            ("as64496", vec!["AS64496", "as64496"]),
            ("cve-2024-12345", vec!["CVE-2024-12345", "cve-2024-12345"]),
            ("00:1B:44:11:3A:B7", vec!["00:1b:44:11:3a:b7", "00:1B:44:11:3A:B7", "001b44113ab7"]),
            ("look at me.txt", vec!["look at me.txt"]),
            ("Ann@Evil.example", vec!["Ann@evil.example", "Ann@Evil.example", "ann@evil.example"]),
            (r"HKLM\Software\X", vec![r"HKLM\Software\X", r"hklm\software\x"]),
            ("bücher[.]example", vec!["xn--bcher-kva.example", "bücher.example"]),
            (
                "evil.example/a",
                vec!["http://evil.example/a", "https://evil.example/a", "evil.example", "evil.example/a"],
            ),
            ("  ", vec![]),
        ] {
            assert_eq!(lookup_keys(input), expected, "{input}");
        }
        assert_eq!(lookup_keys("a.example\r\n\r\nb.example\n"), ["a.example", "b.example"]);
    }
}

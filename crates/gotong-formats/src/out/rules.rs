//! Rules for Suricata and Snort 3: one or a few for each value, with numbers that stay the same from export to export.
//!
//! A rule is one line of ASCII. Every constant stands as itself only where it is a letter, a digit or one of a few signs, and in hexadecimal
//! otherwise, so that no value can end a string, an option or a rule. Both grammars are followed from their manuals; which rule of them each
//! line keeps is said in `tests/it/out_rules.rs`. Rules alert and never drop: what to do with an alert is for its reader.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use uuid::Uuid;

use super::Summary;
use super::block::Service;
use super::form::{Entry, Form, comments, ending};
use super::item::{Header, Options};
use super::reason::Reason;
use super::target::Target;
use super::text::{visible, word};

/// Whose rules.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Suricata,
    Snort,
}

pub(crate) struct Rules {
    dialect: Dialect,
    used: BTreeSet<u32>,
}

/// What is peculiar to one rule of a value.
struct Match {
    /// Keeps the numbers of several rules of one value apart.
    name: &'static str,
    /// Protocol, addresses and ports.
    head: String,
    /// Options that match, each with its semicolon.
    options: String,
}

/// Names the numbers of rules; a random constant of this program.
const NUMBERS: Uuid = Uuid::from_u128(0x6a1f_03b5_52c7_4d0e_9b1d_7c64_e2a8_90f3);

impl Rules {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { dialect, used: BTreeSet::new() }
    }

    /// The number of a rule follows from what it matches; where two would have the same, the later one takes the next that is free.
    fn number(&mut self, rule: &str, text: &str, (from, count): (u32, u32)) -> Option<u32> {
        if count == 0 || self.used.len() >= usize::try_from(count).unwrap_or(usize::MAX) {
            return None;
        }
        let digest = Uuid::new_v5(&NUMBERS, format!("{rule} {text}").as_bytes());
        let mut offset = u32::try_from(digest.as_u128() % u128::from(count)).ok()?;
        loop {
            let number = from.checked_add(offset)?;
            if self.used.insert(number) {
                return Some(number);
            }
            offset = (offset + 1) % count;
        }
    }
}

impl Form for Rules {
    fn head(&mut self, out: &mut String, title: &str, header: &Header, options: &Options) {
        comments(out, "#", title, header);
        let (from, count) = options.sids;
        let last = from.saturating_add(count.saturating_sub(1));
        let _ = writeln!(
            out,
            "# Numbers of rules (sid) are from {from} to {last}; rev is the record's time in seconds since 1970."
        );
    }

    fn value(&mut self, out: &mut String, entry: &Entry<'_>, header: &Header, options: &Options) -> Result<(), Reason> {
        let matches = match (entry.service, self.dialect) {
            (Some(service), _) => at_port(entry, service),
            (None, Dialect::Suricata) => suricata(entry, options),
            (None, Dialect::Snort) => snort(entry, options),
        };
        if matches.is_empty() {
            return Err(Reason::NotCarried);
        }
        let message = message(entry, header);
        for found in matches {
            let sid = self.number(found.name, entry.text, options.sids).ok_or(Reason::NumbersUsed)?;
            let _ = writeln!(out, "alert {} ({}{}{})", found.head, message, found.options, about(entry, header, sid));
        }
        Ok(())
    }

    fn end(&mut self, out: &mut String, summary: &Summary) {
        ending(out, "#", summary);
    }
}

/// What people read first when a rule alerts.
fn message(entry: &Entry<'_>, header: &Header) -> String {
    let exercise = if header.is_exercise { "EXERCISE " } else { "" };
    // What would end the string or the option is spelled out. So is what is not ASCII: consoles of sensors seldom show more.
    let special = "\"';\\|()$`#{}";
    let name = visible(entry.item.facts.name.as_deref().unwrap_or("indicator"), special, 80);
    let name: String = name.chars().fold(String::new(), |mut ascii, letter| {
        if letter.is_ascii() {
            ascii.push(letter);
        } else {
            super::text::spell(&mut ascii, letter);
        }
        ascii
    });
    format!("msg:\"{exercise}Gotong {}: {name}\"; ", entry.target.kind())
}

/// The options that tell where a rule comes from.
fn about(entry: &Entry<'_>, header: &Header, sid: u32) -> String {
    let label = entry.item.label.as_str();
    let published = entry.item.facts.modified.unwrap_or(entry.item.published_at);
    let rev = u32::try_from(published.micros() / 1_000_000).unwrap_or(u32::MAX).max(1);
    let mut text = String::new();
    let address = header.fetch.split_once("://").map_or(header.fetch.as_str(), |(_, rest)| rest);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"./-_:".contains(&byte);
    if !address.is_empty() && address.bytes().all(plain) {
        let _ = write!(text, "reference:url,{address}; ");
    }
    let _ = write!(
        text,
        "metadata:tlp {label}, gotong_id {}, gotong_author {}, gotong_channel {}; sid:{sid}; rev:{rev};",
        word(&entry.item.facts.id),
        word(entry.item.author),
        word(entry.item.channel)
    );
    text
}

/// The bytes of a `content`: as they are where no grammar knows a meaning of them, in hexadecimal otherwise.
pub(crate) fn content(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let mut in_hex = false;
    for byte in bytes {
        let is_plain = byte.is_ascii_alphanumeric() || b"._-/=&?~+%*".contains(byte);
        if is_plain == in_hex {
            out.push('|');
        } else if in_hex {
            out.push(' ');
        }
        in_hex = !is_plain;
        if is_plain {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "{byte:02X}");
        }
    }
    if in_hex {
        out.push('|');
    }
    out
}

/// Bytes of one `content`: engines bound them at 255.
const CONTENT_BYTES_MAX: usize = 200;

/// The target of a request: path and query. The fragment never leaves the browser.
fn request_target(url: &url::Url) -> String {
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}

/// The host of a URL as the `Host` header tells it, and its port where it is not the scheme's.
fn http(url: &url::Url) -> Option<(String, Option<u16>)> {
    matches!(url.scheme(), "http" | "https").then_some(())?;
    Some((url.host_str()?.trim_end_matches('.').to_owned(), url.port()))
}

/// Traffic to an address and a port, in both dialects. A head names ports only beside a protocol that has them, so what names no protocol is two rules.
fn at_port(entry: &Entry<'_>, Service { port, protocol }: Service) -> Vec<Match> {
    if !matches!(entry.target, Target::V4(..) | Target::V6(..)) {
        return Vec::new();
    }
    let address = entry.target.text();
    let both = ["tcp", "udp"].into_iter().filter(|one| protocol.is_none_or(|asked| asked == *one));
    both.map(|name| Match { name, head: format!("{name} $HOME_NET any -> {address} {port}"), options: String::new() })
        .collect()
}

fn suricata(entry: &Entry<'_>, options: &Options) -> Vec<Match> {
    let rule = |name, head: String, options: String| Match { name, head, options };
    match entry.target {
        Target::V4(..) | Target::V6(..) => {
            vec![rule("ip", format!("ip $HOME_NET any <> {} any", entry.text), String::new())]
        }
        Target::Domain(name) => {
            let is = |buffer: &str, nocase: &str| {
                if options.subdomains {
                    // A dot before the queried name lets one constant match the name and all below it, and no other.
                    let dotted = content(format!(".{name}").as_bytes());
                    format!("{buffer}; dotprefix; content:\"{dotted}\"; {nocase}endswith; ")
                } else {
                    let length = name.len();
                    format!("{buffer}; content:\"{}\"; {nocase}startswith; bsize:{length}; ", content(name.as_bytes()))
                }
            };
            let any = |protocol: &str| format!("{protocol} any any -> any any");
            vec![
                rule("dns", any("dns"), is("dns.query", "nocase; ")),
                rule("tls", any("tls"), is("tls.sni", "nocase; ")),
                // The engine lowers this buffer itself and refuses `nocase` beside it.
                rule("http", any("http"), is("http.host", "")),
            ]
        }
        Target::Url(url) => {
            let Some((host, port)) = http(url) else { return Vec::new() };
            let target = request_target(url);
            // The engine decodes and folds `http.uri`; what it would change is looked for as it was sent.
            let buffer = if target.contains('%') || target.contains("//") { "http.uri.raw" } else { "http.uri" };
            let mut text = format!(
                "flow:established,to_server; http.host; content:\"{}\"; startswith; bsize:{}; {buffer}; ",
                content(host.as_bytes()),
                host.len()
            );
            for (at, piece) in target.as_bytes().chunks(CONTENT_BYTES_MAX).enumerate() {
                let place =
                    if at == 0 { "startswith; ".to_owned() } else { format!("distance:0; within:{}; ", piece.len()) };
                let _ = write!(text, "content:\"{}\"; {place}", content(piece));
            }
            let _ = write!(text, "bsize:{}; ", target.len());
            let port = port.map_or("any".to_owned(), |port| port.to_string());
            vec![rule("url", format!("http any any -> any {port}"), text)]
        }
        Target::Email(_) | Target::Hash(..) | Target::CertificateHash(..) | Target::Other(..) => Vec::new(),
    }
}

fn snort(entry: &Entry<'_>, options: &Options) -> Vec<Match> {
    let rule = |name, head: &str, options: String| Match { name, head: head.to_owned(), options };
    match entry.target {
        Target::V4(..) | Target::V6(..) => {
            vec![rule("ip", &format!("ip $HOME_NET any <> {} any", entry.text), String::new())]
        }
        Target::Domain(name) => {
            let mut wire = Vec::with_capacity(name.len() + 2);
            for label in name.split('.') {
                wire.push(u8::try_from(label.len()).unwrap_or(63));
                wire.extend_from_slice(label.as_bytes());
            }
            wire.push(0);
            // The question stands behind twelve bytes of header: there begins the name itself, and further on a name below it.
            let place =
                if options.subdomains { "offset 12".to_owned() } else { format!("offset 12,depth {}", wire.len()) };
            let dns = format!("flow:to_server; content:\"{}\",nocase,{place}; ", content(&wire));
            // The extension server_name whole (RFC 6066, section 3): its type 0, three lengths, the kind 0, the name.
            let mut hello = vec![0, 0];
            for more in [5, 3] {
                hello.extend(u16::try_from(name.len() + more).unwrap_or(u16::MAX).to_be_bytes());
            }
            hello.push(0);
            hello.extend(u16::try_from(name.len()).unwrap_or(u16::MAX).to_be_bytes());
            hello.extend_from_slice(name.as_bytes());
            let tls = format!("flow:established,to_server; content:\"{}\",nocase,fast_pattern; ", content(&hello));
            let host = format!(
                "flow:established,to_server; http_header:field host; content:\"{}\",nocase; bufferlen:{}; ",
                content(name.as_bytes()),
                name.len()
            );
            vec![
                rule("dns", "udp any any -> any 53", dns),
                rule("tls", "tcp any any -> any any", tls),
                rule("http", "http", host),
            ]
        }
        Target::Url(url) => {
            let Some((host, port)) = http(url) else { return Vec::new() };
            let host = port.map_or(host.clone(), |port| format!("{host}:{port}"));
            let target = request_target(url);
            let mut text = format!(
                "flow:established,to_server; http_header:field host; content:\"{}\",nocase; bufferlen:{}; http_raw_uri; ",
                content(host.as_bytes()),
                host.len()
            );
            for (at, piece) in target.as_bytes().chunks(CONTENT_BYTES_MAX).enumerate() {
                let word = if at == 0 { "offset 0,depth" } else { "distance 0,within" };
                let _ = write!(text, "content:\"{}\",{word} {}; ", content(piece), piece.len());
            }
            let _ = write!(text, "bufferlen:{}; ", target.len());
            vec![rule("url", "http", text)]
        }
        Target::Email(_) | Target::Hash(..) | Target::CertificateHash(..) | Target::Other(..) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_cannot_end_its_string() {
        assert_eq!(content(b"evil.example"), "evil.example");
        assert_eq!(content(b"a\";b\\|c:"), "a|22 3B|b|5C 7C|c|3A|");
        assert_eq!(content(b"\x04evil\x00"), "|04|evil|00|");
    }

    #[test]
    fn two_values_with_one_number_get_two() {
        let mut rules = Rules::new(Dialect::Suricata);
        let numbers: BTreeSet<u32> =
            (0..10).filter_map(|n| rules.number("dns", &format!("h{n}.example"), (7, 10))).collect();
        assert_eq!(numbers, (7..17).collect());
        assert_eq!(rules.number("dns", "one-more.example", (7, 10)), None);
        let one = Rules::new(Dialect::Suricata).number("dns", "evil.example", (1_000, 1_000_000));
        assert_eq!(
            one,
            Rules::new(Dialect::Suricata).number("dns", "evil.example", (1_000, 1_000_000)),
            "numbers stay"
        );
    }
}

//! Finds values in prose: addresses, domains, URLs, hashes and the rest, in any language, defanged or not, and leaves what only looks like one.
//!
//! One pass over each line; every step looks at a bounded stretch, so no text costs more than its length. The rules are written down in
//! `docs/records/text.md`, each with its cases in `testdata/text`. Read next: `clean.rs`, `context.rs`, `host.rs`.

mod context;
mod run;

use super::clean::clean;
use super::host;
use super::shapes;
use super::value::Value;
use crate::stix21::ValueKind;
use crate::stix21::normal;
use run::{Script, run_end, script_of, url_end};
use std::cell::Cell;
use std::net::Ipv4Addr;
use std::ops::Range;

/// Bytes of one value, at most.
pub const VALUE_BYTES_MAX: usize = 4_096;

/// Bytes of a path or key in prose; what goes on longer is none.
const PATH_BYTES_MAX: usize = 1_024;

/// A value in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Where in the text, in bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: ValueKind,
    /// Its one spelling.
    pub value: String,
    /// As the text has it.
    pub as_written: String,
    /// Whether it was written so that it cannot be clicked.
    pub defanged: bool,
    /// A URL was written without its scheme; `value` has `http`, and `https` is meant as well.
    pub scheme_assumed: bool,
}

impl Found {
    pub(crate) fn to_value(&self) -> Value {
        Value { scheme_assumed: self.scheme_assumed, ..Value::new(self.kind, self.value.clone()) }
    }
}

/// The values of a text, in its order.
pub fn extract(text: &str) -> Vec<Found> {
    extract_counting(text).0
}

/// The values of a text, and how many were too long to be taken: a part of one would be another value.
pub(crate) fn extract_counting(text: &str) -> (Vec<Found>, u64) {
    let mut all = Vec::new();
    let mut too_long = 0;
    let mut base = 0;
    for line in text.split_inclusive('\n') {
        too_long += extract_line(line, base, &mut all);
        base += line.len();
    }
    (all, too_long)
}

/// A value in a cleaned line.
struct Hit {
    range: Range<usize>,
    kind: ValueKind,
    value: String,
    scheme_assumed: bool,
}

/// What stands at a place: a value, or nothing up to there.
enum Step {
    Hit(Hit),
    Skip(usize),
    /// A value that is too long, up to there.
    TooLong(usize),
}

fn extract_line(line: &str, base: usize, all: &mut Vec<Found>) -> u64 {
    let cleaned = clean(line);
    let text: &str = &cleaned.text;
    let mut scan =
        Scan { text, versions_until: 0, no_path_until: Cell::new(0), defanged: &|range| cleaned.origin(range).1 };
    let mut at = 0;
    let mut too_long = 0;
    while at < text.len() {
        match scan.step(at) {
            Step::TooLong(to) => {
                too_long += 1;
                at = to.max(at + 1);
            }
            Step::Skip(to) => at = to.max(at + 1),
            Step::Hit(hit) => {
                at = hit.range.end.max(at + 1);
                let (range, defanged) = cleaned.origin(hit.range);
                let as_written = line.get(range.clone()).unwrap_or_default().to_owned();
                let range = base + range.start..base + range.end;
                all.push(Found {
                    range,
                    kind: hit.kind,
                    value: hit.value,
                    as_written,
                    defanged,
                    scheme_assumed: hit.scheme_assumed,
                });
            }
        }
    }
    too_long
}

struct Scan<'t> {
    text: &'t str,
    /// Behind a number that was a version: another up to here, joined by `and` or a comma, is one too.
    versions_until: usize,
    /// Before this a path was looked for and went on too long: none begins there.
    no_path_until: Cell<usize>,
    defanged: &'t dyn Fn(Range<usize>) -> bool,
}

impl<'t> Scan<'t> {
    fn step(&mut self, at: usize) -> Step {
        let Some(letter) = self.text.get(at..).and_then(|rest| rest.chars().next()) else { return Step::Skip(at + 1) };
        match letter {
            '\\' | '%' | '/' => return self.path(at).map_or(Step::Skip(at + 1), Step::Hit),
            ':' | '[' => return self.ipv6(at).map_or(Step::Skip(at + 1), Step::Hit),
            _ if !letter.is_alphanumeric() && letter != '_' => return Step::Skip(at + letter.len_utf8()),
            _ => {}
        }
        let end = run_end(self.text, at);
        let run = self.slice(at, end);
        if let Some(hit) = self.special(at, end, run) {
            return Step::Hit(hit);
        }
        let next = self.text.as_bytes().get(end).copied();
        if next == Some(b':') && self.slice(end, end + 3) == "://" {
            return self.url(at, end);
        }
        // What joins a local part: letters that no domain has.
        if matches!(next, Some(b'@' | b'+' | b'%' | b'&' | b'='))
            && let Some(hit) = self.email(at)
        {
            return Step::Hit(hit);
        }
        if next == Some(b'@') {
            // No address, and no domain before the sign.
            return Step::Skip(end + 1);
        }
        self.host(at, end, run)
    }

    fn slice(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to.min(self.text.len())).unwrap_or_default()
    }

    fn hit(range: Range<usize>, kind: ValueKind, value: String) -> Hit {
        Hit { range, kind, value, scheme_assumed: false }
    }

    /// What needs no dots: hashes, numbers, keys, paths, and addresses with colons.
    fn special(&self, at: usize, end: usize, run: &str) -> Option<Hit> {
        let bytes = self.text.as_bytes();
        let next = bytes.get(end).copied();
        let first = run.bytes().next()?;
        let hash = run.trim_end_matches(['.', '-', '_']);
        if shapes::is_hash(hash, true) && !context::is_commit(self.text, at) {
            return Some(Self::hit(at..at + hash.len(), ValueKind::Hash, hash.to_ascii_lowercase()));
        }
        if matches!(first, b'C' | b'c') && run.len() > 8 {
            let short = run.trim_end_matches(['.', '-', '_']);
            if let Some(cve) = normal::cve(short) {
                return Some(Self::hit(at..at + short.len(), ValueKind::Vulnerability, cve));
            }
        }
        if first == b'A'
            && let Some(hit) = self.autonomous_system(at, end, run)
        {
            return Some(hit);
        }
        if first == b'H'
            && let Some(hit) = self.registry(at)
        {
            return Some(hit);
        }
        if next == Some(b':')
            && run.len() == 1
            && let Some(hit) = self.path(at)
        {
            return Some(hit);
        }
        if first.is_ascii_hexdigit() && !context::letter_before(self.text, at) {
            let mac = self.slice(at, at + 17);
            let bounded =
                !bytes.get(at + 17).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-'));
            if bounded && let Some(value) = shapes::mac(mac) {
                return Some(Self::hit(at..at + 17, ValueKind::Mac, value));
            }
            if let Some(value) = shapes::mac(run.trim_end_matches('.')) {
                return Some(Self::hit(at..at + run.trim_end_matches('.').len(), ValueKind::Mac, value));
            }
            if next == Some(b':')
                && let Some(hit) = self.ipv6(at)
            {
                return Some(hit);
            }
        }
        None
    }

    fn autonomous_system(&self, at: usize, end: usize, run: &str) -> Option<Hit> {
        let asn = run.strip_prefix("ASN");
        let digits = asn.or_else(|| run.strip_prefix("AS"))?;
        let digits = digits.trim_end_matches(['.', '-']);
        let (digits, to) = if digits.is_empty() {
            let rest = self.slice(end, end + 12);
            let figures = rest.trim_start_matches([' ', ':', '#']);
            let skipped = rest.len() - figures.len();
            let length = figures.bytes().take_while(u8::is_ascii_digit).count();
            if skipped == 0
                || skipped > 2
                || figures.as_bytes().get(length).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.')
            {
                return None;
            }
            (figures.get(..length)?, end + skipped + length)
        } else {
            (digits, at + run.len() - (run.len() - run.trim_end_matches(['.', '-']).len()))
        };
        let number: u32 = digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        // AS2 and AS4 are ways to send business papers, AS400 is a machine; who means the network writes ASN or a longer number.
        let wanted = if asn.is_some() {
            1
        } else if to > end {
            4
        } else {
            3
        };
        (digits.len() >= wanted && (asn.is_some() || number != 400))
            .then(|| Self::hit(at..to, ValueKind::AutonomousSystem, format!("AS{number}")))
    }

    /// The end of a path or key: blanks end it, unless the next word goes on with a backslash, or quotes hold it together.
    fn backslashed_end(&self, at: usize) -> Option<usize> {
        if at < self.no_path_until.get() {
            return None;
        }
        let rest = self.slice(at, self.text.floor_char_boundary(at + PATH_BYTES_MAX));
        let rest = rest.split(['\n', '\r', '\t', '"', '<', '>', '|', '*', '?', '`', ';']).next().unwrap_or_default();
        let quoted = at > 0 && matches!(self.text.as_bytes().get(at - 1), Some(b'"' | b'\'' | b'`'));
        if quoted && let Some(close) = self.text.as_bytes().get(at - 1).copied() {
            let length = rest.bytes().position(|byte| byte == close).unwrap_or(rest.len());
            return self.short_enough(at, length).then_some(at + length);
        }
        let mut length = 0;
        for word in rest.split_inclusive(' ') {
            let bare = word.trim_end();
            let goes_on =
                length == 0 || (bare.contains('\\') && !shapes::is_path(bare) && shapes::registry(bare).is_none());
            if !goes_on {
                break;
            }
            length += word.len();
        }
        let stretch = rest.get(..length).unwrap_or_default();
        // Scripts that leave no blanks between words do not belong to a path that began without them.
        let stretch = stretch
            .find(|letter| script_of(letter) == Script::Unspaced)
            .map_or(stretch, |at| stretch.get(..at).unwrap_or_default());
        if !self.short_enough(at, stretch.len()) {
            return None;
        }
        Some(at + stretch.trim_end_matches(['.', ',', ')', ']', '\'', ':', '!', ' ', '\\', '/']).len())
    }

    /// Whether a path ends before the bound; where it does not, none is looked for again in what was seen of it.
    fn short_enough(&self, at: usize, length: usize) -> bool {
        let short = length + 4 < PATH_BYTES_MAX;
        if !short {
            self.no_path_until.set(at + length);
        }
        short
    }

    fn path(&self, at: usize) -> Option<Hit> {
        if context::letter_before(self.text, at)
            || (at > 0
                && matches!(self.text.as_bytes().get(at - 1), Some(b'/' | b'\\' | b':' | b'.' | b'-' | b'~' | b'$')))
        {
            return None;
        }
        // Cheap first: this is asked at every slash.
        let head = self.slice(at, at + 3).as_bytes();
        if !matches!(head, [b'\\', b'\\', _] | [b'%', ..] | [b'/', b't' | b'v' | b'd', _] | [_, b':', b'\\']) {
            return None;
        }
        let end = self.backslashed_end(at)?;
        let text = self.slice(at, end);
        shapes::is_path(text).then(|| Self::hit(at..end, ValueKind::Path, text.to_owned()))
    }

    fn registry(&self, at: usize) -> Option<Hit> {
        let head = self.slice(at, at + 24);
        if !shapes::HIVES
            .iter()
            .any(|hive| head.get(..hive.len()).is_some_and(|start| start.eq_ignore_ascii_case(hive)))
        {
            return None;
        }
        let end = self.backslashed_end(at)?;
        let text = self.slice(at, end);
        shapes::registry(text).map(|key| Self::hit(at..end, ValueKind::RegistryKey, key))
    }

    fn ipv6(&self, at: usize) -> Option<Hit> {
        let from = if self.text.as_bytes().get(at) == Some(&b'[') { at + 1 } else { at };
        if from == at
            && (context::letter_before(self.text, at) || (at > 0 && self.text.as_bytes().get(at - 1) == Some(&b':')))
        {
            return None;
        }
        let window = self.slice(from, from + 48);
        let length = window.bytes().take_while(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')).count();
        let address = window.get(..length)?.trim_end_matches('.');
        let address = if address.ends_with("::") { address } else { address.trim_end_matches(':') };
        let parsed = address.parse::<std::net::Ipv6Addr>().ok().filter(|parsed| shapes::is_plausible_ipv6(*parsed))?;
        let mut end = from + address.len();
        let rest = self.slice(end, end + 5);
        let mut value = parsed.to_string();
        if let Some(digits) = rest.strip_prefix('/') {
            let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
            if let Some(network) = normal::ipv6(&format!("{address}/{digits}")) {
                value = network;
                end += 1 + digits.len();
            }
        }
        let behind = self.text.get(end..).and_then(|rest| rest.chars().next());
        let cut = behind.is_some_and(|letter| letter == '_' || (letter.is_ascii_alphanumeric()));
        (address.bytes().any(|byte| byte.is_ascii_digit()) && !cut)
            .then(|| Self::hit(from..end, ValueKind::Ipv6, value))
    }

    fn url(&self, at: usize, end: usize) -> Step {
        let scheme_at = {
            let run = self.slice(at, end);
            // `urlhttp://`, `ลิงก์http://`: the scheme is what ends the word.
            let known = ["https", "http", "sftp", "ftps", "ftp"].iter().find(|scheme| {
                run.len() >= scheme.len()
                    && run.get(run.len() - scheme.len()..).is_some_and(|tail| tail.eq_ignore_ascii_case(scheme))
            });
            if shapes::is_scheme(run) { at } else { known.map_or(at, |scheme| end - scheme.len()) }
        };
        let (authority, to) = url_end(self.text, end + 3);
        if to - scheme_at > VALUE_BYTES_MAX {
            return Step::TooLong(to);
        }
        match shapes::url(self.slice(scheme_at, to)) {
            Some(url) if url.len() <= VALUE_BYTES_MAX => Step::Hit(Self::hit(scheme_at..to, ValueKind::Url, url)),
            _ => Step::Skip(to.clamp(end + 3, authority.max(end + 3))),
        }
    }

    fn email(&self, at: usize) -> Option<Hit> {
        let window = self.slice(at, self.text.ceil_char_boundary((at + 65).min(self.text.len())));
        let length = window
            .char_indices()
            .find(|(_, letter)| !(letter.is_ascii_alphanumeric() || ".!#$%&'*+-/=?^_{|}~".contains(*letter)))
            .map_or(window.len(), |(at, _)| at);
        if window.as_bytes().get(length) != Some(&b'@') {
            return None;
        }
        let mut from = at;
        let local = window.get(..length)?;
        // `mail=ann@…`, `'ann@…`: what is before the last of such signs is no part of it.
        if let Some(sign) = local.rfind(['=', '\'', '/', '|', '&', '{', '}', '?', '#', '!', '*']) {
            from = at + sign + 1;
        }
        let local = self.slice(from, at + length);
        let host_at = at + length + 1;
        let (host, end) = self.name(host_at, run_end(self.text, host_at))?;
        let code =
            (local == "git" && self.text.as_bytes().get(end) == Some(&b':')) || context::is_message_id(self.text, at);
        (shapes::is_local(local) && !code).then(|| Self::hit(from..end, ValueKind::Email, format!("{local}@{host}")))
    }

    /// The domain name that begins a run: its one spelling and its end.
    fn name(&self, at: usize, end: usize) -> Option<(String, usize)> {
        let run = self.slice(at, end);
        let bare = run.trim_end_matches(['.', '-', '_']);
        if let Ok(name) = host::domain(bare) {
            return Some((name, at + bare.len()));
        }
        // Vietnamese written without a blank behind the name: `evil.comđã`.
        let last = bare.rfind('.')? + 1;
        let foreign = bare.get(last..)?.find(|letter: char| !letter.is_ascii())?;
        let short = bare.get(..last + foreign).filter(|_| foreign > 1)?;
        host::domain(short).ok().map(|name| (name, at + short.len()))
    }

    fn host(&mut self, at: usize, end: usize, run: &str) -> Step {
        if let Some(step) = self.ipv4(at, end) {
            return step;
        }
        if !run.contains('.') {
            return Step::Skip(end);
        }
        let lead = run.len() - run.trim_start_matches(['-', '_', '.']).len();
        let lead = if run.starts_with('_') { 0 } else { lead };
        let Some((name, to)) = self.name(at + lead, end) else { return Step::Skip(end) };
        let at = at + lead;
        let written = self.slice(at, to);
        let defanged = (self.defanged)(at..to);
        let path = self.text.as_bytes().get(to) == Some(&b'/');
        let (rest, tail) = if path { url_end(self.text, to) } else { (to, to) };
        let has_path = path && tail > to + 1 && rest == to;
        let blocked = context::is_code(self.text, at, to) || context::is_message_id(self.text, at);
        if !defanged && (blocked || host::is_rather_not(written, &name)) {
            return Step::Skip(if has_path { tail } else { end });
        }
        if has_path && tail - at > VALUE_BYTES_MAX {
            return Step::TooLong(tail);
        }
        if has_path && let Some(url) = shapes::url(&format!("http://{name}{}", self.slice(to, tail))) {
            return Step::Hit(Hit { range: at..tail, kind: ValueKind::Url, value: url, scheme_assumed: true });
        }
        Step::Hit(Self::hit(at..to, ValueKind::Domain, name))
    }

    /// An IPv4 address or network, or the verdict that what looks like one is none.
    fn ipv4(&mut self, at: usize, end: usize) -> Option<Step> {
        let run = self.slice(at, end);
        let length = run.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let bare = run.get(..length)?.trim_end_matches('.');
        let address = bare.parse::<Ipv4Addr>().ok()?;
        let to = at + bare.len();
        let rest = self.slice(to, end);
        let ranged =
            rest.strip_prefix('-').is_some_and(|more| more.starts_with(|letter: char| letter.is_ascii_digit()));
        // `198.51.100.7-static.isp.example` is a name.
        let sentence = rest.chars().next().is_some_and(|letter| script_of(letter) == Script::Unspaced);
        if !(ranged || sentence || rest.trim_matches(['.', '-', '_']).is_empty()) {
            return None;
        }
        let defanged = (self.defanged)(at..to);
        if !defanged {
            let follows = self.versions_until > 0 && context::joins(self.slice(self.versions_until, at));
            if follows || context::is_version(self.text, at, address) {
                self.versions_until = to;
                return Some(Step::Skip(to));
            }
            if shapes::is_idle_ipv4(address) {
                return Some(Step::Skip(to));
            }
        }
        let behind = self.slice(to, self.text.ceil_char_boundary((to + 4).min(self.text.len())));
        if let Some(after) = behind.strip_prefix('/') {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            let network = after.get(..digits).and_then(|digits| normal::ipv4(&format!("{bare}/{digits}")));
            let closed = !self
                .text
                .as_bytes()
                .get(to + 1 + digits)
                .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'/');
            if let Some(network) = network.filter(|_| closed && digits > 0) {
                return Some(Step::Hit(Self::hit(at..to + 1 + digits, ValueKind::Ipv4, network)));
            }
            let (_, tail) = url_end(self.text, to);
            if tail - at > VALUE_BYTES_MAX {
                return Some(Step::TooLong(tail));
            }
            if tail > to + 1
                && let Some(url) = shapes::url(&format!("http://{bare}{}", self.slice(to, tail)))
            {
                return Some(Step::Hit(Hit {
                    range: at..tail,
                    kind: ValueKind::Url,
                    value: url,
                    scheme_assumed: true,
                }));
            }
        }
        Some(Step::Hit(Self::hit(at..to, ValueKind::Ipv4, address.to_string())))
    }
}

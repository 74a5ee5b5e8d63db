//! Undoes what people do to values so that they cannot be clicked, and remembers where each byte came from.
//!
//! Only within one line. Rules, in `docs/records/text.md`: a mark counts only between two characters that a value could have there, so that
//! `[1]`, `f(.)` and a Windows path stay what they are. Read next: `extract.rs`.

use std::borrow::Cow;
use std::ops::Range;

/// A line with its marks undone.
pub(crate) struct Clean<'t> {
    pub(crate) text: Cow<'t, str>,
    /// Where a stretch begins here, where it began in the line, how long it was there; sorted. Empty: nothing was undone.
    spans: Vec<Span>,
}

#[derive(Clone, Copy)]
struct Span {
    at: usize,
    from: usize,
    length: usize,
    mark: bool,
}

impl Clean<'_> {
    /// Where `range` was in the line, and whether anything in it was undone.
    pub(crate) fn origin(&self, range: Range<usize>) -> (Range<usize>, bool) {
        if self.spans.is_empty() {
            return (range, false);
        }
        let first = self.spans.partition_point(|span| span.at <= range.start).saturating_sub(1);
        let last = self.spans.partition_point(|span| span.at < range.end).saturating_sub(1);
        let start = self.spans.get(first).map_or(range.start, |span| {
            if span.mark { span.from } else { span.from + range.start.saturating_sub(span.at) }
        });
        let end = self.spans.get(last).map_or(range.end, |span| {
            if span.mark { span.from + span.length } else { span.from + range.end.saturating_sub(span.at) }
        });
        let defanged = self.spans.get(first..=last).unwrap_or_default().iter().any(|span| span.mark);
        (start..end, defanged)
    }
}

/// Marks and what they stand for; the longest first where one begins like another.
const MARKS: [(&str, &str); 33] = [
    ("[://]", "://"),
    ("[:]//", "://"),
    ("(://)", "://"),
    ("[:/]/", "://"),
    ("[//]", "//"),
    ("[dot]", "."),
    ("(dot)", "."),
    ("{dot}", "."),
    ("<dot>", "."),
    ("[d0t]", "."),
    ("_dot_", "."),
    ("[punto]", "."),
    ("[chấm]", "."),
    ("(chấm)", "."),
    ("[titik]", "."),
    ("(titik)", "."),
    ("[at]", "@"),
    ("(at)", "@"),
    ("{at}", "@"),
    ("<at>", "@"),
    ("[@]", "@"),
    ("(@)", "@"),
    ("{@}", "@"),
    ("[.]", "."),
    ("(.)", "."),
    ("{.}", "."),
    ("<.>", "."),
    ("[:]", ":"),
    ("(:)", ":"),
    ("[/]", "/"),
    ("[.", "."),
    (".]", "."),
    ("\\.", "."),
];

/// Schemes as they are written so that nobody clicks them.
const SCHEMES: [(&str, &str); 12] = [
    ("hxxps", "https"),
    ("hxxp", "http"),
    ("h**ps", "https"),
    ("h**p", "http"),
    ("hxtps", "https"),
    ("hxtp", "http"),
    ("htxps", "https"),
    ("htxp", "http"),
    ("meows", "https"),
    ("meow", "http"),
    ("fxps", "ftps"),
    ("fxp", "ftp"),
];

/// Words before ` dot ` that make it no host: articles, prepositions and the like.
const NO_HOST: [&str; 22] = [
    "the", "a", "an", "this", "that", "of", "in", "and", "or", "with", "by", "to", "per", "each", "one", "no", "first",
    "last", "red", "big", "early", "old",
];
/// Words that follow a `dot com` which is no host.
const NO_DOMAIN: [&str; 10] =
    ["bubble", "crash", "boom", "era", "company", "companies", "startup", "framework", "core", "developer"];

/// Undoes the marks of a line.
pub(crate) fn clean(line: &str) -> Clean<'_> {
    let bytes = line.as_bytes();
    let suspicious = bytes.iter().any(|byte| matches!(byte, b'[' | b'(' | b'{' | b'<' | b'\\' | b'*' | b']' | b'_'))
        || contains(line, "xxp")
        || contains(line, "xp:")
        || contains(line, " dot ")
        || contains(line, "xtp")
        || contains(line, "txp")
        || contains(line, "meow");
    if !suspicious {
        return Clean { text: Cow::Borrowed(line), spans: Vec::new() };
    }
    let mut out = Out { text: String::with_capacity(line.len()), spans: Vec::new(), line, copied: 0 };
    let mut at = 0;
    while at < bytes.len() {
        match mark_at(line, at) {
            Some((from, to, plain)) => {
                out.replace(from, to, plain);
                at = to;
            }
            None => at += 1,
        }
    }
    if out.spans.is_empty() {
        return Clean { text: Cow::Borrowed(line), spans: Vec::new() };
    }
    out.copy_until(line.len());
    Clean { text: Cow::Owned(out.text), spans: out.spans }
}

struct Out<'t> {
    text: String,
    spans: Vec<Span>,
    line: &'t str,
    copied: usize,
}

impl Out<'_> {
    fn copy_until(&mut self, to: usize) {
        if let Some(part) = self.line.get(self.copied..to).filter(|part| !part.is_empty()) {
            self.spans.push(Span { at: self.text.len(), from: self.copied, length: part.len(), mark: false });
            self.text.push_str(part);
        }
        self.copied = to;
    }

    fn replace(&mut self, from: usize, to: usize, plain: &str) {
        self.copy_until(from.max(self.copied));
        self.spans.push(Span { at: self.text.len(), from, length: to - from, mark: true });
        self.text.push_str(plain);
        self.copied = to;
    }
}

fn contains(line: &str, mark: &str) -> bool {
    line.as_bytes().windows(mark.len()).any(|window| window.eq_ignore_ascii_case(mark.as_bytes()))
}

/// A mark that begins at a byte: where it is, and what stands for it.
fn mark_at(line: &str, at: usize) -> Option<(usize, usize, &'static str)> {
    let byte = *line.as_bytes().get(at)?;
    match byte {
        b'[' | b'(' | b'{' | b'<' | b'.' | b'\\' | b'_' => bracket(line, at),
        b' ' => spaced(line, at),
        b'h' | b'H' | b'f' | b'F' | b'm' | b'M' => scheme(line, at),
        _ => None,
    }
}

fn bracket(line: &str, at: usize) -> Option<(usize, usize, &'static str)> {
    let rest = line.get(at..)?;
    let (mark, plain) = *MARKS.iter().find(|(mark, _)| starts(rest, mark))?;
    let end = at + mark.len();
    let (before, after) = (before(line, at), line.get(end..).and_then(|rest| rest.chars().next()));
    let fits = match (mark, plain) {
        // An opening or closing bracket alone: only inside a word, and only where its other half is not there.
        ("[." | ".]", _) => value_letter(before) && value_letter(after) && !paired(line, at, end),
        ("\\.", _) => value_letter(before) && value_letter(after) && only_escapes(line, at),
        (_, "." | "@") => value_letter(before) && (value_letter(after) || after == Some('[')),
        (_, ":") => value_letter(before) && after.is_some_and(|letter| letter == '/' || letter.is_ascii_digit()),
        (_, "/") => value_letter(before) && after.is_some(),
        _ => value_letter(before) || matches!(before, Some(':' | '*')),
    };
    fits.then_some((at, end, plain))
}

/// ` dot `, ` [.] ` and their like between two words.
fn spaced(line: &str, at: usize) -> Option<(usize, usize, &'static str)> {
    const SPACED: [(&str, &str); 8] = [
        (" [.] ", "."),
        (" (.) ", "."),
        (" [dot] ", "."),
        (" (dot) ", "."),
        (" [at] ", "@"),
        (" (at) ", "@"),
        (" [@] ", "@"),
        (" dot ", "."),
    ];
    let rest = line.get(at..)?;
    let (mark, plain) = *SPACED.iter().find(|(mark, _)| starts(rest, mark))?;
    let end = at + mark.len();
    let head = word_before(line, at);
    let tail: &str = line.get(end..)?.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').next()?;
    if head.is_empty() || tail.is_empty() {
        return None;
    }
    if mark == " dot " {
        let next = line.get(end + tail.len()..)?.trim_start().split(' ').next().unwrap_or_default();
        let lower = head.to_ascii_lowercase();
        let chained = starts(line.get(end + tail.len()..)?, " dot ");
        let known = chained || super::host::is_suffix(&tail.to_ascii_lowercase());
        if !known || head.len() < 3 || NO_HOST.contains(&lower.as_str()) || NO_DOMAIN.contains(&next) {
            return None;
        }
    }
    Some((at, end, plain))
}

fn scheme(line: &str, at: usize) -> Option<(usize, usize, &'static str)> {
    if before(line, at).is_some_and(|letter| letter.is_ascii_alphanumeric()) {
        return None;
    }
    let rest = line.get(at..)?;
    let (mark, plain) = *SCHEMES.iter().find(|(mark, _)| starts(rest, mark))?;
    let after = rest.get(mark.len()..)?;
    let meant = [":", "[:", "(:", "[//"].iter().any(|colon| after.starts_with(colon));
    meant.then_some((at, at + mark.len(), plain))
}

fn starts(text: &str, mark: &str) -> bool {
    text.as_bytes().get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark.as_bytes()))
        || (!mark.is_ascii() && text.starts_with(mark))
}

fn before(line: &str, at: usize) -> Option<char> {
    line.get(..at)?.chars().next_back()
}

fn word_before(line: &str, at: usize) -> &str {
    let head = line.get(..at).unwrap_or_default();
    let word = head.bytes().rev().take(64).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'-').count();
    head.get(head.len() - word..).unwrap_or_default()
}

fn value_letter(letter: Option<char>) -> bool {
    letter.is_some_and(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_'))
}

/// Whether the bracket at a half mark has its other half within the same word.
fn paired(line: &str, at: usize, end: usize) -> bool {
    let inside = |byte: &u8| !byte.is_ascii_whitespace();
    let closes = line
        .as_bytes()
        .get(end..)
        .unwrap_or_default()
        .iter()
        .take(64)
        .take_while(|byte| inside(byte))
        .any(|b| *b == b']');
    let opens = line
        .as_bytes()
        .get(..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .take(64)
        .take_while(|byte| inside(byte))
        .any(|b| *b == b'[');
    if line.as_bytes().get(at) == Some(&b'[') { closes } else { opens }
}

/// Whether every backslash of the word is before a dot: a host written for a regular expression, and no path.
fn only_escapes(line: &str, at: usize) -> bool {
    let bytes = line.as_bytes();
    let near = |byte: &&u8| !byte.is_ascii_whitespace();
    let back = bytes.get(..at).unwrap_or_default().iter().rev().take(256).take_while(near).count();
    let ahead = bytes.get(at..).unwrap_or_default().iter().take(256).take_while(near).count();
    let word = bytes.get(at - back..at + ahead).unwrap_or_default();
    word.windows(2).all(|pair| !matches!(pair, [b'\\', second] if *second != b'.')) && word.last() != Some(&b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_undone_and_every_byte_knows_where_it_came_from() {
        for (line, expected) in [
            ("hxxps[:]//evil[.]example/a", "https://evil.example/a"),
            ("hXXp://evil(dot)example", "http://evil.example"),
            ("ann [at] evil [dot] example", "ann@evil.example"),
            ("evil[.example and evil.]example", "evil.example and evil.example"),
            (r"^evil\.example$", "^evil.example$"),
            (r"C:\Users\.ssh\x", r"C:\Users\.ssh\x"),
            ("see [1] and f(.)", "see [1] and f(.)"),
            ("the dot com bubble", "the dot com bubble"),
            ("evil-host dot com was", "evil-host.com was"),
            ("ünï[.]example", "ünï.example"),
        ] {
            let clean = clean(line);
            assert_eq!(clean.text, expected);
            let (whole, _) = clean.origin(0..clean.text.len());
            assert_eq!(whole, 0..line.len());
        }
        let clean = clean("x 198[.]51.100.7 y");
        assert_eq!(clean.origin(2..14), (2..16, true));
        assert_eq!(clean.origin(15..16), (17..18, false));
    }
}

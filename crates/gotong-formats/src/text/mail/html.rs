//! HTML to text, without a browser: no script, style or picture is looked at, and a link counts by where it leads, not by what it says.
//!
//! One pass, linear in the input. Must not be shown as HTML again: the result is text.

/// What an HTML body says.
#[derive(Default)]
pub(crate) struct Page {
    /// What a reader sees, each link followed by its target in angle brackets.
    pub(crate) visible: String,
    /// The same without the texts of links.
    pub(crate) prose: String,
    /// Where links and pictures lead.
    pub(crate) targets: Vec<String>,
    /// The texts of links that lead elsewhere.
    pub(crate) link_texts: Vec<String>,
}

/// Targets that are kept of one page.
const TARGETS_MAX: usize = 4_096;

/// Bytes of one tag.
const TAG_BYTES_MAX: usize = 64 << 10;

/// Elements whose content nobody reads.
const SILENT: [&str; 5] = ["script", "style", "head", "noscript", "template"];
/// Elements that end a line.
const BLOCKS: [&str; 16] =
    ["p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol", "td", "th", "hr", "blockquote"];

/// Reads a page.
pub(crate) fn page(html: &str) -> Page {
    let mut page = Page::default();
    let mut rest = html;
    let mut link: Option<(String, usize)> = None;
    let mut unclosed: Vec<String> = Vec::new();
    while let Some(at) = rest.find('<') {
        push(&mut page, rest.get(..at).unwrap_or_default(), link.is_some());
        rest = rest.get(at..).unwrap_or_default();
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").and_then(|end| comment.get(end + 3..)).unwrap_or_default();
            continue;
        }
        let Some((tag, behind)) = tag(rest) else {
            // Nothing that ends as a tag does: as far as was looked it is text, so that no byte is looked at twice.
            let opens = rest
                .as_bytes()
                .get(1)
                .is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'/' | b'!' | b'?'));
            let length = if opens { rest.floor_char_boundary(TAG_BYTES_MAX) } else { 1 };
            push(&mut page, rest.get(..length).unwrap_or_default(), link.is_some());
            rest = rest.get(length..).unwrap_or_default();
            continue;
        };
        rest = behind;
        let closing = tag.starts_with('/');
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .take(16)
            .collect::<String>()
            .to_ascii_lowercase();
        if SILENT.contains(&name.as_str()) && !closing && !tag.ends_with('/') {
            if !unclosed.contains(&name) {
                match skip_to_end(rest, &name) {
                    Some(behind) => rest = behind,
                    // Never closed: a page that hides its text this way is read all the same.
                    None => unclosed.push(name.clone()),
                }
            }
        } else if name == "a" {
            end_link(&mut page, link.take());
            if !closing && let Some(target) = attribute(tag, "href") {
                add_target(&mut page, &target);
                link = Some((target, page.visible.len()));
            }
        } else if let Some(target) = attribute(tag, if name == "form" { "action" } else { "src" }) {
            add_target(&mut page, &target);
        }
        if BLOCKS.contains(&name.as_str()) {
            page.visible.push('\n');
            page.prose.push('\n');
        }
    }
    push(&mut page, rest, link.is_some());
    end_link(&mut page, link);
    page
}

fn add_target(page: &mut Page, target: &str) {
    let target = target.trim();
    let leads = ["http:", "https:", "ftp:", "mailto:", "hxxp"]
        .iter()
        .any(|scheme| target.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme)));
    if leads && page.targets.len() < TARGETS_MAX {
        let target = target
            .get(..7)
            .filter(|head| head.eq_ignore_ascii_case("mailto:"))
            .map_or(target, |_| target.get(7..).unwrap_or_default());
        page.targets.push(target.split_whitespace().collect());
    }
}

fn end_link(page: &mut Page, link: Option<(String, usize)>) {
    let Some((target, from)) = link else { return };
    let text = page.visible.get(from..).unwrap_or_default().trim().to_owned();
    if !text.is_empty() && text != target && page.link_texts.len() < TARGETS_MAX {
        page.link_texts.push(text);
    }
    if !target.is_empty() {
        page.visible.push_str(" <");
        page.visible.push_str(&target);
        page.visible.push('>');
    }
    // What stood on both sides of the link does not grow together.
    page.prose.push(' ');
}

fn push(page: &mut Page, text: &str, in_link: bool) {
    let decoded = entities(text);
    page.visible.push_str(&decoded);
    if !in_link {
        page.prose.push_str(&decoded);
    }
}

/// A tag that begins here, without its brackets, and what follows it. A `>` within quotes does not end it.
fn tag(rest: &str) -> Option<(&str, &str)> {
    let first = rest.as_bytes().get(1)?;
    if !(first.is_ascii_alphabetic() || matches!(first, b'/' | b'!' | b'?')) {
        return None;
    }
    let mut quote = None;
    for (at, byte) in rest.bytes().enumerate().skip(1).take(TAG_BYTES_MAX) {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if byte == open => quote = None,
            (None, b'>') => return Some((rest.get(1..at)?, rest.get(at + 1..)?)),
            _ => {}
        }
    }
    // A quote that is never closed: the tag ends at its first bracket, as browsers that mend pages have it.
    let at = rest.bytes().take(TAG_BYTES_MAX).position(|byte| byte == b'>')?;
    Some((rest.get(1..at)?, rest.get(at + 1..)?))
}

/// What is behind the end of an element; `None` where it has none.
fn skip_to_end<'h>(rest: &'h str, name: &str) -> Option<&'h str> {
    let mut from = 0;
    while let Some(at) = rest.get(from..).and_then(|rest| rest.find("</")).map(|at| from + at) {
        let tail = rest.get(at + 2..).unwrap_or_default();
        if tail.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name)) {
            return Some(tail.find('>').and_then(|end| tail.get(end + 1..)).unwrap_or_default());
        }
        from = at + 2;
    }
    None
}

/// The value of an attribute.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    for (at, _) in lower.match_indices(name).take(16) {
        let before = tag.get(..at)?.chars().next_back()?;
        let Some(value) = tag.get(at + name.len()..)?.trim_start().strip_prefix('=') else { continue };
        if !(before.is_whitespace() || matches!(before, '"' | '\'' | '/')) {
            continue;
        }
        let value = value.trim_start();
        let quote = value.chars().next().filter(|letter| matches!(letter, '"' | '\''));
        let inner = match quote {
            Some(quote) => value.get(1..)?.split(quote).next()?,
            None => value.split(char::is_whitespace).next()?,
        };
        return Some(entities(inner).trim().to_owned());
    }
    None
}

/// Undoes character references: the numbers, and the few names that mails use.
pub(crate) fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        let letter = end.and_then(|end| rest.get(1..end)).and_then(letter_of);
        if let (Some(letter), Some(end)) = (letter, end) {
            out.push(letter);
            rest = rest.get(end + 1..).unwrap_or_default();
        } else {
            out.push('&');
            rest = rest.get(1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

fn letter_of(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hexadecimal = number.strip_prefix(['x', 'X']);
        let code = match hexadecimal {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|letter| *letter != '\0');
    }
    Some(match name {
        "amp" | "AMP" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "period" => '.',
        "colon" => ':',
        "sol" => '/',
        "commat" => '@',
        "hyphen" | "dash" => '-',
        "ndash" => '–',
        "mdash" => '—',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_counts_by_where_it_leads() {
        let page = page(concat!(
            "<html><head><title>x</title></head><body><p>Dear &amp; good</p><script>var u='http://script.example/';</script>",
            "<a class=\"b\" href='http://evil.example/a?x=1&amp;y=2'>http://bank.example/</a> and <A HREF=mailto:boss@evil.example>me</A>",
            "<img src=\"https://track.example/p.gif\">&#x68;i &lt;b&gt; 1 < 2 <!-- http://hidden.example/ -->"
        ));
        assert_eq!(page.targets, ["http://evil.example/a?x=1&y=2", "boss@evil.example", "https://track.example/p.gif"]);
        assert_eq!(page.link_texts, ["http://bank.example/", "me"]);
        assert!(page.visible.contains("Dear & good") && page.visible.contains("hi <b> 1 < 2"), "{}", page.visible);
        for absent in ["bank.example", "script.example", "hidden.example"] {
            assert!(!page.prose.contains(absent), "{absent}");
        }
        assert!(page.visible.contains("http://bank.example/ <http://evil.example/a?x=1&y=2>"));
    }

    #[test]
    fn broken_pages_are_read_to_their_end() {
        for html in [
            "<",
            "<a",
            "<a href=\"x",
            "<script>never closed evil",
            "<!-- never",
            "a < b > c",
            "&#xD800; &#0; &unknown; &",
        ] {
            let _ = page(html);
        }
        assert!(page("<style>p evil.example").prose.contains("evil.example"));
    }
}

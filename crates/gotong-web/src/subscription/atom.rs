//! What a search finds as an Atom feed (RFC 4287), newest first, in pages that lead on to one another (RFC 5005 section 3).
//!
//! What objects say of themselves is text here and nothing else: escaped, and without the characters that XML has not. Read next: `api/subscriptions.rs`.

use gotong_app::view::{Place, RecordView};
use gotong_crypto::sha256;
use gotong_model::Timestamp;

/// The media type.
pub(crate) const MEDIA: &str = "application/atom+xml";
/// Characters of a title.
const TITLE_CHARS_MAX: usize = 300;

/// A feed to be written.
pub(crate) struct Feed<'a> {
    /// Whose node it is.
    pub(crate) member: &'a str,
    /// What it is about, for people: a search's name or a channel's handle.
    pub(crate) about: &'a str,
    /// What tells it from every other feed: the caller and what it asked for.
    pub(crate) identity: &'a [&'a str],
    /// Where it begins, from the root of the node.
    pub(crate) first: &'a str,
    /// Where this page is, without its cursor.
    pub(crate) is_first: bool,
    /// Where the next page begins.
    pub(crate) next: Option<&'a str>,
    /// Whether it is about an exercise.
    pub(crate) is_exercise: bool,
    /// The records.
    pub(crate) rows: &'a [RecordView],
}

/// Text as it may stand between tags and in attributes.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML 1.0 section 2.2: these are in no document, escaped or not.
            '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                out.push('\u{fffd}');
            }
            // Kept apart from line ends that a parser would turn into others.
            '\r' => out.push_str("&#13;"),
            letter => out.push(letter),
        }
    }
    out
}

/// A name that is the same each time and nobody else's, as RFC 9562 has them of one's own making (version 8).
fn urn(parts: &[&str]) -> String {
    let mut all = Vec::new();
    for part in parts {
        all.extend_from_slice(&(part.len() as u64).to_be_bytes());
        all.extend_from_slice(part.as_bytes());
    }
    let digest = sha256(&all);
    let mut out = "urn:uuid:".to_owned();
    for (at, byte) in digest.as_bytes().iter().take(16).enumerate() {
        let byte = match at {
            6 => (byte & 0x0f) | 0x80,
            8 => (byte & 0x3f) | 0x80,
            _ => *byte,
        };
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            out.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    out
}

fn shortened(text: &str) -> String {
    text.chars().take(TITLE_CHARS_MAX).collect()
}

/// When a row changed last: feeds are read by this. Each version is an entry of its own, so that is when it was published: the date that an object gives
/// itself may be years old, and readers would sort what arrives today behind what they have.
fn updated(row: &RecordView) -> Timestamp {
    row.published_at
}

impl Feed<'_> {
    /// The feed, without the addresses of its pages: what an `ETag` is made of, for cursors are new each time.
    pub(crate) fn tag(&self) -> String {
        let text = format!("{} {} {}", self.is_first, self.next.is_some(), self.entries());
        let digest: String = sha256([self.head().as_bytes(), text.as_bytes()].concat().as_slice()).to_text();
        format!("\"{}\"", digest.chars().take(26).collect::<String>())
    }

    /// The feed as XML.
    pub(crate) fn text(&self, this: &str) -> String {
        let pages = [("self", Some(this)), ("first", Some(self.first)), ("next", self.next)];
        let link = |(relation, page): (&str, Option<&str>)| {
            page.map(|page| format!("  <link rel=\"{relation}\" href=\"{}\"/>\n", escaped(page)))
        };
        let links: String = pages.into_iter().filter_map(link).collect();
        format!("{}{links}{}</feed>\n", self.head(), self.entries())
    }

    fn head(&self) -> String {
        let identity: Vec<&str> = [&["gotong atom", self.member][..], self.identity].concat();
        let newest = self.rows.iter().map(updated).max().unwrap_or_default();
        let exercise = if self.is_exercise { "EXERCISE: " } else { "" };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n  <id>{}</id>\n  <title>{exercise}{} at {}</title>\n  \
             <updated>{newest}</updated>\n  <author><name>{}</name></author>\n  <generator>Gotong</generator>\n",
            urn(&identity),
            escaped(self.about),
            escaped(self.member),
            escaped(self.member),
        )
    }

    fn entries(&self) -> String {
        self.rows.iter().map(|row| self.entry(row)).collect()
    }

    fn entry(&self, row: &RecordView) -> String {
        let name = row.name.as_deref().unwrap_or(&row.id);
        let exercise = if self.is_exercise { "EXERCISE: " } else { "" };
        let organisation = row.organisation.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
        let about = format!(
            "{} by {}{organisation} in {}, {}",
            row.object_type,
            row.author,
            row.channel_handle,
            row.label.as_str()
        );
        let id = match &row.place {
            Place::Open { origin, index } => urn(&["gotong entry", origin, &index.to_string()]),
            Place::Named(name) => urn(&["gotong entry", name]),
        };
        let published = row.published_at;
        format!(
            "  <entry>\n    <id>{}</id>\n    <title type=\"text\">{exercise}{}</title>\n    <updated>{}</updated>\n    <published>{published}</published>\n    \
             <author><name>{}</name></author>\n    <category scheme=\"urn:gotong:type\" term=\"{}\"/>\n    <category scheme=\"urn:gotong:label\" term=\"{}\"/>\n    \
             <link rel=\"alternate\" type=\"application/json\" href=\"/api/v1/records/{}\"/>\n    <summary type=\"text\">{}</summary>\n  </entry>\n",
            id,
            escaped(&shortened(name)),
            updated(row),
            escaped(row.author.as_str()),
            escaped(&row.object_type),
            escaped(row.label.as_str()),
            escaped(&row.id),
            escaped(&shortened(&about)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_objects_say_stays_text() {
        assert_eq!(escaped("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
        assert_eq!(escaped("x\u{0}\u{1b}\u{fffe}]]>y"), "x\u{fffd}\u{fffd}\u{fffd}]]&gt;y");
        assert_eq!(escaped("Bảo mật \u{1f510}"), "Bảo mật \u{1f510}", "letters of all languages stay");
    }

    #[test]
    fn names_of_feeds_and_entries_are_their_own() {
        let one = urn(&["a", "bc"]);
        assert_eq!(one, urn(&["a", "bc"]));
        assert_ne!(one, urn(&["ab", "c"]));
        assert_eq!((one.len(), one.chars().nth(23)), (45, Some('8')));
    }
}

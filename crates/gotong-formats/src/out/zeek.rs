//! Zeek's intelligence file: columns divided by tabs, named in one line that begins with `#fields`; other lines with `#` are comments.
//!
//! The reader of Zeek undoes `\x` in fields and takes `-` and `(empty)` for nothing, so none of these comes from a record.

use super::Summary;
use super::form::{Entry, Form, comments, ending};
use super::item::{Header, Options};
use super::reason::Reason;
use super::target::{HashKind, Target};
use super::text::{visible, word};

pub(crate) struct Intel;

impl Form for Intel {
    fn head(&mut self, out: &mut String, title: &str, header: &Header, _: &Options) {
        comments(out, "#", title, header);
        out.push_str("#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\tmeta.url\tmeta.do_notice\n");
    }

    fn value(&mut self, out: &mut String, entry: &Entry<'_>, header: &Header, _: &Options) -> Result<(), Reason> {
        let (indicator, kind) = match entry.target {
            Target::V4(_, 32) | Target::V6(_, 128) => (entry.text.to_owned(), "ADDR"),
            Target::V4(..) | Target::V6(..) => (entry.text.to_owned(), "SUBNET"),
            Target::Domain(name) => (name.clone(), "DOMAIN"),
            Target::Url(url) => (bare(url), "URL"),
            Target::Email(text) => (text.clone(), "EMAIL"),
            Target::Hash(HashKind::Sha512, _) => return Err(Reason::NotCarried),
            Target::Hash(_, text) => (text.clone(), "FILE_HASH"),
            // Zeek knows a certificate by its SHA-1.
            Target::CertificateHash(HashKind::Sha1, text) => (text.clone(), "CERT_HASH"),
            Target::CertificateHash(..) | Target::Other(..) => return Err(Reason::NotCarried),
        };
        let item = entry.item;
        let exercise = if header.is_exercise { "EXERCISE " } else { "" };
        let name = visible(item.facts.name.as_deref().unwrap_or("indicator"), "\t\\", 200);
        let fields = [
            indicator.replace('\\', "\\x5c"),
            format!("Intel::{kind}"),
            format!("gotong:{}:{}", word(item.author), word(item.channel)),
            format!("{exercise}TLP:{} {name}", item.label.as_str().to_uppercase()),
            word(&item.facts.id),
            "T".to_owned(),
        ];
        out.push_str(&fields.join("\t"));
        out.push('\n');
        Ok(())
    }

    fn end(&mut self, out: &mut String, summary: &Summary) {
        ending(out, "#", summary);
    }
}

/// A URL as Zeek puts it together from a request: without scheme, user and fragment.
fn bare(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    let query = url.query().map_or(String::new(), |query| format!("?{query}"));
    format!("{host}{port}{}{query}", url.path())
}

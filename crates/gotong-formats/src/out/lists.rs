//! Values one a line: plain lists, hosts files, and the lists that Suricata loads beside its rules.
//!
//! Where a list takes comments, the head stands there. A dataset of Suricata takes none: its head is its first record, which no name equals.

use data_encoding::BASE64;

use super::Summary;
use super::form::{Entry, Form, comments, ending};
use super::item::{Header, Options};
use super::reason::Reason;
use super::target::{HashKind, Target};
use super::text::word;

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// Any kinds, as they are.
pub(crate) struct Plain;

impl Form for Plain {
    fn head(&mut self, out: &mut String, title: &str, header: &Header, _: &Options) {
        comments(out, "#", title, header);
    }

    fn value(&mut self, out: &mut String, entry: &Entry<'_>, _: &Header, _: &Options) -> Result<(), Reason> {
        line(out, entry.text);
        Ok(())
    }

    fn end(&mut self, out: &mut String, summary: &Summary) {
        ending(out, "#", summary);
    }
}

/// Names that lead nowhere.
pub(crate) struct Hosts;

impl Form for Hosts {
    fn head(&mut self, out: &mut String, title: &str, header: &Header, _: &Options) {
        comments(out, "#", title, header);
        line(out, "# A hosts file knows no names below a name: each of these alone is blocked.");
    }

    fn value(&mut self, out: &mut String, entry: &Entry<'_>, _: &Header, _: &Options) -> Result<(), Reason> {
        let Target::Domain(name) = entry.target else { return Err(Reason::NotCarried) };
        out.push_str("0.0.0.0 ");
        line(out, name);
        Ok(())
    }

    fn end(&mut self, out: &mut String, summary: &Summary) {
        ending(out, "#", summary);
    }
}

/// Domain names as a dataset of type `string`: base64, one a line, and nothing else.
pub(crate) struct Dataset;

impl Form for Dataset {
    fn head(&mut self, out: &mut String, _: &str, header: &Header, _: &Options) {
        // Suricata reads a line into a buffer of a kilobyte, so this stays short; a name has no space, so it never matches.
        let exercise = if header.is_exercise { " EXERCISE" } else { "" };
        let label = header.label_max.as_str().to_uppercase();
        let head = format!(
            "# Gotong export TLP:{label}{exercise} made by {} at {} without what is withdrawn, revoked or expired",
            word(&header.node),
            header.made_at
        );
        line(out, &BASE64.encode(head.as_bytes()));
    }

    fn value(&mut self, out: &mut String, entry: &Entry<'_>, _: &Header, _: &Options) -> Result<(), Reason> {
        let Target::Domain(name) = entry.target else { return Err(Reason::NotCarried) };
        line(out, &BASE64.encode(name.as_bytes()));
        Ok(())
    }

    fn end(&mut self, out: &mut String, summary: &Summary) {
        let end = format!("# End of the export: {} values of {} records", summary.values, summary.records);
        line(out, &BASE64.encode(end.as_bytes()));
    }
}

/// Addresses and networks with a score: `address,category,score`.
pub(crate) struct Reputation;

/// The category that the head tells to declare.
const CATEGORY: u8 = 1;
/// The score where the record tells no confidence: the middle of Suricata's scale, which ends at 127.
const SCORE_UNKNOWN: u8 = 64;

impl Form for Reputation {
    fn head(&mut self, out: &mut String, title: &str, header: &Header, options: &Options) {
        comments(out, "#", title, header);
        line(out, &format!("# In the file of categories: {CATEGORY},Gotong,Addresses that were warned of"));
        let exercise = if header.is_exercise { "EXERCISE " } else { "" };
        line(
            out,
            &format!(
                "# A rule for it: alert ip $HOME_NET any -> any any (msg:\"{exercise}Gotong address\"; iprep:dst,Gotong,>,0; sid:{}; rev:1;)",
                options.sids.0
            ),
        );
    }

    fn value(&mut self, out: &mut String, entry: &Entry<'_>, _: &Header, _: &Options) -> Result<(), Reason> {
        if !matches!(entry.target, Target::V4(..) | Target::V6(..)) {
            return Err(Reason::NotCarried);
        }
        let score = entry.details.confidence.map_or(SCORE_UNKNOWN, |confidence| {
            u8::try_from(u16::from(confidence.min(100)) * 127 / 100).unwrap_or(127).max(1)
        });
        line(out, &format!("{},{CATEGORY},{score}", entry.text));
        Ok(())
    }

    fn end(&mut self, out: &mut String, summary: &Summary) {
        ending(out, "#", summary);
    }
}

/// Hashes of files of one kind, for `filemd5`, `filesha1` and `filesha256`.
pub(crate) struct Hashes {
    pub(crate) kind: HashKind,
}

impl Form for Hashes {
    fn head(&mut self, out: &mut String, title: &str, header: &Header, options: &Options) {
        comments(out, "#", title, header);
        let kind = self.kind.as_str();
        let exercise = if header.is_exercise { "EXERCISE " } else { "" };
        line(
            out,
            &format!(
                "# A rule for it: alert http any any -> any any (msg:\"{exercise}Gotong file\"; file{kind}:gotong-{kind}.list; sid:{}; rev:1;)",
                options.sids.0
            ),
        );
    }

    fn value(&mut self, out: &mut String, entry: &Entry<'_>, _: &Header, _: &Options) -> Result<(), Reason> {
        let Target::Hash(kind, text) = entry.target else { return Err(Reason::NotCarried) };
        if *kind != self.kind {
            return Err(Reason::NotCarried);
        }
        line(out, text);
        Ok(())
    }

    fn end(&mut self, out: &mut String, summary: &Summary) {
        ending(out, "#", summary);
    }
}

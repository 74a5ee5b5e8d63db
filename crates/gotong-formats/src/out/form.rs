//! What all formats of values have in common: a head, one piece for each value, an end that says what was left out.
//!
//! A form gets values that are checked and new; it only writes them, or says that it has no place for their kind. Read next: any of the forms.

use std::fmt::Write as _;

use gotong_model::Tlp;

use super::block::Service;
use super::item::{Details, Header, Item, Options};
use super::reason::Reason;
use super::target::Target;
use super::{Format, Summary, ecs, lists, rpz, rules, zeek};

/// One value and where it comes from.
pub(crate) struct Entry<'a> {
    pub(crate) item: &'a Item<'a>,
    pub(crate) details: &'a Details,
    pub(crate) target: &'a Target,
    /// The port with which alone the target is meant: only for formats that say ports.
    pub(crate) service: Option<Service>,
    /// The one spelling of the target, with its port.
    pub(crate) text: &'a str,
}

/// A format in the making.
pub(crate) trait Form: Send {
    /// Writes what stands above the values.
    fn head(&mut self, out: &mut String, title: &str, header: &Header, options: &Options);

    /// Writes one value.
    fn value(&mut self, out: &mut String, entry: &Entry<'_>, header: &Header, options: &Options) -> Result<(), Reason>;

    /// Writes what stands below: whoever misses it has half a file.
    fn end(&mut self, out: &mut String, summary: &Summary);
}

/// The form of a format of values; `None` for those that carry whole objects.
pub(crate) fn of(format: &Format) -> Option<Box<dyn Form>> {
    Some(match format {
        Format::StixBundle { .. } | Format::StixLines | Format::Csv => return None,
        Format::Plain => Box::new(lists::Plain),
        Format::Hosts => Box::new(lists::Hosts),
        Format::SuricataDomains => Box::new(lists::Dataset),
        Format::SuricataReputation => Box::new(lists::Reputation),
        Format::SuricataHashes(kind) => Box::new(lists::Hashes { kind: *kind }),
        Format::Rpz => Box::new(rpz::Zone),
        Format::Suricata => Box::new(rules::Rules::new(rules::Dialect::Suricata)),
        Format::Snort => Box::new(rules::Rules::new(rules::Dialect::Snort)),
        Format::Zeek => Box::new(zeek::Intel),
        Format::Ecs => Box::new(ecs::Lines),
    })
}

/// Writes each line of the head as a comment.
pub(crate) fn comments(out: &mut String, mark: &str, title: &str, header: &Header) {
    for line in header.lines(title) {
        out.push_str(mark);
        out.push(' ');
        out.push_str(&line);
        out.push('\n');
    }
}

/// Writes the end as comments.
pub(crate) fn ending(out: &mut String, mark: &str, summary: &Summary) {
    let strictest = summary
        .strictest
        .map_or("no label".to_owned(), |label: Tlp| format!("strictest label TLP:{}", label.as_str().to_uppercase()));
    for (reason, count) in &summary.left_out {
        let _ = writeln!(out, "{mark} Left out: {count} because {reason} ({})", reason.code());
    }
    let _ = writeln!(
        out,
        "{mark} End of the export: {} values of {} records, {strictest}",
        summary.values, summary.records
    );
}

//! What a search wants, and whether a record is that: pure, so that a list and a stream come to the same answer.
//!
//! Must not ask who may read: that has been asked before. Read next: `stream.rs`.

use gotong_formats::stix21::{self, ObservableValue};
use gotong_model::{ChannelId, MemberCode, Tlp};
use serde::{Deserialize, Serialize};

use crate::publish::Why;
use crate::view::Words;

/// Values of one search.
pub const VALUES_MAX: usize = 100;
/// Bytes of one of them.
const VALUE_BYTES_MAX: usize = 2_048;
/// Characters of a type's name (STIX 2.1 section 3.1).
const TYPE_CHARS_MAX: usize = 250;

/// What is wanted; the default wants everything real that its reader may see. All that is said must hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filter {
    /// Only this channel. Without it, everything but exercises.
    pub channel: Option<ChannelId>,
    /// Only objects of this type.
    pub object_type: Option<String>,
    /// Only this author.
    pub author: Option<MemberCode>,
    /// Only entries labelled no stricter.
    pub label_max: Option<Tlp>,
    /// Only objects that name one of these values; empty is all.
    pub values: Vec<String>,
    /// Only objects that have these words. Whether a record has them is asked of its texts, in `stream.rs`.
    pub words: Option<Words>,
}

/// What a filter looks at in a record.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its channel.
    pub channel: &'a ChannelId,
    /// Its author.
    pub author: &'a MemberCode,
    /// Its type.
    pub object_type: &'a str,
    /// The label that counts.
    pub label: Tlp,
    /// What it can be found by.
    pub values: &'a [ObservableValue],
}

impl Filter {
    /// Whether a record is wanted, its words apart.
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        self.channel.is_none_or(|channel| channel == *subject.channel)
            && self.author.as_ref().is_none_or(|author| author == subject.author)
            && self.object_type.as_ref().is_none_or(|name| name == subject.object_type)
            && self.label_max.is_none_or(|most| subject.label <= most)
            && (self.values.is_empty() || self.names_one_of(subject.values))
    }

    /// A record's values are compared under the very keys under which a look-up would find it.
    fn names_one_of(&self, values: &[ObservableValue]) -> bool {
        let wanted: Vec<String> = self.values.iter().flat_map(|value| stix21::lookup_keys(value)).collect();
        let is_wanted = |key: &str| wanted.iter().any(|wanted| wanted == key);
        values.iter().any(|value| is_wanted(&value.text) || stix21::near_keys(value).iter().any(|key| is_wanted(key)))
    }

    /// What is wrong with it. `is_exercise`: its channel is one of an exercise.
    pub(super) fn faults(&self, is_exercise: bool) -> Vec<Why> {
        let mut found = Vec::new();
        let mut refuse = |pointer: String, text: &str| {
            found.push(Why { pointer: Some(pointer), ..Why::plain("search.field", text) });
        };
        if self.object_type.as_ref().is_some_and(|name| {
            !(3..=TYPE_CHARS_MAX).contains(&name.len())
                || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        }) {
            refuse(
                "/type".to_owned(),
                "must be the name of a STIX type: 3 to 250 lower-case letters, digits and hyphens",
            );
        }
        if self.values.len() > VALUES_MAX {
            refuse("/values".to_owned(), "must be at most 100 values");
        }
        if is_exercise && !self.values.is_empty() {
            refuse(
                "/values".to_owned(),
                "cannot be looked up in the channel of an exercise: look-ups answer what is real",
            );
        }
        if self.words.is_some() && !self.values.is_empty() {
            refuse("/words".to_owned(), "cannot stand beside values: a value is a word, too");
        }
        for (at, value) in self.values.iter().enumerate().take(VALUES_MAX) {
            if !(1..=VALUE_BYTES_MAX).contains(&value.len()) || value.chars().any(char::is_control) {
                refuse(format!("/values/{at}"), "must have 1 to 2,048 bytes without control characters");
            } else if stix21::lookup_keys(value).is_empty() {
                refuse(format!("/values/{at}"), "is nothing that records can be found by");
            }
        }
        found
    }
}

/// A filter as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct FilterRow {
    channel: Option<String>,
    object_type: Option<String>,
    author: Option<String>,
    label_max: Option<String>,
    values: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    words: Option<String>,
}

impl From<&Filter> for FilterRow {
    fn from(filter: &Filter) -> Self {
        Self {
            channel: filter.channel.map(|channel| channel.to_string()),
            object_type: filter.object_type.clone(),
            author: filter.author.as_ref().map(ToString::to_string),
            label_max: filter.label_max.map(|label| label.as_str().to_owned()),
            values: filter.values.clone(),
            words: filter.words.as_ref().map(|words| words.as_str().to_owned()),
        }
    }
}

impl FilterRow {
    /// `None`: it does not read back.
    pub(super) fn read(self) -> Option<Filter> {
        // A part that does not read would make the filter wider than it was meant.
        let channel = match &self.channel {
            None => None,
            Some(id) => Some(ChannelId::from_text(id)?),
        };
        let author = match &self.author {
            None => None,
            Some(code) => Some(MemberCode::from_text(code)?),
        };
        let label_max = match &self.label_max {
            None => None,
            Some(label) => Some(Tlp::from_text(label)?),
        };
        let words = match &self.words {
            None => None,
            Some(text) => Some(Words::parse(text).ok()?),
        };
        Some(Filter { channel, object_type: self.object_type, author, label_max, values: self.values, words })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(body: &str) -> Vec<ObservableValue> {
        stix21::read(body.as_bytes()).unwrap().values
    }

    fn channel(seed: &[u8]) -> ChannelId {
        ChannelId(gotong_crypto::sha256(seed))
    }

    #[test]
    fn each_part_of_a_filter_lets_in_what_it_says_and_keeps_out_the_rest() {
        let (here, other) = (channel(b"one"), channel(b"two"));
        let (vn, th) = (MemberCode::from_text("vn").unwrap(), MemberCode::from_text("th").unwrap());
        let found = values(
            r#"{"type":"url","spec_version":"2.1","id":"url--0a5b4d1c-7e01-4f4e-9a51-0a5b4d1c7e01","value":"https://bad.example/x"}"#,
        );
        let subject = Subject { channel: &here, author: &vn, object_type: "url", label: Tlp::Amber, values: &found };
        let all = Filter::default();
        let of = |change: fn(&mut Filter)| {
            let mut filter = Filter::default();
            change(&mut filter);
            filter.matches(&subject)
        };
        assert!(all.matches(&subject));
        assert!(Filter { channel: Some(here), ..Filter::default() }.matches(&subject));
        assert!(!Filter { channel: Some(other), ..Filter::default() }.matches(&subject));
        assert!(Filter { author: Some(vn.clone()), ..Filter::default() }.matches(&subject));
        assert!(!Filter { author: Some(th), ..Filter::default() }.matches(&subject));
        assert!(of(|filter| filter.object_type = Some("url".to_owned())));
        assert!(!of(|filter| filter.object_type = Some("indicator".to_owned())));
        assert!(of(|filter| filter.label_max = Some(Tlp::Amber)));
        assert!(!of(|filter| filter.label_max = Some(Tlp::Green)));
        assert!(of(|filter| filter.values = vec!["hxxps://bad[.]example/x".to_owned()]));
        assert!(!of(|filter| filter.values = vec!["https://good.example/x".to_owned()]));
        assert!(of(|filter| filter.values = vec!["192.0.2.1".to_owned(), "https://bad.example/x".to_owned()]));
        // All parts must hold at once.
        assert!(!of(|filter| {
            filter.values = vec!["https://bad.example/x".to_owned()];
            filter.label_max = Some(Tlp::Clear);
        }));
    }

    #[test]
    fn a_filter_is_kept_whole_or_does_not_read() {
        let filter = Filter {
            channel: Some(channel(b"one")),
            object_type: Some("indicator".to_owned()),
            author: MemberCode::from_text("th"),
            label_max: Some(Tlp::AmberStrict),
            values: vec!["bad.example".to_owned()],
            words: Some(Words::parse("harbour -bank").unwrap()),
        };
        assert_eq!(FilterRow::from(&filter).read(), Some(filter.clone()));
        let broken = FilterRow { words: Some("-bank".to_owned()), ..FilterRow::from(&filter) };
        assert_eq!(broken.read(), None, "words that do not read are not no words");
        let broken = FilterRow { label_max: Some("TLP:PURPLE".to_owned()), ..FilterRow::from(&filter) };
        assert_eq!(broken.read(), None, "a label that does not read is not no label");
    }

    #[test]
    fn what_is_wrong_with_a_filter_is_named() {
        let named = |filter: Filter, is_exercise| -> Vec<String> {
            filter.faults(is_exercise).into_iter().filter_map(|why| why.pointer).collect()
        };
        assert!(named(Filter::default(), false).is_empty());
        let values = vec!["bad.example".to_owned()];
        assert!(named(Filter { values: values.clone(), ..Filter::default() }, false).is_empty());
        assert_eq!(named(Filter { values, ..Filter::default() }, true), ["/values"]);
        let many = vec!["bad.example".to_owned(); VALUES_MAX + 1];
        assert_eq!(named(Filter { values: many, ..Filter::default() }, false), ["/values"]);
        let odd = vec![String::new(), "a\u{7}b".to_owned()];
        assert_eq!(named(Filter { values: odd, ..Filter::default() }, false), ["/values/0", "/values/1"]);
        let (values, words) = (vec!["bad.example".to_owned()], Some(Words::parse("bank").unwrap()));
        assert_eq!(named(Filter { values, words: words.clone(), ..Filter::default() }, false), ["/words"]);
        assert!(named(Filter { words, ..Filter::default() }, true).is_empty());
        let kind = Some("Indicator".to_owned());
        assert_eq!(named(Filter { object_type: kind, ..Filter::default() }, false), ["/type"]);
    }
}

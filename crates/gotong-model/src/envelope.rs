//! The envelope that every entry wears: kind, label, time, basis, size (`docs/protocol.md` section 7). Written once by the author,
//! hashed as received, read strictly.

use std::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;

use crate::control::ControlKind;
use crate::json::{self, JsonFault, StrictValue};
use crate::{Pap, Personal, Slug, Timestamp, Tlp, limits};

/// What an entry carries: a record of some kind, or control of the log itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A record kind; unknown ones are kept and relayed, never interpreted.
    Record(Slug),
    /// A control entry of a known kind.
    Control(ControlKind),
}

impl Kind {
    /// The kind `stix`.
    pub fn stix() -> Self {
        Self::Record(Slug::constant("stix"))
    }

    /// The word in the envelope.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Record(slug) => slug.as_str(),
            Self::Control(kind) => kind.as_str(),
        }
    }

    /// Reads the word.
    pub fn from_text(text: &str) -> Option<Self> {
        ControlKind::from_text(text).map(Self::Control).or_else(|| Slug::from_text(text).map(Self::Record))
    }
}

/// An envelope, valid by construction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Envelope {
    /// What the entry carries.
    pub kind: Kind,
    /// Version of the kind, from 1.
    pub version: u64,
    /// When the author published it; never decreases within a log.
    pub published_at: Timestamp,
    /// Index in this log of the entry that names the governance it was published under.
    pub basis: u64,
    /// Bytes of the body.
    pub size: u64,
    /// The label; records only.
    pub tlp: Option<Tlp>,
    /// Which organisation of the author's country speaks.
    pub organisation: Option<String>,
    /// Permissible actions.
    pub pap: Option<Pap>,
    /// What its author says it holds of people; `None` where it says nothing, and the object's nature counts.
    pub personal_data: Option<Personal>,
    /// Language of the body's text.
    pub language: Option<String>,
    /// What it is shared for.
    pub purpose: Option<String>,
    /// Names of members that a reader must know.
    pub critical: Vec<String>,
}

impl Envelope {
    /// An envelope of a control entry.
    pub fn control(kind: ControlKind, published_at: Timestamp, basis: u64, size: u64) -> Self {
        Self { tlp: None, ..Self::record_of(Kind::Control(kind), 1, published_at, basis, size) }
    }

    /// An envelope of a record.
    pub fn record(kind: Slug, version: u64, published_at: Timestamp, basis: u64, size: u64, tlp: Tlp) -> Self {
        Self { tlp: Some(tlp), ..Self::record_of(Kind::Record(kind), version, published_at, basis, size) }
    }

    /// An envelope of a record of kind `stix`, version 1.
    pub fn stix(published_at: Timestamp, basis: u64, size: u64, tlp: Tlp) -> Self {
        Self { tlp: Some(tlp), ..Self::record_of(Kind::stix(), 1, published_at, basis, size) }
    }

    fn record_of(kind: Kind, version: u64, published_at: Timestamp, basis: u64, size: u64) -> Self {
        Self {
            kind,
            version,
            published_at,
            basis,
            size,
            tlp: None,
            organisation: None,
            pap: None,
            personal_data: None,
            language: None,
            purpose: None,
            critical: Vec::new(),
        }
    }

    /// The bytes that are hashed: canonical JSON, members in order of their names, only those present. Written directly: an import makes a hundred thousand
    /// of them a second, and a test compares them with the general serialiser.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = String::with_capacity(160);
        out.push_str("{\"basis\":");
        push_number(&mut out, self.basis);
        if !self.critical.is_empty() {
            let names: Vec<String> = self.critical.iter().map(|name| quoted(name)).collect();
            out.push_str(",\"critical\":[");
            out.push_str(&names.join(","));
            out.push(']');
        }
        let mut text = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                for part in [",\"", name, "\":"] {
                    out.push_str(part);
                }
                // Nearly every word here is written as it stands.
                let is_plain = value.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\');
                if is_plain {
                    for part in ["\"", value, "\""] {
                        out.push_str(part);
                    }
                } else {
                    out.push_str(&quoted(value));
                }
            }
        };
        text("kind", Some(self.kind.as_str()));
        text("language", self.language.as_deref());
        text("organisation", self.organisation.as_deref());
        text("pap", self.pap.map(Pap::as_str));
        text("personal_data", self.personal_data.map(Personal::as_str));
        text("published_at", Some(&self.published_at.to_string()));
        text("purpose", self.purpose.as_deref());
        out.push_str(",\"size\":");
        push_number(&mut out, self.size);
        if let Some(tlp) = self.tlp {
            for part in [",\"tlp\":\"", tlp.as_str(), "\""] {
                out.push_str(part);
            }
        }
        out.push_str(",\"version\":");
        push_number(&mut out, self.version);
        out.push('}');
        out.into_bytes()
    }

    /// Reads an envelope as received. `is_control` is the leaf's flag, which must agree with the kind.
    pub fn parse(bytes: &[u8], is_control: bool) -> Result<Self, JsonFault> {
        if bytes.len() > limits::ENVELOPE_BYTES_MAX {
            return Err(JsonFault::new("", "is longer than 16 KiB"));
        }
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let draft = deserializer
            .deserialize_map(DraftVisitor)
            .and_then(|draft| deserializer.end().map(|()| draft))
            .map_err(|fault| JsonFault::new("", fault.to_string()))?;
        let envelope = draft.check()?;
        match (&envelope.kind, is_control) {
            (Kind::Record(_), true) => {
                Err(JsonFault::new("/kind", "is no control kind, but the entry has the control flag"))
            }
            (Kind::Control(_), false) => {
                Err(JsonFault::new("/kind", "is a control kind, but the entry lacks the control flag"))
            }
            (Kind::Record(_), false) if envelope.tlp.is_none() => Err(JsonFault::new("/tlp", "is missing")),
            (Kind::Control(_), true) if envelope.encode() != bytes => {
                Err(JsonFault::new("", "a control entry's envelope must be canonical and have only its five members"))
            }
            (Kind::Record(_) | Kind::Control(_), _) => Ok(envelope),
        }
    }
}

/// Writes a number in decimal.
fn push_number(out: &mut String, number: u64) {
    let mut digits = [b'0'; 20];
    let mut rest = number;
    let mut count = 0;
    for slot in digits.iter_mut().rev() {
        *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        count += 1;
        if rest == 0 {
            break;
        }
    }
    out.push_str(digits.get(20 - count..).and_then(|digits| str::from_utf8(digits).ok()).unwrap_or_default());
}

/// A JSON text; RFC 8785 demands the escapes that `serde_json` writes.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[derive(Default)]
struct Draft {
    kind: Option<String>,
    version: Option<u64>,
    published_at: Option<String>,
    basis: Option<u64>,
    size: Option<u64>,
    tlp: Option<String>,
    organisation: Option<String>,
    pap: Option<String>,
    personal_data: Option<String>,
    language: Option<String>,
    purpose: Option<String>,
    critical: Option<Vec<String>>,
    others: Vec<String>,
}

/// The members this version knows; a critical name outside them makes the entry one of an unknown kind.
const KNOWN: [&str; 12] = [
    "kind",
    "version",
    "published_at",
    "basis",
    "size",
    "tlp",
    "organisation",
    "pap",
    "personal_data",
    "language",
    "purpose",
    "critical",
];

impl Draft {
    fn check(self) -> Result<Envelope, JsonFault> {
        let missing = |name: &str| JsonFault::new(format!("/{name}"), "is missing");
        let wrong = |name: &str, what: &str| JsonFault::new(format!("/{name}"), format!("must be {what}"));
        let at_most = |name: &str, text: &Option<String>, most: usize| match text {
            Some(text) if text.len() > most => Err(wrong(name, &format!("at most {most} bytes"))),
            _ => Ok(()),
        };
        at_most("organisation", &self.organisation, 256)?;
        at_most("purpose", &self.purpose, 256)?;
        at_most("language", &self.language, 35)?;
        let critical = self.critical.unwrap_or_default();
        if let Some(unknown) = critical.iter().find(|name| !KNOWN.contains(&name.as_str())) {
            return Err(wrong(
                "critical",
                &format!("only names known here, and {unknown:?} is not: a newer program wrote this"),
            ));
        }
        let kind = self.kind.ok_or_else(|| missing("kind"))?;
        let version = self.version.ok_or_else(|| missing("version"))?;
        let integer = |name: &str, value: Option<u64>| {
            value.ok_or_else(|| missing(name)).and_then(|value| {
                if value > json::INTEGER_MAX { Err(wrong(name, "a whole number below 2^53")) } else { Ok(value) }
            })
        };
        if version == 0 || version > json::INTEGER_MAX {
            return Err(wrong("version", "a whole number from 1"));
        }
        let published_at = self.published_at.ok_or_else(|| missing("published_at"))?;
        let tlp =
            self.tlp.map(|text| Tlp::from_text(&text).ok_or_else(|| wrong("tlp", "a TLP 2.0 label"))).transpose()?;
        let pap = self.pap.map(|text| Pap::from_text(&text).ok_or_else(|| wrong("pap", "a PAP label"))).transpose()?;
        let personal = |text: String| {
            Personal::from_text(&text).ok_or_else(|| wrong("personal_data", "none, pseudonymised or identified"))
        };
        let personal_data = self.personal_data.map(personal).transpose()?;
        Ok(Envelope {
            kind: Kind::from_text(&kind).ok_or_else(|| wrong("kind", "a short name in lower case"))?,
            version,
            published_at: Timestamp::from_canonical(&published_at)
                .ok_or_else(|| wrong("published_at", "a time like 2026-01-31T08:00:00.000000Z"))?,
            basis: integer("basis", self.basis)?,
            size: integer("size", self.size)?,
            tlp,
            organisation: self.organisation,
            pap,
            personal_data,
            language: self.language,
            purpose: self.purpose,
            critical,
        })
    }
}

struct DraftVisitor;

impl<'de> Visitor<'de> for DraftVisitor {
    type Value = Draft;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an envelope (a JSON object)")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Draft, A::Error> {
        fn once<'de, A: MapAccess<'de>, T: serde::Deserialize<'de>>(
            slot: &mut Option<T>,
            name: &str,
            access: &mut A,
        ) -> Result<(), A::Error> {
            if slot.is_some() {
                return Err(A::Error::custom(format!("the name {name:?} stands twice")));
            }
            *slot = Some(access.next_value()?);
            Ok(())
        }
        let mut draft = Draft::default();
        while let Some(name) = access.next_key::<String>()? {
            match name.as_str() {
                "kind" => once(&mut draft.kind, &name, &mut access)?,
                "version" => once(&mut draft.version, &name, &mut access)?,
                "published_at" => once(&mut draft.published_at, &name, &mut access)?,
                "basis" => once(&mut draft.basis, &name, &mut access)?,
                "size" => once(&mut draft.size, &name, &mut access)?,
                "tlp" => once(&mut draft.tlp, &name, &mut access)?,
                "organisation" => once(&mut draft.organisation, &name, &mut access)?,
                "pap" => once(&mut draft.pap, &name, &mut access)?,
                "personal_data" => once(&mut draft.personal_data, &name, &mut access)?,
                "language" => once(&mut draft.language, &name, &mut access)?,
                "purpose" => once(&mut draft.purpose, &name, &mut access)?,
                "critical" => once(&mut draft.critical, &name, &mut access)?,
                _ => {
                    if draft.others.contains(&name) {
                        return Err(A::Error::custom(format!("the name {name:?} stands twice")));
                    }
                    let StrictValue(_ignored) = access.next_value()?;
                    draft.others.push(name);
                }
            }
        }
        Ok(draft)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Envelope {
        Envelope::record(Slug::from_text("stix").unwrap(), 1, Timestamp::from_micros(1).unwrap(), 0, 5, Tlp::Amber)
    }

    #[test]
    fn what_is_written_reads_back() {
        let mut envelope = sample();
        envelope.organisation = Some("vncert".into());
        envelope.pap = Some(Pap::Green);
        envelope.personal_data = Some(Personal::Pseudonymised);
        envelope.purpose = Some("a \u{7} \"quote\" \u{1f600} \u{2028}".into());
        envelope.critical = vec!["tlp".into()];
        assert_eq!(Envelope::parse(&envelope.encode(), false), Ok(envelope.clone()));
        assert!(json::parse_canonical(&envelope.encode()).is_ok(), "the direct writer is canonical");
        let control = Envelope::control(ControlKind::Tombstone, envelope.published_at, 0, 9);
        assert_eq!(Envelope::parse(&control.encode(), true), Ok(control));
    }

    #[test]
    fn faults_name_the_field() {
        let good = String::from_utf8(sample().encode()).unwrap();
        for (from, to, pointer) in [
            ("\"tlp\":\"amber\"", "\"tlp\":\"white\"", "/tlp"),
            (",\"tlp\":\"amber\"", "", "/tlp"),
            ("\"kind\":\"stix\"", "\"kind\":\"open\"", "/kind"),
            ("\"version\":1", "\"version\":0", "/version"),
            ("\"version\":1", "\"version\":1,\"critical\":[\"later\"]", "/critical"),
            ("00.000001Z", "00Z", "/published_at"),
            ("\"size\":5", "\"size\":5,\"size\":5", ""),
            ("\"size\":5", "\"personal_data\":\"some\",\"size\":5", "/personal_data"),
            ("\"size\":5", "\"personal_data\":\"None\",\"size\":5", "/personal_data"),
            // The word of an agreement's rule, which no record has.
            ("\"size\":5", "\"personal_data\":\"permitted\",\"size\":5", "/personal_data"),
            ("\"size\":5", "\"personal_data\":null,\"size\":5", ""),
            ("\"size\":5", "\"personal_data\":2,\"size\":5", ""),
            ("\"size\":5", "\"personal_data\":\"none\",\"personal_data\":\"none\",\"size\":5", ""),
            ("\"size\":5", "\"size\":5,\"x\":{\"a\":1,\"a\":1}", ""),
        ] {
            let bad = good.replace(from, to);
            assert_ne!(bad, good, "{from}");
            assert_eq!(
                Envelope::parse(bad.as_bytes(), false).map_err(|fault| fault.pointer),
                Err(pointer.to_owned()),
                "{bad}"
            );
        }
        assert!(
            Envelope::parse(good.replace("\"size\":5", "\"size\":5,\"x\":1").as_bytes(), false).is_ok(),
            "unknown members are kept"
        );
    }
}

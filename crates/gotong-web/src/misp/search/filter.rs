//! What a search asks for, as MISP's programs write it: one word, a list, `!` for not, `%` for anything, or OR, AND and NOT by name.
//!
//! Must not look anything up. Read next: `search.rs`.

use gotong_model::Timestamp;
use serde_json::{Value, json};

use crate::misp::ask::{Ask, is_yes, words_of};
use crate::misp::json::{Json, is_on, list, seconds, text, word};
use crate::misp::reply::Stop;

/// Filters that are kept.
const FILTERS: [&str; 33] = [
    "value",
    "values",
    "type",
    "type_attribute",
    "category",
    "org",
    "tags",
    "tag",
    "eventinfo",
    "eventid",
    "uuid",
    "uuids",
    "from",
    "to",
    "date",
    "datefrom",
    "dateuntil",
    "last",
    "timestamp",
    "attribute_timestamp",
    "event_timestamp",
    "publish_timestamp",
    "published",
    "to_ids",
    "threat_level_id",
    "analysis",
    "distribution",
    "sharinggroup",
    "limit",
    "page",
    "object_name",
    "event_uuid",
    "searchall",
];
/// What changes how an answer looks, or asks for what is not made here and so is left out of answers.
const LOOKS: [&str; 25] = [
    "returnFormat",
    "minimal",
    "metadata",
    "deleted",
    "withAttachments",
    "enforceWarninglist",
    "includeEventUuid",
    "includeEventTags",
    "sgReferenceOnly",
    "sg_reference_only",
    "requested_attributes",
    "includeContext",
    "headerless",
    "includeSightings",
    "includeDecayScore",
    "includeCorrelations",
    "excludeDecayed",
    "includeAllTags",
    "includeWarninglistHits",
    "includeEventCorrelations",
    "includeFeedCorrelations",
    "excludeGalaxy",
    "excludeLocalTags",
    "sort",
    "direction",
];

/// Words of which one must fit, all must, and none may.
#[derive(Default)]
struct Terms {
    any: Vec<String>,
    all: Vec<String>,
    none: Vec<String>,
}

impl Terms {
    fn of(value: Option<Value>) -> Self {
        let mut terms = Self::default();
        match value {
            Some(Value::Object(named)) => {
                let words = |name: &str| named.get(name).map(words_of).unwrap_or_default();
                (terms.any, terms.all, terms.none) = (words("OR"), words("AND"), words("NOT"));
            }
            Some(value) => {
                for word in words_of(&value) {
                    match word.strip_prefix('!') {
                        Some(not) => terms.none.push(not.to_owned()),
                        None => terms.any.push(word),
                    }
                }
            }
            None => {}
        }
        terms
    }

    fn is_empty(&self) -> bool {
        self.any.is_empty() && self.all.is_empty() && self.none.is_empty()
    }

    fn fit(&self, test: impl Fn(&str) -> bool) -> bool {
        (self.any.is_empty() || self.any.iter().any(|word| test(word)))
            && self.all.iter().all(|word| test(word))
            && !self.none.iter().any(|word| test(word))
    }
}

/// A span of seconds since 1970.
type Span = (Option<i64>, Option<i64>);

/// What is asked for.
pub(in crate::misp) struct Filter {
    values: Terms,
    kinds: Terms,
    categories: Terms,
    organisations: Terms,
    tags: Terms,
    infos: Terms,
    /// In titles, values and comments alike.
    anywhere: Terms,
    threat: Terms,
    analysis: Terms,
    distribution: Terms,
    groups: Terms,
    objects: Terms,
    /// Events by UUID or number.
    pub(in crate::misp) events: Vec<String>,
    /// Attributes, objects or events by UUID.
    pub(in crate::misp) uuids: Vec<String>,
    published: Option<bool>,
    to_ids: Option<bool>,
    date: (Option<String>, Option<String>),
    changed: Span,
    released: Span,
    of_attribute: Span,
    limit: Option<usize>,
    page: usize,
}

impl Filter {
    pub(in crate::misp) fn of(ask: &Ask) -> Result<Self, Stop> {
        expect_known(ask)?;
        let terms = |names: &[&str]| Terms::of(names.iter().find_map(|name| ask.param(name)));
        let switch = |name: &str| {
            ask.word(name)
                .filter(|word| matches!(word.as_str(), "0" | "1" | "true" | "false"))
                .map(|word| is_yes(&word))
        };
        let number = |name: &str| -> Result<Option<usize>, Stop> {
            let parse = |word: String| word.parse().map_err(|_| unfit(name, &word));
            ask.word(name).map(parse).transpose()
        };
        let mut events = ask.words("eventid");
        events.extend(ask.words("event_uuid"));
        let mut uuids = ask.words("uuid");
        uuids.extend(ask.words("uuids"));
        let attributes = ask.arg(0) == "attributes";
        let of_attribute = if attributes { "timestamp" } else { "attribute_timestamp" };
        let of_event = if attributes { "event_timestamp" } else { "timestamp" };
        let released = span(ask, "publish_timestamp")?;
        let last = span(ask, "last")?;
        let day = |names: [&str; 2]| names.iter().find_map(|name| ask.word(name)).map(|day| day_of(&day)).transpose();
        Ok(Self {
            values: terms(&["value", "values"]),
            kinds: terms(&["type", "type_attribute"]),
            categories: terms(&["category"]),
            organisations: terms(&["org"]),
            tags: terms(&["tags", "tag"]),
            infos: terms(&["eventinfo"]),
            anywhere: terms(&["searchall"]),
            threat: terms(&["threat_level_id"]),
            analysis: terms(&["analysis"]),
            distribution: terms(&["distribution"]),
            groups: terms(&["sharinggroup"]),
            objects: terms(&["object_name"]),
            events,
            uuids,
            published: switch("published"),
            to_ids: switch("to_ids"),
            date: (day(["from", "datefrom"])?, day(["to", "dateuntil"])?),
            changed: span(ask, of_event)?,
            released: if released == (None, None) { last } else { released },
            of_attribute: span(ask, of_attribute)?,
            limit: number("limit")?.filter(|limit| *limit > 0),
            page: number("page")?.unwrap_or(1).max(1),
        })
    }

    /// How many to pass over and how many to give, at most `most`.
    pub(in crate::misp) fn page(&self, most: usize) -> (usize, usize) {
        let take = self.limit.unwrap_or(most).min(most);
        ((self.page - 1).saturating_mul(take), take)
    }

    /// Values that the index can be asked for: all that are asked for are written out.
    pub(in crate::misp) fn plain_values(&self) -> Option<Vec<String>> {
        let is_plain = !self.values.any.is_empty() && !self.values.any.iter().any(|value| value.contains('%'));
        is_plain.then(|| self.values.any.iter().take(1_000).cloned().collect())
    }

    /// Whether attributes decide.
    pub(in crate::misp) fn looks_inside(&self) -> bool {
        self.has_anywhere() || self.is_of_attributes()
    }

    fn is_of_attributes(&self) -> bool {
        !(self.values.is_empty() && self.kinds.is_empty() && self.categories.is_empty() && self.objects.is_empty())
            || self.to_ids.is_some()
            || self.of_attribute != (None, None)
    }

    /// Values that may stand anywhere, where all of them are written out.
    pub(in crate::misp) fn plain_anywhere(&self) -> Vec<String> {
        self.anywhere.any.iter().filter(|word| !word.contains('%')).take(100).cloned().collect()
    }

    /// Whether a title has what is looked for anywhere, and nothing more is asked of attributes. Where nothing is looked for anywhere, `false`.
    pub(in crate::misp) fn is_titled(&self, event: &Json) -> bool {
        self.has_anywhere() && !self.is_of_attributes() && self.anywhere.fit(|word| is_about(text(event, "info"), word))
    }

    /// Whether anything is looked for in titles, values and comments alike.
    pub(in crate::misp) fn has_anywhere(&self) -> bool {
        !self.anywhere.is_empty()
    }

    pub(in crate::misp) fn wants_head(&self, event: &Json) -> bool {
        let orgc = event.get("Orgc").and_then(Value::as_object);
        let by = |word: &str| {
            orgc.is_some_and(|orgc| {
                ["id", "uuid", "name"].iter().any(|name| text(orgc, name).eq_ignore_ascii_case(word))
            })
        };
        let tagged = |word: &str| list(event, "Tag").any(|tag| is_like(text(tag, "name"), word));
        let says = |terms: &Terms, name: &str| terms.is_empty() || terms.fit(|wanted| word(event, name) == wanted);
        let within = |name: &str, span: Span| seconds(event, name).is_none_or(|at| is_within(at, span));
        let day = text(event, "date");
        self.organisations.fit(by)
            && self.tags.fit(tagged)
            && self.infos.fit(|word| is_about(text(event, "info"), word))
            && says(&self.threat, "threat_level_id")
            && says(&self.analysis, "analysis")
            && says(&self.distribution, "distribution")
            && says(&self.groups, "sharing_group_id")
            && self.published.is_none_or(|wanted| is_on(event, "published") == wanted)
            && self.date.0.as_ref().is_none_or(|from| day >= from.as_str())
            && self.date.1.as_ref().is_none_or(|to| day <= to.as_str())
            && within("timestamp", self.changed)
            && within("publish_timestamp", self.released)
    }

    /// Whether an attribute is wanted, which stands in an object or in none.
    pub(in crate::misp) fn wants_attribute(&self, (object, one): (Option<&Json>, &Json)) -> bool {
        let value = text(one, "value");
        let uuids = self.uuids.is_empty() || self.uuids.iter().any(|uuid| uuid.eq_ignore_ascii_case(text(one, "uuid")));
        let is_in = |object: &Json| self.objects.fit(|word| is_like(text(object, "name"), word));
        uuids
            && (self.objects.is_empty() || object.is_some_and(is_in))
            && self.values.fit(|word| is_like(value, word) || value.split('|').any(|part| is_like(part, word)))
            && self.kinds.fit(|word| is_like(text(one, "type"), word))
            && self.categories.fit(|word| is_like(text(one, "category"), word))
            && self.anywhere.fit(|word| is_about(value, word) || is_about(text(one, "comment"), word))
            && self.to_ids.is_none_or(|wanted| is_on(one, "to_ids") == wanted)
            && seconds(one, "timestamp").is_none_or(|at| is_within(at, self.of_attribute))
    }
}

fn unfit(name: &str, said: &str) -> Stop {
    Stop::unfit(format!("Invalid {name}."), json!({name: [format!("{said:?} is not understood")]}))
}

fn expect_known(ask: &Ask) -> Result<(), Stop> {
    ask.expect_named(&[FILTERS.as_slice(), LOOKS.as_slice()].concat())?;
    let names = ask.wrapped("request").into_iter().flat_map(|body| body.iter());
    let set = names.filter(|(_, value)| !value.is_null() && **value != json!("") && **value != json!([]));
    let unknown = set.map(|(name, _)| name.as_str()).find(|name| !FILTERS.contains(name) && !LOOKS.contains(name));
    match unknown {
        None => Ok(()),
        Some(name) => Err(Stop::unfit(
            format!("{name} is not known here, and to pass over it would answer more than was asked."),
            json!({"known": FILTERS.as_slice()}),
        )),
    }
}

/// Whether a text is the word, in which `%` stands for anything. Upper and lower case are one, as in MISP.
pub(in crate::misp) fn is_like(said: &str, word: &str) -> bool {
    if !word.contains('%') {
        return said.eq_ignore_ascii_case(word);
    }
    let (said, word) = (said.to_ascii_lowercase(), word.to_ascii_lowercase());
    let mut pieces = word.split('%');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = said.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match rest.find(piece).and_then(|at| rest.get(at + piece.len()..)) {
            Some(behind) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Whether a title has the words.
fn is_about(said: &str, word: &str) -> bool {
    if word.contains('%') { is_like(said, word) } else { said.to_lowercase().contains(&word.to_lowercase()) }
}

fn is_within(at: i64, (from, to): Span) -> bool {
    from.is_none_or(|from| at >= from) && to.is_none_or(|to| at <= to)
}

fn span(ask: &Ask, name: &str) -> Result<Span, Stop> {
    let words = ask.words(name);
    let of = |word: &String| instant(word, ask.seconds()).ok_or_else(|| unfit(name, word));
    match words.as_slice() {
        [] => Ok((None, None)),
        [from] => Ok((Some(of(from)?), None)),
        [from, to] => {
            let (from, to) = (of(from)?, of(to)?);
            Ok((Some(from.min(to)), Some(from.max(to))))
        }
        _ => Err(unfit(name, "more than two times")),
    }
}

/// Seconds since 1970, a time, a date, or how long ago.
fn instant(word: &str, now: i64) -> Option<i64> {
    if let Ok(seconds) = word.parse::<i64>() {
        return Some(seconds);
    }
    let units = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1), ("w", 604_800)];
    for (unit, seconds) in units {
        if let Some(count) = word.strip_suffix(unit).and_then(|count| count.parse::<i64>().ok()) {
            return now.checked_sub(count.checked_mul(seconds)?);
        }
    }
    let whole = word.split('.').next().unwrap_or(word).trim_end_matches('Z').replacen(' ', "T", 1);
    let text = if word.len() == 10 { format!("{word}T00:00:00Z") } else { format!("{whole}Z") };
    Timestamp::parse(&text).map(|at| at.micros() / 1_000_000)
}

/// The day of a date, or of a count of seconds.
fn day_of(word: &str) -> Result<String, Stop> {
    let seconds = instant(word, 0).ok_or_else(|| unfit("date", word))?;
    let at = Timestamp::from_micros(seconds.saturating_mul(1_000_000)).ok_or_else(|| unfit("date", word))?;
    Ok(at.to_string().get(..10).unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fit_as_misp_reads_them() {
        for (said, word, fits) in [
            ("login.example", "login.example", true),
            ("Login.Example", "login.example", true),
            ("login.example.org", "login.example", false),
            ("login.example", "%example", true),
            ("login.example", "login%", true),
            ("login.example", "%gin.ex%", true),
            ("login.example", "l%n.%e", true),
            ("login.example", "%org", false),
            ("ab", "a%b%b", false),
            ("", "%", true),
        ] {
            assert_eq!(is_like(said, word), fits, "{said} {word}");
        }
    }

    #[test]
    fn times_are_read_in_every_spelling() {
        let now = 1_800_000_000;
        assert_eq!(instant("1d", now), Some(now - 86_400));
        assert_eq!(instant("1700000000", now), Some(1_700_000_000));
        assert_eq!(instant("2026-11-22", now), instant("2026-11-22T00:00:00Z", now));
        assert_eq!(instant("soon", now), None);
    }
}

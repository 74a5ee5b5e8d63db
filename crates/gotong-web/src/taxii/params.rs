//! The parameters of reading (sections 3.4 and 3.5): `added_after`, `limit`, `next` and `match[…]`, each at most once, each exactly as the standard has it.
//!
//! Must not guess: what is unknown here, or has another shape, is refused by name. Read next: `read.rs`.

use gotong_app::view::{CollectionQuery, VersionWanted, Wanted};
use gotong_model::{ChannelId, Timestamp};

use crate::problem::{Problem, table};

/// Values of one field of a filter.
const VALUES_MAX: usize = 1_000;

/// Which parameters an address takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// Objects and manifest: all of them.
    All,
    /// One object: of the filters those of versions.
    OfObject,
    /// The versions of an object: of the filters that of the version of STIX.
    OfVersions,
    /// Taking back: filters of versions alone.
    Filters,
}

impl Taken {
    fn takes(self, name: &str) -> bool {
        match name {
            "added_after" | "limit" | "next" => self != Self::Filters,
            "match[id]" | "match[type]" => self == Self::All,
            "match[version]" => self != Self::OfVersions,
            "match[spec_version]" => true,
            _ => false,
        }
    }
}

fn bad(text: impl Into<String>) -> Problem {
    Problem::of(&table::BAD_PARAMETER).saying(text)
}

/// Reads the parameters of an address.
pub(super) fn read(query: &str, taken: Taken, channel: ChannelId) -> Result<CollectionQuery, Problem> {
    let mut asked = CollectionQuery {
        channel,
        wanted: Wanted::default(),
        added_after: None,
        next: None,
        limit: 0,
        with_bodies: false,
    };
    let mut seen: Vec<String> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decoded(name).ok_or_else(|| bad("a parameter's name is not UTF-8"))?;
        if !taken.takes(&name) {
            return Err(bad(format!("{name:?} is not a parameter of this address")));
        }
        let value = decoded(value).ok_or_else(|| bad(format!("{name} is not UTF-8")))?;
        if value.is_empty() {
            return Err(bad(format!("{name} is empty")));
        }
        if seen.contains(&name) {
            return Err(bad(format!("{name} is there twice: several values are written as one list, with commas")));
        }
        set(&mut asked, &name, value)?;
        seen.push(name);
    }
    Ok(asked)
}

fn set(asked: &mut CollectionQuery, name: &str, value: String) -> Result<(), Problem> {
    match name {
        "added_after" => asked.added_after = Some(time(name, &value)?),
        "next" => asked.next = Some(value),
        "limit" => asked.limit = limit(&value)?,
        "match[id]" => asked.wanted.ids = Some(list(name, &value)?),
        "match[type]" => asked.wanted.types = Some(list(name, &value)?),
        "match[spec_version]" => asked.wanted.spec_versions = Some(list(name, &value)?),
        _ => versions(&mut asked.wanted, name, &value)?,
    }
    Ok(())
}

fn decoded(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_encoding::percent_decode_str(&text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

fn time(name: &str, value: &str) -> Result<Timestamp, Problem> {
    let time = Timestamp::parse(value).filter(|_| value.ends_with('Z'));
    time.ok_or_else(|| bad(format!("{name} must be a time in UTC such as 2026-01-31T08:00:00.000000Z")))
}

/// A positive number. Larger ones than a page may have mean the most that it may.
fn limit(value: &str) -> Result<usize, Problem> {
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit()) && value.bytes().any(|byte| byte != b'0');
    if !is_number {
        return Err(bad("limit must be a whole number from 1"));
    }
    Ok(value.parse().unwrap_or(usize::MAX))
}

fn list(name: &str, value: &str) -> Result<Vec<String>, Problem> {
    let mut values: Vec<String> = value.split(',').map(str::to_owned).collect();
    if values.iter().any(String::is_empty) {
        return Err(bad(format!("{name} has an empty value in its list")));
    }
    if values.len() > VALUES_MAX {
        return Err(bad(format!("{name} has more than {VALUES_MAX} values")));
    }
    values.sort_unstable();
    values.dedup();
    Ok(values)
}

fn versions(wanted: &mut Wanted, name: &str, value: &str) -> Result<(), Problem> {
    for word in list(name, value)? {
        match word.as_str() {
            "last" => wanted.versions.push(VersionWanted::Last),
            "first" => wanted.versions.push(VersionWanted::First),
            "all" => wanted.all_versions = true,
            text => wanted.versions.push(VersionWanted::At(time(name, text)?)),
        }
    }
    if wanted.all_versions && !wanted.versions.is_empty() {
        return Err(bad(format!("{name} has `all` beside other values")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(query: &str, taken: Taken) -> Result<CollectionQuery, Problem> {
        read(query, taken, ChannelId(gotong_crypto::Digest([0; 32])))
    }

    #[test]
    fn parameters_are_read_as_the_standard_has_them() {
        let asked = ask(
            "limit=5&added_after=2026-01-31T08:00:00.5Z&match%5Btype%5D=indicator,malware&match[version]=first,last",
            Taken::All,
        );
        let asked = asked.unwrap();
        assert_eq!(asked.limit, 5);
        assert_eq!(asked.added_after.map(|at| at.to_string()).as_deref(), Some("2026-01-31T08:00:00.500000Z"));
        assert_eq!(asked.wanted.types, Some(vec!["indicator".to_owned(), "malware".to_owned()]));
        assert_eq!(asked.wanted.versions, [VersionWanted::First, VersionWanted::Last]);
        assert!(ask("match[version]=all", Taken::OfObject).unwrap().wanted.all_versions);
        assert_eq!(ask("limit=99999999999999999999999", Taken::All).unwrap().limit, usize::MAX);
    }

    #[test]
    fn what_has_another_shape_is_refused_by_name() {
        for bad in [
            "limit=0",
            "limit=-1",
            "limit=1.5",
            "limit=",
            "limit=%2B1",
            "limit=00",
            "limit=1&limit=1",
            "added_after=yesterday",
            "added_after=2026-01-31T08:00:00+00:00",
            "added_after=2026-01-31",
            "match[type]=",
            "match[type]=a,,b",
            "match[type]=a&match[type]=b",
            "match[version]=all,last",
            "match[version]=newest",
            "match[nothing]=a",
            "sort=id",
            "match[id]=%ff",
            "next=",
        ] {
            assert!(ask(bad, Taken::All).is_err(), "{bad}");
        }
        for (elsewhere, taken) in [
            ("match[type]=a", Taken::OfObject),
            ("match[id]=a", Taken::OfVersions),
            ("match[version]=all", Taken::OfVersions),
            ("limit=1", Taken::Filters),
        ] {
            assert!(ask(elsewhere, taken).is_err(), "{elsewhere}");
        }
        assert!(
            ask("match[spec_version]=2.1", Taken::OfVersions).is_ok()
                && ask("match[version]=all", Taken::Filters).is_ok()
        );
    }
}

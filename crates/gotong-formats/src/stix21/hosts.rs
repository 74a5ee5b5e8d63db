//! What speaks of a host without naming it: the domains above it, and the URLs on it. As keys of the index of values, so that a look-up asks for few of them.
//!
//! Whoever warns of a domain warns of what stands below it, as those who match logs take it. Pure. Read next: `around.rs`, the same for networks.

use super::near::{host_key, host_of};
use super::normal::{self, ObservableValue, ValueKind};

/// Domains above a host that are looked for, nearest first.
const ABOVE_MAX: usize = 8;

/// A host that is looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host(String);

/// How a value speaks of a host.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Speaks {
    /// It is an URL on it.
    Url,
    /// It is a domain above it, of so many labels.
    Above(usize),
}

impl Host {
    /// A key of `lookup_keys`, if it is an address or a name that can be a host's.
    pub fn of(key: &str) -> Option<Self> {
        let is_address = normal::ipv4(key).or_else(|| normal::ipv6(key)).is_some();
        let is_host = if is_address { !key.contains('/') } else { registered(key).is_some() };
        is_host.then(|| Self(key.to_owned()))
    }

    /// The domains above it, nearest first, down to the one that somebody registered: what is above that belongs to many.
    pub fn above(&self) -> Vec<&str> {
        let Some(registered) = registered(&self.0).filter(|registered| registered.len() < self.0.len()) else {
            return Vec::new();
        };
        let dots = self.0.match_indices('.').map(|(at, _)| self.0.get(at + 1..).unwrap_or_default());
        let above: Vec<&str> = dots.filter(|name| name.len() >= registered.len()).collect();
        // Of a name of very many labels those that are likeliest to be named: the shortest.
        above.get(above.len().saturating_sub(ABOVE_MAX)..).unwrap_or_default().to_vec()
    }

    /// The key under which URLs on it stand.
    pub fn urls_key(&self) -> String {
        host_key(&self.0)
    }

    /// How a record's value speaks of it.
    pub fn spoken_of(&self, value: &ObservableValue) -> Option<Speaks> {
        if value.kind == ValueKind::Url {
            return (host_of(&value.text)? == self.0).then_some(Speaks::Url);
        }
        let is_above = value.kind == ValueKind::Domain && self.above().contains(&value.text.as_str());
        is_above.then(|| Speaks::Above(value.text.split('.').count()))
    }
}

/// What somebody registered of a name, by the Public Suffix List; `None` where nothing is registered under such a suffix.
fn registered(name: &str) -> Option<&str> {
    let is_name = name.split('.').all(|label| !label.is_empty()) && !name.contains(['/', '@', ':', ' ']);
    if !is_name || !psl::suffix(name.as_bytes())?.is_known() {
        return None;
    }
    let domain = psl::domain(name.as_bytes())?;
    name.get(name.len() - domain.as_bytes().len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn above(name: &str) -> Vec<String> {
        Host::of(name).unwrap().above().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_host_has_the_domains_down_to_the_registered_one() {
        assert_eq!(above("a.b.evil.com"), ["b.evil.com", "evil.com"]);
        assert_eq!(above("evil.com"), [""; 0]);
        assert_eq!(above("www.mail.gov.vn"), ["mail.gov.vn"], "gov.vn belongs to many");
        assert_eq!(above("198.51.100.7"), [""; 0]);
        let deep = format!("{}evil.com", "a.".repeat(60));
        assert_eq!(above(&deep).len(), ABOVE_MAX);
        assert_eq!(above(&deep).last().map(String::as_str), Some("evil.com"));
        for none in [
            "com",
            "gov.vn",
            "evil.exe",
            "evil",
            "a..evil.com",
            "http://evil.com/",
            "a@evil.com",
            "198.51.100.0/24",
            "",
        ] {
            assert_eq!(Host::of(none), None, "{none}");
        }
    }

    #[test]
    fn values_speak_of_a_host_by_urls_on_it_and_domains_above_it() {
        let value = |kind, text: &str| ObservableValue { kind, text: text.to_owned() };
        let host = Host::of("www.evil.com").unwrap();
        assert_eq!(host.spoken_of(&value(ValueKind::Domain, "evil.com")), Some(Speaks::Above(2)));
        assert_eq!(host.spoken_of(&value(ValueKind::Url, "http://www.evil.com/a?b")), Some(Speaks::Url));
        for other in ["http://evil.com/", "http://www.evil.com.example.org/", "http://not-www.evil.com/"] {
            assert_eq!(host.spoken_of(&value(ValueKind::Url, other)), None, "{other}");
        }
        for other in ["com", "devil.com", "www.evil.com", "x.www.evil.com"] {
            assert_eq!(host.spoken_of(&value(ValueKind::Domain, other)), None, "{other}");
        }
        let address = Host::of("198.51.100.7").unwrap();
        assert_eq!(address.spoken_of(&value(ValueKind::Url, "http://198.51.100.7:8080/x")), Some(Speaks::Url));
    }
}

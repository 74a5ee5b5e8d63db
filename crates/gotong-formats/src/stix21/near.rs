//! What lies near an observable value: the network of an address, the networks that hold it, the host of an URL. Found by looking up more keys, not by
//! storing pairs: one small index answers, however many objects share a network.
//!
//! Read next: `normal.rs` (the spelling of values).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::around::length_key_of;
use super::normal::{ObservableValue, ValueKind};
use crate::network::{Network, mask_v4, mask_v6};

/// Addresses of an IPv4 network that are looked up one by one: a /24.
const SIBLINGS_BITS: u8 = 24;
/// The network of an IPv6 address that is indexed beside it: what a site hands to one line (RFC 6177).
pub(super) const SITE_BITS: u8 = 64;
/// The widest networks that are looked for around an address: nobody was ever assigned a wider one.
pub(super) const WIDEST_V4: u8 = 8;
pub(super) const WIDEST_V6: u8 = 19;

/// What to look up around a value.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Near {
    /// The network, written as CIDR, that siblings lie in.
    pub network: Option<String>,
    /// Values in the same network, without the value itself: of IPv4 each address.
    pub siblings: Vec<String>,
    /// Networks that hold it, narrowest first.
    pub holders: Vec<String>,
    /// The key of [`near_keys`] under which others of the same IPv6 network stand.
    pub site_key: Option<String>,
    /// The host: of an URL its host; of a host itself.
    pub host: Option<String>,
    /// The key of [`near_keys`] under which URLs of that host stand.
    pub host_key: Option<String>,
}

/// Keys beside the value itself under which an object is indexed, so that others of its host or site are found, and networks
/// from what they hold. They begin with a control character, which no value has, so none is ever a value's own key.
pub fn near_keys(value: &ObservableValue) -> Vec<String> {
    if value.kind == ValueKind::Url {
        return host_of(&value.text).map(|host| host_key(&host)).into_iter().collect();
    }
    if !matches!(value.kind, ValueKind::Ipv4 | ValueKind::Ipv6) {
        return Vec::new();
    }
    let site = match Network::parse(&value.text) {
        Some(Network::V6 { bits, length }) if length >= SITE_BITS => Some(site_key(bits)),
        _ => None,
    };
    site.into_iter().chain(length_key_of(&value.text)).collect()
}

/// What to look up around a value.
pub fn near(value: &ObservableValue) -> Near {
    let is_address = matches!(value.kind, ValueKind::Ipv4 | ValueKind::Ipv6);
    let near = match Network::parse(&value.text).filter(|_| is_address) {
        Some(Network::V4 { bits, length }) => around_v4(&value.text, bits, length),
        Some(Network::V6 { bits, length }) => around_v6(&value.text, bits, length),
        None => Near::default(),
    };
    let is_host = value.kind == ValueKind::Domain || (near.network.is_some() && !value.text.contains('/'));
    let host = if is_host { Some(value.text.clone()) } else { None };
    let host = if value.kind == ValueKind::Url { host_of(&value.text) } else { host };
    Near { host_key: host.as_deref().map(host_key), host, ..near }
}

fn around_v4(text: &str, number: u32, bits: u8) -> Near {
    let holders = (WIDEST_V4..bits).rev().map(|bits| cidr4(number, bits)).filter(|holder| holder != text).collect();
    if bits < SIBLINGS_BITS {
        return Near { holders, ..Near::default() };
    }
    let mask = mask_v4(SIBLINGS_BITS);
    let siblings = (number & mask..=number | !mask).map(|number| Ipv4Addr::from(number).to_string());
    Near {
        network: Some(cidr4(number, SIBLINGS_BITS)),
        siblings: siblings.filter(|sibling| sibling != text).collect(),
        holders,
        ..Near::default()
    }
}

fn around_v6(text: &str, number: u128, bits: u8) -> Near {
    let holders = (WIDEST_V6..bits).rev().map(|bits| cidr6(number, bits)).filter(|holder| holder != text).collect();
    if bits < SITE_BITS {
        return Near { holders, ..Near::default() };
    }
    Near { network: Some(cidr6(number, SITE_BITS)), site_key: Some(site_key(number)), holders, ..Near::default() }
}

pub(super) fn cidr4(number: u32, bits: u8) -> String {
    format!("{}/{bits}", Ipv4Addr::from(number & mask_v4(bits)))
}

pub(super) fn cidr6(number: u128, bits: u8) -> String {
    format!("{}/{bits}", Ipv6Addr::from(number & mask_v6(bits)))
}

pub(super) fn site_key(number: u128) -> String {
    format!("\u{1}site {}", cidr6(number, SITE_BITS))
}

pub(super) fn host_key(host: &str) -> String {
    format!("\u{1}host {host}")
}

pub(super) fn host_of(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty())?;
    Some(host.trim_matches(['[', ']']).trim_end_matches('.').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(kind: ValueKind, text: &str) -> ObservableValue {
        ObservableValue { kind, text: text.to_owned() }
    }

    #[test]
    fn an_address_has_its_network_and_those_that_hold_it() {
        let near = near(&value(ValueKind::Ipv4, "198.51.100.7"));
        assert_eq!(near.network.as_deref(), Some("198.51.100.0/24"));
        assert_eq!(near.siblings.len(), 255);
        assert!(
            near.siblings.contains(&"198.51.100.255".to_owned()) && !near.siblings.contains(&"198.51.100.7".into())
        );
        assert_eq!(near.holders.first().map(String::as_str), Some("198.51.100.6/31"));
        assert!(
            near.holders.contains(&"198.51.100.0/24".to_owned()) && near.holders.contains(&"198.0.0.0/8".to_owned())
        );
    }

    #[test]
    fn a_network_has_its_addresses_up_to_a_size() {
        assert_eq!(near(&value(ValueKind::Ipv4, "198.51.100.0/24")).siblings.len(), 256);
        assert!(near(&value(ValueKind::Ipv4, "198.51.0.0/16")).siblings.is_empty());
        assert_eq!(near(&value(ValueKind::Ipv4, "198.51.100.0/99")), Near::default());
        assert_eq!(near(&value(ValueKind::Ipv4, "not an address")), Near::default());
    }

    #[test]
    fn urls_of_one_host_and_addresses_of_one_site_share_a_key() {
        let one = near_keys(&value(ValueKind::Url, "http://evil.example/a"));
        assert_eq!(one, near_keys(&value(ValueKind::Url, "https://evil.example:8443/b?c")));
        assert_eq!(one, near(&value(ValueKind::Domain, "evil.example")).host_key.into_iter().collect::<Vec<_>>());
        let six = near_keys(&value(ValueKind::Ipv6, "2001:db8:1:2::5"));
        assert_eq!(six, near_keys(&value(ValueKind::Ipv6, "2001:db8:1:2:ffff::1")));
        assert_eq!(six.len(), 1);
        assert!(near_keys(&value(ValueKind::Ipv6, "2001::/16")).is_empty());
        let site = near_keys(&value(ValueKind::Ipv6, "2001:db8:1:2::/72"));
        assert_eq!((site.len(), &site[..1]), (2, &six[..]), "a network stands under its length, too");
    }
}

//! IP networks as numbers: one address with the length of its prefix, host bits cleared.
//!
//! Reads the usual spelling alone: no zeros in front, no ports, no zones. Must not touch a socket; the addresses are
//! only numbers here. Read next: `warninglist/networks.rs`, `stix21/pattern/compare.rs`.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A network of either family. An address is a network of one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Network {
    V4 { bits: u32, length: u8 },
    V6 { bits: u128, length: u8 },
}

impl Network {
    /// `198.51.100.7`, `198.51.100.0/24`, `2001:db8::/32`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(prefix_length(length)?)),
            None => (text, None),
        };
        if address.contains(':') {
            let address: Ipv6Addr = address.parse().ok()?;
            let length = length.unwrap_or(128);
            (length <= 128).then(|| Self::V6 { bits: address.to_bits() & mask_v6(length), length })
        } else {
            let address: Ipv4Addr = address.parse().ok()?;
            let length = length.unwrap_or(32);
            (length <= 32).then(|| Self::V4 { bits: address.to_bits() & mask_v4(length), length })
        }
    }

    /// Whether every address of `other` is one of this.
    pub(crate) fn holds(self, other: Self) -> bool {
        match (self, other) {
            (Self::V4 { bits, length }, Self::V4 { bits: inner, length: longer }) => {
                length <= longer && inner & mask_v4(length) == bits
            }
            (Self::V6 { bits, length }, Self::V6 { bits: inner, length: longer }) => {
                length <= longer && inner & mask_v6(length) == bits
            }
            (Self::V4 { .. }, Self::V6 { .. }) | (Self::V6 { .. }, Self::V4 { .. }) => false,
        }
    }
}

pub(crate) fn mask_v4(length: u8) -> u32 {
    u32::MAX.checked_shl(32_u32.saturating_sub(length.into())).unwrap_or(0)
}

pub(crate) fn mask_v6(length: u8) -> u128 {
    u128::MAX.checked_shl(128_u32.saturating_sub(length.into())).unwrap_or(0)
}

fn prefix_length(text: &str) -> Option<u8> {
    let plain = !text.is_empty() && text.len() <= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_what_lies_in_it_and_itself() {
        let of = |text| Network::parse(text).unwrap();
        assert!(of("198.51.100.9/24").holds(of("198.51.100.7")));
        assert!(of("198.51.100.0/24").holds(of("198.51.100.0/24")));
        assert!(of("0.0.0.0/0").holds(of("198.51.100.0/24")));
        assert!(of("2001:DB8::/32").holds(of("2001:db8:0:1::/64")));
        assert!(!of("198.51.100.0/25").holds(of("198.51.100.0/24")));
        assert!(!of("::/0").holds(of("198.51.100.7")));
        for text in ["198.51.100.7/33", "198.51.100.007", "198.51.100.7/", "198.51.100.7/+4", "fe80::1%eth0", "x"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}

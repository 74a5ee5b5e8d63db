//! Which networks hold an address or a network, and what may lie in one: as keys of the index of values, so that a look-up asks for few of them.
//!
//! Only lengths of prefixes that some record names are asked for. How far a network is looked into is told by the question alone, never by what there is.
//! Pure. Read next: `near.rs` (what is related), `normal.rs` (the spelling of values).

use std::net::{Ipv4Addr, Ipv6Addr};

use super::near::{SITE_BITS, WIDEST_V4, WIDEST_V6, cidr4, cidr6, site_key};
use crate::network::Network;

/// Bits of a network behind its prefix up to which it is looked into: of IPv4 a /16, of IPv6 a /48 by its lines, or a /112 by its addresses.
const INSIDE_BITS: u8 = 16;

/// The lengths of prefixes that occur, longest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lengths {
    v4: Vec<u8>,
    v6: Vec<u8>,
}

impl Lengths {
    /// Asks for each length whether any network of it may be there. `true` without one costs time and nothing else.
    pub fn known<E>(mut may_have: impl FnMut(&str) -> Result<bool, E>) -> Result<Self, E> {
        let mut lengths = Self::default();
        for length in (WIDEST_V4..32).rev() {
            if may_have(&length_key(4, length))? {
                lengths.v4.push(length);
            }
        }
        for length in (WIDEST_V6..128).rev() {
            if may_have(&length_key(6, length))? {
                lengths.v6.push(length);
            }
        }
        Ok(lengths)
    }
}

/// The key beside its own under which each network stands: that there are networks of its length.
pub(super) fn length_key_of(text: &str) -> Option<String> {
    match Network::parse(text)? {
        Network::V4 { length, .. } if (WIDEST_V4..32).contains(&length) => Some(length_key(4, length)),
        Network::V6 { length, .. } if (WIDEST_V6..128).contains(&length) => Some(length_key(6, length)),
        Network::V4 { .. } | Network::V6 { .. } => None,
    }
}

fn length_key(family: u8, length: u8) -> String {
    format!("\u{1}length {family}/{length}")
}

/// How a value lies to an address or a network.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Beside {
    /// It is a network that holds it, with a prefix so long.
    Holds(u8),
    /// It lies in it.
    Within,
}

/// An address or a network that is looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Around(Network);

impl Around {
    /// A key of `lookup_keys`, if it is one.
    pub fn of(key: &str) -> Option<Self> {
        Network::parse(key).map(Self)
    }

    /// How a record's value lies to it; `None` for itself, for what lies elsewhere and for networks that are too wide to say anything.
    pub fn beside(self, value: &str) -> Option<Beside> {
        let other = Network::parse(value).filter(|other| *other != self.0)?;
        let (length, widest) = match other {
            Network::V4 { length, .. } => (length, WIDEST_V4),
            Network::V6 { length, .. } => (length, WIDEST_V6),
        };
        if other.holds(self.0) {
            return (length >= widest).then_some(Beside::Holds(length));
        }
        self.0.holds(other).then_some(Beside::Within)
    }

    /// The networks that hold it, narrowest first.
    pub fn holders(self, lengths: &Lengths) -> Vec<String> {
        match self.0 {
            Network::V4 { bits, length } => {
                let wider = lengths.v4.iter().filter(|wider| **wider < length);
                wider.map(|wider| cidr4(bits, *wider)).collect()
            }
            Network::V6 { bits, length } => {
                let wider = lengths.v6.iter().filter(|wider| **wider < length);
                wider.map(|wider| cidr6(bits, *wider)).collect()
            }
        }
    }

    /// How many keys there may be for what lies in it: none for an address. `None`: it is too wide to be looked into.
    pub fn inside_count(self) -> Option<usize> {
        let bits = match self.0 {
            Network::V4 { length, .. } => 32 - length,
            Network::V6 { length, .. } if length <= SITE_BITS => SITE_BITS - length,
            Network::V6 { length, .. } => 128 - length,
        };
        let is_address = matches!(self.0, Network::V4 { length: 32, .. } | Network::V6 { length: 128, .. });
        // Each of its addresses or lines, and the networks between it and them.
        (bits <= INSIDE_BITS).then(|| if is_address { 0 } else { 2_usize << bits })
    }

    /// The keys of what lies in it, each with what is told of it: a value, or of IPv6 the line's network that it lies in. Only of one that
    /// [`Self::inside_count`] has a number for.
    pub fn inside(self, lengths: &Lengths) -> Box<dyn Iterator<Item = (String, String)> + '_> {
        let twice = |text: String| (text.clone(), text);
        match self.0 {
            _ if self.inside_count().unwrap_or(0) == 0 => Box::new(std::iter::empty()),
            Network::V4 { bits, length } => {
                let addresses = (0..=u32::MAX >> length).map(move |at| Ipv4Addr::from_bits(bits | at).to_string());
                let networks = lengths.v4.iter().filter(move |longer| **longer > length).flat_map(move |longer| {
                    (0..1_u32 << (longer - length)).map(move |at| cidr4(bits | at << (32 - longer), *longer))
                });
                Box::new(addresses.chain(networks).map(twice))
            }
            Network::V6 { bits, length } => {
                let end = if length <= SITE_BITS { SITE_BITS } else { 128 };
                let steps = move |to: u8| (0..1_u128 << (to - length)).map(move |at| bits | at << (128 - to));
                let ends = steps(end).map(move |bits| match end {
                    SITE_BITS => (site_key(bits), cidr6(bits, SITE_BITS)),
                    _ => twice(Ipv6Addr::from_bits(bits).to_string()),
                });
                let between = lengths.v6.iter().filter(move |longer| (length + 1..end).contains(*longer));
                let networks =
                    between.flat_map(move |longer| steps(*longer).map(move |bits| twice(cidr6(bits, *longer))));
                Box::new(ends.chain(networks))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(text: &str) -> Around {
        Around::of(text).unwrap()
    }

    fn lengths(named: &[&str]) -> Lengths {
        let keys: Vec<String> = named.iter().filter_map(|text| length_key_of(text)).collect();
        Lengths::known(|key| Ok::<_, ()>(keys.iter().any(|known| known == key))).unwrap()
    }

    #[test]
    fn only_networks_of_lengths_that_occur_are_asked_for() {
        let lengths = lengths(&["203.0.113.0/24", "45.10.20.0/22", "2001:db8::/32", "198.51.100.7"]);
        assert_eq!(around("45.10.21.5").holders(&lengths), ["45.10.21.0/24", "45.10.20.0/22"]);
        assert_eq!(around("45.10.20.0/23").holders(&lengths), ["45.10.20.0/22"]);
        assert_eq!(around("45.10.20.0/22").holders(&lengths), [""; 0]);
        assert_eq!(around("2001:db8:1::5").holders(&lengths), ["2001:db8::/32"]);
        assert_eq!(around("45.10.21.5").holders(&Lengths::default()), [""; 0]);
    }

    #[test]
    fn networks_that_hold_half_the_world_say_nothing() {
        for wide in ["0.0.0.0/0", "128.0.0.0/1", "45.0.0.0/7", "::/0", "2000::/3"] {
            assert_eq!(length_key_of(wide), None, "{wide}");
            assert_eq!(around("45.10.21.5").beside(wide), None, "{wide}");
            assert_eq!(around("2001:db8::5").beside(wide), None, "{wide}");
            assert_eq!(around(wide).inside_count(), None, "{wide}");
            assert_eq!(around(wide).inside(&Lengths::default()).count(), 0, "{wide}");
        }
        assert_eq!(around("45.10.21.5").beside("45.0.0.0/8"), Some(Beside::Holds(8)));
    }

    #[test]
    fn what_lies_in_a_network_is_counted_before_it_is_asked_for() {
        let all = Lengths { v4: (8..32).rev().collect(), v6: (19..128).rev().collect() };
        for (text, first, count) in [
            ("45.10.20.0/22", "45.10.20.0", 1_024 + 1_022),
            ("45.10.0.0/16", "45.10.0.0", 65_536 + 65_534),
            ("45.10.20.4/31", "45.10.20.4", 2),
            ("2001:db8::/62", "2001:db8::/64", 4 + 2),
            ("2001:db8::5:0/126", "2001:db8::5:0", 4 + 2),
            ("2001:db8::/48", "2001:db8::/64", 65_536 + 65_534),
        ] {
            let keys: Vec<_> = around(text).inside(&all).collect();
            assert_eq!((keys[0].1.as_str(), keys.len()), (first, count), "{text}");
            assert!(keys.len() <= around(text).inside_count().unwrap(), "{text}");
            assert!(keys.iter().all(|(_, shown)| around(text).beside(shown) == Some(Beside::Within)), "{text}");
        }
        assert_eq!(around("45.10.20.5").inside_count(), Some(0));
        for wide in ["45.8.0.0/15", "2001:db8::/47", "2001:db8::/65", "2001:db8::/111"] {
            assert_eq!(around(wide).inside_count(), None, "{wide}");
        }
        assert_eq!(around("45.10.20.0/22").inside(&Lengths::default()).count(), 1_024);
    }
}

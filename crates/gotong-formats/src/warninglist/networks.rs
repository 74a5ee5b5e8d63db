//! Networks: all that hold an address, or a whole network, of many lists at once.
//!
//! Networks lie within one another or apart, never across. Sorted by where they begin, larger ones first, each knows the
//! nearest that holds it; so the last that begins no later than an address leads to all that hold it. A network of the
//! value's own size holds it too: a block on a list is found by itself. Read next: `matcher.rs`.

use crate::network::{Network, mask_v4, mask_v6};

const NONE: u32 = u32::MAX;

struct Node<A> {
    bits: A,
    /// The nearest network that holds this one.
    outer: u32,
    list: u16,
    length: u8,
}

#[derive(Default)]
pub(super) struct Networks {
    v4: Vec<Node<u32>>,
    /// For each beginning of two bytes, the place of the first network that begins so or later; and the end.
    v4_places: Vec<u32>,
    v6: Vec<Node<u128>>,
}

impl Networks {
    pub(super) fn add(&mut self, network: Network, list: u16) {
        match network {
            Network::V4 { bits, length } => self.v4.push(Node { bits, outer: NONE, list, length }),
            Network::V6 { bits, length } => self.v6.push(Node { bits, outer: NONE, list, length }),
        }
    }

    /// Sorts what was added. Until then nothing is found.
    pub(super) fn finish(&mut self) {
        self.v4.sort_unstable_by_key(|node| (node.bits, node.length, node.list));
        self.v4.dedup_by_key(|node| (node.bits, node.length, node.list));
        self.v6.sort_unstable_by_key(|node| (node.bits, node.length, node.list));
        self.v6.dedup_by_key(|node| (node.bits, node.length, node.list));
        link(&mut self.v4, |outer, bits| bits & mask_v4(outer.length) == outer.bits);
        link(&mut self.v6, |outer, bits| bits & mask_v6(outer.length) == outer.bits);
        let mut at = 0;
        self.v4_places = (0..=1_u32 << 16)
            .map(|beginning| {
                while self.v4.get(at).is_some_and(|node| node.bits >> 16 < beginning) {
                    at += 1;
                }
                u32::try_from(at).unwrap_or(NONE)
            })
            .collect();
        self.v4.shrink_to_fit();
        self.v6.shrink_to_fit();
    }

    /// Calls `found` for each network that holds `value`, the smallest first.
    pub(super) fn holding(&self, value: Network, mut found: impl FnMut(u16, Network)) {
        match value {
            Network::V4 { bits, length } => {
                let place = |beginning: u32| self.v4_places.get(beginning as usize).map_or(0, |place| *place as usize);
                let (from, to) = (place(bits >> 16), place((bits >> 16) + 1));
                let among = self.v4.get(from..to).unwrap_or_default();
                let end = from + among.partition_point(|node| (node.bits, node.length) <= (bits, length));
                outwards(&self.v4, end, |node| {
                    let network = Network::V4 { bits: node.bits, length: node.length };
                    if network.holds(value) {
                        found(node.list, network);
                    }
                });
            }
            Network::V6 { bits, length } => {
                let end = self.v6.partition_point(|node| (node.bits, node.length) <= (bits, length));
                outwards(&self.v6, end, |node| {
                    let network = Network::V6 { bits: node.bits, length: node.length };
                    if network.holds(value) {
                        found(node.list, network);
                    }
                });
            }
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.v4.capacity() * size_of::<Node<u32>>()
            + self.v4_places.capacity() * size_of::<u32>()
            + self.v6.capacity() * size_of::<Node<u128>>()
    }
}

/// Gives each node the nearest one before it that holds it. Equal networks of several lists hold one another in turn.
fn link<A: Copy>(nodes: &mut [Node<A>], holds: impl Fn(&Node<A>, A) -> bool) {
    let mut open: Vec<u32> = Vec::new();
    for at in 0..nodes.len() {
        let Some(bits) = nodes.get(at).map(|node| node.bits) else { return };
        while let Some(outer) = open.last() {
            if nodes.get(*outer as usize).is_some_and(|outer| holds(outer, bits)) {
                break;
            }
            open.pop();
        }
        let outer = open.last().copied().unwrap_or(NONE);
        if let Some(node) = nodes.get_mut(at) {
            node.outer = outer;
        }
        open.push(u32::try_from(at).unwrap_or(NONE));
    }
}

/// From the node before `end` to all that hold it.
fn outwards<A>(nodes: &[Node<A>], end: usize, mut see: impl FnMut(&Node<A>)) {
    let mut at = end.checked_sub(1);
    while let Some(node) = at.and_then(|at| nodes.get(at)) {
        see(node);
        at = (node.outer != NONE).then_some(node.outer as usize);
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::V4 { bits, length: 32 } => write!(out, "{}", std::net::Ipv4Addr::from_bits(*bits)),
            Self::V4 { bits, length } => write!(out, "{}/{length}", std::net::Ipv4Addr::from_bits(*bits)),
            Self::V6 { bits, length: 128 } => write!(out, "{}", std::net::Ipv6Addr::from_bits(*bits)),
            Self::V6 { bits, length } => write!(out, "{}/{length}", std::net::Ipv6Addr::from_bits(*bits)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_networks_around_a_value_are_found_and_no_other() {
        let mut networks = Networks::default();
        for (list, text) in
            ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.0/24", "10.2.0.0/16", "10.1.3.3", "::/0"]
                .iter()
                .enumerate()
        {
            networks.add(Network::parse(text).unwrap(), u16::try_from(list).unwrap());
        }
        networks.finish();
        let of = |text: &str| {
            let mut found = Vec::new();
            networks.holding(Network::parse(text).unwrap(), |list, _| found.push(list));
            found.sort_unstable();
            found
        };
        assert_eq!(of("10.1.2.3"), [0, 1, 2, 3]);
        assert_eq!(of("10.1.3.3"), [0, 1, 5]);
        assert_eq!(of("10.1.3.4"), [0, 1]);
        assert_eq!(of("10.1.2.0/24"), [0, 1, 2, 3], "a block is found by itself");
        assert_eq!(of("10.1.2.0/23"), [0, 1]);
        assert_eq!(of("10.0.0.0/7"), [0_u16; 0]);
        assert_eq!(of("11.0.0.0"), [0_u16; 0]);
        assert_eq!(of("2001:db8::1"), [6]);
    }
}

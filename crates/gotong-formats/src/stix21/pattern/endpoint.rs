//! What a pattern comes to where it means traffic to one address and one port, both at once: what rules for sensors can say exactly.
//!
//! Says nothing at all where anything else is asked beside them, or either is left open. Read next: `alternatives.rs`.

use super::{LiteralKind, NodeKind, Operator, Pattern};

/// Where traffic goes that a pattern means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoint {
    /// The address as it is written there; whether it is one is for the reader.
    pub address: String,
    /// The port, from 1.
    pub port: u16,
    /// `tcp` or `udp`, where the pattern asks for it.
    pub protocol: Option<&'static str>,
}

/// The one endpoint that `pattern` means: one observation of `network-traffic` in which `dst_ref.value` and `dst_port` equal one value each, joined by AND,
/// with at most the type of the address and one transport protocol beside them.
pub fn endpoint(pattern: &Pattern<'_>) -> Option<Endpoint> {
    let mut observations = 0;
    let fits = pattern.nodes.iter().all(|node| {
        observations += u8::from(matches!(node.kind, NodeKind::Observation));
        matches!(node.kind, NodeKind::Comparison(_) | NodeKind::And | NodeKind::Observation)
    });
    if !fits || observations != 1 {
        return None;
    }
    let (mut address, mut port, mut address_type, mut protocol) = (None, None, None, None);
    for comparison in &pattern.comparisons {
        let [literal] = pattern.constants_of(comparison) else { return None };
        if comparison.negated || comparison.operator != Operator::Equal || comparison.object_type != "network-traffic" {
            return None;
        }
        let text = literal.text();
        let place = match (comparison.path.as_ref(), literal.kind) {
            ("dst_ref.value", LiteralKind::Text) => &mut address,
            ("dst_port", LiteralKind::Integer) => &mut port,
            ("dst_ref.type", LiteralKind::Text) => &mut address_type,
            ("protocols[*]", LiteralKind::Text) => &mut protocol,
            _ => return None,
        };
        // Said twice, it is two things to compare, or one that never holds.
        if place.replace(text.into_owned()).is_some() {
            return None;
        }
    }
    let address = address?;
    let wanted = if address.contains(':') { "ipv6-addr" } else { "ipv4-addr" };
    if address_type.is_some_and(|told| told != wanted) {
        return None;
    }
    let protocol = match protocol.as_deref() {
        None => None,
        Some("tcp") => Some("tcp"),
        Some("udp") => Some("udp"),
        Some(_) => return None,
    };
    let port = port?.parse().ok().filter(|port| *port != 0)?;
    Some(Endpoint { address, port, protocol })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str) -> Option<String> {
        let Endpoint { address, port, protocol } = endpoint(&Pattern::parse(pattern).unwrap())?;
        Some(format!("{}{address} {port}", protocol.map_or(String::new(), |protocol| format!("{protocol} "))))
    }

    #[test]
    fn one_address_and_one_port_are_an_endpoint() {
        for (pattern, expected) in [
            (
                "[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 4444]",
                "198.51.100.7 4444",
            ),
            (
                "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 443]",
                "198.51.100.7 443",
            ),
            (
                "[network-traffic:dst_port = 53 AND (network-traffic:protocols[*] = 'udp' AND network-traffic:dst_ref.value = '2001:db8::1')]",
                "udp 2001:db8::1 53",
            ),
        ] {
            assert_eq!(of(pattern).as_deref(), Some(expected), "{pattern}");
        }
    }

    #[test]
    fn what_asks_for_more_or_less_is_none() {
        let address = "network-traffic:dst_ref.value = '198.51.100.7'";
        for pattern in [
            format!("[{address}]"),
            "[network-traffic:dst_port = 4444]".to_owned(),
            format!("[{address} OR network-traffic:dst_port = 4444]"),
            format!("[{address}] AND [network-traffic:dst_port = 4444]"),
            format!("[{address} AND network-traffic:dst_port != 4444]"),
            format!("[{address} AND network-traffic:dst_port NOT = 4444]"),
            format!("[{address} AND network-traffic:dst_port > 4444]"),
            format!("[{address} AND network-traffic:dst_port IN (80, 443)]"),
            format!("[{address} AND network-traffic:dst_port = '4444']"),
            format!("[{address} AND network-traffic:dst_port = 0]"),
            format!("[{address} AND network-traffic:dst_port = 70000]"),
            format!("[{address} AND network-traffic:dst_port = -1]"),
            format!("[{address} AND network-traffic:src_port = 4444]"),
            format!("[{address} AND network-traffic:dst_port = 80 AND network-traffic:dst_port = 443]"),
            format!("[{address} AND network-traffic:dst_port = 80 AND network-traffic:src_port = 53]"),
            format!("[{address} AND network-traffic:dst_port = 80 AND network-traffic:protocols[*] = 'http']"),
            format!("[{address} AND network-traffic:dst_port = 80 AND network-traffic:dst_ref.type = 'ipv6-addr']"),
            format!("[{address} AND network-traffic:dst_port = 80 AND file:name = 'a']"),
            format!("[{address} AND network-traffic:dst_port = 80] REPEATS 5 TIMES"),
            format!("[{address} AND network-traffic:dst_port = 80] FOLLOWEDBY [file:name = 'a']"),
            format!(
                "[{address} AND network-traffic:dst_port = 80] START t'2020-01-01T00:00:00Z' STOP t'2021-01-01T00:00:00Z'"
            ),
            "[ipv4-addr:value = '198.51.100.7' AND network-traffic:dst_port = 80]".to_owned(),
        ] {
            assert_eq!(of(&pattern), None, "{pattern}");
        }
    }
}

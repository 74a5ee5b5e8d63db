//! A response policy zone: a DNS zone in a master file (RFC 1035, section 5) from which resolvers answer for listed names and addresses.
//!
//! Owners are relative to `$ORIGIN`. Only names of letters, digits, hyphens and underscores come here, so nothing needs a backslash; what
//! would read as another trigger of the policy (a name that ends in `rpz-ip`) is refused. BIND, Knot and Unbound judge it in `tests/it/out_dns.rs`.

use std::fmt::Write as _;
use std::net::Ipv6Addr;

use super::Summary;
use super::form::{Entry, Form, comments, ending};
use super::item::{Header, Options, Policy};
use super::reason::Reason;
use super::target::Target;

/// How long a resolver may keep an answer, and a secondary an old zone, in seconds.
const TTL_S: u32 = 60;
const EXPIRE_S: u32 = 86_400;
/// Bytes of a name on the wire.
const WIRE_BYTES_MAX: usize = 255;

pub(crate) struct Zone;

impl Form for Zone {
    fn head(&mut self, out: &mut String, title: &str, header: &Header, options: &Options) {
        comments(out, ";", title, header);
        let (zone, refresh) = (options.zone.as_str(), header.refresh_s.max(60));
        let serial = serial(header, options.serial_after);
        let label = header.label_max.as_str();
        let exercise = if header.is_exercise { " exercise=yes" } else { "" };
        // The name server of a zone that nobody delegates to; `invalid` never exists (RFC 6761).
        let _ = write!(
            out,
            "$ORIGIN {zone}.\n$TTL {TTL_S}\n\
             @ IN SOA localhost. nobody.invalid. {serial} {refresh} {} {EXPIRE_S} {TTL_S}\n\
             @ IN NS localhost.\n\
             @ IN TXT \"gotong export tlp={label}{exercise} made={}\"\n",
            (refresh / 4).max(15),
            header.made_at
        );
    }

    fn value(&mut self, out: &mut String, entry: &Entry<'_>, _: &Header, options: &Options) -> Result<(), Reason> {
        let target = match &options.policy {
            Policy::NxDomain => ".".to_owned(),
            Policy::NoData => "*.".to_owned(),
            Policy::PassThru => "rpz-passthru.".to_owned(),
            Policy::Garden(name) => format!("{}.", name.as_str()),
        };
        let fits = |owner: &str| owner.len() + options.zone.as_str().len() + 3 <= WIRE_BYTES_MAX;
        match entry.target {
            Target::Domain(name) => {
                let last = name.rsplit('.').next().unwrap_or_default();
                // Such a name would block addresses or clients in the place of a name.
                if last.starts_with("rpz-") || !fits(name) {
                    return Err(Reason::Name);
                }
                let _ = writeln!(out, "{name} IN CNAME {target}");
                let below = format!("*.{name}");
                // Below a name that fills what the DNS can hold there is no room for another.
                if options.subdomains && fits(&below) {
                    let _ = writeln!(out, "{below} IN CNAME {target}");
                }
            }
            Target::V4(address, length) => {
                let [a, b, c, d] = address.octets();
                let _ = writeln!(out, "{length}.{d}.{c}.{b}.{a}.rpz-ip IN CNAME {target}");
            }
            Target::V6(address, length) => {
                let _ = writeln!(out, "{length}.{}.rpz-ip IN CNAME {target}", reversed(*address));
            }
            Target::Url(_) | Target::Email(_) | Target::Hash(..) | Target::CertificateHash(..) | Target::Other(..) => {
                return Err(Reason::NotCarried);
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut String, summary: &Summary) {
        ending(out, ";", summary);
    }
}

/// Seconds since 1970, which grow by themselves, or the next after the one before where that is later in the sense of RFC 1982.
fn serial(header: &Header, after: Option<u32>) -> u32 {
    let seconds = header.made_at.micros() / 1_000_000;
    let now = u32::try_from(seconds.rem_euclid(1 << 32)).unwrap_or(0);
    match after {
        // `now` is greater where it is less than half the circle ahead.
        Some(before) if !(1..1 << 31).contains(&now.wrapping_sub(before)) => before.wrapping_add(1),
        Some(_) | None => now,
    }
}

/// The groups of an address from last to first, with `zz` where its longest run of zeros stands.
fn reversed(address: Ipv6Addr) -> String {
    let groups = address.segments();
    let (mut run, mut at) = (0..0, 0);
    while at < groups.len() {
        let zeros = groups.iter().skip(at).take_while(|group| **group == 0).count();
        if zeros > 1 && zeros > run.len() {
            run = at..at + zeros;
        }
        at += zeros.max(1);
    }
    let mut labels = Vec::with_capacity(8);
    for (at, group) in groups.iter().enumerate().rev() {
        if !run.contains(&at) {
            labels.push(format!("{group:x}"));
        } else if at == run.start {
            labels.push("zz".to_owned());
        }
    }
    labels.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use gotong_model::{Timestamp, Tlp};

    #[test]
    fn a_serial_grows_whatever_stood_before() {
        let made_at = Timestamp::from_micros(1_700_000_000_000_000).unwrap();
        let header = Header {
            node: "vn".into(),
            channels: vec![],
            made_at,
            label_max: Tlp::Green,
            is_exercise: false,
            fetch: String::new(),
            refresh_s: 60,
        };
        assert_eq!(serial(&header, None), 1_700_000_000);
        for before in [0, 1_699_999_999, 1_700_000_000, 1_700_000_001, u32::MAX, 3_900_000_000] {
            let step = serial(&header, Some(before)).wrapping_sub(before);
            assert!((1..1 << 31).contains(&step), "after {before}");
        }
    }

    #[test]
    fn addresses_are_written_backwards_with_their_zeros_joined() {
        for (address, expected) in [
            ("2001:db8::1", "1.zz.db8.2001"),
            ("2001:db8::", "zz.db8.2001"),
            ("2001:db8:0:1:2:3:4:5", "5.4.3.2.1.0.db8.2001"),
            ("2001:0:0:1::1", "1.zz.1.0.0.2001"),
            ("2001:db8::1:0:0:1", "1.0.0.1.zz.db8.2001"),
        ] {
            assert_eq!(reversed(address.parse().unwrap()), expected, "{address}");
        }
    }
}

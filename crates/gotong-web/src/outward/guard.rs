//! Which addresses outside a node may connect to: public ones over http or https, and those that the operator's configuration opens. A feed, a redirect or a
//! webhook must not become a way to the node's own network.
//!
//! A name is resolved once, every address it has is judged, and the connection goes to one of exactly these: a second answer of the name server changes
//! nothing. Addresses in other spellings than the usual are refused, since two programs read them differently. Read next: `fetch.rs`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::timeout;
use url::{Host, Url};

/// Bytes of an address.
const URL_BYTES_MAX: usize = 2_048;
/// How long a name may take to be resolved.
const RESOLVE: Duration = Duration::from_secs(10);
/// Addresses judged of those that a name has; a name with more is refused.
const RESOLVED_MAX: usize = 32;

/// Networks of IPv4 that are nobody's on the public internet, or whose answers are not the internet's.
const CLOSED_V4: [([u8; 4], u8, &str); 17] = [
    ([0, 0, 0, 0], 8, "stands for no machine"),
    ([10, 0, 0, 0], 8, "is private"),
    ([100, 64, 0, 0], 10, "is inside a carrier's network"),
    ([127, 0, 0, 0], 8, "is this machine"),
    ([168, 63, 129, 16], 32, "is the metadata of a cloud"),
    ([169, 254, 0, 0], 16, "is link-local, and where clouds keep their metadata"),
    ([172, 16, 0, 0], 12, "is private"),
    ([192, 0, 0, 0], 24, "is reserved for protocols"),
    ([192, 0, 2, 0], 24, "is for documentation"),
    ([192, 31, 196, 0], 24, "is reserved"),
    ([192, 88, 99, 0], 24, "is a relay that is no more"),
    ([192, 168, 0, 0], 16, "is private"),
    ([198, 18, 0, 0], 15, "is for measurements"),
    ([198, 51, 100, 0], 24, "is for documentation"),
    ([203, 0, 113, 0], 24, "is for documentation"),
    ([224, 0, 0, 0], 4, "is multicast"),
    ([240, 0, 0, 0], 4, "is reserved or broadcast"),
];

/// Networks within `2000::/3` that are closed; outside it everything is.
const CLOSED_V6: [([u16; 8], u8, &str); 3] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, "is reserved for protocols"),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, "is for documentation"),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, "is for documentation"),
];

/// A network: an address and how many of its bits count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `10.1.2.0/24`, `fd00::/8` or a single address. What stands behind the bits that count must be zero.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) if bits.bytes().all(|byte| byte.is_ascii_digit()) => (address, Some(bits)),
            Some(_) => return None,
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse::<u8>().ok().filter(|bits| *bits <= most)?,
            None => most,
        };
        let is_clean = match address {
            IpAddr::V4(ip) => u32::from(ip).checked_shl(u32::from(bits)).unwrap_or(0) == 0,
            IpAddr::V6(ip) => u128::from(ip).checked_shl(u32::from(bits)).unwrap_or(0) == 0,
        };
        is_clean.then_some(Self { address, bits })
    }

    /// Whether an address lies in it.
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.address, ip) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => {
                let differ = u32::from(network) ^ u32::from(ip);
                differ.checked_shr(32_u32.saturating_sub(u32::from(self.bits))).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(ip)) => {
                let differ = u128::from(network) ^ u128::from(ip);
                differ.checked_shr(128_u32.saturating_sub(u32::from(self.bits))).unwrap_or(0) == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

/// Why an address is not connected to.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GuardRefusal {
    /// It is no address at all.
    #[error("this is no address: {0}")]
    Malformed(String),
    /// It is too long.
    #[error("an address has at most {URL_BYTES_MAX} bytes, and this has {0}")]
    Long(usize),
    /// Another protocol.
    #[error("only http and https are fetched, not {0}")]
    Scheme(String),
    /// A user name or password in it would end up in logs.
    #[error("user names and passwords do not stand in addresses; give them as credentials")]
    UserInfo,
    /// A host in a spelling that programs read differently.
    #[error("the host {0} is an IP address in an unusual spelling; write it as 192.0.2.1 or [2001:db8::1]")]
    OddHost(String),
    /// Port 0.
    #[error("port 0 is no port")]
    Port,
    /// Inside the operator's network, or nowhere.
    #[error("{host} leads to {ip}, which {why}; an operator opens it with the setting outward.allow")]
    Closed {
        /// What was asked for.
        host: String,
        /// The address it has.
        ip: IpAddr,
        /// What that is.
        why: &'static str,
    },
    /// The name server says nothing useful. Trying again may help.
    #[error("the name {host} was not resolved: {fault}")]
    Unresolved {
        /// The name.
        host: String,
        /// What happened.
        fault: String,
    },
}

impl GuardRefusal {
    /// Its message id.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "outward.address-malformed",
            Self::Long(_) => "outward.address-long",
            Self::Scheme(_) => "outward.scheme",
            Self::UserInfo => "outward.user-info",
            Self::OddHost(_) => "outward.host-odd",
            Self::Port => "outward.port",
            Self::Closed { .. } => "outward.address-closed",
            Self::Unresolved { .. } => "outward.unresolved",
        }
    }

    /// Whether the same address may be fine later.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unresolved { .. })
    }
}

/// An address that was read and may be resolved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// As it was normalised.
    pub url: Url,
    host: Host<String>,
    /// The port, given or usual.
    pub port: u16,
}

impl Target {
    /// Reads an address. Nothing is asked of the network.
    pub fn parse(text: &str) -> Result<Self, GuardRefusal> {
        if text.len() > URL_BYTES_MAX {
            return Err(GuardRefusal::Long(text.len()));
        }
        // What the parser would quietly take away or turn round is refused before.
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(GuardRefusal::Malformed("it holds white space, a control character or a backslash".to_owned()));
        }
        let url = Url::parse(text).map_err(|fault| GuardRefusal::Malformed(fault.to_string()))?;
        Self::of(url, text)
    }

    /// Where a redirect leads, seen from here.
    pub fn redirected(&self, location: &str) -> Result<Self, GuardRefusal> {
        if location.contains("://") {
            return Self::parse(location);
        }
        if location.len() > URL_BYTES_MAX {
            return Err(GuardRefusal::Long(location.len()));
        }
        if location.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(GuardRefusal::Malformed("a redirect holds white space or a backslash".to_owned()));
        }
        let joined = self.url.join(location).map_err(|fault| GuardRefusal::Malformed(fault.to_string()))?;
        // What `//host/` names is spelt as it came; everything else keeps the host.
        let spelt = match location.strip_prefix("//") {
            Some(rest) => format!("{}://{rest}", joined.scheme()),
            None => joined.to_string(),
        };
        Self::of(joined, &spelt)
    }

    fn of(url: Url, spelt: &str) -> Result<Self, GuardRefusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(GuardRefusal::Scheme(url.scheme().to_owned()));
        }
        let (_, rest) = spelt
            .split_once("://")
            .ok_or_else(|| GuardRefusal::Malformed("two slashes are missing behind the scheme".to_owned()))?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') || !url.username().is_empty() || url.password().is_some() {
            return Err(GuardRefusal::UserInfo);
        }
        if authority.is_empty() {
            // The parser would take the first part of the path for it.
            return Err(GuardRefusal::Malformed("it has no host".to_owned()));
        }
        let host = match url.host() {
            Some(Host::Domain(name)) => Host::Domain(name.trim_end_matches('.').to_owned()),
            Some(Host::Ipv4(ip)) => {
                // `0x7f.1`, `2130706433`, `127.1` and digits of other scripts end here: only one spelling is one address.
                let host = authority.split_once(':').map_or(authority, |(host, _)| host);
                if host != ip.to_string() {
                    return Err(GuardRefusal::OddHost(host.to_owned()));
                }
                Host::Ipv4(ip)
            }
            Some(Host::Ipv6(ip)) => {
                if carried_v4(ip).is_some() {
                    return Err(GuardRefusal::OddHost(format!("[{ip}]")));
                }
                Host::Ipv6(ip)
            }
            None => return Err(GuardRefusal::Malformed("it has no host".to_owned())),
        };
        if matches!(&host, Host::Domain(name) if name.is_empty()) {
            return Err(GuardRefusal::Malformed("it has no host".to_owned()));
        }
        let port = url.port_or_known_default().filter(|port| *port != 0).ok_or(GuardRefusal::Port)?;
        Ok(Self { url, host, port })
    }

    /// Whether it speaks TLS.
    pub fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The host by name, for certificates and messages; an IPv6 address without its brackets.
    pub fn host(&self) -> String {
        match &self.host {
            Host::Domain(name) => name.clone(),
            Host::Ipv4(ip) => ip.to_string(),
            Host::Ipv6(ip) => ip.to_string(),
        }
    }

    /// Whether both are one server: scheme, host and port. Credentials go nowhere else.
    pub fn is_same_origin(&self, other: &Self) -> bool {
        self.url.scheme() == other.url.scheme() && self.host == other.host && self.port == other.port
    }
}

/// What may be connected to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Guard {
    allow: Vec<Network>,
}

impl Guard {
    /// Public addresses, and these networks whatever they are.
    pub fn new(allow: Vec<Network>) -> Self {
        Self { allow }
    }

    /// Judges one address; a refusal says what the address is.
    pub fn judge(&self, ip: IpAddr) -> Result<(), &'static str> {
        if self.allow.iter().any(|network| network.contains(ip)) {
            return Ok(());
        }
        match ip {
            IpAddr::V4(ip) => judge_v4(ip),
            IpAddr::V6(ip) => judge_v6(ip),
        }
    }

    /// Resolves a target once, and judges every address it has: one that is closed closes the name.
    pub async fn resolve(&self, target: &Target) -> Result<Vec<SocketAddr>, GuardRefusal> {
        let found = match &target.host {
            Host::Ipv4(ip) => vec![SocketAddr::new(IpAddr::V4(*ip), target.port)],
            Host::Ipv6(ip) => vec![SocketAddr::new(IpAddr::V6(*ip), target.port)],
            Host::Domain(name) => {
                let unresolved = |fault: String| GuardRefusal::Unresolved { host: name.clone(), fault };
                let found = timeout(RESOLVE, lookup_host((name.as_str(), target.port))).await;
                let found = found.map_err(|_| unresolved("no answer in time".to_owned()))?;
                let found: Vec<SocketAddr> =
                    found.map_err(|fault| unresolved(fault.to_string()))?.take(RESOLVED_MAX + 1).collect();
                if found.is_empty() || found.len() > RESOLVED_MAX {
                    return Err(unresolved(format!("it has {} addresses", found.len())));
                }
                found
            }
        };
        for address in &found {
            self.judge(address.ip()).map_err(|why| GuardRefusal::Closed {
                host: target.host(),
                ip: address.ip(),
                why,
            })?;
        }
        Ok(found)
    }
}

fn judge_v4(ip: Ipv4Addr) -> Result<(), &'static str> {
    let closed = CLOSED_V4.iter().find(|(address, bits, _)| {
        Network { address: IpAddr::V4(Ipv4Addr::from(*address)), bits: *bits }.contains(IpAddr::V4(ip))
    });
    closed.map_or(Ok(()), |(_, _, why)| Err(*why))
}

fn judge_v6(ip: Ipv6Addr) -> Result<(), &'static str> {
    if let Some(carried) = carried_v4(ip) {
        return judge_v4(carried);
    }
    if ip.is_unspecified() || ip.is_loopback() {
        return Err("is this machine");
    }
    let first = ip.segments()[0];
    if first & 0xff00 == 0xff00 {
        return Err("is multicast");
    }
    if first & 0xfe00 == 0xfc00 {
        return Err("is private");
    }
    if first & 0xffc0 == 0xfe80 {
        return Err("is link-local");
    }
    // Only 2000::/3 is given to anybody (RFC 4291 section 2.4 and IANA's registry); the rest is refused unseen.
    if first & 0xe000 != 0x2000 {
        return Err("is outside the public part of IPv6");
    }
    let closed = CLOSED_V6.iter().find(|(address, bits, _)| {
        Network { address: IpAddr::V6(Ipv6Addr::from(*address)), bits: *bits }.contains(IpAddr::V6(ip))
    });
    closed.map_or(Ok(()), |(_, _, why)| Err(*why))
}

/// The IPv4 address that an IPv6 one carries: mapped, compatible, translated (RFC 6052, RFC 2765), 6to4.
fn carried_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let last = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match ip.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(last(high, low)),
        // `::` and `::1` are no IPv4 addresses in disguise.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 || low > 1 => Some(last(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: [&str; 16] = [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2a00:1450:4001::200e",
        // An IPv6-only network reaches IPv4 so (RFC 6052); what is carried is public.
        "64:ff9b::808:808",
    ];

    const CLOSED: [&str; 56] = [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.100.100.200",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::2",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378::1",
        "2001:db8::1",
        "2001:20::1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "2002:c0a8:101::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
    ];

    #[test]
    fn public_addresses_are_open_and_all_others_closed() {
        let guard = Guard::default();
        for text in OPEN {
            assert_eq!(guard.judge(text.parse().unwrap()), Ok(()), "{text}");
        }
        for text in CLOSED {
            assert!(guard.judge(text.parse().unwrap()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_the_operator_opens_is_open_and_nothing_beside_it() {
        let guard = Guard::new(vec![Network::parse("10.1.2.0/24").unwrap(), Network::parse("::1").unwrap()]);
        for text in ["10.1.2.0", "10.1.2.255", "::1", "8.8.8.8"] {
            assert_eq!(guard.judge(text.parse().unwrap()), Ok(()), "{text}");
        }
        for text in ["10.1.1.255", "10.1.3.0", "127.0.0.1", "::2", "::ffff:10.1.2.1"] {
            assert!(guard.judge(text.parse().unwrap()).is_err(), "{text}");
        }
        let everything = Guard::new(vec![Network::parse("0.0.0.0/0").unwrap(), Network::parse("::/0").unwrap()]);
        assert!(CLOSED.iter().all(|text| everything.judge(text.parse().unwrap()).is_ok()));
    }

    #[test]
    fn a_network_is_written_in_one_way() {
        for bad in ["", "10.1.2.1/24", "10.0.0.0/33", "10.0.0.0/+8", "10/8", "10.0.0.0/", "::1/129", "fd00::1/8", "x"] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
        assert_eq!(Network::parse("fd00::/8").unwrap().to_string(), "fd00::/8");
    }

    #[test]
    fn addresses_in_odd_spellings_are_refused_before_anything_is_asked() {
        for good in [
            "http://example.org/feed",
            "https://example.org:8443/a?b=c",
            "http://127.0.0.1:80/",
            "http://[::1]:8/x",
            "https://EXAMPLE.org./",
        ] {
            assert!(Target::parse(good).is_ok(), "{good}");
        }
        let code = |text: &str| Target::parse(text).unwrap_err().code();
        for odd in [
            "http://0x7f.1/",
            "http://2130706433/",
            "http://127.1/",
            "http://0177.0.0.1/",
            "http://127.0.0.1./",
            "http://%31%32%37.0.0.1/",
            "http://１２７.0.0.1/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:8.8.8.8]/",
            "http://[2002:7f00:1::]/",
            "http://[64:ff9b::7f00:1]/",
        ] {
            assert_eq!(code(odd), "outward.host-odd", "{odd}");
        }
        for (bad, why) in [
            ("file:///etc/passwd", "outward.scheme"),
            ("gopher://example.org/", "outward.scheme"),
            ("ftp://example.org/", "outward.scheme"),
            ("http://user:pw@example.org/", "outward.user-info"),
            ("http://example.org@127.0.0.1/", "outward.user-info"),
            ("http://@example.org/", "outward.user-info"),
            ("http://example.org:0/", "outward.port"),
            ("http:///etc", "outward.address-malformed"),
            ("http:example.org", "outward.address-malformed"),
            ("http://exa mple.org/", "outward.address-malformed"),
            ("http:\\\\example.org/", "outward.address-malformed"),
            ("http://exam\tple.org/", "outward.address-malformed"),
            ("http://[fe80::1%25eth0]/", "outward.address-malformed"),
            ("example.org/feed", "outward.address-malformed"),
            ("", "outward.address-malformed"),
        ] {
            assert!([why, "outward.host-odd"].contains(&code(bad)), "{bad}: {}", code(bad));
        }
        assert_eq!(code(&format!("http://example.org/{}", "x".repeat(2_048))), "outward.address-long");
    }

    #[test]
    fn a_redirect_is_read_like_an_address() {
        let from = Target::parse("https://example.org/a/b").unwrap();
        let to = |location: &str| from.redirected(location).map(|target| target.url.to_string());
        assert_eq!(to("c").unwrap(), "https://example.org/a/c");
        assert_eq!(to("//other.example/x").unwrap(), "https://other.example/x");
        assert_eq!(to("http://other.example/").unwrap(), "http://other.example/");
        assert_eq!(to("//0x7f.1/").unwrap_err().code(), "outward.host-odd");
        assert_eq!(to("http://2130706433/").unwrap_err().code(), "outward.host-odd");
        assert_eq!(to("file:/etc/passwd").unwrap_err().code(), "outward.scheme");
        assert!(!from.is_same_origin(&from.redirected("http://example.org/").unwrap()));
        assert!(from.is_same_origin(&from.redirected("/z").unwrap()));
    }

    #[tokio::test]
    async fn one_closed_address_closes_the_name() {
        let target = Target::parse("http://localhost:9/").unwrap();
        assert!(matches!(Guard::default().resolve(&target).await, Err(GuardRefusal::Closed { .. })));
        let open = Guard::new(vec![Network::parse("127.0.0.0/8").unwrap(), Network::parse("::1").unwrap()]);
        assert!(open.resolve(&target).await.unwrap().iter().all(|address| address.ip().is_loopback()));
        let literal = Target::parse("http://169.254.169.254/latest").unwrap();
        assert_eq!(Guard::default().resolve(&literal).await.unwrap_err().code(), "outward.address-closed");
    }
}

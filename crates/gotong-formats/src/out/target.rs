//! A value as what it is: an address, a name, a URL, a hash. Only what parses as such becomes one, so that nothing written from it can break
//! the format around it: a name has no quote, a URL no line end.
//!
//! Read next: `never.rs`, for what is well formed and still must not be listed.

use std::net::{Ipv4Addr, Ipv6Addr};

use gotong_model::limits::VALUE_BYTES_MAX;
use url::Url;

use super::reason::Reason;
use super::text::is_hidden;
use crate::stix21::{ObservableValue, ValueKind};

/// A hash that tools look up by equality.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum HashKind {
    /// 32 digits.
    Md5,
    /// 40 digits.
    Sha1,
    /// 64 digits.
    Sha256,
    /// 128 digits.
    Sha512,
}

impl HashKind {
    /// As it is named in lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    fn of(text: &str) -> Option<Self> {
        if !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        match text.len() {
            32 => Some(Self::Md5),
            40 => Some(Self::Sha1),
            64 => Some(Self::Sha256),
            128 => Some(Self::Sha512),
            _ => None,
        }
    }
}

/// A checked value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Target {
    V4(Ipv4Addr, u8),
    V6(Ipv6Addr, u8),
    /// Letters, digits, hyphens and underscores in labels; no dot at the end.
    Domain(String),
    /// Of `http`, `https` or `ftp`, with a host.
    Url(Url),
    /// Without anything that needs quotes.
    Email(String),
    Hash(HashKind, String),
    /// Hash of a certificate.
    CertificateHash(HashKind, String),
    /// Anything else that fits a line of text.
    Other(ValueKind, String),
}

impl Target {
    /// The value as what its kind says; a [`Reason`] where it is not.
    pub(crate) fn of(value: &ObservableValue, is_of_certificate: bool) -> Result<Self, Reason> {
        let text = value.text.as_str();
        match value.kind {
            ValueKind::Ipv4 => {
                let (address, length) = network(text, 32).ok_or(Reason::Malformed)?;
                Ok(Self::V4(address.parse().map_err(|_| Reason::Malformed)?, length))
            }
            ValueKind::Ipv6 => {
                let (address, length) = network(text, 128).ok_or(Reason::Malformed)?;
                Ok(Self::V6(address.parse().map_err(|_| Reason::Malformed)?, length))
            }
            ValueKind::Domain if is_name(text) => Ok(Self::Domain(text.to_owned())),
            ValueKind::Domain => Err(Reason::Name),
            ValueKind::Url => url(text).map(Self::Url).ok_or(Reason::Malformed),
            ValueKind::Email if is_email(text) => Ok(Self::Email(text.to_owned())),
            ValueKind::Email => Err(Reason::Malformed),
            ValueKind::Hash => match HashKind::of(text) {
                Some(kind) if is_of_certificate => Ok(Self::CertificateHash(kind, text.to_owned())),
                Some(kind) => Ok(Self::Hash(kind, text.to_owned())),
                None => Self::other(value),
            },
            ValueKind::Other => Err(Reason::NotCarried),
            ValueKind::Mac
            | ValueKind::AutonomousSystem
            | ValueKind::Mutex
            | ValueKind::RegistryKey
            | ValueKind::FileName
            | ValueKind::Path
            | ValueKind::UserAccount
            | ValueKind::Software
            | ValueKind::CommandLine
            | ValueKind::SerialNumber
            | ValueKind::Vulnerability => Self::other(value),
        }
    }

    fn other(value: &ObservableValue) -> Result<Self, Reason> {
        // A line that begins so would be a comment, or nothing, to whoever reads the list.
        let starts = |letter: char| matches!(letter, '#' | ';' | '/' | '!') || letter.is_whitespace();
        let is_line = (1..VALUE_BYTES_MAX).contains(&value.text.len())
            && !value.text.starts_with(starts)
            && !value.text.contains(is_hidden);
        if is_line { Ok(Self::Other(value.kind, value.text.clone())) } else { Err(Reason::Malformed) }
    }

    /// The name of its kind in lists and parameters.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::V4(..) => "ipv4",
            Self::V6(..) => "ipv6",
            Self::Domain(_) => "domain",
            Self::Url(_) => "url",
            Self::Email(_) => "email",
            Self::Hash(kind, _) | Self::CertificateHash(kind, _) => kind.as_str(),
            Self::Other(kind, _) => kind.as_str(),
        }
    }

    /// The kind of value that it was, or is where it is the host of a URL.
    pub(crate) fn value_kind(&self) -> ValueKind {
        match self {
            Self::V4(..) => ValueKind::Ipv4,
            Self::V6(..) => ValueKind::Ipv6,
            Self::Domain(_) => ValueKind::Domain,
            Self::Url(_) => ValueKind::Url,
            Self::Email(_) => ValueKind::Email,
            Self::Hash(..) | Self::CertificateHash(..) => ValueKind::Hash,
            Self::Other(kind, _) => *kind,
        }
    }

    /// Its one spelling.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::V4(address, 32) => address.to_string(),
            Self::V4(address, length) => format!("{address}/{length}"),
            Self::V6(address, 128) => address.to_string(),
            Self::V6(address, length) => format!("{address}/{length}"),
            Self::Url(url) => url.to_string(),
            Self::Domain(text)
            | Self::Email(text)
            | Self::Hash(_, text)
            | Self::CertificateHash(_, text)
            | Self::Other(_, text) => text.clone(),
        }
    }

    /// Whether blocking this, and all below it, would block `other`.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::V4(network, length), Self::V4(address, _)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(*length)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (Self::V6(network, length), Self::V6(address, _)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(*length)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (Self::Domain(name), Self::Domain(below)) => {
                below == name || below.strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with('.'))
            }
            _ => false,
        }
    }

    /// The host of a URL, as a value of its own.
    pub(crate) fn host(&self) -> Option<Self> {
        let Self::Url(url) = self else { return None };
        match url.host()? {
            url::Host::Ipv4(address) => Some(Self::V4(address, 32)),
            url::Host::Ipv6(address) => Some(Self::V6(address, 128)),
            url::Host::Domain(name) => {
                let name = name.trim_end_matches('.');
                is_name(name).then(|| Self::Domain(name.to_owned()))
            }
        }
    }
}

/// Address and prefix length of a value that is spelled as the index spells it.
fn network(text: &str, length_max: u8) -> Option<(&str, u8)> {
    let Some((address, length)) = text.split_once('/') else { return Some((text, length_max)) };
    let plain = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    let length = length.parse().ok().filter(|length| plain && *length <= length_max)?;
    Some((address, length))
}

/// Whether the DNS can hold a name as it stands: labels of 1 to 63 letters, digits, hyphens and underscores, 253 in all, and no address.
pub(crate) fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
    };
    let last_is_number = || text.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    (1..=253).contains(&text.len()) && text.split('.').all(label) && !last_is_number()
}

/// A URL that a browser would fetch, in printable ASCII.
fn url(text: &str) -> Option<Url> {
    // The index cuts what is longer: a URL without its end is another URL.
    if text.len() >= VALUE_BYTES_MAX {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let fits = matches!(url.scheme(), "http" | "https" | "ftp")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.as_str().bytes().all(|byte| byte.is_ascii_graphic());
    fits.then_some(url)
}

fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+-/=?^_`{|}~".contains(&byte);
    // It stands at the beginning of a line, where `#`, `!` and `/` may begin a comment.
    let first = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-' | b'=' | b'.');
    (1..=64).contains(&local.len())
        && local.bytes().all(atom)
        && local.bytes().next().as_ref().is_some_and(first)
        && is_name(host)
}

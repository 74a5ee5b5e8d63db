//! Ids: 32-byte digests for region, agreement and channel, 16 random bytes for an epoch, short codes for members and slugs. Text forms
//! follow `docs/protocol.md` section 1 and have one spelling.

use std::fmt;

use gotong_crypto::{Digest, tagged, text};

macro_rules! digest_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Digest);

        impl $name {
            /// Reads 52 characters of lower-case base32.
            pub fn from_text(text: &str) -> Option<Self> {
                Digest::from_text(text).map(Self)
            }

            /// The 32 bytes.
            pub fn as_bytes(&self) -> &[u8; 32] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0.to_text())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.to_text())
            }
        }
    };
}

digest_id!(
    /// The hash of a region's first charter.
    RegionId
);
digest_id!(
    /// The hash of an agreement's first version.
    AgreementId
);
digest_id!(
    /// The id of a channel.
    ChannelId
);

impl RegionId {
    /// The id as sixteen words, to be compared by voice.
    pub fn to_words(&self) -> String {
        text::words(self.as_bytes())
    }

    /// Reads an id from its text or its words.
    pub fn from_text_or_words(input: &str) -> Option<Self> {
        Self::from_text(input.trim()).or_else(|| text::from_words(input).map(|bytes| Self(Digest(bytes))))
    }
}

impl ChannelId {
    /// The id of the standing channel of `channel_type` under an agreement.
    pub fn standing(region: &RegionId, agreement: &AgreementId, channel_type: &Slug) -> Self {
        let parts: [&[u8]; 3] = [region.as_bytes(), agreement.as_bytes(), channel_type.as_str().as_bytes()];
        Self(tagged("gotong/v0/channel", &parts))
    }

    /// The id of a channel that `opener` opened with a nonce.
    pub fn opened(
        region: &RegionId,
        agreement: &AgreementId,
        channel_type: &Slug,
        (opener, nonce): (&MemberCode, &[u8; 32]),
        exercise: bool,
    ) -> Self {
        let parts: [&[u8]; 6] = [
            region.as_bytes(),
            agreement.as_bytes(),
            channel_type.as_str().as_bytes(),
            opener.as_str().as_bytes(),
            nonce,
            &[u8::from(exercise)],
        ];
        Self(tagged("gotong/v0/channel-opened", &parts))
    }

    /// The id of an organisation's own channel of `channel_type` under a house rule.
    pub fn own(region: &RegionId, house: &AgreementId, channel_type: &Slug, organisation: &Slug) -> Self {
        let parts: [&[u8]; 4] =
            [region.as_bytes(), house.as_bytes(), channel_type.as_str().as_bytes(), organisation.as_str().as_bytes()];
        Self(tagged("gotong/v0/channel-own", &parts))
    }
}

/// Sixteen random bytes that tell apart the histories of one author in one channel.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EpochId(pub [u8; 16]);

impl EpochId {
    /// Reads 26 characters of lower-case base32.
    pub fn from_text(text: &str) -> Option<Self> {
        text::from_base32::<16>(text).map(Self)
    }
}

impl fmt::Display for EpochId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::base32(&self.0))
    }
}

impl fmt::Debug for EpochId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A member's code: `[a-z][a-z0-9-]{1,15}`, for a state its ISO 3166 alpha-2 code in lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberCode(Box<str>);

impl MemberCode {
    /// Reads a code.
    pub fn from_text(text: &str) -> Option<Self> {
        (text.len() >= 2 && text.len() <= 16 && is_slug(text)).then(|| Self(text.into()))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A short name in lower case: a handle, a channel type, a record kind. `[a-z][a-z0-9-]{0,31}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(Box<str>);

impl Slug {
    /// Reads a slug.
    pub fn from_text(text: &str) -> Option<Self> {
        (!text.is_empty() && text.len() <= 32 && is_slug(text)).then(|| Self(text.into()))
    }

    /// A slug known when this was written.
    pub(crate) fn constant(text: &'static str) -> Self {
        Self(text.into())
    }

    /// The slug.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_slug(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match byte {
        b'a'..=b'z' => true,
        b'0'..=b'9' | b'-' => at > 0,
        _ => false,
    })
}

macro_rules! display_str {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
display_str!(MemberCode);
display_str!(Slug);

/// Which log within a region: channel, author, epoch.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LogId {
    /// The channel.
    pub channel: ChannelId,
    /// The member that writes it.
    pub author: MemberCode,
    /// The history of it.
    pub epoch: EpochId,
}

impl LogId {
    /// The log's origin in a region, the first line of its checkpoints.
    pub fn origin(&self, region: &RegionId) -> Origin {
        Origin { region: *region, log: self.clone() }
    }
}

/// A log's full name: `gotong/<region>/<channel>/<member>/<epoch>`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Origin {
    /// The region.
    pub region: RegionId,
    /// The log within it.
    pub log: LogId,
}

impl Origin {
    /// Reads an origin; anything but its one spelling is `None`.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        if parts.next() != Some("gotong") {
            return None;
        }
        let region = RegionId::from_text(parts.next()?)?;
        let channel = ChannelId::from_text(parts.next()?)?;
        let author = MemberCode::from_text(parts.next()?)?;
        let epoch = EpochId::from_text(parts.next()?)?;
        parts.next().is_none().then_some(Self { region, log: LogId { channel, author, epoch } })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gotong/{}/{}/{}/{}", self.region, self.log.channel, self.log.author, self.log.epoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_have_one_spelling() {
        let log = LogId {
            channel: ChannelId(Digest([3; 32])),
            author: MemberCode::from_text("vn").unwrap(),
            epoch: EpochId([4; 16]),
        };
        let text = log.origin(&RegionId(Digest([1; 32]))).to_string();
        assert_eq!(Origin::from_text(&text).unwrap().to_string(), text);
        assert_eq!(Origin::from_text(&format!("{text}/")), None);
        assert_eq!(Origin::from_text(&text.to_uppercase()), None);
        assert_eq!(Origin::from_text(&text.replace("/vn/", "/v/")), None);
    }
}

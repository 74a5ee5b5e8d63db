//! `[console]`: how pages are shown to people who have chosen nothing, and where browsers reach them. Must not decide who gets in. Read next:
//! `docs/book/accounts.md`.

use anyhow::Result;
use gotong_language::{Calendar, Language, Moments};
use gotong_web::server::ConsoleOptions;
use serde::Deserialize;
use url::{Host, Url};

use super::{Kind, Section, Setting};
use crate::fault::failure;

pub(super) const SECTION: Section = Section {
    name: "console",
    about: "Pages for people. Each person chooses language and zone under Your settings; this holds until then.",
    settings: &[
        Setting {
            key: "language",
            kind: Kind::Text,
            default: Some("\"en\""),
            about: "The language of pages where neither the person nor the browser asks for another: a tag such as th. `gotong languages` lists them.",
        },
        Setting {
            key: "zone",
            kind: Kind::Text,
            default: Some("\"UTC\""),
            about: "The time zone of pages, by its IANA name, such as Asia/Bangkok. UTC stands beside every time.",
        },
        Setting {
            key: "address",
            kind: Kind::Text,
            default: Some("\"\""),
            about: "Where browsers reach the pages, such as https://gotong.example. Passkeys are made for this name and need it; without it there are none.",
        },
    ],
};

/// How pages are shown.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Console {
    /// The tag of a language.
    pub(crate) language: String,
    /// The name of a zone.
    pub(crate) zone: String,
    /// Where browsers reach them; empty where nobody said.
    pub(crate) address: String,
}

impl Default for Console {
    fn default() -> Self {
        Self { language: "en".to_owned(), zone: "UTC".to_owned(), address: String::new() }
    }
}

impl Console {
    /// What the server is told.
    pub(crate) fn options(&self) -> Result<ConsoleOptions> {
        let language = Language::ALL.into_iter().find(|language| language.tag() == self.language).ok_or_else(|| {
            let tags: Vec<&str> = Language::ALL.into_iter().map(Language::tag).collect();
            failure(
                format!("console.language is {:?}, which is no language of these pages", self.language),
                format!("write one of {}", tags.join(", ")),
            )
        })?;
        Moments::new(language, &self.zone, Calendar::Gregorian).map_err(|_| {
            failure(
                format!("console.zone is {:?}, which is no time zone", self.zone),
                "write a name of the IANA list, such as Asia/Bangkok or UTC",
            )
        })?;
        let address = if self.address.is_empty() { None } else { Some(self.address()?) };
        Ok(ConsoleOptions { language, zone: self.zone.clone(), address })
    }

    fn address(&self) -> Result<Url> {
        let wrong = || {
            failure(
                format!("console.address is {:?}, which browsers cannot make passkeys for", self.address),
                "write https:// and a name, such as https://gotong.example; http://localhost:8400 is for trying things out",
            )
        };
        let url = Url::parse(&self.address).map_err(|_| wrong())?;
        let Some(Host::Domain(name)) = url.host() else { return Err(wrong()) };
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && name == "localhost");
        let is_plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if is_safe && is_plain && url.username().is_empty() && url.password().is_none() {
            Ok(url)
        } else {
            Err(wrong())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_browsers_and_people_can_use_is_taken_and_all_else_is_named() {
        let usual = Console::default().options().unwrap();
        assert_eq!((usual.language, usual.zone.as_str(), usual.address), (Language::English, "UTC", None));
        let with = |language: &str, zone: &str, address: &str| {
            let [language, zone, address] = [language, zone, address].map(ToOwned::to_owned);
            Console { language, zone, address }.options()
        };
        let thai = with("th", "Asia/Bangkok", "https://gotong.example:8443").unwrap();
        assert_eq!((thai.language, thai.zone.as_str()), (Language::Thai, "Asia/Bangkok"));
        assert_eq!(thai.address.unwrap().host_str(), Some("gotong.example"));
        assert!(with("en", "UTC", "http://localhost:8400").is_ok());
        for (language, zone, address, named) in [
            ("tlh", "UTC", "", "console.language"),
            ("en", "Asia/Atlantis", "", "console.zone"),
            ("en", "UTC", "http://gotong.example", "console.address"),
            ("en", "UTC", "https://192.0.2.1", "console.address"),
            ("en", "UTC", "https://gotong.example/pages", "console.address"),
            ("en", "UTC", "https://a:b@gotong.example", "console.address"),
            ("en", "UTC", "gotong.example", "console.address"),
        ] {
            let text = with(language, zone, address).unwrap_err().to_string();
            assert!(text.contains(named), "{text}");
        }
    }
}

//! How somebody wishes to be shown pages: language, time zone, calendar, colours, keys. Kept with the account, so that it holds in every browser.
//!
//! Nothing here opens or closes anything. What is not chosen is left open, and the edge puts the node's usual in its place. Read next: `account.rs`.

use gotong_language::{Calendar, Language, Moments};
use gotong_store::Fault;
use serde::{Deserialize, Serialize};

use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::{Why, note_act};
use crate::rows::damaged;
use crate::session::Session;

/// The colours of pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Theme {
    /// As the machine is set.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// All of them, the usual one first.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// As settings and pages name it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The colours that settings name.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.tag() == tag)
    }
}

/// What somebody chose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The language of pages; `None`: what the browser asks for.
    pub language: Option<Language>,
    /// A name of the IANA list; `None`: the node's.
    pub zone: Option<String>,
    /// How years are counted; `None`: as the language's readers expect.
    pub calendar: Option<Calendar>,
    /// The colours.
    pub theme: Theme,
    /// Whether single keys act on pages (WCAG 2.1.4 asks for a way to switch them off).
    pub keys: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { language: None, zone: None, calendar: None, theme: Theme::Auto, keys: true }
    }
}

/// What a form says; an empty text leaves it open.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Chosen {
    /// The tag of a language.
    pub language: String,
    /// The name of a zone.
    pub zone: String,
    /// The tag of a calendar.
    pub calendar: String,
    /// The tag of a theme.
    pub theme: String,
    /// Whether single keys act.
    pub keys: bool,
}

impl Settings {
    /// Reads what was chosen; what is none of ours is refused with its field.
    pub fn parse(chosen: &Chosen) -> Result<Self, Vec<Why>> {
        let mut whys = Vec::new();
        let mut refuse = |field: &str, text: &str| {
            let why = Why::plain(&format!("settings.{field}"), text);
            whys.push(Why { pointer: Some(format!("/{field}")), ..why });
        };
        // A tag such as `th-TH` would be understood; what is kept is what the page offered.
        let language = open(&chosen.language, |tag| Language::ALL.into_iter().find(|language| language.tag() == tag));
        let calendar = open(&chosen.calendar, Calendar::from_tag);
        let zone = open(&chosen.zone, |zone| {
            Moments::new(Language::English, zone, Calendar::Gregorian)
                .ok()
                .map(|moments| moments.zone_name().to_owned())
        });
        let theme = Theme::from_tag(&chosen.theme);
        if language.is_none() {
            refuse("language", "must be a language of these pages");
        }
        if zone.is_none() {
            refuse("zone", "must be a time zone of the IANA list, such as Asia/Bangkok");
        }
        if calendar.is_none() {
            refuse("calendar", "must be gregorian or buddhist");
        }
        if theme.is_none() {
            refuse("theme", "must be auto, light or dark");
        }
        match (language, zone, calendar, theme) {
            (Some(language), Some(zone), Some(calendar), Some(theme)) => {
                Ok(Self { language, zone, calendar, theme, keys: chosen.keys })
            }
            _ => Err(whys),
        }
    }
}

/// `Some(None)`: left open; `None`: said, and none of ours.
#[allow(clippy::option_option, reason = "left open, said, and said wrongly are three things")]
fn open<T>(text: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { read(text).map(Some) }
}

/// Settings as their account keeps them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SettingsRow {
    language: Option<String>,
    zone: Option<String>,
    calendar: Option<String>,
    theme: String,
    keys: bool,
}

impl From<&Settings> for SettingsRow {
    fn from(settings: &Settings) -> Self {
        Self {
            language: settings.language.map(|language| language.tag().to_owned()),
            zone: settings.zone.clone(),
            calendar: settings.calendar.map(|calendar| calendar.tag().to_owned()),
            theme: settings.theme.tag().to_owned(),
            keys: settings.keys,
        }
    }
}

impl SettingsRow {
    pub(crate) fn read(&self) -> Result<Settings, Fault> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let (language, zone, calendar) = (text(&self.language), text(&self.zone), text(&self.calendar));
        let chosen = Chosen { language, zone, calendar, theme: self.theme.clone(), keys: self.keys };
        Settings::parse(&chosen).map_err(|_| damaged("accounts"))
    }
}

/// Keeps what somebody chose for the own account.
pub fn choose(node: &Node, session: &Session, settings: &Settings) -> Result<(), NodeFault> {
    node.transact(Priority::People, |writing| {
        let Some(mut row) = super::row(writing.tx.as_ref(), &session.account.name)? else {
            return Err(NodeFault::Unfit("a session without an account".to_owned()));
        };
        row.settings = Some(settings.into());
        super::save(writing.tx.as_mut(), &row)?;
        let what = serde_json::json!({"account": row.name});
        note_act(writing, node.now(), &session.caller.id, "settings", &what)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(language: &str, zone: &str, calendar: &str, theme: &str) -> Chosen {
        let [language, zone, calendar, theme] = [language, zone, calendar, theme].map(ToOwned::to_owned);
        Chosen { language, zone, calendar, theme, keys: false }
    }

    #[test]
    fn what_is_offered_is_taken_and_all_else_is_refused_with_its_field() {
        let thai = Settings::parse(&chosen("th", "Asia/Bangkok", "gregorian", "dark")).unwrap();
        assert_eq!((thai.language, thai.zone.as_deref()), (Some(Language::Thai), Some("Asia/Bangkok")));
        assert_eq!((thai.calendar, thai.theme, thai.keys), (Some(Calendar::Gregorian), Theme::Dark, false));
        let left_open = Settings { keys: false, ..Settings::default() };
        assert_eq!(Settings::parse(&chosen("", "", "", "auto")).unwrap(), left_open);
        let long = "A".repeat(1 << 20);
        for (wrong, field) in [
            (chosen("tlh", "", "", "auto"), "/language"),
            (chosen("th-x", "", "", "auto"), "/language"),
            (chosen("", "../../etc/passwd", "", "auto"), "/zone"),
            (chosen("", &long, "", "auto"), "/zone"),
            (chosen("", "", "julian", "auto"), "/calendar"),
            (chosen("", "", "", ""), "/theme"),
            (chosen("", "", "", "\" onload=x"), "/theme"),
        ] {
            let whys = Settings::parse(&wrong).unwrap_err();
            assert_eq!(whys.iter().filter_map(|why| why.pointer.as_deref()).collect::<Vec<_>>(), [field]);
        }
    }

    #[test]
    fn what_is_kept_reads_back_as_it_was_chosen() {
        for theme in Theme::ALL {
            for language in Language::ALL {
                let settings = Settings {
                    language: Some(language),
                    zone: Some("Asia/Dili".to_owned()),
                    calendar: Some(Calendar::Buddhist),
                    theme,
                    keys: true,
                };
                assert_eq!(SettingsRow::from(&settings).read().unwrap(), settings);
            }
        }
    }
}

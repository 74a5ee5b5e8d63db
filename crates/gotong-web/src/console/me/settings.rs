//! How pages are shown to a person: language, time zone, calendar, colours, keys. A form of the person's own page.
//!
//! What is offered and what is taken is said in `gotong_app::account::settings`; here is the form. Read next: `console/person.rs`, which uses what was chosen.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::post;
use gotong_app::account::settings::{self, Chosen, Settings, Theme};
use gotong_app::act::{Act, Ending, Told};
use gotong_app::publish::Why;
use gotong_language::{Arg, Calendar, Language, Moments, Words};
use serde::Deserialize;

use super::{Wrong, me};
use crate::api::Web;
use crate::console::form::Sent;
use crate::console::outcome::tell;
use crate::console::person::{Person, keep_language};
use crate::console::show_as;
use crate::problem::Problem;

pub(super) fn routes() -> Router<Web> {
    Router::new().route("/me/settings", post(choose))
}

/// Something that can be chosen.
pub(super) struct Choice {
    pub(super) tag: String,
    pub(super) name: String,
    pub(super) is_chosen: bool,
}

/// The form, with what was chosen in it.
pub(super) struct Form {
    pub(super) languages: Vec<Choice>,
    pub(super) zone_open: String,
    pub(super) zones: Vec<Choice>,
    pub(super) calendars: Vec<Choice>,
    pub(super) themes: Vec<Choice>,
    pub(super) keys: bool,
    whys: Vec<(String, String)>,
}

impl Form {
    /// As the account has it.
    pub(super) fn of(web: &Web, person: &Person) -> Self {
        let own = &person.session.account.settings;
        let chosen = Chosen {
            language: own.language.map(Language::tag).unwrap_or_default().to_owned(),
            zone: own.zone.clone().unwrap_or_default(),
            calendar: own.calendar.map(Calendar::tag).unwrap_or_default().to_owned(),
            theme: own.theme.tag().to_owned(),
            keys: own.keys,
        };
        Self::with(web, person.words, &chosen, &[])
    }

    fn with(web: &Web, words: Words, chosen: &Chosen, whys: &[Why]) -> Self {
        let choice =
            |tag: &str, name: String, chosen: &str| Choice { is_chosen: tag == chosen, tag: tag.to_owned(), name };
        let said = |tag: &str, begin: &str, chosen: &str| choice(tag, words.t(&format!("{begin}{tag}")), chosen);
        let named = |language: Language| choice(language.tag(), language.native_name().to_owned(), &chosen.language);
        let zones = Moments::zones();
        Self {
            languages: Language::ALL.into_iter().map(named).collect(),
            zone_open: words.with("me-zone-open", &[("zone", Arg::Plain(&web.options.console.zone))]),
            zones: zones.into_iter().map(|zone| choice(&zone, zone.replace('_', " "), &chosen.zone)).collect(),
            calendars: ["gregorian", "buddhist"].map(|tag| said(tag, "me-calendar-", &chosen.calendar)).into(),
            themes: Theme::ALL.map(|theme| said(theme.tag(), "me-theme-", &chosen.theme)).into(),
            keys: chosen.keys,
            whys: whys.iter().filter_map(|why| Some((why.pointer.clone()?, super::said(words, why)))).collect(),
        }
    }

    /// What is wrong with a field.
    pub(super) fn wrong(&self, field: &str) -> Option<&str> {
        let found = self.whys.iter().find(|(pointer, _)| pointer.trim_start_matches('/') == field);
        found.map(|(_, text)| text.as_str())
    }
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    language: String,
    #[serde(default)]
    zone: String,
    #[serde(default)]
    calendar: String,
    #[serde(default)]
    theme: String,
    /// A box that is not ticked sends nothing.
    #[serde(default)]
    keys: String,
}

async fn choose(State(web): State<Web>, Sent(person, wish): Sent<Wish>) -> Result<Response, Problem> {
    let Wish { language, zone, calendar, theme, keys } = wish;
    let chosen = Chosen { language, zone, calendar, theme, keys: keys == "on" };
    let settings = match Settings::parse(&chosen) {
        Ok(settings) => settings,
        Err(whys) => {
            let form = Form::with(&web, person.words, &chosen, &whys);
            let wrong = Wrong { settings: Some(form), ..Wrong::default() };
            return show_as(StatusCode::UNPROCESSABLE_ENTITY, &me(&web, &person, None, wrong).await?);
        }
    };
    let (session, language) = (person.session.clone(), settings.language);
    web.run(move |node| settings::choose(node, &session, &settings)).await?;
    let act = Act::new(Ending::Done, Told::of("me-settings-done")).then("/me", Told::of("me-back"));
    let mut response = tell(&web, &person.caller, act).await?;
    if let Some(language) = language {
        keep_language(&mut response, language);
    }
    Ok(response)
}

//! The words of one language: a message by its id, with what belongs into it. `Copy`, so that every template can have it.
//!
//! A message that a language lacks is told in English, and one that English lacks by its id, so that a page always has something to show;
//! `gotong languages` and the tests find both. Escaping is the template's; line breaks are in `breaks.rs`.

use fluent_bundle::{FluentArgs, FluentValue};

use crate::breaks;
use crate::language::Language;
use crate::number;
use crate::shelf;

/// What goes into a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arg<'a> {
    /// What people wrote, or came from outside: isolated, so that its direction cannot turn the sentence around it.
    Text(&'a str),
    /// What the program itself made: a date, a TLP name, a word of the same language.
    Plain(&'a str),
    /// A number, which also chooses the plural.
    Number(i64),
    /// A count, which also chooses the plural.
    Count(usize),
}

/// The words of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    language: Language,
}

impl Words {
    /// Those of a language.
    pub const fn of(language: Language) -> Self {
        Self { language }
    }

    /// Of which language they are.
    pub const fn language(self) -> Language {
        self.language
    }

    /// What stands in `lang=`.
    pub const fn lang(&self) -> &'static str {
        self.language.tag()
    }

    /// A message without arguments.
    pub fn t(&self, id: &str) -> String {
        self.with(id, &[])
    }

    /// A message with arguments.
    pub fn with(&self, id: &str, args: &[(&str, Arg<'_>)]) -> String {
        told(self.language, id, args).or_else(|| told(Language::English, id, args)).unwrap_or_else(|| id.to_owned())
    }

    /// A message whose one argument `$count` is a count.
    pub fn count(&self, id: &str, count: usize) -> String {
        self.with(id, &[("count", Arg::Count(count))])
    }

    /// A message whose one argument `$name` is text that people wrote.
    pub fn named(&self, id: &str, name: &str) -> String {
        self.with(id, &[("name", Arg::Text(name))])
    }

    /// A message of our own as HTML, with `<wbr>` where Thai, Lao, Khmer and Burmese may break: for titles and buttons, with `|safe`.
    pub fn html(&self, id: &str) -> String {
        breaks::broken(&self.t(id))
    }

    /// A whole number as the language writes it.
    pub fn number(&self, number: i64) -> String {
        number::whole(self.language, number)
    }

    /// Whether the language itself has the message, so that a page can mark what it shows in English.
    pub fn has(&self, id: &str) -> bool {
        shelf::bundle(self.language).get_message(id).is_some_and(|message| message.value().is_some())
    }
}

fn told(language: Language, id: &str, args: &[(&str, Arg<'_>)]) -> Option<String> {
    let bundle = shelf::bundle(language);
    let pattern = bundle.get_message(id)?.value()?;
    let mut given = FluentArgs::with_capacity(args.len());
    for (name, arg) in args {
        given.set(*name, value(*arg));
    }
    let mut errors = Vec::new();
    // An argument that was not given shows as `{$name}`: visible, and no reason to lose the sentence.
    Some(bundle.format_pattern(pattern, Some(&given), &mut errors).into_owned())
}

fn value(arg: Arg<'_>) -> FluentValue<'static> {
    match arg {
        Arg::Text(text) => FluentValue::from(isolated(text)),
        Arg::Plain(text) => FluentValue::from(text.to_owned()),
        Arg::Number(number) => FluentValue::from(number),
        Arg::Count(count) => FluentValue::from(i64::try_from(count).unwrap_or(i64::MAX)),
    }
}

/// Between a first-strong isolate and its end (Unicode UAX 9). Signs of direction inside could close it early and are shown as such.
fn isolated(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 6);
    out.push('\u{2068}');
    out.extend(text.chars().map(|sign| match sign {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        other => other,
    }));
    out.push('\u{2069}');
    out
}

#[cfg(test)]
mod tests {
    use super::{Arg, Words, isolated};
    use crate::language::Language;

    #[test]
    fn an_id_that_nobody_has_shows_itself() {
        for language in Language::ALL {
            assert_eq!(Words::of(language).t("no-such-message"), "no-such-message");
            assert!(!Words::of(language).has("no-such-message"));
        }
        assert!(Words::of(Language::English).has("shell-now"));
        assert_eq!(Words::of(Language::English).t("shell-now"), "Now");
    }

    #[test]
    fn what_people_wrote_cannot_turn_the_sentence_around_it() {
        assert_eq!(isolated("evil\u{202e}txt.exe\u{2069}"), "\u{2068}evil\u{fffd}txt.exe\u{fffd}\u{2069}");
        let args = [("member", Arg::Text("ឧទាហរណ៍")), ("role", Arg::Plain("Auditor"))];
        let told = Words::of(Language::English).with("log-in-welcome-first-about", &args);
        assert!(told.contains("\u{2068}ឧទាហរណ៍\u{2069}") && told.contains(" Auditor."), "{told}");
        assert!(!Words::of(Language::English).t("shell-now").contains('\u{2068}'), "our own words carry no marks");
    }

    #[test]
    fn counts_choose_the_plural_and_are_written_as_the_language_does() {
        let words = |language| Words::of(language);
        assert_eq!(words(Language::English).count("moment-days-ago", 1), "1 day ago");
        assert_eq!(words(Language::English).count("moment-days-ago", 1200), "1,200 days ago");
        assert_eq!(words(Language::English).with("moment-days-ago", &[("count", Arg::Number(2))]), "2 days ago");
    }

    #[test]
    fn an_argument_that_was_forgotten_is_seen_and_the_sentence_stays() {
        assert!(Words::of(Language::English).t("log-in-welcome-first-about").contains("{$member}"));
    }
}

//! The Fluent files of the program, parsed once: which messages each language has, and the bundle that formats them.
//!
//! What does not parse is left out here and found by the tests (`tests/it/texts.rs`). Nobody outside the crate sees a bundle.

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentResource, FluentValue};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use unic_langid::LanguageIdentifier;

use crate::language::Language;
use crate::number;

mod files {
    include!(concat!(env!("OUT_DIR"), "/files.rs"));
}

/// The file of words that a language must use; its entries are no messages of pages.
pub(crate) const TERMS: &str = "terms";

type Bundle = FluentBundle<FluentResource>;

/// One message of one file, for those who judge files: the command `languages`, and the tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The file's name without its ending.
    pub file: String,
    /// The message's id.
    pub id: String,
    /// The names of its variables, sorted, each once.
    pub variables: Vec<String>,
    /// All text in it, of every variant.
    pub text: String,
}

/// The bundle of a language, built at its first use.
pub(crate) fn bundle(language: Language) -> &'static Bundle {
    static BUNDLES: [OnceLock<Bundle>; Language::ALL.len()] = [const { OnceLock::new() }; Language::ALL.len()];
    static EMPTY: OnceLock<Bundle> = OnceLock::new();
    let place = Language::ALL.iter().position(|one| *one == language);
    match place.and_then(|place| BUNDLES.get(place)) {
        Some(cell) => cell.get_or_init(|| built(language)),
        None => EMPTY.get_or_init(|| built(Language::English)),
    }
}

fn built(language: Language) -> Bundle {
    let tag = language.tag().parse::<LanguageIdentifier>().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    // What people wrote is isolated where it comes in (`Arg::Text`); our own words need no marks that would be copied along.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(formatter(language)));
    for (_, _, text) in files::FILES.iter().filter(|(tag, name, _)| *tag == language.tag() && *name != TERMS) {
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(whole, _)| whole);
        // A second message of one id is refused by the bundle; the tests find it.
        let _ = bundle.add_resource(resource);
    }
    bundle
}

type Formatter = fn(&FluentValue, &intl::Memoizer) -> Option<String>;

/// The memoizer's name as bundles have it.
mod intl {
    pub(super) type Memoizer = intl_memoizer::concurrent::IntlLangMemoizer;
}

/// Bundles take a plain function, so there is one for each language.
fn formatter(language: Language) -> Formatter {
    macro_rules! one {
        ($language:ident) => {
            |value, _| written(Language::$language, value)
        };
    }
    match language {
        Language::English => one!(English),
        Language::Vietnamese => one!(Vietnamese),
        Language::French => one!(French),
        Language::Indonesian => one!(Indonesian),
        Language::Malay => one!(Malay),
        Language::Thai => one!(Thai),
        Language::Filipino => one!(Filipino),
        Language::Khmer => one!(Khmer),
        Language::Lao => one!(Lao),
        Language::Burmese => one!(Burmese),
        Language::Chinese => one!(Chinese),
        Language::Tamil => one!(Tamil),
        Language::Portuguese => one!(Portuguese),
        Language::Tetum => one!(Tetum),
    }
}

fn written(language: Language, value: &FluentValue) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(number::of_text(language, &number.as_string())),
        FluentValue::String(_) | FluentValue::Custom(_) | FluentValue::None | FluentValue::Error => None,
    }
}

/// All messages of a language, in the order of its files; those of `terms.ftl` are not among them.
pub fn messages(language: Language) -> Vec<Message> {
    let mut found = Vec::new();
    for (_, file, text) in files::FILES.iter().filter(|(tag, name, _)| *tag == language.tag() && *name != TERMS) {
        found.extend(messages_of(file, text));
    }
    found
}

/// The text of one file; none if a language has none of that name.
pub(crate) fn file_text(language: Language, name: &str) -> Option<&'static str> {
    files::FILES.iter().find(|(tag, file, _)| *tag == language.tag() && *file == name).map(|(_, _, text)| *text)
}

/// The messages of one file.
pub(crate) fn messages_of(file: &str, text: &str) -> Vec<Message> {
    let resource = fluent_syntax::parser::parse(text).unwrap_or_else(|(whole, _)| whole);
    let mut found = Vec::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        let mut one = Message {
            file: file.to_owned(),
            id: message.id.name.to_owned(),
            variables: Vec::new(),
            text: String::new(),
        };
        let own = message.value.iter();
        for pattern in own.chain(message.attributes.iter().map(|attribute| &attribute.value)) {
            gather(pattern, &mut one);
        }
        one.variables.sort_unstable();
        one.variables.dedup();
        found.push(one);
    }
    found
}

fn gather(pattern: &Pattern<&str>, into: &mut Message) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => into.text.push_str(value),
            PatternElement::Placeable { expression } => gather_expression(expression, into),
        }
    }
    into.text.push('\n');
}

fn gather_expression(expression: &Expression<&str>, into: &mut Message) {
    match expression {
        Expression::Inline(inline) => gather_inline(inline, into),
        Expression::Select { selector, variants } => {
            gather_inline(selector, into);
            for variant in variants {
                gather(&variant.value, into);
            }
        }
    }
}

fn gather_inline(inline: &InlineExpression<&str>, into: &mut Message) {
    match inline {
        InlineExpression::VariableReference { id } => into.variables.push(id.name.to_owned()),
        InlineExpression::StringLiteral { value } => into.text.push_str(value),
        InlineExpression::Placeable { expression } => gather_expression(expression, into),
        // Texts use neither functions nor references to one another: translators then see all of a sentence in its place.
        InlineExpression::FunctionReference { .. }
        | InlineExpression::MessageReference { .. }
        | InlineExpression::TermReference { .. }
        | InlineExpression::NumberLiteral { .. } => into.variables.push("not allowed here".to_owned()),
    }
}

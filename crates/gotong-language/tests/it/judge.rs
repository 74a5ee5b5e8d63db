//! What makes a Fluent file wrong, as plain functions over text, so that each can be shown a wrong file. Used by `texts.rs`.

use std::collections::BTreeSet;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

/// What the parser says of a file: junk, and ids that come twice or do not begin with the file's name.
pub(crate) fn form(file: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let resource = match fluent_syntax::parser::parse(text) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            found.extend(errors.iter().map(|error| format!("{file}: {error}")));
            resource
        }
    };
    let mut seen = BTreeSet::new();
    let prefix = if file == "terms" { "term-".to_owned() } else { format!("{file}-") };
    for entry in &resource.body {
        match entry {
            Entry::Message(message) => {
                let id = message.id.name;
                if !seen.insert(id) {
                    found.push(format!("{file}: {id} stands twice"));
                }
                if !id.starts_with(&prefix) {
                    found.push(format!("{file}: {id} does not begin with {prefix}"));
                }
                if message.value.as_ref().is_none_or(|value| is_empty(value)) || !message.attributes.is_empty() {
                    found.push(format!("{file}: {id} must have a text, and no attributes"));
                }
            }
            Entry::Term(term) => found.push(format!("{file}: -{} is a Fluent term; texts use none", term.id.name)),
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => {}
            Entry::Junk { content } => found.push(format!("{file}: not understood: {content}")),
        }
    }
    found
}

fn is_empty(pattern: &Pattern<&str>) -> bool {
    pattern.elements.iter().all(|element| match element {
        PatternElement::TextElement { value }
        | PatternElement::Placeable { expression: Expression::Inline(InlineExpression::StringLiteral { value }) } => {
            value.trim().is_empty()
        }
        PatternElement::Placeable { .. } => false,
    })
}

/// Marks of HTML, of direction and of no width; they are the template's or the program's, and not the translator's.
pub(crate) fn markup(text: &str) -> Option<char> {
    text.chars().find(|sign| {
        matches!(sign, '<' | '>' | '&' | '\u{200b}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    })
}

/// Names that are never translated: where English has one, the translation has it as often or more.
pub(crate) fn lost_names(english: &str, translated: &str) -> Vec<&'static str> {
    NAMES.iter().copied().filter(|name| count(english, name) > 0 && count(translated, name) == 0).collect()
}

const NAMES: &[&str] = &[
    "TLP", "CLEAR", "GREEN", "AMBER", "RED", "PAP", "STIX", "TAXII", "MISP", "UTC", "Gotong", "CSV", "JSON", "API",
    "SHA-256",
];

fn count(text: &str, name: &str) -> usize {
    let is_letter = |sign: Option<char>| sign.is_some_and(|sign| sign.is_ascii_alphanumeric());
    text.match_indices(name)
        .filter(|(at, _)| {
            !is_letter(text[..*at].chars().next_back()) && !is_letter(text[at + name.len()..].chars().next())
        })
        .count()
}

/// What stands in single braces, for a script of the page to fill in: it stays, sign for sign.
pub(crate) fn filled_by_script(text: &str) -> Vec<String> {
    let names = text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned());
    let mut found: Vec<String> = names.collect();
    found.sort();
    found
}

/// Terms of the glossary that English uses in a message and whose translation has none of the words that `terms.ftl` allows.
pub(crate) fn wrong_terms<'a>(
    english: &str,
    translated: &str,
    sources: &'a [(String, Vec<String>)],
    allowed: &[(String, Vec<String>)],
) -> Vec<&'a str> {
    // A duty officer is on duty; what a clause asks for is another word of the glossary.
    let english = english.to_lowercase().replace("duty officer", "");
    let translated = translated.to_lowercase();
    let mut wrong = Vec::new();
    for (id, words) in sources {
        if !words.iter().any(|word| has_word(&english, &word.to_lowercase())) {
            continue;
        }
        let Some((_, own)) = allowed.iter().find(|(known, _)| known == id) else { continue };
        if !own.iter().any(|word| translated.contains(&word.to_lowercase())) {
            wrong.push(id.as_str());
        }
    }
    wrong
}

/// Whether English has a word as a word of its own.
fn has_word(text: &str, word: &str) -> bool {
    let is_letter = |sign: Option<char>| sign.is_some_and(char::is_alphanumeric);
    text.match_indices(word)
        .any(|(at, _)| !is_letter(text[..at].chars().next_back()) && !is_letter(text[at + word.len()..].chars().next()))
}

#[test]
fn every_fault_of_a_file_is_seen() {
    assert_eq!(form("now", "now-title = Now\nnow-count = { $count }\n"), Vec::<String>::new());
    assert_eq!(form("now", "now-title = Now\nnow-title = Now\n"), ["now: now-title stands twice"]);
    assert_eq!(form("now", "title = Now\n"), ["now: title does not begin with now-"]);
    assert!(form("now", "now-title = { $count\n").iter().any(|fault| fault.contains("not understood")));
    assert!(form("now", "now-title =\n    .hint = Here\n")[0].contains("no attributes"));
    assert!(form("now", "now-title = { \"\" }\n")[0].contains("must have a text"));
    assert!(form("now", "-word = Now\n")[0].contains("Fluent term"));
    assert_eq!(markup("All that is waiting, 100 %"), None);
    assert_eq!(markup("<b>now</b>"), Some('<'));
    assert_eq!(markup("อยู่\u{200b}ที่นี่"), Some('\u{200b}'));
    assert_eq!(lost_names("Label TLP:AMBER in UTC", "Nhãn TLP:AMBER theo UTC"), Vec::<&str>::new());
    assert_eq!(lost_names("Label TLP:AMBER in UTC", "Nhãn TLP:HỔ PHÁCH"), ["AMBER", "UTC"]);
    assert_eq!(lost_names("SHARED things", "choses"), Vec::<&str>::new(), "RED is a word of its own alone");
    assert_eq!(filled_by_script("{count} new: {what}"), ["count", "what"]);
    assert_eq!(filled_by_script("count new"), Vec::<String>::new());
    let english = vec![("term-agreement".to_owned(), vec!["agreement".to_owned(), "agreements".to_owned()])];
    let own = vec![("term-agreement".to_owned(), vec!["thỏa thuận".to_owned()])];
    assert_eq!(wrong_terms("All Agreements", "Mọi thỏa thuận", &english, &own), Vec::<&str>::new());
    assert_eq!(wrong_terms("All agreements", "Mọi hợp đồng", &english, &own), ["term-agreement"]);
    assert_eq!(wrong_terms("Disagreements", "Bất đồng", &english, &own), Vec::<&str>::new());
}

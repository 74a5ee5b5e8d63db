//! Every Fluent file of every language: its form, its placeables beside those of English, no markup, names kept, words of the glossary.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gotong_language::{Arg, Language, Message, Words, coverage, messages, terms};

use crate::judge;

/// Tag, file, text of every Fluent file in the folder.
fn files() -> Vec<(String, String, String)> {
    let locales = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales");
    let mut found = Vec::new();
    for folder in fs::read_dir(locales).unwrap() {
        let folder = folder.unwrap().path();
        for file in fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            assert!(file.extension().is_some_and(|ending| ending == "ftl"), "{} is no Fluent file", file.display());
            let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
            found.push((name(&folder), name(&file), fs::read_to_string(&file).unwrap()));
        }
    }
    assert!(found.len() > Language::ALL.len());
    found
}

fn by_id(language: Language) -> BTreeMap<String, Message> {
    messages(language).into_iter().map(|message| (message.id.clone(), message)).collect()
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_file_parses_and_its_ids_begin_with_its_name() {
    let mut faults = Vec::new();
    for (tag, file, text) in files() {
        assert!(Language::ALL.iter().any(|language| language.tag() == tag), "{tag} is no language of the pages");
        faults.extend(judge::form(&file, &text).into_iter().map(|fault| format!("{tag}/{fault}")));
    }
    none(&faults);
}

#[test]
fn the_program_has_every_file_of_the_folder() {
    for (tag, file, _) in files() {
        let language = Language::from_tag(&tag).unwrap();
        let has = if file == "terms" {
            !terms(language).is_empty()
        } else {
            messages(language).iter().any(|message| message.file == file)
        };
        assert!(has, "{tag}/{file}.ftl");
    }
}

#[test]
fn a_translation_has_the_placeables_of_english_no_others_and_no_markup() {
    let english = by_id(Language::English);
    let mut faults = Vec::new();
    for language in Language::ALL {
        for (id, message) in by_id(language) {
            let tag = language.tag();
            if let Some(sign) = judge::markup(&message.text) {
                faults.push(format!("{tag} {id}: the sign U+{:04X}", u32::from(sign)));
            }
            let Some(source) = english.get(&id) else {
                faults.push(format!("{tag} {id}: English does not have it"));
                continue;
            };
            if source.variables != message.variables {
                faults.push(format!("{tag} {id}: {:?} and not {:?}", message.variables, source.variables));
            }
            if judge::filled_by_script(&source.text) != judge::filled_by_script(&message.text) {
                faults.push(format!("{tag} {id}: what stands in single braces differs"));
            }
            for name in judge::lost_names(&source.text, &message.text) {
                faults.push(format!("{tag} {id}: {name} stays as it is in every language"));
            }
        }
    }
    none(&faults);
}

#[test]
fn words_of_the_glossary_are_those_of_the_language() {
    let english = by_id(Language::English);
    let sources = terms(Language::English);
    assert!(sources.len() >= 12);
    let mut faults = Vec::new();
    for language in Language::ALL {
        let own = terms(language);
        for (id, _) in &sources {
            assert!(own.iter().any(|(known, words)| known == id && !words.is_empty()), "{} lacks {id}", language.tag());
        }
        assert_eq!(own.len(), sources.len(), "{} has terms that English has not", language.tag());
        for (id, message) in by_id(language) {
            let Some(source) = english.get(&id) else { continue };
            for term in judge::wrong_terms(&source.text, &message.text, &sources, &own) {
                faults.push(format!(
                    "{} {id}: {term} is not told as terms.ftl has it: {}",
                    language.tag(),
                    message.text.trim()
                ));
            }
        }
    }
    none(&faults);
}

#[test]
fn every_term_is_a_word_of_the_glossary() {
    let glossary = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../GLOSSARY.md")).unwrap();
    for (id, words) in terms(Language::English) {
        let heading = format!("**{}**", words[0]);
        assert!(glossary.contains(&heading), "{id}: GLOSSARY.md has no {heading}");
    }
}

/// What is missing is shown in English and listed by `gotong languages --check`; what is left over is shown nowhere and must go.
#[test]
fn what_a_language_lacks_is_counted_and_nothing_is_left_over() {
    let english = by_id(Language::English);
    assert_eq!(coverage(Language::English).missing, Vec::<String>::new());
    for language in Language::ALL {
        let (coverage, own) = (coverage(language), by_id(language));
        let missing: Vec<&String> = english.keys().filter(|id| !own.contains_key(*id)).collect();
        assert_eq!(coverage.missing.iter().collect::<std::collections::BTreeSet<_>>(), missing.into_iter().collect());
        assert_eq!((coverage.messages, coverage.translated), (english.len(), english.len() - coverage.missing.len()));
        assert_eq!(coverage.surplus, Vec::<String>::new(), "{} still has what English no longer has", language.tag());
        for id in &coverage.missing {
            let args: Vec<(&str, Arg<'_>)> =
                english[id].variables.iter().map(|name| (name.as_str(), Arg::Count(2))).collect();
            assert!(!Words::of(language).has(id));
            assert_ne!(Words::of(language).with(id, &args), *id, "it is told in English");
        }
    }
}

#[test]
fn every_message_can_be_told_with_its_arguments() {
    for language in Language::ALL {
        for message in messages(language) {
            for count in [0, 1, 2, 5, 1000] {
                let args: Vec<(&str, Arg<'_>)> =
                    message.variables.iter().map(|name| (name.as_str(), Arg::Number(count))).collect();
                let told = Words::of(language).with(&message.id, &args);
                assert!(!told.contains("{$") && told != message.id, "{} {}: {told}", language.tag(), message.id);
            }
        }
    }
}

//! `gotong languages`: in which languages pages speak, and which messages are still shown in English. Asks no node: the texts are in the program.

use anyhow::Result;
use gotong_language::{Coverage, Language, coverage};
use serde_json::{Value, json};

use super::Ending;
use crate::fault;
use crate::output::{Table, print, print_json};

/// List the languages of the pages, and what each still lacks.
///
/// A message that a language lacks is shown in English.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Exit status 1 with --check if any language lacks a message.\n\nExamples:\n  gotong languages\n  gotong languages --missing th\n  gotong languages --check"
)]
pub(crate) struct Arguments {
    /// List the messages that this language lacks, by its tag.
    #[arg(long, value_name = "TAG", conflicts_with = "check")]
    missing: Option<String>,
    /// Fail if any language lacks a message.
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    if let Some(tag) = &arguments.missing {
        return list_missing(tag, json);
    }
    let all: Vec<Coverage> = Language::ALL.into_iter().map(coverage).collect();
    let complete = all.iter().all(is_complete);
    if json {
        print_json(&json!({"complete": complete, "languages": all.iter().map(described).collect::<Vec<_>>()}))?;
    } else {
        print(&table(&all).text("No language."))?;
        print(&said(&all))?;
    }
    Ok(Ending::of(complete || !arguments.check))
}

fn list_missing(tag: &str, json: bool) -> Result<Ending> {
    let Some(language) = Language::ALL.into_iter().find(|language| language.tag() == tag) else {
        let tags: Vec<&str> = Language::ALL.iter().map(|language| language.tag()).collect();
        let hint = format!("there are {}", tags.join(", "));
        return Err(fault::usage(format!("no language of the pages has the tag {tag}"), hint));
    };
    let coverage = coverage(language);
    if json {
        print_json(&described(&coverage))?;
    } else if is_complete(&coverage) {
        print(&format!("{} lacks no message.\n", language.english_name()))?;
    } else {
        let surplus = coverage.surplus.iter().map(|id| format!("{id}  (English no longer has it)"));
        let lines: Vec<String> = coverage.missing.iter().cloned().chain(surplus).collect();
        print(&format!("{}\n", lines.join("\n")))?;
    }
    Ok(Ending::Done)
}

fn is_complete(coverage: &Coverage) -> bool {
    coverage.missing.is_empty() && coverage.surplus.is_empty()
}

fn described(coverage: &Coverage) -> Value {
    json!({
        "tag": coverage.language.tag(),
        "name": coverage.language.english_name(),
        "native_name": coverage.language.native_name(),
        "messages": coverage.messages,
        "translated": coverage.translated,
        "missing": coverage.missing,
        "surplus": coverage.surplus,
    })
}

fn table(all: &[Coverage]) -> Table {
    let mut table = Table::new(["TAG", "LANGUAGE", "MESSAGES", "TRANSLATED", "MISSING", "IN ITSELF"]);
    for one in all {
        table.row([
            one.language.tag().to_owned(),
            one.language.english_name().to_owned(),
            one.messages.to_string(),
            one.translated.to_string(),
            one.missing.len().to_string(),
            // Last, because terminals give the signs of some scripts another width.
            one.language.native_name().to_owned(),
        ]);
    }
    table
}

/// The line under the table: how it stands, and what next.
fn said(all: &[Coverage]) -> String {
    let wanting: Vec<&str> = all.iter().filter(|one| !is_complete(one)).map(|one| one.language.tag()).collect();
    match wanting.first() {
        None => "All languages say everything.\n".to_owned(),
        Some(first) => format!(
            "What is missing is shown in English. To see what: gotong languages --missing {first}\nNot complete: {}\n",
            wanting.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(missing: &[&str], surplus: &[&str]) -> Coverage {
        let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let translated = 10 - missing.len();
        Coverage { language: Language::Lao, messages: 10, translated, missing: owned(missing), surplus: owned(surplus) }
    }

    #[test]
    fn what_is_missing_or_left_over_is_told_with_the_next_step() {
        assert_eq!(said(&[of(&[], &[])]), "All languages say everything.\n");
        assert!(said(&[of(&["now-title"], &[])]).contains("gotong languages --missing lo"));
        assert!(said(&[of(&[], &["now-old"])]).contains("Not complete: lo"));
        let row = table(&[of(&["now-title"], &[])]).text("none");
        assert!(row.contains("lo   Lao       10        9           1        ລາວ"), "{row}");
    }

    #[test]
    fn an_unknown_tag_is_a_matter_of_usage() {
        let fault = list_missing("xx", false).unwrap_err();
        assert!(fault::is_usage(&fault), "{fault}");
        assert!(fault::hint(&fault).is_some_and(|hint| hint.starts_with("there are en, vi")), "{fault}");
        assert_eq!(list_missing("en", false).unwrap(), Ending::Done);
    }
}

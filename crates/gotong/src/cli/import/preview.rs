//! `gotong import --preview`: what would come of each source, and for a table what its columns seem to mean. Nothing is published.

use std::fmt::Write as _;

use anyhow::Result;
use serde_json::{Value, json};

use super::Arguments;
use super::source::Source;
use crate::cli::Ending;
use crate::client::{Client, query};
use crate::fault::failure;
use crate::output::{list_at, number_at, print, print_json, text_at, visible};

/// Bytes of a source that are looked at.
const HEAD_BYTES: usize = 1 << 20;

pub(super) async fn run(
    arguments: &Arguments,
    mapping: Option<&str>,
    sources: &[Source],
    unreadable: &[(String, String)],
    json: bool,
    client: &mut Client,
) -> Result<Ending> {
    for (name, fault) in unreadable {
        if json {
            print_json(&json!({"source": name, "problem": fault}))?;
        } else {
            print(&format!("{name}: {fault}\n"))?;
        }
    }
    let mut is_well = unreadable.is_empty();
    for source in sources {
        let head = source.head(HEAD_BYTES)?;
        let is_cut = head.len() >= HEAD_BYTES;
        if head.is_empty() {
            return Err(failure(
                format!("{} cannot be looked at twice", source.name),
                "save it to a file first, or import it with --format",
            ));
        }
        let name = source.file_name();
        let query = query(&[
            ("format", Some(arguments.format.as_str())),
            ("name", name.as_deref()),
            ("mapping", mapping),
            ("charset", arguments.charset.as_deref()),
            ("observables", arguments.observables.then_some("true")),
            ("restricted", arguments.restricted.then_some("true")),
        ]);
        let mut told = client.post_bytes(&format!("preview{query}"), head).await?;
        is_well &= number_at(&told, "/refused_count") == 0;
        if let (Some(path), Some(mapping)) =
            (&arguments.save_mapping, told.get("mapping").filter(|one| one.is_object()))
        {
            let text = serde_json::to_string_pretty(mapping)?;
            std::fs::write(path, format!("{text}\n"))
                .map_err(|fault| failure(format!("{} cannot be written: {fault}", path.display()), "name a file"))?;
        }
        if json {
            if let Some(told) = told.as_object_mut() {
                told.insert("source".to_owned(), json!(source.name));
            }
            print_json(&told)?;
        } else {
            print(&page(&source.name, &told, arguments, is_cut))?;
        }
    }
    Ok(Ending::of(is_well))
}

fn page(name: &str, told: &Value, arguments: &Arguments, is_cut: bool) -> String {
    let mut out = format!("{name}: read as {}", text_at(told, "/format"));
    let reason = text_at(told, "/reason");
    if !reason.is_empty() {
        let _ = write!(out, ": {reason}");
    }
    out.push('\n');
    for (column, why) in list_at(told, "/mapping/columns").iter().zip(list_at(told, "/columns")) {
        let _ = writeln!(
            out,
            "  column {:24} {:12} {:>3} % sure: {}",
            visible(text_at(column, "/name")),
            text_at(column, "/meaning"),
            number_at(why, "/confidence"),
            visible(text_at(why, "/reason"))
        );
    }
    for object in list_at(told, "/objects") {
        let values: Vec<&str> = list_at(object, "/values").iter().filter_map(Value::as_str).collect();
        let label = text_at(object, "/tlp");
        let label = if label.is_empty() { String::new() } else { format!(" TLP:{}", label.to_uppercase()) };
        let said = if values.is_empty() { text_at(object, "/name").to_owned() } else { values.join(", ") };
        let _ =
            writeln!(out, "  {}: {}{label} {}", number_at(object, "/line"), text_at(object, "/type"), visible(&said));
    }
    for refused in list_at(told, "/refused") {
        for why in list_at(refused, "/why") {
            let _ =
                writeln!(out, "  {}: not readable: {}", number_at(refused, "/line"), visible(text_at(why, "/text")));
        }
    }
    for lost in list_at(told, "/not_carried") {
        let text = visible(text_at(lost, "/not_carried/text"));
        let _ = writeln!(out, "  {}: not carried over: {text}", number_at(lost, "/line"));
    }
    let counts: Vec<String> = told
        .get("counts")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let made = if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") };
    let whole = if is_cut { "in its first MiB, which is all that was looked at" } else { "in all" };
    let _ = writeln!(
        out,
        "  {whole}: {made}; {} not readable, {} not carried over. Nothing was published.",
        number_at(told, "/refused_count"),
        number_at(told, "/not_carried_count")
    );
    if let Some(path) = arguments.save_mapping.as_ref().filter(|_| told.get("mapping").is_some_and(Value::is_object)) {
        let path = path.display();
        let _ = writeln!(out, "  the mapping is in {path}: look at it, correct it, and import with --mapping {path}");
    }
    out
}

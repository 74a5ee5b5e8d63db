//! `gotong import --preview`: what would come of each source, for a table what its columns seem to mean, and, where a channel is named, what would become of
//! each object there. Nothing is published.

use std::fmt::Write as _;

use anyhow::Result;
use gotong_model::limits;
use serde_json::{Value, json};

use super::source::Source;
use super::{Arguments, Wanted};
use crate::cli::Ending;
use crate::client::{Client, encode};
use crate::fault::failure;
use crate::output::{list_at, number_at, print, print_json, text_at, visible};

/// Bytes of a source that are looked at: as many as a node reads in one body.
const HEAD_BYTES: usize = limits::API_BODY_BYTES_MAX;

pub(super) async fn run(
    wanted: &Wanted<'_>,
    sources: &[Source],
    unreadable: &[(String, String)],
    json: bool,
    client: &mut Client,
) -> Result<Ending> {
    let arguments = wanted.arguments;
    let at = match arguments.channel.as_deref() {
        Some(channel) => {
            super::expect_channel(client, channel).await?;
            format!("channels/{}/records/preview", encode(channel))
        }
        None => "preview".to_owned(),
    };
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
        let query = wanted.query(source);
        let mut told = client.post_bytes(&format!("{at}{query}"), head).await?;
        is_well &= ["/refused_count", "/foreseen/refuse", "/foreseen/wait"].iter().all(|at| number_at(&told, at) == 0);
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
        let label = [text_at(object, "/label"), text_at(object, "/tlp")].into_iter().find(|label| !label.is_empty());
        let label = label.unwrap_or_default();
        let label = if label.is_empty() { String::new() } else { format!(" TLP:{}", label.to_uppercase()) };
        let said = if values.is_empty() { text_at(object, "/name").to_owned() } else { values.join(", ") };
        let _ =
            writeln!(out, "  {}: {}{label} {}", number_at(object, "/line"), text_at(object, "/type"), visible(&said));
        let foreseen = match text_at(object, "/foreseen") {
            "refuse" => "would be refused",
            "wait" => "would wait in quarantine for a person",
            "known" => "is known already",
            _ => "to know",
        };
        for why in list_at(object, "/why") {
            let clause = text_at(why, "/clause");
            let clause = if clause.is_empty() { String::new() } else { format!(" [clause {clause}]") };
            let _ = writeln!(out, "     {foreseen}: {}{}", visible(text_at(why, "/text")), visible(&clause));
        }
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
    let whole = if is_cut { "in its first 4 MiB, which is all that was looked at" } else { "in all" };
    let _ = writeln!(
        out,
        "  {whole}: {made}; {} not readable, {} not carried over. Nothing was published.",
        number_at(told, "/refused_count"),
        number_at(told, "/not_carried_count")
    );
    if let Some(channel) = arguments.channel.as_deref() {
        let _ = writeln!(
            out,
            "  in {}: {} would be published, {} of them with values that are on warninglists; {} would wait in quarantine, {} would be refused, {} are known",
            visible(channel),
            number_at(told, "/foreseen/publish"),
            number_at(told, "/noted"),
            number_at(told, "/foreseen/wait"),
            number_at(told, "/foreseen/refuse"),
            number_at(told, "/foreseen/known"),
        );
    }
    if told.get("unchecked") == Some(&Value::Bool(true)) {
        let _ = writeln!(out, "  {}", super::UNCHECKED);
    }
    if let Some(path) = arguments.save_mapping.as_ref().filter(|_| told.get("mapping").is_some_and(Value::is_object)) {
        let path = path.display();
        let _ = writeln!(out, "  the mapping is in {path}: look at it, correct it, and import with --mapping {path}");
    }
    out
}

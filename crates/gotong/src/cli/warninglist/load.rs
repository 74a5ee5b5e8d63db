//! `gotong warninglist load`: files and standard input to the node, as they are; what is packed is unpacked there, within its bounds.
//!
//! Reads no faster than the node takes, and reads nothing of a list itself. Read next: `client/request.rs`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::Ending;
use crate::client::{Client, Pieces};
use crate::output::{list_at, number_at, print, print_json, text_at, visible};

/// Bytes read at once.
const PIECE_BYTES: usize = 256 << 10;
/// Fates in the order in which they are told.
const FATES: [&str; 4] = ["new", "updated", "known", "refused"];

pub(super) async fn run(client: &mut Client, files: &[PathBuf], json: bool) -> Result<Ending> {
    let mut counts = [0_u64; FATES.len()];
    for file in files {
        let name = file.display().to_string();
        let answer = send(client, file).await.with_context(|| format!("{name} was not taken whole"))?;
        for list in list_at(&answer, "/warninglists") {
            for (count, fate) in counts.iter_mut().zip(FATES) {
                *count += u64::from(text_at(list, "/outcome") == fate);
            }
            tell(list, &name, json)?;
        }
    }
    let refused = counts.last().copied().unwrap_or_default();
    if json {
        let summary: serde_json::Map<String, Value> =
            FATES.iter().zip(counts).map(|(fate, count)| ((*fate).to_owned(), json!(count))).collect();
        print_json(&json!({"summary": summary}))?;
    } else {
        let told: Vec<String> = FATES.iter().zip(counts).map(|(fate, count)| format!("{count} {fate}")).collect();
        print(&format!("{}\n", told.join(", ")))?;
        if refused > 0 {
            print("Next: mend what was refused and load it again; the lists that were taken are in use\n")?;
        } else {
            print(
                "A new list informs and blocks nothing. Next: gotong warninglist rule NAME --on publish --action block\n",
            )?;
        }
    }
    Ok(Ending::of(refused == 0))
}

/// One list: a line, and a line for each thing that is wrong with it.
fn tell(list: &Value, file: &str, json: bool) -> Result<()> {
    if json {
        let mut told = list.clone();
        if let Some(told) = told.as_object_mut() {
            told.insert("source".to_owned(), json!(file));
        }
        return print_json(&told);
    }
    let (place, outcome) = (format!("{file}:{}", number_at(list, "/line")), text_at(list, "/outcome"));
    let (entries, used) = (number_at(list, "/entries"), number_at(list, "/used"));
    let name = visible(text_at(list, "/name"));
    if outcome == "refused" {
        print(&format!("{place}: refused {name}\n"))?;
    } else {
        print(&format!("{place}: {outcome}: {name}, {used} of {entries} entries in use\n"))?;
    }
    for why in list_at(list, "/why") {
        let pointer = text_at(why, "/pointer");
        let pointer = if pointer.is_empty() { String::new() } else { format!("{pointer}: ") };
        print(&format!("  {}\n", visible(&format!("{pointer}{}", text_at(why, "/text")))))?;
    }
    Ok(())
}

async fn send(client: &mut Client, file: &Path) -> Result<Value> {
    let is_standard_input = file.as_os_str() == "-";
    let mut input: Box<dyn Read + Send> = if is_standard_input {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(file).with_context(|| format!("could not open {}", file.display()))?)
    };
    let mut first = Vec::new();
    input.by_ref().take(2).read_to_end(&mut first)?;
    // RFC 1952 section 2.3.1: what is packed says so itself, whatever its name.
    let is_gzip = first.starts_with(&[0x1f, 0x8b]);
    let name = file.to_string_lossy().to_ascii_lowercase();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    let is_lines = [".ndjson", ".jsonl"].iter().any(|ending| plain.ends_with(ending));
    let media = if is_lines { "application/x-ndjson" } else { "application/octet-stream" };
    let (sender, pieces) = Pieces::channel();
    let reading = std::thread::spawn(move || read(input, first, &sender));
    let answer = client.put_stream("warninglists", media, is_gzip, pieces).await;
    let read = reading.join().unwrap_or_else(|_| Err(io::Error::other("reading it failed")));
    read.with_context(|| format!("could not read {}", file.display()))?;
    answer
}

/// Passes on what is read until its end, or until nobody takes it any more: why, the answer says.
fn read(mut input: Box<dyn Read + Send>, first: Vec<u8>, sender: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
    let mut piece = first;
    while !piece.is_empty() && sender.blocking_send(Ok(Bytes::from(piece))).is_ok() {
        piece = vec![0; PIECE_BYTES];
        let count = loop {
            match input.read(&mut piece) {
                Err(fault) if fault.kind() == io::ErrorKind::Interrupted => {}
                Err(fault) => {
                    let _ = sender.blocking_send(Err(io::Error::new(fault.kind(), fault.to_string())));
                    return Err(fault);
                }
                Ok(count) => break count,
            }
        };
        piece.truncate(count);
    }
    Ok(())
}

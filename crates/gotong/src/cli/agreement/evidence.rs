//! `gotong agreement evidence`: what was signed, by whom, and since when that can be shown. From one node, which need not run; nobody else is asked. With `-o`
//! the logs that carry it become one archive that anyone verifies offline, and the words that are printed stand beside it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use http_body_util::BodyExt;
use hyper::Method;
use serde_json::{Value, json};

use super::super::{Ending, runtime};
use super::explain::minute;
use crate::client::{Client, Reach, query};
use crate::output::{list_at, number_at, print, print_json, text_at, visible_lines};
use crate::{archive, home};

/// Show what was signed of an agreement, by whom, and since when that can be shown.
///
/// From this node alone: other nodes may be gone. Every signature is verified again.
#[derive(clap::Args, Debug)]
#[command(
    disable_version_flag = true,
    after_help = "With -o FILE the logs that carry the documents become an archive, which anyone verifies without this node:\n  gotong log verify --archive FILE      or      python3 interop/verify.py FILE\nand FILE.txt says what is printed here. Exit status 1 where a signature or a proof does not hold.\n\nExample:\n  gotong agreement evidence rti --data ./vn\n  gotong agreement evidence rti --version 2 -o rti.archive --data ./vn"
)]
pub(super) struct EvidenceOf {
    /// The agreement, by its handle or id.
    agreement: String,
    /// Only this version.
    #[arg(long, value_name = "N")]
    version: Option<u64>,
    /// Where the archive goes; the text goes beside it.
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    reach: Reach,
}

pub(super) fn run(wish: &EvidenceOf, json: bool) -> Result<Ending> {
    runtime()?.block_on(async {
        let mut client = Client::open(&wish.reach).await?;
        let gathered = gather(&mut client, wish).await;
        client.close().await;
        let answer = gathered?;
        let ending = Ending::of(is_whole(&answer));
        let text = visible_lines(&told(&answer));
        let Some(path) = &wish.out else {
            if json { print_json(&answer)? } else { print(&text)? }
            return Ok(ending);
        };
        // What is handed out is read once more as whoever gets it would read it.
        let file = std::fs::File::open(path).with_context(|| format!("could not open {}", path.display()))?;
        archive::verify(file).with_context(|| format!("what was written to {} does not hold", path.display()))?;
        let beside = beside(path);
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let how = format!(
            "\nThe file {name} beside this text holds the charter, the statements, the agreement and the logs named above. Anyone verifies it without a node:\n  gotong log verify --archive {name}\n  python3 interop/verify.py {name}\nWhat to compare by another way: the sixteen words of the region and of each root key.\n"
        );
        home::write_whole(&beside, format!("{text}{how}").as_bytes(), 0o644)?;
        if json {
            print_json(&json!({"file": path, "text": beside, "evidence": answer}))?;
        } else {
            let next = format!("Next: hand out both files. Verify with gotong log verify --archive {}\n", path.display());
            print(&format!("{text}\nWrote {} and {}\n{next}", path.display(), beside.display()))?;
        }
        Ok(ending)
    })
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".txt");
    PathBuf::from(name)
}

async fn gather(client: &mut Client, wish: &EvidenceOf) -> Result<Value> {
    let version = wish.version.map(|version| version.to_string());
    let pairs = [("agreement", Some(wish.agreement.as_str())), ("version", version.as_deref())];
    let answer = client.get(&format!("evidence{}", query(&pairs))).await?;
    if let Some(path) = &wish.out {
        let channel =
            Some(text_at(&answer, "/channel")).filter(|id| !id.is_empty()).context("the answer names no channel")?;
        let logs = client
            .ask_raw(
                Method::GET,
                &format!("archive{}", query(&[("channel", Some(channel)), ("plain", Some("true"))])),
                None,
            )
            .await?;
        let mut part = path.clone().into_os_string();
        part.push(".part");
        let mut file = std::fs::File::create(&part).with_context(|| format!("could not write {}", path.display()))?;
        let mut body = logs.into_body();
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame.context("the archive broke off")?.into_data() {
                file.write_all(&data).with_context(|| format!("could not write {}", path.display()))?;
            }
        }
        file.sync_all()?;
        std::fs::rename(&part, path)?;
    }
    Ok(answer)
}

/// Whether every signature and every proof that is shown holds.
fn is_whole(answer: &Value) -> bool {
    let holds = |one: &Value, name: &str| one.pointer(name) != Some(&Value::Bool(false));
    let signatures = list_at(answer, "/documents").iter().flat_map(|document| list_at(document, "/signatures"));
    signatures.into_iter().all(|one| holds(one, "/verifies") && holds(one, "/seen/verified"))
}

fn told(answer: &Value) -> String {
    let mut out = format!(
        "{}: {}\n  agreement  {}\n  region     {}\n",
        text_at(answer, "/handle"),
        text_at(answer, "/title"),
        text_at(answer, "/agreement"),
        text_at(answer, "/region_words"),
    );
    for document in list_at(answer, "/documents") {
        let missing: Vec<&str> = list_at(document, "/missing").iter().filter_map(Value::as_str).collect();
        let state = match (document.get("counts"), missing.is_empty()) {
            (Some(Value::Bool(true)), _) => "counts".to_owned(),
            (_, true) => "does not count: it waits for a document that it stands on".to_owned(),
            (_, false) => format!("does not count: signatures are missing of {}", missing.join(", ")),
        };
        let _ = write!(
            out,
            "\n{}\n  counts from  {}\n  state        {state}\n  hash         {}\n  SHA-256      {}  (of the text that was signed)\n",
            text_at(document, "/title"),
            minute(text_at(document, "/from")),
            text_at(document, "/hash"),
            text_at(document, "/text_sha256"),
        );
        for one in list_at(document, "/signatures") {
            out.push_str(&signature(one));
        }
    }
    out.push_str("\nWhat this does not show\n");
    for sentence in list_at(answer, "/not_provable").iter().filter_map(Value::as_str) {
        let _ = writeln!(out, "  - {sentence}");
    }
    out
}

fn signature(one: &Value) -> String {
    let name = text_at(one, "/name");
    if one.get("verifies") != Some(&Value::Bool(true)) {
        return format!("  {name}: THE SIGNATURE DOES NOT VERIFY under any root key that a charter names\n");
    }
    let charters: Vec<String> = list_at(one, "/charters").iter().map(ToString::to_string).collect();
    let mut out = format!(
        "  signed by {name}, verified just now\n    root key   {}\n    named by   charter {}\n",
        text_at(one, "/words"),
        charters.join(", "),
    );
    match one.get("seen") {
        None => out.push_str("    when       nothing of its own hand here says\n"),
        Some(seen) => {
            let how = if text_at(seen, "/how") == "basis" {
                "published under it as its basis"
            } else {
                "put it, with this signature, into its own log"
            };
            let _ = write!(
                out,
                "    when       on {} at the latest: it {how}\n               entry {} of {}\n",
                minute(text_at(seen, "/published_at")),
                number_at(seen, "/index"),
                text_at(seen, "/log"),
            );
            let proven = if seen.get("verified") == Some(&Value::Bool(true)) {
                format!(
                    "proven by {} hashes under its own checkpoint of size {}, signed by the key of its statement {}",
                    list_at(seen, "/inclusion_proof").len(),
                    number_at(seen, "/checkpoint_size"),
                    number_at(seen, "/statement"),
                )
            } else {
                format!("NOT PROVEN: {}", text_at(seen, "/reason"))
            };
            let _ = writeln!(out, "               {proven}");
            let arrived = text_at(seen, "/arrived_at");
            if !arrived.is_empty() {
                let _ = writeln!(out, "               here since {}, by this node's clock", minute(arrived));
            }
        }
    }
    out
}

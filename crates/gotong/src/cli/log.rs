//! `gotong log`: verify what is stored against what was signed, prove where an object comes from, write archives.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use http_body_util::BodyExt;
use hyper::Method;
use serde_json::Value;

use super::export::copy;
use super::{Ending, runtime};
use crate::archive;
use crate::backup::LogHead;
use crate::client::{Client, Lines, Reach, encode, query};
use crate::fault::failure;
use crate::output::{Table, list_at, number_at, print, print_json, progress, text_at, visible, visible_lines};

/// Verify, prove, export and list logs.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong log verify --data ./vn")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    List(List),
    Verify(Verify),
    Prove(Prove),
    Export(Export),
}

/// List the logs that are here.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  gotong log list --data ./vn")]
struct List {
    #[command(flatten)]
    reach: Reach,
}

/// Verify everything a node stores: trees, commitments, checkpoints, erasures, views.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Works on a running node and on the folder of one that does not run. Exit status 1 if anything does not hold.\n\nExample:\n  gotong log verify --data ./vn\n  gotong log verify --archive rti.archive"
)]
struct Verify {
    /// Verify this archive and nothing else; no node is needed.
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,
    #[command(flatten)]
    reach: Reach,
}

/// Show what proves where an object comes from: log, checkpoint, signature, clauses, acknowledgements.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Exit status 1 if a proof does not hold.\n\nExample:\n  gotong log prove indicator--1f5b6d3e-7c52-4f6b-9d0c-6a7f3b8e2c41 --data ./vn"
)]
struct Prove {
    /// The object's STIX id.
    id: String,
    #[command(flatten)]
    reach: Reach,
}

/// Write an archive that anyone can verify offline.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Example:\n  gotong log export --channel rti/indicators --out rti.archive --data ./vn\n  python3 interop/verify.py rti.archive"
)]
struct Export {
    /// Only this channel's logs.
    #[arg(long, value_name = "CHANNEL")]
    channel: Option<String>,
    /// Only this author's.
    #[arg(long, value_name = "CODE")]
    author: Option<String>,
    /// Only this log, by its origin.
    #[arg(long, value_name = "ORIGIN")]
    log: Option<String>,
    /// Where it goes; standard output if not named.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    reach: Reach,
}

pub(crate) fn run(arguments: &Arguments, json: bool) -> Result<Ending> {
    if let What::Verify(Verify { archive: Some(file), .. }) = &arguments.what {
        return verify_archive(file, json);
    }
    runtime()?.block_on(async {
        let reach = match &arguments.what {
            What::List(list) => &list.reach,
            What::Verify(verify) => &verify.reach,
            What::Prove(prove) => &prove.reach,
            What::Export(export) => &export.reach,
        };
        let mut client = Client::open(reach).await?;
        let ended = match &arguments.what {
            What::List(_) => list(&mut client, json).await,
            What::Verify(_) => verify(&mut client, json).await,
            What::Prove(prove) => show(&mut client, &prove.id, json).await,
            What::Export(wish) => export(&mut client, wish).await,
        };
        client.close().await;
        ended
    })
}

async fn list(client: &mut Client, json: bool) -> Result<Ending> {
    let answer = client.get("logs").await?;
    if json {
        print_json(&answer)?;
        return Ok(Ending::Done);
    }
    let mut table = Table::new(["channel", "author", "size", "withheld", "root", "epoch"]);
    for log in list_at(&answer, "/logs") {
        let cell = |name: &str| text_at(log, name).to_owned();
        let number = |name: &str| number_at(log, name).to_string();
        table.row([
            cell("/channel"),
            cell("/author"),
            number("/size"),
            number("/withheld"),
            cell("/root"),
            cell("/epoch"),
        ]);
    }
    print(&table.text("There are no logs yet."))?;
    Ok(Ending::Done)
}

async fn verify(client: &mut Client, json: bool) -> Result<Ending> {
    let answer = client.ask_raw(Method::GET, "logs/verify", None).await?;
    let mut lines = Lines::new(answer.into_body());
    let bar = progress(None, json);
    let mut report = None;
    while let Some(line) = lines.next().await? {
        bar.set_message(format!(
            "{} of {} entries",
            number_at(&line, "/progress/done"),
            number_at(&line, "/progress/total")
        ));
        if let Some(problem) = line.get("problem") {
            return Err(failure(text_at(problem, "/title"), text_at(problem, "/next")));
        }
        report = line.get("report").cloned().or(report);
    }
    bar.finish_and_clear();
    let Some(report) = report else { bail!("the node's answer ends early") };
    let is_sound = report.get("sound") == Some(&Value::Bool(true));
    if json {
        print_json(&report)?;
        return Ok(Ending::of(is_sound));
    }
    let number = |name: &str| number_at(&report, name);
    print(&format!(
        "{}\n  logs      {}\n  entries   {}: {} whole, {} erased, {} withheld\n  postings  {}\n  batches   {}\n",
        if is_sound { "Everything holds." } else { "NOT everything holds." },
        number("/logs"),
        number("/entries"),
        number("/whole"),
        number("/erased"),
        number("/withheld"),
        number("/postings"),
        number("/batches"),
    ))?;
    for (name, title) in [("/findings", "does not hold"), ("/notes", "note")] {
        for line in list_at(&report, name).iter().filter_map(Value::as_str) {
            print(&format!("  {title}: {}\n", visible(line)))?;
        }
    }
    if number("/more_findings") > 0 {
        print(&format!("  and {} findings more\n", number("/more_findings")))?;
    }
    let answer = client.get("logs").await?;
    let head = |log: &Value| LogHead {
        log: text_at(log, "/log").to_owned(),
        size: number_at(log, "/size"),
        root: text_at(log, "/root").to_owned(),
    };
    let mut logs: Vec<LogHead> = list_at(&answer, "/logs").iter().map(head).collect();
    logs.sort();
    print(&format!("\n{}", super::restore::logs_text(&logs)))?;
    Ok(Ending::of(is_sound))
}

fn verify_archive(file: &Path, json: bool) -> Result<Ending> {
    let input = std::fs::File::open(file).with_context(|| format!("could not open {}", file.display()))?;
    let report = archive::verify(input).map_err(|fault| {
        failure(
            format!("{}: {fault:#}", file.display()),
            "it was changed, cut short, or made by a newer program: fetch it again from somebody else",
        )
    })?;
    if json {
        print_json(&report)?;
        return Ok(Ending::Done);
    }
    let mut table = Table::new(["size", "whole", "erased", "withheld", "root", "log"]);
    for log in list_at(&report, "/logs") {
        let number = |name: &str| number_at(log, name).to_string();
        let cell = |name: &str| text_at(log, name).to_owned();
        table.row([
            number("/size"),
            number("/whole"),
            number("/erased"),
            number("/withheld"),
            cell("/root"),
            cell("/log"),
        ]);
    }
    print(&format!(
        "Everything in it holds, if this is the region you mean:\n  {}\n  {} acknowledgements\n\n{}",
        text_at(&report, "/words"),
        number_at(&report, "/acknowledgements"),
        table.text("It holds no logs."),
    ))?;
    Ok(Ending::Done)
}

async fn show(client: &mut Client, id: &str, json: bool) -> Result<Ending> {
    let answer = client.get(&format!("records/{}/provenance", encode(id))).await?;
    let publications = list_at(&answer, "/publications");
    let all_well = publications.iter().all(|one| one.get("verified") == Some(&Value::Bool(true)));
    if json {
        print_json(&answer)?;
        return Ok(Ending::of(all_well));
    }
    for one in publications {
        print(&visible_lines(&provenance(one)))?;
    }
    Ok(Ending::of(all_well))
}

fn provenance(one: &Value) -> String {
    let clauses: Vec<String> = list_at(one, "/grounds")
        .iter()
        .map(|ground| {
            format!(
                "  {}  {} ({}): {}\n",
                text_at(ground, "/effect"),
                text_at(ground, "/clause"),
                text_at(ground, "/title"),
                text_at(ground, "/text")
            )
        })
        .collect();
    let acknowledged: Vec<&str> = list_at(one, "/acknowledged").iter().map(|by| text_at(by, "/member")).collect();
    let verdict = match one.get("verified") {
        Some(Value::Bool(true)) => "verified just now, from leaf to signature".to_owned(),
        _ => format!("NOT VERIFIED: {}", text_at(one, "/reason")),
    };
    format!(
        "entry {} of {}\n  {verdict}\n  author      {}\n  leaf hash   {}\n  proof       {} hashes to the root {}\n  checkpoint  size {}, signed by the key {} (statement {})\n  agreement   {} {}\n  also held by {}\n{}",
        number_at(one, "/index"),
        text_at(one, "/log"),
        text_at(one, "/author"),
        text_at(one, "/leaf_hash"),
        list_at(one, "/inclusion_proof").len(),
        text_at(one, "/checkpoint/root"),
        number_at(one, "/checkpoint/size"),
        text_at(one, "/checkpoint/key"),
        number_at(one, "/checkpoint/statement"),
        text_at(one, "/agreement/handle"),
        text_at(one, "/agreement/id"),
        if acknowledged.is_empty() { "nobody yet".to_owned() } else { acknowledged.join(", ") },
        clauses.concat(),
    )
}

async fn export(client: &mut Client, wish: &Export) -> Result<Ending> {
    let pairs =
        [("channel", wish.channel.as_deref()), ("author", wish.author.as_deref()), ("log", wish.log.as_deref())];
    let answer = client.ask_raw(Method::GET, &format!("archive{}", query(&pairs)), None).await?;
    let Some(path) = &wish.out else {
        copy(answer).await?;
        return Ok(Ending::Done);
    };
    let mut body = answer.into_body();
    // An archive that breaks off is none: the name is given to a whole one only.
    let mut part = path.clone().into_os_string();
    part.push(".part");
    let mut file = std::fs::File::create(&part).with_context(|| format!("could not write {}", path.display()))?;
    let bar = progress(None, false);
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.context("the archive broke off")?.into_data() {
            file.write_all(&data).with_context(|| format!("could not write {}", path.display()))?;
            bar.inc(data.len() as u64);
        }
    }
    file.sync_all()?;
    std::fs::rename(&part, path)?;
    bar.finish_and_clear();
    print(&format!("Wrote {}, {} bytes\n", path.display(), file.metadata()?.len()))?;
    Ok(Ending::Done)
}

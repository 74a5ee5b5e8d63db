//! What `charter` and `agreement` have in common: reading and writing notes, handing them to a node, saying who has signed.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use gotong_crypto::SigningKey;
use gotong_model::MemberCode;
use serde_json::{Value, json};

use super::{Ending, runtime};
use crate::client::{Client, Reach};
use crate::founding::Paper;
use crate::home;
use crate::output::{list_at, print, print_json, text_at};
use crate::wiring;

/// Reads a document's file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("could not read {}", path.display()))
}

/// Reads a file that is text.
pub(super) fn read_text(path: &Path) -> Result<String> {
    String::from_utf8(read(path)?).with_context(|| format!("{} is no text", path.display()))
}

/// Writes a document where it was wished.
pub(super) fn put(out: Option<&Path>, note: &str) -> Result<()> {
    match out {
        Some(path) => home::write_whole(path, note.as_bytes(), 0o644),
        None => print(note),
    }
}

/// Codes in a row.
pub(super) fn codes(codes: &[MemberCode]) -> String {
    if codes.is_empty() {
        "nobody".to_owned()
    } else {
        codes.iter().map(MemberCode::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// Codes for JSON.
pub(super) fn texts(codes: &[MemberCode]) -> Vec<&str> {
    codes.iter().map(MemberCode::as_str).collect()
}

/// A root key, for signing this. Keys of a rehearsal sign what rehearses, and nothing else does.
pub(super) fn root_for(path: &Path, is_rehearsal: bool) -> Result<SigningKey> {
    home::root_key_of_sort(path, is_rehearsal, "document")
}

/// Signs a document in its file, and says whose turn it is; `accept` is the command that hands the document in once all have signed.
pub(super) fn sign_file(file: &Path, mut paper: Paper, root: &Path, accept: &str, json: bool) -> Result<Ending> {
    let signer = paper.sign(&root_for(root, paper.is_rehearsal())?)?;
    home::write_whole(file, paper.encode().as_bytes(), 0o644)?;
    let (signed, missing) = paper.signatures()?;
    if json {
        print_json(&json!({"signer": signer.as_str(), "signed": texts(&signed), "missing": texts(&missing),
            "rehearsal": paper.is_rehearsal()}))?;
        return Ok(Ending::Done);
    }
    let rehearsed = if paper.is_rehearsal() { " (REHEARSAL)" } else { "" };
    print(&format!("Signed for {signer}{rehearsed}. Still missing: {}\n", codes(&missing)))?;
    let file = file.display();
    print(&match missing.as_slice() {
        [] => format!("Next: send {file} to all who signed; each hands it to its node: {accept} {file} --data DIR\n"),
        [next, ..] => {
            format!("Next: send {file} to {next}, who reads it and adds the next signature to this same file.\n")
        }
    })?;
    Ok(Ending::Done)
}

/// Hands notes to the node of a data folder: over its socket where it runs, else by opening the folder. Answers what each came to.
pub(super) fn give(data: &Path, notes: &[Vec<u8>]) -> Result<Vec<Value>> {
    let reach = Reach { data: Some(data.to_owned()), ..Reach::default() };
    runtime()?.block_on(async {
        let mut client = Client::open(&reach).await?;
        let mut answers = Vec::new();
        for note in notes {
            let body = json!({"note": String::from_utf8_lossy(note)});
            match client.post("documents", &body).await {
                Ok(answer) => answers.push(answer),
                Err(fault) => {
                    client.close().await;
                    return Err(fault);
                }
            }
        }
        client.close().await;
        Ok(answers)
    })
}

/// Hands files to a node and says what they came to.
pub(super) fn accept(files: &[PathBuf], data: &Path, json: bool) -> Result<Ending> {
    let mut notes = Vec::new();
    for file in files {
        notes.extend(wiring::split_notes(&read(file)?));
    }
    let answers = give(data, &notes)?;
    let counts = answers.iter().all(|answer| text_at(answer, "/state") == "counts");
    if json {
        for answer in &answers {
            print_json(answer)?;
        }
        return Ok(Ending::of(counts));
    }
    for answer in &answers {
        print(&told(answer))?;
    }
    Ok(Ending::of(counts))
}

fn told(answer: &Value) -> String {
    let list = |pointer: &str| list_at(answer, pointer).iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ");
    let (purpose, hash) = (text_at(answer, "/purpose"), text_at(answer, "/hash"));
    let what = match (purpose, text_at(answer, "/agreement")) {
        ("agreement", id) if !id.is_empty() => format!("agreement {id}"),
        ("notice", id) if !id.is_empty() => format!("notice of the agreement {id}"),
        _ => format!("{purpose} {hash}"),
    };
    match text_at(answer, "/state") {
        "counts" if purpose == "house" => {
            let channels = list("/channels");
            let channels = if channels.is_empty() { "none".to_owned() } else { channels };
            format!(
                "Accepted the house rule {hash}. It counts. Its standing channels here: {channels}\n\
                 Next: gotong organisation add CODE --name NAME --class CLASS puts an organisation into the register\n"
            )
        }
        "counts" if purpose == "agreement" => {
            let channels = list("/channels");
            let channels = if channels.is_empty() { "none now".to_owned() } else { channels };
            format!("Accepted the {what}. Its channels here: {channels}\n")
        }
        "counts" => format!("Accepted the {what}. It counts.\n"),
        "superseded" => format!("Kept the {what}, and another version of its number counts\n"),
        _ if list("/missing").is_empty() => {
            format!("Kept the {what}. It does not count yet: signatures, or documents that it stands on, are missing\n")
        }
        _ => format!("Kept the {what}. It does not count yet: signatures are missing of {}\n", list("/missing")),
    }
}

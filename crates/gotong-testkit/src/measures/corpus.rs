//! The corpus: STIX objects, one a line, the same for the program and for the baseline.
//!
//! Made by `tools/make_corpus.py` beside the folder of real data. Where that is not there, objects of the same shape are made here from invented
//! values, and the report says so. A corpus stays under `target/measures` for the next run.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::fault::{Fault, While, say};
use super::report::Report;
use super::scratch::repository;
use crate::dice::Dice;

/// A corpus on disk.
pub(crate) struct Corpus {
    /// NDJSON.
    pub(crate) path: PathBuf,
    /// How many objects.
    pub(crate) objects: usize,
}

impl Corpus {
    /// Takes a file that is there already.
    pub(crate) fn existing(path: &Path) -> Result<Self, Fault> {
        let mut objects = 0;
        for line in BufReader::new(File::open(path).during(path.display())?).split(b'\n') {
            objects += usize::from(!line?.trim_ascii().is_empty());
        }
        Ok(Self { path: path.to_owned(), objects })
    }

    /// Makes a corpus of so many objects, or takes the one of an earlier run.
    pub(crate) fn make(objects: usize, report: &mut Report) -> Result<Self, Fault> {
        let folder = repository().join("target/measures");
        fs::create_dir_all(&folder)?;
        let Some(tool) = tool() else {
            report.note(
                "tools/make_corpus.py was not found (GOTONG_REAL_DATA): objects of the same shape were made from invented values.",
            );
            let path = folder.join(format!("invented-{objects}.ndjson"));
            if !path.exists() {
                let part = path.with_extension("part");
                write_invented(&part, objects)?;
                fs::rename(part, &path)?;
            }
            return Self::existing(&path);
        };
        let prefix = folder.join(format!("corpus-{objects}"));
        let path = prefix.with_extension("ndjson");
        if !path.exists() {
            say(format_args!("making a corpus of {objects} objects"));
            let part = folder.join(format!("corpus-{objects}-part"));
            let made =
                Command::new("python3").arg(&tool).arg(objects.to_string()).arg(&part).status().during("python3")?;
            if !made.success() {
                return Err(Fault::new(format!("{} failed", tool.display())));
            }
            fs::remove_dir_all(part.with_extension("bundles"))?;
            fs::rename(part.with_extension("ndjson"), &path)?;
        }
        Self::existing(&path)
    }

    /// The file, from its beginning.
    pub(crate) fn open(&self) -> Result<File, Fault> {
        File::open(&self.path).during(self.path.display())
    }
}

fn tool() -> Option<PathBuf> {
    let beside_data = std::env::var_os("GOTONG_REAL_DATA").map(|data| PathBuf::from(data).join("../tools"));
    let beside_repository = repository().join("../shared/tools");
    let tools = beside_data.into_iter().chain([beside_repository]).map(|folder| folder.join("make_corpus.py"));
    tools.into_iter().find(|tool| tool.exists())
}

const TLP: [&str; 3] = [
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
];

/// A random UUID: where an id is derived, it follows from the properties, and deriving it is not the corpus's to test.
fn uuid(dice: &mut Dice) -> String {
    let text = format!("{:016x}{:016x}", dice.roll(), dice.roll());
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// Observable, indicator, and for each fifth a relationship to a malware family: the proportions of the corpus.
fn write_invented(path: &Path, objects: usize) -> Result<(), Fault> {
    let mut dice = Dice::new(7);
    let mut out = BufWriter::new(File::create(path).during(path.display())?);
    let author = format!("identity--{}", uuid(&mut dice));
    let first = "2024-01-01T00:00:00.000Z";
    let mut written = 0;
    let mut write = |object: &Value| -> Result<bool, Fault> {
        if written < objects {
            serde_json::to_writer(&mut out, object)?;
            out.write_all(b"\n")?;
        }
        written += 1;
        Ok(written < objects)
    };
    write(&json!({"type": "identity", "spec_version": "2.1", "id": author, "created": first, "modified": first,
                  "name": "CERT-XX", "identity_class": "organization", "sectors": ["government"]}))?;
    let mut family = String::new();
    for at in 0.. {
        let time = format!(
            "2025-{:02}-{:02}T{:02}:{:02}:{:02}.000Z",
            1 + at / 2_332_800 % 12,
            1 + at / 86_400 % 27,
            at / 3_600 % 24,
            at / 60 % 60,
            at % 60
        );
        if at % 250 == 0 {
            family = format!("malware--{}", uuid(&mut dice));
            write(
                &json!({"type": "malware", "spec_version": "2.1", "id": family, "created_by_ref": author, "created": time, "modified": time,
                          "name": format!("family {}", at / 250), "is_family": true, "malware_types": ["unknown"]}),
            )?;
        }
        let value = format!("v{at}-{}.example", dice.token());
        let indicator = format!("indicator--{}", uuid(&mut dice));
        write(
            &json!({"type": "domain-name", "spec_version": "2.1", "id": format!("domain-name--{}", uuid(&mut dice)), "value": value}),
        )?;
        let more = write(
            &json!({"type": "indicator", "spec_version": "2.1", "id": indicator, "created_by_ref": author, "created": time,
            "modified": time, "name": format!("family {}: {value}", at / 250), "description": "domain of an invented family (source: none)",
            "indicator_types": ["malicious-activity"], "pattern": format!("[domain-name:value = '{value}']"), "pattern_type": "stix",
            "pattern_version": "2.1", "valid_from": time, "confidence": 70, "labels": [format!("family:{}", at / 250)],
            "object_marking_refs": [dice.pick(&TLP)]}),
        )?;
        if at % 5 == 0 {
            write(
                &json!({"type": "relationship", "spec_version": "2.1", "id": format!("relationship--{}", uuid(&mut dice)),
                "created_by_ref": author, "created": time, "modified": time, "relationship_type": "indicates", "source_ref": indicator,
                "target_ref": family}),
            )?;
        }
        if !more {
            break;
        }
    }
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invented_corpus_has_as_many_objects_as_asked_for_and_each_reads() {
        let folder = std::env::temp_dir().join(format!("gotong-invented-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("corpus.ndjson");
        write_invented(&path, 1_234).unwrap();
        assert_eq!(Corpus::existing(&path).unwrap().objects, 1_234);
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines() {
            gotong_formats::stix21::read(line.as_bytes()).unwrap_or_else(|fault| panic!("{fault:?} in {line}"));
        }
        fs::remove_dir_all(folder).unwrap();
    }
}

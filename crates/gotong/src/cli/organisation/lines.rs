//! Lines of `code,name,class` as spreadsheets write them (RFC 4180, one line for each; a name in quotes may have commas). Names what is wrong with a line; must
//! not know which classes there are.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result};
use gotong_model::Slug;

/// Bytes of a line; nothing in it is longer than a few hundred.
const LINE_BYTES_MAX: usize = 4_096;
/// Bytes of a name.
const NAME_BYTES_MAX: usize = 256;

/// What a line says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Line {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) class: String,
}

/// A file's lines.
pub(super) struct Lines {
    file: BufReader<File>,
    bytes: u64,
    read: u64,
    number: usize,
}

impl Lines {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let read = || -> std::io::Result<(File, u64)> {
            let file = File::open(path)?;
            let bytes = file.metadata()?.len();
            Ok((file, bytes))
        };
        let (file, bytes) = read().with_context(|| format!("could not read {}", path.display()))?;
        Ok(Self { file: BufReader::new(file), bytes, read: 0, number: 0 })
    }

    /// How long the file is.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How much of it has been read.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// The next line that says anything, with its number from 1.
    pub(super) fn next_line(&mut self) -> Result<Option<(usize, Result<Line, String>)>> {
        loop {
            let mut bytes = Vec::new();
            let most = u64::try_from(LINE_BYTES_MAX)?;
            let length = (&mut self.file).take(most).read_until(b'\n', &mut bytes).context("the file broke off")?;
            if length == 0 {
                return Ok(None);
            }
            self.number += 1;
            self.read += u64::try_from(length)?;
            if length == LINE_BYTES_MAX && !bytes.ends_with(b"\n") {
                let rest = self.file.skip_until(b'\n').context("the file broke off")?;
                self.read += u64::try_from(rest)?;
                return Ok(Some((self.number, Err("the line is longer than 4,096 bytes".to_owned()))));
            }
            let Ok(text) = std::str::from_utf8(&bytes) else {
                return Ok(Some((self.number, Err("is no text in UTF-8: save the file as UTF-8".to_owned()))));
            };
            let text = text.trim_start_matches('\u{feff}').trim_end_matches(['\n', '\r']);
            if text.trim().is_empty() || (self.number == 1 && is_heading(text)) {
                continue;
            }
            return Ok(Some((self.number, line(text))));
        }
    }
}

fn is_heading(text: &str) -> bool {
    fields(text).is_ok_and(|fields| fields.iter().map(|field| field.trim()).eq(["code", "name", "class"]))
}

fn line(text: &str) -> Result<Line, String> {
    let fields = fields(text)?;
    let [code, name, class] = fields.as_slice() else {
        return Err(format!("has {} fields, and three are meant: code,name,class", fields.len()));
    };
    let (code, name, class) = (code.trim(), name.trim(), class.trim());
    if Slug::from_text(code).is_none() {
        return Err(format!("{code:?} is no code: small letters, digits and hyphens, at most 64"));
    }
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.chars().any(char::is_control) {
        return Err("the name must have 1 to 256 bytes and no control characters".to_owned());
    }
    Ok(Line { code: code.to_owned(), name: name.to_owned(), class: class.to_owned() })
}

/// The fields of a line; quotes may stand around one, and are doubled inside.
fn fields(text: &str) -> Result<Vec<String>, String> {
    let mut fields = Vec::new();
    let mut letters = text.chars().peekable();
    loop {
        let mut field = String::new();
        if letters.next_if_eq(&'"').is_some() {
            loop {
                match letters.next() {
                    Some('"') if letters.next_if_eq(&'"').is_some() => field.push('"'),
                    Some('"') => break,
                    Some(letter) => field.push(letter),
                    None => return Err("a quote is not closed; a name stands in one line".to_owned()),
                }
            }
            if letters.peek().is_some_and(|letter| *letter != ',') {
                return Err("something stands behind a closing quote; quotes inside are doubled".to_owned());
            }
        } else {
            while let Some(letter) = letters.next_if(|letter| *letter != ',') {
                field.push(letter);
            }
        }
        fields.push(field);
        if letters.next().is_none() {
            return Ok(fields);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_spreadsheets_write_it() {
        let read = |text: &str| line(text).map(|line| (line.code, line.name, line.class));
        let expect = |name: &str| Ok(("a-1".to_owned(), name.to_owned(), "bank".to_owned()));
        assert_eq!(read("a-1,Harbour Bank,bank"), expect("Harbour Bank"));
        assert_eq!(read(" a-1 , ธนาคาร , bank "), expect("ธนาคาร"));
        assert_eq!(read("a-1,\"Bank, of \"\"all\"\"\",bank"), expect("Bank, of \"all\""));
        for (wrong, word) in [
            ("a-1,bank", "has 2 fields"),
            ("a-1,x,bank,", "has 4 fields"),
            ("A 1,x,bank", "is no code"),
            ("a-1,,bank", "the name"),
            ("a-1,\"x,bank", "not closed"),
            ("a-1,\"x\"y,bank", "behind a closing quote"),
        ] {
            let told = read(wrong).unwrap_err();
            assert!(told.contains(word), "{wrong}: {told}");
        }
        assert!(is_heading("code,name,class") && !is_heading("code,name,bank"));
    }
}

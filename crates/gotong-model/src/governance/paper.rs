//! A document and the signatures collected of it. Lines come in several notes and in any order; which of them count is looked at with the keys that the
//! charters name, so a line that came before its charter counts later. A line that does not verify counts for nothing and spoils nothing.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use gotong_crypto::note::{self, Note, SignatureLine, Signer};
use gotong_crypto::{Digest, PublicKey, Signature};

/// Lines that are kept of one document: as many as a note may have.
const LINES_MAX: usize = 300;

/// A text and the lines below it.
#[derive(Debug)]
pub(super) struct Paper<T> {
    /// What the text says.
    pub(super) body: T,
    note: Note,
    /// Who has been looked for, and whether found: verifying costs more than everything else here. A new line may only add to it.
    looked: Mutex<BTreeMap<(String, [u8; 32]), bool>>,
    /// Taken as signed by all, in an answer to "what if" (`supposing.rs`).
    is_supposed: bool,
}

impl<T: Clone> Clone for Paper<T> {
    fn clone(&self) -> Self {
        let looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self {
            body: self.body.clone(),
            note: self.note.clone(),
            looked: Mutex::new(looked),
            is_supposed: self.is_supposed,
        }
    }
}

impl<T> Paper<T> {
    pub(super) fn new(body: T, note: Note) -> Self {
        Self { body, note, looked: Mutex::default(), is_supposed: false }
    }

    /// Takes it as signed by all who must.
    pub(super) fn suppose(&mut self) {
        self.is_supposed = true;
    }

    /// Whether it is taken so.
    pub(super) fn is_supposed(&self) -> bool {
        self.is_supposed
    }

    /// Adds the lines that are not there yet. Where there are too many, one that verifies stays for each of `expected`.
    pub(super) fn add(&mut self, lines: Vec<SignatureLine>, expected: &[Signer]) {
        self.looked.get_mut().unwrap_or_else(PoisonError::into_inner).retain(|_, found| *found);
        for line in lines {
            if !self.note.lines.contains(&line) {
                self.note.lines.push(line);
            }
        }
        if self.note.lines.len() > LINES_MAX {
            let mut kept: Vec<SignatureLine> = Vec::new();
            for line in expected.iter().filter_map(|signer| self.line_of(signer)) {
                if !kept.contains(line) {
                    kept.push(line.clone());
                }
            }
            self.note.lines = kept;
        }
    }

    /// The line of a signer; a key can sign one text in many ways, so always the same of several.
    fn line_of(&self, signer: &Signer) -> Option<&SignatureLine> {
        let by = self.note.lines.iter().filter(|line| verifies(&self.note.text, line, signer));
        by.min_by(|a, b| a.signature.cmp(&b.signature))
    }

    /// Whether a signer has signed.
    pub(super) fn is_signed_by(&self, signer: &Signer) -> bool {
        let name = (signer.name.clone(), signer.key.to_bytes());
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let look = || self.note.lines.iter().any(|line| verifies(&self.note.text, line, signer));
        *looked.entry(name).or_insert_with(look)
    }

    /// The note with every line.
    pub(super) fn whole(&self) -> String {
        self.note.encode()
    }

    /// The note with the lines of these signers only, in their order: what is handed on. Where it has none of them it goes on as it came, since
    /// a note without a line is none.
    pub(super) fn encode(&self, expected: &[Signer]) -> String {
        let mut lines: Vec<SignatureLine> =
            expected.iter().filter_map(|signer| self.line_of(signer)).cloned().collect();
        if lines.is_empty() {
            lines.clone_from(&self.note.lines);
            lines.sort_by(|a, b| (&a.name, a.key_id, &a.signature).cmp(&(&b.name, b.key_id, &b.signature)));
        }
        Note { text: self.note.text.clone(), lines }.encode()
    }
}

/// Keeps a document with what others brought of its lines.
pub(super) fn keep<T>(
    papers: &mut BTreeMap<Digest, Paper<T>>,
    key: Digest,
    (body, note): (T, Note),
    expected: &[Signer],
) {
    let lines = note.lines.clone();
    papers.entry(key).or_insert_with(|| Paper::new(body, note)).add(lines, expected);
}

fn verifies(text: &str, line: &SignatureLine, signer: &Signer) -> bool {
    if line.name != signer.name || line.key_id != note::key_id(&signer.name, &signer.key) {
        return false;
    }
    let signature = <[u8; 64]>::try_from(line.signature.as_slice());
    signature.is_ok_and(|signature| signer.key.verifies(text.as_bytes(), &Signature(signature)))
}

/// A member's signers under each of its root keys.
pub(super) fn any_of(names: &str, keys: &[PublicKey]) -> Vec<Signer> {
    keys.iter().map(|key| Signer { name: names.to_owned(), key: *key }).collect()
}

//! Signed notes (c2sp.org/signed-note): every signature in Gotong is a line of one. `docs/protocol.md` section 2.
//!
//! [`parse`] only splits; [`Note::verify`] says which of the expected signers signed. Lines by unknown names are ignored, a bad line by
//! an expected signer refuses the note.

use crate::{PublicKey, Signature, SigningKey, sha256, text};

/// The most signature lines a note may have.
pub const LINES_MAX: usize = 300;
/// The largest note, in bytes.
pub const NOTE_BYTES_MAX: usize = 1 << 20;

/// Why bytes are no acceptable note.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    /// Not text, no empty line, control characters, a signature line out of shape, too long or too many lines.
    #[error("not a signed note: {0}")]
    Malformed(&'static str),
    /// A line carries an expected name and key id, but does not verify.
    #[error("the signature by {0} does not verify")]
    BadSignature(String),
    /// An expected name signed twice.
    #[error("{0} signed twice")]
    Repeated(String),
}

/// Somebody whose signature is looked for: the name on the line and the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The name as it stands on the line.
    pub name: String,
    /// The key that must have signed.
    pub key: PublicKey,
}

/// One signature line, not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    /// The name on the line.
    pub name: String,
    /// The first four bytes that tell keys of one name apart.
    pub key_id: [u8; 4],
    /// What follows the key id.
    pub signature: Vec<u8>,
}

/// A note, split into text and signature lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The signed text, its last newline included.
    pub text: String,
    /// The signature lines in their order.
    pub lines: Vec<SignatureLine>,
}

impl Note {
    /// The lines of the text, without newlines.
    pub fn text_lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines()
    }

    /// Which of `signers` signed, in their order. An unsigned note yields an empty list: callers demand whom they need.
    pub fn verify<'a>(&self, signers: &'a [Signer]) -> Result<Vec<&'a Signer>, NoteFault> {
        let mut found = Vec::new();
        for signer in signers {
            let id = key_id(&signer.name, &signer.key);
            let mut lines = self.lines.iter().filter(|line| line.name == signer.name && line.key_id == id);
            let Some(line) = lines.next() else { continue };
            if lines.next().is_some() {
                return Err(NoteFault::Repeated(signer.name.clone()));
            }
            let signature = <[u8; 64]>::try_from(line.signature.as_slice())
                .map_err(|_| NoteFault::BadSignature(signer.name.clone()))?;
            if !signer.key.verifies(self.text.as_bytes(), &Signature(signature)) {
                return Err(NoteFault::BadSignature(signer.name.clone()));
            }
            found.push(signer);
        }
        Ok(found)
    }

    /// The note as bytes.
    pub fn encode(&self) -> String {
        let mut out = format!("{}\n", self.text);
        for line in &self.lines {
            let mut bytes = line.key_id.to_vec();
            bytes.extend_from_slice(&line.signature);
            out.extend(["\u{2014} ", line.name.as_str(), " ", text::base64(&bytes).as_str(), "\n"]);
        }
        out
    }
}

/// The key id of a name and an Ed25519 key: first four bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ key).
pub fn key_id(name: &str, key: &PublicKey) -> [u8; 4] {
    let mut input = name.as_bytes().to_vec();
    input.extend_from_slice(&[0x0a, 0x01]);
    input.extend_from_slice(&key.to_bytes());
    let [a, b, c, d, ..] = sha256(&input).0;
    [a, b, c, d]
}

/// Signs `text` (which must end in a newline) under `name`.
pub fn sign_line(text: &str, name: &str, key: &SigningKey) -> SignatureLine {
    SignatureLine {
        name: name.to_owned(),
        key_id: key_id(name, &key.public()),
        signature: key.sign(text.as_bytes()).0.to_vec(),
    }
}

/// Signs `text` and returns the whole note with this one line.
pub fn sign(text: String, name: &str, key: &SigningKey) -> Note {
    let line = sign_line(&text, name, key);
    Note { text, lines: vec![line] }
}

/// Splits bytes into text and signature lines, within the bounds of the protocol.
pub fn parse(bytes: &[u8]) -> Result<Note, NoteFault> {
    if bytes.len() > NOTE_BYTES_MAX {
        return Err(NoteFault::Malformed("longer than 1 MiB"));
    }
    let whole = std::str::from_utf8(bytes).map_err(|_| NoteFault::Malformed("not UTF-8"))?;
    if whole.chars().any(|c| c.is_control() && c != '\n') {
        return Err(NoteFault::Malformed("a control character"));
    }
    let (head, tail) = whole.rsplit_once("\n\n").ok_or(NoteFault::Malformed("no empty line before the signatures"))?;
    if head.is_empty() || tail.is_empty() || !tail.ends_with('\n') {
        return Err(NoteFault::Malformed("no text or no signature line"));
    }
    let mut lines = Vec::new();
    for line in tail.lines() {
        if lines.len() == LINES_MAX {
            return Err(NoteFault::Malformed("more than 300 signature lines"));
        }
        let rest = line.strip_prefix("\u{2014} ").ok_or(NoteFault::Malformed("a line that is no signature"))?;
        let (name, encoded) = rest.split_once(' ').ok_or(NoteFault::Malformed("a signature line without a name"))?;
        if name.is_empty() || name.contains('+') || name.chars().any(char::is_whitespace) {
            return Err(NoteFault::Malformed("a signer's name with blanks or plus signs"));
        }
        let bytes = text::from_base64(encoded).ok_or(NoteFault::Malformed("a signature that is not base64"))?;
        let (key_id, signature) =
            bytes.split_first_chunk::<4>().ok_or(NoteFault::Malformed("a signature without key id"))?;
        lines.push(SignatureLine { name: name.to_owned(), key_id: *key_id, signature: signature.to_vec() });
    }
    Ok(Note { text: format!("{head}\n"), lines })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededEntropy;

    /// The example of c2sp.org/signed-note and of the documentation of Go's `golang.org/x/mod/sumdb/note`.
    const PUBLISHED: &str = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    const PUBLISHED_KEY: &str = "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn the_published_note_verifies() {
        let bytes = text::from_base64(PUBLISHED_KEY).unwrap();
        let key = PublicKey::from_bytes(bytes[1..].try_into().unwrap()).unwrap();
        let signers = [Signer { name: "PeterNeumann".into(), key }];
        let note = parse(PUBLISHED.as_bytes()).unwrap();
        assert_eq!(note.verify(&signers).unwrap().len(), 1);
        assert_eq!(note.encode(), PUBLISHED);
        let changed = PUBLISHED.replace("problem is", "problem was");
        assert_eq!(
            parse(changed.as_bytes()).unwrap().verify(&signers),
            Err(NoteFault::BadSignature("PeterNeumann".into()))
        );
    }

    #[test]
    fn unknown_signers_are_ignored_and_repeated_ones_refused() {
        let key = SigningKey::generate(&SeededEntropy::new(5));
        let mut note = sign("gotong/test\nx\n".into(), "a", &key);
        note.lines.push(sign_line(&note.text, "b", &key));
        let signer = Signer { name: "a".into(), key: key.public() };
        assert_eq!(note.verify(std::slice::from_ref(&signer)).unwrap(), [&signer]);
        note.lines.push(note.lines[0].clone());
        assert_eq!(note.verify(std::slice::from_ref(&signer)), Err(NoteFault::Repeated("a".into())));
    }

    #[test]
    fn what_is_no_note_is_refused_with_its_reason() {
        for bad in [
            "",
            "x",
            "x\n\n",
            "\n\n\u{2014} a AAAA\n",
            "x\n\n- a AAAAAAAA\n",
            "x\ty\n\n\u{2014} a AAAAAAAA\n",
            "x\n\n\u{2014} a+b AAAAAAAA\n",
            "x\n\n\u{2014} a AAA\n",
        ] {
            assert!(matches!(parse(bad.as_bytes()), Err(NoteFault::Malformed(_))), "{bad:?}");
        }
    }
}

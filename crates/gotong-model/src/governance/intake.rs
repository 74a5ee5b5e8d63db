//! How a note comes in: read once, by what its first line says it is for, and kept with the lines that others brought of it. What follows from it is
//! worked out in `law.rs` and `houses.rs`; who has signed is not looked at here.

use gotong_crypto::note::{Note, Signer};
use gotong_crypto::sha256;

use super::{Added, Governance, channels, paper};
use crate::agreement::{Notice, Terms};
use crate::charter::Charter;
use crate::document::{self, DocumentFault, Purpose};
use crate::house::HouseRule;

/// A note that governs, read.
enum Document {
    Charter(Charter),
    Terms(Terms),
    House(HouseRule),
    Notice(Notice),
}

impl Governance {
    /// Whether a note is a document of this region that travels between members: charter, agreement or notice. Who has signed is not looked at.
    pub fn check(&self, note: &[u8]) -> Result<(), DocumentFault> {
        match self.read(note)?.1 {
            Document::Charter(_) | Document::Terms(_) | Document::Notice(_) => Ok(()),
            Document::House(_) => {
                Err(DocumentFault::Unfit("a house rule stays with the member whose it is".to_owned()))
            }
        }
    }

    /// Reads a note of any purpose that governs.
    fn read(&self, note: &[u8]) -> Result<(Note, Document), DocumentFault> {
        let purpose = document::purpose_of(note)?;
        let opened = document::open(note, Some(&self.region), purpose)?;
        let document = match purpose {
            Purpose::Charter => Document::Charter(Charter::from_value(opened.value)?),
            Purpose::Agreement => {
                let terms = Terms::from_value(opened.value)?;
                if channels::is_reserved_handle(&terms.handle) {
                    return Err(DocumentFault::Unfit(format!("the handle {} is taken by the protocol", terms.handle)));
                }
                Document::Terms(terms)
            }
            Purpose::Notice => Document::Notice(Notice::from_value(opened.value)?),
            Purpose::House => Document::House(HouseRule::from_value(opened.value)?),
            Purpose::Statement | Purpose::Acknowledgement => {
                return Err(DocumentFault::Unfit("this is no document that governs".to_owned()));
            }
        };
        Ok((opened.note, document))
    }

    /// Keeps a document, complete or not; what follows from it is worked out by the caller.
    pub(super) fn keep(&mut self, note: &[u8]) -> Result<Added, DocumentFault> {
        if document::purpose_of(note)? == Purpose::Statement {
            return self.add_statement_notes([note]).map(Added::Statement);
        }
        let (note, document) = self.read(note)?;
        let key = sha256(note.text.as_bytes());
        let expected: Vec<Signer> = self.roots.iter().flat_map(|(code, keys)| self.signers_of(code, keys)).collect();
        match document {
            Document::Charter(charter) => {
                let hash = charter.hash();
                // Whoever joins with this charter has signed it under a key that only this charter names.
                let joining = charter.signers(&self.region, charter.members.keys());
                paper::keep(&mut self.charter_papers, key, (charter, note), &[expected, joining].concat());
                Ok(Added::Charter(hash))
            }
            Document::Terms(terms) => {
                let hash = terms.hash(&self.region);
                paper::keep(&mut self.terms_papers, key, (terms, note), &expected);
                Ok(Added::Agreement(hash))
            }
            Document::House(rule) => {
                let hash = rule.hash(&self.region);
                paper::keep(&mut self.house_papers, key, (rule, note), &expected);
                Ok(Added::House(hash))
            }
            Document::Notice(notice) => {
                let hash = notice.hash(&self.region);
                paper::keep(&mut self.notice_papers, key, (notice, note), &expected);
                Ok(Added::Notice(hash))
            }
        }
    }
}

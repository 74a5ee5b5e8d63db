//! What would follow if a document counted that not all have signed: the way to ask before anybody signs. What comes out of here answers a question and
//! is never kept, published or judged by; `work_out` in `law.rs` does the rest as for any document.

use gotong_crypto::sha256;

use super::{Added, Governance};
use crate::document::{DocumentFault, Purpose, purpose_of};

impl Governance {
    /// The same documents and this one, as if all who must sign it had. A version of an agreement or of a house rule, or a notice; charters are changed by
    /// their voters alone.
    pub fn supposing(&self, note: &[u8]) -> Result<(Self, Added), DocumentFault> {
        if !matches!(purpose_of(note)?, Purpose::Agreement | Purpose::House | Purpose::Notice) {
            return Err(DocumentFault::Unfit(
                "only a version of an agreement or of a house rule, or a notice, can be supposed".to_owned(),
            ));
        }
        let mut supposed = self.clone();
        let added = supposed.keep(note)?;
        let key = sha256(gotong_crypto::note::parse(note)?.text.as_bytes());
        if let Some(paper) = supposed.terms_papers.get_mut(&key) {
            paper.suppose();
        }
        if let Some(paper) = supposed.notice_papers.get_mut(&key) {
            paper.suppose();
        }
        if let Some(paper) = supposed.house_papers.get_mut(&key) {
            paper.suppose();
        }
        supposed.work_out();
        let counts = match &added {
            Added::Agreement(hash) => supposed.agreements.values().any(|agreement| agreement.version(hash).is_some()),
            Added::Notice(hash) => {
                let mut counted =
                    supposed.agreements.values().flat_map(|agreement| agreement.notices.values().flatten());
                counted.any(|(known, _)| known == hash)
            }
            Added::House(hash) => supposed.houses().any(|house| house.agreement.version(hash).is_some()),
            Added::Charter(_) | Added::Statement(_) => false,
        };
        if counts {
            return Ok((supposed, added));
        }
        let why = if matches!(added, Added::Notice(_)) {
            "its agreement is not known here, or its number does not follow the member's last notice"
        } else {
            "it does not follow the newest version, names somebody who is no member, or another version of its number goes before it"
        };
        Err(DocumentFault::Unfit(format!("it would not count even if all had signed: {why}")))
    }
}

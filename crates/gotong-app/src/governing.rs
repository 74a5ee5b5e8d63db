//! Documents of governance: they come in by file or in governance channels, count at once, go on to the peers, and what they decide anew is decided again.
//!
//! Nothing here says what a document means: `gotong-model` works out what counts, `gotong-policy` what it permits. Read next: `governing/documents.rs` (taking in),
//! `governing/travel.rs` (the governance channels), `governing/readers.rs` (who comes anew to a channel),
//! `governing/judgement.rs` (records held, admitted, refused).

mod documents;
pub(crate) mod judgement;
mod readers;
mod travel;

use std::sync::PoisonError;

use crate::node::{Node, NodeFault};

impl Node {
    /// One bounded step of everything that documents bring with them. `true`: there is more to do.
    pub fn govern(&self) -> Result<bool, NodeFault> {
        let read = self.read_documents()?;
        let judged = self.judge_again()?;
        let governance = self.governance();
        let now = (governance.generation(), governance.as_of);
        let mut settled = self.settled.lock().unwrap_or_else(PoisonError::into_inner);
        // Asked at every ring of the bell, while documents come seldom: what follows looks at all of them.
        if *settled == Some(now) {
            return Ok(read || judged);
        }
        let published = self.publish_documents()?;
        let told = self.tell_newcomers()?;
        if !published && !told {
            *settled = Some(now);
        }
        Ok(read || published || told || judged)
    }
}

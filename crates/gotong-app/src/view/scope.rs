//! What one caller may read, asked of the policy once for each channel and remembered for the length of one answer.
//!
//! Logs are looked at when an entry of theirs turns up, never all at once: a node has hundreds of thousands of them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use gotong_model::governance::{Channel, Governance};
use gotong_model::{ChannelId, LogId, Origin};
use gotong_policy::{Question, Reader, ReaderClass};
use gotong_store::{EntryKey, Fault, LogNo, ReadTx};

use crate::caller::Caller;
use crate::node::Node;
use crate::rows::{self, LogRow};

/// A log that the caller may read.
#[derive(Debug)]
pub(crate) struct SeenLog {
    /// Its number here.
    pub(crate) no: LogNo,
    /// Which log.
    pub(crate) id: LogId,
    /// Its name in full.
    pub(crate) origin: Arc<str>,
    /// The channel's handle.
    pub(crate) handle: Arc<str>,
    /// From here on it is not shown.
    pub(crate) stopped: Option<u64>,
}

/// What one caller may read.
pub(crate) struct Scope<'a> {
    pub(crate) node: &'a Node,
    pub(crate) governance: Arc<Governance>,
    caller: &'a Caller,
    handles: RefCell<HashMap<ChannelId, Option<Arc<str>>>>,
    logs: RefCell<HashMap<LogNo, Option<Rc<SeenLog>>>>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(node: &'a Node, caller: &'a Caller) -> Self {
        let governance = node.governance();
        Self { node, governance, caller, handles: RefCell::default(), logs: RefCell::default() }
    }

    /// A channel, if the caller may know of it.
    pub(crate) fn channel(&self, id: &ChannelId) -> Option<Channel<'_>> {
        let reader = Reader { channels: self.caller.channels.as_deref(), class: ReaderClass::Staff };
        let member = &self.node.member;
        let question = Question::View { member, channel: *id, reader, row: None, at: self.node.now() };
        let permitted = self.node.decisions.permits(&self.governance, &question);
        self.governance.channel(id).filter(|_| permitted)
    }

    /// The handle of a channel that the caller may know of.
    fn handle(&self, id: &ChannelId) -> Option<Arc<str>> {
        let known = self.handles.borrow().get(id).cloned();
        known.unwrap_or_else(|| {
            let handle: Option<Arc<str>> = self.channel(id).map(|channel| channel.handle().into());
            self.handles.borrow_mut().insert(*id, handle.clone());
            handle
        })
    }

    /// A log by its number, if the caller may read it.
    pub(crate) fn log(&self, tx: &dyn ReadTx, no: LogNo) -> Result<Option<Rc<SeenLog>>, Fault> {
        if let Some(known) = self.logs.borrow().get(&no) {
            return Ok(known.clone());
        }
        let row = rows::log_by_no(tx, no)?;
        let seen = row.and_then(|row| self.seen(&row)).map(Rc::new);
        self.logs.borrow_mut().insert(no, seen.clone());
        Ok(seen)
    }

    /// A log's row as the caller may see it.
    pub(crate) fn seen(&self, row: &LogRow) -> Option<SeenLog> {
        let handle = self.handle(&row.id.channel)?;
        let origin = row.id.origin(&self.governance.region).to_string().into();
        Some(SeenLog { no: row.no, id: row.id.clone(), origin, handle, stopped: row.stopped })
    }

    /// The log of an entry, if the caller may read it and the log is shown so far.
    pub(crate) fn shown(&self, tx: &dyn ReadTx, entry: EntryKey) -> Result<Option<Rc<SeenLog>>, Fault> {
        let log = self.log(tx, entry.log())?;
        Ok(log.filter(|log| log.stopped.is_none_or(|stopped| entry.index() < stopped)))
    }

    /// A log by its origin, if the caller may read it.
    pub(crate) fn log_of_origin(&self, tx: &dyn ReadTx, origin: &str) -> Result<Option<LogRow>, Fault> {
        let Some(origin) = Origin::from_text(origin).filter(|origin| origin.region == self.governance.region) else {
            return Ok(None);
        };
        // Asked before the store is: what is forbidden costs what is unknown costs.
        if self.handle(&origin.log.channel).is_none() {
            return Ok(None);
        }
        rows::log_by_id(tx, &origin.log)
    }
}

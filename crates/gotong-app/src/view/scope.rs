//! What one caller may read, asked of the policy once for each channel and remembered for the length of one answer.
//!
//! Logs are looked at when an entry of theirs turns up, never all at once: a node has hundreds of thousands of them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use gotong_formats::stix21;
use gotong_model::governance::{Channel, Governance};
use gotong_model::{ChannelId, LogId, Origin, Tlp, record};
use gotong_policy::{Question, Row};
use gotong_store::{EntryKey, Fault, Header, LogNo, ReadTx};

use super::place::Place;
use super::versions::label_of;
use crate::caller::Caller;
use crate::heading::Headings;
use crate::node::Node;
use crate::rows::{self, LogRow};

/// Up to so many logs are looked at one by one.
const FEW: usize = 256;

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
    /// Under what its records are listed.
    pub(crate) headings: Headings,
    /// Whether it is one of an exercise.
    pub(crate) exercise: bool,
    /// From here on it is not shown.
    pub(crate) stopped: Option<u64>,
}

/// What one caller may read.
pub(crate) struct Scope<'a> {
    pub(crate) node: &'a Node,
    pub(crate) governance: Arc<Governance>,
    caller: &'a Caller,
    /// Whether records of exercises are looked for, and those alone; otherwise real ones alone.
    exercise: bool,
    handles: RefCell<HashMap<ChannelId, Option<Arc<str>>>>,
    /// What the policy says of records: it sees no more of one than this.
    rows: RefCell<HashMap<(ChannelId, u16, u8), bool>>,
    logs: RefCell<HashMap<LogNo, Option<Rc<SeenLog>>>>,
}

impl<'a> Scope<'a> {
    /// Everything real that the caller may read.
    pub(crate) fn new(node: &'a Node, caller: &'a Caller) -> Self {
        let governance = node.governance();
        Self {
            node,
            governance,
            caller,
            exercise: false,
            handles: RefCell::default(),
            rows: RefCell::default(),
            logs: RefCell::default(),
        }
    }

    /// The same for a question about one channel: of an exercise's, only what belongs to exercises.
    pub(crate) fn within(node: &'a Node, caller: &'a Caller, channel: &ChannelId) -> Self {
        let mut scope = Self::new(node, caller);
        scope.exercise = scope.governance.channel(channel).is_some_and(|channel| channel.channel_type.exercise);
        scope
    }

    /// Within a channel, or everything real where none is named.
    pub(crate) fn about(node: &'a Node, caller: &'a Caller, channel: Option<&ChannelId>) -> Self {
        channel.map_or_else(|| Self::new(node, caller), |channel| Self::within(node, caller, channel))
    }

    /// A channel, if the caller may know of it.
    pub(crate) fn channel(&self, id: &ChannelId) -> Option<Channel<'_>> {
        self.permits(id, None).then(|| self.governance.channel(id)).flatten()
    }

    fn permits(&self, channel: &ChannelId, row: Option<Row<'_>>) -> bool {
        let Some(reader) = self.caller.reader(&self.governance) else { return false };
        let question =
            Question::View { member: &self.node.member, channel: *channel, reader, row, at: self.node.now() };
        self.node.decisions.permits(&self.governance, &question)
    }

    /// Whether the policy lets this caller see a record in a channel that it may know of.
    pub(crate) fn may_see(
        &self,
        tx: &dyn ReadTx,
        entry: EntryKey,
        log: &SeenLog,
        header: &Header,
    ) -> Result<bool, Fault> {
        let key = (log.id.channel, header.type_code, header.label);
        let Some(name) = stix21::type_name(header.type_code) else {
            // Only the body knows what a custom type is called.
            let content = tx.entry(entry)?.map(|entry| entry.open()).transpose()?.flatten();
            let facts = content.and_then(|content| stix21::read(&content.body).ok());
            return Ok(facts.is_some_and(|facts| self.sees(&log.id.channel, &facts.object_type, label_of(header))));
        };
        if let Some(known) = self.rows.borrow().get(&key) {
            return Ok(*known);
        }
        let sees = self.sees(&log.id.channel, name, label_of(header));
        self.rows.borrow_mut().insert(key, sees);
        Ok(sees)
    }

    /// Whether the policy let this caller see a record that is gone: all that is left of it is its type's number and its label.
    pub(crate) fn may_have_seen(&self, log: &SeenLog, header: &Header) -> bool {
        let name = stix21::type_name(header.type_code).unwrap_or("custom");
        self.sees(&log.id.channel, name, label_of(header))
    }

    fn sees(&self, channel: &ChannelId, object_type: &str, label: Tlp) -> bool {
        let kind = format!("{}.{object_type}", record::STIX.slug);
        self.permits(channel, Some(Row { kind: &kind, tlp: Some(label) }))
    }

    /// The channels that this caller is shown, where they are few enough to be named: a constituent's, or those that its token is limited to.
    fn few_channels(&self) -> Option<Vec<ChannelId>> {
        let mut channels: Vec<ChannelId> = match (&self.caller.channels, &self.caller.constituent) {
            (Some(channels), _) => channels.clone(),
            (None, Some(code)) => {
                let own = self.governance.channels_of(code).into_iter();
                own.chain(self.governance.channels()).map(|channel| channel.id).collect()
            }
            (None, None) => return None,
        };
        channels.retain(|channel| self.channel(channel).is_some());
        Some(channels)
    }

    /// The channels that this caller may know of, the organisations' own only where they are its own.
    pub(crate) fn channels(&self) -> Vec<Channel<'_>> {
        match self.few_channels() {
            Some(few) => few.iter().filter_map(|channel| self.governance.channel(channel)).collect(),
            None => self.governance.channels().filter(|channel| self.channel(&channel.id).is_some()).collect(),
        }
    }

    /// The headings under which everything stands that this caller may see, of one channel or of all.
    pub(crate) fn headings(&self, channel: Option<ChannelId>) -> Vec<ChannelId> {
        let mut headings = match (channel, self.few_channels()) {
            (Some(channel), _) => vec![channel],
            (None, Some(few)) => few,
            (None, None) => {
                let shown = self.channels().into_iter();
                let shown = shown.filter(|channel| channel.channel_type.exercise == self.exercise);
                shown.map(|channel| channel.scope).chain(self.governance.own_scopes()).collect()
            }
        };
        headings.sort_unstable();
        headings.dedup();
        headings
    }

    /// The logs of this caller's channels, where those are few; `None` where it is better to look at everything.
    pub(crate) fn few_logs(&self, tx: &dyn ReadTx, channel: Option<ChannelId>) -> Result<Option<Vec<LogRow>>, Fault> {
        let channels = match channel {
            Some(channel) => Some(vec![channel]),
            None => self.few_channels(),
        };
        let Some(channels) = channels.filter(|channels| channels.len() <= FEW) else { return Ok(None) };
        let mut logs = Vec::new();
        for channel in channels {
            logs.extend(rows::logs_in(tx, &channel)?);
            if logs.len() > FEW {
                return Ok(None);
            }
        }
        Ok(Some(logs))
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
        // INVARIANT: 6. What is shown together is all real or all of exercises.
        let seen = row.and_then(|row| self.seen(&row)).filter(|log| log.exercise == self.exercise).map(Rc::new);
        self.logs.borrow_mut().insert(no, seen.clone());
        Ok(seen)
    }

    /// A log's row as the caller may see it.
    pub(crate) fn seen(&self, row: &LogRow) -> Option<SeenLog> {
        let handle = self.handle(&row.id.channel)?;
        let exercise = self.governance.channel(&row.id.channel)?.channel_type.exercise;
        let origin = row.id.origin(&self.governance.region).to_string().into();
        Some(SeenLog {
            no: row.no,
            id: row.id.clone(),
            origin,
            handle,
            headings: row.headings(),
            exercise,
            stopped: row.stopped,
        })
    }

    /// The log of an entry, if the log is shown so far and the caller may see the entry.
    pub(crate) fn shown(
        &self,
        tx: &dyn ReadTx,
        entry: EntryKey,
        header: &Header,
    ) -> Result<Option<Rc<SeenLog>>, Fault> {
        let log = self.log(tx, entry.log())?;
        let Some(log) = log.filter(|log| log.stopped.is_none_or(|stopped| entry.index() < stopped)) else {
            return Ok(None);
        };
        Ok(self.may_see(tx, entry, &log, header)?.then_some(log))
    }

    /// Whether the caller is of the member itself, and so reads its channels whole.
    pub(crate) fn is_staff(&self) -> bool {
        self.caller.is_staff()
    }

    /// Where an entry stands, as this caller is told it.
    pub(crate) fn place(&self, log: &SeenLog, entry: EntryKey) -> Place {
        Place::told(self.node, self.caller, &log.origin, entry.index())
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

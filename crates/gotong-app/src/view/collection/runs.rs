//! The order of addition in one channel: the arrivals of its logs and what was added anew, merged by time. Each log is read ahead by a few rows, so what a page
//! costs does not depend on how much stands before it.
//!
//! Must not hand out what is not released yet, nor anything behind it: it would be passed over for good. Read next: `added.rs`.

use std::collections::VecDeque;
use std::rc::Rc;

use gotong_model::ChannelId;
use gotong_store::{Fault, ReadTx};

use crate::added;
use crate::rows::{self, Arrival, LogRow};
use crate::view::scope::{Scope, SeenLog};

/// Arrivals of a log read at a time.
const AHEAD: usize = 64;

/// Entries that follow each other.
pub(super) enum Run {
    /// Of one arrival, each at a moment of its own.
    Arrived(Arrival),
    /// One that was added anew.
    Again {
        /// When.
        at: i64,
        /// Its index.
        index: u64,
    },
}

/// One log of the channel.
struct Stream {
    log: Rc<SeenLog>,
    size: u64,
    /// The first index of the next arrival.
    index: u64,
    arrivals: VecDeque<Arrival>,
    again_after: i64,
    again_is_done: bool,
    again: VecDeque<(i64, u64)>,
}

impl Stream {
    fn fill(&mut self, tx: &dyn ReadTx) -> Result<(), Fault> {
        if self.arrivals.is_empty() && self.index < self.size {
            self.arrivals.extend(rows::arrivals_from(tx, self.log.no, self.index, AHEAD)?);
            if self.arrivals.is_empty() {
                self.index = self.size;
            }
        }
        if self.again.is_empty() && !self.again_is_done {
            let found = added::again_after(tx, self.log.no, self.again_after, AHEAD)?;
            self.again_is_done = found.len() < AHEAD;
            self.again_after = found.last().map_or(self.again_after, |(at, _)| *at);
            self.again.extend(found);
        }
        Ok(())
    }

    /// When its next entries were added, and whether that is one that was added anew.
    fn front(&self) -> Option<(i64, bool)> {
        // No time of what was added anew lies within an arrival's own.
        let arrived = self.arrivals.front().map(|arrival| (arrival.at.micros(), false));
        let again = self.again.front().map(|(at, _)| (*at, true));
        match (arrived, again) {
            (Some(arrived), Some(again)) => Some(arrived.min(again)),
            (one, other) => one.or(other),
        }
    }

    fn take(&mut self, is_again: bool) -> Option<Run> {
        if is_again {
            return self.again.pop_front().map(|(at, index)| Run::Again { at, index });
        }
        let arrival = self.arrivals.pop_front()?;
        self.index = arrival.first + arrival.count;
        Some(Run::Arrived(arrival))
    }
}

/// The streams of all logs of a channel.
pub(super) struct Runs {
    streams: Vec<Stream>,
    ceiling: i64,
}

impl Runs {
    /// Begins behind a time, of what is released.
    pub(super) fn after(
        scope: &Scope<'_>,
        tx: &dyn ReadTx,
        channel: &ChannelId,
        (after, released): (i64, u64),
    ) -> Result<Self, Fault> {
        let mut ceiling = i64::MAX;
        let mut streams = Vec::new();
        for row in rows::logs_in(tx, channel)? {
            let Some(log) = scope.log(tx, row.no)? else { continue };
            if let Some(arrival) = rows::arrivals_of(tx, &row, released, 1)?.first() {
                ceiling = ceiling.min(arrival.at.micros());
            }
            streams.push(Stream::after(tx, log, &row, after)?);
        }
        Ok(Self { streams, ceiling })
    }

    /// From this time on nothing may be handed out yet.
    pub(super) fn ceiling(&self) -> i64 {
        self.ceiling
    }

    /// The next entries.
    pub(super) fn next(&mut self, tx: &dyn ReadTx) -> Result<Option<(Rc<SeenLog>, Run)>, Fault> {
        for stream in &mut self.streams {
            stream.fill(tx)?;
        }
        let fronts = self.streams.iter_mut().filter_map(|stream| stream.front().map(|front| (front, stream)));
        let Some(((at, is_again), stream)) = fronts.min_by_key(|(front, _)| *front) else { return Ok(None) };
        if at >= self.ceiling {
            return Ok(None);
        }
        let log = Rc::clone(&stream.log);
        Ok(stream.take(is_again).map(|run| (log, run)))
    }
}

impl Stream {
    fn after(tx: &dyn ReadTx, log: Rc<SeenLog>, row: &LogRow, after: i64) -> Result<Self, Fault> {
        let index = rows::first_not_before(tx, row, after)?;
        let (arrivals, again) = (VecDeque::new(), VecDeque::new());
        Ok(Self { log, size: row.size(), index, arrivals, again_after: after, again_is_done: false, again })
    }
}

//! What came to this store last comes first: arrivals backwards, and of each its entries from the last to the first. A page begins at its place, however
//! much lies before it; what arrives meanwhile stands before the first page and is on none of the later ones.

use gotong_store::{EntryKey, ReadTx, State};

use super::{ENTRIES_CHUNK, Paging};
use crate::node::NodeFault;
use crate::rows::{self, Arrival, LogRow};
use crate::view::scope::SeenLog;

/// Arrivals passed over before the snapshot is renewed.
const SNAPSHOT: usize = 20_000;

/// A place in the order: of the arrival at a position the entries below an offset are still to come, and all arrivals before it.
#[derive(Clone, Copy)]
struct Place {
    position: u64,
    below: u64,
}

impl Place {
    fn encode(self) -> u128 {
        (u128::from(self.position) << 64) | u128::from(self.below)
    }

    fn decode(value: u128) -> Self {
        let low = value & u128::from(u64::MAX);
        Self { position: u64::try_from(value >> 64).unwrap_or(u64::MAX), below: u64::try_from(low).unwrap_or(u64::MAX) }
    }
}

/// Arrivals backwards: of every log together, or of each of few logs.
struct Backwards {
    fronts: Vec<Arrival>,
    is_of_all: bool,
}

impl Backwards {
    /// From the newest that does not lie behind a position.
    fn from(tx: &dyn ReadTx, few: Option<&[LogRow]>, position: u64) -> Result<Self, NodeFault> {
        let mut fronts = Vec::new();
        match few {
            None => fronts.extend(rows::arrival_at(tx, position)?),
            Some(logs) => {
                for row in logs {
                    fronts.extend(rows::newest_arrival_until(tx, row, position)?);
                }
            }
        }
        Ok(Self { fronts, is_of_all: few.is_none() })
    }

    fn next(&mut self, tx: &dyn ReadTx) -> Result<Option<Arrival>, NodeFault> {
        let newest = self.fronts.iter().enumerate().max_by_key(|(_, arrival)| arrival.position);
        let Some((at, arrival)) = newest.map(|(at, arrival)| (at, *arrival)) else { return Ok(None) };
        let before = match (self.is_of_all, arrival.first.checked_sub(1)) {
            (true, _) => rows::arrival_at(tx, arrival.position - 1)?,
            (false, Some(last)) => rows::arrival_of(tx, arrival.log, last)?,
            (false, None) => None,
        };
        match (before, self.fronts.get_mut(at)) {
            (Some(before), Some(front)) => *front = before,
            _ => _ = self.fronts.swap_remove(at),
        }
        Ok(Some(arrival))
    }
}

impl Paging<'_, '_> {
    /// By arrival, newest first. Where the page ended.
    pub(super) fn by_newest(&mut self, after: Option<u128>, released: u64) -> Result<Option<u128>, NodeFault> {
        let mut place = after.map_or(Place { position: released, below: u64::MAX }, Place::decode);
        let few = {
            let tx = self.scope.node.store.read()?;
            self.scope.few_logs(tx.as_ref(), self.query.channel)?
        };
        loop {
            let tx = self.scope.node.store.read()?;
            let tx = tx.as_ref();
            let mut backwards = Backwards::from(tx, few.as_deref(), place.position)?;
            for _ in 0..SNAPSHOT {
                let Some(arrival) = backwards.next(tx)? else { return Ok(None) };
                // A place within an arrival counts for that very one: of another that comes first by now nothing was shown.
                let below = if arrival.position == place.position { place.below } else { u64::MAX };
                place = Place { position: arrival.position, below: below.min(arrival.count) };
                if let Some(log) = self.scope.log(tx, arrival.log)? {
                    if self.wants_log(&log) {
                        if !self.of_arrival_backwards(tx, &log, &arrival, &mut place.below)? {
                            return Ok(Some(place.encode()));
                        }
                    } else if self.scope.is_staff() {
                        if self.is_full() {
                            return Ok(Some(place.encode()));
                        }
                        self.budget -= 1;
                    }
                }
                place = Place { position: arrival.position.saturating_sub(1), below: u64::MAX };
            }
        }
    }

    /// The entries of one arrival below an offset, from the last. `false`: the page is full before the next that could be on it.
    fn of_arrival_backwards(
        &mut self,
        tx: &dyn ReadTx,
        log: &SeenLog,
        arrival: &Arrival,
        below: &mut u64,
    ) -> Result<bool, NodeFault> {
        while *below > 0 {
            let offsets = below.saturating_sub(ENTRIES_CHUNK)..*below;
            let keys: Vec<EntryKey> =
                offsets.rev().map(|offset| EntryKey::new(arrival.log, arrival.first + offset)).collect();
            for (key, header) in keys.iter().zip(tx.headers(&keys)?) {
                let is_shown = |header: &gotong_store::Header| {
                    header.state == State::Live && log.stopped.is_none_or(|stopped| key.index() < stopped)
                };
                // INVARIANT: 1. What is hidden, or gone, is passed over before anything is counted: it must not shorten a page.
                if let Some(header) = header.filter(is_shown)
                    && self.scope.may_see(tx, *key, log, &header)?
                {
                    if self.is_full() {
                        return Ok(false);
                    }
                    self.budget -= 1;
                    if self.wants(&header)
                        && let Some(content) = tx.entry(*key)?.map(|entry| entry.open()).transpose()?.flatten()
                    {
                        self.take(tx, (*key, log), &header, content)?;
                    }
                }
                *below -= 1;
            }
        }
        Ok(true)
    }
}

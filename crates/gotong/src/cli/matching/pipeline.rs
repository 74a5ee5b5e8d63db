//! One thread that reads, some that scan, and whoever asks for what they found, in the order of the files. All queues are short: whoever is fast waits.
//!
//! A part that cannot be searched is told like a file that cannot be read: what is not searched must not look clean.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use gotong_formats::scan::{Hit, Scanner, ValueSet};
use indicatif::ProgressBar;

use super::source::{Block, Source};

/// Blocks between the reader and a scanner, and results before they are asked for.
const WAITING: usize = 4;
const SCANNERS_MAX: usize = 16;
/// Blocks that are under way at once, those that were scanned before their turn among them.
const UNDER_WAY_MAX: usize = 48;

/// What was found, in order.
pub(super) enum Event {
    /// In a part of a file; lines are counted from 0 in it.
    Block { file: usize, hits: Vec<Hit>, lines: u64 },
    /// A part of a file was not searched.
    Failed { file: usize, lines: u64 },
    /// A file is done with; why early, if it is.
    End { file: usize, fault: Option<String> },
}

enum Work {
    Block(usize, Block),
    End(usize, Option<String>),
}

/// Threads under way.
pub(super) struct Pipeline {
    results: Receiver<(u64, Event)>,
    /// One place for each block under way; taking one out lets the reader go on.
    places: Receiver<()>,
    /// What came before its turn; no more than there are blocks under way.
    early: BTreeMap<u64, Event>,
    next: u64,
    files: usize,
    ended: usize,
}

impl Pipeline {
    /// Starts to read and to scan.
    pub(super) fn start(sources: Arc<Vec<Source>>, set: &Arc<ValueSet>, is_defanged: bool, bar: ProgressBar) -> Self {
        let files = sources.len();
        let (work_in, work) = sync_channel(WAITING);
        let (results_in, results) = sync_channel(WAITING);
        let (used_in, used) = channel();
        let (place, places) = sync_channel(UNDER_WAY_MAX);
        let work = Arc::new(Mutex::new(work));
        // Reading and unpacking take a thread, which is often faster than those that scan.
        let scanners = std::thread::available_parallelism().map_or(2, std::num::NonZero::get).clamp(1, SCANNERS_MAX);
        for _ in 0..scanners {
            let (work, results, used, set) = (Arc::clone(&work), results_in.clone(), used_in.clone(), Arc::clone(set));
            std::thread::spawn(move || scan(&work, &results, &used, &set, is_defanged));
        }
        std::thread::spawn(move || read(&sources, &work_in, &place, &used, &bar));
        Self { results, places, early: BTreeMap::new(), next: 0, files, ended: 0 }
    }

    /// What comes next; `None` once all files are done with.
    pub(super) fn next(&mut self) -> Option<Event> {
        while self.ended < self.files {
            if let Some(event) = self.early.remove(&self.next) {
                self.next += 1;
                let _ = self.places.try_recv();
                self.ended += usize::from(matches!(event, Event::End { .. }));
                return Some(event);
            }
            if let Ok((number, event)) = self.results.recv() {
                self.early.insert(number, event);
            } else {
                // The threads have ended before their time.
                let file = self.ended;
                self.ended = self.files;
                let fault = Some("the search broke off here; please report it".to_owned());
                return Some(Event::End { file, fault });
            }
        }
        None
    }

    /// Whether the next event is there already.
    pub(super) fn has_more(&mut self) -> bool {
        while !self.early.contains_key(&self.next) {
            match self.results.try_recv() {
                Ok((number, event)) => self.early.insert(number, event),
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => return false,
            };
        }
        true
    }
}

fn read(
    sources: &[Source],
    work: &SyncSender<(u64, Work)>,
    place: &SyncSender<()>,
    used: &Receiver<Vec<u8>>,
    bar: &ProgressBar,
) {
    let mut number = 0;
    let mut send = |piece: Work| {
        number += 1;
        place.send(()).is_ok() && work.send((number - 1, piece)).is_ok()
    };
    for (file, source) in sources.iter().enumerate() {
        bar.set_message(source.name.clone());
        let fault = match source.open(bar) {
            Err(fault) => Some(format!("could not be opened: {fault}")),
            Ok(mut blocks) => loop {
                match blocks.next(used.try_recv().unwrap_or_default()) {
                    Ok(Some(block)) => {
                        if !send(Work::Block(file, block)) {
                            return;
                        }
                    }
                    Ok(None) => break None,
                    Err(fault) => break Some(format!("could not be read to its end: {fault}")),
                }
            },
        };
        if !send(Work::End(file, fault)) {
            return;
        }
    }
}

fn scan(
    work: &Mutex<Receiver<(u64, Work)>>,
    results: &SyncSender<(u64, Event)>,
    used: &Sender<Vec<u8>>,
    set: &ValueSet,
    is_defanged: bool,
) {
    let scanner = Scanner::new(set, is_defanged);
    loop {
        // Whoever waits for work holds the queue; the others wait for it.
        let received = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, piece)) = received else { return };
        let event = match piece {
            Work::End(file, fault) => Event::End { file, fault },
            Work::Block(file, Block { bytes, until }) => {
                let lines = gotong_formats::scan::lines(bytes.get(..until).unwrap_or_default());
                // A mistake of ours in one block must not keep the others waiting for it.
                let scanned = catch_unwind(AssertUnwindSafe(|| scanner.scan(&bytes, until)));
                // The reader may have ended.
                let _ = used.send(bytes);
                match scanned {
                    Ok(hits) => Event::Block { file, hits, lines },
                    Err(_) => Event::Failed { file, lines },
                }
            }
        };
        if results.send((number, event)).is_err() {
            return;
        }
    }
}

//! The positive control: stores with one defect each, and the case of the suite that must notice it.

#![allow(clippy::wildcard_enum_match_arm, reason = "each method looks for its own flaws and passes the others by")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use gotong_crypto::{Digest, SeededEntropy};
use gotong_store::conformance::{CASES, Harness, Home, failure};
use gotong_store::{
    Book, EntryKey, Fault, Header, Index, LogNo, MemoryStore, NewEntry, Packed, PostingRange, ReadTx, State, Store,
    StoredEntry, WriteTx,
};

/// What is wrong with a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Flaw {
    Nothing,
    CommitsWhatIsDropped,
    LosesCommits,
    LosesAllOnReopening,
    ShowsWhatIsNotCommitted,
    HidesOwnWrites,
    SnapshotsMove,
    OneBookComesLate,
    IncarnationIsFixed,
    FindsFaultWithItself,
    UpkeepNeverEnds,
    UpkeepBringsBackWhatWasUnposted,
    DeleteForgets,
    ScanIncludesUntil,
    ScanTakesEmptyUntilAtItsWord,
    ScanIgnoresLimit,
    LastIgnoresFrom,
    LastIncludesUntil,
    BooksLeak,
    AppendReplaces,
    AppendFailsHalfway,
    EntriesRunIntoTheNextLog,
    EntriesWrapAround,
    EntriesIgnoreBytes,
    EntriesStopBeforeTheLimit,
    EntriesIgnoreCount,
    EntriesBringContentUnasked,
    FlagsAreSigned,
    HeadersLeaveOutWhatIsAbsent,
    HeadersComeSorted,
    HeaderTakesContentAway,
    FillReplaces,
    EraseKeepsContent,
    EraseKeepsFacts,
    EraseLeavesBytes,
    AbsentEntriesAppear,
    NodesIgnoreHeight,
    IndexKeysHaveNoSecret,
    PostingsIncludeAfter,
    PostingsIgnoreLimit,
    PostingsCountTwice,
    EachForgetsItsLast,
    PostingsMixIndexes,
    MayHaveForgets,
    RangeIsSigned,
    RangeIgnoresDirection,
    RangeIncludesAfter,
    RangeExcludesItsEnd,
    RangeIgnoresLimit,
    UnpostForgets,
    UnpostForgetsTheLastOfMany,
    UnpostTakesAllUnderTheKey,
    ClearForgets,
    ClearTakesEveryIndex,
    LargeBatchesLoseTheLast,
}

/// Each flaw, and a case that must fail because of it.
const CAUGHT: &[(Flaw, &str)] = &[
    (Flaw::CommitsWhatIsDropped, "a dropped transaction leaves nothing"),
    (Flaw::LosesCommits, "writers take turns and lose nothing"),
    (Flaw::LosesAllOnReopening, "what is committed is there after reopening"),
    (Flaw::ShowsWhatIsNotCommitted, "own writes show inside at once and outside from commit on"),
    (Flaw::HidesOwnWrites, "own writes show inside at once and outside from commit on"),
    (Flaw::SnapshotsMove, "a snapshot stays as it was while a writer commits"),
    (Flaw::OneBookComesLate, "readers never see half a commit"),
    (Flaw::IncarnationIsFixed, "a fresh store is empty, sound, and itself"),
    (Flaw::FindsFaultWithItself, "a fresh store is empty, sound, and itself"),
    (Flaw::UpkeepNeverEnds, "a fresh store is empty, sound, and itself"),
    (Flaw::UpkeepBringsBackWhatWasUnposted, "what is unposted is gone"),
    (Flaw::UpkeepBringsBackWhatWasUnposted, "removing from large batches holds through upkeep"),
    (Flaw::UpkeepBringsBackWhatWasUnposted, "upkeep beside a writer loses nothing"),
    (Flaw::DeleteForgets, "values of books are kept as they were put"),
    (Flaw::ScanIncludesUntil, "a scan keeps to its bounds"),
    (Flaw::ScanTakesEmptyUntilAtItsWord, "a scan keeps to its bounds"),
    (Flaw::ScanIgnoresLimit, "a scan keeps to its bounds"),
    (Flaw::ScanIgnoresLimit, "a random history agrees with the model"),
    (Flaw::LastIgnoresFrom, "the last pair is within its bounds"),
    (Flaw::LastIncludesUntil, "the last pair is within its bounds"),
    (Flaw::BooksLeak, "books do not leak into one another"),
    (Flaw::AppendReplaces, "adding an entry that exists fails and leaves nothing"),
    (Flaw::AppendFailsHalfway, "an append that fails adds none of its entries"),
    (Flaw::EntriesRunIntoTheNextLog, "entries stay in their log"),
    (Flaw::EntriesWrapAround, "entries stay in their log"),
    (Flaw::EntriesIgnoreBytes, "entries stop at count and bytes"),
    (Flaw::EntriesStopBeforeTheLimit, "entries stop at count and bytes"),
    (Flaw::EntriesIgnoreCount, "entries stop at count and bytes"),
    (Flaw::EntriesBringContentUnasked, "entries stop at count and bytes"),
    (Flaw::FlagsAreSigned, "entries are read back as they were added"),
    (Flaw::HeadersLeaveOutWhatIsAbsent, "headers come in the order asked"),
    (Flaw::HeadersComeSorted, "headers come in the order asked"),
    (Flaw::HeaderTakesContentAway, "a new header changes nothing else"),
    (Flaw::FillReplaces, "filling brings content once"),
    (Flaw::EraseKeepsContent, "erasing leaves flags, commitment and a bare header"),
    (Flaw::EraseKeepsFacts, "erasing leaves flags, commitment and a bare header"),
    (Flaw::EraseLeavesBytes, "erased bytes are gone from everywhere"),
    (Flaw::AbsentEntriesAppear, "changing an entry that is absent fails and makes none"),
    (Flaw::NodesIgnoreHeight, "hashes of trees are kept apart"),
    (Flaw::IndexKeysHaveNoSecret, "index keys are the store's own"),
    (Flaw::PostingsIncludeAfter, "postings ascend after a given one up to a limit"),
    (Flaw::PostingsIgnoreLimit, "postings ascend after a given one up to a limit"),
    (Flaw::EachForgetsItsLast, "large batches, single postings and upkeep add up"),
    (Flaw::PostingsCountTwice, "a posting posted twice counts once"),
    (Flaw::PostingsMixIndexes, "indexes and keys are kept apart"),
    (Flaw::MayHaveForgets, "indexes and keys are kept apart"),
    (Flaw::MayHaveForgets, "large batches, single postings and upkeep add up"),
    (Flaw::RangeIsSigned, "ranges of postings keep to their bounds both ways"),
    (Flaw::RangeIsSigned, "large batches, single postings and upkeep add up"),
    (Flaw::RangeIgnoresDirection, "ranges of postings keep to their bounds both ways"),
    (Flaw::RangeIncludesAfter, "ranges of postings keep to their bounds both ways"),
    (Flaw::RangeExcludesItsEnd, "ranges of postings keep to their bounds both ways"),
    (Flaw::RangeIgnoresLimit, "ranges of postings keep to their bounds both ways"),
    (Flaw::RangeIgnoresLimit, "a random history agrees with the model"),
    (Flaw::UnpostForgets, "what is unposted is gone"),
    (Flaw::UnpostForgets, "removing from large batches holds through upkeep"),
    (Flaw::UnpostForgets, "a snapshot stays as it was while a writer commits"),
    (Flaw::UnpostForgetsTheLastOfMany, "what is unposted is gone"),
    (Flaw::UnpostTakesAllUnderTheKey, "what is unposted is gone"),
    (Flaw::ClearForgets, "clearing an index removes all of it and nothing else"),
    (Flaw::ClearForgets, "a random history agrees with the model"),
    (Flaw::ClearTakesEveryIndex, "clearing an index removes all of it and nothing else"),
    (Flaw::LargeBatchesLoseTheLast, "large batches, single postings and upkeep add up"),
    (Flaw::LargeBatchesLoseTheLast, "a snapshot stays as it was through upkeep"),
];

#[test]
fn every_flaw_is_caught_by_the_case_that_looks_for_it() {
    let missed: Vec<_> = CAUGHT
        .iter()
        .filter(|(flaw, name)| {
            let case = CASES.iter().find(|case| case.0 == *name).unwrap_or_else(|| panic!("no case {name:?}"));
            failure(&Harness { make: &|seed| Box::new(Flawed::new(*flaw, seed)) }, case).is_none()
        })
        .collect();
    assert!(missed.is_empty(), "not caught:\n{missed:#?}");
}

#[test]
fn every_case_catches_some_flaw() {
    let catching: BTreeSet<_> = CAUGHT.iter().map(|(_, name)| *name).collect();
    let idle: Vec<_> = CASES.iter().map(|case| case.0).filter(|name| !catching.contains(name)).collect();
    assert!(idle.is_empty(), "{idle:#?}");
}

#[test]
fn the_wrapper_alone_is_no_flaw() {
    super::assert_conforms(&|seed| Box::new(Flawed::new(Flaw::Nothing, seed)));
}

/// What was put: book, key and value.
type Put = (Book, Vec<u8>, Vec<u8>);

/// A store in memory with a flaw.
struct Flawed {
    inner: MemoryStore,
    seed: u64,
    flaw: Flaw,
    /// Values put and not yet committed.
    pending: Mutex<Vec<Put>>,
    /// A pair that comes with the next.
    late: Mutex<Option<(Vec<u8>, Vec<u8>)>>,
    posted: Mutex<BTreeMap<(Index, u64, EntryKey), usize>>,
    unposted: Mutex<Vec<(Index, u64, EntryKey)>>,
    erased: Mutex<Vec<u8>>,
    commits: Mutex<usize>,
}

impl Flawed {
    fn new(flaw: Flaw, seed: u64) -> Self {
        let inner = MemoryStore::new(&SeededEntropy::new(seed));
        Self {
            inner,
            seed,
            flaw,
            pending: Mutex::default(),
            late: Mutex::default(),
            posted: Mutex::default(),
            unposted: Mutex::default(),
            erased: Mutex::default(),
            commits: Mutex::default(),
        }
    }
}

impl Home for Flawed {
    fn store(&self) -> &dyn Store {
        self
    }

    fn reopen(&mut self) -> bool {
        if self.flaw == Flaw::LosesAllOnReopening {
            self.inner = MemoryStore::new(&SeededEntropy::new(self.seed));
        }
        true
    }

    fn contains_bytes(&self, needle: &[u8]) -> Option<bool> {
        let left = self.erased.lock().unwrap().windows(needle.len()).any(|window| window == needle);
        Some(left || self.inner.contains_bytes(needle))
    }
}

impl Store for Flawed {
    fn read(&self) -> Result<Box<dyn ReadTx + '_>, Fault> {
        Ok(Box::new(FlawedTx { inner: Some(self.inner.read()?), store: self, writes: false, on_drop: None }))
    }

    fn write(&self) -> Result<Box<dyn WriteTx + '_>, Fault> {
        let inner = Some(self.inner.write()?);
        let commit: fn(Box<dyn WriteTx + '_>) = |tx| tx.commit().unwrap();
        let on_drop = (self.flaw == Flaw::CommitsWhatIsDropped).then_some(commit);
        Ok(Box::new(FlawedTx { inner, store: self, writes: true, on_drop }))
    }

    fn incarnation(&self) -> [u8; 16] {
        if self.flaw == Flaw::IncarnationIsFixed { [1; 16] } else { self.inner.incarnation() }
    }

    fn maintain(&self) -> Result<bool, Fault> {
        if self.flaw == Flaw::UpkeepBringsBackWhatWasUnposted {
            let mut tx = self.inner.write()?;
            for (index, key, entry) in self.unposted.lock().unwrap().drain(..) {
                tx.post(index, &[(key, entry)])?;
            }
            tx.commit()?;
        }
        Ok(self.flaw == Flaw::UpkeepNeverEnds)
    }

    fn finish_erasure(&self) -> Result<(), Fault> {
        self.inner.finish_erasure()
    }

    fn check(&self) -> Result<Vec<String>, Fault> {
        let finding = (self.flaw == Flaw::FindsFaultWithItself).then(|| "a page is torn".to_owned());
        Ok(self.inner.check()?.into_iter().chain(finding).collect())
    }

    fn bytes_on_disk(&self) -> u64 {
        self.inner.bytes_on_disk()
    }
}

struct FlawedTx<'a, T: ReadTx + ?Sized> {
    /// There until committed or dropped.
    inner: Option<Box<T>>,
    store: &'a Flawed,
    writes: bool,
    on_drop: Option<fn(Box<T>)>,
}

impl<T: ReadTx + ?Sized> FlawedTx<'_, T> {
    fn inner(&self) -> &T {
        self.inner.as_deref().unwrap()
    }

    fn inner_mut(&mut self) -> &mut T {
        self.inner.as_deref_mut().unwrap()
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.store.flaw == flaw
    }
}

impl<T: ReadTx + ?Sized> Drop for FlawedTx<'_, T> {
    fn drop(&mut self) {
        if self.writes {
            self.store.pending.lock().unwrap().clear();
        }
        if let (Some(inner), Some(on_drop)) = (self.inner.take(), self.on_drop) {
            on_drop(inner);
        }
    }
}

impl<T: ReadTx + ?Sized> ReadTx for FlawedTx<'_, T> {
    fn fetch(&self, book: Book, key: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
        let found = self.inner().fetch(book, key)?;
        match self.store.flaw {
            Flaw::SnapshotsMove if !self.writes => self.store.inner.read()?.fetch(book, key),
            Flaw::BooksLeak if found.is_none() && book == Book::Log => self.inner().fetch(Book::LogName, key),
            _ => Ok(found),
        }
    }

    fn scan(&self, book: Book, from: &[u8], until: &[u8], limit: usize) -> Result<Vec<(Vec<u8>, Vec<u8>)>, Fault> {
        let mut found = self.inner().scan(book, from, until, limit)?;
        match self.store.flaw {
            Flaw::SnapshotsMove if !self.writes => found = self.store.inner.read()?.scan(book, from, until, limit)?,
            Flaw::HidesOwnWrites if self.writes => found = self.store.inner.read()?.scan(book, from, until, limit)?,
            Flaw::ShowsWhatIsNotCommitted if !self.writes => {
                let pending = self.store.pending.lock().unwrap();
                found.extend(pending.iter().filter(|put| put.0 == book).map(|put| (put.1.clone(), put.2.clone())));
            }
            Flaw::ScanIncludesUntil if found.len() < limit && from <= until => {
                found.extend(self.inner().fetch(book, until)?.map(|value| (until.to_vec(), value)));
            }
            Flaw::ScanTakesEmptyUntilAtItsWord if until.is_empty() => found.clear(),
            Flaw::ScanIgnoresLimit => found = self.inner().scan(book, from, until, usize::MAX)?,
            _ => {}
        }
        Ok(found)
    }

    fn last(&self, book: Book, from: &[u8], until: &[u8]) -> Result<Option<(Vec<u8>, Vec<u8>)>, Fault> {
        match self.store.flaw {
            Flaw::LastIgnoresFrom => self.inner().last(book, b"", until),
            Flaw::LastIncludesUntil if !until.is_empty() => self.inner().last(book, from, &[until, b"\0"].concat()),
            _ => self.inner().last(book, from, until),
        }
    }

    fn entry(&self, key: EntryKey) -> Result<Option<StoredEntry>, Fault> {
        let mut found = self.inner().entry(key)?;
        if let (Flaw::FlagsAreSigned, Some(entry)) = (self.store.flaw, &mut found) {
            entry.flags = entry.flags.min(127);
        }
        Ok(found)
    }

    fn entries(
        &self,
        log: LogNo,
        first: u64,
        count: usize,
        bytes_max: usize,
        with_content: bool,
    ) -> Result<Vec<StoredEntry>, Fault> {
        let all = |count, bytes_max, with| self.inner().entries(log, first, count, bytes_max, with);
        let mut found = all(count, bytes_max, with_content)?;
        match self.store.flaw {
            Flaw::EntriesRunIntoTheNextLog if found.len() < count => {
                found.extend(self.inner().entries(LogNo(log.0 + 1), 0, 1, bytes_max, with_content)?);
            }
            Flaw::EntriesWrapAround => {
                let first = EntryKey::new(log, first).index();
                found = self.inner().entries(log, first, count, bytes_max, with_content)?;
            }
            Flaw::EntriesIgnoreBytes => found = all(count, usize::MAX, with_content)?,
            Flaw::EntriesIgnoreCount => found = all(usize::MAX, bytes_max, with_content)?,
            Flaw::EntriesBringContentUnasked => found = all(count, bytes_max, true)?,
            Flaw::EntriesStopBeforeTheLimit => {
                let length = |entry: &StoredEntry| entry.content.as_ref().map_or(0, |content| content.0.len());
                if found.iter().map(length).sum::<usize>() > bytes_max {
                    found.pop();
                }
            }
            _ => {}
        }
        Ok(found)
    }

    fn headers(&self, keys: &[EntryKey]) -> Result<Vec<Option<Header>>, Fault> {
        let mut keys = keys.to_vec();
        if self.has(Flaw::HeadersComeSorted) {
            keys.sort_unstable();
        }
        let mut found = self.inner().headers(&keys)?;
        if self.has(Flaw::HeadersLeaveOutWhatIsAbsent) {
            found.retain(Option::is_some);
        }
        Ok(found)
    }

    fn node(&self, log: LogNo, height: u8, index: u64) -> Result<Option<Digest>, Fault> {
        let found = self.inner().node(log, height, index)?;
        if self.has(Flaw::NodesIgnoreHeight) && found.is_none() {
            return self.inner().node(log, height - 1, index);
        }
        Ok(found)
    }

    fn index_key(&self, index: Index, text: &[u8]) -> u64 {
        if self.has(Flaw::IndexKeysHaveNoSecret) {
            return text.iter().fold(1, |hash: u64, byte| hash.wrapping_mul(0x0100_0000_01b3) ^ u64::from(*byte));
        }
        self.inner().index_key(index, text)
    }

    fn postings(&self, index: Index, key: u64, after: Option<EntryKey>, limit: usize) -> Result<Vec<EntryKey>, Fault> {
        let mut found = self.inner().postings(index, key, after, limit)?;
        match self.store.flaw {
            Flaw::PostingsIncludeAfter => {
                let after = after.filter(|after| after.0 > 0).map(|after| EntryKey(after.0 - 1));
                found = self.inner().postings(index, key, after, limit)?;
            }
            Flaw::PostingsIgnoreLimit => found = self.inner().postings(index, key, after, usize::MAX)?,
            Flaw::PostingsMixIndexes if found.is_empty() => {
                found = self.inner().postings(Index::Object, key, after, limit)?;
            }
            Flaw::PostingsCountTwice => {
                let posted = self.store.posted.lock().unwrap();
                let times = |entry: &EntryKey| posted.get(&(index, key, *entry)).copied().unwrap_or(1);
                found = found.iter().flat_map(|entry| vec![*entry; times(entry)]).take(limit).collect();
            }
            _ => {}
        }
        Ok(found)
    }

    fn postings_of_each(&self, index: Index, keys: &[u64], limit: usize) -> Result<Vec<Vec<EntryKey>>, Fault> {
        let mut found = self.inner().postings_of_each(index, keys, limit)?;
        if let Some(last) = found.iter_mut().rfind(|own| self.has(Flaw::EachForgetsItsLast) && own.len() > 1) {
            last.pop();
        }
        Ok(found)
    }

    fn may_have(&self, index: Index, key: u64) -> Result<bool, Fault> {
        let forgotten = self.has(Flaw::MayHaveForgets) && key > i64::MAX as u64;
        Ok(!forgotten && self.inner().may_have(index, key)?)
    }

    fn posting_range(&self, mut range: PostingRange) -> Result<Vec<(u64, EntryKey)>, Fault> {
        match self.store.flaw {
            Flaw::RangeIgnoresLimit => range.limit = usize::MAX,
            Flaw::RangeIgnoresDirection => range.descending = false,
            Flaw::RangeExcludesItsEnd if range.to < u64::MAX => range.to = range.to.saturating_sub(1),
            Flaw::RangeIncludesAfter => {
                let nudge = |entry: u64| if range.descending { entry + 1 } else { entry.saturating_sub(1) };
                range.after = range.after.map(|(key, entry)| (key, EntryKey(nudge(entry.0))));
            }
            _ => {}
        }
        let mut found = self.inner().posting_range(range)?;
        if self.has(Flaw::RangeIsSigned) {
            found.sort_by_key(|(key, entry)| (key.cast_signed(), *entry));
            if range.descending {
                found.reverse();
            }
        }
        Ok(found)
    }
}

impl WriteTx for FlawedTx<'_, dyn WriteTx + '_> {
    fn put(&mut self, book: Book, key: &[u8], value: &[u8]) -> Result<(), Fault> {
        self.store.pending.lock().unwrap().push((book, key.to_vec(), value.to_vec()));
        if self.has(Flaw::OneBookComesLate) && book == Book::Peer {
            let late = self.store.late.lock().unwrap().replace((key.to_vec(), value.to_vec()));
            return late.map_or(Ok(()), |(key, value)| self.inner_mut().put(book, &key, &value));
        }
        self.inner_mut().put(book, key, value)
    }

    fn delete(&mut self, book: Book, key: &[u8]) -> Result<(), Fault> {
        if self.has(Flaw::DeleteForgets) { Ok(()) } else { self.inner_mut().delete(book, key) }
    }

    fn append(&mut self, entries: Vec<NewEntry>) -> Result<(), Fault> {
        match self.store.flaw {
            Flaw::AppendReplaces => {
                let there: Vec<bool> =
                    entries.iter().map(|entry| self.inner().entry(entry.key).unwrap().is_some()).collect();
                let fresh = entries.into_iter().zip(there).filter(|(_, there)| !there).map(|(entry, _)| entry);
                self.inner_mut().append(fresh.collect())
            }
            Flaw::AppendFailsHalfway => entries.into_iter().try_for_each(|entry| self.inner_mut().append(vec![entry])),
            _ => self.inner_mut().append(entries),
        }
    }

    fn set_header(&mut self, key: EntryKey, header: Header) -> Result<(), Fault> {
        if self.has(Flaw::HeaderTakesContentAway) {
            self.inner_mut().erase(key)?;
        }
        if self.has(Flaw::AbsentEntriesAppear) && self.inner().entry(key)?.is_none() {
            let entry = NewEntry { key, flags: 0, commitment: Digest::default(), header, content: None };
            return self.inner_mut().append(vec![entry]);
        }
        self.inner_mut().set_header(key, header)
    }

    fn fill(&mut self, key: EntryKey, header: Header, content: Packed) -> Result<(), Fault> {
        if self.has(Flaw::FillReplaces) {
            self.inner_mut().erase(key)?;
        }
        self.inner_mut().fill(key, header, content)
    }

    fn erase(&mut self, key: EntryKey) -> Result<(), Fault> {
        let Some(entry) = self.inner().entry(key)? else { return self.inner_mut().erase(key) };
        match self.store.flaw {
            Flaw::EraseKeepsContent => return self.inner_mut().set_header(key, Header::bare(State::Erased)),
            Flaw::EraseKeepsFacts => {
                self.inner_mut().erase(key)?;
                return self.inner_mut().set_header(key, Header { state: State::Erased, ..entry.header });
            }
            Flaw::EraseLeavesBytes => {
                self.store.erased.lock().unwrap().extend(entry.content.map(|content| content.0).unwrap_or_default());
            }
            _ => {}
        }
        self.inner_mut().erase(key)
    }

    fn put_nodes(&mut self, log: LogNo, nodes: &[(u8, u64, Digest)]) -> Result<(), Fault> {
        self.inner_mut().put_nodes(log, nodes)
    }

    fn post(&mut self, index: Index, postings: &[(u64, EntryKey)]) -> Result<(), Fault> {
        for (key, entry) in postings {
            *self.store.posted.lock().unwrap().entry((index, *key, *entry)).or_default() += 1;
        }
        let lost = usize::from(self.has(Flaw::LargeBatchesLoseTheLast) && postings.len() >= 600);
        self.inner_mut().post(index, &postings[..postings.len() - lost])
    }

    fn unpost(&mut self, index: Index, postings: &[(u64, EntryKey)]) -> Result<(), Fault> {
        match self.store.flaw {
            Flaw::UnpostForgets => return Ok(()),
            Flaw::UnpostForgetsTheLastOfMany if postings.len() > 9 => {
                return self.inner_mut().unpost(index, &postings[..postings.len() - 1]);
            }
            Flaw::UnpostTakesAllUnderTheKey => {
                for (key, _) in postings {
                    let all: Vec<_> = self.inner().postings(index, *key, None, usize::MAX)?;
                    let all: Vec<_> = all.into_iter().map(|entry| (*key, entry)).collect();
                    self.inner_mut().unpost(index, &all)?;
                }
            }
            Flaw::UpkeepBringsBackWhatWasUnposted => {
                let gone = postings.iter().map(|(key, entry)| (index, *key, *entry));
                self.store.unposted.lock().unwrap().extend(gone);
            }
            _ => {}
        }
        self.inner_mut().unpost(index, postings)
    }

    fn clear_index(&mut self, index: Index) -> Result<(), Fault> {
        match self.store.flaw {
            Flaw::ClearForgets => return Ok(()),
            Flaw::ClearTakesEveryIndex => {
                for index in [Index::Object, Index::Value, Index::Reference, Index::TypeTime, Index::Term] {
                    self.inner_mut().clear_index(index)?;
                }
            }
            _ => {}
        }
        self.inner_mut().clear_index(index)
    }

    fn commit(mut self: Box<Self>) -> Result<(), Fault> {
        let mut commits = self.store.commits.lock().unwrap();
        *commits += 1;
        let lost = self.has(Flaw::LosesCommits) && commits.is_multiple_of(9);
        drop(commits);
        match self.inner.take() {
            Some(inner) if !lost => inner.commit(),
            _ => Ok(()),
        }
    }
}

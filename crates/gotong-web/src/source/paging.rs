//! The way through the pages of a TAXII collection, on servers that page badly: pure, so that each of their faults can be played.
//!
//! Two ways lead on: the server's `next`, and the time up to which has been read. Where one leads nowhere the other is taken, where none does the run ends with a
//! note; it never goes round in circles. Read next: `taxii.rs`.

use gotong_app::source::Note;
use gotong_model::Timestamp;

/// Pages of one run.
pub(super) const PAGES_MAX: u32 = 1_000;
/// Pages in a row that may be empty, or bring only what this run has had.
const BARREN_MAX: u32 = 3;
/// Bytes of a server's `next`.
const NEXT_BYTES_MAX: usize = 2_000;
/// Bytes of a time.
const TIME_BYTES_MAX: usize = 40;

/// What a page says of itself.
pub(super) struct Page {
    /// Whether there is more.
    pub(super) more: bool,
    /// How to ask for it.
    pub(super) next: Option<String>,
    /// `X-TAXII-Date-Added-Last`, as it came.
    pub(super) last: Option<String>,
    /// How many objects it has.
    pub(super) objects: usize,
    /// How many of them this run had not seen.
    pub(super) fresh: usize,
}

/// What to do after a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Turn {
    /// Ask again.
    On,
    /// That is all.
    Done,
    /// There may be more, and no way to it that is worth going now.
    Stop,
}

/// Where the reading of a collection stands.
#[derive(Default)]
pub(super) struct Pager {
    /// `added_after` of the questions under way.
    base: Option<String>,
    /// Up to where everything has been read.
    cursor: Option<String>,
    next: Option<String>,
    pages: u32,
    barren: u32,
    /// What was strange, each once.
    pub(super) notes: Vec<Note>,
}

impl Pager {
    /// Goes on from where the last run ended.
    pub(super) fn new(cursor: Option<String>) -> Self {
        Self { base: cursor.clone(), cursor, ..Self::default() }
    }

    /// Up to where everything has been read.
    pub(super) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// The parameters of the next question.
    pub(super) fn question(&self) -> Vec<(&'static str, &str)> {
        let parts = [("added_after", &self.base), ("next", &self.next)];
        parts.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
    }

    /// Notes something once.
    pub(super) fn note(&mut self, id: &str, text: &str) {
        if self.notes.iter().all(|note| note.id != id) {
            self.notes.push(Note::new(id, text));
        }
    }

    /// Takes in a page and says what to do.
    pub(super) fn turn(&mut self, page: &Page) -> Turn {
        self.pages += 1;
        self.advance(page);
        if !page.more {
            return Turn::Done;
        }
        self.barren = if page.fresh == 0 { self.barren + 1 } else { 0 };
        if self.barren >= BARREN_MAX {
            self.note("taxii.barren", "the server says that there is more, and sends nothing new");
            return Turn::Stop;
        }
        if self.pages >= PAGES_MAX {
            self.note("taxii.pages", "the run ended after 1,000 pages; the next one goes on from there");
            return Turn::Stop;
        }
        match &page.next {
            Some(next) if next.is_empty() || next.len() > NEXT_BYTES_MAX || next.contains(char::is_control) => {
                self.note("taxii.next-unfit", "the server's `next` cannot be sent back");
            }
            // The same `next` twice leads back to where it led before, unless what came was new.
            Some(next) if page.fresh > 0 && self.next.as_ref() != Some(next) => {
                self.next = Some(next.clone());
                return Turn::On;
            }
            Some(_) if page.objects == 0 && self.next != page.next => {
                self.next.clone_from(&page.next);
                return Turn::On;
            }
            Some(_) => self.note("taxii.next-ignored", "the server's `next` leads nowhere; it is read on by time"),
            None => {}
        }
        self.next = None;
        if self.cursor != self.base {
            self.base.clone_from(&self.cursor);
            return Turn::On;
        }
        if page.objects == 0 {
            // It may be late with its answer; the same question again, a few times.
            return Turn::On;
        }
        self.note(
            "taxii.no-way",
            "the server says that there is more, and neither its `next` nor its times lead there",
        );
        Turn::Stop
    }

    /// Moves on in time, never back.
    fn advance(&mut self, page: &Page) {
        let time = |text: &String| (text.len() <= TIME_BYTES_MAX).then(|| Timestamp::parse(text)).flatten();
        let last = page.last.as_ref().and_then(|text| Some((time(text)?, text)));
        let Some((last, text)) = last else {
            if page.objects > 0 {
                let text =
                    "the server does not say when objects were added; each run reads from where the last date stood";
                self.note("taxii.dates-missing", text);
            }
            return;
        };
        match self.cursor.as_ref().and_then(time) {
            Some(cursor) if last < cursor && page.objects > 0 => {
                self.note(
                    "taxii.dates-backwards",
                    "the server's times go backwards; what it added late may be missing",
                );
            }
            Some(cursor) if last <= cursor => {}
            Some(_) | None if page.objects > 0 => self.cursor = Some(text.clone()),
            Some(_) | None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: [&str; 4] = [
        "2026-01-01T00:00:00.000001Z",
        "2026-01-01T00:00:00.000002Z",
        "2026-01-01T00:00:00.000003Z",
        "2026-01-01T00:00:00.000004Z",
    ];

    fn page(more: bool, next: Option<&str>, last: Option<&str>, objects: usize, fresh: usize) -> Page {
        Page { more, next: next.map(str::to_owned), last: last.map(str::to_owned), objects, fresh }
    }

    fn ids(pager: &Pager) -> Vec<&str> {
        pager.notes.iter().map(|note| note.id.as_str()).collect()
    }

    /// Plays one answer for ever; how many questions it takes to end.
    fn endless(answer: &Page, first: &Page) -> (u32, Pager) {
        let mut pager = Pager::new(None);
        let mut turn = pager.turn(first);
        let mut count = 1;
        while turn == Turn::On {
            assert!(count < 10, "it goes round in circles");
            turn = pager.turn(answer);
            count += 1;
        }
        assert_eq!(turn, Turn::Stop);
        (count, pager)
    }

    #[test]
    fn a_server_in_order_is_read_by_next_and_by_time() {
        let mut pager = Pager::new(None);
        assert_eq!(pager.question(), []);
        assert_eq!(pager.turn(&page(true, Some("a"), Some(T[0]), 2, 2)), Turn::On);
        assert_eq!(pager.question(), [("next", "a")]);
        assert_eq!(pager.turn(&page(true, None, Some(T[1]), 2, 2)), Turn::On);
        assert_eq!(pager.question(), [("added_after", T[1])]);
        assert_eq!(pager.turn(&page(false, None, Some(T[2]), 1, 1)), Turn::Done);
        assert_eq!((pager.cursor(), ids(&pager)), (Some(T[2]), vec![]));
        let mut later = Pager::new(Some(T[2].to_owned()));
        assert_eq!(later.question(), [("added_after", T[2])]);
        assert_eq!(later.turn(&page(false, None, None, 0, 0)), Turn::Done);
        assert_eq!((later.cursor(), ids(&later)), (Some(T[2]), vec![]), "nothing new is no news");
    }

    #[test]
    fn a_filter_that_is_inclusive_ends() {
        // The last object comes again and again, and the server says that there is more.
        let again = page(true, None, Some(T[0]), 1, 0);
        let (count, pager) = endless(&again, &page(true, None, Some(T[0]), 1, 1));
        assert!(count <= 3 && ids(&pager) == ["taxii.no-way"], "{count} {:?}", ids(&pager));
        assert_eq!(pager.cursor(), Some(T[0]));
        // And where it does bring more beside the last one, it is read to its end.
        let mut pager = Pager::new(None);
        assert_eq!(pager.turn(&page(true, None, Some(T[0]), 2, 2)), Turn::On);
        assert_eq!(pager.turn(&page(true, None, Some(T[1]), 2, 1)), Turn::On);
        assert_eq!(pager.turn(&page(false, None, Some(T[1]), 1, 0)), Turn::Done);
        assert_eq!(ids(&pager), Vec::<&str>::new());
    }

    #[test]
    fn a_next_that_is_ignored_or_repeated_gives_way_to_time() {
        // The first page again, whatever `next` says; by time it would be read on.
        let mut pager = Pager::new(None);
        assert_eq!(pager.turn(&page(true, Some("a"), Some(T[0]), 2, 2)), Turn::On);
        assert_eq!(pager.turn(&page(true, Some("a"), Some(T[0]), 2, 0)), Turn::On);
        assert_eq!(pager.question(), [("added_after", T[0])]);
        assert_eq!(pager.turn(&page(false, None, Some(T[1]), 1, 1)), Turn::Done);
        assert_eq!((pager.cursor(), ids(&pager)), (Some(T[1]), vec!["taxii.next-ignored"]));
        // And where time is no help either, it ends.
        let same = page(true, Some("a"), Some(T[0]), 2, 0);
        let (_, pager) = endless(&same, &page(true, Some("a"), Some(T[0]), 2, 2));
        assert!(ids(&pager).contains(&"taxii.next-ignored"));
    }

    #[test]
    fn more_with_nothing_ends() {
        let empty = page(true, None, None, 0, 0);
        let (count, pager) = endless(&empty, &empty);
        assert_eq!((count, ids(&pager)), (BARREN_MAX, vec!["taxii.barren"]));
        let mut number = 0;
        let mut pager = Pager::new(None);
        // Another `next` each time, and never an object.
        while pager.turn(&page(true, Some(&format!("n{number}")), None, 0, 0)) == Turn::On {
            number += 1;
            assert!(number < 10);
        }
        assert_eq!(ids(&pager), ["taxii.barren"]);
    }

    #[test]
    fn times_that_are_missing_strange_or_backwards_are_told() {
        let mut pager = Pager::new(None);
        assert_eq!(pager.turn(&page(true, None, None, 2, 2)), Turn::Stop);
        assert_eq!((pager.cursor(), ids(&pager)), (None, vec!["taxii.dates-missing", "taxii.no-way"]));
        let mut pager = Pager::new(None);
        pager.turn(&page(false, None, Some("yesterday"), 2, 2));
        assert_eq!((pager.cursor(), ids(&pager)), (None, vec!["taxii.dates-missing"]));
        let mut pager = Pager::new(Some(T[2].to_owned()));
        assert_eq!(pager.turn(&page(true, Some("a"), Some(T[1]), 2, 2)), Turn::On);
        assert_eq!(pager.turn(&page(false, None, Some(T[3]), 2, 2)), Turn::Done);
        assert_eq!((pager.cursor(), ids(&pager)), (Some(T[3]), vec!["taxii.dates-backwards"]));
    }

    #[test]
    fn a_run_has_a_last_page() {
        let mut pager = Pager::new(None);
        let mut count = 0;
        while pager.turn(&page(true, Some(&format!("n{count}")), Some(T[0]), 1, 1)) == Turn::On {
            count += 1;
            assert!(count <= PAGES_MAX);
        }
        assert_eq!((count + 1, ids(&pager)), (PAGES_MAX, vec!["taxii.pages"]));
        let mut pager = Pager::new(None);
        assert_eq!(pager.turn(&page(true, Some(&"x".repeat(2_001)), Some(T[0]), 1, 1)), Turn::On);
        assert_eq!((pager.question(), ids(&pager)), (vec![("added_after", T[0])], vec!["taxii.next-unfit"]));
    }
}

//! Search for words, names, values and ids in what the caller may read, best first.
//!
//! INVARIANT: 1. Only records that the caller may see are counted, ranked, shown or learned words from; the score of a record comes from that record and the
//! question alone. Nothing is kept between questions. Steps: `query.rs` (what was typed), `candidates.rs` (the index), `matching.rs` (the decision), then the
//! page below. The safety net (words spelled nearly alike) is spread only where nothing else is found.

mod candidates;
mod matching;
mod query;
mod snippet;
mod suggest;
pub(crate) mod words;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use gotong_crypto::sha256;
use gotong_formats::stix21::{self, Family};
use gotong_model::envelope::Envelope;
use gotong_model::{ChannelId, MemberCode, Timestamp, Tlp, limits};
use gotong_store::{EntryKey, Header, Index, ReadTx, State};

use super::ViewFault;
use super::place::Place;
use super::record::{RecordView, Records};
use super::scope::Scope;
use super::versions::{Versions, label_of, modified_of};
use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::rows;

use candidates::Finder;
use matching::{Doc, Matched};
use query::Parsed;
use snippet::{field, snippets};

pub use matching::Why;
pub use query::{CLAUSES_MAX, QUERY_BYTES_MAX};
pub use snippet::{Segment, Snippet};
pub use suggest::{Suggestion, Suggestions, suggest};
pub use words::{NoWords, Words};

/// What cursors are sealed for.
const CURSOR: &str = "search";
/// Rows of a page unless more are asked for.
const ROWS_USUAL: usize = 25;
/// Rows of a page.
const ROWS_MAX: usize = 100;
/// Records that are found, counted and ranked; beyond them only "at least so many" is told.
const FOUND_MAX: usize = 1_000;
/// Records that are opened for one question.
const OPENED_MAX: usize = 8_000;
/// Headers read at a time.
const CHUNK: usize = 512;
/// Channels that are named as searched.
const CHANNELS_TOLD_MAX: usize = 64;

/// What is asked. Filters that stand in the text count where they are not given here.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SearchQuery {
    /// What was typed.
    pub text: String,
    /// Only objects of this type.
    pub object_type: Option<String>,
    /// Only this author.
    pub author: Option<String>,
    /// Only this channel.
    pub channel: Option<ChannelId>,
    /// Only what is labelled no stricter.
    pub label_max: Option<Tlp>,
    /// Behind this cursor.
    pub after: Option<String>,
    /// At most so many rows; 0 is the usual number.
    pub limit: usize,
}

/// A record that was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// The object's id.
    pub id: String,
    /// Its type.
    pub object_type: String,
    /// What to call it.
    pub name: Option<String>,
    /// The channel.
    pub channel: ChannelId,
    /// The channel's handle.
    pub channel_handle: Arc<str>,
    /// The author.
    pub author: MemberCode,
    /// Where it stands.
    pub place: Place,
    /// The label that counts.
    pub label: Tlp,
    /// The object's own time.
    pub modified: Option<Timestamp>,
    /// When it was published, where it has no time of its own: an observable.
    pub published_at: Option<Timestamp>,
    /// How well it fits: more is better. From this record and the question alone.
    pub score: u32,
    /// Where it was found and why, the best first: a field, empty for ids and values, and the reason.
    pub matched: Vec<(&'static str, Why)>,
    /// The places.
    pub snippets: Vec<Snippet>,
}

/// How many of what was found are of one type, author, channel or label.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Facet {
    /// Which.
    pub value: String,
    /// How many.
    pub count: usize,
}

/// How far the net was cast.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Net {
    /// As it was typed.
    Typed,
    /// Words spelled nearly alike, because nothing was found as typed.
    Similar,
}

/// What a filter names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Named {
    /// A type of objects.
    Type,
    /// A member.
    Author,
    /// A channel.
    Channel,
    /// A label.
    Label,
}

impl Named {
    /// Its name, as it is typed before the colon.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Author => "author",
            Self::Channel => "channel",
            Self::Label => "label",
        }
    }
}

/// What was searched, so that "nothing" can be understood.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Searched {
    /// The words, phrases, values and ids that were looked for.
    pub terms: Vec<String>,
    /// Those that must not be there.
    pub without: Vec<String>,
    /// In which channels, by handle; not more than a page can show.
    pub channels: Vec<String>,
    /// In how many channels.
    pub channels_count: usize,
    /// Networks in which nothing was looked for: they are too wide, or too many.
    pub outside_only: Vec<String>,
    /// Filters that name what there is not, as far as this caller may know.
    pub unknown: Vec<(Named, String)>,
    /// Whether the indexes are being built again, so that something may be missing.
    pub rebuilding: bool,
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SearchAnswer {
    /// The rows of this page, the best first.
    pub rows: Vec<Found>,
    /// How many there are.
    pub total: usize,
    /// Whether there are more than were counted.
    pub more: bool,
    /// How far the net was cast.
    pub net: Net,
    /// Types, the most frequent first.
    pub types: Vec<Facet>,
    /// Authors.
    pub authors: Vec<Facet>,
    /// Channels.
    pub channels: Vec<Facet>,
    /// Labels.
    pub labels: Vec<Facet>,
    /// What was searched.
    pub searched: Searched,
    /// Whether it is about an exercise's channel, and nothing else.
    pub is_exercise: bool,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// A record that fits.
struct Hit {
    entry: EntryKey,
    header: Header,
    doc: std::rc::Rc<Doc>,
    log: std::rc::Rc<super::scope::SeenLog>,
    matched: Matched,
}

/// The filters that count.
struct Filters {
    type_code: Option<u16>,
    object_type: Option<String>,
    author: Option<String>,
    channel: Option<ChannelId>,
    label_max: Option<Tlp>,
    /// Filters that name what there is not for this caller: nothing fits them.
    unknown: Vec<(Named, String)>,
}

/// Searches.
pub fn search(node: &Node, caller: &Caller, query: &SearchQuery) -> Result<SearchAnswer, ViewFault> {
    let parsed = query::parse(&query.text)?.look_around();
    let filters = Filters::of(node, caller, query, &parsed);
    let scope = match &filters.channel {
        Some(channel) => Scope::within(node, caller, channel),
        None => Scope::new(node, caller),
    };
    let key = node.positions_of(&caller.id);
    let digest = question_digest(query);
    let after = match &query.after {
        None => 0,
        Some(cursor) => {
            let open = key.open(CURSOR, cursor).ok_or(ViewFault::Cursor)?;
            // A cursor belongs to its question.
            if open >> 64 != digest {
                return Err(ViewFault::Cursor);
            }
            usize::try_from(open & u128::from(u64::MAX)).unwrap_or(usize::MAX)
        }
    };
    let is_exercise = filters.channel.and_then(|channel| scope.channel(&channel));
    let is_exercise = is_exercise.is_some_and(|channel| channel.channel_type.exercise);
    let mut searched = searched(node, &scope, &filters, &parsed)?;
    let tx = node.store.read()?;
    let (mut hits, mut more, mut net) = (Vec::new(), false, Net::Typed);
    if is_asked(&scope, &filters, &parsed) {
        let mut finder = Finder::new(&scope, tx.as_ref(), filters.channel);
        (hits, more) = found(&mut finder, &parsed, &filters, false)?;
        if hits.is_empty() {
            let was_more = more;
            (hits, more) = found(&mut finder, &parsed, &filters, true)?;
            more |= was_more;
            net = if hits.is_empty() { Net::Typed } else { Net::Similar };
        }
    }
    if hits.is_empty() {
        searched.unknown.extend(filters.odd(node, caller));
    }
    sort(&mut hits);
    let [types, authors, channels, labels] = facets(&hits);
    let total = hits.len();
    let limit = if query.limit == 0 { ROWS_USUAL } else { query.limit.min(ROWS_MAX) };
    let rows: Vec<Found> =
        hits.into_iter().skip(after).take(limit).map(|hit| row(&scope, tx.as_ref(), hit)).collect::<Result<_, _>>()?;
    let end = after.saturating_add(rows.len());
    let cursor = |end: usize| key.seal(CURSOR, (digest << 64) | end as u128, node.entropy());
    let next = (end < total && !rows.is_empty()).then(|| cursor(end));
    Ok(SearchAnswer { rows, total, more, net, types, authors, channels, labels, searched, is_exercise, next })
}

/// Everything that a question finds as it was typed, without its pages: for acts on all of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Matching {
    /// Channel and id of each, in no order that means something.
    pub rows: Vec<(ChannelId, String)>,
    /// Whether there may be more than are counted: then this is not all.
    pub more: bool,
}

/// Finds everything that fits as it was typed. What is only spelled nearly alike is nothing that was asked for.
pub fn matching(node: &Node, caller: &Caller, query: &SearchQuery) -> Result<Matching, ViewFault> {
    let parsed = query::parse(&query.text)?.look_around();
    let filters = Filters::of(node, caller, query, &parsed);
    let scope = match &filters.channel {
        Some(channel) => Scope::within(node, caller, channel),
        None => Scope::new(node, caller),
    };
    if node.projection_lag()? > 0 {
        return Err(ViewFault::Behind);
    }
    let tx = node.store.read()?;
    if !is_asked(&scope, &filters, &parsed) {
        return Ok(Matching::default());
    }
    let mut finder = Finder::new(&scope, tx.as_ref(), filters.channel);
    let (hits, more) = found(&mut finder, &parsed, &filters, false)?;
    Ok(Matching { rows: hits.iter().map(|hit| (hit.log.id.channel, hit.doc.facts.id.clone())).collect(), more })
}

/// The records that fit as it was typed, the best first, until `with` has enough. `true`: there may be more.
pub(crate) fn each_matching(
    node: &Node,
    caller: &Caller,
    query: &SearchQuery,
    mut with: impl FnMut(RecordView) -> bool,
) -> Result<bool, ViewFault> {
    let parsed = query::parse(&query.text)?;
    let filters = Filters::of(node, caller, query, &parsed);
    let scope = match &filters.channel {
        Some(channel) => Scope::within(node, caller, channel),
        None => Scope::new(node, caller),
    };
    let tx = node.store.read()?;
    let tx = tx.as_ref();
    if !is_asked(&scope, &filters, &parsed) {
        return Ok(false);
    }
    let mut finder = Finder::new(&scope, tx, filters.channel);
    let (mut hits, more) = found(&mut finder, &parsed, &filters, false)?;
    sort(&mut hits);
    let records = Records::new(&scope);
    for hit in hits {
        let Some(content) = tx.entry(hit.entry)?.map(|entry| entry.open()).transpose()?.flatten() else { continue };
        if let Some(record) = records.view(tx, (hit.entry, &hit.log), &hit.header, content)?
            && !with(record)
        {
            return Ok(true);
        }
    }
    Ok(more)
}

/// The best first, and of equals the newest.
fn sort(hits: &mut [Hit]) {
    hits.sort_by_key(|hit| {
        let newest_first = std::cmp::Reverse((hit.matched.score, hit.header.modified));
        (newest_first, hit.doc.facts.id.clone(), hit.log.origin.clone(), hit.entry)
    });
}

/// Whether there is anything to look for, where this caller may look.
fn is_asked(scope: &Scope<'_>, filters: &Filters, parsed: &Parsed) -> bool {
    let is_shown = filters.channel.is_none_or(|channel| scope.channel(&channel).is_some());
    is_shown && filters.unknown.is_empty() && parsed.positive().next().is_some()
}

/// Sixty-four bits that stand for a question without its page.
fn question_digest(query: &SearchQuery) -> u128 {
    let SearchQuery { text, object_type, author, channel, label_max, after: _, limit: _ } = query;
    let digest = sha256(format!("{text}\0{object_type:?}\0{author:?}\0{channel:?}\0{label_max:?}").as_bytes());
    digest.0.first_chunk::<8>().map_or(0, |half| u128::from(u64::from_be_bytes(*half)))
}

impl Filters {
    fn of(node: &Node, caller: &Caller, query: &SearchQuery, parsed: &Parsed) -> Self {
        let object_type = query.object_type.clone().or_else(|| parsed.object_type.clone());
        let named = parsed.channel.as_ref().filter(|_| query.channel.is_none());
        let found = named.and_then(|name| caller.channel(node, name));
        let label = parsed.label.as_ref().filter(|_| query.label_max.is_none());
        let read = label.and_then(|text| Tlp::from_human(text));
        // INVARIANT: 1. A channel that this caller may not read and one that is not there are told alike.
        let unknown = [
            (Named::Channel, named.filter(|_| found.is_none()).cloned()),
            (Named::Label, label.filter(|_| read.is_none()).cloned()),
        ];
        Self {
            type_code: object_type.as_deref().map(stix21::type_code),
            object_type,
            author: query.author.clone().or_else(|| parsed.author.clone()),
            channel: query.channel.or(found),
            label_max: query.label_max.or(read),
            unknown: unknown.into_iter().filter_map(|(what, text)| Some((what, text?))).collect(),
        }
    }
}

impl Filters {
    /// Of what nothing was found for: a type that STIX does not have, and an author who is no member. Types of one's own and members that have left are found
    /// by what they wrote.
    fn odd(&self, node: &Node, caller: &Caller) -> Vec<(Named, String)> {
        // Who the members are is for the staff: somebody who is served is told only of what can be no member's code.
        let is_member = |code: &MemberCode| !caller.is_staff() || node.governance().charter.members.contains_key(code);
        let is_author = |text: &str| MemberCode::from_text(text).is_some_and(|code| is_member(&code));
        let object_type = self.object_type.clone().filter(|name| stix21::family(name) == Family::Custom);
        let author = self.author.clone().filter(|text| !is_author(text));
        let odd = [(Named::Type, object_type), (Named::Author, author)];
        odd.into_iter().filter_map(|(what, text)| Some((what, text?))).collect()
    }
}

fn searched(node: &Node, scope: &Scope<'_>, filters: &Filters, parsed: &Parsed) -> Result<Searched, NodeFault> {
    let typed = |negative: bool| {
        let clauses = parsed.clauses.iter().filter(move |clause| clause.is_negative == negative);
        clauses.map(|clause| clause.typed.clone()).collect()
    };
    let channels: Vec<String> = match filters.channel {
        Some(channel) => scope.channel(&channel).map(|channel| channel.handle()).into_iter().collect(),
        None if !filters.unknown.is_empty() => Vec::new(),
        None => {
            let shown = scope.channels().into_iter();
            shown.filter(|channel| !channel.channel_type.exercise).map(|channel| channel.handle()).collect()
        }
    };
    Ok(Searched {
        terms: typed(false),
        without: typed(true),
        outside_only: parsed.outside_only.clone(),
        unknown: filters.unknown.clone(),
        channels_count: channels.len(),
        channels: channels.into_iter().take(CHANNELS_TOLD_MAX).collect(),
        rebuilding: node.projection_lag()? > 0 && (scope.is_staff() || is_behind(node, scope)?),
    })
}

/// Whether something that an organisation is shown is not in the indexes yet. What it is not shown may be behind without its learning of it.
fn is_behind(node: &Node, scope: &Scope<'_>) -> Result<bool, NodeFault> {
    let done = node.position()?.saturating_sub(node.projection_lag()?);
    let tx = node.store.read()?;
    let tx = tx.as_ref();
    for row in scope.few_logs(tx, None)?.unwrap_or_default() {
        let Some(log) = scope.log(tx, row.no)? else { continue };
        let mut behind = done;
        loop {
            let arrivals = rows::arrivals_of(tx, &row, behind, CHUNK)?;
            for arrival in &arrivals {
                let indexes = arrival.first..arrival.first + arrival.count;
                let keys: Vec<EntryKey> = indexes.map(|index| EntryKey::new(row.no, index)).collect();
                for (key, header) in keys.iter().zip(tx.headers(&keys)?) {
                    if let Some(header) = header.filter(|header| header.state == State::Live)
                        && scope.may_see(tx, *key, &log, &header)?
                    {
                        return Ok(true);
                    }
                }
            }
            match arrivals.last() {
                Some(last) if arrivals.len() == CHUNK => behind = last.position,
                _ => break,
            }
        }
    }
    Ok(false)
}

/// Everything that fits, up to a bound; whether there may be more.
fn found(
    finder: &mut Finder<'_, '_>,
    parsed: &Parsed,
    filters: &Filters,
    nearly: bool,
) -> Result<(Vec<Hit>, bool), NodeFault> {
    let mut hits = Vec::new();
    let mut met = HashSet::new();
    let mut left = OPENED_MAX;
    // Whoever is called exactly so comes before thousands that speak of it.
    let named = if nearly { candidates::Set::default() } else { finder.named(&parsed.whole)? };
    // Who is shown everything gets the newest of what common words find without all the others being read. For an organisation how far that is would
    // hang on what it is not shown.
    let is_open = filters.channel.is_none() && filters.author.is_none() && filters.label_max.is_none();
    let enough = (is_open && filters.type_code.is_none() && finder.scope.is_staff()).then_some(OPENED_MAX);
    let all = finder.all(parsed, nearly, enough)?;
    let more = all.more;
    for set in [named, all] {
        for chunk in set.entries.rchunks(CHUNK) {
            let headers = finder.tx.headers(chunk)?;
            for (entry, header) in chunk.iter().zip(headers).rev() {
                let Some(header) = header.filter(|header| header.state == State::Live) else { continue };
                let Some(log) = finder.scope.shown(finder.tx, *entry, &header)? else { continue };
                let wanted = filters.channel.is_none_or(|channel| channel == log.id.channel)
                    && filters.author.as_ref().is_none_or(|author| author == log.id.author.as_str())
                    && filters.label_max.is_none_or(|most| label_of(&header) <= most)
                    && filters.type_code.is_none_or(|code| code == header.type_code);
                if !wanted || !met.insert(*entry) {
                    continue;
                }
                if left == 0 || hits.len() >= FOUND_MAX {
                    return Ok((hits, true));
                }
                left -= 1;
                let Some(doc) = finder.doc(*entry)? else { continue };
                if filters.object_type.as_ref().is_some_and(|name| *name != doc.facts.object_type) {
                    continue;
                }
                let Some(matched) = doc.matched(parsed, nearly) else { continue };
                if is_newest(finder, *entry, &header, &doc, &log)? {
                    hits.push(Hit { entry: *entry, header, doc, log, matched });
                }
            }
        }
    }
    Ok((hits, more))
}

/// Whether a record is the newest version of its author in its channel: what was corrected is not found under the old words.
fn is_newest(
    finder: &Finder<'_, '_>,
    entry: EntryKey,
    header: &Header,
    doc: &Doc,
    log: &super::scope::SeenLog,
) -> Result<bool, NodeFault> {
    let key = finder.tx.index_key(Index::Object, doc.facts.id.as_bytes());
    if finder.tx.postings(Index::Object, key, None, 2)?.len() < 2 {
        return Ok(true);
    }
    let versions = Versions::of(finder.scope, finder.tx, &doc.facts.id, Some(header))?;
    Ok(versions.newest_beside(finder.tx, log)? == Some(entry))
}

fn facets(hits: &[Hit]) -> [Vec<Facet>; 4] {
    let mut counts: [BTreeMap<&str, usize>; 4] = Default::default();
    for hit in hits {
        let values = [
            hit.doc.facts.object_type.as_str(),
            hit.log.id.author.as_str(),
            hit.log.handle.as_ref(),
            label_of(&hit.header).as_str(),
        ];
        for (count, value) in counts.iter_mut().zip(values) {
            *count.entry(value).or_default() += 1;
        }
    }
    counts.map(|counts| {
        let mut facets: Vec<Facet> =
            counts.into_iter().map(|(value, count)| Facet { value: value.to_owned(), count }).collect();
        facets.sort_by_key(|facet| std::cmp::Reverse(facet.count));
        facets.truncate(limits::LOOKUP_HITS_MAX);
        facets
    })
}

fn row(scope: &Scope<'_>, tx: &dyn ReadTx, hit: Hit) -> Result<Found, NodeFault> {
    let Hit { entry, header, doc, log, matched } = hit;
    let Matched { score, found, marks } = matched;
    let modified = modified_of(&header);
    let content = match modified {
        Some(_) => None,
        None => tx.entry(entry)?.map(|entry| entry.open()).transpose()?.flatten(),
    };
    let envelope = content.and_then(|content| Envelope::parse(&content.envelope, false).ok());
    Ok(Found {
        id: doc.facts.id.clone(),
        object_type: doc.facts.object_type.clone(),
        name: doc.facts.name.clone(),
        channel: log.id.channel,
        channel_handle: Arc::clone(&log.handle),
        author: log.id.author.clone(),
        place: scope.place(&log, entry),
        label: label_of(&header),
        modified,
        published_at: envelope.map(|envelope| envelope.published_at),
        score,
        matched: found.into_iter().map(|(place, why)| (place.map_or("", field), why)).collect(),
        snippets: snippets(&doc, marks),
    })
}

//! Intelligence: everything that this person may read, what came last first, or by what is asked for, and one object with all that is known around it.
//!
//! The whole question stands in the address, so that it can be sent to a colleague, who sees of it what they may see. Read next: `console/object.rs`.

use askama::Template;
use axum::extract::{Query as Address, State};
use axum::response::{IntoResponse, Response};
use gotong_app::Node;
use gotong_app::caller::Caller;
use gotong_app::deed::{Asked, Kind};
use gotong_app::view::{
    self, Found, Net, Order, Page, Query, RecordView, SearchAnswer, SearchQuery, Searched, ViewFault,
};
use gotong_crypto::{sha256, text};
use gotong_language::Words;
use gotong_model::{MemberCode, Tlp};
use serde::Deserialize;

use super::bulk::pick_of;
use super::person::{Person, see};
use super::shell::Shell;
use super::show;
use super::shown::{Label, RecordRow, When, object_path};
use crate::api::Web;
use crate::problem::Problem;

/// Rows of a page.
const ROWS: usize = 50;
/// Pages of the use case for one of these, where filters leave little of each.
const PAGES: usize = 20;
/// Types that are offered, observables behind the others; any other can stand in the address, and is offered then too.
const TYPES: [&str; 22] = [
    "indicator",
    "report",
    "malware",
    "vulnerability",
    "attack-pattern",
    "campaign",
    "intrusion-set",
    "threat-actor",
    "tool",
    "identity",
    "sighting",
    "course-of-action",
    "observed-data",
    "note",
    "ipv4-addr",
    "ipv6-addr",
    "domain-name",
    "url",
    "file",
    "email-addr",
    "email-message",
    "network-traffic",
];

/// What the address asks for.
#[derive(Deserialize, Clone, Debug, Default)]
#[serde(default)]
pub(super) struct Question {
    q: String,
    #[serde(rename = "type")]
    object_type: String,
    channel: String,
    author: String,
    label_max: String,
    /// `dated`: newest first by the objects' own time; otherwise what came last comes first.
    order: String,
    after: String,
    /// Rows that are ticked, by their short marks, so that going back finds them ticked.
    picked: String,
}

#[derive(Template)]
#[template(path = "console/intelligence.html")]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own that the page shows")]
struct Intelligence {
    shell: Shell,
    question: Question,
    types: Vec<String>,
    channels: Vec<String>,
    authors: Vec<String>,
    caption: String,
    /// What the times of the rows are, and whether they are the objects' own.
    time: String,
    is_dated: bool,
    rows: Vec<Pickable<RecordRow>>,
    found: Vec<Pickable<FoundRow>>,
    /// Whether this person may act on many at once, and change labels.
    may_act: bool,
    may_relabel: bool,
    total: String,
    facets: Vec<FacetShown>,
    /// Whether what was found is only spelled nearly alike.
    is_similar: bool,
    is_rebuilding: bool,
    /// Networks in which nothing was looked for.
    outside_only: String,
    /// Filters that can match nothing, and why.
    unknown: Vec<(String, String)>,
    searched: Vec<String>,
    places: Vec<String>,
    next: Option<String>,
    /// The first page of this very question.
    here: String,
    is_filtered: bool,
    /// Whether one of an exercise's channels is asked about, and nothing else.
    is_exercise: bool,
    /// Where all that match can be downloaded, where they are a list.
    download: Option<String>,
    /// What in the address could not be understood.
    wrong: Option<String>,
}

/// A row with the box that chooses it.
struct Pickable<T> {
    row: T,
    /// What the box sends.
    pick: String,
    /// What stands for it in the address.
    mark: String,
    is_picked: bool,
}

/// A record that was found, with where and why.
struct FoundRow {
    path: String,
    name: String,
    object_type: String,
    author: String,
    channel: String,
    label: Label,
    at: Option<When>,
    why: String,
    snippets: Vec<SnippetShown>,
}

/// A place where it was found: pieces of text, each with whether it is what was looked for.
struct SnippetShown {
    pieces: Vec<(String, bool)>,
    is_cut: bool,
}

/// What was found narrows by these: a heading, and words with counts and the address that narrows.
struct FacetShown {
    heading: String,
    values: Vec<(String, String, String)>,
}

pub(super) async fn page(
    State(web): State<Web>,
    person: Person,
    Address(question): Address<Question>,
) -> Result<Response, Response> {
    answer(&web, &person, question).await.map_err(IntoResponse::into_response)
}

async fn answer(web: &Web, person: &Person, question: Question) -> Result<Response, Problem> {
    let text = question.q.trim().to_owned();
    let asking = person.caller.clone();
    let wanted = question.clone();
    let (channels, found, page, is_understood) = web
        .run(move |node| {
            let mut channels = view::channels(node, &asking)?;
            channels.retain(|channel| !channel.is_governance);
            let (query, is_understood) = query(&wanted, |name| asking.channel(node, name));
            if text.is_empty() {
                return Ok::<_, ViewFault>((channels, None, Some(page_of(node, &asking, query)?), is_understood));
            }
            if !view::read(node, &asking, &text)?.is_empty() {
                return Ok((channels, Some(Err(text)), None, true));
            }
            let search = SearchQuery {
                text,
                object_type: query.object_type,
                author: query.author.map(|author| author.to_string()),
                channel: query.channel,
                label_max: query.label_max,
                after: query.after,
                limit: ROWS,
            };
            let found = if is_understood { Some(Ok(view::search(node, &asking, &search)?)) } else { None };
            Ok((channels, found, None, is_understood))
        })
        .await?;
    let mut authors: Vec<String> =
        channels.iter().flat_map(|channel| channel.audience.iter().map(ToString::to_string)).collect();
    authors.sort_unstable();
    authors.dedup();
    let found = match found {
        // An id that is asked for has a page of its own.
        Some(Err(id)) => return Ok(see(&object_path(&id))),
        Some(Ok(found)) => Some(found),
        None => None,
    };
    let words = person.words;
    let of_exercise = channels.iter().find(|channel| channel.exercise && channel.handle == question.channel);
    // The channel may also stand in what was typed.
    let typed = found.as_ref().filter(|found| found.is_exercise).and_then(|found| found.rows.first());
    let of_exercise =
        of_exercise.map(|channel| channel.handle.clone()).or_else(|| typed.map(|row| row.channel_handle.to_string()));
    // INVARIANT: 6. What stands in an exercise says so, and leads on within it alone.
    let within = |path: String| match &of_exercise {
        Some(handle) => {
            let channel: String = url::form_urlencoded::byte_serialize(handle.as_bytes()).collect();
            format!("{path}?channel={channel}")
        }
        None => path,
    };
    let (rows, next) = page.map_or_else(Default::default, |page| (page.rows, page.next));
    let next = found.as_ref().map_or(next, |found| found.next.clone());
    let intelligence = Intelligence {
        types: offered(&question.object_type),
        channels: channels.into_iter().map(|channel| channel.handle).collect(),
        authors,
        caption: words.t(if question.is_dated() { "intelligence-caption" } else { "intelligence-caption-arrived" }),
        time: words.t(if question.is_dated() || !question.q.trim().is_empty() {
            "rows-time"
        } else {
            "object-published"
        }),
        is_dated: question.is_dated(),
        may_act: Kind::Withdraw.is_open_to(&person.caller),
        may_relabel: Kind::Relabel.is_open_to(&person.caller),
        rows: rows
            .into_iter()
            .map(|record| (pick_of(&record.channel, &record.id), question.row(record, person)))
            .map(|(pick, row)| question.pickable(pick, RecordRow { path: within(row.path.clone()), ..row }))
            .collect(),
        total: found.as_ref().map(|found| total(words, found)).unwrap_or_default(),
        is_similar: found.as_ref().is_some_and(|found| found.net == Net::Similar),
        is_rebuilding: found.as_ref().is_some_and(|found| found.searched.rebuilding),
        unknown: found.as_ref().map(|found| unknown(person.words, &found.searched)).unwrap_or_default(),
        outside_only: found.as_ref().map(|found| found.searched.outside_only.join(", ")).unwrap_or_default(),
        searched: found.as_ref().map(|found| found.searched.terms.clone()).unwrap_or_default(),
        places: found.as_ref().map(|found| found.searched.channels.clone()).unwrap_or_default(),
        facets: found.as_ref().map(|found| facets(words, &question, found)).unwrap_or_default(),
        found: found
            .map(|found| {
                let rows = found.rows.into_iter().map(|row| found_row(person, &question, row));
                rows.map(|found| Pickable {
                    row: FoundRow { path: within(found.row.path.clone()), ..found.row },
                    ..found
                })
                .collect()
            })
            .unwrap_or_default(),
        next: next.map(|next| question.with("after", &next)),
        here: question.with("after", ""),
        is_filtered: question.is_filtered(),
        is_exercise: of_exercise.is_some(),
        download: (is_understood && question.q.trim().is_empty()).then(|| question.download()),
        wrong: (!is_understood).then(|| words.t("intelligence-wrong")),
        shell: Shell::of(web, person, "/intelligence").asking(&question.q),
        question,
    };
    show(&intelligence)
}

/// A page of a list. Where filters leave little, it looks further before it is shown.
fn page_of(node: &Node, caller: &Caller, mut query: Query) -> Result<Page, ViewFault> {
    let mut page = view::list(node, caller, &query)?;
    for _ in 1..PAGES {
        let Some(next) = page.next.take_if(|_| page.rows.len() < ROWS) else { break };
        query = Query { after: Some(next), limit: ROWS - page.rows.len(), ..query };
        let more = view::list(node, caller, &query)?;
        page.rows.extend(more.rows);
        page.next = more.next;
    }
    Ok(page)
}

fn total(words: Words, found: &SearchAnswer) -> String {
    words.count(if found.more { "intelligence-found-more" } else { "intelligence-found" }, found.total)
}

/// The types to choose from, and the one that is asked for.
fn offered(asked: &str) -> Vec<String> {
    let beside = Some(asked).filter(|asked| !asked.is_empty() && !TYPES.contains(asked));
    TYPES.into_iter().chain(beside).map(str::to_owned).collect()
}

fn found_row(person: &Person, question: &Question, row: Found) -> Pickable<FoundRow> {
    let why = row.matched.first().map(|(_, why)| person.words.t(&format!("intelligence-why-{}", why.as_str())));
    let pick = pick_of(&row.channel, &row.id);
    let shown = FoundRow {
        path: object_path(&row.id),
        name: row.name.unwrap_or(row.id),
        object_type: row.object_type,
        author: row.author.to_string(),
        channel: row.channel_handle.to_string(),
        label: Label::of(row.label),
        at: row.modified.or(row.published_at).map(|at| When::at(&person.moments, at)),
        why: why.unwrap_or_default(),
        snippets: row
            .snippets
            .into_iter()
            .take(3)
            .map(|snippet| SnippetShown {
                pieces: snippet.segments.into_iter().map(|segment| (segment.text, segment.is_hit)).collect(),
                is_cut: snippet.is_cut,
            })
            .collect(),
    };
    question.pickable(pick, shown)
}

fn facets(words: Words, question: &Question, found: &SearchAnswer) -> Vec<FacetShown> {
    let shown = [
        ("rows-type", "type", &found.types),
        ("rows-author", "author", &found.authors),
        ("rows-channel", "channel", &found.channels),
    ];
    let facet = |(heading, name, facets): (&str, &str, &Vec<view::Facet>)| FacetShown {
        heading: words.t(heading),
        values: facets
            .iter()
            .take(8)
            .map(|facet| {
                let count = words.number(i64::try_from(facet.count).unwrap_or(i64::MAX));
                (facet.value.clone(), count, question.with(name, &facet.value))
            })
            .collect(),
    };
    shown.into_iter().filter(|(_, _, facets)| facets.len() > 1).map(facet).collect()
}

/// Filters that can match nothing, and why.
fn unknown(words: Words, searched: &Searched) -> Vec<(String, String)> {
    let told = searched.unknown.iter().map(|(named, value)| {
        let name = named.as_str();
        (format!("{name}:{value}"), words.t(&format!("intelligence-unknown-{name}")))
    });
    told.collect()
}

/// All that a question asks for, for an act on all of it. `None`: it was not understood, and so asks for nothing.
pub(super) fn asked(node: &Node, caller: &Caller, question: &Question) -> Option<Asked> {
    let (query, is_understood) = query(question, |name| caller.channel(node, name));
    let text = question.q.trim();
    if !is_understood {
        return None;
    }
    if text.is_empty() {
        // All of them in any order: the usual one reads a type's records alone.
        return Some(Asked::Listed(Query { order: Order::Usual, ..query }));
    }
    Some(Asked::Found(SearchQuery {
        text: text.to_owned(),
        object_type: query.object_type,
        author: query.author.map(|author| author.to_string()),
        channel: query.channel,
        label_max: query.label_max,
        ..SearchQuery::default()
    }))
}

/// The question as the use case takes it; what cannot be understood asks for nothing and is said.
fn query(question: &Question, channel_of: impl Fn(&str) -> Option<gotong_model::ChannelId>) -> (Query, bool) {
    let mut is_understood = true;
    let text = |given: &str| (!given.is_empty()).then(|| given.to_owned());
    let object_type = text(&question.object_type);
    let after = text(&question.after);
    let channel = match question.channel.as_str() {
        "" => None,
        name => {
            let found = channel_of(name);
            is_understood &= found.is_some();
            found
        }
    };
    let author = match question.author.as_str() {
        "" => None,
        code => {
            let found = MemberCode::from_text(code);
            is_understood &= found.is_some();
            found
        }
    };
    let label_max = match question.label_max.as_str() {
        "" => None,
        label => {
            let found = Tlp::from_text(label);
            is_understood &= found.is_some();
            found
        }
    };
    // A time asked for puts the newest first; no object is older than this. What could not be understood answers nothing, never everything.
    let since = Some(gotong_model::Timestamp::default());
    let until = if is_understood { None } else { since };
    let order = if question.is_dated() { Order::Usual } else { Order::NewestArrival };
    (
        Query { channel, author, object_type, since, until, label_max, order, after, limit: ROWS, ..Query::default() },
        is_understood,
    )
}

impl Question {
    /// As the form around a list sends it.
    pub(super) fn of_form(q: String, object_type: String, channel: String, author: String, label_max: String) -> Self {
        Self { q, object_type, channel, author, label_max, ..Self::default() }
    }

    fn pickable<T>(&self, pick: String, row: T) -> Pickable<T> {
        // Short, since the address carries it; it only ticks boxes of this page, and the box sends the whole.
        let mark: String = text::base32(sha256(pick.as_bytes()).as_bytes()).chars().take(7).collect();
        Pickable { is_picked: self.picked.split('.').take(ROWS).any(|given| given == mark), row, pick, mark }
    }

    fn is_dated(&self) -> bool {
        self.order == "dated"
    }

    fn row(&self, record: RecordView, person: &Person) -> RecordRow {
        let row = if self.is_dated() { RecordRow::of } else { RecordRow::arrived };
        row(record, &person.moments)
    }

    fn is_filtered(&self) -> bool {
        [&self.q, &self.object_type, &self.channel, &self.author, &self.label_max].iter().any(|given| !given.is_empty())
    }

    /// The same list as a file.
    fn download(&self) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        pairs.append_pair("format", "stix");
        for (name, value) in [
            ("type", self.object_type.as_str()),
            ("channel", self.channel.as_str()),
            ("author", self.author.as_str()),
            ("tlp_max", self.label_max.as_str()),
        ] {
            if !value.is_empty() {
                pairs.append_pair(name, value);
            }
        }
        format!("/download?{}", pairs.finish())
    }

    /// The same question with one part of it another: of the next page, or narrowed.
    fn with(&self, part: &str, given: &str) -> String {
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("q", self.q.as_str()),
            ("type", self.object_type.as_str()),
            ("channel", self.channel.as_str()),
            ("author", self.author.as_str()),
            ("label_max", self.label_max.as_str()),
            ("order", self.order.as_str()),
            // A place in one list means nothing in another.
            ("after", ""),
        ] {
            let value = if name == part { given } else { value };
            if !value.is_empty() {
                pairs.append_pair(name, value);
            }
        }
        format!("/intelligence?{}", pairs.finish())
    }
}

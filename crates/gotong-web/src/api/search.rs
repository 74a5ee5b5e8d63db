//! Search: one box that takes words in any language of the region, phrases, values, ids and filters; and suggestions while somebody types. What is found, counted
//! and suggested was decided below, by what the caller may see. Places found are told as segments, never as markup.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use gotong_app::view::{self, Net, SearchAnswer, SearchQuery, ViewFault};
use gotong_model::MemberCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::input::Parameters;
use super::who::Served;
use super::{Web, json_bytes, publish};
use crate::problem::{Problem, table};

/// A search costs as much as so many plain requests.
const UNITS: f64 = 2.0;
/// Rows of a page.
const ROWS_MAX: usize = 100;
const EXERCISE: HeaderName = HeaderName::from_static("gotong-exercise");

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(search)).routes(routes!(suggest))
}

/// What is searched for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchParams {
    /// What was typed: words, "a phrase", -word, values (also defanged), ids, and the filters type:, author:, channel: and label:. At most 2,048 bytes and 32 words.
    q: String,
    /// Only objects of this STIX type.
    #[serde(rename = "type")]
    object_type: Option<String>,
    /// Only this author, by member code.
    author: Option<String>,
    /// Only this channel, by handle or id.
    channel: Option<String>,
    /// Only what is labelled no stricter.
    label_max: Option<String>,
    /// Behind this cursor: `next` of an earlier answer to the same question.
    after: Option<String>,
    /// The same as `after`.
    cursor: Option<String>,
    /// A `Gotong-Position` that the answer must have reached.
    after_position: Option<String>,
    /// Rows of a page, 1 to 100; 25 if not said.
    limit: Option<usize>,
}

/// What is being typed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SuggestParams {
    /// What the box holds so far.
    q: String,
    /// Only words from this channel, by handle or id.
    channel: Option<String>,
}

/// A piece of a text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SearchSegment")]
pub(crate) struct SegmentBody {
    /// The text, as its author wrote it.
    text: String,
    /// Whether it is what was looked for.
    hit: bool,
}

/// A text with the places found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SearchHighlight")]
pub(crate) struct HighlightBody {
    /// What the text is: `name`, `alias` or `text`.
    field: &'static str,
    /// Its pieces, in order.
    segments: Vec<SegmentBody>,
    /// Whether the text goes on before or behind.
    cut: bool,
}

/// Where it was found, and why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SearchMatch")]
pub(crate) struct MatchBody {
    /// `name`, `alias` or `text`; missing for ids and values.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    /// `id`, `value`, `network` (a network that holds it), `within` (what lies in it), `domain` (one above it), `url` (one on it), `exact-name`, `word`, `accents`, `beginning`, `part` or `similar`.
    why: &'static str,
}

/// A record that was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SearchResult")]
pub(crate) struct ResultBody {
    /// The object's STIX id.
    id: String,
    /// Its type.
    #[serde(rename = "type")]
    object_type: String,
    /// What to call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The channel's handle.
    channel: String,
    /// The author.
    author: String,
    /// The log; an organisation is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    /// The index in it; an organisation is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    /// For an organisation, in place of log and index: the name by which it knows this publication again.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    /// The label that counts.
    label: &'static str,
    /// The object's own time.
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    /// When it was published, where it has no time of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    published_at: Option<String>,
    /// How well it fits: more is better. It comes from this record and the question alone.
    score: u32,
    /// Where and why, the best first.
    matched: Vec<MatchBody>,
    /// The places found.
    highlights: Vec<HighlightBody>,
}

/// How many are of one sort.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SearchFacet")]
pub(crate) struct FacetBody {
    /// Which.
    value: String,
    /// How many; with `total_is_least`, at least so many.
    count: usize,
}

/// What was found, sorted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SearchFacets")]
pub(crate) struct FacetsBody {
    /// By type.
    #[serde(rename = "type")]
    types: Vec<FacetBody>,
    /// By author.
    author: Vec<FacetBody>,
    /// By channel.
    channel: Vec<FacetBody>,
    /// By label.
    label: Vec<FacetBody>,
}

/// A filter that can match nothing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "UnknownFilter")]
pub(crate) struct UnknownBody {
    /// `type`, `author`, `channel` or `label`.
    filter: &'static str,
    /// What it names.
    value: String,
}

/// What was searched, so that "nothing" can be understood.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SearchedFor")]
pub(crate) struct SearchedBody {
    /// What was looked for.
    terms: Vec<String>,
    /// What must not be there.
    without: Vec<String>,
    /// In which channels, at most 64 of them.
    channels: Vec<String>,
    /// In how many.
    channels_count: usize,
    /// Networks in which nothing was looked for, because they are too wide or too many. What lies in them may be known all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    outside_only: Vec<String>,
    /// Filters that can match nothing, because there is no such type, member, channel or label, as far as the caller may know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<UnknownBody>,
    /// Whether the indexes are being built again, so that something may be missing.
    rebuilding: bool,
    /// Whether nothing was found as typed, and words spelled nearly alike were taken.
    similar: bool,
}

/// A page of what was found, the best first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SearchPage")]
pub(crate) struct SearchBody {
    /// The rows.
    results: Vec<ResultBody>,
    /// How many there are.
    total: usize,
    /// Whether there are more than `total`: it was not counted further.
    total_is_least: bool,
    /// What was found, sorted.
    facets: FacetsBody,
    /// What was searched.
    searched: SearchedBody,
    /// For `after`, with the same question: where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A word that may be meant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SearchSuggestion")]
pub(crate) struct SuggestionBody {
    /// What the box would hold.
    text: String,
    /// In how many records the word stands, up to a hundred.
    count: usize,
}

/// Words that may be meant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "SearchSuggestions")]
pub(crate) struct SuggestionsBody {
    /// The most frequent first, at most ten.
    suggestions: Vec<SuggestionBody>,
}

impl From<view::Found> for ResultBody {
    fn from(found: view::Found) -> Self {
        let highlights = found.snippets.into_iter().map(|snippet| HighlightBody {
            field: snippet.field,
            segments: snippet
                .segments
                .into_iter()
                .map(|part| SegmentBody { text: part.text, hit: part.is_hit })
                .collect(),
            cut: snippet.is_cut,
        });
        let matched = found.matched.into_iter();
        let (log, index, entry) = found.place.into_parts();
        Self {
            id: found.id,
            object_type: found.object_type,
            name: found.name,
            channel: found.channel_handle.to_string(),
            author: found.author.to_string(),
            log,
            index,
            entry,
            label: found.label.as_str(),
            modified: found.modified.map(|at| at.to_string()),
            published_at: found.published_at.map(|at| at.to_string()),
            score: found.score,
            matched: matched
                .map(|(field, why)| MatchBody { field: (!field.is_empty()).then_some(field), why: why.as_str() })
                .collect(),
            highlights: highlights.collect(),
        }
    }
}

impl From<SearchAnswer> for SearchBody {
    fn from(answer: SearchAnswer) -> Self {
        let facets = |facets: Vec<view::Facet>| {
            facets.into_iter().map(|facet| FacetBody { value: facet.value, count: facet.count }).collect()
        };
        let searched = answer.searched;
        Self {
            results: answer.rows.into_iter().map(ResultBody::from).collect(),
            total: answer.total,
            total_is_least: answer.more,
            facets: FacetsBody {
                types: facets(answer.types),
                author: facets(answer.authors),
                channel: facets(answer.channels),
                label: facets(answer.labels),
            },
            searched: SearchedBody {
                terms: searched.terms,
                without: searched.without,
                channels: searched.channels,
                channels_count: searched.channels_count,
                outside_only: searched.outside_only,
                unknown: searched
                    .unknown
                    .into_iter()
                    .map(|(named, value)| UnknownBody { filter: named.as_str(), value })
                    .collect(),
                rebuilding: searched.rebuilding,
                similar: answer.net == Net::Similar,
            },
            next: answer.next,
        }
    }
}

/// Searches names, descriptions, notes and reports, and looks up values and ids: one box, the best first.
#[utoipa::path(get, path = "/search", tag = "read", params(SearchParams),
    responses((status = 200, description = "What was found; nothing is an answer too, and says what was searched", body = SearchBody)))]
async fn search(
    State(web): State<Web>,
    Served(who): Served,
    Parameters(params): Parameters<SearchParams>,
) -> Result<Response, Problem> {
    web.reach(&who.0, params.after_position.as_deref()).await?;
    web.spend(&who.0, UNITS)?;
    let bad = |text: &str| Problem::of(&table::BAD_PARAMETER).saying(text);
    let limit = params.limit.unwrap_or(0);
    if params.limit.is_some() && !(1..=ROWS_MAX).contains(&limit) {
        return Err(bad("limit must be 1 to 100"));
    }
    let author = params.author.as_deref();
    let author = author.map(|code| MemberCode::from_text(code).ok_or_else(|| bad("author must be a member code")));
    let label = params.label_max.as_deref();
    let label = label.map(|text| publish::tlp(text).ok_or_else(|| bad("label_max is not one of the labels")));
    let query = SearchQuery {
        text: params.q,
        object_type: params.object_type,
        author: author.transpose()?.map(|code| code.to_string()),
        channel: params.channel.map(|name| web.channel(&who.0, &name)).transpose()?,
        label_max: label.transpose()?,
        after: params.after.or(params.cursor),
        limit,
    };
    let (bytes, is_exercise) = web
        .run(move |node| {
            let answer = view::search(node, &who.0, &query)?;
            let is_exercise = answer.is_exercise;
            Ok::<_, ViewFault>((serde_json::to_vec(&SearchBody::from(answer)).unwrap_or_default(), is_exercise))
        })
        .await?;
    let mut response = json_bytes(bytes);
    if is_exercise {
        // INVARIANT: 6. The channel may stand in the text, where `server/exercise.rs` does not look.
        response.headers_mut().insert(EXERCISE, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// Suggests whole words for what is being typed, from records that the caller may read.
#[utoipa::path(get, path = "/suggest", tag = "read", params(SuggestParams),
    responses((status = 200, description = "Words that may be meant", body = SuggestionsBody)))]
async fn suggest(
    State(web): State<Web>,
    Served(who): Served,
    Parameters(params): Parameters<SuggestParams>,
) -> Result<axum::Json<SuggestionsBody>, Problem> {
    let channel = params.channel.map(|name| web.channel(&who.0, &name)).transpose()?;
    let found = web.run(move |node| view::suggest(node, &who.0, &params.q, channel)).await?;
    let suggestions = found.suggestions.into_iter();
    let suggestions = suggestions.map(|found| SuggestionBody { text: found.text, count: found.count }).collect();
    Ok(axum::Json(SuggestionsBody { suggestions }))
}

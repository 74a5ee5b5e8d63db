//! What an input would become, before anything is published: what it is and why, what a table's columns would mean, which objects come out of its beginning,
//! and what could not be read or carried; of a channel that is named, also what would become of each object there: published, refused by which clause,
//! waiting for a person, or known, and what warninglists say of its values. Publishes nothing and keeps nothing.

use std::collections::BTreeMap;

use axum::Json as Answer;
use axum::extract::{Path, Request, State};
use gotong_app::import::{BATCH_BYTES, BATCH_OBJECTS, Import};
use gotong_app::publish::{Fate, Forecast, Foreseen, Intent, Prepared, Submission};
use gotong_app::{Node, NodeFault};
use gotong_formats::stix21::{self, InputKind};
use gotong_formats::text;
use gotong_model::limits;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Web;
use super::bulk::intake::{Came, Intake, name_of};
use super::bulk::{ImportParams, LossLine};
use super::input::{self, Parameters};
use super::who::Served;
use crate::problem::{Problem, Reason};

/// Objects that are shown.
const OBJECTS_MAX: usize = 50;
/// Faults and losses that are shown, each.
const LINES_MAX: usize = 50;
/// Values shown of one object.
const VALUES_MAX: usize = 20;

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(preview)).routes(routes!(preview_in_channel))
}

/// What an input would become.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct PreviewBody {
    /// The format it is read as.
    format: &'static str,
    /// Why, where nobody said which it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// Of a table, what its columns mean: to be corrected where it is wrong, and sent back as `mapping`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    mapping: Option<text::Mapping>,
    /// Of a table, why each column is taken so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    columns: Vec<ColumnBody>,
    /// How many objects of which type came out of what was sent.
    counts: BTreeMap<String, u64>,
    /// Where a channel was named, how many objects would meet which outcome there: `publish`, `wait`, `refuse`, `known`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    foreseen: BTreeMap<&'static str, u64>,
    /// Where a channel was named, how many of them have values that are on warninglists, and would be taken all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    noted: Option<u64>,
    /// Values were taken out of a text, list or table, and no warninglist is loaded here that could tell false alarms.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unchecked: bool,
    /// The first of them.
    objects: Vec<ObjectBody>,
    /// What could not be read, the first of it.
    refused: Vec<RefusedBody>,
    /// How much could not be read.
    refused_count: u64,
    /// What has no place in its object, the first of it.
    not_carried: Vec<LossLine>,
    /// How much has none.
    not_carried_count: u64,
}

/// Why a column is taken so.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ColumnBody {
    /// Its name.
    name: String,
    /// 0 to 100.
    confidence: u8,
    /// In English.
    reason: String,
}

/// An object that would be made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ObjectBody {
    /// The line or number it comes from.
    line: u64,
    /// Its id.
    id: String,
    /// Its type.
    #[serde(rename = "type")]
    object_type: String,
    /// What to call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// What it can be found by.
    values: Vec<String>,
    /// Its own marking; without one the label of the import or the channel counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    tlp: Option<&'static str>,
    /// What makes one hesitate: such an object would wait in quarantine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    doubts: Vec<String>,
    /// Where a channel was named, what would become of it there: `publish`, `wait` for a person, `refuse`, or `known` already.
    #[serde(skip_serializing_if = "Option::is_none")]
    foreseen: Option<&'static str>,
    /// The label under which it would be published or wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'static str>,
    /// Why, or what to know of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<Reason>,
}

/// Something that could not be read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusedBody {
    /// The line or number.
    line: u64,
    /// Why.
    why: Vec<Reason>,
}

/// Reads the beginning of an input and says what would come of it.
#[utoipa::path(post, path = "/preview", tag = "publish", params(ImportParams),
    request_body(content((String = "application/octet-stream")), description = "The input, or its beginning: at most 4 MiB"),
    responses((status = 200, description = "What would come of it; nothing is kept", body = PreviewBody)))]
async fn preview(
    State(web): State<Web>,
    Served(_who): Served,
    Parameters(params): Parameters<ImportParams>,
    request: Request,
) -> Result<Answer<PreviewBody>, Problem> {
    look(web, params, None, request).await
}

/// Reads the beginning of an input and says what would become of it in this channel, if its caller published it now.
#[utoipa::path(post, path = "/channels/{channel}/records/preview", tag = "publish",
    params(("channel" = String, Path, description = "Handle or id of the channel"), ImportParams),
    request_body(content((String = "application/octet-stream")), description = "The input, or its beginning: at most 4 MiB"),
    responses((status = 200, description = "What would come of it there; nothing is kept", body = PreviewBody)))]
async fn preview_in_channel(
    State(web): State<Web>,
    Served(who): Served,
    Path(channel): Path<String>,
    Parameters(params): Parameters<ImportParams>,
    request: Request,
) -> Result<Answer<PreviewBody>, Problem> {
    let channel = web.writable_channel(&who.0, &channel)?;
    let intent = params.publish().intent(&who, channel)?;
    look(web, params, Some(intent), request).await
}

async fn look(
    web: Web,
    params: ImportParams,
    intent: Option<Intent>,
    request: Request,
) -> Result<Answer<PreviewBody>, Problem> {
    // Ids are made for one channel: those of a look without one are nobody's.
    let scope = intent.as_ref().map(|intent| intent.channel.to_string()).unwrap_or_default();
    let choice = params.choice(InputKind::Auto, web.node.now(), scope)?;
    let (parts, body) = request.into_parts();
    input::expect_plain(&parts.headers)?;
    input::expect_at_most(&parts.headers, limits::API_BODY_BYTES_MAX)?;
    let body = input::read_whole(body, limits::API_BODY_BYTES_MAX).await?;
    web.run(move |node| told(node, Intake::new(node, choice)?, intent, &body)).await.map(Answer)
}

fn told(node: &Node, mut intake: Intake, intent: Option<Intent>, bytes: &[u8]) -> Result<PreviewBody, NodeFault> {
    let choice = intake.choice();
    let (said, mapping, charset) = (choice.format, choice.mapping.clone(), choice.charset);
    intake.push(bytes);
    intake.finish();
    let mut body = PreviewBody::default();
    let mut rehearsal = intent.map(|intent| Rehearsal::new(node, intent, intake.is_of_now()));
    while let Some(came) = intake.next() {
        match came {
            Came::Object { line, body: object } => {
                body.object(line, &object);
                if let Some(rehearsal) = &mut rehearsal {
                    rehearsal.push(Submission { line, body: object }, &mut body)?;
                }
            }
            Came::Lost(outcome) => {
                let why = if let Fate::Refused(why) = &outcome.fate { why.as_slice() } else { &[] };
                body.refuse(outcome.line, why.iter().map(Reason::from).collect());
            }
            Came::NotCarried(loss) => {
                body.not_carried_count += 1;
                if body.not_carried.len() < LINES_MAX {
                    body.not_carried.push(loss.into());
                }
            }
        }
    }
    if let Some(rehearsal) = rehearsal {
        rehearsal.finish(&mut body)?;
    }
    body.unchecked = intake.is_of_now() && node.warninglists()?.lists().is_empty();
    let found = intake.found();
    let format = said.or(found.map(|(format, _)| format)).unwrap_or(text::Format::Stix);
    body.format = name_of(format);
    body.reason = found.map(|(_, reason)| reason);
    if format == text::Format::Csv {
        let guess = text::guess(bytes, Some(charset));
        if mapping.is_none() {
            let columns = guess.mapping.columns.iter().zip(guess.why);
            body.columns = columns
                .map(|(column, why)| ColumnBody {
                    name: column.name.clone(),
                    confidence: why.confidence,
                    reason: why.reason,
                })
                .collect();
        }
        body.mapping = Some(mapping.unwrap_or(guess.mapping));
    }
    Ok(body)
}

/// What an import into a channel would do, by the import's own steps up to its commit.
struct Rehearsal<'n> {
    node: &'n Node,
    import: Import,
    batch: Vec<Submission>,
    bytes: usize,
}

impl<'n> Rehearsal<'n> {
    fn new(node: &'n Node, intent: Intent, settles: bool) -> Self {
        let mut import = Import::new(intent);
        if settles {
            import.settle();
        }
        Self { node, import, batch: Vec::new(), bytes: 0 }
    }

    fn push(&mut self, submission: Submission, told: &mut PreviewBody) -> Result<(), NodeFault> {
        self.bytes += submission.body.len();
        self.batch.push(submission);
        if self.batch.len() < BATCH_OBJECTS && self.bytes < BATCH_BYTES {
            return Ok(());
        }
        self.work(told)
    }

    fn work(&mut self, told: &mut PreviewBody) -> Result<(), NodeFault> {
        self.bytes = 0;
        told.foresee(&self.import.prepare(self.node, std::mem::take(&mut self.batch))?);
        Ok(())
    }

    fn finish(mut self, told: &mut PreviewBody) -> Result<(), NodeFault> {
        self.work(told)?;
        told.foresee(&self.import.finish(self.node)?);
        Ok(())
    }
}

/// The word for what is foreseen, in answers, message ids and classes.
pub(crate) fn word(fate: Foreseen) -> &'static str {
    match fate {
        Foreseen::Publish(_) => "publish",
        Foreseen::Refuse => "refuse",
        Foreseen::Wait(_) => "wait",
        Foreseen::Known => "known",
    }
}

impl PreviewBody {
    fn object(&mut self, line: u64, object: &[u8]) {
        let facts = match stix21::read(object) {
            Ok(facts) => facts,
            Err(faults) => {
                let why = faults.into_iter().map(|fault| Reason::from(&gotong_app::publish::Why::field(fault)));
                return self.refuse(line, why.collect());
            }
        };
        *self.counts.entry(facts.object_type.clone()).or_default() += 1;
        if self.objects.len() < OBJECTS_MAX {
            self.objects.push(ObjectBody {
                line,
                id: facts.id,
                object_type: facts.object_type,
                name: facts.name,
                values: facts.values.into_iter().take(VALUES_MAX).map(|value| value.text).collect(),
                tlp: facts.marking.map(gotong_model::Tlp::as_str),
                doubts: facts.doubts.iter().map(stix21::Doubt::text).collect(),
                foreseen: None,
                label: None,
                why: Vec::new(),
            });
        }
    }

    /// What would become of a batch; the lines of what cannot be read at all are told as refused already.
    fn foresee(&mut self, prepared: &Prepared) {
        let noted = self.noted.get_or_insert(0);
        for Forecast { line, id, fate, why } in prepared.forecast() {
            let Some(id) = id else { continue };
            *self.foreseen.entry(word(fate)).or_default() += 1;
            *noted += u64::from(matches!(fate, Foreseen::Publish(_)) && !why.is_empty());
            // By both: one line may hold many objects, and one id may come twice.
            let is_it = |object: &&mut ObjectBody| object.line == line && object.id == id && object.foreseen.is_none();
            if let Some(object) = self.objects.iter_mut().find(is_it) {
                object.foreseen = Some(word(fate));
                object.label = match fate {
                    Foreseen::Publish(label) | Foreseen::Wait(label) => Some(label.as_str()),
                    Foreseen::Refuse | Foreseen::Known => None,
                };
                object.why = why.iter().map(Reason::from).collect();
            }
        }
    }

    fn refuse(&mut self, line: u64, why: Vec<Reason>) {
        self.refused_count += 1;
        if self.refused.len() < LINES_MAX {
            self.refused.push(RefusedBody { line, why });
        }
    }
}

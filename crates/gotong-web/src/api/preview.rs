//! What an input would become, before anything is published: what it is and why, what a table's columns would mean, which objects come out of its beginning,
//! and what could not be read or carried. Publishes nothing and keeps nothing.

use std::collections::BTreeMap;

use axum::Json as Answer;
use axum::extract::{Request, State};
use gotong_app::publish::Fate;
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
    OpenApiRouter::new().routes(routes!(preview))
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
    let choice = params.choice(InputKind::Auto, web.node.now(), String::new())?;
    let (parts, body) = request.into_parts();
    input::expect_plain(&parts.headers)?;
    input::expect_at_most(&parts.headers, limits::API_BODY_BYTES_MAX)?;
    let body = input::read_whole(body, limits::API_BODY_BYTES_MAX).await?;
    web.run(move |node| Intake::new(node, choice).map(|intake| told(intake, &body))).await.map(Answer)
}

fn told(mut intake: Intake, bytes: &[u8]) -> PreviewBody {
    let choice = intake.choice();
    let (said, mapping, charset) = (choice.format, choice.mapping.clone(), choice.charset);
    intake.push(bytes);
    intake.finish();
    let mut body = PreviewBody::default();
    while let Some(came) = intake.next() {
        match came {
            Came::Object { line, body: object } => body.object(line, &object),
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
    body
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
            });
        }
    }

    fn refuse(&mut self, line: u64, why: Vec<Reason>) {
        self.refused_count += 1;
        if self.refused.len() < LINES_MAX {
            self.refused.push(RefusedBody { line, why });
        }
    }
}

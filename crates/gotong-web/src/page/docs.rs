//! Pages about the API itself: its operations, its problems, its OpenAPI document.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::{OpenApi, RefOr};

use super::page;
use super::text::{ENGLISH, Say};
use crate::api::input::Path;
use crate::api::json_bytes;
use crate::openapi;
use crate::problem::{Kind, Problem, table};

#[derive(Template)]
#[template(path = "docs.html")]
struct Docs {
    say: Say,
    groups: Vec<Group>,
}

struct Group {
    name: String,
    about: String,
    operations: Vec<OperationLine>,
}

struct OperationLine {
    method: &'static str,
    path: String,
    about: String,
    more: String,
    parameters: Vec<ParameterLine>,
}

struct ParameterLine {
    name: String,
    about: String,
}

/// The operations by group.
pub(super) async fn operations() -> Result<Response, Problem> {
    page(StatusCode::OK, &Docs { say: ENGLISH, groups: groups(&openapi::api()) })
}

fn groups(api: &OpenApi) -> Vec<Group> {
    let tags = api.tags.iter().flatten();
    tags.map(|tag| {
        let mut operations = Vec::new();
        for (path, item) in &api.paths.paths {
            for (method, operation) in operations_of(item) {
                if operation.tags.iter().flatten().any(|name| *name == tag.name) {
                    operations.push(line(method, path, operation));
                }
            }
        }
        Group { name: tag.name.clone(), about: tag.description.clone().unwrap_or_default(), operations }
    })
    .collect()
}

fn operations_of(item: &PathItem) -> Vec<(&'static str, &Operation)> {
    let all = [("GET", &item.get), ("POST", &item.post), ("DELETE", &item.delete)];
    all.into_iter().filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation))).collect()
}

fn line(method: &'static str, path: &str, operation: &Operation) -> OperationLine {
    let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    });
    OperationLine {
        method,
        path: path.to_owned(),
        about: operation.summary.clone().unwrap_or_default(),
        more: operation.description.clone().unwrap_or_default(),
        parameters: parameters
            .map(|parameter| ParameterLine {
                name: parameter.name.clone(),
                about: parameter.description.clone().unwrap_or_default(),
            })
            .collect(),
    }
}

/// The OpenAPI document.
pub(super) async fn openapi() -> Response {
    json_bytes(openapi::document().into_bytes())
}

#[derive(Template)]
#[template(path = "problems.html")]
struct Problems {
    say: Say,
    kinds: &'static [&'static Kind],
}

/// All problems.
pub(super) async fn problems() -> Result<Response, Problem> {
    page(StatusCode::OK, &Problems { say: ENGLISH, kinds: table::TABLE })
}

#[derive(Template)]
#[template(path = "problem.html")]
struct OneProblem {
    say: Say,
    kind: &'static Kind,
}

/// One problem.
pub(super) async fn problem(Path(slug): Path<String>) -> Result<Response, Problem> {
    let kind = table::lookup(&slug).ok_or_else(|| Problem::of(&table::NOT_FOUND))?;
    page(StatusCode::OK, &OneProblem { say: ENGLISH, kind })
}

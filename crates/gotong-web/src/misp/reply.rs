//! What is answered: JSON as MISP writes it, and refusals in the shape that its programs read (`message`, `errors`, `url`).
//!
//! Must not let any other shape out: what went wrong behind a problem of the API becomes one of MISP here. Read next: `problem/table.rs`.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gotong_app::NodeFault;
use gotong_app::publish::Why;
use gotong_app::view::ViewFault;
use serde_json::{Value, json};

use crate::problem::Problem;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// An answer.
pub(super) struct Reply {
    status: StatusCode,
    body: Vec<u8>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Reply {
    pub(super) fn json(value: &Value) -> Self {
        Self::bytes(serde_json::to_vec(value).unwrap_or_default(), JSON)
    }

    pub(super) fn bytes(body: Vec<u8>, media: HeaderValue) -> Self {
        Self { status: StatusCode::OK, body, headers: vec![(CONTENT_TYPE, media)] }
    }

    /// What MISP says after an act.
    pub(super) fn done(message: &str, path: &str) -> Self {
        let url = format!("/{path}");
        Self::json(&json!({"saved": true, "success": true, "name": message, "message": message, "url": url}))
    }

    /// The same, with what to know before going on.
    pub(super) fn done_and(message: &str, path: &str, next: &str) -> Self {
        let url = format!("/{path}");
        Self::json(
            &json!({"saved": true, "success": true, "name": message, "message": message, "url": url, "next": next}),
        )
    }

    /// Adds a header; what cannot stand in one is left out.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((HeaderName::from_static(name), value));
        }
        self
    }

    /// Gives it an `ETag`; 304 for whoever has this already.
    pub(super) fn tagged(mut self, known: Option<&str>) -> Self {
        let tag = format!("\"{}\"", gotong_crypto::sha256(&self.body).to_text());
        if known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)) {
            self.status = StatusCode::NOT_MODIFIED;
            self.body = Vec::new();
        }
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            self.headers.push((ETAG, tag));
        }
        self
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response
    }
}

/// Why something is not done.
#[derive(Debug)]
pub(super) enum Stop {
    /// As the API would say it.
    Problem(Problem),
    /// In MISP's own words.
    Said {
        /// The status.
        status: StatusCode,
        /// For people.
        message: String,
        /// One text, or more by name.
        errors: Value,
        /// Where the thing is, if it is there already.
        location: Option<String>,
    },
}

impl Stop {
    /// Refused, with what to do next.
    pub(super) fn forbidden(message: impl Into<String>, errors: Value) -> Self {
        Self::Said { status: StatusCode::FORBIDDEN, message: message.into(), errors, location: None }
    }

    /// What was sent cannot be taken.
    pub(super) fn unfit(message: impl Into<String>, errors: Value) -> Self {
        Self::Said { status: StatusCode::BAD_REQUEST, message: message.into(), errors, location: None }
    }

    /// There is no such thing for this caller.
    pub(super) fn absent(what: &str) -> Self {
        let message = format!("Invalid {what}: there is none, or none that you may see.");
        Self::Said { status: StatusCode::NOT_FOUND, errors: json!(message), message, location: None }
    }

    /// Refused by policy: each reason, and the clause that decided.
    pub(super) fn refused(whys: &[Why]) -> Self {
        Self::forbidden("Event could not be saved: it may not be published here.", told(whys))
    }

    pub(super) fn into_response(self, path: &str) -> Response {
        let (status, message, errors, location, next, headers) = match self {
            Self::Said { status, message, errors, location } => (status, message, errors, location, None, Vec::new()),
            Self::Problem(problem) => {
                let kind = problem.kind();
                // When to come back, and how to log in, are said as everywhere else.
                let headers = problem.headers().to_vec();
                let document = serde_json::to_value(problem.document()).unwrap_or_default();
                let message = match document.get("detail").and_then(Value::as_str) {
                    Some(detail) => format!("{}: {detail}", kind.title),
                    None => kind.title.to_owned(),
                };
                let errors = document.get("errors").cloned().unwrap_or_else(|| json!(message));
                let status = StatusCode::from_u16(kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
                (status, message, errors, None, Some(kind.next), headers)
            }
        };
        let mut body = json!({"saved": false, "name": message, "message": message, "url": path, "errors": errors});
        if let (Some(next), Some(body)) = (next, body.as_object_mut()) {
            body.insert("next".to_owned(), json!(next));
        }
        let mut response = (status, serde_json::to_vec(&body).unwrap_or_default()).into_response();
        response.headers_mut().extend(headers);
        response.headers_mut().insert(CONTENT_TYPE, JSON);
        if let Some(location) = location.and_then(|location| HeaderValue::from_str(&location).ok()) {
            response.headers_mut().insert(axum::http::header::LOCATION, location);
        }
        response
    }
}

/// Reasons as JSON: the sentence, the field and the clause.
pub(super) fn told(whys: &[Why]) -> Value {
    whys.iter().map(|why| serde_json::to_value(why).unwrap_or_default()).collect()
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<NodeFault> for Stop {
    fn from(fault: NodeFault) -> Self {
        Self::Problem(fault.into())
    }
}

impl From<ViewFault> for Stop {
    fn from(fault: ViewFault) -> Self {
        Self::Problem(fault.into())
    }
}

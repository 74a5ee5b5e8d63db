//! What the HTTP edge answers when it does not do what was asked: RFC 9457 problems, every one of a kind in one table.
//!
//! Text for outside stands here; what only the operator may know (paths, faults of the store) goes to the log instead.
//! Read next: `problem/table.rs`.

pub mod table;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gotong_app::NodeFault;
use gotong_app::publish::Why;
use serde::Serialize;

pub use table::Kind;

/// One field, line or clause that stands in the way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
pub struct Reason {
    /// Message id, for translations.
    pub id: String,
    /// JSON pointer (RFC 6901) to the field in what was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The clause that decided, as `<agreement> <number>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// The sentence in English.
    pub text: String,
}

impl From<&Why> for Reason {
    fn from(why: &Why) -> Self {
        Self { id: why.id.clone(), pointer: why.pointer.clone(), clause: why.clause.clone(), text: why.text.clone() }
    }
}

/// A problem on its way out.
#[derive(Debug)]
pub struct Problem {
    kind: &'static Kind,
    detail: Option<String>,
    errors: Vec<Reason>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// A problem as JSON (`application/problem+json`).
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "Problem")]
pub struct ProblemDocument {
    /// Which kind: a path on this server where it is explained.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, for every problem of this kind.
    pub title: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// What happened this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What to do next.
    pub next: &'static str,
    /// Each field, line or clause that stands in the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Reason>,
}

impl Problem {
    /// A problem of a kind.
    pub fn of(kind: &'static Kind) -> Self {
        Self { kind, detail: None, errors: Vec::new(), headers: Vec::new() }
    }

    /// Says what happened this time.
    #[must_use]
    pub fn saying(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// What happened, in a sentence.
    pub fn text(&self) -> &str {
        self.detail.as_deref().unwrap_or(self.kind.title)
    }

    /// Names what stands in the way.
    #[must_use]
    pub fn because(mut self, whys: &[Why]) -> Self {
        self.errors.extend(whys.iter().map(Reason::from));
        self
    }

    /// Points at one field of what was sent.
    #[must_use]
    pub fn at(mut self, pointer: &str, id: &str, text: impl Into<String>) -> Self {
        let text = text.into();
        self.errors.push(Reason { id: id.to_owned(), pointer: Some(pointer.to_owned()), clause: None, text });
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Says after how many seconds trying again makes sense.
    #[must_use]
    pub fn retry_after_s(self, seconds: u64) -> Self {
        self.with_header(RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The headers that go with it.
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// The kind.
    pub fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// The document that goes out.
    pub fn document(self) -> ProblemDocument {
        ProblemDocument {
            kind: self.kind.uri(),
            title: self.kind.title,
            status: self.kind.status,
            detail: self.detail,
            next: self.kind.next,
            errors: self.errors,
        }
    }

    /// The problem of something refused: the worst of the reasons decides the kind.
    pub fn refused(whys: &[Why]) -> Self {
        let any = |id: &str| whys.iter().any(|why| why.id == id);
        let kind = if any("channel.unknown") {
            return Self::of(&table::NOT_FOUND);
        } else if any("record.conflict") {
            &table::CONFLICT
        } else if any("label.laxer-than-before") {
            &table::LABEL_CONFLICT
        } else if whys.iter().any(|why| why.clause.is_some()) {
            &table::FORBIDDEN_BY_CLAUSE
        } else if any("stix.split.too-large") || any("stix.object.too-large") {
            &table::TOO_LARGE
        } else {
            &table::REFUSED
        };
        Self::of(kind).because(whys)
    }
}

impl From<NodeFault> for Problem {
    fn from(fault: NodeFault) -> Self {
        let kind = match &fault {
            NodeFault::Store(gotong_app::StoreFault::Full) => &table::STORE_FULL,
            NodeFault::Store(fault) if fault.retry_helps() => &table::BUSY,
            NodeFault::Restored => &table::RESTORED,
            NodeFault::Store(_) | NodeFault::Document(_) | NodeFault::Unfit(_) => &table::INTERNAL,
        };
        // Faults name files and rows, which only the operator may see.
        tracing::error!(problem = kind.slug, fault = %fault, "a request failed");
        let problem = Self::of(kind);
        if kind.status == 503 { problem.retry_after_s(5) } else { problem }
    }
}

impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        let headers = std::mem::take(&mut self.headers);
        let status = StatusCode::from_u16(self.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.document()).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        for (name, value) in headers {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<gotong_app::view::ViewFault> for Problem {
    fn from(fault: gotong_app::view::ViewFault) -> Self {
        use gotong_app::view::ViewFault;
        match fault {
            ViewFault::Cursor => Self::of(&table::BAD_PARAMETER)
                .saying("the cursor was made for another token or list, or before the node was restored"),
            fault @ ViewFault::TooMany { .. } => Self::of(&table::TOO_LARGE).saying(fault.to_string()),
            ViewFault::Behind => Self::of(&table::BEHIND).retry_after_s(2),
            ViewFault::Node(fault) => fault.into(),
        }
    }
}

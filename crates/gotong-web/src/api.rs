//! The public API, version 1: one file per group of addresses under `api/`, and what they share.
//!
//! Handlers read a request, call one use case of `gotong-app` on a blocking thread and shape its answer; they decide nothing.
//! Read next: `api/publish.rs` (the way of a record in), `api/records.rs` (the way out).

pub(crate) mod bulk;
pub(crate) mod channels;
pub(crate) mod documents;
pub(crate) mod duties;
pub(crate) mod exercise;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod input;
pub(crate) mod limiter;
pub(crate) mod lines;
pub(crate) mod lookup;
pub(crate) mod operation;
pub(crate) mod organisations;
pub(crate) mod place;
pub(crate) mod position;
pub(crate) mod preview;
pub(crate) mod publish;
pub(crate) mod quarantine;
pub(crate) mod records;
pub(crate) mod register;
pub(crate) mod search;
pub(crate) mod shapes;
pub(crate) mod sources;
pub(crate) mod subscriptions;
pub(crate) mod targets;
pub(crate) mod tokens;
pub(crate) mod unpack;
pub(crate) mod users;
pub(crate) mod warninglists;
pub(crate) mod who;
pub(crate) mod withdraw;

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use gotong_app::{Node, NodeFault};
use tokio::sync::{Notify, Semaphore};

use crate::console::log_in::allowance::Allowance;
use crate::federation::Links;
use crate::federation::WatchBell;
use crate::metrics::Metrics;
use crate::problem::{Problem, table};
use crate::server::ServerOptions;
use limiter::{Limiter, Rate};

/// Use cases that run at once for requests; each holds a blocking thread.
const WORK_AT_ONCE_MAX: usize = 64;
/// Bulk imports at once: each holds a batch or two in memory.
const IMPORTS_AT_ONCE_MAX: usize = 4;
/// Failed log-ins from one place.
const FAILURES: Rate = Rate { per_second: 2.0, burst: 40.0 };

/// What every handler has: the node and what the edge keeps beside it. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Web(Arc<Inner>);

/// Behind [`Web`].
pub(crate) struct Inner {
    pub(crate) node: Arc<Node>,
    pub(crate) options: ServerOptions,
    pub(crate) links: Links,
    pub(crate) bell: Arc<WatchBell>,
    pub(crate) limiter: Limiter,
    /// Tokens that were none, by where they came from.
    failures: Limiter,
    pub(crate) metrics: Metrics,
    /// How often somebody may try to log in.
    pub(crate) allowance: Allowance,
    pub(crate) imports: Arc<Semaphore>,
    /// Who follows what arrives.
    pub(crate) subscriptions: crate::subscription::Desk,
    /// The identity provider, and who is on the way to it.
    pub(crate) provider: Option<crate::console::provider::Desk>,
    /// Which sources are running.
    pub(crate) sources: crate::source::Desk,
    /// Which targets are running.
    pub(crate) targets: crate::target::Desk,
    work: Semaphore,
    /// Rung when a request left something to be erased or built again.
    pub(crate) upkeep: Notify,
    /// Rung when a parcel is held, so that it leaves at its time.
    pub(crate) parcels: Notify,
    /// Rung when a letter should be looked at now.
    pub(crate) letters: Notify,
    /// Secrets that were made a moment ago.
    pub(crate) once: crate::console::once::Desk,
    /// Verifications that people have begun.
    pub(crate) verifying: crate::console::logs::verifying::Desk,
    /// One archive or verification at a time.
    pub(crate) long_work: Arc<Semaphore>,
    pub(crate) stopping: AtomicBool,
}

impl std::fmt::Debug for Web {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Web({})", self.node.member)
    }
}

impl Deref for Web {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Web {
    pub(crate) fn new(node: Arc<Node>, options: ServerOptions, links: Links, bell: Arc<WatchBell>) -> Self {
        Self(Arc::new(Inner {
            node,
            limiter: Limiter::new(options.rate),
            provider: crate::console::provider::desk(&options),
            options,
            links,
            bell,
            failures: Limiter::new(FAILURES),
            metrics: Metrics::default(),
            allowance: Allowance::default(),
            subscriptions: crate::subscription::Desk::default(),
            sources: crate::source::Desk::default(),
            targets: crate::target::Desk::default(),
            imports: Arc::new(Semaphore::new(IMPORTS_AT_ONCE_MAX)),
            work: Semaphore::new(WORK_AT_ONCE_MAX),
            upkeep: Notify::new(),
            parcels: Notify::new(),
            letters: Notify::new(),
            once: crate::console::once::Desk::default(),
            verifying: crate::console::logs::verifying::Desk::default(),
            long_work: Arc::new(Semaphore::new(2)),
            stopping: AtomicBool::new(false),
        }))
    }

    /// Runs a use case on a blocking thread.
    pub(crate) async fn run<T, E>(
        &self,
        work: impl FnOnce(&Node) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem> + Send + 'static,
    {
        let _turn = self.work.acquire().await.map_err(|_| Problem::of(&table::BUSY).retry_after_s(5))?;
        let node = Arc::clone(&self.node);
        match tokio::task::spawn_blocking(move || work(&node)).await {
            Ok(result) => result.map_err(Into::into),
            Err(fault) => {
                tracing::error!(%fault, "a use case panicked");
                Err(Problem::of(&table::INTERNAL))
            }
        }
    }

    /// Like [`Self::run`], for a question that may have no answer: that is 404.
    pub(crate) async fn find<T, E>(
        &self,
        question: impl FnOnce(&Node) -> Result<Option<T>, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem> + Send + 'static,
    {
        self.run(question).await?.ok_or_else(|| Problem::of(&table::NOT_FOUND))
    }

    /// Whether the node takes writes; says why not before any work is done.
    pub(crate) fn expect_writable(&self) -> Result<(), Problem> {
        if self.node.is_restored() { Err(NodeFault::Restored.into()) } else { Ok(()) }
    }
}

/// An answer whose JSON is already written.
pub(crate) fn json_bytes(bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

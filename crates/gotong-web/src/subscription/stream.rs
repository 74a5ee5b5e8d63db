//! Server-sent events (the HTML standard, section 9.2): one answer that goes on, woken by the bell. Each event's id is the place behind it, so that a client
//! which lost its connection goes on exactly there with `Last-Event-ID`.
//!
//! Before every batch, and with every heartbeat, the caller is asked for anew: a stream ends with the rights it was opened with. Read next: `shapes.rs`.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use gotong_app::caller::Caller;
use gotong_app::role::Right;
use gotong_app::subscription::{self, Filter, Follow, Place};
use gotong_app::token;
use gotong_app::view::ViewFault;
use gotong_app::{Node, NodeFault};
use gotong_model::Slug;
use hyper::body::{Bytes, Frame};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::shapes::EventBody;
use super::{STOPPED, Seat};
use crate::api::Web;
use crate::problem::{Problem, table};

/// How often a silent stream says that it is there; proxies close what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Events read at a time: a reader who is behind holds no more than this in memory.
const EVENTS: usize = 100;
/// Pieces that wait for a slow reader.
const WAITING: usize = 2;
/// After how many milliseconds a client that lost its connection comes back.
const RETRY_MS: u32 = 3_000;

/// Whom a stream is for, and how it is made sure that this still holds.
#[derive(Clone)]
pub(crate) struct Asker {
    caller: Caller,
    /// The token's secret; `None`: the node's own socket.
    secret: Option<String>,
}

impl Asker {
    pub(crate) fn new(caller: Caller, secret: Option<String>) -> Self {
        Self { caller, secret }
    }

    /// The caller as it is now.
    fn again(&self, node: &Node) -> Result<Option<Caller>, NodeFault> {
        let caller = match &self.secret {
            None => Some(self.caller.clone()),
            Some(secret) => token::authenticate(node, secret)?,
        };
        Ok(caller.filter(|caller| caller.id == self.caller.id && caller.may(Right::Read)))
    }
}

/// What is followed.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    /// A search of the caller's, as it is when it is read.
    Search(Slug),
    /// This.
    Filter(Filter),
}

impl Subject {
    /// The filter now. `None`: the search is gone.
    pub(crate) fn filter(&self, node: &Node, caller: &Caller) -> Result<Option<Filter>, NodeFault> {
        match self {
            Self::Filter(filter) => Ok(Some(filter.clone())),
            Self::Search(name) => Ok(subscription::lookup(node, caller, name)?.map(|search| search.filter)),
        }
    }
}

/// What a stream is to be.
pub(crate) struct Wanted {
    pub(crate) asker: Asker,
    pub(crate) subject: Subject,
    pub(crate) after: Place,
    pub(crate) with_bodies: bool,
    /// Whether it goes on, or ends with what there is now.
    pub(crate) goes_on: bool,
}

struct EventsBody {
    receiver: mpsc::Receiver<Bytes>,
    _seat: Seat,
}

impl hyper::body::Body for EventsBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.receiver.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// The answer, and the task that writes it.
pub(crate) fn open(web: &Web, wanted: Wanted, seat: Seat) -> Response {
    let (sender, response) = streamed(seat);
    tokio::spawn(write(web.clone(), wanted, sender));
    response
}

/// An answer that goes on, and what writes into it.
pub(crate) fn streamed(seat: Seat) -> (mpsc::Sender<Bytes>, Response) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let mut response = Response::new(Body::new(EventsBody { receiver, _seat: seat }));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that gather answers before they pass them on would hold events back.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    (sender, response)
}

/// What one look came to.
enum Look {
    /// The caller or its search has ended: the event that says so.
    Ended(&'static str),
    /// These bytes, the place behind them, and whether there is more.
    Told(Vec<u8>, Place, bool),
}

async fn write(web: Web, wanted: Wanted, sender: mpsc::Sender<Bytes>) {
    let mut news = web.subscriptions.listen();
    let mut place = wanted.after;
    let mut beat = tokio::time::interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    let hello = format!("retry: {RETRY_MS}\n: following\n\n");
    if sender.send(hello.into()).await.is_err() {
        return;
    }
    loop {
        if *news.borrow_and_update() == STOPPED {
            return;
        }
        match look(&web, &wanted, place).await {
            Err(_) => return,
            Ok(Look::Ended(why)) => {
                let told = format!("event: ended\ndata: {{\"why\":\"{why}\"}}\n\n");
                let _ = sender.send(told.into()).await;
                return;
            }
            Ok(Look::Told(bytes, behind, more)) => {
                place = behind;
                if !bytes.is_empty() && sender.send(bytes.into()).await.is_err() {
                    return;
                }
                if more {
                    continue;
                }
            }
        }
        if !wanted.goes_on {
            return;
        }
        tokio::select! {
            changed = news.changed() => if changed.is_err() { return },
            _ = beat.tick() => {
                // With it comes another look, and so the question whether the caller is still one.
                if sender.send(Bytes::from_static(b":\n\n")).await.is_err() {
                    return;
                }
            }
            () = sender.closed() => return,
        }
    }
}

async fn look(web: &Web, wanted: &Wanted, place: Place) -> Result<Look, Problem> {
    let (asker, subject, with_bodies) = (wanted.asker.clone(), wanted.subject.clone(), wanted.with_bodies);
    let _turn = web.subscriptions.looks.acquire().await.map_err(|_| Problem::of(&table::BUSY))?;
    web.run(move |node| {
        let Some(caller) = asker.again(node)? else { return Ok(Look::Ended("the token counts no more")) };
        let Some(filter) = subject.filter(node, &caller)? else { return Ok(Look::Ended("the search was removed")) };
        let follow = Follow::new(&filter, place, EVENTS, with_bodies);
        let batch = subscription::follow(node, &caller, follow)?;
        let mut bytes = Vec::new();
        for event in batch.events {
            let position = event.place.seal(node, &caller);
            let body = EventBody::inside(event, position.clone());
            // JSON on one line: no text of an object can begin a field of the stream.
            let data = serde_json::to_string(&body).unwrap_or_default();
            let data = data.replace(['\n', '\r'], " ");
            bytes.extend_from_slice(format!("id: {position}\nevent: {}\ndata: {data}\n\n", body.event).as_bytes());
        }
        Ok::<_, ViewFault>(Look::Told(bytes, batch.place, batch.more))
    })
    .await
}

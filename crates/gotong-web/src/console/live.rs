//! News for an open page: how many records have come, and how many have gone, that its person may see. What they are the page asks for itself, so that
//! nothing of them stands in a stream that outlives a session, and lists move only when somebody wants them to.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gotong_app::session::{self, Stage};
use gotong_app::subscription::{self, Act, Filter, Follow, Place};
use gotong_app::view::ViewFault;
use hyper::body::Bytes;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::person::Person;
use crate::api::Web;
use crate::problem::Problem;
use crate::subscription::STOPPED;
use crate::subscription::stream::streamed;

/// How often a silent stream says that it is there, and asks whether its session still counts.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// Events counted at a time.
const EVENTS: usize = 200;
/// After a batch of news the next waits for so long: an import does not ring for every record.
const PAUSE: Duration = Duration::from_millis(500);

/// Whose stream it is.
#[derive(Clone)]
struct Reader {
    cookie: String,
    caller: String,
}

/// The stream. Without a session there is nothing to follow, and "no content" tells browsers not to ask again.
pub(super) async fn stream(State(web): State<Web>, person: Result<Person, Response>) -> Result<Response, Response> {
    let Ok(person) = person else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let seat = web.subscriptions.sit(&person.caller.id).map_err(IntoResponse::into_response)?;
    let place = web.run(subscription::now).await.map_err(IntoResponse::into_response)?;
    let (sender, response) = streamed(seat);
    let reader = Reader { cookie: person.cookie, caller: person.caller.id };
    tokio::spawn(write(web, reader, place, sender));
    Ok(response)
}

/// What came since.
#[derive(Default)]
struct News {
    come: usize,
    gone: usize,
}

async fn write(web: Web, reader: Reader, mut place: Place, sender: mpsc::Sender<Bytes>) {
    let mut rings = web.subscriptions.listen();
    let mut beat = tokio::time::interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    if sender.send(Bytes::from_static(b"retry: 3000\n: following\n\n")).await.is_err() {
        return;
    }
    loop {
        if *rings.borrow_and_update() == STOPPED {
            return;
        }
        let Ok(Some((news, behind))) = look(&web, &reader, place).await else {
            // The session has ended: the page asks for the log-in at its next step.
            let _ = sender.send(Bytes::from_static(b"event: ended\ndata: {}\n\n")).await;
            return;
        };
        place = behind;
        for (about, count) in [("record", news.come), ("gone", news.gone)] {
            let told = format!("event: news\ndata: {{\"about\":\"{about}\",\"count\":{count}}}\n\n");
            if count > 0 && sender.send(told.into()).await.is_err() {
                return;
            }
        }
        if news.come + news.gone > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        tokio::select! {
            changed = rings.changed() => if changed.is_err() { return },
            _ = beat.tick() => {
                if sender.send(Bytes::from_static(b":\n\n")).await.is_err() {
                    return;
                }
            }
            () = sender.closed() => return,
        }
    }
}

/// Counts what came behind a place, as whoever the session is for may see it now. `None`: the session has ended.
async fn look(web: &Web, reader: &Reader, mut place: Place) -> Result<Option<(News, Place)>, Problem> {
    let reader = reader.clone();
    web.run(move |node| {
        let found = session::find(node, &reader.cookie)?;
        let Some(session) = found.filter(|found| found.stage == Stage::Whole && found.caller.id == reader.caller)
        else {
            return Ok::<_, ViewFault>(None);
        };
        let filter = Filter::default();
        let mut news = News::default();
        loop {
            let follow = Follow::new(&filter, place, EVENTS, false);
            let batch = subscription::follow(node, &session.caller, follow)?;
            for event in &batch.events {
                match event.act {
                    Act::Published(_) => news.come += 1,
                    Act::Withdrawn { .. } => news.gone += 1,
                }
            }
            place = batch.place;
            if !batch.more {
                return Ok(Some((news, place)));
            }
        }
    })
    .await
}

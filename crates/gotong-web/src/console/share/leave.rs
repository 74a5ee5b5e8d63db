//! Parcels whose time has come leave, each in the name of the person who shared it, with the rights that this person has then. One at a time; woken when
//! one is held, and again at the time of the next. Goes on after a crash: what was published already is then known. Acts on many records (`gotong_app::deed`)
//! keep the same hours and are carried out between.

use std::sync::Arc;
use std::time::Duration;

use gotong_app::act::{self, Act, Ending, Told};
use gotong_app::deed::{self, Step};
use gotong_app::parcel::{self, Parcel};
use gotong_app::{Node, caller};
use tokio::sync::watch;

use super::carry;
use crate::api::Web;
use crate::problem::Problem;

/// How long it sleeps at most: the clock of the machine may be moved.
const SLEEP_MAX: Duration = Duration::from_secs(30);
/// How long a parcel is left alone that could not be sent because of the store.
const AFTER_FAULT: Duration = Duration::from_secs(5);

/// Runs until the server stops.
pub(crate) async fn run(web: Web, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        let node = Arc::clone(&web.node);
        let step = tokio::task::spawn_blocking(move || step(&node)).await;
        let pause = match step {
            Ok(Ok(None)) => {
                web.upkeep.notify_one();
                continue;
            }
            Ok(Ok(Some(pause))) => pause,
            Ok(Err(problem)) => {
                tracing::warn!(status = problem.kind().status, "a parcel could not leave and is tried again");
                AFTER_FAULT
            }
            Err(fault) => {
                tracing::error!(%fault, "a parcel's sending panicked");
                AFTER_FAULT
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = web.parcels.notified() => {}
            _ = stopping.changed() => {}
        }
    }
}

/// Sends one that is due. `None`: there may be another; else how long to sleep.
fn step(node: &Node) -> Result<Option<Duration>, Problem> {
    let (due, next) = parcel::due(node)?;
    let Some((parcel, body)) = due else {
        // What somebody shares goes first; an act on many records is carried out piece by piece between.
        let Step::Rests(next_deed) = deed::step(node)? else { return Ok(None) };
        parcel::sweep(node)?;
        deed::sweep(node)?;
        let next = next.into_iter().chain(next_deed).min();
        let until = next.map(|next| next.micros().saturating_sub(node.now().micros()).max(0));
        let pause = until.and_then(|until| u64::try_from(until).ok()).map_or(SLEEP_MAX, Duration::from_micros);
        return Ok(Some(pause.min(SLEEP_MAX)));
    };
    settle(node, &parcel, &body)?;
    Ok(None)
}

fn settle(node: &Node, parcel: &Parcel, body: &[u8]) -> Result<(), Problem> {
    // INVARIANT: it leaves with the rights that its person has now, or not at all.
    let Some(owner) = caller::current(node, &parcel.owner)? else {
        return Ok(parcel::settled(node, &parcel.id)?);
    };
    let act = match carry::send(node, &owner, parcel, body) {
        Ok(act) => act,
        // What the store cannot do now it can do later; what is wrong with the parcel stays wrong.
        Err(problem) if problem.kind().status >= 500 => return Err(problem),
        Err(_) => Act::new(Ending::Refused, Told::of("share-outcome-unreadable"))
            .then("/share", Told::of("share-outcome-again")),
    };
    act::keep(node, &owner, &act.settling(&format!("share-{}", parcel.id)).of_parcel(&parcel.id))?;
    Ok(parcel::settled(node, &parcel.id)?)
}

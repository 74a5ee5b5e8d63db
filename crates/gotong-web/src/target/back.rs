//! What is taken back at a target: objects that went there and are not shown here any more, or whose label is now above what may go. TAXII has no tombstones, so
//! an object is deleted there; where the server does not let it be, that is kept and told, and a person asks whoever runs it.
//!
//! Must not give up because the server is away: what could not be asked is asked in the next run. Read next: `gotong_app::target::sweep`.

use std::sync::Arc;

use gotong_app::target::{self, Failed, Kept};
use hyper::header::CONTENT_TYPE;

use super::place::Place;
use super::push::is_final;
use super::{Job, RunFault, Told, blocking};
use crate::outward::fault::FetchFault;
use crate::outward::fetch::Ask;

/// What became of one object.
enum Done {
    /// It was there, and is there no more.
    Gone,
    /// It was not there.
    NotThere,
    /// The server does not let it be taken back.
    Left(String),
}

/// Takes back whatever has to be. `is_pending`: the server may still add what it was sent, so nothing counts as gone.
pub(super) async fn take_back(job: &Job, place: &Place, is_pending: bool, told: &mut Told) -> Result<(), RunFault> {
    let (node, wanted) = (Arc::clone(&job.node), job.target().clone());
    let Kept { gone, mark } = blocking(move || target::sweep(&node, &wanted)).await?;
    let mut is_whole = true;
    for one in gone {
        let done = delete(job, place, &one.id).await?;
        let (node, wanted, now) = (Arc::clone(&job.node), job.target().clone(), job.node.now());
        let goes_on = match done {
            // The server may still add it behind this: its mark stays, and it is asked for again.
            Done::Gone | Done::NotThere if is_pending => {
                is_whole = false;
                true
            }
            Done::Gone => {
                told.counts.taken_back += 1;
                blocking(move || target::taken_back(&node, &wanted, &one, true)).await?
            }
            Done::NotThere => blocking(move || target::taken_back(&node, &wanted, &one, false)).await?,
            Done::Left(why) => {
                told.counts.left += 1;
                let text = format!("{} could not be taken back there: {why}; ask whoever runs the server", one.id);
                told.note("target.left", text);
                let left = Failed::new(&one.id, 0, now, &why);
                blocking(move || target::kept_back(&node, &wanted, left)).await?
            }
        };
        if !goes_on {
            return Err(RunFault::changed());
        }
    }
    if let Some(mark) = mark.filter(|_| is_whole) {
        let (node, wanted) = (Arc::clone(&job.node), job.target().clone());
        if !blocking(move || target::swept(&node, &wanted, &mark)).await? {
            return Err(RunFault::changed());
        }
    }
    Ok(())
}

async fn delete(job: &Job, place: &Place, id: &str) -> Result<Done, RunFault> {
    let ask = Ask { deletes: true, ..job.ask(place.object(job, id)?)? };
    match job.answer(&ask).await {
        Ok(answer) => {
            // A page that says 200 to everything has deleted nothing.
            let media = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let is_theirs = media.is_empty() || super::is_taxii(media);
            Ok(if is_theirs { Done::Gone } else { Done::Left("the answer is none of TAXII 2.1".to_owned()) })
        }
        Err(FetchFault::Status { status: 404 | 410, .. }) => Ok(Done::NotThere),
        Err(fault) if is_final(&fault) => Ok(Done::Left(fault.to_string())),
        Err(fault) => Err(job.fault(&fault)),
    }
}

//! Exercise data: a made-up case that people load to see a node at work, and take away again. It goes into a channel of the member's own house rule that is
//! marked as exercise, and nowhere else: such a channel never leaves the member's machines, and no list of what is real shows it.
//!
//! Both acts change nothing where nothing is left to do, so whatever cut one off, the same act again completes it. Read next: `exercise/case.rs`.

mod case;

use std::sync::PoisonError;

use gotong_model::control::Reason;
use gotong_model::governance::ChannelKind;
use gotong_model::{ChannelId, Tlp};
use gotong_store::ReadTx;

use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::{Fate, Intent, Markings, Submission, Why};
use crate::rows;
use crate::withdraw::{Selection, Withdrawn, live_of};

/// Where exercise data stand or would go, and how much of them is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// The handle of the channel; `None`: the house rule has none for exercises, or the caller may not know of it.
    pub channel: Option<String>,
    /// Objects of the case that are there.
    pub loaded: usize,
    /// Objects of the case.
    pub of: usize,
}

/// What came of loading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loaded {
    /// The handle of the channel.
    pub channel: String,
    /// Objects that came in now.
    pub new: usize,
    /// Objects that were there already.
    pub known: usize,
    /// Objects that the channel does not take.
    pub refused: usize,
    /// Why not, each reason once.
    pub why: Vec<Why>,
}

/// What came of removing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Removed {
    /// The handles of the channels that had some.
    pub channels: Vec<String>,
    /// Objects that were taken back.
    pub objects: usize,
    /// Entries whose contents are erased; an object that was corrected has more than one.
    pub entries: u64,
}

/// A channel for exercises under the own house rule.
struct Place {
    id: ChannelId,
    handle: String,
    ceiling: Tlp,
}

/// The places that this caller may know of, by handle.
fn places(node: &Node, caller: &Caller) -> Vec<Place> {
    let governance = node.governance();
    // INVARIANT: 6. Nothing of the case is ever written but where everything is of an exercise; and of those channels only the house's own, which no other
    // member is sent anything of.
    let of_exercises =
        governance.channels().filter(|channel| channel.kind == ChannelKind::House && channel.channel_type.exercise);
    let mut places: Vec<Place> = of_exercises
        .map(|channel| Place { id: channel.id, handle: channel.handle(), ceiling: channel.channel_type.ceiling })
        .filter(|place| caller.channel(node, &place.id.to_string()).is_some())
        .collect();
    places.sort_by(|a, b| a.handle.cmp(&b.handle));
    places
}

/// How many versions of each object of the case stand in a place.
fn standing(node: &Node, place: &Place, ids: &[&str]) -> Result<Vec<usize>, NodeFault> {
    let tx: &dyn ReadTx = &*node.store.read()?;
    let own = rows::logs_of(tx, &place.id, &node.member)?;
    ids.iter().map(|id| live_of(tx, &own, id)).collect()
}

/// The place that has most of it, else the first.
fn place_of(node: &Node, caller: &Caller) -> Result<Option<(Place, Vec<usize>)>, NodeFault> {
    let ids = case::IDS;
    let mut best: Option<(usize, Place, Vec<usize>)> = None;
    for place in places(node, caller) {
        let versions = standing(node, &place, &ids)?;
        let loaded = versions.iter().filter(|count| **count > 0).count();
        if best.as_ref().is_none_or(|(most, ..)| loaded > *most) {
            best = Some((loaded, place, versions));
        }
    }
    Ok(best.map(|(_, place, versions)| (place, versions)))
}

/// Where exercise data are.
pub fn state(node: &Node, caller: &Caller) -> Result<State, NodeFault> {
    let found = place_of(node, caller)?;
    Ok(State {
        loaded: found.as_ref().map_or(0, |(_, versions)| versions.iter().filter(|count| **count > 0).count()),
        channel: found.map(|(place, _)| place.handle),
        of: case::IDS.len(),
    })
}

/// Loads what is missing of the case, in one transaction. Refused as a whole where there is no channel for exercises.
pub fn load(node: &Node, caller: &Caller) -> Result<Result<Loaded, Vec<Why>>, NodeFault> {
    // Two at the same moment would each find nothing there. House rules do not change meanwhile either.
    let _turn = node.taking_in.lock().unwrap_or_else(PoisonError::into_inner);
    node.catch_up()?;
    let Some((place, standing)) = place_of(node, caller)? else { return Ok(Err(vec![no_channel()])) };
    let mut submissions = Vec::new();
    let mut known = 0;
    for (bodies, stand) in case::objects(node.now(), place.ceiling).into_iter().zip(standing) {
        known += usize::from(stand >= bodies.len());
        for body in bodies.into_iter().skip(stand) {
            submissions.push(Submission { line: submissions.len() as u64, body });
        }
    }
    let mut loaded = Loaded { channel: place.handle, new: 0, known, refused: 0, why: Vec::new() };
    if submissions.is_empty() {
        return Ok(Ok(loaded));
    }
    let intent = Intent {
        channel: place.id,
        default_tlp: None,
        organisation: caller.organisation.clone(),
        constituent: caller.constituent.clone(),
        pap: None,
        personal_data: None,
        purpose: None,
        caller: caller.id.clone(),
    };
    // Doubts are for what somebody brought: a warninglist that names addresses of documentation is right, and no reason to wait here.
    let prepared = node.prepare(&intent, submissions, &Markings::new(), true)?;
    let mut seen: Vec<Option<String>> = Vec::new();
    for outcome in node.commit(Priority::People, prepared)? {
        // An object that was corrected comes as two versions, and is one object.
        let is_first = !seen.contains(&outcome.id);
        match outcome.fate {
            Fate::New(_) | Fate::Updated(_) => loaded.new += usize::from(is_first),
            Fate::Known(_) => loaded.known += usize::from(is_first),
            Fate::Refused(why) | Fate::Quarantined(_, why) => {
                loaded.refused += usize::from(is_first);
                for why in why {
                    if !loaded.why.contains(&why) {
                        loaded.why.push(why);
                    }
                }
            }
        }
        seen.push(outcome.id);
    }
    // Whoever presses sees the next moment what they loaded.
    node.catch_up()?;
    Ok(Ok(loaded))
}

/// Takes the whole case back, wherever it was loaded: bodies, envelopes and views of it are erased. Once it returns nothing here shows any of it; traces in the
/// store's files are wiped by the next [`Node::finish_erasures`].
pub fn remove(node: &Node, caller: &Caller) -> Result<Removed, NodeFault> {
    let _turn = node.taking_in.lock().unwrap_or_else(PoisonError::into_inner);
    node.catch_up()?;
    let mut removed = Removed::default();
    for place in places(node, caller) {
        // What is not there needs no tombstone, and no line in the audit.
        if standing(node, &place, &case::IDS)?.iter().all(|count| *count == 0) {
            continue;
        }
        let selection = Selection {
            channel: place.id,
            ids: case::IDS.map(str::to_owned).to_vec(),
            modified: None,
            constituent: caller.constituent.clone(),
            caller: caller.id.clone(),
        };
        for (_, withdrawn) in node.withdraw(&selection, Reason::Other)? {
            if let Withdrawn::Done { entries, .. } = withdrawn {
                removed.objects += 1;
                removed.entries += entries;
            }
        }
        removed.channels.push(place.handle);
    }
    Ok(removed)
}

fn no_channel() -> Why {
    Why::plain(
        "exercise.no-channel",
        "this node has no channel for exercises: its house rule needs a channel type with exercise = true (gotong house new, sign, accept)",
    )
}

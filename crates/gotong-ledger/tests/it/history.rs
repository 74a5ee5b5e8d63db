//! One history for each log: frames join what is held, wherever they begin, and every second history is told as one.

use gotong_crypto::{Digest, sha256};
use gotong_ledger::{
    Checkpoint, Difference, FollowFault, Follower, Frame, FrameEntry, Frontier, JoinFault, Leaf, VerifiedFrame, agrees,
    join,
};

use crate::support::{SampleLog, Stored};

fn verified(log: &SampleLog, frame: &Frame) -> VerifiedFrame {
    frame.clone().verify(&log.key.public(), &log.origin).unwrap()
}

/// What a receiver of the first `held` leaves holds.
fn held(log: &SampleLog, held: u64) -> Stored {
    Stored::of(&log.entries[..held as usize].iter().map(|entry| entry.leaf(&log.origin).hash()).collect::<Vec<_>>())
}

/// The same author's other history of the same log: entry `parts_at` is another one.
fn other_history(log: &SampleLog, count: u64, parts_at: u64) -> SampleLog {
    let mut other = SampleLog::new(0);
    for (index, entry) in log.entries[..count as usize].iter().enumerate() {
        let changed = FrameEntry::Erased(Leaf { flags: 0, commitment: sha256(b"another entry") });
        let entry = if index as u64 == parts_at { changed } else { entry.clone() };
        other.stored.push(entry.leaf(&log.origin).hash());
        other.entries.push(entry);
    }
    other
}

fn promise(checkpoint: &Checkpoint) -> (u64, Digest) {
    (checkpoint.size, checkpoint.root)
}

#[test]
fn every_frame_that_begins_within_what_is_held_joins_it() {
    let log = SampleLog::new(11);
    for have in 0..=11 {
        let mine = held(&log, have);
        for size in 1..=11 {
            for first in 0..size {
                for count in 1..=size - first {
                    let frame = verified(&log, &log.frame(first, count, size));
                    let joined = join(&mine, &mine.frontier, &[], &frame);
                    if first > have {
                        assert_eq!(joined, Err(JoinFault::Gap { held: have, first }));
                        continue;
                    }
                    let joined = joined.unwrap();
                    let now = have.max(first + count);
                    assert_eq!(joined.overlap as u64, count.min(have - first));
                    assert_eq!(Some(joined.frontier), Frontier::load(&log.stored, now).unwrap());
                    let promised = if size > now { vec![promise(&log.checkpoint(size))] } else { Vec::new() };
                    assert_eq!(joined.promised, promised);
                    let mut nodes = Vec::new();
                    let fresh = &frame.leaf_hashes[joined.overlap..];
                    mine.frontier.clone().extend(fresh, |height, index, hash| nodes.push((height, index, hash)));
                    assert_eq!(joined.completed, nodes);
                }
            }
        }
    }
}

#[test]
fn a_second_history_is_told_wherever_it_shows() {
    let log = SampleLog::new(12);
    let mine = held(&log, 6);
    let difference = |parts_at, first, count, size, promised: &[(u64, Digest)]| {
        let other = other_history(&log, 12, parts_at);
        match join(&mine, &mine.frontier, promised, &verified(&other, &other.frame(first, count, size))) {
            Err(JoinFault::TwoHistories(difference)) => Some(difference),
            Ok(_) => None,
            Err(fault) => panic!("{fault:?}"),
        }
    };
    assert_eq!(difference(2, 6, 3, 12, &[]), Some(Difference::Before), "left of the frame");
    assert_eq!(difference(2, 1, 3, 12, &[]), Some(Difference::Leaf(2)), "in the overlap");
    let other = other_history(&log, 12, 4).checkpoint(5);
    let own = Difference::Checkpoint { size: 5, root: other.root };
    assert_eq!(difference(4, 0, 4, 5, &[]), Some(own), "right of the frame, under its own checkpoint");
    assert_eq!(difference(9, 6, 3, 12, &[]), None, "beyond what is held: promised, not seen yet");
    // Once the honest checkpoint of 11 is known, growing to or past it tells.
    let honest = promise(&log.checkpoint(11));
    let told = Some(Difference::Checkpoint { size: honest.0, root: honest.1 });
    assert_eq!(difference(9, 6, 4, 12, &[honest]), None);
    assert_eq!(difference(9, 6, 5, 12, &[honest]), told);
    assert_eq!(difference(9, 6, 6, 12, &[honest]), told);
    assert_eq!(difference(11, 6, 6, 12, &[honest]), None, "they part after it");
    // Two roots for one size need no leaves.
    let twelve = promise(&log.checkpoint(12));
    assert!(matches!(difference(9, 6, 1, 12, &[twelve]), Some(Difference::Checkpoint { size: 12, .. })));
    assert_eq!(difference(12, 6, 1, 12, &[twelve, honest, twelve]), None, "one history, told twice");
}

#[test]
fn a_checkpoint_is_compared_as_soon_as_its_leaves_are_held() {
    let log = SampleLog::new(9);
    let mine = held(&log, 6);
    let lie = |size| Checkpoint { root: sha256(b"lie"), ..log.checkpoint(size) };
    for size in 0..=9 {
        let expected = (size <= 6).then_some(true);
        assert_eq!(agrees(&mine, 6, &log.checkpoint(size)), Ok(expected));
        assert_eq!(agrees(&mine, 6, &lie(size)), Ok(expected.map(|_| false)));
    }
}

#[test]
fn a_log_is_followed_from_its_beginning_without_gap_or_overlap() {
    let log = SampleLog::new(20);
    let mut follower = Follower::new(log.origin.clone());
    let mut first = 0;
    for (count, size, promised) in [(1, 4, 1), (2, 20, 2), (1, 20, 1), (16, 20, 0)] {
        let frame = verified(&log, &log.frame(first, count, size));
        follower.admit(&frame).unwrap();
        first += count;
        assert_eq!(follower.promised().len(), promised, "after {first}");
        let again = FollowFault::Gap { held: first, first: first - count };
        assert_eq!(follower.admit(&frame), Err(again));
    }
    assert_eq!(follower.frontier().root(), log.checkpoint(20).root);
    assert_eq!(follower.origin(), log.origin);
    let frame = verified(&log, &log.frame(0, 1, 1));
    assert_eq!(Follower::new("gotong/elsewhere".into()).admit(&frame), Err(FollowFault::OtherLog));
}

#[test]
fn a_follower_tells_two_histories_and_stays_as_it_was() {
    let log = SampleLog::new(12);
    let mut follower = Follower::new(log.origin.clone());
    follower.admit(&verified(&log, &log.frame(0, 4, 8))).unwrap();
    let before = follower.clone();
    for (parts_at, expected_size) in [(2, None), (6, Some(8))] {
        let other = other_history(&log, 12, parts_at);
        let fault = follower.admit(&verified(&other, &other.frame(4, 6, 12)));
        match (fault, expected_size) {
            (Err(FollowFault::TwoHistories(Difference::Before)), None) => (),
            (Err(FollowFault::TwoHistories(Difference::Checkpoint { size, .. })), Some(expected)) => {
                assert_eq!(size, expected);
            }
            (other, _) => panic!("{other:?}"),
        }
        assert_eq!(follower, before);
    }
    // The archive's own difference: the first frame's checkpoint promised 8 leaves of one history.
    follower.admit(&verified(&log, &log.frame(4, 8, 12))).unwrap();
    assert!(follower.promised().is_empty());
}

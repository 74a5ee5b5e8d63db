//! Who is inside: connections in all, connections without a good hello by address, connections by member. Every place is given back when its
//! holder is dropped. A member's room also bounds the work that it can keep this node busy with, so that one peer cannot slow another.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gotong_model::{MemberCode, limits};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

/// Connections in all.
const CONNECTIONS_MAX: usize = 1_024;
/// Connections without a good hello.
const STRANGERS_MAX: usize = 128;
/// The same from one address.
const STRANGERS_PER_ADDRESS_MAX: usize = 32;
/// Answers of frames that are on their way to one member.
const SENDING_MAX: usize = 2;
/// Requests that a member may save up, and how many it gains each second.
const BURST: u32 = 1_000;
const REQUESTS_PER_SECOND: u32 = 500;
/// What a request counts for.
pub(crate) const ASKING: u32 = 1;
/// What acknowledgements count for besides: they are a transaction.
pub(crate) const WRITING: u32 = 4;

#[derive(Default)]
struct Counts {
    all: usize,
    strangers: usize,
    by_address: HashMap<IpAddr, usize>,
    members: BTreeMap<MemberCode, (usize, Arc<Room>)>,
}

/// The doors of one node.
#[derive(Clone, Default)]
pub(crate) struct Doors(Arc<Mutex<Counts>>);

/// What one member's connections share.
pub(crate) struct Room {
    /// One piece of work of a member at a time.
    pub(crate) work: Arc<Semaphore>,
    /// Answers of frames that are being sent.
    pub(crate) sending: Arc<Semaphore>,
    pace: Mutex<Pace>,
}

/// A token bucket: requests saved up, as of an instant.
struct Pace {
    saved: f64,
    at: Instant,
}

impl Room {
    fn new() -> Self {
        Self {
            work: Arc::new(Semaphore::new(1)),
            sending: Arc::new(Semaphore::new(SENDING_MAX)),
            pace: Mutex::new(Pace { saved: f64::from(BURST), at: Instant::now() }),
        }
    }

    /// Waits until the member may ask again; what makes this node write costs more.
    pub(crate) async fn pace(&self, cost: u32) {
        let delay = self.delay(cost);
        if delay > Duration::ZERO {
            sleep(delay).await;
        }
    }

    fn delay(&self, cost: u32) -> Duration {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let gained = now.duration_since(pace.at).as_secs_f64() * f64::from(REQUESTS_PER_SECOND);
        pace.saved = (pace.saved + gained).min(f64::from(BURST)) - f64::from(cost);
        pace.at = now;
        if pace.saved >= 0.0 {
            Duration::ZERO
        } else {
            Duration::from_secs_f64(-pace.saved / f64::from(REQUESTS_PER_SECOND))
        }
    }
}

/// One connection's place.
pub(crate) struct Place {
    doors: Doors,
    holder: Holder,
}

enum Holder {
    Stranger(IpAddr),
    Member(MemberCode),
}

impl Doors {
    /// A place for a connection that has not said who it is; `None`: there is none.
    pub(crate) fn enter(&self, address: IpAddr) -> Option<Place> {
        let mut counts = self.lock();
        let from_there = counts.by_address.get(&address).copied().unwrap_or(0);
        if counts.all >= CONNECTIONS_MAX || counts.strangers >= STRANGERS_MAX || from_there >= STRANGERS_PER_ADDRESS_MAX
        {
            return None;
        }
        counts.all += 1;
        counts.strangers += 1;
        counts.by_address.insert(address, from_there + 1);
        Some(Place { doors: self.clone(), holder: Holder::Stranger(address) })
    }

    /// How many connections a member has.
    pub(crate) fn connections_of(&self, member: &MemberCode) -> usize {
        self.lock().members.get(member).map_or(0, |(count, _)| *count)
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn leave_address(&mut self, address: IpAddr) {
        self.strangers = self.strangers.saturating_sub(1);
        if let Some(count) = self.by_address.get_mut(&address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
    }
}

impl Place {
    /// The stranger turned out to be a member; `None`: that member has as many connections as it may.
    pub(crate) fn identify(&mut self, member: &MemberCode) -> Option<Arc<Room>> {
        let mut counts = self.doors.lock();
        let (count, room) = counts.members.entry(member.clone()).or_insert_with(|| (0, Arc::new(Room::new())));
        let room = Arc::clone(room);
        match &self.holder {
            Holder::Member(_) => return Some(room),
            Holder::Stranger(_) if *count >= limits::CONNECTIONS_PER_PEER_MAX => return None,
            Holder::Stranger(address) => {
                *count += 1;
                counts.leave_address(*address);
            }
        }
        drop(counts);
        self.holder = Holder::Member(member.clone());
        Some(room)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.doors.lock();
        counts.all = counts.all.saturating_sub(1);
        match &self.holder {
            Holder::Stranger(address) => counts.leave_address(*address),
            // The room stays: a member that comes back at once finds its pace where it left it.
            Holder::Member(member) => {
                if let Some((count, _)) = counts.members.get_mut(member) {
                    *count = count.saturating_sub(1);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn one_address_cannot_take_the_places_of_others_and_gives_its_own_back() {
        let doors = Doors::default();
        let held: Vec<Place> = std::iter::from_fn(|| doors.enter(HERE)).collect();
        assert_eq!(held.len(), STRANGERS_PER_ADDRESS_MAX);
        assert!(doors.enter(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1))).is_some());
        drop(held);
        assert!(doors.enter(HERE).is_some());
    }

    #[test]
    fn a_member_has_eight_connections_and_no_more() {
        let doors = Doors::default();
        let peer = MemberCode::from_text("th").unwrap();
        let mut held = Vec::new();
        for _ in 0..limits::CONNECTIONS_PER_PEER_MAX {
            let mut place = doors.enter(HERE).unwrap();
            assert!(place.identify(&peer).is_some());
            held.push(place);
        }
        let mut one_more = doors.enter(HERE).unwrap();
        assert!(one_more.identify(&peer).is_none());
        held.pop();
        assert!(one_more.identify(&peer).is_some());
        assert!(one_more.identify(&peer).is_some(), "a second hello on one connection takes no second place");
        assert_eq!(doors.connections_of(&peer), limits::CONNECTIONS_PER_PEER_MAX);
        drop((held, one_more));
        assert_eq!(doors.connections_of(&peer), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_member_that_asks_without_end_is_slowed_down() {
        let room = Room::new();
        let slowed = (0..2 * BURST).map(|_| room.delay(1)).filter(|delay| *delay > Duration::ZERO).count();
        assert_eq!(slowed, BURST as usize);
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(room.delay(1), Duration::ZERO);
    }
}

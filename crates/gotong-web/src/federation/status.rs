//! How each peer stands, for pages, metrics and the API: a small table behind one lock that is held for copies only.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gotong_model::{MemberCode, Timestamp};
use serde::Serialize;

/// Characters kept of a fault.
const FAULT_CHARS_MAX: usize = 300;

/// What this node's own side of a link is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    /// No channel is shared, or no address is known.
    Idle,
    /// The first attempt since the start or since the link was last up.
    Dialling,
    /// Hello was said and holds.
    Connected,
    /// At least one attempt has failed since the link was last up.
    Unreachable,
}

/// The newest fault.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
pub struct LinkFaultNote {
    /// When.
    pub at: String,
    /// What, at most 300 characters and without control characters.
    pub text: String,
}

/// How one peer stands. Counters begin with the program.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
pub struct LinkStatus {
    /// The peer.
    pub member: String,
    /// What the link is doing.
    pub state: LinkState,
    /// Since when.
    pub since: String,
    /// Where it was last dialled.
    pub address: Option<String>,
    /// The protocol number both speak.
    pub protocol: Option<u64>,
    /// When it last answered, or last asked.
    pub last_contact: Option<String>,
    /// How many faults there were: of its, of the way there, of this node's with what it sent.
    pub faults: u64,
    /// The newest of them.
    pub last_fault: Option<LinkFaultNote>,
    /// Frames stored.
    pub frames: u64,
    /// Entries stored.
    pub entries: u64,
    /// Bytes received, TLS included.
    pub bytes_in: u64,
    /// Bytes sent, TLS included.
    pub bytes_out: u64,
    /// Requests of ours that it answered.
    pub round_trips: u64,
    /// Requests of its that were answered here.
    pub requests_served: u64,
    /// Connections that it holds open to this node now.
    pub connections_in: u64,
    /// Logs that are passed over for a while after a fault.
    pub logs_suspended: u64,
}

impl LinkStatus {
    fn new(member: &MemberCode, at: Timestamp) -> Self {
        Self {
            member: member.to_string(),
            state: LinkState::Idle,
            since: at.to_string(),
            address: None,
            protocol: None,
            last_contact: None,
            faults: 0,
            last_fault: None,
            frames: 0,
            entries: 0,
            bytes_in: 0,
            bytes_out: 0,
            round_trips: 0,
            requests_served: 0,
            connections_in: 0,
            logs_suspended: 0,
        }
    }

    pub(crate) fn enter(&mut self, state: LinkState, at: Timestamp) {
        if self.state != state {
            self.state = state;
            self.since = at.to_string();
        }
    }

    pub(crate) fn fault(&mut self, text: &str, at: Timestamp) {
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        self.faults = self.faults.saturating_add(1);
        let text = text.chars().map(plain).take(FAULT_CHARS_MAX).collect();
        self.last_fault = Some(LinkFaultNote { at: at.to_string(), text });
    }

    pub(crate) fn traffic(&mut self, (bytes_in, bytes_out): (u64, u64)) {
        self.bytes_in = self.bytes_in.saturating_add(bytes_in);
        self.bytes_out = self.bytes_out.saturating_add(bytes_out);
    }

    pub(crate) fn contact(&mut self, at: Timestamp) {
        self.last_contact = Some(at.to_string());
    }
}

/// All links of a node; a clone shows the same ones.
#[derive(Clone, Debug, Default)]
pub struct Links(Arc<Mutex<BTreeMap<MemberCode, LinkStatus>>>);

impl Links {
    /// How every peer stands now, by code.
    pub fn snapshot(&self) -> Vec<LinkStatus> {
        self.lock().values().cloned().collect()
    }

    /// How one peer stands now.
    pub fn lookup(&self, member: &MemberCode) -> Option<LinkStatus> {
        self.lock().get(member).cloned()
    }

    /// Changes a peer's row, which is made where there is none.
    pub(crate) fn note(&self, member: &MemberCode, at: Timestamp, change: impl FnOnce(&mut LinkStatus)) {
        let mut links = self.lock();
        change(links.entry(member.clone()).or_insert_with(|| LinkStatus::new(member, at)));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<MemberCode, LinkStatus>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_kept_short_and_plain_and_a_state_keeps_its_beginning() {
        let at = |micros| Timestamp::from_micros(micros).unwrap();
        let peer = MemberCode::from_text("th").unwrap();
        let links = Links::default();
        links.note(&peer, at(1), |link| link.fault(&"x\n\u{1b}[31m".repeat(900), at(1)));
        links.note(&peer, at(2), |link| link.enter(LinkState::Unreachable, at(2)));
        links.note(&peer, at(3), |link| link.enter(LinkState::Unreachable, at(3)));
        let status = links.lookup(&peer).unwrap();
        assert_eq!(status.since, at(2).to_string());
        let text = status.last_fault.unwrap().text;
        assert_eq!(text.chars().count(), FAULT_CHARS_MAX);
        assert!(!text.contains(char::is_control));
    }
}

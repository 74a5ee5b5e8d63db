//! Which MISP events are not to be taken in: by their own UUID, or by that of the organisation that made them.
//!
//! Whoever reads hands this to the reader, so that every door by which events come keeps the same ones away. Must not know who keeps the lists,
//! or why something is on one. Read next: `reader.rs`; `gotong_app::blocklist`, which keeps them.

use std::collections::BTreeSet;

use crate::stix21::id::{parse_uuid, uuid_text};

/// The bytes of a UUID.
pub type Uuid = [u8; 16];

/// The UUIDs that are kept away.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Blocked {
    /// Of events.
    pub events: BTreeSet<Uuid>,
    /// Of organisations that make events.
    pub organisations: BTreeSet<Uuid>,
}

/// By what an event is kept away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// Its own UUID is listed.
    Event(Uuid),
    /// That of the organisation which made it is.
    Organisation(Uuid),
}

impl Blocked {
    /// What keeps an event away, if anything does. An event that names several makers is kept away by each of them.
    pub fn by<'t>(&self, event: &str, makers: impl IntoIterator<Item = &'t str>) -> Option<By> {
        if let Some(uuid) = uuid(event).filter(|uuid| self.events.contains(uuid)) {
            return Some(By::Event(uuid));
        }
        let mut makers = makers.into_iter().filter_map(uuid);
        makers.find(|uuid| self.organisations.contains(uuid)).map(By::Organisation)
    }

    /// Whether nothing is kept away.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.organisations.is_empty()
    }
}

impl By {
    /// Message id.
    pub fn code(self) -> &'static str {
        match self {
            Self::Event(_) => "misp.blocked.event",
            Self::Organisation(_) => "misp.blocked.organisation",
        }
    }

    /// Where in the event it stands.
    pub fn pointer(self) -> &'static str {
        match self {
            Self::Event(_) => "/uuid",
            Self::Organisation(_) => "/Orgc/uuid",
        }
    }

    /// What to say.
    pub fn text(self) -> String {
        let (what, uuid) = match self {
            Self::Event(uuid) => ("this event", uuid),
            Self::Organisation(uuid) => ("the organisation that made this event", uuid),
        };
        let uuid = uuid_text(uuid);
        format!(
            "{what} ({uuid}) is on a blocklist of this node, so the event is not taken in; `gotong blocklist list` says why, and `gotong blocklist remove` takes it off"
        )
    }
}

/// Reads a UUID, of whatever variant: what is listed need not follow the RFC to be known again.
pub fn uuid(text: &str) -> Option<Uuid> {
    parse_uuid(text)
}

/// Writes a UUID as it is kept, in small letters.
pub fn uuid_words(uuid: Uuid) -> String {
    uuid_text(uuid)
}

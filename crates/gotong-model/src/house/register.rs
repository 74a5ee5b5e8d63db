//! The node's register of organisations, by code and by the channels that are theirs: what [`crate::governance::Governance`] is handed to find them.
//!
//! No document and not signed; the node keeps it and audits each change. Copies are cheap and share what they have in common, and to add one of
//! hundreds of thousands costs a few small copies (`trie.rs`). Must not decide anything.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use gotong_crypto::sha256;

use super::trie::Trie;
use crate::{AgreementId, ChannelId, MemberCode, RegionId, Slug};

/// An organisation that a member serves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Organisation {
    /// Its code; never given to another.
    pub code: Slug,
    /// What it is called.
    pub name: String,
    /// Its class in the house rule.
    pub class: Slug,
    /// Classes that it was of before: channels that it had by them are still found, for the member's staff.
    pub former_classes: Vec<Slug>,
}

/// Which types of a house are whose own: from it follows which channels the organisations have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Plan {
    pub(crate) region: RegionId,
    pub(crate) house: AgreementId,
    /// Types that are or were anybody's own; channels name them by place.
    pub(crate) types: Vec<Slug>,
    /// By class, the places of its types.
    pub(crate) classes: BTreeMap<Slug, Vec<usize>>,
}

/// All organisations of one member.
#[derive(Clone, Debug)]
pub struct Organisations {
    member: MemberCode,
    plan: Option<Arc<Plan>>,
    by_code: Trie<Arc<Organisation>>,
    by_channel: Trie<(Arc<Organisation>, usize)>,
}

impl Organisations {
    /// An empty register of a member.
    pub fn new(member: MemberCode) -> Self {
        Self { member, plan: None, by_code: Trie::default(), by_channel: Trie::default() }
    }

    /// The register of a member with all of these; of several with one code the last counts.
    pub fn of(member: MemberCode, all: impl IntoIterator<Item = Organisation>) -> Self {
        let all = all.into_iter().map(|organisation| (key(&organisation.code), Arc::new(organisation)));
        let all: HashMap<[u8; 32], Arc<Organisation>> = all.collect();
        Self { by_code: Trie::of(all.into_iter().collect()), ..Self::new(member) }
    }

    /// Whose organisations they are.
    pub fn member(&self) -> &MemberCode {
        &self.member
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_code.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An organisation by its code.
    pub fn lookup(&self, code: &Slug) -> Option<&Organisation> {
        self.by_code.lookup(&key(code)).map(|found| &**found)
    }

    /// All of them, in no order that means anything.
    pub fn all(&self) -> impl Iterator<Item = &Organisation> {
        self.by_code.values().map(|found| &**found)
    }

    /// Puts an organisation in the place of what its code stood for.
    pub fn put(&mut self, organisation: Organisation) {
        self.remove(&organisation.code);
        let organisation = Arc::new(organisation);
        for (id, place) in self.channels_of(&organisation) {
            self.by_channel.insert(*id.as_bytes(), (Arc::clone(&organisation), place));
        }
        self.by_code.insert(key(&organisation.code), organisation);
    }

    /// Takes an organisation out, and its channels with it.
    pub fn remove(&mut self, code: &Slug) -> bool {
        let Some(before) = self.by_code.remove(&key(code)) else { return false };
        for (id, _) in self.channels_of(&before) {
            self.by_channel.remove(id.as_bytes());
        }
        true
    }

    fn channels_of(&self, organisation: &Organisation) -> Vec<(ChannelId, usize)> {
        let Some(plan) = &self.plan else { return Vec::new() };
        let classes = organisation.former_classes.iter().chain([&organisation.class]);
        let mut places: Vec<usize> = classes.filter_map(|class| plan.classes.get(class)).flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        let found = places.into_iter().filter_map(|place| {
            let id = ChannelId::own(&plan.region, &plan.house, plan.types.get(place)?, &organisation.code);
            Some((id, place))
        });
        found.collect()
    }

    /// Finds the channels that follow from a plan; nothing is done where it is the one that they follow from.
    pub(crate) fn fit(&mut self, plan: Option<Plan>) {
        if self.plan.as_deref() == plan.as_ref() {
            return;
        }
        self.plan = plan.map(Arc::new);
        let channels = self.by_code.values().flat_map(|organisation| {
            let place = |(id, place): (ChannelId, usize)| (*id.as_bytes(), (Arc::clone(organisation), place));
            self.channels_of(organisation).into_iter().map(place)
        });
        self.by_channel = Trie::of(channels.collect());
    }

    /// Whose channel this is, and the place of its type in the plan.
    pub(crate) fn of_channel(&self, id: &ChannelId) -> Option<(&Organisation, usize)> {
        self.by_channel.lookup(id.as_bytes()).map(|(organisation, place)| (&**organisation, *place))
    }

    /// The id of an organisation's channel of a type, if it has or had one.
    pub(crate) fn channel_id(&self, channel_type: &Slug, code: &Slug) -> Option<ChannelId> {
        let plan = self.plan.as_ref()?;
        let id = ChannelId::own(&plan.region, &plan.house, channel_type, code);
        self.of_channel(&id).map(|_| id)
    }

    /// Every channel of every organisation.
    pub(crate) fn channel_ids(&self) -> impl Iterator<Item = ChannelId> {
        self.by_code.values().flat_map(|organisation| self.channels_of(organisation)).map(|(id, _)| id)
    }
}

/// Codes are chosen by people; their digests are evenly spread.
fn key(code: &Slug) -> [u8; 32] {
    *sha256(code.as_str().as_bytes()).as_bytes()
}

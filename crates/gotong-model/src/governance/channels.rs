//! Channels as they follow from governance: the standing ones of agreements, and those in which governance itself travels (`docs/protocol.md` section 6).

use std::collections::BTreeMap;

use gotong_crypto::Digest;

use super::Governance;
use crate::agreement::{Agreement, ChannelType, Clause, HOUSE_HANDLE, Terms, Version};
use crate::charter::{Charter, Texts};
use crate::house::Organisation;
use crate::{AgreementId, ChannelId, MemberCode, RegionId, Slug, Timestamp};

/// What a channel is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ChannelKind {
    /// The charter's own.
    Charter,
    /// An agreement's own, for its documents.
    Governance,
    /// One that an agreement opens.
    Standing,
    /// One that the member's own house rule opens.
    House,
    /// An organisation's own, under the house rule.
    Own,
}

impl ChannelKind {
    /// Whether governance itself travels in it.
    pub fn is_governing(self) -> bool {
        matches!(self, Self::Charter | Self::Governance)
    }

    /// Whether it stands under a house rule, and so never leaves the member's own machines.
    pub fn is_of_house(self) -> bool {
        matches!(self, Self::House | Self::Own)
    }
}

/// A channel with what opens it.
#[derive(Clone, Copy, Debug)]
pub struct Channel<'a> {
    /// Its id.
    pub id: ChannelId,
    /// What it is.
    pub kind: ChannelKind,
    /// The agreement; the charter or the house rule, put as one, where that opens it.
    pub agreement: &'a Agreement,
    /// The type within it, as the newest version has it.
    pub channel_type: &'a ChannelType,
    /// What it shares with all channels that decide alike, whoever's they are: the id of its type's standing channel. No amendment changes it.
    pub scope: ChannelId,
    /// Whose own channel it is.
    pub organisation: Option<&'a Organisation>,
}

impl Channel<'_> {
    /// `<agreement handle>/<type>`; the charter's channel is `charter`, an organisation's own `house/<type>/<organisation>`.
    pub fn handle(&self) -> String {
        if self.kind == ChannelKind::Charter {
            return "charter".to_owned();
        }
        let place = format!("{}/{}", self.agreement.terms.handle, self.channel_type.name);
        self.organisation.map_or_else(|| place.clone(), |organisation| format!("{place}/{}", organisation.code))
    }
}

/// Where a channel's type is found.
#[derive(Clone, Debug)]
pub(super) struct Place {
    kind: ChannelKind,
    agreement: AgreementId,
    channel_type: ChannelType,
}

pub(super) fn is_reserved_handle(handle: &Slug) -> bool {
    matches!(handle.as_str(), "charter" | HOUSE_HANDLE)
}

/// The charter, put as an agreement of all members that opens one channel.
pub(super) fn charter_channel(region: &RegionId, charter: &Charter) -> Agreement {
    let english = |text: &str| Texts::from([("en".to_owned(), text.to_owned())]);
    let members: Vec<MemberCode> = charter.members.keys().cloned().collect();
    let clause = Clause {
        number: "charter".to_owned(),
        title: english("The charter"),
        text: english("Members tell each other charters, agreements, notices and statements."),
    };
    let channel_type = governance_type(Slug::constant("charter"), &clause.number, members.clone());
    let terms = Terms {
        title: charter.name.clone(),
        purpose: "governance of the region".to_owned(),
        legal_basis: "the charter".to_owned(),
        channel_types: vec![channel_type],
        ..Terms::usual(Slug::constant("charter"), members, charter.founded_at, vec![clause])
    };
    let version = Version { hash: Digest([0; 32]), terms: terms.clone(), note: Vec::new() };
    Agreement {
        id: AgreementId(Digest(*region.as_bytes())),
        hash: version.hash,
        terms,
        note: Vec::new(),
        versions: vec![version],
        notices: BTreeMap::new(),
    }
}

fn governance_type(name: Slug, clause: &str, audience: Vec<MemberCode>) -> ChannelType {
    ChannelType { kinds: vec!["document".to_owned()], ..ChannelType::usual(name, clause, audience, "governance") }
}

/// Every channel that follows from what is known; organisations' own are found by their register.
pub(super) fn all(governance: &Governance) -> BTreeMap<ChannelId, Place> {
    let region = &governance.region;
    let mut channels = BTreeMap::new();
    let charter = &governance.charter_channel;
    for kind in &charter.terms.channel_types {
        let place = Place { kind: ChannelKind::Charter, agreement: charter.id, channel_type: kind.clone() };
        channels.insert(ChannelId::standing(region, &charter.id, &kind.name), place);
    }
    for agreement in governance.agreements.values().chain(governance.proposals.values()) {
        let mut concerned: Vec<MemberCode> = Vec::new();
        // Of a proposal the first version concerns whom it names; of later ones only those that count.
        for terms in agreement.versions.iter().map(|version| &version.terms).chain([&agreement.terms]) {
            concerned.extend(terms.parties.iter().cloned());
            concerned.extend(terms.accession.iter().flat_map(|accession| accession.candidates.iter().cloned()));
        }
        for Version { terms, .. } in &agreement.versions {
            // The newest version that has a type says what it is, also once a later one has dropped it.
            for kind in &terms.channel_types {
                let place = Place { kind: ChannelKind::Standing, agreement: agreement.id, channel_type: kind.clone() };
                channels.insert(agreement.channel(region, kind), place);
            }
        }
        for kind in agreement.terms.channel_types.iter().filter(|_| !agreement.versions.is_empty()) {
            if let Some(place) = channels.get_mut(&agreement.channel(region, kind)) {
                place.channel_type = kind.clone();
            }
        }
        concerned.sort_unstable();
        concerned.dedup();
        let kind = governance_type(Slug::constant("governance"), &agreement.terms.parties_clause, concerned);
        let id = agreement.channel(region, &kind);
        channels.insert(id, Place { kind: ChannelKind::Governance, agreement: agreement.id, channel_type: kind });
    }
    if let Some(house) = governance.own_house() {
        for (kind, _) in house.types().into_values().filter(|(_, is_own)| !is_own) {
            let place = Place { kind: ChannelKind::House, agreement: house.agreement.id, channel_type: kind.clone() };
            channels.insert(house.agreement.channel(region, kind), place);
        }
    }
    channels
}

impl Governance {
    /// A channel by id, an organisation's own too.
    pub fn channel(&self, id: &ChannelId) -> Option<Channel<'_>> {
        let Some(place) = self.channels.get(id) else { return self.own_channel(id) };
        let agreement = match place.kind {
            ChannelKind::Charter => &self.charter_channel,
            ChannelKind::Governance | ChannelKind::Standing => {
                self.agreements.get(&place.agreement).or_else(|| self.proposals.get(&place.agreement))?
            }
            ChannelKind::House | ChannelKind::Own => &self.own_house()?.agreement,
        };
        let channel_type = &place.channel_type;
        Some(Channel { id: *id, kind: place.kind, agreement, channel_type, scope: *id, organisation: None })
    }

    /// A channel by handle (`rti/indicators`, `house/reports/bank-abc`) or id. A handle that two agreements have names nothing.
    pub fn channel_by_name(&self, name: &str) -> Option<Channel<'_>> {
        if let Some(id) = ChannelId::from_text(name) {
            return self.channel(&id);
        }
        if let Some(own) = self.own_channel_by_name(name) {
            return Some(own);
        }
        let mut found = self.channels().filter(|channel| channel.handle() == name);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// All channels known here, by id, but those that are an organisation's own: [`Self::own_channels`] lists them.
    pub fn channels(&self) -> impl Iterator<Item = Channel<'_>> {
        self.channels.keys().filter_map(|id| self.channel(id))
    }

    /// The charter's channel.
    pub fn charter_channel(&self) -> Option<Channel<'_>> {
        self.channels().find(|channel| channel.kind == ChannelKind::Charter)
    }

    /// Whether a member is of a channel's audience now: it reads it, and is sent what is new in it.
    pub fn in_audience(&self, channel: &ChannelId, member: &MemberCode) -> bool {
        self.in_audience_at(channel, member, self.as_of)
    }

    /// [`Self::in_audience`] at an instant. Past the last day it is as on the last day: nothing new is admitted then, and what withdraws still goes round.
    pub fn in_audience_at(&self, channel: &ChannelId, member: &MemberCode, at: Timestamp) -> bool {
        let Some(channel) = self.channel(channel) else { return false };
        if channel.kind.is_governing() {
            return channel.channel_type.audience.contains(member) && self.charter.members.contains_key(member);
        }
        let standing = self.standing(channel.agreement, at.min(channel.agreement.last_instant()));
        let kind = standing.version.and_then(|version| version.terms.channel_type(&channel.channel_type.name));
        kind.is_some_and(|kind| standing.names_reader(kind, member) && standing.is_active(member))
    }

    /// Everybody who is of a channel's audience now.
    pub fn readers(&self, channel: &ChannelId) -> Vec<MemberCode> {
        self.charter.members.keys().filter(|member| self.in_audience(channel, member)).cloned().collect()
    }

    /// Whether a member is, or ever was, named for a channel: it may know of it, and take back what it published there.
    pub fn is_concerned(&self, channel: &ChannelId, member: &MemberCode) -> bool {
        let Some(channel) = self.channel(channel) else { return false };
        let name = &channel.channel_type.name;
        let named = |version: &Version| {
            let candidates = version.terms.accession.iter().filter(|rule| rule.types.contains(name));
            version.terms.channel_type(name).is_some_and(|kind| kind.audience.contains(member))
                || candidates.into_iter().any(|rule| rule.candidates.contains(member))
                    && channel.agreement.notices.contains_key(member)
        };
        match channel.kind {
            ChannelKind::Charter | ChannelKind::Governance => channel.channel_type.audience.contains(member),
            ChannelKind::Standing | ChannelKind::House | ChannelKind::Own => {
                channel.agreement.versions.iter().any(named)
            }
        }
    }
}

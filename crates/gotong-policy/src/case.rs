//! One question put against one version of the terms: who asks, in which state of its part, for what. What Cedar is asked and what an explanation
//! speaks of come from here.

use gotong_model::agreement::{Agreement, ChannelType, Part, PartState, Standing, Terms, Version};
use gotong_model::governance::{Channel, ChannelKind, Governance};
use gotong_model::{MemberCode, Personal, Timestamp};

use crate::house::Given;
use crate::question::{Act, Row};

/// What is done.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Action {
    Publish,
    Open,
    Read,
    Constituent,
    Onward,
    Export,
    Withdraw,
    Relabel,
    /// Reading what a house rule gives.
    Given,
    /// Publishing in one's own channel under a house rule.
    Contribute,
}

impl Action {
    /// What members do; what constituents do stands in house rules.
    pub(crate) const ALL: &[Self] = &[
        Self::Publish,
        Self::Open,
        Self::Read,
        Self::Constituent,
        Self::Onward,
        Self::Export,
        Self::Withdraw,
        Self::Relabel,
    ];

    /// Its name in the schema.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Open => "open",
            Self::Read => "read",
            Self::Constituent => "constituent",
            Self::Onward => "onward",
            Self::Export => "export",
            Self::Withdraw => "withdraw",
            Self::Relabel => "relabel",
            Self::Given => "given",
            Self::Contribute => "contribute",
        }
    }

    /// The rule that allows it: what constituents read is passed on to them.
    pub(crate) fn rule(self) -> &'static str {
        if self == Self::Constituent { Self::Onward.as_str() } else { self.as_str() }
    }

    /// Whether it makes something new, and so needs the agreement in force.
    pub(crate) fn is_new(self) -> bool {
        matches!(self, Self::Publish | Self::Open)
    }
}

impl From<Act> for Action {
    fn from(act: Act) -> Self {
        match act {
            Act::Onward => Self::Onward,
            Act::Export => Self::Export,
            Act::Withdraw => Self::Withdraw,
            Act::Relabel => Self::Relabel,
            Act::Open => Self::Open,
        }
    }
}

/// How a member belongs to a channel type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// As a party.
    Party,
    /// By accession.
    Acceded,
    /// Not, or not any more.
    Nobody,
}

/// A question against terms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    pub(crate) agreement: &'a Agreement,
    /// The terms by which it is judged.
    pub(crate) terms: &'a Terms,
    /// What stands for the terms in the cache of what is compiled.
    pub(crate) hash: [u8; 32],
    /// The type in these terms.
    pub(crate) channel_type: &'a ChannelType,
    pub(crate) kind: ChannelKind,
    pub(crate) member: &'a MemberCode,
    pub(crate) role: Role,
    /// The state of the member's part; `None` where it has none.
    pub(crate) state: Option<PartState>,
    /// Since when it has been so, where that is known.
    pub(crate) since: Option<Timestamp>,
    /// How many others have a part that is taken.
    pub(crate) others: usize,
    pub(crate) action: Action,
    pub(crate) row: Option<Row<'a>>,
    /// What the record holds of people; asked only of what is published.
    pub(crate) personal: Personal,
    pub(crate) at: Timestamp,
    /// Where a constituent asks: who, and where. The terms are those of the house rule then.
    pub(crate) given: Option<Given<'a>>,
}

/// What is asked, before it is put against terms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) member: &'a MemberCode,
    pub(crate) action: Action,
    pub(crate) row: Option<Row<'a>>,
    /// What the record holds of people; asked only of what is published.
    pub(crate) personal: Personal,
    pub(crate) at: Timestamp,
}

/// Why there is no case.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NoCase<'a> {
    /// The asker is no member of the audience and never was.
    Outsider,
    /// These terms, which count, do not open the type any more.
    Dropped(&'a Terms),
}

/// A case in a channel where governance travels: whoever is of it and of the charter may.
pub(crate) fn governing<'a>(
    governance: &'a Governance,
    channel: &Channel<'a>,
    asked: Asked<'a>,
) -> Result<Case<'a>, NoCase<'a>> {
    let of = |code: &MemberCode| {
        channel.channel_type.audience.contains(code) && governance.charter.members.contains_key(code)
    };
    if !of(asked.member) {
        return Err(NoCase::Outsider);
    }
    let case = Case {
        agreement: channel.agreement,
        terms: &channel.agreement.terms,
        hash: *channel.agreement.hash.as_bytes(),
        channel_type: channel.channel_type,
        kind: channel.kind,
        member: asked.member,
        role: Role::Party,
        state: Some(PartState::Active),
        since: None,
        others: channel.channel_type.audience.len().saturating_sub(1),
        action: asked.action,
        row: asked.row,
        personal: asked.personal,
        at: asked.at,
        given: None,
    };
    Ok(case)
}

/// A case for something new, which the agreement as it stands has to allow.
pub(crate) fn new<'a>(
    governance: &'a Governance,
    channel: &Channel<'a>,
    standing: &Standing<'a>,
    asked: Asked<'a>,
) -> Result<Case<'a>, NoCase<'a>> {
    let agreement = channel.agreement;
    let name = &channel.channel_type.name;
    let part = standing.parts.get(asked.member);
    let joined = part.and_then(|part| part.acceded.as_ref()).is_some_and(|types| types.contains(name));
    let named =
        |version: &Version| version.terms.channel_type(name).is_some_and(|kind| kind.audience.contains(asked.member));
    if !joined
        && !agreement.versions.iter().any(named)
        && last_held(governance, channel, asked.member, asked.at).is_none()
    {
        return Err(NoCase::Outsider);
    }
    let Some(version) = standing.version.or_else(|| out_of_force(agreement, asked.at)) else {
        return Err(NoCase::Outsider);
    };
    let Some(channel_type) = version.terms.channel_type(name) else { return Err(NoCase::Dropped(&version.terms)) };
    let case = Case {
        agreement,
        terms: &version.terms,
        hash: *version.hash.as_bytes(),
        channel_type,
        kind: channel.kind,
        member: asked.member,
        role: role(part, channel_type),
        state: part.map(|part| part.state),
        since: part.map(|part| part.since),
        others: standing
            .parts
            .iter()
            .filter(|(code, part)| *code != asked.member && part.state == PartState::Active)
            .count(),
        action: asked.action,
        row: asked.row,
        personal: asked.personal,
        at: asked.at,
        given: None,
    };
    if standing.version.is_none() && version.terms.parties.contains(asked.member) {
        // Nobody has a part beyond the dates. The dates refuse by themselves, and only they are to be named.
        return Ok(Case { role: Role::Party, state: Some(PartState::Active), since: None, others: 1, ..case });
    }
    Ok(case)
}

fn role(part: Option<&Part>, kind: &ChannelType) -> Role {
    match part {
        Some(Part { acceded: None, .. }) => Role::Party,
        Some(Part { acceded: Some(types), .. }) if types.contains(&kind.name) => Role::Acceded,
        None | Some(_) => Role::Nobody,
    }
}

/// The version to name where none counts: the one that is over, else the first to come. Its dates do not hold.
pub(crate) fn out_of_force(agreement: &Agreement, at: Timestamp) -> Option<&Version> {
    let mut outside = agreement.versions.iter().filter(|version| !version.terms.dates_hold(at));
    let over = outside.clone().rfind(|version| version.terms.from <= at);
    over.or_else(|| outside.next())
}

/// A case for what is done with what a member holds: its own part as it is, or as it was when it last had one.
pub(crate) fn kept<'a>(
    governance: &'a Governance,
    channel: &Channel<'a>,
    asked: Asked<'a>,
) -> Result<Case<'a>, NoCase<'a>> {
    let name = &channel.channel_type.name;
    let standing = governance.standing(channel.agreement, asked.at);
    let version = standing.version;
    let now = version.and_then(|version| Some((version, version.terms.channel_type(name)?)));
    let part = standing.parts.get(asked.member);
    let case = |version: &'a Version, channel_type: &'a ChannelType, role, state, since| Case {
        agreement: channel.agreement,
        terms: &version.terms,
        hash: *version.hash.as_bytes(),
        channel_type,
        kind: channel.kind,
        member: asked.member,
        role,
        state,
        since,
        others: 0,
        action: asked.action,
        row: asked.row,
        personal: asked.personal,
        at: asked.at,
        given: None,
    };
    if let (Some((version, kind)), Some(part)) = (now, part)
        && standing.names_reader(kind, asked.member)
        && (part.state == PartState::Active
            || part.state == PartState::Suspended && last_held(governance, channel, asked.member, asked.at).is_some())
    {
        return Ok(case(version, kind, role(Some(part), kind), Some(part.state), Some(part.since)));
    }
    if let Some(held) = last_held(governance, channel, asked.member, asked.at) {
        return Ok(case(held.version, held.channel_type, held.role, Some(PartState::Ended), held.until));
    }
    // It has signed, and has held nothing yet.
    let to_come = channel.agreement.versions.iter().find_map(|version| {
        let kind = version.terms.channel_type(name)?;
        kind.audience.contains(asked.member).then_some((version, kind))
    });
    let (version, kind) = to_come.ok_or(NoCase::Outsider)?;
    Ok(case(version, kind, Role::Party, None, None))
}

/// When a member last had a part in a channel of whose audience it has been.
#[derive(Clone, Copy, Debug)]
struct Held<'a> {
    version: &'a Version,
    channel_type: &'a ChannelType,
    role: Role,
    /// The turn after which it had none any more.
    until: Option<Timestamp>,
}

fn last_held<'a>(
    governance: &'a Governance,
    channel: &Channel<'a>,
    member: &MemberCode,
    at: Timestamp,
) -> Option<Held<'a>> {
    let mut turns = channel.agreement.turning_points();
    turns.extend(governance.charters.iter().map(|charter| charter.from));
    turns.push(at);
    turns.retain(|turn| *turn <= at);
    turns.sort_unstable();
    turns.dedup();
    let (mut until, mut last) = (None, None);
    for turn in turns.into_iter().rev() {
        let standing = governance.standing(channel.agreement, turn);
        let kind = standing
            .version
            .and_then(|version| Some((version, version.terms.channel_type(&channel.channel_type.name)?)));
        let part = standing.parts.get(member).filter(|part| part.state != PartState::Ended);
        if let (Some((version, channel_type)), Some(part)) = (kind, part)
            && standing.names_reader(channel_type, member)
        {
            // While a part rests, what has been agreed on the end goes on counting.
            let held = Held { version, channel_type, role: role(Some(part), channel_type), until };
            let held = *last.get_or_insert(held);
            if part.state == PartState::Active {
                return Some(held);
            }
        }
        if last.is_none() {
            until = Some(turn);
        }
    }
    None
}

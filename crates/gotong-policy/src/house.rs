//! What a house rule gives its member's constituents: the case of one who asks, and what its clauses come to in Cedar's words.
//!
//! Another organisation's channel and what no clause gives are as if they were not there; all else is Cedar's to answer. Of channels of agreements the
//! agreement is asked too, by `lib.rs`. Read next: `rules.rs` (how rules are written), `engine.rs`.

use gotong_model::agreement::{ChannelType, PartState, Prohibition, Terms};
use gotong_model::governance::{Channel, ChannelKind, Governance};
use gotong_model::house::{Class, HouseRule};
use gotong_model::{MemberCode, Slug, Tlp};

use crate::case::{self, Action, Asked, Case, Role};
use crate::question::Constituent;
use crate::rules::{self, Condition, Rule, Rules, What};

/// The group of whoever asks about its own channel.
pub(crate) const OWN: &str = "own";

/// Who asks, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given<'a> {
    pub(crate) organisation: &'a Slug,
    /// Its class, as these terms have it.
    pub(crate) class: &'a Class,
    /// The handle of what opens the channel.
    handle: &'a Slug,
    place: Place,
}

/// What the channel is to the one who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Own,
    House,
    Agreement,
}

impl Given<'_> {
    pub(crate) fn is_own(&self) -> bool {
        self.place == Place::Own
    }

    /// The channel type's name in policies.
    pub(crate) fn resource(&self, channel_type: &ChannelType) -> String {
        format!("{}/{}", self.handle, channel_type.name)
    }
}

/// A constituent's question against the house rule; `None` where nothing is given, or is not the asker's.
pub(crate) fn case<'a>(
    governance: &'a Governance,
    channel: &Channel<'a>,
    constituent: Constituent<'a>,
    asked: Asked<'a>,
) -> Option<Case<'a>> {
    let place = match channel.kind {
        ChannelKind::Charter | ChannelKind::Governance => return None,
        ChannelKind::Own => Place::Own,
        ChannelKind::House => Place::House,
        ChannelKind::Standing => Place::Agreement,
    };
    // INVARIANT: 1. Another organisation's channel is not there, whatever a rule says.
    if place == Place::Own && channel.organisation.is_none_or(|owner| owner.code != *constituent.organisation) {
        return None;
    }
    let house = governance.house(asked.member)?;
    if place != Place::Agreement && house.agreement.id != channel.agreement.id {
        return None;
    }
    let charter = governance.charters.iter().rfind(|charter| charter.from <= asked.at)?;
    if !charter.members.contains_key(asked.member) {
        return None;
    }
    let in_force = governance.standing(&house.agreement, asked.at).version;
    let version = in_force.or_else(|| case::out_of_force(&house.agreement, asked.at))?;
    let class = house.class(version, constituent.class)?;
    let (handle, name) = (&channel.agreement.terms.handle, &channel.channel_type.name);
    let is_named = match place {
        Place::Own => class.own.as_ref() == Some(name),
        Place::House => class.reads_house.iter().any(|rule| rule.names(name)),
        Place::Agreement => class.reads.iter().any(|rule| rule.names(handle, name)),
    };
    let is_asked = asked.action == Action::Given || place == Place::Own;
    let channel_type = match place {
        Place::Own | Place::House => version.terms.channel_type(name)?,
        Place::Agreement => channel.channel_type,
    };
    (is_named && is_asked).then_some(Case {
        agreement: &house.agreement,
        terms: &version.terms,
        hash: *version.hash.as_bytes(),
        channel_type,
        kind: channel.kind,
        member: asked.member,
        role: Role::Nobody,
        state: Some(PartState::Active),
        since: None,
        others: 0,
        action: asked.action,
        row: asked.row,
        personal: asked.personal,
        at: asked.at,
        given: Some(Given { organisation: constituent.organisation, class, handle, place }),
    })
}

/// The rules for what a class does in one channel type.
pub(crate) fn rules(
    terms: &Terms,
    kind: &ChannelType,
    member: &MemberCode,
    given: &Given<'_>,
    action: Action,
) -> Rules {
    let class = given.class;
    let name = format!("house.{}.{}.{}.{}", terms.number, class.class, given.resource(kind), action.as_str());
    let condition =
        |what, clause: &str, holds: String| Condition { what, clause: clause.to_owned(), holds: Some(holds) };
    let of_class = format!("principal in Class::{}", rules::quoted(class.class.as_str()));
    let always = [
        condition(What::Class, &class.clause, of_class),
        condition(What::Dates, &terms.dates_clause, rules::dates(terms)),
    ];
    let permit = |id: String, clause: &str, more: Vec<Condition>| Rule {
        id,
        clause: clause.to_owned(),
        conditions: always.iter().cloned().chain(more).collect(),
    };
    let up_to = |at: usize, clause: &str, ceiling: Tlp| {
        let most = rules::rank(Some(ceiling));
        let holds = format!("!context.row || (context.labelled && context.tlp <= {most})");
        permit(format!("{name}.{}", at + 1), clause, vec![condition(What::Given(ceiling), clause, holds)])
    };
    let permits = match given.place {
        Place::Own => {
            let mut more = vec![condition(What::Own, &class.clause, rules::in_group(OWN))];
            if action == Action::Contribute {
                more.push(condition(What::Kind, &kind.kinds_clause, rules::of_kinds(&kind.kinds)));
                more.push(condition(What::Ceiling, &kind.ceiling_clause, rules::below_ceiling(kind)));
                more.push(condition(What::Personal, &kind.personal_data_clause, rules::personal(kind)));
            }
            vec![permit(name.clone(), &class.clause, more)]
        }
        Place::House => {
            let all = class.reads_house.iter().enumerate().filter(|(_, rule)| rule.names(&kind.name));
            all.map(|(at, rule)| up_to(at, &rule.clause, rule.ceiling)).collect()
        }
        Place::Agreement => {
            let all = class.reads.iter().enumerate().filter(|(_, rule)| rule.names(given.handle, &kind.name));
            all.map(|(at, rule)| up_to(at, &rule.clause, rule.ceiling)).collect()
        }
    };
    // Types of a prohibition are those of the house, and none named is all that constituents read.
    let fits = |rule: &Prohibition| {
        action.bans().contains(&rule.act)
            && (rule.members.is_empty() || rule.members.contains(member))
            && (rule.types.is_empty() || given.place != Place::Agreement && rule.types.contains(&kind.name))
    };
    let mut bans = Vec::new();
    for (index, rule) in terms.prohibitions.iter().enumerate().filter(|(_, rule)| fits(rule)) {
        bans.push(rules::prohibition(terms, index, rule, None));
    }
    if action == Action::Contribute {
        bans.push(rules::red(kind));
    }
    Rules { action, channel_type: given.resource(kind), permits, bans }
}

/// All policies of a house rule, as Cedar reads them: those of the member's staff, and those of its constituents. `channels` are the handles and types of
/// agreements of which constituents may be given something.
pub fn policies(rule: &HouseRule, channels: &[(Slug, Slug)]) -> String {
    let Some(member) = rule.member() else { return String::new() };
    let terms = &rule.terms;
    let mut all: Vec<(String, String)> = Vec::new();
    for kind in &terms.channel_types {
        for action in Action::ALL.iter().filter(|action| **action != Action::Constituent) {
            all.extend(rules::rules(terms, kind, ChannelKind::House, *action).policies());
        }
    }
    for class in &rule.classes {
        let mut put = |kind: &ChannelType, handle: &Slug, place: Place| {
            let given = Given { organisation: &class.class, class, handle, place };
            all.extend(rules(terms, kind, member, &given, Action::Given).policies());
            if place == Place::Own {
                all.extend(rules(terms, kind, member, &given, Action::Contribute).policies());
            }
        };
        for kind in &terms.channel_types {
            if class.own.as_ref() == Some(&kind.name) {
                put(kind, &terms.handle, Place::Own);
            } else if !rule.is_own(&kind.name) {
                put(kind, &terms.handle, Place::House);
            }
        }
        for (handle, name) in channels {
            put(&ChannelType::usual(name.clone(), "", Vec::new(), ""), handle, Place::Agreement);
        }
    }
    rules::written(&all)
}

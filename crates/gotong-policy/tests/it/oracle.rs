//! The same questions answered another way: straight from the model, day by day, without Cedar. It can be broken on purpose, and must then be caught.

use gotong_model::agreement::{Act as Forbidden, Exit, NoticeKind, Onward, PartState, PersonalData, Terms};
use gotong_model::governance::Governance;
use gotong_model::{MemberCode, Personal, Timestamp, Tlp};
use gotong_policy::{Act, Question, Reader, ReaderClass, Row, Subject};

use super::support::{Desk, code, day};

/// What a region has signed, before it signs it.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) terms: Terms,
    /// From when, how what is left behind is treated, and up to which label.
    pub(crate) amendment: Option<(&'static str, Exit, Tlp)>,
    /// Member, notice, subject, day; in order.
    pub(crate) notices: Vec<(&'static str, NoticeKind, Option<&'static str>, &'static str)>,
}

impl World {
    pub(crate) fn desk(&self) -> Desk {
        let mut desk = Desk::of(&self.terms);
        if let Some((from, exit, ceiling)) = self.amendment {
            let mut next = desk.amend(from);
            next.channel_types[0].exit = exit;
            next.channel_types[0].ceiling = ceiling;
            desk.sign(&next);
        }
        for (member, kind, subject, on) in &self.notices {
            desk.notice(member, *kind, *subject, on);
        }
        desk
    }
}

/// What can be asked, as data.
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    Publish,
    View(ReaderClass<'static>),
    Act(Act),
}

/// A question about the first channel type.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) who: &'static str,
    pub(crate) what: What,
    pub(crate) row: Option<(&'static str, Tlp)>,
    pub(crate) personal: Personal,
    pub(crate) on: &'static str,
}

impl Ask {
    pub(crate) fn put<T>(&self, desk: &Desk, answer: impl FnOnce(&Governance, &Question<'_>) -> T) -> T {
        let member = &code(self.who);
        let (channel, at) = (desk.channel("t"), day(self.on));
        let row = self.row.map(|(kind, tlp)| Row { kind, tlp: Some(tlp) });
        let question = match self.what {
            What::Publish => {
                let (kind, tlp) = self.row.unwrap_or(("stix", Tlp::Clear));
                Question::Publish(Subject {
                    member,
                    channel,
                    kind,
                    tlp: Some(tlp),
                    personal: self.personal,
                    at,
                    organisation: None,
                })
            }
            What::View(class) => Question::View { member, channel, reader: Reader { channels: None, class }, row, at },
            What::Act(act) => Question::Act { member, channel, act, row, at },
        };
        answer(&desk.governance, &question)
    }
}

/// How an oracle is broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Broken {
    Not,
    Prohibitions,
    Suspension,
    Dates,
    Writers,
    Ceiling,
    Personal,
    Kinds,
    Onward,
    Exit,
}

pub(crate) struct Oracle(pub(crate) Broken);

/// Spelt out, and not by order.
fn is_allowed(rule: PersonalData, personal: Personal) -> bool {
    match (rule, personal) {
        (PersonalData::None, Personal::None)
        | (PersonalData::Pseudonymised, Personal::None | Personal::Pseudonymised)
        | (PersonalData::Permitted, _) => true,
        (PersonalData::None, Personal::Pseudonymised | Personal::Identified)
        | (PersonalData::Pseudonymised, Personal::Identified) => false,
    }
}

/// A member's place in the channel by brute force.
struct Place<'a> {
    terms: &'a Terms,
    /// Whether it is active, resting or over.
    state: PartState,
}

impl Oracle {
    pub(crate) fn permits(&self, governance: &Governance, ask: &Ask) -> bool {
        let member = &code(ask.who);
        let at = day(ask.on);
        match ask.what {
            What::Publish => {
                let (kind, tlp) = ask.row.unwrap_or(("stix", Tlp::Clear));
                self.writes(governance, member, at).is_some_and(|terms| {
                    let channel = &terms.channel_types[0];
                    (self.is(Broken::Kinds) || channel.names_kind(kind))
                        && (self.is(Broken::Ceiling) || tlp <= channel.ceiling)
                        && (self.is(Broken::Personal) || is_allowed(channel.personal_data, ask.personal))
                        && tlp != Tlp::Red
                        && !self.bites(terms, Forbidden::Publish, member, Some((kind, tlp)))
                })
            }
            What::Act(Act::Open) => self
                .writes(governance, member, at)
                .is_some_and(|terms| !self.bites(terms, Forbidden::Publish, member, None)),
            What::View(_) | What::Act(_) => {
                Self::place(governance, member, at).is_some_and(|place| self.uses(ask, member, &place))
            }
        }
    }

    fn is(&self, broken: Broken) -> bool {
        self.0 == broken
    }

    fn writes<'a>(&self, governance: &'a Governance, member: &MemberCode, at: Timestamp) -> Option<&'a Terms> {
        let agreement = governance.agreements.values().next()?;
        let mut at = at;
        if self.is(Broken::Dates) && governance.standing(agreement, at).version.is_none() {
            at = agreement.versions[0].terms.from;
        }
        let standing = governance.standing(agreement, at);
        let terms = &standing.version?.terms;
        let part = standing.parts.get(member)?;
        let takes_part =
            part.state == PartState::Active || self.is(Broken::Suspension) && part.state == PartState::Suspended;
        let kind = &terms.channel_types[0];
        let named = if self.is(Broken::Writers) {
            standing.names_reader(kind, member)
        } else {
            standing.names_writer(kind, member)
        };
        let others = standing.parts.iter().any(|(code, part)| code != member && part.state == PartState::Active);
        (takes_part && named && others).then_some(terms)
    }

    fn place<'a>(governance: &'a Governance, member: &MemberCode, at: Timestamp) -> Option<Place<'a>> {
        let agreement = governance.agreements.values().next()?;
        let state = |at: Timestamp| {
            let standing = governance.standing(agreement, at);
            let terms = &standing.version?.terms;
            let state = standing.parts.get(member)?.state;
            standing.names_reader(&terms.channel_types[0], member).then_some((terms, state))
        };
        // Everything in these tests begins at midnight, so a day is fine enough.
        let mut days = Vec::new();
        let mut next = day("2026-01-01");
        while next <= at {
            days.push(next);
            next = next.plus_ms(86_400_000);
        }
        let history: Vec<_> = days.into_iter().map(state).collect();
        history.iter().flatten().find(|(_, state)| *state == PartState::Active)?;
        if let Some((terms, state)) = history.last().copied().flatten().filter(|(_, state)| *state != PartState::Ended)
        {
            return Some(Place { terms, state });
        }
        let (terms, _) = history.into_iter().flatten().rfind(|(_, state)| *state != PartState::Ended)?;
        Some(Place { terms, state: PartState::Ended })
    }

    fn uses(&self, ask: &Ask, member: &MemberCode, place: &Place<'_>) -> bool {
        let kind = &place.terms.channel_types[0];
        let exit = if self.is(Broken::Exit) { Exit::Keep } else { kind.exit };
        let reads = place.state != PartState::Ended || exit != Exit::Erase;
        let is_free = place.state == PartState::Active
            || place.state == PartState::Ended && exit == Exit::Keep
            || place.state == PartState::Suspended && self.is(Broken::Suspension);
        let bites = |act| self.bites(place.terms, act, member, ask.row);
        let goes_on = is_free
            && (self.is(Broken::Onward) || kind.onward != Onward::None)
            && ask.row.is_none_or(|(_, tlp)| tlp <= Tlp::Amber)
            && !bites(Forbidden::Onward);
        match ask.what {
            What::View(ReaderClass::Staff) => reads && !bites(Forbidden::Read),
            What::View(ReaderClass::Constituent(_)) => goes_on && !bites(Forbidden::Read),
            What::Act(Act::Onward) => goes_on,
            What::Act(Act::Export) => is_free && !bites(Forbidden::Read),
            What::Act(Act::Relabel) => ask.row.is_none_or(|(_, tlp)| tlp <= kind.ceiling || self.is(Broken::Ceiling)),
            What::Act(Act::Withdraw) => true,
            What::Publish | What::Act(Act::Open) => false,
        }
    }

    fn bites(&self, terms: &Terms, act: Forbidden, member: &MemberCode, row: Option<(&str, Tlp)>) -> bool {
        !self.is(Broken::Prohibitions)
            && terms.prohibitions.iter().any(|rule| match row {
                Some((kind, tlp)) => rule.bites(act, &terms.channel_types[0].name, kind, member, Some(tlp)),
                None => {
                    rule.kinds.is_empty()
                        && rule.tlp_above.is_none()
                        && rule.bites(act, &terms.channel_types[0].name, "", member, None)
                }
            })
    }
}

//! May this be published here, may that be admitted, may this person see it: one interface, deny by default, every answer with its clauses.
//!
//! Total and pure: the same question about the same governance has the same answer on every node. Agreements and house rules are compiled to Cedar, and Cedar's
//! answer is the answer; callers see only [`decide`] and [`Cache`]. Read next: `rules.rs` (what Cedar is given), `case.rs` (what it is asked).

mod cache;
mod case;
mod decision;
mod engine;
mod explain;
mod house;
mod outside;
mod question;
mod rules;

pub use cache::Cache;
pub use decision::{Decision, DutyDue, Effect, Ground};
pub use house::policies as house_policies;
pub use outside::outside;
pub use question::{Act, Constituent, Question, Reader, ReaderClass, Row, Subject};
pub use rules::{SCHEMA, policies};

use gotong_model::agreement::{ChannelType, DutyKind, Standing};
use gotong_model::control::Basis;
use gotong_model::governance::{Channel, ChannelKind, Governance};
use gotong_model::{MemberCode, Personal, Timestamp};

use case::{Action, Asked, Case, NoCase};

/// Answers a question.
pub fn decide(governance: &Governance, question: &Question<'_>) -> Decision {
    let Some(channel) = governance.channel(&question.channel()) else { return Decision::unknown_channel() };
    match *question {
        Question::Publish(subject) => publish(governance, &channel, subject),
        Question::Admit { subject, basis } => admit(governance, &channel, subject, basis),
        Question::View { member, reader, row, at, .. } => {
            if !is_in_scope(&reader, &channel) {
                return Decision::unknown_channel();
            }
            match reader.class {
                ReaderClass::Staff => {
                    act(governance, &channel, Asked { member, action: Action::Read, row, personal: Personal::None, at })
                }
                ReaderClass::Constituent(who) => given(governance, &channel, who, (member, row, at)),
            }
        }
        Question::Act { member, act: wanted, row, at, .. } => {
            // A log is begun before there is any record in it.
            let row = row.filter(|_| wanted != Act::Open);
            act(governance, &channel, Asked { member, action: wanted.into(), row, personal: Personal::None, at })
        }
    }
}

fn is_in_scope(reader: &Reader<'_>, channel: &Channel<'_>) -> bool {
    reader.channels.is_none_or(|channels| channels.contains(&channel.id))
}

fn asked_of(subject: Subject<'_>) -> Asked<'_> {
    let row = Some(Row { kind: subject.kind, tlp: subject.tlp });
    Asked { member: subject.member, action: Action::Publish, row, personal: subject.personal, at: subject.at }
}

/// What a constituent reads: the house rule gives it, and where an agreement opens the channel, that lets it go on.
fn given(
    governance: &Governance,
    channel: &Channel<'_>,
    who: Constituent<'_>,
    (member, row, at): (&MemberCode, Option<Row<'_>>, Timestamp),
) -> Decision {
    let asked = |action| Asked { member, action, row, personal: Personal::None, at };
    let Some(case) = house::case(governance, channel, who, asked(Action::Given)) else {
        return Decision::unknown_channel();
    };
    let by_house = answer(governance, channel, Ok(case));
    if channel.kind != ChannelKind::Standing {
        return by_house;
    }
    let by_agreement = act(governance, channel, asked(Action::Constituent));
    if !by_agreement.permitted && by_agreement.grounds.is_empty() {
        return Decision::unknown_channel();
    }
    by_house.and(by_agreement)
}

/// What a constituent publishes itself: in its own channel, and nowhere else.
fn contribute(governance: &Governance, channel: &Channel<'_>, subject: Subject<'_>, who: Constituent<'_>) -> Decision {
    let asked = Asked { action: Action::Contribute, ..asked_of(subject) };
    match house::case(governance, channel, who, asked) {
        Some(case) => answer(governance, channel, Ok(case)),
        None => Decision::unknown_channel(),
    }
}

fn publish(governance: &Governance, channel: &Channel<'_>, subject: Subject<'_>) -> Decision {
    if let Some(who) = subject.organisation {
        return contribute(governance, channel, subject, who);
    }
    if channel.kind.is_governing() {
        return answer(governance, channel, case::governing(governance, channel, asked_of(subject)));
    }
    judged(governance, channel, &governance.standing(channel.agreement, subject.at), subject)
}

fn admit(governance: &Governance, channel: &Channel<'_>, subject: Subject<'_>, basis: &Basis) -> Decision {
    if channel.kind.is_governing() {
        // What governs is judged by its own signatures, and not by the log that brought it.
        return publish(governance, channel, subject);
    }
    let standings = match governance.judged(channel.agreement, basis, subject.member, subject.at) {
        Ok(standings) => standings,
        Err(missing) => return Decision::held(missing),
    };
    // INVARIANT: 5. Both what the author knew and what it had to know by then permit it.
    let named = judged(governance, channel, &standings.named, subject);
    if channel.kind.is_of_house() {
        // Written under the house rule in force then, and not judged by a later one.
        return named;
    }
    let Some(past_grace) = standings.past_grace.filter(|_| named.permitted) else { return named };
    let late = judged(governance, channel, &past_grace, subject);
    if late.permitted { named } else { late }
}

/// A record in a channel of an agreement that stands as given.
fn judged(governance: &Governance, channel: &Channel<'_>, standing: &Standing<'_>, subject: Subject<'_>) -> Decision {
    let case = case::new(governance, channel, standing, asked_of(subject));
    let mut decision = answer(governance, channel, case);
    if let (true, Ok(case)) = (decision.permitted, case) {
        decision.duties = duties(&case, case.channel_type, standing, subject);
    }
    decision
}

/// What a record that was admitted under a basis asks of its readers, and by when: the duties of the terms, and erasing it when its retention is over.
/// Decides nothing: whether the record is admitted is for [`decide`].
pub fn duties_of(governance: &Governance, subject: Subject<'_>, basis: &Basis) -> Vec<DutyDue> {
    let Some(channel) = governance.channel(&subject.channel).filter(|channel| !channel.kind.is_governing()) else {
        return Vec::new();
    };
    let Ok(standings) = governance.judged(channel.agreement, basis, subject.member, subject.at) else {
        return Vec::new();
    };
    let standing = &standings.named;
    let Ok(case) = case::new(governance, &channel, standing, asked_of(subject)) else { return Vec::new() };
    let kind = case.channel_type;
    let mut due = duties(&case, kind, standing, subject);
    if let Some(days) = kind.retention_days {
        let until = subject.at.plus_ms(days.saturating_mul(86_400_000));
        let place = (case.terms.duties.len(), kind.retention_clause.as_str());
        let readers = standing.parts.keys();
        let readers = readers.filter(|code| standing.is_active(code) && standing.names_reader(kind, code));
        due.extend(readers.map(|code| DutyDue::new(case.terms, place, DutyKind::Delete, code, until)));
    }
    due
}

/// What a record asks of those who read it: to be acknowledged, answered or passed on by all but its author, and erased by everybody.
fn duties(case: &Case<'_>, kind: &ChannelType, standing: &Standing<'_>, subject: Subject<'_>) -> Vec<DutyDue> {
    let mut due = Vec::new();
    for (at, rule) in case.terms.duties.iter().enumerate() {
        for code in standing.parts.keys() {
            let is_own = code == subject.member && rule.duty != DutyKind::Delete;
            let reads = standing.is_active(code) && standing.names_reader(kind, code);
            if reads && !is_own && rule.falls_on(&kind.name, subject.kind, code) {
                let until = subject.at.plus_ms(rule.within_minutes.saturating_mul(60_000));
                due.push(DutyDue::new(case.terms, (at, &rule.clause), rule.duty, code, until));
            }
        }
    }
    due
}

fn act(governance: &Governance, channel: &Channel<'_>, asked: Asked<'_>) -> Decision {
    if channel.kind.is_governing() {
        return answer(governance, channel, case::governing(governance, channel, asked));
    }
    if asked.action.is_new() {
        let standing = governance.standing(channel.agreement, asked.at);
        return answer(governance, channel, case::new(governance, channel, &standing, asked));
    }
    answer(governance, channel, case::kept(governance, channel, asked))
}

fn answer(governance: &Governance, channel: &Channel<'_>, case: Result<Case<'_>, NoCase<'_>>) -> Decision {
    match case {
        Ok(case) => {
            let compiled = engine::compiled(&case);
            let verdict = compiled.verdict(&case);
            let grounds = explain::grounds(governance, &case, &compiled.rules, &verdict);
            Decision::new(verdict.permitted, grounds)
        }
        Err(NoCase::Outsider) => Decision::unknown_channel(),
        Err(NoCase::Dropped(terms)) => {
            let ground = explain::dropped((channel.agreement, terms), channel.channel_type.name.as_str());
            Decision::new(false, vec![ground])
        }
    }
}

//! What changes when: the instants at which something comes into or goes out of force, and for each what it changes for whom in which channel. Before and
//! after are both asked of the governance at an instant; nothing is worked out here a second way.

use std::collections::{BTreeMap, BTreeSet};

use gotong_model::agreement::{Agreement, ChannelType, NoticeKind, Version};
use gotong_model::governance::{Channel, ChannelKind, Governance, House};
use gotong_model::house::Class;
use gotong_model::{AgreementId, MemberCode, Personal, Timestamp, Tlp};
use gotong_policy::{Question, Subject, decide};
use gotong_store::State;

use super::reception::at_instant;
use super::{everybody, name};
use crate::caller::Caller;
use crate::governing::judgement;
use crate::node::{Node, NodeFault};
use crate::rows;
use crate::view::scope::Scope;

/// Instants in one answer.
const TURNS_MAX: usize = 500;
/// Entries looked at for the first record whose retention runs out.
const FIRST_MAX: usize = 1_000;

/// One consequence, or one cause, in words.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Change {
    /// Message id of the sentence.
    pub id: &'static str,
    /// The channel's handle; `None` of what concerns the whole agreement.
    pub channel: Option<String>,
    /// Whom it concerns; `None` of what concerns everybody.
    pub member: Option<MemberCode>,
    /// The clause that carries it.
    pub clause: Option<String>,
    /// The sentence in English.
    pub text: String,
}

/// An instant at which something changes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Turn {
    /// When.
    pub at: Timestamp,
    /// The agreement's handle.
    pub agreement: String,
    /// What happens.
    pub causes: Vec<Change>,
    /// What it changes for whom. Empty where something happens and changes nothing.
    pub effects: Vec<Change>,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changes {
    /// From this instant on.
    pub from: Timestamp,
    /// Before this instant.
    pub until: Timestamp,
    /// In order.
    pub turns: Vec<Turn>,
    /// Whether there are more than are answered.
    pub more: bool,
}

/// What changes in a period in the agreements of which the caller may read a channel. `None`: no such agreement for this caller.
pub fn changes(
    node: &Node,
    caller: &Caller,
    only: Option<AgreementId>,
    (from, until): (Timestamp, Timestamp),
) -> Result<Option<Changes>, NodeFault> {
    let scope = Scope::new(node, caller);
    let governance = &scope.governance;
    let mut turns = Vec::new();
    let mut is_known = only.is_none();
    let house = governance.own_house();
    let all = governance.agreements.values().chain(house.map(|house| &house.agreement));
    for agreement in all.filter(|agreement| only.is_none_or(|only| only == agreement.id)) {
        let house = house.filter(|house| house.agreement.id == agreement.id);
        let channels = readable(&scope, agreement);
        if channels.is_empty() {
            continue;
        }
        is_known = true;
        let mut causes = causes(governance, agreement, house.is_some());
        retention(node, &channels, &mut causes)?;
        for (at, causes) in causes.range(from..until) {
            let mut effects = effects(governance, &channels, *at);
            effects.extend(house.map(|house| classes(governance, house, *at)).unwrap_or_default());
            let causes = causes.iter().cloned().collect();
            turns.push(Turn { at: *at, agreement: agreement.terms.handle.to_string(), causes, effects });
        }
    }
    if !is_known {
        return Ok(None);
    }
    turns.sort_by(|a, b| (a.at, &a.agreement).cmp(&(b.at, &b.agreement)));
    let more = turns.len() > TURNS_MAX;
    turns.truncate(TURNS_MAX);
    Ok(Some(Changes { from, until, turns, more }))
}

/// The channels of an agreement that the caller may read. Of organisations' own, one stands for all of its type: what changes for one changes for each.
fn readable<'a>(scope: &'a Scope<'_>, agreement: &Agreement) -> Vec<Channel<'a>> {
    let governance = &scope.governance;
    let of = |channel: &Channel<'_>| {
        matches!(channel.kind, ChannelKind::Standing | ChannelKind::House)
            && channel.agreement.id == agreement.id
            && scope.channel(&channel.id).is_some()
    };
    let mut channels: Vec<Channel<'_>> = governance.channels().filter(of).collect();
    if governance.own_house().is_some_and(|house| house.agreement.id == agreement.id) {
        for own in governance.own_scopes() {
            let one = governance.own_channels().find(|channel| channel.scope == own);
            let one = one.filter(|channel| scope.channel(&channel.id).is_some());
            channels.extend(one.map(|channel| Channel { organisation: None, ..channel }));
        }
    }
    channels
}

/// What an instant changes for the classes of the house rule.
fn classes(governance: &Governance, house: &House, at: Timestamp) -> Vec<Change> {
    let before = Timestamp::from_micros(at.micros() - 1).unwrap_or(at);
    let version = |at| governance.standing(&house.agreement, at).version;
    let (old, new) = (version(before), version(at));
    let of = |version: Option<&Version>| version.map(|version| house.classes(version).to_vec()).unwrap_or_default();
    let (old, new) = (of(old), of(new));
    let mut changes = Vec::new();
    let mut tell = |id: &'static str, class: &Class, text: String| {
        changes.push(cause(id, None, Some(class.clause.as_str()), text));
    };
    for class in &new {
        match old.iter().find(|before| before.class == class.class) {
            None => tell("change.class", class, format!("there is a class {}", class.class)),
            Some(before) => {
                if (&before.reads, &before.reads_house) != (&class.reads, &class.reads_house) {
                    tell("change.class-reads", class, format!("what the class {} is given changes", class.class));
                }
                if before.own != class.own {
                    tell("change.class-own", class, format!("the own channel of the class {} changes", class.class));
                }
            }
        }
    }
    for class in old.iter().filter(|class| !new.iter().any(|after| after.class == class.class)) {
        tell(
            "change.class-gone",
            class,
            format!("the class {} is no more: its organisations are given nothing", class.class),
        );
    }
    changes
}

type Causes = BTreeMap<Timestamp, BTreeSet<Change>>;

fn cause(id: &'static str, member: Option<&MemberCode>, clause: Option<&str>, text: String) -> Change {
    Change { id, channel: None, member: member.cloned(), clause: clause.map(str::to_owned), text }
}

/// Everything that happens to an agreement, by instant.
fn causes(governance: &Governance, agreement: &Agreement, is_house: bool) -> Causes {
    let mut causes = Causes::new();
    let mut put = |at: Timestamp, change: Change| {
        causes.entry(at).or_default().insert(change);
    };
    let grace_of = |terms: &Version| {
        let charter = governance.charters.iter().rfind(|charter| charter.from <= terms.terms.from);
        terms.terms.grace_hours.or(charter.map(|charter| charter.grace_hours)).unwrap_or(0)
    };
    let mut versions = agreement.versions.iter().peekable();
    while let Some(version) = versions.next() {
        let (terms, number) = (&version.terms, version.terms.number);
        let clause = Some(terms.dates_clause.as_str());
        put(terms.from, cause("change.version", None, clause, format!("version {number} comes into force")));
        if number > 1 && !is_house {
            let over = terms.from.plus_ms(grace_of(version).saturating_mul(3_600_000));
            let text =
                format!("the grace of version {number} is over: who has not named it by now is refused by it too");
            put(over, cause("change.grace", None, Some(terms.amendment_clause.as_str()), text));
        }
        // A version that another has followed by then ends nothing.
        if let Some(until) = terms.until.filter(|until| versions.peek().is_none_or(|next| *until < next.terms.from)) {
            put(until, cause("change.until", None, clause, format!("version {number} ends: nothing new is admitted")));
        }
    }
    for (member, (_, notice)) in
        agreement.notices.iter().flat_map(|(member, chain)| chain.iter().map(move |one| (member, one)))
    {
        let who = name(governance, member);
        let terms = agreement.versions.iter().rfind(|version| version.terms.from <= notice.published_at);
        let terms = terms.map_or(&agreement.terms, |version| &version.terms);
        let joining = terms.accession.as_ref().map(|rule| rule.clause.as_str());
        let (id, clause, text) = match notice.notice {
            NoticeKind::Suspend => {
                ("change.suspend", Some(terms.suspension_clause.as_str()), format!("{who} suspends its part"))
            }
            NoticeKind::Resume => {
                ("change.resume", Some(terms.suspension_clause.as_str()), format!("{who} resumes its part"))
            }
            NoticeKind::Terminate => {
                ("change.terminate", Some(terms.termination_clause.as_str()), format!("{who}'s part ends, for good"))
            }
            NoticeKind::Accede => ("change.accede", joining, format!("{who} accedes")),
            NoticeKind::Consent => {
                let subject = notice.subject.as_ref().map_or_else(String::new, |code| name(governance, code));
                ("change.consent", joining, format!("{who} consents to {subject}"))
            }
        };
        put(agreement.effect_of(notice), cause(id, Some(member), clause, text));
    }
    // A house rule is the member's own: no charter changes it.
    for charter in governance.charters.iter().filter(|_| !is_house) {
        let text = format!("charter number {} comes into force", charter.number);
        put(charter.from, cause("change.charter", None, None, text));
    }
    causes
}

/// When the first of the records here reaches the end of its retention, for each channel that has one.
fn retention(node: &Node, channels: &[Channel<'_>], causes: &mut Causes) -> Result<(), NodeFault> {
    for channel in channels.iter().filter(|channel| channel.kind != ChannelKind::Own) {
        let Some(days) = channel.channel_type.retention_days else { continue };
        let tx = node.store.read()?;
        let mut first: Option<Timestamp> = None;
        for row in rows::logs_in(tx.as_ref(), &channel.id)? {
            let entries = tx.entries(row.no, 0, FIRST_MAX, usize::MAX, false)?;
            if let Some(live) = entries.iter().find(|entry| entry.header.state == State::Live) {
                let published = judgement::published_at(tx.as_ref(), row.no, live.key.index())?;
                first = [first, published].into_iter().flatten().min();
            }
        }
        if let Some(first) = first {
            let text =
                format!("the oldest record here in {} reaches its {days} days and is to be erased", channel.handle());
            let clause = Some(channel.channel_type.retention_clause.as_str());
            let change = Change { channel: Some(channel.handle()), ..cause("change.retention", None, clause, text) };
            causes.entry(first.plus_ms(days * 86_400_000)).or_default().insert(change);
        }
    }
    Ok(())
}

/// What an instant changes, channel by channel.
fn effects(governance: &Governance, channels: &[Channel<'_>], at: Timestamp) -> Vec<Change> {
    let before = Timestamp::from_micros(at.micros() - 1).unwrap_or(at);
    let mut effects = Vec::new();
    for channel in channels {
        let handle = Some(channel.handle());
        for member in everybody(governance) {
            let who = name(governance, &member);
            let reads = |at| governance.in_audience_at(&channel.id, &member, at);
            let writes = |at| writes(governance, channel, &member, at);
            let mut tell = |id, clause, what: &str| {
                let (channel, member) = (handle.clone(), Some(member.clone()));
                effects.push(Change { id, channel, member, clause, text: format!("{who} {what}") });
            };
            let clause =
                || Some(at_instant(governance, channel, &member, at).1.clause).filter(|clause| !clause.is_empty());
            match (reads(before), reads(at)) {
                (false, true) => tell("change.reads", clause(), "is sent what is published"),
                (true, false) => tell("change.reads-no-more", clause(), "is sent nothing new any more"),
                _ => {}
            }
            match (writes(before), writes(at)) {
                (false, true) => tell("change.writes", clause(), "may publish"),
                (true, false) => {
                    let refusing = refusing(governance, channel, &member, at).or_else(clause);
                    tell("change.writes-no-more", refusing, "may not publish any more");
                }
                _ => {}
            }
        }
        let (old, new) = (kind_at(governance, channel, before), kind_at(governance, channel, at));
        if let (Some(old), Some(new)) = (old, new) {
            effects.extend(rules(old, new).into_iter().map(|(id, clause, text)| Change {
                id,
                channel: handle.clone(),
                member: None,
                clause: Some(clause.to_owned()),
                text,
            }));
        }
    }
    effects
}

/// The clause that refuses whatever a member might publish.
fn refusing(governance: &Governance, channel: &Channel<'_>, member: &MemberCode, at: Timestamp) -> Option<String> {
    let kind = channel.channel_type.kinds.first()?;
    let (tlp, personal) = (Some(Tlp::Clear), Personal::None);
    let subject = Subject { member, channel: channel.id, kind, tlp, personal, at, organisation: None };
    decide(governance, &Question::Publish(subject)).refusal().map(|ground| ground.clause.clone())
}

fn kind_at<'a>(governance: &'a Governance, channel: &Channel<'a>, at: Timestamp) -> Option<&'a ChannelType> {
    governance.standing(channel.agreement, at).version?.terms.channel_type(&channel.channel_type.name)
}

/// Whether a member may publish anything at all.
fn writes(governance: &Governance, channel: &Channel<'_>, member: &MemberCode, at: Timestamp) -> bool {
    let standing = governance.standing(channel.agreement, at);
    let kind = standing.version.and_then(|version| version.terms.channel_type(&channel.channel_type.name));
    kind.is_some_and(|kind| standing.is_in_force() && standing.is_active(member) && standing.names_writer(kind, member))
}

/// In what the rules of a type differ.
fn rules<'a>(old: &ChannelType, new: &'a ChannelType) -> Vec<(&'static str, &'a str, String)> {
    let mut rules = Vec::new();
    if old.ceiling != new.ceiling {
        let text = format!(
            "the ceiling is TLP:{} instead of TLP:{}",
            upper(new.ceiling.as_str()),
            upper(old.ceiling.as_str())
        );
        rules.push(("change.ceiling", new.ceiling_clause.as_str(), text));
    }
    let missing = |of: &ChannelType, from: &ChannelType| {
        of.kinds.iter().filter(|kind| !from.names_kind(kind)).cloned().collect::<Vec<String>>().join(", ")
    };
    let (added, gone) = (missing(new, old), missing(old, new));
    if !added.is_empty() {
        rules.push(("change.kinds", new.kinds_clause.as_str(), format!("{added} may be published")));
    }
    if !gone.is_empty() {
        rules.push((
            "change.kinds-no-more",
            new.kinds_clause.as_str(),
            format!("{gone} may not be published any more"),
        ));
    }
    if old.onward != new.onward {
        let text = format!("passing on: {} instead of {}", new.onward.as_str(), old.onward.as_str());
        rules.push(("change.onward", new.onward_clause.as_str(), text));
    }
    if old.personal_data != new.personal_data {
        let text = format!("personal data: {} instead of {}", new.personal_data.as_str(), old.personal_data.as_str());
        rules.push(("change.personal-data", new.personal_data_clause.as_str(), text));
    }
    if old.retention_days != new.retention_days {
        let days = |days: Option<u64>| days.map_or_else(|| "no limit".to_owned(), |days| format!("{days} days"));
        let text = format!("kept: {} instead of {}", days(new.retention_days), days(old.retention_days));
        rules.push(("change.retention-days", new.retention_clause.as_str(), text));
    }
    if old.exit != new.exit {
        let text = format!("at the end of a part: {} instead of {}", new.exit.as_str(), old.exit.as_str());
        rules.push(("change.exit", new.exit_clause.as_str(), text));
    }
    rules
}

fn upper(text: &str) -> String {
    text.to_ascii_uppercase()
}

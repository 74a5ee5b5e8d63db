//! The house rule as people ask about it: who reads what under it, class by class, and what a draft would change of that. The policy is asked; nothing is
//! read off the rule's own words, so that what is told here is what counts.
//!
//! Writes nothing. INVARIANT: 1. Only staff who may read all of the member's channels are told anything, and of no channel that they may not know.
//! Read next: `organisation.rs` (who is served), `explain/what_if.rs` (the same question about agreements).

use std::collections::{BTreeMap, BTreeSet};

use gotong_model::agreement::{HOUSE_HANDLE, Version};
use gotong_model::document::DocumentFault;
use gotong_model::governance::{Added, Channel, ChannelKind, Governance, House};
use gotong_model::house::Organisation;
use gotong_model::{ChannelId, MemberCode, Slug, Timestamp, Tlp};
use gotong_policy::{Constituent, Decision, Effect, Question, Reader, ReaderClass, Row, decide};

use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::organisation;
use crate::view::scope::Scope;

/// Questions to the policy for one answer.
const QUESTIONS_MAX: usize = 20_000;
/// Organisations that are counted; beyond this the answer says that there are more.
const COUNTED_MAX: usize = 10_000;
/// The code of an organisation that is put into a copy of the register, to be asked about: what one of its class would be shown.
const PROBE: &str = "some-organisation";
/// What stands in its place in a channel's name.
const ANYBODY: &str = "ORGANISATION";

/// What somebody reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sees {
    /// The class of organisations; `None`: the member's staff.
    pub class: Option<Slug>,
    /// The channel's handle; of organisations' own with `ORGANISATION` in the place of the code.
    pub channel: String,
    /// Whether it is each organisation's own.
    pub is_own: bool,
    /// Whether it is one of an exercise.
    pub is_exercise: bool,
    /// The kinds of record.
    pub kinds: Vec<String>,
    /// Kinds of which nothing is shown, whatever their label.
    pub except: Vec<String>,
    /// The labels that are shown, the mildest first.
    pub labels: Vec<Tlp>,
    /// The clauses that give it: handle and number.
    pub clauses: Vec<(String, String)>,
}

/// What the house rule comes to now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ruling {
    /// The staff first, then by class.
    pub sees: Vec<Sees>,
    /// How many organisations of each class are served.
    pub served: BTreeMap<Slug, usize>,
    /// Whether a bound ended the answer early.
    pub more: bool,
}

/// What somebody would read otherwise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// The class of organisations; `None`: the member's staff.
    pub class: Option<Slug>,
    /// The channel's handle.
    pub channel: String,
    /// The kinds of record for which it is so.
    pub kinds: Vec<String>,
    /// The labels that are shown as things stand.
    pub before: Vec<Tlp>,
    /// Those that would be.
    pub after: Vec<Tlp>,
    /// The clauses that give it, then or now.
    pub clauses: Vec<(String, String)>,
}

impl Change {
    /// Whether nothing is taken away.
    pub fn is_more(&self) -> bool {
        self.before.iter().all(|label| self.after.contains(label))
    }
}

/// What a draft would change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Supposed {
    /// The number of the version.
    pub number: u64,
    /// The instant that was asked about: when the version begins, or now.
    pub at: Timestamp,
    /// Who would read more, less or other things.
    pub changes: Vec<Change>,
    /// Whether a bound ended the answer early.
    pub more: bool,
}

/// Whether somebody is told of the house rule at all.
pub fn may_know(caller: &Caller) -> bool {
    caller.is_staff() && caller.channels.is_none()
}

/// What the house rule in force comes to. `None`: none counts here, or this caller is told of none.
pub fn ruling(node: &Node, caller: &Caller) -> Result<Option<Ruling>, NodeFault> {
    let scope = Scope::new(node, caller);
    if !may_know(caller) || scope.governance.house(&node.member).is_none() {
        return Ok(None);
    }
    let mut asking = Asking { scope: &scope, member: &node.member, at: node.now(), questions: 0, more: false };
    let rows = asking.rows(&scope.governance);
    let mut ruling = Ruling { sees: together(rows), served: BTreeMap::new(), more: asking.more };
    let mut after: Option<Slug> = None;
    let mut counted = 0;
    loop {
        let page = organisation::list(node, after.as_ref(), organisation::PAGE_MAX)?;
        let Some(last) = page.last() else { break };
        after = Some(last.organisation.code.clone());
        counted += page.len();
        for one in page.iter().filter(|one| one.ended.is_none()) {
            *ruling.served.entry(one.organisation.class.clone()).or_default() += 1;
        }
        if counted >= COUNTED_MAX {
            ruling.more = true;
            break;
        }
    }
    Ok(Some(ruling))
}

/// Why a note cannot be the next version of this node's house rule: it is another member's, or would begin the house anew, with channels of its own.
pub fn misfit(node: &Node, note: &[u8]) -> Result<Option<DocumentFault>, NodeFault> {
    Ok(supposing(node, &node.governance(), note).err())
}

/// What this node would stand on with a house rule, as if it were signed.
fn supposing(node: &Node, before: &Governance, note: &[u8]) -> Result<(Governance, Timestamp, u64), DocumentFault> {
    let unfit = |text: String| Err(DocumentFault::Unfit(text));
    let (after, added) = before.supposing(note)?;
    let Added::House(hash) = added else { return unfit("it is no house rule".to_owned()) };
    let found = after.houses().find_map(|house| Some((house, house.agreement.version(&hash)?)));
    let Some((house, version)) = found else { return unfit("it does not follow the newest version".to_owned()) };
    if house.member != node.member {
        return unfit(format!("this is the house rule of {}, and this node is that of {}", house.member, node.member));
    }
    let is_other = |known: &House| known.agreement.id != house.agreement.id;
    if before.house(&node.member).is_some_and(is_other) {
        return unfit("a house rule counts here already, and this one would begin the house anew, with channels of its own; gotong house accept --anew does that".to_owned());
    }
    let (from, number) = (version.terms.from, version.terms.number);
    Ok((after, from, number))
}

/// What a version of the house rule would change, signed or not. Outside: the node's fault. Inside: why it cannot be supposed.
pub fn suppose(node: &Node, caller: &Caller, note: &[u8]) -> Result<Result<Supposed, DocumentFault>, NodeFault> {
    let scope = Scope::new(node, caller);
    if !may_know(caller) {
        return Ok(Err(DocumentFault::Unfit("it is for the staff of the member alone".to_owned())));
    }
    let (after, from, number) = match supposing(node, &scope.governance, note) {
        Ok(supposed) => supposed,
        Err(fault) => return Ok(Err(fault)),
    };
    let at = from.max(node.now());
    let mut asking = Asking { scope: &scope, member: &node.member, at, questions: 0, more: false };
    let (was, will) = (asking.rows(&scope.governance), asking.rows(&after));
    Ok(Ok(Supposed { number, at, changes: changes(&was, &will), more: asking.more }))
}

/// Of whom, where, and what.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Place {
    class: Option<Slug>,
    channel: String,
    kind: String,
}

/// What is shown there.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Shown {
    is_own: bool,
    is_exercise: bool,
    labels: Vec<Tlp>,
    clauses: Vec<(String, String)>,
}

type Rows = BTreeMap<Place, Shown>;

struct Asking<'a> {
    scope: &'a Scope<'a>,
    member: &'a MemberCode,
    at: Timestamp,
    questions: usize,
    more: bool,
}

impl Asking<'_> {
    /// Everything that anybody reads by the house rule.
    fn rows(&mut self, governance: &Governance) -> Rows {
        let mut rows = Rows::new();
        let Some(house) = governance.house(self.member) else { return rows };
        let Some(version) = governance.standing(&house.agreement, self.at).version else { return rows };
        let standing = |channel: &Channel<'_>| matches!(channel.kind, ChannelKind::House | ChannelKind::Standing);
        let channels: Vec<Channel<'_>> = governance.channels().filter(standing).collect();
        for channel in channels.iter().filter(|channel| channel.kind == ChannelKind::House) {
            self.ask(governance, version, channel, None, &mut rows);
        }
        for class in house.classes(version) {
            for channel in &channels {
                self.ask(governance, version, channel, Some(&class.class), &mut rows);
            }
        }
        // Copies of the register are cheap. Whoever has this code stands there no more in the copy, and nobody is asked of it but this one.
        let Some(code) = Slug::from_text(PROBE) else { return rows };
        for class in house.classes(version).iter().filter(|class| class.own.is_some()) {
            let mut copy = governance.clone();
            let (name, former_classes) = (PROBE.to_owned(), Vec::new());
            copy.put_organisation(Organisation {
                code: code.clone(),
                name,
                class: class.class.clone(),
                former_classes,
            });
            for channel in copy.channels_of(&code) {
                if class.own.as_ref() == Some(&channel.channel_type.name) {
                    self.ask(&copy, version, &channel, Some(&class.class), &mut rows);
                    self.ask(&copy, version, &channel, None, &mut rows);
                }
            }
        }
        rows
    }

    /// What a class, or the staff, reads of one channel.
    fn ask(
        &mut self,
        governance: &Governance,
        version: &Version,
        channel: &Channel<'_>,
        class: Option<&Slug>,
        rows: &mut Rows,
    ) {
        if !self.may_tell(&channel.id) || !self.view(governance, &channel.id, class, None).permitted {
            return;
        }
        let is_own = channel.kind == ChannelKind::Own;
        let name = &channel.channel_type.name;
        let shown = if is_own { format!("{HOUSE_HANDLE}/{name}/{ANYBODY}") } else { channel.handle() };
        let named = version.terms.prohibitions.iter().flat_map(|rule| &rule.kinds);
        let kinds: BTreeSet<&String> = channel.channel_type.kinds.iter().chain(named).collect();
        for kind in kinds {
            let mut clauses = Vec::new();
            let mut labels = Vec::new();
            // Nothing stands in a channel above its ceiling.
            for label in Tlp::ALL.into_iter().filter(|label| *label <= channel.channel_type.ceiling) {
                let decision = self.view(governance, &channel.id, class, Some(Row { kind, tlp: Some(label) }));
                if decision.permitted {
                    labels.push(label);
                    clauses.extend(grounds(&decision));
                }
            }
            let mut seen = BTreeSet::new();
            clauses.retain(|clause| seen.insert(clause.clone()));
            let place = Place { class: class.cloned(), channel: shown.clone(), kind: kind.clone() };
            let is_exercise = channel.channel_type.exercise;
            rows.insert(place, Shown { is_own, is_exercise, labels, clauses });
        }
    }

    /// Of what is here already only what the caller may know; what a draft opens, the caller knows by the draft.
    fn may_tell(&self, channel: &ChannelId) -> bool {
        self.scope.governance.channel(channel).is_none() || self.scope.channel(channel).is_some()
    }

    fn view(
        &mut self,
        governance: &Governance,
        channel: &ChannelId,
        class: Option<&Slug>,
        row: Option<Row<'_>>,
    ) -> Decision {
        if self.questions >= QUESTIONS_MAX {
            self.more = true;
            return Decision { permitted: false, grounds: Vec::new(), held: None, duties: Vec::new() };
        }
        self.questions += 1;
        let code = Slug::from_text(PROBE);
        let constituent = code.as_ref().zip(class).map(|(organisation, class)| Constituent { organisation, class });
        let class = constituent.map_or(ReaderClass::Staff, ReaderClass::Constituent);
        let reader = Reader { channels: None, class };
        decide(governance, &Question::View { member: self.member, channel: *channel, reader, row, at: self.at })
    }
}

fn grounds(decision: &Decision) -> impl Iterator<Item = (String, String)> {
    let permits = decision.grounds.iter().filter(|ground| ground.effect == Effect::Permit);
    permits.map(|ground| (ground.handle.clone(), ground.clause.clone()))
}

/// Kinds of which the same is shown stand in one row.
fn together(rows: Rows) -> Vec<Sees> {
    let mut sees: Vec<Sees> = Vec::new();
    let mut hidden: BTreeMap<(Option<Slug>, String), Vec<String>> = BTreeMap::new();
    for (Place { class, channel, kind }, Shown { is_own, is_exercise, labels, clauses }) in rows {
        if labels.is_empty() {
            hidden.entry((class, channel)).or_default().push(kind);
            continue;
        }
        let same = |known: &&mut Sees| (&known.class, &known.channel, &known.labels) == (&class, &channel, &labels);
        if let Some(known) = sees.iter_mut().find(same) {
            known.kinds.push(kind);
            continue;
        }
        let (kinds, except) = (vec![kind], Vec::new());
        sees.push(Sees { class, channel, is_own, is_exercise, kinds, except, labels, clauses });
    }
    for row in &mut sees {
        row.except = hidden.get(&(row.class.clone(), row.channel.clone())).cloned().unwrap_or_default();
    }
    sees
}

fn changes(was: &Rows, will: &Rows) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let places: BTreeSet<&Place> = was.keys().chain(will.keys()).collect();
    for place in places {
        let (old, new) = (was.get(place), will.get(place));
        let labels = |shown: Option<&Shown>| shown.map(|shown| shown.labels.clone()).unwrap_or_default();
        let (before, after) = (labels(old), labels(new));
        if before == after {
            continue;
        }
        let clauses = new.or(old).map(|shown| shown.clauses.clone()).unwrap_or_default();
        let same = |known: &&mut Change| {
            known.class == place.class
                && known.channel == place.channel
                && (&known.before, &known.after) == (&before, &after)
        };
        if let Some(known) = changes.iter_mut().find(same) {
            known.kinds.push(place.kind.clone());
            continue;
        }
        let (class, channel) = (place.class.clone(), place.channel.clone());
        changes.push(Change { class, channel, kinds: vec![place.kind.clone()], before, after, clauses });
    }
    changes
}

//! What a draft would change if it counted: which decisions would be others, and how many of the records here would meet another answer if they were
//! published then. Works on a copy of the governance (`Governance::supposing`); nothing is written, and what stands stays as it was judged.

use std::collections::{BTreeMap, BTreeSet};

use gotong_formats::stix21;
use gotong_model::agreement::{Prohibition, Terms};
use gotong_model::document::DocumentFault;
use gotong_model::governance::{Added, Channel, ChannelKind, Governance};
use gotong_model::{AgreementId, ChannelId, MemberCode, Personal, Timestamp, Tlp, record};
use gotong_policy::{Decision, Ground, Question, Subject, decide};
use gotong_store::State;

use super::everybody;
use super::reception::at_instant;
use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::rows;
use crate::view::scope::Scope;

/// Questions to the policy for one answer.
const QUESTIONS_MAX: usize = 20_000;
/// Entries counted for one answer.
const ENTRIES_MAX: u64 = 1_000_000;
/// Entries of one log read at a time.
const CHUNK: usize = 4_096;

/// What is supposed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Supposition {
    /// `agreement` or `notice`.
    pub purpose: &'static str,
    /// The agreement's handle.
    pub agreement: String,
    /// The number of the version, or of the notice in its chain.
    pub number: u64,
    /// The instant that was asked about.
    pub at: Timestamp,
}

/// A decision that would be another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Differs {
    /// The channel's handle.
    pub channel: String,
    /// Whose.
    pub member: MemberCode,
    /// `publish`, or `receive`: to be sent what is published.
    pub act: &'static str,
    /// The kind of record; `None` where it is the same for all.
    pub kind: Option<String>,
    /// The labels for which it is so.
    pub labels: Vec<Tlp>,
    /// Whether it is permitted as things stand.
    pub before: bool,
    /// Whether it would be.
    pub after: bool,
    /// The clause that refuses, before or after.
    pub says: Ground,
}

/// Records here that would meet another answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recount {
    /// The channel's handle.
    pub channel: String,
    /// Whose.
    pub author: MemberCode,
    /// Of which kind.
    pub kind: String,
    /// Under which label.
    pub label: Tlp,
    /// How many.
    pub records: u64,
    /// Whether they would be admitted; else refused.
    pub after: bool,
    /// The clause that refuses, before or after.
    pub says: Ground,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WhatIf {
    /// What is supposed.
    pub supposed: Supposition,
    /// Decisions that would be others, by channel, member and act.
    pub differs: Vec<Differs>,
    /// Records here that would meet another answer.
    pub recount: Vec<Recount>,
    /// Records looked at.
    pub records: u64,
    /// Whether a bound ended the answer early: not every question was asked, or not every record counted.
    pub more: bool,
    /// At most so many questions.
    pub questions_max: usize,
    /// At most so many records.
    pub records_max: u64,
}

/// Supposes a document. Outside: the node's fault. Inside: why the document cannot be supposed.
pub fn what_if(
    node: &Node,
    caller: &Caller,
    note: &[u8],
    at: Option<Timestamp>,
) -> Result<Result<WhatIf, DocumentFault>, NodeFault> {
    let scope = Scope::new(node, caller);
    let (after, added) = match scope.governance.supposing(note) {
        Ok(supposed) => supposed,
        Err(fault) => return Ok(Err(fault)),
    };
    let Some((id, effect, number, purpose)) = concerns(&after, &added) else {
        return Ok(Err(DocumentFault::Unfit("it concerns no agreement".to_owned())));
    };
    let at = at.unwrap_or_else(|| effect.max(node.now()));
    let mut asking = Asking { before: &scope.governance, after: &after, at, questions: 0, more: false };
    let handle = after.agreements.get(&id).map(|agreement| agreement.terms.handle.to_string()).unwrap_or_default();
    let opens = |channel: &Channel<'_>| channel.agreement.id == id && channel.kind == ChannelKind::Standing;
    // What the document itself opens the caller knows; of what is here already only what it may read.
    let may_ask = |channel: &ChannelId| scope.governance.channel(channel).is_none() || scope.channel(channel).is_some();
    let channels: Vec<ChannelId> = after.channels().filter(opens).map(|channel| channel.id).filter(may_ask).collect();
    let mut differs = Vec::new();
    for channel in &channels {
        differs.extend(asking.channel(channel));
    }
    let mut recount = Vec::new();
    let mut records = 0;
    for channel in channels.iter().filter(|channel| scope.channel(channel).is_some()) {
        recount.extend(asking.count(node, channel, &mut records)?);
    }
    let supposed = Supposition { purpose, agreement: handle, number, at };
    let (more, questions_max, records_max) = (asking.more, QUESTIONS_MAX, ENTRIES_MAX);
    Ok(Ok(WhatIf { supposed, differs, recount, records, more, questions_max, records_max }))
}

/// Which agreement a document concerns, from when on, its number, its purpose.
fn concerns(after: &Governance, added: &Added) -> Option<(AgreementId, Timestamp, u64, &'static str)> {
    match added {
        Added::Agreement(hash) => {
            let mut found = after.agreements.values().filter_map(|one| Some((one.id, one.version(hash)?)));
            found.next().map(|(id, version)| (id, version.terms.from, version.terms.number, "agreement"))
        }
        Added::Notice(hash) => after.agreements.values().find_map(|one| {
            let (_, notice) = one.notices.values().flatten().find(|(known, _)| known == hash)?;
            Some((one.id, one.effect_of(notice), notice.serial, "notice"))
        }),
        Added::Charter(_) | Added::Statement(_) | Added::House(_) => None,
    }
}

struct Asking<'a> {
    before: &'a Governance,
    after: &'a Governance,
    at: Timestamp,
    questions: usize,
    more: bool,
}

impl Asking<'_> {
    /// The two answers, and the clause that refuses; `None` where they are the same, or no more is asked.
    fn publish(&mut self, channel: &ChannelId, member: &MemberCode, kind: &str, label: Tlp) -> Option<(bool, Ground)> {
        if self.questions >= QUESTIONS_MAX {
            self.more = true;
            return None;
        }
        self.questions += 1;
        let (personal, at) = (Personal::None, self.at);
        let subject = Subject { member, channel: *channel, kind, tlp: Some(label), personal, at, organisation: None };
        let decide = |governance| decide(governance, &Question::Publish(subject));
        let (before, after) = (decide(self.before), decide(self.after));
        if before.permitted == after.permitted {
            return None;
        }
        let (governance, refusing) = if after.permitted { (self.before, &before) } else { (self.after, &after) };
        Some((after.permitted, self.ground(governance, refusing, (channel, member))?))
    }

    /// What refuses. Whoever stands outside gets no ground from the policy; here its place is no secret.
    fn ground(
        &self,
        governance: &Governance,
        refusing: &Decision,
        (id, member): (&ChannelId, &MemberCode),
    ) -> Option<Ground> {
        if let Some(ground) = refusing.refusal() {
            return Some(ground.clone());
        }
        let channel = governance.channel(id).or_else(|| self.after.channel(id))?;
        Some(at_instant(governance, &channel, member, self.at).1)
    }

    fn channel(&mut self, id: &ChannelId) -> Vec<Differs> {
        let (before, after) = (self.before, self.after);
        let Some(channel) = after.channel(id) else { return Vec::new() };
        let mut differs = Vec::new();
        let kinds = self.kinds(id, &channel);
        for member in everybody(after) {
            let reads = |governance: &Governance| governance.in_audience_at(id, &member, self.at);
            let (was, will) = (reads(before), reads(after));
            if was != will {
                let (governance, place) =
                    if will { (before, before.channel(id).unwrap_or(channel)) } else { (after, channel) };
                let says = at_instant(governance, &place, &member, self.at).1;
                let (channel, kind, labels) = (channel.handle(), None, Vec::new());
                let member = member.clone();
                differs.push(Differs { channel, member, act: "receive", kind, labels, before: was, after: will, says });
            }
            for kind in &kinds {
                let first = differs.len();
                for label in Tlp::ALL {
                    let Some((will, says)) = self.publish(id, &member, kind, label) else { continue };
                    let same = |known: &&mut Differs| known.after == will && known.says.clause == says.clause;
                    if let Some(known) = differs.get_mut(first..).unwrap_or_default().iter_mut().find(same) {
                        known.labels.push(label);
                        continue;
                    }
                    let (channel, member, kind) = (channel.handle(), member.clone(), Some(kind.clone()));
                    let labels = vec![label];
                    differs.push(Differs {
                        channel,
                        member,
                        act: "publish",
                        kind,
                        labels,
                        before: !will,
                        after: will,
                        says,
                    });
                }
            }
        }
        differs
    }

    /// The kinds that either side names: those of the type, and those of prohibitions.
    fn kinds(&self, id: &ChannelId, channel: &Channel<'_>) -> BTreeSet<String> {
        let sides = [self.before, self.after];
        let mut kinds = BTreeSet::new();
        for agreement in sides.iter().filter_map(|side| side.channel(id)).map(|channel| channel.agreement) {
            let counts = |terms: &&Terms| terms.from <= self.at;
            let Some(terms) = agreement.versions.iter().map(|version| &version.terms).rfind(counts) else { continue };
            kinds
                .extend(terms.channel_type(&channel.channel_type.name).into_iter().flat_map(|kind| kind.kinds.clone()));
            let of = |rule: &&Prohibition| rule.types.is_empty() || rule.types.contains(&channel.channel_type.name);
            kinds.extend(terms.prohibitions.iter().filter(of).flat_map(|rule| rule.kinds.clone()));
        }
        kinds
    }

    /// The live records of a channel by author, kind and label, and which of those groups would meet another answer.
    fn count(&mut self, node: &Node, id: &ChannelId, records: &mut u64) -> Result<Vec<Recount>, NodeFault> {
        let mut groups: BTreeMap<(MemberCode, u16, u8), u64> = BTreeMap::new();
        for row in rows::logs_in(node.store.read()?.as_ref(), id)? {
            let mut next = 0;
            while next < row.size() {
                if *records >= ENTRIES_MAX {
                    self.more = true;
                    break;
                }
                // A snapshot for each piece: counting takes longer than one may.
                let entries = node.store.read()?.entries(row.no, next, CHUNK, usize::MAX, false)?;
                let Some(last) = entries.last() else { break };
                next = last.key.index() + 1;
                for header in entries.iter().map(|entry| entry.header).filter(|header| header.state == State::Live) {
                    *groups.entry((row.id.author.clone(), header.type_code, header.label)).or_default() += 1;
                    *records += 1;
                }
            }
        }
        let handle = self.after.channel(id).map(|channel| channel.handle()).unwrap_or_default();
        let mut recount = Vec::new();
        for ((author, type_code, label), records) in groups {
            let Some(label) = Tlp::ALL.get(usize::from(label)).copied() else { continue };
            // Types of one's own have no code; what covers the whole kind covers them.
            let kind = match stix21::type_name(type_code) {
                Some(name) => format!("{}.{name}", record::STIX.slug),
                None => record::STIX.slug.to_owned(),
            };
            if let Some((after, says)) = self.publish(id, &author, &kind, label) {
                recount.push(Recount { channel: handle.clone(), author, kind, label, records, after, says });
            }
        }
        Ok(recount)
    }
}

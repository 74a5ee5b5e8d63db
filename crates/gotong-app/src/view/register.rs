//! The register of transfers: what was shared with whom, under which clauses and legal basis, in a period. Derived from the logs alone, so it says what
//! crossed the border and nothing else; what data-protection laws of the region ask for.

use std::collections::{BTreeMap, BTreeSet};

use gotong_formats::stix21;
use gotong_model::agreement::{Agreement, PersonalData};
use gotong_model::charter::Texts;
use gotong_model::envelope::Envelope;
use gotong_model::governance::{Channel, ChannelKind};
use gotong_model::{AgreementId, MemberCode, Timestamp, Tlp, record};
use gotong_store::{State, StoredEntry};

use super::scope::Scope;
use crate::caller::Caller;
use crate::governing::judgement;
use crate::node::{Node, NodeFault};
use crate::rows::{self, LogRow};

/// Entries read in one snapshot.
const CHUNK: usize = 1_000;
/// Bytes of them.
const CHUNK_BYTES: usize = 8 << 20;

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegisterQuestion {
    /// The agreement.
    pub agreement: AgreementId,
    /// From this instant on, by the author's time of publication.
    pub from: Timestamp,
    /// Before this instant.
    pub until: Timestamp,
}

/// Records of one kind and label that one author shared in one channel with the same others under the same version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegisterRow {
    /// The channel's handle.
    pub channel: String,
    /// What the channel is for.
    pub purpose: String,
    /// Who shared.
    pub author: MemberCode,
    /// With whom.
    pub recipients: Vec<MemberCode>,
    /// What, such as `stix.indicator`.
    pub kind: String,
    /// The label it was published under.
    pub tlp: Tlp,
    /// The version of the agreement.
    pub version: u64,
    /// The clauses that let it: channel, kinds, ceiling, personal data.
    pub clauses: Vec<String>,
    /// The rule for personal data there.
    pub personal_data: PersonalData,
    /// Records.
    pub count: u64,
    /// The first of them.
    pub first: Timestamp,
    /// The last of them.
    pub last: Timestamp,
}

/// The register of one agreement and period.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Register {
    /// The agreement's handle.
    pub handle: String,
    /// What it is called.
    pub title: Texts,
    /// The law or treaty it stands on.
    pub legal_basis: String,
    /// The period, from.
    pub from: Timestamp,
    /// The period, until.
    pub until: Timestamp,
    /// The rows, by channel, author, version, kind and label.
    pub rows: Vec<RegisterRow>,
    /// Records of the period, or from between them, that were withdrawn since: what they were is gone, that they were is not.
    pub withdrawn: u64,
}

/// What decides alike and so stands in one row.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    channel: String,
    author: MemberCode,
    version: u64,
    kind: String,
    tlp: Tlp,
    recipients: Vec<MemberCode>,
}

/// The register. `None`: no such agreement for this caller.
pub fn register(node: &Node, caller: &Caller, question: &RegisterQuestion) -> Result<Option<Register>, NodeFault> {
    let scope = Scope::new(node, caller);
    let Some(agreement) = scope.governance.agreements.get(&question.agreement) else { return Ok(None) };
    let channels = scope.governance.channels().filter(|channel| channel.agreement.id == agreement.id);
    let channels: Vec<Channel<'_>> = channels
        .filter(|channel| channel.kind == ChannelKind::Standing && scope.channel(&channel.id).is_some())
        .collect();
    if channels.is_empty() {
        return Ok(None);
    }
    let mut counting = Counting { scope: &scope, question, rows: BTreeMap::new(), withdrawn: 0 };
    for channel in &channels {
        let logs = rows::logs_in(node.store.read()?.as_ref(), &channel.id)?;
        for row in &logs {
            counting.log(agreement, channel, row)?;
        }
    }
    Ok(Some(Register {
        handle: agreement.terms.handle.to_string(),
        title: agreement.terms.title.clone(),
        legal_basis: agreement.terms.legal_basis.clone(),
        from: question.from,
        until: question.until,
        withdrawn: counting.withdrawn,
        rows: counting.rows.into_values().collect(),
    }))
}

struct Counting<'a> {
    scope: &'a Scope<'a>,
    question: &'a RegisterQuestion,
    rows: BTreeMap<Group, RegisterRow>,
    withdrawn: u64,
}

impl Counting<'_> {
    fn log(&mut self, agreement: &Agreement, channel: &Channel<'_>, row: &LogRow) -> Result<(), NodeFault> {
        let node = self.scope.node;
        let mut next = judgement::first_since(node.store.read()?.as_ref(), row, self.question.from)?;
        // What was withdrawn says no time any more; it counts where it stands between records of the period.
        let mut erased = 0;
        let mut recipients: Option<(usize, Vec<MemberCode>)> = None;
        let turns = agreement.turning_points();
        while next < row.size() {
            let entries = node.store.read()?.entries(row.no, next, CHUNK, CHUNK_BYTES, true)?;
            for stored in &entries {
                next = stored.key.index() + 1;
                if stored.header.state == State::Erased {
                    erased += 1;
                    continue;
                }
                let Some((envelope, kind)) = read(stored)? else { continue };
                if envelope.published_at >= self.question.until {
                    self.withdrawn += erased;
                    return Ok(());
                }
                self.withdrawn += std::mem::take(&mut erased);
                let (State::Live, Some(tlp)) = (stored.header.state, envelope.tlp) else { continue };
                // Who receives changes only where something comes into or goes out of force.
                let stretch = turns.partition_point(|at| *at <= envelope.published_at);
                if recipients.as_ref().is_none_or(|(known, _)| *known != stretch) {
                    recipients = Some((stretch, self.recipients(channel, row, envelope.published_at)));
                }
                let recipients = recipients.as_ref().map(|(_, members)| members.clone()).unwrap_or_default();
                self.count(agreement, channel, row, (envelope.published_at, kind, tlp, recipients));
            }
            if entries.is_empty() {
                break;
            }
        }
        self.withdrawn += erased;
        Ok(())
    }

    fn recipients(&self, channel: &Channel<'_>, row: &LogRow, at: Timestamp) -> Vec<MemberCode> {
        let governance = &self.scope.governance;
        let members = governance.charters.iter().flat_map(|charter| charter.members.keys());
        let mut members: Vec<MemberCode> = members
            .filter(|member| **member != row.id.author && governance.in_audience_at(&channel.id, member, at))
            .cloned()
            .collect();
        members.sort_unstable();
        members.dedup();
        members
    }

    fn count(
        &mut self,
        agreement: &Agreement,
        channel: &Channel<'_>,
        row: &LogRow,
        (at, kind, tlp, recipients): (Timestamp, String, Tlp, Vec<MemberCode>),
    ) {
        let version = agreement.versions.iter().rfind(|version| version.terms.from <= at);
        let number = version.map_or(0, |version| version.terms.number);
        let terms = version.map_or(&agreement.terms, |version| &version.terms);
        let channel_type = terms.channel_type(&channel.channel_type.name).unwrap_or(channel.channel_type);
        let author = row.id.author.clone();
        let group = Group { channel: channel.handle(), author, version: number, kind, tlp, recipients };
        let counted = self.rows.entry(group.clone()).or_insert_with(|| {
            let mut clauses = vec![
                channel_type.clause.clone(),
                channel_type.kinds_clause.clone(),
                channel_type.ceiling_clause.clone(),
                channel_type.personal_data_clause.clone(),
            ];
            // One clause may carry several of these rules; it is named once, where it first comes.
            let mut named = BTreeSet::new();
            clauses.retain(|clause| named.insert(clause.clone()));
            RegisterRow {
                channel: group.channel,
                purpose: channel_type.purpose.clone(),
                author: group.author,
                recipients: group.recipients,
                kind: group.kind,
                tlp,
                version: number,
                clauses,
                personal_data: channel_type.personal_data,
                count: 0,
                first: at,
                last: at,
            }
        });
        counted.count += 1;
        counted.first = counted.first.min(at);
        counted.last = counted.last.max(at);
    }
}

/// The envelope of a record, and its kind; `None` of everything else.
fn read(stored: &StoredEntry) -> Result<Option<(Envelope, String)>, NodeFault> {
    if !matches!(stored.header.state, State::Live | State::Held | State::Faulty) {
        return Ok(None);
    }
    let Some(content) = stored.open()? else { return Ok(None) };
    let Ok(envelope) = Envelope::parse(&content.envelope, false) else { return Ok(None) };
    let known = stix21::type_name(stored.header.type_code).map(str::to_owned);
    let object_type = known.or_else(|| stix21::read(&content.body).ok().map(|facts| facts.object_type));
    let kind =
        object_type.map_or_else(|| envelope.kind.as_str().to_owned(), |name| format!("{}.{name}", record::STIX.slug));
    Ok(Some((envelope, kind)))
}

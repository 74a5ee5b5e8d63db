//! The channels that a caller may read, with their terms and logs.

use gotong_model::agreement::{Agreement, ChannelType, Onward, PersonalData};
use gotong_model::charter::Texts;
use gotong_model::governance::{Channel, ChannelKind};
use gotong_model::{AgreementId, ChannelId, EpochId, MemberCode, Timestamp, Tlp};
use gotong_store::ReadTx;

use super::scope::Scope;
use crate::caller::Caller;
use crate::node::{Node, NodeFault};
use crate::role::Right;
use crate::rows;

/// A clause that the channel stands on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClauseView {
    /// Its number.
    pub number: String,
    /// Its heading in several languages.
    pub title: Texts,
    /// Its words in several languages.
    pub text: Texts,
}

/// A log of a channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogView {
    /// Its name in full.
    pub origin: String,
    /// Who writes it.
    pub author: MemberCode,
    /// Which history.
    pub epoch: EpochId,
    /// Entries that are here.
    pub size: u64,
    /// The root over them, in base32.
    pub root: String,
    /// Entries whose body has not arrived: the log is shown as incomplete.
    pub withheld: u64,
    /// From this index on it is not shown: a newer program is needed, or its opening is faulty.
    pub stopped: Option<u64>,
    /// The newest checkpoint, signed by the author. Of an own log `None` for the moment in which its newest entries are being synced.
    pub checkpoint: Option<String>,
}

/// A channel that a caller may read.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own that pages and clients show")]
pub struct ChannelView {
    /// Its id.
    pub id: ChannelId,
    /// `<agreement>/<type>`.
    pub handle: String,
    /// The agreement that opens it.
    pub agreement: AgreementId,
    /// What the agreement is called.
    pub title: Texts,
    /// Whether it is one in which governance travels, and nobody publishes by hand.
    pub is_governance: bool,
    /// Whether it is one of an exercise: lists of real traffic never show what stands here.
    pub exercise: bool,
    /// What the channel is for.
    pub purpose: String,
    /// The law or treaty.
    pub legal_basis: String,
    /// The strictest label that may be published.
    pub ceiling: Tlp,
    /// Record kinds.
    pub kinds: Vec<String>,
    /// Who reads and writes it.
    pub audience: Vec<MemberCode>,
    /// Passing on.
    pub onward: Onward,
    /// Personal data.
    pub personal_data: PersonalData,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub until: Option<Timestamp>,
    /// Whether it is in force now.
    pub in_force: bool,
    /// Whether this caller may publish here now.
    pub may_publish: bool,
    /// The clauses it stands on: parties, dates, the type's own, kinds, ceiling; each once, in the agreement's order.
    pub clauses: Vec<ClauseView>,
    /// Whether the caller is told how much stands here; a constituent is not.
    pub is_counted: bool,
    /// Its logs that are here, by author and epoch.
    pub logs: Vec<LogView>,
}

/// The channels that this caller may read, by handle. To the member's staff the organisations' own are not listed: there may be hundreds of thousands.
pub fn channels(node: &Node, caller: &Caller) -> Result<Vec<ChannelView>, NodeFault> {
    let scope = Scope::new(node, caller);
    let tx = node.store.read()?;
    let mut views = Vec::new();
    for channel in scope.channels() {
        views.push(view(&scope, tx.as_ref(), caller, &channel)?);
    }
    // What people work in comes first; where governance travels comes last.
    views.sort_by(|a, b| (a.is_governance, &a.handle).cmp(&(b.is_governance, &b.handle)));
    Ok(views)
}

/// One channel, if the caller may read it: any of the organisations' own, too, for the member's staff.
pub fn channel(node: &Node, caller: &Caller, id: &ChannelId) -> Result<Option<ChannelView>, NodeFault> {
    let scope = Scope::new(node, caller);
    let tx = node.store.read()?;
    scope.channel(id).map(|channel| view(&scope, tx.as_ref(), caller, &channel)).transpose()
}

fn view(scope: &Scope<'_>, tx: &dyn ReadTx, caller: &Caller, channel: &Channel<'_>) -> Result<ChannelView, NodeFault> {
    let (terms, kind) = (&channel.agreement.terms, channel.channel_type);
    let standing = scope.governance.standing(channel.agreement, scope.node.now());
    let in_force = match channel.kind {
        ChannelKind::Charter | ChannelKind::Governance => true,
        ChannelKind::House | ChannelKind::Own => standing.version.is_some(),
        ChannelKind::Standing => standing.is_in_force(),
    };
    let is_open = !channel.kind.is_governing() && standing.names_writer(kind, &scope.node.member);
    // A constituent writes into what is its own.
    let is_open = is_open && (caller.is_staff() || channel.kind == ChannelKind::Own);
    let mut logs = Vec::new();
    // How much stands in a log says how much of it a constituent is not shown.
    let rows = if caller.is_staff() { rows::logs_in(tx, &channel.id)? } else { Vec::new() };
    for row in rows {
        let own = row.id.author == scope.node.member;
        logs.push(LogView {
            origin: row.id.origin(&scope.governance.region).to_string(),
            author: row.id.author.clone(),
            epoch: row.id.epoch,
            size: row.size(),
            root: row.frontier.root().to_text(),
            withheld: row.withheld,
            stopped: row.stopped,
            checkpoint: if own {
                scope.node.sequencer.checkpoint(&row, &scope.governance.region, &scope.node.node_key)
            } else {
                Some(row.checkpoint).filter(|note| !note.is_empty())
            },
        });
    }
    Ok(ChannelView {
        id: channel.id,
        handle: channel.handle(),
        agreement: channel.agreement.id,
        title: terms.title.clone(),
        is_governance: channel.kind.is_governing(),
        exercise: kind.exercise,
        purpose: kind.purpose.clone(),
        legal_basis: terms.legal_basis.clone(),
        ceiling: kind.ceiling,
        kinds: kind.kinds.clone(),
        audience: kind.audience.clone(),
        onward: kind.onward,
        personal_data: kind.personal_data,
        from: terms.from,
        until: terms.until,
        in_force,
        may_publish: caller.may(Right::Publish) && in_force && is_open && !scope.node.is_restored(),
        clauses: clauses(channel.agreement, kind),
        is_counted: caller.is_staff(),
        logs,
    })
}

fn clauses(agreement: &Agreement, kind: &ChannelType) -> Vec<ClauseView> {
    let terms = &agreement.terms;
    let named = [&terms.parties_clause, &terms.dates_clause, &kind.clause, &kind.kinds_clause, &kind.ceiling_clause];
    let stands = terms.clauses.iter().filter(|clause| named.contains(&&clause.number));
    stands
        .map(|clause| ClauseView {
            number: clause.number.clone(),
            title: clause.title.clone(),
            text: clause.text.clone(),
        })
        .collect()
}

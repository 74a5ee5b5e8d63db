//! Shapes of what `GET /explain` answers: a record, its clauses, and of each member whether it receives it. Read next: `gotong_app::explain`.

use std::collections::BTreeMap;

use gotong_app::explain::{MemberReception, Said, StoredExplanation};
use gotong_app::quarantine::QuarantineView;
use gotong_app::{Effect, Ground};
use gotong_crypto::Digest;
use gotong_model::MemberCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Reason;

/// What a clause says on a question, with its own words.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SaidBody {
    /// The agreement's handle and the clause.
    clause: String,
    /// The version of the agreement.
    version: u64,
    /// The clause's heading in English.
    title: String,
    /// The clause's words in English.
    words: String,
    /// `permit` or `forbid`.
    effect: &'static str,
    /// Message id of the sentence.
    id: &'static str,
    /// The sentence in English.
    text: String,
}

impl SaidBody {
    /// A ground of the policy, with the words of its clause.
    pub(super) fn of(ground: &Ground, words: &str) -> Self {
        Self {
            clause: format!("{} {}", ground.handle, ground.clause),
            version: ground.version,
            title: ground.title.clone(),
            words: words.to_owned(),
            effect: if ground.effect == Effect::Permit { "permit" } else { "forbid" },
            id: ground.id,
            text: ground.text.clone(),
        }
    }
}

impl From<&Said> for SaidBody {
    fn from(said: &Said) -> Self {
        Self::of(&said.ground, &said.words)
    }
}

/// Whether one member receives something.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceptionBody {
    /// The member's code.
    member: String,
    /// Its name.
    name: String,
    /// Whether it is the author.
    author: bool,
    /// `receives`, `received` (and is sent nothing of it any more) or `never`.
    reception: &'static str,
    /// Since when, where that is later than the publication.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// Until when it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// The clauses.
    says: Vec<SaidBody>,
    /// What is known of the delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<DeliveryBody>,
}

/// What is known here of the delivery to a member.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryBody {
    /// Message id of the sentence.
    id: &'static str,
    /// The sentence in English.
    text: String,
    /// Leaves of the log that the member says it has verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<u64>,
    /// When it said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    said_at: Option<String>,
    /// When this node last heard of it, for callers that are not limited to channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_contact: Option<String>,
    /// Whether this node, which runs, has not heard of it since it was started; for the same callers.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    never_heard: bool,
}

impl From<&MemberReception> for ReceptionBody {
    fn from(member: &MemberReception) -> Self {
        Self {
            member: member.code.to_string(),
            name: member.name.clone(),
            author: member.is_author,
            reception: member.reception.as_str(),
            since: member.since.map(|at| at.to_string()),
            until: member.until.map(|at| at.to_string()),
            says: member.says.iter().map(SaidBody::from).collect(),
            delivery: member.delivery.as_ref().map(|delivery| DeliveryBody {
                id: delivery.id,
                text: delivery.text.clone(),
                verified: delivery.verified,
                said_at: delivery.at.map(|at| at.to_string()),
                last_contact: None,
                never_heard: false,
            }),
        }
    }
}

/// The governance that a record names.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NamedBasisBody {
    /// The index, in the same log, of the entry that names it.
    index: u64,
    /// The charter's hash.
    charter: String,
    /// Its number, where it is known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    charter_number: Option<u64>,
    /// The hash of the agreement's version.
    agreement_hash: String,
    /// Its number, where it is known here.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    /// Hashes of notices.
    notices: Vec<String>,
}

/// How long a record stays, by one clause.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StayBody {
    /// Message id of the sentence.
    id: &'static str,
    /// Until when, where an instant follows from the documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    /// The clause.
    clause: String,
    /// The sentence in English.
    text: String,
}

/// A duty that a record brings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceptionDutyBody {
    /// `acknowledge`, `answer`, `notify` or `delete`.
    duty: &'static str,
    /// Whose.
    member: String,
    /// By when.
    due: String,
    /// The clause.
    clause: String,
    /// Its heading.
    title: String,
}

/// Why one record is where it is, and who receives it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "StoredExplanation")]
pub(crate) struct StoredBody {
    /// The channel's handle.
    channel: String,
    /// The log.
    log: String,
    /// The index in it.
    index: u64,
    /// The author.
    author: String,
    /// Its name.
    author_name: String,
    /// `stix.indicator`; missing of what is no record, or whose body is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// The label it was published under.
    #[serde(skip_serializing_if = "Option::is_none")]
    tlp: Option<&'static str>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    published_at: Option<String>,
    /// `shown`, `held`, `refused`, `withheld`, `withdrawn`, `control` or `not shown`.
    state: &'static str,
    /// Why it does not show.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The governance that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    basis: Option<NamedBasisBody>,
    /// The clauses that admit or refuse it.
    says: Vec<SaidBody>,
    /// How long it stays.
    stays: Vec<StayBody>,
    /// What it asks of whom.
    duties: Vec<ReceptionDutyBody>,
    /// Each member of the charter, or the one asked about.
    members: Vec<ReceptionBody>,
}

impl From<StoredExplanation> for StoredBody {
    fn from(found: StoredExplanation) -> Self {
        let hash = |hash: &Digest| hash.to_text();
        Self {
            channel: found.channel,
            log: found.origin,
            index: found.index,
            author: found.author.to_string(),
            author_name: found.author_name,
            kind: found.kind,
            tlp: found.label.map(gotong_model::Tlp::as_str),
            published_at: found.published_at.map(|at| at.to_string()),
            state: found.state,
            reason: found.reason,
            basis: found.basis.map(|named| NamedBasisBody {
                index: named.index,
                charter: hash(&named.basis.charter),
                charter_number: named.charter,
                agreement_hash: hash(&named.basis.agreement_hash),
                version: named.version,
                notices: named.basis.notices.iter().map(hash).collect(),
            }),
            says: found.says.iter().map(SaidBody::from).collect(),
            stays: found
                .stays
                .into_iter()
                .map(|stay| StayBody {
                    id: stay.id,
                    until: stay.until.map(|at| at.to_string()),
                    clause: stay.clause,
                    text: stay.text,
                })
                .collect(),
            duties: found
                .duties
                .into_iter()
                .map(|duty| ReceptionDutyBody {
                    duty: duty.duty.as_str(),
                    member: duty.member.to_string(),
                    due: duty.due.to_string(),
                    clause: duty.clause,
                    title: duty.title,
                })
                .collect(),
            members: found.members.iter().map(ReceptionBody::from).collect(),
        }
    }
}

/// An object that waits for a person of this member, and so is in no log and goes to nobody.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingBody {
    /// Its number in the quarantine.
    number: u64,
    /// The channel it was meant for.
    channel: String,
    /// The label it would have.
    tlp: &'static str,
    /// When it came.
    at: String,
    /// Why it waits.
    why: Vec<Reason>,
}

impl From<QuarantineView> for WaitingBody {
    fn from(view: QuarantineView) -> Self {
        Self {
            number: view.number,
            channel: view.channel_handle,
            tlp: view.label.as_str(),
            at: view.at.to_string(),
            why: view.why.iter().map(Reason::from).collect(),
        }
    }
}

/// Why records are where they are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StoredAnswer {
    /// At most twenty.
    publications: Vec<StoredBody>,
    /// What waits under this id, for callers who may publish.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waiting: Vec<WaitingBody>,
}

impl StoredAnswer {
    /// Shapes publications for one member, or for all; `heard` is when this node last heard of each, where the caller may know.
    pub(super) fn new(
        (found, waiting): (Vec<StoredExplanation>, Vec<QuarantineView>),
        member: Option<&MemberCode>,
        heard: &BTreeMap<String, Option<String>>,
    ) -> Self {
        let mut publications: Vec<StoredBody> = found.into_iter().map(StoredBody::from).collect();
        for publication in &mut publications {
            if let Some(member) = member {
                publication.members.retain(|one| one.member == member.as_str());
            }
            for one in &mut publication.members {
                if let Some(delivery) = &mut one.delivery {
                    let link = heard.get(&one.member).filter(|_| !one.author);
                    delivery.never_heard = link.is_some_and(Option::is_none);
                    delivery.last_contact = link.cloned().flatten();
                }
            }
        }
        Self { publications, waiting: waiting.into_iter().map(WaitingBody::from).collect() }
    }
}

//! What the reading side of `gotong-app` answers, as the API's JSON. Wire shapes are kept apart from the views, so that either may change by
//! itself; objects are embedded as the bytes that their author received.

use gotong_app::view;
use gotong_model::charter::Texts;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::problem::Reason;

/// An object's bytes as they stand; `null` where they do not read as JSON, which nothing that was admitted does.
pub(crate) fn raw(body: Vec<u8>) -> Option<Box<RawValue>> {
    String::from_utf8(body).ok().and_then(|text| RawValue::from_string(text).ok())
}

/// A record with what is known around it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Record")]
pub(crate) struct RecordBody {
    /// The object's STIX id.
    pub(crate) id: String,
    /// The object's type.
    #[serde(rename = "type")]
    pub(crate) object_type: String,
    /// What to call it in a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The channel's handle.
    pub(crate) channel: String,
    /// The channel's id.
    pub(crate) channel_id: String,
    /// The member whose log it stands in.
    pub(crate) author: String,
    /// That log's origin; an organisation is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log: Option<String>,
    /// The index in it; an organisation is not told, because indexes count what it is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) index: Option<u64>,
    /// For an organisation, in place of log and index: the name by which it knows this publication again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) entry: Option<String>,
    /// The record's kind.
    pub(crate) kind: String,
    /// The label that counts for this entry now.
    pub(crate) tlp: &'static str,
    /// The strictest label among all versions of all authors that the caller may read.
    pub(crate) tlp_strictest: &'static str,
    /// Permissible actions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pap: Option<&'static str>,
    /// What it holds of people: `none`, `pseudonymised` or `identified`; its author's word, or else what its nature says.
    pub(crate) personal_data: &'static str,
    /// The object's own time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) modified: Option<String>,
    /// When the author published it.
    pub(crate) published_at: String,
    /// Which organisation of the author's country speaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) organisation: Option<String>,
    /// What it is shared for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) purpose: Option<String>,
    /// Language of the object's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
    /// Whether it is the newest version of this author in this channel.
    pub(crate) newest: bool,
    /// Whether its creator took it back.
    pub(crate) revoked: bool,
    /// Until when an indicator holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) valid_until: Option<String>,
    /// Others who have published the same id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) also_by: Vec<AlsoByBody>,
    /// The STIX object, byte for byte.
    #[schema(value_type = Object)]
    pub(crate) object: Option<Box<RawValue>>,
}

/// Who else has published the same id.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AlsoByBody {
    /// The author.
    author: String,
    /// The channel's handle.
    channel: String,
    /// The strictest label it has there.
    tlp: &'static str,
    /// The log of its newest version; an organisation is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    /// The index there; an organisation is not told.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    /// For an organisation, in place of log and index.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
}

impl From<view::RecordView> for RecordBody {
    fn from(view: view::RecordView) -> Self {
        let also = |also: view::AlsoBy| {
            let (log, index, entry) = also.place.into_parts();
            AlsoByBody {
                author: also.author.to_string(),
                channel: also.channel_handle,
                tlp: also.label.as_str(),
                log,
                index,
                entry,
            }
        };
        let (log, index, entry) = view.place.into_parts();
        Self {
            id: view.id,
            object_type: view.object_type,
            name: view.name,
            channel: view.channel_handle,
            channel_id: view.channel.to_string(),
            author: view.author.to_string(),
            log,
            index,
            entry,
            kind: view.kind,
            tlp: view.label.as_str(),
            tlp_strictest: view.strictest.as_str(),
            pap: view.pap.map(gotong_model::Pap::as_str),
            personal_data: view.personal_data.as_str(),
            modified: view.modified.map(|at| at.to_string()),
            published_at: view.published_at.to_string(),
            organisation: view.organisation,
            purpose: view.purpose,
            language: view.language,
            newest: view.is_newest,
            revoked: view.revoked,
            valid_until: view.valid_until.map(|at| at.to_string()),
            also_by: view.also_by.into_iter().map(also).collect(),
            object: raw(view.body),
        }
    }
}

/// A channel that the caller may read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Channel")]
pub(crate) struct ChannelBody {
    /// Its id.
    pub(crate) id: String,
    /// `<agreement>/<type>`.
    pub(crate) handle: String,
    /// The agreement's id.
    pub(crate) agreement: String,
    /// What the agreement is called, by language.
    #[schema(value_type = Object)]
    pub(crate) title: Texts,
    /// Whether it is one of an exercise: lists of real traffic never show what stands here.
    pub(crate) exercise: bool,
    /// What the channel is for.
    pub(crate) purpose: String,
    /// The law or treaty it stands on.
    pub(crate) legal_basis: String,
    /// The strictest label that may be published.
    pub(crate) ceiling: &'static str,
    /// Record kinds that may be published.
    pub(crate) kinds: Vec<String>,
    /// Members who read and write it.
    pub(crate) audience: Vec<String>,
    /// Passing on: `none`, `constituents` or `public`.
    pub(crate) onward: &'static str,
    /// Personal data: `none`, `pseudonymised` or `permitted`.
    pub(crate) personal_data: &'static str,
    /// From when.
    pub(crate) from: String,
    /// Until when.
    pub(crate) until: Option<String>,
    /// Whether it is in force now.
    pub(crate) in_force: bool,
    /// Whether this caller may publish here now.
    pub(crate) may_publish: bool,
    /// Entries in all its logs that are here; left out where how much there is would tell a constituent of what it is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) entries: Option<u64>,
    /// The clauses it stands on.
    pub(crate) clauses: Vec<ClauseBody>,
    /// Its logs that are here.
    pub(crate) logs: Vec<LogBody>,
}

/// A clause.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClauseBody {
    /// Its number.
    number: String,
    /// Its heading, by language.
    #[schema(value_type = Object)]
    title: Texts,
    /// Its words, by language.
    #[schema(value_type = Object)]
    text: Texts,
}

/// A log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Log")]
pub(crate) struct LogBody {
    /// Its origin.
    pub(crate) log: String,
    /// Who writes it.
    pub(crate) author: String,
    /// Which history.
    pub(crate) epoch: String,
    /// Entries that are here.
    pub(crate) size: u64,
    /// The root over them, in base32.
    pub(crate) root: String,
    /// Entries whose body has not arrived.
    pub(crate) withheld: u64,
    /// From this index on it is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stopped: Option<u64>,
    /// The newest checkpoint, signed by the author.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) checkpoint: Option<String>,
}

impl From<view::LogView> for LogBody {
    fn from(view: view::LogView) -> Self {
        Self {
            log: view.origin,
            author: view.author.to_string(),
            epoch: view.epoch.to_string(),
            size: view.size,
            root: view.root,
            withheld: view.withheld,
            stopped: view.stopped,
            checkpoint: view.checkpoint,
        }
    }
}

impl From<view::ChannelView> for ChannelBody {
    fn from(view: view::ChannelView) -> Self {
        let clause =
            |clause: view::ClauseView| ClauseBody { number: clause.number, title: clause.title, text: clause.text };
        Self {
            id: view.id.to_string(),
            handle: view.handle,
            agreement: view.agreement.to_string(),
            title: view.title,
            exercise: view.exercise,
            purpose: view.purpose,
            legal_basis: view.legal_basis,
            ceiling: view.ceiling.as_str(),
            kinds: view.kinds,
            audience: view.audience.iter().map(ToString::to_string).collect(),
            onward: view.onward.as_str(),
            personal_data: view.personal_data.as_str(),
            from: view.from.to_string(),
            until: view.until.map(|until| until.to_string()),
            in_force: view.in_force,
            may_publish: view.may_publish,
            entries: view.is_counted.then(|| view.logs.iter().map(|log| log.size).sum()),
            clauses: view.clauses.into_iter().map(clause).collect(),
            logs: view.logs.into_iter().map(LogBody::from).collect(),
        }
    }
}

/// A clause's word on a question.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroundBody {
    /// The agreement and clause: `<handle> <number>`.
    pub(crate) clause: String,
    /// The clause's heading.
    pub(crate) title: String,
    /// `permit` or `forbid`.
    pub(crate) effect: &'static str,
    /// Message id.
    pub(crate) id: &'static str,
    /// The sentence in English.
    pub(crate) text: String,
}

/// Who would receive a record, or why it would be refused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Explanation")]
pub(crate) struct ExplanationBody {
    /// Whether this member may publish it.
    pub(crate) permitted: bool,
    /// The label that was asked about.
    pub(crate) tlp: &'static str,
    /// What it was taken to hold of people.
    pub(crate) personal_data: &'static str,
    /// The instant that was asked about.
    pub(crate) at: String,
    /// The clauses that decide, those that forbid first.
    pub(crate) grounds: Vec<GroundBody>,
    /// Who receives it, this member apart.
    pub(crate) recipients: Vec<RecipientBody>,
    /// Each member of the charter: whether it is sent what is published there at that instant, and by which clause.
    pub(crate) members: Vec<super::explain::ReceptionBody>,
}

/// Somebody who would receive it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecipientBody {
    /// The member's code.
    code: String,
    /// Its name in English.
    name: String,
}

impl From<view::Explanation> for ExplanationBody {
    fn from(view: view::Explanation) -> Self {
        Self {
            permitted: view.permitted,
            tlp: view.label.as_str(),
            personal_data: view.personal_data.as_str(),
            at: view.at.to_string(),
            grounds: view.grounds.into_iter().map(|ground| grounds_body(&ground)).collect(),
            recipients: view
                .recipients
                .into_iter()
                .map(|recipient| RecipientBody { code: recipient.code.to_string(), name: recipient.name })
                .collect(),
            members: view.members.iter().map(Into::into).collect(),
        }
    }
}

/// The policy's own types stay behind the application; only their fields are read here.
pub(crate) fn grounds_body(ground: &gotong_app::Ground) -> GroundBody {
    GroundBody {
        clause: format!("{} {}", ground.handle, ground.clause),
        title: ground.title.clone(),
        effect: if ground.effect == gotong_app::Effect::Permit { "permit" } else { "forbid" },
        id: ground.id,
        text: ground.text.clone(),
    }
}

/// Who has erased what was withdrawn.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GoneBody {
    /// Members whose acknowledgement covers it.
    at: Vec<String>,
    /// Members of the audience of whom that is not known.
    waiting_for: Vec<String>,
}

impl From<view::Gone> for GoneBody {
    fn from(view: view::Gone) -> Self {
        Self {
            at: view.at.iter().map(ToString::to_string).collect(),
            waiting_for: view.waiting_for.iter().map(ToString::to_string).collect(),
        }
    }
}

/// The entry that withdraws.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TombstoneBody {
    /// The log it stands in.
    log: String,
    /// Its index there.
    index: u64,
    /// Why.
    reason: &'static str,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
}

impl From<view::Tombstoned> for TombstoneBody {
    fn from(view: view::Tombstoned) -> Self {
        Self { log: view.origin, index: view.index, reason: view.reason.as_str(), at: view.at.map(|at| at.to_string()) }
    }
}

/// Entries withdrawn together.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Withdrawal")]
pub(crate) struct WithdrawalBody {
    /// Whose they were.
    author: String,
    /// The log they stood in.
    log: String,
    /// The first index.
    first: u64,
    /// The last index.
    last: u64,
    /// By what.
    by: TombstoneBody,
    /// Who has erased them.
    gone: GoneBody,
}

impl From<view::Withdrawal> for WithdrawalBody {
    fn from(view: view::Withdrawal) -> Self {
        Self {
            author: view.author.to_string(),
            log: view.origin,
            first: view.first,
            last: view.last,
            by: view.by.into(),
            gone: view.gone.into(),
        }
    }
}

/// What stands at one place of a log.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "state", rename_all = "kebab-case")]
#[schema(title = "Entry")]
pub(crate) enum EntryBody {
    /// A record.
    Record {
        /// The record.
        record: Box<RecordBody>,
    },
    /// Withdrawn.
    Withdrawn {
        /// Why.
        reason: &'static str,
        /// The log of the tombstone.
        log: String,
        /// The tombstone's index.
        index: u64,
        /// Who has erased it.
        gone: GoneBody,
    },
    /// Its body has not arrived.
    Withheld,
    /// It breaks a rule.
    Faulty {
        /// Which.
        why: Reason,
    },
    /// It waits for a document that its author knew and that is not here yet.
    Held,
    /// A control entry.
    Control {
        /// Its kind.
        kind: String,
    },
    /// Of a kind or version that this program does not know.
    Unknown,
}

impl From<view::EntryView> for EntryBody {
    fn from(view: view::EntryView) -> Self {
        match view {
            view::EntryView::Record(record) => Self::Record { record: Box::new((*record).into()) },
            view::EntryView::Withdrawn { reason, origin, index, gone } => {
                Self::Withdrawn { reason: reason.as_str(), log: origin, index, gone: gone.into() }
            }
            view::EntryView::Withheld => Self::Withheld,
            view::EntryView::Faulty(why) => Self::Faulty { why: Reason::from(&why) },
            view::EntryView::Held => Self::Held,
            view::EntryView::Control(kind) => Self::Control { kind },
            view::EntryView::Unknown => Self::Unknown,
        }
    }
}

/// One member's newest acknowledgement of a log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberAcknowledgementBody {
    /// Who.
    member: String,
    /// When.
    at: String,
    /// Leaves verified and on its disk.
    verified: u64,
    /// Bodies that have not arrived there.
    missing: u64,
    /// Bodies under a legal hold.
    held: u64,
    /// Every tombstone below this index is carried out.
    erased: u64,
    /// The acknowledgement as it was signed.
    note: String,
}

/// What is known of one log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "LogAcknowledgements")]
pub(crate) struct LogAcknowledgementsBody {
    /// The log.
    log: String,
    /// Who writes it.
    author: String,
    /// Its size here.
    size: u64,
    /// By member.
    members: Vec<MemberAcknowledgementBody>,
    /// Members of the audience of whom none is known.
    silent: Vec<String>,
}

impl From<view::LogAcknowledgements> for LogAcknowledgementsBody {
    fn from(view: view::LogAcknowledgements) -> Self {
        let member = |ack: view::MemberAcknowledgement| MemberAcknowledgementBody {
            member: ack.member.to_string(),
            at: ack.at.to_string(),
            verified: ack.verified,
            missing: ack.missing,
            held: ack.held,
            erased: ack.erased,
            note: ack.note,
        };
        Self {
            log: view.origin,
            author: view.author.to_string(),
            size: view.size,
            members: view.members.into_iter().map(member).collect(),
            silent: view.silent.iter().map(ToString::to_string).collect(),
        }
    }
}

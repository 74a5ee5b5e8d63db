//! Control entries: what opens a log, what names its governance, what withdraws and relabels (`docs/protocol.md` section 7). They hold no free
//! text and are never erased.

use gotong_crypto::{Digest, text};
use serde_json::{Value, json};

use crate::json::{self, Fields, JsonFault};
use crate::words::words;
use crate::{AgreementId, ChannelId, EpochId, LogId, MemberCode, RegionId, Slug, Tlp, limits};

words! {
    /// What a control entry does.
    ControlKind {
        /// Entry 0: names the log and its first governance.
        Open = "open",
        /// The governance that the author knows from here on.
        Basis = "basis",
        /// Withdraws entries.
        Tombstone = "tombstone",
        /// Changes the label of entries.
        Relabel = "relabel",
        /// Reserved: admits a reader.
        Admit = "admit",
        /// Reserved: removes a reader.
        Remove = "remove",
        /// Reserved: evidence of two histories.
        Evidence = "evidence",
        /// Reserved: documents of governance.
        Governance = "governance",
    }
}

words! {
    /// Why something was withdrawn. A closed list: control entries hold no free text.
    Reason {
        /// It was wrong.
        Error = "error",
        /// Something newer stands in its place.
        Superseded = "superseded",
        /// Its source asked.
        SourceRequest = "source-request",
        /// A law or court asked.
        Legal = "legal",
        /// It concerned a person.
        Privacy = "privacy",
        /// Its time was over.
        Retention = "retention",
        /// Its new label is above what the channel may carry.
        Relabelled = "relabelled",
        /// None of these.
        Other = "other",
    }
}

/// Entries of one epoch, ends included.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct TargetRange {
    /// The epoch of the log they stand in; author and channel are those of the entry that names them.
    pub epoch: EpochId,
    /// The first index.
    pub first: u64,
    /// The last index.
    pub last: u64,
}

/// The governance under which entries are published: documents by their hashes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Basis {
    /// The charter.
    pub charter: Digest,
    /// The agreement's version.
    pub agreement_hash: Digest,
    /// Notices known: suspensions, terminations, accessions.
    pub notices: Vec<Digest>,
}

/// Where an epoch continues from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Predecessor {
    /// The epoch before.
    pub epoch: EpochId,
    /// Its size as last known.
    pub size: u64,
    /// Its root there.
    pub root: Digest,
}

/// The body of entry 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Open {
    /// The region.
    pub region: RegionId,
    /// The log.
    pub log: LogId,
    /// The agreement that opens the channel.
    pub agreement: AgreementId,
    /// The channel type within it.
    pub channel_type: Slug,
    /// Whether this is an exercise.
    pub exercise: bool,
    /// What tells the channel from the standing one of its type.
    pub opened: Option<Opened>,
    /// The epoch before, if any.
    pub predecessor: Option<Predecessor>,
    /// The first basis.
    pub basis: Basis,
}

/// What tells a channel from the standing one of its type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Opened {
    /// Somebody opened it.
    By {
        /// Who.
        opener: MemberCode,
        /// 32 random bytes, so that nobody else can.
        nonce: [u8; 32],
    },
    /// It is an organisation's own, under a house rule.
    Organisation(Slug),
}

impl Open {
    /// The id that the channel must have by what is said here of it (section 6).
    pub fn channel_id(&self) -> ChannelId {
        let (region, agreement, channel_type) = (&self.region, &self.agreement, &self.channel_type);
        match &self.opened {
            None => ChannelId::standing(region, agreement, channel_type),
            Some(Opened::By { opener, nonce }) => {
                ChannelId::opened(region, agreement, channel_type, (opener, nonce), self.exercise)
            }
            Some(Opened::Organisation(code)) => ChannelId::own(region, agreement, channel_type, code),
        }
    }
}

/// What a control entry says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Control {
    /// Entry 0.
    Open(Box<Open>),
    /// New governance.
    Basis(Basis),
    /// Withdrawal.
    Tombstone {
        /// Why.
        reason: Reason,
        /// What.
        targets: Vec<TargetRange>,
    },
    /// New label.
    Relabel {
        /// The label from here on.
        tlp: Tlp,
        /// What.
        targets: Vec<TargetRange>,
    },
}

impl Control {
    /// Its kind.
    pub fn kind(&self) -> ControlKind {
        match self {
            Self::Open(_) => ControlKind::Open,
            Self::Basis(_) => ControlKind::Basis,
            Self::Tombstone { .. } => ControlKind::Tombstone,
            Self::Relabel { .. } => ControlKind::Relabel,
        }
    }

    /// Whether a reader that does not know it must stop showing the log.
    pub fn is_critical(&self) -> bool {
        !matches!(self, Self::Basis(_))
    }

    /// The canonical bytes of the body.
    pub fn encode(&self) -> Vec<u8> {
        let value = match self {
            Self::Open(open) => open_value(open),
            Self::Basis(basis) => {
                let mut value = json!({});
                put_basis(&mut value, basis);
                value
            }
            Self::Tombstone { reason, targets } => json!({"reason": reason.as_str(), "targets": ranges_value(targets)}),
            Self::Relabel { tlp, targets } => json!({"targets": ranges_value(targets), "tlp": tlp.as_str()}),
        };
        json::canonical(&value)
    }

    /// Reads the body of a control entry. `None` for a kind that is reserved: it acts as an unknown critical one.
    pub fn parse(kind: ControlKind, body: &[u8]) -> Result<Option<Self>, JsonFault> {
        if body.len() > limits::CONTROL_BODY_BYTES_MAX {
            return Err(JsonFault::new("", "is longer than 64 KiB"));
        }
        let mut fields = Fields::new("", json::parse_canonical(body)?)?;
        let control = match kind {
            ControlKind::Open => Self::Open(Box::new(open(&mut fields)?)),
            ControlKind::Basis => Self::Basis(basis(&mut fields)?),
            ControlKind::Tombstone => Self::Tombstone {
                reason: fields.read("reason", "a reason of the protocol's list", Reason::from_text)?,
                targets: ranges(&mut fields)?,
            },
            ControlKind::Relabel => {
                Self::Relabel { tlp: fields.read("tlp", "a TLP label", Tlp::from_text)?, targets: ranges(&mut fields)? }
            }
            ControlKind::Admit | ControlKind::Remove | ControlKind::Evidence | ControlKind::Governance => {
                return Ok(None);
            }
        };
        fields.done()?;
        Ok(Some(control))
    }
}

fn open_value(open: &Open) -> Value {
    let opened = open.opened.as_ref().map(|opened| match opened {
        Opened::By { opener, nonce } => json!({"nonce": text::base64(nonce), "opener": opener.as_str()}),
        Opened::Organisation(code) => json!({"organisation": code.as_str()}),
    });
    let predecessor = open
        .predecessor
        .as_ref()
        .map(|p| json!({"epoch": p.epoch.to_string(), "root": p.root.to_text(), "size": p.size}));
    let mut value = json!({"agreement": open.agreement.to_string(), "author": open.log.author.as_str(), "channel": open.log.channel.to_string(),
        "epoch": open.log.epoch.to_string(), "exercise": open.exercise, "opened": opened, "predecessor": predecessor,
        "region": open.region.to_string(), "type": open.channel_type.as_str()});
    put_basis(&mut value, &open.basis);
    value
}

fn put_basis(value: &mut Value, basis: &Basis) {
    if let Value::Object(members) = value {
        members.insert("agreement_hash".to_owned(), basis.agreement_hash.to_text().into());
        members.insert("charter".to_owned(), basis.charter.to_text().into());
        members.insert("notices".to_owned(), basis.notices.iter().map(|hash| Value::String(hash.to_text())).collect());
    }
}

fn ranges_value(ranges: &[TargetRange]) -> Vec<Value> {
    ranges
        .iter()
        .map(|range| json!({"epoch": range.epoch.to_string(), "first": range.first, "last": range.last}))
        .collect()
}

fn basis(fields: &mut Fields) -> Result<Basis, JsonFault> {
    let notices = fields.texts("notices", 512, "a hash", Digest::from_text)?;
    if !json::ascending(&notices.iter().map(Digest::to_text).collect::<Vec<_>>()) {
        return Err(fields.fault("notices", "must be in order, each once"));
    }
    Ok(Basis {
        charter: fields.read("charter", "a hash", Digest::from_text)?,
        agreement_hash: fields.read("agreement_hash", "a hash", Digest::from_text)?,
        notices,
    })
}

fn open(fields: &mut Fields) -> Result<Open, JsonFault> {
    let region = fields.read("region", "a region id", RegionId::from_text)?;
    let channel = fields.read("channel", "a channel id", ChannelId::from_text)?;
    let author = fields.read("author", "a member code", MemberCode::from_text)?;
    let epoch = fields.read("epoch", "an epoch id", EpochId::from_text)?;
    let exercise =
        fields.take("exercise")?.as_bool().ok_or_else(|| fields.fault("exercise", "must be true or false"))?;
    let opened = present(fields.take("opened")?).map(opener).transpose()?;
    let predecessor = present(fields.take("predecessor")?).map(|value| predecessor(value, &epoch)).transpose()?;
    let open = Open {
        region,
        log: LogId { channel, author, epoch },
        agreement: fields.read("agreement", "an agreement id", AgreementId::from_text)?,
        channel_type: fields.read("type", "a channel type", Slug::from_text)?,
        exercise,
        opened,
        predecessor,
        basis: basis(fields)?,
    };
    if open.channel_id() != channel {
        return Err(fields.fault("channel", "is not what region, agreement, type and \"opened\" come to"));
    }
    Ok(open)
}

fn present(value: Value) -> Option<Value> {
    Some(value).filter(|value| !value.is_null())
}

fn opener(value: Value) -> Result<Opened, JsonFault> {
    let is_own = value.get("organisation").is_some();
    let mut opened = Fields::new("/opened", value)?;
    if is_own {
        let code = opened.read("organisation", "an organisation's code", Slug::from_text)?;
        opened.done()?;
        return Ok(Opened::Organisation(code));
    }
    let opener = opened.read("opener", "a member code", MemberCode::from_text)?;
    let nonce = opened.read("nonce", "32 bytes in base64", text::from_base64_array)?;
    opened.done()?;
    Ok(Opened::By { opener, nonce })
}

fn predecessor(value: Value, epoch: &EpochId) -> Result<Predecessor, JsonFault> {
    let mut before = Fields::new("/predecessor", value)?;
    let other = |text: &str| EpochId::from_text(text).filter(|before| before != epoch);
    let found = Predecessor {
        epoch: before.read("epoch", "an epoch id other than this", other)?,
        size: before.integer("size")?,
        root: before.read("root", "a hash", Digest::from_text)?,
    };
    before.done()?;
    Ok(found)
}

fn ranges(fields: &mut Fields) -> Result<Vec<TargetRange>, JsonFault> {
    let mut ranges: Vec<TargetRange> = Vec::new();
    let items = fields.list("targets", limits::TARGET_RANGES_MAX)?;
    for (at, value) in items.into_iter().enumerate() {
        let mut range = Fields::new(format!("/targets/{at}"), value)?;
        let next = TargetRange {
            epoch: range.read("epoch", "an epoch id", EpochId::from_text)?,
            first: range.integer("first")?,
            last: range.integer("last")?,
        };
        if next.first > next.last || next.last >= limits::LOG_ENTRIES_MAX {
            return Err(range.fault("last", "must not be below first, nor beyond a log's end"));
        }
        // Ids are ordered as the text that stands in the document; for base32 that is not the order of the bytes.
        let after = |last: &TargetRange| {
            let (before, here) = (last.epoch.to_string(), next.epoch.to_string());
            before < here || (before == here && last.last < next.first)
        };
        if ranges.last().is_some_and(|last| !after(last)) {
            return Err(range.fault("first", "must follow the range before it, without overlap"));
        }
        range.done()?;
        ranges.push(next);
    }
    if ranges.is_empty() { Err(fields.fault("targets", "must name at least one range")) } else { Ok(ranges) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(opened: Option<Opened>) -> Open {
        let epoch = EpochId([7; 16]);
        let nowhere = ChannelId(Digest([1; 32]));
        let mut open = Open {
            region: RegionId(Digest([4; 32])),
            log: LogId { channel: nowhere, author: MemberCode::from_text("vn").unwrap(), epoch },
            agreement: AgreementId(Digest([3; 32])),
            channel_type: Slug::from_text("indicators").unwrap(),
            exercise: false,
            opened,
            predecessor: Some(Predecessor { epoch: EpochId([6; 16]), size: 4, root: Digest([5; 32]) }),
            basis: Basis { charter: Digest([2; 32]), agreement_hash: Digest([3; 32]), notices: vec![] },
        };
        open.log.channel = open.channel_id();
        open
    }

    fn ways_to_open() -> [Option<Opened>; 3] {
        let opener = MemberCode::from_text("th").unwrap();
        let organisation = Opened::Organisation(Slug::from_text("bank-abc").unwrap());
        [None, Some(Opened::By { opener, nonce: [9; 32] }), Some(organisation)]
    }

    #[test]
    fn what_is_written_reads_back() {
        let epoch = EpochId([7; 16]);
        let targets = vec![TargetRange { epoch, first: 1, last: 3 }, TargetRange { epoch, first: 9, last: 9 }];
        let openings = ways_to_open().map(|opened| Control::Open(Box::new(opening(opened))));
        let others = [
            Control::Basis(opening(None).basis),
            Control::Tombstone { reason: Reason::Privacy, targets: targets.clone() },
            Control::Relabel { tlp: Tlp::Amber, targets },
        ];
        for control in openings.into_iter().chain(others) {
            assert_eq!(Control::parse(control.kind(), &control.encode()), Ok(Some(control)));
        }
    }

    #[test]
    fn a_log_opens_only_the_channel_that_its_entry_comes_to() {
        let pointer = |open: Open| {
            let body = Control::Open(Box::new(open)).encode();
            Control::parse(ControlKind::Open, &body).map(|_| ()).map_err(|fault| fault.pointer)
        };
        for opened in ways_to_open() {
            assert_eq!(pointer(opening(opened.clone())), Ok(()));
            for other in ways_to_open().into_iter().filter(|other| *other != opened) {
                let moved = Open { opened: other, ..opening(opened.clone()) };
                assert_eq!(pointer(moved), Err("/channel".to_owned()), "{opened:?}");
            }
        }
        let mut other = opening(ways_to_open()[2].clone());
        other.opened = Some(Opened::Organisation(Slug::from_text("bank-abd").unwrap()));
        assert_eq!(pointer(other), Err("/channel".to_owned()), "of another organisation");
        for bad in
            [r#"{"organisation":"Bank"}"#, r#"{"nonce":"AA==","organisation":"bank-abc"}"#, r#"{"organisation":null}"#]
        {
            let mut value = open_value(&opening(ways_to_open()[2].clone()));
            value["opened"] = serde_json::from_str(bad).unwrap();
            assert!(Control::parse(ControlKind::Open, &json::canonical(&value)).is_err(), "{bad}");
        }
    }

    #[test]
    fn ranges_that_cross_overlap_or_run_backwards_are_refused() {
        let epoch = EpochId([7; 16]).to_string();
        for (a, b, c, d) in [(3, 2, 5, 6), (1, 3, 3, 4), (5, 6, 1, 2), (0, 1, 2, 1_u64 << 36)] {
            let body = format!(
                r#"{{"reason":"error","targets":[{{"epoch":"{epoch}","first":{a},"last":{b}}},{{"epoch":"{epoch}","first":{c},"last":{d}}}]}}"#
            );
            assert!(Control::parse(ControlKind::Tombstone, body.as_bytes()).is_err(), "{body}");
        }
        assert!(Control::parse(ControlKind::Tombstone, br#"{"reason":"error","targets":[]}"#).is_err());
        assert!(Control::parse(ControlKind::Tombstone, br#"{"reason":"because I say so","targets":[]}"#).is_err());
    }
}

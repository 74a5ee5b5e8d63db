//! A record that is here: under which clauses, of which version, by which basis it was published, whether it shows, how long it stays, what duties it brings,
//! and of each member whether it receives it.

use gotong_formats::stix21;
use gotong_model::agreement::{ChannelType, DutyKind, Exit, Terms};
use gotong_model::control::Basis;
use gotong_model::envelope::Envelope;
use gotong_model::governance::{Channel, Governance, Missing};
use gotong_model::{MemberCode, Personal, Timestamp, Tlp};
use gotong_policy::{Decision, Question, Row, Subject, decide};
use gotong_store::{Content, EntryKey, ReadTx, State, StoredEntry};

use super::delivery::{delivery, finds_log};
use super::reception::{self, MemberReception, Reception, Said, hidden_from_people, over_time};
use super::{day, everybody, name};
use crate::caller::Caller;
use crate::governing::judgement;
use crate::node::{Node, NodeFault};
use crate::rows::LogRow;
use crate::view::scope::Scope;
use crate::view::{self, EntryView};

/// The governance that an entry names, with the numbers that it has here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedBasis {
    /// The index, in the same log, of the entry that names it.
    pub index: u64,
    /// The documents by their hashes.
    pub basis: Basis,
    /// The charter's number, where it is known here.
    pub charter: Option<u64>,
    /// The version's number, where it is known here.
    pub version: Option<u64>,
}

/// A duty that a record brings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DutySaid {
    /// What: `acknowledge`, `answer`, `notify` or `delete`.
    pub duty: DutyKind,
    /// Whose.
    pub member: MemberCode,
    /// By when.
    pub due: Timestamp,
    /// The clause.
    pub clause: String,
    /// Its heading.
    pub title: String,
}

/// How long a record stays, by one clause.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stay {
    /// Message id of the sentence.
    pub id: &'static str,
    /// Until when; `None` where no instant follows from the documents.
    pub until: Option<Timestamp>,
    /// The clause.
    pub clause: String,
    /// The sentence in English.
    pub text: String,
}

/// Everything that explains one entry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredExplanation {
    /// The channel's handle.
    pub channel: String,
    /// The log.
    pub origin: String,
    /// The index in it.
    pub index: u64,
    /// The author.
    pub author: MemberCode,
    /// Its name.
    pub author_name: String,
    /// `stix.indicator`; `None` of what is no record, or whose body is gone.
    pub kind: Option<String>,
    /// The label it was published under.
    pub label: Option<Tlp>,
    /// When its author published it.
    pub published_at: Option<Timestamp>,
    /// `shown`, `held`, `refused`, `withheld`, `withdrawn`, `control` or `not shown`.
    pub state: &'static str,
    /// Why it does not show.
    pub reason: Option<String>,
    /// The governance that it names.
    pub basis: Option<NamedBasis>,
    /// The clauses that admit or refuse it.
    pub says: Vec<Said>,
    /// How long it stays.
    pub stays: Vec<Stay>,
    /// What it asks of whom.
    pub duties: Vec<DutySaid>,
    /// Each member of the charter.
    pub members: Vec<MemberReception>,
}

/// Explains an entry. `None`: no such entry for this caller.
pub fn stored(node: &Node, caller: &Caller, origin: &str, index: u64) -> Result<Option<StoredExplanation>, NodeFault> {
    let scope = Scope::new(node, caller);
    let tx = node.store.read()?;
    let tx = tx.as_ref();
    let Some(row) = scope.log_of_origin(tx, origin)?.filter(|row| index < row.size()) else { return Ok(None) };
    let Some(entry) = tx.entry(EntryKey::new(row.no, index))? else { return Ok(None) };
    let Some(channel) = scope.channel(&row.id.channel) else { return Ok(None) };
    let governance = &scope.governance;
    let content = entry.open()?;
    let is_control = entry.header.state == State::Control;
    let envelope = content.as_ref().and_then(|content| Envelope::parse(&content.envelope, is_control).ok());
    let read = envelope.as_ref().zip(content.as_ref()).filter(|_| !is_control).map(kind_of);
    let (kind, personal) = read.unzip();
    let personal = personal.unwrap_or(Personal::None);
    let basis = envelope.as_ref().map(|envelope| named_basis(governance, tx, (&row, &channel), envelope.basis));
    let basis = basis.transpose()?.flatten();
    let fact = Fact { row: &row, channel, envelope: envelope.as_ref(), kind: kind.as_deref(), personal };
    let decision = fact.decision(governance, basis.as_ref());
    let (state, reason) = state(node, caller, (origin, &row, &entry), decision.as_ref())?;
    let kind_terms = fact.terms(basis.as_ref());
    Ok(Some(StoredExplanation {
        channel: channel.handle(),
        origin: origin.to_owned(),
        index,
        author: row.id.author.clone(),
        author_name: name(governance, &row.id.author),
        label: envelope.as_ref().and_then(|envelope| envelope.tlp),
        published_at: envelope.as_ref().map(|envelope| envelope.published_at),
        state,
        reason,
        stays: if is_control { Vec::new() } else { stays(kind_terms, envelope.as_ref()) },
        duties: decision.as_ref().map(|decision| duties(kind_terms.0, decision)).unwrap_or_default(),
        members: fact.members((node, governance), tx, (index, entry.header.state))?,
        says: decision
            .map(|found| found.grounds)
            .unwrap_or_default()
            .into_iter()
            .map(|ground| Said::of(governance, ground))
            .collect(),
        basis,
        kind,
    }))
}

/// Its kind, and what it holds of people.
fn kind_of((envelope, content): (&Envelope, &Content)) -> (String, Personal) {
    let said = envelope.personal_data;
    match stix21::read(&content.body) {
        Ok(facts) => (format!("{}.{}", envelope.kind.as_str(), facts.object_type), said.unwrap_or(facts.personal)),
        Err(_) => (envelope.kind.as_str().to_owned(), said.unwrap_or(Personal::None)),
    }
}

fn named_basis(
    governance: &Governance,
    tx: &dyn ReadTx,
    (row, channel): (&LogRow, &Channel<'_>),
    index: u64,
) -> Result<Option<NamedBasis>, NodeFault> {
    let Some(basis) = judgement::basis_at(tx, row.no, index)? else { return Ok(None) };
    let charter = governance.charters.iter().find(|charter| charter.hash() == basis.charter);
    let version = channel.agreement.version(&basis.agreement_hash).filter(|_| !channel.kind.is_governing());
    Ok(Some(NamedBasis {
        index,
        charter: charter.map(|charter| charter.number),
        version: version.map(|version| version.terms.number),
        basis,
    }))
}

fn state(
    node: &Node,
    caller: &Caller,
    (origin, row, entry): (&str, &LogRow, &StoredEntry),
    decision: Option<&Decision>,
) -> Result<(&'static str, Option<String>), NodeFault> {
    let index = entry.key.index();
    Ok(match entry.header.state {
        State::Live if row.stopped.is_some_and(|stopped| index >= stopped) => {
            ("not shown", Some("the log holds an entry before it that a newer program must read".to_owned()))
        }
        State::Live => ("shown", None),
        State::Held => ("held", Some(waits_for(decision))),
        State::Withheld => {
            ("withheld", Some("its body has not arrived, and no tombstone known here explains that".to_owned()))
        }
        State::Control => ("control", Some("it is an entry about the log itself, and no record".to_owned())),
        State::Unknown => ("not shown", None),
        State::Erased | State::Faulty => match view::entry(node, caller, origin, index)? {
            Some(EntryView::Withdrawn { reason, index, .. }) => {
                ("withdrawn", Some(format!("entry {index} of its author withdrew it ({})", reason.as_str())))
            }
            Some(EntryView::Faulty(why)) => ("refused", Some(why.text)),
            _ => ("withheld", None),
        },
    })
}

fn waits_for(decision: Option<&Decision>) -> String {
    let what = match decision.and_then(|decision| decision.held) {
        Some(Missing::Charter(hash)) => format!("the charter {}", hash.to_text()),
        Some(Missing::Version(hash)) => format!("the version {} of the agreement", hash.to_text()),
        Some(Missing::Notice(hash)) => format!("the notice {}", hash.to_text()),
        None => return "documents that have arrived meanwhile are being looked at".to_owned(),
    };
    format!("{what}, which its author knew, is not here, not signed by all or disputed; it shows once that has come")
}

/// What an answer about one entry is worked out from.
struct Fact<'a> {
    row: &'a LogRow,
    channel: Channel<'a>,
    envelope: Option<&'a Envelope>,
    kind: Option<&'a str>,
    personal: Personal,
}

impl<'a> Fact<'a> {
    fn decision(&self, governance: &Governance, basis: Option<&NamedBasis>) -> Option<Decision> {
        let (envelope, kind) = (self.envelope?, self.kind?);
        let subject = Subject {
            member: &self.row.id.author,
            channel: self.channel.id,
            kind,
            tlp: Some(envelope.tlp?),
            personal: self.personal,
            at: envelope.published_at,
            organisation: None,
        };
        Some(decide(governance, &Question::Admit { subject, basis: &basis?.basis }))
    }

    /// The terms and the channel type that the record stands under: those of its basis, else those that count now.
    fn terms(&self, basis: Option<&NamedBasis>) -> (&'a Terms, &'a ChannelType) {
        let agreement = self.channel.agreement;
        let named =
            basis.and_then(|basis| agreement.version(&basis.basis.agreement_hash)).map(|version| &version.terms);
        let terms = named.unwrap_or(&agreement.terms);
        (terms, terms.channel_type(&self.channel.channel_type.name).unwrap_or(self.channel.channel_type))
    }

    fn members(
        &self,
        (node, governance): (&Node, &Governance),
        tx: &dyn ReadTx,
        (index, state): (u64, State),
    ) -> Result<Vec<MemberReception>, NodeFault> {
        let now = node.now();
        let published = self.envelope.map_or(now, |envelope| envelope.published_at).min(now);
        let mut members = Vec::new();
        for code in everybody(governance) {
            let (mut reception, mut since, until, mut ground) =
                over_time(governance, &self.channel, &code, (published, now));
            let is_author = code == self.row.id.author;
            if reception == Reception::Receives && !finds_log(governance, tx, self.row, &code)? {
                let terms = &self.channel.agreement.terms;
                let text = format!(
                    "{} joined later, and newcomers find nothing from before they joined",
                    name(governance, &code)
                );
                ground = reception::ground(&self.channel, terms, &ground.clause, ("explain.no-backlog", text, false));
                (reception, since) = (Reception::Never, None);
            }
            let mut says = vec![Said::of(governance, ground)];
            let mut known = None;
            if reception == Reception::Receives {
                let row = self.kind.map(|kind| Row { kind, tlp: self.envelope.and_then(|envelope| envelope.tlp) });
                let hidden = hidden_from_people(governance, &self.channel, &code, row, now);
                says.extend(hidden.map(|ground| Said::of(governance, ground)));
            }
            if reception != Reception::Never {
                known = Some(delivery((node, governance), tx, (self.row, index, state), &code)?);
            }
            let name = name(governance, &code);
            members.push(MemberReception { code, name, is_author, reception, since, until, says, delivery: known });
        }
        Ok(members)
    }
}

fn stays((terms, kind): (&Terms, &ChannelType), envelope: Option<&Envelope>) -> Vec<Stay> {
    let mut stays = Vec::new();
    let published = envelope.map(|envelope| envelope.published_at);
    match (kind.retention_days, published) {
        (Some(days), Some(published)) => {
            let until = published.plus_ms(days * 86_400_000);
            let text = format!("it is to be erased {days} days after its publication, on {}", day(until));
            stays.push(Stay { id: "stay.retention", until: Some(until), clause: kind.retention_clause.clone(), text });
        }
        (Some(_), None) => {}
        (None, _) => {
            let text = "no clause limits how long it is kept".to_owned();
            stays.push(Stay { id: "stay.unlimited", until: None, clause: kind.retention_clause.clone(), text });
        }
    }
    if let Some(until) = terms.until {
        let text = format!(
            "the agreement ends on {}; nothing new is admitted then, and what is here is left as the next line says",
            day(until)
        );
        stays.push(Stay { id: "stay.term", until: Some(until), clause: terms.dates_clause.clone(), text });
    }
    let text = match kind.exit {
        Exit::Keep => "whose part ends keeps it",
        Exit::Freeze => "whose part ends may read it, and neither pass it on nor export it",
        Exit::Erase => "whose part ends erases it",
    };
    stays.push(Stay { id: "stay.exit", until: None, clause: kind.exit_clause.clone(), text: text.to_owned() });
    stays
}

fn duties(terms: &Terms, decision: &Decision) -> Vec<DutySaid> {
    let said = |due: &gotong_policy::DutyDue| DutySaid {
        duty: due.duty,
        member: due.member.clone(),
        due: due.due,
        title: terms.clause(&due.clause).and_then(|clause| clause.title.get("en")).cloned().unwrap_or_default(),
        clause: due.clause.clone(),
    };
    decision.duties.iter().map(said).collect()
}

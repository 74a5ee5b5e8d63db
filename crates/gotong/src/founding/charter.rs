//! Charters as people write them, and as they change: what is left out gets its usual value, lists are put in order. Whether one holds, the model decides.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use gotong_crypto::note::Note;
use gotong_model::charter::{Charter, MemberRole};
use gotong_model::document::{DocumentFault, Purpose};
use gotong_model::{MemberCode, RegionId, Timestamp};
use serde_json::{Value, json};

use super::newcomers;
use super::written::{Part, Written};
use crate::fault::failure;

pub(crate) use gotong_model::charter::REHEARSAL;

/// A charter as people write it, made whole: the first of a region, or the one after `before`.
pub(crate) fn charter_from_toml(source: &str, before: Option<&Charter>, now: Timestamp) -> Result<Charter> {
    let mut part = Part::read(source)?;
    part.words("name");
    part.usual("grace_hours", json!(before.map_or(24, |before| before.grace_hours)));
    part.usual("rule", json!("all"));
    part.time("founded_at");
    part.time("from");
    match before {
        None => {
            part.usual("founded_at", json!(now.to_string()));
            let founded = part.value_at("founded_at").unwrap_or_default();
            part.put("from", founded);
        }
        Some(before) => {
            part.put("founded_at", json!(before.founded_at.to_string()));
            part.usual("from", json!(now.max(before.from).to_string()));
            part.usual("name", json!(before.name));
        }
    }
    if part.at("members").is_none() {
        return Err(failure("there is no [[members]]", "write one [[members]] section for each"));
    }
    let said = part.remove("rehearsal") == Some(json!(true));
    let is_rehearsal = before.map_or(said || is_marked(part.value_at("name").as_ref()), rehearses);
    if said && !is_rehearsal {
        return Err(failure("this region is real, and no charter of it rehearses", REHEARSE_APART));
    }
    if is_rehearsal {
        mark(&mut part, "name");
    } else if is_marked(part.value_at("name").as_ref()) {
        return Err(failure(format!("a real charter is not called {REHEARSAL}"), "give it another name"));
    }
    for member in part.tables("members") {
        let own = member.remove("rehearsal") == Some(json!(true));
        same_sort(&member.text_at("code"), own, is_rehearsal)?;
        member.words("name");
        member.usual("role", json!(MemberRole::State.as_str()));
    }
    part.sort_by("members", "code");
    let is_state = |member: &&mut Part| member.text_at("role") == MemberRole::State.as_str();
    let states: Vec<Value> =
        part.tables("members").filter(is_state).map(|member| json!(member.text_at("code"))).collect();
    part.usual("voters", Value::Array(states));
    part.sort("voters");
    part.put("gotong", json!(Purpose::Charter.as_str()));
    part.put("version", json!(0));
    part.put("number", json!(before.map_or(1, |before| before.number + 1)));
    part.put("previous", json!(before.map(|before| before.hash().to_text())));
    let written = Written::of(source, &part);
    Charter::from_value(written.value.clone()).map_err(|fault| placed(&written, fault))
}

/// What helps where the two were about to be mixed.
pub(crate) const REHEARSE_APART: &str = "a rehearsal is a region of its own, with keys and nodes of its own: gotong keys new --rehearsal, gotong init --rehearsal, gotong charter new --rehearsal";

/// Whether a region's charter says that the region only rehearses. Later charters of a region keep the mark or its absence.
pub(crate) fn rehearses(charter: &Charter) -> bool {
    charter.is_rehearsal()
}

fn is_marked(texts: Option<&Value>) -> bool {
    texts.and_then(|texts| texts.get("en")?.as_str()).is_some_and(|text| text.starts_with(REHEARSAL))
}

/// Refuses a real member's key in a rehearsal and the other way round. What says so is the file that `keys` or `init` wrote; the key cannot.
pub(crate) fn same_sort(member: &str, is_member_rehearsal: bool, is_rehearsal: bool) -> Result<()> {
    match (is_member_rehearsal, is_rehearsal) {
        (true, false) => {
            let what = format!("what is said of {member} comes from a rehearsal, and this charter is real");
            Err(failure(what, "take the real member.toml, or rehearse: gotong charter new --rehearsal"))
        }
        (false, true) => {
            let what = format!("this charter only rehearses, and what is said of {member} is real");
            Err(failure(
                what,
                "take REHEARSAL-member.toml, which gotong keys new --rehearsal writes: it says rehearsal = true",
            ))
        }
        (true, true) | (false, false) => Ok(()),
    }
}

/// Says of a fault at a field where that field stands.
pub(super) fn placed(written: &Written, fault: DocumentFault) -> anyhow::Error {
    match fault {
        DocumentFault::Field(fault) => {
            let place = written.place(&fault.pointer);
            anyhow::anyhow!("line {}:{}: {fault}", place.line, place.column)
        }
        DocumentFault::Note(_)
        | DocumentFault::Elsewhere { .. }
        | DocumentFault::Unsigned(_)
        | DocumentFault::Unfit(_) => fault.into(),
    }
}

/// Marks the title of a document that only rehearses, in every language.
pub(super) fn mark(part: &mut Part, name: &str) {
    let Some(Value::Object(texts)) = part.value_at(name) else { return };
    let mark = |(language, text): (String, Value)| {
        let text = text.as_str().unwrap_or_default();
        let marked = if text.starts_with(REHEARSAL) { text.to_owned() } else { format!("{REHEARSAL} {text}") };
        (language, json!(marked))
    };
    part.put(name, Value::Object(texts.into_iter().map(mark).collect()));
}

/// A charter with members put in and left out; states that join vote, and who leaves votes no more.
pub(crate) fn charter_with(
    before: &Charter,
    add: &[gotong_model::charter::Member],
    remove: &[MemberCode],
    now: Timestamp,
) -> Result<Charter> {
    let mut next = before.clone();
    next.number = before.number + 1;
    next.previous = Some(before.hash());
    next.from = now.max(before.from);
    let was_all = before.at_least == before.voters.len();
    for code in remove {
        next.members.remove(code).with_context(|| format!("{code} is no member, so it cannot be left out"))?;
        next.voters.retain(|voter| voter != code);
    }
    for member in add {
        next.members.insert(member.code.clone(), member.clone());
        if member.role == MemberRole::State && !next.voters.contains(&member.code) {
            next.voters.push(member.code.clone());
        }
    }
    next.voters.sort();
    // All stays all; a quorum stays as it was where it still is one.
    let is_quorum = next.at_least * 2 > next.voters.len() && next.at_least < next.voters.len();
    if was_all || !is_quorum {
        next.at_least = next.voters.len();
    }
    Charter::from_value(next.to_value()).context("the charter with these changes does not hold")
}

/// What differs between two charters, in words.
pub(crate) fn compare(before: &Charter, next: &Charter) -> Vec<String> {
    let mut lines = Vec::new();
    if before.name != next.name {
        lines.push(format!("name: {:?} instead of {:?}", next.name.get("en"), before.name.get("en")));
    }
    for (code, member) in &next.members {
        match before.members.get(code) {
            None => lines.push(format!("new member {code} ({}, {})", member.english(), member.role.as_str())),
            Some(old) if old.root_key != member.root_key => {
                lines.push(format!("new root key of {code}: {}", member.root_key.to_text()));
            }
            Some(old) if old.role != member.role => {
                lines.push(format!("{code} is {} instead of {}", member.role.as_str(), old.role.as_str()));
            }
            Some(old) if old.name != member.name => lines.push(format!("new name of {code}: {}", member.english())),
            Some(_) => {}
        }
    }
    let gone: BTreeMap<_, _> = before.members.iter().filter(|(code, _)| !next.members.contains_key(*code)).collect();
    lines.extend(gone.iter().map(|(code, member)| format!("{code} ({}) is a member no more", member.english())));
    if (before.at_least, &before.voters) != (next.at_least, &next.voters) {
        let rule = |charter: &Charter| format!("{} of {}", charter.at_least, charter.voters.len());
        lines.push(format!("it is changed by {} voters instead of {}", rule(next), rule(before)));
    }
    if before.grace_hours != next.grace_hours {
        lines.push(format!("grace of {} hours instead of {}", next.grace_hours, before.grace_hours));
    }
    lines
}

/// Lines of a list.
pub(crate) fn bullets(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |out, line| out + "  * " + line + "\n")
}

/// Who has voted for a charter, and who still has to agree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Votes {
    /// Voters who have signed.
    pub(crate) given: Vec<MemberCode>,
    /// Voters who have not.
    pub(crate) open: Vec<MemberCode>,
    /// How many it takes.
    pub(crate) needed: usize,
    /// Who joins, or changes its root key, and has not signed with the new one.
    pub(crate) joining: Vec<MemberCode>,
}

impl Votes {
    /// Whether it takes no further signature.
    pub(crate) fn are_enough(&self) -> bool {
        self.given.len() >= self.needed && self.joining.is_empty()
    }

    /// In words.
    pub(crate) fn text(&self) -> String {
        let row = |codes: &[MemberCode]| {
            let codes: Vec<&str> = codes.iter().map(MemberCode::as_str).collect();
            if codes.is_empty() { "nobody".to_owned() } else { codes.join(", ") }
        };
        let joining = if self.joining.is_empty() {
            String::new()
        } else {
            format!("\n  to agree {} (joining, or under a new key)", row(&self.joining))
        };
        format!(
            "  votes    {} of {} needed: {}\n  missing  {}{joining}\n",
            self.given.len(),
            self.needed,
            row(&self.given),
            row(&self.open)
        )
    }

    /// For machines.
    pub(crate) fn to_value(&self) -> Value {
        let texts = |codes: &[MemberCode]| codes.iter().map(ToString::to_string).collect::<Vec<_>>();
        json!({"given": texts(&self.given), "open": texts(&self.open), "needed": self.needed, "joining": texts(&self.joining),
               "enough": self.are_enough()})
    }
}

/// Looks at who has signed a charter. `before` is the one that names its voters; the first names its own.
pub(crate) fn votes(note: &Note, region: &RegionId, before: Option<&Charter>, charter: &Charter) -> Result<Votes> {
    let has_signed =
        |of: &Charter, code: &MemberCode| -> Result<bool> { Ok(!note.verify(&of.signers(region, [code]))?.is_empty()) };
    let by = before.unwrap_or(charter);
    let mut votes = Votes { given: Vec::new(), open: Vec::new(), needed: by.at_least, joining: Vec::new() };
    if before.is_none() {
        votes.needed = by.voters.len();
    }
    for code in &by.voters {
        if has_signed(by, code)? { votes.given.push(code.clone()) } else { votes.open.push(code.clone()) }
    }
    for code in before.map(|before| newcomers(before, charter)).unwrap_or_default() {
        if !has_signed(charter, &code)? {
            votes.joining.push(code);
        }
    }
    Ok(votes)
}

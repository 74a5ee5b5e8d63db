//! Making and signing what governs: charters, agreements and statements. Used by the commands that take them from files and by the demo.
//!
//! People write TOML; here it becomes canonical JSON once, and from then on only those bytes count (`docs/protocol.md` sections 2 to 5). Nothing here
//! decides whether a document holds: `gotong-model` does.

mod agreement;
mod charter;
mod check;
mod compare;
mod drafted;
mod house;
mod house_text;
mod written;

use anyhow::Result;
use gotong_crypto::note::{Note, SignatureLine, key_id, sign_line};
use gotong_crypto::{Digest, PublicKey, SigningKey};
use gotong_model::agreement::Terms;
use gotong_model::charter::Charter;
use gotong_model::document::{self, Opened, Purpose, Role};
use gotong_model::governance::Governance;
use gotong_model::statement::Statement;
use gotong_model::{MemberCode, RegionId, Timestamp};
use serde_json::Value;

pub(crate) use agreement::{Before, agreement_from_toml, may_follow};
pub(crate) use charter::{
    REHEARSAL, REHEARSE_APART, Votes, bullets, charter_from_toml, charter_with, compare as compare_charters,
    rehearses as rehearses_charter, same_sort, votes,
};
pub(crate) use check::{Finding, Severity, check, check_house};
pub(crate) use compare::{Change, compare, compare_houses, duty, prohibition};
pub(crate) use drafted::{drafted, house_drafts};
pub(crate) use house::{house_draft, house_from_toml, newest_of, open_house, signed_house};
pub(crate) use house_text::first_house;

use crate::fault::failure;

/// The line of a note that nobody has signed yet; readers ignore names they do not expect.
const DRAFT: &str = "draft";

/// A charter or agreement that may still lack signatures.
pub(crate) struct Paper {
    /// The document.
    pub(crate) opened: Opened,
    /// Who must or may sign: code, name on the line, key. A member that had several root keys stands here with each.
    signers: Vec<(MemberCode, String, PublicKey)>,
    /// Whether its region only rehearses.
    is_rehearsal: bool,
}

/// Whether a region only rehearses: its first charter says so.
pub(crate) fn rehearses(known: &Governance) -> bool {
    known.charters.first().is_some_and(charter::rehearses)
}

impl Paper {
    /// Who has signed, and who has not yet. A signature that does not verify counts for nothing.
    pub(crate) fn signatures(&self) -> Result<(Vec<MemberCode>, Vec<MemberCode>)> {
        let mut signed: Vec<MemberCode> = Vec::new();
        for (code, name, key) in &self.signers {
            let signer = [gotong_crypto::note::Signer { name: name.clone(), key: *key }];
            if !signed.contains(code) && !self.opened.note.verify(&signer)?.is_empty() {
                signed.push(code.clone());
            }
        }
        let mut missing: Vec<MemberCode> = Vec::new();
        for (code, ..) in &self.signers {
            if !signed.contains(code) && !missing.contains(code) {
                missing.push(code.clone());
            }
        }
        Ok((signed, missing))
    }

    /// Signs with a member's root key; says whose it is. Signing twice changes nothing.
    pub(crate) fn sign(&mut self, root: &SigningKey) -> Result<MemberCode> {
        let public = root.public();
        let Some((code, name, _)) = self.signers.iter().find(|(_, _, key)| *key == public) else {
            return Err(failure(
                format!("the key {} belongs to nobody who signs this document", public.to_text()),
                "only the root keys of a charter's voters and newcomers, of an agreement's parties, or of the member whose house rule it is, sign it",
            ));
        };
        let line = sign_line(&self.opened.note.text, name, root);
        let id = key_id(name, &public);
        let lines = &mut self.opened.note.lines;
        lines.retain(|known| known.name != DRAFT && !(known.name == *name && known.key_id == id));
        lines.push(line);
        Ok(code.clone())
    }

    /// The note.
    pub(crate) fn encode(&self) -> String {
        self.opened.note.encode()
    }

    /// Whether the document's region only rehearses.
    pub(crate) fn is_rehearsal(&self) -> bool {
        self.is_rehearsal
    }
}

/// A note of this document without a signature that counts.
fn draft(region: &RegionId, purpose: Purpose, value: &Value) -> String {
    let line = SignatureLine { name: DRAFT.to_owned(), key_id: [0; 4], signature: vec![0; 64] };
    Note { text: document::text(region, purpose, value), lines: vec![line] }.encode()
}

/// Reads a charter that may lack signatures. One after the first is signed by voters of the one before, and by who joins or changes its key.
pub(crate) fn open_charter(bytes: &[u8], before: Option<&Governance>) -> Result<(Paper, Charter)> {
    let opened = document::open(bytes, before.map(|known| &known.region), Purpose::Charter)?;
    let charter = Charter::from_value(opened.value.clone())?;
    let region = opened.region;
    let seat = |of: &Charter, code: &MemberCode| {
        of.members.get(code).map(|member| signer(&region, code.clone(), member.root_key))
    };
    if charter.number == 1 {
        // Signatures are looked for last, so with nothing but signatures missing the charter is a charter.
        match Charter::from_note(bytes) {
            Ok(_) | Err(document::DocumentFault::Unsigned(_)) => {}
            Err(fault) => return Err(fault.into()),
        }
        let signers = charter.voters.iter().filter_map(|code| seat(&charter, code)).collect();
        let is_rehearsal = charter::rehearses(&charter);
        return Ok((Paper { opened, signers, is_rehearsal }, charter));
    }
    let number = charter.number;
    let previous = before.and_then(|known| known.charters.iter().find(|old| Some(old.hash()) == charter.previous));
    let Some(previous) = previous else {
        return Err(failure(
            format!("this is charter number {number}, and the one before it is not known here"),
            "name the charters before it, complete, with --charter FILE for each, or a node that has them with --data DIR",
        ));
    };
    let mut signers: Vec<_> = previous.voters.iter().filter_map(|code| seat(previous, code)).collect();
    if charter::rehearses(previous) != charter::rehearses(&charter) {
        return Err(failure(
            "this charter would make a rehearsal of a real region, or the other way round",
            REHEARSE_APART,
        ));
    }
    signers.extend(newcomers(previous, &charter).iter().filter_map(|code| seat(&charter, code)));
    let is_rehearsal = charter::rehearses(previous);
    Ok((Paper { opened, signers, is_rehearsal }, charter))
}

/// Who has to agree to a charter because it names them with a new root key.
pub(crate) fn newcomers(before: &Charter, next: &Charter) -> Vec<MemberCode> {
    let key = |charter: &Charter, code| charter.members.get(code).map(|member| member.root_key);
    next.members.keys().filter(|code| key(before, code) != key(next, code)).cloned().collect()
}

/// Reads an agreement that may lack signatures.
pub(crate) fn open_agreement(bytes: &[u8], known: &Governance) -> Result<(Paper, Terms)> {
    let opened = document::open(bytes, Some(&known.region), Purpose::Agreement)?;
    let terms = Terms::from_value(opened.value.clone())?;
    if let Some(stranger) = terms.stranger(&known.charters) {
        return Err(failure(
            format!("{stranger} is no member of the charter"),
            "have the charter changed first: gotong charter propose",
        ));
    }
    let signers = signatories(&terms, known).into_iter().flat_map(|code| keys_of(&code, known)).collect();
    Ok((Paper { opened, signers, is_rehearsal: rehearses(known) }, terms))
}

/// Every root key that a charter named for a member, the newest first, as signers.
fn keys_of(code: &MemberCode, known: &Governance) -> Vec<(MemberCode, String, PublicKey)> {
    let mut keys: Vec<PublicKey> = Vec::new();
    let newest_first = known.charters.iter().rev();
    for key in newest_first.filter_map(|charter| charter.members.get(code)).map(|member| member.root_key) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys.into_iter().map(|key| signer(&known.region, code.clone(), key)).collect()
}

/// Who signs terms: the parties, and of an amendment those of the version before who still have a part.
fn signatories(terms: &Terms, known: &Governance) -> Vec<MemberCode> {
    let mut all = terms.parties.clone();
    let amended = known.agreements.values().find_map(|agreement| {
        let version = terms.previous.as_ref().and_then(|previous| agreement.version(previous))?;
        Some((agreement, version))
    });
    if let Some((agreement, version)) = amended {
        let standing = known.standing(agreement, terms.from);
        let has_left = |code: &&MemberCode| {
            let part = standing.parts.get(*code);
            part.is_none_or(|part| part.state == gotong_model::agreement::PartState::Ended)
        };
        all.extend(version.terms.parties.iter().filter(|code| !has_left(code)).cloned());
        all.sort();
        all.dedup();
    }
    all
}

fn signer(region: &RegionId, code: MemberCode, key: PublicKey) -> (MemberCode, String, PublicKey) {
    let name = document::signer_name(region, &code, Role::Root);
    (code, name, key)
}

/// A charter as a draft, from its members' words.
pub(crate) fn charter_draft(charter: &Charter, region: &RegionId) -> String {
    draft(region, Purpose::Charter, &charter.to_value())
}

/// An agreement as a draft.
pub(crate) fn agreement_draft(terms: &Terms, region: &RegionId) -> String {
    draft(region, Purpose::Agreement, &terms.to_value())
}

/// A region's first charter, signed by all of these.
pub(crate) fn signed_charter(charter: &Charter, roots: &[&SigningKey]) -> Result<String> {
    let (mut paper, _) = open_charter(charter_draft(charter, &charter.region()).as_bytes(), None)?;
    for root in roots {
        paper.sign(root)?;
    }
    Ok(paper.encode())
}

/// An agreement that all of these have signed, and nobody else has to.
pub(crate) fn signed_agreement(terms: &Terms, known: &Governance, roots: &[&SigningKey]) -> Result<String> {
    let (mut paper, _) = open_agreement(agreement_draft(terms, &known.region).as_bytes(), known)?;
    for root in roots {
        paper.sign(root)?;
    }
    let note = paper.encode();
    known.clone().add_agreement(note.as_bytes())?;
    Ok(note)
}

/// What a statement says of a node.
pub(crate) struct NodeFacts {
    /// Signs checkpoints.
    pub(crate) node_key: PublicKey,
    /// Digest of the public key of its certificate.
    pub(crate) tls_key: Digest,
    /// Where others reach it.
    pub(crate) addresses: Vec<String>,
}

/// The next statement of a member's chain; `None` where the newest says the same already.
pub(crate) fn next_statement(
    chain: &[Statement],
    member: &MemberCode,
    facts: &NodeFacts,
    now: Timestamp,
) -> Option<Statement> {
    let newest = chain.last();
    let same = |newest: &Statement| {
        newest.node_key == facts.node_key && newest.tls_keys == [facts.tls_key] && newest.addresses == facts.addresses
    };
    if newest.is_some_and(same) {
        return None;
    }
    Some(Statement {
        member: member.clone(),
        serial: newest.map_or(1, |newest| newest.serial + 1),
        previous: newest.map(Statement::hash),
        issued_at: now,
        node_key: facts.node_key,
        tls_keys: vec![facts.tls_key],
        sealing_key: None,
        addresses: facts.addresses.clone(),
    })
}

#[cfg(test)]
mod tests {
    use gotong_crypto::SeededEntropy;

    use super::*;

    /// A region of two, vn and th, with the root keys of both.
    pub(super) fn region() -> (Governance, [SigningKey; 2]) {
        let entropy = SeededEntropy::new(8);
        let keys = [SigningKey::generate(&entropy), SigningKey::generate(&entropy)];
        let member = |code: &str, key: &SigningKey| {
            format!("[[members]]\ncode = \"{code}\"\nname = \"{code}\"\nroot_key = \"{}\"\n", key.public().to_text())
        };
        let source = format!("name = \"Two\"\n{}{}", member("vn", &keys[0]), member("th", &keys[1]));
        let charter = charter_from_toml(&source, None, Timestamp::from_micros(0).unwrap()).unwrap();
        let note = signed_charter(&charter, &[&keys[0], &keys[1]]).unwrap();
        (Governance::from_charter(note.as_bytes()).unwrap(), keys)
    }

    fn keys() -> (SigningKey, SigningKey) {
        let entropy = SeededEntropy::new(7);
        (SigningKey::generate(&entropy), SigningKey::generate(&entropy))
    }

    fn charter() -> Charter {
        let (th, vn) = keys();
        let source = format!(
            "name = \"Two\"\n[[members]]\ncode = \"vn\"\nname = \"Viet Nam\"\nroot_key = \"{}\"\n[[members]]\ncode = \"th\"\nname = {{ en = \"Thailand\", th = \"ประเทศไทย\" }}\nroot_key = \"{}\"\n",
            vn.public().to_text(),
            th.public().to_text()
        );
        charter_from_toml(&source, None, Timestamp::from_micros(0).unwrap()).unwrap()
    }

    const AGREEMENT: &str = r#"
handle = "two"
title = "Two share"
purpose = "testing"
legal_basis = "none"
parties = ["vn", "th"]
parties_clause = "1"
dates_clause = "1"
from = 2026-01-01
until = "2027-01-01T00:00:00Z"
[[clauses]]
number = "1"
title = "All"
text = "They share."
[[channel_types]]
type = "indicators"
clause = "1"
ceiling = "amber"
purpose = "testing"
"#;

    #[test]
    fn a_region_is_founded_from_words_and_signatures() {
        let (th, vn) = keys();
        let charter = charter();
        assert_eq!(charter.voters.len(), 2, "states vote unless something else is said");
        let mut paper = open_charter(charter_draft(&charter, &charter.region()).as_bytes(), None).unwrap().0;
        assert_eq!(paper.signatures().unwrap().1.len(), 2);
        assert_eq!(paper.sign(&vn).unwrap().as_str(), "vn");
        assert!(Charter::from_note(paper.encode().as_bytes()).is_err(), "one signature of two");
        let mut paper = open_charter(paper.encode().as_bytes(), None).unwrap().0;
        paper.sign(&th).unwrap();
        paper.sign(&th).unwrap();
        let (read, region) = Charter::from_note(paper.encode().as_bytes()).unwrap();
        assert_eq!((read, region), (charter.clone(), charter.region()));

        let mut known = Governance::from_charter(paper.encode().as_bytes()).unwrap();
        let terms = agreement_from_toml(AGREEMENT, &known, None, &SeededEntropy::new(1)).unwrap();
        let note = signed_agreement(&terms, &known, &[&vn, &th]).unwrap();
        let id = known.add_agreement(note.as_bytes()).unwrap();
        assert_eq!(known.agreements[&id].terms.parties.len(), 2);
        assert_eq!(known.agreements[&id].terms.from.to_string(), "2026-01-01T00:00:00.000000Z");
        let nothing = Governance::from_charter(paper.encode().as_bytes()).unwrap();
        assert!(signed_agreement(&terms, &nothing, &[&vn]).is_err(), "one party is not enough");

        // An amendment keeps what makes it one, and is signed by the parties of both.
        let agreement = known.agreements[&id].clone();
        let before = Before { terms: &agreement.terms, hash: agreement.hash };
        let source = AGREEMENT.replace("handle = \"two\"", "").replace("amber", "green");
        let next = agreement_from_toml(&source, &known, Some(&before), &SeededEntropy::new(2)).unwrap();
        may_follow(&agreement.terms, &next).unwrap();
        assert_eq!((next.number, next.nonce, &next.handle), (2, terms.nonce, &terms.handle));
        let note = signed_agreement(&next, &known, &[&vn, &th]).unwrap();
        known.add_agreement(note.as_bytes()).unwrap();
        assert_eq!(known.agreements[&id].versions.len(), 2);

        // A charter that names a newcomer needs the newcomer's signature too.
        let new_key = SigningKey::generate(&SeededEntropy::new(50));
        let code = MemberCode::from_text("id").unwrap();
        let name = [("en".to_owned(), "Indonesia".to_owned())].into();
        let member = gotong_model::charter::Member {
            code: code.clone(),
            name,
            role: gotong_model::charter::MemberRole::State,
            root_key: new_key.public(),
        };
        let wider = charter_with(&charter, &[member], &[], charter.from).unwrap();
        assert_eq!(newcomers(&charter, &wider), [code]);
        let draft = charter_draft(&wider, &region);
        assert!(open_charter(draft.as_bytes(), None).is_err(), "without the one before nobody knows who votes");
        let (mut paper, _) = open_charter(draft.as_bytes(), Some(&known)).unwrap();
        for key in [&th, &vn, &new_key] {
            paper.sign(key).unwrap();
        }
        known.add(paper.encode().as_bytes()).unwrap();
        assert_eq!(known.charters.len(), 2);
    }

    #[test]
    fn a_stranger_signs_nothing() {
        let stranger = SigningKey::generate(&SeededEntropy::new(99));
        let mut paper = open_charter(charter_draft(&charter(), &charter().region()).as_bytes(), None).unwrap().0;
        assert!(paper.sign(&stranger).is_err());
    }

    #[test]
    fn what_is_wrong_in_a_document_is_named() {
        let (th, vn) = keys();
        let known = Governance::from_charter(signed_charter(&charter(), &[&vn, &th]).unwrap().as_bytes()).unwrap();
        let told = |source: &str| {
            let result = agreement_from_toml(source, &known, None, &SeededEntropy::new(1));
            format!("{:#}", result.unwrap_err())
        };
        assert!(told(&AGREEMENT.replace("amber", "orange")).contains("/channel_types/0/ceiling"));
        assert!(told(&AGREEMENT.replace("\"th\"]", "\"xx\"]")).contains("xx"));
        assert!(told(&AGREEMENT.replace("handle", "handel")).contains("handle"));
        assert!(told(&AGREEMENT.replace("2026-01-01", "\"soon\"")).contains("/from"));
        assert!(told(&AGREEMENT.replace("amber", "orange")).contains("line 18:11"));
    }

    #[test]
    fn a_statement_follows_the_one_before_and_only_where_something_changed() {
        let (_, vn) = keys();
        let charter = charter();
        let region = charter.region();
        let member = MemberCode::from_text("vn").unwrap();
        let now = Timestamp::from_micros(5).unwrap();
        let mut facts =
            NodeFacts { node_key: vn.public(), tls_key: Digest([1; 32]), addresses: vec!["127.0.0.1:9401".into()] };
        let first = next_statement(&[], &member, &facts, now).unwrap().sign(&region, &vn);
        let chain = gotong_model::statement::chain([first.as_bytes()], &region, &charter).unwrap();
        assert_eq!(next_statement(&chain, &member, &facts, now), None);
        facts.addresses = vec!["127.0.0.1:9402".into()];
        let second = next_statement(&chain, &member, &facts, now).unwrap().sign(&region, &vn);
        assert_eq!(
            gotong_model::statement::chain([first.as_bytes(), second.as_bytes()], &region, &charter).unwrap().len(),
            2
        );
    }
}

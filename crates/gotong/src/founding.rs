//! Making and signing what governs: charters, agreements and statements. Used by the commands that take them from files and by the demo.
//!
//! People write TOML; here it becomes canonical JSON once, and from then on only those bytes count (`docs/protocol.md` sections 2 to 5). Nothing here
//! decides whether a document holds: `gotong-model` does.

use anyhow::{Context, Result, bail};
use gotong_crypto::note::{Note, SignatureLine, key_id, sign_line};
use gotong_crypto::{Digest, Entropy, PublicKey, SigningKey, text};
use gotong_model::agreement::{Agreement, Terms};
use gotong_model::charter::{Charter, MemberRole};
use gotong_model::document::{self, Opened, Purpose, Role};
use gotong_model::statement::Statement;
use gotong_model::{MemberCode, RegionId, Timestamp};
use serde_json::{Map, Value, json};

use crate::fault::failure;

/// The line of a note that nobody has signed yet; readers ignore names they do not expect.
const DRAFT: &str = "draft";

/// A charter or agreement that may still lack signatures.
pub(crate) struct Paper {
    /// The document.
    pub(crate) opened: Opened,
    /// Who must sign: code, name on the line, key.
    signers: Vec<(MemberCode, String, PublicKey)>,
}

impl Paper {
    /// Who has signed, and who has not yet. A signature that does not verify counts for nothing and is named in the error.
    pub(crate) fn signatures(&self) -> Result<(Vec<MemberCode>, Vec<MemberCode>)> {
        let (mut signed, mut missing) = (Vec::new(), Vec::new());
        for (code, name, key) in &self.signers {
            let signer = [gotong_crypto::note::Signer { name: name.clone(), key: *key }];
            let found = self.opened.note.verify(&signer)?;
            if found.is_empty() { missing.push(code.clone()) } else { signed.push(code.clone()) }
        }
        Ok((signed, missing))
    }

    /// Signs with a member's root key; says whose it is. Signing twice changes nothing.
    pub(crate) fn sign(&mut self, root: &SigningKey) -> Result<MemberCode> {
        let public = root.public();
        let Some((code, name, _)) = self.signers.iter().find(|(_, _, key)| *key == public) else {
            return Err(failure(
                format!("the key {} belongs to nobody who signs this document", public.to_text()),
                "only the root keys of a charter's voters, or of an agreement's parties, sign it",
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
}

/// A note of this document without a signature that counts.
fn draft(region: &RegionId, purpose: Purpose, value: &Value) -> String {
    let line = SignatureLine { name: DRAFT.to_owned(), key_id: [0; 4], signature: vec![0; 64] };
    Note { text: document::text(region, purpose, value), lines: vec![line] }.encode()
}

/// Reads a charter that may lack signatures.
pub(crate) fn open_charter(bytes: &[u8]) -> Result<Paper> {
    let opened = document::open(bytes, None, Purpose::Charter)?;
    // Signatures are looked for last, so with nothing but signatures missing the charter is a charter.
    match Charter::from_note(bytes) {
        Ok(_) | Err(document::DocumentFault::Unsigned(_)) => {}
        Err(fault) => bail!(fault),
    }
    let member = |code: &str| -> Option<(MemberCode, PublicKey)> {
        let members = opened.value.get("members")?.as_array()?;
        let entry = members.iter().find(|member| member.get("code").and_then(Value::as_str) == Some(code))?;
        Some((MemberCode::from_text(code)?, public_key(entry.get("root_key")?.as_str()?)?))
    };
    let voters = opened.value.get("voters").and_then(Value::as_array).into_iter().flatten();
    let signers = voters.filter_map(Value::as_str).filter_map(member);
    let signers = signers.map(|(code, key)| signer(&opened.region, code, key)).collect();
    Ok(Paper { opened, signers })
}

/// Reads an agreement that may lack signatures.
pub(crate) fn open_agreement(bytes: &[u8], region: &RegionId, charter: &Charter) -> Result<(Paper, Terms)> {
    let opened = document::open(bytes, Some(region), Purpose::Agreement)?;
    let terms = Terms::from_value(opened.value.clone(), charter)?;
    let members = terms.parties.iter().filter_map(|code| charter.members.get(code));
    let signers = members.map(|member| signer(region, member.code.clone(), member.root_key)).collect();
    Ok((Paper { opened, signers }, terms))
}

fn signer(region: &RegionId, code: MemberCode, key: PublicKey) -> (MemberCode, String, PublicKey) {
    let name = document::signer_name(region, &code, Role::Root);
    (code, name, key)
}

fn public_key(base64: &str) -> Option<PublicKey> {
    PublicKey::from_bytes(&text::from_base64_array::<32>(base64)?).ok()
}

/// A charter as a draft, from its members' words.
pub(crate) fn charter_draft(charter: &Charter) -> String {
    draft(&charter.region(), Purpose::Charter, &charter.to_value())
}

/// An agreement as a draft.
pub(crate) fn agreement_draft(terms: &Terms, region: &RegionId) -> String {
    draft(region, Purpose::Agreement, &terms.to_value())
}

/// A charter that all of these have signed.
pub(crate) fn signed_charter(charter: &Charter, roots: &[&SigningKey]) -> Result<String> {
    let mut paper = open_charter(charter_draft(charter).as_bytes())?;
    for root in roots {
        paper.sign(root)?;
    }
    Ok(paper.encode())
}

/// An agreement that all of these have signed.
pub(crate) fn signed_agreement(
    terms: &Terms,
    region: &RegionId,
    charter: &Charter,
    roots: &[&SigningKey],
) -> Result<String> {
    let (mut paper, _) = open_agreement(agreement_draft(terms, region).as_bytes(), region, charter)?;
    for root in roots {
        paper.sign(root)?;
    }
    let note = paper.encode();
    Agreement::from_note(note.as_bytes(), region, charter)?;
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

/// The next statement of a member's chain, signed; `None` where the newest says the same already.
pub(crate) fn next_statement(
    chain: &[Statement],
    member: &MemberCode,
    region: &RegionId,
    facts: &NodeFacts,
    root: &SigningKey,
    now: Timestamp,
) -> Option<String> {
    let newest = chain.last();
    let same = |newest: &Statement| {
        newest.node_key == facts.node_key && newest.tls_keys == [facts.tls_key] && newest.addresses == facts.addresses
    };
    if newest.is_some_and(same) {
        return None;
    }
    let statement = Statement {
        member: member.clone(),
        serial: newest.map_or(1, |newest| newest.serial + 1),
        previous: newest.map(Statement::hash),
        issued_at: now,
        node_key: facts.node_key,
        tls_keys: vec![facts.tls_key],
        sealing_key: None,
        addresses: facts.addresses.clone(),
    };
    Some(statement.sign(region, root))
}

/// A charter as people write it, made whole: what is left out gets its usual value, lists are put in order.
pub(crate) fn charter_from_toml(source: &str, now: Timestamp) -> Result<Charter> {
    let mut document = from_toml(source)?;
    words(&mut document, "name");
    document.entry("grace_hours").or_insert(json!(24));
    document.entry("rule").or_insert(json!("all"));
    time(&mut document, "founded_at")?;
    document.entry("founded_at").or_insert(json!(now.to_string()));
    let mut members = tables(&mut document, "members")?;
    for member in &mut members {
        words(member, "name");
        member.entry("role").or_insert(json!(MemberRole::State.as_str()));
    }
    members.sort_by_key(|member| text_of(member, "code"));
    let is_state = |member: &&Map<String, Value>| text_of(member, "role") == MemberRole::State.as_str();
    let states: Vec<Value> = members.iter().filter(is_state).map(|member| json!(text_of(member, "code"))).collect();
    document.insert("members".to_owned(), json!(members));
    document.entry("voters").or_insert(Value::Array(states));
    sort(&mut document, "voters");
    constant(&mut document, Purpose::Charter);
    let value = Value::Object(document);
    let region = RegionId(gotong_model::charter::hash(&gotong_model::json::canonical(&value)));
    // Whether it holds is for the model to say, and it reads notes. A key of our own stands in for those that come later.
    let note = draft(&region, Purpose::Charter, &value);
    open_charter(note.as_bytes())?;
    whole_charter(&value)
}

/// The charter of a value that [`open_charter`] has found good.
fn whole_charter(value: &Value) -> Result<Charter> {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let texts = |value: &Value| -> Result<gotong_model::charter::Texts> {
        Ok(serde_json::from_value(value.get("name").cloned().unwrap_or_default())?)
    };
    let mut members = std::collections::BTreeMap::new();
    for entry in value.get("members").and_then(Value::as_array).into_iter().flatten() {
        let role = [MemberRole::State, MemberRole::Partner, MemberRole::Coordinator];
        let role = role.into_iter().find(|role| role.as_str() == text(entry, "role")).context("a member's role")?;
        let code = MemberCode::from_text(&text(entry, "code")).context("a member's code")?;
        let root_key = public_key(&text(entry, "root_key")).context("a member's root key")?;
        members.insert(code.clone(), gotong_model::charter::Member { code, name: texts(entry)?, role, root_key });
    }
    let voters: Vec<MemberCode> = value
        .get("voters")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .filter_map(MemberCode::from_text)
        .collect();
    let at_least =
        value.pointer("/rule/at_least").and_then(Value::as_u64).and_then(|least| usize::try_from(least).ok());
    let charter = Charter {
        founded_at: Timestamp::from_canonical(&text(value, "founded_at")).context("founded_at")?,
        name: texts(value)?,
        members,
        at_least: at_least.unwrap_or(voters.len()),
        voters,
        grace_hours: value.get("grace_hours").and_then(Value::as_u64).context("grace_hours")?,
    };
    if charter.to_value() == *value { Ok(charter) } else { bail!("the charter does not read back as it was written") }
}

/// An agreement as people write it, made whole against a charter.
pub(crate) fn agreement_from_toml(source: &str, charter: &Charter, entropy: &dyn Entropy) -> Result<Terms> {
    let mut document = from_toml(source)?;
    words(&mut document, "title");
    for name in ["from", "until"] {
        time(&mut document, name)?;
    }
    document.entry("until").or_insert(Value::Null);
    let mut clauses = tables(&mut document, "clauses")?;
    for clause in &mut clauses {
        words(clause, "title");
        words(clause, "text");
    }
    sort(&mut document, "parties");
    let parties = document.get("parties").cloned().unwrap_or_default();
    let mut types = tables(&mut document, "channel_types")?;
    for kind in &mut types {
        kind.entry("audience").or_insert(parties.clone());
        kind.entry("kinds").or_insert(json!(["stix"]));
        kind.entry("onward").or_insert(json!("none"));
        kind.entry("personal_data").or_insert(json!("none"));
        for clause in ["kinds_clause", "ceiling_clause"] {
            let whole = kind.get("clause").cloned().unwrap_or_default();
            kind.entry(clause).or_insert(whole);
        }
        sort(kind, "audience");
        sort(kind, "kinds");
    }
    types.sort_by_key(|kind| text_of(kind, "type"));
    document.insert("clauses".to_owned(), json!(clauses));
    document.insert("channel_types".to_owned(), json!(types));
    let mut nonce = [0_u8; 16];
    entropy.fill(&mut nonce);
    document.entry("nonce").or_insert(json!(text::base64(&nonce)));
    document.insert("supersedes".to_owned(), json!([]));
    constant(&mut document, Purpose::Agreement);
    Ok(Terms::from_value(Value::Object(document), charter)?)
}

fn constant(document: &mut Map<String, Value>, purpose: Purpose) {
    document.insert("gotong".to_owned(), json!(purpose.as_str()));
    document.insert("version".to_owned(), json!(0));
    document.insert("number".to_owned(), json!(1));
    document.insert("previous".to_owned(), Value::Null);
}

fn from_toml(source: &str) -> Result<Map<String, Value>> {
    let table: toml::Table = source.parse()?;
    Ok(table.into_iter().map(|(name, value)| (name, to_json(value))).collect())
}

fn to_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => json!(number),
        toml::Value::Float(number) => json!(number),
        toml::Value::Boolean(switch) => Value::Bool(switch),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(items) => Value::Array(items.into_iter().map(to_json).collect()),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(name, value)| (name, to_json(value))).collect())
        }
    }
}

/// A text alone is English.
fn words(document: &mut Map<String, Value>, name: &str) {
    if let Some(value) = document.get_mut(name)
        && value.is_string()
    {
        *value = json!({"en": value.take()});
    }
}

/// Days and times in UTC become the protocol's one spelling.
fn time(document: &mut Map<String, Value>, name: &str) -> Result<()> {
    let Some(Value::String(written)) = document.get(name) else { return Ok(()) };
    let spelled = if written.len() == 10 { format!("{written}T00:00:00Z") } else { written.clone() };
    let time = Timestamp::parse(&spelled).ok_or_else(|| {
        failure(format!("{name} is {written:?}, which is no time in UTC"), "write 2026-11-01 or 2026-11-01T08:00:00Z")
    })?;
    document.insert(name.to_owned(), json!(time.to_string()));
    Ok(())
}

fn tables(document: &mut Map<String, Value>, name: &str) -> Result<Vec<Map<String, Value>>> {
    let Some(value) = document.remove(name) else {
        return Err(failure(format!("there is no [[{name}]]"), format!("write one [[{name}]] section for each")));
    };
    serde_json::from_value(value).with_context(|| format!("{name} must be [[{name}]] sections"))
}

fn text_of(document: &Map<String, Value>, name: &str) -> String {
    document.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn sort(document: &mut Map<String, Value>, name: &str) {
    if let Some(Value::Array(items)) = document.get_mut(name) {
        items.sort_by_key(|item| item.as_str().unwrap_or_default().to_owned());
    }
}

#[cfg(test)]
mod tests {
    use gotong_crypto::SeededEntropy;

    use super::*;

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
        charter_from_toml(&source, Timestamp::from_micros(0).unwrap()).unwrap()
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
        let mut paper = open_charter(charter_draft(&charter).as_bytes()).unwrap();
        assert_eq!(paper.signatures().unwrap().1.len(), 2);
        assert_eq!(paper.sign(&vn).unwrap().as_str(), "vn");
        assert!(Charter::from_note(paper.encode().as_bytes()).is_err(), "one signature of two");
        let mut paper = open_charter(paper.encode().as_bytes()).unwrap();
        paper.sign(&th).unwrap();
        paper.sign(&th).unwrap();
        let (read, region) = Charter::from_note(paper.encode().as_bytes()).unwrap();
        assert_eq!((read, region), (charter.clone(), charter.region()));

        let terms = agreement_from_toml(AGREEMENT, &charter, &SeededEntropy::new(1)).unwrap();
        let note = signed_agreement(&terms, &region, &charter, &[&vn, &th]).unwrap();
        let agreement = Agreement::from_note(note.as_bytes(), &region, &charter).unwrap();
        assert_eq!(agreement.terms.parties.len(), 2);
        assert_eq!(agreement.terms.from.to_string(), "2026-01-01T00:00:00.000000Z");
        assert!(signed_agreement(&terms, &region, &charter, &[&vn]).is_err(), "one party is not enough");
    }

    #[test]
    fn a_stranger_signs_nothing() {
        let stranger = SigningKey::generate(&SeededEntropy::new(99));
        let mut paper = open_charter(charter_draft(&charter()).as_bytes()).unwrap();
        assert!(paper.sign(&stranger).is_err());
    }

    #[test]
    fn what_is_wrong_in_a_document_is_named() {
        let charter = charter();
        let told = |source: &str| {
            let result = agreement_from_toml(source, &charter, &SeededEntropy::new(1));
            format!("{:#}", result.unwrap_err())
        };
        assert!(told(&AGREEMENT.replace("amber", "orange")).contains("/channel_types/0/ceiling"));
        assert!(told(&AGREEMENT.replace("\"th\"]", "\"xx\"]")).contains("xx"));
        assert!(told(&AGREEMENT.replace("handle", "handel")).contains("handle"));
        assert!(told(&AGREEMENT.replace("2026-01-01", "\"soon\"")).contains("soon"));
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
        let first = next_statement(&[], &member, &region, &facts, &vn, now).unwrap();
        let chain = gotong_model::statement::chain([first.as_bytes()], &region, &charter).unwrap();
        assert_eq!(next_statement(&chain, &member, &region, &facts, &vn, now), None);
        facts.addresses = vec!["127.0.0.1:9402".into()];
        let second = next_statement(&chain, &member, &region, &facts, &vn, now).unwrap();
        assert_eq!(
            gotong_model::statement::chain([first.as_bytes(), second.as_bytes()], &region, &charter).unwrap().len(),
            2
        );
    }
}

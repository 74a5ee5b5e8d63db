//! Where somebody's e-mail goes: an address that the person confirmed with a code sent there, or one that whoever looks after accounts has set.
//!
//! Addresses are plain (RFC 5321, letters of ASCII, no comments and no quotes), so that nothing of a letter's head can be written through one. Read next:
//! `letter.rs`.

use gotong_crypto::{sha256, text};
use gotong_language::Language;
use gotong_model::Timestamp;
use gotong_store::{Book, Fault, ReadTx};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{key, letter};
use crate::account::{self, AccountName, manage};
use crate::caller::Caller;
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::note_act;
use crate::role::Right;
use crate::rows::{from_json, to_json};

const PREFIX: &[u8] = b"a/";
/// How long a code counts, in microseconds.
const CODE_LASTS: i64 = 3_600 * 1_000_000;
/// Wrong codes after which it counts no more.
const TRIES_MAX: u32 = 5;
/// Codes that one person is sent in an hour: nobody makes a node write to strangers all day.
const CODES_MAX: usize = 5;
/// Bytes of an address, and of what stands before the `@` (RFC 5321 section 4.5.3.1).
const ADDRESS_MAX: usize = 254;
const LOCAL_MAX: usize = 64;

/// Where somebody's e-mail goes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Address {
    /// The address that letters go to.
    pub confirmed: Option<String>,
    /// An address that waits for its code.
    pub asked: Option<String>,
    /// Why letters do not arrive there, where that is known.
    pub fault: Option<String>,
}

/// Why an address is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// It is none.
    NotAnAddress,
    /// Too many codes were asked for.
    TooOften,
    /// There is no such account, or none that this caller may look after.
    Unknown,
}

/// What came of a code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Confirmed {
    /// Letters go there from now on.
    Yes,
    /// It is another code.
    Wrong,
    /// There is none that counts: ask for a new one.
    Over,
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) confirmed: Option<String>,
    asked: Option<String>,
    /// The digest of the code, and until when it counts.
    code: Option<(String, i64)>,
    tries: u32,
    /// When codes were asked for.
    sent: Vec<i64>,
    language: String,
    pub(super) fault: Option<String>,
}

impl Row {
    pub(super) fn language(&self) -> Language {
        Language::from_tag(&self.language).unwrap_or(Language::English)
    }

    /// Where a code goes.
    pub(super) fn asked(&self) -> Option<&str> {
        self.asked.as_deref()
    }
}

/// An address as it can stand, or nothing.
pub fn parse(given: &str) -> Option<String> {
    let given = given.trim();
    let (local, domain) = given.rsplit_once('@')?;
    let is_local = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let fits = given.len() <= ADDRESS_MAX
        && (1..=LOCAL_MAX).contains(&local.len())
        && local.bytes().all(is_local)
        && local.split('.').all(|part| !part.is_empty())
        && domain.split('.').all(is_label);
    fits.then(|| format!("{local}@{}", domain.to_ascii_lowercase()))
}

pub(super) fn fetch<T: ReadTx + ?Sized>(tx: &T, owner: &str) -> Result<Option<Row>, Fault> {
    tx.fetch(Book::Notice, &key(PREFIX, owner, b""))?.map(|row| from_json(&row, "addresses")).transpose()
}

pub(super) fn confirmed<T: ReadTx + ?Sized>(tx: &T, owner: &str) -> Result<Option<String>, Fault> {
    Ok(fetch(tx, owner)?.and_then(|row| row.confirmed))
}

pub(super) fn save(tx: &mut dyn gotong_store::WriteTx, owner: &str, row: &Row) -> Result<(), Fault> {
    tx.put(Book::Notice, &key(PREFIX, owner, b""), &to_json(row))
}

/// A person's address.
pub fn lookup(node: &Node, caller: &Caller) -> Result<Address, NodeFault> {
    let row = fetch(node.store.read()?.as_ref(), &caller.id)?.unwrap_or_default();
    Ok(Address { confirmed: row.confirmed, asked: row.asked, fault: row.fault })
}

fn digest(owner: &str, code: &str) -> String {
    text::base32(sha256(format!("{owner} {code}").as_bytes()).as_bytes())
}

/// Sends a code to an address. Letters go to the one before until the code has come back.
pub fn ask(node: &Node, caller: &Caller, given: &str, language: Language) -> Result<Result<(), Refusal>, NodeFault> {
    let Some(address) = parse(given) else { return Ok(Err(Refusal::NotAnAddress)) };
    let (mut random, mut id) = ([0_u8; 8], [0_u8; 16]);
    node.entropy().fill(&mut random);
    node.entropy().fill(&mut id);
    let code = format!("{:08}", u64::from_be_bytes(random) % 100_000_000);
    let now = node.now();
    node.transact(Priority::People, |writing| {
        let mut row = fetch(writing.tx.as_ref(), &caller.id)?.unwrap_or_default();
        row.sent.retain(|sent| *sent > now.micros() - CODE_LASTS);
        if row.sent.len() >= CODES_MAX {
            return Ok(Err(Refusal::TooOften));
        }
        row.sent.push(now.micros());
        row.asked = Some(address);
        row.code = Some((digest(&caller.id, &code), now.micros() + CODE_LASTS));
        row.tries = 0;
        language.tag().clone_into(&mut row.language);
        save(writing.tx.as_mut(), &caller.id, &row)?;
        letter::add_code(writing.tx.as_mut(), &caller.id, &code, &text::base32(&id), now)?;
        note_act(writing, now, &caller.id, "address-ask", &json!({}))?;
        Ok(Ok(()))
    })
}

/// Takes the code that was sent.
pub fn confirm(node: &Node, caller: &Caller, code: &str) -> Result<Confirmed, NodeFault> {
    let given = digest(&caller.id, code.trim());
    let now = node.now();
    node.transact(Priority::People, |writing| {
        let Some(mut row) = fetch(writing.tx.as_ref(), &caller.id)? else { return Ok(Confirmed::Over) };
        let Some((wanted, until)) = row.code.clone() else { return Ok(Confirmed::Over) };
        if until < now.micros() || row.tries >= TRIES_MAX {
            return Ok(Confirmed::Over);
        }
        let is_right = given == wanted;
        if is_right {
            row.confirmed = row.asked.take();
            (row.code, row.fault) = (None, None);
            note_act(writing, now, &caller.id, "address-confirm", &json!({}))?;
        } else {
            row.tries += 1;
        }
        save(writing.tx.as_mut(), &caller.id, &row)?;
        Ok(if is_right { Confirmed::Yes } else { Confirmed::Wrong })
    })
}

/// Sets somebody's address without a code: for whoever looks after accounts, and of people who may do no more than they.
pub fn set(
    node: &Node,
    by: &Caller,
    account: &AccountName,
    given: &str,
    language: Language,
) -> Result<Result<(), Refusal>, NodeFault> {
    let Some(address) = parse(given) else { return Ok(Err(Refusal::NotAnAddress)) };
    let found = if by.may(Right::Tokens) { account::lookup(node, account)? } else { None };
    let Some(view) = found.filter(|view| manage::may_give(by, view.role)) else { return Ok(Err(Refusal::Unknown)) };
    let owner = format!("account:{}", view.id);
    node.transact(Priority::People, |writing| {
        let mut row = fetch(writing.tx.as_ref(), &owner)?.unwrap_or_default();
        (row.confirmed, row.asked, row.code, row.fault) = (Some(address), None, None, None);
        if row.language.is_empty() {
            language.tag().clone_into(&mut row.language);
        }
        save(writing.tx.as_mut(), &owner, &row)?;
        note_act(writing, node.now(), &by.id, "address-set", &json!({"account": view.name.as_str()}))?;
        Ok(Ok(()))
    })
}

/// Forgets a person's address: no letters go out any more.
pub fn forget(node: &Node, caller: &Caller) -> Result<bool, NodeFault> {
    node.transact(Priority::People, |writing| {
        if fetch(writing.tx.as_ref(), &caller.id)?.is_none() {
            return Ok(false);
        }
        writing.tx.delete(Book::Notice, &key(PREFIX, &caller.id, b""))?;
        note_act(writing, node.now(), &caller.id, "address-forget", &json!({}))?;
        Ok(true)
    })
}

/// Notes the language in which a person reads pages: letters are written in it.
pub fn speaks(node: &Node, caller: &Caller, language: Language) -> Result<(), NodeFault> {
    let row = fetch(node.store.read()?.as_ref(), &caller.id)?;
    let Some(mut row) = row.filter(|row| row.language() != language) else { return Ok(()) };
    language.tag().clone_into(&mut row.language);
    node.transact(Priority::People, |writing| Ok(save(writing.tx.as_mut(), &caller.id, &row)?))
}

/// Whether a time is one at which a code of this address still counts; for pages.
pub fn counts_until(node: &Node, caller: &Caller) -> Result<Option<Timestamp>, NodeFault> {
    let row = fetch(node.store.read()?.as_ref(), &caller.id)?;
    let until = row.and_then(|row| row.code).map(|(_, until)| until).filter(|until| *until > node.now().micros());
    Ok(until.and_then(Timestamp::from_micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_plain_and_nothing_else_is_one() {
        for (given, read) in [
            ("ann@example.test", "ann@example.test"),
            (" a.b+c@Cert.EXAMPLE ", "a.b+c@cert.example"),
            ("o'neil@x", "o'neil@x"),
        ] {
            assert_eq!(parse(given).as_deref(), Some(read));
        }
        let long = format!("{}@example.test", "a".repeat(65));
        for given in [
            "",
            "ann",
            "@x",
            "a@",
            "a b@x.test",
            "a@x\r\nBcc: eve@x.test",
            "a\nb@x.test",
            "<a@x.test>",
            "a@x.test,b@x.test",
            "\"a\"@x.test",
            "a..b@x.test",
            ".a@x.test",
            "a@-x.test",
            "a@x..test",
            "a@[127.0.0.1]",
            "ánn@x.test",
            "a@b@c d",
            "a\u{0}@x.test",
            &long,
        ] {
            assert_eq!(parse(given), None, "{given:?}");
        }
    }
}

//! E-mail that waits to be sent: at least once, under an id that stays, with the rights that its reader has at the moment of sending. Written here as text,
//! sent by `gotong_web::mail`.
//!
//! INVARIANT: no content above TLP:GREEN leaves the node in a letter: where anything in it is above, it says no name, no id and no search, only that there is
//! something up to that label, and where to log in. Read next: `collect.rs`, which puts letters here.

use std::fmt::Write as _;

use gotong_language::{Arg, Words};
use gotong_model::{Slug, Timestamp, Tlp};
use gotong_store::{Book, Fault, ReadTx, WriteTx};
use serde::{Deserialize, Serialize};

use super::notice::ITEMS_MAX;
use super::{Waits, address, key};
use crate::caller::{self, Caller};
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::role::Right;
use crate::rows::{from_json, prefix_end, to_json};
use crate::subscription::{self, Act, Event, ItemRow};

const PREFIX: &[u8] = b"l/";
const STANDING: &[u8] = b"notify/mail";
/// Letters that wait, of one node.
pub const WAITING_MAX: usize = 10_000;
/// The first pause after a failure; each further one is twice as long.
const PAUSE: i64 = 30 * 1_000_000;
const PAUSE_MAX: i64 = 6 * 3_600 * 1_000_000;
/// How long a letter is tried.
const TRIED_FOR: i64 = 3 * 86_400 * 1_000_000;
/// Characters of a name in a letter.
const NAME_CHARS: usize = 120;

#[derive(Clone, Serialize, Deserialize)]
struct Row {
    id: String,
    owner: String,
    search: String,
    items: Vec<ItemRow>,
    count: usize,
    waits: Waits,
    /// A code that confirms an address: then it is nothing else.
    code: Option<String>,
    made_at: i64,
    next_try: i64,
    failures: u32,
    /// Whether it may have been sent already: then it is not changed any more.
    tried: bool,
}

/// A letter, written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    key: Vec<u8>,
    /// Its id: the same each time it is sent.
    pub id: String,
    /// When it was put together first.
    pub made_at: Timestamp,
    /// Where it goes.
    pub to: String,
    /// A line.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// What there is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// Send this.
    Send(Box<Letter>),
    /// Nothing before then.
    At(Timestamp),
    /// Nothing waits.
    Quiet,
}

/// How a letter failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// It may go better later.
    ForNow,
    /// This address does not take it, now or later.
    Address,
}

/// How e-mail stands.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Standing {
    /// Letters that the server has taken.
    pub sent: u64,
    /// Letters that were given up.
    pub lost: u64,
    /// Failures since the last success.
    pub failures: u64,
    /// Since when, in microseconds.
    pub failing_since: Option<i64>,
    /// What failed last, in English and without contents.
    pub last_fault: Option<String>,
    /// The last success, in microseconds.
    pub last_good: Option<i64>,
    /// Letters that wait; counted when asked.
    #[serde(skip)]
    pub waiting: usize,
}

fn of_owner(tx: &dyn ReadTx, owner: &str) -> Result<Vec<(Vec<u8>, Row)>, Fault> {
    let prefix = key(PREFIX, owner, b"");
    let rows = tx.scan(Book::Notice, &prefix, &prefix_end(&prefix), WAITING_MAX)?;
    rows.into_iter().map(|(key, row)| Ok((key, from_json(&row, "letters")?))).collect()
}

/// Puts a letter into the queue; one of the same rule that was not tried yet grows.
pub(super) fn add(
    tx: &mut dyn WriteTx,
    (owner, search): (&str, &str),
    (items, count, waits): (&[ItemRow], usize, Waits),
    (due, id): (i64, &str),
    now: Timestamp,
) -> Result<(), Fault> {
    let fresh = Row {
        id: id.to_owned(),
        owner: owner.to_owned(),
        search: search.to_owned(),
        items: Vec::new(),
        count: 0,
        waits: Waits::default(),
        code: None,
        made_at: now.micros(),
        next_try: due,
        failures: 0,
        tried: false,
    };
    let waiting = of_owner(&*tx, owner)?.into_iter();
    let before = waiting.map(|(_, row)| row).find(|row| !row.tried && row.code.is_none() && row.search == search);
    let mut row = before.unwrap_or(fresh);
    row.items.extend(items.iter().cloned());
    let over = row.items.len().saturating_sub(ITEMS_MAX);
    row.items.drain(..over);
    row.count += count;
    row.waits.add(waits);
    save(tx, &row)
}

pub(super) fn add_code(tx: &mut dyn WriteTx, owner: &str, code: &str, id: &str, now: Timestamp) -> Result<(), Fault> {
    for (key, row) in of_owner(&*tx, owner)? {
        if row.code.is_some() {
            tx.delete(Book::Notice, &key)?;
        }
    }
    save(
        tx,
        &Row {
            id: id.to_owned(),
            owner: owner.to_owned(),
            search: String::new(),
            items: Vec::new(),
            count: 0,
            waits: Waits::default(),
            code: Some(code.to_owned()),
            made_at: now.micros(),
            next_try: now.micros(),
            failures: 0,
            tried: false,
        },
    )
}

fn save(tx: &mut dyn WriteTx, row: &Row) -> Result<(), Fault> {
    let key = key(PREFIX, &row.owner, row.id.as_bytes());
    let is_new = tx.fetch(Book::Notice, &key)?.is_none();
    if is_new && tx.scan(Book::Notice, PREFIX, &prefix_end(PREFIX), WAITING_MAX)?.len() >= WAITING_MAX {
        let mut standing = standing_of(&*tx)?;
        standing.lost += 1;
        standing.last_fault = Some(format!("{WAITING_MAX} letters wait already"));
        return tx.put(Book::Meta, STANDING, &to_json(&standing));
    }
    tx.put(Book::Notice, &key, &to_json(row))
}

fn standing_of(tx: &dyn ReadTx) -> Result<Standing, Fault> {
    Ok(tx.fetch(Book::Meta, STANDING)?.map(|row| from_json(&row, "mail")).transpose()?.unwrap_or_default())
}

/// How e-mail stands: for whoever looks after the node.
pub fn standing(node: &Node) -> Result<Standing, NodeFault> {
    let tx = node.store.read()?;
    let waiting = tx.scan(Book::Notice, PREFIX, &prefix_end(PREFIX), WAITING_MAX)?.len();
    Ok(Standing { waiting, ..standing_of(tx.as_ref())? })
}

/// The next letter that is due, written for its reader as of now. `link`: how browsers reach this console.
pub fn next(node: &Node, link: Option<&str>) -> Result<Next, NodeFault> {
    let rows: Vec<(Vec<u8>, Row)> = {
        let tx = node.store.read()?;
        let rows = tx.scan(Book::Notice, PREFIX, &prefix_end(PREFIX), WAITING_MAX)?;
        let read = |(key, row): (Vec<u8>, Vec<u8>)| Ok((key, from_json(&row, "letters")?));
        rows.into_iter().map(read).collect::<Result<_, Fault>>()?
    };
    let now = node.now();
    let mut sooner: Option<i64> = None;
    let mut due: Vec<(Vec<u8>, Row)> = Vec::new();
    for (key, row) in rows {
        if row.next_try <= now.micros() {
            due.push((key, row));
        } else {
            sooner = Some(sooner.map_or(row.next_try, |sooner| sooner.min(row.next_try)));
        }
    }
    due.sort_by_key(|(_, row)| row.next_try);
    for (key, _) in due {
        // Marked first: from here on it may have been sent, and stays as it is.
        let marked = node.transact(Priority::Bulk, |writing| {
            let Some(value) = writing.tx.fetch(Book::Notice, &key)? else { return Ok(None) };
            let row = Row { tried: true, ..from_json(&value, "letters")? };
            writing.tx.put(Book::Notice, &key, &to_json(&row))?;
            Ok(Some(row))
        })?;
        let Some(row) = marked else { continue };
        match write(node, &key, &row, link)? {
            Some(letter) => return Ok(Next::Send(Box::new(letter))),
            // Its reader has ended or has no address, or everything in it was withdrawn.
            None => node.transact(Priority::Bulk, |writing| Ok(writing.tx.delete(Book::Notice, &key)?))?,
        }
    }
    Ok(sooner.and_then(Timestamp::from_micros).map_or(Next::Quiet, Next::At))
}

/// A letter as its reader may read it now.
fn write(node: &Node, key: &[u8], row: &Row, link: Option<&str>) -> Result<Option<Letter>, NodeFault> {
    // INVARIANT: 1. Whoever the owner is now decides.
    let Some(owner) = caller::current(node, &row.owner)?.filter(|owner| owner.may(Right::Read)) else {
        return Ok(None);
    };
    let Some(address) = address::fetch(node.store.read()?.as_ref(), &row.owner)? else { return Ok(None) };
    let words = Words::of(address.language());
    let member = node.member.to_string();
    let (to, written) = if let Some(code) = &row.code {
        (address.asked().map(str::to_owned), Some(of_code(words, code)))
    } else if let Some(search) = Slug::from_text(&row.search) {
        (address.confirmed, of_search(node, &owner, words, &search, row, link)?)
    } else {
        (address.confirmed, Some(of_waiting(words, row.waits, link)))
    };
    let (Some(to), Some((subject, text))) = (to, written) else { return Ok(None) };
    let made_at = super::rule::at(row.made_at);
    let plain = |text: &str| text.chars().filter(|one| !matches!(one, '\u{2066}'..='\u{2069}')).collect::<String>();
    let foot = words.with("notifications-mail-foot", &[("node", Arg::Text(&node.name))]);
    let foot = link.map_or_else(|| foot.clone(), |link| format!("{foot}\n{link}/notifications"));
    Ok(Some(Letter {
        key: key.to_vec(),
        id: row.id.clone(),
        made_at,
        to,
        subject: line(&plain(&subject.replacen("{node}", &member, 1)), 400),
        text: plain(&format!("{text}\n\n-- \n{foot}\n")),
    }))
}

/// One line: nothing of a name becomes a line of a head or of a letter.
fn line(text: &str, most: usize) -> String {
    let is_bad = |one: char| one.is_control() || matches!(one, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}');
    text.chars().map(|one| if is_bad(one) { ' ' } else { one }).take(most).collect::<String>().trim().to_owned()
}

fn of_code(words: Words, code: &str) -> (String, String) {
    let subject = format!("[Gotong {{node}}] {}", words.t("notifications-mail-code-title"));
    (
        subject,
        format!(
            "{}\n\n    {code}\n\n{}",
            words.t("notifications-mail-code"),
            words.t("notifications-mail-code-not-you")
        ),
    )
}

fn of_waiting(words: Words, waits: Waits, link: Option<&str>) -> (String, String) {
    let subject = format!("[Gotong {{node}}] {}", words.count("notifications-mail-waits", waits.total()));
    let mut text = String::new();
    for (count, id) in [
        (waits.duties, "notifications-waits-duties"),
        (waits.records, "notifications-waits-records"),
        (waits.second, "notifications-waits-second"),
    ] {
        if count > 0 {
            text.push_str(&words.count(id, count));
            text.push('\n');
        }
    }
    if let Some(link) = link {
        let _ = write!(text, "\n{link}/");
    }
    (subject, text)
}

fn tlp(label: Tlp) -> String {
    format!("TLP:{}", label.as_str().to_ascii_uppercase())
}

fn of_search(
    node: &Node,
    owner: &Caller,
    words: Words,
    search: &Slug,
    row: &Row,
    link: Option<&str>,
) -> Result<Option<(String, String)>, NodeFault> {
    let Some(found) = subscription::lookup(node, owner, search)? else { return Ok(None) };
    let events = subscription::retell(node, owner, &found.filter, &row.items)?;
    let Some(most) = events.iter().map(|event| event.label).max() else { return Ok(None) };
    let exercise = if events.iter().all(|event| event.is_exercise) { "[EXERCISE] " } else { "" };
    // INVARIANT: above TLP:GREEN nothing but that there is something. What was not kept as an item was not looked at, and so counts as if it were above.
    if most > Tlp::Green || row.count > row.items.len() {
        let up_to = if row.count > row.items.len() {
            found.filter.label_max.unwrap_or(Tlp::AmberStrict).max(most)
        } else {
            most
        };
        let said = words.with("notifications-mail-above", &[("label", Arg::Plain(&tlp(up_to)))]);
        let text = link.map_or_else(|| said.clone(), |link| format!("{said}\n\n{link}/notifications"));
        return Ok(Some((format!("{exercise}[Gotong {{node}}] {said}"), text)));
    }
    let title = match events.as_slice() {
        [one] => name(one),
        all => words.count("notifications-mail-found", all.len()),
    };
    let mut text = words.count("notifications-mail-found", events.len());
    text.push('\n');
    for event in events.iter().rev() {
        let Act::Published(published) = &event.act else { continue };
        let _ = write!(text, "\n- {} {}", tlp(event.label), name(event));
        if let Some(link) = link {
            let _ = write!(text, "\n  {link}/intelligence/{}", line(&published.id, 300));
        }
    }
    Ok(Some((format!("{exercise}[{}] [Gotong {{node}}] {title}", tlp(most)), text)))
}

fn name(event: &Event) -> String {
    let Act::Published(published) = &event.act else { return String::new() };
    line(published.name.as_deref().unwrap_or(&published.id), NAME_CHARS)
}

/// The server has taken a letter.
pub fn sent(node: &Node, letter: &Letter) -> Result<(), NodeFault> {
    node.transact(Priority::Bulk, |writing| {
        writing.tx.delete(Book::Notice, &letter.key)?;
        let before = standing_of(writing.tx.as_ref())?;
        let after = Standing {
            sent: before.sent + 1,
            lost: before.lost,
            last_good: Some(node.now().micros()),
            last_fault: before.last_fault,
            ..Standing::default()
        };
        Ok(writing.tx.put(Book::Meta, STANDING, &to_json(&after))?)
    })
}

/// The server has not. `fault`: why, in English and without contents. Whether the letter was given up.
pub fn failed(node: &Node, letter: &Letter, failure: Failure, fault: &str) -> Result<bool, NodeFault> {
    let now = node.now().micros();
    let fault = line(fault, 300);
    node.transact(Priority::Bulk, |writing| {
        let tx = writing.tx.as_mut();
        let Some(value) = tx.fetch(Book::Notice, &letter.key)? else { return Ok(true) };
        let mut row: Row = from_json(&value, "letters")?;
        let mut standing = standing_of(&*tx)?;
        standing.failures += 1;
        standing.failing_since.get_or_insert(now);
        standing.last_fault = Some(fault.clone());
        row.failures = row.failures.saturating_add(1);
        let is_over = failure == Failure::Address || now.saturating_sub(row.made_at) > TRIED_FOR;
        if is_over {
            standing.lost += 1;
            tx.delete(Book::Notice, &letter.key)?;
            if let Some(mut address) = address::fetch(&*tx, &row.owner)? {
                address.fault = Some(fault);
                address::save(tx, &row.owner, &address)?;
            }
        } else {
            let doubled = PAUSE.saturating_mul(1 << row.failures.saturating_sub(1).min(12));
            row.next_try = now.saturating_add(doubled.min(PAUSE_MAX));
            tx.put(Book::Notice, &letter.key, &to_json(&row))?;
        }
        tx.put(Book::Meta, STANDING, &to_json(&standing))?;
        Ok(is_over)
    })
}

//! The second factor: codes of an app (TOTP), and ten recovery codes for the day on which the app is lost. A code of either kind counts once.
//!
//! Here nobody is let in without the password: a session that waits for its second factor has shown it. Read next: `manage.rs`.

use std::fmt::Write as _;

use gotong_crypto::one_time::OneTime;
use gotong_crypto::sha256;
use gotong_model::Timestamp;
use gotong_store::{Fault, WriteTx};

use super::{AccountName, AccountRow, SecondRow, entry};
use crate::gate::Priority;
use crate::node::{Node, NodeFault};
use crate::publish::{Why, note_act};
use crate::rows::damaged;
use crate::session::{self, From, Session, Stage};

/// Recovery codes of one account.
pub const RECOVERY_CODES: usize = 10;
/// Wrong codes after which the password is asked for again.
const TRIES_MAX: u32 = 5;
/// Wrong codes, all of them behind the right password, after which strangers wait between tries. Who guesses codes knows the password; the owner on a device
/// that is known waits for nothing.
const SLOW_FROM: u32 = 10;
const SLOW_MS: u64 = 60_000;
const RECOVERY_CHARS: usize = 16;

/// What came of a code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Somebody is in, in a new session.
    In {
        /// What to put into the cookie.
        cookie: String,
        /// Tries that had failed before.
        told: super::Failed,
        /// Whether a recovery code was spent.
        by_recovery: bool,
    },
    /// Not this code.
    Wrong,
    /// Not this code, and not in this session any more.
    Ended,
    /// Too many wrong codes were tried: again in so many seconds.
    Later(u64),
}

/// A second factor that counts from now on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Confirmed {
    /// What to put into the cookie.
    pub cookie: String,
    /// Recovery codes, shown once.
    pub codes: Vec<String>,
}

fn unix_s(now: Timestamp) -> u64 {
    u64::try_from(now.micros() / 1_000_000).unwrap_or(0)
}

/// Recovery codes for people, and what is kept of them.
fn recovery(node: &Node) -> (Vec<String>, Vec<String>) {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| super::random::<10>(node)).collect();
    let kept = codes.iter().map(|code| sha256(code.as_bytes()).to_text()).collect();
    let shown = |code: &String| {
        let letters: Vec<char> = code.chars().collect();
        letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    };
    (codes.iter().map(shown).collect(), kept)
}

/// Puts a secret to be set up into a session.
pub(super) fn prepare(node: &Node, tx: &mut dyn WriteTx, cookie: &str) -> Result<(), Fault> {
    let (key, mut row, _) = session::fetch(tx, cookie, node.now())?.ok_or_else(|| damaged("sessions"))?;
    row.pending = Some(OneTime::generate(node.entropy()).to_text());
    session::save(tx, &key, &row)
}

/// Begins to set up a second factor, or another, for somebody who is in and says the password again.
pub fn begin(node: &Node, session: &Session, cookie: &str, password: &str) -> Result<Result<(), Vec<Why>>, NodeFault> {
    if !entry::confirms(node, &session.account.name, password)? {
        return Ok(Err(entry::wrong_password()));
    }
    node.transact(Priority::People, |writing| Ok(prepare(node, writing.tx.as_mut(), cookie)?))?;
    Ok(Ok(()))
}

/// What an app reads: the address that a QR code carries.
pub fn address(node: &Node, account: &AccountName, secret: &str) -> String {
    let encoded = |text: &str| {
        text.bytes().fold(String::new(), |mut out, byte| {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                // Writing to a string does not fail.
                let _ = write!(out, "%{byte:02X}");
            }
            out
        })
    };
    let (issuer, account) = (encoded(&format!("Gotong {}", node.member)), encoded(account.as_str()));
    format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}")
}

/// Takes a second factor whose first code is right: all other sessions end, and this one goes on as a new one. `None`: the code is wrong, or nothing waits.
pub fn confirm(node: &Node, cookie: &str, code: &str, from: &From) -> Result<Option<Confirmed>, NodeFault> {
    let now = node.now();
    let code = plain(code);
    node.transact(Priority::People, |writing| {
        let Some((key, session, mut row)) = session::fetch(writing.tx.as_ref(), cookie, now)? else { return Ok(None) };
        // A session that waits for the code of an old app cannot put a new one in its place.
        if session.stage == Stage::Second {
            return Ok(None);
        }
        let Some(pending) = &session.pending else { return Ok(None) };
        let secret = OneTime::from_text(pending).ok_or_else(|| damaged("sessions"))?;
        let Some(step) = secret.matching(&code, unix_s(now)) else {
            let mut session = session;
            session.tries += 1;
            if session.tries >= TRIES_MAX * 4 {
                session.pending = None;
            }
            session::save(writing.tx.as_mut(), &key, &session)?;
            return Ok(None);
        };
        let (codes, kept) = recovery(node);
        row.second = Some(SecondRow { secret: pending.clone(), last_step: step });
        row.recovery = kept;
        row.epoch += 1;
        let was_half_way = session.stage == Stage::SetUp;
        session::remove(writing.tx.as_mut(), &row, None)?;
        let from = From { provider: session.provider.clone(), ..from.clone() };
        let cookie = session::begin(node, writing.tx.as_mut(), &row, Stage::Whole, &from)?;
        if was_half_way {
            entry::welcome(node, writing, &mut row)?;
        }
        super::save(writing.tx.as_mut(), &row)?;
        let what = serde_json::json!({"account": row.name});
        note_act(writing, now, &format!("account:{}", row.id), "second-factor-set", &what)?;
        Ok(Some(Confirmed { cookie, codes }))
    })
}

/// New recovery codes in the place of the old, for somebody who says the password again.
pub fn renew_recovery(
    node: &Node,
    session: &Session,
    password: &str,
) -> Result<Result<Vec<String>, Vec<Why>>, NodeFault> {
    if !entry::confirms(node, &session.account.name, password)? {
        return Ok(Err(entry::wrong_password()));
    }
    let (codes, kept) = recovery(node);
    node.transact(Priority::People, |writing| {
        let Some(mut row) = super::row(writing.tx.as_ref(), &session.account.name)?.filter(|row| row.second.is_some())
        else {
            let why = Why::plain("second.none", "recovery codes stand beside a second factor: set one up first");
            return Ok(Err(vec![why]));
        };
        row.recovery = kept;
        super::save(writing.tx.as_mut(), &row)?;
        let what = serde_json::json!({"account": row.name});
        note_act(writing, node.now(), &session.caller.id, "recovery-codes", &what)?;
        Ok(Ok(codes))
    })
}

/// A code as it was typed, without what people put between.
fn plain(code: &str) -> String {
    code.chars().take(64).filter(|c| !c.is_whitespace() && *c != '-').map(|c| c.to_ascii_lowercase()).collect()
}

/// Answers the question for the second factor: a code of the app, or a recovery code.
pub fn answer(node: &Node, cookie: &str, code: &str, from: &From, is_known_device: bool) -> Result<Answer, NodeFault> {
    let now = node.now();
    let code = plain(code);
    node.transact(Priority::People, |writing| {
        let Some((key, mut session, mut row)) = session::fetch(writing.tx.as_ref(), cookie, now)? else {
            return Ok(Answer::Ended);
        };
        if session.stage != Stage::Second {
            return Ok(Answer::Ended);
        }
        let waited = now.since_ms(Timestamp::from_micros(row.failed.last).unwrap_or_default());
        if !is_known_device && row.failed.second >= SLOW_FROM && waited < SLOW_MS {
            return Ok(Answer::Later((SLOW_MS - waited).div_ceil(1_000)));
        }
        let Some(by_recovery) = spend(&mut row, &code, now)? else {
            session.tries += 1;
            row.failed.second = row.failed.second.saturating_add(1);
            entry::note_failed(node, &mut row, from);
            super::save(writing.tx.as_mut(), &row)?;
            if session.tries >= TRIES_MAX {
                writing.tx.delete(gotong_store::Book::Session, &key)?;
                return Ok(Answer::Ended);
            }
            session::save(writing.tx.as_mut(), &key, &session)?;
            return Ok(Answer::Wrong);
        };
        // The half-way session is not made whole: another takes its place, so that who knew its cookie before knows nothing now.
        writing.tx.delete(gotong_store::Book::Session, &key)?;
        let from = From { provider: session.provider.clone(), ..from.clone() };
        let cookie = session::begin(node, writing.tx.as_mut(), &row, Stage::Whole, &from)?;
        let told = row.failed.clone();
        entry::welcome(node, writing, &mut row)?;
        super::save(writing.tx.as_mut(), &row)?;
        if by_recovery {
            let what = serde_json::json!({"account": row.name, "left": row.recovery.len()});
            note_act(writing, now, &format!("account:{}", row.id), "recovery-code-spent", &what)?;
        }
        Ok(Answer::In { cookie, told, by_recovery })
    })
}

/// Uses a code up. `None`: it is not one; otherwise whether it was a recovery code.
fn spend(row: &mut AccountRow, code: &str, now: Timestamp) -> Result<Option<bool>, Fault> {
    if code.len() == RECOVERY_CHARS {
        let digest = sha256(code.as_bytes()).to_text();
        let before = row.recovery.len();
        row.recovery.retain(|kept| *kept != digest);
        return Ok((row.recovery.len() < before).then_some(true));
    }
    let Some(secret) = row.one_time()? else { return Ok(None) };
    let step = secret.matching(code, unix_s(now));
    let Some(second) = row.second.as_mut() else { return Ok(None) };
    let Some(step) = step.filter(|step| *step > second.last_step) else { return Ok(None) };
    second.last_step = step;
    Ok(Some(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        assert_eq!(plain(" 123 456 "), "123456");
        assert_eq!(plain("ABCD-efgh-2345-wxyz"), "abcdefgh2345wxyz");
        assert_eq!(plain(&"1".repeat(10_000)).len(), 64);
        assert_eq!(gotong_crypto::text::base32(&[0_u8; 10]).len(), RECOVERY_CHARS);
    }
}

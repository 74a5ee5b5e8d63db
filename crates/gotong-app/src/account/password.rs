//! What a password must be: long, and not one that everybody tries first. No rules about signs in it, which make passwords that people write down.
//!
//! The list is ours and short: it holds what people begin with, and the rule takes away what they put around it. Read next: `entry.rs`.

use gotong_crypto::password::{self, PASSWORD_BYTES_MAX};

use super::AccountName;
use crate::node::Node;
use crate::publish::Why;

/// Characters that a password has at least.
pub const CHARS_MIN: usize = 12;
/// What must be left once common words and the account's own names are taken out.
const REST_MIN: usize = 6;
/// Different characters that a password has at least.
const DIFFERENT_MIN: usize = 6;

/// Words that passwords are made of everywhere, in the languages of the region's keyboards.
const COMMON: &[&str] = &[
    "administrator",
    "password",
    "passwort",
    "passphrase",
    "welcome",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwerty",
    "azerty",
    "letmein",
    "iloveyou",
    "sayang",
    "katasandi",
    "rahasia",
    "matkhau",
    "superman",
    "batman",
    "dragon",
    "monkey",
    "football",
    "sunshine",
    "princess",
    "shadow",
    "master",
    "trustno",
    "changeme",
    "secret",
    "login",
    "admin",
    "root",
    "default",
    "test",
    "demo",
    "guest",
    "user",
    "gotong",
    "asean",
    "security",
    "incident",
    "analyst",
    "cert",
    "csirt",
    "summer",
    "winter",
    "spring",
    "autumn",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "friday",
    "indonesia",
    "malaysia",
    "singapore",
    "thailand",
    "vietnam",
    "philippines",
    "cambodia",
    "brunei",
    "myanmar",
    "laos",
    "timor",
    "jakarta",
    "bangkok",
    "hanoi",
    "manila",
    "kualalumpur",
    "1234567890",
    "123456789",
    "12345678",
    "0123456789",
    "9876543210",
    "123456",
    "654321",
    "12345",
    "abcdefgh",
    "abcdef",
    "abc123",
    "abcd",
    "1q2w3e4r5t",
    "1q2w3e4r",
    "1qaz2wsx",
    "qazwsx",
];

/// What speaks against a password; nothing where it can stand.
pub fn refusals(password: &str, names: &[&str]) -> Vec<Why> {
    let why = |id: &str, text: String| vec![Why { pointer: Some("/password".to_owned()), ..Why::plain(id, text) }];
    if password.chars().count() < CHARS_MIN {
        return why("password.short", format!("a password has at least {CHARS_MIN} characters; a few words are good"));
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return why("password.long", format!("a password has at most {PASSWORD_BYTES_MAX} bytes"));
    }
    let mut different: Vec<char> = password.to_lowercase().chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < DIFFERENT_MIN {
        return why("password.even", "the same few characters again and again are tried first".to_owned());
    }
    let plain = plain(password);
    let own: Vec<String> = names.iter().flat_map(|name| parts_of(name)).collect();
    if rest(&plain, &own) < REST_MIN && rest(&plain, &[]) >= REST_MIN {
        return why("password.own-name", "it is little more than the account's own name".to_owned());
    }
    if rest(&plain, &own) < REST_MIN {
        return why("password.common", "it is made of what everybody tries first".to_owned());
    }
    Vec::new()
}

/// In lower case, with the signs that stand for letters as the letters, and nothing between them.
fn plain(text: &str) -> String {
    let letter = |c: char| match c {
        '@' | '4' => 'a',
        '3' => 'e',
        '0' => 'o',
        '$' | '5' => 's',
        '!' => 'i',
        '7' => 't',
        other => other,
    };
    // Runs of digits are counted as they stand, so that 12345 is still found; digits inside words are the letters that they stand for.
    let chars: Vec<char> = text.to_lowercase().chars().filter(|c| c.is_alphanumeric() || "@$!".contains(*c)).collect();
    let is_word = |at: Option<&char>| at.is_some_and(|c| c.is_alphabetic());
    let mut out = String::with_capacity(text.len());
    for (at, c) in chars.iter().enumerate() {
        let inside = at.checked_sub(1).is_some_and(|before| is_word(chars.get(before))) && is_word(chars.get(at + 1));
        out.push(if inside || "@$".contains(*c) { letter(*c) } else { *c });
    }
    out.retain(char::is_alphanumeric);
    out
}

fn parts_of(name: &str) -> Vec<String> {
    let lower = name.to_lowercase();
    lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| part.chars().count() >= 3)
        .map(ToOwned::to_owned)
        .collect()
}

/// Characters that are left once the words are taken out, and what else is only digits at an end.
fn rest(plain: &str, own: &[String]) -> usize {
    let mut left = plain.to_owned();
    for word in own.iter().map(String::as_str).chain(COMMON.iter().copied()) {
        left = left.replace(word, " ");
    }
    let left: String = left.split_whitespace().map(|part| part.trim_matches(|c: char| c.is_ascii_digit())).collect();
    left.chars().count()
}

/// Whether a password is the kept one. Where there is none to compare with, the same work is done against one that nobody has.
pub(crate) fn is_right(node: &Node, password: &str, kept: Option<&str>) -> bool {
    node.hashes.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let nobodys = format!(
        "$argon2id$v=19$m={},t={},p=1${}${}",
        password::MEMORY_KIB,
        password::PASSES,
        "A".repeat(22),
        "A".repeat(43)
    );
    // A longer one is nobody's, and is compared as if it were short, so that its length says nothing.
    let (compared, fits) = if password.len() > PASSWORD_BYTES_MAX { ("", false) } else { (password, true) };
    password::is_password(compared, kept.unwrap_or(&nobodys)) && kept.is_some() && fits
}

/// The password as it is kept.
pub(crate) fn kept(node: &Node, password: &str) -> Option<String> {
    node.hashes.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    password::hash_password(password, node.entropy())
}

/// The names that a password must not be made of.
pub(crate) fn names_of<'a>(name: &'a AccountName, full_name: &'a str, node: &'a Node) -> [&'a str; 3] {
    [name.as_str(), full_name, &node.name]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(password: &str) -> String {
        let names = ["somchai.p", "Somchai Prasert", "Thailand"];
        refusals(password, &names).first().map(|why| why.id.clone()).unwrap_or_default()
    }

    #[test]
    fn what_everybody_tries_is_refused_and_a_few_words_are_taken() {
        for good in
            ["correct horse battery", "mưa rơi trên mái nhà", "tJ8#kq2!vvLm", "ฝนตกที่ทะเลวันนี้", "rice-boat-lantern-7"]
        {
            assert_eq!(id(good), "", "{good}");
        }
        for (bad, why) in [
            ("short", "password.short"),
            ("", "password.short"),
            ("passwordpassword", "password.common"),
            ("P@ssw0rd123456", "password.common"),
            ("Welcome2026!!", "password.common"),
            ("qwertyuiop123", "password.common"),
            ("administrator1", "password.common"),
            ("aaaaaaaaaaaaaaaa", "password.even"),
            ("abababababab", "password.even"),
            ("somchai.prasert1", "password.own-name"),
            ("Somchai2026!!!", "password.own-name"),
        ] {
            assert_eq!(id(bad), why, "{bad}");
        }
        assert_eq!(id(&"long".repeat(300)), "password.long");
    }
}

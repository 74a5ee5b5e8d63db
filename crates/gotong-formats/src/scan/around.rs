//! URLs and e-mail addresses: once the host of one is known, what stands around it is read and compared in its one spelling.
//!
//! So a URL costs nothing where its host is in no URL of the set. Must not look at more of a URL than is indexed. Read next: `engine.rs`.

use gotong_model::limits::VALUE_BYTES_MAX;

use super::class::{NAME, STRETCH_END, WORD_END, class};
use super::values::ValueSet;
use crate::stix21::normal;

/// Bytes between a scheme and its host: a name and a password.
const USER_BYTES_MAX: usize = 256;
/// Ends that are tried for one URL.
const ENDS_MAX: usize = 16;
/// Folders that a URL is looked for in.
const FOLDERS_MAX: usize = 64;

/// What the local part of an address is made of here.
pub(super) fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".!#$%&*+/?^_~-".contains(&byte)
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// The e-mail addresses that end with the host from `host` to `end`.
pub(super) fn emails(set: &ValueSet, bytes: &[u8], host: usize, end: usize, mut each: impl FnMut(String)) {
    let Some((before, _)) = bytes.split_at_checked(host) else { return };
    let Some((b'@', before)) = before.split_last() else { return };
    let length = before.iter().rev().take(VALUE_BYTES_MAX).take_while(|byte| is_local(**byte)).count();
    let Some(run) = before.get(before.len() - length..) else { return };
    // What comes behind the last slash may be all of it: mailto addresses in paths.
    let after_slash = run.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let Some(host) = bytes.get(host..end).and_then(text) else { return };
    for local in [run, after_slash].into_iter().filter_map(text).filter(|local| !local.is_empty()) {
        let written = normal::email(&format!("{local}@{host}"));
        let lower = written.to_lowercase();
        for address in [written, lower] {
            if set.has_value(&address) {
                each(address);
            }
        }
    }
}

/// Where the URL begins whose host begins here, and whether its scheme is written.
fn start(bytes: &[u8], host: usize) -> Option<(usize, bool)> {
    let before = bytes.get(..host)?;
    let mut rest = before;
    if let Some((b'@', user)) = before.split_last() {
        let ends = |byte: &u8| class(*byte) & STRETCH_END != 0 || *byte == b'/';
        let length = user.iter().rev().take(USER_BYTES_MAX).position(ends)?;
        rest = user.get(..user.len() - length)?;
    }
    if let Some(scheme) = rest.strip_suffix(b"://") {
        let is_scheme = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'+' | b'-' | b'.');
        let length = scheme.iter().rev().take(32).take_while(is_scheme).count();
        return (length > 0).then_some((scheme.len() - length, true));
    }
    let is_begin = before.last().is_none_or(|byte| class(*byte) & WORD_END != 0);
    is_begin.then_some((host, false))
}

/// The URLs of the set that are written around a host, or lie above what is written.
pub(super) fn urls(set: &ValueSet, bytes: &[u8], host: usize, mut each: impl FnMut(String)) {
    let Some((start, has_scheme)) = start(bytes, host) else { return };
    let Some(rest) = bytes.get(start..) else { return };
    let rest = rest.get(..VALUE_BYTES_MAX.min(rest.len())).unwrap_or_default();
    let end = rest.iter().position(|byte| class(*byte) & STRETCH_END != 0).unwrap_or(rest.len());
    let Some(longest) = rest.get(..end) else { return };
    let mut told: Vec<String> = Vec::new();
    for (at, written) in ends(longest, host - start).into_iter().enumerate() {
        let text = String::from_utf8_lossy(written);
        let spelled = if has_scheme {
            vec![text.into_owned()]
        } else if written.contains(&b'/') {
            vec![format!("http://{text}"), format!("https://{text}")]
        } else {
            Vec::new()
        };
        for url in spelled.iter().filter_map(|text| url::Url::parse(text).ok()) {
            let mut take = |url: &str| {
                if set.has_value(url) && !told.iter().any(|told| told == url) {
                    told.push(url.to_owned());
                }
            };
            above(&url, &mut take);
            // The folders of the longest are those of the others too.
            if at == 0 {
                folders(&url, &mut take);
            }
        }
    }
    told.into_iter().for_each(&mut each);
}

/// The whole, without what ends a sentence, and up to each byte that may have ended it.
fn ends(longest: &[u8], host: usize) -> Vec<&[u8]> {
    let mut ends = vec![longest];
    let cuts = longest.iter().enumerate().skip(host);
    let cuts = cuts.filter(|(_, byte)| {
        matches!(**byte, b',' | b';' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'&' | b'\\' | b'^')
    });
    ends.extend(cuts.take(ENDS_MAX).filter_map(|(at, _)| longest.get(..at)));
    for at in 0..ends.len() {
        let Some(mut end) = ends.get(at).copied() else { continue };
        let length = end.len();
        while let Some((b'.' | b',' | b';' | b':' | b'!' | b'?' | b')' | b']' | b'}', shorter)) = end.split_last() {
            end = shorter;
        }
        if end.len() < length {
            ends.push(end);
        }
    }
    ends
}

/// A URL, the same without its fragment, and without its query.
fn above(url: &url::Url, each: &mut impl FnMut(&str)) {
    let whole = url.as_str();
    each(whole);
    let bare = whole.split_once('#').map_or(whole, |(bare, _)| bare);
    if bare.len() < whole.len() {
        each(bare);
    }
    if let Some((path, _)) = bare.split_once('?') {
        each(path);
    }
}

/// Each folder that a URL lies in, from the outside; the root is not among them. What is spelled in one way is so up to any of its slashes.
fn folders(url: &url::Url, each: &mut impl FnMut(&str)) {
    let path = url.path();
    let whole = url.as_str();
    let bare = whole.find(['?', '#']).and_then(|end| whole.get(..end)).unwrap_or(whole);
    let begin = bare.len().saturating_sub(path.len());
    for (at, _) in path.match_indices('/').skip(1).take(FOLDERS_MAX) {
        if let Some(folder) = bare.get(..=begin + at) {
            each(folder);
        }
    }
}

/// Runs of hexadecimal digits, colons and dots within a word that hold two colons at least: where they begin and end.
pub(super) fn colon_runs(word: &[u8], mut each: impl FnMut(usize, usize)) {
    let is_run = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    let mut at = 0;
    while at < word.len() {
        let Some(rest) = word.get(at..) else { return };
        let length = rest.iter().take_while(|byte| is_run(**byte)).count();
        let (mut from, mut to) = (at, at + length);
        let is_name = |at: Option<usize>| at.and_then(|at| word.get(at)).is_some_and(|byte| class(*byte) & NAME != 0);
        let run = |from: usize, to: usize| word.get(from..to).unwrap_or_default();
        // A group that is the end of a longer name is none.
        if is_name(from.checked_sub(1)) {
            from += run(from, to).iter().position(|byte| *byte == b':').unwrap_or(length);
        }
        if is_name(Some(to)) {
            to -= run(from, to).iter().rev().position(|byte| *byte == b':').unwrap_or(to - from);
        }
        while run(from, to).ends_with(b".") || (run(from, to).ends_with(b":") && !run(from, to).ends_with(b"::")) {
            to -= 1;
        }
        while run(from, to).starts_with(b".") || (run(from, to).starts_with(b":") && !run(from, to).starts_with(b"::"))
        {
            from += 1;
        }
        if memchr::memchr_iter(b':', run(from, to)).count() >= 2 {
            each(from, to);
        }
        at += length.max(1);
    }
}

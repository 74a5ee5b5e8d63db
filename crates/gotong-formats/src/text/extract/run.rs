//! Where a stretch of letters ends: of a name within one script, of a URL.
//!
//! Thai, Lao, Khmer, Burmese and the scripts of China and Japan leave no blanks between words, so a value often touches the sentence around it.
//! No registry mixes them with Latin letters in one label, so the change of script is where the value ends.

/// Kinds of scripts, as far as they matter here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Script {
    /// Latin and whatever is neither of the others.
    Spaced,
    /// Written without blanks between words.
    Unspaced,
    /// Figures, hyphens: belong to both.
    Either,
}

/// The script of a letter.
pub(crate) fn script_of(letter: char) -> Script {
    match letter {
        '0'..='9' | '-' | '_' | '.' => Script::Either,
        '\u{e00}'..='\u{eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{19e0}'..='\u{19ff}'
        | '\u{a9e0}'..='\u{a9ff}'
        | '\u{aa60}'..='\u{aa7f}'
        | '\u{2e80}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ffef}' => Script::Unspaced,
        _ => Script::Spaced,
    }
}

/// Letters that a name may have. Marks that stand with a letter (Thai vowels, Burmese signs) are none of Rust's letters, hence the ranges.
fn is_name_letter(letter: char) -> bool {
    letter.is_alphanumeric()
        || matches!(letter, '-' | '.' | '_' | '\u{300}'..='\u{36f}')
        || (script_of(letter) == Script::Unspaced
            && !matches!(letter, '\u{e2f}' | '\u{e3f}' | '\u{e4f}' | '\u{e5a}' | '\u{e5b}' | '\u{104a}'..='\u{104f}'
            | '\u{17d4}'..='\u{17da}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{ff00}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}'))
}

/// The end of the run of name letters that begins at `at`, within one script. Between labels the script may change: `ตัวอย่าง.com`.
pub(crate) fn run_end(text: &str, at: usize) -> usize {
    let mut script = Script::Either;
    let mut dot_before = false;
    for (offset, letter) in text.get(at..).unwrap_or_default().char_indices() {
        if !is_name_letter(letter) {
            return at + offset;
        }
        let own = script_of(letter);
        if own != Script::Either {
            if script != Script::Either && own != script && !dot_before {
                return at + offset;
            }
            script = own;
        }
        dot_before = letter == '.';
        // Figures behind Thai letters begin a value more often than they end a word: `ตรวจพบ198.51.100.7`.
        if script == Script::Unspaced
            && letter.is_ascii_digit()
            && !text.get(..at + offset).unwrap_or_default().ends_with(|c: char| c.is_ascii())
        {
            return at + offset;
        }
    }
    text.len()
}

/// Where the authority of a URL whose `//` is before `at` ends, and where the URL does.
pub(crate) fn url_end(text: &str, at: usize) -> (usize, usize) {
    let rest = text.get(at..).unwrap_or_default();
    let stops = |letter: char| {
        letter.is_whitespace()
            || super::super::value::is_unseen(letter)
            || matches!(letter, '"' | '<' | '>' | '`' | '|' | '^' | '\u{ab}' | '\u{bb}' | '\u{2018}'..='\u{201f}')
    };
    let mut authority = rest.len();
    let mut end = rest.len();
    let mut in_authority = true;
    let mut ascii_host = None;
    for (offset, letter) in rest.char_indices() {
        if offset > super::VALUE_BYTES_MAX || stops(letter) {
            end = offset;
            break;
        }
        if in_authority && matches!(letter, '/' | '?' | '#') {
            // Without a dot or a bracket it is no host that counts, and what follows is not looked at for its sake.
            if offset > 0 && !rest.get(..offset).unwrap_or_default().contains(['.', '[']) {
                return (at + offset, at + offset);
            }
            in_authority = false;
            authority = offset;
        }
        if script_of(letter) == Script::Unspaced {
            // A host may be of such letters; a sentence behind a host or a path of Latin letters is none of it.
            let within_host =
                in_authority && (ascii_host != Some(true) || rest.get(..offset).unwrap_or_default().ends_with('.'));
            if !within_host {
                end = offset;
                break;
            }
            ascii_host = Some(false);
        } else if in_authority && letter.is_ascii_alphabetic() {
            ascii_host.get_or_insert(true);
        }
    }
    let end = trim_end(rest.get(..end).unwrap_or_default());
    (at + authority.min(end), at + end)
}

/// Without the signs that close the sentence around a URL; a bracket that was opened inside it stays.
fn trim_end(url: &str) -> usize {
    let mut url = url;
    loop {
        let Some(last) = url.chars().next_back() else { return 0 };
        let opened = |open: char, close: char| url.matches(open).count() >= url.matches(close).count();
        let drop = match last {
            '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '\\' | '…' | '。' | '、' | '，' => true,
            ')' => !opened('(', ')'),
            ']' => !opened('[', ']'),
            '}' => !opened('{', '}'),
            _ => false,
        };
        match url.get(..url.len() - last.len_utf8()) {
            Some(shorter) if drop => url = shorter,
            _ => return url.len(),
        }
    }
}

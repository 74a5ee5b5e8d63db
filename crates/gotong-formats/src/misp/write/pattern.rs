//! Reads STIX patterns that compare plainly: properties with constants, by `=`, joined by AND or OR.
//!
//! Everything else (negation, ranges, time, order of events) is no list of values, and stays a pattern. Read next: `plain.rs`.

/// A comparison of a property with a constant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Plain {
    pub(super) object_type: String,
    pub(super) path: String,
    pub(super) text: String,
}

/// Comparisons a plain pattern makes.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Comparisons {
    /// Any one of them is enough.
    Any(Vec<Plain>),
    /// All of them hold, of one observation.
    All(Vec<Plain>),
}

/// Comparisons that are taken apart at most.
const COMPARISONS_MAX: usize = 1_000;

/// What a pattern compares; `None` where it is more than plain.
pub(super) fn read(pattern: &str) -> Option<Comparisons> {
    let mut rest = Rest(pattern);
    let mut all = Vec::new();
    let (mut any_and, mut any_or, mut observations) = (false, false, 0);
    loop {
        observations += 1;
        rest.take("[")?;
        loop {
            all.push(rest.comparison()?);
            if all.len() > COMPARISONS_MAX {
                return None;
            }
            match rest.word()? {
                "AND" => any_and = true,
                "OR" => any_or = true,
                "]" => break,
                _ => return None,
            }
        }
        if rest.is_empty() {
            break;
        }
        // One observation and another is a conjunction over time, which no list of values says.
        if rest.word()? != "OR" {
            return None;
        }
        any_or = true;
    }
    match (any_and, any_or) {
        (true, false) if observations == 1 => Some(Comparisons::All(all)),
        (true, _) => None,
        (false, _) => Some(Comparisons::Any(all)),
    }
}

struct Rest<'p>(&'p str);

impl<'p> Rest<'p> {
    fn is_empty(&mut self) -> bool {
        self.0 = self.0.trim_start();
        self.0.is_empty()
    }

    fn take(&mut self, mark: &str) -> Option<()> {
        self.0 = self.0.trim_start().strip_prefix(mark)?;
        Some(())
    }

    /// A bracket, or a word of capitals.
    fn word(&mut self) -> Option<&'p str> {
        let text = self.0.trim_start();
        let end = match text.strip_prefix(']') {
            Some(_) => 1,
            None => text.find(|letter: char| !letter.is_ascii_uppercase()).unwrap_or(text.len()),
        };
        let (word, rest) = text.split_at_checked(end).filter(|(word, _)| !word.is_empty())?;
        self.0 = rest;
        Some(word)
    }

    fn comparison(&mut self) -> Option<Plain> {
        let text = self.0.trim_start();
        let (object_type, rest) = text.split_once(':')?;
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if object_type.is_empty() || !object_type.chars().all(plain) {
            return None;
        }
        // Paths have quoted parts, in which a blank or a sign may stand.
        let mut quoted = false;
        let end = rest.find(|letter: char| {
            quoted ^= letter == '\'';
            !quoted && (letter == '=' || letter.is_whitespace())
        })?;
        let (path, rest) = rest.split_at_checked(end)?;
        self.0 = rest;
        self.take("=")?;
        let text = self.constant()?;
        Some(Plain { object_type: object_type.to_owned(), path: path.to_owned(), text })
    }

    fn constant(&mut self) -> Option<String> {
        let text = self.0.trim_start();
        let Some(inner) = text.strip_prefix('\'') else {
            let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
            let (digits, rest) = text.split_at_checked(end).filter(|(digits, _)| !digits.is_empty())?;
            self.0 = rest;
            return Some(digits.to_owned());
        };
        let mut out = String::new();
        let mut letters = inner.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\'' => {
                    self.0 = inner.get(at + 1..)?;
                    return Some(out);
                }
                '\\' => match letters.next()?.1 {
                    escaped @ ('\'' | '\\') => out.push(escaped),
                    _ => return None,
                },
                other => out.push(other),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pattern: &str) -> Option<(bool, Vec<String>)> {
        let said = |one: Plain| format!("{}:{}={}", one.object_type, one.path, one.text);
        Some(match read(pattern)? {
            Comparisons::Any(all) => (false, all.into_iter().map(said).collect()),
            Comparisons::All(all) => (true, all.into_iter().map(said).collect()),
        })
    }

    #[test]
    fn plain_patterns_come_apart() {
        assert_eq!(
            texts("[ipv4-addr:value = '198.51.100.7']"),
            Some((false, vec!["ipv4-addr:value=198.51.100.7".into()]))
        );
        assert_eq!(
            texts(r"[file:hashes.'SHA-256'='ab' AND file:name = 'a\'b\\c'] "),
            Some((true, vec!["file:hashes.'SHA-256'=ab".into(), r"file:name=a'b\c".into()]))
        );
        assert_eq!(
            texts("[url:value = 'x' OR url:value = 'y'] OR [autonomous-system:number = 5]"),
            Some((false, vec!["url:value=x".into(), "url:value=y".into(), "autonomous-system:number=5".into()]))
        );
    }

    #[test]
    fn what_is_more_than_a_list_of_values_stays_a_pattern() {
        for pattern in [
            "",
            "[url:value != 'x']",
            "[url:value NOT = 'x']",
            "[url:value IN ('x')]",
            "[url:value LIKE 'x%']",
            "[url:value = 'x'",
            "[url:value = 'x'] FOLLOWEDBY [url:value = 'y']",
            "[url:value = 'x'] AND [url:value = 'y']",
            "[url:value = 'x' AND url:value = 'y' OR url:value = 'z']",
            "[url:value = 'x'] WITHIN 5 SECONDS",
            "[(url:value = 'x')]",
            r"[url:value = 'x\d']",
            "[file:size > 5]",
            "[x:y = t'2020-01-01T00:00:00Z']",
        ] {
            assert_eq!(read(pattern), None, "{pattern}");
        }
    }
}

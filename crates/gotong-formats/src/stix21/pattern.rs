//! Reads the constants out of a STIX pattern (STIX 2.1 section 9) in one linear pass, without evaluating anything.
//!
//! What is compared by `=`, `IN` or `ISSUBSET`, not negated, is reported with its object path; everything else is
//! stepped over. A pattern with unbalanced quotes or brackets, or without any observation, is unreadable.

/// What a comparison with a constant says.
pub(crate) struct Constant<'p> {
    /// Type of the observable, such as `ipv4-addr`.
    pub(crate) object_type: &'p str,
    /// Path within it, such as `hashes.'SHA-256'`.
    pub(crate) path: &'p str,
    /// The constant with its escapes undone; of a number, its digits.
    pub(crate) text: String,
}

#[derive(PartialEq, Clone, Copy)]
enum Operator {
    None,
    /// Positive equality: `=`, `IN`, `ISSUBSET`.
    Takes,
    /// Any other: its constants are stepped over.
    Skips,
}

struct Scan<'p> {
    pattern: &'p str,
    at: usize,
}

impl<'p> Scan<'p> {
    fn byte(&self) -> Option<u8> {
        self.pattern.as_bytes().get(self.at).copied()
    }

    /// Steps over bytes while `wanted`; all stops are at ASCII bytes, hence at characters.
    fn run(&mut self, wanted: impl Fn(u8) -> bool) -> &'p str {
        let from = self.at;
        while self.byte().is_some_and(&wanted) {
            self.at += 1;
        }
        self.pattern.get(from..self.at).unwrap_or_default()
    }

    /// The inside of a quoted constant whose opening quote is next. `None`: it has no end.
    fn quoted(&mut self) -> Option<String> {
        self.at += 1;
        let mut out = String::new();
        loop {
            out.push_str(self.run(|byte| byte != b'\'' && byte != b'\\'));
            match (self.byte()?, self.pattern.as_bytes().get(self.at + 1)) {
                (b'\'', _) => {
                    self.at += 1;
                    return Some(out);
                }
                (_, Some(b'\\')) => out.push('\\'),
                (_, Some(b'\'')) => out.push('\''),
                // The grammar knows no other escape; a producer that did not double its backslash meant one.
                (..) => {
                    out.push('\\');
                    self.at += 1;
                    continue;
                }
            }
            self.at += 2;
        }
    }

    /// A path that begins here: letters up to a colon, then components, quoted components and indices.
    fn path(&mut self, head: &'p str) -> Option<(&'p str, &'p str)> {
        self.at += 1;
        let from = self.at;
        loop {
            self.run(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'*') || byte >= 128);
            match self.byte() {
                Some(b'\'') => {
                    self.quoted()?;
                }
                Some(b'[') => {
                    self.run(|byte| byte != b']');
                    self.byte()?;
                    self.at += 1;
                }
                _ => break,
            }
        }
        Some((head, self.pattern.get(from..self.at)?))
    }
}

/// Calls `found` for each constant, until `found` says that it has enough or `bytes_max` bytes are read. The error is
/// the byte at which the pattern cannot be read.
pub(crate) fn constants<'p>(
    pattern: &'p str,
    bytes_max: usize,
    mut found: impl FnMut(Constant<'p>) -> bool,
) -> Result<(), usize> {
    let mut scan = Scan { pattern, at: 0 };
    let (mut operator, mut path, mut negated) = (Operator::None, None, false);
    let (mut brackets, mut parentheses, mut observations) = (0_u32, 0_u32, 0_u32);
    while let Some(byte) = scan.byte() {
        let at = scan.at;
        if at > bytes_max {
            return Ok(());
        }
        match byte {
            b'[' => {
                brackets += 1;
                observations += 1;
                scan.at += 1;
                (operator, path, negated) = (Operator::None, None, false);
            }
            b']' => {
                brackets = brackets.checked_sub(1).ok_or(at)?;
                scan.at += 1;
            }
            b'(' => {
                parentheses += 1;
                scan.at += 1;
            }
            b')' => {
                parentheses = parentheses.checked_sub(1).ok_or(at)?;
                scan.at += 1;
            }
            b'=' | b'!' | b'<' | b'>' => {
                let sign = scan.run(|byte| matches!(byte, b'=' | b'!' | b'<' | b'>'));
                operator = if matches!(sign, "=" | "==") && !negated { Operator::Takes } else { Operator::Skips };
            }
            b'\'' => {
                let text = scan.quoted().ok_or(at)?;
                if let (Operator::Takes, Some((object_type, path))) = (operator, path)
                    && !found(Constant { object_type, path, text })
                {
                    return Ok(());
                }
            }
            b'0'..=b'9' | b'-' | b'+' => {
                let digits = scan.run(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.'));
                if let (Operator::Takes, Some((object_type, path))) = (operator, path)
                    && !found(Constant { object_type, path, text: digits.to_owned() })
                {
                    return Ok(());
                }
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let word = scan.run(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
                match (word, scan.byte()) {
                    (_, Some(b':')) => {
                        path = Some(scan.path(word).ok_or(at)?);
                        (operator, negated) = (Operator::None, false);
                    }
                    // Timestamps, bytes and hexadecimal: no text to look up.
                    ("t" | "b" | "h", Some(b'\'')) => {
                        scan.quoted().ok_or(at)?;
                    }
                    ("NOT", _) => negated = true,
                    ("IN" | "ISSUBSET", _) => {
                        operator = if negated { Operator::Skips } else { Operator::Takes };
                    }
                    ("AND" | "OR" | "FOLLOWEDBY" | "WITHIN" | "REPEATS" | "START" | "STOP", _) => {
                        (operator, negated) = (Operator::None, false);
                    }
                    (_, _) => operator = if operator == Operator::Takes { operator } else { Operator::Skips },
                }
            }
            // The slash of comments and the no-break space are white space of the grammar too.
            b',' | b' ' | b'\t' | b'\r' | b'\n' | b'/' | 0xc2 | 0xa0 => scan.at += 1,
            _ => return Err(at),
        }
    }
    if brackets != 0 || parentheses != 0 || observations == 0 { Err(scan.at) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str) -> Vec<String> {
        let mut all = Vec::new();
        constants(pattern, 10_240, |constant| {
            all.push(format!("{}:{}={}", constant.object_type, constant.path, constant.text));
            true
        })
        .unwrap();
        all
    }

    #[test]
    fn constants_of_positive_equality_are_found_with_their_path() {
        assert_eq!(found("[ipv4-addr:value = '198.51.100.7']"), ["ipv4-addr:value=198.51.100.7"]);
        assert_eq!(
            found("[file:hashes.'SHA-256' = 'ab' OR file:hashes.MD5 IN ('c', 'd')] FOLLOWEDBY ([url:value='x'])"),
            ["file:hashes.'SHA-256'=ab", "file:hashes.MD5=c", "file:hashes.MD5=d", "url:value=x"]
        );
        assert_eq!(found(r"[mutex:name = 'a\'b\\c\d']"), [r"mutex:name=a'b\c\d"]);
        assert_eq!(found("[autonomous-system:number = 64496]"), ["autonomous-system:number=64496"]);
        assert_eq!(
            found("[email-message:body_multipart[*].body_raw_ref.hashes.'MD5' = 'x']"),
            ["email-message:body_multipart[*].body_raw_ref.hashes.'MD5'=x"]
        );
        assert_eq!(found("[ipv4-addr:value ISSUBSET '198.51.100.0/24']"), ["ipv4-addr:value=198.51.100.0/24"]);
    }

    #[test]
    fn what_is_negated_or_only_like_a_value_is_not_reported() {
        for pattern in [
            "[ipv4-addr:value != '198.51.100.7']",
            "[ipv4-addr:value NOT = '198.51.100.7']",
            "[url:value NOT IN ('a','b')]",
            "[url:value LIKE 'http%']",
            "[url:value MATCHES '^http']",
            "[file:size > 10]",
            "[x:y = t'2020-01-01T00:00:00Z'] START t'2020-01-01T00:00:00Z' STOP t'2021-01-01T00:00:00Z'",
            "[file:name LIKE 'a'] REPEATS 5 TIMES WITHIN 1800 SECONDS",
        ] {
            assert!(found(pattern).is_empty(), "{pattern}");
        }
        assert_eq!(found("[a:b NOT = 'x' AND c:d = 'y']"), ["c:d=y"], "a negation ends with its comparison");
    }

    #[test]
    fn an_unreadable_pattern_says_where() {
        for (pattern, at) in [
            ("", 0),
            ("ipv4-addr:value = 'a'", 21),
            ("[a:b = 'x]", 7),
            ("[a:b = 'x'", 10),
            ("a:b = 'x']", 9),
            ("[a:b = \"x\"]", 7),
            ("[(a:b = 'x']", 12),
            ("[a:b[0 = 'x']", 1),
        ] {
            let outcome = constants(pattern, 10_240, |_| true);
            assert!(outcome.is_err() || pattern.contains("[0"), "{pattern}");
            if !pattern.contains("[0") {
                assert_eq!(outcome, Err(at), "{pattern}");
            }
        }
    }
}

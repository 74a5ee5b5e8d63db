//! Cuts a pattern into the words of the grammar of STIX 2.1 section 9, the longest word first, one at a time.
//!
//! White space and comments are stepped over. Nothing is copied: words are slices of the pattern. Must not know which
//! word may follow which; that is `parse.rs`.

use super::fault::PatternFault;
use super::literal::{Literal, LiteralKind};

/// One word of a pattern.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Token<'p> {
    /// Letters, digits and `_`; keywords too.
    Word(&'p str),
    /// A word with `-` in it: only types have those.
    Hyphenated(&'p str),
    Literal(Literal<'p>),
    OpenSquare,
    CloseSquare,
    Open,
    Close,
    Comma,
    Colon,
    Dot,
    Star,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    End,
}

/// Reads words; `token` is the one that stands at `from`.
pub(super) struct Scanner<'p> {
    text: &'p str,
    /// Behind the current word.
    at: usize,
    pub(super) token: Token<'p>,
    pub(super) from: usize,
    /// Where the word before the current one ended.
    pub(super) before: usize,
}

impl<'p> Scanner<'p> {
    /// With the first word read.
    pub(super) fn new(text: &'p str) -> Result<Self, PatternFault> {
        let mut scanner = Self { text, at: 0, token: Token::End, from: 0, before: 0 };
        scanner.advance()?;
        Ok(scanner)
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn slice(&self, from: usize, to: usize) -> &'p str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// The text from `from` up to the end of the word before the current one.
    pub(super) fn text_since(&self, from: usize) -> &'p str {
        self.slice(from, self.before)
    }

    pub(super) fn fault(&self, expected: &'static str) -> PatternFault {
        PatternFault::new(self.from, expected)
    }

    /// Steps to the next word.
    pub(super) fn advance(&mut self) -> Result<(), PatternFault> {
        self.before = self.at;
        self.skip()?;
        self.from = self.at;
        let Some(byte) = self.byte(0) else {
            self.token = Token::End;
            return Ok(());
        };
        self.token = match byte {
            b'\'' => self.quoted(LiteralKind::Text)?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word()?,
            b'0'..=b'9' | b'-' | b'+' => self.number()?,
            b'.' if self.byte(1).is_some_and(|next| next.is_ascii_digit()) => self.number()?,
            b'=' if self.byte(1) == Some(b'=') => self.sign(2, Token::Equal),
            b'=' => self.sign(1, Token::Equal),
            b'!' if self.byte(1) == Some(b'=') => self.sign(2, Token::NotEqual),
            b'<' if self.byte(1) == Some(b'>') => self.sign(2, Token::NotEqual),
            b'<' if self.byte(1) == Some(b'=') => self.sign(2, Token::LessEqual),
            b'<' => self.sign(1, Token::Less),
            b'>' if self.byte(1) == Some(b'=') => self.sign(2, Token::GreaterEqual),
            b'>' => self.sign(1, Token::Greater),
            b'[' => self.sign(1, Token::OpenSquare),
            b']' => self.sign(1, Token::CloseSquare),
            b'(' => self.sign(1, Token::Open),
            b')' => self.sign(1, Token::Close),
            b',' => self.sign(1, Token::Comma),
            b':' => self.sign(1, Token::Colon),
            b'.' => self.sign(1, Token::Dot),
            b'*' => self.sign(1, Token::Star),
            _ => return Err(self.fault("a word, a constant or a sign of the pattern language")),
        };
        Ok(())
    }

    fn sign(&mut self, length: usize, token: Token<'p>) -> Token<'p> {
        self.at += length;
        token
    }

    /// Steps over white space and comments.
    fn skip(&mut self) -> Result<(), PatternFault> {
        loop {
            match (self.byte(0), self.byte(1)) {
                (Some(b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c), _) => self.at += 1,
                (Some(b'/'), Some(b'*')) => {
                    let rest = self.slice(self.at + 2, self.text.len());
                    let end = rest.find("*/").ok_or(PatternFault::new(self.at, "the end `*/` of the comment"))?;
                    self.at += end + 4;
                }
                (Some(b'/'), Some(b'/')) => {
                    let rest = self.slice(self.at, self.text.len());
                    self.at += rest.find(['\r', '\n']).unwrap_or(rest.len());
                }
                (Some(128..), _) => {
                    let rest = self.slice(self.at, self.text.len());
                    match rest.chars().next() {
                        Some(letter) if is_wide_space(letter) => self.at += letter.len_utf8(),
                        _ => return Ok(()),
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    /// A constant in quotes; `at` is at the opening one.
    fn quoted(&mut self, kind: LiteralKind) -> Result<Token<'p>, PatternFault> {
        let bytes = self.text.as_bytes();
        let from = self.at + 1;
        let (mut at, mut escaped) = (from, false);
        loop {
            at += bytes
                .get(at..)
                .and_then(|rest| rest.iter().position(|byte| matches!(byte, b'\'' | b'\\')))
                .ok_or(PatternFault::new(self.at, "a constant with its closing quote"))?;
            if bytes.get(at) == Some(&b'\'') {
                break;
            }
            if !matches!(bytes.get(at + 1), Some(b'\'' | b'\\')) {
                return Err(PatternFault::new(at, r"`\'` or `\\`: a backslash in a text is written twice"));
            }
            escaped = true;
            at += 2;
        }
        self.at = at + 1;
        Ok(Token::Literal(Literal { kind, raw: self.slice(from, at), escaped }))
    }

    fn word(&mut self) -> Result<Token<'p>, PatternFault> {
        let bytes = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let mut hyphen = false;
        let length = bytes
            .iter()
            .position(|byte| {
                hyphen |= *byte == b'-';
                !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
            })
            .unwrap_or(bytes.len());
        let word = self.slice(self.at, self.at + length);
        self.at += length;
        if self.byte(0) == Some(b'\'') {
            match word {
                "t" => {
                    return self.prefixed(LiteralKind::Timestamp, is_timestamp, "a timestamp t'YYYY-MM-DDTHH:MM:SSZ'");
                }
                "b" => return self.prefixed(LiteralKind::Binary, is_base64, "base64 with its padding in b''"),
                "h" => return self.prefixed(LiteralKind::Hex, is_hex, "pairs of hexadecimal digits in h''"),
                _ => {}
            }
        }
        Ok(match word {
            "true" | "false" => Token::Literal(Literal { kind: LiteralKind::Boolean, raw: word, escaped: false }),
            _ if hyphen => Token::Hyphenated(word),
            _ => Token::Word(word),
        })
    }

    fn prefixed(
        &mut self,
        kind: LiteralKind,
        is_one: fn(&[u8]) -> bool,
        expected: &'static str,
    ) -> Result<Token<'p>, PatternFault> {
        let token = self.quoted(kind)?;
        if let Token::Literal(literal) = token
            && is_one(literal.raw.as_bytes())
        {
            return Ok(token);
        }
        Err(self.fault(expected))
    }

    fn number(&mut self) -> Result<Token<'p>, PatternFault> {
        let bytes = self.text.as_bytes();
        let digits = |from: usize| {
            let rest = bytes.get(from..).unwrap_or_default();
            rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len())
        };
        let from = self.at + usize::from(matches!(self.byte(0), Some(b'-' | b'+')));
        let whole = digits(from);
        let mut end = from + whole;
        let part = if bytes.get(end) == Some(&b'.') { digits(end + 1) } else { 0 };
        let kind = if part > 0 {
            end += 1 + part;
            LiteralKind::Float
        } else {
            LiteralKind::Integer
        };
        // A whole number begins with no zero but its only one; in front of a point any digits may stand.
        if (part == 0 && whole == 0) || (part == 0 && whole > 1 && bytes.get(from) == Some(&b'0')) {
            return Err(self.fault("a number without zeros in front"));
        }
        let raw = self.slice(self.at, end);
        self.at = end;
        Ok(Token::Literal(Literal { kind, raw, escaped: false }))
    }
}

/// White space of the grammar beyond ASCII.
fn is_wide_space(letter: char) -> bool {
    matches!(
        letter,
        '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// The spelling of the grammar, which knows no calendar: `2023-02-30` is one, and the sixtieth second too.
fn is_timestamp(text: &[u8]) -> bool {
    let Some((head, tail)) = text.split_at_checked(19) else { return false };
    let shape = b"0000-00-00T00:00:00";
    let shaped = head.iter().zip(shape).all(|(byte, model)| match model {
        b'0' => byte.is_ascii_digit(),
        _ => byte == model,
    });
    let two = |at: usize| match head.get(at..at + 2) {
        Some([tens, ones]) => tens.wrapping_sub(b'0').wrapping_mul(10).wrapping_add(ones.wrapping_sub(b'0')),
        _ => u8::MAX,
    };
    let in_bounds =
        || (1..=12).contains(&two(5)) && (1..=31).contains(&two(8)) && two(11) <= 23 && two(14) <= 59 && two(17) <= 60;
    let fraction = match tail {
        [b'Z'] => true,
        [b'.', digits @ .., b'Z'] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    shaped && fraction && in_bounds()
}

/// At least one group of four; the padding stands at the end alone.
fn is_base64(text: &[u8]) -> bool {
    let body = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    !text.is_empty() && text.len().is_multiple_of(4) && body.iter().all(letter)
}

fn is_hex(text: &[u8]) -> bool {
    text.len().is_multiple_of(2) && text.iter().all(u8::is_ascii_hexdigit)
}

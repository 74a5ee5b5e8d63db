//! Undoes what writers of logs do to text: escapes of JSON strings, then percent-encoding (RFC 3986 section 2.1).
//!
//! One level of each and no more. What is no escape stays as it is. Must not make line ends: a hit belongs to the line that was written.

/// Bytes that are undone at once; what is longer is taken in parts.
pub(super) const PART_BYTES: usize = 64 << 10;

/// The bytes without their escapes; `None` where there are none. Escapes of a single letter, such as that of a line end, are undone only in a line
/// of JSON: elsewhere a backslash before a letter stands in the path of a file.
pub(super) fn undone(bytes: &[u8], is_json: bool) -> Option<Vec<u8>> {
    let json = bytes.contains(&b'\\').then(|| json(bytes, is_json)).flatten();
    let percent = percent(json.as_deref().unwrap_or(bytes));
    let mut out = percent.or(json)?;
    for byte in out.iter_mut().filter(|byte| **byte < b' ') {
        *byte = b' ';
    }
    Some(out)
}

/// Whether a line looks like JSON.
pub(super) fn is_json(line: &[u8]) -> bool {
    line.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| matches!(byte, b'{' | b'['))
}

fn json(bytes: &[u8], has_letters: bool) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    let mut is_changed = false;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (before, from) = rest.split_at_checked(at)?;
        out.extend_from_slice(before);
        let after = from.get(2..).unwrap_or_default();
        let plain = match from.get(1) {
            Some(byte @ (b'/' | b'\\' | b'"')) => Some((*byte, after)),
            Some(b'b' | b'f' | b'n' | b'r' | b't') if has_letters => Some((b' ', after)),
            Some(b'u') => {
                rest = unicode(after, &mut out);
                is_changed |= rest.len() < after.len();
                if rest.len() == after.len() {
                    out.extend_from_slice(b"\\u");
                }
                continue;
            }
            _ => None,
        };
        is_changed |= plain.is_some();
        let (byte, then) = plain.unwrap_or((b'\\', from.get(1..).unwrap_or_default()));
        out.push(byte);
        rest = then;
    }
    out.extend_from_slice(rest);
    is_changed.then_some(out)
}

/// What follows `\u`: appends the character, and says where to go on; where nothing was read, that is where it began.
fn unicode<'a>(after: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let Some(unit) = four(after) else { return after };
    let rest = after.get(4..).unwrap_or_default();
    let second = if rest.starts_with(b"\\u") { four(rest.get(2..).unwrap_or_default()) } else { None };
    let pair = char::decode_utf16([Some(unit), second].into_iter().flatten()).next();
    let letter = pair.and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    if letter.len_utf16() == 2 { rest.get(6..).unwrap_or_default() } else { rest }
}

fn four(digits: &[u8]) -> Option<u16> {
    let digits = digits.first_chunk::<4>().filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn percent(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut next = Some(memchr::memchr(b'%', bytes)?);
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    let mut is_changed = false;
    while let Some(at) = next {
        let (before, from) = rest.split_at_checked(at)?;
        out.extend_from_slice(before);
        let digits = from.get(1..3).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let byte = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        is_changed |= byte.is_some();
        out.push(byte.unwrap_or(b'%'));
        rest = from.get(if byte.is_some() { 3 } else { 1 }..).unwrap_or_default();
        next = memchr::memchr(b'%', rest);
    }
    out.extend_from_slice(rest);
    is_changed.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_level_of_each_is_undone_and_nothing_else() {
        for (text, expected) in [
            (r"https:\/\/evil.example\/a", Some("https://evil.example/a")),
            (r"evil\u002eexample", Some("evil.example")),
            (r"\ud83d\ude00x\ud83d", Some("\u{1f600}x\u{fffd}")),
            (r"\u00zz\u12", None),
            (r"C:\\Windows\\x.exe", Some(r"C:\Windows\x.exe")),
            (r"C:\Windows\x.exe", None),
            ("u=http%3A%2F%2Fevil%2eexample%0Ax", Some("u=http://evil.example x")),
            ("100%", None),
            ("%zz%4", None),
            ("%252e", Some("%2e")),
            (r"\u00252e", Some(".")),
            ("a\\", None),
            (r"C:\temp\new", None),
        ] {
            let undone = undone(text.as_bytes(), false).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            assert_eq!(undone.as_deref(), expected, "{text}");
        }
        assert_eq!(undone(br"a\nb\q", true).as_deref(), Some(&br"a b\q"[..]));
    }
}

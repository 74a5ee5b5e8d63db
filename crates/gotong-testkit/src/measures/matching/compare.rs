//! What two searches found, line by line, and why they differ. Knows nothing of how the program searches: it looks at the bytes beside a value.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::super::fault::{Fault, While};

/// Values by line, counted from 1.
pub(super) type Found = BTreeMap<usize, BTreeSet<String>>;

/// What the program printed: file, line and value.
pub(super) fn ours(out: &Path, log: &Path) -> Result<Found, Fault> {
    let head = format!("{}:", log.display());
    let text = fs::read_to_string(out).during(out.display())?;
    let mut found = Found::new();
    for line in text.lines() {
        let (number, value) = line.strip_prefix(&head).and_then(|rest| rest.split_once(": ")).during(line)?;
        found.entry(number.parse().during(line)?).or_default().insert(value.to_owned());
    }
    Ok(found)
}

/// The numbers of the lines that grep printed.
pub(super) fn grep(out: &Path) -> Result<BTreeSet<usize>, Fault> {
    Ok(grep_values(out)?.into_keys().collect())
}

/// What grep printed behind the numbers of lines.
pub(super) fn grep_values(out: &Path) -> Result<Found, Fault> {
    let mut found = Found::new();
    for line in BufReader::new(File::open(out).during(out.display())?).lines() {
        let line = line?;
        let (number, value) = line.split_once(':').during(&line)?;
        found.entry(number.parse().during(&line)?).or_default().insert(value.to_owned());
    }
    Ok(found)
}

/// Whether a value stands in a line as a whole name, or as the end of one behind a dot where it has letters at its end.
fn is_whole(line: &str, value: &str) -> bool {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let last = value.rsplit('.').next().unwrap_or_default();
    let has_parents = value.contains('.') && !last.starts_with(|first: char| first.is_ascii_digit());
    line.match_indices(value).any(|(at, _)| {
        let (before, from) = line.split_at_checked(at).unwrap_or_default();
        let after = from.get(value.len()..).unwrap_or_default().trim_start_matches(['.', '-']);
        let dots = from.get(value.len()..).unwrap_or_default().len() - after.len();
        let ends = after.chars().next().is_none_or(|letter| !is_name(letter)) || (dots == 0 && after.is_empty());
        let before = before.chars().next_back();
        ends && before.is_none_or(|letter| !is_name(letter) || (letter == '.' && has_parents))
    })
}

/// A line without the escapes that the logs are made with.
fn plain(line: &str) -> String {
    line.replace("%2E", ".").to_lowercase()
}

/// Why the two differ, in a sentence; a fault where something is left unexplained.
pub(super) fn explain(log: &Path, ours: &Found, grep: &BTreeSet<usize>, values: &Found) -> Result<String, Fault> {
    let (mut both, mut inside, mut spelled) = (0, 0, 0);
    let nothing = BTreeSet::new();
    for (at, line) in BufReader::new(File::open(log).during(log.display())?).lines().enumerate() {
        let (number, line) = (at + 1, line?);
        let own = ours.get(&number).unwrap_or(&nothing);
        match (own.is_empty(), grep.contains(&number)) {
            (true, false) => {}
            (false, true) => both += 1,
            (true, true) => {
                let theirs = values.get(&number).unwrap_or(&nothing);
                if theirs.is_empty() || theirs.iter().any(|value| is_whole(&line, value)) {
                    return Err(Fault::new(format!(
                        "line {number} was found by grep alone, and nothing explains it: {line}"
                    )));
                }
                inside += 1;
            }
            (false, false) => {
                let plain = plain(&line);
                if own.iter().any(|value| line.contains(value.as_str()) || !is_whole(&plain, value)) {
                    return Err(Fault::new(format!(
                        "line {number} was found by gotong alone, and nothing explains it: {line}"
                    )));
                }
                spelled += 1;
            }
        }
    }
    if both == 0 || inside == 0 || spelled == 0 {
        return Err(Fault::new(format!(
            "the logs do not show the difference: {both} in both, {inside} inside, {spelled} spelled"
        )));
    }
    Ok(format!(
        "Of the lines that gotong match and grep were both given, {both} were found by both; {inside} by grep alone, each with the value inside of a longer name only; {spelled} by gotong match alone, each with the value in capitals or percent-encoded. None was left unexplained."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_names_are_told_from_parts() {
        for (line, value, expected) in [
            ("GET http://www.evil.com/x", "evil.com", true),
            ("notevil.com", "evil.com", false),
            ("evil.com.cdn.invalid", "evil.com", false),
            ("evil.com. x", "evil.com", true),
            ("5.198.51.100.7", "198.51.100.7", false),
            ("198.51.100.70", "198.51.100.7", false),
            ("x evil.com", "evil.com", true),
        ] {
            assert_eq!(is_whole(line, value), expected, "{line}");
        }
    }

    #[test]
    fn a_difference_without_a_reason_is_a_fault() {
        let path = std::env::temp_dir().join(format!("gotong-compare-{}", std::process::id()));
        fs::write(&path, "a evil.com\nnotevil.com\nEVIL.com\n").unwrap();
        let of =
            |lines: &[usize]| -> Found { lines.iter().map(|line| (*line, ["evil.com".to_owned()].into())).collect() };
        let explained = |ours: &[usize], grep: &[usize]| {
            explain(&path, &of(ours), &grep.iter().copied().collect(), &of(grep)).map_err(|fault| fault.to_string())
        };
        assert!(explained(&[1, 3], &[1, 2]).is_ok());
        assert!(explained(&[3], &[1, 2]).unwrap_err().contains("line 1 was found by grep alone"));
        assert!(explained(&[1, 2, 3], &[1]).unwrap_err().contains("line 2 was found by gotong alone"));
        assert!(explained(&[1], &[1, 2]).unwrap_err().contains("do not show"));
        fs::remove_file(path).unwrap();
    }
}

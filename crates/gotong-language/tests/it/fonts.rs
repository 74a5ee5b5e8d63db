//! The fonts in `third_party/fonts`: each is the file whose sum stands in `third_party/README.md`, and the sheet names them all.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gotong_language::Language;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../third_party")
}

fn fonts() -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<(String, Vec<u8>)> = fs::read_dir(folder().join("fonts"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "woff2"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    found.sort();
    assert_eq!(found.len(), 13);
    found
}

/// Whether the table of the README has a file with this length and sum.
fn is_listed(readme: &str, name: &str, bytes: &[u8]) -> bool {
    use std::fmt::Write as _;
    let digest = sha2::Sha256::digest(bytes);
    let mut sum = String::new();
    for byte in digest {
        let _ = write!(sum, "{byte:02x}");
    }
    readme.contains(&format!("| `fonts/{name}` | {} | `{sum}` |", bytes.len()))
}

use sha2::Digest as _;

#[test]
fn each_font_is_the_one_whose_sum_is_written_down() {
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    let licence = fs::read_to_string(folder().join("fonts/OFL-1.1.txt")).unwrap();
    assert!(licence.contains("SIL OPEN FONT LICENSE Version 1.1"));
    for (name, mut bytes) in fonts() {
        assert!(bytes.starts_with(b"wOF2"), "{name}");
        assert!(is_listed(&readme, &name, &bytes), "{name} is not the file of third_party/README.md");
        bytes[100] ^= 1;
        assert!(!is_listed(&readme, &name, &bytes), "one changed bit is seen");
    }
}

#[test]
fn the_sheet_names_every_font_and_its_signs_cover_the_names_of_the_languages() {
    let sheet = fs::read_to_string(folder().join("fonts/fonts.css")).unwrap();
    for (name, _) in fonts() {
        assert_eq!(sheet.matches(&format!("url(\"{name}\")")).count(), 1, "{name}");
    }
    assert_eq!(sheet.matches("unicode-range").count(), 13);
    assert!(!sheet.contains("http"), "nothing is loaded from elsewhere");
    let ranges = ranges(&sheet);
    for language in [Language::Thai, Language::Lao, Language::Khmer, Language::Burmese, Language::Tamil] {
        let outside: Vec<char> = language.native_name().chars().filter(|sign| !covered(&ranges, *sign)).collect();
        assert!(outside.is_empty(), "{language:?}: {outside:?}");
    }
    for sign in "Aé中ạ0".chars() {
        assert!(!covered(&ranges, sign), "{sign} would fetch a font that it does not need");
    }
}

#[test]
fn the_small_font_of_names_has_the_names_and_nothing_more() {
    let sheet = fs::read_to_string(folder().join("fonts/fonts.css")).unwrap();
    let face = sheet.split("@font-face").find(|face| face.contains("Gotong Names")).unwrap();
    let ranges = ranges(face);
    let is_fetched =
        |sign: &char| !sign.is_ascii() && !matches!(u32::from(*sign), 0xC0..=0x1FF | 0x1E00..=0x1EFF | 0x4E00..=0x9FFF);
    let wanted: BTreeSet<char> =
        Language::ALL.into_iter().flat_map(|language| language.native_name().chars()).filter(is_fetched).collect();
    for sign in &wanted {
        assert!(covered(&ranges, *sign), "{sign:?} of a name would fetch a whole script");
    }
    let named: u32 = ranges.iter().map(|(from, to)| to - from + 1).sum();
    assert_eq!(usize::try_from(named).unwrap(), wanted.len(), "a sign that no name has");
}

fn ranges(sheet: &str) -> Vec<(u32, u32)> {
    let hex = |text: &str| u32::from_str_radix(text, 16).unwrap();
    sheet
        .split("U+")
        .skip(1)
        .map(|rest| rest.split([',', ';']).next().unwrap())
        .map(|range| range.split_once('-').map_or_else(|| (hex(range), hex(range)), |(from, to)| (hex(from), hex(to))))
        .collect()
}

fn covered(ranges: &[(u32, u32)], sign: char) -> bool {
    ranges.iter().any(|(from, to)| (*from..=*to).contains(&u32::from(sign)))
}

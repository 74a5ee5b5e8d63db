//! What was typed and answered at a terminal, kept for the book: pages hold it as text between marks, and pictures are drawn from the same text. A test runs
//! the commands and compares, so neither goes stale; with `GOTONG_WRITE_CAPTURES` set it writes them instead.
//!
//! Keys, words, ids and times differ from run to run: each is shown as another of the same form and length, the same one always the same.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::country::Country;
use crate::harness::Dice;
use crate::program::Ended;

/// A day and an instant of it, in place of the real ones.
const DAY: &str = "2026-12-01";
const INSTANT: &str = "2026-12-01T08:00:00.000000Z";
/// Characters in a line of a picture.
const COLUMNS: usize = 118;

/// Scenes by name, each with what was typed and answered.
pub(crate) struct Captures {
    scenes: BTreeMap<&'static str, String>,
    shown: BTreeMap<String, String>,
    replaced: Vec<(String, String)>,
    dice: Dice,
}

impl Captures {
    pub(crate) fn new(countries: &[&Country]) -> Self {
        let mut replaced = Vec::new();
        for country in countries {
            replaced.push((country.address(), format!("{}.example.net:9400", country.code)));
            replaced.push((format!("127.0.0.1:{}", country.web), "127.0.0.1:8400".to_owned()));
        }
        Self { scenes: BTreeMap::new(), shown: BTreeMap::new(), replaced, dice: Dice(7) }
    }

    /// Shows the day that the test runs on as another.
    pub(crate) fn today(&mut self, day: &str) {
        self.replaced.push((day.to_owned(), DAY.to_owned()));
    }

    /// Shows a word that differs from run to run as another.
    pub(crate) fn shows(&mut self, real: &str, shown: &str) {
        self.replaced.push((real.to_owned(), shown.to_owned()));
    }

    /// Types a line at a country's terminal, demands the exit status, and keeps line and answer in the scene.
    #[track_caller]
    pub(crate) fn types(&mut self, scene: &'static str, at: &Country, status: i32, line: &str) -> Ended {
        let ended = at.types(line).with(status);
        let answer = format!("{}{}", ended.out, ended.err);
        self.keeps(scene, at, line, &answer);
        ended
    }

    /// Keeps a line and an answer in a scene.
    pub(crate) fn keeps(&mut self, scene: &'static str, at: &Country, line: &str, answer: &str) {
        let text = self.masked(&format!("{}$ {line}\n{answer}", at.code));
        self.scenes.entry(scene).or_default().push_str(&text);
    }

    fn masked(&mut self, text: &str) -> String {
        // The link to the first account comes when the server gets to it, before or after what a scene waits for: it has a page of its own.
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        lines.retain(|line| !line.starts_with("There are no accounts yet.") && !line.contains("/welcome?key="));
        lines.retain(|line| !line.starts_with("The link opens for"));
        let text = lines.concat();
        let is_part = |c: char| c.is_ascii_alphanumeric() || "+/=:.-".contains(c);
        let mut out = String::new();
        for run in text.split_inclusive(|c| !is_part(c)) {
            let word = run.trim_end_matches(|c| !is_part(c)).trim_end_matches([':', '.']);
            out.push_str(&self.mask(word).unwrap_or_else(|| word.to_owned()));
            out.push_str(&run[word.len()..]);
        }
        for (real, shown) in &self.replaced {
            out = out.replace(real, shown);
        }
        out
    }

    /// Another word of the same form, where the word is a key, a key's words, an id or a time.
    fn mask(&mut self, word: &str) -> Option<String> {
        let all = |set: &str| word.chars().all(|c| set.contains(c));
        let small = "abcdefghijklmnopqrstuvwxyz234567";
        let is_instant = word.len() == INSTANT.len() && word.ends_with('Z') && all("0123456789-T:.Z");
        if is_instant {
            return Some(INSTANT.to_owned());
        }
        let is_words = word.matches('-').count() == 15 && word.len() == 95;
        let is_id = word.len() == 52 && all(small);
        let is_key = word.len() == 44 && word.ends_with('=');
        if !(is_words || is_id || is_key) {
            return None;
        }
        if let Some(known) = self.shown.get(word) {
            return Some(known.clone());
        }
        let mut pick = |set: &str| {
            let at = usize::try_from(self.dice.below(u64::try_from(set.len()).unwrap())).unwrap();
            char::from(set.as_bytes()[at])
        };
        let shown: String = if is_words {
            let word = |_| ["bdfghjklmnprstvz", "aiou", "bdfghjklmnprstvz", "aiou", "bdfghjklmnprstvz"].map(&mut pick);
            (0..16).map(word).map(String::from_iter).collect::<Vec<_>>().join("-")
        } else if is_id {
            (0..52).map(|_| pick(small)).collect()
        } else {
            let set = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            (0..43).map(|_| pick(set)).collect::<String>() + "="
        };
        self.shown.insert(word.to_owned(), shown.clone());
        Some(shown)
    }

    /// Compares every capture of these pages and the pictures with what the commands said now; writes them where that is wished.
    pub(crate) fn compare(&self, pages: &[&str], pictures: &[&str]) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let is_writing = std::env::var_os("GOTONG_WRITE_CAPTURES").is_some();
        let mut differ: Vec<PathBuf> = Vec::new();
        let mut files: Vec<(PathBuf, String)> = Vec::new();
        for page in pages {
            let path = root.join(page);
            let text = std::fs::read_to_string(&path).unwrap();
            files.push((path, self.page(&text)));
        }
        for scene in pictures {
            files.push((root.join(format!("docs/book/pictures/{scene}.svg")), picture(&self.scenes[scene])));
        }
        for (path, text) in files {
            if std::fs::read_to_string(&path).is_ok_and(|known| known == text) {
                continue;
            }
            if is_writing {
                std::fs::write(&path, text).unwrap();
            } else {
                differ.push(path);
            }
        }
        assert!(
            differ.is_empty(),
            "{differ:?} show something else than the commands do: set GOTONG_WRITE_CAPTURES=1 and look"
        );
    }

    /// A page with each block below `<!-- capture: NAME -->` as the scene is now.
    fn page(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(begin) = rest.find("<!-- capture: ") {
            let name = rest[begin + 14..].split(' ').next().unwrap();
            let scene = self.scenes.get(name).unwrap_or_else(|| panic!("no scene {name}: {:?}", self.scenes.keys()));
            let open = begin + rest[begin..].find("```text\n").unwrap() + 8;
            let close = open + rest[open..].find("```").unwrap();
            out.push_str(&rest[..open]);
            out.push_str(scene);
            rest = &rest[close..];
        }
        out + rest
    }
}

/// Text as a terminal would show it, as SVG: long lines are broken, what was typed stands out.
pub(crate) fn picture(text: &str) -> String {
    let mut rows: Vec<(String, bool)> = Vec::new();
    for line in text.lines() {
        let is_typed = line.split_once("$ gotong ").is_some_and(|(who, _)| who.len() == 2);
        let letters: Vec<char> = line.chars().collect();
        let pieces = letters.chunks(COLUMNS).map(|piece| (piece.iter().collect(), is_typed));
        rows.extend(pieces);
        if letters.is_empty() {
            rows.push((String::new(), false));
        }
    }
    let (width, height) = (COLUMNS * 8 + 32, rows.len() * 18 + 32);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"#14181d\"/>\n\
         <g font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"13.3\" xml:space=\"preserve\">\n"
    );
    for (at, (row, is_typed)) in rows.iter().enumerate() {
        let row = row.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let (y, fill) = (at * 18 + 30, if *is_typed { "#8fd3a8" } else { "#e6e6e6" });
        writeln!(out, "<text x=\"16\" y=\"{y}\" fill=\"{fill}\">{row}</text>").unwrap();
    }
    out + "</g>\n</svg>\n"
}

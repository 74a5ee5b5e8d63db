//! Logs of our own making: a proxy's, a name server's and lines of JSON, as they look in practice. One line in two thousand names a value as it is meant,
//! as many name one inside of a longer name, and a few spell it in another way.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::fault::{Fault, While};
use super::super::report::Report;
use crate::dice::Dice;

const EVERY: usize = 2_000;
const AGENTS: [&str; 3] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "curl/8.5.0",
];
const WORDS: [&str; 8] = ["login", "index", "images", "search", "update", "cart", "news", "static"];
const ENDINGS: [&str; 5] = ["com", "net", "org", "com.vn", "go.th"];

/// Values to look for: names, addresses and hashes from the folder of real data, else invented ones.
pub(super) fn values(count: usize, report: &mut Report) -> Result<Vec<String>, Fault> {
    let list = std::env::var_os("GOTONG_REAL_DATA").map(|data| PathBuf::from(data).join("iocs/maltrail.tsv.gz"));
    if let Some(list) = list.filter(|list| list.exists()) {
        let unpacked = Command::new("gzip").arg("-dc").arg(&list).output().during("gzip")?;
        let text = String::from_utf8_lossy(&unpacked.stdout);
        let values =
            text.lines().filter_map(|line| line.split_once('\t')).map(|(_, value)| value.trim().to_lowercase());
        let plain = |value: &String| {
            let is_name = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
            is_name
                && value.len() > 6
                && value.contains('.')
                && !value.starts_with(['.', '-'])
                && !value.ends_with(['.', '-'])
        };
        let distinct: BTreeSet<String> = values.filter(plain).take(2 * count).collect();
        if distinct.len() >= count {
            return Ok(distinct.into_iter().take(count).collect());
        }
        report
            .note(format!("The real list has {} values of this kind only; invented ones were taken.", distinct.len()));
    } else {
        report.note("The values that are looked for are invented (GOTONG_REAL_DATA is not set).");
    }
    let mut dice = Dice::new(11);
    let mut value = |at: usize| match at % 20 {
        0 => format!("{:032x}", u128::from(dice.roll()) << 64 | u128::from(dice.roll())),
        1..4 => address(&mut dice),
        _ => format!("{}.{}{at}.{}", dice.token(), dice.pick(&WORDS), dice.pick(&ENDINGS)),
    };
    Ok((0..count).map(&mut value).collect::<BTreeSet<String>>().into_iter().collect())
}

fn address(dice: &mut Dice) -> String {
    format!("{}.{}.{}.{}", 1 + dice.below(222), dice.below(256), dice.below(256), 1 + dice.below(254))
}

/// A value as a line may show it.
fn shown(dice: &mut Dice, values: &[String], at: usize) -> Option<String> {
    if at % EVERY > 1 {
        return None;
    }
    let value = dice.pick(values).clone();
    let turn = at / EVERY % 20;
    Some(match (at % EVERY, turn) {
        (0, 0) => value.to_uppercase(),
        (0, 1) => value.replacen('.', "%2E", 1),
        (0, 2..8) if value.contains(|letter: char| letter.is_ascii_alphabetic()) && value.contains('.') => {
            format!("www.{value}")
        }
        (0, _) => value,
        (_, 0..10) => format!("not{value}"),
        _ => format!("{value}.cdn.invalid"),
    })
}

/// Writes a log of so many bytes.
pub(super) fn write(path: &Path, bytes: u64, values: &[String]) -> Result<(), Fault> {
    let mut dice = Dice::new(13);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path).during(path.display())?);
    let mut written = 0;
    for at in 0.. {
        let host = shown(&mut dice, values, at)
            .unwrap_or_else(|| format!("{}{}.{}", dice.pick(&WORDS), dice.below(20_000), dice.pick(&ENDINGS)));
        let line = line(&mut dice, at, &host);
        out.write_all(line.as_bytes())?;
        written += line.len() as u64;
        if written >= bytes {
            break;
        }
    }
    out.flush()?;
    Ok(())
}

fn line(dice: &mut Dice, at: usize, host: &str) -> String {
    let (hour, minute, second) = (at / 3_600 % 24, at / 60 % 60, at % 60);
    let (from, to, agent, word) = (address(dice), address(dice), *dice.pick(&AGENTS), *dice.pick(&WORDS));
    match at % 3 {
        0 => format!(
            "{}.{:03} {:6} 10.1.{}.{} TCP_MISS/200 {} GET http://{host}/{word}/{:x}?id={:x} - HIER_DIRECT/{to} text/html \"{agent}\"\n",
            1_762_300_000 + at,
            at % 1_000,
            dice.below(2_000),
            dice.below(256),
            dice.below(256),
            dice.below(90_000),
            dice.below(1 << 20),
            dice.roll()
        ),
        1 => format!(
            "05-Nov-2025 {hour:02}:{minute:02}:{second:02}.{:03} queries: info: client @0x{:012x} {from}#{} ({host}): query: {host} IN A +E(0)K (10.0.0.53)\n",
            at % 1_000,
            dice.roll() >> 16,
            1_024 + dice.below(60_000)
        ),
        _ => format!(
            "{{\"ts\":\"2025-11-05T{hour:02}:{minute:02}:{second:02}Z\",\"uid\":\"C{:x}\",\"from\":\"{from}\",\"to\":\"{to}\",\"host\":\"{host}\",\"uri\":\"/{word}\",\"md5\":\"{:016x}{:016x}\",\"agent\":\"{agent}\"}}\n",
            dice.roll(),
            dice.roll(),
            dice.roll()
        ),
    }
}

//! Trains a zstd dictionary for packed contents on objects made here, with values from the domains and addresses reserved for documentation, so
//! that the dictionary holds nothing of anybody's. Run from the repository's root:
//!
//! `cargo run --release -p gotong-store --example train_dictionary -- crates/gotong-store/src/dictionary/v1.bin`
//!
//! The samples are always the same; the dictionary may differ with the version of zstd, and need not be equal to the one checked in. One that
//! was released is never replaced: contents packed with it are read with it. A new one gets the next number and its own row in `packed.rs`.

#![allow(clippy::print_stdout, clippy::indexing_slicing, reason = "a tool for developers")]

use std::fmt::Write as _;

const SAMPLES: u64 = 40_000;
const DICTIONARY_BYTES: usize = 48 << 10;

/// Numbers that are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        let at = usize::try_from(self.next()).unwrap_or(0) % choices.len();
        choices[at]
    }

    fn hex(&mut self, digits: usize) -> String {
        let mut out = String::new();
        while out.len() < digits {
            let _ = write!(out, "{:016x}", self.next());
        }
        out.truncate(digits);
        out
    }

    fn uuid(&mut self) -> String {
        format!(
            "{}-{}-4{}-{}{}-{}",
            self.hex(8),
            self.hex(4),
            self.hex(3),
            self.one_of(&["8", "9", "a", "b"]),
            self.hex(3),
            self.hex(12)
        )
    }

    fn time(&mut self, digits: usize) -> String {
        let (year, month, day) = (2024 + self.below(5), 1 + self.below(12), 1 + self.below(28));
        let (hour, minute, second) = (self.below(24), self.below(60), self.below(60));
        let fraction = self.below(1_000_000);
        let mut fraction = format!("{fraction:06}");
        fraction.truncate(digits);
        format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction}Z")
    }

    fn word(&mut self) -> String {
        let syllables = 2 + self.below(3);
        (0..syllables)
            .map(|_| self.one_of(&["ba", "ko", "lu", "mi", "ran", "sto", "ver", "zi", "den", "har", "pol", "tek"]))
            .collect()
    }

    fn domain(&mut self) -> String {
        let host = self.one_of(&["", "www.", "mail.", "cdn.", "login.", "update."]);
        let end = self.one_of(&["example", "example.com", "example.net", "example.org", "test", "invalid"]);
        format!("{host}{}.{end}", self.word())
    }

    fn address(&mut self) -> String {
        let net = self.one_of(&["192.0.2", "198.51.100", "203.0.113"]);
        format!("{net}.{}", self.below(256))
    }
}

const MARKINGS: [&str; 4] = [
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
];

/// An observable's members, its pattern, and its type.
fn observable(dice: &mut Dice) -> (String, String, &'static str) {
    match dice.below(8) {
        0..=2 => {
            let value = dice.domain();
            (format!(r#""value":"{value}""#), format!("[domain-name:value = '{value}']"), "domain-name")
        }
        3 => {
            let value = dice.address();
            (format!(r#""value":"{value}""#), format!("[ipv4-addr:value = '{value}']"), "ipv4-addr")
        }
        4 => {
            let value = format!("2001:db8::{}:{}", dice.hex(4), dice.hex(4));
            (format!(r#""value":"{value}""#), format!("[ipv6-addr:value = '{value}']"), "ipv6-addr")
        }
        5 => {
            let value = format!(
                "{}://{}/{}.{}",
                dice.one_of(&["http", "https"]),
                dice.domain(),
                dice.word(),
                dice.one_of(&["php", "exe", "html", "zip"])
            );
            (format!(r#""value":"{value}""#), format!("[url:value = '{value}']"), "url")
        }
        6 => {
            let (name, digits) =
                [("MD5", 32), ("SHA-1", 40), ("SHA-256", 64)][usize::try_from(dice.below(3)).unwrap_or(0)];
            let value = dice.hex(digits);
            (format!(r#""hashes":{{"{name}":"{value}"}}"#), format!("[file:hashes.'{name}' = '{value}']"), "file")
        }
        _ => {
            let value = format!("{}@{}", dice.word(), dice.domain());
            (format!(r#""value":"{value}""#), format!("[email-addr:value = '{value}']"), "email-addr")
        }
    }
}

fn common(dice: &mut Dice, kind: &str) -> String {
    let created = dice.time(3);
    let modified = if dice.below(3) == 0 { dice.time(3) } else { created.clone() };
    format!(
        r#""type":"{kind}","spec_version":"2.1","id":"{kind}--{}","created_by_ref":"identity--{}","created":"{created}","modified":"{modified}""#,
        dice.uuid(),
        dice.uuid()
    )
}

fn marking(dice: &mut Dice) -> String {
    if dice.below(3) == 0 { String::new() } else { format!(r#","object_marking_refs":["{}"]"#, dice.one_of(&MARKINGS)) }
}

fn indicator(dice: &mut Dice) -> String {
    let (_, pattern, _) = observable(dice);
    let family = dice.word();
    let mut out = format!(r#"{{{},"name":"{family} {}","#, common(dice, "indicator"), dice.word());
    if dice.below(2) == 0 {
        let _ = write!(
            out,
            r#""description":"{} seen with {family}","#,
            dice.one_of(&["Command and control server", "Phishing page", "Malware download", "Address"])
        );
    }
    let kind = dice.one_of(&["malicious-activity", "anomalous-activity", "compromised", "attribution", "benign"]);
    let _ = write!(
        out,
        r#""indicator_types":["{kind}"],"pattern":"{pattern}","pattern_type":"stix","pattern_version":"2.1","valid_from":"{}""#,
        dice.time(3)
    );
    if dice.below(2) == 0 {
        let _ = write!(out, r#","valid_until":"{}""#, dice.time(3));
    }
    if dice.below(4) == 0 {
        let phase = dice.one_of(&[
            "command-and-control",
            "delivery",
            "initial-access",
            "exfiltration",
            "execution",
            "persistence",
        ]);
        let _ = write!(out, r#","kill_chain_phases":[{{"kill_chain_name":"mitre-attack","phase_name":"{phase}"}}]"#);
    }
    if dice.below(2) == 0 {
        let _ = write!(out, r#","confidence":{}"#, dice.below(101));
    }
    if dice.below(3) == 0 {
        let _ = write!(out, r#","labels":["{family}","{}"]"#, dice.word());
    }
    if dice.below(4) == 0 {
        let _ = write!(
            out,
            r#","external_references":[{{"source_name":"{}","url":"https://{}/{}"}}]"#,
            dice.word(),
            dice.domain(),
            dice.word()
        );
    }
    out + &marking(dice) + "}"
}

fn other(dice: &mut Dice) -> String {
    match dice.below(6) {
        0 | 1 => format!(
            r#"{{{},"relationship_type":"{}","source_ref":"indicator--{}","target_ref":"malware--{}"{}}}"#,
            common(dice, "relationship"),
            dice.one_of(&["indicates", "based-on", "uses", "targets", "related-to"]),
            dice.uuid(),
            dice.uuid(),
            marking(dice)
        ),
        2 => format!(
            r#"{{{},"name":"{}","is_family":true,"malware_types":["{}"]{}}}"#,
            common(dice, "malware"),
            dice.word(),
            dice.one_of(&["unknown", "trojan", "ransomware", "bot", "worm"]),
            marking(dice)
        ),
        3 => format!(
            r#"{{{},"count":{},"first_seen":"{}","last_seen":"{}","sighting_of_ref":"indicator--{}"{}}}"#,
            common(dice, "sighting"),
            1 + dice.below(50),
            dice.time(3),
            dice.time(3),
            dice.uuid(),
            marking(dice)
        ),
        4 => format!(
            r#"{{{},"name":"{} {}","description":"{} of {}","published":"{}","report_types":["{}"],"object_refs":["indicator--{}","malware--{}"]{}}}"#,
            common(dice, "report"),
            dice.word(),
            dice.word(),
            dice.one_of(&["Analysis", "Campaign", "Warning"]),
            dice.word(),
            dice.time(3),
            dice.one_of(&["threat-report", "indicator", "malware", "campaign"]),
            dice.uuid(),
            dice.uuid(),
            marking(dice)
        ),
        _ => format!(
            r#"{{"type":"identity","spec_version":"2.1","id":"identity--{}","created":"{}","modified":"{}","name":"{}","identity_class":"organization","sectors":["{}"]}}"#,
            dice.uuid(),
            dice.time(3),
            dice.time(3),
            dice.word(),
            dice.one_of(&["government", "energy", "financial-services", "healthcare", "telecommunications"])
        ),
    }
}

/// One sample: the length of the envelope, envelope and body, as `Packed::pack` compresses them.
fn sample(dice: &mut Dice) -> Vec<u8> {
    let body = match dice.below(10) {
        0..=4 => indicator(dice),
        5..=7 => {
            let (members, _, kind) = observable(dice);
            format!(
                r#"{{"type":"{kind}","spec_version":"2.1","id":"{kind}--{}",{members}{}}}"#,
                dice.uuid().replacen("-4", "-5", 1),
                marking(dice)
            )
        }
        _ => other(dice),
    };
    // Some producers write a space behind colons and commas.
    let body = if dice.below(5) == 0 { body.replace("\":", "\": ").replace(",\"", ", \"") } else { body };
    let label = dice.one_of(&["clear", "green", "amber", "amber+strict"]);
    let envelope = format!(
        r#"{{"basis":{},"kind":"stix","published_at":"{}","size":{},"tlp":"{label}","version":1}}"#,
        dice.below(40),
        dice.time(6),
        body.len()
    );
    let length = u32::try_from(envelope.len()).unwrap_or(0).to_be_bytes();
    [&length, envelope.as_bytes(), body.as_bytes()].concat()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: train_dictionary FILE")?;
    let mut dice = Dice(1);
    let samples: Vec<Vec<u8>> = (0..SAMPLES).map(|_| sample(&mut dice)).collect();
    let dictionary = zstd::dict::from_samples(&samples, DICTIONARY_BYTES)?;
    std::fs::write(&path, &dictionary)?;
    let mut compressor = zstd::bulk::Compressor::with_dictionary(1, &dictionary)?;
    let (mut plain, mut packed) = (0, 0);
    for _ in 0..2_000 {
        let sample = sample(&mut dice);
        plain += sample.len();
        packed += compressor.compress(&sample)?.len();
    }
    println!("{} bytes of dictionary; fresh samples: {plain} bytes, compressed {packed}", dictionary.len());
    Ok(())
}

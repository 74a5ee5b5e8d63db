//! Exports: what is in none of them, whoever asks, and what stands above all of them. The formats one by one are in `out_*.rs`.
//!
//! The functions here make records for those files too.

use gotong_formats::out::{Format, HashKind, Header, Item, Options, Policy, Reason, Summary, Writer, ZoneName};
use gotong_formats::stix21::{ObservableValue, read};
use gotong_model::{Pap, Timestamp, Tlp};
use serde_json::{Value, json};

/// The instant of every export here.
pub(crate) const NOW: &str = "2026-03-01T12:00:00Z";

pub(crate) fn header() -> Header {
    Header {
        node: "vn".to_owned(),
        channels: vec!["rti/indicators".to_owned()],
        made_at: Timestamp::parse(NOW).unwrap(),
        label_max: Tlp::Amber,
        is_exercise: false,
        fetch: "https://gotong.example/api/v1/export".to_owned(),
        refresh_s: 900,
    }
}

/// An indicator of a pattern, with what `more` says beside or instead.
pub(crate) fn indicator(pattern: &str, more: &Value) -> Vec<u8> {
    let digest = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, pattern.as_bytes());
    let mut body = json!({
        "type": "indicator", "spec_version": "2.1", "id": format!("indicator--{digest}"), "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-02T00:00:00.000Z", "valid_from": "2026-01-01T00:00:00Z", "pattern_type": "stix", "pattern": pattern,
    });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    serde_json::to_vec(&body).unwrap()
}

/// An indicator of one value.
pub(crate) fn of_value(property: &str, value: &str) -> Vec<u8> {
    let quoted = value.replace('\\', "\\\\").replace('\'', "\\'");
    indicator(&format!("[{property} = '{quoted}']"), &json!({"name": "Phishing", "confidence": 80}))
}

/// A record and how it was published.
pub(crate) struct Record {
    pub(crate) body: Vec<u8>,
    pub(crate) label: Tlp,
    pub(crate) pap: Option<Pap>,
}

impl From<Vec<u8>> for Record {
    fn from(body: Vec<u8>) -> Self {
        Self { body, label: Tlp::Green, pap: None }
    }
}

pub(crate) fn nothing(_: &ObservableValue) -> Option<String> {
    None
}

pub(crate) fn write(format: Format, header: &Header, options: &Options, records: &[Record]) -> (String, Summary) {
    let mut writer = Writer::start(format, header.clone(), options.clone());
    let mut bytes = Vec::new();
    for record in records {
        let facts = read(&record.body).unwrap_or_else(|faults| panic!("{faults:?}"));
        let item = Item {
            facts: &facts,
            body: &record.body,
            label: record.label,
            pap: record.pap,
            author: "th",
            channel: "rti/indicators",
            published_at: Timestamp::parse("2026-01-03T00:00:00Z").unwrap(),
        };
        writer.push(&item, &nothing);
        bytes.extend(writer.take());
    }
    let (rest, summary) = writer.finish();
    bytes.extend(rest);
    (String::from_utf8(bytes).unwrap(), summary)
}

pub(crate) fn export(format: Format, bodies: Vec<Vec<u8>>) -> (String, Summary) {
    let records: Vec<Record> = bodies.into_iter().map(Record::from).collect();
    write(format, &header(), &Options::default(), &records)
}

/// Every format of values, and an indicator that it carries.
fn formats_of_values() -> Vec<(Format, Vec<u8>, &'static str)> {
    let domain = || (of_value("domain-name:value", "evil.example"), "evil.example");
    let hash = "ab".repeat(32);
    Format::NAMES
        .into_iter()
        .map(|name| Format::from_name(name, [7; 16]).unwrap())
        .filter(|format| !matches!(format, Format::StixBundle { .. } | Format::StixLines))
        .map(|format| {
            let (body, shown) = match &format {
                Format::SuricataReputation => (of_value("ipv4-addr:value", "198.51.100.7"), "198.51.100.7"),
                Format::SuricataHashes(kind) => {
                    let length = match kind {
                        HashKind::Md5 => 32,
                        HashKind::Sha1 => 40,
                        HashKind::Sha256 | HashKind::Sha512 => 64,
                    };
                    (of_value("file:hashes.'X'", hash.get(..length).unwrap()), "abababab")
                }
                Format::SuricataDomains => (of_value("domain-name:value", "evil.example"), "ZXZpbC5leGFtcGxl"),
                // The wire form has the lengths of the labels in it.
                Format::Snort => (of_value("domain-name:value", "evil.example"), "|04|evil|07|example|00|"),
                Format::StixBundle { .. }
                | Format::StixLines
                | Format::Csv
                | Format::Plain
                | Format::Hosts
                | Format::Rpz
                | Format::Suricata
                | Format::Zeek
                | Format::Ecs => domain(),
            };
            (format, body, shown)
        })
        .collect()
}

fn with(body: &[u8], more: &Value) -> Vec<u8> {
    let mut object: Value = serde_json::from_slice(body).unwrap();
    for (key, value) in more.as_object().unwrap() {
        object[key] = value.clone();
    }
    serde_json::to_vec(&object).unwrap()
}

#[test]
fn what_is_over_or_harmless_or_a_combination_is_in_no_list() {
    for (format, body, shown) in formats_of_values() {
        let (text, summary) = export(format.clone(), vec![body.clone()]);
        assert!(text.contains(shown), "{format:?} shows what it may: {text}");
        assert!(summary.left_out.is_empty() && summary.values > 0, "{format:?} {summary:?}");
        let pattern = serde_json::from_slice::<Value>(&body).unwrap()["pattern"].as_str().unwrap().to_owned();
        let composite = format!("{} AND file:name = 'a.exe']", pattern.trim_end_matches(']'));
        for (more, reason) in [
            (json!({"revoked": true}), Reason::Revoked),
            (json!({"valid_until": NOW}), Reason::Expired),
            (json!({"valid_from": "2026-03-01T12:00:00.001Z"}), Reason::NotYetValid),
            (json!({"indicator_types": ["benign"]}), Reason::Benign),
            (json!({"pattern_type": "sigma"}), Reason::PatternLanguage),
            (json!({"pattern": composite}), Reason::Composite),
        ] {
            let (text, summary) = export(format.clone(), vec![with(&body, &more)]);
            if format == Format::Csv && !matches!(reason, Reason::Revoked | Reason::Expired | Reason::NotYetValid) {
                // The table is for people: it shows the value, and that it is not to be blocked.
                assert!(!text.contains("\"yes\""), "{text}");
                continue;
            }
            assert!(!text.contains(shown), "{format:?} {reason:?}: {text}");
            assert_eq!(summary.left_out.get(&reason), Some(&1), "{format:?} {summary:?}");
            assert_eq!(summary.losses[0].code, reason.code());
        }
        let valid_until = json!({"valid_until": "2026-03-01T12:00:00.001Z", "valid_from": NOW});
        assert!(export(format, vec![with(&body, &valid_until)]).0.contains(shown), "to the last millisecond");
    }
}

#[test]
fn what_is_stricter_than_the_export_is_in_no_format() {
    for name in Format::NAMES {
        let format = || Format::from_name(name, [7; 16]).unwrap();
        let body = formats_of_values()
            .into_iter()
            .find_map(|(other, body, _)| (other == format()).then_some(body))
            .unwrap_or_else(|| of_value("domain-name:value", "evil.example"));
        for (label, is_in) in [(Tlp::Clear, true), (Tlp::Amber, true), (Tlp::AmberStrict, false), (Tlp::Red, false)] {
            let record = Record { body: body.clone(), label, pap: None };
            let (text, summary) = write(format(), &header(), &Options::default(), &[record]);
            assert_eq!(summary.values > 0, is_in, "{name} {label}");
            assert_eq!(summary.strictest, is_in.then_some(label));
            assert_eq!(summary.left_out.contains_key(&Reason::Label), !is_in, "{name}");
            assert_eq!(text.contains("Phishing"), is_in && !quiet(&format()), "{name}: {text}");
        }
    }
}

/// Formats that carry the value and nothing of its record.
fn quiet(format: &Format) -> bool {
    let lists = matches!(format, Format::Plain | Format::Hosts | Format::Rpz);
    let of_suricata =
        matches!(format, Format::SuricataDomains | Format::SuricataReputation | Format::SuricataHashes(_));
    lists || of_suricata
}

#[test]
fn every_export_says_its_label_time_and_what_it_leaves_out() {
    for (format, body, _) in formats_of_values() {
        let mut header = header();
        header.is_exercise = true;
        header.node = "vn\n0.0.0.0 bank.example".to_owned();
        let (text, _) = write(format.clone(), &header, &Options::default(), &[body.into()]);
        assert!(!text.lines().any(|line| line.starts_with("0.0.0.0 bank")), "a node's name breaks no line");
        let text = if format == Format::SuricataDomains {
            let lines = text.lines().map(|line| data_encoding::BASE64.decode(line.as_bytes()).unwrap());
            String::from_utf8(lines.collect::<Vec<_>>().join(&b'\n')).unwrap()
        } else {
            text
        };
        if format == Format::Csv {
            assert!(text.contains("\"green\"") && text.contains("\"exercise\"") && text.contains("\"yes\"\r\n"));
        } else if format == Format::Ecs {
            assert!(text.contains("\"tlp\":\"GREEN\"") && text.contains("\"exercise\""));
        } else {
            assert!(text.contains("TLP:AMBER") && text.contains("EXERCISE"), "{format:?} {text}");
            assert!(text.contains("2026-03-01T12:00:00") && text.contains("revoked"), "{format:?} {text}");
            assert!(text.contains("End of the export: 1 values of 1 records"), "{format:?} {text}");
        }
    }
    let (text, _) = export(Format::Plain, vec![of_value("ipv4-addr:value", "10.0.0.1")]);
    assert!(
        text.contains("# Left out: 1 because it is a private, local or reserved address (out.loss.reserved)"),
        "{text}"
    );
}

#[test]
fn who_may_only_look_does_not_block() {
    for (pap, is_in) in [
        (None, true),
        (Some(Pap::Clear), true),
        (Some(Pap::Green), true),
        (Some(Pap::Amber), false),
        (Some(Pap::Red), false),
    ] {
        for (format, acts) in [
            (Format::Rpz, true),
            (Format::Hosts, true),
            (Format::Plain, true),
            (Format::Suricata, false),
            (Format::Ecs, false),
        ] {
            let record = Record { body: of_value("domain-name:value", "evil.example"), label: Tlp::Green, pap };
            let (text, summary) = write(format.clone(), &header(), &Options::default(), &[record]);
            assert_eq!(text.contains("evil.example"), is_in || !acts, "{format:?} {pap:?}");
            assert_eq!(summary.left_out.contains_key(&Reason::Pap), !is_in && acts);
        }
    }
}

#[test]
fn only_indicators_warn_unless_observables_are_asked_for() {
    let seen = br#"{"type":"domain-name","spec_version":"2.1","id":"domain-name--00000000-0000-5000-8000-000000000001","value":"seen.example"}"#;
    let record = || Record::from(seen.to_vec());
    let (text, summary) = write(Format::Plain, &header(), &Options::default(), &[record()]);
    assert!(!text.contains("seen.example") && summary.left_out[&Reason::NotIndicator] == 1);
    let options = Options { observables: true, ..Options::default() };
    assert!(write(Format::Plain, &header(), &options, &[record()]).0.contains("\nseen.example\n"));
}

#[test]
fn values_known_to_be_good_low_confidence_and_kinds_not_asked_for_stay_out() {
    let body = of_value("domain-name:value", "evil.example");
    let facts = read(&body).unwrap();
    let item = Item {
        facts: &facts,
        body: &body,
        label: Tlp::Green,
        pap: None,
        author: "th",
        channel: "rti/indicators",
        published_at: header().made_at,
    };
    let mut writer = Writer::start(Format::Plain, header(), Options::default());
    writer.push(&item, &|value| (value.text == "evil.example").then(|| "everybody's search engine".to_owned()));
    let (bytes, summary) = writer.finish();
    assert!(!String::from_utf8(bytes).unwrap().contains("\nevil.example"));
    assert_eq!(summary.left_out[&Reason::Allowed], 1);
    let loss = &summary.losses[0];
    assert_eq!((loss.line, loss.place.as_str(), loss.code), (1, facts.id.as_str(), "out.loss.allowed"));
    assert_eq!(loss.text, "evil.example left out: a list of known good values has it: everybody's search engine");

    for (least, is_in) in [(0, true), (80, true), (81, false)] {
        let options = Options { confidence_min: least, ..Options::default() };
        assert_eq!(write(Format::Plain, &header(), &options, &[body.clone().into()]).1.values, u64::from(is_in));
    }
    let untold = indicator("[domain-name:value = 'evil.example']", &json!({}));
    let options = Options { confidence_min: 1, ..Options::default() };
    assert_eq!(write(Format::Plain, &header(), &options, &[untold.into()]).1.left_out[&Reason::Confidence], 1);

    let all = "[domain-name:value = 'evil.example' OR ipv4-addr:value = '198.51.100.7' OR file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']";
    for (kinds, expected) in [
        (vec!["domain"], "evil.example"),
        (vec!["ipv4"], "198.51.100.7"),
        (vec!["md5"], "d41d8cd98f00b204e9800998ecf8427e"),
        (vec!["hash"], "d41d8cd98f00b204e9800998ecf8427e"),
    ] {
        let options = Options { kinds: kinds.into_iter().map(str::to_owned).collect(), ..Options::default() };
        let (text, _) = write(Format::Plain, &header(), &options, &[indicator(all, &json!({})).into()]);
        assert_eq!(text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>(), [expected]);
    }
}

#[test]
fn a_page_is_no_reason_to_block_its_host_unless_asked() {
    let body = || Record::from(of_value("url:value", "https://shared.example/~mallory/kit.zip"));
    let (text, summary) = write(Format::Rpz, &header(), &Options::default(), &[body()]);
    assert!(!text.contains("shared.example") && summary.left_out[&Reason::NotCarried] == 1);
    let options = Options { url_hosts: true, ..Options::default() };
    assert!(write(Format::Rpz, &header(), &options, &[body()]).0.contains("\nshared.example IN CNAME .\n"));
    let local = Record::from(of_value("url:value", "https://com/kit.zip"));
    assert!(!write(Format::Rpz, &header(), &options, &[local]).0.contains("\ncom IN"));
}

#[test]
fn stix_leaves_with_its_label_and_tells_of_revocation_itself() {
    let revoked = with(&of_value("domain-name:value", "evil.example"), &json!({"revoked": true}));
    let pretty = serde_json::to_vec_pretty(&serde_json::from_slice::<Value>(&revoked).unwrap()).unwrap();
    assert!(pretty.contains(&b'\n'));
    let (text, summary) = export(Format::StixLines, vec![pretty, of_value("url:value", "http://evil.example/a")]);
    assert_eq!((text.lines().count(), summary.values), (2, 2));
    let green = gotong_formats::stix21::id_of_label(Tlp::Green);
    for line in text.lines() {
        let object: Value = serde_json::from_str(line).unwrap();
        assert_eq!(object["object_marking_refs"], json!([green]));
    }
    assert!(text.lines().next().unwrap().contains("\"revoked\": true"));
    let (text, _) = export(Format::StixBundle { uuid: [7; 16] }, vec![revoked]);
    let bundle: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(bundle["objects"].as_array().unwrap().len(), 2, "the object and the definition of its label");
}

#[test]
fn nobody_can_cut_an_export_off_from_where_it_is_fetched() {
    let header = Header { fetch: "https://share.cert.example/api/v1/export?format=rpz".to_owned(), ..header() };
    let garden = ZoneName::parse("warn.garden.example").unwrap();
    let options = Options { policy: Policy::Garden(garden), ..Options::default() };
    for (name, is_in) in [
        ("share.cert.example", false),
        ("cert.example", false),
        ("garden.example", false),
        ("other.cert.example", true),
        ("hare.cert.example", true),
    ] {
        let record = Record::from(of_value("domain-name:value", name));
        let (text, summary) = write(Format::Rpz, &header, &options, &[record]);
        assert_eq!(text.contains(&format!("\n{name} IN CNAME")), is_in, "{name}");
        assert_eq!(summary.left_out.contains_key(&Reason::Own), !is_in);
    }
    let header = Header { fetch: "https://[2001:db8::7]:8443/api/v1/export".to_owned(), ..header };
    for (address, is_in) in [("2001:db8::/64", false), ("2001:db8::7", false), ("2001:db8::8", true)] {
        let record = Record::from(of_value("ipv6-addr:value", address));
        assert_eq!(write(Format::Rpz, &header, &options, &[record]).1.values, u64::from(is_in), "{address}");
    }
}

#[test]
fn kinds_and_policies_are_read_or_refused_by_name() {
    assert_eq!(Options::parse_kinds("ipv4, sha256,domain").unwrap(), ["ipv4", "sha256", "domain"]);
    assert_eq!(Options::parse_kinds("ipv4,ipv5").unwrap_err(), "ipv5");
    assert_eq!(Policy::from_text("nodata"), Some(Policy::NoData));
    assert_eq!(Policy::from_text("warn.example"), ZoneName::parse("warn.example").map(Policy::Garden));
    for text in ["", "drop", "a b.example", "warn.example.", "x\ny.example", "Warn.Example"] {
        assert_eq!(Policy::from_text(text), None, "{text:?}");
    }
}

#[test]
fn a_value_that_cannot_be_written_takes_none_with_it_and_is_counted() {
    let pattern = "[domain-name:value = 'evil.example' OR domain-name:value = 'a\u{1}b.example' OR url:value = 'javascript:alert(1)']";
    let long = format!("[mutex:name = '{}' OR mutex:name = 'short']", "m".repeat(5_000));
    let (text, summary) = export(Format::Plain, vec![indicator(pattern, &json!({})), indicator(&long, &json!({}))]);
    assert!(text.contains("\nevil.example\n") && text.contains("\nshort\n"), "{text}");
    assert_eq!((summary.values, summary.left_out[&Reason::Name], summary.left_out[&Reason::Malformed]), (2, 1, 2));
}

#[test]
fn a_writer_may_be_handed_to_another_thread() {
    fn sent<T: Send + 'static>(_: &T) {}
    sent(&Writer::start(Format::Rpz, header(), Options::default()));
}

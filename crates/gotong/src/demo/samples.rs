//! The demo's sample traffic, written for it: documentation addresses (RFC 5737, RFC 3849), reserved names (RFC 2606) and nobody real. It shows a little of
//! everything: an indicator and what it indicates, a correction, a sighting by another member, advisories, a withdrawal, and a bank's report.

use anyhow::{Result, bail};
use gotong_model::{Clock, Timestamp};
use serde_json::{Value, json};

use super::found::{Founded, Region};
use super::house;
use crate::client::{Client, encode};
use crate::clock::SystemClock;
use crate::output::text_at;

/// A domain that the samples bring.
pub(super) const KNOWN_DOMAIN: &str = "login.bank.example";
/// The object that people may publish themselves.
pub(super) const ONE_LINER_ID: &str = "indicator--5d0f7a52-3c51-4f0e-9a53-0c8a3f1e7b21";
/// Its domain.
pub(super) const ONE_LINER_DOMAIN: &str = "parcel.example.test";

const BANK_LINE_ID: &str = "indicator--7e1c9d34-2b6f-4a58-9c07-4d2e6f8a1b35";
const BANK_REPORT: &str = "indicator--a4c1f7d2-6e38-4b59-8d0c-3f7a9e5b2c18";

const GREEN: &str = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb";
const AMBER: &str = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";

const MALWARE: &str = "malware--8c3bb7f1-58a5-4a53-8c53-5a2f8f6d1a11";
const PHISHING: &str = "indicator--1f5b6d3e-7c52-4f6b-9d0c-6a7f3b8e2c41";
const INDICATES: &str = "relationship--3e2a9c64-0b1d-4c5e-8f7a-9b6d5c4e3f21";
const SIGHTING: &str = "sighting--6b7c8d9e-0f1a-4b2c-9d3e-4f5a6b7c8d91";
const MISTAKE: &str = "indicator--9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c61";
const VULNERABILITY: &str = "vulnerability--2c4d6e8f-1a3b-4c5d-8e7f-9a0b1c2d3e41";
const REPORT: &str = "report--4d5e6f7a-8b9c-4d0e-9f1a-2b3c4d5e6f71";

/// One line that publishes an indicator of one's own; without a quote in it, so that a shell takes it as it is.
pub(super) fn one_liner() -> String {
    line(ONE_LINER_ID, "A parcel that does not exist", ONE_LINER_DOMAIN)
}

/// The same for what a bank reports to its own country.
pub(super) fn bank_one_liner() -> String {
    line(BANK_LINE_ID, "Asked our customers for passwords this morning", "harbour-login.example.test")
}

fn line(id: &str, name: &str, domain: &str) -> String {
    // The pattern's own quotes are written as JSON escapes.
    format!(
        "{{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"{id}\",\"created\":\"2026-11-01T00:00:00Z\",\
         \"modified\":\"2026-11-01T00:00:00Z\",\"name\":\"{name}\",\"pattern_type\":\"stix\",\
         \"pattern\":\"[domain-name:value = \\u0027{domain}\\u0027]\",\"valid_from\":\"2026-11-01T00:00:00Z\"}}"
    )
}

/// Publishes all of it.
pub(super) async fn publish(region: &Region) -> Result<()> {
    let [first, second, third, ..] = region.members.as_slice() else { bail!("a demo has at least three members") };
    let (indicators, advisories) = ("rti/indicators", "rti/advisories");
    for member in &region.members {
        send(member, advisories, &identity(member)).await?;
        send(member, indicators, &own_indicator(member)).await?;
    }
    for object in [malware(first), phishing(first, false), indicates(first), phishing(first, true)] {
        send(first, indicators, &object).await?;
    }
    send(second, indicators, &sighting(second)).await?;
    send(second, indicators, &mistake(second)).await?;
    withdraw(second, indicators, MISTAKE).await?;
    send(third, advisories, &vulnerability(third)).await?;
    send(third, advisories, &report(third)).await?;
    for channel in region.bilateral.channels() {
        send(first, &channel, &incident_note(first)).await?;
    }
    send_as(&first.bank_token, first, house::BANK_CHANNEL, &bank_report(first)).await
}

async fn send(member: &Founded, channel: &str, object: &Value) -> Result<()> {
    send_as(&member.token, member, channel, object).await
}

async fn send_as(token: &str, member: &Founded, channel: &str, object: &Value) -> Result<()> {
    let mut client = Client::at(&member.base(), Some(token.to_owned()))?;
    let outcome = client.post(&format!("channels/{}/records", encode(channel)), object).await?;
    match text_at(&outcome, "/outcome") {
        "new" | "updated" | "known" => Ok(()),
        other => bail!("{} was {other}: {outcome}", text_at(object, "/id")),
    }
}

async fn withdraw(member: &Founded, channel: &str, id: &str) -> Result<()> {
    let mut client = Client::at(&member.base(), Some(member.token.clone()))?;
    let body = json!({"ids": [id], "reason": "error"});
    client.post(&format!("channels/{}/withdraw", encode(channel)), &body).await?;
    Ok(())
}

/// So many hours ago, to the second.
fn hours_ago(hours: i64) -> String {
    let seconds = SystemClock.now().micros() / 1_000_000 - hours * 3_600;
    Timestamp::from_micros(seconds * 1_000_000).unwrap_or_default().to_string()
}

fn object(kind: &str, id: &str, hours: i64, author: &Founded, marking: &str, fields: &Value) -> Value {
    let at = hours_ago(hours);
    let mut object = json!({
        "type": kind, "spec_version": "2.1", "id": id, "created": at, "modified": at,
        "created_by_ref": identity_id(author), "object_marking_refs": [marking],
    });
    if let (Some(object), Some(fields)) = (object.as_object_mut(), fields.as_object()) {
        object.extend(fields.clone());
    }
    object
}

/// An id of a member's own: the letters of its code make it differ from others'.
fn id_of(kind: &str, member: &Founded) -> String {
    let letters = member.code.as_str().bytes().fold(0_u64, |number, letter| (number << 8) | u64::from(letter));
    format!("{kind}--{:08x}-d0c5-4e2a-8f00-0123456789ab", letters & 0xffff_ffff)
}

fn identity_id(member: &Founded) -> String {
    id_of("identity", member)
}

fn identity(member: &Founded) -> Value {
    let name = format!("National CERT of {} (demo)", member.name);
    let mut object = object(
        "identity",
        &identity_id(member),
        72,
        member,
        GREEN,
        &json!({"name": name, "identity_class": "organization"}),
    );
    if let Some(object) = object.as_object_mut() {
        object.remove("created_by_ref");
    }
    object
}

fn own_indicator(member: &Founded) -> Value {
    let last = member.port % 200 + 1;
    let pattern = format!(
        "[ipv4-addr:value = '203.0.113.{last}'] OR [url:value = 'http://{}.update.example/get.php']",
        member.code
    );
    let fields = json!({"name": format!("A command server seen in {}", member.name), "pattern": pattern, "pattern_type": "stix",
        "valid_from": hours_ago(48), "indicator_types": ["malicious-activity"]});
    object("indicator", &id_of("indicator", member), 48, member, AMBER, &fields)
}

fn malware(author: &Founded) -> Value {
    let fields = json!({"name": "SampleLoader", "is_family": true, "malware_types": ["downloader"],
        "description": "Fetches further programs. Made up for this demonstration."});
    object("malware", MALWARE, 30, author, GREEN, &fields)
}

fn phishing(author: &Founded, is_corrected: bool) -> Value {
    let second = if is_corrected { " OR [ipv6-addr:value = '2001:db8::bad:1']" } else { "" };
    let pattern = format!("[domain-name:value = '{KNOWN_DOMAIN}'] OR [ipv4-addr:value = '192.0.2.44']{second}");
    let fields = json!({"name": "A page that asks for a bank's passwords", "pattern": pattern, "pattern_type": "stix",
        "valid_from": hours_ago(29), "indicator_types": ["phishing"], "confidence": 80});
    let mut object = object("indicator", PHISHING, 29, author, GREEN, &fields);
    if let Some(object) = object.as_object_mut().filter(|_| is_corrected) {
        object.insert("modified".to_owned(), json!(hours_ago(5)));
    }
    object
}

fn indicates(author: &Founded) -> Value {
    let fields = json!({"relationship_type": "indicates", "source_ref": PHISHING, "target_ref": MALWARE});
    object("relationship", INDICATES, 28, author, GREEN, &fields)
}

fn sighting(author: &Founded) -> Value {
    let fields = json!({"sighting_of_ref": PHISHING, "count": 17, "first_seen": hours_ago(20), "last_seen": hours_ago(2),
        "where_sighted_refs": [identity_id(author)]});
    object("sighting", SIGHTING, 2, author, GREEN, &fields)
}

fn mistake(author: &Founded) -> Value {
    let fields = json!({"name": "A resolver that was taken for a command server", "pattern": "[ipv4-addr:value = '198.51.100.53']",
        "pattern_type": "stix", "valid_from": hours_ago(6)});
    object("indicator", MISTAKE, 6, author, GREEN, &fields)
}

fn vulnerability(author: &Founded) -> Value {
    let fields = json!({"name": "Sample mail server reads past its buffer",
        "description": "Versions before 4.2 of a mail server that does not exist. Update."});
    object("vulnerability", VULNERABILITY, 12, author, GREEN, &fields)
}

fn report(author: &Founded) -> Value {
    let fields = json!({"name": "Update the sample mail server", "published": hours_ago(11), "report_types": ["vulnerability"],
        "object_refs": [VULNERABILITY], "description": "What happened, who is concerned, what to do. Made up for this demonstration."});
    object("report", REPORT, 11, author, GREEN, &fields)
}

fn incident_note(author: &Founded) -> Value {
    let fields = json!({"abstract": "A case that concerns two members only", "content": "Nobody outside this agreement reads this, or learns that it exists.",
        "object_refs": [PHISHING]});
    object("note", &id_of("note", author), 1, author, AMBER, &fields)
}

/// What the bank has seen; its own country alone reads it.
fn bank_report(country: &Founded) -> Value {
    let fields = json!({"name": "Our customers were called by someone who claimed to be the bank", "pattern_type": "stix",
        "pattern": "[url:value = 'https://harbour-bank.refund.example/confirm']", "valid_from": hours_ago(3),
        "indicator_types": ["phishing"]});
    let mut object = object("indicator", BANK_REPORT, 3, country, AMBER, &fields);
    if let Some(object) = object.as_object_mut() {
        object.remove("created_by_ref");
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_to_paste_is_one_object_and_safe_in_a_shell() {
        for (line, domain) in [(one_liner(), ONE_LINER_DOMAIN), (bank_one_liner(), "harbour-login.example.test")] {
            assert!(!line.contains('\'') && !line.contains('\n'));
            let object: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(object["pattern"], format!("[domain-name:value = '{domain}']"));
        }
    }
}

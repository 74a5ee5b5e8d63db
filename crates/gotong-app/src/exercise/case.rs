//! The made-up case that exercise data are: false invoices, a loader, and what is to be done about them. Documentation addresses (RFC 5737, RFC 3849), reserved
//! names (RFC 2606), nobody real. Every object says in its name and its labels that it is of an exercise, wherever it may be copied to.
//!
//! The ids are the same on every node and never change: by them the case is found again and taken away.

use gotong_model::{Timestamp, Tlp};
use serde_json::{Value, json};

const SENDER: &str = "identity--6a1d3c58-2f47-4b90-8c15-e07a9d42b301";
const CAMPAIGN: &str = "campaign--0b7e52c4-91d8-4f3a-a6e0-5c28f1b97d02";
const LOADER: &str = "malware--d45f8a17-3b62-4c0e-9e71-82a6c0f35b03";
const WAY_IN: &str = "attack-pattern--97c0e6b2-58a4-4d1f-b3c9-1f70d82e4a04";
const ADDRESSES: &str = "indicator--2e9b41d7-c685-4a73-8f10-b64d05e9c705";
const PAGE: &str = "indicator--f13a7c80-46e9-4582-9d2b-07c5a8e61f06";
const FILE: &str = "indicator--58d2b9e4-7a01-4c36-ae85-93f1d60b2c07";
const HOLE: &str = "vulnerability--ac68f035-1e9d-4b27-84d3-6e05b7c92a08";
const REMEDY: &str = "course-of-action--41f70d9c-b2e5-4863-9a17-d8c36e50fb09";
const POINTS_TO_CAMPAIGN: &str = "relationship--8d05e3a1-6f7c-4294-b1e8-2a9c74d0e510";
const POINTS_TO_LOADER: &str = "relationship--c7b29f46-03da-4e58-8a61-f50e1d8b3c11";
const USES_LOADER: &str = "relationship--19e4a6d8-b57f-4c02-93fa-7d61c08e2b12";
const USES_WAY_IN: &str = "relationship--e08c5b73-24a9-4f16-bd40-a3917f6dc513";
const MITIGATES: &str = "relationship--7340d1fe-9c8b-45a2-8ed7-60b5e2f9a114";
const SEEN: &str = "sighting--b56f28c9-d013-4e7a-9b84-1c0e7fa3d615";
const NOTE: &str = "note--05a9e7d3-8146-4cfb-a2d0-9e3b6c718f16";
const REPORT: &str = "report--dc1740b8-e52a-4693-87fe-4b08a5d91c17";

/// Every object of the case, in the order in which they are loaded.
pub(super) const IDS: [&str; 17] = [
    SENDER,
    CAMPAIGN,
    LOADER,
    WAY_IN,
    ADDRESSES,
    PAGE,
    FILE,
    HOLE,
    REMEDY,
    POINTS_TO_CAMPAIGN,
    POINTS_TO_LOADER,
    USES_LOADER,
    USES_WAY_IN,
    MITIGATES,
    SEEN,
    NOTE,
    REPORT,
];

const MADE_UP: &str = "Made up for an exercise.";

const GREEN: &str = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb";
const CLEAR: &str = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487";
const AMBER: &str = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421";

/// When the case is, and how strict its channel lets it be.
struct Stage {
    now: Timestamp,
    ceiling: Tlp,
}

impl Stage {
    /// So many hours ago, to the second.
    fn ago(&self, hours: i64) -> String {
        let seconds = self.now.micros() / 1_000_000 - hours * 3_600;
        Timestamp::from_micros(seconds * 1_000_000).unwrap_or_default().to_string()
    }

    /// The marking of a label, or of the channel's ceiling where that is laxer: a channel takes nothing above it.
    fn marking(&self, wanted: Tlp) -> &'static str {
        match wanted.min(self.ceiling) {
            Tlp::Clear => CLEAR,
            Tlp::Green => GREEN,
            Tlp::Amber | Tlp::AmberStrict | Tlp::Red => AMBER,
        }
    }

    fn object(&self, id: &str, hours: i64, label: Tlp, fields: Value) -> Value {
        let at = self.ago(hours);
        let kind = id.split_once("--").map_or(id, |(kind, _)| kind);
        let mut object = json!({
            "type": kind, "spec_version": "2.1", "id": id, "created": at, "modified": at, "labels": ["exercise"],
            "object_marking_refs": [self.marking(label)],
        });
        if let (Some(object), Value::Object(fields)) = (object.as_object_mut(), fields) {
            if id != SENDER {
                object.insert("created_by_ref".to_owned(), json!(SENDER));
            }
            object.extend(fields);
        }
        object
    }

    fn link(&self, id: &str, (from, how, to): (&str, &str, &str)) -> Vec<Value> {
        let fields = json!({"relationship_type": how, "source_ref": from, "target_ref": to});
        vec![self.object(id, 27, Tlp::Green, fields)]
    }

    fn addresses(&self, is_corrected: bool) -> Value {
        let more = if is_corrected { " OR [ipv6-addr:value = '2001:db8::1e:77']" } else { "" };
        let pattern =
            format!("[domain-name:value = 'invoice.tide-clearing.example'] OR [ipv4-addr:value = '192.0.2.77']{more}");
        let fields = json!({"name": "EXERCISE: Where the false invoices come from", "description": MADE_UP, "pattern_type": "stix", "pattern": pattern,
            "indicator_types": ["malicious-activity"], "valid_from": self.ago(30), "confidence": 80});
        let mut object = self.object(ADDRESSES, 29, Tlp::Green, fields);
        if let Some(object) = object.as_object_mut().filter(|_| is_corrected) {
            object.insert("modified".to_owned(), json!(self.ago(4)));
        }
        object
    }

    fn indicators(&self, id: &str) -> Vec<Value> {
        let (name, pattern, label) = if id == PAGE {
            (
                "The page that asks for a password",
                "[url:value = 'http://login.tide-clearing.example/renew']",
                Tlp::Green,
            )
        } else {
            let hash = "5eed0000c0ffee11".repeat(4);
            let pattern = format!("[file:hashes.'SHA-256' = '{hash}' OR file:name = 'invoice-7731.xlsm']");
            return vec![self.indicator(id, "The attachment", &pattern, Tlp::Amber)];
        };
        vec![self.indicator(id, name, pattern, label)]
    }

    fn indicator(&self, id: &str, name: &str, pattern: &str, label: Tlp) -> Value {
        let fields = json!({"name": format!("EXERCISE: {name}"), "description": MADE_UP, "pattern_type": "stix", "pattern": pattern,
            "indicator_types": ["malicious-activity"], "valid_from": self.ago(28)});
        self.object(id, 28, label, fields)
    }

    /// The versions of one object.
    fn versions(&self, id: &str) -> Vec<Value> {
        let one = |hours, label, fields| vec![self.object(id, hours, label, fields)];
        match id {
            ADDRESSES => vec![self.addresses(false), self.addresses(true)],
            PAGE | FILE => self.indicators(id),
            POINTS_TO_CAMPAIGN => self.link(id, (ADDRESSES, "indicates", CAMPAIGN)),
            POINTS_TO_LOADER => self.link(id, (FILE, "indicates", LOADER)),
            USES_LOADER => self.link(id, (CAMPAIGN, "uses", LOADER)),
            USES_WAY_IN => self.link(id, (CAMPAIGN, "uses", WAY_IN)),
            MITIGATES => self.link(id, (REMEDY, "mitigates", HOLE)),
            SENDER => one(
                72,
                Tlp::Clear,
                json!({"name": "EXERCISE: Exercise control (made up)", "identity_class": "organization"}),
            ),
            CAMPAIGN => one(
                30,
                Tlp::Green,
                json!({"name": "EXERCISE: False invoices of a clearing house", "first_seen": self.ago(50),
                    "description": "Made up for an exercise. Accountants get an invoice of a clearing house that does not exist."}),
            ),
            LOADER => one(
                30,
                Tlp::Green,
                json!({"name": "EXERCISE: TideLoader", "is_family": true, "malware_types": ["downloader"],
                    "description": "Made up for an exercise. Fetches further programs."}),
            ),
            WAY_IN => one(
                30,
                Tlp::Clear,
                json!({"name": "EXERCISE: An attachment that asks to switch macros on",
                    "description": MADE_UP}),
            ),
            HOLE => one(
                26,
                Tlp::Clear,
                json!({"name": "EXERCISE: Sample table program reads past its buffer",
                    "description": "Made up for an exercise. Versions before 7.3 of a program that does not exist."}),
            ),
            REMEDY => one(
                25,
                Tlp::Clear,
                json!({"name": "EXERCISE: Update the sample table program, and block macros from outside",
                    "description": MADE_UP}),
            ),
            SEEN => one(
                3,
                Tlp::Green,
                json!({"sighting_of_ref": ADDRESSES, "count": 12, "first_seen": self.ago(20), "last_seen": self.ago(3),
                    "where_sighted_refs": [SENDER]}),
            ),
            NOTE => one(
                2,
                Tlp::Amber,
                json!({"abstract": "EXERCISE: What the first bank said", "object_refs": [CAMPAIGN],
                    "content": "Made up for an exercise. Two accountants opened the attachment; one machine has been cut off."}),
            ),
            _ => one(
                1,
                Tlp::Green,
                json!({"name": "EXERCISE: False invoices, and what to do", "published": self.ago(1), "report_types": ["campaign"],
                    "object_refs": [CAMPAIGN, LOADER, WAY_IN, ADDRESSES, PAGE, FILE, HOLE, REMEDY, SEEN],
                    "description": "Made up for an exercise. What happened, who is concerned, what to do."}),
            ),
        }
    }
}

/// The case as if it happened in the days before `now`, no stricter than the ceiling: for each of [`IDS`] its versions, the oldest first.
pub(super) fn objects(now: Timestamp, ceiling: Tlp) -> Vec<Vec<Vec<u8>>> {
    let stage = Stage { now, ceiling };
    let bodies = |id: &&str| stage.versions(id).iter().map(|object| object.to_string().into_bytes()).collect();
    IDS.iter().map(bodies).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_says_that_it_is_of_an_exercise_and_has_the_id_under_which_it_is_taken_away() {
        let now = Timestamp::from_canonical("2026-11-22T08:00:00.000000Z").unwrap();
        for ceiling in Tlp::ALL {
            let all = objects(now, ceiling);
            assert_eq!(all.len(), IDS.len());
            for (versions, id) in all.iter().zip(IDS) {
                let mut before = String::new();
                for body in versions {
                    let object: Value = serde_json::from_slice(body).unwrap();
                    assert_eq!((&object["id"], &object["labels"]), (&json!(id), &json!(["exercise"])));
                    let said = object.get("name").or_else(|| object.get("abstract"));
                    assert!(said.is_none_or(|said| said.as_str().unwrap().starts_with("EXERCISE: ")), "{object}");
                    let modified = object["modified"].as_str().unwrap().to_owned();
                    assert!(modified > before, "versions come in their order");
                    before = modified;
                    let facts = gotong_formats::stix21::read(body).unwrap();
                    assert!(facts.marking.unwrap() <= ceiling, "{id}");
                    assert!(facts.doubts.is_empty(), "{id}");
                    for reference in &facts.refs {
                        assert!(IDS.contains(&reference.as_str()), "{id} speaks of {reference}, which is not there");
                    }
                }
            }
        }
    }
}

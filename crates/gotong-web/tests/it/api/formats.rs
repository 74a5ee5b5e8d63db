//! Foreign formats in and out through the API: what is recognised, what becomes of it, what is left out, and that the same again is no news.

use axum::body::Body;
use serde_json::{Value, json};

use super::door::{Answer, Door, indicator, uuid};

async fn import(door: &Door, token: &str, query: &str, body: impl Into<Vec<u8>>) -> Answer {
    let path = format!("/api/v1/channels/rti%2Findicators/records/bulk?{query}");
    let request = door.request("POST", &path, token).header("content-type", "application/octet-stream");
    door.send(request.body(Body::from(body.into())).unwrap()).await
}

fn summary(answer: &Answer) -> Value {
    answer.expect(200, "").lines().last().unwrap()["summary"].clone()
}

fn counts(new: u64, known: u64, updated: u64, refused: u64) -> Value {
    json!({"new": new, "known": known, "updated": updated, "refused": refused, "quarantined": 0, "not_carried": 0, "noted": 0})
}

const LIST: &str = "# what we saw\n203.0.113.9\nevil.example\nhxxp://bad[.]example/x\nnot a value at all\n";

#[tokio::test]
async fn a_list_becomes_indicators_and_the_same_list_tomorrow_is_no_news() {
    let door = Door::open(301).await;
    let token = door.token(true, false, None);
    let first = import(&door, &token, "tlp=green&format=list", LIST).await;
    assert_eq!(summary(&first), counts(3, 0, 0, 1), "{}", first.text());
    let refused = first.lines().into_iter().find(|line| line["outcome"] == "refused").unwrap();
    assert_eq!(refused["line"], 5, "{refused}");
    assert!(refused["why"][0]["text"].as_str().unwrap().len() > 10);
    door.clock.advance_ms(86_400_000);
    let again = import(&door, &token, "tlp=green&format=list", LIST).await;
    assert_eq!(summary(&again), counts(0, 3, 0, 1), "{}", again.text());
    let found = door.get("/api/v1/lookup?value=203.0.113.9&objects=true", &token).await.expect(200, "").json();
    let object = &found["hits"][0]["object"];
    assert_eq!(object["type"], "indicator");
    assert_eq!(object["pattern"], "[ipv4-addr:value = '203.0.113.9']");
    assert_eq!(found["hits"][0]["tlp"], "green");
    door.stop().await;
}

#[tokio::test]
async fn a_table_is_guessed_shown_corrected_and_taken_by_its_mapping() {
    let door = Door::open(302).await;
    let token = door.token(true, false, None);
    let table = "seen,what,how sure,note\n2026-10-01,198.51.100.23,80,scanner\n2026-10-02,198.51.100.24,60,\"a, b\"\n";
    let shown = door.post("/api/v1/preview?name=feed.csv", &token, table).await.expect(200, "").json();
    assert_eq!(shown["format"], "csv", "{shown}");
    assert!(shown["reason"].is_string());
    let mut mapping = shown["mapping"].clone();
    assert_eq!(mapping["columns"][1]["meaning"], "value");
    assert_eq!(shown["counts"]["indicator"], 2);
    assert_eq!(shown["objects"][0]["values"], json!(["198.51.100.23"]));
    let nothing = door.get("/api/v1/records", &token).await.expect(200, "").json();
    assert_eq!(nothing["records"], json!([]), "a look publishes nothing");
    mapping["columns"][2]["meaning"] = json!("confidence");
    let mapping = mapping.to_string();
    let mapping = percent_encoding::utf8_percent_encode(&mapping, percent_encoding::NON_ALPHANUMERIC);
    let query = format!("tlp=green&format=csv&mapping={mapping}");
    let taken = import(&door, &token, &query, table).await;
    assert_eq!(summary(&taken), counts(2, 0, 0, 0), "{}", taken.text());
    let found = door.get("/api/v1/lookup?value=198.51.100.23&objects=true", &token).await.expect(200, "").json();
    assert_eq!(found["hits"][0]["object"]["confidence"], 80);
    // Surer than yesterday: a newer version that keeps the time of its creation.
    door.clock.advance_ms(86_400_000);
    let surer = import(&door, &token, &query, table.replace(",80,", ",95,")).await;
    assert_eq!(summary(&surer), counts(0, 1, 1, 0), "{}", surer.text());
    let newer = door.get("/api/v1/lookup?value=198.51.100.23&objects=true", &token).await.expect(200, "").json();
    let (before, after) = (&found["hits"][0]["object"], &newer["hits"][0]["object"]);
    assert_eq!(after["confidence"], 95);
    assert_eq!(after["created"], before["created"]);
    assert_ne!(after["modified"], before["modified"]);
    door.stop().await;
}

#[tokio::test]
async fn what_is_sent_is_recognised_by_its_beginning_however_it_is_cut() {
    let door = Door::open(303).await;
    let token = door.token(true, false, None);
    let mail = "From: a@sender.example\r\nTo: b@cert.example\r\nSubject: look at this\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@sender.example>\r\n\r\nPlease block hxxps://phish[.]example/login now.\r\n";
    for (name, body, format) in [
        ("x.json", indicator(1, "203.0.113.1").to_string(), "stix"),
        ("x.txt", "203.0.113.8\nevil.example\nworse.example\nbad[.]example\n".to_owned(), "list"),
        ("x.eml", mail.to_owned(), "mail"),
        (
            "x.txt",
            "Hôm qua chúng tôi thấy tên miền xấu[.]example và địa chỉ 203.0.113.77 trong nhật ký.".to_owned(),
            "text",
        ),
    ] {
        let shown =
            door.post(&format!("/api/v1/preview?name={name}"), &token, body.clone()).await.expect(200, "").json();
        assert_eq!(shown["format"], format, "{shown}");
        let taken = import(&door, &token, "tlp=green", body).await;
        let summary = summary(&taken);
        assert!(summary["new"].as_u64().unwrap() >= 1, "{format}: {}", taken.text());
    }
    let found = door.get("/api/v1/lookup?value=https://phish.example/login", &token).await.expect(200, "").json();
    assert_eq!(found["hits"].as_array().unwrap().len(), 1);
    door.stop().await;
}

#[tokio::test]
async fn what_is_said_wrongly_is_refused_by_name() {
    let door = Door::open(304).await;
    let token = door.token(true, false, None);
    for query in ["format=docx", "charset=klingon", "mapping=%7B%22a%22:1%7D", "observables=maybe", "what=ever"] {
        import(&door, &token, query, "x").await.expect(400, "bad-parameter");
        door.post(&format!("/api/v1/preview?{query}"), &token, "x").await.expect(400, "bad-parameter");
    }
    let wrong = import(&door, &token, "format=csv&mapping=%7B%22delimiter%22:%22,%22,%22header%22:%22first%22,%22columns%22:%5B%7B%22name%22:%22a%22,%22meaning%22:%22value%22%7D%5D%7D", "b,c\n1,2\n").await;
    assert_eq!(summary(&wrong)["new"], 0);
    assert!(
        summary(&wrong)["refused"].as_u64().unwrap() >= 1,
        "a table that is not the mapping's is not taken: {}",
        wrong.text()
    );
    let reader = door.token(false, false, None);
    import(&door, &reader, "format=list", LIST).await.expect(403, "forbidden");
    door.stop().await;
}

#[tokio::test]
async fn exports_for_tools_hold_only_what_may_be_acted_on() {
    let door = Door::open(305).await;
    let token = door.token(true, false, None);
    let both = json!({"type": "indicator", "spec_version": "2.1", "id": format!("indicator--{}", uuid(50)), "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z", "pattern_type": "stix", "valid_from": "2026-11-01T00:00:00Z",
        "pattern": "[domain-name:value = 'good.example' AND file:name = 'bad.exe']"});
    let mut over = indicator(2, "203.0.113.2");
    over["valid_until"] = json!("2026-11-21T00:00:00Z");
    for object in [indicator(1, "203.0.113.1"), over, both] {
        door.publish("rti/indicators", &token, &object).await;
    }
    let fetch = async |query: &str| door.get(&format!("/api/v1/export?{query}"), &token).await.expect(200, "").text();
    let list = fetch("format=list").await;
    let values: Vec<&str> = list.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(values, ["203.0.113.1"], "{list}");
    assert!(list.contains("TLP:") && list.contains("/api/v1/export"), "{list}");
    assert!(!list.contains("good.example") && !list.contains("203.0.113.2\n"), "{list}");
    let all = fetch("format=text").await;
    assert!(all.contains("good.example"), "everything that can be looked up: {all}");
    for (format, media) in [
        ("csv", "text/csv"),
        ("hosts", "text/plain"),
        ("rpz", "text/plain"),
        ("suricata", "text/plain"),
        ("snort", "text/plain"),
        ("zeek", "text/plain"),
        ("ecs", "application/x-ndjson"),
        ("ndjson", "application/x-ndjson"),
        ("stix", "application/stix+json"),
    ] {
        let answer = door.get(&format!("/api/v1/export?format={format}"), &token).await;
        answer.expect(200, "");
        assert!(answer.header("content-type").starts_with(media), "{format}");
        assert!(answer.header("content-disposition").contains("gotong"), "{format}");
        assert!(!answer.body.is_empty(), "{format}");
    }
    for bad in [
        "format=exe",
        "kind=colour",
        "confidence_min=101",
        "format=rpz&zone=a+b",
        "format=rpz&policy=shrug",
        "tlp_max=pink",
    ] {
        door.get(&format!("/api/v1/export?{bad}"), &token).await.expect(400, "bad-parameter");
    }
    door.stop().await;
}

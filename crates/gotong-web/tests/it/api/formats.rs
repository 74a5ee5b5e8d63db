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

/// What a look at a text in a channel says, and whether an import of it then does just that.
async fn foreseen(door: &Door, token: &str, query: &str, text: &str) -> Value {
    let path = format!("/api/v1/channels/rti%2Findicators/records/preview?{query}");
    door.post(&path, token, text.to_owned()).await.expect(200, "").json()
}

#[tokio::test]
async fn a_look_in_a_channel_foresees_what_the_import_does() {
    let door = Door::open(303).await;
    let token = door.token(true, true, None);
    let text = "198.51.100.9\nevil.example\n192.0.2.53\n";
    let first = foreseen(&door, &token, "tlp=green&format=list", text).await;
    assert_eq!(first["foreseen"], json!({"publish": 3}), "{first}");
    assert_eq!((&first["noted"], &first["unchecked"]), (&json!(0), &json!(true)), "nothing could tell false alarms");
    assert_eq!(first["objects"][0]["label"], "green");
    let nothing = door.get("/api/v1/records", &token).await.expect(200, "").json();
    assert_eq!(nothing["records"], json!([]), "a look publishes nothing");

    let list = json!({"name": "Resolvers", "version": 1, "type": "cidr", "list": ["192.0.2.0/24"]}).to_string();
    let request = door.request("PUT", "/api/v1/warninglists", &token).body(Body::from(list)).unwrap();
    door.send(request).await.expect(200, "");
    let noted = foreseen(&door, &token, "tlp=green&format=list", text).await;
    assert_eq!((&noted["foreseen"]["publish"], &noted["noted"]), (&json!(3), &json!(1)), "{noted}");
    assert_eq!(noted.get("unchecked"), None);
    let told: Vec<&Value> =
        noted["objects"].as_array().unwrap().iter().filter(|one| one.get("why").is_some()).collect();
    assert_eq!((told.len(), &told[0]["values"][0]), (1, &json!("192.0.2.53")), "{noted}");
    assert_eq!(told[0]["why"][0]["id"], "warninglist.inform");

    let rule = json!({"list": "Resolvers", "on": ["publish"], "action": "block"});
    door.post_json("/api/v1/warninglists/rules", &token, &rule).await.expect(200, "");
    let blocked = foreseen(&door, &token, "tlp=green&format=list", text).await;
    assert_eq!(blocked["foreseen"], json!({"publish": 2, "wait": 1}), "{blocked}");
    let taken = import(&door, &token, "tlp=green&format=list", text).await;
    assert_eq!(
        summary(&taken),
        json!({"new": 2, "known": 0, "updated": 0, "refused": 0, "quarantined": 1, "not_carried": 0, "noted": 0}),
        "{}",
        taken.text()
    );
    assert!(!taken.text().contains("unchecked"));
    let ids = |told: &Value| told["objects"][0]["id"].as_str().unwrap().to_owned();
    assert!(taken.text().contains(&ids(&blocked)), "the ids are those that come");
    let again = foreseen(&door, &token, "tlp=green&format=list", text).await;
    assert_eq!(again["foreseen"]["known"], 2, "{again}");

    let person = foreseen(&door, &token, "tlp=green&format=list&personal_data=identified", "203.0.113.77").await;
    assert_eq!(person["foreseen"], json!({"refuse": 1}), "{person}");
    assert!(person["objects"][0]["why"][0]["clause"].is_string(), "{person}");
    let path = |channel: &str| format!("/api/v1/channels/{channel}/records/preview?tlp=green&format=list");
    door.post(&path("nobody%2Fknows"), &token, text).await.expect(404, "not-found");
    let reader = door.token(false, false, None);
    door.post(&path("rti%2Findicators"), &reader, text).await.expect(403, "");
    door.post(&(path("rti%2Findicators") + "&tpl=red"), &token, text).await.expect(400, "bad-parameter");
    door.stop().await;
}

#[tokio::test]
async fn an_import_of_values_that_nothing_could_check_says_so() {
    let door = Door::open(304).await;
    let token = door.token(true, false, None);
    let taken = import(&door, &token, "tlp=green&format=text", "beacons to 198.51.100.9").await;
    assert_eq!(taken.lines().last().unwrap()["unchecked"], true, "{}", taken.text());
    // What somebody else has judged already is not this node's guess.
    let stix = import(&door, &token, "tlp=green&format=stix", indicator(3, "198.51.100.3").to_string()).await;
    assert!(!stix.text().contains("unchecked"), "{}", stix.text());
    door.stop().await;
}

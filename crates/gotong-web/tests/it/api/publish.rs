//! One record in: each outcome, each refusal, and repeating.

use serde_json::json;

use super::door::{Door, doubtful, indicator};

const INDICATORS: &str = "/api/v1/channels/rti%2Findicators/records";
const ADVISORIES: &str = "/api/v1/channels/rti%2Fadvisories/records";

#[tokio::test]
async fn a_record_gets_a_receipt_and_the_same_again_is_known() {
    let door = Door::open(1).await;
    let token = door.token(true, false, None);
    let object = indicator(1, "198.51.100.1");
    let first = door.post(INDICATORS, &token, object.to_string()).await;
    let outcome = first.expect(201, "").json();
    assert_eq!(outcome["outcome"], "new");
    assert_eq!(outcome["id"], object["id"]);
    assert_eq!(outcome["receipt"]["index"], 1, "entry 0 opens the log");
    assert!(outcome["receipt"]["log"].as_str().unwrap().starts_with("gotong/"));
    assert_eq!(first.header("gotong-position").len(), 59);
    let again = door.post(INDICATORS, &token, format!(" {object}\n")).await;
    assert_eq!(again.expect(200, "").json()["receipt"], outcome["receipt"]);
    assert_eq!(again.json()["outcome"], "known");
    let mut newer = object.clone();
    newer["modified"] = json!("2026-11-02T00:00:00.000Z");
    assert_eq!(door.post(INDICATORS, &token, newer.to_string()).await.expect(201, "").json()["outcome"], "updated");
    let mut other = object.clone();
    other["name"] = json!("other");
    let conflict = door.post(INDICATORS, &token, other.to_string()).await;
    assert_eq!(conflict.expect(409, "conflict").json()["errors"][0]["pointer"], "/modified");
    door.stop().await;
}

#[tokio::test]
async fn what_is_not_valid_is_refused_with_the_field() {
    let door = Door::open(2).await;
    let token = door.token(true, false, None);
    let mut object = indicator(1, "198.51.100.1");
    object["valid_from"] = json!("yesterday");
    let refused = door.post(INDICATORS, &token, object.to_string()).await;
    assert_eq!(refused.expect(422, "refused").json()["errors"][0]["pointer"], "/valid_from");
    assert!(door.post(INDICATORS, &token, "{").await.status >= 400);
    assert!(!door.post(INDICATORS, &token, "[1,2]").await.text().contains("new"));
    door.post(INDICATORS, &token, vec![b' '; (1 << 20) + 1]).await.expect(413, "too-large");
    let request = door.request("POST", INDICATORS, &token).header("content-type", "text/csv");
    door.send(request.body("a,b".into()).unwrap()).await.expect(415, "unsupported-media");
    door.post(&format!("{INDICATORS}?tlp=blue"), &token, indicator(1, "198.51.100.1").to_string())
        .await
        .expect(400, "bad-parameter");
    door.post(&format!("{INDICATORS}?owner=th"), &token, indicator(1, "198.51.100.1").to_string())
        .await
        .expect(400, "bad-parameter");
    door.stop().await;
}

#[tokio::test]
async fn what_no_clause_allows_is_refused_with_the_clause() {
    let door = Door::open(3).await;
    let token = door.token(true, false, None);
    let object = indicator(1, "198.51.100.1").to_string();
    let above = door.post(&format!("{ADVISORIES}?tlp=amber"), &token, object.clone()).await;
    let errors = above.expect(403, "forbidden-by-clause").json()["errors"].clone();
    assert_eq!(errors[0]["id"], "policy.above-ceiling");
    assert!(errors[0]["clause"].as_str().unwrap().starts_with("rti "));
    door.post(&format!("{ADVISORIES}?tlp=green"), &token, object.clone()).await.expect(201, "");
    let identity = json!({"type": "identity", "spec_version": "2.1", "id": "identity--00000001-0000-4000-8000-000000000001",
        "created": "2026-11-01T00:00:00.000Z", "modified": "2026-11-01T00:00:00.000Z", "name": "x"});
    let unnamed = door.post(&format!("{ADVISORIES}?tlp=green"), &token, identity.to_string()).await;
    assert_eq!(unnamed.expect(403, "forbidden-by-clause").json()["errors"][0]["id"], "policy.kind-unnamed");
    door.clock.advance_ms(2 * 365 * 86_400_000);
    let late = door.post(&format!("{ADVISORIES}?tlp=green"), &token, object).await;
    assert_eq!(late.expect(403, "forbidden-by-clause").json()["errors"][0]["id"], "policy.out-of-force");
    door.stop().await;
}

#[tokio::test]
async fn only_who_may_publish_does_and_only_where_the_channel_is_there_for_the_caller() {
    let door = Door::open(4).await;
    let reader = door.token(false, false, None);
    let limited = door.token(true, false, Some(&["rti/indicators"]));
    let object = indicator(1, "198.51.100.1").to_string();
    for path in [INDICATORS.to_owned(), format!("{INDICATORS}/bulk"), INDICATORS.replace("records", "withdraw")] {
        door.post(&path, &reader, object.clone()).await.expect(403, "forbidden");
        door.post(&path, "", object.clone()).await.expect(401, "unauthenticated");
        for hidden in ["two%2Fhidden", "no%2Fsuch", &door.id_of("two/hidden").to_string()] {
            let path = path.replace("rti%2Findicators", hidden);
            door.post(&path, &limited, object.clone()).await.expect(404, "not-found");
        }
    }
    // A handle may be typed with its slash.
    door.post("/api/v1/channels/rti/indicators/records", &limited, object).await.expect(201, "");
    door.stop().await;
}

#[tokio::test]
async fn a_key_makes_a_request_happen_once() {
    let door = Door::open(5).await;
    let token = door.token(true, false, None);
    let other = door.token(true, false, None);
    let object = indicator(1, "198.51.100.1").to_string();
    let send = |token: String, key: &'static str, object: String| {
        let request = door.request("POST", INDICATORS, &token).header("idempotency-key", key);
        door.send(request.body(object.into()).unwrap())
    };
    let first = send(token.clone(), "a", object.clone()).await;
    let again = send(token.clone(), "a", object.clone()).await;
    assert_eq!(first.expect(201, "").json(), again.expect(201, "").json(), "the first answer is given again");
    assert_eq!(again.header("gotong-replayed"), "true");
    assert_eq!(send(token.clone(), "b", object.clone()).await.expect(200, "").json()["outcome"], "known");
    send(token.clone(), "a", indicator(2, "198.51.100.2").to_string()).await.expect(422, "idempotency-key");
    // Keys are each caller's own.
    send(other, "a", indicator(2, "198.51.100.2").to_string()).await.expect(201, "");
    // A refusal changed nothing, so the key stays free.
    let mut broken = indicator(3, "198.51.100.3");
    broken["valid_from"] = json!("never");
    send(token.clone(), "c", broken.to_string()).await.expect(422, "refused");
    send(token.clone(), "c", indicator(3, "198.51.100.3").to_string()).await.expect(201, "");
    // After a day the key means nothing any more, and what is there is known all the same.
    door.clock.advance_ms(86_400_000 + 1);
    assert_eq!(send(token.clone(), "a", object).await.expect(200, "").json()["outcome"], "known");
    send(token, &"x".repeat(129).leak()[..], indicator(4, "198.51.100.4").to_string())
        .await
        .expect(422, "idempotency-key");
    door.stop().await;
}

#[tokio::test]
async fn withdrawing_and_relabelling_answer_for_each_id() {
    let door = Door::open(6).await;
    let token = door.token(true, false, None);
    let (one, two) = (indicator(1, "198.51.100.1"), indicator(2, "198.51.100.2"));
    door.publish("rti/indicators", &token, &one).await;
    door.publish("rti/indicators", &token, &two).await;
    let path = "/api/v1/channels/rti%2Findicators/withdraw";
    let wish = json!({"ids": [one["id"], "indicator--00000000-0000-4000-8000-0000000000ff"], "reason": "error"});
    let request =
        || door.request("POST", path, &token).header("idempotency-key", "w").body(wish.to_string().into()).unwrap();
    let done = door.send(request()).await;
    let results = done.expect(200, "").json()["results"].clone();
    assert_eq!((&results[0]["outcome"], &results[0]["entries"]), (&json!("done"), &json!(1)));
    assert_eq!(results[0]["index"], 3);
    assert_eq!(results[1]["outcome"], "not_found");
    assert_eq!(door.send(request()).await.json()["results"], results, "the first answer is given again");
    door.get(&format!("/api/v1/records/{}", one["id"].as_str().unwrap()), &token).await.expect(404, "not-found");
    let relabel = "/api/v1/channels/rti%2Findicators/relabel";
    let stricter = door.post_json(relabel, &token, &json!({"ids": [two["id"]], "tlp": "amber"})).await;
    assert_eq!(stricter.expect(200, "").json()["results"][0]["outcome"], "done");
    let read = door.get(&format!("/api/v1/records/{}", two["id"].as_str().unwrap()), &token).await;
    assert_eq!(read.expect(200, "").json()["versions"][0]["tlp"], "amber");
    let above = door.post_json(relabel, &token, &json!({"ids": [two["id"]], "tlp": "amber+strict"})).await;
    assert_eq!(above.expect(200, "").json()["results"][0]["outcome"], "done", "above the ceiling it is a withdrawal");
    door.get(&format!("/api/v1/records/{}", two["id"].as_str().unwrap()), &token).await.expect(404, "not-found");
    for (body, pointer) in [
        (json!({"ids": [], "reason": "error"}), "/ids"),
        (json!({"ids": ["x"], "reason": "whim"}), "/reason"),
        (json!({"ids": ["x"], "reason": "error", "modified": "x"}), "/modified"),
    ] {
        let refused = door.post_json(path, &token, &body).await;
        assert_eq!(refused.expect(422, "refused").json()["errors"][0]["pointer"], pointer);
    }
    door.post_json(path, &token, &json!({"ids": ["x"], "reason": "error", "author": "th"}))
        .await
        .expect(422, "refused");
    door.post(path, &token, "{").await.expect(400, "bad-json");
    let gone = door.get("/api/v1/channels/rti%2Findicators/withdrawals", &token).await;
    assert_eq!(gone.expect(200, "").json()["withdrawals"].as_array().unwrap().len(), 2);
    door.stop().await;
}

#[tokio::test]
async fn what_is_doubtful_waits_for_a_person() {
    let door = Door::open(7).await;
    let token = door.token(true, false, None);
    let waiting = door.post(INDICATORS, &token, doubtful(1).to_string()).await;
    assert_eq!(waiting.expect(202, "").json()["outcome"], "quarantined");
    let number = waiting.json()["quarantine"].as_u64().unwrap();
    let other = door.post(INDICATORS, &token, doubtful(2).to_string()).await.expect(202, "").json()["quarantine"]
        .as_u64()
        .unwrap();
    let list = door.get("/api/v1/quarantine?limit=1", &token).await.expect(200, "").json();
    assert!(list["quarantined"][0].get("object").is_none());
    let next = door.get(&format!("/api/v1/quarantine?after={}", list["next"].as_str().unwrap()), &token).await;
    let mut numbers =
        [list["quarantined"][0]["number"].as_u64(), next.expect(200, "").json()["quarantined"][0]["number"].as_u64()];
    numbers.sort_unstable();
    assert_eq!(numbers, [Some(number.min(other)), Some(number.max(other))]);
    door.get("/api/v1/quarantine?after=1", &token).await.expect(400, "bad-parameter");
    let shown = door.get(&format!("/api/v1/quarantine/{number}"), &token).await.expect(200, "").json();
    assert_eq!(shown["object"], doubtful(1));
    let (reader, limited) = (door.token(false, false, None), door.token(true, false, Some(&["rti/advisories"])));
    assert_eq!(door.get("/api/v1/quarantine", &limited).await.expect(200, "").json()["quarantined"], json!([]));
    // Whether one waits tells nobody: the one is refused and the other finds nothing, at this number and at one that never was.
    for (stranger, status, problem) in [(&reader, 403, "forbidden"), (&limited, 404, "not-found")] {
        for path in [number, 999].map(|number| format!("/api/v1/quarantine/{number}")) {
            door.get(&path, stranger).await.expect(status, problem);
            door.post(&format!("{path}/release"), stranger, "").await.expect(status, problem);
            door.delete(&path, stranger).await.expect(status, problem);
        }
    }
    let released = door.post(&format!("/api/v1/quarantine/{number}/release"), &token, "").await;
    assert_eq!(released.expect(201, "").json()["outcome"], "new");
    door.delete(&format!("/api/v1/quarantine/{other}"), &token).await.expect(204, "");
    door.delete(&format!("/api/v1/quarantine/{other}"), &token).await.expect(404, "not-found");
    door.stop().await;
}

#[tokio::test]
async fn a_full_disk_is_said_plainly_and_reading_goes_on() {
    let door = Door::open(8).await;
    let token = door.token(true, false, None);
    let object = indicator(1, "198.51.100.1");
    door.publish("rti/indicators", &token, &object).await;
    door.disk.fill(true);
    door.post(INDICATORS, &token, indicator(2, "198.51.100.2").to_string()).await.expect(507, "store-full");
    door.get(&format!("/api/v1/records/{}", object["id"].as_str().unwrap()), &token).await.expect(200, "");
    door.disk.heal();
    door.post(INDICATORS, &token, indicator(2, "198.51.100.2").to_string()).await.expect(201, "");
    door.stop().await;
}

#[tokio::test]
async fn an_answer_waits_for_another_holder_if_asked_and_says_when_there_was_none() {
    let door = Door::open(9).await;
    let token = door.token(true, false, None);
    let request = door.request("POST", INDICATORS, &token).header("prefer", "wait=replicated");
    let answer = door.send(request.body(indicator(1, "198.51.100.1").to_string().into()).unwrap()).await;
    answer.expect(201, "");
    assert_eq!(answer.header("preference-applied"), "", "nobody else is there");
    door.stop().await;
}

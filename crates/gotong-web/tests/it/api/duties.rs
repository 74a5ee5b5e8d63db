//! Duties over HTTP: listed with their clocks, counted in the metrics, and noted only where a note meets them.

use serde_json::json;

use super::door::{Door, indicator};

const DAY_MS: u64 = 86_400_000;

#[tokio::test]
async fn a_duty_runs_from_open_to_overdue_in_the_list_and_in_the_metrics() {
    let door = Door::open(91).await;
    door.agree(91, "kept", |kind| kind.retention_days = Some(1));
    let token = door.token(true, false, None);
    let overdue = |text: String| {
        let line =
            text.lines().find(|line| line.starts_with("gotong_duties_overdue{duty=\"delete\"}")).unwrap().to_owned();
        line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()
    };
    assert_eq!(door.get("/api/v1/duties", &token).await.expect(200, "").json()["duties"], json!([]));
    let object = indicator(1, "198.51.100.1");
    door.publish("kept/indicators", &token, &object).await;
    // The control: of a channel that keeps things for good nothing is due.
    door.publish("rti/indicators", &token, &indicator(2, "198.51.100.2")).await;
    let open = door.get("/api/v1/duties", &token).await.expect(200, "").json();
    let duty = &open["duties"][0];
    assert_eq!(open["duties"].as_array().unwrap().len(), 1, "{open}");
    assert_eq!(
        (&duty["duty"], &duty["state"], &duty["object"], &duty["channel"], &duty["clause"], &duty["member"]),
        (&json!("delete"), &json!("open"), &object["id"], &json!("kept/indicators"), &json!("1"), &json!("id"))
    );
    assert!(duty["left_s"].as_i64().unwrap() > 86_000 && duty["left_s"].as_i64().unwrap() <= 86_400);
    assert_eq!(overdue(door.get("/metrics", "").await.text()), 0);
    for (query, number) in [
        ("?state=open", 1),
        ("?state=overdue", 0),
        ("?state=met", 0),
        ("?channel=kept%2Findicators", 1),
        ("?channel=rti%2Findicators", 0),
        ("?due_before=2026-11-22T12:00:00Z", 0),
        ("?due_before=2026-11-24T00:00:00Z", 1),
        ("?limit=1", 1),
        ("?others=true", 0),
    ] {
        let found = door.get(&format!("/api/v1/duties{query}"), &token).await.expect(200, "").json();
        assert_eq!(found["duties"].as_array().unwrap().len(), number, "{query}");
    }
    for bad in ["?state=late", "?limit=0", "?limit=1001", "?due_before=soon", "?other=1"] {
        door.get(&format!("/api/v1/duties{bad}"), &token).await.expect(400, "bad-parameter");
    }
    door.get("/api/v1/duties?channel=no%2Fsuch", &token).await.expect(404, "not-found");
    let narrow = door.token(true, false, Some(&["rti/indicators"]));
    assert_eq!(door.get("/api/v1/duties", &narrow).await.expect(200, "").json()["duties"], json!([]));
    door.get("/api/v1/duties?channel=kept%2Findicators", &narrow).await.expect(404, "not-found");

    door.clock.advance_ms(2 * DAY_MS);
    let late = door.get("/api/v1/duties?state=overdue", &token).await.expect(200, "").json();
    assert_eq!(late["duties"][0]["state"], "overdue");
    assert!(late["duties"][0]["left_s"].as_i64().unwrap() < 0);
    assert_eq!(overdue(door.get("/metrics", "").await.text()), 1);
    door.stop().await;
}

#[tokio::test]
async fn a_duty_is_noted_only_by_whom_and_where_a_note_meets_it() {
    let door = Door::open(92).await;
    door.agree(92, "kept", |kind| kind.retention_days = Some(1));
    let (token, reader) = (door.token(true, false, None), door.token(false, false, None));
    door.publish("kept/indicators", &token, &indicator(1, "198.51.100.1")).await;
    let list = door.get("/api/v1/duties", &reader).await.expect(200, "").json();
    let path = format!("/api/v1/duties/{}/done", list["duties"][0]["id"].as_str().unwrap());
    let note = json!({"note": "erased by hand"});
    door.post_json(&path, &reader, &note).await.expect(403, "forbidden");
    let refused = door.post_json(&path, &token, &note).await.expect(422, "refused").json();
    assert_eq!(refused["errors"][0]["id"], "duty.shows-by-itself");
    for long in [String::new(), " ".to_owned(), "x".repeat(1_025)] {
        let refused = door.post_json(&path, &token, &json!({"note": long})).await.expect(422, "refused").json();
        assert_eq!(refused["errors"][0]["pointer"], "/note");
    }
    for unknown in ["x", "a.1.0", "..", "%00"] {
        door.post_json(&format!("/api/v1/duties/{unknown}/done"), &token, &note).await.expect(404, "not-found");
    }
    let narrow = door.token(true, false, Some(&["rti/indicators"]));
    door.post_json(&path, &narrow, &note).await.expect(404, "not-found");
    door.stop().await;
}

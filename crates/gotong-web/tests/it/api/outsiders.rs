//! What somebody learns who should learn nothing.

use axum::body::Body;
use serde_json::{Value, json};

use super::door::{Answer, Door, doubtful, indicator, operations, plans, uuid};
use gotong_web::server::Rate;

/// A path with something in each place of its template.
fn filled(template: &str) -> String {
    template
        .replace("{channel}", "rti%2Findicators")
        .replace("{id}", &format!("indicator--{}", uuid(1)))
        .replace("{number}", "1")
        .replace("{slug}", "not-found")
}

#[tokio::test]
async fn without_a_token_every_address_answers_from_a_short_list() {
    let door = Door::open(81).await;
    let token = door.token(true, false, None);
    door.publish("rti/indicators", &token, &indicator(1, "198.51.100.1")).await;
    let mut asked = 0;
    let mut answers = std::collections::BTreeSet::new();
    for (_, template) in operations().keys() {
        for method in ["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "HEAD"] {
            for secret in ["", "gtk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "null"] {
                let request =
                    door.request(method, &filled(template), secret).header("content-type", "application/json");
                let answer = door.send(request.body(Body::from("{}")).unwrap()).await;
                // After a while guesses are put off; that tells nothing either.
                assert!(matches!(answer.status, 401 | 405 | 429), "{method} {template}: {}", answer.status);
                if answer.status == 401 && method != "HEAD" {
                    answers.insert(answer.text());
                    assert!(answer.header("www-authenticate").starts_with("Bearer"));
                }
                asked += 1;
            }
        }
    }
    assert!(asked > 500);
    assert_eq!(answers.len(), 2, "one answer without a token and one with a wrong one, whatever was asked");
    for (path, status) in [
        ("/", 303),
        ("/intelligence", 303),
        ("/me", 303),
        ("/users", 303),
        ("/log-in", 200),
        ("/log-in/code", 303),
        ("/log-in/set-up", 303),
        ("/welcome?key=gin_x", 410),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/metrics", 200),
        ("/assets/style.css", 200),
        ("/assets/icon.svg", 200),
        ("/favicon.ico", 200),
        ("/robots.txt", 200),
        ("/problems", 200),
        ("/problems/not-found", 200),
        ("/problems/no-such", 404),
        ("/api/v1/docs", 200),
        ("/api/v1/openapi.json", 200),
        ("/api/v1", 404),
        ("/api/v1/nothing", 404),
        ("/api/v2/records", 404),
        ("/federation/v1/hello", 404),
        ("/../etc/passwd", 404),
    ] {
        let answer = door.get(path, "").await;
        assert_eq!(answer.status, status, "{path}");
        let text = answer.text();
        if path != "/api/v1/docs" && path != "/api/v1/openapi.json" {
            for secret in ["rti/", "two/", "198.51.100.1", "indicators"] {
                assert!(!text.contains(secret), "{path} tells {secret}");
            }
        }
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"));
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(answer.header("x-request-id").len(), 16);
    }
    let wrong = door.delete("/api/v1/channels", &token).await;
    assert!(wrong.expect(405, "method-not-allowed").header("allow").contains("GET"));
    door.stop().await;
}

/// What may differ between two answers that are otherwise the same: sealed positions, which are random, and counted by their length alone.
fn comparable(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                if matches!(name.as_str(), "next" | "position") && field.is_string() {
                    *field = json!(field.as_str().map(str::len));
                } else {
                    *field = comparable(field.take());
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|item| *item = comparable(item.take())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    value
}

fn shape(answer: &Answer) -> (u16, Vec<String>, usize, Value) {
    let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
    names.sort();
    let body = serde_json::from_slice(&answer.body).map_or_else(|_| json!(answer.text()), comparable);
    (answer.status, names, answer.body.len(), body)
}

/// Two nodes from one seed: at one of them a channel is busy that the token may not read.
#[tokio::test]
async fn a_token_cannot_tell_whether_there_is_a_channel_that_it_may_not_read() {
    let rate = Rate { per_second: 10_000.0, burst: 100_000.0 };
    let mut doors = Vec::new();
    for hidden in [true, false] {
        let door = Door::with(82, plans(true), rate).await;
        let all = door.token(true, false, None);
        let token = door.token(true, false, Some(&["rti/indicators"]));
        let ours = indicator(1, "198.51.100.1");
        door.publish("rti/indicators", &all, &ours).await;
        if hidden {
            for number in 100..140 {
                // The same id and the same value too, with another label.
                let object = if number == 100 { ours.clone() } else { indicator(number, "198.51.100.1") };
                let path = "/api/v1/channels/two%2Fhidden/records?tlp=amber";
                door.post(path, &all, object.to_string()).await.expect(201, "");
            }
            door.post("/api/v1/channels/two%2Fhidden/records", &all, doubtful(7).to_string()).await.expect(202, "");
            let sighting = json!({"type": "sighting", "spec_version": "2.1", "id": format!("sighting--{}", uuid(9)), "created": "2026-11-01T00:00:00.000Z",
                "modified": "2026-11-01T00:00:00.000Z", "sighting_of_ref": ours["id"]});
            door.publish("two/hidden", &all, &sighting).await;
            let wish = json!({"ids": [format!("indicator--{}", uuid(120))], "reason": "error"});
            door.post_json("/api/v1/channels/two%2Fhidden/withdraw", &all, &wish).await.expect(200, "");
        }
        door.publish("rti/indicators", &all, &indicator(2, "198.51.100.2")).await;
        doors.push((door, token));
    }
    let hidden_id = doors[0].0.id_of("two/hidden").to_string();
    let log_of = |answer: &Answer| answer.json()["logs"][0]["log"].as_str().unwrap().to_owned();
    let ours = log_of(&doors[0].0.get("/api/v1/logs", &doors[0].1).await);
    let hidden_log = ours.replace(&doors[0].0.id_of("rti/indicators").to_string(), &hidden_id);
    let id = format!("indicator--{}", uuid(1));
    let only_hidden = format!("indicator--{}", uuid(130));
    let mut paths: Vec<String> = vec![
        "/api/v1/records".into(),
        "/api/v1/records?limit=1".into(),
        "/api/v1/records?type=indicator".into(),
        "/api/v1/records?type=sighting".into(),
        "/api/v1/records?since=2026-01-01T00:00:00Z&limit=1".into(),
        format!("/api/v1/records?id={id}"),
        format!("/api/v1/records?id={only_hidden}"),
        "/api/v1/records?channel=two%2Fhidden".into(),
        format!("/api/v1/records?channel={hidden_id}"),
        "/api/v1/lookup?value=198.51.100.1".into(),
        "/api/v1/lookup?value=198.51.100.1&objects=true".into(),
        "/api/v1/sightings?value=198.51.100.1".into(),
        "/api/v1/search?q=198.51.100.1".into(),
        "/api/v1/search?q=Indicator".into(),
        "/api/v1/search?q=channel%3Atwo%2Fhidden%20Indicator".into(),
        "/api/v1/search?q=Indicator&channel=two%2Fhidden".into(),
        "/api/v1/suggest?q=Indi".into(),
        "/api/v1/suggest?q=Indi&channel=two%2Fhidden".into(),
        "/api/v1/channels".into(),
        "/api/v1/logs".into(),
        format!("/api/v1/logs/entry?log={hidden_log}&index=1"),
        "/api/v1/peers".into(),
        "/api/v1/status".into(),
        "/api/v1/quarantine".into(),
        "/api/v1/quarantine/1".into(),
        "/api/v1/tokens".into(),
        "/api/v1/logs/verify".into(),
        "/api/v1/archive".into(),
        "/api/v1/export?format=text".into(),
        "/api/v1/export?format=csv".into(),
        "/api/v1/export?channel=two%2Fhidden".into(),
        "/".into(),
        "/readyz".into(),
    ];
    for record in [&id, &only_hidden] {
        for what in ["", "/explain", "/acknowledgements", "/sightings", "/related", "/worth"] {
            paths.push(format!("/api/v1/records/{record}{what}"));
        }
    }
    for channel in ["two%2Fhidden", &hidden_id] {
        for what in ["", "/acknowledgements", "/withdrawals", "/explain?type=indicator"] {
            paths.push(format!("/api/v1/channels/{channel}{what}"));
        }
    }
    for path in &paths {
        let with = shape(&doors[0].0.get(path, &doors[0].1).await);
        let without = shape(&doors[1].0.get(path, &doors[1].1).await);
        // Leaves carry random salts, so digests of one's own log differ between the two nodes; nothing else may.
        assert_eq!(blurred(with), blurred(without), "{path}");
    }
    for (path, body) in [
        ("/api/v1/channels/two%2Fhidden/records", indicator(500, "198.51.100.1")),
        ("/api/v1/channels/two%2Fhidden/records/bulk", indicator(500, "198.51.100.1")),
        ("/api/v1/channels/two%2Fhidden/withdraw", json!({"ids": [id], "reason": "error"})),
        ("/api/v1/channels/two%2Fhidden/relabel", json!({"ids": [id], "tlp": "amber"})),
        ("/api/v1/lookup", json!({"values": ["198.51.100.1", "198.51.100.2"]})),
        ("/api/v1/quarantine/1/release", json!({})),
    ] {
        let with = shape(&doors[0].0.post_json(path, &doors[0].1, &body).await);
        let without = shape(&doors[1].0.post_json(path, &doors[1].1, &body).await);
        assert_eq!(with, without, "{path}");
    }
    // A positive control: with the hidden channel the comparison does see a difference, for a token that may read it.
    let all = [doors[0].0.token(true, false, None), doors[1].0.token(true, false, None)];
    let with = shape(&doors[0].0.get("/api/v1/lookup?value=198.51.100.1", &all[0]).await);
    let without = shape(&doors[1].0.get("/api/v1/lookup?value=198.51.100.1", &all[1]).await);
    assert_ne!(with, without);
    for (door, _) in doors {
        door.stop().await;
    }
}

/// Roots, checkpoints, bundle ids, epochs and tags come from randomness that the two nodes draw at different points; they keep their lengths.
fn blurred((status, names, length, body): (u16, Vec<String>, usize, Value)) -> (u16, Vec<String>, usize, Value) {
    fn blur(value: Value) -> Value {
        match value {
            Value::Object(fields) => fields
                .into_iter()
                .map(|(name, field)| {
                    let is_random = matches!(name.as_str(), "root" | "checkpoint" | "epoch" | "log");
                    let field = if is_random { json!(field.as_str().map(str::len)) } else { blur(field) };
                    (name, field)
                })
                .collect(),
            Value::Array(list) => list.into_iter().map(blur).collect(),
            Value::String(text) if text.starts_with("<!doctype") => json!("a page"),
            other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
        }
    }
    (status, names, length, blur(body))
}

//! Running the node through its API and its socket.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use gotong_web::federation::{Links, WatchBell};
use gotong_web::server::{self, Rate, ServerOptions, StartFault};
use serde_json::json;

use super::door::{Door, indicator, plans};

#[tokio::test]
async fn the_socket_is_the_operators_alone() {
    let door = Door::open(61).await;
    let mode = std::fs::metadata(&door.socket).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let status = door.by_socket("GET", "/api/v1/status", "").await;
    assert_eq!(status.expect(200, "").json()["store"]["live"], 0);
    let socket = door.socket.clone();
    door.stop().await;
    assert!(!socket.exists(), "it goes with the server");
}

#[tokio::test]
async fn tokens_are_made_listed_and_ended_by_the_operator() {
    let door = Door::open(62).await;
    let made = door
        .by_socket(
            "POST",
            "/api/v1/tokens",
            json!({"name": "Ann", "role": "analyst", "channels": ["rti/indicators"]}).to_string(),
        )
        .await;
    let made = made.expect(201, "").json();
    let secret = made["token"].as_str().unwrap().to_owned();
    door.publish("rti/indicators", &secret, &indicator(1, "198.51.100.1")).await;
    door.get("/api/v1/channels/rti%2Fadvisories", &secret).await.expect(404, "not-found");
    // Three spellings of one token.
    let basic = gotong_crypto::text::base64(format!("anyone:{secret}").as_bytes());
    for spelling in [format!("Bearer {secret}"), format!("Basic {basic}"), secret.clone()] {
        let request =
            axum::http::Request::get("/api/v1/channels").header("host", "x").header("authorization", spelling);
        door.send(request.body(axum::body::Body::empty()).unwrap()).await.expect(200, "");
    }
    let list = door.by_socket("GET", "/api/v1/tokens", "").await;
    assert_eq!(list.expect(200, "").json()["tokens"][0]["name"], "Ann");
    assert!(!list.text().contains(&secret));
    for (method, path) in [
        ("GET", "/api/v1/tokens"),
        ("POST", "/api/v1/tokens"),
        ("DELETE", "/api/v1/tokens/x"),
        ("GET", "/api/v1/logs/verify"),
        ("GET", "/api/v1/archive"),
        ("POST", "/api/v1/rebuild"),
    ] {
        let request = door.request(method, path, &secret).body("{}".into()).unwrap();
        door.send(request).await.expect(403, "forbidden");
    }
    for (body, pointer) in [
        (json!({"name": ""}), "/name"),
        (json!({"name": "x", "channels": []}), "/channels"),
        (json!({"name": "x", "channels": ["no/such"]}), "/channels/0"),
        (json!({"name": "x", "channels": ["rti/indicators"], "role": "operator"}), "/channels"),
        (json!({"name": "x", "channels": ["rti/indicators"], "role": "auditor"}), "/channels"),
        (json!({"name": "x", "role": "king"}), "/role"),
        (json!({"name": "x", "role": "constituent"}), "/role"),
        (json!({"name": "x", "expires": "soon"}), "/expires"),
    ] {
        let refused = door.by_socket("POST", "/api/v1/tokens", body.to_string()).await;
        assert_eq!(refused.expect(422, "refused").json()["errors"][0]["pointer"], pointer);
    }
    let path = format!("/api/v1/tokens/{}", made["id"].as_str().unwrap());
    door.by_socket("DELETE", &path, "").await.expect(204, "");
    door.by_socket("DELETE", &path, "").await.expect(404, "not-found");
    door.get("/api/v1/channels", &secret).await.expect(401, "unauthenticated");
    let brief = json!({"name": "brief", "expires": "2026-11-22T01:00:00Z"}).to_string();
    let brief = door.by_socket("POST", "/api/v1/tokens", brief).await.json()["token"].as_str().unwrap().to_owned();
    door.get("/api/v1/channels", &brief).await.expect(200, "");
    door.clock.advance_ms(3_600_000);
    door.get("/api/v1/channels", &brief).await.expect(401, "unauthenticated");
    door.stop().await;
}

#[tokio::test]
async fn everything_is_verified_archived_and_built_again_on_request() {
    let door = Door::open(63).await;
    let operator = door.token(true, true, None);
    for number in 1..=5 {
        door.publish("rti/indicators", &operator, &indicator(number, "198.51.100.1")).await;
    }
    let verified = door.get("/api/v1/logs/verify", &operator).await;
    let report = verified.expect(200, "").lines().last().unwrap()["report"].clone();
    // Two agreements of this member stand in governance logs beside: an opening and a document each.
    assert_eq!((&report["sound"], &report["entries"]), (&json!(true), &json!(6 + 2 * 2)), "{report}");
    let archive = door.get("/api/v1/archive?channel=rti%2Findicators", &operator).await;
    assert_eq!(archive.expect(200, "").header("content-type"), "application/octet-stream");
    assert!(archive.body.len() > 1_000);
    door.get("/api/v1/archive?author=NO", &operator).await.expect(400, "bad-parameter");
    // The server's own loop may have begun to build before the answer is written.
    let lag = door.post("/api/v1/rebuild", &operator, "").await.expect(202, "").json()["projection_lag"].as_u64();
    assert!(lag.is_some_and(|lag| lag <= 6 + 2 * 2), "{lag:?}: entry 0 arrived by itself");
    let until = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    while door.node.projection_lag().unwrap() > 0 {
        assert!(tokio::time::Instant::now() < until, "the views are built again");
        tokio::task::yield_now().await;
    }
    let found = door.get("/api/v1/lookup?value=198.51.100.1", &operator).await;
    assert_eq!(found.json()["hits"].as_array().unwrap().len(), 5);
    let status = door.get("/api/v1/status", &operator).await.expect(200, "").json();
    assert_eq!(
        (&status["member"], &status["store"]["live"], &status["restored"]),
        (&json!("id"), &json!(5), &json!(false))
    );
    assert!(door.get("/api/v1/status", &door.token(true, false, None)).await.json().get("store").is_none());
    let peers = door.get("/api/v1/peers", &operator).await.expect(200, "").json();
    let codes: Vec<&str> =
        peers["peers"].as_array().unwrap().iter().map(|peer| peer["member"].as_str().unwrap()).collect();
    assert_eq!(codes, ["th", "vn"]);
    door.stop().await;
}

#[tokio::test]
async fn health_and_figures_are_for_this_machine() {
    let door = Door::open(64).await;
    let token = door.token(true, false, None);
    door.publish("rti/indicators", &token, &indicator(1, "198.51.100.1")).await;
    assert_eq!(door.get("/healthz", "").await.expect(200, "").text(), "ok\n");
    assert_eq!(door.get("/readyz", "").await.expect(200, "").text(), "ready\n");
    let figures = door.get("/metrics", "").await.expect(200, "").text();
    for line in [
        "gotong_entries{state=\"live\"} 1",
        "gotong_objects_total{outcome=\"new\"} 1",
        "route=\"/api/v1/channels/{channel}/records\",method=\"POST\",status=\"201\"",
    ] {
        assert!(figures.contains(line), "{line} is in {figures}");
    }
    assert!(!figures.contains("indicators"), "no channel is named");
    for (name, value) in [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1"), ("host", "evil.example")] {
        let mut request = door.request("GET", "/metrics", "").body(axum::body::Body::empty()).unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        door.send(request).await.expect(404, "not-found");
    }
    door.by_socket("GET", "/metrics", "").await.expect(200, "");
    door.stop().await;
}

#[tokio::test]
async fn plain_http_stays_on_this_machine() {
    let door = Door::open(65).await;
    let options = ServerOptions { listen: Some("0.0.0.0:0".parse().unwrap()), ..ServerOptions::default() };
    let refused =
        server::start(Arc::clone(&door.node), options.clone(), Links::default(), Arc::new(WatchBell::new())).await;
    let fault = refused.unwrap_err();
    assert!(matches!(fault, StartFault::PlainBeyondLoopback(_)));
    assert!(fault.to_string().contains("listen on 127.0.0.1"), "{fault}");
    let allowed = ServerOptions { allow_plain_beyond_loopback: true, ..options };
    server::start(Arc::clone(&door.node), allowed, Links::default(), Arc::new(WatchBell::new()))
        .await
        .unwrap()
        .stop()
        .await;
    door.stop().await;
}

#[tokio::test]
async fn who_asks_too_much_waits_and_nobody_else_does() {
    let door = Door::with(66, plans(false), Rate { per_second: 0.5, burst: 5.0 }).await;
    let (greedy, modest) = (door.token(false, false, None), door.token(false, false, None));
    let mut refused = None;
    for _ in 0..8 {
        let answer = door.get("/api/v1/channels", &greedy).await;
        if answer.status == 429 {
            refused = Some(answer);
        }
    }
    let refused = refused.expect("the share is used up");
    refused.expect(429, "too-many-requests");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    door.get("/api/v1/channels", &modest).await.expect(200, "");
    // Guessing is slowed down too, and does not lock out who has a token.
    let mut statuses = Vec::new();
    for _ in 0..60 {
        statuses.push(door.get("/api/v1/channels", "gtk_guess").await.status);
    }
    assert!(statuses.contains(&401) && statuses.contains(&429));
    door.get("/api/v1/channels", &modest).await.expect(200, "");
    door.stop().await;
}

#[tokio::test]
async fn the_register_of_transfers_is_told_in_three_forms_to_the_operator() {
    let door = Door::open(64).await;
    let operator = door.token(true, true, None);
    for number in 1..=3 {
        door.publish("rti/indicators", &operator, &indicator(number, "198.51.100.1")).await;
    }
    let register =
        door.get("/api/v1/register?agreement=rti&until=2027-01-01T00:00:00Z", &operator).await.expect(200, "").json();
    assert_eq!(register["rows"].as_array().unwrap().len(), 1, "{register}");
    let row = &register["rows"][0];
    assert_eq!((&row["records"], &row["kind"]), (&json!(3), &json!("stix.indicator")));
    assert_eq!((&row["author"], row["recipients"].as_array().unwrap().is_empty()), (&json!("id"), false));
    let csv = door.get("/api/v1/register?agreement=rti&until=2027-01-01T00:00:00Z&format=csv", &operator).await;
    csv.expect(200, "");
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let csv = String::from_utf8(csv.body.clone()).unwrap();
    assert!(csv.starts_with("agreement,version,") && csv.lines().count() == 2, "{csv}");
    let page = door.get("/api/v1/register?agreement=rti&format=html", &operator).await;
    page.expect(200, "");
    assert!(String::from_utf8(page.body.clone()).unwrap().contains("Register of transfers"));
    door.get("/api/v1/register?agreement=rti&format=pdf", &operator).await.expect(400, "bad-parameter");
    door.get("/api/v1/register?agreement=nowhere", &operator).await.expect(404, "not-found");
    let reader = door.token(false, false, None);
    door.get("/api/v1/register?agreement=rti&until=2027-01-01T00:00:00Z", &reader).await.expect(403, "forbidden");
    door.stop().await;
}

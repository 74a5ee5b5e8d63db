//! Why, over HTTP: explained, dated, supposed and shown as evidence; and for a narrow token the same bytes whether something is hidden or is not there.

use serde_json::{Value, json};

use super::door::{Door, doubtful, indicator, uuid};

fn members(answer: &Value) -> Vec<(String, String)> {
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    let all = answer["members"].as_array().unwrap().iter();
    all.map(|one| (text(one, "member"), text(one, "reception"))).collect()
}

#[tokio::test]
async fn a_record_is_explained_by_its_id_and_by_its_place_for_all_or_for_one() {
    let door = Door::open(71).await;
    let token = door.token(true, false, None);
    let object = indicator(1, "198.51.100.1");
    door.publish("rti/indicators", &token, &object).await;
    let id = object["id"].as_str().unwrap();
    let by_id = door.get(&format!("/api/v1/explain?id={id}"), &token).await.expect(200, "").json();
    let one = &by_id["publications"][0];
    assert_eq!(
        (&one["state"], &one["kind"], &one["basis"]["version"]),
        (&json!("shown"), &json!("stix.indicator"), &json!(1))
    );
    assert_eq!(members(one)[..2], [("id".to_owned(), "receives".to_owned()), ("th".to_owned(), "receives".to_owned())]);
    let log = one["log"].as_str().unwrap();
    let place = format!("/api/v1/explain?log={log}&index=1");
    assert_eq!(door.get(&place, &token).await.json(), by_id);
    let th = door.get(&format!("{place}&member=th"), &token).await.expect(200, "").json();
    assert_eq!(members(&th["publications"][0]), [("th".to_owned(), "receives".to_owned())]);
    assert_eq!(th["publications"][0]["members"][0]["delivery"]["id"], "delivery.silent");
    for bad in [
        "",
        "?id=x&log=y",
        "?log=x",
        "?index=1",
        "?id=x&member=",
        "?id=x&member=zz",
        "?id=x&member=%00",
        "?id=x&other=1",
        "?log=x&index=-1",
    ] {
        door.get(&format!("/api/v1/explain{bad}"), &token).await.expect(400, "bad-parameter");
    }
    for unknown in
        [format!("?id=indicator--{}", uuid(77)), format!("?log={log}&index=99"), "?log=%00&index=0".to_owned()]
    {
        door.get(&format!("/api/v1/explain{unknown}"), &token).await.expect(404, "not-found");
    }
    let kinds = door.get("/api/v1/channels/rti%2Fadvisories/explain?kind=stix.indicator&tlp=green", &token).await;
    assert_eq!(
        members(&kinds.expect(200, "").json()).iter().filter(|(_, reception)| reception == "receives").count(),
        3
    );
    door.get("/api/v1/channels/rti%2Fadvisories/explain?kind=stix&type=indicator", &token)
        .await
        .expect(400, "bad-parameter");
    door.stop().await;
}

#[tokio::test]
async fn a_narrow_token_gets_the_same_bytes_for_what_is_hidden_and_what_is_not_there() {
    let door = Door::open(72).await;
    let all = door.token(true, true, None);
    let narrow = door.token(true, false, Some(&["rti/indicators"]));
    let object = indicator(1, "198.51.100.1");
    door.publish("two/hidden", &all, &object).await;
    door.publish("rti/indicators", &all, &indicator(2, "198.51.100.2")).await;
    let id = object["id"].as_str().unwrap();
    let found = door.get(&format!("/api/v1/explain?id={id}"), &all).await.expect(200, "").json();
    let log = found["publications"][0]["log"].as_str().unwrap().to_owned();
    let other = log.replace("/id/", "/th/");
    let pairs = [
        (format!("explain?id={id}"), format!("explain?id=indicator--{}", uuid(77))),
        (format!("explain?id={id}&member=th"), format!("explain?id=indicator--{}&member=th", uuid(77))),
        (format!("explain?log={log}&index=1"), format!("explain?log={other}&index=1")),
        ("changes?agreement=two".to_owned(), "changes?agreement=six".to_owned()),
        ("evidence?agreement=two".to_owned(), "evidence?agreement=six".to_owned()),
        ("register?agreement=two".to_owned(), "register?agreement=six".to_owned()),
    ];
    for (hidden, unknown) in &pairs {
        let (hidden, unknown) = (format!("/api/v1/{hidden}"), format!("/api/v1/{unknown}"));
        let (one, two) = (door.get(&hidden, &narrow).await, door.get(&unknown, &narrow).await);
        assert!(matches!(one.status, 403 | 404), "{hidden}: {}", one.status);
        assert_eq!((one.status, &one.body), (two.status, &two.body), "{hidden}");
        assert_eq!(door.get(&hidden, &all).await.status, 200, "the control: {hidden}");
    }
    let changes = door.get("/api/v1/changes?from=2000-01-01T00:00:00Z", &narrow).await.expect(200, "").text();
    assert!(changes.contains("rti") && !changes.contains("two"), "{changes}");
    let changes = door.get("/api/v1/changes?from=2000-01-01T00:00:00Z", &all).await.expect(200, "").text();
    assert!(changes.contains("two/hidden"), "the control");
    door.post_json("/api/v1/what-if", &narrow, &json!({"note": "x"})).await.expect(403, "forbidden");
    door.stop().await;
}

#[tokio::test]
async fn evidence_and_suppositions_are_for_the_operator_and_refuse_what_is_none() {
    let door = Door::open(73).await;
    let operator = door.token(false, true, None);
    let found = door.get("/api/v1/evidence?agreement=rti", &operator).await.expect(200, "").json();
    let signatures = found["documents"][0]["signatures"].as_array().unwrap();
    assert_eq!(signatures.len(), 3);
    for one in signatures {
        assert_eq!((&one["verifies"], &one["charters"]), (&json!(true), &json!([1])));
        assert_eq!(one["words"].as_str().unwrap().split('-').count(), 16);
    }
    assert!(found["not_provable"].as_array().unwrap().len() >= 2);
    door.get("/api/v1/evidence?agreement=rti&version=9", &operator).await.expect(404, "not-found");
    door.get("/api/v1/evidence?agreement=rti&version=x", &operator).await.expect(400, "bad-parameter");
    let note = found["documents"][0]["note"].as_str().unwrap();
    let same = door.post_json("/api/v1/what-if", &operator, &json!({"note": note})).await.expect(200, "").json();
    assert_eq!((&same["differs"], &same["recount"]), (&json!([]), &json!([])), "what counts already changes nothing");
    for nonsense in ["", "x", "gotong/x/charter\n{}\n\n\u{2014} x AAAA\n"] {
        door.post_json("/api/v1/what-if", &operator, &json!({"note": nonsense})).await.expect(422, "refused");
    }
    door.post_json("/api/v1/what-if", &operator, &json!({"note": note, "at": "soon"}))
        .await
        .expect(400, "bad-parameter");
    door.get("/api/v1/changes?from=2027-01-01T00:00:00Z&until=2026-01-01T00:00:00Z", &operator)
        .await
        .expect(400, "bad-parameter");
    door.stop().await;
}

#[tokio::test]
async fn the_register_is_saved_as_one_file_that_names_each_clause_once() {
    let door = Door::open(75).await;
    door.agree(75, "once", |_| {});
    let token = door.token(true, true, None);
    door.publish("once/indicators", &token, &indicator(1, "198.51.100.1")).await;
    // A period ends before its last instant.
    door.clock.advance_ms(1_000);
    let json = door.get("/api/v1/register?agreement=once", &token).await.expect(200, "").json();
    assert_eq!(json["rows"][0]["clauses"], json!(["1"]), "one clause stands for four rules");
    let page = door.get("/api/v1/register?agreement=once&format=html", &token).await;
    let text = page.expect(200, "").text();
    let style = text.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).expect("its own style").0;
    let digest = gotong_crypto::text::base64(gotong_crypto::sha256(style.as_bytes()).as_bytes());
    assert!(page.header("content-security-policy").contains(&format!("style-src 'sha256-{digest}'")), "and it counts");
    for outside in ["href=\"/", "src=", "http"] {
        assert!(!text.contains(outside), "{outside}: a saved page points at nothing");
    }
    assert!(text.contains("class=\"time\">2026-11-22 00:00:01 UTC<"), "{text}");
    door.stop().await;
}

#[tokio::test]
async fn what_waits_in_quarantine_is_explained_to_whoever_may_publish_it() {
    let door = Door::open(76).await;
    let token = door.token(true, false, None);
    let object = doubtful(1);
    let path = format!("/api/v1/explain?id={}", object["id"].as_str().unwrap());
    door.get(&path, &token).await.expect(404, "not-found");
    let sent = door.post("/api/v1/channels/rti%2Findicators/records?tlp=green", &token, object.to_string()).await;
    let number = sent.expect(202, "").json()["quarantine"].clone();
    let told = door.get(&path, &token).await.expect(200, "").json();
    assert_eq!(told["publications"], json!([]), "it is in no log");
    let waiting = &told["waiting"][0];
    assert_eq!((&waiting["number"], &waiting["channel"]), (&number, &json!("rti/indicators")));
    assert!(!waiting["why"].as_array().unwrap().is_empty(), "with the reason: {told}");
    // Whoever may not publish there is told what is told of nothing.
    let (reader, elsewhere) = (door.token(false, false, None), door.token(true, false, Some(&["rti/advisories"])));
    for stranger in [&reader, &elsewhere] {
        door.get(&path, stranger).await.expect(404, "not-found");
    }
    door.post(&format!("/api/v1/quarantine/{number}/release"), &token, "").await.expect(201, "");
    let told = door.get(&path, &token).await.expect(200, "").json();
    assert!(told.get("waiting").is_none() && told["publications"].as_array().unwrap().len() == 1, "{told}");
    door.stop().await;
}

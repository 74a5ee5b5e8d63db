//! Records out: lists, single objects, look-ups, what proves them, exports.

use serde_json::{Value, json};

use super::door::{Door, indicator, uuid};

#[tokio::test]
async fn a_list_is_paged_filtered_and_continued() {
    let door = Door::open(41).await;
    let token = door.token(true, false, None);
    for number in 1..=25 {
        door.publish("rti/indicators", &token, &indicator(number, &format!("198.51.100.{number}"))).await;
    }
    let mut ids = Vec::new();
    let mut path = "/api/v1/records?limit=10".to_owned();
    let position = loop {
        let page = door.get(&path, &token).await.expect(200, "").json();
        let records = page["records"].as_array().unwrap();
        assert!(records.len() <= 10);
        ids.extend(records.iter().map(|record| record["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => path = format!("/api/v1/records?limit=10&after={next}"),
            None => break page["position"].as_str().unwrap().to_owned(),
        }
    };
    assert_eq!(ids.len(), 25);
    assert!(ids.is_sorted(), "in order of arrival");
    door.publish("rti/advisories", &token, &indicator(99, "198.51.100.99")).await;
    let news = door.get(&format!("/api/v1/records?after={position}"), &token).await.expect(200, "").json();
    assert_eq!(news["records"].as_array().unwrap().len(), 1, "what came since");
    for (filter, count) in [
        ("channel=rti%2Fadvisories", 1),
        ("type=indicator", 26),
        ("type=malware", 0),
        ("author=id", 26),
        ("author=th", 0),
        ("tlp_max=clear", 0),
        ("since=2026-11-01T00:00:00Z", 26),
        ("since=2026-11-02T00:00:00Z", 0),
        ("until=2026-11-01T00:00:00Z", 0),
        (&format!("id=indicator--{}", uuid(3)), 1),
    ] {
        let page = door.get(&format!("/api/v1/records?{filter}"), &token).await.expect(200, "").json();
        assert_eq!(page["records"].as_array().unwrap().len(), count, "{filter}");
    }
    for bad in [
        "limit=0",
        "limit=1001",
        "since=yesterday",
        "author=NOT A CODE",
        "after=zzz",
        "tlp_max=blue",
        "sort=id",
        "limit=1&limit=2",
    ] {
        door.get(&format!("/api/v1/records?{}", bad.replace(' ', "+")), &token).await.expect(400, "bad-parameter");
    }
    door.get("/api/v1/records?channel=no%2Fsuch", &token).await.expect(404, "not-found");
    let other = door.token(true, false, None);
    door.get(&format!("/api/v1/records?after={position}"), &other).await.expect(400, "bad-parameter");
    door.stop().await;
}

#[tokio::test]
async fn an_object_is_answered_byte_for_byte_with_a_tag() {
    let door = Door::open(42).await;
    let token = door.token(true, false, None);
    // Spaces, order and an escape that another writer would change.
    let body = indicator(1, "198.51.100.1")
        .to_string()
        .replacen("\"name\":", "\"name\"  : ", 1)
        .replace("indicator 1", "Ind\\u00e9cateur");
    let path = format!("/api/v1/records/indicator--{}", uuid(1));
    let written = door.post("/api/v1/channels/rti%2Findicators/records?tlp=green", &token, body.clone()).await;
    let position = written.expect(201, "").header("gotong-position").to_owned();
    let read = door.get(&format!("{path}?after={position}"), &token).await;
    assert!(read.expect(200, "").text().contains(&body), "{}", read.text());
    assert_eq!(read.json()["versions"][0]["name"], "Ind\u{e9}cateur");
    let tag = read.header("etag").to_owned();
    let request = door.request("GET", &path, &token).header("if-none-match", &tag);
    let same = door.send(request.body(axum::body::Body::empty()).unwrap()).await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    let mut newer: Value = serde_json::from_str(&body).unwrap();
    newer["modified"] = json!("2026-11-03T00:00:00.000Z");
    door.publish("rti/indicators", &token, &newer).await;
    let changed = door.get(&path, &token).await;
    assert_ne!(changed.header("etag"), tag);
    let versions = changed.json()["versions"].clone();
    assert_eq!((versions[0]["newest"].as_bool(), versions[1]["newest"].as_bool()), (Some(true), Some(false)));
    let other = door.token(true, false, None);
    door.get(&format!("{path}?after={position}"), &other).await.expect(400, "bad-parameter");
    door.get(&format!("/api/v1/records/indicator--{}", uuid(2)), &token).await.expect(404, "not-found");
    door.stop().await;
}

#[tokio::test]
async fn values_are_looked_up_one_by_one_and_by_thousands() {
    let door = Door::open(43).await;
    let token = door.token(true, false, None);
    door.publish("rti/indicators", &token, &indicator(1, "198.51.100.1")).await;
    let one = door.get("/api/v1/lookup?value=198.51.100%5B.%5D1", &token).await.expect(200, "").json();
    assert_eq!(one["hits"][0]["id"], format!("indicator--{}", uuid(1)));
    assert!(one["hits"][0].get("object").is_none());
    let with = door.get("/api/v1/lookup?value=198.51.100.1&objects=true", &token).await.expect(200, "").json();
    assert_eq!(with["hits"][0]["object"], indicator(1, "198.51.100.1"));
    assert_eq!(
        door.get("/api/v1/lookup?value=no.such.example", &token).await.expect(200, "").json()["hits"],
        json!([])
    );
    let values: Vec<String> = (0..50_000)
        .map(|number| format!("203.0.{}.{}", number / 256, number % 256))
        .chain(["198.51.100.1".to_owned()])
        .collect();
    let many = door.post_json("/api/v1/lookup", &token, &json!({"values": values})).await.expect(200, "").json();
    let results = many["results"].as_array().unwrap();
    assert_eq!(results.len(), 50_001);
    assert_eq!(results.iter().filter(|result| !result["hits"].as_array().unwrap().is_empty()).count(), 1);
    let too_many: Vec<String> = vec!["a".to_owned(); 100_001];
    door.post_json("/api/v1/lookup", &token, &json!({"values": too_many})).await.expect(413, "too-large");
    door.post_json("/api/v1/lookup", &token, &json!({"values": ["x".repeat(5_000)]})).await.expect(422, "refused");
    door.post_json("/api/v1/lookup", &token, &json!({"value": "x"})).await.expect(422, "refused");
    door.get("/api/v1/lookup", &token).await.expect(400, "bad-parameter");
    door.stop().await;
}

#[tokio::test]
async fn an_address_is_looked_up_with_the_networks_that_hold_it() {
    let door = Door::open(131).await;
    let token = door.token(true, false, None);
    let mut network = crate::api::door::indicator(2, "198.51.100.0");
    network["pattern"] = json!("[ipv4-addr:value = '198.51.96.0/20']");
    for object in [&crate::api::door::indicator(1, "198.51.100.1"), &network] {
        door.publish("rti/indicators", &token, object).await;
    }
    let asked = json!({"values": ["198.51.100.1", "198.51.100.2", "198.51.96.0/20", "198.0.0.0/8"]});
    let many = door.post_json("/api/v1/lookup", &token, &asked).await.expect(200, "").json();
    let told: Vec<Vec<(&str, &str)>> = many["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            let hits = result["hits"].as_array().unwrap().iter();
            hits.map(|hit| (hit["why"].as_str().unwrap_or(""), hit["through"].as_str().unwrap_or(""))).collect()
        })
        .collect();
    let around = ("network", "198.51.96.0/20");
    assert_eq!(told, [vec![("", ""), around], vec![around], vec![("", ""), ("within", "198.51.100.1")], vec![]]);
    let outside = many["results"].as_array().unwrap().iter().map(|result| result["outside_only"] == true);
    assert_eq!(outside.collect::<Vec<_>>(), [false, false, false, true]);
    let found = door.get("/api/v1/search?q=198.51.100.2", &token).await.expect(200, "").json();
    assert_eq!((&found["total"], &found["results"][0]["matched"][0]["why"]), (&json!(1), &json!("network")), "{found}");
    let found = door.get("/api/v1/search?q=198.0.0.0%2F8", &token).await.expect(200, "").json();
    assert_eq!((&found["total"], &found["searched"]["outside_only"]), (&json!(0), &json!(["198.0.0.0/8"])), "{found}");
    door.stop().await;
}

#[tokio::test]
async fn what_proves_an_object_goes_down_to_signature_and_clause() {
    let door = Door::open(44).await;
    let token = door.token(true, false, None);
    let object = indicator(1, "198.51.100.1");
    door.publish("rti/indicators", &token, &object).await;
    let id = object["id"].as_str().unwrap();
    let proven = door.get(&format!("/api/v1/records/{id}/provenance"), &token).await.expect(200, "").json();
    let publication = &proven["publications"][0];
    assert_eq!(publication["verified"], true, "{publication}");
    assert!(publication["checkpoint"]["note"].as_str().unwrap().contains("gotong/"));
    assert_eq!(publication["envelope"]["tlp"], "green");
    assert!(publication["grounds"][0]["clause"].as_str().unwrap().starts_with("rti "));
    let explained = door.get(&format!("/api/v1/records/{id}/explain"), &token).await.expect(200, "").json();
    let recipients: Vec<&str> = explained["publications"][0]["now"]["recipients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|to| to["code"].as_str().unwrap())
        .collect();
    assert_eq!(recipients, ["th", "vn"]);
    let said = door.get(&format!("/api/v1/records/{id}/acknowledgements"), &token).await.expect(200, "").json();
    assert_eq!(said["publications"][0]["index"], 1);
    let sighting = json!({"type": "sighting", "spec_version": "2.1", "id": format!("sighting--{}", uuid(9)), "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z", "sighting_of_ref": id});
    door.publish("rti/indicators", &token, &sighting).await;
    let seen = door.get(&format!("/api/v1/records/{id}/sightings"), &token).await.expect(200, "").json();
    assert_eq!(seen["sightings"][0]["sightings"], 1);
    for what in ["provenance", "explain", "acknowledgements", "related", "worth"] {
        door.get(&format!("/api/v1/records/indicator--{}/{what}", uuid(77)), &token).await.expect(404, "not-found");
    }
    let log = publication["log"].as_str().unwrap();
    let entry = door.get(&format!("/api/v1/logs/entry?log={log}&index=1"), &token).await.expect(200, "").json();
    assert_eq!((&entry["state"], &entry["record"]["object"]), (&json!("record"), &object));
    let opening = door.get(&format!("/api/v1/logs/entry?log={log}&index=0"), &token).await.expect(200, "").json();
    assert_eq!(opening["state"], "control");
    door.get(&format!("/api/v1/logs/entry?log={log}&index=99"), &token).await.expect(404, "not-found");
    door.stop().await;
}

#[tokio::test]
async fn channels_show_their_terms_and_explain_before_anyone_publishes() {
    let door = Door::open(45).await;
    let token = door.token(true, false, None);
    door.publish("rti/indicators", &token, &indicator(1, "198.51.100.1")).await;
    let list = door.get("/api/v1/channels", &token).await.expect(200, "").json();
    let handles: Vec<&str> =
        list["channels"].as_array().unwrap().iter().map(|channel| channel["handle"].as_str().unwrap()).collect();
    let governing = ["charter", "rti/governance", "two/governance"];
    assert_eq!(handles, [&["rti/advisories", "rti/indicators", "two/hidden"][..], &governing[..]].concat());
    let one = door.get("/api/v1/channels/rti%2Findicators", &token).await.expect(200, "").json();
    assert_eq!((&one["ceiling"], &one["entries"], &one["in_force"]), (&json!("amber"), &json!(2), &json!(true)));
    assert_eq!(door.get(&format!("/api/v1/channels/{}", one["id"].as_str().unwrap()), &token).await.json(), one);
    assert_eq!(door.get("/api/v1/channels/rti/indicators", &token).await.json(), one);
    let explain = |query: &str| format!("/api/v1/channels/rti%2Fadvisories/explain?{query}");
    assert_eq!(door.get(&explain("type=indicator&tlp=green"), &token).await.expect(200, "").json()["permitted"], true);
    let refused = door.get(&explain("type=indicator&tlp=amber"), &token).await.expect(200, "").json();
    assert_eq!((&refused["permitted"], &refused["grounds"][0]["effect"]), (&json!(false), &json!("forbid")));
    assert_eq!(refused["recipients"], json!([]));
    assert_eq!(door.get(&explain("at=2030-01-01T00:00:00Z"), &token).await.expect(200, "").json()["permitted"], false);
    let logs = door.get("/api/v1/logs", &token).await.expect(200, "").json();
    assert_eq!((&logs["logs"][0]["channel"], &logs["logs"][0]["size"]), (&json!("rti/indicators"), &json!(2)));
    let said = door.get("/api/v1/channels/rti%2Findicators/acknowledgements", &token).await.expect(200, "").json();
    assert_eq!(said["logs"][0]["silent"], json!(["th", "vn"]));
    for what in ["", "/explain", "/withdrawals", "/acknowledgements"] {
        door.get(&format!("/api/v1/channels/no%2Fsuch{what}"), &token).await.expect(404, "not-found");
    }
    door.stop().await;
}

#[tokio::test]
async fn exports_carry_the_label_that_counts() {
    let door = Door::open(46).await;
    let token = door.token(true, false, None);
    let object = indicator(1, "198.51.100.1");
    door.publish("rti/indicators", &token, &object).await;
    let mut newer = object.clone();
    newer["modified"] = json!("2026-11-03T00:00:00.000Z");
    door.publish("rti/indicators", &token, &newer).await;
    let mut revoked = indicator(2, "198.51.100.2");
    revoked["revoked"] = json!(true);
    door.publish("rti/indicators", &token, &revoked).await;
    let bundle = door.get("/api/v1/export?channel=rti%2Findicators&format=stix", &token).await;
    assert_eq!(bundle.expect(200, "").header("content-type"), "application/stix+json;version=2.1");
    let objects = bundle.json()["objects"].as_array().unwrap().clone();
    assert_eq!(objects.len(), 3, "the newest version, the revoked one, and the marking: {}", bundle.text());
    let exported = objects.iter().find(|exported| exported["id"] == object["id"]).unwrap();
    assert_eq!(exported["modified"], newer["modified"]);
    assert_eq!(exported["object_marking_refs"].as_array().unwrap().len(), 1, "TLP:GREEN");
    let text = door.get("/api/v1/export?format=text", &token).await;
    assert_eq!(text.expect(200, "").text(), "198.51.100.1\n");
    assert_eq!(door.get("/api/v1/export?format=text&since=2027-01-01T00:00:00Z", &token).await.text(), "");
    door.get("/api/v1/export?format=docx", &token).await.expect(400, "bad-parameter");
    door.get("/api/v1/export?channel=no%2Fsuch", &token).await.expect(404, "not-found");
    door.stop().await;
}

#[tokio::test]
async fn an_object_tells_what_is_related_who_saw_it_and_what_it_is_worth() {
    let door = Door::open(47).await;
    let token = door.token(true, false, None);
    for (number, address) in [(1, "198.51.100.1"), (2, "198.51.100.1"), (3, "198.51.100.77"), (4, "203.0.113.9")] {
        door.publish("rti/indicators", &token, &indicator(number, address)).await;
    }
    let id = |number| format!("indicator--{}", uuid(number));
    let told = door.get(&format!("/api/v1/records/{}/related", id(1)), &token).await.expect(200, "").json();
    let groups: Vec<_> = told["related"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            (
                group["how"].as_str().unwrap(),
                group["through"].as_str().unwrap(),
                group["hits"][0]["id"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(groups, [("value", "198.51.100.1", id(2).as_str()), ("network", "198.51.100.0/24", id(3).as_str())]);
    assert_eq!(told["more"], false);
    let sighting = json!({"type": "sighting", "spec_version": "2.1", "id": format!("sighting--{}", uuid(9)), "created": "2026-10-01T00:00:00.000Z",
        "modified": "2026-10-01T00:00:00.000Z", "sighting_of_ref": id(1), "count": 12, "last_seen": "2026-10-01T09:00:00Z"});
    door.publish("rti/indicators", &token, &sighting).await;
    for path in [format!("records/{}/sightings", id(1)), "sightings?value=198.51.100[.]1".to_owned()] {
        let seen = door.get(&format!("/api/v1/{path}"), &token).await.expect(200, "").json();
        assert_eq!(seen["sightings"][0]["seen"], 12, "{seen}");
        assert_eq!(seen["days"], json!([{"day": "2026-10-01", "author": "id", "seen": 12}]));
    }
    let worth = door.get(&format!("/api/v1/records/{}/worth", id(1)), &token).await.expect(200, "").json();
    assert_eq!((&worth["base"], &worth["lifetime_days"], &worth["over"]), (&json!(50), &json!(60), &json!(false)));
    assert!(worth["score"].as_u64().unwrap() <= 50);
    door.get("/api/v1/sightings", &token).await.expect(400, "bad-parameter");
    door.stop().await;
}

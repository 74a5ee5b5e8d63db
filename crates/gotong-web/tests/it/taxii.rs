//! TAXII 2.1 over real HTTP, clause by clause; `docs/book/taxii.md` names these tests beside what they hold.

use serde_json::{Value, json};

use crate::api::door::{Answer, Door, doubtful, exchange, indicator, uuid};

const MEDIA: &str = "application/taxii+json;version=2.1";
const ROOT: &str = "/taxii2/region/";

impl Door {
    async fn taxii(&self, method: &str, path: &str, token: &str) -> Answer {
        let request = self.request(method, path, token).header("accept", MEDIA);
        self.send(request.body(axum::body::Body::empty()).unwrap()).await
    }

    async fn add(&self, collection: &str, token: &str, body: impl Into<axum::body::Body>) -> Answer {
        let path = format!("{collection}objects/");
        let request = self.request("POST", &path, token).header("accept", MEDIA).header("content-type", MEDIA);
        self.send(request.body(body.into()).unwrap()).await
    }

    async fn collection(&self, token: &str, alias: &str) -> String {
        let list = self.taxii("GET", &format!("{ROOT}collections/"), token).await.json();
        let found = list["collections"].as_array().unwrap().iter().find(|one| one["alias"] == alias).unwrap().clone();
        format!("{ROOT}collections/{}/", found["id"].as_str().unwrap())
    }
}

fn good(answer: &Answer, status: u16) -> Value {
    assert_eq!((answer.status, answer.header("content-type")), (status, MEDIA), "{}", answer.text());
    answer.json()
}

/// An error in the standard's shape.
#[track_caller]
fn bad(answer: &Answer, status: u16) -> Value {
    assert_eq!((answer.status, answer.header("content-type")), (status, MEDIA), "{}", answer.text());
    let error = answer.json();
    assert_eq!(error["http_status"], status.to_string());
    assert!(error["title"].is_string() && error.get("type").is_none(), "{error}");
    error
}

fn envelope(objects: &[Value]) -> String {
    json!({"objects": objects}).to_string()
}

fn is_uuid_4(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c == '-' { '-' } else { 'x' }).collect();
    shape == "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
        && text.as_bytes()[14] == b'4'
        && b"89ab".contains(&text.as_bytes()[19])
}

#[tokio::test]
async fn discovery_leads_to_the_root_and_its_collections() {
    let door = Door::open(301).await;
    let token = door.token(true, false, None);
    let found = good(&door.taxii("GET", "/taxii2/", &token).await, 200);
    assert!(found["title"].is_string());
    assert!(found["api_roots"].as_array().unwrap().contains(&found["default"]));
    let root = found["default"].as_str().unwrap();
    assert!(root.starts_with('/') && root.ends_with('/'));
    let root = good(&door.taxii("GET", root, &token).await, 200);
    assert!(root["title"].is_string() && root["max_content_length"].as_u64().unwrap() > 0);
    assert!(root["versions"].as_array().unwrap().contains(&json!(MEDIA)));
    let list = good(&door.taxii("GET", &format!("{ROOT}collections/"), &token).await, 200);
    let list = list["collections"].as_array().unwrap().clone();
    let aliases: Vec<&str> = list.iter().map(|one| one["alias"].as_str().unwrap()).collect();
    assert_eq!(
        aliases,
        ["rti/advisories", "rti/indicators", "two/hidden"],
        "one for each channel, always in this order"
    );
    for one in &list {
        assert!(is_uuid_4(one["id"].as_str().unwrap()), "{one}");
        assert_eq!((&one["can_read"], &one["can_write"]), (&json!(true), &json!(true)));
        assert_eq!(one["media_types"], json!(["application/stix+json;version=2.1"]));
        let by_id = door.taxii("GET", &format!("{ROOT}collections/{}/", one["id"].as_str().unwrap()), &token).await;
        assert_eq!(&good(&by_id, 200), one);
        let alias = one["alias"].as_str().unwrap().replace('/', "%2F");
        assert_eq!(&good(&door.taxii("GET", &format!("{ROOT}collections/{alias}/"), &token).await, 200), one);
    }
    let reader = door.token(false, false, Some(&["rti/advisories"]));
    let list = good(&door.taxii("GET", &format!("{ROOT}collections/"), &reader).await, 200);
    assert_eq!(
        (list["collections"].as_array().unwrap().len(), &list["collections"][0]["can_write"]),
        (1, &json!(false))
    );
    door.stop().await;
}

#[tokio::test]
async fn whoever_is_not_known_is_told_how_to_log_in() {
    let door = Door::open(302).await;
    let token = door.token(true, false, None);
    for path in ["/taxii2/", ROOT, &format!("{ROOT}collections/"), &format!("{ROOT}status/x/")] {
        let answer = door.taxii("GET", path, "").await;
        bad(&answer, 401);
        assert!(answer.header("www-authenticate").contains("Basic"), "{path}");
        bad(&door.taxii("GET", path, "gtk_nobody").await, 401);
    }
    // Any user name, with the token as the password.
    let pair = gotong_crypto::text::base64(format!("anybody:{token}").as_bytes());
    let request = door.request("GET", "/taxii2/", "").header("authorization", format!("Basic {pair}"));
    good(&door.send(request.body(axum::body::Body::empty()).unwrap()).await, 200);
    door.stop().await;
}

#[tokio::test]
async fn media_types_are_negotiated_and_errors_have_their_shape() {
    let door = Door::open(303).await;
    let token = door.token(true, false, None);
    let place = door.collection(&token, "rti/indicators").await;
    for (accept, status) in [
        ("application/taxii+json", 200),
        ("*/*", 200),
        ("application/json", 406),
        ("application/taxii+json;version=2.0", 406),
    ] {
        let request = door.request("GET", "/taxii2/", &token).header("accept", accept);
        let answer = door.send(request.body(axum::body::Body::empty()).unwrap()).await;
        if status == 200 { drop(good(&answer, 200)) } else { drop(bad(&answer, status)) }
    }
    for media in ["application/json", "application/stix+json;version=2.1", "application/taxii+json;version=2.0", ""] {
        let request = door
            .request("POST", &format!("{place}objects/"), &token)
            .header("accept", MEDIA)
            .header("content-type", media);
        bad(&door.send(request.body(envelope(&[indicator(1, "192.0.2.1")]).into()).unwrap()).await, 415);
    }
    let request = door
        .request("POST", &format!("{place}objects/"), &token)
        .header("content-type", MEDIA)
        .header("content-encoding", "gzip");
    bad(&door.send(request.body(vec![0x1f, 0x8b].into()).unwrap()).await, 415);
    bad(&door.taxii("GET", "/taxii2/nothing/", &token).await, 404);
    bad(&door.taxii("GET", "/taxii2", &token).await, 404);
    bad(&door.taxii("DELETE", "/taxii2/", &token).await, 405);
    bad(&door.taxii("POST", &format!("{place}manifest/"), &token).await, 405);
    // Beside it the API keeps its own shape.
    door.get("/api/v1/nothing", &token).await.expect(404, "not-found");
    door.stop().await;
}

#[tokio::test]
async fn what_is_unknown_forbidden_or_hidden_is_one_answer() {
    let door = Door::open(304).await;
    let token = door.token(true, false, None);
    let hidden = door.collection(&token, "two/hidden").await;
    let object = indicator(1, "192.0.2.1");
    good(&door.add(&hidden, &token, envelope(std::slice::from_ref(&object))).await, 202);
    let id = object["id"].as_str().unwrap();
    let other = door.token(true, false, Some(&["rti/indicators"]));
    for rest in ["", "manifest/", "objects/", &format!("objects/{id}/"), &format!("objects/{id}/versions/")] {
        good(&door.taxii("GET", &format!("{hidden}{rest}"), &token).await, 200);
        let forbidden = door.taxii("GET", &format!("{hidden}{rest}"), &other).await;
        let unknown =
            door.taxii("GET", &format!("{ROOT}collections/00000000-0000-4000-8000-000000000000/{rest}"), &other).await;
        bad(&forbidden, 404);
        assert_eq!(forbidden.body, unknown.body);
        let by_alias = door.taxii("GET", &format!("{ROOT}collections/two%2Fhidden/{rest}"), &other).await;
        assert_eq!(by_alias.body, unknown.body);
    }
    let unknown = format!("{ROOT}collections/00000000-0000-4000-8000-000000000000/");
    assert_eq!(bad(&door.add(&hidden, &other, "{}").await, 404), bad(&door.add(&unknown, &other, "{}").await, 404));
    let path = format!("objects/{id}/");
    let gone = door.taxii("DELETE", &format!("{hidden}{path}"), &other).await;
    assert_eq!(bad(&gone, 404), bad(&door.taxii("DELETE", &format!("{unknown}{path}"), &other).await, 404));
    good(&door.taxii("GET", &format!("{hidden}{path}"), &token).await, 200);
    // Governance has no objects, and no collection.
    let charter = door.node.governance().charter_channel().unwrap().id;
    bad(&door.taxii("GET", &format!("{ROOT}collections/{charter}/"), &token).await, 404);
    door.stop().await;
}

#[tokio::test]
async fn what_is_added_is_told_by_a_status_that_only_its_sender_sees() {
    let door = Door::open(305).await;
    let token = door.token(true, false, None);
    let place = door.collection(&token, "rti/indicators").await;
    let objects =
        [indicator(1, "192.0.2.1"), json!({"type": "indicator", "id": "indicator--broken"}), doubtful(3), json!(7)];
    let status = good(&door.add(&place, &token, envelope(&objects)).await, 202);
    assert!(is_uuid_4(status["id"].as_str().unwrap()));
    let counts =
        ["total_count", "success_count", "failure_count", "pending_count"].map(|name| status[name].as_u64().unwrap());
    assert_eq!((status["status"].as_str(), counts), (Some("complete"), [4, 1, 3, 0]), "{status}");
    assert_eq!(status["successes"], json!([{"id": objects[0]["id"], "version": "2026-11-01T00:00:00.000Z"}]));
    let failures = status["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 3);
    assert!(
        failures.iter().all(|one| one["id"].is_string() && one["version"].is_string() && one["message"].is_string())
    );
    assert!(failures.iter().any(|one| one["message"].as_str().unwrap().contains("waits for a person under number")));
    let path = format!("{ROOT}status/{}/", status["id"].as_str().unwrap());
    assert_eq!(good(&door.taxii("GET", &path, &token).await, 200), status);
    let other = door.token(true, false, None);
    bad(&door.taxii("GET", &path, &other).await, 404);
    // The very same again is no error and changes nothing.
    let again = good(&door.add(&place, &token, envelope(&objects[..1])).await, 202);
    assert_eq!((again["success_count"].as_u64(), again["failure_count"].as_u64()), (Some(1), Some(0)));
    let list = good(&door.taxii("GET", &format!("{place}objects/"), &token).await, 200);
    assert_eq!(list["objects"].as_array().unwrap().len(), 1);
    door.clock.advance_ms(24 * 3_600_000);
    good(&door.taxii("GET", &path, &token).await, 200);
    door.clock.advance_ms(2 * 3_600_000);
    let gone = bad(&door.taxii("GET", &path, &token).await, 404);
    assert!(
        gone["description"].as_str().is_some_and(|text| text.contains("adding the objects again is safe")),
        "{gone}"
    );
    assert_eq!(gone, bad(&door.taxii("GET", &format!("{ROOT}status/{}/", uuid(77)), &token).await, 404));
    door.stop().await;
}

#[tokio::test]
async fn hostile_bodies_are_refused_by_name() {
    let door = Door::open(306).await;
    let token = door.token(true, false, None);
    let place = door.collection(&token, "rti/indicators").await;
    for (body, status) in [
        ("", 400),
        ("{", 400),
        ("nothing", 400),
        ("{\"objects\":[{]}", 400),
        ("[]", 422),
        ("{}", 422),
        ("{\"objects\":[]}", 422),
        ("{\"objects\":{}}", 422),
        ("{\"objects\":[1],\"objects\":[2]}", 422),
    ] {
        bad(&door.add(&place, &token, body).await, status);
    }
    bad(&door.add(&place, &token, vec![0xff, 0xfe, 0x00]).await, 400);
    let deep = format!("{{\"objects\":[{}1{}]}}", "[".repeat(100_000), "]".repeat(100_000));
    let answer = door.add(&place, &token, deep).await;
    assert!(matches!(answer.status, 202 | 400), "{}", answer.text());
    let huge = indicator(1, "192.0.2.1").to_string().replace("\"spec_version\"", "\"x\":1e999999,\"spec_version\"");
    let twice =
        indicator(2, "192.0.2.2").to_string().replace("\"spec_version\"", "\"name\":\"again\",\"spec_version\"");
    let large = indicator(3, "192.0.2.3").to_string().replace("indicator 3", &"x".repeat(1_100_000));
    let status = good(&door.add(&place, &token, format!("{{\"objects\":[{huge},{twice},{large}]}}")).await, 202);
    assert_eq!(status["failure_count"], 3, "{status}");
    let many = envelope(&vec![json!(1); 10_001]);
    bad(&door.add(&place, &token, many).await, 422);
    let most = good(&door.taxii("GET", ROOT, &token).await, 200)["max_content_length"].as_u64().unwrap();
    bad(&door.add(&place, &token, " ".repeat(usize::try_from(most).unwrap() + 1)).await, 413);
    // Nothing of the allowed length is too large: it is refused for what it says.
    bad(&door.add(&place, &token, " ".repeat(usize::try_from(most).unwrap())).await, 400);
    assert_eq!(good(&door.taxii("GET", &format!("{place}objects/"), &token).await, 200), json!({}));
    door.stop().await;
}

#[tokio::test]
async fn pages_headers_and_manifest_agree() {
    let door = Door::open(307).await;
    let token = door.token(true, false, None);
    let place = door.collection(&token, "rti/indicators").await;
    for path in ["objects/", "manifest/"] {
        let empty = door.taxii("GET", &format!("{place}{path}"), &token).await;
        assert_eq!(good(&empty, 200), json!({}), "empty lists are left out");
        assert!(
            !empty.header("x-taxii-date-added-first").is_empty() && !empty.header("x-taxii-date-added-last").is_empty()
        );
    }
    let objects: Vec<Value> = (1..=7).map(|n| indicator(n, &format!("192.0.2.{n}"))).collect();
    good(&door.add(&place, &token, envelope(&objects)).await, 202);
    let manifest = good(&door.taxii("GET", &format!("{place}manifest/"), &token).await, 200);
    let records = manifest["objects"].as_array().unwrap().clone();
    assert!(manifest.get("more").is_none() && records.len() == 7);
    for record in &records {
        assert_eq!(record["version"], "2026-11-01T00:00:00.000Z");
        assert_eq!(record["media_type"], "application/stix+json;version=2.1");
    }
    let dates: Vec<&str> = records.iter().map(|record| record["date_added"].as_str().unwrap()).collect();
    assert!(
        dates.windows(2).all(|pair| pair[0] < pair[1])
            && dates.iter().all(|date| date.len() == 27 && date.ends_with('Z'))
    );
    for path in ["objects/", "manifest/"] {
        for by_next in [true, false] {
            let (mut found, mut rest) = (Vec::new(), String::new());
            loop {
                let answer = door.taxii("GET", &format!("{place}{path}?limit=3{rest}"), &token).await;
                let page = good(&answer, 200);
                let rows = page["objects"].as_array().unwrap();
                assert!(rows.len() <= 3);
                let first = found.len();
                found.extend(rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()));
                assert_eq!(answer.header("x-taxii-date-added-first"), dates[first]);
                assert_eq!(answer.header("x-taxii-date-added-last"), dates[found.len() - 1]);
                if page["more"] != true {
                    break;
                }
                rest = if by_next {
                    format!("&next={}", page["next"].as_str().unwrap())
                } else {
                    format!("&added_after={}", answer.header("x-taxii-date-added-last"))
                };
            }
            let ids: Vec<&str> = records.iter().map(|record| record["id"].as_str().unwrap()).collect();
            assert_eq!(found, ids);
        }
    }
    // A page that ends exactly at the end says so.
    assert!(good(&door.taxii("GET", &format!("{place}objects/?limit=7"), &token).await, 200).get("more").is_none());
    for bad_one in
        ["limit=0", "limit=x", "added_after=now", "next=zzz", "match[version]=all,last", "match[type]=", "sort=id"]
    {
        for path in ["objects/", "manifest/"] {
            bad(&door.taxii("GET", &format!("{place}{path}?{bad_one}"), &token).await, 400);
        }
    }
    for every in ["malware", "ipv4-addr", "x-something-own", "language-content"] {
        good(&door.taxii("GET", &format!("{place}objects/?match[type]={every}"), &token).await, 200);
    }
    door.stop().await;
}

#[tokio::test]
async fn an_object_its_versions_and_its_end() {
    let door = Door::open(308).await;
    let token = door.token(true, false, None);
    let place = door.collection(&token, "rti/indicators").await;
    let first = indicator(1, "192.0.2.1");
    let second = serde_json::from_str::<Value>(&first.to_string().replacen(
        "\"modified\":\"2026-11-01",
        "\"modified\":\"2026-11-02",
        1,
    ))
    .unwrap();
    good(&door.add(&place, &token, envelope(std::slice::from_ref(&first))).await, 202);
    good(&door.add(&place, &token, envelope(&[second])).await, 202);
    let path = format!("{place}objects/indicator--{}/", uuid(1));
    let versions = |answer: Value| -> Vec<String> {
        answer["objects"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| one["modified"].as_str().unwrap()[..10].to_owned())
            .collect()
    };
    for (filter, expected) in [
        ("", vec!["2026-11-02"]),
        ("?match[version]=first", vec!["2026-11-01"]),
        ("?match[version]=all", vec!["2026-11-01", "2026-11-02"]),
        ("?match[version]=2026-11-01T00:00:00.000Z", vec!["2026-11-01"]),
        ("?match[spec_version]=2.0", vec![]),
        ("?match[spec_version]=2.1", vec!["2026-11-02"]),
    ] {
        let answer = door.taxii("GET", &format!("{path}{filter}"), &token).await;
        assert_eq!(versions(good(&answer, 200)), expected, "{filter}");
        assert!(!answer.header("x-taxii-date-added-last").is_empty());
    }
    bad(&door.taxii("GET", &format!("{path}?match[type]=indicator"), &token).await, 400);
    // A version that is not there is answered as one that was deleted has to be (5.7).
    bad(&door.taxii("GET", &format!("{path}?match[version]=2026-11-05T00:00:00Z"), &token).await, 404);
    let list = door.taxii("GET", &format!("{path}versions/"), &token).await;
    assert_eq!(good(&list, 200), json!({"versions": ["2026-11-01T00:00:00.000Z", "2026-11-02T00:00:00.000Z"]}));
    assert!(!list.header("x-taxii-date-added-first").is_empty());
    let page = good(&door.taxii("GET", &format!("{path}versions/?limit=1"), &token).await, 200);
    assert_eq!((page["more"].as_bool(), page["versions"].as_array().unwrap().len()), (Some(true), 1));
    let nowhere = format!("{place}objects/indicator--{}/", uuid(99));
    for path in [nowhere.clone(), format!("{nowhere}versions/")] {
        bad(&door.taxii("GET", &path, &token).await, 404);
    }
    // Who may not write may not delete; nothing happens.
    let reader = door.token(false, false, None);
    bad(&door.taxii("DELETE", &path, &reader).await, 403);
    bad(&door.add(&place, &reader, "{}").await, 403);
    bad(&door.taxii("DELETE", &nowhere, &token).await, 404);
    good(&door.taxii("DELETE", &format!("{path}?match[version]=last"), &token).await, 200);
    assert_eq!(versions(good(&door.taxii("GET", &path, &token).await, 200)), ["2026-11-01"]);
    bad(&door.taxii("GET", &format!("{path}?match[version]=2026-11-02T00:00:00.000Z"), &token).await, 404);
    let there = door.taxii("GET", &format!("{path}?match[version]=2026-11-01T00:00:00.000Z"), &token).await;
    assert_eq!(versions(good(&there, 200)), ["2026-11-01"]);
    good(&door.taxii("DELETE", &path, &token).await, 200);
    bad(&door.taxii("GET", &path, &token).await, 404);
    assert_eq!(good(&door.taxii("GET", &format!("{place}manifest/"), &token).await, 200), json!({}));
    let mended = door.get("/api/v1/channels/rti%2Findicators/withdrawals", &token).await.expect(200, "").json();
    assert_eq!(mended["withdrawals"].as_array().unwrap().len(), 2, "a delete is a withdrawal");
    door.stop().await;
}

#[tokio::test]
async fn objects_leave_with_the_label_that_counts() {
    let door = Door::open(309).await;
    let token = door.token(true, false, None);
    let place = door.collection(&token, "rti/indicators").await;
    good(&door.add(&place, &token, envelope(&[indicator(1, "192.0.2.1")])).await, 202);
    let object = good(&door.taxii("GET", &format!("{place}objects/"), &token).await, 200)["objects"][0].clone();
    // Unmarked is the ceiling of the channel, which is amber, and never public.
    assert_eq!(object["object_marking_refs"], json!(["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]));
    door.stop().await;
}

#[tokio::test]
async fn the_socket_of_the_node_reads_collections_too() {
    let door = Door::open(310).await;
    let stream = tokio::net::UnixStream::connect(&door.socket).await.unwrap();
    let request =
        axum::http::Request::builder().uri("/taxii2/").header("host", "node").body(axum::body::Body::empty()).unwrap();
    good(&exchange(stream, request).await, 200);
    door.stop().await;
}

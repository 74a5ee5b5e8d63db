//! TAXII 2.1, the clauses that meet other promises of the node: exercises stay exercises, deletes leave nothing, and clients without a name are served.
//!
//! The rest of the standard is in `taxii.rs`; `docs/book/taxii.md` names each test beside its clause.

use serde_json::{Value, json};

use crate::api::door::{Answer, Door, indicator};

const MEDIA: &str = "application/taxii+json;version=2.1";
const COLLECTIONS: &str = "/taxii2/region/collections/";

async fn ask(door: &Door, method: &str, path: &str, token: &str, body: String) -> Answer {
    let request = door.request(method, path, token).header("accept", MEDIA).header("content-type", MEDIA);
    let answer = door.send(request.body(axum::body::Body::from(body)).unwrap()).await;
    assert_eq!(answer.header("content-type"), MEDIA, "{method} {path}: {}", answer.text());
    answer
}

async fn get(door: &Door, path: &str, token: &str) -> Answer {
    ask(door, "GET", path, token, String::new()).await
}

fn is_marked(answer: &Answer) -> bool {
    answer.headers.contains_key("gotong-exercise")
}

async fn collection_of(door: &Door, token: &str, alias: &str) -> Value {
    let list = get(door, COLLECTIONS, token).await.json();
    list["collections"].as_array().unwrap().iter().find(|one| one["alias"] == alias).unwrap().clone()
}

#[tokio::test]
async fn every_good_answer_about_an_exercise_collection_says_so_and_none_about_a_real_one() {
    let door = Door::open(331).await;
    door.agree(331, "drill", |kind| kind.exercise = true);
    let token = door.token(true, false, None);
    for (alias, object, marked) in [
        ("drill/indicators", indicator(1, "198.51.100.1"), true),
        ("rti/indicators", indicator(2, "198.51.100.2"), false),
    ] {
        let found = collection_of(&door, &token, alias).await;
        assert_eq!(found["title"].as_str().unwrap().contains("EXERCISE"), marked, "{found}");
        let place = format!("{COLLECTIONS}{}/", found["id"].as_str().unwrap());
        let id = object["id"].as_str().unwrap().to_owned();
        let sent =
            ask(&door, "POST", &format!("{place}objects/"), &token, json!({"objects": [object]}).to_string()).await;
        assert_eq!((sent.status, is_marked(&sent)), (202, marked), "{alias}: {}", sent.text());
        for rest in ["", "manifest/", "objects/", &format!("objects/{id}/"), &format!("objects/{id}/versions/")] {
            for by in [place.clone(), format!("{COLLECTIONS}{}/", alias.replace('/', "%2F"))] {
                let answer = get(&door, &format!("{by}{rest}"), &token).await;
                assert_eq!((answer.status, is_marked(&answer)), (200, marked), "{by}{rest}");
            }
        }
        let gone = ask(&door, "DELETE", &format!("{place}objects/{id}/"), &token, String::new()).await;
        assert_eq!((gone.status, is_marked(&gone)), (200, marked), "{alias}");
        // What is refused tells nothing of either.
        let narrow = door.token(true, false, Some(&["two/hidden"]));
        let refused = get(&door, &format!("{place}objects/"), &narrow).await;
        assert_eq!((refused.status, is_marked(&refused)), (404, false), "{alias}");
    }
    for path in ["/taxii2/", "/taxii2/region/", COLLECTIONS] {
        assert!(!is_marked(&get(&door, path, &token).await), "{path} is about no channel");
    }
    door.stop().await;
}

#[tokio::test]
async fn a_delete_of_many_versions_leaves_none_when_it_is_answered() {
    let door = Door::open(332).await;
    let token = door.token(true, false, None);
    let found = collection_of(&door, &token, "rti/indicators").await;
    let place = format!("{COLLECTIONS}{}/", found["id"].as_str().unwrap());
    let first = indicator(1, "192.0.2.1");
    let version = |n: usize| {
        let mut one = first.clone();
        one["modified"] = json!(format!("2026-11-02T{:02}:{:02}:00.000Z", n / 60, n % 60));
        one
    };
    let objects: Vec<Value> = (0..600).map(version).collect();
    let sent = ask(&door, "POST", &format!("{place}objects/"), &token, json!({"objects": objects}).to_string()).await;
    assert_eq!((sent.status, sent.json()["success_count"].as_u64()), (202, Some(600)), "{}", sent.text());
    let path = format!("{place}objects/{}/", first["id"].as_str().unwrap());
    let versions = get(&door, &format!("{path}versions/"), &token).await.json();
    assert_eq!(versions["versions"].as_array().map(Vec::len), Some(600), "they are there");
    let gone = ask(&door, "DELETE", &path, &token, String::new()).await;
    assert_eq!(gone.status, 200, "{}", gone.text());
    assert_eq!(get(&door, &format!("{path}versions/"), &token).await.status, 404);
    assert_eq!(get(&door, &format!("{place}manifest/?match[version]=all"), &token).await.json(), json!({}));
    door.stop().await;
}

#[tokio::test]
async fn a_large_withdrawal_over_the_api_shows_nothing_once_it_is_answered() {
    let door = Door::open(333).await;
    let token = door.token(true, false, None);
    let objects: Vec<Value> = (1..=1_200).map(|n| indicator(n, &format!("10.1.{}.{}", n / 200, n % 200))).collect();
    let lines: Vec<String> = objects.iter().map(ToString::to_string).collect();
    door.post("/api/v1/channels/rti%2Findicators/records/bulk?tlp=green", &token, lines.join("\n"))
        .await
        .expect(200, "");
    let list = "/api/v1/records?channel=rti%2Findicators&limit=1000";
    assert_eq!(door.get(list, &token).await.json()["records"].as_array().map(Vec::len), Some(1_000), "they are there");
    for ids in objects.chunks(600) {
        let ids: Vec<&Value> = ids.iter().map(|one| &one["id"]).collect();
        let body = json!({"ids": ids, "reason": "error"}).to_string();
        let done = door.post("/api/v1/channels/rti%2Findicators/withdraw", &token, body).await;
        done.expect(200, "");
        for id in ids {
            let left = door.get(&format!("/api/v1/records/{}", id.as_str().unwrap()), &token).await;
            assert_eq!(left.status, 404, "{id} is shown after its withdrawal was answered");
        }
    }
    assert_eq!(door.get(list, &token).await.json()["records"], json!([]));
    door.stop().await;
}

#[tokio::test]
async fn a_client_without_a_name_is_served_and_a_page_key_belongs_to_its_caller() {
    let door = Door::open(334).await;
    let token = door.token(true, false, None);
    let found = collection_of(&door, &token, "rti/indicators").await;
    let place = format!("{COLLECTIONS}{}/", found["id"].as_str().unwrap());
    let objects: Vec<Value> = (1..=3).map(|n| indicator(n, &format!("192.0.2.{n}"))).collect();
    ask(&door, "POST", &format!("{place}objects/"), &token, json!({"objects": objects}).to_string()).await;
    // 8.2.1: no User-Agent is sent here at all.
    let page = get(&door, &format!("{place}objects/?limit=1"), &token).await;
    assert!(page.status == 200 && page.json()["more"] == true, "{}", page.text());
    let next = page.json()["next"].as_str().unwrap().to_owned();
    let path = format!("{place}objects/?limit=1&next={next}");
    assert_eq!(get(&door, &path, &token).await.status, 200);
    // Appendix B: what a caller hands back is not trusted.
    let other = door.token(true, false, None);
    assert_eq!(get(&door, &path, &other).await.status, 400);
    assert_eq!(get(&door, &format!("{path}&match[type]=malware"), &token).await.status, 400);
    door.stop().await;
}

//! The page of an object, and the lists that lead to it: what arrived last first, and what is related by name, however much of it there is.

use gotong_app::role::Role;
use serde_json::json;

use crate::api::accounts::{get, person};
use crate::api::door::{Door, indicator, uuid};

const CHANNEL: &str = "rti/indicators";

#[tokio::test]
async fn what_is_related_has_names_and_one_table_for_each_way() {
    let door = Door::open(371).await;
    let token = door.token(true, true, None);
    let ids: Vec<String> = (0..30).map(|n| format!("indicator--{}", uuid(n))).collect();
    for n in 0..30 {
        // All name one address, and a report is about all of them.
        door.publish(CHANNEL, &token, &indicator(n, "198.51.100.7")).await;
    }
    let report = json!({
        "type": "report", "spec_version": "2.1", "id": format!("report--{}", uuid(900)), "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z", "name": "A <b>campaign</b>", "published": "2026-11-01T00:00:00Z", "object_refs": ids,
    });
    door.publish(CHANNEL, &token, &report).await;
    let reader = person(&door, "ann", Role::Reader);
    let path = format!("/intelligence/report--{}", uuid(900));
    let related = |page: &str| {
        let (_, rest) = page.split_once("id=\"related\"").unwrap();
        rest.split_once("</section>").unwrap().0.to_owned()
    };
    let few = related(&get(&door, &path, &reader).await.expect(200, "").text());
    assert_eq!((few.matches("<table").count(), few.matches("<tr><th scope=\"row\"").count()), (1, 12), "{few}");
    assert!(few.contains("<bdi>indicator ") && !few.contains("<bdi>indicator--"), "names, and no ids: {few}");
    assert!(
        few.contains(&format!("href=\"{path}?related=refers-to#related\"")) && few.contains("Refers to 30"),
        "{few}"
    );
    let all = related(&get(&door, &format!("{path}?related=refers-to"), &reader).await.expect(200, "").text());
    assert_eq!(all.matches("<tr><th scope=\"row\"").count(), 30);
    assert!(!all.contains("?related="), "there is nothing more to be shown");
    // The other way round: one table of those that name the same address, which stands beside each, and one of what refers to it.
    let page = related(&get(&door, &format!("/intelligence/{}", ids[0]), &reader).await.expect(200, "").text());
    assert_eq!(page.matches("<table").count(), 2, "{page}");
    assert!(page.contains("value quiet\">198.51.100.7</bdi>") && page.contains("Names the same value: 29"), "{page}");
    assert!(page.contains("A &#60;b&#62;campaign") && !page.contains("<b>campaign"), "{page}");
    let nothing = related(&get(&door, &format!("{path}?related=nonsense"), &reader).await.expect(200, "").text());
    assert_eq!(nothing, few);
    door.stop().await;
}

#[tokio::test]
async fn what_arrived_last_is_first_until_another_order_is_asked_for() {
    let door = Door::open(372).await;
    let token = door.token(true, true, None);
    for (n, day) in [(1, "05"), (2, "03"), (3, "04")] {
        let mut object = indicator(n, &format!("198.51.100.{n}"));
        object["modified"] = json!(format!("2026-11-{day}T00:00:00.000Z"));
        door.publish(CHANNEL, &token, &object).await;
        door.clock.advance_ms(1_000);
    }
    let reader = person(&door, "ann", Role::Reader);
    let order = |page: &str| {
        let at = |n: u64| page.find(&format!("<bdi>indicator {n}</bdi>")).unwrap();
        let mut places = [1, 2, 3].map(|n| (at(n), n));
        places.sort_unstable();
        places.map(|(_, n)| n)
    };
    for (path, expected) in [
        ("/", [3, 2, 1]),
        ("/intelligence", [3, 2, 1]),
        ("/intelligence?type=indicator", [3, 2, 1]),
        ("/intelligence?order=dated", [1, 3, 2]),
        ("/intelligence?order=dated&type=indicator&channel=rti%2Findicators", [1, 3, 2]),
    ] {
        assert_eq!(order(&get(&door, path, &reader).await.expect(200, "").text()), expected, "{path}");
    }
    let listed = door.get("/api/v1/records?order=newest-arrival", &token).await.expect(200, "").json();
    assert_eq!(listed["records"][0]["id"], format!("indicator--{}", uuid(3)));
    door.get("/api/v1/records?order=soonest", &token).await.expect(400, "bad-parameter");
    // What comes shows where somebody is, with what they asked for.
    let page = get(&door, "/intelligence?order=dated&type=indicator", &reader).await.text();
    assert!(page.contains("hx-get=\"/intelligence?type=indicator&#38;order=dated\""), "{page}");
    door.stop().await;
}

//! Invariant 6 over HTTP: every good answer about an exercise's channel says so, no answer about a real one does, and a refusal tells nothing of either.

use super::door::{Answer, Door, indicator};

fn is_marked(answer: &Answer) -> bool {
    answer.headers.contains_key("gotong-exercise")
}

#[tokio::test]
async fn every_good_answer_about_an_exercise_says_so_and_no_other_does() {
    let door = Door::open(93).await;
    door.agree(93, "drill", |kind| kind.exercise = true);
    let token = door.token(true, true, None);
    let (played, real) = (indicator(1, "198.51.100.1"), indicator(2, "198.51.100.2"));
    for (handle, object, marked) in [("drill/indicators", &played, true), ("rti/indicators", &real, false)] {
        let name = handle.replace('/', "%2F");
        let id = object["id"].as_str().unwrap();
        let path = format!("/api/v1/channels/{name}");
        let published = door.post(&format!("{path}/records?tlp=green"), &token, object.to_string()).await;
        published.expect(201, "");
        let log = published.json()["receipt"]["log"].as_str().map(str::to_owned);
        let log = log.unwrap_or_else(|| panic!("a receipt names the log: {}", published.text()));
        let log = log.replace('/', "%2F");
        let bulk = door.post(&format!("{path}/records/bulk?tlp=green"), &token, format!("{object}\n")).await;
        let mut answers = vec![("publish", published), ("bulk", bulk)];
        for (what, path) in [
            ("channel", path.clone()),
            ("channel by id", format!("/api/v1/channels/{}", door.id_of(handle))),
            ("before publishing", format!("{path}/explain?type=indicator&tlp=green")),
            ("acknowledgements", format!("{path}/acknowledgements")),
            ("withdrawals", format!("{path}/withdrawals")),
            ("records", format!("/api/v1/records?channel={name}")),
            ("records, otherwise put", format!("/api/v1/records?limit=5&channel={name}&type=indicator")),
            ("export", format!("/api/v1/export?channel={name}")),
            ("duties", format!("/api/v1/duties?channel={name}")),
            ("entry", format!("/api/v1/logs/entry?log={log}&index=1")),
            ("explain by place", format!("/api/v1/explain?log={log}&index=1")),
            ("archive", format!("/api/v1/archive?channel={name}")),
        ] {
            answers.push((what, door.get(&path, &token).await));
        }
        for (what, answer) in &answers {
            assert!(answer.status < 300, "{what} of {handle}: {} {}", answer.status, answer.text());
            assert_eq!(is_marked(answer), marked, "{what} of {handle}");
        }
        // What names an object alone is about real ones: of an exercise's there is nothing.
        for path in ["", "/provenance", "/acknowledgements", "/sightings"] {
            let answer = door.get(&format!("/api/v1/records/{id}{path}"), &token).await;
            assert!(!is_marked(&answer), "{path} of {handle}");
            assert!(!marked || !answer.text().contains("drill"), "{path}: {}", answer.text());
        }
    }
    door.stop().await;
}

#[tokio::test]
async fn a_refusal_does_not_tell_that_there_is_an_exercise() {
    let door = Door::open(94).await;
    door.agree(94, "drill", |kind| kind.exercise = true);
    let narrow = door.token(true, false, Some(&["rti/indicators"]));
    for path in [
        "/api/v1/channels/drill%2Findicators",
        "/api/v1/channels/none%2Findicators",
        "/api/v1/records?channel=drill%2Findicators",
        "/api/v1/export?channel=drill%2Findicators",
    ] {
        let answer = door.get(path, &narrow).await;
        answer.expect(404, "not-found");
        assert!(!is_marked(&answer), "{path}");
    }
    let answer = door.get("/api/v1/channels/drill%2Findicators", "").await;
    assert!(!is_marked(answer.expect(401, "unauthenticated")));
    door.stop().await;
}

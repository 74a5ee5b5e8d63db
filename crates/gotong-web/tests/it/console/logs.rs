//! Logs: verified in the sight of a browser, carried away as archives, each entry with its proof.

use std::time::Duration;

use gotong_app::role::Role;

use crate::api::accounts::{get, person, post, token_in};
use crate::api::door::{Answer, Door, indicator, uuid};

fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("no {before}: {page}"));
    rest.split_once(after).unwrap().0
}

/// Begins to verify and waits for the outcome.
async fn verified(door: &Door, cookie: &str, log: &str) -> Answer {
    let token = token_in(&get(door, "/me", cookie).await.text());
    let begun = post(door, "/logs/verify", cookie, &[("form_token", &token), ("log", log)]).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    for _ in 0..500 {
        let at = get(door, begun.header("location"), cookie).await;
        if at.status == 303 {
            return get(door, at.header("location"), cookie).await;
        }
        assert!(at.expect(200, "").text().contains("<progress"), "{}", at.text());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it does not end");
}

#[tokio::test]
async fn a_log_and_all_logs_are_verified_and_the_outcome_says_what_was_read() {
    let door = Door::open(311).await;
    let token = door.token(true, true, None);
    for number in 1..=3 {
        door.publish("rti/indicators", &token, &indicator(number, "198.51.100.1")).await;
    }
    let auditor = person(&door, "aud", Role::Auditor);
    let page = get(&door, "/logs", &auditor).await.expect(200, "").text();
    assert!(page.contains("rti/indicators") && page.contains("Verify everything"));
    let (_, part) = page.split_once("<bdi>rti/indicators</bdi>").unwrap();
    let log = between(part, "name=\"log\" value=\"", "\"");
    let one = verified(&door, &auditor, log).await.expect(200, "").text();
    // Entry 0 and three records.
    assert!(one.contains("All sound. Logs read: 1. Entries read: 4."), "{one}");
    let all = verified(&door, &auditor, "").await.expect(200, "").text();
    assert!(all.contains("All sound.") && !all.contains("Logs read: 1."), "{all}");
    // Nobody else sees how far it is, and a log that is not there is not verified.
    let token = token_in(&get(&door, "/me", &auditor).await.text());
    let begun = post(&door, "/logs/verify", &auditor, &[("form_token", &token), ("log", log)]).await;
    let other = person(&door, "other", Role::Auditor);
    assert_eq!(get(&door, begun.header("location"), &other).await.status, 404);
    let unknown = log.replace("/id/", "/xx/");
    for absent in [unknown.as_str(), "gotong/x", "<script>"] {
        assert_eq!(post(&door, "/logs/verify", &auditor, &[("form_token", &token), ("log", absent)]).await.status, 404);
    }
    door.stop().await;
}

#[tokio::test]
async fn archives_and_proofs_are_the_ones_of_the_api() {
    let door = Door::open(312).await;
    let token = door.token(true, true, None);
    door.publish("rti/indicators", &token, &indicator(1, "198.51.100.1")).await;
    let id = format!("indicator--{}", uuid(1));
    let auditor = person(&door, "aud", Role::Auditor);
    let kept = get(&door, "/logs/archive?channel=rti%2Findicators", &auditor).await;
    let same = door.get("/api/v1/archive?channel=rti%2Findicators", &token).await;
    assert_eq!((kept.expect(200, "").body.len() > 500, kept.body == same.body), (true, true));
    assert!(kept.header("content-disposition").contains("attachment"));
    get(&door, "/logs/archive?channel=no%2Fsuch", &auditor).await.expect(404, "not-found");
    let known = door.get(&format!("/api/v1/records/{id}/provenance"), &token).await.expect(200, "").json();
    let proof = &known["publications"][0];
    let place = format!("log={}&index={}", proof["log"].as_str().unwrap().replace('/', "%2F"), proof["index"]);
    let file = get(&door, &format!("/provenance.json?{place}"), &auditor).await.expect(200, "").json();
    for field in ["leaf", "leaf_hash", "checkpoint", "inclusion_proof", "basis", "grounds", "verified"] {
        assert_eq!(file[field], proof[field], "{field}");
    }
    let page = get(&door, &format!("/provenance?{place}"), &auditor).await.expect(200, "").text();
    assert!(page.contains("Verified just now"), "{page}");
    let (root, leaf) = (&proof["checkpoint"]["root"], &proof["leaf_hash"]);
    assert!(page.contains(root.as_str().unwrap()) && page.contains(leaf.as_str().unwrap()));
    assert!(page.contains("<b class=\"clause\">rti "), "the clause that admits it: {page}");
    // Where there is no such entry there is no page.
    for absent in ["log=gotong%2Fx&index=0", &place.replace("index=", "index=9")] {
        get(&door, &format!("/provenance?{absent}"), &auditor).await.expect(404, "not-found");
    }
    let operator = person(&door, "re", Role::Reader);
    assert_eq!(get(&door, "/logs/archive", &operator).await.status, 403);
    door.stop().await;
}

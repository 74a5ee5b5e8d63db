//! Blocklists over HTTP, as MISP's programs keep them: an event that is listed, or whose maker is, comes in by no door of MISP, and each door says so.
//!
//! `interop/misp_methods.py` does the same with `PyMISP`; feeds are tried in `crates/gotong/tests/it/sources.rs`.

use serde_json::{Value, json};

use super::{attribute, bad, event, good, values};
use crate::api::door::{Answer, Door, uuid};

async fn blocked(door: &Door, token: &str, list: &str) -> Vec<Value> {
    good(&door.misp("GET", &format!("{list}/index"), token, None).await).as_array().unwrap().clone()
}

async fn act(door: &Door, token: &str, path: &str, body: Value) -> Answer {
    door.misp("POST", path, token, Some(&body)).await
}

/// What a bulk import says of each thing that was not taken.
fn refusals(answer: &Answer) -> Vec<String> {
    let lines = answer.lines();
    let refused = lines.iter().filter(|line| line["outcome"] == "refused");
    refused.map(|line| line["why"][0]["id"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_blocked_event_comes_in_by_no_door_of_misp_until_it_is_taken_off() {
    let door = Door::open(441).await;
    let (token, keeper) = (door.token(true, false, None), door.token(true, true, None));
    let group = door.group(&token, "rti/indicators").await.unwrap();
    let maker = uuid(77);
    let mut one = event(1, &group, &[attribute(11, "domain", "one.example", true)]);
    let mut two = event(2, &group, &[attribute(21, "domain", "two.example", true)]);
    let mut three = event(3, &group, &[attribute(31, "domain", "three.example", true)]);
    two["Orgc"] = json!({"name": "Elsewhere", "uuid": maker});
    for event in [&mut one, &mut two, &mut three] {
        event["distribution"] = json!("4");
    }
    // The third is here before it is listed.
    good(&door.add_event(&token, &three).await);
    let added = good(
        &act(
            &door,
            &keeper,
            "eventBlocklists/add",
            json!({"uuids": [uuid(1), uuid(3)], "comment": "came twice", "event_info": "One"}),
        )
        .await,
    );
    assert_eq!(added["result"], json!({"successes": [uuid(1), uuid(3)], "fails": []}), "{added}");
    good(&act(&door, &keeper, "orgBlocklists/add", json!({"uuids": maker.clone(), "org_name": "Elsewhere"})).await);

    let said = bad(&door.add_event(&token, &one).await, 403);
    assert_eq!(said["message"], "Event blocked by event blocklist.");
    assert_eq!(
        (&said["errors"][0]["id"], &said["errors"][0]["pointer"]),
        (&json!("misp.blocked.event"), &json!("/uuid"))
    );
    assert!(said["errors"][0]["text"].as_str().unwrap().contains("gotong blocklist"), "{said}");
    let said = bad(&door.add_event(&token, &two).await, 403);
    assert_eq!(said["message"], "Event blocked by organisation blocklist.");
    // What is here stays, may be taken back in part, and no new version of it comes in.
    let view = format!("events/view/{}", uuid(3));
    assert_eq!(values(&good(&door.misp("GET", &view, &token, None).await)), ["three.example"]);
    let edit = format!("events/edit/{}", uuid(3));
    let newer = json!({"Event": {"uuid": uuid(3), "info": "another", "timestamp": "1799000000"}});
    assert_eq!(
        bad(&act(&door, &token, &edit, newer.clone()).await, 403)["message"],
        "Event blocked by event blocklist."
    );
    good(&door.misp("POST", &format!("attributes/delete/{}/1", uuid(31)), &token, None).await);
    // A MISP that pushes is asked for none of them, and is told of how many.
    let offered = json!([
        {"Event": {"uuid": uuid(1), "timestamp": "1799000000"}}, {"Event": {"uuid": uuid(2), "orgc_uuid": maker, "timestamp": "1799000000"}},
        {"Event": {"uuid": uuid(9), "timestamp": "1799000000"}},
    ]);
    let wanted = act(&door, &token, "events/filterEventIdsForPush", offered).await;
    assert_eq!((good(&wanted), wanted.header("gotong-blocked")), (json!([uuid(9)]), "2"));
    // The import of a file: each blocked event is a line, and the others come in.
    let events: Vec<Value> =
        [&one, &two, &event(4, "", &[])].into_iter().map(|event| json!({"Event": event})).collect();
    let body = json!({"response": events}).to_string();
    let import = format!("/api/v1/channels/{}/records/bulk?format=misp&restricted=true", "rti%2Findicators");
    let lines = door.post(&import, &token, body.clone()).await;
    assert_eq!(refusals(&lines), ["misp.blocked.event", "misp.blocked.organisation"], "{}", lines.text());
    assert!(door.stands(&format!("report--{}", uuid(4))));
    let preview = door.post("/api/v1/preview?format=misp&restricted=true", &token, body.clone()).await;
    assert_eq!(preview.text().matches("misp.blocked.").count(), 2, "{}", preview.text());
    for number in [1, 2] {
        assert!(!door.stands(&format!("report--{}", uuid(number))), "{number}");
        assert!(!door.stands(&format!("indicator--{}", uuid(number * 10 + 1))), "{number}");
    }

    // Taken off, they come in by the same doors.
    good(&act(&door, &keeper, &format!("eventBlocklists/delete/{}", uuid(1).to_uppercase()), json!({})).await);
    let rows = blocked(&door, &keeper, "orgBlocklists").await;
    good(&act(&door, &keeper, &format!("orgBlocklists/delete/{}", rows[0]["id"].as_str().unwrap()), json!({})).await);
    assert_eq!(values(&good(&door.add_event(&token, &one).await)), ["one.example"]);
    // What both doors were given differs under one version, so some of it is refused as another content, and nothing as blocked.
    let again = refusals(&door.post(&import, &token, body).await);
    assert!(again.iter().all(|id| !id.starts_with("misp.blocked")), "{again:?}");
    assert!(door.stands(&format!("report--{}", uuid(2))));
    bad(&act(&door, &token, &edit, newer.clone()).await, 403);
    good(&act(&door, &keeper, "eventBlocklists/massDelete", json!({"ids": format!("[\"{}\"]", uuid(3))})).await);
    good(&act(&door, &token, &edit, newer).await);
    door.stop().await;
}

#[tokio::test]
async fn a_deleted_event_is_not_blocked_and_the_list_says_only_what_people_put_there() {
    let door = Door::open(442).await;
    let keeper = door.token(true, true, None);
    let group = door.group(&keeper, "rti/indicators").await.unwrap();
    let one = event(1, &group, &[attribute(11, "domain", "one.example", true)]);
    good(&door.add_event(&keeper, &one).await);
    let said = good(&door.misp("POST", &format!("events/delete/{}", uuid(1)), &keeper, None).await);
    assert!(said["next"].as_str().unwrap().contains("eventBlocklists/add"), "{said}");
    assert_eq!(
        blocked(&door, &keeper, "eventBlocklists").await,
        [] as [Value; 0],
        "nothing is kept of what was withdrawn"
    );
    good(&door.add_event(&keeper, &one).await);
    // The organisation that a caller speaks for can be listed too, whether or not it is named.
    let mine = good(&door.misp("GET", "users/view/me", &keeper, None).await)["Organisation"]["uuid"].clone();
    good(&act(&door, &keeper, "orgBlocklists/add", json!({"uuids": [mine]})).await);
    let said = bad(&door.add_event(&keeper, &event(2, &group, &[])).await, 403);
    assert_eq!(said["message"], "Event blocked by organisation blocklist.");
    door.stop().await;
}

#[tokio::test]
async fn only_who_keeps_warninglists_changes_them_and_only_staff_sees_them() {
    let door = Door::open(443).await;
    let (keeper, reader) = (door.token(false, true, None), door.token(false, false, None));
    let publisher = door.token(true, false, None);
    for list in ["eventBlocklists", "orgBlocklists", "event_blocklists", "org_blocklists"] {
        for who in [&reader, &publisher] {
            for path in ["add", &format!("edit/{}", uuid(1)), &format!("delete/{}", uuid(1)), "massDelete"] {
                bad(
                    &act(&door, who, &format!("{list}/{path}"), json!({"uuids": [uuid(1)], "ids": [uuid(1)]})).await,
                    403,
                );
            }
            assert_eq!(blocked(&door, who, list).await, [] as [Value; 0]);
        }
        // What changes something is sent, and not asked for.
        for path in ["add", "delete/1", "massDelete"] {
            bad(&door.misp("GET", &format!("{list}/{path}"), &keeper, None).await, 405);
        }
        bad(&act(&door, &keeper, &format!("{list}/view/1"), json!({})).await, 404);
    }
    good(&act(&door, &keeper, "eventBlocklists/add", json!({"uuids": [uuid(1)]})).await);
    assert_eq!(blocked(&door, &reader, "eventBlocklists").await.len(), 1);
    door.stop().await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused_by_name_and_the_rest_is_taken() {
    let door = Door::open(444).await;
    let keeper = door.token(true, true, None);
    let add = async |body: Value| act(&door, &keeper, "eventBlocklists/add", body).await;
    for body in
        [json!({}), json!({"uuids": []}), json!({"uuids": 7}), json!({"uuids": {"x": 1}}), json!({"uuids": " \n"})]
    {
        assert!(bad(&add(body.clone()).await, 400)["errors"]["uuids"].is_string(), "{body}");
    }
    bad(&add(json!([uuid(1)])).await, 400);
    for name in ["comment", "event_info", "event_orgc"] {
        let said = bad(&add(json!({"uuids": [uuid(1)], name: "x".repeat(1_001)})).await, 400);
        assert!(said["errors"][name].as_str().unwrap().contains("1000"), "{said}");
    }
    let many: Vec<String> = (0..10_001).map(uuid).collect();
    assert!(bad(&add(json!({"uuids": many})).await, 400)["errors"]["uuids"].is_string());
    // A million of them are more than a request may hold.
    let million = format!("{{\"uuids\": [\"{}\"]}}", vec![uuid(1); 1_000_000].join("\",\""));
    let request = door.request("POST", "/misp/eventBlocklists/add", "").header("authorization", &keeper);
    let answer = door.send(request.header("content-type", "application/json").body(million.into()).unwrap()).await;
    assert!(matches!(answer.status, 400 | 413) && answer.json()["message"].is_string(), "{}", answer.text());
    assert_eq!(blocked(&door, &keeper, "eventBlocklists").await, [] as [Value; 0]);

    let long = "z".repeat(100);
    let said = good(
        &add(json!({"EventBlocklist": {"uuids": format!("{}\r\n{long}\n{}", uuid(1), uuid(1)), "event_orgc": "Who"}}))
            .await,
    );
    assert_eq!(said["result"]["successes"], json!([uuid(1)]));
    let fails = said["result"]["fails"].as_array().unwrap();
    assert_eq!((fails.len(), fails[0].as_str().unwrap().chars().count()), (2, 65), "{said}");
    assert!(said["why"][fails[0].as_str().unwrap()].as_str().unwrap().contains("no UUID"), "{said}");
    assert!(
        said["message"].as_str().unwrap().contains("Added 1 new entries") && said.get("errors").is_none(),
        "{said}"
    );
    good(&add(json!({"uuids": [uuid(2), 5, null], "comment": "two"})).await);
    let rows = blocked(&door, &keeper, "eventBlocklists").await;
    let uuids: Vec<&str> = rows.iter().map(|row| row["event_uuid"].as_str().unwrap()).collect();
    assert_eq!((uuids, &rows[0]["event_orgc"]), (vec![uuid(1).as_str(), uuid(2).as_str()], &json!("Who")));
    assert_eq!(rows[0]["created"].as_str().unwrap().len(), "2026-11-22 00:00:00".len());
    // Pages, filters, and what is no filter.
    for (path, found) in [
        ("limit:1/page:2", 1),
        ("limit:1/page:3", 0),
        ("comment:two", 1),
        ("comment:three", 0),
        (&format!("event_uuid:{}", uuid(1).to_uppercase()), 1),
    ] {
        let answer = door.misp("GET", &format!("eventBlocklists/index/{path}"), &keeper, None).await;
        assert_eq!(good(&answer).as_array().unwrap().len(), found, "{path}");
    }
    let first = door.misp("GET", "eventBlocklists/index/limit:1", &keeper, None).await;
    assert_eq!(first.header("gotong-more"), "true");
    for path in ["limit:0", "limit:10001", "page:x", "searchall:x", "org_name:x"] {
        bad(&door.misp("GET", &format!("eventBlocklists/index/{path}"), &keeper, None).await, 400);
    }
    // Words change, the UUID does not.
    let edit = format!("eventBlocklists/edit/{}", uuid(2));
    let said = good(
        &act(&door, &keeper, &edit, json!({"comment": "other", "event_uuid": uuid(2), "id": "9", "created": "x"}))
            .await,
    );
    assert_eq!(
        (&said["EventBlocklist"]["comment"], &said["EventBlocklist"]["event_info"]),
        (&json!("other"), &json!(""))
    );
    assert!(
        bad(&act(&door, &keeper, &edit, json!({"event_uuid": uuid(3)})).await, 400)["errors"]["event_uuid"].is_string()
    );
    bad(&act(&door, &keeper, &format!("eventBlocklists/edit/{}", uuid(5)), json!({"comment": "x"})).await, 404);
    for path in ["delete/", "delete/x", &format!("delete/{}", uuid(5)), "massDelete"] {
        bad(&act(&door, &keeper, &format!("eventBlocklists/{path}"), json!({"ids": []})).await, 404);
    }
    let said =
        good(&act(&door, &keeper, "eventBlocklists/massDelete", json!({"ids": [rows[0]["id"], rows[1]["id"]]})).await);
    assert_eq!((said["success"].clone(), blocked(&door, &keeper, "eventBlocklists").await.len()), (json!(true), 0));
    door.stop().await;
}

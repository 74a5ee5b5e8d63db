//! Warninglists over HTTP: bodies of every shape, hostile ones among them; who may change them, and what somebody who may not know of a channel is shown.

use axum::body::Body;
use serde_json::{Value, json};

use super::door::{Answer, Door, indicator};

const LISTS: &str = "/api/v1/warninglists";

fn list(name: &str, entries: &[&str]) -> Value {
    json!({"name": name, "version": 3, "type": "cidr", "list": entries})
}

async fn put(door: &Door, token: &str, media: &str, encoding: &str, body: impl Into<Body>) -> Answer {
    let mut request = door.request("PUT", LISTS, token).header("content-type", media);
    if !encoding.is_empty() {
        request = request.header("content-encoding", encoding);
    }
    door.send(request.body(body.into()).unwrap()).await
}

fn outcomes(answer: &Answer) -> Vec<String> {
    let all = answer.expect(200, "").json();
    let all = all["warninglists"].as_array().unwrap();
    all.iter().map(|one| format!("{} {}", one["line"], one["outcome"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn lists_come_in_lines_laid_out_or_packed_and_one_bad_list_costs_itself() {
    let door = Door::open(131).await;
    let operator = door.token(false, true, None);
    let (one, two) = (list("One", &["192.0.2.0/24"]), list("Two", &["198.51.100.7"]));
    let lines = format!("{one}\n{{\"name\":\n\n{two}");
    assert_eq!(
        outcomes(&put(&door, &operator, "application/x-ndjson", "", lines).await),
        ["1 new", "2 refused", "4 new"]
    );
    let pretty = format!("{}\n{}", serde_json::to_string_pretty(&one).unwrap(), list("Two", &["198.51.100.8"]));
    let told = outcomes(&put(&door, &operator, "application/json", "", pretty).await);
    assert_eq!(told, ["1 updated", "9 updated"]);
    let packed = zstd::encode_all(one.to_string().as_bytes(), 1).unwrap();
    assert_eq!(outcomes(&put(&door, &operator, "", "zstd", packed.clone()).await), ["1 updated"]);
    assert_eq!(outcomes(&put(&door, &operator, "", "zstd", packed).await), ["1 known"]);

    let page = door.get(&format!("{LISTS}?limit=1"), &operator).await.expect(200, "").json();
    assert_eq!((&page["warninglists"][0]["name"], &page["next"]), (&json!("One"), &json!(1)));
    let page = door.get(&format!("{LISTS}?after=1"), &operator).await.expect(200, "").json();
    let rest = page["warninglists"].as_array().unwrap();
    assert_eq!((rest.len(), &rest[0]["name"], &rest[0]["used"], page.get("next")), (1, &json!("Two"), &json!(1), None));

    // What is none of it changes nothing of what is there.
    put(&door, &operator, "text/html", "", "<p>").await.expect(415, "unsupported-media");
    put(&door, &operator, "", "br", "x").await.expect(415, "unsupported-media");
    put(&door, &operator, "", "gzip", "no gzip").await.expect(400, "");
    put(&door, &operator, "", "", " \n ").await.expect(422, "refused");
    let bomb = zstd::encode_all(&vec![b'['; 60 << 20][..], 19).unwrap();
    put(&door, &operator, "", "zstd", bomb).await.expect(400, "");
    let unclosed = format!("{{\"name\":\"{}", "x".repeat(1 << 20));
    assert_eq!(outcomes(&put(&door, &operator, "", "", unclosed).await), ["1 refused"]);
    let deep = format!("{{\"name\":{}", "[".repeat(1 << 20));
    assert_eq!(outcomes(&put(&door, &operator, "", "", deep).await), ["1 refused"]);
    let page = door.get(LISTS, &operator).await.expect(200, "").json();
    assert_eq!(page["warninglists"].as_array().unwrap().len(), 2);

    door.delete(&format!("{LISTS}/1"), &operator).await.expect(204, "");
    door.delete(&format!("{LISTS}/1"), &operator).await.expect(404, "not-found");
    door.delete(&format!("{LISTS}/one"), &operator).await.expect(404, "not-found");
    door.stop().await;
}

#[tokio::test]
async fn what_blocks_waits_what_informs_is_noted_and_fields_that_are_wrong_are_named() {
    let door = Door::open(132).await;
    let (operator, analyst) = (door.token(false, true, None), door.token(true, false, None));
    put(&door, &operator, "", "", list("One", &["192.0.2.0/24"]).to_string()).await.expect(200, "");
    let records = "/api/v1/channels/rti%2Findicators/records?tlp=green";
    let noted = door.post(records, &analyst, indicator(1, "192.0.2.9").to_string()).await.expect(201, "").json();
    assert_eq!((&noted["outcome"], &noted["notes"][0]["id"]), (&json!("new"), &json!("warninglist.inform")));
    let plain = door.post(records, &analyst, indicator(2, "198.51.100.9").to_string()).await.expect(201, "").json();
    assert_eq!(plain.get("notes"), None);

    let rules = format!("{LISTS}/rules");
    let rule = |list: Value, on: Value, action: &str| json!({"list": list, "on": on, "action": action});
    let block = rule(json!("One"), json!(["publish"]), "block");
    door.post_json(&rules, &analyst, &block).await.expect(403, "forbidden");
    let set = door.post_json(&rules, &operator, &block).await.expect(200, "").json();
    assert_eq!(set["changed"], 1);
    let waits = door.post(records, &analyst, indicator(3, "192.0.2.9").to_string()).await.expect(202, "").json();
    assert_eq!((&waits["outcome"], &waits["why"][0]["id"]), (&json!("quarantined"), &json!("warninglist.block")));

    let wrong = [
        (rule(json!("None such"), json!(["publish"]), "block"), "/list"),
        (rule(json!("One"), json!([]), "block"), "/on"),
        (rule(json!("One"), json!(["sometimes"]), "block"), "/on"),
        (rule(json!("One"), json!(["publish"]), "burn"), "/action"),
        (json!({"channel": "rti/none", "on": ["publish"], "action": "block"}), "/channel"),
    ];
    for (body, pointer) in wrong {
        let problem = door.post_json(&rules, &operator, &body).await.expect(422, "refused").json();
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    door.post_json(&rules, &operator, &json!({"on": ["publish"], "action": "block", "more": 1}))
        .await
        .expect(422, "refused");
    let check = format!("{LISTS}/check");
    door.post_json(&check, &analyst, &json!({"values": []})).await.expect(422, "refused");
    door.post_json(&check, &analyst, &json!({"values": vec!["x"; 1_001]})).await.expect(422, "refused");
    let checked =
        door.post_json(&check, &analyst, &json!({"values": ["192[.]0.2.1", "x"]})).await.expect(200, "").json();
    assert_eq!(checked["values"][0]["hits"], json!([{"number": 1, "list": "One", "entry": "192.0.2.0/24"}]));
    assert_eq!(checked["values"][1]["hits"], json!([]));
    door.stop().await;
}

#[tokio::test]
async fn a_rule_about_a_channel_is_shown_only_to_who_may_know_of_it() {
    let door = Door::open(133).await;
    let (operator, limited) = (door.token(false, true, None), door.token(true, false, Some(&["rti/indicators"])));
    put(&door, &operator, "", "", list("One", &["192.0.2.0/24"]).to_string()).await.expect(200, "");
    let before = door.get(LISTS, &limited).await.expect(200, "").json();
    for channel in ["rti/indicators", "rti/advisories"] {
        let rule = json!({"list": "One", "channel": channel, "on": ["publish"], "action": "block"});
        door.post_json(&format!("{LISTS}/rules"), &operator, &rule).await.expect(200, "");
    }
    let channels = |answer: &Value| -> Vec<String> {
        let rules = answer["warninglists"][0]["rules"].as_array().unwrap();
        rules.iter().filter_map(|rule| rule["channel"].as_str()).map(str::to_owned).collect()
    };
    let (all, some) = (door.get(LISTS, &operator).await.json(), door.get(LISTS, &limited).await.json());
    let mut all = channels(&all);
    all.sort();
    assert_eq!(all, ["rti/advisories", "rti/indicators"]);
    assert_eq!((channels(&before).len(), channels(&some)), (0, vec!["rti/indicators".to_owned()]));
    door.stop().await;
}

#[tokio::test]
async fn a_value_that_a_list_blocks_on_export_is_left_out_of_what_tools_act_on_and_told() {
    let door = Door::open(134).await;
    let (operator, analyst) = (door.token(false, true, None), door.token(true, false, None));
    for (n, address) in [(1, "45.83.64.9"), (2, "45.83.65.9")] {
        door.publish("rti/indicators", &analyst, &indicator(n, address)).await;
    }
    put(&door, &operator, "", "", list("One", &["45.83.64.0/24"]).to_string()).await.expect(200, "");
    let export = async |format: &str| {
        door.get(&format!("/api/v1/export?format={format}"), &analyst).await.expect(200, "").text()
    };
    for format in ["list", "text", "csv", "ndjson"] {
        let all = export(format).await;
        assert!(all.contains("45.83.64.9") && all.contains("45.83.65.9"), "{format}: {all}");
    }
    let rule = json!({"on": ["export"], "action": "block"});
    door.post_json(&format!("{LISTS}/rules"), &operator, &rule).await.expect(200, "");
    for format in ["list", "text"] {
        let some = export(format).await;
        let values: String = some.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(!values.contains("45.83.64.9") && values.contains("45.83.65.9"), "{format}: {some}");
    }
    let table = export("csv").await;
    assert!(
        table.contains(r#""45.83.64.9","ipv4","out.loss.allowed""#),
        "a table tells it, and says why not to block it: {table}"
    );
    let told = export("list").await;
    assert!(told.contains("a list of known good values has it"), "{told}");
    assert!(export("ndjson").await.contains("45.83.64.9"), "a record is carried as its author published it");
    door.stop().await;
}

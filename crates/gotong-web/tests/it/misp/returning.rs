//! An event that left through MISP's addresses and comes in again: known where nobody changed it, however it was dressed on its way.

use serde_json::{Value, json};

use super::{attribute, event, good};
use crate::api::door::{Door, uuid};

/// What an import did with an event: the summary, and what it said of each object that was not simply known.
async fn import(door: &Door, token: &str, event: &Value) -> (Value, Vec<Value>) {
    let path = "/api/v1/channels/rti%2Findicators/records/bulk?format=misp&restricted=true";
    let request = door.request("POST", path, token).header("content-type", "application/octet-stream");
    let answer = door.send(request.body(event.to_string().into()).unwrap()).await;
    let mut lines = answer.expect(200, "").lines();
    let summary = lines.pop().unwrap()["summary"].clone();
    // Who is shown to have made an event that names nobody is a record of its own.
    let is_maker = |line: &Value| line["outcome"] == "new" && line["id"].as_str().unwrap().starts_with("identity--");
    lines.retain(|line| line["outcome"].is_string() && line["outcome"] != "known" && !is_maker(line));
    (summary, lines)
}

#[track_caller]
fn expect_known((summary, lines): &(Value, Vec<Value>), what: &str) {
    assert_eq!(lines, &[] as &[Value], "{what}");
    assert_eq!((&summary["refused"], &summary["updated"]), (&json!(0), &json!(0)), "{what}: {summary}");
    assert!(summary["known"].as_u64().unwrap() > 2, "{what}: {summary}");
}

async fn seen(door: &Door, token: &str, uuid: &str) -> Value {
    good(&door.misp("GET", &format!("events/view/{uuid}?deleted=1"), token, None).await)
}

/// Events with everything that is mapped, with little more than values, and with what others add to them.
async fn events(door: &Door, token: &str) -> Vec<(&'static str, String)> {
    let group = door.group(token, "rti/indicators").await.unwrap();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/misp/full.json");
    let full: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let (summary, _) = import(door, token, &full).await;
    assert!(summary["new"].as_u64().unwrap() > 40, "{summary}");

    let bare = json!({"Event": {
        "uuid": uuid(700), "info": "bare", "timestamp": "1795000000",
        "Attribute": [
            {"uuid": uuid(701), "type": "domain", "value": "bare.example", "to_ids": true},
            {"uuid": uuid(702), "type": "ip-src", "value": "198.51.100.77"},
            {"uuid": uuid(703), "type": "text", "value": "a word of it", "timestamp": "1794000000"},
            {"uuid": uuid(704), "type": "vulnerability", "value": "CVE-2026-12345"},
        ],
        "Object": [{
            "uuid": uuid(710), "name": "file", "timestamp": "1795000500", "Attribute": [
                {"uuid": uuid(711), "object_relation": "md5", "type": "md5", "value": "0cc175b9c0f1b6a831c399e269772661", "to_ids": true},
                {"uuid": uuid(712), "object_relation": "filename", "type": "filename", "value": "a.exe"},
            ],
            "ObjectReference": [{"uuid": uuid(713), "referenced_uuid": uuid(701), "relationship_type": "connects-to"}],
        }],
        "EventReport": [{"uuid": uuid(720), "name": "a report", "content": "What happened."}],
    }});
    import(door, token, &bare).await;

    let mut told = event(
        730,
        &group,
        &[attribute(731, "domain", "told.example", true), attribute(732, "ip-dst", "198.51.100.78", false)],
    );
    told["Attribute"][0]["Tag"] = json!([{"name": "osint:source-type=\"blog-post\""}, {"name": "tlp:amber"}]);
    told["Tag"] = json!([{"name": "tlp:green"}, {"name": "workflow:state=\"complete\"", "colour": "#123456"}]);
    good(&door.add_event(token, &told).await);
    for kind in ["0", "1", "2"] {
        let sighting = json!({"uuid": uuid(731), "type": kind, "source": "sensor"});
        good(&door.misp("POST", &format!("sightings/add/{}", uuid(731)), token, Some(&sighting)).await);
    }
    let change = json!({"type": "domain", "category": "Network activity", "value": "proposed.example", "to_ids": true});
    good(&door.misp("POST", &format!("shadow_attributes/add/{}", uuid(730)), token, Some(&change)).await);
    vec![("everything", full["Event"]["uuid"].as_str().unwrap().to_owned()), ("bare", uuid(700)), ("told", uuid(730))]
}

#[tokio::test]
async fn an_event_that_comes_back_unchanged_is_known() {
    let door = Door::open(470).await;
    let token = door.token(true, false, None);
    for (what, uuid) in events(&door, &token).await {
        let shown = seen(&door, &token, &uuid).await;
        expect_known(&import(&door, &token, &shown).await, what);
        assert_eq!(seen(&door, &token, &uuid).await, shown, "{what}: and nothing has changed");
    }
    door.stop().await;
}

#[tokio::test]
async fn an_event_that_comes_back_with_a_change_is_told_where_it_was_changed() {
    let door = Door::open(471).await;
    let token = door.token(true, false, None);
    events(&door, &token).await;
    for (pointer, said, refused) in [
        ("/Event/Attribute/0/comment", json!("somebody wrote this"), 1),
        ("/Event/Attribute/0/category", json!("Payload delivery"), 1),
        ("/Event/info", json!("another title"), 1),
        ("/Event/threat_level_id", json!("1"), 1),
        ("/Event/Attribute/1/distribution", json!("3"), 1),
    ] {
        let mut shown = seen(&door, &token, &uuid(730)).await;
        *shown.pointer_mut(pointer).unwrap() = said;
        let (summary, lines) = import(&door, &token, &shown).await;
        assert_eq!(summary["refused"], refused, "{pointer}: {lines:#?}");
        assert_eq!((&summary["new"], &summary["updated"]), (&json!(0), &json!(0)), "{pointer}: {lines:#?}");
        assert_eq!(lines[0]["why"][0]["id"], "record.conflict", "{pointer}: {lines:#?}");
    }
    // A stricter label without a later time is a change, too: what stands here is not as strict.
    let mut shown = seen(&door, &token, &uuid(700)).await;
    shown["Event"]["Tag"] = json!([{"name": "tlp:amber+strict"}]);
    let (summary, _) = import(&door, &token, &shown).await;
    assert_eq!((&summary["known"], summary["refused"].as_u64() > Some(3)), (&json!(2), true), "{summary}");
    // With a later time it is a new version, as ever.
    let mut shown = seen(&door, &token, &uuid(730)).await;
    shown["Event"]["Attribute"][0]["comment"] = json!("later");
    shown["Event"]["Attribute"][0]["timestamp"] = json!("1795000100");
    let (summary, lines) = import(&door, &token, &shown).await;
    assert_eq!((&summary["updated"], &summary["refused"]), (&json!(1), &json!(0)), "{lines:#?}");
    door.stop().await;
}

#[tokio::test]
async fn an_attribute_of_no_known_type_takes_no_client_away() {
    let door = Door::open(739).await;
    let token = door.token(true, true, None);
    let odd = json!({"Event": {
        "uuid": uuid(740), "info": "odd", "timestamp": "1795000000",
        "Attribute": [
            {"uuid": uuid(741), "type": "nosuchtype", "category": "Nonsense", "value": "x", "comment": "why not"},
            {"uuid": uuid(742), "type": "ip-dst", "category": "Nonsense", "value": "198.51.100.78"},
            {"uuid": uuid(743), "type": "ip-dst", "category": "Person", "value": "198.51.100.79", "comment": "odd"},
        ],
    }});
    import(&door, &token, &odd).await;
    let event = seen(&door, &token, &uuid(740)).await;
    let shown: Vec<_> = event["Event"]["Attribute"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| ["category", "type", "comment"].map(|name| one[name].as_str().unwrap()))
        .collect();
    // Clients give up on whole answers for one such attribute; what it says itself is not lost.
    assert!(shown.contains(&["Other", "other", "[Nonsense/nosuchtype] why not"]), "{shown:?}");
    assert!(shown.contains(&["Network activity", "ip-dst", "[Nonsense/ip-dst]"]), "{shown:?}");
    assert!(shown.contains(&["Network activity", "ip-dst", "odd"]), "{shown:?}");
    door.stop().await;
}

//! MISP's addresses over real HTTP: where events go, what is refused and why, what nobody else may see, what a deletion takes along. `docs/book/misp.md` says
//! what holds; `PyMISP` and a peer try the same against processes (`crates/gotong/tests/it/misp.rs`).

mod blocklists;
mod proposals;
mod returning;

use gotong_app::caller::Caller;
use gotong_app::view;
use gotong_app::warninglist::Loading;
use serde_json::{Value, json};

use crate::api::door::{Answer, Door, uuid};

impl Door {
    async fn misp(&self, method: &str, path: &str, token: &str, body: Option<&Value>) -> Answer {
        let request = self.request(method, &format!("/misp/{path}"), "").header("authorization", token);
        let request = request.header("accept", "application/json").header("content-type", "application/json");
        self.send(request.body(body.map(Value::to_string).unwrap_or_default().into()).unwrap()).await
    }

    async fn add_event(&self, token: &str, event: &Value) -> Answer {
        self.misp("POST", "events/add", token, Some(&json!({"Event": event}))).await
    }

    /// The number of the sharing group with this name.
    async fn group(&self, token: &str, name: &str) -> Option<String> {
        let all = good(&self.misp("GET", "sharing_groups", token, None).await)["response"].clone();
        let found = all.as_array().unwrap().iter().find(|one| one["SharingGroup"]["name"] == name)?;
        Some(found["SharingGroup"]["id"].as_str().unwrap().to_owned())
    }

    fn stands(&self, id: &str) -> bool {
        !view::read(&self.node, &Caller::operator(), id).unwrap().is_empty()
    }
}

#[track_caller]
fn good(answer: &Answer) -> Value {
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"), "{}", answer.text());
    answer.json()
}

/// An error as MISP's programs read it.
#[track_caller]
fn bad(answer: &Answer, status: u16) -> Value {
    assert_eq!((answer.status, answer.header("content-type")), (status, "application/json"), "{}", answer.text());
    let said = answer.json();
    assert!(said["message"].as_str().is_some_and(|text| !text.is_empty()) && said.get("errors").is_some(), "{said}");
    said
}

fn event(number: u64, group: &str, attributes: &[Value]) -> Value {
    json!({
        "uuid": uuid(number), "info": format!("event {number}"), "date": "2026-11-21", "timestamp": "1795000000", "published": true,
        "distribution": "4", "sharing_group_id": group, "analysis": "0", "threat_level_id": "3", "Attribute": attributes,
        "Tag": [{"name": "tlp:green"}],
    })
}

fn attribute(number: u64, kind: &str, value: &str, to_ids: bool) -> Value {
    json!({
        "uuid": uuid(number), "type": kind, "category": "Network activity", "value": value, "to_ids": to_ids, "distribution": "5",
        "timestamp": "1795000000",
    })
}

fn values(event: &Value) -> Vec<&str> {
    let mut all: Vec<&str> =
        event["Event"]["Attribute"].as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap()).collect();
    all.sort_unstable();
    all
}

#[tokio::test]
async fn an_event_goes_where_it_says_and_nowhere_else() {
    let door = Door::open(401).await;
    let token = door.token(true, false, None);
    let group = door.group(&token, "rti/indicators").await.unwrap();
    let mut plain = event(1, &group, &[attribute(11, "domain", "a.example", true)]);
    // Three channels could be meant: none is guessed, and the answer names them.
    for distribution in ["1", "2", "3"] {
        plain["distribution"] = json!(distribution);
        let said = bad(&door.add_event(&token, &plain).await, 403);
        let groups = said["errors"]["sharing_groups"].as_array().unwrap();
        let names: Vec<&str> = groups.iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["rti/advisories", "rti/indicators", "two/hidden"]);
    }
    // There is no house here, so what stays in the house has no place.
    plain["distribution"] = json!("0");
    assert!(bad(&door.add_event(&token, &plain).await, 403)["errors"].as_str().unwrap().contains("house rule"));
    for (distribution, group, status) in [("4", "17", 403), ("4", "", 403), ("5", "0", 400), ("x", "0", 400)] {
        plain["distribution"] = json!(distribution);
        plain["sharing_group_id"] = json!(group);
        bad(&door.add_event(&token, &plain).await, status);
    }
    assert!(!door.stands(&format!("report--{}", uuid(1))), "nothing of it was kept");
    // Where one channel is open, that one is meant.
    let limited = door.token(true, false, Some(&["rti/indicators"]));
    plain["distribution"] = json!("1");
    assert_eq!(values(&good(&door.add_event(&limited, &plain).await)), ["a.example"]);
    let records = view::read(&door.node, &Caller::operator(), &format!("report--{}", uuid(1))).unwrap();
    assert_eq!(records[0].channel_handle, "rti/indicators");
    // Who only reads adds nothing, and changes nothing.
    let reader = door.token(false, false, None);
    bad(&door.add_event(&reader, &event(2, &group, &[])).await, 403);
    bad(&door.misp("POST", &format!("events/delete/{}", uuid(1)), &reader, None).await, 403);
    assert_eq!(
        values(&good(&door.misp("GET", &format!("events/view/{}", uuid(1)), &reader, None).await)),
        ["a.example"]
    );
    door.stop().await;
}

#[tokio::test]
async fn what_an_agreement_refuses_is_refused_with_its_clause_and_leaves_nothing() {
    let door = Door::open(402).await;
    let token = door.token(true, false, None);
    let group = door.group(&token, "rti/advisories").await.unwrap();
    // Up to TLP:GREEN.
    let mut amber = event(1, &group, &[attribute(11, "domain", "a.example", true)]);
    amber["Tag"] = json!([{"name": "tlp:amber"}]);
    let said = bad(&door.add_event(&token, &amber).await, 403);
    assert!(said["errors"][0]["clause"].as_str().unwrap().starts_with("rti "), "{said}");
    assert!(!door.stands(&format!("indicator--{}", uuid(11))) && !door.stands(&format!("report--{}", uuid(1))));
    // Indicators and reports alone: the rest of an event is named, and what may be here is.
    let mixed =
        event(2, &group, &[attribute(21, "domain", "b.example", true), attribute(22, "domain", "seen.example", false)]);
    let said = good(&door.add_event(&token, &mixed).await);
    assert_eq!(values(&said), ["b.example"]);
    let refused: Vec<&Value> = said["errors"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["object"].as_str().unwrap().starts_with("observed-data"))
        .collect();
    assert!(refused[0]["why"][0]["clause"].as_str().unwrap().starts_with("rti "), "{said}");
    // One attribute by itself is taken or not; the event is not touched.
    let before = good(&door.misp("GET", &format!("events/view/{}", uuid(2)), &token, None).await);
    let one = attribute(23, "domain", "also-seen.example", false);
    let said = bad(&door.misp("POST", &format!("attributes/add/{}", uuid(2)), &token, Some(&one)).await, 403);
    assert!(said["errors"][0]["clause"].is_string(), "{said}");
    assert_eq!(good(&door.misp("GET", &format!("events/view/{}", uuid(2)), &token, None).await), before);
    let fine = attribute(24, "domain", "c.example", true);
    good(&door.misp("POST", &format!("attributes/add/{}", uuid(2)), &token, Some(&fine)).await);
    door.stop().await;
}

#[tokio::test]
async fn a_hidden_channel_is_nowhere_in_misp() {
    let door = Door::open(403).await;
    let token = door.token(true, false, None);
    let outsider = door.token(true, false, Some(&["rti/indicators"]));
    let group = door.group(&token, "two/hidden").await.unwrap();
    let made =
        good(&door.add_event(&token, &event(1, &group, &[attribute(11, "domain", "hidden.example", true)])).await);
    let id = made["Event"]["id"].as_str().unwrap().to_owned();
    assert_eq!(door.group(&outsider, "two/hidden").await, None);
    let search = json!({"returnFormat": "json", "value": "hidden.example"});
    for (who, there) in [(&token, true), (&outsider, false)] {
        for path in ["events/index", "feed/manifest.json", "feed/hashes.csv"] {
            let answer = door.misp("GET", path, who, None).await;
            assert_eq!(answer.text().contains(&uuid(1)), there, "{path}");
        }
        for path in ["events/restSearch", "attributes/restSearch"] {
            let answer = good(&door.misp("POST", path, who, Some(&search)).await);
            assert_eq!(answer.to_string().contains(&uuid(1)), there, "{path}");
        }
        let tags = good(&door.misp("GET", "tags/index", who, None).await);
        assert_eq!(tags["Tag"].as_array().unwrap().len(), usize::from(there));
    }
    // The unknown and the hidden are one answer, but for the address that was asked.
    for (hidden, unknown) in [
        (format!("events/view/{}", uuid(1)), format!("events/view/{}", uuid(99))),
        (format!("events/view/{id}"), format!("events/view/{}", id.chars().rev().collect::<String>())),
        (format!("attributes/view/{}", uuid(11)), format!("attributes/view/{}", uuid(98))),
        (format!("feed/{}.json", uuid(1)), format!("feed/{}.json", uuid(99))),
        (format!("sharing_groups/view/{group}"), "sharing_groups/view/12".to_owned()),
    ] {
        good(&door.misp("GET", &hidden, &token, None).await);
        let (one, other) =
            (door.misp("GET", &hidden, &outsider, None).await, door.misp("GET", &unknown, &outsider, None).await);
        let (mut one, mut other) = (bad(&one, 404), bad(&other, 404));
        (one["url"], other["url"]) = (Value::Null, Value::Null);
        assert_eq!(one, other);
    }
    for path in [
        format!("events/delete/{}", uuid(1)),
        format!("attributes/delete/{}", uuid(11)),
        format!("events/publish/{}", uuid(1)),
    ] {
        bad(&door.misp("POST", &path, &outsider, Some(&json!({}))).await, 404);
    }
    assert_eq!(
        good(&door.misp("POST", "sightings/restSearch/event", &outsider, Some(&json!({"uuid": [uuid(1)]}))).await),
        json!({"response": []})
    );
    door.stop().await;
}

#[tokio::test]
async fn a_switch_that_changes_leaves_no_second_object_behind() {
    let door = Door::open(404).await;
    let token = door.token(true, false, None);
    let group = door.group(&token, "rti/indicators").await.unwrap();
    good(&door.add_event(&token, &event(1, &group, &[attribute(11, "domain", "a.example", true)])).await);
    let indicator = format!("indicator--{}", uuid(11));
    assert!(door.stands(&indicator));
    for (to_ids, stands) in [(false, false), (true, true)] {
        let path = format!("attributes/edit/{}", uuid(11));
        let said = good(&door.misp("POST", &path, &token, Some(&json!({"to_ids": to_ids}))).await);
        assert_eq!(said["Attribute"]["to_ids"], to_ids);
        assert_eq!(door.stands(&indicator), stands);
        let found = view::lookup(&door.node, &Caller::operator(), &["a.example".to_owned()], false).unwrap();
        let kinds: Vec<&str> = found[0].hits.iter().map(|hit| hit.object_type.as_str()).collect();
        assert_eq!(kinds.contains(&"indicator"), stands, "{kinds:?}");
        assert_eq!(kinds.contains(&"domain-name"), !stands, "what was observed goes with it: {kinds:?}");
    }
    // What was deleted hard is withdrawn, and what stays is as it was.
    good(
        &door
            .misp(
                "POST",
                &format!("attributes/add/{}", uuid(1)),
                &token,
                Some(&attribute(12, "domain", "b.example", true)),
            )
            .await,
    );
    good(&door.misp("POST", &format!("attributes/delete/{}/1", uuid(11)), &token, None).await);
    assert!(!door.stands(&indicator) && door.stands(&format!("indicator--{}", uuid(12))));
    door.stop().await;
}

#[tokio::test]
async fn a_deletion_takes_what_only_the_event_holds() {
    let door = Door::open(405).await;
    let token = door.token(true, false, None);
    let group = door.group(&token, "rti/indicators").await.unwrap();
    // The same address was seen in both: one observable.
    for number in [1, 2] {
        let seen = attribute(number * 10 + 1, "ip-dst", "198.51.100.9", false);
        let own = attribute(number * 10 + 2, "domain", &format!("own-{number}.example"), true);
        good(&door.add_event(&token, &event(number, &group, &[seen, own])).await);
    }
    let hits = |value: &str| {
        let found = view::lookup(&door.node, &Caller::operator(), &[value.to_owned()], false).unwrap();
        found[0].hits.iter().map(|hit| hit.object_type.clone()).collect::<Vec<_>>()
    };
    assert!(hits("198.51.100.9").contains(&"ipv4-addr".to_owned()));
    good(&door.misp("POST", &format!("events/delete/{}", uuid(1)), &token, None).await);
    bad(&door.misp("GET", &format!("events/view/{}", uuid(1)), &token, None).await, 404);
    assert!(hits("own-1.example").is_empty() && !hits("own-2.example").is_empty());
    assert!(hits("198.51.100.9").contains(&"ipv4-addr".to_owned()), "the other event still holds it");
    let other = good(&door.misp("GET", &format!("events/view/{}", uuid(2)), &token, None).await);
    assert_eq!(values(&other), ["198.51.100.9", "own-2.example"]);
    good(&door.misp("POST", &format!("events/delete/{}", uuid(2)), &token, None).await);
    assert!(hits("198.51.100.9").is_empty() && hits("own-2.example").is_empty());
    bad(&door.misp("POST", &format!("events/delete/{}", uuid(2)), &token, None).await, 404);
    assert_eq!(good(&door.misp("POST", "events/index", &token, Some(&json!({"minimal": 1}))).await), json!([]));
    door.stop().await;
}

#[tokio::test]
async fn an_event_of_many_attributes_is_whole_and_goes_whole() {
    let door = Door::open(406).await;
    let token = door.token(true, false, None);
    let group = door.group(&token, "rti/indicators").await.unwrap();
    let attributes: Vec<Value> = (0..4_500)
        .map(|number| attribute(10_000 + number, "domain", &format!("many-{number}.example"), true))
        .collect();
    let made = good(&door.add_event(&token, &event(1, &group, &attributes)).await);
    assert_eq!(values(&made).len(), 4_500);
    let found =
        good(&door.misp("POST", "attributes/restSearch", &token, Some(&json!({"value": "many-4321.example"}))).await);
    assert_eq!(found["response"]["Attribute"][0]["Event"]["uuid"], uuid(1));
    good(&door.misp("POST", &format!("events/delete/{}", uuid(1)), &token, None).await);
    let standing = |number: &u64| door.stands(&format!("indicator--{}", uuid(10_000 + number)));
    assert_eq!((0..4_500).filter(standing).collect::<Vec<_>>(), Vec::<u64>::new());
    door.stop().await;
}

#[tokio::test]
async fn a_report_that_never_was_misp_is_read_as_an_event() {
    let door = Door::open(407).await;
    let token = door.token(true, false, None);
    let indicator = crate::api::door::indicator(1, "192.0.2.7");
    let report = json!({
        "type": "report", "spec_version": "2.1", "id": format!("report--{}", uuid(2)), "created": "2026-11-01T00:00:00.000Z",
        "modified": "2026-11-01T00:00:00.000Z", "name": "A report in STIX", "published": "2026-11-01T00:00:00Z",
        "object_refs": [indicator["id"]],
    });
    for object in [&indicator, &report] {
        door.publish("rti/indicators", &token, object).await;
    }
    let seen = good(&door.misp("GET", &format!("events/view/{}", uuid(2)), &token, None).await);
    assert_eq!(values(&seen), ["192.0.2.7"]);
    assert_eq!(seen["Event"]["published"], true);
    assert_eq!(seen["Event"]["Tag"][0]["name"], "tlp:green", "unmarked is never public: the label that counts is told");
    // It is changed as STIX, where nothing of it is lost; deleted here too.
    let said = bad(
        &door.misp("POST", &format!("events/edit/{}", uuid(2)), &token, Some(&json!({"Event": {"info": "x"}}))).await,
        403,
    );
    assert!(said["errors"].as_str().unwrap().contains("/api/v1/"));
    good(&door.misp("POST", &format!("events/delete/{}", uuid(2)), &token, None).await);
    bad(&door.misp("GET", &format!("events/view/{}", uuid(2)), &token, None).await, 404);
    door.stop().await;
}

#[tokio::test]
async fn a_search_keeps_to_a_sharing_group_and_to_objects_of_a_name() {
    let door = Door::open(411).await;
    let token = door.token(true, false, None);
    let (open, hidden) =
        (door.group(&token, "rti/indicators").await.unwrap(), door.group(&token, "two/hidden").await.unwrap());
    for (number, group) in [(1, &open), (2, &hidden)] {
        let mut one = event(number, group, &[attribute(number * 10, "domain", &format!("g{number}.example"), true)]);
        let digest = json!({"uuid": uuid(number * 10 + 2), "object_relation": "md5", "type": "md5", "to_ids": true,
            "value": format!("{number:032}")});
        let name = if number == 1 { "file" } else { "email" };
        one["Object"] = json!([{"uuid": uuid(number * 10 + 1), "name": name, "Attribute": [digest]}]);
        good(&door.add_event(&token, &one).await);
    }
    let limited = door.token(true, false, Some(&["rti/indicators"]));
    let found = async |who: &str, filter: Value| {
        let all = good(&door.misp("POST", "events/restSearch", who, Some(&filter)).await);
        let events =
            all["response"].as_array().unwrap().iter().map(|one| one["Event"]["uuid"].as_str().unwrap().to_owned());
        let mut events: Vec<String> = events.collect();
        events.sort_unstable();
        events
    };
    for filter in [json!({"sharinggroup": open}), json!({"sharinggroup": [open]}), json!({"object_name": "file"})] {
        assert_eq!(found(&token, filter.clone()).await, [uuid(1)], "{filter}");
    }
    assert_eq!(found(&token, json!({"sharinggroup": [open, hidden]})).await, [uuid(1), uuid(2)]);
    assert_eq!(
        found(&token, json!({"object_name": ["file", "email"], "value": format!("{:032}", 2)})).await,
        [uuid(2)]
    );
    // A group that this caller may not see is as one that there is not.
    for (who, group) in [(&limited, hidden.as_str()), (&token, "17")] {
        assert_eq!(found(who, json!({"sharinggroup": group})).await, [""; 0], "{group}");
    }
    assert_eq!(found(&limited, json!({"object_name": "email"})).await, [""; 0]);
    let asked = json!({"object_name": "file"});
    let all = good(&door.misp("POST", "attributes/restSearch", &token, Some(&asked)).await);
    let rows = all["response"]["Attribute"].as_array().unwrap();
    assert_eq!(rows.iter().map(|one| one["type"].as_str().unwrap()).collect::<Vec<_>>(), ["md5"]);
    // Another format is refused, with where it is.
    for (format, place) in
        [("csv", "format=csv"), ("stix2", "/taxii2/"), ("text", "format=text"), ("x", "/api/v1/export")]
    {
        let said =
            bad(&door.misp("POST", "events/restSearch", &token, Some(&json!({"returnFormat": format}))).await, 400);
        assert!(said["errors"].as_str().unwrap().contains(place), "{said}");
    }
    door.stop().await;
}

#[tokio::test]
async fn warninglists_are_told_and_asked_by_staff() {
    let door = Door::open(409).await;
    let token = door.token(true, true, None);
    let asked = json!(["192.0.2.1", "192.0.2.2"]);
    assert_eq!(good(&door.misp("POST", "warninglists/checkValue", &token, Some(&asked)).await), json!({}));
    let list = json!({
        "name": "Our own addresses", "description": "Those of this test", "version": 3, "type": "string", "list": ["192.0.2.1"],
        "matching_attributes": ["ip-src", "ip-dst"],
    });
    let mut loading = Loading::begin(&door.node, &Caller::operator()).unwrap();
    loading.put(1, list.to_string().as_bytes()).unwrap();
    loading.finish().unwrap();
    let all = good(&door.misp("GET", "warninglists", &token, None).await);
    let one = &all["Warninglists"][0]["Warninglist"];
    assert_eq!((one["name"].as_str(), one["version"].as_str()), (Some("Our own addresses"), Some("3")));
    let path = format!("warninglists/view/{}", one["id"].as_str().unwrap());
    assert_eq!(good(&door.misp("GET", &path, &token, None).await)["Warninglist"], *one);
    bad(&door.misp("GET", "warninglists/view/99", &token, None).await, 404);
    let found = good(&door.misp("POST", "warninglists/checkValue", &token, Some(&asked)).await);
    assert_eq!(found["192.0.2.1"][0]["name"], "Our own addresses");
    assert!(found.get("192.0.2.2").is_none());
    door.stop().await;
}

#[tokio::test]
async fn what_is_broken_or_elsewhere_answers_json() {
    let door = Door::open(408).await;
    let token = door.token(true, false, None);
    let post = async |path: &str, body: String| {
        let request = door.request("POST", &format!("/misp/{path}"), "").header("authorization", &token);
        door.send(request.header("content-type", "application/json").body(body.into()).unwrap()).await
    };
    for body in ["{", "[[", "{\"Event\":{\"info\":1,\"info\":2}}", "{\"Event\":1e999}", "\u{feff}{}", "{} {}"] {
        bad(&post("events/add", body.to_owned()).await, 400);
    }
    bad(&post("events/add", "[".repeat(200_000)).await, 400);
    bad(&post("events/add", "\"".to_owned() + &"x".repeat(17 << 20)).await, 413);
    for path in ["taxonomies/enable/1", "nothing", "events/nothing", "feed/../../etc/passwd"] {
        bad(&post(path, "{}".to_owned()).await, 404);
    }
    // What only reads does nothing, and a wrong key is told so in MISP's words.
    bad(&door.misp("GET", "events/add", &token, None).await, 405);
    bad(&door.misp("GET", "events/index", "wrong", None).await, 401);
    let said = bad(&post("events/restSearch", json!({"decayScore": 5}).to_string()).await, 400);
    assert!(said["message"].as_str().unwrap().starts_with("decayScore"), "a filter is not passed over");
    good(&door.misp("GET", "servers/getVersion", &token, None).await);
    door.stop().await;
}

/// Values of an event and its objects that are not deleted.
fn live(event: &Value) -> Vec<String> {
    let parts = |of: &Value, name: &str| of[name].as_array().cloned().unwrap_or_default();
    let is_live = |one: &Value| !matches!(&one["deleted"], Value::Bool(true)) && one["deleted"] != "1";
    let objects: Vec<Value> = parts(event, "Object").into_iter().filter(is_live).collect();
    let inner = objects.iter().flat_map(|object| parts(object, "Attribute"));
    let all = parts(event, "Attribute").into_iter().chain(inner).filter(is_live);
    let mut values: Vec<String> = all.map(|one| one["value"].as_str().unwrap_or_default().to_owned()).collect();
    values.sort_unstable();
    values
}

/// Has every part go where its event goes.
fn widen(record: &mut Value) {
    for name in ["Attribute", "Object", "EventReport"] {
        for part in record.get_mut(name).and_then(Value::as_array_mut).into_iter().flatten() {
            part["distribution"] = json!("5");
            widen(part);
        }
    }
}

#[tokio::test]
async fn events_of_the_world_go_in_whole_and_stay_whole_when_edited() {
    let Some(data) = std::env::var_os("GOTONG_REAL_DATA") else {
        eprintln!("GOTONG_REAL_DATA is not set: no event of the world was tried");
        return;
    };
    let door = Door::open(410).await;
    let token = door.token(true, false, None);
    let group = door.group(&token, "rti/indicators").await.unwrap();
    let mut count = 0;
    for file in std::fs::read_dir(std::path::Path::new(&data).join("misp-events")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let Ok(Value::Object(mut sent)) = serde_json::from_slice::<Value>(&bytes) else { continue };
        let Some(mut event) = sent.remove("Event") else { continue };
        let uuid = event["uuid"].as_str().unwrap().to_owned();
        (event["distribution"], event["sharing_group_id"]) = (json!("4"), json!(group));
        // What their publishers kept to themselves has been published since.
        widen(&mut event);
        let made = good(&door.add_event(&token, &event).await);
        assert!(made.get("errors").is_none() && live(&made["Event"]) == live(&event), "{uuid}: {}", made["errors"]);
        let path = format!("events/edit/{uuid}");
        let edited = good(&door.misp("POST", &path, &token, Some(&json!({"Event": {"info": "edited"}}))).await);
        assert!(edited.get("errors").is_none() && edited["Event"]["info"] == "edited", "{uuid}: {}", edited["errors"]);
        assert_eq!(live(&edited["Event"]), live(&event), "{uuid}");
        count += 1;
    }
    assert!(count > 10, "{count} events");
    door.stop().await;
}

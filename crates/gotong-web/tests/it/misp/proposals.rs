//! Proposals, event reports, taxonomies and galaxies over HTTP: who may propose what, what nobody else may see, and that no label becomes laxer.
//! `interop/misp_methods.py` tries the same between members, with `PyMISP`.

use gotong_app::caller::Caller;
use gotong_app::view;
use gotong_model::Tlp;
use serde_json::{Value, json};

use super::{attribute, bad, event, good, values};
use crate::api::door::{Door, uuid};

async fn proposed(door: &Door, token: &str, path: &str, body: Value) -> Value {
    good(&door.misp("POST", &format!("shadow_attributes/{path}"), token, Some(&body)).await)["ShadowAttribute"].clone()
}

fn domain(value: &str) -> Value {
    json!({"type": "domain", "category": "Network activity", "value": value, "to_ids": true})
}

/// The label that counts of the newest version of an object.
fn label(door: &Door, id: &str) -> Tlp {
    view::read(&door.node, &Caller::operator(), id).unwrap().into_iter().find(|one| one.is_newest).unwrap().label
}

#[tokio::test]
async fn a_proposal_is_found_by_its_number_accepted_and_gone() {
    let door = Door::open(421).await;
    let token = door.token(true, false, None);
    let group = door.group(&token, "rti/indicators").await.unwrap();
    good(&door.add_event(&token, &event(1, &group, &[attribute(11, "domain", "a.example", true)])).await);
    let change = proposed(&door, &token, &format!("edit/{}", uuid(11)), domain("b.example")).await;
    let new = proposed(&door, &token, &format!("add/{}", uuid(1)), domain("c.example")).await;
    assert_eq!((&change["uuid"], &change["value"]), (&json!(uuid(11)), &json!("b.example")));
    assert_ne!(change["id"], new["id"]);
    let id = format!("indicator--{}", new["uuid"].as_str().unwrap());
    assert!(!door.stands(&id), "nothing is detected because of a proposal");
    let list =
        async |path: &str| good(&door.misp("GET", &format!("shadow_attributes/index{path}"), &token, None).await);
    for path in ["", &format!("/{}", uuid(1)), "/all:1/timestamp:0/limit:10/page:1/deleted[]:0/deleted[]:1.json"] {
        assert_eq!(list(path).await.as_array().unwrap().len(), 2, "{path}");
    }
    assert_eq!(list("/timestamp:99999999999").await, json!([]));
    // The same again is there already, and what is as it was proposes nothing.
    bad(
        &door.misp("POST", &format!("shadow_attributes/edit/{}", uuid(11)), &token, Some(&domain("b.example"))).await,
        403,
    );
    bad(
        &door.misp("POST", &format!("shadow_attributes/edit/{}", uuid(11)), &token, Some(&domain("a.example"))).await,
        400,
    );
    for proposal in [&change, &new] {
        let path = format!("shadow_attributes/accept/{}", proposal["id"].as_str().unwrap());
        good(&door.misp("POST", &path, &token, None).await);
        bad(&door.misp("POST", &path, &token, None).await, 404);
    }
    let now = good(&door.misp("GET", &format!("events/view/{}", uuid(1)), &token, None).await);
    assert_eq!(values(&now), ["b.example", "c.example"]);
    assert_eq!((&now["Event"]["published"], list("").await), (&json!(false), json!([])));
    door.stop().await;
}

#[tokio::test]
async fn accepting_a_proposal_never_makes_a_label_laxer() {
    let door = Door::open(422).await;
    let token = door.token(true, false, None);
    let group = door.group(&token, "rti/indicators").await.unwrap();
    let mut unmarked = event(2, &group, &[attribute(21, "domain", "b.example", true)]);
    unmarked["Tag"] = json!([]);
    good(&door.add_event(&token, &event(1, &group, &[attribute(11, "domain", "a.example", true)])).await);
    good(&door.add_event(&token, &unmarked).await);
    // What each event has, what the proposal asks for, and what comes of it.
    for (number, tag, expected) in [
        (1, None, Tlp::Green),
        (1, Some("tlp:amber"), Tlp::Amber),
        (1, Some("tlp:clear"), Tlp::Green),
        (2, None, Tlp::Amber),
        (2, Some("tlp:clear"), Tlp::Amber),
    ] {
        let mut body = domain(&format!("{number}-{}.example", tag.unwrap_or("none").replace(':', "-")));
        if let Some(tag) = tag {
            body["Tag"] = json!([{"name": tag}]);
        }
        let made = proposed(&door, &token, &format!("add/{}", uuid(number)), body.clone()).await;
        good(
            &door
                .misp("POST", &format!("shadow_attributes/accept/{}", made["id"].as_str().unwrap()), &token, None)
                .await,
        );
        let search = json!({"returnFormat": "json", "value": body["value"]});
        let found = good(&door.misp("POST", "attributes/restSearch", &token, Some(&search)).await);
        let found = found["response"]["Attribute"][0]["uuid"].as_str().unwrap().to_owned();
        assert_eq!(label(&door, &format!("indicator--{found}")), expected, "{number} {tag:?}");
    }
    // To change an attribute: the stricter of the two.
    let mut change = domain("changed.example");
    change["Tag"] = json!([{"name": "tlp:amber"}]);
    let made = proposed(&door, &token, &format!("edit/{}", uuid(11)), change).await;
    assert_eq!(label(&door, &format!("indicator--{}", uuid(11))), Tlp::Green);
    good(&door.misp("POST", &format!("shadow_attributes/accept/{}", made["id"].as_str().unwrap()), &token, None).await);
    assert_eq!(label(&door, &format!("indicator--{}", uuid(11))), Tlp::Amber);
    door.stop().await;
}

#[tokio::test]
async fn proposals_to_what_is_hidden_are_as_those_to_nothing() {
    let door = Door::open(423).await;
    let token = door.token(true, false, None);
    let outsider = door.token(true, false, Some(&["rti/indicators"]));
    let group = door.group(&token, "two/hidden").await.unwrap();
    good(&door.add_event(&token, &event(1, &group, &[attribute(11, "domain", "hidden.example", true)])).await);
    let made = proposed(&door, &token, &format!("add/{}", uuid(1)), domain("also-hidden.example")).await;
    let number = made["id"].as_str().unwrap();
    let report = json!({"name": "A hidden report", "content": "x", "uuid": uuid(31)});
    good(&door.misp("POST", &format!("eventReports/add/{}", uuid(1)), &token, Some(&report)).await);
    for (method, hidden, unknown) in [
        ("GET", format!("shadow_attributes/view/{number}"), "shadow_attributes/view/12".to_owned()),
        ("GET", format!("shadow_attributes/index/{}", uuid(1)), format!("shadow_attributes/index/{}", uuid(99))),
        ("POST", format!("shadow_attributes/add/{}", uuid(1)), format!("shadow_attributes/add/{}", uuid(99))),
        ("POST", format!("shadow_attributes/edit/{}", uuid(11)), format!("shadow_attributes/edit/{}", uuid(98))),
        ("POST", format!("shadow_attributes/delete/{}", uuid(11)), format!("shadow_attributes/delete/{}", uuid(98))),
        ("POST", format!("shadow_attributes/accept/{number}"), "shadow_attributes/accept/12".to_owned()),
        ("POST", format!("shadow_attributes/discard/{number}"), "shadow_attributes/discard/12".to_owned()),
        ("POST", format!("events/pushProposals/{}", uuid(1)), format!("events/pushProposals/{}", uuid(99))),
        ("GET", format!("eventReports/view/{}", uuid(31)), format!("eventReports/view/{}", uuid(97))),
        (
            "GET",
            format!("eventReports/index/event_id:{}", uuid(1)),
            format!("eventReports/index/event_id:{}", uuid(99)),
        ),
        ("POST", format!("eventReports/delete/{}", uuid(31)), format!("eventReports/delete/{}", uuid(97))),
    ] {
        let body = domain("x.example");
        let body = (method == "POST").then_some(&body);
        let one = door.misp(method, &hidden, &outsider, body).await;
        let other = door.misp(method, &unknown, &outsider, body).await;
        let (mut one, mut other) = (bad(&one, 404), bad(&other, 404));
        (one["url"], other["url"]) = (Value::Null, Value::Null);
        assert_eq!(one, other, "{hidden}");
    }
    let seen = async |path: &str, token: &str| door.misp("GET", path, token, None).await.text();
    for path in ["shadow_attributes/index", "taxonomies/index", "galaxies/index"] {
        assert!(!seen(path, &outsider).await.contains("hidden"), "{path}");
    }
    assert!(seen("shadow_attributes/index", &token).await.contains("also-hidden"), "whoever may read it sees it");
    assert!(good(&door.misp("GET", &format!("shadow_attributes/view/{number}"), &token, None).await).is_object());
    door.stop().await;
}

#[tokio::test]
async fn what_a_proposal_may_not_be_is_refused_by_name() {
    let door = Door::open(424).await;
    let token = door.token(true, false, None);
    let reader = door.token(false, false, None);
    let group = door.group(&token, "rti/indicators").await.unwrap();
    good(&door.add_event(&token, &event(1, &group, &[attribute(11, "domain", "a.example", true)])).await);
    let add = format!("shadow_attributes/add/{}", uuid(1));
    for (name, value) in [
        ("value", json!(7)),
        ("value", json!(["a"])),
        ("value", json!(" ")),
        ("type", json!({"a": 1})),
        ("type", json!("")),
        ("to_ids", json!({})),
        ("comment", json!([])),
        ("uuid", json!("../../1")),
        ("uuid", json!(uuid(11))),
        ("Tag", json!("tlp:clear")),
        ("distribution", json!("0")),
        ("distribution", json!(4)),
    ] {
        let mut body = domain("b.example");
        body[name] = value.clone();
        let said = bad(&door.misp("POST", &add, &token, Some(&body)).await, 400);
        assert!(said["errors"].get(name).is_some(), "{name} {value}: {said}");
    }
    let huge = json!({"type": "text", "value": "x".repeat(2 << 20)});
    bad(&door.misp("POST", &add, &token, Some(&huge)).await, 403);
    for path in [
        "shadow_attributes/index/limit:0",
        "shadow_attributes/index/limit:-1",
        "shadow_attributes/index/page:x",
        "shadow_attributes/index/timestamp:1%20OR%201=1",
        "shadow_attributes/index/org:1",
        "events/index/searchorg:1",
        "eventReports/index",
        "eventReports/index/limit:1",
    ] {
        bad(&door.misp("GET", path, &token, None).await, 400);
    }
    bad(&door.misp("GET", "shadow_attributes/view/%27%3B--", &token, None).await, 404);
    bad(&door.misp("POST", &add, &reader, Some(&domain("b.example"))).await, 403);
    bad(&door.misp("GET", &add, &token, None).await, 405);
    let pushed = format!("events/pushProposals/{}", uuid(1));
    for body in [
        json!({}),
        json!([1]),
        json!([{"uuid": "x"}]),
        json!([{"uuid": uuid(41), "value": 1}]),
        json!(vec![json!({}); 1_001]),
    ] {
        bad(&door.misp("POST", &pushed, &token, Some(&body)).await, 400);
    }
    assert_eq!(
        good(&door.misp("GET", "shadow_attributes/index", &token, None).await),
        json!([]),
        "nothing of it was kept"
    );
    // A control: what is well-formed is taken, once.
    let one = json!([{"ShadowAttribute": {"uuid": uuid(41), "type": "domain", "value": "d.example", "timestamp": "1795000000",
        "Org": {"uuid": uuid(42), "name": "Elsewhere"}}}]);
    for counter in [1, 0] {
        assert_eq!(
            good(&door.misp("POST", &pushed, &token, Some(&one)).await),
            json!({"success": true, "counter": counter})
        );
    }
    let mut settled = one;
    settled[0]["ShadowAttribute"]["deleted"] = json!(true);
    assert_eq!(good(&door.misp("POST", &pushed, &token, Some(&settled)).await)["counter"], 1);
    assert_eq!(good(&door.misp("GET", "shadow_attributes/index", &token, None).await), json!([]));
    door.stop().await;
}

#[tokio::test]
async fn an_error_says_how_to_log_in_and_what_is_elsewhere_says_where() {
    let door = Door::open(425).await;
    let token = door.token(true, false, None);
    let answer = door.misp("GET", "events/index", "wrong", None).await;
    bad(&answer, 401);
    assert!(answer.header("www-authenticate").starts_with("Bearer"), "{:?}", answer.headers);
    for path in
        ["sharing_groups/add", "noticelists/update", "feeds/add", "admin/organisations/add", "analyst_data/add/Note"]
    {
        let said = bad(&door.misp("POST", path, &token, Some(&json!({"uuids": [uuid(1)]}))).await, 404);
        assert!(said["errors"].as_str().is_some_and(|next| next.len() > 20), "{said}");
    }
    for path in ["taxonomies/disable/tlp", "galaxies/update", "galaxy_clusters/add/1"] {
        bad(&door.misp("POST", path, &token, Some(&json!({}))).await, 403);
    }
    door.stop().await;
}

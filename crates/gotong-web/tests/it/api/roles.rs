//! Every role at every operation of the API's document, over real HTTP: allowed or refused as the document says, and the document as a table written here says.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use gotong_app::caller::Caller;
use gotong_app::organisation;
use gotong_app::role::{RIGHTS, ROLES, Role};
use gotong_app::token::{self, NewToken};
use gotong_model::document::Purpose;
use gotong_model::{Slug, Timestamp};
use gotong_testkit::builders::Founding;
use serde_json::{Value, json};

use super::door::{Door, START, doubtful, indicator, operations, plans, uuid};

/// The table as people decided on it. A role or right that the program has and this has not, or the reverse, is a mistake.
const TABLE: [(&str, &str); 13] = [
    ("reader", "read oversee"),
    ("analyst", "read oversee publish withdraw"),
    ("duty-officer", "read oversee publish withdraw answer"),
    ("releasing-officer", "read oversee publish withdraw release answer sources webhooks"),
    ("liaison", "read oversee answer documents audit"),
    ("legal", "read oversee documents audit"),
    ("exercise-director", "read oversee publish withdraw"),
    ("programme-officer", "read oversee"),
    ("constituent", "read publish withdraw"),
    ("constituent-reader", "read"),
    ("auditor", "read oversee audit"),
    ("operator", "read oversee documents audit organisations warninglists tokens operate"),
    (
        "administrator",
        "read oversee publish withdraw release answer documents audit organisations warninglists sources webhooks tokens operate",
    ),
];

fn slug(text: &str) -> Slug {
    Slug::from_text(text).unwrap()
}

/// A node with a house rule and a bank that it serves.
pub(crate) async fn serving(seed: u64) -> Door {
    let door = Door::open(seed).await;
    let start = Timestamp::from_canonical(START).unwrap();
    let founding = Founding::new(seed, &["id", "th", "vn"], &plans(true), start);
    let rule = founding.house_rule(0, &["bank"], start);
    let text = gotong_model::document::text(&founding.region, Purpose::House, &rule.to_value());
    let keys = &founding.members[0];
    let name = gotong_model::document::signer_name(&founding.region, &keys.code, gotong_model::document::Role::Root);
    let lines = vec![gotong_crypto::note::sign_line(&text, &name, &keys.root)];
    door.node.adopt(gotong_crypto::note::Note { text, lines }.encode().as_bytes()).unwrap();
    let bank = (slug("bank-a"), "Bank A".to_owned(), slug("bank"));
    organisation::put(&door.node, &Caller::operator(), &[bank]).unwrap().unwrap();
    door
}

fn token_of(door: &Door, role: Role) -> String {
    let constituent = role.is_for_constituents().then(|| slug("bank-a"));
    let new = NewToken { name: role.to_string(), constituent, role, ..NewToken::default() };
    token::create(&door.node, &Caller::operator(), &new).unwrap().unwrap().1
}

/// The rights that the document names for an operation.
fn needed(operation: &Value) -> BTreeSet<String> {
    let schemes = operation["security"].as_array().expect("an operation says what it needs");
    let of = |scheme: &Value| -> BTreeSet<String> {
        let rights = scheme.as_object().unwrap().values().next().unwrap();
        rights.as_array().unwrap().iter().map(|right| right.as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of(&schemes[0]), of(&schemes[1]), "the same whichever way the token is sent");
    of(&schemes[0])
}

fn filled(template: &str, channel: &str) -> String {
    let id = format!("indicator--{}", uuid(1));
    let path = template.replace("{channel}", &channel.replace('/', "%2F")).replace("{id}", &id);
    // A stream that goes on has no end to compare.
    let path = if template.ends_with("/events") { format!("{path}?follow=false") } else { path };
    path.replace("{number}", "999")
        .replace("{code}", "bank-z")
        .replace("{slug}", "not-found")
        .replace("{name}", "feed-z")
}

#[test]
fn the_table_of_roles_is_the_one_that_people_decided_on() {
    let names: Vec<&str> = ROLES.iter().map(|role| role.as_str()).collect();
    assert_eq!(names, TABLE.map(|(role, _)| role));
    for (role, rights) in TABLE {
        let of: Vec<&str> = Role::from_text(role).unwrap().rights().iter().map(|right| right.as_str()).collect();
        assert_eq!(of.join(" "), rights, "{role}");
    }
}

#[tokio::test]
async fn every_role_is_allowed_or_refused_at_every_operation_as_the_table_says() {
    let door = serving(87).await;
    let rights: BTreeMap<&str, BTreeSet<String>> =
        TABLE.iter().map(|(role, rights)| (*role, rights.split(' ').map(str::to_owned).collect())).collect();
    let mut seen = BTreeMap::new();
    let mut named = BTreeSet::new();
    for role in ROLES {
        let token = token_of(&door, role);
        // Whoever is served acts in its own channel: of others it does not know.
        let channel = if role.is_for_constituents() { "house/reports/bank-a" } else { "rti/indicators" };
        for ((method, template), operation) in operations() {
            let path = filled(&template, channel);
            let request = door.request(&method, &path, &token).header("content-type", "application/json");
            let answer = door.send(request.body(Body::from("{}")).unwrap()).await;
            let what = format!("{role}: {method} {template}: {} {}", answer.status, answer.text());
            let needed = needed(&operation);
            named.extend(needed.iter().cloned());
            let lacks: Vec<&String> = needed.difference(&rights[role.as_str()]).collect();
            assert!(answer.status < 500 && answer.status != 401, "{what}");
            if lacks.is_empty() {
                assert_ne!(answer.status, 403, "{what}");
            } else {
                assert_eq!(answer.status, 403, "{what}");
                let problem = answer.expect(403, "forbidden").json();
                let told = problem["detail"].as_str().unwrap();
                assert!(lacks.iter().any(|right| told.contains(&format!("the right `{right}`"))), "{what}");
                let right = lacks.iter().find(|right| told.contains(&format!("the right `{right}`"))).unwrap();
                for (other, has) in &rights {
                    let names = told.split(": ").last().unwrap().split(", ").any(|name| name == *other);
                    assert_eq!(names, has.contains(*right), "{other} in {what}");
                }
                assert_eq!(problem["errors"][0]["id"], "role.lacks-right");
            }
            *seen.entry((method, template)).or_insert(0) += usize::from(lacks.is_empty());
        }
    }
    assert!(seen.len() > 45, "the whole document: {}", seen.len());
    for (operation, allowed) in &seen {
        assert!(*allowed > 0, "{operation:?}: somebody may");
    }
    let all: BTreeSet<String> = RIGHTS.iter().map(|right| right.as_str().to_owned()).collect();
    assert_eq!(named, all, "each right opens something");
    door.stop().await;
}

#[tokio::test]
async fn an_act_happens_for_the_role_that_may_and_leaves_nothing_for_the_one_that_may_not() {
    let door = serving(88).await;
    let of = |role| token_of(&door, role);
    let (reader, analyst, releasing) = (of(Role::Reader), of(Role::Analyst), of(Role::ReleasingOfficer));
    let records = "/api/v1/channels/rti%2Findicators/records?tlp=green";
    let object = indicator(1, "198.51.100.1");
    door.post(records, &reader, object.to_string()).await.expect(403, "forbidden");
    let id = object["id"].as_str().unwrap();
    door.get(&format!("/api/v1/records/{id}"), &reader).await.expect(404, "not-found");
    door.post(records, &analyst, object.to_string()).await.expect(201, "");
    door.get(&format!("/api/v1/records/{id}"), &reader).await.expect(200, "");

    // What waits: an analyst sees it, a releasing officer decides.
    door.post(records, &analyst, doubtful(2).to_string()).await.expect(202, "");
    let waiting = door.get("/api/v1/quarantine", &analyst).await.expect(200, "").json();
    let number = waiting["quarantined"][0]["number"].as_u64().unwrap();
    door.get("/api/v1/quarantine", &reader).await.expect(403, "forbidden");
    for (method, path) in
        [("POST", format!("/api/v1/quarantine/{number}/release")), ("DELETE", format!("/api/v1/quarantine/{number}"))]
    {
        let request = door.request(method, &path, &analyst).body(Body::empty()).unwrap();
        door.send(request).await.expect(403, "forbidden");
    }
    let released = format!("/api/v1/quarantine/{number}/release");
    door.post(&released, &releasing, "").await.expect(201, "");

    // Tokens: from whoever may make tokens, never from an auditor, and never one that may do more than its maker.
    let new = json!({"name": "new", "role": "administrator"});
    for role in [Role::Auditor, Role::ReleasingOfficer, Role::Legal] {
        door.post_json("/api/v1/tokens", &of(role), &new).await.expect(403, "forbidden");
    }
    let beyond = door.post_json("/api/v1/tokens", &of(Role::Operator), &new).await.expect(422, "refused").json();
    assert_eq!(
        (&beyond["errors"][0]["id"], &beyond["errors"][0]["pointer"]),
        (&json!("account.beyond"), &json!("/role"))
    );
    assert!(beyond["errors"][0]["text"].as_str().unwrap().contains("more than the own role holds"));
    let made = door.post_json("/api/v1/tokens", &of(Role::Administrator), &new).await.expect(201, "").json();
    let listed = door.get("/api/v1/tokens", made["token"].as_str().unwrap()).await.expect(200, "").json();
    let named: Vec<&str> =
        listed["tokens"].as_array().unwrap().iter().map(|token| token["role"].as_str().unwrap()).collect();
    assert!(named.contains(&"administrator") && named.contains(&"auditor") && named.contains(&"reader"), "{named:?}");
    door.stop().await;
}

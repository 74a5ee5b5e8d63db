//! The places of the node: who may open them; how the node is, and why something has not reached a member.

use gotong_app::role::{ROLES, Right, Role};

use crate::api::accounts::{get, person, post, token_in};
use crate::api::door::{Door, doubtful, indicator, uuid};

const PLACES: [(&str, Option<Right>); 12] = [
    ("/operation", Some(Right::Oversee)),
    ("/operation/why", Some(Right::Oversee)),
    ("/logs", Some(Right::Audit)),
    ("/tokens", Some(Right::Tokens)),
    ("/audit", Some(Right::Audit)),
    ("/audit.csv", Some(Right::Audit)),
    ("/sources", Some(Right::Sources)),
    ("/targets", Some(Right::Sources)),
    ("/webhooks", Some(Right::Webhooks)),
    ("/warninglists", Some(Right::Oversee)),
    ("/help", None),
    ("/help/logs", None),
];

#[tokio::test]
async fn each_place_opens_for_its_right_and_for_no_other() {
    let door = Door::open(301).await;
    for role in ROLES.into_iter().filter(|role| !role.is_for_constituents()) {
        let cookie = person(&door, &format!("a-{role}"), role);
        for (path, right) in PLACES {
            let may = right.is_none_or(|right| role.may(right));
            let answer = get(&door, path, &cookie).await;
            assert_eq!(answer.status, if may { 200 } else { 403 }, "{role} {path}: {}", answer.text());
            assert_eq!(get(&door, path, "").await.status, 303, "{path} without a session");
        }
    }
    door.stop().await;
}

#[tokio::test]
async fn nothing_is_changed_without_the_right_or_by_a_forged_form() {
    let door = Door::open(302).await;
    let acts = [
        ("/logs/verify", Right::Audit),
        ("/tokens/make", Right::Tokens),
        ("/tokens/abc/end", Right::Tokens),
        ("/sources/add", Right::Sources),
        ("/sources/feed/run", Right::Sources),
        ("/sources/feed/remove", Right::Sources),
        ("/targets/add", Right::Sources),
        ("/targets/partner/pause", Right::Sources),
    ];
    for role in [Role::Reader, Role::Auditor, Role::Operator, Role::ReleasingOfficer, Role::Administrator] {
        let cookie = person(&door, &format!("a-{role}"), role);
        let token = token_in(&get(&door, "/me", &cookie).await.text());
        for (path, right) in acts {
            for forged in ["", "x", &token[1..]] {
                post(&door, path, &cookie, &[("form_token", forged)]).await.expect(403, "cross-site");
            }
            let answer = post(&door, path, &cookie, &[("form_token", &token)]).await;
            assert_eq!(answer.status == 403, !role.may(right), "{role} {path}: {}", answer.text());
        }
    }
    door.stop().await;
}

#[tokio::test]
async fn the_page_says_in_one_line_how_the_node_is_and_what_to_do() {
    let door = Door::open(303).await;
    let operator = person(&door, "op", Role::Operator);
    let page = get(&door, "/operation", &operator).await.expect(200, "").text();
    // The region of these tests has handed over no statement of the others, and was never backed up: two things to look at, with the commands that mend them.
    let due = [
        "2 things to look at.",
        "No statement is known of",
        "data-copy=\"gotong peer add FILE --data DIR\"",
        "No backup of this node has been made",
        "data-copy=\"gotong backup --data DIR --out FILE --passphrase-file FILE\"",
    ];
    assert!(due.iter().all(|text| page.contains(text)) && !page.contains("All is well."), "{page}");
    for text in ["is a member of", "The views are up to date", "gotong doctor --data DIR", "On disk"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    for code in ["th", "vn"] {
        assert!(page.contains(&format!("id=\"member-{code}\"")), "{code}");
    }
    assert!(!page.contains(" style=") && !page.contains("<script>"), "nothing within the page");
    // What is stored goes beyond single channels: it is told to whoever runs the node, as the API does.
    let reader = person(&door, "re", Role::Reader);
    let page = get(&door, "/operation", &reader).await.expect(200, "").text();
    assert!(!page.contains("On disk") && page.contains("2 things to look at."), "{page}");
    // An agreement outside its dates is seen, with what to do.
    door.clock.advance_ms(400 * 86_400_000);
    let cookie = person(&door, "later", Role::Operator);
    let page = get(&door, "/operation", &cookie).await.expect(200, "").text();
    assert!(page.contains("is outside its dates") && page.contains("An amendment can prolong it."), "{page}");
    assert!(page.contains("3 things to look at."), "{page}");
    door.stop().await;
}

#[tokio::test]
async fn why_something_has_not_reached_a_member_is_told_with_rule_and_owner() {
    let door = Door::open(304).await;
    let token = door.token(true, true, None);
    door.publish("rti/indicators", &token, &indicator(1, "198.51.100.1")).await;
    door.publish("two/hidden", &token, &indicator(2, "198.51.100.2")).await;
    let officer = person(&door, "ann", Role::ReleasingOfficer);
    let ask = async |id: &str, member: &str| {
        get(&door, &format!("/operation/why?id={id}&member={member}"), &officer).await.expect(200, "").text()
    };
    let shared = ask(&format!("indicator--{}", uuid(1)), "th").await;
    for text in ["not yet", "rti/indicators", "has never said that it has anything", "Whoever runs the node of"] {
        assert!(shared.contains(text), "{text}: {shared}");
    }
    assert!(!shared.contains("<b class=\"code\">vn</b>"), "only the member that was asked about");
    let never = ask(&format!("indicator--{}", uuid(2)), "th").await;
    for text in ["never", "two/hidden", "The parties of", "by an amendment or a notice"] {
        assert!(never.contains(text), "{text}: {never}");
    }
    assert!(never.contains("<b class=\"clause\">two "), "the clause that decides: {never}");
    let all = ask(&format!("indicator--{}", uuid(2)), "").await;
    assert!(all.contains("<b class=\"code\">vn</b>") && all.contains("<b class=\"code\">id</b>"));
    // What waits for a person has gone to nobody, and says who decides.
    let held = doubtful(7);
    let path = "/api/v1/channels/rti%2Findicators/records?tlp=green";
    assert_eq!(door.post(path, &token, held.to_string()).await.json()["outcome"], "quarantined");
    let waits = ask(held["id"].as_str().unwrap(), "th").await;
    assert!(waits.contains("It waits for a person here") && waits.contains("Releasing officer"), "{waits}");
    let nothing = ask(&format!("indicator--{}", uuid(9)), "th").await;
    assert!(nothing.contains("There is nothing of this id that you may see."));
    let hostile = ask("%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "%3Cb%3E").await;
    assert!(!hostile.contains("<script>alert") && hostile.contains("&#60;script&#62;alert"), "{hostile}");
    door.stop().await;
}

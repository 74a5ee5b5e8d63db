//! Channels as their pages show them: to whoever may read them, with what is withdrawn, and nothing of what others named them as markup.

use gotong_app::role::Role;
use serde_json::json;

use crate::api::accounts::{get, person};
use crate::api::door::{Door, indicator};
use crate::api::organisations::{OTHER, OWN, serving, token_of};

use super::report::of_bank;

#[tokio::test]
async fn each_channel_has_a_page_and_what_is_none_or_is_hidden_is_the_same_answer() {
    let door = Door::open(301).await;
    let ann = person(&door, "ann", Role::Reader);
    assert_eq!(get(&door, "/channels", "").await.status, 303, "a visitor is led to the log-in");
    let list = get(&door, "/channels", &ann).await.expect(200, "").text();
    for handle in ["rti/advisories", "rti/indicators", "two/hidden", "rti/governance", "charter"] {
        assert!(list.contains(&format!("href=\"/channels/{handle}\"")), "{handle}");
        let page = get(&door, &format!("/channels/{handle}"), &ann).await.expect(200, "").text();
        assert!(page.contains(&format!("<h1><bdi class=\"value\">{handle}</bdi></h1>")), "{handle}");
    }
    let page = get(&door, "/channels/rti/indicators", &ann).await.text();
    for said in ["TLP:AMBER", "Kinds", "in force", "href=\"/agreements/rti\"", "/intelligence?channel=rti%2Findicators"]
    {
        assert!(page.contains(said), "{said}");
    }
    assert!(!page.contains("href=\"/share\""), "a reader is not led to what it may not do");
    let officer = person(&door, "ros", Role::ReleasingOfficer);
    assert!(get(&door, "/channels/rti/indicators", &officer).await.text().contains("href=\"/share\""));
    for nothing in ["/channels/rti/nothing", "/channels/none/hidden", "/channels/%3Cscript%3E"] {
        get(&door, nothing, &ann).await.expect(404, "not-found");
    }
    door.stop().await;
}

#[tokio::test]
async fn a_channel_says_what_was_withdrawn_why_and_who_has_not_erased_it() {
    let door = Door::open(302).await;
    let ann = person(&door, "ann", Role::Reader);
    let token = door.token(true, true, None);
    let before = get(&door, "/channels/rti/indicators", &ann).await.text();
    assert!(before.contains("Nothing has been withdrawn here.") && before.contains("Nobody has written here yet"));
    let object = indicator(1, "198.51.100.7");
    door.publish("rti/indicators", &token, &object).await;
    let body = json!({"ids": [object["id"]], "reason": "error"});
    door.post_json("/api/v1/channels/rti%2Findicators/withdraw", &token, &body).await.expect(200, "");
    let page = get(&door, "/channels/rti/indicators", &ann).await.expect(200, "").text();
    assert!(page.contains("It was wrong") && page.contains("Have not said so"));
    assert!(page.contains("<bdi>th</bdi>, <bdi>vn</bdi>"), "both holders are still asked: {page}");
    assert!(page.contains("<b class=\"code\">id</b>") && page.contains("whole"));
    assert!(!page.contains("198.51.100.7") && !page.contains("indicator--"), "never what stood there");
    door.stop().await;
}

#[tokio::test]
async fn what_an_agreement_calls_its_channel_is_text_and_an_exercise_is_marked() {
    let door = Door::open(303).await;
    door.agree(303, "drill", |kind| {
        kind.exercise = true;
        kind.purpose = "<script>alert(1)</script>".to_owned();
    });
    let ann = person(&door, "ann", Role::Reader);
    for path in ["/channels", "/channels/drill/indicators", "/agreements/drill"] {
        let page = get(&door, path, &ann).await.expect(200, "").text();
        assert!(page.contains("&#60;script&#62;alert(1)"), "{path} shows it");
        assert!(!page.contains("<script>alert"), "{path}");
    }
    let page = get(&door, "/channels/drill/indicators", &ann).await.text();
    assert!(page.contains("class=\"exercise\""));
    let real = get(&door, "/channels/rti/indicators", &ann).await.text();
    assert!(!real.contains("class=\"exercise\""), "and what is real is not");
    door.stop().await;
}

#[tokio::test]
async fn a_bank_sees_its_own_channel_and_nothing_of_who_reads_it_or_how_much_there_is() {
    let door = serving(304).await;
    door.publish(OWN, &token_of(&door, "bank-a"), &indicator(1, "198.51.100.1")).await;
    let bank = of_bank(&door, "ann", "bank-a", Role::Constituent);
    let staff = person(&door, "sam", Role::Analyst);
    let own = format!("/channels/{OWN}");
    let seen = get(&door, &own, &staff).await.expect(200, "").text();
    assert!(seen.contains("Name of the log") && seen.contains("Who reads"), "the staff is told: {seen}");
    let page = get(&door, &own, &bank).await.expect(200, "").text();
    for hidden in ["Name of the log", "Who reads", "Who writes", "Have not said so", "href=\"/agreements"] {
        assert!(!page.contains(hidden), "{hidden}: {page}");
    }
    let list = get(&door, "/channels", &bank).await.expect(200, "").text();
    assert!(list.contains(OWN) && !list.contains(OTHER) && !list.contains("rti/governance"), "{list}");
    get(&door, &format!("/channels/{OTHER}"), &bank).await.expect(404, "not-found");
    get(&door, &format!("/channels/{OTHER}"), &staff).await.expect(200, "");
    for staffs in
        ["/agreements", "/agreements/rti", "/charter", "/charter/documents", "/documents", "/waiting", "/waiting/1"]
    {
        get(&door, staffs, &bank).await.expect(404, "not-found");
    }
    door.stop().await;
}

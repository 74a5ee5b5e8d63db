//! Channels as their pages show them: to whoever may read them, with what is withdrawn, and nothing of what others named them as markup.

use axum::body::Body;
use gotong_app::role::Role;
use serde_json::json;

use crate::api::accounts::{get, person, post, token_in};
use crate::api::door::{Door, indicator, uuid};
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

/// What a browser is answered.
async fn browsed(door: &Door, path: &str, cookie: &str) -> (u16, String) {
    let request = door.request("GET", path, "").header("cookie", cookie).header("accept", "text/html");
    let answer = door.send(request.body(Body::empty()).unwrap()).await;
    (answer.status, answer.text())
}

#[tokio::test]
async fn what_was_withdrawn_what_is_hidden_and_what_never_was_have_one_page() {
    let door = serving(305).await;
    let (staff, bank) = (person(&door, "sam", Role::Analyst), of_bank(&door, "ann", "bank-a", Role::Constituent));
    let (of_staff, of_bank_a) = (door.token(true, true, None), token_of(&door, "bank-a"));
    let own = indicator(1, "198.51.100.1");
    door.publish(OWN, &of_bank_a, &own).await;
    door.publish(OTHER, &token_of(&door, "bank-b"), &indicator(2, "198.51.100.2")).await;
    let path = |number: u64| format!("/intelligence/indicator--{}", uuid(number));
    assert_eq!(browsed(&door, &path(1), &bank).await.0, 200, "it is there before");
    assert_eq!(browsed(&door, &path(2), &staff).await.0, 200, "what is hidden from the bank is there");
    let body = json!({"ids": [own["id"]], "reason": "error"});
    let channel = OWN.replace('/', "%2F");
    door.post_json(&format!("/api/v1/channels/{channel}/withdraw"), &of_bank_a, &body).await.expect(200, "");
    for (who, is_told) in [(&bank, false), (&staff, true)] {
        for part in ["", "/graph", "/withdraw"] {
            let gone = browsed(&door, &format!("{}{part}", path(1)), who).await;
            assert_eq!(gone.0, 404);
            assert!(gone.1.contains("An object that was withdrawn leaves nothing under its id."), "{}", gone.1);
            assert_eq!(gone.1.contains("The page of each channel says"), is_told, "{}", gone.1);
            assert_eq!(gone.1.contains("<li><a class=\"button plain\" href=\"/channels\">"), is_told, "{}", gone.1);
            assert_eq!(browsed(&door, &format!("{}{part}", path(3)), who).await, gone, "what never was");
            if !is_told {
                assert_eq!(browsed(&door, &format!("{}{part}", path(2)), who).await, gone, "what is hidden");
            }
        }
    }
    // Other addresses speak of no object, and programs are answered as before.
    let (status, other) = browsed(&door, "/channels/rti/nothing", &staff).await;
    assert!(status == 404 && !other.contains("withdrawn leaves nothing"), "{other}");
    door.get(&format!("/api/v1/records/indicator--{}", uuid(1)), &of_staff).await.expect(404, "not-found");
    door.stop().await;
}

#[tokio::test]
async fn the_outcome_of_a_withdrawal_leads_to_where_it_is_listed_for_whoever_is_told() {
    let door = serving(306).await;
    let staff = person(&door, "sam", Role::Analyst);
    let bank = of_bank(&door, "ann", "bank-a", Role::Constituent);
    let token = door.token(true, true, None);
    for number in [1, 2] {
        door.publish("rti/indicators", &token, &indicator(number, &format!("198.51.100.{number}"))).await;
    }
    door.publish(OWN, &token_of(&door, "bank-a"), &indicator(3, "198.51.100.3")).await;
    let cases = [
        (&staff, 1, "withdraw", ("reason", "error"), "rti/indicators", true),
        (&staff, 2, "relabel", ("tlp", "TLP:AMBER"), "rti/indicators", false),
        (&staff, 2, "relabel", ("tlp", "TLP:RED"), "rti/indicators", true),
        (&bank, 3, "withdraw", ("reason", "error"), OWN, false),
    ];
    for (who, number, act, said, channel, leads) in cases {
        let path = format!("/intelligence/indicator--{}/{act}", uuid(number));
        let form = token_in(&get(&door, &path, who).await.expect(200, "").text());
        let fields = [("form_token", form.as_str()), ("channel", channel), said, ("now", "yes")];
        let outcome = post(&door, &path, who, &fields).await.expect(303, "").header("location").to_owned();
        let page = get(&door, &outcome, who).await.expect(200, "").text();
        assert!(page.contains("outcome done"), "{act} {said:?}: {page}");
        let address = format!("href=\"/channels/{channel}#withdrawals\"");
        assert_eq!(page.matches(&address).count(), if leads { 2 } else { 0 }, "{act} {said:?}: {page}");
    }
    let list = get(&door, "/channels/rti/indicators", &staff).await.expect(200, "").text();
    assert!(list.contains("id=\"withdrawals\"") && list.contains("It was wrong"), "the address leads there: {list}");
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

#[tokio::test]
async fn a_filter_that_names_nothing_is_said_and_a_hidden_channel_is_one() {
    let door = serving(307).await;
    let (staff, bank) = (person(&door, "sam", Role::Analyst), of_bank(&door, "ann", "bank-a", Role::Constituent));
    door.publish(OTHER, &token_of(&door, "bank-b"), &indicator(2, "198.51.100.2")).await;
    let page = async |who: &str, filter: &str| {
        let filter = filter.replace('<', "%3C").replace('>', "%3E");
        get(&door, &format!("/intelligence?q=198.51.100.2+{filter}"), who).await.expect(200, "").text()
    };
    for (filter, said) in [
        ("label:purple", "Labels are clear, green, amber"),
        ("type:nonsense", "STIX 2.1 has no such type"),
        ("author:zz", "No member has this code."),
        ("channel:no/such", "There is no channel of this name that you may read."),
    ] {
        let told = page(&staff, filter).await;
        assert!(
            told.contains(said) && told.contains(&format!("<bdi class=\"value\">{filter}</bdi>")),
            "{filter}: {told}"
        );
    }
    let found = page(&staff, &format!("channel:{OTHER}")).await;
    assert!(!found.contains("There is no channel") && found.contains("198.51.100.2"), "{found}");
    let hidden = page(&bank, &format!("channel:{OTHER}")).await;
    assert!(hidden.contains("There is no channel of this name that you may read."), "{hidden}");
    // Who the members are is not told to whoever is served.
    assert!(!page(&bank, "author:zz").await.contains("No member has this code."));
    let hostile = page(&staff, "label:<b>x</b>").await;
    assert!(!hostile.contains("<b>x</b>") && hostile.contains("Labels are clear"), "{hostile}");
    door.stop().await;
}

//! One act on many records, as a browser without scripts meets it: the bar of a list, the check page, the hold with its undo, what came of it, and what is refused.

use gotong_app::deed::{self, HOLD_S, Step};
use gotong_app::role::Role;
use serde_json::{Value, json};

use super::report::of_bank;
use crate::api::accounts::{get, person, post, token_in};
use crate::api::door::{Answer, Door, doubtful, indicator, uuid};
use crate::api::organisations::{OWN, serving, token_of};

const INDICATORS: &str = "rti/indicators";

async fn publish(door: &Door, numbers: std::ops::Range<u64>) {
    let token = door.token(true, false, None);
    for number in numbers {
        let mut object = indicator(number, &format!("198.51.100.{number}"));
        object["name"] = json!(format!("</td><script>alert({number})</script>"));
        door.publish(INDICATORS, &token, &object).await;
    }
}

/// Where an act leads.
fn led(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.header("location").to_owned()
}

/// The page to which a form leads.
async fn sent(door: &Door, path: &str, cookie: &str, fields: &[(&str, &str)]) -> String {
    get(door, &led(&post(door, path, cookie, fields).await), cookie).await.expect(200, "").text()
}

fn values(page: &str, name: &str) -> Vec<String> {
    let begin = format!("name=\"{name}\" value=\"");
    let parts = page.split(begin.as_str()).skip(1);
    parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
}

/// The hold is over, and all that is due is carried out: by this test or by the server, which of them does not matter.
async fn let_pass(door: &Door, path: &str, cookie: &str) -> String {
    door.clock.advance_ms(u64::try_from(HOLD_S).unwrap() * 1_000 + 1);
    for _ in 0..600 {
        while deed::step(&door.node).unwrap() == Step::Worked {}
        let answer = get(door, path, cookie).await;
        if answer.status == 303 {
            return get(door, answer.header("location"), cookie).await.expect(200, "").text();
        }
        tokio::task::yield_now().await;
    }
    panic!("it was not carried out");
}

#[tokio::test]
async fn all_that_match_are_looked_at_held_undone_and_then_withdrawn() {
    let door = Door::open(381).await;
    publish(&door, 1..61).await;
    let ann = person(&door, "ann", Role::Analyst);
    let list = get(&door, "/intelligence", &ann).await.expect(200, "").text();
    assert_eq!((values(&list, "pick").len(), values(&list, "shown").len()), (50, 50), "a box for each row");
    assert!(!list.contains("<script>alert"), "{list}");
    let token = token_in(&list);
    let fields = [("form_token", token.as_str()), ("all", "yes"), ("act", "withdraw")];
    let check = led(&post(&door, "/bulk", &ann, &fields).await);
    assert!(check.starts_with("/bulk/"), "{check}");
    publish(&door, 61..62).await;
    let page = get(&door, &check, &ann).await.expect(200, "").text();
    for told in ["Withdraw 60 records", INDICATORS, "TLP:GREEN", "th, vn", "fixed when this page was made"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("alert("), "no record is named");

    let said = sent(&door, &check, &ann, &[("form_token", &token), ("act", "send")]).await;
    assert!(said.contains("and then a reason or a label"), "{said}");
    let with_reason = [("form_token", token.as_str()), ("act", "send"), ("reason", "superseded")];
    let held = sent(&door, &check, &ann, &with_reason).await;
    assert!(held.contains("data-until=") && held.contains("value=\"undo\""), "{held}");
    let now = get(&door, "/", &ann).await.text();
    assert!(now.contains("Withdraw 60 records") && now.contains("value=\"undo\""), "it stands among what waits");
    let undone = sent(&door, &check, &ann, &[("form_token", &token), ("act", "undo")]).await;
    assert!(undone.contains("Nothing has happened to any of the 60 records"), "{undone}");
    assert!(!get(&door, "/", &ann).await.text().contains("Withdraw 60 records"));
    door.clock.advance_ms(200_000);
    while deed::step(&door.node).unwrap() == Step::Worked {}
    let still = get(&door, "/intelligence", &ann).await.text();
    assert_eq!(values(&still, "pick").len(), 50, "they are all there");

    sent(&door, &check, &ann, &with_reason).await;
    let told = let_pass(&door, &check, &ann).await;
    assert!(told.contains("60 records were withdrawn") && told.contains("cannot be undone"), "{told}");
    assert!(!told.contains("indicator--") && !told.contains("alert("), "an outcome names no record");
    let left = get(&door, "/intelligence", &ann).await.text();
    assert_eq!(values(&left, "pick").len(), 1, "only what came after the choice");
    let late = sent(&door, &check, &ann, &[("form_token", &token), ("act", "undo")]).await;
    assert!(late.contains("not there any more"), "{late}");
    door.stop().await;
}

/// No further field: it is held.
const WAITS: (&str, &str) = ("", "");

/// One record's form, filled in. A field without a name is not sent.
async fn one(door: &Door, cookie: &str, number: u64, act: &str, said: [(&str, &str); 2]) -> String {
    let path = format!("/intelligence/indicator--{}/{act}", uuid(number));
    let form = token_in(&get(door, &path, cookie).await.expect(200, "").text());
    let mut fields = vec![("form_token", form.as_str()), ("channel", INDICATORS)];
    fields.extend(said.into_iter().filter(|(name, _)| !name.is_empty()));
    led(&post(door, &path, cookie, &fields).await)
}

#[tokio::test]
async fn one_record_is_held_too_and_at_once_only_where_that_is_said() {
    let door = Door::open(386).await;
    publish(&door, 1..4).await;
    let ann = person(&door, "ann", Role::Analyst);
    let status =
        async |number: u64| get(&door, &format!("/intelligence/indicator--{}", uuid(number)), &ann).await.status;
    let check = one(&door, &ann, 1, "withdraw", [("reason", "error"), WAITS]).await;
    assert!(check.starts_with("/bulk/"), "{check}");
    let page = get(&door, &check, &ann).await.expect(200, "").text();
    let link = format!("<a href=\"/intelligence/indicator--{}\">", uuid(1));
    assert!(page.contains(&link) && page.contains("Withdraw one record: <bdi>&#60;/td&#62;"), "{page}");
    assert!(
        !page.contains("<script>alert") && page.contains("data-until=") && page.contains("value=\"undo\""),
        "{page}"
    );
    assert_eq!(status(1).await, 200, "nothing has happened to it");
    let token = token_in(&page);
    sent(&door, &check, &ann, &[("form_token", &token), ("act", "undo")]).await;
    door.clock.advance_ms(200_000);
    while deed::step(&door.node).unwrap() == Step::Worked {}
    assert_eq!(status(1).await, 200, "it was undone");

    // Not undone, it goes; and what becomes of it is where it was asked for.
    let check = one(&door, &ann, 1, "withdraw", [("reason", "error"), WAITS]).await;
    let told = let_pass(&door, &check, &ann).await;
    assert!(
        told.contains("One record was withdrawn") && told.contains("/channels/rti/indicators#withdrawals"),
        "{told}"
    );
    assert_eq!(status(1).await, 404);

    let at_once = one(&door, &ann, 2, "withdraw", [("reason", "privacy"), ("now", "yes")]).await;
    assert!(at_once.starts_with("/acts/"), "{at_once}");
    assert_eq!(status(2).await, 404, "whoever cannot wait does not");

    // A label that the channel does not take withdraws, held or not, and the outcome says so.
    let check = one(&door, &ann, 3, "relabel", [("tlp", "TLP:RED"), WAITS]).await;
    assert_eq!(status(3).await, 200);
    let told = let_pass(&door, &check, &ann).await;
    assert!(told.contains("stricter than the channel takes") && told.contains("One record was withdrawn"), "{told}");
    assert_eq!(status(3).await, 404);
    door.stop().await;
}

/// A report that names these indicators.
fn report(number: u64, named: &[u64]) -> Value {
    let refs: Vec<String> = named.iter().map(|number| format!("indicator--{}", uuid(*number))).collect();
    json!({"type": "report", "spec_version": "2.1", "id": format!("report--{}", uuid(number)), "name": "A report", "object_refs": refs,
        "created": "2026-03-01T00:00:00.000Z", "modified": "2026-03-01T00:00:00.000Z", "published": "2026-03-01T00:00:00Z"})
}

#[tokio::test]
async fn a_report_is_taken_back_with_what_it_alone_names_unless_it_is_meant_alone() {
    let door = Door::open(388).await;
    publish(&door, 1..6).await;
    let token = door.token(true, false, None);
    for object in [report(101, &[1, 2, 3]), report(102, &[3]), report(103, &[4]), report(104, &[5])] {
        door.publish(INDICATORS, &token, &object).await;
    }
    let ann = person(&door, "ann", Role::Analyst);
    let there = async || {
        let mut there = Vec::new();
        for (object_type, number) in [("indicator", 1..6), ("report", 101..105)]
            .into_iter()
            .flat_map(|(of, numbers)| numbers.map(move |number| (of, number)))
        {
            if get(&door, &format!("/intelligence/{object_type}--{}", uuid(number)), &ann).await.status == 200 {
                there.push(number);
            }
        }
        there
    };
    let take_back = async |number: u64, more: &[(&str, &str)]| {
        let path = format!("/intelligence/report--{}/withdraw", uuid(number));
        let page = get(&door, &path, &ann).await.expect(200, "").text();
        assert!(page.contains("name=\"parts\" value=\"yes\" checked"), "{page}");
        let form = token_in(&page);
        let fields = [&[("form_token", form.as_str()), ("channel", INDICATORS), ("reason", "error")], more].concat();
        led(&post(&door, &path, &ann, &fields).await)
    };
    let check = take_back(101, &[("parts", "yes")]).await;
    let held = get(&door, &check, &ann).await.expect(200, "").text();
    assert!(held.contains("Withdraw 3 records"), "what another report names, too, is left: {held}");
    let told = let_pass(&door, &check, &ann).await;
    assert!(told.contains("3 records were withdrawn"), "{told}");
    assert_eq!(there().await, [3, 4, 5, 102, 103, 104]);

    let told = take_back(103, &[("parts", "yes"), ("now", "yes")]).await;
    let told = get(&door, &told, &ann).await.expect(200, "").text();
    assert!(told.contains("outcome done") && told.matches("the holders are asked").count() == 1, "{told}");
    assert_eq!(there().await, [3, 5, 102, 104]);
    take_back(104, &[("now", "yes")]).await;
    assert_eq!(there().await, [3, 5, 102], "alone");
    door.stop().await;
}

#[tokio::test]
async fn a_page_of_several_names_none() {
    let door = Door::open(387).await;
    publish(&door, 1..3).await;
    let ann = person(&door, "ann", Role::Analyst);
    let token = token_in(&get(&door, "/intelligence", &ann).await.text());
    let check = led(&post(&door, "/bulk", &ann, &[("form_token", &token), ("all", "yes"), ("act", "withdraw")]).await);
    let page = get(&door, &check, &ann).await.expect(200, "").text();
    assert!(page.contains("Withdraw 2 records") && !page.contains("/intelligence/indicator--"), "{page}");
    door.stop().await;
}

#[tokio::test]
async fn only_who_may_withdraw_one_may_withdraw_many_and_no_forged_form_does_anything() {
    let door = Door::open(382).await;
    publish(&door, 1..4).await;
    let (ann, bob, eve) = (
        person(&door, "ann", Role::Analyst),
        person(&door, "bob", Role::DutyOfficer),
        person(&door, "eve", Role::Reader),
    );
    let list = get(&door, "/intelligence", &ann).await.text();
    let token = token_in(&list);
    let reading = get(&door, "/intelligence", &eve).await.expect(200, "").text();
    assert!(
        values(&reading, "pick").is_empty() && !reading.contains("action=\"/bulk\""),
        "a reader is offered nothing"
    );
    let all = [("form_token", token.as_str()), ("all", "yes"), ("act", "withdraw")];
    let of_eve = token_in(&get(&door, "/notifications", &eve).await.text());
    let forged = [("form_token", of_eve.as_str()), ("all", "yes"), ("act", "withdraw")];
    post(&door, "/bulk", &eve, &forged).await.expect(403, "forbidden");
    post(&door, "/bulk", &ann, &forged).await.expect(403, "cross-site");
    for (act, status, problem) in [
        ("burn", 400, "bad-parameter"),
        ("", 400, "bad-parameter"),
        ("release", 403, "forbidden"),
        ("drop", 403, "forbidden"),
    ] {
        let fields = [("form_token", token.as_str()), ("all", "yes"), ("act", act)];
        post(&door, "/bulk", &ann, &fields).await.expect(status, problem);
    }
    let check = led(&post(&door, "/bulk", &ann, &all).await);
    // Another's is not there, neither to look at nor to act on.
    get(&door, &check, &bob).await.expect(404, "not-found");
    get(&door, &check, &eve).await.expect(403, "forbidden");
    let of_bob = token_in(&get(&door, "/", &bob).await.text());
    for act in ["send", "undo", "leave"] {
        let fields = [("form_token", of_bob.as_str()), ("act", act), ("reason", "error")];
        let said = sent(&door, &check, &bob, &fields).await;
        assert!(said.contains("not there any more"), "{act}: {said}");
        post(&door, &check, &ann, &[("form_token", &of_bob), ("act", act)]).await.expect(403, "cross-site");
    }
    get(&door, &check, &ann).await.expect(200, "");
    post(&door, &check, &ann, &[("form_token", &token), ("act", "burn")]).await.expect(400, "bad-parameter");
    get(&door, "/bulk/none-such", &ann).await.expect(404, "not-found");
    let said = sent(&door, &check, &ann, &[("form_token", &token), ("act", "leave")]).await;
    assert!(said.contains("Nothing was done"), "{said}");
    get(&door, &check, &ann).await.expect(404, "not-found");
    door.stop().await;
}

#[tokio::test]
async fn what_is_ticked_is_meant_and_hostile_boxes_mean_nothing() {
    let door = Door::open(383).await;
    publish(&door, 1..6).await;
    let ann = person(&door, "ann", Role::Analyst);
    let list = get(&door, "/intelligence?type=indicator", &ann).await.text();
    let (token, picks) = (token_in(&list), values(&list, "pick"));
    let two = [("form_token", token.as_str()), ("act", "relabel"), ("pick", &picks[0]), ("pick", &picks[3])];
    let page = sent(&door, "/bulk", &ann, &two).await;
    assert!(page.contains("Change the label of 2 records") && page.contains("name=\"tlp\""), "{page}");
    // The page, without any script.
    let mut fields = vec![("form_token", token.as_str()), ("act", "withdraw"), ("page", "yes")];
    fields.extend(picks.iter().map(|pick| ("shown", pick.as_str())));
    assert!(sent(&door, "/bulk", &ann, &fields).await.contains("Withdraw 5 records"));
    // The marks of the address tick boxes again.
    let mark = list.split("data-mark=\"").nth(2).unwrap().split('"').next().unwrap();
    let again = get(&door, &format!("/intelligence?type=indicator&picked={mark}.zzzzzzz"), &ann).await.text();
    assert_eq!(again.matches(" checked><input type=\"hidden\" name=\"shown\"").count(), 1, "{again}");
    // The list as a file, with the same filters.
    assert!(list.contains("/download?format=stix&#38;type=indicator"), "{list}");
    let file = get(&door, "/download?format=stix&type=indicator&author=id", &ann).await.expect(200, "").json();
    assert_eq!(file["objects"].as_array().unwrap().iter().filter(|object| object["type"] == "indicator").count(), 5);
    let none = get(&door, "/download?format=stix&type=report", &ann).await.expect(200, "").text();
    assert!(!none.contains("indicator--"), "{none}");
    get(&door, "/download?format=stix&author=NO+SUCH", &ann).await.expect(400, "bad-parameter");
    // A question that was not understood is no question for everything.
    let wrong = [("form_token", token.as_str()), ("act", "withdraw"), ("all", "yes"), ("author", "NO SUCH !")];
    assert!(sent(&door, "/bulk", &ann, &wrong).await.contains("choose records"));
    let channel = picks[0].split_once('/').unwrap().0.to_owned();
    let hostile = [
        "",
        "/",
        "../../etc",
        "<script>alert(1)</script>",
        "a/b",
        &format!("{}/x", "b".repeat(52)),
        &"x".repeat(5_000),
    ];
    for pick in hostile {
        let fields = [("form_token", token.as_str()), ("act", "withdraw"), ("pick", pick)];
        let said = sent(&door, "/bulk", &ann, &fields).await;
        assert!(!said.contains("<script>alert") && !said.contains("value=\"send\""), "{pick}: {said}");
    }
    let absent = format!("{channel}/indicator--<b>");
    let said = sent(&door, "/bulk", &ann, &[("form_token", &token), ("act", "withdraw"), ("pick", &absent)]).await;
    assert!(said.contains("Withdraw nothing") && said.contains("not there any more"), "{said}");
    assert!(!said.contains("indicator--<b>") && !said.contains("value=\"send\""), "{said}");
    let many: Vec<(&str, &str)> = std::iter::once(("act", "withdraw"))
        .chain(std::iter::once(("form_token", token.as_str())))
        .chain((0..1_001).map(|_| ("pick", picks[0].as_str())))
        .collect();
    post(&door, "/bulk", &ann, &many).await.expect(400, "bad-parameter");
    door.stop().await;
}

#[tokio::test]
async fn an_organisation_takes_back_its_own_and_nothing_else() {
    let door = serving(384).await;
    let token = token_of(&door, "bank-a");
    door.publish(OWN, &token, &indicator(1, "198.51.100.1")).await;
    // The member's own word in the bank's channel is not the bank's to take back.
    door.publish(OWN, &door.token(true, false, None), &indicator(2, "198.51.100.2")).await;
    let bank = of_bank(&door, "ann", "bank-a", Role::Constituent);
    let form = token_in(&get(&door, "/intelligence", &bank).await.expect(200, "").text());
    let fields = [("form_token", form.as_str()), ("act", "withdraw"), ("all", "yes")];
    let check = led(&post(&door, "/bulk", &bank, &fields).await);
    let page = get(&door, &check, &bank).await.expect(200, "").text();
    assert!(page.contains("Withdraw one record") && page.contains("one record is not yours"), "{page}");
    assert!(!page.contains("Who is asked"), "who else is there is not told");
    for act in ["relabel", "release", "drop"] {
        let fields = [("form_token", form.as_str()), ("act", act), ("all", "yes")];
        post(&door, "/bulk", &bank, &fields).await.expect(403, "forbidden");
    }
    sent(&door, &check, &bank, &[("form_token", &form), ("act", "send"), ("reason", "error")]).await;
    let told = let_pass(&door, &check, &bank).await;
    assert!(told.contains("One record was withdrawn"), "{told}");
    let left = get(&door, "/intelligence", &bank).await.text();
    assert!(left.contains("indicator 2") && !left.contains("indicator 1<"), "{left}");
    door.stop().await;
}

#[tokio::test]
async fn all_that_waits_is_dropped_after_a_hold_and_by_nobody_without_the_right() {
    let door = Door::open(385).await;
    let token = door.token(true, false, None);
    for number in 1..4 {
        let mut object = doubtful(number);
        object["x_note"] = Value::from("<script>alert(1)</script>");
        door.post("/api/v1/channels/rti%2Findicators/records?tlp=green", &token, object.to_string())
            .await
            .expect(202, "");
    }
    let (ann, officer) = (person(&door, "ann", Role::Analyst), person(&door, "officer", Role::ReleasingOfficer));
    let looking = get(&door, "/waiting", &ann).await.expect(200, "").text();
    assert!(!looking.contains("action=\"/bulk\""), "an analyst only looks");
    let of_ann = token_in(&get(&door, "/intelligence", &ann).await.text());
    let fields = [("form_token", of_ann.as_str()), ("all", "yes"), ("act", "drop")];
    post(&door, "/bulk", &ann, &fields).await.expect(403, "forbidden");
    let form = token_in(&get(&door, "/waiting", &officer).await.expect(200, "").text());
    let fields = [("form_token", form.as_str()), ("all", "yes"), ("act", "drop")];
    let check = led(&post(&door, "/bulk", &officer, &fields).await);
    let page = get(&door, &check, &officer).await.expect(200, "").text();
    assert!(page.contains("Drop 3 records that wait") && page.contains("erased when the hold is over"), "{page}");
    sent(&door, &check, &officer, &[("form_token", &form), ("act", "send")]).await;
    assert_eq!(get(&door, "/waiting", &officer).await.text().matches("name=\"number\"").count(), 3, "not yet");
    let told = let_pass(&door, &check, &officer).await;
    assert!(told.contains("3 records were dropped and erased") && !told.contains("198.51.100"), "{told}");
    assert!(get(&door, "/waiting", &officer).await.text().contains("Nothing waits"));
    door.stop().await;
}

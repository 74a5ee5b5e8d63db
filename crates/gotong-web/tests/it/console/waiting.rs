//! What waits for a person: seen by who publishes, decided by who releases, one or many at once, each with its outcome.

use gotong_app::role::Role;
use serde_json::Value;

use crate::api::accounts::{get, person, post, token_in};
use crate::api::door::{Door, doubtful};

/// So many wait; each carries what would be markup if somebody forgot to escape it.
async fn let_wait(door: &Door, numbers: std::ops::Range<u64>) {
    let token = door.token(true, false, None);
    for number in numbers {
        let mut object = doubtful(number);
        object["x_note"] = Value::from("</code><script>alert(1)</script>");
        let path = "/api/v1/channels/rti%2Findicators/records?tlp=green";
        door.post(path, &token, object.to_string()).await.expect(202, "");
    }
}

fn numbers_in(page: &str) -> Vec<String> {
    let parts = page.split("name=\"number\" value=\"").skip(1);
    parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn who_publishes_looks_who_releases_decides_and_nobody_else_knows() {
    let door = Door::open(311).await;
    let_wait(&door, 1..3).await;
    let (reader, analyst, officer) = (
        person(&door, "reader", Role::Reader),
        person(&door, "analyst", Role::Analyst),
        person(&door, "officer", Role::ReleasingOfficer),
    );
    get(&door, "/waiting", &reader).await.expect(403, "forbidden");
    get(&door, "/waiting/0", &reader).await.expect(403, "forbidden");
    let page = get(&door, "/waiting", &analyst).await.expect(200, "").text();
    assert_eq!(page.matches("<span class=\"value\">ipv4-addr--").count(), 2);
    assert!(!page.contains("value=\"release\"") && numbers_in(&page).is_empty(), "an analyst only looks");
    let numbers = numbers_in(&get(&door, "/waiting", &officer).await.expect(200, "").text());
    assert_eq!(numbers.len(), 2);
    let one = get(&door, &format!("/waiting/{}", numbers[0]), &analyst).await.expect(200, "").text();
    assert!(
        one.contains("198.51.100.200") && one.contains("&#60;script&#62;alert(1)") && !one.contains("<script>alert")
    );
    assert!(!one.contains("value=\"drop\""));
    get(&door, "/waiting/999", &officer).await.expect(404, "not-found");

    let forged = token_in(&page);
    let fields = [("form_token", forged.as_str()), ("act", "release"), ("number", &numbers[0])];
    post(&door, "/waiting", &analyst, &fields).await.expect(403, "forbidden");
    post(&door, "/waiting", &officer, &fields).await.expect(403, "cross-site");
    let still = get(&door, "/waiting", &officer).await.text();
    assert_eq!(numbers_in(&still).len(), 2, "nothing of that did anything");
    door.stop().await;
}

#[tokio::test]
async fn one_is_released_all_that_are_shown_are_dropped_and_each_has_its_outcome() {
    let door = Door::open(312).await;
    let_wait(&door, 1..4).await;
    let officer = person(&door, "officer", Role::ReleasingOfficer);
    let page = get(&door, "/waiting", &officer).await.expect(200, "").text();
    let (token, numbers) = (token_in(&page), numbers_in(&page));
    let told = |answer: crate::api::door::Answer| {
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.header("location").to_owned()
    };
    let nothing = post(&door, "/waiting", &officer, &[("form_token", &token), ("act", "release")]).await;
    let said = get(&door, &told(nothing), &officer).await.text();
    assert!(said.contains("nothing was chosen"), "{said}");

    let fields = [("form_token", token.as_str()), ("act", "release"), ("number", &numbers[0])];
    let said = get(&door, &told(post(&door, "/waiting", &officer, &fields).await), &officer).await.text();
    assert!(said.contains("One record was released.") && said.contains("rti/indicators"), "{said}");
    assert!(!said.contains("ipv4-addr--") && !said.contains("198.51.100"), "an outcome names no record");
    let records = get(&door, "/intelligence?channel=rti/indicators", &officer).await.text();
    assert!(records.contains("ipv4-addr--"), "it is published");

    // Twice, as from two people: the second is told that somebody has decided.
    let said = get(&door, &told(post(&door, "/waiting", &officer, &fields).await), &officer).await.text();
    assert!(said.contains("Nothing was released.") && said.contains("somebody has decided already"), "{said}");

    let mut fields = vec![("form_token", token.as_str()), ("act", "drop"), ("all", "yes")];
    fields.extend(numbers.iter().skip(1).map(|number| ("shown", number.as_str())));
    let said = get(&door, &told(post(&door, "/waiting", &officer, &fields).await), &officer).await.text();
    assert!(said.contains("2 records were dropped.") && said.matches("dropped and erased").count() == 2, "{said}");
    let empty = get(&door, "/waiting", &officer).await.expect(200, "").text();
    assert!(empty.contains("Nothing waits") && numbers_in(&empty).is_empty());
    post(&door, "/waiting", &officer, &[("form_token", &token), ("act", "burn")]).await.expect(400, "bad-parameter");
    door.stop().await;
}

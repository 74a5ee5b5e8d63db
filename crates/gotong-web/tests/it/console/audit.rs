//! What was done: every act leaves a line that is found by person and by act; as a table nothing in it is a formula.

use gotong_app::role::Role;

use crate::api::accounts::{get, person, post, token_in};
use crate::api::door::{Door, indicator};

const FORMULA: &str = "=HYPERLINK(\"http://evil.example\")";

#[tokio::test]
async fn acts_are_found_by_person_and_by_act_and_pages_miss_none() {
    let door = Door::open(331).await;
    let auditor = person(&door, "aud", Role::Auditor);
    let operator = person(&door, "op", Role::Operator);
    let token = token_in(&get(&door, "/tokens", &operator).await.text());
    let fields = [("form_token", token.as_str()), ("name", FORMULA), ("role", "reader")];
    post(&door, "/tokens/make", &operator, &fields).await.expect(303, "");
    let page = get(&door, "/audit", &auditor).await.expect(200, "").text();
    assert!(page.contains(">token-create</code>") && page.contains("<bdi>op</bdi>"), "{page}");
    let made = get(&door, "/audit?act=token-create", &auditor).await.text();
    assert!(made.contains(">token-create</code>") && !made.contains(">account-open</code>"), "{made}");
    let (_, rest) = made.split_once("href=\"/audit?by=account").unwrap();
    let by = rest.split("&#38;").next().unwrap();
    let own = get(&door, &format!("/audit?by=account{by}"), &auditor).await.text();
    assert!(
        own.contains(">token-create</code>") && !own.contains("<td data-head=\"Who\"><a href=\"\"><bdi>aud"),
        "{own}"
    );
    let none = get(&door, "/audit?act=%3Cscript%3E", &auditor).await.text();
    assert!(none.contains("Nobody did that.") && !none.contains("<script>\""), "{none}");
    get(&door, &format!("/audit?act={}", "a".repeat(300)), &auditor).await.expect(400, "bad-parameter");
    // Every line stands on one page, and on one alone.
    let writer = door.token(true, true, None);
    for number in 1..=130 {
        door.publish("rti/indicators", &writer, &indicator(number, "198.51.100.1")).await;
    }
    let (mut path, mut numbers) = ("/audit".to_owned(), Vec::new());
    loop {
        let page = get(&door, &path, &auditor).await.expect(200, "").text();
        numbers.extend(
            page.split("</code></a> <span class=\"quiet\">")
                .skip(1)
                .map(|rest| rest.split('<').next().unwrap().parse::<u64>().unwrap()),
        );
        let Some((before, _)) = page.split_once("\" rel=\"next\"") else { break };
        path = before.rsplit("href=\"").next().unwrap().replace("&#38;", "&");
    }
    let all: Vec<u64> = (1..=numbers[0]).rev().collect();
    assert!(all.len() > 130);
    assert_eq!(numbers, all);
    door.stop().await;
}

#[tokio::test]
async fn the_table_has_every_line_and_no_formula() {
    let door = Door::open(332).await;
    let operator = person(&door, "op", Role::Operator);
    let token = token_in(&get(&door, "/tokens", &operator).await.text());
    let fields = [("form_token", token.as_str()), ("name", FORMULA), ("role", "reader")];
    post(&door, "/tokens/make", &operator, &fields).await.expect(303, "");
    // The same of a person's name.
    let eve = [("form_token", token.as_str()), ("name", "eve"), ("full_name", "+cmd"), ("role", "reader")];
    assert_eq!(post(&door, "/users/invite", &operator, &eve).await.status, 303);
    let table = get(&door, "/audit.csv", &operator).await;
    assert_eq!(table.expect(200, "").header("content-type"), "text/csv; charset=utf-8");
    assert!(table.header("content-disposition").contains("attachment"));
    let text = table.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "\"number\",\"at\",\"caller\",\"name\",\"act\",\"what\"");
    assert!(text.contains("token-create") && text.contains("HYPERLINK"), "{text}");
    for line in &lines {
        for cell in line.split("\",\"") {
            assert!(!cell.trim_start_matches('"').starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }
    let page = get(&door, "/audit", &operator).await.text();
    let newest: usize =
        page.split("</code></a> <span class=\"quiet\">").nth(1).unwrap().split('<').next().unwrap().parse().unwrap();
    assert_eq!(lines.len(), newest + 1, "the head and a line for each act");
    door.stop().await;
}

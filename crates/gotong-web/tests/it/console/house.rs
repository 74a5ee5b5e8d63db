//! The house rule on a page: who reads what by it, what the next version would change before anybody signs, and how it comes into force. For staff alone.

use gotong_app::caller::Caller;
use gotong_app::role::Role;
use gotong_crypto::note::{self, Note, SignatureLine};
use gotong_model::Timestamp;
use gotong_model::Tlp;
use gotong_model::document::{self, Purpose};
use gotong_model::house::HouseRule;
use gotong_testkit::builders::{Founding, english};

use super::report::of_bank;
use crate::api::accounts::{get, person, post, post_parts, token_in};
use crate::api::door::{Door, START};
use crate::api::organisations::{founding, rule, serving};

/// A later version, which gives banks more of agreements and nothing of the notices.
fn second(founding: &Founding) -> HouseRule {
    let first = rule(founding);
    let mut rule = first.clone();
    rule.terms.number = 2;
    rule.terms.previous = Some(first.hash(&founding.region));
    rule.classes[0].reads[0].ceiling = Tlp::Amber;
    rule.classes[0].reads_house = Vec::new();
    rule.classes[0].name = english("Banks <b>bold</b>");
    rule
}

fn sign(founding: &Founding, rule: &HouseRule, signer: Option<usize>) -> String {
    let text = document::text(&founding.region, Purpose::House, &rule.to_value());
    let line = match signer {
        Some(at) => {
            let keys = &founding.members[at];
            let name = document::signer_name(&founding.region, &keys.code, document::Role::Root);
            note::sign_line(&text, &name, &keys.root)
        }
        None => SignatureLine { name: "draft".to_owned(), key_id: [0; 4], signature: vec![0; 64] },
    };
    Note { text, lines: vec![line] }.encode()
}

/// Pastes a document where documents are handed in, and looks at what it says.
pub(crate) async fn look(door: &Door, cookie: &str, token: &str, text: &str) -> (u16, String) {
    let answer = post_parts(door, "/documents", cookie, &[("form_token", token), ("text", text)]).await;
    (answer.status, answer.text())
}

/// Hands in what was looked at; the page of the outcome.
pub(crate) async fn take(door: &Door, cookie: &str, token: &str, text: &str) -> String {
    let answer = post(door, "/documents/take", cookie, &[("form_token", token), ("text", text)]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    get(door, answer.header("location"), cookie).await.expect(200, "").text()
}

/// The part of a page between two texts.
fn part<'a>(page: &'a str, from: &str, until: &str) -> &'a str {
    let (_, rest) = page.split_once(from).unwrap_or_else(|| panic!("{from}: {page}"));
    rest.split_once(until).unwrap_or_else(|| panic!("{until}: {rest}")).0
}

#[tokio::test]
async fn the_page_says_who_reads_what_and_only_staff_are_told() {
    let door = serving(361).await;
    let lia = person(&door, "lia", Role::Liaison);
    let page = get(&door, "/house", &lia).await.expect(200, "").text();
    let banks = part(&page, "id=\"class-bank\"", "id=\"staff\"");
    assert!(banks.contains("2 organisations of this class are served."), "{banks}");
    for (channel, label) in [
        ("shared/indicators", "TLP:GREEN"),
        ("house/notices", "TLP:AMBER"),
        ("house/reports/ORGANISATION", "TLP:AMBER"),
    ] {
        let row = part(banks, &format!(">{channel}<"), "</tr>");
        assert!(row.contains(label) && row.contains("class=\"clause\">house "), "{channel}: {row}");
        assert!(row.contains("but never") && row.contains("stix.note"), "what is forbidden is said: {row}");
    }
    assert!(part(banks, ">shared/indicators<", "</tr>").contains("shared "), "the agreement's clause, too: {banks}");
    // What the agreement does not let go on stands in no row, whatever the rule gives.
    assert!(!banks.contains("rti/") && !banks.contains("two/hidden"), "{banks}");
    assert!(part(&page, "id=\"staff\"", "id=\"versions\"").contains("house/notices"));
    assert!(page.contains("href=\"/house/draft\"") && page.contains("The first version."));
    for from in ["/charter", "/users"] {
        let admin = person(&door, if from == "/users" { "ada" } else { "ben" }, Role::Administrator);
        assert!(get(&door, from, &admin).await.text().contains("href=\"/house\""), "{from} leads there");
    }

    // A reader reads, and drafts nothing.
    let ann = person(&door, "ann", Role::Reader);
    let page = get(&door, "/house", &ann).await.expect(200, "").text();
    assert!(page.contains("id=\"class-bank\"") && !page.contains("/house/draft"), "{page}");
    get(&door, "/house/draft", &ann).await.expect(403, "forbidden");
    let hers = token_in(&get(&door, "/me", &ann).await.text());
    post(&door, "/house/draft", &ann, &[("form_token", &hers), ("source", "x")]).await.expect(403, "forbidden");
    let file = [("form_token", hers.as_str()), ("text", "x")];
    post(&door, "/documents/file", &ann, &file).await.expect(403, "forbidden");
    post(&door, "/house/draft", &lia, &[("form_token", &hers), ("source", "x")]).await.expect(403, "cross-site");
    post(&door, "/documents/file", &lia, &file).await.expect(403, "cross-site");

    // An organisation is not told that there is such a page; nor is who reads some channels alone, or nobody.
    let bank = of_bank(&door, "bea", "bank-a", Role::Constituent);
    get(&door, "/house", &bank).await.expect(404, "not-found");
    get(&door, "/house/draft", &bank).await.expect(404, "not-found");
    let all = Caller::operator();
    let narrow = Caller { channels: Some(vec![door.id_of("house/notices")]), ..all.clone() };
    assert!(gotong_app::house::ruling(&door.node, &all).unwrap().is_some());
    assert!(gotong_app::house::ruling(&door.node, &narrow).unwrap().is_none());
    let next = sign(&founding(361), &second(&founding(361)), None);
    assert!(gotong_app::house::suppose(&door.node, &all, next.as_bytes()).unwrap().is_ok());
    assert!(gotong_app::house::suppose(&door.node, &narrow, next.as_bytes()).unwrap().is_err());
    assert_eq!(get(&door, "/house", "").await.status, 303);
    door.stop().await;
}

#[tokio::test]
async fn a_next_version_is_looked_at_signed_and_counts_and_nothing_else_does() {
    let (door, founding) = (serving(362).await, founding(362));
    let lia = person(&door, "lia", Role::Liaison);
    let token = token_in(&get(&door, "/documents", &lia).await.expect(200, "").text());
    let next = second(&founding);

    // Unsigned it can be looked at, and does not count.
    let draft = sign(&founding, &next, None);
    let (status, page) = look(&door, &lia, &token, &draft).await;
    assert!(status == 422 && page.contains("nobody has signed it yet") && page.contains("reads more"), "{page}");
    assert!(take(&door, &lia, &token, &draft).await.contains("outcome refused"));
    let signed = sign(&founding, &next, Some(0));
    let (status, page) = look(&door, &lia, &token, &signed).await;
    assert_eq!(status, 200, "{page}");
    let row = |channel: &str| part(&page, &format!("<span class=\"value\">{channel}</span>"), "</tr>").to_owned();
    let more = row("shared/indicators");
    assert!(more.find("TLP:GREEN").unwrap() < more.find("TLP:AMBER").unwrap(), "{more}");
    let less = row("house/notices");
    assert!(less.contains("TLP:AMBER") && less.contains("nothing"), "{less}");
    assert!(page.contains("reads more") && page.contains("reads less"));
    assert!(page.contains("Banks &#60;b&#62;bold") && !page.contains("<b>bold"), "a name is text");
    assert!(!page.contains("house/reports/ORGANISATION"), "what stays is not in the table");
    assert!(!get(&door, "/house", &lia).await.text().contains("bold"), "looking changes nothing");

    let said = take(&door, &lia, &token, &signed).await;
    assert!(said.contains("outcome done") && said.contains("href=\"/house\""), "{said}");
    let page = get(&door, "/house", &lia).await.expect(200, "").text();
    let banks = part(&page, "id=\"class-bank\"", "id=\"staff\"");
    assert!(part(banks, ">shared/indicators<", "</tr>").contains("TLP:AMBER") && !banks.contains("house/notices"));
    assert!(page.contains("What changed") && page.contains("ceiling: amber") && !page.contains("<b>bold"), "{page}");

    // Another's key, another's house, and one that would begin the house anew: refused, and the rule stays.
    let mut third = second(&founding);
    third.terms.number = 3;
    third.terms.previous = Some(next.hash(&founding.region));
    third.classes[0].reads = Vec::new();
    let mut anew = rule(&founding);
    anew.terms.nonce = [9; 16];
    let other = founding.house_rule(1, &["bank"], Timestamp::from_canonical(START).unwrap());
    for (what, note, why) in [
        ("another's key", sign(&founding, &third, Some(1)), "not signed by the root of id"),
        ("anew", sign(&founding, &anew, Some(0)), "begin the house anew"),
        ("another's house", sign(&founding, &other, Some(1)), "house rule of th"),
    ] {
        let (_, page) = look(&door, &lia, &token, &note).await;
        let said = take(&door, &lia, &token, &note).await;
        assert!(said.contains("outcome refused") && said.contains(why), "{what}: {said} {page}");
        assert!(get(&door, "/house", &lia).await.text().contains("TLP:AMBER"), "{what}");
    }
    // With the right one the same does count.
    let said = take(&door, &lia, &token, &sign(&founding, &third, Some(0))).await;
    assert!(said.contains("outcome done"), "{said}");
    door.stop().await;
}

#[tokio::test]
async fn where_there_is_no_rule_the_page_says_what_next_and_a_draft_is_handed_back_as_a_file() {
    let (door, founding) = (Door::open(363).await, founding(363));
    let lia = person(&door, "lia", Role::Liaison);
    let page = get(&door, "/house", &lia).await.expect(200, "").text();
    assert!(page.contains("No house rule counts here yet.") && page.contains("/house/draft"), "{page}");
    // This node reads no drafts; the page names the commands that do.
    let page = get(&door, "/house/draft", &lia).await.expect(200, "").text();
    assert!(page.contains("gotong house check") && !page.contains("name=\"source\""), "{page}");
    let token = token_in(&page);
    let draft = sign(&founding, &rule(&founding), None);
    let sent = draft.replace('\n', "\r\n");
    let fields = [("form_token", token.as_str()), ("name", "../house\"-1.note"), ("text", sent.as_str())];
    let answer = post(&door, "/documents/file", &lia, &fields).await;
    assert_eq!((answer.status, answer.text()), (200, draft), "byte for byte, as it will be signed");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"house-1.note\"");
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    for bad in ["", "<script>alert(1)</script>", "two\ngotong/x/house\n"] {
        let fields = [("form_token", token.as_str()), ("name", "x"), ("text", bad)];
        assert_eq!(post(&door, "/documents/file", &lia, &fields).await.status, 422, "{bad}");
    }
    door.stop().await;
}

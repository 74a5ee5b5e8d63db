//! Notices on pages: which can be given, what one would do and when, and the way from the draft through the root key back into force.

use gotong_app::role::Role;
use gotong_crypto::note::{self, Note};
use gotong_model::agreement::Notice;
use gotong_model::document::{self, Purpose};
use gotong_model::{MemberCode, Timestamp};
use gotong_testkit::builders::Founding;

use super::house::{look, take};
use super::report::of_bank;
use crate::api::accounts::{get, person, post, token_in};
use crate::api::door::{Answer, Door, START, plans};
use crate::api::organisations::serving;

fn founding(seed: u64) -> Founding {
    Founding::new(seed, &["id", "th", "vn"], &plans(true), Timestamp::from_canonical(START).unwrap())
}

/// The draft that a page carries, as the browser has it.
fn drafted(page: &str) -> String {
    let (_, rest) =
        page.split_once("aria-hidden=\"true\" tabindex=\"-1\">").unwrap_or_else(|| panic!("no draft: {page}"));
    let text = rest.split("</textarea>").next().unwrap();
    [("&#34;", "\""), ("&#60;", "<"), ("&#62;", ">"), ("&#39;", "'"), ("&#38;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

/// What the member's root makes of a draft.
fn sign(founding: &Founding, draft: &str) -> String {
    let opened = document::open(draft.as_bytes(), Some(&founding.region), Purpose::Notice).unwrap();
    let text = opened.note.text;
    let keys = &founding.members[0];
    let name = document::signer_name(&founding.region, &keys.code, document::Role::Root);
    let lines = vec![note::sign_line(&text, &name, &keys.root)];
    Note { text, lines }.encode()
}

fn said(draft: &str, founding: &Founding) -> Notice {
    Notice::from_value(document::open(draft.as_bytes(), Some(&founding.region), Purpose::Notice).unwrap().value)
        .unwrap()
}

async fn give(door: &Door, cookie: &str, token: &str, (kind, from, reason): (&str, &str, &str)) -> Answer {
    let fields = [("form_token", token), ("kind", kind), ("from", from), ("reason", reason)];
    post(door, "/agreements/rti/notice", cookie, &fields).await
}

#[tokio::test]
async fn a_notice_is_drafted_told_signed_and_handed_in_and_then_it_holds() {
    let (door, founding) = (Door::open(371).await, founding(371));
    let lia = person(&door, "lia", Role::Liaison);
    let page = get(&door, "/agreements/rti", &lia).await.expect(200, "").text();
    assert!(page.contains("href=\"/agreements/rti/notice\""), "{page}");
    let form = get(&door, "/agreements/rti/notice", &lia).await.expect(200, "").text();
    let token = token_in(&form);
    assert!(form.contains("value=\"suspend\"") && form.contains("value=\"terminate\""), "{form}");
    assert!(!form.contains("value=\"resume\"") && !form.contains("value=\"accede\""), "only what can be said: {form}");

    let hostile = "Under <script>alert(1)</script> review";
    let page = give(&door, &lia, &token, ("suspend", "", hostile)).await.expect(200, "").text();
    assert!(page.contains("Under &#60;script&#62;") && !page.contains("<script>alert"), "{page}");
    assert!(page.contains("nothing has been said to anybody yet") && page.contains("suspended"), "{page}");
    assert_eq!(page.matches(">closes<").count(), 2, "advisories and indicators close: {page}");
    assert!(page.contains("gotong agreement sign rti-suspend-1.note --charter charter.note --root ROOT.key"));
    let id = door.node.governance().agreements.values().find(|one| one.terms.handle.as_str() == "rti").unwrap().id;
    assert!(page.contains(&format!("/charter/documents?agreement={id}")));
    let draft = drafted(&page);
    let notice = said(&draft, &founding);
    assert_eq!((notice.serial, notice.member.as_str()), (1, "id"));
    assert_eq!(notice.reason.unwrap()["en"], hostile);
    get(&door, "/channels/rti/indicators", &lia).await.expect(200, "");

    // Unsigned it changes nothing; signed it does.
    let (status, looked) = look(&door, &lia, &token, &draft).await;
    assert!(status == 422 && looked.contains("nobody has signed it yet"), "{looked}");
    assert!(take(&door, &lia, &token, &draft).await.contains("outcome refused"));
    assert!(get(&door, "/agreements/rti/notice", &lia).await.text().contains("value=\"suspend\""), "still to be said");
    let signed = sign(&founding, &draft);
    let (status, looked) = look(&door, &lia, &token, &signed).await;
    assert!(status == 200 && looked.contains("suspends its part"), "{looked}");
    let outcome = take(&door, &lia, &token, &signed).await;
    assert!(outcome.contains("outcome done"), "{outcome}");
    let governance = door.node.governance();
    let own = MemberCode::from_text("id").unwrap();
    assert!(!governance.in_audience_at(&door.id_of("rti/indicators"), &own, door.node.now()), "it is closed");
    let form = get(&door, "/agreements/rti/notice", &lia).await.expect(200, "").text();
    assert!(form.contains("value=\"resume\"") && !form.contains("value=\"suspend\""), "{form}");
    let page = give(&door, &lia, &token, ("resume", "", "")).await.expect(200, "").text();
    assert_eq!(page.matches(">opens<").count(), 2, "{page}");
    assert_eq!(said(&drafted(&page), &founding).serial, 2, "it follows the one before");
    door.stop().await;
}

#[tokio::test]
async fn an_end_keeps_the_time_of_notice_and_what_cannot_be_said_is_refused_with_what_was_typed() {
    let (door, founding) = (Door::open(372).await, founding(372));
    let lia = person(&door, "lia", Role::Liaison);
    let token = token_in(&get(&door, "/agreements/rti/notice", &lia).await.expect(200, "").text());
    let page = give(&door, &lia, &token, ("terminate", "2026-11-24", "")).await.expect(200, "").text();
    assert!(page.contains("22 December 2026"), "thirty days after notice, and not the day named: {page}");
    assert_eq!(said(&drafted(&page), &founding).effective.to_string(), "2026-11-24T00:00:00.000000Z");
    let page = give(&door, &lia, &token, ("terminate", "2027-06-30", "")).await.expect(200, "").text();
    assert!(page.contains("30 June 2027"), "a later day is kept: {page}");
    // Today is meant from now on.
    give(&door, &lia, &token, ("suspend", "2026-11-22", "")).await.expect(200, "");
    let long = "x".repeat(2_001);
    for (what, typed, why) in [
        ("nothing", ("", "", "kept <i>words</i>"), "Choose what is to be said."),
        ("no kind", ("forget", "", "kept <i>words</i>"), "Choose what is to be said."),
        ("over", ("suspend", "2026-11-20", "kept <i>words</i>"), "That day is over."),
        ("no day", ("suspend", "tomorrow", "kept <i>words</i>"), "Write the day"),
        ("not suspended", ("resume", "", "kept <i>words</i>"), "not suspended then"),
        ("no candidate", ("consent jp", "", "kept <i>words</i>"), "no part in the agreement then"),
        ("nobody", ("consent", "", "kept <i>words</i>"), "Choose what is to be said."),
        ("long", ("suspend", "", &long), "too long"),
    ] {
        let page = give(&door, &lia, &token, typed).await.expect(422, "").text();
        assert!(page.contains(why) && page.contains("role=\"alert\""), "{what}: {page}");
        assert!(!page.contains("gotong agreement sign") && !page.contains("<i>words"), "{what}");
        assert!(page.contains("kept &#60;i&#62;words") || what == "long", "{what}: what was typed stays: {page}");
    }
    door.stop().await;
}

#[tokio::test]
async fn only_who_looks_after_documents_drafts_notices_and_of_agreements_that_they_see() {
    let door = serving(373).await;
    let (lia, ann) = (person(&door, "lia", Role::Liaison), person(&door, "ann", Role::Reader));
    let page = get(&door, "/agreements/rti", &ann).await.expect(200, "").text();
    assert!(!page.contains("/agreements/rti/notice"), "{page}");
    get(&door, "/agreements/rti/notice", &ann).await.expect(403, "forbidden");
    let hers = token_in(&page);
    give(&door, &ann, &hers, ("suspend", "", "")).await.expect(403, "forbidden");
    give(&door, &lia, &hers, ("suspend", "", "")).await.expect(403, "cross-site");
    get(&door, "/agreements/nothing/notice", &lia).await.expect(404, "not-found");
    let bank = of_bank(&door, "bea", "bank-a", Role::Constituent);
    get(&door, "/agreements/shared/notice", &bank).await.expect(404, "not-found");
    assert_eq!(get(&door, "/agreements/rti/notice", "").await.status, 303);
    // With her own the liaison drafts.
    let own = token_in(&get(&door, "/agreements/rti/notice", &lia).await.expect(200, "").text());
    give(&door, &lia, &own, ("suspend", "", "")).await.expect(200, "");
    door.stop().await;
}

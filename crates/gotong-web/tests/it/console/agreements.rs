//! Agreements on pages: from a proposal that nobody has signed to a channel that is open, and what must not be seen or done on the way.

use gotong_app::role::Role;
use gotong_crypto::note::{self, Note, SignatureLine};
use gotong_model::agreement::{ChannelType, Clause, Terms};
use gotong_model::document::{self, Purpose};
use gotong_model::governance::Governance;
use gotong_model::{Slug, Timestamp, Tlp};
use gotong_testkit::builders::{Founding, english};

use crate::api::accounts::{get, person, post, post_parts, token_in};
use crate::api::door::{Answer, Door, START, plans};

/// The three members' keys, and documents that some of them have signed.
struct Desk {
    founding: Founding,
}

impl Desk {
    fn new(seed: u64) -> Self {
        let start = Timestamp::from_canonical(START).unwrap();
        Self { founding: Founding::new(seed, &["id", "th", "vn"], &plans(true), start) }
    }

    fn terms(&self, handle: &str) -> Terms {
        let slug = |text: &str| Slug::from_text(text).unwrap();
        let parties: Vec<_> = self.founding.members.iter().map(|keys| keys.code.clone()).collect();
        let kind = ChannelType::usual(slug("indicators"), "1", parties.clone(), "cooperation");
        let mut clause = Clause { number: "1".to_owned(), title: english("All"), text: english("They share.") };
        clause.title.insert("vi".to_owned(), "Tất cả".to_owned());
        clause.text.insert("vi".to_owned(), "Các bên chia sẻ.".to_owned());
        let from = Timestamp::from_canonical(START).unwrap();
        let usual = Terms::usual(slug(handle), parties, from, vec![clause]);
        Terms { channel_types: vec![kind], nonce: [7; 16], title: english("Seven <b>bold</b>"), ..usual }
    }

    fn note(&self, terms: &Terms, signers: &[usize]) -> String {
        let text = document::text(&self.founding.region, Purpose::Agreement, &terms.to_value());
        let line = |at: &usize| {
            let keys = &self.founding.members[*at];
            let name = document::signer_name(&self.founding.region, &keys.code, document::Role::Root);
            note::sign_line(&text, &name, &keys.root)
        };
        let mut lines: Vec<SignatureLine> = signers.iter().map(line).collect();
        if lines.is_empty() {
            lines.push(SignatureLine { name: "draft".to_owned(), key_id: [0; 4], signature: vec![0; 64] });
        }
        Note { text, lines }.encode()
    }
}

/// The form of a page with a file, as a browser sends it.
async fn drop_file(door: &Door, cookie: &str, token: &str, text: &str, file: &str) -> Answer {
    let fields = [("form_token", token), ("text", text), ("file\"; filename=\"a.note", file)];
    post_parts(door, "/documents", cookie, &fields).await
}

/// What stands in the hidden field of the page that was looked at, as the browser has it.
fn looked_at(page: &str) -> String {
    let (_, rest) = page.split_once("aria-hidden=\"true\" tabindex=\"-1\">").expect("a text to hand in");
    let text = rest.split("</textarea>").next().unwrap();
    [("&#34;", "\""), ("&#60;", "<"), ("&#62;", ">"), ("&#39;", "'"), ("&#38;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

/// Looks at a document and hands it in, as a person does; the outcome's page.
async fn hand_in(door: &Door, cookie: &str, token: &str, document: &str) -> String {
    let looked = drop_file(door, cookie, token, "", document).await;
    looked.expect(200, "");
    let text = looked_at(&looked.text()).replace('\n', "\r\n");
    let answer = post(door, "/documents/take", cookie, &[("form_token", token), ("text", &text)]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    get(door, answer.header("location"), cookie).await.expect(200, "").text()
}

#[tokio::test]
async fn a_proposal_is_handed_in_signed_by_each_party_and_opens_its_channel() {
    let (door, desk) = (Door::open(321).await, Desk::new(321));
    let lia = person(&door, "lia", Role::Liaison);
    let token = token_in(&get(&door, "/documents", &lia).await.expect(200, "").text());
    let terms = desk.terms("seven");
    let hash = terms.hash(&desk.founding.region).to_text();
    let draft = desk.note(&terms, &[]);

    let looked = drop_file(&door, &lia, &token, &draft.replace('\n', "\r\n"), "").await;
    let page = looked.expect(200, "").text();
    assert!(page.contains("Signatures that are missing") && page.contains("seven/indicators"), "{page}");
    assert!(page.contains("would be permitted"), "what it would change is told: {page}");
    get(&door, "/agreements/seven", &lia).await.expect(404, "not-found");

    let said = hand_in(&door, &lia, &token, &draft).await;
    assert!(said.contains("it waits for what is missing") && said.contains("id, th, vn"), "{said}");
    let page = get(&door, "/agreements/seven", &lia).await.expect(200, "").text();
    assert!(page.contains("proposed") && page.contains("hx-trigger=\"every 5s\""), "{page}");
    let version = format!("/agreements/seven/versions/{hash}");
    let page = get(&door, &version, &lia).await.expect(200, "").text();
    assert!(page.contains("gotong agreement sign seven-1.note --charter charter.note --root ROOT.key"), "{page}");

    // Each party takes the file away, signs it where its root key is, and brings it back.
    for (party, others) in [(1, "id, vn"), (2, "id")] {
        let said = hand_in(&door, &lia, &token, &desk.note(&terms, &[party])).await;
        assert!(said.contains(&format!("waits for the signatures of \u{2068}{others}\u{2069}")), "{said}");
        get(&door, "/channels/seven/indicators", &lia).await.expect(404, "not-found");
    }
    let said = hand_in(&door, &lia, &token, &desk.note(&terms, &[0])).await;
    assert!(said.contains("Taken in: it counts") && said.contains("seven/indicators"), "{said}");
    get(&door, "/channels/seven/indicators", &lia).await.expect(200, "");
    let page = get(&door, "/agreements/seven", &lia).await.expect(200, "").text();
    assert!(page.contains("in force") && !page.contains("hx-trigger=\"every 5s\""), "nothing waits any more");

    // What is downloaded has all signatures, and another node takes it.
    let file = get(&door, &format!("/documents/{hash}"), &lia).await;
    file.expect(200, "");
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"seven-1.note\"");
    let charter = get(&door, "/charter/documents", &lia).await.expect(200, "").text();
    let mut elsewhere = Governance::from_charter(charter.as_bytes()).unwrap();
    elsewhere.add_agreement(&file.body).unwrap();
    let evidence = get(&door, "/agreements/seven/evidence", &lia).await.expect(200, "").text();
    assert_eq!(evidence.matches("the signature holds").count(), 3, "{evidence}");
    door.stop().await;
}

#[tokio::test]
async fn whoever_may_not_govern_looks_and_hands_nothing_in() {
    let (door, desk) = (Door::open(322).await, Desk::new(322));
    let ann = person(&door, "ann", Role::Reader);
    let lia = person(&door, "lia", Role::Liaison);
    assert_eq!(get(&door, "/agreements", "").await.status, 303);
    let list = get(&door, "/agreements", &ann).await.expect(200, "").text();
    assert!(
        list.contains("href=\"/agreements/rti\"")
            && list.contains("href=\"/agreements/two\"")
            && !list.contains("/documents")
    );
    get(&door, "/agreements/rti", &ann).await.expect(200, "");
    for nothing in ["/agreements/nothing", "/agreements/house", "/agreements/rti/versions/x"] {
        get(&door, nothing, &ann).await.expect(404, "not-found");
    }
    for path in ["/documents", "/documents/draft", "/agreements/rti/evidence"] {
        get(&door, path, &ann).await.expect(403, "forbidden");
    }
    let rti = gotong_crypto::Digest(door.node.governance().agreements.values().next().unwrap().hash.0).to_text();
    get(&door, &format!("/documents/{rti}"), &ann).await.expect(403, "forbidden");
    let note = desk.note(&desk.terms("seven"), &[0, 1, 2]);
    let hers = token_in(&get(&door, "/agreements", &ann).await.text());
    drop_file(&door, &ann, &hers, &note, "").await.expect(403, "forbidden");
    let fields = [("form_token", hers.as_str()), ("text", &note)];
    post(&door, "/documents/take", &ann, &fields).await.expect(403, "forbidden");
    // With another session's value, too.
    post(&door, "/documents/take", &lia, &fields).await.expect(403, "cross-site");
    drop_file(&door, &lia, &hers, &note, "").await.expect(403, "cross-site");
    get(&door, "/agreements/seven", &lia).await.expect(404, "not-found");
    // The same document in the right hands does count.
    let token = token_in(&get(&door, "/documents", &lia).await.text());
    assert!(hand_in(&door, &lia, &token, &note).await.contains("Taken in: it counts"));
    door.stop().await;
}

#[tokio::test]
async fn what_is_no_document_is_refused_with_why_and_stays_typed() {
    let (door, desk) = (Door::open(323).await, Desk::new(323));
    let lia = person(&door, "lia", Role::Liaison);
    let token = token_in(&get(&door, "/documents", &lia).await.text());
    drop_file(&door, &lia, &token, "", "").await.expect(422, "");
    let hostile = "</textarea><script>alert(1)</script>";
    let foreign = Desk::new(999);
    let elsewhere = foreign.note(&foreign.terms("seven"), &[0, 1, 2]);
    for (what, text) in [("hostile", hostile), ("of another region", &elsewhere), ("cut", "gotong/x/agreement\n{}\n")] {
        let page = drop_file(&door, &lia, &token, text, "").await.expect(422, "").text();
        assert!(page.contains("cannot be taken in") && page.contains("role=\"alert\""), "{what}: {page}");
        assert!(!page.contains("<script>alert") && !page.contains("/documents/take"), "{what}");
        // And past the page that would have been looked at.
        let answer = post(&door, "/documents/take", &lia, &[("form_token", &token), ("text", text)]).await;
        let said = get(&door, answer.header("location"), &lia).await.expect(200, "").text();
        assert!(said.contains("Nothing was taken in") && !said.contains("<script>alert"), "{what}: {said}");
    }
    // A signature that somebody made up counts for nothing.
    let terms = desk.terms("seven");
    let forged = desk.note(&terms, &[0]).replace("/id/root", "/th/root");
    let said = hand_in(&door, &lia, &token, &forged).await;
    assert!(said.contains("id, th, vn"), "nobody has signed: {said}");
    door.stop().await;
}

#[tokio::test]
async fn clauses_stand_in_two_languages_versions_are_compared_and_it_says_who_would_see_something() {
    let (door, desk) = (Door::open(324).await, Desk::new(324));
    let lia = person(&door, "lia", Role::Liaison);
    let first = desk.terms("seven");
    door.node.adopt(desk.note(&first, &[0, 1, 2]).as_bytes()).unwrap();
    let page = get(&door, "/agreements/seven", &lia).await.expect(200, "").text();
    assert!(page.contains("They share.") && !page.contains("Các bên chia sẻ."), "one language where nobody asked");
    assert!(page.contains("Seven &#60;b&#62;bold") && !page.contains("<b>bold"), "a title is text");
    let page = get(&door, "/agreements/seven?one=vi&two=en", &lia).await.expect(200, "").text();
    assert!(page.contains("They share.") && page.contains("Các bên chia sẻ."));
    assert!(page.find("Các bên").unwrap() < page.find("They share.").unwrap(), "in the order that was asked for");
    get(&door, "/agreements/seven?one=%3Cx%3E&two=zz&channel=two/hidden&label=x", &lia).await.expect(200, "");

    let asked = "/agreements/seven?channel=seven/indicators&type=indicator&label=";
    let page = get(&door, &format!("{asked}green"), &lia).await.expect(200, "").text();
    assert!(page.contains("You may publish it there") && page.matches("receives it").count() == 3, "{page}");
    let page = get(&door, &format!("{asked}red"), &lia).await.expect(200, "").text();
    assert!(page.contains("You may not publish it there"), "{page}");
    // A question about a channel of another agreement is no question here.
    let page = get(&door, "/agreements/seven?channel=rti/indicators", &lia).await.expect(200, "").text();
    assert!(!page.contains("You may publish it there"));

    let mut next = desk.terms("seven");
    next.number = 2;
    next.previous = Some(first.hash(&desk.founding.region));
    next.channel_types[0].ceiling = Tlp::Clear;
    next.clauses[0].text.insert("en".to_owned(), "They share less.".to_owned());
    let hash = next.hash(&desk.founding.region).to_text();
    door.node.adopt(desk.note(&next, &[0]).as_bytes()).unwrap();
    let page = get(&door, &format!("/agreements/seven/versions/{hash}"), &lia).await.expect(200, "").text();
    for said in ["They share.", "They share less.", "ceiling: clear", "would no longer be permitted"] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("Các bên"), "only what differs");
    // Far from any node, charter and earlier versions are one file, on which the amendment stands.
    let id = door.node.governance().agreements.values().find(|one| one.terms.handle.as_str() == "seven").unwrap().id;
    assert!(page.contains(&format!("/charter/documents?agreement={id}")));
    let known = get(&door, &format!("/charter/documents?agreement={id}"), &lia).await.expect(200, "").text();
    assert_eq!(known.matches("\n\n").count(), 2, "a charter and a version: {known}");
    get(&door, &format!("/charter/documents?agreement={hash}"), &lia).await.expect(404, "not-found");
    let list = get(&door, "/agreements", &lia).await.text();
    assert!(list.contains(&format!("/agreements/seven/versions/{hash}")), "the list says what waits");
    // Of another agreement it is not a version.
    get(&door, &format!("/agreements/rti/versions/{hash}"), &lia).await.expect(404, "not-found");
    door.stop().await;
}

#[tokio::test]
async fn where_no_drafts_are_read_the_page_names_the_command() {
    let door = Door::open(325).await;
    let lia = person(&door, "lia", Role::Liaison);
    let page = get(&door, "/documents/draft", &lia).await.expect(200, "").text();
    assert!(page.contains("gotong agreement check") && !page.contains("name=\"source\""));
    door.stop().await;
}

//! The portal of organisations that a member serves: what a bank's people report, receive and download, and that no address tells them of others.

use gotong_app::account::link::{self, Opened, USUAL_MS, Wish};
use gotong_app::account::manage::{self, Invitation};
use gotong_app::account::{AccountName, Demands};
use gotong_app::caller::Caller;
use gotong_app::role::Role;
use gotong_app::session::From;
use gotong_model::Slug;
use serde_json::json;

use crate::api::accounts::{GOOD, get, person, post, post_parts, token_in};
use crate::api::door::{Door, indicator};
use crate::api::organisations::{OTHER, OWN, serving, token_of};

/// Somebody of a bank, logged in.
pub(super) fn of_bank(door: &Door, who: &str, code: &str, role: Role) -> String {
    let (name, constituent) = (AccountName::parse(who).unwrap(), Slug::from_text(code));
    let new = Invitation { name, full_name: String::new(), role, constituent, valid_ms: USUAL_MS };
    let key = manage::invite(&door.node, &Caller::operator(), &new).unwrap().unwrap().key;
    let wish = Wish { password: GOOD.to_owned(), ..Wish::default() };
    match link::open(&door.node, &key, &wish, &From::default(), Demands { second_factor: false }).unwrap() {
        Opened::In(begun) => format!("gotong_session={}", begun.cookie),
        other @ (Opened::Refused(_) | Opened::Gone) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_bank_reports_and_receives_and_learns_of_nobody_else() {
    let door = serving(351).await;
    let named = |number: u64, address: &str, name: &str| {
        let mut object = indicator(number, address);
        object["name"] = json!(name);
        object
    };
    door.publish(OTHER, &token_of(&door, "bank-b"), &named(1, "198.51.100.1", "oleander of another bank")).await;
    door.publish("rti/indicators", &door.token(true, false, None), &named(2, "198.51.100.2", "oleander of the region"))
        .await;
    door.publish(OWN, &token_of(&door, "bank-a"), &named(3, "198.51.100.3", "gardenia <i>of our own</i>")).await;
    let bank = of_bank(&door, "ann", "bank-a", Role::Constituent);
    let staff = person(&door, "sam", Role::Analyst);
    let all = get(&door, "/intelligence", &staff).await.expect(200, "").text();
    assert!(
        all.contains("oleander of another bank") && all.contains("oleander of the region"),
        "what is hidden is there: {all}"
    );
    let addresses = [
        "/",
        "/intelligence",
        "/intelligence?q=oleander",
        "/intelligence?q=198.51.100.1",
        "/intelligence?channel=house/reports/bank-b",
        "/share",
        "/report",
        "/received",
        "/downloads",
        "/download?format=csv",
        "/download?format=stix",
        "/download?format=list",
        "/download?format=rpz",
        "/programs",
        "/notifications",
        "/searches",
        "/me",
        "/waiting",
        "/agreements",
        "/charter",
        "/channels",
        "/sources",
        "/logs",
        "/users",
        "/tokens",
        "/audit",
        "/operation",
        "/intelligence/indicator--00000001-0000-4000-8000-000000000001",
        "/intelligence/indicator--00000002-0000-4000-8000-000000000002",
        "/intelligence/indicator--00000001-0000-4000-8000-000000000001/graph",
        "/share/none",
        "/acts/none",
    ];
    for address in addresses {
        let answer = get(&door, address, &bank).await;
        assert!(matches!(answer.status, 200 | 303 | 403 | 404), "{address}: {}", answer.status);
        let text = answer.text();
        // What somebody asked for stands in the page as they asked.
        let secrets = ["oleander of", "bank-b", "198.51.100.2", "rti/", "two/", "<i>of our own"];
        // A file of values holds text as it is: it is no page.
        let is_file = address.starts_with("/download?");
        for secret in secrets {
            if address.contains(secret) || (is_file && secret.starts_with('<')) {
                continue;
            }
            assert!(!text.contains(secret), "{address} tells {secret}: {text}");
        }
    }
    let page = get(&door, "/intelligence", &bank).await.text();
    assert!(page.contains("gardenia &#60;i&#62;of our own"), "{page}");
    // Report: what is empty is said, what was typed is kept; what is whole goes on to the check page.
    let form = token_in(&get(&door, "/report", &bank).await.expect(200, "").text());
    let empty = post_parts(&door, "/report", &bank, &[("form_token", &form), ("what", " "), ("channel", OWN)]).await;
    assert!(empty.status == 422 && empty.text().contains("Write what happened"), "{}", empty.text());
    let foreign = [("form_token", form.as_str()), ("what", "seen 203.0.113.9"), ("channel", OTHER)];
    let refused = post_parts(&door, "/report", &bank, &foreign).await;
    assert!(
        refused.status == 422 && refused.text().contains("seen 203.0.113.9"),
        "another's channel is none: {}",
        refused.text()
    );
    post_parts(&door, "/report", &bank, &[("form_token", "x"), ("what", "seen"), ("channel", OWN)])
        .await
        .expect(403, "cross-site");
    let fields = [
        ("form_token", form.as_str()),
        ("what", "Phishing of our tellers"),
        ("values", "203[.]0[.]113[.]9"),
        ("at", "this morning"),
        ("channel", OWN),
    ];
    let taken = post_parts(&door, "/report", &bank, &fields).await;
    assert_eq!(taken.status, 303, "{}", taken.text());
    let check = get(&door, taken.header("location"), &bank).await.expect(200, "").text();
    assert!(check.contains("203.0.113.9") && !check.contains("bank-b"), "{check}");
    let sent = post(&door, taken.header("location"), &bank, &[("form_token", &form), ("act", "send")]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let home = get(&door, "/", &bank).await.expect(200, "").text();
    assert!(home.contains("What you have reported") && home.contains(taken.header("location")), "{home}");
    // What they download is what they may have.
    let csv = get(&door, "/download?format=csv", &bank).await.expect(200, "").text();
    assert!(csv.contains("198.51.100.3") && !csv.contains("198.51.100.1,") && !csv.contains("198.51.100.2"), "{csv}");
    door.stop().await;
}

#[tokio::test]
async fn a_bank_makes_tokens_for_itself_and_never_more_than_its_person_may() {
    let door = serving(352).await;
    let (bank, reads) =
        (of_bank(&door, "ann", "bank-a", Role::Constituent), of_bank(&door, "bo", "bank-a", Role::ConstituentReader));
    let other = of_bank(&door, "cy", "bank-b", Role::Constituent);
    let form = token_in(&get(&door, "/programs", &bank).await.expect(200, "").text());
    let made = post(
        &door,
        "/programs/make",
        &bank,
        &[("form_token", &form), ("name", "<b>siem</b>"), ("may_report", "yes"), ("days", "30")],
    )
    .await;
    let shown = made.expect(303, "").header("location").to_owned();
    let made = get(&door, &shown, &bank).await;
    let page = made.expect(200, "").text();
    let at = page.find("gtk_").expect("a secret");
    let secret = &page[at..at + 56];
    assert_eq!(made.header("cache-control"), "no-store");
    // Looked at again it is the same one, and nobody else of the house sees it.
    assert!(get(&door, &shown, &bank).await.expect(200, "").text().contains(secret));
    get(&door, &shown, &reads).await.expect(410, "");
    assert_eq!(get(&door, "/programs", &bank).await.text().matches("/programs/end").count(), 1, "one was made");
    assert!(!page.contains("<b>siem"));
    door.publish(OWN, secret, &indicator(7, "198.51.100.7")).await;
    door.get("/api/v1/channels/house%2Freports%2Fbank-b", secret).await.expect(404, "not-found");
    door.get("/api/v1/tokens", secret).await.expect(403, "");
    let page = get(&door, "/programs", &bank).await.text();
    assert!(!page.contains(secret), "a secret is shown once");
    let (_, rest) = page.split_once("name=\"id\" value=\"").unwrap();
    let id = rest.split('"').next().unwrap();
    // Who only reads makes tokens that read, and ends none that may do more.
    let own = token_in(&get(&door, "/programs", &reads).await.expect(200, "").text());
    let beyond = post(
        &door,
        "/programs/make",
        &reads,
        &[("form_token", &own), ("name", "x"), ("may_report", "yes"), ("days", "30")],
    )
    .await;
    assert!(beyond.status == 422 && !beyond.text().contains("gtk_"), "{}", beyond.text());
    post(&door, "/programs/make", &reads, &[("form_token", &own), ("name", "x"), ("days", "30")]).await.expect(303, "");
    for days in ["0", "400"] {
        assert_eq!(
            post(&door, "/programs/make", &reads, &[("form_token", &own), ("name", "x"), ("days", days)]).await.status,
            422
        );
    }
    let theirs = token_in(&get(&door, "/programs", &other).await.expect(200, "").text());
    assert!(!get(&door, "/programs", &other).await.text().contains(id), "another bank's are not seen");
    for (cookie, form) in [(&reads, &own), (&other, &theirs)] {
        let refused = post(&door, "/programs/end", cookie, &[("form_token", form), ("id", id)]).await;
        let outcome = get(&door, refused.header("location"), cookie).await.expect(200, "").text();
        assert!(outcome.contains("outcome refused"), "{outcome}");
    }
    let ended = post(&door, "/programs/end", &bank, &[("form_token", &form), ("id", id)]).await;
    assert!(get(&door, ended.header("location"), &bank).await.text().contains("outcome done"));
    door.get("/api/v1/channels/house%2Freports%2Fbank-a", secret).await.expect(401, "unauthenticated");
    // The staff has pages of its own.
    let staff = person(&door, "sam", Role::Analyst);
    assert_eq!(get(&door, "/programs", &staff).await.status, 404);
    assert_eq!(get(&door, "/report", &staff).await.header("location"), "/share");
    door.stop().await;
}

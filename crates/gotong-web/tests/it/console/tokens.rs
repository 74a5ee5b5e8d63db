//! Tokens: made with what a role allows, shown once, ended at once.

use gotong_app::role::Role;

use crate::api::accounts::{get, person, post, token_in};
use crate::api::door::Door;

#[tokio::test]
async fn a_token_is_made_is_shown_once_works_and_ends() {
    let door = Door::open(321).await;
    let operator = person(&door, "op", Role::Operator);
    let token = token_in(&get(&door, "/tokens", &operator).await.text());
    let fields = [
        ("form_token", token.as_str()),
        ("name", "<script>alert(1)</script>"),
        ("role", "reader"),
        ("channel", "rti/indicators"),
        ("expires", "2026-12-24"),
    ];
    let made = post(&door, "/tokens/make", &operator, &fields).await;
    let shown = made.expect(303, "").header("location").to_owned();
    let made = get(&door, &shown, &operator).await.expect(200, "").text();
    assert_eq!(get(&door, &shown, &operator).await.header("cache-control"), "no-store");
    // Looked at again it is the same token, and another session sees what anybody sees of what never was.
    assert_eq!(get(&door, &shown, &operator).await.text().matches("gtk_").count(), made.matches("gtk_").count());
    let other = person(&door, "op2", Role::Operator);
    let theirs = get(&door, &shown, &other).await.expect(410, "").text();
    let unknown = get(&door, "/once/aaaaaaaaaaaaaaaaaaaaaaaaaa", &other).await.expect(410, "").text();
    assert!(theirs == unknown && !theirs.contains("gtk_") && theirs.contains("href=\"/tokens\""), "{theirs}");
    assert!(!made.contains("<script>alert"), "{made}");
    let (_, rest) = made.split_once("data-copy=\"").unwrap();
    let secret = rest.split('"').next().unwrap();
    assert!(secret.starts_with("gtk_"));
    door.get("/api/v1/channels/rti%2Findicators", secret).await.expect(200, "");
    door.get("/api/v1/channels/two%2Fhidden", secret).await.expect(404, "not-found");
    let page = get(&door, "/tokens", &operator).await.text();
    assert_eq!(page.matches("/end\"").count(), 1, "one was made");
    door.clock.advance_ms(5 * 60 * 1_000);
    get(&door, &shown, &operator).await.expect(410, "");
    assert!(!page.contains(secret) && !page.contains("<script>alert") && page.contains("rti/indicators"));
    assert!(page.contains("2026-12-24") || page.contains("24 Dec 2026"), "{page}");
    let (_, rest) = page.split_once("action=\"/tokens/").unwrap();
    let id = rest.split("/end\"").next().unwrap();
    let id = if id == "make" { panic!("no row") } else { id };
    let ended = post(&door, &format!("/tokens/{id}/end"), &operator, &[("form_token", &token)]).await;
    assert_eq!(ended.status, 303);
    let outcome = get(&door, ended.header("location"), &operator).await.expect(200, "").text();
    assert!(outcome.contains("outcome done") && outcome.contains("opens nothing any more"), "{outcome}");
    door.get("/api/v1/channels/rti%2Findicators", secret).await.expect(401, "unauthenticated");
    assert_eq!(post(&door, &format!("/tokens/{id}/end"), &operator, &[("form_token", &token)]).await.status, 404);
    door.stop().await;
}

#[tokio::test]
async fn what_cannot_stand_is_said_and_what_was_typed_is_kept() {
    let door = Door::open(322).await;
    let operator = person(&door, "op", Role::Operator);
    let token = token_in(&get(&door, "/tokens", &operator).await.text());
    // Nobody makes a token that may do more than its maker.
    assert!(!get(&door, "/tokens", &operator).await.text().contains("value=\"administrator\""));
    for (name, role, expires, said) in [
        ("mine", "administrator", "", "role:"),
        ("mine", "root", "", "role:"),
        ("mine", "constituent", "", "role:"),
        ("", "reader", "", "name:"),
        ("mine", "reader", "soon", "expires:"),
    ] {
        let fields = [("form_token", token.as_str()), ("name", name), ("role", role), ("expires", expires)];
        let again = post(&door, "/tokens/make", &operator, &fields).await;
        assert_eq!(again.status, 422, "{name} {role}");
        let page = again.text();
        assert!(page.contains(said) && page.contains(&format!("name=\"name\" value=\"{name}\"")), "{page}");
    }
    let fields = [("form_token", token.as_str()), ("name", "x"), ("role", "operator"), ("channel", "rti/indicators")];
    let beyond = post(&door, "/tokens/make", &operator, &fields).await;
    assert!(beyond.status == 422 && beyond.text().contains("channels:"), "a role that reaches beyond channels");
    assert!(beyond.text().contains("value=\"rti/indicators\" checked"), "what was chosen is kept");
    assert!(get(&door, "/tokens", &operator).await.text().contains("There are no tokens yet."), "and none was made");
    door.stop().await;
}

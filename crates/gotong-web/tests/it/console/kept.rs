//! What is typed into a form whose session has ended is not lost: it is there again after the log-in, and is never sent by itself.

use axum::body::Body;
use gotong_app::account::AccountName;
use gotong_app::role::Role;
use gotong_app::session;

use crate::api::accounts::{GOOD, cookies, form, get, person, token_in};
use crate::api::door::{Answer, Door};

/// As a browser sends a form: it asks for a page.
async fn browse(door: &Door, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let mut request = form(door, path, cookie, fields);
    request.headers_mut().insert("accept", "text/html,*/*;q=0.8".parse().unwrap());
    door.send(request).await
}

fn field_of(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    let value = rest.split('"').next()?;
    Some(["&#34;|\"", "&#60;|<", "&#62;|>", "&#39;|'", "&#38;|&"].iter().fold(value.to_owned(), |text, pair| {
        let (escaped, plain) = pair.split_once('|').unwrap();
        text.replace(escaped, plain)
    }))
}

fn zone_of(door: &Door, who: &str) -> Option<String> {
    let name = AccountName::parse(who).unwrap();
    gotong_app::account::lookup(&door.node, &name).unwrap().unwrap().settings.zone
}

#[tokio::test]
async fn what_was_typed_is_there_again_and_goes_only_when_somebody_sends_it() {
    let door = Door::open(231).await;
    let ann = person(&door, "ann", Role::Reader);
    let token = token_in(&get(&door, "/me", &ann).await.text());
    door.clock.advance_ms(session::IDLE_MS + 1);
    let typed = [
        ("form_token", token.as_str()),
        ("theme", "dark"),
        ("zone", "Asia/Dili"),
        ("calendar", "\"><script>x</script>"),
    ];
    let over = browse(&door, "/me/settings", &ann, &typed).await;
    assert_eq!(over.status, 401);
    let page = over.text();
    assert!(
        page.contains("What you typed is kept") && page.contains("type=\"password\"") && !page.contains("<script>x")
    );
    assert!(!page.contains(&token), "the value of the old session does not travel");
    let kept = field_of(&page, "kept").unwrap();
    // A wrong password loses nothing either.
    let wrong = browse(&door, "/log-in", "", &[("name", "ann"), ("password", "x"), ("kept", &kept)]).await;
    assert_eq!((wrong.status, field_of(&wrong.text(), "kept")), (401, Some(kept.clone())));
    let entered = browse(&door, "/log-in", "", &[("name", "ann"), ("password", GOOD), ("kept", &kept)]).await;
    assert_eq!(entered.status, 200, "{}", entered.text());
    let (page, cookie) = (entered.text(), cookies(&entered));
    assert!(page.contains("Send it now?") && page.contains("action=\"/me/settings\"") && page.contains("Asia/Dili"));
    assert!(!page.contains("<script>x") && !page.contains("autofocus") && !page.contains("onload"));
    assert_eq!(zone_of(&door, "ann"), None, "nothing has been sent by itself");
    let fresh = token_in(&page);
    assert_ne!(fresh, token);
    let again = [
        ("form_token", fresh.as_str()),
        ("theme", &field_of(&page, "theme").unwrap()),
        ("zone", &field_of(&page, "zone").unwrap()),
        ("calendar", &field_of(&page, "calendar").unwrap()),
    ];
    assert_eq!(again[3].1, typed[3].1, "as it was typed, sign for sign");
    assert_eq!(browse(&door, "/me/settings", &cookie, &again).await.status, 422, "and judged as any other form");
    let sent = browse(&door, "/me/settings", &cookie, &again[..3]).await;
    assert_eq!(sent.status, 303);
    assert_eq!(zone_of(&door, "ann").as_deref(), Some("Asia/Dili"));
    door.stop().await;
}

#[tokio::test]
async fn somebody_else_who_logs_in_sees_it_first_and_sends_it_as_themselves() {
    let door = Door::open(232).await;
    person(&door, "ann", Role::Reader);
    person(&door, "bo", Role::Reader);
    let over = browse(&door, "/me/settings", "", &[("theme", "dark"), ("zone", "Asia/Dili")]).await;
    let kept = field_of(&over.text(), "kept").unwrap();
    let entered = browse(&door, "/log-in", "", &[("name", "bo"), ("password", GOOD), ("kept", &kept)]).await;
    assert!(entered.text().contains("Nothing has been sent yet"));
    assert_eq!((zone_of(&door, "ann"), zone_of(&door, "bo")), (None, None));
    door.stop().await;
}

#[tokio::test]
async fn passwords_files_and_what_is_too_large_do_not_travel_and_this_is_said() {
    let door = Door::open(233).await;
    person(&door, "ann", Role::Reader);
    let secret =
        browse(&door, "/me/password", "", &[("current", "hunter2-hunter2"), ("password", "hunter3-hunter3")]).await;
    let page = secret.text();
    assert_eq!(secret.status, 401);
    assert!(page.contains("Passwords and codes are not kept") && !page.contains("hunter"), "{page}");
    assert_eq!((field_of(&page, "kept"), field_of(&page, "next").as_deref()), (None, Some("/me")));
    let long = "x".repeat(300 << 10);
    let large = browse(&door, "/me/settings", "", &[("zone", &long)]).await;
    assert!(large.text().contains("too large to be kept") && !large.text().contains("xxxxxxxx"));
    let body = "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n198.51.100.7 \u{e1d}\r\n--B\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"a.json\"\r\nContent-Type: application/json\r\n\r\n{\"in\":\"the file\"}\r\n--B--\r\n";
    let request = door
        .request("POST", "/share", "")
        .header("content-type", "multipart/form-data; boundary=B")
        .header("sec-fetch-site", "same-origin")
        .header("accept", "text/html")
        .body(Body::from(body))
        .unwrap();
    let page = door.send(request).await.text();
    assert!(page.contains("A file cannot be kept") && !page.contains("the file"), "{page}");
    let entered = browse(
        &door,
        "/log-in",
        "",
        &[("name", "ann"), ("password", GOOD), ("kept", &field_of(&page, "kept").unwrap())],
    )
    .await;
    let page = entered.text();
    assert!(page.contains("enctype=\"multipart/form-data\"") && page.contains("action=\"/share\""));
    assert_eq!(field_of(&page, "text").as_deref(), Some("198.51.100.7 \u{e1d}"));
    door.stop().await;
}

#[tokio::test]
async fn nobody_plants_a_form_for_somebody_else_to_send() {
    let door = Door::open(234).await;
    let ann = person(&door, "ann", Role::Reader);
    let planted = |path: &str| {
        serde_json::json!({"path": path, "fields": [["a", "b"]], "has_files": false, "lost": "nothing"}).to_string()
    };
    for path in ["https://evil.example/", "//evil.example", "/log-out", "/me/password"] {
        let fields = [("name", "ann"), ("password", GOOD), ("kept", &planted(path))];
        let entered = browse(&door, "/log-in", "", &fields).await;
        assert_eq!((entered.status, entered.header("location")), (303, "/"), "{path} is not carried on");
    }
    let mut foreign = form(&door, "/log-in/kept", &ann, &[("kept", &planted("/me/settings"))]);
    foreign.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    door.send(foreign).await.expect(403, "cross-site");
    let mut foreign = form(&door, "/me/settings", "", &[("theme", "dark")]);
    foreign.headers_mut().insert("accept", "text/html".parse().unwrap());
    foreign.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    let answer = door.send(foreign).await;
    assert!(answer.status >= 400 && !answer.text().contains("name=\"kept\""), "another site's form is not kept");
    // A program that asks for no page is told what it always was.
    let bare = form(&door, "/me/settings", "", &[("theme", "dark")]);
    door.send(bare).await.expect(401, "unauthenticated");
    door.stop().await;
}

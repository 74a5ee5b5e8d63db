//! Pages as a browser without scripts meets them, and the documents that are checked in.

use axum::body::Body;
use serde_json::json;

use super::door::{Door, indicator, operations};

fn cookie_of(answer: &super::door::Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_typed_into_the_page_shows_what_it_may_read_until_it_ends() {
    let door = Door::open(101).await;
    let operator = door.token(true, true, None);
    let made = door
        .post_json("/api/v1/tokens", &operator, &json!({"name": "Ann <b>", "channels": ["rti/indicators"]}))
        .await
        .json();
    let token = made["token"].as_str().unwrap();
    let mut hostile = indicator(1, "198.51.100.1");
    hostile["name"] = json!("<script>alert(1)</script>{{7*7}}");
    door.publish("rti/indicators", &operator, &hostile).await;
    door.publish("two/hidden", &operator, &indicator(2, "198.51.100.2")).await;
    let outside = door.get("/", "").await.expect(200, "").text();
    assert!(outside.contains("Simulated region") && outside.contains("type=\"password\""));
    assert!(!outside.contains("rti/indicators"));
    let form = |token: &str| {
        door.request("POST", "/session", "")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(format!("token={token}")))
            .unwrap()
    };
    let wrong = door.send(form("gtk_wrong")).await;
    assert_eq!(wrong.status, 401);
    assert!(wrong.text().contains("knows no such token") && wrong.header("set-cookie").is_empty());
    let entered = door.send(form(token)).await;
    assert_eq!((entered.status, entered.header("location")), (303, "/"));
    for flag in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(entered.header("set-cookie").contains(flag));
    }
    let cookie = cookie_of(&entered);
    assert!(!cookie.contains(token), "the token itself never goes into the cookie");
    let page = |cookie: &str| door.request("GET", "/", "").header("cookie", cookie).body(Body::empty()).unwrap();
    let inside = door.send(page(&cookie)).await.expect(200, "").text();
    for part in ["rti/indicators", "TLP:AMBER", "&#60;script&#62;", "Ann &#60;b&#62;", "th"] {
        assert!(inside.contains(part), "{part} is in {inside}");
    }
    assert!(!inside.contains("<script") && !inside.contains("two/hidden") && !inside.contains("indicator 2"));
    // The cookie opens pages and nothing of the API.
    let request = door.request("GET", "/api/v1/channels", "").header("cookie", &cookie).body(Body::empty()).unwrap();
    door.send(request).await.expect(401, "unauthenticated");
    // Another site's form is refused.
    let mut foreign = form(token);
    foreign.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    door.send(foreign).await.expect(403, "cross-site");
    // Our own page's form comes as browsers send it from a page without referrer.
    let mut own = form(token);
    own.headers_mut().insert("origin", "null".parse().unwrap());
    own.headers_mut().insert("sec-fetch-site", "same-origin".parse().unwrap());
    assert_eq!(door.send(own).await.status, 303);
    let end =
        |cookie: &str| door.request("POST", "/session/end", "").header("cookie", cookie).body(Body::empty()).unwrap();
    assert_eq!(door.send(end(&cookie)).await.status, 303);
    assert!(!door.send(page(&cookie)).await.text().contains("rti/indicators"), "logged out");
    // A token that is revoked ends its sessions.
    let cookie = cookie_of(&door.send(form(token)).await);
    assert!(door.send(page(&cookie)).await.text().contains("rti/indicators"));
    door.delete(&format!("/api/v1/tokens/{}", made["id"].as_str().unwrap()), &operator).await.expect(204, "");
    assert!(!door.send(page(&cookie)).await.text().contains("rti/indicators"));
    door.stop().await;
}

#[tokio::test]
async fn pages_bring_no_script_and_no_style_of_their_own() {
    let door = Door::open(102).await;
    for path in ["/", "/api/v1/docs", "/problems", "/problems/too-large"] {
        let page = door.get(path, "").await;
        let text = page.expect(200, "").text();
        assert!(page.header("content-type").starts_with("text/html"));
        for never in ["<script", "<style", " style=", "javascript:", "http://", "https://", " onclick"] {
            assert!(!text.contains(never), "{path}: {never}");
        }
        assert_eq!(page.header("cache-control"), "no-store");
    }
    let problem = door.get("/problems/unauthenticated", "").await.text();
    assert!(problem.contains("<code>gotong token create</code>") && !problem.contains('`'));
    let docs = door.get("/api/v1/docs", "").await.text();
    for (_, path) in operations().keys() {
        assert!(docs.contains(path.as_str()), "{path} is listed");
    }
    door.stop().await;
}

#[test]
fn the_document_that_is_checked_in_is_the_programs() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/v1.json");
    let says = gotong_web::openapi::document();
    if std::env::var_os("GOTONG_WRITE_GENERATED").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &says).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), says, "write it anew with `cargo xtask docs`");
}

#[test]
fn the_document_is_openapi_3_1_with_every_operation_explained() {
    let document: serde_json::Value = serde_json::from_str(&gotong_web::openapi::document()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let operations = operations();
    assert!(operations.len() >= 32, "{}", operations.len());
    let mut ids = std::collections::BTreeSet::new();
    for ((method, path), operation) in operations {
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{method} {path}");
        assert!(operation["responses"]["default"].is_object(), "{method} {path}");
        assert!(operation["tags"][0].is_string(), "{method} {path}");
        assert!(
            ids.insert(operation["operationId"].as_str().unwrap().to_owned()),
            "{method} {path} has an id of its own"
        );
    }
    let text = document.to_string();
    for part in text.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name} is described");
    }
}

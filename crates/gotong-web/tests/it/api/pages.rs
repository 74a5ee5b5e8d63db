//! Pages as a browser without scripts meets them, and the documents that are checked in.

use super::door::{Door, operations};

#[tokio::test]
async fn pages_bring_no_script_and_no_style_of_their_own() {
    let door = Door::open(102).await;
    for path in ["/api/v1/docs", "/problems", "/problems/too-large"] {
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

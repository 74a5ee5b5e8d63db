//! Help: a page for each place of the person's, and none that leads nowhere.

use gotong_app::role::Role;

use crate::api::accounts::{get, person};
use crate::api::door::Door;

#[tokio::test]
async fn every_page_of_help_opens_and_the_foot_leads_to_the_one_of_the_place() {
    let door = Door::open(351).await;
    let admin = person(&door, "boss", Role::Administrator);
    let help = get(&door, "/help", &admin).await.expect(200, "").text();
    let paths: Vec<&str> = help.split("<h3><a href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(paths.len() >= 14, "{paths:?}");
    for path in paths {
        let page = get(&door, path, &admin).await.expect(200, "").text();
        assert_eq!(
            page.matches("<li>help-").count() + page.matches("<dd>help-").count(),
            0,
            "{path}: a text is missing"
        );
        assert!(page.contains("<ol>") && page.contains("<dt>"), "{path}");
    }
    // Each place of the bar has its help.
    let (_, places) = help.split_once("class=\"places\"").unwrap();
    let (places, _) = places.split_once("</nav>").unwrap();
    let paths: Vec<&str> = places.split("<a href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(paths.len() >= 13, "{paths:?}");
    for path in paths.into_iter().filter(|path| *path != "/") {
        get(&door, &format!("/help{path}"), &admin).await.expect(200, "");
    }
    let logs = get(&door, "/logs", &admin).await.text();
    assert!(logs.contains("<a href=\"/help/logs\">"), "the foot");
    get(&door, "/help/no-such", &admin).await.expect(404, "not-found");
    // Whoever may not go there is told what it is for, and gets no way in.
    let reader = person(&door, "ann", Role::Reader);
    assert!(!get(&door, "/help/tokens", &reader).await.text().contains("<a class=\"button plain\" href=\"/tokens\">"));
    assert!(get(&door, "/help/tokens", &admin).await.text().contains("<a class=\"button plain\" href=\"/tokens\">"));
    door.stop().await;
}

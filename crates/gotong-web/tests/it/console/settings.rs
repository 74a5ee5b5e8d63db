//! What somebody chose holds on every page and in every browser, and what is none of ours is refused with its field.

use gotong_app::role::Role;

use crate::api::accounts::{GOOD, cookies, get, log_in, person, post, token_in};
use crate::api::door::Door;

#[tokio::test]
async fn what_somebody_chose_holds_on_every_page_and_in_every_browser() {
    let door = Door::open(221).await;
    let ann = person(&door, "ann", Role::Reader);
    let eve = person(&door, "eve", Role::Reader);
    let page = get(&door, "/me", &ann).await.expect(200, "").text();
    assert!(
        page.contains("data-theme=\"auto\"") && page.contains("lang=\"en\"") && !page.contains("data-keys=\"off\"")
    );
    assert!(page.contains(">Tiếng Việt</option>") && page.contains("value=\"Asia/Ho_Chi_Minh\""));
    let token = token_in(&page);
    // A box that is not ticked sends nothing: single keys are off.
    let wish = [
        ("form_token", token.as_str()),
        ("language", "th"),
        ("zone", "Asia/Bangkok"),
        ("calendar", "buddhist"),
        ("theme", "dark"),
    ];
    let done = post(&door, "/me/settings", &ann, &wish).await;
    assert_eq!(done.status, 303, "{}", done.text());
    assert!(done.header("location").starts_with("/acts/"), "the act has an outcome");
    assert!(cookies(&done).contains("gotong_language=th"));
    get(&door, done.header("location"), &ann).await.expect(200, "");
    // Another browser of hers, whose own wish is another language.
    let elsewhere = cookies(&log_in(&door, "", "ann", GOOD).await);
    for cookie in [&ann, &format!("{elsewhere}; gotong_language=vi")] {
        let page = get(&door, "/me", cookie).await.expect(200, "").text();
        assert!(
            page.contains("<html lang=\"th\" data-theme=\"dark\">") && page.contains("data-keys=\"off\""),
            "{page}"
        );
        assert!(page.contains("UTC+7") && page.contains("พ.ศ."), "times are told in her zone and calendar");
        assert!(page.contains("<option value=\"th\" lang=\"th\" selected>"), "the form shows what holds");
    }
    let other = get(&door, "/me", &eve).await.expect(200, "").text();
    assert!(other.contains("data-theme=\"auto\"") && !other.contains("UTC+7"), "and nobody else's pages change");
    door.stop().await;
}

#[tokio::test]
async fn what_is_none_of_ours_is_refused_and_what_was_typed_stays() {
    let door = Door::open(222).await;
    let ann = person(&door, "ann", Role::Reader);
    let token = token_in(&get(&door, "/me", &ann).await.text());
    let hostile = "\"><script>alert(1)</script>";
    for (field, wrong) in [
        ("language", hostile),
        ("zone", hostile),
        ("zone", "../../etc/passwd"),
        ("calendar", "julian"),
        ("theme", hostile),
    ] {
        let mut wish = vec![("form_token", token.as_str()), ("keys", "on")];
        wish.extend([("language", "vi"), ("zone", "Asia/Dili"), ("calendar", ""), ("theme", "light")]);
        wish.retain(|(name, _)| *name != field);
        wish.push((field, wrong));
        let refused = post(&door, "/me/settings", &ann, &wish).await;
        let page = refused.text();
        assert_eq!(refused.status, 422, "{field}");
        assert!(page.contains("role=\"alert\"") && !page.contains("<script>alert"), "{field}");
        assert_eq!(page.contains("value=\"Asia/Dili\" selected"), field != "zone", "{field}: the rest stays typed");
    }
    let forged = [("form_token", "x"), ("theme", "dark")];
    post(&door, "/me/settings", &ann, &forged).await.expect(403, "cross-site");
    let page = get(&door, "/me", &ann).await.text();
    assert!(page.contains("data-theme=\"auto\"") && page.contains("lang=\"en\""), "nothing was changed");
    door.stop().await;
}

#[tokio::test]
async fn a_visitor_chooses_a_language_before_anything_else_is_known() {
    let door = Door::open(223).await;
    person(&door, "ann", Role::Reader);
    let page = get(&door, "/log-in?next=/intelligence", "").await.expect(200, "").text();
    assert!(
        page.contains("<a href=\"/log-in?next=%2Fintelligence&#38;language=km\" lang=\"km\" hreflang=\"km\">ខ្មែរ</a>"),
        "{page}"
    );
    let chosen = get(&door, "/log-in?next=/intelligence&language=km", "").await;
    assert_eq!(chosen.status, 200);
    let cookie = cookies(&chosen);
    assert!(chosen.text().contains("<html lang=\"km\"") && cookie == "gotong_language=km");
    assert!(chosen.text().contains("value=\"/intelligence\""), "the way on is not lost");
    assert!(get(&door, "/log-in", &cookie).await.text().contains("<html lang=\"km\""));
    for wrong in ["tlh", "%3Cscript%3E", "en%0d%0aSet-Cookie:x=y"] {
        let answer = get(&door, &format!("/log-in?language={wrong}"), "").await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("set-cookie").is_empty() && answer.text().contains("<html lang=\"en\""), "{wrong}");
    }
    door.stop().await;
}

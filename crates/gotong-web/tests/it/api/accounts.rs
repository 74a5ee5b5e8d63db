//! Log-in as a browser without scripts meets it, and what people who mean harm try with it.

use axum::body::Body;
use axum::http::Request;
use gotong_app::account::link::{self, Opened, USUAL_MS, Wish};
use gotong_app::account::manage::{self, Invitation};
use gotong_app::account::{AccountName, Demands};
use gotong_app::caller::Caller;
use gotong_app::role::{ROLES, Right, Role};
use gotong_app::session::{self, From, Stage};
use gotong_crypto::one_time::OneTime;
use serde_json::json;

use super::door::{Answer, Door, indicator};

pub(crate) const GOOD: &str = "rice boat lantern seven";
const OTHER: &str = "seven lantern boats in rain";

fn key(door: &Door, who: &str, role: Role) -> String {
    let name = AccountName::parse(who).unwrap();
    let new = Invitation { name, full_name: String::new(), role, constituent: None, valid_ms: USUAL_MS };
    manage::invite(&door.node, &Caller::operator(), &new).unwrap().unwrap().key
}

/// An account with the password [`GOOD`] and no second factor, and the cookie of a session of it.
pub(crate) fn person(door: &Door, who: &str, role: Role) -> String {
    let wish = Wish { password: GOOD.to_owned(), ..Wish::default() };
    let demands = Demands { second_factor: false };
    match link::open(&door.node, &key(door, who, role), &wish, &From::default(), demands).unwrap() {
        Opened::In(begun) => format!("gotong_session={}", begun.cookie),
        other @ (Opened::Refused(_) | Opened::Gone) => panic!("{other:?}"),
    }
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    out.extend_pairs(fields);
    out.finish()
}

pub(crate) fn form(door: &Door, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Request<Body> {
    door.request("POST", path, "")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", cookie)
        .body(Body::from(encoded(fields)))
        .unwrap()
}

pub(crate) async fn post(door: &Door, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    door.send(form(door, path, cookie, fields)).await
}

/// A form in parts, as a browser sends one that may hold a file. A field is a name and a value; a file has a name such as `file"; filename="a.txt`.
pub(crate) async fn post_parts(door: &Door, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let parts = fields
        .iter()
        .map(|(name, value)| format!("--edge\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    let body = parts.chain(["--edge--\r\n".to_owned()]).collect::<String>();
    let request = door
        .request("POST", path, "")
        .header("content-type", "multipart/form-data; boundary=edge")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", cookie);
    door.send(request.body(Body::from(body)).unwrap()).await
}

pub(crate) async fn get(door: &Door, path: &str, cookie: &str) -> Answer {
    door.send(door.request("GET", path, "").header("cookie", cookie).body(Body::empty()).unwrap()).await
}

pub(crate) async fn log_in(door: &Door, cookie: &str, who: &str, password: &str) -> Answer {
    post(door, "/log-in", cookie, &[("name", who), ("password", password), ("next", "/intelligence")]).await
}

/// Cookies that an answer sets, as a browser sends them back.
pub(crate) fn cookies(answer: &Answer) -> String {
    let set = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    set.map(|value| value.split(';').next().unwrap()).collect::<Vec<_>>().join("; ")
}

pub(crate) fn token_in(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"form_token\" value=\"").expect("a form");
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_name_and_a_password_lead_in_and_log_out_leads_out() {
    let door = Door::open(201).await;
    person(&door, "ann", Role::Reader);
    let outside = get(&door, "/intelligence?q=x", "").await;
    assert_eq!((outside.status, outside.header("location")), (303, "/log-in?next=%2Fintelligence%3Fq%3Dx"));
    let page = get(&door, "/log-in?next=/intelligence", "").await.expect(200, "").text();
    assert!(page.contains("type=\"password\"") && page.contains("value=\"/intelligence\""));
    for (who, password) in [("ann", OTHER), ("nobody", GOOD), ("", ""), ("ann", "")] {
        let wrong = log_in(&door, "", who, password).await;
        assert_eq!(wrong.status, 401);
        assert!(wrong.header("set-cookie").is_empty() && wrong.text().contains("do not go together"), "{who}");
    }
    let entered = log_in(&door, "", "ann", GOOD).await;
    assert_eq!((entered.status, entered.header("location")), (303, "/me?next=%2Fintelligence"), "two tries went wrong");
    for cookie in entered.headers.get_all("set-cookie") {
        for flag in ["HttpOnly", "SameSite=Strict", "Path=/"] {
            assert!(cookie.to_str().unwrap().contains(flag), "{cookie:?}");
        }
    }
    let cookie = cookies(&entered);
    let me = get(&door, "/me", &cookie).await.expect(200, "").text();
    assert!(me.contains("2 tries to log in as you went wrong") && me.contains("127.0.0.1"), "{me}");
    get(&door, "/", &cookie).await.expect(200, "");
    assert_eq!(get(&door, "/log-in?next=//evil.example", &cookie).await.header("location"), "/");
    // The cookie opens pages and nothing of the API.
    let request = door.request("GET", "/api/v1/channels", "").header("cookie", &cookie).body(Body::empty()).unwrap();
    door.send(request).await.expect(401, "unauthenticated");
    let left = post(&door, "/log-out", &cookie, &[]).await;
    assert_eq!((left.status, left.header("location")), (303, "/log-in"));
    assert_eq!(get(&door, "/", &cookie).await.status, 303, "the session has ended, and not the cookie alone");
    door.stop().await;
}

#[tokio::test]
async fn a_session_that_somebody_else_planted_is_worth_nothing_after_the_log_in() {
    let door = Door::open(202).await;
    let planted = person(&door, "eve", Role::Reader);
    person(&door, "ann", Role::Reader);
    get(&door, "/me", &planted).await.expect(200, "");
    let entered = log_in(&door, &planted, "ann", GOOD).await;
    assert_ne!(cookies(&entered).split("; ").next().unwrap(), planted);
    assert_eq!(get(&door, "/me", &planted).await.status, 303, "what was there before has ended");
    let page = get(&door, "/me", &cookies(&entered)).await.expect(200, "").text();
    assert!(page.contains("ann") && !page.contains("eve"));
    door.stop().await;
}

#[tokio::test]
async fn forms_of_other_sites_and_of_other_sessions_are_refused() {
    let door = Door::open(203).await;
    let (ann, eve) = (person(&door, "ann", Role::Reader), person(&door, "eve", Role::Reader));
    let mut foreign = form(&door, "/log-in", "", &[("name", "eve"), ("password", GOOD)]);
    foreign.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    door.send(foreign).await.expect(403, "cross-site");
    let hers = token_in(&get(&door, "/me", &eve).await.text());
    let own = token_in(&get(&door, "/me", &ann).await.text());
    assert_ne!(hers, own);
    for wrong in [hers.as_str(), "", "x"] {
        let fields = [("form_token", wrong), ("current", GOOD), ("password", OTHER)];
        post(&door, "/me/password", &ann, &fields).await.expect(403, "cross-site");
    }
    let fields = [("form_token", own.as_str()), ("current", GOOD), ("password", OTHER)];
    let mut other_site = form(&door, "/me/password", &ann, &fields);
    other_site.headers_mut().insert("sec-fetch-site", "same-site".parse().unwrap());
    door.send(other_site).await.expect(403, "cross-site");
    let wrong = [("form_token", own.as_str()), ("current", OTHER), ("password", OTHER)];
    let again = post(&door, "/me/password", &ann, &wrong).await;
    assert_eq!(again.status, 422);
    assert!(again.text().contains("not your password now"));
    let changed = post(&door, "/me/password", &ann, &fields).await;
    assert_eq!(changed.status, 303, "{}", changed.text());
    assert_eq!(get(&door, "/me", &ann).await.status, 303, "the old session has ended");
    get(&door, "/me", &cookies(&changed)).await.expect(200, "");
    door.stop().await;
}

#[tokio::test]
async fn strangers_wait_and_the_owner_with_a_known_browser_does_not() {
    let door = Door::open(204).await;
    person(&door, "ann", Role::Reader);
    let known = cookies(&log_in(&door, "", "ann", GOOD).await);
    let device = known.split("; ").find(|cookie| cookie.starts_with("gotong_device=")).unwrap().to_owned();
    let mut waits = None;
    for _ in 0..12 {
        let answer = log_in(&door, "", "ann", OTHER).await;
        if answer.status == 429 {
            waits = Some(answer);
            break;
        }
        assert_eq!(answer.status, 401);
    }
    let waits = waits.expect("strangers are slowed down");
    assert!(waits.header("retry-after").parse::<u64>().unwrap() <= 61 && waits.text().contains("Try again in"));
    assert_eq!(log_in(&door, "", "ann", GOOD).await.status, 429, "even the right password from there waits");
    assert_eq!(log_in(&door, &device, "ann", GOOD).await.status, 303, "but not the owner's browser");
    person(&door, "bo", Role::Reader);
    assert_eq!(log_in(&door, "", "bo", GOOD).await.status, 303, "nor anybody else from there");
    let forged = format!("{}x", &device[..device.len() - 1]);
    assert_eq!(log_in(&door, &forged, "ann", GOOD).await.status, 429);
    assert_eq!(log_in(&door, &device.replace("gotong_device=", "gotong_device=9"), "ann", GOOD).await.status, 429);
    door.stop().await;
}

#[tokio::test]
async fn somebody_of_weight_sets_up_a_second_factor_before_anything_opens() {
    let door = Door::open(205).await;
    let path = format!("/welcome?key={}", key(&door, "ann", Role::Analyst));
    for _ in 0..2 {
        let page = get(&door, &path, "").await.expect(200, "").text();
        assert!(page.contains("Welcome") && page.contains("Analyst"), "looking uses nothing up");
    }
    let (_, key) = path.split_once("key=").unwrap();
    let weak = post(&door, "/welcome", "", &[("key", key), ("password", "password1234")]).await;
    assert_eq!(weak.status, 422);
    assert!(weak.text().contains("everybody tries first"));
    let opened = post(&door, "/welcome", "", &[("key", key), ("password", GOOD)]).await;
    assert_eq!((opened.status, opened.header("location")), (303, "/log-in/set-up?next=%2F"));
    assert_eq!(post(&door, "/welcome", "", &[("key", key), ("password", GOOD)]).await.status, 410, "once");
    let half = cookies(&opened);
    for closed in ["/", "/me", "/intelligence", "/users"] {
        assert_eq!(get(&door, closed, &half).await.status, 303, "{closed}");
    }
    let page = get(&door, "/log-in/set-up?next=/", &half).await.expect(200, "").text();
    assert!(page.contains("<svg class=\"qr\"") && !page.contains("onclick"));
    let session = session::find(&door.node, half.strip_prefix("gotong_session=").unwrap()).unwrap().unwrap();
    assert_eq!(session.stage, Stage::SetUp);
    let app = OneTime::from_text(&session.pending.unwrap()).unwrap();
    let code = |door: &Door| app.code(u64::try_from(door.node.now().micros()).unwrap() / 30_000_000);
    let token = token_in(&page);
    let wrong = post(&door, "/log-in/set-up", &half, &[("form_token", &token), ("code", "000000")]).await;
    assert_eq!(wrong.status, 422);
    let right = [("form_token", token.as_str()), ("code", &code(&door))];
    post(&door, "/log-in/set-up", &half, &[("form_token", "x"), right[1]]).await.expect(403, "cross-site");
    let done = post(&door, "/log-in/set-up", &half, &right).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(done.text().matches("<li><code class=\"value\">").count(), 10, "ten recovery codes");
    let whole = cookies(&done);
    get(&door, "/", &whole).await.expect(200, "");
    assert_eq!(get(&door, "/", &half).await.status, 303);
    // The next log-in asks for the code.
    door.clock.advance_ms(60_000);
    let asked = log_in(&door, "", "ann", GOOD).await;
    assert_eq!(asked.header("location"), "/log-in/code?next=%2Fintelligence");
    let half = cookies(&asked);
    assert_eq!(get(&door, "/", &half).await.status, 303);
    let token = token_in(&get(&door, "/log-in/code", &half).await.expect(200, "").text());
    let wrong = post(&door, "/log-in/code", &half, &[("form_token", &token), ("code", "123")]).await;
    assert_eq!(wrong.status, 401);
    let right = [("form_token", token.as_str()), ("code", &code(&door)), ("next", "/intelligence")];
    let entered = post(&door, "/log-in/code", &half, &right).await;
    assert_eq!(entered.header("location"), "/me?next=%2Fintelligence", "past the wrong code");
    get(&door, "/", &cookies(&entered)).await.expect(200, "");
    let replay = post(&door, "/log-in/code", &half, &right).await;
    assert_eq!(replay.status, 303, "the half-way session is gone");
    assert!(replay.header("location").starts_with("/log-in"));
    door.stop().await;
}

#[tokio::test]
async fn accounts_are_kept_by_who_may_and_by_nobody_else() {
    let door = Door::open(206).await;
    for role in ROLES.into_iter().filter(|role| !role.is_for_constituents()) {
        let cookie = person(&door, &format!("a-{role}"), role);
        let status = get(&door, "/users", &cookie).await.status;
        assert_eq!(status, if role.may(Right::Tokens) { 200 } else { 403 }, "{role}");
        let token = token_in(&get(&door, "/me", &cookie).await.text());
        let invited = [("form_token", token.as_str()), ("name", "new"), ("role", "reader")];
        let made = post(&door, "/users/invite", &cookie, &invited).await;
        assert_eq!(made.status, if role.may(Right::Tokens) { 303 } else { 403 }, "{role}");
        if role.may(Right::Tokens) {
            let shown = get(&door, made.header("location"), &cookie).await.expect(200, "").text();
            assert!(shown.contains(">https://gotong.example/welcome?key=gin_"), "{role}: {shown}");
        }
        let closed = post(&door, "/users/a-reader/disable", &cookie, &[("form_token", &token)]).await;
        assert_eq!(closed.status, if role.may(Right::Tokens) { 303 } else { 403 }, "{role}");
    }
    let operator = person(&door, "op", Role::Operator);
    let victim = person(&door, "boss", Role::Administrator);
    let token = token_in(&get(&door, "/me", &operator).await.text());
    for act in ["disable", "reset", "sessions", "role"] {
        let fields = [("form_token", token.as_str()), ("role", "reader")];
        let answer = post(&door, &format!("/users/boss/{act}"), &operator, &fields).await;
        assert!(!answer.text().contains("/welcome?key="), "{act} would take the account over");
        if answer.status == 303 {
            let outcome = get(&door, answer.header("location"), &operator).await.text();
            assert!(!outcome.contains("/welcome?key="), "{act} would take the account over");
        }
        get(&door, "/me", &victim).await.expect(200, "");
    }
    let beyond = [("form_token", token.as_str()), ("name", "me2"), ("role", "administrator")];
    assert_eq!(post(&door, "/users/invite", &operator, &beyond).await.status, 422);
    door.stop().await;
}

#[tokio::test]
async fn programs_look_after_accounts_over_the_api() {
    let door = Door::open(207).await;
    let token = door.token(true, true, None);
    let body = json!({"name": "Ann", "role": "analyst", "full_name": "Ann <b>"});
    let made = door.post_json("/api/v1/users", &token, &body).await;
    let link = made.expect(201, "").json();
    assert_eq!(link["name"], "ann");
    assert!(link["path"].as_str().unwrap().starts_with("/welcome?key=gin_"));
    for (field, value) in [
        ("name", json!("a b")),
        ("role", json!("root")),
        ("constituent", json!("nobody")),
        ("hours", json!(169)),
        ("hours", json!(0)),
    ] {
        let mut wrong = json!({"name": "bo", "role": "reader"});
        wrong[field] = value;
        door.post_json("/api/v1/users", &token, &wrong).await.expect(422, "refused");
    }
    person(&door, "bo", Role::Reader);
    let listed = door.get("/api/v1/users", &token).await.expect(200, "").json();
    assert_eq!(listed["users"][0]["name"], "bo", "an invitation is no account yet");
    assert!(!listed.to_string().contains("argon2"));
    let cookie = person(&door, "cy", Role::Reader);
    door.post_json("/api/v1/users/cy/role", &token, &json!({"role": "analyst"})).await.expect(204, "");
    assert_eq!(get(&door, "/me", &cookie).await.status, 303);
    door.post_json("/api/v1/users/cy/disable", &token, &json!({})).await.expect(204, "");
    assert_eq!(log_in(&door, "", "cy", GOOD).await.status, 401);
    door.post_json("/api/v1/users/cy/reset", &token, &json!({})).await.expect(422, "refused");
    door.post_json("/api/v1/users/cy/enable", &token, &json!({})).await.expect(204, "");
    door.post_json("/api/v1/users/cy/reset", &token, &json!({})).await.expect(201, "");
    door.delete("/api/v1/users/cy/sessions", &token).await.expect(204, "");
    door.post_json("/api/v1/users/nobody/disable", &token, &json!({})).await.expect(404, "not-found");
    door.stop().await;
}

#[tokio::test]
async fn a_name_that_means_harm_is_shown_as_text() {
    let door = Door::open(208).await;
    let operator = door.token(true, true, None);
    let mut hostile = indicator(1, "198.51.100.1");
    hostile["name"] = json!("<script>alert(1)</script>{{7*7}}");
    door.publish("rti/indicators", &operator, &hostile).await;
    let admin = person(&door, "admin", Role::Administrator);
    let token = token_in(&get(&door, "/me", &admin).await.text());
    let typed =
        [("form_token", token.as_str()), ("name", "<script>x"), ("full_name", "<img src=x>"), ("role", "reader")];
    let again = post(&door, "/users/invite", &admin, &typed).await;
    assert_eq!(again.status, 422);
    assert!(
        again.text().contains("&#60;script&#62;x") && again.text().contains("&#60;img src=x&#62;"),
        "what was typed is kept"
    );
    for path in ["/", "/me", "/users"] {
        let page = get(&door, path, &admin).await.expect(200, "").text();
        assert!(!page.contains("<script>") && !page.contains("<img src=x"), "{path}");
    }
    let failed = log_in(&door, "", "\"><script>alert(1)</script>", "x").await.text();
    assert!(!failed.contains("<script>alert"));
    door.stop().await;
}

//! Log-in with an identity provider that the test plays itself: honest first, and then in every way that it, a browser or a stranger can lie.
//! A provider of others is asked in `crates/gotong/tests/it/provider.rs`.

mod played;

use std::collections::{BTreeMap, HashMap};

use gotong_app::account::provider::{self as app, AWAITED_MS, Wanted};
use gotong_app::account::{AccountName, manage};
use gotong_app::caller::Caller;
use gotong_app::role::Role;
use gotong_model::Clock;
use gotong_web::outward::fetch::Fetcher;
use gotong_web::outward::guard::Guard;
use gotong_web::outward::trust;
use gotong_web::provider::ProviderOptions;
use gotong_web::server::Rate;
use serde_json::{Value, json};

use crate::api::accounts::{GOOD, cookies, form, get, person, post, token_in};
use crate::api::door::{Answer, Door, plans};
use played::{CLIENT, Played, SECRET, Sign, json_answer};

fn options(played: &Played) -> ProviderOptions {
    ProviderOptions {
        issuer: played.issuer.clone(),
        client: CLIENT.to_owned(),
        secret: Some(SECRET.to_owned()),
        name: "Ministry <b>".to_owned(),
        scopes: vec!["profile".to_owned()],
        name_claim: "preferred_username".to_owned(),
        role_claim: "groups".to_owned(),
        roles: BTreeMap::from([
            ("readers".to_owned(), (Role::Reader, None)),
            ("analysts".to_owned(), (Role::Analyst, None)),
        ]),
        makes_accounts: false,
        second_amr: vec!["otp".to_owned()],
        second_acr: Vec::new(),
        fetcher: Fetcher::new(Guard::default(), trust::client(None).unwrap()),
    }
}

async fn open_with(seed: u64, change: impl FnOnce(&mut ProviderOptions)) -> (Door, Played) {
    let played = Played::open().await;
    let mut provider = options(&played);
    change(&mut provider);
    let rate = Rate { per_second: 10_000.0, burst: 100_000.0 };
    let door = Door::with_options(seed, plans(true), rate, |options| options.provider = Some(provider)).await;
    let now_s = door.clock.now().micros() / 1_000_000;
    played.change(|play| play.now_s = now_s);
    (door, played)
}

async fn open(seed: u64) -> (Door, Played) {
    open_with(seed, |_| {}).await
}

fn name(text: &str) -> AccountName {
    AccountName::parse(text).unwrap()
}

fn link(door: &Door, played: &Played, account: &str, wanted: &Wanted) {
    app::link(&door.node, &Caller::operator(), &name(account), &played.issuer, wanted).unwrap().unwrap();
}

fn subject() -> Wanted {
    Wanted::Subject("subject-1".to_owned())
}

/// Where a page leads that leads on by itself.
fn leads(answer: &Answer) -> String {
    let page = answer.text();
    let (_, rest) = page.split_once("content=\"0; url=").unwrap_or_else(|| panic!("it leads nowhere: {page}"));
    rest.split('"').next().unwrap().replace("&#38;", "&")
}

/// A way that a browser has begun: its cookie, and what it brings back.
async fn begun(door: &Door, played: &Played, fields: &[(&str, &str)]) -> (String, HashMap<String, String>) {
    let answer = post(door, "/log-in/provider", "", fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let cookie = answer.header("set-cookie");
    for flag in ["HttpOnly", "SameSite=Lax", "Path=/log-in/provider", "Max-Age=600"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    (cookies(&answer), played.consent(&leads(&answer)))
}

async fn back(door: &Door, cookie: &str, brought: &HashMap<String, String>) -> Answer {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(brought).finish();
    get(door, &format!("/log-in/provider/back?{query}"), cookie).await
}

async fn enter(door: &Door, played: &Played) -> Answer {
    let (cookie, brought) = begun(door, played, &[("next", "/intelligence?q=x")]).await;
    back(door, &cookie, &brought).await
}

fn session(answer: &Answer) -> Option<String> {
    cookies(answer).split("; ").find(|one| one.starts_with("gotong_session=")).map(ToOwned::to_owned)
}

fn refused(answer: &Answer, status: u16, says: &str, what: &str) {
    let page = answer.text();
    assert_eq!((answer.status, session(answer)), (status, None), "{what}: {page}");
    assert!(page.contains(says), "{what}: {says:?} is not in {page}");
}

#[tokio::test]
async fn a_linked_person_comes_in_and_goes_out() {
    let (door, played) = open(501).await;
    person(&door, "ann", Role::Reader);
    let page = get(&door, "/log-in?next=/intelligence", "").await.text();
    assert!(page.contains("Log in with ") && page.contains("Ministry &#60;b&#62;") && !page.contains("Ministry <b>"));
    refused(&enter(&door, &played).await, 403, "subject-1", "nobody is linked, and the page names what to ask for");
    link(&door, &played, "ann", &subject());
    let entered = enter(&door, &played).await;
    assert_eq!(entered.status, 200, "{}", entered.text());
    assert_eq!(leads(&entered), "/intelligence?q=x", "the address is kept");
    let cookie = session(&entered).expect("a session");
    assert!(entered.headers.get_all("set-cookie").iter().any(|set| {
        let set = set.to_str().unwrap();
        set.starts_with("gotong_session=") && set.contains("SameSite=Strict")
    }));
    get(&door, "/intelligence?q=x", &cookie).await.expect(200, "");
    let me = get(&door, "/me", &cookie).await.text();
    assert!(me.contains("<span class=\"tag\">Ministry &#60;b&#62;</span>") && me.contains("subject-1"), "{me}");
    let out = post(&door, "/log-out", &cookie, &[]).await;
    assert!(
        out.text().contains("/end?client_id=gotong&#38;post_logout_redirect_uri=https%3A%2F%2Fgotong.example%2Flog-in"),
        "{}",
        out.text()
    );
    assert_eq!(get(&door, "/me", &cookie).await.status, 303);
    manage::disable(&door.node, &Caller::operator(), &name("ann")).unwrap().unwrap();
    refused(&enter(&door, &played).await, 403, "closed", "a closed account");
    manage::enable(&door.node, &Caller::operator(), &name("ann")).unwrap().unwrap();
    let again = session(&enter(&door, &played).await).expect("the account is open again");
    app::unlink(&door.node, &Caller::operator(), &name("ann")).unwrap().unwrap();
    assert_eq!(get(&door, "/me", &again).await.status, 303, "sessions end with the link");
    refused(&enter(&door, &played).await, 403, "subject-1", "the link has ended");
    door.stop().await;
}

#[tokio::test]
async fn a_token_that_does_not_hold_lets_nobody_in() {
    let (door, played) = open(502).await;
    person(&door, "ann", Role::Reader);
    link(&door, &played, "ann", &subject());
    let now = door.clock.now().micros() / 1_000_000;
    for sign in [Sign::Other, Sign::None, Sign::HmacOfKey, Sign::HmacOfSecret, Sign::Garbled] {
        played.change(|play| play.sign = sign);
        refused(&enter(&door, &played).await, 401, "could not be verified", &format!("{sign:?}"));
    }
    played.change(|play| play.sign = Sign::Own);
    for (claims, what) in [
        (json!({"nonce": "another"}), "another nonce"),
        (json!({"nonce": null}), "no nonce"),
        (json!({"aud": "another"}), "another audience"),
        (json!({"aud": [CLIENT, "another"]}), "an audience besides"),
        (json!({"aud": []}), "no audience"),
        (json!({"aud": null}), "no audience at all"),
        (json!({"azp": "another"}), "another authorised party"),
        (json!({"iss": "https://another.example"}), "another issuer"),
        (json!({"iss": format!("{}/", played.issuer)}), "an issuer with a slash"),
        (json!({"iss": null}), "no issuer"),
        (json!({"exp": now - 61}), "over"),
        (json!({"exp": null}), "no end"),
        (json!({"iat": now + 120}), "of tomorrow"),
        (json!({"iat": now - 700}), "old"),
        (json!({"iat": null}), "no beginning"),
        (json!({"sub": null}), "no subject"),
        (json!({"sub": ""}), "an empty subject"),
        (json!({"sub": "x".repeat(256)}), "a long subject"),
    ] {
        played.change(|play| play.claims = claims);
        let answer = enter(&door, &played).await;
        assert!(
            [401, 502].contains(&answer.status) && session(&answer).is_none(),
            "{what}: {} {}",
            answer.status,
            answer.text()
        );
    }
    for (claims, what) in [
        (json!({"aud": [CLIENT], "azp": CLIENT}), "a list of one, and its party"),
        (json!({"exp": now - 30, "iat": now + 30}), "clocks that differ a little"),
        (json!({}), "an honest one"),
    ] {
        played.change(|play| play.claims = claims);
        assert!(session(&enter(&door, &played).await).is_some(), "{what}");
    }
    door.stop().await;
}

#[tokio::test]
async fn a_way_is_of_one_browser_and_opens_once() {
    let (door, played) = open(503).await;
    person(&door, "ann", Role::Reader);
    link(&door, &played, "ann", &subject());
    let stale = "begun in another browser";
    let (cookie, brought) = begun(&door, &played, &[]).await;
    let (other, of_other) = begun(&door, &played, &[]).await;
    refused(&back(&door, "", &brought).await, 401, stale, "no cookie");
    refused(&back(&door, &other, &brought).await, 401, stale, "another browser");
    let forged = format!("{}=aaaa", cookie.split('=').next().unwrap());
    refused(&back(&door, &forged, &brought).await, 401, stale, "another's secret");
    let unknown = HashMap::from([("state".to_owned(), "a".repeat(52)), ("code".to_owned(), "c".to_owned())]);
    refused(&back(&door, &cookie, &unknown).await, 401, stale, "a state of nobody");
    assert!(session(&back(&door, &cookie, &brought).await).is_some(), "strangers have ended nothing");
    refused(&back(&door, &cookie, &brought).await, 401, stale, "a second time");
    // A code that was seen in another's browser is worth nothing here: the challenge is not that of this way.
    let stolen = HashMap::from([
        ("state".to_owned(), of_other["state"].clone()),
        ("code".to_owned(), brought["code"].clone()),
        ("iss".to_owned(), played.issuer.clone()),
    ]);
    refused(&back(&door, &other, &stolen).await, 401, "could not be verified", "a spent code");
    let (cookie, brought) = begun(&door, &played, &[]).await;
    let (victim, of_victim) = begun(&door, &played, &[]).await;
    let mut injected = brought.clone();
    injected.insert("code".to_owned(), of_victim["code"].clone());
    refused(&back(&door, &cookie, &injected).await, 401, "could not be verified", "another's code, not yet spent");
    refused(
        &back(&door, &victim, &of_victim).await,
        401,
        "could not be verified",
        "which has spent it for its owner too",
    );
    for (iss, what) in [
        (Some("https://another.example"), "mixed up"),
        (Some(""), "empty"),
        (None, "missing, though it is always sent"),
    ] {
        let asked = played.play.lock().unwrap().asked.len();
        let (cookie, mut brought) = begun(&door, &played, &[]).await;
        brought.remove("iss");
        brought.extend(iss.map(|iss| ("iss".to_owned(), iss.to_owned())));
        refused(&back(&door, &cookie, &brought).await, 401, "could not be verified", what);
        assert_eq!(played.play.lock().unwrap().asked.len(), asked, "{what}: no code was shown to anybody");
    }
    let (cookie, mut brought) = begun(&door, &played, &[]).await;
    brought.remove("code");
    brought.insert("error".to_owned(), "access_denied".to_owned());
    refused(&back(&door, &cookie, &brought).await, 401, "did not confirm", "the provider says no");
    // Only a form of our own begins a way.
    let foreign = form(&door, "/log-in/provider", "", &[]);
    let (mut parts, body) = foreign.into_parts();
    parts.headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(door.send(axum::http::Request::from_parts(parts, body)).await.status, 403);
    assert!(session(&enter(&door, &played).await).is_some());
    door.stop().await;
}

#[tokio::test]
async fn a_provider_that_says_nothing_good_of_itself_is_not_asked_for_anybody() {
    let moved = b"HTTP/1.1 302 Found\r\nLocation: /moved\r\nContent-Length: 0\r\n\r\n".to_vec();
    let huge =
        [b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n".as_slice(), &vec![b' '; 300 << 10]].concat();
    let place = "/.well-known/openid-configuration";
    let mut seed = 510;
    for (answers, metadata, what) in [
        (Some((place, moved.clone())), json!({}), "it leads elsewhere"),
        (Some((place, huge.clone())), json!({}), "it is huge"),
        (Some((place, json_answer("200 OK", &json!([])))), json!({}), "it is no metadata"),
        (Some((place, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nnot json!".to_vec())), json!({}), "it is no JSON"),
        (Some(("/keys", moved)), json!({}), "its keys are elsewhere"),
        (Some(("/keys", huge)), json!({}), "its keys are huge"),
        (None, json!({"issuer": "https://another.example"}), "it is another"),
        (None, json!({"jwks_uri": "http://192.0.2.1/keys"}), "its keys are in the clear"),
        (None, json!({"jwks_uri": "https://169.254.169.254/keys"}), "its keys are inside"),
        (None, json!({"authorization_endpoint": "http://another.example/"}), "browsers go in the clear"),
        (None, json!({"authorization_endpoint": "javascript:alert(1)"}), "browsers go nowhere"),
    ] {
        seed += 1;
        let (door, played) = open(seed).await;
        played.change(|play| {
            play.metadata = metadata;
            play.answers.extend(answers);
        });
        let answer = post(&door, "/log-in/provider", "", &[("next", "/me")]).await;
        refused(&answer, 502, "does not answer as it should", what);
        assert!(answer.header("set-cookie").is_empty() && !answer.text().contains("http-equiv"), "{what}");
        assert!(!played.play.lock().unwrap().asked.iter().any(|path| path == "/moved"), "{what}");
        door.stop().await;
    }
    let (door, played) = open(530).await;
    played.change(|play| play.silent.push("/keys"));
    let began = tokio::time::Instant::now();
    refused(&post(&door, "/log-in/provider", "", &[]).await, 502, "does not answer", "it is silent");
    assert!(began.elapsed().as_secs() < 30);
    refused(&post(&door, "/log-in/provider", "", &[]).await, 502, "does not answer", "and is not asked again at once");
    door.stop().await;
}

#[tokio::test]
async fn a_token_endpoint_that_answers_badly_lets_nobody_in_and_new_keys_are_found() {
    let (door, played) = open(531).await;
    person(&door, "ann", Role::Reader);
    link(&door, &played, "ann", &subject());
    assert!(session(&enter(&door, &played).await).is_some());
    let huge =
        [b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n".as_slice(), &vec![b'['; 300 << 10]].concat();
    for (answer, status) in [
        (huge, 502),
        (json_answer("200 OK", &json!({"access_token": "t", "token_type": "Bearer"})), 401),
        (json_answer("200 OK", &json!({"access_token": "t", "token_type": "Bearer", "id_token": "a.b.c"})), 502),
        (json_answer("500 Internal Server Error", &json!({})), 502),
        (json_answer("401 Unauthorized", &json!({"error": "invalid_client"})), 401),
        (b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".to_vec(), 502),
    ] {
        played.change(|play| {
            play.answers.insert("/token", answer.clone());
        });
        let entered = enter(&door, &played).await;
        assert_eq!((entered.status, session(&entered)), (status, None), "{}", String::from_utf8_lossy(&answer[..40]));
    }
    played.change(|play| play.answers.clear());
    played.change(|play| play.rotate("two"));
    assert!(session(&enter(&door, &played).await).is_some(), "new keys, and a new name for them");
    played.change(|play| play.rotate("three"));
    refused(
        &enter(&door, &played).await,
        401,
        "could not be verified",
        "new keys again at once: nobody makes the node ask all the time",
    );
    assert!(!played.play.lock().unwrap().asked.iter().any(|path| path == "/elsewhere"));
    door.stop().await;
}

#[tokio::test]
async fn a_name_links_once_and_is_no_way_in_afterwards() {
    let (door, played) = open(532).await;
    person(&door, "ann", Role::Reader);
    person(&door, "bob", Role::Reader);
    let by_name = Wanted::Name("ann@ministry.example".to_owned());
    link(&door, &played, "ann", &by_name);
    let again = app::link(&door.node, &Caller::operator(), &name("bob"), &played.issuer, &by_name).unwrap();
    assert!(again.is_err(), "one person, one account");
    played.change(|play| play.claims = json!({"preferred_username": "Ann@ministry.example"}));
    refused(&enter(&door, &played).await, 403, "subject-1", "letters count");
    played.change(|play| play.claims = json!({}));
    assert!(session(&enter(&door, &played).await).is_some());
    played.change(|play| play.claims = json!({"sub": "subject-2"}));
    refused(&enter(&door, &played).await, 403, "subject-2", "whoever has the name afterwards");
    played.change(|play| play.claims = json!({"preferred_username": "ann.married@ministry.example"}));
    assert!(session(&enter(&door, &played).await).is_some(), "and the person may change it");
    // What waits in vain opens no more.
    link(&door, &played, "bob", &Wanted::Name("bob@ministry.example".to_owned()));
    door.clock.advance_ms(AWAITED_MS + 1);
    let now_s = door.clock.now().micros() / 1_000_000;
    played.change(|play| {
        play.now_s = now_s;
        play.claims = json!({"sub": "subject-3", "preferred_username": "bob@ministry.example"});
    });
    refused(&enter(&door, &played).await, 403, "subject-3", "after a week");
    door.stop().await;
}

#[tokio::test]
async fn our_second_factor_is_asked_for_unless_the_configuration_takes_theirs() {
    let (door, played) = open(533).await;
    person(&door, "ann", Role::Analyst);
    link(&door, &played, "ann", &subject());
    for claims in [json!({}), json!({"amr": ["pwd"]}), json!({"amr": ["mfa"]}), json!({"acr": "otp"})] {
        played.change(|play| play.claims = claims.clone());
        let half_way = enter(&door, &played).await;
        assert!(leads(&half_way).starts_with("/log-in/set-up?next="), "{claims}");
        let cookie = session(&half_way).unwrap();
        assert_eq!(get(&door, "/intelligence", &cookie).await.status, 303, "it opens nothing: {claims}");
        get(&door, "/log-in/set-up", &cookie).await.expect(200, "");
    }
    played.change(|play| play.claims = json!({"amr": ["pwd", "otp"]}));
    let whole = enter(&door, &played).await;
    get(&door, "/intelligence", &session(&whole).unwrap()).await.expect(200, "");
    door.stop().await;
}

#[tokio::test]
async fn accounts_are_made_only_where_that_is_said_and_take_over_nobodys() {
    let with_group = |groups: Value| json!({"groups": groups, "preferred_username": "new@ministry.example"});
    let (door, played) = open(534).await;
    played.change(|play| play.claims = with_group(json!(["readers"])));
    refused(&enter(&door, &played).await, 403, "subject-1", "usually none is made");
    door.stop().await;
    let (door, played) = open_with(535, |options| options.makes_accounts = true).await;
    for groups in [json!([]), json!(["Readers", "others"]), json!(["readers", "analysts"]), json!({"readers": 1})] {
        played.change(|play| play.claims = with_group(groups.clone()));
        refused(&enter(&door, &played).await, 403, "no group", &groups.to_string());
    }
    played.change(|play| play.claims = json!({"groups": "readers", "preferred_username": "Nguyễn Thị Ánh"}));
    refused(&enter(&door, &played).await, 403, "no name", "a name that no account can have");
    person(&door, "ann@ministry.example", Role::Reader);
    played.change(|play| play.claims = json!({"groups": ["readers"]}));
    refused(&enter(&door, &played).await, 403, "There is an account", "somebody else's name");
    played.change(|play| play.claims = with_group(json!(["readers"])));
    let cookie = session(&enter(&door, &played).await).expect("an account is made");
    let me = get(&door, "/me", &cookie).await.text();
    assert!(me.contains("new@ministry.example") && me.contains("Ann of the Ministry"), "{me}");
    assert_eq!(get(&door, "/users", &cookie).await.status, 403, "and it is a reader's");
    played.change(|play| play.claims = with_group(json!(["analysts"])));
    let cookie = session(&enter(&door, &played).await).expect("another group");
    let me = get(&door, "/me", &cookie).await.text();
    assert!(me.contains("Reader"), "roles are changed here: {me}");
    played.change(|play| play.claims = with_group(json!([])));
    refused(&enter(&door, &played).await, 403, "no group", "whoever was let in for a group is out with it");
    door.stop().await;
}

async fn own_link(door: &Door, cookie: &str, password: &str) -> Answer {
    let page = get(door, "/me", cookie).await.expect(200, "").text();
    post(door, "/me/provider", cookie, &[("form_token", &token_in(&page)), ("current", password)]).await
}

#[tokio::test]
async fn people_link_themselves_with_their_password_and_end_it_again() {
    let (door, played) = open(536).await;
    let ann = person(&door, "ann", Role::Reader);
    let wrong = own_link(&door, &ann, "seven lantern boats in rain").await;
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    let answer = own_link(&door, &ann, GOOD).await;
    let (lent, brought) = (cookies(&answer), played.consent(&leads(&answer)));
    // The session's cookie does not come along when another site sends the browser here.
    let done = back(&door, &lent, &brought).await;
    assert_eq!((done.status, session(&done)), (200, None), "{}", done.text());
    assert!(leads(&done).starts_with("/acts/"));
    assert!(get(&door, &leads(&done), &ann).await.expect(200, "").text().contains("Your account is linked"));
    assert!(session(&enter(&door, &played).await).is_some());
    // The same person cannot stand behind another account, and a session that has ended links nothing.
    let bob = person(&door, "bob", Role::Reader);
    let answer = own_link(&door, &bob, GOOD).await;
    let elsewhere = back(&door, &cookies(&answer), &played.consent(&leads(&answer))).await;
    refused(&elsewhere, 403, "Another account here", "linked already");
    played.change(|play| play.claims = json!({"sub": "subject-2"}));
    let answer = own_link(&door, &bob, GOOD).await;
    let brought = played.consent(&leads(&answer));
    post(&door, "/log-out", &bob, &[]).await;
    refused(&back(&door, &cookies(&answer), &brought).await, 403, "has ended", "the session is over");
    played.change(|play| play.claims = json!({}));
    let page = get(&door, "/me", &ann).await.text();
    for (password, status) in [("seven lantern boats in rain", 422), (GOOD, 303)] {
        let fields = [("form_token", token_in(&page)), ("current", password.to_owned())];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(post(&door, "/me/provider/end", &ann, &fields).await.status, status);
    }
    refused(&enter(&door, &played).await, 403, "subject-1", "the link has ended");
    door.stop().await;
}

#[tokio::test]
async fn what_was_typed_before_the_session_ended_comes_along() {
    let (door, played) = open(537).await;
    person(&door, "ann", Role::Reader);
    link(&door, &played, "ann", &subject());
    let kept = json!({"path": "/share", "fields": [["text", "typed <b> ฝน"]], "has_files": false, "lost": "nothing"})
        .to_string();
    let (cookie, brought) = begun(&door, &played, &[("kept", &kept)]).await;
    let page = back(&door, &cookie, &brought).await;
    assert!(
        page.text().contains("typed &#60;b&#62; ฝน") && page.text().contains("action=\"/share\""),
        "{}",
        page.text()
    );
    assert_eq!(token_in(&page.text()).len() > 20, session(&page).is_some());
    // What cannot be verified loses nothing either.
    let (cookie, brought) = begun(&door, &played, &[("kept", &kept)]).await;
    played.change(|play| play.sign = Sign::Other);
    let page = back(&door, &cookie, &brought).await;
    refused(&page, 401, "could not be verified", "a token that does not hold");
    assert!(
        page.text().contains("typed &#60;b&#62;")
            || page.text().contains("typed \\u003cb\\u003e")
            || page.text().contains("typed &lt;b"),
        "{}",
        page.text()
    );
    door.stop().await;
}

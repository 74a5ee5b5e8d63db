//! The first steps on the first page, and exercise data loaded and removed there: who sees what, forms of others, outcomes.

use gotong_app::role::Role;
use gotong_model::Timestamp;
use gotong_model::document::{self, Purpose};
use gotong_testkit::builders::Founding;

use crate::api::accounts::{GOOD, cookies, get, person, post, token_in};
use crate::api::door::{Answer, Door, START, indicator, plans};

/// A node with a channel for exercises, `house/notices`.
async fn with_drill(seed: u64) -> Door {
    let door = Door::open(seed).await;
    let start = Timestamp::from_canonical(START).unwrap();
    let founding = Founding::new(seed, &["id", "th", "vn"], &plans(true), start);
    let mut rule = founding.house_rule(0, &[], start);
    rule.terms.channel_types[0].exercise = true;
    let text = document::text(&founding.region, Purpose::House, &rule.to_value());
    let keys = &founding.members[0];
    let name = document::signer_name(&founding.region, &keys.code, document::Role::Root);
    let lines = vec![gotong_crypto::note::sign_line(&text, &name, &keys.root)];
    door.node.adopt(gotong_crypto::note::Note { text, lines }.encode().as_bytes()).unwrap();
    door
}

async fn press(door: &Door, who: &str, path: &str, more: &[(&str, &str)]) -> Answer {
    let form = token_in(&get(door, "/", who).await.expect(200, "").text());
    post(door, path, who, &[&[("form_token", form.as_str())], more].concat()).await
}

/// What the outcome's page says.
async fn outcome(door: &Door, who: &str, answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(answer.header("location").starts_with("/acts/"), "{}", answer.header("location"));
    get(door, answer.header("location"), who).await.expect(200, "").text()
}

#[tokio::test]
async fn exercise_data_are_loaded_and_removed_with_one_press_each() {
    let door = with_drill(601).await;
    let ann = person(&door, "ann", Role::Administrator);
    let now = get(&door, "/", &ann).await.expect(200, "").text();
    assert!(now.contains("Load exercise data") && !now.contains("Remove exercise data"), "{now}");
    let told = outcome(&door, &ann, &press(&door, &ann, "/start/load", &[]).await).await;
    assert!(told.contains("17 exercise objects are loaded") && told.contains("outcome done"), "{told}");
    let told = outcome(&door, &ann, &press(&door, &ann, "/start/load", &[]).await).await;
    assert!(told.contains("were there already"), "{told}");
    let now = get(&door, "/", &ann).await.text();
    assert!(now.contains("Remove exercise data") && now.contains("nothing here is real"), "{now}");
    assert!(!now.contains("EXERCISE: "), "what is new on the first page is real: {now}");
    // In its channel it is shown, says what it is, and leads on within it.
    let list = get(&door, "/intelligence?channel=house%2Fnotices", &ann).await.expect(200, "").text();
    assert!(list.contains("EXERCISE: TideLoader") && list.contains("class=\"exercise\""), "{list}");
    let path = "/intelligence/malware--d45f8a17-3b62-4c0e-9e71-82a6c0f35b03";
    assert!(list.contains(&format!("href=\"{path}?channel=house%2Fnotices\"")), "{list}");
    let page = get(&door, &format!("{path}?channel=house%2Fnotices"), &ann).await.expect(200, "").text();
    assert!(page.contains("class=\"exercise\"") && page.contains("Fetches further programs"), "{page}");
    assert!(!page.contains(&format!("{path}/withdraw")) && !page.contains("/graph\""), "{page}");
    assert!(page.contains("relationship--19e4a6d8-b57f-4c02-93fa-7d61c08e2b12?channel=house%2Fnotices"), "{page}");
    let proof = page.split("href=\"").find(|piece| piece.starts_with("/provenance")).unwrap();
    let proof = proof.split('"').next().unwrap().replace("&#38;", "&");
    let proof = get(&door, &proof, &ann).await.expect(200, "").text();
    assert!(proof.contains("class=\"exercise\""), "{proof}");
    for elsewhere in ["", "?channel=rti%2Findicators", "?channel=no%2Fsuch"] {
        assert_eq!(get(&door, &format!("{path}{elsewhere}"), &ann).await.status, 404, "{elsewhere}");
    }
    let all = get(&door, "/intelligence", &ann).await.text();
    assert!(!all.contains("EXERCISE: ") && !all.contains("class=\"exercise\""), "{all}");
    let told = outcome(&door, &ann, &press(&door, &ann, "/start/remove", &[]).await).await;
    assert!(told.contains("17 exercise objects are removed") && told.contains("18 entries are erased"), "{told}");
    let list = get(&door, "/intelligence?channel=house%2Fnotices", &ann).await.text();
    assert!(!list.contains("EXERCISE: "), "{list}");
    let told = outcome(&door, &ann, &press(&door, &ann, "/start/remove", &[]).await).await;
    assert!(told.contains("no exercise data"), "{told}");
    door.stop().await;
}

#[tokio::test]
async fn each_sees_the_steps_that_are_theirs_and_no_form_of_others_acts() {
    let door = with_drill(602).await;
    let (operator, duty) = (person(&door, "ops", Role::Operator), person(&door, "duty", Role::DutyOfficer));
    let (reader, legal) = (person(&door, "red", Role::Reader), person(&door, "leg", Role::Legal));
    let page = get(&door, "/", &operator).await.text();
    for (said, is_there) in [
        ("Who we are", true),
        ("A second person", true),
        ("One partner", true),
        ("One source", false),
        ("One test share", false),
        ("Load exercise data", false),
    ] {
        assert_eq!(page.contains(said), is_there, "{said}: {page}");
    }
    let page = get(&door, "/", &duty).await.text();
    assert!(page.contains("Load exercise data") && !page.contains("Who we are"), "{page}");
    for who in [&reader, &legal] {
        let page = get(&door, "/", who).await.text();
        assert!(!page.contains("First steps") && !page.contains("exercise data"), "{page}");
        for path in ["/start/load", "/start/remove"] {
            assert_eq!(press(&door, who, path, &[]).await.status, 403, "{path}");
        }
    }
    // Who runs the node speaks for nobody: publishing is for others, exercises too.
    assert_eq!(press(&door, &operator, "/start/load", &[]).await.status, 403);
    for path in ["/start/load", "/start/remove", "/start/away"] {
        for forged in ["", "a", &"a".repeat(52)] {
            assert_eq!(post(&door, path, &duty, &[("form_token", forged)]).await.status, 403, "{path} {forged}");
        }
        assert_eq!(post(&door, path, "", &[]).await.status, 401, "{path}");
    }
    let list = get(&door, "/intelligence?channel=house%2Fnotices", &duty).await.text();
    assert!(!list.contains("EXERCISE: "), "nothing of that loaded anything");
    outcome(&door, &duty, &press(&door, &duty, "/start/load", &[]).await).await;
    let list = get(&door, "/intelligence?channel=house%2Fnotices", &duty).await.text();
    assert!(list.contains("EXERCISE: "), "the control");
    door.stop().await;
}

#[tokio::test]
async fn the_list_goes_when_it_is_put_away_or_the_node_has_shared_something() {
    let door = with_drill(603).await;
    let (ann, bob) = (person(&door, "ann", Role::Administrator), person(&door, "bob", Role::Administrator));
    let on_now = async |who: &str| get(&door, "/", who).await.expect(200, "").text().contains("One test share");
    assert!(on_now(&ann).await && on_now(&bob).await);
    let told = outcome(&door, &ann, &press(&door, &ann, "/start/away", &[("away", "yes")]).await).await;
    assert!(told.contains("is put away"), "{told}");
    assert!(!on_now(&ann).await && on_now(&bob).await, "each account for itself");
    // Settings chosen afterwards do not bring it back, and its own page still has it.
    let form = token_in(&get(&door, "/me", &ann).await.text());
    let chosen = [("form_token", form.as_str()), ("theme", "dark"), ("keys", "on")];
    assert_eq!(post(&door, "/me/settings", &ann, &chosen).await.status, 303);
    assert!(!on_now(&ann).await);
    let page = get(&door, "/start", &ann).await.expect(200, "").text();
    assert!(page.contains("One test share") && page.contains("Show this list on the first page"), "{page}");
    let told = outcome(&door, &ann, &press(&door, &ann, "/start/away", &[("away", "no")]).await).await;
    assert!(told.contains("on the first page again") && on_now(&ann).await, "{told}");
    // What the steps say is what is there.
    assert!(page.matches("state good").count() >= 3, "identity, people, partner: {page}");
    door.publish("rti/indicators", &door.token(true, false, None), &indicator(1, "198.51.100.1")).await;
    assert!(!on_now(&ann).await && !on_now(&bob).await, "a node that shares is young no more");
    door.stop().await;
}

#[tokio::test]
async fn a_root_key_that_lies_on_the_machine_is_told_to_whoever_runs_the_node() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("root.key");
    std::fs::write(&key, "a key").unwrap();
    let rate = gotong_web::server::Rate { per_second: 10_000.0, burst: 100_000.0 };
    let place = key.clone();
    let door = Door::with_options(604, plans(true), rate, |options| options.root_key = Some(place)).await;
    let ann = person(&door, "ann", Role::Administrator);
    let page = get(&door, "/start", &ann).await.expect(200, "").text();
    assert!(page.contains("still lies on this machine") && page.contains("gotong doctor"), "{page}");
    assert!(page.contains("needs a channel") || page.contains("need a channel for exercises"), "{page}");
    std::fs::remove_file(&key).unwrap();
    let page = get(&door, "/start", &ann).await.text();
    assert!(page.contains("is not on this machine") && !page.contains("gotong doctor"), "{page}");
    // Without a channel for exercises there is nothing to press, and a press says why.
    assert!(!page.contains("/start/load"), "{page}");
    let told = outcome(&door, &ann, &press(&door, &ann, "/start/load", &[]).await).await;
    assert!(told.contains("outcome refused") && told.contains("exercise = true"), "{told}");
    door.stop().await;
}

#[tokio::test]
async fn a_real_node_offers_no_name_to_its_first_account() {
    let door = Door::open(605).await;
    let made = gotong_app::account::link::first(&door.node).unwrap().unwrap();
    let page = get(&door, &made.path(), "").await.expect(200, "").text();
    assert!(page.contains("name=\"name\" value=\"\""), "{page}");
    let key = made.path().split_once("key=").unwrap().1.to_owned();
    let entered = post(&door, "/welcome", "", &[("key", &key), ("name", "ann"), ("password", GOOD)]).await;
    assert!(entered.status == 303 && !cookies(&entered).is_empty(), "the control: {}", entered.text());
    door.stop().await;
}

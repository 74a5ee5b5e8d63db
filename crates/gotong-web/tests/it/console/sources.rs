//! Sources, targets, webhooks and warninglists: set up by a form, refused with why, paused and removed, every act with an outcome.

use gotong_app::caller::Caller;
use gotong_app::role::Role;
use gotong_app::warninglist::Loading;

use crate::api::accounts::{get, person, post, token_in};
use crate::api::door::Door;

#[tokio::test]
async fn a_source_is_added_paused_run_and_removed_each_with_an_outcome() {
    let door = Door::open(341).await;
    let officer = person(&door, "rel", Role::ReleasingOfficer);
    let empty = get(&door, "/sources", &officer).await.expect(200, "").text();
    assert!(empty.contains("There are no sources yet."));
    let token = token_in(&empty);
    let fields = [
        ("form_token", token.as_str()),
        ("name", "feed-1"),
        ("kind", "http"),
        ("url", "https://feed.example/list.txt?a=<b>"),
        ("channel", "rti/indicators"),
        ("label", "green"),
        ("every_min", "30"),
        ("user", "reader"),
        ("password", "a secret of theirs"),
    ];
    let added = post(&door, "/sources/add", &officer, &fields).await;
    assert_eq!(added.status, 303, "{}", added.text());
    let outcome = get(&door, added.header("location"), &officer).await.text();
    assert!(outcome.contains("outcome done") && outcome.contains("feed-1"), "{outcome}");
    let page = get(&door, "/sources", &officer).await.text();
    for text in ["id=\"source-feed-1\"", "has not run yet", "every 30 minutes", "rti/indicators", "TLP:GREEN"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("a secret of theirs") && !page.contains("<b>\""), "{page}");
    // A second one of this name would change the first unseen.
    let again = post(&door, "/sources/add", &officer, &fields).await;
    assert_eq!(again.status, 422);
    assert!(again.text().contains("This name is taken.") && !again.text().contains("a secret of theirs"));
    assert!(again.text().contains("value=\"feed-1\""), "what was typed is kept");
    let act = async |what: &str| {
        let done = post(&door, &format!("/sources/feed-1/{what}"), &officer, &[("form_token", &token)]).await;
        assert_eq!(done.status, 303, "{what}: {}", done.text());
        get(&door, done.header("location"), &officer).await.expect(200, "").text()
    };
    assert!(act("pause").await.contains("is paused"));
    assert!(get(&door, "/sources", &officer).await.text().contains("<span class=\"state calm\">paused</span>"));
    assert!(act("resume").await.contains("outcome done"));
    // This node asks nothing outside, and says so.
    let refused = act("run").await;
    assert!(refused.contains("outcome refused") && refused.contains("fetches nothing from outside"), "{refused}");
    assert!(act("remove").await.contains("What it published stays"));
    for what in ["remove", "run", "explode"] {
        let gone = post(&door, &format!("/sources/feed-1/{what}"), &officer, &[("form_token", &token)]).await;
        gone.expect(404, "not-found");
    }
    door.stop().await;
}

#[tokio::test]
async fn what_cannot_stand_is_refused_with_its_field() {
    let door = Door::open(342).await;
    let officer = person(&door, "rel", Role::ReleasingOfficer);
    let token = token_in(&get(&door, "/sources", &officer).await.text());
    let good = [("name", "feed"), ("kind", "http"), ("url", "https://feed.example/"), ("channel", "rti/indicators")];
    for (field, value, said) in [
        ("name", "a b", "the name must be"),
        ("kind", "ftp", "kind:"),
        ("url", "file:///etc/passwd", "url:"),
        ("url", "https://user:word@feed.example/", "url:"),
        ("channel", "no/such", "channel:"),
        ("label", "red", "label:"),
        ("every_min", "0", "every_min:"),
        ("every_min", "soon", "whole number of minutes"),
        ("user", "somebody", "credentials:"),
    ] {
        let mut fields: Vec<(&str, &str)> = good.iter().copied().filter(|(name, _)| *name != field).collect();
        fields.extend([("form_token", token.as_str()), (field, value)]);
        let answer = post(&door, "/sources/add", &officer, &fields).await;
        assert_eq!(answer.status, 422, "{field} {value}");
        assert!(answer.text().contains(said), "{field} {value}: {}", answer.text());
    }
    assert!(get(&door, "/sources", &officer).await.text().contains("There are no sources yet."));
    let mut fields = good.to_vec();
    fields.push(("form_token", &token));
    assert_eq!(post(&door, "/sources/add", &officer, &fields).await.status, 303, "the rest of it can stand");
    door.stop().await;
}

#[tokio::test]
async fn a_target_that_a_clause_forbids_is_refused_with_the_clause() {
    let door = Door::open(343).await;
    let officer = person(&door, "rel", Role::ReleasingOfficer);
    let token = token_in(&get(&door, "/targets", &officer).await.text());
    let fields = [
        ("form_token", token.as_str()),
        ("name", "partner"),
        ("url", "https://taxii.example/api/"),
        ("channel", "rti/indicators"),
        ("channel", "rti/advisories"),
        ("label_max", "green"),
    ];
    let refused = post(&door, "/targets/add", &officer, &fields).await;
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(
        refused.text().contains("channels/0:")
            && refused.text().contains("(rti ")
            && refused.text().contains("value=\"rti/advisories\" checked")
    );
    door.agree(343, "open", |kind| kind.onward = gotong_model::agreement::Onward::Public);
    let fields = [
        ("form_token", token.as_str()),
        ("name", "partner"),
        ("url", "https://taxii.example/api/"),
        ("channel", "open/indicators"),
        ("label_max", "green"),
    ];
    let added = post(&door, "/targets/add", &officer, &fields).await;
    assert_eq!(added.status, 303, "{}", added.text());
    let page = get(&door, "/targets", &officer).await.text();
    assert!(page.contains("id=\"target-partner\"") && page.contains("open/indicators"), "{page}");
    let removed = post(&door, "/targets/partner/remove", &officer, &[("form_token", &token)]).await;
    let outcome = get(&door, removed.header("location"), &officer).await.text();
    assert!(outcome.contains("What was sent there stays there"), "{outcome}");
    door.stop().await;
}

#[tokio::test]
async fn warninglists_are_listed_with_their_counts_and_moments() {
    let door = Door::open(344).await;
    let reader = person(&door, "ann", Role::Reader);
    assert!(get(&door, "/warninglists", &reader).await.text().contains("No warninglist is loaded."));
    let mut loading = Loading::begin(&door.node, &Caller::operator()).unwrap();
    let list = serde_json::json!({"name": "Our <b>own</b> resolvers", "version": 3, "description": "resolvers that everybody asks",
        "type": "cidr", "matching_attributes": ["ip-dst"], "list": ["198.51.100.53/32", "198.51.100.54/32"]});
    loading.put(1, list.to_string().as_bytes()).unwrap();
    loading.finish().unwrap();
    let page = get(&door, "/warninglists", &reader).await.expect(200, "").text();
    assert!(
        page.contains("Our &#60;b&#62;own&#60;/b&#62; resolvers") && page.contains("informs when shared"),
        "{page}"
    );
    assert!(page.contains("class=\"num\"><span>2</span>"), "{page}");
    door.stop().await;
}

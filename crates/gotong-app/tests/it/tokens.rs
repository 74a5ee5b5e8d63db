//! Tokens: found by their secret alone, limited to what they say, ended by time or by hand.

use gotong_app::token::{self, NewToken};
use gotong_app::view;

use crate::region::{Region, Treaty, at, indicator};

#[test]
fn a_token_counts_from_its_making_to_its_end() {
    let region = Region::usual();
    let id = region.open("id");
    let new = NewToken {
        name: "siem".to_owned(),
        expires: Some(at("2026-06-02T00:00:00Z")),
        may_publish: true,
        ..NewToken::default()
    };
    let (token, secret) = token::create(&id.node, &new).unwrap();
    assert!(secret.starts_with("gtk_") && secret.len() == 56);
    assert!(!id.store.contains_bytes(secret.as_bytes()), "only its digest is kept");
    let caller = token::authenticate(&id.node, &secret).unwrap().unwrap();
    assert_eq!((caller.name.as_str(), caller.may_publish, caller.may_operate), ("siem", true, false));
    for wrong in ["", "gtk_", &secret[..55], &secret.to_uppercase(), &format!("{secret}a")] {
        assert_eq!(token::authenticate(&id.node, wrong).unwrap(), None, "{wrong}");
    }
    let listed = token::list(&id.node).unwrap();
    assert_eq!((listed.len(), &listed[0].id, &listed[0].token), (1, &token, &new));
    region.advance_ms(86_400_000);
    assert_eq!(token::authenticate(&id.node, &secret).unwrap(), None, "its time is over");

    let (token, secret) = token::create(&id.node, &NewToken::default()).unwrap();
    assert!(token::authenticate(&id.node, &secret).unwrap().is_some());
    assert!(token::revoke(&id.node, &token).unwrap());
    assert!(!token::revoke(&id.node, &token).unwrap());
    assert_eq!(token::authenticate(&id.node, &secret).unwrap(), None);
}

#[test]
fn a_token_sees_the_channels_it_names_and_no_others() {
    let mut region = Region::usual();
    let other = region.agree(&Treaty { handle: "other", ..Treaty::default() });
    let id = region.open("id");
    let channel = id.channel();
    id.publish_one(channel, &indicator(1));
    id.publish_one(other, &indicator(2));
    let new = NewToken { channels: Some(vec![other]), ..NewToken::default() };
    let (_, secret) = token::create(&id.node, &new).unwrap();
    let caller = token::authenticate(&id.node, &secret).unwrap().unwrap();
    let handles: Vec<String> =
        view::channels(&id.node, &caller).unwrap().into_iter().map(|channel| channel.handle).collect();
    assert_eq!(handles, ["other/indicators"]);
    let page = view::list(&id.node, &caller, &view::Query::default()).unwrap();
    assert_eq!(page.rows.iter().map(|row| row.channel).collect::<Vec<_>>(), [other]);
}

//! Tokens: found by their secret alone, limited to what they say, ended by time or by hand.

use gotong_app::account::manage::{self, Refusal};
use gotong_app::caller::Caller;
use gotong_app::role::{ROLES, Right, Role};
use gotong_app::token::{self, NewToken};
use gotong_app::{Priority, view};
use gotong_store::Book;

use crate::region::{Region, Treaty, at, indicator};

#[test]
fn a_token_counts_from_its_making_to_its_end() {
    let region = Region::usual();
    let id = region.open("id");
    let new = NewToken {
        name: "siem".to_owned(),
        expires: Some(at("2026-06-02T00:00:00Z")),
        role: Role::Analyst,
        ..NewToken::default()
    };
    let (token, secret) = token::create(&id.node, &Caller::operator(), &new).unwrap().unwrap();
    assert!(secret.starts_with("gtk_") && secret.len() == 56);
    assert!(!id.store.contains_bytes(secret.as_bytes()), "only its digest is kept");
    let caller = token::authenticate(&id.node, &secret).unwrap().unwrap();
    assert_eq!((caller.name.as_str(), caller.role), ("siem", Role::Analyst));
    assert!(caller.may(Right::Publish) && !caller.may(Right::Operate));
    for wrong in ["", "gtk_", &secret[..55], &secret.to_uppercase(), &format!("{secret}a")] {
        assert_eq!(token::authenticate(&id.node, wrong).unwrap(), None, "{wrong}");
    }
    let listed = token::list(&id.node).unwrap();
    assert_eq!((listed.len(), &listed[0].id, &listed[0].token), (1, &token, &new));
    region.advance_ms(86_400_000);
    assert_eq!(token::authenticate(&id.node, &secret).unwrap(), None, "its time is over");

    let (token, secret) = token::create(&id.node, &Caller::operator(), &NewToken::default()).unwrap().unwrap();
    assert!(token::authenticate(&id.node, &secret).unwrap().is_some());
    assert!(token::revoke(&id.node, &Caller::operator(), &token).unwrap());
    assert!(!token::revoke(&id.node, &Caller::operator(), &token).unwrap());
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
    let (_, secret) = token::create(&id.node, &Caller::operator(), &new).unwrap().unwrap();
    let caller = token::authenticate(&id.node, &secret).unwrap().unwrap();
    let handles: Vec<String> =
        view::channels(&id.node, &caller).unwrap().into_iter().map(|channel| channel.handle).collect();
    assert_eq!(handles, ["other/indicators"]);
    let page = view::list(&id.node, &caller, &view::Query::default()).unwrap();
    assert_eq!(page.rows.iter().map(|row| row.channel).collect::<Vec<_>>(), [other]);
}

#[test]
fn a_token_from_before_roles_still_counts_and_one_of_an_unknown_role_does_not() {
    let region = Region::usual();
    let id = region.open("id");
    let put = |secret: &str, row: serde_json::Value| {
        let row = serde_json::to_vec(&row).unwrap();
        let key = gotong_crypto::sha256(secret.as_bytes());
        id.node
            .transact(Priority::People, |writing| {
                writing.tx.put(Book::Token, key.as_bytes(), &row)?;
                Ok(())
            })
            .unwrap();
    };
    let former = |publish: bool, operate: bool| {
        serde_json::json!({"id": "old", "name": "old", "organisation": null, "constituent": null, "channels": null, "may_publish": publish,
            "may_operate": operate, "expires": null, "created_at": 0})
    };
    for (at, (publish, operate, role)) in [
        (false, false, Role::Reader),
        (true, false, Role::ReleasingOfficer),
        (false, true, Role::Operator),
        (true, true, Role::Administrator),
    ]
    .into_iter()
    .enumerate()
    {
        let secret = format!("gtk_{}", at.to_string().repeat(52));
        put(&secret, former(publish, operate));
        let caller = token::authenticate(&id.node, &secret).unwrap().unwrap();
        assert_eq!(caller.role, role);
        assert_eq!((caller.may(Right::Publish), caller.may(Right::Operate)), (publish, operate));
    }
    let (unknown, crossed) = (format!("gtk_{}", "x".repeat(52)), format!("gtk_{}", "y".repeat(52)));
    let mut row = former(true, true);
    row["role"] = serde_json::json!("emperor");
    put(&unknown, row.clone());
    assert!(token::authenticate(&id.node, &unknown).is_err(), "never taken for another");
    row["role"] = serde_json::json!("constituent");
    put(&crossed, row);
    assert!(token::authenticate(&id.node, &crossed).is_err(), "a constituent of no organisation");
}

#[test]
fn who_made_a_token_and_with_which_role_stands_in_the_audit() {
    let region = Region::usual();
    let id = region.open("id");
    let maker = Caller { id: "token:maker".to_owned(), role: Role::Operator, ..Caller::operator() };
    let new = NewToken { role: Role::Auditor, ..NewToken::default() };
    let (made, _) = token::create(&id.node, &maker, &new).unwrap().unwrap();
    assert_eq!(token::list(&id.node).unwrap()[0].token.role, Role::Auditor);
    for line in ["token:maker", "token-create", &made, "\"role\":\"auditor\""] {
        assert!(id.store.contains_bytes(line.as_bytes()), "{line}");
    }
    let crossed = NewToken { role: Role::Constituent, ..NewToken::default() };
    assert!(token::create(&id.node, &maker, &crossed).is_err(), "no organisation is named");
}

#[test]
fn nobody_makes_a_token_that_may_do_more_than_its_maker() {
    let region = Region::usual();
    let id = region.open("id");
    for own in ROLES.into_iter().filter(|role| role.may(Right::Tokens)) {
        let maker = Caller { id: "account:maker".to_owned(), role: own, ..Caller::operator() };
        for role in ROLES.into_iter().filter(|role| !role.is_for_constituents()) {
            let before = token::list(&id.node).unwrap().len();
            let made = token::create(&id.node, &maker, &NewToken { role, ..NewToken::default() }).unwrap();
            let is_held = role.rights().iter().all(|right| own.may(*right));
            assert_eq!(made.is_ok(), is_held, "{own} makes {role}");
            assert_eq!(token::list(&id.node).unwrap().len(), before + usize::from(is_held), "{own} makes {role}");
            if let Err(refusal) = made {
                assert_eq!(refusal, Refusal::Beyond(role));
                let why = manage::beyond(&maker, role);
                assert!(why.text.contains("more than the own role holds") && why.text.contains(role.as_str()));
            }
        }
    }
    let operator = Caller { role: Role::Operator, ..Caller::operator() };
    let administrator = NewToken { role: Role::Administrator, ..NewToken::default() };
    assert_eq!(token::create(&id.node, &operator, &administrator).unwrap(), Err(Refusal::Beyond(Role::Administrator)));
    assert!(token::create(&id.node, &Caller::operator(), &administrator).unwrap().is_ok(), "an administrator does");
}
